//! What people come for, from the subscriptions to a run of one's own that is over: found, handed in, watched, read.

use std::time::Duration;

use azimuth_e2e::{Browser, Page, Stage, journey};

use crate::microsoft::{MAYA, sign_in_with_microsoft};
use crate::submit::hand_in;
use crate::tour::{BAKERY, go_to, go_to_submit};
use crate::watch::watch_to_the_end;

const DRIVER_LOG: &str = "azureml-logs/70_driver_log.txt";

/// Signs in with Microsoft and does all of it.
pub async fn do_the_main_job(page: &Page) {
    let page = &page.patient(Duration::from_secs(30));
    page.open("#/").await;
    sign_in_with_microsoft(page, MAYA).await;
    page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
    page.within("region", "Resource groups").click_link(BAKERY.group).await;
    page.within("region", "Workspaces").click_link(BAKERY.workspace_label).await;
    go_to(page, "Experiments").await;
    page.within("region", "Experiments").click_link(BAKERY.experiment).await;
    page.within("region", "Runs").expect_text(BAKERY.run).await;

    go_to_submit(page).await;
    hand_in(page, BAKERY.experiment).await;
    let seen = watch_to_the_end(page).await;
    assert!(seen.iter().any(|status| status.starts_with("Working")), "{seen:?}");
    page.within("region", "Definition").expect_text("hello.py").await;
    page.within("navigation", "Run").click_link("Metrics").await;
    page.expect("button", "Table of mae").await;
    page.within("navigation", "Run").click_link("Logs").await;
    page.within("region", DRIVER_LOG).expect_text("python").await;
}

#[test]
#[ignore = "needs WebKitGTK: cargo xtask test --browser webkit"]
fn the_main_job_is_done_in_webkit() {
    journey(Stage::azure().in_browser(Browser::WebKit), async |page| do_the_main_job(&page).await);
}

#[test]
fn the_main_job_is_done() {
    journey(Stage::azure(), async |page| do_the_main_job(&page).await);
}
