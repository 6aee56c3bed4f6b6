//! Asking a service, over sockets: with its own key, and told apart why it does not answer.

use azimuth_e2e::{Page, Recorded, Role, Stage, journey};
use http::Method;
use serde_json::{Value, json};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const QUESTION: &str = "Question as JSON";

/// Everywhere that a secret could hide.
async fn everything(page: &Page) -> String {
    let script = "return document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + location;";
    page.evaluate(script).await.as_str().unwrap_or_default().to_owned()
}

async fn open(page: &Page, service: &str) {
    page.open("#/").await;
    sign_in(page).await;
    page.expect_heading("Subscriptions").await;
    page.open(&BAKERY.address(&format!("services/{service}?tab=try"))).await;
    page.expect_heading("Question").await;
}

fn asked(page: &Page) -> usize {
    let recorder = page.simulator().recorder();
    recorder.matching(&Method::POST, "/score").iter().filter(|request| request.role == Role::Scoring).count()
}

#[test]
fn a_service_is_asked_with_its_own_key_which_is_nowhere_to_be_seen() {
    journey(Stage::azure(), async |page| {
        open(&page, "loaves-tomorrow").await;
        page.expect_text("the example of the service’s own description").await;
        page.click_button("Table").await;
        page.click_button("Add a row").await;
        page.fill("Value 1, row 2", "5").await;
        page.click_button("Ask the service").await;
        page.expect_text("Answered with 200").await;
        page.expect_text("246").await;
        assert_eq!(asked(&page), 1);
        page.within("group", "How to look at the answer").click_button("Table").await;
        page.within("region", "Rows of the answer").expect_text("300").await;
        page.within("group", "How to look at the answer").click_button("Chart").await;
        page.expect_text("row").await;

        let keys = page.simulator().recorder().matching(&Method::POST, "/listkeys").len();
        page.click_button("Ask the service").await;
        page.wait("a second question", async || asked(&page) == 2).await;
        assert_eq!(page.simulator().recorder().matching(&Method::POST, "/listkeys").len(), keys);
        assert!(!everything(&page).await.contains("primary-key"), "the key is on the page");
        page.expect_no_console_errors().await;
        page.open("#/requests").await;
        page.expect_text("/loaves-tomorrow/score").await;
        assert!(!everything(&page).await.contains("primary-key"), "the key is in the log of requests");
    });
}

#[test]
fn what_was_asked_survives_a_reload_and_the_key_that_was_typed_does_not() {
    journey(Stage::azure(), async |page| {
        open(&page, "loaves-tomorrow").await;
        page.expect_text("the example of the service’s own description").await;
        page.fill(QUESTION, r#"{"data": [[1, 0, 9, 0]]}"#).await;
        page.select("Opened with", "A key that I have").await;
        page.fill("Key of the service", "not-the-key").await;
        page.click_button("Ask the service").await;
        page.expect_text("The service did not take the key").await;
        page.expect_text("Refused with 401").await;
        assert!(!everything(&page).await.contains("not-the-key"), "a typed key is in the page");
        page.reload().await;
        sign_in(&page).await;
        page.expect_value(QUESTION, r#"{"data": [[1, 0, 9, 0]]}"#).await;
        page.select("Opened with", "A key that I have").await;
        page.expect_value("Key of the service", "").await;
        page.fill("Key of the service", "<secondary-key>").await;
        page.click_button("Ask the service").await;
        page.expect_text("Answered with 200").await;
    });
}

#[test]
fn the_words_of_an_entry_script_that_failed_are_shown() {
    journey(Stage::azure(), async |page| {
        open(&page, "loaves-tomorrow").await;
        page.expect_text("the example of the service’s own description").await;
        page.fill(QUESTION, r#"{"data": [["rye", 0, 9, 0]]}"#).await;
        page.click_button("Ask the service").await;
        page.expect_text("The entry script failed").await;
        page.expect_text("could not convert string to float: 'rye'").await;
        page.fill(QUESTION, "no JSON").await;
        page.expect_text("This is no JSON").await;
        page.click_button("Ask the service").await;
        page.expect_text("JSONDecodeError").await;
        let plan = r#"[{"match": "POST */score", "times": 1, "do": "fail-503"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.click_button("Ask the service").await;
        page.expect_text("does not take questions now").await;
    });
}

#[test]
fn a_question_is_sent_once_and_a_lost_answer_is_told() {
    journey(Stage::azure(), async |page| {
        open(&page, "loaves-tomorrow").await;
        page.expect_text("the example of the service’s own description").await;
        // Always, since Chromium itself sends again what was cut off on a connection that had served before.
        for (fault, arrives) in [("drop-before", false), ("drop-after", true)] {
            page.simulator().recorder().clear();
            let plan = format!(r#"[{{"match": "POST */score", "times": 0, "do": "{fault}"}}]"#);
            page.simulator().add_faults(&plan).unwrap();
            page.click_button("Ask the service").await;
            page.expect_text("this answer was lost on the way").await;
            let sent = page.simulator().recorder().matching(&Method::POST, "/score");
            assert!(!sent.is_empty() && sent.iter().all(|request| request.handed_on == arrives), "{sent:?}");
            page.simulator().clear_faults();
            page.click_button("Ask the service").await;
            page.expect_text("Answered with 200").await;
        }
        page.open("#/requests").await;
        page.expect_heading("Requests").await;
        let requests = page.names("listitem").await;
        let questions = requests.iter().filter(|one| one.contains("POST") && one.contains("/score")).count();
        assert_eq!(questions, 4, "{requests:?}");
    });
}

#[test]
fn a_service_that_shares_with_no_page_is_asked_by_a_terminal_or_the_relay() {
    journey(Stage::azure(), async |page| {
        open(&page, "weather-live").await;
        page.expect_text("The description of the service could not be read").await;
        page.fill(QUESTION, r#"{"data": [{"shop": "harbour", "hour": 8}, {"shop": "harbour", "hour": 9}]}"#)
            .await;
        page.click_button("Ask the service").await;
        page.expect_text("does not let pages of other origins read that (CORS)").await;
        page.expect_text("az ml service get-access-token").await;
        page.expect("button", "Copy the curl command").await;
        assert_eq!(asked(&page), 0, "a question went out without leave");

        let mut config: Value = serde_json::from_str(page.simulator().config_json()).unwrap();
        config["relay"] = json!(page.simulator().origin(Role::Scoring));
        page.set_config(&config);
        page.reload().await;
        sign_in(&page).await;
        page.click("checkbox", "Through the relay").await;
        page.click_button("Ask the service").await;
        page.expect_text("Answered with 200").await;
        page.expect_text("a text that holds JSON").await;
        page.expect_text("wind_ms").await;
        let relayed = page.simulator().recorder().matching(&Method::POST, "/relay/score/weather-live");
        assert!(relayed.iter().any(Recorded::has_authorization), "{relayed:?}");
    });
}

#[test]
fn an_origin_that_the_settings_do_not_name_is_not_asked() {
    journey(Stage::azure().with_setting("dataOrigins", json!([])), async |page| {
        open(&page, "loaves-tomorrow").await;
        page.expect_text("The settings of this page do not name its origin").await;
        page.expect_disabled("button", "Ask the service").await;
        page.expect_text("Authorization: Bearer $KEY").await;
        let requests = page.simulator().recorder().requests();
        assert!(requests.iter().all(|request| request.role != Role::Scoring), "{requests:?}");
        page.expect_no_console_errors().await;
    });
}
