//! One run.

mod file_download;
mod file_failure;
mod logs;
mod metrics;
mod outputs;
mod progress;

use azimuth_api::{
    ApiError, ExperimentName, GetRun, GetRunDetails, Refusal, Run, RunDefinition, RunDetails, RunId,
    RunStatus, WorkspaceId,
};
use leptos::either::Either;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::client::Client;
use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::button::{CopyButton, Identifier, Tab, Tabs};
use crate::components::clock_time::clock_time;
use crate::components::facts::{Fact, Facts};
use crate::components::format::format_duration;
use crate::components::header::PageTitle;
use crate::components::panel::{ErrorPanel, Hint};
use crate::components::run_duration::RunDuration;
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::stages::{Stage, Stages};
use crate::components::time::RelativeTime;
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::pages::run::logs::LogsTab;
use crate::pages::run::metrics::MetricsTab;
use crate::pages::run::outputs::OutputsTab;
use crate::pages::run::progress::{
    RunStage, SeenStatus, StageTime, refresh_after, see, stages, tab_title, what_happens,
};
use crate::query::{Query, Shown, query};
use crate::route::{Location, Route, WorkspaceRoute};

/// How it is, how far it has come, why it failed, what it is, and what it was told to do.
#[component]
pub fn RunPage(workspace: WorkspaceId, experiment: ExperimentName, run: RunId) -> impl IntoView {
    let question = GetRun { workspace: workspace.clone(), experiment: experiment.clone(), run: run.clone() };
    let details =
        GetRunDetails { workspace: workspace.clone(), experiment: experiment.clone(), run: run.clone() };
    let run_query =
        query(move || question.clone()).refresh(|run| refresh_after(run, js_sys::Date::now() as i64));
    let id = run.to_string();
    let place = StoredValue::new(Place { workspace, experiment, run });
    let own_id = id.clone();
    let heading = Memo::new(move |_| {
        let label = run_query.with(|run| run.and_then(|run| run.label().map(str::to_owned)));
        label.unwrap_or_else(|| own_id.clone())
    });
    let title = Memo::new(move |_| run_query.with(|run| run.map(tab_title)).unwrap_or_else(|| id.clone()));
    use_title(title);
    let navigation = expect_context::<Navigation>();
    let tab = navigation.parameter("tab");
    let part = Memo::new(move |_| tab.with(|tab| RunPart::named(tab)));
    let tabs = Memo::new(move |_| {
        let location = navigation.location().get();
        RunPart::ALL.map(|each| each.tab(&location, part.get())).to_vec()
    });

    view! {
        <div class="page">
            <PageTitle title=heading/>
            <Load query=run_query what="the run" rows=6 let:run>
                <StatusLine run=run query=run_query/>
                <FailureOf run=run/>
                <Tabs label="Run" tabs=tabs/>
                {
                    let details = details.clone();
                    move || match part.get() {
                        RunPart::Overview => view! {
                            <div class="columns">
                                <Definition details=details.clone()/>
                                <RunFacts run=run place=place/>
                            </div>
                        }
                        .into_any(),
                        RunPart::Metrics => view! { <MetricsTab run=run place=place/> }.into_any(),
                        RunPart::Logs => view! { <LogsTab run=run place=place/> }.into_any(),
                        RunPart::Outputs => view! { <OutputsTab run=run place=place/> }.into_any(),
                    }
                }
            </Load>
            <NotThereYet query=run_query/>
        </div>
    }
}

/// A part of the page, `tab` in its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunPart {
    Overview,
    Metrics,
    Logs,
    Outputs,
}

impl RunPart {
    const ALL: [Self; 4] = [Self::Overview, Self::Metrics, Self::Logs, Self::Outputs];

    fn name(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Outputs => "outputs",
        }
    }

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|part| part.name() == name).unwrap_or(Self::Overview)
    }

    fn tab(self, location: &Location, current: Self) -> Tab {
        let label = match self {
            Self::Overview => "Overview",
            Self::Metrics => "Metrics",
            Self::Logs => "Logs",
            Self::Outputs => "Outputs",
        };
        let name = Some(self.name()).filter(|name| !name.is_empty());
        // What is chosen in one part means nothing in another.
        let address = Location::new(location.demo, location.route.clone()).with_parameter("tab", name);
        Tab { label: label.to_owned(), href: address.href(), current: self == current }
    }
}

/// Which run it is.
#[derive(Clone)]
struct Place {
    workspace: WorkspaceId,
    experiment: ExperimentName,
    run: RunId,
}

impl Place {
    fn route(&self, part: WorkspaceRoute) -> Route {
        Route::Workspace(self.workspace.clone(), part)
    }
}

/// Why a run may be missing although its address is right.
#[component]
fn NotThereYet(query: Query<Run>) -> impl IntoView {
    let is_demo = expect_context::<Client>().session().is_demo();
    let error = query.error();
    let is_missing = Memo::new(move |_| {
        let refused =
            error.with(|error| error.as_ref().and_then(ApiError::refusal).is_some_and(is_without_run));
        refused && !query.has_value()
    });

    view! {
        <Show when=move || is_missing.get()>
            <Hint>
                <p>"A run that was just handed in can take a few seconds to appear. Try again in a moment."</p>
                {is_demo.then(|| view! {
                    <p>"The demo begins anew each time the page is loaded, so a run handed in before that is gone."</p>
                })}
            </Hint>
        </Show>
    }
}

/// Whether the run is what is missing, and not the workspace or what holds it: those are said to be by their names.
fn is_without_run(refusal: &Refusal) -> bool {
    refusal.status == 404 && !refusal.exact_code().is_some_and(|code| code.ends_with("NotFound"))
}

/// How the run is, in words, and how far it has come.
#[component]
fn StatusLine(run: Shown<Run>, query: Query<Run>) -> impl IntoView {
    let now = use_now();
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    let updated = query.updated();
    let seen = Memo::new(move |known: Option<&Vec<SeenStatus>>| {
        let known = known.map(Vec::as_slice).unwrap_or_default();
        let at = updated.get_untracked().unwrap_or_default() as i64;
        see(known, &status.get(), at)
    });
    let sentence = Memo::new(move |_| run.with(|run| seen.with(|seen| what_happens(run, seen))));
    let stages = Memo::new(move |_| {
        // A run that is over needs no clock, only to know which day it is.
        let is_over = status.with(RunStatus::is_finished);
        let now = if is_over { now.get_untracked() } else { now.get() };
        let stages = run.with(|run| seen.with(|seen| stages(run, seen, now as i64)));
        stages.into_iter().map(|stage| shown_stage(stage, now)).collect::<Vec<_>>()
    });
    let pausable = Signal::derive(move || !status.with(RunStatus::is_finished));

    view! {
        <section class="run-line" aria-label="Status">
            <div class="stack tight">
                <div class="toolbar">
                    <span role="status"><RunStatusBadge status=status/></span>
                    <Freshness query=query pausable=pausable/>
                </div>
                <p>{sentence}</p>
            </div>
            <Stages stages=stages/>
        </section>
    }
}

/// A stage in words. Times that the page saw itself say so. An amount stays on one line with its unit.
fn shown_stage(stage: RunStage, now: f64) -> Stage {
    let time = stage.begin.map(|begin| match begin {
        StageTime::Exact(time) => clock_time(time as f64, now),
        StageTime::Seen(time) => format!("seen\u{a0}{}", clock_time(time as f64, now)),
    });
    let duration = stage.length.map(|length| {
        let words = format_duration(length.milliseconds as f64).replace(' ', "\u{a0}");
        if length.exact { words } else { format!("about\u{a0}{words}") }
    });
    Stage { plain: stage.plain.to_owned(), word: stage.word, state: stage.state, time, duration }
}

/// Why the run failed, in the service's words and with what to do.
#[component]
fn FailureOf(run: Shown<Run>) -> impl IntoView {
    let failure = Memo::new(move |_| run.with(Run::failure));

    move || {
        failure.get().map(|failure| {
            let code = failure.exact_code().map(str::to_owned);
            let outer = failure.code.clone().filter(|outer| code.as_ref() != Some(outer));
            let mut details: Vec<(String, String)> =
                [("Code", outer), ("About", failure.target), ("Request id", failure.request_id)]
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                    .collect();
            details.extend(failure.details.into_iter().map(|detail| {
                (if detail.code.is_empty() { "Also".to_owned() } else { detail.code }, detail.message)
            }));
            let what_to_do = what_to_do(code.as_deref()).to_owned();
            view! {
                <ErrorPanel
                    title="The run did not work"
                    message=failure.message
                    what_to_do=Some(what_to_do)
                    code=code
                    details=details
                />
            }
        })
    }
}

/// What helps against a failure; who made it is what its code tells.
fn what_to_do(code: Option<&str>) -> &'static str {
    match code {
        Some(code) if code.contains("User") => {
            "The cause is in the script, its arguments or its packages. Correct it and hand in a new run."
        }
        Some(code) if code.contains("Service") || code.contains("System") || code.contains("Internal") => {
            "The service failed, not the script. Hand the run in again; if it stays, give its id to Azure support."
        }
        _ => "Correct what the message names and hand in a new run.",
    }
}

/// What the run is.
#[component]
fn RunFacts(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let href = move |part: fn(&Place, &Run) -> Option<WorkspaceRoute>| {
        let part = run.with(|run| place.with_value(|place| part(place, run)));
        part.map(|part| navigation.href(place.with_value(|place| place.route(part))))
    };
    let experiment = place.with_value(|place| place.experiment.to_string());
    let runs = place
        .with_value(|place| navigation.href(place.route(WorkspaceRoute::Runs(place.experiment.clone()))));
    let compute = Memo::new(move |_| {
        let name = run.with(|run| run.target.clone()).filter(|name| !name.is_empty())?;
        // A run on one's own machine has no compute in the workspace.
        let href = (name != "local")
            .then(|| href(|_, run| Some(WorkspaceRoute::Compute(run.target.clone()?.into()))))
            .flatten();
        Some((name, href))
    });
    let parent = Memo::new(move |_| {
        let id = run.with(|run| run.parent_run_id.clone())?;
        let href = href(|place, run| {
            Some(WorkspaceRoute::Run(place.experiment.clone(), run.parent_run_id.clone()?))
        });
        Some((id.to_string(), href))
    });
    let id = Signal::derive(move || run.with(|run| run.run_id.to_string()));
    let user =
        Memo::new(move |_| run.with(|run| run.created_by.as_ref().and_then(|user| user.user_name.clone())));
    let tags = Memo::new(move |_| run.with(|run| owned_pairs(run.user_tags())));
    let properties = Memo::new(move |_| run.with(|run| owned_pairs(own_properties(run))));
    let system = Memo::new(move |_| run.with(|run| owned_pairs(system_values(run))));
    let started = move || {
        let begins = run.with(|run| run.start_time_utc);
        begins.map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> })
    };
    let created = move || {
        let made = run.with(|run| run.created_utc);
        made.map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> })
    };
    let ended = move || {
        let over = run.with(|run| run.end_time_utc);
        over.map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> })
    };

    view! {
        <section class="section" aria-label="Facts">
            <h2>"Facts"</h2>
            <Facts>
                <Fact name="Id"><Identifier value=id length=24/></Fact>
                <Fact name="Experiment"><a href=runs><bdi>{experiment}</bdi></a></Fact>
                {move || compute.get().map(|(name, href)| view! { <Fact name="Compute"><MaybeLink text=name href=href/></Fact> })}
                {move || user.get().map(|user| view! { <Fact name="Submitted by"><bdi>{user}</bdi></Fact> })}
                <Fact name="Created">{created}</Fact>
                {move || started().map(|time| view! { <Fact name="Started">{time}</Fact> })}
                {move || ended().map(|time| view! { <Fact name="Ended">{time}</Fact> })}
                <Fact name="Duration"><RunDuration run=Signal::from(run) now=now/></Fact>
                <OptionalFact name="Run number" value=move || run.with(|run| run.run_number.map(|number| number.to_string()))/>
                <OptionalFact name="Script" value=move || run.with(|run| run.script_name.clone()) code=true/>
                <OptionalFact name="Type" value=move || run.with(|run| run.run_type.clone())/>
                <OptionalFact name="Description" value=move || run.with(|run| run.description.clone())/>
                {move || parent.get().map(|(id, href)| view! { <Fact name="Part of"><MaybeLink text=id href=href/></Fact> })}
                <Show when=move || !tags.with(Vec::is_empty)>
                    <Fact name="Tags"><Tags tags=tags/></Fact>
                </Show>
            </Facts>
            <Show when=move || !properties.with(Vec::is_empty)>
                <h3>"Properties"</h3>
                <Pairs pairs=properties/>
            </Show>
            <Show when=move || !system.with(Vec::is_empty)>
                <details class="folded">
                    <summary>{move || format!("Set by the service ({})", system.with(Vec::len))}</summary>
                    <Pairs pairs=system/>
                </details>
            </Show>
        </section>
    }
}

/// A fact that is not there where it is not known.
#[component]
fn OptionalFact(
    #[prop(into)] name: String,
    value: impl Fn() -> Option<String> + Send + Sync + 'static,
    /// Sets the value in monospace.
    #[prop(optional)]
    code: bool,
) -> impl IntoView {
    let value = Memo::new(move |_| value().filter(|value| !value.is_empty()));
    move || {
        let name = name.clone();
        value.get().map(|value| view! { <Fact name=name><bdi class:code=code>{value}</bdi></Fact> })
    }
}

#[component]
fn MaybeLink(text: String, href: Option<String>) -> impl IntoView {
    match href {
        Some(href) => Either::Left(view! { <a href=href><bdi>{text}</bdi></a> }),
        None => Either::Right(view! { <bdi>{text}</bdi> }),
    }
}

/// Names as the service writes them, and their values.
#[component]
fn Pairs(#[prop(into)] pairs: Signal<Vec<(String, String)>>) -> impl IntoView {
    let facts = move || {
        pairs
            .get()
            .into_iter()
            .map(|(name, value)| view! { <Fact name=name><span class="code">{value}</span></Fact> })
            .collect::<Vec<_>>()
    };
    view! { <div class="run-pairs"><Facts>{facts}</Facts></div> }
}

/// What the run was told to do. It is asked for once: it never changes, and the service is slow to give it.
#[component]
fn Definition(details: GetRunDetails) -> impl IntoView {
    let details = query(move || details.clone());

    view! {
        <section class="section" aria-label="Definition">
            <h2>"Definition"</h2>
            <Load query=details what="the definition" rows=4 let:details>
                {move || match details.with(|details: &RunDetails| details.run_definition.clone()) {
                    Some(definition) => Either::Left(view! { <DefinitionView definition=definition/> }),
                    None => Either::Right(view! {
                        <p class="muted">"The service does not say what this run was told to do."</p>
                    }),
                }}
            </Load>
        </section>
    }
}

#[component]
fn DefinitionView(definition: Value) -> impl IntoView {
    let text = serde_json::to_string_pretty(&definition).unwrap_or_default();
    let facts: Vec<_> = definition_facts(&definition)
        .into_iter()
        .map(|(name, value)| view! { <Fact name=name><span class="code">{value}</span></Fact> })
        .collect();

    view! {
        <Facts>{facts}</Facts>
        <details class="folded">
            <summary>"All of it, as JSON"</summary>
            <div class="stack tight">
                <div><CopyButton text=text.clone() label="Copy the definition"/></div>
                <pre class="log" role="region" aria-label="Run definition" tabindex="0">{text}</pre>
            </div>
        </details>
    }
}

/// What most readers look for in a definition.
fn definition_facts(definition: &Value) -> Vec<(&'static str, String)> {
    // The service gives the inner part of what was handed in.
    let whole = json!({ "configuration": definition }).to_string();
    let Ok(read) = RunDefinition::parse(&whole) else { return Vec::new() };
    let text = |pointer: &str| {
        definition.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let arguments = (!read.arguments.is_empty()).then(|| read.arguments.join(" "));
    let limit = read.max_run_duration_seconds.map(|seconds| format_duration(seconds as f64 * 1_000.0));
    [
        ("Script", read.script),
        ("Arguments", arguments),
        ("Compute", read.target),
        ("Computers", read.node_count.map(|count| count.to_string())),
        ("Time limit", limit),
        ("Environment", text("/environment/name")),
        ("Image", text("/environment/docker/baseImage")),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// Whether a property or a tag is the service's own.
fn is_system(name: &str) -> bool {
    const NAMES: [&str; 3] = ["ContentSnapshotId", "ProcessInfoFile", "ProcessStatusFile"];
    let lower = name.to_ascii_lowercase();
    ["_azureml", "azureml.", "_aml_", "mlflow."].iter().any(|prefix| lower.starts_with(prefix))
        || NAMES.contains(&name)
}

fn own_properties(run: &Run) -> impl Iterator<Item = (&str, &str)> {
    let all = run.properties.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    all.filter(|(name, _)| !is_system(name))
}

/// The properties and tags that the service set.
fn system_values(run: &Run) -> impl Iterator<Item = (&str, &str)> {
    let tags = run.tags.iter().filter(|(name, _)| !run.user_tags().any(|(user, _)| user == name.as_str()));
    let properties = run.properties.iter().filter(|(name, _)| is_system(name));
    properties.chain(tags).map(|(name, value)| (name.as_str(), value.as_str()))
}

fn owned_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_read_as_the_service_gives_it() {
        let details: Value =
            serde_json::from_str(include_str!("../../crates/simulator/samples/history_run_details.json"))
                .unwrap();
        assert_eq!(
            definition_facts(&details["runDefinition"]),
            [
                ("Script", "hello.py".to_owned()),
                ("Arguments", "234".to_owned()),
                ("Compute", "cpu-compute".to_owned()),
                ("Computers", "1".to_owned()),
                ("Time limit", "20 m 00 s".to_owned()),
                ("Environment", "Experiment my-first-experiment Environment".to_owned()),
                ("Image", "mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04".to_owned()),
            ]
        );
        assert_eq!(definition_facts(&Value::Null), []);
    }

    #[test]
    fn what_the_service_set_is_told_from_what_people_set() {
        let run: Run = serde_json::from_str(
            r#"{"runId":"r","status":"Running","tags":{"_aml_system_x":"1","team":"vision"},
                "properties":{"azureml.git.branch":"main","ContentSnapshotId":"5b","recipe":"rye"}}"#,
        )
        .unwrap();
        assert_eq!(owned_pairs(own_properties(&run)), [("recipe".to_owned(), "rye".to_owned())]);
        let system: Vec<_> = system_values(&run).map(|(name, _)| name).collect();
        assert_eq!(system, ["ContentSnapshotId", "azureml.git.branch", "_aml_system_x"]);
    }

    #[test]
    fn a_missing_run_is_told_from_a_missing_subscription() {
        let refusal =
            |status, code: &str| Refusal { status, code: Some(code.to_owned()), ..Refusal::default() };
        assert!(is_without_run(&refusal(404, "UserError")));
        assert!(!is_without_run(&refusal(404, "SubscriptionNotFound")));
        assert!(!is_without_run(&refusal(403, "UserError")));
    }

    #[test]
    fn a_failure_says_whose_turn_it_is() {
        assert!(what_to_do(Some("UserError")).contains("script"));
        assert!(what_to_do(Some("ServiceError")).contains("Azure support"));
        assert!(what_to_do(None).contains("new run"));
    }
}
