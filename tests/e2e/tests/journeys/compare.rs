//! Runs side by side, by people who came over a link.

use std::fs;
use std::time::Duration;

use azimuth_e2e::{Stage, journey};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const BOTH: &str = "compare?run=golden_crust_1&run=calm_dough_7";
const SENTENCE: &str = "calm_dough_7 has the lowest best_mae (6.9, 42 % below golden_crust_1)";

#[test]
fn two_runs_are_compared_narrowed_down_and_taken_away_as_a_file() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.address(BOTH).replacen("#/", "#/demo/", 1)).await;
        page.expect_heading("Compare runs").await;
        page.expect_text(SENTENCE).await;
        page.expect_heading("Curves").await;
        let table = page.within("region", "Runs side by side");
        table.expect_text("--shop").await;

        page.click("checkbox", "Only what differs").await;
        table.expect_no_text("--shop").await;
        page.reload().await;
        page.expect_text(SENTENCE).await;
        table.expect_text("features").await;
        table.expect_no_text("--shop").await;

        page.click_button("Comparison as CSV").await;
        let text = fs::read_to_string(page.downloaded("compare.csv").await).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "section,name,golden_crust_1,calm_dough_7");
        assert!(lines.contains(&"Metrics,best_mae,11.8,6.9"), "{text}");
        assert!(!text.contains("--shop"), "{text}");
        page.expect_no_console_errors().await;
    });
}

#[test]
fn a_run_that_goes_on_is_compared_as_it_is_now() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        page.open(&BAKERY.address("compare?run=calm_dough_7&run=brave_oven_12")).await;
        page.expect_text("calm_dough_7 has the lowest mae").await;
        let asked = || {
            let requests = page.simulator().recorder().requests();
            let of = |end: &str| requests.iter().filter(|request| request.path().ends_with(end)).count();
            (of("/runs/calm_dough_7"), of("/runs/brave_oven_12"), of("/runs/brave_oven_12/details"))
        };
        let before = asked();
        page.patient(Duration::from_secs(25)).wait("another question", async || asked().1 > before.1).await;
        // What is over stays as it is, and a definition never changes.
        assert_eq!((asked().0, asked().2), (before.0, before.2));
    });
}
