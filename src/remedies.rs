//! The buttons of a failure: each does what its explanation says helps.

use azimuth_api::{ApiError, Prompt};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::authority::{Authority, Leaving};
use crate::client::Client;
use crate::clock::use_now;
use crate::components::format::format_wait;
use crate::explain::codes::Remedy;
use crate::navigation::Navigation;
use crate::parts;
use crate::registration::Registration;
use crate::route::Route;
use crate::tenants::{SwitchFailure, SwitchTenantButton};

/// What can be done about a failure.
#[component]
pub fn Remedies(
    /// What came back.
    error: ApiError,
    /// What its code asks for.
    remedy: Remedy,
    /// Seconds that the service asks to wait.
    wait: Option<u32>,
    /// Asks the same again.
    on_retry: Option<Callback<()>>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let session = client.session();
    let authority = use_context::<Option<Authority>>().flatten().filter(|_| session.is_renewable());
    // On the sign-in page its own buttons stand below.
    let can_sign_in = session.is_demo() || session.person().with_untracked(Option::is_some);
    let button = |label: &'static str, press: Box<dyn Fn()>| {
        can_sign_in.then(|| view! { <button type="button" class="button small" on:click=move |_| press()>{label}</button> })
    };
    let sign_in = {
        let error = error.clone();
        move |label: &'static str| {
            let error = error.clone();
            button(
                label,
                Box::new(move || {
                    let error = error.clone();
                    spawn_local(async move {
                        // Nobody is asked in the demo.
                        let signed_in = session.is_demo() || session.signed_in_again(error).await;
                        if let (true, Some(retry)) = (signed_in, on_retry) {
                            retry.run(());
                        }
                    });
                }),
            )
        }
    };
    let retry = || {
        on_retry.map(|retry| view! { <button type="button" class="button small" on:click=move |_| retry.run(())>"Try again"</button> })
    };

    match (remedy, on_retry) {
        (Remedy::SecondProof, _) => {
            let claims = error.refusal().and_then(|refusal| refusal.claims.clone());
            let again = match authority {
                Some(authority) => button(
                    "Sign in with a second proof",
                    Box::new(move || {
                        let how = Leaving { prompt: Some(Prompt::Login), claims: claims.clone(), ..Leaving::default() };
                        authority.leave_as_known(how);
                    }),
                ),
                None => sign_in("Sign in again"),
            };
            view! { {again} {retry()} }.into_any()
        }
        (Remedy::SignIn, _) => view! { {sign_in("Sign in again")} {retry()} }.into_any(),
        (Remedy::SwitchTenant, _) => match (authority, error.refusal().and_then(|refusal| refusal.wanted_tenant())) {
            (Some(authority), Some(tenant)) => {
                let failure = RwSignal::new(None);
                view! {
                    <SwitchTenantButton authority=authority tenant=tenant.to_owned() label="Switch to its tenant" failure=failure/>
                    {retry()}
                    <SwitchFailure failure=failure/>
                }
                .into_any()
            }
            // It is not known which one; the page of the subscriptions names them all.
            (Some(_), None) => {
                let subscriptions = expect_context::<Navigation>().href(Route::Subscriptions);
                view! { <a class="button small" href=subscriptions>"Look at your tenants"</a> {retry()} }.into_any()
            }
            (None, _) => view! { {sign_in("Sign in to another tenant")} {retry()} }.into_any(),
        },
        (Remedy::AskOwner, _) => {
            let got_access = match authority {
                // A new role is in a new token, for which nobody has to be asked.
                Some(_) => button(
                    "I just got access",
                    Box::new(move || {
                        spawn_local(async move {
                            if let (Ok(()), Some(retry)) = (parts::renew(client).await, on_retry) {
                                retry.run(());
                            }
                        });
                    }),
                ),
                None => sign_in("I just got access"),
            };
            view! { {got_access} {retry()} }.into_any()
        }
        (Remedy::RegisterProvider, _) => {
            view! { <MissingProvider error=error on_retry=on_retry/> {retry()} }.into_any()
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

/// Registers the resource provider that is missing, in the subscription of this address, and asks again.
#[component]
fn MissingProvider(error: ApiError, on_retry: Option<Callback<()>>) -> impl IntoView {
    let location = expect_context::<Navigation>().location();
    let subscription = location.with_untracked(|location| location.route.subscription().cloned());
    let namespace = error.refusal().and_then(|refusal| refusal.missing_provider()).map(str::to_owned);
    subscription.zip(namespace).map(|(subscription, namespace)| {
        view! { <Registration subscription=subscription namespace=namespace on_registered=on_retry/> }
    })
}
