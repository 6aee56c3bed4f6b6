//! What a run wrote while it worked.

mod tail;

use std::collections::BTreeMap;
use std::time::Duration;

use azimuth_api::{
    Artifact, ArtifactContainer, GetRunDetails, ListRunArtifacts, Run, RunStatus, SignedAddress,
};
use futures::future::{AbortHandle, abortable};
use leptos::either::Either;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::components::button::CopyButton;
use crate::components::format::{format_bytes, format_count, format_progress};
use crate::components::panel::{EmptyState, Hint, Loading};
use crate::components::text_view::long_text::LongText;
use crate::components::text_view::search::first_error;
use crate::components::text_view::{TextPlace, TextView};
use crate::files::download::save_file;
use crate::files::reader::{FileReader, ReadError, StorageFault, Way};
use crate::load::{ApiErrorPanel, ListFooter};
use crate::navigation::Navigation;
use crate::opened::is_export;
use crate::pages::run::Place;
use crate::pages::run::file_download::{Download, DownloadButton};
use crate::pages::run::file_failure::FileFailure;
use crate::pages::run::logs::tail::{Tail, TailState};
use crate::query::{Loaded, Shown, list_until, query};

/// How often a run that goes on is asked whether it has more logs. The service is slow to tell.
const WHILE_IT_RUNS: Duration = Duration::from_secs(30);
/// Logs among the first so many files are found.
const MOST_FILES: usize = 1_000;

/// A log that can be read.
#[derive(Clone, Debug, PartialEq)]
struct LogFile {
    path: String,
    /// Where details say that it is.
    address: Option<SignedAddress>,
}

/// The logs, the most useful one first, and what is in one of them.
#[component]
pub fn LogsTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    let is_export = is_export();
    let is_over = Memo::new(move |_| is_export || status.with(RunStatus::is_finished));
    let question = details_of(place);
    let container = container_of(run, place);
    let still_runs = move || (is_over.try_get_untracked() == Some(false)).then_some(WHILE_IT_RUNS);
    let details = query(move || question.clone()).refresh(move |_| still_runs());
    let files = {
        let container = container.clone();
        list_until(move || ListRunArtifacts::of(container.clone()), |_| true).refresh(move |_| still_runs())
    };
    // With each stage of a run come other logs.
    Effect::new(move |known: Option<RunStatus>| {
        let status = status.get();
        if known.is_some_and(|known| known != status) {
            details.ask_again();
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

    let logs = Memo::new(move |_| {
        let listed =
            details.with(|details| details.map(|details| details.log_files.clone()).unwrap_or_default());
        files.query().with(|files| {
            let paths = files.into_iter().flat_map(Loaded::items).map(|file: &Artifact| file.path.as_str());
            logs_of(&listed, paths)
        })
    });
    let paths =
        Memo::new(move |_| logs.with(|logs| logs.iter().map(|log| log.path.clone()).collect::<Vec<_>>()));
    let is_empty = Memo::new(move |_| paths.with(Vec::is_empty));
    let named = navigation.parameter("log");
    let chosen = Memo::new(move |_| {
        let named = named.get();
        paths.with(|paths| paths.iter().find(|path| **path == named).or(paths.first()).cloned())
    });
    let is_loading = Memo::new(move |_| {
        let is_open = |has_value: bool, failed: bool| !has_value && !failed;
        is_open(details.has_value(), details.error().with(Option::is_some))
            || is_open(files.query().has_value(), files.query().error().with(Option::is_some))
    });
    let sizes = RwSignal::new(BTreeMap::<String, u64>::new());
    let failure =
        move |error: Signal<Option<azimuth_api::ApiError>>, what: &'static str, retry: Callback<()>| {
            move || {
                error
                    .get()
                    .map(|error| view! { <ApiErrorPanel error=error what=what inline=true on_retry=retry/> })
            }
        };

    view! {
        <section class="section" aria-label="Logs">
            {failure(details.error(), "load the list of logs", Callback::new(move |()| details.ask_again()))}
            {failure(files.query().error(), "look for logs among the run's files", Callback::new(move |()| files.query().ask_again()))}
            <ListFooter list=files noun="files"/>
            {move || if is_empty.get() {
                if is_loading.get() {
                    view! { <Loading what="the logs"/> }.into_any()
                } else if details.has_value() || files.query().has_value() {
                    let (title, text) = status.with(nothing_yet);
                    view! { <EmptyState title=title text=text/> }.into_any()
                } else {
                    ().into_any()
                }
            } else {
                let container = container.clone();
                view! {
                    <div class="files">
                        <LogList paths=paths chosen=chosen sizes=sizes/>
                        {move || chosen.get().map(|path| {
                            let address = logs.with_untracked(|logs| logs.iter().find(|log| log.path == path).and_then(|log| log.address.clone()));
                            view! { <LogView path=path address=address container=container.clone() details=details_of(place) status=status sizes=sizes/> }
                        })}
                    </div>
                }
                .into_any()
            }}
        </section>
    }
}

/// Links to the logs.
#[component]
fn LogList(
    #[prop(into)] paths: Signal<Vec<String>>,
    #[prop(into)] chosen: Signal<Option<String>>,
    /// Of those that were looked at.
    sizes: RwSignal<BTreeMap<String, u64>>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let link = move |path: String| {
        let location = navigation.location().get();
        let href = location.with_parameter("log", Some(&path)).with_parameter("line", None).href();
        let is_chosen = chosen.with(|chosen| chosen.as_ref() == Some(&path));
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let (folder, name) = (folder.to_owned(), name.to_owned());
        let size = sizes.with(|sizes| sizes.get(&path).map(|size| format_bytes(*size as f64)));
        view! {
            <li>
                <a href=href aria-current=is_chosen.then_some("true") title=path>
                    <span class="name"><bdi>{name}</bdi></span>
                    <span class="about"><bdi>{folder}</bdi>{size.map(|size| format!(" · {size}"))}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="file-list" aria-label="Logs of the run">
            <ul>{move || paths.get().into_iter().map(link).collect::<Vec<_>>()}</ul>
        </nav>
    }
}

/// One log, which grows while its run goes on.
#[component]
fn LogView(
    path: String,
    address: Option<SignedAddress>,
    container: ArtifactContainer,
    details: GetRunDetails,
    status: Memo<RunStatus>,
    sizes: RwSignal<BTreeMap<String, u64>>,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let reader = match address {
        Some(address) => FileReader::of_log(client, container, path.clone(), address, details),
        None => FileReader::new(client, container, path.clone()),
    };
    let reader = StoredValue::new_local(reader);
    let is_export = is_export();
    let is_over = Memo::new(move |_| is_export || status.with(RunStatus::is_finished));
    let tail = Tail::new();
    let text_place = TextPlace::new();
    text_place.follow.set(!is_over.get_untracked());
    let wanted_line =
        navigation.parameter("line").get_untracked().parse::<usize>().ok().filter(|line| *line > 0);

    let task = StoredValue::new(None::<AbortHandle>);
    let stop = move || {
        let _ = task.try_update_value(|task| task.take().inspect(AbortHandle::abort));
    };
    let begin = move || {
        stop();
        let reader = reader.get_value();
        let (work, handle) =
            abortable(async move { tail.read(&reader, wanted_line.is_some(), is_over.into()).await });
        task.set_value(Some(handle));
        spawn_local(async move {
            let _ = work.await;
        });
    };
    begin();
    on_cleanup(stop);

    let way = RwSignal::new(None::<(Way, Option<StorageFault>)>);
    {
        let path = path.clone();
        Effect::new(move || {
            let (_, end) = tail.loaded.get();
            tail.state.track();
            if tail.state.with_untracked(|state| matches!(state, TailState::Growing | TailState::Over)) {
                sizes.update(|sizes| {
                    sizes.insert(path.clone(), end);
                });
            }
            way.set(reader.with_value(|reader| Some((reader.way(), reader.storage_fault()))));
        });
    }
    // A line of the address is gone to once it is there.
    let is_gone_to = StoredValue::new(false);
    Effect::new(move || {
        let Some(line) = wanted_line.filter(|_| !is_gone_to.get_value()) else { return };
        if tail.text.with(LongText::line_count) >= line {
            is_gone_to.set_value(true);
            text_place.line.set(Some(line - 1));
        }
    });

    let is_whole = Memo::new(move |_| tail.loaded.with(|(begin, _)| *begin == 0));
    let is_empty = Memo::new(move |_| tail.text.with(LongText::is_empty));
    let chosen_line = text_place.line;
    let choose_line = move |line: usize| {
        chosen_line.set(Some(line));
        if is_whole.get_untracked() {
            navigation.set_parameter("line", &(line + 1).to_string());
        }
    };
    let link = Signal::derive(move || {
        let line = chosen_line.get().filter(|_| is_whole.get())?;
        let location = navigation.location().get();
        let log = location.with_parameter("log", Some(&reader.with_value(|reader| reader.path().to_owned())));
        let href = log.with_parameter("line", Some(&(line + 1).to_string())).href();
        let page = window().location().href().unwrap_or_default();
        let page = page.split('#').next().unwrap_or_default().to_owned();
        Some((line + 1, format!("{page}{href}")))
    });
    let no_error = RwSignal::new(false);
    let go_to_error = move |_| {
        let found = tail.text.with_untracked(first_error);
        no_error.set(found.is_none());
        if let Some(line) = found {
            chosen_line.set(None);
            chosen_line.set(Some(line));
        }
    };
    let download = Download::new();
    let save = move |()| {
        let reader = reader.get_value();
        download.begin(Box::pin(async move { save_file(&reader, download.amount()).await }));
    };
    let earlier_error = RwSignal::new(None::<ReadError>);
    let earlier_task = StoredValue::new(None::<AbortHandle>);
    let stop_earlier = move || {
        let _ = earlier_task.try_update_value(|task| task.take().inspect(AbortHandle::abort));
        tail.earlier.try_set(None);
    };
    on_cleanup(stop_earlier);
    let load_earlier = move |_| {
        earlier_error.set(None);
        let reader = reader.get_value();
        let (work, handle) = abortable(async move { tail.read_earlier(&reader).await });
        earlier_task.set_value(Some(handle));
        spawn_local(async move {
            if let Ok(Err(error)) = work.await {
                earlier_error.try_set(Some(error));
            }
        });
    };

    let summary = move || {
        if is_empty.get() {
            return String::new();
        }
        let (_, end) = tail.loaded.get();
        let lines = tail.text.with(LongText::line_count);
        let lines = if is_whole.get() {
            format!(", {} {}", format_count(lines), if lines == 1 { "line" } else { "lines" })
        } else {
            String::new()
        };
        let grows = if tail.state.with(|state| *state == TailState::Growing) && !is_over.get() {
            ", grows"
        } else {
            ""
        };
        format!("{}{lines}{grows}", format_bytes(end as f64))
    };
    let source = move || {
        way.get().and_then(|(way, fault)| match (way, fault) {
            _ if is_export => None,
            (Way::WholeFromService, _) => Some("read from the service, whole each time".to_owned()),
            (Way::Service, Some(StorageFault::NotShared(_))) => {
                Some("read from the service: the storage account does not let this page in".to_owned())
            }
            (Way::Service, _) => Some("read from the service".to_owned()),
            (Way::Storage, _) => None,
        })
    };
    let name = path.clone();

    view! {
        <div class="file-view">
            <div class="cluster">
                <h2 class="file-name"><bdi>{path}</bdi></h2>
                <span class="muted small">{summary}{move || source().filter(|_| !is_empty.get()).map(|source| format!(", {source}"))}</span>
            </div>
            {move || match tail.state.get() {
                TailState::Failed(error) => Some(view! {
                    <FileFailure error=error what="read this log" reader=reader on_retry=Callback::new(move |()| {
                        tail.state.set(TailState::Loading);
                        begin();
                    })/>
                }),
                _ => None,
            }}
            <Show when=move || is_empty.get() && matches!(tail.state.get(), TailState::Loading)>
                <Loading what="the log"/>
            </Show>
            <Show when=move || is_empty.get() && matches!(tail.state.get(), TailState::Growing | TailState::Over)>
                <EmptyState
                    title="This log is empty"
                    text=Signal::derive(move || if is_over.get() { "The run wrote nothing into it.".to_owned() } else { "What is written appears here by itself.".to_owned() })
                />
            </Show>
            <Show when=move || !is_empty.get()>
                <Show when=move || !is_whole.get()>
                    <Hint>
                        <div class="cluster">
                            <span>{move || {
                                let (begin, _) = tail.loaded.get();
                                match tail.earlier.get() {
                                    None => format!("The first {} are not loaded.", format_bytes(begin as f64)),
                                    Some(done) => format!("Loading {}", format_progress(done as f64, begin as f64)),
                                }
                            }}</span>
                            {move || if tail.earlier.with(Option::is_some) {
                                Either::Left(view! { <button type="button" class="button small" on:click=move |_| stop_earlier()>"Cancel"</button> })
                            } else {
                                Either::Right(view! { <button type="button" class="button small" on:click=load_earlier>"Load all of it"</button> })
                            }}
                        </div>
                    </Hint>
                    {move || earlier_error.get().map(|error| view! {
                        <ApiErrorPanel error=error.service what="load the beginning of this log" inline=true/>
                    })}
                </Show>
                <TextView label=name.clone() text=tail.text place=text_place is_numbered=is_whole on_line=choose_line>
                    <Show when=move || !is_over.get()>
                        <button
                            type="button"
                            class="button small"
                            aria-pressed=move || if text_place.follow.get() { "true" } else { "false" }
                            on:click=move |_| text_place.follow.update(|follow| *follow = !*follow)
                        >
                            "Follow"
                        </button>
                    </Show>
                    <Show when=move || status.with(|status| *status == RunStatus::Failed)>
                        <button type="button" class="button small" on:click=go_to_error>"First error"</button>
                        <span class="muted small" role="status">{move || no_error.get().then_some("none found in what is loaded")}</span>
                    </Show>
                    {move || link.get().map(|(line, link)| view! { <CopyButton text=link label=format!("Copy link to line {line}")/> })}
                    <DownloadButton label="Download" download=download on_press=save/>
                </TextView>
            </Show>
            {move || download.error().get().and_then(|error| error.read_error().cloned()).map(|error| view! {
                <ApiErrorPanel error=error.service what="download this log" inline=true/>
            })}
        </div>
    }
}

fn details_of(place: StoredValue<Place>) -> GetRunDetails {
    place.with_value(|place| GetRunDetails {
        workspace: place.workspace.clone(),
        experiment: place.experiment.clone(),
        run: place.run.clone(),
    })
}

/// Where the files of the run are.
pub fn container_of(run: Shown<Run>, place: StoredValue<Place>) -> ArtifactContainer {
    let named = untrack(|| run.with(|run| run.data_container_id.clone()));
    place.with_value(|place| ArtifactContainer::of_run(place.workspace.clone(), &place.run, named.as_deref()))
}

/// What the details list, and what else is where logs are; the most useful one first.
fn logs_of<'a>(
    listed: &BTreeMap<String, SignedAddress>,
    files: impl Iterator<Item = &'a str>,
) -> Vec<LogFile> {
    let mut logs: Vec<LogFile> = listed
        .iter()
        .map(|(path, address)| LogFile { path: path.clone(), address: Some(address.clone()) })
        .collect();
    let others = files.filter(|path| is_log(path) && !listed.contains_key(*path));
    logs.extend(others.map(|path| LogFile { path: path.to_owned(), address: None }));
    logs.sort_by(|left, right| {
        rank(&left.path).cmp(&rank(&right.path)).then_with(|| left.path.cmp(&right.path))
    });
    logs
}

fn is_log(path: &str) -> bool {
    let folders = ["azureml-logs/", "user_logs/", "system_logs/", "logs/"];
    let ends = [".txt", ".log", ".json", ".out", ".err"];
    folders.iter().any(|folder| path.starts_with(folder)) && ends.iter().any(|end| path.ends_with(end))
}

/// What the script itself wrote comes before what was said about it, and what only support reads comes last.
fn rank(path: &str) -> u8 {
    let name = path.rsplit('/').next().unwrap_or(path);
    match () {
        () if name.starts_with("70_driver_log") || name.starts_with("std_log") => 0,
        () if path.starts_with("user_logs/") => 1,
        () if name.ends_with(".json") => 6,
        () if name.starts_with("20_image_build_log") => 2,
        () if path.starts_with("azureml-logs/") => 3,
        () if path.starts_with("system_logs/") => 5,
        () => 4,
    }
}

/// Why there are no logs: what the run does now, and what it wrote if it is over.
fn nothing_yet(status: &RunStatus) -> (String, String) {
    if status.is_finished() {
        ("No logs".to_owned(), "The run left none.".to_owned())
    } else {
        (
            "No logs yet".to_owned(),
            format!("The script has not begun: {}. Logs appear here by themselves.", status.plain()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_script_wrote_comes_first() {
        let listed: BTreeMap<String, SignedAddress> = [
            "azureml-logs/20_image_build_log.txt",
            "azureml-logs/55_azureml-execution-n.txt",
            "azureml-logs/70_driver_log.txt",
            "azureml-logs/process_info.json",
        ]
        .map(|path| (path.to_owned(), SignedAddress::new("https://x/y?sig=z")))
        .into();
        let files = [
            "azureml-logs/70_driver_log.txt",
            "logs/azureml/1.log",
            "outputs/a.txt",
            "user_logs/std_log.txt",
            "logs/model.bin",
        ];
        let paths: Vec<_> = logs_of(&listed, files.into_iter()).into_iter().map(|log| log.path).collect();
        assert_eq!(
            paths,
            [
                "azureml-logs/70_driver_log.txt",
                "user_logs/std_log.txt",
                "azureml-logs/20_image_build_log.txt",
                "azureml-logs/55_azureml-execution-n.txt",
                "logs/azureml/1.log",
                "azureml-logs/process_info.json",
            ]
        );
    }

    #[test]
    fn a_run_without_logs_says_why() {
        assert!(nothing_yet(&RunStatus::Queued).1.contains("Waiting for a free computer"));
        assert_eq!(nothing_yet(&RunStatus::Canceled).0, "No logs");
    }
}
