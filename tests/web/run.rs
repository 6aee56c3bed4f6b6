//! The page of one run, as a person reads it.

use leptos::prelude::{document, window};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, Page, open, open_signed_in, stored};
use crate::sign_in::SUBSCRIPTION;

fn address(rest: &str) -> String {
    format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/experiments/{rest}"
    )
}

async fn open_run(rest: &str) -> Page {
    open_signed_in(&address(rest)).await
}

#[wasm_bindgen_test]
async fn a_run_says_that_its_compute_is_gone() {
    let page = open_run("waiting-room/runs/lost_shop_1").await;
    page.expect("This will not start: deleted-cluster does not exist.").await;
}

#[wasm_bindgen_test]
async fn a_run_says_who_is_before_it_and_leads_to_the_compute() {
    let page = open_run("waiting-room/runs/third_in_line_6").await;
    page.expect("All 4 nodes of gpu-cluster are busy; 2 runs are before this one.").await;
    page.press("Look at gpu-cluster").await;
    page.expect("For the long nights").await;
}

#[wasm_bindgen_test]
async fn what_a_run_waits_for_is_said_where_it_cannot_be_found_out_and_hides_nothing() {
    let page = open_signed_in(&address("waiting-room")).await;
    page.expect("after_hours_4").await;
    page.network.fail(
        "/computes/night-cluster?",
        1,
        Fault::Status(403, r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#),
    );
    let _ = window().location().set_hash(&address("waiting-room/runs/after_hours_4"));
    page.expect("You may not find out why it waits").await;
    page.expect("When the ovens are cold").await;
    page.expect_heading("Definition").await;
}

#[wasm_bindgen_test]
async fn a_run_that_is_over_asks_nothing_about_its_compute() {
    let page = open_run("oven-sweep/runs/oven_sweep_1_3?tab=details").await;
    page.expect("Microsoft.MachineLearning.Run.Completed").await;
    page.expect_heading("Identifiers").await;
    assert_eq!(page.network.asked("/computes/"), Vec::<String>::new());
}

#[wasm_bindgen_test]
async fn the_best_trial_stands_first_and_other_orders_are_a_press_away() {
    let page = open_run("oven-sweep/runs/oven_sweep_1?tab=children").await;
    page.expect("mae, the smaller the better").await;
    let first = || {
        let row = document().query_selector("tbody tr").ok().flatten();
        row.and_then(|row| row.text_content()).unwrap_or_default()
    };
    page.until("the best trial first", || first().contains("Best").then_some(())).await;
    page.press("mae").await;
    page.until("the worst trial first", || {
        (!first().contains("Best") && first().contains("14.94")).then_some(())
    })
    .await;
    assert!(page.address().contains("sort=-metric"), "{}", page.address());
}

#[wasm_bindgen_test]
async fn trials_stay_where_what_they_measured_cannot_be_had() {
    let page = open_signed_in(&address("oven-sweep")).await;
    page.expect("oven_sweep_1").await;
    page.network.fail(
        "/metrics",
        9,
        Fault::Status(500, r#"{"error":{"code":"ServiceError","message":"broken"}}"#),
    );
    let _ = window().location().set_hash(&address("oven-sweep/runs/oven_sweep_1?tab=children"));
    page.expect("Could not load what the trials measured").await;
    page.expect("oven_sweep_1_13").await;
}

#[wasm_bindgen_test]
async fn a_warning_stands_on_the_page() {
    let page = open_run("bread-photos/runs/rye_eye_3").await;
    page.expect("14 photos are upside down").await;
}

#[wasm_bindgen_test]
async fn a_watched_run_is_told_of_on_another_page_when_it_ends() {
    let page = open_run("waiting-room/runs/lost_shop_1").await;
    page.press("Notify me").await;
    let pressed = || document().query_selector("button[aria-pressed=true]").ok().flatten();
    page.until("a pressed button", pressed).await;
    let _ = window().location().set_hash(&address("oven-sweep"));
    page.expect("oven_sweep_2_11").await;
    let ended = r#"{"runId":"lost_shop_1","displayName":"Lost shop","status":"Canceled"}"#;
    page.network.fail("/waiting-room/runs/lost_shop_1", 1, Fault::Status(200, ended));
    // It is asked for every 20 seconds.
    let told = || document().query_selector(".strip a").ok().flatten().and_then(|link| link.text_content());
    let mut name = None;
    for _ in 0..4 {
        if name.is_none() {
            gloo_timers::future::sleep(std::time::Duration::from_secs(6)).await;
            name = told();
        }
    }
    assert_eq!(name.as_deref(), Some("Lost shop"));
    page.press("Dismiss").await;
    page.expect_gone("Lost shop").await;
}

/// What the strip above the page tells of.
fn told() -> Option<String> {
    document().query_selector(".strip a").ok().flatten().and_then(|link| link.text_content())
}

#[wasm_bindgen_test]
async fn a_watched_run_that_ended_while_the_page_was_away_is_told_of_at_once() {
    let mut page = open_run("waiting-room/runs/lost_shop_1").await;
    page.press("Notify me").await;
    page.until("a watch that is kept", || stored().contains("azimuth.watched").then_some(())).await;
    page.go(&address("oven-sweep")).await;
    page.reload().await;
    page.expect("Service principal").await;
    let ended = r#"{"runId":"lost_shop_1","displayName":"Lost shop","status":"Canceled"}"#;
    page.network.fail("/waiting-room/runs/lost_shop_1", 1, Fault::Status(200, ended));
    page.sign_in("demo-secret-~+/=").await;
    page.until("the end of the run", || told().filter(|name| name == "Lost shop")).await;
    page.press("Dismiss").await;
    page.expect_gone("Lost shop").await;
    assert!(!stored().contains("lost_shop_1"), "{}", stored());
}

#[wasm_bindgen_test]
async fn a_watched_run_that_goes_on_is_still_watched_after_a_reload_until_somebody_signs_out() {
    let pressed = || document().query_selector("button[aria-pressed=true]").ok().flatten();
    let mut page = open_run("waiting-room/runs/lost_shop_1").await;
    page.press("Notify me").await;
    page.reload().await;
    page.sign_in("demo-secret-~+/=").await;
    page.until("a pressed button", pressed).await;
    assert!(stored().contains("lost_shop_1"));
    page.press("Sign out").await;
    page.expect_heading("Sign in").await;
    assert!(!stored().contains("lost_shop_1"), "{}", stored());
}

#[wasm_bindgen_test]
async fn a_kept_watch_of_what_may_not_be_read_is_let_go() {
    let mut page = open_run("waiting-room/runs/lost_shop_1").await;
    page.press("Notify me").await;
    page.go(&address("oven-sweep")).await;
    page.reload().await;
    let refused = r#"{"error":{"code":"AuthorizationFailed","message":"no"}}"#;
    page.network.fail("/waiting-room/runs/lost_shop_1", 1, Fault::Status(403, refused));
    page.sign_in("demo-secret-~+/=").await;
    page.until("the end of the watch", || (!stored().contains("lost_shop_1")).then_some(())).await;
}

#[wasm_bindgen_test]
async fn watches_of_the_demo_are_not_kept() {
    let page = open(&address("waiting-room/runs/lost_shop_1").replace("#/", "#/demo/")).await;
    page.press("Notify me").await;
    let pressed = || document().query_selector("button[aria-pressed=true]").ok().flatten();
    page.until("a pressed button", pressed).await;
    assert!(!stored().contains("lost_shop_1"), "{}", stored());
}
