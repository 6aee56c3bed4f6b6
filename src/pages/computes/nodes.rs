//! The machines of a cluster: what each does, and how it is reached.

use std::time::Duration;

use azimuth_api::{ComputeName, ComputeNode, ListComputeNodes, RunId, WorkspaceId};
use leptos::prelude::*;

use crate::components::badge::{StatusBadge, StatusKind};
use crate::components::table::TableFrame;
use crate::load::{Freshness, ListFooter, Load};
use crate::query::{Loaded, list_until};
use crate::shown::{LocatedRun, use_experiment_of};

/// How often they are asked for while one of them works.
const WHILE_BUSY: Duration = Duration::from_secs(15);

/// The machines that there are now.
#[component]
pub fn Nodes(workspace: WorkspaceId, compute: ComputeName) -> impl IntoView {
    let asked = ListComputeNodes { workspace: workspace.clone(), compute, next: None };
    let nodes = list_until(move || asked.clone(), is_busy).refresh(refresh_after);
    let query = nodes.query();
    let refreshes = Memo::new(move |_| query.with(|nodes| nodes.and_then(refresh_after).is_some()));
    let row = move |first: ComputeNode| {
        let id = first.node_id.clone();
        let own = id.clone();
        let node = Memo::new(move |known: Option<&ComputeNode>| {
            let found = query.with(|nodes| nodes?.items().find(|node| node.node_id == own).cloned());
            found.or_else(|| known.cloned()).unwrap_or_else(|| first.clone())
        });
        let kind = Signal::derive(move || node.with(|node| plain_state(&node.node_state).0));
        let plain = Signal::derive(move || node.with(|node| plain_state(&node.node_state).1.to_owned()));
        let word = Signal::derive(move || node.with(|node| node.node_state.clone()));
        let run = Memo::new(move |_| node.with(run_of));
        let experiment = use_experiment_of(workspace.clone(), run.into());
        let place = workspace.clone();
        let text = move |read: fn(&ComputeNode) -> Option<String>| {
            move || node.with(|node| read(node).unwrap_or_default())
        };
        view! {
            <tr>
                <th scope="row" class="lead"><bdi class="code">{id}</bdi></th>
                <td class="state"><StatusBadge kind=kind plain=plain word=word/></td>
                <td class="fills">
                    {move || run.get().map(|run| view! { <LocatedRun workspace=place.clone() run=run experiment=experiment/> })}
                </td>
                <td class="meta" data-label="Private">{text(|node| node.private_ip_address.clone())}</td>
                <td class="meta" data-label="Public">{text(|node| node.public_ip_address.clone())}</td>
                <td class="number" data-label="Port">{text(|node| Some(node.port?.to_string()))}</td>
            </tr>
        }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <div class="section-title"><h2>"Nodes"</h2><Freshness query=query pausable=refreshes/></div>
            <Load query=query what="the nodes" rows=2 let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"No machine is on. It gets some when a run waits for them."</p> }
                >
                    <TableFrame caption="Nodes">
                        <table class="table stacks">
                            <thead><tr>
                                <th scope="col">"Node"</th>
                                <th scope="col">"State"</th>
                                <th scope="col">"Run"</th>
                                <th scope="col">"Private address"</th>
                                <th scope="col">"Public address"</th>
                                <th scope="col" class="number">"Port"</th>
                            </tr></thead>
                            <tbody>
                                <For
                                    each=move || loaded.with(|loaded| loaded.items().cloned().collect::<Vec<_>>())
                                    key=|node| node.node_id.clone()
                                    children=move |node| row.with_value(|row| row(node))
                                />
                            </tbody>
                        </table>
                    </TableFrame>
                </Show>
                <ListFooter list=nodes noun="nodes"/>
            </Load>
        </section>
    }
}

fn run_of(node: &ComputeNode) -> Option<RunId> {
    node.run_id.clone().filter(|run| !run.as_str().is_empty())
}

fn is_busy(node: &ComputeNode) -> bool {
    !matches!(node.node_state.as_str(), "idle" | "unusable")
}

fn refresh_after(nodes: &Loaded<ComputeNode>) -> Option<Duration> {
    nodes.items().any(is_busy).then_some(WHILE_BUSY)
}

/// What the service's word for what a machine does means.
fn plain_state(word: &str) -> (StatusKind, &str) {
    match word {
        "idle" => (StatusKind::Neutral, "Has nothing to do"),
        "running" => (StatusKind::Working, "Works"),
        "preparing" => (StatusKind::Waiting, "Getting ready"),
        "unusable" => (StatusKind::Bad, "Broken"),
        "leaving" => (StatusKind::Neutral, "Going away"),
        "preempted" => (StatusKind::Bad, "Taken away"),
        "" => (StatusKind::Neutral, "Unknown"),
        other => (StatusKind::Neutral, other),
    }
}
