//! The authority: people sign in on a page of it, by the authorization code flow.
//!
//! What an application gets from it is sealed and holds all that is needed later, so a sign-in outlives the simulator
//! as tokens do; only what may be used once is remembered. Guess: the wording of most pages and refusals.

mod grants;
mod other_tenant;
mod page;
mod refusals;
mod second_proof;

use std::collections::HashSet;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::authority::page::SignInPage;
use crate::authority::refusals::{Refusal, Stage, asked_for, numbered};
use crate::authority::second_proof::{asks_for_second_proof, is_claims_request};
use crate::call::{Call, pairs};
use crate::checksum::guid;
use crate::hosts::Service;
use crate::login::{CLIENT_ID, TENANT, refusal_document};
use crate::simulator::Simulator;
use crate::token::{self, seal};

/// How the authority is set up.
#[derive(Clone, Debug)]
pub struct AuthorityOptions {
    /// Where single-page applications may be sent back to, beside `auth.html` on this machine at any port.
    pub redirect_uris: Vec<String>,
    /// How long after a sign-in a page's refresh tokens are of use.
    pub refresh_token_lifetime_seconds: u64,
    /// Whether a page may sign in with a client's secret. Entra lets none.
    pub secrets_from_pages: bool,
}

impl Default for AuthorityOptions {
    fn default() -> Self {
        Self {
            redirect_uris: Vec::new(),
            refresh_token_lifetime_seconds: 24 * 3600,
            // A page that was set up with a local service may use all of it.
            secrets_from_pages: true,
        }
    }
}

/// What the authority remembers.
#[derive(Default)]
pub struct Authority {
    pub options: AuthorityOptions,
    /// The ids of codes that were redeemed, and of refresh tokens that could be used once.
    used: HashSet<String>,
    pub issued: Vec<Issued>,
}

/// Something that an application got and has to keep to itself.
#[derive(Clone, Debug)]
pub struct Issued {
    /// `code`, `access_token`, `refresh_token` or `id_token`.
    pub kind: &'static str,
    pub text: String,
}

impl Authority {
    fn hand_out(&mut self, kind: &'static str, text: String) -> String {
        self.issued.push(Issued { kind, text: text.clone() });
        text
    }
}

/// Who can be chosen on the sign-in page; any other name is taken as well.
const ACCOUNTS: [&str; 3] = ["maya@contoso.example", "tom@contoso.example", "ines@millers.example"];
/// Another tenant that its accounts are in.
const OTHER_TENANT: &str = "millers";
/// The tenants that stand for whichever one the account is at home in.
const ANY_TENANT: [&str; 2] = ["organizations", "common"];
const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "offline_access", "email"];

/// What kind of application a redirect address belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Platform {
    /// Codes are redeemed by pages alone.
    SinglePage,
    /// Codes are redeemed by programs, without a secret.
    Native,
    /// Codes are redeemed by servers, with a secret.
    Web,
}

impl Platform {
    const NAMES: [(Platform, &'static str); 3] =
        [(Platform::SinglePage, "spa"), (Platform::Native, "native"), (Platform::Web, "web")];

    fn name(self) -> &'static str {
        Platform::NAMES.iter().find(|(platform, _)| *platform == self).map_or("", |(_, name)| name)
    }

    fn named(name: &Value) -> Option<Platform> {
        Platform::NAMES.iter().find(|(_, known)| name == known).map(|(platform, _)| *platform)
    }
}

/// A request for a sign-in that can be answered to the application.
struct SignIn<'a> {
    tenant: &'a str,
    client: &'a str,
    redirect: &'a str,
    platform: Platform,
    in_fragment: bool,
    scope: &'a str,
    hint: &'a str,
    /// Whether it wants more than a password.
    wants_second_proof: bool,
}

/// A person's session at the authority, as its cookie has it.
struct Session {
    account: String,
    consented: bool,
    /// Whether the person gave more than a password.
    second_proof: bool,
}

impl Simulator {
    /// The answer to a request that is the authority's.
    pub(crate) fn authority(&mut self, call: &Call<'_>) -> Option<Answer> {
        if call.place.service != Service::Login {
            return None;
        }
        let path = call.path();
        let [tenant, rest @ ..] = path.as_slice() else { return None };
        let outcome = match (call.method, rest) {
            (&Method::GET, ["oauth2", "v2.0", "authorize"]) => self.authorize(call, tenant),
            (&Method::POST, ["oauth2", "v2.0", "authorize"]) => self.decided(call, tenant),
            (&Method::GET, ["oauth2", "v2.0", "logout"]) => Ok(self.sign_out(call)),
            (&Method::POST, ["oauth2", "token"]) => self.grant_to_client(call, tenant)?,
            (&Method::POST, ["oauth2", "v2.0", "token"]) => self.grant(call, tenant)?,
            (&Method::GET, ["v2.0", ".well-known", "openid-configuration"]) => {
                self.configuration(call, tenant)?
            }
            // There is no key: what stands for signatures here cannot be verified.
            (&Method::GET, ["discovery", "v2.0", "keys"]) => Ok(Answer::json(200, &json!({ "keys": [] }))),
            _ => return None,
        };
        Some(outcome.unwrap_or_else(|refusal| refusal))
    }

    /// The id of a tenant that people sign in to.
    fn directory(&self, name: &str) -> Option<String> {
        let home = &self.state.tenant.id;
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let other = guid(OTHER_TENANT);
        if is(OTHER_TENANT) || is(&other) {
            return Some(other);
        }
        let is_home = is(TENANT) || is(home) || is_any_tenant(name);
        // Names that ask for a refusal stand for the tenant that would have refused.
        (is_home || name.to_ascii_lowercase().contains("aadsts")).then(|| home.clone())
    }

    /// The tenant that an account signs in to when it names one, or none in particular.
    fn directory_for(&self, name: &str, account: &str) -> Option<String> {
        if is_any_tenant(name) { Some(self.home_of(account)) } else { self.directory(name) }
    }

    /// The tenant that an account is at home in.
    fn home_of(&self, account: &str) -> String {
        let is_elsewhere = account.to_ascii_lowercase().ends_with("@millers.example");
        if is_elsewhere { guid(OTHER_TENANT) } else { self.state.tenant.id.clone() }
    }

    fn knows_client(&self, client: &str) -> bool {
        client == CLIENT_ID
            || client == self.state.tenant.app_id
            || client.to_ascii_lowercase().contains("aadsts")
    }

    fn configuration(&self, call: &Call<'_>, tenant: &str) -> Option<Outcome> {
        let id = self.directory(tenant)?;
        let is_any = is_any_tenant(tenant);
        let mut text = self.openid_configuration(call).to_string();
        let home = format!("{}/{}", call.place.origin, self.state.tenant.id);
        text = text.replace(&home, &format!("{}/{}", call.place.origin, if is_any { tenant } else { &id }));
        let mut document: Value = serde_json::from_str(&text).unwrap_or_default();
        if is_any {
            document["issuer"] = format!("{}/{{tenantid}}/v2.0", call.place.origin).into();
        }
        let tenant = if is_any { tenant } else { &id };
        document["end_session_endpoint"] =
            format!("{}/{tenant}/oauth2/v2.0/logout", call.place.origin).into();
        document["response_modes_supported"] = json!(["query", "fragment"]);
        document["subject_types_supported"] = json!(["pairwise"]);
        document["id_token_signing_alg_values_supported"] = json!(["RS256"]);
        document["claims_supported"] = json!([
            "sub",
            "iss",
            "aud",
            "exp",
            "iat",
            "nonce",
            "preferred_username",
            "name",
            "tid",
            "oid",
            "ver",
        ]);
        Some(Ok(Answer::json(200, &document)))
    }

    /// The platform of a registered redirect address. A port does not matter on this machine, all else does.
    fn platform(&self, redirect: &str) -> Option<Platform> {
        let Some(portless) = without_loopback_port(redirect) else {
            let registered = self.authority.options.redirect_uris.iter().any(|known| known == redirect);
            return registered.then_some(Platform::SinglePage);
        };
        let registered = |known: &String| without_loopback_port(known).as_ref() == Some(&portless);
        if self.authority.options.redirect_uris.iter().any(registered) {
            return Some(Platform::SinglePage);
        }
        match portless.strip_prefix("http://localhost").or(portless.strip_prefix("http://127.0.0.1"))? {
            "/auth.html" => Some(Platform::SinglePage),
            "" | "/" => Some(Platform::Native),
            "/signed-in" => Some(Platform::Web),
            _ => None,
        }
    }

    /// Reads what an application asks for. Before its redirect address is known to be its own, nobody is sent there.
    fn sign_in_request<'a>(&self, call: &'a Call<'_>, tenant: &'a str) -> Outcome<SignIn<'a>> {
        let here = |refusal: &Refusal, message: &str| {
            let document = refusal_document(call, refusal.error, refusal.code, message);
            page::refusal(refusal, document["error_description"].as_str().unwrap_or_default())
        };
        let field = |name| call.query(name).unwrap_or_default();
        let (client, redirect, hint) = (field("client_id"), field("redirect_uri"), field("login_hint"));
        for name in [tenant, client, hint] {
            if let Some(refusal) = asked_for(name, Stage::Page) {
                return Err(here(refusal, refusal.message));
            }
        }
        let refused = |code| Err(here(numbered(code), numbered(code).message));
        if self.directory(tenant).is_none() {
            let message = format!(
                "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into \
                 the correct cloud."
            );
            return Err(here(numbered(90_002), &message));
        }
        if client.is_empty() {
            let message = "The request body must contain the following parameter: 'client_id'.";
            return Err(here(numbered(900_144), message));
        }
        if !self.knows_client(client) {
            let message = format!(
                "Application with identifier '{client}' was not found in the directory '{tenant}'. This can happen if \
                 the application has not been installed by the administrator of the tenant or consented to by any \
                 user in the tenant. You may have sent your authentication request to the wrong tenant."
            );
            return Err(here(numbered(700_016), &message));
        }
        let Some(platform) = self.platform(redirect) else {
            if redirect.is_empty() {
                return refused(50_011);
            }
            let message = format!(
                "The redirect URI '{redirect}' specified in the request does not match the redirect URIs configured \
                 for the application '{client}'. Make sure the redirect URI sent in the request matches one added to \
                 your application in the Azure portal."
            );
            return Err(here(numbered(50_011), &message));
        };

        let prompts_anew = field("prompt") == "login";
        let request = SignIn {
            tenant,
            client,
            redirect,
            platform,
            in_fragment: field("response_mode") == "fragment",
            scope: field("scope"),
            hint,
            wants_second_proof: prompts_anew || asks_for_second_proof(field("claims")),
        };
        for name in [tenant, client, hint] {
            if let Some(refusal) = asked_for(name, Stage::Return) {
                return Err(request.back_with(call, refusal.error, refusal.code, refusal.message));
            }
        }
        let invalid = |code, message: &str| Err(request.back_with(call, "invalid_request", code, message));
        match field("response_type") {
            "code" => {}
            "" => {
                let message = "The request body must contain the following parameter: 'response_type'.";
                return invalid(900_144, message);
            }
            other => {
                let message = format!("response_type '{other}' is not enabled for the application.");
                return Err(request.back_with(call, "unsupported_response_type", 700_051, &message));
            }
        }
        if !["", "query", "fragment"].contains(&field("response_mode")) {
            return invalid(90_023, "Unsupported 'response_mode' value.");
        }
        if !["", "login", "none", "consent", "select_account"].contains(&field("prompt")) {
            return invalid(90_023, "Unsupported 'prompt' value.");
        }
        if !is_claims_request(field("claims")) {
            let refusal = numbered(9_002_313);
            return invalid(refusal.code, refusal.message);
        }
        match (field("code_challenge"), field("code_challenge_method")) {
            ("", _) if platform == Platform::SinglePage => {
                let refusal = numbered(9_002_325);
                return invalid(refusal.code, refusal.message);
            }
            ("", _) => {}
            (challenge, "S256") if challenge.len() == 43 => {}
            _ => return invalid(501_491, "Invalid size of Code_Challenge parameter."),
        }
        if self.audience(request.scope).is_none() {
            let message = format!(
                "The provided value for the input parameter 'scope' is not valid. The scope '{}' is not valid.",
                request.scope
            );
            return Err(request.back_with(call, "invalid_scope", 70_011, &message));
        }
        Ok(request)
    }

    /// Asks the person, unless the session answers.
    fn authorize(&mut self, call: &Call<'_>, tenant: &str) -> Outcome {
        let request = self.sign_in_request(call, tenant)?;
        let session = session(call);
        let hinted = |session: &Session| request.hint.is_empty() || session.account == request.hint;
        let proven = |session: &Session| session.second_proof || !request.wants_second_proof;
        let refuse = |code: u32| {
            let refusal = numbered(code);
            Ok(request.back_with(call, refusal.error, refusal.code, refusal.message))
        };
        match (call.query("prompt").unwrap_or_default(), session) {
            ("none", None) => refuse(50_058),
            ("none", Some(session)) if !hinted(&session) => refuse(16_000),
            ("none", Some(session)) if !session.consented => refuse(65_001),
            ("none", Some(session)) if !proven(&session) => refuse(50_076),
            ("" | "none", Some(session)) if session.consented && hinted(&session) && proven(&session) => {
                Ok(self.back_with_code(call, &request, &session, ""))
            }
            (_, session) => {
                let chosen = match request.hint {
                    "" => session.map_or_else(|| ACCOUNTS[0].to_owned(), |session| session.account),
                    hint => hint.to_owned(),
                };
                Ok(request.page(tenant, &chosen, None))
            }
        }
    }

    /// What the person decided on the page, whose address is that of the request.
    fn decided(&mut self, call: &Call<'_>, tenant: &str) -> Outcome {
        let request = self.sign_in_request(call, tenant)?;
        let form = pairs(&String::from_utf8_lossy(call.body));
        let field =
            |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
        let account = match field("other") {
            "" => field("account"),
            other => other,
        };
        let decision = field("decision");
        if decision == "cancel" {
            let refusal = numbered(65_004);
            return Ok(request.back_with(call, refusal.error, refusal.code, "User declined to sign in."));
        }
        if account.is_empty() {
            return Ok(request.page(tenant, "", Some("Choose an account, or write the name of one.")));
        }
        let fail = field("fail");
        for name in [fail, account] {
            if let Some(refusal) = asked_for(name, Stage::Page) {
                let document = refusal_document(call, refusal.error, refusal.code, refusal.message);
                let description = document["error_description"].as_str().unwrap_or_default();
                return Err(page::refusal(refusal, description));
            }
            if let Some(refusal) = asked_for(name, Stage::Return) {
                return Ok(request.back_with(call, refusal.error, refusal.code, refusal.message));
            }
        }
        let session = Session {
            account: account.to_owned(),
            consented: decision == "accept",
            second_proof: request.wants_second_proof,
        };
        let answer = match decision {
            "accept" => self.back_with_code(call, &request, &session, fail),
            _ => {
                let refusal = numbered(65_004);
                request.back_with(call, refusal.error, refusal.code, refusal.message)
            }
        };
        Ok(answer.with("set-cookie", session.cookie(call)))
    }

    fn back_with_code(
        &mut self,
        call: &Call<'_>,
        request: &SignIn<'_>,
        session: &Session,
        fail: &str,
    ) -> Answer {
        let account = session.account.as_str();
        let code = json!({
            "for": "code",
            "id": guid(&format!("code {} {}", call.number, call.now.unix_timestamp_nanos())),
            "at": call.now.unix_timestamp(),
            "tenant": self.directory_for(request.tenant, account),
            "client": request.client,
            "redirect": request.redirect,
            "platform": request.platform.name(),
            "challenge": call.query("code_challenge"),
            "scope": request.scope,
            "nonce": call.query("nonce"),
            "account": account,
            "second_proof": session.second_proof,
            "fail": fail,
        });
        let code = self.authority.hand_out("code", seal("1", &code));
        let mut fields = vec![("code", code)];
        if call.query("client_info") == Some("1") {
            fields.push(("client_info", client_info(&self.home_of(account), account)));
        }
        fields.push(("session_state", guid(&format!("session of {account}"))));
        request.back(call, fields)
    }

    /// Ends the session, and leads back to where an application may be sent.
    fn sign_out(&self, call: &Call<'_>) -> Answer {
        let target = call.query("post_logout_redirect_uri").filter(|target| self.platform(target).is_some());
        let answer = match target {
            Some(target) => {
                let state = call.query("state").map(|state| ("state", state.to_owned()));
                redirect(target, false, state)
            }
            None => page::signed_out(),
        };
        answer
            .with("set-cookie", format!("{}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax", cookie_name(call)))
    }

    /// Whom the token of a scope is for; a scope without a resource is for the directory itself.
    fn audience<'a>(&self, scope: &'a str) -> Option<&'a str> {
        /// What signing in alone gives a token for.
        const DIRECTORY: &str = "https://graph.microsoft.com";
        let mut resources = scope
            .split_whitespace()
            .filter(|part| !OIDC_SCOPES.contains(part))
            .map(|part| part.strip_suffix("/user_impersonation").or_else(|| part.strip_suffix("/.default")));
        let Some(first) = resources.next() else {
            return (!scope.trim().is_empty()).then_some(DIRECTORY);
        };
        let first = first?;
        let is_known = self.is_arm_audience(first)
            || crate::login::is_audience(first, crate::login::DATA_PLANE_AUDIENCE);
        // One token is for one resource.
        (is_known && resources.all(|other| other == Some(first))).then_some(first)
    }
}

impl SignIn<'_> {
    fn page(&self, tenant: &str, chosen: &str, problem: Option<&str>) -> Answer {
        SignInPage {
            tenant,
            client: self.client,
            redirect: self.redirect,
            accounts: &ACCOUNTS,
            chosen,
            scopes: self.scope,
            wants_second_proof: self.wants_second_proof,
            problem,
        }
        .answer()
    }

    /// Sends the browser back to the application.
    fn back(&self, call: &Call<'_>, mut fields: Vec<(&'static str, String)>) -> Answer {
        if let Some(state) = call.query("state") {
            fields.push(("state", state.to_owned()));
        }
        redirect(self.redirect, self.in_fragment, fields)
    }

    fn back_with(&self, call: &Call<'_>, error: &str, code: u32, message: &str) -> Answer {
        let document = refusal_document(call, error, code, message);
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        let mut fields = vec![("error", text("error"))];
        if code == 65_004 {
            fields.push(("error_subcode", "cancel".to_owned()));
        }
        fields.push(("error_description", text("error_description")));
        fields.push(("error_uri", text("error_uri")));
        self.back(call, fields)
    }
}

impl Session {
    fn cookie(&self, call: &Call<'_>) -> String {
        let session = json!({
            "for": "session",
            "account": self.account,
            "consented": self.consented,
            "second_proof": self.second_proof,
        });
        format!("{}={}; Path=/; HttpOnly; SameSite=Lax", cookie_name(call), seal("2", &session))
    }
}

/// The session that a browser has.
fn session(call: &Call<'_>) -> Option<Session> {
    let name = cookie_name(call);
    let cookies = call.headers.get_all("cookie").iter().filter_map(|header| header.to_str().ok());
    let mut cookies = cookies.flat_map(|header| header.split(';')).map(str::trim);
    let sealed = cookies.find_map(|cookie| cookie.strip_prefix(&name)?.strip_prefix('='))?;
    let session = unsealed(sealed, "session")?;
    let account = session["account"].as_str()?.to_owned();
    let is = |name: &str| session[name] == true;
    Some(Session { account, consented: is("consented"), second_proof: is("second_proof") })
}

/// Cookies of a machine's ports are shared, so the name tells the port.
fn cookie_name(call: &Call<'_>) -> String {
    let port = call.place.origin.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(443_u16);
    format!("authority-{port}")
}

/// What was sealed here for a purpose.
fn unsealed(text: &str, purpose: &str) -> Option<Value> {
    token::read(text).ok().filter(|claims| claims["for"] == purpose)
}

fn is_any_tenant(name: &str) -> bool {
    ANY_TENANT.iter().any(|any| name.eq_ignore_ascii_case(any))
}

/// Who an account is, for every tenant.
fn object_id(account: &str) -> String {
    guid(&format!("account {}", account.to_ascii_lowercase()))
}

fn client_info(tenant: &str, account: &str) -> String {
    token::encode(json!({ "uid": object_id(account), "utid": tenant }).to_string())
}

/// An address of this machine without its port.
fn without_loopback_port(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = match authority.split_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
        Some(_) => return None,
        None => authority,
    };
    (scheme == "http" && ["localhost", "127.0.0.1"].contains(&host))
        .then(|| format!("{scheme}://{host}{path}"))
}

fn redirect(
    address: &str,
    in_fragment: bool,
    fields: impl IntoIterator<Item = (&'static str, String)>,
) -> Answer {
    let fields: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC)))
        .collect();
    let mark = match (fields.is_empty(), in_fragment, address.contains('?')) {
        (true, ..) => "",
        (_, true, _) => "#",
        (_, _, true) => "&",
        (_, _, false) => "?",
    };
    Answer::empty(302)
        .with("location", format!("{address}{mark}{}", fields.join("&")))
        .with("cache-control", "no-store, no-cache")
        .with("referrer-policy", "no-referrer")
}
