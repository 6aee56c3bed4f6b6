//! Leaving for the authority, coming back from it, and signing out there.

use std::time::Duration;

use azimuth_api::{
    ApiError, AuthorizationRequest, ExpectedIdentity, Grant, GrantTokens, Secret, sign_out_address, url_text,
};
use futures::future::{LocalBoxFuture, join, select};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::app_registration::redirect_address;
use crate::authority::tab::{self, Hint, Returned, Transaction};
use crate::authority::{Authority, Fault, Leaving, Stage, Unusable, Work};
use crate::client::renewal::{not_believed, seconds};
use crate::kept;
use crate::parts;
use crate::route::Route;
use crate::session::{Account, Ended, SessionKind};
use crate::transport::Reach;
use crate::transport::fetch::is_offline;

/// The longest that signing out waits for private files to be gone.
const LONGEST_REMOVAL: Duration = Duration::from_secs(10);

/// Does a work.
pub fn run(authority: Authority, work: Work) -> LocalBoxFuture<'static, ()> {
    Box::pin(async move {
        match work {
            Work::Leave(how) => {
                if let Err(stage) = leave(authority, how).await {
                    authority.stage.try_set(stage);
                }
            }
            Work::Begin(owner, response) => begin(authority, &owner, response).await,
            Work::SignOut(account) => sign_out(authority, account).await,
        }
    })
}

/// Goes on with what the browser came back with, with tokens that were kept for this tab, or with who was signed in
/// before a reload.
async fn begin(authority: Authority, owner: &Owner, response: Option<Secret>) {
    let returned = response.map(|response| tab::take_returned(&response, authority.navigation));
    // Now: an answer that comes too late is told apart from one that nobody asked for.
    tab::forget_old_transactions();
    let kept = || tab::kept_tokens(&authority.client.cloud(), &authority.settings().client_id);
    if let Some(returned) = returned {
        authority.keeps.try_set(returned.keeps());
        authority.stage.try_set(Stage::Returning);
        go_on(authority, owner);
        let stage = match redeem(authority, returned).await {
            Ok(()) => Stage::Idle,
            Err(stage) => {
                // Another try by itself would meet the same.
                tab::forget_hint();
                stage
            }
        };
        authority.stage.try_set(stage);
    } else if let Some((token, person, account)) = kept() {
        authority.keeps.try_set(true);
        authority.client.session().sign_in(token, person, Some(account));
        authority.stage.try_set(Stage::Idle);
        go_on(authority, owner);
    } else {
        authority.stage.try_set(Stage::Idle);
        go_on(authority, owner);
        let hint = tab::hint().filter(|hint| hint.client_id == authority.settings().client_id);
        if let Some(Hint { hint, tenant, .. }) = hint.filter(|_| is_wanted(authority)) {
            let (hint, tenant) = (Some(hint), Some(tenant));
            authority.leave(Leaving { hint, tenant, is_automatic: true, ..Leaving::default() });
        }
    }
}

fn go_on(authority: Authority, owner: &Owner) {
    owner.with(|| {
        authority.keep_tokens();
        authority.keep_renewed();
    });
}

/// Whether the address is one for which somebody has to be signed in, and nobody is.
fn is_wanted(authority: Authority) -> bool {
    let needs_somebody = authority.navigation.location().with_untracked(|location| {
        location.session == SessionKind::Service
            && !matches!(location.route, Route::Requests | Route::Diagnostics | Route::NotFound)
    });
    needs_somebody && authority.client.session().token().is_none()
}

fn failed(fault: Fault) -> Stage {
    Stage::Failed(Box::new(fault))
}

/// Sends the browser to the authority. Comes back only where that did not work.
async fn leave(authority: Authority, how: Leaving) -> Result<(), Stage> {
    let now = js_sys::Date::now();
    if how.is_automatic && !tab::may_leave(now) {
        return Err(Stage::Stopped);
    }
    let cloud = authority.client.cloud();
    let settings = authority.settings();
    let (verifier, state, nonce) = match (random_text(), random_text(), random_text()) {
        (Some(verifier), Some(state), Some(nonce)) => (Secret::new(verifier), state, nonce),
        _ => {
            return Err(failed(Fault::Here(
                "This browser gives no random numbers, without which nobody can sign in safely.",
            )));
        }
    };
    let challenge = sha256(verifier.reveal().as_bytes()).await.ok_or_else(|| {
        failed(Fault::Here("This page has to be opened over https, or on this machine, so that somebody can sign in: a browser has no cryptography elsewhere."))
    })?;
    let tenant = how.tenant.unwrap_or(settings.tenant);
    let transaction =
        Transaction::new(verifier, nonce.clone(), cloud.login().to_string(), tenant.clone(), cloud.scope());
    let place = authority.navigation.location().get_untracked();
    let transaction = transaction.with(&place, how.claims.clone(), authority.keeps.get_untracked());
    if !transaction.keep(&state) {
        return Err(failed(Fault::Here(
            "This browser keeps nothing for this tab (session storage), which a sign-in needs. Allow it for this site.",
        )));
    }
    let request = AuthorizationRequest {
        tenant,
        client_id: settings.client_id,
        redirect_uri: redirect_address().unwrap_or_default(),
        scope: cloud.scope(),
        state,
        nonce,
        challenge: url_text(&challenge),
        prompt: how.prompt,
        login_hint: how.hint,
        claims: how.claims,
    };
    if how.is_automatic {
        tab::note_departure(now);
    }
    let address = request.address(&cloud);
    let location = window().location();
    // Back from the authority leads to what somebody did, and not to what the page did by itself.
    drop(if how.is_automatic { location.replace(&address) } else { location.assign(&address) });
    Ok(())
}

/// Turns what the browser came back with into tokens.
async fn redeem(authority: Authority, returned: Returned) -> Result<(), Stage> {
    let client = authority.client;
    let (Some(transaction), Some(answer)) = (returned.transaction, returned.answer) else {
        return Err(Stage::Unusable(Unusable::Unknown));
    };
    if transaction.authority != client.cloud().login().to_string() {
        return Err(Stage::Unusable(Unusable::Unknown));
    }
    if transaction.is_over(js_sys::Date::now()) {
        return Err(Stage::Unusable(Unusable::TooOld));
    }
    let refused = |error: ApiError| failed(Fault::Authority(error));
    let code = answer.outcome.map_err(|refusal| refused(ApiError::Refused(refusal)))?;
    let client_id = authority.settings().client_id;
    let redemption = GrantTokens {
        tenant: transaction.tenant.clone(),
        client_id: client_id.clone(),
        scope: transaction.scope.clone(),
        grant: Grant::Code {
            code,
            verifier: transaction.verifier(),
            redirect_uri: redirect_address().unwrap_or_default(),
            claims: transaction.claims.clone(),
        },
    };
    let asked = js_sys::Date::now();
    let tokens = client.ask(&redemption).await.map_err(refused)?;
    let expected = ExpectedIdentity {
        client_id: &client_id,
        tenant: &transaction.tenant,
        nonce: Some(&transaction.nonce),
        now: seconds(js_sys::Date::now()),
    };
    let identity = tokens.identity(&expected).map_err(|fault| refused(not_believed(fault)))?;
    let account = Account {
        client_id,
        tenant: identity.tid.clone(),
        refresh_token: tokens.refresh_token().unwrap_or_default(),
        hint: None,
    };
    if tab::is_somebody_else(identity.who()) {
        // What was typed before is somebody else's, and so is what was under way.
        kept::forget_all();
    }
    client.take(&tokens, &identity, account, asked);
    Ok(())
}

/// Ends the session at the authority. Here nobody is signed in any more, whatever comes of it.
async fn sign_out(authority: Authority, account: Account) {
    let cloud = authority.client.cloud();
    let reach = async {
        match is_offline() {
            true => Reach::NoNetwork,
            false => authority.client.examine(cloud.login()).await,
        }
    };
    // What removes files ends with the page.
    let removal = select(Box::pin(parts::forget_lasting(SessionKind::Service)), sleep(LONGEST_REMOVAL));
    let (reach, _) = join(reach, removal).await;
    if matches!(reach, Reach::Direct | Reach::NotShared) {
        let address = sign_out_address(
            &cloud,
            &account.tenant,
            &redirect_address().unwrap_or_default(),
            account.hint.as_deref(),
        );
        let _ = window().location().assign(&address);
    } else {
        let ended = authority.client.session().ended();
        let _ = ended.try_update(|ended| {
            if *ended == Some(Ended::Leaving) {
                *ended = Some(Ended::HereAlone);
            }
        });
    }
}

/// 32 random bytes.
fn random_text() -> Option<String> {
    let mut bytes = [0; 32];
    window().crypto().ok()?.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(url_text(&bytes))
}

async fn sha256(bytes: &[u8]) -> Option<Vec<u8>> {
    let crypto = window().crypto().ok()?;
    // A page that is neither https nor on this machine has none.
    let subtle = js_sys::Reflect::get(&crypto, &JsValue::from_str("subtle")).ok()?;
    let subtle = subtle.dyn_into::<web_sys::SubtleCrypto>().ok()?;
    let digest = JsFuture::from(subtle.digest_with_str_and_u8_array("SHA-256", bytes).ok()?).await.ok()?;
    Some(js_sys::Uint8Array::new(&digest).to_vec())
}
