//! The parts of a run: trials of a sweep, steps of a pipeline, or whatever else it leads.

use std::time::Duration;

use azimuth_api::{Run, RunKind};
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::panel::EmptyState;
use crate::components::run_duration::RunDuration;
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::table::TableFrame;
use crate::load::{Freshness, ListFooter, Load};
use crate::navigation::Navigation;
use crate::pages::run::Place;
use crate::pages::run::trials::Trials;
use crate::query::{Loaded, Shown, list_until};
use crate::route::WorkspaceRoute;

/// How often parts are asked for while some go on.
const WHILE_THEY_RUN: Duration = Duration::from_secs(10);

/// All of them, as far as they are loaded; they are asked for again while something goes on.
#[component]
pub fn ChildrenTab(run: Shown<Run>, place: StoredValue<Place>, kind: RunKind) -> impl IntoView {
    let leads_on = Memo::new(move |_| run.with(|run| !run.status.is_finished()));
    let children = list_until(move || place.with_value(Place::children), goes_on).refresh(
        move |children: &Loaded<Run>| {
            let leads_on = leads_on.try_get_untracked().unwrap_or(false);
            (leads_on || children.items().any(goes_on)).then_some(WHILE_THEY_RUN)
        },
    );
    let query = children.query();
    let refreshes = Memo::new(move |_| {
        leads_on.get()
            || query.with(|children| children.is_some_and(|children| children.items().any(goes_on)))
    });
    let (noun, heading) = match kind {
        RunKind::Sweep => ("trials", "Trials"),
        _ => ("child runs", "Child runs"),
    };
    let table = move |loaded: Shown<Loaded<Run>>| match kind {
        RunKind::Sweep => view! { <Trials run=run place=place children=loaded/> }.into_any(),
        _ => view! { <ChildTable place=place children=loaded caption=heading/> }.into_any(),
    };

    view! {
        <section class="section">
            <div class="section-title">
                <h2>{heading}</h2>
                <Freshness query=query pausable=refreshes/>
            </div>
            <Load query=query what=format!("the {noun}") rows=6 let:loaded>
                {
                    let is_empty = Memo::new(move |_| loaded.with(Loaded::is_empty));
                    view! {
                        <Show
                            when=move || !is_empty.get()
                            fallback=move || view! {
                                <EmptyState
                                    title=format!("No {noun} yet")
                                    text=if leads_on.get() { "They appear here as soon as they are there." } else { "The run was over before it had any." }
                                />
                            }
                        >
                            {table(loaded)}
                        </Show>
                        <ListFooter list=children noun=noun/>
                    }
                }
            </Load>
        </section>
    }
}

fn goes_on(run: &Run) -> bool {
    !run.status.is_finished()
}

/// Child runs in the order in which they were made.
#[component]
fn ChildTable(
    place: StoredValue<Place>,
    children: Shown<Loaded<Run>>,
    caption: &'static str,
) -> impl IntoView {
    let runs = Memo::new(move |_| children.with(|children| children.items().cloned().collect::<Vec<Run>>()));

    view! {
        <TableFrame caption=caption>
            <table class="table stacks">
                <thead>
                    <tr>
                        <th scope="col">"Run"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="number">"Duration"</th>
                        <th scope="col">"Script"</th>
                        <th scope="col">"Compute"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || runs.get() key=|run| run.run_id.clone() let(first)>
                        <ChildRow runs=runs first=first place=place/>
                    </For>
                </tbody>
            </table>
        </TableFrame>
    }
}

#[component]
fn ChildRow(runs: Memo<Vec<Run>>, first: Run, place: StoredValue<Place>) -> impl IntoView {
    let now = use_now();
    let href = child_href(place, &first);
    let label = first.label().unwrap_or(first.run_id.as_str()).to_owned();
    let title = first.run_id.to_string();
    let id = first.run_id.clone();
    // Rows stay while what they show changes, and so does the focus in them.
    let run = Memo::new(move |known: Option<&Run>| {
        let found = runs.with(|runs| runs.iter().find(|run| run.run_id == id).cloned());
        found.or_else(|| known.cloned()).unwrap_or_else(|| first.clone())
    });
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    let text = move |pick: fn(&Run) -> Option<&String>| {
        move || run.with(|run| pick(run).cloned().unwrap_or_default())
    };

    view! {
        <tr>
            <th scope="row" class="lead fills"><a href=href title=title><bdi>{label}</bdi></a></th>
            <td class="state">
                <RunStatusBadge status=status/>
                {move || run.with(Run::is_reused).then(|| view! { " "<span class="muted small" title="An earlier result was taken; nothing ran again.">"reused"</span> })}
            </td>
            <td class="number"><RunDuration run=run now=now/></td>
            <td class="meta"><bdi>{text(|run| run.script_name.as_ref())}</bdi></td>
            <td class="meta"><bdi>{text(|run| run.target.as_ref())}</bdi></td>
        </tr>
    }
}

/// The address of a part. Its experiment is that of the run that leads it.
pub fn child_href(place: StoredValue<Place>, child: &Run) -> String {
    let navigation = expect_context::<Navigation>();
    let route =
        |place: &Place| place.route(WorkspaceRoute::Run(place.experiment.clone(), child.run_id.clone()));
    navigation.href(place.with_value(route))
}
