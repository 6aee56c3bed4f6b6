//! What can go wrong, as the cases that a page can react to.

use std::fmt;

use http::Response;
use http::header::{HeaderName, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::Value;

use crate::cloud::MANAGEMENT_APPLICATION;
use crate::token::base64_url;
use crate::web_address::WebAddress;

/// A constant, because a name that is parsed brings the table of all names.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// When the authority said it, as it writes times.
    pub time: Option<String>,
    /// Seconds to wait before asking again, where the header can be read.
    pub retry_after: Option<u32>,
    /// The tenant that a challenge (`WWW-Authenticate`) names, where the header can be read.
    pub tenant: Option<String>,
    /// What a challenge wants proved by a stronger sign-in, as JSON, where the header can be read.
    pub claims: Option<String>,
}

/// One of several reasons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDetail {
    /// Its code.
    pub code: String,
    /// Its words.
    pub message: String,
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The browser gave up, and it was not found out why: no network, no such host, connection cut, or an answer
    /// without CORS headers. A page is not told which.
    Failed,
    /// Neither the host nor this page's own site answers.
    NoNetwork,
    /// The host answers nothing at all, while this page's own site does.
    HostDead,
    /// The host answers, but not to pages of other origins (CORS).
    NotShared,
    /// The host answers pages, and this one answer was lost, or came without leave to read it (CORS), as some errors
    /// do.
    Lost,
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
            false => without_texts(&reason.to_string()),
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

    /// Reads an error that somebody has in hand, as text: a body in any of the services' shapes, with or without what
    /// a command line printed around it, a page of the authority, or only a code. Nothing where there is none.
    pub fn of_text(text: &str) -> Option<Refusal> {
        let status = status_in(text);
        if let Some(body) = json_in(text) {
            let mut response = Response::new(body.to_string().into_bytes());
            *response.status_mut() = status.and_then(|status| status.try_into().ok()).unwrap_or_default();
            let mut refusal = Refusal::read(&response);
            if refusal.code.is_some() || refusal.inner_code.is_some() {
                refusal.status = status.unwrap_or_default();
                return Some(refusal);
            }
        }
        let code = code_in(text);
        if code.is_none() && status.is_none() {
            return None;
        }
        let message = text.trim().chars().take(1_000).collect();
        let (request_id, time) = support_lines(text);
        Some(Refusal {
            status: status.unwrap_or_default(),
            code,
            message,
            request_id,
            time,
            ..Refusal::default()
        })
    }

    /// Whether the authority gives no new token before it has asked the person. By its `error` and not by a number.
    pub fn wants_person(&self) -> bool {
        let code = self.refusal().and_then(|refusal| refusal.code.as_deref());
        matches!(code, Some("invalid_grant" | "interaction_required" | "login_required" | "consent_required"))
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

    /// The api-versions that the service says it takes instead, newest first. The sentence around them is localised,
    /// the versions are not.
    pub fn supported_versions(&self) -> Vec<&str> {
        let is_about_versions =
            matches!(self.code.as_deref(), Some("InvalidApiVersionParameter" | "NoRegisteredProviderFound"));
        let Some(list) = quoted(&self.message)
            .filter(|part| part.contains(',') && is_about_versions)
            .max_by_key(|part| part.len())
        else {
            return Vec::new();
        };
        let mut versions: Vec<&str> = Vec::new();
        // Sorting a slice would bring two kilobytes of code for a handful of words.
        for version in list.split(',').map(str::trim).filter(|version| is_version(version)) {
            let place = versions.partition_point(|newer| *newer > version);
            if versions.get(place) != Some(&version) {
                versions.insert(place, version);
            }
        }
        versions
    }

    /// The action that was not allowed, such as `Microsoft.MachineLearningServices/workspaces/read`.
    pub fn denied_action(&self) -> Option<&str> {
        quoted(&self.message).find(|part| {
            part.contains('/')
                && part.starts_with(|first: char| first.is_ascii_alphabetic())
                && !part.contains(' ')
        })
    }

    /// What it was not allowed on: the id of a resource.
    pub fn denied_scope(&self) -> Option<&str> {
        quoted(&self.message).find(|part| part.starts_with("/subscriptions/") || *part == "/")
    }

    /// The object id of whoever was not allowed: the second of the two that the message names.
    pub fn denied_principal(&self) -> Option<&str> {
        quoted(&self.message).take(2).filter(|part| is_guid(part)).last()
    }

    /// The resource provider that has to be registered first, such as `Microsoft.MachineLearningServices`.
    pub fn missing_provider(&self) -> Option<&str> {
        quoted(&self.message).find(|part| part.starts_with("Microsoft.") && !part.contains(['/', ' ']))
    }

    /// Whether the name is held by something that was deleted and can still be brought back. The code says nothing of
    /// it; the link that goes with the words does, in every language.
    pub fn is_held_by_deleted(&self) -> bool {
        self.message.contains("aka.ms/wsoftdelete")
    }

    /// Whether the message is about this: names stand in quotes, in whatever language the rest is.
    pub fn names(&self, name: &str) -> bool {
        quoted(&self.message).any(|part| part == name)
    }

    /// The application that the authority says no to, by its id. What the token is for is named in the same way.
    pub fn named_application(&self) -> Option<&str> {
        quoted(&self.message).find(|part| is_guid(part) && *part != MANAGEMENT_APPLICATION)
    }

    /// The redirect address that the authority does not know.
    pub fn named_redirect_address(&self) -> Option<&str> {
        quoted(&self.message).find(|part| !part.contains('?') && WebAddress::parse(part).is_some())
    }

    /// Whether Azure wants a stronger sign-in: its challenge says so, and where a page may not read that, the code does.
    pub fn wants_stronger_sign_in(&self) -> bool {
        // With 403 these are rules that no sign-in changes: a region that is closed, a policy of the organisation.
        let is_code = self.status == 401
            && matches!(self.code.as_deref(), Some("RequestDisallowedByAzure" | "RequestDisallowedByPolicy"));
        self.claims.is_some() || is_code
    }

    /// The tenant whose tokens are wanted, where those of another one were refused.
    pub fn wanted_tenant(&self) -> Option<&str> {
        if self.code.as_deref() != Some("InvalidAuthenticationTokenTenant") {
            return None;
        }
        // The message names both: first the token's own, then the one that is wanted.
        let tenants = || quoted(&self.message).filter_map(tenant_in);
        self.tenant.as_deref().or_else(|| tenants().nth(1))
    }

    /// One parser for the seven shapes: the token endpoint's `error` string, the `error` object of Resource Manager
    /// and the data plane, the pipelines' `Error`, and the flat bodies of model management and HyperDrive.
    fn read(response: &Response<Vec<u8>>) -> Self {
        let status = response.status().as_u16();
        let header = |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok());
        let body: Value = serde_json::from_slice(strip_bom(response.body())).unwrap_or(Value::Null);
        let mut refusal = match (&body["error"], &body["Error"]) {
            (Value::String(code), _) => Self::sign_in(code, &body),
            (error @ Value::Object(_), _) | (_, error @ Value::Object(_)) => Self::structured(error),
            _ => Self::structured(&body),
        };
        refusal.status = status;
        let id = header(REQUEST_ID).map(str::to_owned).or_else(|| correlation(&body));
        refusal.request_id = id.or(refusal.request_id);
        refusal.retry_after = header(RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok());
        refusal.tenant =
            header(WWW_AUTHENTICATE).and_then(|text| text.split('"').find_map(tenant_in).map(str::to_owned));
        refusal.claims = header(WWW_AUTHENTICATE).and_then(claims_in);
        if refusal.message.is_empty() {
            refusal.message = fallback_message(status, response.body(), &body);
        }
        refusal
    }

    /// What the authority refused on the way back to the page: its `error` and `error_description`.
    pub(crate) fn of_authority(code: &str, description: &str) -> Self {
        let number = code_in(description).filter(|code| code.starts_with("AADSTS"));
        // Ids and a time follow, in lines of their own or in the same one; they are kept elsewhere.
        let words = description.split("Trace ID:").next().unwrap_or_default();
        let (request_id, time) = support_lines(description);
        Self {
            code: Some(code.to_owned()),
            inner_code: number,
            message: words.lines().next().unwrap_or_default().trim_end().to_owned(),
            request_id,
            time,
            ..Self::default()
        }
    }

    fn sign_in(code: &str, body: &Value) -> Self {
        let refusal = Self::of_authority(code, body["error_description"].as_str().unwrap_or_default());
        let number = body["error_codes"][0].as_u64().map(|number| format!("AADSTS{number}"));
        Self { inner_code: number.or(refusal.inner_code), ..refusal }
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

/// The parts of a message that stand in single quotes: names and values, in whatever language the rest is.
fn quoted(message: &str) -> impl Iterator<Item = &str> {
    message.split('\'').skip(1).step_by(2)
}

/// `2019-11-01` or `2021-03-01-preview`.
fn is_version(text: &str) -> bool {
    let (date, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    date.len() == 10
        && date
            .bytes()
            .enumerate()
            .all(|(index, byte)| if matches!(index, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
        && (rest.is_empty() || rest.starts_with('-'))
}

/// The tenant of an authority such as `https://sts.windows.net/{tenant}/`.
fn tenant_in(address: &str) -> Option<&str> {
    let (_, path) = address.strip_prefix("https://")?.split_once('/')?;
    let tenant = path.split('/').next()?;
    is_guid(tenant).then_some(tenant)
}

/// The claims of a challenge: `Bearer …, error="insufficient_claims", claims="eyJ…"`.
fn claims_in(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("claims=\"")?;
    let decoded = base64_url(rest.split('"').next()?)?;
    // Nothing but a document is handed on to the authority.
    serde_json::from_slice::<Value>(&decoded).ok().filter(Value::is_object).map(|claims| claims.to_string())
}

pub(crate) fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The correlation id and the time that the authority writes under its words. By their shapes and their order, since the
/// words around them are localised: the id stands right before the time.
fn support_lines(text: &str) -> (Option<String>, Option<String>) {
    let ids = |text: &str| -> Vec<String> {
        let parts = text.split(|character: char| !character.is_ascii_hexdigit() && character != '-');
        parts.filter(|part| is_guid(part)).map(str::to_owned).collect()
    };
    match time_in(text) {
        Some((place, time)) => (ids(&text[..place]).pop(), Some(time.to_owned())),
        None => {
            let labelled = text.to_ascii_lowercase().find("correlation id");
            (labelled.and_then(|place| ids(&text[place..]).into_iter().next()), None)
        }
    }
}

/// A time such as `2023-05-06 06:03:00Z` or `2023-05-06T06:03:00.000Z`, and its place.
fn time_in(text: &str) -> Option<(usize, &str)> {
    text.match_indices('-').find_map(|(dash, _)| {
        let start = dash.checked_sub(4)?;
        let time = text.get(start..)?.split_inclusive('Z').next()?;
        let fits = time.bytes().zip(*b"0000-00-00 00:00:00").all(|(byte, expected)| match expected {
            b'0' => byte.is_ascii_digit(),
            b' ' => matches!(byte, b' ' | b'T'),
            _ => byte == expected,
        });
        (fits && time.ends_with('Z') && (20..=30).contains(&time.len())).then_some((start, time))
    })
}

/// The first JSON object in a text.
fn json_in(text: &str) -> Option<Value> {
    text.match_indices('{').take(8).find_map(|(start, _)| {
        let value = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>().next()?.ok()?;
        value.as_object().is_some_and(|object| !object.is_empty()).then_some(value)
    })
}

/// The status of `HTTP/1.1 403 Forbidden`, `Status: 403`, or a number on its own.
fn status_in(text: &str) -> Option<u16> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |word: &str| {
        let number = word.trim_matches(|character: char| !character.is_ascii_alphanumeric());
        number.parse().ok().filter(|number: &u16| {
            number.to_string() == word.trim_matches(|character: char| !character.is_ascii_alphanumeric())
                && (400..600).contains(number)
        })
    };
    if let [only] = words[..] {
        return number(only);
    }
    words.windows(2).find_map(|pair| {
        let before =
            pair[0].trim_matches(|character: char| !character.is_ascii_alphanumeric()).to_ascii_lowercase();
        let introduces = before.starts_with("http")
            || before.ends_with("status")
            || matches!(before.as_str(), "code" | "error" | "statuscode" | "returned");
        introduces.then(|| number(pair[1])).flatten()
    })
}

/// `AADSTS` and a number, `(Code)` as the Azure CLI prints it, `Code: …`, or a code that stands alone. Where a rule
/// stops a sign-in, the authority's page writes `Error Code: 53003`.
fn code_in(text: &str) -> Option<String> {
    let is_code =
        |word: &&str| word.len() > 3 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let words = || {
        text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
            .filter(|word| !word.is_empty())
    };
    if let Some(code) = words().find(|word| {
        word.starts_with("AADSTS") && word[6..].bytes().all(|byte| byte.is_ascii_digit()) && word.len() > 6
    }) {
        return Some(code.to_owned());
    }
    let in_brackets =
        text.split_once('(').and_then(|(_, rest)| Some(rest.split_once(')')?.0)).filter(is_code);
    let after_code = || {
        let (_, rest) = text.split_once("Code:").or_else(|| text.split_once("code:"))?;
        rest.split_whitespace().next().map(|word| word.trim_end_matches([',', '.', ';'])).filter(is_code)
    };
    let alone = || Some(text.trim()).filter(is_code);
    let code = in_brackets
        .filter(|code| code.bytes().any(|byte| byte.is_ascii_uppercase()))
        .or_else(after_code)
        .or_else(alone)?;
    let is_authoritys = (5..=7).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_authoritys { format!("AADSTS{code}") } else { code.to_owned() })
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
    // Not a page of somebody in between, but a document of the service, which may hold a token, a key or a signature.
    if text.starts_with(['{', '[', '"']) {
        text = without_texts(&text);
    }
    if bytes.len() > LENGTH {
        text.push('…');
    }
    text
}

/// A document, or words about one, with `"…"` in the place of every text in double quotes that names no field.
fn without_texts(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, quoted)) = rest.split_once('"') {
        shown.push_str(before);
        let mut is_escaped = false;
        let end = quoted.find(|character| {
            let is_end = character == '"' && !is_escaped;
            is_escaped = character == '\\' && !is_escaped;
            is_end
        });
        let Some(end) = end else {
            // It goes on beyond the end, whatever it is.
            shown.push('"');
            return shown;
        };
        let (inner, behind) = (&quoted[..end], &quoted[end + 1..]);
        let is_name = behind.trim_start().starts_with(':');
        shown.extend(["\"", if is_name { inner } else { "…" }, "\""]);
        rest = behind;
    }
    shown.push_str(rest);
    shown
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
    fn a_challenge_says_what_a_stronger_sign_in_has_to_prove() {
        let claims = |challenge: &str| {
            let response = Response::builder().status(401).header("WWW-Authenticate", challenge);
            ApiError::refused(&response.body(Vec::new()).unwrap()).refusal().unwrap().claims.clone()
        };
        let challenge =
            |claims: &str| format!(r#"Bearer realm="", error="insufficient_claims", claims="{claims}""#);
        // {"access_token":{"acrs":{"essential":true,"value":"p1"}}}
        let encoded = "eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlIjoicDEifX19";
        let decoded = r#"{"access_token":{"acrs":{"essential":true,"value":"p1"}}}"#;
        assert_eq!(claims(&challenge(encoded)).as_deref(), Some(decoded));
        for nothing in ["Bearer", &challenge(""), &challenge("!"), &challenge("W10="), &challenge("Ijwi")] {
            assert_eq!(claims(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_stronger_sign_in_is_wanted_by_code_too() {
        let wants = |status, code| {
            refusal(status, &format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#))
                .wants_stronger_sign_in()
        };
        for code in ["RequestDisallowedByAzure", "RequestDisallowedByPolicy"] {
            assert!(wants(401, code) && !wants(403, code), "{code}");
        }
        assert!(!wants(401, "ExpiredAuthenticationToken"));
    }

    #[test]
    fn the_authority_wants_the_person_by_its_error_and_not_by_a_number() {
        for (error, wants) in [
            ("invalid_grant", true),
            ("interaction_required", true),
            ("invalid_client", false),
            ("temporarily_unavailable", false),
        ] {
            let body = format!(
                r#"{{"error":"{error}","error_description":"AADSTS700084: x\r\nCorrelation ID: y"}}"#
            );
            assert_eq!(read(400, &body).wants_person(), wants, "{error}");
            assert_eq!(refusal(400, &body).exact_code(), Some("AADSTS700084"));
        }
        assert!(!ApiError::Unreachable(NoAnswer::Failed).wants_person());
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
    fn a_refused_version_names_those_that_are_taken() {
        let groups = refusal(400, sample!("error_arm_invalid_api_version_resourcegroups"));
        assert_eq!(groups.supported_versions()[..2], ["2020-07-01", "2020-06-01"]);
        let workspaces = refusal(400, sample!("error_arm_invalid_api_version_workspaces"));
        let versions = workspaces.supported_versions();
        assert_eq!((versions[0], versions.len()), ("2021-07-01", 19));
        assert!(refusal(400, sample!("error_arm_missing_api_version")).supported_versions().is_empty());
    }

    #[test]
    fn a_denial_says_what_was_not_allowed_on_what_in_any_language() {
        for message in [
            sample!("error_arm_403").to_owned(),
            sample!("error_arm_403")
                .replace("does not have authorization to perform action", "darf nicht ausführen:"),
        ] {
            let denied = refusal(403, &message);
            assert_eq!(denied.denied_action(), Some("Microsoft.MachineLearningServices/workspaces/read"));
            assert_eq!(denied.denied_principal(), Some("00000000-aaaa-bbbb-cccc-000000000000"));
            assert!(denied.denied_scope().is_some_and(|scope| scope.ends_with("/workspaces/my-workspace")));
        }
    }

    #[test]
    fn a_provider_that_is_not_registered_is_named() {
        let body = r#"{"error":{"code":"MissingSubscriptionRegistration","message":"The subscription is not registered to use namespace 'Microsoft.MachineLearningServices'. See https://aka.ms/rps-not-found for how to register subscriptions."}}"#;
        assert_eq!(refusal(409, body).missing_provider(), Some("Microsoft.MachineLearningServices"));
        assert_eq!(refusal(403, sample!("error_arm_403")).missing_provider(), None);
    }

    #[test]
    fn a_token_of_another_tenant_is_told_which_one_is_wanted() {
        let own = "11111111-1111-1111-1111-111111111111";
        let wanted = "22222222-2222-2222-2222-222222222222";
        let body = format!(
            r#"{{"error":{{"code":"InvalidAuthenticationTokenTenant","message":"The access token is from the wrong issuer 'https://sts.windows.net/{own}/'. It must match the tenant 'https://sts.windows.net/{wanted}/' associated with this subscription."}}}}"#
        );
        assert_eq!(refusal(401, &body).wanted_tenant(), Some(wanted));
        let response = Response::builder()
            .status(401)
            .header(
                "WWW-Authenticate",
                format!(
                    "Bearer authorization_uri=\"https://login.windows.net/{wanted}\", error=\"invalid_token\""
                ),
            )
            .body(br#"{"error":{"code":"InvalidAuthenticationTokenTenant","message":"x"}}"#.to_vec())
            .unwrap();
        assert_eq!(ApiError::refused(&response).refusal().unwrap().wanted_tenant(), Some(wanted));
    }

    #[test]
    fn an_error_that_was_pasted_is_read_in_every_form() {
        let code = |text: &str| {
            ApiError::of_text(text).map(|refusal| refusal.exact_code().unwrap_or("-").to_owned())
        };
        for (text, expected) in [
            (sample!("error_arm_403"), "AuthorizationFailed"),
            (sample!("login_error_invalid_client"), "AADSTS7000215"),
            (sample!("model_delete_412"), "DeletionRequired"),
            (
                "HTTP/1.1 409 Conflict\r\nDate: x\r\n\r\n{\"error\":{\"code\":\"Conflict\",\"message\":\"m\"}}",
                "Conflict",
            ),
            ("ERROR: (AuthorizationFailed) The client 'x' (of contoso) does not", "AuthorizationFailed"),
            (
                "(ResourceNotFound) The Resource\nCode: ResourceNotFound\nMessage: The Resource",
                "ResourceNotFound",
            ),
            ("ERROR: AADSTS700016: Application with identifier 'x' was not found", "AADSTS700016"),
            ("TooManyRequests", "TooManyRequests"),
            ("the server returned 503", "-"),
            ("429", "-"),
        ] {
            assert_eq!(code(text).as_deref(), Some(expected), "{text}");
        }
        assert_eq!(
            ApiError::of_text("HTTP/1.1 409 Conflict\n\n{\"code\":\"A\"}").map(|refusal| refusal.status),
            Some(409)
        );
        for nothing in ["", "it does not work", "{}", "{\"value\":[]}", "I have 400 runs"] {
            assert_eq!(code(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn what_the_authority_shows_is_read_with_what_it_is_found_by() {
        const ID: &str = "5b5b5b5b-1111-2222-3333-444444444444";
        let page = format!(
            "Anmelden\nAADSTS50011: Der Umleitungs-URI 'https://site.example/auth.html' stimmt nicht mit denen der Anwendung \
             '00000000-0000-0000-0000-00000000c11e' überein.\nAnforderungs-ID: 1b1b1b1b-1111-2222-3333-444444444444\n\
             Korrelations-ID: {ID}\nZeitstempel: 2026-11-21T19:30:00Z\nMeldung: AADSTS50011"
        );
        let shown = ApiError::of_text(&page).unwrap();
        assert_eq!(shown.exact_code(), Some("AADSTS50011"));
        assert_eq!(shown.request_id.as_deref(), Some(ID));
        assert_eq!(shown.time.as_deref(), Some("2026-11-21T19:30:00Z"));
        assert_eq!(shown.named_application(), Some("00000000-0000-0000-0000-00000000c11e"));
        assert_eq!(shown.named_redirect_address(), Some("https://site.example/auth.html"));

        let ruled_out = format!(
            "More details\nError Code: 53003\nRequest Id: x\nCorrelation Id: {ID}\nApp name: Azimuth"
        );
        let blocked = ApiError::of_text(&ruled_out).unwrap();
        assert_eq!((blocked.exact_code(), blocked.request_id.as_deref()), (Some("AADSTS53003"), Some(ID)));
        assert_eq!((blocked.time, blocked.message.contains("Azimuth")), (None, true));

        // Both on one line, as the token endpoint does of late.
        let one_line = format!(
            r#"{{"error":"invalid_grant","error_description":"AADSTS50076: You must use '{MANAGEMENT_APPLICATION}'. Trace ID: 1b1b1b1b-1111-2222-3333-444444444444 Correlation ID: {ID} Timestamp: 2026-11-21 19:30:00Z"}}"#
        );
        let told = refusal(400, &one_line);
        assert_eq!(told.message, format!("AADSTS50076: You must use '{MANAGEMENT_APPLICATION}'."));
        assert_eq!((told.request_id.as_deref(), told.named_application()), (Some(ID), None));
        assert_eq!(told.time.as_deref(), Some("2026-11-21 19:30:00Z"));
        assert_eq!(refusal(400, r#"{"error":"x","error_description":"AADSTS1: on 2026-11-21"}"#).time, None);
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

    #[test]
    fn an_unreadable_answer_shows_names_and_no_values() {
        for (text, shown) in [
            (
                r#"{"token_type": "Bearer", "expires_in": "soon", "access_token": "eyJ0-hush"}"#,
                r#"{"token_type": "…", "expires_in": "…", "access_token": "…"}"#,
            ),
            (r#"["hush", {"primaryKey" : "hu\"sh", "n": 5}]"#, r#"["…", {"primaryKey" : "…", "n": 5}]"#),
            (r#"{"contentUri": "https://shop/x?sig=hush"#, r#"{"contentUri": ""#),
            (r#""hush""#, r#""…""#),
        ] {
            let response = Response::builder().status(200).body(text.as_bytes().to_vec()).unwrap();
            let reason = serde_json::from_str::<u64>(r#""hush""#).unwrap_err();
            let ApiError::Unreadable { excerpt, reason, .. } = ApiError::unreadable(&response, &reason)
            else {
                panic!("not unreadable");
            };
            assert_eq!(excerpt, shown);
            assert_eq!(reason, "invalid type: string \"…\", expected u64 at line 1 column 6");
        }
        let long = format!(r#"{{"access_token":"{}"}}"#, "hush".repeat(100));
        assert_eq!(excerpt(long.as_bytes()), r#"{"access_token":"…"#);
    }
}
