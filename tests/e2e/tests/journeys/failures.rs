//! What a person sees when something does not work.

use azimuth_e2e::{Stage, journey};
use serde_json::json;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

#[test]
fn a_refusal_shows_the_services_code_and_can_be_tried_again() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        let plan = r#"[{"match": "GET */resourcegroups", "do": "status 403"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
        page.expect_text("You may not load the resource groups").await;
        page.expect_text("Code AuthorizationFailed").await;
        page.click_button("Try again").await;
        page.within("region", "Resource groups").expect_text(BAKERY.group).await;
        page.expect_no_text("AuthorizationFailed").await;
    });
}

#[test]
fn a_wrong_setting_stops_the_start_with_its_name() {
    journey(Stage::demo().with_setting("cloud", "mars"), async |page| {
        page.open("#/").await;
        page.expect_heading("This page is not set up right").await;
        page.expect_text("Field cloud It holds").await;
        page.expect_text("mars").await;
        page.expect_no("button", "Explore the demo").await;

        page.set_config(&json!({ "demo": "yes" }));
        page.reload().await;
        page.expect_text("Field demo It holds").await;
        page.set_config(&json!({}));
        page.reload().await;
        page.expect_heading("Sign in").await;
    });
}
