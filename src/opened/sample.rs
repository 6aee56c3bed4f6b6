//! An export made by hand for tests, of the service's published examples.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use serde_json::{Value, json};

use crate::opened::archive::{Archive, OpenFault, Source};
use crate::project_zip::samples::{self, now};

macro_rules! published {
    ($name:literal) => {
        include_str!(concat!("../../crates/simulator/samples/", $name, ".json"))
    };
}

/// Bytes in memory.
pub struct Memory(pub Vec<u8>);

impl Source for Memory {
    fn read(&self, from: u64, to: u64) -> LocalBoxFuture<'_, Option<Vec<u8>>> {
        let bytes = self.0.get(from as usize..to as usize).map(<[u8]>::to_vec);
        Box::pin(async { bytes })
    }
}

/// An export: what stands in its manifest, and its files.
pub struct Sample {
    pub manifest: Value,
    pub files: Vec<samples::File>,
}

impl Sample {
    /// A workspace with two experiments and what its runs left.
    pub fn new() -> Self {
        let manifest = json!({
            "format": "azimuth-export", "version": 1, "dashboard": "0.1.0",
            "started": "2020-02-01T10:00:00Z", "finished": "2020-02-01T10:05:00Z",
            "by": { "name": "maya", "objectId": null, "tenant": null }, "cloud": "public",
            "workspace": {
                "subscription": "s", "resourceGroup": "G", "name": "w",
                "id": "/subscriptions/s/resourceGroups/G/providers/Microsoft.MachineLearningServices/workspaces/w",
                "region": "eastus",
            },
            "wanted": { "redacted": false }, "stopped": false, "notes": ["Nothing was narrowed."],
            "counts": {},
            "requests": [
                { "n": 1, "method": "GET", "host": "management.azure.com", "path": "/subscriptions/s/x", "status": 200 },
                { "n": 2, "method": "POST", "host": "eastus.api.azureml.ms", "path": "/history/v1.0/x", "status": 200 },
                { "n": 3, "method": "GET", "host": "eastus.modelmanagement.azureml.net", "path": "/api/subscriptions/s", "status": 200 },
            ],
            "files": [],
            "missing": [{ "kind": "image", "id": "broken:1", "status": 403, "why": "you may not read it" }],
        });
        let mut sample = Self { manifest, files: Vec::new() };
        sample.add("workspace.json", "workspace", json!({ "id": "w" }), published!("arm_workspace_get"));
        let model = published!("model_get");
        sample.add("models/my-model_1.json", "model", json!({ "id": "my-model:1" }), model);
        sample.add(
            "computes/cpu.json",
            "compute",
            json!({ "id": "/subscriptions/s/workspaces/w/computes/cpu-compute" }),
            published!("arm_compute_get_amlcompute"),
        );
        for (name, archived) in [("loaves", "null"), ("buns", "null"), ("stale", "\"2020-01-05T00:00:00Z\"")]
        {
            let document =
                format!(r#"{{"experimentId":"id-of-{name}","name":"{name}","archivedTime":{archived}}}"#);
            sample.add(
                &format!("experiments/{name}/experiment.json"),
                "experiment",
                json!({ "id": format!("id-of-{name}"), "experiment": name }),
                &document,
            );
        }
        sample.add_run("loaves", "first", r#""status":"Completed","createdUtc":"2020-01-01T00:00:00Z""#);
        sample.add_run("loaves", "second", r#""status":"Failed","createdUtc":"2020-01-02T00:00:00Z""#);
        sample.add_run(
            "loaves",
            "trial",
            r#""status":"Completed","createdUtc":"2020-01-03T00:00:00Z","parentRunId":"second""#,
        );
        sample.add_run("buns", "other", r#""status":"Running","createdUtc":"2020-01-04T00:00:00Z","target":"cpu","dataContainerId":"elsewhere""#);
        sample.add(
            "experiments/loaves/runs/first/files.json",
            "run-files",
            json!({ "id": "first", "experiment": "loaves", "run": "first" }),
            r#"{"value":[{"path":"outputs/a.txt"},{"path":"outputs2/b.txt"}]}"#,
        );
        let at = |id: &str, run: &str| json!({ "id": id, "experiment": "loaves", "run": run });
        sample.add(
            "experiments/loaves/runs/first/files/outputs/a.txt",
            "file",
            at("outputs/a.txt", "first"),
            "0123456789",
        );
        sample.add(
            "experiments/buns/runs/other/files/log.txt",
            "log",
            json!({ "id": "logs/log.txt", "experiment": "buns", "run": "other" }),
            "a line\n",
        );
        sample
    }

    /// A file, and its line in the manifest.
    pub fn add(&mut self, path: &str, kind: &str, line: Value, content: &str) {
        let mut line = line;
        line["path"] = path.into();
        line["kind"] = kind.into();
        line["size"] = content.len().into();
        self.manifest["files"].as_array_mut().expect("it is a list").push(line);
        self.files.push(samples::File::new(path, content.as_bytes()));
    }

    /// A run, its details, and what it measured in two pages.
    pub fn add_run(&mut self, experiment: &str, run: &str, fields: &str) {
        let line = || json!({ "id": run, "experiment": experiment, "run": run });
        let folder = format!("experiments/{experiment}/runs/{run}");
        let document = format!(r#"{{"runId":"{run}",{fields}}}"#);
        self.add(&format!("{folder}/run.json"), "run", line(), &document);
        self.add(
            &format!("{folder}/details.json"),
            "run-details",
            line(),
            &format!(r#"{{"runId":"{run}"}}"#),
        );
        for (page, name) in [("", "mae"), ("-2", "loss")] {
            let document = format!(
                r#"{{"value":[{{"runId":"{run}","metricId":"{run}-{name}","name":"{name}"}}],"continuationToken":null}}"#
            );
            self.add(&format!("{folder}/metrics{page}.json"), "run-metrics", line(), &document);
        }
    }

    /// The bytes of the zip.
    pub fn zip(&self) -> Vec<u8> {
        let manifest = samples::File::new("manifest.json", self.manifest.to_string().as_bytes());
        samples::zip(&[self.files.as_slice(), &[manifest]].concat())
    }

    /// The export, opened.
    pub fn open(&self) -> Result<Archive, OpenFault> {
        open(self.zip())
    }
}

/// Opens bytes as an export.
pub fn open(bytes: Vec<u8>) -> Result<Archive, OpenFault> {
    now(Archive::open(bytes.len() as u64, Rc::new(Memory(bytes))))
}
