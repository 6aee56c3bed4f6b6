//! Changes: sent once, and nobody is left in doubt when the answer does not come.

use azimuth::settings::Settings;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, Page, open_signed_in, open_with, stored};
use crate::sign_in::SUBSCRIPTION;

const SENT: &str = "DELETE https://management.azure.com/";
const READ: &str = "workspaces/forecasting/computes/cpu-compute?";
const FORBIDDEN: &str = r#"{"error":{"code":"AuthorizationFailed","message":"The client 'a' with object id 'b' does not have authorization to perform action 'Microsoft.MachineLearningServices/workspaces/computes/delete' over scope '/subscriptions/s'."}}"#;

fn compute() -> String {
    format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/computes/cpu-compute"
    )
}

/// Opens the dialog on a page that is there, and types the name.
async fn ask_to_delete(page: &Page) {
    page.expect("Machines").await;
    page.press("Delete").await;
    page.fill("Type cpu-compute to go on", "cpu-compute").await;
}

/// Presses the button of the dialog, which has the same name as the one that opened it.
fn confirm(page: &Page, times: u32) {
    let button = page.last_control("Delete").expect("the dialog has its button");
    for _ in 0..times {
        button.click();
    }
}

#[wasm_bindgen_test]
async fn two_quick_presses_send_once_and_the_change_is_told_of_elsewhere() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    confirm(&page, 2);
    page.expect("Under way: Delete compute cpu-compute").await;
    page.expect_heading("Computes").await;
    assert_eq!(page.network.asked(SENT).len(), 1);
    assert!(stored().contains("Delete compute cpu-compute"), "it would be forgotten in a reload");
}

#[wasm_bindgen_test]
async fn a_change_that_the_service_never_saw_can_be_sent_again() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    page.network.fail(SENT, 1, Fault::Before);
    confirm(&page, 1);
    page.expect("Asking whether it arrived").await;
    page.expect("it did not arrive: nothing was changed").await;
    assert_eq!(page.network.asked(SENT).len(), 1, "it was sent again by itself");
    assert!(!stored().contains("azimuth.change"));
    confirm(&page, 1);
    page.expect("Under way: Delete compute cpu-compute").await;
    assert_eq!(page.network.asked(SENT).len(), 2);
}

#[wasm_bindgen_test]
async fn a_change_whose_answer_was_lost_is_found_to_have_arrived() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    page.network.fail(SENT, 1, Fault::After);
    confirm(&page, 1);
    page.expect("Under way: Delete compute cpu-compute").await;
    assert_eq!(page.network.asked(SENT).len(), 1);
}

#[wasm_bindgen_test]
async fn a_gateway_that_gives_up_says_nothing_about_the_service() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    page.network.fail(SENT, 1, Fault::Status(504, "<html>"));
    confirm(&page, 1);
    page.expect("Asking whether it arrived").await;
    page.expect("Could not delete compute cpu-compute: the service failed").await;
    assert_eq!(page.network.asked(SENT).len(), 1);
}

#[wasm_bindgen_test]
async fn what_is_gone_when_it_is_to_be_deleted_was_deleted() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    let missing = r#"{"error":{"code":"ResourceNotFound","message":"It is not there."}}"#;
    page.network.fail(SENT, 1, Fault::Status(404, missing));
    page.network.fail(READ, 99, Fault::Status(404, missing));
    confirm(&page, 1);
    page.expect("Done: Delete compute cpu-compute").await;
    assert_eq!(page.network.asked(SENT).len(), 1);
}

#[wasm_bindgen_test]
async fn what_is_busy_and_stays_was_not_deleted() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    let busy = r#"{"error":{"code":"Conflict","message":"Something else goes on."}}"#;
    page.network.fail(SENT, 1, Fault::Status(409, busy));
    confirm(&page, 1);
    page.expect("Something else goes on.").await;
    assert_eq!(page.network.asked(SENT).len(), 1);
}

#[wasm_bindgen_test]
async fn a_refusal_stands_by_its_button_and_nothing_is_looked_for() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    let before = page.network.asked(READ).len();
    page.network.fail(SENT, 1, Fault::Status(403, FORBIDDEN));
    confirm(&page, 1);
    page.expect("You may not delete compute cpu-compute").await;
    assert_eq!(page.network.asked(READ).len(), before + 1, "only the change itself was asked");
    assert!(!stored().contains("azimuth.change"));
}

#[wasm_bindgen_test]
async fn a_change_of_which_nobody_knows_is_asked_about_after_a_reload() {
    let mut page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    page.network.fail("GET https://management.azure.com/", 1000, Fault::Status(403, FORBIDDEN));
    page.network.fail(SENT, 1, Fault::Before);
    confirm(&page, 1);
    page.expect("is not sent again before that is known").await;
    confirm(&page, 1);
    assert_eq!(page.network.asked(SENT).len(), 1);
    page.reload().await;
    page.network.mend();
    page.sign_in("demo-secret-~+/=").await;
    page.expect("Did not arrive: Delete compute cpu-compute").await;
    assert!(!stored().contains("azimuth.change"));
    assert_eq!(page.network.asked(SENT).len(), 1, "a reload sent it again");
}

#[wasm_bindgen_test]
async fn a_change_that_goes_on_is_followed_after_a_reload() {
    let mut page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    confirm(&page, 1);
    page.expect("Under way: Delete compute cpu-compute").await;
    page.reload().await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect("Under way: Delete compute cpu-compute").await;
    assert_eq!(page.network.asked(SENT).len(), 1);
}

#[wasm_bindgen_test]
async fn the_name_has_to_be_typed() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    page.fill("Type cpu-compute to go on", "cpu-comput").await;
    confirm(&page, 1);
    page.expect("The name is not typed yet").await;
    assert!(page.network.asked(SENT).is_empty());
}

#[wasm_bindgen_test]
async fn the_request_is_shown_before_it_is_sent() {
    let page = open_signed_in(&compute()).await;
    ask_to_delete(&page).await;
    page.press("Show request").await;
    page.expect("curl -X DELETE 'https://management.azure.com/subscriptions/").await;
    page.expect("underlyingResourceAction=Delete").await;
    page.expect("Bearer $TOKEN").await;
}

#[wasm_bindgen_test]
async fn a_page_that_may_change_nothing_says_so() {
    let settings = Settings { read_only: true, ..Settings::default() };
    let page = open_with(&compute(), settings).await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect("Machines").await;
    let button = page.control("Delete").expect("the button is there");
    assert_eq!(button.get_attribute("aria-disabled").as_deref(), Some("true"));
    assert_eq!(button.title(), "This page was set up to change nothing.");
    page.press("Delete").await;
    assert!(!page.markup().contains("dialog open"), "the dialog is open");
}
