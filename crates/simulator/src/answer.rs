//! An answer while it is being made.

use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;

use crate::call::Call;
use crate::checksum::guid;
use crate::failures::Unshared;

/// A handler's outcome; both sides are answers, so that `?` can end a handler early.
pub type Outcome<T = Answer> = Result<T, Answer>;

/// Status, headers and body.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    shared: bool,
}

impl Answer {
    /// A status and nothing else.
    pub fn empty(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Vec::new(), shared: true }
    }

    /// A JSON document.
    pub fn json(status: u16, document: &Value) -> Answer {
        Answer::bytes(status, "application/json; charset=utf-8", document.to_string().into_bytes())
    }

    /// Bytes of a type.
    pub fn bytes(status: u16, content_type: &str, body: Vec<u8>) -> Answer {
        let headers = vec![("content-type", content_type.to_owned())];
        Answer { status, headers, body, shared: true }
    }

    /// The same answer with one more header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The same answer without a body, as HEAD wants it.
    pub fn without_body(mut self) -> Answer {
        self.body.clear();
        self
    }

    /// The same answer, which no page of another origin may read.
    #[cfg(feature = "full")]
    pub fn unshared(mut self) -> Answer {
        self.shared = false;
        self
    }

    /// The HTTP message; every answer names the request it belongs to.
    pub fn into_response(self, call: &Call<'_>) -> Response<Vec<u8>> {
        let mut response = Response::new(self.body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if !headers.contains_key("x-ms-request-id")
            && let Ok(value) = HeaderValue::from_str(&guid(&format!("request {}", call.number)))
        {
            headers.insert("x-ms-request-id", value);
        }
        if let Some(client_request) = call.headers.get("x-ms-client-request-id") {
            headers.insert("x-ms-client-request-id", client_request.clone());
        }
        if !self.shared {
            response.extensions_mut().insert(Unshared);
        }
        response
    }
}
