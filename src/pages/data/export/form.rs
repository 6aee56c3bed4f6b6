//! What somebody wants of a workspace, as a form. All of it stands in the address.

use std::collections::BTreeSet;

use azimuth_api::{ExperimentName, ExperimentView, ListExperiments, ListRuns, RunId, WorkspaceId};
use js_sys::Reflect;
use leptos::prelude::*;

use crate::components::field::{TextField, TextKind};
use crate::components::icon::{Icon, IconName};
use crate::components::panel::Hint;
use crate::export::selection::Kind;
use crate::load::ApiErrorPanel;
use crate::navigation::Navigation;
use crate::pages::data::export::chooser::{ChoiceList, Chooser};
use crate::pages::data::export::wanted::{Faults, Wanted};
use crate::query::{ListQuery, Listed, Loaded, list};
use crate::several::several;

/// In how many experiments people are looked for.
const EXPERIMENTS_WITH_PEOPLE: usize = 8;

/// What a time span does not judge.
const UNDATED: &str = "What does not say when it was made is taken out whatever is chosen.";

/// The fields. `found` are people that a plan came across.
#[component]
pub fn WantedForm(
    workspace: WorkspaceId,
    wanted: Memo<Wanted>,
    faults: Memo<Faults>,
    #[prop(into)] found: Signal<BTreeSet<String>>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let change = Callback::new(move |wanted: Wanted| {
        navigation.replace(&wanted.put_in(&navigation.location().get_untracked()));
    });
    let workspace = StoredValue::new(workspace);
    let experiments = Memo::new(move |_| {
        wanted.with(|wanted| {
            let chosen = wanted.experiments.as_ref()?;
            Some(chosen.iter().map(ToString::to_string).collect::<Vec<_>>())
        })
    });
    let choose_experiments = Callback::new(move |chosen: Option<Vec<String>>| {
        let mut wanted = wanted.get_untracked();
        wanted.choose_experiments(chosen.map(|names| names.into_iter().map(ExperimentName::from).collect()));
        change.run(wanted);
    });
    let people = Memo::new(move |_| wanted.with(|wanted| wanted.people.clone()));
    let choose_people = Callback::new(move |people: Option<Vec<String>>| {
        change.run(Wanted { people, ..wanted.get_untracked() });
    });

    view! {
        <section class="section">
            <Kinds wanted=wanted faults=faults change=change/>
        </section>
        <div class="columns even">
            <FileChoices wanted=wanted change=change/>
            <Days wanted=wanted faults=faults change=change/>
        </div>
        <div class="columns even">
            <div class="stack">
                <Chooser
                    label="Experiments"
                    all_label="All experiments"
                    some_label="Chosen experiments"
                    chosen=experiments
                    on_change=choose_experiments
                    error=Signal::derive(move || faults.with(|faults| faults.experiments.clone()))
                    help="With their runs, and what belongs to those. Other kinds are taken out whichever is chosen."
                    list=move || view! {
                        <ExperimentChoices
                            workspace=workspace.get_value()
                            chosen=Signal::derive(move || experiments.get().unwrap_or_default())
                            on_change=Callback::new(move |chosen| choose_experiments.run(Some(chosen)))
                        />
                    }.into_any()
                />
                <ChosenRuns wanted=wanted change=change/>
            </div>
            <Chooser
                label="People"
                all_label="Everybody"
                some_label="Chosen people"
                chosen=people
                on_change=choose_people
                error=Signal::derive(move || faults.with(|faults| faults.people.clone()))
                help="What does not say who made it is taken out whoever is chosen."
                list=move || view! {
                    <PeopleChoices
                        workspace=workspace.get_value()
                        found=found
                        chosen=Signal::derive(move || people.get().unwrap_or_default())
                        on_change=Callback::new(move |chosen| choose_people.run(Some(chosen)))
                    />
                }.into_any()
            />
        </div>
    }
}

/// What each kind is.
pub fn words(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Workspace => {
            ("Workspace", "Its properties and tags, and which storage, vault and registry it uses.")
        }
        Kind::Computes => ("Computes", "What runs run on: type, size, scale, state."),
        Kind::Experiments => ("Experiments", "Names, descriptions and tags; the archived ones too."),
        Kind::Runs => {
            ("Runs", "States, definitions, tags, who handed them in and when; all in one table too.")
        }
        Kind::Metrics => ("Metrics", "Every value that runs logged; all in one table too."),
        Kind::Files => {
            ("Files of runs", "The list of each run’s files; below, what comes along of their contents.")
        }
        Kind::Notifications => ("Notifications", "What the service noted of its tasks."),
        Kind::Datastores => ("Datastores", "Where data is. Never the keys to it, never the data."),
        Kind::Models => ("Models", "Names, versions, tags and origin of registered models."),
        Kind::Assets => ("Assets", "What models and images are made of."),
        Kind::Images => ("Images", "How images were made; not the images themselves."),
        Kind::Services => ("Services", "Web services with their settings. Never their keys."),
        Kind::Pipelines => {
            ("Pipelines", "Pipeline runs with steps, graphs, modules, templates, data sources.")
        }
    }
}

#[component]
fn Kinds(wanted: Memo<Wanted>, faults: Memo<Faults>, change: Callback<Wanted>) -> impl IntoView {
    let row = move |kind: Kind| {
        let (label, means) = words(kind);
        let is_on = Memo::new(move |_| wanted.with(|wanted| wanted.kinds.contains(&kind)));
        let turn = move |is_on: bool| {
            let mut wanted = wanted.get_untracked();
            wanted.turn(kind, is_on);
            change.run(wanted);
        };
        view! {
            <li>
                <label class="export-kind">
                    <input type="checkbox" prop:checked=is_on on:change:target=move |event| turn(event.target().checked())/>
                    <span class="strong">{label}</span>
                    <span class="muted small">{means}</span>
                </label>
            </li>
        }
    };
    let rows = Kind::ALL.into_iter().map(row).collect::<Vec<_>>();
    let take = move |kinds: BTreeSet<Kind>| change.run(Wanted { kinds, ..wanted.get_untracked() });
    let fault = move || {
        let fault = faults.with(|faults| faults.kinds.clone())?;
        Some(view! { <span class="problem"><Icon name=IconName::Problem/><span>{fault}</span></span> })
    };

    view! {
        <fieldset class="export-kinds">
            <legend>"What to take out"</legend>
            <ul>{rows}</ul>
            <div class="cluster">
                <button type="button" class="button small" on:click=move |_| take(Kind::ALL.into())>"All kinds"</button>
                <button type="button" class="button small" on:click=move |_| take(BTreeSet::new())>"No kind"</button>
                <span aria-live="polite">{fault}</span>
            </div>
        </fieldset>
    }
}

#[component]
fn FileChoices(wanted: Memo<Wanted>, change: Callback<Wanted>) -> impl IntoView {
    let has_files = Memo::new(move |_| wanted.with(|wanted| wanted.kinds.contains(&Kind::Files)));
    let logs = Memo::new(move |_| has_files.get() && wanted.with(|wanted| wanted.with_logs));
    let contents = Memo::new(move |_| has_files.get() && wanted.with(|wanted| wanted.with_contents));
    let redacted = Memo::new(move |_| wanted.with(|wanted| wanted.redacted));
    let turn_logs = move |is_on: bool| change.run(Wanted { with_logs: is_on, ..wanted.get_untracked() });
    let turn_contents =
        move |is_on: bool| change.run(Wanted { with_contents: is_on, ..wanted.get_untracked() });
    let turn_names = move |is_on: bool| change.run(Wanted { redacted: is_on, ..wanted.get_untracked() });
    let no_files = move || !has_files.get();

    view! {
        <section class="section">
            <h2>"Files and names"</h2>
            <div class="stack tight">
                <label class="choice">
                    <input type="checkbox" prop:checked=logs disabled=no_files on:change:target=move |event| turn_logs(event.target().checked())/>
                    <span>"Logs"</span>
                </label>
                <label class="choice">
                    <input type="checkbox" prop:checked=contents disabled=no_files on:change:target=move |event| turn_contents(event.target().checked())/>
                    <span>"Contents of files"</span>
                </label>
                <Show when=move || no_files()>
                    <p class="muted small">"Both need “Files of runs”."</p>
                </Show>
                <label class="choice">
                    <input type="checkbox" prop:checked=redacted on:change:target=move |event| turn_names(event.target().checked())/>
                    <span>"Leave out names of people"</span>
                </label>
            </div>
            <Show when=move || contents.get()>
                <Hint warning=true>
                    <p>"Runs write what they like into their files: data about people, passwords, models of many gigabytes. All of that comes along as it is."</p>
                </Hint>
            </Show>
            <Show when=move || redacted.get()>
                <Hint>
                    <p>"In place of names and ids of people stands person-1, person-2 and so on, for one person the same everywhere. Nobody looks into logs and the contents of files: names in there stay, as they do in names that people gave to experiments, runs and files."</p>
                </Hint>
            </Show>
        </section>
    }
}

#[component]
fn ChosenRuns(wanted: Memo<Wanted>, change: Callback<Wanted>) -> impl IntoView {
    let runs = Memo::new(move |_| wanted.with(|wanted| wanted.runs.clone()));
    let has_any = Memo::new(move |_| runs.with(|runs| !runs.is_empty()));
    let leave_out = move |run: &RunId| {
        let mut wanted = wanted.get_untracked();
        wanted.runs.retain(|known| known != run);
        change.run(wanted);
    };
    let row = move |run: RunId| {
        let name = run.to_string();
        let label = format!("Leave out {name}");
        view! {
            <li>
                <bdi>{name}</bdi>
                <button type="button" class="button quiet small bare" aria-label=label on:click=move |_| leave_out(&run)>
                    <Icon name=IconName::Cross/>
                </button>
            </li>
        }
    };

    view! {
        <Show when=move || has_any.get()>
            <fieldset class="chooser">
                <legend>"Runs"</legend>
                <p class="muted small">"These alone, with their trials and steps. Without them, all runs of the chosen experiments."</p>
                <ul class="export-runs"><For each=move || runs.get() key=Clone::clone children=row/></ul>
            </fieldset>
        </Show>
    }
}

#[component]
fn Days(wanted: Memo<Wanted>, faults: Memo<Faults>, change: Callback<Wanted>) -> impl IntoView {
    let (from, to) = wanted
        .with_untracked(|wanted| (RwSignal::new(wanted.from.clone()), RwSignal::new(wanted.to.clone())));
    Effect::new(move |known: Option<(String, String)>| {
        let days = (from.get(), to.get());
        if known.is_some_and(|known| known != days) {
            let (from, to) = days.clone();
            change.run(Wanted { from, to, ..wanted.get_untracked() });
        }
        days
    });
    let help = match time_zone() {
        Some(zone) => format!("Days in your time zone, {zone}. {UNDATED}"),
        None => format!("Days in your time zone. {UNDATED}"),
    };

    view! {
        <fieldset class="chooser">
            <legend>"Time span"</legend>
            <div class="export-days">
                <TextField label="From (optional)" value=from kind=TextKind::Date error=Signal::derive(move || faults.with(|faults| faults.from.clone()))/>
                <TextField label="To (optional)" value=to kind=TextKind::Date error=Signal::derive(move || faults.with(|faults| faults.to.clone()))/>
            </div>
            <p class="muted small">{help}</p>
        </fieldset>
    }
}

/// "Europe/Stockholm".
fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?.as_string()
}

#[component]
fn ExperimentChoices(
    workspace: WorkspaceId,
    #[prop(into)] chosen: Signal<Vec<String>>,
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let lists = [ExperimentView::InUse, ExperimentView::Archived].map(|view| {
        let workspace = workspace.clone();
        whole_list(list(move || ListExperiments { view, ..ListExperiments::of(workspace.clone()) }))
    });
    let names = Memo::new(move |_| {
        let mut known = BTreeSet::new();
        let mut names = Vec::new();
        for list in lists {
            list.query().with(|loaded| {
                let all = loaded.into_iter().flat_map(Loaded::items).map(|one| one.name.to_string());
                names.extend(all.filter(|name| known.insert(name.clone())));
            });
        }
        names
    });
    let is_loading = Memo::new(move |_| lists.into_iter().any(is_on_its_way));
    let failures = move || {
        lists.map(|list| {
            let query = list.query();
            let error = query.error().get().or(list.growth_error().get());
            let retry = Callback::new(move |()| match query.has_value() {
                true => list.more(),
                false => query.ask_again(),
            });
            error.map(|error| view! { <ApiErrorPanel error=error what="load the experiments" inline=true on_retry=retry/> })
        })
    };

    view! {
        <ChoiceList noun="experiments" offered=names chosen=chosen on_change=on_change is_loading=is_loading/>
        {failures}
    }
}

/// All pages of a list, one after the other.
fn whole_list<T: Listed>(list: ListQuery<T>) -> ListQuery<T> {
    Effect::new(move || {
        if list.query().with(|loaded| loaded.is_some_and(Loaded::has_more))
            && list.growth_error().with(Option::is_none)
        {
            list.more();
        }
    });
    list
}

fn is_on_its_way<T: Listed>(list: ListQuery<T>) -> bool {
    let has_failed = list.query().error().with(Option::is_some) || list.growth_error().with(Option::is_some);
    !has_failed && list.query().with(|loaded| loaded.is_none_or(Loaded::has_more))
}

/// Who handed in the newest runs, and whoever is typed.
#[component]
fn PeopleChoices(
    workspace: WorkspaceId,
    found: Signal<BTreeSet<String>>,
    #[prop(into)] chosen: Signal<Vec<String>>,
    on_change: Callback<Vec<String>>,
) -> impl IntoView {
    let asked = workspace.clone();
    let experiments = list(move || ListExperiments::of(asked.clone()));
    let newest = Memo::new(move |_| {
        experiments.query().with(|loaded| {
            let mut all: Vec<_> = loaded.into_iter().flat_map(Loaded::items).collect();
            all.sort_by_key(|one| std::cmp::Reverse(one.latest_created_run_created_utc));
            all.into_iter().take(EXPERIMENTS_WITH_PEOPLE).map(|one| one.name.clone()).collect::<Vec<_>>()
        })
    });
    let runs = several(
        newest.into(),
        move |experiment: &ExperimentName| ListRuns::of(workspace.clone(), experiment.clone()),
        |_| None,
    );
    let people = Memo::new(move |_| {
        let mut people = found.get();
        for (_, page) in runs.answers() {
            let named = page.value.into_iter().filter_map(|run| run.created_by?.user_name);
            people.extend(named.filter(|name| !name.is_empty()));
        }
        people.into_iter().collect::<Vec<_>>()
    });
    let is_loading = Memo::new(move |_| {
        let has_failed = experiments.query().error().with(Option::is_some);
        !has_failed
            && (!experiments.query().has_value() || newest.with(|newest| runs.done(newest) < newest.len()))
    });
    let failure = move || {
        let error = experiments
            .query()
            .error()
            .get()
            .or_else(|| runs.failures().into_iter().next().map(|(_, error)| error));
        let retry = Callback::new(move |()| {
            if !experiments.query().has_value() {
                experiments.query().ask_again();
            }
            runs.ask_failed_again();
        });
        error.map(|error| view! { <ApiErrorPanel error=error what="look for people in all of the newest runs" inline=true on_retry=retry/> })
    };
    let typed = RwSignal::new(String::new());
    let add = move || {
        let name = typed.with_untracked(|typed| typed.trim().to_owned());
        let mut chosen = chosen.get_untracked();
        if !name.is_empty() && !chosen.contains(&name) {
            chosen.push(name);
            on_change.run(chosen);
        }
        typed.set(String::new());
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Enter" {
            // It would hand in the form.
            event.prevent_default();
            add();
        }
    };

    view! {
        <p class="muted small">{format!("Who handed in the newest runs of {EXPERIMENTS_WITH_PEOPLE} experiments.")}</p>
        <ChoiceList noun="people" offered=people chosen=chosen on_change=on_change is_loading=is_loading/>
        <div class="export-person" on:keydown=on_key>
            <TextField label="Somebody else" value=typed help="The name or the object id, as the service writes it."/>
            <button type="button" class="button" on:click=move |_| add()>"Add"</button>
        </div>
        {failure}
    }
}
