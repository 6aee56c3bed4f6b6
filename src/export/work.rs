//! Exports at work: what is to be asked is asked, four questions at a time, and what comes is put into private files in
//! pieces, each of which is there as a whole or not at all.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use azimuth_api::{ApiError, GetArtifactContent, NoAnswer, Operation, Timestamp, WorkspaceId};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::future::{Either, LocalBoxFuture, select};
use futures::stream::{FuturesUnordered, StreamExt};
use gloo_timers::future::sleep;
use http::Response;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sha2::{Digest, Sha256};
use web_sys::{Blob, BlobPropertyBag};

use crate::client::{AskedAt, Client, Question};
use crate::components::download::save_blob;
use crate::export::archive::{FileKind, content_path};
use crate::export::finish::{self, BEGINNING, FINISHED, journal_name, part_name, write_text};
use crate::export::journal::{
    Asked, Beginning, Done, Failed, FileLine, Ledger, Line, Number, Place, failure_of, file_key,
};
use crate::export::redact::without_secrets;
use crate::export::selection::Selection;
use crate::export::state::{ExportState, Failure, Finished, Pause, Progress};
use crate::export::task::{Made, OfRun, Outcome, Task};
use crate::files::reader::FileReader;
use crate::files::zip::{self, Checksum, Entry};
use crate::lasting::{By, exports_of, folder_name, of_session, on_leave, own};
use crate::navigation::Navigation;
use crate::private_files::{Folder, PrivateFilesError, Writer};
use crate::transport::ByteRange;

/// How many questions wait for their answer at a time.
const AT_ONCE: usize = 4;
/// A part is closed when it has so many bytes.
const MOST_OF_PART: u64 = 64 * 1024 * 1024;
/// Or is so old, in milliseconds.
const OLDEST: f64 = 10_000.0;
/// How much is gathered before it is written.
const PIECE: usize = 1024 * 1024;
/// How much of a file is asked for at once.
const RANGE: u64 = 4 * 1024 * 1024;
/// What is longer gets private files of its own, and is never in memory as a whole.
const LARGE: usize = 8 * 1024 * 1024;
/// How often pages are told, in milliseconds.
const TOLD: f64 = 200.0;
/// How often a service that asks to wait is asked again, and the longest that is waited for one answer.
const MOST_WAITS: u32 = 5;
const LONGEST_WAIT: u32 = 900;

/// The exports of the session that is shown.
pub fn use_exports() -> Exports {
    of_session(Exports::start_in_app)
}

/// The exports of a session, one of a workspace. A handle; work goes on whichever page is shown.
#[derive(Clone, Copy)]
pub struct Exports(StoredValue<Rc<Inner>, LocalStorage>);

struct Inner {
    client: Client,
    /// By their folders.
    jobs: RefCell<HashMap<String, Rc<Job>>>,
    /// How many are at work.
    working: RwSignal<usize>,
}

/// The export of a workspace.
struct Job {
    client: Client,
    folder: String,
    state: ArcRwSignal<ExportState>,
    commands: RefCell<Option<UnboundedSender<Command>>>,
    working: RwSignal<usize>,
    /// Nobody is to hear of it any more.
    is_left: Cell<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    /// To stop here and to go on later.
    Pause,
    /// To be content with what is there.
    Stop,
    /// To put away what is there: the browser may end the page.
    PutAway,
    /// To let go of it as it is.
    Drop,
}

impl Exports {
    fn start_in_app(client: Client, navigation: Navigation) -> Self {
        let working = RwSignal::new(0);
        navigation.cannot_keep(
            "answers to an export that are on their way",
            Signal::derive(move || working.get() > 0),
        );
        let exports = Self::of(client, working);
        let session = client.session();
        navigation.ask_before_sign_out(Signal::derive(move || {
            exports.at_stake().filter(|_| navigation.session() == session.kind())
        }));
        on_leave(session, move || exports.leave());
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                exports.tell(Command::PutAway);
            }
        });
        on_cleanup(move || listener.remove());
        let listener = window_event_listener(ev::pagehide, move |_| exports.tell(Command::PutAway));
        on_cleanup(move || listener.remove());
        exports
    }

    /// What is gone once somebody signs out, in a sentence.
    fn at_stake(self) -> Option<String> {
        let inner = self.0.try_get_value()?;
        let jobs = inner.jobs.borrow();
        jobs.values().find_map(|job| job.state.with_untracked(ExportState::at_stake)).map(str::to_owned)
    }

    /// Exports that ask by this client.
    pub fn of(client: Client, working: RwSignal<usize>) -> Self {
        Self(StoredValue::new_local(Rc::new(Inner { client, jobs: RefCell::default(), working })))
    }

    /// How the export of a workspace is.
    pub fn state(self, workspace: &WorkspaceId) -> Signal<ExportState> {
        let state = self.job(workspace).state.clone();
        Signal::derive(move || state.get())
    }

    /// Begins an export, in the place of one that was there.
    ///
    /// Where this tab did not know that there was one, that one is shown instead.
    pub fn start(self, selection: Selection) {
        let job = self.job(&selection.workspace);
        job.tell(Command::Drop);
        let is_seen = job.state.with_untracked(ExportState::is_there);
        job.set(ExportState::Looking);
        spawn_local(async move { job.start(selection, is_seen).await });
    }

    /// Lets it wait.
    pub fn pause(self, workspace: &WorkspaceId) {
        self.job(workspace).tell(Command::Pause);
    }

    /// Goes on.
    pub fn resume(self, workspace: &WorkspaceId) {
        self.go_on(workspace, None);
    }

    /// Ends it with what is there.
    pub fn stop(self, workspace: &WorkspaceId) {
        let job = self.job(workspace);
        if !job.tell(Command::Stop) {
            self.go_on(workspace, Some(Line::Stopped));
        }
    }

    /// Asks once more for what could not be had.
    pub fn retry_failed(self, workspace: &WorkspaceId) {
        self.go_on(workspace, Some(Line::Again));
    }

    /// Leaves out what could not be had.
    pub fn finish(self, workspace: &WorkspaceId) {
        let job = self.job(workspace);
        spawn_local(async move { job.run(None, true).await });
    }

    /// The zip, once it is done. Its bytes stay where they are.
    ///
    /// # Errors
    /// Where a part of it is gone.
    pub async fn zip(self, workspace: &WorkspaceId) -> Result<Blob, PrivateFilesError> {
        self.job(workspace).zip().await
    }

    /// Hands out the zip.
    pub fn save(self, workspace: &WorkspaceId) {
        let job = self.job(workspace);
        spawn_local(async move { job.save().await });
    }

    /// Removes all of it from this browser.
    pub fn drop(self, workspace: &WorkspaceId) {
        let job = self.job(workspace);
        job.tell(Command::Drop);
        spawn_local(async move {
            job.remove().await;
        });
    }

    fn go_on(self, workspace: &WorkspaceId, with: Option<Line>) {
        let job = self.job(workspace);
        spawn_local(async move { job.run(with, false).await });
    }

    /// Lets go of all: whoever began them is gone.
    pub fn leave(self) {
        for job in self.0.with_value(|inner| inner.jobs.take()).into_values() {
            job.tell(Command::Drop);
            job.set(ExportState::None);
            job.is_left.set(true);
        }
    }

    fn tell(self, command: Command) {
        self.0.with_value(|inner| {
            for job in inner.jobs.borrow().values() {
                job.tell(command);
            }
        });
    }

    fn job(self, workspace: &WorkspaceId) -> Rc<Job> {
        let inner = self.0.get_value();
        let by = untrack(|| By::now(inner.client.session()));
        let folder = folder_name(workspace, by.as_ref());
        let known = inner.jobs.borrow().get(&folder).cloned();
        if let Some(job) = known {
            return job;
        }
        let job = Rc::new(Job {
            client: inner.client,
            folder: folder.clone(),
            state: ArcRwSignal::new(ExportState::Looking),
            commands: RefCell::default(),
            working: inner.working,
            is_left: Cell::new(false),
        });
        inner.jobs.borrow_mut().insert(folder, Rc::clone(&job));
        let looking = Rc::clone(&job);
        spawn_local(async move { looking.look().await });
        job
    }
}

/// An export as its private files have it.
struct Opened {
    folder: Folder,
    beginning: Beginning,
    ledger: Ledger,
    /// How many pieces of the journal there are.
    pieces: u32,
    finished: Option<Finished>,
}

/// How work on an export ended.
enum End {
    /// All that is to be asked was asked.
    Over,
    Paused(Pause),
    Dropped,
}

impl From<PrivateFilesError> for Pause {
    fn from(error: PrivateFilesError) -> Self {
        match error {
            PrivateFilesError::NoRoom => Self::NoRoom,
            PrivateFilesError::NotSupported => {
                Self::Storage("This browser has no private files any more.".to_owned())
            }
            PrivateFilesError::NotFound => Self::Storage("A part of the export is gone.".to_owned()),
            PrivateFilesError::Other(words) => Self::Storage(words),
        }
    }
}

impl Job {
    fn set(&self, state: ExportState) {
        if !self.is_left.get() {
            self.state.set(state);
        }
    }

    /// Whether somebody is at work who hears it.
    fn tell(&self, command: Command) -> bool {
        self.commands.borrow().as_ref().is_some_and(|commands| commands.unbounded_send(command).is_ok())
    }

    fn place(&self) -> [&str; 2] {
        [exports_of(self.client.session().kind()), &self.folder]
    }

    async fn look(&self) {
        let state = match Folder::open(&self.place()).await {
            Err(error) => unusable(error),
            // Another tab may be at work, or look as this one does.
            Ok(_) => match own(&self.place()).await {
                Some(_lock) => match self.opened().await {
                    Err(error) => unusable(error),
                    Ok(None) => ExportState::None,
                    Ok(Some(Opened { finished: Some(finished), .. })) => ExportState::Done(finished),
                    Ok(Some(opened)) => ExportState::Ready(progress(&opened, None)),
                },
                None => ExportState::Elsewhere,
            },
        };
        // It may have been begun meanwhile.
        if matches!(self.state.get_untracked(), ExportState::Looking) && self.commands.borrow().is_none() {
            self.set(state);
        }
    }

    /// What is there of an export.
    async fn opened(&self) -> Result<Option<Opened>, PrivateFilesError> {
        let folder = Folder::open(&self.place()).await?;
        let beginning: Beginning = match folder.text(BEGINNING).await {
            Err(PrivateFilesError::NotFound) => return Ok(None),
            text => {
                serde_json::from_str(&text?).map_err(|error| PrivateFilesError::Other(error.to_string()))?
            }
        };
        let mut ledger = Ledger::new(&beginning.selection);
        let mut pieces = 0;
        while let Some(lines) = finish::lines(&folder, pieces + 1).await? {
            lines.iter().for_each(|line| ledger.apply(line, &beginning.selection));
            pieces += 1;
        }
        let finished = match folder.text(FINISHED).await {
            Ok(text) => serde_json::from_str(&text).ok(),
            Err(_) => None,
        };
        Ok(Some(Opened { folder, beginning, ledger, pieces, finished }))
    }

    async fn start(self: Rc<Self>, selection: Selection, is_seen: bool) {
        if self.is_left.get() {
            return;
        }
        let by = untrack(|| By::now(self.client.session()));
        let Some(lock) = own(&self.place()).await else { return self.set(ExportState::Elsewhere) };
        // Whoever is signed in by now may be somebody else.
        if self.is_left.get() {
            return;
        }
        if !is_seen && !matches!(self.opened().await, Ok(None) | Err(PrivateFilesError::NotSupported)) {
            drop(lock);
            return self.look().await;
        }
        let made = async {
            Folder::remove_all(&self.place()).await?;
            let folder = Folder::open(&self.place()).await?;
            let beginning = Beginning {
                version: 1,
                selection: selection.clone(),
                started: js_sys::Date::now() as i64,
                by,
                cloud: self.client.cloud().word().to_owned(),
            };
            let text = serde_json::to_string(&beginning).unwrap_or_default();
            write_text(&folder, BEGINNING, &text).await
        };
        let made = made.await;
        drop(lock);
        match made {
            Ok(()) => self.run(None, false).await,
            Err(PrivateFilesError::NotSupported) => self.set(ExportState::NotSupported),
            Err(error) => {
                let opened = Progress {
                    selection: selection.clone(),
                    started: Timestamp::from_unix_milliseconds(js_sys::Date::now() as i64),
                    kinds: Ledger::new(&selection).kinds(&selection),
                    bytes: 0.0,
                    requests: 0,
                    left: None,
                    failed: 0,
                    failures: Vec::new(),
                };
                self.set(ExportState::Paused(error.into(), opened));
            }
        }
    }

    async fn remove(&self) {
        let Some(lock) = own(&self.place()).await else { return self.set(ExportState::Elsewhere) };
        let removed = Folder::remove_all(&self.place()).await;
        drop(lock);
        match removed {
            Ok(()) => self.set(ExportState::None),
            Err(_) => self.look().await,
        }
    }

    /// Goes on from what is there, with a line more in its journal.
    async fn run(self: Rc<Self>, with: Option<Line>, leave_failures: bool) {
        if self.is_left.get() || self.commands.borrow().is_some() {
            return;
        }
        let (sender, commands) = unbounded();
        self.commands.replace(Some(sender));
        self.working.try_update(|count| *count += 1);
        let state = match own(&self.place()).await {
            Some(_) if self.is_left.get() => None,
            Some(lock) => {
                let state = self.worked(commands, with, leave_failures).await;
                drop(lock);
                state
            }
            None => Some(ExportState::Elsewhere),
        };
        self.commands.take();
        self.working.try_update(|count| *count = count.saturating_sub(1));
        if let Some(state) = state {
            self.set(state);
        }
    }

    /// How it is in the end; none where it is gone.
    async fn worked(
        &self,
        commands: UnboundedReceiver<Command>,
        with: Option<Line>,
        leave_failures: bool,
    ) -> Option<ExportState> {
        let opened = match self.opened().await {
            Ok(Some(opened)) => opened,
            Ok(None) => return Some(ExportState::None),
            Err(error) => return Some(unusable(error)),
        };
        let mut work = Work::new(self, opened, commands);
        let end = match work.all(with).await {
            Ok(end) => end,
            Err(pause) => End::Paused(pause),
        };
        match end {
            End::Dropped => None,
            End::Paused(pause) => Some(ExportState::Paused(pause, progress(&work.opened, None))),
            End::Over => {
                let opened = &work.opened;
                let (failed, _) = opened.ledger.failures();
                if failed > 0 && !leave_failures && !opened.ledger.stopped {
                    return Some(ExportState::Paused(Pause::Failures, progress(opened, None)));
                }
                self.set(ExportState::Finishing(0.0));
                let now = js_sys::Date::now() as i64;
                let Opened { folder, beginning, ledger, pieces, .. } = opened;
                let mut finishing =
                    Box::pin(finish::finish(folder, beginning, ledger, *pieces, now, |share| {
                        self.set(ExportState::Finishing(share));
                    }));
                let finished = loop {
                    match select(&mut finishing, work.commands.next()).await {
                        Either::Left((finished, _)) => break finished,
                        Either::Right((Some(Command::Drop) | None, _)) => return None,
                        Either::Right(_) => {}
                    }
                };
                Some(match finished {
                    Ok(finished) => ExportState::Done(finished),
                    Err(error) => ExportState::Paused(error.into(), progress(opened, None)),
                })
            }
        }
    }

    async fn save(&self) {
        let ExportState::Done(finished) = self.state.get_untracked() else { return };
        match self.zip().await {
            Ok(zip) => save_blob(&finished.name, &zip),
            Err(_) => self.look_again().await,
        }
    }

    async fn zip(&self) -> Result<Blob, PrivateFilesError> {
        let folder = Folder::open(&self.place()).await?;
        let parts = finish::assemble(&folder).await?;
        let options = BlobPropertyBag::new();
        options.set_type("application/zip");
        Blob::new_with_blob_sequence_and_options(&parts, &options)
            .map_err(|_| PrivateFilesError::Other("The browser could not put the zip together.".to_owned()))
    }

    /// What was there is not as it was.
    async fn look_again(&self) {
        self.set(ExportState::Looking);
        self.look().await;
    }
}

/// Why nothing can be done with what lies in the folder.
fn unusable(error: PrivateFilesError) -> ExportState {
    match error {
        PrivateFilesError::NotSupported => ExportState::NotSupported,
        // No room for a folder: there is nothing in it either.
        PrivateFilesError::NoRoom => ExportState::None,
        PrivateFilesError::NotFound => ExportState::Damaged("A part of the export is gone.".to_owned()),
        PrivateFilesError::Other(words) => ExportState::Damaged(words),
    }
}

fn progress(opened: &Opened, left: Option<Duration>) -> Progress {
    let Opened { beginning, ledger, .. } = opened;
    let (failed, failures) = ledger.failures();
    Progress {
        selection: beginning.selection.clone(),
        started: Timestamp::from_unix_milliseconds(beginning.started),
        kinds: ledger.kinds(&beginning.selection),
        bytes: ledger.bytes as f64,
        requests: ledger.requests as usize,
        left,
        failed,
        failures,
    }
}

/// What came of a task.
struct Got {
    asked: Vec<Asked>,
    outcome: Outcome,
    content: Option<Content>,
}

/// What a file of a run holds.
struct Content {
    bytes: ContentBytes,
    size: u64,
    checksum: u32,
    sha256: String,
}

enum ContentBytes {
    Here(Vec<u8>),
    InParts(Vec<String>),
}

/// A task that did not work.
enum Fault {
    /// The task's own fault.
    Failed(Vec<Asked>, Failure),
    /// Nothing else would work now either.
    Pause(Pause),
}

type Answer = (Number, Task, Result<Got, Fault>);

/// What tasks need while they are under way.
#[derive(Clone)]
struct Asking {
    client: Client,
    selection: Rc<Selection>,
    folder: Folder,
    /// What all wait for.
    waits: Rc<RefCell<Option<Pause>>>,
    tell: Rc<Cell<bool>>,
}

/// An export that goes on.
struct Work<'a> {
    job: &'a Job,
    opened: Opened,
    asking: Asking,
    commands: UnboundedReceiver<Command>,
    batch: Batch,
    told: f64,
    begun: f64,
    requests_before: u32,
}

/// What is being written: a part, and the piece of the journal that belongs to it.
#[derive(Default)]
struct Batch {
    writer: Option<Writer>,
    buffer: Vec<u8>,
    length: u64,
    journal: String,
    since: f64,
}

impl<'a> Work<'a> {
    fn new(job: &'a Job, opened: Opened, commands: UnboundedReceiver<Command>) -> Self {
        let asking = Asking {
            client: job.client,
            selection: Rc::new(opened.beginning.selection.clone()),
            folder: opened.folder.clone(),
            waits: Rc::default(),
            tell: Rc::default(),
        };
        let requests_before = opened.ledger.requests;
        let begun = js_sys::Date::now();
        Self { job, opened, asking, commands, batch: Batch::default(), told: 0.0, begun, requests_before }
    }

    /// Asks until all is asked, or it has to wait.
    async fn all(&mut self, with: Option<Line>) -> Result<End, Pause> {
        self.clear_up().await?;
        if let Some(line) = with {
            self.opened.finished = None;
            self.opened.folder.remove(FINISHED).await?;
            self.write(line).await?;
        }
        let mut running: FuturesUnordered<LocalBoxFuture<'static, Answer>> = FuturesUnordered::new();
        let mut numbers = HashSet::new();
        let mut tick = Box::pin(sleep(Duration::from_secs(2)));
        self.tell(true);
        let end = loop {
            while numbers.len() < AT_ONCE && !self.opened.ledger.stopped {
                let Some((number, task)) = self.opened.ledger.next(|number| numbers.contains(&number)) else {
                    break;
                };
                if task.question(&self.asking.selection).is_none() && !matches!(task, Task::Content { .. }) {
                    let next = self.opened.ledger.new_tasks(task.follow(&self.asking.selection).next);
                    self.write(Line::Done(Done { task: number, next, ..Done::default() })).await?;
                    continue;
                }
                numbers.insert(number);
                running.push(Box::pin(done(self.asking.clone(), number, task)));
            }
            if numbers.is_empty() {
                break End::Over;
            }
            let step = select(self.commands.next(), select(running.next(), &mut tick));
            match step.await {
                Either::Left((Some(Command::Pause), _)) => break End::Paused(Pause::Wished),
                Either::Left((Some(Command::Stop), _)) => {
                    self.write(Line::Stopped).await?;
                    break End::Over;
                }
                Either::Left((Some(Command::PutAway), _)) => self.close().await?,
                Either::Left((Some(Command::Drop) | None, _)) => return Ok(End::Dropped),
                Either::Right((Either::Left((answer, _)), _)) => {
                    let Some((number, task, result)) = answer else { continue };
                    numbers.remove(&number);
                    match result {
                        Ok(got) => {
                            self.asking.waits.take();
                            self.take(number, &task, got).await?;
                        }
                        Err(Fault::Failed(asked, failure)) => {
                            self.asking.waits.take();
                            self.fail(number, &task, asked, failure).await?;
                        }
                        Err(Fault::Pause(pause)) => {
                            drop(running);
                            self.close().await?;
                            return Ok(End::Paused(pause));
                        }
                    }
                }
                Either::Right((Either::Right(((), _)), _)) => tick = Box::pin(sleep(Duration::from_secs(2))),
            }
            let is_old = js_sys::Date::now() - self.batch.since > OLDEST;
            if self.batch.length >= MOST_OF_PART || (is_old && !self.batch.journal.is_empty()) {
                self.close().await?;
            }
            let is_news = self.asking.tell.take();
            self.tell(is_news);
        };
        // What is under way is asked again when it goes on; its requests are given up here.
        drop(running);
        self.close().await?;
        Ok(end)
    }

    /// Removes what belongs to no piece of the journal: it never happened.
    async fn clear_up(&self) -> Result<(), Pause> {
        let mut known = HashSet::from([BEGINNING.to_owned(), FINISHED.to_owned()]);
        for number in 1..=self.opened.pieces {
            known.insert(journal_name(number));
            known.insert(part_name(number));
            for line in finish::lines(&self.opened.folder, number).await?.unwrap_or_default() {
                let Line::Done(done) = line else { continue };
                for file in done.files {
                    if let Place::Parts(parts) = file.place {
                        known.extend(parts);
                    }
                }
            }
        }
        for name in self.opened.folder.names().await? {
            if !known.contains(&name) {
                self.opened.folder.remove(&name).await?;
            }
        }
        Ok(())
    }

    fn tell(&mut self, is_news: bool) {
        let now = js_sys::Date::now();
        if !is_news && now - self.told < TOLD {
            return;
        }
        self.told = now;
        let asked = f64::from(self.opened.ledger.requests - self.requests_before);
        let seconds = (now - self.begun) / 1_000.0;
        let left = (asked >= 10.0 && seconds >= 2.0)
            .then(|| Duration::from_secs_f64(seconds / asked * self.opened.ledger.questions() as f64));
        let progress = progress(&self.opened, left);
        self.job.set(match self.asking.waits.borrow().clone() {
            Some(pause) => ExportState::Paused(pause, progress),
            None => ExportState::Working(progress),
        });
    }

    /// Puts what a task brought into the part and the journal.
    async fn take(&mut self, number: Number, task: &Task, got: Got) -> Result<(), Pause> {
        let Got { asked, outcome, content } = got;
        let request = self.opened.ledger.requests + asked.len() as u32;
        let mut done = Done {
            task: number,
            next: self.opened.ledger.new_tasks(outcome.next),
            region: outcome.region,
            asked,
            ..Done::default()
        };
        let mut paths = Vec::new();
        for made in outcome.files {
            let Made { path: wanted, kind, id, experiment, run, text } = made;
            let key = file_key(kind, run.as_deref(), &id, &wanted);
            if self.opened.ledger.has_file(key) {
                continue;
            }
            let (text, left_out) = without_secrets(&text);
            let text = if self.asking.selection.redacted {
                let (redacted, new) = self.opened.ledger.people.redacted(&text);
                done.people.extend(new);
                redacted.into_owned()
            } else {
                text.into_owned()
            };
            let bytes = text.as_bytes();
            let mut checksum = Checksum::default();
            checksum.add(bytes);
            let content = Content {
                size: bytes.len() as u64,
                checksum: checksum.value(),
                sha256: format!("{:x}", Sha256::digest(bytes)),
                bytes: ContentBytes::Here(bytes.to_vec()),
            };
            let file = FileLine {
                path: String::new(),
                kind,
                id,
                experiment,
                run,
                size: content.size,
                sha256: content.sha256.clone(),
                request: Some(request),
                left_out,
                checksum: content.checksum,
                key,
                place: Place::At(0),
            };
            let file = self.place(file, wanted, content.bytes, &mut paths).await?;
            done.files.push(file);
        }
        if let (Some(content), Task::Content { of, file, log }) = (content, task) {
            let wanted = content_path(of.experiment.as_str(), of.run.as_str(), file);
            let line = FileLine {
                path: String::new(),
                kind: if *log { FileKind::Log } else { FileKind::File },
                id: file.clone(),
                experiment: Some(of.experiment.to_string()),
                run: Some(of.run.to_string()),
                size: content.size,
                sha256: content.sha256,
                request: Some(request),
                left_out: false,
                checksum: content.checksum,
                key: file_key(FileKind::File, Some(of.run.as_str()), file, &wanted),
                place: Place::At(0),
            };
            let line = self.place(line, wanted, content.bytes, &mut paths).await?;
            done.files.push(line);
        }
        self.write(Line::Done(done)).await
    }

    /// Finds the path of a file, and writes its bytes.
    async fn place(
        &mut self,
        file: FileLine,
        wanted: String,
        bytes: ContentBytes,
        paths: &mut Vec<String>,
    ) -> Result<FileLine, Pause> {
        let ledger = &self.opened.ledger;
        let hidden = |text: String| match self.asking.selection.redacted {
            true => ledger.people.replaced(&text).unwrap_or(text),
            false => text,
        };
        let path = ledger.free_path(&hidden(wanted), paths);
        let mut file = FileLine {
            id: hidden(file.id),
            experiment: file.experiment.map(hidden),
            run: file.run.map(hidden),
            path: path.clone(),
            ..file
        };
        paths.push(path);
        match bytes {
            ContentBytes::InParts(parts) => file.place = Place::Parts(parts),
            ContentBytes::Here(bytes) => {
                file.place = Place::At(self.batch.length);
                let entry = Entry { name: file.path.clone(), size: file.size, checksum: file.checksum };
                let header = zip::header(&entry);
                self.batch.length += (header.len() + bytes.len()) as u64;
                self.batch.buffer.extend(header);
                self.batch.buffer.extend(bytes);
                if self.batch.buffer.len() >= PIECE {
                    self.flush().await?;
                }
            }
        }
        Ok(file)
    }

    async fn fail(
        &mut self,
        number: Number,
        task: &Task,
        asked: Vec<Asked>,
        mut failure: Failure,
    ) -> Result<(), Pause> {
        let smaller = self.opened.ledger.new_tasks(task.split());
        if !smaller.is_empty() {
            return self
                .write(Line::Done(Done { task: number, asked, next: smaller, ..Done::default() }))
                .await;
        }
        failure.request = (!asked.is_empty()).then(|| self.opened.ledger.requests + asked.len() as u32);
        self.write(Line::Failed(Failed { task: number, asked, failure })).await
    }

    /// Takes a line in and puts it into the journal.
    async fn write(&mut self, line: Line) -> Result<(), Pause> {
        if self.batch.journal.is_empty() {
            self.batch.since = js_sys::Date::now();
        }
        self.opened.ledger.apply(&line, &self.asking.selection);
        self.batch.journal.push_str(&serde_json::to_string(&line).unwrap_or_default());
        self.batch.journal.push('\n');
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), PrivateFilesError> {
        if self.batch.buffer.is_empty() {
            return Ok(());
        }
        let writer = match &self.batch.writer {
            Some(writer) => writer,
            None => {
                let writer = self.opened.folder.begin(&part_name(self.opened.pieces + 1)).await?;
                self.batch.writer.insert(writer)
            }
        };
        writer.add(&self.batch.buffer).await?;
        self.batch.buffer.clear();
        Ok(())
    }

    /// Closes the part, and then the piece of the journal that says what is in it. From now on it is there.
    async fn close(&mut self) -> Result<(), Pause> {
        if self.batch.journal.is_empty() {
            return Ok(());
        }
        self.flush().await?;
        let batch = std::mem::take(&mut self.batch);
        if let Some(writer) = batch.writer {
            writer.close().await?;
        }
        write_text(&self.opened.folder, &journal_name(self.opened.pieces + 1), &batch.journal).await?;
        self.opened.pieces += 1;
        Ok(())
    }
}

async fn done(asking: Asking, number: Number, task: Task) -> Answer {
    let result = match &task {
        Task::Content { of, file, .. } => content(&asking, of, file, &task, number).await,
        task => asked(&asking, task).await,
    };
    (number, task, result)
}

/// Asks one question. What passes by itself is waited for: a network that is not there, a service that asks to wait.
async fn asked(asking: &Asking, task: &Task) -> Result<Got, Fault> {
    let Some((question, older)) = task.question(&asking.selection) else {
        return Ok(Got { asked: Vec::new(), outcome: task.follow(&asking.selection), content: None });
    };
    let mut list = Vec::new();
    let mut waits = 0;
    loop {
        let error = match asking.client.answer(question.clone(), older.clone()).await {
            Ok(response) => {
                list.extend(line_of(&response));
                match task.read(&asking.selection, &response) {
                    Ok(outcome) => return Ok(Got { asked: list, outcome, content: None }),
                    Err(error) => error,
                }
            }
            Err(error) => error,
        };
        if !asking.waited(&error, &mut waits).await? {
            list.extend(asking.unanswered(&error, question, older).await);
            return Err(Fault::Failed(list, failure(task, &error)));
        }
    }
}

impl Asking {
    /// Whether it is worth asking again, after a wait.
    async fn waited(&self, error: &ApiError, waits: &mut u32) -> Result<bool, Fault> {
        match error {
            ApiError::SignedOut(_) => Err(Fault::Pause(Pause::SignedOut)),
            ApiError::Unreachable(NoAnswer::NoNetwork | NoAnswer::Offline) => {
                self.wait_for(Pause::NoNetwork);
                sleep(Duration::from_secs(2)).await;
                while !window().navigator().on_line() {
                    sleep(Duration::from_secs(2)).await;
                }
                Ok(true)
            }
            ApiError::Refused(refusal) if refusal.status == 429 || refusal.retry_after.is_some() => {
                *waits += 1;
                let seconds = refusal.retry_after.unwrap_or(60);
                if *waits > MOST_WAITS || seconds > LONGEST_WAIT {
                    return Ok(false);
                }
                let until = js_sys::Date::now() + f64::from(seconds) * 1_000.0;
                self.wait_for(Pause::AskedToWait(until));
                // A hidden tab's timers are slow, so the clock decides.
                while js_sys::Date::now() < until {
                    sleep(Duration::from_secs(1)).await;
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The line of a question that got no answer.
    async fn unanswered(
        &self,
        error: &ApiError,
        question: Question,
        older: Option<Question>,
    ) -> Option<Asked> {
        if !matches!(error, ApiError::Unreachable(_)) {
            return None;
        }
        self.client.asked_at(question, older).await.as_ref().map(asked_line)
    }

    fn wait_for(&self, pause: Pause) {
        self.waits.replace(Some(pause));
        self.tell.set(true);
    }
}

/// Reads a file of a run to its end: a short one into memory, a long one into private files of its own.
async fn content(asking: &Asking, of: &OfRun, file: &str, task: &Task, number: Number) -> Result<Got, Fault> {
    let container = of.container(&asking.selection.workspace);
    let whole = GetArtifactContent::of(container.clone(), file);
    let reader = FileReader::new(asking.client, container, file).listing();
    let mut list = Vec::new();
    let mut bytes = Vec::new();
    let mut parts: Vec<String> = Vec::new();
    let mut writer: Option<Writer> = None;
    let (mut from, mut in_part, mut waits, mut breaks) = (0u64, 0u64, 0, 0);
    let (mut checksum, mut hash) = (Checksum::default(), Sha256::new());
    let kept = |error: PrivateFilesError| Fault::Pause(error.into());
    loop {
        let piece = reader.read(ByteRange { from, to: Some(from + RANGE) }).await;
        list.extend(reader.take_asked().into_iter().map(|reading| {
            let range = reading.range.map(|range| match range.to {
                Some(to) => format!("{}-{}", range.from, to.saturating_sub(1)),
                None => format!("{}-", range.from),
            });
            Asked {
                range,
                status: Some(reading.status),
                bytes: reading.bytes as u64,
                ..asked_line(&reading.asked)
            }
        }));
        let piece = match piece {
            Ok(piece) => piece,
            Err(error) => {
                let again = asking.waited(&error.service, &mut waits).await?;
                // What broke off in the middle goes on where it broke off.
                let broke_off = from > 0 && breaks < 3 && matches!(error.service, ApiError::Unreachable(_));
                if again || broke_off {
                    breaks += u32::from(!again);
                    continue;
                }
                let older = whole.otherwise().map(|older| Question::of(&older));
                let line = asking.unanswered(&error.service, Question::of(&whole), older).await;
                list.extend(line.map(|line| Asked { range: Some(format!("{from}-")), ..line }));
                return Err(Fault::Failed(list, failure(task, &error.service)));
            }
        };
        let is_end = piece.is_end || piece.bytes.is_empty();
        checksum.add(&piece.bytes);
        hash.update(&piece.bytes);
        from += piece.bytes.len() as u64;
        if writer.is_none() && parts.is_empty() && bytes.len() + piece.bytes.len() <= LARGE {
            bytes.extend(piece.bytes);
        } else {
            let current = match writer.take() {
                Some(writer) => writer,
                None => {
                    let name = format!("file-{}-{}-{}", number.0, number.1, parts.len() + 1);
                    let writer = asking.folder.begin(&name).await.map_err(kept)?;
                    parts.push(name);
                    in_part = 0;
                    writer
                }
            };
            let begun = std::mem::take(&mut bytes);
            for bytes in [&begun, &piece.bytes].into_iter().filter(|bytes| !bytes.is_empty()) {
                current.add(bytes).await.map_err(kept)?;
                in_part += bytes.len() as u64;
            }
            if in_part >= MOST_OF_PART {
                current.close().await.map_err(kept)?;
            } else {
                writer = Some(current);
            }
        }
        if is_end {
            break;
        }
    }
    if let Some(writer) = writer {
        writer.close().await.map_err(kept)?;
    }
    let content = Content {
        bytes: if parts.is_empty() { ContentBytes::Here(bytes) } else { ContentBytes::InParts(parts) },
        size: from,
        checksum: checksum.value(),
        sha256: format!("{:x}", hash.finalize()),
    };
    Ok(Got { asked: list, outcome: Outcome::default(), content: Some(content) })
}

fn asked_line(asked: &AskedAt) -> Asked {
    let (path, query) = asked.address.target().split_once('?').unwrap_or((asked.address.target(), ""));
    let now = Timestamp::from_unix_milliseconds(js_sys::Date::now() as i64);
    let host = asked.address.origin().as_str();
    Asked {
        method: asked.method.to_string(),
        host: host.split_once("://").map_or(host, |(_, host)| host).to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: asked.body.as_deref().and_then(|body| serde_json::from_str(body).ok()),
        time: format!("{}Z", now.iso()),
        ..Asked::default()
    }
}

fn line_of(response: &Response<Vec<u8>>) -> Option<Asked> {
    let asked = response.extensions().get::<AskedAt>()?;
    let id = response.headers().get("x-ms-request-id").and_then(|id| id.to_str().ok());
    Some(Asked {
        status: Some(response.status().as_u16()),
        request_id: id.map(str::to_owned),
        bytes: response.body().len() as u64,
        ..asked_line(asked)
    })
}

/// Why a task did not work, in plain words.
fn failure(task: &Task, error: &ApiError) -> Failure {
    let why = match error {
        ApiError::SignedOut(_) => "Nobody was signed in any more.".to_owned(),
        ApiError::Refused(refusal) if refusal.message.is_empty() => {
            format!("The service refused with status {}.", refusal.status)
        }
        ApiError::Refused(refusal) => refusal.message.clone(),
        ApiError::Unreachable(NoAnswer::NotShared) => {
            "The host answers, but not to pages of other sites.".to_owned()
        }
        ApiError::Unreachable(NoAnswer::HostDead) => "The host does not answer.".to_owned(),
        ApiError::Unreachable(NoAnswer::TimedOut(seconds)) => format!("No answer came within {seconds} s."),
        ApiError::Unreachable(NoAnswer::Redirected) => {
            "The service answered with a redirect, which is not followed.".to_owned()
        }
        ApiError::Unreachable(_) => "No answer came, or none that a page may read.".to_owned(),
        ApiError::Unreadable { reason, .. } => format!("The answer is not what the service sends: {reason}"),
        ApiError::Untrusted { address, rule } => format!("{address} is not asked: {rule}."),
    };
    let refusal = error.refusal();
    Failure {
        status: error.status(),
        code: refusal.and_then(|refusal| refusal.exact_code()).map(str::to_owned),
        ..failure_of(task, &why)
    }
}
