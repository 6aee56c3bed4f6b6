//! Registered models.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model_management::without_signature;
use crate::tolerant::null_as_default;
use crate::{
    Address, AssetId, ModelHost, ModelId, Operation, Page, Paged, Query, RunId, Timestamp, WorkspaceId,
    timestamp, versions,
};

/// `GET …/models` ([reference]): every version of every model, newest first.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListModels {
    /// Where.
    pub workspace: WorkspaceId,
    /// Only the versions of the model with this name.
    pub name: Option<String>,
    /// Only what this run made.
    pub run: Option<RunId>,
    /// How many to a page.
    pub count: Option<u32>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
    /// At which address.
    pub host: ModelHost,
}

impl ListModels {
    /// All models of a workspace.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, name: None, run: None, count: None, next: None, host: ModelHost::default() }
    }
}

impl Operation for ListModels {
    type Output = Page<Model>;

    fn address(&self) -> Address {
        let query = Query::version(versions::MODEL_MANAGEMENT)
            .maybe("name", self.name.as_ref())
            .maybe("runId", self.run.as_ref())
            .maybe("count", self.count);
        self.host.list(&self.workspace, "models", query, self.next.as_ref())
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

impl Paged for ListModels {
    type Item = Model;

    fn after(&self, page: &Page<Model>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/models/{model}` ([reference]).
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetModel {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub model: ModelId,
    /// At which address.
    pub host: ModelHost,
}

impl GetModel {
    /// A model of a workspace.
    pub fn of(workspace: WorkspaceId, model: ModelId) -> Self {
        Self { workspace, model, host: ModelHost::default() }
    }
}

impl Operation for GetModel {
    type Output = Model;

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["models", self.model.as_str()])
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// One version of a registered model.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// `name:version`.
    pub id: ModelId,
    /// Its name.
    pub name: String,
    /// Its version, rising.
    #[serde(default)]
    pub version: u64,
    /// `ScikitLearn`, `TensorFlow`, `Custom` and others.
    #[serde(default)]
    pub framework: Option<String>,
    /// The version of that.
    #[serde(default)]
    pub framework_version: Option<String>,
    /// Where its files are (`aml://asset/…`), without a signature.
    #[serde(default, deserialize_with = "without_signature")]
    pub url: Option<String>,
    /// What its files are.
    #[serde(default)]
    pub mime_type: Option<String>,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was registered.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_time: Option<Timestamp>,
    /// When it was changed.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub modified_time: Option<Timestamp>,
    /// Whether its file is an archive that is unpacked for use.
    #[serde(default, deserialize_with = "null_as_default")]
    pub unpack: bool,
    /// The model that it was made from.
    #[serde(default)]
    pub parent_model_id: Option<ModelId>,
    /// The run that made it.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The experiment of that run.
    #[serde(default)]
    pub experiment_name: Option<String>,
    /// What it learned from.
    #[serde(default, deserialize_with = "null_as_default")]
    pub datasets: Vec<ModelDataset>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub kv_tags: BTreeMap<String, String>,
    /// Properties, which never change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: BTreeMap<String, String>,
}

/// What a model learned from.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ModelDataset {
    /// What it was used for: "training data".
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// Its id.
    #[serde(deserialize_with = "null_as_default")]
    pub id: String,
}

impl Model {
    /// The asset that holds its files.
    pub fn asset(&self) -> Option<AssetId> {
        let id = self.url.as_deref()?.strip_prefix("aml://asset/")?;
        (!id.is_empty()).then(|| id.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(url: &str) -> Model {
        serde_json::from_str(&format!(r#"{{"id":"m:1","name":"m","url":"{url}"}}"#)).unwrap()
    }

    #[test]
    fn the_files_of_a_model_are_those_of_its_asset() {
        assert_eq!(model("aml://asset/0123").asset(), Some("0123".into()));
        assert_eq!(model("aml://asset/").asset(), None);
        assert_eq!(model("https://account.blob.core.windows.net/x").asset(), None);
    }

    #[test]
    fn a_signature_in_an_address_is_not_kept() {
        let signed = model("https://account.blob.core.windows.net/x?sv=1&sig=hush");
        assert_eq!(signed.url.as_deref(), Some("https://account.blob.core.windows.net/x"));
        assert!(!format!("{signed:?}").contains("hush"));
    }
}
