//! The rows of a question as a table whose cells can be typed into.

use azimuth_api::{RowKind, ScoredTable, cell_text, cell_value, data_rows};
use leptos::prelude::*;
use serde_json::Value;

use crate::components::icon::{Icon, IconName};
use crate::components::table::TableFrame;

/// More rows than a person types are written as JSON.
const MOST_ROWS: usize = 200;

/// The rows in a question. What is typed goes into its text, which stays the only truth.
#[component]
pub fn RowsEditor(question: RwSignal<String>) -> impl IntoView {
    let table = Memo::new(move |_| question.with(|text| rows_of(text)));
    let shape = Memo::new(move |_| {
        table.with(|table| table.as_ref().map(|table| (table.columns.clone(), table.rows.len(), table.row)))
    });
    let change = move |how: &dyn Fn(&mut ScoredTable)| {
        let text = question.with_untracked(|text| changed(text, how));
        if let Some(text) = text {
            question.set(text);
        }
    };
    let cell = move |row: usize, column: usize, name: &str| {
        let value = Signal::derive(move || {
            table.with(|table| {
                let cell = table.as_ref().and_then(|table| table.rows.get(row)?.get(column));
                cell.map(cell_text).unwrap_or_default()
            })
        });
        // What was typed last stands as it was typed ("1." on the way to "1.5"), until something else changes it.
        let typed = RwSignal::new(None::<String>);
        let shown = move || {
            let value = value.get();
            typed.get().filter(|typed| cell_text(&cell_value(typed)) == value).unwrap_or(value)
        };
        let label = format!("{name}, row {}", row + 1);
        view! {
            <td>
                <input
                    class="input code"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=label
                    prop:value=shown
                    on:input:target=move |event| {
                        let text = event.target().value();
                        typed.set(Some(text.clone()));
                        change(&|table| table.rows[row][column] = cell_value(&text));
                    }
                />
            </td>
        }
    };
    let body = move || {
        let Some((columns, count, kind)) = shape.get() else { return ().into_any() };
        let head = columns
            .iter()
            .map(|name| view! { <th scope="col">{column_name(name, kind)}</th> })
            .collect::<Vec<_>>();
        let rows = (0..count.min(MOST_ROWS))
            .map(|row| {
                let cells: Vec<_> = columns
                    .iter()
                    .enumerate()
                    .map(|(column, name)| cell(row, column, &column_name(name, kind)))
                    .collect();
                view! {
                    <tr>
                        <th scope="row">{row + 1}</th>
                        {cells}
                        <td>
                            <button
                                type="button"
                                class="button quiet small bare"
                                aria-label=format!("Remove row {}", row + 1)
                                on:click=move |_| change(&|table| drop(table.rows.remove(row)))
                            >
                                <Icon name=IconName::Cross/>
                            </button>
                        </td>
                    </tr>
                }
            })
            .collect::<Vec<_>>();
        view! {
            <TableFrame caption="Rows of the question">
                <table class="table cells">
                    <thead><tr><th scope="col">"Row"</th>{head}<th scope="col"><span class="visually-hidden">"Remove"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableFrame>
            {(count > MOST_ROWS).then(|| view! { <p class="small muted">{format!("The first {MOST_ROWS} of {count} rows. JSON has all of them.")}</p> })}
            {(count == 0).then(|| view! { <p class="small muted">"No row yet."</p> })}
        }
        .into_any()
    };

    view! {
        {body}
        <div class="cluster">
            <button type="button" class="button small" on:click=move |_| change(&ScoredTable::add_row)>"Add a row"</button>
        </div>
    }
}

fn rows_of(text: &str) -> Option<ScoredTable> {
    data_rows(&serde_json::from_str(text).ok()?)
}

/// The text of a question whose rows were changed.
fn changed(text: &str, how: &dyn Fn(&mut ScoredTable)) -> Option<String> {
    let question: Value = serde_json::from_str(text).ok()?;
    let mut table = data_rows(&question)?;
    how(&mut table);
    Some(written(&table.put_into(question), 0))
}

/// A question as text: a line for each row, whose values stand side by side.
pub fn written(value: &Value, depth: usize) -> String {
    let is_flat = |value: &Value| match value {
        Value::Array(items) => !items.iter().any(|item| item.is_array() || item.is_object()),
        Value::Object(fields) => !fields.values().any(|item| item.is_array() || item.is_object()),
        _ => true,
    };
    let name = |name: &str| Value::from(name).to_string();
    let (open, close, parts): (_, _, Vec<String>) = match value {
        Value::Array(items) => ("[", "]", items.iter().map(|item| written(item, depth + 1)).collect()),
        Value::Object(fields) => {
            let field =
                |(key, item): (&String, &Value)| format!("{}: {}", name(key), written(item, depth + 1));
            ("{", "}", fields.iter().map(field).collect())
        }
        other => return other.to_string(),
    };
    // The document itself is opened, however little is in it.
    if parts.is_empty() || (is_flat(value) && depth > 0) {
        return format!("{open}{}{close}", parts.join(", "));
    }
    let line = format!("\n{}", "  ".repeat(depth + 1));
    format!("{open}{line}{}\n{}{close}", parts.join(&format!(",{line}")), "  ".repeat(depth))
}

/// What the head of a column says: lists have places, records have names.
pub fn column_name(name: &str, kind: RowKind) -> String {
    match kind {
        RowKind::Value => "Value".to_owned(),
        RowKind::List => format!("Value {name}"),
        RowKind::Record => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_changed_in_the_text_of_the_question() {
        let text = changed(r#"{"data":[[1,2]],"more":true}"#, &|table| table.rows[0][1] = cell_value("2.5"));
        let value: Value = serde_json::from_str(&text.expect("there are rows")).expect("it is JSON");
        assert_eq!(value, serde_json::json!({ "data": [[1, 2.5]], "more": true }));
        let long = serde_json::json!({ "data": [[1, 2], [3, 4]], "more": [] });
        assert_eq!(written(&long, 0), "{\n  \"data\": [\n    [1, 2],\n    [3, 4]\n  ],\n  \"more\": []\n}");
        assert_eq!(changed("no JSON", &ScoredTable::add_row), None);
    }
}
