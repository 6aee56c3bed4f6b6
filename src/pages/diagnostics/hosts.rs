//! Which hosts this page asks, and how it gets to each.

use azimuth_api::{Cloud, Origin};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::components::badge::{StatusBadge, StatusKind, status_badge};
use crate::transport::{Reach, RelayFault};

/// A host and what it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// What it is for.
    pub role: &'static str,
    /// Where it is.
    pub origin: Origin,
}

/// Every host that this page asks, as far as it knows them: those of a region are known once a workspace named them.
pub fn hosts(client: Client) -> Vec<Host> {
    let cloud = client.cloud();
    let mut hosts = vec![
        Host { role: "Sign-in", origin: cloud.login() },
        Host { role: "Resource Manager", origin: cloud.management() },
    ];
    let services = match &cloud {
        Cloud::Local(local) => local.services.clone(),
        _ => {
            // Those that were asked for the addresses of the others too.
            let reaches = client.reaches().get_untracked();
            let mut hosts = client.regional_hosts();
            hosts.extend(reaches.into_keys().filter(|origin| cloud.is_regional(origin)));
            hosts.sort();
            hosts.dedup();
            hosts
        }
    };
    hosts.extend(services.into_iter().map(|origin| Host { role: "Service of a region", origin }));
    hosts
}

/// What is said of a host whose name could not be verified.
pub const UNVERIFIED: (&str, &str) = (
    "Not verified",
    "Whether there is such a host could not be verified: its name follows those of the others.",
);

/// The hosts, each with how this page gets there. They are asked when this is shown; no token goes along.
#[component]
pub fn HostTable() -> impl IntoView {
    let client = expect_context::<Client>();
    let is_demo = client.session().is_demo();
    let hosts = StoredValue::new(hosts(client));
    let reaches = client.reaches();
    let examining = RwSignal::new(false);
    let examine = move || {
        // The simulator is in this page; there is nothing to get to.
        if is_demo || examining.get_untracked() {
            return;
        }
        examining.set(true);
        spawn_local(async move {
            for host in hosts.try_get_value().unwrap_or_default() {
                // Nobody looks any more.
                if examining.try_get_untracked().is_none() {
                    return;
                }
                client.examine(host.origin).await;
            }
            examining.try_set(false);
        });
    };
    examine();
    let knows_regions = client.cloud() != Cloud::Public || hosts.with_value(|hosts| hosts.len() > 2);

    let row = move |host: Host| {
        let origin = host.origin.clone();
        let reach = Memo::new(move |_| reaches.with(|reaches| reaches.get(&origin).copied()));
        let words = move || words(reach.get(), is_demo);
        view! {
            <tr>
                <th scope="row" class="lead">{host.role}</th>
                <td><code>{host.origin.to_string()}</code></td>
                <td>
                    <StatusBadge
                        kind=Signal::derive(move || words().0)
                        plain=Signal::derive(move || words().1.to_owned())
                        word=Signal::derive(String::new)
                    />
                </td>
                <td class="muted">{move || words().2}</td>
            </tr>
        }
    };

    let cloud = client.cloud();
    let unverified = cloud.unverified_hosts().iter().map(|host| {
        view! {
            <tr>
                <th scope="row" class="lead">"Service of a region"</th>
                <td><code>{*host}</code></td>
                <td>{status_badge(StatusKind::Waiting, UNVERIFIED.0, "")}</td>
                <td class="muted">{UNVERIFIED.1}</td>
            </tr>
        }
    });
    let unverified: Vec<_> = unverified.collect();

    view! {
        <section class="section">
            <div class="section-title">
                <h2>"Hosts"</h2>
                {(!is_demo).then(|| view! {
                    <button type="button" class="button small" aria-disabled=move || examining.get().then_some("true") on:click=move |_| {
                        if !examining.get_untracked() {
                            examine();
                        }
                    }>
                        {move || if examining.get() { "Checking…" } else { "Check again" }}
                    </button>
                })}
            </div>
            <div class="table-frame" role="region" aria-label="Hosts" tabindex="0">
                <table class="table stacks">
                    <caption class="visually-hidden">"Hosts"</caption>
                    <thead><tr><th scope="col">"For"</th><th scope="col">"Host"</th><th scope="col">"From this page"</th><th scope="col">"Why"</th></tr></thead>
                    <tbody>{hosts.get_value().into_iter().map(row).collect::<Vec<_>>()}{unverified}</tbody>
                </table>
            </div>
            {(!knows_regions).then(|| view! {
                <p class="muted">"The hosts of a region are known once a workspace was opened, which names them."</p>
            })}
        </section>
    }
}

/// How this page gets to a host: its kind, in a word, and why.
pub fn words(reach: Option<Reach>, is_demo: bool) -> (StatusKind, &'static str, &'static str) {
    match reach {
        _ if is_demo => (StatusKind::Neutral, "Not asked", "The demo asks the simulator in this page."),
        None => (StatusKind::Working, "Checking", ""),
        Some(Reach::Direct) => (StatusKind::Good, "Direct", "It answers pages of this site."),
        Some(Reach::NotShared) => {
            (StatusKind::Bad, "Not reachable", "It answers, but not pages of other sites (CORS).")
        }
        Some(Reach::Relayed) => (
            StatusKind::Good,
            "Through the relay",
            "It does not answer pages of other sites (CORS), and the relay hands on what it is asked.",
        ),
        Some(Reach::NotRelayed(fault)) => (StatusKind::Bad, "Not reachable", relay_in_words(fault)),
        Some(Reach::Dead) => (
            StatusKind::Bad,
            "Not reachable",
            "It does not answer at all: down, misspelt, or kept away by a firewall.",
        ),
        Some(Reach::NoNetwork) => {
            (StatusKind::Bad, "Not reachable", "This page’s own site does not answer either: no network.")
        }
    }
}

/// Why the relay does not help.
fn relay_in_words(fault: RelayFault) -> &'static str {
    match fault {
        RelayFault::UnknownHost => {
            "It does not answer pages of other sites (CORS), and the relay does not know it. Whoever runs the relay adds its region to hosts.conf."
        }
        RelayFault::Refused => {
            "It does not answer pages of other sites (CORS), and the relay refuses to ask it. “Requests” shows what it was asked."
        }
        RelayFault::NoAnswer => {
            "It does not answer pages of other sites (CORS), and the relay gets no answer from it either."
        }
        RelayFault::NotShared => {
            "It does not answer pages of other sites (CORS), nor does the relay answer pages of this one. Whoever runs the relay adds this site to origins.conf."
        }
        RelayFault::NoRelay => {
            "It does not answer pages of other sites (CORS), and what config.json names as the relay is a site that shows a page for everything: no relay, or its route is missing."
        }
        RelayFault::Dead => {
            "It does not answer pages of other sites (CORS), and the relay does not answer at all."
        }
    }
}
