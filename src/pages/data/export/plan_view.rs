//! What an export will ask, and whether it fits into this browser.

use leptos::prelude::*;

use crate::components::facts::{Fact, Facts};
use crate::components::format::{format_bytes, format_duration};
use crate::components::panel::Hint;
use crate::components::table::TableFrame;
use crate::export::plan::{Line, Plan};
use crate::export::selection::Selection;
use crate::load::ApiErrorPanel;
use crate::pages::data::export::form::words;
use crate::private_files::Room;

/// More than the answers themselves: tables and lists that are made at the end, and what the browser needs around files.
const MARGIN: f64 = 1.15;

/// What is asked before anything is begun.
#[component]
pub fn PlanView(
    plan: Plan,
    room: RwSignal<Option<Room>>,
    /// Whether something else was chosen since.
    is_stale: Memo<bool>,
    on_start: Option<Callback<Selection>>,
) -> impl IntoView {
    let bytes = plan.bytes();
    let refusal = Memo::new(move |_| room.get().and_then(|room| does_not_fit(bytes, room)));
    let why_not = Memo::new(move |_| match is_stale.get() {
        true => Some("Something else was chosen since. Show the plan anew.".to_owned()),
        false => refusal.get(),
    });
    let rows: Vec<_> = plan.lines.iter().map(row).collect();
    let requests = plan.requests().words();
    let size = size_in_words(bytes);
    let time = time_in_words(plan.seconds);
    let in_room = move || match room.get() {
        Some(room) => format!("{} free for this site", format_bytes(room.left())),
        None => "The browser does not say".to_owned(),
    };
    let notes: Vec<_> = plan.notes.iter().cloned().map(|note| view! { <li>{note}</li> }).collect();
    let (all_requests, all_size) = (requests.clone(), size.clone());
    let selection = plan.selection;
    let start = on_start.map(|on_start| {
        let begin = move |_| {
            if why_not.with_untracked(Option::is_none) {
                on_start.run(selection.clone());
            }
        };
        view! {
            <div class="cluster">
                <button
                    type="button"
                    class="button"
                    class:primary=move || why_not.with(Option::is_none)
                    aria-disabled=move || why_not.with(Option::is_some).then_some("true")
                    title=why_not
                    on:click=begin
                >
                    "Start the export"
                </button>
                <span class="muted small">"It goes on while you look at other pages. Signing out removes it from this browser."</span>
            </div>
        }
    });

    view! {
        <section class="section" aria-label="Plan">
            <h2>"Plan"</h2>
            <TableFrame caption="What will be asked">
                <table class="table export-plan">
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col" class="number">"How many"</th>
                            <th scope="col" class="number">"Requests"</th>
                            <th scope="col" class="number">"Size"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                    <tfoot>
                        <tr>
                            <th scope="row">"Together"</th>
                            <td></td>
                            <td class="number">{all_requests}</td>
                            <td class="number">{all_size}</td>
                        </tr>
                    </tfoot>
                </table>
            </TableFrame>
            <div class="columns even">
                <div class="section">
                    <Facts>
                        <Fact name="Requests">{requests}</Fact>
                        <Fact name="Size">{format!("about {size}")}</Fact>
                        <Fact name="Time">{time}</Fact>
                        <Fact name="Room in this browser">{in_room}</Fact>
                    </Facts>
                    {(!notes.is_empty()).then(|| view! { <ul class="export-notes">{notes}</ul> })}
                </div>
                <CannotHold/>
            </div>
            {move || refusal.get().map(|refusal| view! { <Hint warning=true><p>{refusal}</p></Hint> })}
            <Show when=move || is_stale.get()>
                <Hint><p>"Something else was chosen since this plan was made. Show the plan anew."</p></Hint>
            </Show>
            {start}
        </section>
    }
}

fn row(line: &Line) -> AnyView {
    let (label, _) = words(line.kind);
    let failure = line.failure.clone().map(|error| {
        let what = format!("look at {}", label.to_lowercase());
        view! {
            <tr class="export-failure">
                <td colspan="4"><ApiErrorPanel error=error what=what inline=true/></td>
            </tr>
        }
    });
    let is_unknown = line.failure.is_some() && line.requests.count == 0.0;
    let amount = |words: String| if is_unknown { "not known".to_owned() } else { words };
    view! {
        <tr>
            <th scope="row">{label}</th>
            <td class="number">{amount(line.things.words())}</td>
            <td class="number">{amount(line.requests.words())}</td>
            <td class="number">{amount(size_in_words(line.bytes))}</td>
        </tr>
        {failure}
    }
    .into_any()
}

/// What no question of the service's brings.
#[component]
fn CannotHold() -> impl IntoView {
    view! {
        <div class="section">
            <h3>"What an export cannot hold"</h3>
            <ul class="export-notes">
                <li>"Keys, passwords and signed addresses in what the service says: they are left out, and the manifest says where. Logs and files of runs are taken as they are, with whatever is in them."</li>
                <li>"What is in datastores and datasets: it lies in storage accounts of yours."</li>
                <li>"The projects that runs were handed in with, container images, and the files of models that no run here has."</li>
                <li>"Telemetry: Application Insights and the Azure portal’s privacy pages have their own exports."</li>
            </ul>
        </div>
    }
}

/// Why it cannot be kept here, if it cannot.
fn does_not_fit(bytes: f64, room: Room) -> Option<String> {
    let needed = bytes * MARGIN;
    (needed > room.left()).then(|| {
        format!(
            "This does not fit: it takes about {}, and this browser has room for {}. Leave out contents of files, choose fewer experiments or a shorter time, or make room on this computer.",
            format_bytes(needed),
            format_bytes(room.left())
        )
    })
}

fn size_in_words(bytes: f64) -> String {
    if bytes < 1.0 { "–".to_owned() } else { format_bytes(bytes) }
}

fn time_in_words(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 60.0 => "less than a minute".to_owned(),
        seconds => format!("about {}", format_duration(seconds * 1_000.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_with_both_sizes() {
        let room = |left: f64| Room { used: 1.0e9, quota: 1.0e9 + left };
        assert_eq!(does_not_fit(1.0e9, room(1.2e9)), None);
        let refusal = does_not_fit(1.0e9, room(1.1e9)).unwrap();
        assert!(refusal.contains("about 1.1 GB") || refusal.contains("about 1.2 GB"), "{refusal}");
        assert!(refusal.contains("room for 1.1 GB"), "{refusal}");
    }
}
