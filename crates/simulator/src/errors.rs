//! The error bodies of the services; each family has a shape of its own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::checksum::{guid, hex16, hex32};
use crate::times::stamp;

/// ARM's shape.
pub fn arm(status: u16, code: &str, message: impl Into<String>) -> Answer {
    Answer::json(status, &json!({ "error": { "code": code, "message": message.into() } }))
}

/// ARM's refusal to make what a provider has, where the subscription does not use that provider.
pub fn not_registered(namespace: &str) -> Answer {
    let message = format!(
        "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how \
         to register subscriptions."
    );
    let detail =
        json!({ "code": "MissingSubscriptionRegistration", "target": namespace, "message": message });
    let error = json!({ "code": "MissingSubscriptionRegistration", "message": message, "details": [detail] });
    Answer::json(409, &json!({ "error": error }))
}

/// ARM's refusal of a change to somebody who signed in with a password alone: the header as recorded, with the claim
/// that a new token has to have. Guess: `POST` too. The code was `RequestDisallowedByPolicy` until autumn 2025.
pub fn disallowed_without_second_proof(call: &Call<'_>) -> Answer {
    let wanted = json!({ "access_token": { "acrs": { "essential": true, "values": ["p1"] } } });
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
         error=\"insufficient_claims\", claims=\"{}\"",
        STANDARD.encode(wanted.to_string())
    );
    let message = format!(
        "Resource '{}' was disallowed by Azure: You are receiving this error because you tried to create, update or \
         delete Azure resources without authenticating through MFA. User accounts must be authenticated through MFA to \
         manage your resources. To resolve this error, go to https://aka.ms/MFAforAzure.",
        call.segments.last().map_or("", String::as_str)
    );
    arm(401, "RequestDisallowedByAzure", message).with("www-authenticate", challenge)
}

/// What the data plane says about itself beside an error.
pub const HISTORY: &str = "run-history";
pub const EXECUTION: &str = "execution";
pub const ARTIFACT: &str = "artifact";
pub const DATASTORE: &str = "datastore";
pub const NOTIFICATION: &str = "notification";
pub const COMPUTE: &str = "machinelearningcompute";

/// The whole error response of the data plane, as recorded. Failed runs carry it too.
pub fn data_plane_document(call: &Call<'_>, component: &str, code: &str, message: &str) -> Value {
    let mut document = template();
    document["error"]["code"] = code.into();
    document["error"]["message"] = message.into();
    document["error"]["debugInfo"] = Value::Null;
    document["correlation"]["operation"] = hex32(&format!("operation {}", call.number)).into();
    document["correlation"]["request"] = hex16(&format!("request {}", call.number)).into();
    document["time"] = stamp(call.now).into();
    document["componentName"] = component.into();
    document
}

/// The same for a run that failed at a time.
pub fn run_error(run: &str, time: time::OffsetDateTime, message: &str) -> Value {
    let mut document = template();
    document["error"]["message"] = message.into();
    document["error"]["debugInfo"] = Value::Null;
    document["correlation"]["operation"] = hex32(&format!("operation of {run}")).into();
    document["correlation"]["request"] = hex16(&format!("request of {run}")).into();
    document["time"] = stamp(time).into();
    document["componentName"] = EXECUTION.into();
    document
}

fn template() -> Value {
    sample(include_str!("../samples/error_ml_run_404.json"))
}

/// A published example, to be filled with other values.
pub fn sample(text: &str) -> Value {
    serde_json::from_str(text).expect("the samples are JSON, which a test checks")
}

/// The data plane's refusal of a request: `UserError`.
pub fn user_error(call: &Call<'_>, component: &str, status: u16, message: impl AsRef<str>) -> Answer {
    let document = data_plane_document(call, component, "UserError", message.as_ref());
    Answer::json(status, &document).with("x-ms-response-type", "error")
}

/// The data plane's refusal of an argument, with the nested codes of the specification.
pub fn bad_argument(call: &Call<'_>, component: &str, target: &str, message: impl AsRef<str>) -> Answer {
    let mut document = data_plane_document(call, component, "UserError", message.as_ref());
    document["error"]["target"] = target.into();
    document["error"]["innerError"] =
        json!({ "code": "BadArgument", "innerError": { "code": "ArgumentInvalid", "innerError": null } });
    Answer::json(400, &document).with("x-ms-response-type", "error")
}

/// Model management's flat shape.
pub fn model_management(call: &Call<'_>, status: u16, code: &str, message: impl Into<String>) -> Answer {
    let document = json!({
        "code": code,
        "statusCode": status,
        "message": message.into(),
        "details": [],
        "correlation": { "RequestId": guid(&format!("request {}", call.number)) },
    });
    Answer::json(status, &document)
}

/// HyperDrive's: two fields, and the code a number.
pub fn hyperdrive(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({ "code": status, "message": message }))
}

/// The pipeline service's: the data plane's, with other letters.
pub fn pipelines(call: &Call<'_>, status: u16, code: &str, message: &str) -> Answer {
    let document = json!({
        "Error": {
            "Code": if status < 500 { "UserError" } else { "ServiceError" },
            "Message": message,
            "Target": null,
            "Details": [],
            "InnerError": { "Code": code, "InnerError": null },
            "DebugInfo": null,
        },
        "Correlation": {
            "operation": hex32(&format!("operation {}", call.number)),
            "request": hex16(&format!("request {}", call.number)),
        },
    });
    Answer::json(status, &document)
}

/// Blob storage's shape.
pub fn storage(call: &Call<'_>, status: u16, code: &str, message: &str) -> Answer {
    let request = guid(&format!("request {}", call.number));
    let time = stamp(call.now).replace("+00:00", "Z");
    let body = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}\n\
         RequestId:{request}\nTime:{time}</Message></Error>"
    );
    Answer::bytes(status, "application/xml", body.into_bytes()).with("x-ms-error-code", code)
}
