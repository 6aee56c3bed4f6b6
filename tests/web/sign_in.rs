//! Signing in, and staying where one was.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, open, open_signed_in, stored};

const WORKSPACES: &str = "#/subscriptions/{sub}/resourceGroups/bakery-rg";

fn address() -> String {
    WORKSPACES.replace("{sub}", SUBSCRIPTION)
}

/// The subscription of the demo's world.
pub const SUBSCRIPTION: &str = "b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa";

/// {"aud":"https://management.azure.com/","exp":4102444800,"tid":"contoso-id","upn":"ada@contoso.example"}
const TOKEN: &str = "e30.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tLyIsImV4cCI6NDEwMjQ0NDgwMCwidGlkIjoiY29udG9zby1pZCIsInVwbiI6ImFkYUBjb250b3NvLmV4YW1wbGUifQ.x";

#[wasm_bindgen_test]
async fn an_address_waits_under_the_sign_in() {
    let page = open(&address()).await;
    page.expect_heading("Sign in").await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect_heading("Workspaces").await;
    page.expect("forecasting").await;
    assert_eq!(page.address(), address());
}

#[wasm_bindgen_test]
async fn a_wrong_secret_shows_its_code_and_keeps_the_form() {
    let page = open("#/").await;
    page.sign_in("wrong").await;
    page.expect("AADSTS7000215").await;
    page.expect("Check the secret").await;
    assert_eq!(page.value("Tenant ID"), "contoso");
    assert_eq!(page.value("Client ID"), "azimuth");
    assert_eq!(page.value("Client secret"), "wrong");
    page.fill("Client secret", "demo-secret-~+/=").await;
    page.press("Sign in").await;
    page.expect("Harbour Bakery").await;
}

#[wasm_bindgen_test]
async fn a_missing_field_is_named_and_nothing_is_sent() {
    let page = open("#/").await;
    page.fill("Tenant ID", "contoso").await;
    page.press("Sign in").await;
    page.expect("Enter the client ID").await;
    page.expect("Enter the client secret").await;
    assert!(page.network.asked("").is_empty());
}

#[wasm_bindgen_test]
async fn the_v2_endpoint_is_asked_only_where_there_is_no_v1() {
    let page = open("#/").await;
    page.network.fail("/oauth2/token", 1, Fault::Status(404, ""));
    page.sign_in("demo-secret-~+/=").await;
    page.expect("Harbour Bakery").await;
    assert_eq!(page.network.asked("/oauth2/").len(), 2);
    drop(page);

    let page = open("#/").await;
    page.sign_in("wrong").await;
    page.expect("AADSTS7000215").await;
    assert_eq!(page.network.asked("/oauth2/v2.0/").len(), 0);
}

#[wasm_bindgen_test]
async fn a_pasted_token_says_whose_it_is_before_any_call() {
    let page = open("#/").await;
    page.fill("Access token", &format!("\"Bearer {TOKEN}\"")).await;
    page.expect("contoso-id").await;
    page.expect("ada@contoso.example").await;
    page.expect("more minutes").await;
    assert!(!page.text().contains("This token is for something else"));
    assert!(page.network.asked("").is_empty());
}

#[wasm_bindgen_test]
async fn a_token_that_the_service_does_not_take_asks_to_sign_in_over_the_page() {
    let page = open(&address()).await;
    page.fill("Access token", TOKEN).await;
    page.press("Use token").await;
    page.expect_heading("Sign in again").await;
    page.expect("InvalidAuthenticationToken").await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect("forecasting").await;
    assert_eq!(page.address(), address());
}

#[wasm_bindgen_test]
async fn a_401_in_the_middle_keeps_the_page_and_goes_on_after_signing_in() {
    let page = open_signed_in(&address()).await;
    page.expect("forecasting").await;
    page.network.fail("GET https://management.azure.com/subscriptions/", 1, Fault::Status(401, r#"{"error":{"code":"ExpiredAuthenticationToken","message":"The access token expiry UTC time is earlier than current UTC time."}}"#));
    page.press("Forecasting").await;
    page.expect_heading("Sign in again").await;
    page.expect("ExpiredAuthenticationToken").await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect("westeurope.api.azureml.ms").await;
    page.expect_gone("Sign in again").await;
}

#[wasm_bindgen_test]
async fn not_signing_in_again_says_why_the_page_is_empty() {
    let page = open_signed_in(&address()).await;
    page.expect("forecasting").await;
    page.network.fail("GET https://management.azure.com/subscriptions/", 9, Fault::Status(401, ""));
    page.press("Forecasting").await;
    page.expect_heading("Sign in again").await;
    page.press("Close").await;
    page.expect("Signed out").await;
}

#[wasm_bindgen_test]
async fn the_token_stands_nowhere_but_in_memory() {
    let page = open_signed_in(&address()).await;
    page.expect("forecasting").await;
    page.press("Requests").await;
    page.expect_heading("Requests").await;
    let tokens = page.network.tokens();
    assert!(!tokens.is_empty());
    for secret in tokens.iter().map(String::as_str).chain(["demo-secret-~+/=", "demo-secret-"]) {
        for (place, held) in
            [("the page", page.markup()), ("storage", stored()), ("the address", page.address())]
        {
            assert!(!held.contains(secret), "{place} holds a secret");
        }
    }
}
