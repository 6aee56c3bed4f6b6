//! Changes that take time: what is under way, how it ends, and where a client asks about it.

use http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::guid;
use crate::compute_changes;
use crate::errors;
use crate::management::method_not_allowed;
use crate::model_changes;
use crate::simulator::Simulator;
use crate::state::{State, Workspace, id_part, text};
use crate::times::seconds;

/// A change that was taken.
pub struct Operation {
    pub id: String,
    /// The ARM id of what is changed.
    pub resource: String,
    pub change: Change,
    pub ends: OffsetDateTime,
    /// Why it ends badly.
    pub failure: Option<Value>,
    pub is_over: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    Update,
    Delete,
    Start,
    Stop,
    Restart,
    Resync,
}

impl Change {
    /// Guess: how long it takes. Recorded answers came after half a minute or a minute.
    fn seconds(self) -> f64 {
        match self {
            Change::Create | Change::Start => 20.0,
            Change::Delete | Change::Stop => 15.0,
            Change::Update | Change::Restart | Change::Resync => 8.0,
        }
    }
}

/// How a client is told where to ask.
#[derive(Clone, Copy)]
pub enum Told {
    /// `Azure-AsyncOperation` alone, as recorded for computes.
    Compute,
    /// That and `Location`, as recorded for workspaces.
    Workspace,
    /// `Location` alone, as for resource groups.
    Group,
    /// Not at all.
    Nothing,
}

impl Operation {
    pub fn new(resource: &str, change: Change, seed: &str, ends: OffsetDateTime) -> Operation {
        let id = guid(&format!("operation {seed}"));
        Operation { id, resource: resource.to_owned(), change, ends, failure: None, is_over: false }
    }

    fn is_of(&self, resource: &str) -> bool {
        self.resource.eq_ignore_ascii_case(resource)
    }

    fn holds(&self, resource: &str) -> bool {
        let within =
            |(start, rest): (&str, &str)| start.eq_ignore_ascii_case(&self.resource) && rest.starts_with('/');
        self.is_of(resource)
            || (self.change == Change::Delete
                && resource.split_at_checked(self.resource.len()).is_some_and(within))
    }
}

impl Simulator {
    /// Lets everything happen that has happened by now.
    pub(crate) fn settle(&mut self, now: OffsetDateTime) {
        let mut operations = std::mem::take(&mut self.state.operations);
        for operation in operations.iter_mut().filter(|one| !one.is_over && one.ends <= now) {
            operation.is_over = true;
            self.state.finish(operation);
        }
        self.state.operations = operations;
        for workspace in &mut self.state.workspaces {
            model_changes::settle(workspace, now);
        }
    }

    /// Refuses a change of what is being changed, or of what is in something that is being deleted.
    pub(crate) fn check_idle(&self, resource: &str) -> Result<(), Answer> {
        let mut under_way = self.state.operations.iter().filter(|one| !one.is_over);
        let Some(operation) = under_way.find(|operation| operation.holds(resource)) else { return Ok(()) };
        if operation.resource.to_ascii_lowercase().contains("/providers/") {
            // Guess: the words.
            let message =
                format!("Another operation on '{}' is in progress. Try again later.", operation.resource);
            return Err(errors::arm(409, "AnotherOperationInProgress", message));
        }
        let name = operation.resource.rsplit('/').next().unwrap_or_default();
        let message = format!(
            "The resource group '{name}' is in deprovisioning state and cannot perform this operation."
        );
        Err(errors::arm(409, "ResourceGroupBeingDeleted", message))
    }

    /// Takes a change that will be over after a while, and tells the client where to ask about it.
    pub(crate) fn begin(
        &mut self,
        call: &Call<'_>,
        resource: &str,
        change: Change,
        failure: Option<Value>,
        told: Told,
        answer: Answer,
    ) -> Answer {
        let ends = call.now + seconds(change.seconds() / self.speed);
        let mut operation = Operation::new(resource, change, &call.number.to_string(), ends);
        operation.failure = failure;
        let id = operation.id.clone();
        self.state.operations.push(operation);

        let version = call.query("api-version").unwrap_or_default();
        let subscription = format!("{}/subscriptions/{}", call.place.origin, call.segments[1]);
        let region = self.region_of(resource);
        let place = format!("{subscription}/providers/Microsoft.MachineLearningServices/locations/{region}");
        match told {
            Told::Compute => {
                let link = format!("{place}/computeOperationsStatus/{id}?api-version={version}&service=new");
                answer.with("azure-asyncoperation", link)
            }
            Told::Workspace => {
                let link = format!("{place}/workspaceOperationsStatus/{id}?api-version={version}&type=");
                answer
                    .with("azure-asyncoperation", format!("{link}async"))
                    .with("location", format!("{link}location"))
            }
            Told::Nothing => answer,
            Told::Group => {
                answer.with("location", format!("{subscription}/operationresults/{id}?api-version={version}"))
            }
        }
    }

    fn region_of(&self, resource: &str) -> String {
        let document = json!({ "id": resource });
        let part = |segment: &str| id_part(&document, segment).to_owned();
        self.state
            .workspace(&part("subscriptions"), &part("resourceGroups"), &part("workspaces"))
            .map_or_else(|| self.state.regions[0].clone(), |workspace| workspace.region().to_owned())
    }

    /// How a change stands: the word for it, or what it made.
    pub(crate) fn operation(&self, call: &Call<'_>, id: &str) -> Outcome {
        if call.method != Method::GET {
            return Err(method_not_allowed(call));
        }
        let operation = self.state.operations.iter().find(|operation| operation.id.eq_ignore_ascii_case(id));
        let Some(operation) = operation else {
            // Guess: the code and the words.
            return Err(errors::arm(404, "NotFound", format!("The operation '{id}' could not be found.")));
        };
        let is_location = call.query("type") == Some("location") || call.path().contains(&"operationresults");
        match (is_location, operation.is_over, &operation.failure) {
            (false, false, _) => Ok(Answer::json(
                200,
                &errors::sample(include_str!("../samples/arm_operation_status_inprogress.json")),
            )),
            (false, true, None) => Ok(Answer::json(
                200,
                &errors::sample(include_str!("../samples/arm_operation_status_succeeded.json")),
            )),
            (false, true, Some(error)) => {
                Ok(Answer::json(200, &json!({ "status": "Failed", "error": error })))
            }
            (true, false, _) => {
                Ok(Answer::empty(202).with("location", format!("{}{}", call.place.origin, call.target)))
            }
            (true, true, Some(error)) => Err(Answer::json(400, &json!({ "error": error }))),
            (true, true, None) => Ok(match self.state.workspace_at(&operation.resource) {
                Some(workspace) if operation.change != Change::Resync => {
                    Answer::json(200, &workspace.document)
                }
                _ => Answer::empty(if operation.resource.contains("/providers/") { 204 } else { 200 }),
            }),
        }
    }
}

impl State {
    /// The workspace with an ARM id.
    pub fn workspace_at(&self, id: &str) -> Option<&Workspace> {
        self.workspaces.iter().find(|workspace| text(&workspace.document, "id").eq_ignore_ascii_case(id))
    }

    fn finish(&mut self, operation: &Operation) {
        let resource = &operation.resource;
        let is_it = |document: &Value| text(document, "id").eq_ignore_ascii_case(resource);
        if operation.change == Change::Delete {
            let is_kept = |document: &Value| !operation.holds(text(document, "id"));
            self.resource_groups.retain(is_kept);
            self.resources.retain(is_kept);
            self.workspaces.retain(|workspace| is_kept(&workspace.document));
            for workspace in &mut self.workspaces {
                workspace.computes.retain(is_kept);
            }
            return;
        }
        for workspace in &mut self.workspaces {
            if is_it(&workspace.document) {
                let state = if operation.failure.is_some() { "Failed" } else { "Succeeded" };
                workspace.document["properties"]["provisioningState"] = state.into();
            }
            for compute in workspace.computes.iter_mut().filter(|compute| is_it(compute)) {
                compute_changes::settle(compute, operation);
            }
        }
    }
}
