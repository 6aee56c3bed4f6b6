//! What was typed is not lost.

use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};

use crate::sign_in::sign_in;
use crate::submit::fill_in;
use crate::tour::{BAKERY, go_to, go_to_submit};

async fn stored(page: &Page) -> String {
    let stored = page.evaluate("return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);").await;
    stored.as_str().unwrap().to_owned()
}

#[test]
fn a_form_survives_a_reload_and_is_forgotten_with_the_sign_in() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("submit")).await;
        page.fill("Tenant ID", "contoso").await;
        page.fill("Client secret", "half-typed").await;
        page.reload().await;
        page.expect_value("Tenant ID", "contoso").await;
        page.expect_value("Client secret", "").await;
        assert!(!stored(&page).await.contains("half-typed"));

        sign_in(&page).await;
        fill_in(&page, "my-experiment").await;
        page.expect_text("hello.py").await;
        page.reload().await;
        sign_in(&page).await;
        page.expect_value("Experiment", "my-experiment").await;
        page.expect_text("Choose project.zip again").await;
        let script = "return [...document.querySelectorAll('label')] \
            .find((label) => label.textContent === 'Definition to be sent').control.value;";
        let definition = page.evaluate(script).await;
        assert!(definition.as_str().unwrap().contains("hello.py"), "{definition}");

        page.click_button("Sign out").await;
        page.expect_heading("Sign in").await;
        let stored = stored(&page).await;
        assert!(!stored.contains("my-experiment") && !stored.contains("contoso"), "{stored}");
    });
}

#[test]
fn leaving_during_an_upload_is_asked_about_first() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.submit_address()).await;
        sign_in(&page).await;
        fill_in(&page, BAKERY.experiment).await;
        let plan = r#"[{"match": "POST */startrun", "do": "delay 20000"}]"#;
        page.simulator().add_faults(plan).unwrap();
        let would_ask = "return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));";
        assert_eq!(page.evaluate(would_ask).await, false);
        page.click_button("Submit run").await;
        page.wait("a page that asks before it goes", async || page.evaluate(would_ask).await == true).await;

        page.within("navigation", "Workspace").click_link("Models").await;
        let dialog = page.within("dialog", "Leave this page?");
        dialog.expect_text("The upload is under way").await;
        dialog.click_button("Stay").await;
        page.expect_heading("Submit a run").await;
        page.patient(Duration::from_secs(60))
            .wait("the run", async || page.address().await.contains("/runs/"))
            .await;
        assert_eq!(page.evaluate(would_ask).await, false);
    });
}

#[test]
fn whoever_leaves_an_upload_all_the_same_gets_where_they_wanted() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("experiments")).await;
        sign_in(&page).await;
        page.expect_heading("Experiments").await;
        go_to_submit(&page).await;
        fill_in(&page, BAKERY.experiment).await;
        let plan = r#"[{"match": "POST */startrun", "do": "delay 20000"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.click_button("Submit run").await;
        page.expect_disabled("button", "Submit run").await;
        page.back().await;
        page.within("dialog", "Leave this page?").click_button("Stay").await;
        page.expect_heading("Submit a run").await;
        page.within("navigation", "Workspace").click_link("Models").await;
        page.within("dialog", "Leave this page?").click_button("Leave").await;
        page.expect_heading("Models").await;
        page.expect_address(&BAKERY.address("models")).await;
        go_to(&page, "Computes").await;
    });
}
