//! Model management: where models, assets, images and services are asked for, and how it says what went wrong.

use serde::{Deserialize, Deserializer};

use crate::tolerant::null_as_default;
use crate::{Address, Path, Query, RegionalService, Service, WorkspaceId, versions};

/// At which of its two addresses model management is asked.
///
/// The host of its own, which the discovery document names, serves it under `/api`: the article on exporting data and
/// Microsoft's older clients ask there. The host of all services has it under `/modelmanagement/v1.0`, as the articles
/// on REST and the published description write it; it is asked where the document names no host of its own, or where
/// that does not know the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelHost {
    /// `{modelmanagement}/api…`.
    #[default]
    Own,
    /// `{api}/modelmanagement/v1.0…`.
    Shared,
}

impl ModelHost {
    /// The one to ask where this one does not serve.
    pub(crate) fn other(self) -> Option<Self> {
        match self {
            Self::Own => Some(Self::Shared),
            Self::Shared => None,
        }
    }

    /// The address of something in a workspace.
    pub(crate) fn address<'a>(
        self,
        workspace: &'a WorkspaceId,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Address {
        self.address_with(workspace, segments, Query::version(versions::MODEL_MANAGEMENT))
    }

    /// The same, with a question of its own.
    pub(crate) fn address_with<'a>(
        self,
        workspace: &'a WorkspaceId,
        segments: impl IntoIterator<Item = &'a str>,
        query: Query,
    ) -> Address {
        let prefix = match self {
            Self::Own => Path::new(["api"]),
            Self::Shared => Path::new(["modelmanagement", "v1.0"]),
        };
        Address::Path(self.service(workspace), prefix.join(workspace.segments()).join(segments), query)
    }

    /// The address of a list, or of its next page, which the same host gave.
    pub(crate) fn list(
        self,
        workspace: &WorkspaceId,
        what: &str,
        query: Query,
        next: Option<&String>,
    ) -> Address {
        match next {
            Some(link) => Address::Link(self.service(workspace), link.clone()),
            None => self.address_with(workspace, [what], query),
        }
    }

    fn service(self, workspace: &WorkspaceId) -> Service {
        let service = match self {
            Self::Own => RegionalService::ModelManagement,
            Self::Shared => RegionalService::SharedModelManagement,
        };
        Service::Regional(workspace.clone(), service)
    }
}

/// What went wrong with an image or a service, as model management writes it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ModelFault {
    /// Its code.
    #[serde(deserialize_with = "null_as_default")]
    pub code: String,
    /// Its words.
    #[serde(deserialize_with = "null_as_default")]
    pub message: String,
    /// Further reasons.
    #[serde(deserialize_with = "null_as_default")]
    details: Vec<ModelFaultDetail>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct ModelFaultDetail {
    #[serde(deserialize_with = "null_as_default")]
    code: String,
    #[serde(deserialize_with = "null_as_default")]
    message: String,
}

impl ModelFault {
    /// All its words: its own, then each further reason with its code.
    pub fn words(&self) -> String {
        let further = self.details.iter().map(|detail| match detail.code.as_str() {
            "" => detail.message.clone(),
            code => format!("{code}: {}", detail.message),
        });
        let all = std::iter::once(self.message.clone()).chain(further);
        all.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Reads an address that may be signed, and keeps what is no secret: everything before its query.
pub(crate) fn without_signature<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    let address = text.split(['?', '#']).next().unwrap_or_default();
    Ok((!address.is_empty()).then(|| address.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_tells_its_further_reasons_too() {
        let fault: ModelFault = serde_json::from_str(
            r#"{"code":"DeploymentFailed","statusCode":400,"message":"It failed.","details":[{"code":"CrashLoopBackOff","message":"The container ends at once."},{"code":null,"message":"Look at the logs."}]}"#,
        )
        .unwrap();
        assert_eq!(
            fault.words(),
            "It failed.\nCrashLoopBackOff: The container ends at once.\nLook at the logs."
        );
        let bare: ModelFault = serde_json::from_str(r#"{"code":"X","details":null}"#).unwrap();
        assert_eq!(bare.words(), "");
    }
}
