//! Resources of any kind in a resource group, and the kinds that a workspace is made of.

use serde::Deserialize;

use crate::{
    Address, Operation, Page, Paged, Path, Query, ResourceGroupName, Service, SubscriptionId, versions,
};

/// `GET /subscriptions/{subscription}/resourceGroups/{group}/resources` ([reference]): those of some types.
///
/// [reference]: https://learn.microsoft.com/rest/api/resources/resources/list-by-resource-group
#[derive(Clone, Debug, PartialEq)]
pub struct ListResources {
    /// Whose.
    pub subscription: SubscriptionId,
    /// In which group.
    pub resource_group: ResourceGroupName,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListResources {
    type Output = Page<Resource>;

    fn address(&self) -> Address {
        if let Some(link) = &self.next {
            return Address::Link(Service::Management, link.clone());
        }
        let path = Path::new([
            "subscriptions",
            self.subscription.as_str(),
            "resourceGroups",
            self.resource_group.as_str(),
            "resources",
        ]);
        let filter = Dependency::ALL.map(|kind| format!("resourceType eq '{}'", kind.resource_type()));
        let query = Query::version(versions::RESOURCE_GROUPS).with("$filter", filter.join(" or "));
        Address::Path(Service::Management, path, query)
    }
}

impl Paged for ListResources {
    type Item = Resource;

    fn after(&self, page: &Page<Resource>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// Something in a resource group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Resource {
    /// Its ARM id.
    pub id: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// `Microsoft.Storage/storageAccounts`, in any case.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The region, in the short form.
    #[serde(default)]
    pub location: String,
}

/// What a workspace is made of. Each is a resource of its own, and stays when the workspace goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dependency {
    /// Where runs keep their files.
    StorageAccount,
    /// Where the workspace keeps its secrets.
    KeyVault,
    /// Where services tell how they are.
    ApplicationInsights,
    /// Where images are kept. The service makes one when it first needs one.
    ContainerRegistry,
}

impl Dependency {
    /// All of them.
    pub const ALL: [Self; 4] =
        [Self::StorageAccount, Self::KeyVault, Self::ApplicationInsights, Self::ContainerRegistry];

    /// What it is called.
    pub fn label(self) -> &'static str {
        match self {
            Self::StorageAccount => "Storage account",
            Self::KeyVault => "Key vault",
            Self::ApplicationInsights => "Application Insights",
            Self::ContainerRegistry => "Container registry",
        }
    }

    /// Who provides it.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::StorageAccount => "Microsoft.Storage",
            Self::KeyVault => "Microsoft.KeyVault",
            Self::ApplicationInsights => "Microsoft.Insights",
            Self::ContainerRegistry => "Microsoft.ContainerRegistry",
        }
    }

    /// Its type, in the service's words.
    pub fn resource_type(self) -> &'static str {
        match self {
            Self::StorageAccount => "Microsoft.Storage/storageAccounts",
            Self::KeyVault => "Microsoft.KeyVault/vaults",
            Self::ApplicationInsights => "Microsoft.Insights/components",
            Self::ContainerRegistry => "Microsoft.ContainerRegistry/registries",
        }
    }

    /// Whether something in a resource group is one.
    pub fn is(self, resource: &Resource) -> bool {
        resource.kind.eq_ignore_ascii_case(self.resource_type())
    }

    /// What is wrong with this as the ARM id of one, in a sentence. The fixed words may be in any case.
    pub fn id_fault(self, id: &str) -> Option<String> {
        let parts: Vec<&str> = id.split('/').collect();
        let is_id = match parts.as_slice() {
            ["", subscriptions, subscription, groups, group, providers, namespace, kind, name] => {
                let fixed =
                    [(subscriptions, "subscriptions"), (groups, "resourceGroups"), (providers, "providers")];
                fixed.iter().all(|(found, expected)| found.eq_ignore_ascii_case(expected))
                    && format!("{namespace}/{kind}").eq_ignore_ascii_case(self.resource_type())
                    && [subscription, group, name].iter().all(|part| !part.is_empty())
            }
            _ => false,
        };
        if is_id {
            return None;
        }
        Some(format!(
            "Its whole id is wanted: /subscriptions/…/resourceGroups/…/providers/{}/name.",
            self.resource_type()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VAULT: &str = "/subscriptions/s/resourcegroups/g/providers/microsoft.keyvault/vaults/v";

    #[test]
    fn an_id_is_of_one_kind_in_any_case() {
        assert_eq!(Dependency::KeyVault.id_fault(VAULT), None);
        for (kind, bad) in [
            (Dependency::StorageAccount, VAULT),
            (Dependency::KeyVault, &VAULT[1..]),
            (Dependency::KeyVault, "v"),
            (Dependency::KeyVault, ""),
            (Dependency::KeyVault, "/subscriptions//resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"),
            (Dependency::KeyVault, "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/"),
        ] {
            let fault = kind.id_fault(bad).unwrap_or_else(|| panic!("{bad} passes"));
            assert!(fault.contains(kind.resource_type()), "{fault}");
        }
    }

    #[test]
    fn types_are_told_apart_in_any_case() {
        let resource: Resource = serde_json::from_str(
            r#"{"id":"/x","name":"n","type":"microsoft.insights/components","location":"westeurope","tags":null}"#,
        )
        .unwrap();
        let fitting: Vec<_> = Dependency::ALL.into_iter().filter(|kind| kind.is(&resource)).collect();
        assert_eq!(fitting, [Dependency::ApplicationInsights]);
    }
}
