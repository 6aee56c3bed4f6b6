//! Files in their folders, which open and close; with the keys that a tree has.

use std::collections::BTreeSet;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

use crate::components::icon::{Icon, IconName};
use crate::files::tree::{RowKind, TreeRow, folders_of, rows};

/// The tree. Arrows go from row to row, into a folder and out of it; Enter and the blank choose.
#[component]
pub fn FileTree(
    #[prop(into)] paths: Signal<Vec<String>>,
    #[prop(into)] chosen: Signal<Option<String>>,
    #[prop(into)] on_choose: Callback<String>,
) -> impl IntoView {
    let tree = NodeRef::<html::Ul>::new();
    let open = RwSignal::new(BTreeSet::from(["outputs".to_owned()]));
    // What somebody comes to by its address is to be seen.
    Effect::new(move || {
        if let Some(chosen) = chosen.get() {
            open.update(|open| open.extend(folders_of(&chosen).map(str::to_owned)));
        }
    });
    let shown = Memo::new(move |_| {
        paths.with(|paths| open.with(|open| rows(paths.iter().map(String::as_str), open)))
    });
    // The one row that Tab comes to.
    let focused = RwSignal::new(None::<String>);
    let entrance = Memo::new(move |_| {
        shown.with(|rows| {
            let is_there =
                |path: &Option<String>| path.clone().filter(|path| rows.iter().any(|row| row.path == *path));
            is_there(&focused.get())
                .or_else(|| is_there(&chosen.get()))
                .or_else(|| rows.first().map(|row| row.path.clone()))
        })
    });
    let focus = move |path: String| {
        let index = shown.with_untracked(|rows| rows.iter().position(|row| row.path == path));
        focused.set(Some(path));
        let row =
            index.zip(tree.get_untracked()).and_then(|(index, tree)| tree.children().item(index as u32));
        if let Some(row) = row.and_then(|row| row.dyn_into::<HtmlElement>().ok()) {
            let _ = row.focus();
        }
    };
    let toggle = move |path: &str| {
        open.update(|open| {
            if !open.remove(path) {
                open.insert(path.to_owned());
            }
        });
    };
    let choose = move |row: &TreeRow| match row.kind {
        RowKind::Folder { .. } => toggle(&row.path),
        RowKind::File => on_choose.run(row.path.clone()),
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let rows = shown.get_untracked();
        let here = entrance.get_untracked();
        let Some(index) = rows.iter().position(|row| Some(&row.path) == here.as_ref()) else { return };
        let row = &rows[index];
        let next = match (event.key().as_str(), row.kind) {
            ("ArrowDown", _) => rows.get(index + 1),
            ("ArrowUp", _) => index.checked_sub(1).map(|index| &rows[index]),
            ("Home", _) => rows.first(),
            ("End", _) => rows.last(),
            ("ArrowRight", RowKind::Folder { is_open: true, .. }) => rows.get(index + 1),
            ("ArrowLeft", RowKind::Folder { is_open: true, .. })
            | ("ArrowRight", RowKind::Folder { is_open: false, .. }) => {
                toggle(&row.path);
                None
            }
            ("ArrowLeft", _) => rows[..index].iter().rev().find(|other| other.level < row.level),
            ("Enter" | " ", _) => {
                choose(row);
                None
            }
            (key, _) if key.chars().count() == 1 => {
                // A letter goes to the next name that begins with it.
                let begins =
                    |row: &&TreeRow| row.name.to_ascii_lowercase().starts_with(&key.to_ascii_lowercase());
                rows[index + 1..].iter().chain(&rows[..index]).find(begins)
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(next) = next {
            focus(next.path.clone());
        }
    };
    let row_view = move |row: TreeRow| {
        let path = row.path.clone();
        let is_chosen = Memo::new({
            let path = path.clone();
            move |_| chosen.with(|chosen| chosen.as_ref() == Some(&path))
        });
        let is_entrance = Memo::new(move |_| entrance.with(|entrance| entrance.as_ref() == Some(&path)));
        let (is_open, files) = match row.kind {
            RowKind::Folder { is_open, files } => (Some(is_open), Some(files)),
            RowKind::File => (None, None),
        };
        let icon = match is_open {
            Some(true) => IconName::ChevronDown,
            Some(false) => IconName::Chevron,
            None => IconName::File,
        };
        let name = row.name.clone();
        let on_click = {
            let row = row.clone();
            move |_| {
                focused.set(Some(row.path.clone()));
                choose(&row);
            }
        };
        view! {
            <li
                role="treeitem"
                attr:aria-level=row.level.to_string()
                aria-posinset=row.position.0.to_string()
                aria-setsize=row.position.1.to_string()
                aria-expanded=is_open.map(|is_open| if is_open { "true" } else { "false" })
                aria-selected=move || if is_chosen.get() { "true" } else { "false" }
                tabindex=move || if is_entrance.get() { "0" } else { "-1" }
                style:padding-inline-start=format!("{}rem", 0.25 + (row.level - 1) as f64)
                title=row.path
                on:click=on_click
            >
                <Icon name=icon/>
                <bdi class="name">{name}</bdi>
                {files.map(|files| view! { <span class="about">{files}</span> })}
            </li>
        }
    };

    view! {
        <ul class="file-tree" role="tree" aria-label="Files of the run" node_ref=tree on:keydown=on_key>
            <For each=move || shown.get() key=|row| (row.path.clone(), row.kind, row.position) children=row_view/>
        </ul>
    }
}
