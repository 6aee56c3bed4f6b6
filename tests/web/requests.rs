//! The glass box: what the page asked, as curl.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::open_signed_in;

#[wasm_bindgen_test]
async fn every_request_is_shown_as_curl_with_its_secrets_masked() {
    let page = open_signed_in("#/").await;
    page.expect("Harbour Bakery").await;
    page.press("Requests").await;
    page.expect_heading("Requests").await;
    let markup = page.markup();
    for part in [
        "curl -X GET",
        "https://management.azure.com/subscriptions?api-version=",
        "Bearer $TOKEN",
        "client_secret=***",
        "/contoso/oauth2/token",
    ] {
        assert!(markup.contains(part), "{part} is missing in\n{}", page.text());
    }
}
