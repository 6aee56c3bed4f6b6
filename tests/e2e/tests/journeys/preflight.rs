//! What is found before a run is handed in, and put right.

use std::fs;
use std::path::PathBuf;

use azimuth_e2e::{Page, Stage, journey, unzip, zip_of};
use http::Method;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const SCRIPT: &[u8] = b"print(\"Hello\")\n";

/// Keeps what the page hands to the browser to send.
pub const KEEP_WHAT_IS_SENT: &str = "const { send } = XMLHttpRequest.prototype; \
    XMLHttpRequest.prototype.send = function (body) { \
        if (body instanceof FormData) window.sent = body; \
        return send.call(this, body); \
    };";

/// The form, with a definition in it that is in order.
async fn form(page: &Page) {
    page.open(&BAKERY.submit_address()).await;
    sign_in(page).await;
    page.expect_heading("Submit a run").await;
    page.evaluate(KEEP_WHAT_IS_SENT).await;
    page.fill("Experiment", BAKERY.experiment).await;
    let project = page.project(BAKERY.compute);
    page.choose_file("Run definition", &project.definition).await;
    page.expect("field", "Definition to be sent").await;
}

fn write(page: &Page, name: &str, content: &[u8]) -> PathBuf {
    let path = page.folder().join(name);
    fs::write(&path, content).unwrap();
    path
}

async fn choose_zip(page: &Page, files: &[(&str, &[u8])]) {
    page.choose_file("Project zip", &write(page, "train.zip", &zip_of(files))).await;
}

/// Hands in, waits until the simulator took it, and gives what was sent in a part of the form.
pub async fn hand_in(page: &Page, part: &str) -> Vec<u8> {
    page.click_button("Submit run").await;
    page.expect("region", "Status").await;
    let script = "const [part, done] = arguments; \
        window.sent.get(part).arrayBuffer().then((bytes) => done([...new Uint8Array(bytes)]));";
    let bytes = page.client().execute_async(script, vec![part.into()]).await.unwrap();
    serde_json::from_value(bytes).unwrap()
}

#[test]
fn files_are_taken_out_of_the_folder_that_was_zipped() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        let data: &[u8] = b"day,loaves\nMonday,212\n";
        let files = [
            ("project/hello.py", SCRIPT),
            ("project/data/loaves.csv", data),
            ("__MACOSX/project/._hello.py", b"added".as_slice()),
        ];
        choose_zip(&page, &files).await;
        page.expect_text("hello.py is in the folder project").await;
        page.expect_disabled("button", "Submit run").await;
        page.expect_text("Solve the problems first: definition.").await;
        page.click_button("Take the files out of the folder").await;
        page.expect_text("Repaired: files taken out of the folder project.").await;
        let sent = unzip(&hand_in(&page, "projectZipFile").await);
        assert_eq!(
            sent,
            [("hello.py".to_owned(), SCRIPT.to_vec()), ("data/loaves.csv".to_owned(), data.to_vec())]
        );
    });
}

#[test]
fn a_wrong_file_is_called_what_it_is_and_another_takes_its_place() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        page.choose_file("Project zip", &write(&page, "picture.zip", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")).await;
        page.expect_text("This is a picture (PNG), not a zip.").await;
        page.expect_disabled("button", "Submit run").await;
        page.choose_file("Run definition", &write(&page, "train.py", SCRIPT)).await;
        page.expect_text("train.py: This is a script, not a run definition.").await;
        page.choose_file("Run definition", &write(&page, "other.zip", &zip_of(&[("a", b"1")]))).await;
        page.expect_text("other.zip: This is a zip. It belongs under “Project zip”.").await;
        choose_zip(&page, &[("hello.py", SCRIPT)]).await;
        page.expect_no_text("This is a picture").await;
        hand_in(&page, "projectZipFile").await;
    });
}

#[test]
fn a_file_that_was_changed_after_it_was_checked_is_not_sent() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        choose_zip(&page, &[("hello.py", SCRIPT)]).await;
        page.expect_text("Everything is in order.").await;
        write(&page, "train.zip", &zip_of(&[("hello.py", b"print(\"Changed\")\n")]));
        page.click_button("Submit run").await;
        page.expect_text("it was moved or changed after it was chosen. Choose it again.").await;
        let sent = page.simulator().recorder().matching(&Method::POST, "/startrun");
        assert!(sent.is_empty(), "{sent:?}");
        page.expect_disabled("button", "Submit run").await;
        page.choose_file("Project zip", &write(&page, "again.zip", &zip_of(&[("hello.py", SCRIPT)]))).await;
        hand_in(&page, "projectZipFile").await;
    });
}

#[test]
fn a_definition_that_is_nearly_json_is_repaired_once_the_difference_is_accepted() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        choose_zip(&page, &[("hello.py", SCRIPT)]).await;
        let faulty = "{\n  // ours\n  \"Script\": \"hello.py\",\n  \"Arguments\": [\"https://example.org//a\"],\n  \
                      \"Target\": \"cpu-compute\",\n  \"MaxRunDurationSeconds\": 60,\n}\n";
        page.choose_file("Run definition", &write(&page, "faulty.json", faulty.as_bytes())).await;
        page.expect_text("Not JSON at line 2, column 3").await;
        page.click_button("Repair").await;
        let repair = page.within("region", "Repair of the definition");
        repair.expect_text("comments taken away").await;
        repair.expect("listitem", "Removed: // ours").await;
        repair.expect("listitem", "Added: \"Configuration\": {").await;
        page.expect_value("Definition to be sent", faulty).await;
        page.expect_disabled("button", "Submit run").await;
        page.click_button("Use the repaired text").await;
        page.expect("button", "Undo the last repair of the definition").await;
        let sent = String::from_utf8(hand_in(&page, "runDefinitionFile").await).unwrap();
        assert!(sent.contains("\"Arguments\": [\"https://example.org//a\"]"), "{sent}");
        assert!(!sent.contains("ours"), "{sent}");
    });
}

#[test]
fn more_machines_than_the_compute_has_are_refused() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        choose_zip(&page, &[("hello.py", SCRIPT)]).await;
        let definition = |nodes: u32| {
            format!(
                r#"{{"Configuration":{{"Script":"hello.py","Target":"cpu-compute","MaxRunDurationSeconds":60,"NodeCount":{nodes}}}}}"#
            )
        };
        page.fill("Definition to be sent", &definition(7)).await;
        page.expect_text("7 machines wanted, cpu-compute has at most 6").await;
        page.expect_disabled("button", "Submit run").await;
        page.fill("Definition to be sent", &definition(6)).await;
        page.expect_text("Everything is in order.").await;
        hand_in(&page, "projectZipFile").await;
    });
}

#[test]
fn secrets_are_named_and_left_out() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        let secret: &[u8] = b"STORAGE_KEY=very-secret\n";
        choose_zip(&page, &[(".env", secret), ("hello.py", SCRIPT), ("keys/server.pem", secret)]).await;
        page.expect_text("2 files that may be secret").await;
        page.expect_text("keys/server.pem").await;
        page.click_button("Leave them out").await;
        page.expect_text("Repaired: 2 files that may be secret left out.").await;
        page.click_button("Undo the last repair of the zip").await;
        page.expect_text("2 files that may be secret").await;
        page.click_button("Leave them out").await;
        page.expect_text("Repaired: 2 files that may be secret left out.").await;
        let sent = hand_in(&page, "projectZipFile").await;
        assert_eq!(unzip(&sent), [("hello.py".to_owned(), SCRIPT.to_vec())]);
        assert!(
            !sent.windows(secret.len()).any(|window| window == secret),
            "the data was sent without its name"
        );
    });
}

#[test]
fn a_name_is_checked_while_it_is_typed() {
    journey(Stage::azure(), async |page| {
        form(&page).await;
        choose_zip(&page, &[("hello.py", SCRIPT)]).await;
        page.fill("Experiment", "Größe der Brötchen").await;
        page.expect_text("letters, digits, _ and - only, not “ö”").await;
        page.expect_disabled("button", "Submit run").await;
        page.click_button("Use Groesse-der-Broetchen").await;
        page.expect_value("Experiment", "Groesse-der-Broetchen").await;
        page.expect_text("Groesse-der-Broetchen will be a new experiment").await;
        hand_in(&page, "projectZipFile").await;
    });
}
