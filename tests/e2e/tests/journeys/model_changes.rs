//! Models, assets, images and services are registered, described and deleted, over sockets: each change is sent once,
//! whatever becomes of its answer.

use azimuth_e2e::{Page, Stage, journey};
use http::Method;
use serde_json::json;

use crate::changes::times_sent;
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

async fn open(page: &Page, part: &str) {
    page.open("#/").await;
    sign_in(page).await;
    page.expect_heading("Subscriptions").await;
    page.open(&BAKERY.address(part)).await;
}

fn fault(page: &Page, matching: &str, what: &str) {
    let plan = json!([{ "match": matching, "times": 0, "do": what }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

async fn describe(page: &Page, words: &str) {
    page.click_button("Edit description and tags").await;
    page.fill("Description", words).await;
    page.click_button("Save").await;
}

async fn type_name_and(page: &Page, press: &str, name: &str) {
    page.fill(&format!("Type {name} to go on"), name).await;
    page.click_button(press).await;
}

#[test]
fn what_is_written_about_each_kind_is_changed() {
    journey(Stage::azure(), async |page| {
        open(&page, "models/loaves-forecaster:2").await;
        page.expect_heading("Model loaves-forecaster:2").await;
        page.click_button("Edit description and tags").await;
        page.expect_value("Description", "Knows the day of the week").await;
        page.fill("Description", "Knows Mondays").await;
        page.click_button("Add a tag").await;
        page.expect_focus("input", "Name of tag 1").await;
        page.press("kept").await;
        page.fill("Value of tag kept", "yes").await;
        page.expect_text("Show request").await;
        page.click_button("Save").await;
        page.expect_text("Saved.").await;
        page.expect_text("Knows Mondays").await;
        page.expect_text("kept yes").await;
        let patches = page.simulator().recorder().matching(&Method::PATCH, "/models/");
        assert_eq!(patches.len(), 1, "{patches:?}");

        page.click_link("The asset that holds them").await;
        page.expect_text("Models made of it").await;
        describe(&page, "A file of importance").await;
        page.expect_text("Saved.").await;
        page.expect_text("A file of importance").await;
        for (part, words) in
            [("images/loaves-image:1", "The old one"), ("services/loaves-tomorrow", "For bakers")]
        {
            page.open(&BAKERY.address(part)).await;
            page.expect_heading(&heading(part)).await;
            describe(&page, words).await;
            page.expect_text("Saved.").await;
            page.expect_text(words).await;
        }
        page.expect_no_console_errors().await;
    });
}

fn heading(part: &str) -> String {
    let (kind, name) = part.split_once('/').unwrap();
    let kind = match kind {
        "models" => "Model",
        "images" => "Image",
        _ => "Service",
    };
    format!("{kind} {name}")
}

#[test]
fn a_change_whose_answer_was_lost_is_found_and_one_that_did_not_arrive_is_sent_again_by_hand() {
    journey(Stage::azure(), async |page| {
        open(&page, "models/loaves-forecaster:2").await;
        fault(&page, "PATCH */models/*", "drop-after");
        describe(&page, "Arrived").await;
        page.expect_text("Saved.").await;
        page.expect_text("Arrived").await;
        page.simulator().clear_faults();

        page.open(&BAKERY.address("models/loaves-forecaster:3")).await;
        page.expect_heading("Model loaves-forecaster:3").await;
        fault(&page, "PATCH */models/*", "drop-before");
        describe(&page, "On its way").await;
        page.expect_text("it did not arrive: nothing was changed").await;
        page.expect_value("Description", "On its way").await;
        page.simulator().clear_faults();
        page.click_button("Save").await;
        page.expect_text("Saved.").await;
        assert_eq!(times_sent(&page, "PATCH", "/models/").await, 3);
    });
}

#[test]
fn refusals_are_told_beside_the_button_and_the_form_survives_them() {
    journey(Stage::azure(), async |page| {
        open(&page, "models/loaves-forecaster:2").await;
        page.click_button("Edit description and tags").await;
        page.fill("Description", "Still here").await;
        for (failure, words) in [
            ("fail-403", "AuthorizationFailed"),
            ("fail-404", "ModelNotFound"),
            ("fail-409", "AnotherOperationInProgress"),
        ] {
            fault(&page, "PATCH */models/*", failure);
            page.click_button("Save").await;
            page.expect_text(words).await;
            page.expect_value("Description", "Still here").await;
            page.simulator().clear_faults();
        }
        page.reload().await;
        sign_in(&page).await;
        page.expect_value("Description", "Still here").await;
        page.click_button("Save").await;
        page.expect_text("Saved.").await;
    });
}

#[test]
fn what_is_in_use_is_not_deleted_and_what_uses_it_is_a_press_away() {
    journey(Stage::azure(), async |page| {
        open(&page, "models/loaves-forecaster:3").await;
        page.click_button("Delete this model").await;
        let dialog = page.within("dialog", "Delete model loaves-forecaster:3");
        dialog.expect("link", "image loaves-image:2").await;
        dialog.expect_text("forecasting").await;
        dialog.expect_disabled("button", "Delete").await;
        type_name_and(&dialog, "Delete", "loaves-forecaster:3").await;
        dialog.expect_text("DeletionRequired").await;
        dialog.click_link("image loaves-image:2").await;

        page.expect_heading("Image loaves-image:2").await;
        page.click_button("Delete this image").await;
        fault(&page, "DELETE */images/*", "drop-after");
        type_name_and(&page, "Delete", "loaves-image:2").await;
        page.expect_heading("Images").await;
        page.simulator().clear_faults();
        page.within("region", "Images").expect_no_text("Version 2").await;

        page.open(&BAKERY.address("models/loaves-forecaster:3")).await;
        page.expect_heading("Model loaves-forecaster:3").await;
        page.click_button("Delete this model").await;
        fault(&page, "DELETE */models/*", "drop-before");
        type_name_and(&page, "Delete", "loaves-forecaster:3").await;
        page.expect_text("it did not arrive: nothing was changed").await;
        page.simulator().clear_faults();
        page.click_button("Delete").await;
        page.expect_heading("Models").await;
        page.open(&BAKERY.address("models/loaves-forecaster:3")).await;
        page.expect_text("ModelNotFound").await;
        assert_eq!(times_sent(&page, "DELETE", "/images/").await, 1);
        assert_eq!(times_sent(&page, "DELETE", "/models/").await, 3);
    });
}

#[test]
fn an_asset_goes_once_no_model_is_made_of_it() {
    journey(Stage::azure(), async |page| {
        open(&page, "models/weather-lookup:1").await;
        page.click_link("The asset that holds them").await;
        page.click_button("Delete this asset").await;
        page.expect("link", "model weather-lookup:1").await;
        let name = page.address().await.rsplit('/').next().unwrap().to_owned();
        type_name_and(&page, "Delete", &name).await;
        page.expect_text("DeletionRequired").await;
    });
}

#[test]
fn a_service_on_a_cluster_is_followed_to_its_end_over_a_reload() {
    journey(Stage::azure(), async |page| {
        open(&page, "services/weather-live").await;
        page.click_button("Delete this service").await;
        type_name_and(&page, "Delete", "weather-live").await;
        page.expect_heading("Services").await;
        page.expect_text("Being deleted").await;
        page.reload().await;
        sign_in(&page).await;
        page.expect_text("Done: Delete service weather-live").await;
        page.within("region", "Services").expect_no_text("weather-live").await;
        let deletions = page.simulator().recorder().matching(&Method::DELETE, "/services/weather-live");
        assert_eq!(deletions.len(), 1, "{deletions:?}");
    });
}

#[test]
fn a_key_is_changed_once_and_is_nowhere_to_be_seen() {
    journey(Stage::azure(), async |page| {
        open(&page, "services/loaves-tomorrow").await;
        page.click_button("Read the keys").await;
        page.expect_text("Secondary key").await;
        page.click_button("Change the primary key").await;
        page.expect_text("is refused from then on").await;
        type_name_and(&page, "Change the key", "loaves-tomorrow").await;
        page.expect_text("The key was changed.").await;
        page.expect_no_text("Secondary key").await;
        page.click_button("Read the keys").await;
        page.click_button("Show the primary key").await;
        page.expect_text("<primary-key ").await;

        fault(&page, "POST */regenerateKeys*", "drop-after");
        page.click_button("Change the secondary key").await;
        type_name_and(&page, "Change the key", "loaves-tomorrow").await;
        page.expect_text("nothing that can be read shows whether it arrived").await;
        page.simulator().clear_faults();
        assert_eq!(times_sent(&page, "POST", "regenerateKeys").await, 2);
        let script = "return document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage });";
        let all = page.evaluate(script).await;
        assert!(!all.as_str().unwrap_or_default().contains("ary-key "), "a key is kept or in the log");
    });
}

/// A run whose file no model was made of yet.
async fn open_file(page: &Page) {
    open(page, "experiments/croissant-waste/runs/soft_butter_2?tab=outputs&file=outputs%2Fsummary.json")
        .await;
    page.click_link("Register as a model").await;
    page.expect_heading("Register a model").await;
    page.expect_value("Run", "soft_butter_2").await;
}

#[test]
fn a_file_of_a_run_becomes_the_next_version_of_a_model() {
    journey(Stage::azure(), async |page| {
        open_file(&page).await;
        page.fill("Name", "a b").await;
        page.expect_text("not a space").await;
        page.fill("Name", "croissant-waste").await;
        page.expect_text("This becomes version 3 of croissant-waste.").await;
        page.fill("Description", "From the page").await;
        page.select("Framework", "ScikitLearn").await;
        page.click_button("Register model").await;
        page.expect_heading("Model croissant-waste:3").await;
        page.expect_text("From the page").await;
        page.expect("link", "soft_butter_2").await;
        page.expect("link", "outputs/summary.json").await;
        page.expect_no_console_errors().await;
    });
}

#[test]
fn a_registration_whose_answers_are_lost_makes_one_asset_and_one_model() {
    journey(Stage::azure(), async |page| {
        open_file(&page).await;
        page.fill("Name", "lost-and-found").await;
        page.expect_text("The name is new").await;
        fault(&page, "POST */assets", "drop-before");
        page.click_button("Register model").await;
        page.expect_text("it did not arrive: nothing was changed").await;
        page.simulator().clear_faults();
        // Chromium sends again what was cut off on a connection that had served before, so it is cut each time.
        fault(&page, "POST */models", "drop-before");
        page.click_button("Register model").await;
        page.expect_text("These files are kept as an asset already").await;
        page.expect_text("it did not arrive: nothing was changed").await;
        page.simulator().clear_faults();
        fault(&page, "POST */models", "fail-403");
        page.click_button("Register model").await;
        page.expect_text("AuthorizationFailed").await;
        page.expect_value("Name", "lost-and-found").await;
        page.simulator().clear_faults();
        page.click_button("Register model").await;
        page.expect_heading("Model lost-and-found:1").await;
        let assets = page.simulator().recorder().matching(&Method::POST, "/assets");
        assert_eq!(assets.iter().filter(|request| request.handed_on).count(), 1, "{assets:?}");
    });
}

#[test]
fn a_registration_that_arrived_is_found_and_not_made_again() {
    journey(Stage::azure(), async |page| {
        open_file(&page).await;
        page.fill("Name", "found-again").await;
        page.expect_text("The name is new").await;
        fault(&page, "POST */assets", "drop-after");
        fault(&page, "POST */models", "drop-after");
        page.click_button("Register model").await;
        page.expect_heading("Model found-again:1").await;
        page.expect("link", "outputs/summary.json").await;
        assert_eq!(times_sent(&page, "POST", "/assets").await, 1);
        assert_eq!(times_sent(&page, "POST", "/models").await, 1);
    });
}

#[test]
fn a_page_that_changes_nothing_says_so_at_each_button() {
    journey(Stage::azure().with_setting("readOnly", true), async |page| {
        open(&page, "services/loaves-tomorrow").await;
        for button in ["Edit description and tags", "Delete this service", "Change the primary key"] {
            page.expect_disabled("button", button).await;
        }
        page.open(&BAKERY.address("models?create")).await;
        page.expect_text("This page was set up to change nothing.").await;
    });
}
