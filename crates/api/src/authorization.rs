//! How people sign in: the authorization code flow of Microsoft Entra ID with a proof of possession (PKCE).
//!
//! The page sends the browser to the authority ([`AuthorizationRequest`]), reads what it comes back with
//! ([`AuthorizationResponse`]), turns the code into tokens and renews them ([`GrantTokens`]).

use std::fmt;

use http::Method;
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::error::is_guid;
use crate::token::{base64_url, secret_text};
use crate::tolerant::number_or_text;
use crate::{
    AccessToken, Address, Body, Cloud, Credential, Operation, Origin, Path, Query, Refusal, Secret, Service,
};

/// How far the clocks of this computer and of the authority may be apart, in seconds.
const CLOCK_SKEW: u64 = 300;

/// `GET {authority}/{tenant}/oauth2/v2.0/authorize` ([reference]): where the browser goes so that somebody signs in.
///
/// [reference]: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#request-an-authorization-code
#[derive(Clone, Debug, Default)]
pub struct AuthorizationRequest {
    /// Tenant id or domain, or `organizations`.
    pub tenant: String,
    /// The application (client) id of this deployment.
    pub client_id: String,
    /// Where the browser comes back to, exactly as it is registered.
    pub redirect_uri: String,
    /// What the token is for: [`Cloud::scope`].
    pub scope: String,
    /// A random text that comes back with the answer.
    pub state: String,
    /// A random text that comes back inside the identity.
    pub nonce: String,
    /// [`code_challenge`] of the verifier that will redeem the code.
    pub challenge: String,
    /// What the person is asked in any case.
    pub prompt: Option<Prompt>,
    /// The account to begin with.
    pub login_hint: Option<String>,
    /// What a service wants proved, as JSON, from its challenge.
    pub claims: Option<String>,
}

/// What the authority asks although it knows who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Which account.
    SelectAccount,
    /// All proofs anew.
    Login,
}

impl AuthorizationRequest {
    /// The address, at the authority of a cloud.
    pub fn address(&self, cloud: &Cloud) -> String {
        let prompt = self.prompt.map(|prompt| match prompt {
            Prompt::SelectAccount => "select_account",
            Prompt::Login => "login",
        });
        let query = Query::new()
            .with("client_id", &self.client_id)
            .with("response_type", "code")
            .with("redirect_uri", &self.redirect_uri)
            .with("response_mode", "fragment")
            .with("scope", scopes(&self.scope))
            .with("state", &self.state)
            .with("nonce", &self.nonce)
            .with("code_challenge", &self.challenge)
            .with("code_challenge_method", "S256")
            .maybe("prompt", prompt)
            .maybe("login_hint", self.login_hint.as_deref())
            .maybe("claims", self.claims.as_deref());
        at_authority(&cloud.login(), &self.tenant, "authorize", &query)
    }
}

/// `GET {authority}/{tenant}/oauth2/v2.0/logout` ([reference]): where the browser goes to end the session there.
///
/// [reference]: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request
pub fn sign_out_address(cloud: &Cloud, tenant: &str, come_back_to: &str, hint: Option<&str>) -> String {
    let query = Query::new().with("post_logout_redirect_uri", come_back_to).maybe("logout_hint", hint);
    at_authority(&cloud.login(), tenant, "logout", &query)
}

fn at_authority(login: &Origin, tenant: &str, what: &str, query: &Query) -> String {
    format!("{login}{}?{}", Path::new([tenant, "oauth2", "v2.0", what]).as_str(), query.encoded())
}

/// With what makes an identity and a renewal come along.
fn scopes(scope: &str) -> String {
    format!("{scope} openid profile offline_access")
}

/// Random bytes as a text that may stand in an address and be a verifier: base64url without padding.
pub fn url_text(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [first, second, third] = [0, 1, 2].map(|index| u32::from(chunk.get(index).copied().unwrap_or(0)));
        let bits = first << 16 | second << 8 | third;
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

/// What comes back from the authority, behind the `#` of the redirect address.
#[derive(Debug)]
pub struct AuthorizationResponse {
    /// Which request it answers.
    pub state: String,
    /// The code, or what the authority refused.
    pub outcome: Result<Secret, Box<Refusal>>,
}

impl AuthorizationResponse {
    /// Reads the fragment. Nothing where it is no answer to any request.
    pub fn parse(fragment: &str) -> Option<Self> {
        let field = |name: &str| {
            let pair =
                fragment.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
            let spaced = pair.1.replace('+', " ");
            Some(percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
                .filter(|value| !value.is_empty())
        };
        let state = field("state")?;
        let outcome = match (field("code"), field("error")) {
            (_, Some(error)) => {
                let description = field("error_description").unwrap_or_default();
                Err(Box::new(Refusal::of_authority(&error, &description)))
            }
            (Some(code), None) => Ok(Secret::new(code)),
            (None, None) => return None,
        };
        Some(Self { state, outcome })
    }
}

/// `POST /{tenant}/oauth2/v2.0/token` for a person ([reference]). No header but the type of the form goes along, so that
/// a browser does not have to ask first.
///
/// [reference]: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow#redeem-a-code-for-an-access-token
#[derive(Clone, Debug)]
pub struct GrantTokens {
    /// The tenant whose token is wanted.
    pub tenant: String,
    /// The application (client) id.
    pub client_id: String,
    /// What the token is for: [`Cloud::scope`].
    pub scope: String,
    /// What it is given for.
    pub grant: Grant,
}

/// What a person's tokens are given for.
#[derive(Clone, Debug)]
pub enum Grant {
    /// `grant_type=authorization_code`: a code works once.
    Code {
        /// What came back.
        code: Secret,
        /// What the challenge was made of.
        verifier: Secret,
        /// As in the request.
        redirect_uri: String,
        /// As in the request.
        claims: Option<String>,
    },
    /// `grant_type=refresh_token`, the newest one. That of a page works for 24 hours after the sign-in, for every tenant
    /// that the person is in.
    Refresh(Secret),
}

impl Operation for GrantTokens {
    type Output = PersonTokens;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        let path = Path::new([&self.tenant, "oauth2", "v2.0", "token"]);
        Address::Path(Service::SignIn, path, Query::new())
    }

    fn body(&self) -> Body {
        let form = Query::new().with("client_id", &self.client_id).with("scope", scopes(&self.scope));
        Body::Form(match &self.grant {
            Grant::Code { code, verifier, redirect_uri, claims } => form
                .with("grant_type", "authorization_code")
                .with("code", code.reveal())
                .with("code_verifier", verifier.reveal())
                .with("redirect_uri", redirect_uri)
                .maybe("claims", claims.as_deref()),
            Grant::Refresh(token) => {
                form.with("grant_type", "refresh_token").with("refresh_token", token.reveal())
            }
        })
    }

    fn credential(&self) -> Credential {
        Credential::None
    }

    /// A refresh token may be used more than once, and nothing else changes.
    fn is_read(&self) -> bool {
        matches!(self.grant, Grant::Refresh(_))
    }
}

/// A good answer to somebody who signed in.
#[derive(Clone, Debug, Deserialize)]
pub struct PersonTokens {
    #[serde(deserialize_with = "secret_text")]
    access_token: Secret,
    /// Seconds from now.
    #[serde(default, deserialize_with = "number_or_text")]
    pub expires_in: Option<u64>,
    #[serde(default, deserialize_with = "some_secret_text")]
    refresh_token: Option<Secret>,
    #[serde(default, deserialize_with = "some_secret_text")]
    id_token: Option<Secret>,
}

impl PersonTokens {
    /// The token for Azure Resource Manager.
    pub fn access_token(&self) -> AccessToken {
        AccessToken::new(self.access_token.reveal())
    }

    /// What renews it.
    pub fn refresh_token(&self) -> Option<Secret> {
        self.refresh_token.clone()
    }

    /// Who it is, checked.
    ///
    /// # Errors
    /// What of the identity is not as it has to be.
    pub fn identity(&self, expected: &ExpectedIdentity<'_>) -> Result<PersonIdentity, IdentityFault> {
        let payload = self.id_token.as_ref().and_then(|token| base64_url(token.reveal().split('.').nth(1)?));
        let identity: PersonIdentity = payload
            .and_then(|payload| serde_json::from_slice(&payload).ok())
            .ok_or(IdentityFault::Missing)?;
        identity.check(expected)?;
        Ok(identity)
    }
}

/// What an identity is compared with. Its signature is not: it came from the authority itself, over TLS.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedIdentity<'a> {
    /// The application (client) id.
    pub client_id: &'a str,
    /// The tenant that was asked; compared where it is an id.
    pub tenant: &'a str,
    /// Of the request; none for a renewal.
    pub nonce: Option<&'a str>,
    /// Now, in seconds since 1970.
    pub now: u64,
}

/// Who signed in: the claims of an id token ([reference]).
///
/// [reference]: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct PersonIdentity {
    #[serde(default)]
    aud: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    exp: u64,
    #[serde(default)]
    nonce: Option<String>,
    /// The tenant, by id.
    #[serde(default)]
    pub tid: String,
    /// The person in that tenant.
    #[serde(default)]
    pub oid: Option<String>,
    /// The name to sign in with.
    #[serde(default)]
    pub preferred_username: Option<String>,
    /// The name for people.
    #[serde(default)]
    pub name: Option<String>,
    /// What to begin with the next time, where the application asks for it; opaque.
    #[serde(default)]
    pub login_hint: Option<String>,
}

/// Why an identity does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityFault {
    /// There is none that could be read.
    Missing,
    /// It is for another application.
    Audience,
    /// It answers another request.
    Nonce,
    /// It is of another tenant, or of none.
    Tenant,
    /// It has run out, by this computer's clock.
    Expired,
}

impl fmt::Display for IdentityFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Missing => "The authority sent no identity (id token) that can be read.",
            Self::Audience => "The identity is for another application (aud).",
            Self::Nonce => "The identity belongs to another sign-in (nonce).",
            Self::Tenant => "The identity is of another tenant than the one that was asked (tid, iss).",
            Self::Expired => {
                "The identity has run out by this computer’s clock (exp), which is most likely wrong by more than five minutes."
            }
        })
    }
}

impl PersonIdentity {
    /// What to begin with the next time.
    pub fn hint(&self) -> Option<&str> {
        self.login_hint.as_deref().or(self.preferred_username.as_deref()).filter(|hint| !hint.is_empty())
    }

    /// What to call the person.
    pub fn who(&self) -> &str {
        [&self.preferred_username, &self.name, &self.oid]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|text| !text.is_empty())
            .unwrap_or("somebody")
    }

    fn check(&self, expected: &ExpectedIdentity<'_>) -> Result<(), IdentityFault> {
        if self.aud != expected.client_id {
            return Err(IdentityFault::Audience);
        }
        if expected.nonce.is_some() && self.nonce.as_deref() != expected.nonce {
            return Err(IdentityFault::Nonce);
        }
        let is_asked = !is_guid(expected.tenant) || self.tid.eq_ignore_ascii_case(expected.tenant);
        let is_issued = !self.tid.is_empty() && self.iss.ends_with(&format!("/{}/v2.0", self.tid));
        if !is_asked || !is_issued {
            return Err(IdentityFault::Tenant);
        }
        if self.exp.saturating_add(CLOCK_SKEW) < expected.now {
            return Err(IdentityFault::Expired);
        }
        Ok(())
    }
}

fn some_secret_text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.filter(|text| !text.is_empty()).map(Secret::new))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = "00000000-0000-0000-0000-00000000c11e";
    const TENANT: &str = "11111111-2222-3333-4444-555555555555";

    fn request() -> AuthorizationRequest {
        AuthorizationRequest {
            tenant: "contoso.onmicrosoft.com".to_owned(),
            client_id: CLIENT.to_owned(),
            redirect_uri: "https://site.example/tools/auth.html".to_owned(),
            scope: Cloud::Public.scope(),
            state: "s".to_owned(),
            nonce: "n".to_owned(),
            challenge: "c".to_owned(),
            ..AuthorizationRequest::default()
        }
    }

    #[test]
    fn the_browser_is_sent_with_everything_that_the_flow_needs() {
        assert_eq!(
            request().address(&Cloud::Public),
            format!(
                "https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize?client_id={CLIENT}\
                 &response_type=code&redirect_uri=https%3A%2F%2Fsite.example%2Ftools%2Fauth.html&response_mode=fragment\
                 &scope=https%3A%2F%2Fmanagement.azure.com%2Fuser_impersonation%20openid%20profile%20offline_access\
                 &state=s&nonce=n&code_challenge=c&code_challenge_method=S256"
            )
        );
        let again = AuthorizationRequest {
            prompt: Some(Prompt::Login),
            login_hint: Some("maya@contoso.example".to_owned()),
            claims: Some(r#"{"access_token":{}}"#.to_owned()),
            ..request()
        };
        assert!(again.address(&Cloud::Public).ends_with(
            "&prompt=login&login_hint=maya%40contoso.example&claims=%7B%22access_token%22%3A%7B%7D%7D"
        ));
    }

    #[test]
    fn each_cloud_has_its_own_authority_and_scope() {
        for (cloud, authority, scope) in [
            (
                Cloud::Public,
                "https://login.microsoftonline.com/",
                "https://management.azure.com/user_impersonation",
            ),
            (
                Cloud::UsGov,
                "https://login.microsoftonline.us/",
                "https://management.usgovcloudapi.net/user_impersonation",
            ),
            (
                Cloud::China,
                "https://login.partner.microsoftonline.cn/",
                "https://management.chinacloudapi.cn/user_impersonation",
            ),
        ] {
            assert_eq!(cloud.scope(), scope);
            assert!(request().address(&cloud).starts_with(authority), "{cloud:?}");
            assert!(sign_out_address(&cloud, "t", "https://s/", None).starts_with(authority), "{cloud:?}");
        }
    }

    #[test]
    fn a_tenant_cannot_lead_elsewhere() {
        for tenant in ["../../evil", "@evil.tld", "evil.tld/x", "a?b", "a#b", "\\\\evil"] {
            let address =
                AuthorizationRequest { tenant: tenant.to_owned(), ..request() }.address(&Cloud::Public);
            let rest = address.strip_prefix("https://login.microsoftonline.com/").expect(tenant);
            assert_eq!(rest.split('?').next().unwrap().matches('/').count(), 3, "{address}");
        }
    }

    #[test]
    fn bytes_are_written_as_the_standard_does() {
        // RFC 7636, appendix A.
        assert_eq!(url_text(&[3, 236, 255, 224, 193]), "A-z_4ME");
        assert_eq!(
            url_text(&[
                19, 211, 30, 150, 26, 26, 216, 236, 47, 22, 177, 12, 76, 152, 46, 8, 118, 168, 120, 173, 109,
                241, 68, 86, 110, 225, 137, 74, 203, 112, 249, 195
            ]),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(url_text(&[0; 32]).len(), 43);
        assert_eq!(url_text(&[]), "");
    }

    #[test]
    fn an_answer_is_a_code_or_a_refusal_and_names_its_request() {
        let answer = AuthorizationResponse::parse("code=a%2Bb&state=s1&session_state=x").unwrap();
        assert_eq!((answer.state.as_str(), answer.outcome.unwrap().reveal()), ("s1", "a+b"));
        let refusal = AuthorizationResponse::parse(
            "error=access_denied&error_description=AADSTS65004%3a+User+declined+to+consent.%0d%0aTrace+ID%3a+1%0d%0a\
             Correlation+ID%3a+5b5b5b5b-1111-2222-3333-444444444444&state=s2",
        )
        .unwrap();
        assert_eq!(refusal.state, "s2");
        let refusal = refusal.outcome.unwrap_err();
        assert_eq!(refusal.exact_code(), Some("AADSTS65004"));
        assert_eq!(refusal.message, "AADSTS65004: User declined to consent.");
        assert_eq!(refusal.request_id.as_deref(), Some("5b5b5b5b-1111-2222-3333-444444444444"));
        for nothing in ["", "state=s", "code=c", "code=&state=s", "state=&code=c", "x"] {
            assert!(AuthorizationResponse::parse(nothing).is_none(), "{nothing}");
        }
    }

    fn form(body: Body) -> String {
        let Body::Form(form) = body else { panic!("not a form") };
        form.encoded()
    }

    #[test]
    fn codes_and_renewals_are_asked_without_any_other_credential() {
        let granted = |grant| GrantTokens {
            tenant: "contoso".to_owned(),
            client_id: "c".to_owned(),
            scope: "sc".to_owned(),
            grant,
        };
        let redeem = granted(Grant::Code {
            code: Secret::new("co/de"),
            verifier: Secret::new("v"),
            redirect_uri: "https://s/auth.html".to_owned(),
            claims: None,
        });
        assert_eq!(
            form(redeem.body()),
            "client_id=c&scope=sc%20openid%20profile%20offline_access&grant_type=authorization_code&code=co%2Fde\
             &code_verifier=v&redirect_uri=https%3A%2F%2Fs%2Fauth.html"
        );
        let renew = granted(Grant::Refresh(Secret::new("r")));
        assert_eq!(
            form(renew.body()),
            "client_id=c&scope=sc%20openid%20profile%20offline_access&grant_type=refresh_token&refresh_token=r"
        );
        assert_eq!(redeem.address(), renew.address());
        assert_eq!((redeem.credential(), renew.credential()), (Credential::None, Credential::None));
        // A code works once.
        assert!(!redeem.is_read() && renew.is_read());
        assert!(!format!("{redeem:?}{renew:?}").contains("co/de"));
    }

    fn tokens(claims: &str) -> PersonTokens {
        let id = format!("e30.{}.x", url_text(claims.as_bytes()));
        serde_json::from_str(&format!(
            r#"{{"access_token":"sesame","refresh_token":"open-up","expires_in":3599,"id_token":"{id}"}}"#
        ))
        .unwrap()
    }

    fn claims(aud: &str, tid: &str, nonce: &str, exp: u64) -> String {
        format!(
            r#"{{"aud":"{aud}","iss":"https://login.microsoftonline.com/{tid}/v2.0","tid":"{tid}","nonce":"{nonce}",
                "exp":{exp},"preferred_username":"maya@contoso.example","login_hint":"O.x"}}"#
        )
    }

    #[test]
    fn an_identity_is_taken_only_if_it_is_the_one_that_was_asked_for() {
        let expected = ExpectedIdentity { client_id: CLIENT, tenant: TENANT, nonce: Some("n"), now: 10_000 };
        let of =
            |claims: String| tokens(&claims).identity(&expected).map(|identity| identity.who().to_owned());
        assert_eq!(of(claims(CLIENT, TENANT, "n", 9_700)).as_deref(), Ok("maya@contoso.example"));
        let other = "99999999-2222-3333-4444-555555555555";
        for (claims, fault) in [
            (claims("other", TENANT, "n", 20_000), IdentityFault::Audience),
            (claims(CLIENT, TENANT, "m", 20_000), IdentityFault::Nonce),
            (claims(CLIENT, other, "n", 20_000), IdentityFault::Tenant),
            (claims(CLIENT, "", "n", 20_000), IdentityFault::Tenant),
            (claims(CLIENT, TENANT, "n", 9_699), IdentityFault::Expired),
            (
                claims(CLIENT, TENANT, "n", 20_000).replace(&format!("{TENANT}/v2.0"), "x/v2.0"),
                IdentityFault::Tenant,
            ),
            ("{".to_owned(), IdentityFault::Missing),
        ] {
            assert_eq!(of(claims.clone()), Err(fault), "{claims}");
        }
        // A domain does not say which id it has; a renewal has no nonce.
        let by_name = ExpectedIdentity { tenant: "contoso.example", nonce: None, ..expected };
        assert!(tokens(&claims(CLIENT, other, "", 20_000)).identity(&by_name).is_ok());
        let without: PersonTokens = serde_json::from_str(r#"{"access_token":"sesame"}"#).unwrap();
        assert_eq!(without.identity(&expected), Err(IdentityFault::Missing));
    }

    #[test]
    fn the_published_answer_is_read_and_shows_nothing_of_itself() {
        let sample = include_str!("../../simulator/samples/login_token_v2_authorization_code.json");
        let tokens: PersonTokens = serde_json::from_str(sample).unwrap();
        assert_eq!(tokens.expires_in, Some(3599));
        assert_eq!(tokens.access_token().reveal(), "your-access-token");
        assert_eq!(tokens.refresh_token().unwrap().reveal(), "your-refresh-token");
        let printed = format!("{tokens:?} {:?} {:?}", tokens.access_token(), tokens.refresh_token());
        for secret in ["your-access-token", "your-refresh-token", "your-id-token"] {
            assert!(!printed.contains(secret), "{printed}");
        }
    }
}
