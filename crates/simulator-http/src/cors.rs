//! What each origin lets a page of another origin read, as far as it is known of the real ones.

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::Full;

use crate::origins::Role;

const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Location, Azure-AsyncOperation, Retry-After, x-ms-request-id, x-ms-correlation-request-id, WWW-Authenticate",
);
const EVERYTHING: HeaderValue = HeaderValue::from_static("*");
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("3600");

/// With whom an address shares its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    Everyone,
    /// As a storage account whose owner added a rule for reading.
    EveryoneWhoReads,
    Nobody,
}

impl Sharing {
    /// `data_plane` is whether the regional services share at all.
    pub fn of(role: Role, path: &str, data_plane: bool) -> Sharing {
        match role {
            // Neither the pages for people nor the device code.
            Role::Login
                if path.ends_with("/oauth2/token")
                    || path.ends_with("/oauth2/v2.0/token")
                    || path.ends_with("/.well-known/openid-configuration")
                    || path.ends_with("/discovery/instance")
                    || path.ends_with("/discovery/v2.0/keys") =>
            {
                Sharing::Everyone
            }
            // Services share with no page, unless somebody sees to it; the bakery did for this one.
            Role::Scoring if data_plane && path.starts_with("/loaves-tomorrow/") => Sharing::Everyone,
            // A relay does, which is what it is for.
            Role::Scoring if path.starts_with("/relay/score/") => Sharing::Everyone,
            Role::Login | Role::Scoring => Sharing::Nobody,
            Role::Management => Sharing::Everyone,
            Role::Discovery | Role::Regional | Role::ModelManagement | Role::Pipelines => {
                if data_plane {
                    Sharing::Everyone
                } else {
                    Sharing::Nobody
                }
            }
            Role::Storage => Sharing::EveryoneWhoReads,
        }
    }

    /// Says on an answer, also on an error, who may read it.
    pub fn allow(self, method: &Method, headers: &mut HeaderMap) {
        let exposed = match self {
            Sharing::Everyone => EXPOSED,
            Sharing::EveryoneWhoReads if method == Method::GET => EVERYTHING,
            Sharing::EveryoneWhoReads | Sharing::Nobody => return,
        };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, EVERYTHING);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }

    /// The answer to a browser that asks before it sends.
    pub fn preflight(self, asked: &HeaderMap) -> Response<Full<Bytes>> {
        let method = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD);
        let allowed = match self {
            Sharing::Everyone => true,
            Sharing::EveryoneWhoReads => method.is_some_and(|method| method == "GET"),
            Sharing::Nobody => false,
        };
        let mut answer = Response::new(Full::default());
        if !allowed {
            *answer.status_mut() = match self {
                // Storage knows preflights and refuses this one; the others know no such method.
                Sharing::EveryoneWhoReads => StatusCode::FORBIDDEN,
                Sharing::Everyone | Sharing::Nobody => StatusCode::METHOD_NOT_ALLOWED,
            };
            return answer;
        }
        *answer.status_mut() = StatusCode::NO_CONTENT;
        let headers = answer.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, EVERYTHING);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        if let Some(method) = method {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, method.clone());
        }
        if let Some(names) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        if asked.contains_key(REQUEST_PRIVATE_NETWORK) {
            headers.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
        answer
    }
}
