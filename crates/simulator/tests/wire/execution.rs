//! Handing in a run, watching it, stopping it.

use http::Method;
use serde_json::{Value, json};

use crate::submission::{definition, form, zip};
use crate::{Answer, Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

const FORM: &str = "multipart/form-data; boundary=line";

fn whole() -> Vec<u8> {
    let definition = definition("cpu-compute").to_string();
    form(&[("projectZipFile", &zip(&["hello.py"])), ("runDefinitionFile", definition.as_bytes())])
}

fn cancel(client: &mut Client, run: &str) -> Answer {
    let path = format!("/experiments/loaves-per-day/runId/{run}/cancel");
    client.ask(Method::POST, &format!("{REGIONAL}/execution/v1.0{WORKSPACE}{path}"), None)
}

#[test]
fn a_run_passes_its_states_in_order_and_each_is_seen() {
    let mut client = Client::bakery();
    assert_eq!(
        client.submit("loaves-per-day", "new_loaf_1", "cpu-compute").body,
        json!({ "runId": "new_loaf_1" })
    );
    let mut seen: Vec<(String, u32)> = Vec::new();
    for _ in 0..90 {
        let status = client.status("loaves-per-day", "new_loaf_1");
        match seen.last_mut() {
            Some((last, polls)) if *last == status => *polls += 1,
            _ => seen.push((status, 1)),
        }
        client.wait(1.0);
    }
    let states: Vec<&str> = seen.iter().map(|(status, _)| status.as_str()).collect();
    let expected = ["NotStarted", "Starting", "Preparing", "Queued", "Running", "Finalizing", "Completed"];
    assert_eq!(states, expected);
    assert!(seen.iter().all(|(_, polls)| *polls >= 4), "{seen:?}");
    let run = client.history("/experiments/loaves-per-day/runs/new_loaf_1").body;
    assert_same_shape(&run, &sample("history_run_get_completed"));
    assert!(run["startTimeUtc"].as_str() < run["endTimeUtc"].as_str());
    assert_eq!(run["createdBy"]["userName"], "azimuth");
}

#[test]
fn waits_are_shorter_at_higher_speed() {
    let mut options = azimuth_simulator::Options::new(azimuth_simulator::World::Bakery);
    options.speed = 20.0;
    let mut client = Client::with(options);
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    client.wait(4.0);
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Completed");
}

#[test]
fn a_run_gets_an_id_and_its_experiment_where_there_is_none() {
    let mut client = Client::bakery();
    let answer = client.hand_in("brand-new", "", FORM, whole());
    let id = format!("brand-new_{}", client.now.unix_timestamp() * 1000);
    assert_eq!((answer.status, answer.body), (200, json!({ "runId": id })));
    let experiment = client.history("/experiments/brand-new").body;
    assert_eq!(experiment["latestCreatedRunId"], id.as_str());
    assert_eq!(client.history("/experiments/brand-new/runs").column("runId"), [id.as_str()]);
}

#[test]
fn the_article_s_own_definition_is_taken() {
    for name in ["execution_startrun_definition", "execution_startrun_definition_camelcase"] {
        let mut client = Client::bakery();
        let definition = sample(name).to_string();
        let body =
            form(&[("runDefinitionFile", definition.as_bytes()), ("projectZipFile", &zip(&["hello.py"]))]);
        assert_eq!(client.hand_in("first", "?runId=first_1", FORM, body).status, 200, "{name}");
        let details = client.history("/experiments/first/runs/first_1/details").body;
        assert_same_shape(&details["runDefinition"], &sample("history_run_details")["runDefinition"]);
        assert_eq!(details["runDefinition"]["arguments"], json!(["234"]));
        assert_eq!(details["runDefinition"]["maxRunDurationSeconds"], 1200);
        let pip = &details["runDefinition"]["environment"]["python"]["condaDependencies"]["dependencies"][1];
        assert_eq!(pip, &json!({ "pip": ["azureml-defaults"] }));
    }
}

#[test]
fn what_is_not_whole_is_refused() {
    let definition = definition("cpu-compute").to_string();
    let definition = definition.as_bytes();
    let project = zip(&["hello.py", "data/sales.csv"]);
    let nested = zip(&["project/hello.py"]);
    let local = crate::submission::definition("local").to_string();
    let with = |definition: &[u8], project: &[u8]| {
        form(&[("runDefinitionFile", definition), ("projectZipFile", project)])
    };
    let cases = [
        ("application/json", with(definition, &project), "body"),
        ("multipart/form-data", with(definition, &project), "body"),
        ("multipart/form-data; boundary=other", with(definition, &project), "body"),
        (FORM, form(&[("runDefinitionFile", definition)]), "projectZipFile"),
        (FORM, form(&[("projectZipFile", &project)]), "runDefinitionFile"),
        (FORM, with(b"{", &project), "runDefinitionFile"),
        (FORM, with(b"{}", &project), "configuration"),
        (FORM, with(b"{\"configuration\":{\"target\":\"cpu-compute\"}}", &project), "script"),
        (FORM, with(b"{\"configuration\":{\"script\":\"hello.py\"}}", &project), "target"),
        (FORM, with(local.as_bytes(), &project), "target"),
        (FORM, with(definition, b"not a zip"), "projectZipFile"),
        (FORM, with(definition, &nested), "script"),
    ];
    let mut client = Client::bakery();
    let before = client.history("/experiments/loaves-per-day/runs").column("runId").len();
    for (content_type, body, target) in cases {
        let answer = client.hand_in("loaves-per-day", "?runId=bad_1", content_type, body);
        assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("UserError")), "{target}");
        assert_eq!(answer.body["error"]["target"], target, "{}", answer.body["error"]["message"]);
        assert_same_shape(&answer.body, &sample("error_ml_validation_400"));
    }
    assert_eq!(client.history("/experiments/loaves-per-day/runs").column("runId").len(), before);
}

#[test]
fn names_follow_the_rules() {
    let mut client = Client::bakery();
    for experiment in ["-begins-with-a-dash", "has%20a%20blank", &"x".repeat(256), "d%C3%A9j%C3%A0"] {
        assert_eq!(client.hand_in(experiment, "", FORM, whole()).body["error"]["target"], "experimentName");
    }
    for run in ["", "_1", "a/b", "a.b"] {
        let answer = client.hand_in("fine", &format!("?runId={run}"), FORM, whole());
        assert_eq!(answer.body["error"]["target"], "runId", "{run}");
    }
}

#[test]
fn an_id_is_taken_once() {
    let mut client = Client::bakery();
    assert_eq!(client.submit("loaves-per-day", "new_loaf_1", "cpu-compute").status, 200);
    let again = client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    assert_eq!((again.status, &again.body["error"]["code"]), (409, &json!("UserError")));
    assert_eq!(client.submit("croissant-waste", "new_loaf_1", "cpu-compute").status, 409);
}

fn hand_in_snapshot(client: &mut Client, run: &str, definition: &Value) -> Answer {
    let path = format!("/experiments/loaves-per-day/snapshotrun?runId={run}");
    client.ask(Method::POST, &format!("{REGIONAL}/execution/v1.0{WORKSPACE}{path}"), Some(definition))
}

#[test]
fn a_run_takes_over_the_project_of_an_earlier_one() {
    let mut client = Client::bakery();
    let snapshot = |client: &mut Client, run: &str| {
        let run = client.history(&format!("/experiments/loaves-per-day/runs/{run}")).body;
        run["properties"]["ContentSnapshotId"].clone()
    };
    let earlier = snapshot(&mut client, "calm_dough_7");
    let mut definition = definition("cpu-compute");
    definition["SnapshotId"] = earlier.clone();
    let answer = hand_in_snapshot(&mut client, "again_1", &definition);
    assert_eq!((answer.status, answer.body), (200, json!({ "runId": "again_1" })));
    assert_eq!(snapshot(&mut client, "again_1"), earlier);
    assert_eq!(client.status("loaves-per-day", "again_1"), "NotStarted");
    client.wait(90.0);
    assert_eq!(client.status("loaves-per-day", "again_1"), "Completed");
    assert_eq!(hand_in_snapshot(&mut client, "again_1", &definition).status, 409);
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    assert_ne!(snapshot(&mut client, "new_loaf_1"), earlier);
}

#[test]
fn a_run_of_a_snapshot_that_is_not_there_is_refused() {
    let mut client = Client::bakery();
    let mut with = |snapshot: Value, target: &str| {
        let mut definition = definition(target);
        definition["SnapshotId"] = snapshot;
        let answer = hand_in_snapshot(&mut client, "again_1", &definition);
        (answer.status, answer.body["error"]["target"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(with(Value::Null, "cpu-compute"), (400, "snapshotId".to_owned()));
    assert_eq!(with(json!("0f0e0d0c"), "cpu-compute").0, 404);
    assert_eq!(with(json!("0f0e0d0c"), "local"), (400, "target".to_owned()));
    assert_eq!(client.history("/experiments/loaves-per-day/runs/again_1").status, 404);
}

#[test]
fn too_large_a_project_is_refused() {
    let answer = Client::bakery().hand_in("fine", "", FORM, vec![0; 300 * 1024 * 1024 + 1]);
    assert_eq!((answer.status, &answer.body["error"]["code"]), (413, &json!("UserError")));
}

#[test]
fn a_run_on_an_unknown_target_is_taken_and_fails() {
    let mut client = Client::bakery();
    for (run, target, words) in [
        ("new_1", "no-such-compute", "was not found"),
        ("new_2", "huge-cluster", "its state is Failed"),
        ("new_3", "mayas-computer", "is stopped"),
    ] {
        assert_eq!(client.submit("loaves-per-day", run, target).status, 200);
        assert_eq!(client.status("loaves-per-day", run), "NotStarted");
        client.wait(10.0);
        let document = client.history(&format!("/experiments/loaves-per-day/runs/{run}")).body;
        assert_eq!((&document["status"], &document["startTimeUtc"]), (&json!("Failed"), &json!(null)));
        let error = &document["error"]["error"];
        assert_eq!(error["code"], "UserError");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert_same_shape(&document, &sample("history_run_get_failed"));
    }
}

#[test]
fn a_run_can_be_stopped_in_any_state() {
    for seconds in [0.0, 6.0, 12.0, 20.0, 30.0, 57.0] {
        let mut client = Client::bakery();
        client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
        client.wait(seconds);
        let answer = cancel(&mut client, "new_loaf_1");
        assert_eq!(
            (answer.status, answer.body),
            (200, json!({ "runId": "new_loaf_1" })),
            "after {seconds} s"
        );
        assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "CancelRequested");
        client.wait(5.0);
        assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "CancelRequested");
        client.wait(1.0);
        assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Canceled");
        client.wait(100.0);
        assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Canceled");
        let again = cancel(&mut client, "new_loaf_1");
        assert_eq!((again.status, &again.body["error"]["code"]), (400, &json!("UserError")));
    }
}

#[test]
fn a_run_that_only_waits_can_be_stopped() {
    let mut client = Client::bakery();
    for run in ["still_yeast_9", "lost_timer_8"] {
        assert_eq!(cancel(&mut client, run).status, 200);
        client.wait(7.0);
        assert_eq!(client.status("loaves-per-day", run), "Canceled");
    }
    assert_eq!(cancel(&mut client, "no-such-run").status, 404);
}

#[test]
fn runs_wait_until_their_compute_has_room() {
    let mut client = Client::bakery();
    client.submit("loaves-per-day", "new_loaf_1", "gpu-cluster");
    client.wait(60.0);
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Queued");
    // brave_oven_12 gives its two nodes back, and patient_bun_11 was there first.
    client.wait(440.0);
    assert_eq!(client.status("loaves-per-day", "patient_bun_11"), "Running");
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Queued");
    client.wait(250.0);
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Running");
}

#[test]
fn a_run_that_gives_up_its_place_lets_the_next_one_in() {
    let mut client = Client::bakery();
    client.submit("loaves-per-day", "new_loaf_1", "gpu-cluster");
    client.wait(60.0);
    cancel(&mut client, "brave_oven_12");
    cancel(&mut client, "patient_bun_11");
    client.wait(7.0);
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Running");
}

#[test]
fn a_run_that_may_not_take_that_long_is_stopped() {
    let mut client = Client::bakery();
    let mut definition = definition("cpu-compute");
    definition["Configuration"]["MaxRunDurationSeconds"] = json!(10);
    let definition = definition.to_string();
    let body = form(&[("runDefinitionFile", definition.as_bytes()), ("projectZipFile", &zip(&["hello.py"]))]);
    client.hand_in("loaves-per-day", "?runId=new_loaf_1", FORM, body);
    client.wait(33.0);
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "Running");
    client.wait(3.0);
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "CancelRequested");
}

#[test]
fn the_compute_follows_its_runs() {
    let mut client = Client::bakery();
    client.wait(300.0);
    let counts = |client: &mut Client| {
        let compute = client.arm(&format!("{WORKSPACE}/computes/cpu-compute")).body;
        let counts = compute["properties"]["properties"]["nodeStateCounts"].clone();
        (counts["runningNodeCount"].clone(), counts["idleNodeCount"].clone())
    };
    assert_eq!(counts(&mut client), (json!(0), json!(2)));
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    client.wait(30.0);
    assert_eq!(counts(&mut client), (json!(1), json!(1)));
    let tags = client.history("/experiments/loaves-per-day/runs/new_loaf_1").body["tags"].clone();
    let tag = tags["_aml_system_ComputeTargetStatus"].as_str().unwrap();
    assert!(tag.contains("\"RunningNodeCount\":1"), "{tag}");
}
