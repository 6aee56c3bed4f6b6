//! The models of a workspace, and one of them.

mod register;

use std::collections::{BTreeMap, HashMap};

use azimuth_api::{
    ExperimentName, GetAsset, GetModel, Image, ListImages, ListModels, ListServices, ManagedPart, Model,
    ModelId, Timestamp, WebService, WorkspaceId,
};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::button::Identifier;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::rows::Rows;
use crate::components::service_state::ServiceStateBadge;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, ListFooter, Load};
use crate::managed::{DeletePart, EditWords, Written};
use crate::navigation::{Navigation, use_title};
use crate::pages::models::register::RegisterModelPage;
use crate::query::{ListQuery, Shown, list, query};
use crate::route::{Route, WorkspaceRoute};
use crate::shown::{AssetFiles, ModelTabs, Moment, NamedValues, PartLink, RunLink, form_link, register_href};

/// All of them, or the form that registers one.
#[component]
pub fn ModelsPage(workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let creates =
        Memo::new(move |_| navigation.location().with(|location| location.parameter("create").is_some()));
    move || {
        let workspace = workspace.clone();
        if creates.get() {
            view! { <RegisterModelPage workspace=workspace/> }.into_any()
        } else {
            view! { <AllModels workspace=workspace/> }.into_any()
        }
    }
}

/// One row for each name: the newest version, or the newest that fits the filter.
#[component]
fn AllModels(workspace: WorkspaceId) -> impl IntoView {
    use_title("Models".to_owned());
    let asked = workspace.clone();
    let models = list(move || ListModels::of(asked.clone()));
    let place = workspace.clone();
    let register = register_href(expect_context(), workspace.clone(), &[]);
    let versions = Memo::new(move |_| {
        models.query().with(|loaded| {
            let mut counts: HashMap<String, usize> = HashMap::new();
            for model in loaded.iter().flat_map(|loaded| loaded.items()) {
                *counts.entry(model.name.clone()).or_default() += 1;
            }
            counts
        })
    });

    view! {
        <div class="page">
            <PageTitle title="Models">
                {form_link("button push", register, "Register a model")}
            </PageTitle>
            <ModelTabs workspace=workspace.clone()/>
            <Listing
                list=models
                noun="models"
                usual="-created"
                fits=fits
                sort_key=sort_key
                group=newest_of_each
                empty=move || view! { <NoModels workspace=place.clone()/> }
                table=move |models, sorting| {
                    view! { <ModelTable models=models versions=versions sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn ModelTable(
    models: Memo<Vec<Model>>,
    /// How many versions of each name are loaded.
    versions: Memo<HashMap<String, usize>>,
    sorting: Sorting,
    workspace: WorkspaceId,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |model: Signal<Model>| {
        let model = model.get_untracked();
        let part = WorkspaceRoute::Model(model.id.clone());
        let href = navigation.href(Route::Workspace(workspace.clone(), part));
        let framework = framework(&model);
        let created = model.created_time.map(|time| view! { <Moment time=time/> });
        let tags: Vec<_> = model.kv_tags.into_iter().collect();
        let name = model.name.clone();
        let count = move || versions.with(|versions| versions.get(&name).copied().unwrap_or(1));
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{model.name}</bdi></a></th>
                <td class="number" data-label="Version">{model.version}</td>
                <td class="number meta" data-label="Versions">{count}</td>
                <td class="meta">{framework}</td>
                <td class="meta">{created}</td>
                <td class="clips"><RunLink workspace=workspace.clone() experiment=model.experiment_name run=model.run_id/></td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Models">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="version" label="Version" first=Direction::Descending number=true/>
                        <th scope="col" class="number" title="How many versions are loaded">"Versions"</th>
                        <SortColumn sorting=sorting column="framework" label="Framework"/>
                        <SortColumn sorting=sorting column="created" label="Created" first=Direction::Descending/>
                        <SortColumn sorting=sorting column="run" label="Run"/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows
                    each=models
                    key=|model| (model.id.clone(), model.modified_time.map(Timestamp::unix_milliseconds), model.kv_tags.clone())
                    children=row
                />
            </table>
        </TableFrame>
    }
}

#[component]
fn NoModels(workspace: WorkspaceId) -> impl IntoView {
    let part = WorkspaceRoute::Experiments;
    let register = register_href(expect_context(), workspace.clone(), &[]);
    let experiments = expect_context::<Navigation>().href(Route::Workspace(workspace, part));

    view! {
        <EmptyState
            title="No model is registered"
            text="A model is what a run learned, kept under a name and a version. A script registers one from the outputs of its run, or somebody does here."
        >
            {form_link("button primary", register, "Register a model")}
            <a class="button" href=experiments>"Go to the experiments"</a>
        </EmptyState>
    }
}

/// One version of a model: where it comes from, its files, its other versions, and who uses it.
#[component]
pub fn ModelPage(workspace: WorkspaceId, model: ModelId) -> impl IntoView {
    let title = model.to_string();
    use_title(title.clone());
    let asked = GetModel::of(workspace.clone(), model.clone());
    let found = query(move || asked.clone());
    let place = workspace.clone();
    // Without it nothing is known of its uses either, and one failure is said once.
    let is_there = Memo::new(move |_| found.has_value());

    view! {
        <div class="page">
            <PageTitle kind="Model" title=title>
                <Freshness query=found pausable=false/>
            </PageTitle>
            <Load query=found what="the model" let:found>
                <ModelDetails model=found workspace=place.clone()/>
            </Load>
            <Show when=move || is_there.get()>
                <Versions workspace=workspace.clone() model=model.clone()/>
                <div class="columns even">
                    <UsedBy workspace=workspace.clone() model=model.clone()/>
                    <BuiltInto workspace=workspace.clone() model=model.clone()/>
                </div>
            </Show>
        </div>
    }
}

#[component]
fn ModelDetails(model: Shown<Model>, workspace: WorkspaceId) -> impl IntoView {
    let own = (workspace.clone(), ManagedPart::Model(untrack(|| model.with(|model| model.id.clone()))));
    let written =
        Memo::new(move |_| model.with(|model| Written::of(model.description.as_ref(), &model.kv_tags)));
    let asset = Memo::new(move |_| model.with(Model::asset));
    let provenance =
        Memo::new(move |_| model.with(|model| (model.experiment_name.clone(), model.run_id.clone())));
    let of_facts = workspace.clone();
    let facts = move || view! { <ModelFacts model=model.get() workspace=of_facts.clone()/> };
    let files = move || match asset.get() {
        Some(asset) => {
            let asked = GetAsset::of(workspace.clone(), asset.clone());
            let found = query(move || asked.clone());
            let (place, part) = (workspace.clone(), WorkspaceRoute::Asset(asset));
            let experiment = provenance.get().0.map(ExperimentName::from);
            view! {
                <Load query=found what="the files" rows=2 let:found>
                    {
                        let (place, experiment) = (place.clone(), experiment.clone());
                        move || view! { <AssetFiles asset=found.get() workspace=place.clone() experiment=experiment.clone()/> }
                    }
                </Load>
                <p class="small"><PartLink workspace=workspace.clone() part=part label="The asset that holds them"/></p>
            }
            .into_any()
        }
        None => view! { <p class="muted">"The service does not say which asset holds them."</p> }.into_any(),
    };
    let tags = move || {
        let Model { kv_tags, properties, .. } = model.get();
        view! {
            <NamedValues title="Tags" values=kv_tags none="No tags."/>
            <NamedValues title="Properties" values=properties none="No properties."/>
        }
    };

    view! {
        <div class="columns">
            <div class="overview">
                {facts}
                <section class="section">
                    <h2>"Files"</h2>
                    {files}
                </section>
            </div>
            <div class="overview">
                {tags}
                <EditWords workspace=own.0.clone() part=own.1.clone() written=written/>
                <DeletePart workspace=own.0 part=own.1/>
            </div>
        </div>
    }
}

#[component]
fn ModelFacts(model: Model, workspace: WorkspaceId) -> impl IntoView {
    let framework = framework(&model);
    let modified = model.modified_time.filter(|time| Some(*time) != model.created_time);
    let experiment = model.experiment_name.clone().filter(|name| !name.is_empty());
    let has_run = model.run_id.is_some();
    let datasets = (!model.datasets.is_empty()).then(|| {
        let item = |dataset: azimuth_api::ModelDataset| {
            view! { <li><bdi>{dataset.name}</bdi>" "<Identifier value=dataset.id length=24/></li> }
        };
        view! { <ul class="links">{model.datasets.into_iter().map(item).collect::<Vec<_>>()}</ul> }
    });
    let parent = model.parent_model_id.filter(|parent| !parent.as_str().is_empty()).map(|parent| {
        let (label, part) = (parent.to_string(), WorkspaceRoute::Model(parent));
        view! { <PartLink workspace=workspace.clone() part=part label=label/> }
    });
    let experiment_link = experiment.clone().map(|name| {
        let part = WorkspaceRoute::Runs(name.as_str().into());
        view! { <PartLink workspace=workspace.clone() part=part label=name/> }
    });

    view! {
        <div class="stack">
            {model.description.filter(|text| !text.is_empty()).map(|text| view! { <p><bdi>{text}</bdi></p> })}
            <Facts stacks=true>
                <Fact name="Name"><bdi>{model.name}</bdi></Fact>
                <Fact name="Version">{model.version}</Fact>
                {(!framework.is_empty()).then(|| view! { <Fact name="Framework">{framework}</Fact> })}
                {model.created_time.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                {modified.map(|time| view! { <Fact name="Changed"><Moment time=time/></Fact> })}
                <Fact name="Run">
                    {if has_run {
                        view! { <RunLink workspace=workspace experiment=experiment run=model.run_id/> }.into_any()
                    } else {
                        view! { <span class="muted">"Not registered from a run"</span> }.into_any()
                    }}
                </Fact>
                {experiment_link.map(|link| view! { <Fact name="Experiment">{link}</Fact> })}
                {parent.map(|parent| view! { <Fact name="Made from">{parent}</Fact> })}
                {datasets.map(|datasets| view! { <Fact name="Learned from">{datasets}</Fact> })}
                {model.mime_type.filter(|kind| !kind.is_empty()).map(|kind| view! { <Fact name="Files are"><code>{kind}</code></Fact> })}
                {model.unpack.then(|| view! { <Fact name="For use">"Its file is an archive, and is unpacked"</Fact> })}
                {model.url.map(|url| view! { <Fact name="Files are at"><Identifier value=url length=72/></Fact> })}
            </Facts>
        </div>
    }
}

/// Every version of the model's name, the newest first.
#[component]
fn Versions(workspace: WorkspaceId, model: ModelId) -> impl IntoView {
    let name = name_of(&model).to_owned();
    let asked = ListModels { name: Some(name), ..ListModels::of(workspace.clone()) };
    let versions: ListQuery<Model> = list(move || asked.clone());
    let row = move |version: Model| {
        let is_this = version.id == model;
        let label = format!("Version {}", version.version);
        let part = WorkspaceRoute::Model(version.id.clone());
        let framework = framework(&version);
        let created = version.created_time.map(|time| view! { <Moment time=time/> });
        let tags: Vec<_> = version.kv_tags.into_iter().collect();
        view! {
            <tr aria-selected=is_this.then_some("true")>
                <th scope="row" class="lead">
                    <PartLink workspace=workspace.clone() part=part label=label/>
                    {is_this.then(|| view! { " "<span class="meta small">"this one"</span> })}
                </th>
                <td class="meta">{framework}</td>
                <td class="meta">{created}</td>
                <td class="clips"><RunLink workspace=workspace.clone() experiment=version.experiment_name run=version.run_id/></td>
                <td class="fills"><Tags tags=tags/></td>
            </tr>
        }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <h2>"Versions"</h2>
            <Load query=versions.query() what="the versions" rows=3 let:loaded>
                <TableFrame caption="Versions">
                    <table class="table stacks">
                        <thead><tr>
                            <th scope="col">"Version"</th>
                            <th scope="col">"Framework"</th>
                            <th scope="col">"Created"</th>
                            <th scope="col">"Run"</th>
                            <th scope="col">"Tags"</th>
                        </tr></thead>
                        <tbody>
                            <For
                                each=move || loaded.with(|loaded| by_version(loaded.items()))
                                key=|version| (version.id.clone(), version.kv_tags.clone())
                                children=move |version| row.with_value(|row| row(version))
                            />
                        </tbody>
                    </table>
                </TableFrame>
                <ListFooter list=versions noun="versions"/>
            </Load>
        </section>
    }
}

/// The services that answer with it.
#[component]
fn UsedBy(workspace: WorkspaceId, model: ModelId) -> impl IntoView {
    let asked = ListServices { model: Some(model), ..ListServices::of(workspace.clone()) };
    let services: ListQuery<WebService> = list(move || asked.clone());
    let row = move |service: WebService| {
        let (label, part) = (service.name.clone(), WorkspaceRoute::Service(service.id.clone()));
        let label = if label.is_empty() { service.id.to_string() } else { label };
        view! {
            <li>
                <PartLink workspace=workspace.clone() part=part label=label/>
                " "
                <ServiceStateBadge state=service.state/>
            </li>
        }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <h2>"Services that use it"</h2>
            <Load query=services.query() what="the services" let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"No service answers with this version."</p> }
                >
                    <ul class="links">
                        <For
                            each=move || loaded.with(|loaded| loaded.items().cloned().collect::<Vec<_>>())
                            key=|service| (service.id.clone(), service.state.clone())
                            children=move |service| row.with_value(|row| row(service))
                        />
                    </ul>
                </Show>
                <ListFooter list=services noun="services"/>
            </Load>
        </section>
    }
}

/// The images that hold it.
#[component]
fn BuiltInto(workspace: WorkspaceId, model: ModelId) -> impl IntoView {
    let asked = ListImages { model: Some(model), ..ListImages::of(workspace.clone()) };
    let images: ListQuery<Image> = list(move || asked.clone());
    let row = move |image: Image| {
        let (label, part) = (image.id.to_string(), WorkspaceRoute::Image(image.id.clone()));
        view! {
            <li>
                <PartLink workspace=workspace.clone() part=part label=label/>
                " "
                <span class="meta small">{image.creation_state}</span>
            </li>
        }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <h2>"Images that hold it"</h2>
            <Load query=images.query() what="the images" let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"No image holds this version."</p> }
                >
                    <ul class="links">
                        <For
                            each=move || loaded.with(|loaded| loaded.items().cloned().collect::<Vec<_>>())
                            key=|image| (image.id.clone(), image.creation_state.clone())
                            children=move |image| row.with_value(|row| row(image))
                        />
                    </ul>
                </Show>
                <ListFooter list=images noun="images"/>
            </Load>
        </section>
    }
}

/// The name in `name:version`.
fn name_of(model: &ModelId) -> &str {
    model.as_str().rsplit_once(':').map_or(model.as_str(), |(name, _)| name)
}

/// Of each name the newest version alone.
fn newest_of_each(models: Vec<Model>) -> Vec<Model> {
    let mut newest: BTreeMap<String, Model> = BTreeMap::new();
    for model in models {
        match newest.get(&model.name) {
            Some(known) if known.version >= model.version => {}
            _ => drop(newest.insert(model.name.clone(), model)),
        }
    }
    newest.into_values().collect()
}

fn by_version<'a>(models: impl Iterator<Item = &'a Model>) -> Vec<Model> {
    let mut models: Vec<Model> = models.cloned().collect();
    models.sort_by_key(|model| std::cmp::Reverse(model.version));
    models
}

/// "ScikitLearn 0.20".
fn framework(model: &Model) -> String {
    let parts = [model.framework.as_deref(), model.framework_version.as_deref()];
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn fits(model: &Model, filter: &str) -> bool {
    let framework = framework(model);
    let own = [
        model.id.as_str(),
        &framework,
        model.run_id.as_ref().map_or("", |run| run.as_str()),
        model.experiment_name.as_deref().unwrap_or_default(),
        model.description.as_deref().unwrap_or_default(),
    ];
    matches(filter, own.into_iter().chain(tag_texts(&model.kv_tags)))
}

fn sort_key(model: &Model, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(&model.name),
        "version" => SortKey::Number(model.version as f64),
        "framework" => SortKey::text(&framework(model)),
        "created" => SortKey::time(model.created_time),
        "run" => SortKey::text(model.run_id.as_ref().map_or("", |run| run.as_str())),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::sort::arranged;

    fn model(text: &str) -> Model {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_framework_has_its_version_where_it_is_known() {
        let with = model(r#"{"id":"m:1","name":"m","framework":"ScikitLearn","frameworkVersion":"0.20"}"#);
        assert_eq!(framework(&with), "ScikitLearn 0.20");
        assert_eq!(framework(&model(r#"{"id":"m:1","name":"m","frameworkVersion":null}"#)), "");
    }

    #[test]
    fn a_name_has_one_row_with_its_newest_version() {
        let all = [("m", 2), ("n", 1), ("m", 10), ("m", 9)].map(|(name, version)| {
            model(&format!(r#"{{"id":"{name}:{version}","name":"{name}","version":{version}}}"#))
        });
        let rows = newest_of_each(all.to_vec());
        assert_eq!(rows.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["m:10", "n:1"]);
    }

    #[test]
    fn the_name_of_a_model_ends_at_its_last_colon() {
        assert_eq!(name_of(&"loaves:3".into()), "loaves");
        assert_eq!(name_of(&"loaves".into()), "loaves");
    }

    #[test]
    fn version_ten_comes_after_version_two() {
        let models = [2, 10, 1]
            .map(|version| model(&format!(r#"{{"id":"m:{version}","name":"m","version":{version}}}"#)));
        let sort = crate::components::sort::Sort::parse("version").unwrap();
        let sorted: Vec<u64> =
            arranged(models.iter(), &sort, sort_key).iter().map(|model| model.version).collect();
        assert_eq!(sorted, [1, 2, 10]);
    }
}
