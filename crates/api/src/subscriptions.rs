//! Subscriptions: who pays.

use serde::Deserialize;

use crate::tolerant::null_as_default;
use crate::{Address, Operation, Page, Paged, Path, Query, Service, SubscriptionId, versions};

/// `GET /subscriptions` ([reference]): the subscriptions that the caller may see.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/subscriptions/list
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListSubscriptions {
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListSubscriptions {
    type Output = Page<Subscription>;

    fn address(&self) -> Address {
        match &self.next {
            Some(link) => Address::Link(Service::Management, link.clone()),
            None => Address::Path(
                Service::Management,
                Path::new(["subscriptions"]),
                Query::version(versions::SUBSCRIPTIONS),
            ),
        }
    }
}

impl Paged for ListSubscriptions {
    type Item = Subscription;

    fn after(&self, page: &Page<Subscription>) -> Option<Self> {
        Some(Self { next: Some(page.next_link()?.to_owned()) })
    }
}

/// `GET /subscriptions/{subscription}` ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/subscriptions/get
#[derive(Clone, Debug, PartialEq)]
pub struct GetSubscription {
    /// Which one.
    pub subscription: SubscriptionId,
}

impl Operation for GetSubscription {
    type Output = Subscription;

    fn address(&self) -> Address {
        Address::Path(
            Service::Management,
            Path::new(["subscriptions", self.subscription.as_str()]),
            Query::version(versions::SUBSCRIPTIONS),
        )
    }
}

/// `GET /subscriptions/{subscription}/locations` ([reference]): the regions that a subscription may use.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations
#[derive(Clone, Debug, PartialEq)]
pub struct ListLocations {
    /// Whose.
    pub subscription: SubscriptionId,
}

impl Operation for ListLocations {
    type Output = Locations;

    fn address(&self) -> Address {
        let path = Path::new(["subscriptions", self.subscription.as_str(), "locations"]);
        Address::Path(Service::Management, path, Query::version(versions::SUBSCRIPTIONS))
    }
}

/// Regions. The list does not come in pages.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Locations {
    value: Vec<Location>,
}

/// A region.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The short form (`westeurope`), which everything but people uses.
    pub name: String,
    /// For people: `West Europe`.
    #[serde(default)]
    pub display_name: String,
    #[serde(default, deserialize_with = "null_as_default")]
    metadata: LocationMetadata,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct LocationMetadata {
    region_type: Option<String>,
}

impl Locations {
    /// The regions in which something can be. A few names in the list stand for whole parts of the world.
    pub fn regions(&self) -> impl Iterator<Item = &Location> {
        let is_one = |location: &&Location| location.metadata.region_type.as_deref() != Some("Logical");
        self.value.iter().filter(is_one)
    }
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id.
    pub subscription_id: SubscriptionId,
    /// Its name for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// `Enabled`, `Warned`, `PastDue`, `Disabled`, `Deleted`.
    #[serde(default)]
    pub state: Option<String>,
    /// The tenant it belongs to.
    #[serde(default)]
    pub tenant_id: Option<String>,
}

impl Subscription {
    /// Its name for people, or its id where it has none.
    pub fn label(&self) -> &str {
        self.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(self.subscription_id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_world_is_no_region() {
        let locations: Locations = serde_json::from_str(
            r#"{"value":[{"name":"westeurope","displayName":"West Europe","metadata":{"regionType":"Physical"}},
                {"name":"europe","displayName":"Europe","metadata":{"regionType":"Logical"}},
                {"name":"eastus","metadata":null}]}"#,
        )
        .unwrap();
        let names: Vec<_> = locations.regions().map(|location| location.name.as_str()).collect();
        assert_eq!(names, ["westeurope", "eastus"]);
    }
}
