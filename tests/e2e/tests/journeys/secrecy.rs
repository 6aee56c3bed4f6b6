//! What signs somebody in is in the page's memory and nowhere else, whatever the page does.

use std::time::Duration;

use azimuth_e2e::{Page, Role, Sent, ServerOptions, Stage, journey};
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::sign_in::sign_in as principal;
use crate::submit::fill_in;
use crate::tour::BAKERY;

const MAYA: &str = "maya@contoso.example";
/// The only place in which tokens may be kept, and only if the person wants that.
const KEPT: &str = "aml.auth.tokens";

/// Notes what the page writes down anywhere, from its first moment on: what was there once is not seen by looking at the
/// end. A verifier has to stand in the tab's storage until the browser is back.
const WATCHER: &str = r"
  window.azimuthWritten = [];
  const note = (where, what) => window.azimuthWritten.push(where + ' ' + what);
  const set = Storage.prototype.setItem;
  Storage.prototype.setItem = function (key, value) {
    note(this === localStorage ? 'localStorage' : 'sessionStorage', key + ' ' + value);
    return set.call(this, key, value);
  };
  for (const name of ['pushState', 'replaceState']) {
    const own = history[name];
    history[name] = function (...all) {
      note('history', JSON.stringify(all));
      return own.apply(this, all);
    };
  }
  for (const name of ['log', 'info', 'warn', 'error', 'debug']) {
    const own = console[name];
    console[name] = (...all) => {
      note('console', all.map(String).join(' '));
      own.apply(console, all);
    };
  }
  const opened = window.open;
  window.open = (...all) => {
    note('window.open', JSON.stringify(all));
    return opened.apply(window, all);
  };
  const post = BroadcastChannel.prototype.postMessage;
  BroadcastChannel.prototype.postMessage = function (message) {
    note('other tabs', JSON.stringify(message));
    return post.call(this, message);
  };
  const write = Clipboard.prototype.writeText;
  Clipboard.prototype.writeText = function (text) {
    note('clipboard', text);
    return write.call(this, text);
  };
  const link = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    if (blob.size < 5e6) blob.text().then((text) => note('download', text));
    return link.call(URL, blob);
  };
";

/// All that can be found in the page and around it, by place.
const PLACES: &str = r"
  const all = {
    address: location.href,
    title: document.title,
    name: window.name,
    referrer: document.referrer,
    cookie: document.cookie,
    state: JSON.stringify(history.state),
    entries: JSON.stringify(performance.getEntries().map((entry) => entry.name)),
    markup: document.documentElement.outerHTML,
    text: document.documentElement.textContent + '\n' + document.body.innerText,
    fields: JSON.stringify([...document.querySelectorAll('input, textarea, select')].map((field) => field.value)),
    written: JSON.stringify(window.azimuthWritten ?? []),
    databases: JSON.stringify(await indexedDB.databases()),
    caches: JSON.stringify(await caches.keys()),
    globals: JSON.stringify(Object.getOwnPropertyNames(window).map((name) => {
      try { return typeof window[name] === 'string' ? window[name] : ''; } catch { return ''; }
    })),
  };
  for (const [key, value] of Object.entries({ ...localStorage })) all['localStorage ' + key] = value;
  for (const [key, value] of Object.entries({ ...sessionStorage })) all['sessionStorage ' + key] = value;
  return all;
";

fn stage() -> Stage {
    let sign_in = json!({ "clientId": "azimuth", "tenant": "contoso" });
    Stage::azure_with(ServerOptions { speed: 10.0, ..ServerOptions::default() })
        .with_setting("signIn", sign_in)
}

async fn sign_in(page: &Page) {
    page.click_button("Sign in with Microsoft").await;
    accept(page).await;
}

/// On the authority's page.
async fn accept(page: &Page) {
    page.expect("button", "Sign in and accept").await;
    page.click("radio", MAYA).await;
    page.click_button("Sign in and accept").await;
}

/// Everything that was handed out so far, and the signed parts of it by themselves.
fn secrets(page: &Page) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for issued in page.simulator().issued() {
        // All tokens begin alike: with how they are signed.
        let parts = issued.text.split('.').skip(1).filter(|part| part.len() > 40);
        all.extend(parts.map(|part| (format!("a part of the {}", issued.kind), part.to_owned())));
        // An answer that is shown in part has a token in part. Codes begin as refresh tokens do, and identities as access
        // tokens.
        if matches!(issued.kind, "access_token" | "refresh_token") {
            let beginning = issued.text.chars().take(40).collect();
            all.push((format!("the beginning of the {}", issued.kind), beginning));
        }
        all.push((issued.kind.to_owned(), issued.text.clone()));
    }
    all
}

/// Where a text may stand although it is secret.
type Allowed = fn(place: &str, kind: &str) -> bool;

fn nowhere(_: &str, _: &str) -> bool {
    false
}

fn only_kept(place: &str, kind: &str) -> bool {
    let is_kept = kind.ends_with("access_token") || kind.ends_with("refresh_token");
    is_kept && place == format!("sessionStorage {KEPT}")
}

/// What the page wrote down since its document began: of what is secret, only what the sign-in itself writes.
fn is_its_place(line: &str, kind: &str, allowed: Allowed) -> bool {
    let mut words = line.splitn(3, ' ');
    let (Some(place), Some(key)) = (words.next(), words.next()) else { return false };
    allowed(&format!("{place} {key}"), kind)
}

async fn assert_secret(page: &Page, step: &str, allowed: Allowed) {
    assert_all_secret(page, &secrets(page), step, allowed).await;
}

async fn assert_all_secret(page: &Page, secrets: &[(String, String)], step: &str, allowed: Allowed) {
    assert!(!secrets.is_empty(), "{step}: nothing was handed out");
    let places = page.evaluate_waiting(PLACES).await;
    let Value::Object(places) = places else { panic!("{step}: nothing was looked through: {places}") };
    let console = page.console().await.join("\n");
    for (kind, secret) in secrets {
        assert!(!console.contains(secret.as_str()), "{step}: the console has the {kind}: {console}");
        for (place, text) in &places {
            let text = text.as_str().unwrap_or_default();
            if place == "written" {
                let lines: Vec<String> = serde_json::from_str(text).unwrap();
                for line in lines.iter().filter(|line| line.contains(secret.as_str())) {
                    assert!(is_its_place(line, kind, allowed), "{step}: the {kind} was written: {line}");
                }
            } else {
                let is_there = text.contains(secret.as_str());
                assert!(!is_there || allowed(place, kind), "{step}: {place} has the {kind}: {text}");
            }
        }
    }
}

/// Looks at what the browser sent since this was last asked: codes, verifiers and refresh tokens go to the authority's
/// endpoint for tokens alone, and nothing secret stands in an address. Gives the verifiers.
async fn assert_sent_to_the_authority_alone(page: &Page) -> Vec<(String, String)> {
    let secrets = secrets(page);
    let mut verifiers = Vec::new();
    for Sent { address, body, .. } in page.sent().await {
        let is_for_tokens = address.starts_with(page.simulator().origin(Role::Login))
            && address.ends_with("/oauth2/v2.0/token");
        for (kind, secret) in &secrets {
            assert!(!address.contains(secret.as_str()), "an address has the {kind}: {address}");
            let is_sent = body.contains(secret.as_str());
            assert!(!is_sent || is_for_tokens, "{address} got the {kind}: {body}");
        }
        let verifier = body.split('&').find_map(|pair| pair.strip_prefix("code_verifier="));
        verifiers.extend(verifier.map(|verifier| ("verifier".to_owned(), verifier.to_owned())));
    }
    for target in page.simulator().recorder().requests().iter().map(|request| &request.target) {
        let found = secrets.iter().find(|(_, secret)| target.contains(secret.as_str()));
        assert!(found.is_none(), "an address has a secret: {target}");
    }
    verifiers
}

/// Walks over pages, fails, submits, exports and reports, and looks everywhere after each.
async fn walk(page: &Page, allowed: Allowed) {
    page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
    page.expect_heading("Resource groups").await;
    assert_secret(page, "a list", allowed).await;

    page.open(&BAKERY.run_address(BAKERY.run)).await;
    page.within("region", "Definition").expect_text(".py").await;
    assert_secret(page, "a run", allowed).await;

    page.open(&BAKERY.run_address("fail-401-expired")).await;
    page.within("dialog", "Sign in again").expect("button", "Sign in with Microsoft").await;
    assert_secret(page, "a refused token", allowed).await;
    page.press(&String::from(char::from(Key::Escape))).await;
    page.expect_no("dialog", "Sign in again").await;
    page.open(&BAKERY.run_address("fail-json")).await;
    page.expect_text("the answer is not what the service sends").await;
    assert_secret(page, "an answer that cannot be read", allowed).await;
    page.open(&BAKERY.run_address("fail-403")).await;
    page.expect_text("AuthorizationFailed").await;
    assert_secret(page, "a refusal", allowed).await;

    page.open(&BAKERY.submit_address()).await;
    page.expect_heading("Submit a run").await;
    fill_in(page, BAKERY.experiment).await;
    page.click("button", "Show request").await;
    page.expect_text("$TOKEN").await;
    assert_secret(page, "a request before it is sent", allowed).await;
    page.click_button("Submit run").await;
    page.patient(Duration::from_secs(20)).expect("region", "Status").await;
    assert_secret(page, "a submission", allowed).await;

    page.open(&BAKERY.address(&format!("experiments/{}", BAKERY.experiment))).await;
    page.within("region", "Runs").expect_text(BAKERY.run).await;
    page.click_button("CSV").await;
    page.downloaded(&format!("{}.csv", BAKERY.experiment)).await;
    assert_secret(page, "an export", allowed).await;

    page.click_link("Requests").await;
    page.expect_heading("Requests").await;
    let requests = page.names("listitem").await;
    for masked in ["code=***&code_verifier=***", "refresh_token=***"] {
        assert!(requests.iter().any(|request| request.contains(masked)), "no {masked}: {requests:?}");
    }
    assert_secret(page, "the requests", allowed).await;
    page.open("#/diagnostics").await;
    page.expect_heading("Diagnostics").await;
    page.click_button("Copy a report").await;
    assert_secret(page, "the report", allowed).await;
    assert_was_written(page, "clipboard").await;
}

/// The watcher works: what is not seen by it would not be found either.
async fn assert_was_written(page: &Page, place: &str) {
    let written = page.evaluate("return window.azimuthWritten;").await;
    let lines = written.as_array().cloned().unwrap_or_default();
    let is_there = lines.iter().filter_map(Value::as_str).any(|line| line.starts_with(place));
    assert!(is_there, "nothing was seen at the {place}: {lines:?}");
}

#[test]
fn what_signs_somebody_in_is_nowhere_but_in_memory() {
    journey(stage(), async |page| {
        page.before_each_document(WATCHER).await;
        page.open("#/").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        let kinds: Vec<String> = secrets(&page).into_iter().map(|(kind, _)| kind).collect();
        for kind in ["code", "access_token", "refresh_token", "id_token"] {
            assert!(kinds.iter().any(|one| one == kind), "there is no {kind}: {kinds:?}");
        }
        assert_secret(&page, "coming back", nowhere).await;
        let verifiers = assert_sent_to_the_authority_alone(&page).await;
        assert_all_secret(&page, &verifiers, "coming back", nowhere).await;

        walk(&page, nowhere).await;
        assert_was_written(&page, "download").await;
        let more = assert_sent_to_the_authority_alone(&page).await;
        assert!(more.is_empty(), "it went to the authority once more");
        assert_all_secret(&page, &verifiers, "the end", nowhere).await;
    });
}

#[test]
fn tokens_that_somebody_wants_kept_are_in_one_place_until_the_sign_out() {
    journey(stage(), async |page| {
        page.before_each_document(WATCHER).await;
        page.open("#/").await;
        page.click("checkbox", "Keep me signed in in this tab").await;
        sign_in(&page).await;
        walk(&page, only_kept).await;
        let verifiers = assert_sent_to_the_authority_alone(&page).await;
        assert_all_secret(&page, &verifiers, "the end", nowhere).await;

        page.open("#/").await;
        page.reload().await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        let stored = page.evaluate("return sessionStorage['aml.auth.tokens'] ?? '';").await;
        let (_, token) = secrets(&page).into_iter().rfind(|(kind, _)| kind == "access_token").unwrap();
        assert!(stored.as_str().unwrap().contains(&token), "they are not kept");
        assert_secret(&page, "a reload", only_kept).await;
        assert!(assert_sent_to_the_authority_alone(&page).await.is_empty(), "the authority was asked again");

        page.evaluate("window.isBefore = true;").await;
        page.click_button("Sign out").await;
        // By way of the authority: the document that is there then knows nothing of the one before.
        let script = "return !window.isBefore && document.readyState === 'complete';";
        page.wait("the way back", async || {
            let is_back =
                page.client().execute(script, Vec::new()).await.is_ok_and(|is_back| is_back == true);
            is_back && page.address().await.trim_start_matches("#/").is_empty()
        })
        .await;
        page.expect_heading("Sign in").await;
        assert_secret(&page, "a sign-out", nowhere).await;
    });
}

/// The service takes neither the token nor the next one, so that the page asks the person.
async fn refuse_tokens(page: &Page) {
    let plan = r#"[{"match": "GET */runs/calm_dough_7", "times": 2, "do": "fail-401-expired"}]"#;
    page.simulator().add_faults(plan).unwrap();
    page.open(&BAKERY.run_address(BAKERY.run)).await;
    page.expect("dialog", "Sign in again").await;
}

#[test]
fn tokens_are_not_kept_any_longer_than_somebody_wants() {
    journey(stage(), async |page| {
        page.open("#/").await;
        page.click("checkbox", "Keep me signed in in this tab").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        refuse_tokens(&page).await;
        let dialog = page.within("dialog", "Sign in again");
        dialog.click("checkbox", "Keep me signed in in this tab").await;
        dialog.click_button("Sign in with Microsoft").await;
        page.within("region", "Definition").expect_text(".py").await;
        assert_secret(&page, "a sign-in that is not to be kept", nowhere).await;
    });
}

#[test]
fn what_was_typed_is_not_handed_to_somebody_else() {
    journey(stage(), async |page| {
        page.open(&BAKERY.address("submit")).await;
        sign_in(&page).await;
        page.fill("Experiment", "a-plan-of-maya").await;
        refuse_tokens(&page).await;
        let dialog = page.within("dialog", "Sign in again");
        dialog.click_button("Use another account").await;
        page.expect("button", "Sign in and accept").await;
        page.click("radio", "tom@contoso.example").await;
        page.click_button("Sign in and accept").await;
        page.within("region", "Definition").expect_text(".py").await;
        let plan = [("plan".to_owned(), "a-plan-of-maya".to_owned())];
        assert_all_secret(&page, &plan, "somebody else", nowhere).await;
        page.open(&BAKERY.address("submit")).await;
        page.expect_value("Experiment", "").await;
    });
}

/// A browser may put a tab aside that nobody looks at: it hears of nothing, and is loaded anew later.
#[test]
fn a_tab_that_was_put_aside_does_not_bring_back_who_signed_out_in_another() {
    journey(stage(), async |page| {
        page.open("#/").await;
        page.click("checkbox", "Keep me signed in in this tab").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        page.client().goto("about:blank").await.unwrap();

        let first = page.client().window().await.unwrap();
        let second = page.client().new_window(true).await.unwrap();
        page.client().switch_to_window(second.handle).await.unwrap();
        page.open("#/").await;
        page.click_button("Sign in with Microsoft").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        page.click_button("Sign out").await;
        page.expect_heading("Sign in").await;

        page.client().switch_to_window(first).await.unwrap();
        page.open("#/").await;
        page.expect_heading("Sign in").await;
        assert_secret(&page, "the tab that was put aside", nowhere).await;
    });
}

#[test]
fn whoever_signs_in_in_another_way_is_not_replaced_by_a_reload() {
    journey(stage(), async |page| {
        page.open("#/").await;
        page.click("checkbox", "Keep me signed in in this tab").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        refuse_tokens(&page).await;
        principal(&page).await;
        page.within("region", "Definition").expect_text(".py").await;
        assert_secret(&page, "another sign-in", nowhere).await;
        page.reload().await;
        page.expect_heading("Sign in").await;
    });
}

#[test]
fn an_answer_that_is_not_ours_is_nowhere_either() {
    journey(stage(), async |page| {
        page.before_each_document(WATCHER).await;
        page.open("#/").await;
        page.expect_heading("Sign in").await;
        page.open("auth.html#code=not-for-this-tab-1234567890&state=unknown-state-1234567890").await;
        page.expect_heading("This sign-in cannot be used").await;
        let secrets = [
            ("code".to_owned(), "not-for-this-tab-1234567890".to_owned()),
            ("state".to_owned(), "unknown-state-1234567890".to_owned()),
        ];
        assert_all_secret(&page, &secrets, "a foreign answer", nowhere).await;
        // Back leads to what was before, and not to the answer.
        page.back().await;
        page.expect_heading("Sign in").await;
        assert_all_secret(&page, &secrets, "back", nowhere).await;
    });
}

#[test]
fn a_sign_in_that_fails_leaves_nothing_behind() {
    journey(stage(), async |page| {
        page.before_each_document(WATCHER).await;
        for fault in ["fail-json", "fail-shape", "drop-after"] {
            page.simulator().clear_faults();
            let plan = format!(r#"[{{"match": "POST */oauth2/v2.0/token", "times": 0, "do": "{fault}"}}]"#);
            page.simulator().add_faults(&plan).unwrap();
            page.open("#/").await;
            page.expect_heading("Sign in").await;
            page.click_button("Use another account").await;
            accept(&page).await;
            page.expect_heading("Signing in did not work").await;
            assert_secret(&page, fault, nowhere).await;
            let verifiers = assert_sent_to_the_authority_alone(&page).await;
            assert_all_secret(&page, &verifiers, fault, nowhere).await;
            page.click_button("Other ways to sign in").await;
        }
    });
}

#[test]
fn the_page_does_not_run_inside_another_page() {
    journey(stage(), async |page| {
        let site = page.site().to_owned();
        let other = page.simulator().origin(Role::Management).to_owned();
        for address in [site.clone(), format!("{site}auth.html#code=in-a-frame&state=in-a-frame")] {
            page.client().goto(&format!("{other}/nothing-here")).await.unwrap();
            let frame = format!(
                "const frame = document.createElement('iframe'); frame.src = '{address}'; document.body.append(frame);"
            );
            page.evaluate(&frame).await;
            page.client().enter_frame(0).await.unwrap();
            let words =
                if address == site { "Azimuth does not run inside another page." } else { "Signing in…" };
            page.expect_text(words).await;
            assert_eq!(page.evaluate("return sessionStorage.length;").await, 0, "{address}");
            page.client().enter_parent_frame().await.unwrap();
        }
    });
}
