//! What somebody could do who got something into the page: run code, change what it is, carry something away.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use azimuth_e2e::{Browser, Page, Stage, journey};
use serde_json::{Value, json};

use super::stranger::Stranger;
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const ATTACKS: &str = include_str!("injected.js");

/// No directive of a policy refuses this one in Chromium, as none refuses that a page is left for another. It sends an
/// address that the attacker chose, and nothing else.
const LEFT: &str = "prefetch";

/// What became of an attack.
#[derive(Debug)]
struct Tried {
    /// What refused it: exceptions, and directives of the content policy.
    met: Vec<String>,
    /// Whether it had its way.
    went: bool,
}

/// Firefox sends no word of a link that was followed, whatever the link asks for.
fn is_unknown(attack: &str) -> bool {
    attack == "ping" && Browser::chosen() == Browser::Firefox
}

/// Whether nobody says that this was refused. That Firefox asks for a preload the test below shows, and here it does not.
fn is_silent(attack: &str) -> bool {
    attack == LEFT || (attack == "preload" && Browser::chosen() == Browser::Firefox)
}

async fn tried(page: &Page, stranger: &Stranger, turns: u32) -> BTreeMap<String, Tried> {
    let script = format!("const stranger = {}, turns = {turns}; {ATTACKS}", json!(stranger.origin()));
    let answer = page.evaluate_waiting(&script).await;
    let Value::Object(answer) = answer else { panic!("nothing was tried: {answer}") };
    let read = |(name, value): (String, Value)| {
        let met = value["met"].as_array().cloned().unwrap_or_default();
        let met = met.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let went = value["went"] == true || stranger.was_asked(&format!("/{name}"));
        (name, Tried { met, went })
    };
    answer.into_iter().filter(|(name, _)| !is_unknown(name)).map(read).collect()
}

#[test]
fn what_gets_into_the_page_runs_nothing_and_reaches_nobody() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        page.open("#/").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        let tried = tried(&page, &stranger, 120).await;
        let went: Vec<_> = tried.iter().filter(|(name, tried)| tried.went && *name != LEFT).collect();
        assert!(went.is_empty(), "had its way: {went:?}");
        let unmet: Vec<_> = tried
            .iter()
            .filter(|(name, tried)| tried.met.is_empty() && !tried.went && !is_silent(name))
            .collect();
        assert!(unmet.is_empty(), "met nothing: {unmet:?}");
        for heard in stranger.heard() {
            let head = heard.to_ascii_lowercase();
            assert!(head.starts_with("get /prefetch "), "a stranger was told: {heard}");
            assert!(!head.contains("referer:") && !head.contains("authorization:"), "{heard}");
        }
    });
}

/// What the test above is worth.
#[test]
fn the_same_would_have_its_way_with_a_page_that_defends_nothing() {
    journey(Stage::demo().with_folder(bare_page()), async |page| {
        let stranger = Stranger::start();
        page.open("").await;
        // Most have their way without this page hearing of it.
        let tried = tried(&page, &stranger, 20).await;
        let mut met: Vec<_> = tried.iter().filter(|(_, tried)| !tried.went).collect();
        page.wait(&format!("{met:?}"), async || {
            met.retain(|(name, _)| !stranger.was_asked(&format!("/{name}")));
            met.is_empty()
        })
        .await;
    });
}

fn bare_page() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("index.html"), "<!doctype html><title>Bare</title><body>").unwrap();
    fs::write(folder.join("auth.js"), "").unwrap();
    folder
}
