//! A query as it looks: loading, failed, or there; drawn in one place.

use azimuth_api::ApiError;
use leptos::prelude::*;

use crate::app_registration::AppRegistration;
use crate::clock::use_now;
use crate::components::button::CopyButton;
use crate::components::format::format_count;
use crate::components::icon::{Icon, IconName};
use crate::components::panel::{ErrorPanel, Loading, Skeleton};
use crate::components::time::RelativeTime;
use crate::explain::codes::Who;
use crate::explain::{Explanation, explain};
use crate::opened::is_export;
use crate::parts::{self, Part, at_once, late};
use crate::query::{Answer, ListQuery, Listed, Loaded, Query, Shown};
use crate::remedies::Remedies;
use crate::seen::Seen;

/// Shows a query. The children get the value, and stay while it is asked for again; a failure to do that is said
/// above them.
#[component]
pub fn Load<T, V>(
    /// What is shown.
    query: Query<T>,
    /// What is loaded, as it completes "Loading" and "could not load": "the runs".
    #[prop(into)]
    what: Signal<String>,
    /// How many rows to keep room for; none for what is no list.
    #[prop(default = 0)]
    rows: usize,
    /// What the value looks like.
    children: impl Fn(Shown<T>) -> V + Send + 'static,
) -> impl IntoView
where
    T: Answer,
    V: IntoView + 'static,
{
    load(query.progress(), what, rows, Box::new(move || children(query.shown()).into_any()))
}

/// The three states of any query.
#[inline(never)]
fn load(
    query: Query<()>,
    what: Signal<String>,
    rows: usize,
    children: Box<dyn Fn() -> AnyView + Send>,
) -> AnyView {
    let is_there = Memo::new(move |_| query.has_value());
    let failed = Memo::new(move |_| !is_there.get() && query.error().with(Option::is_some));

    let state = move || {
        if is_there.get() {
            Seen::put_page();
            view! {
                <Failure query=query what=what verb="refresh" inline=true/>
                {children()}
            }
            .into_any()
        } else if failed.get() {
            view! { <Failure query=query what=what verb="load"/> }.into_any()
        } else {
            view! {
                <div class="section">
                    <Loading what=what/>
                    <TakesLong/>
                    {(rows > 0).then(|| view! { <Skeleton rows=rows/> })}
                </div>
            }
            .into_any()
        }
    };
    state.into_any()
}

/// Says after a while that there is still no answer, and for how long.
#[component]
fn TakesLong() -> impl IntoView {
    const WHILE_SECONDS: u32 = 8;
    let now = use_now();
    let began = js_sys::Date::now();
    let waited = Memo::new(move |_| ((now.get() - began) / 1_000.0) as u32);
    move || {
        (waited.get() >= WHILE_SECONDS)
            .then(|| view! { <p class="muted">{move || format!("No answer for {} seconds. It is asked again by itself.", waited.get())}</p> })
    }
}

/// Why it could not be loaded, or not loaded again.
#[component]
fn Failure(
    query: Query<()>,
    what: Signal<String>,
    verb: &'static str,
    #[prop(optional)] inline: bool,
) -> impl IntoView {
    move || {
        query.error().get().map(|error| {
            view! {
                <ApiErrorPanel
                    error=error
                    what=format!("{verb} {}", what.get())
                    inline=inline
                    on_retry=Callback::new(move |()| query.ask_again())
                />
            }
        })
    }
}

/// A failure of the service, explained, with what can be done about it.
#[component]
pub fn ApiErrorPanel(
    /// What came back.
    error: ApiError,
    /// Completes "could not".
    #[prop(into)]
    what: String,
    /// For forms and notes.
    #[prop(optional)]
    inline: bool,
    /// What "Try again" does.
    #[prop(optional, into)]
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let shown = move || at_once(parts::explained(error.clone(), what.clone(), None, inline, on_retry));
    late(Signal::stored(Some(Part::Failures)), None, Box::new(shown))
}

/// Why signing in with Microsoft did not work. How to try again stands beside it.
#[component]
pub fn SignInErrorPanel(error: ApiError) -> impl IntoView {
    let shown = move || at_once(parts::sign_in_failure(error.clone()));
    late(Signal::stored(Some(Part::Failures)), None, Box::new(shown))
}

/// A failure, explained, with what can be done about it; or under a title that says so.
#[component]
pub fn ExplainedPanel(
    error: ApiError,
    /// Completes "could not".
    what: String,
    title: Option<&'static str>,
    inline: bool,
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let explanation = explain(&error, &what);
    if let Some(title) = title {
        let explanation = Explanation { title: title.to_owned(), ..explanation };
        return view! { <ExplanationPanel explanation=explanation inline=inline/> }.into_any();
    }
    let (remedy, wait) = (explanation.remedy, explanation.wait);
    view! {
        <ExplanationPanel explanation=explanation inline=inline>
            <Remedies error=error remedy=remedy wait=wait on_retry=on_retry/>
        </ExplanationPanel>
    }
    .into_any()
}

/// A failure as it was explained, with a text for whoever else can mend it.
#[component]
pub fn ExplanationPanel(
    explanation: Explanation,
    /// For forms and notes.
    #[prop(optional)]
    inline: bool,
    /// Actions.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let registration = AppRegistration::in_context();
    let hand_on = explanation.to_hand_on.and_then(|hand_on| {
        let (label, text) = (hand_on.label(), hand_on.text(&registration)?);
        Some(view! { <CopyButton text=text label=label/> })
    });
    view! {
        <ErrorPanel
            title=explanation.title
            message=explanation.message
            said=explanation.said
            what_to_do=explanation.advice
            who=explanation.who.map(Who::words)
            code=explanation.code
            details=explanation.details
            inline=inline
        >
            {hand_on}
            {children.map(|children| children())}
        </ErrorPanel>
    }
}

/// How far a list is loaded, and the way to more of it.
#[component]
pub fn ListFooter<T: Listed>(
    /// The list.
    list: ListQuery<T>,
    /// What it holds, in the plural: "runs".
    #[prop(into)]
    noun: String,
) -> impl IntoView {
    let query = list.query();
    let loaded = Signal::derive(move || {
        query.with(|loaded| loaded.filter(|loaded| loaded.has_more()).map_or(0, Loaded::len))
    });
    list_footer(loaded, list.is_growing(), list.growth_error(), Callback::new(move |()| list.more()), noun)
}

/// How many are loaded where more are to come, else 0.
#[inline(never)]
fn list_footer(
    loaded: Signal<usize>,
    is_growing: Signal<bool>,
    error: Signal<Option<ApiError>>,
    more: Callback<()>,
    noun: String,
) -> AnyView {
    let what = format!("load more {noun}");
    let words = move || format!("{} {noun} loaded, more to come", format_count(loaded.get()));
    view! {
        {move || error.get().map(|error| view! { <ApiErrorPanel error=error what=what.clone() inline=true on_retry=more/> })}
        <div class="cluster" hidden=move || loaded.get() == 0>
            <span class="muted">{words}</span>
            <button
                type="button"
                class="button small"
                aria-disabled=move || is_growing.get().then_some("true")
                on:click=move |_| more.run(())
            >
                {move || if is_growing.get() { "Loading…" } else { "Load more" }}
            </button>
        </div>
    }
    .into_any()
}

/// How old a value is, and a button that asks for a new one.
#[component]
pub fn Freshness<T: 'static>(
    /// Whose.
    query: Query<T>,
    /// Whether it can be paused, because it asks again by itself.
    #[prop(into)]
    pausable: Signal<bool>,
) -> impl IntoView {
    freshness(query.progress(), pausable)
}

#[inline(never)]
fn freshness(query: Query<()>, pausable: Signal<bool>) -> AnyView {
    // What an export holds is as old as that.
    if is_export() {
        return ().into_any();
    }
    let now = use_now();
    let paused = query.paused();
    let updated = Memo::new(move |_| query.updated().get());
    let is_calm = Memo::new(move |_| query.calm_until().get() > now.get());

    view! {
        <div class="cluster tight push">
            {move || updated.get().map(|time| view! { <span class="muted small nowrap">"updated "<RelativeTime unix_ms=time now=now/></span> })}
            <Show when=move || pausable.get() && is_calm.get()>
                <span class="muted small" title="The service said that too much was asked, so this page asks less often for five minutes.">"asking less often"</span>
            </Show>
            <Show when=move || pausable.get()>
                <button
                    type="button"
                    class="button quiet small bare"
                    aria-pressed=move || if paused.get() { "true" } else { "false" }
                    aria-label="Pause refreshing"
                    title=move || if paused.get() { "Refresh again" } else { "Pause refreshing" }
                    on:click=move |_| paused.update(|paused| *paused = !*paused)
                >
                    <Icon name=Signal::derive(move || if paused.get() { IconName::Play } else { IconName::Pause })/>
                </button>
            </Show>
            <button
                type="button"
                class="button quiet small bare"
                aria-label="Refresh"
                title="Refresh"
                // Disabled, it would lose the focus at each press.
                aria-disabled=move || query.is_loading().get().then_some("true")
                on:click=move |_| {
                    if !query.is_loading().get_untracked() {
                        query.ask_again();
                    }
                }
            >
                <Icon name=IconName::Refresh/>
            </button>
        </div>
    }
    .into_any()
}
