//! The page without a mouse: everything can be reached, the focus can be seen and is where a person would look for it.

use azimuth_e2e::{Focus, Page, Stage, journey};
use fantoccini::key::Key;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// No page has as many stops.
const MOST_STOPS: usize = 150;

async fn tab(page: &Page) -> Focus {
    page.press(&Key::Tab.to_string()).await;
    // Behind its last stop Firefox goes to its own bars, from where a person's keys lead back, and the driver's do not.
    page.evaluate("if (!document.hasFocus()) window.focus();").await;
    page.focus().await
}

/// Goes on with Tab until something has the focus; every stop on the way can be seen.
async fn tab_to(page: &Page, tag: &str, name: &str) {
    let mut stops = Vec::new();
    for _ in 0..MOST_STOPS {
        let focus = tab(page).await;
        assert!(focus.is_visible || focus.tag == "body", "the focus cannot be seen on {focus:?}");
        if focus.tag == tag && focus.name == name {
            return;
        }
        stops.push(format!("{} \"{}\"", focus.tag, focus.name));
    }
    panic!("Tab never came to {tag} \"{name}\", but to:\n  {}", stops.join("\n  "));
}

async fn enter(page: &Page) {
    page.press(&Key::Enter.to_string()).await;
}

/// With the key held down for this one press alone.
async fn press_with_control(page: &Page, key: &str) {
    page.press(&format!("{}{key}{}", Key::Control, Key::Null)).await;
}

#[test]
fn a_run_is_reached_without_a_mouse() {
    journey(Stage::demo(), async |page| {
        page.open("#/").await;
        page.expect_focus("h1", "Sign in").await;
        tab_to(&page, "button", "Explore the demo").await;
        enter(&page).await;
        let way = [
            ("Subscriptions", "Subscriptions", BAKERY.subscription),
            ("Resource groups", "Resource groups", BAKERY.group),
            ("Workspaces", "Workspaces", BAKERY.workspace_label),
        ];
        for (heading, list, link) in way {
            page.expect_focus("h1", heading).await;
            page.expect_title(heading).await;
            page.within("region", list).expect_text(link).await;
            tab_to(&page, "a", link).await;
            enter(&page).await;
        }
        page.expect_focus("h1", BAKERY.workspace_label).await;
        tab_to(&page, "a", "Experiments").await;
        enter(&page).await;
        page.expect_focus("h1", "Experiments").await;
        page.within("region", "Experiments").expect_text(BAKERY.experiment).await;
        tab_to(&page, "a", BAKERY.experiment).await;
        enter(&page).await;
        page.expect_focus("h1", &format!("Runs of {}", BAKERY.experiment)).await;
        page.within("region", "Runs").expect_text(BAKERY.run).await;
        tab_to(&page, "a", BAKERY.run).await;
        enter(&page).await;
        page.expect_focus("h1", BAKERY.run).await;
        page.expect_title(BAKERY.run).await;

        // From run to run only the parameters change.
        page.open(&BAKERY.run_address("late_crumb_3").replacen("#/", "#/demo/", 1)).await;
        page.expect_focus("h1", "late_crumb_3").await;
        page.expect_title("late_crumb_3").await;
    });
}

#[test]
fn no_page_holds_the_focus_and_every_stop_can_be_seen() {
    let alone = "behind the last stop Firefox goes to its own bars, where its driver sends no keys";
    journey(Stage::demo().in_chromium_alone(alone), async |page| {
        for part in ["experiments/loaves-per-day", "submit", "experiments/loaves-per-day/runs/late_crumb_3"] {
            page.open(&BAKERY.address(part).replacen("#/", "#/demo/", 1)).await;
            page.expect("button", "Find Ctrl K").await;
            page.wait("the page to be loaded", async || {
                page.evaluate(
                    "return !document.querySelector('.loading') && Boolean(document.querySelector('h1'));",
                )
                .await
                    == true
            })
            .await;
            // Round once: past the end of the document, and to its beginning.
            tab_to(&page, "a", "Skip to content").await;
            tab_to(&page, "a", "Skip to content").await;
        }
    });
}

#[test]
fn skipping_to_the_content_leaves_the_header_and_the_address() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.address("datastores").replacen("#/", "#/demo/", 1)).await;
        page.expect_focus("h1", "Datastores").await;
        page.within("region", "Datastores").expect_text("workspaceblobstore").await;
        let address = page.address().await;
        tab_to(&page, "a", "Skip to content").await;
        enter(&page).await;
        let stop = tab(&page).await;
        assert_eq!((stop.tag.as_str(), stop.name.as_str()), ("input", "Filter"));
        page.expect_address(&address).await;
    });
}

#[test]
fn a_filter_keeps_the_focus_while_the_address_changes() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.address("models").replacen("#/", "#/demo/", 1)).await;
        page.within("region", "Models").expect_text("weather-lookup").await;
        tab_to(&page, "input", "Filter").await;
        page.press("croissant").await;
        page.expect_no_text("weather-lookup").await;
        page.expect_focus("input", "Filter").await;
        assert!(page.address().await.ends_with("?filter=croissant"));
        tab_to(&page, "button", "Version").await;
        enter(&page).await;
        page.wait("the order in the address", async || page.address().await.contains("sort=-version")).await;
        page.expect_focus("button", "Version").await;
    });
}

#[test]
fn escape_closes_a_dialog_and_gives_the_focus_back() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        tab_to(&page, "button", "Refresh").await;
        let plan = r#"[{"match": "GET */subscriptions", "do": "status 401"}]"#;
        page.simulator().add_faults(plan).unwrap();
        enter(&page).await;
        page.expect("dialog", "Sign in again").await;
        // Nothing behind it can be reached.
        for _ in 0..20 {
            tab(&page).await;
            let is_inside = page
                .evaluate("return document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'));")
                .await;
            assert_eq!(is_inside, true, "{:?}", page.focus().await);
        }
        page.press(&Key::Escape.to_string()).await;
        page.expect_no("dialog", "Sign in again").await;
        page.expect_focus("button", "Refresh").await;
    });
}

#[test]
fn the_palette_goes_anywhere_and_does_what_the_page_can() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.address("experiments").replacen("#/", "#/demo/", 1)).await;
        page.within("region", "Experiments").expect_text(BAKERY.experiment).await;
        tab_to(&page, "input", "Filter").await;
        press_with_control(&page, "k").await;
        page.expect_focus("input", "Find a page, a run, an action").await;
        page.press(&Key::Escape.to_string()).await;
        page.expect_no("dialog", "Find").await;
        page.expect_focus("input", "Filter").await;

        press_with_control(&page, "k").await;
        page.expect_focus("input", "Find a page, a run, an action").await;
        page.press("lpd").await;
        page.expect("option", "loaves-per-day forecasting").await;
        enter(&page).await;
        page.expect_focus("h1", "Runs of loaves-per-day").await;
        assert!(page.address().await.starts_with("#/demo/"));
        page.within("region", "Runs").expect_text("golden_crust_1").await;

        press_with_control(&page, "k").await;
        page.expect_focus("input", "Find a page, a run, an action").await;
        page.press("golden").await;
        page.expect("option", "golden_crust_1 loaves-per-day · forecasting").await;
        enter(&page).await;
        page.expect_focus("h1", "golden_crust_1").await;

        press_with_control(&page, "k").await;
        page.expect_focus("input", "Find a page, a run, an action").await;
        page.press("theme").await;
        page.expect("option", "Switch the theme").await;
        enter(&page).await;
        page.wait("the light theme", async || {
            page.evaluate("return document.documentElement.dataset.theme;").await == "light"
        })
        .await;
    });
}

#[test]
fn back_comes_to_where_the_list_was_scrolled() {
    journey(Stage::demo(), async |page| {
        const PLACE: &str = "return document.querySelector('main .table-frame')?.scrollTop;";
        page.set_viewport(1000, 420).await;
        page.open(&BAKERY.address("experiments/loaves-per-day").replacen("#/", "#/demo/", 1)).await;
        page.within("region", "Runs").expect_text("golden_crust_1").await;
        page.evaluate("document.querySelector('main .table-frame').scrollTop = 150;").await;
        page.wait("the list to be scrolled", async || page.evaluate(PLACE).await == 150).await;
        // As a press does: a driver's click would scroll by itself.
        page.evaluate("document.querySelector('main tbody a').click();").await;
        page.expect_text("Definition").await;
        assert_eq!(page.evaluate("return document.documentElement.scrollTop;").await, 0);
        page.back().await;
        page.wait("the list where it was", async || page.evaluate(PLACE).await == 150).await;
        page.reload().await;
        page.wait("the list where it was, loaded anew", async || page.evaluate(PLACE).await == 150).await;
    });
}
