//! Resource providers: the parts of Azure that a subscription has switched on.

use http::Method;
use serde::Deserialize;

use crate::tolerant::null_as_default;
use crate::{Address, Operation, Path, Query, Service, SubscriptionId, versions};

/// `GET /subscriptions/{subscription}/providers/{namespace}` ([reference]): how far its registration is.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/providers/get
#[derive(Clone, Debug, PartialEq)]
pub struct GetProvider {
    /// Whose.
    pub subscription: SubscriptionId,
    /// `Microsoft.MachineLearningServices`.
    pub namespace: String,
}

/// `POST /subscriptions/{subscription}/providers/{namespace}/register` ([reference]): switches a part of Azure on. It
/// takes a minute or two; [`GetProvider`] tells when it is done.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/providers/register
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterProvider {
    /// Whose.
    pub subscription: SubscriptionId,
    /// `Microsoft.MachineLearningServices`.
    pub namespace: String,
}

/// A resource provider in a subscription.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// `NotRegistered`, `Registering`, `Registered`, `Unregistering`, `Unregistered`.
    #[serde(default)]
    pub registration_state: String,
    /// What it provides, and where.
    #[serde(default, deserialize_with = "null_as_default")]
    resource_types: Vec<ProvidedType>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProvidedType {
    #[serde(default)]
    resource_type: String,
    #[serde(default, deserialize_with = "null_as_default")]
    locations: Vec<String>,
}

impl Operation for GetProvider {
    type Output = Provider;

    fn address(&self) -> Address {
        let path = Path::new(["subscriptions", self.subscription.as_str(), "providers", &self.namespace]);
        Address::Path(Service::Management, path, Query::version(versions::PROVIDERS))
    }
}

impl Operation for RegisterProvider {
    type Output = Provider;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let path = Path::new([
            "subscriptions",
            self.subscription.as_str(),
            "providers",
            &self.namespace,
            "register",
        ]);
        Address::Path(Service::Management, path, Query::version(versions::PROVIDERS))
    }
}

impl Provider {
    /// The regions in which it has a type, by the names that people read (`West Europe`).
    pub fn places_of(&self, resource_type: &str) -> impl Iterator<Item = &str> {
        let is_it =
            move |provided: &&ProvidedType| provided.resource_type.eq_ignore_ascii_case(resource_type);
        let found = self.resource_types.iter().filter(is_it);
        found.flat_map(|provided| provided.locations.iter().map(String::as_str))
    }

    /// Whether it can be used.
    pub fn is_registered(&self) -> bool {
        self.registration_state.eq_ignore_ascii_case("Registered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registering_is_a_change_of_one_subscription() {
        let subscription = SubscriptionId::from("s");
        let operation = RegisterProvider { subscription, namespace: "Microsoft.Storage".to_owned() };
        let Address::Path(Service::Management, path, query) = operation.address() else {
            panic!("elsewhere")
        };
        assert_eq!(path.as_str(), "/subscriptions/s/providers/Microsoft.Storage/register");
        assert_eq!(query.encoded(), "api-version=2021-04-01");
        assert!(!operation.is_read());
    }

    #[test]
    fn a_provider_is_usable_once_registered() {
        let provider = |text: &str| serde_json::from_str::<Provider>(text).unwrap();
        assert!(
            provider(r#"{"namespace":"Microsoft.Storage","registrationState":"Registered"}"#).is_registered()
        );
        assert!(!provider(r#"{"registrationState":"Registering"}"#).is_registered());
        assert!(!provider("{}").is_registered());
    }

    #[test]
    fn a_provider_says_where_it_has_what() {
        let provider: Provider = serde_json::from_str(
            r#"{"resourceTypes":[{"resourceType":"workspaces","locations":["West Europe"]},
                {"resourceType":"operations","locations":null},{}]}"#,
        )
        .unwrap();
        assert_eq!(provider.places_of("Workspaces").collect::<Vec<_>>(), ["West Europe"]);
        assert_eq!(provider.places_of("operations").count(), 0);
    }
}
