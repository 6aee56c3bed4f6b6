//! A hundred thousand runs.

use std::time::Duration;

use azimuth_e2e::{Page, ServerOptions, Stage, World, journey};
use fantoccini::key::Key;
use serde_json::json;

use crate::sign_in::sign_in;
use crate::wire::change;

const RUNS: &str = "#/subscriptions/1a76e000-0a5e-4f0e-8f1a-0d0f10a7e500/resourceGroups/courier-rg/workspaces/deliveries/experiments/arrival-time";

fn large() -> Stage {
    Stage::azure_with(ServerOptions { world: World::Large, ..ServerOptions::default() })
}

async fn number(page: &Page, script: &str) -> i64 {
    page.evaluate(&format!("return Math.round({script});")).await.as_i64().unwrap()
}

/// To the end of what is loaded, until that is at least so many runs: the next hundred may come before anybody looks.
async fn scroll_to(page: &Page, wanted: u32) {
    page.patient(Duration::from_secs(40))
        .wait(&format!("{wanted} runs"), async || {
            let text = page.text().await;
            let before = text.split(" runs loaded").next().unwrap_or_default();
            let loaded: String = before.rsplit(' ').next().unwrap_or_default().replace(',', "");
            if loaded.parse().is_ok_and(|loaded: u32| loaded >= wanted) {
                return true;
            }
            let end = "const frame = document.querySelector('main .table-frame'); frame.scrollTop = frame.scrollHeight;";
            page.evaluate(end).await;
            false
        })
        .await;
}

const ROWS: &str = "document.querySelectorAll('tbody tr:not(.gap)').length";
const SCROLLED: &str = "document.querySelector('main .table-frame').scrollTop";

#[test]
fn rows_come_as_one_scrolls_to_them_and_only_those_near_the_screen_are_in_the_page() {
    journey(large(), async |page| {
        page.open(RUNS).await;
        sign_in(&page).await;
        page.expect_text("100 runs loaded, more to come").await;
        scroll_to(&page, 500).await;
        assert!(number(&page, ROWS).await < 80);
        assert!(number(&page, "document.querySelectorAll('*').length").await < 5_000);
        // Whoever cannot see how long the bar is is told which row this is.
        assert!(number(&page, "document.querySelector('tbody tr:not(.gap)').ariaRowIndex").await > 300);

        let before = number(&page, SCROLLED).await;
        page.evaluate("document.querySelector('tbody tr:not(.gap) a').click();").await;
        page.expect("region", "Status").await;
        page.back().await;
        page.patient(Duration::from_secs(20))
            .wait("the old place", async || {
                page.text().await.contains("loaded, more to come")
                    && (number(&page, SCROLLED).await - before).abs() <= 40
            })
            .await;
    });
}

#[test]
fn a_long_table_is_walked_through_with_keys() {
    journey(large(), async |page| {
        page.open(RUNS).await;
        sign_in(&page).await;
        page.expect_text("100 runs loaded, more to come").await;
        page.evaluate("document.querySelector('tbody tr:not(.gap) a').focus();").await;
        let place = "document.activeElement.closest('tr')?.ariaRowIndex ?? -1";
        assert_eq!(number(&page, place).await, 2);
        page.press(&Key::End.to_string()).await;
        page.wait("the last row", async || number(&page, place).await == 101).await;
        page.press(&Key::PageUp.to_string()).await;
        page.wait("a row above", async || (60..100).contains(&number(&page, place).await)).await;
        page.press(&Key::Home.to_string()).await;
        page.wait("the first row", async || number(&page, place).await == 2).await;
        // What has the focus stays where it is, although its row is far away.
        page.evaluate("document.querySelector('main .table-frame').scrollTop = 2500;").await;
        page.wait("rows further down", async || {
            number(&page, "[...document.querySelectorAll('tbody tr:not(.gap)')].pop().ariaRowIndex").await
                > 70
        })
        .await;
        assert_eq!(number(&page, place).await, 2);
        page.press(&Key::Down.to_string()).await;
        page.wait("the second row", async || number(&page, place).await == 3).await;
        assert!(number(&page, SCROLLED).await < 100);
    });
}

#[test]
fn runs_that_come_above_are_counted_and_move_nothing() {
    journey(large(), async |page| {
        page.open(RUNS).await;
        sign_in(&page).await;
        page.expect_text("100 runs loaded, more to come").await;
        page.evaluate("document.querySelector('main .table-frame').scrollTop = 1500;").await;
        let first = "(() => { const frame = document.querySelector('main .table-frame').getBoundingClientRect();
            const rows = [...document.querySelectorAll('tbody tr:not(.gap)')];
            const row = rows.find((row) => row.getBoundingClientRect().top > frame.top + 60);
            return row && row.querySelector('a').title + ' ' + Math.round(row.getBoundingClientRect().top); })()";
        let seen = async || page.evaluate(&format!("return {first};")).await;
        page.wait("rows further down", async || {
            number(&page, "document.querySelector('tbody tr:not(.gap)').ariaRowIndex").await > 20
        })
        .await;
        let before = seen().await;

        for name in ["just_now_1", "just_now_2"] {
            let place = RUNS
                .trim_start_matches("#/")
                .replace("/workspaces/", "/providers/Microsoft.MachineLearningServices/workspaces/");
            let path = format!("/history/v1.0/{place}/runs/{name}");
            change(page.simulator(), "PATCH", &path, &json!({}));
        }
        page.patient(Duration::from_secs(30)).expect_text("2 new runs").await;
        assert_eq!(seen().await, before);
        page.click_button("2 new runs").await;
        page.expect("link", "just_now_2").await;
        page.expect_no("button", "2 new runs").await;
        assert!(number(&page, SCROLLED).await <= 1);
    });
}

#[test]
fn a_page_that_does_not_come_is_told_below_the_rows_and_asked_for_again() {
    journey(large(), async |page| {
        page.open(RUNS).await;
        sign_in(&page).await;
        page.expect_text("100 runs loaded, more to come").await;
        let plan = r#"[{ "match": "POST */runs:query", "times": 0, "do": "fail-403" }]"#;
        page.simulator().add_faults(plan).unwrap();
        page.evaluate("const frame = document.querySelector('main .table-frame'); frame.scrollTop = frame.scrollHeight;")
            .await;
        page.expect_text("load more runs").await;
        assert!(number(&page, ROWS).await > 10);
        page.simulator().clear_faults();
        page.click_button("Try again").await;
        page.expect_text("200 runs loaded, more to come").await;
        page.expect_no_text("load more runs").await;
    });
}

#[test]
fn on_paper_a_long_table_has_all_rows_that_are_loaded() {
    journey(large(), async |page| {
        page.open(RUNS).await;
        sign_in(&page).await;
        page.expect_text("100 runs loaded, more to come").await;
        assert!(number(&page, ROWS).await < 80);
        page.evaluate("window.dispatchEvent(new Event('beforeprint'));").await;
        assert_eq!(number(&page, ROWS).await, 100);
        assert_eq!(number(&page, "document.querySelectorAll('tbody tr.gap').length").await, 0);
        page.evaluate("window.dispatchEvent(new Event('afterprint'));").await;
        page.wait("fewer rows", async || number(&page, ROWS).await < 80).await;
    });
}
