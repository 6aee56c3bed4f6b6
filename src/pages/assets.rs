//! The assets of a workspace, which are the files that models and images are made of, and one of them.

use azimuth_api::{
    Asset, AssetArtifact, AssetId, GetAsset, ListAssets, ListModels, ManagedPart, Model, WorkspaceId,
};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::button::Identifier;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::rows::Rows;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, ListFooter, Load};
use crate::managed::{DeletePart, EditWords, Written};
use crate::navigation::{Navigation, use_title};
use crate::query::{ListQuery, Shown, list, query};
use crate::route::{Route, WorkspaceRoute};
use crate::shown::{AssetFiles, LocatedRun, ModelTabs, Moment, NamedValues, PartLink, use_experiment_of};

/// All of them, the newest first.
#[component]
pub fn AssetsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Assets".to_owned());
    let asked = workspace.clone();
    let assets = list(move || ListAssets::of(asked.clone()));

    view! {
        <div class="page">
            <PageTitle title="Assets"/>
            <ModelTabs workspace=workspace.clone()/>
            <Listing
                list=assets
                noun="assets"
                usual="-created"
                fits=fits
                sort_key=sort_key
                empty=|| view! {
                    <EmptyState
                        title="No asset yet"
                        text="An asset is a file, or some, that was set aside for use. Registering a model makes one."
                    />
                }
                table=move |assets, sorting| {
                    view! { <AssetTable assets=assets sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn AssetTable(assets: Memo<Vec<Asset>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |asset: Signal<Asset>| {
        let asset = asset.get_untracked();
        let part = WorkspaceRoute::Asset(asset.id.clone());
        let href = navigation.href(Route::Workspace(workspace.clone(), part));
        let label = label(&asset).to_owned();
        let files = files_in_words(&asset.artifacts);
        let created = asset.created_time.map(|time| view! { <Moment time=time/> });
        let run = asset.run_id.map(|run| run.to_string()).unwrap_or_default();
        let tags: Vec<_> = asset.kv_tags.into_iter().collect();
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{label}</bdi></a></th>
                <td class="clips meta" title=files.clone()><bdi>{files.clone()}</bdi></td>
                <td class="meta">{created}</td>
                <td class="clips meta" title=run.clone()><bdi>{run.clone()}</bdi></td>
                <td class="meta"><Identifier value=asset.id.to_string() length=12/></td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Assets">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <th scope="col">"Files"</th>
                        <SortColumn sorting=sorting column="created" label="Created" first=Direction::Descending/>
                        <SortColumn sorting=sorting column="run" label="Run"/>
                        <th scope="col">"Id"</th>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows each=assets
                        key=|asset| (asset.id.clone(), asset.name.clone(), asset.kv_tags.clone())
                        children=row/>
            </table>
        </TableFrame>
    }
}

/// One asset: its files, the run that made it, and the models that are made of it.
#[component]
pub fn AssetPage(workspace: WorkspaceId, asset: AssetId) -> impl IntoView {
    let id = asset.to_string();
    let asked = GetAsset::of(workspace.clone(), asset.clone());
    let found = query(move || asked.clone());
    let title = Memo::new(move |_| {
        found.with(|found| found.map(|found| label(found).to_owned())).unwrap_or_else(|| id.clone())
    });
    use_title(title);
    let is_there = Memo::new(move |_| found.has_value());
    let place = workspace.clone();

    view! {
        <div class="page">
            <PageTitle kind="Asset" title=title>
                <Freshness query=found pausable=false/>
            </PageTitle>
            <Load query=found what="the asset" let:found>
                <AssetDetails asset=found workspace=place.clone()/>
            </Load>
            <Show when=move || is_there.get()>
                <MadeOfIt workspace=workspace.clone() asset=found.with_untracked(|found| Some(found?.clone()))/>
            </Show>
        </div>
    }
}

#[component]
fn AssetDetails(asset: Shown<Asset>, workspace: WorkspaceId) -> impl IntoView {
    let own = (workspace.clone(), ManagedPart::Asset(untrack(|| asset.with(|asset| asset.id.clone()))));
    let made_by = untrack(|| asset.with(|asset| asset.run_id.clone()));
    let written =
        Memo::new(move |_| asset.with(|asset| Written::of(asset.description.as_ref(), &asset.kv_tags)));
    let run = Memo::new(move |_| asset.with(|asset| asset.run_id.clone()));
    let experiment = use_experiment_of(workspace.clone(), run.into());
    let of_files = workspace.clone();
    let files = move || {
        view! { <AssetFiles asset=asset.get() workspace=of_files.clone() experiment=experiment.get()/> }
    };
    let facts = move || {
        let asset = asset.get();
        let workspace = workspace.clone();
        let run = asset.run_id.map(|run| {
            view! { <Fact name="Run"><LocatedRun workspace=workspace run=run experiment=experiment/></Fact> }
        });
        view! {
            {asset.description.filter(|text| !text.is_empty()).map(|text| view! { <p><bdi>{text}</bdi></p> })}
            <Facts stacks=true>
                {asset.created_time.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                {run}
                <Fact name="Id"><Identifier value=asset.id.to_string() length=40/></Fact>
            </Facts>
        }
    };
    let tags = move || {
        let Asset { kv_tags, properties, .. } = asset.get();
        view! {
            <NamedValues title="Tags" values=kv_tags none="No tags."/>
            <NamedValues title="Properties" values=properties none="No properties."/>
        }
    };

    view! {
        <div class="columns">
            <div class="overview">
                <div class="stack">{facts}</div>
                <section class="section">
                    <h2>"Files"</h2>
                    {files}
                </section>
            </div>
            <div class="overview">
                {tags}
                <EditWords workspace=own.0.clone() part=own.1.clone() written=written/>
                <DeletePart workspace=own.0 part=own.1 run=made_by/>
            </div>
        </div>
    }
}

/// The models of the asset's run that name it. The service finds models by their run, not by their asset.
#[component]
fn MadeOfIt(workspace: WorkspaceId, asset: Option<Asset>) -> impl IntoView {
    let Some((id, run)) = asset.and_then(|asset| Some((asset.id, asset.run_id?))) else {
        return ().into_any();
    };
    let asked = ListModels { run: Some(run), ..ListModels::of(workspace.clone()) };
    let models: ListQuery<Model> = list(move || asked.clone());
    let row = move |model: Model| {
        let label = model.id.to_string();
        let part = WorkspaceRoute::Model(model.id);
        view! { <li><PartLink workspace=workspace.clone() part=part label=label/></li> }
    };
    let (row, id) = (StoredValue::new(row), StoredValue::new(id));

    view! {
        <section class="section">
            <h2>"Models made of it"</h2>
            <Load query=models.query() what="the models" let:loaded>
                {
                    let made = Memo::new(move |_| loaded.with(|loaded| {
                        let own = |model: &&Model| model.asset() == Some(id.get_value());
                        loaded.items().filter(own).cloned().collect::<Vec<_>>()
                    }));
                    view! {
                        <Show
                            when=move || !made.with(Vec::is_empty)
                            fallback=|| view! { <p class="muted">"No model of the same run names it."</p> }
                        >
                            <ul class="links">
                                <For
                                    each=move || made.get()
                                    key=|model| model.id.clone()
                                    children=move |model| row.with_value(|row| row(model))
                                />
                            </ul>
                        </Show>
                    }
                }
                <ListFooter list=models noun="models"/>
            </Load>
        </section>
    }
    .into_any()
}

fn label(asset: &Asset) -> &str {
    if asset.name.is_empty() { asset.id.as_str() } else { &asset.name }
}

/// "outputs/model.pkl", or that and how many more.
fn files_in_words(artifacts: &[AssetArtifact]) -> String {
    let Some(first) = artifacts.first() else { return String::new() };
    let first = first.in_run().map_or(first.text(), |(_, path)| path);
    match artifacts.len() {
        1 => first.to_owned(),
        count => format!("{first} and {} more", count - 1),
    }
}

fn fits(asset: &Asset, filter: &str) -> bool {
    let own = [
        asset.id.as_str(),
        &asset.name,
        asset.run_id.as_ref().map_or("", |run| run.as_str()),
        asset.description.as_deref().unwrap_or_default(),
    ];
    let files = asset.artifacts.iter().map(AssetArtifact::text);
    matches(filter, own.into_iter().chain(files).chain(tag_texts(&asset.kv_tags)))
}

fn sort_key(asset: &Asset, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(label(asset)),
        "created" => SortKey::time(asset.created_time),
        "run" => SortKey::text(asset.run_id.as_ref().map_or("", |run| run.as_str())),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_the_first_and_their_number() {
        let files = |text: &str| files_in_words(&serde_json::from_str::<Vec<AssetArtifact>>(text).unwrap());
        assert_eq!(files("[]"), "");
        assert_eq!(files(r#"[{"id":"ExperimentRun/dcid.e_1/outputs/model.pkl"}]"#), "outputs/model.pkl");
        assert_eq!(
            files(r#"[{"id":"LocalUpload/x/a"},{"id":"b"},{"id":"c"}]"#),
            "LocalUpload/x/a and 2 more"
        );
    }
}
