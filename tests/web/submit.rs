//! Handing in a run.

use azimuth::project_zip::zip_of;
use futures::future::join;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, HtmlInputElement};

use crate::page::{Fault, Page, open_signed_in};
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
