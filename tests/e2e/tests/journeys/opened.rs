//! An export opened again: what it shows, what it refuses, and that nobody is asked.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey, zip_of};
use serde_json::{Value, json};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";
const MARKUP: &str = "<img src=x onerror=alert(1)>";

/// An export made by hand: one experiment, two runs, a file, and something that could not be exported.
struct Made {
    manifest: Value,
    files: Vec<(String, String)>,
}

impl Made {
    fn new() -> Self {
        let place = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/mill/providers/Microsoft.MachineLearningServices/workspaces/flour"
        );
        let manifest = json!({
            "format": "azimuth-export", "version": 1, "dashboard": "0.1.0",
            "started": "2026-01-02T10:00:00Z", "finished": "2026-01-02T10:05:00Z",
            "by": { "name": MARKUP, "objectId": null, "tenant": null }, "cloud": "public",
            "workspace": { "subscription": SUBSCRIPTION, "resourceGroup": "mill", "name": "flour", "id": place, "region": "westeurope" },
            "wanted": { "redacted": false }, "stopped": false, "notes": [MARKUP], "counts": {},
            "requests": [
                { "n": 1, "method": "GET", "host": "management.azure.com", "path": place, "status": 200 },
                { "n": 2, "method": "GET", "host": "westeurope.api.azureml.ms", "path": "/history/v1.0/x", "status": 200 },
            ],
            "files": [],
            "missing": [{ "kind": "model", "id": "bran:1", "status": 403, "why": "The service answered 403." }],
        });
        let mut made = Self { manifest, files: Vec::new() };
        made.add("workspace.json", json!({ "kind": "workspace", "id": place }), &json!({
            "id": place, "name": "flour", "type": "Microsoft.MachineLearningServices/workspaces", "location": "westeurope",
            "tags": {}, "properties": { "friendlyName": MARKUP, "provisioningState": "Succeeded", "discoveryUrl": "https://westeurope.experiments.azureml.net/discovery" },
        }).to_string());
        made.add(
            "experiments/milling/experiment.json",
            json!({ "kind": "experiment", "id": "e1", "experiment": "milling" }),
            &json!({
                "experimentId": "e1", "name": "milling", "createdUtc": "2026-01-01T08:00:00Z", "tags": {},
            })
            .to_string(),
        );
        for (run, status, day, name) in
            [("fine_1", "Completed", 1, None), ("coarse_2", "Failed", 2, Some(MARKUP))]
        {
            let folder = format!("experiments/milling/runs/{run}");
            let line = |kind: &str| json!({ "kind": kind, "id": run, "experiment": "milling", "run": run });
            made.add(&format!("{folder}/run.json"), line("run"), &json!({
                "runId": run, "status": status, "createdUtc": format!("2026-01-0{day}T09:00:00Z"), "displayName": name,
                "startTimeUtc": format!("2026-01-0{day}T09:00:10Z"), "endTimeUtc": format!("2026-01-0{day}T09:02:00Z"),
                "experimentId": "e1", "tags": {}, "properties": {},
            }).to_string());
            made.add(&format!("{folder}/metrics.json"), line("run-metrics"), r#"{"value":[]}"#);
        }
        made.add(
            "experiments/milling/runs/fine_1/files.json",
            json!({ "kind": "run-files", "id": "fine_1", "experiment": "milling", "run": "fine_1" }),
            r#"{"value":[{"path":"outputs/report.txt"}]}"#,
        );
        made.add(
            "experiments/milling/runs/fine_1/files/outputs/report.txt",
            json!({ "kind": "file", "id": "outputs/report.txt", "experiment": "milling", "run": "fine_1" }),
            MARKUP,
        );
        made
    }

    fn add(&mut self, path: &str, mut line: Value, content: &str) {
        line["path"] = path.into();
        line["size"] = content.len().into();
        self.manifest["files"].as_array_mut().unwrap().push(line);
        self.files.push((path.to_owned(), content.to_owned()));
    }

    fn zip(&self) -> Vec<u8> {
        let manifest = self.manifest.to_string();
        let files = self.files.iter().map(|(name, content)| (name.as_str(), content.as_bytes()));
        zip_of(&files.chain([("manifest.json", manifest.as_bytes())]).collect::<Vec<_>>())
    }
}

fn written(page: &Page, name: &str, bytes: &[u8]) -> PathBuf {
    let path = page.folder().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// Chooses a small export, and waits until it is open.
pub async fn choose(page: &Page) {
    let zip = written(page, "flour.zip", &Made::new().zip());
    page.choose_file("Export", &zip).await;
    page.expect_text("An export of flour made on").await;
}

/// An address in it.
pub fn place(rest: &str) -> String {
    format!("#/export/subscriptions/{SUBSCRIPTION}/resourceGroups/mill/workspaces/flour{rest}")
}

/// Nothing but this page's own files was asked for.
async fn assert_asked_nobody(page: &Page) {
    assert_eq!(
        page.simulator().recorder().requests().len(),
        0,
        "{:?}",
        page.simulator().recorder().requests()
    );
    let foreign: Vec<String> =
        page.requested().await.into_iter().filter(|address| !address.starts_with(page.site())).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

#[test]
fn an_export_is_looked_through_without_an_account_and_nobody_is_asked() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        page.click_link("Open an export").await;
        page.expect_heading("Open an export").await;
        let zip = written(&page, "flour.zip", &Made::new().zip());
        page.choose_file("Export", &zip).await;
        // The workspace's name is markup, and stays text.
        page.expect_heading(MARKUP).await;
        page.expect_address(&place("")).await;
        page.expect_text("An export of flour made on").await;
        page.expect_text("read-only").await;

        page.click_link("Experiments").await;
        page.click_link("milling").await;
        page.expect_text("fine_1").await;
        page.expect_text("read-only, 1 thing is not in it").await;
        page.expect("link", MARKUP).await;
        page.open(&place("/experiments/milling?status=Failed")).await;
        page.expect_no_text("fine_1").await;
        page.expect("link", MARKUP).await;

        page.open(&place("/experiments/milling/runs/fine_1?tab=outputs&file=outputs%2Freport.txt")).await;
        page.expect_text(MARKUP).await;

        // What could not be exported is no empty list, and says why.
        page.open(&place("/models")).await;
        page.expect_text("This export does not hold it").await;
        page.open(&place("/models/bran:1")).await;
        page.expect_text("The service answered 403.").await;

        // Nothing can be changed: what leads to a form is left out, and the form says why.
        for (part, heading) in [("", MARKUP), ("/experiments", "Experiments"), ("/computes", "Computes")] {
            page.open(&place(part)).await;
            page.expect_heading(heading).await;
            for link in ["Submit a run", "New experiment", "Create a compute"] {
                page.expect_no("link", link).await;
            }
            page.expect_no("button", "Delete").await;
        }
        page.open(&place("/submit")).await;
        page.expect_text("This is an export: nothing can be changed in it.").await;
        page.expect_disabled("button", "Submit run").await;
        // What the page says of itself is nothing of hosts that it would ask.
        page.open("#/export/diagnostics").await;
        page.expect_text("no host is asked, and nobody is signed in").await;
        page.expect_no_text("Not reachable").await;
        page.expect_no_text("Direct").await;
        assert_asked_nobody(&page).await;
        page.expect_no_console_errors().await;
    });
}

#[test]
fn after_a_reload_the_zip_is_asked_for_and_the_address_stays() {
    journey(Stage::demo(), async |page| {
        let address = place("/experiments/milling");
        page.open(&address).await;
        page.expect_heading("Open an export").await;
        page.expect_text("choose its zip again").await;
        let zip = written(&page, "flour.zip", &Made::new().zip());
        page.choose_file("Export", &zip).await;
        page.expect_text("fine_1").await;
        page.expect_address(&address).await;
        page.reload().await;
        page.expect_heading("Open an export").await;
        page.choose_file("Export", &zip).await;
        page.expect_text("fine_1").await;
        page.click_button("Close the export").await;
        page.expect_heading("Sign in").await;
        page.open(&address).await;
        page.expect_heading("Open an export").await;
    });
}

#[test]
fn what_is_no_export_or_a_broken_one_is_said_plainly() {
    journey(Stage::demo(), async |page| {
        page.open("#/export").await;
        let whole = Made::new().zip();
        let with = |change: &dyn Fn(&mut Made)| {
            let mut made = Made::new();
            change(&mut made);
            made.zip()
        };
        let mut damaged = whole.clone();
        let manifest = damaged.windows(11).rposition(|word| word == b"westeurope.").unwrap();
        damaged[manifest] = b'W';
        let cases: [(&str, Vec<u8>, &str); 7] = [
            ("notes.zip", b"just words".to_vec(), "An export is the zip that this dashboard saves."),
            (
                "project.zip",
                zip_of(&[("hello.py", b"print()")]),
                "This zip is no export of a workspace: there is no manifest.json in it.",
            ),
            (
                "other.zip",
                with(&|made| made.manifest["format"] = "else".into()),
                "its manifest.json is of something else",
            ),
            ("newer.zip", with(&|made| made.manifest["version"] = 2.into()), "This export has form 2"),
            ("half.zip", whole[..whole.len() / 2].to_vec(), "The zip is cut off"),
            ("damaged.zip", damaged, "The zip is damaged"),
            ("again.zip", zip_of(&[("flour/manifest.json", b"{}")]), "unpacked and packed again"),
        ];
        for (name, bytes, words) in cases {
            page.choose_file("Export", &written(&page, name, &bytes)).await;
            page.expect_text(words).await;
        }
        let mut stopped = Made::new();
        stopped.manifest["stopped"] = true.into();
        stopped.manifest["wanted"]["redacted"] = true.into();
        stopped.files.remove(1);
        page.choose_file("Export", &written(&page, "stopped.zip", &stopped.zip())).await;
        page.expect_heading(MARKUP).await;
        page.open("#/export").await;
        page.expect_text("It was ended before all was there").await;
        page.expect_text("person-1 is the same person everywhere").await;
        page.expect_text("1 of its files is not in the zip any more").await;
        page.expect_text("bran:1").await;
        assert_eq!(page.evaluate("return document.querySelectorAll('img').length;").await, 0);
    });
}

/// Pages of which nothing changes while the workspace is exported.
const STEADY: [&str; 16] = [
    "experiments",
    "experiments/loaves-per-day?status=Completed",
    "experiments/loaves-per-day?status=Failed",
    "experiments/loaves-per-day/runs/calm_dough_7",
    "experiments/loaves-per-day/runs/calm_dough_7?tab=metrics",
    "experiments/loaves-per-day/runs/calm_dough_7?tab=logs",
    "experiments/loaves-per-day/runs/calm_dough_7?tab=outputs",
    "experiments/loaves-per-day/runs/calm_dough_7?tab=details",
    "experiments/loaves-per-day/runs/late_crumb_3",
    "models",
    "models/loaves-forecaster:4",
    "services/loaves-tomorrow",
    "datastores",
    "pipelines/experiments/nightly_bake_2",
    "images",
    "assets",
];

/// What leads to forms, which an export has none of.
const TO_FORMS: [&str; 6] =
    ["Export", "New experiment", "Register a model", "Register as a model", "Submit a run", "Submit again"];

/// The words of a page, line by line, but for those that say how long ago something was or where it was read.
async fn words(page: &Page, address: &str) -> BTreeSet<String> {
    page.open(address).await;
    let is_there = "return Boolean(document.querySelector('main h1')) && !document.querySelector('main .loading, main .skeleton');";
    page.wait(&format!("{address} to be loaded"), async || page.evaluate(is_there).await == true).await;
    let text = page.evaluate("return document.querySelector('main').innerText;").await;
    let is_of_now = |line: &str| {
        ["ago", "updated", "yesterday", "read from", "now"].iter().any(|word| line.contains(word))
    };
    let lines = text.as_str().unwrap_or_default().split(['\n', '\t']).map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !TO_FORMS.contains(line) && !is_of_now(line))
        .map(str::to_owned)
        .collect()
}

#[test]
fn an_export_of_the_bakery_shows_what_the_service_showed() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("models")).await;
        sign_in(&page).await;
        page.expect_heading("Models").await;
        let page = page.patient(Duration::from_secs(30));
        let mut shown = Vec::new();
        for part in STEADY {
            shown.push(words(&page, &BAKERY.address(part)).await);
        }
        page.open(&BAKERY.address("data")).await;
        page.click_button("Show the plan").await;
        page.patient(Duration::from_secs(120)).click_button("Start the export").await;
        page.patient(Duration::from_secs(300)).click_button("Save the zip").await;
        let day = page.evaluate("return new Date().toISOString().slice(0, 10);").await;
        let zip = page.downloaded(&format!("forecasting-{}.zip", day.as_str().unwrap())).await;

        page.open("#/export").await;
        let asked = page.simulator().recorder().requests().len();
        page.choose_file("Export", &zip).await;
        page.expect_text("An export of forecasting made on").await;
        for (part, shown) in STEADY.iter().zip(&shown) {
            let again = words(&page, &BAKERY.address(part).replacen("#/", "#/export/", 1)).await;
            let gone: Vec<&String> = shown.difference(&again).collect();
            assert!(gone.is_empty(), "{part} does not say {gone:?}, but {again:?}");
        }
        let asked_since = &page.simulator().recorder().requests()[asked..];
        let from_the_export = asked_since.iter().filter(|request| request.path().contains("/experiments/"));
        assert_eq!(from_the_export.count(), 0, "{asked_since:?}");
    });
}
