//! The page and the relay in nginx, in a browser. `cargo xtask conformance` installs nginx and runs this.

use azimuth_e2e::{Recorded, Role, Stage, journey};
use azimuth_relay::{Relay, Tables};
use http::Method;
use serde_json::{Value, json};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

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
