//! The answer of a service: as JSON, as a table, as a chart.

use azimuth_api::{ScoredTable, cell_text};
use leptos::prelude::*;

use crate::components::button::CopyButton;
use crate::components::chart::{Chart, Series};
use crate::components::format::{format_bytes, format_count, format_duration};
use crate::components::icon::{Icon, IconName};
use crate::components::panel::ErrorPanel;
use crate::components::table::TableFrame;
use crate::files::json_text::indented;
use crate::pages::services::scoring::Scored;
use crate::pages::services::scoring::rows::column_name;
use crate::pages::services::scoring::words::refusal_in_words;

/// More than this is copied, and not shown.
const MOST_CHARACTERS: usize = 100_000;
const MOST_ROWS: usize = 500;

/// How an answer is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Json,
    Table,
    Chart,
}

/// What came, how long it took, and the ways to look at it.
#[component]
pub fn AnswerSection(scored: Scored) -> impl IntoView {
    let Scored { status, answer, bytes, milliseconds } = scored;
    let is_good = (200..300).contains(&status);
    let table = answer.table().filter(|_| is_good);
    let series = table.as_ref().map(series_of).unwrap_or_default();
    let text = match &answer.value {
        Some(_) => indented(&answer.text),
        None => answer.text.clone(),
    };
    let took =
        if milliseconds < 1_000.0 { format!("{milliseconds:.0} ms") } else { format_duration(milliseconds) };
    let was_text = answer.was_text.then(|| {
        view! { <p class="small muted">"The service answered with a text that holds JSON; this is what it holds."</p> }
    });
    let mut looks = vec![(Look::Json, if answer.value.is_some() { "JSON" } else { "Text" })];
    looks.extend(table.is_some().then_some((Look::Table, "Table")));
    looks.extend((!series.is_empty()).then_some((Look::Chart, "Chart")));
    let look = RwSignal::new(Look::Json);
    let buttons = (looks.len() > 1).then(|| {
        let button = |(one, label): (Look, &'static str)| {
            view! {
                <button type="button" class="button quiet small" aria-pressed=move || if look.get() == one { "true" } else { "false" } on:click=move |_| look.set(one)>{label}</button>
            }
        };
        view! {
            <div class="cluster tight" role="group" aria-label="How to look at the answer">
                {looks.into_iter().map(button).collect::<Vec<_>>()}
            </div>
        }
    });
    let refusal = (!is_good).then(|| {
        let code = answer.value.as_ref().and_then(|value| value["error"]["code"].as_str());
        let (title, advice) = refusal_in_words(status, code.unwrap_or_default());
        view! { <ErrorPanel title=title message=advice code=Some(status.to_string()) inline=true/> }
    });
    let body = move || match (look.get(), &table) {
        (Look::Table, Some(table)) => view! { <AnswerTable table=table.clone()/> }.into_any(),
        (Look::Chart, _) => {
            let series = series.clone();
            view! { <Chart title="Answer" series=Signal::stored(series) along="row"/> }.into_any()
        }
        _ => view! { <AnswerText text=text.clone()/> }.into_any(),
    };

    view! {
        <p class="cluster" role="status">
            <span class:good=is_good class:bad=!is_good class="outcome">
                <Icon name=if is_good { IconName::Check } else { IconName::Cross }/>
                {if is_good { format!("Answered with {status}") } else { format!("Refused with {status}") }}
            </span>
            <span class="muted">{format!("{took} · {}", format_bytes(bytes as f64))}</span>
        </p>
        {refusal}
        {was_text}
        {buttons}
        {body}
    }
}

#[component]
fn AnswerText(text: String) -> impl IntoView {
    let shown: String = text.chars().take(MOST_CHARACTERS).collect();
    let is_cut = shown.len() < text.len();

    view! {
        <pre class="log" role="region" aria-label="What the service answered" tabindex="0">{shown}</pre>
        {is_cut.then(|| view! { <p class="small muted">"This is the beginning. Copying takes all of it."</p> })}
        <div class="cluster"><CopyButton text=text label="Copy the answer"/></div>
    }
}

#[component]
fn AnswerTable(table: ScoredTable) -> impl IntoView {
    let kind = table.row;
    let head = table
        .columns
        .iter()
        .map(|name| view! { <th scope="col">{column_name(name, kind)}</th> })
        .collect::<Vec<_>>();
    let count = table.rows.len();
    let rows = table.rows.into_iter().take(MOST_ROWS).enumerate().map(|(place, row)| {
        let cells = row.into_iter().map(|value| {
            view! { <td class:number=value.is_number()><bdi>{cell_text(&value)}</bdi></td> }
        });
        view! { <tr><th scope="row">{place + 1}</th>{cells.collect::<Vec<_>>()}</tr> }
    });

    view! {
        <TableFrame caption="Rows of the answer">
            <table class="table">
                <thead><tr><th scope="col">"Row"</th>{head}</tr></thead>
                <tbody>{rows.collect::<Vec<_>>()}</tbody>
            </table>
        </TableFrame>
        {(count > MOST_ROWS).then(|| view! {
            <p class="small muted">{format!("The first {MOST_ROWS} of {} rows. JSON has all of them.", format_count(count))}</p>
        })}
    }
}

/// A line for each column of numbers, where there are rows enough for one.
fn series_of(table: &ScoredTable) -> Vec<Series> {
    if table.rows.len() < 2 {
        return Vec::new();
    }
    let line = |(name, numbers): (String, Vec<f64>)| Series {
        name: column_name(&name, table.row),
        points: numbers.into_iter().enumerate().map(|(place, number)| ((place + 1) as f64, number)).collect(),
    };
    table.numbers().into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_lines_and_words_do_not() {
        let answer = azimuth_api::ScoringAnswer::of(br#"[{"shop":"a","rain":1},{"shop":"b","rain":2.5}]"#);
        let lines = series_of(&answer.table().expect("it is a list"));
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].name.as_str(), &*lines[0].points), ("rain", &[(1.0, 1.0), (2.0, 2.5)][..]));
        let one = azimuth_api::ScoringAnswer::of(b"[246]");
        assert!(series_of(&one.table().expect("it is a list")).is_empty());
    }
}
