//! Taking the data of a workspace out: what is wanted, the plan, and how far the export is.

mod chooser;
mod form;
mod plan_view;
mod progress;
mod wanted;

use azimuth_api::{Timestamp, WorkspaceId};
use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::background::Background;
use crate::client::Client;
use crate::components::focus::keep_focus;
use crate::components::panel::{Hint, Loading};
use crate::export::plan::Plan;
use crate::export::plan::asking::samples;
use crate::export::selection::Selection;
use crate::export::state::{ExportState, Finished, Pause};
use crate::export::work::{Exports, use_exports};
use crate::navigation::Navigation;
use crate::pages::data::export::form::WantedForm;
use crate::pages::data::export::plan_view::PlanView;
use crate::pages::data::export::progress::{Controls, Damaged, Elsewhere, Outcome, UnderWay, told};
use crate::pages::data::export::wanted::{Day, Faults, Wanted};
use crate::private_files::{Room, room};
use crate::route::{Location, Route, WorkspaceRoute};
use crate::session::SessionKind;

/// Takes out what is chosen.
#[component]
pub fn ExportTab(workspace: WorkspaceId) -> impl IntoView {
    let client = expect_context::<Client>();
    if client.session().kind() == SessionKind::Export {
        return view! {
            <Hint><p>"This is an export opened again. What is in it was taken out already: it is the zip that you opened."</p></Hint>
        }
        .into_any();
    }
    let exports = use_exports();
    let state = exports.state(&workspace);
    let place = StoredValue::new(workspace);
    let told = move |tell: fn(Exports, &WorkspaceId)| {
        Callback::new(move |()| place.with_value(|workspace| tell(exports, workspace)))
    };
    let has_failures =
        Memo::new(move |_| state.with(|state| matches!(state, ExportState::Paused(Pause::Failures, _))));
    let controls = Controls {
        pause: told(Exports::pause),
        resume: Callback::new(move |()| {
            place.with_value(|workspace| match has_failures.get_untracked() {
                true => exports.finish(workspace),
                false => exports.resume(workspace),
            });
        }),
        retry_failed: told(Exports::retry_failed),
        stop: told(Exports::stop),
        save: told(Exports::save),
        remove: told(Exports::drop),
    };
    let shown = Memo::new(move |_| state.with(Shown::of));
    keep_focus(move || shown.get() != Shown::Looking);
    place.with_value(|workspace| tell_of(exports, workspace));
    let start = Callback::new(move |selection| exports.start(selection));
    let view = move || {
        let workspace = place.get_value();
        match shown.get() {
            Shown::Looking => view! { <Loading what="what this browser has of an export"/> }.into_any(),
            Shown::Nothing => view! { <NewExport workspace=workspace on_start=Some(start)/> }.into_any(),
            Shown::NotSupported => view! {
                <Hint warning=true>
                    <p>"This browser gives the page no files of its own, so nothing can be exported here: in a private window, without https, or where it is too old. The plan still says what there is."</p>
                </Hint>
                <NewExport workspace=workspace on_start=None/>
            }.into_any(),
            Shown::Elsewhere => view! { <Elsewhere/> }.into_any(),
            Shown::Damaged(why) => view! { <Damaged why=why on_remove=controls.remove/> }.into_any(),
            Shown::UnderWay => view! { <UnderWay state=state controls=controls/> }.into_any(),
            Shown::Done(finished) => view! { <Outcome finished=*finished controls=controls/> }.into_any(),
        }
    };
    view.into_any()
}

/// Says above other pages how it is.
fn tell_of(exports: Exports, workspace: &WorkspaceId) {
    let session = expect_context::<Client>().session().kind();
    let route = Route::Workspace(workspace.clone(), WorkspaceRoute::Data);
    let title = format!("Export of {}", workspace.name);
    expect_context::<Background>().tell_of(Location::new(session, route), title, || {
        let state = exports.state(workspace);
        Signal::derive(move || state.with(told))
    });
}

/// Which of its faces the tab shows: figures that change do not make it anew.
#[derive(Clone, Debug, PartialEq)]
enum Shown {
    Looking,
    Nothing,
    NotSupported,
    Elsewhere,
    Damaged(String),
    UnderWay,
    Done(Box<Finished>),
}

impl Shown {
    fn of(state: &ExportState) -> Self {
        match state {
            ExportState::Looking => Self::Looking,
            ExportState::None => Self::Nothing,
            ExportState::NotSupported => Self::NotSupported,
            ExportState::Elsewhere => Self::Elsewhere,
            ExportState::Damaged(why) => Self::Damaged(why.clone()),
            ExportState::Ready(_)
            | ExportState::Working(_)
            | ExportState::Paused(..)
            | ExportState::Finishing(_) => Self::UnderWay,
            ExportState::Done(finished) => Self::Done(Box::new(finished.clone())),
        }
    }
}

/// The form, and the plan of what it asks for.
#[component]
fn NewExport(workspace: WorkspaceId, on_start: Option<Callback<Selection>>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let location = navigation.location();
    let wanted = Memo::new(move |_| location.with(Wanted::of));
    let of = workspace.clone();
    let selection = Memo::new(move |_| wanted.with(|wanted| wanted.selection(of.clone(), midnight)));
    let faults =
        Memo::new(move |_| selection.with(|selection| selection.as_ref().err().cloned().unwrap_or_default()));
    let planning = Planning::new();
    let people = Memo::new(move |_| {
        planning.plan.with(|plan| plan.as_ref().map(|plan| plan.people.clone()).unwrap_or_default())
    });
    let why_not = Memo::new(move |_| faults.with(|faults: &Faults| faults.first().map(str::to_owned)));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(selection) = selection.get_untracked()
            && !planning.is_asking()
        {
            planning.begin(selection);
        }
    };
    let words = move || match planning.asked.get() {
        Some(0) => "Asking first pages…".to_owned(),
        Some(1) => "Asking first pages: 1 answered".to_owned(),
        Some(count) => format!("Asking first pages: {count} answered"),
        None => String::new(),
    };
    let is_busy = Memo::new(move |_| planning.asked.with(Option::is_some));
    let is_stale = Memo::new(move |_| {
        planning.plan.with(|plan| {
            plan.as_ref().is_some_and(|plan| {
                selection.with(|selection| selection.as_ref().ok() != Some(&plan.selection))
            })
        })
    });

    view! {
        <form class="stack loose" novalidate=true on:submit=submit>
            <p class="muted">
                "Everything that the chosen things say of themselves comes into one zip, with a page that lists it and a manifest of every question that was asked. It is made in this browser and goes nowhere else."
            </p>
            <WantedForm workspace=workspace wanted=wanted faults=faults found=people/>
            <div class="cluster">
                <button
                    type="submit"
                    class="button"
                    class:primary=move || planning.plan.with(Option::is_none) || is_stale.get()
                    aria-disabled=move || (is_busy.get() || why_not.with(Option::is_some)).then_some("true")
                    title=why_not
                >
                    {move || if planning.plan.with(Option::is_some) { "Show the plan anew" } else { "Show the plan" }}
                </button>
                <Show when=move || is_busy.get()>
                    <button type="button" class="button" on:click=move |_| planning.stop()>"Cancel"</button>
                </Show>
                <span class="muted small" role="status">{words}</span>
            </div>
        </form>
        {move || planning.plan.get().map(|plan| view! {
            <PlanView plan=plan room=planning.room is_stale=is_stale on_start=on_start/>
        })}
    }
}

/// A plan that is being made, or was. A handle.
#[derive(Clone, Copy)]
struct Planning {
    client: Client,
    plan: RwSignal<Option<Plan>>,
    room: RwSignal<Option<Room>>,
    /// How many answers came; none while nothing is asked.
    asked: RwSignal<Option<usize>>,
    task: StoredValue<Option<AbortHandle>>,
}

impl Planning {
    fn new() -> Self {
        let planning = Self {
            client: expect_context::<Client>(),
            plan: RwSignal::new(None),
            room: RwSignal::new(None),
            asked: RwSignal::new(None),
            task: StoredValue::new(None),
        };
        on_cleanup(move || planning.stop());
        planning
    }

    fn is_asking(self) -> bool {
        self.asked.with_untracked(Option::is_some)
    }

    fn begin(self, selection: Selection) {
        self.asked.set(Some(0));
        let asking = async move {
            let count = move || {
                let _ = self.asked.try_update(|asked| *asked = asked.map(|asked| asked + 1));
            };
            let samples = samples(self.client, &selection, count).await;
            self.room.try_set(room().await);
            self.plan.try_set(Some(Plan::of(selection, samples)));
            self.asked.try_set(None);
        };
        let (asking, handle) = abortable(asking);
        self.task.set_value(Some(handle));
        spawn_local(async move {
            let _ = asking.await;
        });
    }

    fn stop(self) {
        // The page may be gone, and its values with it.
        if let Some(Some(handle)) = self.task.try_get_value() {
            handle.abort();
        }
        let _ = self.asked.try_set(None);
    }
}

/// When a day begins for whoever sits here. The browser knows which hour that is, also where clocks are put forward.
fn midnight(day: Day) -> Timestamp {
    let date = js_sys::Date::new_with_year_month_day(day.year, day.month as i32 - 1, day.day as i32);
    Timestamp::from_unix_milliseconds(date.get_time() as i64)
}
