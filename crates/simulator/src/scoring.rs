//! Where services answer: for now only what they say about themselves.

use http::Method;
use serde_json::Value;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors::sample;
use crate::simulator::Simulator;
use crate::state::text;

impl Simulator {
    /// A container instance. Its name is in the host, or the first segment where one origin stands for all.
    pub(crate) fn scoring(&self, call: &Call<'_>) -> Outcome {
        let mut path = call.path();
        if call.place.account.is_empty() && !path.is_empty() {
            path.remove(0);
        }
        let name = match call.place.account.as_str() {
            "" => call.segments.first().map_or("", String::as_str),
            account => account,
        };
        let mut services = self.state.workspaces.iter().flat_map(|workspace| &workspace.services);
        let service = services.find(|service| text(service, "name") == name && service["state"] == "Healthy");
        match (service, call.method, path.as_slice()) {
            (Some(service), &Method::GET, ["swagger.json"]) => Ok(Answer::json(200, &description(service))),
            // What a container answers where it is only looked at.
            (Some(_), &Method::GET, []) => Ok(Answer::bytes(200, "text/plain", b"Healthy".to_vec())),
            _ => Err(Answer::empty(404)),
        }
    }
}

/// The description that the service's image makes of an entry script with a schema.
fn description(service: &Value) -> Value {
    sample(&include_str!("scoring/swagger.json").replace("NAME", text(service, "name")))
}
