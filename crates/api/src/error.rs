//! What can go wrong, as the cases that a page can react to.

use std::fmt;

use http::Response;
use serde_json::Value;

/// Why an operation has no output.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// 401: there is no token, or the service does not take it. Sign in and ask again.
    SignedOut(Box<Refusal>),
    /// The service understood and said no.
    Refused(Box<Refusal>),
    /// No answer came.
    Unreachable(NoAnswer),
    /// An answer came that is not what was asked for.
    Unreadable {
        /// Its status.
        status: u16,
        /// What is wrong with it.
        reason: String,
        /// How it begins, for whoever has to find out where it comes from.
        excerpt: String,
    },
    /// An address that the service gave must not be called: a host that is not on the list, or another origin than
    /// the one that gave it.
    Untrusted {
        /// The address, without its query.
        address: String,
        /// Which rule it breaks, in a sentence.
        rule: String,
    },
}

/// What a service said when it said no.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The service's code (`AuthorizationFailed`, `UserError`, `invalid_client`), if it gave one.
    pub code: Option<String>,
    /// The most exact code: the deepest `innerError` of the data plane, `AADSTS…` of sign-in.
    pub inner_code: Option<String>,
    /// The service's words, for a person.
    pub message: String,
    /// What it is about, if the service says so.
    pub target: Option<String>,
    /// Further reasons.
    pub details: Vec<ErrorDetail>,
    /// What to give to support: `x-ms-request-id`, or the correlation id in the body.
    pub request_id: Option<String>,
    /// Seconds to wait before asking again, where the header can be read.
    pub retry_after: Option<u32>,
}

/// One of several reasons.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorDetail {
    /// Its code.
    pub code: String,
    /// Its words.
    pub message: String,
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The browser gave up: no network, no such host, connection cut, or an answer without CORS headers. A page is
    /// not told which.
    Failed,
    /// Nothing came for this many seconds.
    TimedOut(u32),
    /// The browser knows that it is offline.
    Offline,
    /// The service answered with a redirect, which is never followed with a token.
    Redirected,
}

impl ApiError {
    /// Reads any refusal of any service.
    pub fn refused(response: &Response<Vec<u8>>) -> Self {
        let refusal = Box::new(Refusal::read(response));
        // The token endpoint refuses a secret with 401 too; there it is the answer to signing in, not a call for it.
        let is_from_sign_in = refusal.inner_code.as_deref().is_some_and(|code| code.starts_with("AADSTS"));
        if refusal.status == 401 && !is_from_sign_in {
            Self::SignedOut(refusal)
        } else {
            Self::Refused(refusal)
        }
    }

    /// A good status with a body that is no good.
    pub fn unreadable(response: &Response<Vec<u8>>, reason: &impl fmt::Display) -> Self {
        let reason = match response.body().is_empty() {
            true => "The answer is empty.".to_owned(),
            false => reason.to_string(),
        };
        Self::Unreadable { status: response.status().as_u16(), reason, excerpt: excerpt(response.body()) }
    }

    /// The service's own refusal, if that is what it is.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::SignedOut(refusal) | Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unreadable { status, .. } => Some(*status),
            _ => self.refusal().map(|refusal| refusal.status),
        }
    }

    /// Whether what was asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }
}

impl Refusal {
    /// The code to show: the most exact one.
    pub fn exact_code(&self) -> Option<&str> {
        self.inner_code.as_deref().or(self.code.as_deref())
    }

    /// One parser for the seven shapes: the token endpoint's `error` string, the `error` object of Resource Manager
    /// and the data plane, the pipelines' `Error`, and the flat bodies of model management and HyperDrive.
    fn read(response: &Response<Vec<u8>>) -> Self {
        let status = response.status().as_u16();
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        let body: Value = serde_json::from_slice(strip_bom(response.body())).unwrap_or(Value::Null);
        let mut refusal = match (&body["error"], &body["Error"]) {
            (Value::String(code), _) => Self::sign_in(code, &body),
            (error @ Value::Object(_), _) | (_, error @ Value::Object(_)) => Self::structured(error),
            _ => Self::structured(&body),
        };
        refusal.status = status;
        refusal.request_id = header("x-ms-request-id").map(str::to_owned).or_else(|| correlation(&body));
        refusal.retry_after = header("retry-after").and_then(|seconds| seconds.trim().parse().ok());
        if refusal.message.is_empty() {
            refusal.message = fallback_message(status, response.body(), &body);
        }
        refusal
    }

    fn sign_in(code: &str, body: &Value) -> Self {
        let description = body["error_description"].as_str().unwrap_or_default();
        Self {
            code: Some(code.to_owned()),
            inner_code: body["error_codes"][0].as_u64().map(|number| format!("AADSTS{number}")),
            // The lines after the first are ids and a time; the ids are kept elsewhere.
            message: description.lines().next().unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    fn structured(error: &Value) -> Self {
        let code = text(error, "code").or_else(|| text(error, "Code"));
        let details = field(error, "details").as_array().map(Vec::as_slice).unwrap_or_default();
        Self {
            inner_code: deepest_code(field(error, "innerError")),
            message: text(error, "message").unwrap_or_default(),
            target: text(error, "target"),
            details: details
                .iter()
                .filter_map(|detail| {
                    Some(ErrorDetail {
                        code: text(detail, "code").unwrap_or_default(),
                        message: text(detail, "message")?,
                    })
                })
                .collect(),
            code,
            ..Self::default()
        }
    }
}

/// A field in camelCase or, as pipelines write it, in PascalCase.
fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    match &value[name] {
        Value::Null => {
            let mut pascal = name.to_owned();
            pascal[..1].make_ascii_uppercase();
            value.get(pascal).unwrap_or(&Value::Null)
        }
        found => found,
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    match field(value, name) {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        // HyperDrive's codes are numbers.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn deepest_code(inner: &Value) -> Option<String> {
    let mut code = None;
    let mut current = inner;
    while current.is_object() {
        code = text(current, "code").or(code);
        current = field(current, "innerError");
    }
    code
}

fn correlation(body: &Value) -> Option<String> {
    if let Some(id) = text(body, "correlation_id") {
        return Some(id);
    }
    let correlation = field(body, "correlation");
    ["request", "RequestId", "operation"].iter().find_map(|name| text(correlation, name))
}

/// What to say when the service did not: a gateway's page, an empty body, some other JSON.
fn fallback_message(status: u16, bytes: &[u8], body: &Value) -> String {
    if bytes.is_empty() {
        return format!("The service answered {status} without a word.");
    }
    if body.is_null() {
        return format!("The service answered {status} with something that is not JSON.");
    }
    format!("The service answered {status} without saying why.")
}

fn strip_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn excerpt(bytes: &[u8]) -> String {
    const LENGTH: usize = 200;
    let start = &bytes[..bytes.len().min(LENGTH)];
    let mut text: String = String::from_utf8_lossy(start).split_whitespace().collect::<Vec<_>>().join(" ");
    if bytes.len() > LENGTH {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> ApiError {
        ApiError::refused(&Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap())
    }

    fn refusal(status: u16, body: &str) -> Refusal {
        read(status, body).refusal().unwrap().clone()
    }

    macro_rules! sample {
        ($name:literal) => {
            include_str!(concat!("../../simulator/samples/", $name, ".json"))
        };
    }

    #[test]
    fn each_of_the_seven_shapes_gives_code_and_words() {
        let sign_in = refusal(401, sample!("login_error_invalid_client"));
        assert_eq!(sign_in.code.as_deref(), Some("invalid_client"));
        assert_eq!(sign_in.exact_code(), Some("AADSTS7000215"));
        assert!(sign_in.message.ends_with("'00000000-aaaa-bbbb-cccc-000000000000'."), "{}", sign_in.message);
        assert_eq!(sign_in.request_id.as_deref(), Some("5b5b5b5b-1111-2222-3333-444444444444"));

        let manager = refusal(403, sample!("error_arm_403"));
        assert_eq!(manager.exact_code(), Some("AuthorizationFailed"));
        assert!(manager.message.contains("workspaces/read"));

        let provider = refusal(400, sample!("error_ml_compute_400"));
        assert_eq!(provider.exact_code(), Some("UserError"));
        assert_eq!(provider.request_id.as_deref(), Some("9c369c17f32cbd16"));

        let data_plane = refusal(400, sample!("error_ml_validation_400"));
        assert_eq!(
            (data_plane.code.as_deref(), data_plane.exact_code()),
            (Some("UserError"), Some("ArgumentInvalid"))
        );
        assert_eq!(data_plane.target.as_deref(), Some("filter"));

        let models = refusal(412, sample!("model_delete_412"));
        assert_eq!(models.exact_code(), Some("DeletionRequired"));
        assert_eq!(models.details[0].message, "Image my-image:1 must be deleted.");

        let hyperdrive = refusal(400, r#"{"code":400,"message":"no such space"}"#);
        assert_eq!((hyperdrive.exact_code(), hyperdrive.message.as_str()), (Some("400"), "no such space"));

        let pipelines = refusal(
            404,
            r#"{"Error":{"Code":"UserError","Message":"no graph","InnerError":{"Code":"NotFound"}},"Correlation":{"RequestId":"r"}}"#,
        );
        assert_eq!((pipelines.exact_code(), pipelines.message.as_str()), (Some("NotFound"), "no graph"));
        assert_eq!(pipelines.request_id.as_deref(), Some("r"));
    }

    #[test]
    fn a_body_that_says_nothing_still_gives_words() {
        for body in ["", "<html>Bad gateway</html>", "[]", "{}", "\"x\"", "null"] {
            let refusal = refusal(502, body);
            assert!(refusal.message.contains("502"), "{body}: {}", refusal.message);
            assert_eq!(refusal.code, None);
        }
    }

    #[test]
    fn only_401_asks_to_sign_in() {
        assert!(matches!(read(401, ""), ApiError::SignedOut(_)));
        assert!(matches!(read(401, sample!("error_arm_401_expired_token")), ApiError::SignedOut(_)));
        assert!(matches!(read(401, sample!("login_error_invalid_client")), ApiError::Refused(_)));
        assert!(matches!(read(403, ""), ApiError::Refused(_)));
    }

    #[test]
    fn the_headers_say_who_to_ask_and_when() {
        let response = Response::builder()
            .status(429)
            .header("Retry-After", "17")
            .header("x-ms-request-id", "abc")
            .body(sample!("error_arm_429").as_bytes().to_vec())
            .unwrap();
        let error = ApiError::refused(&response);
        let refusal = error.refusal().unwrap();
        assert_eq!((refusal.retry_after, refusal.request_id.as_deref()), (Some(17), Some("abc")));
    }

    #[test]
    fn an_unreadable_answer_shows_how_it_begins() {
        let response = Response::builder().status(200).body(b"<html>\n  <b>Sign in".to_vec()).unwrap();
        let ApiError::Unreadable { status: 200, excerpt, .. } =
            ApiError::unreadable(&response, &"expected value")
        else {
            panic!("not unreadable");
        };
        assert_eq!(excerpt, "<html> <b>Sign in");
    }
}
