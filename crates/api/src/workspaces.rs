//! Workspaces: the place of experiments, runs, models and computes.

use std::collections::BTreeMap;
use std::fmt;

use http::{Method, Response};
use serde::{Deserialize, Deserializer, Serialize};

use crate::tolerant::null_as_default;
use crate::{
    Accepted, Address, ApiError, Body, Operation, Page, Paged, Path, Query, ResourceGroupName, Secret,
    Service, SubscriptionId, Timestamp, WorkspaceId, WorkspaceName, timestamp, versions,
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

/// `PUT …/workspaces/{workspace}` ([reference]): makes a workspace of resources that exist. It takes half a minute or
/// some minutes. Of one that exists it changes what may be changed.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/create-or-update
#[derive(Clone, Debug, PartialEq)]
pub struct CreateWorkspace {
    /// Its place and name.
    pub workspace: WorkspaceId,
    /// What it is to be.
    pub wanted: NewWorkspace,
}

/// A workspace that is to be made, as the service wants it written. What it is made of cannot be changed afterwards.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NewWorkspace {
    /// The region, in the short form.
    pub location: String,
    /// Tags.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// What it is made of.
    pub properties: NewWorkspaceProperties,
    identity: NewIdentity,
}

/// What a workspace is to be called and made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewWorkspaceProperties {
    /// A name for people.
    pub friendly_name: String,
    /// A text for people.
    pub description: String,
    /// ARM id of the storage account.
    pub storage_account: String,
    /// ARM id of the key vault.
    pub key_vault: String,
    /// ARM id of Application Insights.
    pub application_insights: String,
    /// ARM id of the container registry. The service makes one when it first needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container_registry: Option<String>,
}

/// Under which a workspace reaches what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct NewIdentity {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Default for NewIdentity {
    fn default() -> Self {
        Self { kind: "SystemAssigned" }
    }
}

impl NewWorkspace {
    /// A workspace in a region, with an identity of its own.
    pub fn new(location: String, tags: BTreeMap<String, String>, properties: NewWorkspaceProperties) -> Self {
        Self { location, tags, properties, identity: NewIdentity::default() }
    }
}

impl Operation for CreateWorkspace {
    type Output = Accepted;

    fn method(&self) -> Method {
        Method::PUT
    }

    fn address(&self) -> Address {
        GetWorkspace { workspace: self.workspace.clone() }.address()
    }

    fn body(&self) -> Body {
        Body::json(&self.wanted)
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<Accepted, ApiError> {
        Accepted::read(response)
    }
}

/// `PATCH …/workspaces/{workspace}` ([reference]): other words for people, other tags. What is left out stays.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/update
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeWorkspace {
    /// Which one.
    pub workspace: WorkspaceId,
    /// What is to be different.
    pub change: WorkspaceChange,
}

/// What is to be different of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct WorkspaceChange {
    /// All tags that it is to have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeMap<String, String>>,
    /// Words for people.
    #[serde(skip_serializing_if = "WorkspaceWords::is_empty")]
    pub properties: WorkspaceWords,
}

/// A workspace's words for people, where they are to be different.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkspaceWords {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl WorkspaceWords {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl WorkspaceChange {
    /// From how a workspace is to how it is to be; only what differs.
    pub fn between(
        workspace: &Workspace,
        friendly_name: String,
        description: String,
        tags: BTreeMap<String, String>,
    ) -> Self {
        let properties = &workspace.properties;
        Self {
            tags: (workspace.tags != tags).then_some(tags),
            properties: WorkspaceWords {
                friendly_name: (properties.friendly_name != friendly_name).then_some(friendly_name),
                description: (properties.description != description).then_some(description),
            },
        }
    }

    /// Whether nothing is to be different.
    pub fn is_empty(&self) -> bool {
        self.tags.is_none() && self.properties.is_empty()
    }
}

impl Operation for ChangeWorkspace {
    type Output = Workspace;

    fn method(&self) -> Method {
        Method::PATCH
    }

    fn address(&self) -> Address {
        GetWorkspace { workspace: self.workspace.clone() }.address()
    }

    fn body(&self) -> Body {
        Body::json(&self.change)
    }
}

/// `DELETE …/workspaces/{workspace}` ([reference]): what it is made of stays, and the service keeps its name and data
/// for 14 days.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/delete
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteWorkspace {
    /// Which one.
    pub workspace: WorkspaceId,
}

impl Operation for DeleteWorkspace {
    type Output = Accepted;

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        GetWorkspace { workspace: self.workspace.clone() }.address()
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<Accepted, ApiError> {
        Accepted::read(response)
    }
}

/// `POST …/workspaces/{workspace}/listKeys` ([reference]): what opens its storage, its registry and the rest. It changes
/// nothing, so it may be asked again.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/list-keys
#[derive(Clone, Debug, PartialEq)]
pub struct ListWorkspaceKeys {
    /// Whose.
    pub workspace: WorkspaceId,
}

impl Operation for ListWorkspaceKeys {
    type Output = WorkspaceKeys;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let path = Path::new(self.workspace.segments()).join(["listKeys"]);
        Address::Path(Service::Management, path, Query::version(versions::WORKSPACES))
    }

    fn is_read(&self) -> bool {
        true
    }
}

/// `POST …/workspaces/{workspace}/resyncKeys` ([reference]): has the workspace read the keys of its storage, vault and
/// registry anew, after somebody changed them.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/workspaces/resync-keys
#[derive(Clone, Debug, PartialEq)]
pub struct ResyncWorkspaceKeys {
    /// Whose.
    pub workspace: WorkspaceId,
}

impl Operation for ResyncWorkspaceKeys {
    type Output = Accepted;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let path = Path::new(self.workspace.segments()).join(["resyncKeys"]);
        Address::Path(Service::Management, path, Query::version(versions::RESYNC_KEYS))
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<Accepted, ApiError> {
        Accepted::read(response)
    }
}

/// What opens a workspace's storage, registry and the rest. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq)]
pub struct WorkspaceKeys {
    /// What each opens, in words, and the key.
    pub keys: Vec<(&'static str, Secret)>,
    /// Who signs in to the registry.
    pub registry_user: Option<String>,
}

impl fmt::Debug for WorkspaceKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WorkspaceKeys(…)")
    }
}

impl<'de> Deserialize<'de> for WorkspaceKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Written {
            user_storage_key: Option<String>,
            app_insights_instrumentation_key: Option<String>,
            container_registry_credentials: Option<Credentials>,
            notebook_access_keys: Option<NotebookKeys>,
        }
        #[derive(Deserialize)]
        struct Credentials {
            username: Option<String>,
            #[serde(default, deserialize_with = "null_as_default")]
            passwords: Vec<Password>,
        }
        #[derive(Deserialize)]
        struct Password {
            value: Option<String>,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct NotebookKeys {
            primary_access_key: Option<String>,
            secondary_access_key: Option<String>,
        }
        let written = Written::deserialize(deserializer)?;
        let registry = written.container_registry_credentials;
        let registry_user = registry.as_ref().and_then(|credentials| credentials.username.clone());
        let mut passwords = registry.into_iter().flat_map(|credentials| credentials.passwords);
        let mut password = || passwords.next().and_then(|password| password.value);
        let notebook = written.notebook_access_keys.unwrap_or_default();
        let all = [
            ("Storage key", written.user_storage_key),
            ("Registry password", password()),
            ("Second registry password", password()),
            ("Insights key", written.app_insights_instrumentation_key),
            ("Notebook key", notebook.primary_access_key),
            ("Second notebook key", notebook.secondary_access_key),
        ];
        let given = all.into_iter().filter_map(|(name, key)| Some((name, Secret::new(key?))));
        Ok(Self { keys: given.filter(|(_, key)| !key.reveal().is_empty()).collect(), registry_user })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        serde_json::from_str(
            r#"{"id":"/x","name":"w","tags":{"a":"b"},"properties":{"friendlyName":"W","description":""}}"#,
        )
        .unwrap()
    }

    fn tags(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn only_what_differs_is_changed() {
        let change = |name: &str, text: &str, tags| {
            WorkspaceChange::between(&workspace(), name.to_owned(), text.to_owned(), tags)
        };
        let none = change("W", "", tags("a", "b"));
        assert!(none.is_empty());
        let words = change("W", "for trying", tags("a", "b"));
        assert_eq!(serde_json::to_string(&words).unwrap(), r#"{"properties":{"description":"for trying"}}"#);
        assert!(!words.is_empty());
        let cleared = change("", "", BTreeMap::new());
        assert_eq!(
            serde_json::to_string(&cleared).unwrap(),
            r#"{"tags":{},"properties":{"friendlyName":""}}"#
        );
    }

    #[test]
    fn keys_do_not_show_themselves() {
        let keys: WorkspaceKeys = serde_json::from_str(
            r#"{"userStorageKey":"hush-1","userStorageArmId":"/s","appInsightsInstrumentationKey":"",
                "containerRegistryCredentials":{"location":null,"username":"u","passwords":
                [{"name":"password","value":"hush-2"},{"name":"password2","value":"hush-3"}]},
                "notebookAccessKeys":{"primaryAccessKey":"hush-4","secondaryAccessKey":null}}"#,
        )
        .unwrap();
        let names: Vec<_> = keys.keys.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["Storage key", "Registry password", "Second registry password", "Notebook key"]);
        assert!(!format!("{keys:?}").contains("hush"));
        assert_eq!(keys.registry_user.as_deref(), Some("u"));
        let none: WorkspaceKeys =
            serde_json::from_str(r#"{"userStorageKey":null,"containerRegistryCredentials":null}"#).unwrap();
        assert!(none.keys.is_empty() && none.registry_user.is_none());
    }
}
