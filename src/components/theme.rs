//! Light, dark, or as the system has it.

use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};

/// Where the choice is kept; boot.js reads it before the first paint.
const KEY: &str = "azimuth.theme";

/// Goes from the system's theme to light, to dark, and round again.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::read());
    let label = move || match theme.get() {
        Theme::System => "Theme: as the system has it",
        Theme::Light => "Theme: light",
        Theme::Dark => "Theme: dark",
    };
    let icon = Signal::derive(move || match theme.get() {
        Theme::System => IconName::Auto,
        Theme::Light => IconName::Sun,
        Theme::Dark => IconName::Moon,
    });
    let change = move |_| {
        let next = theme.get_untracked().next();
        next.apply();
        theme.set(next);
    };

    view! {
        <button type="button" class="button quiet bare" aria-label=label title=label data-action="Switch the theme" on:click=change>
            <Icon name=icon/>
        </button>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn read() -> Self {
        let theme = document().document_element().and_then(|root| root.get_attribute("data-theme"));
        match theme.as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Storage and attributes may be refused; the theme then lasts as long as it can.
    fn apply(self) {
        let root = document().document_element();
        let storage = window().local_storage().ok().flatten();
        let word = match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        };
        if let Some(root) = root {
            drop(match word {
                Some(word) => root.set_attribute("data-theme", word),
                None => root.remove_attribute("data-theme"),
            });
        }
        if let Some(storage) = storage {
            drop(match word {
                Some(word) => storage.set_item(KEY, word),
                None => storage.remove_item(KEY),
            });
        }
    }
}
