//! Signing in with Microsoft: the browser leaves for the authority and comes back, and what goes on in between.
//!
//! What needs no more than a look at the tab's storage is here, and is there from the start; the rest
//! ([`work`], [`renewal`]) is loaded when somebody leaves or comes back.

pub mod renewal;
pub mod tab;
mod tabs;
pub mod work;

use azimuth_api::{ApiError, NoAnswer, Prompt, Secret};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::kept;
use crate::navigation::Navigation;
use crate::parts;
use crate::route::{Location, Route};
use crate::session::{Account, Ended, SessionKind};
use crate::settings::SignInSettings;

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
    /// It is looked whether there is one.
    Starting,
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
    /// before a reload, if there is any of that.
    pub fn start(
        client: Client,
        navigation: Navigation,
        settings: SignInSettings,
        response: Option<Secret>,
    ) -> Self {
        let authority = Self {
            client,
            navigation,
            settings: StoredValue::new(settings),
            stage: RwSignal::new(Stage::Idle),
            unrenewed: RwSignal::new(None),
            keeps: RwSignal::new(false),
        };
        if let (true, Some(owner)) = (response.is_some() || tab::holds_any(), Owner::current()) {
            authority.stage.set(Stage::Starting);
            authority.set_to(Work::Begin(owner, response));
        }
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
}

/// What is loaded when it is needed.
#[derive(Debug)]
pub enum Work {
    /// To go on with the authority's answer or what this tab holds of a sign-in, for as long as the page is there.
    Begin(Owner, Option<Secret>),
    /// To leave for the authority.
    Leave(Leaving),
    /// To end the session at the authority.
    SignOut(Account),
}

/// Signs out: this page, this tab's storage, the other tabs, and the session at the authority.
pub fn sign_out(client: Client, authority: Option<Authority>, navigation: Navigation) {
    let session = client.session();
    if !session.is_service() {
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
    navigation.go(&Location::new(SessionKind::Service, Route::Home));
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
