//! Where services answer: for now only what they say about themselves.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
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
    let numbers = json!({ "type": "array", "items": { "type": "integer", "format": "int64" } });
    let body = |schema: &str| json!({ "$ref": format!("#/definitions/{schema}") });
    let security = json!({ "Bearer": { "type": "apiKey", "name": "Authorization", "in": "header" } });
    let input = json!({
        "type": "object",
        "properties": { "data": { "type": "array", "items": numbers } },
        "example": { "data": [[6, 0, 14, 1]] },
    });
    let health = json!({
        "operationId": "ServiceHealthCheck",
        "description": "Simple health check endpoint to ensure the service is up at any given point.",
        "responses": { "200": { "description": "If service is up and running, this response will be returned" } },
    });
    let score = json!({
        "operationId": "RunMLService",
        "description": "Run web service's model and get the prediction output",
        "security": [{ "Bearer": [] }],
        "parameters": [{ "name": "serviceInputPayload", "in": "body", "schema": body("ServiceInput") }],
        "responses": { "200": { "description": "The service processed the input", "schema": body("ServiceOutput") } },
    });
    json!({
        "swagger": "2.0",
        "info": {
            "title": service["name"],
            "description": format!("API specification for the Azure Machine Learning service {}", text(service, "name")),
            "version": "1.0",
        },
        "schemes": ["http"],
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "securityDefinitions": security,
        "paths": { "/": { "get": health }, "/score": { "post": score } },
        "definitions": { "ServiceInput": input, "ServiceOutput": numbers },
    })
}
