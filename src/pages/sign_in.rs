//! Signing in: the demo, Microsoft, a service principal, a token.

pub mod microsoft;

use azimuth_api::{AccessToken, ApiError, Cloud, Secret, SubscriptionId, clean_pasted_token};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::app_registration::AppRegistration;
use crate::authority::Authority;
use crate::client::Client;
use crate::clock::use_now;
use crate::components::button::CopyButton;
use crate::components::facts::{Fact, Facts};
use crate::components::field::{TextField, TextKind};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::kept::kept_in;
use crate::load::ApiErrorPanel;
use crate::navigation::{Navigation, use_passing_title};
use crate::pages::sign_in::microsoft::{MicrosoftButtons, MicrosoftCard};
use crate::parts::{self, Part, at_once, late};
use crate::route::{Location, Route};
use crate::session::{Ended, Person, ServicePrincipal, Session, SessionKind};
use crate::settings::Settings;
use crate::transport::is_refused_to_pages;

/// The form's name in the tab's storage. It stands over every address, so it has none of its own.
const KEPT_AS: &str = "sign-in";

/// The page that stands in place of all others while nobody is signed in. The address under it stays.
#[component]
pub fn SignInPage() -> impl IntoView {
    let authority = expect_context::<Option<Authority>>();
    move || {
        let instead = authority.and_then(microsoft::instead_of_sign_in);
        instead.unwrap_or_else(|| view! { <WaysToSignIn/> }.into_any())
    }
}

#[component]
fn WaysToSignIn() -> impl IntoView {
    use_passing_title("Sign in".to_owned());
    let navigation = expect_context::<Navigation>();
    let offers_demo = expect_context::<Settings>().demo;
    let authority = expect_context::<Option<Authority>>();
    let ended = expect_context::<Client>().session().ended();
    let goes_on = move || navigation.location().with(|location| location.route != Route::Home);

    view! {
        <div class="page middle">
            <PageTitle title="Sign in"/>
            {move || ended.get().map(|ended| view! { <Hint warning=ended == Ended::HereAlone>{farewell(ended)}</Hint> })}
            <Show when=goes_on>
                <Hint>"You will come to the page that this address names."</Hint>
            </Show>
            {authority.map(|authority| view! { <MicrosoftCard authority=authority/> })}
            {offers_demo.then(|| view! {
                <section class="card">
                    <p>"See what it does with a bakery's data. Nothing is real, nothing costs, nothing leaves this page."</p>
                    <div class="cluster">
                        <button
                            type="button"
                            class="button"
                            class:primary=authority.is_none()
                            on:click=move |_| navigation.go(&Location::new(SessionKind::Demo, Route::Subscriptions))
                        >
                            "Explore the demo"
                        </button>
                    </div>
                </section>
            })}
            <ServicePrincipalForm/>
            <AccessTokenForm/>
            <p class="muted small">
                <a href=Location::new(SessionKind::Export, Route::Home).href()>"Open an export"</a>
                " that was saved before: that needs no account."
            </p>
            <p class="muted small">"Something does not work? "<a href=navigation.href(Route::Diagnostics)>"Diagnostics"</a>" shows how this page is set up."</p>
        </div>
    }
}

/// What is said to somebody who is signed out.
fn farewell(ended: Ended) -> &'static str {
    match ended {
        Ended::Elsewhere => "You signed out in another tab.",
        Ended::Leaving => "You are signed out of this page. Signing out at Microsoft too…",
        Ended::HereAlone => {
            "You are signed out of this page, and nothing of the sign-in is left in it. Microsoft could not be reached, so this browser may still be signed in there: on a computer that others use, sign out there too, or close the browser."
        }
    }
}

/// The ways to sign in again, over a page that stays.
#[component]
pub fn SignInForms() -> impl IntoView {
    let microsoft = expect_context::<Option<Authority>>().map(|authority| {
        let loses = expect_context::<Navigation>().would_lose();
        view! {
            <p>
                "Microsoft’s sign-in takes the place of this page for a moment, and leads back to it. "
                {loses.unwrap_or_else(|| "What you typed will be there again.".to_owned())}
            </p>
            <MicrosoftButtons authority=authority as_known=true/>
        }
    });

    view! {
        {microsoft}
        <ServicePrincipalForm/>
        <AccessTokenForm/>
    }
}

/// Goes to the subscription that was typed, if the address does not say more.
fn go_on(navigation: Navigation, session: Session, subscription: &str) {
    let subscription = subscription.trim();
    let at_home = navigation
        .location()
        .with_untracked(|location| matches!(location.route, Route::Home | Route::Subscriptions));
    if at_home && !subscription.is_empty() && session.token().is_some() {
        navigation.go_to(Route::ResourceGroups(SubscriptionId::from(subscription)));
    }
}

#[component]
fn ServicePrincipalForm() -> impl IntoView {
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let session = client.session();
    let [tenant, client_id, subscription] =
        ["tenant", "client id", "subscription"].map(|field| kept_in(KEPT_AS, field));
    // A secret is kept nowhere.
    let client_secret = RwSignal::new(String::new());
    let fields = [tenant, client_id, client_secret];
    // Where a token of another tenant was refused, the right one is known.
    if let Some(wanted) = session.asked_again().with_untracked(|why| wanted_tenant(why.as_deref())) {
        tenant.set(wanted);
    }
    // What is refused here concerns the ids that were typed, not those of this deployment.
    provide_context(AppRegistration::default());
    let errors = [(); 3].map(|()| RwSignal::new(None::<String>));
    let failure = RwSignal::new(None::<ApiError>);
    let signing_in = RwSignal::new(false);

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if signing_in.get_untracked() {
            return;
        }
        let missing = [
            "Enter the tenant: its id, or a domain such as contoso.onmicrosoft.com.",
            "Enter the client ID: the id of the application.",
            "Enter the client secret.",
        ];
        let mut complete = true;
        for ((field, error), words) in fields.iter().zip(&errors).zip(missing) {
            let is_empty = field.with_untracked(|text| text.trim().is_empty());
            error.set(is_empty.then(|| words.to_owned()));
            complete &= !is_empty;
        }
        if !complete {
            return;
        }
        let principal = ServicePrincipal {
            tenant: tenant.get_untracked().trim().to_owned(),
            client_id: client_id.get_untracked().trim().to_owned(),
            client_secret: Secret::new(client_secret.get_untracked().trim()),
        };
        signing_in.set(true);
        failure.set(None);
        spawn_local(async move {
            let subscription_id = subscription.get_untracked();
            match parts::sign_in(client, Some(principal)).await {
                Ok(()) => go_on(navigation, client.session(), &subscription_id),
                Err(error) => {
                    failure.try_set(Some(error));
                }
            }
            signing_in.try_set(false);
        });
    };

    view! {
        <form class="card" novalidate=true on:submit=submit>
            <fieldset class="stack">
                <legend>"Service principal"</legend>
                <TextField label="Tenant ID" value=tenant kind=TextKind::Code error=errors[0] required=true/>
                <TextField label="Client ID" value=client_id kind=TextKind::Code error=errors[1] required=true/>
                <TextField label="Client secret" value=client_secret kind=TextKind::Password error=errors[2] required=true/>
                <TextField label="Subscription ID (optional)" value=subscription kind=TextKind::Code/>
                {move || failure.get().map(|error| {
                    let needs_token = is_refused_to_pages(&error);
                    view! {
                        <ApiErrorPanel error=error what="sign in" inline=true/>
                        {needs_token.then(|| view! {
                            <TokenCommands tenant=tenant.get_untracked() client_id=client_id.get_untracked() cloud=client.cloud()/>
                        })}
                    }
                })}
                <div class="cluster">
                    <button type="submit" class="button" aria-disabled=move || signing_in.get().then_some("true")>
                        {move || if signing_in.get() { "Signing in…" } else { "Sign in" }}
                    </button>
                </div>
            </fieldset>
        </form>
    }
}

/// The tenant to sign in to instead, where the service said so.
fn wanted_tenant(why: Option<&ApiError>) -> Option<String> {
    Some(why?.refusal()?.wanted_tenant()?.to_owned())
}

/// The commands that get a token elsewhere, to be pasted here.
#[component]
fn TokenCommands(tenant: String, client_id: String, cloud: Cloud) -> impl IntoView {
    let resource = cloud.audience();
    let login = cloud.login();
    let azure_cli = azure_cli_command(resource);
    let curl = format!(
        "curl -X POST '{login}/{tenant}/oauth2/token' \\\n  -d 'grant_type=client_credentials' -d 'client_id={client_id}' \\\n  --data-urlencode 'resource={resource}' --data-urlencode \"client_secret=$SECRET\""
    );

    view! {
        <Hint>
            <p>"Microsoft Entra does not take a client secret from a web page. Get a token with one of these commands and use it under “Access token”:"</p>
            <Command text=azure_cli/>
            <Command text=curl/>
        </Hint>
    }
}

fn azure_cli_command(resource: &str) -> String {
    format!(
        "az account get-access-token --resource {} --query accessToken -o tsv",
        resource.trim_end_matches('/')
    )
}

#[component]
fn Command(text: String) -> impl IntoView {
    view! {
        <div class="command">
            <pre>{text.clone()}</pre>
            <CopyButton text=text label="Copy command" bare=true/>
        </div>
    }
}

#[component]
fn AccessTokenForm() -> impl IntoView {
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let pasted = RwSignal::new(String::new());
    let subscription = kept_in(KEPT_AS, "subscription");
    let error = RwSignal::new(None::<String>);

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(token) = pasted.with_untracked(|text| clean_pasted_token(text)) else {
            let words = if pasted.with_untracked(|text| text.trim().is_empty()) {
                "Paste an access token."
            } else {
                "This cannot be a token: it has characters that no token has."
            };
            error.set(Some(words.to_owned()));
            return;
        };
        error.set(None);
        let typed = subscription.get_untracked();
        let claims = token.claims();
        pasted.set(String::new());
        client.session().sign_in(token, Person::of_token(claims.as_ref(), js_sys::Date::now()), None);
        go_on(navigation, client.session(), &typed);
    };
    let command = azure_cli_command(client.cloud().audience());

    view! {
        <form class="card" novalidate=true on:submit=submit>
            <fieldset class="stack">
                <legend>"Access token"</legend>
                <p class="muted">"From the Azure CLI. It stays in the memory of this page and is gone when the page is."</p>
                <Command text=command/>
                <TextField label="Access token" value=pasted kind=TextKind::Password error=error required=true/>
                {move || pasted.with(|text| clean_pasted_token(text)).map(|token| {
                    let shown = move || at_once(parts::token_facts(token.clone()));
                    late(Signal::stored(Some(Part::Service)), None, Box::new(shown))
                })}
                <TextField label="Subscription ID (optional)" value=subscription kind=TextKind::Code/>
                <div class="cluster"><button type="submit" class="button">"Use token"</button></div>
            </fieldset>
        </form>
    }
}

/// What a token says of itself, before it is sent anywhere.
#[component]
pub fn TokenFacts(token: AccessToken) -> impl IntoView {
    let now = use_now();
    let cloud = expect_context::<Client>().cloud();
    let Some(claims) = token.claims() else {
        return view! {
            <Hint warning=true>"This does not look like a token of Azure. It can be tried all the same."</Hint>
        }
        .into_any();
    };
    let who = claims.who().unwrap_or("not said").to_owned();
    let tenant = claims.tid.clone().unwrap_or_else(|| "not said".to_owned());
    let audience = claims.aud.clone().unwrap_or_else(|| "not said".to_owned());
    let is_ours = claims.aud.as_deref().is_some_and(|audience| cloud.is_own_audience(audience));
    let expected = cloud.audience();
    let expires = claims.exp;
    let left = move || match expires {
        None => "not said".to_owned(),
        Some(seconds) => minutes_left(seconds as f64 * 1_000.0 - now.get()),
    };

    view! {
        <Facts>
            <Fact name="For">{who}</Fact>
            <Fact name="Tenant"><code>{tenant}</code></Fact>
            <Fact name="Audience"><code>{audience}</code></Fact>
            <Fact name="Valid for">{left}</Fact>
        </Facts>
        {(!is_ours).then(|| view! {
            <Hint warning=true>{format!("This token is for something else. Azure Machine Learning takes tokens for {expected}.")}</Hint>
        })}
    }
    .into_any()
}

fn minutes_left(milliseconds: f64) -> String {
    let minutes = (milliseconds / 60_000.0).floor() as i64;
    if milliseconds <= 0.0 {
        "nothing: it has run out".to_owned()
    } else if minutes < 1 {
        "less than a minute".to_owned()
    } else if minutes == 1 {
        "1 more minute".to_owned()
    } else {
        format!("{minutes} more minutes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_left_are_said_in_words() {
        assert_eq!(minutes_left(-1.0), "nothing: it has run out");
        assert_eq!(minutes_left(30_000.0), "less than a minute");
        assert_eq!(minutes_left(61_000.0), "1 more minute");
        assert_eq!(minutes_left(3_599_000.0), "59 more minutes");
    }
}
