//! Resource groups: what belongs together in a subscription.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::tolerant::null_as_default;
use crate::{
    Address, Body, Operation, Page, Paged, Path, Query, ResourceGroupName, Service, SubscriptionId, versions,
};

/// `GET /subscriptions/{subscription}/resourcegroups` ([reference]). A caller without a role gets an empty list, not 403.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/resource-groups/list
#[derive(Clone, Debug, PartialEq)]
pub struct ListResourceGroups {
    /// Whose.
    pub subscription: SubscriptionId,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListResourceGroups {
    type Output = Page<ResourceGroup>;

    fn address(&self) -> Address {
        match &self.next {
            Some(link) => Address::Link(Service::Management, link.clone()),
            None => Address::Path(
                Service::Management,
                Path::new(["subscriptions", self.subscription.as_str(), "resourcegroups"]),
                Query::version(versions::RESOURCE_GROUPS),
            ),
        }
    }
}

impl Paged for ListResourceGroups {
    type Item = ResourceGroup;

    fn after(&self, page: &Page<ResourceGroup>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET /subscriptions/{subscription}/resourcegroups/{group}` ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/resource-groups/get
#[derive(Clone, Debug, PartialEq)]
pub struct GetResourceGroup {
    /// Whose.
    pub subscription: SubscriptionId,
    /// Which one.
    pub resource_group: ResourceGroupName,
}

impl Operation for GetResourceGroup {
    type Output = ResourceGroup;

    fn address(&self) -> Address {
        Address::Path(
            Service::Management,
            Path::new([
                "subscriptions",
                self.subscription.as_str(),
                "resourcegroups",
                self.resource_group.as_str(),
            ]),
            Query::version(versions::RESOURCE_GROUPS),
        )
    }
}

/// `PUT /subscriptions/{subscription}/resourcegroups/{group}` ([reference]): makes a resource group. Of one that exists
/// it replaces the tags.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/resource-groups/create-or-update
#[derive(Clone, Debug, PartialEq)]
pub struct CreateResourceGroup {
    /// Whose.
    pub subscription: SubscriptionId,
    /// Its name.
    pub resource_group: ResourceGroupName,
    /// What it is to be.
    pub wanted: NewResourceGroup,
}

/// A resource group that is to be made, as the service wants it written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewResourceGroup {
    /// Where its description is kept, in the short form. It cannot be changed afterwards.
    pub location: String,
    /// Tags.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Operation for CreateResourceGroup {
    type Output = ResourceGroup;

    fn method(&self) -> Method {
        Method::PUT
    }

    fn address(&self) -> Address {
        let (subscription, resource_group) = (self.subscription.clone(), self.resource_group.clone());
        GetResourceGroup { subscription, resource_group }.address()
    }

    fn body(&self) -> Body {
        Body::json(&self.wanted)
    }
}

/// A resource group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ResourceGroup {
    /// Its name, unique in the subscription.
    pub name: ResourceGroupName,
    /// Where its description is kept; what is in it may be elsewhere.
    #[serde(default)]
    pub location: String,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "null_as_default")]
    properties: ResourceGroupProperties,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceGroupProperties {
    #[serde(default)]
    provisioning_state: Option<String>,
}

impl ResourceGroup {
    /// `Succeeded`, `Deleting` and so on.
    pub fn provisioning_state(&self) -> Option<&str> {
        self.properties.provisioning_state.as_deref()
    }
}
