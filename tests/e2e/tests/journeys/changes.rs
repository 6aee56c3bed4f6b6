//! Changes of computes: made from the page, followed to their end, sent once wherever the connection is cut.

use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};
use http::Method;
use serde_json::json;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// Every request with this method to an address that ends like this loses its connection, until faults are cleared:
/// Chromium by itself sends again what a connection lost that had served before.
pub fn lose(page: &Page, method: &Method, end: &str, fault: &str) {
    let plan = json!([{ "match": format!("{method} *{end}"), "times": 0, "do": fault }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

/// The next request with this method to an address that ends like this goes wrong in a way that fault plans know.
pub fn fail_next(page: &Page, method: &Method, end: &str, fault: &str) {
    let plan = json!([{ "match": format!("{method} *{end}"), "do": fault }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

/// How often a change was sent.
pub fn sent(page: &Page, method: &Method, end: &str) -> usize {
    let all = page.simulator().recorder().matching(method, end);
    all.iter().filter(|request| request.path().ends_with(end)).count()
}

/// How often the page sent something since it was loaded, by what it tells of itself.
pub async fn times_sent(page: &Page, method: &str, part: &str) -> usize {
    let here = page.address().await;
    page.open("#/requests").await;
    page.expect_heading("Requests").await;
    let requests = page.names("listitem").await;
    page.open(&here).await;
    requests.iter().filter(|request| request.contains(method) && request.contains(part)).count()
}

/// Waits for the line above every page that tells of a change.
pub async fn expect_told(page: &Page, line: &str) {
    page.patient(Duration::from_secs(40)).expect_text(line).await;
}

/// Makes a change, once with its connection cut before the service sees it and once cut after, and looks that nobody is
/// left in doubt: what did not arrive is sent again by the person alone, what did is not sent again at all.
pub async fn cut_before_and_after(
    page: &Page,
    (method, end): (Method, &str),
    make: impl AsyncFn(),
    taken: &str,
) {
    lose(page, &method, end, "drop-before");
    make().await;
    page.patient(Duration::from_secs(40)).expect_text("it did not arrive: nothing was changed").await;
    page.simulator().clear_faults();
    lose(page, &method, end, "drop-after");
    make().await;
    expect_told(page, taken).await;
    page.simulator().clear_faults();
    assert_eq!(times_sent(page, method.as_str(), end).await, 2, "{method} {end}");
}

async fn open(page: &Page, part: &str) {
    page.open(&BAKERY.address(part)).await;
}

async fn start_at(page: &Page, part: &str) {
    open(page, part).await;
    sign_in(page).await;
}

/// Fills in the form that makes a cluster.
async fn fill_in(page: &Page, name: &str, most: &str) {
    page.expect_heading("Create a compute").await;
    page.fill("Name", name).await;
    page.fill("Filter sizes", "ds2").await;
    page.click("radio", "Standard_DS2_v2").await;
    page.fill("Machines, at most", most).await;
}

async fn delete(page: &Page, name: &str) {
    let dialog = page.within("dialog", &format!("Delete compute {name}"));
    dialog.fill(&format!("Type {name} to go on"), name).await;
    dialog.click_button("Delete").await;
}

#[test]
fn a_cluster_is_made_scaled_and_deleted() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes").await;
        page.click_link("Create a compute").await;
        fill_in(&page, "oven-2", "2").await;
        page.click_button("Create compute").await;
        page.expect_heading("Compute oven-2").await;
        expect_told(&page, "Done: Create compute oven-2").await;
        page.expect_text("STANDARD_DS2_V2").await;
        let all = page.evaluate("return JSON.stringify({ ...sessionStorage });").await.to_string();
        assert!(!all.contains("azimuth.change") && !all.contains("oven-2"), "{all}");

        page.fill("Machines, at most", "3").await;
        page.click_button("Scale").await;
        expect_told(&page, "Done: Scale compute oven-2").await;
        page.within("region", "Nodes").expect_no_text("Failed").await;

        page.click_button("Delete").await;
        delete(&page, "oven-2").await;
        page.expect_heading("Computes").await;
        expect_told(&page, "Done: Delete compute oven-2").await;
        page.within("region", "Computes").expect_no_text("oven-2").await;
        for (method, count) in [(Method::PUT, 1), (Method::PATCH, 1), (Method::DELETE, 1)] {
            assert_eq!(sent(&page, &method, "/computes/oven-2"), count, "{method}");
        }
    });
}

#[test]
fn a_cluster_that_could_not_be_made_says_why() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes?create").await;
        fill_in(&page, "too-large", "40").await;
        page.expect_text("and the quota leaves").await;
        page.click_button("Create compute").await;
        page.expect_heading("Compute too-large").await;
        expect_told(&page, "Did not work: Create compute too-large").await;
        page.expect_text("The service could not make this compute").await;
        page.expect_text("The cluster needs 40 nodes").await;
    });
}

#[test]
fn a_name_that_is_taken_shows_what_would_be_replaced() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes?create").await;
        page.expect_heading("Create a compute").await;
        page.fill("Name", "gpu_cluster").await;
        page.expect_text("not “_”").await;
        page.fill("Name", "gpu-cluster").await;
        page.expect_text("it is replaced by what is sent").await;
        page.click_button("Start from what it is").await;
        page.expect_text("Nothing else would be different").await;
        page.fill("Machines, at most", "6").await;
        page.within("table", "What would be different").expect_text("At most").await;
        page.click_button("Replace compute").await;
        page.expect_heading("Compute gpu-cluster").await;
        expect_told(&page, "Done: Replace compute gpu-cluster").await;

        // A computer of somebody is not replaced by a cluster.
        open(&page, "computes?create").await;
        page.expect_heading("Create a compute").await;
        page.fill("Name", "mayas-computer").await;
        page.expect_text("another kind with this name").await;
        page.expect_disabled("button", "Replace compute").await;
    });
}

#[test]
fn an_instance_is_started_restarted_and_stopped() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes/mayas-computer").await;
        for (button, before) in [("Start", "Stop"), ("Restart", "Start"), ("Stop", "Start")] {
            page.expect_disabled("button", before).await;
            page.wait("a button that can be pressed", async || {
                page.evaluate(&format!(
                    "return [...document.querySelectorAll('button')].some((one) => one.textContent.trim() == '{button}' && !one.ariaDisabled)"
                ))
                .await
                    == true
            })
            .await;
            page.click_button(button).await;
            expect_told(&page, &format!("Done: {button} compute mayas-computer")).await;
        }
        for action in ["start", "restart", "stop"] {
            assert_eq!(sent(&page, &Method::POST, &format!("/mayas-computer/{action}")), 1, "{action}");
        }
        page.expect_text("Stopped").await;
    });
}

#[test]
fn a_change_is_sent_once_wherever_its_connection_is_cut() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes?create").await;
        fill_in(&page, "oven-3", "2").await;
        let make = async || page.click_button("Create compute").await;
        let put = (Method::PUT, "/computes/oven-3");
        cut_before_and_after(&page, put, make, "Done: Create compute oven-3").await;
        page.expect_heading("Compute oven-3").await;

        page.click_button("Delete").await;
        let make = async || delete(&page, "oven-3").await;
        let removal = (Method::DELETE, "/computes/oven-3");
        cut_before_and_after(&page, removal, make, "Done: Delete compute oven-3").await;

        open(&page, "computes/cpu-compute").await;
        page.expect_heading("Compute cpu-compute").await;
        page.fill("Machines, at most", "5").await;
        let make = async || page.click_button("Scale").await;
        let patch = (Method::PATCH, "/computes/cpu-compute");
        cut_before_and_after(&page, patch, make, "Done: Scale compute cpu-compute").await;

        open(&page, "computes/mayas-computer").await;
        let make = async || page.click_button("Start").await;
        let start = (Method::POST, "/mayas-computer/start");
        cut_before_and_after(&page, start, make, "Done: Start compute mayas-computer").await;
        page.wait("a computer that runs", async || page.text().await.contains("Running")).await;
        let make = async || page.click_button("Restart").await;
        let restart = (Method::POST, "/mayas-computer/restart");
        cut_before_and_after(&page, restart, make, "Done: Restart compute mayas-computer").await;
        let make = async || page.click_button("Stop").await;
        let stop = (Method::POST, "/mayas-computer/stop");
        cut_before_and_after(&page, stop, make, "Done: Stop compute mayas-computer").await;
    });
}

#[test]
fn a_page_that_is_loaded_anew_while_a_change_is_sent_finds_it_again() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes/cpu-compute").await;
        page.fill("Machines, at most", "7").await;
        fail_next(&page, &Method::PATCH, "/computes/cpu-compute", "delay 20000");
        page.click_button("Scale").await;
        page.expect("button", "Sending…").await;
        page.wait("the request", async || sent(&page, &Method::PATCH, "/computes/cpu-compute") == 1).await;
        page.reload().await;
        sign_in(&page).await;
        // The connection ended with the page, and the service with it: it had not begun.
        page.patient(Duration::from_secs(40)).expect_text("it did not arrive: nothing was changed").await;
        page.expect_value("Machines, at most", "7").await;
        page.click_button("Scale").await;
        expect_told(&page, "Done: Scale compute cpu-compute").await;
        assert_eq!(sent(&page, &Method::PATCH, "/computes/cpu-compute"), 2);

        // While it goes on, and from another page.
        page.click_button("Delete").await;
        delete(&page, "cpu-compute").await;
        page.expect_heading("Computes").await;
        page.reload().await;
        sign_in(&page).await;
        expect_told(&page, "Done: Delete compute cpu-compute").await;
        assert_eq!(sent(&page, &Method::DELETE, "/computes/cpu-compute"), 1);
    });
}

#[test]
fn a_change_that_is_refused_says_why_beside_its_button() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes/cpu-compute").await;
        page.fill("Machines, at most", "7").await;
        fail_next(&page, &Method::PATCH, "/computes/cpu-compute", "fail-403");
        page.click_button("Scale").await;
        page.expect_text("You may not scale compute cpu-compute").await;
        fail_next(&page, &Method::PATCH, "/computes/cpu-compute", "fail-409");
        page.click_button("Scale").await;
        page.expect_text("Could not scale compute cpu-compute: something is in the way").await;
        page.expect_value("Machines, at most", "7").await;
        page.click_button("Scale").await;
        expect_told(&page, "Done: Scale compute cpu-compute").await;
        assert_eq!(sent(&page, &Method::PATCH, "/computes/cpu-compute"), 3);
    });
}

#[test]
fn secrets_of_a_cluster_are_sent_in_their_place_and_kept_nowhere() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "computes?create").await;
        fill_in(&page, "oven-4", "2").await;
        page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true);").await;
        page.fill("Administrator name", "baker").await;
        page.fill("Administrator password", "flour-Power-1").await;
        let shown = r#""userAccountCredentials":{"adminUserName":"baker","adminUserPassword":"***"}"#;
        page.wait("the request", async || page.text().await.contains(shown)).await;
        let script = "return document.documentElement.outerHTML + JSON.stringify({ ...sessionStorage, ...localStorage });";
        let all = page.evaluate(script).await.to_string();
        assert!(!all.contains("flour-Power-1"), "the password is kept or shown");
        page.click_button("Create compute").await;
        page.expect_heading("Compute oven-4").await;
        assert_eq!(sent(&page, &Method::PUT, "/computes/oven-4"), 1);
    });
}
