//! The parts of a workspace: a column on the left, a bar at the bottom where it is narrow.

use leptos::html;
use leptos::prelude::*;
use web_sys::HtmlElement;
use web_sys::wasm_bindgen::JsCast;

use crate::components::icon::{Icon, IconName};

/// A link of the [`WorkspaceNavigation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavigationItem {
    pub label: String,
    pub href: String,
    pub icon: IconName,
    pub current: bool,
}

/// Links to the parts of the workspace that is open.
#[component]
pub fn WorkspaceNavigation(#[prop(into)] items: Signal<Vec<NavigationItem>>) -> impl IntoView {
    let list = NodeRef::<html::Ul>::new();
    let links = move || {
        items
            .get()
            .into_iter()
            .map(|item| {
                view! {
                    <li>
                        <a href=item.href aria-current=item.current.then_some("page")>
                            <Icon name=item.icon/>
                            {item.label}
                        </a>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };
    // The bar at the bottom is wider than a phone: the current part may be outside of it.
    Effect::new(move || {
        items.track();
        let Some(list) = list.get() else { return };
        let current = list.query_selector("[aria-current]").ok().flatten();
        let Some(current) = current.and_then(|current| current.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        let middle = current.offset_left() + current.offset_width() / 2;
        list.set_scroll_left(middle - list.client_width() / 2);
    });

    view! {
        <nav class="navigation" aria-label="Workspace">
            <ul node_ref=list>{links}</ul>
        </nav>
    }
}
