//! Handing in a run.

use azimuth::project_zip::zip_of;
use futures::future::join;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, HtmlInputElement};

use crate::page::{Fault, Page, open_signed_in, stored};
use crate::sign_in::SUBSCRIPTION;

const DEFINITION: &str = r#"{"Configuration":{"Script":"hello.py","Target":"cpu-compute","NodeCount":1}}"#;

/// The form, ready to be sent.
pub async fn filled_in() -> Page {
    let address = format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/submit?experiment=loaves-per-day"
    );
    let page = open_signed_in(&address).await;
    page.choose("Project zip", "train.zip", &zip_of("hello.py", b"print('hello')")).await;
    page.choose("Run definition", "definition.json", DEFINITION.as_bytes()).await;
    page.until("a button that can be pressed", || page.control("Submit run")).await;
    page
}

/// The id of a run that was handed in, from the address it was sent to.
fn run_id(asked: &str) -> &str {
    asked.split("runId=").nth(1).unwrap_or_default()
}

#[wasm_bindgen_test]
async fn a_run_is_handed_in_and_shown() {
    let page = filled_in().await;
    assert_eq!(page.value("Experiment"), "loaves-per-day");
    page.press("Submit run").await;
    page.until("the run's address", || page.address().contains("/runs/loaves-per-day_").then_some(())).await;
    page.expect("Received").await;
}

#[wasm_bindgen_test]
async fn two_presses_send_once() {
    let page = filled_in().await;
    let button = page.control("Submit run").expect("the form is ready");
    button.click();
    button.click();
    page.until("the run's address", || page.address().contains("/runs/").then_some(())).await;
    assert_eq!(page.network.asked("startrun").len(), 1);
}

#[wasm_bindgen_test]
async fn a_run_whose_answer_was_lost_is_found_and_not_sent_again() {
    let page = filled_in().await;
    page.network.fail("startrun", 1, Fault::After);
    page.press("Submit run").await;
    page.until("the run's address", || page.address().contains("/runs/").then_some(())).await;
    let sent = page.network.asked("startrun");
    assert_eq!(sent.len(), 1);
    assert!(page.address().ends_with(run_id(&sent[0])));
}

#[wasm_bindgen_test]
async fn a_run_that_did_not_arrive_is_offered_again_under_the_same_id() {
    let page = filled_in().await;
    page.network.fail("startrun", 1, Fault::Before);
    page.press("Submit run").await;
    page.expect("the run did not arrive").await;
    assert_eq!(page.network.asked("startrun").len(), 1, "it was sent again by itself");
    page.press("Submit run").await;
    page.until("the run's address", || page.address().contains("/runs/").then_some(())).await;
    let sent = page.network.asked("startrun");
    assert_eq!(sent.len(), 2);
    assert_eq!(run_id(&sent[0]), run_id(&sent[1]));
}

#[wasm_bindgen_test]
async fn a_refusal_stays_by_the_button_and_keeps_the_form() {
    let page = filled_in().await;
    page.network.fail(
        "startrun",
        1,
        Fault::Status(400, r#"{"error":{"code":"UserError","message":"The definition is not valid."}}"#),
    );
    page.press("Submit run").await;
    page.expect("The definition is not valid.").await;
    page.expect("train.zip").await;
    assert_eq!(page.value("Definition to be sent"), DEFINITION);
    assert!(page.control("Submit run").is_some());
}

#[wasm_bindgen_test]
async fn what_is_wrong_is_said_before_it_is_sent() {
    let page = filled_in().await;
    page.choose("Project zip", "train.zip", &zip_of("src/hello.py", b"")).await;
    page.expect("hello.py is in the folder src").await;
    assert!(page.control("Submit run").is_none());
    page.choose("Project zip", "train.zip", b"not a zip").await;
    page.expect("This is a text file, not a zip.").await;
    page.fill("Definition to be sent", "{\n  oops").await;
    page.expect("line 2, column 3").await;
    page.fill("Definition to be sent", &DEFINITION.replace("cpu-compute", "nowhere")).await;
    page.expect("There is no compute nowhere").await;
    page.fill("Experiment", "my experiment").await;
    page.expect("not a space").await;
    assert!(page.network.asked("startrun").is_empty());
}

#[wasm_bindgen_test]
async fn files_are_taken_out_of_their_folder_put_back_and_handed_in() {
    let page = filled_in().await;
    page.choose("Project zip", "train.zip", &zip_of("project/hello.py", b"print('hello')")).await;
    page.expect("hello.py is in the folder project").await;
    page.press("Take the files out of the folder").await;
    page.expect("Repaired: files taken out of the folder project.").await;
    page.until("a button that can be pressed", || page.control("Submit run")).await;
    page.press("Undo the last repair of the zip").await;
    page.expect("hello.py is in the folder project").await;
    assert!(page.control("Submit run").is_none());
    page.press("Take the files out of the folder").await;
    page.press("Submit run").await;
    page.until("the run's address", || page.address().contains("/runs/").then_some(())).await;
}

#[wasm_bindgen_test]
async fn the_file_that_was_chosen_last_counts() {
    let page = filled_in().await;
    let new = zip_of("hello.py", b"1");
    // Both at once; of what is no zip the beginning is read too, so its answer comes last.
    join(page.choose("Project zip", "old.zip", b"\x89PNG\r\n"), page.choose("Project zip", "new.zip", &new))
        .await;
    page.expect("new.zip").await;
    page.choose("Run definition", "other.json", DEFINITION.as_bytes()).await;
    page.expect("other.json").await;
    page.expect("hello.py is in the zip").await;
    assert!(page.control("Submit run").is_some(), "{}", page.text());
    assert!(!page.text().contains("old.zip"));
}

/// A browser says nothing of a file that is dropped where it is already, though it may have changed on disk.
#[wasm_bindgen_test]
async fn a_file_that_is_dropped_again_is_read_again() {
    let page = filled_in().await;
    page.expect("train.zip").await;
    let input = document().query_selector("input[type=file]").ok().flatten().expect("the form takes files");
    let input: HtmlInputElement = input.unchecked_into();
    assert!(input.value().contains("train.zip"));
    input.dispatch_event(&Event::new("drop").expect("events can be made")).expect("fields take events");
    assert_eq!(input.value(), "");
}

#[wasm_bindgen_test]
async fn a_wrong_definition_file_is_refused_and_the_text_stays() {
    let page = filled_in().await;
    page.choose("Run definition", "train.zip", &zip_of("hello.py", b"1")).await;
    page.expect("train.zip: This is a zip. It belongs under “Project zip”.").await;
    assert_eq!(page.value("Definition to be sent"), DEFINITION);
    page.choose("Run definition", "definition.json", DEFINITION.as_bytes()).await;
    page.expect_gone("It belongs under “Project zip”").await;
}

#[wasm_bindgen_test]
async fn a_repair_of_the_definition_is_shown_accepted_and_undone() {
    let page = filled_in().await;
    let faulty = "{\n  \"Configuration\": {\n    \"Script\": \"hello.py\", // ours\n    \"Target\": \"cpu-compute\",\n  }\n}";
    let repaired = faulty.replace(" // ours", "").replace("compute\",", "compute\"");
    page.fill("Definition to be sent", faulty).await;
    page.expect("The definition cannot be read").await;
    assert!(page.control("Submit run").is_none());
    page.press("Repair").await;
    page.expect("This would be changed: comments taken away, commas before a closing bracket taken away.")
        .await;
    page.expect("Removed:").await;
    assert_eq!(page.value("Definition to be sent"), faulty, "it is changed before it is accepted");
    page.press("Use the repaired text").await;
    assert_eq!(page.value("Definition to be sent"), repaired);
    page.until("a button that can be pressed", || page.control("Submit run")).await;
    page.press("Undo the last repair of the definition").await;
    assert_eq!(page.value("Definition to be sent"), faulty);
    page.expect("The definition cannot be read").await;
}

#[wasm_bindgen_test]
async fn a_name_is_checked_while_it_is_typed() {
    let page = filled_in().await;
    page.expect("loaves-per-day is there").await;
    page.fill("Experiment", "Loaves per Day").await;
    page.expect("not a space").await;
    page.press("Use Loaves-per-Day").await;
    assert_eq!(page.value("Experiment"), "Loaves-per-Day");
    page.expect("There is loaves-per-day, which differs in upper and lower case alone.").await;
    page.fill("Experiment", "a-new-one").await;
    page.expect("a-new-one will be a new experiment").await;
}

#[wasm_bindgen_test]
async fn where_nothing_may_be_changed_the_form_says_so() {
    let settings = azimuth::settings::Settings { read_only: true, ..Default::default() };
    let page = crate::page::open_with("#/demo/", settings).await;
    page.expect("Harbour Bakery").await;
    let address =
        format!("#/demo/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/submit");
    leptos::prelude::window().location().set_hash(&address).expect("addresses can be set");
    page.expect("set up to change nothing").await;
    page.press("Use an example").await;
    page.fill("Experiment", "tried").await;
    page.expect("1 file").await;
    assert!(page.control("Submit run").is_none());
}

/// The page before anything was chosen.
async fn empty() -> Page {
    let address = format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/submit?experiment=loaves-per-day"
    );
    let page = open_signed_in(&address).await;
    page.until("the form", || page.control("Start with a form")).await;
    page
}

#[wasm_bindgen_test]
async fn form_and_json_are_one_document() {
    let page = filled_in().await;
    let json = "Definition to be sent";
    assert_eq!(page.value("Script"), "hello.py");
    assert_eq!(page.value("Compute"), "cpu-compute");
    page.fill("Script", "train.py").await;
    page.until("the JSON", || (page.value(json) == DEFINITION.replace("hello.py", "train.py")).then_some(()))
        .await;
    page.fill("Arguments", "--rounds\n40\n").await;
    let with_arguments = DEFINITION
        .replace("hello.py", "train.py")
        .replace("\"Target\"", "\"Arguments\":[\"--rounds\",\"40\"],\"Target\"");
    page.until("the arguments", || (page.value(json) == with_arguments).then_some(())).await;
    assert_eq!(page.value("Arguments"), "--rounds\n40\n", "what is typed stays as it is typed");
    page.select("Compute", "gpu-cluster").await;
    page.until("the compute", || page.value(json).contains("\"Target\":\"gpu-cluster\"").then_some(())).await;

    page.fill(json, &DEFINITION.replace("\"NodeCount\":1", "\"NodeCount\":3,\"Unknown\":{\"a\": 1}")).await;
    page.until("the form", || {
        (page.value("Nodes") == "3" && page.value("Script") == "hello.py").then_some(())
    })
    .await;
    assert_eq!(page.value("Arguments"), "");
    page.fill("Nodes", "2").await;
    page.until("the rest", || {
        page.value(json).contains("\"NodeCount\":2,\"Unknown\":{\"a\": 1}").then_some(())
    })
    .await;
}

#[wasm_bindgen_test]
async fn json_that_cannot_be_read_leaves_the_form_as_it_was() {
    let page = filled_in().await;
    page.fill("Definition to be sent", &DEFINITION[..40]).await;
    page.expect("The form shows what could be read last.").await;
    assert_eq!(page.value("Script"), "hello.py");
    assert!(page.is_disabled("Script") && page.is_disabled("Compute"));
    page.fill("Definition to be sent", &DEFINITION.replace("hello", "bye")).await;
    page.expect_gone("The form shows what could be read last.").await;
    page.until("the form", || (page.value("Script") == "bye.py").then_some(())).await;
    assert!(!page.is_disabled("Script"));
}

#[wasm_bindgen_test]
async fn variables_and_data_are_added_named_and_removed() {
    let page = empty().await;
    page.press("Start with a form").await;
    let json = || page.value("Definition to be sent");
    page.press("Environment variables nothing set").await;
    page.press("Add a variable").await;
    page.until("a variable", || json().contains("\"variable_1\": \"\"").then_some(())).await;
    page.fill("Name", "SHOP").await;
    page.fill("Value", "harbour").await;
    page.until("its value", || json().contains("\"SHOP\": \"harbour\"").then_some(())).await;
    page.press("Add a variable").await;
    page.until("another", || json().contains("\"variable_1\": \"\"").then_some(())).await;
    page.press("Remove SHOP").await;
    page.until("one less", || (!json().contains("SHOP")).then_some(())).await;
    assert_eq!(page.value("Name"), "variable_1");
    page.press("Remove variable_1").await;
    page.until("none", || (!json().contains("environmentVariables")).then_some(())).await;
    page.press("Environment variables nothing set").await;
    page.press("Data nothing set").await;
    page.press("Add a data reference").await;
    page.fill("Datastore", "workspaceblobstore").await;
    page.select("Mode", "Download").await;
    page.until("a reference", || json().contains("\"mode\": \"Download\"").then_some(())).await;
    assert!(json().contains("\"dataStoreName\": \"workspaceblobstore\""), "{}", json());
}

#[wasm_bindgen_test]
async fn what_may_be_secret_in_a_definition_is_not_stored() {
    let page = filled_in().await;
    let secret = DEFINITION.replace(
        "\"NodeCount\":1",
        "\"NodeCount\":1,\"Environment\":{\"EnvironmentVariables\":{\"DB\":\"oven-4711\",\"ROUNDS\":\"40\"}}",
    );
    page.fill("Definition to be sent", &secret).await;
    page.until("the rest", || stored().contains("ROUNDS").then_some(())).await;
    assert!(!stored().contains("oven-4711"), "{}", stored());
    page.fill("Definition to be sent", &secret[..secret.len() - 1]).await;
    page.expect("The form shows what could be read last.").await;
    assert!(!stored().contains("oven-4711"), "{}", stored());

    // As it is after a reload.
    page.fill("Definition to be sent", &secret.replace("oven-4711", "not shown")).await;
    page.expect("1 value to be written again").await;
    assert!(page.control("Submit run").is_none());
    page.press("Environment variables 2 set").await;
    page.fill("Value", "oven-4711").await;
    page.until("a button that can be pressed", || page.control("Submit run")).await;
}

#[wasm_bindgen_test]
async fn a_zip_is_made_of_a_folder_without_what_a_run_does_not_need() {
    let page = empty().await;
    let files = [
        ("shop/hello.py", "print('hello')"),
        ("shop/src/model.py", "x"),
        ("shop/src/__pycache__/model.pyc", "x"),
        ("shop/.git/HEAD", "ref"),
        ("shop/.env", "KEY=1"),
        ("shop/data/loaves.csv", "day"),
        ("shop/.amlignore", "data/"),
    ];
    page.choose_several("Choose a folder", &files).await;
    page.expect("shop.zip").await;
    page.expect("3 files").await;
    page.expect("Left out: data/, .git, __pycache__, .env.").await;
    page.press("Start with a form").await;
    page.tick("data/").await;
    page.expect("4 files").await;
    page.tick("src/").await;
    page.expect("Left out: src/, .git, __pycache__, .env.").await;
    page.fill("Script", "hello.py").await;
    page.expect("cpu-compute").await;
    page.select("Compute", "cpu-compute").await;
    page.press("Submit run").await;
    page.until("the run's address", || page.address().contains("/runs/").then_some(())).await;
    assert_eq!(page.network.asked("startrun").len(), 1);
}

#[wasm_bindgen_test]
async fn a_script_alone_becomes_a_zip_and_is_written_into_the_definition() {
    let page = filled_in().await;
    page.choose("Project zip", "bake.py", b"print('bake')").await;
    page.expect("bake.zip").await;
    page.expect("hello.py is not in the zip").await;
    page.press("Write this in the definition").await;
    page.expect("bake.py is in the zip").await;
    assert_eq!(page.value("Script"), "bake.py");
    page.until("a button that can be pressed", || page.control("Submit run")).await;
    page.choose("Project zip", "train.zip", &zip_of("other.py", b"1")).await;
    page.expect("train.zip").await;
    page.expect_gone("bake.zip").await;
}

#[wasm_bindgen_test]
async fn the_request_is_shown_before_it_is_sent_and_is_the_one_that_is_sent() {
    let page = filled_in().await;
    page.press("Show request").await;
    page.expect("-F 'projectZipFile=@project.zip'").await;
    let shown = page.text();
    page.press("Submit run").await;
    page.until("the run's address", || page.address().contains("/runs/").then_some(())).await;
    let sent = page.network.asked("startrun");
    assert!(shown.contains(run_id(&sent[0])), "{shown}");
}
