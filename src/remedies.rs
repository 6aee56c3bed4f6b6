//! The buttons of a failure: each does what its explanation says helps.

use std::time::Duration;

use azimuth_api::{ApiError, GetProvider, RegisterProvider, SubscriptionId};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::client::Client;
use crate::clock::use_now;
use crate::components::button::CopyButton;
use crate::components::format::format_wait;
use crate::explain::codes::Remedy;
use crate::explain::explain;
use crate::navigation::Navigation;
use crate::settings::Settings;

/// Between two questions whether a provider is registered by now.
const REGISTRATION_POLL: Duration = Duration::from_secs(3);
/// After so many questions it takes unusually long.
const MOST_REGISTRATION_POLLS: u32 = 60;

/// What can be done about a failure.
#[component]
pub fn Remedies(
    /// What came back.
    error: ApiError,
    /// What its code asks for.
    remedy: Remedy,
    /// Seconds that the service asks to wait.
    wait: Option<u32>,
    /// What to send to an owner.
    for_the_owner: Option<String>,
    /// Asks the same again.
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let session = expect_context::<Client>().session();
    let sign_in = {
        let error = error.clone();
        move |label: &'static str| {
            let error = error.clone();
            let press = move |_| {
                let error = error.clone();
                spawn_local(async move {
                    // Nobody is asked in the demo.
                    let signed_in = session.is_demo() || session.signed_in_again(error).await;
                    if let (true, Some(retry)) = (signed_in, on_retry) {
                        retry.run(());
                    }
                });
            };
            view! { <button type="button" class="button small" on:click=press>{label}</button> }
        }
    };
    let retry = || {
        on_retry.map(|retry| view! { <button type="button" class="button small" on:click=move |_| retry.run(())>"Try again"</button> })
    };

    match (remedy, on_retry) {
        (Remedy::SignIn, _) => view! { {sign_in("Sign in again")} {retry()} }.into_any(),
        (Remedy::SwitchTenant, _) => view! { {sign_in("Sign in to another tenant")} {retry()} }.into_any(),
        (Remedy::AskOwner, _) => view! {
            {for_the_owner.map(|text| view! { <CopyButton text=text label="Copy a text for the owner"/> })}
            {sign_in("I just got access")}
            {retry()}
        }
        .into_any(),
        (Remedy::RegisterProvider, _) => {
            view! { <Registration error=error on_retry=on_retry/> {retry()} }.into_any()
        }
        // In a form; elsewhere there is no name to choose.
        (Remedy::OtherName, None) => {
            view! { <button type="button" class="button small" on:click=go_to_name>"Choose another name"</button> }.into_any()
        }
        (_, Some(retry)) if wait.is_some() => {
            view! { <RetryLater seconds=wait.unwrap_or_default() on_retry=retry/> }.into_any()
        }
        _ => retry().into_any(),
    }
}

/// Puts the focus into the first field of text of the form that a button stands in.
fn go_to_name(event: leptos::ev::MouseEvent) {
    let form = event_target::<web_sys::Element>(&event).closest("form").ok().flatten();
    let field = form.and_then(|form| form.query_selector("input:not([type=file])").ok().flatten());
    if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok()) {
        let _ = field.focus();
        field.select();
    }
}

/// Counts down, then asks again; sooner if somebody wants it.
#[component]
fn RetryLater(seconds: u32, on_retry: Callback<()>) -> impl IntoView {
    let now = use_now();
    let until = js_sys::Date::now() + f64::from(seconds) * 1_000.0;
    let left = Memo::new(move |_| ((until - now.get()) / 1_000.0).ceil().max(0.0) as u32);
    Effect::new(move || {
        if left.get() == 0 {
            on_retry.run(());
        }
    });

    view! {
        <span class="nowrap">"Asking again in "<span class="number">{move || format_wait(left.get())}</span></span>
        <button type="button" class="button small" on:click=move |_| on_retry.run(())>"Try again now"</button>
    }
}

/// How a registration goes.
#[derive(Clone, PartialEq)]
enum Registering {
    Ready,
    UnderWay,
    Failed(ApiError),
    TakesLong,
}

/// Registers a resource provider in the subscription of this address, waits until that is done, and asks again.
#[component]
fn Registration(error: ApiError, on_retry: Option<Callback<()>>) -> impl IntoView {
    let client = expect_context::<Client>();
    let read_only = expect_context::<Settings>().read_only;
    let location = expect_context::<Navigation>().location();
    let subscription = location.with_untracked(|location| location.route.subscription().cloned());
    let namespace = error.refusal().and_then(|refusal| refusal.missing_provider()).map(str::to_owned);
    let (Some(subscription), Some(namespace)) = (subscription, namespace) else { return ().into_any() };
    let state = RwSignal::new(Registering::Ready);
    let label = format!("Register {namespace}");

    let is_under_way = Memo::new(move |_| state.with(|state| *state == Registering::UnderWay));
    let register = move |_| {
        if is_under_way.get_untracked() {
            return;
        }
        let (subscription, namespace) = (subscription.clone(), namespace.clone());
        state.set(Registering::UnderWay);
        spawn_local(async move {
            let outcome = register(client, subscription, namespace).await;
            state.try_set(match outcome {
                Ok(true) => Registering::Ready,
                Ok(false) => Registering::TakesLong,
                Err(error) => Registering::Failed(error),
            });
            if let (Some(Registering::Ready), Some(retry)) = (state.try_get_untracked(), on_retry) {
                retry.run(());
            }
        });
    };
    let remark = move || match state.get() {
        Registering::Ready => read_only.then(|| "This page was set up to change nothing.".to_owned()),
        Registering::UnderWay => Some("Registering. This takes a minute or two.".to_owned()),
        Registering::TakesLong => Some("Azure has not finished yet. Try again in some minutes.".to_owned()),
        Registering::Failed(error) => {
            let explanation = explain(&error, "register the provider");
            let said = explanation.said.unwrap_or(explanation.message);
            Some(format!("{}. {said}", explanation.title))
        }
    };

    view! {
        <button type="button" class="button small" disabled=read_only aria-disabled=move || is_under_way.get().then_some("true") on:click=register>{label}</button>
        <span role="status">{remark}</span>
    }
    .into_any()
}

/// Whether it is registered in the end, or still under way after some minutes.
async fn register(client: Client, subscription: SubscriptionId, namespace: String) -> Result<bool, ApiError> {
    let begun = RegisterProvider { subscription: subscription.clone(), namespace: namespace.clone() };
    let mut provider = client.ask(&begun).await?;
    for _ in 0..MOST_REGISTRATION_POLLS {
        if provider.is_registered() {
            return Ok(true);
        }
        sleep(REGISTRATION_POLL).await;
        let question = GetProvider { subscription: subscription.clone(), namespace: namespace.clone() };
        provider = client.ask(&question).await?;
    }
    Ok(false)
}
