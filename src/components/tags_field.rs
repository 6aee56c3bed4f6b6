//! Tags while they are edited: names and values, one row each.

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::components::next_frame::NextFrame;

/// Tags as they stand in the rows, also such as are no tags yet.
pub type TagRows = Vec<(String, String)>;

/// The rows in a text, which a form can keep: pairs, in JSON.
pub fn tag_rows(text: &str) -> TagRows {
    serde_json::from_str(text).unwrap_or_default()
}

/// The text of tags, to begin a form with.
pub fn tag_text<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    written(&tags.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn written(rows: &TagRows) -> String {
    if rows.is_empty() { String::new() } else { serde_json::json!(rows).to_string() }
}

/// The tags in a text. Rows in which nothing was typed are none.
///
/// # Errors
/// What is wrong with them, in a sentence.
pub fn tags_in(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut tags = BTreeMap::new();
    for (name, value) in tag_rows(text) {
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        match (name.is_empty(), value.is_empty()) {
            (true, true) => continue,
            (true, false) => return Err(format!("The value “{value}” has no name.")),
            _ if tags.contains_key(&name) => return Err(format!("There are two tags named “{name}”.")),
            _ => drop(tags.insert(name, value)),
        }
    }
    Ok(tags)
}

/// A row that is there, by a number of its own.
#[derive(Clone, Copy, PartialEq)]
struct Row {
    number: usize,
    name: RwSignal<String>,
    value: RwSignal<String>,
}

impl Row {
    fn new(number: usize, (name, value): (String, String)) -> Self {
        Self { number, name: RwSignal::new(name), value: RwSignal::new(value) }
    }

    fn pair(self) -> (String, String) {
        (self.name.get_untracked(), self.value.get_untracked())
    }
}

/// Rows of name and value under a label.
#[component]
pub fn TagsField(
    #[prop(into, default = "Tags".into())] label: Signal<String>,
    /// The tags, as [`tag_text`] writes them and [`tags_in`] reads them.
    text: RwSignal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let count = StoredValue::new(0_usize);
    let rows = RwSignal::new(Vec::<Row>::new());
    // What makes a row may run often, and the rows are to stay.
    let owner = StoredValue::new(Owner::current().unwrap_or_default());
    let new_row = move |pair| {
        count.update_value(|count| *count += 1);
        owner.get_value().with(|| Row::new(count.get_value(), pair))
    };
    let there = move || rows.with_untracked(|rows| rows.iter().map(|row| row.pair()).collect::<TagRows>());
    // Somebody else may put other tags into the form.
    Effect::new(move || {
        let wanted = text.with(|text| tag_rows(text));
        if wanted != there() {
            rows.set(wanted.into_iter().map(new_row).collect());
        }
    });
    let keep = move || text.set(written(&there()));
    let list = NodeRef::<html::Ul>::new();
    let button = NodeRef::<html::Button>::new();
    let next_frame = NextFrame::here();
    let add = move |_| {
        rows.update(|rows| rows.push(new_row(Default::default())));
        keep();
        next_frame.run(move || {
            let last = list.get_untracked().and_then(|list| list.last_element_child());
            let field = last.and_then(|row| row.query_selector("input").ok().flatten());
            focus(field);
        });
    };
    let remove = move |number: usize| {
        rows.update(|rows| rows.retain(|row| row.number != number));
        keep();
        focus(button.get_untracked().map(Into::into));
    };
    let row = move |row: Row| {
        // It does not change while the name is typed.
        let place = move || {
            let place = rows.with(|rows| rows.iter().position(|one| one.number == row.number));
            format!("Name of tag {}", place.unwrap_or_default() + 1)
        };
        let of = move |what: &str| {
            let name = row.name.get();
            if name.is_empty() { format!("{what} the new tag") } else { format!("{what} tag {name}") }
        };
        let typed = move |signal: RwSignal<String>, text: String| {
            signal.set(text);
            keep();
        };
        view! {
            <li>
                <input
                    class="input"
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    placeholder="Name"
                    aria-label=place
                    disabled=move || disabled.get()
                    prop:value=row.name
                    on:input:target=move |event| typed(row.name, event.target().value())
                />
                <input
                    class="input"
                    type="text"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    placeholder="Value"
                    aria-label=move || of("Value of")
                    disabled=move || disabled.get()
                    prop:value=row.value
                    on:input:target=move |event| typed(row.value, event.target().value())
                />
                <button
                    type="button"
                    class="button quiet bare"
                    aria-label=move || of("Remove")
                    disabled=move || disabled.get()
                    on:click=move |_| remove(row.number)
                >
                    <Icon name=IconName::Cross/>
                </button>
            </li>
        }
    };

    view! {
        <fieldset class="tags-field">
            <legend>{label}</legend>
            <ul node_ref=list>
                <For each=move || rows.get() key=|row| row.number children=row/>
            </ul>
            <div>
                <button type="button" class="button small" node_ref=button disabled=move || disabled.get() on:click=add>"Add a tag"</button>
            </div>
            <div aria-live="polite">
                {move || error.get().map(|error| view! { <p class="problem"><Icon name=IconName::Problem/><span>{error}</span></p> })}
            </div>
        </fieldset>
    }
}

fn focus(element: Option<web_sys::Element>) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_survive_being_written() {
        let tags: BTreeMap<String, String> =
            [("a=b", "c\"d"), ("x", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(tags_in(&tag_text(&tags)), Ok(tags));
        assert_eq!(tag_text(&BTreeMap::new()), "");
        assert_eq!(tags_in("nonsense"), Ok(BTreeMap::new()));
    }

    #[test]
    fn rows_that_are_no_tags_are_told() {
        let rows = |rows: &[(&str, &str)]| tags_in(&serde_json::json!(rows).to_string());
        assert_eq!(rows(&[("", " "), (" a ", " b ")]), Ok([("a".to_owned(), "b".to_owned())].into()));
        assert!(rows(&[("", "b")]).is_err_and(|fault| fault.contains("“b”")));
        assert!(rows(&[("a", "b"), ("a ", "c")]).is_err_and(|fault| fault.contains("“a”")));
    }
}
