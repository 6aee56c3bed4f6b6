//! States and tags: a shape, a colour and words.

use leptos::prelude::*;

use crate::components::icon::{IconName, icon};

/// What a state means to the person looking at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StatusKind {
    /// Something is being done.
    Working,
    /// It ended as it should.
    Good,
    /// It ended otherwise, or is broken.
    Bad,
    /// Nothing happens until something else does.
    Waiting,
    /// Neither good nor bad: stopped, switched off, unknown.
    #[default]
    Neutral,
}

impl StatusKind {
    fn class(self) -> &'static str {
        match self {
            Self::Working => "badge working",
            Self::Good => "badge good",
            Self::Bad => "badge bad",
            Self::Waiting => "badge waiting",
            Self::Neutral => "badge",
        }
    }

    fn icon(self) -> IconName {
        match self {
            Self::Working => IconName::Dot,
            Self::Good => IconName::Check,
            Self::Bad => IconName::Cross,
            Self::Waiting => IconName::Clock,
            Self::Neutral => IconName::Square,
        }
    }
}

/// "● Working  Running": the plain word, then the service's own unless it is the same.
#[component]
pub fn StatusBadge(
    #[prop(into)] kind: Signal<StatusKind>,
    #[prop(into)] plain: Signal<String>,
    #[prop(optional, into)] word: Signal<String>,
) -> impl IntoView {
    move || status_badge(kind.get(), &plain.read(), &word.read())
}

/// The same for a state that stays.
pub fn status_badge(kind: StatusKind, plain: &str, word: &str) -> impl IntoView + use<> {
    let own_word =
        (!word.is_empty() && word != plain).then(|| view! { " "<span class="word">{word.to_owned()}</span> });

    view! {
        <span class=kind.class()>
            {icon(kind.icon())}
            <span class="plain">{plain.to_owned()}</span>
            {own_word}
        </span>
    }
}

/// How many tags a row of a table has room for; the style sheet leaves out the others there.
const IN_A_ROW: usize = 3;

/// The tags of a resource, by name.
#[component]
pub fn Tags(#[prop(into)] tags: Signal<Vec<(String, String)>>) -> impl IntoView {
    let rest = move || {
        let others = tags.with(|tags| tags.get(IN_A_ROW..).unwrap_or_default().to_vec());
        let words: Vec<String> = others.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        (!others.is_empty()).then(|| view! { <li class="rest" title=words.join("\n")>"+"{others.len()}</li> })
    };
    let items = move || {
        tags.get()
            .into_iter()
            .map(|(name, value)| {
                let title = format!("{name}: {value}");
                view! {
                    <li title=title>
                        <bdi class="name">{name}</bdi>
                        {(!value.is_empty()).then(|| view! { " "<bdi>{value}</bdi> })}
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };

    view! {
        <Show when=move || !tags.with(Vec::is_empty)>
            <ul class="tags">{items}{rest}</ul>
        </Show>
    }
}
