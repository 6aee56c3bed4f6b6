//! The form that hands in a run.

use std::rc::Rc;

use azimuth_api::{
    ApiError, Compute, ComputeState, DefinitionError, ExperimentName, GetRun, ListComputes, RunDefinition,
    RunId, StartRun, WorkspaceId,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::client::Client;
use crate::components::field::{CheckItem, CheckList, CheckState, TextArea, TextField, TextKind};
use crate::components::file_field::FileField;
use crate::components::format::format_bytes;
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::components::progress::ProgressBar;
use crate::load::ApiErrorPanel;
use crate::navigation::{Navigation, use_title};
use crate::project_zip::{FIRST_WINDOW, ProjectZip, ScriptPlace, Step, ZipFault, zip_of};
use crate::query::{Loaded, list};
use crate::route::{Route, WorkspaceRoute};
use crate::settings::Settings;

/// What the service takes at most, by Microsoft's SDK.
const MOST_ZIP_BYTES: f64 = 300.0 * 1024.0 * 1024.0;
/// How many files it takes at most, by the same.
const MOST_FILES: usize = 2_000;

/// A zip that was chosen, and what is known of it.
#[derive(Clone, PartialEq)]
struct ChosenZip {
    file: File,
    /// None while it is read.
    contents: Option<Result<ProjectZip, ZipFault>>,
}

/// How handing in goes.
#[derive(Clone, PartialEq)]
enum Sending {
    /// It has not begun, or was refused.
    Idle,
    /// So many bytes of so many are sent.
    Uploading(f64, f64),
    /// The answer was lost; whether the run arrived is being asked.
    Asking,
    /// The answer was lost, and so was the answer to whether it arrived.
    Unknown(ApiError),
    /// The answer was lost, and the run did not arrive.
    NotArrived,
    /// The service refused it.
    Refused(ApiError),
}

impl Sending {
    fn is_under_way(&self) -> bool {
        matches!(self, Self::Uploading(..) | Self::Asking)
    }
}

/// Takes a zip and a definition, checks them, hands them in, and goes to the run.
#[component]
pub fn SubmitPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Submit a run".to_owned());
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let read_only = expect_context::<Settings>().read_only;

    let experiment = RwSignal::new(navigation.parameter("experiment").get_untracked());
    let zip = RwSignal::new_local(None::<ChosenZip>);
    let definition_file = RwSignal::new(None::<(String, f64)>);
    let definition_text = RwSignal::new(String::new());
    let sending = RwSignal::new(Sending::Idle);
    // Kept from one try to the next, so that a try that arrived is known by it.
    let run_id = StoredValue::new(None::<(ExperimentName, RunId)>);

    let of = workspace.clone();
    let computes = list(move || ListComputes { workspace: of.clone(), next: None }).query();
    let definition = Memo::new(move |_| {
        definition_text.with(|text| (!text.trim().is_empty()).then(|| RunDefinition::parse(text)))
    });
    let checks = Memo::new(move |_| {
        let name = ExperimentName::from(experiment.with(|text| text.trim().to_owned()));
        let facts = Facts {
            experiment: &name,
            zip_bytes: zip.with(|zip| zip.as_ref().map(|zip| zip.file.size())),
            zip: zip.with(|zip| zip.as_ref().and_then(|zip| zip.contents.clone())),
            definition: definition.get(),
            computes: computes.get(),
            computes_failed: computes.error().with(Option::is_some),
        };
        facts.checks()
    });
    let is_ready = Memo::new(move |_| {
        checks.with(|checks| {
            checks.iter().all(|check| matches!(check.state, CheckState::Good | CheckState::Warning))
        })
    });
    let is_under_way = Memo::new(move |_| sending.with(Sending::is_under_way));

    let take_zip = move |file: File| {
        zip.set(Some(ChosenZip { file: file.clone(), contents: None }));
        spawn_local(async move {
            let contents = read_zip(&file).await;
            zip.try_update(|zip| {
                // Another file may have been chosen meanwhile.
                if let Some(zip) = zip.as_mut().filter(|zip| zip.file == file) {
                    zip.contents = Some(contents);
                }
            });
        });
    };
    let take_definition = move |file: File| {
        definition_file.set(Some((file.name(), file.size())));
        spawn_local(async move {
            let text = read_text(&file).await;
            definition_text.try_set(text.trim_start_matches('\u{feff}').to_owned());
        });
    };
    let use_example = move |_| {
        let target = computes.with_untracked(|computes| {
            let computes = computes?;
            computes
                .items()
                .find(|compute| compute.state() == ComputeState::Usable)
                .map(|compute| compute.name.to_string())
        });
        let text = example_definition(target.as_deref().unwrap_or("cpu-compute"));
        definition_file.set(Some(("definition.json".to_owned(), text.len() as f64)));
        definition_text.set(text);
        if let Some(file) = file_of("train.zip", &zip_of("hello.py", EXAMPLE_SCRIPT.as_bytes())) {
            take_zip(file);
        }
    };

    let workspace = StoredValue::new(workspace);
    let go_to_run = move |experiment: ExperimentName, run: RunId| {
        navigation.go_to(Route::Workspace(workspace.get_value(), WorkspaceRoute::Run(experiment, run)));
    };
    // Whether a run that was sent without an answer arrived.
    let ask_whether_it_arrived = move || async move {
        let Some((experiment, run)) = run_id.get_value() else { return };
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
    let send = move || {
        // The state and not the button decides: two presses may come before the button is drawn anew.
        if read_only || !is_ready.get_untracked() || sending.with_untracked(Sending::is_under_way) {
            return;
        }
        let Some(ChosenZip { file: project_zip, .. }) = zip.get_untracked() else { return };
        let Some(definition) =
            definition_text.with_untracked(|text| file_of("definition.json", text.as_bytes()))
        else {
            return;
        };
        let name = ExperimentName::from(experiment.get_untracked().trim());
        let run = match run_id.get_value() {
            Some((known, run)) if known == name => run,
            _ => RunId::new(&name, (js_sys::Date::now() / 1_000.0) as u64, random()),
        };
        run_id.set_value(Some((name.clone(), run.clone())));
        let operation = StartRun {
            workspace: workspace.get_value(),
            experiment: name.clone(),
            run,
            project_zip,
            definition,
        };
        sending.set(Sending::Uploading(0.0, operation.project_zip.size()));
        let progress = Rc::new(move |sent, total| drop(sending.try_set(Sending::Uploading(sent, total))));
        spawn_local(async move {
            match client.upload(&operation, progress).await {
                Ok(started) => go_to_run(name, started.run_id),
                Err(ApiError::Unreachable(_)) => ask_whether_it_arrived().await,
                // The id is ours alone, so what is there already is what was sent before.
                Err(error) if error.status() == Some(409) => ask_whether_it_arrived().await,
                Err(error) => {
                    sending.try_set(Sending::Refused(error));
                }
            }
        });
    };

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    let chosen_zip =
        Signal::derive(move || zip.with(|zip| zip.as_ref().map(|zip| (zip.file.name(), zip.file.size()))));
    let definition_fault = Signal::derive(move || match definition.get() {
        Some(Err(error)) => Some(error.to_string()),
        _ => None,
    });

    view! {
        <div class="page">
            <PageTitle title="Submit a run">
                <button type="button" class="button" disabled=move || is_under_way.get() on:click=use_example>"Use an example"</button>
            </PageTitle>
            <form class="columns" novalidate=true on:submit=submit>
                <div class="stack">
                    <TextField
                        label="Experiment"
                        value=experiment
                        kind=TextKind::Code
                        help="An experiment that is there, or a new name."
                        disabled=is_under_way
                        required=true
                    />
                    <FileField
                        label="Project zip"
                        accept=".zip,application/zip"
                        on_file=take_zip
                        chosen=chosen_zip
                        help="A zip of your project, with the script at its root."
                        disabled=is_under_way
                    />
                    <FileField
                        label="Run definition"
                        accept=".json,application/json"
                        on_file=take_definition
                        chosen=definition_file
                        help="A JSON file that names script, compute and environment."
                        disabled=is_under_way
                    />
                    <Show when=move || definition_file.with(Option::is_some)>
                        <TextArea
                            label="Definition to be sent"
                            value=definition_text
                            rows=16
                            code=true
                            error=definition_fault
                            disabled=is_under_way
                        />
                    </Show>
                </div>
                <div class="stack">
                    <h2>"Checks"</h2>
                    <CheckList items=checks/>
                    {read_only.then(|| view! { <Hint>"This page was set up to change nothing, so runs cannot be handed in from here."</Hint> })}
                    <div class="cluster">
                        <button
                            type="submit"
                            class="button primary"
                            disabled=move || read_only || !is_ready.get() || is_under_way.get()
                        >
                            "Submit run"
                        </button>
                        <Show when=move || !is_ready.get()>
                            <span class="muted small">"Possible once every check is done."</span>
                        </Show>
                    </div>
                    <SendingState sending=sending on_ask=Callback::new(move |()| spawn_local(ask_whether_it_arrived()))/>
                </div>
            </form>
        </div>
    }
}

/// What is being sent, or why it was not.
#[component]
fn SendingState(sending: RwSignal<Sending>, on_ask: Callback<()>) -> impl IntoView {
    let is_uploading = Memo::new(move |_| sending.with(|sending| matches!(sending, Sending::Uploading(..))));
    let bytes = move |pick: fn(f64, f64) -> f64| {
        Signal::derive(move || {
            sending.with(|sending| match sending {
                Sending::Uploading(sent, total) => pick(*sent, *total),
                _ => 0.0,
            })
        })
    };
    let remark = move || {
        match sending.get() {
        Sending::Idle | Sending::Uploading(..) => ().into_any(),
        Sending::Asking => view! {
            <p role="status" class="muted">"No answer came to the upload. Asking whether the run arrived…"</p>
        }
        .into_any(),
        Sending::NotArrived => view! {
            <Hint warning=true>
                <p>"The connection was lost, and the run did not arrive. “Submit run” sends it again under the same id, so it cannot run twice."</p>
            </Hint>
        }
        .into_any(),
        Sending::Unknown(error) => view! {
            <ApiErrorPanel error=error what="find out whether the run arrived" inline=true on_retry=on_ask/>
        }
        .into_any(),
        Sending::Refused(error) => view! { <ApiErrorPanel error=error what="submit the run" inline=true/> }.into_any(),
    }
    };

    view! {
        <Show when=move || is_uploading.get()>
            <ProgressBar label="Sending" done=bytes(|sent, _| sent) total=bytes(|_, total| total)/>
        </Show>
        {remark}
    }
}

/// What is known when checks are made.
struct Facts<'a> {
    experiment: &'a ExperimentName,
    zip_bytes: Option<f64>,
    zip: Option<Result<ProjectZip, ZipFault>>,
    definition: Option<Result<RunDefinition, DefinitionError>>,
    computes: Option<Loaded<Compute>>,
    computes_failed: bool,
}

impl Facts<'_> {
    fn checks(&self) -> Vec<CheckItem> {
        vec![self.name(), self.zip(), self.definition(), self.script(), self.target()]
    }

    fn name(&self) -> CheckItem {
        let label = "The experiment has a name";
        match self.experiment.fault() {
            None => check(CheckState::Good, label, self.experiment.as_str()),
            Some(_) if self.experiment.as_str().is_empty() => check(CheckState::Pending, label, ""),
            Some(fault) => check(CheckState::Bad, label, &fault),
        }
    }

    fn zip(&self) -> CheckItem {
        let label = "The zip can be read";
        match (&self.zip, self.zip_bytes) {
            (_, Some(bytes)) if bytes > MOST_ZIP_BYTES => check(
                CheckState::Bad,
                label,
                &format!("It has {}; the service takes 300 MiB (314 MB) at most.", format_bytes(bytes)),
            ),
            (None, _) => check(CheckState::Pending, label, ""),
            (Some(Err(fault)), _) => check(CheckState::Bad, label, fault.words()),
            (Some(Ok(zip)), _) if zip.files.is_empty() => {
                check(CheckState::Bad, label, "There are no files in it.")
            }
            (Some(Ok(zip)), _) if zip.is_encrypted => {
                check(CheckState::Bad, label, "It needs a password, which the service does not have.")
            }
            (Some(Ok(zip)), _) if zip.files.len() > MOST_FILES => check(
                CheckState::Warning,
                label,
                &format!("It has {} files; the service is known to take {MOST_FILES}.", zip.files.len()),
            ),
            (Some(Ok(zip)), bytes) => {
                let files = if zip.files.len() == 1 {
                    "1 file".to_owned()
                } else {
                    format!("{} files", zip.files.len())
                };
                check(
                    CheckState::Good,
                    label,
                    &format!("{files}, {}", format_bytes(bytes.unwrap_or_default())),
                )
            }
        }
    }

    fn definition(&self) -> CheckItem {
        let label = "The run definition is JSON with a configuration";
        match &self.definition {
            None => check(CheckState::Pending, label, ""),
            Some(Err(error)) => check(CheckState::Bad, label, &error.to_string()),
            Some(Ok(_)) => check(CheckState::Good, label, ""),
        }
    }

    fn script(&self) -> CheckItem {
        let label = "The script of the definition is in the zip";
        let Some(Ok(definition)) = &self.definition else { return check(CheckState::Pending, label, "") };
        let Some(script) = &definition.script else {
            return check(CheckState::Bad, label, "The definition names no “Script”.");
        };
        let Some(Ok(zip)) = &self.zip else { return check(CheckState::Pending, label, script) };
        match zip.place_of(script) {
            ScriptPlace::Found => check(CheckState::Good, label, script),
            ScriptPlace::OtherCase(found) => check(
                CheckState::Bad,
                label,
                &format!(
                    "The definition says {script}, the zip has {found}. Upper and lower case must agree."
                ),
            ),
            ScriptPlace::InFolder(folder) => check(
                CheckState::Bad,
                label,
                &format!(
                    "{script} is in the folder {folder}. Zip what is in the folder, or write {folder}/{script} in the definition."
                ),
            ),
            ScriptPlace::Missing => check(CheckState::Bad, label, &format!("{script} is not in the zip.")),
        }
    }

    fn target(&self) -> CheckItem {
        let label = "The compute is there and takes runs";
        let Some(Ok(definition)) = &self.definition else { return check(CheckState::Pending, label, "") };
        let Some(target) = &definition.target else {
            return check(CheckState::Bad, label, "The definition names no “Target”.");
        };
        let Some(computes) = &self.computes else {
            return if self.computes_failed {
                check(CheckState::Warning, label, &format!("Whether there is a {target} could not be asked."))
            } else {
                check(CheckState::Pending, label, target)
            };
        };
        let found = computes.items().find(|compute| compute.name.as_str().eq_ignore_ascii_case(target));
        match found.map(Compute::state) {
            Some(ComputeState::Usable) => check(CheckState::Good, label, target),
            Some(ComputeState::NotNow(state)) => check(
                CheckState::Warning,
                label,
                &format!("{target} is {state}; the run waits until it is ready."),
            ),
            Some(ComputeState::Failed) => {
                check(CheckState::Bad, label, &format!("{target} could not be made; nothing runs on it."))
            }
            Some(ComputeState::NotForRuns) => {
                check(CheckState::Bad, label, &format!("{target} is of a kind that takes no runs."))
            }
            None if computes.has_more() => check(
                CheckState::Warning,
                label,
                &format!("{target} is not among the first {} computes.", computes.len()),
            ),
            None => {
                check(CheckState::Bad, label, &format!("There is no compute {target}. {}", names(computes)))
            }
        }
    }
}

fn names(computes: &Loaded<Compute>) -> String {
    let usable: Vec<&str> = computes
        .items()
        .filter(|compute| compute.state() == ComputeState::Usable)
        .map(|compute| compute.name.as_str())
        .take(5)
        .collect();
    if usable.is_empty() {
        "None in this workspace takes runs now.".to_owned()
    } else {
        format!("These take runs: {}.", usable.join(", "))
    }
}

fn check(state: CheckState, label: &str, detail: &str) -> CheckItem {
    CheckItem { state, label: label.to_owned(), detail: detail.to_owned() }
}

const EXAMPLE_SCRIPT: &str = "import sys\n\nprint(\"Hello from Azure Machine Learning\", *sys.argv[1:])\n";

fn example_definition(target: &str) -> String {
    let definition = serde_json::json!({
        "configuration": {
            "script": "hello.py",
            "arguments": ["234"],
            "framework": "Python",
            "communicator": "None",
            "target": target,
            "maxRunDurationSeconds": 1200,
            "nodeCount": 1,
            "environment": {
                "python": {
                    "interpreterPath": "python",
                    "userManagedDependencies": false,
                    "condaDependencies": {
                        "name": "project_environment",
                        "dependencies": ["python=3.8", { "pip": ["azureml-defaults"] }],
                    },
                },
                "docker": { "baseImage": "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04" },
            },
            "history": { "outputCollection": true },
        },
    });
    serde_json::to_string_pretty(&definition).unwrap_or_default()
}

/// Reads the table of contents of a zip from its end; the rest stays where it is.
async fn read_zip(file: &File) -> Result<ProjectZip, ZipFault> {
    let size = file.size() as u64;
    let head = read_bytes(file, 0, size.min(4)).await;
    let mut from = size.saturating_sub(FIRST_WINDOW);
    // The directory, and the two records of a zip64 that point to it, are each in sight after one more look.
    for _ in 0..4 {
        let window = read_bytes(file, from, size).await;
        match ProjectZip::read(&head, &window, from + window.len() as u64)? {
            Step::Done(zip) => return Ok(zip),
            Step::From(earlier) => from = earlier,
        }
    }
    Err(ZipFault::Damaged)
}

async fn read_bytes(file: &File, from: u64, to: u64) -> Vec<u8> {
    let Ok(slice) = file.slice_with_f64_and_f64(from as f64, to as f64) else { return Vec::new() };
    match JsFuture::from(slice.array_buffer()).await {
        Ok(buffer) => js_sys::Uint8Array::new(&buffer).to_vec(),
        // The file is gone, or may not be read; it then looks cut off, which is what it is.
        Err(_) => Vec::new(),
    }
}

async fn read_text(file: &File) -> String {
    JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn file_of(name: &str, bytes: &[u8]) -> Option<File> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    File::new_with_u8_array_sequence(parts.unchecked_ref::<JsValue>(), name).ok()
}

fn random() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFINITION: &str = r#"{"Configuration":{"Script":"hello.py","Target":"cpu-compute"}}"#;

    fn states(facts: &Facts<'_>) -> Vec<CheckState> {
        facts.checks().into_iter().map(|check| check.state).collect()
    }

    fn good(experiment: &ExperimentName) -> Facts<'_> {
        let computes = r#"[{"name":"cpu-compute","properties":{"computeType":"AmlCompute","provisioningState":"Succeeded"}},
            {"name":"broken","properties":{"computeType":"AmlCompute","provisioningState":"Failed"}},
            {"name":"young","properties":{"computeType":"AmlCompute","provisioningState":"Creating"}}]"#;
        Facts {
            experiment,
            zip_bytes: Some(1_000.0),
            zip: Some(Ok(ProjectZip { files: vec!["hello.py".to_owned()], ..ProjectZip::default() })),
            definition: Some(RunDefinition::parse(DEFINITION)),
            computes: Some(Loaded::whole(serde_json::from_str(computes).unwrap())),
            computes_failed: false,
        }
    }

    fn detail(facts: &Facts<'_>, index: usize) -> (CheckState, String) {
        let check = facts.checks().swap_remove(index);
        (check.state, check.detail)
    }

    #[test]
    fn what_is_in_order_is_ready() {
        let experiment = ExperimentName::from("e");
        assert_eq!(states(&good(&experiment)), [CheckState::Good; 5]);
    }

    #[test]
    fn what_is_missing_waits_and_what_is_wrong_blocks() {
        let empty = ExperimentName::from("");
        let nothing = Facts {
            experiment: &empty,
            zip_bytes: None,
            zip: None,
            definition: None,
            computes: None,
            computes_failed: false,
        };
        assert_eq!(states(&nothing), [CheckState::Pending; 5]);
        let spaced = ExperimentName::from("my experiment");
        assert_eq!(detail(&good(&spaced), 0).0, CheckState::Bad);
    }

    #[test]
    fn the_script_must_be_where_the_definition_says() {
        let experiment = ExperimentName::from("e");
        let with = |file: &str| {
            let zip = ProjectZip { files: vec![file.to_owned()], ..ProjectZip::default() };
            detail(&Facts { zip: Some(Ok(zip)), ..good(&experiment) }, 3)
        };
        assert_eq!(with("hello.py").0, CheckState::Good);
        assert_eq!(with("other.py"), (CheckState::Bad, "hello.py is not in the zip.".to_owned()));
        assert!(with("project/hello.py").1.contains("in the folder project"));
        assert!(with("Hello.py").1.contains("Upper and lower case"));
    }

    #[test]
    fn the_target_must_take_runs() {
        let experiment = ExperimentName::from("e");
        let with = |target: &str| {
            let definition = RunDefinition::parse(&DEFINITION.replace("cpu-compute", target));
            detail(&Facts { definition: Some(definition), ..good(&experiment) }, 4)
        };
        assert_eq!(with("CPU-Compute").0, CheckState::Good);
        assert_eq!(with("young").0, CheckState::Warning);
        assert_eq!(with("broken").0, CheckState::Bad);
        assert_eq!(
            with("nowhere"),
            (CheckState::Bad, "There is no compute nowhere. These take runs: cpu-compute.".to_owned())
        );
        let unasked = Facts { computes: None, computes_failed: true, ..good(&experiment) };
        assert_eq!(detail(&unasked, 4).0, CheckState::Warning);
    }

    #[test]
    fn a_zip_over_the_limit_is_refused_before_it_is_read() {
        let experiment = ExperimentName::from("e");
        let facts = Facts { zip: None, zip_bytes: Some(MOST_ZIP_BYTES + 1.0), ..good(&experiment) };
        assert_eq!(detail(&facts, 1).0, CheckState::Bad);
    }

    #[test]
    fn the_example_is_in_order() {
        let definition = RunDefinition::parse(&example_definition("gpu-cluster")).unwrap();
        assert_eq!(
            (definition.script.as_deref(), definition.target.as_deref()),
            (Some("hello.py"), Some("gpu-cluster"))
        );
    }
}
