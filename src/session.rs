//! Who is signed in, and the token, which stays in memory.

use std::collections::HashMap;

use azimuth_api::{
    AccessToken, ApiError, Cloud, PersonIdentity, RequestToken, Secret, TokenClaims, TokenEndpoint,
    TokenReply,
};
use futures::channel::oneshot;
use leptos::prelude::*;

/// How far a clock may be set back and still be believed, in milliseconds: computers correct theirs by a little.
const CLOCK_SLACK: f64 = 5_000.0;
/// How long before its end a token is renewed, in milliseconds.
const RENEWED_BEFORE: f64 = 300_000.0;

/// The session of the service, of the demo or of an opened export. A handle: copies are the same session.
#[derive(Clone, Copy)]
pub struct Session {
    kind: SessionKind,
    person: RwSignal<Option<Person>>,
    token: StoredValue<Option<AccessToken>>,
    account: StoredValue<Option<Account>>,
    /// Tokens of other tenants that the same person is in, by tenant.
    elsewhere: StoredValue<HashMap<String, TenantToken>>,
    /// The tenants of subscriptions that are not the account's, as services named them; ids in small letters.
    tenants: StoredValue<HashMap<String, String>>,
    asked: RwSignal<Option<Box<ApiError>>>,
    /// Rises with each sign-in, so that a refusal of an old token does not ask for a new one twice.
    sign_ins: StoredValue<u32>,
    /// Who waits for a sign-in; told whether there was one.
    waiting: StoredValue<Vec<oneshot::Sender<bool>>, LocalStorage>,
    /// Rises when another tenant is chosen: the lists that are shown belong to the one before.
    switches: RwSignal<u32>,
    ended: RwSignal<Option<Ended>>,
}

/// With what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionKind {
    /// The service that the settings name.
    Service,
    /// The simulator in the page.
    Demo,
    /// An export that was opened again. Nobody signs in, and nothing changes.
    Export,
}

/// Who is signed in, as far as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// A name, or an application id.
    pub name: String,
    /// The tenant, where the token says so.
    pub tenant: Option<String>,
    /// When the token was given, and when it ends, in milliseconds since 1970.
    pub given: f64,
    /// See there.
    pub expires: Option<f64>,
}

/// What renews the token of somebody who signed in with Microsoft.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// The application (client) id.
    pub client_id: String,
    /// The tenant whose token this is, by id.
    pub tenant: String,
    /// The newest one.
    pub refresh_token: Secret,
    /// What to begin the next sign-in with.
    pub hint: Option<String>,
}

/// A token of one of several tenants.
#[derive(Clone, Debug)]
pub struct TenantToken {
    /// The token.
    pub token: AccessToken,
    /// Whose, and until when.
    pub person: Person,
}

/// Why nobody is signed in any more, where the page has to say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody signed out in another tab.
    Elsewhere,
    /// Signed out here, and on the way to sign out at Microsoft.
    Leaving,
    /// Signed out here; Microsoft could not be reached.
    HereAlone,
}

/// A service principal, as typed.
#[derive(Clone, Debug)]
pub struct ServicePrincipal {
    /// Tenant id or domain.
    pub tenant: String,
    /// Application (client) id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
}

impl Session {
    /// Nobody is signed in.
    pub fn new(kind: SessionKind) -> Self {
        Self {
            kind,
            person: RwSignal::new(None),
            token: StoredValue::new(None),
            account: StoredValue::new(None),
            elsewhere: StoredValue::new(HashMap::new()),
            tenants: StoredValue::new(HashMap::new()),
            asked: RwSignal::new(None),
            sign_ins: StoredValue::new(0),
            waiting: StoredValue::new_local(Vec::new()),
            switches: RwSignal::new(0),
            ended: RwSignal::new(None),
        }
    }

    /// With what.
    pub fn kind(self) -> SessionKind {
        self.kind
    }

    /// Whether it is the service's: only there are a network, and something to keep.
    pub fn is_service(self) -> bool {
        self.kind == SessionKind::Service
    }

    /// Whether it is the demo's.
    pub fn is_demo(self) -> bool {
        self.kind == SessionKind::Demo
    }

    /// Who is signed in.
    pub fn person(self) -> Signal<Option<Person>> {
        self.person.into()
    }

    /// Whether somebody is.
    pub fn is_signed_in(self) -> bool {
        self.person.with(Option::is_some)
    }

    /// The token, for the one place that sends it.
    pub fn token(self) -> Option<AccessToken> {
        self.token.get_value()
    }

    /// What renews the token, of somebody who signed in with Microsoft.
    pub fn account(self) -> Option<Account> {
        self.account.get_value()
    }

    /// Whether the token can be renewed without the person.
    pub fn is_renewable(self) -> bool {
        self.account.with_value(Option::is_some)
    }

    /// Whether the token's end has come, by this machine's clock. A clock that is set before the moment at which the
    /// token was given tells nothing, so it counts as that.
    pub fn is_expired(self, now: f64) -> bool {
        self.person.with_untracked(|person| {
            person.as_ref().is_some_and(|person| {
                person.expires.is_some_and(|expires| expires <= now || now < person.given - CLOCK_SLACK)
            })
        })
    }

    /// Takes a token, and what renews it.
    pub fn sign_in(self, token: AccessToken, person: Person, account: Option<Account>) {
        // Another person's tokens are not this one's.
        let hint = |account: &Option<Account>| account.as_ref().and_then(|account| account.hint.clone());
        if self.account.with_value(hint) != hint(&account) {
            self.elsewhere.update_value(HashMap::clear);
        }
        self.token.set_value(Some(token));
        self.account.set_value(account);
        self.ended.set(None);
        self.person.set(Some(person));
        self.sign_ins.update_value(|count| *count += 1);
        self.stop_asking(true);
    }

    /// Goes in without a token: an export is open to whoever has it.
    pub fn open(self) {
        self.person.set(Some(Person { name: String::new(), tenant: None, given: 0.0, expires: None }));
    }

    /// Forgets the token, what renews it, who it was, and what was typed.
    pub fn sign_out(self, ended: Option<Ended>) {
        match self.kind {
            SessionKind::Service => crate::kept::forget_all(),
            kind => crate::kept::forget_forms_of(kind),
        }
        // Where that was told to other tabs, the one that told it removes them: who signed in there since has new ones.
        if self.kind != SessionKind::Export && ended != Some(Ended::Elsewhere) {
            leptos::task::spawn_local(crate::parts::forget_lasting(self.kind));
        }
        self.elsewhere.update_value(HashMap::clear);
        self.tenants.update_value(HashMap::clear);
        self.token.set_value(None);
        self.account.set_value(None);
        self.person.set(None);
        self.ended.set(ended);
        self.stop_asking(false);
    }

    /// Why nobody is signed in any more, where the page has to say so.
    pub fn ended(self) -> RwSignal<Option<Ended>> {
        self.ended
    }

    /// Rises when another tenant is chosen.
    pub fn switches(self) -> Signal<u32> {
        self.switches.into()
    }

    /// Another tenant was chosen.
    pub fn switched_tenant(self) {
        self.switches.update(|count| *count += 1);
    }

    /// The tenant of a subscription, where it is known to be another than the account's.
    pub fn other_tenant_of(self, subscription: &str) -> Option<String> {
        let own = self.account()?.tenant;
        self.tenants.with_value(|tenants| tenants.get(subscription).cloned()).filter(|tenant| *tenant != own)
    }

    /// Remembers the tenant of a subscription.
    pub fn learn_tenant(self, subscription: &str, tenant: &str) {
        self.tenants.update_value(|tenants| drop(tenants.insert(subscription.to_owned(), tenant.to_owned())));
    }

    /// The token of another tenant.
    pub fn token_in(self, tenant: &str) -> Option<TenantToken> {
        self.elsewhere.with_value(|tokens| tokens.get(tenant).cloned())
    }

    /// Keeps a token of another tenant, and what came with it to renew all of them.
    pub fn keep_in_tenant(self, kept: TenantToken, refresh_token: Option<Secret>) {
        let Some(tenant) = kept.person.tenant.clone() else { return };
        self.elsewhere.update_value(|tokens| drop(tokens.insert(tenant, kept)));
        self.account.update_value(|account| {
            if let (Some(account), Some(refresh_token)) = (account, refresh_token) {
                account.refresh_token = refresh_token;
            }
        });
        // What is kept for this tab is kept anew.
        self.person.notify();
    }

    /// Forgets a token of another tenant: it is no longer taken.
    pub fn forget_in_tenant(self, tenant: &str) {
        self.elsewhere.update_value(|tokens| drop(tokens.remove(tenant)));
    }

    /// Asks to sign in again although nothing waits for it.
    pub fn ask_again(self, why: ApiError) {
        if self.asked.with_untracked(Option::is_none) {
            self.asked.set(Some(Box::new(why)));
        }
    }

    /// Why signing in again is asked for, if it is.
    pub fn asked_again(self) -> Signal<Option<Box<ApiError>>> {
        self.asked.into()
    }

    /// Asks to sign in again, because the service no longer takes the token, and waits. Tells whether somebody did.
    pub async fn signed_in_again(self, why: ApiError) -> bool {
        let (tell, told) = oneshot::channel();
        self.waiting.update_value(|waiting| {
            // Those whose page went away wait no longer.
            waiting.retain(|sender| !sender.is_canceled());
            waiting.push(tell);
        });
        self.ask_again(why);
        told.await.unwrap_or(false)
    }

    /// Stops asking; what waits is told that there is no sign-in.
    pub fn decline(self) {
        self.stop_asking(false);
    }

    fn stop_asking(self, signed_in: bool) {
        self.asked.set(None);
        let mut waiting = Vec::new();
        self.waiting.update_value(|all| waiting.append(all));
        for sender in waiting {
            let _ = sender.send(signed_in);
        }
    }

    /// How often somebody signed in.
    pub fn sign_ins(self) -> u32 {
        self.sign_ins.get_value()
    }
}

impl Person {
    /// Whom a pasted token names. Its claims are hints; the service decides.
    pub fn of_token(claims: Option<&TokenClaims>, now: f64) -> Self {
        Self {
            name: claims.and_then(TokenClaims::who).unwrap_or("Access token").to_owned(),
            tenant: claims.and_then(|claims| claims.tid.clone()),
            given: now,
            expires: claims.and_then(|claims| claims.exp).map(|seconds| seconds as f64 * 1_000.0),
        }
    }

    /// The person of a reply to a service principal.
    pub fn of_reply(principal: &ServicePrincipal, reply: &TokenReply, now: f64) -> Self {
        Self {
            name: principal.client_id.clone(),
            tenant: Some(principal.tenant.clone()),
            given: now,
            expires: reply.expires_in.map(|seconds| now + seconds as f64 * 1_000.0),
        }
    }

    /// Somebody who signed in with Microsoft, whose token was asked for at this time.
    pub fn of_identity(identity: &PersonIdentity, expires_in: Option<u64>, asked: f64) -> Self {
        Self {
            name: identity.who().to_owned(),
            tenant: Some(identity.tid.clone()),
            given: asked,
            // An answer that does not say gives an hour, which is the usual.
            expires: Some(asked + expires_in.unwrap_or(3_600) as f64 * 1_000.0),
        }
    }

    /// Whether the token is worth renewing now: its last five minutes, or its last half where it is a short one.
    pub fn is_due(&self, now: f64) -> bool {
        self.expires.is_some_and(|expires| {
            let ahead = (expires - self.given).max(0.0) / 2.0;
            now >= expires - ahead.min(RENEWED_BEFORE) || now < self.given - CLOCK_SLACK
        })
    }
}

impl ServicePrincipal {
    /// What asks for its token.
    pub fn request(&self, cloud: &Cloud, endpoint: TokenEndpoint) -> RequestToken {
        RequestToken {
            tenant: self.tenant.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
            audience: cloud.audience(),
            endpoint,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(given: f64, expires: Option<f64>) -> Person {
        Person { name: "maya".to_owned(), tenant: None, given, expires }
    }

    #[test]
    fn a_token_is_renewed_in_its_last_five_minutes_or_its_last_half() {
        let hour = person(0.0, Some(3_600_000.0));
        assert!(!hour.is_due(3_299_999.0) && hour.is_due(3_300_000.0) && hour.is_due(9_999_999.0));
        let short = person(0.0, Some(12_000.0));
        assert!(!short.is_due(5_999.0) && short.is_due(6_000.0));
        assert!(!person(0.0, None).is_due(1e12));
    }

    #[test]
    fn a_clock_that_is_set_back_is_not_believed() {
        let person = person(100_000.0, Some(3_700_000.0));
        assert!(person.is_due(94_999.0) && !person.is_due(95_000.0) && !person.is_due(100_000.0));
    }
}
