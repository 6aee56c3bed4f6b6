//! One request, from its arrival to its answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use azimuth_simulator::faults::{Fault, FaultPlan};
use azimuth_simulator::{Delay, Failure, Origins, Simulator, Unshared};
use bytes::Bytes;
use http::header::{self, HeaderMap};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use serde_json::json;
use time::OffsetDateTime;

use crate::cors::Sharing;
use crate::interceptor::Interceptor;
use crate::listening::CloseConnection;
use crate::origins::Role;
use crate::recorder::{Entry, Recorded, Recorder};

/// Projects are at most 300 MB, and a form around one is a little larger.
const MAXIMUM_BODY_BYTES: usize = 320 * 1024 * 1024;

type Answer = Response<Full<Bytes>>;

/// What all origins share.
pub struct Exchange {
    pub simulator: Mutex<Simulator>,
    pub origins: Origins,
    pub faults: Mutex<Vec<FaultPlan>>,
    pub interceptor: Mutex<Option<Arc<dyn Interceptor>>>,
    /// Whether the data plane sends CORS headers.
    pub cors: bool,
    pub log: bool,
    /// How far the simulator's clock is ahead.
    pub ahead: Mutex<time::Duration>,
    pub recorder: Recorder,
}

impl Exchange {
    pub async fn answer(&self, role: Role, request: Request<Incoming>) -> Result<Answer, CloseConnection> {
        let started = Instant::now();
        let method = request.method().clone();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let entry = self.recorder.arrived(Recorded {
            method: method.clone(),
            role,
            target: target.clone(),
            headers: request.headers().keys().map(|name| name.as_str().to_owned()).collect(),
            range: request.headers().get("range").and_then(|range| range.to_str().ok()).map(str::to_owned),
            body_bytes: 0,
            at: OffsetDateTime::now_utc(),
            handed_on: false,
            status: None,
        });

        let outcome = self.outcome(role, request, &target, &entry).await;
        let status = outcome.as_ref().ok().map(Response::status);
        if let Some(status) = status {
            entry.answered(status.as_u16());
        }
        if self.log {
            let status = status.as_ref().map_or("no answer", StatusCode::as_str);
            let milliseconds = started.elapsed().as_millis();
            eprintln!("{method} {} {} {status} {milliseconds} ms", role.name(), without_values(&target));
        }
        outcome
    }

    async fn outcome(
        &self,
        role: Role,
        request: Request<Incoming>,
        target: &str,
        entry: &Entry,
    ) -> Result<Answer, CloseConnection> {
        let origin = role.origin(&self.origins);
        if !is_addressed_to(request.headers(), origin) {
            // A page that has its own name resolve to this machine must not get at the simulator.
            return Ok(text(StatusCode::MISDIRECTED_REQUEST, format!("This is {origin}.\n")));
        }
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let mut sharing = Sharing::of(role, &path, self.cors);
        if is_preflight(&parts.method, &parts.headers) {
            if self.refuses_preflight(&path, &parts.headers) {
                sharing = Sharing::Nobody;
            }
            return Ok(sharing.preflight(&parts.headers));
        }

        let mut close_afterwards = false;
        let mut instead = None;
        let mut failure = Failure::in_path(&path);
        match self.next_fault(&parts.method, &path) {
            None => {}
            Some(Fault::DropBefore) => return Err(CloseConnection),
            Some(Fault::DropAfter) => close_afterwards = true,
            Some(Fault::Delay(delay)) => tokio::time::sleep(delay).await,
            Some(Fault::Status(status)) => instead = Some(refusal(role, status)),
            Some(Fault::Body(body)) => instead = Some(html(body)),
            Some(Fault::Failure(planned)) => failure = Some(planned),
        }
        if failure == Some(Failure::Connection) {
            return Err(CloseConnection);
        }

        // Read in any case: a browser that is answered while it still sends may report a lost connection.
        let body = read(body).await?;
        let mut answer = match (instead, body) {
            (Some(answer), _) => answer,
            (None, None) => text(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The simulator takes at most {MAXIMUM_BODY_BYTES} bytes.\n"),
            ),
            (None, Some(body)) => {
                entry.handed_on(body.len());
                let request = absolute(origin, target, &parts, body)?;
                self.intercepted(role, request, failure).ok_or(CloseConnection)?
            }
        };
        if close_afterwards {
            return Err(CloseConnection);
        }
        if let Some(Delay(delay)) = answer.extensions().get() {
            tokio::time::sleep(*delay).await;
        }
        if answer.extensions().get::<Unshared>().is_some() {
            sharing = Sharing::Nobody;
        }
        sharing.allow(&parts.method, answer.headers_mut());
        Ok(answer)
    }

    /// What the simulator answers, where nobody stands between it and whoever asks; else what that one makes of it.
    fn intercepted(
        &self,
        role: Role,
        mut request: Request<Vec<u8>>,
        failure: Option<Failure>,
    ) -> Option<Answer> {
        let interceptor = self.interceptor.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(interceptor) = &interceptor {
            interceptor.request(role, &mut request);
        }
        let mut answer = self.simulated(&request, failure)?;
        if let Some(interceptor) = &interceptor {
            interceptor.answer(role, &request, &mut answer);
            // Of what it is now.
            answer.headers_mut().remove(header::CONTENT_LENGTH);
        }
        Some(answer.map(|body| Full::new(Bytes::from(body))))
    }

    fn simulated(&self, request: &Request<Vec<u8>>, failure: Option<Failure>) -> Option<Response<Vec<u8>>> {
        // After a panic in one request the others are answered from what stands.
        let mut simulator = self.simulator.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        simulator.answer_failing(request, failure, OffsetDateTime::now_utc() + ahead)
    }

    /// Whether a browser is not allowed to ask at all. A refusal counts as the request, which never comes.
    fn refuses_preflight(&self, path: &str, headers: &HeaderMap) -> bool {
        let cors = Fault::Failure(Failure::Cors);
        let method = headers.get(header::ACCESS_CONTROL_REQUEST_METHOD).and_then(|value| value.to_str().ok());
        let mut plans = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = plans.iter_mut().find_map(|plan| {
            let method = method.unwrap_or_default();
            let fault = plan.peek(method, path)?;
            if fault == cors { plan.next(method, path) } else { Some(fault) }
        });
        match planned {
            Some(fault) => fault == cors,
            None => Failure::in_path(path) == Some(Failure::Cors),
        }
    }

    fn next_fault(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut plans = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        plans.iter_mut().find_map(|plan| plan.next(method.as_str(), path))
    }
}

fn is_addressed_to(headers: &HeaderMap, origin: &str) -> bool {
    let authority = origin.strip_prefix("http://").unwrap_or(origin);
    headers.get(header::HOST).is_some_and(|host| host.as_bytes() == authority.as_bytes())
}

fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The whole body, or `None` when it is too large.
async fn read(mut body: Incoming) -> Result<Option<Vec<u8>>, CloseConnection> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > MAXIMUM_BODY_BYTES {
        return Ok(None);
    }
    let mut content = Vec::with_capacity(announced);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| CloseConnection)?;
        if let Some(data) = frame.data_ref() {
            if content.len() + data.len() > MAXIMUM_BODY_BYTES {
                return Ok(None);
            }
            content.extend_from_slice(data);
        }
    }
    Ok(Some(content))
}

/// The request as the simulator wants it, with the origin it came to in its address.
fn absolute(
    origin: &str,
    target: &str,
    parts: &http::request::Parts,
    body: Vec<u8>,
) -> Result<Request<Vec<u8>>, CloseConnection> {
    let mut request = Request::new(body);
    *request.method_mut() = parts.method.clone();
    *request.uri_mut() = format!("{origin}{target}").parse::<Uri>().map_err(|_| CloseConnection)?;
    *request.headers_mut() = parts.headers.clone();
    Ok(request)
}

/// An error as this kind of host words it.
fn refusal(role: Role, status: u16) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let code = match status.as_u16() {
        401 => "ExpiredAuthenticationToken",
        403 => "AuthorizationFailed",
        404 => "ResourceNotFound",
        409 => "Conflict",
        429 => "TooManyRequests",
        503 => "ServiceUnavailable",
        number if number < 500 => "BadRequest",
        _ => "InternalServerError",
    };
    let message = format!("The fault plan asked for this answer: {status}.");
    let document = match role {
        Role::Login => json!({ "error": "temporarily_unavailable", "error_description": message }),
        Role::Management => json!({ "error": { "code": code, "message": message } }),
        Role::ModelManagement => {
            json!({ "code": code, "statusCode": status.as_u16(), "message": message, "details": [] })
        }
        _ => {
            let kind = if status.is_server_error() { "ServiceError" } else { "UserError" };
            json!({ "error": { "code": kind, "message": message, "innerError": { "code": code } } })
        }
    };
    let mut answer = Response::new(Full::new(Bytes::from(document.to_string())));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json; charset=utf-8"));
    match status.as_u16() {
        401 => {
            let challenge = header::HeaderValue::from_static("Bearer error=\"invalid_token\"");
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        429 | 503 => {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        _ => {}
    }
    answer
}

/// What a proxy on the way may answer: a page, with status 200.
fn html(body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    let kind = header::HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

fn text(status: StatusCode, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let kind = header::HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

/// The path and the names in the query; signatures and tokens are among the values.
fn without_values(target: &str) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let names: Vec<&str> =
        query.split('&').map(|pair| pair.split_once('=').map_or("…", |(name, _)| name)).collect();
    format!("{path}?{}", names.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_shows_names_of_the_query_and_no_values() {
        assert_eq!(without_values("/container/file?sv=2019&sig=abc%3D&bare"), "/container/file?sv&sig&…");
        assert_eq!(without_values("/tenants"), "/tenants");
    }
}
