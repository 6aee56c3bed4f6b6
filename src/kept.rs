//! Text of forms that were not sent yet, the changes that are under way and the runs that are watched, kept until the tab
//! closes or somebody signs out; how somebody likes to see a table and when somebody signed out, kept for longer. Never
//! secrets.

use leptos::prelude::*;
use web_sys::Storage;

use crate::navigation::Navigation;
use crate::route::{Location, Route};
use crate::session::SessionKind;

/// Before each name in the tab's storage, so that signing out finds them all.
const PREFIX: &str = "azimuth.form ";

/// More than this is not kept: the tab's storage holds a few million characters for everything.
const MOST_CHARACTERS: usize = 500_000;

/// A field of the form at this page's address. It begins with what was typed there before, and what is typed into it
/// survives a reload of the tab.
pub fn kept(field: &'static str) -> RwSignal<String> {
    kept_in(&this_form(expect_context::<Navigation>()), field)
}

/// Forgets the form at this page's address: it was sent.
pub fn forget(navigation: Navigation) {
    forget_those_with(&format!("{PREFIX}{} ", this_form(navigation)));
}

/// The address without filters.
fn this_form(navigation: Navigation) -> String {
    let location = navigation.location().get_untracked();
    Location::new(location.session, location.route).href()
}

/// The same for a text that may hold secrets. `to_keep` gives what of it is kept; none keeps what was kept before.
pub fn kept_without_secrets(field: &'static str, to_keep: fn(&str) -> Option<String>) -> RwSignal<String> {
    kept_text(&this_form(expect_context::<Navigation>()), field, to_keep)
}

/// The same for a form that stands over many addresses.
pub fn kept_in(form: &str, field: &'static str) -> RwSignal<String> {
    kept_text(form, field, |text| Some(text.to_owned()))
}

fn kept_text(form: &str, field: &'static str, to_keep: fn(&str) -> Option<String>) -> RwSignal<String> {
    let key = format!("{PREFIX}{form} {field}");
    let text = RwSignal::new(read(&key));
    // A part may be a secret, the whole too long, the storage full.
    let is_partly_kept = RwSignal::new(false);
    Effect::new(move || {
        if let Some(text) = text.with(|text| to_keep(text)) {
            write(&key, &text);
        }
        let is_whole = text.with(|text| read(&key) == *text);
        is_partly_kept.set(!is_whole);
    });
    expect_context::<Navigation>().cannot_keep(field, is_partly_kept);
    text
}

/// Forgets every form, every change and every watched run: somebody signed out.
pub fn forget_all() {
    forget_those_with(PREFIX);
    forget_those_with(JOURNAL);
    forget_those_with(WATCHED);
}

/// Forgets the forms of the demo or of an export: somebody left it. What is kept of the service is not its own.
pub fn forget_forms_of(session: SessionKind) {
    forget_those_with(&format!("{PREFIX}{}", Location::new(session, Route::Home).href()));
}

/// Forgets all that has a name which begins so.
pub fn forget_those_with(prefix: &str) {
    let Some(storage) = storage() else { return };
    for key in keys_with(&storage, prefix) {
        drop(storage.remove_item(&key));
    }
}

/// The names in the tab's storage that begin so.
pub fn keys_with(storage: &Storage, prefix: &str) -> Vec<String> {
    let count = storage.length().unwrap_or_default();
    let keys = (0..count).filter_map(|index| storage.key(index).ok().flatten());
    keys.filter(|key| key.starts_with(prefix)).collect()
}

/// Before the id of each change in the tab's storage.
const JOURNAL: &str = "azimuth.change ";

/// Notes a change that is under way; empty: it is over.
pub fn note_change(id: u32, line: &str) {
    write(&format!("{JOURNAL}{id}"), line);
}

/// The changes that were under way when this tab was loaded last, by id.
pub fn noted_changes() -> Vec<(u32, String)> {
    let Some(storage) = storage() else { return Vec::new() };
    let line = |key: String| {
        let id = key.strip_prefix(JOURNAL)?.parse().ok()?;
        Some((id, storage.get_item(&key).ok().flatten()?))
    };
    keys_with(&storage, JOURNAL).into_iter().filter_map(line).collect()
}

/// The name of what says which runs are watched.
const WATCHED: &str = "azimuth.watched";

/// Keeps the addresses of the runs that are watched, a line each.
pub fn keep_watched(addresses: &str) {
    write(WATCHED, addresses);
}

/// The addresses of the runs that were watched when this tab was loaded last, a line each.
pub fn watched() -> String {
    read(WATCHED)
}

fn read(key: &str) -> String {
    storage().and_then(|storage| storage.get_item(key).ok().flatten()).unwrap_or_default()
}

/// Storage may be refused or full; the text then lasts as long as its page.
fn write(key: &str, text: &str) {
    let Some(storage) = storage() else { return };
    drop(match text {
        "" => storage.remove_item(key),
        text if text.len() > MOST_CHARACTERS => storage.remove_item(key),
        text => storage.set_item(key, text),
    });
}

/// The columns that were chosen for a table before; empty for the usual ones.
pub fn chosen_columns(table: &str) -> String {
    let found = choices().and_then(|storage| storage.get_item(&format!("{COLUMNS}{table}")).ok().flatten());
    found.unwrap_or_default()
}

/// Keeps the columns that were chosen for a table.
pub fn choose_columns(table: &str, columns: &str) {
    let Some(storage) = choices() else { return };
    let key = format!("{COLUMNS}{table}");
    drop(if columns.is_empty() { storage.remove_item(&key) } else { storage.set_item(&key, columns) });
}

/// Before the name of each table.
const COLUMNS: &str = "azimuth.columns ";

/// When somebody last signed out in any tab of this site, in milliseconds since 1970.
const SIGNED_OUT: &str = "azimuth.signed-out";

/// Notes that somebody signs out. A tab that the browser put aside hears of nothing; it finds this when it is loaded again.
pub fn note_sign_out() {
    if let Some(storage) = choices() {
        drop(storage.set_item(SIGNED_OUT, &js_sys::Date::now().to_string()));
    }
}

/// Whether somebody signed out in any tab after a moment, in milliseconds since 1970.
pub fn signed_out_since(moment: f64) -> bool {
    let found = choices().and_then(|storage| storage.get_item(SIGNED_OUT).ok().flatten());
    found.and_then(|text| text.parse::<f64>().ok()).is_some_and(|time| time >= moment)
}

fn choices() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The tab's storage; browsers may refuse it.
pub fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}
