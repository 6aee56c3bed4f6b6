//! Erasing: what is chosen, the plan, the name to type, how it goes, and the receipt.

mod course;
mod plan;

use std::collections::{BTreeMap, BTreeSet};

use azimuth_api::{ApiError, GetWorkspace, WorkspaceId};
use futures::future::{AbortHandle, abortable, join_all};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::background::{self, Background, Told};
use crate::client::Client;
use crate::components::focus::keep_focus;
use crate::components::format::{format_count, lower_case};
use crate::components::panel::{EmptyState, ErrorPanel, Hint, Loading};
use crate::components::rows::Rows;
use crate::components::table::{FilterBox, TableFrame};
use crate::erase::inventory::{self, Found};
use crate::erase::journal::Course;
use crate::erase::order;
use crate::erase::plan::{Kind, Planned, Thing};
use crate::erase::work::{Activity, Erasure, Stage};
use crate::load::{ApiErrorPanel, Load};
use crate::pages::data::erase::course::CourseView;
use crate::pages::data::erase::plan::PlanView;
use crate::private_files::PrivateFilesError;
use crate::query::query;
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::Moment;

/// Erases what was chosen, or goes on with what was begun.
#[component]
pub fn EraseTab(workspace: WorkspaceId) -> impl IntoView {
    let erasure = Erasure::of(&workspace);
    let stage = erasure.stage();
    keep_focus(move || stage.get() != Stage::Looking);
    tell_of(erasure, &workspace);
    let again = move |_| erasure.find();
    let content = move || {
        let workspace = workspace.clone();
        match stage.get() {
            Stage::Looking => view! { <Loading what="what was begun before"/> }.into_any(),
            Stage::None => view! { <Choosing erasure=erasure workspace=workspace/> }.into_any(),
            Stage::There => view! { <CourseView erasure=erasure workspace=workspace/> }.into_any(),
            Stage::Elsewhere => view! {
                <Hint>
                    <p>"Another tab has erasing open for this workspace. One tab does that at a time: go on there, or close it first."</p>
                    <div><button type="button" class="button" on:click=again>"Look again"</button></div>
                </Hint>
            }
            .into_any(),
            Stage::Impossible(error) => {
                let (message, what_to_do) = impossible(&error);
                view! {
                    <ErrorPanel title="Nothing can be erased from here" message=message what_to_do=Some(what_to_do.to_owned())>
                        <button type="button" class="button" on:click=again>"Try again"</button>
                    </ErrorPanel>
                }
                .into_any()
            }
            Stage::Damaged(words) => view! {
                <ErrorPanel
                    title="What was kept of an erasure cannot be read"
                    message="A file that this browser keeps for the page is damaged. Without it nothing goes on, and there is no receipt of what was done."
                    details=vec![("Reason".to_owned(), words)]
                >
                    <button type="button" class="button" on:click=move |_| erasure.remove()>"Remove it"</button>
                </ErrorPanel>
            }
            .into_any(),
        }
    };

    view! { <div class="erase stack">{content}</div> }
}

/// Says above other pages how it goes.
fn tell_of(erasure: Erasure, workspace: &WorkspaceId) {
    let session = expect_context::<Client>().session().kind();
    let page = Location::new(session, Route::Workspace(workspace.clone(), WorkspaceRoute::Data));
    let page = page.with_parameter("tab", Some("erase"));
    expect_context::<Background>().tell_of(page, format!("Erasing in {}", workspace.name), || {
        let (course, activity) = (erasure.course(), erasure.activity());
        Signal::derive(move || course.with(|course| activity.with(|activity| told(course, activity))))
    });
}

/// What other pages say of it.
fn told(course: &Course, activity: &Activity) -> Told {
    let is_over = course.ended().is_some();
    let (stage, words) = match activity {
        Activity::Idle if is_over => (background::Stage::Over, "over; its receipt is there"),
        Activity::Idle => return Told::default(),
        // Nothing was begun, and its page says why.
        Activity::NotNoted(_) if course.things().is_empty() => return Told::default(),
        Activity::Halted(_) | Activity::NotNoted(_) => (background::Stage::Held, "it does not go on"),
        Activity::NoAnswer(_) => (background::Stage::Held, "no answer comes; it is asked again"),
        _ => {
            let counts = course.counts();
            let amount = format!("{} of {}", format_count(counts.settled()), format_count(counts.all));
            return Told { stage: background::Stage::Going, amount, ..Told::default() };
        }
    };
    Told { stage, words: words.to_owned(), ..Told::default() }
}

/// Why no files can be kept, and what helps.
fn impossible(error: &PrivateFilesError) -> (&'static str, &'static str) {
    match error {
        PrivateFilesError::NoRoom => (
            "This browser gives the page no room for its journal, so an interrupted erasure could not be gone on with.",
            "Make room on the disk, or remove an export that is kept here, and try again.",
        ),
        _ => (
            "This browser keeps no private files for this page, so an interrupted erasure could not be gone on with, and there would be no receipt.",
            "Use another browser, or a window that is not private. Or delete things one by one on their own pages.",
        ),
    }
}

/// Why nothing is sent: a line of the journal was not written.
#[component]
fn NotNoted(title: &'static str, error: PrivateFilesError) -> impl IntoView {
    let message = match error {
        PrivateFilesError::NoRoom => "This browser gives the page no more room for the journal.",
        _ => "This browser did not take a line of the journal.",
    };
    let message = format!(
        "{message} Nothing is sent without it, so that it can be gone on with after an interruption."
    );
    view! { <ErrorPanel title=title message=message inline=true/> }
}

/// What is known of a kind.
#[derive(Clone, Debug, PartialEq)]
enum Listing {
    /// So many were read.
    Reading(usize),
    Failed(ApiError),
    There(Vec<Found>),
}

impl Listing {
    fn found(&self) -> &[Found] {
        match self {
            Self::There(found) => found,
            _ => &[],
        }
    }
}

/// What there is, kind by kind, and what of it is chosen. A handle.
#[derive(Clone, Copy)]
struct Choice {
    lists: RwSignal<BTreeMap<Kind, Listing>>,
    chosen: RwSignal<BTreeSet<Thing>>,
    is_whole: RwSignal<bool>,
    /// Computes that were attached are deleted with what they stand for.
    with_attached: RwSignal<bool>,
}

impl Choice {
    /// Reads all kinds, until whoever asked goes away.
    fn read(client: Client, workspace: &WorkspaceId) -> Self {
        let lists = RwSignal::new(Kind::PARTS.map(|kind| (kind, Listing::Reading(0))).into());
        let choice = Self {
            lists,
            chosen: RwSignal::default(),
            is_whole: RwSignal::new(false),
            with_attached: RwSignal::new(false),
        };
        choice.read_kinds(client, workspace, &Kind::PARTS);
        choice
    }

    fn read_kinds(self, client: Client, workspace: &WorkspaceId, kinds: &[Kind]) {
        let (kinds, workspace) = (kinds.to_vec(), workspace.clone());
        let put = move |kind, listing| {
            let _ = self.lists.try_update(|lists| lists.insert(kind, listing));
        };
        let reading = async move {
            let each = kinds.iter().map(|kind| {
                let (kind, workspace) = (*kind, &workspace);
                async move {
                    put(kind, Listing::Reading(0));
                    let told = move |count| put(kind, Listing::Reading(count));
                    match inventory::read(client, workspace, kind, &told).await {
                        Ok(found) => put(kind, Listing::There(found)),
                        Err(error) => put(kind, Listing::Failed(error)),
                    }
                }
            });
            join_all(each).await;
        };
        let (reading, handle): (_, AbortHandle) = abortable(reading);
        if Owner::current().is_some() {
            on_cleanup(move || handle.abort());
        }
        spawn_local(async move {
            let _ = reading.await;
        });
    }

    /// All that is there, by kind.
    fn all(self) -> Vec<Planned> {
        self.lists.with(|lists| {
            lists.values().flat_map(Listing::found).map(|found| found.planned.clone()).collect()
        })
    }

    /// What is chosen, in the order in which it goes.
    fn planned(self) -> Vec<Planned> {
        let with_attached = self.with_attached.get();
        let all = self.lists.with(|lists| {
            let found = lists.values().flat_map(Listing::found).filter(|found| found.obstacle.is_none());
            self.chosen.with(|chosen| {
                let is_chosen = |found: &&Found| chosen.contains(&found.planned.thing);
                found.filter(is_chosen).map(|found| found.planned.clone()).collect::<Vec<_>>()
            })
        });
        let ordered = order::in_order(&all).into_iter().map(|place| {
            let planned = all[place].clone();
            Planned { is_detached: planned.is_detached && !with_attached, ..planned }
        });
        ordered.collect()
    }

    /// Kinds that were read to their end.
    fn listed(self) -> Vec<Kind> {
        self.lists.with_untracked(|lists| {
            let there = lists.iter().filter(|(_, listing)| matches!(listing, Listing::There(_)));
            there.map(|(kind, _)| *kind).collect()
        })
    }

    fn is_reading(self) -> bool {
        self.lists.with(|lists| lists.values().any(|listing| matches!(listing, Listing::Reading(_))))
    }
}

/// What is to be erased; nothing is chosen from the start.
#[component]
fn Choosing(erasure: Erasure, workspace: WorkspaceId) -> impl IntoView {
    let client = expect_context::<Client>();
    let choice = Choice::read(client, &workspace);
    let asked = workspace.clone();
    let found = query(move || GetWorkspace { workspace: asked.clone() });
    let users = Memo::new(move |_| order::users(choice.all().iter()));
    let is_whole = choice.is_whole;
    let of_kinds = workspace.clone();
    let kinds = move || {
        let kind = |kind: Kind| view! { <KindChoice kind=kind choice=choice users=users workspace=of_kinds.clone()/> };
        Kind::PARTS.map(kind)
    };
    let name = workspace.name.to_string();

    view! {
        <p class="muted erase-intro">"Nothing is deleted before you have seen the plan and typed the name of the workspace. What is deleted is asked for again afterwards, and a receipt says what is gone, what is not, and what the service leaves behind."</p>
        <fieldset class="erase-choice">
            <legend class="visually-hidden">"What is erased"</legend>
            <label class="choice">
                <input type="radio" name="erase-what" prop:checked=move || !is_whole.get() on:change=move |_| is_whole.set(false)/>
                "Things of this workspace"
            </label>
            <label class="choice">
                <input type="radio" name="erase-what" prop:checked=move || is_whole.get() on:change=move |_| is_whole.set(true)/>
                <span>"The whole workspace "<bdi>{name}</bdi></span>
            </label>
        </fieldset>
        <Show when=move || !is_whole.get()>
            <section class="section" aria-labelledby="erase-choose">
                <h2 id="erase-choose">"Choose"</h2>
                <div class="erase-kinds">{kinds.clone()()}</div>
            </section>
        </Show>
        <Load query=found what="the workspace" let:found>
            <PlanView erasure=erasure workspace=workspace.clone() found=found choice=choice users=users/>
        </Load>
    }
}

/// The things of a kind.
#[component]
fn KindChoice(
    kind: Kind,
    choice: Choice,
    /// What is made of each thing.
    users: Memo<BTreeMap<Thing, Vec<Thing>>>,
    workspace: WorkspaceId,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let listing = Memo::new(move |_| {
        choice.lists.with(|lists| lists.get(&kind).cloned()).unwrap_or(Listing::Reading(0))
    });
    let count = Memo::new(move |_| listing.with(|listing| listing.found().len()));
    let chosen_count = Memo::new(move |_| {
        choice.chosen.with(|chosen| chosen.iter().filter(|thing| thing.kind == kind).count())
    });
    let words = move || match listing.get() {
        Listing::Reading(0) => "being listed…".to_owned(),
        Listing::Reading(count) => format!("{} so far…", format_count(count)),
        Listing::Failed(_) => "could not be listed".to_owned(),
        Listing::There(found) if found.is_empty() => "none".to_owned(),
        Listing::There(_) => match chosen_count.get() {
            0 => format_count(count.get()),
            chosen => format!("{} of {} chosen", format_count(chosen), format_count(count.get())),
        },
    };
    let is_open = RwSignal::new(false);
    let content = move || match listing.get() {
        Listing::Reading(_) => view! { <Loading what=lower_case(kind.plural())/> }.into_any(),
        Listing::Failed(error) => {
            let workspace = workspace.clone();
            let again = Callback::new(move |()| choice.read_kinds(client, &workspace, &[kind]));
            view! {
                <ApiErrorPanel error=error what=format!("list the {}", lower_case(kind.plural())) inline=true on_retry=again/>
            }
            .into_any()
        }
        Listing::There(found) if found.is_empty() => {
            view! { <p class="muted">"There are none."</p> }.into_any()
        }
        Listing::There(found) => {
            view! { <Things kind=kind found=found choice=choice users=users/> }.into_any()
        }
    };

    view! {
        <details class="erase-kind" on:toggle:target=move |event| is_open.set(event.target().has_attribute("open"))>
            <summary>
                <span class="strong">{kind.plural()}</span>
                <span class="muted" class:chosen=move || chosen_count.get() != 0>{words}</span>
            </summary>
            <div class="stack tight">{move || is_open.get().then(content.clone())}</div>
        </details>
    }
}

/// A table to choose from.
#[component]
fn Things(
    kind: Kind,
    found: Vec<Found>,
    choice: Choice,
    users: Memo<BTreeMap<Thing, Vec<Thing>>>,
) -> impl IntoView {
    // Nothing uses a service or an experiment.
    let has_users = !matches!(kind, Kind::Service | Kind::Experiment);
    let has_free = found.iter().any(|found| found.obstacle.is_none());
    let has_attached = found.iter().any(|found| found.planned.is_detached);
    let all = found.len();
    let found = StoredValue::new(found);
    let filter = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        let wanted = filter.with(|text| lower_case(text.trim()));
        found.with_value(|found| {
            let fits = |found: &&Found| {
                let Planned { name, thing, .. } = &found.planned;
                lower_case(name).contains(&wanted) || lower_case(&thing.id).contains(&wanted)
            };
            found.iter().filter(fits).cloned().collect::<Vec<_>>()
        })
    });
    let count = move || {
        let shown = shown.with(Vec::len);
        if shown == all { String::new() } else { format!("{} of {}", format_count(shown), format_count(all)) }
    };
    let chosen = choice.chosen;
    let choose_shown = move |_| {
        let free = shown.with_untracked(|shown| {
            let free = shown.iter().filter(|found| found.obstacle.is_none());
            free.map(|found| found.planned.thing.clone()).collect::<Vec<_>>()
        });
        chosen.update(|chosen| chosen.extend(free));
    };
    let choose_none = move |_| chosen.update(|chosen| chosen.retain(|thing| thing.kind != kind));
    let row = move |found: Signal<Found>| {
        let Found { planned, obstacle, created } = found.get_untracked();
        let Planned { thing, name, is_detached, .. } = planned;
        // Assets are often called alike.
        let label = match thing.id != name && kind == Kind::Asset {
            true => format!("{} {name} {}", kind.noun(), thing.id),
            false => format!("{} {name}", kind.noun()),
        };
        let names = name_and_id(name, &thing.id);
        let (of_box, of_change, of_users) = (thing.clone(), thing.clone(), thing);
        let is_chosen = Memo::new(move |_| chosen.with(|chosen| chosen.contains(&of_box)));
        let turn = move |is_on: bool| {
            chosen.update(|chosen| {
                if is_on {
                    chosen.insert(of_change.clone());
                } else {
                    chosen.remove(&of_change);
                }
            });
        };
        let used_by =
            move || users.with(|users| users.get(&of_users).map(|users| names_of(users))).unwrap_or_default();
        let remark = match obstacle {
            Some(obstacle) => format!("It {obstacle}."),
            None if is_detached => "Attached: it exists outside of the workspace.".to_owned(),
            None => String::new(),
        };
        view! {
            <tr class:selected=is_chosen>
                <td class="pick">
                    <input
                        type="checkbox"
                        aria-label=label
                        disabled=obstacle.is_some()
                        prop:checked=is_chosen
                        on:change:target=move |event| turn(event.target().checked())
                    />
                </td>
                <th scope="row" class="lead">
                    {names}
                    {(!remark.is_empty()).then(|| view! { <span class="muted small remark">{remark}</span> })}
                </th>
                <td class="meta">{created.map(|time| view! { <Moment time=time/> })}</td>
                {has_users.then(|| view! { <td class="meta used">{used_by}</td> })}
            </tr>
        }
    };

    view! {
        <div class="cluster">
            <FilterBox label=format!("Filter {}", lower_case(kind.plural())) value=filter on_input=move |text| filter.set(text) count=Signal::derive(count)/>
            {has_free.then(|| view! {
                <button type="button" class="button small" on:click=choose_shown>
                    {move || match shown.with(Vec::len) {
                        count if count == all => format!("Choose all {}", lower_case(kind.plural())),
                        _ => format!("Choose these {}", lower_case(kind.plural())),
                    }}
                </button>
                <button type="button" class="button small quiet" on:click=choose_none>
                    {format!("Choose no {}", lower_case(kind.plural()))}
                </button>
            })}
        </div>
        {has_attached.then(|| view! {
            <label class="choice">
                <input
                    type="checkbox"
                    prop:checked=choice.with_attached
                    on:change:target=move |event| choice.with_attached.set(event.target().checked())
                />
                "Delete what attached computes stand for, too"
            </label>
        })}
        <TableFrame caption=kind.plural()>
            <table class="table stacks">
                <thead>
                    <tr>
                        <th scope="col" class="pick"><span class="visually-hidden">"Chosen"</span></th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Made"</th>
                        {has_users.then(|| view! { <th scope="col">"Used by"</th> })}
                    </tr>
                </thead>
                <Rows each=shown key=|found| found.planned.thing.clone() children=row/>
            </table>
        </TableFrame>
        <Show when=move || shown.with(Vec::is_empty)>
            <EmptyState title="Nothing fits the filter" text="Another word may."/>
        </Show>
    }
}

/// A name, and the id where it is another.
fn name_and_id(name: String, id: &str) -> impl IntoView + use<> {
    let id = (id != name).then(|| id.to_owned());
    view! { <bdi>{name}</bdi>{id.map(id_line)} }
}

/// An id, small, in a line of its own.
fn id_line(id: String) -> impl IntoView {
    view! { <span class="id muted small"><bdi>{id}</bdi></span> }
}

/// "Service loaves, Image loaves:2".
fn names_of(things: &[Thing]) -> String {
    let names: Vec<String> =
        things.iter().map(|thing| format!("{} {}", lower_case(thing.kind.noun()), thing.id)).collect();
    names.join(", ")
}
