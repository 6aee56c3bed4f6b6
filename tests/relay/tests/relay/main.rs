//! What the relay lets through, what it refuses, and what it does to what it lets through.

#![allow(clippy::unwrap_used, reason = "what is in the way of a test fails it")]

mod allowed;
mod carried;
mod limits;
mod pages;
mod refused;
mod scoring;
mod secure;
mod shipped;
mod sign_in;
mod streams;

use azimuth_relay::{Ask, Relay, Tables};
use azimuth_simulator_http::{Role, Running, ServerOptions, start};

const WORKSPACE: &str = "/subscriptions/b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa/resourceGroups/bakery-rg/providers/\
    Microsoft.MachineLearningServices/workspaces/forecasting";

/// Azure whose services share with no page, and whose sign-in refuses secrets that come from one.
fn azure() -> Running {
    let options = ServerOptions { cors: false, secrets_from_pages: false, ..ServerOptions::default() };
    start(options).unwrap()
}

fn tables(azure: &Running) -> Tables {
    Tables::default()
        .host("eastus api", azure.origin(Role::Regional))
        .host("eastus experiments", azure.origin(Role::Discovery))
        .host("eastus modelmanagement", azure.origin(Role::ModelManagement))
        .host("eastus aether", azure.origin(Role::Pipelines))
        .host("login", azure.origin(Role::Login))
        .service("loaves-tomorrow", &format!("{}/loaves-tomorrow/score", azure.origin(Role::Scoring)))
}

const CREDENTIALS: &str = "grant_type=client_credentials&client_id=azimuth&client_secret=demo-secret-~%2B%2F%3D\
    &resource=https%3A%2F%2Fmanagement.azure.com%2F";

/// A token, got through the relay.
fn token(relay: &Relay) -> String {
    let answer = Ask::form("/relay/login/contoso/oauth2/token", CREDENTIALS).of(&relay.authority());
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
