//! The form that hands in a run.

use std::rc::Rc;

use azimuth_api::{
    ApiError, Compute, ComputeState, DefinitionRepair, ExperimentName, GetRun, ListComputes, ListExperiments,
    RunDefinition, RunId, StartRun, StartSnapshotRun, StartedRun, WorkspaceId,
};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::File;

use crate::changes::forms::read_only_reason;
use crate::changes::forms::{Curl, CurlFold};
use crate::client::{Client, Question};
use crate::components::element_id::element_id;
use crate::components::field::{CheckState, TextArea};
use crate::components::file_field::FileField;
use crate::components::header::PageTitle;
use crate::components::next_frame::NextFrame;
use crate::components::panel::Hint;
use crate::kept::{forget, kept, kept_without_secrets};
use crate::navigation::{Navigation, use_title};
use crate::pages::submit::check_lists::CheckLists;
use crate::pages::submit::checks::{Facts, Fix, ZipState, obstacle, summary};
use crate::pages::submit::definition_file::read_definition;
use crate::pages::submit::earlier::{Earlier, EarlierRun, FilesField};
use crate::pages::submit::example::{EXAMPLE_SCRIPT, new_definition};
use crate::pages::submit::experiment_field::ExperimentField;
use crate::pages::submit::experiment_name::{Known, look_up};
use crate::pages::submit::form::{DefinitionForm, Editor, Offers};
use crate::pages::submit::project::{Project, file_of};
use crate::pages::submit::project_field::ProjectField;
use crate::pages::submit::repairing::Repairing;
use crate::pages::submit::sending::{Sending, SendingState};
use crate::project_zip::zip_of;
use crate::query::{Loaded, list};
use crate::route::{Route, WorkspaceRoute};
use crate::secrets::definition_to_keep;

mod check_lists;
mod checks;
mod definition_file;
mod difference;
mod earlier;
mod example;
mod experiment_field;
mod experiment_name;
mod fields;
mod folder;
mod form;
mod project;
mod project_field;
mod repairing;
mod sending;

/// A run that is ready to be sent.
enum Prepared {
    Zip(StartRun<File>),
    Snapshot(StartSnapshotRun),
}

/// Takes a zip and a definition, checks them, hands them in, and goes to the run.
#[component]
pub fn SubmitPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Submit a run".to_owned());
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let read_only_reason = read_only_reason();
    let read_only = read_only_reason.is_some();

    let experiment = kept("experiment");
    let asked_for = navigation.parameter("experiment").get_untracked();
    if !asked_for.is_empty() {
        experiment.set(asked_for);
    }
    let definition_text = kept_without_secrets("definition", definition_to_keep);
    let editor = Editor::new(definition_text);
    let earlier = Earlier::new(&workspace, experiment, definition_text);
    let definition_file = RwSignal::new(None::<(String, f64)>);
    let definition_file_fault = RwSignal::new(None::<String>);
    let project = Project::new();
    let sending = RwSignal::new(Sending::Idle);
    // A file does not survive a reload; its name does, so that it can be asked for.
    let zip_name = kept("zip");
    Effect::new(move || {
        if let Some(name) = project.name() {
            zip_name.set(name);
        }
    });
    let missing_zip =
        Memo::new(move |_| project.name().is_none().then(|| zip_name.get()).filter(|name| !name.is_empty()));
    navigation.cannot_keep("picked files", Memo::new(move |_| project.name().is_some()));
    // Kept from one try to the next, over a reload too, so that a try that arrived is known by it.
    let run_id = kept("run id");

    let of = workspace.clone();
    let computes = list(move || ListComputes { workspace: of.clone(), next: None }).query();
    let of = workspace.clone();
    let experiments = list(move || ListExperiments::of(of.clone())).query();
    let computes_error = computes.error();
    let definition = Memo::new(move |_| {
        definition_text.with(|text| (!text.trim().is_empty()).then(|| RunDefinition::parse(text)))
    });
    let repair = Memo::new(move |_| {
        let is_faulty = definition.with(|definition| matches!(definition, Some(Err(_))));
        definition_text.with(|text| if is_faulty { DefinitionRepair::of(text) } else { None })
    });
    let shows_repair = RwSignal::new(false);
    let checks = Memo::new(move |_| {
        let name = ExperimentName::from(experiment.with(|text| text.trim().to_owned()));
        let known = experiments.with(|experiments| match experiments {
            Some(experiments) => look_up(&name, experiments.items(), !experiments.has_more()),
            None => Known::Unasked,
        });
        let earlier_files = earlier.files();
        project.with(|zip| {
            let zip = earlier_files.as_ref().map_or(zip, ZipState::Earlier);
            definition.with(|definition| {
                computes.with(|computes| {
                    let facts = Facts {
                        experiment: &name,
                        known,
                        zip,
                        definition: definition.as_ref(),
                        can_repair: repair.with(Option::is_some),
                        computes,
                        computes_failed: computes_error.with(Option::is_some),
                    };
                    facts.checks()
                })
            })
        })
    });
    let is_ready = Memo::new(move |_| {
        checks.with(|groups| {
            let mut findings = groups.iter().flat_map(|group| &group.findings);
            findings.all(|finding| matches!(finding.item.state, CheckState::Good | CheckState::Warning))
        })
    });
    let is_under_way = Memo::new(move |_| sending.with(Sending::is_under_way));
    navigation.ask_before_leaving(Signal::derive(move || {
        let words = "The upload is under way, and leaving stops it. If all of it has arrived by then, the run begins all the same.";
        sending.with(Sending::is_under_way).then(|| words.to_owned())
    }));

    let definitions_taken = StoredValue::new(0_u32);
    let take_definition = move |file: File| {
        definitions_taken.update_value(|count| *count += 1);
        let own = definitions_taken.get_value();
        spawn_local(async move {
            let text = read_definition(&file).await;
            // Another file may have been chosen meanwhile.
            if definitions_taken.try_get_value() != Some(own) {
                return;
            }
            match text {
                Ok(text) => {
                    definition_file.set(Some((file.name(), file.size())));
                    definition_file_fault.set(None);
                    definition_text.set(text);
                }
                // What was there stays.
                Err(words) => definition_file_fault.set(Some(format!("{}: {words}", file.name()))),
            }
        });
    };
    let usable = move || {
        let is_usable = |compute: &&Compute| compute.state() == ComputeState::Usable;
        let names = |computes: &Loaded<Compute>| -> Vec<String> {
            computes.items().filter(is_usable).map(|compute| compute.name.to_string()).collect()
        };
        computes.with_untracked(|computes| computes.map(names)).unwrap_or_default()
    };
    let use_example = move |_| {
        let usable = usable();
        let target = usable.first().map_or("cpu-compute", String::as_str);
        let text = new_definition(Some("hello.py"), &["234"], Some(target));
        definition_file.set(Some(("definition.json".to_owned(), text.len() as f64)));
        definition_file_fault.set(None);
        definition_text.set(text);
        if let Some(file) = file_of("train.zip", &zip_of("hello.py", EXAMPLE_SCRIPT.as_bytes())) {
            project.choose(file);
        }
    };
    let scripts = Memo::new(move |_| project.scripts());
    let form_place = NodeRef::<html::Div>::new();
    let next_frame = NextFrame::here();
    let start_with_form = move |_| {
        // What there is only one of need not be chosen.
        let only = |names: &[String]| if let [name] = names { Some(name.clone()) } else { None };
        let (script, target) = (scripts.with_untracked(|scripts| only(scripts)), only(&usable()));
        definition_file_fault.set(None);
        definition_text.set(new_definition(script.as_deref(), &[], target.as_deref()));
        // The button that was pressed is gone.
        next_frame.run(move || {
            let field =
                form_place.get_untracked().and_then(|form| form.query_selector("input").ok().flatten());
            if let Some(field) = field {
                drop(field.unchecked_into::<web_sys::HtmlElement>().focus());
            }
        });
    };
    let offers = Offers {
        scripts: scripts.into(),
        computes: Signal::derive(move || {
            computes.with(|computes| Some(computes?.items().cloned().collect())).unwrap_or_default()
        }),
    };
    let act = Callback::new(move |(group, place): (usize, usize)| {
        let fix = checks.with_untracked(|groups| groups[group].findings.get(place)?.fix.clone());
        match fix {
            Some(Fix::Zip(fix)) => project.repair(fix),
            Some(Fix::Definition) => shows_repair.set(true),
            Some(Fix::Script(script)) => editor.set(&["script"], &script),
            Some(Fix::Computes) => computes.ask_again(),
            None => {}
        }
    });

    let workspace = StoredValue::new(workspace);
    let go_to_run = move |experiment: ExperimentName, run: RunId| {
        sending.try_set(Sending::Idle);
        forget(navigation);
        navigation.go_to(Route::Workspace(workspace.get_value(), WorkspaceRoute::Run(experiment, run)));
    };
    // Whether a run that was sent without an answer arrived.
    let ask_whether_it_arrived = move || async move {
        let Some((experiment, run)) = run_id.try_get_untracked().as_deref().and_then(known_run) else {
            return;
        };
        sending.try_set(Sending::Asking);
        let question =
            GetRun { workspace: workspace.get_value(), experiment: experiment.clone(), run: run.clone() };
        match client.ask(&question).await {
            Ok(_) => go_to_run(experiment, run),
            Err(error) if error.is_not_found() => {
                sending.try_set(Sending::NotArrived);
            }
            Err(error) => {
                sending.try_set(Sending::Unknown(error));
            }
        }
    };
    // What is sent; none while something is missing.
    let prepared = move || {
        if !is_ready.get() {
            return None;
        }
        let name = ExperimentName::from(experiment.get().trim());
        let run = match run_id.with_untracked(|text| known_run(text)) {
            Some((known, run)) if known == name => run,
            _ => RunId::new(&name, (js_sys::Date::now() / 1_000.0) as u64, random()),
        };
        run_id.set(format!("{name} {run}"));
        let workspace = workspace.get_value();
        if let Some(files) = earlier.files() {
            let definition = definition.get()?.ok()?.document;
            let operation = files.run_again(workspace, name.clone(), run, definition);
            return Some((name, Prepared::Snapshot(operation)));
        }
        let project_zip = project.file()?;
        let definition = definition_text
            .with(|text| file_of("definition.json", text.trim_start_matches('\u{feff}').as_bytes()))?;
        let operation = StartRun { workspace, experiment: name.clone(), run, project_zip, definition };
        Some((name, Prepared::Zip(operation)))
    };
    let send = move || {
        // The state and not the button decides: two presses may come before the button is drawn anew.
        if read_only || sending.with_untracked(Sending::is_under_way) {
            return;
        }
        let Some((experiment, operation)) = untrack(prepared) else { return };
        let taken = move |result: Result<StartedRun, ApiError>| async move {
            match result {
                Ok(started) => go_to_run(experiment, started.run_id),
                Err(ApiError::Unreachable(_)) => ask_whether_it_arrived().await,
                // The id is ours alone, so what is there already is what was sent before.
                Err(error) if error.status() == Some(409) => ask_whether_it_arrived().await,
                Err(error) => {
                    sending.try_set(Sending::Refused(error));
                }
            }
        };
        match operation {
            Prepared::Snapshot(operation) => {
                sending.set(Sending::Uploading(0.0, 0.0));
                spawn_local(async move { taken(client.ask(&operation).await).await });
            }
            Prepared::Zip(operation) => {
                sending.set(Sending::Uploading(0.0, operation.project_zip.size()));
                let progress =
                    Rc::new(move |sent, total| drop(sending.try_set(Sending::Uploading(sent, total))));
                spawn_local(async move {
                    // A browser may send a file that was changed meanwhile, which is not the one that was checked.
                    if !project.is_there(&operation.project_zip).await {
                        sending.try_set(Sending::Idle);
                        return;
                    }
                    taken(client.upload(&operation, progress).await).await;
                });
            }
        }
    };
    let request = move |()| {
        let (_, operation) = prepared()?;
        Some(Box::pin(async move {
            match operation {
                Prepared::Snapshot(operation) => client.as_curl(Question::of(&operation)).await,
                Prepared::Zip(operation) => client.upload_as_curl(&operation).await,
            }
        }) as Curl)
    };

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let definition_fault = Signal::derive(move || match definition.get() {
        Some(Err(error)) => Some(error.to_string()),
        _ => None,
    });
    let has_text = Memo::new(move |_| definition_text.with(|text| !text.trim().is_empty()));
    // It stays while somebody empties it to write anew.
    let has_definition = Memo::new(move |had: Option<&bool>| had == Some(&true) || has_text.get());
    let known_names = Signal::derive(move || {
        let names = |experiment: &azimuth_api::Experiment| experiment.name.to_string();
        experiments.with(|experiments| Some(experiments?.items().map(names).collect())).unwrap_or_default()
    });
    let why_not = move || {
        if read_only || is_under_way.get() { String::new() } else { checks.with(|groups| obstacle(groups)) }
    };
    let reason = element_id("reason");

    view! {
        <div class="page">
            <PageTitle title="Submit a run">
                <div class="cluster">
                    <Show when=move || !has_text.get()>
                        <button type="button" class="button" disabled=move || is_under_way.get() on:click=start_with_form>"Start with a form"</button>
                    </Show>
                    <button type="button" class="button" disabled=move || is_under_way.get() on:click=use_example>"Use an example"</button>
                </div>
            </PageTitle>
            <form class="columns submit" novalidate=true on:submit=submit>
                <div class="stack">
                    <EarlierRun workspace=workspace.get_value() earlier=earlier disabled=is_under_way/>
                    <ExperimentField experiment=experiment known=known_names disabled=is_under_way/>
                    <FilesField earlier=earlier disabled=is_under_way/>
                    <Show when=move || earlier.files().is_none()>
                        <ProjectField project=project missing=missing_zip disabled=is_under_way/>
                    </Show>
                    <FileField
                        label="Run definition"
                        accept=".json,application/json"
                        on_file=take_definition
                        chosen=definition_file
                        help="A JSON file that names script, compute and environment."
                        error=definition_file_fault
                        disabled=is_under_way
                    />
                    <Show when=move || has_definition.get()>
                        <div class="definition-editor" node_ref=form_place>
                            <DefinitionForm editor=editor offers=offers disabled=is_under_way/>
                            <div class="json stack tight">
                                <TextArea
                                    label="Definition to be sent"
                                    value=definition_text
                                    rows=16
                                    code=true
                                    error=definition_fault
                                    disabled=is_under_way
                                />
                                <Repairing text=definition_text repair=repair shown=shows_repair disabled=is_under_way/>
                            </div>
                        </div>
                    </Show>
                </div>
                <div class="stack">
                    <div class="section-title">
                        <h2>"Checks"</h2>
                        <p class="small muted" role="status">{move || checks.with(|groups| summary(groups))}</p>
                    </div>
                    <CheckLists groups=checks on_action=act disabled=is_under_way/>
                    {read_only_reason.map(|reason| view! { <Hint>{reason}" So runs cannot be handed in from here."</Hint> })}
                    <div class="stack tight">
                        <div>
                            <button
                                type="submit"
                                class="button primary"
                                aria-describedby=reason.clone()
                                disabled=move || read_only || !is_ready.get()
                                // It keeps the focus while it works.
                                aria-disabled=move || is_under_way.get().then_some("true")
                            >
                                "Submit run"
                            </button>
                        </div>
                        <p id=reason class="muted small">{why_not}</p>
                    </div>
                    <CurlFold request=request/>
                    <SendingState sending=sending on_ask=Callback::new(move |()| spawn_local(ask_whether_it_arrived()))/>
                </div>
            </form>
        </div>
    }
}

/// An experiment and a run, as they are kept.
fn known_run(text: &str) -> Option<(ExperimentName, RunId)> {
    let (experiment, run) = text.split_once(' ')?;
    Some((ExperimentName::from(experiment), RunId::from(run)))
}

fn random() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}
