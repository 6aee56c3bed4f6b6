//! Watching a run.

use std::time::{Duration, Instant};

use azimuth_e2e::{Page, Recorded, ServerOptions, Stage, journey};

use crate::sign_in::sign_in;
use crate::submit::hand_in;
use crate::tour::BAKERY;

/// Runs that are young and go on for minutes, so that they are asked for every few seconds.
const WORKING: &str = "brave_oven_12";
const WORKING_TOO: &str = "patient_bun_11";

/// Waits for the run on the page to be done, and gives every status that it had on the way.
pub async fn watch_to_the_end(page: &Page) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let line = page.within("region", "Status");
    page.patient(Duration::from_secs(100))
        .wait("the run to be done", async || {
            for status in line.names("status").await {
                if seen.last() != Some(&status) {
                    seen.push(status);
                }
            }
            seen.last().is_some_and(|status| status == "Done Completed")
        })
        .await;
    seen
}

async fn open_signed_in(page: &Page, run: &str) {
    page.open(&BAKERY.run_address(run)).await;
    sign_in(page).await;
    expect_shown(page, run).await;
}

/// With everything that the page asks for once.
async fn expect_shown(page: &Page, run: &str) {
    page.expect_heading(run).await;
    page.within("region", "Definition").expect_text("Script").await;
    page.within("navigation", "Trail").expect_text(BAKERY.subscription).await;
}

/// The questions for one run; preflights are the browser's.
fn asked_for(page: &Page, run: &str) -> Vec<Recorded> {
    let path = BAKERY.history_of(run);
    let mut requests = page.simulator().recorder().requests();
    requests.retain(|request| request.path() == path && !request.is_preflight());
    requests
}

async fn wait_for_questions(page: &Page, run: &str, count: usize) {
    page.patient(Duration::from_secs(60))
        .wait(&format!("{count} questions for {run}"), async || asked_for(page, run).len() >= count)
        .await;
}

#[test]
fn watching_a_run_asks_one_small_question_every_few_seconds() {
    journey(Stage::azure_with(ServerOptions::default()), async |page| {
        open_signed_in(&page, WORKING).await;
        page.simulator().recorder().clear();
        let begin = Instant::now();
        wait_for_questions(&page, WORKING, 10).await;
        let seconds = begin.elapsed().as_secs_f64();
        let (preflights, requests): (Vec<_>, Vec<_>) =
            page.simulator().recorder().requests().into_iter().partition(Recorded::is_preflight);
        println!(
            "watching one run: {:.1} requests a minute, and {:.1} preflights of the browser's own",
            requests.len() as f64 * 60.0 / seconds,
            preflights.len() as f64 * 60.0 / seconds
        );
        let other = requests.iter().find(|request| request.path() != BAKERY.history_of(WORKING));
        assert!(other.is_none(), "something else was asked: {other:?}");
        assert!(seconds > 20.0, "asked again after {:.1} s", seconds / 10.0);
    });
}

#[test]
fn a_hidden_page_asks_nothing_and_a_visible_one_catches_up() {
    journey(Stage::azure_with(ServerOptions::default()), async |page| {
        open_signed_in(&page, WORKING).await;
        let first = page.client().window().await.unwrap();
        let second = page.client().new_window(true).await.unwrap();
        page.client().switch_to_window(second.handle).await.unwrap();
        open_signed_in(&page, WORKING_TOO).await;
        // What was on its way while the tabs changed has arrived once the other page is there.
        let before = asked_for(&page, WORKING).len();
        let other = asked_for(&page, WORKING_TOO).len();
        wait_for_questions(&page, WORKING_TOO, other + 2).await;
        assert_eq!(asked_for(&page, WORKING).len(), before, "the hidden page asked");

        page.client().switch_to_window(first).await.unwrap();
        wait_for_questions(&page, WORKING, before + 1).await;
    });
}

#[test]
fn a_run_that_is_over_is_not_asked_for_again() {
    journey(Stage::azure_with(ServerOptions { speed: 30.0, ..ServerOptions::default() }), async |page| {
        page.open(&BAKERY.submit_address()).await;
        sign_in(&page).await;
        hand_in(&page, BAKERY.experiment).await;
        watch_to_the_end(&page).await;
        let address = page.address().await;
        expect_shown(&page, address.rsplit('/').next().unwrap()).await;
        page.simulator().recorder().clear();
        // Four times as long as it lets pass between two questions.
        let age =
            "return Date.now() - Date.parse(document.querySelector('[aria-label=Status] time').dateTime);";
        page.patient(Duration::from_secs(20))
            .wait("news of ten seconds ago", async || page.evaluate(age).await.as_f64() > Some(10_000.0))
            .await;
        let asked = page.simulator().recorder().requests();
        assert!(asked.is_empty(), "{asked:?}");
    });
}

#[test]
fn a_token_that_ends_while_watching_is_asked_for_over_the_page() {
    let options = ServerOptions { token_lifetime_seconds: Some(40), ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        open_signed_in(&page, WORKING).await;
        page.evaluate("document.querySelector('h1').id = 'the-same-page';").await;
        page.patient(Duration::from_secs(90)).expect("dialog", "Sign in again").await;
        let refused = asked_for(&page, WORKING);
        assert_eq!(refused.last().unwrap().status, Some(401));
        let beneath = page.evaluate("return document.querySelector('#the-same-page')?.textContent;").await;
        assert_eq!(beneath, WORKING);

        sign_in(&page).await;
        page.expect_no("dialog", "Sign in again").await;
        wait_for_questions(&page, WORKING, refused.len() + 2).await;
        let answers = asked_for(&page, WORKING).split_off(refused.len());
        assert_eq!(answers[0].status, Some(200));
        page.expect_address(&BAKERY.run_address(WORKING)).await;
        page.expect("status", "Working Running").await;
        let beneath = page.evaluate("return document.querySelector('#the-same-page')?.textContent;").await;
        assert_eq!(beneath, WORKING);
    });
}
