//! How an erasure goes, and its receipt.

use azimuth_api::WorkspaceId;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::changes::forms::read_only_reason;
use crate::client::Client;
use crate::components::badge::{StatusKind, status_badge};
use crate::components::dialog::ModalDialog;
use crate::components::download::save_text;
use crate::components::facts::{Fact, Facts};
use crate::components::focus::keep_focus;
use crate::components::format::{format_count, lower_case};
use crate::components::panel::Hint;
use crate::components::progress::ShareBar;
use crate::components::rows::Rows;
use crate::components::table::TableFrame;
use crate::erase::inventory;
use crate::erase::journal::{Counts, Course, Failure, Remaining, Standing};
use crate::erase::order;
use crate::erase::plan::{Kind, Planned, Thing};
use crate::erase::receipt::{Erased, Outcome, Receipt, SentRequest};
use crate::erase::work::{Activity, Erasure};
use crate::load::ApiErrorPanel;
use crate::pages::data::erase::plan::{ConfirmDialog, PlanTable, StayTable};
use crate::pages::data::erase::{NotNoted, id_line, name_and_id};

/// What goes on, what came of it, and what can be done about that.
#[component]
pub(super) fn CourseView(erasure: Erasure, workspace: WorkspaceId) -> impl IntoView {
    let (course, activity, head) = (erasure.course(), erasure.activity(), erasure.head());
    let counts = Memo::new(move |_| course.with(Course::counts));
    let is_busy = Memo::new(move |_| activity.with(Activity::is_busy));
    let is_stopped = Memo::new(move |_| course.with(Course::is_stopped));
    let is_over = Memo::new(move |_| !is_busy.get() && course.with(|course| course.ended().is_some()));
    let receipt = Memo::new(move |_| {
        head.with(|head| head.as_ref().map(|head| course.with(|course| Receipt::of(&head.place, course))))
    });
    let things = Memo::new(move |_| {
        receipt.with(|receipt| receipt.as_ref().map(|receipt| receipt.things.clone())).unwrap_or_default()
    });
    let title = move || match (is_over.get(), is_busy.get()) {
        (true, _) => "Receipt",
        (_, true) => "Erasing",
        _ => "An erasure that is not over",
    };
    let removing = RwSignal::new(false);
    keep_focus(move || !title().is_empty());
    let save = move |_| {
        if let Some(receipt) = receipt.get_untracked() {
            save_text(&receipt.file_name(), "application/json", &receipt.json());
        }
    };

    view! {
        <section class="section erase-course" aria-labelledby="erase-course">
            <div class="section-title">
                <h2 id="erase-course" tabindex="-1">{title}</h2>
                <Show when=move || is_over.get()>
                    <div class="cluster">
                        <button type="button" class="button primary" on:click=save>"Save the receipt as JSON"</button>
                        <button type="button" class="button" on:click=move |_| drop(window().print())>"Print"</button>
                        <button type="button" class="button danger" on:click=move |_| removing.set(true)>"Remove the receipt"</button>
                    </div>
                </Show>
            </div>
            <Progress counts=counts activity=activity is_over=is_over is_stopped=is_stopped/>
            <Show when=move || is_busy.get()>
                <div class="cluster">
                    <button
                        type="button"
                        class="button"
                        aria-disabled=move || is_stopped.get().then_some("true")
                        on:click=move |_| if !is_stopped.get_untracked() { erasure.stop() }
                    >
                        <>{move || if is_stopped.get() { "Stopping…" } else { "Stop" }}</>
                    </button>
                    <span class="muted small">
                        {move || match is_stopped.get() {
                            true => "Nothing more is sent. What was sent is followed to its end.",
                            false => "It goes on while you look at other pages of this tab.",
                        }}
                    </span>
                </div>
            </Show>
            <Remark erasure=erasure activity=activity is_over=is_over counts=counts/>
            <Show when=move || is_over.get()>
                {move || receipt.get().map(|receipt| view! { <About receipt=receipt/> })}
            </Show>
            <Show when=move || !is_busy.get()>
                <Failures erasure=erasure workspace=workspace.clone() counts=counts is_over=is_over/>
            </Show>
            <Outcomes things=things/>
            <Show when=move || is_over.get()>
                {move || receipt.get().map(|receipt| view! { <Left receipt=receipt/> })}
                <p class="muted small kept">"The receipt is kept in this browser alone, until you remove it or sign out. Another erasure of this workspace can begin then."</p>
            </Show>
        </section>
        <ModalDialog open=removing label="Remove the receipt" on_close=move |()| removing.set(false)>
            <p>"It is kept nowhere else. Save or print it first if somebody may ask for it."</p>
            <div class="cluster">
                <button type="button" class="button danger primary" on:click=move |_| { removing.set(false); erasure.remove(); }>"Remove it"</button>
                <button type="button" class="button" on:click=move |_| removing.set(false)>"Cancel"</button>
            </div>
        </ModalDialog>
    }
}

/// How many of how many.
#[component]
fn Progress(
    counts: Memo<Counts>,
    activity: Signal<Activity>,
    is_over: Memo<bool>,
    is_stopped: Memo<bool>,
) -> impl IntoView {
    let settled = move || counts.get().settled();
    let amount =
        Signal::derive(move || format!("{} of {}", format_count(settled()), format_count(counts.get().all)));
    let share = Signal::derive(move || Some(settled() as f64 / counts.get().all.max(1) as f64));
    let words = move || {
        let Counts { gone, absent, replaced, still_going, failed, under_way, waiting, .. } = counts.get();
        let parts = [
            (gone, "gone, asked for again"),
            (absent, "not there when their turn came"),
            (replaced, "gone, with something else under the name"),
            (failed, "not deleted"),
            (still_going, "still being deleted"),
            (under_way, "being deleted"),
            (waiting, "not begun"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        parts.map(|(count, words)| format!("{} {words}", format_count(count))).collect::<Vec<_>>().join("; ")
    };
    let doing = move || match activity.get() {
        Activity::Listing => "All is done. What is still there is being listed…",
        Activity::Resting => "The service asked to wait. It goes on in a moment…",
        _ if is_over.get() && is_stopped.get() && counts.get().waiting > 0 => {
            "It was stopped before it was through."
        }
        _ => "",
    };

    view! {
        <div class="erase-progress" hidden=is_over><ShareBar label="Things" amount=amount share=share/></div>
        <p role="status">{words}". "{doing}</p>
    }
}

/// Why it does not go on, and what helps.
#[component]
fn Remark(
    erasure: Erasure,
    activity: Signal<Activity>,
    is_over: Memo<bool>,
    counts: Memo<Counts>,
) -> impl IntoView {
    let resume = move |_| erasure.resume();
    let can_resume = read_only_reason().is_none();
    let go_on = move |label: &'static str| {
        view! {
            <div class="cluster">
                <button type="button" class="button primary" aria-disabled=(!can_resume).then_some("true") title=read_only_reason()
                    on:click=move |event| if can_resume { resume(event) }
                >{label}</button>
                <button type="button" class="button" on:click=move |_| erasure.end_here()>"End it here"</button>
            </div>
        }
    };
    move || {
        match activity.get() {
        Activity::NoAnswer(error) => view! {
            <Hint warning=true>
                <p>{format!("No answer comes ({}). Nothing else is sent until one does; it is asked again by itself.", lower_case(&no_answer(&error)))}</p>
            </Hint>
        }
        .into_any(),
        Activity::Halted(error) => view! {
            <ApiErrorPanel error=error what="go on" inline=true/>
            {go_on("Go on")}
        }
        .into_any(),
        Activity::NotNoted(error) => view! {
            <NotNoted title="It does not go on" error=error/>
            {go_on("Try again")}
        }
        .into_any(),
        Activity::Idle if !is_over.get() => view! {
            <Hint>
                <p>{move || match counts.get().under_way {
                    0 => "It was interrupted. Nothing is sent until you want it to go on.".to_owned(),
                    _ => "It was interrupted while something was sent. That is looked at before anything else, and nothing is sent until you want it to go on.".to_owned(),
                }}</p>
            </Hint>
            {go_on("Resume")}
        }
        .into_any(),
        Activity::Idle if counts.get().waiting > 0 => {
            view! {
                <div class="cluster">
                    <button type="button" class="button" aria-disabled=(!can_resume).then_some("true") title=read_only_reason()
                        on:click=move |event| if can_resume { resume(event) }
                    >"Go on with the rest"</button>
                </div>
            }
            .into_any()
        }
        _ => ().into_any(),
    }
    }
}

fn no_answer(error: &azimuth_api::ApiError) -> String {
    match error.status() {
        Some(status) => format!("the service says {status}"),
        None => "no connection".to_owned(),
    }
}

/// Who asked for what, and when.
#[component]
fn About(receipt: Receipt) -> impl IntoView {
    let Receipt {
        subscription,
        resource_group,
        workspace,
        workspace_id,
        region,
        asked,
        finished,
        stopped,
        counts,
        ..
    } = receipt;
    let asked = asked.into_iter().map(|asked| {
        let by = asked.by.map(|by| match by.tenant {
            Some(tenant) => format!(" by {} of tenant {tenant}", by.name),
            None => format!(" by {}", by.name),
        });
        let things = if asked.things == 1 {
            "1 thing".to_owned()
        } else {
            format!("{} things", format_count(asked.things))
        };
        view! { <p>{utc(&asked.at)}" UTC"<bdi>{by}</bdi>": "{things}</p> }
    });
    let sent = if counts.requests == 1 {
        "1 deletion".to_owned()
    } else {
        format!("{} deletions", format_count(counts.requests))
    };

    view! {
        <Facts stacks=true>
            <Fact name="Workspace"><bdi>{workspace}</bdi></Fact>
            <Fact name="Resource group"><bdi>{resource_group}</bdi></Fact>
            <Fact name="Subscription"><bdi>{subscription}</bdi></Fact>
            <Fact name="Resource"><bdi class="code">{workspace_id}</bdi></Fact>
            <Fact name="Region"><bdi>{region}</bdi></Fact>
            <Fact name="Confirmed">{asked.collect::<Vec<_>>()}</Fact>
            <Fact name="Ended">{finished.map(|time| format!("{} UTC", utc(&time)))}{stopped.then_some(", stopped before it was through")}</Fact>
            <Fact name="Sent">{sent}</Fact>
        </Facts>
    }
}

/// What can be done about what did not work.
#[component]
fn Failures(
    erasure: Erasure,
    workspace: WorkspaceId,
    counts: Memo<Counts>,
    is_over: Memo<bool>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let course = erasure.course();
    let failed = Memo::new(move |_| course.with(Course::failed));
    let still_going = Memo::new(move |_| course.with(Course::still_going));
    let in_use = Memo::new(move |_| course.with(things_in_use));
    let again = move |_| erasure.try_again(failed.get_untracked());
    let is_read_only = read_only_reason().is_some();
    // What uses them, once somebody wants to know.
    let added = RwSignal::new(Vec::<Planned>::new());
    let open = RwSignal::new(false);
    let (is_looking, remark) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let place = StoredValue::new(workspace.clone());
    let look = move |_| {
        if is_looking.get_untracked() || is_read_only {
            return;
        }
        is_looking.set(true);
        remark.set(None);
        spawn_local(async move {
            let found =
                users_of(client, &place.get_value(), &in_use.get_untracked(), &course.get_untracked()).await;
            is_looking.try_set(false);
            match found {
                Ok(users) if users.is_empty() => {
                    let words =
                        "Nothing was found that uses them and is not in the plan already. Try them again.";
                    remark.try_set(Some(words.to_owned()));
                }
                Ok(users) => {
                    added.try_set(users);
                    open.try_set(true);
                }
                Err(kind) => {
                    let words = format!(
                        "The {} could not be listed, so it is not known what uses them.",
                        lower_case(kind.plural())
                    );
                    remark.try_set(Some(words));
                }
            }
        });
    };
    let confirm = Callback::new(move |()| erasure.add(added.get_untracked(), failed.get_untracked()));
    let label = Signal::derive(move || match added.with(Vec::len) {
        1 => "Erase 1 thing more".to_owned(),
        count => format!("Erase {} things more", format_count(count)),
    });

    view! {
        <Show when=move || is_over.get() && counts.get().failed + counts.get().still_going != 0>
            <div class="cluster">
                <Show when=move || !still_going.with(Vec::is_empty)>
                    <button type="button" class="button" on:click=move |_| erasure.look_again(still_going.get_untracked())>
                        {move || match still_going.with(Vec::len) {
                            1 => "Look again at the one that is still being deleted".to_owned(),
                            count => format!("Look again at the {} that are still being deleted", format_count(count)),
                        }}
                    </button>
                </Show>
                <Show when=move || !failed.with(Vec::is_empty)>
                    <button type="button" class="button" aria-disabled=is_read_only.then_some("true") title=read_only_reason() on:click=move |event| if !is_read_only { again(event) }>
                        {move || match failed.with(Vec::len) {
                            1 => "Try the one that failed again".to_owned(),
                            count => format!("Try the {} that failed again", format_count(count)),
                        }}
                    </button>
                </Show>
                <Show when=move || !in_use.with(Vec::is_empty)>
                    <button type="button" class="button" aria-disabled=move || (is_looking.get() || is_read_only).then_some("true") title=read_only_reason() on:click=look>
                        {move || if is_looking.get() { "Looking for what uses them…" } else { "Delete what uses them first" }}
                    </button>
                </Show>
            </div>
            <p class="muted" role="status">{move || remark.get()}</p>
        </Show>
        <ConfirmDialog open=open workspace=workspace.clone() plan=added label=label on_confirm=confirm>
            <p>"These were not in the plan. They use what the service refused to delete, and go before it:"</p>
            <PlanTable plan=added/>
            <p>"What failed is tried again after them. This cannot be taken back."</p>
        </ConfirmDialog>
    }
}

/// Those that were refused because something uses them.
fn things_in_use(course: &Course) -> Vec<Thing> {
    let is_in_use = |standing: &Standing| matches!(standing, Standing::Failed(Failure::Refused(answer)) if answer.status == 412);
    let things = course.things().iter().filter(|progress| is_in_use(&progress.standing));
    things.map(|progress| progress.planned.thing.clone()).collect()
}

/// What uses them, directly or not, and was not asked for yet.
async fn users_of(
    client: Client,
    workspace: &WorkspaceId,
    things: &[Thing],
    course: &Course,
) -> Result<Vec<Planned>, Kind> {
    let mut all = Vec::new();
    for kind in [Kind::Service, Kind::Image, Kind::Model] {
        let found = inventory::read(client, workspace, kind, &|_| ()).await.map_err(|_| kind)?;
        all.extend(found.into_iter().map(|found| found.planned));
    }
    let users = order::users(all.iter());
    let wanted: Vec<Thing> = things.iter().flat_map(|thing| order::with_users(thing, &users)).collect();
    all.retain(|planned| wanted.contains(&planned.thing) && !course.has(&planned.thing));
    let ordered = order::in_order(&all).into_iter().map(|place| all[place].clone());
    Ok(ordered.collect())
}

/// What became of each thing.
#[component]
fn Outcomes(things: Memo<Vec<Erased>>) -> impl IntoView {
    let row = |thing: Signal<Erased>| {
        let name = thing.with_untracked(|thing| thing.name.clone());
        let (kind, id) = thing.with_untracked(|thing| (thing.kind, thing.id.clone()));
        let state = move || {
            thing.with(|thing| {
                let (kind, words) = outcome_words(thing.outcome, thing.detached);
                let why = thing.why.clone();
                view! {
                    {status_badge(kind, words, "")}
                    {why.map(|why| view! { <span class="why small"><bdi>{why}</bdi></span> })}
                }
            })
        };
        let requests =
            move || thing.with(|thing| thing.requests.iter().map(request_line).collect::<Vec<_>>());
        let verified = move || {
            thing.with(|thing| {
                thing.verified.as_ref().map(|verified| {
                    view! {
                        <span class="line">{verified.status}" at "{utc(&verified.at)}</span>
                        {verified.request_id.clone().map(id_line)}
                    }
                })
            })
        };
        let has_requests =
            move || thing.with(|thing| !thing.requests.is_empty()).then_some("Deletions sent, UTC:");
        let is_verified =
            move || thing.with(|thing| thing.verified.is_some()).then_some("Asked for again, UTC:");
        view! {
            <tr>
                <td class="meta">{kind.noun()}</td>
                <th scope="row" class="lead">{name_and_id(name, &id)}</th>
                <td class="state">{state}</td>
                <td data-label=has_requests>{requests}</td>
                <td data-label=is_verified>{verified}</td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="What became of each thing">
            <table class="table stacks wraps outcomes">
                <thead>
                    <tr>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"Name"</th>
                        <th scope="col">"What became of it"</th>
                        <th scope="col">"Deletions sent, UTC"</th>
                        <th scope="col">"Asked for again, UTC"</th>
                    </tr>
                </thead>
                <Rows each=things key=|thing| (thing.kind, thing.id.clone()) children=row/>
            </table>
        </TableFrame>
    }
}

fn outcome_words(outcome: Outcome, is_detached: bool) -> (StatusKind, &'static str) {
    match outcome {
        Outcome::VerifiedGone if is_detached => (StatusKind::Good, "Detached"),
        Outcome::VerifiedGone => (StatusKind::Good, "Gone"),
        Outcome::Replaced => (StatusKind::Good, "Gone, name used again"),
        Outcome::StillBeingDeleted => (StatusKind::Working, "Still being deleted"),
        Outcome::WasNotThere => (StatusKind::Neutral, "Was not there"),
        Outcome::Failed => (StatusKind::Bad, "Not deleted"),
        Outcome::NotKnown => (StatusKind::Working, "Being deleted"),
        Outcome::NotBegun => (StatusKind::Waiting, "Not begun"),
    }
}

fn request_line(request: &SentRequest) -> impl IntoView + use<> {
    let SentRequest { sent, status, request_id, .. } = request.clone();
    let answer = status.map_or_else(|| "No answer".to_owned(), |status| status.to_string());
    view! {
        <span class="line">{answer}" at "{utc(&sent)}</span>
        {request_id.map(id_line)}
    }
}

/// "2026-11-22 02:24:07" of "2026-11-22T02:24:07Z".
fn utc(time: &str) -> String {
    time.trim_end_matches('Z').replacen('T', " ", 1)
}

/// What is there still, and where.
#[component]
fn Left(receipt: Receipt) -> impl IntoView {
    let remains = receipt.remains;
    let stays = remains.stays.clone();
    let (later, asked): (Vec<Remaining>, Vec<Remaining>) =
        remains.things.into_iter().partition(|remaining| remaining.came_later);
    let list = |title: &'static str, things: Vec<Remaining>| {
        (!things.is_empty()).then(|| {
            let items = things.into_iter().map(|Remaining { thing, name, .. }| {
                let id = (thing.id != name).then_some(thing.id);
                view! {
                    <li>
                        {thing.kind.noun()}" "<bdi>{name}</bdi>
                        {id.map(|id| view! { " "<bdi class="code muted small">{id}</bdi> })}
                    </li>
                }
            });
            view! { <p>{title}</p><ul class="links">{items.collect::<Vec<_>>()}</ul> }
        })
    };
    let others: Vec<String> = remains
        .others
        .iter()
        .map(|(kind, count)| {
            let one = Kind::PARTS.into_iter().find(|one| *count == 1 && one.plural() == kind);
            format!("{} {}", format_count(*count), lower_case(one.map_or(kind.as_str(), |one| one.noun())))
        })
        .collect();
    let unread = remains.unread.into_iter().map(|(kind, why)| {
        view! { <p>{kind}" could not be listed at the end: "<bdi>{why}</bdi></p> }
    });

    view! {
        <h3>"What remains"</h3>
        {list("Asked for, and there still:", asked)}
        {list("Came up after the plan was made, and was not deleted:", later)}
        {(!others.is_empty()).then(|| view! { <p>"Was not chosen, and is there: "{others.join(", ")}"."</p> })}
        {unread.collect::<Vec<_>>()}
        <StayTable stays=Signal::stored(stays)/>
    }
}
