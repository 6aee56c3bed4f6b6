//! Asking a service: a question, written or filled into a table, sent with the service's own key, and its answer.

mod answer;
mod rows;
mod words;

use azimuth_api::{
    ApiError, GetServiceToken, KeyKind, ListServiceKeys, ScoringAnswer, ScoringKey, ServiceAccess, ServiceId,
    WebAddress, WebService, WorkspaceId, data_rows, sample_question,
};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use crate::client::Client;
use crate::components::button::CopyButton;
use crate::components::element_id::element_id;
use crate::components::field::{Choice, SelectField, TextArea, TextField, TextKind};
use crate::components::panel::{EmptyState, Hint};
use crate::kept::kept;
use crate::load::ApiErrorPanel;
use crate::navigation::Navigation;
use crate::pages::services::scoring::answer::AnswerSection;
use crate::pages::services::scoring::rows::{RowsEditor, written};
use crate::pages::services::scoring::words::{
    Snippet, curl, how_to_get_the_key, obstacle_in_words, python, silence_in_words,
};
use crate::query::Shown;
use crate::transport::DataOrigins;

/// What somebody who knows nothing of a service asks it.
const EMPTY_QUESTION: &str = "{\"data\": []}";

/// How asking goes.
#[derive(Clone, PartialEq)]
enum Asking {
    Idle,
    UnderWay,
    Answered(Scored),
    /// The key could not be read.
    NoKey(ApiError),
    /// The service gave no answer.
    Silent(ApiError),
}

/// What a service answered.
#[derive(Clone, PartialEq)]
pub struct Scored {
    pub status: u16,
    pub answer: ScoringAnswer,
    pub bytes: usize,
    pub milliseconds: f64,
}

/// With what the service is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opens {
    Key(KeyKind),
    Token,
    Typed,
    Nothing,
}

impl Opens {
    const ALL: [(Self, &str, &str); 5] = [
        (Self::Key(KeyKind::Primary), "primary", "Its primary key"),
        (Self::Key(KeyKind::Secondary), "secondary", "Its secondary key"),
        (Self::Token, "token", "A token for it"),
        (Self::Typed, "typed", "A key that I have"),
        (Self::Nothing, "nothing", "No key"),
    ];

    fn usual(access: ServiceAccess) -> Self {
        match access {
            ServiceAccess::Key => Self::Key(KeyKind::Primary),
            ServiceAccess::Token => Self::Token,
            ServiceAccess::Open | ServiceAccess::Unknown => Self::Nothing,
        }
    }

    fn fits(self, access: ServiceAccess) -> bool {
        match self {
            Self::Key(_) => access == ServiceAccess::Key,
            Self::Token => access == ServiceAccess::Token,
            Self::Typed => access != ServiceAccess::Open,
            Self::Nothing => matches!(access, ServiceAccess::Open | ServiceAccess::Unknown),
        }
    }
}

/// A question, what it is sent with, and the answer.
#[component]
pub fn ScoringTab(service: Shown<WebService>, workspace: WorkspaceId) -> impl IntoView {
    let facts = Memo::new(move |_| {
        service.with(|service| Facts {
            id: service.id.clone(),
            access: service.access(),
            scoring: service.scoring_uri.as_deref().and_then(WebAddress::parse),
            description: service.swagger_uri.as_deref().and_then(WebAddress::parse),
        })
    });
    let is_well =
        Memo::new(move |_| service.with(|service| service.state == azimuth_api::ServiceState::Healthy));
    move || {
        let Facts { id, access, scoring, description } = facts.get();
        match scoring {
            Some(address) => view! {
                <Show when=move || !is_well.get()>
                    <Hint warning=true><p>"The service does not run well, so it may not answer."</p></Hint>
                </Show>
                <Scoring workspace=workspace.clone() service=id access=access address=address description=description/>
            }
            .into_any(),
            None => view! {
                <EmptyState title="No address yet" text="The service gets an address when it is set up. Then it can be asked here."/>
            }
            .into_any(),
        }
    }
}

/// What asking a service needs to know of it.
#[derive(Clone, PartialEq)]
struct Facts {
    id: ServiceId,
    access: ServiceAccess,
    scoring: Option<WebAddress>,
    description: Option<WebAddress>,
}

#[component]
fn Scoring(
    workspace: WorkspaceId,
    service: ServiceId,
    access: ServiceAccess,
    address: WebAddress,
    description: Option<WebAddress>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let is_simulated = client.data_origins() == DataOrigins::Simulated;
    let direct_obstacle = client.scoring_obstacle(&address);
    let relayed = client.relayed(service.as_str());
    // Where the page itself may not go, the relay goes for it; where it may, the person chooses.
    let by_relay = RwSignal::new(direct_obstacle.is_some() && relayed.is_some());
    let obstacle = move || if by_relay.get() { None } else { direct_obstacle };
    let question = kept("question");
    let as_table = RwSignal::new(false);
    let parsed = Memo::new(move |_| {
        question.with(|text| serde_json::from_str::<Value>(text).map_err(|error| error.to_string()))
    });
    let has_rows = Memo::new(move |_| {
        parsed.with(|parsed| parsed.as_ref().is_ok_and(|value| data_rows(value).is_some()))
    });
    let beginning = start_question(client, question, description);

    let opens = RwSignal::new(Opens::usual(access));
    // Never kept: it is a secret.
    let typed_key = RwSignal::new(String::new());
    let has_typed = Memo::new(move |_| typed_key.with(|key| !key.is_empty()));
    expect_context::<Navigation>().cannot_keep("key that was typed", has_typed);
    let typed =
        Memo::new(move |_| typed_key.with(|text| ScoringKey::typed(text).map_err(str::to_owned).err()));
    // Read once, for as long as this part of the page is there.
    let read_key = StoredValue::new(None::<(Opens, ScoringKey)>);
    let asking = RwSignal::new(Asking::Idle);
    let is_under_way = Memo::new(move |_| asking.with(|asking| *asking == Asking::UnderWay));
    let why_not = Memo::new(move |_| {
        let of_question =
            question.with(|text| text.trim().is_empty().then(|| "There is no question yet.".to_owned()));
        let of_key = || typed.get().filter(|_| opens.get() == Opens::Typed);
        obstacle()
            .map(|_| "This page may not ask it. Below is how a terminal asks it.".to_owned())
            .or(of_question)
            .or_else(of_key)
    });

    let target = {
        let (address, relayed) = (address.clone(), relayed.clone());
        move || {
            if by_relay.get_untracked() {
                relayed.clone().unwrap_or(address.clone())
            } else {
                address.clone()
            }
        }
    };
    let (place, name) = (workspace.clone(), service.clone());
    let ask = move || {
        if is_under_way.get_untracked() || why_not.with_untracked(Option::is_some) {
            return;
        }
        asking.set(Asking::UnderWay);
        let (place, name, target) = (place.clone(), name.clone(), target());
        let (opens, text) = (opens.get_untracked(), question.get_untracked());
        let typed = typed_key.get_untracked();
        spawn_local(async move {
            let known =
                read_key.try_get_value().flatten().filter(|(kind, _)| *kind == opens).map(|(_, key)| key);
            let key = match (known, opens) {
                (Some(key), _) => Ok(Some(key)),
                (None, Opens::Nothing) => Ok(None),
                (None, Opens::Typed) => Ok(ScoringKey::typed(&typed).ok()),
                (None, Opens::Key(kind)) => client
                    .ask(&ListServiceKeys::of(place, name))
                    .await
                    .map(|keys| Some(ScoringKey::of_keys(&keys, kind))),
                (None, Opens::Token) => client
                    .ask(&GetServiceToken::of(place, name))
                    .await
                    .map(|token| Some(ScoringKey::of_token(&token))),
            };
            let key = match key {
                Ok(key) => key,
                Err(error) => return drop(asking.try_set(Asking::NoKey(error))),
            };
            let began = js_sys::Date::now();
            let next = match client.score(&target, key.as_ref(), Some(text)).await {
                Err(error) => Asking::Silent(error),
                Ok(response) => {
                    let status = response.status().as_u16();
                    // A key that does not open it any more is read anew the next time.
                    let keeps =
                        !matches!(opens, Opens::Typed | Opens::Nothing) && !matches!(status, 401 | 403);
                    read_key.try_set_value(key.filter(|_| keeps).map(|key| (opens, key)));
                    Asking::Answered(Scored {
                        status,
                        answer: ScoringAnswer::of(response.body()),
                        bytes: response.body().len(),
                        milliseconds: js_sys::Date::now() - began,
                    })
                }
            };
            asking.try_set(next);
        });
    };
    let ask = StoredValue::new_local(ask);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        ask.with_value(|ask| ask());
    };
    let fault = Signal::derive(move || {
        let is_empty = question.with(|text| text.trim().is_empty());
        parsed.with(|parsed| parsed.as_ref().err().cloned()).filter(|_| !is_empty).map(|error| {
            format!("This is no JSON ({error}). It is sent as it stands; most services want JSON.")
        })
    });
    let choices = Opens::ALL
        .into_iter()
        .filter(|(opens, ..)| opens.fits(access))
        .map(|(_, value, label)| Choice { value: value.to_owned(), label: label.to_owned() })
        .collect::<Vec<_>>();
    let chosen = Signal::derive(move || {
        let opens = opens.get();
        Opens::ALL.iter().find(|(one, ..)| *one == opens).map_or("", |(_, value, _)| value).to_owned()
    });
    let choose = move |value: String| {
        if let Some((one, ..)) = Opens::ALL.iter().find(|(_, known, _)| *known == value) {
            opens.set(*one);
        }
    };
    let reason = element_id("reason");
    let relay_choice = relayed.clone().filter(|_| direct_obstacle.is_none()).map(|_| {
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=by_relay on:change:target=move |event| by_relay.set(event.target().checked())/>
                "Through the relay"
            </label>
        }
    });
    let relay_words = move || {
        by_relay.get().then(|| {
            view! { <p class="small muted">"The relay asks what its own list (scoring.conf) has under the name of the service, whichever workspace that is of."</p> }
        })
    };
    let outcome = move || match asking.get() {
        Asking::Idle | Asking::UnderWay => ().into_any(),
        Asking::Answered(scored) => view! { <AnswerSection scored=scored/> }.into_any(),
        Asking::NoKey(error) => {
            view! { <ApiErrorPanel error=error what="read what opens the service" inline=true/> }.into_any()
        }
        Asking::Silent(error) => {
            let words = silence_in_words(&error, relayed.is_some());
            view! {
                <ApiErrorPanel error=error what="ask the service" inline=true/>
                {words.map(|words| view! { <Hint><p>{words}</p></Hint> })}
            }
            .into_any()
        }
    };
    let has_key = access != ServiceAccess::Open;
    let of_snippets = (address.clone(), service.clone(), workspace);

    view! {
        <div class="columns even scoring">
            <form class="stack" novalidate=true on:submit=submit>
                <div class="section-title">
                    <h2>"Question"</h2>
                    <div class="cluster tight" role="group" aria-label="How to write it">
                        <button type="button" class="button quiet small" aria-pressed=move || if as_table.get() { "false" } else { "true" } on:click=move |_| as_table.set(false)>"JSON"</button>
                        <button
                            type="button"
                            class="button quiet small"
                            aria-pressed=move || if as_table.get() { "true" } else { "false" }
                            aria-disabled=move || (!has_rows.get()).then_some("true")
                            title=move || (!has_rows.get()).then_some("The question holds no list of rows.")
                            on:click=move |_| if has_rows.get_untracked() { as_table.set(true) }
                        >"Table"</button>
                    </div>
                </div>
                {move || obstacle().map(|obstacle| {
                    let (title, advice) = obstacle_in_words(obstacle);
                    view! { <Hint warning=true><p class="strong">{title}</p><p>{advice}</p></Hint> }
                })}
                {is_simulated.then(|| view! {
                    <Hint><p>"In the demo the simulator answers. A real service rarely answers a page: most have plain http addresses, and share with no other origin (CORS)."</p></Hint>
                })}
                <Show
                    when=move || as_table.get() && has_rows.get()
                    fallback=move || view! { <TextArea label="Question as JSON" value=question rows=12 code=true error=fault/> }
                >
                    <RowsEditor question=question/>
                </Show>
                <p class="small muted" role="status">{move || beginning.get()}</p>
                {has_key.then(|| view! { <SelectField label="Opened with" value=chosen choices=choices on_change=choose/> })}
                <Show when=move || opens.get() == Opens::Typed>
                    <TextField
                        label="Key of the service"
                        value=typed_key
                        kind=TextKind::Password
                        help="It goes to this service alone, and is forgotten with this page."
                        error=Signal::derive(move || typed.get().filter(|_| !typed_key.with(String::is_empty)))
                    />
                </Show>
                {relay_choice}
                {relay_words}
                <div class="cluster">
                    <button
                        type="submit"
                        class="button primary"
                        aria-disabled=move || (is_under_way.get() || why_not.with(Option::is_some)).then_some("true")
                        aria-describedby=reason.clone()
                    >
                        {move || if is_under_way.get() { "Asking…" } else { "Ask the service" }}
                    </button>
                    <span id=reason class="small muted">{move || why_not.get()}</span>
                </div>
            </form>
            <div class="stack" aria-live="polite" aria-busy=move || is_under_way.get().then_some("true")>
                <h2>"Answer"</h2>
                {outcome}
                <Show when=move || asking.with(|asking| matches!(asking, Asking::Idle | Asking::UnderWay))>
                    <p class="muted">{move || if is_under_way.get() { "Asking the service…" } else { "What it answers stands here." }}</p>
                </Show>
            </div>
        </div>
        <Snippets of=of_snippets access=access question=question/>
    }
}

/// The question to begin with, where nothing was typed before: the service's own example, else an empty list. Gives
/// what is said about it.
fn start_question(
    client: Client,
    question: RwSignal<String>,
    description: Option<WebAddress>,
) -> Signal<String> {
    let said = RwSignal::new(String::new());
    if !question.with_untracked(String::is_empty) {
        return said.into();
    }
    let may_read = description.filter(|address| client.scoring_obstacle(address).is_none());
    let Some(address) = may_read else {
        question.set(EMPTY_QUESTION.to_owned());
        return said.into();
    };
    said.set("Reading what the service says it wants to be asked…".to_owned());
    spawn_local(async move {
        let answer =
            client.score(&address, None, None).await.ok().filter(|answer| answer.status().is_success());
        let sample = answer.and_then(|answer| sample_question(&serde_json::from_slice(answer.body()).ok()?));
        let (text, words) = match sample {
            Some(sample) => {
                (written(&sample, 0), "This is the example of the service’s own description (Swagger).")
            }
            None => (
                EMPTY_QUESTION.to_owned(),
                "The description of the service could not be read, so this is what most services want: rows in a list.",
            ),
        };
        // Somebody may have begun to write.
        if question.try_with_untracked(String::is_empty) == Some(true) {
            question.try_set(text);
            said.try_set(words.to_owned());
        } else {
            said.try_set(String::new());
        }
    });
    said.into()
}

/// The same question from a terminal. The key is never in it.
#[component]
fn Snippets(
    of: (WebAddress, ServiceId, WorkspaceId),
    access: ServiceAccess,
    question: RwSignal<String>,
) -> impl IntoView {
    let (address, service, workspace) = of;
    let key = (access != ServiceAccess::Open).then(|| how_to_get_the_key(&service, &workspace, access));
    let snippet = move |write: fn(&Snippet<'_>) -> String, label: &'static str, title: &'static str| {
        let (address, key) = (address.to_string(), key.clone());
        let text = Signal::derive(move || {
            let text = question.get();
            // In one line where it is JSON.
            let short = serde_json::from_str::<Value>(&text).map_or(text, |value| value.to_string());
            write(&Snippet { address: &address, question: &short, key: key.as_deref() })
        });
        view! {
            <h3>{title}</h3>
            <div class="command"><pre>{text}</pre><CopyButton text=text label=label bare=true/></div>
        }
    };

    view! {
        <section class="section">
            <h2>"From a terminal"</h2>
            <p class="muted">"A terminal needs no leave from the service. The key stands in a variable of its own, so it is not in what is copied."</p>
            {snippet(curl, "Copy the curl command", "curl")}
            {snippet(python, "Copy the Python script", "Python")}
        </section>
    }
}
