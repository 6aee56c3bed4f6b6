//! The experiment that the runs belong to: what people write about it, and what can be done with it as a whole.

use azimuth_api::{
    ChangeExperiment, DeleteExperiment, Experiment, ExperimentEdit, ExperimentName, GetExperiment,
    WorkspaceId,
};
use leptos::prelude::*;
use serde_json::Value;

use crate::changes::forms::{ChangeButton, DeleteDialog, OpenButton, RequestFold};
use crate::changes::{Expected, Plan, Target, change};
use crate::clock::use_now;
use crate::components::panel::Hint;
use crate::components::time::RelativeTime;
use crate::load::ApiErrorPanel;
use crate::navigation::Navigation;
use crate::notes::{Noted, NotesEditor};
use crate::query::{Shown, query};
use crate::route::{Route, WorkspaceRoute};

/// What is known of it. Its runs are listed whether or not this can be read.
#[component]
pub fn AboutExperiment(workspace: WorkspaceId, experiment: ExperimentName) -> impl IntoView {
    let question = GetExperiment { workspace: workspace.clone(), experiment: experiment.clone() };
    let found = query(move || question.clone());
    let place = StoredValue::new((workspace, experiment));
    let error = found.error();
    let is_there = Memo::new(move |_| found.has_value());

    // An experiment that is not there is told by the list of its runs.
    let failed = Memo::new(move |_| error.get().filter(|error| !error.is_not_found()));

    move || {
        match is_there.get() {
        true => Some(view! { <About experiment=found.shown() place=place/> }.into_any()),
        false => failed.get().map(|error| {
            view! {
                <ApiErrorPanel error=error what="read about the experiment" inline=true on_retry=Callback::new(move |()| found.ask_again())/>
            }
            .into_any()
        }),
    }
    }
}

type Place = StoredValue<(WorkspaceId, ExperimentName)>;

#[component]
fn About(experiment: Shown<Experiment>, place: Place) -> impl IntoView {
    let now = use_now();
    let description =
        Memo::new(move |_| experiment.with(|about| about.description.clone().unwrap_or_default()));
    let tags = Memo::new(move |_| {
        experiment.with(|about| about.tags.clone().into_iter().collect::<Vec<(String, String)>>())
    });
    let archived = Memo::new(move |_| experiment.with(|about| about.archived_time));
    let noted = untrack(|| {
        let id = experiment.with(|about| about.experiment_id.clone());
        place.with_value(|(workspace, name)| Noted::Experiment(workspace.clone(), name.clone(), id))
    });

    view! {
        <section class="stack tight" aria-label="About the experiment">
            {move || archived.get().map(|time| view! {
                <Hint>
                    <p>"It was archived "<RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/>". Lists leave it out; a new run under its name makes a new experiment."</p>
                </Hint>
            })}
            <NotesEditor noted=noted description=description tags=tags shows=true>
                <Archiving experiment=experiment place=place/>
                <Deletion experiment=experiment place=place/>
            </NotesEditor>
        </section>
    }
}

/// Out of the way and back again, with all its runs.
#[component]
fn Archiving(experiment: Shown<Experiment>, place: Place) -> impl IntoView {
    let is_archived = Memo::new(move |_| experiment.with(|about| about.archived_time.is_some()));
    let was = Memo::new(move |_| is_archived.get());
    let archiving = change(move || {
        let (workspace, name) = place.get_value();
        let archive = !was.get();
        let title =
            if archive { format!("Archive experiment {name}") } else { format!("Restore experiment {name}") };
        let target = Target::Experiment(workspace.clone(), name);
        let at = "/archivedTime".to_owned();
        let expected = match archive {
            true => Expected::Differs(at, Value::Null),
            false => Expected::Values(vec![(at, Value::Null)]),
        };
        let edit = ExperimentEdit { archive: Some(archive), ..ExperimentEdit::default() };
        let experiment_id = experiment.with(|about| about.experiment_id.clone());
        let operation = ChangeExperiment { workspace, experiment_id, change: edit };
        Some(Plan::new(title, &operation, target, expected))
    });
    let label = Signal::derive(move || if is_archived.get() { "Restore" } else { "Archive" }.to_owned());
    let words = move || match is_archived.get() {
        true => "Restored, it is listed again.",
        false => "Archived, it keeps its runs, and lists leave it out. It can be restored.",
    };

    view! {
        <div class="stack tight">
            <p class="muted">{words}</p>
            <ChangeButton change=archiving label=label/>
            <RequestFold change=archiving/>
        </div>
    }
}

/// Only what has no runs can be deleted.
#[component]
fn Deletion(experiment: Shown<Experiment>, place: Place) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let open = RwSignal::new(false);
    let (workspace, name) = place.get_value();
    let has_runs = Memo::new(move |_| experiment.with(|about| about.latest_created_run_id.is_some()));
    let deletion = change(move || {
        let (workspace, name) = place.get_value();
        let list = Route::Workspace(workspace.clone(), WorkspaceRoute::Experiments);
        let title = format!("Delete experiment {name}");
        let target = Target::Experiment(workspace.clone(), name);
        let experiment_id = experiment.with(|about| about.experiment_id.clone());
        let operation = DeleteExperiment { workspace, experiment_id };
        let plan = Plan::new(title, &operation, target, Expected::Gone).long();
        Some(plan.then(move || navigation.go_to(list.clone())))
    });
    let why_not = Signal::derive(move || {
        let words =
            "It has runs. The service deletes an experiment only while it has none; archive it instead.";
        has_runs.get().then(|| words.to_owned())
    });

    view! {
        <div class="stack tight">
            <p class="muted">{move || why_not.get().unwrap_or_else(|| "It has no runs, so it can be deleted.".to_owned())}</p>
            <div><OpenButton open=open label="Delete experiment" why_not=why_not/></div>
        </div>
        <DeleteDialog
            change=deletion
            open=open
            title=format!("Delete experiment {name}")
            workspace=workspace
            name=name.to_string()
            kind="Experiment"
        >
            <p>"Its description and its tags go with it. It cannot be taken back."</p>
        </DeleteDialog>
    }
}
