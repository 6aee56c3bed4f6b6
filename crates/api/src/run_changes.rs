//! What can be changed of a run that is there: what people say of it, and that it goes on.

use std::collections::BTreeMap;

use http::{Method, Response};
use serde_json::{Map, Value, json};

use crate::experiments::history;
use crate::operation::read_nothing;
use crate::{
    Address, ApiError, Body, ExperimentName, Operation, Path, PipelineHost, PipelineId, Query,
    RegionalService, Run, RunId, RunKind, Service, WorkspaceId,
};

/// `POST …/execution/v1.0/…/experiments/{experiment}/runId/{run}/cancel` ([reference]): asks a run to stop.
///
/// The answer says only that it was asked; the run itself tells when it is over. One that is over is refused.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct CancelRun {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one.
    pub run: RunId,
}

impl Operation for CancelRun {
    type Output = ();

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::Execution),
            Path::new(["execution", "v1.0"]).join(self.workspace.segments()).join([
                "experiments",
                self.experiment.as_str(),
                "runId",
                self.run.as_str(),
                "cancel",
            ]),
            Query::new(),
        )
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        read_nothing(response)
    }
}

/// `DELETE …/Experiments/{id}/Execution` ([published client]): asks a run of a pipeline to stop, with all of its steps.
///
/// [published client]: https://pypi.org/project/azureml-pipeline-core/
#[derive(Clone, Debug, PartialEq)]
pub struct CancelPipelineRun {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub run: PipelineId,
    /// At which address.
    pub host: PipelineHost,
}

impl Operation for CancelPipelineRun {
    type Output = ();

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["Experiments", self.run.as_str(), "Execution"])
    }

    // Where a path is not known nothing was stopped, so that the other one may be asked.
    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        read_nothing(response)
    }
}

/// How a run is asked to stop: each kind of run has a service that leads it.
#[derive(Clone, Debug, PartialEq)]
pub enum RunCancel {
    /// A script.
    Script(CancelRun),
    /// A sweep, with its trials.
    Sweep(crate::CancelSweep),
    /// A run of a pipeline, with its steps.
    Pipeline(CancelPipelineRun),
}

impl RunCancel {
    /// For a run of a kind.
    pub fn of(workspace: WorkspaceId, experiment: ExperimentName, run: RunId, kind: RunKind) -> Self {
        match kind {
            RunKind::Sweep => Self::Sweep(crate::CancelSweep { workspace, experiment, run }),
            RunKind::Pipeline => Self::Pipeline(CancelPipelineRun {
                workspace,
                run: run.as_str().into(),
                host: PipelineHost::default(),
            }),
            RunKind::Script | RunKind::Step => Self::Script(CancelRun { workspace, experiment, run }),
        }
    }
}

/// `PATCH …/experiments/{experiment}/runs/{run}` ([reference]): changes what people say of a run. What is none stays as
/// it is; an empty text takes a text away; tags are laid over those that are there.
///
/// The same request makes a run where there is none of that id, so it is for runs that were seen.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRun {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one.
    pub run: RunId,
    /// What is changed.
    pub change: RunEdit,
}

/// What is changed of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunEdit {
    /// A name for people.
    pub display_name: Option<String>,
    /// A text for people.
    pub description: Option<String>,
    /// Whether it is kept out of lists. A run cannot be deleted; this is what there is instead.
    pub hidden: Option<bool>,
    /// Tags that are added or get another value.
    pub tags: BTreeMap<String, String>,
}

impl Operation for ChangeRun {
    type Output = Run;

    fn method(&self) -> Method {
        Method::PATCH
    }

    fn address(&self) -> Address {
        run_address(&self.workspace, &self.experiment, &self.run, &[])
    }

    fn body(&self) -> Body {
        let RunEdit { display_name, description, hidden, tags } = &self.change;
        let mut fields = Map::new();
        if let Some(name) = display_name {
            // Older services know the first, newer ones show the second; what is not known is left alone.
            fields.insert("name".to_owned(), name.as_str().into());
            fields.insert("displayName".to_owned(), name.as_str().into());
        }
        if let Some(description) = description {
            fields.insert("description".to_owned(), description.as_str().into());
        }
        if let Some(hidden) = hidden {
            fields.insert("hidden".to_owned(), (*hidden).into());
        }
        if !tags.is_empty() {
            fields.insert("tags".to_owned(), json!(tags));
        }
        Body::Json(Value::Object(fields))
    }
}

/// `DELETE …/experiments/{experiment}/runs/{run}/tags` ([reference]): takes tags away, which are named in the body.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteRunTags {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Of which run.
    pub run: RunId,
    /// Their names.
    pub tags: Vec<String>,
}

impl Operation for DeleteRunTags {
    type Output = Run;

    fn method(&self) -> Method {
        Method::DELETE
    }

    fn address(&self) -> Address {
        run_address(&self.workspace, &self.experiment, &self.run, &["tags"])
    }

    fn body(&self) -> Body {
        Body::Json(json!(self.tags))
    }
}

fn run_address(workspace: &WorkspaceId, experiment: &ExperimentName, run: &RunId, rest: &[&str]) -> Address {
    Address::Path(
        Service::Regional(workspace.clone(), RegionalService::History),
        history(workspace)
            .join(["experiments", experiment.as_str(), "runs", run.as_str()])
            .join(rest.iter().copied()),
        Query::new(),
    )
}

impl RunEdit {
    /// Whether a run is already as this would make it.
    pub fn is_done(&self, run: &Run) -> bool {
        let text = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| wanted == found.unwrap_or_default())
        };
        text(&self.display_name, run.label())
            && text(&self.description, run.description.as_deref())
            && self.hidden.is_none_or(|hidden| hidden == run.hidden)
            && self.tags.iter().all(|(name, value)| run.tags.get(name) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_is_not_sent() {
        let change = |change| ChangeRun {
            workspace: WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() },
            experiment: "e".into(),
            run: "r".into(),
            change,
        };
        let hide = change(RunEdit { hidden: Some(true), ..RunEdit::default() });
        assert!(hide.body() == Body::Json(json!({ "hidden": true })) && !hide.is_read());
        let all = RunEdit {
            display_name: Some("best so far".to_owned()),
            description: Some(String::new()),
            hidden: Some(false),
            tags: BTreeMap::from([("team".to_owned(), "vision".to_owned())]),
        };
        let expected = json!({
            "name": "best so far", "displayName": "best so far", "description": "", "hidden": false,
            "tags": { "team": "vision" },
        });
        assert!(change(all).body() == Body::Json(expected));
    }

    #[test]
    fn a_run_tells_whether_a_change_arrived() {
        let run: Run = serde_json::from_value(json!({
            "runId": "r", "status": "Running", "name": "old", "description": null, "tags": { "team": "vision" },
        }))
        .unwrap();
        let tags = |value: &str| BTreeMap::from([("team".to_owned(), value.to_owned())]);
        let done = |edit: RunEdit| edit.is_done(&run);
        assert!(done(RunEdit {
            description: Some(String::new()),
            hidden: Some(false),
            ..RunEdit::default()
        }));
        assert!(done(RunEdit { tags: tags("vision"), ..RunEdit::default() }));
        assert!(!done(RunEdit { tags: tags("sound"), ..RunEdit::default() }));
        assert!(!done(RunEdit { display_name: Some("new".to_owned()), ..RunEdit::default() }));
    }
}
