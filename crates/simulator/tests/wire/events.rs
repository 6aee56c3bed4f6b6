//! What happened to a run.

use serde_json::{Value, json};

use crate::Client;

fn events(client: &mut Client, experiment: &str, run: &str) -> Vec<Value> {
    let list = client.history(&format!("/experiments/{experiment}/runs/{run}/events"));
    assert_eq!(list.status, 200, "{}", list.body);
    list.body["value"].as_array().unwrap().clone()
}

fn names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["name"].as_str().unwrap().rsplit('.').next().unwrap()).collect()
}

#[test]
fn events_follow_a_run_through_its_states() {
    let mut client = Client::bakery();
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    assert_eq!(names(&events(&mut client, "loaves-per-day", "new_loaf_1")), ["Created"]);
    client.wait(20.0);
    let seen = events(&mut client, "loaves-per-day", "new_loaf_1");
    assert_eq!(names(&seen), ["Created", "Starting", "Preparing", "Queued", "QueueingInfo"]);
    client.wait(100.0);
    let seen = events(&mut client, "loaves-per-day", "new_loaf_1");
    assert_eq!(
        names(&seen),
        ["Created", "Starting", "Preparing", "Queued", "Start", "Finalizing", "Completed"]
    );
    let run = client.history("/experiments/loaves-per-day/runs/new_loaf_1").body;
    assert_eq!((&seen[4]["timestamp"], &seen[6]["timestamp"]), (&run["startTimeUtc"], &run["endTimeUtc"]));
}

#[test]
fn events_of_runs_that_are_over_are_in_order_and_end_with_the_run() {
    let mut client = Client::bakery();
    for (run, last) in
        [("calm_dough_7", "Completed"), ("late_crumb_3", "Failed"), ("swift_whisk_5", "Canceled")]
    {
        let seen = events(&mut client, "loaves-per-day", run);
        assert_eq!(names(&seen).last(), Some(&last));
        let times: Vec<&str> = seen.iter().map(|event| event["timestamp"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
        let document = client.history(&format!("/experiments/loaves-per-day/runs/{run}")).body;
        assert_eq!(seen.last().unwrap()["timestamp"], document["endTimeUtc"]);
        let start = names(&seen).iter().position(|name| *name == "Start").unwrap();
        assert_eq!(seen[start]["timestamp"], document["startTimeUtc"]);
    }
    let failed = events(&mut client, "loaves-per-day", "late_crumb_3");
    assert_eq!(failed.last().unwrap()["data"]["error"]["code"], "UserError");
    let missing = client.history("/experiments/loaves-per-day/runs/no-such/events");
    assert_eq!(missing.status, 404);
}

#[test]
fn a_warning_is_an_event_too() {
    let mut client = Client::bakery();
    let run = client.history("/experiments/bread-photos/runs/rye_eye_3").body;
    let seen = events(&mut client, "bread-photos", "rye_eye_3");
    let warning = seen.iter().find(|event| event["name"] == "Microsoft.MachineLearning.Run.Warning").unwrap();
    assert_eq!(warning["data"], run["warnings"][0]);
}

#[test]
fn events_come_in_pages() {
    let mut client = Client::bakery();
    let path = "/experiments/loaves-per-day/runs/calm_dough_7/events";
    let first = client.history(&format!("{path}?$top=4"));
    assert_eq!(first.column("name").len(), 4);
    let rest = client.get(first.body["nextLink"].as_str().unwrap());
    assert_eq!((rest.column("name").len(), &rest.body["nextLink"]), (3, &json!(null)));
}
