//! A hundred thousand runs.

use std::time::Duration;

use azimuth_e2e::{Page, ServerOptions, Stage, World, journey};
use fantoccini::key::Key;

use crate::sign_in::sign_in;

const RUNS: &str = "#/subscriptions/1a76e000-0a5e-4f0e-8f1a-0d0f10a7e500/resourceGroups/courier-rg/workspaces/deliveries/experiments/arrival-time";

fn large() -> Stage {
    Stage::azure_with(ServerOptions { world: World::Large, ..ServerOptions::default() })
}

async fn number(page: &Page, script: &str) -> i64 {
    page.evaluate(&format!("return Math.round({script});")).await.as_i64().unwrap()
}

/// To the end of what is loaded, until that is so many runs.
async fn scroll_to(page: &Page, loaded: &str) {
    page.patient(Duration::from_secs(40))
        .wait(loaded, async || {
            let end = "const frame = document.querySelector('main .table-frame'); frame.scrollTop = frame.scrollHeight;";
            page.evaluate(end).await;
            page.text().await.contains(loaded)
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
        scroll_to(&page, "500 runs loaded").await;
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
