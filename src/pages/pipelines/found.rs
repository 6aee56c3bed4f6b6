//! Runs of pipelines, as far as they were looked for.

use std::time::Duration;

use azimuth_api::{
    ApiError, Experiment, ExperimentName, ListRuns, Page, Run, RunFilter, Timestamp, WorkspaceId,
};
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::panel::EmptyState;
use crate::components::run_duration::RunDuration;
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::sort::{SortColumn, SortKey, Sorting, arranged};
use crate::components::table::{Direction, TableFrame};
use crate::components::time::RelativeTime;
use crate::listed::{FilteredList, address_filter, address_sorting, matches};
use crate::load::ApiErrorPanel;
use crate::navigation::Navigation;
use crate::query::{ListQuery, Loaded};
use crate::route::{PipelinePart, Route, WorkspaceRoute};
use crate::several::{Several, several};
use crate::shown::PartLink;

/// How many experiments are looked through at first, and how many more each time.
const EXPERIMENTS: usize = 20;

/// How many runs of each.
const RUNS: u32 = 50;

/// The kind of a run that leads the steps of a pipeline.
const PIPELINE_RUN: &str = "azureml.PipelineRun";

const REFRESH: Duration = Duration::from_secs(10);

/// A run of a pipeline, and where it is.
#[derive(Clone, Debug, PartialEq)]
struct Found {
    experiment: ExperimentName,
    run: Run,
}

/// The runs of pipelines of the experiments with the newest runs, and the way to those of the others.
#[component]
pub fn FoundRuns(workspace: WorkspaceId, experiments: ListQuery<Experiment>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (filter, change_filter) = address_filter(navigation);
    let sorting = address_sorting(navigation, "-created");
    let depth = RwSignal::new(EXPERIMENTS);
    let query = experiments.query();
    let known = Memo::new(move |_| {
        query.with(|loaded| loaded.map(|loaded| newest_first(loaded.items())).unwrap_or_default())
    });
    let wanted =
        Memo::new(move |_| known.with(|known| known.iter().take(depth.get()).cloned().collect::<Vec<_>>()));
    let place = workspace.clone();
    let asked = several(
        wanted.into(),
        move |experiment: &ExperimentName| ListRuns {
            filter: RunFilter { kind: Some(PIPELINE_RUN), ..RunFilter::default() },
            top: Some(RUNS),
            ..ListRuns::of(place.clone(), experiment.clone())
        },
        |page| page.value.iter().any(|run| !run.status.is_finished()).then_some(REFRESH),
    );
    // Whoever asks for the experiments anew means the runs.
    let updated = query.updated();
    Effect::new(move |before: Option<Option<f64>>| {
        let now = updated.get();
        if before.flatten().is_some_and(|before| Some(before) != now) {
            asked.ask_again();
        }
        now
    });
    let found = Memo::new(move |_| found_in(asked.answers()));
    let shown = Memo::new(move |_| {
        let filter = filter.get();
        found.with(|found| {
            arranged(found.iter().filter(|found| fits(found, &filter)), &sorting.get(), sort_key)
        })
    });
    let has_any = Memo::new(move |_| found.with(|found| !found.is_empty()));
    let reach = Memo::new(move |_| Reach {
        done: wanted.with(|wanted| asked.done(wanted)),
        wanted: wanted.with(Vec::len),
        known: known.with(Vec::len),
        has_more: query.with(|loaded| loaded.is_some_and(Loaded::has_more)),
    });
    // What goes further: first through what is loaded, then to the next page of experiments.
    let further = move |_| {
        let now = reach.get_untracked();
        depth.update(|depth| *depth = now.wanted + EXPERIMENTS);
        if now.wanted + EXPERIMENTS > now.known && now.has_more && !query.is_loading().get_untracked() {
            experiments.more();
        }
    };
    let workspace = StoredValue::new(workspace);

    view! {
        <div class="stack">
            <LookFailed asked=asked/>
            <Show when=move || has_any.get() fallback=move || view! { <NoneFound reach=reach/> }>
                <FilteredList
                    filter=filter
                    on_filter=change_filter
                    shown=Signal::derive(move || shown.with(Vec::len))
                    all=Signal::derive(move || found.with(Vec::len))
                    noun="pipeline runs"
                >
                    <FoundTable found=shown sorting=sorting workspace=workspace.get_value()/>
                </FilteredList>
            </Show>
            <div class="cluster">
                <p class="muted" role="status">{move || reach.with(Reach::in_words)}</p>
                <Show when=move || reach.with(Reach::goes_further)>
                    <button type="button" class="button small" on:click=further>"Look further"</button>
                </Show>
            </div>
            <Older asked=asked workspace=workspace/>
        </div>
    }
}

/// How far it was looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reach {
    /// Experiments that were looked through, or could not be.
    done: usize,
    /// That are to be looked through.
    wanted: usize,
    /// That are known.
    known: usize,
    /// Whether the workspace has others.
    has_more: bool,
}

impl Reach {
    fn is_looking(&self) -> bool {
        self.done < self.wanted
    }

    fn goes_further(&self) -> bool {
        !self.is_looking() && (self.wanted < self.known || self.has_more)
    }

    fn in_words(&self) -> String {
        let Self { done, wanted, known, has_more } = *self;
        if known == 0 {
            return "There are no experiments, and so no runs.".to_owned();
        }
        if self.is_looking() {
            return format!("Looking through experiments: {done} of {wanted}…");
        }
        let whole = match (wanted == known, has_more) {
            (true, false) if known == 1 => return "Looked through the only experiment.".to_owned(),
            (true, false) => return format!("Looked through all {known} experiments."),
            (_, false) => format!("{known}"),
            (_, true) => format!("{known} or more"),
        };
        format!("Looked through {wanted} experiments of {whole}, those with the newest runs first.")
    }
}

/// The experiment with the newest run first: pipelines that run are looked for sooner than those that did.
fn newest_first<'a>(experiments: impl Iterator<Item = &'a Experiment>) -> Vec<ExperimentName> {
    let mut experiments: Vec<&Experiment> = experiments.collect();
    experiments.sort_by_key(|experiment| std::cmp::Reverse(experiment.latest_created_run_created_utc));
    experiments.into_iter().map(|experiment| experiment.name.clone()).collect()
}

fn found_in(pages: Vec<(ExperimentName, Page<Run>)>) -> Vec<Found> {
    let runs = pages.into_iter().flat_map(|(experiment, page)| {
        page.value.into_iter().map(move |run| Found { experiment: experiment.clone(), run })
    });
    // A service that does not know the filter answers with all runs.
    runs.filter(|found| is_pipeline_run(&found.run)).collect()
}

fn is_pipeline_run(run: &Run) -> bool {
    run.run_type.as_deref() == Some(PIPELINE_RUN)
        || run.properties.get("azureml.runsource").is_some_and(|source| source == PIPELINE_RUN)
}

/// The experiments that could not be looked through: the first reason, once.
#[component]
fn LookFailed(asked: Several<ExperimentName, Page<Run>>) -> impl IntoView {
    let failed = Memo::new(move |_| {
        let failures = asked.failures();
        let names: Vec<String> = failures.iter().map(|(name, _)| name.to_string()).collect();
        let first: Option<ApiError> = failures.into_iter().next().map(|(_, error)| error);
        first.map(|error| (names, error))
    });
    move || {
        let (names, error) = failed.get()?;
        let what = match names.as_slice() {
            [only] => format!("look through {only}"),
            [first, others @ ..] => format!("look through {first} and {} other experiments", others.len()),
            [] => return None,
        };
        let again = Callback::new(move |()| asked.ask_failed_again());
        Some(view! { <ApiErrorPanel error=error what=what inline=true on_retry=again/> })
    }
}

/// Where there are older runs than these.
#[component]
fn Older(asked: Several<ExperimentName, Page<Run>>, workspace: StoredValue<WorkspaceId>) -> impl IntoView {
    let names = Memo::new(move |_| {
        let with_more = asked.answers().into_iter().filter(|(_, page)| !page.is_last());
        with_more.map(|(name, _)| name).collect::<Vec<_>>()
    });
    let links = move || {
        let link = |name: ExperimentName| {
            let label = name.to_string();
            view! { <li><PartLink workspace=workspace.get_value() part=WorkspaceRoute::Runs(name) label=label/></li> }
        };
        names.get().into_iter().map(link).collect::<Vec<_>>()
    };
    view! {
        <Show when=move || names.with(|names| !names.is_empty())>
            <div class="stack tight">
                <p class="muted">{format!("Of these experiments only the newest {RUNS} pipeline runs are here; the others are among their runs:")}</p>
                <ul class="links">{links}</ul>
            </div>
        </Show>
    }
}

#[component]
fn NoneFound(reach: Memo<Reach>) -> impl IntoView {
    view! {
        <Show when=move || !reach.with(Reach::is_looking)>
            <EmptyState
                title="No run of a pipeline was found"
                text="A pipeline runs several scripts, one after the other or side by side, and hands on what they make. Pipelines are made with Azure’s SDK; their runs appear here."
            />
        </Show>
    }
}

#[component]
fn FoundTable(found: Memo<Vec<Found>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let row = move |found: Found| {
        let Found { experiment, run } = found;
        let part = WorkspaceRoute::Pipeline(PipelinePart::Experiment, run.run_id.as_str().into());
        let href = navigation.href(Route::Workspace(workspace.clone(), part));
        let label = run.label().unwrap_or(run.run_id.as_str()).to_owned();
        let about = run.description.clone().filter(|text| !text.is_empty());
        let created = run
            .created_utc
            .map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> });
        let name = experiment.to_string();
        view! {
            <tr>
                <th scope="row" class="lead fills">
                    <a href=href><bdi>{label}</bdi></a>
                    {about.map(|about| view! { " "<bdi class="meta">{about}</bdi> })}
                </th>
                <td class="state"><span class="run-status"><RunStatusBadge status=run.status.clone()/></span></td>
                <td class="clips"><PartLink workspace=workspace.clone() part=WorkspaceRoute::Runs(experiment) label=name/></td>
                <td class="meta">{created}</td>
                <td class="number"><RunDuration run=run now=now/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Pipeline runs">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Run"/>
                        <SortColumn sorting=sorting column="status" label="Status"/>
                        <SortColumn sorting=sorting column="experiment" label="Experiment"/>
                        <SortColumn sorting=sorting column="created" label="Created" first=Direction::Descending/>
                        <SortColumn sorting=sorting column="duration" label="Duration" first=Direction::Descending number=true/>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || found.get()
                        key=|found| (found.run.run_id.clone(), found.run.status.word().to_owned(), found.run.end_time_utc.map(Timestamp::unix_milliseconds))
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

fn fits(found: &Found, filter: &str) -> bool {
    let run = &found.run;
    let texts = [
        run.run_id.as_str(),
        run.label().unwrap_or_default(),
        run.description.as_deref().unwrap_or_default(),
        run.status.plain(),
        run.status.word(),
        found.experiment.as_str(),
    ];
    matches(filter, texts)
}

fn sort_key(found: &Found, column: &str) -> SortKey {
    let run = &found.run;
    match column {
        "name" => SortKey::text(run.label().unwrap_or(run.run_id.as_str())),
        "status" => SortKey::text(run.status.plain()),
        "experiment" => SortKey::text(found.experiment.as_str()),
        "created" => SortKey::time(run.created_utc),
        "duration" => {
            let now = Timestamp::from_unix_milliseconds(js_sys::Date::now() as i64);
            SortKey::number(run.duration_milliseconds(now).map(|milliseconds| milliseconds as f64))
        }
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_it_was_looked_is_said_as_it_is() {
        let reach = |done, wanted, known, has_more| Reach { done, wanted, known, has_more };
        for (reach, words, goes_further) in [
            (reach(0, 0, 0, false), "There are no experiments, and so no runs.", false),
            (reach(1, 1, 1, false), "Looked through the only experiment.", false),
            (reach(6, 6, 6, false), "Looked through all 6 experiments.", false),
            (reach(3, 20, 100, true), "Looking through experiments: 3 of 20…", false),
            (
                reach(20, 20, 50, false),
                "Looked through 20 experiments of 50, those with the newest runs first.",
                true,
            ),
            (
                reach(20, 20, 100, true),
                "Looked through 20 experiments of 100 or more, those with the newest runs first.",
                true,
            ),
            (
                reach(100, 100, 100, true),
                "Looked through 100 experiments of 100 or more, those with the newest runs first.",
                true,
            ),
        ] {
            assert_eq!((reach.in_words().as_str(), reach.goes_further()), (words, goes_further));
        }
    }

    #[test]
    fn the_experiment_with_the_newest_run_is_looked_through_first() {
        let experiment = |name: &str, newest: &str| -> Experiment {
            serde_json::from_str(&format!(r#"{{"name":"{name}","latestCreatedRunCreatedUtc":"{newest}"}}"#))
                .unwrap()
        };
        let all = [
            experiment("old", "2020-01-01T00:00:00Z"),
            experiment("none", ""),
            experiment("new", "2021-01-01T00:00:00Z"),
        ];
        assert_eq!(newest_first(all.iter()), ["new", "old", "none"].map(ExperimentName::from));
    }

    #[test]
    fn runs_of_other_kinds_are_left_out_where_the_service_does_not_filter() {
        let page = serde_json::from_str(
            r#"{"value":[{"runId":"a","status":"Completed","runType":"azureml.scriptrun"},
                {"runId":"b","status":"Completed","runType":"azureml.PipelineRun"},
                {"runId":"c","status":"Completed","properties":{"azureml.runsource":"azureml.PipelineRun"}}]}"#,
        )
        .unwrap();
        let found = found_in(vec![("e".into(), page)]);
        assert_eq!(found.iter().map(|found| found.run.run_id.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    }
}
