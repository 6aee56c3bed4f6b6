//! Experiments, runs, details and metrics.

use http::{Method, Request};
use serde_json::{Value, json};

use crate::{Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

const RUNS: &str = "/experiments/loaves-per-day/runs";

#[test]
fn experiments_are_listed_as_the_sample_has_them() {
    let mut client = Client::bakery();
    let list = client.history("/experiments");
    assert_same_shape(&list.body, &sample("history_experiments_list"));
    let names = list.column("name");
    for name in ["loaves-per-day", "croissant-waste", "weather-features", "holiday-orders"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert_eq!(client.history_post("/experiments:query", &json!({})).column("name").len(), names.len());
    assert_eq!(client.history("/experiments/holiday-orders/runs").body["value"], json!([]));
}

#[test]
fn every_state_is_to_be_seen_at_the_beginning() {
    let mut client = Client::bakery();
    let mut seen = Vec::new();
    for experiment in ["loaves-per-day", "croissant-waste", "weather-features"] {
        let list = client.history(&format!("/experiments/{experiment}/runs"));
        assert_same_shape(&list.body, &sample("history_runs_list"));
        seen.extend(list.column("status").into_iter().map(str::to_owned));
    }
    for status in [
        "NotStarted",
        "Starting",
        "Provisioning",
        "Preparing",
        "Queued",
        "Running",
        "Finalizing",
        "CancelRequested",
        "Completed",
        "Failed",
        "Canceled",
        "NotResponding",
        "Paused",
    ] {
        assert!(seen.iter().any(|seen| seen == status), "{status} is not among {seen:?}");
    }
}

#[test]
fn one_run_works_on_while_the_others_finish() {
    let mut client = Client::bakery();
    client.wait(3600.0);
    client.sign_in();
    let list = client.history(&format!("{RUNS}?$filter=Status%20eq%20Running"));
    assert_eq!(list.column("runId"), ["slow_starter_10"]);
}

#[test]
fn the_newest_runs_come_first() {
    let mut client = Client::bakery();
    let list = client.history(RUNS);
    let ids = list.column("runId");
    assert_eq!(ids.len(), 14);
    assert_eq!((ids[0], ids[13]), ("tidy_apron_14", "golden_crust_1"));
}

#[test]
fn runs_are_filtered_and_ordered_in_both_spellings() {
    let mut client = Client::bakery();
    let query = json!({ "filter": "(Status eq Completed)", "orderBy": "CreatedUtc asc" });
    let list = client.history_post(&format!("{RUNS}:query"), &query);
    let completed = ["golden_crust_1", "quiet_flour_2", "early_rye_6", "calm_dough_7"];
    assert_eq!(list.column("runId"), completed);
    let query = json!({ "Filter": "(Status eq Completed)", "orderby": "CreatedUtc desc", "Top": 1 });
    assert_eq!(client.history_post(&format!("{RUNS}:query"), &query).column("runId"), ["calm_dough_7"]);
    let list =
        client.history(&format!("{RUNS}?$filter=Status%20eq%20Completed&$orderby=RunId%20desc&$top=2"));
    assert_eq!(list.column("runId"), ["quiet_flour_2", "golden_crust_1"]);
    let list = client.history(&format!("{RUNS}?$filter=Tags/best%20ne%20null%20or%20Tags/best%20eq%20null"));
    assert_eq!(list.column("runId"), ["calm_dough_7"]);
}

#[test]
fn bad_queries_are_refused() {
    let mut client = Client::bakery();
    for (query, target) in [
        (json!({ "filter": "nonsense" }), "filter"),
        (json!({ "filter": "Colour eq red" }), "filter"),
        (json!({ "orderBy": "Colour" }), "orderBy"),
        (json!({ "top": 0 }), "top"),
        (json!({ "top": "many" }), "top"),
        (json!({ "continuationToken": "made-up" }), "continuationToken"),
    ] {
        let answer = client.history_post(&format!("{RUNS}:query"), &query);
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("UserError")), "{query}");
        assert_eq!(answer.body["error"]["target"], target);
        assert_same_shape(&answer.body, &sample("error_ml_validation_400"));
    }
}

#[test]
fn lists_come_in_pages_by_link_and_by_token() {
    let mut client = Client::bakery();
    let first = client.history(&format!("{RUNS}?$top=10"));
    assert_same_shape(&first.body, &sample("history_runs_list_page1"));
    let last = client.get(first.body["nextLink"].as_str().unwrap());
    assert_eq!(last.column("runId").len(), 4);
    assert_eq!((&last.body["nextLink"], &last.body["continuationToken"]), (&Value::Null, &Value::Null));
    let token = &first.body["continuationToken"];
    let again =
        client.history_post(&format!("{RUNS}:query"), &json!({ "top": 10, "continuationToken": token }));
    assert_eq!(again.column("runId"), last.column("runId"));
}

#[test]
fn a_run_is_found_with_and_without_its_experiment() {
    let mut client = Client::bakery();
    let run = client.history(&format!("{RUNS}/calm_dough_7")).body;
    assert_same_shape(&run, &sample("history_run_get_completed"));
    assert_eq!(client.history("/runs/calm_dough_7").body, run);
    let missing = client.history(&format!("{RUNS}/no-such-run"));
    assert_eq!(missing.status, 404);
    assert_eq!(missing.body["error"]["message"], sample("error_ml_run_404")["error"]["message"]);
    assert_same_shape(&missing.body, &sample("error_ml_run_404"));
    assert_eq!(client.history("/experiments/no-such").status, 404);
    assert_eq!(client.history("/experiments/croissant-waste/runs/calm_dough_7").status, 404);
}

#[test]
fn the_failed_run_says_why() {
    let run = Client::bakery().history(&format!("{RUNS}/late_crumb_3")).body;
    assert_same_shape(&run, &sample("history_run_get_failed"));
    let error = &run["error"]["error"];
    assert_eq!(error["code"], "UserError");
    assert!(error["message"].as_str().unwrap().starts_with("FileNotFoundError: sales_2026.csv"));
}

#[test]
fn details_have_the_sample_s_shape() {
    let mut client = Client::bakery();
    let details = client.history(&format!("{RUNS}/calm_dough_7/details")).body;
    let mut expected = sample("history_run_details");
    expected["logFiles"] = details["logFiles"].clone();
    expected["tags"] = details["tags"].clone();
    assert_same_shape(&details, &expected);
    assert!(details["logFiles"].as_object().unwrap().contains_key("azureml-logs/70_driver_log.txt"));
}

#[test]
fn children_know_their_parent() {
    let mut client = Client::bakery();
    let list = client.history("/experiments/oven-settings/runs/many_ovens_1/children");
    assert_same_shape(&list.body, &sample("history_run_children_list"));
    assert_eq!(list.column("parentRunId"), ["many_ovens_1"; 4]);
    let roots = "/experiments/oven-settings/runs?$filter=ParentRunId%20eq%20null";
    assert_eq!(client.history(roots).column("runId"), ["many_ovens_1"]);
}

#[test]
fn counts_tell_how_runs_stand() {
    let counts = Client::bakery().history("/experiments/loaves-per-day/runcounts").body;
    assert_eq!(
        (&counts["running"], &counts["completed"], &counts["failed"]),
        (&json!(2), &json!(4), &json!(2))
    );
    assert_eq!(counts.as_object().unwrap().len(), 10);
}

#[test]
fn tags_are_merged() {
    let mut client = Client::bakery();
    let address = format!("{REGIONAL}/history/v1.0{WORKSPACE}{RUNS}/calm_dough_7");
    let changes = json!({ "tags": { "team": "vision", "best": "no" }, "description": "a note" });
    let run = client.ask(Method::PATCH, &address, Some(&changes)).body;
    let expected =
        json!({ "data": "2026", "features": "weekday weather holidays", "best": "no", "team": "vision" });
    assert_eq!(
        (&run["tags"], &run["description"], &run["revision"]),
        (&expected, &json!("a note"), &json!(8))
    );
    assert_eq!(client.get(&address).body, run);
}

#[test]
fn tags_are_taken_away_by_name() {
    let mut client = Client::bakery();
    let address = format!("{REGIONAL}/history/v1.0{WORKSPACE}{RUNS}/calm_dough_7");
    let gone = json!(["data", "no-such-tag"]);
    let run = client.ask(Method::DELETE, &format!("{address}/tags"), Some(&gone)).body;
    assert_eq!(run["tags"], json!({ "features": "weekday weather holidays", "best": "yes" }));
    assert_eq!(client.get(&address).body["tags"], run["tags"]);
    let wrong = client.ask(Method::DELETE, &format!("{address}/tags"), Some(&json!({ "tags": ["data"] })));
    assert_eq!((wrong.status, &wrong.body["error"]["target"]), (400, &json!("tags")));
}

#[test]
fn an_experiment_is_described_tagged_and_archived() {
    let mut client = Client::bakery();
    let experiment = client.history("/experiments/holiday-orders").body;
    let address = format!(
        "{REGIONAL}/history/v1.0{WORKSPACE}/experimentids/{}",
        experiment["experimentId"].as_str().unwrap()
    );
    let change = json!({ "description": "a note", "tags": { "team": "vision", "year": "2026" } });
    let changed = client.ask(Method::PATCH, &address, Some(&change)).body;
    assert_same_shape(&changed, &sample("history_experiment_get"));
    assert_eq!((&changed["description"], &changed["tags"]), (&change["description"], &change["tags"]));
    let gone = json!({ "tags": ["team"] });
    let fewer = client.ask(Method::DELETE, &format!("{address}/tags"), Some(&gone)).body;
    assert_eq!(fewer["tags"], json!({ "year": "2026" }));
    let gone = json!({ "tags": ["year"] });
    let none = client.ask(Method::POST, &format!("{address}/tags:delete"), Some(&gone)).body;
    assert_eq!((&none["tags"], &none["description"]), (&json!({}), &json!("a note")));

    let mut listed = |view: &str| {
        let list = client.history_post(&format!("/experiments:query?viewType={view}"), &json!({}));
        list.column("name").contains(&"holiday-orders")
    };
    assert!(listed("Default") && !listed("ArchivedOnly"));
    let archived = client.ask(Method::PATCH, &address, Some(&json!({ "archive": true }))).body;
    assert!(archived["archivedTime"].is_string());
    let mut listed = |view: &str| {
        let list = client.history_post(&format!("/experiments:query?viewType={view}"), &json!({}));
        list.column("name").contains(&"holiday-orders")
    };
    assert!(!listed("Default") && listed("ArchivedOnly") && listed("All"));
    let back = client.ask(Method::PATCH, &address, Some(&json!({ "archive": false }))).body;
    assert_eq!((&back["archivedTime"], &back["description"]), (&Value::Null, &json!("a note")));
}

#[test]
fn a_change_without_a_content_type_is_refused() {
    let mut client = Client::bakery();
    let address = format!("{REGIONAL}/history/v1.0{WORKSPACE}{RUNS}/calm_dough_7");
    let token = client.token.clone().unwrap();
    let request = Request::patch(address).header("Authorization", format!("Bearer {token}"));
    assert_eq!(client.send(request.body(b"{}".to_vec()).unwrap()).status, 415);
}

#[test]
fn runs_are_not_deleted() {
    let mut client = Client::bakery();
    let address = format!("{REGIONAL}/history/v1.0{WORKSPACE}{RUNS}/calm_dough_7");
    assert_eq!(client.ask(Method::DELETE, &address, None).status, 405);
}

#[test]
fn experiments_are_made_once_and_deleted_when_empty() {
    let mut client = Client::bakery();
    let address = format!("{REGIONAL}/history/v1.0{WORKSPACE}/experiments/rye-bread");
    let made = client.ask(Method::POST, &address, None);
    assert_same_shape(&made.body, &sample("history_experiment_get"));
    assert_eq!(client.ask(Method::POST, &address, None).body, made.body);
    let by_id =
        |id: &Value| format!("{REGIONAL}/history/v1.0{WORKSPACE}/experimentids/{}", id.as_str().unwrap());
    assert_eq!(client.get(&by_id(&made.body["experimentId"])).body, made.body);
    assert_eq!(client.ask(Method::DELETE, &by_id(&made.body["experimentId"]), None).status, 200);
    assert_eq!(client.get(&address).status, 404);
    let full = client.history("/experiments/loaves-per-day").body;
    assert_eq!(client.ask(Method::DELETE, &by_id(&full["experimentId"]), None).status, 400);
}

/// What a script measures arrives some seconds later.
#[test]
fn curves_grow_while_a_run_works_and_a_little_longer() {
    let mut client = Client::bakery();
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    let address =
        "/experiments/loaves-per-day/metrics?$filter=RunId%20eq%20new_loaf_1%20and%20Name%20eq%20mae";
    let mut lengths = Vec::new();
    for _ in 0..8 {
        let list = client.history(address);
        lengths.push(list.body["value"][0]["numCells"].as_u64().unwrap_or_default());
        client.wait(10.0);
    }
    assert_eq!(lengths, [0, 0, 0, 0, 8, 18, 28, 30]);
}

#[test]
fn metrics_have_the_sample_s_shape_and_merge_as_asked() {
    let mut client = Client::bakery();
    let filter = json!({ "filter": "RunId eq calm_dough_7" });
    let merged = client.history_post("/experiments/loaves-per-day/metrics:query", &filter);
    assert_same_shape(&merged.body["value"][0], &sample("history_metric_get"));
    assert_eq!(merged.column("name"), ["mae", "loss", "best_mae", "mae_by_weekday"]);
    assert_eq!(merged.body["value"][2]["cells"], json!([{ "best_mae": 6.9 }]));
    let alone =
        client.history_post("/experiments/loaves-per-day/metrics:query?mergestrategytype=None", &filter);
    assert_eq!(alone.column("name").len(), 40 + 40 + 1 + 1);
    let id = merged.column("metricId")[0].to_owned();
    let one = client.history(&format!("/experiments/loaves-per-day/metrics/{id}"));
    assert_eq!(one.body, merged.body["value"][0]);
}

#[test]
fn the_data_plane_refuses_who_is_not_signed_in() {
    let mut client = Client::bakery();
    client.token = None;
    let answer = client.history("/experiments");
    assert_eq!((answer.status, &answer.body["error"]["code"]), (401, &json!("UserError")));
    client.sign_in();
    client.wait(3600.0);
    assert_eq!(client.history("/experiments").status, 401);
}

#[test]
fn a_workspace_that_is_not_there_is_told() {
    let mut client = Client::bakery();
    let elsewhere = WORKSPACE.replace("forecasting", "no-such");
    assert_eq!(client.get(&format!("{REGIONAL}/history/v1.0{elsewhere}/experiments")).status, 404);
}

#[test]
fn both_regional_hosts_answer() {
    let mut client = Client::bakery();
    let address = format!("https://westeurope.experiments.azureml.net/history/v1.0{WORKSPACE}/experiments");
    assert_eq!(client.get(&address).body, client.history("/experiments").body);
}

#[test]
fn a_curve_ends_where_the_run_was_stopped() {
    let mut client = Client::bakery();
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    client.wait(34.0);
    let address =
        "/experiments/loaves-per-day/metrics?$filter=RunId%20eq%20new_loaf_1%20and%20Name%20eq%20mae";
    let before = client.history(address).body["value"][0]["numCells"].clone();
    let ingestion = format!("{RUNS}/new_loaf_1/metricsingest/wait");
    assert_eq!(client.history(&ingestion).status, 202);
    let cancel = client.history_post(&format!("{RUNS}/new_loaf_1/cancel"), &json!({}));
    assert_eq!((cancel.status, &cancel.body["status"]), (200, &json!("CancelRequested")));
    client.wait(60.0);
    let after = client.history(address).body["value"][0].clone();
    assert_eq!((&after["numCells"], before), (&json!(10), json!(2)));
    assert_eq!(client.history(&ingestion).status, 200);
}
