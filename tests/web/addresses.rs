//! Addresses: of the page, and of what it asks.

use azimuth_api::{Cloud, WebAddress};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::open_signed_in;

#[wasm_bindgen_test]
async fn an_address_that_means_nothing_shows_a_way_back() {
    let page = open_signed_in("#/subscriptions").await;
    page.expect("Harbour Bakery").await;
    leptos::prelude::window().location().set_hash("#/nonsense").expect("addresses can be set");
    page.expect_heading("There is no such page").await;
    page.press("Go to the start").await;
    page.expect_heading("Subscriptions").await;
}

#[wasm_bindgen_test]
async fn the_page_is_named_and_its_heading_has_the_focus() {
    let page = open_signed_in("#/subscriptions").await;
    page.expect("Harbour Bakery").await;
    assert_eq!(leptos::prelude::document().title(), "Subscriptions · Azimuth");
    let focused = || leptos::prelude::document().active_element().map(|element| element.tag_name());
    page.until("the heading to have the focus", || (focused().as_deref() == Some("H1")).then_some(())).await;
}

/// The rule lets an address through by its letters; a browser then calls it. Whatever the letters are, the browser
/// must not understand another host than the rule did.
#[wasm_bindgen_test]
fn the_browser_understands_every_address_as_the_rule_does() {
    let hosts = ["management.azure.com", "eastus.api.azureml.ms", "evil.tld"];
    let marks = [
        "", "@", "\\", "/", "//", "?", ":", ":443", ":8443", ".", "%2e", "%40", " ", "\t", "\n", "。", "／",
        "xn--", "#", ";",
    ];
    let mut trusted = 0;
    for first in hosts {
        for mark in marks {
            for second in ["", "evil.tld", "management.azure.com", "/x"] {
                for scheme in ["https://", "HTTPS://", "https:\\\\", "https:/", "//", " https://"] {
                    let text = format!("{scheme}{first}{mark}{second}");
                    let Some(address) = WebAddress::parse(&text) else { continue };
                    let browser = web_sys::Url::new(&text).map(|url| url.origin());
                    assert_eq!(browser.as_deref(), Ok(address.origin().as_str()), "{text}");
                    trusted += usize::from(Cloud::Public.may_carry_token(&address));
                }
            }
        }
    }
    assert!(trusted > 0, "nothing was trusted, so nothing was tried");
}

fn scrolled() -> i32 {
    leptos::prelude::document().document_element().map_or(-1, |root| root.scroll_top())
}

#[wasm_bindgen_test]
async fn a_new_address_starts_at_its_top_and_back_comes_to_where_it_was() {
    let page = open_signed_in("#/").await;
    for step in ["Harbour Bakery", "bakery-rg", "Forecasting"] {
        page.press(step).await;
    }
    page.expect("May be called").await;
    let root = leptos::prelude::document().document_element().expect("a page has a root");
    root.set_scroll_top(250);
    page.until("the page to be scrolled", || (scrolled() == 250).then_some(())).await;
    page.press("Experiments").await;
    page.expect_heading("Experiments").await;
    page.until("the top", || (scrolled() == 0).then_some(())).await;
    leptos::prelude::window().history().expect("a window has one").back().expect("it goes back");
    page.until("the old place", || (scrolled() == 250).then_some(())).await;
}
