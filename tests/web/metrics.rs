//! What a run measured, as a person reads it.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, KeyboardEvent, KeyboardEventInit};

use crate::page::{Fault, Page, open_signed_in};
use crate::sign_in::SUBSCRIPTION;

async fn open_metrics(rest: &str) -> Page {
    open_metrics_of("loaves-per-day/runs/calm_dough_7", rest).await
}

async fn open_metrics_of(run: &str, rest: &str) -> Page {
    open_signed_in(&format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/experiments/{run}?tab=metrics{rest}"
    ))
    .await
}

/// The first chart. It is drawn as soon as it is near what the window shows, which has no styles here.
async fn chart(page: &Page) -> Element {
    let chart = page.until("a chart", || document().query_selector(".chart").ok().flatten()).await;
    chart.scroll_into_view();
    page.until("a drawn line", || document().query_selector(".chart .line").ok().flatten()).await;
    chart
}

fn press_key(element: &Element, key: &str) {
    let options = KeyboardEventInit::new();
    options.set_key(key);
    options.set_bubbles(true);
    let event =
        KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &options).expect("events can be made");
    element.dispatch_event(&event).expect("elements take events");
}

#[wasm_bindgen_test]
async fn single_values_are_told_and_series_are_drawn_with_their_numbers_beside() {
    let page = open_metrics("").await;
    page.expect("best_mae").await;
    page.expect("6.9").await;
    chart(&page).await;
    page.expect_gone("21.76").await;
    page.press("Table of mae").await;
    page.expect("21.76").await;
    page.expect("mae_by_weekday").await;
    page.expect("Saturday").await;
}

#[wasm_bindgen_test]
async fn arrow_keys_read_the_values_of_a_chart_and_look_closer() {
    let page = open_metrics("&metric=mae").await;
    let chart = chart(&page).await;
    let find = |selector: &str| chart.query_selector(selector).ok().flatten();
    let area: HtmlElement = find(".area").expect("a chart has an area").unchecked_into();
    page.expect("scalar").await;
    assert_eq!(page.network.asked("/experiments/loaves-per-day/metrics/").len(), 1);
    area.focus().expect("the area takes the focus");
    let said = || find("[role=status]").and_then(|said| said.text_content()).unwrap_or_default();
    press_key(&area, "ArrowRight");
    page.until("the first value", || (said() == "step 0: mae 21.76").then_some(())).await;
    press_key(&area, "ArrowRight");
    page.until("the second value", || (said() == "step 1: mae 20.66").then_some(())).await;
    press_key(&area, "+");
    page.until("a way back to the whole", || page.control("Whole")).await;
    press_key(&area, "End");
    page.until("a value before the end", || said().starts_with("step 20").then_some(())).await;
    press_key(&area, "0");
    press_key(&area, "End");
    page.until("the last value", || said().starts_with("step 39").then_some(())).await;
}

#[wasm_bindgen_test]
async fn metrics_that_do_not_come_leave_the_rest_of_the_run() {
    let page = open_metrics("").await;
    page.expect("best_mae").await;
    let refusal = r#"{"error":{"code":"UserError","message":"No metrics today."}}"#;
    page.network.fail("metrics:query", 9, Fault::Status(400, refusal));
    page.press("Outputs").await;
    page.expect_gone("best_mae").await;
    page.press("Metrics").await;
    page.expect("No metrics today.").await;
    page.expect("Completed").await;
}

#[wasm_bindgen_test]
async fn a_service_that_knows_only_the_older_question_is_asked_that() {
    let page = open_metrics("").await;
    page.expect("best_mae").await;
    assert!(page.network.asked("/metrics?").is_empty());
    page.network.fail("metrics:query", 9, Fault::Status(405, "{}"));
    page.press("Outputs").await;
    page.expect_gone("best_mae").await;
    page.press("Metrics").await;
    page.expect("best_mae").await;
    let older = page.network.asked("/metrics?");
    assert!(older.iter().any(|asked| asked.contains("RunId%20eq%20calm_dough_7")), "{older:?}");
}

/// A metric that is a file. It is read as soon as it is near what the window shows.
async fn measured_file(page: &Page, name: &str) -> Element {
    let selector = format!("section[aria-label='{name}']");
    let section =
        page.until(name, || document().query_selector(&selector).expect("the selector is one")).await;
    section.scroll_into_view();
    section
}

#[wasm_bindgen_test]
async fn reports_and_pictures_are_shown_as_what_they_are() {
    let page = open_metrics_of("bread-photos/runs/rye_eye_3", "").await;
    let matrix = measured_file(&page, "confusion_matrix").await;
    page.until("the classes of the matrix", || {
        let table = matrix.query_selector("table").ok().flatten()?;
        table.text_content().unwrap_or_default().contains("rye").then_some(())
    })
    .await;

    let page = open_metrics_of("loaves-by-hour/runs/late_risers_2", "").await;
    let plot = measured_file(&page, "residual_plot").await;
    page.until("the picture", || plot.query_selector("img[src]").ok().flatten()).await;
    let residuals = measured_file(&page, "residuals").await;
    page.until("the residuals", || residuals.query_selector("svg, table").ok().flatten()).await;
}

#[wasm_bindgen_test]
async fn a_picture_that_does_not_come_is_told_where_it_belongs() {
    let page = open_metrics_of("loaves-by-hour/runs/late_risers_2", "&metric=best_mae").await;
    page.expect("best_mae").await;
    let refusal = r#"{"error":{"code":"UserError","message":"No pictures today."}}"#;
    page.network.fail("residual_plot.png", 9, Fault::Status(403, refusal));
    page.go(&page.address().replace("&metric=best_mae", "")).await;
    let plot = measured_file(&page, "residual_plot").await;
    page.until("the reason", || {
        plot.text_content().unwrap_or_default().contains("No pictures today.").then_some(())
    })
    .await;
    page.expect("r2").await;
}
