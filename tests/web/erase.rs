//! Erasing: nothing is sent that was not confirmed, nothing is sent twice, and only what is asked for in vain is gone.

use azimuth::private_files::Folder;
use azimuth::settings::Settings;
use gloo_timers::future::sleep;
use leptos::prelude::document;
use std::time::Duration;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::page::{Fault, Page, open_signed_in, open_with};
use crate::sign_in::SUBSCRIPTION;

#[wasm_bindgen(inline_js = "
const files = FileSystemFileHandle.prototype, createWritable = files.createWritable;
const folders = FileSystemDirectoryHandle.prototype, getDirectoryHandle = folders.getDirectoryHandle;
const now = Date.now;
let go = () => {}, held = false;
export function let_go() {
    files.createWritable = createWritable;
    folders.getDirectoryHandle = getDirectoryHandle;
    Date.now = now;
    held = false;
    go();
}
export function refuse_files() {
    files.createWritable = () => Promise.reject(new DOMException('', 'QuotaExceededError'));
}
export function hold_file(number) {
    const told = new Promise((resolve) => { go = resolve; });
    let count = 0;
    files.createWritable = async function (...options) {
        count += 1;
        if (count === number) { held = true; await told; }
        return createWritable.apply(this, options);
    };
}
export function hold_folders() {
    const told = new Promise((resolve) => { go = resolve; });
    folders.getDirectoryHandle = async function (...which) {
        await told;
        return getDirectoryHandle.apply(this, which);
    };
}
export function is_held() {
    return held;
}
export function put_clock_forward(milliseconds) {
    Date.now = () => now() + milliseconds;
}
export async function locks() {
    const { held } = await navigator.locks.query();
    return held.filter((lock) => lock.name.startsWith('azimuth erasures/')).length;
}
")]
extern "C" {
    /// The browser is as it was.
    fn let_go();
    /// There is no room for files.
    fn refuse_files();
    /// Of the files that are written from now on, that one waits.
    fn hold_file(number: u32);
    /// All folders wait.
    fn hold_folders();
    /// Whether the file waits.
    fn is_held() -> bool;
    /// It is so much later.
    fn put_clock_forward(milliseconds: f64);
    /// How many erasures have their lock.
    async fn locks() -> JsValue;
}

const SENT: &str = "DELETE https://";

fn address(part: &str) -> String {
    format!("#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/{part}")
}

/// Nothing is kept; whoever signed out before may still be removing it.
async fn forget() {
    let_go();
    for _ in 0..200 {
        if Folder::remove_all(&["erasures"]).await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("what was kept cannot be removed");
}

/// The tab, with nothing kept of what other tests erased.
async fn open() -> Page {
    forget().await;
    open_signed_in(&address("data?tab=erase")).await
}

fn find(selector: &str, fits: impl Fn(&HtmlElement) -> bool) -> Option<HtmlElement> {
    let found = document().query_selector_all(selector).expect("the selector is one");
    (0..found.length())
        .filter_map(|index| found.item(index)?.dyn_into::<HtmlElement>().ok())
        .find(|element| fits(element))
}

async fn click(page: &Page, what: &str, selector: &str, fits: impl Fn(&HtmlElement) -> bool) {
    page.until(what, || find(selector, &fits)).await.click();
    sleep(Duration::ZERO).await;
}

/// Unfolds kinds and ticks things, which have names like "Model weather-lookup:1".
async fn choose(page: &Page, kinds: &[&str], things: &[&str]) {
    page.until("all kinds to be listed", || {
        find(".erase-kind > summary", |_| true)?;
        find(".erase-kind > summary", |summary| summary.inner_text().contains('…')).is_none().then_some(())
    })
    .await;
    for kind in kinds {
        click(page, kind, ".erase-kind:not([open]) > summary", |summary| {
            let text = summary.inner_text();
            text.starts_with(kind) && !text.contains('…')
        })
        .await;
    }
    for thing in things {
        click(page, thing, "input[type=checkbox]", |input| {
            input.get_attribute("aria-label").as_deref() == Some(thing)
        })
        .await;
    }
}

/// Opens the dialog, types the name and confirms.
async fn confirm(page: &Page, button: &str) {
    page.press(button).await;
    page.fill("Type forecasting to go on", "forecasting").await;
    page.last_control(button).expect("the dialog has its button").click();
    sleep(Duration::ZERO).await;
}

/// What the deletions so far were of, in their order.
fn deleted(page: &Page) -> Vec<String> {
    let last = |request: &String| {
        let path = request.split('?').next().unwrap_or_default();
        path.rsplit('/').next().unwrap_or_default().replace("%3A", ":")
    };
    page.network.asked(SENT).iter().map(last).collect()
}

/// Whoever signs out lets another tab erase; a page that is only put away keeps its lock.
async fn leave(page: Page) {
    page.press("Sign out").await;
    page.until("nobody to be signed in", || {
        if page.text().contains("Signing out ") {
            page.last_control("Sign out")?.click();
        }
        page.text().contains("Client secret").then_some(())
    })
    .await;
}

#[wasm_bindgen_test]
async fn nothing_is_chosen_from_the_start_and_the_name_has_to_be_typed() {
    let page = open().await;
    page.expect("Nothing is chosen").await;
    page.expect("storage account").await;
    choose(&page, &["Services"], &["Service loaves-tomorrow"]).await;
    page.press("Erase 1 thing").await;
    page.fill("Type forecasting to go on", "forecastin").await;
    page.last_control("Erase 1 thing").expect("the dialog has its button").click();
    sleep(Duration::from_millis(100)).await;
    assert!(page.network.asked(SENT).is_empty());
    page.expect("The name is not typed yet.").await;
    leave(page).await;
}

#[wasm_bindgen_test]
async fn things_go_after_what_uses_them_and_are_asked_for_again() {
    let page = open().await;
    let chain = ["Model loaves-forecaster:4", "Image loaves-image:3", "Service loaves-tomorrow"];
    choose(&page, &["Assets", "Models", "Images", "Services"], &chain).await;
    // Its name is that of others, too.
    let of_asset = page.until("the asset of the model", || {
        find(".erase-kind tbody tr", |row| row.inner_text().contains("model loaves-forecaster:4"))
    });
    let of_asset =
        of_asset.await.query_selector("input").expect("the selector is one").expect("it has a box");
    of_asset.unchecked_into::<HtmlElement>().click();
    confirm(&page, "Erase 4 things").await;
    page.expect("Save the receipt as JSON").await;
    let deletions = page.network.asked(SENT);
    let of = |kind: &str| deletions.iter().position(|request| request.contains(kind));
    let places = ["/services/", "/images/", "/models/", "/assets/"].map(of);
    assert_eq!(places, [Some(0), Some(1), Some(2), Some(3)], "{deletions:?}");
    let text = page.text();
    assert!(text.contains("4 gone, asked for again"), "{text}");
    for request in &deletions {
        let read = request.replace("DELETE", "GET");
        let path = read.split('?').next().expect("there is always a first part");
        let sent = page.network.asked("").iter().position(|known| known == request);
        let looks = page
            .network
            .asked("")
            .iter()
            .skip(sent.unwrap_or_default())
            .filter(|known| known.starts_with(path))
            .count();
        assert!(looks >= 1, "{path} was not asked for again");
    }
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_lost_answer_is_looked_for_and_nothing_is_sent_twice_by_itself() {
    let page = open().await;
    choose(&page, &["Services"], &["Service loaves-tomorrow"]).await;
    choose(&page, &["Models"], &["Model croissant-waste:1"]).await;
    page.network.fail(SENT, 1, Fault::After);
    confirm(&page, "Erase 2 things").await;
    page.expect("Save the receipt as JSON").await;
    assert_eq!(deleted(&page), ["loaves-tomorrow", "croissant-waste:1"]);
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_deletion_that_did_not_arrive_is_kept_and_sent_again_by_a_person() {
    let page = open().await;
    choose(&page, &["Services", "Models"], &["Service loaves-tomorrow", "Model croissant-waste:1"]).await;
    page.network.fail(SENT, 1, Fault::Before);
    confirm(&page, "Erase 2 things").await;
    page.expect("nobody knows whether that arrived").await;
    page.expect("Save the receipt as JSON").await;
    assert_eq!(deleted(&page), ["loaves-tomorrow", "croissant-waste:1"], "it was sent again by itself");
    page.press("Try the one that failed again").await;
    page.expect_gone("Not deleted").await;
    page.expect("2 gone, asked for again").await;
    assert_eq!(deleted(&page), ["loaves-tomorrow", "croissant-waste:1", "loaves-tomorrow"]);
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_deletion_of_an_unknown_thing_is_sent_in_one_form_alone() {
    let page = open().await;
    choose(&page, &["Models"], &["Model croissant-waste:1"]).await;
    page.network.fail(SENT, 1, Fault::Status(404, "{}"));
    confirm(&page, "Erase 1 thing").await;
    page.expect("Save the receipt as JSON").await;
    page.expect("The service says 404").await;
    assert_eq!(deleted(&page), ["croissant-waste:1"], "it was sent again by itself");
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_deletion_has_the_form_in_which_the_thing_was_read() {
    forget().await;
    let page = open_with(&address("data?tab=erase"), Settings::default()).await;
    page.network.fail("westeurope.modelmanagement.azureml.net/api/", 1_000, Fault::Status(404, "{}"));
    page.sign_in("demo-secret-~+/=").await;
    choose(&page, &["Models"], &["Model croissant-waste:1"]).await;
    confirm(&page, "Erase 1 thing").await;
    page.expect("1 gone, asked for again").await;
    page.expect("Save the receipt as JSON").await;
    let sent = page.network.asked(SENT);
    assert!(sent.len() == 1 && sent[0].contains(".api.azureml.ms/modelmanagement/v1.0/"), "{sent:?}");
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_deletion_that_nobody_is_signed_in_for_waits_for_nobody() {
    let page = open().await;
    choose(&page, &["Services"], &["Service loaves-tomorrow"]).await;
    page.network.fail(SENT, 1, Fault::Status(401, "{}"));
    confirm(&page, "Erase 1 thing").await;
    // Whoever signs in next would send it in their own name.
    page.until("the way on", || page.control("Go on")).await;
    assert_eq!(deleted(&page), ["loaves-tomorrow"]);
    page.press("Go on").await;
    page.expect("Save the receipt as JSON").await;
    page.expect("1 gone, asked for again").await;
    page.expect("2 deletions").await;
    page.expect("401 at").await;
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_list_that_leads_to_itself_is_said_to_be_unread() {
    const ENDLESS: &str =
        r#"{"value":[],"nextLink":"https://westeurope.modelmanagement.azureml.net/api/again?page=2"}"#;
    forget().await;
    let page = open_with(&address("data?tab=erase"), Settings::default()).await;
    page.network.fail("/forecasting/assets?", 1, Fault::Status(200, ENDLESS));
    page.network.fail("/api/again", 50, Fault::Status(200, ENDLESS));
    page.sign_in("demo-secret-~+/=").await;
    choose(&page, &["Assets"], &[]).await;
    page.expect("does not come to an end").await;
    assert_eq!(page.network.asked("/api/again").len(), 1);
    leave(page).await;
}

#[wasm_bindgen_test]
async fn what_is_gone_by_the_end_is_looked_at_once_more() {
    let page = open().await;
    choose(&page, &["Models"], &["Model croissant-waste:1"]).await;
    page.network.fail(SENT, 1, Fault::After);
    // It is there when its turn comes, and twice after that: what was sent takes its time.
    page.network.fail("/models/croissant-waste", 3, Fault::Status(200, r#"{"id":"croissant-waste:1"}"#));
    confirm(&page, "Erase 1 thing").await;
    page.expect("Save the receipt as JSON").await;
    assert!(page.text().contains("1 gone, asked for again"), "{}", page.text());
    assert_eq!(deleted(&page), ["croissant-waste:1"]);
    leave(page).await;
}

#[wasm_bindgen_test]
async fn what_is_still_being_deleted_after_long_is_told_as_that_and_looked_at_later() {
    let page = open().await;
    choose(&page, &["Services"], &["Service weather-live"]).await;
    confirm(&page, "Erase 1 thing").await;
    page.expect("202 at").await;
    let going = Fault::Status(200, r#"{"id":"weather-live","state":"Deleting"}"#);
    page.network.fail("/services/weather-live", 1_000, going);
    put_clock_forward(660_000.0);
    page.expect("Save the receipt as JSON").await;
    page.expect("1 still being deleted").await;
    assert!(!page.text().contains("Not deleted"), "{}", page.text());
    page.network.mend();
    let_go();
    page.press("Look again at the one that is still being deleted").await;
    page.expect("1 gone, asked for again").await;
    assert_eq!(deleted(&page), ["weather-live"]);
    leave(page).await;
}

#[wasm_bindgen_test]
async fn without_room_for_its_first_line_nothing_is_begun_and_the_plan_stays() {
    let page = open().await;
    choose(&page, &["Services"], &["Service loaves-tomorrow"]).await;
    refuse_files();
    confirm(&page, "Erase 1 thing").await;
    page.expect("This browser gives the page no more room").await;
    assert!(page.network.asked(SENT).is_empty());
    let_go();
    confirm(&page, "Erase 1 thing").await;
    page.expect("1 gone, asked for again").await;
    assert_eq!(deleted(&page), ["loaves-tomorrow"]);
    leave(page).await;
}

#[wasm_bindgen_test]
async fn what_is_looked_for_at_a_sign_out_lets_its_lock_go() {
    forget().await;
    hold_folders();
    let page = open_signed_in(&address("data?tab=erase")).await;
    page.expect_heading("Data").await;
    let count = async || locks().await.as_f64().expect("it is a number");
    while count().await == 0.0 {
        sleep(Duration::from_millis(20)).await;
    }
    leave(page).await;
    let_go();
    for _ in 0..400 {
        if count().await == 0.0 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("no other tab can erase anything in this workspace");
}

#[wasm_bindgen_test]
async fn what_uses_a_thing_is_added_to_the_plan_only_once_somebody_confirms_it() {
    let page = open().await;
    choose(&page, &["Models"], &["Model loaves-forecaster:3"]).await;
    page.expect("is used by").await;
    confirm(&page, "Erase 1 thing").await;
    page.expect("Something else uses it, and has to go first").await;
    page.press("Delete what uses them first").await;
    page.expect("These were not in the plan").await;
    assert_eq!(deleted(&page), ["loaves-forecaster:3"]);
    let button =
        find("dialog[open] button[type=submit]", |_| true).expect("the dialog has its button").inner_text();
    page.fill("Type forecasting to go on", "forecasting").await;
    page.last_control(&button).expect("it can be pressed").click();
    page.until("the last deletion", || {
        (deleted(&page).len() > 1 && deleted(&page).last()? == "loaves-forecaster:3").then_some(())
    })
    .await;
    page.expect("Save the receipt as JSON").await;
    assert!(!page.text().contains("Not deleted"), "{}", page.text());
    let again = deleted(&page);
    assert!(again.contains(&"loaves-image:2".to_owned()), "{again:?}");
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_stopped_erasure_sends_nothing_more_and_can_go_on() {
    let page = open().await;
    // The service goes for a while, and the model waits for it.
    choose(&page, &["Services", "Models"], &["Service weather-live", "Model weather-lookup:1"]).await;
    // What it is about, the plan, and then the line that stands before the first deletion.
    hold_file(3);
    confirm(&page, "Erase 2 things").await;
    page.until("the line to be written", || is_held().then_some(())).await;
    page.press("Stop").await;
    let_go();
    page.expect("It was stopped before it was through").await;
    assert!(deleted(&page).is_empty(), "{:?}", deleted(&page));

    page.press("Go on with the rest").await;
    page.until("a deletion", || (!deleted(&page).is_empty()).then_some(())).await;
    page.press("Stop").await;
    page.expect("Stopping").await;
    for _ in 0..200 {
        if page.text().contains("Save the receipt as JSON") {
            break;
        }
        sleep(Duration::from_millis(200)).await;
    }
    page.expect("It was stopped before it was through").await;
    assert_eq!(deleted(&page), ["weather-live"]);
    page.press("Go on with the rest").await;
    page.expect("2 gone, asked for again").await;
    page.expect("Save the receipt as JSON").await;
    assert_eq!(deleted(&page), ["weather-live", "weather-lookup:1"]);
    page.expect("2 deletions").await;
    leave(page).await;
}

#[wasm_bindgen_test]
async fn how_it_goes_is_told_above_other_pages_until_its_end_was_seen() {
    let page = open().await;
    choose(&page, &["Services", "Models"], &["Service weather-live", "Model weather-lookup:1"]).await;
    confirm(&page, "Erase 2 things").await;
    page.expect("Being deleted").await;
    page.go(&address("models")).await;
    page.expect_heading("Models").await;
    page.expect("Erasing in forecasting").await;
    // Its own page says so itself.
    page.go(&address("data?tab=erase")).await;
    page.expect("What became of it").await;
    page.expect_gone("Erasing in forecasting").await;
    page.go(&address("experiments")).await;
    page.expect("Erasing in forecasting").await;
    for _ in 0..200 {
        if page.text().contains("over; its receipt is there") {
            break;
        }
        sleep(Duration::from_millis(200)).await;
    }
    page.expect("over; its receipt is there").await;
    page.go(&address("data?tab=erase")).await;
    page.expect("2 gone, asked for again").await;
    page.go(&address("models")).await;
    page.expect_heading("Models").await;
    page.expect_gone("Erasing in forecasting").await;
    leave(page).await;
}

#[wasm_bindgen_test]
async fn a_page_that_may_change_nothing_erases_nothing() {
    forget().await;
    let settings = Settings { read_only: true, ..Settings::default() };
    let page = open_with(&address("data?tab=erase"), settings).await;
    page.sign_in("demo-secret-~+/=").await;
    choose(&page, &["Services"], &["Service loaves-tomorrow"]).await;
    page.expect("This page was set up to change nothing.").await;
    page.press("Erase 1 thing").await;
    sleep(Duration::from_millis(100)).await;
    assert!(!page.text().contains("Type forecasting to go on"));
    assert!(page.network.asked(SENT).is_empty());
    leave(page).await;
}
