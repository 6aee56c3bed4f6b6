//! Changes of what the service keeps: sent once, asked about when no answer came, followed to their end, told of.
//!
//! A page says what it would do ([`Plan`]) and gets a handle ([`change`]) for the pieces in [`forms`]:
//!
//! ```ignore
//! let deletion = change(move || {
//!     let operation = DeleteCompute { workspace: workspace.get_value(), compute: name.get_value(), … };
//!     let target = Target::Compute(workspace.get_value(), name.get_value());
//!     Some(Plan::new("Delete compute gpu-cluster", &operation, target, Expected::Gone).long())
//! });
//! view! { <ChangeButton change=deletion label="Delete"/> }
//! ```
//!
//! No change is ever sent again by itself. If no answer came, its target is read, and compared with what the change is
//! expected to make of it. Before it is sent a line with title, target and expectation is kept in the tab's storage,
//! and taken away when it is over, so that after a reload the same question is asked. What takes a while is followed by
//! reading the target, since a page may not be able to read the headers that lead to its operation.

pub mod expected;
pub mod forms;
pub mod notices;
pub mod target;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use azimuth_api::{ApiError, Operation};
use gloo_timers::future::sleep;
use http::Response;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

pub use crate::changes::expected::Expected;
use crate::changes::expected::Verdict;
use crate::changes::forms::read_only_reason;
pub use crate::changes::target::Target;
use crate::client::{Client, Question};
use crate::kept::{note_change, noted_changes};
use crate::query::OnScreen;
use crate::watch::Watches;

/// Statuses after which it is not known whether the service did its work: a gateway gave up on it, or it failed on the
/// way.
const UNCLEAR: [u16; 6] = [408, 500, 502, 503, 504, 530];
/// A change that is not there may be on its way still, so it is looked for twice.
const SECOND_LOOK: Duration = Duration::from_secs(2);
/// Between two readings of a target, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long what was accepted may show nothing of it.
const PATIENCE_MILLISECONDS: f64 = 600_000.0;

/// What is done to the service: in plain words, as it is sent, and how one sees that it was done.
#[derive(Clone)]
pub struct Plan {
    title: String,
    target: Target,
    expected: Expected,
    is_long: bool,
    question: Question,
    older: Option<Question>,
    take: Take,
    then: Rc<dyn Fn()>,
}

/// Reads an answer, if there is one, and gives what is to be done with it.
type Take = Rc<dyn Fn(Option<&Response<Vec<u8>>>) -> Result<Box<dyn FnOnce()>, ApiError>>;

impl Plan {
    /// An operation that changes a target. The title says what it does, as a button would: "Delete compute gpu-cluster".
    pub fn new<O>(title: impl Into<String>, operation: &O, target: Target, expected: Expected) -> Self
    where
        O: Operation + Clone + 'static,
    {
        Self::answered(title, operation, target, expected, |_| ())
    }

    /// The same where the answer is wanted; none where the change arrived and its answer was lost.
    pub fn answered<O>(
        title: impl Into<String>,
        operation: &O,
        target: Target,
        expected: Expected,
        then: impl Fn(Option<O::Output>) + 'static,
    ) -> Self
    where
        O: Operation + Clone + 'static,
        O::Output: 'static,
    {
        let own = operation.clone();
        let then = Rc::new(then);
        let take: Take = Rc::new(move |response| {
            let answer = response.map(|response| own.read(response)).transpose()?;
            let then = Rc::clone(&then);
            Ok(Box::new(move || then(answer)))
        });
        Self {
            title: title.into(),
            target,
            expected,
            is_long: false,
            question: Question::of(operation),
            older: operation.otherwise().map(|older| Question::of(&older)),
            take,
            then: Rc::new(|| ()),
        }
    }

    /// It goes on after the answer, until the target has come to rest.
    pub fn long(self) -> Self {
        Self { is_long: true, ..self }
    }

    /// What to do once it was accepted, if its page is still there.
    pub fn then(self, then: impl Fn() + 'static) -> Self {
        Self { then: Rc::new(then), ..self }
    }

    /// What is sent.
    pub fn question(&self) -> Question {
        self.question.clone()
    }

    fn key(&self) -> Key {
        (self.target.clone(), self.title.clone())
    }
}

/// What tells changes apart.
type Key = (Target, String);

/// How a change goes.
#[derive(Clone, Debug, PartialEq)]
pub enum ChangeState {
    /// It has not begun.
    Ready,
    /// It is sent, and its answer is awaited.
    Sending,
    /// No answer came; whether it arrived is being asked.
    Asking,
    /// No answer came, and it did not arrive.
    NotArrived,
    /// No answer came, and none to the question whether it arrived.
    Unknown(ApiError),
    /// No answer came, and nothing that can be read shows whether it arrived.
    Untold,
    /// The service said no.
    Refused(ApiError),
    /// It was accepted, and goes on.
    UnderWay,
    /// It was done; with the target's word for what it is now, which may be empty.
    Done(String),
    /// It was accepted and did not work, in the service's words.
    Failed(String),
}

impl ChangeState {
    /// Whether its outcome is open.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Sending | Self::Asking | Self::Unknown(_) | Self::UnderWay)
    }
}

/// A change that was sent.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    id: u32,
    line: Line,
    state: ChangeState,
    /// A page that was loaded anew found it.
    is_resumed: bool,
    /// Somebody wants to know now.
    is_wanted: bool,
}

/// What is kept of it over a reload: neither secrets nor what was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Line {
    title: String,
    target: Target,
    expected: Expected,
    /// When it was sent, in milliseconds since 1970.
    sent: f64,
    is_long: bool,
    /// Whether it is known to have arrived.
    is_accepted: bool,
}

/// All changes that this tab sent and that are not forgotten yet. A handle.
#[derive(Clone, Copy)]
pub struct Changes {
    entries: RwSignal<Vec<Entry>>,
    /// What pieces of the page show themselves.
    shown: RwSignal<Vec<(u32, Memo<Option<Key>>)>>,
    client: Client,
    watches: Watches,
    on_screen: OnScreen,
}

impl Changes {
    /// None yet; those that a reload interrupted are found by [`Changes::resume`].
    pub fn start(client: Client, watches: Watches, on_screen: OnScreen) -> Self {
        Self { entries: RwSignal::default(), shown: RwSignal::default(), client, watches, on_screen }
    }

    /// Whether there is anything to tell of, or was when the page was loaded.
    pub fn is_needed(self) -> bool {
        self.client.session().is_signed_in() && (self.entries.with(|all| !all.is_empty()) || self.has_noted())
    }

    /// Whether one is sent and not answered yet: a page that goes away then stops it on its way.
    pub fn is_sending(self) -> Signal<bool> {
        Signal::derive(move || {
            self.entries.with(|all| all.iter().any(|entry| entry.state == ChangeState::Sending))
        })
    }

    /// The demo begins anew with each page, so there is nothing to find again.
    fn has_noted(self) -> bool {
        self.client.session().is_service() && !noted_changes().is_empty()
    }

    /// Forgets all of them, when somebody signs out.
    pub fn clear(self) {
        if self.entries.with_untracked(|entries| !entries.is_empty()) {
            self.entries.set(Vec::new());
        }
    }

    /// Goes on with those that a reload interrupted.
    fn resume(self) {
        if !self.client.session().is_service() {
            return;
        }
        for (id, text) in noted_changes() {
            let is_known = self.entries.with_untracked(|all| all.iter().any(|entry| entry.id == id));
            let Ok(line) = serde_json::from_str::<Line>(&text) else {
                note_change(id, "");
                continue;
            };
            if is_known {
                continue;
            }
            let is_accepted = line.is_accepted;
            let state = if is_accepted { ChangeState::UnderWay } else { ChangeState::Asking };
            self.entries
                .update(|all| all.push(Entry { id, line, state, is_resumed: true, is_wanted: false }));
            spawn_local(async move {
                let arrived = is_accepted || self.find_out(id, None).await;
                if arrived {
                    self.follow(id).await;
                }
            });
        }
    }

    fn state_of(self, key: &Key) -> ChangeState {
        self.entries.with(|all| {
            let found = all.iter().rev().find(|entry| entry.has(key));
            found.map_or(ChangeState::Ready, |entry| entry.state.clone())
        })
    }

    fn send(self, plan: Plan, is_there: impl Fn() -> bool + 'static) {
        let key = plan.key();
        // The state and not the button decides: two presses may come before the button is drawn anew.
        let is_open = self
            .entries
            .with_untracked(|all| all.iter().any(|entry| entry.has(&key) && entry.state.is_open()));
        if is_open {
            return;
        }
        let id = new_id();
        let line = Line {
            title: plan.title,
            target: plan.target,
            expected: plan.expected,
            sent: js_sys::Date::now(),
            is_long: plan.is_long,
            is_accepted: false,
        };
        self.note(id, &line);
        let entry = Entry { id, line, state: ChangeState::Sending, is_resumed: false, is_wanted: false };
        self.entries.update(|all| {
            all.retain(|known| !known.has(&key));
            all.push(entry);
        });
        let is_removal = self.entry(id).is_some_and(|entry| entry.line.expected == Expected::Gone);
        spawn_local(async move {
            let (take, then) = (plan.take, plan.then);
            let answer = self.client.answer(plan.question, plan.older).await;
            let (goes_on, next) = match outcome(answer, &take, is_removal) {
                Outcome::Accepted(is_over, next) => {
                    let goes_on = plan.is_long || !is_over;
                    self.accept(id, goes_on);
                    (goes_on, Some(next))
                }
                Outcome::Refused(error) => return self.end(id, ChangeState::Refused(error)),
                Outcome::Unclear(refused) => {
                    self.put(id, ChangeState::Asking);
                    if !self.find_out(id, refused).await {
                        return;
                    }
                    let goes_on = self.entry(id).is_some_and(|entry| entry.state == ChangeState::UnderWay);
                    (goes_on, take(None).ok())
                }
            };
            if is_there() {
                if let Some(next) = next {
                    next();
                }
                then();
            }
            if goes_on {
                self.follow(id).await;
            }
        });
    }

    /// Finds out whether a change arrived, however long that takes. Tells whether it did.
    async fn find_out(self, id: u32, refused: Option<ApiError>) -> bool {
        let mut has_looked = false;
        let mut pause = FIRST_PAUSE;
        loop {
            let Some(Entry { line, .. }) = self.entry(id) else { return false };
            if line.expected == Expected::Untold {
                self.end(id, refused.map_or(ChangeState::Untold, ChangeState::Refused));
                return false;
            }
            match line.target.read(self.client).await {
                Ok(reading) => match line.expected.judge(&line.target, &reading, false) {
                    Verdict::NotArrived if !has_looked => {
                        has_looked = true;
                        sleep(SECOND_LOOK).await;
                    }
                    Verdict::NotArrived => {
                        self.end(id, refused.map_or(ChangeState::NotArrived, ChangeState::Refused));
                        return false;
                    }
                    Verdict::Untold => {
                        self.end(id, refused.map_or(ChangeState::Untold, ChangeState::Refused));
                        return false;
                    }
                    Verdict::UnderWay => {
                        self.accept(id, true);
                        return true;
                    }
                    Verdict::Done(word) => {
                        self.accept(id, true);
                        self.end(id, ChangeState::Done(word));
                        return true;
                    }
                    Verdict::Failed(words) => {
                        self.accept(id, true);
                        self.end(id, ChangeState::Failed(words));
                        return true;
                    }
                },
                Err(error) => {
                    self.put(id, ChangeState::Unknown(error));
                    self.wait(id, pause).await;
                    pause = longer(pause);
                }
            }
        }
    }

    /// Reads the target until it has come to rest.
    async fn follow(self, id: u32) {
        let mut was_under_way = false;
        let mut pause = FIRST_PAUSE;
        let began = js_sys::Date::now();
        loop {
            let Some(Entry { line, state: ChangeState::UnderWay, .. }) = self.entry(id) else { return };
            let reading = line.target.read(self.client).await;
            if self.entry(id).is_none() {
                return;
            }
            let verdict = reading.map(|reading| line.expected.judge(&line.target, &reading, was_under_way));
            match verdict {
                Ok(Verdict::Done(word)) => return self.end(id, ChangeState::Done(word)),
                Ok(Verdict::Failed(words)) => return self.end(id, ChangeState::Failed(words)),
                Ok(Verdict::UnderWay) => was_under_way = true,
                // Accepted, and at rest; there is nothing else to see.
                Ok(Verdict::Untold) => return self.end(id, ChangeState::Done(String::new())),
                // Accepted, and not to be seen: that is under way for a while, and after it nobody knows.
                Ok(Verdict::NotArrived) if js_sys::Date::now() - began > PATIENCE_MILLISECONDS => {
                    return self.end(id, ChangeState::Untold);
                }
                // What cannot be read now is read again: that is no end.
                Ok(Verdict::NotArrived) | Err(_) => {}
            }
            self.wait(id, pause.saturating_mul(self.client.pace().factor())).await;
            pause = longer(pause);
        }
    }

    /// Waits, unless somebody wants to know at once.
    async fn wait(self, id: u32, pause: Duration) {
        const STEP: Duration = Duration::from_millis(250);
        let mut left = pause;
        while let Some(rest) = left.checked_sub(STEP) {
            sleep(STEP).await;
            left = rest;
            if self.entry(id).is_none_or(|entry| entry.is_wanted) {
                break;
            }
        }
        self.change_entry(id, |entry| entry.is_wanted = false);
    }

    /// Asks at once what would be asked soon.
    fn ask_now(self, key: &Key) {
        let found =
            self.entries.with_untracked(|all| all.iter().find(|entry| entry.has(key)).map(|entry| entry.id));
        if let Some(id) = found {
            self.change_entry(id, |entry| entry.is_wanted = true);
        }
    }

    fn accept(self, id: u32, goes_on: bool) {
        self.change_entry(id, |entry| {
            entry.line.is_accepted = true;
            entry.state = ChangeState::UnderWay;
        });
        let Some(entry) = self.entry(id) else { return };
        self.touch(&entry.line.target);
        if goes_on {
            self.note(id, &entry.line);
        } else {
            self.end(id, ChangeState::Done(String::new()));
        }
    }

    fn end(self, id: u32, state: ChangeState) {
        note_change(id, "");
        let words = match &state {
            ChangeState::Done(_) => Some(("✓", "Done")),
            ChangeState::Failed(_) => Some(("✕", "Did not work")),
            _ => None,
        };
        self.put(id, state);
        let Some(entry) = self.entry(id) else { return };
        if entry.line.is_accepted {
            self.touch(&entry.line.target);
        }
        if let Some((sign, words)) = words {
            self.watches.tell(sign, &format!("{words}: {}", entry.line.title));
        }
    }

    /// Asks again what the screen shows of what was changed.
    fn touch(self, target: &Target) {
        let (subscription, workspace) = target.scope();
        self.on_screen.ask_again(|question| question.is_about(subscription, workspace));
    }

    fn note(self, id: u32, line: &Line) {
        if self.client.session().is_service() {
            note_change(id, &serde_json::to_string(line).unwrap_or_default());
        }
    }

    fn put(self, id: u32, state: ChangeState) {
        self.change_entry(id, |entry| entry.state = state);
    }

    fn change_entry(self, id: u32, change: impl FnOnce(&mut Entry)) {
        let _ = self.entries.try_update(|all| {
            if let Some(entry) = all.iter_mut().find(|entry| entry.id == id) {
                change(entry);
            }
        });
    }

    /// None where it was forgotten, or everything was: somebody signed out.
    fn entry(self, id: u32) -> Option<Entry> {
        let find = |all: &Vec<Entry>| all.iter().find(|entry| entry.id == id).cloned();
        self.entries.try_with_untracked(find).flatten()
    }

    fn forget(self, id: u32) {
        let _ = self.entries.try_update(|all| all.retain(|entry| entry.id != id));
    }

    /// What a piece of a page shows is not told above it, until that piece goes away; how it ended was seen by then.
    fn show(self, key: Memo<Option<Key>>) {
        let piece = new_id();
        self.shown.update(|all| all.push((piece, key)));
        on_cleanup(move || {
            let last = key.try_get_untracked().flatten();
            let _ = self.shown.try_update(|all| all.retain(|(known, _)| *known != piece));
            let _ = self.entries.try_update(|all| {
                all.retain(|entry| {
                    let is_it = last.as_ref().is_some_and(|key| entry.has(key));
                    entry.state.is_open() || entry.is_told_above() || !is_it
                });
            });
        });
    }
}

impl Entry {
    fn has(&self, key: &Key) -> bool {
        self.line.target == key.0 && self.line.title == key.1
    }

    /// Whether it is told above every page, whatever the page itself shows.
    fn is_told_above(&self) -> bool {
        match self.state {
            ChangeState::UnderWay | ChangeState::Done(_) => self.line.is_long || self.is_resumed,
            ChangeState::Failed(_) => true,
            _ => false,
        }
    }
}

/// What came of sending a change.
enum Outcome {
    /// The service took it; whether that is all, and what to do with the answer.
    Accepted(bool, Box<dyn FnOnce()>),
    /// It did not, or nothing was sent.
    Refused(ApiError),
    /// Nobody knows, and what was said, if anything was.
    Unclear(Option<ApiError>),
}

fn outcome(answer: Result<Response<Vec<u8>>, ApiError>, take: &Take, is_removal: bool) -> Outcome {
    let response = match answer {
        Ok(response) => response,
        Err(ApiError::Unreachable(_)) => return Outcome::Unclear(None),
        Err(error) => return Outcome::Refused(error),
    };
    match take(Some(&response)) {
        Ok(next) => Outcome::Accepted(response.status() != 202, next),
        // A good status with something else than the service sends: a gateway's page, half a document.
        Err(ApiError::Unreadable { .. }) => Outcome::Unclear(None),
        Err(error) if UNCLEAR.contains(&response.status().as_u16()) => Outcome::Unclear(Some(error)),
        // A browser sends again by itself what a kept connection lost, and so the second removal meets the first.
        Err(error) if is_removal && matches!(error.status(), Some(404 | 409)) => {
            Outcome::Unclear(Some(error))
        }
        Err(error) => Outcome::Refused(error),
    }
}

/// Half as long again, and a little more or less, so that tabs do not all ask at once.
fn longer(pause: Duration) -> Duration {
    pause.mul_f64(1.4 + 0.2 * js_sys::Math::random()).min(LONGEST_PAUSE)
}

fn new_id() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

/// A change that a page can make. A handle.
#[derive(Clone, Copy)]
pub struct Change {
    plan: StoredValue<PlanOf>,
    key: Memo<Option<Key>>,
    changes: Changes,
    is_read_only: bool,
}

/// What would be sent now; none while something is missing.
type PlanOf = Arc<dyn Fn() -> Option<Plan> + Send + Sync>;

/// A change that this page can make: what it would be now, or nothing while something is missing.
pub fn change(plan: impl Fn() -> Option<Plan> + Send + Sync + 'static) -> Change {
    let changes = expect_context::<Changes>();
    let plan: PlanOf = Arc::new(plan);
    let planned = Arc::clone(&plan);
    // While something is missing, what was said about it last stays.
    let key = Memo::new(move |known: Option<&Option<Key>>| {
        planned().map(|plan| plan.key()).or_else(|| known.cloned().flatten())
    });
    Change { plan: StoredValue::new(plan), key, changes, is_read_only: read_only_reason().is_some() }
}

impl Change {
    /// What would be sent now.
    pub fn plan(self) -> Option<Plan> {
        let plan = self.plan.try_get_value()?;
        plan()
    }

    /// Sends it, unless it is under way already or this page may change nothing.
    pub fn send(self) {
        if self.is_read_only {
            return;
        }
        if let Some(plan) = untrack(|| self.plan()) {
            self.changes.send(plan, move || self.plan.try_get_value().is_some());
        }
    }

    /// How it goes.
    pub fn state(self) -> Signal<ChangeState> {
        Memo::new(move |_| {
            self.key.with(|key| key.as_ref().map_or(ChangeState::Ready, |key| self.changes.state_of(key)))
        })
        .into()
    }

    /// What it does, as its plan says.
    pub fn title(self) -> Signal<String> {
        Signal::derive(move || {
            self.key.with(|key| key.as_ref().map(|(_, title)| title.clone())).unwrap_or_default()
        })
    }

    /// Its outcome is shown by whoever calls this, and not above the page.
    fn show(self) {
        self.changes.show(self.key);
    }

    /// Asks now whether it arrived.
    pub fn ask_now(self) {
        if let Some(key) = self.key.get_untracked() {
            self.changes.ask_now(&key);
        }
    }

    /// Whether this page may change anything.
    pub fn is_read_only(self) -> bool {
        self.is_read_only
    }
}
