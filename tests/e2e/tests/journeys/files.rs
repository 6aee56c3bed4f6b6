//! Logs and outputs of a run, whose files lie at a storage account that may let the page in or not.

use std::fs;
use std::time::Duration;

use azimuth_e2e::{Page, Recorded, Role, ServerOptions, Stage, World, journey, unzip};
use fantoccini::key::Key;
use serde_json::json;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const DONE: &str = "calm_dough_7";
const WORKING: &str = "brave_oven_12";
const DRIVER_LOG: &str = "azureml-logs/70_driver_log.txt";
/// What is at the storage, and nothing else, as paths are.
const STORAGE: &str = "GET /*/azureml/*";

fn fail(page: &Page, pattern: &str, times: u64, fault: &str) {
    let plan = json!([{ "match": pattern, "times": times, "do": fault }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

fn tab(run: &str, tab: &str) -> String {
    format!("{}?tab={tab}", BAKERY.run_address(run))
}

/// Requests at the storage account for files, preflights among them.
fn asked_of_storage(page: &Page) -> Vec<Recorded> {
    let mut requests = page.simulator().recorder().requests();
    requests.retain(|request| request.role == Role::Storage && request.path().contains("/azureml/"));
    requests
}

fn contents_asked(page: &Page) -> Vec<Recorded> {
    let mut requests = page.simulator().recorder().requests();
    requests.retain(|request| request.path().ends_with("/content") && !request.is_preflight());
    requests
}

/// All that somebody could read, or find later: the page, its addresses, and what the browser keeps.
async fn everything_kept(page: &Page) -> String {
    let kept = page
        .evaluate(
            "return document.documentElement.outerHTML + location.href + document.title +
             JSON.stringify({...localStorage}) + JSON.stringify({...sessionStorage}) + JSON.stringify(history.state);",
        )
        .await;
    kept.as_str().unwrap_or_default().to_owned()
}

/// The signatures that were used, as they stood in addresses.
fn signatures(requests: &[Recorded]) -> Vec<String> {
    let signature = |request: &Recorded| {
        let query = request.target.split('?').nth(1)?;
        query.split('&').find_map(|pair| pair.strip_prefix("sig=")).map(str::to_owned)
    };
    requests.iter().filter_map(signature).collect()
}

#[test]
fn a_live_log_asks_for_what_is_new_alone_and_never_with_the_token() {
    journey(Stage::azure_with(ServerOptions::default()), async |page| {
        page.open(&tab(WORKING, "logs")).await;
        sign_in(&page).await;
        let log = page.within("region", DRIVER_LOG);
        log.expect_text("python").await;
        let first = page.evaluate("return document.querySelectorAll('.text-row').length;").await.as_u64();
        let patient = page.patient(Duration::from_secs(60));
        patient
            .wait("new lines", async || {
                let lines = page.evaluate("return document.querySelectorAll('.text-row').length;").await;
                lines.as_u64() > first
            })
            .await;
        patient.wait("more questions", async || asked_of_storage(&page).len() >= 4).await;

        let requests = asked_of_storage(&page);
        assert!(requests.iter().all(|request| !request.has_authorization()), "{requests:?}");
        assert!(requests.iter().all(|request| !request.is_preflight()), "{requests:?}");
        let begins: Vec<u64> = requests
            .iter()
            .map(|request| {
                let range = request.range.as_deref().unwrap_or_else(|| panic!("no range: {request:?}"));
                range.trim_start_matches("bytes=").split('-').next().unwrap().parse().unwrap()
            })
            .collect();
        assert_eq!(begins[0], 0);
        assert!(begins[1..].iter().all(|begin| *begin > 0), "{begins:?}");
        assert!(begins.is_sorted() && begins.last() > begins.get(1), "{begins:?}");

        let secrets = signatures(&requests);
        assert!(!secrets.is_empty());
        let kept = everything_kept(&page).await;
        page.open("#/requests").await;
        page.expect_text("70_driver_log.txt?***").await;
        let requests_page = everything_kept(&page).await;
        for text in [kept, requests_page] {
            assert!(!text.contains("sig="), "the page holds a signature");
            assert!(
                secrets.iter().all(|secret| !text.contains(secret.as_str())),
                "the page holds a signature"
            );
        }
        page.expect_no_console_errors().await;
    });
}

#[test]
fn where_the_storage_refuses_the_page_the_service_gives_the_log() {
    journey(Stage::azure(), async |page| {
        fail(&page, STORAGE, 0, "fail-cors");
        page.open(&tab(DONE, "logs")).await;
        sign_in(&page).await;
        page.within("region", DRIVER_LOG).expect_text("The experiment completed successfully").await;
        page.expect_text("read from the service: the storage account does not let this page in").await;
        let contents = contents_asked(&page);
        assert!(!contents.is_empty() && contents.iter().all(Recorded::has_authorization), "{contents:?}");
        let requests = asked_of_storage(&page);
        assert!(
            !requests.is_empty() && requests.iter().all(|request| !request.has_authorization()),
            "{requests:?}"
        );
    });
}

#[test]
fn a_storage_account_that_the_settings_do_not_name_is_not_asked() {
    journey(Stage::azure().with_setting("dataOrigins", json!([])), async |page| {
        page.open(&tab(DONE, "logs")).await;
        sign_in(&page).await;
        page.within("region", DRIVER_LOG).expect_text("The experiment completed successfully").await;
        let storage = page.simulator().origin(Role::Storage).to_owned();
        let policies =
            "return [...document.querySelectorAll('meta[http-equiv]')].map((meta) => meta.content).join();";
        let policies = page.evaluate(policies).await.as_str().unwrap_or_default().to_owned();
        assert!(
            policies.contains(page.simulator().origin(Role::Regional)) && !policies.contains(&storage),
            "{policies}"
        );
        let requests = page.simulator().recorder().requests();
        assert!(requests.iter().all(|request| request.role != Role::Storage), "{requests:?}");
    });
}

#[test]
fn where_neither_gives_the_file_the_owner_is_told_what_to_do() {
    journey(Stage::azure(), async |page| {
        fail(&page, STORAGE, 0, "fail-cors");
        fail(&page, "GET */content", 0, "fail-403");
        page.open(&tab(DONE, "logs")).await;
        sign_in(&page).await;
        page.expect_text("You may not read this log").await;
        let site = page.site().trim_end_matches('/').to_owned();
        page.expect_text(&format!(
            "az storage account blob-service-properties cors-rule add --account-name bakeryforecasting --origins {site} \
             --methods GET HEAD OPTIONS --allowed-headers '*' --exposed-headers '*' --max-age 1800"
        ))
        .await;
        page.expect_text("az storage blob download --auth-mode login --account-name bakeryforecasting").await;
        page.expect("button", "Open at the storage account").await;
        // The list of logs is another part of the page, and stays.
        page.within("navigation", "Logs of the run").expect_text("20_image_build_log.txt").await;
        let kept = everything_kept(&page).await;
        let secrets = signatures(&asked_of_storage(&page));
        assert!(!secrets.is_empty() && secrets.iter().all(|secret| !kept.contains(secret.as_str())));

        page.simulator().clear_faults();
        page.click_button("Try again").await;
        page.within("region", DRIVER_LOG).expect_text("The experiment completed successfully").await;
    });
}

#[test]
fn an_address_that_ran_out_is_asked_for_again() {
    journey(Stage::azure(), async |page| {
        fail(&page, STORAGE, 1, "status 403");
        // Then the details alone know of logs; else whichever of the two lists comes first gives the address.
        fail(&page, "GET /artifact/*", 0, "fail-403");
        page.open(&tab(DONE, "logs")).await;
        sign_in(&page).await;
        page.within("region", DRIVER_LOG).expect_text("The experiment completed successfully").await;
        let details = page.simulator().recorder().matching(&http::Method::GET, "/details");
        assert_eq!(details.len(), 2, "{details:?}");
        assert!(contents_asked(&page).is_empty());
    });
}

#[test]
fn fifty_megabytes_of_log_stay_usable() {
    let options = ServerOptions { world: World::Stress, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        page.open(&BAKERY.address("experiments/long-logs/runs/long_log_1?tab=logs")).await;
        sign_in(&page).await;
        let patient = page.patient(Duration::from_secs(90));
        patient.expect_text("are not loaded.").await;
        let sent: usize = asked_of_storage(&page).len();
        assert!(sent <= 4, "{sent} questions for the end of a log");
        page.click_button("Load all of it").await;
        patient.expect_text("524,288 lines").await;
        patient.expect_no_text("are not loaded.").await;
        let elements = page.evaluate("return document.querySelectorAll('*').length;").await;
        assert!(elements.as_u64() < Some(2_000), "{elements} elements");

        page.fill("Search in the text", "the oven door was open, try 1999 ").await;
        patient.expect_text("1 of 1").await;
        patient
            .wait("the line that was found", async || {
                let found =
                    page.evaluate("return document.querySelector('mark.current')?.textContent;").await;
                found == "the oven door was open, try 1999 "
            })
            .await;
    });
}

#[test]
fn outputs_are_walked_with_the_keyboard_shown_and_taken_home() {
    journey(Stage::demo(), async |page| {
        page.open(&tab(DONE, "outputs").replacen("#/", "#/demo/", 1)).await;
        page.expect_text("Choose a file").await;
        page.evaluate("document.querySelector('[role=tree] [tabindex=\"0\"]').focus();").await;
        // The folder of outputs is open; its first file is a table.
        for _ in 0..3 {
            page.press(&Key::Down.to_string()).await;
        }
        page.press(&Key::Enter.to_string()).await;
        page.within("region", "outputs/forecast.csv").expect_text("Monday").await;
        assert!(page.address().await.contains("file=outputs%2Fforecast.csv"), "{}", page.address().await);
        page.press(&Key::Left.to_string()).await;
        page.press(&Key::Left.to_string()).await;
        page.wait("the folder to close", async || {
            page.evaluate("return document.querySelectorAll('[role=treeitem]').length;").await == 3
        })
        .await;

        page.reload().await;
        page.within("region", "outputs/forecast.csv").expect_text("Monday").await;
        page.click_button("Download all as a zip").await;
        let zip = page.downloaded(&format!("{DONE}.zip")).await;
        let files = unzip(&fs::read(zip).unwrap());
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&DRIVER_LOG) && names.contains(&"outputs/model.pkl"), "{names:?}");
        let (_, table) = files.iter().find(|(name, _)| name == "outputs/forecast.csv").unwrap();
        assert!(table.starts_with(b"weekday,loaves\n"));
        page.expect_no_console_errors().await;
    });
}
