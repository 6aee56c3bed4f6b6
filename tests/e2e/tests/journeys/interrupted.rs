//! The page goes away while a change is on its way: whoever comes back learns what became of it, and nothing is sent twice.

use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};
use http::Method;

use crate::changes::{expect_told, fail_next, lose, sent, times_sent};
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const DID_NOT_ARRIVE: &str = "id not arrive: ";
const LONG: Duration = Duration::from_secs(40);

/// Sends a change, loads the page anew before it is answered, and reads what is told then. The service had not begun.
async fn leave_while_it_is_sent(page: &Page, (method, end): (&Method, &str), make: impl AsyncFn()) {
    fail_next(page, method, end, "delay 20000");
    make().await;
    page.wait("the request", async || sent(page, method, end) == 1).await;
    page.reload().await;
    sign_in(page).await;
    page.patient(LONG).expect_text(DID_NOT_ARRIVE).await;
    assert_eq!(sent(page, method, end), 1, "it was sent again by itself");
    page.simulator().clear_faults();
}

async fn start_at(page: &Page, part: &str) {
    page.open(BAKERY.address(part).trim_end_matches('/')).await;
    sign_in(page).await;
}

#[test]
fn a_resource_group_that_was_on_its_way_is_told_of_and_the_form_is_still_filled_in() {
    journey(Stage::azure(), async |page| {
        page.open(&format!("#/subscriptions/{}?create", BAKERY.subscription_id)).await;
        sign_in(&page).await;
        page.fill("Name", "left-rg").await;
        page.select("Region", "West Europe").await;
        let put = (&Method::PUT, "/resourcegroups/left-rg");
        leave_while_it_is_sent(&page, put, async || page.click_button("Create resource group").await).await;
        page.expect_value("Name", "left-rg").await;
        page.click_button("Create resource group").await;
        page.expect_text("No workspace to see").await;
        assert_eq!(sent(&page, put.0, put.1), 2);
    });
}

#[test]
fn words_about_a_workspace_that_were_on_their_way_are_still_in_the_form() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "").await;
        page.click_button("Edit").await;
        page.fill("Friendly name", "Left behind").await;
        let patch = (&Method::PATCH, "/workspaces/forecasting");
        leave_while_it_is_sent(&page, patch, async || page.click_button("Save").await).await;
        page.expect_value("Friendly name", "Left behind").await;
        page.click_button("Save").await;
        page.expect_heading("Left behind").await;
    });
}

#[test]
fn words_about_a_run_and_a_model_that_were_on_their_way_can_be_sent_again() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "experiments/loaves-per-day/runs/calm_dough_7").await;
        page.click_button("Edit the notes of run calm_dough_7").await;
        page.fill("Description", "Left behind").await;
        let patch = (&Method::PATCH, "/runs/calm_dough_7");
        leave_while_it_is_sent(&page, patch, async || page.click_button("Save").await).await;
        page.expect_value("Description", "Left behind").await;
        page.click_button("Save").await;
        page.within("region", "Facts").expect_text("Left behind").await;

        page.open(&BAKERY.address("models/loaves-forecaster:2")).await;
        page.click_button("Edit description and tags").await;
        page.fill("Description", "Left behind too").await;
        let patch = (&Method::PATCH, "/models/loaves-forecaster%3A2");
        leave_while_it_is_sent(&page, patch, async || page.click_button("Save").await).await;
        assert_eq!(sent(&page, patch.0, patch.1), 1);
    });
}

#[test]
fn a_cancel_that_was_on_its_way_is_told_of() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "experiments/loaves-per-day/runs/brave_oven_12").await;
        let cancel = (&Method::POST, "/brave_oven_12/cancel");
        let make = async || {
            page.click_button("Cancel run").await;
            page.within("dialog", "Cancel run brave_oven_12").click_button("Cancel run").await;
        };
        leave_while_it_is_sent(&page, cancel, make).await;
        page.within("region", "Status").expect("status", "Working Running").await;
        make().await;
        page.within("region", "Status").patient(LONG).expect("status", "Stopped Canceled").await;
        assert_eq!(sent(&page, cancel.0, cancel.1), 2);
    });
}

#[test]
fn a_removal_that_was_on_its_way_is_told_of() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "services/weather-live").await;
        let removal = (&Method::DELETE, "/services/weather-live");
        let make = async || {
            page.click_button("Delete this service").await;
            page.fill("Type weather-live to go on", "weather-live").await;
            page.click_button("Delete").await;
        };
        leave_while_it_is_sent(&page, removal, make).await;
        lose(&page, removal.0, removal.1, "drop-after");
        make().await;
        expect_told(&page, "Done: Delete service weather-live").await;
        assert_eq!(times_sent(&page, "DELETE", removal.1).await, 1);
    });
}

#[test]
fn sweeps_and_pipelines_that_are_stopped_over_a_cut_connection_are_stopped_once() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "experiments").await;
        for (part, run, method, end) in [
            (
                "experiments/oven-sweep/runs/oven_sweep_2",
                "oven_sweep_2",
                Method::POST,
                "/oven_sweep_2/cancel",
            ),
            (
                "pipelines/experiments/nightly_bake_3",
                "nightly_bake_3",
                Method::DELETE,
                "/nightly_bake_3/Execution",
            ),
        ] {
            page.open(&BAKERY.address(part)).await;
            lose(&page, &method, end, "drop-before");
            page.click_button("Cancel run").await;
            let dialog = page.within("dialog", &format!("Cancel run {run}"));
            dialog.click_button("Cancel run").await;
            page.patient(LONG).expect_text("it did not arrive: nothing was changed").await;
            page.simulator().clear_faults();
            lose(&page, &method, end, "drop-after");
            dialog.click_button("Cancel run").await;
            page.within("region", "Status").patient(LONG).expect("status", "Stopped Canceled").await;
            page.simulator().clear_faults();
            assert_eq!(times_sent(&page, method.as_str(), end).await, 2, "{run}");
        }
    });
}
