//! HyperDrive: stopping sweeps. Starting one is not there.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors;
use crate::history::Scope;
use crate::simulator::Simulator;

impl Simulator {
    /// What follows the version.
    pub(crate) fn hyperdrive(&mut self, call: &Call<'_>, path: &[&str]) -> Outcome {
        self.data_plane_claims(call).map_err(|reason| errors::hyperdrive(401, reason))?;
        let no_such_path = || errors::hyperdrive(404, "The requested path was not found.");
        let (scope, path) = Scope::split(path).ok_or_else(no_such_path)?;
        if self.at(scope).is_none() {
            // Guess: the wording.
            return Err(errors::hyperdrive(404, &format!("Workspace {} was not found", scope.workspace)));
        }
        match (call.method, path) {
            (&Method::POST, ["experiments", name, "runs", id, "cancel"]) => {
                self.cancel_sweep(call, scope, name, id)
            }
            (_, ["experiments", _, "runs", _, "cancel"]) => {
                Err(errors::hyperdrive(405, &format!("The path does not support {}.", call.method)))
            }
            _ => Err(no_such_path()),
        }
    }

    fn cancel_sweep(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str, id: &str) -> Outcome {
        // Guess: that it is missed. The description does not say that it must be there, the published client sends it.
        if !call.header("runhistoryhost").is_some_and(|host| host.starts_with("http")) {
            return Err(errors::hyperdrive(400, "The header RunHistoryHost is missing or holds no address."));
        }
        let is_sweep = {
            let view = self.view(call, scope)?;
            let run = view.run(name, id).map_err(|_| no_run(id))?;
            run.document["properties"]["azureml.runsource"] == "hyperdrive"
                || run.document["runType"] == "hyperdrive"
        };
        if !is_sweep {
            return Err(no_run(id));
        }
        self.cancel_with_parts(call, scope, name, id).map_err(|moment| {
            // Guess: that it is refused, and the words.
            errors::hyperdrive(400, &format!("Run {id} is {moment} and can not be cancelled."))
        })?;
        let run = self.run_mut(call, scope, name, id)?;
        run.document["tags"]["_aml_system_cancellation_requested"] = "true".into();
        let result = format!("Cancellation requested for {id}");
        Ok(Answer::json(200, &json!({ "code": 200, "result": Value::from(result) })))
    }
}

/// Guess: the wording.
fn no_run(id: &str) -> Answer {
    errors::hyperdrive(404, &format!("HyperDrive run {id} was not found"))
}
