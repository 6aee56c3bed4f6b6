//! Runs that follow from their places: who made them when, where, with which tags, and how they ended.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::checksum::{checksum, guid};
use crate::errors::{run_error, sample};
use crate::experiment_runs::Rule;
use crate::filter::{Fact, Field};
use crate::run_definition;
use crate::run_progress::{Course, Ending};
use crate::runs::{self, NewRun};
use crate::state::{Run, Work, text};
use crate::times::stamp;
use crate::worlds::large::HISTORY;

const PEOPLE: [&str; 12] = [
    "Astrid Holm",
    "Bao Nguyen",
    "Carmen Ortega",
    "Dmitri Sokolov",
    "Emeka Okonkwo",
    "Fatima Zahra El Amrani",
    "Giulia Conti",
    "Hiroshi Sato",
    "Ingrid Maria Charlotte von Falkenstein-Rasmussen",
    "Jonas Lind",
    "Καλλιόπη Παπαδοπούλου",
    "Lena",
];
const QUALITIES: [&str; 24] = [
    "early", "late", "swift", "patient", "quiet", "wet", "dusty", "heavy", "light", "narrow", "steep",
    "foggy", "crooked", "northern", "southern", "hidden", "busy", "empty", "golden", "grey", "lucky",
    "spare", "second", "last",
];
const THINGS: [&str; 24] = [
    "parcel", "ferry", "bridge", "van", "bicycle", "doorbell", "ramp", "harbour", "tunnel", "signal",
    "letter", "crate", "route", "corner", "depot", "lift", "stamp", "tyre", "gate", "quay", "lane",
    "trolley", "locker", "map",
];
const TEAMS: [&str; 5] = ["routes", "forecasts", "returns", "operations research", "night shift"];
const REASONS: [&str; 4] = [
    "ValueError: the loss is not a number any more after round 9",
    "FileNotFoundError: closures.csv is not in the folder 'data'. The script stopped at line 41 of train.py.",
    "MemoryError: Unable to allocate 31.4 GiB for an array with shape (4212211, 1000) and data type float64",
    "The node was taken away. The cluster has low priority, and somebody else needed the machine.",
];
/// The states before a run ends, in their order.
const STATES: [&str; 6] = ["NotStarted", "Starting", "Preparing", "Queued", "Running", "Finalizing"];
/// How many parameters the runs of a sweep have as tags, beside the usual ones.
const PARAMETERS: u64 = 20;

/// What all experiments have in common.
pub struct Story {
    /// As far as runs name it.
    workspace: Value,
    tenant: &'static str,
    /// Names and ids.
    people: Vec<(&'static str, String)>,
    computes: Vec<String>,
    /// The usual properties of a run.
    properties: Value,
}

impl Story {
    pub fn new(workspace: &Value, tenant: &'static str, computes: Vec<String>) -> Story {
        let example = sample(include_str!("../../../samples/history_run_get_running.json"));
        Story {
            workspace: json!({ "id": workspace["id"] }),
            tenant,
            people: PEOPLE.iter().map(|name| (*name, guid(name))).collect(),
            computes,
            properties: example["properties"].clone(),
        }
    }
}

/// The runs of an experiment that are over.
pub struct Told {
    story: Arc<Story>,
    /// As far as runs name it.
    experiment: Value,
    seed: u64,
    count: usize,
    /// When the newest was made.
    newest: OffsetDateTime,
    /// Where run history stands.
    history: Value,
    /// What the run at a place does, if it is not the usual.
    work: Option<fn(usize) -> Work>,
}

/// A run that goes on: states ahead with their lengths in seconds, and why it fails, if it does.
pub struct Moving {
    pub ahead: &'static [(&'static str, f64)],
    pub fails: Option<&'static str>,
}

/// How a run ended.
struct End {
    status: &'static str,
    started: Option<OffsetDateTime>,
    ended: OffsetDateTime,
}

/// From one run to the next. Which second of it a run is made in follows from its place.
const STEP: Duration = Duration::minutes(9);

impl Told {
    pub fn new(story: &Arc<Story>, experiment: &Value, count: usize, newest: OffsetDateTime) -> Told {
        Told {
            story: Arc::clone(story),
            experiment: json!({ "name": experiment["name"], "experimentId": experiment["experimentId"] }),
            seed: checksum(text(experiment, "name")),
            count,
            newest,
            history: HISTORY.into(),
            work: None,
        }
    }

    /// The same with other work.
    pub fn with_work(self, work: fn(usize) -> Work) -> Told {
        Told { work: Some(work), ..self }
    }

    /// The same number for every start, below `sides`.
    fn dice(&self, place: usize, what: u64, sides: u64) -> u64 {
        let mut number = self.seed ^ (place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (what << 56);
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % sides
    }

    fn pick<'a, T>(&self, place: usize, what: u64, list: &'a [T]) -> &'a T {
        &list[self.dice(place, what, list.len() as u64) as usize]
    }

    fn id(&self, place: usize) -> String {
        let (quality, thing) = (self.pick(place, 1, &QUALITIES), self.pick(place, 2, &THINGS));
        let more = if place % 97 == 96 {
            "_with_every_depot_of_the_northern_region_and_the_weather_of_the_last_ten_years"
        } else {
            ""
        };
        format!("{quality}_{thing}{more}_{}", place + 1)
    }

    fn created(&self, place: usize) -> OffsetDateTime {
        let steps = i32::try_from(self.count - 1 - place.min(self.count - 1)).unwrap_or(i32::MAX);
        let within = self.dice(place, 3, STEP.whole_seconds().unsigned_abs());
        self.newest - STEP * steps - Duration::seconds(within as i64)
    }

    fn end(&self, place: usize) -> End {
        let status = match self.dice(place, 4, 100) {
            0..86 => "Completed",
            86..95 => "Failed",
            _ => "Canceled",
        };
        let made_ready = self.created(place) + Duration::seconds(20 + self.dice(place, 5, 120) as i64);
        // Some are stopped before they start.
        let started = (status != "Canceled" || self.dice(place, 6, 4) > 0).then_some(made_ready);
        let worked = 30 + self.dice(place, 7, 12) * self.dice(place, 8, 400);
        let ended =
            made_ready + if started.is_some() { Duration::seconds(worked as i64) } else { Duration::ZERO };
        // All are over when the world begins.
        End { status, started, ended: ended.min(self.newest + Duration::minutes(19)) }
    }

    fn target(&self, place: usize) -> &str {
        // A few computes do most of the work.
        let reach = 1 + self.dice(place, 9, self.story.computes.len() as u64);
        &self.story.computes[self.dice(place, 10, reach) as usize]
    }

    fn person(&self, place: usize) -> &(&'static str, String) {
        self.pick(place, 11, &self.story.people)
    }

    fn description(&self, place: usize) -> Option<Cow<'static, str>> {
        match self.dice(place, 12, 60) {
            0 => Some("Ferries, closed bridges and the weather of the last ten years, by the hour and by the depot, with \
                       the address errors left out and the parcels of the holidays counted twice; see whether the \
                       night shift can start at four"
                .into()),
            1 => Some("天気と休日".into()),
            2 => Some("مع حالة الطقس والعطل".into()),
            3..20 => Some(format!("Window of {} days", 7 * (1 + self.dice(place, 13, 12))).into()),
            _ => None,
        }
    }

    /// The value of a tag.
    fn tag(&self, place: usize, key: &str) -> Option<Cow<'static, str>> {
        let is_sweep = place % 40 == 39;
        match key {
            "team" => Some((*self.pick(place, 14, &TEAMS)).into()),
            "data" => (self.dice(place, 15, 3) > 0)
                .then(|| format!("2026-{:02}", 1 + self.dice(place, 16, 12)).into()),
            "depth" => {
                (self.dice(place, 17, 2) > 0).then(|| (2 << self.dice(place, 18, 5)).to_string().into())
            }
            "best" => (self.dice(place, 19, 400) == 0).then_some("yes".into()),
            _ => {
                let number: u64 = key.strip_prefix("parameter-")?.parse().ok()?;
                let is_one = is_sweep && (1..=PARAMETERS).contains(&number);
                is_one.then(|| format!("0.{:03}", self.dice(place, 20 + number, 1_000)).into())
            }
        }
    }

    fn tags(&self, place: usize) -> Value {
        let usual = ["team", "data", "depth", "best"].map(str::to_owned);
        let parameters = (1..=PARAMETERS).map(|number| format!("parameter-{number}"));
        let keys = usual.into_iter().chain(parameters);
        keys.filter_map(|key| Some((self.tag(place, &key)?, key)))
            .map(|(value, key)| (key, Value::from(value)))
            .collect()
    }

    /// A run before anything has become of it.
    fn draft(&self, place: usize, created: OffsetDateTime) -> Run {
        let (id, target) = (self.id(place), self.target(place));
        let (name, user) = self.person(place);
        let new = NewRun {
            id: &id,
            number: place + 1,
            created,
            created_by: json!({ "userObjectId": user, "userTenantId": self.story.tenant, "userName": name }),
            target,
            script: "train.py",
            parent: None,
        };
        let history = self.history.as_str().unwrap_or_default();
        let mut document = runs::document(&new, &self.story.workspace, &self.experiment, history);
        document["description"] = self.description(place).into();
        document["tags"] = self.tags(place);
        let rounds = 5 + self.dice(place, 50, 36) as u32;
        let error = 400.0 + self.dice(place, 51, 1_800) as f64;
        let definition = run_definition::usual("train.py", &["--rounds", &rounds.to_string()], target, 1);
        let usual = Work::Training { rounds, first_error: 60.0, last_error: error / 100.0, diverges: false };
        let work = self.work.map_or(usual, |work| work(place));
        Run { document, course: None, definition, work, logged: Vec::new() }
    }

    /// When the experiment was made.
    pub fn begins(&self) -> OffsetDateTime {
        self.newest - STEP * i32::try_from(self.count + 1).unwrap_or(i32::MAX)
    }

    /// A run that goes on, the `index`th after those that are over.
    pub fn moving(&self, moving: &Moving, index: i32, now: OffsetDateTime) -> Run {
        let created = now - Duration::minutes(15) + Duration::minutes(1) * index;
        let mut run = self.draft(self.count + usize::try_from(index).unwrap_or_default(), created);
        let ending = moving.fails.map_or(Ending::Completed, |reason| Ending::Failed(reason.to_owned()));
        let mut course = Course::new(now, moving.ahead, ending, 1);
        let first = moving.ahead.first().map_or("", |(status, _)| status);
        let behind = STATES.iter().position(|state| *state == first).unwrap_or_default() + 1;
        let each = (now - created) / i32::try_from(behind).unwrap_or(1);
        course.past =
            (0_i32..).zip(&STATES[..behind]).map(|(step, state)| (*state, created + each * step)).collect();
        if first == "Running" {
            course.work_before = 0.3;
        }
        if moving.fails.is_some() {
            course.work_after = 0.6;
        }
        run.course = Some(course);
        run
    }
}

impl Rule for Told {
    fn count(&self) -> usize {
        self.count
    }

    fn run(&self, place: usize) -> Run {
        let mut run = self.draft(place, self.created(place));
        let End { status, started, ended } = self.end(place);
        let document = &mut run.document;
        document["status"] = status.into();
        document["startTimeUtc"] = started.map(stamp).into();
        document["endTimeUtc"] = stamp(ended).into();
        document["revision"] = 7.into();
        if status == "Failed" {
            let reason = self.pick(place, 52, &REASONS);
            document["error"] = run_error(&self.id(place), ended, reason);
            if let (true, Work::Training { diverges, .. }) = (reason.contains("not a number"), &mut run.work)
            {
                *diverges = true;
            }
        }
        run
    }

    fn place(&self, id: &str) -> Option<usize> {
        let (_, number) = id.rsplit_once('_')?;
        let place = number.parse::<usize>().ok()?.checked_sub(1)?;
        (place < self.count && self.id(place) == id).then_some(place)
    }

    fn fact(&self, place: usize, field: &Field) -> Option<Fact<'_>> {
        Some(match (field.name, &field.key) {
            ("runNumber", _) => Fact::Number((place + 1) as f64),
            ("runId" | "rootRunId", _) => Fact::Text(self.id(place).into()),
            ("experimentId", _) => Fact::Text(text(&self.experiment, "experimentId").into()),
            ("status", _) => Fact::Text(self.end(place).status.into()),
            ("createdUtc", _) => Fact::Time(self.created(place)),
            ("startTimeUtc", _) => Fact::Time(self.end(place).started?),
            ("endTimeUtc", _) => Fact::Time(self.end(place).ended),
            ("userId", _) => Fact::Text(self.person(place).1.as_str().into()),
            ("runType", _) => Fact::Text("azureml.scriptrun".into()),
            ("description", _) => Fact::Text(self.description(place)?),
            ("hidden", _) => Fact::Flag(false),
            ("scriptName", _) => Fact::Text("train.py".into()),
            ("target", _) => Fact::Text(self.target(place).into()),
            ("tags", Some(key)) => Fact::Text(self.tag(place, key)?),
            ("properties", Some(key)) if key == "ContentSnapshotId" => {
                Fact::Text(runs::snapshot(&self.id(place)).into())
            }
            ("properties", Some(key)) => Fact::Text(self.story.properties.get(key)?.as_str()?.into()),
            _ => return None,
        })
    }

    fn each_document(&mut self, visit: &dyn Fn(&mut Value)) {
        visit(&mut self.history);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::filter::Fields as _;
    use crate::history::RUN_FIELDS;

    fn told() -> Told {
        let computes = ["cpu-cluster-00", "gpu-cluster-02"].map(str::to_owned).to_vec();
        let story = Story::new(&json!({ "id": "/subscriptions/one" }), "a tenant", computes);
        let experiment = json!({ "name": "arrival-time", "experimentId": "an id" });
        let newest = OffsetDateTime::from_unix_timestamp(1_780_000_000).expect("the time is one");
        Told::new(&Arc::new(story), &experiment, 3_000, newest)
    }

    #[test]
    fn what_is_filtered_is_what_the_document_says() {
        let told = told();
        let field = |name: &'static str, key: Option<&str>| Field { name, key: key.map(str::to_owned) };
        for place in (0..told.count()).step_by(13) {
            let document = told.run(place).document;
            let plain = RUN_FIELDS.iter().filter(|name| !matches!(**name, "tags" | "properties"));
            let mut fields: Vec<Field> = plain.map(|name| field(name, None)).collect();
            for (name, no_such) in [("tags", "parameter-99"), ("properties", "no-such")] {
                let keys = document[name].as_object().into_iter().flat_map(|map| map.keys());
                fields.extend(keys.map(|key| field(name, Some(key))));
                fields.push(field(name, Some(no_such)));
            }
            for field in fields {
                assert_eq!(told.fact(place, &field), document.fact(&field), "{field:?} of {place}");
            }
        }
    }

    #[test]
    fn every_run_has_an_id_and_a_place_of_its_own() {
        let told = told();
        let ids: BTreeSet<String> = (0..told.count()).map(|place| told.id(place)).collect();
        assert_eq!(ids.len(), told.count());
        for place in 0..told.count() {
            assert_eq!(told.place(&told.id(place)), Some(place));
        }
        assert_eq!(told.place("somebody_else_12"), None);
        assert_eq!(told.place(&told.id(told.count())), None);
    }

    #[test]
    fn runs_stand_in_the_order_of_their_creation_and_are_over() {
        let told = told();
        for place in 1..told.count() {
            assert!(told.created(place - 1) < told.created(place), "{place}");
            let End { started, ended, .. } = told.end(place);
            assert!(told.created(place) <= started.unwrap_or(ended) && ended >= started.unwrap_or(ended));
        }
    }
}
