//! Experiments: runs under one name.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::json;

use crate::tolerant::null_as_default;
use crate::{
    Address, Body, ExperimentName, ListForm, Operation, Page, Paged, Path, Query, RegionalService, RunId,
    Service, Timestamp, WorkspaceId, timestamp,
};

/// The path of run history for a workspace.
pub(crate) fn history(workspace: &WorkspaceId) -> Path {
    Path::new(["history", "v1.0"]).join(workspace.segments())
}

/// `POST …/experiments:query`, or `GET …/experiments` ([reference]): the experiments of a workspace.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListExperiments {
    /// Where.
    pub workspace: WorkspaceId,
    /// At most so many in a page; the service decides if there is none.
    pub top: Option<u32>,
    /// Which way to ask.
    pub form: ListForm,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl ListExperiments {
    /// All of a workspace.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, top: None, form: ListForm::default(), next: None }
    }
}

impl Operation for ListExperiments {
    type Output = Page<Experiment>;

    fn method(&self) -> Method {
        match self.form {
            ListForm::Query => Method::POST,
            ListForm::Get => Method::GET,
        }
    }

    fn address(&self) -> Address {
        let path = history(&self.workspace).join(["experiments"]);
        let service = Service::Regional(self.workspace.clone(), RegionalService::History);
        match self.form {
            ListForm::Query => {
                Address::Path(service, path.verb("query"), Query::new().with("viewType", "Default"))
            }
            ListForm::Get => Address::Path(
                service,
                path,
                Query::new().maybe("$top", self.top).maybe("$continuationtoken", self.next.as_deref()),
            ),
        }
    }

    fn body(&self) -> Body {
        match self.form {
            ListForm::Query => Body::Json(json!({ "top": self.top, "continuationToken": self.next })),
            ListForm::Get => Body::Empty,
        }
    }

    fn is_read(&self) -> bool {
        true
    }

    fn otherwise(&self) -> Option<Self> {
        (self.form == ListForm::Query).then(|| Self { form: ListForm::Get, ..self.clone() })
    }
}

impl Paged for ListExperiments {
    type Item = Experiment;

    fn after(&self, page: &Page<Experiment>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/experiments/{experiment}` ([reference]).
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetExperiment {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub experiment: ExperimentName,
}

impl Operation for GetExperiment {
    type Output = Experiment;

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::History),
            history(&self.workspace).join(["experiments", self.experiment.as_str()]),
            Query::new(),
        )
    }
}

/// An experiment.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Experiment {
    /// Its id, which later calls want instead of its name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub experiment_id: String,
    /// Its name.
    pub name: ExperimentName,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_utc: Option<Timestamp>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// When it was archived; none means that it is in use.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub archived_time: Option<Timestamp>,
    /// Its newest run.
    #[serde(default)]
    pub latest_created_run_id: Option<RunId>,
    /// When that run was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub latest_created_run_created_utc: Option<Timestamp>,
}
