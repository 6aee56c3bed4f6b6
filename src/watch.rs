//! Runs that somebody wants to hear of: asked for in the background until they end, and told of wherever one looks by
//! then.
//!
//! Where they are is kept in the tab's storage, so that they are waited for over a reload and a sign-in elsewhere, until
//! somebody signs out. Other questions stop while the tab is hidden; these go on, since somebody asked for exactly that,
//! and browsers let a hidden tab do so about once a minute.

use std::time::Duration;

use azimuth_api::{ExperimentName, GetRun, Run, RunId, RunStatus, WorkspaceId};
use gloo_timers::future::sleep;
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::client::Client;
use crate::components::badge::StatusKind;
use crate::components::icon::{Icon, IconName};
use crate::components::run_status_badge::kind_of_status;
use crate::kept::{keep_watched, watched};
use crate::navigation::Navigation;
use crate::route::{Location, Route, WorkspaceRoute};
use crate::session::SessionKind;

/// How often a watched run is asked for. The page of a run that is open asks by itself, and oftener.
const PACE: Duration = Duration::from_secs(20);

/// A run that somebody wants to hear of.
#[derive(Clone, Debug, PartialEq)]
struct WatchedRun {
    workspace: WorkspaceId,
    experiment: ExperimentName,
    run: RunId,
    /// What it is called, and how it ended.
    ended: Option<(String, RunStatus)>,
}

impl WatchedRun {
    fn route(&self) -> Route {
        let part = WorkspaceRoute::Run(self.experiment.clone(), self.run.clone());
        Route::Workspace(self.workspace.clone(), part)
    }
}

/// The runs that are watched. A handle.
#[derive(Clone, Copy)]
pub struct Watches {
    runs: RwSignal<Vec<WatchedRun>>,
    client: Client,
    /// What the tab was called before it told of an end, and what it was called then.
    titles: StoredValue<Option<(String, String)>>,
}

impl Watches {
    /// None yet; those of the page before a reload are found by [`Watches::resume`].
    pub fn start(client: Client) -> Self {
        let watches = Self { runs: RwSignal::default(), client, titles: StoredValue::new(None) };
        // Whoever comes back sees the page under its own name again, and the line above it.
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden()
                && let Some((before, told)) = watches.titles.try_update_value(Option::take).flatten()
                && document().title() == told
            {
                document().set_title(&before);
            }
        });
        on_cleanup(move || listener.remove());
        watches
    }

    /// Whether an end is waited for.
    pub fn is_watching(self, workspace: &WorkspaceId, run: &RunId) -> bool {
        self.runs.with(|runs| runs.iter().any(|known| is_it(known, workspace, run) && known.ended.is_none()))
    }

    /// Waits for the end of a run.
    pub fn add(self, workspace: WorkspaceId, experiment: ExperimentName, run: RunId) {
        if self.is_watching(&workspace, &run) {
            return;
        }
        self.runs.update(|runs| runs.retain(|known| !is_it(known, &workspace, &run)));
        self.wait_for(WatchedRun { workspace, experiment, run, ended: None }, false);
        self.keep();
    }

    /// Goes on with those that were waited for when the page went away. One that ended meanwhile is told of at once.
    pub fn resume(self) {
        if !self.client.session().is_service() {
            return;
        }
        for address in watched().lines() {
            let route = Location::parse(address).route;
            let Route::Workspace(workspace, WorkspaceRoute::Run(experiment, run)) = route else { continue };
            let is_known =
                self.runs.with_untracked(|runs| runs.iter().any(|known| is_it(known, &workspace, &run)));
            if !is_known {
                self.wait_for(WatchedRun { workspace, experiment, run, ended: None }, true);
            }
        }
    }

    fn wait_for(self, watched: WatchedRun, is_resumed: bool) {
        let WatchedRun { workspace, experiment, run, .. } = watched.clone();
        let question = GetRun { workspace, experiment, run };
        self.runs.update(|runs| runs.push(watched));
        spawn_local(async move {
            let mut is_first = is_resumed;
            loop {
                if !is_first {
                    sleep(PACE.saturating_mul(self.client.pace().factor())).await;
                }
                // The list is gone with the session that it belongs to.
                let waits = self.runs.try_with_untracked(|runs| {
                    runs.iter().any(|known| {
                        is_it(known, &question.workspace, &question.run) && known.ended.is_none()
                    })
                });
                if waits != Some(true) {
                    return;
                }
                match self.client.ask(&question).await {
                    Ok(run) if run.status.is_finished() => {
                        return self.end(&question.workspace, &run);
                    }
                    // The token is of another tenant than the run: it is waited for again once that is chosen.
                    Err(error)
                        if error.refusal().is_some_and(|refusal| refusal.wanted_tenant().is_some()) =>
                    {
                        return;
                    }
                    // Somebody else may have signed in since, who has no part in it.
                    Err(error) if is_first && matches!(error.status(), Some(403 | 404)) => {
                        return self.remove(&question.workspace, &question.run);
                    }
                    // A failure is not the end of a run: it is asked again.
                    _ => {}
                }
                is_first = false;
            }
        });
    }

    /// Forgets a run.
    pub fn remove(self, workspace: &WorkspaceId, run: &RunId) {
        if self.runs.try_update(|runs| runs.retain(|known| !is_it(known, workspace, run))).is_some() {
            self.keep();
        }
    }

    /// Keeps where they are, those that ended and were not looked at yet among them. The demo begins anew with each page.
    fn keep(self) {
        if !self.client.session().is_service() {
            return;
        }
        let address = |run: &WatchedRun| Location::new(SessionKind::Service, run.route()).href();
        let addresses: Vec<String> = self.runs.with_untracked(|runs| runs.iter().map(address).collect());
        keep_watched(&addresses.join("\n"));
    }

    /// Forgets all of them while nobody is signed in. What is kept stays: only who signs out takes it away.
    pub fn clear(self) {
        if self.runs.with_untracked(|runs| !runs.is_empty()) {
            self.runs.set(Vec::new());
        }
    }

    fn end(self, workspace: &WorkspaceId, run: &Run) {
        let name = run.label().unwrap_or(run.run_id.as_str()).to_owned();
        let words = format!("{}: {name}", run.status.plain());
        let was_waiting = self.runs.try_update(|runs| {
            let known = runs.iter_mut().find(|known| is_it(known, workspace, &run.run_id))?;
            known.ended = Some((name, run.status.clone()));
            Some(())
        });
        if was_waiting.flatten().is_some() {
            self.tell(sign(&run.status), &words);
        }
    }

    /// Tells of something that came to its end, if nobody looks: in the tab's title, and as a notification where the
    /// person allowed that.
    pub fn tell(self, sign: &str, words: &str) {
        if !document().hidden() {
            return;
        }
        let told = format!("{sign} {words} · Azimuth");
        let before =
            self.titles.try_with_value(|titles| titles.as_ref().map(|(before, _)| before.clone())).flatten();
        let before = before.unwrap_or_else(|| document().title());
        document().set_title(&told);
        self.titles.try_update_value(|titles| *titles = Some((before, told)));
        show_notification(words);
    }
}

fn is_it(known: &WatchedRun, workspace: &WorkspaceId, run: &RunId) -> bool {
    known.run == *run && known.workspace == *workspace
}

fn sign(status: &RunStatus) -> &'static str {
    match kind_of_status(status) {
        StatusKind::Good => "✓",
        StatusKind::Bad => "✕",
        _ => "■",
    }
}

/// Whether the browser shows notifications of this page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Permission {
    Granted,
    /// Nobody was asked yet.
    Open,
    Denied,
    /// It has none to give.
    Missing,
}

fn notification() -> Option<Function> {
    Reflect::get(&js_sys::global(), &"Notification".into()).ok()?.dyn_into().ok()
}

fn permission() -> Permission {
    let Some(notification) = notification() else { return Permission::Missing };
    let word = Reflect::get(&notification, &"permission".into()).ok().and_then(|word| word.as_string());
    match word.as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        _ => Permission::Open,
    }
}

/// Asks the person, which browsers allow as the answer to a click alone.
async fn ask_permission() -> Permission {
    let asked = notification().and_then(|notification| {
        let ask =
            Reflect::get(&notification, &"requestPermission".into()).ok()?.dyn_into::<Function>().ok()?;
        ask.call0(&notification).ok()?.dyn_into::<Promise>().ok()
    });
    if let Some(asked) = asked {
        // What was answered is what the permission is now.
        drop(JsFuture::from(asked).await);
    }
    permission()
}

fn show_notification(words: &str) {
    if permission() != Permission::Granted {
        return;
    }
    let Some(notification) = notification() else { return };
    let options = Object::new();
    // One for each run: the same words replace each other.
    drop(Reflect::set(&options, &"tag".into(), &words.into()));
    let arguments = Array::of2(&JsValue::from(words), &options);
    // Some browsers for phones have notifications for service workers alone; the line above the page remains.
    drop(Reflect::construct(&notification, &arguments));
}

/// "Notify me", for a run that goes on.
#[component]
pub fn NotifyButton(workspace: WorkspaceId, experiment: ExperimentName, run: RunId) -> impl IntoView {
    let watches = expect_context::<Watches>();
    let place = StoredValue::new((workspace, experiment, run));
    let refused = RwSignal::new(None);
    let is_watching =
        Memo::new(move |_| place.with_value(|(workspace, _, run)| watches.is_watching(workspace, run)));
    let toggle = move |_| {
        let (workspace, experiment, run) = place.get_value();
        if is_watching.get_untracked() {
            watches.remove(&workspace, &run);
            return;
        }
        watches.add(workspace, experiment, run);
        spawn_local(async move {
            let permission = match permission() {
                Permission::Open => ask_permission().await,
                known => known,
            };
            refused.try_set(match permission {
                Permission::Granted => None,
                Permission::Missing => Some("This browser has no notifications."),
                Permission::Open | Permission::Denied => {
                    Some("The browser does not let this page show notifications.")
                }
            });
        });
    };

    view! {
        <button
            type="button"
            class="button quiet small"
            aria-pressed=move || if is_watching.get() { "true" } else { "false" }
            title="Says so when the run ends, on every page of this tab"
            on:click=toggle
        >
            <Icon name=IconName::Bell/>
            "Notify me"
        </button>
        <span class="muted small" role="status">
            {move || refused.get().filter(|_| is_watching.get()).map(|why| format!("{why} The name of the tab and a line above the page will tell."))}
        </span>
    }
}

/// The lines that tell of runs that ended. The box stays, so that what appears in it is read out.
#[component]
pub fn EndedRuns() -> impl IntoView {
    let watches = expect_context::<Watches>();
    let navigation = expect_context::<Navigation>();
    let ended = Memo::new(move |_| {
        watches.runs.with(|runs| runs.iter().filter(|run| run.ended.is_some()).cloned().collect::<Vec<_>>())
    });
    // Whoever comes to the page of a run has seen how it ended.
    Effect::new(move || {
        let here = navigation.location().with(|location| location.route.clone());
        let seen = ended.with(|ended| ended.iter().find(|run| run.route() == here).cloned());
        if let Some(seen) = seen {
            watches.remove(&seen.workspace, &seen.run);
        }
    });
    let line = move |watched: WatchedRun| {
        let (name, status) =
            watched.ended.clone().unwrap_or_else(|| (watched.run.to_string(), RunStatus::Completed));
        let href = navigation.href(watched.route());
        let icon = match kind_of_status(&status) {
            StatusKind::Good => IconName::Check,
            StatusKind::Bad => IconName::Problem,
            _ => IconName::Square,
        };
        view! {
            <p class="strip" class:warning=kind_of_status(&status) == StatusKind::Bad>
                <Icon name=icon/>
                <span>{status.plain()}": "<a href=href><bdi>{name}</bdi></a></span>
                <button
                    type="button"
                    class="button quiet small bare push"
                    aria-label="Dismiss"
                    on:click=move |_| watches.remove(&watched.workspace, &watched.run)
                >
                    <Icon name=IconName::Cross/>
                </button>
            </p>
        }
    };

    view! {
        <div class="strips" role="status">
            <For each=move || ended.get() key=|run| run.run.clone() children=line/>
        </div>
    }
}
