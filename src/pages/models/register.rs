//! The form that registers a model from the files of a run.

use std::time::Duration;

use azimuth_api::{
    Artifact, ArtifactContainer, AssetArtifact, AssetId, CreateAsset, ListAssets, ListExperiments,
    ListModels, ListRunArtifacts, ListRuns, Model, ModelHost, RegisterModel, Run, RunFilter, RunId,
    RunStatus, WorkspaceId,
};
use leptos::prelude::*;
use serde_json::json;

use crate::changes::forms::{ChangeButton, ChangeRemark, RequestFold};
use crate::changes::{ChangeState, Expected, Plan, Target, change};
use crate::components::element_id::element_id;
use crate::components::field::{Choice, SelectField, TextArea, TextField};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::components::tags_field::{TagsField, tags_in};
use crate::kept::{forget, kept};
use crate::load::{ApiErrorPanel, ListFooter, Load};
use crate::navigation::{Navigation, use_title};
use crate::query::{ListQuery, Loaded, list};
use crate::route::{Route, WorkspaceRoute};

/// What Microsoft's SDK says of the files of any model.
const MIME_TYPE: &str = "application/x-python";
/// The frameworks that the service knows by name.
const FRAMEWORKS: [&str; 5] = ["Custom", "ScikitLearn", "TensorFlow", "PyTorch", "Onnx"];
/// A list of more files than this is of no use to choose from.
const MOST_FILES: usize = 500;
/// How long somebody does not type before the versions of a name are asked for.
const PAUSE: Duration = Duration::from_millis(400);

/// Which files of which run become which model.
#[component]
pub fn RegisterModelPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Register a model".to_owned());
    let navigation = expect_context::<Navigation>();
    let models = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Models));
    let (experiment, run, path) =
        (navigation.parameter("experiment"), navigation.parameter("run"), navigation.parameter("path"));

    view! {
        <div class="page">
            <PageTitle title="Register a model"/>
            <p class="muted">"A model is files that a run left, kept under a name. Each time the name gets its next version. "<a href=models>"All models"</a></p>
            <div class="columns">
                <div class="stack">
                    <ExperimentChoice workspace=workspace.clone() experiment=experiment/>
                    {
                        let workspace = workspace.clone();
                        move || (!experiment.with(String::is_empty)).then(|| {
                            view! { <RunChoice workspace=workspace.clone() experiment=experiment.get() run=run/> }
                        })
                    }
                    {
                        let workspace = workspace.clone();
                        move || (!run.with(String::is_empty)).then(|| {
                            view! { <FilesChoice workspace=workspace.clone() run=run.get().into() path=path/> }
                        })
                    }
                    <Registration workspace=workspace experiment=experiment run=run path=path/>
                </div>
            </div>
        </div>
    }
}

/// Sets parts of the address at once.
fn choose(navigation: Navigation, parts: &[(&str, &str)]) {
    let location = navigation.location().get_untracked();
    let location = parts.iter().fold(location, |location, (name, value)| {
        location.with_parameter(name, Some(*value).filter(|value| !value.is_empty()))
    });
    navigation.replace(&location);
}

/// What can be chosen, with what is chosen, even where the list does not have it.
fn choices(first: &str, all: Vec<Choice>, chosen: &str) -> Vec<Choice> {
    let is_known = chosen.is_empty() || all.iter().any(|choice| choice.value == chosen);
    let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    let unknown = (!is_known).then(|| choice(chosen, chosen));
    std::iter::once(choice("", first)).chain(unknown).chain(all).collect()
}

#[component]
fn ExperimentChoice(workspace: WorkspaceId, experiment: Signal<String>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let experiments = list(move || ListExperiments::of(workspace.clone()));
    view! {
        <Load query=experiments.query() what="the experiments" let:loaded>
            <SelectField
                label="Experiment"
                value=experiment
                choices=Signal::derive(move || loaded.with(|loaded| {
                    let choice = |experiment: &azimuth_api::Experiment| {
                        let name = experiment.name.to_string();
                        Choice { value: name.clone(), label: name }
                    };
                    experiment.with(|chosen| choices("Choose an experiment", loaded.items().map(choice).collect(), chosen))
                }))
                on_change=move |name: String| choose(navigation, &[("experiment", &name), ("run", ""), ("path", "")])
            />
            <ListFooter list=experiments noun="experiments"/>
        </Load>
    }
}

#[component]
fn RunChoice(workspace: WorkspaceId, experiment: String, run: Signal<String>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let asked = ListRuns {
        filter: RunFilter { statuses: vec![RunStatus::Completed], ..RunFilter::default() },
        ..ListRuns::of(workspace, experiment.into())
    };
    let runs: ListQuery<Run> = list(move || asked.clone());
    view! {
        <Load query=runs.query() what="the runs" let:loaded>
            <SelectField
                label="Run"
                value=run
                help=Signal::derive(move || {
                    let is_empty = loaded.with(Loaded::is_empty);
                    if is_empty { "No run of this experiment is done." } else { "Those that are done, the newest first." }.to_owned()
                })
                choices=Signal::derive(move || loaded.with(|loaded| {
                    let choice = |run: &Run| {
                        let id = run.run_id.to_string();
                        let label = match run.description.as_deref().filter(|text| !text.is_empty()) {
                            Some(text) => format!("{id}: {text}"),
                            None => id.clone(),
                        };
                        Choice { value: id, label }
                    };
                    run.with(|chosen| choices("Choose a run", loaded.items().map(choice).collect(), chosen))
                }))
                on_change=move |id: String| choose(navigation, &[("run", &id), ("path", "")])
            />
            <ListFooter list=runs noun="runs"/>
        </Load>
    }
}

#[component]
fn FilesChoice(workspace: WorkspaceId, run: RunId, path: Signal<String>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let container = ArtifactContainer::of_run(workspace, &run, None);
    let files: ListQuery<Artifact> = list(move || ListRunArtifacts::of(container.clone()));
    view! {
        <Load query=files.query() what="the files" let:loaded>
            <SelectField
                label="File or folder"
                value=path
                help="Scripts leave models below outputs. A folder is taken with all that is in it."
                choices=Signal::derive(move || loaded.with(|loaded| {
                    let paths: Vec<&str> = loaded.items().map(|file| file.path.as_str()).collect();
                    path.with(|chosen| choices("Choose files", file_choices(&paths), chosen))
                }))
                on_change=move |path: String| choose(navigation, &[("path", &path)])
            />
            <ListFooter list=files noun="files"/>
        </Load>
    }
}

/// Files and the folders that they are in, those below `outputs` first.
fn file_choices(paths: &[&str]) -> Vec<Choice> {
    let mut folders: Vec<(String, usize)> = Vec::new();
    for path in paths {
        for (end, _) in path.match_indices('/') {
            let folder = &path[..=end];
            match folders.iter_mut().find(|(known, _)| known == folder) {
                Some((_, count)) => *count += 1,
                None => folders.push((folder.to_owned(), 1)),
            }
        }
    }
    let folders = folders.into_iter().map(|(folder, count)| {
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        Choice { label: format!("{folder} ({files})"), value: folder }
    });
    let files = paths.iter().map(|path| Choice { value: (*path).to_owned(), label: (*path).to_owned() });
    let mut all: Vec<Choice> = files.chain(folders).collect();
    all.sort_by_key(|choice| (!choice.value.starts_with("outputs/"), choice.value.clone()));
    all.truncate(MOST_FILES);
    all
}

/// Name, words and tags; and the two requests that it takes.
#[component]
fn Registration(
    workspace: WorkspaceId,
    experiment: Signal<String>,
    run: Signal<String>,
    path: Signal<String>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (name, description, tags) = (kept("name"), kept("description"), kept("tags"));
    let (framework, framework_version) = (kept("framework"), kept("framework version"));

    // The next version of the name, which tells afterwards whether a registration arrived.
    let asked_name = settled(name);
    let place = workspace.clone();
    let versions: ListQuery<Model> = list(move || ListModels {
        name: Some(asked_name.get()),
        count: Some(20),
        ..ListModels::of(place.clone())
    });
    let versions_query = versions.query();
    let next_version = Memo::new(move |_| {
        let asked = asked_name.get();
        let known = versions_query.with(|loaded| Some(next_version(loaded?, &asked)))?;
        let is_of_name = name.with(|name| name.trim() == asked);
        // A name that is new looks like one whose versions are still being asked for.
        (is_of_name && (known > 1 || !versions_query.is_loading().get())).then_some(known)
    });

    // An asset that holds just these files is taken again: each registration would make one more of the same.
    let place = workspace.clone();
    let known_assets = list(move || {
        let of_run = run.with(|run| RunId::from(if run.is_empty() { "none" } else { run }));
        ListAssets { run: Some(of_run), ..ListAssets::of(place.clone()) }
    })
    .query();
    let made = RwSignal::new(None::<(AssetArtifact, AssetId)>);
    let artifact = Memo::new(move |_| {
        let path = path.get();
        run.with(|run| AssetArtifact::of_container(&format!("dcid.{run}"), &path))
    });
    let asset = Memo::new(move |_| {
        let wanted = artifact.get();
        let own = made.get().filter(|(of, _)| *of == wanted).map(|(_, id)| id);
        own.or_else(|| {
            known_assets.with(|loaded| {
                let mut assets = loaded?.items();
                let found = assets
                    .find(|asset| asset.artifacts.len() == 1 && asset.artifacts[0].text() == wanted.text());
                found.map(|asset| asset.id.clone())
            })
        })
    });

    let place = workspace.clone();
    let keeping = change(move || {
        let (run, path, wanted) = (run.get(), path.get(), artifact.get());
        if run.is_empty() || path.is_empty() {
            return None;
        }
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        let operation = CreateAsset {
            workspace: place.clone(),
            description: format!("{name} saved during run {run}"),
            name,
            artifacts: vec![wanted.clone()],
            run: run.as_str().into(),
            host: ModelHost::default(),
        };
        let field = if path.ends_with('/') { "prefix" } else { "id" };
        let expected =
            Expected::Values(vec![(format!("/value/0/artifacts/0/{field}"), json!(wanted.text()))]);
        let target = Target::NewestAsset(place.clone(), run.as_str().into());
        let plan =
            Plan::answered(format!("Keep {path} as an asset"), &operation, target, expected, move |answer| {
                match answer {
                    Some(asset) => drop(made.try_set(Some((wanted.clone(), asset.id)))),
                    // Its id is found among those of the run.
                    None => known_assets.ask_again(),
                }
            });
        Some(plan)
    });
    let fault = Memo::new(move |_| name.with(|name| RegisterModel::name_fault(name.trim())));
    let tags_fault = Memo::new(move |_| tags.with(|text| tags_in(text).err()));
    let place = workspace.clone();
    let registering = change(move || {
        let (name, asset, version) = (name.get().trim().to_owned(), asset.get()?, next_version.get()?);
        let text = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let operation = RegisterModel {
            workspace: place.clone(),
            name: name.clone(),
            asset: asset.clone(),
            mime_type: MIME_TYPE.to_owned(),
            description: description.get().trim().to_owned(),
            unpack: false,
            run_id: text(run.get()).map(RunId::from),
            experiment_name: text(experiment.get()),
            framework: text(framework.get()),
            framework_version: text(framework_version.get()),
            kv_tags: tags.with(|text| tags_in(text)).ok()?,
            properties: Default::default(),
            host: ModelHost::default(),
        };
        let id = azimuth_api::ModelId::from(format!("{name}:{version}"));
        let target = Target::Model(place.clone(), id.clone());
        let expected = Expected::Values(vec![("/url".to_owned(), json!(format!("aml://asset/{asset}")))]);
        let title = format!("Register model {name}");
        let place = place.clone();
        Some(Plan::answered(title, &operation, target, expected, move |answer| {
            let id = answer.map_or(id.clone(), |model| model.id);
            forget(navigation);
            navigation.go_to(Route::Workspace(place.clone(), WorkspaceRoute::Model(id)));
        }))
    });

    // One press: the files are kept first, then the model is registered with what keeps them.
    let wants_model = RwSignal::new(false);
    let keeping_state = keeping.state();
    Effect::new(move || {
        // Everything on the page is asked again once the files are kept, the versions of the name too.
        if wants_model.get() && asset.with(Option::is_some) && next_version.with(Option::is_some) {
            wants_model.set(false);
            registering.send();
        }
    });
    Effect::new(move || {
        let is_lost = keeping_state.with(|state| {
            matches!(
                state,
                ChangeState::Refused(_)
                    | ChangeState::NotArrived
                    | ChangeState::Untold
                    | ChangeState::Failed(_)
            )
        });
        if is_lost {
            wants_model.set(false);
        }
    });
    let why_not = Signal::derive(move || {
        let missing = |is_missing: bool, words: &str| is_missing.then(|| words.to_owned());
        missing(run.with(String::is_empty), "Choose a run.")
            .or_else(|| missing(path.with(String::is_empty), "Choose files of the run."))
            .or_else(|| missing(name.with(|name| name.trim().is_empty()), "Give the model a name."))
            .or_else(|| fault.get())
            .or_else(|| tags_fault.get())
            .or_else(|| missing(next_version.get().is_none(), "Looking for earlier versions of the name…"))
            .or_else(|| {
                missing(wants_model.get() || keeping_state.with(ChangeState::is_open), "Keeping the files…")
            })
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if why_not.get_untracked().is_some() || registering.is_read_only() {
            return;
        }
        if asset.with_untracked(Option::is_some) {
            registering.send();
        } else {
            wants_model.set(true);
            keeping.send();
        }
    };

    let names = element_id("names");
    let place = workspace;
    let all_names = list(move || ListModels::of(place.clone())).query();
    let known_names = {
        let names = names.clone();
        move || {
            let mut known: Vec<String> = all_names
                .with(|loaded| loaded.map(|loaded| loaded.items().map(|model| model.name.clone()).collect()))
                .unwrap_or_default();
            known.sort();
            known.dedup();
            view! { <datalist id=names.clone()>{known.into_iter().map(|name| view! { <option value=name></option> }).collect::<Vec<_>>()}</datalist> }
        }
    };
    let version_words = move || {
        let name = name.get().trim().to_owned();
        next_version.get().filter(|_| !name.is_empty() && fault.with(Option::is_none)).map(|version| {
            match version {
                1 => format!("The name is new: this is version 1 of {name}."),
                version => format!("This becomes version {version} of {name}."),
            }
        })
    };
    let framework_choices: Vec<Choice> = std::iter::once(("", "Not said"))
        .chain(FRAMEWORKS.into_iter().map(|name| (name, name)))
        .map(|(value, label)| Choice { value: value.to_owned(), label: label.to_owned() })
        .collect();

    view! {
        <form class="stack" novalidate=true on:submit=submit>
            <div class="stack tight">
                <TextField
                    label="Name"
                    value=name
                    required=true
                    list=names
                    error=Signal::derive(move || fault.get().filter(|_| !name.with(|name| name.trim().is_empty())))
                />
                {known_names}
                <p class="small muted" role="status">{version_words}</p>
                {move || versions_query.error().get().map(|error| view! {
                    <ApiErrorPanel
                        error=error
                        what="look for earlier versions"
                        inline=true
                        on_retry=Callback::new(move |()| versions_query.ask_again())
                    />
                })}
            </div>
            <TextArea label="Description" value=description rows=3/>
            <div class="cluster">
                <SelectField label="Framework" value=framework choices=framework_choices on_change=move |value| framework.set(value)/>
                <TextField label="Framework version" value=framework_version/>
            </div>
            <TagsField text=tags error=Signal::derive(move || tags_fault.get())/>
            <Show
                when=move || asset.with(Option::is_some)
                fallback=move || view! {
                    <p class="small muted">"Two requests: the first keeps the files as an asset, the second registers the model with it."</p>
                    <RequestFold change=keeping/>
                }
            >
                <Hint><p>"These files are kept as an asset already, which the model uses: one request."</p></Hint>
                <RequestFold change=registering/>
            </Show>
            <ChangeRemark change=keeping done="The files are kept as an asset."/>
            <ChangeButton change=registering label="Register model" class="primary" why_not=why_not submits=true done="Registered."/>
        </form>
    }
}

/// The version that the service gives to a name next.
fn next_version(loaded: &Loaded<Model>, name: &str) -> u64 {
    let own = loaded.items().filter(|model| model.name == name);
    own.map(|model| model.version).max().unwrap_or_default() + 1
}

/// A text once nobody has typed for a moment, without what surrounds it.
fn settled(text: RwSignal<String>) -> Signal<String> {
    let settled = RwSignal::new(text.get_untracked().trim().to_owned());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        let _ = timer.try_update_value(|timer| {
            if let Some(timer) = timer.take() {
                timer.clear();
            }
        });
    };
    Effect::new(move || {
        let now = text.with(|text| text.trim().to_owned());
        stop();
        if now != settled.get_untracked() {
            let take = move || drop(settled.try_set(now.clone()));
            timer.set_value(set_timeout_with_handle(take, PAUSE).ok());
        }
    });
    on_cleanup(stop);
    settled.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_their_folders_can_be_chosen_and_outputs_come_first() {
        let found = file_choices(&["logs/a.log", "outputs/model/weights.bin", "outputs/model/labels.txt"]);
        let labels: Vec<&str> = found.iter().map(|choice| choice.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "outputs/ (2 files)",
                "outputs/model/ (2 files)",
                "outputs/model/labels.txt",
                "outputs/model/weights.bin",
                "logs/ (1 file)",
                "logs/a.log"
            ]
        );
    }

    #[test]
    fn what_is_chosen_stands_in_the_list_even_where_it_is_not_loaded() {
        let found = choices("Choose", vec![Choice { value: "a".to_owned(), label: "a".to_owned() }], "z");
        assert_eq!(found.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>(), ["", "z", "a"]);
        assert_eq!(choices("Choose", Vec::new(), "").len(), 1);
    }
}
