//! Signing in, and what becomes of the token.

use azimuth_e2e::{Page, Recorded, ServerOptions, Stage, World, journey};

use serde_json::json;

use crate::tour::{ARTICLE, BAKERY};
use crate::wire;

/// As the simulator's service principal, on the page or in the dialog over it.
pub async fn sign_in(page: &Page) {
    with_secret(page, "demo-secret-~+/=").await;
}

async fn with_secret(page: &Page, secret: &str) {
    let group = page.within("group", "Service principal");
    group.fill("Tenant ID", "contoso").await;
    group.fill("Client ID", "azimuth").await;
    group.fill("Client secret", secret).await;
    group.click_button("Sign in").await;
}

/// Puts text into the focused field as the clipboard does, line breaks and all; typed, each of them would be Enter.
async fn paste(page: &Page, field: &str, text: &str) {
    page.click("field", field).await;
    let script = "return document.execCommand('insertText', false, arguments[0]);";
    let pasted = page.client().execute(script, vec![json!(text)]).await.unwrap();
    assert_eq!(pasted, true, "nothing was pasted into {field}");
}

#[test]
fn a_wrong_secret_shows_its_code_and_keeps_the_form() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        with_secret(&page, "wrong").await;
        page.within("group", "Service principal").expect_text("Code AADSTS7000215").await;
        page.expect_value("Tenant ID", "contoso").await;
        page.expect_value("Client ID", "azimuth").await;
        page.expect_value("Client secret", "wrong").await;
        page.fill("Client secret", "demo-secret-~+/=").await;
        page.click_button("Sign in").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        page.expect_no_text("AADSTS7000215").await;
    });
}

#[test]
fn a_pasted_token_tells_of_itself_before_any_call_and_then_works() {
    // A little more than half an hour, so that the minutes are the same for a while.
    let options = ServerOptions {
        world: World::Article,
        token_lifetime_seconds: Some(30 * 60 + 55),
        ..ServerOptions::default()
    };
    journey(Stage::azure_with(options), async |page| {
        let token = wire::token(page.simulator());
        page.simulator().recorder().clear();
        page.open("#/").await;
        let group = page.within("group", "Access token");
        let (begin, end) = token.split_at(token.len() / 2);
        paste(&page, "Access token", &format!("\"Bearer {begin}\r\n{end}\"\n")).await;
        group
            .expect_text(
                "Tenant 11111111-2222-3333-4444-555555555555 Audience https://management.azure.com/ \
                 Valid for 30 more minutes",
            )
            .await;
        let asked = page.simulator().recorder().requests();
        assert!(asked.is_empty(), "{asked:?}");

        group.click_button("Use token").await;
        page.within("region", "Subscriptions").click_link(ARTICLE.subscription).await;
        page.within("region", "Resource groups").click_link(ARTICLE.group).await;
        page.within("region", "Workspaces").click_link(ARTICLE.workspace_label).await;
        page.within("region", "Services").expect_text("May be called").await;
        page.expect_text("signed in, 30 min").await;
    });
}

#[test]
fn the_token_is_nowhere_but_in_memory() {
    journey(Stage::azure(), async |page| {
        let token = wire::token(page.simulator());
        let parts: Vec<_> = token.split('.').filter(|part| part.len() > 20).collect();
        assert!(parts.len() >= 2, "{token}");
        page.open("#/").await;
        paste(&page, "Access token", &token).await;
        page.click_button("Use token").await;
        page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
        page.expect_heading("Resource groups").await;
        assert_holds_none_of(&page, &parts).await;
        // A failure is where a careless page would print what it sent.
        page.open(&BAKERY.run_address("no_such_run")).await;
        page.expect_text("Try again").await;
        assert_holds_none_of(&page, &parts).await;
        page.click_link("Requests").await;
        page.expect_heading("Requests").await;
        page.expect_text("$TOKEN").await;
        assert_holds_none_of(&page, &parts).await;
        let asked = page.simulator().recorder().requests();
        assert!(asked.iter().any(Recorded::has_authorization));
        assert!(!asked.iter().any(|request| parts.iter().any(|part| request.target.contains(part))));
    });
}

async fn assert_holds_none_of(page: &Page, secrets: &[&str]) {
    let script = "return JSON.stringify([location.href, document.documentElement.outerHTML, document.title, \
        { ...localStorage }, { ...sessionStorage }, document.cookie, history.state, window.name, \
        [...document.querySelectorAll('input, textarea')].map((field) => field.value), \
        performance.getEntries().map((entry) => entry.name)]);";
    let held = page.evaluate(script).await.to_string();
    let said = page.console().await.join("\n");
    let read = page.text().await;
    assert!(held.contains(page.site()), "nothing was looked through: {held}");
    for secret in secrets {
        for (place, text) in [("the document", &held), ("the console", &said), ("the text", &read)] {
            assert!(!text.contains(secret), "{place} holds the token: {text}");
        }
    }
}
