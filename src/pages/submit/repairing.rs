//! What was repaired and what would be, each with the way back.

use azimuth_api::DefinitionRepair;
use leptos::html;
use leptos::prelude::*;

use crate::pages::submit::difference::Difference;

/// What was repaired, and the way back. It takes the focus that was on the button which led here.
#[component]
pub fn Repaired(
    what: &'static str,
    /// Empty where nothing was.
    #[prop(into)]
    done: Signal<String>,
    #[prop(into)] on_undo: Callback<()>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    let note = NodeRef::<html::P>::new();
    Effect::new(move || {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if let (true, false, Some(note)) = (is_lost, done.with(String::is_empty), note.get()) {
            drop(note.focus());
        }
    });

    view! {
        <div class="repairs" role="status">
            <Show when=move || !done.with(String::is_empty)>
                <p class="repaired" tabindex="-1" node_ref=note>
                    <span>"Repaired: "{done}"."</span>
                    <button type="button" class="button small" disabled=disabled on:click=move |_| on_undo.run(())>
                        "Undo"<span class="visually-hidden">{format!(" the last repair of the {what}")}</span>
                    </button>
                </p>
            </Show>
        </div>
    }
}

/// The repair of the definition: what it would change, until it is accepted, and then the way back.
#[component]
pub fn Repairing(
    text: RwSignal<String>,
    repair: Memo<Option<DefinitionRepair>>,
    /// Whether it was asked for.
    shown: RwSignal<bool>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    // What it was, what it became, and what was done.
    let accepted = RwSignal::new(None::<(String, String, String)>);
    let done = Signal::derive(move || {
        accepted.with(|accepted| match accepted {
            Some((_, now, done)) if text.with(|text| text == now) => done.clone(),
            _ => String::new(),
        })
    });
    let undo = move |()| {
        if let Some((before, ..)) = accepted.get_untracked() {
            text.set(before);
        }
    };
    let panel = NodeRef::<html::Section>::new();
    Effect::new(move || {
        if let Some(panel) = panel.get() {
            drop(panel.focus());
        }
    });
    let proposal = move || {
        let repair = repair.get().filter(|_| shown.get())?;
        let before = text.get_untracked();
        let changes = repair.changes.join(", ");
        let words =
            format!("This would be changed: {changes}. What stands in quotes stays letter by letter.");
        let difference = view! { <Difference old=before.clone() new=repair.text.clone()/> };
        let accept = move |_| {
            accepted.set(Some((before.clone(), repair.text.clone(), changes.clone())));
            shown.set(false);
            text.set(repair.text.clone());
        };
        Some(view! {
            <section class="repair" aria-label="Repair of the definition" tabindex="-1" node_ref=panel>
                <p>{words}</p>
                {difference}
                <div class="cluster">
                    <button type="button" class="button primary" disabled=disabled on:click=accept>"Use the repaired text"</button>
                    <button type="button" class="button" on:click=move |_| shown.set(false)>"Leave it"</button>
                </div>
            </section>
        })
    };

    view! {
        {proposal}
        <Repaired what="definition" done=done on_undo=undo disabled=disabled/>
    }
}
