//! The files that a run left.

mod file_tree;
pub mod preview;

use std::collections::BTreeMap;
use std::time::Duration;

use azimuth_api::{ApiError, Artifact, ArtifactContainer, ListRunArtifacts, Run, RunStatus};
use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::clock::use_now;
use crate::components::button::CopyButton;
use crate::components::format::format_bytes;
use crate::components::panel::{EmptyState, Hint, Loading};
use crate::components::time::RelativeTime;
use crate::files::download::{DownloadError, save_file, save_zip};
use crate::files::reader::FileReader;
use crate::load::{ApiErrorPanel, ListFooter, Load};
use crate::navigation::Navigation;
use crate::pages::run::Place;
use crate::pages::run::file_download::{Download, DownloadButton};
use crate::pages::run::file_failure::{FileFailure, download_all_command};
use crate::pages::run::logs::container_of;
use crate::pages::run::outputs::file_tree::FileTree;
use crate::pages::run::outputs::preview::{Preview, PreviewView, load_preview};
use crate::query::{Loaded, Shown, list_until, whole_list};
use crate::shown::{form_link, register_href};

/// How often a run that goes on is asked for new files.
const WHILE_IT_RUNS: Duration = Duration::from_secs(30);
/// So many are asked for by themselves.
const MOST_FILES: usize = 1_000;

/// The tree of files, and what is in one of them.
#[component]
pub fn OutputsTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    let is_over = Memo::new(move |_| status.with(RunStatus::is_finished));
    let container = container_of(run, place);
    let asked = container.clone();
    let files = list_until(move || ListRunArtifacts::of(asked.clone()), |_| true)
        .refresh(move |_| (is_over.try_get_untracked() == Some(false)).then_some(WHILE_IT_RUNS));
    Effect::new(move |known: Option<RunStatus>| {
        let status = status.get();
        if known.is_some_and(|known| known != status) {
            files.query().ask_again();
        }
        status
    });
    Effect::new(move || {
        let wants_more = files
            .query()
            .with(|files| files.is_some_and(|files| files.has_more() && files.len() < MOST_FILES));
        if wants_more && !files.query().is_loading().get() {
            files.more_by_itself();
        }
    });
    let chosen = navigation.parameter("file");
    let choose = move |path: String| {
        navigation.go(&navigation.location().get_untracked().with_parameter("file", Some(&path)));
    };
    let empty = move || {
        if is_over.get() {
            "The run left no files."
        } else {
            "What the script writes into its folder “outputs” appears here, at the latest when the run is over."
        }
    };

    view! {
        <section class="section" aria-label="Outputs">
            <Load query=files.query() what="the files" rows=6 let:loaded>
                {
                    let container = container.clone();
                    let paths = Memo::new(move |_| loaded.with(|loaded: &Loaded<Artifact>| loaded.items().map(|file| file.path.clone()).collect::<Vec<_>>()));
                    let times = Memo::new(move |_| loaded.with(|loaded| {
                        let time = |file: &Artifact| Some((file.path.clone(), file.created_time?.unix_milliseconds() as f64));
                        loaded.items().filter_map(time).collect::<BTreeMap<_, _>>()
                    }));
                    let is_empty = Memo::new(move |_| paths.with(Vec::is_empty));
                    let path = Memo::new(move |_| Some(chosen.get()).filter(|chosen| !chosen.is_empty()));
                    move || {
                        if is_empty.get() && path.with(Option::is_none) {
                            return view! { <EmptyState title="No files" text=Signal::derive(move || empty().to_owned())/> }.into_any();
                        }
                        let container = container.clone();
                        let all = container.clone();
                        view! {
                            <div class="files">
                                <div class="stack tight">
                                    <FileTree paths=paths chosen=path on_choose=choose/>
                                    <ListFooter list=files noun="files"/>
                                    <DownloadAll container=all place=place/>
                                </div>
                                {move || match path.get() {
                                    Some(path) => view! { <FileView path=path container=container.clone() times=times place=place/> }.into_any(),
                                    None => view! { <p class="muted">"Choose a file to see what is in it."</p> }.into_any(),
                                }}
                            </div>
                        }
                        .into_any()
                    }
                }
            </Load>
        </section>
    }
}

/// What is in a file, and what is known of it.
#[component]
fn FileView(
    path: String,
    container: ArtifactContainer,
    /// When files were written, in milliseconds since 1970.
    times: Memo<BTreeMap<String, f64>>,
    place: StoredValue<Place>,
) -> impl IntoView {
    let register = place.with_value(|place| {
        let known = [("experiment", place.experiment.as_str()), ("run", place.run.as_str()), ("path", &path)];
        register_href(expect_context(), place.workspace.clone(), &known)
    });
    let client = expect_context::<Client>();
    let now = use_now();
    let reader = StoredValue::new_local(FileReader::new(client, container, path.clone()));
    let preview = RwSignal::new(None::<Result<Preview, crate::files::reader::ReadError>>);
    let task = StoredValue::new(None::<AbortHandle>);
    let stop = move || {
        let _ = task.try_update_value(|task| task.take().inspect(AbortHandle::abort));
    };
    let begin = move || {
        stop();
        preview.set(None);
        let reader = reader.get_value();
        let (work, handle) = abortable(async move { load_preview(&reader).await });
        task.set_value(Some(handle));
        spawn_local(async move {
            if let Ok(loaded) = work.await {
                preview.try_set(Some(loaded));
            }
        });
    };
    begin();
    on_cleanup(stop);
    let size = move || {
        let total = preview.with(|preview| preview.as_ref()?.as_ref().ok()?.total)?;
        Some(format_bytes(total as f64))
    };
    let time = {
        let path = path.clone();
        Memo::new(move |_| times.with(|times| times.get(&path).copied()))
    };
    let download = Download::new();
    let save = move |()| {
        let reader = reader.get_value();
        download.begin(Box::pin(async move { save_file(&reader, download.amount()).await }));
    };
    let link = {
        let name = path.clone();
        view! { <CopyButton text=name label="Copy path"/> }
    };
    let name = path.clone();

    view! {
        <div class="file-view">
            <div class="toolbar">
                <h2 class="file-name"><bdi>{path}</bdi></h2>
                <span class="muted small">
                    {size}
                    {move || time.get().map(|time| view! { " · written "<RelativeTime unix_ms=time now=now/> })}
                </span>
                <div class="cluster push">
                    {link}
                    {form_link("button small", register, "Register as a model")}
                    <DownloadButton label="Download" download=download on_press=save/>
                </div>
            </div>
            <DownloadFailure download=download what="download this file"/>
            {move || preview.with(|preview| match preview {
                None => view! { <Loading what="the file"/> }.into_any(),
                Some(Err(error)) => view! {
                    <FileFailure error=error.clone() what="read this file" reader=reader on_retry=Callback::new(move |()| begin())/>
                }
                .into_any(),
                Some(Ok(preview)) => view! { <PreviewView preview=preview.clone() name=name.clone()/> }.into_any(),
            })}
        </div>
    }
}

/// All files of the run, as one zip.
#[component]
fn DownloadAll(container: ArtifactContainer, place: StoredValue<Place>) -> impl IntoView {
    let client = expect_context::<Client>();
    let download = Download::new();
    let listing = RwSignal::new(None::<ApiError>);
    let name = place.with_value(|place| format!("{}.zip", place.run));
    let command = place.with_value(|place| download_all_command(&place.workspace, place.run.as_str()));
    let command = Signal::stored(command);
    let save = move |()| {
        listing.set(None);
        let (container, name) = (container.clone(), name.clone());
        download.begin(Box::pin(async move {
            let paths = match all_files(client, &container).await {
                Ok(paths) => paths,
                Err(error) => {
                    listing.try_set(Some(error));
                    return Ok(());
                }
            };
            let reader = |path: String| FileReader::new(client, container.clone(), path);
            let readers: Vec<_> = paths.into_iter().map(reader).collect();
            save_zip(&readers, &name, download.amount(), download.files()).await
        }));
    };
    let is_too_large =
        Memo::new(move |_| download.error().with(|error| *error == Some(DownloadError::TooLarge)));

    view! {
        <div><DownloadButton label="Download all as a zip" download=download on_press=save/></div>
        {move || listing.get().map(|error| view! { <ApiErrorPanel error=error what="list all files" inline=true/> })}
        <DownloadFailure download=download what="download all files"/>
        <Show when=move || is_too_large.get()>
            <Hint warning=true>
                <p>"These files are larger than 2 GB, more than this page puts into one zip. All of them can be had with:"</p>
                <div class="command">
                    <pre>{command}</pre>
                    <CopyButton text=command label="Copy command" bare=true/>
                </div>
            </Hint>
        </Show>
    }
}

/// Which file could not be downloaded, and why.
#[component]
fn DownloadFailure(download: Download, what: &'static str) -> impl IntoView {
    move || match download.error().get() {
        Some(DownloadError::Unread { path, error }) => {
            let what = format!("{what}: {path} cannot be read");
            Some(view! { <ApiErrorPanel error=error.service what=what inline=true/> })
        }
        _ => None,
    }
}

/// The paths of all files, whatever of them is in the tree.
async fn all_files(client: Client, container: &ArtifactContainer) -> Result<Vec<String>, ApiError> {
    let files = whole_list(client, ListRunArtifacts::of(container.clone())).await?;
    Ok(files.into_iter().map(|file| file.path).collect())
}
