//! Computes: what runs run on, as ARM tells it. Node counts follow the runs.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::checksum;
use crate::errors;
use crate::management::{method_not_allowed, not_found, not_found_at};
use crate::run_progress::{Board, node_limit};
use crate::simulator::Simulator;
use crate::state::{Run, Workspace, text};

impl Simulator {
    /// `…/computes` and below; `path` begins behind it.
    pub(crate) fn computes(&self, call: &Call<'_>, path: &[&str]) -> Outcome {
        let workspace = self.state.workspace(&call.segments[1], &call.segments[3], &call.segments[7]);
        let workspace = workspace.ok_or_else(|| not_found(call))?;
        let board = Board::new(workspace, self.speed);
        let compute = |name: &str| workspace.compute(name).ok_or_else(|| not_found_at(call, 10));
        match (call.method, path) {
            (&Method::GET, []) => {
                let computes = workspace.computes.iter();
                self.arm_list(
                    call,
                    computes.map(|compute| compute_now(call, workspace, &board, compute)).collect(),
                )
            }
            (&Method::GET, [name]) => {
                Ok(Answer::json(200, &compute_now(call, workspace, &board, compute(name)?)))
            }
            (&Method::POST, [name, "listnodes"]) => nodes(call, workspace, &board, compute(name)?),
            (&Method::POST, [name, "listkeys"]) => {
                compute(name)?;
                let message = "AmlCompute computes do not have any secrets associated with them. This operation is \
                               not supported.";
                Err(errors::user_error(call, errors::COMPUTE, 400, message))
            }
            _ => Err(method_not_allowed(call)),
        }
    }
}

/// What the runs on a compute need of it.
struct Load<'a> {
    working: Vec<(&'a Run, usize)>,
    coming: usize,
}

impl<'a> Load<'a> {
    fn of(call: &Call<'_>, workspace: &'a Workspace, board: &Board, compute: &Value) -> Load<'a> {
        let mut load = Load { working: Vec::new(), coming: 0 };
        for (_, run) in workspace.runs() {
            let Some(course) = &run.course else { continue };
            if !text(&run.document, "target").eq_ignore_ascii_case(text(compute, "name")) {
                continue;
            }
            let moment = board.moment(run, call.now);
            match moment.status.as_str() {
                "Running" | "Finalizing" => load.working.push((run, course.nodes)),
                "CancelRequested" if moment.started.is_some() => load.working.push((run, course.nodes)),
                "Queued" => load.coming += course.nodes,
                _ => {}
            }
        }
        load
    }
}

/// How many nodes a cluster has, by what they do.
struct Nodes {
    running: usize,
    preparing: usize,
    idle: usize,
}

impl Nodes {
    fn of(compute: &Value, load: &Load<'_>) -> Nodes {
        let limit = node_limit(compute);
        let held = number(&compute["properties"]["properties"]["currentNodeCount"]);
        let running = load.working.iter().map(|(_, nodes)| nodes).sum::<usize>().min(limit);
        let idle = held.saturating_sub(running);
        // Runs take idle nodes first; for the rest, nodes are made ready.
        let preparing = load.coming.saturating_sub(idle).min(limit.saturating_sub(running + idle));
        Nodes { running, preparing, idle }
    }

    fn count(&self) -> usize {
        self.running + self.preparing + self.idle
    }
}

fn number(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

fn is_usable_cluster(compute: &Value) -> bool {
    let properties = &compute["properties"];
    properties["computeType"] == "AmlCompute" && properties["provisioningState"] == "Succeeded"
}

fn compute_now(call: &Call<'_>, workspace: &Workspace, board: &Board, compute: &Value) -> Value {
    let mut document = compute.clone();
    if !is_usable_cluster(compute) {
        return document;
    }
    let nodes = Nodes::of(compute, &Load::of(call, workspace, board, compute));
    let cluster = &mut document["properties"]["properties"];
    cluster["currentNodeCount"] = nodes.count().into();
    cluster["targetNodeCount"] = nodes.count().into();
    cluster["nodeStateCounts"]["runningNodeCount"] = nodes.running.into();
    cluster["nodeStateCounts"]["preparingNodeCount"] = nodes.preparing.into();
    cluster["nodeStateCounts"]["idleNodeCount"] = nodes.idle.into();
    cluster["allocationState"] = if nodes.preparing > 0 { "Resizing" } else { "Steady" }.into();
    document
}

fn nodes(call: &Call<'_>, workspace: &Workspace, board: &Board, compute: &Value) -> Outcome {
    if compute["properties"]["computeType"] != "AmlCompute" {
        // Guess: the text.
        let message = "This operation is only supported for AmlCompute computes.";
        return Err(errors::user_error(call, errors::COMPUTE, 400, message));
    }
    let mut list = Vec::new();
    if is_usable_cluster(compute) {
        let load = Load::of(call, workspace, board, compute);
        let nodes = Nodes::of(compute, &load);
        let runs: Vec<&str> =
            load.working.iter().flat_map(|(run, nodes)| std::iter::repeat_n(run.id(), *nodes)).collect();
        for index in 0..nodes.count() {
            let state = match index {
                _ if index < nodes.running => "running",
                _ if index < nodes.running + nodes.preparing => "preparing",
                _ => "idle",
            };
            let mut node = json!({
                "nodeId": format!("tvmps_{:08x}_{index}_d", checksum(text(compute, "name")) >> 32),
                "privateIpAddress": format!("10.0.0.{}", index + 4),
                "publicIpAddress": "203.0.113.20",
                "port": 50_000 + index,
                "nodeState": state,
            });
            if let Some(run) = runs.get(index).filter(|_| state == "running") {
                node["runId"] = (*run).into();
            }
            list.push(node);
        }
    }
    Ok(Answer::json(200, &json!({ "computeType": "AmlCompute", "nodes": list })))
}

/// The tag that a run's document carries about its compute, as recorded.
pub fn status_tag(
    call_now: time::OffsetDateTime,
    workspace: &Workspace,
    board: &Board,
    target: &str,
) -> Option<Value> {
    let compute = workspace.compute(target)?;
    let (mut preparing, mut running) = (0, 0);
    for (_, run) in workspace.runs() {
        let Some(course) = &run.course else { continue };
        if text(&run.document, "target") != target {
            continue;
        }
        match board.moment(run, call_now).status.as_str() {
            "Running" | "Finalizing" => running += course.nodes,
            "Queued" => preparing += course.nodes,
            _ => {}
        }
    }
    let limit = node_limit(compute);
    let running = running.min(limit);
    let preparing = preparing.min(limit - running);
    let state = if preparing > 0 { "resizing" } else { "steady" };
    let count = preparing + running;
    Some(
        format!(
            "{{\"AllocationState\":\"{state}\",\"PreparingNodeCount\":{preparing},\"RunningNodeCount\":{running},\
             \"CurrentNodeCount\":{count}}}"
        )
        .into(),
    )
}
