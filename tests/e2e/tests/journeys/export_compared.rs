//! An export against what the simulator holds, thing by thing, in Python's eyes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};
use azimuth_simulator_http::ServerOptions;
use http::Method;

use crate::microsoft::sign_in_with_microsoft;
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// Where nothing happens, so that what was taken out is what is there afterwards.
pub fn still() -> ServerOptions {
    ServerOptions { speed: 0.000_001, ..ServerOptions::default() }
}

#[test]
#[ignore = "needs Python: cargo xtask conformance"]
fn all_of_a_workspace_is_in_the_zip() {
    journey(Stage::azure_with(still()), async |page| {
        begin(&page).await;
        let zip = saved(&page).await;
        compare(&page, &BAKERY.resource(), &zip, &[]);
    });
}

#[test]
#[ignore = "needs Python: cargo xtask conformance"]
fn all_is_there_once_although_much_went_wrong_meanwhile() {
    // Its tokens last for seconds, so that some are renewed in between.
    let options = ServerOptions { token_lifetime_seconds: Some(15), ..still() };
    journey(Stage::azure_with(options), async |page| {
        let faults = r#"[
            { "match": "GET */runs/*/details", "skip": 5, "times": 3, "do": "status 500" },
            { "match": "GET */events*", "skip": 9, "times": 2, "do": "status 429" },
            { "match": "GET */content?*", "skip": 20, "times": 2, "do": "drop-before" },
            { "match": "GET */content?*", "skip": 60, "times": 2, "do": "drop-after" },
            { "match": "POST */metrics:query*", "skip": 1, "times": 2, "do": "status 503" },
            { "match": "GET */artifacts/ExperimentRun/*", "skip": 30, "times": 1, "do": "fail-html" },
            { "match": "GET */models*", "times": 2, "do": "status 502" }
        ]"#;
        page.open(&BAKERY.address("data")).await;
        sign_in_with_microsoft(&page, "maya@contoso.example").await;
        begin_with_everything(&page).await;
        page.simulator().add_faults(faults).unwrap();
        let zip = saved(&page).await;
        let issued = page.simulator().recorder().matching(&Method::POST, "/oauth2/v2.0/token").len();
        assert!(issued > 1, "no token ran out meanwhile");
        compare(&page, &BAKERY.resource(), &zip, &[]);
    });
}

#[test]
#[ignore = "needs Python: cargo xtask conformance"]
fn what_could_not_be_had_is_listed_and_nothing_else_is_missing() {
    journey(Stage::azure_with(still()), async |page| {
        begin(&page).await;
        page.simulator()
            .add_faults(r#"[{ "match": "GET */images*", "times": 100, "do": "fail-403" }]"#)
            .unwrap();
        let page = page.patient(Duration::from_secs(120));
        page.expect("button", "Try the failed ones again").await;
        page.click_button("Finish without these").await;
        let zip = downloaded(&page).await;
        page.simulator().clear_faults();
        compare(&page, &BAKERY.resource(), &zip, &["--without", "image", "--missing", "1"]);
    });
}

/// Signs in, wants everything with all that is in files, and begins.
async fn begin(page: &Page) {
    page.open(&BAKERY.address("data")).await;
    sign_in(page).await;
    begin_with_everything(page).await;
}

pub async fn begin_with_everything(page: &Page) {
    page.expect_heading("Data").await;
    page.click("checkbox", "Contents of files").await;
    page.click_button("Show the plan").await;
    page.click_button("Start the export").await;
}

/// The zip of an export that was begun, once everything was had.
async fn saved(page: &Page) -> PathBuf {
    downloaded(&page.patient(Duration::from_secs(150))).await
}

pub async fn downloaded(page: &Page) -> PathBuf {
    page.click_button("Save the zip").await;
    let downloads = page.downloads();
    let mut zip = None;
    page.wait("the zip", async || {
        let files = fs::read_dir(&downloads).into_iter().flatten().flatten();
        zip = files.map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "zip"));
        zip.as_ref().is_some_and(|zip| fs::metadata(zip).is_ok_and(|zip| zip.len() > 0))
    })
    .await;
    zip.expect("it was waited for")
}

/// Lets Python open the zip and ask the simulator for everything itself.
pub fn compare(page: &Page, workspace: &str, zip: &Path, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../export/compare.py");
    let python = std::env::var("AZIMUTH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let workspace = format!("/{workspace}")
        .replace("/workspaces/", "/providers/Microsoft.MachineLearningServices/workspaces/");
    let mut comparing = Command::new(python)
        .arg("-B")
        .arg(script)
        .arg(zip)
        .arg(workspace)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = comparing.stdin.take().expect("its input was asked for as a pipe");
    input.write_all(page.simulator().config_json().as_bytes()).expect("it reads");
    drop(input);
    let compared = comparing.wait_with_output().expect("it ends by itself");
    let words = String::from_utf8_lossy(&compared.stdout).into_owned();
    println!("{words}");
    assert!(compared.status.success(), "{words}{}", String::from_utf8_lossy(&compared.stderr));
}
