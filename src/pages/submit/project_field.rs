//! The field for the project: a zip, or what a zip is built of.

use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::file_field::FileField;
use crate::components::format::format_bytes;
use crate::components::panel::Hint;
use crate::pages::submit::checks::counted;
use crate::pages::submit::folder::{BundleState, Folder};
use crate::pages::submit::project::Project;
use crate::pages::submit::repairing::Repaired;

/// The zip, what it is built of, and what was repaired.
#[component]
pub fn ProjectField(
    project: Project,
    /// What was chosen before the page was loaded anew.
    #[prop(into)]
    missing: Signal<Option<String>>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <div class="stack tight">
            <FileField
                label="Project zip"
                accept=".zip,application/zip,.py,.r,.sh"
                on_file=move |file| project.choose_or_build(file)
                on_drop=Callback::new(move |event| project.takes_drop(&event))
                invitation="or drop it here: a zip, a folder, several files or a script"
                chosen=Signal::derive(move || project.chosen())
                note=Signal::derive(move || project.note())
                help="With the script at its root. Of a folder, files or a script a zip is made here."
                error=Signal::derive(move || project.fault())
                disabled=disabled
            />
            <div class="cluster">
                <PickButton label="Choose a folder" is_folder=true project=project disabled=disabled/>
                <PickButton label="Choose several files" is_folder=false project=project disabled=disabled/>
            </div>
            {move || missing.get().map(|name| view! {
                <Hint><p>"Choose "<bdi>{name}</bdi>" again: a page that was loaded anew may not open files by itself."</p></Hint>
            })}
            <Bundles project=project disabled=disabled/>
            <Repaired
                what="zip"
                done=Signal::derive(move || project.repairs())
                on_undo=move |()| project.undo()
                disabled=disabled
            />
        </div>
    }
}

/// A button that is a file input.
#[component]
fn PickButton(
    label: &'static str,
    is_folder: bool,
    project: Project,
    disabled: Signal<bool>,
) -> impl IntoView {
    let id = element_id("pick");
    view! {
        <span class="button small file-button">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                type="file"
                multiple=true
                prop:webkitdirectory=is_folder
                disabled=move || disabled.get()
                on:change:target=move |event| {
                    if let Some(files) = event.target().files() {
                        project.build_of(&files);
                    }
                    // The same may be chosen again, and has to be heard then.
                    event.target().set_value("");
                }
            />
        </span>
    }
}

/// What goes into the zip, and what is left out of it.
#[component]
fn Bundles(project: Project, disabled: Signal<bool>) -> impl IntoView {
    let states = Memo::new(move |_| {
        project.folder.with(|folder| folder.as_ref().map(Folder::states).unwrap_or_default())
    });
    let what = Memo::new(move |_| {
        project.folder.with(|folder| folder.as_ref().map(|folder| folder.what.clone()).unwrap_or_default())
    });
    let count = Memo::new(move |_| states.with(Vec::len));
    let summary = move || states.with(|states| left_out(states));
    let row = move |index: usize| {
        let state = Memo::new(move |_| states.with(|states| states.get(index).cloned()));
        let turn = move |_| {
            if let Some(state) = state.get_untracked() {
                project.turn(&state.bundle);
            }
        };
        let name = move || state.with(|state| state.as_ref().map(|state| state.bundle.name.clone()));
        let about = move || state.with(|state| state.as_ref().map(about));
        let is_kept = move || state.with(|state| state.as_ref().is_some_and(|state| state.is_kept));
        view! {
            <li>
                <label class="choice">
                    <input type="checkbox" prop:checked=is_kept disabled=disabled on:change=turn/>
                    <bdi class="name">{name}</bdi>
                </label>
                <span class="muted small">{about}</span>
            </li>
        }
    };

    view! {
        <Show when=move || { count.get() > 1 }>
            <fieldset class="bundles">
                <legend>"What of "<bdi>{what}</bdi>" goes into the zip"</legend>
                <ul><For each=move || 0..count.get() key=|index| *index children=row/></ul>
                <p class="muted small" role="status">{summary}</p>
            </fieldset>
        </Show>
    }
}

/// `12 files, 40 kB, not needed by a run`.
fn about(state: &BundleState) -> String {
    let bundle = &state.bundle;
    let size = match (bundle.files.len(), bundle.folders.len()) {
        (0, folders) => format!("{}, not looked into", counted(folders, "folder")),
        (files, _) => format!("{}, {}", counted(files, "file"), format_bytes(bundle.bytes)),
    };
    match bundle.reason {
        Some(reason) => format!("{size}, {}", reason.words()),
        None => size,
    }
}

/// How much is left out.
fn left_out(states: &[BundleState]) -> String {
    let left: Vec<&str> =
        states.iter().filter(|state| !state.is_kept).map(|state| state.bundle.name.as_str()).collect();
    if left.is_empty() {
        "Nothing is left out.".to_owned()
    } else {
        format!("Left out: {}.", left.join(", "))
    }
}
