//! Subscriptions: who pays.

use serde::Deserialize;

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
