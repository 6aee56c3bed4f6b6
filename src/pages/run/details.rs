//! What happened to a run in order, its ids, and what the service noted of it.

use azimuth_api::{Run, RunEvent};
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::button::Identifier;
use crate::components::clock_time::clock_time;
use crate::components::facts::{Fact, Facts};
use crate::load::{Freshness, ListFooter, Load};
use crate::navigation::Navigation;
use crate::pages::run::Place;
use crate::pages::run::overview::{MaybeLink, Pairs};
use crate::pages::run::properties::{owned_pairs, system_values};
use crate::query::{ListQuery, Loaded, Shown};
use crate::route::WorkspaceRoute;

/// Everything that few look for.
#[component]
pub fn DetailsTab(run: Shown<Run>, place: StoredValue<Place>, events: ListQuery<RunEvent>) -> impl IntoView {
    let system = Memo::new(move |_| run.with(|run| owned_pairs(system_values(run))));

    view! {
        <div class="columns even">
            <Events events=events/>
            <div class="stack">
                <Identifiers run=run place=place/>
                <Show when=move || !system.with(Vec::is_empty)>
                    <section class="section" aria-label="Set by the service">
                        <h2>"Set by the service"</h2>
                        <Pairs pairs=system/>
                    </section>
                </Show>
            </div>
        </div>
    }
}

/// What happened to it, the first thing first.
#[component]
fn Events(events: ListQuery<RunEvent>) -> impl IntoView {
    let query = events.query();
    let now = use_now();
    let rows = move |loaded: Shown<Loaded<RunEvent>>| {
        let rows = move || {
            let mut events: Vec<RunEvent> = loaded.with(|loaded| loaded.items().cloned().collect());
            events.sort_by_key(|event| event.timestamp);
            events.into_iter().map(|event| view! { <EventRow event=event now=now/> }).collect::<Vec<_>>()
        };
        let is_empty = Memo::new(move |_| loaded.with(Loaded::is_empty));
        view! {
            <Show
                when=move || !is_empty.get()
                fallback=|| view! { <p class="muted">"The service tells of nothing that happened to this run."</p> }
            >
                <ol class="run-events">{rows}</ol>
                <ListFooter list=events noun="events"/>
            </Show>
        }
    };

    view! {
        <section class="section" aria-label="Events">
            <div class="section-title">
                <h2>"Events"</h2>
                <Freshness query=query pausable=false/>
            </div>
            <Load query=query what="the events" rows=4 let:loaded>{rows(loaded)}</Load>
        </section>
    }
}

#[component]
fn EventRow(event: RunEvent, now: Signal<f64>) -> impl IntoView {
    // Which day it is matters, not which second.
    let time = event
        .timestamp
        .map(|time| clock_time(time.unix_milliseconds() as f64, now.get_untracked()))
        .unwrap_or_default();
    let words = event_in_words(&event);
    let data = (!event.data.is_null()).then(|| serde_json::to_string_pretty(&event.data).unwrap_or_default());
    let name = event.name;

    view! {
        <li>
            <span class="when">{time}</span>
            <div class="stack tight">
                <p><bdi>{words}</bdi>" "<bdi class="muted small code">{name.clone()}</bdi></p>
                {data.map(|data| view! {
                    <details class="folded">
                        <summary aria-label=format!("What the service says of {name}")>"What the service says"</summary>
                        <pre class="log" role="region" aria-label=format!("Data of {name}") tabindex="0">{data}</pre>
                    </details>
                })}
            </div>
        </li>
    }
}

/// What an event means, or what it says.
fn event_in_words(event: &RunEvent) -> String {
    let said = ["message", "Message", "warning"].into_iter().find_map(|name| event.data.get(name)?.as_str());
    match (event.status(), said) {
        (Some(status), _) => status.plain().to_owned(),
        (None, Some(said)) => said.to_owned(),
        (None, None) => match event.kind() {
            "" => "Something happened".to_owned(),
            "Heartbeat" => "A sign of life".to_owned(),
            kind => kind.to_owned(),
        },
    }
}

/// The ids that other tools ask for.
#[component]
fn Identifiers(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let related = move |pick: fn(&Run) -> Option<&azimuth_api::RunId>| {
        let id = run.with(|run| pick(run).filter(|id| **id != run.run_id).cloned())?;
        let part = place.with_value(|place| WorkspaceRoute::Run(place.experiment.clone(), id.clone()));
        Some((id.to_string(), Some(navigation.href(place.with_value(|place| place.route(part))))))
    };
    let ids = move || {
        let id = |name: &'static str, value: Option<String>| {
            value
                .filter(|value| !value.is_empty())
                .map(|value| view! { <Fact name=name><Identifier value=value length=40/></Fact> })
        };
        let snapshot = |run: &Run| run.properties.get("ContentSnapshotId").cloned();
        run.with(|run| {
            view! {
                {id("Run", Some(run.run_id.to_string()))}
                {id("Experiment", run.experiment_id.clone())}
                {id("Snapshot of the code", snapshot(run))}
                {id("Container of its files", run.data_container_id.clone())}
            }
        })
    };

    view! {
        <section class="section" aria-label="Identifiers">
            <h2>"Identifiers"</h2>
            <Facts>
                {ids}
                {move || related(|run| run.parent_run_id.as_ref()).map(|(text, href)| view! { <Fact name="Part of"><MaybeLink text=text href=href/></Fact> })}
                {move || related(|run| run.root_run_id.as_ref()).map(|(text, href)| view! { <Fact name="Outermost run"><MaybeLink text=text href=href/></Fact> })}
                {move || run.with(|run| run.revision).map(|revision| view! { <Fact name="Revision">{revision}</Fact> })}
            </Facts>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_in_words() {
        let words = |text: &str| event_in_words(&serde_json::from_str(text).unwrap());
        assert_eq!(words(r#"{"name":"Microsoft.MachineLearning.Run.Start"}"#), "Working");
        assert_eq!(words(r#"{"name":"M.Run.Warning","data":{"message":"Slow disk"}}"#), "Slow disk");
        assert_eq!(words(r#"{"name":"M.Run.Sparkle"}"#), "Sparkle");
    }
}
