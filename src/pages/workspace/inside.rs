//! What a workspace has, in short: its latest models, its computes, and how much of its quota is used.

use std::time::Duration;

use azimuth_api::{Compute, ListUsages, Model, Usage, Workspace, WorkspaceId};
use leptos::prelude::*;

use crate::components::compute_state::{ComputeStateBadge, nodes_in_words};
use crate::components::usage_bar::UsageBar;
use crate::load::Load;
use crate::navigation::Navigation;
use crate::query::{ListQuery, Loaded, Query, list};
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::{Moment, PartLink};

/// How many of each are shown.
const LATEST: usize = 5;

/// The versions that were registered last.
#[component]
pub fn LatestModels(workspace: WorkspaceId, models: ListQuery<Model>) -> impl IntoView {
    let row = move |model: Model| {
        let (label, part) = (model.id.to_string(), WorkspaceRoute::Model(model.id));
        let created =
            model.created_time.map(|time| view! { <span class="muted small"><Moment time=time/></span> });
        view! { <li class="pair"><PartLink workspace=workspace.clone() part=part label=label/>{created}</li> }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <h2>"Latest models"</h2>
            <Load query=models.query() what="the models" rows=3 let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"No model is registered."</p> }
                >
                    <ul class="links">
                        <For
                            each=move || loaded.with(latest)
                            key=|model| model.id.clone()
                            children=move |model| row.with_value(|row| row(model))
                        />
                    </ul>
                </Show>
            </Load>
        </section>
    }
}

/// Its computes, those that do something first.
#[component]
pub fn ComputesInShort(workspace: WorkspaceId, computes: ListQuery<Compute>) -> impl IntoView {
    /// How many are shown.
    const MOST: usize = 6;
    let place = StoredValue::new(workspace);
    let query = computes.query();
    let row = move |first: Compute| {
        let (name, label) = (first.name.clone(), first.name.to_string());
        let part = WorkspaceRoute::Compute(first.name.clone());
        let compute = Memo::new(move |known: Option<&Compute>| {
            let found = query.with(|loaded| loaded?.items().find(|compute| compute.name == name).cloned());
            found.or_else(|| known.cloned()).unwrap_or_else(|| first.clone())
        });
        let nodes = move || compute.with(|compute| nodes_in_words(&compute.properties.properties));
        view! {
            <li>
                <span class="pair">
                    <PartLink workspace=place.get_value() part=part label=label/>
                    <ComputeStateBadge compute=compute/>
                </span>
                <span class="muted small">{nodes}</span>
            </li>
        }
    };
    let row = StoredValue::new(row);
    let all =
        expect_context::<Navigation>().href(Route::Workspace(place.get_value(), WorkspaceRoute::Computes));

    view! {
        <section class="section">
            <h2>"Computes"</h2>
            <Load query=query what="the computes" rows=3 let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"No compute yet."</p> }
                >
                    <ul class="links">
                        <For
                            each=move || loaded.with(|loaded| busiest(loaded, MOST))
                            key=|compute| compute.name.clone()
                            children=move |compute| row.with_value(|row| row(compute))
                        />
                    </ul>
                </Show>
                {
                    let all = all.clone();
                    move || loaded.with(|loaded| loaded.len() > MOST || loaded.has_more()).then(|| {
                        view! { <p class="small"><a href=all.clone()>"All computes"</a></p> }
                    })
                }
            </Load>
        </section>
    }
}

/// The limits of its region that are used most.
#[component]
pub fn QuotaInShort(workspace: Query<Workspace>, place: WorkspaceId) -> impl IntoView {
    let location = Memo::new(move |_| workspace.with(|found| found.map(|found| found.location.clone())));
    let navigation = expect_context::<Navigation>();
    let route = Route::Workspace(place.clone(), WorkspaceRoute::Computes);
    let all = Location::new(navigation.session(), route).with_parameter("tab", Some("quota")).href();
    let body = move || {
        location.get().filter(|location| !location.is_empty()).map(|location| {
            let subscription = place.subscription.clone();
            let usages = list(move || ListUsages {
                subscription: subscription.clone(),
                location: location.clone(),
                next: None,
            });
            let all = all.clone();
            view! {
                <Load query=usages.query() what="the quota" rows=3 let:loaded>
                    <Show
                        when=move || loaded.with(|loaded| !most_used(loaded).is_empty())
                        fallback=|| view! { <p class="muted">"Nothing of it is used."</p> }
                    >
                        <ul class="links">
                            <For
                                each=move || loaded.with(most_used)
                                key=|usage| (usage.id.clone(), usage.name.value.clone(), usage.current_value, usage.limit())
                                children=|usage| view! { <UsageInShort usage=usage/> }
                            />
                        </ul>
                    </Show>
                    <p class="small"><a href=all.clone()>"All limits"</a></p>
                </Load>
            }
        })
    };

    view! {
        <section class="section">
            <h2>"Quota used"</h2>
            {body}
        </section>
    }
}

#[component]
fn UsageInShort(usage: Usage) -> impl IntoView {
    let name = usage.name.label().to_owned();
    let of = usage.limit().map(|limit| format!(" of {limit}")).unwrap_or_default();
    view! {
        <li>
            <span class="pair"><bdi>{name.clone()}</bdi><span class="muted nowrap">{usage.current_value}{of}</span></span>
            <UsageBar name=name used=usage.current_value limit=usage.limit()/>
        </li>
    }
}

/// Soon while something changes, later while machines have work.
pub fn refresh_after(computes: &Loaded<Compute>) -> Option<Duration> {
    const WHILE_BUSY: Duration = Duration::from_secs(30);
    let is_moving = |compute: &Compute| compute.is_changing() || working(compute) > 0;
    computes.items().any(is_moving).then_some(WHILE_BUSY)
}

fn working(compute: &Compute) -> u32 {
    let nodes = compute.properties.properties.node_state_counts.unwrap_or_default();
    nodes.running_node_count + nodes.preparing_node_count
}

fn busiest(computes: &Loaded<Compute>, most: usize) -> Vec<Compute> {
    let mut all: Vec<Compute> = computes.items().cloned().collect();
    all.sort_by_key(|compute| (std::cmp::Reverse(working(compute)), !compute.is_changing()));
    all.truncate(most);
    all
}

fn latest(models: &Loaded<Model>) -> Vec<Model> {
    let mut all: Vec<Model> = models.items().cloned().collect();
    all.sort_by_key(|model| std::cmp::Reverse(model.created_time));
    all.truncate(LATEST);
    all
}

/// Those of the subscription as a whole that are in use, the largest share first.
fn most_used(usages: &Loaded<Usage>) -> Vec<Usage> {
    /// How many are shown.
    const MOST: usize = 4;
    let share = |usage: &Usage| {
        let limit = usage.limit().filter(|limit| *limit > 0)?;
        Some(usage.current_value as f64 / limit as f64)
    };
    let own = usages.items().filter(|usage| usage.workspace().is_none() && usage.current_value > 0);
    let mut all: Vec<(f64, Usage)> = own.filter_map(|usage| Some((share(usage)?, usage.clone()))).collect();
    all.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    all.into_iter().take(MOST).map(|(_, usage)| usage).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_share_comes_first_and_what_is_not_used_is_left_out() {
        let usage = |id: &str, used: i64, limit: i64| -> Usage {
            serde_json::from_str(&format!(
                r#"{{"id":"/subscriptions/s/usages/{id}","name":{{"value":"{id}"}},"currentValue":{used},"limit":{limit}}}"#
            ))
            .unwrap()
        };
        let all =
            Loaded::whole(vec![usage("a", 1, 100), usage("b", 20, 24), usage("c", 0, 24), usage("d", 5, -1)]);
        let names: Vec<String> = most_used(&all).into_iter().map(|usage| usage.name.value).collect();
        assert_eq!(names, ["b", "a"]);
    }

    #[test]
    fn busy_computes_come_first() {
        let compute = |name: &str, running: u32| -> Compute {
            serde_json::from_str(&format!(
                r#"{{"name":"{name}","properties":{{"computeType":"AmlCompute","properties":{{"nodeStateCounts":{{"runningNodeCount":{running}}}}}}}}}"#
            ))
            .unwrap()
        };
        let all = Loaded::whole(vec![compute("a", 0), compute("b", 3), compute("c", 1)]);
        let names: Vec<String> =
            busiest(&all, 2).into_iter().map(|compute| compute.name.to_string()).collect();
        assert_eq!(names, ["b", "c"]);
    }
}
