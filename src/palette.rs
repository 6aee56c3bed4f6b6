//! The command palette: finds any page, anything that was seen, and any action of the page that is open.
//!
//! What can be done is read off the page when the palette opens: an action is a button that stands there, so there is
//! none that the page does not have, and no page has to announce its own.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::client::Client;
use crate::components::button::write_to_clipboard;
use crate::components::element_id::element_id;
use crate::components::icon::{Icon, IconName};
use crate::navigation::Navigation;
use crate::route::{Location, Route};
use crate::seen::{Seen, SeenKind};
use crate::session::SessionKind;

/// How many rows are drawn.
const MOST: usize = 50;

/// The least that each group may show, however many groups there are.
const LEAST: usize = 5;

/// Where the actions of a page stand. Buttons of rows and of forms are pressed where they are.
const ACTIONS: &str = "main .page-title :is(button, a), main .toolbar button, main .section-title button, \
    main .error-panel .actions button, main .empty .actions :is(button, a), main .button.primary";

/// Those of every page.
const ALWAYS: &str = ".header .end button:not([aria-keyshortcuts])";

/// Links to the parts of the workspace and to what they are in.
const PAGES: &str = ".navigation a, .trail a";

/// Whether the palette is open. A handle.
#[derive(Clone, Copy)]
pub struct Palette(RwSignal<bool>);

impl Palette {
    /// Opens with the shortcut, until its owner goes away.
    pub fn start() -> Self {
        let open = RwSignal::new(false);
        let listener = window_event_listener(ev::keydown, move |event| {
            if !is_shortcut(&event) {
                return;
            }
            event.prevent_default();
            // Another dialog asks something that has to be answered first.
            let asks =
                document().query_selector("dialog[open]:not(.palette)").is_ok_and(|found| found.is_some());
            if !asks {
                open.try_update(|open| *open = !*open);
            }
        });
        on_cleanup(move || listener.remove());
        Self(open)
    }

    /// Whether it is open, or shall be as soon as it is loaded.
    pub fn is_open(self) -> RwSignal<bool> {
        self.0
    }
}

/// ⌘ K on a Mac, where Ctrl K cuts a line; Ctrl K elsewhere.
fn is_shortcut(event: &web_sys::KeyboardEvent) -> bool {
    let (wanted, other) = match is_apple() {
        true => (event.meta_key(), event.ctrl_key()),
        false => (event.ctrl_key(), event.meta_key()),
    };
    wanted && !other && !event.alt_key() && !event.shift_key() && event.key().eq_ignore_ascii_case("k")
}

fn is_apple() -> bool {
    let platform = window().navigator().platform().unwrap_or_default();
    ["Mac", "iPhone", "iPad"].iter().any(|name| platform.starts_with(name))
}

/// Opens the palette, and says by which keys that goes too.
#[component]
pub fn PaletteButton() -> impl IntoView {
    let open = expect_context::<Palette>().0;
    let (keys, shortcut) = if is_apple() { ("⌘ K", "Meta+K") } else { ("Ctrl K", "Control+K") };

    view! {
        <button
            type="button"
            class="button quiet small find"
            aria-haspopup="dialog"
            aria-keyshortcuts=shortcut
            on:click=move |_| open.set(true)
        >
            <Icon name=IconName::Search/>
            <span class="wide-text">"Find "</span>
            <kbd class="wide-only">{keys}</kbd>
        </button>
    }
}

/// The palette itself: a field, and under it what fits.
#[component]
pub fn PaletteBox() -> impl IntoView {
    let open = expect_context::<Palette>().0;
    let navigation = expect_context::<Navigation>();
    let session = expect_context::<Client>().session();
    let seen = expect_context::<Seen>();
    let dialog = NodeRef::<html::Dialog>::new();
    let field = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Div>::new();
    let entries = StoredValue::new_local(Vec::<Entry>::new());
    let found = RwSignal::new(Found::default());
    let active = RwSignal::new(0_usize);
    let said = RwSignal::new(None::<&'static str>);
    let id = StoredValue::new(element_id("palette"));
    let option_id = move |index: usize| id.with_value(|id| format!("{id}-{index}"));

    let look = move |query: &str| {
        active.set(0);
        said.set(None);
        found.set(entries.with_value(|entries| find(entries, query)));
    };
    Effect::new(move || {
        let (Some(dialog), Some(field)) = (dialog.get(), field.get()) else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                entries.set_value(gather(navigation, session.is_signed_in(), seen));
                field.set_value("");
                look("");
                drop(dialog.show_modal());
                drop(field.focus());
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // Keys move far from what can be seen.
    Effect::new(move || {
        let (index, Some(list)) = (active.get(), list.get()) else { return };
        if let Some(row) = found.with(|found| found.hits.get(index).and_then(|_| row_of(&list, index))) {
            let (top, bottom) = (row.offset_top(), row.offset_top() + row.offset_height());
            // The first row has the name of its group above it.
            let top = if index == 0 { 0 } else { top };
            if top < list.scroll_top() {
                list.set_scroll_top(top);
            } else if bottom > list.scroll_top() + list.client_height() {
                list.set_scroll_top(bottom - list.client_height());
            }
        }
    });

    let choose = move |index: usize| {
        let place = found.with_untracked(|found| found.hits.get(index).map(|hit| hit.entry));
        let target =
            place.and_then(|place| entries.with_value(|entries| Some(entries.get(place)?.target.clone())));
        let Some(target) = target else { return };
        if matches!(target, Target::CopyAddress) {
            leptos::task::spawn_local(async move {
                let address = window().location().href().unwrap_or_default();
                let is_copied = write_to_clipboard(&address).await;
                said.try_set(Some(if is_copied {
                    "The address was copied"
                } else {
                    "The browser did not let us copy"
                }));
            });
            return;
        }
        // Closing gives the focus back, and what is done now may take it elsewhere.
        open.set(false);
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
        match target {
            Target::Address(href) => navigation.go(&Location::parse(&href)),
            Target::Press(buttons) => buttons.iter().for_each(HtmlElement::click),
            Target::CopyAddress => {}
        }
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        // Enter and the arrows belong to whoever is choosing a character.
        if event.is_composing() {
            return;
        }
        let count = found.with_untracked(|found| found.hits.len());
        let index = active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if count > 0 => active.set((index + 1) % count),
            "ArrowUp" if count > 0 => active.set((index + count - 1) % count),
            "PageDown" if count > 0 => active.set((index + 10).min(count - 1)),
            "PageUp" => active.set(index.saturating_sub(10)),
            "Enter" => choose(index),
            _ => return,
        }
        event.prevent_default();
    };
    let row_under = |event: &ev::MouseEvent| -> Option<usize> {
        let row = event.target()?.dyn_into::<Element>().ok()?.closest("[role=option]").ok().flatten()?;
        row.get_attribute("data-index")?.parse().ok()
    };
    let rows = move || {
        entries.with_value(|entries| {
            found.with(|found| {
                found
                    .hits
                    .chunk_by(|one, next| entries[one.entry].group == entries[next.entry].group)
                    .scan(0, |next, hits| {
                        let first = *next;
                        *next += hits.len();
                        let group = entries[hits[0].entry].group;
                        let heading = id.with_value(|id| format!("{id}-group-{first}"));
                        let labelled_by = heading.clone();
                        let options: Vec<_> = hits.iter().enumerate().map(|(index, hit)| {
                        let index = first + index;
                        let entry = &entries[hit.entry];
                        view! {
                            <div
                                role="option"
                                id=option_id(index)
                                data-index=index.to_string()
                                aria-selected=move || if active.get() == index { "true" } else { "false" }
                            >
                                <bdi class="label">{marked(&entry.label, &hit.marks)}</bdi>
                                " "
<bdi class="place">{entry.place.clone()}</bdi>
                            </div>
                        }
                    }).collect();
                        Some(view! {
                            <div role="group" aria-labelledby=labelled_by>
                                <div id=heading class="group" role="presentation">{group.name()}</div>
                                {options}
                            </div>
                        })
                    })
                    .collect::<Vec<_>>()
            })
        })
    };
    let status = move || match (said.get(), found.with(|found| (found.hits.len(), found.all))) {
        (Some(said), _) => said.to_owned(),
        (None, (0, _)) => "Nothing fits".to_owned(),
        (None, (shown, all)) if shown == all => format!("{all} found"),
        (None, (shown, all)) => format!("{shown} of {all} shown; type more to narrow it"),
    };

    view! {
        <dialog
            class="palette"
            aria-label="Find"
            node_ref=dialog
            on:close=move |_| open.set(false)
            // A press beside the box is one on the dialog itself.
            on:click=move |event| {
                if event.target().is_some_and(|target| target.has_type::<web_sys::HtmlDialogElement>()) {
                    open.set(false);
                }
            }
        >
            <div class="ask">
                <Icon name=IconName::Search/>
                <input
                    node_ref=field
                    type="text"
                    role="combobox"
                    aria-label="Find a page, a run, an action"
                    placeholder="Find a page, a run, an action"
                    aria-expanded="true"
                    aria-autocomplete="list"
                    aria-controls=id.get_value()
                    aria-activedescendant=move || {
                        let index = active.get();
                        (index < found.with(|found| found.hits.len())).then(|| option_id(index))
                    }
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="go"
                    on:input:target=move |event| look(&event.target().value())
                    on:keydown=on_key
                />
                <button type="button" class="button quiet small bare" aria-label="Close" on:click=move |_| open.set(false)>
                    <Icon name=IconName::Cross/>
                </button>
            </div>
            <div
                id=id.get_value()
                class="found"
                role="listbox"
                aria-label="What fits"
                node_ref=list
                on:click=move |event| {
                    if let Some(index) = row_under(&event) {
                        choose(index);
                    }
                }
                on:mousemove=move |event| {
                    if let Some(index) = row_under(&event).filter(|index| *index != active.get_untracked()) {
                        active.set(index);
                    }
                }
            >
                {rows}
            </div>
            <div class="none" hidden=move || found.with(|found| !found.hits.is_empty())>
                <p>"Nothing that was opened so far fits."</p>
                <p class="muted">"Lists and things are found here once they were on the screen; the service itself is not searched."</p>
            </div>
            <div class="foot">
                <span role="status">{status}</span>
                <span class="keys" aria-hidden="true"><kbd>"↑"</kbd><kbd>"↓"</kbd>" choose "<kbd>"Enter"</kbd>" go "<kbd>"Esc"</kbd>" close"</span>
            </div>
        </dialog>
    }
}

fn row_of(list: &Element, index: usize) -> Option<HtmlElement> {
    list.query_selector(&format!("[data-index=\"{index}\"]")).ok()??.dyn_into().ok()
}

/// A label with what was typed marked in it.
fn marked(label: &str, marks: &[usize]) -> Vec<AnyView> {
    let letters: Vec<(bool, char)> =
        label.chars().enumerate().map(|(place, letter)| (marks.contains(&place), letter)).collect();
    letters
        .chunk_by(|(one, _), (next, _)| one == next)
        .map(|part| {
            let text: String = part.iter().map(|(_, letter)| letter).collect();
            if part[0].0 { view! { <mark>{text}</mark> }.into_any() } else { text.into_any() }
        })
        .collect()
}

/// Something that can be chosen.
struct Entry {
    group: Group,
    label: String,
    /// What it is in, where that tells it from others.
    place: String,
    target: Target,
}

/// What choosing it does.
#[derive(Clone)]
enum Target {
    Address(String),
    Press(Vec<HtmlElement>),
    CopyAddress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    OnThisPage,
    Pages,
    Seen(SeenKind),
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Self::OnThisPage => "On this page",
            Self::Pages => "Go to",
            Self::Seen(SeenKind::Workspace) => "Workspaces",
            Self::Seen(SeenKind::Experiment) => "Experiments",
            Self::Seen(SeenKind::Run) => "Runs",
            Self::Seen(SeenKind::Model) => "Models",
            Self::Seen(SeenKind::Asset) => "Assets",
            Self::Seen(SeenKind::Image) => "Images",
            Self::Seen(SeenKind::Service) => "Services",
            Self::Seen(SeenKind::Compute) => "Computes",
            Self::Seen(SeenKind::Datastore) => "Datastores",
            Self::Seen(SeenKind::ResourceGroup) => "Resource groups",
            Self::Seen(SeenKind::Subscription) => "Subscriptions",
        }
    }

    /// Where it stands among groups that fit equally well.
    fn place(self) -> u8 {
        match self {
            Self::OnThisPage => 0,
            Self::Pages => 1,
            Self::Seen(kind) => 2 + kind as u8,
        }
    }
}

/// All that can be chosen now.
fn gather(navigation: Navigation, is_signed_in: bool, seen: Seen) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let entry = |group, label: String, target| Entry { group, label, place: String::new(), target };

    for button in elements(ACTIONS).into_iter().chain(elements(ALWAYS)) {
        let is_disabled = button.matches("[disabled], [aria-disabled=true]").unwrap_or(true);
        let is_usable = !is_disabled && button.offset_width() > 0;
        let name = name_of(&button);
        if !is_usable || name.is_empty() {
            continue;
        }
        // Buttons of one name do one thing in several places.
        let known = entries.iter_mut().find(|entry| entry.label == name);
        match known.map(|known| &mut known.target) {
            Some(Target::Press(buttons)) => buttons.push(button),
            _ => entries.push(entry(Group::OnThisPage, name, Target::Press(vec![button]))),
        }
    }
    entries.push(entry(Group::OnThisPage, "Copy the address".to_owned(), Target::CopyAddress));

    let here = navigation.location().with_untracked(Location::href);
    let start = if is_signed_in { ("Subscriptions", Route::Subscriptions) } else { ("Sign in", Route::Home) };
    let linked = elements(PAGES)
        .into_iter()
        .map(|link| (name_of(&link), link.get_attribute("href").unwrap_or_default()));
    let always = [start, ("Requests", Route::Requests), ("Diagnostics", Route::Diagnostics)];
    let always = always.into_iter().map(|(label, route)| (label.to_owned(), navigation.href(route)));
    let export = Location::new(SessionKind::Export, Route::Home).href();
    let always = always.chain([("Open an export".to_owned(), export)]);
    let mut pages: Vec<String> = vec![here];
    for (label, href) in linked.chain(always) {
        if !pages.contains(&href) {
            pages.push(href.clone());
            entries.push(entry(Group::Pages, label, Target::Address(href)));
        }
    }

    let new = seen.entries().into_iter().filter(|entry| !pages.contains(&entry.href));
    entries.extend(new.map(|seen| Entry {
        group: Group::Seen(seen.kind),
        label: seen.label,
        place: seen.place,
        target: Target::Address(seen.href),
    }));
    entries
}

fn elements(selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// What a button does, in words: its own for here, where its label says how things are and not what it does.
fn name_of(element: &Element) -> String {
    let name = element.get_attribute("data-action").or_else(|| element.get_attribute("aria-label"));
    name.unwrap_or_else(|| element.text_content().unwrap_or_default()).trim().to_owned()
}

/// What fits, in the order in which it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    hits: Vec<Hit>,
    /// How many fit, shown or not.
    all: usize,
}

/// An entry that fits, and the letters of its label that are meant.
#[derive(Clone, Debug, PartialEq)]
struct Hit {
    entry: usize,
    marks: Vec<usize>,
}

/// Every word that was typed has to be in an entry. The groups with the best fits come first; in each the best, and
/// of equal ones what was seen last.
fn find(entries: &[Entry], query: &str) -> Found {
    let words: Vec<Vec<char>> = query.split_whitespace().map(lower).collect();
    let mut groups: Vec<(Group, Vec<(u8, Hit)>)> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let Some((score, marks)) = fit_all(entry, &words) else { continue };
        let hit = (score, Hit { entry: place, marks });
        match groups.iter_mut().find(|(group, _)| *group == entry.group) {
            Some((_, hits)) => hits.push(hit),
            None => groups.push((entry.group, vec![hit])),
        }
    }
    let all = groups.iter().map(|(_, hits)| hits.len()).sum();
    for (_, hits) in &mut groups {
        hits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    }
    groups.sort_by_key(|(group, hits)| (std::cmp::Reverse(hits[0].0), group.place()));
    let share = (MOST / groups.len().max(1)).max(LEAST);
    let shown = groups.into_iter().flat_map(|(_, hits)| hits.into_iter().take(share).map(|(_, hit)| hit));
    Found { hits: shown.take(MOST).collect(), all }
}

/// How well an entry fits all words: as well as the one that fits worst.
fn fit_all(entry: &Entry, words: &[Vec<char>]) -> Option<(u8, Vec<usize>)> {
    if words.is_empty() {
        return Some((0, Vec::new()));
    }
    let label = lower(&entry.label);
    let starts = word_starts(&entry.label);
    let (mut worst, mut marks) = (u8::MAX, Vec::new());
    for word in words {
        let (score, more) = fit(&label, &starts, word)
            .or_else(|| find_in(&lower(&entry.place), word, |_| true).map(|_| (0, Vec::new())))?;
        worst = worst.min(score);
        marks.extend(more);
    }
    Some((worst, marks))
}

/// The beginning of the label, of one of its words, any part of it, or its words by their first letters: `lpd` is
/// `loaves-per-day`.
fn fit(label: &[char], starts: &[bool], word: &[char]) -> Option<(u8, Vec<usize>)> {
    let run = |place: usize| (place..place + word.len()).collect();
    if let Some(place) = find_in(label, word, |place| starts[place]) {
        return Some((if place == 0 { 4 } else { 3 }, run(place)));
    }
    if let Some(place) = find_in(label, word, |_| true) {
        return Some((2, run(place)));
    }
    let mut marks = Vec::new();
    // Names of one letter over and over could be tried in very many ways.
    let mut tries = 500;
    by_first_letters(label, starts, word, &mut marks, &mut tries).then_some((1, marks))
}

fn find_in(text: &[char], word: &[char], may_begin: impl Fn(usize) -> bool) -> Option<usize> {
    let last = text.len().checked_sub(word.len())?;
    (0..=last).find(|place| may_begin(*place) && text[*place..].starts_with(word))
}

/// Each letter follows the one before, or begins a word.
fn by_first_letters(
    label: &[char],
    starts: &[bool],
    word: &[char],
    marks: &mut Vec<usize>,
    tries: &mut u32,
) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let next = marks.last().map_or(0, |place| place + 1);
    for place in next..label.len() {
        let follows = place == next && place > 0 && !marks.is_empty();
        if label[place] != *first || !(starts[place] || follows) {
            continue;
        }
        if *tries == 0 {
            return false;
        }
        *tries -= 1;
        marks.push(place);
        if by_first_letters(label, starts, rest, marks, tries) {
            return true;
        }
        marks.pop();
    }
    false
}

/// One small letter for each letter, so that places stay the same.
fn lower(text: &str) -> Vec<char> {
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect()
}

/// Where words begin: after anything that is no letter, at a number after a letter, at `B` in `aB`.
fn word_starts(text: &str) -> Vec<bool> {
    let mut before = ' ';
    text.chars()
        .map(|letter| {
            let is_start = letter.is_alphanumeric()
                && (!before.is_alphanumeric()
                    || letter.is_numeric() != before.is_numeric()
                    || (letter.is_uppercase() && before.is_lowercase()));
            before = letter;
            is_start
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(group: Group, label: &str) -> Entry {
        let place = "forecasting".to_owned();
        Entry { group, label: label.to_owned(), place, target: Target::Address(String::new()) }
    }

    fn runs(labels: &[&str]) -> Vec<Entry> {
        labels.iter().map(|label| entry(Group::Seen(SeenKind::Run), label)).collect()
    }

    fn found<'a>(entries: &'a [Entry], query: &str) -> Vec<&'a str> {
        find(entries, query).hits.iter().map(|hit| entries[hit.entry].label.as_str()).collect()
    }

    fn marks(label: &str, query: &str) -> String {
        let entries = runs(&[label]);
        let hits = find(&entries, query).hits;
        let mark = |place| if hits[0].marks.contains(&place) { '^' } else { ' ' };
        (0..label.chars().count()).map(mark).collect()
    }

    #[test]
    fn the_beginnings_of_words_fit_best_and_then_any_part_and_then_first_letters() {
        let entries = runs(&["bay_oven_brewer", "abrewb", "cold_brew_1", "brew_2", "b-rew"]);
        assert_eq!(found(&entries, "brew"), ["brew_2", "bay_oven_brewer", "cold_brew_1", "abrewb", "b-rew"]);
    }

    #[test]
    fn words_are_found_by_their_first_letters() {
        for (label, query) in [("loaves-per-day", "lpd"), ("brave_oven_12", "bo12"), ("calmDough7", "cd7")] {
            assert_eq!(found(&runs(&[label]), query), [label], "{query}");
        }
        assert!(found(&runs(&["loaves-per-day"]), "oad").is_empty());
    }

    #[test]
    fn every_word_has_to_be_somewhere_in_the_name_or_in_what_it_is_in() {
        let entries = runs(&["brave_oven_12"]);
        assert_eq!(found(&entries, "12 BRAVE"), ["brave_oven_12"]);
        assert_eq!(found(&entries, "oven fore"), ["brave_oven_12"]);
        assert!(found(&entries, "oven rye").is_empty());
    }

    #[test]
    fn what_was_typed_is_marked() {
        assert_eq!(marks("brave_oven_12", "oven"), "      ^^^^   ");
        assert_eq!(marks("brave_oven_12", "12 br"), "^^         ^^");
        assert_eq!(marks("loaves-per-day", "lpd"), "^      ^   ^  ");
        assert_eq!(marks("تجربة-1", "1"), "      ^");
    }

    #[test]
    fn the_group_that_fits_best_comes_first_and_each_keeps_a_share() {
        let mut entries: Vec<Entry> = (0..100).map(|n| entry(Group::Pages, &format!("a brew {n}"))).collect();
        entries.extend(runs(&["brew"]));
        let hits = find(&entries, "brew");
        assert_eq!((hits.hits[0].entry, hits.hits.len(), hits.all), (100, 26, 101));
        assert_eq!(find(&entries[..100], "brew").hits.len(), MOST);
    }

    #[test]
    fn a_name_that_could_be_tried_in_very_many_ways_ends() {
        let label = "a-".repeat(60);
        assert!(found(&runs(&[&label]), "aaaaaaaaaaaaaaaaaaaaaaaab").is_empty());
    }
}
