//! Exports and erasures that lie in the browser: whose they are.

use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};

use crate::erase::{choose, confirm};
use crate::export::{fail, show_plan};
use crate::microsoft::{MAYA, sign_in_with_microsoft};
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const LONG: Duration = Duration::from_secs(60);
const EXPORTED: &str = "Save the zip";
const ERASED: &str = "Save the receipt as JSON";

/// Takes models out and erases a service: both are kept.
async fn export_and_erase(page: &Page) {
    page.open(&BAKERY.address("data?kind=models")).await;
    page.expect_heading("Data").await;
    show_plan(page).await;
    page.click_button("Start the export").await;
    page.patient(LONG).expect("button", EXPORTED).await;
    page.open(&BAKERY.address("data?tab=erase")).await;
    choose(page, "Services", &["Service loaves-tomorrow"]).await;
    confirm(page, "Erase 1 thing").await;
    page.patient(LONG).expect("button", ERASED).await;
}

/// The browser is closed and opened again, by whoever comes next: nobody signed out.
async fn close_and_open(page: &Page, address: &str) {
    page.evaluate("sessionStorage.clear();").await;
    page.open(address).await;
    page.reload().await;
    page.expect_heading("Sign in").await;
}

#[test]
fn what_somebody_left_in_the_browser_is_shown_to_nobody_else_and_waits_for_them() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;

        close_and_open(&page, &BAKERY.address("data")).await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.expect("button", "Show the plan").await;
        page.expect_no("button", EXPORTED).await;
        page.open(&BAKERY.address("data?tab=erase")).await;
        page.expect_text("Nothing is chosen").await;
        page.expect_no_text("loaves-tomorrow").await;

        close_and_open(&page, &BAKERY.address("data")).await;
        sign_in(&page).await;
        page.expect("button", EXPORTED).await;
        page.open(&BAKERY.address("data?tab=erase")).await;
        page.expect("button", ERASED).await;
        page.expect_text("loaves-tomorrow").await;
    });
}

#[test]
fn who_signs_in_over_the_page_of_somebody_else_finds_nothing_of_theirs() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;
        fail(&page, "GET */models*", "status 401");
        page.open(&BAKERY.address("models")).await;
        let dialog = page.within("dialog", "Sign in again");
        dialog.expect("group", "Service principal").await;
        page.simulator().clear_faults();
        sign_in(&page).await;
        page.expect_text("loaves-forecaster").await;
        page.expect_no_text("Export of forecasting").await;
        page.open(&BAKERY.address("data")).await;
        page.expect("button", "Show the plan").await;
        page.open(&BAKERY.address("data?tab=erase")).await;
        page.expect_text("Nothing is chosen").await;
    });
}
