//! What an export has done, line by line; read from its beginning it says what is left to do.

use std::collections::{BTreeMap, HashMap, HashSet};

use azimuth_api::{RunFilter, RunId};
use serde::{Deserialize, Serialize};

use crate::export::archive::{FileKind, free};
use crate::export::redact::{Named, People};
use crate::export::selection::{Kind, Selection};
use crate::export::state::{Failure, KindProgress};
use crate::export::task::{self, Task, hash};
use crate::lasting::By;

/// How many failures pages are told of.
const FAILURES_SHOWN: usize = 100;

/// What stands in the first file of an export: what was wanted, when and by whom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Beginning {
    pub version: u32,
    pub selection: Selection,
    /// In milliseconds since 1970.
    pub started: i64,
    /// Who is signed in.
    pub by: Option<By>,
    pub cloud: String,
}

/// A line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Line {
    /// A task is done.
    Done(Done),
    /// A task did not work.
    Failed(Failed),
    /// What failed is to be asked again.
    Again,
    /// Nothing more is to be asked.
    Stopped,
}

/// A task that is done, with all that came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Done {
    pub task: Number,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileLine>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Task>,
    /// Who was met for the first time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Named>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A task that did not work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    pub task: Number,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<Asked>,
    pub failure: Failure,
}

/// A task's rank, and its number.
pub type Number = (u8, u32);

/// A request, as the manifest has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    pub method: String,
    pub host: String,
    pub path: String,
    pub query: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<serde_json::Value>,
    /// Of a file that is read in parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    pub time: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    pub bytes: u64,
}

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileLine {
    pub path: String,
    pub kind: FileKind,
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    pub size: u64,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
    pub checksum: u32,
    /// What tells it from all others: see [`file_key`].
    pub key: u64,
    #[serde(flatten)]
    pub place: Place,
}

/// Where the bytes of a file are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Place {
    /// In the part that belongs to this piece of the journal; there its header begins.
    At(u64),
    /// In private files of its own, one after the other.
    Parts(Vec<String>),
}

/// What is known of an export: what is left to do, and what is there.
#[derive(Debug, Default)]
pub struct Ledger {
    pending: BTreeMap<Number, Task>,
    failed: BTreeMap<Number, (Task, Failure)>,
    /// Runs that are wanted by their ids and were not met.
    unmet: Vec<RunId>,
    /// The lists that were looked through for runs by their ids.
    looked_through: Vec<Task>,
    numbers: u32,
    /// Hashes of tasks that were ever to be done, and of what files are of.
    known: HashSet<u64>,
    /// Hashes of the pages that lists went on to. A list that is begun anew goes on to them once more.
    pages: HashSet<u64>,
    /// Hashes of the paths that are taken, and of the folders that lead to them.
    paths: HashSet<u64>,
    folders: HashSet<u64>,
    done: HashMap<Kind, usize>,
    todo: HashMap<Kind, usize>,
    /// How many questions what is to be done takes.
    questions: usize,
    pub requests: u32,
    pub files: usize,
    pub bytes: u64,
    pub stopped: bool,
    pub region: Option<String>,
    pub people: People,
}

impl Ledger {
    /// Before anything was asked.
    pub fn new(selection: &Selection) -> Self {
        let unmet = selection.runs.clone().filter(|_| selection.has(Kind::Runs)).unwrap_or_default();
        let mut ledger = Self { unmet, ..Self::default() };
        // Of the whole: no thing of the service gets these paths.
        for path in ["index.html", "manifest.json", "runs.csv", "metrics.csv"] {
            ledger.paths.insert(hash(&path.to_owned()));
        }
        for task in task::first(selection) {
            ledger.add(task, selection);
        }
        ledger
    }

    /// The first task that is to be done and is not being done.
    pub fn next(&self, is_running: impl Fn(Number) -> bool) -> Option<(Number, Task)> {
        let found = self.pending.iter().find(|(number, _)| !is_running(**number));
        found.map(|(number, task)| (*number, task.clone()))
    }

    /// Whether nothing is left to do.
    pub fn is_over(&self) -> bool {
        self.stopped || self.pending.is_empty()
    }

    /// How many questions are left, as far as it is known.
    pub fn questions(&self) -> usize {
        self.questions
    }

    /// What of these tasks nobody knows yet.
    pub fn new_tasks(&self, tasks: Vec<Task>) -> Vec<Task> {
        let mut seen = HashSet::new();
        tasks
            .into_iter()
            .filter(|task| {
                let key = task.key();
                // A list that is begun anew comes by the same things again.
                !self.known.contains(&key) && !self.pages.contains(&key) && seen.insert(key)
            })
            .collect()
    }

    /// Whether a file of this key is there already.
    pub fn has_file(&self, key: u64) -> bool {
        self.known.contains(&key)
    }

    /// A path like this one that no file has, nor any of those that are about to be written.
    pub fn free_path(&self, path: &str, others: &[String]) -> String {
        let others: Vec<String> = others.iter().map(|other| other.to_lowercase()).collect();
        let is_file =
            |path: &str| self.paths.contains(&hash(&path)) || others.iter().any(|other| other == path);
        let is_folder = |path: &str| {
            let is_above =
                |other: &String| other.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
            self.folders.contains(&hash(&path)) || others.iter().any(is_above)
        };
        free(path, is_file, is_folder)
    }

    /// Takes a line in, as it is written or as it is read again.
    pub fn apply(&mut self, line: &Line, selection: &Selection) {
        match line {
            Line::Done(done) => {
                if let Some(task) = self.take(done.task, selection) {
                    for (kind, count) in task.things(selection) {
                        // A run is done with its details, its files with their list.
                        if !matches!(task, Task::Run(_)) {
                            *self.done.entry(kind).or_default() += count;
                        }
                    }
                    if matches!(&task, Task::Runs { runs, next: None, .. } if !runs.is_empty()) {
                        self.looked_through.push(task.clone());
                    }
                    if task.rank() == 1 && !matches!(task, Task::Experiment { .. }) {
                        let kind = task.kinds().0;
                        // Runs are counted with their details.
                        if kind != Kind::Runs {
                            *self.done.entry(kind).or_default() += done.files.len();
                        }
                    }
                }
                self.requests += done.asked.len() as u32;
                for file in &done.files {
                    self.known.insert(file.key);
                    let path = file.path.to_lowercase();
                    self.folders.extend(path.match_indices('/').map(|(end, _)| hash(&&path[..end])));
                    self.paths.insert(hash(&path));
                    self.files += 1;
                    self.bytes += file.size;
                }
                done.people.iter().for_each(|named| self.people.learn(named));
                if done.region.is_some() {
                    self.region.clone_from(&done.region);
                }
                for task in &done.next {
                    self.add(task.clone(), selection);
                }
            }
            Line::Failed(failed) => {
                self.requests += failed.asked.len() as u32;
                if let Some(task) = self.take(failed.task, selection) {
                    self.failed.insert(failed.task, (task, failed.failure.clone()));
                }
            }
            Line::Again => {
                self.stopped = false;
                self.pages.clear();
                for (_, (task, _)) in std::mem::take(&mut self.failed) {
                    self.add(task.again(), selection);
                }
                for list in std::mem::take(&mut self.looked_through) {
                    let is_asked = self.pending.values().any(|task| *task == list);
                    let has_unmet = |list: &Task| matches!(list, Task::Runs { runs, .. } if runs.iter().any(|run| self.unmet.contains(run)));
                    if !is_asked && has_unmet(&list) {
                        self.add(list, selection);
                    } else if !is_asked {
                        self.looked_through.push(list);
                    }
                }
            }
            Line::Stopped => self.stopped = true,
        }
    }

    fn add(&mut self, task: Task, selection: &Selection) {
        let met = if task.is_next_page() { &mut self.pages } else { &mut self.known };
        met.insert(task.key());
        for (kind, count) in task.things(selection) {
            *self.todo.entry(kind).or_default() += count;
        }
        self.questions += task.questions(selection);
        if let Task::Run(of) = &task {
            self.unmet.retain(|run| *run != of.run);
        }
        self.pending.insert((task.rank(), self.numbers), task);
        self.numbers += 1;
    }

    fn take(&mut self, number: Number, selection: &Selection) -> Option<Task> {
        let task = self.pending.remove(&number)?;
        for (kind, count) in task.things(selection) {
            let todo = self.todo.entry(kind).or_default();
            *todo = todo.saturating_sub(count);
        }
        self.questions = self.questions.saturating_sub(task.questions(selection));
        Some(task)
    }

    /// How far each kind has come.
    pub fn kinds(&self, selection: &Selection) -> Vec<KindProgress> {
        let of = |counts: &HashMap<Kind, usize>, kind| counts.get(&kind).copied().unwrap_or_default();
        let kinds = Kind::ALL.into_iter().filter(|kind| selection.has(*kind));
        kinds
            .map(|kind| KindProgress {
                kind,
                done: of(&self.done, kind),
                todo: of(&self.todo, kind),
                failed: self.failed.values().filter(|(task, _)| task.kinds().0 == kind).count()
                    + if kind == Kind::Runs { self.absent().count() } else { 0 },
            })
            .collect()
    }

    /// How many tasks failed, and the first of them.
    pub fn failures(&self) -> (usize, Vec<Failure>) {
        let all = || self.failed.values().map(|(_, failure)| failure.clone()).chain(self.absent());
        (self.failed.len() + self.absent().count(), all().take(FAILURES_SHOWN).collect())
    }

    /// What could not be had, and what was not asked for any more.
    pub fn missing(&self) -> impl Iterator<Item = Failure> + '_ {
        let failed = self.failed.values().map(|(_, failure)| failure.clone());
        let unasked = self
            .pending
            .values()
            .map(|task| failure_of(task, "The export was ended before this was asked for."));
        failed.chain(self.absent()).chain(unasked)
    }

    /// The runs that are wanted by their ids and that no list had, once all lists were asked.
    fn absent(&self) -> impl Iterator<Item = Failure> + '_ {
        let is_known = self.pending.keys().next().is_none_or(|(rank, _)| *rank > 1);
        self.unmet.iter().filter(move |_| is_known).map(|run| {
            let why = match RunFilter::can_be_asked(run.as_str()) {
                true => "None of the lists that were asked for has such a run among what was chosen.",
                false => "No run can have an id like this one, so it was not asked for.",
            };
            Failure {
                kind: FileKind::Run,
                id: run.to_string(),
                experiment: None,
                run: None,
                status: None,
                code: None,
                why: why.to_owned(),
                request: None,
            }
        })
    }
}

/// A failure of a task, in these words.
pub fn failure_of(task: &Task, why: &str) -> Failure {
    let (experiment, run) = task.place();
    Failure {
        kind: task.kinds().1,
        id: task.id(),
        experiment,
        run,
        status: None,
        code: None,
        why: why.to_owned(),
        request: None,
    }
}

/// What tells a file from all others: of what it is, and the path that it would have if nothing else had it, since what
/// is known of one thing may come in several pages.
pub fn file_key(kind: FileKind, run: Option<&str>, id: &str, path: &str) -> u64 {
    hash(&(kind, run, id, path))
}

#[cfg(test)]
mod tests {
    use azimuth_api::WorkspaceId;

    use super::*;

    fn selection() -> Selection {
        Selection::all(WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() })
    }

    fn file(path: &str, id: &str) -> FileLine {
        FileLine {
            path: path.to_owned(),
            kind: FileKind::Model,
            id: id.to_owned(),
            experiment: None,
            run: None,
            size: 10,
            sha256: "00".to_owned(),
            request: Some(1),
            left_out: false,
            checksum: 7,
            key: file_key(FileKind::Model, None, id, path),
            place: Place::At(0),
        }
    }

    fn number(ledger: &Ledger, wanted: &Task) -> Number {
        *ledger.pending.iter().find(|(_, task)| *task == wanted).expect("the task is to be done").0
    }

    /// Lines as an export writes them, taken in one after the other.
    fn play(selection: &Selection, ledger: &mut Ledger, lines: &mut Vec<String>, line: Line) {
        lines.push(serde_json::to_string(&line).unwrap());
        ledger.apply(&line, selection);
    }

    #[test]
    fn a_journal_that_is_read_again_leaves_the_same_to_do() {
        let selection = selection();
        let mut ledger = Ledger::new(&selection);
        let mut lines = Vec::new();
        let models = Task::Models { next: None };
        let more = Task::Models { next: Some("https://x/2".to_owned()) };
        let task = number(&ledger, &models);
        let done = Done {
            task,
            asked: vec![Asked::default()],
            files: vec![file("models/a.json", "a")],
            next: vec![more.clone(), Task::Service { id: "s".into() }],
            ..Done::default()
        };
        play(&selection, &mut ledger, &mut lines, Line::Done(done));
        let task = number(&ledger, &more);
        let failure = failure_of(&more, "It did not answer.");
        play(&selection, &mut ledger, &mut lines, Line::Failed(Failed { task, asked: Vec::new(), failure }));
        assert_eq!(ledger.failures().0, 1);
        assert!(!ledger.pending.values().any(|task| *task == more));

        let mut again = Ledger::new(&selection);
        for line in &lines {
            again.apply(&serde_json::from_str(line).unwrap(), &selection);
        }
        assert_eq!(again.pending, ledger.pending);
        assert_eq!(again.failures(), ledger.failures());
        assert_eq!((again.files, again.bytes, again.requests), (1, 10, 1));
        assert_eq!(again.kinds(&selection), ledger.kinds(&selection));
        assert!(again.has_file(file_key(FileKind::Model, None, "a", "models/a.json")));
        assert_eq!(again.free_path("models/A.json", &[]), "models/A (2).json");

        // What failed is asked again, a list from its beginning; what is there is not written twice.
        play(&selection, &mut again, &mut lines, Line::Again);
        assert_eq!(again.failures().0, 0);
        assert!(again.pending.values().any(|task| *task == models));
        // The page that failed is not left out, though it was known before; it comes once.
        let pages = vec![more.clone(), Task::Service { id: "s".into() }, more.clone()];
        assert_eq!(again.new_tasks(pages.clone()), vec![more.clone()]);
        let task = number(&again, &models);
        let done = Done { task, next: vec![more], ..Done::default() };
        play(&selection, &mut again, &mut lines, Line::Done(done));
        assert_eq!(again.new_tasks(pages), []);
    }

    #[test]
    fn what_is_done_and_what_is_left_is_counted_by_kind() {
        let selection = selection();
        let mut ledger = Ledger::new(&selection);
        let of = |kind, ledger: &Ledger| {
            let kinds = ledger.kinds(&selection);
            kinds.iter().find(|one| one.kind == kind).map(|one| (one.done, one.todo)).unwrap()
        };
        let runs =
            |run: &str| Task::Run(task::OfRun { experiment: "e".into(), run: run.into(), container: None });
        let task = number(&ledger, &Task::Models { next: None });
        let files = vec![file("models/a.json", "a"), file("models/b.json", "b")];
        let next = vec![runs("r_1"), runs("r_2")];
        ledger.apply(&Line::Done(Done { task, files, next, ..Done::default() }), &selection);
        assert_eq!(of(Kind::Models, &ledger), (2, 0));
        assert_eq!(of(Kind::Runs, &ledger), (0, 2));
        let run = runs("r_1");
        let next = run.follow(&selection).next;
        let details = next[0].clone();
        let task = number(&ledger, &run);
        ledger.apply(&Line::Done(Done { task, next, ..Done::default() }), &selection);
        assert_eq!(of(Kind::Runs, &ledger), (0, 2));
        let task = number(&ledger, &details);
        ledger.apply(&Line::Done(Done { task, ..Done::default() }), &selection);
        assert_eq!(of(Kind::Runs, &ledger), (1, 1));
    }

    #[test]
    fn a_run_that_was_named_and_is_in_no_list_is_missing_and_looked_for_again() {
        let runs = Some(vec!["r_1".into(), "r_2".into(), "r 3".into()]);
        let wanted = Selection { runs, kinds: [Kind::Runs].into(), ..selection() };
        let mut ledger = Ledger::new(&wanted);
        let lists: Vec<Task> = ledger.pending.values().cloned().collect();
        let list = Task::Runs { experiment: "e".into(), runs: vec!["r_1".into(), "r_2".into()], next: None };
        for task in &lists {
            let next = if *task == lists[0] { vec![list.clone()] } else { Vec::new() };
            let task = number(&ledger, task);
            ledger.apply(&Line::Done(Done { task, next, ..Done::default() }), &wanted);
        }
        assert_eq!(ledger.missing().count(), 1, "it is not known yet, and the list is not asked");
        let run =
            |run: &str| Task::Run(task::OfRun { experiment: "e".into(), run: run.into(), container: None });
        let task = number(&ledger, &list);
        ledger.apply(&Line::Done(Done { task, next: vec![run("r_1")], ..Done::default() }), &wanted);
        let absent =
            |ledger: &Ledger| ledger.failures().1.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(absent(&ledger), ["r_2", "r 3"]);
        assert_eq!(ledger.failures().0, 2);
        let task = number(&ledger, &run("r_1"));
        ledger.apply(&Line::Done(Done { task, ..Done::default() }), &wanted);
        assert_eq!(ledger.missing().count(), 2);
        ledger.apply(&Line::Again, &wanted);
        let task = number(&ledger, &list);
        ledger.apply(&Line::Done(Done { task, next: vec![run("r_2")], ..Done::default() }), &wanted);
        assert_eq!(absent(&ledger), ["r 3"]);
    }

    #[test]
    fn no_file_has_the_name_of_a_folder() {
        let selection = selection();
        let mut ledger = Ledger::new(&selection);
        let mut take = |wanted: &str, others: &[String]| {
            let path = ledger.free_path(wanted, others);
            let files = vec![file(&path, wanted)];
            ledger.apply(&Line::Done(Done { task: (9, 0), files, ..Done::default() }), &selection);
            path
        };
        assert_eq!(take("outputs/model", &[]), "outputs/model");
        assert_eq!(take("outputs/Model/a.bin", &[]), "outputs/Model (2)/a.bin");
        assert_eq!(take("outputs/Model/b.bin", &[]), "outputs/Model (2)/b.bin");
        assert_eq!(take("logs/a/b.txt", &[]), "logs/a/b.txt");
        assert_eq!(take("logs/a", &[]), "logs/a (2)");
        assert_eq!(take("x", &["x/y".to_owned()]), "x (2)");
        assert_eq!(take("z/y", &["z".to_owned()]), "z (2)/y");
    }

    #[test]
    fn what_was_not_asked_for_any_more_is_missing() {
        let selection = selection();
        let mut ledger = Ledger::new(&selection);
        let count = ledger.pending.len();
        ledger.apply(&Line::Stopped, &selection);
        assert!(ledger.is_over());
        assert_eq!(ledger.missing().count(), count);
        assert!(ledger.missing().all(|missing| missing.why.contains("ended")));
    }
}
