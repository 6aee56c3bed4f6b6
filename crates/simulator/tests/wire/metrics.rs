//! Metrics of every kind, and the files that some of them name.

use http::Request;
use serde_json::{Value, json};

use crate::{Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

const METRICS: &str = "/experiments/bread-photos/metrics";

/// The metrics of a run, by name.
fn metrics(client: &mut Client, experiment: &str, run: &str) -> Vec<Value> {
    let query = json!({ "filter": format!("RunId eq {run}") });
    let list = client.history_post(&format!("/experiments/{experiment}/metrics:query"), &query);
    list.body["value"].as_array().unwrap().clone()
}

fn named<'a>(metrics: &'a [Value], name: &str) -> &'a Value {
    metrics.iter().find(|metric| metric["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// The file that a metric names, by way of the artifact service.
fn file(client: &mut Client, metric: &Value) -> Vec<u8> {
    let location = metric["dataLocation"].as_str().unwrap();
    let place = location.strip_prefix("aml://artifactId/").unwrap();
    let [origin, container, path] = place.splitn(3, '/').collect::<Vec<_>>()[..] else {
        panic!("no path in {location}")
    };
    let address =
        format!("{REGIONAL}/artifact/v2.0{WORKSPACE}/artifacts/{origin}/{container}/content?path={path}");
    let answer = client.get(&address);
    assert_eq!(answer.status, 200, "{address}");
    answer.response.into_body()
}

#[test]
fn a_finished_run_has_metrics_of_every_kind() {
    let mut client = Client::bakery();
    let mut all = metrics(&mut client, "bread-photos", "rye_eye_3");
    all.extend(metrics(&mut client, "loaves-by-hour", "late_risers_2"));
    for metric in &all {
        assert_same_shape(metric, &sample("history_metric_get"));
        assert_eq!(metric["numCells"], metric["cells"].as_array().unwrap().len(), "{metric}");
    }
    for kind in
        ["scalar", "list", "table", "image", "confusion_matrix", "accuracy_table", "residuals", "predictions"]
    {
        let kind = format!("azureml.v1.{kind}");
        assert!(all.iter().any(|metric| metric["metricType"] == kind.as_str()), "{kind}");
    }
    assert_eq!(named(&all, "val_accuracy")["numCells"], 60);
    assert_eq!(named(&all, "network")["cells"], json!([{ "network": "bread-eye, 60 rounds" }]));
    assert_eq!(named(&all, "stopped_early")["cells"], json!([{ "stopped_early": false }]));
    assert_eq!(named(&all, "pretzel_recall")["cells"], json!([{ "pretzel_recall": "NaN" }]));
    assert_eq!(named(&all, "recall_by_bread")["schema"]["numProperties"], 3);
}

#[test]
fn what_a_metric_names_is_among_the_files() {
    let mut client = Client::bakery();
    let all = metrics(&mut client, "bread-photos", "rye_eye_3");
    let matrix: Value = serde_json::from_slice(&file(&mut client, named(&all, "confusion_matrix"))).unwrap();
    assert_eq!(matrix["schema_type"], "confusion_matrix");
    let rows = matrix["data"]["matrix"].as_array().unwrap();
    assert_eq!(rows.len(), matrix["data"]["class_labels"].as_array().unwrap().len());
    for row in rows {
        let photos: u64 = row.as_array().unwrap().iter().map(|photos| photos.as_u64().unwrap()).sum();
        assert_eq!(photos, 120);
    }
    let table: Value = serde_json::from_slice(&file(&mut client, named(&all, "accuracy_table"))).unwrap();
    let counts = &table["data"]["probability_tables"];
    let thresholds = table["data"]["probability_thresholds"].as_array().unwrap();
    assert_eq!(
        (counts.as_array().unwrap().len(), counts[0].as_array().unwrap().len()),
        (5, thresholds.len())
    );
    let sum: u64 = counts[2][4].as_array().unwrap().iter().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(sum, 600);

    let all = metrics(&mut client, "loaves-by-hour", "late_risers_2");
    for name in ["residuals", "predictions"] {
        let histogram: Value = serde_json::from_slice(&file(&mut client, named(&all, name))).unwrap();
        let edges = histogram["data"]["bin_edges"].as_array().unwrap().len();
        assert_eq!(edges, histogram["data"]["bin_counts"].as_array().unwrap().len() + 1, "{name}");
    }
}

#[test]
fn pictures_are_whole() {
    let mut client = Client::bakery();
    for (experiment, run, name) in
        [("bread-photos", "rye_eye_3", "wrong_ones"), ("loaves-by-hour", "late_risers_2", "residual_plot")]
    {
        let all = metrics(&mut client, experiment, run);
        let picture = file(&mut client, named(&all, name));
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.ends_with(b"IEND\xae\x42\x60\x82"));
        assert_eq!((&picture[16..20], &picture[20..24]), (&[0, 0, 0, 240][..], &[0, 0, 0, 160][..]));
        let info = client
            .history(&format!("/experiments/{experiment}/runs/{run}/artifacts/contentinfo?path={name}.png"));
        let address = info.body["contentUri"].as_str().unwrap();
        let stored = client.send(Request::get(address).body(Vec::new()).unwrap());
        assert_eq!((stored.header("content-type"), stored.response.body()), ("image/png", &picture));
    }
}

#[test]
fn a_run_that_came_apart_has_text_for_its_numbers() {
    let mut client = Client::bakery();
    let all = metrics(&mut client, "bread-photos", "bagel_eye_2");
    let cells = named(&all, "loss")["cells"].as_array().unwrap();
    let values: Vec<&Value> = cells.iter().map(|cell| &cell["loss"]).collect();
    assert_eq!(values[6..], [&json!("Infinity"), &json!("NaN"), &json!("NaN")]);
    assert!(values[..6].iter().all(|value| value.is_number()));
}

#[test]
fn several_runs_are_asked_for_at_once_and_come_in_pages() {
    let mut client = Client::bakery();
    let filter = "RunId eq rye_eye_3 or RunId eq sourdough_eye_1";
    let whole = client.history_post(&format!("{METRICS}:query"), &json!({ "filter": filter }));
    let runs = whole.column("runId");
    assert!(runs.contains(&"rye_eye_3") && runs.contains(&"sourdough_eye_1"));
    assert!(!runs.contains(&"bagel_eye_2"));
    let encoded = filter.replace(' ', "%20");
    assert_eq!(client.history(&format!("{METRICS}?$filter={encoded}")).body, whole.body);

    let mut seen = Vec::new();
    let mut token = Value::Null;
    loop {
        let query = json!({ "filter": filter, "top": 4, "continuationToken": token });
        let page = client.history_post(&format!("{METRICS}:query?mergestrategytype=MergeToVector"), &query);
        seen.extend(page.column("metricId").into_iter().map(str::to_owned));
        token = page.body["continuationToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, whole.column("metricId"));
}

#[test]
fn values_of_one_name_come_alone_when_asked_so() {
    let mut client = Client::bakery();
    let query = json!({ "filter": "RunId eq rye_eye_3 and Name eq loss" });
    let alone = client.history_post(&format!("{METRICS}:query?MergeStrategyType=None"), &query);
    let merged = client.history_post(&format!("{METRICS}:query?MergeStrategyType=Default"), &query);
    let cells: Vec<&Value> =
        alone.body["value"].as_array().unwrap().iter().map(|metric| &metric["cells"][0]).collect();
    assert_eq!(cells.len(), 60);
    assert_eq!(merged.body["value"][0]["cells"].as_array().unwrap().iter().collect::<Vec<_>>(), cells);
}

#[cfg(feature = "full")]
mod stress {
    use azimuth_simulator::{Options, World};
    use http::Request;
    use serde_json::{Value, json};

    use crate::Client;

    #[test]
    fn many_long_curves_come_in_pages_of_whole_curves() {
        let mut client = Client::with(Options::new(World::Stress));
        let mut names = Vec::new();
        let mut token = Value::Null;
        loop {
            let query = json!({ "filter": "RunId eq fifty_curves_1", "continuationToken": token });
            let page = client.history_post("/experiments/metrics-stress/metrics:query", &query);
            for metric in page.body["value"].as_array().unwrap() {
                assert_eq!(metric["cells"].as_array().unwrap().len(), 10_000);
                names.push(metric["name"].as_str().unwrap().to_owned());
            }
            token = page.body["continuationToken"].clone();
            if token.is_null() {
                break;
            }
        }
        names.dedup();
        assert_eq!((names.len(), names[49].as_str()), (50, "curve_49"));
    }

    #[test]
    fn a_log_of_fifty_megabytes_is_read_from_where_one_wants() {
        let mut client = Client::with(Options::new(World::Stress));
        let details = client.history("/experiments/long-logs/runs/long_log_1/details").body;
        let address = details["logFiles"]["azureml-logs/70_driver_log.txt"].as_str().unwrap().to_owned();
        let mut part = |range: &str| {
            let request = Request::get(&address).header("Range", range);
            client.send(request.body(Vec::new()).unwrap())
        };
        let last = part("bytes=52428700-");
        assert_eq!((last.status, last.header("content-range")), (206, "bytes 52428700-52428799/52428800"));
        assert!(String::from_utf8_lossy(last.response.body()).trim().starts_with("524287"));
        let first = part("bytes=0-149");
        assert_eq!(first.response.body().len(), 150);
    }
}
