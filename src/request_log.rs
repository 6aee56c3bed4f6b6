//! Every request that the page made, with all secrets masked: the glass box, and the same as curl.

use azimuth_api::{NoAnswer, WebAddress};
use http::{Method, Request, Response};
use leptos::prelude::*;

use crate::transport::Payload;

/// How many are kept.
const KEPT: usize = 500;

/// What stands in place of a secret.
const MASK: &str = "***";

/// The same for the key of a service.
const KEY_MASK: &str = "Bearer *** (the service’s own key)";

/// Says of a request, as an extension, that it carries the key of a service and no token.
#[derive(Clone, Copy)]
pub struct OwnKey;

/// Names, in any case, of parameters and fields whose values are secrets.
const SECRET_NAMES: [&str; 22] = [
    "client_secret",
    "clientsecret",
    "code",
    "code_verifier",
    "refresh_token",
    "access_token",
    "id_token",
    "id_token_hint",
    "device_code",
    "assertion",
    "client_assertion",
    "password",
    "sig",
    "primarykey",
    "secondarykey",
    "accountkey",
    "sastoken",
    "credential",
    "adminuserpassword",
    "adminusersshpublickey",
    "keyvalue",
    "userpassword",
];

/// The log of a session. A handle: copies write into the same log.
#[derive(Clone, Copy)]
pub struct RequestLog {
    entries: RwSignal<Vec<Entry>>,
    next: StoredValue<u64>,
}

/// One request. It holds no secret: they are masked before it is made.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Rising.
    pub id: u64,
    /// The method.
    pub method: Method,
    /// The address.
    pub address: String,
    /// The headers that we set.
    pub headers: Vec<(String, String)>,
    /// What was sent.
    pub body: LoggedBody,
    /// When, in milliseconds since 1970.
    pub started: f64,
    /// How long it took, in milliseconds; none while it is under way.
    pub took: Option<f64>,
    /// What came of it.
    pub outcome: Outcome,
}

/// A body, as far as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub enum LoggedBody {
    /// Nothing.
    Empty,
    /// A text, masked.
    Text(String),
    /// Names of parts, of their files, and sizes in bytes.
    Form(Vec<(String, String, f64)>),
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Under way.
    Pending,
    /// An answer with this status and so many bytes.
    Answered(u16, usize),
    /// No answer.
    NoAnswer(NoAnswer),
    /// We stopped it: its page went away.
    Stopped,
}

impl Outcome {
    /// Of what a carrier brought.
    pub fn of(result: &Result<Response<Vec<u8>>, NoAnswer>) -> Self {
        match result {
            Ok(response) => Self::Answered(response.status().as_u16(), response.body().len()),
            Err(no_answer) => Self::NoAnswer(*no_answer),
        }
    }

    /// In a plain word, and in the word of the protocol.
    pub fn in_words(&self) -> (&'static str, String) {
        match self {
            Self::Pending => ("Under way", String::new()),
            Self::Answered(status, _) => {
                let plain = match status {
                    200..300 => "Answered",
                    401 => "Not signed in",
                    403 => "Not allowed",
                    404 => "Not found",
                    409 => "There already",
                    429 => "Asked to wait",
                    500.. => "Service failed",
                    _ => "Refused",
                };
                (plain, status.to_string())
            }
            Self::NoAnswer(no_answer) => {
                let why = match no_answer {
                    NoAnswer::Failed | NoAnswer::NoNetwork | NoAnswer::HostDead | NoAnswer::Lost => {
                        String::new()
                    }
                    NoAnswer::NotShared => "not readable".to_owned(),
                    NoAnswer::TimedOut(seconds) => format!("after {seconds} s"),
                    NoAnswer::Offline => "offline".to_owned(),
                    NoAnswer::Redirected => "redirected".to_owned(),
                };
                ("No answer", why)
            }
            Self::Stopped => ("Stopped", String::new()),
        }
    }
}

impl Default for RequestLog {
    fn default() -> Self {
        Self { entries: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }
}

impl RequestLog {
    /// The entries, oldest first.
    pub fn entries(self) -> Signal<Vec<Entry>> {
        self.entries.into()
    }

    /// Forgets everything.
    pub fn clear(self) {
        self.entries.set(Vec::new());
    }

    /// Notes that a request is sent; the number is for [`RequestLog::finish`].
    pub fn begin(self, request: &Request<Payload>, address: &WebAddress) -> u64 {
        let id = self.next.with_value(|next| *next);
        self.next.set_value(id + 1);
        let entry = Entry { id, ..Entry::of(request, address) };
        // The log may outlive the page that is going away while its last request is dropped.
        let _ = self.entries.try_update(|entries| {
            if entries.len() == KEPT {
                entries.remove(0);
            }
            entries.push(entry);
        });
        id
    }

    /// Notes what came of a request.
    pub fn finish(self, id: u64, outcome: Outcome) {
        let now = js_sys::Date::now();
        let _ = self.entries.try_update(|entries| {
            if let Some(entry) = entries.iter_mut().rev().find(|entry| entry.id == id) {
                entry.took = Some(now - entry.started);
                entry.outcome = outcome;
            }
        });
    }
}

impl Entry {
    /// A request that is about to be sent, masked.
    pub fn of(request: &Request<Payload>, address: &WebAddress) -> Self {
        let headers = request.headers().iter().map(|(name, value)| {
            let shown = if value.is_sensitive() && request.extensions().get::<OwnKey>().is_some() {
                KEY_MASK.to_owned()
            } else if value.is_sensitive() {
                format!("Bearer {MASK}")
            } else {
                String::from_utf8_lossy(value.as_bytes()).into_owned()
            };
            (canonical(name.as_str()), shown)
        });
        let body = match request.body() {
            Payload::Empty => LoggedBody::Empty,
            Payload::Text(text) => LoggedBody::Text(masked_text(text)),
            Payload::Form(parts) => LoggedBody::Form(
                parts
                    .iter()
                    .map(|part| (part.name.to_owned(), part.file_name.to_owned(), part.file.size()))
                    .collect(),
            ),
        };
        Self {
            id: 0,
            method: request.method().clone(),
            address: masked_address(&address.to_string()),
            headers: headers.collect(),
            body,
            started: js_sys::Date::now(),
            took: None,
            outcome: Outcome::Pending,
        }
    }

    /// The same as it looks once it has a token, which is masked in any case.
    pub fn with_token(mut self) -> Self {
        self.headers.insert(0, ("Authorization".to_owned(), format!("Bearer {MASK}")));
        self
    }

    /// The request as a curl command. Secrets are masked; `$TOKEN` stands for the token, `$KEY` for a service's key.
    pub fn curl(&self) -> String {
        let mut lines = vec![format!("curl -X {} {}", self.method, quoted(&self.address))];
        for (name, value) in &self.headers {
            if name == "Authorization" {
                // In double quotes, so that a shell fills it in.
                let variable = if value == KEY_MASK { "KEY" } else { "TOKEN" };
                lines.push(format!("  -H \"Authorization: Bearer ${variable}\""));
            } else {
                lines.push(format!("  -H {}", quoted(&format!("{name}: {value}"))));
            }
        }
        match &self.body {
            LoggedBody::Empty => {}
            LoggedBody::Text(text) => lines.push(format!("  -d {}", quoted(text))),
            LoggedBody::Form(parts) => {
                lines.extend(
                    parts
                        .iter()
                        .map(|(name, file, _)| format!("  -F {}", quoted(&format!("{name}=@{file}")))),
                );
            }
        }
        lines.join(" \\\n")
    }
}

/// In single quotes for a shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn canonical(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let mut word = word.to_owned();
            if let Some(first) = word.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            word
        })
        .collect::<Vec<_>>()
        .join("-")
}

/// An address with the values of secret parameters masked.
fn masked_address(address: &str) -> String {
    match address.split_once('?') {
        Some((path, query)) => format!("{path}?{}", masked_pairs(query)),
        None => address.to_owned(),
    }
}

/// A body with the values of secret fields masked: JSON, or the fields of a form.
fn masked_text(text: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(mut value) => {
            mask_json(&mut value);
            value.to_string()
        }
        Err(_) => masked_pairs(text),
    }
}

fn masked_pairs(pairs: &str) -> String {
    pairs
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}={MASK}"),
            _ => pair.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&")
}

fn mask_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                if is_secret(name) && !value.is_null() {
                    *value = MASK.into();
                } else {
                    mask_json(value);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(mask_json),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use azimuth_api::{Body, Cloud, Grant, GrantTokens, Operation, RequestToken, Secret, TokenEndpoint};

    fn entry(body: LoggedBody) -> Entry {
        Entry {
            id: 0,
            method: Method::POST,
            address: "https://h/p?a='b'".to_owned(),
            headers: vec![
                ("Authorization".to_owned(), "Bearer ***".to_owned()),
                ("Content-Type".to_owned(), "application/json".to_owned()),
            ],
            body,
            started: 0.0,
            took: None,
            outcome: Outcome::Pending,
        }
    }

    #[test]
    fn secrets_are_masked_in_addresses_forms_and_json() {
        assert_eq!(masked_address("https://h/p?sv=1&sig=abc%3D&se=2"), "https://h/p?sv=1&sig=***&se=2");
        assert_eq!(
            masked_text("grant_type=client_credentials&client_id=a&client_secret=s%20t&code_verifier=v"),
            "grant_type=client_credentials&client_id=a&client_secret=***&code_verifier=***"
        );
        assert_eq!(
            masked_text(
                r#"{"properties":{"userAccountCredentials":{"adminUserPassword":"p","adminUserName":"u"}},"list":[{"SasToken":"t"}]}"#
            ),
            r#"{"list":[{"SasToken":"***"}],"properties":{"userAccountCredentials":{"adminUserName":"u","adminUserPassword":"***"}}}"#
        );
    }

    #[test]
    fn what_signs_somebody_in_is_logged_without_its_secrets() {
        let (tenant, client_id) = ("contoso".to_owned(), "azimuth".to_owned());
        let granted = |grant| GrantTokens {
            tenant: tenant.clone(),
            client_id: client_id.clone(),
            scope: Cloud::Public.scope(),
            grant,
        };
        let redemption = granted(Grant::Code {
            code: Secret::new("hush=1&+"),
            verifier: Secret::new("hush-2"),
            redirect_uri: "https://site.example/auth.html".to_owned(),
            claims: Some(r#"{"access_token":{"acrs":{"value":"c1"}}}"#.to_owned()),
        });
        let renewal = granted(Grant::Refresh(Secret::new("hush-3")));
        let by_secret = RequestToken {
            tenant,
            client_id,
            client_secret: Secret::new("hush-4"),
            audience: Cloud::Public.audience(),
            endpoint: TokenEndpoint::V1,
        };
        for body in [redemption.body(), renewal.body(), by_secret.body()] {
            let Body::Form(form) = body else { panic!("not a form") };
            let (sent, logged) = (form.encoded(), masked_text(&form.encoded()));
            assert!(sent.contains("hush") && !logged.contains("hush"), "{logged}");
            // What is no secret stays, so that the command can be followed.
            assert!(logged.contains("client_id=azimuth") && logged.contains("grant_type="), "{logged}");
        }
        let logged =
            masked_text("claims=%7B%22a%22%3A1%7D&id_token_hint=hush&client_assertion=hush&device_code=hush");
        assert_eq!(logged, "claims=%7B%22a%22%3A1%7D&id_token_hint=***&client_assertion=***&device_code=***");
    }

    #[test]
    fn a_request_is_shown_as_a_command_that_a_shell_takes() {
        assert_eq!(
            entry(LoggedBody::Text("{\"it's\":1}".to_owned())).curl(),
            "curl -X POST 'https://h/p?a='\\''b'\\''' \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"it'\\''s\":1}'"
        );
        let mut with_key = entry(LoggedBody::Empty);
        with_key.headers[0].1 = KEY_MASK.to_owned();
        assert!(with_key.curl().contains("Bearer $KEY"), "{}", with_key.curl());
        let form =
            entry(LoggedBody::Form(vec![("projectZipFile".to_owned(), "project.zip".to_owned(), 3.0)]))
                .curl();
        assert!(form.ends_with("-F 'projectZipFile=@project.zip'"), "{form}");
    }
}
