//! Tenants: the organisations that a person is in.

use serde::Deserialize;

use crate::{Address, Operation, Page, Paged, Path, Query, Service, versions};

/// `GET /tenants` ([reference]): those of the person, whichever of them the token is of.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/tenants/list
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTenants {
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListTenants {
    type Output = Page<Tenant>;

    fn address(&self) -> Address {
        match &self.next {
            Some(link) => Address::Link(Service::Management, link.clone()),
            None => Address::Path(
                Service::Management,
                Path::new(["tenants"]),
                Query::version(versions::SUBSCRIPTIONS),
            ),
        }
    }
}

impl Paged for ListTenants {
    type Item = Tenant;

    fn after(&self, page: &Page<Tenant>) -> Option<Self> {
        Some(Self { next: Some(page.next_link()?.to_owned()) })
    }
}

/// An organisation's directory.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Its id.
    pub tenant_id: String,
    /// Its name for people.
    #[serde(default)]
    pub display_name: Option<String>,
    /// The domain that it goes by.
    #[serde(default)]
    pub default_domain: Option<String>,
}

impl Tenant {
    /// What to call it: name, domain or id.
    pub fn label(&self) -> &str {
        [&self.display_name, &self.default_domain]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|text| !text.is_empty())
            .unwrap_or(&self.tenant_id)
    }
}
