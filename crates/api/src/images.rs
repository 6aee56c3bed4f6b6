//! Images: what services are started from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model_management::without_signature;
use crate::tolerant::null_as_default;
use crate::{
    Address, ImageId, ModelFault, ModelHost, ModelId, Operation, Page, Paged, Query, Timestamp, WorkspaceId,
    timestamp, versions,
};

/// `GET …/images`: newest first. No published description has it; Microsoft's SDK asks it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListImages {
    /// Where.
    pub workspace: WorkspaceId,
    /// Only those that hold this model.
    pub model: Option<ModelId>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
    /// At which address.
    pub host: ModelHost,
}

impl ListImages {
    /// All images of a workspace.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, model: None, next: None, host: ModelHost::default() }
    }
}

impl Operation for ListImages {
    type Output = Page<Image>;

    fn address(&self) -> Address {
        let query = Query::version(versions::MODEL_MANAGEMENT).maybe("modelId", self.model.as_ref());
        self.host.list(&self.workspace, "images", query, self.next.as_ref())
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

impl Paged for ListImages {
    type Item = Image;

    fn after(&self, page: &Page<Image>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/images/{image}`. No published description has it; Microsoft's SDK asks it.
#[derive(Clone, Debug, PartialEq)]
pub struct GetImage {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub image: ImageId,
    /// At which address.
    pub host: ModelHost,
}

impl GetImage {
    /// An image of a workspace.
    pub fn of(workspace: WorkspaceId, image: ImageId) -> Self {
        Self { workspace, image, host: ModelHost::default() }
    }
}

impl Operation for GetImage {
    type Output = Image;

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["images", self.image.as_str()])
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// One version of an image.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// `name:version`.
    pub id: ImageId,
    /// Its name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Its version, rising.
    #[serde(default, deserialize_with = "null_as_default")]
    pub version: u64,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was asked for.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_time: Option<Timestamp>,
    /// When it was changed.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub modified_time: Option<Timestamp>,
    /// `Docker`.
    #[serde(default)]
    pub image_type: Option<String>,
    /// What it is for: `WebApiContainer`, `BatchContainer` and others.
    #[serde(default)]
    pub image_flavor: Option<String>,
    /// How making it goes: `NotStarted`, `Running`, `Succeeded`, `Failed`, `Cancelled`, `TimedOut`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub creation_state: String,
    /// Why it could not be made.
    #[serde(default)]
    pub error: Option<ModelFault>,
    /// The models in it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub model_ids: Vec<ModelId>,
    /// Where it is kept, as a container registry names it.
    #[serde(default)]
    pub image_location: Option<String>,
    /// Where what was said while it was made can be read, without the signature that opens it.
    #[serde(default, deserialize_with = "without_signature")]
    pub image_build_log_uri: Option<String>,
    /// The script that answers questions.
    #[serde(default)]
    pub driver_program: Option<String>,
    /// What it runs on.
    #[serde(default)]
    pub target_runtime: Option<TargetRuntime>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub kv_tags: BTreeMap<String, String>,
    /// Properties, which never change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: BTreeMap<String, String>,
}

/// What an image runs on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TargetRuntime {
    /// `Python`, `SparkPython`.
    pub runtime_type: Option<String>,
    /// `Linux`.
    pub os_type: Option<String>,
    /// `Amd64`.
    pub target_arch: Option<String>,
}

impl Image {
    /// Whether it is being made.
    pub fn is_changing(&self) -> bool {
        matches!(self.creation_state.as_str(), "NotStarted" | "Running")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_of_a_build_log_is_not_kept() {
        let image: Image = serde_json::from_str(
            r#"{"id":"i:1","imageBuildLogUri":"https://a.blob.core.windows.net/log?sig=hush","error":null}"#,
        )
        .unwrap();
        assert_eq!(image.image_build_log_uri.as_deref(), Some("https://a.blob.core.windows.net/log"));
        assert!(!format!("{image:?}").contains("hush"));
    }
}
