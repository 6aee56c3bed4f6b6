//! What people sign in with, and what has to be registered for it.

use leptos::prelude::*;

use crate::app_registration::AppRegistration;
use crate::components::button::CopyButton;
use crate::components::facts::{Fact, Facts};

/// The application registration, as the page uses it and as it has to be.
#[component]
pub fn SignInInForce() -> impl IntoView {
    let registration = AppRegistration::in_context();
    let authority = registration.authority();
    let scope = registration.cloud.scope();
    let is_off = registration.client_id.is_none();
    let code = |name: &'static str, value: Option<String>| {
        value.map(|value| view! { <Fact name=name><code>{value}</code></Fact> })
    };

    view! {
        <section class="section">
            <h2>"Sign in with Microsoft"</h2>
            {is_off.then(|| view! {
                <p class="muted">"Off. It takes an application of Microsoft Entra ID that has this redirect address; config.json names it, and the tenant, under signIn."</p>
            })}
            <Facts stacks=true>
                {code("Client ID", registration.client_id)}
                {code("Tenant", registration.tenant)}
                {registration.redirect_address.map(|address| view! {
                    <Fact name="Redirect address">
                        <div class="stack tight">
                            <code>{address.clone()}</code>
                            <p class="muted small">"To be registered letter by letter, as that of a single-page application."</p>
                            <div><CopyButton text=address label="Copy the redirect address"/></div>
                        </div>
                    </Fact>
                })}
                {code("Authority", Some(authority))}
                {code("Scope", Some(scope))}
            </Facts>
        </section>
    }
}
