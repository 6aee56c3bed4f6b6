//! What the page asked, as curl.

use azimuth_api::NoAnswer;
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::client::Client;
use crate::clock::use_now;
use crate::components::badge::{StatusBadge, StatusKind};
use crate::components::button::CopyButton;
use crate::components::facts::{Fact, Facts};
use crate::components::format::{format_bytes, format_duration, shorten_middle};
use crate::components::header::PageTitle;
use crate::components::icon::{Icon, IconName};
use crate::components::panel::{EmptyState, Hint};
use crate::components::time::RelativeTime;
use crate::listed::{FilteredList, address_filter, matches};
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::request_log::{Entry, LoggedBody, Outcome};
use crate::route::Route;

/// How much of an address is shown in a row.
const ADDRESS_LENGTH: usize = 96;

/// Every request, the newest first. It asks nothing itself, and needs nobody signed in.
#[component]
pub fn RequestsPage() -> impl IntoView {
    use_title("Requests".to_owned());
    let navigation = expect_context::<Navigation>();
    let log = expect_context::<Client>().log();
    let entries = log.entries();
    let (filter, change_filter) = address_filter(navigation);
    // Rows read their entry themselves, so that an answer changes a row and does not replace it.
    let shown = Memo::new(move |_| {
        let filter = filter.get();
        entries.with(|entries| {
            let fitting = entries.iter().rev().filter(|entry| fits(entry, &filter));
            fitting.map(|entry| entry.id).collect::<Vec<_>>()
        })
    });
    let all = Memo::new(move |_| entries.with(Vec::len));

    let diagnostics = navigation.href(Route::Diagnostics);

    view! {
        <div class="page">
            <PageTitle title="Requests">
                <a class="button" href=diagnostics>"Diagnostics"</a>
                <button type="button" class="button" disabled=move || all.get() == 0 on:click=move |_| log.clear()>"Clear"</button>
            </PageTitle>
            <p class="muted">
                "What this page asked, the newest first; the last 500 are kept until it is closed. Secrets are masked as "
                <code>"***"</code>", and "<code>"$TOKEN"</code>" stands for the token. Answers are not kept."
            </p>
            {is_export().then(|| view! {
                <Hint>"An export is open: this was asked of its zip, under the names of the hosts that it came from. Nothing left this computer."</Hint>
            })}
            <Show
                when=move || all.get() != 0
                fallback=|| view! { <NothingAsked/> }
            >
                <FilteredList
                    filter=filter
                    on_filter=change_filter
                    shown=Signal::derive(move || shown.with(Vec::len))
                    all=all
                    noun="requests"
                >
                    <ol class="requests" aria-label="Requests">
                        <For each=move || shown.get() key=|id| *id let:id>
                            <RequestRow id=id entries=entries/>
                        </For>
                    </ol>
                </FilteredList>
            </Show>
        </div>
    }
}

#[component]
fn NothingAsked() -> impl IntoView {
    let home = expect_context::<Navigation>().href(Route::Home);

    view! {
        <EmptyState
            title="Nothing was asked yet"
            text="Every request that this page makes appears here, with the curl command that makes the same one."
        >
            <a class="button" href=home>"Go to the start"</a>
        </EmptyState>
    }
}

#[component]
fn RequestRow(id: u64, entries: Signal<Vec<Entry>>) -> impl IntoView {
    let now = use_now();
    let find = move |entries: &Vec<Entry>| {
        // Ids rise.
        entries.binary_search_by_key(&id, |entry| entry.id).ok().map(|place| entries[place].clone())
    };
    let first = entries.with_untracked(find)?;
    let Entry { method, address, started, .. } = first.clone();
    let curl = Signal::stored(first.curl());
    let news = Memo::new(move |known: Option<&(Option<f64>, Outcome)>| {
        let found = entries.with(|entries| find(entries).map(|entry| (entry.took, entry.outcome)));
        found.or_else(|| known.cloned()).unwrap_or((first.took, first.outcome.clone()))
    });
    let kind = Signal::derive(move || news.with(|(_, outcome)| outcome_in_words(outcome).0));
    let plain = Signal::derive(move || news.with(|(_, outcome)| outcome_in_words(outcome).1));
    let word = Signal::derive(move || news.with(|(_, outcome)| outcome_in_words(outcome).2));
    let took = move || news.with(|(took, _)| took.map(took_in_words));
    let open = RwSignal::new(false);
    let toggled = move |event: leptos::ev::Event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };

    Some(view! {
        <li>
            <details on:toggle=toggled>
                <summary>
                    <Icon name=IconName::Chevron/>
                    <span class="method">{method.to_string()}</span>
                    <bdi class="address" title=address.clone()>{shorten_middle(&address, ADDRESS_LENGTH)}</bdi>
                    <StatusBadge kind=kind plain=plain word=word/>
                    <span class="took">{took}</span>
                    <span class="when"><RelativeTime unix_ms=started now=now/></span>
                </summary>
                <div class="request-details">
                    <Show when=move || open.get()>
                        {move || entries.with_untracked(find).map(|entry| view! { <RequestDetails entry=entry news=news/> })}
                    </Show>
                    <section class="section">
                        <Show when=move || open.get()>
                            <div class="section-title"><h2>"As curl"</h2><CopyButton text=curl label="Copy"/></div>
                        </Show>
                        // There from the start, so that searching in the page finds it and opens the row.
                        <pre>{curl}</pre>
                    </section>
                </div>
            </details>
        </li>
    })
}

#[component]
fn RequestDetails(entry: Entry, news: Memo<(Option<f64>, Outcome)>) -> impl IntoView {
    let headers: Vec<_> = entry
        .headers
        .into_iter()
        .map(|(name, value)| view! { <Fact name=name><code>{value}</code></Fact> })
        .collect();
    let body = match entry.body {
        LoggedBody::Empty => EitherOf3::A(()),
        LoggedBody::Text(text) => EitherOf3::B(view! {
            <section class="section">
                <h2>"Body"</h2>
                <pre>{readable(&text)}</pre>
            </section>
        }),
        LoggedBody::Form(parts) => {
            let parts: Vec<_> = parts
                .into_iter()
                .map(|(name, file, size)| view! { <Fact name=name><bdi>{file}</bdi>", "{format_bytes(size)}</Fact> })
                .collect();
            EitherOf3::C(view! {
                <section class="section">
                    <h2>"Files"</h2>
                    <Facts>{parts}</Facts>
                </section>
            })
        }
    };
    let answer = move || news.with(|(_, outcome)| answer_in_words(outcome));

    view! {
        <Facts stacks=true>
            <Fact name="Address"><code>{entry.address}</code></Fact>
            {headers}
            <Fact name="Answer">{answer}</Fact>
        </Facts>
        {body}
    }
}

/// JSON with a line for each field; other texts as they are.
fn readable(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| text.to_owned())
}

/// What came of a request: its kind, in a plain word, and in the word of the protocol.
fn outcome_in_words(outcome: &Outcome) -> (StatusKind, String, String) {
    let kind = match outcome {
        Outcome::Pending => StatusKind::Working,
        Outcome::Answered(200..300, _) => StatusKind::Good,
        Outcome::Answered(429, _) => StatusKind::Waiting,
        Outcome::Answered(..) | Outcome::NoAnswer(_) => StatusKind::Bad,
        Outcome::Stopped => StatusKind::Neutral,
    };
    let (plain, word) = outcome.in_words();
    (kind, plain.to_owned(), word)
}

/// What came of a request, in a sentence.
fn answer_in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Pending => "Not there yet.".to_owned(),
        Outcome::Answered(status, bytes) => format!("Status {status}, {}.", format_bytes(*bytes as f64)),
        Outcome::NoAnswer(NoAnswer::NotShared) => {
            "The host answered, in a way that pages of other origins may not read (CORS).".to_owned()
        }
        Outcome::NoAnswer(NoAnswer::Failed | NoAnswer::NoNetwork | NoAnswer::HostDead | NoAnswer::Lost) => {
            "None came: no network, no such host, or one that does not answer web pages. A browser does not tell which."
                .to_owned()
        }
        Outcome::NoAnswer(NoAnswer::TimedOut(seconds)) => format!("None came within {seconds} seconds."),
        Outcome::NoAnswer(NoAnswer::Offline) => "None: this computer was offline.".to_owned(),
        Outcome::NoAnswer(NoAnswer::Redirected) => {
            "A redirect to another address, which was not followed.".to_owned()
        }
        Outcome::Stopped => "Nobody waits for it any more: its page was left.".to_owned(),
    }
}

/// "120 ms", "2.4 s", "1 m 05 s".
fn took_in_words(milliseconds: f64) -> String {
    let whole = milliseconds.max(0.0).round() as u64;
    match whole {
        0..1_000 => format!("{whole} ms"),
        1_000..60_000 => format!("{}.{} s", whole / 1_000, whole % 1_000 / 100),
        _ => format_duration(milliseconds),
    }
}

fn fits(entry: &Entry, filter: &str) -> bool {
    let (_, plain, word) = outcome_in_words(&entry.outcome);
    matches(filter, [entry.method.as_str(), &entry.address, &plain, &word])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_told_in_words_beside_the_protocols() {
        let words = |outcome: Outcome| {
            let (kind, plain, word) = outcome_in_words(&outcome);
            (kind, format!("{plain} {word}").trim().to_owned())
        };
        assert_eq!(words(Outcome::Pending), (StatusKind::Working, "Under way".to_owned()));
        assert_eq!(words(Outcome::Answered(200, 3)), (StatusKind::Good, "Answered 200".to_owned()));
        assert_eq!(words(Outcome::Answered(404, 3)), (StatusKind::Bad, "Not found 404".to_owned()));
        assert_eq!(words(Outcome::Answered(418, 3)), (StatusKind::Bad, "Refused 418".to_owned()));
        assert_eq!(words(Outcome::Answered(503, 3)), (StatusKind::Bad, "Service failed 503".to_owned()));
        assert_eq!(
            words(Outcome::NoAnswer(NoAnswer::TimedOut(30))),
            (StatusKind::Bad, "No answer after 30 s".to_owned())
        );
        assert_eq!(words(Outcome::Stopped), (StatusKind::Neutral, "Stopped".to_owned()));
    }

    #[test]
    fn the_time_taken_is_told_in_a_fitting_unit() {
        assert_eq!(took_in_words(0.4), "0 ms");
        assert_eq!(took_in_words(999.0), "999 ms");
        assert_eq!(took_in_words(2_460.0), "2.4 s");
        assert_eq!(took_in_words(65_000.0), "1 m 05 s");
    }

    #[test]
    fn a_body_of_json_gets_a_line_for_each_field() {
        assert_eq!(readable(r#"{"top":null}"#), "{\n  \"top\": null\n}");
        assert_eq!(readable("grant_type=a&b=c"), "grant_type=a&b=c");
    }
}
