//! Changing experiments and runs: what is sent, what becomes of it, and what is said where it does not arrive.

use std::time::Duration;

use azimuth_e2e::{Page, Recorded, Stage, journey};
use http::Method;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const WORKING: &str = "brave_oven_12";
const NOT_ARRIVED: &str = "No answer came, and it did not arrive: nothing was changed.";

async fn open(page: &Page, part: &str) {
    page.open(&BAKERY.address(part)).await;
    sign_in(page).await;
}

fn run_part(experiment: &str, run: &str) -> String {
    format!("experiments/{experiment}/runs/{run}")
}

/// What came to the service; preflights are of another method.
fn sent(page: &Page, method: &Method, path: &str) -> Vec<Recorded> {
    page.simulator().recorder().matching(method, path)
}

/// What the service itself got.
fn handed_on(page: &Page, method: &Method, path: &str) -> usize {
    sent(page, method, path).iter().filter(|request| request.handed_on).count()
}

fn add_fault(page: &Page, matching: &str, fault: &str) {
    let plan = format!(r#"[{{"match": "{matching}", "times": 0, "do": "{fault}"}}]"#);
    page.simulator().add_faults(&plan).unwrap();
}

async fn ask_to_cancel(page: &Page, run: &str) {
    page.click_button("Cancel run").await;
    page.within("dialog", &format!("Cancel run {run}")).click_button("Cancel run").await;
}

async fn expect_stopped(page: &Page) {
    let line = page.within("region", "Status");
    line.patient(Duration::from_secs(30)).expect("status", "Stopped Canceled").await;
}

#[test]
fn a_run_is_asked_to_stop_and_told_when_it_is_over() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        page.expect_heading(WORKING).await;
        page.click_button("Cancel run").await;
        let dialog = page.within("dialog", &format!("Cancel run {WORKING}"));
        dialog.expect_text("it can be submitted again").await;
        dialog.click_button("Keep it running").await;
        page.expect_no("dialog", &format!("Cancel run {WORKING}")).await;
        assert!(sent(&page, &Method::POST, "/cancel").is_empty());

        ask_to_cancel(&page, WORKING).await;
        page.within("region", "Status").expect("status", "Stopping CancelRequested").await;
        expect_stopped(&page).await;
        page.patient(Duration::from_secs(30)).expect_text(&format!("Done: Cancel run {WORKING}")).await;
        page.expect_no("button", "Cancel run").await;
        let sent = sent(&page, &Method::POST, "/cancel");
        assert!(sent.len() == 1 && sent[0].path().contains("/runId/"), "{sent:?}");
    });
}

#[test]
fn a_cancel_that_did_not_arrive_is_sent_again_only_when_somebody_says_so() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        page.expect_heading(WORKING).await;
        add_fault(&page, "POST */cancel", "drop-before");
        ask_to_cancel(&page, WORKING).await;
        let dialog = page.within("dialog", &format!("Cancel run {WORKING}"));
        dialog.patient(Duration::from_secs(30)).expect_text(NOT_ARRIVED).await;
        assert_eq!(handed_on(&page, &Method::POST, "/cancel"), 0);
        page.simulator().clear_faults();
        dialog.click_button("Cancel run").await;
        page.within("region", "Status").expect("status", "Stopping CancelRequested").await;
        assert_eq!(handed_on(&page, &Method::POST, "/cancel"), 1);
    });
}

#[test]
fn a_cancel_whose_answer_was_lost_is_found_over_a_reload_too() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        page.expect_heading(WORKING).await;
        add_fault(&page, "POST */cancel", "drop-after");
        ask_to_cancel(&page, WORKING).await;
        page.patient(Duration::from_secs(30)).expect_no("dialog", &format!("Cancel run {WORKING}")).await;
        page.reload().await;
        sign_in(&page).await;
        expect_stopped(&page).await;
        page.patient(Duration::from_secs(40)).expect_text(&format!("Done: Cancel run {WORKING}")).await;
        // Chromium by itself sends at once again what a kept connection lost; the page does not.
        let log = sent(&page, &Method::POST, "/cancel");
        let took = log[log.len() - 1].at - log[0].at;
        assert!(took < Duration::from_secs(1), "{log:?}");
    });
}

#[test]
fn who_may_not_cancel_is_told_why() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        page.expect_heading(WORKING).await;
        for (fault, words) in [
            ("fail-403", "AuthorizationFailed"),
            ("fail-404", "NotFound"),
            ("fail-409", "AnotherOperationInProgress"),
        ] {
            add_fault(&page, "POST */cancel", fault);
            ask_to_cancel(&page, WORKING).await;
            let dialog = page.within("dialog", &format!("Cancel run {WORKING}"));
            dialog.expect_text(words).await;
            dialog.click_button("Keep it running").await;
            page.simulator().clear_faults();
        }
        page.within("region", "Status").expect("status", "Working Running").await;
    });
}

#[test]
fn cancelling_what_is_over_says_so() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        page.within("region", "Status").expect("status", "Working Running").await;
        page.click_button("Cancel run").await;
        let dialog = page.within("dialog", &format!("Cancel run {WORKING}"));
        dialog.expect("button", "Keep it running").await;
        // Somebody else is faster.
        let first = page.client().window().await.unwrap();
        let second = page.client().new_window(true).await.unwrap();
        page.client().switch_to_window(second.handle).await.unwrap();
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        ask_to_cancel(&page, WORKING).await;
        expect_stopped(&page).await;
        // This page does not learn of it.
        add_fault(&page, &format!("GET */runs/{WORKING}"), "status 503");
        page.client().switch_to_window(first).await.unwrap();
        dialog.click_button("Cancel run").await;
        dialog.expect_text(&format!("Run {WORKING} is Canceled and can not be cancelled.")).await;
        page.simulator().clear_faults();
        dialog.patient(Duration::from_secs(40)).expect_text("It is over, so there is nothing to stop.").await;
        dialog.click_button("Keep it running").await;
        page.expect_no("button", "Cancel run").await;
    });
}

#[test]
fn a_sweep_and_a_pipeline_are_stopped_by_who_leads_them() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part("oven-sweep", "oven_sweep_2")).await;
        page.expect_heading("oven_sweep_2").await;
        page.click_button("Cancel run").await;
        let dialog = page.within("dialog", "Cancel run oven_sweep_2");
        dialog.expect_text("Its trials are asked to stop too.").await;
        dialog.click_button("Show request").await;
        dialog.expect_text("Runhistoryhost").await;
        dialog.click_button("Cancel run").await;
        page.within("region", "Status").expect("status", "Stopping CancelRequested").await;
        let sweep = sent(&page, &Method::POST, "/hyperdrive/v1.0/");
        assert!(
            sweep.len() == 1 && sweep[0].headers.iter().any(|name| name == "runhistoryhost"),
            "{sweep:?}"
        );
        expect_stopped(&page).await;

        page.open(&BAKERY.address("pipelines/experiments/nightly_bake_3")).await;
        page.expect_heading("Pipeline run nightly_bake_3").await;
        ask_to_cancel(&page, "nightly_bake_3").await;
        page.within("region", "Status")
            .patient(Duration::from_secs(40))
            .expect("status", "Stopped Canceled")
            .await;
        let pipeline = sent(&page, &Method::DELETE, "/nightly_bake_3/Execution");
        assert!(pipeline.len() == 1 && pipeline[0].status == Some(200), "{pipeline:?}");
    });
}

#[test]
fn several_runs_are_stopped_together_and_each_tells_how_it_went() {
    journey(Stage::azure(), async |page| {
        open(&page, "experiments/loaves-per-day").await;
        // A driver clicks what nobody can see, too.
        let boxes = "[...document.querySelectorAll('tr input[type=checkbox]')].map((box) => getComputedStyle(box).opacity)";
        let seen = page.evaluate(&format!("return {boxes}.every((opacity) => opacity === '1');")).await;
        assert_eq!(seen, true);
        for run in [WORKING, "patient_bun_11", BAKERY.run] {
            page.click("checkbox", &format!("Select {run}")).await;
        }
        let selection = page.within("region", "Selection");
        selection.expect_text("3 selected").await;
        add_fault(&page, "POST */patient_bun_11/cancel", "fail-403");
        selection.click_button("Cancel runs").await;
        let dialog = page.within("dialog", "Cancel runs");
        // What is over has nothing to stop.
        dialog.expect_no_text(BAKERY.run).await;
        dialog.click_button("Cancel 2 runs").await;
        dialog.expect_text("AuthorizationFailed").await;
        dialog.patient(Duration::from_secs(30)).expect_text("It is over.").await;
        page.simulator().clear_faults();
        dialog.click_button("Cancel 2 runs").await;
        page.wait("the second run to be stopped", async || {
            let requests = sent(&page, &Method::POST, "/patient_bun_11/cancel");
            requests.last().is_some_and(|request| request.status == Some(200))
        })
        .await;
        dialog.expect_disabled("button", "Cancel 2 runs").await;
        dialog.click_button("Back to the runs").await;
        page.within("region", "Runs").patient(Duration::from_secs(40)).expect_text("Stopped").await;
        assert_eq!(handed_on(&page, &Method::POST, &format!("/{WORKING}/cancel")), 1);
    });
}

#[test]
fn a_run_is_named_described_tagged_and_hidden() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, BAKERY.run)).await;
        page.expect_heading(BAKERY.run).await;
        page.click_button("Edit the notes of run calm_dough_7").await;
        page.fill("Display name", "The one to keep").await;
        page.fill("Description", "Weather, holidays and nothing else").await;
        page.click_button("Save").await;
        page.expect_heading("The one to keep").await;
        page.expect_text("Saved.").await;

        page.fill("Tag", "team").await;
        page.fill("Value", "vision").await;
        page.click_button("Add tag").await;
        page.expect("button", "Remove tag team").await;
        page.expect_value("Tag", "").await;
        page.fill("Tag", "best").await;
        page.fill("Value", "no").await;
        page.click_button("Replace value").await;
        page.within("region", "Facts").expect_text("best no").await;
        page.click_button("Remove tag data").await;
        page.expect_no("button", "Remove tag data").await;

        page.click_button("Hide run").await;
        page.expect("button", "Show in lists").await;
        page.open(&BAKERY.address("experiments/loaves-per-day")).await;
        page.within("region", "Runs").expect_text("early_rye_6").await;
        page.within("region", "Runs").expect_no_text(BAKERY.run).await;
        page.open(&BAKERY.address("experiments/loaves-per-day?hidden=1")).await;
        page.within("region", "Runs").click_link("The one to keep").await;
        page.click_button("Edit the notes of run calm_dough_7").await;
        page.click_button("Show in lists").await;
        page.expect("button", "Hide run").await;
        assert_eq!(sent(&page, &Method::PATCH, "/runs/calm_dough_7").len(), 5);
        assert_eq!(sent(&page, &Method::DELETE, "/runs/calm_dough_7/tags").len(), 1);
    });
}

#[test]
fn what_was_written_about_a_run_survives_a_cut_connection_and_a_reload() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, BAKERY.run)).await;
        page.click_button("Edit the notes of run calm_dough_7").await;
        page.fill("Description", "Typed before the storm").await;
        add_fault(&page, "PATCH */runs/calm_dough_7", "drop-before");
        page.click_button("Save").await;
        page.patient(Duration::from_secs(30)).expect_text(NOT_ARRIVED).await;
        assert_eq!(handed_on(&page, &Method::PATCH, "/runs/calm_dough_7"), 0);
        page.reload().await;
        sign_in(&page).await;
        page.expect_value("Description", "Typed before the storm").await;
        page.simulator().clear_faults();
        add_fault(&page, "PATCH */runs/calm_dough_7", "drop-after");
        page.click_button("Save").await;
        page.patient(Duration::from_secs(30)).expect_text("Saved.").await;
        page.within("region", "Facts").expect_text("Typed before the storm").await;

        page.simulator().clear_faults();
        add_fault(&page, "DELETE */runs/calm_dough_7/tags", "drop-before");
        page.click_button("Remove tag data").await;
        page.patient(Duration::from_secs(30)).expect_text(NOT_ARRIVED).await;
        page.simulator().clear_faults();
        add_fault(&page, "DELETE */runs/calm_dough_7/tags", "drop-after");
        page.click_button("Remove tag data").await;
        page.patient(Duration::from_secs(30)).expect_no("button", "Remove tag data").await;
    });
}

#[test]
fn an_experiment_is_made_described_archived_restored_and_deleted() {
    journey(Stage::azure(), async |page| {
        open(&page, "experiments").await;
        page.click_link("New experiment").await;
        page.fill("Name", "rye bread").await;
        page.expect_text("This cannot be a name.").await;
        page.fill("Name", "rye-bread").await;
        page.click_button("Create experiment").await;
        page.expect_heading("Runs of rye-bread").await;

        page.click_button("Edit the notes of experiment rye-bread").await;
        page.fill("Description", "Dark and heavy").await;
        page.click_button("Save").await;
        let about = page.within("region", "About the experiment");
        about.expect_text("Saved.").await;
        page.fill("Tag", "grain").await;
        page.fill("Value", "rye").await;
        page.click_button("Add tag").await;
        page.expect("button", "Remove tag grain").await;
        page.click_button("Remove tag grain").await;
        page.expect_no("button", "Remove tag grain").await;
        page.click_button("Archive").await;
        about.expect_text("It was archived").await;

        page.open(&BAKERY.address("experiments")).await;
        page.within("region", "Experiments").expect_text("loaves-per-day").await;
        page.within("region", "Experiments").expect_no_text("rye-bread").await;
        page.click_link("Archived").await;
        page.within("region", "Experiments").click_link("rye-bread").await;
        page.click_button("Edit the notes of experiment rye-bread").await;
        page.click_button("Restore").await;
        about.expect_no_text("It was archived").await;

        page.click_button("Delete experiment").await;
        let dialog = page.within("dialog", "Delete experiment rye-bread");
        dialog.expect_disabled("button", "Delete").await;
        dialog.fill("Type rye-bread to go on", "rye-bread").await;
        dialog.click_button("Delete").await;
        page.expect_heading("Experiments").await;
        page.within("region", "Experiments").expect_no_text("rye-bread").await;
        let deleted = sent(&page, &Method::DELETE, "/experimentids/");
        assert_eq!(deleted.len(), 2, "a tag, and all of it: {deleted:?}");
    });
}

#[test]
fn changes_of_experiments_are_not_in_doubt_when_the_connection_is_cut() {
    journey(Stage::azure(), async |page| {
        open(&page, "experiments?create=1").await;
        page.fill("Name", "rye-bread").await;
        add_fault(&page, "POST */experiments/rye-bread", "drop-before");
        page.click_button("Create experiment").await;
        page.patient(Duration::from_secs(30)).expect_text(NOT_ARRIVED).await;
        page.expect_value("Name", "rye-bread").await;
        page.simulator().clear_faults();
        add_fault(&page, "POST */experiments/rye-bread", "drop-after");
        page.click_button("Create experiment").await;
        page.patient(Duration::from_secs(30)).expect_heading("Runs of rye-bread").await;

        page.simulator().clear_faults();
        page.click_button("Edit the notes of experiment rye-bread").await;
        for fault in ["drop-before", "drop-after"] {
            add_fault(&page, "PATCH */experimentids/*", fault);
            page.click_button("Archive").await;
            let words = if fault == "drop-before" { NOT_ARRIVED } else { "It was archived" };
            page.patient(Duration::from_secs(30)).expect_text(words).await;
            page.simulator().clear_faults();
        }
        page.click_button("Delete experiment").await;
        let dialog = page.within("dialog", "Delete experiment rye-bread");
        dialog.fill("Type rye-bread to go on", "rye-bread").await;
        add_fault(&page, "DELETE */experimentids/*", "drop-before");
        dialog.click_button("Delete").await;
        dialog.patient(Duration::from_secs(30)).expect_text(NOT_ARRIVED).await;
        page.simulator().clear_faults();
        add_fault(&page, "DELETE */experimentids/*", "drop-after");
        dialog.click_button("Delete").await;
        page.patient(Duration::from_secs(30)).expect_heading("Experiments").await;
    });
}

#[test]
fn an_experiment_with_runs_is_not_deleted() {
    journey(Stage::azure(), async |page| {
        open(&page, "experiments/loaves-per-day").await;
        page.click_button("Edit the notes of experiment loaves-per-day").await;
        page.expect_disabled("button", "Delete experiment").await;
        page.expect_text("The service deletes an experiment only while it has none").await;
        add_fault(&page, "PATCH */experimentids/*", "fail-403");
        page.click_button("Archive").await;
        page.expect_text("AuthorizationFailed").await;
    });
}

#[test]
fn a_run_is_submitted_again_with_the_files_that_the_service_keeps() {
    journey(Stage::azure(), async |page| {
        open(&page, &run_part(BAKERY.experiment, BAKERY.run)).await;
        page.click_link("Submit again").await;
        page.expect_heading("Submit a run").await;
        page.expect_text("Filled from calm_dough_7").await;
        page.expect_text("train.py is what calm_dough_7 ran").await;
        page.expect_value("Experiment", BAKERY.experiment).await;
        add_fault(&page, "POST */snapshotrun", "drop-before");
        page.click_button("Submit run").await;
        page.patient(Duration::from_secs(30))
            .expect_text("The connection was lost, and the run did not arrive.")
            .await;
        assert_eq!(handed_on(&page, &Method::POST, "/snapshotrun"), 0);
        page.simulator().clear_faults();
        add_fault(&page, "POST */snapshotrun", "drop-after");
        page.click_button("Submit run").await;
        page.patient(Duration::from_secs(30)).expect("region", "Status").await;
        let mut ids: Vec<String> =
            sent(&page, &Method::POST, "/snapshotrun").into_iter().map(|request| request.target).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        page.click_link("Details").await;
        let snapshot = page.within("region", "Identifiers").text().await;
        page.open(&BAKERY.address(&format!("{}?tab=details", run_part(BAKERY.experiment, BAKERY.run)))).await;
        page.expect_heading(BAKERY.run).await;
        let line =
            snapshot.split("Snapshot of the code ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        page.within("region", "Identifiers").expect_text(line).await;
    });
}

#[test]
fn a_run_is_submitted_again_with_a_new_zip() {
    journey(Stage::azure(), async |page| {
        open(&page, &format!("submit?from={}/{}", BAKERY.experiment, BAKERY.run)).await;
        page.expect_text("Filled from calm_dough_7").await;
        page.select("Project files", "A new zip").await;
        page.expect_text("Still to come: project zip, definition.").await;
        let zip = page.folder().join("again.zip");
        std::fs::write(&zip, azimuth_e2e::zip_of(&[("train.py", b"print(1)")])).unwrap();
        page.choose_file("Project zip", &zip).await;
        page.expect_text("train.py is in the zip").await;
        page.click_button("Submit run").await;
        page.expect("region", "Status").await;
        assert_eq!(sent(&page, &Method::POST, "/startrun").len(), 1);
        assert!(sent(&page, &Method::POST, "/snapshotrun").is_empty());
    });
}

#[test]
fn a_page_that_may_change_nothing_says_so() {
    journey(Stage::azure().with_setting("readOnly", true), async |page| {
        open(&page, &run_part(BAKERY.experiment, WORKING)).await;
        page.expect_disabled("button", "Cancel run").await;
        page.click_button(&format!("Edit the notes of run {WORKING}")).await;
        page.expect_disabled("button", "Save").await;
        page.expect_text("This page was set up to change nothing.").await;
        page.open(&BAKERY.address("experiments?create=1")).await;
        page.expect_disabled("button", "Create experiment").await;
        let all = page.simulator().recorder().requests();
        let changes = ["PATCH", "DELETE", "PUT"];
        assert!(all.iter().all(|request| !changes.contains(&request.method.as_str())), "{all:?}");
    });
}

#[test]
fn axe_finds_nothing_on_the_forms_that_change_things() {
    journey(Stage::azure(), async |page| {
        page.prefer_reduced_motion().await;
        open(&page, "experiments?create=1").await;
        page.within("region", "Experiments").expect_text(BAKERY.experiment).await;
        let mut found = page.violations().await;
        page.open(&BAKERY.address("experiments/loaves-per-day")).await;
        page.click_button("Edit the notes of experiment loaves-per-day").await;
        found.extend(page.violations().await);
        page.open(&BAKERY.address(&run_part(BAKERY.experiment, WORKING))).await;
        page.click_button(&format!("Edit the notes of run {WORKING}")).await;
        page.within("region", "Definition").expect_text("Script").await;
        // What is half under the header of a page that was scrolled would be called too small.
        page.evaluate("scrollTo(0, 0);").await;
        found.extend(page.violations().await);
        page.set_viewport(390, 844).await;
        page.evaluate("scrollTo(0, 0); document.documentElement.dataset.theme = 'dark';").await;
        found.extend(page.violations().await);
        page.click_button("Cancel run").await;
        page.expect("dialog", &format!("Cancel run {WORKING}")).await;
        found.extend(page.violations().await);
        page.open(&BAKERY.address(&format!("submit?from={}/{}", BAKERY.experiment, BAKERY.run))).await;
        page.expect_text("Filled from calm_dough_7").await;
        found.extend(page.violations().await);
        assert!(found.is_empty(), "axe found:\n  {}", found.join("\n  "));
    });
}
