//! Discovery: which hosts serve a workspace.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Address, Credential, GetWorkspace, Operation, WorkspaceId};

/// `GET {discoveryUrl}`: the regional services of a workspace, by name. No token is needed, and none is sent.
///
/// The address is the workspace's own `discoveryUrl`; it is used and not built, because old and new workspaces differ.
#[derive(Clone, Debug, PartialEq)]
pub struct GetDiscovery {
    /// As the workspace gave it.
    pub discovery_url: String,
}

impl Operation for GetDiscovery {
    type Output = Discovery;

    fn address(&self) -> Address {
        Address::Discovery(self.discovery_url.clone())
    }

    fn credential(&self) -> Credential {
        Credential::None
    }
}

/// `GET` of a workspace, for nothing but the address of its discovery document. What asks for runs needs no more, and a
/// whole workspace takes much code to read.
#[derive(Clone, Debug, PartialEq)]
pub struct GetDiscoveryUrl {
    /// Which one's.
    pub workspace: WorkspaceId,
}

impl Operation for GetDiscoveryUrl {
    type Output = DiscoveryUrl;

    fn address(&self) -> Address {
        GetWorkspace { workspace: self.workspace.clone() }.address()
    }
}

/// Where a workspace says that its discovery document is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DiscoveryUrl {
    /// What it is in.
    #[serde(default)]
    pub properties: DiscoveryUrlProperty,
}

/// The property of that name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveryUrlProperty {
    /// None where the workspace has none yet.
    pub discovery_url: Option<String>,
}

/// The services of a region: name and base address. Names that we do not know are kept, to be shown.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Discovery(pub BTreeMap<String, String>);

/// The regional services that we ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegionalService {
    /// Experiments and runs.
    History,
    /// Starting and cancelling runs.
    Execution,
    /// Models and what is made of them, on the host of their own.
    ModelManagement,
    /// The same, on the host of all services.
    SharedModelManagement,
    /// The files of runs.
    Artifacts,
    /// Where data is.
    Datastores,
    /// What the service has to say about its tasks.
    Notifications,
    /// Pipelines, on the host of their own.
    Pipelines,
    /// The same, on the host of all services.
    SharedPipelines,
    /// Sweeps of HyperDrive.
    Sweeps,
}

impl RegionalService {
    /// The names it may have in a discovery document, best first.
    ///
    /// `api` serves everything in the articles and in newer clients; the single services come after it, for
    /// workspaces whose document lacks it.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::History => &["api", "history", "experimentation"],
            Self::Execution => &["api", "experimentation"],
            // Two services for us: their paths differ, and a link to a further page must keep its origin.
            Self::ModelManagement => &["modelmanagement"],
            Self::SharedModelManagement => &["api"],
            Self::Pipelines => &["pipelines"],
            Self::SharedPipelines => &["api"],
            Self::Sweeps => &["api", "hyperdrive", "experimentation"],
            Self::Artifacts | Self::Datastores | Self::Notifications => {
                &["api", "history", "experimentation"]
            }
        }
    }
}

impl Discovery {
    /// The base address of a service, without a slash at its end.
    pub fn base(&self, service: RegionalService) -> Option<&str> {
        let found = service.names().iter().find_map(|name| self.0.get(*name))?;
        Some(found.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_under_the_names_of_old_and_new() {
        let sample: Discovery =
            serde_json::from_str(include_str!("../../simulator/samples/discovery.json")).unwrap();
        assert_eq!(sample.base(RegionalService::Execution), Some("https://centralus.api.azureml.ms"));
        let old: Discovery = serde_json::from_str(
            r#"{"history":"https://h.experiments.azureml.net/","modelmanagement":"https://h.modelmanagement.azureml.net"}"#,
        )
        .unwrap();
        assert_eq!(old.base(RegionalService::History), Some("https://h.experiments.azureml.net"));
        assert_eq!(old.base(RegionalService::ModelManagement), Some("https://h.modelmanagement.azureml.net"));
        assert_eq!(old.base(RegionalService::Execution), None);
        assert_eq!(old.base(RegionalService::SharedModelManagement), None);
        assert_eq!(old.base(RegionalService::Pipelines), None);
        assert_eq!(sample.base(RegionalService::Pipelines), Some("https://centralus.aether.ms"));
        assert_eq!(sample.base(RegionalService::SharedPipelines), Some("https://centralus.api.azureml.ms"));
        assert_eq!(sample.base(RegionalService::Sweeps), Some("https://centralus.api.azureml.ms"));
        assert_eq!(old.base(RegionalService::Sweeps), None);
        assert_eq!(old.base(RegionalService::Datastores), Some("https://h.experiments.azureml.net"));
    }

    #[test]
    fn discovery_goes_without_a_token() {
        assert_eq!(GetDiscovery { discovery_url: String::new() }.credential(), Credential::None);
    }
}
