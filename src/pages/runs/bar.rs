//! What narrows the list of runs and chooses its columns.

use std::collections::BTreeSet;

use azimuth_api::Run;
use leptos::html;
use leptos::prelude::*;
use web_sys::SubmitEvent;

use crate::components::element_id::element_id;
use crate::components::icon::{Icon, IconName};
use crate::components::menu::{Menu, MenuChoice};
use crate::kept::kept;
use crate::navigation::Navigation;
use crate::pages::runs::columns::{Column, PLAIN, Shown, usual};
use crate::pages::runs::filters::{CHOICES, Chip, Filters, SINCE, StatusFilter, UNFINISHED, tag, tag_text};
use crate::pages::runs::measured::Measured;
use crate::pages::runs::table::{Columns, focus_again};
use crate::pages::runs::words::join;
use crate::query::{Loaded, Query};

/// How many runs tell which metrics there are.
const ASKED_FOR_NAMES: usize = 20;

/// Any of several statuses.
#[component]
pub fn StatusMenu(filters: Memo<Filters>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let statuses = Memo::new(move |_| filters.with(|filters| filters.statuses.clone()));
    let count = Signal::derive(move || statuses.with(|statuses| statuses.choices().len()));
    let choice = move |value: String| {
        let choice = StatusFilter::read(&value);
        let label = choice.label();
        let own = choice.clone();
        let is_on = Signal::derive(move || {
            statuses.with(|statuses| match own.value == UNFINISHED {
                true => statuses.value == UNFINISHED,
                false => statuses.value != UNFINISHED && statuses.has(&own),
            })
        });
        let change = move |is_on: bool| {
            let known = statuses.get_untracked();
            // One of them beside all that are unfinished means that one.
            let known = if known.value == UNFINISHED { StatusFilter::default() } else { known };
            let next = match (is_on, choice.value == UNFINISHED) {
                (true, true) => UNFINISHED.to_owned(),
                (true, false) => known.with(&choice),
                (false, _) => known.without(&choice),
            };
            navigation.set_parameter("status", &next);
        };
        view! { <MenuChoice label=label is_on=is_on on_change=change/> }
    };

    view! {
        <Menu label="Status" count=count>
            {
                let known = [UNFINISHED].into_iter().chain(CHOICES).map(str::to_owned);
                let asked = statuses.with_untracked(StatusFilter::choices).into_iter().map(|choice| choice.value);
                let mut all: Vec<String> = known.collect();
                all.extend(asked.filter(|value| !all.contains(value)).collect::<Vec<_>>());
                all.into_iter().map(choice).collect::<Vec<_>>()
            }
        </Menu>
    }
}

/// Any of the computes that the loaded runs name.
#[component]
pub fn ComputeMenu(filters: Memo<Filters>, loaded: Query<Loaded<Run>>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let chosen = Memo::new(move |_| filters.with(|filters| filters.computes.clone()));
    let choice = move |name: String| {
        let own = name.clone();
        let is_on = Signal::derive(move || chosen.with(|chosen| chosen.contains(&own)));
        let label = name.clone();
        let change = move |is_on: bool| {
            let mut names = chosen.get_untracked();
            names.retain(|other| *other != name);
            if is_on {
                names.push(name.clone());
            }
            navigation.set_parameter("compute", &join(&names));
        };
        view! { <MenuChoice label=label is_on=is_on on_change=change/> }
    };

    view! {
        <Menu label="Compute" count=Signal::derive(move || chosen.with(Vec::len))>
            {
                // Those of the runs at hand, as it opens: a choice does not take the others away.
                let mut names: BTreeSet<String> = chosen.get_untracked().into_iter().collect();
                loaded.with_untracked(|loaded| {
                    names.extend(loaded.iter().flat_map(|loaded| loaded.items()).filter_map(|run| run.target.clone()));
                });
                let is_empty = names.is_empty();
                let choices: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).map(choice).collect();
                view! {
                    {is_empty.then(|| view! { <p class="title">"No run that is loaded names a compute."</p> })}
                    {choices}
                }
            }
        </Menu>
    }
}

/// Tags, who, and when.
#[component]
pub fn MoreMenu(filters: Memo<Filters>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let count = Signal::derive(move || {
        filters.with(|filters| {
            let is_on = [&filters.who, &filters.after, &filters.before]
                .map(|text| usize::from(!text.trim().is_empty()));
            filters.tags.len() + usize::from(filters.is_hidden) + is_on.iter().sum::<usize>()
        })
    });

    view! {
        <Menu label="More" count=count>
            <TagField filters=filters/>
            <LabelledInput
                label="Submitted by"
                kind="text"
                value=Signal::derive(move || filters.with(|filters| filters.who.clone()))
                on_input=move |text: String| navigation.set_parameter("who", &text)
            />
            <div class="rule"></div>
            <SinceField filters=filters/>
            <LabelledInput
                label="Created from (UTC)"
                kind="date"
                value=Signal::derive(move || filters.with(|filters| filters.after.clone()))
                on_input=move |text: String| navigation.set_parameter("after", &text)
            />
            <LabelledInput
                label="Created until (UTC)"
                kind="date"
                value=Signal::derive(move || filters.with(|filters| filters.before.clone()))
                on_input=move |text: String| navigation.set_parameter("before", &text)
            />
            <div class="rule"></div>
            <MenuChoice
                label="Hidden runs"
                is_on=Signal::derive(move || filters.with(|filters| filters.is_hidden))
                on_change=move |is_on: bool| navigation.set_parameter("hidden", if is_on { "1" } else { "" })
            />
        </Menu>
    }
}

#[component]
fn LabelledInput(
    label: &'static str,
    kind: &'static str,
    value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
) -> impl IntoView {
    let id = element_id("filter");
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <input id=id class="input" type=kind autocomplete="off" spellcheck="false" prop:value=value on:change:target=move |event| on_input.run(event.target().value())/>
        </div>
    }
}

#[component]
fn SinceField(filters: Memo<Filters>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let id = element_id("filter");
    let value = Memo::new(move |_| filters.with(|filters| filters.after.clone()));
    let options: Vec<_> = SINCE
        .iter()
        .map(|(word, label, _)| view! { <option value=*word selected=move || value.get() == *word>{*label}</option> })
        .collect();
    view! {
        <div class="field">
            <label for=id.clone()>"Created"</label>
            <select id=id class="input" on:change:target=move |event| navigation.set_parameter("after", &event.target().value())>
                <option value="" selected=move || SINCE.iter().all(|(word, ..)| *word != value.get())>"Any time"</option>
                {options}
            </select>
        </div>
    }
}

#[component]
fn TagField(filters: Memo<Filters>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let id = element_id("filter");
    let text = kept("tag");
    let add = move |event: SubmitEvent| {
        event.prevent_default();
        let added = tag(&text.get_untracked());
        if added.name.is_empty() {
            return;
        }
        let mut tags: Vec<String> =
            filters.with_untracked(|filters| filters.tags.iter().map(tag_text).collect());
        let added = tag_text(&added);
        if !tags.contains(&added) {
            tags.push(added);
        }
        navigation.set_parameter("tag", &join(&tags));
        text.set(String::new());
    };
    view! {
        <form class="field" on:submit=add>
            <label for=id.clone()>"Tag"</label>
            <div class="with-button">
                <input id=id class="input" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" placeholder="team or team=vision" prop:value=text on:input:target=move |event| text.set(event.target().value())/>
                <button type="submit" class="button">"Add"</button>
            </div>
        </form>
    }
}

/// What is on; each can be taken out.
#[component]
pub fn Chips(
    filters: Memo<Filters>,
    /// Gets a name of the address and its new value.
    on_clear: Callback<(&'static str, String)>,
    on_clear_all: Callback<()>,
) -> impl IntoView {
    let chips = Memo::new(move |_| filters.with(Filters::chips));
    let chip = move |chip: Chip| {
        let name = format!("Remove {}", chip.label);
        let (parameter, value) = (chip.parameter, chip.value);
        view! {
            <li>
                <button type="button" class="chip" aria-label=name on:click=move |_| on_clear.run((parameter, value.clone()))>
                    <bdi>{chip.label}</bdi>
                    <Icon name=IconName::Cross/>
                </button>
            </li>
        }
    };

    view! {
        <Show when=move || !chips.with(Vec::is_empty)>
            <div class="chips">
                <ul class="chips" aria-label="Filters that are on">
                    <For each=move || chips.get() key=Clone::clone children=chip/>
                </ul>
                <button type="button" class="button quiet small" on:click=move |_| on_clear_all.run(())>"Clear all"</button>
            </div>
        </Show>
    }
}

/// Which columns, in which order.
#[component]
pub fn ColumnMenu(columns: Columns, measured: Measured, loaded: Query<Loaded<Run>>) -> impl IntoView {
    view! {
        <Menu label="Columns">
            <ColumnChooser columns=columns measured=measured loaded=loaded/>
        </Menu>
    }
}

#[component]
fn ColumnChooser(columns: Columns, measured: Measured, loaded: Query<Loaded<Run>>) -> impl IntoView {
    let panel = NodeRef::<html::Div>::new();
    let first = loaded.with_untracked(|loaded| {
        let runs = loaded.iter().flat_map(|loaded| loaded.items());
        runs.take(ASKED_FOR_NAMES).map(|run| run.run_id.clone()).collect::<Vec<_>>()
    });
    first.into_iter().for_each(|run| measured.want(run, false));
    let tags: BTreeSet<String> = loaded.with_untracked(|loaded| {
        let runs = loaded.iter().flat_map(|loaded| loaded.items());
        runs.flat_map(|run| run.user_tags().map(|(name, _)| name.to_owned())).collect()
    });
    let chosen = Memo::new(move |_| {
        columns.list.with(|list| list.iter().map(|shown| shown.column.clone()).collect::<Vec<_>>())
    });
    let change = move |column: Column, is_on: bool| {
        let mut list = columns.list.get_untracked();
        list.retain(|shown| shown.column != column);
        if is_on {
            list.push(Shown { column, width: None });
        }
        columns.change.run(list);
    };
    let shift = move |column: Column, by: isize| {
        let mut list = columns.list.get_untracked();
        let Some(from) = list.iter().position(|shown| shown.column == column) else { return };
        let Some(to) = from.checked_add_signed(by).filter(|to| *to < list.len()) else { return };
        list.swap(from, to);
        columns.change.run(list);
        if let Some(panel) = panel.get_untracked() {
            focus_again(panel.into(), move_name(&column, by));
        }
    };
    let mover = move |column: Column, by: isize, class: &'static str| {
        let name = move_name(&column, by);
        let title = if by < 0 { "Further to the left" } else { "Further to the right" };
        view! {
            <button type="button" class=class aria-label=name title=title on:click=move |_| shift(column.clone(), by)>
                <Icon name=IconName::ArrowDown/>
            </button>
        }
    };
    let row = move |column: Column| {
        let own = column.clone();
        view! {
            <div class="row">
                <MenuChoice label=column.label().to_owned() is_on=true on_change=move |is_on| change(own.clone(), is_on)/>
                {mover(column.clone(), -1, "button quiet small bare up")}
                {mover(column, 1, "button quiet small bare")}
            </div>
        }
    };
    let other = move |column: Column| {
        let own = column.clone();
        view! { <MenuChoice label=column.label().to_owned() is_on=false on_change=move |is_on| change(own.clone(), is_on)/> }
    };
    let left = move |all: Vec<Column>| {
        let is_left = |column: &Column| chosen.with(|chosen| !chosen.contains(column));
        all.into_iter().filter(is_left).collect::<Vec<_>>()
    };
    let metrics = Memo::new(move |_| left(measured.names().into_iter().map(Column::Metric).collect()));
    let tags = Memo::new(move |_| left(tags.iter().cloned().map(Column::Tag).collect()));
    let plain = Memo::new(move |_| left(PLAIN.to_vec()));
    let group = move |title: &'static str, list: Memo<Vec<Column>>| {
        view! {
            <Show when=move || !list.with(Vec::is_empty)>
                <p class="title">{title}</p>
                <For each=move || list.get() key=Clone::clone children=other/>
            </Show>
        }
    };

    view! {
        <div node_ref=panel>
            <For each=move || chosen.get() key=Clone::clone children=row/>
            {group("More columns", plain)}
            {group("Metrics, the latest value", metrics)}
            {group("Tags", tags)}
            <div class="rule"></div>
            <button type="button" class="button quiet small" on:click=move |_| columns.change.run(usual())>"The usual columns"</button>
        </div>
    }
}

fn move_name(column: &Column, by: isize) -> String {
    format!("Move {} {}", column.label(), if by < 0 { "left" } else { "right" })
}
