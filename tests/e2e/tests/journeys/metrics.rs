//! What a run measures, while it does.

use std::time::Duration;

use azimuth_e2e::{Page, ServerOptions, Stage, journey};
use http::Method;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// Works for minutes, so that its metrics grow.
const WORKING: &str = "brave_oven_12";

fn asked(page: &Page) -> usize {
    page.simulator().recorder().matching(&Method::POST, "/metrics:query").len()
}

/// How many values of the error the table has: a row for each, and one for their names.
async fn values(page: &Page) -> usize {
    page.within("region", "Values of mae").names("row").await.len().saturating_sub(1)
}

#[test]
fn metrics_grow_while_the_run_works_and_are_asked_for_only_while_they_are_shown() {
    journey(Stage::azure_with(ServerOptions::default()), async |page| {
        page.open(&format!("{}?tab=metrics", BAKERY.run_address(WORKING))).await;
        sign_in(&page).await;
        page.click_button("Table of mae").await;
        page.wait("values", async || values(&page).await > 0).await;
        let before = values(&page).await;
        page.patient(Duration::from_secs(60))
            .wait("more values", async || values(&page).await > before)
            .await;

        page.within("navigation", "Run").click_link("Overview").await;
        page.expect("region", "Definition").await;
        let count = asked(&page);
        // The run itself is asked for several times meanwhile.
        let run = BAKERY.history_of(WORKING);
        let questions = || {
            let requests = page.simulator().recorder().requests();
            requests.iter().filter(|request| request.path() == run && !request.is_preflight()).count()
        };
        let begin = questions();
        page.patient(Duration::from_secs(90))
            .wait("five more questions for the run", async || questions() >= begin + 5)
            .await;
        assert_eq!(asked(&page), count, "metrics were asked for although nobody saw them");
    });
}
