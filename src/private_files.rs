//! Files that the browser keeps for this site alone, where nobody else sees them: what is too much for memory, or has to
//! be there after a reload. A file is there once it was closed; one that was not is empty or absent the next time.

use futures::channel::oneshot;
use futures::future::{Either, select};
use js_sys::{Array, AsyncIterator, Function, Promise, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemRemoveOptions, FileSystemWritableFileStream, StorageEstimate,
    StorageManager,
};

/// A folder of private files.
#[derive(Clone, Debug)]
pub struct Folder(FileSystemDirectoryHandle);

/// A file that is being written. What is not closed is gone.
#[derive(Debug)]
pub struct Writer(FileSystemWritableFileStream);

/// Why something was not done with private files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateFilesError {
    /// This browser has none, or none in a window like this one.
    NotSupported,
    /// The browser gives this site no more room.
    NoRoom,
    /// There is no such file.
    NotFound,
    /// What the browser says.
    Other(String),
}

/// How much room there is for this site, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Room {
    pub used: f64,
    pub quota: f64,
}

impl Room {
    /// What is left of it.
    pub fn left(self) -> f64 {
        (self.quota - self.used).max(0.0)
    }
}

impl Folder {
    /// A folder in folders, made where it is not there.
    ///
    /// # Errors
    /// Where there are no private files, or no room for a folder.
    pub async fn open(names: &[&str]) -> Result<Self, PrivateFilesError> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let mut folder = root().await?;
        for name in names {
            folder = done(folder.get_directory_handle_with_options(name, &options)).await?;
        }
        // Safari had folders long before it could write in them from a page.
        let prototype = Reflect::get(&js_sys::global(), &"FileSystemFileHandle".into())
            .and_then(|class| Reflect::get(&class, &"prototype".into()))
            .map_err(|_| PrivateFilesError::NotSupported)?;
        match Reflect::has(&prototype, &"createWritable".into()) {
            Ok(true) => Ok(Self(folder)),
            _ => Err(PrivateFilesError::NotSupported),
        }
    }

    /// Removes a folder with all that is in it; none is no failure.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn remove_all(names: &[&str]) -> Result<(), PrivateFilesError> {
        let Some((last, parents)) = names.split_last() else { return Ok(()) };
        let mut folder = match root().await {
            Ok(root) => root,
            // Where nothing can be kept there is nothing to remove.
            Err(PrivateFilesError::NotSupported) => return Ok(()),
            Err(error) => return Err(error),
        };
        for name in parents {
            folder = match done(folder.get_directory_handle(name)).await {
                Err(PrivateFilesError::NotFound) => return Ok(()),
                found => found?,
            };
        }
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        gone(done::<JsValue>(folder.remove_entry_with_options(last, &options)).await)
    }

    /// A folder in this one, made where it is not there.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn folder(&self, name: &str) -> Result<Self, PrivateFilesError> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        done(self.0.get_directory_handle_with_options(name, &options)).await.map(Self)
    }

    /// Begins a file anew, whatever was in it.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn begin(&self, name: &str) -> Result<Writer, PrivateFilesError> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: FileSystemFileHandle = done(self.0.get_file_handle_with_options(name, &options)).await?;
        done(file.create_writable()).await.map(Writer)
    }

    /// Writes a file as a whole, of what a `Blob` can be made of.
    ///
    /// # Errors
    /// What the browser says; what was in the file before is then still there.
    pub async fn write(&self, name: &str, parts: &Array) -> Result<(), PrivateFilesError> {
        let blob = Blob::new_with_blob_sequence(parts).map_err(|error| failure(&error))?;
        let writer = self.begin(name).await?;
        done::<JsValue>(writer.0.write_with_blob(&blob).map_err(|error| failure(&error))?).await?;
        writer.close().await
    }

    /// A file, as it is now. Its bytes stay where they are.
    ///
    /// # Errors
    /// [`PrivateFilesError::NotFound`], or what the browser says.
    pub async fn read(&self, name: &str) -> Result<File, PrivateFilesError> {
        let file: FileSystemFileHandle = done(self.0.get_file_handle(name)).await?;
        done(file.get_file()).await
    }

    /// Some bytes of a file, from one place to another.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn bytes(file: &File, from: u64, to: u64) -> Result<Vec<u8>, PrivateFilesError> {
        let slice = file.slice_with_f64_and_f64(from as f64, to as f64).map_err(|error| failure(&error))?;
        let buffer: JsValue = done(slice.array_buffer()).await?;
        Ok(Uint8Array::new(&buffer).to_vec())
    }

    /// A file of text.
    ///
    /// # Errors
    /// [`PrivateFilesError::NotFound`], or what the browser says.
    pub async fn text(&self, name: &str) -> Result<String, PrivateFilesError> {
        let text: JsValue = done(self.read(name).await?.text()).await?;
        text.as_string().ok_or_else(|| PrivateFilesError::Other("The file is no text.".to_owned()))
    }

    /// What is in the folder, in no order.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn names(&self) -> Result<Vec<String>, PrivateFilesError> {
        let keys: AsyncIterator = self.0.keys().unchecked_into();
        let mut names = Vec::new();
        loop {
            let promise = keys.next().map_err(|error| failure(&error))?;
            let next: js_sys::IteratorNext =
                done::<JsValue>(promise.unchecked_into()).await?.unchecked_into();
            if next.done() {
                return Ok(names);
            }
            names.extend(next.value().as_string());
        }
    }

    /// Removes a file; none is no failure.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn remove(&self, name: &str) -> Result<(), PrivateFilesError> {
        gone(done::<JsValue>(self.0.remove_entry(name)).await)
    }
}

impl Writer {
    /// Writes more.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn add(&self, bytes: &[u8]) -> Result<(), PrivateFilesError> {
        // A copy of its own: our memory may move while the browser reads.
        let copy = Uint8Array::from(bytes);
        let promise = self.0.write_with_js_u8_array(&copy).map_err(|error| failure(&error))?;
        done::<JsValue>(promise).await.map(drop)
    }

    /// Ends the file. Only now it is there.
    ///
    /// # Errors
    /// What the browser says.
    pub async fn close(self) -> Result<(), PrivateFilesError> {
        done::<JsValue>(self.0.close()).await.map(drop)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Until it is given up the browser lets nobody remove the file. What was closed stays.
        let given_up = JsFuture::from(self.0.abort());
        spawn_local(async move { drop(given_up.await) });
    }
}

/// How much room the browser gives this site, where it says so.
pub async fn room() -> Option<Room> {
    let estimate: StorageEstimate = done(storage()?.estimate().ok()?).await.ok()?;
    Some(Room { used: estimate.get_usage()?, quota: estimate.get_quota()? })
}

/// Something that one tab of this site does at a time, until this is dropped or the tab goes away.
#[derive(Debug)]
pub struct Lock {
    let_go: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(self.let_go.call0(&JsValue::NULL));
    }
}

#[wasm_bindgen]
extern "C" {
    // Of web-sys these are there only with unstable interfaces switched on for everything.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &JsValue,
        callback: &Function,
    ) -> Result<Promise, JsValue>;
}

/// Takes a lock of this name, unless another tab has it.
pub async fn only_here(name: &str) -> Option<Lock> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?;
    let options = js_sys::Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE).ok()?;
    let (sender, receiver) = oneshot::channel();
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        if lock.is_null() {
            drop(sender.send(None));
            return JsValue::UNDEFINED;
        }
        let mut let_go = None;
        // The browser takes the lock back when this promise is kept.
        let held = Promise::new(&mut |resolve, _| let_go = Some(resolve));
        drop(sender.send(let_go.map(|let_go| Lock { let_go })));
        held.into()
    });
    let locks: LockManager = locks.unchecked_into();
    let promise = locks.request(name, &options, callback.unchecked_ref()).ok()?;
    // The promise is kept when the lock is given back, and broken where the browser gives none.
    match select(receiver, JsFuture::from(promise)).await {
        Either::Left((lock, _)) => lock.ok().flatten(),
        Either::Right(_) => None,
    }
}

fn storage() -> Option<StorageManager> {
    // Without https there is none.
    let storage = Reflect::get(&window().navigator(), &"storage".into()).ok()?;
    storage.is_object().then(|| storage.unchecked_into())
}

async fn root() -> Result<FileSystemDirectoryHandle, PrivateFilesError> {
    let storage = storage().ok_or(PrivateFilesError::NotSupported)?;
    if !Reflect::has(&storage, &"getDirectory".into()).unwrap_or(false) {
        return Err(PrivateFilesError::NotSupported);
    }
    match done(storage.get_directory()).await {
        // Firefox in a private window has the function and refuses it.
        Err(PrivateFilesError::Other(_)) => Err(PrivateFilesError::NotSupported),
        found => found,
    }
}

/// What a promise brings. What comes of these is of the kind that the browser's interface says.
async fn done<T: JsCast>(promise: Promise) -> Result<T, PrivateFilesError> {
    match JsFuture::from(promise).await {
        Ok(value) => Ok(value.unchecked_into()),
        Err(error) => Err(failure(&error)),
    }
}

/// What is not there needs no removing.
fn gone(result: Result<JsValue, PrivateFilesError>) -> Result<(), PrivateFilesError> {
    match result {
        Ok(_) | Err(PrivateFilesError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn failure(error: &JsValue) -> PrivateFilesError {
    let Some(exception) = error.dyn_ref::<DomException>() else {
        let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
        return PrivateFilesError::Other(message.unwrap_or_default());
    };
    match exception.name().as_str() {
        "QuotaExceededError" => PrivateFilesError::NoRoom,
        "NotFoundError" => PrivateFilesError::NotFound,
        _ => PrivateFilesError::Other(exception.message()),
    }
}
