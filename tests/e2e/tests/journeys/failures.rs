//! What a person sees when something does not work.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use azimuth_e2e::{Page, Role, ServerOptions, Stage, journey};
use serde_json::json;

use crate::sign_in::sign_in;
use crate::submit::hand_in;
use crate::tour::BAKERY;
use crate::wire;

/// The groups of the bakery's subscription.
fn groups() -> String {
    format!("#/subscriptions/{}", BAKERY.subscription_id)
}

/// The next so many requests for those groups end like this.
fn fail_groups(page: &Page, times: u64, fault: &str) {
    let plan = json!([{ "match": "GET */resourcegroups", "times": times, "do": fault }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

async fn open_subscriptions(page: &Page) {
    page.open("#/").await;
    sign_in(page).await;
    page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
}

/// Signs in, then opens the groups while requests for them end like this.
async fn open_failing_groups(page: &Page, times: u64, fault: &str) {
    open_subscriptions(page).await;
    fail_groups(page, times, fault);
    page.open(&groups()).await;
}

async fn expect_groups(page: &Page) {
    page.within("region", "Resource groups").expect_text(BAKERY.group).await;
}

/// Opens one address after the other, each named for its failure, and looks for the words about it.
async fn expect_each(page: &Page, cases: &[(&str, &[&str])]) {
    let patient = page.patient(Duration::from_secs(30));
    for (name, words) in cases {
        let experiment = BAKERY.address(&format!("experiments/{name}"));
        page.open(&experiment).await;
        for text in *words {
            patient.expect_text(text).await;
        }
        page.expect_no_text("No runs").await;
        page.expect("button", "Try again").await;
    }
}

#[test]
fn what_the_service_refuses_is_said_in_plain_words_with_its_code() {
    journey(Stage::azure(), async |page| {
        let cases: [(&str, &[&str]); 6] = [
            ("fail-404", &["Not found: could not load the runs", "It is not there."]),
            ("fail-409", &["something is in the way", "Something else is changing it at the moment."]),
            ("fail-412", &["it is not as expected", "changed by somebody else"]),
            ("fail-html", &["the answer is not what the service sends", "A proxy or a sign-in page"]),
            ("fail-json", &["the answer is not what the service sends"]),
            ("fail-shape", &["the answer is not what the service sends"]),
        ];
        open_subscriptions(&page).await;
        expect_each(&page, &cases).await;
        page.open(&BAKERY.address("experiments/fail-empty")).await;
        page.expect_text("The answer is empty.").await;
    });
}

#[test]
fn a_service_that_fails_is_asked_again_and_then_said_to_have_failed() {
    journey(Stage::azure(), async |page| {
        let cases: [(&str, &[&str]); 4] = [
            ("fail-500", &["the service failed", "Something failed inside the service.", "Azure support"]),
            ("fail-502", &["the service failed", "answered 502 with something that is not JSON"]),
            ("fail-503", &["the service failed"]),
            ("fail-504", &["the service failed", "answered 504"]),
        ];
        let asked = || page.simulator().recorder().matching(&http::Method::POST, "/fail-500/");
        open_subscriptions(&page).await;
        expect_each(&page, &cases[..1]).await;
        // The head of the page, which asks for something else, may be done before its list.
        page.wait("the list to be asked for four times", async || asked().len() >= 4).await;
        expect_each(&page, &cases[1..]).await;
        assert_eq!(asked().len(), 4, "{:?}", asked());
    });
}

#[test]
fn a_denied_action_can_be_asked_of_the_owner_and_tried_with_a_new_sign_in() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 1, "fail-403").await;
        page.expect_text("You may not load the resource groups").await;
        page.expect_text("This account has no role that allows it.").await;
        page.expect_text("Who can do this: an owner of the subscription or the workspace.").await;
        page.expect_text("Code AuthorizationFailed").await;
        page.click_button("Details").await;
        page.expect_text("Action Microsoft.Resources/subscriptions/resourceGroups/read").await;
        page.expect_text(&format!("Scope /subscriptions/{}", BAKERY.subscription_id)).await;
        catch_copies(&page).await;
        page.click_button("Copy a text for the owner").await;
        let text = copied(&page).await;
        assert!(text.contains("az role assignment create --assignee-object-id"), "{text}");
        assert!(
            text.contains(&format!(
                "--role \"Reader\" --scope \"/subscriptions/{}\"",
                BAKERY.subscription_id
            )),
            "{text}"
        );

        page.click_button("I just got access").await;
        page.within("dialog", "Sign in again").expect_text("AuthorizationFailed").await;
        sign_in(&page).await;
        expect_groups(&page).await;
    });
}

#[test]
fn a_refused_token_is_explained_and_signing_in_over_the_page_goes_on() {
    journey(Stage::azure(), async |page| {
        open_subscriptions(&page).await;
        let cases = [
            ("fail-401-expired", "The sign-in has run out."),
            ("fail-401-audience", "it was made for another service"),
            ("fail-401-tenant", "The token is of another tenant"),
            ("fail-401-empty", "The service does not take this sign-in."),
        ];
        for (fault, words) in cases {
            fail_groups(&page, 1, fault);
            page.open(&groups()).await;
            page.within("dialog", "Sign in again").expect_text(words).await;
            if fault == "fail-401-tenant" {
                // The tenant that is wanted is filled in.
                let typed =
                    page.evaluate("return document.querySelector('dialog fieldset input').value;").await;
                assert_eq!(typed.as_str().map(str::len), Some(36), "{typed}");
            }
            sign_in(&page).await;
            page.expect_no("dialog", "Sign in again").await;
            expect_groups(&page).await;
            page.open("#/subscriptions").await;
            page.expect_heading("Subscriptions").await;
        }
    });
}

#[test]
fn a_token_that_is_refused_in_the_middle_of_an_upload_is_asked_for_and_the_run_arrives() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.submit_address()).await;
        sign_in(&page).await;
        page.expect_heading("Submit a run").await;
        let plan = r#"[{"match": "POST */startrun", "do": "fail-401-expired"}]"#;
        page.simulator().add_faults(plan).unwrap();
        hand_in(&page, BAKERY.experiment).await;
        page.expect("dialog", "Sign in again").await;
        sign_in(&page).await;
        page.wait("the run", async || page.address().await.contains("/runs/")).await;
        let sent = page.simulator().recorder().matching(&http::Method::POST, "/startrun");
        let ids: Vec<_> = sent.iter().filter_map(|request| request.target.split_once("runId=")).collect();
        assert_eq!(ids.len(), 2, "{sent:?}");
        assert_eq!(ids[0].1, ids[1].1);
    });
}

#[test]
fn a_service_that_asks_to_wait_is_left_alone_for_that_long() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 1, "fail-429").await;
        page.expect_text("127.0.0.1 says that too much was asked. This page goes on in").await;
        let asked = || page.simulator().recorder().matching(&http::Method::GET, "/resourcegroups");
        assert_eq!(asked().len(), 1, "{:?}", asked());
        page.patient(Duration::from_secs(15))
            .within("region", "Resource groups")
            .expect_text(BAKERY.group)
            .await;
        let asked = asked();
        let waited = asked[1].at - asked[0].at;
        assert!(waited.as_seconds_f64() >= 7.0, "{waited}");
        page.expect_no_text("too much was asked").await;

        // What asks by itself does so less often from now on, and says so.
        page.open(&BAKERY.run_address("brave_oven_12")).await;
        page.expect_text("asking less often").await;
        let path = BAKERY.history_of("brave_oven_12");
        let questions = || {
            let mut asked = page.simulator().recorder().matching(&http::Method::GET, &path);
            asked.retain(|request| request.path() == path);
            asked
        };
        page.patient(Duration::from_secs(40)).wait("two questions", async || questions().len() >= 2).await;
        let between = (questions()[1].at - questions()[0].at).as_seconds_f64();
        assert!(between > 6.0, "{between}");
    });
}

#[test]
fn a_long_wait_is_counted_down_and_can_be_cut_short() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 1, "fail-429-long").await;
        page.expect_text("the service asks to wait").await;
        page.expect_text("Code ResourceRequestsThrottled").await;
        page.expect_text("Asking again in 6 m").await;
        page.click_button("Try again now").await;
        expect_groups(&page).await;

        // Seven minutes later, by the page's clock, it is asked by itself.
        fail_groups(&page, 1, "fail-429-long");
        page.open("#/subscriptions").await;
        page.open(&groups()).await;
        page.expect_text("Asking again in 6 m").await;
        page.evaluate("const now = window.Date.now; window.Date.now = () => now() + 420_000;").await;
        expect_groups(&page).await;
    });
}

#[test]
fn a_service_that_asks_to_wait_without_saying_how_long_is_given_ten_seconds() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 1, "fail-429-silent").await;
        page.expect_text("This page goes on in").await;
        page.patient(Duration::from_secs(25))
            .within("region", "Resource groups")
            .expect_text(BAKERY.group)
            .await;
        let asked = page.simulator().recorder().matching(&http::Method::GET, "/resourcegroups");
        let waited = (asked[1].at - asked[0].at).as_seconds_f64();
        assert!((7.5..16.0).contains(&waited), "{waited}");
    });
}

#[test]
fn a_silent_service_is_waited_for_with_words_and_then_given_up() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 0, "fail-silence").await;
        let patient = page.patient(Duration::from_secs(90));
        patient.expect_text("No answer for 8 seconds. It is asked again by itself.").await;
        patient.expect_text("No answer came within 30 seconds.").await;
        page.simulator().clear_faults();
        page.click_button("Try again").await;
        expect_groups(&page).await;
    });
}

#[test]
fn a_cut_connection_is_tried_again_without_a_word() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 2, "fail-connection").await;
        expect_groups(&page).await;
        fail_groups(&page, 1, "fail-drop-after");
        page.click_button("Refresh").await;
        expect_groups(&page).await;
    });
}

#[test]
fn a_host_that_does_not_answer_pages_is_told_from_one_that_is_down() {
    let options = ServerOptions { cors: false, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        page.open(&BAKERY.address("experiments")).await;
        sign_in(&page).await;
        let patient = page.patient(Duration::from_secs(30));
        patient.expect_text("not to web pages of other sites (CORS)").await;
        page.expect_text("Who can do this: whoever runs this page.").await;

        page.open("#/diagnostics").await;
        let hosts = page.within("table", "Hosts");
        let management = page.simulator().origin(Role::Management).to_owned();
        patient.within("table", "Hosts").expect_text(&format!("{management} Direct")).await;
        let regional = page.simulator().origin(Role::Regional).to_owned();
        hosts
            .expect_text(&format!("{regional} Not reachable It answers, but not pages of other sites"))
            .await;
    });
}

#[test]
fn a_host_that_is_down_leaves_what_is_shown_and_is_named() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("experiments")).await;
        sign_in(&page).await;
        page.within("region", "Experiments").expect_text(BAKERY.experiment).await;
        let regional = page.simulator().origin(Role::Regional).to_owned();
        page.simulator().close(Role::Regional);
        page.click_button("Refresh").await;
        let patient = page.patient(Duration::from_secs(30));
        patient.expect_text("The host does not answer at all, while this page’s own site does.").await;
        page.within("region", "Experiments").expect_text(BAKERY.experiment).await;

        page.open("#/diagnostics").await;
        let line = format!("{regional} Not reachable It does not answer at all");
        patient.within("table", "Hosts").expect_text(&line).await;
    });
}

#[test]
fn an_answer_that_a_page_may_not_read_is_told_from_a_host_that_may_not_be_asked() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 0, "fail-cors").await;
        let patient = page.patient(Duration::from_secs(30));
        patient
            .expect_text("this answer was lost on the way, or it was an error that a page may not read")
            .await;
        page.simulator().clear_faults();
        page.click_button("Try again").await;
        expect_groups(&page).await;
    });
}

#[test]
fn an_unreadable_refusal_of_an_old_token_asks_to_sign_in() {
    let options = ServerOptions { token_lifetime_seconds: Some(20), ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        open_subscriptions(&page).await;
        page.expect_text("signed in, 0 min").await;
        page.patient(Duration::from_secs(40)).expect_text("sign-in has run out").await;
        // Every answer: one that could be read would say itself that the token is old.
        let plan = r#"[{"match": "GET *", "times": 0, "do": "fail-cors"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.open(&groups()).await;
        page.patient(Duration::from_secs(30))
            .within("dialog", "Sign in again")
            .expect_text("The sign-in has run out.")
            .await;
        page.simulator().clear_faults();
        sign_in(&page).await;
        expect_groups(&page).await;
    });
}

#[test]
fn without_a_network_the_page_says_how_old_it_is_and_comes_back_by_itself() {
    journey(Stage::azure(), async |page| {
        open_subscriptions(&page).await;
        // Without a network nobody comes to a page whose code is not there; it follows the list at once.
        let is_next_page = |address: &String| address.contains("/azimuth-lists-");
        page.wait("the code of the next page", async || page.requested().await.iter().any(is_next_page))
            .await;
        page.set_offline(true).await;
        page.expect_text("This computer is offline. What is shown was last updated").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
        page.expect_text("Could not load the resource groups: no answer").await;
        page.expect_text("What is missing is then asked for by itself.").await;
        page.set_offline(false).await;
        expect_groups(&page).await;
        page.expect_no_text("This computer is offline").await;
    });
}

#[test]
fn a_version_that_is_not_spoken_names_those_that_are() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 0, "fail-api-version").await;
        page.expect_text("The service does not speak the version of its interface that was asked for.").await;
        page.expect_text("Code InvalidApiVersionParameter").await;
        page.expect_text("Who can do this: whoever runs this page.").await;
        page.click_button("Details").await;
        page.expect_text("Versions that are taken").await;
        page.expect_text("2019-11-01").await;
    });
}

#[test]
fn an_unregistered_provider_is_registered_by_a_button() {
    journey(Stage::azure(), async |page| {
        open_subscriptions(&page).await;
        let plan =
            r#"[{"match": "GET *Microsoft.MachineLearningServices/workspaces", "do": "fail-409-provider"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.open(&format!("{}/resourceGroups/{}", groups(), BAKERY.group)).await;
        page.expect_text("The subscription has never used this part of Azure").await;
        page.click_button("Register Microsoft.MachineLearningServices").await;
        page.within("region", "Workspaces").expect_text(BAKERY.workspace_label).await;
        let registered = page.simulator().recorder().matching(&http::Method::POST, "/register");
        assert_eq!(registered.len(), 1, "{registered:?}");
    });
}

#[test]
fn an_answer_of_ten_megabytes_is_taken() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 1, "fail-large").await;
        page.patient(Duration::from_secs(20))
            .within("region", "Resource groups")
            .expect_text(BAKERY.group)
            .await;
        page.expect_no_console_errors().await;
    });
}

#[test]
fn a_failure_of_the_demo_is_brought_about_by_its_name() {
    journey(Stage::demo(), async |page| {
        let demo = |name: &str| BAKERY.address(&format!("experiments/{name}")).replacen("#/", "#/demo/", 1);
        page.open(&demo("fail-403")).await;
        page.expect_text("You may not load the runs").await;
        page.open(&demo("fail-401-expired")).await;
        page.expect_text("The service does not take this sign-in.").await;
        page.open(&demo("fail-html")).await;
        page.expect_text("the answer is not what the service sends").await;
    });
}

#[test]
fn any_error_is_explained_where_it_is_pasted() {
    journey(Stage::azure(), async |page| {
        page.open("#/diagnostics").await;
        page.fill("Error", "ERROR: AADSTS700016: Application with identifier 'x' was not found").await;
        page.expect_text("The application is not in that tenant.").await;
        page.expect_text("Who can do this: an administrator of your organisation’s directory.").await;
        page.fill(
            "Error",
            r#"{"error":{"code":"MissingSubscriptionRegistration","message":"Die Subscription"}}"#,
        )
        .await;
        page.expect_text("Register the resource provider.").await;
        page.fill("Error", "it is broken").await;
        page.expect_text("There is no code of Azure in this text").await;
    });
}

#[test]
fn a_report_tells_what_the_page_knows_and_no_secret() {
    journey(Stage::azure(), async |page| {
        let token = wire::token(page.simulator());
        page.open("#/").await;
        page.fill("Access token", &token).await;
        page.click_button("Use token").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        fail_groups(&page, 0, "fail-404");
        page.open(&groups()).await;
        page.expect_text("Not found: could not load the resource groups").await;
        page.open("#/diagnostics").await;
        let regional = page.simulator().origin(Role::Regional).to_owned();
        page.patient(Duration::from_secs(30))
            .within("table", "Hosts")
            .expect_text(&format!("{regional} Direct"))
            .await;
        catch_copies(&page).await;
        page.click_button("Copy a report").await;
        let report = copied(&page).await;
        for part in [
            "Azimuth: report",
            &format!("{regional}: Direct"),
            "/resourcegroups?api-version=2021-04-01: Not found 404",
            "Computes: 2021-03-01-preview",
        ] {
            assert!(report.contains(part), "{part} is not in: {report}");
        }
        for secret in token.split('.').filter(|part| part.len() > 20).chain(["Bearer"]) {
            assert!(!report.contains(secret), "{report}");
        }
    });
}

/// What buttons copy from now on is kept for the test: a browser without a person has no clipboard.
async fn catch_copies(page: &Page) {
    let script =
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };";
    page.evaluate(script).await;
}

async fn copied(page: &Page) -> String {
    page.wait("a copy", async || page.evaluate("return Boolean(window.copied);").await == true).await;
    page.evaluate("return window.copied;").await.as_str().unwrap().to_owned()
}

#[test]
fn a_clock_that_is_wrong_is_noticed() {
    journey(Stage::azure(), async |page| {
        page.open("#/diagnostics").await;
        page.expect_text("Against the site’s clock right").await;
        page.set_clock_skew(600);
        page.reload().await;
        page.expect_text("This computer’s clock is about 10 minutes slow.").await;
    });
}

#[test]
fn a_refusal_shows_the_services_code_and_can_be_tried_again() {
    journey(Stage::azure(), async |page| {
        open_failing_groups(&page, 1, "status 403").await;
        page.expect_text("You may not load the resource groups").await;
        page.click_button("Try again").await;
        expect_groups(&page).await;
    });
}

#[test]
fn a_wrong_setting_stops_the_start_with_its_name() {
    journey(Stage::demo().with_setting("cloud", "mars"), async |page| {
        page.open("#/").await;
        page.expect_heading("This page is not set up right").await;
        page.expect_text("Field cloud It holds").await;
        page.expect_text("mars").await;
        page.expect_no("button", "Explore the demo").await;

        page.set_config(&json!({ "demo": "yes" }));
        page.reload().await;
        page.expect_text("Field demo It holds").await;
        page.set_config(&json!({}));
        page.reload().await;
        page.expect_heading("Sign in").await;
    });
}

#[test]
fn a_page_whose_file_does_not_arrive_can_be_tried_again() {
    let site = copy_of_the_site("part-lost");
    let part = |folder: &Path| {
        let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with("azimuth-subscriptions-") && name.ends_with(".wasm")
        })
    };
    let file = part(&site).expect("the first list is a file of its own");
    let elsewhere = site.with_file_name("part-lost.wasm");
    fs::rename(&file, &elsewhere).unwrap();
    journey(Stage::demo().with_folder(site), async move |page| {
        page.open("#/demo/subscriptions").await;
        page.expect_text("This page could not be loaded").await;
        page.expect("link", "Azimuth").await;
        fs::rename(&elsewhere, &file).unwrap();
        page.click_button("Try again").await;
        page.within("region", "Subscriptions").expect("link", BAKERY.subscription).await;
        page.expect_no_text("could not be loaded").await;
    });
}

/// The built site in a folder of its own, without the compressed files, so that what is taken away is away.
fn copy_of_the_site(name: &str) -> PathBuf {
    let site = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&site);
    fs::create_dir_all(&site).unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dist")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "br") {
            fs::copy(&path, site.join(path.file_name().unwrap())).unwrap();
        }
    }
    site
}
