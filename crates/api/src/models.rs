//! Registered models.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::model_management::without_signature;
use crate::tolerant::null_as_default;
use crate::{
    Address, AssetId, Body, ModelHost, ModelId, Operation, Page, Paged, Query, RunId, Timestamp, WorkspaceId,
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

/// `POST …/models` ([reference]): the next version of the name, or the first.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterModel {
    /// Where.
    #[serde(skip)]
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// The asset that holds its files.
    #[serde(rename = "url", serialize_with = "as_address")]
    pub asset: AssetId,
    /// What its files are.
    pub mime_type: String,
    /// A text for people.
    pub description: String,
    /// Whether its file is an archive that is to be unpacked for use.
    pub unpack: bool,
    /// The run that made it.
    pub run_id: Option<RunId>,
    /// The experiment of that run.
    pub experiment_name: Option<String>,
    /// `ScikitLearn`, `TensorFlow`, `Custom` and others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<String>,
    /// The version of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework_version: Option<String>,
    /// Tags.
    pub kv_tags: BTreeMap<String, String>,
    /// Properties, which never change.
    pub properties: BTreeMap<String, String>,
    /// At which address.
    #[serde(skip)]
    pub host: ModelHost,
}

impl RegisterModel {
    /// What is wrong with a text as the name of a model, in a sentence.
    ///
    /// The rule is the SDK's: a letter or digit, then up to 254 letters, digits, `-`, `.` or `_`.
    pub fn name_fault(name: &str) -> Option<String> {
        let mut characters = name.chars();
        let Some(first) = characters.next() else { return Some("Give the model a name.".to_owned()) };
        if !first.is_ascii_alphanumeric() {
            return Some(format!("A model’s name begins with a letter or a digit, not with “{first}”."));
        }
        let is_good = |character: &char| character.is_ascii_alphanumeric() || "-._".contains(*character);
        if let Some(wrong) = characters.find(|character| !is_good(character)) {
            let shown = if wrong.is_whitespace() { "a space".to_owned() } else { format!("“{wrong}”") };
            return Some(format!("A model’s name has letters, digits, -, . and _ only, not {shown}."));
        }
        (name.len() > 255)
            .then(|| format!("A model’s name has at most 255 characters; this one has {}.", name.len()))
    }
}

fn as_address<S: serde::Serializer>(asset: &AssetId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("aml://asset/{asset}"))
}

impl Operation for RegisterModel {
    type Output = Model;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["models"])
    }

    fn body(&self) -> Body {
        Body::Json(serde_json::to_value(self).expect("names and texts are always JSON"))
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
    fn names_of_models_follow_the_rule_of_the_sdk() {
        for good in ["a", "loaves-forecaster", "7.days_ahead", &"x".repeat(255)] {
            assert_eq!(RegisterModel::name_fault(good), None, "{good}");
        }
        for (bad, said) in [("", "a name"), (".a", "begins"), ("a b", "a space"), ("a:1", "“:”")] {
            let fault = RegisterModel::name_fault(bad).expect("the name breaks the rule");
            assert!(fault.contains(said), "{bad}: {fault}");
        }
        assert!(RegisterModel::name_fault(&"x".repeat(256)).is_some());
    }

    #[test]
    fn a_signature_in_an_address_is_not_kept() {
        let signed = model("https://account.blob.core.windows.net/x?sv=1&sig=hush");
        assert_eq!(signed.url.as_deref(), Some("https://account.blob.core.windows.net/x"));
        assert!(!format!("{signed:?}").contains("hush"));
    }
}
