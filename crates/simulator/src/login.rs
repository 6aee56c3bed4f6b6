//! The sign-in service: tokens for a service principal, at the v1 and v2 endpoints.

use http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::answer::{Answer, Outcome};
use crate::call::{Call, pairs};
use crate::checksum::guid;
use crate::errors;
use crate::simulator::Simulator;
use crate::times::{login_stamp, spoken_stamp};
use crate::token::{self, Unreadable};

/// The tenant of the service principal that the simulator knows, in every world.
pub const TENANT: &str = "contoso";
/// Its client id.
pub const CLIENT_ID: &str = "azimuth";
/// Its secret, with every character that must be encoded in a form.
pub const CLIENT_SECRET: &str = "demo-secret-~+/=";

/// The audiences that ARM takes; the second is its older name.
const ARM_AUDIENCES: [&str; 2] = ["https://management.azure.com", "https://management.core.windows.net"];
/// An audience that the data plane takes as well, and ARM does not.
pub const DATA_PLANE_AUDIENCE: &str = "https://ml.azure.com";

impl Simulator {
    pub(crate) fn login(&self, call: &Call<'_>) -> Outcome {
        match (call.method, call.path().as_slice()) {
            (&Method::POST, [tenant, "oauth2", "token"]) => self.token(call, tenant, Version::V1),
            (&Method::POST, [tenant, "oauth2", "v2.0", "token"]) => self.token(call, tenant, Version::V2),
            (_, [_, "oauth2", "token"] | [_, "oauth2", "v2.0", "token"]) => Err(refusal(
                call,
                400,
                "invalid_request",
                900_561,
                "The endpoint only accepts POST requests. Received a GET request.",
            )),
            (&Method::GET, [tenant, "v2.0", ".well-known", "openid-configuration"]) => {
                self.check_tenant(call, tenant)?;
                Ok(Answer::json(200, &self.openid_configuration(call)))
            }
            (&Method::GET, ["common", "discovery", "instance"]) => {
                Ok(Answer::json(200, &self.instance_metadata(call)))
            }
            _ => Err(Answer::empty(404)),
        }
    }

    /// What client libraries ask for before they sign in.
    pub(crate) fn openid_configuration(&self, call: &Call<'_>) -> Value {
        let tenant = format!("{}/{}", call.place.origin, self.state.tenant.id);
        json!({
            "token_endpoint": format!("{tenant}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "jwks_uri": format!("{tenant}/discovery/v2.0/keys"),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code"],
            "scopes_supported": ["openid", "profile", "offline_access"],
            "issuer": format!("{tenant}/v2.0"),
            "authorization_endpoint": format!("{tenant}/oauth2/v2.0/authorize"),
            "device_authorization_endpoint": format!("{tenant}/oauth2/v2.0/devicecode"),
            "tenant_region_scope": null,
            "cloud_instance_name": "microsoftonline.com",
        })
    }

    /// Which hosts are one sign-in service.
    fn instance_metadata(&self, call: &Call<'_>) -> Value {
        let host = call.place.origin.split_once("://").map_or("", |(_, host)| host);
        let tenant = format!("{}/{}", call.place.origin, self.state.tenant.id);
        json!({
            "tenant_discovery_endpoint": format!("{tenant}/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
        })
    }

    fn check_tenant(&self, call: &Call<'_>, tenant: &str) -> Result<(), Answer> {
        if self.knows_tenant(tenant) {
            return Ok(());
        }
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the \
             correct cloud."
        );
        Err(refusal(call, 400, "invalid_request", 90_002, &message))
    }

    fn token(&self, call: &Call<'_>, tenant: &str, version: Version) -> Outcome {
        self.check_tenant(call, tenant)?;
        let form = match call.content_type() {
            Some("application/x-www-form-urlencoded") => pairs(&String::from_utf8_lossy(call.body)),
            _ => Vec::new(),
        };
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let required =
            |name: &str| field(name).filter(|value| !value.is_empty()).ok_or_else(|| missing(call, name));

        match required("grant_type")? {
            "client_credentials" => {}
            other => {
                let message = format!("The app requested an unsupported grant type '{other}'.");
                return Err(refusal(call, 400, "unsupported_grant_type", 70_003, &message));
            }
        }
        let client = required("client_id")?;
        if client != CLIENT_ID && client != self.state.tenant.app_id {
            let message = format!(
                "Application with identifier '{client}' was not found in the directory '{TENANT}'. This can happen \
                 if the application has not been installed by the administrator of the tenant or consented to by \
                 any user in the tenant. You may have sent your authentication request to the wrong tenant."
            );
            return Err(refusal(call, 400, "unauthorized_client", 700_016, &message));
        }
        match field("client_secret") {
            Some(CLIENT_SECRET) => {}
            Some(secret) if !secret.is_empty() => {
                let message = format!(
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client \
                     secret value, not the client secret ID, for a secret added to app '{client}'."
                );
                return Err(refusal(call, 401, "invalid_client", 7_000_215, &message));
            }
            _ => {
                let message = "The request body must contain the following parameter: 'client_assertion' or \
                               'client_secret'.";
                return Err(refusal(call, 401, "invalid_client", 7_000_218, message));
            }
        }
        match version {
            Version::V1 => self.token_for_resource(call, required("resource")?),
            Version::V2 => self.token_for_scope(call, required("scope")?),
        }
    }

    /// All values are strings here, the numbers too (seen in the article).
    fn token_for_resource(&self, call: &Call<'_>, resource: &str) -> Outcome {
        self.check_resource(call, resource)?;
        let (token, expires) = self.issue(call.now, resource);
        let lifetime = self.token_lifetime_seconds.to_string();
        Ok(token_answer(&json!({
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "expires_on": expires.to_string(),
            "not_before": (call.now.unix_timestamp() - 300).to_string(),
            "resource": resource,
            "access_token": token,
        })))
    }

    fn token_for_scope(&self, call: &Call<'_>, scope: &str) -> Outcome {
        let Some(resource) = scope.strip_suffix("/.default") else {
            let message = format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input \
                 parameter 'scope' is not valid. The scope {scope} is not valid."
            );
            return Err(refusal(call, 400, "invalid_scope", 70_011, &message));
        };
        self.check_resource(call, resource)?;
        let (token, _) = self.issue(call.now, resource);
        Ok(token_answer(&json!({
            "token_type": "Bearer",
            "expires_in": self.token_lifetime_seconds,
            "ext_expires_in": self.token_lifetime_seconds,
            "access_token": token,
        })))
    }

    fn check_resource(&self, call: &Call<'_>, resource: &str) -> Result<(), Answer> {
        if self.is_arm_audience(resource) || is_audience(resource, DATA_PLANE_AUDIENCE) {
            return Ok(());
        }
        let message = format!(
            "The resource principal named {resource} was not found in the tenant named {TENANT}. This can happen if \
             the application has not been installed by the administrator of the tenant or consented to by any user \
             in the tenant. You might have sent your authentication request to the wrong tenant."
        );
        Err(refusal(call, 400, "invalid_resource", 500_011, &message))
    }

    fn issue(&self, now: OffsetDateTime, audience: &str) -> (String, i64) {
        let now = now.unix_timestamp();
        let expires = now.saturating_add_unsigned(self.token_lifetime_seconds);
        let tenant = &self.state.tenant;
        let claims = json!({
            "aud": audience,
            "iss": issuer(&tenant.id),
            "iat": now - 300,
            "nbf": now - 300,
            "exp": expires,
            "appid": tenant.app_id,
            "appidacr": "1",
            "idp": issuer(&tenant.id),
            "oid": tenant.object_id,
            "sub": tenant.object_id,
            "tid": tenant.id,
            "ver": "1.0",
        });
        (token::issue(&claims), expires)
    }

    fn knows_tenant(&self, tenant: &str) -> bool {
        tenant.eq_ignore_ascii_case(TENANT) || tenant.eq_ignore_ascii_case(&self.state.tenant.id)
    }

    pub(crate) fn is_arm_audience(&self, audience: &str) -> bool {
        ARM_AUDIENCES.iter().any(|known| is_audience(audience, known))
            // Behind sockets, clients that are pointed at the simulator ask for its own address.
            || is_audience(audience, self.hosts.management())
    }

    /// ARM's check of the token, with ARM's refusals.
    pub(crate) fn arm_claims(&self, call: &Call<'_>) -> Result<Value, Answer> {
        self.claims(call, false).map_err(|bad| self.arm_refusal(call, bad))
    }

    /// How ARM refuses a token.
    pub(crate) fn arm_refusal(&self, call: &Call<'_>, bad: BadToken) -> Answer {
        self.arm_refusal_in(&self.state.tenant.id, call, bad)
    }

    /// The same for what belongs to a tenant.
    pub(crate) fn arm_refusal_in(&self, tenant: &str, call: &Call<'_>, bad: BadToken) -> Answer {
        let challenge = |description: &str| {
            format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", \
                 error_description=\"{description}\""
            )
        };
        let refuse = |code: &str, message: &str| {
            errors::arm(401, code, message)
                .with("www-authenticate", challenge("The access token is invalid."))
        };
        match bad {
            BadToken::Missing => {
                let message = "Authentication failed. The 'Authorization' header is missing.";
                let description = "The authentication failed because of missing 'Authorization' header.";
                errors::arm(401, "AuthenticationFailed", message)
                    .with("www-authenticate", challenge(description))
            }
            BadToken::Header => errors::arm(
                401,
                "AuthenticationFailedInvalidHeader",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.",
            ),
            BadToken::Unreadable => refuse("InvalidAuthenticationToken", "The access token is invalid."),
            BadToken::Foreign(issuer_of_token) => {
                let message = format!(
                    "The access token is from the wrong issuer '{issuer_of_token}'. It must match the tenant '{}' \
                     associated with this subscription. Please use the authority (URL) \
                     'https://login.windows.net/{tenant}' to get the token.",
                    issuer(tenant)
                );
                refuse("InvalidAuthenticationTokenTenant", &message)
            }
            BadToken::Expired(expiry) => {
                let message = format!(
                    "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
                    spoken_stamp(expiry),
                    spoken_stamp(call.now)
                );
                refuse("ExpiredAuthenticationToken", &message)
            }
            BadToken::Audience(audience) => {
                let message = format!(
                    "The access token has been obtained for wrong audience or resource '{audience}'. It should \
                     exactly match with one of the allowed audiences 'https://management.core.windows.net/',\
                     'https://management.core.windows.net','https://management.azure.com/',\
                     'https://management.azure.com'."
                );
                refuse("InvalidAuthenticationToken", &message)
            }
        }
    }

    /// The data plane's check of the token.
    pub(crate) fn data_plane_claims(&self, call: &Call<'_>) -> Result<Value, &'static str> {
        self.claims(call, true).map_err(|bad| bad.reason())
    }

    fn claims(&self, call: &Call<'_>, data_plane: bool) -> Result<Value, BadToken> {
        self.claims_in(&self.state.tenant.id, call, data_plane)
    }

    /// The claims of a token that a tenant issued.
    pub(crate) fn claims_in(
        &self,
        tenant: &str,
        call: &Call<'_>,
        data_plane: bool,
    ) -> Result<Value, BadToken> {
        let header = call.headers.get("authorization").ok_or(BadToken::Missing)?;
        let (scheme, token) =
            header.to_str().ok().and_then(|header| header.split_once(' ')).ok_or(BadToken::Header)?;
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.contains(' ') {
            return Err(BadToken::Header);
        }
        let issuer_here = issuer(tenant);
        let claims = match token::read(token) {
            Ok(claims) => claims,
            Err(Unreadable::Form) => return Err(BadToken::Unreadable),
            Err(Unreadable::Signature(claims)) => {
                return Err(match claims["iss"].as_str() {
                    Some(other) if other != issuer_here => BadToken::Foreign(other.to_owned()),
                    _ => BadToken::Unreadable,
                });
            }
        };
        // Signed alike in another world: a foreign token all the same.
        if claims["iss"] != issuer_here {
            return Err(BadToken::Foreign(claims["iss"].as_str().unwrap_or_default().to_owned()));
        }
        let expiry = OffsetDateTime::from_unix_timestamp(claims["exp"].as_i64().unwrap_or_default())
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        if expiry <= call.now {
            return Err(BadToken::Expired(expiry));
        }
        let audience = claims["aud"].as_str().unwrap_or_default();
        let is_for_data_plane = data_plane && is_audience(audience, DATA_PLANE_AUDIENCE);
        if !self.is_arm_audience(audience) && !is_for_data_plane {
            return Err(BadToken::Audience(audience.to_owned()));
        }
        Ok(claims)
    }
}

enum Version {
    V1,
    V2,
}

/// Why a token is not accepted.
pub enum BadToken {
    Missing,
    Header,
    Unreadable,
    Foreign(String),
    Expired(OffsetDateTime),
    Audience(String),
}

impl BadToken {
    /// How the data plane says it. Guess: the wording, and that the body is not empty.
    pub fn reason(&self) -> &'static str {
        match self {
            BadToken::Missing => "Authorization header is missing.",
            BadToken::Header => "Authorization header is not of the form 'Bearer <token>'.",
            BadToken::Unreadable => "Bearer token is not valid.",
            BadToken::Foreign(_) => "Bearer token is from another tenant.",
            BadToken::Expired(_) => "Bearer token has expired.",
            BadToken::Audience(_) => "Bearer token is for another audience.",
        }
    }
}

pub fn issuer(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

/// With or without the slash.
pub fn is_audience(audience: &str, known: &str) -> bool {
    audience.strip_suffix('/').unwrap_or(audience) == known
}

pub fn token_answer(document: &Value) -> Answer {
    Answer::json(200, document).with("cache-control", "no-store, no-cache").with("pragma", "no-cache")
}

pub fn missing(call: &Call<'_>, field: &str) -> Answer {
    let message = format!("The request body must contain the following parameter: '{field}'.");
    refusal(call, 400, "invalid_request", 900_144, &message)
}

/// An error of the token endpoint.
pub fn refusal(call: &Call<'_>, status: u16, error: &str, code: u32, message: &str) -> Answer {
    refused(status, &refusal_document(call, error, code, message))
}

pub fn refused(status: u16, document: &Value) -> Answer {
    Answer::json(status, document).with("cache-control", "no-store, no-cache").with("pragma", "no-cache")
}

/// What the authority says about an error, with its numbers.
pub fn refusal_document(call: &Call<'_>, error: &str, code: u32, message: &str) -> Value {
    let trace = guid(&format!("trace {}", call.number));
    let correlation = guid(&format!("correlation {}", call.number));
    let time = login_stamp(call.now);
    json!({
        "error": error,
        "error_description": format!(
            "AADSTS{code}: {message}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {time}"
        ),
        "error_codes": [code],
        "timestamp": time,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
    })
}
