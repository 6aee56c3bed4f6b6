//! What the page tells of itself, and what it makes of errors that somebody has in hand.

use azimuth::settings::Settings;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Page, catch_copies, last_copy, open_with};

async fn diagnostics_of(settings: &str) -> Page {
    open_with("#/diagnostics", Settings::parse(settings, None).expect("the settings are good")).await
}

/// Presses a button that copies, and gives what it copied.
async fn copied(page: &Page, button: &str) -> String {
    catch_copies();
    page.press(button).await;
    page.until("a copy", last_copy).await
}

/// As the authority's page shows it.
const SHOWN_BY_AUTHORITY: &str = "Sorry, but we’re having trouble signing you in.\n\
    AADSTS65001: The user or administrator has not consented to use the application.\n\
    Request Id: 1b1b1b1b-1111-2222-3333-444444444444\n\
    Correlation Id: 5b5b5b5b-1111-2222-3333-444444444444\n\
    Timestamp: 2026-11-21T19:30:00Z";

#[wasm_bindgen_test]
async fn what_the_authority_shows_becomes_a_text_for_an_administrator() {
    let page = diagnostics_of(r#"{"signIn":{"clientId":"azimuth","tenant":"contoso"}}"#).await;
    page.fill("Error", SHOWN_BY_AUTHORITY).await;
    page.expect("Nobody has consented yet").await;
    page.expect("Who can do this: an administrator").await;
    let text = copied(&page, "Copy a text for the administrator").await;
    for part in [
        "(AADSTS65001)",
        "Application (client) id: azimuth\n",
        "Tenant: contoso\n",
        "/auth.html\n",
        "Correlation id: 5b5b5b5b-1111-2222-3333-444444444444\n",
        "Time: 2026-11-21T19:30:00Z\n",
        "az ad app permission admin-consent --id azimuth\n",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[wasm_bindgen_test]
async fn the_redirect_address_is_there_to_be_registered_before_sign_in_is_set_up() {
    let page = diagnostics_of("{}").await;
    page.expect("Off. It takes an application").await;
    let address = copied(&page, "Copy the redirect address").await;
    assert!(address.starts_with("http") && address.ends_with("/auth.html"), "{address}");
    assert!(!address.contains('#'), "{address}");
}

#[wasm_bindgen_test]
async fn a_cloud_says_which_of_its_hosts_nobody_has_verified() {
    let page =
        diagnostics_of(r#"{"cloud":"china","signIn":{"clientId":"azimuth","tenant":"contoso.cn"}}"#).await;
    page.expect("{region}.api.ml.azure.cn").await;
    page.expect("Not verified").await;
    page.expect("https://login.partner.microsoftonline.cn/contoso.cn").await;
    page.expect("https://management.chinacloudapi.cn/user_impersonation").await;
    let report = copied(&page, "Copy a report").await;
    for part in [
        "client id azimuth, tenant contoso.cn\n",
        "{region}.experiments.ml.azure.cn: Not verified. ",
        "/auth.html\n",
    ] {
        assert!(report.contains(part), "{part} is not in: {report}");
    }
    drop(page);

    let page = diagnostics_of("{}").await;
    page.expect_heading("Hosts").await;
    assert!(!page.text().contains("Not verified"), "{}", page.text());
}
