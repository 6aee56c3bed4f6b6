//! What goes on while somebody is signed in: tokens are renewed, and kept for the tab if somebody wants that.

use azimuth_api::ApiError;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::authority::tab::{self, Hint};
use crate::authority::{Authority, Leaving, Stage};
use crate::clock::use_now;
use crate::components::icon::{Icon, IconName};
use crate::parts;

/// Between two tries to renew a token where the first gave nothing, in milliseconds.
const TRY_AGAIN: f64 = 20_000.0;

impl Authority {
    /// Keeps for this tab what the person wants kept, each time that it changes, and nothing that is not wanted any more.
    pub(super) fn keep_tokens(self) {
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
    pub(super) fn keep_renewed(self) {
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

/// Says that the token could not be renewed, and when it ends.
#[component]
pub fn RenewalLine(authority: Authority) -> impl IntoView {
    let session = authority.client().session();
    let now = use_now();
    let why = Memo::new(move |_| {
        let error = authority.unrenewed().get()?;
        Some(match error.refusal() {
            _ if error.wants_person() => "Microsoft wants to see you".to_owned(),
            Some(refusal) => match refusal.exact_code() {
                Some(code) => format!("Microsoft answered {} ({code})", refusal.status),
                None => format!("Microsoft answered {}", refusal.status),
            },
            None => "no answer came".to_owned(),
        })
    });
    let wants_person = Memo::new(move |_| {
        authority.unrenewed().with(|error| error.as_ref().is_some_and(ApiError::wants_person))
    });
    let left = Memo::new(move |_| {
        let expires = session.person().with(|person| person.as_ref().and_then(|person| person.expires))?;
        Some(((expires - now.get()) / 60_000.0).ceil().max(0.0) as u32)
    });
    let until = move || match left.get() {
        Some(0) => "It has ended.".to_owned(),
        Some(1) => "It ends within a minute.".to_owned(),
        Some(minutes) => format!("It ends in {minutes} minutes."),
        None => String::new(),
    };
    let leave = move |_| authority.leave_as_known(Leaving::default());

    view! {
        <p class="strip warning">
            <Icon name=IconName::Warning/>
            <span>
                "The sign-in could not be renewed: "{why}". "{until}" "
                {move || if wants_person.get() { "" } else { "This page tries again." }}
            </span>
            {move || wants_person.get().then(|| view! { <button type="button" class="button small" on:click=leave>"Sign in with Microsoft"</button> })}
        </p>
    }
}
