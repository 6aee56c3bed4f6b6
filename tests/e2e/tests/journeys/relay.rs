//! The page and the relay in nginx, in a browser. `cargo xtask conformance` installs nginx and runs this.

use std::time::Duration;

use azimuth_e2e::{Page, Recorded, Role, ServerOptions, Stage, journey};
use azimuth_relay::{Relay, Tables};
use http::Method;
use serde_json::{Value, json};

use crate::main_job::do_the_main_job;
use crate::sign_in::sign_in;
use crate::submit::hand_in;
use crate::tour::BAKERY;

/// The services of a region, in the words of the relay.
const PLACES: [(&str, Role); 5] = [
    ("local experiments", Role::Discovery),
    ("local api", Role::Regional),
    ("local modelmanagement", Role::ModelManagement),
    ("local aether", Role::Pipelines),
    ("login", Role::Login),
];

#[test]
#[ignore = "needs nginx: cargo xtask conformance"]
fn where_no_host_of_a_region_shares_with_a_page_the_main_job_is_done_through_the_relay() {
    let options =
        ServerOptions { cors: false, secrets_from_pages: false, speed: 10.0, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        let _relay = put_relay_before(&page);
        do_the_main_job(&page).await;
        expect_all_from_the_relay(&page, &PLACES[..2]).await;

        // What signed the person in went to the authority alone.
        let recorder = page.simulator().recorder();
        let tokens = recorder.matching(&Method::POST, "/oauth2/v2.0/token");
        assert!(!tokens.is_empty() && tokens.iter().all(is_pages), "{tokens:?}");
    });
}

#[test]
#[ignore = "needs nginx: cargo xtask conformance"]
fn a_service_principal_signs_in_through_the_relay() {
    let options = ServerOptions { cors: false, secrets_from_pages: false, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        let _relay = put_relay_before(&page);
        let patient = page.patient(Duration::from_secs(30));
        page.open(&BAKERY.address("experiments")).await;
        sign_in(&page).await;
        patient.within("region", "Experiments").expect_text(BAKERY.experiment).await;
        page.click_link(BAKERY.experiment).await;
        patient.expect_text(BAKERY.run).await;
        page.open(&BAKERY.submit_address()).await;
        page.expect_heading("Submit a run").await;
        hand_in(&page, BAKERY.experiment).await;
        patient.expect("region", "Status").await;
        page.open(&BAKERY.address("models")).await;
        patient.expect_text(BAKERY.model).await;
        expect_all_from_the_relay(&page, &PLACES[..3]).await;
        let models = page.simulator().recorder().matching(&Method::GET, "/models");
        assert!(!models.is_empty() && !models.iter().any(is_pages), "{models:?}");
    });
}

/// Names a relay in the settings that stands before every service of the region.
fn put_relay_before(page: &Page) -> Relay {
    let site = page.site().trim_end_matches('/');
    let tables = PLACES.iter().fold(Tables::default().origin(site), |tables, (place, role)| {
        tables.host(place, page.simulator().origin(*role))
    });
    let relay = Relay::start(&tables);
    let mut config: Value = serde_json::from_str(page.simulator().config_json()).unwrap();
    config["relay"] = json!(format!("http://{}", relay.authority()));
    page.set_config(&config);
    relay
}

/// Whether a page asked by itself: the relay says nothing of pages.
fn is_pages(asked: &Recorded) -> bool {
    asked.headers.iter().any(|name| matches!(name.as_str(), "origin" | "referer"))
}

/// Of these places, and of what was asked of the region at all.
async fn expect_all_from_the_relay(page: &Page, places: &[(&str, Role)]) {
    page.open("#/diagnostics").await;
    let hosts = page.patient(Duration::from_secs(30)).within("table", "Hosts");
    for (_, role) in places {
        hosts.expect_text(&format!("{} Through the relay", page.simulator().origin(*role))).await;
    }
    let management = page.simulator().origin(Role::Management);
    hosts.expect_text(&format!("{management} Direct")).await;

    let recorder = page.simulator().recorder();
    for (method, path) in
        [(Method::GET, "/discovery"), (Method::POST, "/history/v1.0/"), (Method::POST, "/startrun")]
    {
        let asked = recorder.matching(&method, path);
        assert!(!asked.is_empty(), "{method} {path}");
        assert!(!asked.iter().any(is_pages), "{asked:?}");
    }
}

#[test]
#[ignore = "needs nginx: cargo xtask conformance"]
fn a_service_that_shares_with_no_page_is_asked_through_the_relay() {
    journey(Stage::azure(), async |page| {
        let scoring = page.simulator().origin(Role::Scoring);
        let site = page.site().trim_end_matches('/');
        let address = format!("{scoring}/203/api/v1/service/weather-live/score");
        let relay = Relay::start(&Tables::default().origin(site).service("weather-live", &address));
        let mut config: Value = serde_json::from_str(page.simulator().config_json()).unwrap();
        config["relay"] = json!(format!("http://{}", relay.authority()));
        page.set_config(&config);
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        page.open(&BAKERY.address("services/weather-live?tab=try")).await;
        // Before that is over, a question to begin with could come between what is typed.
        page.expect_text("The description of the service could not be read").await;
        page.fill("Question as JSON", r#"{"data": [{"shop": "harbour", "hour": 8}]}"#).await;
        page.click("checkbox", "Through the relay").await;
        page.click_button("Ask the service").await;
        page.expect_text("Answered with 200").await;
        page.expect_text("wind_ms").await;

        let asked = page.simulator().recorder().matching(&Method::POST, "/service/weather-live/score");
        assert!(asked.iter().any(Recorded::has_authorization), "{asked:?}");
        let names: Vec<&String> = asked.iter().flat_map(|request| &request.headers).collect();
        assert!(
            !names.iter().any(|name| ["origin", "referer", "cookie", "user-agent"].contains(&name.as_str())),
            "{names:?}"
        );

        // Another list, and it is not asked any more.
        let other = Relay::start(&Tables::default().origin(site));
        config["relay"] = json!(format!("http://{}", other.authority()));
        page.set_config(&config);
        page.reload().await;
        sign_in(&page).await;
        page.click("checkbox", "Through the relay").await;
        page.click_button("Ask the service").await;
        page.expect_text("RelayUnknownService").await;
    });
}
