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
    /// A day, as `2020-01-21`.
    Date,
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
    /// The id of a `datalist` that proposes values.
    #[prop(optional)]
    list: String,
) -> impl IntoView {
    let id = element_id("field");
    let about = format!("{id}-about");

    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input
                autofocus=autofocus
                list=(!list.is_empty()).then_some(list)
                id=id
                class=if kind == TextKind::Code { "input code" } else { "input" }
                type=match kind {
                    TextKind::Password => "password",
                    TextKind::Date => "date",
                    TextKind::Text | TextKind::Code => "text",
                }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckState {
    #[default]
    Pending,
    Good,
    Warning,
    Bad,
}

/// One line of a [`CheckList`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckItem {
    pub state: CheckState,
    pub label: String,
    /// What was found, or what to do; may be empty.
    pub detail: String,
    /// What it is about: the first few of them.
    pub names: Vec<String>,
    /// How many more there are: "and 1,994 more"; may be empty.
    pub more: String,
    /// The words on its button, if something can be done about it here.
    pub action: Option<&'static str>,
}

/// What was looked at, and how it went. What changes in it is not read out: it changes with every letter that is typed.
#[component]
pub fn CheckList(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] items: Signal<Vec<CheckItem>>,
    /// Gets the place of the item whose button was pressed.
    #[prop(into)]
    on_action: Callback<usize>,
    /// Whether nothing can be done now.
    #[prop(into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let rows = move || {
        let items = items.get().into_iter().enumerate();
        items.map(|(place, item)| check_row(place, item, on_action, disabled)).collect::<Vec<_>>()
    };

    view! { <ul class="checks" aria-label=label>{rows}</ul> }
}

fn check_row(place: usize, item: CheckItem, on_action: Callback<usize>, disabled: Signal<bool>) -> AnyView {
    let (class, icon, word) = match item.state {
        CheckState::Pending => ("pending", IconName::Circle, "Not checked yet: "),
        CheckState::Good => ("good", IconName::Check, "In order: "),
        CheckState::Warning => ("warning", IconName::Warning, "Warning: "),
        CheckState::Bad => ("bad", IconName::Cross, "Problem: "),
    };
    // Icon and colour say it for warnings and problems; these two words say it for both at a glance.
    let is_quiet = matches!(item.state, CheckState::Pending | CheckState::Good);
    let names = (!item.names.is_empty()).then(|| {
        let names: Vec<_> = item.names.into_iter().map(|name| view! { <li><bdi>{name}</bdi></li> }).collect();
        let more = (!item.more.is_empty()).then(|| view! { <li class="more">{item.more}</li> });
        view! { <ul class="names">{names}{more}</ul> }
    });
    let action = item.action.map(|action| {
        view! {
            <button type="button" class="button small" disabled=disabled on:click=move |_| on_action.run(place)>
                {action}
            </button>
        }
    });

    view! {
        <li class=class>
            <Icon name=icon/>
            <div class="what">
                <p><span class:visually-hidden=is_quiet class="word">{word}</span>{item.label}</p>
                {(!item.detail.is_empty()).then(|| view! { <p class="detail">{item.detail}</p> })}
                {names}
                {action}
            </div>
        </li>
    }
    .into_any()
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
