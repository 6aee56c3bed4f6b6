//! Stopping sweeps.

use http::{Method, Request};
use serde_json::json;

use crate::{Answer, Client, REGIONAL, WORKSPACE, sample};

const SWEEP: &str = "/experiments/oven-sweep/runs";

fn cancel(client: &mut Client, run: &str, host: Option<&str>) -> Answer {
    let address = format!("{REGIONAL}/hyperdrive/v1.0{WORKSPACE}{SWEEP}/{run}/cancel");
    let mut request = Request::post(address);
    if let Some(token) = &client.token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    if let Some(host) = host {
        request = request.header("RunHistoryHost", host);
    }
    client.send(request.body(Vec::new()).unwrap())
}

#[test]
fn a_sweep_stops_with_its_trials() {
    let mut client = Client::bakery();
    let statuses = |client: &mut Client| -> Vec<String> {
        let list = client.history(&format!("{SWEEP}/oven_sweep_2/children"));
        list.column("status").into_iter().map(str::to_owned).collect()
    };
    let before = statuses(&mut client);
    let answer = cancel(&mut client, "oven_sweep_2", Some(REGIONAL));
    let mut expected = sample("hyperdrive_cancel");
    expected["result"] = "Cancellation requested for oven_sweep_2".into();
    assert_eq!((answer.status, answer.body), (200, expected));
    assert_eq!(client.status("oven-sweep", "oven_sweep_2"), "CancelRequested");
    client.wait(10.0);
    assert_eq!(client.status("oven-sweep", "oven_sweep_2"), "Canceled");
    let after = statuses(&mut client);
    assert!(after.iter().all(|status| matches!(status.as_str(), "Canceled" | "Completed")), "{after:?}");
    let completed = |statuses: &[String]| statuses.iter().filter(|status| *status == "Completed").count();
    assert_eq!(completed(&before), completed(&after));
    let again = cancel(&mut client, "oven_sweep_2", Some(REGIONAL));
    assert_eq!((again.status, &again.body["code"]), (400, &json!(400)));
}

#[test]
fn only_a_sweep_is_stopped_here_and_only_by_whoever_may() {
    let mut client = Client::bakery();
    assert_eq!(cancel(&mut client, "oven_sweep_2", None).status, 400);
    for run in ["oven_sweep_2_9", "no-such-run"] {
        let answer = cancel(&mut client, run, Some(REGIONAL));
        assert_eq!((answer.status, &answer.body["code"]), (404, &json!(404)), "{run}");
    }
    let refused = cancel(&mut client, "fail-403", Some(REGIONAL));
    assert_eq!((refused.status, &refused.body["code"]), (403, &json!(403)));
    let path = format!("{REGIONAL}/hyperdrive/v1.0{WORKSPACE}{SWEEP}");
    assert_eq!(client.ask(Method::POST, &path, None).status, 404);
    client.token = None;
    assert_eq!(cancel(&mut client, "oven_sweep_2", Some(REGIONAL)).status, 401);
    client.sign_in();
    assert_eq!(client.status("oven-sweep", "oven_sweep_2"), "Running");
}
