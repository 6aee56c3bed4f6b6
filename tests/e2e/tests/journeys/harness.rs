//! What the other journeys rely on, tried on a page made for it.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};

const PAGE: &str = r#"<!doctype html>
<title>Made for tests</title><link rel="icon" href="data:,">
<main>
  <h1>Sign in</h1>
  <fieldset><legend>Service principal</legend>
    <label>Tenant ID <input id="tenant"></label>
    <label for="subscription">Subscription ID (optional)</label> <input id="subscription">
    <button>Sign in</button>
  </fieldset>
  <fieldset><legend>Access token</legend>
    <label>Access token <input type="password"></label>
    <label>Subscription ID (optional) <input></label>
    <button disabled>Use token</button>
  </fieldset>
  <button hidden>Secret</button>
  <label>Project zip <input type="file" id="file"></label>
  <p id="chosen"></p>
  <a href="later">Later</a>
</main>
<script src="page.js"></script>
"#;
const SCRIPT: &str = r##"
const heading = document.querySelector("h1");
document.querySelector("button").onclick = () => setTimeout(() => { heading.textContent = "Subscriptions"; }, 300);
document.querySelector("#file").onchange = (event) => {
  document.querySelector("#chosen").textContent = `${event.target.files[0].name}, chosen`;
};
fetch("config.json").then((answer) => answer.json()).then((config) => { document.title = config.title ?? "none"; });
"##;

fn made(name: &str) -> Stage {
    Stage::demo().with_folder(folder(name, PAGE, SCRIPT))
}

fn folder(name: &str, page: &str, script: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("index.html"), page).unwrap();
    fs::write(folder.join("page.js"), script).unwrap();
    folder
}

#[test]
fn a_page_is_used_in_words_and_changes_are_waited_for() {
    journey(made("words").with_setting("title", "From the settings"), async |page| {
        page.open("#/").await;
        page.expect_title("From the settings").await;
        page.expect_heading("Sign in").await;
        let group = page.within("group", "Service principal");
        group.fill("Tenant ID", "contoso").await;
        group.fill("Subscription ID (optional)", "1").await;
        page.within("group", "Access token").fill("Subscription ID (optional)", "2").await;
        page.expect_disabled("button", "Use token").await;
        page.choose_file("Project zip", &page.project("cpu-compute").zip).await;
        page.expect_text("project.zip, chosen").await;
        group.click_button("Sign in").await;
        page.expect_heading("Subscriptions").await;
        page.expect_no("heading", "Sign in").await;

        assert_eq!(page.address().await, "#/");
        assert_eq!(page.within("group", "Access token").names("button").await, ["Use token"]);
        let values = page.evaluate("return [tenant.value, subscription.value].join();").await;
        assert_eq!(values, "contoso,1");
        assert!(page.requested().await.contains(&format!("{}page.js", page.site())));
    });
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    for (act, told) in [(&click_twins as &(dyn Fn() + Sync), "there are 2"), (&click_hidden, "there are 0")] {
        let panic = catch_unwind(AssertUnwindSafe(act)).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(told), "{message}");
        assert!(message.contains("groups: \"Service principal\", \"Access token\""), "{message}");
    }
}

fn click_twins() {
    impatient("twins", async |page| page.fill("Subscription ID (optional)", "1").await);
}

fn click_hidden() {
    impatient("hidden", async |page| page.click_button("Secret").await);
}

fn impatient(name: &str, act: impl AsyncFnOnce(Page) + 'static) {
    journey(made(name), async |page| {
        page.open("").await;
        act(page.patient(Duration::from_millis(200))).await;
    });
}

#[test]
fn errors_of_the_console_are_seen() {
    journey(made("console"), async |page| {
        page.open("").await;
        page.expect_no_console_errors().await;
        page.evaluate("console.error('broken on purpose');").await;
        let errors = page.console_errors().await;
        assert!(errors.iter().any(|error| error.contains("broken on purpose")), "{errors:?}");
    });
}

#[test]
fn a_page_reaches_the_simulator_that_its_settings_name() {
    let page = "<!doctype html><title>none</title><script src=page.js></script>";
    let script = "fetch('config.json').then((answer) => answer.json()).then((config) => \
                  fetch(config.cloud.management + '/subscriptions?api-version=2020-01-01', \
                  { headers: { Authorization: 'Bearer probe' } })).then((answer) => { document.title = answer.status; });";
    journey(Stage::azure().with_folder(folder("simulator", page, script)), async |page| {
        page.open("").await;
        page.expect_title("401").await;
        let requests = page.simulator().recorder().requests();
        assert!(requests[0].is_preflight());
        assert!(requests[1].has_authorization() && requests[1].status == Some(401), "{requests:?}");
    });
}
