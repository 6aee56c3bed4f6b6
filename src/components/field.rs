//! Fields of a form, and the list of checks beside one.

use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::icon::{Icon, IconName};

/// What a [`TextField`] takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextKind {
    #[default]
    Text,
    /// Not shown while it is typed.
    Password,
    /// Ids and addresses: monospace.
    Code,
}

/// One line of text.
#[component]
pub fn TextField(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    #[prop(optional)] kind: TextKind,
    #[prop(optional, into)] help: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] placeholder: Signal<String>,
    #[prop(default = "off")] autocomplete: &'static str,
    /// Takes the focus when it appears in a dialog.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let id = element_id("field");
    let about = format!("{id}-about");

    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                autofocus=autofocus
                id=id
                class=if kind == TextKind::Code { "input code" } else { "input" }
                type=if kind == TextKind::Password { "password" } else { "text" }
                autocomplete=autocomplete
                autocapitalize="off"
                spellcheck="false"
                placeholder=placeholder
                disabled=move || disabled.get()
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=about.clone()
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            />
            <About id=about help=help error=error/>
        </div>
    }
}

/// Several lines of text.
#[component]
pub fn TextArea(
    #[prop(into)] label: Signal<String>,
    value: RwSignal<String>,
    #[prop(default = 8)] rows: u32,
    /// Sets the text in monospace.
    #[prop(optional)]
    code: bool,
    #[prop(optional, into)] help: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional)] required: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let id = element_id("field");
    let about = format!("{id}-about");

    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                class=if code { "input code" } else { "input" }
                rows=rows.to_string()
                autocomplete="off"
                autocapitalize="off"
                spellcheck=if code { "false" } else { "true" }
                disabled=move || disabled.get()
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=about.clone()
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
            <About id=about help=help error=error/>
        </div>
    }
}

/// A way of choosing one of several: the value that is kept and the words that are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// One of several. In a toolbar its label is not shown, and the first choice says what it is about ("Any status").
#[component]
pub fn SelectField(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional)] in_toolbar: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] help: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
) -> impl IntoView {
    let id = element_id("field");
    let about = format!("{id}-about");
    let options = move || {
        choices
            .get()
            .into_iter()
            .map(|choice| {
                let own = choice.value.clone();
                view! { <option value=choice.value selected=move || value.get() == own>{choice.label}</option> }
            })
            .collect::<Vec<_>>()
    };

    view! {
        <div class="field">
            <label for=id.clone() class:visually-hidden=in_toolbar>{label}</label>
            <select
                id=id
                class="input"
                disabled=move || disabled.get()
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=about.clone()
                prop:value=value
                on:change:target=move |event| on_change.run(event.target().value())
            >
                {options}
            </select>
            <About id=about help=help error=error/>
        </div>
    }
}

/// How a check of a [`CheckList`] went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckState {
    Pending,
    Good,
    Warning,
    Bad,
}

/// One line of a [`CheckList`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckItem {
    pub state: CheckState,
    pub label: String,
    /// What was found, or what to do; may be empty.
    pub detail: String,
}

/// What was looked at, and how it went.
#[component]
pub fn CheckList(#[prop(into)] items: Signal<Vec<CheckItem>>) -> impl IntoView {
    let rows = move || {
        items
            .get()
            .into_iter()
            .map(|item| {
                let (class, icon, word) = match item.state {
                    CheckState::Pending => ("pending", IconName::Circle, "Not checked yet: "),
                    CheckState::Good => ("good", IconName::Check, "In order: "),
                    CheckState::Warning => ("warning", IconName::Warning, "Warning: "),
                    CheckState::Bad => ("bad", IconName::Cross, "Problem: "),
                };
                view! {
                    <li class=class>
                        <Icon name=icon/>
                        <span><span class="visually-hidden">{word}</span>{item.label}</span>
                        {(!item.detail.is_empty()).then(|| view! { <span class="detail">{item.detail}</span> })}
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };

    view! { <ul class="checks" aria-live="polite">{rows}</ul> }
}

/// The lines under a field: its help, and what is wrong with it.
#[component]
pub(crate) fn About(id: String, help: Signal<String>, error: Signal<Option<String>>) -> impl IntoView {
    let problem = move || {
        error.get().map(
            |error| view! { <span class="problem"><Icon name=IconName::Problem/><span>{error}</span></span> },
        )
    };

    view! {
        <div id=id aria-live="polite" class="about">
            {move || (!help.with(String::is_empty)).then(|| view! { <p class="help">{help}</p> })}
            {problem}
        </div>
    }
}
