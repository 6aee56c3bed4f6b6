//! The datastores of a workspace, and one of them. What opens them is never asked for.

use azimuth_api::{Datastore, DatastoreName, ListDatastores, WorkspaceId};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::button::Identifier;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::{EmptyState, Hint};
use crate::components::rows::Rows;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::TableFrame;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::query::list;
use crate::route::{Route, WorkspaceRoute};
use crate::shown::NamedValues;

/// All of them.
#[component]
pub fn DatastoresPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Datastores".to_owned());
    let asked = workspace.clone();
    let datastores = list(move || ListDatastores::of(asked.clone()));

    view! {
        <div class="page">
            <PageTitle title="Datastores"/>
            <Listing
                list=datastores
                noun="datastores"
                usual="name"
                fits=fits
                sort_key=sort_key
                empty=|| view! {
                    <EmptyState
                        title="No datastore to see"
                        text="A datastore says where data is and how it is opened. Every workspace begins with two; whoever is signed in may have no right to see them."
                    />
                }
                table=move |datastores, sorting| {
                    view! { <DatastoreTable datastores=datastores sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
            <p class="muted small">
                "Keys and passwords are never asked for. Which datastore is the default is not shown: the only question that tells answers with its keys too. Every workspace begins with "
                <code>"workspaceblobstore"</code>" as its default."
            </p>
        </div>
    }
}

#[component]
fn DatastoreTable(
    datastores: Memo<Vec<Datastore>>,
    sorting: Sorting,
    workspace: WorkspaceId,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |datastore: Signal<Datastore>| {
        let datastore = datastore.get_untracked();
        let part = WorkspaceRoute::Datastore(datastore.name.clone());
        let href = navigation.href(Route::Workspace(workspace.clone(), part));
        let (account, inside) = place(&datastore);
        let kind = plain_type(&datastore.data_store_type).to_owned();
        let credential = credential_in_words(&datastore).to_owned();
        let built_in = datastore
            .is_built_in()
            .then(|| view! { " "<span class="meta small">"made with the workspace"</span> });
        let tags: Vec<_> = datastore.tags.into_iter().collect();
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{datastore.name.to_string()}</bdi></a>{built_in}</th>
                <td>{kind}</td>
                <td class="clips" title=account.clone()><bdi>{account.clone()}</bdi></td>
                <td class="clips meta" title=inside.clone()><bdi>{inside.clone()}</bdi></td>
                <td class="meta">{credential}</td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Datastores">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="type" label="Type"/>
                        <SortColumn sorting=sorting column="place" label="Account or server"/>
                        <SortColumn sorting=sorting column="inside" label="Container or database"/>
                        <SortColumn sorting=sorting column="credential" label="Opened with"/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows each=datastores key=|datastore| (datastore.name.clone(), datastore.tags.clone()) children=row/>
            </table>
        </TableFrame>
    }
}

/// One datastore. It is asked for as a list of one: see [`ListDatastores`].
#[component]
pub fn DatastorePage(workspace: WorkspaceId, datastore: DatastoreName) -> impl IntoView {
    let title = datastore.to_string();
    use_title(title.clone());
    let name = title.clone();
    let asked = ListDatastores { name: Some(datastore), ..ListDatastores::of(workspace.clone()) };
    let found = list(move || asked.clone());
    let all = expect_context::<Navigation>().href(Route::Workspace(workspace, WorkspaceRoute::Datastores));
    let all = StoredValue::new(all);

    view! {
        <div class="page">
            <PageTitle kind="Datastore" title=title>
                <Freshness query=found.query() pausable=false/>
            </PageTitle>
            <Load query=found.query() what="the datastore" let:loaded>
                {
                    let name = name.clone();
                    move || match loaded.with(|loaded| loaded.items().next().cloned()) {
                        Some(datastore) => view! { <DatastoreDetails datastore=datastore/> }.into_any(),
                        None => view! {
                            <EmptyState
                                title=format!("There is no datastore {name}")
                                text="It may have been taken out of the workspace. The data that it led to may still be there."
                            >
                                <a class="button" href=all.get_value()>"All datastores"</a>
                            </EmptyState>
                        }
                        .into_any(),
                    }
                }
            </Load>
        </div>
    }
}

#[component]
fn DatastoreDetails(datastore: Datastore) -> impl IntoView {
    let built_in = datastore.is_built_in().then(|| {
        view! {
            <Hint>
                <p>"Every workspace begins with this datastore, and keeps here what runs leave behind. Whether it is the default one now is not asked: the answer would hold its keys."</p>
            </Hint>
        }
    });
    let credential = credential_in_words(&datastore).to_owned();
    let word = datastore.credential_type().unwrap_or_default().to_owned();
    let validated = match datastore.has_been_validated {
        Some(true) => "Yes, when it was registered",
        Some(false) => "Not tried",
        None => "",
    };
    let rows: Vec<_> = facts(&datastore)
        .into_iter()
        .map(|(name, value)| view! { <Fact name=name><Identifier value=value length=60/></Fact> })
        .collect();

    view! {
        {built_in}
        <div class="columns">
            <div class="stack">
                <Facts stacks=true>
                    <Fact name="Type">{plain_type(&datastore.data_store_type).to_owned()}" "<span class="muted small">{datastore.data_store_type.clone()}</span></Fact>
                    {rows}
                    {(!credential.is_empty()).then(|| view! { <Fact name="Opened with">{credential}" "<span class="muted small">{word}</span></Fact> })}
                    {(!validated.is_empty()).then(|| view! { <Fact name="Could be opened">{validated}</Fact> })}
                </Facts>
            </div>
            <NamedValues title="Tags" values=datastore.tags none="No tags."/>
        </div>
    }
}

/// What the service's name of a kind of datastore means.
fn plain_type(kind: &str) -> &str {
    match kind {
        "AzureBlob" => "Blobs",
        "AzureFile" => "File share",
        "AzureDataLake" => "Data lake, first generation",
        "AzureDataLakeGen2" => "Data lake, second generation",
        "AzureSqlDatabase" => "SQL database",
        "AzurePostgreSql" => "PostgreSQL database",
        "AzureMySql" => "MySQL database",
        "DBFS" => "Databricks files",
        "GlusterFs" => "GlusterFS volume",
        other => other,
    }
}

/// What kind of secret opens it.
fn credential_in_words(datastore: &Datastore) -> &str {
    match datastore.credential_type() {
        None => "",
        Some("None") => "The identity of whoever asks",
        Some("Sas") => "A signature (SAS)",
        Some("AccountKey") => "The key of the account",
        Some("ClientCredentials") => "A service principal",
        Some("Certificate") => "A certificate",
        Some(other) => other,
    }
}

/// The account or server, and what is meant inside of it.
fn place(datastore: &Datastore) -> (String, String) {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if let Some(storage) = &datastore.azure_storage_section {
        return (text(&storage.account_name), text(&storage.container_name));
    }
    if let Some(lake) = &datastore.azure_data_lake_section {
        return (text(&lake.store_name), String::new());
    }
    if let Some(database) =
        datastore.azure_sql_database_section.as_ref().or(datastore.azure_postgre_sql_section.as_ref())
    {
        return (text(&database.server_name), text(&database.database_name));
    }
    match &datastore.gluster_fs_section {
        Some(volume) => (text(&volume.server_address), text(&volume.volume_name)),
        None => Default::default(),
    }
}

/// Names and values of all that is known of where it is.
fn facts(datastore: &Datastore) -> Vec<(&'static str, String)> {
    let mut facts: Vec<(&'static str, Option<&String>)> = Vec::new();
    if let Some(storage) = &datastore.azure_storage_section {
        let container = if datastore.data_store_type == "AzureFile" { "Share" } else { "Container" };
        facts.extend([
            ("Account", storage.account_name.as_ref()),
            (container, storage.container_name.as_ref()),
            ("Endpoint", storage.endpoint.as_ref()),
            ("Protocol", storage.protocol.as_ref()),
            ("Subscription", storage.subscription_id.as_ref()),
            ("Resource group", storage.resource_group.as_ref()),
        ]);
    }
    if let Some(lake) = &datastore.azure_data_lake_section {
        facts.extend([
            ("Store", lake.store_name.as_ref()),
            ("Subscription", lake.subscription_id.as_ref()),
            ("Resource group", lake.resource_group.as_ref()),
        ]);
    }
    for database in [&datastore.azure_sql_database_section, &datastore.azure_postgre_sql_section] {
        let Some(database) = database else { continue };
        facts.extend([
            ("Server", database.server_name.as_ref()),
            ("Database", database.database_name.as_ref()),
            ("Endpoint", database.endpoint.as_ref()),
            ("Port", database.port_number.as_ref()),
            ("Subscription", database.subscription_id.as_ref()),
            ("Resource group", database.resource_group.as_ref()),
        ]);
    }
    if let Some(volume) = &datastore.gluster_fs_section {
        facts.extend([("Server", volume.server_address.as_ref()), ("Volume", volume.volume_name.as_ref())]);
    }
    let filled = facts.into_iter().filter_map(|(name, value)| Some((name, value?.clone())));
    filled.filter(|(_, value)| !value.is_empty()).collect()
}

fn fits(datastore: &Datastore, filter: &str) -> bool {
    let (account, inside) = place(datastore);
    let own = [
        datastore.name.as_str(),
        &datastore.data_store_type,
        plain_type(&datastore.data_store_type),
        credential_in_words(datastore),
        &account,
        &inside,
    ];
    matches(filter, own.into_iter().chain(tag_texts(&datastore.tags)))
}

fn sort_key(datastore: &Datastore, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(datastore.name.as_str()),
        "type" => SortKey::text(plain_type(&datastore.data_store_type)),
        "place" => SortKey::text(&place(datastore).0),
        "inside" => SortKey::text(&place(datastore).1),
        "credential" => SortKey::text(credential_in_words(datastore)),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datastore(text: &str) -> Datastore {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn each_kind_says_where_its_data_is() {
        for (text, expected) in [
            (r#"{"name":"d","azureStorageSection":{"accountName":"a","containerName":"c"}}"#, ("a", "c")),
            (r#"{"name":"d","azureDataLakeSection":{"storeName":"l"}}"#, ("l", "")),
            (r#"{"name":"d","azureSqlDatabaseSection":{"serverName":"s","databaseName":"b"}}"#, ("s", "b")),
            (r#"{"name":"d","azurePostgreSqlSection":{"serverName":"p","databaseName":"b"}}"#, ("p", "b")),
            (r#"{"name":"d","glusterFsSection":{"serverAddress":"g","volumeName":"v"}}"#, ("g", "v")),
            (r#"{"name":"d"}"#, ("", "")),
        ] {
            let (account, inside) = place(&datastore(text));
            assert_eq!((account.as_str(), inside.as_str()), expected, "{text}");
        }
    }

    #[test]
    fn a_share_is_not_called_a_container() {
        let share = datastore(
            r#"{"name":"d","dataStoreType":"AzureFile","azureStorageSection":{"containerName":"c","endpoint":""}}"#,
        );
        assert_eq!(facts(&share), [("Share", "c".to_owned())]);
    }

    #[test]
    fn what_opens_it_is_a_word() {
        let storage = |kind: &str| {
            datastore(&format!(r#"{{"name":"d","azureStorageSection":{{"credentialType":"{kind}"}}}}"#))
        };
        assert_eq!(credential_in_words(&storage("Sas")), "A signature (SAS)");
        assert_eq!(credential_in_words(&storage("Telepathy")), "Telepathy");
        assert_eq!(credential_in_words(&datastore(r#"{"name":"d"}"#)), "");
    }
}
