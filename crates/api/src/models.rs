//! Registered models.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::tolerant::null_as_default;
use crate::{
    Address, ModelId, Operation, Page, Paged, Path, Query, RegionalService, RunId, Service, Timestamp,
    WorkspaceId, timestamp, versions,
};

/// The path of model management, in the form that every host of it serves.
fn model_management(workspace: &WorkspaceId) -> Path {
    Path::new(["modelmanagement", "v1.0"]).join(workspace.segments())
}

fn service(workspace: &WorkspaceId) -> Service {
    Service::Regional(workspace.clone(), RegionalService::ModelManagement)
}

/// `GET …/models` ([reference]): every version of every model, newest first.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListModels {
    /// Where.
    pub workspace: WorkspaceId,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListModels {
    type Output = Page<Model>;

    fn address(&self) -> Address {
        match &self.next {
            Some(link) => Address::Link(service(&self.workspace), link.clone()),
            None => Address::Path(
                service(&self.workspace),
                model_management(&self.workspace).join(["models"]),
                Query::version(versions::MODEL_MANAGEMENT),
            ),
        }
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
}

impl Operation for GetModel {
    type Output = Model;

    fn address(&self) -> Address {
        Address::Path(
            service(&self.workspace),
            model_management(&self.workspace).join(["models", self.model.as_str()]),
            Query::version(versions::MODEL_MANAGEMENT),
        )
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
    /// Where its files are (`aml://asset/…`).
    #[serde(default)]
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
    /// The run that made it.
    #[serde(default)]
    pub run_id: Option<RunId>,
    /// The experiment of that run.
    #[serde(default)]
    pub experiment_name: Option<String>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub kv_tags: BTreeMap<String, String>,
    /// Properties, which never change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: BTreeMap<String, String>,
}
