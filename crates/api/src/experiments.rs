//! Experiments: runs under one name.

use std::collections::BTreeMap;

use http::{Method, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::operation::read_nothing;
use crate::tolerant::null_as_default;
use crate::{
    Address, ApiError, Body, ExperimentName, ListForm, Operation, Page, Paged, Path, Query, RegionalService,
    RunId, Service, Timestamp, WorkspaceId, timestamp,
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
    /// Which ones. The older way of asking gives all of them.
    pub view: ExperimentView,
    /// At most so many in a page; the service decides if there is none.
    pub top: Option<u32>,
    /// Which way to ask.
    pub form: ListForm,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

/// Which experiments are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExperimentView {
    /// Those that are in use.
    #[default]
    InUse,
    /// Those that were archived.
    Archived,
}

impl ExperimentView {
    fn word(self) -> &'static str {
        match self {
            Self::InUse => "Default",
            Self::Archived => "ArchivedOnly",
        }
    }
}

impl ListExperiments {
    /// All of a workspace that are in use.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, view: ExperimentView::default(), top: None, form: ListForm::default(), next: None }
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
                Address::Path(service, path.verb("query"), Query::new().with("viewType", self.view.word()))
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

/// `POST …/experiments/{experiment}` ([reference]): makes an experiment. One that exists is answered as it is.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct CreateExperiment {
    /// Where.
    pub workspace: WorkspaceId,
    /// Under which name.
    pub experiment: ExperimentName,
}

impl Operation for CreateExperiment {
    type Output = Experiment;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::History),
            history(&self.workspace).join(["experiments", self.experiment.as_str()]),
            Query::new(),
        )
    }
}

/// `PATCH …/experimentids/{id}` ([reference]): changes what people say of an experiment. What is none stays as it is;
/// tags are laid over those that are there.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeExperiment {
    /// Where.
    pub workspace: WorkspaceId,
    /// Its id, not its name.
    pub experiment_id: String,
    /// What is changed.
    pub change: ExperimentEdit,
}

/// What is changed of an experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExperimentEdit {
    /// A text for people.
    pub description: Option<String>,
    /// Whether it is archived: kept with its runs, and left out of lists.
    pub archive: Option<bool>,
    /// Tags that are added or get another value.
    pub tags: BTreeMap<String, String>,
}

impl Operation for ChangeExperiment {
    type Output = Experiment;

    fn method(&self) -> Method {
        Method::PATCH
    }

    fn address(&self) -> Address {
        address_by_id(&self.workspace, &self.experiment_id, &[])
    }

    fn body(&self) -> Body {
        let ExperimentEdit { description, archive, tags } = &self.change;
        let mut fields = Map::new();
        if let Some(description) = description {
            fields.insert("description".to_owned(), description.as_str().into());
        }
        if let Some(archive) = archive {
            fields.insert("archive".to_owned(), (*archive).into());
        }
        if !tags.is_empty() {
            fields.insert("tags".to_owned(), json!(tags));
        }
        Body::Json(Value::Object(fields))
    }
}

/// `DELETE …/experimentids/{id}/tags` ([reference]): takes tags away, which are named in the body.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteExperimentTags {
    /// Where.
    pub workspace: WorkspaceId,
    /// The experiment's id, not its name.
    pub experiment_id: String,
    /// Their names.
    pub tags: Vec<String>,
}

impl Operation for DeleteExperimentTags {
    type Output = Experiment;

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        address_by_id(&self.workspace, &self.experiment_id, &["tags"])
    }

    fn body(&self) -> Body {
        Body::Json(json!({ "tags": self.tags }))
    }
}

/// `DELETE …/experimentids/{id}` ([published client]): deletes an experiment that has no runs.
///
/// [published client]: https://pypi.org/project/azureml-core/
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteExperiment {
    /// Where.
    pub workspace: WorkspaceId,
    /// Its id, not its name.
    pub experiment_id: String,
}

impl Operation for DeleteExperiment {
    type Output = ();

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        address_by_id(&self.workspace, &self.experiment_id, &[])
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        read_nothing(response)
    }
}

fn address_by_id(workspace: &WorkspaceId, id: &str, rest: &[&str]) -> Address {
    Address::Path(
        Service::Regional(workspace.clone(), RegionalService::History),
        history(workspace).join(["experimentids", id]).join(rest.iter().copied()),
        Query::new(),
    )
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

impl ExperimentEdit {
    /// Whether an experiment is already as this would make it.
    pub fn is_done(&self, experiment: &Experiment) -> bool {
        let found = experiment.description.as_deref().unwrap_or_default();
        self.description.as_deref().is_none_or(|wanted| wanted == found)
            && self.archive.is_none_or(|archive| archive == experiment.archived_time.is_some())
            && self.tags.iter().all(|(name, value)| experiment.tags.get(name) == Some(value))
    }
}
