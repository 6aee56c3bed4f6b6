//! Registering a resource provider in a subscription, wherever that helps.

use azimuth_api::{RegisterProvider, SubscriptionId};
use leptos::prelude::*;

use crate::changes::forms::ChangeButton;
use crate::changes::{ChangeState, Expected, Plan, Target, change};

/// A button that registers a provider and says how that goes.
#[component]
pub fn Registration(
    subscription: SubscriptionId,
    /// `Microsoft.MachineLearningServices`.
    namespace: String,
    /// Told once it is registered.
    #[prop(default = None)]
    on_registered: Option<Callback<()>>,
) -> impl IntoView {
    let label = format!("Register {namespace}");
    let title = label.clone();
    let registration = change(move || {
        let operation = RegisterProvider { subscription: subscription.clone(), namespace: namespace.clone() };
        let target = Target::Provider(subscription.clone(), namespace.clone());
        let expected =
            Expected::Becomes { through: vec!["Registering".to_owned()], to: vec!["Registered".to_owned()] };
        Some(Plan::new(title.clone(), &operation, target, expected).long())
    });
    let state = registration.state();
    Effect::new(move |was_open: Option<bool>| {
        let state = state.get();
        if let (Some(true), ChangeState::Done(_), Some(told)) = (was_open, &state, on_registered) {
            told.run(());
        }
        state.is_open()
    });

    view! { <ChangeButton change=registration label=label class="small" done="Registered."/> }
}
