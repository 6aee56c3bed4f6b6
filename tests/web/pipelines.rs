//! Pipelines: their runs, found in run history, and what the pipeline service knows of them.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, Page, open, open_signed_in};
use crate::sign_in::SUBSCRIPTION;

const OWN_HOST: &str = "westeurope.aether.ms/api/v1.0/";
const SHARED_HOST: &str = "westeurope.api.azureml.ms/pipelines/v1.0/";
const REFUSED: Fault = Fault::Status(
    400,
    r#"{"Error":{"Code":"UserError","Message":"no pipelines for you"},"Correlation":{"RequestId":"r1"}}"#,
);
const FAILED_RUN: &str = "pipelines/experiments/nightly_bake_2";

fn in_workspace(part: &str) -> String {
    format!("#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/{part}")
}

/// Opens a part of the workspace where requests with this text are refused so often.
async fn open_refused(part: &str, text: &'static str, times: u32) -> Page {
    let page = open(&in_workspace(part)).await;
    page.network.fail(text, times, REFUSED);
    page.sign_in("demo-secret-~+/=").await;
    page
}

fn count(page: &Page, words: &str) -> usize {
    page.text().matches(words).count()
}

#[wasm_bindgen_test]
async fn pipelines_are_asked_at_their_own_host() {
    let page = open_signed_in(&in_workspace(FAILED_RUN)).await;
    page.expect("7 steps: 3 done, 1 did not work, 3 not begun").await;
    assert!(!page.network.asked(OWN_HOST).is_empty());
    assert!(page.network.asked("/pipelines/v1.0/").is_empty());
}

#[wasm_bindgen_test]
async fn pipelines_are_asked_at_the_shared_host_where_their_own_does_not_know_the_path() {
    let page = open(&in_workspace(FAILED_RUN)).await;
    page.network.fail(OWN_HOST, 1, Fault::Status(404, ""));
    page.sign_in("demo-secret-~+/=").await;
    page.expect("7 steps: 3 done, 1 did not work, 3 not begun").await;
    assert_eq!(page.network.asked(OWN_HOST).len(), 1, "the host's way was forgotten");
    assert!(page.network.asked(SHARED_HOST).len() > 2);
}

#[wasm_bindgen_test]
async fn a_step_that_failed_says_why_and_leads_to_its_run() {
    let page = open_signed_in(&in_workspace(&format!("{FAILED_RUN}?steps=list"))).await;
    page.expect("MemoryError: a forest of 5000 trees").await;
    page.expect("reused from nightly_bake_1").await;
    page.press("train_forest").await;
    page.expect_heading("train_forest").await;
    assert!(page.address().ends_with("/experiments/nightly-pipeline/runs/nightly_bake_2_train_forest"));
}

#[wasm_bindgen_test]
async fn the_steps_are_a_graph_or_a_list_and_the_address_says_which() {
    let page = open_signed_in(&in_workspace(&format!("{FAILED_RUN}?steps=graph"))).await;
    // A step that never came is named by its module.
    page.expect("compare.py").await;
    assert!(page.markup().contains("graph-frame"));
    page.press("List").await;
    page.expect("MemoryError").await;
    assert!(!page.markup().contains("graph-frame"));
    assert!(page.address().ends_with("?steps=list"));
}

#[wasm_bindgen_test]
async fn the_page_of_a_run_lists_its_steps_where_the_pipeline_service_refuses() {
    let run = "experiments/nightly-pipeline/runs/nightly_bake_2?tab=children";
    let page = open_refused(run, OWN_HOST, 99).await;
    page.expect("no pipelines for you").await;
    page.expect("train_forest").await;
    assert_eq!(count(&page, "no pipelines for you"), 1);
    page.press("train_forest").await;
    page.expect_heading("train_forest").await;
}

#[wasm_bindgen_test]
async fn the_graph_is_drawn_though_nobody_says_how_its_nodes_are() {
    let page = open_refused(&format!("{FAILED_RUN}?steps=graph"), "/AllNodes/Status", 1).await;
    page.expect("no pipelines for you").await;
    // The runs of the steps say it for those that there are.
    page.expect("7 steps: 3 done, 1 did not work").await;
    page.press("Try again").await;
    page.expect("7 steps: 3 done, 1 did not work, 3 not begun").await;
    page.expect_gone("no pipelines for you").await;
}

#[wasm_bindgen_test]
async fn steps_without_the_names_of_their_modules_are_shown_all_the_same() {
    let page = open_refused(&format!("{FAILED_RUN}?steps=graph"), "/Modules/", 99).await;
    page.expect("load the names of 7 modules").await;
    page.expect("train_forest").await;
    // Without a run and a module's name there is what somebody wrote about it.
    page.expect("Keeps the better one").await;
    assert_eq!(count(&page, "no pipelines for you"), 1);
}

#[wasm_bindgen_test]
async fn the_steps_of_a_run_that_goes_on_are_asked_for_again() {
    let page = open_signed_in(&in_workspace("pipelines/experiments/nightly_bake_3")).await;
    page.expect("1 working").await;
    let asked = page.network.asked("nightly_bake_3/Graph/AllNodes/Status").len();
    page.until("the steps to be asked for again", || {
        (page.network.asked("nightly_bake_3/Graph/AllNodes/Status").len() > asked).then_some(())
    })
    .await;
}

#[wasm_bindgen_test]
async fn runs_of_pipelines_are_found_though_one_experiment_cannot_be_looked_through() {
    let page = open_refused("pipelines", "experiments/loaves-per-day/runs:query", 1).await;
    page.expect("nightly_bake_1").await;
    page.expect("look through loaves-per-day").await;
    assert_eq!(count(&page, "no pipelines for you"), 1);
    page.press("Try again").await;
    page.expect_gone("no pipelines for you").await;
    page.expect("nightly_bake_1").await;
    page.expect("Looked through all").await;
}

#[wasm_bindgen_test]
async fn a_template_is_opened_by_its_id_and_leads_to_the_run_that_it_was_made_from() {
    const TEMPLATE: &str =
        r#"{"Id":"t1","Name":"nightly bake","Version":"1.0","ExperimentId":"nightly_bake_1"}"#;
    let page = open_signed_in(&in_workspace("pipelines")).await;
    page.network.fail("/Templates/t1", 1, Fault::Status(200, TEMPLATE));
    page.expect("nightly_bake_1").await;
    page.press("Open").await;
    page.expect("Type or paste an id.").await;
    page.select("What", "Template").await;
    page.fill("Id", " t1 ").await;
    page.press("Open").await;
    page.expect_heading("Template nightly bake").await;
    page.press("nightly_bake_1").await;
    page.expect_heading("Pipeline run nightly_bake_1").await;
    page.expect("7 steps: 7 done").await;
}

#[wasm_bindgen_test]
async fn what_opens_storage_is_in_no_page_of_a_data_source() {
    const SOURCE: &str = r#"{"Id":"d1","Name":"sales","DataLocation":{"StorageType":"AzureBlob",
        "Uri":"https://a.blob.core.windows.net/c?sig=hush","DataReference":{"AzureBlobReference":{
        "AmlDataStoreName":"workspaceblobstore","RelativePath":"sales/2026","SasToken":"?sig=hush"}}}}"#;
    let page = open(&in_workspace("pipelines/dataSources/d1")).await;
    page.network.fail("/DataSources/d1", 1, Fault::Status(200, SOURCE));
    page.sign_in("demo-secret-~+/=").await;
    page.expect("sales/2026").await;
    page.press("All of it, as JSON").await;
    page.expect("SasToken").await;
    assert!(!page.markup().contains("hush"), "{}", page.markup());
    page.press("workspaceblobstore").await;
    page.expect_heading("Datastore workspaceblobstore").await;
}
