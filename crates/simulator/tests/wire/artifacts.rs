//! Logs and outputs: their lists, their addresses, their bytes.

use http::Request;
use serde_json::Value;

use crate::{Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

const RUN: &str = "/experiments/loaves-per-day/runs/calm_dough_7";

fn log_address(client: &mut Client, run: &str) -> String {
    let details = client.history(&format!("/experiments/loaves-per-day/runs/{run}/details")).body;
    details["logFiles"]["azureml-logs/70_driver_log.txt"]
        .as_str()
        .unwrap_or_else(|| panic!("{details}"))
        .to_owned()
}

fn fetch(client: &mut Client, address: &str, range: Option<&str>) -> (u16, String) {
    let mut request = Request::get(address);
    if let Some(range) = range {
        request = request.header("Range", range);
    }
    let answer = client.send(request.body(Vec::new()).unwrap());
    (answer.status, String::from_utf8_lossy(answer.response.body()).into_owned())
}

#[test]
fn the_three_address_families_lead_to_the_same_files() {
    let mut client = Client::bakery();
    let list = client.history(&format!("{RUN}/artifacts"));
    assert_same_shape(&list.body, &sample("artifact_list_in_container"));
    assert!(list.column("path").contains(&"outputs/model.pkl"));
    for path in [
        "/artifact/v1.0/artifacts/origins/ExperimentRun/containers/dcid.calm_dough_7",
        "/artifact/v1.0/artifacts/origins/ExperimentRun/containers/calm_dough_7",
        "/artifact/v2.0/artifacts/ExperimentRun/dcid.calm_dough_7",
    ] {
        let (area, rest) = path.split_at("/artifact/v1.0".len());
        assert_eq!(client.get(&format!("{REGIONAL}{area}{WORKSPACE}{rest}")).body, list.body, "{path}");
    }
    let outputs = client.history(&format!("{RUN}/artifacts/path?path=outputs"));
    assert_eq!(outputs.column("path"), ["outputs/forecast.csv", "outputs/model.pkl", "outputs/summary.json"]);
}

#[test]
fn content_comes_with_a_token_or_from_a_signed_address() {
    let mut client = Client::bakery();
    let v2 = format!("{REGIONAL}/artifact/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.calm_dough_7");
    let direct = client.get(&format!("{v2}/content?path=outputs/forecast.csv"));
    assert_eq!(direct.status, 200);
    let info = client.get(&format!("{v2}/contentinfo?path=outputs/forecast.csv")).body;
    assert_same_shape(&info, &sample("artifact_contentinfo"));
    let (status, text) = fetch(&mut client, info["contentUri"].as_str().unwrap(), None);
    assert_eq!((status, text.as_bytes()), (200, direct.response.body().as_slice()));
    let prefixed = client.get(&format!("{v2}/prefix/contentinfo?path=outputs/")).body;
    assert_same_shape(&prefixed, &sample("artifact_prefix_contentinfo"));
    assert_eq!(client.get(&format!("{v2}/content?path=outputs/none.csv")).status, 404);
}

#[test]
fn a_log_opens_for_its_signature_and_for_nothing_else() {
    let mut client = Client::bakery();
    let address = log_address(&mut client, "calm_dough_7");
    assert!(
        address.starts_with("https://bakeryforecasting.blob.core.windows.net/azureml/ExperimentRun/dcid.")
    );
    assert_eq!(fetch(&mut client, &address, None).0, 200);
    let with_token = client.get(&address);
    assert_eq!((with_token.status, with_token.header("x-ms-error-code")), (403, "AuthenticationFailed"));
    let (bare, _) = address.split_once('?').unwrap();
    assert_eq!(fetch(&mut client, bare, None).0, 404);
    assert_eq!(fetch(&mut client, &address.replace("calm_dough_7", "early_rye_6"), None).0, 403);
    client.wait(9.0 * 3600.0);
    assert_eq!(fetch(&mut client, &address, None).0, 403);
}

#[test]
fn a_log_grows_and_its_new_part_can_be_asked_for() {
    let mut client = Client::bakery();
    let address = log_address(&mut client, "brave_oven_12");
    let (_, first) = fetch(&mut client, &address, None);
    let beyond = format!("bytes={}-", first.len());
    assert_eq!(fetch(&mut client, &address, Some(&beyond)).0, 416);
    client.wait(30.0);
    let (status, new) = fetch(&mut client, &address, Some(&beyond));
    assert_eq!(status, 206);
    assert!(new.starts_with("round "), "{new}");
    let (_, whole) = fetch(&mut client, &address, None);
    assert_eq!(whole, first + &new);
}

#[test]
fn the_failed_run_s_log_ends_with_the_reason() {
    let mut client = Client::bakery();
    let address = log_address(&mut client, "late_crumb_3");
    let (_, log) = fetch(&mut client, &address, None);
    assert!(log.trim_end().lines().last().unwrap().starts_with("FileNotFoundError: sales_2026.csv"), "{log}");
}

#[test]
fn outputs_come_when_the_work_is_done() {
    let mut client = Client::bakery();
    let outputs = |client: &mut Client, run: &str| -> usize {
        let path = format!("/experiments/loaves-per-day/runs/{run}/artifacts/path?path=outputs");
        client.history(&path).body["value"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(outputs(&mut client, "brave_oven_12"), 0);
    client.wait(600.0);
    assert_eq!(outputs(&mut client, "brave_oven_12"), 3);
    let details = client.history("/experiments/loaves-per-day/runs/tidy_apron_14/details").body;
    assert!(matches!(details["logFiles"], Value::Object(_)));
}

/// A file of `rye_eye_3` by its signed address: content type and bytes.
fn stored(client: &mut Client, path: &str) -> (String, Vec<u8>) {
    let info = client
        .history(&format!("/experiments/bread-photos/runs/rye_eye_3/artifacts/contentinfo?path={path}"));
    let address = info.body["contentUri"].as_str().unwrap_or_else(|| panic!("{path}: {}", info.body));
    let answer = client.send(Request::get(address).body(Vec::new()).unwrap());
    assert_eq!(answer.status, 200, "{path}");
    (answer.header("content-type").to_owned(), answer.response.into_body())
}

#[test]
fn a_run_leaves_a_tree_of_files_of_every_kind() {
    let mut client = Client::bakery();
    for (path, kind) in [
        ("outputs/config.json", "application/json"),
        ("outputs/look.ipynb", "application/json"),
        ("outputs/predictions/mistakes.csv", "text/csv"),
        ("outputs/bread-eye/labels.txt", "text/plain"),
        ("outputs/bread-eye/weights.bin", "application/octet-stream"),
        ("outputs/model.pkl", "application/octet-stream"),
        ("outputs/report.html", "text/html"),
        ("outputs/breads.svg", "image/svg+xml"),
        ("wrong_ones.png", "image/png"),
    ] {
        assert_eq!(stored(&mut client, path).0, kind, "{path}");
    }
    assert!(String::from_utf8(stored(&mut client, "outputs/model.pkl").1).is_err());
    assert!(stored(&mut client, "outputs/bread-eye/.complete").1.is_empty());
    assert_eq!(stored(&mut client, "outputs/predictions/every_photo.txt").1.len(), 5_242_900);
    let notebook: Value = serde_json::from_slice(&stored(&mut client, "outputs/look.ipynb").1).unwrap();
    assert_eq!(notebook["cells"].as_array().unwrap().len(), 4);
    let table = String::from_utf8(stored(&mut client, "outputs/predictions/mistakes.csv").1).unwrap();
    assert!(table.contains("\"the label says \"\"bagle\"\"\""));
    let named = "/experiments/bread-photos/runs/rye_eye_3/artifacts/path?path=outputs/predictions";
    assert_eq!(client.history(named).column("path").len(), 3);
}

#[test]
fn a_log_may_have_colours_and_bars_that_are_drawn_over() {
    let mut client = Client::bakery();
    let (_, log) = stored(&mut client, "azureml-logs/70_driver_log.txt");
    let log = String::from_utf8(log).unwrap();
    assert!(log.contains("\u{1b}[32m") && log.contains("\r  [####"));
}

#[test]
fn the_newer_form_of_content_knows_ranges_and_the_older_does_not() {
    let mut client = Client::bakery();
    let token = client.token.clone().unwrap();
    let mut part = |address: String, range: &str| {
        let request = Request::get(address).header("Authorization", format!("Bearer {token}"));
        let answer = client.send(request.header("Range", range).body(Vec::new()).unwrap());
        (answer.status, answer.response.into_body().len())
    };
    let base = format!("{REGIONAL}/artifact");
    let newer = format!(
        "{base}/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.rye_eye_3/content?path=outputs/config.json"
    );
    let older =
        format!("{base}/v1.0{WORKSPACE}/artifacts/content/ExperimentRun/dcid.rye_eye_3/outputs/config.json");
    let whole = part(older.clone(), "bytes=0-").1;
    assert_eq!(part(newer.clone(), "bytes=10-19"), (206, 10));
    assert_eq!(part(newer, &format!("bytes={whole}-")).0, 416);
    assert_eq!(part(older, "bytes=10-19"), (200, whole));
}
