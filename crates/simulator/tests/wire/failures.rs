//! Failures by name: in whichever path they stand, from the service that it belongs to.

use std::time::Duration;

use azimuth_simulator::{Delay, Failure, Unshared};
use http::{Method, Request};
use serde_json::{Value, json};

use crate::{ARM, Answer, Client, REGIONAL, SUBSCRIPTION, WORKSPACE, sample};

const MODELS: &str = "https://westeurope.modelmanagement.azureml.net";

fn of_workspace(name: &str) -> String {
    let (start, _) = WORKSPACE.rsplit_once('/').unwrap();
    format!("{start}/{name}?api-version=2019-11-01")
}

fn from_arm(client: &mut Client, name: &str) -> Answer {
    client.get(&format!("{ARM}{}", of_workspace(name)))
}

fn from_history(client: &mut Client, name: &str) -> Answer {
    client.history(&format!("/experiments/loaves-per-day/runs/{name}"))
}

fn from_models(client: &mut Client, name: &str) -> Answer {
    client.get(&format!("{MODELS}/api{WORKSPACE}/models/{name}"))
}

fn from_login(client: &mut Client, name: &str) -> Answer {
    client.sign_in_with(name, &[])
}

/// Asks the four families.
fn everywhere(name: &str) -> [Answer; 4] {
    let mut client = Client::bakery();
    [from_arm, from_history, from_models, from_login].map(|ask| ask(&mut client, name))
}

#[test]
fn each_family_tells_a_failure_in_its_own_shape() {
    for (name, status, arm, history, models) in [
        ("fail-403", 403, "AuthorizationFailed", "UserError", "AuthorizationFailed"),
        ("fail-404", 404, "ResourceNotFound", "UserError", "ModelNotFound"),
        ("fail-409", 409, "AnotherOperationInProgress", "UserError", "AnotherOperationInProgress"),
        ("fail-409-provider", 409, "MissingSubscriptionRegistration", "UserError", "Conflict"),
        ("fail-412", 412, "PreconditionFailed", "UserError", "DeletionRequired"),
        ("fail-429", 429, "TooManyRequests", "RequestThrottled", "TooManyRequests"),
        ("fail-429-long", 429, "ResourceRequestsThrottled", "RequestThrottled", "ResourceRequestsThrottled"),
        ("fail-429-silent", 429, "TooManyRequests", "RequestThrottled", "TooManyRequests"),
        ("fail-500", 500, "InternalServerError", "ServiceError", "InternalServerError"),
        ("fail-503", 503, "ServiceUnavailable", "ServiceError", "ServiceUnavailable"),
        ("fail-401-expired", 401, "ExpiredAuthenticationToken", "UserError", "Unauthorized"),
        ("fail-401-audience", 401, "InvalidAuthenticationToken", "UserError", "Unauthorized"),
        ("fail-401-tenant", 401, "InvalidAuthenticationTokenTenant", "UserError", "Unauthorized"),
        ("fail-api-version", 400, "NoRegisteredProviderFound", "UserError", "UnsupportedApiVersion"),
    ] {
        let answers = everywhere(name);
        assert!(answers.iter().all(|answer| answer.status == status), "{name}");
        let [from_arm, from_history, from_models, from_login] = answers;
        assert_eq!(from_arm.body["error"]["code"], arm, "{name}");
        assert_ne!(from_arm.header("x-ms-correlation-request-id"), "", "{name}");
        assert_eq!(from_history.body["error"]["code"], history, "{name}");
        assert_eq!(from_history.body["componentName"], "run-history", "{name}");
        assert_eq!(from_models.body["code"], models, "{name}");
        assert_eq!(from_models.body["statusCode"], status, "{name}");
        assert!(from_login.body["error"].is_string(), "{name}");
        assert!(from_login.body["error_description"].as_str().unwrap().starts_with("AADSTS"), "{name}");
    }
}

#[test]
fn answers_that_are_not_the_services_look_alike_everywhere() {
    for (name, status, kind, body) in [
        ("fail-401-empty", 401, "", ""),
        ("fail-502", 502, "text/html", "502 Bad Gateway"),
        ("fail-504", 504, "text/html", "504 Gateway Time-out"),
        ("fail-html", 200, "text/html", "<html>"),
        ("fail-json", 200, "application/json; charset=utf-8", "{\"value\":[{"),
        ("fail-shape", 200, "application/json; charset=utf-8", "\"value\":7"),
        ("fail-empty", 200, "", ""),
    ] {
        for answer in everywhere(name) {
            assert_eq!((answer.status, answer.header("content-type")), (status, kind), "{name}");
            let text = std::str::from_utf8(answer.response.body()).unwrap();
            assert!(text.contains(body) && text.is_empty() == body.is_empty(), "{name}: {text}");
            let is_json = serde_json::from_str::<Value>(text).is_ok();
            assert_eq!(is_json, name == "fail-shape", "{name}");
        }
    }
}

#[test]
fn a_refusal_names_who_asked_for_what() {
    let mut client = Client::bakery();
    let mut told = |method: Method, path: &str| {
        let mark = if path.contains('?') { "" } else { "?api-version=2019-11-01" };
        let answer = client.ask(method, &format!("{ARM}{path}{mark}"), None);
        answer.body["error"]["message"].as_str().unwrap().to_owned()
    };
    let expected = sample("error_arm_403")["error"]["message"].as_str().unwrap().to_owned();
    let (_, expected) = expected.split_once("does not have").unwrap();
    let expected = expected.replace(
        "/subscriptions/12345abc-abbc-1b2b-1234-57ab575a5a5a/resourceGroups/DeepLearningResourceGroup/providers/\
         Microsoft.MachineLearningServices/workspaces/my-workspace",
        of_workspace("fail-403").split('?').next().unwrap(),
    );
    let message = told(Method::GET, &of_workspace("fail-403"));
    assert!(message.ends_with(&expected), "{message}");
    assert!(message.starts_with("The client 'azimuth' with object id '"), "{message}");
    assert!(!message.contains("object id ''"), "{message}");

    let group = format!("{SUBSCRIPTION}/resourceGroups/fail-403");
    let workspaces = format!("{group}/providers/Microsoft.MachineLearningServices/workspaces");
    for (method, path, action, scope) in [
        (Method::GET, group.clone(), "Microsoft.Resources/subscriptions/resourceGroups/read", &group),
        (Method::GET, workspaces.clone(), "Microsoft.MachineLearningServices/workspaces/read", &group),
        (
            Method::DELETE,
            format!("{workspaces}/w/computes/c"),
            "Microsoft.MachineLearningServices/workspaces/computes/delete",
            &format!("{workspaces}/w/computes/c"),
        ),
        (
            Method::POST,
            format!("{workspaces}/w/listKeys"),
            "Microsoft.MachineLearningServices/workspaces/listKeys/action",
            &format!("{workspaces}/w"),
        ),
    ] {
        let message = told(method, &path);
        assert!(message.contains(&format!("action '{action}' over scope '{scope}' or")), "{message}");
    }
    let path = "/experiments/fail-403/runs:query";
    let message = client.history_post(path, &json!({})).body["error"]["message"].as_str().unwrap().to_owned();
    let action = "Microsoft.MachineLearningServices/workspaces/experiments/runs/read";
    assert!(message.contains(&format!("action '{action}'")), "{message}");
}

#[test]
fn what_is_missing_is_named_by_its_kind() {
    let mut client = Client::bakery();
    assert_eq!(from_arm(&mut client, "fail-404").body["error"]["code"], "ResourceNotFound");
    let group = client.arm(&format!("{SUBSCRIPTION}/resourcegroups/fail-404"));
    assert_eq!(group.body["error"]["message"], "Resource group 'fail-404' could not be found.");
    let subscription = client.arm("/subscriptions/fail-404");
    assert_eq!(subscription.body["error"]["code"], "SubscriptionNotFound");
    assert_eq!(from_history(&mut client, "fail-404").body["error"]["message"], "Run fail-404 was not found");
    let experiment = client.history("/experiments/fail-404/runs");
    assert_eq!(experiment.body["error"]["message"], "Experiment fail-404 was not found");
}

#[test]
fn a_refused_version_lists_those_that_would_do() {
    let mut client = Client::bakery();
    let workspace = from_arm(&mut client, "fail-api-version");
    let message = workspace.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("API version '2019-11-01' for type 'workspaces'"), "{message}");
    assert!(message.contains("2019-06-01, 2020-01-01,"), "{message}");
    let group = client.arm(&format!("{SUBSCRIPTION}/resourceGroups/fail-api-version"));
    assert_eq!(group.body["error"]["code"], "InvalidApiVersionParameter");
    assert!(group.body["error"]["message"].as_str().unwrap().contains("2020-01-01,2019-10-01,"));
}

#[test]
fn throttling_tells_when_to_come_back_or_not() {
    for (name, seconds) in [("fail-429", "7"), ("fail-429-long", "372"), ("fail-429-silent", "")] {
        for answer in everywhere(name) {
            assert_eq!(answer.header("retry-after"), seconds, "{name}");
        }
    }
    let message = everywhere("fail-429-long")[0].body["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(message, sample("error_arm_429_resource_requests")["error"]["message"]);
}

#[test]
fn a_refused_token_is_challenged_by_arm() {
    for name in ["fail-401-expired", "fail-401-audience", "fail-401-tenant"] {
        let [arm, ..] = everywhere(name);
        assert!(arm.header("www-authenticate").contains("authorization_uri="), "{name}");
    }
}

#[test]
fn whoever_is_not_signed_in_is_told_that_first() {
    let mut client = Client::bakery();
    client.token = None;
    for name in Failure::names().filter(|name| *name != "fail-connection" && *name != "fail-drop-after") {
        assert_eq!(from_arm(&mut client, name).body["error"]["code"], "AuthenticationFailed", "{name}");
        assert_eq!(from_history(&mut client, name).status, 401, "{name}");
        assert_eq!(from_models(&mut client, name).status, 401, "{name}");
    }
}

/// The request for a group whose name is a failure's, as it is sent.
fn request(client: &Client, method: Method, name: &str) -> Request<Vec<u8>> {
    let path = format!("{REGIONAL}/history/v1.0{WORKSPACE}/experiments/{name}");
    let request = Request::builder().method(method).uri(path);
    let token = client.token.as_deref().unwrap();
    request.header("Authorization", format!("Bearer {token}")).body(Vec::new()).unwrap()
}

#[test]
fn a_cut_connection_leaves_the_work_done_or_not() {
    let mut client = Client::bakery();
    for (name, is_there) in [("fail-connection", false), ("fail-drop-after", true)] {
        let post = request(&client, Method::POST, name);
        assert!(client.simulator.answer(&post, client.now).is_none(), "{name}");
        // Asked for as if the name meant nothing.
        let get = request(&client, Method::GET, name);
        let answer = client.simulator.answer_failing(&get, None, client.now).unwrap();
        assert_eq!(answer.status() == 200, is_there, "{name}");
    }
}

#[test]
fn what_happens_on_the_way_is_said_beside_the_answer() {
    let mut client = Client::bakery();
    let slow = from_history(&mut client, "slow");
    assert_eq!(slow.response.extensions().get(), Some(&Delay(Duration::from_secs(5))));
    assert_eq!(slow.body["error"]["message"], "Run slow was not found");
    let silent = from_history(&mut client, "fail-silence");
    assert_eq!(silent.response.extensions().get(), Some(&Delay(Duration::from_secs(60))));
    let unshared = from_history(&mut client, "fail-cors");
    assert_eq!(unshared.response.extensions().get(), Some(&Unshared));
    assert!(from_history(&mut client, "fail-404").response.extensions().is_empty());
}

#[test]
fn a_large_answer_is_the_ordinary_one_and_much_more() {
    let mut client = Client::bakery();
    let group = format!("{ARM}{SUBSCRIPTION}/resourceGroups?api-version=2019-10-01");
    let ordinary = client.get(&group).body;
    let token = client.token.clone().unwrap();
    let get = Request::get(&group).header("Authorization", format!("Bearer {token}"));
    let get = get.body(Vec::new()).unwrap();
    let large = client.simulator.answer_failing(&get, Some(Failure::Large), client.now).unwrap();
    assert_eq!(large.body().len(), 10 * 1024 * 1024);
    let large: Value = serde_json::from_slice(large.body()).unwrap();
    assert_eq!(large["value"], ordinary["value"]);
}
