//! The form over a run definition: it reads what the text says, and changes the text where it is changed.

use azimuth_api::{Compute, ComputeState, DefinitionDocument};
use leptos::html;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::components::compute_state::plain_state;
use crate::components::element_id::element_id;
use crate::components::field::{Choice, SelectField, TextArea, TextField, TextKind};
use crate::components::next_frame::NextFrame;
use crate::components::panel::Hint;
use crate::pages::submit::fields::{
    Entries, FIRST, Field, FieldKind, REFERENCE_FIELDS, REFERENCES, SECTIONS, SOMETHING_ELSE, Section,
    new_name,
};

/// The text of a definition, and what was last readable of it. A handle.
#[derive(Clone, Copy)]
pub struct Editor {
    text: RwSignal<String>,
    /// Of the last text that could be read.
    document: Memo<Option<DefinitionDocument>>,
    /// Why the text cannot be read.
    fault: Memo<Option<String>>,
}

impl Editor {
    /// Over this text.
    pub fn new(text: RwSignal<String>) -> Self {
        let document = Memo::new(move |last: Option<&Option<DefinitionDocument>>| {
            let read = text.with(|text| DefinitionDocument::parse(text));
            read.ok().or_else(|| last.cloned().flatten())
        });
        let fault = Memo::new(move |_| {
            text.with(|text| DefinitionDocument::parse(text)).err().map(|error| error.to_string())
        });
        Self { text, document, fault }
    }

    fn with<R: Default>(self, read: impl FnOnce(&DefinitionDocument) -> R) -> R {
        self.document.with(|document| document.as_ref().map(read)).unwrap_or_default()
    }

    /// Writes a value, if the text can be read.
    pub fn set(self, path: &[&str], value: &str) {
        self.change(|document| document.with(path, &Value::from(value)));
    }

    /// Changes the text, if it can be read.
    fn change(self, change: impl FnOnce(&DefinitionDocument) -> Option<String>) {
        if self.fault.with_untracked(Option::is_some) {
            return;
        }
        let changed = self.document.with_untracked(|document| change(document.as_ref()?));
        if let Some(changed) = changed.filter(|changed| self.text.with_untracked(|text| text != changed)) {
            self.text.set(changed);
        }
    }
}

/// What the form offers besides what is typed.
#[derive(Clone, Copy)]
pub struct Offers {
    /// The scripts of the project.
    pub scripts: Signal<Vec<String>>,
    /// The computes of the workspace.
    pub computes: Signal<Vec<Compute>>,
}

/// All fields. What few need is folded away.
#[component]
pub fn DefinitionForm(editor: Editor, offers: Offers, #[prop(into)] disabled: Signal<bool>) -> impl IntoView {
    let is_unreadable = Memo::new(move |_| editor.fault.with(Option::is_some));
    let disabled = Signal::derive(move || disabled.get() || is_unreadable.get());
    let first = fields(FIRST, editor, offers, disabled);
    let sections: Vec<_> = SECTIONS.iter().map(|section| fold(section, editor, offers, disabled)).collect();

    view! {
        <section class="definition-form" aria-label="Form">
            <div role="status">
                <Show when=move || is_unreadable.get()>
                    <Hint warning=true>
                        "The form shows what could be read last. It goes on once the JSON can be read again."
                    </Hint>
                </Show>
            </div>
            <div class="stack">{first}</div>
            <div class="folds">{sections}</div>
        </section>
    }
}

fn fields(list: &'static [Field], editor: Editor, offers: Offers, disabled: Signal<bool>) -> Vec<AnyView> {
    list.iter().map(|field| field_view(field, editor, offers, disabled)).collect()
}

fn fold(section: &'static Section, editor: Editor, offers: Offers, disabled: Signal<bool>) -> AnyView {
    let count = Memo::new(move |_| editor.with(|document| count_of(section, document)));
    let note = move || match count.get() {
        0 => "nothing set".to_owned(),
        count => format!("{count} set"),
    };
    let entries = section.entries.map(|entries| entries_view(entries, editor, disabled));

    view! {
        <details>
            <summary>
                <span class="title">{section.title}</span>" "
                <span class="muted small" class:is-set=move || { count.get() > 0 }>{note}</span>
            </summary>
            <div class="stack">{fields(section.fields, editor, offers, disabled)}{entries}</div>
        </details>
    }
    .into_any()
}

fn count_of(section: &Section, document: &DefinitionDocument) -> usize {
    let entries = match section.entries {
        Some(Entries::Texts { path, .. }) => document.names(path).len(),
        Some(Entries::References) => document.names(REFERENCES).len(),
        None => 0,
    };
    section.fields.iter().filter(|field| field.is_set(document)).count() + entries
}

/// What is typed, bound to what the document says: whichever changes, the other follows. `meant` takes away what means
/// nothing, so that blanks stay while one types.
fn bound(
    said: Memo<Option<String>>,
    meant: impl Fn(&str) -> String + Copy + 'static,
    write: impl Fn(&str) + 'static,
) -> RwSignal<String> {
    let typed = RwSignal::new(said.get_untracked().unwrap_or_default());
    Effect::new(move || {
        if let Some(said) = said.get().filter(|said| typed.with_untracked(|typed| meant(typed)) != *said) {
            typed.set(said);
        }
    });
    Effect::new(move || {
        let text = typed.get();
        if said.with_untracked(|said| said.as_ref().is_some_and(|said| *said != meant(&text))) {
            write(&text);
        }
    });
    typed
}

fn field_view(field: &'static Field, editor: Editor, offers: Offers, disabled: Signal<bool>) -> AnyView {
    let said = Memo::new(move |_| editor.with(|document| field.read(document).ok()));
    let typed = bound(
        said,
        move |typed| field.kind.meant(typed),
        move |typed| editor.change(|document| field.write(document, typed)),
    );
    let is_other = Memo::new(move |_| said.with(Option::is_none));
    Control { label: field.label, help: field.help, kind: field.kind, typed, is_other, disabled }
        .view(Some(offers))
}

/// A control of one value.
struct Control {
    label: &'static str,
    help: &'static str,
    kind: FieldKind,
    typed: RwSignal<String>,
    /// Whether what stands in the document could not be typed.
    is_other: Memo<bool>,
    disabled: Signal<bool>,
}

impl Control {
    fn view(self, offers: Option<Offers>) -> AnyView {
        let Self { label, help, kind, typed, is_other, disabled } = self;
        let error = Signal::derive(move || {
            if is_other.get() {
                return Some(SOMETHING_ELSE.to_owned());
            }
            let is_wrong = kind == FieldKind::Number
                && typed.with(|typed| !typed.trim().is_empty() && typed.trim().parse::<u64>().is_err());
            is_wrong.then(|| "A whole number, without a sign.".to_owned())
        });
        let disabled = Signal::derive(move || disabled.get() || is_other.get());
        let area = |rows| {
            view! { <TextArea label=label value=typed rows=rows code=true help=help error=error disabled=disabled/> }
                .into_any()
        };
        let line = |kind, list| {
            view! { <TextField label=label value=typed kind=kind autocomplete=if kind == TextKind::Password { "new-password" } else { "off" } help=help error=error disabled=disabled list=list/> }
                .into_any()
        };
        let choices = move |unsaid: String, choices: Signal<Vec<Choice>>| {
            let choices =
                Signal::derive(move || typed.with(|typed| with_unknown(&unsaid, choices.get(), typed)));
            view! {
                <SelectField label=label value=typed choices=choices on_change=move |value| typed.set(value)
                    help=help error=error disabled=disabled/>
            }
            .into_any()
        };
        match kind {
            FieldKind::Text | FieldKind::Number => line(TextKind::Code, String::new()),
            FieldKind::Secret => line(TextKind::Password, String::new()),
            FieldKind::Script => {
                let list = element_id("scripts");
                let option = |name| view! { <option value=name></option> };
                let options = move || {
                    let names = offers.map(|offers| offers.scripts.get()).unwrap_or_default();
                    names.into_iter().map(option).collect::<Vec<_>>()
                };
                let field = line(TextKind::Code, list.clone());
                view! { <div>{field}<datalist id=list>{options}</datalist></div> }.into_any()
            }
            FieldKind::Paragraph => area(4),
            FieldKind::Lines
            | FieldKind::CondaPackages
            | FieldKind::PipPackages
            | FieldKind::MavenPackages => area(3),
            FieldKind::Compute => choices(
                "Choose a compute".to_owned(),
                Signal::derive(move || {
                    let computes = offers.map(|offers| offers.computes.get()).unwrap_or_default();
                    computes.iter().map(compute_choice).collect()
                }),
            ),
            FieldKind::Choice(words, default) => {
                let words: Vec<Choice> = words.iter().map(|word| choice(word, word)).collect();
                choices(format!("{default}, if nothing is said"), Signal::stored(words))
            }
            FieldKind::YesNo([unsaid, yes, no]) => {
                choices(unsaid.to_owned(), Signal::stored(vec![choice("true", yes), choice("false", no)]))
            }
        }
    }
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

fn compute_choice(compute: &Compute) -> Choice {
    let (name, kind) = (compute.name.as_str(), &compute.properties.compute_type);
    let state = match compute.state() {
        ComputeState::NotForRuns => "takes no runs".to_owned(),
        _ => plain_state(compute).1.to_lowercase(),
    };
    choice(name, &format!("{name} · {kind}, {state}"))
}

/// The choice of nothing first, and last what the document says and nobody knows.
fn with_unknown(unsaid: &str, choices: Vec<Choice>, value: &str) -> Vec<Choice> {
    let is_unknown = !value.is_empty() && !choices.iter().any(|choice| choice.value == value);
    let unknown = is_unknown.then(|| choice(value, &format!("{value} (not known here)")));
    [choice("", unsaid)].into_iter().chain(choices).chain(unknown).collect()
}

/// What its writer names: a row for each, and a button for one more.
fn entries_view(entries: Entries, editor: Editor, disabled: Signal<bool>) -> AnyView {
    let (path, noun, help) = match entries {
        Entries::Texts { path, noun, help } => (path, noun, help),
        Entries::References => (
            REFERENCES,
            "data reference",
            "Data of a datastore, which the script finds under the name of the reference.",
        ),
    };
    let names = Memo::new(move |_| editor.with(|document| document.names(path)));
    let count = Memo::new(move |_| names.with(Vec::len));
    let next_frame = NextFrame::here();
    let list = NodeRef::<html::Div>::new();
    let add_button = NodeRef::<html::Button>::new();
    let add = move |_| {
        editor.change(|document| {
            let name = new_name(&document.names(path), noun);
            let (path, value) = match entries {
                Entries::Texts { .. } => (within(path, &[&name]), ""),
                Entries::References => (within(path, &[&name, "mode"]), "Mount"),
            };
            document.with(&borrowed(&path), &Value::from(value))
        });
        // Its name is what is typed next.
        next_frame.run(move || {
            let inputs =
                list.get_untracked().and_then(|list| list.query_selector_all(".entry .name input").ok());
            let last = inputs.and_then(|inputs| inputs.item(inputs.length().checked_sub(1)?));
            if let Some(input) = last.and_then(|node| node.dyn_into::<web_sys::HtmlInputElement>().ok()) {
                drop(input.focus());
                input.select();
            }
        });
    };
    let remove = move |index: usize| {
        let Some(name) = names.with_untracked(|names| names.get(index).cloned()) else { return };
        editor.change(|document| Some(document.without(&borrowed(&within(path, &[&name])))));
        // The button that was pressed is gone, and the focus with it.
        if let Some(button) = add_button.get_untracked() {
            drop(button.unchecked_ref::<HtmlElement>().focus());
        }
    };
    let row = move |index: usize| {
        let name = Memo::new(move |_| names.with(|names| names.get(index).cloned()));
        entry_view(EntryRow { entries, editor, path, noun, index, name, disabled }, remove)
    };

    view! {
        <div class="entries" node_ref=list>
            <p class="muted small">{help}</p>
            <For each=move || 0..count.get() key=|index| *index children=row/>
            <div>
                <button type="button" class="button small" node_ref=add_button disabled=disabled on:click=add>
                    {format!("Add a {noun}")}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// A thing that its writer named.
#[derive(Clone, Copy)]
struct EntryRow {
    entries: Entries,
    editor: Editor,
    path: &'static [&'static str],
    noun: &'static str,
    index: usize,
    name: Memo<Option<String>>,
    disabled: Signal<bool>,
}

fn entry_view(row: EntryRow, remove: impl Fn(usize) + 'static) -> AnyView {
    let EntryRow { entries, editor, path, noun, index, name, disabled } = row;
    let typed = bound(name, str::to_owned, move |typed| {
        let Some(old) = name.get_untracked() else { return };
        editor.change(|document| document.renamed(&borrowed(&within(path, &[&old])), typed));
    });
    let error = Signal::derive(move || {
        let is_other = name.with(|name| name.as_ref().is_some_and(|name| typed.with(|typed| typed != name)));
        is_other.then(|| format!("Another {noun} has this name."))
    });
    let inner: Vec<AnyView> = match entries {
        Entries::Texts { .. } => vec![value_view(row, "Value", "", None, FieldKind::Text)],
        Entries::References => {
            let fields = REFERENCE_FIELDS.into_iter();
            fields.map(|(label, key, help, kind)| value_view(row, label, help, Some(key), kind)).collect()
        }
    };
    let is_reference = entries == Entries::References;
    let legend = move || {
        let name = name.get().unwrap_or_default();
        format!("{} {name}", if is_reference { "Data reference" } else { noun })
    };

    view! {
        <fieldset class="entry" class:reference=is_reference>
            <legend class="visually-hidden">{legend}</legend>
            <div class="name">
                <TextField label="Name" value=typed kind=TextKind::Code error=error disabled=disabled/>
            </div>
            {inner}
            <button type="button" class="button small remove" disabled=disabled on:click=move |_| remove(index)>
                "Remove"<span class="visually-hidden">{move || format!(" {}", name.get().unwrap_or_default())}</span>
            </button>
        </fieldset>
    }
    .into_any()
}

/// The value of a named thing, or a field inside it.
fn value_view(
    row: EntryRow,
    label: &'static str,
    help: &'static str,
    key: Option<&'static str>,
    kind: FieldKind,
) -> AnyView {
    let EntryRow { editor, path, name, disabled, .. } = row;
    let path_of = move |name: &str| within(path, &std::iter::once(name).chain(key).collect::<Vec<_>>());
    let said = Memo::new(move |_| {
        let name = name.get()?;
        let value = editor.with(|document| document.get(&borrowed(&path_of(&name))));
        match (&value, key) {
            // The script gets numbers among the variables as texts.
            (Some(Value::Number(_) | Value::Bool(_)), None) => value.map(|value| value.to_string()),
            _ => kind.read(value.as_ref()),
        }
    });
    let typed = bound(said, str::to_owned, move |typed| {
        let Some(name) = name.get_untracked() else { return };
        let entry = within(path, &[&name]);
        let path = path_of(&name);
        editor.change(|document| match (typed, key) {
            // A variable may well be empty, and a reference stays that has nothing else.
            ("", Some(_)) if document.names(&borrowed(&entry)).len() > 1 => {
                Some(document.without(&borrowed(&path)))
            }
            ("", Some(_)) => document.with(&borrowed(&path), &Value::Null),
            _ if matches!(kind, FieldKind::YesNo(_)) => {
                document.with(&borrowed(&path), &Value::from(typed == "true"))
            }
            _ => document.with(&borrowed(&path), &Value::from(typed)),
        });
    });
    let is_other = Memo::new(move |_| name.with(Option::is_some) && said.with(Option::is_none));
    Control { label, help, kind, typed, is_other, disabled }.view(None)
}

fn within(path: &[&str], names: &[&str]) -> Vec<String> {
    path.iter().chain(names).map(|name| (*name).to_owned()).collect()
}

fn borrowed(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}
