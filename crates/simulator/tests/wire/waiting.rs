//! Runs that wait, and what tells why.

use http::Method;
use serde_json::{Value, json};

use crate::{ARM, Client, REGIONAL, WORKSPACE};

fn run(client: &mut Client, id: &str) -> Value {
    client.history(&format!("/runs/{id}")).body
}

fn nodes(client: &mut Client, compute: &str) -> (Value, Vec<Value>) {
    let address = format!("{WORKSPACE}/computes/{compute}");
    let counts = client.arm(&address).body["properties"]["properties"]["nodeStateCounts"].clone();
    let address = format!("{ARM}{address}/listNodes?api-version=2019-11-01");
    let list = client.ask(Method::POST, &address, None).body["nodes"].as_array().unwrap().clone();
    (counts, list)
}

#[test]
fn each_run_of_the_waiting_room_waits_for_something_else() {
    let mut client = Client::bakery();
    let list = client.history("/experiments/waiting-room/runs");
    assert_eq!(list.column("status"), ["Queued"; 6]);
    let state = |client: &mut Client, compute: &str| {
        client.arm(&format!("{WORKSPACE}/computes/{compute}")).body["properties"].clone()
    };
    assert_eq!(client.arm(&format!("{WORKSPACE}/computes/deleted-cluster")).status, 404);
    assert_eq!(run(&mut client, "lost_shop_1")["target"], "deleted-cluster");
    assert_eq!(run(&mut client, "lost_shop_1").get("queueingInfo"), None);
    assert_eq!(state(&mut client, "huge-cluster")["provisioningState"], "Failed");
    assert_eq!(run(&mut client, "every_oven_2")["queueingInfo"]["code"], "ComputeNotUsable");
    assert_eq!(state(&mut client, "mayas-computer")["properties"]["state"], "Stopped");
    assert_eq!(run(&mut client, "notebook_try_3")["queueingInfo"]["code"], "ComputeStopped");
    let night = state(&mut client, "night-cluster")["properties"].clone();
    assert_eq!(night["errors"][0]["error"]["code"], "ClusterCoreQuotaReached");
    assert_eq!((&night["currentNodeCount"], &night["targetNodeCount"]), (&json!(1), &json!(2)));
    assert_eq!(run(&mut client, "after_hours_4")["queueingInfo"]["code"], "ClusterCoreQuotaReached");
}

#[test]
fn who_stands_in_line_waits_for_those_before() {
    let mut client = Client::bakery();
    let (counts, list) = nodes(&mut client, "gpu-cluster");
    assert_eq!((&counts["runningNodeCount"], &counts["idleNodeCount"]), (&json!(4), &json!(0)));
    let mut working: Vec<&str> = list.iter().map(|node| node["runId"].as_str().unwrap()).collect();
    working.dedup();
    assert_eq!(working, ["slow_starter_10", "brave_oven_12"]);
    let waiting = run(&mut client, "third_in_line_6");
    assert_eq!(waiting["queueingInfo"]["code"], "NodesBusy");
    assert!(waiting["queueingInfo"]["lastRefreshTimestamp"].is_string());
    let line = client.history("/computes/gpu-cluster/runs?$filter=Status%20eq%20Queued&$orderby=CreatedUtc");
    assert_eq!(line.column("runId"), ["patient_bun_11", "second_in_line_5", "third_in_line_6"]);
    // Once the first is through, the second has its turn, and the third waits on.
    client.wait(750.0);
    assert_eq!(run(&mut client, "second_in_line_5")["status"], "Running");
    assert_eq!(run(&mut client, "third_in_line_6")["status"], "Queued");
}

#[test]
fn nodes_that_work_are_those_of_the_runs_that_work() {
    let mut client = Client::bakery();
    for compute in ["cpu-compute", "gpu-cluster", "night-cluster", "team-cluster"] {
        let (counts, list) = nodes(&mut client, compute);
        let working: Vec<&Value> = list.iter().filter(|node| node["nodeState"] == "running").collect();
        assert_eq!(counts["runningNodeCount"], working.len(), "{compute}");
        let runs = client.history(&format!("/computes/{compute}/runs?$filter=Status%20eq%20Running"));
        let runs = runs.column("runId").into_iter().map(str::to_owned).collect::<Vec<_>>();
        for node in working {
            let id = node["runId"].as_str().unwrap();
            let status = run(&mut client, id)["status"].clone();
            assert!(runs.iter().any(|run| run == id) || status != "Running", "{compute}: {id}");
        }
    }
}

#[test]
fn a_run_that_leads_others_sits_on_no_node() {
    let mut client = Client::bakery();
    let (counts, list) = nodes(&mut client, "team-cluster");
    // Two trials and a step of the pipeline.
    assert_eq!(counts["runningNodeCount"], 3);
    let mut working: Vec<&str> = list.iter().filter_map(|node| node["runId"].as_str()).collect();
    working.sort_unstable();
    assert_eq!(working, ["nightly_bake_3_features", "oven_sweep_2_10", "oven_sweep_2_9"]);
}

#[test]
fn a_run_can_be_given_a_name_to_be_shown() {
    let mut client = Client::bakery();
    assert_eq!(run(&mut client, "rye_eye_3")["displayName"], "Rye eye, the large one");
    let address = format!("{REGIONAL}/history/v1.0{WORKSPACE}/experiments/loaves-per-day/runs/calm_dough_7");
    let changed = client.ask(Method::PATCH, &address, Some(&json!({ "displayName": "Calm dough" })));
    assert_eq!((changed.status, &changed.body["displayName"]), (200, &json!("Calm dough")));
    assert_eq!(run(&mut client, "calm_dough_7")["displayName"], "Calm dough");
}
