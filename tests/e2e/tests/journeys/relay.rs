//! The page and the relay in nginx, in a browser. `cargo xtask conformance` installs nginx and runs this.

use std::time::Duration;

use azimuth_e2e::{Recorded, Role, ServerOptions, Stage, journey};
use azimuth_relay::{Relay, Tables};
use http::Method;
use serde_json::{Value, json};

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
fn where_no_host_of_a_region_shares_with_a_page_everything_is_done_through_the_relay() {
    let options = ServerOptions { cors: false, secrets_from_pages: false, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        let site = page.site().trim_end_matches('/');
        let tables = PLACES.iter().fold(Tables::default().origin(site), |tables, (place, role)| {
            tables.host(place, page.simulator().origin(*role))
        });
        let relay = Relay::start(&tables);
        let mut config: Value = serde_json::from_str(page.simulator().config_json()).unwrap();
        config["relay"] = json!(format!("http://{}", relay.authority()));
        page.set_config(&config);

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

        page.open("#/diagnostics").await;
        for (_, role) in &PLACES[..3] {
            let line = format!("{} Through the relay", page.simulator().origin(*role));
            patient.within("table", "Hosts").expect_text(&line).await;
        }
        let management = page.simulator().origin(Role::Management);
        patient.within("table", "Hosts").expect_text(&format!("{management} Direct")).await;

        // Everything of a region came from the relay, which says nothing of the page.
        let recorder = page.simulator().recorder();
        for (method, path) in [
            (Method::GET, "/discovery"),
            (Method::POST, "/history/v1.0/"),
            (Method::POST, "/startrun"),
            (Method::GET, "/models"),
        ] {
            let asked = recorder.matching(&method, path);
            let is_pages = |asked: &&Recorded| {
                asked.headers.iter().any(|name| matches!(name.as_str(), "origin" | "referer"))
            };
            assert!(!asked.is_empty(), "{method} {path}");
            assert!(!asked.iter().any(|asked| is_pages(&asked)), "{asked:?}");
        }
    });
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
        page.expect_heading("Question").await;
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
