//! The lines above every page that tell of changes: those that go on, those that ended, and those of which nobody knows
//! whether they arrived.

use leptos::prelude::*;

use crate::changes::{ChangeState, Changes, Entry};
use crate::components::icon::{Icon, IconName};
use crate::explain::explain;
use crate::navigation::Navigation;

/// All of them. What a page shows of its own changes is not told twice.
#[component]
pub fn ChangeLines() -> impl IntoView {
    let changes = expect_context::<Changes>();
    changes.resume();
    let lines = Memo::new(move |_| {
        let is_shown = |entry: &Entry| {
            changes.shown.with(|shown| {
                shown.iter().any(|(_, key)| {
                    key.try_with(|key| key.as_ref().is_some_and(|key| entry.has(key))).unwrap_or(false)
                })
            })
        };
        changes.entries.with(|all| {
            let told = all.iter().filter(|entry| entry.is_told_above() || !is_shown(entry));
            told.cloned().collect::<Vec<_>>()
        })
    });

    view! { <For each=move || lines.get() key=|entry| (entry.id, state_key(&entry.state)) let(entry)><ChangeLine entry=entry/></For> }
}

/// A line is made anew as the state becomes another one.
fn state_key(state: &ChangeState) -> String {
    format!("{state:?}")
}

#[component]
fn ChangeLine(entry: Entry) -> impl IntoView {
    let changes = expect_context::<Changes>();
    let navigation = expect_context::<Navigation>();
    let Entry { id, line, state, .. } = entry;
    let is_gone = matches!((&line.expected, &state), (crate::changes::Expected::Gone, ChangeState::Done(_)));
    let href = line.target.route().filter(|_| !is_gone).map(|route| navigation.href(route));
    let title = line.title.clone();
    let name = match href {
        Some(href) => view! { <a href=href><bdi>{title}</bdi></a> }.into_any(),
        None => view! { <bdi>{title}</bdi> }.into_any(),
    };
    let (icon, before, after) = match &state {
        ChangeState::Ready | ChangeState::Sending => (IconName::Clock, "Being sent", String::new()),
        ChangeState::Asking => (IconName::Clock, "No answer came; asking whether it arrived", String::new()),
        ChangeState::UnderWay => (IconName::Clock, "Under way", String::new()),
        ChangeState::NotArrived => (
            IconName::Warning,
            "Did not arrive",
            "No answer came, and nothing was changed. Send it again when you like.".to_owned(),
        ),
        ChangeState::Unknown(error) => {
            let why = explain(error, "find out whether it arrived").message;
            let rest = "It may have arrived or not. It is asked again by itself.";
            (IconName::Warning, "Nobody knows yet whether it arrived", format!("{why} {rest}"))
        }
        ChangeState::Untold => (
            IconName::Warning,
            "Nobody can tell whether it arrived",
            "Look at what it should have changed before you send it again.".to_owned(),
        ),
        ChangeState::Refused(error) => {
            let explanation = explain(error, "do it");
            let said = explanation.said.map(|said| format!(" The service says: {said}")).unwrap_or_default();
            (IconName::Problem, "Refused", format!("{}{said}", explanation.message))
        }
        ChangeState::Done(word) => (IconName::Check, "Done", word_of(word)),
        ChangeState::Failed(words) => (IconName::Problem, "Did not work", words.clone()),
    };
    let is_warning = matches!(icon, IconName::Warning | IconName::Problem);
    let key = (line.target, line.title);
    let is_unknown = matches!(state, ChangeState::Unknown(_));
    let ask = is_unknown.then(|| {
        let ask = move |_| changes.ask_now(&key);
        view! { <button type="button" class="button quiet small" on:click=ask>"Ask now"</button> }
    });
    let dismiss = (!state.is_open()).then(|| {
        view! {
            <button
                type="button"
                class="button quiet small bare push"
                aria-label="Dismiss"
                on:click=move |_| changes.forget(id)
            >
                <Icon name=IconName::Cross/>
            </button>
        }
    });

    view! {
        <p class="strip" class:warning=is_warning>
            <Icon name=icon/>
            <span>{before}": "{name}{(!after.is_empty()).then(|| view! { ". "<bdi>{after}</bdi> })}</span>
            {ask}
            {dismiss}
        </p>
    }
}

/// What it is now, where that says more than that it worked.
fn word_of(word: &str) -> String {
    match word {
        "" | "Succeeded" => String::new(),
        word => format!("It is {word} now."),
    }
}
