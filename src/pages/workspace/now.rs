//! What happens in a workspace now: runs that are not over, and those that failed lately.
//!
//! Run history has no list of the runs of all experiments. Those of the experiments that ran last are asked for, one
//! question each, and the page says how far it looked.

use std::collections::HashMap;
use std::time::Duration;

use azimuth_api::{
    ApiError, Experiment, ExperimentName, ListRuns, Page, Run, RunFilter, RunPhase, RunStatus, WorkspaceId,
};
use leptos::prelude::*;

use crate::clock::use_run_clock;
use crate::components::panel::{Loading, Skeleton};
use crate::load::ApiErrorPanel;
use crate::opened::is_export;
use crate::pages::workspace::newest_first;
use crate::query::{ListQuery, query};
use crate::shown::RunTable;

/// In how many experiments it looks.
const EXPERIMENTS: usize = 5;

/// How many runs of each it gets at most, those that are not over and those that failed together.
const RUNS: u32 = 20;

/// How often it looks again while something is not over.
const WHILE_BUSY: Duration = Duration::from_secs(30);

/// How many are shown of those that are not over.
const UNFINISHED: usize = 8;

/// How many failures are shown, and how old they may be.
const FAILURES: usize = 5;
const LATELY_MILLISECONDS: f64 = 7.0 * 24.0 * 3_600_000.0;

/// What was found in each experiment, or why not.
type Found = RwSignal<HashMap<ExperimentName, Result<Vec<Run>, ApiError>>>;

/// Two tables: what is not over, and what failed.
#[component]
pub fn Now(workspace: WorkspaceId, experiments: ListQuery<Experiment>) -> impl IntoView {
    let asked = Memo::new(move |_| {
        experiments.query().with(|loaded| {
            let newest = loaded.map(|loaded| newest_first(loaded.items(), EXPERIMENTS));
            newest.unwrap_or_default().into_iter().map(|experiment| experiment.name).collect::<Vec<_>>()
        })
    });
    let names = Memo::new(move |_| {
        experiments.query().with(|loaded| {
            let items = loaded.iter().flat_map(|loaded| loaded.items());
            items.map(|one| (one.experiment_id.clone(), one.name.clone())).collect::<HashMap<_, _>>()
        })
    });
    let is_listed = Memo::new(move |_| experiments.query().has_value());
    let found: Found = RwSignal::new(HashMap::new());
    let is_known = Memo::new(move |_| {
        is_listed.get()
            && asked.with(|asked| found.with(|found| asked.iter().all(|name| found.contains_key(name))))
    });
    let of = move |fits: fn(&Run) -> bool| {
        found.with(|found| {
            let all = found.values().filter_map(|answer| answer.as_ref().ok()).flatten();
            let mut runs: Vec<Run> = all.filter(|run| fits(run)).cloned().collect();
            runs.sort_by_key(|run| std::cmp::Reverse(run.created_utc));
            runs
        })
    };
    let now = use_run_clock();
    let all_unfinished = Memo::new(move |_| of(|run| !run.status.is_finished() && is_whole(run)));
    let unfinished = Memo::new(move |_| all_unfinished.with(|runs| most_active(runs)));
    let failed = Memo::new(move |_| {
        let runs = of(|run| run.status == RunStatus::Failed && is_whole(run));
        lately(runs, now.get_untracked())
    });
    let others = move || {
        let others = all_unfinished.with(Vec::len).saturating_sub(UNFINISHED);
        (others > 0)
            .then(|| view! { <p class="muted small">{format!("And {others} more that are not over.")}</p> })
    };
    let reach = move || {
        let names: Vec<String> = asked.with(|asked| asked.iter().map(ToString::to_string).collect());
        reach_in_words(&names)
    };
    let has_failed = Memo::new(move |_| found.with(|found| found.values().any(Result::is_err)));
    let place = StoredValue::new(workspace);
    let is_export = is_export();
    let section = move |heading: &'static str, none: &'static str, runs: Memo<Vec<Run>>| {
        view! {
            <section class="section">
                <h2>{heading}</h2>
                <Show
                    when=move || is_known.get()
                    fallback=move || view! {
                        // Why the experiments did not come is said where they are listed.
                        <Show
                            when=move || experiments.query().error().with(Option::is_none)
                            fallback=|| view! { <p class="muted">"Not known without the list of experiments."</p> }
                        >
                            <Loading what="the runs"/>
                            <Skeleton rows=2/>
                        </Show>
                    }
                >
                    <Show when=move || !runs.with(Vec::is_empty) fallback=move || view! {
                        <p class="muted">{move || if has_failed.get() { "Nothing in the experiments that could be asked." } else { none }}</p>
                    }>
                        <RunTable workspace=place.get_value() runs=runs caption=heading known=names short=true/>
                    </Show>
                </Show>
            </section>
        }
    };

    view! {
        {section(if is_export { "Running when it was exported" } else { "Running now" }, "Nothing waits or works.", unfinished)}
        {others}
        {section("Failed lately", if is_export { "Nothing failed in the seven days before that." } else { "Nothing failed in the last seven days." }, failed)}
        <For
            each=move || asked.get()
            key=Clone::clone
            children=move |experiment| view! { <Pulse workspace=place.get_value() experiment=experiment found=found/> }
        />
        {move || (is_known.get() && !asked.with(Vec::is_empty)).then(|| view! { <p class="muted small">{reach}</p> })}
    }
}

/// Looks at one experiment. It shows itself only where that fails.
#[component]
fn Pulse(workspace: WorkspaceId, experiment: ExperimentName, found: Found) -> impl IntoView {
    let statuses = RunStatus::UNFINISHED.iter().cloned().chain([RunStatus::Failed]).collect();
    let asked = ListRuns {
        filter: RunFilter { statuses, ..RunFilter::default() },
        top: Some(RUNS),
        ..ListRuns::of(workspace, experiment.clone())
    };
    let answer = query(move || asked.clone()).refresh(refresh_after);
    let name = experiment.clone();
    Effect::new(move || {
        let error = answer.error().get();
        let runs = answer.with(|page| page.map(|page| page.value.clone()));
        let Some(news) = runs.map(Ok).or(error.map(Err)) else { return };
        found.update(|found| drop(found.insert(name.clone(), news)));
    });
    let what = format!("load the runs of {experiment}");

    move || {
        let error = answer.error().get()?;
        let retry = Callback::new(move |()| answer.ask_again());
        Some(view! { <ApiErrorPanel error=error what=what.clone() inline=true on_retry=retry/> })
    }
}

fn refresh_after(page: &Page<Run>) -> Option<Duration> {
    page.value.iter().any(|run| !run.status.is_finished()).then_some(WHILE_BUSY)
}

/// Whether it is no step or trial of another one, which stands for it.
fn is_whole(run: &Run) -> bool {
    run.parent_run_id.as_ref().is_none_or(|parent| parent.as_str().is_empty())
}

/// Those that work before those that wait, each the newest first, and not too many.
fn most_active(runs: &[Run]) -> Vec<Run> {
    let mut runs = runs.to_vec();
    runs.sort_by_key(|run| run.status.phase() != RunPhase::Working);
    runs.truncate(UNFINISHED);
    runs
}

/// The newest of them that are not too old.
fn lately(runs: Vec<Run>, now: f64) -> Vec<Run> {
    let is_new = |run: &Run| {
        run.created_utc.is_some_and(|time| now - time.unix_milliseconds() as f64 <= LATELY_MILLISECONDS)
    };
    runs.into_iter().filter(is_new).take(FAILURES).collect()
}

/// How far the page looked.
fn reach_in_words(experiments: &[String]) -> String {
    match experiments {
        [] => String::new(),
        [one] => format!("Looked at the newest {RUNS} that are not over or failed, in {one}."),
        all => format!(
            "Looked at the newest {RUNS} that are not over or failed, in each of the {} experiments that ran last: {}.",
            all.len(),
            all.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: &str, status: &str, created: &str) -> Run {
        let text = format!(r#"{{"runId":"{id}","status":"{status}","createdUtc":"{created}"}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_failure_of_last_month_is_not_lately() {
        let now = run("", "Failed", "2026-11-21T00:00:00Z").created_utc.unwrap().unix_milliseconds() as f64;
        let runs = vec![
            run("new", "Failed", "2026-11-20T00:00:00Z"),
            run("old", "Failed", "2026-10-20T00:00:00Z"),
            run("undated", "Failed", ""),
        ];
        let ids: Vec<String> = lately(runs, now).into_iter().map(|run| run.run_id.to_string()).collect();
        assert_eq!(ids, ["new"]);
    }

    #[test]
    fn what_works_stands_before_what_waits() {
        let runs: Vec<Run> = [("a", "Queued"), ("b", "Running")]
            .map(|(id, status)| run(id, status, "2026-11-20T00:00:00Z"))
            .into();
        let ids: Vec<String> = most_active(&runs).into_iter().map(|run| run.run_id.to_string()).collect();
        assert_eq!(ids, ["b", "a"]);
        assert_eq!(most_active(&vec![runs[0].clone(); 20]).len(), UNFINISHED);
    }

    #[test]
    fn it_looks_again_only_while_something_is_not_over() {
        let page = |status: &str| Page {
            value: vec![run("r", status, "2026-11-20T00:00:00Z")],
            next_link: None,
            continuation_token: None,
        };
        assert_eq!(refresh_after(&page("Queued")), Some(WHILE_BUSY));
        assert_eq!(refresh_after(&page("Failed")), None);
    }

    #[test]
    fn the_page_says_how_far_it_looked() {
        assert!(
            reach_in_words(&["a".to_owned(), "b".to_owned()]).contains("2 experiments that ran last: a, b")
        );
        assert_eq!(reach_in_words(&[]), "");
    }
}
