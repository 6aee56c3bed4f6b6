//! Pipelines: their runs, graphs, modules, templates and data sources, each by its id; the service lists none of them.

use std::collections::BTreeMap;
use std::fmt;

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model_management::without_signature;
use crate::tolerant::null_as_default;
use crate::{
    Address, DatastoreName, ExperimentName, Operation, Path, PipelineId, Query, RegionalService, RunId,
    RunPhase, Service, Timestamp, WorkspaceId, timestamp,
};

/// At which of its two addresses the pipeline service is asked.
///
/// The host of its own, which the discovery document names, serves it under `/api/v1.0`, as the article on exporting
/// data and Microsoft's older clients ask. Newer clients ask the host of all services, under `/pipelines/v1.0`; it is
/// asked where the document names no host of its own, or where that does not know the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PipelineHost {
    /// `{pipelines}/api/v1.0…`.
    #[default]
    Own,
    /// `{api}/pipelines/v1.0…`.
    Shared,
}

impl PipelineHost {
    pub(crate) fn other(self) -> Option<Self> {
        match self {
            Self::Own => Some(Self::Shared),
            Self::Shared => None,
        }
    }

    pub(crate) fn address<'a>(
        self,
        workspace: &'a WorkspaceId,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Address {
        let (service, prefix) = match self {
            Self::Own => (RegionalService::Pipelines, Path::new(["api", "v1.0"])),
            Self::Shared => (RegionalService::SharedPipelines, Path::new(["pipelines", "v1.0"])),
        };
        Address::Path(
            Service::Regional(workspace.clone(), service),
            prefix.join(workspace.segments()).join(segments),
            Query::new(),
        )
    }
}

macro_rules! get_by_id {
    ($($(#[$docs:meta])* $name:ident($segment:literal) -> $output:ty;)*) => {$(
        $(#[$docs])*
        ///
        /// [article]: https://learn.microsoft.com/azure/machine-learning/how-to-export-delete-data
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// Where.
            pub workspace: WorkspaceId,
            /// Which one.
            pub id: PipelineId,
            /// At which address.
            pub host: PipelineHost,
        }

        impl $name {
            /// Of a workspace.
            pub fn of(workspace: WorkspaceId, id: PipelineId) -> Self {
                Self { workspace, id, host: PipelineHost::default() }
            }
        }

        impl Operation for $name {
            type Output = Described<$output>;

            fn address(&self) -> Address {
                self.host.address(&self.workspace, [$segment, self.id.as_str()])
            }

            fn otherwise(&self) -> Option<Self> {
                Some(Self { host: self.host.other()?, ..self.clone() })
            }
        }
    )*};
}

get_by_id! {
    /// `GET …/Experiments/{id}` ([article]): a run of a pipeline, by its id in run history. What the service calls an
    /// experiment here is not an experiment of run history.
    GetPipelineRun("Experiments") -> PipelineRun;
    /// `GET …/Graphs/{id}` ([article]): the steps of a pipeline, its data, and what goes from one to the other.
    GetPipelineGraph("Graphs") -> PipelineGraph;
    /// `GET …/Modules/{id}` ([article]): what a step runs.
    GetPipelineModule("Modules") -> PipelineModule;
    /// `GET …/Templates/{id}` ([article]): a pipeline to make others from.
    GetPipelineTemplate("Templates") -> PipelineTemplate;
    /// `GET …/DataSources/{id}` ([article]): data that a pipeline reads.
    GetPipelineDataSource("DataSources") -> PipelineDataSource;
}

/// `POST …/Experiments/{id}/Graph/AllNodes/Status` ([published client]): how each node of a pipeline run is, by the
/// node's id. It changes nothing.
///
/// [published client]: https://pypi.org/project/azureml-pipeline-core/
#[derive(Clone, Debug, PartialEq)]
pub struct GetPipelineNodeStatuses {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which pipeline run.
    pub run: PipelineId,
    /// At which address.
    pub host: PipelineHost,
}

impl GetPipelineNodeStatuses {
    /// Of a pipeline run.
    pub fn of(workspace: WorkspaceId, run: PipelineId) -> Self {
        Self { workspace, run, host: PipelineHost::default() }
    }
}

impl Operation for GetPipelineNodeStatuses {
    type Output = BTreeMap<String, NodeStatus>;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let segments = ["Experiments", self.run.as_str(), "Graph", "AllNodes", "Status"];
        self.host.address(&self.workspace, segments)
    }

    fn is_read(&self) -> bool {
        true
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// Something of the pipeline service: what we read of it, and all of it as it came, but for what opens storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Described<T> {
    /// What we read.
    pub value: T,
    /// All of it. Signatures in addresses, keys and tokens are left out as it is read.
    pub document: Value,
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Described<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut document = Value::deserialize(deserializer)?;
        leave_out_secrets(&mut document);
        let value = T::deserialize(&document).map_err(serde::de::Error::custom)?;
        Ok(Self { value, document })
    }
}

/// What stands in the place of a key or a token.
const LEFT_OUT: &str = "(left out)";

/// Data is located by references that may hold the key of a storage account or a signature.
fn leave_out_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if !text.is_empty() && opens_something(name) => {
                        LEFT_OUT.clone_into(text);
                    }
                    value => leave_out_secrets(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(leave_out_secrets),
        Value::String(text) => {
            let is_address = text.starts_with("https://") || text.starts_with("http://");
            if let (true, Some(query)) = (is_address, text.find('?')) {
                text.truncate(query);
            }
        }
        _ => {}
    }
}

fn opens_something(name: &str) -> bool {
    const ENDS: [&str; 7] =
        ["accountkey", "secret", "password", "token", "sas", "connectionstring", "credential"];
    let name = name.to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// A run of a pipeline.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PipelineRun {
    /// Its id, the same as in run history.
    pub id: PipelineId,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// How it is.
    #[serde(default, deserialize_with = "null_as_default")]
    pub status: PipelineStatus,
    /// Its graph.
    #[serde(default)]
    pub graph_id: Option<PipelineId>,
    /// Whether one of its steps was warned of something.
    #[serde(default, deserialize_with = "null_as_default")]
    pub has_warnings: bool,
    /// What was given for the parameters of the pipeline.
    #[serde(default, deserialize_with = "null_as_default")]
    pub parameter_assignments: BTreeMap<String, Value>,
    /// The experiment of run history that it belongs to.
    #[serde(default)]
    pub run_history_experiment_name: Option<ExperimentName>,
    /// The published pipeline that it is a run of.
    #[serde(default)]
    pub pipeline_id: Option<String>,
    /// What handed it in: `SDK` and others.
    #[serde(default)]
    pub run_source: Option<String>,
    /// What made it start: `HTTP`, `SDK`, `Schedule`, `Portal`.
    #[serde(default)]
    pub run_type: Option<String>,
    /// How many steps it has.
    #[serde(default)]
    pub total_run_steps: Option<u64>,
    /// The schedule that started it.
    #[serde(default)]
    pub schedule_id: Option<String>,
    /// Tags; the service writes this one name with a small letter.
    #[serde(default, rename = "tags", deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_date: Option<Timestamp>,
}

/// How a pipeline run is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PipelineStatus {
    /// Its state.
    pub status_code: PipelineState,
    /// More words, of a failure for example.
    pub status_detail: Option<String>,
    /// When it was made.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub creation_time: Option<Timestamp>,
    /// When it was over.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub end_time: Option<Timestamp>,
}

/// How one node of a pipeline run is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NodeStatus {
    /// Its state.
    pub status_code: PipelineState,
    /// More words, of a failure for example.
    pub status_detail: Option<String>,
    /// When it began to work.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub start_time: Option<Timestamp>,
    /// When it was over.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub end_time: Option<Timestamp>,
    /// Its run in run history, once there is one.
    pub run_id: Option<RunId>,
    /// Whether it was warned of something.
    #[serde(deserialize_with = "null_as_default")]
    pub has_warnings: bool,
    /// The step whose results were taken, where it did not run again.
    pub reuse_info: Option<ReuseInfo>,
}

/// Where the results of a step come from that did not run again.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReuseInfo {
    /// The pipeline run.
    pub pipeline_run_id: Option<PipelineId>,
    /// The run of the step in run history.
    pub run_id: Option<RunId>,
}

/// The state of a pipeline run, or of one of its nodes, in the words of the pipeline service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum PipelineState {
    /// Waits for what comes before it.
    #[default]
    NotStarted,
    /// Waits for a computer.
    Queued,
    /// Works.
    Running,
    /// Over, with an error.
    Failed,
    /// Over, as it should be.
    Finished,
    /// Over, because somebody stopped it.
    Canceled,
    /// Over, with some of it done.
    PartiallyExecuted,
    /// Left out.
    Bypassed,
    /// A word that is not known here.
    Other(String),
}

impl PipelineState {
    /// Reads the service's word.
    pub fn new(word: &str) -> Self {
        match word {
            "NotStarted" => Self::NotStarted,
            "Queued" => Self::Queued,
            "Running" => Self::Running,
            "Failed" => Self::Failed,
            "Finished" => Self::Finished,
            "Canceled" | "Cancelled" => Self::Canceled,
            "PartiallyExecuted" => Self::PartiallyExecuted,
            "Bypassed" => Self::Bypassed,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The service's word.
    pub fn word(&self) -> &str {
        match self {
            Self::NotStarted => "NotStarted",
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Failed => "Failed",
            Self::Finished => "Finished",
            Self::Canceled => "Canceled",
            Self::PartiallyExecuted => "PartiallyExecuted",
            Self::Bypassed => "Bypassed",
            Self::Other(word) => word,
        }
    }

    /// A plain word for it.
    pub fn plain(&self) -> &'static str {
        match self {
            Self::NotStarted => "Not begun",
            Self::Queued => "Waiting for a free computer",
            Self::Running => "Working",
            Self::Failed => "Did not work",
            Self::Finished => "Done",
            Self::Canceled => "Stopped",
            Self::PartiallyExecuted => "Done in part",
            Self::Bypassed => "Left out",
            Self::Other(_) => "On hold",
        }
    }

    /// Whether it never changes again. Words that are not known here may.
    pub fn is_finished(&self) -> bool {
        !matches!(self, Self::NotStarted | Self::Queued | Self::Running | Self::Other(_))
    }

    /// What it means for whoever waits.
    pub fn phase(&self) -> RunPhase {
        match self {
            Self::NotStarted | Self::Queued => RunPhase::Waiting,
            Self::Running => RunPhase::Working,
            Self::Finished => RunPhase::Done,
            Self::Failed => RunPhase::Failed,
            Self::Canceled | Self::Bypassed | Self::PartiallyExecuted => RunPhase::Stopped,
            Self::Other(_) => RunPhase::Unclear,
        }
    }
}

impl fmt::Display for PipelineState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl<'de> Deserialize<'de> for PipelineState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = Option::<String>::deserialize(deserializer)?;
        Ok(word.as_deref().map(Self::new).unwrap_or_default())
    }
}

/// The steps of a pipeline, its data, and what goes from one to the other.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PipelineGraph {
    /// Its id.
    pub id: PipelineId,
    /// The steps.
    #[serde(default, deserialize_with = "null_as_default")]
    pub module_nodes: Vec<ModuleNode>,
    /// The data that steps read.
    #[serde(default, deserialize_with = "null_as_default")]
    pub dataset_nodes: Vec<DatasetNode>,
    /// What goes from one to the other.
    #[serde(default, deserialize_with = "null_as_default")]
    pub edges: Vec<GraphEdge>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_date: Option<Timestamp>,
}

/// A step of a pipeline.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ModuleNode {
    /// Its id in the graph.
    pub id: String,
    /// What it runs.
    #[serde(default)]
    pub module_id: Option<PipelineId>,
    /// A text for people.
    #[serde(default)]
    pub comment: Option<String>,
}

/// Data that a pipeline reads, as a node of its graph.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DatasetNode {
    /// Its id in the graph.
    pub id: String,
    /// The data source.
    #[serde(default)]
    pub dataset_id: Option<PipelineId>,
    /// The parameter of the pipeline that names the data.
    #[serde(default)]
    pub data_path_parameter_name: Option<String>,
}

/// What goes from one node to another.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GraphEdge {
    /// Where it comes out.
    #[serde(default, deserialize_with = "null_as_default")]
    pub source_output_port: GraphPort,
    /// Where it goes in.
    #[serde(default, deserialize_with = "null_as_default")]
    pub destination_input_port: GraphPort,
}

/// Where data goes into a node, or comes out of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct GraphPort {
    /// Of which node; none for a port of the graph itself.
    pub node_id: Option<String>,
    /// Its name.
    pub port_name: Option<String>,
}

/// What a step runs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PipelineModule {
    /// Its id.
    pub id: PipelineId,
    /// Its name; a script's where nobody gave another.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// `PythonScriptStep` and others.
    #[serde(default)]
    pub step_type: Option<String>,
    /// Which engine runs it: `escloud` and others.
    #[serde(default)]
    pub module_execution_type: Option<String>,
    /// Whether the same input gives the same output, so that its results may be reused.
    #[serde(default)]
    pub is_deterministic: Option<bool>,
    /// What goes in, what comes out, what can be set.
    #[serde(default, deserialize_with = "null_as_default")]
    pub structured_interface: StructuredInterface,
    /// Where its files are.
    #[serde(default)]
    pub data_location: Option<DataLocation>,
    /// Who made it.
    #[serde(default)]
    pub created_by: Option<PipelineUser>,
    /// Changes with what it runs.
    #[serde(default)]
    pub hash: Option<String>,
    /// Whether it may still be used: `Active`, `Deprecated`, `Disabled`.
    #[serde(default)]
    pub entity_status: Option<String>,
    /// Tags; the service writes this one name with a small letter.
    #[serde(default, rename = "tags", deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_date: Option<Timestamp>,
}

/// What goes into a module, what comes out of it, and what can be set.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StructuredInterface {
    /// What goes in.
    #[serde(deserialize_with = "null_as_default")]
    pub inputs: Vec<ModuleInput>,
    /// What comes out.
    #[serde(deserialize_with = "null_as_default")]
    pub outputs: Vec<ModuleOutput>,
    /// What can be set.
    #[serde(deserialize_with = "null_as_default")]
    pub parameters: Vec<ModuleParameter>,
}

/// What goes into a module.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModuleInput {
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// What may go in: `AnyFile`, `AnyDirectory` and others.
    #[serde(deserialize_with = "null_as_default")]
    pub data_type_ids_list: Vec<String>,
    /// Whether it may be left out.
    #[serde(deserialize_with = "null_as_default")]
    pub is_optional: bool,
    /// How the data gets to the computer: `Mount`, `Download` and others.
    pub data_store_mode: Option<String>,
}

/// What comes out of a module.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModuleOutput {
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// What it is: `AnyFile` and others.
    pub data_type_id: Option<String>,
    /// Where it is kept.
    pub data_store_name: Option<DatastoreName>,
    /// How the data gets there: `Mount`, `Upload` and others.
    pub data_store_mode: Option<String>,
}

/// What can be set of a module.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ModuleParameter {
    /// Its name.
    #[serde(deserialize_with = "null_as_default")]
    pub name: String,
    /// `String`, `Int` and others.
    pub parameter_type: Option<String>,
    /// Whether it may be left out.
    #[serde(deserialize_with = "null_as_default")]
    pub is_optional: bool,
    /// Its value where none is given.
    pub default_value: Option<Value>,
}

/// Who made something.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PipelineUser {
    /// A name; of a service principal, its application id.
    pub user_name: Option<String>,
}

/// Where files are.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DataLocation {
    /// `Snapshot`, `AzureBlobReference` and others.
    pub storage_type: Option<String>,
    /// The id of a snapshot.
    pub storage_id: Option<String>,
    /// An address, without what would open it.
    #[serde(deserialize_with = "without_signature")]
    pub uri: Option<String>,
    /// A type, and under a name that ends in `Reference` what is needed to find it; see [`DataLocation::datastore`].
    data_reference: Value,
}

impl DataLocation {
    /// The datastore that holds it.
    pub fn datastore(&self) -> Option<DatastoreName> {
        self.of_reference("AmlDataStoreName").map(DatastoreName::from)
    }

    /// Where in the datastore.
    pub fn path(&self) -> Option<&str> {
        self.of_reference("RelativePath").or_else(|| self.of_reference("PathOnDataStore"))
    }

    /// Each kind of storage has a reference of its own, and the others are null.
    fn of_reference(&self, name: &str) -> Option<&str> {
        let references = self.data_reference.as_object()?.values();
        references.filter_map(|reference| reference.get(name)?.as_str()).find(|text| !text.is_empty())
    }
}

/// A pipeline to make others from.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PipelineTemplate {
    /// Its id.
    pub id: PipelineId,
    /// Its name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// The pipeline run that it was made from.
    #[serde(default)]
    pub experiment_id: Option<PipelineId>,
    /// Whether it may still be used: `Active`, `Deprecated`, `Disabled`.
    #[serde(default)]
    pub entity_status: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_date: Option<Timestamp>,
}

/// Data that a pipeline reads.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PipelineDataSource {
    /// Its id.
    pub id: PipelineId,
    /// Its name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// `AnyFile` and others.
    #[serde(default)]
    pub data_type_id: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub data_location: Option<DataLocation>,
    /// Whether it may still be used: `Active`, `Deprecated`, `Disabled`.
    #[serde(default)]
    pub entity_status: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_date: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: DeserializeOwned>(text: &str) -> Described<T> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_opens_storage_is_never_kept() {
        let source: Described<PipelineDataSource> = read(
            r#"{"Id":"d","DataLocation":{"Uri":"https://a.blob.core.windows.net/c?sv=1&sig=hush","DataReference":{
                "Type":"AzureBlob","AzureBlobReference":{"SasToken":"?sig=hush","AmlDataStoreName":"store",
                "RelativePath":"sales/2026","AccountKey":"hush=="},"AzureFilesReference":null}},
                "Nested":[{"ClientSecret":"hush","Note":"https://h/x?sig=hush"}]}"#,
        );
        assert!(!format!("{source:?}").contains("hush"), "{source:?}");
        assert_eq!(source.document["Nested"][0]["ClientSecret"], LEFT_OUT);
        let location = source.value.data_location.unwrap();
        assert_eq!(location.uri.as_deref(), Some("https://a.blob.core.windows.net/c"));
        assert_eq!((location.datastore(), location.path()), (Some("store".into()), Some("sales/2026")));
    }

    #[test]
    fn unknown_states_are_kept_and_not_finished() {
        let state = PipelineState::new("Hibernating");
        assert_eq!((state.word(), state.is_finished(), state.plain()), ("Hibernating", false, "On hold"));
        let words = [
            "NotStarted",
            "Queued",
            "Running",
            "Failed",
            "Finished",
            "Canceled",
            "PartiallyExecuted",
            "Bypassed",
        ];
        let finished: Vec<_> =
            words.into_iter().filter(|word| PipelineState::new(word).is_finished()).collect();
        assert_eq!(finished, words[3..]);
        assert!(words.into_iter().all(|word| PipelineState::new(word).word() == word));
    }

    #[test]
    fn a_status_without_words_is_read_all_the_same() {
        let statuses: BTreeMap<String, NodeStatus> = serde_json::from_str(
            r#"{"a":{},"b":{"StatusCode":null,"RunId":null,"HasWarnings":null,"ReuseInfo":null}}"#,
        )
        .unwrap();
        assert!(statuses.values().all(|status| status.status_code == PipelineState::NotStarted));
    }
}
