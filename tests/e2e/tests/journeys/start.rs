//! The first page.

use azimuth_e2e::{Stage, journey};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

#[test]
fn the_site_starts_on_the_sign_in_page_without_a_word_on_the_console() {
    journey(Stage::demo(), async |page| {
        page.open("").await;
        page.expect_heading("Sign in").await;
        page.expect("button", "Explore the demo").await;
        page.expect_no_console_errors().await;
    });
}

#[test]
fn nothing_is_asked_of_any_other_host() {
    journey(Stage::demo(), async |page| {
        page.open("").await;
        page.expect_heading("Sign in").await;
        let requested = page.requested().await;
        assert!(!requested.is_empty());
        assert!(requested.iter().all(|address| address.starts_with(page.site())), "{requested:?}");
    });
}

#[test]
fn the_site_works_from_any_folder_of_a_host() {
    journey(Stage::demo().at_prefix("/tools/azimuth/"), async |page| {
        page.open("#/").await;
        page.expect_heading("Sign in").await;
        page.click_button("Explore the demo").await;
        page.expect_heading("Subscriptions").await;
        page.expect_no_console_errors().await;
    });
}

#[test]
fn the_site_starts_on_a_storage_account_also_at_an_address_that_is_not_there() {
    journey(Stage::demo().on_storage(), async |page| {
        page.open("").await;
        page.expect_heading("Sign in").await;
        page.expect_no_console_errors().await;
        // The account answers 404, and the page.
        page.open("runs#/demo/subscriptions").await;
        page.expect_heading("Subscriptions").await;
    });
}

#[test]
fn a_service_principal_signs_in_to_a_local_service() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        // The heading is there before the list was asked for.
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;

        let with_token = page.simulator().recorder().requests();
        let with_token = with_token.iter().filter(|request| request.has_authorization());
        assert!(with_token.count() > 0);
        let kept =
            page.evaluate("return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);").await;
        assert!(!kept.to_string().contains("demo-secret"), "{kept}");
    });
}
