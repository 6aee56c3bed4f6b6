//! Signing in with Microsoft, through the test authority: there and back, renewal, a day later, sign-out.

use std::time::Duration;

use azimuth_e2e::{Page, Recorded, Role, ServerOptions, Stage, journey};
use http::Method;
use serde_json::json;

use crate::sign_in::sign_in;
use crate::submit::fill_in;
use crate::tour::{BAKERY, go_to};

pub const MAYA: &str = "maya@contoso.example";
const BUTTON: &str = "Sign in with Microsoft";
const LONG: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_secs(3600);

/// Tokens that are renewed after three seconds, half of their time.
fn stage_with_short_tokens() -> Stage {
    Stage::azure_with(ServerOptions {
        speed: 10.0,
        token_lifetime_seconds: Some(6),
        ..ServerOptions::default()
    })
}

/// Waits for the authority's page.
async fn expect_authority(page: &Page) {
    page.expect("button", "Sign in and accept").await;
    let address = page.address().await;
    assert!(address.starts_with(page.simulator().origin(Role::Login)), "{address}");
}

/// Chooses an account on the authority's page, and decides.
async fn decide(page: &Page, account: &str, decision: &str) {
    expect_authority(page).await;
    let is_known = page.names("radio").await.iter().any(|name| name == account);
    if is_known {
        page.click("radio", account).await;
    } else {
        page.fill("Another account", account).await;
    }
    page.click_button(decision).await;
}

async fn accept(page: &Page, account: &str) {
    decide(page, account, "Sign in and accept").await;
}

/// From the sign-in page, or another one with its button, through the authority and back.
pub async fn sign_in_with_microsoft(page: &Page, account: &str) {
    page.click_button(BUTTON).await;
    accept(page, account).await;
}

/// Meets a refusal, by its name on the authority's page, which is shown whatever the authority remembers.
pub async fn sign_in_and_fail(page: &Page, refusal: &str) {
    page.click_button("Use another account").await;
    expect_authority(page).await;
    page.select("Fail with", refusal).await;
    accept(page, MAYA).await;
}

async fn start_at(page: &Page, address: &str) {
    page.open(address).await;
    sign_in_with_microsoft(page, MAYA).await;
}

/// The times that a browser was sent to the authority.
fn sent_there(page: &Page) -> Vec<Recorded> {
    page.simulator().recorder().matching(&Method::GET, "/oauth2/v2.0/authorize")
}

/// The questions for tokens.
fn tokens_asked(page: &Page) -> Vec<Recorded> {
    page.simulator().recorder().matching(&Method::POST, "/oauth2/v2.0/token")
}

/// Whether any token was sent to a service; the authority itself is asked with a constant word why an answer is lost.
fn uses_a_token(page: &Page) -> bool {
    let requests = page.simulator().recorder().requests();
    requests.iter().any(|request| request.role != Role::Login && request.has_authorization())
}

fn parameter(request: &Recorded, name: &str) -> String {
    let (_, query) = request.target.split_once('?').unwrap();
    let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
    pair.map_or_else(String::new, |(_, value)| value.to_owned())
}

async fn stored(page: &Page) -> String {
    let stored = page.evaluate("return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);").await;
    stored.as_str().unwrap().to_owned()
}

async fn expect_sign_in_page(page: &Page) {
    page.expect_heading("Sign in").await;
    page.expect("button", BUTTON).await;
}

async fn expect_subscriptions(page: &Page) {
    page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
}

#[test]
fn a_person_signs_in_and_comes_to_the_page_that_the_address_names() {
    journey(Stage::azure(), async |page| {
        let address = BAKERY.address("computes");
        page.open(&address).await;
        page.expect_text("You will come to the page that this address names.").await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.within("region", "Computes").expect_text("cpu-compute").await;
        page.expect_address(&address).await;
        page.expect_text("signed in, ").await;
        page.expect_no_console_errors().await;

        let [asked] = &sent_there(&page)[..] else { panic!("sent there other than once") };
        for name in ["state", "nonce", "code_challenge"] {
            assert_eq!(parameter(asked, name).len(), 43, "{name}: {}", asked.target);
        }
        assert_eq!(parameter(asked, "code_challenge_method"), "S256");
        let requests = page.simulator().recorder().requests();
        let login = requests.iter().filter(|request| request.role == Role::Login);
        assert!(!login.clone().any(Recorded::is_preflight), "the browser asked before it redeemed the code");
        assert_eq!(tokens_asked(&page).len(), 1);

        // What came back from the authority stands in no entry of the history.
        page.back().await;
        page.wait("another page", async || page.address().await != address).await;
        assert!(!page.address().await.contains("code="), "{}", page.address().await);
    });
}

#[test]
fn the_site_may_stand_below_a_folder_of_its_host() {
    let redirect_uris = vec!["http://127.0.0.1/tools/azimuth/auth.html".to_owned()];
    let options = ServerOptions { redirect_uris, ..ServerOptions::default() };
    journey(Stage::azure_with(options).at_prefix("/tools/azimuth/"), async |page| {
        start_at(&page, &BAKERY.address("models")).await;
        page.expect_heading("Models").await;
        page.expect_address(&BAKERY.address("models")).await;
    });
}

#[test]
fn a_site_that_is_not_registered_is_told_so_at_the_authority() {
    journey(Stage::azure().at_prefix("/tools/azimuth/"), async |page| {
        page.open("#/").await;
        page.click_button(BUTTON).await;
        page.expect_text("AADSTS50011").await;
        page.back().await;
        expect_sign_in_page(&page).await;
    });
}

#[test]
fn whoever_cancels_or_declines_may_try_again() {
    journey(Stage::azure(), async |page| {
        let address = BAKERY.address("computes");
        page.open(&address).await;
        page.click_button(BUTTON).await;
        for decision in ["Cancel", "Sign in and decline"] {
            decide(&page, MAYA, decision).await;
            page.expect_heading("Signing in did not work").await;
            page.expect_text("AADSTS65004").await;
            page.expect_address(&address).await;
            page.click_button(BUTTON).await;
        }
        accept(&page, MAYA).await;
        page.expect_heading("Computes").await;
        page.expect_address(&address).await;
    });
}

#[test]
fn what_an_administrator_has_to_do_can_be_copied_to_them() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in_and_fail(&page, "AADSTS90094 access_denied (on return)").await;
        page.expect_heading("Signing in did not work").await;
        page.expect_text("AADSTS90094").await;
        page.expect("button", "Copy a text for the administrator").await;
        page.click_button("Other ways to sign in").await;
        sign_in(&page).await;
        expect_subscriptions(&page).await;
    });
}

#[test]
fn another_account_can_be_chosen() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        page.open(&BAKERY.address("computes?create")).await;
        page.expect_heading("Create a compute").await;
        page.evaluate("sessionStorage.clear();").await;
        page.reload().await;
        page.click_button("Use another account").await;
        accept(&page, "tom@contoso.example").await;
        page.expect_heading("Create a compute").await;
        let asked = sent_there(&page);
        assert_eq!(parameter(asked.last().unwrap(), "prompt"), "select_account");
    });
}

#[test]
fn an_answer_that_nobody_asked_for_is_not_used() {
    journey(Stage::azure(), async |page| {
        page.open("auth.html#code=a-code&state=unknown").await;
        page.expect_heading("This sign-in cannot be used").await;
        assert_eq!(tokens_asked(&page).len() + sent_there(&page).len(), 0);
        assert!(!stored(&page).await.contains("a-code"));
        assert!(!page.address().await.contains("a-code"), "{}", page.address().await);

        // The same answer twice.
        page.click_button(BUTTON).await;
        accept(&page, MAYA).await;
        expect_subscriptions(&page).await;
        let state = parameter(&sent_there(&page)[0], "state");
        let code = page.simulator().issued().iter().find(|one| one.kind == "code").unwrap().text.clone();
        page.open(&format!("auth.html#code={code}&state={state}")).await;
        page.expect_heading("This sign-in cannot be used").await;
        assert_eq!((tokens_asked(&page).len(), sent_there(&page).len()), (1, 1));
        page.click_button(BUTTON).await;
        expect_subscriptions(&page).await;
    });
}

#[test]
fn an_answer_that_comes_too_late_is_not_used() {
    journey(Stage::azure(), async |page| {
        let address = BAKERY.address("computes");
        page.open(&address).await;
        page.click_button(BUTTON).await;
        expect_authority(&page).await;
        // Another file of the site, to get at what the tab keeps for it.
        page.open("config.json").await;
        let script = "
            const key = Object.keys(sessionStorage).find((key) => key.startsWith('aml.auth.tx.'));
            const transaction = JSON.parse(sessionStorage.getItem(key));
            transaction.created_ms -= 10 * 60 * 1000 + 1;
            sessionStorage.setItem(key, JSON.stringify(transaction));
            return Object.keys(sessionStorage).filter((key) => key.startsWith('aml.auth.tx.')).length;";
        assert_eq!(page.evaluate(script).await, 1);
        page.back().await;
        expect_authority(&page).await;
        // Some browsers load that page anew.
        let sent = sent_there(&page).len();
        accept(&page, MAYA).await;
        page.expect_heading("This sign-in cannot be used").await;
        page.expect_text("begun more than ten minutes ago").await;
        assert!(!stored(&page).await.contains("aml.auth.tx."), "it is kept for another time");
        assert_eq!((tokens_asked(&page).len(), sent_there(&page).len()), (0, sent));
        // Now the authority knows who it is.
        page.click_button(BUTTON).await;
        page.expect_heading("Computes").await;
        page.expect_address(&address).await;
    });
}

#[test]
fn an_identity_that_is_not_the_one_that_was_asked_for_signs_nobody_in() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        page.click_button(BUTTON).await;
        for (claim, words) in [
            ("nonce", "another sign-in"),
            ("aud", "another application"),
            ("tid", "another tenant"),
            ("exp", "clock"),
        ] {
            accept(&page, &format!("wrong-{claim}@contoso.example")).await;
            page.expect_heading("Signing in did not work").await;
            page.expect_text(words).await;
            page.click_button("Use another account").await;
        }
        assert!(!uses_a_token(&page), "somebody is signed in");
        accept(&page, MAYA).await;
        expect_subscriptions(&page).await;
    });
}

#[test]
fn a_code_that_is_refused_says_why() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        for (refusal, words) in [
            ("AADSTS54005 invalid_grant (on code)", "AADSTS54005"),
            // A page cannot read this one.
            ("AADSTS9002326 invalid_request (on code)", "Copy a text for the administrator"),
            ("AADSTS65001 consent_required (on return)", "AADSTS65001"),
            ("AADSTS53003 access_denied (on return)", "AADSTS53003"),
        ] {
            sign_in_and_fail(&page, refusal).await;
            page.expect_heading("Signing in did not work").await;
            page.expect_text(words).await;
        }
        assert!(!uses_a_token(&page), "somebody is signed in");
        page.reload().await;
        expect_sign_in_page(&page).await;
        page.click_button(BUTTON).await;
        expect_subscriptions(&page).await;
    });
}

#[test]
fn a_token_is_renewed_before_it_ends_with_the_newest_that_there_is() {
    journey(stage_with_short_tokens(), async |page| {
        page.open(&BAKERY.address("experiments")).await;
        // Whoever renews with an older one is refused.
        sign_in_with_microsoft(&page, "newest-token@contoso.example").await;
        page.expect_heading("Experiments").await;
        page.patient(LONG).wait("four renewals", async || tokens_asked(&page).len() >= 5).await;
        go_to(&page, "Models").await;
        page.within("region", "Models").expect_text(BAKERY.model).await;
        assert!(
            tokens_asked(&page).iter().all(|request| request.status != Some(400)),
            "{:?}",
            tokens_asked(&page)
        );
        assert_eq!(sent_there(&page).len(), 1);
        page.expect_no_console_errors().await;
    });
}

#[test]
fn many_questions_that_are_refused_at_once_renew_once_and_are_answered() {
    journey(Stage::azure(), async |page| {
        start_at(&page, &BAKERY.address("experiments")).await;
        page.within("region", "Experiments").expect_text(BAKERY.experiment).await;
        assert_eq!(tokens_asked(&page).len(), 1);
        page.simulator().let_pass(2 * HOUR);
        // The overview asks for five things at once.
        page.open(BAKERY.address("").trim_end_matches('/')).await;
        page.within("region", "Services").expect_text("May be called").await;
        page.expect_text(BAKERY.model).await;
        let refused = page.simulator().recorder().requests();
        let refused = refused.iter().filter(|request| request.status == Some(401)).count();
        assert!(refused > 1, "{refused} were refused");
        assert_eq!(tokens_asked(&page).len(), 2);
        assert_eq!(sent_there(&page).len(), 1);
        page.expect_no("dialog", "Sign in again").await;
    });
}

#[test]
fn a_clock_that_jumps_renews() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        for hours in [1, -3] {
            let before = tokens_asked(&page).len();
            let jump = format!(
                "const now = window.Date.now; window.Date.now = () => now() + {hours} * 3600 * 1000;"
            );
            page.evaluate(&jump).await;
            // As a browser says it when somebody comes back to the tab.
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'));").await;
            page.wait("a renewal", async || tokens_asked(&page).len() > before).await;
        }
        assert_eq!(sent_there(&page).len(), 1);
        expect_subscriptions(&page).await;
    });
}

#[test]
fn a_form_half_written_is_as_it_was_a_day_later() {
    journey(Stage::azure(), async |page| {
        let address = BAKERY.address("computes?create");
        start_at(&page, &address).await;
        page.expect_heading("Create a compute").await;
        page.fill("Filter sizes", "ds2").await;
        page.click("radio", "Standard_DS2_v2").await;
        page.fill("Machines, at most", "2").await;
        page.simulator().let_pass(25 * HOUR);
        // What looks whether the name is free is refused, and so is the renewal.
        page.fill("Name", "day-old-oven").await;
        page.patient(LONG)
            .wait("the way to the authority and back", async || sent_there(&page).len() == 2)
            .await;
        page.expect_heading("Create a compute").await;
        page.expect_value("Name", "day-old-oven").await;
        page.expect_value("Machines, at most", "2").await;
        page.expect_address(&address).await;
        let again = &sent_there(&page)[1];
        assert_eq!(parameter(again, "login_hint"), "maya%40contoso.example", "{}", again.target);
        assert_eq!(parameter(again, "prompt"), "");
        page.click_button("Create compute").await;
        page.expect_heading("Compute day-old-oven").await;
        page.patient(LONG).expect_text("Done: Create compute day-old-oven").await;
    });
}

#[test]
fn nobody_is_led_away_from_files_that_were_picked() {
    journey(Stage::azure(), async |page| {
        start_at(&page, &BAKERY.submit_address()).await;
        fill_in(&page, BAKERY.experiment).await;
        page.simulator().let_pass(25 * HOUR);
        page.click_button("Submit run").await;
        let dialog = page.within("dialog", "Sign in again");
        dialog.expect("button", BUTTON).await;
        assert_eq!(sent_there(&page).len(), 1, "led away");
        dialog.click_button(BUTTON).await;
        page.patient(LONG).wait("the way back", async || sent_there(&page).len() == 2).await;
        page.expect_heading("Submit a run").await;
        page.expect_value("Experiment", BAKERY.experiment).await;
        page.expect_text("Choose project.zip again").await;
    });
}

#[test]
fn a_run_is_watched_across_a_renewal_and_a_new_sign_in() {
    journey(stage_with_short_tokens(), async |page| {
        let run = "brave_oven_12";
        let address = BAKERY.run_address(run);
        start_at(&page, &address).await;
        page.expect_heading(run).await;
        page.click_button("Notify me").await;
        page.expect_text("The name of the tab and a line above the page will tell.").await;
        let answers = |page: &Page| {
            let all = page.simulator().recorder().matching(&Method::GET, &BAKERY.history_of(run));
            all.iter().filter(|request| request.status == Some(200)).count()
        };
        page.patient(LONG).wait("a renewal", async || tokens_asked(&page).len() > 2).await;
        let before = answers(&page);
        page.patient(LONG).wait("more answers", async || answers(&page) > before + 1).await;

        page.simulator().let_pass(25 * HOUR);
        page.patient(LONG).wait("a new sign-in", async || sent_there(&page).len() == 2).await;
        page.expect_heading(run).await;
        page.expect_address(&address).await;
        page.expect("status", "Done Completed").await;
    });
}

#[test]
fn a_watched_run_is_told_of_after_a_new_sign_in() {
    journey(Stage::azure(), async |page| {
        let run = "brave_oven_12";
        start_at(&page, &BAKERY.run_address(run)).await;
        page.expect_heading(run).await;
        page.click_button("Notify me").await;
        go_to(&page, "Models").await;
        page.simulator().let_pass(25 * HOUR);
        // What is watched is asked for from every page, and is refused.
        page.patient(Duration::from_secs(60))
            .wait("a new sign-in", async || sent_there(&page).len() == 2)
            .await;
        page.expect_address(&BAKERY.address("models")).await;
        page.patient(Duration::from_secs(60)).expect_text(&format!("Done: {run}")).await;
    });
}

#[test]
fn a_page_that_is_loaded_anew_goes_there_and_back_by_itself() {
    journey(Stage::azure(), async |page| {
        let address = BAKERY.address("models");
        start_at(&page, &address).await;
        page.expect_heading("Models").await;
        for times in [2, 3] {
            page.reload().await;
            page.wait("the way there", async || sent_there(&page).len() == times).await;
            page.within("region", "Models").expect_text(BAKERY.model).await;
            page.expect_address(&address).await;
            let again = &sent_there(&page)[times - 1];
            assert_eq!(parameter(again, "login_hint"), "maya%40contoso.example", "{}", again.target);
        }
        // Whoever is sent there again and again is asked instead.
        page.reload().await;
        expect_sign_in_page(&page).await;
        page.expect_text("Signing in led back here").await;
        assert_eq!(sent_there(&page).len(), 3);
        page.click_button(BUTTON).await;
        page.within("region", "Models").expect_text(BAKERY.model).await;
        page.expect_address(&address).await;
    });
}

#[test]
fn a_session_that_ended_at_the_authority_asks_the_person_after_a_reload() {
    journey(Stage::azure(), async |page| {
        start_at(&page, &BAKERY.address("models")).await;
        page.expect_heading("Models").await;
        let logout = format!("{}/contoso/oauth2/v2.0/logout", page.simulator().origin(Role::Login));
        page.client().goto(&logout).await.unwrap();
        page.expect_text("You signed out of your account").await;
        page.open(&BAKERY.address("models")).await;
        expect_authority(&page).await;
        accept(&page, MAYA).await;
        page.expect_heading("Models").await;
    });
}

#[test]
fn a_renewal_that_fails_for_now_is_told_and_tried_again() {
    journey(stage_with_short_tokens(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        let plan = json!([{ "match": "POST */oauth2/v2.0/token", "times": 0, "do": "fail-503" }]);
        page.simulator().add_faults(&plan.to_string()).unwrap();
        page.patient(LONG).expect_text("The sign-in could not be renewed").await;
        expect_subscriptions(&page).await;
        page.simulator().clear_faults();
        page.patient(Duration::from_secs(60)).expect_no_text("The sign-in could not be renewed").await;

        page.set_offline(true).await;
        page.patient(LONG).expect_text("The sign-in could not be renewed").await;
        expect_subscriptions(&page).await;
        page.set_offline(false).await;
        page.patient(Duration::from_secs(60)).expect_no_text("The sign-in could not be renewed").await;
        assert_eq!(sent_there(&page).len(), 1);
    });
}

#[test]
fn a_token_that_nobody_takes_asks_to_sign_in_again() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        let plan = json!([{ "match": "GET */resourcegroups*", "times": 0, "do": "fail-401-expired" }]);
        page.simulator().add_faults(&plan.to_string()).unwrap();
        page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
        let dialog = page.within("dialog", "Sign in again");
        dialog.expect("button", BUTTON).await;
        assert_eq!(tokens_asked(&page).len(), 2, "renewed once");
        page.simulator().clear_faults();
        dialog.click_button(BUTTON).await;
        page.within("region", "Resource groups").expect_text(BAKERY.group).await;
    });
}

#[test]
fn a_change_that_wants_a_second_proof_is_made_after_it() {
    journey(Stage::azure(), async |page| {
        let address = BAKERY.address("computes?create");
        page.open(&address).await;
        sign_in_with_microsoft(&page, "needs-mfa@contoso.example").await;
        page.expect_heading("Create a compute").await;
        page.fill("Name", "proven-oven").await;
        page.fill("Filter sizes", "ds2").await;
        page.click("radio", "Standard_DS2_v2").await;
        page.fill("Machines, at most", "2").await;
        page.click_button("Create compute").await;
        page.click_button("Sign in with a second proof").await;
        expect_authority(&page).await;
        page.expect_text("second proof of who you are").await;
        let asked = &sent_there(&page)[1];
        assert_eq!(parameter(asked, "prompt"), "login");
        assert!(parameter(asked, "claims").contains("acrs"), "{}", asked.target);
        assert_eq!(tokens_asked(&page).len(), 1, "nothing was renewed in vain");
        page.click_button("Sign in and accept").await;
        page.expect_heading("Create a compute").await;
        page.expect_address(&address).await;
        page.expect_value("Name", "proven-oven").await;
        page.expect_value("Machines, at most", "2").await;
        page.click_button("Create compute").await;
        page.patient(LONG).expect_text("Done: Create compute proven-oven").await;
    });
}

#[test]
fn another_tenant_is_switched_to_and_back() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        let tenants = page.within("group", "Tenants");
        let plan = json!([{ "match": "POST */oauth2/v2.0/token", "times": 0, "do": "fail-503" }]);
        page.simulator().add_faults(&plan.to_string()).unwrap();
        tenants.click_button("Switch to Windmill Flour").await;
        tenants.patient(LONG).expect_text("Could not").await;
        expect_subscriptions(&page).await;
        page.simulator().clear_faults();
        let before = tokens_asked(&page).len();
        tenants.click_button("Switch to Windmill Flour").await;
        page.within("region", "Subscriptions").expect_text("Windmill Flour").await;
        page.within("region", "Subscriptions").expect_no_text(BAKERY.subscription).await;
        // Without the authority's page: the refresh token is good in every tenant.
        assert_eq!((sent_there(&page).len(), tokens_asked(&page).len()), (1, before + 1));
        let home =
            page.names("button").await.into_iter().find(|name| name.starts_with("Switch to ")).unwrap();
        page.click_button(&home).await;
        expect_subscriptions(&page).await;
        page.reload().await;
        expect_subscriptions(&page).await;
    });
}

#[test]
fn whoever_signs_out_is_signed_out_at_the_authority_too() {
    journey(Stage::azure(), async |page| {
        start_at(&page, &BAKERY.address("computes?create")).await;
        page.fill("Name", "half-written").await;
        page.click_button("Sign out").await;
        expect_sign_in_page(&page).await;
        page.wait("the authority to be told", async || {
            !page.simulator().recorder().matching(&Method::GET, "/oauth2/v2.0/logout").is_empty()
        })
        .await;
        expect_sign_in_page(&page).await;
        let stored = stored(&page).await;
        assert!(!stored.contains("half-written") && !stored.contains("aml.auth"), "{stored}");
        page.reload().await;
        expect_sign_in_page(&page).await;
        assert_eq!(sent_there(&page).len(), 1, "signed in again by itself");
        page.click_button(BUTTON).await;
        expect_authority(&page).await;
    });
}

#[test]
fn whoever_signs_out_without_a_network_is_signed_out_here() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        page.set_offline(true).await;
        page.click_button("Sign out").await;
        page.expect_text("You are signed out of this page").await;
        expect_sign_in_page(&page).await;
        let stored = stored(&page).await;
        assert!(!stored.contains("aml.auth"), "{stored}");
        page.set_offline(false).await;
    });
}

#[test]
fn whoever_signs_out_while_the_authority_is_down_is_signed_out_here() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        page.simulator().close(Role::Login);
        page.click_button("Sign out").await;
        page.patient(LONG).expect_text("You are signed out of this page").await;
        expect_sign_in_page(&page).await;
    });
}

#[test]
fn the_other_tab_is_signed_out_as_well() {
    journey(Stage::azure(), async |page| {
        start_at(&page, "#/").await;
        expect_subscriptions(&page).await;
        let first = page.client().window().await.unwrap();
        let second = page.client().new_window(true).await.unwrap().handle;
        page.client().switch_to_window(second.clone()).await.unwrap();
        page.open(&BAKERY.address("models")).await;
        page.click_button(BUTTON).await;
        page.expect_heading("Models").await;
        page.click_button("Sign out").await;
        expect_sign_in_page(&page).await;
        page.client().switch_to_window(first).await.unwrap();
        expect_sign_in_page(&page).await;
        page.expect_text("You signed out in another tab.").await;
        let stored = stored(&page).await;
        assert!(!stored.contains("aml.auth"), "{stored}");
    });
}

#[test]
fn a_tab_that_keeps_the_sign_in_needs_no_way_there_after_a_reload() {
    journey(Stage::azure(), async |page| {
        page.open(&BAKERY.address("models")).await;
        page.click("checkbox", "Keep me signed in in this tab").await;
        sign_in_with_microsoft(&page, MAYA).await;
        page.within("region", "Models").expect_text(BAKERY.model).await;
        for _ in 0..3 {
            page.reload().await;
            page.within("region", "Models").expect_text(BAKERY.model).await;
        }
        assert_eq!((sent_there(&page).len(), tokens_asked(&page).len()), (1, 1));
        let script = "return [Object.keys(localStorage), document.cookie, Object.keys(sessionStorage)];";
        let kept = page.evaluate(script).await;
        assert!(kept[2].to_string().contains("aml.auth.tokens"), "{kept}");
        let access =
            page.simulator().issued().iter().find(|one| one.kind == "access_token").unwrap().text.clone();
        assert!(
            !page.evaluate("return JSON.stringify({ ...localStorage });").await.to_string().contains(&access)
        );

        // A tab beside it has nothing of this.
        let first = page.client().window().await.unwrap();
        let second = page.client().new_window(true).await.unwrap().handle;
        page.client().switch_to_window(second).await.unwrap();
        page.open("#/").await;
        expect_sign_in_page(&page).await;
        page.client().switch_to_window(first).await.unwrap();

        page.click_button("Sign out").await;
        expect_sign_in_page(&page).await;
        let stored = stored(&page).await;
        assert!(!stored.contains("aml.auth") && !stored.contains(&access), "{stored}");
    });
}

#[test]
fn a_secret_that_entra_takes_from_no_page_is_explained() {
    let options = ServerOptions { secrets_from_pages: false, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        let group = page.within("group", "Service principal");
        group.expect_text("does not take a client secret from a web page").await;
        group.expect_text("az account get-access-token").await;
        page.evaluate("scrollTo(0, 0);").await;
        sign_in_with_microsoft(&page, MAYA).await;
        expect_subscriptions(&page).await;
    });
}

#[test]
fn each_cloud_signs_people_in_at_its_own_authority() {
    for (cloud, authority, manager) in [
        ("usgov", "https://login.microsoftonline.us/", "management.usgovcloudapi.net"),
        ("china", "https://login.partner.microsoftonline.cn/", "management.chinacloudapi.cn"),
    ] {
        let sign_in = json!({ "clientId": "azimuth", "tenant": "contoso" });
        let stage = Stage::demo().with_setting("cloud", cloud).with_setting("signIn", sign_in);
        journey(stage, async move |page| {
            page.open("#/").await;
            page.click_button(BUTTON).await;
            // Nothing answers there; the browser tells all the same where it was sent.
            let sent = async || page.address().await.starts_with(authority);
            page.wait("the authority's address", sent).await;
            let address = page.address().await;
            assert!(
                address.contains(&format!("scope=https%3A%2F%2F{manager}%2Fuser_impersonation%20")),
                "{address}"
            );
        });
    }
}
