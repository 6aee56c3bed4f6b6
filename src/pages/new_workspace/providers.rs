//! The resource providers that a workspace needs: whether they are registered, and the way to that.

use std::time::Duration;

use azimuth_api::{Dependency, GetProvider, Provider, SubscriptionId};
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};
use crate::explain::explain;
use crate::pages::new_workspace::LEARNING;
use crate::query::query;
use crate::registration::Registration;

/// While one is being registered.
const POLL: Duration = Duration::from_secs(3);

/// All five, each with a button where it is not registered.
#[component]
pub fn Providers(subscription: SubscriptionId) -> impl IntoView {
    let namespaces = [LEARNING].into_iter().chain(Dependency::ALL.map(Dependency::namespace));
    let rows: Vec<_> = namespaces
        .map(|namespace| view! { <ProviderRow subscription=subscription.clone() namespace=namespace/> })
        .collect();

    view! {
        <section class="section">
            <h2>"Resource providers"</h2>
            <p class="muted">"The parts of Azure that it needs. Each is registered once for the whole subscription."</p>
            <ul class="checks" aria-label="Resource providers">{rows}</ul>
        </section>
    }
}

#[component]
fn ProviderRow(subscription: SubscriptionId, namespace: &'static str) -> impl IntoView {
    let of = subscription.clone();
    let found = query(move || GetProvider { subscription: of.clone(), namespace: namespace.to_owned() })
        .refresh(|provider| provider.registration_state.ends_with("ing").then_some(POLL));
    let is_registered = Memo::new(move |_| found.with(|found| found.map(Provider::is_registered)));
    let detail = move || match (found.get(), found.error().get()) {
        (Some(provider), _) => provider.registration_state,
        (None, Some(error)) => explain(&error, "read whether it is registered").title,
        (None, None) => "Being asked".to_owned(),
    };
    let has_failed = Memo::new(move |_| !found.has_value() && found.error().with(Option::is_some));
    let look = move || match is_registered.get() {
        Some(true) => ("good", IconName::Check, "In order: "),
        Some(false) => ("warning", IconName::Warning, "Warning: "),
        None if has_failed.get() => ("warning", IconName::Warning, "Warning: "),
        None => ("pending", IconName::Circle, "Not checked yet: "),
    };
    let action = move || {
        if has_failed.get() {
            let retry = move |_| found.ask_again();
            return Some(
                view! { <button type="button" class="button small" on:click=retry>"Try again"</button> }
                    .into_any(),
            );
        }
        let subscription = subscription.clone();
        (is_registered.get() == Some(false)).then(|| {
            view! { <Registration subscription=subscription namespace=namespace.to_owned()/> }.into_any()
        })
    };

    view! {
        <li class=move || look().0>
            <Icon name=Signal::derive(move || look().1)/>
            <div class="what">
                <p><span class="visually-hidden">{move || look().2}</span>{namespace}</p>
                <p class="detail muted">{detail}</p>
                {action}
            </div>
        </li>
    }
}
