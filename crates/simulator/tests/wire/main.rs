//! The simulator as a client meets it: requests in, answers out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[cfg(feature = "full")]
mod article;
mod artifacts;
#[cfg(feature = "full")]
mod authority;
mod changes;
mod children;
mod events;
mod execution;
mod failures;
mod history;
mod hyperdrive;
#[cfg(feature = "full")]
mod large;
mod login;
mod management;
mod metrics;
mod model_changes;
mod models;
mod pipelines;
mod providers;
mod scoring;
mod submission;
mod waiting;
mod worlds;

use azimuth_simulator::{CLIENT_ID, CLIENT_SECRET, Options, Simulator, TENANT, World};
use http::{Method, Request, Response};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

pub const ARM: &str = "https://management.azure.com";
pub const SUBSCRIPTION: &str = "/subscriptions/b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa";
pub const WORKSPACE: &str = "/subscriptions/b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa/resourceGroups/bakery-rg/providers/\
    Microsoft.MachineLearningServices/workspaces/forecasting";

pub const REGIONAL: &str = "https://westeurope.api.azureml.ms";

/// A simulator with a clock and a token: what a signed-in client has.
pub struct Client {
    pub simulator: Simulator,
    pub now: OffsetDateTime,
    pub token: Option<String>,
}

/// Status, and the body as JSON where it is JSON.
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub response: Response<Vec<u8>>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The values of a field of a page's items.
    pub fn column(&self, field: &str) -> Vec<&str> {
        let items = self.body["value"].as_array().unwrap_or_else(|| panic!("no list in {}", self.body));
        items.iter().map(|item| item[field].as_str().unwrap_or_default()).collect()
    }
}

impl Client {
    pub fn bakery() -> Client {
        Client::with(Options::new(World::Bakery))
    }

    pub fn with(options: Options) -> Client {
        // A Friday evening.
        let now = OffsetDateTime::from_unix_timestamp(1_780_000_000).unwrap();
        let mut client = Client { simulator: Simulator::new(options, now), now, token: None };
        client.sign_in();
        client
    }

    pub fn sign_in(&mut self) {
        let answer = self.sign_in_with(TENANT, &client_credentials());
        self.token = Some(answer.body["access_token"].as_str().unwrap().to_owned());
    }

    pub fn sign_in_with(&mut self, tenant: &str, form: &[(&str, &str)]) -> Answer {
        self.post_form(&format!("https://login.microsoftonline.com/{tenant}/oauth2/token"), form)
    }

    pub fn post_form(&mut self, address: &str, form: &[(&str, &str)]) -> Answer {
        let encode = |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        let pairs: Vec<String> = form.iter().map(|(key, value)| format!("{key}={}", encode(value))).collect();
        let request = Request::post(address).header("Content-Type", "application/x-www-form-urlencoded");
        self.send(request.body(pairs.join("&").into_bytes()).unwrap())
    }

    pub fn send(&mut self, request: Request<Vec<u8>>) -> Answer {
        let address = request.uri().to_string();
        let response =
            self.simulator.answer(&request, self.now).unwrap_or_else(|| panic!("no service at {address}"));
        let body = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        Answer { status: response.status().as_u16(), body, response }
    }

    pub fn ask(&mut self, method: Method, address: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("Content-Type", "application/json");
        }
        let body = body.map(|body| body.to_string().into_bytes()).unwrap_or_default();
        self.send(request.body(body).unwrap())
    }

    pub fn get(&mut self, address: &str) -> Answer {
        self.ask(Method::GET, address, None)
    }

    /// ARM, with the version of the articles.
    pub fn arm(&mut self, path: &str) -> Answer {
        let mark = if path.contains('?') { '&' } else { '?' };
        self.get(&format!("{ARM}{path}{mark}api-version=2019-11-01"))
    }

    /// Run history of the bakery's workspace.
    pub fn history(&mut self, path: &str) -> Answer {
        self.get(&format!("{REGIONAL}/history/v1.0{WORKSPACE}{path}"))
    }

    pub fn history_post(&mut self, path: &str, body: &Value) -> Answer {
        self.ask(Method::POST, &format!("{REGIONAL}/history/v1.0{WORKSPACE}{path}"), Some(body))
    }

    pub fn wait(&mut self, seconds: f64) {
        self.now += Duration::seconds_f64(seconds);
    }
}

pub fn client_credentials() -> [(&'static str, &'static str); 4] {
    [
        ("grant_type", "client_credentials"),
        ("resource", "https://management.azure.com/"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ]
}

/// A published example.
pub fn sample(name: &str) -> Value {
    let path = format!("{}/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// Whether two documents have the same keys, at every depth where both have objects. Lists are compared by their
/// first items.
pub fn assert_same_shape(seen: &Value, expected: &Value) {
    same_shape(seen, expected, "");
}

fn same_shape(seen: &Value, expected: &Value, place: &str) {
    match (seen, expected) {
        (Value::Object(seen), Value::Object(expected)) => {
            let keys = |map: &serde_json::Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(seen), keys(expected), "keys at {place}");
            // What is named by its writer has keys of its own.
            let named_by_writers = ["tags", "logFiles", "cells", "ParameterAssignments"];
            for (key, value) in expected.iter().filter(|(key, _)| !named_by_writers.contains(&key.as_str())) {
                same_shape(&seen[key], value, &format!("{place}/{key}"));
            }
        }
        (Value::Array(seen), Value::Array(expected)) => {
            if let (Some(seen), Some(expected)) = (seen.first(), expected.first()) {
                same_shape(seen, expected, &format!("{place}/0"));
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (seen, expected) => {
            assert_eq!(std::mem::discriminant(seen), std::mem::discriminant(expected), "type at {place}");
        }
    }
}
