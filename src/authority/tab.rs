//! What this tab's storage holds of a sign-in: the transaction while the browser is away, who was signed in, and, if
//! the person asked for that, the tokens. Nothing of it is there after a sign-out.

use azimuth_api::{AccessToken, AuthorizationResponse, Cloud, Secret};
use leptos::prelude::*;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use web_sys::Storage;

use crate::kept::{forget_those_with, keys_with, signed_out_since, storage};
use crate::navigation::Navigation;
use crate::route::{Location, Route};
use crate::session::{Account, Person, SessionKind};

/// Before each name in the tab's storage.
const PREFIX: &str = "aml.auth.";
/// A sign-in that has begun, by its state.
const TRANSACTION: &str = "aml.auth.tx.";
/// What the authority answered: `auth.js` writes it.
const RESPONSE: &str = "aml.auth.response";
/// Whose forms and changes the tab holds.
const PERSON: &str = "aml.auth.person";
/// Who was signed in.
const HINT: &str = "aml.auth.hint";
/// When the page left for the authority by itself.
const DEPARTURES: &str = "aml.auth.redirects";
/// The tokens.
const TOKENS: &str = "aml.auth.tokens";

/// How long a sign-in may take, in milliseconds.
const LONGEST: f64 = 600_000.0;
/// How often the page leaves by itself within [`WINDOW`].
const MOST_DEPARTURES: usize = 2;
/// In milliseconds.
const WINDOW: f64 = 60_000.0;

/// A sign-in that has begun.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transaction {
    /// What redeems the code; of no use without it.
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    verifier: Secret,
    /// Comes back inside the identity.
    pub nonce: String,
    /// The authority's origin.
    pub authority: String,
    /// The tenant that was asked.
    pub tenant: String,
    /// What the token is for.
    pub scope: String,
    /// What a service wanted proved.
    pub claims: Option<String>,
    /// Where the page was.
    return_route: String,
    created_ms: f64,
    /// Whether the tokens are to be kept for this tab.
    keeps: bool,
}

impl Transaction {
    /// One that begins now.
    pub fn new(verifier: Secret, nonce: String, authority: String, tenant: String, scope: String) -> Self {
        let created_ms = js_sys::Date::now();
        let (claims, return_route, keeps) = (None, String::new(), false);
        Self { verifier, nonce, authority, tenant, scope, claims, return_route, created_ms, keeps }
    }

    /// The same with where the page is, what a service wants proved, and whether the tokens are to be kept.
    pub fn with(self, place: &Location, claims: Option<String>, keeps: bool) -> Self {
        Self { return_route: place.href(), claims, keeps, ..self }
    }

    /// What redeems the code.
    pub fn verifier(&self) -> Secret {
        self.verifier.clone()
    }

    /// Whether it began too long ago, or later than now.
    pub fn is_over(&self, now: f64) -> bool {
        !(0.0..=LONGEST).contains(&(now - self.created_ms))
    }

    /// Keeps it until the browser is back. Tells whether that worked.
    pub fn keep(&self, state: &str) -> bool {
        let Some(storage) = storage() else { return false };
        forget_old_transactions();
        let text = serde_json::to_string(self).unwrap_or_default();
        storage.set_item(&format!("{TRANSACTION}{state}"), &text).is_ok()
    }
}

/// What the browser came back with, and the sign-in that it belongs to.
#[derive(Debug)]
pub struct Returned {
    /// What the authority wrote, if it can be read.
    pub answer: Option<AuthorizationResponse>,
    /// None: this tab waits for no such answer.
    pub transaction: Option<Transaction>,
}

impl Returned {
    /// Whether the tokens are to be kept for this tab.
    pub fn keeps(&self) -> bool {
        self.transaction.as_ref().is_some_and(|transaction| transaction.keeps)
    }
}

/// Whether this tab holds anything of a sign-in.
pub fn holds_any() -> bool {
    storage().is_some_and(|storage| !keys_with(&storage, PREFIX).is_empty())
}

/// Takes the authority's answer, if there is one: it can be had once.
pub fn take_response() -> Option<Secret> {
    take(&storage()?, RESPONSE).map(Secret::new)
}

/// The sign-in that an answer belongs to, which can be had once too. The address becomes that of the page from which the
/// browser left, unless it names another by now.
pub fn take_returned(response: &Secret, navigation: Navigation) -> Returned {
    let storage = storage();
    let answer = AuthorizationResponse::parse(response.reveal());
    let transaction = answer
        .as_ref()
        .and_then(|answer| take(storage.as_ref()?, &format!("{TRANSACTION}{}", answer.state)))
        .and_then(|text| serde_json::from_str::<Transaction>(&text).ok());
    if let Some(transaction) = &transaction
        && navigation.location().with_untracked(|place| place.route == Route::Home && place.query.is_empty())
    {
        // Read and written again, so that it is an address of this page, whatever the storage held.
        let place = Location::parse(&transaction.return_route);
        navigation.replace(&Location { session: SessionKind::Service, ..place });
    }
    Returned { answer, transaction }
}

/// Who was signed in in this tab, and in which tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// For the authority.
    pub hint: String,
    /// By id.
    pub tenant: String,
    /// The application (client) id. A site with several pages like this one has one storage for all of them.
    pub client_id: String,
}

/// Who was signed in in this tab.
pub fn hint() -> Option<Hint> {
    serde_json::from_str(&storage()?.get_item(HINT).ok()??).ok()
}

/// Notes who signs in. Tells whether it was somebody else before, who did not sign out.
pub fn is_somebody_else(name: &str) -> bool {
    let Some(storage) = storage() else { return false };
    let before = storage.get_item(PERSON).ok().flatten();
    drop(storage.set_item(PERSON, name));
    before.is_some_and(|before| before != name)
}

/// Keeps who is signed in, for a reload.
pub fn keep_hint(hint: &Hint) {
    write(HINT, hint);
}

/// Forgets who was signed in: the next reload asks.
pub fn forget_hint() {
    if let Some(storage) = storage() {
        drop(storage.remove_item(HINT));
    }
}

/// Whether the page may leave for the authority by itself: not where that led back here again and again.
pub fn may_leave(now: f64) -> bool {
    departures(now).len() < MOST_DEPARTURES
}

/// Notes that the page leaves by itself.
pub fn note_departure(now: f64) {
    let mut departures = departures(now);
    departures.push(now);
    write(DEPARTURES, &departures);
}

fn departures(now: f64) -> Vec<f64> {
    let found = storage().and_then(|storage| storage.get_item(DEPARTURES).ok().flatten());
    let all: Vec<f64> = found.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    all.into_iter().filter(|time| (0.0..WINDOW).contains(&(now - time))).collect()
}

#[derive(Serialize, Deserialize)]
struct KeptTokens {
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    access_token: Secret,
    #[serde(serialize_with = "as_text", deserialize_with = "from_text")]
    refresh_token: Secret,
    /// Who gave them, and what for: they are taken for nothing else.
    authority: String,
    scope: String,
    client_id: String,
    tenant: String,
    hint: Option<String>,
    name: String,
    given_ms: f64,
    expires_ms: Option<f64>,
}

/// Keeps the tokens until the tab closes or somebody signs out. Only where the person asked for it.
pub fn keep_tokens(token: &AccessToken, person: &Person, account: &Account, cloud: &Cloud) {
    write(
        TOKENS,
        &KeptTokens {
            access_token: Secret::new(token.reveal()),
            refresh_token: account.refresh_token.clone(),
            authority: cloud.login().to_string(),
            scope: cloud.scope(),
            client_id: account.client_id.clone(),
            tenant: account.tenant.clone(),
            hint: account.hint.clone(),
            name: person.name.clone(),
            given_ms: person.given,
            expires_ms: person.expires,
        },
    );
}

/// The tokens that were kept for this tab, if they are of this application in this cloud, and nobody signed out in
/// another tab since.
pub fn kept_tokens(cloud: &Cloud, client_id: &str) -> Option<(AccessToken, Person, Account)> {
    let kept: KeptTokens = serde_json::from_str(&storage()?.get_item(TOKENS).ok()??).ok()?;
    let of = (kept.authority.as_str(), kept.scope.as_str(), kept.client_id.as_str());
    // A tab that the browser put aside comes back with what it had.
    if of != (cloud.login().as_str(), cloud.scope().as_str(), client_id) || signed_out_since(kept.given_ms) {
        forget();
        return None;
    }
    let person = Person {
        name: kept.name,
        tenant: Some(kept.tenant.clone()),
        given: kept.given_ms,
        expires: kept.expires_ms,
    };
    let account = Account {
        client_id: kept.client_id,
        tenant: kept.tenant,
        refresh_token: kept.refresh_token,
        hint: kept.hint,
    };
    Some((AccessToken::new(kept.access_token.reveal()), person, account))
}

/// Forgets the tokens: nobody wants them kept any more.
pub fn forget_tokens() {
    if let Some(storage) = storage() {
        drop(storage.remove_item(TOKENS));
    }
}

/// Forgets all of it.
pub fn forget() {
    forget_those_with(PREFIX);
}

/// Forgets sign-ins that were given up.
pub fn forget_old_transactions() {
    let Some(storage) = storage() else { return };
    let now = js_sys::Date::now();
    for key in keys_with(&storage, TRANSACTION) {
        let text = storage.get_item(&key).ok().flatten().unwrap_or_default();
        if serde_json::from_str::<Transaction>(&text).ok().is_none_or(|known| known.is_over(now)) {
            drop(storage.remove_item(&key));
        }
    }
}

/// A secret as it stands in the tab's storage. Nothing else writes one out.
fn as_text<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

fn from_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

fn take(storage: &Storage, key: &str) -> Option<String> {
    let text = storage.get_item(key).ok().flatten()?;
    // What cannot be removed could be used again.
    storage.remove_item(key).ok()?;
    Some(text)
}

fn write(key: &str, value: &impl Serialize) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(value)) {
        drop(storage.set_item(key, &text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_is_over_after_ten_minutes_and_has_not_begun_later_than_now() {
        let transaction = Transaction {
            verifier: Secret::new("v"),
            nonce: "n".to_owned(),
            authority: "https://a".to_owned(),
            tenant: "t".to_owned(),
            scope: "s".to_owned(),
            claims: None,
            return_route: String::new(),
            created_ms: 1_000.0,
            keeps: false,
        };
        assert!(!transaction.is_over(1_000.0) && !transaction.is_over(601_000.0));
        assert!(
            transaction.is_over(601_001.0) && transaction.is_over(999.0) && transaction.is_over(f64::NAN)
        );
    }
}
