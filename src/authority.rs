//! Signing in with Microsoft: the browser leaves for the authority and comes back, and what goes on in between.
//!
//! What needs no more than a look at the tab's storage is here, and is there from the start; the rest
//! ([`work`]) is loaded when somebody leaves or comes back.

pub mod tab;
mod tabs;
pub mod work;

use azimuth_api::{AccessToken, ApiError, NoAnswer, Prompt};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::authority::tab::{Hint, Returned};
use crate::client::Client;
use crate::clock::use_now;
use crate::kept;
use crate::navigation::Navigation;
use crate::parts;
use crate::route::{Location, Route};
use crate::session::{Account, Ended, Person};
use crate::settings::SignInSettings;

/// Between two tries to renew a token where the first gave nothing, in milliseconds.
const TRY_AGAIN: f64 = 20_000.0;

/// Signing in with Microsoft, where the settings name an application for it. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Authority {
    client: Client,
    navigation: Navigation,
    settings: StoredValue<SignInSettings>,
    stage: RwSignal<Stage>,
    /// Why the token could not be renewed, the last time.
    unrenewed: RwSignal<Option<ApiError>>,
    /// Whether the tokens are kept for this tab.
    keeps: RwSignal<bool>,
}

/// Where a sign-in is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// There is none.
    Idle,
    /// On the way to the authority.
    Leaving,
    /// Back from there; the code is being redeemed.
    Returning,
    /// It did not work.
    Failed(Box<Fault>),
    /// What came back belongs to no sign-in that this tab waits for.
    Unusable(Unusable),
    /// It led back here again and again, so the page goes nowhere by itself any more.
    Stopped,
}

/// Why a sign-in did not work.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The authority said so, or gave no answer.
    Authority(ApiError),
    /// This browser or this page, in a sentence.
    Here(&'static str),
}

/// Why an answer of the authority is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// This tab did not ask for it, or has used it.
    Unknown,
    /// It was asked for too long ago.
    TooOld,
}

/// How the browser leaves for the authority.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Leaving {
    /// What is asked in any case.
    pub prompt: Option<Prompt>,
    /// The account to begin with.
    pub hint: Option<String>,
    /// Another tenant than that of the settings.
    pub tenant: Option<String>,
    /// What a service wants proved.
    pub claims: Option<String>,
    /// Nobody pressed anything.
    pub is_automatic: bool,
}

impl Authority {
    /// Begins with what the browser came back with, with tokens that were kept for this tab, or with who was signed in
    /// before a reload.
    pub fn start(
        client: Client,
        navigation: Navigation,
        settings: SignInSettings,
        returned: Option<Returned>,
    ) -> Self {
        let authority = Self {
            client,
            navigation,
            settings: StoredValue::new(settings),
            stage: RwSignal::new(Stage::Idle),
            unrenewed: RwSignal::new(None),
            keeps: RwSignal::new(false),
        };
        let session = client.session();
        if let Some(returned) = returned {
            authority.keeps.set(returned.keeps());
            authority.stage.set(Stage::Returning);
            authority.set_to(Work::Redeem(Box::new(returned)));
        } else if let Some((token, person, account)) = authority.kept_tokens() {
            authority.keeps.set(true);
            session.sign_in(token, person, Some(account));
        } else if let Some(Hint { hint, tenant, .. }) = tab::hint()
            .filter(|hint| authority.is_wanted() && hint.client_id == authority.settings().client_id)
        {
            authority.leave(Leaving {
                hint: Some(hint),
                tenant: Some(tenant),
                is_automatic: true,
                ..Leaving::default()
            });
        }
        authority.keep_tokens();
        authority.keep_renewed();
        // Whoever goes back from the authority finds the page as it was left, on the way there.
        let shown = window_event_listener_untyped("pageshow", move |event| {
            let is_kept =
                js_sys::Reflect::get(&event, &"persisted".into()).is_ok_and(|kept| kept.is_truthy());
            if is_kept && authority.stage.get_untracked() == Stage::Leaving {
                authority.stage.set(Stage::Idle);
            }
        });
        on_cleanup(move || shown.remove());
        authority
    }

    /// Where a sign-in is.
    pub fn stage(self) -> Signal<Stage> {
        self.stage.into()
    }

    /// Whether the tokens are kept for this tab, so that a reload does not ask the authority again.
    pub fn keeps(self) -> RwSignal<bool> {
        self.keeps
    }

    /// Why the token could not be renewed, the last time that it was tried.
    pub fn unrenewed(self) -> Signal<Option<ApiError>> {
        self.unrenewed.into()
    }

    /// The application that signs people in.
    pub fn settings(self) -> SignInSettings {
        self.settings.get_value()
    }

    /// The client whose session it is.
    pub fn client(self) -> Client {
        self.client
    }

    /// Leaves for the authority.
    pub fn leave(self, how: Leaving) {
        self.stage.set(Stage::Leaving);
        self.set_to(Work::Leave(how));
    }

    /// Leaves for the authority, to come back as the same person in another way: with a further proof, or in another
    /// tenant.
    pub fn leave_as_known(self, how: Leaving) {
        let account = self.client.session().account();
        let hint = account.as_ref().and_then(|account| account.hint.clone());
        let tenant = how.tenant.or(account.map(|account| account.tenant));
        self.leave(Leaving { hint, tenant, ..how });
    }

    /// Takes a token of another tenant that the person is in. Where that tenant wants to see the person, the browser
    /// leaves for it.
    ///
    /// # Errors
    /// The authority's refusal, or that it gave no answer.
    pub async fn switch_tenant(self, tenant: String) -> Result<(), ApiError> {
        match parts::switch_tenant(self.client, tenant.clone()).await {
            Err(error) if error.wants_person() => {
                self.leave_as_known(Leaving { tenant: Some(tenant), ..Leaving::default() });
                Ok(())
            }
            result => result,
        }
    }

    /// Shows the ways to sign in again, after one that did not work.
    pub fn start_over(self) {
        self.stage.set(Stage::Idle);
    }

    fn set_to(self, work: Work) {
        spawn_local(async move {
            match parts::authority_work(self, work).await {
                Ok(done) => done.await,
                // This page's own site did not give the code for it.
                Err(_) => {
                    let fault = Fault::Authority(ApiError::Unreachable(NoAnswer::NoNetwork));
                    self.stage.try_set(Stage::Failed(Box::new(fault)));
                }
            }
        });
    }

    /// Whether this address is one for which somebody has to be signed in.
    fn is_wanted(self) -> bool {
        self.navigation.location().with_untracked(|location| {
            !location.demo
                && !matches!(location.route, Route::Requests | Route::Diagnostics | Route::NotFound)
        })
    }

    fn kept_tokens(self) -> Option<(AccessToken, Person, Account)> {
        tab::kept_tokens(&self.client.cloud(), &self.settings().client_id)
    }

    /// Keeps for this tab what the person wants kept, each time that it changes, and nothing that is not wanted any more.
    fn keep_tokens(self) {
        let session = self.client.session();
        Effect::new(move || {
            let Some(person) = session.person().get() else { return };
            let (Some(token), Some(account)) = (session.token(), session.account()) else {
                // Somebody signed in in another way: a reload does not bring back who was signed in before.
                tab::forget_hint();
                return tab::forget_tokens();
            };
            if let Some(hint) = &account.hint {
                let (tenant, client_id) = (account.tenant.clone(), account.client_id.clone());
                tab::keep_hint(&Hint { hint: hint.clone(), tenant, client_id });
            }
            if self.keeps.get_untracked() {
                tab::keep_tokens(&token, &person, &account, &self.client.cloud());
            } else {
                tab::forget_tokens();
            }
        });
    }

    /// Renews the token before it ends, for as long as the page is there.
    fn keep_renewed(self) {
        let session = self.client.session();
        let now = use_now();
        let looks = RwSignal::new(0u32);
        let looked = window_event_listener_untyped("visibilitychange", move |_| {
            let _ = looks.try_update(|count| *count += 1);
        });
        on_cleanup(move || looked.remove());
        let is_renewing = StoredValue::new(false);
        let next_try = StoredValue::new(0.0);
        let last_seen = StoredValue::new(0.0);
        Effect::new(move || {
            looks.track();
            now.track();
            // The signal is a second behind, and more in a tab that was hidden.
            let time = js_sys::Date::now();
            let is_set_back = time < last_seen.get_value() - 5_000.0;
            last_seen.set_value(time);
            let is_due =
                session.person().with(|person| person.as_ref().is_some_and(|person| person.is_due(time)));
            if !session.is_renewable() || !(is_due || is_set_back) {
                return;
            }
            if let Some(error) = self.unrenewed.get_untracked().filter(ApiError::wants_person) {
                self.ask_person(error);
            } else if !is_renewing.get_value()
                && (is_set_back || (time - next_try.get_value()).abs() >= TRY_AGAIN)
            {
                is_renewing.set_value(true);
                next_try.set_value(time);
                spawn_local(async move {
                    let result = parts::renew(self.client).await;
                    is_renewing.try_set_value(false);
                    if result.is_ok() {
                        // The wait is for what failed; a token may last for less.
                        next_try.try_set_value(0.0);
                    }
                    self.unrenewed.try_set(result.err());
                });
            }
        });
        // A sign-in of any kind ends the trouble.
        Effect::new(move || {
            session.person().track();
            self.unrenewed.set(None);
        });
        // What waits for a sign-in that only the authority can give goes there, if nothing is lost by that.
        Effect::new(move || {
            looks.track();
            if let Some(why) = session.asked_again().get().filter(|why| why.wants_person()) {
                self.ask_person(*why);
            }
        });
    }

    /// Goes to the authority if somebody looks and nothing would be lost; otherwise asks once the token has ended.
    fn ask_person(self, why: ApiError) {
        let session = self.client.session();
        if self.stage.get_untracked() != Stage::Idle || document().hidden() {
            return;
        }
        if self.navigation.would_lose().is_none() && tab::may_leave(js_sys::Date::now()) {
            self.leave_as_known(Leaving { is_automatic: true, ..Leaving::default() });
        } else if session.is_expired(js_sys::Date::now()) {
            session.ask_again(why);
        }
    }
}

/// What is loaded when it is needed.
#[derive(Debug)]
pub enum Work {
    /// To leave for the authority.
    Leave(Leaving),
    /// To redeem what the browser came back with.
    Redeem(Box<Returned>),
    /// To end the session at the authority.
    SignOut(Account),
}

/// Signs out: this page, this tab's storage, the other tabs, and the session at the authority.
pub fn sign_out(client: Client, authority: Option<Authority>, navigation: Navigation) {
    let session = client.session();
    if session.is_demo() {
        session.sign_out(None);
    } else {
        let account = session.account();
        let ended = account.as_ref().and(authority).map(|_| Ended::Leaving);
        session.sign_out(ended);
        tab::forget();
        kept::note_sign_out();
        tabs::tell_signed_out();
        if let (Some(authority), Some(account)) = (authority, account) {
            authority.keeps.set(false);
            authority.set_to(Work::SignOut(account));
        }
    }
    navigation.go(&Location::new(false, Route::Home));
}

/// Signs out when somebody does so in another tab.
pub fn follow_other_tabs(client: Client, authority: Option<Authority>) {
    tabs::on_signed_out(move || {
        let session = client.session();
        let was_signed_in = session.person().try_with_untracked(Option::is_some).unwrap_or(false);
        tab::forget();
        if was_signed_in {
            session.sign_out(Some(Ended::Elsewhere));
        }
        if let Some(authority) = authority {
            authority.keeps.set(false);
        }
    });
}
