//! Why a run waits, in a sentence: from its compute, from the runs before it, from the quota.
//!
//! What is not known is left out: a guess that reads like a fact helps nobody.

use std::time::Duration;

use azimuth_api::{
    ApiError, Compute, ComputeName, ComputeState, GetCompute, ListComputeRuns, ListUsages, ListVmSizes, Page,
    Refusal, Run, RunPhase, RunStatus, Usage, VmSizes,
};
use leptos::prelude::*;

use crate::load::ApiErrorPanel;
use crate::navigation::Navigation;
use crate::pages::run::Place;
use crate::query::{Query, Shown, query};
use crate::route::WorkspaceRoute;

/// How often what a run waits for is asked for: less often than the run itself.
const SURROUNDINGS: Duration = Duration::from_secs(15);

/// How often the quota is asked for, which hardly changes.
const QUOTA: Duration = Duration::from_secs(60);

/// What is known of a run's compute.
#[derive(Clone, Debug, PartialEq)]
pub enum KnownCompute {
    /// Nothing, or not yet.
    Unknown,
    /// That it does not exist.
    Missing,
    There(Box<Compute>),
}

/// What a run may wait for, as far as it is known.
pub struct Surroundings<'a> {
    pub compute: &'a KnownCompute,
    /// Runs on that compute that are not over.
    pub others: Option<&'a Page<Run>>,
    pub usages: &'a [Usage],
    pub sizes: Option<&'a VmSizes>,
}

/// Why a run waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub sentence: String,
    /// Whether nothing will happen until somebody does something about it.
    pub needs_help: bool,
}

/// Why a run waits, if that is known.
pub fn why_it_waits(run: &Run, around: &Surroundings<'_>) -> Option<Reason> {
    let target = target_of(run)?;
    if run.status.phase() != RunPhase::Waiting {
        return None;
    }
    let helpless = |sentence: String| Some(Reason { sentence, needs_help: true });
    let compute = match around.compute {
        KnownCompute::Unknown => return None,
        KnownCompute::Missing => {
            return helpless(format!("This will not start: {target} does not exist."));
        }
        KnownCompute::There(compute) => compute,
    };
    match compute.state() {
        ComputeState::NotForRuns => {
            return helpless(format!(
                "This will not start: {target} is of a kind that runs cannot be handed in to."
            ));
        }
        ComputeState::Failed => {
            let why = compute.faults().into_iter().next();
            let why = why.map_or_else(|| ".".to_owned(), |why| format!(": {}", sentence(&why)));
            return helpless(format!("This will not start: {target} could not be made{why}"));
        }
        ComputeState::NotNow(word) => {
            return match word.as_str() {
                "Stopped" => helpless(format!("{target} is stopped. Somebody has to start it.")),
                "Stopping" => helpless(format!("{target} is being stopped.")),
                "Deleting" => helpless(format!("This will not start: {target} is being deleted.")),
                "Creating" | "SettingUp" => soon(format!("{target} is still being made.")),
                "Starting" | "Restarting" => soon(format!("{target} is starting.")),
                word => soon(format!("{target} is not ready: the service calls it {word}.")),
            };
        }
        ComputeState::Usable => {}
    }
    // What is being prepared has no need of a node yet.
    if run.status == RunStatus::Preparing {
        return None;
    }
    let before = runs_before(run, around.others);
    if compute.properties.compute_type == "ComputeInstance" {
        let is_busy = around.others.is_some_and(|others| {
            others
                .value
                .iter()
                .any(|other| other.run_id != run.run_id && other.status.phase() == RunPhase::Working)
        });
        return is_busy.then(|| soon(format!("{target} works on another run{before}."))).flatten();
    }
    of_cluster(target, compute, around, &before)
}

fn soon(sentence: String) -> Option<Reason> {
    Some(Reason { sentence, needs_help: false })
}

/// Why a run waits for a cluster that is there.
fn of_cluster(target: &str, compute: &Compute, around: &Surroundings<'_>, before: &str) -> Option<Reason> {
    let cluster = &compute.properties.properties;
    let current = cluster.current_node_count?;
    let most = cluster.scale_settings.as_ref()?.max_node_count;
    let wanted = cluster.target_node_count.unwrap_or(current);
    let nodes = cluster.node_state_counts.unwrap_or_default();
    if most == 0 {
        let sentence = format!("This will not start: {target} may have no nodes at all.");
        return Some(Reason { sentence, needs_help: true });
    }
    let wants_more = wanted > current || (current < most && nodes.idle_node_count == 0);
    if wants_more && let Some(sentence) = quota_in_the_way(compute, around) {
        return Some(Reason { sentence, needs_help: true });
    }
    if wants_more && let Some(fault) = compute.machine_faults().first() {
        let sentence = format!("{target} cannot grow: {}", sentence(fault));
        return Some(Reason { sentence, needs_help: true });
    }
    let busy = nodes.running_node_count + nodes.leaving_node_count + nodes.unusable_node_count;
    if current == 0 {
        return soon(match wanted {
            0 => format!("No node is there yet: {target} has to start one{before}."),
            wanted => format!("No node is there yet: {target} is growing from 0 to {wanted}{before}."),
        });
    }
    if nodes.preparing_node_count > 0 {
        return soon(match nodes.preparing_node_count {
            1 => format!("A node of {target} is getting ready{before}."),
            count => format!("{count} nodes of {target} are getting ready{before}."),
        });
    }
    if wanted > current {
        return soon(format!("{target} is growing from {current} to {wanted} nodes{before}."));
    }
    if busy >= current {
        return soon(match (current, most) {
            (1, 1) => format!("The one node of {target} is busy{before}."),
            (current, most) if current >= most => {
                format!("All {current} nodes of {target} are busy{before}.")
            }
            (current, most) => {
                format!("All {current} nodes of {target} are busy, and it may grow to {most}{before}.")
            }
        });
    }
    None
}

/// "; 2 runs are before this one", as far as that is known.
fn runs_before(run: &Run, others: Option<&Page<Run>>) -> String {
    let Some(others) = others else { return String::new() };
    let is_before = |other: &&Run| {
        other.run_id != run.run_id
            && other.status.phase() == RunPhase::Waiting
            && other.created_utc < run.created_utc
    };
    let count = others.value.iter().filter(is_before).count();
    match (count, others.is_last()) {
        (0, true) => "; this run is next".to_owned(),
        (0, false) => String::new(),
        (1, true) => "; 1 run is before this one".to_owned(),
        (count, true) => format!("; {count} runs are before this one"),
        (count, false) => format!("; at least {count} runs are before this one"),
    }
}

/// The limit that keeps a cluster from growing.
fn quota_in_the_way(compute: &Compute, around: &Surroundings<'_>) -> Option<String> {
    let cluster = &compute.properties.properties;
    let size = around.sizes?.named(cluster.vm_size.as_deref()?)?;
    let is_cheap =
        cluster.vm_priority.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("LowPriority"));
    let usage = around.usages.iter().find(|usage| usage.counts(size, is_cheap) && usage.is_used_up())?;
    let whose = if usage.workspace().is_some() { "workspace" } else { "subscription" };
    let limit = usage.limit()?;
    Some(format!(
        "The {whose}’s quota for {} is used up ({} of {limit} cores).",
        usage.name.label(),
        usage.current_value
    ))
}

/// The service's words with a full stop.
fn sentence(words: &str) -> String {
    let words = words.trim();
    if words.ends_with(['.', '!', '?']) { words.to_owned() } else { format!("{words}.") }
}

/// The compute of a run, where it is one of the workspace.
pub fn target_of(run: &Run) -> Option<&str> {
    run.target.as_deref().filter(|target| !target.is_empty() && *target != "local")
}

/// Whether the compute is what is missing, and not the workspace or what holds it.
fn is_without_compute(refusal: &Refusal) -> bool {
    let code = refusal.exact_code().unwrap_or_default();
    refusal.status == 404 && !matches!(code, "ResourceGroupNotFound" | "SubscriptionNotFound")
}

/// Why a run waits, for as long as it does. Nothing of this is asked for other runs.
#[component]
pub fn WhyItWaits(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let target = Memo::new(move |_| {
        run.with(|run| {
            let waits = run.status.phase() == RunPhase::Waiting;
            target_of(run).filter(|_| waits).map(ComputeName::from)
        })
    });
    move || target.get().map(|target| view! { <Waiting run=run place=place target=target/> })
}

#[component]
fn Waiting(run: Shown<Run>, place: StoredValue<Place>, target: ComputeName) -> impl IntoView {
    let workspace = place.with_value(|place| place.workspace.clone());
    let asked = GetCompute { workspace: workspace.clone(), compute: target.clone() };
    let compute = query(move || asked.clone()).refresh(|_| Some(SURROUNDINGS));
    let asked = ListComputeRuns {
        top: Some(100),
        ..ListComputeRuns::unfinished_on(workspace.clone(), target.clone())
    };
    let others = query(move || asked.clone()).refresh(|_| Some(SURROUNDINGS));
    // Only a cluster that could grow is kept from it by a quota.
    let region = Memo::new(move |_| {
        compute.with(|compute| {
            let compute = compute?;
            let cluster = &compute.properties.properties;
            let most = cluster.scale_settings.as_ref()?.max_node_count;
            let could_grow = cluster.current_node_count.is_some_and(|count| count < most);
            compute.location.clone().filter(|_| could_grow)
        })
    });
    let error = Memo::new(move |_| {
        let error = compute.error().get()?;
        (!error.refusal().is_some_and(is_without_compute)).then_some(error)
    });

    view! {
        {move || {
            let quota = region.get().map(|location| {
                let subscription = workspace.subscription.clone();
                let usages = ListUsages { subscription: subscription.clone(), location: location.clone(), next: None };
                let sizes = ListVmSizes { subscription, location };
                (query(move || usages.clone()).refresh(|_| Some(QUOTA)), query(move || sizes.clone()))
            });
            let target = target.clone();
            view! { <ReasonLine run=run place=place target=target compute=compute others=others quota=quota/> }
        }}
        {move || error.get().map(|error| view! {
            <ApiErrorPanel error=error what="find out why it waits" inline=true on_retry=Callback::new(move |()| compute.ask_again())/>
        })}
    }
}

/// The sentence, with the service's own words and the way to the compute.
#[component]
fn ReasonLine(
    run: Shown<Run>,
    place: StoredValue<Place>,
    target: ComputeName,
    compute: Query<Compute>,
    others: Query<Page<Run>>,
    quota: Option<(Query<Page<Usage>>, Query<VmSizes>)>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let name = target.to_string();
    let href = navigation.href(place.with_value(|place| place.route(WorkspaceRoute::Compute(target))));
    let known = Memo::new(move |_| {
        let missing = compute
            .error()
            .with(|error| error.as_ref().and_then(ApiError::refusal).is_some_and(is_without_compute));
        match compute.get() {
            Some(compute) => KnownCompute::There(Box::new(compute)),
            None if missing => KnownCompute::Missing,
            None => KnownCompute::Unknown,
        }
    });
    let reason = Memo::new(move |_| {
        let usages = quota.and_then(|(usages, _)| usages.get()).map(|page| page.value).unwrap_or_default();
        let sizes = quota.and_then(|(_, sizes)| sizes.get());
        let others = others.get();
        known.with(|known| {
            let around = Surroundings {
                compute: known,
                others: others.as_ref(),
                usages: &usages,
                sizes: sizes.as_ref(),
            };
            run.with(|run| why_it_waits(run, &around))
        })
    });
    let said = Memo::new(move |_| {
        let words = run.with(|run| run.queueing_info.as_ref().map(|info| info.message.clone()));
        words.filter(|words| !words.is_empty())
    });
    let is_there = Memo::new(move |_| known.with(|known| matches!(known, KnownCompute::There(_))));

    view! {
        <div class="run-waits" class:helpless=move || reason.with(|reason| reason.as_ref().is_some_and(|reason| reason.needs_help))>
            {move || reason.get().map(|reason| {
                let href = href.clone();
                let name = name.clone();
                view! {
                    <p>
                        <bdi>{reason.sentence}</bdi>
                        " "
                        {move || is_there.get().then(|| view! { <a href=href.clone()>"Look at "<bdi>{name.clone()}</bdi></a> })}
                    </p>
                }
            })}
            {move || said.get().map(|said| view! {
                <p class="muted">"The service says: "<bdi>{said}</bdi></p>
            })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(status: &str) -> Run {
        serde_json::from_str(&format!(
            r#"{{"runId":"r","status":"{status}","target":"gpu-cluster","createdUtc":"2020-01-21T10:00:00Z"}}"#
        ))
        .unwrap()
    }

    fn compute(kind: &str, made: &str, more: &str) -> KnownCompute {
        let text = format!(
            r#"{{"name":"gpu-cluster","properties":{{"computeType":"{kind}","provisioningState":"{made}"{more}}}}}"#
        );
        KnownCompute::There(Box::new(serde_json::from_str(&text).unwrap()))
    }

    fn cluster(current: u32, wanted: u32, most: u32, counts: &str) -> KnownCompute {
        cluster_with(current, wanted, most, counts, "")
    }

    fn cluster_with(current: u32, wanted: u32, most: u32, counts: &str, more: &str) -> KnownCompute {
        compute(
            "AmlCompute",
            "Succeeded",
            &format!(
                r#","properties":{{"vmSize":"STANDARD_NC6","currentNodeCount":{current},"targetNodeCount":{wanted},
                    "scaleSettings":{{"minNodeCount":0,"maxNodeCount":{most}}},"nodeStateCounts":{{{counts}}}{more}}}"#
            ),
        )
    }

    fn others(all: &[(&str, &str, u32)], more: bool) -> Page<Run> {
        let runs: Vec<String> = all
            .iter()
            .map(|(id, status, hour)| {
                format!(
                    r#"{{"runId":"{id}","status":"{status}","createdUtc":"2020-01-21T{hour:02}:00:00Z"}}"#
                )
            })
            .collect();
        let token = if more { "\"t\"" } else { "null" };
        serde_json::from_str(&format!(r#"{{"value":[{}],"continuationToken":{token}}}"#, runs.join(",")))
            .unwrap()
    }

    fn told(status: &str, compute: &KnownCompute, others: Option<&Page<Run>>) -> Option<(String, bool)> {
        let around = Surroundings { compute, others, usages: &[], sizes: None };
        why_it_waits(&run(status), &around).map(|reason| (reason.sentence, reason.needs_help))
    }

    fn said(compute: &KnownCompute) -> String {
        told("Queued", compute, None).map(|(sentence, _)| sentence).unwrap_or_default()
    }

    #[test]
    fn what_is_missing_or_broken_will_never_start() {
        let missing = told("Queued", &KnownCompute::Missing, None);
        assert_eq!(missing, Some(("This will not start: gpu-cluster does not exist.".to_owned(), true)));
        let failed = compute(
            "AmlCompute",
            "Failed",
            r#","provisioningErrors":[{"error":{"code":"QuotaExceeded","message":"No cores left"}}]"#,
        );
        assert_eq!(said(&failed), "This will not start: gpu-cluster could not be made: No cores left.");
        assert!(said(&compute("AKS", "Succeeded", "")).contains("cannot be handed in"));
        assert!(said(&compute("AmlCompute", "Deleting", "")).contains("being deleted"));
        assert!(said(&cluster(0, 0, 0, "")).contains("no nodes at all"));
    }

    #[test]
    fn an_instance_may_be_stopped_or_busy() {
        let instance = |state: &str| {
            compute("ComputeInstance", "Succeeded", &format!(r#","properties":{{"state":"{state}"}}"#))
        };
        let stopped = told("Queued", &instance("Stopped"), None);
        assert_eq!(stopped, Some(("gpu-cluster is stopped. Somebody has to start it.".to_owned(), true)));
        let page = others(&[("other", "Running", 9), ("r", "Queued", 10)], false);
        assert_eq!(
            told("Queued", &instance("Running"), Some(&page)).map(|(sentence, _)| sentence).as_deref(),
            Some("gpu-cluster works on another run; this run is next.")
        );
        // Nothing runs there: why it waits all the same is not known.
        assert_eq!(told("Queued", &instance("Running"), Some(&others(&[], false))), None);
    }

    #[test]
    fn a_full_cluster_says_who_is_before() {
        let full = cluster(4, 4, 4, r#""runningNodeCount":4"#);
        let line = |page: &Page<Run>| told("Queued", &full, Some(page)).unwrap().0;
        let two = [("a", "Queued", 8), ("b", "Queued", 9), ("later", "Queued", 11), ("now", "Running", 7)];
        assert_eq!(
            line(&others(&two, false)),
            "All 4 nodes of gpu-cluster are busy; 2 runs are before this one."
        );
        assert_eq!(
            line(&others(&two, true)),
            "All 4 nodes of gpu-cluster are busy; at least 2 runs are before this one."
        );
        assert_eq!(
            line(&others(&two[..1], false)),
            "All 4 nodes of gpu-cluster are busy; 1 run is before this one."
        );
        assert_eq!(line(&others(&[], false)), "All 4 nodes of gpu-cluster are busy; this run is next.");
        assert_eq!(said(&full), "All 4 nodes of gpu-cluster are busy.");
    }

    #[test]
    fn a_cluster_grows() {
        assert_eq!(said(&cluster(0, 1, 4, "")), "No node is there yet: gpu-cluster is growing from 0 to 1.");
        assert_eq!(said(&cluster(0, 0, 4, "")), "No node is there yet: gpu-cluster has to start one.");
        let preparing = cluster(2, 2, 4, r#""runningNodeCount":1,"preparingNodeCount":1"#);
        assert_eq!(said(&preparing), "A node of gpu-cluster is getting ready.");
        let growing = cluster(2, 3, 4, r#""runningNodeCount":2"#);
        assert_eq!(said(&growing), "gpu-cluster is growing from 2 to 3 nodes.");
        // It has a free node, so what it waits for is not known.
        assert_eq!(said(&cluster(2, 2, 2, r#""runningNodeCount":1,"idleNodeCount":1"#)), "");
    }

    #[test]
    fn what_keeps_a_cluster_from_growing_comes_first() {
        let faulty = cluster_with(
            1,
            2,
            2,
            r#""runningNodeCount":1"#,
            r#","errors":[{"error":{"message":"The size is not to be had"}}]"#,
        );
        assert_eq!(said(&faulty), "gpu-cluster cannot grow: The size is not to be had.");
        let sizes: VmSizes =
            serde_json::from_str(r#"{"value":[{"name":"Standard_NC6","family":"standardNCFamily"}]}"#)
                .unwrap();
        let usage = |name: &str, used: u32| -> Usage {
            serde_json::from_str(&format!(
                r#"{{"currentValue":{used},"limit":24,"name":{{"value":"{name}","localizedValue":"Standard NC Family"}}}}"#
            ))
            .unwrap()
        };
        let with = |usages: &[Usage], compute: &KnownCompute| {
            let around = Surroundings { compute, others: None, usages, sizes: Some(&sizes) };
            why_it_waits(&run("Queued"), &around).unwrap().sentence
        };
        let growing = cluster(0, 1, 4, "");
        let quota = "The subscription’s quota for Standard NC Family is used up (24 of 24 cores).";
        assert_eq!(with(&[usage("standardNCFamily", 24)], &growing), quota);
        assert_eq!(with(&[usage("Standard NC Family Cluster Dedicated vCPUs", 24)], &growing), quota);
        for other in [usage("standardNCFamily", 23), usage("standardNCv2Family", 24)] {
            assert!(with(&[other], &growing).contains("growing"));
        }
        // A cluster that is as large as it may be wants nothing of the quota.
        let full = cluster(4, 4, 4, r#""runningNodeCount":4"#);
        assert!(with(&[usage("standardNCFamily", 24)], &full).contains("busy"));
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known_or_waits() {
        assert_eq!(told("Queued", &KnownCompute::Unknown, None), None);
        for status in ["Running", "Completed", "Failed", "Finalizing"] {
            assert_eq!(told(status, &KnownCompute::Missing, None), None);
        }
        // An environment is made without a node; only what will never be is said.
        assert_eq!(told("Preparing", &cluster(0, 1, 4, ""), None), None);
        assert!(told("Preparing", &KnownCompute::Missing, None).is_some());
        assert_eq!(
            target_of(&serde_json::from_str(r#"{"runId":"r","status":"Queued","target":"local"}"#).unwrap()),
            None
        );
    }
}
