//! Who is signed in, and the token, which stays in memory.

use azimuth_api::{
    AccessToken, ApiError, Cloud, RequestToken, Secret, TokenClaims, TokenEndpoint, TokenReply,
};
use futures::channel::oneshot;
use leptos::prelude::*;

/// The session of the demo or of the service. A handle: copies are the same session.
#[derive(Clone, Copy)]
pub struct Session {
    kind: SessionKind,
    person: RwSignal<Option<Person>>,
    token: StoredValue<Option<AccessToken>>,
    asked: RwSignal<Option<Box<ApiError>>>,
    /// Rises with each sign-in, so that a refusal of an old token does not ask for a new one twice.
    sign_ins: StoredValue<u32>,
    /// Who waits for a sign-in; told whether there was one.
    waiting: StoredValue<Vec<oneshot::Sender<bool>>, LocalStorage>,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// The simulator in the page.
    Demo,
    /// The service that the settings name.
    Service,
}

/// Who is signed in, as far as it may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// A name, or an application id.
    pub name: String,
    /// When the token ends, in milliseconds since 1970.
    pub expires: Option<f64>,
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
            asked: RwSignal::new(None),
            sign_ins: StoredValue::new(0),
            waiting: StoredValue::new_local(Vec::new()),
        }
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

    /// Whether the token's end has come, by this machine's clock.
    pub fn is_expired(self, now: f64) -> bool {
        self.person.with_untracked(|person| {
            person.as_ref().and_then(|person| person.expires).is_some_and(|expires| expires <= now)
        })
    }

    /// Takes a token.
    pub fn sign_in(self, token: AccessToken, person: Person) {
        self.token.set_value(Some(token));
        self.person.set(Some(person));
        self.sign_ins.update_value(|count| *count += 1);
        self.stop_asking(true);
    }

    /// Forgets the token, who it was, and what was typed.
    pub fn sign_out(self) {
        crate::kept::forget_all();
        self.token.set_value(None);
        self.person.set(None);
        self.stop_asking(false);
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
        if self.asked.with_untracked(Option::is_none) {
            self.asked.set(Some(Box::new(why)));
        }
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
    pub fn of_token(claims: Option<&TokenClaims>) -> Self {
        Self {
            name: claims.and_then(TokenClaims::who).unwrap_or("Access token").to_owned(),
            expires: claims.and_then(|claims| claims.exp).map(|seconds| seconds as f64 * 1_000.0),
        }
    }

    /// The person of a reply to a service principal.
    pub fn of_reply(principal: &ServicePrincipal, reply: &TokenReply, now: f64) -> Self {
        Self {
            name: principal.client_id.clone(),
            expires: reply.expires_in.map(|seconds| now + seconds as f64 * 1_000.0),
        }
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
