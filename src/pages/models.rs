//! The models of a workspace, and one of them.

use std::collections::BTreeMap;

use azimuth_api::{ExperimentName, GetModel, ListModels, Model, ModelId, RunId, Timestamp, WorkspaceId};
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::button::Identifier;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::components::time::RelativeTime;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::query::{list, query};
use crate::route::{Route, WorkspaceRoute};

/// Every version of every model, the newest first.
#[component]
pub fn ModelsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Models".to_owned());
    let asked = workspace.clone();
    let models = list(move || ListModels::of(asked.clone()));
    let place = workspace.clone();

    view! {
        <div class="page">
            <PageTitle title="Models"/>
            <Listing
                list=models
                noun="models"
                usual="-created"
                fits=fits
                sort_key=sort_key
                empty=move || view! { <NoModels workspace=place.clone()/> }
                table=move |models, sorting| {
                    view! { <ModelTable models=models sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn ModelTable(models: Memo<Vec<Model>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let row = move |model: Model| {
        let part = WorkspaceRoute::Model(model.id.clone());
        let href = navigation.href(Route::Workspace(workspace.clone(), part));
        let framework = framework(&model);
        let created = model
            .created_time
            .map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> });
        let tags: Vec<_> = model.kv_tags.into_iter().collect();
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{model.name}</bdi></a></th>
                <td class="number" data-label="Version">{model.version}</td>
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
                        <SortColumn sorting=sorting column="framework" label="Framework"/>
                        <SortColumn sorting=sorting column="created" label="Created" first=Direction::Descending/>
                        <SortColumn sorting=sorting column="run" label="Run"/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || models.get()
                        key=|model| (model.id.clone(), model.modified_time.map(Timestamp::unix_milliseconds), model.kv_tags.clone())
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

#[component]
fn NoModels(workspace: WorkspaceId) -> impl IntoView {
    let part = WorkspaceRoute::Experiments;
    let experiments = expect_context::<Navigation>().href(Route::Workspace(workspace, part));

    view! {
        <EmptyState
            title="No model is registered"
            text="A model is what a run learned, kept under a name and a version. A script registers one from the outputs of its run, with Azure’s SDK."
        >
            <a class="button" href=experiments>"Go to the experiments"</a>
        </EmptyState>
    }
}

/// One version of a model.
#[component]
pub fn ModelPage(workspace: WorkspaceId, model: ModelId) -> impl IntoView {
    let title = model.to_string();
    use_title(title.clone());
    let asked = GetModel::of(workspace.clone(), model);
    let model = query(move || asked.clone());

    view! {
        <div class="page">
            <PageTitle kind="Model" title=title>
                <Freshness query=model pausable=false/>
            </PageTitle>
            <Load query=model what="the model" let:model>
                {
                    let workspace = workspace.clone();
                    move || view! { <ModelDetails model=model.get() workspace=workspace.clone()/> }
                }
            </Load>
        </div>
    }
}

#[component]
fn ModelDetails(model: Model, workspace: WorkspaceId) -> impl IntoView {
    let now = use_now();
    let framework = framework(&model);
    let moment = move |time: Timestamp| {
        view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> }
    };
    let modified = model.modified_time.filter(|time| Some(*time) != model.created_time);
    let experiment = model.experiment_name.clone();
    let has_run = model.run_id.is_some();

    view! {
        <div class="columns">
            <div class="stack">
                {model.description.filter(|text| !text.is_empty()).map(|text| view! { <p><bdi>{text}</bdi></p> })}
                <Facts stacks=true>
                    <Fact name="Name"><bdi>{model.name}</bdi></Fact>
                    <Fact name="Version">{model.version}</Fact>
                    {(!framework.is_empty()).then(|| view! { <Fact name="Framework">{framework}</Fact> })}
                    {model.created_time.map(|time| view! { <Fact name="Created">{moment(time)}</Fact> })}
                    {modified.map(|time| view! { <Fact name="Changed">{moment(time)}</Fact> })}
                    <Fact name="Run">
                        {if has_run {
                            view! { <RunLink workspace=workspace experiment=experiment run=model.run_id/> }.into_any()
                        } else {
                            view! { <span class="muted">"Not registered from a run"</span> }.into_any()
                        }}
                    </Fact>
                    {model.experiment_name.map(|name| view! { <Fact name="Experiment"><bdi>{name}</bdi></Fact> })}
                    {model.mime_type.map(|kind| view! { <Fact name="Files are"><code>{kind}</code></Fact> })}
                    {model.url.map(|url| view! { <Fact name="Files are at"><Identifier value=url length=72/></Fact> })}
                </Facts>
            </div>
            <div class="tiles">
                <NamedValues title="Tags" values=model.kv_tags none="No tags."/>
                <NamedValues title="Properties" values=model.properties none="No properties."/>
            </div>
        </div>
    }
}

#[component]
fn NamedValues(title: &'static str, values: BTreeMap<String, String>, none: &'static str) -> impl IntoView {
    let is_empty = values.is_empty();
    let rows: Vec<_> =
        values.into_iter().map(|(name, value)| view! { <Fact name=name><bdi>{value}</bdi></Fact> }).collect();

    view! {
        <section class="section">
            <h2>{title}</h2>
            {if is_empty {
                view! { <p class="muted">{none}</p> }.into_any()
            } else {
                view! { <Facts>{rows}</Facts> }.into_any()
            }}
        </section>
    }
}

/// The run that made a model: a link where its experiment is known too.
#[component]
fn RunLink(workspace: WorkspaceId, experiment: Option<String>, run: Option<RunId>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let experiment = experiment.filter(|name| !name.is_empty());
    match (experiment, run) {
        (Some(experiment), Some(run)) => {
            let label = run.to_string();
            let title = label.clone();
            let part = WorkspaceRoute::Run(ExperimentName::from(experiment), run);
            let href = navigation.href(Route::Workspace(workspace, part));
            view! { <a href=href title=title><bdi>{label}</bdi></a> }.into_any()
        }
        (None, Some(run)) => view! { <bdi>{run.to_string()}</bdi> }.into_any(),
        (_, None) => ().into_any(),
    }
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
    fn version_ten_comes_after_version_two() {
        let models = [2, 10, 1]
            .map(|version| model(&format!(r#"{{"id":"m:{version}","name":"m","version":{version}}}"#)));
        let sort = crate::components::sort::Sort::parse("version").unwrap();
        let sorted: Vec<u64> =
            arranged(models.iter(), &sort, sort_key).iter().map(|model| model.version).collect();
        assert_eq!(sorted, [1, 2, 10]);
    }
}
