//! Taking the data of a workspace out: the plan, and what the person sees of the export until its zip is saved.

use std::fs;

use azimuth_e2e::{Page, Stage, journey, unzip};
use serde_json::{Value, json};

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// The page Data of the bakery's workspace, signed in.
async fn open_data(page: &Page, query: &str) {
    page.open(&BAKERY.address(&format!("data{query}"))).await;
    sign_in(page).await;
    page.expect_heading("Data").await;
}

pub async fn show_plan(page: &Page) {
    page.click_button("Show the plan").await;
    page.expect_text("What an export cannot hold").await;
}

/// What stands in a row of a table, by its name in the first column.
async fn row(page: &Page, name: &str) -> Vec<String> {
    let script = format!(
        "const row = [...document.querySelectorAll('main tbody tr, main tfoot tr')]\
            .find((row) => row.cells[0].textContent.trim() === {name:?});\
         return row ? [...row.cells].slice(1).map((cell) => cell.textContent.trim()) : [];"
    );
    serde_json::from_value(page.evaluate(&script).await).unwrap()
}

pub fn fail(page: &Page, matches: &str, fault: &str) {
    let plan = json!([{ "match": matches, "times": 100_000, "do": fault }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

async fn saved(page: &Page) -> Vec<(String, Vec<u8>)> {
    page.click_button("Save the zip").await;
    let name = "return [...document.querySelectorAll('main dt')].find((name) => name.textContent === 'File')\
        .nextElementSibling.textContent;";
    let zip = page.downloaded(page.evaluate(name).await.as_str().unwrap()).await;
    unzip(&fs::read(zip).unwrap())
}

fn manifest(files: &[(String, Vec<u8>)]) -> Value {
    let (_, text) = files.iter().find(|(name, _)| name == "manifest.json").unwrap();
    serde_json::from_slice(text).unwrap()
}

#[test]
fn what_a_plan_knows_exactly_is_what_the_export_brings() {
    journey(Stage::azure(), async |page| {
        open_data(&page, "?logs=no").await;
        show_plan(&page).await;
        let kinds = [
            ("Computes", "compute"),
            ("Experiments", "experiment"),
            ("Runs", "run"),
            ("Notifications", "notification"),
            ("Datastores", "datastore"),
            ("Models", "model"),
            ("Assets", "asset"),
            ("Images", "image"),
            ("Services", "service"),
            ("Pipelines", "pipeline-run"),
        ];
        let mut planned = Vec::new();
        for (label, kind) in kinds {
            let words = row(&page, label).await[0].replace(',', "");
            planned.push((kind, words.parse::<usize>().unwrap_or_else(|_| panic!("{label}: {words}"))));
        }
        page.click_button("Start the export").await;
        page.patient(std::time::Duration::from_secs(120)).expect("button", "Save the zip").await;
        let manifest = manifest(&saved(&page).await);
        let files = manifest["files"].as_array().unwrap();
        for (kind, count) in planned {
            let found = files.iter().filter(|file| file["kind"] == kind).count();
            assert_eq!(found, count, "{kind}");
        }
        page.click_button("Remove from this browser").await;
        page.within("dialog", "Remove the export from this browser?").click_button("Remove").await;
        page.expect("button", "Show the plan").await;
    });
}

#[test]
fn a_kind_that_fails_is_told_at_its_place_and_the_others_go_on() {
    journey(Stage::azure(), async |page| {
        open_data(&page, "?kind=models&kind=images").await;
        fail(&page, "GET */models", "fail-403");
        show_plan(&page).await;
        assert_eq!(row(&page, "Models").await[0], "not known");
        assert_ne!(row(&page, "Images").await[0], "not known");
        page.within("region", "Plan").expect_text("AuthorizationFailed").await;

        page.click_button("Start the export").await;
        page.expect("button", "Try the failed ones again").await;
        page.within("region", "What did not work so far").expect_text("AuthorizationFailed").await;
        page.simulator().clear_faults();
        page.click_button("Try the failed ones again").await;
        page.expect_text("The export is done.").await;
        let manifest = manifest(&saved(&page).await);
        assert_eq!(manifest["missing"], json!([]));
    });
}

#[test]
fn an_export_is_paused_loaded_anew_and_goes_on() {
    journey(Stage::azure(), async |page| {
        open_data(&page, "?kind=runs&kind=metrics&experiment=loaves-per-day").await;
        show_plan(&page).await;
        fail(&page, "*/runs/*/details", "delay 3000");
        page.click_button("Start the export").await;
        page.click_button("Pause").await;
        page.expect_text("Paused.").await;
        // It lies in this browser: signing out would remove it, and says so.
        page.click_button("Sign out").await;
        page.within("dialog", "Sign out?").expect_text("removes what it has so far").await;
        page.within("dialog", "Sign out?").click_button("Stay").await;

        page.reload().await;
        sign_in(&page).await;
        page.expect_text("It was interrupted").await;
        page.simulator().clear_faults();
        page.click_button("Resume").await;
        page.patient(std::time::Duration::from_secs(120)).expect_text("The export is done.").await;
        let files = saved(&page).await;
        let mut names: Vec<&String> = files.iter().map(|(name, _)| name).collect();
        assert!(names.iter().any(|name| name.ends_with("runs/calm_dough_7/details.json")), "{names:?}");
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "nothing is in it twice");
    });
}

#[test]
fn an_export_that_is_stopped_can_be_saved_and_says_so() {
    journey(Stage::azure(), async |page| {
        open_data(&page, "").await;
        show_plan(&page).await;
        fail(&page, "*/runs/*/details", "delay 2000");
        page.click_button("Start the export").await;
        page.click_button("Stop").await;
        page.click_button("Stop and make the zip").await;
        page.patient(std::time::Duration::from_secs(60)).expect_text("The export was stopped.").await;
        let manifest = manifest(&saved(&page).await);
        assert_eq!(manifest["stopped"], true);
    });
}

#[test]
fn from_the_page_of_a_run_that_run_alone_is_chosen() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.run_address("calm_dough_7").replacen("#/", "#/demo/", 1)).await;
        page.click_link("Export").await;
        page.expect_heading("Data").await;
        page.expect("button", "Leave out calm_dough_7").await;
        show_plan(&page).await;
        assert_eq!(row(&page, "Runs").await[0], "1");
        page.click_button("Start the export").await;
        page.patient(std::time::Duration::from_secs(60)).expect_text("The export is done.").await;
        let files = saved(&page).await;
        let runs: Vec<&String> =
            files.iter().map(|(name, _)| name).filter(|name| name.ends_with("/run.json")).collect();
        assert_eq!(runs, ["experiments/loaves-per-day/runs/calm_dough_7/run.json"]);
    });
}

#[test]
fn a_field_that_cannot_be_meant_says_so_and_no_plan_is_made() {
    journey(Stage::demo(), async |page| {
        page.open(&BAKERY.address("data?kind&experiment").replacen("#/", "#/demo/", 1)).await;
        page.expect_text("Choose at least one kind.").await;
        page.expect_text("Choose at least one experiment, or all of them.").await;
        page.click_button("All kinds").await;
        page.click("radio", "All experiments").await;
        page.expect_no_text("Choose at least one").await;
        show_plan(&page).await;
        // What was chosen stands in the address.
        page.click("checkbox", "Contents of files").await;
        page.expect_text("Something else was chosen since this plan was made").await;
        page.reload().await;
        page.expect_text("passwords, models of many gigabytes").await;
    });
}
