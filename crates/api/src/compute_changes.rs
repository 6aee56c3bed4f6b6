//! What can be done to computes: making, scaling, starting, stopping and deleting them.

use std::collections::BTreeMap;

use http::{Method, Response};
use serde::Serialize;
use serde_json::json;

use crate::operation::read_nothing;
use crate::{
    Address, ApiError, Body, Compute, ComputeName, Operation, Path, Query, Secret, Service, WorkspaceId,
    versions,
};

/// `PUT {workspace}/computes/{compute}` ([reference]): makes a cluster. It goes on after the answer, until the compute's
/// `provisioningState` has come to rest. One of that name that is there already is replaced by what is sent.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/create-or-update
#[derive(Clone, Debug, PartialEq)]
pub struct CreateCompute {
    /// Where.
    pub workspace: WorkspaceId,
    /// What it shall be called.
    pub compute: ComputeName,
    /// What it shall be.
    pub wanted: NewCluster,
}

/// A cluster as it is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewCluster {
    /// The workspace's region.
    pub location: String,
    /// Tags; those that are not sent are gone.
    pub tags: BTreeMap<String, String>,
    /// A text for people; may be empty.
    pub description: String,
    /// The size of its machines.
    pub vm_size: String,
    /// Whether its machines may be taken away, for which they cost less.
    pub is_low_priority: bool,
    /// How it grows and shrinks.
    pub scale: NewScale,
    /// Who may log in to its machines; none where nobody shall.
    pub administrator: Option<Administrator>,
}

/// How a cluster shall grow and shrink.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewScale {
    /// At least so many machines, also while there is nothing to do.
    pub min_node_count: u32,
    /// At most.
    pub max_node_count: u32,
    /// How long an idle machine stays, an ISO 8601 duration; the service's own where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node_idle_time_before_scale_down: Option<String>,
}

/// Who may log in to the machines of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Administrator {
    /// The name.
    pub name: String,
    /// A password, unless empty.
    pub password: Secret,
    /// A public key, unless empty.
    pub public_key: String,
}

impl Operation for CreateCompute {
    type Output = Compute;

    fn method(&self) -> Method {
        Method::PUT
    }

    fn address(&self) -> Address {
        address(&self.workspace, &self.compute, None)
    }

    fn body(&self) -> Body {
        let NewCluster { location, tags, description, vm_size, is_low_priority, scale, administrator } =
            &self.wanted;
        let mut body = json!({
            "location": location,
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "vmSize": vm_size,
                    "vmPriority": if *is_low_priority { "LowPriority" } else { "Dedicated" },
                    "scaleSettings": scale,
                },
            },
        });
        if !tags.is_empty() {
            body["tags"] = json!(tags);
        }
        if !description.is_empty() {
            body["properties"]["description"] = description.as_str().into();
        }
        if let Some(Administrator { name, password, public_key }) = administrator {
            // Inside of the inner properties: anywhere else the service overlooks them.
            let credentials = &mut body["properties"]["properties"]["userAccountCredentials"];
            credentials["adminUserName"] = name.as_str().into();
            if !password.reveal().is_empty() {
                credentials["adminUserPassword"] = password.reveal().into();
            }
            if !public_key.is_empty() {
                credentials["adminUserSshPublicKey"] = public_key.as_str().into();
            }
        }
        Body::Json(body)
    }
}

/// `PATCH {workspace}/computes/{compute}` ([reference]): lets a cluster grow and shrink otherwise. It goes on after the
/// answer, until the compute's `provisioningState` has come to rest.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/update
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleCompute {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub compute: ComputeName,
    /// How.
    pub scale: NewScale,
}

impl Operation for ScaleCompute {
    type Output = Compute;

    fn method(&self) -> Method {
        Method::PATCH
    }

    fn address(&self) -> Address {
        address(&self.workspace, &self.compute, None)
    }

    /// From 2022 on it stands one level deeper.
    fn body(&self) -> Body {
        Body::Json(json!({ "properties": { "scaleSettings": self.scale } }))
    }
}

/// `POST {workspace}/computes/{compute}/start`, `/stop` and `/restart` ([reference]), of compute instances. It goes on
/// after the answer, which is empty; the instance's own state tells when it is over.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/start
#[derive(Clone, Debug, PartialEq)]
pub struct ActOnInstance {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub compute: ComputeName,
    /// What to do.
    pub action: InstanceAction,
}

/// What can be done to a compute instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstanceAction {
    /// Its computer is switched on.
    Start,
    /// Its computer is switched off, and costs nothing but its disk.
    Stop,
    /// Off and on.
    Restart,
}

impl Operation for ActOnInstance {
    type Output = ();

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let action = match self.action {
            InstanceAction::Start => "start",
            InstanceAction::Stop => "stop",
            InstanceAction::Restart => "restart",
        };
        address(&self.workspace, &self.compute, Some(action))
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        read_nothing(response)
    }
}

/// `DELETE {workspace}/computes/{compute}` ([reference]). It goes on after the answer, until the compute is not found.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/compute/delete
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteCompute {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub compute: ComputeName,
    /// Whether what it is made of goes with it.
    pub underlying: UnderlyingResource,
}

/// What becomes of the machines behind a compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnderlyingResource {
    /// They go with it.
    Delete,
    /// They stay, as they were before they were attached.
    Detach,
}

impl Operation for DeleteCompute {
    type Output = ();

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        let action = match self.underlying {
            UnderlyingResource::Delete => "Delete",
            UnderlyingResource::Detach => "Detach",
        };
        Address::Path(
            Service::Management,
            Path::new(self.workspace.segments()).join(["computes", self.compute.as_str()]),
            Query::version(versions::COMPUTES).with("underlyingResourceAction", action),
        )
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        read_nothing(response)
    }
}

fn address(workspace: &WorkspaceId, compute: &ComputeName, action: Option<&str>) -> Address {
    let path = Path::new(workspace.segments()).join(["computes", compute.as_str()]);
    Address::Path(Service::Management, path.join(action), Query::version(versions::COMPUTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> WorkspaceId {
        WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() }
    }

    #[test]
    fn a_cluster_is_asked_for_as_in_the_published_request() {
        let published: serde_json::Value =
            serde_json::from_str(include_str!("../../simulator/samples/arm_compute_create_request.json"))
                .unwrap();
        let wanted = NewCluster {
            location: "centralus".to_owned(),
            vm_size: "Standard_D1".to_owned(),
            scale: NewScale {
                min_node_count: 0,
                max_node_count: 1,
                node_idle_time_before_scale_down: Some("PT30M".to_owned()),
            },
            administrator: Some(Administrator {
                name: "<admin-user>".to_owned(),
                password: Secret::new("<admin-password>"),
                public_key: String::new(),
            }),
            ..NewCluster::default()
        };
        let operation = CreateCompute { workspace: workspace(), compute: "c".into(), wanted };
        assert!(operation.body() == Body::Json(published));
        assert!(!operation.is_read());
        assert!(!format!("{operation:?}").contains("admin-password"));
    }

    #[test]
    fn nobody_logs_in_unless_somebody_is_named() {
        let operation =
            CreateCompute { workspace: workspace(), compute: "c".into(), wanted: NewCluster::default() };
        let Body::Json(body) = operation.body() else { panic!("it has a body") };
        for absent in ["userAccountCredentials", "tags", "description", "nodeIdleTime"] {
            assert!(!body.to_string().contains(absent), "{absent}: {body}");
        }
    }
}
