//! Handing in a run.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};
use http::Method;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// Fills the form and sends it.
pub async fn hand_in(page: &Page, experiment: &str) {
    fill_in(page, experiment).await;
    page.click_button("Submit run").await;
}

/// Fills the form.
pub async fn fill_in(page: &Page, experiment: &str) {
    let project = page.project("cpu-compute");
    page.fill("Experiment", experiment).await;
    page.choose_file("Project zip", &project.zip).await;
    page.choose_file("Run definition", &project.definition).await;
}

/// Signs in and hands in a run. What happens to it on the way happens `times` times, 0 being always.
async fn hand_in_with_fault(page: &Page, fault: &str, times: u64) {
    page.open(&BAKERY.submit_address()).await;
    sign_in(page).await;
    page.expect_heading("Submit a run").await;
    let plan = format!(r#"[{{"match": "POST */startrun", "times": {times}, "do": "{fault}"}}]"#);
    page.simulator().add_faults(&plan).unwrap();
    hand_in(page, BAKERY.experiment).await;
}

/// The one id under which a run came to the service, once or more: where a connection that was kept closes without an
/// answer, Chromium by itself sends a second time what the page sent once.
fn id_on_the_wire(page: &Page) -> String {
    let arrived = page.simulator().recorder().matching(&Method::POST, "/startrun");
    let mut ids: Vec<_> =
        arrived.iter().map(|request| request.target.split_once("runId=").unwrap().1.to_owned()).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1, "{arrived:?}");
    ids.remove(0)
}

/// How often the page sent a run, by what it tells of itself.
async fn times_sent(page: &Page) -> usize {
    page.click_link("Requests").await;
    page.expect_heading("Requests").await;
    let requests = page.names("listitem").await;
    requests.iter().filter(|request| request.contains("POST") && request.contains("/startrun")).count()
}

#[test]
fn a_run_whose_answer_was_lost_is_found_and_not_sent_again() {
    lose_answers(0);
}

/// What Chromium sends again is refused, for the run is there already.
#[test]
fn a_run_that_the_browser_sent_twice_is_found_too() {
    lose_answers(1);
}

fn lose_answers(times: u64) {
    journey(Stage::azure(), async move |page| {
        hand_in_with_fault(&page, "drop-after", times).await;
        page.expect("region", "Status").await;
        page.expect_address(&BAKERY.run_address(&id_on_the_wire(&page))).await;
        assert_eq!(times_sent(&page).await, 1);
    });
}

#[test]
fn a_run_that_did_not_arrive_is_sent_again_under_the_same_id() {
    journey(Stage::azure(), async |page| {
        hand_in_with_fault(&page, "drop-before", 0).await;
        page.expect_text("The connection was lost, and the run did not arrive.").await;
        page.expect_value("Experiment", BAKERY.experiment).await;
        page.expect_text("project.zip").await;
        let dropped = page.simulator().recorder().matching(&Method::POST, "/startrun");
        assert!(!dropped.iter().any(|request| request.handed_on), "{dropped:?}");

        page.simulator().clear_faults();
        page.click_button("Submit run").await;
        page.expect("region", "Status").await;
        page.expect_address(&BAKERY.run_address(&id_on_the_wire(&page))).await;
        assert_eq!(times_sent(&page).await, 2);
    });
}

/// In MiB; the service takes 300 with all that is around it.
const LARGE: usize = 299;
const MOST_GROWTH: u64 = 10 * 1024 * 1024;

#[test]
fn a_zip_of_299_mb_is_handed_in_without_entering_the_memory_of_the_page() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.submit_address()).await;
        sign_in(&page).await;
        page.expect_heading("Submit a run").await;
        let project = page.project(BAKERY.compute);
        let large = page.folder().join("large.zip");
        write_large_zip(&large);
        page.expect_value("Experiment", BAKERY.experiment).await;
        let before = page.wasm_memory().await;
        assert!(before > 0);
        page.choose_file("Project zip", &large).await;
        page.expect_text("2 files, 314 MB").await;
        page.choose_file("Run definition", &project.definition).await;
        page.click_button("Submit run").await;
        page.expect("progressbar", "Sending").await;
        page.patient(Duration::from_secs(100)).expect("region", "Status").await;

        let after = page.wasm_memory().await;
        println!(
            "the page's memory for a zip of {LARGE} MiB: {before} bytes before, {after} after, {} more",
            after - before
        );
        let sent = page.simulator().recorder().matching(&Method::POST, "/startrun");
        assert!(sent.len() == 1 && sent[0].body_bytes > LARGE * 1024 * 1024, "{sent:?}");
        assert!(after - before < MOST_GROWTH, "it grew from {before} to {after} bytes");
    });
}

/// The script and much data beside it, stored as they are.
fn write_large_zip(path: &Path) {
    let piece = vec![0; 1024 * 1024];
    let mut archive = rawzip::ZipArchiveWriter::new(BufWriter::new(File::create(path).unwrap()));
    for (name, pieces) in [("hello.py", 0), ("data.bin", LARGE)] {
        let (mut entry, configuration) =
            archive.new_file(name).compression_method(rawzip::CompressionMethod::STORE).start().unwrap();
        let mut writer = configuration.wrap(&mut entry);
        for _ in 0..pieces {
            writer.write_all(&piece).unwrap();
        }
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap().flush().unwrap();
}
