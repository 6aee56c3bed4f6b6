//! What a run is, and what it was told to do.

use azimuth_api::{ChangeRun, GetRunDetails, Run, RunDefinition, RunDetails, RunEdit};
use leptos::either::Either;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{Expected, Plan, Target, change};
use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::button::{CopyButton, Identifier};
use crate::components::facts::{Fact, Facts};
use crate::components::format::format_duration;
use crate::components::run_duration::RunDuration;
use crate::components::time::RelativeTime;
use crate::load::Load;
use crate::navigation::Navigation;
use crate::notes::{Noted, NotesEditor};
use crate::pages::run::Place;
use crate::pages::run::properties::{SourceCode, own_properties, owned_pairs, source_code};
use crate::query::{Shown, query};
use crate::route::WorkspaceRoute;
use crate::secrets::without_secrets;

/// What it was told to do, where its code comes from, and what it is.
#[component]
pub fn OverviewTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    view! {
        <div class="columns">
            <div class="stack">
                <Definition place=place/>
                <Source run=run/>
            </div>
            <div class="stack">
                <RunFacts run=run place=place/>
                <RunNotes run=run place=place/>
            </div>
        </div>
    }
}

/// What people may write about the run, and whether lists show it.
#[component]
fn RunNotes(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let noted = place
        .with_value(|place| Noted::Run(place.workspace.clone(), place.experiment.clone(), place.run.clone()));
    let name = Memo::new(move |_| run.with(|run| run.label().unwrap_or_default().to_owned()));
    let description = Memo::new(move |_| run.with(|run| run.description.clone().unwrap_or_default()));
    let tags = Memo::new(move |_| run.with(|run| owned_pairs(run.user_tags())));

    view! {
        <NotesEditor noted=noted name=name.into() description=description tags=tags>
            <Hiding run=run place=place/>
        </NotesEditor>
    }
}

/// A run cannot be deleted; this is what there is instead.
#[component]
fn Hiding(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let is_hidden = Memo::new(move |_| run.with(|run| run.hidden));
    let hiding = change(move || {
        let Place { workspace, experiment, run } = place.get_value();
        let hidden = !is_hidden.get();
        let title = if hidden { format!("Hide run {run}") } else { format!("Show run {run} in lists") };
        let target = Target::Run(workspace.clone(), experiment.clone(), run.clone());
        let expected = Expected::Values(vec![("/hidden".to_owned(), hidden.into())]);
        let edit = RunEdit { hidden: Some(hidden), ..RunEdit::default() };
        let operation = ChangeRun { workspace, experiment, run, change: edit };
        Some(Plan::new(title, &operation, target, expected))
    });
    let words = move || match is_hidden.get() {
        true => "Lists leave this run out.",
        false => {
            "The service cannot delete a run. A hidden one is left out of lists; its address still leads to it."
        }
    };
    let label = Signal::derive(move || if is_hidden.get() { "Show in lists" } else { "Hide run" }.to_owned());

    view! {
        <div class="stack tight">
            <p class="muted">{words}</p>
            <ChangeButton change=hiding label=label/>
            <RequestFold change=hiding/>
        </div>
    }
}

/// The repository, where the run tells of one.
#[component]
fn Source(run: Shown<Run>) -> impl IntoView {
    let source = Memo::new(move |_| run.with(source_code));
    let facts = |source: SourceCode| {
        let link = source.link.clone();
        let commit_link = source.commit_link.clone();
        view! {
            <section class="section" aria-label="Source code">
                <h2>"Source code"</h2>
                <Facts>
                    {source.repository.map(|repository| view! { <Fact name="Repository"><OutwardLink text=repository href=link.clone()/></Fact> })}
                    {source.branch.map(|branch| view! { <Fact name="Branch"><bdi class="code">{branch}</bdi></Fact> })}
                    {source.commit.map(|commit| view! { <Fact name="Commit"><span class="code"><OutwardLink text=commit href=commit_link.clone()/></span></Fact> })}
                    {source.is_dirty.then(|| view! { <Fact name="Changes">"The files had changes that are in no commit."</Fact> })}
                </Facts>
            </section>
        }
    };
    move || source.get().map(facts)
}

/// A link that leads out of this page. The other site learns nothing of where one comes from.
#[component]
fn OutwardLink(text: String, href: Option<String>) -> impl IntoView {
    match href {
        Some(href) => Either::Left(
            view! { <a href=href target="_blank" rel="noopener noreferrer"><bdi>{text}</bdi></a> },
        ),
        None => Either::Right(view! { <bdi>{text}</bdi> }),
    }
}

/// What the run is.
#[component]
pub fn RunFacts(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
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
        </section>
    }
}

/// A fact that is not there where it is not known.
#[component]
pub fn OptionalFact(
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
pub fn MaybeLink(text: String, href: Option<String>) -> impl IntoView {
    match href {
        Some(href) => Either::Left(view! { <a href=href><bdi>{text}</bdi></a> }),
        None => Either::Right(view! { <bdi>{text}</bdi> }),
    }
}

/// Names as the service writes them, and their values.
#[component]
pub fn Pairs(#[prop(into)] pairs: Signal<Vec<(String, String)>>) -> impl IntoView {
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
fn Definition(place: StoredValue<Place>) -> impl IntoView {
    let question = place.with_value(|place| GetRunDetails {
        workspace: place.workspace.clone(),
        experiment: place.experiment.clone(),
        run: place.run.clone(),
    });
    let details = query(move || question.clone());

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
    let definition = without_secrets(&definition);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_read_as_the_service_gives_it() {
        let details: Value =
            serde_json::from_str(include_str!("../../../crates/simulator/samples/history_run_details.json"))
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
}
