//! Exports and erasures that lie in the browser: whose they are, and what signing out leaves of them.

use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};
use http::Method;
use serde_json::{Value, json};

use crate::erase::{choose, confirm};
use crate::export::{fail, show_plan};
use crate::microsoft::{MAYA, sign_in_with_microsoft};
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const LONG: Duration = Duration::from_secs(60);
const EXPORTED: &str = "Save the zip";
const ERASED: &str = "Save the receipt as JSON";

/// From now on the browser takes its time to remove files.
const SLOW_REMOVAL: &str =
    "const prototype = FileSystemDirectoryHandle.prototype, remove = prototype.removeEntry;
    prototype.removeEntry = async function (...which) {
        await new Promise((go) => setTimeout(go, 1000));
        return remove.apply(this, which);
    };";

/// From now on the browser removes files once this is told it, as in a tab that was put aside.
const REMOVAL_WAITS: &str =
    "const prototype = FileSystemDirectoryHandle.prototype, remove = prototype.removeEntry;
    const told = new Promise((go) => { window.removeNow = go; });
    window.removals = [];
    prototype.removeEntry = function (...which) {
        const removal = told.then(() => remove.apply(this, which));
        window.removals.push(removal.catch(() => {}));
        return removal;
    };";

/// The names of all files that the browser keeps for the site alone.
async fn private_files(page: &Page) -> Value {
    let script = "const names = [];
        const look = async (folder) => {
            for await (const [name, entry] of folder.entries()) {
                if (entry.kind === 'directory') { await look(entry); } else { names.push(name); }
            }
        };
        // What is written at this moment may be gone before it is looked at.
        await look(await navigator.storage.getDirectory()).catch(() => names.push(null));
        return names;";
    page.evaluate_waiting(script).await
}

async fn expect_no_private_files(page: &Page) {
    page.wait("the private files to be gone", async || private_files(page).await == json!([])).await;
}

/// Takes models out and erases a service: both are kept.
async fn export_and_erase(page: &Page) {
    page.open(&BAKERY.address("data?kind=models")).await;
    page.expect_heading("Data").await;
    show_plan(page).await;
    page.click_button("Start the export").await;
    page.patient(LONG).expect("button", EXPORTED).await;
    page.open(&BAKERY.address("data?tab=erase")).await;
    choose(page, "Services", &["Service loaves-tomorrow"]).await;
    confirm(page, "Erase 1 thing").await;
    page.patient(LONG).expect("button", ERASED).await;
}

/// The browser is closed and opened again, by whoever comes next: nobody signed out.
async fn close_and_open(page: &Page, address: &str) {
    page.evaluate("sessionStorage.clear();").await;
    page.open(address).await;
    page.reload().await;
    page.expect_heading("Sign in").await;
}

#[test]
fn what_somebody_left_in_the_browser_is_shown_to_nobody_else_and_waits_for_them() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;

        close_and_open(&page, &BAKERY.address("data")).await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.expect("button", "Show the plan").await;
        page.expect_no("button", EXPORTED).await;
        page.open(&BAKERY.address("data?tab=erase")).await;
        page.expect_text("Nothing is chosen").await;
        page.expect_no_text("loaves-tomorrow").await;

        close_and_open(&page, &BAKERY.address("data")).await;
        sign_in(&page).await;
        page.expect("button", EXPORTED).await;
        page.open(&BAKERY.address("data?tab=erase")).await;
        page.expect("button", ERASED).await;
        page.expect_text("loaves-tomorrow").await;
    });
}

#[test]
fn who_signs_in_over_the_page_of_somebody_else_finds_nothing_of_theirs() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;
        fail(&page, "GET */models*", "status 401");
        page.open(&BAKERY.address("models")).await;
        let dialog = page.within("dialog", "Sign in again");
        dialog.expect("group", "Service principal").await;
        page.simulator().clear_faults();
        sign_in(&page).await;
        page.expect_text("loaves-forecaster").await;
        page.expect_no_text("Export of forecasting").await;
        page.open(&BAKERY.address("data")).await;
        page.expect("button", "Show the plan").await;
        page.open(&BAKERY.address("data?tab=erase")).await;
        page.expect_text("Nothing is chosen").await;
    });
}

#[test]
fn signing_out_anywhere_leaves_no_private_files() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;
        // Where nothing of exports is loaded.
        page.open(&BAKERY.address("models")).await;
        page.reload().await;
        sign_in(&page).await;
        page.expect_heading("Models").await;
        let kept = private_files(&page).await;
        assert_ne!(kept, json!([]));
        page.click_button("Sign out").await;
        let dialog = page.within("dialog", "Sign out?");
        dialog.expect_text("An export or the receipt of an erasure lies in this browser").await;
        dialog.click_button("Stay").await;
        assert_eq!(private_files(&page).await, kept);
        page.click_button("Sign out").await;
        dialog.click_button("Sign out").await;
        page.expect_heading("Sign in").await;
        expect_no_private_files(&page).await;
        // Nothing lies there any more, so nothing is asked.
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        page.click_button("Sign out").await;
        page.expect_heading("Sign in").await;
    });
}

#[test]
fn another_tab_removes_nothing_that_was_begun_after_the_sign_out() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;
        let first = page.client().window().await.unwrap();
        let second = page.client().new_window(true).await.unwrap().handle;
        page.client().switch_to_window(second.clone()).await.unwrap();
        page.open(&BAKERY.address("data?tab=erase")).await;
        sign_in(&page).await;
        page.expect("button", "Look again").await;
        page.evaluate(REMOVAL_WAITS).await;

        page.client().switch_to_window(first.clone()).await.unwrap();
        page.click_button("Sign out").await;
        let dialog = page.within("dialog", "Sign out?");
        for lost in ["An export lies in this browser.", "The receipt of an erasure lies in this browser."] {
            dialog.expect_text(lost).await;
        }
        dialog.click_button("Sign out").await;
        page.expect_heading("Sign in").await;
        expect_no_private_files(&page).await;
        page.client().switch_to_window(second.clone()).await.unwrap();
        page.expect_text("You signed out in another tab.").await;

        page.client().switch_to_window(first).await.unwrap();
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        page.open(&BAKERY.address("data?kind=models")).await;
        show_plan(&page).await;
        page.click_button("Start the export").await;
        page.patient(LONG).expect("button", EXPORTED).await;
        let kept = private_files(&page).await;
        assert_ne!(kept, json!([]));

        page.client().switch_to_window(second).await.unwrap();
        page.evaluate_waiting("window.removeNow(); await Promise.all(window.removals);").await;
        assert_eq!(private_files(&page).await, kept);
    });
}

#[test]
fn signing_out_while_an_export_goes_on_leaves_no_private_files() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("data")).await;
        sign_in(&page).await;
        page.expect_heading("Data").await;
        page.click("checkbox", "Contents of files").await;
        show_plan(&page).await;
        fail(&page, "*/runs/*/details", "delay 900");
        page.click_button("Start the export").await;
        page.patient(LONG)
            .wait("files", async || private_files(&page).await.as_array().unwrap().len() > 2)
            .await;
        page.click_button("Sign out").await;
        page.within("dialog", "Sign out?").click_button("Sign out").await;
        page.expect_heading("Sign in").await;
        expect_no_private_files(&page).await;
        // Nor is anything written afterwards.
        page.open("#/requests").await;
        assert_eq!(private_files(&page).await, json!([]));
    });
}

#[test]
fn signing_out_at_microsoft_waits_until_the_private_files_are_gone() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.expect_heading("Subscriptions").await;
        export_and_erase(&page).await;
        page.reload().await;
        page.expect("button", ERASED).await;
        page.open(&BAKERY.address("models")).await;
        page.reload().await;
        page.expect_heading("Models").await;
        page.evaluate(SLOW_REMOVAL).await;
        page.click_button("Sign out").await;
        page.within("dialog", "Sign out?").click_button("Sign out").await;
        page.wait("the authority to be told", async || {
            !page.simulator().recorder().matching(&Method::GET, "/oauth2/v2.0/logout").is_empty()
        })
        .await;
        page.expect_heading("Sign in").await;
        assert_eq!(private_files(&page).await, json!([]));
    });
}
