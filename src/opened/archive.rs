//! An export as a zip that is read in place: what is in it is known from its directory and its manifest.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::rc::Rc;

use azimuth_api::{Timestamp, WorkspaceId};
use futures::future::LocalBoxFuture;
use serde::Deserialize;
use serde::de::{Deserializer, IntoDeserializer, SeqAccess, Visitor};

use crate::export::archive::FileKind;
use crate::files::zip::Checksum;
use crate::opened::runs::RunKey;
use crate::project_zip::{self, Entry, ProjectZip, ZipFault};

/// The word that an export's manifest begins with.
const FORMAT: &str = "azimuth-export";
/// The newest form of an export that is understood.
const VERSION: u64 = 1;
const MANIFEST: &str = "manifest.json";
/// Half a million files with long names.
const LARGEST_DIRECTORY: u64 = 128 * 1024 * 1024;
/// Of some hundred thousand files.
const LARGEST_MANIFEST: u64 = 512 * 1024 * 1024;
/// What lies between two files that are wanted is read too where it is less than this: one reading more takes longer.
const NEAR: u64 = 64 * 1024;
/// And no more than this at once.
const AT_ONCE: u64 = 8 * 1024 * 1024;
/// The local header of a file without its names.
const LOCAL_HEADER: u64 = 30;

/// Where the bytes of the zip are.
pub trait Source {
    /// The bytes from one place to another; none where they cannot be read any more.
    fn read(&self, from: u64, to: u64) -> LocalBoxFuture<'_, Option<Vec<u8>>>;
}

/// An export that is open.
pub struct Archive {
    source: Rc<dyn Source>,
    zip: ProjectZip,
    /// What the manifest says of the whole.
    pub about: About,
    pub(super) hosts: Hosts,
    /// What the service and runs had, sorted by kind and run; within them as the manifest has them.
    files: Vec<File>,
    pub(super) missing: Vec<Missing>,
    /// Words of kinds.
    chosen: Option<Vec<String>>,
    names: Names,
    /// What runs are filtered and ordered by, by experiment, once somebody asked.
    pub(super) run_keys: RefCell<HashMap<u32, Rc<Vec<RunKey>>>>,
    /// The runs whose metrics were asked for last.
    pub(super) measured: RefCell<Vec<u32>>,
}

/// What an export says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// Where that is.
    pub region: String,
    /// When it was made.
    pub finished: Option<Timestamp>,
    /// Who made it.
    pub by: Option<String>,
    /// Whether it was ended before all was there.
    pub is_stopped: bool,
    /// Whether names of people are replaced in it.
    pub is_redacted: bool,
    /// What else there is to say.
    pub notes: Vec<String>,
    /// How many files there are, apart from tables, contents and what is not known here.
    pub files: usize,
    /// How many bytes the zip has.
    pub size: u64,
    /// How much could not be exported.
    pub missing: usize,
    /// How many files the manifest names that the zip does not have.
    pub lost: usize,
}

/// Something that could not be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingThing {
    /// What it is, unless this dashboard does not know that.
    pub kind: Option<FileKind>,
    /// What it is called; of a file its path.
    pub id: String,
    /// Of which run, if it is not a run itself.
    pub run: Option<String>,
    /// In plain words.
    pub why: String,
}

/// Why a file cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenFault {
    /// It is no zip, or a broken one.
    Zip(ZipFault),
    /// It is a zip without a manifest.
    NoManifest,
    /// Its manifest cannot be read.
    Manifest,
    /// Its manifest is of something else.
    Other,
    /// It was made by a newer dashboard.
    Newer(u64),
    /// It was unpacked and packed again.
    Packed,
}

impl fmt::Display for OpenFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Zip(ZipFault::TooManyFiles) => {
                "The zip names more files than this page can hold. Unpack it and read its files instead."
            }
            Self::Zip(ZipFault::Empty) => "The file is empty. Choose the zip that was saved at the end of an export.",
            Self::Zip(ZipFault::Other(project_zip::FileKind::WebPage)) => {
                "This is a web page, not a zip: where a download needs a sign-in, its page may be saved instead. Download the export again."
            }
            Self::Zip(ZipFault::Other(_)) => {
                "This is not a zip. An export is the zip that this dashboard saves."
            }
            Self::Zip(ZipFault::CutOff) => {
                "The zip is cut off: its end is missing, as after a download that was broken off. Copy or download it again."
            }
            Self::Zip(ZipFault::Damaged) => {
                "The zip is damaged: its parts do not fit together. Copy or download it again."
            }
            Self::Zip(ZipFault::Split) => "This is one part of a zip in several parts. Join them first.",
            Self::Zip(ZipFault::Unreadable) => {
                "The file cannot be read any more: it was moved or changed after it was chosen. Choose it again."
            }
            Self::NoManifest => {
                "This zip is no export of a workspace: there is no manifest.json in it."
            }
            Self::Manifest => {
                "The manifest.json of this zip cannot be read: it was changed, or is damaged. Copy or download the export again."
            }
            Self::Other => "This zip is no export of a workspace: its manifest.json is of something else.",
            Self::Newer(version) => {
                return write!(
                    formatter,
                    "This export has form {version}, and this dashboard understands form {VERSION}: it was made by a newer one. \
                     Open it there, or reload this page to get the newest."
                );
            }
            Self::Packed => {
                "This export was unpacked and packed again: its files are compressed now, and this page reads them only as \
                 they were saved. Open the zip that the export saved, or zip its files without compression."
            }
        })
    }
}

/// A file of an export.
#[derive(Debug)]
pub(super) struct File {
    kind: FileKind,
    /// Its run, or 0.
    pub(super) run: u32,
    /// Its experiment, or 0.
    pub(super) experiment: u32,
    /// What it is of, as the service spells it.
    pub(super) id: Box<str>,
    /// Its place in the directory of the zip.
    entry: u32,
}

/// Something that could not be exported.
#[derive(Debug, Deserialize)]
pub(super) struct Missing {
    #[serde(deserialize_with = "known")]
    pub(super) kind: Option<FileKind>,
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    pub(super) run: Option<String>,
    #[serde(default)]
    pub(super) why: String,
}

/// Names that occur often, each once. Number 0 is none.
#[derive(Default)]
struct Names {
    all: Vec<Rc<str>>,
    numbers: HashMap<Rc<str>, u32>,
}

impl Names {
    fn number(&mut self, name: Option<&str>) -> u32 {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return 0 };
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let name: Rc<str> = name.into();
        self.all.push(Rc::clone(&name));
        let number = self.all.len() as u32;
        self.numbers.insert(name, number);
        number
    }
}

/// Which host answered which service, from the requests of the export.
#[derive(Debug, Default)]
pub(super) struct Hosts(pub(super) BTreeMap<&'static str, String>);

impl Hosts {
    fn learn(&mut self, host: &str, path: &str) {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let name = match first {
            "history" => "history",
            "modelmanagement" => "api",
            "api" if path.starts_with("/api/v1.0/") => "pipelines",
            "api" => "modelmanagement",
            "pipelines" => "api",
            "subscriptions" => "management",
            _ => return,
        };
        self.0.entry(name).or_insert_with(|| host.to_owned());
    }
}

impl<'de> Deserialize<'de> for Hosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Line<'a> {
            #[serde(default, borrow)]
            host: Cow<'a, str>,
            #[serde(default, borrow)]
            path: Cow<'a, str>,
        }
        struct Lines;
        impl<'de> Visitor<'de> for Lines {
            type Value = Hosts;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of requests")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Hosts, A::Error> {
                let mut hosts = Hosts::default();
                while let Some(Line { host, path }) = lines.next_element()? {
                    hosts.learn(&host, &path);
                }
                Ok(hosts)
            }
        }
        deserializer.deserialize_seq(Lines)
    }
}

/// What tells an export from other files of that name.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(default, borrow)]
    format: Cow<'a, str>,
    #[serde(default)]
    version: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    #[serde(default)]
    finished: Option<String>,
    #[serde(default)]
    by: Option<By>,
    #[serde(default)]
    wanted: Wanted,
    #[serde(default)]
    stopped: bool,
    #[serde(default)]
    notes: Vec<String>,
    workspace: Place,
    #[serde(default)]
    requests: Hosts,
    #[serde(borrow)]
    files: Vec<Line<'a>>,
    #[serde(default)]
    missing: Vec<Missing>,
}

#[derive(Deserialize)]
struct By {
    #[serde(default)]
    name: Option<String>,
}

#[derive(Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    redacted: bool,
    /// What was chosen; all where nothing is said.
    #[serde(default)]
    kinds: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    subscription: String,
    resource_group: String,
    name: String,
    #[serde(default)]
    region: Option<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    path: Cow<'a, str>,
    #[serde(deserialize_with = "known")]
    kind: Option<FileKind>,
    #[serde(default, borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    experiment: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    run: Option<Cow<'a, str>>,
}

/// A kind by its word; none where a newer dashboard may know it.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<FileKind>, D::Error> {
    let word = Cow::<str>::deserialize(deserializer)?;
    let kind: Result<_, serde::de::value::Error> = FileKind::deserialize((*word).into_deserializer());
    Ok(kind.ok())
}

/// Bytes that cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFault {
    /// The file went away, or was changed.
    Unreadable,
    /// They are not those that were exported.
    Damaged,
}

impl Archive {
    /// Opens a zip of `size` bytes: reads its directory and its manifest, and nothing else.
    ///
    /// # Errors
    /// Where it is no export that can be read.
    pub async fn open(size: u64, source: Rc<dyn Source>) -> Result<Self, OpenFault> {
        let zip =
            ProjectZip::read_up_to(LARGEST_DIRECTORY, size, async |from, to| source.read(from, to).await)
                .await
                .map_err(OpenFault::Zip)?;
        let mut by_name: Vec<u32> = (0..zip.len() as u32).collect();
        by_name.sort_unstable_by(|one, other| name(&zip, *one).cmp(name(&zip, *other)));
        let find = |wanted: &str| {
            let place = by_name.binary_search_by(|entry| name(&zip, *entry).cmp(wanted.as_bytes()));
            place.ok().map(|place| by_name[place])
        };
        // Whoever packs a folder gets its name before everything.
        let is_below = |entry: &u32| name(&zip, *entry).ends_with(b"/manifest.json");
        let Some(entry) = find(MANIFEST) else {
            return Err(match by_name.iter().any(is_below) {
                true => OpenFault::Packed,
                false => OpenFault::NoManifest,
            });
        };
        let manifest = zip.entry(entry as usize);
        if manifest.method() != 0 || manifest.is_encrypted() {
            return Err(OpenFault::Packed);
        }
        if manifest.unpacked() > LARGEST_MANIFEST {
            return Err(OpenFault::Manifest);
        }
        let bytes = read_whole(&*source, manifest).await.map_err(|fault| match fault {
            ReadFault::Unreadable => OpenFault::Zip(ZipFault::Unreadable),
            ReadFault::Damaged => OpenFault::Zip(ZipFault::Damaged),
        })?;
        let head: Head<'_> = serde_json::from_slice(&bytes).map_err(|_| OpenFault::Manifest)?;
        if head.format != FORMAT {
            return Err(OpenFault::Other);
        }
        if head.version > VERSION {
            return Err(OpenFault::Newer(head.version));
        }
        let manifest: Manifest<'_> = serde_json::from_slice(&bytes).map_err(|_| OpenFault::Manifest)?;
        let mut names = Names::default();
        let mut files = Vec::with_capacity(manifest.files.len());
        let mut lost = 0;
        for line in &manifest.files {
            let Some(entry) = find(&line.path) else {
                lost += 1;
                continue;
            };
            let found = zip.entry(entry as usize);
            if found.method() != 0 || found.is_encrypted() {
                return Err(OpenFault::Packed);
            }
            let Some(kind) = line.kind.filter(|kind| !kind.is_of_whole()) else { continue };
            let id = line.id.as_deref().unwrap_or_default();
            // A run itself is what it is of.
            let run = line.run.as_deref().or((kind == FileKind::Run).then_some(id));
            files.push(File {
                kind,
                run: names.number(run),
                experiment: names.number(line.experiment.as_deref()),
                id: id.into(),
                entry,
            });
        }
        // Stable: pages of an answer stay in their order, and so do lists.
        files.sort_by_key(|file| (file.kind, file.run));
        let Place { subscription, resource_group, name, region } = manifest.workspace;
        let about = About {
            workspace: WorkspaceId {
                subscription: subscription.into(),
                resource_group: resource_group.into(),
                name: name.into(),
            },
            region: region.unwrap_or_default(),
            finished: manifest.finished.as_deref().and_then(Timestamp::parse),
            by: manifest.by.and_then(|by| by.name),
            is_stopped: manifest.stopped,
            is_redacted: manifest.wanted.redacted,
            notes: manifest.notes,
            files: files.len(),
            size,
            missing: manifest.missing.len(),
            lost,
        };
        let (hosts, missing, chosen) = (manifest.requests, manifest.missing, manifest.wanted.kinds);
        Ok(Self {
            source,
            zip,
            about,
            hosts,
            files,
            missing,
            chosen,
            names,
            run_keys: RefCell::default(),
            measured: RefCell::default(),
        })
    }

    /// What could not be exported, and why.
    pub fn missing_things(&self) -> impl Iterator<Item = MissingThing> {
        self.missing.iter().map(|missing| MissingThing {
            kind: missing.kind,
            id: missing.id.clone(),
            run: missing.run.clone().filter(|run| *run != missing.id),
            why: missing.why.clone(),
        })
    }

    /// Whether things of a kind were to be exported.
    pub(super) fn was_wanted(&self, kind: FileKind) -> bool {
        // What there are lists of is chosen by the plural of its word.
        self.chosen.as_ref().is_none_or(|chosen| chosen.contains(&format!("{kind}s")))
    }

    /// All files of a kind.
    pub(super) fn of_kind(&self, kind: FileKind) -> &[File] {
        let from = self.files.partition_point(|file| file.kind < kind);
        let to = self.files.partition_point(|file| file.kind <= kind);
        &self.files[from..to]
    }

    /// The files of a kind that are of a run.
    pub(super) fn of_run(&self, kind: FileKind, run: u32) -> &[File] {
        let all = self.of_kind(kind);
        let from = all.partition_point(|file| file.run < run);
        let to = all.partition_point(|file| file.run <= run);
        &all[from..to]
    }

    /// The number of a name that stands in the manifest.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        self.names.numbers.get(name).copied()
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u32) -> &str {
        number.checked_sub(1).map_or("", |index| &self.names.all[index as usize])
    }

    /// How many bytes a file has.
    pub(super) fn size_of(&self, file: &File) -> u64 {
        self.zip.entry(file.entry as usize).packed()
    }

    /// Some bytes of a file.
    pub(super) async fn part_of(&self, file: &File, from: u64, to: u64) -> Result<Vec<u8>, ReadFault> {
        let begin = begin_of(&*self.source, self.zip.entry(file.entry as usize)).await?;
        let wanted = self.source.read(begin + from, begin + to).await;
        wanted.filter(|bytes| bytes.len() as u64 == to - from).ok_or(ReadFault::Unreadable)
    }

    /// All of a file. What was changed since it was exported is not given.
    pub(super) async fn whole(&self, file: &File) -> Result<Vec<u8>, ReadFault> {
        read_whole(&*self.source, self.zip.entry(file.entry as usize)).await
    }

    /// All of several files, in this order. What lies near together in the zip is read at once.
    pub(super) async fn all<'a>(
        &self,
        files: impl IntoIterator<Item = &'a File>,
    ) -> Result<Vec<Vec<u8>>, ReadFault> {
        let entries: Vec<Entry<'_>> =
            files.into_iter().map(|file| self.zip.entry(file.entry as usize)).collect();
        let mut places: Vec<usize> = (0..entries.len()).collect();
        places.sort_unstable_by_key(|place| entries[*place].offset());
        // The local header may have other extra fields than the directory; this is more than any writer leaves there.
        let end = |entry: &Entry<'_>| {
            let length = LOCAL_HEADER + entry.name_bytes().len() as u64 + 64 + entry.packed();
            (entry.offset() + length).min(self.about.size)
        };
        let mut contents = vec![Vec::new(); entries.len()];
        let mut next = 0;
        while next < places.len() {
            let from = entries[places[next]].offset();
            let (mut to, mut after) = (end(&entries[places[next]]), next + 1);
            while let Some(entry) = places.get(after).map(|place| &entries[*place])
                && entry.offset() <= to + NEAR
                && end(entry).max(to) - from <= AT_ONCE
            {
                to = to.max(end(entry));
                after += 1;
            }
            let bytes = self.source.read(from, to).await.ok_or(ReadFault::Unreadable)?;
            for place in &places[next..after] {
                let entry = entries[*place];
                let at = (entry.offset() - from) as usize;
                contents[*place] = match content_in(&bytes[at.min(bytes.len())..], entry) {
                    Some(content) => sound(content.to_vec(), entry)?,
                    None => read_whole(&*self.source, entry).await?,
                };
            }
            next = after;
        }
        Ok(contents)
    }
}

fn name(zip: &ProjectZip, entry: u32) -> &[u8] {
    zip.entry(entry as usize).name_bytes()
}

/// The content of a file in bytes that begin with its local header.
fn content_in<'a>(bytes: &'a [u8], entry: Entry<'_>) -> Option<&'a [u8]> {
    let begin = header_length(bytes)?;
    bytes.get(begin..begin + entry.packed() as usize)
}

/// How long a local header is, with its names.
fn header_length(bytes: &[u8]) -> Option<usize> {
    let header = bytes.get(..LOCAL_HEADER as usize).filter(|header| header.starts_with(b"PK\x03\x04"))?;
    let number = |from: usize| usize::from(u16::from_le_bytes([header[from], header[from + 1]]));
    Some(LOCAL_HEADER as usize + number(26) + number(28))
}

/// Where the content of a file begins.
async fn begin_of(source: &dyn Source, entry: Entry<'_>) -> Result<u64, ReadFault> {
    let header =
        source.read(entry.offset(), entry.offset() + LOCAL_HEADER).await.ok_or(ReadFault::Unreadable)?;
    Ok(entry.offset() + header_length(&header).ok_or(ReadFault::Damaged)? as u64)
}

async fn read_whole(source: &dyn Source, entry: Entry<'_>) -> Result<Vec<u8>, ReadFault> {
    let begin = begin_of(source, entry).await?;
    let bytes = source.read(begin, begin + entry.packed()).await.ok_or(ReadFault::Unreadable)?;
    sound(bytes, entry)
}

fn sound(bytes: Vec<u8>, entry: Entry<'_>) -> Result<Vec<u8>, ReadFault> {
    let mut checksum = Checksum::default();
    checksum.add(&bytes);
    let is_sound = bytes.len() as u64 == entry.packed() && u64::from(checksum.value()) == entry.checksum();
    is_sound.then_some(bytes).ok_or(ReadFault::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opened::sample::{Sample, open};

    #[test]
    fn an_export_says_what_it_is_of() {
        let archive = Sample::new().open().unwrap();
        assert_eq!(archive.about.workspace.name.as_str(), "w");
        assert_eq!(archive.about.finished, Timestamp::parse("2020-02-01T10:05:00Z"));
        assert_eq!(
            (archive.about.by.as_deref(), archive.about.missing, archive.about.lost),
            (Some("maya"), 1, 0)
        );
        assert_eq!(archive.about.notes, ["Nothing was narrowed."]);
        assert!(!archive.about.is_stopped && !archive.about.is_redacted);
    }

    #[test]
    fn what_is_no_export_is_told_apart() {
        let fault = |bytes: Vec<u8>| open(bytes).err().expect("it is none");
        assert_eq!(fault(Vec::new()), OpenFault::Zip(ZipFault::Empty));
        assert!(matches!(fault(b"hello".to_vec()), OpenFault::Zip(ZipFault::Other(_))));
        let whole = Sample::new().zip();
        assert_eq!(fault(whole[..whole.len() / 2].to_vec()), OpenFault::Zip(ZipFault::CutOff));
        let with = |change: &dyn Fn(&mut Sample)| {
            let mut sample = Sample::new();
            change(&mut sample);
            fault(sample.zip())
        };
        assert_eq!(with(&|sample| sample.manifest["format"] = "other".into()), OpenFault::Other);
        assert_eq!(with(&|sample| sample.manifest["version"] = 2.into()), OpenFault::Newer(2));
        assert_eq!(with(&|sample| sample.manifest["files"] = "none".into()), OpenFault::Manifest);
        assert_eq!(with(&|sample| sample.files[0].method = 8), OpenFault::Packed);
        let named = |name: &str| {
            let file = project_zip::samples::File::new(name, b"{}");
            fault(project_zip::samples::zip(&[file]))
        };
        assert_eq!(named("hello.py"), OpenFault::NoManifest);
        assert_eq!(named("export/manifest.json"), OpenFault::Packed);
        assert_eq!(named("manifest.json"), OpenFault::Other);
    }

    #[test]
    fn a_manifest_that_was_changed_is_not_believed() {
        let mut bytes = Sample::new().zip();
        let place = bytes.windows(6).rposition(|word| word == b"\"maya\"").unwrap();
        bytes[place + 1] = b'k';
        assert_eq!(open(bytes).err(), Some(OpenFault::Zip(ZipFault::Damaged)));
    }

    #[test]
    fn files_that_were_taken_out_are_counted() {
        let mut sample = Sample::new();
        sample.files.remove(1);
        assert_eq!(sample.open().unwrap().about.lost, 1);
    }

    #[test]
    fn what_a_newer_dashboard_adds_is_passed_over() {
        let files = Sample::new().open().unwrap().about.files;
        let mut sample = Sample::new();
        sample.add("recipes/a.json", "recipe", serde_json::json!({ "id": "a" }), "{}");
        sample.add("runs.csv", "table", serde_json::json!({ "id": "runs.csv" }), "");
        sample.manifest["missing"][0]["kind"] = "recipe".into();
        sample.manifest["wanted"]["kinds"] = serde_json::json!(["recipes", "models"]);
        let archive = sample.open().unwrap();
        assert_eq!((archive.about.files, archive.about.missing, archive.about.lost), (files, 1, 0));
        assert!(archive.was_wanted(FileKind::Model) && !archive.was_wanted(FileKind::Image));
    }

    #[test]
    fn what_there_are_lists_of_is_chosen_by_the_plural_of_its_word() {
        use FileKind::{Asset, Compute, Datastore, Experiment, Image, Model, Notification, Service};
        for kind in [Asset, Compute, Datastore, Experiment, Image, Model, Notification, Service] {
            assert!(crate::export::selection::Kind::from_word(&format!("{kind}s")).is_some(), "{kind}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = Sample::new().zip();
        for place in (0..whole.len()).step_by(7) {
            for value in [0, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[place] = value;
                if let Ok(archive) = open(bytes) {
                    let _ = project_zip::samples::now(archive.all(&archive.files));
                }
            }
        }
    }
}
