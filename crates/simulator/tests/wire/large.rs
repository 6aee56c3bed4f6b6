//! The world with a great many runs: complete, steady, and quick.

use std::collections::BTreeSet;
use std::time::Instant;

use azimuth_simulator::{Options, World};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::submission::{definition, form, zip};
use crate::{Client, REGIONAL};

const WORKSPACE: &str = "/subscriptions/1a76e000-0a5e-4f0e-8f1a-0d0f10a7e500/resourceGroups/courier-rg/providers/\
    Microsoft.MachineLearningServices/workspaces/deliveries";

fn client() -> Client {
    Client::with(Options::new(World::Large))
}

fn address(path: &str) -> String {
    format!("{REGIONAL}/history/v1.0{WORKSPACE}{path}")
}

fn query(client: &mut Client, experiment: &str, body: &Value) -> Value {
    let address = address(&format!("/experiments/{experiment}/runs:query"));
    let answer = client.ask(Method::POST, &address, Some(body));
    assert_eq!(answer.status, 200, "{body}: {}", answer.body);
    answer.body
}

fn ids(page: &Value) -> Vec<&str> {
    page["value"].as_array().unwrap().iter().map(|run| run["runId"].as_str().unwrap()).collect()
}

/// Every id that a query leads to, page by page.
fn all_ids(client: &mut Client, experiment: &str, mut body: Value) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let page = query(client, experiment, &body);
        all.extend(ids(&page).into_iter().map(str::to_owned));
        if page["continuationToken"].is_null() {
            return all;
        }
        body["continuationToken"] = page["continuationToken"].clone();
    }
}

#[test]
fn runs_come_page_by_page_without_gaps_or_repetitions() {
    let mut client = client();
    let all = all_ids(&mut client, "parcel-weight", json!({}));
    let numbers = all.iter().map(|id| id.rsplit_once('_').unwrap().1.parse::<usize>().unwrap());
    assert!(numbers.eq((1..=1_000).rev()), "the newest run is first: {all:?}");
    // Those that a filter lets through lie far apart.
    let few = json!({ "filter": "Tags/best eq yes and Status eq Completed", "top": 1_000 });
    let at_once = query(&mut client, "arrival-time", &few);
    let mut in_pages = few.clone();
    in_pages["top"] = 30.into();
    let in_pages = all_ids(&mut client, "arrival-time", in_pages);
    assert_eq!(in_pages, ids(&at_once));
    assert!((150..300).contains(&in_pages.len()), "{}", in_pages.len());
    assert_eq!(in_pages.iter().collect::<BTreeSet<_>>().len(), in_pages.len());
}

#[test]
fn a_filter_finds_the_same_runs_in_every_order() {
    let mut client = client();
    for filter in ["Status eq Failed", "Tags/team eq returns and Target eq cpu-cluster-00"] {
        let mut orders =
            ["CreatedUtc desc", "CreatedUtc asc", "StartTimeUtc desc", "RunId desc"].map(|order| {
                all_ids(&mut client, "parcel-weight", json!({ "filter": filter, "orderBy": order, "top": 7 }))
            });
        assert!(orders[0].iter().eq(orders[1].iter().rev()), "{filter}");
        orders.iter_mut().for_each(|ids| ids.sort_unstable());
        assert!(orders[0].len() > 7, "{filter}");
        assert!(orders.iter().all(|ids| *ids == orders[0]), "{filter}");
    }
    let running = all_ids(&mut client, "arrival-time", json!({ "filter": "Status eq Running" }));
    assert_eq!(running.len(), 6);
}

#[test]
fn runs_are_found_by_their_ids_alone_and_among_others() {
    let mut client = client();
    let page = query(&mut client, "arrival-time", &json!({ "top": 40 }));
    let (moving, over) = (ids(&page)[3].to_owned(), ids(&page)[39].to_owned());
    for id in [&moving, &over] {
        assert_eq!(client.get(&address(&format!("/runs/{id}"))).body["runId"], **id);
        let details = client.get(&address(&format!("/experiments/arrival-time/runs/{id}/details")));
        assert_eq!(details.status, 200);
    }
    let filter = format!("RunId eq {over} or RunId eq no_such_1 or RunId eq {moving}");
    let found = query(&mut client, "arrival-time", &json!({ "filter": filter }));
    assert_eq!(ids(&found), [&moving, &over]);
    let filter = format!("({filter}) and Status eq Canceled");
    assert_eq!(ids(&query(&mut client, "arrival-time", &json!({ "filter": filter }))), [""; 0]);
}

#[test]
fn counts_add_up_and_lists_are_full() {
    let mut client = client();
    let counts = client.get(&address("/experiments/arrival-time/runcounts")).body;
    let sum: u64 = counts.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!((sum, counts["running"].as_u64()), (100_000, Some(6)));
    assert!(counts["failed"].as_u64().unwrap() > 8_000 && counts["canceled"].as_u64().unwrap() > 4_000);
    let experiments = client.get(&address("/experiments?$top=2000")).body;
    assert_eq!(experiments["value"].as_array().unwrap().len(), 1_000);
    let models = "https://westeurope.modelmanagement.azureml.net/api";
    let models = client.get(&format!("{models}{WORKSPACE}/models?api-version=2019-11-01&count=6000")).body;
    assert_eq!(models["value"].as_array().unwrap().len(), 5_000);
    let mut computes = 0;
    let mut next = Some(format!("https://management.azure.com{WORKSPACE}/computes?api-version=2019-11-01"));
    while let Some(address) = next {
        let page = client.get(&address).body;
        computes += page["value"].as_array().unwrap().len();
        next = page["nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(computes, 50);
}

#[test]
fn runs_of_a_page_have_metrics() {
    let mut client = client();
    let page = query(&mut client, "arrival-time", &json!({ "top": 100, "filter": "Status eq Completed" }));
    let filter: Vec<String> = ids(&page).iter().map(|id| format!("RunId eq {id}")).collect();
    let body = json!({ "filter": filter.join(" or "), "top": 1_000 });
    let metrics =
        client.ask(Method::POST, &address("/experiments/arrival-time/metrics:query"), Some(&body)).body;
    let of = |name: &str| {
        let metrics = metrics["value"].as_array().unwrap().iter().filter(|metric| metric["name"] == name);
        metrics.map(|metric| metric["runId"].as_str().unwrap()).collect::<BTreeSet<_>>()
    };
    let wanted: BTreeSet<&str> = ids(&page).into_iter().collect();
    assert_eq!((of("mae"), of("loss")), (wanted.clone(), wanted));
}

#[test]
fn the_newest_runs_go_on_and_some_fail() {
    let mut client = client();
    let statuses = |client: &mut Client| -> Vec<String> {
        let page = query(client, "arrival-time", &json!({ "top": 12 }));
        let runs = page["value"].as_array().unwrap().iter();
        runs.map(|run| run["status"].as_str().unwrap().to_owned()).collect()
    };
    let first = statuses(&mut client);
    assert!(first.iter().all(|status| !matches!(status.as_str(), "Completed" | "Failed")), "{first:?}");
    client.wait(300.0);
    let later = statuses(&mut client);
    for status in ["Completed", "Failed", "Running"] {
        assert!(later.iter().any(|seen| seen == status), "no {status} in {later:?}");
    }
}

#[test]
fn a_change_of_an_old_run_stays_and_is_filtered_by() {
    let mut client = client();
    let page = query(&mut client, "arrival-time", &json!({ "top": 30 }));
    let old = ids(&page)[29].to_owned();
    let path = address(&format!("/experiments/arrival-time/runs/{old}"));
    let change = json!({ "hidden": true, "tags": { "team": "archive", "kept": "yes" } });
    let changed = client.ask(Method::PATCH, &path, Some(&change));
    assert_eq!((changed.status, &changed.body["hidden"]), (200, &json!(true)));
    assert_eq!(client.get(&path).body["tags"]["team"], "archive");
    let found = query(&mut client, "arrival-time", &json!({ "filter": "Tags/team eq archive" }));
    assert_eq!(ids(&found), [&old]);
    let again = query(&mut client, "arrival-time", &json!({ "top": 30 }));
    assert_eq!(ids(&again), ids(&page));
    let gone = client.ask(Method::DELETE, &format!("{path}/tags"), Some(&json!(["kept"])));
    assert_eq!(gone.body["tags"]["kept"], Value::Null);
}

#[test]
fn a_submitted_run_is_the_newest_and_its_id_is_taken() {
    let mut client = client();
    let start = |client: &mut Client, id: &str| {
        let address =
            format!("{REGIONAL}/execution/v1.0{WORKSPACE}/experiments/arrival-time/startrun?runId={id}");
        let definition = definition("cpu-cluster-00").to_string();
        let parts: [(&str, &[u8]); 2] =
            [("projectZipFile", &zip(&["hello.py"])), ("runDefinitionFile", definition.as_bytes())];
        let request = Request::post(address)
            .header("Authorization", format!("Bearer {}", client.token.clone().unwrap()))
            .header("Content-Type", "multipart/form-data; boundary=line");
        client.send(request.body(form(&parts)).unwrap()).status
    };
    client.wait(1.0);
    assert_eq!(start(&mut client, "handed_in"), 200);
    let page = query(&mut client, "arrival-time", &json!({ "top": 2 }));
    assert_eq!(ids(&page)[0], "handed_in");
    assert_eq!(page["value"][0]["runNumber"], 100_001);
    let old = ids(&query(&mut client, "parcel-weight", &json!({ "top": 9 })))[8].to_owned();
    assert_eq!((start(&mut client, "handed_in"), start(&mut client, &old)), (409, 409));
    client.wait(90.0);
    let run = client.get(&address("/experiments/arrival-time/runs/handed_in")).body;
    assert_eq!(run["status"], "Completed");
}

/// Times are printed (`cargo test … --release -- --nocapture quick`), never judged: a busy machine is no fault.
#[test]
fn how_quick_the_large_world_is() {
    let begin = Instant::now();
    let mut client = client();
    println!("{:>9.2?}  start and sign in", begin.elapsed());
    let token = |client: &mut Client, place: usize| {
        let page = query(client, "arrival-time", &json!({ "top": place }));
        page["continuationToken"].clone()
    };
    let deep = token(&mut client, 5_000);
    for (what, body) in [
        ("the first page", json!({})),
        ("page 51", json!({ "continuationToken": deep })),
        ("five hundred runs", json!({ "top": 500 })),
        ("failed ones", json!({ "filter": "Status eq Failed" })),
        ("none that fit", json!({ "filter": "Status eq NoSuch" })),
        ("by a tag", json!({ "filter": "Tags/team eq returns" })),
        ("with a tag", json!({ "filter": "(Tags/best ne null or Tags/best eq null)" })),
        ("since a time", json!({ "filter": "CreatedUtc ge 2026-05-01T00:00:00" })),
        ("on a compute", json!({ "filter": "Target eq gpu-cluster-47" })),
        ("by a description that none has", json!({ "filter": "Description eq none" })),
        ("oldest first", json!({ "orderBy": "CreatedUtc asc" })),
        ("latest start first", json!({ "orderBy": "StartTimeUtc desc" })),
        ("by id", json!({ "orderBy": "RunId desc" })),
        ("by id, page 51", json!({ "orderBy": "RunId desc", "continuationToken": deep })),
        (
            "sweeps",
            json!({ "filter": "(RunType eq hyperdrive or Properties/azureml.runsource eq hyperdrive)" }),
        ),
    ] {
        let begin = Instant::now();
        let page = query(&mut client, "arrival-time", &body);
        println!("{:>9.2?}  {what}, {} runs", begin.elapsed(), page["value"].as_array().unwrap().len());
    }
    for path in
        ["/experiments?$top=1000", "/experiments/arrival-time/runcounts", "/computes/gpu-cluster-47/runs"]
    {
        let begin = Instant::now();
        assert_eq!(client.get(&address(path)).status, 200);
        println!("{:>9.2?}  {path}", begin.elapsed());
    }
}

#[test]
fn the_archive_keeps_two_gigabytes_that_are_read_in_parts() {
    let mut client = Client::with(Options::new(World::Archive));
    let in_archive = |address: String| address.replace("/workspaces/deliveries", "/workspaces/archive");
    let runs = in_archive(address("/experiments/every-parcel/runs:query"));
    let (mut count, mut large) = (0, Vec::new());
    let mut body = json!({ "top": 1_000 });
    loop {
        let page = client.ask(Method::POST, &runs, Some(&body)).body;
        for run in page["value"].as_array().unwrap() {
            count += 1;
            if run["runNumber"].as_u64().unwrap() % 40 == 8 && run["status"] == "Completed" {
                large.push((run["runNumber"].as_u64().unwrap(), run["dataContainerId"].clone()));
            }
        }
        if page["continuationToken"].is_null() {
            break;
        }
        body["continuationToken"] = page["continuationToken"].clone();
    }
    assert_eq!(count, 10_000);
    let mut bytes = 0;
    for (number, container) in large {
        let container = container.as_str().unwrap();
        let path = format!("/artifacts/ExperimentRun/{container}/content?path=outputs/checkpoint.bin");
        let request = Request::get(in_archive(format!("{REGIONAL}/artifact/v2.0{WORKSPACE}{path}")))
            .header("Authorization", format!("Bearer {}", client.token.as_deref().unwrap()))
            .header("Range", "bytes=0-99");
        let answer = client.send(request.body(Vec::new()).unwrap());
        assert_eq!((answer.status, answer.response.body().len()), (206, 100), "{number}");
        let (_, total) = answer.header("content-range").rsplit_once('/').unwrap();
        bytes += total.parse::<u64>().unwrap();
    }
    assert!((2_000_000_000..2_600_000_000).contains(&bytes), "{bytes}");
}
