//! Resource providers: which of them a subscription uses.

use http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::management::{method_not_allowed, wrong_namespace};
use crate::simulator::Simulator;
use crate::times::seconds;

/// Of workspaces.
pub const LEARNING: &str = "Microsoft.MachineLearningServices";

/// What a workspace needs: namespaces and their types.
const PROVIDERS: [(&str, &[&str]); 5] = [
    (LEARNING, &["workspaces", "workspaces/computes"]),
    ("Microsoft.Storage", &["storageAccounts"]),
    ("Microsoft.KeyVault", &["vaults"]),
    ("Microsoft.Insights", &["components"]),
    ("Microsoft.ContainerRegistry", &["registries"]),
];

/// Guess: the real one takes from seconds to minutes.
const SECONDS_TO_REGISTER: f64 = 8.0;

/// A change of a registration.
pub struct Registration {
    subscription: String,
    namespace: &'static str,
    registered: bool,
    since: OffsetDateTime,
}

impl Simulator {
    /// `/subscriptions/{subscription}/providers` and below, of `Microsoft.Resources`.
    pub(crate) fn providers(&mut self, call: &Call<'_>, subscription: &str, path: &[&str]) -> Outcome {
        let known = |name: &str| {
            let provider = PROVIDERS.iter().find(|(namespace, _)| namespace.eq_ignore_ascii_case(name));
            provider.copied().ok_or_else(|| wrong_namespace(name))
        };
        match (call.method, path) {
            (&Method::GET, []) => {
                let providers =
                    PROVIDERS.map(|provider| self.provider_document(call, subscription, provider));
                self.arm_list(call, providers.to_vec())
            }
            (&Method::GET, [name]) => {
                Ok(Answer::json(200, &self.provider_document(call, subscription, known(name)?)))
            }
            (&Method::POST, [name, word]) => {
                let provider = known(name)?;
                let registered = *word == "register";
                if self.is_registered(subscription, provider.0) != registered {
                    self.state.registrations.retain(|one| !one.is_of(subscription, provider.0));
                    let subscription = subscription.to_owned();
                    let (namespace, since) = (provider.0, call.now);
                    self.state.registrations.push(Registration {
                        subscription,
                        namespace,
                        registered,
                        since,
                    });
                }
                Ok(Answer::json(200, &self.provider_document(call, subscription, provider)))
            }
            _ => Err(method_not_allowed(call)),
        }
    }

    /// Whether the provider of workspaces is still to be registered. Where nobody ever did anything about it, it has
    /// not been registered, from now on.
    pub(crate) fn lacks_registration(&mut self, call: &Call<'_>) -> bool {
        let subscription = call.segments.get(1).map_or("", String::as_str);
        if !self.state.registrations.iter().any(|one| one.is_of(subscription, LEARNING)) {
            let (subscription, since) = (subscription.to_owned(), OffsetDateTime::UNIX_EPOCH);
            let never = Registration { subscription, namespace: LEARNING, registered: false, since };
            self.state.registrations.push(never);
        }
        self.registration(call, subscription, LEARNING) != "Registered"
    }

    /// Whether a provider is in use, or on the way to it.
    fn is_registered(&self, subscription: &str, namespace: &str) -> bool {
        let mut registrations = self.state.registrations.iter();
        registrations.find(|one| one.is_of(subscription, namespace)).is_none_or(|one| one.registered)
    }

    fn provider_document(
        &self,
        call: &Call<'_>,
        subscription: &str,
        (namespace, types): (&str, &[&str]),
    ) -> Value {
        let types = types.iter().map(|name| {
            json!({
                "resourceType": name,
                "locations": ["Central US", "East US", "West US 2", "West Europe"],
                "apiVersions": ["2019-11-01"],
                "capabilities": "None",
            })
        });
        json!({
            "id": format!("/subscriptions/{}/providers/{namespace}", call.segments[1]),
            "namespace": namespace,
            "resourceTypes": types.collect::<Value>(),
            "registrationState": self.registration(call, subscription, namespace),
            "registrationPolicy": "RegistrationRequired",
        })
    }

    /// The state of a registration, in the service's words.
    pub(crate) fn registration(&self, call: &Call<'_>, subscription: &str, namespace: &str) -> &'static str {
        let mut registrations = self.state.registrations.iter();
        let Some(change) = registrations.find(|one| one.is_of(subscription, namespace)) else {
            return "Registered";
        };
        let is_done = call.now >= change.since + seconds(SECONDS_TO_REGISTER / self.speed);
        match (change.registered, is_done) {
            (true, false) => "Registering",
            (true, true) => "Registered",
            (false, false) => "Unregistering",
            (false, true) if change.since == OffsetDateTime::UNIX_EPOCH => "NotRegistered",
            (false, true) => "Unregistered",
        }
    }
}

impl Registration {
    fn is_of(&self, subscription: &str, namespace: &str) -> bool {
        self.subscription.eq_ignore_ascii_case(subscription) && self.namespace == namespace
    }
}
