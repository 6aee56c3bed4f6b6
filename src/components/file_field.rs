//! A file to choose or to drop.

use leptos::prelude::*;
use web_sys::{DragEvent, File};

use crate::components::element_id::element_id;
use crate::components::field::About;
use crate::components::format::format_bytes;
use crate::components::icon::{Icon, IconName};

/// A file input that is a drop zone too: the input lies over all of it, so the browser itself takes the drop.
#[component]
pub fn FileField(
    #[prop(into)] label: Signal<String>,
    /// As in the attribute: `.zip,application/zip`.
    #[prop(into)]
    accept: String,
    #[prop(into)] on_file: Callback<File>,
    /// The name and size of the file, once there is one.
    #[prop(into)]
    chosen: Signal<Option<(String, f64)>>,
    /// What is being done with it, or was: "Reading…".
    #[prop(optional, into)]
    note: Signal<String>,
    #[prop(optional, into)] help: Signal<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Says whether it takes what is dropped: a folder, which the input would not.
    #[prop(optional, into)]
    on_drop: Option<Callback<DragEvent, bool>>,
    /// What is asked for while there is none.
    #[prop(default = "or drop it here")]
    invitation: &'static str,
) -> impl IntoView {
    let id = element_id("file");
    let about = format!("{id}-about");
    let over = RwSignal::new(false);

    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <div
                class="drop-zone"
                class:chosen=move || chosen.with(Option::is_some)
                class:over=over
                class:wrong=move || error.with(Option::is_some)
            >
                <Icon name=Signal::derive(move || {
                    if chosen.with(Option::is_some) { IconName::File } else { IconName::Upload }
                })/>
                {move || match chosen.get() {
                    Some((name, size)) => view! {
                        <bdi class="name">{name}</bdi>
                        <span class="muted">{format_bytes(size)}</span>
                        <span class="muted">{note}</span>
                        <span class="action push">"Choose another"</span>
                    }
                        .into_any(),
                    None => view! { <span><span class="action">"Choose a file"</span>" "{invitation}</span> }.into_any(),
                }}
                <input
                    id=id
                    type="file"
                    accept=accept
                    disabled=move || disabled.get()
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby=about.clone()
                    // Choosing or dropping the same file again has to be heard too: it may have changed on disk.
                    on:click:target=|event| event.target().set_value("")
                    on:change:target=move |event| {
                        if let Some(file) = event.target().files().and_then(|files| files.get(0)) {
                            on_file.run(file);
                        }
                    }
                    on:dragenter=move |_| over.set(true)
                    on:dragleave=move |_| over.set(false)
                    on:drop:target=move |event| {
                        event.target().set_value("");
                        over.set(false);
                        if on_drop.is_some_and(|on_drop| on_drop.run(event.clone())) {
                            event.prevent_default();
                        }
                    }
                />
            </div>
            <About id=about help=help error=error/>
        </div>
    }
}
