//! Opening an export again, and what it says of itself.

use std::any::Any;
use std::rc::Rc;

use azimuth_api::Timestamp;
use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use crate::components::clock_time::{clock_time, language};
use crate::components::facts::{Fact, Facts};
use crate::components::file_field::FileField;
use crate::components::format::{format_bytes, format_count};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::export::archive::FileKind;
use crate::navigation::{Navigation, use_passing_title, use_title};
use crate::opened::archive::{About, Archive, MissingThing};
use crate::opened::carrier::{PickedFile, client_of};
use crate::opened::{OpenExport, Opened};
use crate::route::{Route, WorkspaceRoute};

/// How much of what could not be exported is listed.
const MOST_MISSING: usize = 100;

/// Asks for the zip of an export; once there is one, says what is in it.
#[component]
pub fn OpenedPage() -> impl IntoView {
    let opened = expect_context::<Opened>();
    move || match opened.what().get().and(archive_of(opened)) {
        Some(archive) => view! { <OpenPage archive=archive/> }.into_any(),
        None => view! { <ChoosePage/> }.into_any(),
    }
}

fn archive_of(opened: Opened) -> Option<Rc<Archive>> {
    let kept: Rc<dyn Any> = opened.kept()?;
    kept.downcast().ok()
}

#[component]
fn ChoosePage() -> impl IntoView {
    use_passing_title("Open an export".to_owned());
    let navigation = expect_context::<Navigation>();
    let goes_on = move || navigation.location().with(|location| location.route != Route::Home);

    view! {
        <div class="page middle">
            <PageTitle title="Open an export"/>
            <p>"Choose the zip that an export saved, and look through it as through the workspace itself. It is read on this computer: nobody signs in, nothing is sent anywhere, and nothing in it can be changed."</p>
            <Show when=goes_on>
                <Hint>"This address is in an export. A page does not keep files that were chosen, so choose its zip again to go on."</Hint>
            </Show>
            <ChooseFile/>
        </div>
    }
}

/// The field for the zip. What is chosen is opened at once.
#[component]
fn ChooseFile() -> impl IntoView {
    let opened = expect_context::<Opened>();
    let navigation = expect_context::<Navigation>();
    let chosen = RwSignal::new(None::<(String, f64)>);
    let is_reading = RwSignal::new(false);
    let fault = RwSignal::new(None::<String>);
    // What is chosen while another is read takes its place.
    let turn = StoredValue::new(0_u32);
    let on_file = move |file: File| {
        turn.update_value(|turn| *turn += 1);
        let own = turn.get_value();
        chosen.set(Some((file.name(), file.size())));
        fault.set(None);
        is_reading.set(true);
        spawn_local(async move {
            let size = file.size() as u64;
            let result = Archive::open(size, Rc::new(PickedFile(file))).await;
            if turn.try_get_value() != Some(own) {
                return;
            }
            is_reading.set(false);
            match result {
                Ok(archive) => open(opened, navigation, archive),
                Err(why) => fault.set(Some(why.to_string())),
            }
        });
    };
    let note = move || if is_reading.get() { "Reading…" } else { "" }.to_owned();

    view! {
        <FileField
            label="Export"
            accept=".zip,application/zip"
            on_file=Callback::new(on_file)
            chosen=chosen
            note=Signal::derive(note)
            error=fault
        />
        <div class="visually-hidden" role="status">{note}</div>
    }
}

/// Shows it: at the address that is open if that is in it, else at its workspace.
fn open(opened: Opened, navigation: Navigation, archive: Archive) {
    let workspace = archive.about.workspace.clone();
    let what = OpenExport {
        workspace: workspace.clone(),
        ribbon: ribbon(&archive.about),
        made: archive.about.finished.map(|time| time.unix_milliseconds() as f64),
    };
    let archive = Rc::new(archive);
    let place = navigation.location().get_untracked();
    let is_in_it = matches!(&place.route, Route::Workspace(named, _) if *named == workspace);
    if !is_in_it {
        navigation.go_to(Route::Workspace(workspace, WorkspaceRoute::Overview));
    }
    let kept: Rc<dyn Any> = Rc::<Archive>::clone(&archive);
    opened.open(what, kept, || client_of(&archive));
}

fn ribbon(about: &About) -> String {
    let workspace = &about.workspace.name;
    let made = about.finished.map(|time| format!(" made on {}", day(time))).unwrap_or_default();
    // Its lists look whole, whatever could not be exported; its own page says what that is.
    let gaps = match about.missing + about.lost {
        _ if about.is_stopped => ", ended before all was there".to_owned(),
        0 => String::new(),
        1 => ", 1 thing is not in it".to_owned(),
        gone => format!(", {} things are not in it", format_count(gone)),
    };
    format!("An export of {workspace}{made}: read-only{gaps}")
}

/// "2 Jan 2026", in the time and the language of the page.
fn day(time: Timestamp) -> String {
    let date = Date::new(&(time.unix_milliseconds() as f64).into());
    let options = Object::new();
    drop(Reflect::set(&options, &"dateStyle".into(), &"medium".into()));
    date.to_locale_date_string(&language(), &options).into()
}

fn moment(time: Timestamp) -> String {
    clock_time(time.unix_milliseconds() as f64, 0.0)
}

fn missing_item(missing: MissingThing) -> impl IntoView {
    let MissingThing { kind, id, run, why } = missing;
    let kind = kind.map(FileKind::in_words);
    view! {
        <li>
            <p>{kind.map(|kind| view! { <span class="muted">{kind}</span>" " })}<bdi class="strong">{id}</bdi>{run.map(|run| view! { " "<span class="muted small">"of "<bdi>{run}</bdi></span> })}</p>
            <p class="small"><bdi>{why}</bdi></p>
        </li>
    }
}

#[component]
fn OpenPage(archive: Rc<Archive>) -> impl IntoView {
    use_title("Export".to_owned());
    let navigation = expect_context::<Navigation>();
    let about = archive.about.clone();
    let name = about.workspace.name.to_string();
    let overview = navigation.href(Route::Workspace(about.workspace.clone(), WorkspaceRoute::Overview));
    let missing: Vec<_> = archive.missing_things().take(MOST_MISSING).collect();
    let more = about.missing.saturating_sub(missing.len());
    let has_missing = !missing.is_empty();

    view! {
        <div class="page middle">
            <PageTitle kind="Export of" title=name.clone()>
                <a class="button primary" href=overview>"Open the workspace"</a>
            </PageTitle>
            {about.is_stopped.then(|| view! { <Hint warning=true>"It was ended before all was there, so a part of the workspace is not in it."</Hint> })}
            {(about.lost > 0).then(|| view! {
                <Hint warning=true>
                    {match about.lost {
                        1 => "1 of its files is not in the zip any more: somebody took it out.".to_owned(),
                        lost => format!("{} of its files are not in the zip any more: somebody took them out.", format_count(lost)),
                    }}
                </Hint>
            })}
            {about.is_redacted.then(|| view! { <Hint>"Names of people are replaced in it: person-1 is the same person everywhere."</Hint> })}
            <Facts stacks=true>
                <Fact name="Workspace"><bdi>{name}</bdi></Fact>
                <Fact name="Resource group"><bdi>{about.workspace.resource_group.to_string()}</bdi></Fact>
                <Fact name="Subscription"><bdi>{about.workspace.subscription.to_string()}</bdi></Fact>
                <Fact name="Region"><bdi>{about.region}</bdi></Fact>
                <Fact name="Made on">{about.finished.map_or_else(|| "Not said".to_owned(), moment)}</Fact>
                <Fact name="By"><bdi>{about.by.unwrap_or_else(|| "Not said".to_owned())}</bdi></Fact>
                <Fact name="Size">{format!("{}, {} files and its tables", format_bytes(about.size as f64), format_count(about.files))}</Fact>
            </Facts>
            {(!about.notes.is_empty()).then(|| view! {
                <section class="section">
                    <h2>"Notes"</h2>
                    <ul class="export-notes">{about.notes.into_iter().map(|note| view! { <li><bdi>{note}</bdi></li> }).collect::<Vec<_>>()}</ul>
                </section>
            })}
            {has_missing.then(|| view! {
                <section class="section">
                    <h2>"Not in it"</h2>
                    <ul class="export-missing">{missing.into_iter().map(missing_item).collect::<Vec<_>>()}</ul>
                    {(more > 0).then(|| view! { <p class="muted">{format!("And {} more, which its manifest.json names.", format_count(more))}</p> })}
                </section>
            })}
            <section class="section">
                <h2>"Open another export"</h2>
                <ChooseFile/>
            </section>
        </div>
    }
}
