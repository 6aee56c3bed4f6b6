//! The zip that was chosen or built: read, made anew, and put back.

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::components::format::{format_bytes, format_progress};
use crate::pages::submit::checks::{MOST_ZIP_BYTES, ZipState, counted};
use crate::pages::submit::folder::{Building, Folder, checksum_of};
use crate::project_zip::{Piece, ProjectZip, Sort, ZipFault, ZipFix, ZipReport};

/// A zip that was chosen, and what is known of it.
#[derive(Clone)]
pub struct ChosenZip {
    /// What is handed in.
    pub file: File,
    /// None while it is read or made anew.
    contents: Option<Result<Rc<Contents>, ZipFault>>,
    /// What it was made of, and what was done; the last is undone first.
    before: Vec<(File, String)>,
    /// The files that it was built of, with their checksums; empty if it was chosen.
    sources: Sources,
}

type Sources = Rc<Vec<(File, u32)>>;

struct Contents {
    zip: ProjectZip,
    report: ZipReport,
}

/// The zip of the form. A handle.
#[derive(Clone, Copy)]
pub struct Project {
    zip: RwSignal<Option<ChosenZip>, LocalStorage>,
    /// What the zip is built of, if it was not chosen.
    pub(super) folder: RwSignal<Option<Folder>, LocalStorage>,
    pub(super) building: RwSignal<Building>,
}

impl Project {
    /// None yet.
    pub fn new() -> Self {
        Self {
            zip: RwSignal::new_local(None),
            folder: RwSignal::new_local(None),
            building: RwSignal::new(Building::Idle),
        }
    }

    /// The file to hand in.
    pub fn file(self) -> Option<File> {
        self.zip.with_untracked(|zip| zip.as_ref().map(|zip| zip.file.clone()))
    }

    /// The name and size of the file.
    pub fn chosen(self) -> Option<(String, f64)> {
        let is_built = self.building.with(|building| !matches!(building, Building::Idle));
        if is_built
            && let Some(folder) = self.folder.with(|folder| folder.as_ref().map(Folder::zip_name_and_size))
        {
            return Some(folder);
        }
        self.zip.with(|zip| zip.as_ref().map(|zip| (zip.file.name(), zip.file.size())))
    }

    /// What is or was done with it.
    pub fn note(self) -> String {
        match self.building.get() {
            Building::UnderWay(_, 0.0) => return "Looking for files…".to_owned(),
            Building::UnderWay(done, total) => {
                return format!("Making the zip, {}", format_progress(done, total));
            }
            _ => {}
        }
        self.zip.with(|zip| match zip {
            Some(zip) if zip.is_reading() => "Reading…".to_owned(),
            Some(zip) if !zip.before.is_empty() => "repaired".to_owned(),
            _ => String::new(),
        })
    }

    /// Why it cannot be handed in, whatever the definition says.
    pub fn fault(self) -> Option<String> {
        match self.building.get() {
            Building::Idle => {}
            Building::UnderWay(..) => return None,
            Building::Failed(words) => return Some(words),
        }
        self.zip.with(|zip| {
            let zip = zip.as_ref()?;
            if zip.is_too_large() {
                let size = format_bytes(zip.file.size());
                return Some(format!(
                    "It has {size}; the service takes 300 MiB (314 MB). Leave out what a run does not need."
                ));
            }
            zip.contents.as_ref()?.as_ref().err().map(ZipFault::words)
        })
    }

    /// What was repaired.
    pub fn repairs(self) -> String {
        self.zip.with(|zip| {
            let before = zip.as_ref().map(|zip| zip.before.as_slice()).unwrap_or_default();
            before.iter().map(|(_, done)| done.as_str()).collect::<Vec<_>>().join(", ")
        })
    }

    /// Reads what is known of it.
    pub fn with<R>(self, read: impl FnOnce(ZipState<'_>) -> R) -> R {
        let state = self.building.with(|building| match building {
            Building::Idle => None,
            Building::UnderWay(..) => Some(ZipState::Reading),
            Building::Failed(_) => Some(ZipState::Faulty),
        });
        if let Some(state) = state {
            return read(state);
        }
        self.zip.with(|zip| {
            read(match zip {
                None => ZipState::Missing,
                Some(zip) if zip.is_too_large() => ZipState::TooLarge,
                Some(zip) => match &zip.contents {
                    None => ZipState::Reading,
                    Some(Err(_)) => ZipState::Faulty,
                    Some(Ok(contents)) => ZipState::Read(&contents.zip, &contents.report, zip.file.size()),
                },
            })
        })
    }

    /// What a run may begin with.
    pub fn scripts(self) -> Vec<String> {
        self.with(|zip| match zip {
            ZipState::Read(zip, ..) => zip.scripts(),
            _ => Vec::new(),
        })
    }

    /// Takes another file.
    pub fn choose(self, file: File) {
        self.folder.set(None);
        self.building.set(Building::Idle);
        self.take(file, Vec::new(), Rc::default());
    }

    /// Takes a zip that was built of files.
    pub(super) fn choose_built(self, file: File, sources: Vec<(File, u32)>) {
        self.building.set(Building::Idle);
        self.take(file, Vec::new(), Rc::new(sources));
    }

    /// What has to be chosen again once the page was loaded anew.
    pub fn name(self) -> Option<String> {
        match self.folder.with(|folder| folder.as_ref().map(|folder| folder.what.clone())) {
            Some(what) => Some(what),
            None => self.chosen().map(|(name, _)| name),
        }
    }

    /// Makes the zip anew, with something put right.
    pub fn repair(self, fix: ZipFix) {
        let Some(ChosenZip { file, contents: Some(Ok(contents)), mut before, sources }) =
            self.zip.get_untracked()
        else {
            return;
        };
        self.zip.update(|zip| zip.iter_mut().for_each(|zip| zip.contents = None));
        spawn_local(async move {
            let parts = js_sys::Array::new();
            let put = |piece| {
                let part = match piece {
                    Piece::Bytes(bytes) => js_sys::Uint8Array::from(bytes.as_slice()).into(),
                    // A slice is a note of where the bytes are: they do not enter this memory.
                    Piece::Old(from, to) => slice(&file, from, to).map_or(JsValue::UNDEFINED, JsValue::from),
                };
                parts.push(&part);
            };
            let rewritten = contents.zip.rewrite(&fix, reader(&file), put).await;
            let done = in_words(&fix, &contents.report);
            // Both zips would not fit in the memory that is allowed here.
            drop(contents);
            if !self.is_still(&file) {
                return;
            }
            let new = rewritten.and_then(|()| {
                File::new_with_blob_sequence(&parts, &file.name()).map_err(|_| ZipFault::Unreadable)
            });
            match new {
                Ok(new) => {
                    before.push((file, done));
                    self.take(new, before, sources);
                }
                Err(fault) => self.is_known(&file, Err(fault)),
            }
        });
    }

    /// Goes back to the zip before the last repair.
    pub fn undo(self) {
        let Some(mut zip) = self.zip.get_untracked() else { return };
        if let Some((file, _)) = zip.before.pop() {
            self.take(file, zip.before, zip.sources);
        }
    }

    /// Whether all files are still as they were when they were checked; otherwise this is said. Chromium refuses to read
    /// what was changed, Firefox reads it: so the directory is compared, which has the checksums of what a chosen zip
    /// holds, and so is what a zip was built of.
    pub async fn is_there(self, file: &File) -> bool {
        let known = self
            .zip
            .try_with_untracked(|zip| zip.as_ref().map(|zip| (zip.contents.clone(), zip.sources.clone())));
        let Some(Some((Some(Ok(contents)), sources))) = known else { return false };
        let now = ProjectZip::read(file.size() as u64, reader(file)).await;
        let mut is_there = now.is_ok_and(|now| now == contents.zip);
        for (source, checksum) in sources.iter() {
            is_there = is_there && checksum_of(source, |_| ()).await == Some(*checksum);
        }
        if !is_there {
            self.is_known(file, Err(ZipFault::Unreadable));
        }
        is_there
    }

    fn take(self, file: File, before: Vec<(File, String)>, sources: Sources) {
        let zip = ChosenZip { file: file.clone(), contents: None, before, sources };
        let is_too_large = zip.is_too_large();
        self.zip.set(Some(zip));
        if is_too_large {
            return;
        }
        spawn_local(async move {
            let contents = ProjectZip::read(file.size() as u64, reader(&file)).await;
            let contents = contents.map(|zip| {
                let report = zip.report();
                Rc::new(Contents { zip, report })
            });
            self.is_known(&file, contents);
        });
    }

    fn is_known(self, file: &File, contents: Result<Rc<Contents>, ZipFault>) {
        self.zip.try_update(|zip| {
            // Another file may have been chosen meanwhile.
            if let Some(zip) = zip.as_mut().filter(|zip| zip.file == *file) {
                zip.contents = Some(contents);
            }
        });
    }

    fn is_still(self, file: &File) -> bool {
        self.zip
            .try_with_untracked(|zip| zip.as_ref().is_some_and(|zip| zip.file == *file))
            .unwrap_or_default()
    }
}

impl ChosenZip {
    fn is_too_large(&self) -> bool {
        self.file.size() > MOST_ZIP_BYTES
    }

    fn is_reading(&self) -> bool {
        self.contents.is_none() && !self.is_too_large()
    }
}

/// What a repair did.
fn in_words(fix: &ZipFix, report: &ZipReport) -> String {
    let left_out = |count, of: &str| format!("{} {of}left out", counted(count, "file"));
    match fix {
        ZipFix::TakeOut(folder) => format!("files taken out of the folder {}", folder.trim_end_matches('/')),
        ZipFix::LeaveOut(Sort::Added) => left_out(report.added.count, "that macOS or Windows added "),
        ZipFix::LeaveOut(Sort::Secret) => left_out(report.secrets.count, "that may be secret "),
        ZipFix::LeaveOut(Sort::Ballast) => {
            let count = report.ballast.iter().map(|(_, named)| named.count).sum();
            left_out(count, "that a run does not need ")
        }
        ZipFix::Slashes => "slashes written for backslashes".to_owned(),
    }
}

fn reader(file: &File) -> impl AsyncFn(u64, u64) -> Option<Vec<u8>> {
    async |from, to| read_bytes(file, from, to).await
}

fn slice(file: &File, from: u64, to: u64) -> Option<web_sys::Blob> {
    file.slice_with_f64_and_f64(from as f64, to as f64).ok()
}

/// Bytes of a file from one place to another; none where it is gone, or may not be read.
pub async fn read_bytes(file: &File, from: u64, to: u64) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(slice(file, from, to)?.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// A file made here.
pub fn file_of(name: &str, bytes: &[u8]) -> Option<File> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(bytes));
    File::new_with_u8_array_sequence(parts.unchecked_ref::<JsValue>(), name).ok()
}
