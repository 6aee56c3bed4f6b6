//! The end of an export: tables, the list for people, the manifest and the directory of the zip, all made by reading the
//! journal from its beginning, a piece at a time.

use azimuth_api::Timestamp;
use js_sys::{Array, Uint8Array};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use web_sys::File;

use crate::export::archive::{FileKind, zip_name};
use crate::export::contents::{self, Heading, Links};
use crate::export::journal::{Beginning, FileLine, Ledger, Line, Place};
use crate::export::selection::Kind;
use crate::export::state::Finished;
use crate::export::tables;
use crate::files::zip::{self, Checksum, Entry};
use crate::private_files::{Folder, PrivateFilesError, Writer};

/// How much is gathered before it is written.
const PIECE: usize = 512 * 1024;
/// How much of a part is read at once.
const WINDOW: u64 = 1024 * 1024;

/// The files of an export whose names are given here.
pub const BEGINNING: &str = "beginning";
pub const FINISHED: &str = "finished";
const EXTRAS: &str = "extras";
const DIRECTORY: &str = "directory";

/// The part that belongs to a piece of the journal.
pub fn part_name(number: u32) -> String {
    format!("part-{number:06}")
}

/// A piece of the journal.
pub fn journal_name(number: u32) -> String {
    format!("journal-{number:06}")
}

/// A file of the whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Extra {
    path: String,
    /// In which private file it is.
    name: String,
    kind: Option<FileKind>,
    size: u64,
    checksum: u32,
    sha256: String,
}

impl Extra {
    fn entry(&self) -> Entry {
        Entry { name: self.path.clone(), size: self.size, checksum: self.checksum }
    }
}

/// A file that is written as it grows, with what has to be known of it.
struct Out {
    name: &'static str,
    writer: Writer,
    buffer: Vec<u8>,
    checksum: Checksum,
    hash: Sha256,
    size: u64,
}

impl Out {
    async fn begin(folder: &Folder, name: &'static str) -> Result<Self, PrivateFilesError> {
        let writer = folder.begin(name).await?;
        let (checksum, hash) = (Checksum::default(), Sha256::new());
        Ok(Self { name, writer, buffer: Vec::new(), checksum, hash, size: 0 })
    }

    async fn add(&mut self, bytes: &[u8]) -> Result<(), PrivateFilesError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PIECE { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), PrivateFilesError> {
        self.checksum.add(&self.buffer);
        self.hash.update(&self.buffer);
        self.size += self.buffer.len() as u64;
        self.writer.add(&self.buffer).await?;
        self.buffer.clear();
        Ok(())
    }

    async fn close(mut self, path: &str, kind: Option<FileKind>) -> Result<Extra, PrivateFilesError> {
        self.flush().await?;
        self.writer.close().await?;
        Ok(Extra {
            path: path.to_owned(),
            name: self.name.to_owned(),
            kind,
            size: self.size,
            checksum: self.checksum.value(),
            sha256: format!("{:x}", self.hash.finalize()),
        })
    }
}

/// The lines of a piece of the journal; none where there is no such piece.
pub async fn lines(folder: &Folder, number: u32) -> Result<Option<Vec<Line>>, PrivateFilesError> {
    let text = match folder.text(&journal_name(number)).await {
        Err(PrivateFilesError::NotFound) => return Ok(None),
        text => text?,
    };
    let damaged = |_| PrivateFilesError::Other("The export's journal cannot be read.".to_owned());
    text.lines().map(|line| serde_json::from_str(line).map_err(damaged)).collect::<Result<_, _>>().map(Some)
}

fn files(lines: &[Line]) -> impl Iterator<Item = &FileLine> {
    lines.iter().flat_map(|line| match line {
        Line::Done(done) => done.files.as_slice(),
        _ => &[],
    })
}

fn entry(file: &FileLine) -> Entry {
    Entry { name: file.path.clone(), size: file.size, checksum: file.checksum }
}

/// A file that is read from its beginning to its end, much at a time.
struct Window {
    file: File,
    from: u64,
    bytes: Vec<u8>,
}

impl Window {
    async fn read(&mut self, from: u64, size: u64) -> Result<&[u8], PrivateFilesError> {
        let end = from + size;
        if from < self.from || end > self.from + self.bytes.len() as u64 {
            let to = end.max(from + WINDOW).min(self.file.size() as u64);
            self.bytes = Folder::bytes(&self.file, from, to).await?;
            self.from = from;
        }
        let begin = (from - self.from) as usize;
        self.bytes.get(begin..begin + size as usize).ok_or_else(|| {
            PrivateFilesError::Other("A part of the export is shorter than it was.".to_owned())
        })
    }
}

/// What the reader of an export should know beforehand.
fn notes(beginning: &Beginning) -> Vec<String> {
    let selection = &beginning.selection;
    let mut notes = Vec::new();
    let mut note = |text: &str| notes.push(text.to_owned());
    note(
        "Keys, passwords, tokens, variables that may be such and addresses that open files are left out of the documents of the service. Where one lost something in that way, manifest.json marks it with leftOut.",
    );
    if selection.with_logs || selection.with_contents {
        note(
            "Logs and files of runs are byte for byte as they were, with whatever somebody wrote into them: look for keys and passwords before you hand them on.",
        );
    }
    note(
        "A request without a status got no answer that a page may read. Asking again after a refusal or a lost connection, signing in, and the look for the hosts of the workspace are not listed as requests.",
    );
    if selection.redacted {
        note(
            "Names and ids of people are replaced by numbers (person-1), the same one each time, where a field or a tag names them; ids, addresses and full names also wherever else they stand in a document that was taken later. What is in the files and logs of runs was not looked into.",
        );
    }
    if selection.is_narrowed() {
        note(
            "People and time spans narrow what says who made it or when: runs with all that belongs to them, experiments, models, assets, images and services. Everything else was taken whole.",
        );
    }
    if selection.has(Kind::Files) && !selection.with_contents {
        note("Of the files of runs there is the list, and what is in them was not wanted.");
    }
    if selection.has(Kind::Runs) {
        note(
            "The service has no lists of pipeline graphs, modules, templates and data sources: what the pipeline runs name is here.",
        );
    }
    notes
}

/// Makes what belongs to the whole. `on_progress` is told which share is done.
///
/// # Errors
/// What the browser says, such as that there is no room; nothing is lost then.
pub async fn finish(
    folder: &Folder,
    beginning: &Beginning,
    ledger: &Ledger,
    pieces: u32,
    now: i64,
    on_progress: impl Fn(f64),
) -> Result<Finished, PrivateFilesError> {
    let selection = &beginning.selection;
    let moment = |milliseconds| format!("{}Z", Timestamp::from_unix_milliseconds(milliseconds).iso());
    let day: String = moment(now).chars().take(10).collect();
    let share =
        |pass: f64, piece: u32| on_progress((pass + f64::from(piece) / f64::from(pieces.max(1))) / 3.0);
    let missing = ledger.missing().count();
    let notes = notes(beginning);

    // The tables, and all paths: a hundred bytes for each file.
    let mut runs = Out::begin(folder, "runs").await?;
    let mut metrics = Out::begin(folder, "metrics").await?;
    runs.add(tables::runs_head().as_bytes()).await?;
    metrics.add(tables::metrics_head().as_bytes()).await?;
    let mut paths = Vec::new();
    let mut rows = tables::Rows::default();
    for number in 1..=pieces {
        share(0.0, number);
        let lines = lines(folder, number).await?.unwrap_or_default();
        let mut window = None;
        for file in files(&lines) {
            paths.push(file.path.clone());
            let (Place::At(at), FileKind::Run | FileKind::RunMetrics) = (&file.place, file.kind) else {
                continue;
            };
            let window = match &mut window {
                Some(window) => window,
                window => window.insert(Window {
                    file: folder.read(&part_name(number)).await?,
                    from: 0,
                    bytes: Vec::new(),
                }),
            };
            let begin = at + zip::header(&entry(file)).len() as u64;
            let document = window.read(begin, file.size).await?;
            let experiment = file.experiment.as_deref().unwrap_or_default();
            match file.kind {
                FileKind::Run => {
                    let line = tables::run_line(experiment, document).unwrap_or_default();
                    runs.add(line.as_bytes()).await?;
                }
                _ => {
                    let lines = tables::metric_lines(experiment, document, &mut rows).unwrap_or_default();
                    metrics.add(lines.as_bytes()).await?;
                }
            }
        }
    }
    let mut extras = vec![
        runs.close("runs.csv", Some(FileKind::Table)).await?,
        metrics.close("metrics.csv", Some(FileKind::Table)).await?,
    ];

    // The list for people.
    let mut page = Out::begin(folder, "contents").await?;
    let count = paths.len() + 4;
    let heading = Heading { beginning, day: &day, files: count, missing, notes: &notes };
    page.add(contents::head(&heading).as_bytes()).await?;
    paths.sort_unstable();
    let mut links = Links::default();
    for path in ["manifest.json", "runs.csv", "metrics.csv"] {
        page.add(links.next(path).as_bytes()).await?;
    }
    // What stands in no folder belongs to the whole too.
    let (alone, inside): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| !path.contains('/'));
    for path in alone.iter().chain(&inside) {
        page.add(links.next(path).as_bytes()).await?;
    }
    page.add(links.end().as_bytes()).await?;
    drop((alone, inside));
    extras.push(page.close("index.html", Some(FileKind::Contents)).await?);

    // The manifest: requests, files, what is missing. Beside it the directory of the zip.
    let workspace = &selection.workspace;
    let arm_id = format!("/{}", workspace.segments().join("/"));
    let mut manifest = Out::begin(folder, "manifest").await?;
    let bytes = ledger.bytes + extras.iter().map(|extra| extra.size).sum::<u64>();
    let redacted = |text: String| match selection.redacted {
        true => {
            crate::export::redact::rewritten(&text, |_, _, text| ledger.people.replaced(text)).into_owned()
        }
        false => text,
    };
    let by = beginning.by.as_ref().filter(|_| !selection.redacted);
    let head = [
        "{".to_owned(),
        "\"format\":\"azimuth-export\",\"version\":1,".to_owned(),
        format!("\"dashboard\":{},", text_of(&env!("CARGO_PKG_VERSION"))),
        format!("\"started\":\"{}\",\"finished\":\"{}\",", moment(beginning.started), moment(now)),
        format!("\"by\":{},", text_of(&by)),
        format!("\"cloud\":{},", text_of(&beginning.cloud)),
        format!(
            "\"workspace\":{{\"subscription\":{},\"resourceGroup\":{},\"name\":{},\"id\":{},\"region\":{}}},",
            text_of(&workspace.subscription),
            text_of(&workspace.resource_group),
            text_of(&workspace.name),
            text_of(&arm_id),
            text_of(&ledger.region)
        ),
        format!("\"wanted\":{},", redacted(wanted(beginning))),
        format!("\"stopped\":{},", ledger.stopped),
        format!("\"notes\":{},", text_of(&notes)),
        format!(
            "\"counts\":{{\"requests\":{},\"files\":{},\"bytes\":{bytes},\"missing\":{missing}}},",
            ledger.requests,
            ledger.files + extras.len()
        ),
        "\"requests\":[".to_owned(),
    ];
    manifest.add(head.join("\n").as_bytes()).await?;
    let mut number = 0u32;
    for piece in 1..=pieces {
        share(1.0, piece);
        for line in lines(folder, piece).await?.unwrap_or_default() {
            let asked = match line {
                Line::Done(done) => done.asked,
                Line::Failed(failed) => failed.asked,
                Line::Again | Line::Stopped => continue,
            };
            for asked in asked {
                number += 1;
                let comma = if number > 1 { ",\n" } else { "\n" };
                let text = redacted(text_of(&asked));
                manifest.add(format!("{comma}{{\"n\":{number},{}", &text[1..]).as_bytes()).await?;
            }
        }
    }
    manifest.add(b"\n],\n\"files\":[").await?;
    let mut directory = Out::begin(folder, DIRECTORY).await?;
    let (mut begin, mut records, mut comma) = (0u64, 0u64, "\n");
    for piece in 1..=pieces {
        share(2.0, piece);
        let lines = lines(folder, piece).await?.unwrap_or_default();
        let part = size_of(folder, &part_name(piece)).await?;
        let mut behind = begin + part;
        for file in files(&lines) {
            let entry = entry(file);
            let at = match &file.place {
                Place::At(at) => begin + at,
                Place::Parts(_) => {
                    let at = behind;
                    behind += zip::header(&entry).len() as u64 + file.size;
                    at
                }
            };
            directory.add(&zip::record(&entry, at)).await?;
            records += 1;
            manifest.add(format!("{comma}{}", file_text(file)).as_bytes()).await?;
            comma = ",\n";
        }
        begin = behind;
    }
    for extra in &extras {
        let line = format!(
            "{comma}{{\"path\":{},\"kind\":{},\"id\":{},\"size\":{},\"sha256\":{}}}",
            text_of(&extra.path),
            text_of(&extra.kind),
            text_of(&extra.path),
            extra.size,
            text_of(&extra.sha256)
        );
        manifest.add(line.as_bytes()).await?;
        comma = ",\n";
    }
    manifest.add(b"\n],\n\"missing\":[").await?;
    let mut comma = "\n";
    for missing in ledger.missing() {
        manifest.add(format!("{comma}{}", redacted(text_of(&missing))).as_bytes()).await?;
        comma = ",\n";
    }
    manifest.add(b"\n]\n}\n").await?;
    extras.push(manifest.close("manifest.json", None).await?);
    for extra in &extras {
        let entry = extra.entry();
        directory.add(&zip::record(&entry, begin)).await?;
        begin += zip::header(&entry).len() as u64 + extra.size;
        records += 1;
    }
    directory.flush().await?;
    let size = directory.size;
    directory.add(&zip::end(records, size, begin)).await?;
    let directory = directory.close("", None).await?;
    write_text(folder, EXTRAS, &text_of(&extras)).await?;
    let finished = Finished {
        name: zip_name(workspace.name.as_str(), &day),
        size: (begin + directory.size) as f64,
        files: records as usize,
        missing,
        failures: ledger.failures().1,
        stopped: ledger.stopped,
        selection: selection.clone(),
        finished: now as f64,
    };
    write_text(folder, FINISHED, &text_of(&finished)).await?;
    Ok(finished)
}

/// All that the zip is made of, one behind the other; the bytes stay where they are.
///
/// # Errors
/// Where a part is not there any more.
pub async fn assemble(folder: &Folder) -> Result<Array, PrivateFilesError> {
    let all = Array::new();
    let header = |entry: &Entry| Uint8Array::from(zip::header(entry).as_slice());
    let mut number = 1;
    while let Some(lines) = lines(folder, number).await? {
        match folder.read(&part_name(number)).await {
            Ok(part) => drop(all.push(&part)),
            Err(PrivateFilesError::NotFound) => {}
            Err(error) => return Err(error),
        }
        for file in files(&lines) {
            if let Place::Parts(parts) = &file.place {
                all.push(&header(&entry(file)));
                for part in parts {
                    let part = folder.read(part).await?;
                    all.push(&part);
                }
            }
        }
        number += 1;
    }
    let extras: Vec<Extra> = serde_json::from_str(&folder.text(EXTRAS).await?)
        .map_err(|_| PrivateFilesError::Other("The end of the export cannot be read.".to_owned()))?;
    for extra in &extras {
        all.push(&header(&extra.entry()));
        let file = folder.read(&extra.name).await?;
        all.push(&file);
    }
    let directory = folder.read(DIRECTORY).await?;
    all.push(&directory);
    Ok(all)
}

async fn size_of(folder: &Folder, name: &str) -> Result<u64, PrivateFilesError> {
    match folder.read(name).await {
        Ok(file) => Ok(file.size() as u64),
        Err(PrivateFilesError::NotFound) => Ok(0),
        Err(error) => Err(error),
    }
}

/// Writes a small file.
///
/// # Errors
/// What the browser says.
pub async fn write_text(folder: &Folder, name: &str, text: &str) -> Result<(), PrivateFilesError> {
    folder.write(name, &Array::of1(&text.into())).await
}

fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// What was wanted; in a redacted export not of whom.
fn wanted(beginning: &Beginning) -> String {
    let mut selection = beginning.selection.clone();
    if selection.redacted {
        selection.people.iter_mut().flatten().for_each(|person| "(left out)".clone_into(person));
    }
    text_of(&selection)
}

/// What the manifest says of a file.
fn file_text(file: &FileLine) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Shown<'a> {
        path: &'a str,
        kind: FileKind,
        id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        experiment: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        run: Option<&'a str>,
        size: u64,
        sha256: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<u32>,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        left_out: bool,
    }
    let FileLine { path, kind, id, experiment, run, size, sha256, request, left_out, .. } = file;
    let shown = Shown {
        path,
        kind: *kind,
        id,
        experiment: experiment.as_deref(),
        run: run.as_deref(),
        size: *size,
        sha256,
        request: *request,
        left_out: *left_out,
    };
    text_of(&shown)
}
