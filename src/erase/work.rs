//! The work of an erasure: one request at a time, each noted before it is sent.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

use azimuth_api::{
    ApiError, DeleteCompute, DeleteExperiment, DeleteManaged, DeleteWorkspace, GetExperimentById,
    GetWorkspace, ManagedPart, Operation, UnderlyingResource, WorkspaceId,
};
use futures::lock::Mutex;
use gloo_timers::future::sleep;
use http::Response;
use http::header::{HeaderName, RETRY_AFTER};
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::changes::Target;
use crate::client::{Client, Question};
use crate::erase::inventory;
use crate::erase::journal::{Answer, Course, Event, Found, Look, Remaining, Remains, Standing, Step};
use crate::erase::plan::{Kind, Planned, Thing, stays};
use crate::erase::receipt::Place;
use crate::lasting::{By, ERASURES, folder_name, of_session, on_leave, own};
use crate::navigation::Navigation;
use crate::private_files::{Folder, Lock, PrivateFilesError};
use crate::session::SessionKind;

/// A constant, because a name that is parsed brings the table of all names.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
/// Statuses of a reading that may be another in a while; the transport has tried a few times by then.
const PASSING: [u16; 7] = [408, 429, 500, 502, 503, 504, 530];
/// How often such a reading is tried again here.
const MOST_LOOKS: u32 = 3;
/// Between two tries of a reading that got no answer, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// For how long nothing is sent after a 429 that does not say.
const USUAL_REST: u32 = 10;
/// The longest wait that is waited for without looking whether something has changed.
const STEP: Duration = Duration::from_millis(250);
/// What an erasure is about.
const HEAD: &str = "head.json";
/// Before the number of each file of lines, and how many lines a file has.
const LINES: &str = "lines-";
const MOST_LINES: usize = 100;

/// Whether there is an erasure in a workspace.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It is being looked for.
    Looking,
    /// There is none.
    None,
    /// There is one: see its course.
    There,
    /// Another tab is at it.
    Elsewhere,
    /// This browser keeps no files for the page, so nothing could be gone on with.
    Impossible(PrivateFilesError),
    /// What was kept cannot be read.
    Damaged(String),
}

/// What an erasure is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Activity {
    /// Nothing, until somebody wants it to.
    Idle,
    /// Deleting and looking.
    Working,
    /// No answer came, and it is asked again in a while.
    NoAnswer(ApiError),
    /// A service asked to wait.
    Resting,
    /// All is done; what is there still is being listed.
    Listing,
    /// It cannot go on: nobody is signed in, for example.
    Halted(ApiError),
    /// It cannot go on, or begin: a line could not be written, and nothing is sent without one.
    NotNoted(PrivateFilesError),
}

impl Activity {
    /// Whether it goes on by itself.
    pub fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle | Self::Halted(_) | Self::NotNoted(_))
    }
}

/// What an erasure is about: written once, before anything else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Where it is.
    pub place: Place,
    /// What was there when the plan was made.
    pub seen: BTreeSet<Thing>,
    /// Kinds that could be listed then.
    pub listed: Vec<Kind>,
}

/// The erasure of a workspace, if there is one. A handle; it goes on while other pages are shown.
#[derive(Clone, Copy)]
pub struct Erasure {
    workspace: StoredValue<WorkspaceId>,
    /// Of its folder.
    name: StoredValue<String>,
    client: Client,
    stage: RwSignal<Stage>,
    head: RwSignal<Option<Head>>,
    course: RwSignal<Course>,
    activity: RwSignal<Activity>,
    /// Whether somebody wants it to stop, from then on and not only once that is written down.
    stops: StoredValue<bool>,
    kept: StoredValue<Rc<RefCell<Kept>>, LocalStorage>,
    /// Whose turn it is to write: of two that write a file at a time, the one that ends last would win.
    turn: StoredValue<Rc<Mutex<()>>, LocalStorage>,
}

/// Where the lines go.
#[derive(Default)]
struct Kept {
    /// None in the demo, which begins anew with each page.
    folder: Option<Folder>,
    /// Which file of lines is written to, and what is in it.
    file: usize,
    lines: Vec<String>,
    /// Kept for as long as this tab is the one that works.
    _lock: Option<Lock>,
}

/// The erasures of a session, by their folders.
#[derive(Clone, Copy)]
struct Erasures {
    client: Client,
    all: StoredValue<HashMap<String, Erasure>>,
    /// What they belong to.
    owner: StoredValue<Owner>,
}

impl Erasures {
    /// None yet. Whoever signs out leaves nothing behind, and what goes on is told of before the page goes elsewhere.
    fn start(client: Client, navigation: Navigation) -> Self {
        let all = StoredValue::new(HashMap::<String, Erasure>::new());
        let is_busy = move || all.with_value(|all| all.values().any(|erasure| erasure.is_busy()));
        navigation.cannot_keep("deletions that are on their way", Signal::derive(is_busy));
        let session = client.session();
        navigation.ask_before_sign_out(Signal::derive(move || {
            let at_stake = all.with_value(|all| all.values().find_map(|erasure| erasure.at_stake()));
            at_stake.filter(|_| navigation.session() == session.kind()).map(str::to_owned)
        }));
        on_leave(session, move || {
            all.update_value(|all| all.drain().for_each(|(_, erasure)| erasure.leave()));
        });
        Self { client, all, owner: StoredValue::new(Owner::current().unwrap_or_default()) }
    }
}

impl Erasure {
    /// That of a workspace.
    pub fn of(workspace: &WorkspaceId) -> Self {
        let Erasures { client, all, owner } = of_session(Erasures::start);
        let by = untrack(|| By::now(client.session()));
        let folder = folder_name(workspace, by.as_ref());
        if let Some(known) = all.with_value(|all| all.get(&folder).copied()) {
            if matches!(known.stage.get_untracked(), Stage::Elsewhere | Stage::Impossible(_)) {
                known.find();
            }
            // Why it could not begin is of no use to whoever comes back.
            if known.stage.get_untracked() == Stage::None && !known.is_busy() {
                known.activity.set(Activity::Idle);
            }
            return known;
        }
        let erasure = owner.get_value().with(|| Self {
            workspace: StoredValue::new(workspace.clone()),
            name: StoredValue::new(folder.clone()),
            client,
            stage: RwSignal::new(Stage::Looking),
            head: RwSignal::new(None),
            course: RwSignal::new(Course::default()),
            activity: RwSignal::new(Activity::Idle),
            stops: StoredValue::new(false),
            kept: StoredValue::new_local(Rc::default()),
            turn: StoredValue::new_local(Rc::default()),
        });
        all.update_value(|all| _ = all.insert(folder, erasure));
        erasure.find();
        erasure
    }

    /// Whether there is one.
    pub fn stage(self) -> Signal<Stage> {
        self.stage.into()
    }

    /// What it is about.
    pub fn head(self) -> Signal<Option<Head>> {
        self.head.into()
    }

    /// How far it is.
    pub fn course(self) -> Signal<Course> {
        self.course.into()
    }

    /// What it is doing.
    pub fn activity(self) -> Signal<Activity> {
        self.activity.into()
    }

    fn is_busy(self) -> bool {
        self.activity.with_untracked(Activity::is_busy)
    }

    /// What is gone once somebody signs out, in a sentence.
    fn at_stake(self) -> Option<&'static str> {
        if self.stage.get_untracked() != Stage::There {
            return None;
        }
        Some(if self.course.with_untracked(|course| course.ended().is_some()) {
            "The receipt of an erasure lies in this browser. Signing out removes it; save it first, unless you did."
        } else {
            "An erasure is not finished. Signing out ends it and removes what its receipt is made of from this browser."
        })
    }

    /// The demo begins anew with each page, and an export cannot be changed.
    fn is_kept(self) -> bool {
        self.client.session().kind() == SessionKind::Service
    }

    /// Looks for one that was begun before, unless another tab is at it.
    pub fn find(self) {
        self.stage.set(Stage::Looking);
        spawn_local(async move {
            let stage = match self.found().await {
                Ok(stage) => stage,
                Err(PrivateFilesError::Other(words)) => Stage::Damaged(words),
                Err(error) => Stage::Impossible(error),
            };
            self.stage.try_set(stage);
        });
    }

    async fn found(self) -> Result<Stage, PrivateFilesError> {
        if !self.is_kept() {
            return Ok(Stage::None);
        }
        let name = self.name.get_value();
        let place = [ERASURES, &name];
        // Of now: the lock is let go with it, if somebody signs out meanwhile.
        let kept = self.kept.get_value();
        let Some(lock) = own(&place).await else { return Ok(Stage::Elsewhere) };
        let folder = Folder::open(&place).await?;
        let damaged = |error: serde_json::Error| PrivateFilesError::Other(error.to_string());
        let head = match folder.text(HEAD).await {
            Ok(text) => serde_json::from_str::<Head>(&text).map_err(damaged)?,
            Err(PrivateFilesError::NotFound) => {
                *kept.borrow_mut() = Kept { folder: Some(folder), _lock: Some(lock), ..Kept::default() };
                return Ok(Stage::None);
            }
            Err(error) => return Err(error),
        };
        let mut files = folder.names().await?;
        files.retain(|name| name.starts_with(LINES));
        files.sort();
        let mut course = Course::default();
        for file in &files {
            for line in folder.text(file).await?.lines() {
                course.take(&serde_json::from_str(line).map_err(damaged)?);
            }
        }
        // Its next lines go to a file of their own.
        let file = files.last().and_then(|last| last.strip_prefix(LINES)?.parse::<usize>().ok());
        let file = file.map_or(0, |last| last + 1);
        *kept.borrow_mut() = Kept { folder: Some(folder), file, lines: Vec::new(), _lock: Some(lock) };
        let is_left = self.kept.try_with_value(|known| !Rc::ptr_eq(known, &kept)).unwrap_or(true);
        if is_left || course.things().is_empty() {
            return Ok(Stage::None);
        }
        self.course.try_set(course);
        self.head.try_set(Some(head));
        Ok(Stage::There)
    }

    /// Begins with what somebody confirmed. There is none before its first line is written, so that a plan which cannot
    /// be begun with stays on the page.
    pub fn start(self, head: Head, things: Vec<Planned>) {
        if self.stage.get_untracked() != Stage::None || self.is_busy() {
            return;
        }
        self.head.set(Some(head.clone()));
        self.course.set(Course::default());
        self.activity.set(Activity::Working);
        self.stops.set_value(false);
        spawn_local(async move {
            let mut noted = self.note_head(&head).await;
            if noted.is_ok() {
                noted = self.note(self.asked(things)).await;
            }
            if self.is_left() {
                return;
            }
            if let Err(error) = noted {
                self.head.try_set(None);
                self.activity.try_set(Activity::NotNoted(error));
                return;
            }
            self.stage.try_set(Stage::There);
            self.work(Ok(())).await;
        });
    }

    /// Adds things that somebody confirmed since, and tries others again.
    pub fn add(self, things: Vec<Planned>, again: Vec<usize>) {
        self.begin_again(vec![self.asked(things), Event::Again { at: now(), things: again }]);
    }

    /// Tries some again that did not work.
    pub fn try_again(self, things: Vec<usize>) {
        self.begin_again(vec![Event::Again { at: now(), things }]);
    }

    /// Looks again at what was still being deleted. If it was stopped it stays so.
    pub fn look_again(self, things: Vec<usize>) {
        let was_stopped = self.course.with_untracked(Course::is_stopped);
        let stopped = was_stopped.then(|| Event::Stopped { at: now() });
        self.begin_again([Event::Again { at: now(), things }].into_iter().chain(stopped).collect());
    }

    /// Goes on after it was stopped, halted or interrupted.
    pub fn resume(self) {
        self.begin_again(vec![Event::Resumed { at: now() }]);
    }

    /// Ends it as it is: what was sent is followed to its end, and nothing else is.
    pub fn end_here(self) {
        self.begin_again(vec![Event::Stopped { at: now() }]);
    }

    /// Sends nothing more. What was sent is followed to its end.
    pub fn stop(self) {
        self.stops.set_value(true);
        spawn_local(async move { drop(self.note(Event::Stopped { at: now() }).await) });
    }

    /// Forgets it: its receipt is gone.
    pub fn remove(self) {
        if self.is_busy() {
            return;
        }
        self.stage.set(Stage::Looking);
        spawn_local(async move {
            let kept = self.kept.get_value();
            let name = self.name.get_value();
            if self.is_kept() {
                drop(Folder::remove_all(&[ERASURES, &name]).await);
            }
            // The folder is made anew when the next one is looked for.
            *kept.borrow_mut() = Kept::default();
            self.course.try_set(Course::default());
            self.head.try_set(None);
            self.activity.try_set(Activity::Idle);
            self.find();
        });
    }

    /// Lets another tab, or another person, have it.
    fn leave(self) {
        self.course.set(Course::default());
        self.head.set(None);
        self.stage.set(Stage::None);
        self.kept.set_value(Rc::default());
        self.activity.set(Activity::Idle);
    }

    /// Whether whoever began it is gone.
    fn is_left(self) -> bool {
        self.head.try_with_untracked(Option::is_none).unwrap_or(true)
    }

    fn asked(self, things: Vec<Planned>) -> Event {
        let by = untrack(|| By::now(self.client.session()));
        Event::Asked { at: now(), by, things }
    }

    fn begin_again(self, events: Vec<Event>) {
        if self.is_busy() {
            return;
        }
        self.activity.set(Activity::Working);
        self.stops.set_value(false);
        spawn_local(async move {
            let turn = self.turn.get_value();
            let first = turn.lock().await;
            let mut noted = Ok(());
            for event in events {
                if noted.is_ok() {
                    noted = self.write(event).await;
                }
            }
            drop(first);
            self.work(noted).await;
        });
    }

    /// Works until there is nothing to do, or it cannot go on.
    async fn work(self, noted: Result<(), PrivateFilesError>) {
        let mut result = noted.map_err(Activity::NotNoted);
        while result.is_ok() {
            self.set(Activity::Working);
            // Somebody signed out, another is there now, or the app is gone.
            let is_out =
                self.client.session().person().try_get_untracked().is_none_or(|person| person.is_none());
            if is_out || self.is_left() {
                return self.set(Activity::Idle);
            }
            let Some(step) = self.course.try_with_untracked(|course| course.next(now())) else { return };
            result = match step {
                Step::Look(thing) => self.look_at(thing).await,
                Step::Begin(thing) => self.begin(thing).await,
                Step::Wait(wait) => {
                    sleep(STEP.min(Duration::from_millis(wait.unsigned_abs()))).await;
                    Ok(())
                }
                Step::Over => break,
            };
        }
        let result = match result {
            Ok(()) => self.end().await,
            halted => halted,
        };
        self.set(result.err().unwrap_or(Activity::Idle));
    }

    /// Writes down what is there now that nothing more is done.
    async fn end(self) -> Result<(), Activity> {
        self.set(Activity::Listing);
        let remains = self.remains().await;
        let missed = self.course.try_with_untracked(|course| course.missed(&remains)).unwrap_or_default();
        for thing in missed {
            match self.look_at(thing).await {
                // It was stopped, and what is known of it is no less true for that.
                Err(Activity::Halted(ApiError::Unreachable(_))) => {}
                looked => looked?,
            }
        }
        self.noted(Event::Ended { at: now(), remains }).await
    }

    /// Looks at something whose deletion was sent.
    async fn look_at(self, thing: usize) -> Result<(), Activity> {
        let Some(planned) = self.planned(thing) else { return Ok(()) };
        let look = self.look(&planned).await?;
        self.noted(Event::Looked { thing, at: now(), look }).await
    }

    /// Looks at something whose turn has come, and deletes it if it is what was asked for.
    async fn begin(self, thing: usize) -> Result<(), Activity> {
        let Some(planned) = self.planned(thing) else { return Ok(()) };
        let look = self.look(&planned).await?;
        if look.found != Found::There {
            return self.noted(Event::Looked { thing, at: now(), look }).await;
        }
        if self.stops.try_get_value().unwrap_or(true) {
            return self.stopped().await;
        }
        // Only what this line was written for is ever sent.
        self.noted(Event::Sent { thing, at: now() }).await?;
        // Somebody signed out meanwhile; nothing is sent in the name of who comes next.
        if self.planned(thing).as_ref() != Some(&planned) {
            return Ok(());
        }
        if self.stops.try_get_value().unwrap_or(true) {
            let why = "It was stopped before this was sent.".to_owned();
            self.noted(Event::Held { thing, at: now(), answer: None, why }).await?;
            return self.stopped().await;
        }
        let (question, older) = self.workspace.with_value(|workspace| deletion(workspace, &planned));
        let answered = self.client.answer(question.once(), older.map(Question::once)).await;
        let at = now();
        match answered {
            Ok(response) => {
                let answer = answer_of(&response);
                if answer.status == 401 {
                    let error = ApiError::refused(&response);
                    let why = "Nobody is signed in who may do this.".to_owned();
                    self.noted(Event::Held { thing, at, answer: Some(answer), why }).await?;
                    return Err(Activity::Halted(error));
                }
                let rest = (answer.status == 429).then(|| retry_after(&response).unwrap_or(USUAL_REST));
                self.noted(Event::Answered { thing, at, answer }).await?;
                if let Some(seconds) = rest {
                    self.set(Activity::Resting);
                    self.pause(Duration::from_secs(seconds.into())).await;
                }
                Ok(())
            }
            Err(ApiError::Unreachable(_)) => {
                let why = "No answer came.".to_owned();
                self.noted(Event::Unanswered { thing, at, why }).await
            }
            Err(error) => {
                let why = "It was not sent.".to_owned();
                self.noted(Event::Held { thing, at, answer: None, why }).await?;
                Err(Activity::Halted(error))
            }
        }
    }

    /// Begins nothing more: the line that says so may not be written yet.
    async fn stopped(self) -> Result<(), Activity> {
        if self.course.try_with_untracked(Course::is_stopped).unwrap_or(true) {
            return Ok(());
        }
        self.noted(Event::Stopped { at: now() }).await
    }

    /// Reads something, for as long as no answer comes.
    async fn look(self, planned: &Planned) -> Result<Look, Activity> {
        let mut pause = FIRST_PAUSE;
        let mut looks = 0;
        loop {
            let (target, (question, older)) =
                self.workspace.with_value(|workspace| reading(workspace, planned));
            let error = match self.client.answer(question, older).await {
                Ok(response) => {
                    let answer = answer_of(&response);
                    looks += 1;
                    match answer.status {
                        404 => return Ok(Look { found: Found::Nothing, answer }),
                        200..300 => {
                            let found = match serde_json::from_slice::<Value>(response.body()) {
                                Ok(document) if planned.is_another(&document) => Found::Another,
                                Ok(document) if target.settling_state(&document) == Some("Deleting") => {
                                    Found::Going
                                }
                                Ok(_) => Found::There,
                                Err(_) => Found::Refused,
                            };
                            return Ok(Look { found, answer });
                        }
                        401 => return Err(Activity::Halted(ApiError::refused(&response))),
                        status if PASSING.contains(&status) && looks < MOST_LOOKS => {
                            ApiError::refused(&response)
                        }
                        _ => return Ok(Look { found: Found::Refused, answer }),
                    }
                }
                Err(error @ ApiError::Unreachable(_)) => error,
                Err(error) => return Err(Activity::Halted(error)),
            };
            // Stopped, nobody waits for an answer that does not come.
            if self.course.try_with_untracked(Course::is_stopped).unwrap_or(true) {
                return Err(Activity::Halted(error));
            }
            self.set(Activity::NoAnswer(error));
            self.pause(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits, unless somebody stops it.
    async fn pause(self, pause: Duration) {
        let mut left = pause;
        while let Some(rest) = left.checked_sub(STEP) {
            sleep(STEP).await;
            left = rest;
            if self.course.try_with_untracked(Course::is_stopped).unwrap_or(true) {
                return;
            }
        }
    }

    /// What is there now that nothing more is done.
    async fn remains(self) -> Remains {
        let Some(Head { place, seen, listed }) = self.head.get_untracked() else { return Remains::default() };
        let course = self.course.get_untracked();
        let workspace = self.workspace.get_value();
        let mut remains = Remains::default();
        let of_workspace = course.things().iter().find(|known| known.planned.thing.kind == Kind::Workspace);
        let is_gone =
            |standing| matches!(standing, &Standing::Gone | &Standing::Absent | &Standing::Replaced);
        if of_workspace.is_some_and(|known| is_gone(&known.standing)) {
            remains.stays = place.stays;
            return remains;
        }
        let mut with_runs = None;
        for kind in Kind::PARTS {
            let found = match inventory::read(self.client, &workspace, kind, &|_| ()).await {
                Ok(found) => found,
                Err(error) => {
                    remains.unread.push((kind.plural().to_owned(), words_of(&error)));
                    continue;
                }
            };
            if kind == Kind::Experiment {
                with_runs = Some(found.iter().filter(|found| found.obstacle.is_some()).count());
            }
            let mut others = 0;
            for one in found {
                let asked_for = course.progress(&one.planned.thing);
                let came_later = match asked_for {
                    Some(known) => known.planned.is_replaced_by(&one.planned),
                    None => listed.contains(&kind) && !seen.contains(&one.planned.thing),
                };
                if asked_for.is_some() || came_later {
                    let Planned { thing, name, .. } = one.planned;
                    remains.things.push(Remaining { thing, name, came_later });
                } else {
                    others += 1;
                }
            }
            if others > 0 {
                remains.others.push((kind.plural().to_owned(), others));
            }
        }
        remains.stays = match self.client.ask(&GetWorkspace { workspace }).await {
            Ok(found) => stays(&found, with_runs, false),
            Err(_) => place.stays,
        };
        remains
    }

    fn planned(self, thing: usize) -> Option<Planned> {
        self.course.with_untracked(|course| Some(course.things().get(thing)?.planned.clone()))
    }

    fn set(self, activity: Activity) {
        let activity = if self.is_left() { Activity::Idle } else { activity };
        if self.activity.try_with_untracked(|known| *known != activity) == Some(true) {
            self.activity.try_set(activity);
        }
    }

    async fn noted(self, event: Event) -> Result<(), Activity> {
        self.note(event).await.map_err(Activity::NotNoted)
    }

    /// Writes a line, and takes it into account once it is written.
    async fn note(self, event: Event) -> Result<(), PrivateFilesError> {
        let turn = self.turn.get_value();
        let _turn = turn.lock().await;
        self.write(event).await
    }

    /// The same for whoever has the turn.
    async fn write(self, event: Event) -> Result<(), PrivateFilesError> {
        let line =
            serde_json::to_string(&event).map_err(|error| PrivateFilesError::Other(error.to_string()))?;
        let kept = self.kept.get_value();
        let (folder, name, text) = {
            let mut kept = kept.borrow_mut();
            // The lines of a plan are long, and are not to be written again with each that follows.
            if kept.lines.len() >= MOST_LINES || kept.lines.first().is_some_and(|line| line.len() > 10_000) {
                kept.file += 1;
                kept.lines.clear();
            }
            kept.lines.push(line);
            (kept.folder.clone(), format!("{LINES}{:06}", kept.file), kept.lines.join("\n"))
        };
        if let Some(folder) = folder {
            let written = folder.write(&name, &Array::of1(&text.into())).await;
            if written.is_err() {
                // What was not written did not happen, and is not written with the next line either.
                kept.borrow_mut().lines.pop();
            }
            written?;
        }
        self.course.try_update(|course| course.take(&event));
        Ok(())
    }

    async fn note_head(self, head: &Head) -> Result<(), PrivateFilesError> {
        let text =
            serde_json::to_string(head).map_err(|error| PrivateFilesError::Other(error.to_string()))?;
        let folder = self.kept.get_value().borrow().folder.clone();
        match folder {
            Some(folder) => folder.write(HEAD, &Array::of1(&text.into())).await,
            None => Ok(()),
        }
    }
}

fn now() -> i64 {
    js_sys::Date::now() as i64
}

type Asking = (Question, Option<Question>);

fn both<O: Operation>(operation: &O) -> Asking {
    (Question::of(operation), operation.otherwise().map(|older| Question::of(&older)))
}

/// What deletes something.
fn deletion(workspace: &WorkspaceId, planned: &Planned) -> Asking {
    let workspace = workspace.clone();
    let id = planned.thing.id.as_str();
    let managed = |workspace, part| both(&DeleteManaged::of(workspace, part));
    match planned.thing.kind {
        Kind::Service => managed(workspace, ManagedPart::Service(id.into())),
        Kind::Image => managed(workspace, ManagedPart::Image(id.into())),
        Kind::Model => managed(workspace, ManagedPart::Model(id.into())),
        Kind::Asset => managed(workspace, ManagedPart::Asset(id.into())),
        Kind::Compute => {
            let underlying = match planned.is_detached {
                true => UnderlyingResource::Detach,
                false => UnderlyingResource::Delete,
            };
            both(&DeleteCompute { workspace, compute: id.into(), underlying })
        }
        Kind::Experiment => both(&DeleteExperiment { workspace, experiment_id: id.to_owned() }),
        Kind::Workspace => both(&DeleteWorkspace { workspace }),
    }
}

/// What asks for it.
fn reading(workspace: &WorkspaceId, planned: &Planned) -> (Target, Asking) {
    let place = workspace.clone();
    let id = planned.thing.id.as_str();
    let target = match planned.thing.kind {
        Kind::Service => Target::Service(place, id.into()),
        Kind::Image => Target::Image(place, id.into()),
        Kind::Model => Target::Model(place, id.into()),
        Kind::Asset => Target::Asset(place, id.into()),
        Kind::Compute => Target::Compute(place, id.into()),
        Kind::Workspace => Target::Workspace(place),
        // By its name another one might answer.
        Kind::Experiment => {
            let target = Target::Experiment(place.clone(), planned.name.as_str().into());
            return (target, both(&GetExperimentById { workspace: place, experiment_id: id.to_owned() }));
        }
    };
    let asking = target.question();
    (target, asking)
}

fn answer_of(response: &Response<Vec<u8>>) -> Answer {
    let status = response.status().as_u16();
    let header = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    if response.status().is_success() {
        return Answer { status, request_id: header, code: None, words: None };
    }
    let error = ApiError::refused(response);
    let refusal = error.refusal().cloned().unwrap_or_default();
    Answer {
        status,
        request_id: header.or_else(|| refusal.request_id.clone()),
        code: refusal.exact_code().map(str::to_owned),
        words: (!refusal.message.is_empty()).then(|| refusal.message.chars().take(1_000).collect()),
    }
}

fn retry_after(response: &Response<Vec<u8>>) -> Option<u32> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
}

/// A failure in a few words, for a receipt.
fn words_of(error: &ApiError) -> String {
    match (error.refusal(), error) {
        (Some(refusal), _) => {
            format!("{} {}", refusal.status, refusal.exact_code().unwrap_or_default()).trim().to_owned()
        }
        (None, ApiError::Unreadable { reason, .. }) => reason.clone(),
        (None, _) => "No answer came.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erase::plan::tests::planned;

    fn workspace(name: &str) -> WorkspaceId {
        WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: name.into() }
    }

    #[test]
    fn an_answer_without_a_header_gives_the_request_id_of_its_body() {
        let body = br#"{"error":{"code":"UserError","message":"No.","innerError":{"code":"Deep"}},"correlation":{"request":"7"}}"#;
        let mut response = Response::new(body.to_vec());
        *response.status_mut() = http::StatusCode::BAD_REQUEST;
        let answer = answer_of(&response);
        let told =
            (answer.status, answer.request_id.as_deref(), answer.code.as_deref(), answer.words.as_deref());
        assert_eq!(told, (400, Some("7"), Some("Deep"), Some("No.")));
    }

    #[test]
    fn what_was_attached_is_let_go_and_not_deleted() {
        let mut compute = planned(Kind::Compute, "c", &[]);
        let question = |planned: &Planned| deletion(&workspace("w"), planned).0;
        let deleted = question(&compute);
        compute.is_detached = true;
        let detach = DeleteCompute {
            workspace: workspace("w"),
            compute: "c".into(),
            underlying: UnderlyingResource::Detach,
        };
        assert!(question(&compute) == Question::of(&detach) && question(&compute) != deleted);
    }
}
