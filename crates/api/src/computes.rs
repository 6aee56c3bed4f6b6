//! Computes: where runs run.

use std::collections::BTreeMap;

use http::{Method, Response};
use serde::Deserialize;
use serde_json::Value;

use crate::tolerant::null_as_default;
use crate::{
    Address, ApiError, ComputeName, Operation, Page, Paged, Path, Query, RunId, Service, Timestamp,
    WorkspaceId, timestamp, versions,
};

/// `GET {workspace}/computes` ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/list
#[derive(Clone, Debug, PartialEq)]
pub struct ListComputes {
    /// Where.
    pub workspace: WorkspaceId,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListComputes {
    type Output = Page<Compute>;

    fn address(&self) -> Address {
        match &self.next {
            Some(link) => Address::Link(Service::Management, link.clone()),
            None => Address::Path(
                Service::Management,
                Path::new(self.workspace.segments()).join(["computes"]),
                Query::version(versions::COMPUTES),
            ),
        }
    }
}

impl Paged for ListComputes {
    type Item = Compute;

    fn after(&self, page: &Page<Compute>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET {workspace}/computes/{compute}` ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/get
#[derive(Clone, Debug, PartialEq)]
pub struct GetCompute {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub compute: ComputeName,
}

impl Operation for GetCompute {
    type Output = Compute;

    fn address(&self) -> Address {
        Address::Path(
            Service::Management,
            Path::new(self.workspace.segments()).join(["computes", self.compute.as_str()]),
            Query::version(versions::COMPUTES),
        )
    }
}

/// `POST {workspace}/computes/{compute}/listNodes` ([reference]): the machines of a cluster. It changes nothing.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/list-nodes
#[derive(Clone, Debug, PartialEq)]
pub struct ListComputeNodes {
    /// Where.
    pub workspace: WorkspaceId,
    /// Whose.
    pub compute: ComputeName,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListComputeNodes {
    type Output = Page<ComputeNode>;

    /// A further page is asked with `GET`, as Microsoft's clients do.
    fn method(&self) -> Method {
        if self.next.is_some() { Method::GET } else { Method::POST }
    }

    fn address(&self) -> Address {
        match &self.next {
            Some(link) => Address::Link(Service::Management, link.clone()),
            None => Address::Path(
                Service::Management,
                Path::new(self.workspace.segments()).join(["computes", self.compute.as_str(), "listNodes"]),
                Query::version(versions::COMPUTES),
            ),
        }
    }

    fn is_read(&self) -> bool {
        true
    }

    /// The items of this one list are called `nodes`.
    fn read(&self, response: &Response<Vec<u8>>) -> Result<Page<ComputeNode>, ApiError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Nodes {
            nodes: Vec<ComputeNode>,
            #[serde(default)]
            next_link: Option<String>,
        }
        if !response.status().is_success() {
            return Err(ApiError::refused(response));
        }
        serde_json::from_slice(response.body())
            .map(|Nodes { nodes, next_link }| Page { value: nodes, next_link, continuation_token: None })
            .map_err(|error| ApiError::unreadable(response, &error))
    }
}

impl Paged for ListComputeNodes {
    type Item = ComputeNode;

    fn after(&self, page: &Page<ComputeNode>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// A machine of a cluster.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComputeNode {
    /// Its id.
    pub node_id: String,
    /// `idle`, `running`, `preparing`, `unusable`, `leaving` or `preempted`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub node_state: String,
    /// The run that it works on.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// Its address in its own network.
    #[serde(default)]
    pub private_ip_address: Option<String>,
    /// Its address for the world.
    #[serde(default)]
    pub public_ip_address: Option<String>,
    /// The port of its shell.
    #[serde(default)]
    pub port: Option<u32>,
}

/// A compute.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Compute {
    /// Its name.
    pub name: ComputeName,
    /// Its region.
    #[serde(default)]
    pub location: Option<String>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// What it is.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: ComputeProperties,
}

/// What every kind of compute has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ComputeProperties {
    /// `AmlCompute`, `ComputeInstance`, `AKS` and others.
    #[serde(deserialize_with = "null_as_default")]
    pub compute_type: String,
    /// A text for people.
    pub description: Option<String>,
    /// `Creating`, `Succeeded`, `Failed` and so on.
    pub provisioning_state: Option<String>,
    /// When it was made.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub created_on: Option<Timestamp>,
    /// When it was changed.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub modified_on: Option<Timestamp>,
    /// Whether it was there before, and is only used here.
    #[serde(deserialize_with = "null_as_default")]
    pub is_attached_compute: bool,
    /// The ARM id of what was attached.
    pub resource_id: Option<String>,
    /// Why it could not be made, each a whole error; see [`Compute::faults`].
    provisioning_errors: Option<Vec<Value>>,
    /// What its kind has; may be missing while it is being made.
    #[serde(deserialize_with = "null_as_default")]
    pub properties: AmlComputeProperties,
}

/// What a managed cluster (`AmlCompute`) has, and of a compute instance what it shares with one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AmlComputeProperties {
    /// The size of its machines; compared without case by the service.
    pub vm_size: Option<String>,
    /// `Dedicated` or `LowPriority`.
    pub vm_priority: Option<String>,
    /// How it grows and shrinks.
    pub scale_settings: Option<ScaleSettings>,
    /// `Steady` or `Resizing`.
    pub allocation_state: Option<String>,
    /// How many machines there are.
    pub current_node_count: Option<u32>,
    /// How many there shall be.
    pub target_node_count: Option<u32>,
    /// What they do.
    pub node_state_counts: Option<NodeCounts>,
    /// Since when it is in that state.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub allocation_state_transition_time: Option<Timestamp>,
    /// What went wrong with its machines, each a whole error; see [`Compute::machine_faults`].
    errors: Option<Vec<Value>>,
    /// The network that it is in: an object with an id, or the id alone; see [`AmlComputeProperties::subnet`].
    subnet: Option<Value>,
    /// `Enabled` or `Disabled`: whether its machines can be logged in to from the world.
    pub remote_login_port_public_access: Option<String>,
    /// Of a Kubernetes cluster: its address.
    pub cluster_fqdn: Option<String>,
    /// Of a Kubernetes cluster: how many machines it has.
    pub agent_count: Option<u32>,
    /// Of a Kubernetes cluster: the size of its machines. Newer versions write it with a small m.
    #[serde(alias = "agentVMSize")]
    pub agent_vm_size: Option<String>,
    /// Of a compute instance: `Running`, `Stopped` and others.
    pub state: Option<String>,
    /// Of a compute instance: what was done to it last.
    pub last_operation: Option<LastOperation>,
    /// Of a compute instance: what can be opened on it.
    #[serde(deserialize_with = "null_as_default")]
    pub applications: Vec<Application>,
    /// Of a compute instance: who made it.
    pub created_by: Option<ComputeUser>,
}

/// What was done to a compute instance last.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LastOperation {
    /// `Create`, `Start`, `Stop` and others.
    pub operation_name: Option<String>,
    /// When.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub operation_time: Option<Timestamp>,
    /// How it went: `Succeeded`, `StartFailed` and others.
    pub operation_status: Option<String>,
}

/// Something that can be opened on a compute instance.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Application {
    /// `Jupyter`, `RStudio` and others.
    #[serde(deserialize_with = "null_as_default")]
    pub display_name: String,
    /// Where.
    #[serde(deserialize_with = "null_as_default")]
    pub endpoint_uri: String,
}

/// Who made a compute instance.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ComputeUser {
    /// A name.
    pub user_name: Option<String>,
}

impl AmlComputeProperties {
    /// The ARM id of the network that it is in.
    pub fn subnet(&self) -> Option<&str> {
        let subnet = self.subnet.as_ref()?;
        subnet.as_str().or_else(|| subnet["id"].as_str()).filter(|id| !id.is_empty())
    }
}

/// How a cluster grows and shrinks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaleSettings {
    /// At least.
    #[serde(deserialize_with = "null_as_default")]
    pub min_node_count: u32,
    /// At most.
    #[serde(deserialize_with = "null_as_default")]
    pub max_node_count: u32,
    /// How long an idle machine stays, an ISO 8601 duration.
    pub node_idle_time_before_scale_down: Option<String>,
}

/// What the machines of a cluster do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NodeCounts {
    /// Nothing.
    #[serde(deserialize_with = "null_as_default")]
    pub idle_node_count: u32,
    /// A run.
    #[serde(deserialize_with = "null_as_default")]
    pub running_node_count: u32,
    /// Getting ready.
    #[serde(deserialize_with = "null_as_default")]
    pub preparing_node_count: u32,
    /// Broken.
    #[serde(deserialize_with = "null_as_default")]
    pub unusable_node_count: u32,
    /// Going away.
    #[serde(deserialize_with = "null_as_default")]
    pub leaving_node_count: u32,
    /// Taken away.
    #[serde(deserialize_with = "null_as_default")]
    pub preempted_node_count: u32,
}

/// Whether a compute takes runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComputeState {
    /// It does.
    Usable,
    /// Not yet, or not now; the word says why (`Creating`, `Stopped`).
    NotNow(String),
    /// It could not be made.
    Failed,
    /// It is of a kind that runs cannot be handed in to.
    NotForRuns,
}

impl Compute {
    /// Whether it takes runs.
    pub fn state(&self) -> ComputeState {
        let properties = &self.properties;
        // AKS serves models; the stores and factories move data.
        if matches!(
            properties.compute_type.as_str(),
            "AKS" | "DataFactory" | "DataLakeAnalytics" | "SynapseSpark"
        ) {
            return ComputeState::NotForRuns;
        }
        match properties.provisioning_state.as_deref() {
            None | Some("Succeeded" | "Updating") => {}
            Some("Failed" | "Canceled") => return ComputeState::Failed,
            Some(other) => return ComputeState::NotNow(other.to_owned()),
        }
        match properties.properties.state.as_deref() {
            None | Some("Running" | "JobRunning") => ComputeState::Usable,
            Some("CreateFailed" | "SetupFailed" | "UserSetupFailed" | "Unusable") => ComputeState::Failed,
            Some(other) => ComputeState::NotNow(other.to_owned()),
        }
    }

    /// The word to show for what it does: an instance's own state, a cluster's resizing, else how it was made.
    pub fn state_word(&self) -> &str {
        let made = self.properties.provisioning_state.as_deref().unwrap_or("Succeeded");
        if made != "Succeeded" {
            return made;
        }
        let inner = &self.properties.properties;
        inner.state.as_deref().or(inner.allocation_state.as_deref()).unwrap_or(made)
    }

    /// Whether its state is about to change by itself.
    pub fn is_changing(&self) -> bool {
        matches!(
            self.state_word(),
            "Creating"
                | "Updating"
                | "Deleting"
                | "Resizing"
                | "Starting"
                | "Stopping"
                | "Restarting"
                | "SettingUp"
        )
    }

    /// Why it could not be made, in the service's words.
    pub fn faults(&self) -> Vec<String> {
        messages(self.properties.provisioning_errors.as_deref())
    }

    /// What went wrong with its machines, in the service's words.
    pub fn machine_faults(&self) -> Vec<String> {
        messages(self.properties.properties.errors.as_deref())
    }
}

/// The words of errors, whether they stand in an envelope or not.
fn messages(errors: Option<&[Value]>) -> Vec<String> {
    let words = |error: &Value| {
        let inner = if error["error"].is_object() { &error["error"] } else { error };
        inner["message"].as_str().or_else(|| inner["code"].as_str()).map(str::to_owned)
    };
    errors.unwrap_or_default().iter().filter_map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(text: &str) -> Compute {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_takes_runs_is_told_from_type_and_states() {
        let of = |kind: &str, made: &str, state: &str| {
            let state = if state.is_empty() { "null".to_owned() } else { format!("\"{state}\"") };
            compute(&format!(
                r#"{{"name":"c","properties":{{"computeType":"{kind}","provisioningState":"{made}","properties":{{"state":{state}}}}}}}"#
            ))
            .state()
        };
        assert_eq!(of("AmlCompute", "Succeeded", ""), ComputeState::Usable);
        assert_eq!(of("AmlCompute", "Creating", ""), ComputeState::NotNow("Creating".to_owned()));
        assert_eq!(of("AmlCompute", "Failed", ""), ComputeState::Failed);
        assert_eq!(of("ComputeInstance", "Succeeded", "Stopped"), ComputeState::NotNow("Stopped".to_owned()));
        assert_eq!(of("ComputeInstance", "Succeeded", "Running"), ComputeState::Usable);
        assert_eq!(of("AKS", "Succeeded", ""), ComputeState::NotForRuns);
    }

    #[test]
    fn a_compute_that_is_being_made_may_lack_its_own_properties() {
        let compute = compute(
            r#"{"name":"c","properties":{"computeType":"AmlCompute","provisioningState":"Creating","properties":null,"provisioningErrors":null}}"#,
        );
        assert_eq!((compute.state_word(), compute.is_changing()), ("Creating", true));
    }

    #[test]
    fn faults_are_the_services_words() {
        let compute = compute(
            r#"{"name":"c","properties":{"computeType":"AmlCompute","provisioningState":"Failed","provisioningErrors":[{"error":{"code":"QuotaExceeded","message":"No cores left."}}]}}"#,
        );
        assert_eq!(compute.faults(), ["No cores left."]);
    }
}
