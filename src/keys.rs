//! Keys and tokens: read when somebody wants them, shown when they say so, and forgotten soon.

use std::rc::Rc;
use std::time::Duration;

use azimuth_api::{ApiError, Secret, Timestamp};
use futures::future::LocalBoxFuture;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::components::button::CopyButton;
use crate::load::ApiErrorPanel;
use crate::opened::is_export;
use crate::shown::Moment;

/// How long this page knows a key.
const KEPT: Duration = Duration::from_secs(60);

/// What was read: names, and what opens something.
#[derive(Clone, Default)]
pub struct Opening {
    /// Each with its name.
    pub secrets: Vec<(&'static str, Secret)>,
    /// Until when they are good, where they are not for ever.
    pub expires: Option<Timestamp>,
    /// Who has them: a name that is no secret.
    pub user: Option<(&'static str, String)>,
}

/// Reads keys.
pub type Open = Rc<dyn Fn() -> LocalBoxFuture<'static, Result<Opening, ApiError>>>;

/// How reading it goes.
#[derive(Clone)]
enum Reading {
    Ready,
    UnderWay,
    There(Opening),
    /// It was there, and the minute is over.
    Forgotten,
    Failed(ApiError),
}

/// A button that reads them, and what was read.
#[component]
pub fn Secrets(
    /// Reads them.
    open: Open,
    /// On the button that reads them.
    read: &'static str,
    /// On the button that forgets them.
    forget: &'static str,
) -> impl IntoView {
    let open = StoredValue::new_local(open);
    // Kept here alone: it goes with the page.
    let reading = RwSignal::new(Reading::Ready);
    let button = NodeRef::<html::Button>::new();
    let timer: StoredValue<Option<TimeoutHandle>> = StoredValue::new(None);
    let stop = move || {
        let _ = timer.try_update_value(|timer| {
            if let Some(timer) = timer.take() {
                timer.clear();
            }
        });
    };
    on_cleanup(stop);
    let drop_them = move || {
        stop();
        // What had the focus goes away; it goes on where they can be read again.
        let had_focus = document()
            .active_element()
            .is_some_and(|element| element.closest("[data-secrets]").ok().flatten().is_some());
        if reading.try_set(Reading::Forgotten).is_none()
            && had_focus
            && let Some(button) = button.get_untracked()
        {
            let _ = button.unchecked_ref::<web_sys::HtmlElement>().focus();
        }
    };
    let ask = move || {
        if matches!(reading.get_untracked(), Reading::UnderWay) {
            return;
        }
        stop();
        reading.set(Reading::UnderWay);
        let opened = open.with_value(|open| open());
        spawn_local(async move {
            match opened.await {
                Ok(opening) => {
                    if reading.try_set(Reading::There(opening)).is_none() {
                        let handle = set_timeout_with_handle(drop_them, KEPT).ok();
                        timer.try_set_value(handle);
                    }
                }
                Err(error) => drop(reading.try_set(Reading::Failed(error))),
            }
        });
    };
    let ask = Callback::new(move |()| ask());
    let is_under_way = Memo::new(move |_| reading.with(|reading| matches!(reading, Reading::UnderWay)));
    let why_not = is_export().then_some("This is an export: it holds no keys.");
    let shown = move || {
        match reading.get() {
        Reading::There(opening) => view! {
            <div data-secrets="" class="stack tight">
                <dl class="secrets">
                    {opening.user.map(|(name, user)| view! { <dt>{name}</dt><dd><span class="value"><code>{user}</code></span></dd> })}
                    {opening.secrets.into_iter().map(|(name, secret)| view! { <SecretRow name=name secret=secret/> }).collect::<Vec<_>>()}
                </dl>
                {opening.expires.map(|time| view! { <p class="small muted">"Good until: "<Moment time=time/></p> })}
                <div class="cluster">
                    <button type="button" class="button small" on:click=move |_| drop_them()>{forget}</button>
                    <span class="small muted">"This page forgets it by itself after a minute."</span>
                </div>
            </div>
        }
        .into_any(),
        Reading::Failed(error) => {
            let what = read.to_lowercase();
            view! { <ApiErrorPanel error=error what=what inline=true on_retry=ask/> }.into_any()
        }
        Reading::Forgotten => view! { <p class="small muted" role="status">"Forgotten here. Read it again when it is needed."</p> }.into_any(),
        Reading::Ready | Reading::UnderWay => ().into_any(),
    }
    };

    view! {
        <div class="cluster">
            <button
                type="button"
                class="button"
                node_ref=button
                aria-disabled=move || (why_not.is_some() || is_under_way.get()).then_some("true")
                on:click=move |_| if why_not.is_none() { ask.run(()) }
            >
                {read}
            </button>
            {why_not.map(|why| view! { <span class="small muted">{why}</span> })}
        </div>
        {shown}
    }
}

/// One secret: masked until somebody wants to see it.
#[component]
fn SecretRow(name: &'static str, secret: Secret) -> impl IntoView {
    let is_shown = RwSignal::new(false);
    let own = secret.clone();
    let text = move || {
        if is_shown.get() {
            view! { <code>{own.reveal().to_owned()}</code> }.into_any()
        } else {
            view! { <span aria-hidden="true">"••••••••••••"</span><span class="visually-hidden">"Hidden"</span> }.into_any()
        }
    };
    // Only the clipboard gets it, when it is asked for.
    let copied = Signal::derive(move || secret.reveal().to_owned());
    let lower = name.to_lowercase();

    view! {
        <dt>{name}</dt>
        <dd>
            <span class="value">{text}</span>
            <button
                type="button"
                class="button quiet small"
                aria-label={
                    let lower = lower.clone();
                    move || format!("{} the {lower}", if is_shown.get() { "Hide" } else { "Show" })
                }
                on:click=move |_| is_shown.update(|shown| *shown = !*shown)
            >
                {move || if is_shown.get() { "Hide" } else { "Show" }}
            </button>
            <CopyButton text=copied label=format!("Copy the {lower}") bare=true/>
        </dd>
    }
}
