//! What all things of model management have in common: words of people that may be changed, and an end.

use std::collections::BTreeMap;

use http::{Method, Response};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Address, ApiError, AssetId, Body, ImageId, ModelHost, ModelId, Operation, Query, ServiceId, WorkspaceId,
    versions,
};

/// Something that model management keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ManagedPart {
    /// A version of a registered model.
    Model(ModelId),
    /// An asset.
    Asset(AssetId),
    /// A version of an image.
    Image(ImageId),
    /// A web service.
    Service(ServiceId),
}

impl ManagedPart {
    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Model(id) => id.as_str(),
            Self::Asset(id) => id.as_str(),
            Self::Image(id) => id.as_str(),
            Self::Service(id) => id.as_str(),
        }
    }

    /// What kind of thing it is, in a word.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Model(_) => "model",
            Self::Asset(_) => "asset",
            Self::Image(_) => "image",
            Self::Service(_) => "service",
        }
    }

    fn address(&self, host: ModelHost, workspace: &WorkspaceId) -> Address {
        let family = match self {
            Self::Model(_) => "models",
            Self::Asset(_) => "assets",
            Self::Image(_) => "images",
            Self::Service(_) => "services",
        };
        host.address_with(workspace, [family, self.id()], Query::version(versions::MODEL_MANAGEMENT))
    }
}

/// `PATCH …/models/{model}`, `…/assets/{asset}`, `…/services/{service}` ([reference]), `…/images/{image}`, of which
/// only Microsoft's SDK knows: description and tags, as JSON Patch. A service on Kubernetes may take a while for it.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeManaged {
    /// Where.
    pub workspace: WorkspaceId,
    /// What is changed.
    pub part: ManagedPart,
    /// The new description; none leaves the old one.
    pub description: Option<String>,
    /// All its tags from now on; none leaves the old ones.
    pub tags: Option<BTreeMap<String, String>>,
    /// At which address.
    pub host: ModelHost,
}

impl Operation for ChangeManaged {
    type Output = ();

    fn method(&self) -> Method {
        Method::PATCH
    }

    fn address(&self) -> Address {
        self.part.address(self.host, &self.workspace)
    }

    fn body(&self) -> Body {
        let description = self.description.as_ref().map(|text| ("/description", json!(text)));
        let tags = self.tags.as_ref().map(|tags| ("/kvTags", json!(tags)));
        let steps = description.into_iter().chain(tags);
        Body::JsonPatch(
            steps.map(|(path, value)| json!({ "op": "replace", "path": path, "value": value })).collect(),
        )
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }

    /// What it has become is asked for as ever; a change that takes a while answers nothing.
    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        if response.status().is_success() { Ok(()) } else { Err(ApiError::refused(response)) }
    }
}

/// `DELETE …/models/{model}`, `…/assets/{asset}`, `…/services/{service}` ([reference]), `…/images/{image}`, of which
/// only Microsoft's SDK knows. 412 while something else uses it.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteManaged {
    /// Where.
    pub workspace: WorkspaceId,
    /// What goes away.
    pub part: ManagedPart,
    /// At which address.
    pub host: ModelHost,
}

impl DeleteManaged {
    /// Of something in a workspace.
    pub fn of(workspace: WorkspaceId, part: ManagedPart) -> Self {
        Self { workspace, part, host: ModelHost::default() }
    }
}

impl Operation for DeleteManaged {
    type Output = Removal;

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        self.part.address(self.host, &self.workspace)
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<Removal, ApiError> {
        match response.status().as_u16() {
            202 => Ok(Removal::UnderWay),
            204 => Ok(Removal::WasNotThere),
            200..300 => Ok(Removal::Done),
            _ => Err(ApiError::refused(response)),
        }
    }
}

/// What became of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Removal {
    /// It is gone.
    Done,
    /// It goes, which takes a while.
    UnderWay,
    /// There was no such thing.
    WasNotThere,
}
