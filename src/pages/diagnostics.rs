//! Settings, hosts, versions.

use azimuth_api::{Cloud, Origin, versions};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::client::Client;
use crate::clock::use_now;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::navigation::{Navigation, use_title};
use crate::settings::Settings;

/// What holds on this page now: its settings, where it may ask, what it speaks, and what time it believes it is.
#[component]
pub fn DiagnosticsPage() -> impl IntoView {
    use_title("Diagnostics".to_owned());
    let is_demo = expect_context::<Navigation>().location().with_untracked(|location| location.demo);
    let settings = expect_context::<Settings>();
    let unknown = settings.unknown.join(", ");

    view! {
        <div class="page">
            <PageTitle title="Diagnostics"/>
            {(!unknown.is_empty()).then(|| view! {
                <Hint warning=true>
                    <p>"config.json has fields that mean nothing here, perhaps by a slip of the pen: "<code>{unknown}</code>"."</p>
                </Hint>
            })}
            {is_demo.then(|| view! {
                <Hint><p>"This is the demo: it asks the simulator inside this page, under the names of Azure’s public cloud, whatever the settings say."</p></Hint>
            })}
            <div class="columns even">
                <SettingsInForce settings=settings/>
                <Hosts/>
                <ThisPage/>
                <Versions/>
            </div>
            <Policy/>
        </div>
    }
}

#[component]
fn SettingsInForce(settings: Settings) -> impl IntoView {
    let sign_in = match settings.sign_in {
        Some(sign_in) => {
            view! { <code>{sign_in.client_id}</code>" in "<code>{sign_in.tenant}</code> }.into_any()
        }
        None => "Off".into_any(),
    };

    view! {
        <section class="section">
            <h2>"Settings"</h2>
            <Facts>
                <Fact name="Cloud">{cloud_in_words(&settings.cloud)}</Fact>
                <Fact name="Sign in with Microsoft">{sign_in}</Fact>
                <Fact name="Relay"><Origins origins=settings.relay.into_iter().collect()/></Fact>
                <Fact name="Data origins"><Origins origins=settings.data_origins/></Fact>
                <Fact name="Demo">{if settings.demo { "Offered" } else { "Not offered" }}</Fact>
                <Fact name="Changes">{if settings.read_only { "Switched off (readOnly)" } else { "Allowed" }}</Fact>
            </Facts>
        </section>
    }
}

#[component]
fn Hosts() -> impl IntoView {
    let cloud = expect_context::<Client>().cloud();
    let (login, management, audience) =
        (cloud.login().to_string(), cloud.management().to_string(), cloud.audience());
    let services = match &cloud {
        Cloud::Local(local) => view! { <Origins origins=local.services.clone()/> }.into_any(),
        _ => "The hosts of each region, as a workspace names them".into_any(),
    };

    view! {
        <section class="section">
            <h2>"Hosts"</h2>
            <Facts>
                <Fact name="Sign-in"><code>{login}</code></Fact>
                <Fact name="Resource Manager"><code>{management}</code></Fact>
                <Fact name="Services">{services}</Fact>
                <Fact name="Token is for"><code>{audience}</code></Fact>
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
fn ThisPage() -> impl IntoView {
    let now = use_now();
    let clock = Memo::new(move |_| clock_in_words(now.get()));
    let offset = offset_in_words(js_sys::Date::new_0().get_timezone_offset());

    view! {
        <section class="section">
            <h2>"This page"</h2>
            <Facts>
                <Fact name="Version">{env!("CARGO_PKG_VERSION")}</Fact>
                <Fact name="Clock"><span class="number">{clock}</span></Fact>
                <Fact name="Local time">{offset}</Fact>
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
    fn a_policy_has_a_line_for_each_host() {
        assert_eq!(
            policy_lines("connect-src 'self' https://a http://127.0.0.1:1"),
            "connect-src 'self'\n  https://a\n  http://127.0.0.1:1"
        );
    }
}
