//! The demo: everything, with no account and no network.

use azimuth_e2e::{Stage, journey};

use crate::submit::hand_in;
use crate::tour::{BAKERY, go_to_submit};
use crate::watch::watch_to_the_end;

#[test]
fn the_demo_shows_all_of_a_workspace_and_asks_no_other_host() {
    journey(Stage::demo(), async |page| {
        page.open("#/").await;
        page.click_button("Explore the demo").await;
        page.expect_text("Demo: nothing is real, nothing costs").await;
        BAKERY.walk(&page, "westeurope.api.azureml.ms").await;
        let requested = page.requested().await;
        assert!(requested.iter().any(|address| address.contains("simulator")), "{requested:?}");
        assert!(requested.iter().all(|address| address.starts_with(page.site())), "{requested:?}");
        page.expect_no_console_errors().await;
    });
}

#[test]
fn a_run_of_the_demo_goes_through_every_stage() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.address("experiments").replacen("#/", "#/demo/", 1)).await;
        page.expect_heading("Experiments").await;
        go_to_submit(&page).await;
        hand_in(&page, "tomorrow").await;
        let seen = watch_to_the_end(&page).await;
        let stages = [
            "Received",
            "Getting the computer ready",
            "Waiting for a free computer",
            "Working",
            "Saving results",
            "Done",
        ];
        let passed: Vec<_> =
            stages.into_iter().filter(|stage| seen.iter().any(|seen| seen.starts_with(stage))).collect();
        assert_eq!(passed, stages, "{seen:?}");
        assert_eq!(seen.last().unwrap(), "Done Completed");
        page.expect_no_console_errors().await;
        let requested = page.requested().await;
        assert!(requested.iter().all(|address| address.starts_with(page.site())), "{requested:?}");
    });
}

#[test]
fn an_address_of_the_demo_opens_at_once_and_again_after_a_reload() {
    journey(Stage::demo(), async |page| {
        let address = BAKERY.run_address(BAKERY.run).replacen("#/", "#/demo/", 1);
        page.open(&address).await;
        page.expect_heading(BAKERY.run).await;
        page.reload().await;
        page.expect_heading(BAKERY.run).await;
        page.expect_address(&address).await;
    });
}
