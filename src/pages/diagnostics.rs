//! Settings, hosts, versions, the clock, the last requests; a report of it all; and any error explained.

mod explainer;
mod hosts;
mod report;
mod sign_in;

use azimuth_api::{Cloud, Origin, versions};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::app_registration::AppRegistration;
use crate::client::Client;
use crate::clock::use_now;
use crate::components::button::CopyButton;
use crate::components::facts::{Fact, Facts};
use crate::components::format::{format_wait, shorten_middle};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::pages::diagnostics::explainer::Explainer;
use crate::pages::diagnostics::hosts::{HostTable, UNVERIFIED, hosts, words};
use crate::pages::diagnostics::report::Report;
use crate::pages::diagnostics::sign_in::SignInInForce;
use crate::route::Route;
use crate::settings::Settings;
use crate::transport::fetch::site_clock;

/// A clock that is further off than this, in milliseconds, makes tokens look older or younger than they are.
const MOST_SKEW_MS: f64 = 60_000.0;
/// How many of the last requests are shown.
const LAST_REQUESTS: usize = 8;

/// What holds on this page now: its settings, where it may ask, what it speaks, and what time it believes it is.
#[component]
pub fn DiagnosticsPage() -> impl IntoView {
    use_title("Diagnostics".to_owned());
    let is_demo = expect_context::<Client>().session().is_demo();
    let is_export = is_export();
    let settings = expect_context::<Settings>();
    let unknown = settings.unknown.join(", ");
    // How far this computer's clock is behind the site's, in milliseconds.
    let skew = RwSignal::new(None::<f64>);
    spawn_local(async move {
        skew.try_set(site_clock().await);
    });

    view! {
        <div class="page">
            <PageTitle title="Diagnostics"><ReportButton skew=skew/></PageTitle>
            {(!unknown.is_empty()).then(|| view! {
                <Hint warning=true>
                    <p>"config.json has fields that mean nothing here, perhaps by a slip of the pen: "<code>{unknown}</code>"."</p>
                </Hint>
            })}
            {move || skew.get().filter(|skew| skew.abs() > MOST_SKEW_MS).map(|skew| view! {
                <Hint warning=true>
                    <p>{format!("This computer’s clock is {}. Tokens may be taken for expired, or for not valid yet. Set the clock, then sign in again.", skew_in_words(skew))}</p>
                </Hint>
            })}
            {is_demo.then(|| view! {
                <Hint><p>"This is the demo: it asks the simulator inside this page, under the names of Azure’s public cloud, whatever the settings say."</p></Hint>
            })}
            {is_export.then(|| view! {
                <Hint><p>"An export is open: no host is asked, and nobody is signed in. What is shown comes out of its zip."</p></Hint>
            })}
            <Explainer/>
            {(!is_export).then(|| view! { <HostTable/> })}
            <div class="columns even">
                <SettingsInForce settings=settings/>
                {(!is_export).then(|| view! { <SignInInForce/> })}
                <ThisPage skew=skew/>
                {(!is_export).then(|| view! {
                    <Versions/>
                    <LastRequests/>
                })}
            </div>
            <Policy/>
        </div>
    }
}

/// Copies all that is on this page as text.
#[component]
fn ReportButton(skew: RwSignal<Option<f64>>) -> impl IntoView {
    let client = expect_context::<Client>();
    let settings = expect_context::<Settings>();
    let registration = AppRegistration::in_context();
    let entries = client.log().entries();
    let reaches = client.reaches();
    let (is_demo, is_export) = (client.session().is_demo(), is_export());
    let text = Signal::derive(move || {
        let reach = |origin: &Origin| reaches.with_untracked(|reaches| reaches.get(origin).copied());
        // An export names hosts that nobody asks.
        let hosts = if is_export { Vec::new() } else { hosts(client) };
        let hosts = hosts.into_iter().map(|host| {
            let (_, word, why) = words(reach(&host.origin), is_demo);
            (host.origin.to_string(), format!("{word}. {why}"))
        });
        let cloud = client.cloud();
        let unverified = cloud
            .unverified_hosts()
            .iter()
            .map(|host| ((*host).to_owned(), format!("{}. {}", UNVERIFIED.0, UNVERIFIED.1)));
        entries.with_untracked(|requests| {
            let report = Report {
                version: version(),
                site: window().location().origin().unwrap_or_default(),
                browser: window().navigator().user_agent().unwrap_or_default(),
                clock: clock_in_words(js_sys::Date::now()),
                skew: skew.get_untracked().map_or("not known".to_owned(), skew_in_words),
                settings: &settings,
                registration: &registration,
                cloud: cloud_in_words(&cloud),
                hosts: hosts.chain(unverified).collect(),
                requests,
            };
            report.text()
        })
    });
    view! { <CopyButton text=text label="Copy a report"/> }
}

#[component]
fn SettingsInForce(settings: Settings) -> impl IntoView {
    view! {
        <section class="section">
            <h2>"Settings"</h2>
            <Facts>
                <Fact name="Cloud">{cloud_in_words(&settings.cloud)}</Fact>
                <Fact name="Relay"><Origins origins=settings.relay.into_iter().collect()/></Fact>
                <Fact name="Data origins"><Origins origins=settings.data_origins/></Fact>
                <Fact name="Demo">{if settings.demo { "Offered" } else { "Not offered" }}</Fact>
                <Fact name="Changes">{if settings.read_only { "Switched off (readOnly)" } else { "Allowed" }}</Fact>
            </Facts>
        </section>
    }
}

#[component]
fn Origins(origins: Vec<Origin>) -> impl IntoView {
    if origins.is_empty() {
        return view! { <span class="muted">"None"</span> }.into_any();
    }
    let items: Vec<_> =
        origins.into_iter().map(|origin| view! { <li><code>{origin.to_string()}</code></li> }).collect();
    view! { <ul>{items}</ul> }.into_any()
}

#[component]
fn ThisPage(skew: RwSignal<Option<f64>>) -> impl IntoView {
    let audience = (!is_export()).then(|| expect_context::<Client>().cloud().audience());
    let against_site = move || skew.get().map_or("not known".to_owned(), skew_in_words);
    let now = use_now();
    let clock = Memo::new(move |_| clock_in_words(now.get()));
    let offset = offset_in_words(js_sys::Date::new_0().get_timezone_offset());

    view! {
        <section class="section">
            <h2>"This page"</h2>
            <Facts>
                <Fact name="Version"><code>{version()}</code></Fact>
                <Fact name="Clock"><span class="number">{clock}</span></Fact>
                <Fact name="Against the site’s clock">{against_site}</Fact>
                <Fact name="Local time">{offset}</Fact>
                {audience.map(|audience| view! { <Fact name="Token is for"><code>{audience}</code></Fact> })}
                <Fact name="Address"><code>{window().location().origin().unwrap_or_default()}</code></Fact>
            </Facts>
        </section>
    }
}

#[component]
fn Versions() -> impl IntoView {
    let versions: Vec<_> = versions::ALL
        .into_iter()
        .map(|(service, version)| view! { <Fact name=service><code>{version}</code></Fact> })
        .collect();

    view! {
        <section class="section">
            <h2>"Versions spoken"</h2>
            <Facts>{versions}</Facts>
        </section>
    }
}

/// What was asked last, newest first.
#[component]
fn LastRequests() -> impl IntoView {
    let entries = expect_context::<Client>().log().entries();
    let all = expect_context::<Navigation>().href(Route::Requests);
    let rows = move || {
        entries.with(|entries| {
            let last = entries.iter().rev().take(LAST_REQUESTS).map(|entry| {
                let (plain, word) = entry.outcome.in_words();
                let address = entry.address.clone();
                view! {
                    <li title=address>
                        <code>{entry.method.to_string()}" "{shorten_middle(&entry.address, 60)}</code>
                        " "<span class="muted">{plain}" "{word}</span>
                    </li>
                }
            });
            last.collect::<Vec<_>>()
        })
    };

    view! {
        <section class="section">
            <h2>"Last requests"</h2>
            <ul class="stack tight">{rows}</ul>
            <p><a href=all>"All requests, as curl"</a></p>
        </section>
    }
}

/// The version of the code, and of the site as it was built: the name of its module has the fingerprint of it.
fn version() -> String {
    let script = document().query_selector("script[data-wasm]").ok().flatten();
    let module = script.and_then(|script| script.get_attribute("data-wasm")).unwrap_or_default();
    let fingerprint =
        module.trim_end_matches(".wasm").trim_end_matches("_bg").rsplit('-').next().unwrap_or_default();
    format!("{} {fingerprint}", env!("CARGO_PKG_VERSION")).trim().to_owned()
}

/// How far this computer's clock is from the site's, which is ahead by so many milliseconds.
fn skew_in_words(ahead: f64) -> String {
    let seconds = (ahead.abs() / 1_000.0).round() as u32;
    let direction = if ahead > 0.0 { "slow" } else { "fast" };
    match seconds {
        // The site's clock is told in whole seconds, and the way to it takes some time.
        0..=2 => "right".to_owned(),
        3..60 => format!("{} {direction}", format_wait(seconds)),
        60..90 => format!("about 1 minute {direction}"),
        _ => format!("about {} minutes {direction}", (seconds + 30) / 60),
    }
}

/// The policy that `boot.js` made of the settings; the browser refuses every other host.
#[component]
fn Policy() -> impl IntoView {
    let policy = page_policy().unwrap_or_else(|| "None: this page was started in another way.".to_owned());

    view! {
        <section class="section">
            <h2>"Content policy"</h2>
            <p class="muted">"What the browser lets this page connect to, made of the settings when it started. It holds beside the policy of index.html."</p>
            <pre>{policy_lines(&policy)}</pre>
        </section>
    }
}

fn page_policy() -> Option<String> {
    let settings =
        js_sys::Reflect::get(&js_sys::global(), &"azimuthSettings".into()).unwrap_or(JsValue::UNDEFINED);
    js_sys::Reflect::get(&settings, &"policy".into()).ok()?.as_string()
}

/// A line for each host.
fn policy_lines(policy: &str) -> String {
    policy.replace(" http", "\n  http")
}

/// `config.json`'s name for a cloud, and what it is.
fn cloud_in_words(cloud: &Cloud) -> &'static str {
    match cloud {
        Cloud::Public => "public: Azure",
        Cloud::UsGov => "usgov: Azure Government",
        Cloud::China => "china: Azure operated by 21Vianet",
        Cloud::Local(_) => "Origins on this machine that stand in for Azure",
    }
}

fn clock_in_words(unix_ms: f64) -> String {
    let text = String::from(js_sys::Date::new(&unix_ms.into()).to_iso_string());
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{} UTC", seconds.replacen('T', " ", 1))
}

/// "UTC +5:30" from what a browser gives: the minutes that UTC is ahead.
fn offset_in_words(minutes_behind: f64) -> String {
    let minutes = -minutes_behind as i64;
    if minutes == 0 {
        return "UTC".to_owned();
    }
    let sign = if minutes < 0 { '−' } else { '+' };
    format!("UTC {sign}{}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_told_as_people_write_it() {
        assert_eq!(offset_in_words(0.0), "UTC");
        assert_eq!(offset_in_words(-330.0), "UTC +5:30");
        assert_eq!(offset_in_words(480.0), "UTC −8:00");
    }

    #[test]
    fn a_clock_is_slow_fast_or_right() {
        assert_eq!(skew_in_words(1_400.0), "right");
        assert_eq!(skew_in_words(600_000.0), "about 10 minutes slow");
        assert_eq!(skew_in_words(599_400.0), "about 10 minutes slow");
        assert_eq!(skew_in_words(-61_000.0), "about 1 minute fast");
    }

    #[test]
    fn a_policy_has_a_line_for_each_host() {
        assert_eq!(
            policy_lines("connect-src 'self' https://a http://127.0.0.1:1"),
            "connect-src 'self'\n  https://a\n  http://127.0.0.1:1"
        );
    }
}
