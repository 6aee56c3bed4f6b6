//! What happened to a run, in order.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::answer::Outcome;
use crate::experiment_runs::Item;
use crate::filter::Order;
use crate::history::{View, Wanted};
use crate::run_progress::Moment;
use crate::state::{Run, text};
use crate::times::{self, seconds, stamp};

const EVENT_FIELDS: &[&str] = &["name", "timestamp"];

impl View<'_> {
    /// Guess: that there is an event for each state, which of them are named after the state, what is in `data`, and
    /// that the oldest comes first.
    pub fn events(&self, run: &Run) -> Outcome {
        let document = self.document(run);
        let moment = self.board.moment(run);
        let mut events: Vec<Value> = states(run, &moment)
            .into_iter()
            .map(|(status, time)| event(name(status), time, json!({ "runId": run.id(), "status": status })))
            .collect();
        let last = events.last().map(|event| event["timestamp"].clone()).unwrap_or_default();
        if document["queueingInfo"].is_object() {
            events.push(json!({
                "timestamp": document["queueingInfo"]["lastRefreshTimestamp"],
                "name": "Microsoft.MachineLearning.Run.QueueingInfo",
                "data": document["queueingInfo"],
            }));
        }
        for warning in document["warnings"].as_array().into_iter().flatten() {
            events.push(json!({
                "timestamp": last, "name": "Microsoft.MachineLearning.Run.Warning", "data": warning,
            }));
        }
        if document["error"].is_object()
            && let Some(failed) = events.iter_mut().find(|event| event["data"]["status"] == "Failed")
        {
            failed["data"]["error"] = document["error"]["error"].clone();
        }
        let mut wanted = Wanted::read(self.call, EVENT_FIELDS)?;
        wanted.order.get_or_insert_with(|| Order::of("timestamp", false));
        self.list(&wanted, events.into_iter().map(Item::Document).collect())
    }
}

fn event(name: &str, time: OffsetDateTime, data: Value) -> Value {
    json!({ "timestamp": stamp(time), "name": format!("Microsoft.MachineLearning.Run.{name}"), "data": data })
}

/// The published client's word for the event that brings a state; the others are called as the state is.
fn name(status: &str) -> &str {
    match status {
        "NotStarted" => "Created",
        "Running" => "Start",
        other => other,
    }
}

/// The states that a run went through. For a run that is as its document says they follow from its times.
fn states<'a>(run: &'a Run, moment: &Moment) -> Vec<(&'a str, OffsetDateTime)> {
    if !moment.steps.is_empty() {
        return moment.steps.clone();
    }
    let time = |field: &str| run.document[field].as_str().and_then(times::parse);
    let status = text(&run.document, "status");
    let Some(created) = time("createdUtc") else { return Vec::new() };
    let waited = time("startTimeUtc").map_or(seconds(60.0), |started| started - created);
    let mut states = vec![
        ("NotStarted", created),
        ("Starting", created + waited * 0.1),
        ("Preparing", created + waited * 0.2),
        ("Queued", created + waited * 0.7),
    ];
    let Some(started) = time("startTimeUtc") else { return states };
    states.push(("Running", started));
    match (status, time("endTimeUtc")) {
        (_, Some(ended)) => {
            let a_little: Duration = (ended - started) * 0.1;
            let before_end = ended - a_little.min(seconds(8.0));
            match status {
                "Completed" => states.push(("Finalizing", before_end)),
                "Canceled" => states.push(("CancelRequested", before_end)),
                _ => {}
            }
            states.push((status, ended));
        }
        ("Running", None) => {}
        (_, None) => states.push((status, started + seconds(600.0))),
    }
    states
}
