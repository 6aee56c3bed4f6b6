//! From the runs of pipelines to the step that failed, and to what it runs.

use azimuth_e2e::{Stage, journey};
use fantoccini::key::Key;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

#[test]
fn a_pipeline_run_is_followed_to_the_step_that_failed() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("pipelines")).await;
        sign_in(&page).await;
        page.within("region", "Pipeline runs").expect_text("Every step afresh").await;
        page.expect_text("Looked through all").await;
        page.click_link("nightly_bake_2").await;
        page.expect_heading("Pipeline run nightly_bake_2").await;
        page.expect_text("7 steps: 3 done, 1 did not work, 3 not begun").await;
        page.click_button("Graph").await;
        page.within("region", "Graph of the steps").expect_text("train_forest").await;
        page.click_button("List").await;
        let steps = page.within("region", "List of the steps");
        steps.expect_text("MemoryError").await;
        steps.click_link("forest.py").await;
        page.expect_heading("Module forest.py").await;
        page.expect_text("AnyDirectory").await;
        page.back().await;
        steps.click_link("train_forest").await;
        page.expect_heading("train_forest").await;
        page.expect_no_console_errors().await;
    });
}

#[test]
fn the_graph_of_a_run_is_walked_with_the_keyboard_from_above_to_below() {
    journey(Stage::demo(), async |page| {
        let run = BAKERY.address("experiments/nightly-pipeline/runs/nightly_bake_2?tab=children&steps=graph");
        page.open(&run.replacen("#/", "#/demo/", 1)).await;
        let graph = page.within("region", "Graph of the steps");
        graph.expect_text("train_forest").await;
        // Names of modules and of data come one after the other; comments stand in their places meanwhile.
        const NAMES: &str = "return [...document.querySelectorAll('.graph a .name')].map((one) => one.textContent).join(' ');";
        let expected =
            "sales prepare weather features train_linear train_forest compare.py register.py publish.py";
        page.wait("the names of all steps, in their order", async || page.evaluate(NAMES).await == expected)
            .await;
        page.evaluate("document.querySelector('.graph-frame').focus();").await;
        for _ in 0..6 {
            page.press(&Key::Tab.to_string()).await;
        }
        let focused =
            page.evaluate("return document.activeElement.querySelector('.name').textContent;").await;
        assert_eq!(focused, "train_forest");
        page.press(&Key::Enter.to_string()).await;
        page.expect_heading("train_forest").await;
    });
}
