//! The plan of an erasure: what goes in which order, what is in the way, what stays, and the name to type.

use std::collections::{BTreeMap, BTreeSet};

use azimuth_api::{Workspace, WorkspaceId};
use leptos::prelude::*;

use crate::changes::forms::{OpenButton, read_only_reason};
use crate::client::Client;
use crate::components::dialog::ModalDialog;
use crate::components::facts::{Fact, Facts};
use crate::components::field::{TextField, TextKind};
use crate::components::format::{format_count, lower_case};
use crate::components::panel::{EmptyState, Hint};
use crate::components::rows::Rows;
use crate::components::table::TableFrame;
use crate::erase::plan::{Kind, Planned, Stay, Thing, stays};
use crate::erase::receipt::Place;
use crate::erase::work::{Activity, Erasure, Head};
use crate::pages::data::erase::{Choice, Listing, NotNoted, name_and_id, names_of};
use crate::query::Shown;

/// What will be done, as long as nothing is.
#[component]
pub(super) fn PlanView(
    erasure: Erasure,
    workspace: WorkspaceId,
    found: Shown<Workspace>,
    choice: Choice,
    users: Memo<BTreeMap<Thing, Vec<Thing>>>,
) -> impl IntoView {
    let cloud = expect_context::<Client>().cloud();
    let is_whole = choice.is_whole;
    let plan = Memo::new(move |_| match is_whole.get() {
        true => vec![found.with(Planned::workspace)],
        false => choice.planned(),
    });
    // What the service refuses to delete while this is there.
    let in_the_way = Memo::new(move |_| {
        let planned = plan.get();
        let chosen: BTreeSet<&Thing> = planned.iter().map(|planned| &planned.thing).collect();
        users.with(|users| {
            let other = |thing: &Thing| {
                let all = users.get(thing).into_iter().flatten();
                let others: Vec<Thing> = all.filter(|user| !chosen.contains(user)).cloned().collect();
                (!others.is_empty()).then(|| (thing.clone(), others))
            };
            planned.iter().filter_map(|planned| other(&planned.thing)).collect::<Vec<_>>()
        })
    });
    let with_runs = Memo::new(move |_| {
        choice.lists.with(|lists| match lists.get(&Kind::Experiment) {
            Some(Listing::There(found)) => {
                Some(found.iter().filter(|found| found.obstacle.is_some()).count())
            }
            _ => None,
        })
    });
    let stays_now = Memo::new(move |_| found.with(|found| stays(found, with_runs.get(), is_whole.get())));
    let unlisted = Memo::new(move |_| {
        choice.lists.with(|lists| {
            let failed = lists.iter().filter(|(_, listing)| matches!(listing, Listing::Failed(_)));
            failed.map(|(kind, _)| lower_case(kind.plural())).collect::<Vec<_>>().join(", ")
        })
    });
    let open = RwSignal::new(false);
    let is_empty = Memo::new(move |_| plan.with(Vec::is_empty));
    let why_not = Signal::derive(move || {
        if !is_whole.get() && choice.is_reading() {
            return Some("What is there is still being listed.".to_owned());
        }
        is_empty.get().then(|| "Nothing is chosen yet.".to_owned())
    });
    let label = Signal::derive(move || button_words(&plan.read(), is_whole.get()));
    let choose_users = move |_| {
        let others = in_the_way.get_untracked().into_iter().flat_map(|(_, users)| users);
        choice.chosen.update(|chosen| chosen.extend(others));
    };
    let place = workspace.clone();
    let start = Callback::new(move |()| {
        let things = plan.get_untracked();
        let seen = choice.lists.with_untracked(|lists| {
            let found = lists.values().flat_map(Listing::found);
            found.map(|found| found.planned.thing.clone()).collect::<BTreeSet<_>>()
        });
        let place =
            found.with(|found| Place::of(place.clone(), found, cloud.word(), stays_now.get_untracked()));
        erasure.start(Head { place, seen, listed: choice.listed() }, things);
    });
    let of_dialog = workspace.clone();
    let not_noted = move || match erasure.activity().get() {
        Activity::NotNoted(error) => Some(view! { <NotNoted title="Nothing was begun" error=error/> }),
        _ => None,
    };

    view! {
        <section class="section" aria-labelledby="erase-plan">
            <h2 id="erase-plan">"Plan"</h2>
            <Show
                when=move || !is_empty.get()
                fallback=|| view! {
                    <EmptyState title="Nothing is chosen" text="Choose above what is to be erased. In which order it goes, and what stays, stands here then."/>
                }
            >
                <Show when=move || is_whole.get()>
                    <Hint warning=true>
                        <p>"With the workspace go its experiments and runs, models, assets, images and services, and its computes, also those that are working."</p>
                    </Hint>
                </Show>
                <Show when=move || !in_the_way.with(Vec::is_empty)>
                    <Hint warning=true>
                        <p>"Some of these are used by what is not chosen. The service will refuse to delete them:"</p>
                        <ul class="links">
                            {move || in_the_way.get().into_iter().take(20).map(|(thing, users)| view! {
                                <li><bdi>{names_of(&[thing])}</bdi>" is used by "<bdi>{names_of(&users)}</bdi></li>
                            }).collect::<Vec<_>>()}
                            {move || in_the_way.with(Vec::len).checked_sub(20).filter(|more| *more > 0).map(|more| view! {
                                <li>{format!("and {} more", format_count(more))}</li>
                            })}
                        </ul>
                        <div><button type="button" class="button small" on:click=choose_users>"Choose what uses them, too"</button></div>
                    </Hint>
                </Show>
                <Show when=move || !unlisted.with(String::is_empty)>
                    <Hint warning=true>
                        <p>{move || format!("Not known: whether any of the {} use what is chosen, since they could not be listed.", unlisted.get())}</p>
                    </Hint>
                </Show>
                <p>{move || plan_words(&plan.read())}</p>
                <PlanTable plan=plan/>
            </Show>
            <h3>"What the service does not delete"</h3>
            <StayTable stays=stays_now/>
            {not_noted}
            <div class="cluster">
                <OpenButton open=open label=label why_not=why_not/>
                <span class="muted small">{move || read_only_reason().map(str::to_owned).or_else(|| why_not.get())}</span>
            </div>
        </section>
        <ConfirmDialog open=open workspace=of_dialog plan=plan label=label on_confirm=start>
            <p>"This cannot be taken back."</p>
        </ConfirmDialog>
    }
}

fn button_words(plan: &[Planned], is_whole: bool) -> String {
    match plan.len() {
        _ if is_whole => "Erase the workspace".to_owned(),
        0 => "Erase".to_owned(),
        1 => "Erase 1 thing".to_owned(),
        count => format!("Erase {} things", format_count(count)),
    }
}

fn plan_words(plan: &[Planned]) -> String {
    let counts = Kind::PARTS.into_iter().chain([Kind::Workspace]).filter_map(|kind| {
        let count = plan.iter().filter(|planned| planned.thing.kind == kind).count();
        match count {
            0 => None,
            1 => Some(format!("1 {}", lower_case(kind.noun()))),
            count => Some(format!("{} {}", format_count(count), lower_case(kind.plural()))),
        }
    });
    let counts = counts.collect::<Vec<_>>().join(", then ");
    format!("In this order: {counts}. Each is looked at first, deleted, and asked for again.")
}

/// All of it, in its order.
#[component]
pub(super) fn PlanTable(#[prop(into)] plan: Signal<Vec<Planned>>) -> impl IntoView {
    let numbered = Memo::new(move |_| plan.get().into_iter().enumerate().collect::<Vec<_>>());
    let row = |row: Signal<(usize, Planned)>| {
        let (place, planned) = row.get_untracked();
        let Planned { thing, name, is_detached, .. } = planned;
        let what = match (thing.kind, is_detached) {
            (_, true) => "Detached: what it stands for stays",
            (Kind::Compute | Kind::Workspace, _) => "Deleted, which takes a while",
            _ => "Deleted",
        };
        view! {
            <tr>
                <td class="number meta" data-label="Step">{format_count(place + 1)}</td>
                <td class="meta">{thing.kind.noun()}</td>
                <th scope="row" class="lead fills">{name_and_id(name, &thing.id)}</th>
                <td class="meta">{what}</td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Steps of the plan">
            <table class="table stacks">
                <thead>
                    <tr>
                        <th scope="col" class="number">"Step"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"What is done"</th>
                    </tr>
                </thead>
                <Rows each=numbered key=|(place, planned)| (*place, planned.thing.clone(), planned.is_detached) children=row/>
            </table>
        </TableFrame>
    }
}

/// What is there afterwards, where, and who can end that.
#[component]
pub(super) fn StayTable(#[prop(into)] stays: Signal<Vec<Stay>>) -> impl IntoView {
    let rows = move || {
        let row = |Stay { what, r#where, how }: Stay| {
            view! {
                <tr>
                    <th scope="row" class="lead">{what}</th>
                    <td data-label="Where:"><bdi>{r#where}</bdi></td>
                    <td class="meta">{how}</td>
                </tr>
            }
        };
        stays.get().into_iter().map(row).collect::<Vec<_>>()
    };
    view! {
        <TableFrame caption="What stays">
            <table class="table stacks wraps stays">
                <thead>
                    <tr>
                        <th scope="col">"What stays"</th>
                        <th scope="col">"Where"</th>
                        <th scope="col">"How it ends"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableFrame>
    }
}

/// Names what goes, and wants the workspace's name typed.
#[component]
pub(super) fn ConfirmDialog(
    open: RwSignal<bool>,
    workspace: WorkspaceId,
    #[prop(into)] plan: Signal<Vec<Planned>>,
    #[prop(into)] label: Signal<String>,
    on_confirm: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let workspace = StoredValue::new(workspace);
    let is_read_only = read_only_reason().is_some();

    view! {
        <ModalDialog open=open label=label on_close=move |()| open.set(false)>
            {
                let WorkspaceId { subscription, resource_group, name } = workspace.get_value();
                let name = name.to_string();
                let typed = RwSignal::new(String::new());
                let (wanted, label_of_field) = (name.clone(), format!("Type {name} to go on"));
                let is_typed = Memo::new(move |_| typed.with(|typed| typed.trim() == wanted));
                let submit = move |event: leptos::ev::SubmitEvent| {
                    event.prevent_default();
                    if is_typed.get_untracked() && !is_read_only {
                        open.set(false);
                        on_confirm.run(());
                    }
                };
                view! {
                    <form class="stack" novalidate=true on:submit=submit>
                        <Facts>
                            <Fact name="Subscription"><bdi>{subscription.to_string()}</bdi></Fact>
                            <Fact name="Resource group"><bdi>{resource_group.to_string()}</bdi></Fact>
                            <Fact name="Workspace"><bdi>{name}</bdi></Fact>
                        </Facts>
                        <p>{move || plan_words(&plan.read())}</p>
                        {children.with_value(|children| children())}
                        <TextField label=label_of_field value=typed kind=TextKind::Code autofocus=true/>
                        <div class="cluster">
                            <button type="submit" class="button danger primary" aria-disabled=move || (!is_typed.get()).then_some("true")>
                                {label}
                            </button>
                            <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                            <span class="muted small">{move || (!is_typed.get()).then_some("The name is not typed yet.")}</span>
                        </div>
                    </form>
                }
            }
        </ModalDialog>
    }
}
