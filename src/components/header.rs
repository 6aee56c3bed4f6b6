//! The frame around every page: the bar on top, the way to the content, the title.

use leptos::html;
use leptos::prelude::*;

use crate::components::clock_time::clock_time;
use crate::components::icon::{Icon, IconName};
use crate::components::navigation::{NavigationItem, WorkspaceNavigation};

/// A part of the trail: subscription › resource group › workspace › ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailItem {
    pub label: String,
    pub href: String,
}

/// Header, navigation and the main landmark. Without items there is no navigation.
#[component]
pub fn AppFrame(
    /// Where the product's name leads.
    #[prop(into)]
    home: Signal<String>,
    #[prop(into)] trail: Signal<Vec<TrailItem>>,
    /// What stands above every page: that it is the demo, or which export.
    #[prop(into)]
    ribbon: Signal<Option<String>>,
    #[prop(optional, into)] navigation: Signal<Vec<NavigationItem>>,
    /// What stands at the end of the header: who is signed in, theme, "Sign out".
    #[prop(into)]
    end: ViewFn,
    children: Children,
) -> impl IntoView {
    let content = NodeRef::<html::Main>::new();
    let has_navigation = Memo::new(move |_| !navigation.with(Vec::is_empty));
    // The address is a route here, so the jump is made by hand.
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        if let Some(content) = content.get() {
            drop(content.focus());
        }
    };

    // What a sheet of paper has to say about itself: where it is from, and of when.
    let printed = RwSignal::new(String::new());
    let about_to_print = window_event_listener(leptos::ev::beforeprint, move |_| {
        let address = window().location().href().unwrap_or_default();
        let now = js_sys::Date::now();
        printed.set(format!("{address} · {}", clock_time(now, 0.0)));
    });
    on_cleanup(move || about_to_print.remove());

    view! {
        <div class="app">
            <header class="top">
                <a class="skip-link" href="#content" on:click=skip>"Skip to content"</a>
                {move || ribbon.get().map(|text| view! { <p class="ribbon"><bdi title=text.clone()>{text.clone()}</bdi></p> })}
                <AppHeader home=home trail=trail>{end.run()}</AppHeader>
                <p class="printed">{printed}</p>
            </header>
            <div class:workspace=has_navigation>
                <Show when=move || has_navigation.get()>
                    <WorkspaceNavigation items=navigation/>
                </Show>
                <main id="content" tabindex="-1" node_ref=content>{children()}</main>
            </div>
        </div>
    }
}

/// The product, the trail, and what the children add at the end.
#[component]
pub fn AppHeader(
    #[prop(into)] home: Signal<String>,
    #[prop(into)] trail: Signal<Vec<TrailItem>>,
    children: Children,
) -> impl IntoView {
    let parts = move || {
        let trail = trail.get();
        let last = trail.len().saturating_sub(1);
        trail
            .into_iter()
            .enumerate()
            .map(|(index, item)| {
                let title = item.label.clone();
                view! {
                    <li>
                        {(index > 0).then(|| view! { <Icon name=IconName::Chevron/> })}
                        <a href=item.href title=title aria-current=(index == last).then_some("page")>
                            <bdi>{item.label}</bdi>
                        </a>
                    </li>
                }
            })
            .collect::<Vec<_>>()
    };

    // Where it is narrow the trail scrolls; its end says where one is.
    let list = NodeRef::<html::Ol>::new();
    Effect::new(move || {
        trail.track();
        if let Some(list) = list.get() {
            list.set_scroll_left(list.scroll_width());
        }
    });

    view! {
        <div class="header">
            <a class="product" href=home aria-label="Azimuth">
                <Icon name=IconName::Azimuth/>
                <span class="name">"Azimuth"</span>
            </a>
            <nav class="trail" aria-label="Trail">
                <ol node_ref=list>{parts}</ol>
            </nav>
            <div class="end">{children()}</div>
        </div>
    }
}

/// The heading of a page, which takes the focus when the page opens, and the actions beside it.
#[component]
pub fn PageTitle(
    #[prop(into)] title: Signal<String>,
    /// What kind of thing it is ("Runs of"), where the title is a name.
    #[prop(optional, into)]
    kind: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="page-title">
            <h1 tabindex="-1">
                {move || (!kind.with(String::is_empty)).then(|| view! { <span class="kind">{kind}" "</span> })}
                <bdi>{title}</bdi>
            </h1>
            {children.map(|children| view! { <div class="cluster">{children()}</div> })}
        </div>
    }
}
