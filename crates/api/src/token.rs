//! Tokens: how one is asked for, and what can be told from one without using it.

use std::fmt;

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use crate::tolerant::number_or_text;
use crate::{Address, Body, Credential, Operation, Path, Query, Service};

/// A secret text: it has no `Display`, its `Debug` shows nothing, and [`Secret::reveal`] is the only way in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether there is nothing to keep secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself, for the request that must carry it and nothing else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// An Azure AD access token, as secret as any [`Secret`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken(Secret);

impl AccessToken {
    /// Takes a token as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Secret::new(text))
    }

    /// The token itself, for the `Authorization` header.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// What the token says of itself. Only a hint: nothing here is verified, and the service alone decides.
    pub fn claims(&self) -> Option<TokenClaims> {
        let payload = self.reveal().split('.').nth(1)?;
        serde_json::from_slice(&base64_url(payload)?).ok()
    }
}

/// `POST /{tenant}/oauth2/token` or `…/v2.0/token` with `grant_type=client_credentials` ([reference]).
///
/// [reference]: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
#[derive(Clone, Debug)]
pub struct RequestToken {
    /// Tenant id or domain.
    pub tenant: String,
    /// The application (client) id of the service principal.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// What the token is for, ending in `/`: [`crate::Cloud::audience`].
    pub audience: &'static str,
    /// Which of the two endpoints.
    pub endpoint: TokenEndpoint,
}

/// The two token endpoints. They differ in how the audience is named, and in how numbers are written in the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenEndpoint {
    /// `/oauth2/token`, which the articles use.
    #[default]
    V1,
    /// `/oauth2/v2.0/token`.
    V2,
}

impl Operation for RequestToken {
    type Output = TokenReply;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let path = match self.endpoint {
            TokenEndpoint::V1 => Path::new([&self.tenant, "oauth2", "token"]),
            TokenEndpoint::V2 => Path::new([&self.tenant, "oauth2", "v2.0", "token"]),
        };
        Address::Path(Service::SignIn, path, Query::new())
    }

    fn body(&self) -> Body {
        let form = Query::new().with("grant_type", "client_credentials");
        let form = match self.endpoint {
            TokenEndpoint::V1 => form.with("resource", self.audience),
            TokenEndpoint::V2 => form.with("scope", format!("{}.default", self.audience)),
        };
        Body::Form(form.with("client_id", &self.client_id).with("client_secret", self.client_secret.reveal()))
    }

    fn credential(&self) -> Credential {
        Credential::ClientSecret
    }
}

impl RequestToken {
    /// Whether a refusal of the v1 endpoint is worth trying the v2 endpoint: it is not there, or does not know what
    /// was asked. A refused secret stays refused.
    pub fn is_worth_trying_v2(status: u16, code: Option<&str>) -> bool {
        matches!(status, 404 | 405) || code.is_some_and(|code| code.starts_with("unsupported_"))
    }
}

/// A good answer of a token endpoint.
#[derive(Clone, Debug, Deserialize)]
pub struct TokenReply {
    #[serde(deserialize_with = "secret_text")]
    access_token: Secret,
    /// Seconds from now; a string in v1, a number in v2.
    #[serde(default, deserialize_with = "number_or_text")]
    pub expires_in: Option<u64>,
}

impl TokenReply {
    /// The token.
    pub fn access_token(&self) -> AccessToken {
        AccessToken(self.access_token.clone())
    }
}

/// What a token says of itself.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct TokenClaims {
    /// For whom the token is.
    #[serde(default)]
    pub aud: Option<String>,
    /// When it ends, in seconds since 1970.
    #[serde(default)]
    pub exp: Option<u64>,
    /// The tenant.
    #[serde(default)]
    pub tid: Option<String>,
    /// Whom the directory knows by this id.
    #[serde(default)]
    pub oid: Option<String>,
    /// The user's sign-in name, of a user's token.
    #[serde(default)]
    pub upn: Option<String>,
    /// A display name.
    #[serde(default)]
    pub name: Option<String>,
    /// The application id, which names a service principal.
    #[serde(default)]
    pub appid: Option<String>,
}

impl TokenClaims {
    /// Whom it names, best first.
    pub fn who(&self) -> Option<&str> {
        [&self.upn, &self.name, &self.appid]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|text| !text.is_empty())
    }
}

/// A token out of whatever was pasted: `Bearer ` before it, quotes around it, line breaks in it, or the whole JSON
/// that `az account get-access-token` prints. `None` if nothing is left, or what is left cannot stand in a header.
pub fn clean_pasted_token(pasted: &str) -> Option<AccessToken> {
    let from_json = serde_json::from_str::<Value>(pasted).ok().and_then(|value| {
        ["accessToken", "access_token"].iter().find_map(|name| value[name].as_str().map(str::to_owned))
    });
    let text = from_json.as_deref().unwrap_or(pasted).trim();
    let quotes = ['"', '\'', '`', '“', '”', ' ', '\t', '\r', '\n', ','];
    let mut text = text.trim_matches(quotes);
    for prefix in ["authorization:", "bearer"] {
        if text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
            text = text[prefix.len()..].trim_matches(quotes);
        }
    }
    let joined: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let usable = !joined.is_empty() && joined.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then(|| AccessToken::new(joined))
}

pub(crate) fn secret_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Err(serde::de::Error::custom("access_token is empty"));
    }
    Ok(Secret(text))
}

/// base64url, which a JWT has, or plain base64.
pub(crate) fn base64_url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for character in text.trim_end_matches('=').bytes() {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiError;

    fn request(endpoint: TokenEndpoint) -> RequestToken {
        RequestToken {
            tenant: "contoso".to_owned(),
            client_id: "azimuth".to_owned(),
            client_secret: Secret::new("demo-secret-~+/="),
            audience: "https://management.azure.com/",
            endpoint,
        }
    }

    fn form(operation: &RequestToken) -> String {
        let Body::Form(form) = operation.body() else { panic!("not a form") };
        form.encoded()
    }

    #[test]
    fn the_two_endpoints_are_asked_in_their_own_words() {
        let v1 = request(TokenEndpoint::V1);
        assert_eq!(
            v1.address(),
            Address::Path(Service::SignIn, Path::new(["contoso", "oauth2", "token"]), Query::new())
        );
        assert_eq!(
            form(&v1),
            "grant_type=client_credentials&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=azimuth&client_secret=demo-secret-~%2B%2F%3D"
        );
        let v2 = request(TokenEndpoint::V2);
        assert_eq!(
            v2.address(),
            Address::Path(Service::SignIn, Path::new(["contoso", "oauth2", "v2.0", "token"]), Query::new())
        );
        assert!(form(&v2).contains("scope=https%3A%2F%2Fmanagement.azure.com%2F.default&"));
        assert_eq!((v1.method(), v1.credential()), (Method::POST, Credential::ClientSecret));
    }

    #[test]
    fn both_replies_are_read() {
        for sample in [
            include_str!("../../simulator/samples/login_token_v1_client_credentials.json"),
            include_str!("../../simulator/samples/login_token_v2_client_credentials.json"),
            include_str!("../../simulator/samples/login_token_v2_authorization_code.json"),
        ] {
            let reply: TokenReply = serde_json::from_str(sample).unwrap();
            assert_eq!(reply.expires_in, Some(3599));
            assert_eq!(reply.access_token().reveal(), "your-access-token");
        }
        assert!(serde_json::from_str::<TokenReply>(r#"{"access_token":""}"#).is_err());
    }

    #[test]
    fn v2_is_tried_only_where_v1_is_missing() {
        assert!(RequestToken::is_worth_trying_v2(404, None));
        assert!(RequestToken::is_worth_trying_v2(405, None));
        assert!(RequestToken::is_worth_trying_v2(400, Some("unsupported_grant_type")));
        assert!(!RequestToken::is_worth_trying_v2(401, Some("invalid_client")));
        assert!(!RequestToken::is_worth_trying_v2(400, Some("invalid_request")));
    }

    #[test]
    fn a_pasted_token_may_have_dress_around_it() {
        for pasted in [
            "abc.def.ghi",
            "Bearer abc.def.ghi",
            "bearer  abc.def.ghi\n",
            "\"abc.def.ghi\"",
            "'Bearer abc.def.ghi'",
            "\"abc.\r\n  def.ghi\"\r\n",
            "Authorization: Bearer abc.def.ghi",
            r#"{"accessToken": "abc.def.ghi", "expiresOn": "2026-11-20 12:00:00.000000"}"#,
        ] {
            assert_eq!(
                clean_pasted_token(pasted).map(|token| token.reveal().to_owned()).as_deref(),
                Some("abc.def.ghi"),
                "{pasted}"
            );
        }
        for nothing in ["", "  \n", "Bearer ", "\"\"", "tök.en"] {
            assert_eq!(clean_pasted_token(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn claims_are_hints_and_rubbish_has_none() {
        // {"aud":"https://management.azure.com/","exp":1763600000,"tid":"t","upn":"ada@contoso.example"}
        let token = AccessToken::new(
            "e30.eyJhdWQiOiJodHRwczovL21hbmFnZW1lbnQuYXp1cmUuY29tLyIsImV4cCI6MTc2MzYwMDAwMCwidGlkIjoidCIsInVwbiI6ImFkYUBjb250b3NvLmV4YW1wbGUifQ.x",
        );
        let claims = token.claims().unwrap();
        assert_eq!(
            (claims.exp, claims.tid.as_deref(), claims.who()),
            (Some(1_763_600_000), Some("t"), Some("ada@contoso.example"))
        );
        for rubbish in ["", "abc", "a.b.c", "a.!!!.c", "a.e30x.c"] {
            assert!(AccessToken::new(rubbish).claims().is_none(), "{rubbish}");
        }
    }

    #[test]
    fn no_debug_print_shows_a_secret() {
        let reply: TokenReply = serde_json::from_str(r#"{"access_token":"sesame","expires_in":1}"#).unwrap();
        let error = ApiError::Unreadable { status: 200, reason: String::new(), excerpt: String::new() };
        let request = request(TokenEndpoint::V1);
        let Body::Form(form) = request.body() else { panic!("not a form") };
        let printed = format!("{request:?} {reply:?} {:?} {error:?} {form:?}", reply.access_token());
        assert!(!printed.contains("sesame") && !printed.contains("demo-secret"), "{printed}");
    }
}
