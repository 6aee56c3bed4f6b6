//! Failures that are asked for by name: whoever asks for a path that has one of the names in it gets that failure,
//! from the service that the path belongs to and in that service's own words.

use std::time::Duration;

use http::Method;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::call::Call;
use crate::errors::{self, sample};
use crate::history::component;
use crate::hosts::Service;
use crate::login::{self, BadToken};
use crate::management;
use crate::providers::LEARNING;
use crate::scoring;
use crate::simulator::Simulator;

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    ExpiredToken,
    TokenForOtherAudience,
    TokenOfOtherTenant,
    TokenRefusedWithoutWords,
    Forbidden,
    /// To a change, until the person signed in with a second proof.
    SecondProofMissing,
    NotFound,
    Conflict,
    /// Until somebody registers it.
    ProviderNotRegistered,
    ConditionNotMet,
    Throttled,
    ThrottledForLong,
    ThrottledWithoutTime,
    Broken,
    BadGateway,
    Unavailable,
    GatewayTimeout,
    /// The connection ends before the service sees the request.
    Connection,
    /// The service does its work, and the connection ends before the answer.
    DropAfter,
    /// Nothing comes for a minute, and then a gateway's page.
    Silence,
    /// The ordinary answer, later.
    Slow,
    /// The ordinary answer, which no page of another origin may read.
    Cors,
    ApiVersion,
    Html,
    TruncatedJson,
    OtherShape,
    NoBody,
    /// The ordinary answer, with a field of ten megabytes.
    Large,
}

const NAMES: [(&str, Failure); 28] = [
    ("fail-401-expired", Failure::ExpiredToken),
    ("fail-401-audience", Failure::TokenForOtherAudience),
    ("fail-401-tenant", Failure::TokenOfOtherTenant),
    ("fail-401-empty", Failure::TokenRefusedWithoutWords),
    ("fail-403", Failure::Forbidden),
    ("fail-mfa", Failure::SecondProofMissing),
    ("fail-404", Failure::NotFound),
    ("fail-409", Failure::Conflict),
    ("fail-409-provider", Failure::ProviderNotRegistered),
    ("fail-412", Failure::ConditionNotMet),
    ("fail-429", Failure::Throttled),
    ("fail-429-long", Failure::ThrottledForLong),
    ("fail-429-silent", Failure::ThrottledWithoutTime),
    ("fail-500", Failure::Broken),
    ("fail-502", Failure::BadGateway),
    ("fail-503", Failure::Unavailable),
    ("fail-504", Failure::GatewayTimeout),
    ("fail-connection", Failure::Connection),
    ("fail-drop-after", Failure::DropAfter),
    ("fail-silence", Failure::Silence),
    ("slow", Failure::Slow),
    ("fail-cors", Failure::Cors),
    ("fail-api-version", Failure::ApiVersion),
    ("fail-html", Failure::Html),
    ("fail-json", Failure::TruncatedJson),
    ("fail-shape", Failure::OtherShape),
    ("fail-empty", Failure::NoBody),
    ("fail-large", Failure::Large),
];

const SLOWNESS: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_secs(60);
const LARGE_BYTES: usize = 10 * 1024 * 1024;

/// How long an answer takes: an extension of the response, for whoever carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay(pub Duration);

/// Says of a response, as an extension, that no page of another origin may read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unshared;

impl Failure {
    /// The failure with a name.
    pub fn named(name: &str) -> Option<Failure> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, failure)| *failure)
    }

    /// The failure that a path asks for, as it was sent.
    pub fn in_path(path: &str) -> Option<Failure> {
        path.split('/').find_map(|segment| Failure::named(&percent_decode_str(segment).decode_utf8_lossy()))
    }

    /// All names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name)
    }

    /// Does to an ordinary answer what happens to it on the way, or loses it.
    pub(crate) fn on_the_way(self, mut response: http::Response<Vec<u8>>) -> Option<http::Response<Vec<u8>>> {
        match self {
            Failure::Connection | Failure::DropAfter => return None,
            Failure::Slow => {
                response.extensions_mut().insert(Delay(SLOWNESS));
            }
            Failure::Silence => {
                response.extensions_mut().insert(Delay(SILENCE));
            }
            Failure::Cors => {
                response.extensions_mut().insert(Unshared);
            }
            Failure::Large => pad(response.body_mut()),
            _ => {}
        }
        Some(response)
    }
}

/// Adds a field that nobody knows to a JSON object.
fn pad(body: &mut Vec<u8>) {
    if body.len() > 2 && body.pop_if(|last| *last == b'}').is_some() {
        body.extend_from_slice(b",\"padding\":\"");
        body.resize(LARGE_BYTES - 2, b' ');
        body.extend_from_slice(b"\"}");
    }
}

/// Who answers, and therefore in which shape.
#[derive(Clone, Copy)]
enum Family {
    Login,
    Management,
    ModelManagement,
    Pipelines,
    HyperDrive,
    /// With the component that speaks, and whether it wants a token.
    DataPlane(&'static str, bool),
    Storage,
    Scoring,
}

impl Family {
    fn of(call: &Call<'_>) -> Family {
        let area = call.segments.first().map_or("", String::as_str);
        match call.place.service {
            Service::Login => Family::Login,
            Service::Management => Family::Management,
            Service::ModelManagement => Family::ModelManagement,
            Service::Pipelines => Family::Pipelines,
            Service::Regional if area == "pipelines" => Family::Pipelines,
            Service::Regional if area == "hyperdrive" => Family::HyperDrive,
            Service::Regional if area == "modelmanagement" => Family::ModelManagement,
            Service::Regional => match component(area) {
                Some(component) => Family::DataPlane(component, true),
                None => Family::DataPlane("discovery", false),
            },
            Service::Storage => Family::Storage,
            Service::Scoring => Family::Scoring,
            Service::Discovery => Family::DataPlane("discovery", false),
        }
    }
}

impl Simulator {
    /// What a failure answers in the place of the service; nothing where the service answers and something happens
    /// on the way. Whoever may not ask at all is told so first.
    pub(crate) fn failure(&mut self, call: &Call<'_>, failure: Failure) -> Option<Answer> {
        match failure {
            Failure::Connection | Failure::DropAfter | Failure::Slow | Failure::Cors | Failure::Large => None,
            _ => self.failed(call, failure).unwrap_or_else(Some),
        }
    }

    fn failed(&mut self, call: &Call<'_>, failure: Failure) -> Result<Option<Answer>, Answer> {
        let family = Family::of(call);
        let claims = match family {
            Family::Management => self.arm_caller(call)?,
            Family::DataPlane(component, true) => self
                .data_plane_claims(call)
                .map_err(|reason| errors::user_error(call, component, 401, reason))?,
            Family::ModelManagement => self
                .data_plane_claims(call)
                .map_err(|reason| errors::model_management(call, 401, "Unauthorized", reason))?,
            Family::HyperDrive => {
                self.data_plane_claims(call).map_err(|reason| errors::hyperdrive(401, reason))?
            }
            Family::Pipelines => self
                .data_plane_claims(call)
                .map_err(|reason| errors::pipelines(call, 401, "Unauthorized", reason))?,
            Family::Login | Family::Storage | Family::Scoring | Family::DataPlane(_, false) => Value::Null,
        };
        let refuse = |status: u16, code: &str, message: &str| refusal(call, family, status, code, message);
        Ok(Some(match failure {
            Failure::ExpiredToken => {
                self.bad_token(call, family, BadToken::Expired(call.now - Duration::from_secs(27 * 60)))
            }
            Failure::TokenForOtherAudience => {
                self.bad_token(call, family, BadToken::Audience("https://graph.microsoft.com/".to_owned()))
            }
            Failure::TokenOfOtherTenant => {
                let issuer = "https://sts.windows.net/72f988bf-0000-0000-0000-2d7cd011db47/";
                self.bad_token(call, family, BadToken::Foreign(issuer.to_owned()))
            }
            Failure::TokenRefusedWithoutWords => Answer::empty(401),
            Failure::Forbidden => {
                let Asked { action, scope } = Asked::by(call);
                let caller = |claim: &str| claims[claim].as_str().unwrap_or_default().to_owned();
                let message = format!(
                    "The client '{}' with object id '{}' does not have authorization to perform action '{action}' \
                     over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh \
                     your credentials.",
                    caller("appid"),
                    caller("oid")
                );
                refuse(403, "AuthorizationFailed", &message)
            }
            Failure::SecondProofMissing => {
                return Ok(
                    lacks_second_proof(call, &claims).then(|| errors::disallowed_without_second_proof(call))
                );
            }
            Failure::NotFound => not_found(call, family),
            // Guess: the words.
            Failure::Conflict => {
                let message = "Another operation on this or dependent resource is in progress.";
                refuse(409, "AnotherOperationInProgress", message)
            }
            Failure::ProviderNotRegistered if matches!(family, Family::Management) => {
                if !self.lacks_registration(call) {
                    return Ok(None);
                }
                errors::not_registered(LEARNING)
            }
            Failure::ProviderNotRegistered => refuse(409, "Conflict", "The resource is in another state."),
            Failure::ConditionNotMet => match family {
                Family::ModelManagement => {
                    Answer::json(412, &sample(include_str!("../samples/model_delete_412.json")))
                }
                _ => refuse(412, "PreconditionFailed", "The condition in the 'If-Match' header is not met."),
            },
            Failure::Throttled => throttled(call, family).with("retry-after", "7"),
            Failure::ThrottledWithoutTime => throttled(call, family),
            Failure::ThrottledForLong => {
                let message = format!(
                    "Number of requests for action '{}' exceeded the limit of '50' for time interval '00:05:00'. \
                     Please try again after '372' seconds.",
                    Asked::by(call).action
                );
                refuse(429, "ResourceRequestsThrottled", &message).with("retry-after", "372")
            }
            Failure::Broken => refuse(500, "InternalServerError", "Encountered internal server error."),
            Failure::BadGateway => gateway(502, "Bad Gateway"),
            Failure::Unavailable => {
                refuse(503, "ServiceUnavailable", "The service is temporarily unavailable.")
            }
            Failure::ApiVersion => match family {
                Family::Management => self.refused_version(call),
                _ => refuse(400, "UnsupportedApiVersion", "The api-version of the request is not supported."),
            },
            Failure::Html => page(200, "Welcome", "Please sign in to this network."),
            Failure::TruncatedJson => json_text(b"{\"value\":[{\"id\":\"/subscriptions/"),
            Failure::OtherShape => Answer::json(200, &json!({ "value": 7, "name": [] })),
            Failure::NoBody => Answer::empty(200),
            Failure::GatewayTimeout
            | Failure::Silence
            | Failure::Connection
            | Failure::DropAfter
            | Failure::Slow
            | Failure::Cors
            | Failure::Large => gateway(504, "Gateway Time-out"),
        }))
    }

    fn bad_token(&self, call: &Call<'_>, family: Family, bad: BadToken) -> Answer {
        match family {
            Family::Management => self.arm_refusal(call, bad),
            _ => refusal(call, family, 401, "Unauthorized", bad.reason()),
        }
    }
}

/// A refusal in a family's shape. The code is at the place for the exact one.
fn refusal(call: &Call<'_>, family: Family, status: u16, code: &str, message: &str) -> Answer {
    match family {
        Family::Login => {
            let (error, number) = match status {
                401 | 403 => ("invalid_client", 7_000_215),
                429 => ("temporarily_unavailable", 90_055),
                500.. => ("temporarily_unavailable", 90_033),
                _ => ("invalid_request", 90_002),
            };
            login::refusal(call, status, error, number, message)
        }
        Family::Management => errors::arm(status, code, message),
        Family::ModelManagement => errors::model_management(call, status, code, message),
        Family::Pipelines => errors::pipelines(call, status, code, message),
        Family::HyperDrive => errors::hyperdrive(status, message),
        Family::Storage => errors::storage(call, status, code, message),
        Family::Scoring => scoring::words(status, message),
        Family::DataPlane(component, _) => {
            let kind = match status {
                429 => "RequestThrottled",
                500.. => "ServiceError",
                _ => "UserError",
            };
            let mut document = errors::data_plane_document(call, component, kind, message);
            document["error"]["innerError"] = json!({ "code": code, "innerError": null });
            Answer::json(status, &document).with("x-ms-response-type", "error")
        }
    }
}

fn throttled(call: &Call<'_>, family: Family) -> Answer {
    refusal(call, family, 429, "TooManyRequests", "The request is being throttled.")
}

fn not_found(call: &Call<'_>, family: Family) -> Answer {
    let path = call.path();
    let refuse = |code: &str, message: String| refusal(call, family, 404, code, &message);
    match family {
        Family::Management => management::not_found_anywhere(call),
        Family::Pipelines | Family::HyperDrive => {
            refuse("NotFound", "The requested path was not found.".to_owned())
        }
        Family::DataPlane(..) => match path.as_slice() {
            [.., "runs", run] | [.., "runs", run, _] => {
                refuse("NotFound", format!("Run {run} was not found"))
            }
            [.., "experiments", experiment] | [.., "experiments", experiment, _] => {
                refuse("NotFound", format!("Experiment {experiment} was not found"))
            }
            _ => refuse("NotFound", "The requested path was not found.".to_owned()),
        },
        Family::ModelManagement => match path.as_slice() {
            [.., "workspaces", _, kind, id] | [.., "workspaces", _, kind, id, _] => {
                let mut kind = kind.trim_end_matches('s').to_owned();
                if let Some(first) = kind.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                let message = format!("{kind} with id {id} not found in provided workspace");
                refuse(&format!("{kind}NotFound"), message)
            }
            _ => refuse("NotFound", "The requested path was not found.".to_owned()),
        },
        Family::Storage => refuse("BlobNotFound", "The specified blob does not exist.".to_owned()),
        Family::Login => refuse("NotFound", "Tenant not found.".to_owned()),
        Family::Scoring => refuse("NotFound", "Not Found".to_owned()),
    }
}

/// What a caller wants to do, and to what, as refusals name it.
struct Asked {
    action: String,
    scope: String,
}

impl Asked {
    fn by(call: &Call<'_>) -> Asked {
        let path = call.path();
        // On the data plane something stands before the ARM id.
        let start = path.iter().position(|segment| segment.eq_ignore_ascii_case("subscriptions"));
        let path = &path[start.unwrap_or(path.len())..];
        let provider = path.iter().position(|segment| segment.eq_ignore_ascii_case("providers"));
        let (namespace, types_from) = match provider {
            Some(place) if place + 2 < path.len() => (path[place + 1], place + 2),
            _ => ("Microsoft.Resources", 0),
        };
        let types = &path[types_from..];
        let is_one = types.len().is_multiple_of(2);
        let mut action = namespace.to_owned();
        for kind in types.iter().step_by(2) {
            let kind = kind.split(':').next().unwrap_or_default();
            let kind = if kind.eq_ignore_ascii_case("resourcegroups") { "resourceGroups" } else { kind };
            action.push('/');
            action.push_str(kind);
        }
        action.push_str(match call.method.as_str() {
            "PUT" | "PATCH" => "/write",
            "DELETE" => "/delete",
            "POST" if !is_one && !types.last().is_some_and(|kind| kind.contains(':')) => "/action",
            "POST" if is_one => "/write",
            _ => "/read",
        });
        // A list is asked of what it is in.
        let end = match (is_one, types.len()) {
            (true, _) => path.len(),
            (false, 1) => types_from.saturating_sub(2),
            (false, _) => path.len() - 1,
        };
        Asked { action, scope: format!("/{}", path[..end].join("/")) }
    }
}

/// Whether ARM wants a second proof of who asks: from people alone, and for changes alone.
pub fn lacks_second_proof(call: &Call<'_>, claims: &Value) -> bool {
    let is_change = call.method != Method::GET && call.method != Method::HEAD;
    let is_person = claims["scp"].is_string();
    let has_proof = claims["amr"].as_array().is_some_and(|proofs| proofs.iter().any(|proof| proof == "mfa"));
    call.place.service == Service::Management && is_change && is_person && !has_proof
}

/// What a gateway in front of a service says.
fn gateway(status: u16, words: &str) -> Answer {
    page(status, &format!("{status} {words}"), "Microsoft-Azure-Application-Gateway/v2")
}

fn page(status: u16, title: &str, text: &str) -> Answer {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>{text}</center>\r\n</body>\r\n</html>\r\n"
    );
    Answer::bytes(status, "text/html", page.into_bytes())
}

fn json_text(text: &[u8]) -> Answer {
    Answer::bytes(200, "application/json; charset=utf-8", text.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_in_whichever_segment_it_stands() {
        assert_eq!(Failure::in_path("/a/fail-429/b"), Some(Failure::Throttled));
        assert_eq!(Failure::in_path("/a/fail%2D429-long"), Some(Failure::ThrottledForLong));
        assert_eq!(Failure::in_path("/a/fail-4290/slower"), None);
    }

    #[test]
    fn every_failure_has_one_name() {
        for (index, (name, failure)) in NAMES.iter().enumerate() {
            assert_eq!(Failure::named(name), Some(*failure));
            assert!(NAMES[..index].iter().all(|(other, twin)| other != name && twin != failure), "{name}");
        }
    }

    #[test]
    fn padding_keeps_json_whole() {
        let mut body = br#"{"value":[]}"#.to_vec();
        pad(&mut body);
        assert_eq!(body.len(), LARGE_BYTES);
        let document: Value = serde_json::from_slice(&body).expect("it is JSON");
        assert_eq!(document["value"], json!([]));
        let mut list = b"[]".to_vec();
        pad(&mut list);
        assert_eq!(list, b"[]");
    }
}
