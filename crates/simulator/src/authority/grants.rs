//! The token endpoint for people: codes are redeemed and tokens renewed.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::answer::{Answer, Outcome};
use crate::authority::refusals::{Stage, asked_for, numbered};
use crate::authority::second_proof::{asks_for_second_proof, is_claims_request};
use crate::authority::{Platform, client_info, object_id, unsealed};
use crate::call::{Call, pairs};
use crate::checksum::guid;
use crate::login::{CLIENT_SECRET, issuer, missing, refusal, token_answer};
use crate::simulator::Simulator;
use crate::token::{self, seal};

const CODE_LIFETIME_SECONDS: i64 = 600;
/// For applications that are no pages.
const LONG_REFRESH_LIFETIME_SECONDS: u64 = 90 * 24 * 3600;
/// An account with this in its name has refresh tokens that work once. Entra's work again, but whoever keeps an old
/// one instead of the newest is found out by this.
const WORKS_ONCE: &str = "newest-token";

/// An account with `wrong-nonce` in its name has id tokens with another nonce than was asked for; the same with the
/// other claims that a page looks at.
const WRONG: &str = "wrong-";

/// What a token request says.
struct Form<'a> {
    call: &'a Call<'a>,
    tenant: &'a str,
    fields: Vec<(String, String)>,
}

impl<'a> Form<'a> {
    fn read(call: &'a Call<'a>, tenant: &'a str) -> Option<Form<'a>> {
        let is_form = call.content_type() == Some("application/x-www-form-urlencoded");
        is_form.then(|| Form { call, tenant, fields: pairs(&String::from_utf8_lossy(call.body)) })
    }

    fn field(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(key, _)| key == name)?;
        Some(field.1.as_str()).filter(|value| !value.is_empty())
    }

    fn required(&self, name: &str) -> Outcome<&str> {
        self.field(name).ok_or_else(|| missing(self.call, name))
    }

    fn is_from_page(&self) -> bool {
        self.call.headers.contains_key("origin")
    }

    fn refuse<T>(&self, code: u32) -> Outcome<T> {
        Err(numbered(code).answer(self.call))
    }

    /// Refuses to give more with a grant than the person gave.
    fn check_claims(&self, grant: &Value) -> Outcome<()> {
        let claims = self.field("claims").unwrap_or_default();
        if !is_claims_request(claims) {
            return self.refuse(9_002_313);
        }
        if asks_for_second_proof(claims) && grant["second_proof"] != true {
            return self.refuse(50_076);
        }
        Ok(())
    }

    /// Meets the failure that one of the names asks for.
    fn fails(&self, names: &[&str], stage: Stage) -> Outcome<()> {
        match names.iter().find_map(|name| asked_for(name, stage)) {
            Some(refusal) => Err(refusal.answer(self.call)),
            None => Ok(()),
        }
    }
}

impl Simulator {
    /// The answer to a token request, where it is the authority's.
    pub(super) fn grant(&mut self, call: &Call<'_>, tenant: &str) -> Option<Outcome> {
        let form = Form::read(call, tenant)?;
        match form.field("grant_type")? {
            "authorization_code" => Some(self.redeem(&form)),
            "refresh_token" => Some(self.renew(&form)),
            _ => self.grant_to_client(call, tenant),
        }
    }

    /// The same where there are no people: what is refused before the secret is looked at.
    pub(super) fn grant_to_client(&self, call: &Call<'_>, tenant: &str) -> Option<Outcome> {
        let form = Form::read(call, tenant)?;
        if form.field("grant_type")? != "client_credentials" {
            return None;
        }
        if form.is_from_page() && !self.authority.options.secrets_from_pages {
            return Some(form.refuse(9_002_326));
        }
        let names = [form.field("client_id").unwrap_or_default(), tenant];
        form.fails(&names, Stage::Code).err().map(Err)
    }

    fn redeem(&mut self, form: &Form<'_>) -> Outcome {
        let call = form.call;
        let client = self.known_client(form)?;
        let sealed = form.required("code")?;
        let redirect = form.required("redirect_uri")?;
        let Some(code) = unsealed(sealed, "code") else { return form.refuse(70_000) };
        let text = |name: &str| code[name].as_str().unwrap_or_default();
        form.fails(&[form.tenant, client, text("fail"), text("account")], Stage::Code)?;
        let Some(platform) = Platform::named(&code["platform"]) else { return form.refuse(70_000) };
        self.check_sender(form, platform)?;
        if code["client"] != client {
            return form.refuse(70_000);
        }
        if code["redirect"] != redirect {
            let message = format!(
                "The reply address '{redirect}' does not match the reply address '{}' provided when requesting \
                 Authorization code.",
                text("redirect")
            );
            return Err(refusal(call, 400, "invalid_client", 500_112, &message));
        }
        let tenant = self.tenant_of(form, text("account"))?;
        if tenant != text("tenant") {
            return form.refuse(700_005);
        }
        if call.now.unix_timestamp() - code["at"].as_i64().unwrap_or_default() >= CODE_LIFETIME_SECONDS {
            return form.refuse(70_008);
        }
        if let Some(challenge) = code["challenge"].as_str() {
            let verifier = form.required("code_verifier")?;
            if !is_verifier(verifier) {
                return form.refuse(50_148);
            }
            if token::encode(Sha256::digest(verifier)) != challenge {
                return form.refuse(501_481);
            }
        }
        form.check_claims(&code)?;
        let scope = form.field("scope").unwrap_or(text("scope")).to_owned();
        let audience = self.audience_of(form, &scope)?.to_owned();
        // Last, so that only a code that would have worked is used up.
        if !self.authority.used.insert(text("id").to_owned()) {
            return form.refuse(54_005);
        }
        let grant = json!({
            "for": "refresh",
            "first": call.now.unix_timestamp(),
            "client": client,
            "platform": platform.name(),
            "scope": text("scope"),
            "account": text("account"),
            "second_proof": code["second_proof"],
            "fail": text("fail"),
        });
        Ok(self.tokens(form, &tenant, &audience, &scope, grant, &code["nonce"]))
    }

    fn renew(&mut self, form: &Form<'_>) -> Outcome {
        let client = self.known_client(form)?;
        let Some(grant) = unsealed(form.required("refresh_token")?, "refresh") else {
            return form.refuse(70_000);
        };
        let text = |name: &str| grant[name].as_str().unwrap_or_default();
        form.fails(&[form.tenant, client, text("fail"), text("account")], Stage::Refresh)?;
        let Some(platform) = Platform::named(&grant["platform"]) else { return form.refuse(70_000) };
        self.check_sender(form, platform)?;
        if grant["client"] != client {
            return form.refuse(70_000);
        }
        let (lifetime, expired) = match platform {
            Platform::SinglePage => (self.authority.options.refresh_token_lifetime_seconds, 700_084),
            Platform::Native | Platform::Web => (LONG_REFRESH_LIFETIME_SECONDS, 700_082),
        };
        let first = grant["first"].as_i64().unwrap_or_default();
        if form.call.now.unix_timestamp() >= first.saturating_add_unsigned(lifetime) {
            return form.refuse(expired);
        }
        if text("account").contains(WORKS_ONCE) && self.authority.used.contains(text("id")) {
            return form.refuse(70_000);
        }
        form.check_claims(&grant)?;
        let tenant = self.tenant_of(form, text("account"))?;
        let scope = form.field("scope").unwrap_or(text("scope")).to_owned();
        let audience = self.audience_of(form, &scope)?.to_owned();
        self.authority.used.insert(text("id").to_owned());
        Ok(self.tokens(form, &tenant, &audience, &scope, grant.clone(), &Value::Null))
    }

    fn known_client<'a>(&self, form: &'a Form<'_>) -> Outcome<&'a str> {
        let client = form.required("client_id")?;
        if self.knows_client(client) {
            return Ok(client);
        }
        let message = format!(
            "Application with identifier '{client}' was not found in the directory '{}'. This can happen if the \
             application has not been installed by the administrator of the tenant or consented to by any user in the \
             tenant. You may have sent your authentication request to the wrong tenant.",
            form.tenant
        );
        Err(numbered(700_016).answer_with(form.call, &message))
    }

    /// Pages redeem what is for pages, and nobody else does; servers say their secret, and nobody else has one.
    fn check_sender(&self, form: &Form<'_>, platform: Platform) -> Outcome<()> {
        match (platform, form.is_from_page()) {
            (Platform::SinglePage, false) => return form.refuse(9_002_327),
            (Platform::Native | Platform::Web, true) => return form.refuse(9_002_326),
            _ => {}
        }
        match (platform, form.field("client_secret")) {
            (Platform::Web, Some(CLIENT_SECRET)) | (Platform::SinglePage | Platform::Native, None) => Ok(()),
            (Platform::Web, Some(_)) => form.refuse(7_000_215),
            (Platform::Web, None) => form.refuse(7_000_218),
            (Platform::SinglePage | Platform::Native, Some(_)) => form.refuse(700_025),
        }
    }

    fn tenant_of(&self, form: &Form<'_>, account: &str) -> Outcome<String> {
        self.directory_for(form.tenant, account).ok_or_else(|| {
            let message = format!(
                "Tenant '{}' not found. Check to make sure you have the correct tenant ID and are signing into the \
                 correct cloud.",
                form.tenant
            );
            numbered(90_002).answer_with(form.call, &message)
        })
    }

    fn audience_of<'a>(&self, form: &Form<'_>, scope: &'a str) -> Outcome<&'a str> {
        self.audience(scope).ok_or_else(|| {
            let message = format!(
                "The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid."
            );
            numbered(70_011).answer_with(form.call, &message)
        })
    }

    /// What a person's application gets: `grant` is what the refresh token says.
    fn tokens(
        &mut self,
        form: &Form<'_>,
        tenant: &str,
        audience: &str,
        scope: &str,
        mut grant: Value,
        nonce: &Value,
    ) -> Answer {
        let call = form.call;
        let now = call.now.unix_timestamp();
        let expires = now.saturating_add_unsigned(self.token_lifetime_seconds);
        let account = grant["account"].as_str().unwrap_or_default().to_owned();
        let client = grant["client"].clone();
        let (object, name) = (object_id(&account), display_name(&account));
        let asks_for = |wanted: &str| scope.split_whitespace().any(|part| part == wanted);
        let access = json!({
            "aud": audience,
            "iss": issuer(tenant),
            "iat": now - 300,
            "nbf": now - 300,
            "exp": expires,
            "acr": "1",
            "amr": if grant["second_proof"] == true { json!(["pwd", "mfa"]) } else { json!(["pwd"]) },
            "appid": client,
            "appidacr": if grant["platform"] == Platform::Web.name() { "1" } else { "0" },
            "idtyp": "user",
            "name": name,
            "oid": object,
            "preferred_username": account,
            "scp": "user_impersonation",
            "sub": guid(&format!("subject {account}")),
            "tid": tenant,
            "unique_name": account,
            "upn": account,
            "ver": "1.0",
        });
        let granted: Vec<&str> = scope.split_whitespace().filter(|part| part.starts_with(audience)).collect();
        let mut document = json!({
            "token_type": "Bearer",
            "scope": if granted.is_empty() { "openid profile email".to_owned() } else { granted.join(" ") },
            "expires_in": self.token_lifetime_seconds,
            "ext_expires_in": self.token_lifetime_seconds,
            "access_token": self.authority.hand_out("access_token", token::issue(&access)),
        });
        let is_renewal = !grant["id"].is_null();
        if is_renewal || asks_for("offline_access") {
            grant["id"] =
                guid(&format!("refresh {} {}", call.number, call.now.unix_timestamp_nanos())).into();
            document["refresh_token"] = self.authority.hand_out("refresh_token", seal("0", &grant)).into();
        }
        if asks_for("openid") {
            let mut identity = json!({
                "aud": client,
                "iss": format!("{}/{tenant}/v2.0", call.place.origin),
                "iat": now - 300,
                "nbf": now - 300,
                "exp": now + 3600,
                "login_hint": account,
                "name": name,
                "oid": object,
                "preferred_username": account,
                "sid": guid(&format!("session of {account}")),
                "sub": guid(&format!("subject {account}")),
                "tid": tenant,
                "ver": "2.0",
            });
            if !nonce.is_null() {
                identity["nonce"] = nonce.clone();
            }
            for claim in ["aud", "iss", "nonce", "tid"] {
                if account.contains(&format!("{WRONG}{claim}")) {
                    identity[claim] = "wrong".into();
                }
            }
            if account.contains(&format!("{WRONG}exp")) {
                identity["exp"] = (now - 3600).into();
            }
            document["id_token"] = self.authority.hand_out("id_token", token::issue(&identity)).into();
        }
        if form.field("client_info") == Some("1") {
            document["client_info"] = client_info(&self.home_of(&account), &account).into();
        }
        token_answer(&document)
    }
}

/// `maya@contoso.example` is Maya.
fn display_name(account: &str) -> String {
    let local = account.split('@').next().unwrap_or_default();
    let mut letters = local.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// RFC 7636: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    let is_unreserved = |letter: char| letter.is_ascii_alphanumeric() || "-._~".contains(letter);
    (43..=128).contains(&text.len()) && text.chars().all(is_unreserved)
}
