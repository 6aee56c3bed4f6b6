//! The checks as they are shown.

use leptos::prelude::*;

use crate::components::field::{CheckItem, CheckList};
use crate::pages::submit::checks::Group;

/// All checks, by what they are of.
#[component]
pub fn CheckLists(
    groups: Memo<Vec<Group>>,
    /// Gets the places of the group and of the check whose button was pressed.
    on_action: Callback<(usize, usize)>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    let lists: Vec<_> =
        groups.with_untracked(|groups| groups.iter().map(|group| group.title).collect::<Vec<_>>());
    let lists: Vec<_> = lists
        .into_iter()
        .enumerate()
        .map(|(index, title)| {
            let items = Memo::new(move |_| -> Vec<CheckItem> {
                groups.with(|groups| {
                    groups[index].findings.iter().map(|finding| finding.item.clone()).collect()
                })
            });
            let act = move |place| on_action.run((index, place));
            view! {
                <section class="check-group">
                    <h3>{title}</h3>
                    <CheckList label=title items=items on_action=act disabled=disabled/>
                </section>
            }
        })
        .collect();

    view! { <div class="stack">{lists}</div> }
}
