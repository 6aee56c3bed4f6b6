//! A zip that is built of files from this computer. Its bytes stay where they are: the zip is a list of files, with
//! headers between them, and a browser reads them when they are sent.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DragEvent, File, FileList, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use crate::components::format::{format_bytes, format_count};
use crate::files::zip::{self, Checksum};
use crate::pages::submit::checks::MOST_ZIP_BYTES;
use crate::pages::submit::project::{Project, read_bytes};
use crate::project_zip::{Bundle, IGNORE_FILES, Ignore, Reason, bundles, is_ballast, without_folder};

/// How much of a file is in memory while its checksum is made.
const PART: u64 = 1 << 20;

/// More than this is no file of patterns.
const MOST_IGNORE_BYTES: f64 = 100_000.0;

/// How building a zip goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Building {
    /// It is built, or nothing is.
    Idle,
    /// So many bytes of so many are read.
    UnderWay(f64, f64),
    /// It cannot be built, and why.
    Failed(String),
}

/// What a zip is built of.
#[derive(Clone)]
pub struct Folder {
    /// What it is called in a sentence: `the folder shop`.
    pub what: String,
    name: String,
    files: Vec<(String, File)>,
    /// Folders that nobody looked into, with their paths.
    folders: Vec<(String, FileSystemDirectoryEntry)>,
    /// The file of patterns that counts, and what it says.
    ignore: Option<(&'static str, Ignore)>,
    bundles: Vec<Bundle>,
    /// The bundles that somebody decided otherwise about.
    turned: Vec<(String, Option<Reason>)>,
    /// Of files that were read already.
    checksums: Rc<RefCell<HashMap<String, u32>>>,
}

/// A bundle as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct BundleState {
    pub bundle: Bundle,
    pub is_kept: bool,
}

impl Folder {
    /// The name of its zip, and how large it will be.
    pub fn zip_name_and_size(&self) -> (String, f64) {
        (format!("{}.zip", self.name), self.kept().map(|(_, file)| file.size()).sum())
    }

    /// What is in it, and whether it is kept.
    pub fn states(&self) -> Vec<BundleState> {
        let state = |bundle: &Bundle| BundleState { bundle: bundle.clone(), is_kept: self.keeps(bundle) };
        self.bundles.iter().map(state).collect()
    }

    fn keeps(&self, bundle: &Bundle) -> bool {
        let is_turned =
            self.turned.iter().any(|(name, reason)| *name == bundle.name && *reason == bundle.reason);
        bundle.reason.is_none() != is_turned
    }

    fn kept(&self) -> impl Iterator<Item = &(String, File)> {
        let kept = self.bundles.iter().filter(|bundle| self.keeps(bundle));
        kept.flat_map(|bundle| bundle.files.iter().map(|place| &self.files[*place]))
    }

    fn bundle(&mut self) {
        let files: Vec<_> = self.files.iter().map(|(path, file)| (path.clone(), file.size())).collect();
        let folders: Vec<_> = self.folders.iter().map(|(path, _)| path.clone()).collect();
        let ignore = self.ignore.as_ref().map(|(name, ignore)| (*name, ignore));
        self.bundles = bundles(&files, &folders, ignore);
    }
}

impl Project {
    /// Takes a file: a zip, or a script of which one is made.
    pub fn choose_or_build(self, file: File) {
        let name = file.name();
        if is_script(&name) {
            self.build(Found { files: vec![(name, file)], folders: Vec::new() });
        } else {
            self.choose(file);
        }
    }

    /// Builds a zip of the files of an input.
    pub fn build_of(self, list: &FileList) {
        let files = (0..list.length()).filter_map(|index| list.get(index));
        let with_path = |file: File| {
            let path =
                Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
            (path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file)
        };
        let files: Vec<_> = files.map(with_path).collect();
        match files.as_slice() {
            [] => {}
            [(path, file)] if !path.contains('/') => self.choose_or_build(file.clone()),
            _ => self.build(Found { files, folders: Vec::new() }),
        }
    }

    /// Builds a zip of what was dropped, unless it is one file, which the input takes by itself.
    pub fn takes_drop(self, event: &DragEvent) -> bool {
        let Some(items) = event.data_transfer().map(|transfer| transfer.items()) else { return false };
        // They are gone once the event is over.
        let entries: Vec<FileSystemEntry> = (0..items.length())
            .filter_map(|index| items.get(index)?.webkit_get_as_entry().ok().flatten())
            .collect();
        if entries.is_empty() || entries.len() == 1 && entries[0].is_file() && !is_script(&entries[0].name())
        {
            return false;
        }
        self.building.set(Building::UnderWay(0.0, 0.0));
        spawn_local(async move {
            let mut found = Found::default();
            for entry in entries {
                if let Err(words) = found.add(entry.name(), entry, false).await {
                    self.fails(words);
                    return;
                }
            }
            self.build(found);
        });
        true
    }

    /// Builds a zip of files.
    fn build(self, found: Found) {
        let Found { files, folders } = found;
        let all = files.iter().map(|(path, _)| path).chain(folders.iter().map(|(path, _)| path));
        let (root, mut paths) = without_folder(all.cloned().collect());
        let folder_paths = paths.split_off(files.len());
        let (what, name) = match files.as_slice() {
            _ if !root.is_empty() => (format!("the folder {root}"), root),
            [(path, _)] => (path.clone(), path.split('.').next().unwrap_or_default().to_owned()),
            _ => (format!("the {} files", format_count(files.len())), "project".to_owned()),
        };
        let mut folder = Folder {
            what,
            name,
            files: paths.into_iter().zip(files).map(|(path, (_, file))| (path, file)).collect(),
            folders: folder_paths.into_iter().zip(folders).map(|(path, (_, entry))| (path, entry)).collect(),
            ignore: None,
            bundles: Vec::new(),
            turned: Vec::new(),
            checksums: Rc::default(),
        };
        self.building.set(Building::UnderWay(0.0, 0.0));
        spawn_local(async move {
            folder.ignore = patterns(&folder.files).await;
            folder.bundle();
            if self.folder.try_set(Some(folder)).is_none() {
                self.rebuild().await;
            }
        });
    }

    /// Puts a bundle into the zip, or leaves it out.
    pub fn turn(self, bundle: &Bundle) {
        let key = (bundle.name.clone(), bundle.reason);
        let mut unread = Vec::new();
        self.folder.update(|folder| {
            let Some(folder) = folder else { return };
            match folder.turned.iter().position(|turned| *turned == key) {
                Some(place) => drop(folder.turned.remove(place)),
                None => folder.turned.push(key),
            }
            if folder.keeps(bundle) {
                // From behind, so that the places before stay.
                unread.extend(bundle.folders.iter().rev().map(|place| folder.folders.remove(*place)));
            }
        });
        self.building.set(Building::UnderWay(0.0, 0.0));
        spawn_local(async move {
            let mut found = Found::default();
            for (path, entry) in unread {
                if let Err(words) = found.add(path, entry.unchecked_into(), true).await {
                    self.fails(words);
                    return;
                }
            }
            self.folder.try_update(|folder| {
                if let Some(folder) = folder {
                    folder.files.extend(found.files);
                    folder.bundle();
                }
            });
            self.rebuild().await;
        });
    }

    /// Makes the zip of what is kept.
    async fn rebuild(self) {
        let Some(Some(folder)) = self.folder.try_get_untracked() else { return };
        let zip = self.made(&folder).await;
        // Something else may have been chosen or decided meanwhile.
        let is_same = self.folder.try_with_untracked(|now| {
            now.as_ref().is_some_and(|now| {
                Rc::ptr_eq(&now.checksums, &folder.checksums)
                    && now.turned == folder.turned
                    && now.files.len() == folder.files.len()
            })
        });
        if is_same != Some(true) {
            return;
        }
        match zip {
            Ok((file, sources)) => self.choose_built(file, sources),
            Err(words) => self.fails(words),
        }
    }

    fn fails(self, words: String) {
        self.building.try_set(Building::Failed(words));
    }

    async fn made(self, folder: &Folder) -> Result<(File, Vec<(File, u32)>), String> {
        let (name, total) = folder.zip_name_and_size();
        let files: Vec<&(String, File)> = folder.kept().collect();
        if total > MOST_ZIP_BYTES {
            let size = format_bytes(total);
            return Err(format!(
                "These files have {size}; the service takes 300 MiB (314 MB). Leave out what a run does not need."
            ));
        }
        if files.len() > zip::MOST_FILES {
            let count = format_count(files.len());
            return Err(format!(
                "{count} files do not fit into a zip, and the service is known to take 2,000."
            ));
        }
        let parts = Array::new();
        let mut entries = Vec::new();
        let mut sources = Vec::new();
        let mut done = 0.0;
        for (path, file) in &files {
            let known = folder.checksums.borrow().get(path).copied();
            let checksum = match known {
                Some(checksum) => checksum,
                None => {
                    let checksum = checksum_of(file, |bytes| {
                        self.building.try_set(Building::UnderWay(done + bytes, total));
                    });
                    let checksum = checksum.await.ok_or_else(|| unreadable(path))?;
                    folder.checksums.borrow_mut().insert(path.clone(), checksum);
                    checksum
                }
            };
            done += file.size();
            let entry = zip::Entry { name: path.clone(), size: file.size() as u64, checksum };
            parts.push(&Uint8Array::from(zip::header(&entry).as_slice()));
            parts.push(file);
            entries.push(entry);
            sources.push((file.clone(), checksum));
        }
        parts.push(&Uint8Array::from(zip::directory(&entries).as_slice()));
        let file = File::new_with_blob_sequence(&parts, &name)
            .map_err(|_| "The browser could not make the zip.".to_owned())?;
        Ok((file, sources))
    }
}

fn is_script(name: &str) -> bool {
    [".py", ".r", ".R", ".sh"].iter().any(|end| name.ends_with(end))
}

/// Reads a file part by part.
pub(super) async fn checksum_of(file: &File, on_progress: impl Fn(f64)) -> Option<u32> {
    let mut checksum = Checksum::default();
    let size = file.size() as u64;
    let mut from = 0;
    while from < size {
        let to = (from + PART).min(size);
        let bytes = read_bytes(file, from, to).await.filter(|bytes| bytes.len() as u64 == to - from)?;
        checksum.add(&bytes);
        from = to;
        on_progress(from as f64);
    }
    Some(checksum.value())
}

/// The file of patterns that counts: the first of these at the root.
async fn patterns(files: &[(String, File)]) -> Option<(&'static str, Ignore)> {
    for name in IGNORE_FILES {
        let found = files.iter().find(|(path, _)| path == name);
        if let Some((_, file)) = found.filter(|(_, file)| file.size() < MOST_IGNORE_BYTES) {
            let bytes = read_bytes(file, 0, file.size() as u64).await.unwrap_or_default();
            return Some((name, Ignore::parse(&String::from_utf8_lossy(&bytes))));
        }
    }
    None
}

/// Files with their paths, and folders that nobody looked into.
#[derive(Default)]
struct Found {
    files: Vec<(String, File)>,
    folders: Vec<(String, FileSystemDirectoryEntry)>,
}

impl Found {
    /// Adds a file, or a folder with all that is in it. What tools make for one computer is looked into only where
    /// somebody wants it: it may be tens of thousands of files.
    async fn add(&mut self, path: String, entry: FileSystemEntry, with_ballast: bool) -> Result<(), String> {
        let mut open = vec![(path, entry)];
        while let Some((path, entry)) = open.pop() {
            if entry.is_file() {
                let entry: FileSystemFileEntry = entry.unchecked_into();
                let file = called(|resolve, reject| entry.file_with_callback_and_callback(resolve, reject));
                let file = file.await.and_then(|file| file.dyn_into::<File>().ok());
                let file = file.ok_or_else(|| unreadable(&path))?;
                self.files.push((path, file));
                continue;
            }
            let folder: FileSystemDirectoryEntry = entry.unchecked_into();
            if is_ballast(&folder.name()) && !with_ballast {
                self.folders.push((path, folder));
                continue;
            }
            let reader = folder.create_reader();
            // It gives some at a time, and none at the end.
            loop {
                let some = called(|resolve, reject| {
                    // Where it throws, nobody is called.
                    if reader.read_entries_with_callback_and_callback(resolve, reject).is_err() {
                        drop(reject.call0(&JsValue::NULL));
                    }
                });
                let some: Array = some.await.ok_or_else(|| unreadable(&path))?.unchecked_into();
                if some.length() == 0 {
                    break;
                }
                for entry in some.iter() {
                    let entry: FileSystemEntry = entry.unchecked_into();
                    open.push((format!("{path}/{}", entry.name()), entry));
                }
            }
        }
        Ok(())
    }
}

fn unreadable(path: &str) -> String {
    format!("{path} cannot be read: it was moved or changed, or may not be read. Choose again.")
}

/// What a function gives that takes what is called then.
async fn called(ask: impl Fn(&Function, &Function)) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, reject| ask(&resolve, &reject));
    JsFuture::from(promise).await.ok()
}
