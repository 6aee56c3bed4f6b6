//! Worlds: the same for every start, on whatever hosts.

use azimuth_simulator::{Options, Origins, Simulator, World};
use http::Request;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::{Client, REGIONAL, WORKSPACE};

fn origins() -> Origins {
    let origin = |port: u16| format!("http://127.0.0.1:{port}");
    Origins {
        login: origin(4001),
        management: origin(4002),
        discovery: origin(4003),
        regional: origin(4004),
        model_management: origin(4005),
        pipelines: origin(4006),
        scoring: origin(4007),
        storage: origin(4008),
    }
}

#[test]
fn worlds_are_found_by_name() {
    for world in World::ALL {
        assert_eq!(World::named(world.name()), Some(*world));
    }
    assert_eq!(World::named("no-such"), None);
}

/// Everything that looks like a time, taken out.
fn without_times(value: &mut Value) {
    match value {
        Value::String(text) if text.len() > 18 && text.as_bytes()[10] == b'T' => *text = "a time".to_owned(),
        Value::Array(items) => items.iter_mut().for_each(without_times),
        Value::Object(fields) => fields.values_mut().for_each(without_times),
        _ => {}
    }
}

#[test]
fn every_start_has_the_same_ids_names_and_order() {
    let paths = ["/experiments", "/experiments/loaves-per-day/runs", "/experiments/loaves-per-day/metrics"];
    let mut first = Client::bakery();
    let mut later = Client::bakery();
    later.now += Duration::days(400);
    later.simulator = Simulator::new(Options::new(World::Bakery), later.now);
    later.sign_in();
    for path in paths {
        let (mut first, mut later) = (first.history(path).body, later.history(path).body);
        assert_ne!(first, later, "{path}");
        without_times(&mut first);
        without_times(&mut later);
        assert_eq!(first, later, "{path}");
    }
}

#[test]
fn with_own_origins_every_address_is_on_them() {
    let mut client = Client::bakery();
    client.simulator =
        Simulator::new(Options { origins: Some(origins()), ..Options::new(World::Bakery) }, client.now);
    let get = |client: &mut Client, address: &str| {
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        client.get(address)
    };
    let workspace =
        get(&mut client, &format!("http://127.0.0.1:4002{WORKSPACE}?api-version=2019-11-01")).body;
    let discovery = workspace["properties"]["discoveryUrl"].as_str().unwrap();
    assert_eq!(discovery, "http://127.0.0.1:4003/discovery");
    let services = get(&mut client, discovery).body;
    assert_eq!(services["api"], "http://127.0.0.1:4004");
    assert_eq!(services["modelmanagement"], "http://127.0.0.1:4005");
    assert_eq!(services["pipelines"], "http://127.0.0.1:4006");

    let runs = format!("http://127.0.0.1:4004/history/v1.0{WORKSPACE}/experiments/loaves-per-day/runs");
    let page = get(&mut client, &format!("{runs}?$top=3")).body;
    assert!(page["value"][0]["cancelUri"].as_str().unwrap().starts_with("http://127.0.0.1:4004/execution/"));
    let next = get(&mut client, page["nextLink"].as_str().unwrap());
    assert_eq!(next.column("runId").len(), 3);
    let details = get(&mut client, &format!("{runs}/calm_dough_7/details")).body;
    let log = details["logFiles"]["azureml-logs/70_driver_log.txt"].as_str().unwrap();
    assert!(log.starts_with("http://127.0.0.1:4008/bakeryforecasting/azureml/ExperimentRun/"), "{log}");
    assert_eq!(client.send(Request::get(log).body(Vec::new()).unwrap()).status, 200);

    let service =
        format!("http://127.0.0.1:4005/api{WORKSPACE}/services/loaves-tomorrow?api-version=2019-11-01");
    let service = get(&mut client, &service).body;
    assert_eq!(service["scoringUri"], "http://127.0.0.1:4007/loaves-tomorrow/score");
    let swagger = get(&mut client, service["swaggerUri"].as_str().unwrap());
    assert_eq!((swagger.status, &swagger.body["info"]["title"]), (200, &service["name"]));
    let public = Request::get(format!("{REGIONAL}/discovery")).body(Vec::new()).unwrap();
    assert!(client.simulator.answer(&public, client.now).is_none());
}

#[test]
fn names_are_believable_and_texts_may_be_in_any_script() {
    let mut client = Client::bakery();
    let experiments = client.history("/experiments");
    assert!(experiments.column("name").iter().any(|name| name.len() > 120));
    assert!(experiments.column("description").iter().any(|text| text.contains("رغيف")));
    let runs = client.history("/experiments/loaves-per-day/runs").body;
    for run in runs["value"].as_array().unwrap() {
        let name = run["createdBy"]["userName"].as_str().unwrap();
        assert!(name.contains(' '), "{name}");
    }
}

#[test]
fn time_may_go_back_without_harm() {
    let mut client = Client::bakery();
    client.submit("loaves-per-day", "new_loaf_1", "cpu-compute");
    client.now = OffsetDateTime::from_unix_timestamp(client.now.unix_timestamp() - 60).unwrap();
    assert_eq!(client.status("loaves-per-day", "new_loaf_1"), "NotStarted");
}

#[test]
fn every_sample_is_json() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", path.display());
    }
}
