//! Hosts that share with no page, asked through the relay.

use std::rc::Rc;

use azimuth::request_log::RequestLog;
use azimuth::settings::Settings;
use azimuth::transport::{DataOrigins, Outgoing, Payload, Transport};
use azimuth_api::{AccessToken, ApiError, Cloud, Origin, WebAddress};
use http::Method;
use leptos::prelude::Owner;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, Page, RELAY, open_with};
use crate::sign_in::SUBSCRIPTION;

const SECRET: &str = "demo-secret-~+/=";
const ENTRA_REFUSES: &str = r#"{"error":"invalid_request","error_codes":[9002326],
    "error_description":"AADSTS9002326: Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type."}"#;

async fn page_with_relay(part: &str) -> Page {
    let settings =
        Settings::parse(r#"{"relay":"https://relay.example"}"#, None).expect("the settings are good");
    let address =
        format!("#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/{part}");
    open_with(&address, settings).await
}

/// No regional host shares with a page.
fn share_nothing(page: &Page) {
    for host in ["azureml.net", ".azureml.ms", ".aether.ms"] {
        page.network.fail(host, u32::MAX, Fault::Before);
    }
}

/// What was asked of regional hosts themselves.
fn asked_directly(page: &Page) -> Vec<String> {
    let mut asked = page.network.asked("azureml.");
    asked.extend(page.network.asked(".aether.ms"));
    asked.retain(|request| !request.contains("management.azure.com"));
    asked
}

#[wasm_bindgen_test]
async fn hosts_that_share_with_no_page_are_asked_through_the_relay() {
    let page = page_with_relay("experiments").await;
    share_nothing(&page);
    page.sign_in(SECRET).await;
    page.expect("loaves-per-day").await;

    let direct = asked_directly(&page);
    assert!(!direct.is_empty() && direct.iter().all(|request| request.ends_with("/discovery")), "{direct:?}");
    let mut once = direct.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), direct.len(), "each host was looked at once: {direct:?}");
    let relayed = page.network.asked(RELAY);
    assert!(relayed.iter().any(|request| request.contains("/history/v1.0/")), "{relayed:?}");
    for other in ["/relay/login/", "/relay/score/"] {
        assert_eq!(page.network.asked(other), Vec::<String>::new());
    }
    assert!(page.network.asked("management.azure.com").iter().all(|request| !request.contains(RELAY)));

    // The requests are shown as they were sent.
    page.go("#/requests").await;
    page.expect("https://relay.example/relay/").await;
    page.go("#/diagnostics").await;
    page.expect("Through the relay").await;
    page.expect("the relay hands on what it is asked").await;
}

#[wasm_bindgen_test]
async fn a_host_that_answers_pages_is_asked_itself_though_there_is_a_relay() {
    let page = page_with_relay("experiments").await;
    page.sign_in(SECRET).await;
    page.expect("loaves-per-day").await;
    assert_eq!(page.network.asked(RELAY), Vec::<String>::new());
    assert!(asked_directly(&page).iter().any(|request| request.contains("/history/v1.0/")));
    page.go("#/diagnostics").await;
    page.expect("It answers pages of this site.").await;
    assert!(!page.text().contains("Through the relay"), "{}", page.text());
}

#[wasm_bindgen_test]
async fn why_the_relay_does_not_help_is_told() {
    for (fault, words) in [
        (
            Fault::Status(404, r#"{"error":{"code":"RelayUnknownHost","message":"No such region."}}"#),
            "adds its region to hosts.conf",
        ),
        (Fault::Status(502, "<html>"), "the relay gets no answer from it either"),
        // Something answers there, and the page cannot read it.
        (Fault::Before, "adds this site to origins.conf"),
    ] {
        let page = page_with_relay("experiments").await;
        page.network.fail(RELAY, u32::MAX, fault);
        share_nothing(&page);
        page.sign_in(SECRET).await;
        page.expect("not to web pages of other sites (CORS)").await;
        page.go("#/diagnostics").await;
        page.expect(words).await;

        // Somebody mended it.
        page.network.mend();
        share_nothing(&page);
        page.press("Check again").await;
        page.expect("Through the relay").await;
    }
}

/// A browser folds such an address into another route of the relay, where a service of anybody's may be behind it.
#[wasm_bindgen_test]
async fn an_address_that_climbs_out_of_its_place_at_the_relay_is_not_asked() {
    let page = page_with_relay("experiments").await;
    share_nothing(&page);
    let owner = Owner::new();
    let transport = owner.with(|| {
        let carrier = Rc::new(page.network.clone());
        Transport::new(carrier, Cloud::Public, DataOrigins::Named(Vec::new()), RequestLog::default())
            .with_relay(Origin::parse("https://relay.example"))
    });
    let token = AccessToken::new("sesame");
    for (target, is_asked) in [
        ("/history/v1.0/nothing", true),
        ("/history/../../../score/weather", false),
        ("/%2e%2E/%2e./login/contoso/oauth2/token", false),
    ] {
        let address =
            WebAddress::parse(&format!("https://westeurope.api.azureml.ms{target}")).expect("an address");
        let outgoing = Outgoing {
            method: Method::POST,
            address,
            host_header: None,
            content_type: None,
            payload: Payload::Empty,
            range: None,
            is_read: false,
        };
        let sent = |token: &str| page.network.tokens().iter().filter(|sent| *sent == token).count();
        let before = sent("sesame");
        let result = transport.send(&outgoing, Some(&token), None).await;
        assert_eq!(matches!(result, Err(ApiError::Untrusted { .. })), !is_asked, "{target}: {result:?}");
        assert_eq!(sent("sesame") - before, usize::from(is_asked), "{target}");
    }
}

#[wasm_bindgen_test]
async fn a_secret_that_entra_does_not_take_from_a_page_goes_through_the_relay() {
    let page = page_with_relay("experiments").await;
    page.network.fail("login.microsoftonline.com", u32::MAX, Fault::Status(400, ENTRA_REFUSES));
    page.sign_in(SECRET).await;
    page.expect("loaves-per-day").await;
    assert_eq!(
        page.network.asked("/oauth2/"),
        [
            "POST https://login.microsoftonline.com/contoso/oauth2/token".to_owned(),
            format!("POST {RELAY}login/contoso/oauth2/token")
        ]
    );
}

#[wasm_bindgen_test]
async fn a_relay_that_signs_nobody_in_leaves_entras_own_words() {
    let refusal = r#"{"error":"invalid_request","error_description":"The relay signs nobody in."}"#;
    // Or a static site stands there, which takes no such request.
    for (status, words) in [(404, refusal), (405, "<h1>Method Not Allowed</h1>")] {
        let page = page_with_relay("experiments").await;
        page.network.fail("login.microsoftonline.com", u32::MAX, Fault::Status(400, ENTRA_REFUSES));
        page.network.fail("/relay/login/", u32::MAX, Fault::Status(status, words));
        page.sign_in(SECRET).await;
        page.expect("AADSTS9002326").await;
        page.expect("az account get-access-token").await;
    }
}

#[wasm_bindgen_test]
async fn a_wrong_secret_is_wrong_through_the_relay_too() {
    let page = page_with_relay("experiments").await;
    page.network.fail("login.microsoftonline.com", u32::MAX, Fault::Before);
    page.sign_in("wrong").await;
    page.expect("AADSTS7000215").await;
    assert_eq!(page.network.asked("/relay/login/").len(), 1);
}
