//! Logs and files of a run in a mounted page.

use azimuth::settings::Settings;
use azimuth_api::Origin;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, KeyboardEvent, KeyboardEventInit};

use crate::page::{Fault, Page, open, open_with, set_hidden};

const RUN: &str = "subscriptions/b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa/resourceGroups/bakery-rg/workspaces/forecasting/experiments/loaves-per-day/runs";
const STORAGE: &str = "https://bakeryforecasting.blob.core.windows.net";

async fn open_named(address: &str) -> Page {
    let settings = Settings {
        data_origins: vec![Origin::parse(STORAGE).expect("the address is an origin")],
        ..Settings::default()
    };
    let page = open_with(&format!("#/{RUN}/{address}"), settings).await;
    page.sign_in("demo-secret-~+/=").await;
    page
}

fn element(selector: &str) -> Option<HtmlElement> {
    leptos::prelude::document().query_selector(selector).ok()??.dyn_into().ok()
}

fn press(element: &HtmlElement, key: &str) {
    let options = KeyboardEventInit::new();
    options.set_key(key);
    options.set_bubbles(true);
    let event =
        KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &options).expect("events can be made");
    element.dispatch_event(&event).expect("elements take events");
}

#[wasm_bindgen_test]
async fn the_log_of_the_script_is_shown_first_and_comes_from_the_storage() {
    let page = open_named("calm_dough_7?tab=logs").await;
    page.expect("The experiment completed successfully").await;
    assert_eq!(page.network.asked("/content?").len(), 0);
    let asked = page.network.asked(STORAGE);
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("sig="));
    assert!(!page.markup().contains("sig="));
}

#[wasm_bindgen_test]
async fn where_no_storage_is_named_the_service_gives_the_log() {
    let page = open(&format!("#/{RUN}/calm_dough_7?tab=logs")).await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect("The experiment completed successfully").await;
    assert_eq!(page.network.asked(STORAGE).len(), 0);
    assert!(!page.network.asked("/content?").is_empty());
}

#[wasm_bindgen_test]
async fn where_nothing_gives_the_log_the_setting_and_the_commands_are_said() {
    let page = open(&format!("#/{RUN}/calm_dough_7?tab=logs")).await;
    page.network.fail("/content", 9, Fault::Status(500, "{}"));
    page.network.fail("/artifacts/content/", 9, Fault::Status(500, "{}"));
    page.sign_in("demo-secret-~+/=").await;
    page.until("the setting", || {
        page.text().contains(&format!("\"dataOrigins\": [\"{STORAGE}\"]")).then_some(())
    })
    .await;
    page.expect("--account-name bakeryforecasting").await;
    page.expect("20_image_build_log.txt").await;
    assert!(!page.markup().contains("sig="));
}

#[wasm_bindgen_test]
async fn words_are_found_and_gone_through() {
    let page = open(&format!("#/demo/{RUN}/calm_dough_7?tab=logs")).await;
    page.expect("round").await;
    let field = page
        .until("the field", || element("input[aria-label='Search in the text']"))
        .await
        .unchecked_into::<web_sys::HtmlInputElement>();
    field.set_value("LOSS");
    field
        .dispatch_event(&web_sys::Event::new("input").expect("events can be made"))
        .expect("fields take events");
    page.expect("1 of 40").await;
    press(&field, "Enter");
    page.expect("2 of 40").await;
    let options = KeyboardEventInit::new();
    options.set_key("Enter");
    options.set_shift_key(true);
    options.set_bubbles(true);
    for _ in 0..2 {
        let event = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &options)
            .expect("events can be made");
        field.dispatch_event(&event).expect("elements take events");
    }
    page.expect("40 of 40").await;
    page.until("the last one marked", || element("mark.current").filter(|mark| mark.inner_text() == "loss"))
        .await;
    field.set_value("no such words");
    field
        .dispatch_event(&web_sys::Event::new("input").expect("events can be made"))
        .expect("fields take events");
    page.expect("not found").await;
}

#[wasm_bindgen_test]
async fn a_line_of_the_address_is_marked_and_can_be_passed_on() {
    let page = open(&format!("#/demo/{RUN}/calm_dough_7?tab=logs&line=5")).await;
    page.expect("round").await;
    let line = page.until("the line", || element(".text-row.chosen")).await;
    assert!(line.inner_text().trim().starts_with('5'), "{}", line.inner_text());
    page.expect("Copy link to line 5").await;
    let other = page.until("a number", || element(".text-row:nth-child(9) .number")).await;
    other.click();
    page.expect("Copy link to line 9").await;
    assert!(page.address().ends_with("line=9"), "{}", page.address());
}

#[wasm_bindgen_test]
async fn a_log_that_could_be_read_once_stays_when_it_cannot_be_read_again() {
    let page = open(&format!("#/{RUN}/brave_oven_12?tab=logs")).await;
    page.sign_in("demo-secret-~+/=").await;
    page.expect("round").await;
    page.network.fail("/content", 99, Fault::Status(403, "{}"));
    page.expect("You may not read this log").await;
    assert!(page.text().contains("round"));
}

#[wasm_bindgen_test]
async fn a_failed_run_leads_to_its_first_error() {
    let page = open(&format!("#/demo/{RUN}/late_crumb_3?tab=logs")).await;
    page.expect("azureml-logs/70_driver_log.txt").await;
    page.press("First error").await;
    let line = page.until("the line", || element(".text-row.chosen")).await;
    assert!(line.inner_text().contains("Traceback"), "{}", line.inner_text());
}

#[wasm_bindgen_test]
async fn scrolling_up_ends_following_and_the_button_begins_it_again() {
    let page = open(&format!("#/demo/{RUN}/brave_oven_12?tab=logs")).await;
    page.expect("round").await;
    let follow = page.until("the button", || page.control("Follow")).await;
    let is_pressed = || follow.get_attribute("aria-pressed").as_deref() == Some("true");
    assert!(is_pressed());
    let frame = page.until("the frame", || element(".text-frame")).await;
    let style = frame.style();
    style.set_property("block-size", "60px").expect("elements take styles");
    style.set_property("overflow", "auto").expect("elements take styles");
    frame.set_scroll_top(100);
    page.until("the view to move", || (frame.scroll_top() > 40).then_some(())).await;
    // The event of the first movement comes before that of the second.
    gloo_timers::future::sleep(std::time::Duration::from_millis(100)).await;
    frame.set_scroll_top(0);
    page.until("following to end", || (!is_pressed()).then_some(())).await;
    follow.click();
    page.until("the end", || (is_pressed() && frame.scroll_top() > 40).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_hidden_tab_asks_for_no_lines() {
    let page = open_named("brave_oven_12?tab=logs").await;
    page.expect("round").await;
    page.until("a second look", || (page.network.asked(STORAGE).len() >= 2).then_some(())).await;
    set_hidden(true);
    gloo_timers::future::sleep(std::time::Duration::from_millis(500)).await;
    let before = page.network.asked(STORAGE).len();
    gloo_timers::future::sleep(std::time::Duration::from_secs(4)).await;
    assert_eq!(page.network.asked(STORAGE).len(), before);
    set_hidden(false);
    page.until("another look", || (page.network.asked(STORAGE).len() > before).then_some(())).await;
}

#[wasm_bindgen_test]
async fn files_open_by_their_address_in_the_way_of_their_kind() {
    let page = open(&format!("#/demo/{RUN}/calm_dough_7?tab=outputs&file=outputs%2Fsummary.json")).await;
    page.expect("\"off_by_loaves\"").await;
    let item = page.until("the file in the tree", || element("[role=treeitem][aria-selected=true]")).await;
    assert_eq!(item.inner_text().trim(), "summary.json");
    press(&item, "ArrowUp");
    let item = page
        .until("the file above", || {
            leptos::prelude::document()
                .active_element()?
                .dyn_into::<HtmlElement>()
                .ok()
                .filter(|item| item.inner_text().trim() == "model.pkl")
        })
        .await;
    press(&item, "f");
    let table = page
        .until("the table in the tree", || {
            leptos::prelude::document()
                .active_element()?
                .dyn_into::<HtmlElement>()
                .ok()
                .filter(|item| item.inner_text().trim() == "forecast.csv")
        })
        .await;
    press(&table, "Enter");
    page.expect("weekday").await;
}
