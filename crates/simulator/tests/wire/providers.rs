//! Resource providers: which of them a subscription uses.

use http::Method;
use serde_json::Value;

use crate::{ARM, Client, SUBSCRIPTION};

fn post(client: &mut Client, path: &str) -> Value {
    let answer = client.ask(
        Method::POST,
        &format!("{ARM}{SUBSCRIPTION}/providers/{path}?api-version=2021-04-01"),
        None,
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn state(client: &mut Client, namespace: &str) -> String {
    let path = format!("{ARM}{SUBSCRIPTION}/providers/{namespace}?api-version=2021-04-01");
    client.get(&path).body["registrationState"].as_str().unwrap().to_owned()
}

#[test]
fn what_a_workspace_needs_is_registered() {
    let mut client = Client::bakery();
    let list = client.get(&format!("{ARM}{SUBSCRIPTION}/providers?api-version=2021-04-01"));
    let names = list.column("namespace");
    assert_eq!(names.len(), 5);
    for name in names {
        assert_eq!(state(&mut client, name), "Registered", "{name}");
    }
}

#[test]
fn a_registration_takes_a_while() {
    let mut client = Client::bakery();
    let namespace = "microsoft.machinelearningservices";
    assert_eq!(post(&mut client, &format!("{namespace}/unregister"))["registrationState"], "Unregistering");
    client.wait(60.0);
    assert_eq!(state(&mut client, namespace), "Unregistered");
    let document = post(&mut client, &format!("{namespace}/register"));
    assert_eq!(document["registrationState"], "Registering");
    assert_eq!(document["namespace"], "Microsoft.MachineLearningServices");
    client.wait(5.0);
    // Asking again does not begin again.
    post(&mut client, &format!("{namespace}/register"));
    client.wait(5.0);
    assert_eq!(state(&mut client, namespace), "Registered");
    assert_eq!(state(&mut client, "Microsoft.Storage"), "Registered");
}

#[test]
fn registering_what_is_registered_changes_nothing() {
    let mut client = Client::bakery();
    assert_eq!(post(&mut client, "Microsoft.Storage/register")["registrationState"], "Registered");
}

#[test]
fn a_provider_that_nobody_knows_is_refused() {
    let answer =
        Client::bakery().get(&format!("{ARM}{SUBSCRIPTION}/providers/Bakery?api-version=2021-04-01"));
    assert_eq!(answer.status, 404);
    assert_eq!(answer.body["error"]["code"], "InvalidResourceNamespace");
}

#[test]
fn the_failure_of_a_provider_lasts_until_somebody_registers_it() {
    let mut client = Client::bakery();
    let namespace = "Microsoft.MachineLearningServices";
    let groups = format!("{SUBSCRIPTION}/resourceGroups/fail-409-provider");
    let code = |client: &mut Client| client.arm(&groups).body["error"]["code"].as_str().unwrap().to_owned();
    assert_eq!(state(&mut client, namespace), "Registered");
    assert_eq!(code(&mut client), "MissingSubscriptionRegistration");
    assert_eq!(state(&mut client, namespace), "NotRegistered");
    assert_eq!(post(&mut client, &format!("{namespace}/register"))["registrationState"], "Registering");
    assert_eq!(code(&mut client), "MissingSubscriptionRegistration");
    client.wait(10.0);
    assert_eq!(state(&mut client, namespace), "Registered");
    assert_eq!(code(&mut client), "ResourceGroupNotFound");
}
