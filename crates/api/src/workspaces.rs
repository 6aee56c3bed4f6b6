//! Workspaces: the place of experiments, runs, models and computes.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::tolerant::null_as_default;
use crate::{
    Address, Operation, Page, Paged, Path, Query, ResourceGroupName, Service, SubscriptionId, Timestamp,
    WorkspaceId, WorkspaceName, timestamp, versions,
};

/// `GET …/providers/Microsoft.MachineLearningServices/workspaces` of a resource group or a subscription ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/list-by-resource-group
#[derive(Clone, Debug, PartialEq)]
pub struct ListWorkspaces {
    /// Of what.
    pub of: Workspaces,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

/// Whose workspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workspaces {
    /// All of a subscription.
    OfSubscription(SubscriptionId),
    /// Those of one resource group.
    OfResourceGroup(SubscriptionId, ResourceGroupName),
}

const PROVIDER: [&str; 3] = ["providers", "Microsoft.MachineLearningServices", "workspaces"];

impl Operation for ListWorkspaces {
    type Output = Page<Workspace>;

    fn address(&self) -> Address {
        if let Some(link) = &self.next {
            return Address::Link(Service::Management, link.clone());
        }
        let path = match &self.of {
            Workspaces::OfSubscription(subscription) => Path::new(["subscriptions", subscription.as_str()]),
            Workspaces::OfResourceGroup(subscription, group) => {
                Path::new(["subscriptions", subscription.as_str(), "resourceGroups", group.as_str()])
            }
        };
        Address::Path(Service::Management, path.join(PROVIDER), Query::version(versions::WORKSPACES))
    }
}

impl Paged for ListWorkspaces {
    type Item = Workspace;

    fn after(&self, page: &Page<Workspace>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/workspaces/{workspace}` ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/get
#[derive(Clone, Debug, PartialEq)]
pub struct GetWorkspace {
    /// Which one.
    pub workspace: WorkspaceId,
}

impl Operation for GetWorkspace {
    type Output = Workspace;

    fn address(&self) -> Address {
        Address::Path(
            Service::Management,
            Path::new(self.workspace.segments()),
            Query::version(versions::WORKSPACES),
        )
    }
}

/// A workspace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Workspace {
    /// Its ARM id, in the case the service likes.
    pub id: String,
    /// Its resource name.
    pub name: WorkspaceName,
    /// The region, in the short form that host names have (`centralus`).
    #[serde(default)]
    pub location: String,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// What it is.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: WorkspaceProperties,
    /// The identity under which it reaches its storage and keys.
    #[serde(default)]
    pub identity: Option<Identity>,
    /// The edition.
    #[serde(default)]
    pub sku: Option<Sku>,
}

/// The properties of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkspaceProperties {
    /// A name for people; the resource name stays.
    #[serde(deserialize_with = "null_as_default")]
    pub friendly_name: String,
    /// A text for people.
    #[serde(deserialize_with = "null_as_default")]
    pub description: String,
    /// An id that never changes.
    #[serde(deserialize_with = "null_as_default")]
    pub workspace_id: String,
    /// When it was made; versions after 2020 have it elsewhere.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub creation_time: Option<Timestamp>,
    /// ARM id of the storage account.
    pub storage_account: Option<String>,
    /// ARM id of the key vault.
    pub key_vault: Option<String>,
    /// ARM id of Application Insights.
    pub application_insights: Option<String>,
    /// ARM id of the container registry; none until the first image is built.
    pub container_registry: Option<String>,
    /// Where the names of the regional services are.
    #[serde(deserialize_with = "null_as_default")]
    pub discovery_url: String,
    /// `Creating`, `Succeeded`, `Failed` and so on; none means done.
    pub provisioning_state: Option<String>,
    /// Whether it holds data of high business impact.
    #[serde(deserialize_with = "null_as_default")]
    pub hbi_workspace: bool,
}

/// A managed identity.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// `SystemAssigned` and others.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// The object id. Kept as text: the service has been seen with ids that are no GUIDs.
    #[serde(default)]
    pub principal_id: Option<String>,
}

/// An edition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sku {
    /// `Basic` and others.
    #[serde(default)]
    pub name: String,
}

impl Workspace {
    /// Its place in Resource Manager.
    pub fn workspace_id(&self) -> Option<WorkspaceId> {
        WorkspaceId::parse(&self.id)
    }

    /// Its name for people, or its resource name where it has none.
    pub fn label(&self) -> &str {
        match self.properties.friendly_name.as_str() {
            "" => self.name.as_str(),
            name => name,
        }
    }

    /// `Creating`, `Failed`… or `Succeeded`, which is what a missing state means.
    pub fn provisioning_state(&self) -> &str {
        self.properties.provisioning_state.as_deref().unwrap_or("Succeeded")
    }
}
