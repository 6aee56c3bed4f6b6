//! What a workspace has beside experiments: models, services, datastores, notifications, computes and quota.

use leptos::prelude::window;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, Page, open_signed_in};
use crate::sign_in::SUBSCRIPTION;

const OWN_HOST: &str = "westeurope.modelmanagement.azureml.net/api/";
const SHARED_HOST: &str = "westeurope.api.azureml.ms/modelmanagement/v1.0/";

fn in_workspace(part: &str) -> String {
    format!("#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/{part}")
}

/// Goes elsewhere in the same page, as somebody who types an address does.
async fn go(page: &Page, part: &str) {
    let address = in_workspace(part);
    let _ = window().location().set_hash(&address);
    page.until("the address", || (page.address() == address).then_some(())).await;
}

#[wasm_bindgen_test]
async fn model_management_is_asked_at_its_own_host() {
    let page = open_signed_in(&in_workspace("models")).await;
    page.expect("loaves-forecaster").await;
    assert_eq!(page.network.asked(OWN_HOST).len(), 1);
    assert!(page.network.asked("/modelmanagement/v1.0/").is_empty());
}

#[wasm_bindgen_test]
async fn model_management_is_asked_at_the_shared_host_where_its_own_does_not_know_the_path() {
    let page = open_signed_in(&in_workspace("experiments")).await;
    page.expect("loaves-per-day").await;
    page.network.fail(OWN_HOST, 1, Fault::Status(404, ""));
    go(&page, "models").await;
    page.expect("loaves-forecaster").await;
    assert_eq!(page.network.asked(SHARED_HOST).len(), 1);
    // Another question goes there at once.
    go(&page, "datastores").await;
    page.expect_heading("Datastores").await;
    go(&page, "assets").await;
    page.expect("outputs/").await;
    assert_eq!(page.network.asked(OWN_HOST).len(), 1, "the host's way was forgotten");
    assert_eq!(page.network.asked(SHARED_HOST).len(), 2);
}

#[wasm_bindgen_test]
async fn further_models_are_asked_at_the_host_that_gave_the_first_and_at_no_other() {
    const FIRST: &str = r#"{"value":[{"id":"rye:1","name":"rye","version":1}],
        "nextLink":"https://westeurope.api.azureml.ms/modelmanagement/v1.0/next?$skipToken=1"}"#;
    const FOREIGN: &str = r#"{"value":[{"id":"oat:1","name":"oat","version":1}],
        "nextLink":"https://westeurope.modelmanagement.azureml.net/api/next?$skipToken=2"}"#;
    let page = open_signed_in(&in_workspace("experiments")).await;
    page.expect("loaves-per-day").await;
    page.network.fail(OWN_HOST, 1, Fault::Status(404, ""));
    page.network.fail("/modelmanagement/v1.0/next", 1, Fault::Status(200, FOREIGN));
    page.network.fail(SHARED_HOST, 1, Fault::Status(200, FIRST));
    go(&page, "models").await;
    page.expect("rye").await;
    page.press("Load more").await;
    page.expect("oat").await;
    page.press("Load more").await;
    page.expect("must stay at").await;
    assert!(page.network.asked("/api/next").is_empty(), "a link led to another host");
}

#[wasm_bindgen_test]
async fn a_model_that_is_nowhere_is_said_once_though_two_hosts_were_asked() {
    let page = open_signed_in(&in_workspace("models/no-such:1")).await;
    page.expect("ModelNotFound").await;
    assert_eq!(page.text().matches("ModelNotFound").count(), 1);
    assert!(!page.text().contains("Versions"), "what belongs to no model is asked for");
}

#[wasm_bindgen_test]
async fn versions_of_a_model_are_one_row_and_the_filter_finds_an_old_one() {
    let page = open_signed_in(&in_workspace("models")).await;
    page.expect("loaves-forecaster").await;
    assert_eq!(page.text().matches("loaves-forecaster").count(), 1);
    go(&page, "models?filter=quiet_flour_2").await;
    page.expect("quiet_flour_2").await;
    page.press("loaves-forecaster").await;
    page.expect_heading("Model loaves-forecaster:2").await;
    page.expect("Version 4").await;
    page.expect("outputs/model.pkl").await;
}

#[wasm_bindgen_test]
async fn keys_of_a_service_are_read_on_demand_and_shown_on_demand() {
    const KEY: &str = "primary-key&gt;";
    let page = open_signed_in(&in_workspace("services/loaves-tomorrow")).await;
    page.expect("Read the keys").await;
    assert!(page.network.asked("listkeys").is_empty(), "keys were asked for though nobody wants them");
    page.press("Read the keys").await;
    page.expect("Primary key").await;
    assert!(!page.markup().contains(KEY), "a key is in the page though nobody wants to see it");
    page.press("Show the primary key").await;
    page.until("the key", || page.markup().contains(KEY).then_some(())).await;
    assert!(!page.markup().contains("secondary-key&gt;"), "the other key is shown too");
    page.press("Hide the primary key").await;
    page.until("no key", || (!page.markup().contains(KEY)).then_some(())).await;
    page.press("Forget the keys").await;
    page.expect("Forgotten here").await;
    assert!(!page.text().contains("Primary key"));

    page.press("Read the keys").await;
    page.expect("Primary key").await;
    page.press("Services").await;
    page.expect("Asked with").await;
    go(&page, "services/loaves-tomorrow").await;
    page.expect("Read the keys").await;
    assert!(!page.text().contains("Primary key"), "keys outlive their page");
    assert!(!crate::page::stored().contains("primary-key"));
    page.press("Requests").await;
    page.expect_heading("Requests").await;
    page.expect("listkeys").await;
    assert!(!page.markup().contains(KEY), "a key is in the log of requests");
}

#[wasm_bindgen_test]
async fn a_service_without_keys_has_no_button_for_them() {
    let page = open_signed_in(&in_workspace("services/old-forecast")).await;
    page.expect("it wants no key").await;
    assert!(page.control("Read the keys").is_none());
    go(&page, "services/weather-live").await;
    page.press("Get a token").await;
    page.expect("Good until").await;
    assert!(!page.markup().contains("token of"));
}

#[wasm_bindgen_test]
async fn no_secret_of_a_datastore_is_on_the_page_though_the_service_sends_it() {
    const WITH_SECRETS: &str = r#"{"value":[{"name":"till_photos","dataStoreType":"AzureBlob","azureStorageSection":
        {"accountName":"bakerytills","containerName":"photos","credentialType":"Sas","credential":"hush-1",
         "accountKey":"hush-2","sasToken":"hush-3","clientCredentials":{"clientSecret":"hush-4"}}}]}"#;
    let page = open_signed_in(&in_workspace("experiments")).await;
    page.expect("loaves-per-day").await;
    page.network.fail("/datastores?", 2, Fault::Status(200, WITH_SECRETS));
    go(&page, "datastores").await;
    page.expect("bakerytills").await;
    assert!(!page.markup().contains("hush"), "a secret is in the list");
    page.press("till_photos").await;
    page.expect_heading("Datastore till_photos").await;
    page.expect("A signature (SAS)").await;
    assert!(!page.markup().contains("hush"), "a secret is on the page");
    let asked = page.network.asked("/datastore/v1.0/");
    assert!(asked.iter().all(|request| request.contains("includeSecret=false")), "{asked:?}");
    assert!(!asked.iter().any(|request| request.contains("/default")), "{asked:?}");
}

#[wasm_bindgen_test]
async fn a_datastore_that_is_not_there_is_no_blank_page() {
    let page = open_signed_in(&in_workspace("datastores/no_such_store")).await;
    page.expect("There is no datastore no_such_store").await;
}

#[wasm_bindgen_test]
async fn notifications_of_any_shape_are_shown() {
    const ODD: &str = r#"[{"Subject":"Oven is hot","when":{"deep":[1,2]}},"just words",null]"#;
    let page = open_signed_in(&in_workspace("experiments")).await;
    page.expect("loaves-per-day").await;
    page.network.fail("/tasks", 1, Fault::Status(200, ODD));
    go(&page, "notifications").await;
    page.expect("Oven is hot").await;
    page.expect("just words").await;
    page.press("Refresh").await;
    page.expect_gone("Oven is hot").await;
}

#[wasm_bindgen_test]
async fn no_limit_is_said_and_a_full_one_stands_out() {
    const USAGES: &str = r#"{"value":[
        {"id":"/subscriptions/s/usages/a","currentValue":24,"limit":24,"name":{"value":"a","localizedValue":"Rye cores"}},
        {"id":"/subscriptions/s/usages/b","currentValue":5,"limit":-1,"name":{"value":"b","localizedValue":"Oat cores"}}]}"#;
    let page = open_signed_in(&in_workspace("computes")).await;
    page.expect("gpu-cluster").await;
    page.network.fail("/usages?", 1, Fault::Status(200, USAGES));
    page.press("Quota").await;
    page.expect("Rye cores").await;
    page.expect("Used up").await;
    page.expect("No limit").await;
    page.expect_heading("Shared out").await;
}

#[wasm_bindgen_test]
async fn a_part_of_the_overview_that_fails_leaves_the_others() {
    let page = open_signed_in(&in_workspace("experiments")).await;
    page.expect("loaves-per-day").await;
    let refusal = r#"{"error":{"code":"AuthorizationFailed","message":"No usages for you."}}"#;
    page.network.fail("/usages?", 1, Fault::Status(403, refusal));
    go(&page, "").await;
    page.expect("No usages for you.").await;
    page.expect_heading("Running now").await;
    page.expect("brave_oven_12").await;
    page.expect("loaves-forecaster:4").await;
    page.press("Try again").await;
    page.expect_gone("No usages for you.").await;
}

#[wasm_bindgen_test]
async fn what_could_not_be_looked_at_is_not_called_empty() {
    let page = open_signed_in("#/subscriptions").await;
    page.expect("Harbour Bakery").await;
    page.network.fail("/experiments:query", 1, Fault::Status(403, "{}"));
    go(&page, "").await;
    page.expect("Not known without the list of experiments.").await;
    assert!(!page.text().contains("Nothing waits or works."));
    page.press("Try again").await;
    page.expect("brave_oven_12").await;

    page.network.fail("/runs:query", 99, Fault::Status(403, "{}"));
    page.go("#/subscriptions").await;
    page.expect("Harbour Bakery").await;
    go(&page, "").await;
    page.expect("Nothing in the experiments that could be asked.").await;
    assert!(!page.text().contains("Nothing failed in the last seven days."));
}

#[wasm_bindgen_test]
async fn a_busy_compute_says_which_runs_are_on_its_nodes() {
    let page = open_signed_in(&in_workspace("computes/gpu-cluster")).await;
    page.expect_heading("Nodes").await;
    page.expect("Works").await;
    page.expect_heading("Waiting and working here").await;
    page.expect("of memory").await;
}
