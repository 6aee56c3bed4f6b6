//! What the containers of a service said last.

use azimuth_api::{GetServiceLogs, ServiceId, WorkspaceId};
use leptos::prelude::*;

use crate::components::button::CopyButton;
use crate::components::field::{Choice, SelectField};
use crate::load::{Freshness, Load};
use crate::navigation::Navigation;
use crate::query::query;

/// How many lines there may be, the usual number first.
const LINES: [u32; 3] = [200, 1_000, 5_000];

/// The last lines, and a button that asks for them again.
#[component]
pub fn ServiceLogsTab(workspace: WorkspaceId, service: ServiceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let wanted = navigation.parameter("lines");
    let lines = Memo::new(move |_| wanted.with(|wanted| lines_of(wanted)));
    let logs = query(move || GetServiceLogs::of(workspace.clone(), service.clone(), lines.get()));
    let choices: Vec<Choice> = LINES
        .iter()
        .map(|count| Choice { value: count.to_string(), label: format!("The last {count} lines") })
        .collect();
    let choose = move |text: String| {
        let usual = LINES[0].to_string();
        navigation.set_parameter("lines", if text == usual { "" } else { &text });
    };

    view! {
        <section class="section">
            <div class="toolbar">
                <h2 class="visually-hidden">"Logs"</h2>
                <SelectField
                    label="How many lines"
                    value=Signal::derive(move || lines.get().to_string())
                    choices=choices
                    on_change=choose
                    in_toolbar=true
                />
                <Freshness query=logs pausable=false/>
            </div>
            <Load query=logs what="the logs" rows=6 let:logs>
                {
                    let text = Signal::derive(move || logs.with(|logs| logs.content.clone()));
                    let is_empty = Memo::new(move |_| text.with(|text| text.trim().is_empty()));
                    move || if is_empty.get() {
                        view! { <p class="muted">"Its containers have said nothing yet."</p> }.into_any()
                    } else {
                        view! {
                            <pre class="log" role="region" aria-label="Logs" tabindex="0">{text}</pre>
                            <div class="cluster"><CopyButton text=text label="Copy the lines"/></div>
                        }
                        .into_any()
                    }
                }
            </Load>
        </section>
    }
}

/// The number that the address names, if it is one of those that can be chosen.
fn lines_of(text: &str) -> u32 {
    text.parse().ok().filter(|count| LINES.contains(count)).unwrap_or(LINES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_chosen_is_asked_for() {
        assert_eq!((lines_of("5000"), lines_of(""), lines_of("999999")), (5_000, 200, 200));
    }
}
