//! A run that is written in a form and built of a folder.

use std::fs;
use std::path::PathBuf;

use azimuth_e2e::{Page, Stage, journey, unzip};
use serde_json::{Value, json};

use crate::preflight::{KEEP_WHAT_IS_SENT, hand_in};
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const SCRIPT: &str = "print(\"Hello\")\n";

async fn empty_form(page: &Page) {
    page.open(&BAKERY.submit_address()).await;
    sign_in(page).await;
    page.expect_heading("Submit a run").await;
    page.evaluate(KEEP_WHAT_IS_SENT).await;
    page.fill("Experiment", BAKERY.experiment).await;
}

/// A folder on disk, with what a project has and what a run does not need.
fn folder(page: &Page) -> PathBuf {
    let folder = page.folder().join("shop");
    for (path, text) in [
        ("train.py", SCRIPT),
        ("src/model.py", "x = 1\n"),
        ("src/__pycache__/model.pyc", "compiled"),
        (".git/HEAD", "ref: refs/heads/main"),
        (".venv/bin/activate", "no"),
        (".env", "KEY=very-secret"),
        ("data/loaves.csv", "day,loaves\n"),
        ("notes.txt", "not for the run"),
        (".gitignore", "data/\n*.txt\n"),
        (".amlignore", "*.txt\n"),
    ] {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// What the page of the run shows of its definition, which it has from the simulator.
async fn arrived(page: &Page) -> Value {
    page.click("button", "All of it, as JSON").await;
    let text = page.evaluate("return document.querySelector('pre.log').textContent;").await;
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

const FOLDER: &str = "the driver of Firefox gives no folder to a field";

#[test]
fn a_run_written_in_the_form_and_built_of_a_folder_arrives_as_it_was_meant() {
    journey(Stage::azure().in_chromium_alone(FOLDER), async |page| {
        empty_form(&page).await;
        page.choose_file("Choose a folder", &folder(&page)).await;
        page.expect_text("Left out: notes.txt, .git, .venv, __pycache__, .env.").await;
        page.click("checkbox", ".venv").await;
        page.expect_text("Left out: notes.txt, .git, __pycache__, .env.").await;
        page.click("checkbox", ".venv").await;

        page.click_button("Start with a form").await;
        page.fill("Script", "train.py").await;
        page.fill("Arguments", "--rounds\n40").await;
        page.within("region", "Form").expect("field", "Compute").await;
        let choice = "const field = [...document.querySelectorAll('select')][0]; \
            return [...field.options].find((option) => option.value === arguments[0]).label;";
        let label = page.client().execute(choice, vec![BAKERY.compute.into()]).await.unwrap();
        page.select("Compute", label.as_str().unwrap()).await;
        page.fill("Nodes", "2").await;
        page.fill("Longest time in seconds", "600").await;
        page.click_button("Python packages 3 set").await;
        page.fill("Conda packages", "python=3.8\nnumpy").await;
        page.fill("Pip packages", "azureml-defaults\npandas").await;
        page.click_button("Environment variables nothing set").await;
        page.click_button("Add a variable").await;
        page.fill("Name", "SHOP").await;
        page.fill("Value", "harbour").await;
        page.within("group", "variable SHOP").expect_value("Value", "harbour").await;
        page.expect_text("Everything is in order.").await;

        let sent = unzip(&hand_in(&page, "projectZipFile").await);
        let mut names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, [".amlignore", ".gitignore", "data/loaves.csv", "src/model.py", "train.py"]);
        assert!(sent.contains(&("train.py".to_owned(), SCRIPT.as_bytes().to_vec())), "{sent:?}");
        let definition = arrived(&page).await;
        assert_eq!(definition["script"], "train.py");
        assert_eq!(definition["arguments"], json!(["--rounds", "40"]));
        assert_eq!(definition["target"], BAKERY.compute);
        assert_eq!(
            (&definition["nodeCount"], &definition["maxRunDurationSeconds"]),
            (&json!(2), &json!(600))
        );
        let environment = &definition["environment"];
        assert_eq!(
            environment["python"]["condaDependencies"]["dependencies"],
            json!(["python=3.8", "numpy", { "pip": ["azureml-defaults", "pandas"] }])
        );
        assert_eq!(environment["environmentVariables"]["SHOP"], "harbour");
    });
}

#[test]
fn a_file_that_was_changed_after_the_zip_was_built_is_not_sent() {
    journey(Stage::azure().in_chromium_alone(FOLDER), async |page| {
        empty_form(&page).await;
        let folder = folder(&page);
        page.choose_file("Choose a folder", &folder).await;
        page.choose_file("Run definition", &page.project(BAKERY.compute).definition).await;
        page.fill("Script", "train.py").await;
        page.expect_text("Everything is in order.").await;
        fs::write(folder.join("src/model.py"), "x = 'something else'\n").unwrap();
        page.click_button("Submit run").await;
        page.expect_text("it was moved or changed after it was chosen. Choose it again.").await;
        page.choose_file("Choose a folder", &folder).await;
        hand_in(&page, "projectZipFile").await;
    });
}

#[test]
fn what_may_be_secret_is_asked_for_again_after_a_reload() {
    journey(Stage::azure(), async |page| {
        empty_form(&page).await;
        page.choose_file("Run definition", &page.project(BAKERY.compute).definition).await;
        page.click_button("Environment variables nothing set").await;
        page.click_button("Add a variable").await;
        page.fill("Name", "DB").await;
        page.fill("Value", "oven-4711").await;
        page.within("group", "variable DB").expect_value("Value", "oven-4711").await;
        let stored = page.evaluate("return JSON.stringify({ ...sessionStorage });").await;
        assert!(!stored.as_str().unwrap().contains("oven-4711"), "{stored}");
        page.reload().await;
        sign_in(&page).await;
        page.expect_text("1 value to be written again").await;
        page.expect_disabled("button", "Submit run").await;
        page.click_button("Environment variables 1 set").await;
        page.fill("Value", "oven-4711").await;
        page.expect_no_text("to be written again").await;
    });
}
