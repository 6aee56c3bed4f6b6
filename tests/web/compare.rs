//! Runs side by side: the table, what can be done with its columns, and what happens when a run cannot be read.
#![allow(clippy::unwrap_used, reason = "what is in the way of a test fails it")]

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use crate::page::{Fault, Page, open_signed_in};
use crate::sign_in::SUBSCRIPTION;

fn address(query: &str) -> String {
    format!("#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/compare?{query}")
}

/// The texts of a row, its name first; nothing where there is no such row.
fn row(name: &str) -> Vec<String> {
    let rows = document().query_selector_all(".compare tr").unwrap();
    let texts = |index| {
        let cells = rows.item(index)?.unchecked_into::<Element>().query_selector_all("th, td").ok()?;
        let text = |index| {
            let cell = cells.item(index)?.unchecked_into::<HtmlElement>();
            Some(cell.inner_text().split_whitespace().collect::<Vec<_>>().join(" "))
        };
        Some((0..cells.length()).filter_map(text).collect::<Vec<_>>())
    };
    (0..rows.length())
        .filter_map(texts)
        .find(|texts| {
            texts.first().is_some_and(|first| first == name || first.starts_with(&format!("{name} ")))
        })
        .unwrap_or_default()
}

fn head() -> Vec<String> {
    let links = document().query_selector_all(".compare thead th bdi").unwrap();
    (0..links.length()).filter_map(|index| links.item(index)?.text_content()).collect()
}

async fn expect_row(page: &Page, cells: &[&str]) {
    page.until(&format!("the row {cells:?}"), || (row(cells[0].split(' ').next()?) == cells).then_some(()))
        .await;
}

#[wasm_bindgen_test]
async fn runs_are_compared_by_parameters_metrics_and_facts() {
    let page = open_signed_in(&address("run=calm_dough_7&run=early_rye_6&run=slow_starter_10")).await;
    page.expect_heading("Compare runs").await;
    expect_row(&page, &["best_mae lower is better", "6.9 best", "7.4", "–"]).await;
    expect_row(&page, &["--rounds", "40", "40", "2400"]).await;
    expect_row(&page, &["Compute", "cpu-compute", "cpu-compute", "gpu-cluster"]).await;
    expect_row(&page, &["nodeCount", "1", "1", "2"]).await;
    assert!(row("environment.docker.enabled").is_empty(), "the same in all, and yet shown");
    page.expect_heading("Curves").await;
    // One experiment, so its name is asked for once.
    assert_eq!(page.network.asked("/experimentids/").len(), 1);
}

#[wasm_bindgen_test]
async fn the_difference_is_said_in_a_sentence() {
    let page = open_signed_in(&address("run=golden_crust_1&run=calm_dough_7")).await;
    page.expect("calm_dough_7 has the lowest best_mae (6.9, 42 % below golden_crust_1); they differ in")
        .await;
}

#[wasm_bindgen_test]
async fn only_what_differs_is_left_when_asked_for() {
    let page = open_signed_in(&address("run=calm_dough_7&run=early_rye_6")).await;
    expect_row(&page, &["--shop", "harbour", "harbour"]).await;
    let switch: HtmlInputElement =
        document().query_selector("main input[type=checkbox]").unwrap().unwrap().unchecked_into();
    switch.click();
    page.until("rows without a difference to go", || row("--shop").is_empty().then_some(())).await;
    assert_eq!(row("features").len(), 3);
    assert!(page.address().contains("only=differences"));
}

#[wasm_bindgen_test]
async fn a_person_says_what_is_better_and_what_to_compare_with() {
    let page = open_signed_in(&address("run=calm_dough_7&run=early_rye_6")).await;
    page.press("best_mae: lower is better").await;
    expect_row(&page, &["best_mae higher is better", "6.9", "7.4 best"]).await;
    assert!(page.address().contains("better=best_mae:higher"), "{}", page.address());
    page.press("best_mae: higher is better").await;
    expect_row(&page, &["best_mae no goal", "6.9", "7.4"]).await;
    page.press("best_mae: no goal").await;

    let selects = document().query_selector_all("main select").unwrap();
    let select = (0..selects.length())
        .filter_map(|index| selects.item(index))
        .map(JsCast::unchecked_into::<HtmlElement>)
        .find(|select| select.inner_text().contains("No baseline"))
        .unwrap();
    // A select takes its value as a field does.
    select.unchecked_ref::<HtmlInputElement>().set_value("early_rye_6");
    select.dispatch_event(&web_sys::Event::new("change").unwrap()).unwrap();
    expect_row(&page, &["best_mae lower is better", "6.9 best −0.5 (−6.8 %) better", "7.4"]).await;
    assert!(page.address().contains("baseline=early_rye_6"));
}

#[wasm_bindgen_test]
async fn columns_are_moved_and_taken_out_and_the_focus_goes_along() {
    let page = open_signed_in(&address("run=calm_dough_7&run=early_rye_6&run=golden_crust_1")).await;
    expect_row(&page, &["--rounds", "40", "40", "40"]).await;
    let asked = page.network.asked("GET").len();
    page.press("Move calm_dough_7 to the right").await;
    page.until("the new order", || {
        (head() == ["early_rye_6", "calm_dough_7", "golden_crust_1"]).then_some(())
    })
    .await;
    page.until("the focus to go along", || {
        let focused = document().active_element()?.get_attribute("aria-label")?;
        (focused == "Move calm_dough_7 to the right").then_some(())
    })
    .await;
    expect_row(&page, &["best_mae lower is better", "7.4", "6.9 best", "11.8"]).await;
    page.press("Take out early_rye_6").await;
    page.until("a column less", || (head() == ["calm_dough_7", "golden_crust_1"]).then_some(())).await;
    assert!(page.address().contains("compare?run=calm_dough_7&run=golden_crust_1"), "{}", page.address());
    assert_eq!(page.network.asked("GET").len(), asked, "a column that stays was asked for again");
}

#[wasm_bindgen_test]
async fn a_run_that_cannot_be_read_says_so_in_its_column() {
    let page = open_signed_in(&address("run=calm_dough_7&run=nobody_knows_1&run=early_rye_6")).await;
    expect_row(&page, &["best_mae lower is better", "6.9 best", "", "7.4"]).await;
    page.expect("Not found: could not load the run").await;
    page.expect("calm_dough_7 has the lowest best_mae").await;
}

#[wasm_bindgen_test]
async fn metrics_that_cannot_be_read_hide_nothing_else() {
    let page = open_signed_in(&address("")).await;
    page.expect("No run to compare").await;
    page.network.fail("croissant-waste/metrics", 20, Fault::Status(400, r#"{"error":{"code":"UserError"}}"#));
    let there = address("run=thin_layer_1&run=calm_dough_7");
    window().location().set_hash(&there).unwrap();
    page.expect("Could not load the metrics").await;
    expect_row(&page, &["best_mae lower is better", "", "6.9"]).await;
    expect_row(&page, &["--rounds", "40", "40"]).await;
}
