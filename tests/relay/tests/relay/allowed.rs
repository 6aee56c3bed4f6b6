//! What the page asks passes.

use azimuth_relay::{Answer, Ask, DASHBOARD, Relay};
use azimuth_simulator_http::Role;
use http::Method;
use serde_json::{Value, json};

use crate::{WORKSPACE, azure, tables, token};

fn json_of(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{}: {}", answer.status, answer.text()))
}

#[test]
fn discovery_is_read_without_a_token() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    for service in ["experiments", "api"] {
        let answer = Ask::get(&format!("/relay/eastus/{service}/discovery")).of(&relay.authority());
        assert_eq!(
            (answer.status, json_of(&answer)["api"].as_str()),
            (200, Some(azure.origin(Role::Regional)))
        );
    }
    assert!(azure.recorder().requests().iter().all(|request| !request.has_authorization()));
}

#[test]
fn a_page_reads_what_no_service_shares_with_it() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let runs = format!("/history/v1.0{WORKSPACE}/experiments/loaves-per-day/runs");
    let asked = |target: &str| Ask::get(target).header("Origin", DASHBOARD).bearer(&token);
    let direct = asked(&runs).of(azure.origin(Role::Regional).strip_prefix("http://").unwrap());
    let relayed = asked(&format!("/relay/eastus/api{runs}")).of(&relay.authority());
    assert_eq!((direct.status, direct.header("access-control-allow-origin")), (200, None));
    assert_eq!((relayed.status, relayed.header("access-control-allow-origin")), (200, Some(DASHBOARD)));
    assert_eq!(json_of(&relayed)["value"][0]["runId"], json_of(&direct)["value"][0]["runId"]);
}

#[test]
fn every_service_is_asked_at_the_host_that_the_table_names() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    for (service, path, role) in [
        ("api", format!("/history/v1.0{WORKSPACE}/experiments"), Role::Regional),
        ("api", format!("/modelmanagement/v1.0{WORKSPACE}/models?api-version=2018-11-19"), Role::Regional),
        (
            "api",
            format!("/artifact/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.rye_eye_3?path="),
            Role::Regional,
        ),
        ("api", format!("/datastore/v1.0{WORKSPACE}/datastores?includeSecret=false"), Role::Regional),
        ("api", format!("/notification/v1.0{WORKSPACE}/tasks"), Role::Regional),
        ("modelmanagement", format!("/api{WORKSPACE}/models?api-version=2018-11-19"), Role::ModelManagement),
    ] {
        let answer =
            Ask::get(&format!("/relay/eastus/{service}{path}")).bearer(&token).of(&relay.authority());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let last = azure.recorder().requests().pop().unwrap();
        assert_eq!((last.role, last.target), (role, path));
    }
}

#[test]
fn a_pipeline_is_read_and_its_steps_are_asked_for() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let path = format!("/api/v1.0{WORKSPACE}/Experiments/nightly_bake_1");
    let pipeline = Ask::get(&format!("/relay/eastus/aether{path}")).bearer(&token).of(&relay.authority());
    assert_eq!(pipeline.status, 200, "{}", pipeline.text());
    let steps = Ask::new("POST", &format!("/relay/eastus/aether{path}/Graph/AllNodes/Status"));
    assert_eq!(steps.bearer(&token).of(&relay.authority()).status, 200);
}

#[test]
fn what_the_page_changes_is_changed() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let experiment = format!("/relay/eastus/api/history/v1.0{WORKSPACE}/experiments/by-relay");
    let made = Ask::new("POST", &experiment).bearer(&token).of(&relay.authority());
    assert_eq!(made.status, 200, "{}", made.text());
    let id = json_of(&made)["experimentId"].as_str().unwrap().to_owned();
    let by_id = format!("/relay/eastus/api/history/v1.0{WORKSPACE}/experimentids/{id}");
    let patch = Ask::new("PATCH", &by_id).header("Content-Type", "application/json").bearer(&token);
    let patch = patch.with_body(json!({ "description": "Made through the relay" }).to_string());
    assert_eq!(patch.of(&relay.authority()).status, 200);
    let read = json_of(&Ask::get(&experiment).bearer(&token).of(&relay.authority()));
    assert_eq!(read["description"], "Made through the relay");
    assert_eq!(Ask::new("DELETE", &by_id).bearer(&token).of(&relay.authority()).status, 200);
    assert_eq!(Ask::get(&experiment).bearer(&token).of(&relay.authority()).status, 404);
}

#[test]
fn a_project_is_handed_in_as_the_form_that_it_is() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let definition =
        json!({ "configuration": { "script": "hello.py", "target": "cpu-compute", "framework": "Python" } });
    let mut form = Vec::new();
    for (name, file, content) in [
        ("runDefinitionFile", "definition.json", definition.to_string().into_bytes()),
        ("projectZipFile", "project.zip", zip_of("hello.py", b"print(1)\n")),
    ] {
        let head =
            format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
        form.extend_from_slice(head.as_bytes());
        form.extend_from_slice(&content);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--line--\r\n");
    let target = format!(
        "/relay/eastus/api/execution/v1.0{WORKSPACE}/experiments/loaves-per-day/startrun?runId=relayed_1"
    );
    let answer =
        Ask::post(&target, "multipart/form-data; boundary=line", form).bearer(&token).of(&relay.authority());
    assert_eq!((answer.status, json_of(&answer)), (200, json!({ "runId": "relayed_1" })));
    let run = format!("/relay/eastus/api/history/v1.0{WORKSPACE}/experiments/loaves-per-day/runs/relayed_1");
    assert_eq!(Ask::get(&run).bearer(&token).of(&relay.authority()).status, 200);
}

#[test]
fn a_log_is_read_from_where_it_was_left() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let file = format!(
        "/relay/eastus/api/artifact/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.rye_eye_3/content?path=outputs/config.json"
    );
    let part = Ask::get(&file).bearer(&token).header("Origin", DASHBOARD).header("Range", "bytes=10-19");
    let part = part.of(&relay.authority());
    assert_eq!((part.status, part.body.len()), (206, 10));
    assert!(part.header("content-range").unwrap().starts_with("bytes 10-19/"));
    assert!(part.header("access-control-expose-headers").unwrap().contains("Content-Range"));
}

#[test]
fn a_sweep_stops_although_the_page_does_not_say_where_its_history_is() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let sweep = format!("/hyperdrive/v1.0{WORKSPACE}/experiments/oven-sweep/runs/oven_sweep_2/cancel");
    let direct = Ask::new("POST", &sweep).bearer(&token);
    let direct = direct.of(azure.origin(Role::Regional).strip_prefix("http://").unwrap());
    assert_eq!(direct.status, 400, "{}", direct.text());
    let relayed =
        Ask::new("POST", &format!("/relay/eastus/api{sweep}")).bearer(&token).of(&relay.authority());
    assert_eq!(relayed.status, 200, "{}", relayed.text());
    assert_eq!(azure.recorder().matching(&Method::POST, "/hyperdrive/").len(), 2);
}

#[test]
fn names_with_spaces_and_letters_of_any_language_arrive_as_they_were_written() {
    let service = azimuth_relay::Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let relay = Relay::start(&azimuth_relay::Tables::default().host("eastus api", &service.origin()));
    for path in [
        "/history/v1.0/experiments/br%C3%B6tchen%20am%20morgen/runs",
        "/history/v1.0/experiments/100%25/runs:query",
        "/history/v1.0/experiments/a%3Ab..c/runs?%24filter=a%2Fb&x=%2e%2e%5c",
        "/artifact/v1.0/artifacts/contentinfo/ExperimentRun/dcid.x/outputs/model.pkl",
    ] {
        let answer = Ask::get(&format!("/relay/eastus/api{path}")).of(&relay.authority());
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(service.last().line, format!("GET {path} HTTP/1.1"));
    }
}

/// A zip that stores one file as it is.
fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    let file = archive.new_file(name).compression_method(rawzip::CompressionMethod::STORE);
    let (mut entry, configuration) = file.start().unwrap();
    let mut writer = configuration.wrap(&mut entry);
    writer.write_all(content).unwrap();
    let (_, descriptor) = writer.finish().unwrap();
    entry.finish(descriptor).unwrap();
    archive.finish().unwrap()
}
