//! An earlier run as the beginning of the form: what it was told to do, and its files.

use azimuth_api::{ExperimentName, GetRun, GetRunDetails, RunId, StartSnapshotRun, WorkspaceId};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::components::field::{Choice, SelectField};
use crate::components::panel::Hint;
use crate::kept::kept;
use crate::load::ApiErrorPanel;
use crate::navigation::Navigation;
use crate::query::{Query, query_several};
use crate::route::{Route, WorkspaceRoute};
use crate::secrets::without_secrets;

/// The values of the choice of files.
const SNAPSHOT: &str = "snapshot";
const ZIP: &str = "zip";

/// The run that the address names as `from`, if it names one. A handle.
#[derive(Clone, Copy)]
pub struct Earlier {
    source: StoredValue<Option<(ExperimentName, RunId)>>,
    query: Query<Told>,
    /// Which files are handed in: [`SNAPSHOT`] or [`ZIP`].
    files: RwSignal<String>,
    /// What stood in the form before.
    replaced: RwSignal<Option<(String, String)>>,
    experiment: RwSignal<String>,
    definition: RwSignal<String>,
}

/// What is known of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The definition, as a text without its secrets; none where the service has none.
    definition: Option<String>,
    /// Its script.
    script: Option<String>,
    /// Its files, as the service keeps them.
    snapshot: Option<String>,
}

/// The files of the earlier run, as checks look at them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierFiles {
    /// Whose.
    pub run: RunId,
    /// What it ran of them.
    pub script: Option<String>,
    snapshot: String,
}

impl Earlier {
    /// Fills the form once, so that what is changed in it stays over a reload.
    pub fn new(workspace: &WorkspaceId, experiment: RwSignal<String>, definition: RwSignal<String>) -> Self {
        let navigation = expect_context::<Navigation>();
        let from = navigation.parameter("from").get_untracked();
        let source = from
            .split_once('/')
            .map(|(experiment, run)| (ExperimentName::from(experiment), RunId::from(run)));
        let files = kept("files");
        let filled_from = kept("filled from");
        let replaced = RwSignal::new(None);
        let place = source.clone().map(|(experiment, run)| (workspace.clone(), experiment, run));
        let client = expect_context::<crate::client::Client>();
        let query = query_several(
            move || {
                let (workspace, experiment, run) = place.clone()?;
                Some(GetRunDetails { workspace, experiment, run })
            },
            move |question: GetRunDetails, _| async move {
                let GetRunDetails { workspace, experiment, run } = question.clone();
                let run = client.ask(&GetRun { workspace, experiment, run }).await?;
                let details = client.ask(&question).await?;
                Ok(Told::of(details.run_definition.as_ref(), run.snapshot()))
            },
        );
        let name = source.as_ref().map(|(experiment, _)| experiment.to_string()).unwrap_or_default();
        Effect::new(move || {
            let told = query.get();
            let (Some(told), false) = (told, filled_from.with_untracked(|known| *known == from)) else {
                return;
            };
            filled_from.set(from.clone());
            let before = (experiment.get_untracked(), definition.get_untracked());
            let is_worth_keeping = !before.1.is_empty() && told.definition.as_ref() != Some(&before.1);
            replaced.set(is_worth_keeping.then_some(before));
            experiment.set(name.clone());
            if let Some(text) = told.definition {
                definition.set(text);
            }
            files.set(if told.snapshot.is_some() { SNAPSHOT } else { ZIP }.to_owned());
        });
        Self { source: StoredValue::new(source), query, files, replaced, experiment, definition }
    }

    /// Its files, where they are to be handed in again.
    pub fn files(self) -> Option<EarlierFiles> {
        if self.files.with(|files| files != SNAPSHOT) {
            return None;
        }
        let told = self.query.get()?;
        let (_, run) = self.source.get_value()?;
        Some(EarlierFiles { run, script: told.script, snapshot: told.snapshot? })
    }
}

impl EarlierFiles {
    /// Hands in a run of them.
    pub fn run_again(
        self,
        workspace: WorkspaceId,
        experiment: ExperimentName,
        run: RunId,
        definition: Value,
    ) -> StartSnapshotRun {
        StartSnapshotRun { workspace, experiment, run, snapshot: self.snapshot, definition }
    }
}

impl Told {
    fn of(definition: Option<&Value>, snapshot: Option<&str>) -> Self {
        let definition = definition.filter(|definition| definition.is_object());
        let script = definition.and_then(|definition| definition["script"].as_str()).map(str::to_owned);
        // The service gives the inner part of what was handed in.
        let whole = definition.map(|definition| json!({ "configuration": without_secrets(definition) }));
        Self {
            definition: whole.and_then(|whole| serde_json::to_string_pretty(&whole).ok()),
            script: script.filter(|script| !script.is_empty()),
            snapshot: snapshot.map(str::to_owned),
        }
    }
}

/// From which run the form was filled, or why it was not.
#[component]
pub fn EarlierRun(
    workspace: WorkspaceId,
    earlier: Earlier,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (experiment, run) = earlier.source.get_value()?;
    let name = StoredValue::new(run.to_string());
    let href = navigation.href(Route::Workspace(workspace, WorkspaceRoute::Run(experiment, run)));
    let href = StoredValue::new(href);
    let query = earlier.query;
    let has_definition =
        Memo::new(move |_| query.with(|told| told.is_some_and(|told| told.definition.is_some())));
    let put_back = move |_| {
        if let Some((experiment, definition)) = earlier.replaced.get_untracked() {
            earlier.replaced.set(None);
            earlier.experiment.set(experiment);
            earlier.definition.set(definition);
        }
    };
    let link = move || view! { <a href=href.get_value()><bdi>{name.get_value()}</bdi></a> };
    let state = move || {
        match (query.error().get(), query.has_value(), has_definition.get()) {
        (Some(error), false, _) => view! {
            <ApiErrorPanel error=error what="read what the earlier run was told to do" inline=true on_retry=Callback::new(move |()| query.ask_again())/>
        }
        .into_any(),
        (_, false, _) => view! { <p role="status" class="muted">"Reading what "{link()}" was told to do…"</p> }.into_any(),
        (_, true, false) => view! {
            <Hint warning=true><p>"The service does not say what "{link()}" was told to do. Choose a definition."</p></Hint>
        }
        .into_any(),
        (_, true, true) => view! { <p>"Filled from "{link()}". Change what shall be different."</p> }.into_any(),
    }
    };

    Some(view! {
        <section class="stack tight" aria-label="Earlier run">
            {state}
            <Show when=move || earlier.replaced.with(Option::is_some)>
                <p class="cluster">
                    <span>"This took the place of a definition that was not sent yet."</span>
                    <button type="button" class="button small" disabled=disabled on:click=put_back>"Put it back"</button>
                </p>
            </Show>
        </section>
    })
}

/// Which files are handed in, where the service keeps those of the earlier run.
#[component]
pub fn FilesField(earlier: Earlier, #[prop(into)] disabled: Signal<bool>) -> impl IntoView {
    let (_, run) = earlier.source.get_value()?;
    let has_snapshot =
        Memo::new(move |_| earlier.query.with(|told| told.is_some_and(|told| told.snapshot.is_some())));
    let choice = |value: &str, label: String| Choice { value: value.to_owned(), label };
    let choices = Signal::stored(vec![
        choice(SNAPSHOT, format!("The files of {run}, as the service keeps them")),
        choice(ZIP, "A new zip".to_owned()),
    ]);

    Some(view! {
        <Show when=move || has_snapshot.get()>
            <SelectField
                label="Project files"
                value=earlier.files
                choices=choices
                on_change=move |value: String| earlier.files.set(value)
                disabled=disabled
            />
        </Show>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_definition_is_whole_again_and_without_its_secrets() {
        let definition = json!({ "script": "bake.py", "arguments": ["--api-key", "k1"], "target": "gpu" });
        let told = Told::of(Some(&definition), Some("5b"));
        let text = told.definition.unwrap();
        let read = azimuth_api::RunDefinition::parse(&text).unwrap();
        assert_eq!((read.script.as_deref(), read.target.as_deref()), (Some("bake.py"), Some("gpu")));
        assert!(!text.contains("k1"), "{text}");
        assert_eq!(crate::secrets::left_out(&read.document), ["arguments"]);
        assert_eq!((told.script.as_deref(), told.snapshot.as_deref()), (Some("bake.py"), Some("5b")));
        assert_eq!(Told::of(None, None), Told { definition: None, script: None, snapshot: None });
    }
}
