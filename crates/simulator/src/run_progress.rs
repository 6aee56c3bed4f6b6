//! How a run moves through its states: a pure function of facts and time, so nothing ticks.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::state::{Run, Workspace, text};
use crate::times::{self, seconds};

/// What decides the states of a run.
#[derive(Clone, Debug)]
pub struct Course {
    /// States that lie behind, with their beginnings.
    pub past: Vec<(&'static str, OffsetDateTime)>,
    /// When the states ahead begin to count.
    pub from: OffsetDateTime,
    /// States ahead with their lengths in seconds. The first may go on with the last one behind. `Queued` lasts
    /// longer when the compute has no free node.
    pub ahead: Vec<(&'static str, f64)>,
    pub ending: Ending,
    /// How many nodes it takes.
    pub nodes: usize,
    pub cancel: Option<Cancel>,
    /// The share of its work that is behind when `from` begins.
    pub work_before: f64,
    /// The share that is done when `Running` is over: less than all for a run that fails.
    pub work_after: f64,
    /// The longest that it may work, in seconds of the wall clock; then the service cancels it.
    pub limit_seconds: Option<f64>,
}

/// How a run ends.
#[derive(Clone, Debug)]
pub enum Ending {
    Completed,
    /// With the reason.
    Failed(String),
}

/// A cancel that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Cancel {
    pub asked: OffsetDateTime,
    pub takes_seconds: f64,
}

/// The states of a run with their beginnings; the last one ends it.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub steps: Vec<(&'static str, OffsetDateTime)>,
    work: Option<WorkTime>,
}

/// When the work is done: between the times, the share goes from one number to the other.
#[derive(Clone, Copy, Debug)]
struct WorkTime {
    times: (OffsetDateTime, OffsetDateTime),
    shares: (f64, f64),
}

/// A run at one time.
#[derive(Clone, Debug)]
pub struct Moment {
    pub status: String,
    /// States entered so far.
    pub steps: Vec<(&'static str, OffsetDateTime)>,
    pub started: Option<OffsetDateTime>,
    pub ended: Option<OffsetDateTime>,
    /// How much of the work is done, from 0 to 1.
    pub work_done: f64,
}

impl Course {
    /// A run that is handed in at `now`.
    pub fn new(now: OffsetDateTime, stages: &[(&'static str, f64)], ending: Ending, nodes: usize) -> Course {
        Course {
            past: Vec::new(),
            from: now,
            ahead: stages.to_vec(),
            ending,
            nodes: nodes.max(1),
            cancel: None,
            work_before: 0.0,
            work_after: 1.0,
            limit_seconds: None,
        }
    }

    /// The states with their beginnings, when nodes are free from `nodes_free` on.
    fn timeline(&self, speed: f64, nodes_free: Option<OffsetDateTime>) -> Timeline {
        let mut steps = self.past.clone();
        let mut time = self.from;
        let mut work = None;
        for (status, length) in &self.ahead {
            let begins = time;
            if steps.last().is_none_or(|(last, _)| last != status) {
                steps.push((status, time));
            }
            time += seconds(length / speed);
            if *status == "Queued" {
                time = nodes_free.map_or(time, |free| time.max(free));
            }
            if *status == "Running" {
                work = Some(WorkTime { times: (begins, time), shares: (self.work_before, self.work_after) });
            }
        }
        let cancel = self.cancel.or_else(|| self.out_of_time(&steps));
        if let Some(cancel) = cancel {
            steps.retain(|(_, begins)| *begins <= cancel.asked);
            work = work.map(|work| work.until(cancel.asked));
            steps.push(("CancelRequested", cancel.asked));
            steps.push(("Canceled", cancel.asked + seconds(cancel.takes_seconds / speed)));
        } else {
            let ending = match self.ending {
                Ending::Completed => "Completed",
                Ending::Failed(_) => "Failed",
            };
            steps.push((ending, time));
        }
        Timeline { steps, work }
    }

    /// The service's own cancel of a run that works too long.
    fn out_of_time(&self, steps: &[(&'static str, OffsetDateTime)]) -> Option<Cancel> {
        let limit = seconds(self.limit_seconds?);
        let (_, started) = steps.iter().find(|(status, _)| *status == "Running")?;
        Some(Cancel { asked: *started + limit, takes_seconds: 6.0 })
    }
}

impl Timeline {
    pub fn begins(&self, status: &str) -> Option<OffsetDateTime> {
        self.steps.iter().find(|(step, _)| *step == status).map(|(_, begins)| *begins)
    }

    fn end(&self) -> OffsetDateTime {
        self.steps.last().map_or(OffsetDateTime::UNIX_EPOCH, |(_, begins)| *begins)
    }

    /// The run at a time.
    pub fn at(&self, now: OffsetDateTime) -> Moment {
        // The first state holds from the beginning, whatever the clock says.
        let passed = self.steps.iter().filter(|(_, begins)| *begins <= now).count().max(1);
        let steps = self.steps[..passed.min(self.steps.len())].to_vec();
        let started = steps.iter().find(|(status, _)| *status == "Running").map(|(_, begins)| *begins);
        let ended = (passed == self.steps.len()).then(|| self.end());
        let status = steps.last().map_or("NotStarted", |(status, _)| status).to_owned();
        Moment { status, started, ended, work_done: self.work.map_or(0.0, |work| work.at(now)), steps }
    }
}

impl WorkTime {
    fn at(&self, now: OffsetDateTime) -> f64 {
        let (begin, end) = self.times;
        let length = (end - begin).as_seconds_f64().max(0.001);
        let passed = ((now - begin).as_seconds_f64() / length).clamp(0.0, 1.0);
        self.shares.0 + (self.shares.1 - self.shares.0) * passed
    }

    /// The same work, broken off at a time.
    fn until(&self, stop: OffsetDateTime) -> WorkTime {
        let (begin, end) = self.times;
        let stop = stop.clamp(begin, end);
        WorkTime { times: (begin, stop), shares: (self.shares.0, self.at(stop)) }
    }
}

impl Moment {
    /// The moment of a run that is as its document says.
    fn of_document(run: &Run) -> Moment {
        let time = |field: &str| run.document[field].as_str().and_then(times::parse);
        Moment {
            status: text(&run.document, "status").to_owned(),
            steps: Vec::new(),
            started: time("startTimeUtc"),
            ended: time("endTimeUtc"),
            work_done: run.settled_work(),
        }
    }

    /// Whether the run sits on its nodes.
    pub fn holds_nodes(&self) -> bool {
        matches!(self.status.as_str(), "Running" | "Finalizing" | "CancelRequested") && self.started.is_some()
    }

    pub fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "Completed" | "Failed" | "Canceled")
    }
}

/// A workspace's moving runs at one time. Runs on one compute take turns: first come, first served.
pub struct Board {
    moments: BTreeMap<String, Moment>,
    /// Nodes that work and nodes that are waited for, by compute.
    loads: BTreeMap<String, Load>,
    now: OffsetDateTime,
}

/// How many nodes of a compute are in use, and how many are waited for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    pub working: usize,
    pub awaited: usize,
}

impl Board {
    pub fn new(workspace: &Workspace, speed: f64, now: OffsetDateTime) -> Board {
        let mut moving: Vec<(&Run, &Course)> =
            workspace.kept_runs().filter_map(|run| Some((run, run.course.as_ref()?))).collect();
        moving.sort_by_key(|(_, course)| (course.waits(), course.from));
        let mut nodes: BTreeMap<&str, Vec<OffsetDateTime>> = BTreeMap::new();
        let mut board = Board { moments: BTreeMap::new(), loads: BTreeMap::new(), now };
        for (run, course) in moving {
            let target = text(&run.document, "target");
            let capacity = workspace.compute(target).map_or(1, node_limit);
            let nodes = nodes.entry(target).or_insert_with(|| vec![OffsetDateTime::UNIX_EPOCH; capacity]);
            nodes.sort_unstable();
            let wanted = course.nodes.min(nodes.len());
            let timeline = course.timeline(speed, wanted.checked_sub(1).map(|last| nodes[last]));
            if timeline.begins("Running").is_some() {
                nodes[..wanted].fill(timeline.end());
            }
            let moment = timeline.at(now);
            let load = board.loads.entry(target.to_owned()).or_default();
            if moment.holds_nodes() {
                load.working += course.nodes;
            } else if moment.status == "Queued" {
                load.awaited += course.nodes;
            }
            board.moments.insert(run.id().to_owned(), moment);
        }
        board
    }

    /// The time that it shows.
    pub fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// How a run is.
    pub fn moment(&self, run: &Run) -> Moment {
        self.moments.get(run.id()).cloned().unwrap_or_else(|| Moment::of_document(run))
    }

    /// How busy a compute is.
    pub fn load(&self, compute: &str) -> Load {
        self.loads.get(compute).copied().unwrap_or_default()
    }
}

impl Course {
    /// Whether it has yet to wait for nodes.
    fn waits(&self) -> bool {
        self.ahead.iter().any(|(status, _)| *status == "Queued")
    }
}

/// How many nodes a compute may have.
pub fn node_limit(compute: &serde_json::Value) -> usize {
    compute["properties"]["properties"]["scaleSettings"]["maxNodeCount"]
        .as_u64()
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(1)
}
