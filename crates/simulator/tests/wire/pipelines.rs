//! Pipelines: found by way of run history, read one by one.

use http::Method;
use serde_json::{Value, json};

use crate::{Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

const HOST: &str = "https://westeurope.aether.ms/api/v1.0";

fn read(client: &mut Client, path: &str) -> Value {
    let answer = client.get(&format!("{HOST}{WORKSPACE}{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.body
}

fn statuses(client: &mut Client, run: &str) -> Value {
    let address = format!("{HOST}{WORKSPACE}/Experiments/{run}/Graph/AllNodes/Status");
    let answer = client.ask(Method::POST, &address, None);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// The state of each step, by the name of its script.
fn steps(client: &mut Client, run: &str) -> Vec<(String, String)> {
    let graph = graph(client, run);
    let statuses = statuses(client, run);
    let nodes = graph["ModuleNodes"].as_array().unwrap().clone();
    let step = |node: &Value| {
        let module = read(client, &format!("/Modules/{}", node["ModuleId"].as_str().unwrap()));
        let code = &statuses[node["Id"].as_str().unwrap()]["StatusCode"];
        (module["Name"].as_str().unwrap().to_owned(), code.as_str().unwrap().to_owned())
    };
    nodes.iter().map(step).collect()
}

fn graph(client: &mut Client, run: &str) -> Value {
    let pipeline = read(client, &format!("/Experiments/{run}"));
    read(client, &format!("/Graphs/{}", pipeline["GraphId"].as_str().unwrap()))
}

fn codes(steps: &[(String, String)]) -> Vec<&str> {
    steps.iter().map(|(_, code)| code.as_str()).collect()
}

#[test]
fn pipeline_runs_are_found_in_run_history() {
    let mut client = Client::bakery();
    let query = json!({ "filter": "(Properties/azureml.runsource eq azureml.PipelineRun)" });
    let list = client.history_post("/experiments/nightly-pipeline/runs:query", &query);
    assert_eq!(list.column("runId"), ["nightly_bake_3", "nightly_bake_2", "nightly_bake_1"]);
    assert_eq!(list.column("runType"), ["azureml.PipelineRun"; 3]);
    assert_eq!(list.column("status"), ["Running", "Failed", "Completed"]);
    let children = client.history("/experiments/nightly-pipeline/runs/nightly_bake_1/children");
    assert_eq!(children.column("runType"), ["azureml.StepRun"; 7]);
}

#[test]
fn everything_has_the_sample_s_shape() {
    let mut client = Client::bakery();
    let run = read(&mut client, "/Experiments/nightly_bake_1");
    assert_same_shape(&run, &sample("pipeline_experiment_get"));
    assert_eq!(read(&mut client, "/PipelineRuns/nightly_bake_1"), run);
    let graph = graph(&mut client, "nightly_bake_1");
    assert_same_shape(&graph, &sample("pipeline_graph_get"));
    for node in graph["ModuleNodes"].as_array().unwrap() {
        let module = read(&mut client, &format!("/Modules/{}", node["ModuleId"].as_str().unwrap()));
        assert_same_shape(&module, &sample("pipeline_module_get"));
    }
    for node in graph["DatasetNodes"].as_array().unwrap() {
        let source = read(&mut client, &format!("/DataSources/{}", node["DatasetId"].as_str().unwrap()));
        let mut expected = sample("pipeline_datasource_get");
        expected["DataLocation"]["DataReference"] = source["DataLocation"]["DataReference"].clone();
        assert_same_shape(&source, &expected);
    }
}

#[test]
fn edges_lead_from_what_there_is_to_what_there_is() {
    let mut client = Client::bakery();
    let graph = graph(&mut client, "nightly_bake_1");
    let ids: Vec<&Value> = ["ModuleNodes", "DatasetNodes"]
        .iter()
        .flat_map(|kind| graph[*kind].as_array().unwrap().iter().map(|node| &node["Id"]))
        .collect();
    assert_eq!(ids.len(), 9);
    let edges = graph["Edges"].as_array().unwrap();
    assert_eq!(edges.len(), 9);
    for edge in edges {
        let (from, to) = (&edge["SourceOutputPort"]["NodeId"], &edge["DestinationInputPort"]["NodeId"]);
        assert!(ids.contains(&from) && ids.contains(&to) && from != to, "{edge}");
    }
}

#[test]
fn a_failed_step_leaves_what_comes_after_it_undone() {
    let mut client = Client::bakery();
    assert_eq!(codes(&steps(&mut client, "nightly_bake_1")), ["Finished"; 7]);
    let second = steps(&mut client, "nightly_bake_2");
    let expected = ["Finished", "Finished", "Finished", "Failed", "NotStarted", "NotStarted", "NotStarted"];
    assert_eq!(codes(&second), expected);
    let run = read(&mut client, "/Experiments/nightly_bake_2");
    assert_eq!((&run["Status"]["StatusCode"], &run["HasErrors"]), (&json!("Failed"), &json!(true)));
    let all = statuses(&mut client, "nightly_bake_2");
    let failed = all.as_object().unwrap().values().find(|status| status["StatusCode"] == "Failed").unwrap();
    assert!(failed["StatusDetail"].as_str().unwrap().starts_with("MemoryError"));
    let step = client.history(&format!("/runs/{}", failed["RunId"].as_str().unwrap())).body;
    assert_eq!((&step["parentRunId"], &step["status"]), (&json!("nightly_bake_2"), &json!("Failed")));
    let reused: Vec<&Value> =
        all.as_object().unwrap().values().filter(|status| status["ReuseInfo"].is_object()).collect();
    assert_eq!(reused.len(), 1);
    assert_eq!(reused[0]["ReuseInfo"]["RunId"], "nightly_bake_1_prepare");
}

#[test]
fn steps_of_tonight_go_one_after_the_other() {
    let mut client = Client::bakery();
    let mut seen = Vec::new();
    for _ in 0..30 {
        let steps = steps(&mut client, "nightly_bake_3");
        let codes = codes(&steps).join(" ");
        // What is compared was trained before.
        assert!(
            !codes.ends_with("Running NotStarted NotStarted") || codes.matches("Finished").count() == 4,
            "{codes}"
        );
        seen.push(codes);
        client.wait(10.0);
    }
    seen.dedup();
    assert_eq!(seen[0], "Finished Running NotStarted NotStarted NotStarted NotStarted NotStarted");
    assert_eq!(seen.last().unwrap(), &["Finished"; 7].join(" "));
    let run = read(&mut client, "/Experiments/nightly_bake_3");
    assert_eq!(run["Status"]["StatusCode"], "Finished");
    assert!(run["Status"]["EndTime"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn the_regional_host_has_them_too_and_refusals_have_the_service_s_letters() {
    let mut client = Client::bakery();
    let regional = format!("{REGIONAL}/pipelines/v1.0{WORKSPACE}/Experiments/nightly_bake_1");
    assert_eq!(client.get(&regional).body, read(&mut client, "/Experiments/nightly_bake_1"));
    for (path, status) in [
        ("/Graphs/no-such", 404),
        ("/Ovens/1", 404),
        ("/Experiments/fail-403", 403),
        ("/Modules/fail-500", 500),
    ] {
        let answer = client.get(&format!("{HOST}{WORKSPACE}{path}"));
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body["Error"]["Message"].is_string() && answer.body["Correlation"].is_object());
    }
    client.token = None;
    let answer = client.get(&regional);
    assert_eq!((answer.status, answer.body["Error"]["Code"].as_str()), (401, Some("UserError")));
}

#[test]
fn a_pipeline_run_stops_with_its_steps() {
    let mut client = Client::bakery();
    let execution = |run: &str| format!("{HOST}{WORKSPACE}/Experiments/{run}/Execution");
    let answer = client.ask(Method::DELETE, &execution("nightly_bake_3"), None);
    assert_eq!((answer.status, answer.response.body().len()), (200, 0));
    assert_eq!(client.status("nightly-pipeline", "nightly_bake_3"), "CancelRequested");
    client.wait(10.0);
    assert_eq!(client.status("nightly-pipeline", "nightly_bake_3"), "Canceled");
    assert_eq!(read(&mut client, "/Experiments/nightly_bake_3")["Status"]["StatusCode"], "Canceled");
    let after = steps(&mut client, "nightly_bake_3");
    assert!(codes(&after).iter().all(|code| matches!(*code, "Finished" | "Canceled")), "{after:?}");
    for run in ["nightly_bake_3", "nightly_bake_1"] {
        let again = client.ask(Method::DELETE, &execution(run), None);
        assert_eq!((again.status, &again.body["Error"]["Code"]), (400, &json!("UserError")), "{run}");
    }
    assert_eq!(client.ask(Method::DELETE, &execution("no-such-run"), None).status, 404);
    assert_eq!(client.ask(Method::POST, &execution("nightly_bake_1"), None).status, 405);
}

#[test]
fn the_regional_host_stops_pipelines_too() {
    let mut client = Client::bakery();
    let address = format!("{REGIONAL}/pipelines/v1.0{WORKSPACE}/PipelineRuns/nightly_bake_3/Execution");
    assert_eq!(client.ask(Method::DELETE, &address, None).status, 200);
    assert_eq!(client.status("nightly-pipeline", "nightly_bake_3"), "CancelRequested");
}
