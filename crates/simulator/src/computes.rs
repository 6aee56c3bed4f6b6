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
    pub(crate) fn computes(&mut self, call: &Call<'_>, path: &[&str]) -> Outcome {
        match (call.method, path) {
            (&Method::PUT | &Method::PATCH | &Method::DELETE, [_]) => self.change_compute(call),
            (&Method::POST, [_, action @ ("start" | "stop" | "restart")]) => {
                self.act_on_compute(call, action)
            }
            _ => self.read_computes(call, path),
        }
    }

    fn read_computes(&self, call: &Call<'_>, path: &[&str]) -> Outcome {
        let workspace = self.state.workspace(&call.segments[1], &call.segments[3], &call.segments[7]);
        let workspace = workspace.ok_or_else(|| not_found(call))?;
        let board = Board::new(workspace, self.speed, call.now);
        let compute = |name: &str| workspace.compute(name).ok_or_else(|| not_found_at(call, 10));
        match (call.method, path) {
            (&Method::GET, []) => {
                let computes = workspace.computes.iter();
                self.arm_list(call, computes.map(|compute| compute_now(&board, compute)).collect())
            }
            (&Method::GET, [name]) => Ok(Answer::json(200, &compute_now(&board, compute(name)?))),
            (&Method::POST, [name, "listnodes"]) => nodes(call, workspace, &board, compute(name)?),
            (&Method::POST, [name, "listkeys"]) => {
                let kind = text(&compute(name)?["properties"], "computeType");
                if kind == "AKS" {
                    return Ok(Answer::json(200, &cluster_keys(name)));
                }
                let message = format!(
                    "{kind} computes do not have any secrets associated with them. This operation is not supported."
                );
                Err(errors::user_error(call, errors::COMPUTE, 400, message))
            }
            _ => Err(method_not_allowed(call)),
        }
    }
}

/// What opens a Kubernetes cluster; nothing, here.
fn cluster_keys(name: &str) -> Value {
    let config = |who: &str| format!("apiVersion: v1\nkind: Config\nusers:\n- name: {who}-of-{name}\n");
    json!({
        "computeType": "AKS",
        "userKubeConfig": config("user"),
        "adminKubeConfig": config("admin"),
        "imagePullSecretName": format!("{name}-pull"),
    })
}

/// How many nodes a cluster has, by what they do.
struct Nodes {
    running: usize,
    preparing: usize,
    idle: usize,
}

impl Nodes {
    fn of(compute: &Value, board: &Board) -> Nodes {
        let load = board.load(text(compute, "name"));
        let limit = node_limit(compute);
        let held = number(&compute["properties"]["properties"]["currentNodeCount"]);
        let running = load.working.min(limit);
        let idle = held.saturating_sub(running);
        // Runs take idle nodes first; for the rest, nodes are made ready.
        let preparing = load.awaited.saturating_sub(idle).min(limit.saturating_sub(running + idle));
        Nodes { running, preparing, idle }
    }

    fn count(&self) -> usize {
        self.running + self.preparing + self.idle
    }
}

/// How many nodes a cluster has now.
pub fn node_count(compute: &Value, board: &Board) -> usize {
    if is_usable_cluster(compute) { Nodes::of(compute, board).count() } else { 0 }
}

fn number(value: &Value) -> usize {
    value.as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

fn is_usable_cluster(compute: &Value) -> bool {
    let properties = &compute["properties"];
    properties["computeType"] == "AmlCompute" && properties["provisioningState"] == "Succeeded"
}

fn compute_now(board: &Board, compute: &Value) -> Value {
    let mut document = compute.clone();
    if !is_usable_cluster(compute) {
        return document;
    }
    let nodes = Nodes::of(compute, board);
    let cluster = &mut document["properties"]["properties"];
    cluster["currentNodeCount"] = nodes.count().into();
    // A cluster that may not grow wants more than it has.
    let wanted = nodes.count() + usize::from(cluster["errors"].is_array());
    cluster["targetNodeCount"] = wanted.into();
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
        let nodes = Nodes::of(compute, board);
        let working = workspace
            .kept_runs()
            .filter(|run| run.document["target"] == compute["name"] && board.moment(run).holds_nodes());
        let count = |run: &Run| run.course.as_ref().map_or(0, |course| course.nodes);
        let runs: Vec<&str> = working.flat_map(|run| std::iter::repeat_n(run.id(), count(run))).collect();
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
pub fn status_tag(workspace: &Workspace, board: &Board, target: &str) -> Option<Value> {
    let limit = node_limit(workspace.compute(target)?);
    let load = board.load(target);
    let running = load.working.min(limit);
    let preparing = load.awaited.min(limit - running);
    let state = if preparing > 0 { "resizing" } else { "steady" };
    let count = preparing + running;
    let tag = format!(
        "{{\"AllocationState\":\"{state}\",\"PreparingNodeCount\":{preparing},\"RunningNodeCount\":{running},\
         \"CurrentNodeCount\":{count}}}"
    );
    Some(tag.into())
}
