//! Assets: the files that models and images are made of.

use std::collections::BTreeMap;

use http::Method;
use serde::{Deserialize, Serialize};

use crate::tolerant::null_as_default;
use crate::{
    Address, AssetId, Body, ModelHost, Operation, Page, Paged, Query, RunId, Timestamp, WorkspaceId,
    timestamp, versions,
};

/// `GET …/assets` ([reference]): newest first.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListAssets {
    /// Where.
    pub workspace: WorkspaceId,
    /// Only what this run made.
    pub run: Option<RunId>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
    /// At which address.
    pub host: ModelHost,
}

impl ListAssets {
    /// All assets of a workspace.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, run: None, next: None, host: ModelHost::default() }
    }
}

impl Operation for ListAssets {
    type Output = Page<Asset>;

    fn address(&self) -> Address {
        let query = Query::version(versions::MODEL_MANAGEMENT).maybe("runId", self.run.as_ref());
        self.host.list(&self.workspace, "assets", query, self.next.as_ref())
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

impl Paged for ListAssets {
    type Item = Asset;

    fn after(&self, page: &Page<Asset>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/assets/{asset}` ([reference]).
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetAsset {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub asset: AssetId,
    /// At which address.
    pub host: ModelHost,
}

impl GetAsset {
    /// An asset of a workspace.
    pub fn of(workspace: WorkspaceId, asset: AssetId) -> Self {
        Self { workspace, asset, host: ModelHost::default() }
    }
}

impl Operation for GetAsset {
    type Output = Asset;

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["assets", self.asset.as_str()])
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// `POST …/assets` ([reference]): files of a run, kept for use. Each time it is another asset.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CreateAsset {
    /// Where.
    #[serde(skip)]
    pub workspace: WorkspaceId,
    /// Its name, often that of its file.
    pub name: String,
    /// A text for people.
    pub description: String,
    /// Its files.
    pub artifacts: Vec<AssetArtifact>,
    /// The run that made it.
    #[serde(rename = "runid")]
    pub run: RunId,
    /// At which address.
    #[serde(skip)]
    pub host: ModelHost,
}

impl Operation for CreateAsset {
    type Output = Asset;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["assets"])
    }

    fn body(&self) -> Body {
        Body::Json(serde_json::to_value(self).expect("names and texts are always JSON"))
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// Some files, kept for use.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Its name, often that of its file.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Its files.
    #[serde(default, deserialize_with = "null_as_default")]
    pub artifacts: Vec<AssetArtifact>,
    /// The run that made it. The service writes the name of this field in small letters.
    #[serde(rename = "runid", alias = "runId", default)]
    pub run_id: Option<RunId>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_time: Option<Timestamp>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub kv_tags: BTreeMap<String, String>,
    /// Properties, which never change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: BTreeMap<String, String>,
}

/// A file of an asset, or all files whose paths begin alike.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
pub struct AssetArtifact {
    /// `{origin}/{container}/{path}`, of one file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The same of many files, which begins all their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
}

impl AssetArtifact {
    /// A file in the container of a run, or, where the path ends in `/`, a folder.
    pub fn of_container(container: &str, path: &str) -> Self {
        let text = Some(format!("ExperimentRun/{container}/{path}"));
        match path.ends_with('/') {
            true => Self { id: None, prefix: text },
            false => Self { id: text, prefix: None },
        }
    }

    /// Its id or its prefix.
    pub fn text(&self) -> &str {
        let some = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
        let text = if some(&self.id) { &self.id } else { &self.prefix };
        text.as_deref().unwrap_or_default()
    }

    /// The run and the path there, where it is of a run: `ExperimentRun/dcid.{run}/{path}`.
    pub fn in_run(&self) -> Option<(RunId, &str)> {
        let (container, path) = self.text().strip_prefix("ExperimentRun/dcid.")?.split_once('/')?;
        (!container.is_empty()).then(|| (container.into(), path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(text: &str) -> AssetArtifact {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_file_is_found_in_the_run_that_made_it() {
        let file = artifact(r#"{"id":"ExperimentRun/dcid.e_1/outputs/model.pkl","prefix":null}"#);
        assert_eq!(file.in_run(), Some(("e_1".into(), "outputs/model.pkl")));
        let folder = artifact(r#"{"id":"","prefix":"ExperimentRun/dcid.e_1/outputs/model/"}"#);
        assert_eq!(folder.in_run(), Some(("e_1".into(), "outputs/model/")));
        let other = artifact(r#"{"id":"LocalUpload/200101T100000-abc/model.pkl"}"#);
        assert_eq!((other.in_run(), other.text()), (None, "LocalUpload/200101T100000-abc/model.pkl"));
        assert_eq!(artifact("{}").text(), "");
    }
}
