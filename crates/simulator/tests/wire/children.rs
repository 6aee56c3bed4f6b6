//! Runs that lead others.

use serde_json::{Value, json};

use crate::{Client, assert_same_shape, sample};

const SWEEP: &str = "/experiments/oven-sweep/runs";

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

#[test]
fn a_sweep_says_what_it_tries_and_how_it_chooses() {
    let mut client = Client::bakery();
    let parent = client.history(&format!("{SWEEP}/oven_sweep_1")).body;
    assert_eq!(
        (&parent["runType"], &parent["properties"]["azureml.runsource"]),
        (&json!("hyperdrive"), &json!("hyperdrive"))
    );
    let config = sample("hyperdrive_create_config");
    for (tag, key) in [("generator_config", "generator_config"), ("policy_config", "policy_config")] {
        assert_same_shape(&parsed(&parent["tags"][tag])["name"], &config[key]["name"]);
    }
    assert_eq!(
        parsed(&parent["tags"]["primary_metric_config"]),
        json!({ "name": "mae", "goal": "minimize" })
    );
    assert_eq!(parent["tags"]["max_total_jobs"], "16");
    let space = parsed(&parent["tags"]["generator_config"])["parameter_space"].clone();
    let list = client.history(&format!("{SWEEP}/oven_sweep_1/children"));
    assert_eq!(list.column("parentRunId"), ["oven_sweep_1"; 16]);
    for trial in list.body["value"].as_array().unwrap() {
        let parameters = parsed(&trial["tags"]["hyperparameters"]);
        assert_eq!(parsed(&parent["tags"][trial["runId"].as_str().unwrap()]), parameters);
        assert!(parameters.as_object().unwrap().keys().eq(space.as_object().unwrap().keys()));
    }
}

#[test]
fn the_best_trial_is_the_one_that_ended_with_the_least() {
    let mut client = Client::bakery();
    let parent = client.history(&format!("{SWEEP}/oven_sweep_1")).body;
    let list = client.history(&format!("{SWEEP}/oven_sweep_1/children")).body;
    let metrics = client.history("/experiments/oven-sweep/metrics?$top=1000").body;
    let metrics = metrics["value"].as_array().unwrap();
    let last = |run: &Value| {
        let mae = metrics.iter().find(|metric| metric["runId"] == *run && metric["name"] == "mae");
        mae.unwrap()["cells"].as_array().unwrap().last().unwrap()["mae"].as_f64().unwrap()
    };
    let trials = list["value"].as_array().unwrap();
    let stopped = trials.iter().filter(|trial| trial["status"] == "Canceled").count();
    assert!((2..=8).contains(&stopped), "{stopped}");
    let finished = trials.iter().filter(|trial| trial["status"] == "Completed");
    let best = finished.map(|trial| &trial["runId"]).min_by(|a, b| last(a).total_cmp(&last(b))).unwrap();
    assert_eq!(parent["properties"]["best_child_run_id"], *best);
    assert_eq!(parent["properties"]["score"], json!(last(best).to_string()));
    let table = metrics
        .iter()
        .find(|metric| metric["runId"] == "oven_sweep_1" && metric["name"] == "best_child_by_primary_metric");
    let rows = table.unwrap()["cells"].as_array().unwrap();
    let end = rows.last().unwrap();
    assert_eq!(
        (&end["run_id"], &end["final"], &end["metric_value"]),
        (best, &json!(true), &json!(last(best)))
    );
    assert!(rows[..rows.len() - 1].iter().all(|row| row["final"] == false));
}

#[test]
fn one_sweep_is_still_at_work() {
    let mut client = Client::bakery();
    let parent = client.history(&format!("{SWEEP}/oven_sweep_2")).body;
    assert_eq!(parent["status"], "Running");
    assert_eq!(parent["properties"].get("best_child_run_id"), None);
    let list = client.history(&format!("{SWEEP}/oven_sweep_2/children"));
    let count = |status: &str| list.column("status").iter().filter(|seen| **seen == status).count();
    assert_eq!(list.column("status").len(), 12);
    assert!(
        count("Running") == 2 && count("Completed") >= 4 && count("Canceled") >= 1,
        "{list:?}",
        list = list.column("status")
    );
    let details = client.history(&format!("{SWEEP}/oven_sweep_2/details")).body;
    let logs = details["logFiles"].as_object().unwrap();
    assert_eq!(logs.keys().collect::<Vec<_>>(), ["azureml-logs/hyperdrive.txt"]);
    client.wait(3_000.0);
    assert_eq!(client.history(&format!("{SWEEP}/oven_sweep_2")).body["status"], "Completed");
}
