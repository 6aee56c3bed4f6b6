//! A dialog over the page, for decisions that cannot be taken back and for signing in again.

use leptos::html;
use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::icon::{Icon, IconName};

/// The page stays as it is underneath, and gets the focus back. Its children live while it is open; the one that
/// has `autofocus` gets the focus, else the title does.
#[component]
pub fn ModalDialog(
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] label: Signal<String>,
    /// Asked for by Escape or by the cross; the owner of `open` then closes it.
    #[prop(into)]
    on_close: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    let title_id = element_id("dialog");
    let labelled_by = title_id.clone();
    let title = NodeRef::<html::H2>::new();
    let children = StoredValue::new(children);

    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                // It fails when the element has left the document, and then there is nothing to show.
                drop(dialog.show_modal());
                let asks_for_focus = dialog.query_selector("[autofocus]").is_ok_and(|field| field.is_some());
                if let (false, Some(title)) = (asks_for_focus, title.get_untracked()) {
                    drop(title.focus());
                }
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let closed = move |_| {
        if open.get_untracked() {
            on_close.run(());
        }
    };

    view! {
        <dialog node_ref=dialog class="dialog" aria-labelledby=labelled_by on:close=closed>
            <header>
                <h2 id=title_id tabindex="-1" node_ref=title>{label}</h2>
                <button type="button" class="button quiet bare" aria-label="Close" on:click=move |_| on_close.run(())>
                    <Icon name=IconName::Cross/>
                </button>
            </header>
            <Show when=move || open.get()>
                <div class="body">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}
