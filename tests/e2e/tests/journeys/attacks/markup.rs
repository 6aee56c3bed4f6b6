//! Markup, control characters and marks of direction in everything that the service says: in names, descriptions, tags,
//! numbers' names, logs, files, errors. All of it is text.

use std::fs;

use azimuth_e2e::{Interceptor, Page, Role, Stage, journey, zip_of};
use http::header::{CONTENT_TYPE, RANGE};
use http::{Request, Response, Uri};
use serde_json::Value;

use super::stranger::Stranger;
use crate::axe::{COMPUTES_AND_PIPELINES, INVENTORY, IS_LOADED, RUNS, WORK};
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

/// Ends whatever it might stand in, would run in three ways, and is no element of this page. A mark of direction that
/// nothing ends, and what makes a terminal red and ring.
const MARK: &str = concat!(
    "\"'></textarea></title><azimuth-attack></azimuth-attack><img src=attacked onerror=\"attacked=1\">",
    "<script>attacked=1</script>{{7*7}}\u{202e}\u{1b}[31m\u{7}"
);
/// What can be read of it wherever it is shown.
const READABLE: &str = "<azimuth-attack></azimuth-attack>";

/// What is in the page that should not be. What is text is not looked at.
const MADE: &str = r#"
const made = [...document.querySelectorAll("azimuth-attack, [src=attacked], [onerror], body script")];
const found = made.map((element) => element.outerHTML.slice(0, 200));
if (window.attacked) found.push("it ran");
const asked = performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("attacked"));
return found.concat(asked.map(({ name }) => name));"#;

/// Where a mark of direction reaches beyond the text that it is in, into words of the page on the same line.
const LEAKS: &str = r#"
const leaks = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const text = texts.currentNode.data;
  if (!text.includes("\u202e")) continue;
  for (let element = texts.currentNode.parentElement; element; element = element.parentElement) {
    if (element.matches("bdi, option")) break;
    if (getComputedStyle(element).display.startsWith("inline")) continue;
    const line = element.textContent.trim();
    if (line !== text.trim()) leaks.add(`a mark of direction goes on in: ${line.slice(0, 120)}`);
    break;
  }
}
return [...leaks];"#;

/// A service of which every text that people or machines chose has the mark at its end, and which takes such names too.
struct Marked;

/// What is of a closed list, is an address or is a number, by the name of its field.
const CLOSED: [&str; 12] = [
    "status", "state", "type", "kind", "location", "region", "token", "version", "link", "uri", "url", "cidr",
];

impl Interceptor for Marked {
    fn request(&self, _: Role, request: &mut Request<Vec<u8>>) {
        // Its files have another length.
        request.headers_mut().remove(RANGE);
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        if target.contains("azimuth-attack") {
            let origin = request.uri().to_string().replace(target, "");
            *request.uri_mut() = format!("{origin}{}", without_mark(target)).parse::<Uri>().unwrap();
        }
        if let Ok(text) = std::str::from_utf8(request.body()) {
            let written = Value::from(MARK).to_string();
            *request.body_mut() = text.replace(written.trim_matches('"'), "").into_bytes();
        }
    }

    fn answer(&self, role: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>) {
        if matches!(role, Role::Login | Role::Discovery) {
            return;
        }
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_file = role == Role::Storage || request.uri().path().contains("/content");
        if is_file || !kind.contains("json") {
            if answer.status().is_success() && is_file {
                *answer.body_mut() = file(request.uri(), answer.body());
            }
            return;
        }
        let Ok(mut document) = serde_json::from_slice(answer.body()) else { return };
        mark("", &mut document);
        *answer.body_mut() = document.to_string().into_bytes();
    }
}

fn mark(name: &str, value: &mut Value) {
    match value {
        Value::String(text) => {
            let name = name.to_ascii_lowercase();
            let is_closed = CLOSED.iter().any(|end| name.ends_with(end))
                || text.is_empty()
                || text.starts_with(|first: char| first.is_ascii_digit() || first == '/')
                || text.starts_with("http")
                || is_guid(text);
            if !is_closed {
                text.push_str(MARK);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mark(name, item)),
        Value::Object(fields) => {
            // Of tags and their like people choose the names too.
            let is_chosen = ["tags", "kvTags", "properties", "environmentVariables"].contains(&name)
                && fields.values().all(Value::is_string);
            let marked = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                mark(&name, &mut value);
                (if is_chosen && !name.contains('.') { format!("{name}{MARK}") } else { name }, value)
            });
            fields.extend(marked);
        }
        _ => {}
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// What stands in a file, by its name.
fn file(address: &Uri, own: &[u8]) -> Vec<u8> {
    let whole = address.to_string();
    let mark = Value::from(MARK);
    let has = |ending: &str| whole.contains(ending);
    if has(".csv") {
        format!("day{MARK},loaves\n{MARK},2\n").into_bytes()
    } else if has(".json") {
        format!("{{{mark}: {mark}}}").into_bytes()
    } else if has(".png") || has(".pkl") {
        own.to_vec()
    } else {
        [own, format!("\n{MARK}\n\u{1b}[1;31m{MARK}\u{1b}[0m\n").as_bytes()].concat()
    }
}

/// A path and a query without the mark in any piece of them.
fn without_mark(target: &str) -> String {
    let mut clean = String::new();
    for piece in target.split_inclusive(['/', '?', '&', '=']) {
        let (piece, end) = match piece.chars().last() {
            Some(end @ ('/' | '?' | '&' | '=')) => (&piece[..piece.len() - 1], end.to_string()),
            _ => (piece, String::new()),
        };
        if piece.contains("azimuth-attack") {
            let text = decoded(piece).replace(MARK, "");
            clean.extend(
                url::form_urlencoded::byte_serialize(text.as_bytes()).map(|part| part.replace('+', "%20")),
            );
        } else {
            clean.push_str(piece);
        }
        clean.push_str(&end);
    }
    clean
}

fn decoded(text: &str) -> String {
    // A plus is a plus in a path, and the page writes none into a query.
    let pair = format!("a={}", text.replace('+', "%2B"));
    let (_, value) = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap();
    value.into_owned()
}

async fn open_marked(page: &Page) {
    page.open("#/").await;
    sign_in(page).await;
    page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
    page.simulator().intercept(Marked);
}

/// What the page made of the mark, and where it is not to be read at all.
async fn look(page: &Page, what: &str, shows_it: bool, found: &mut Vec<String>) {
    page.wait(&format!("{what} to be loaded"), async || page.evaluate(IS_LOADED).await == true).await;
    if shows_it {
        let is_read = format!("return document.body.textContent.includes('{READABLE}');");
        page.wait(&format!("the mark on {what}"), async || page.evaluate(&is_read).await == true).await;
    }
    for script in [MADE, LEAKS] {
        let made = page.evaluate(script).await;
        found.extend(made.as_array().into_iter().flatten().map(|one| format!("{what}: {one}")));
    }
}

/// The page did not even try: neither the policy nor Trusted Types had anything to refuse, and nothing broke.
async fn expect_nothing_refused(page: &Page) {
    let errors = page.console_errors().await;
    let own: Vec<_> = errors.iter().filter(|error| !error.contains("Failed to load resource")).collect();
    assert!(own.is_empty(), "the console has errors:\n  {own:#?}");
}

async fn walk(page: &Page, parts: &[&str], found: &mut Vec<String>) {
    for part in parts {
        page.open(BAKERY.address(part).trim_end_matches('/')).await;
        look(page, &format!("\"{part}\""), true, found).await;
    }
}

#[test]
fn markup_in_what_the_service_says_is_text_on_every_page_of_work() {
    journey(Stage::azure(), async |page| {
        open_marked(&page).await;
        let mut found = Vec::new();
        walk(&page, &WORK, &mut found).await;
        walk(&page, &RUNS, &mut found).await;
        assert!(found.is_empty(), "made of a text:\n  {}", found.join("\n  "));
        expect_nothing_refused(&page).await;
    });
}

#[test]
fn markup_in_what_the_service_says_is_text_on_every_other_page() {
    journey(Stage::azure(), async |page| {
        open_marked(&page).await;
        let mut found = Vec::new();
        walk(&page, &INVENTORY, &mut found).await;
        walk(&page, &COMPUTES_AND_PIPELINES, &mut found).await;
        assert!(found.is_empty(), "made of a text:\n  {}", found.join("\n  "));
        expect_nothing_refused(&page).await;
    });
}

/// The files of a run, as they were never meant to be: each is asked for under the name of one that there is.
struct HostileFiles {
    stranger: String,
}

impl Interceptor for HostileFiles {
    fn request(&self, _: Role, request: &mut Request<Vec<u8>>) {
        let target = request.uri().to_string();
        let Some((start, name)) = target.split_once("path=outputs%2Fhostile.") else { return };
        *request.uri_mut() = format!("{start}path=outputs%2Fforecast.csv").parse().unwrap();
        request.headers_mut().remove(RANGE);
        request.headers_mut().insert("x-file", name.parse().unwrap());
    }

    fn answer(&self, _: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>) {
        let Some(kind) = request.headers().get("x-file").and_then(|kind| kind.to_str().ok()) else { return };
        let json = Value::from(MARK);
        *answer.body_mut() = match kind {
            "csv" => format!("day{MARK},loaves\n=cmd{MARK},2\n"),
            "json" => format!("{{{json}: [{json}]}}"),
            "ipynb" => format!(
                r#"{{"cells": [{{"cell_type": "markdown", "source": [{json}, "[link](javascript:attacked=1)"]}},
                    {{"cell_type": {json}, "source": {json}}},
                    {{"cell_type": "code", "source": {json}, "outputs": [
                        {{"data": {{"text/html": {json}, "image/svg+xml": {json}, "application/javascript": "attacked=1"}}}},
                        {{"data": {{"image/png": {json}, "text/plain": {json}}}}},
                        {{"traceback": [{json}]}}]}}]}}"#
            ),
            "svg" => format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="parent.attacked=1">
                    <script>parent.attacked=1</script><image href="{0}/svg" width="9" height="9"/>
                    <style>@import url({0}/css);</style><a href="javascript:attacked=1"><rect width="40" height="40"/></a>
                    <foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="{0}/html"/></body></foreignObject></svg>"#,
                self.stranger
            ),
            _ => format!("<!doctype html><h1>Sign in</h1>{MARK}"),
        }
        .into_bytes();
    }
}

#[test]
fn a_file_of_a_run_is_shown_and_runs_nothing() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        page.open("#/").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        page.simulator().intercept(HostileFiles { stranger: stranger.origin().to_owned() });
        // The service gives the files itself.
        page.simulator()
            .add_faults(r#"[{"match": "GET *contentinfo*", "times": 0, "do": "status 403"}]"#)
            .unwrap();
        let mut found = Vec::new();
        for kind in ["csv", "json", "ipynb", "html", "md", "svg"] {
            let file = format!("?tab=outputs&file=outputs%2Fhostile.{kind}");
            page.open(&format!("{}{file}", BAKERY.run_address(BAKERY.run))).await;
            if kind == "svg" {
                let is_shown = "const picture = document.querySelector('figure.picture img'); \
                    return picture?.complete && picture.naturalWidth === 40;";
                page.wait("the drawing", async || page.evaluate(is_shown).await == true).await;
            }
            look(&page, kind, kind != "svg", &mut found).await;
        }
        assert!(found.is_empty(), "made of a file:\n  {}", found.join("\n  "));
        assert!(stranger.heard().is_empty(), "a file told a stranger: {:#?}", stranger.heard());
        let own = page.console_errors().await.join("\n");
        assert!(!own.contains("attacked") && !own.contains("Trusted"), "{own}");
    });
}

/// What a refusal may consist of.
fn refuse(kind: &'static str) -> impl Interceptor {
    move |_: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>| {
        if !request.uri().path().ends_with("/resourcegroups") {
            return;
        }
        *answer.status_mut() = http::StatusCode::BAD_REQUEST;
        let mark = Value::from(MARK);
        let body = match kind {
            "arm" => serde_json::json!({ "error": {
                "code": MARK, "message": MARK, "target": MARK, "details": [{ "code": MARK, "message": MARK }],
                "additionalInfo": [{ "type": MARK, "info": { "a": MARK } }], "innererror": { "code": MARK },
            } }),
            "text" => mark,
            _ => {
                answer.headers_mut().insert(CONTENT_TYPE, "text/html".parse().unwrap());
                *answer.body_mut() = format!("<html><title>{MARK}</title>{MARK}</html>").into_bytes();
                return;
            }
        };
        *answer.body_mut() = body.to_string().into_bytes();
    }
}

#[test]
fn markup_in_errors_is_text() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        let mut found = Vec::new();
        for kind in ["arm", "text", "html"] {
            page.open("#/subscriptions").await;
            page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
            page.simulator().intercept(refuse(kind));
            page.open(&format!("#/subscriptions/{}", BAKERY.subscription_id)).await;
            page.expect("button", "Try again").await;
            page.click_button("Details").await;
            // What is no document of the service is not shown at all.
            look(&page, &format!("an error in {kind}"), kind == "arm", &mut found).await;
            page.open("#/requests").await;
            page.expect_heading("Requests").await;
            page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true;")
                .await;
            look(&page, "the requests", false, &mut found).await;
        }
        assert!(found.is_empty(), "made of an error:\n  {}", found.join("\n  "));
        expect_nothing_refused(&page).await;
    });
}

#[test]
fn markup_in_what_people_and_their_files_are_called_is_text() {
    const NAME: &str = "<azimuth-attack><img src=attacked onerror=attacked=1>";
    journey(Stage::azure(), async |page| {
        let mut found = Vec::new();
        page.open("#/").await;
        // What the authority has to say comes in an address.
        page.click_button("Sign in with Microsoft").await;
        page.expect("button", "Sign in and accept").await;
        let address = page.address().await;
        let (_, state) = address.split_once("&state=").unwrap();
        let state = state.split('&').next().unwrap();
        let said: String =
            url::form_urlencoded::byte_serialize(format!("AADSTS1: {READABLE}{NAME}").as_bytes()).collect();
        page.open(&format!("auth.html#error={said}&error_description={said}&state={state}")).await;
        page.expect_heading("Signing in did not work").await;
        page.click_button("Details").await;
        look(&page, "a refusal of the authority", true, &mut found).await;

        page.click_button("Other ways to sign in").await;
        page.click_button("Use another account").await;
        page.fill("Another account", &format!("{NAME}@contoso.example")).await;
        page.click_button("Sign in and accept").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        let titles = "return [...document.querySelectorAll('[title]')].map((one) => one.title).join();";
        let titles = page.evaluate(titles).await;
        assert!(titles.as_str().is_some_and(|titles| titles.contains(NAME)), "{titles}");
        look(&page, "somebody's name", false, &mut found).await;

        page.open(&BAKERY.submit_address()).await;
        page.expect_heading("Submit a run").await;
        let inside = format!("data/{NAME}.py");
        let zip = zip_of(&[
            ("hello.py", b"print(1)\n"),
            (&inside, b"1"),
            ("key.pem", b"-----BEGIN PRIVATE KEY-----"),
        ]);
        let path = page.folder().join(format!("{NAME}.zip"));
        fs::write(&path, zip).unwrap();
        page.choose_file("Project zip", &path).await;
        page.expect_text(NAME).await;
        look(&page, "a picked zip", false, &mut found).await;
        assert!(found.is_empty(), "made of a name:\n  {}", found.join("\n  "));
        expect_nothing_refused(&page).await;
    });
}
