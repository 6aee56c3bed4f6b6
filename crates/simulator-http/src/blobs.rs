//! The static site of a storage account: blobs, served as Azure Storage serves its container `$web`.
//!
//! No header of one's own, no compression, no redirect. What is not there answers with the error document and 404.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::Hasher as _;
use std::path::Path;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use serde_json::Value;

type Answer = Response<Full<Bytes>>;

/// What a container holds, by name.
pub type Blobs = BTreeMap<String, Blob>;

/// A file in a container, and the properties that become headers.
#[derive(Clone, Debug, Default)]
pub struct Blob {
    pub content: Vec<u8>,
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_encoding: Option<String>,
}

impl Blob {
    /// A `config.json`.
    pub(crate) fn settings(text: &str) -> Blob {
        Blob {
            content: text.as_bytes().to_vec(),
            content_type: Some("application/json; charset=utf-8".to_owned()),
            cache_control: Some("no-cache".to_owned()),
            content_encoding: None,
        }
    }
}

/// As the static site is switched on: the page is index and error document alike.
const DOCUMENT: &str = "index.html";

/// What a deployment of a built site leaves, by the `files.json` in its folder.
pub fn blobs_of(folder: &Path) -> Result<Blobs, String> {
    let manifest = folder.join("files.json");
    let text = fs::read(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let text: Value =
        serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let mut blobs = Blobs::new();
    for file in text["files"].as_array().into_iter().flatten() {
        let path = file["path"].as_str().unwrap_or_default();
        let content =
            fs::read(folder.join(path)).map_err(|error| format!("{path} of files.json: {error}"))?;
        let property = |name: &str| file[name].as_str().map(str::to_owned);
        let blob = Blob {
            content,
            content_type: property("contentType"),
            cache_control: property("cacheControl"),
            content_encoding: None,
        };
        blobs.insert(path.to_owned(), blob);
    }
    Ok(blobs)
}

pub(crate) fn answer(blobs: &Blobs, method: &Method, path: &str, headers: &HeaderMap) -> Answer {
    if method != Method::GET && method != Method::HEAD {
        // Guess: the words. That it only reads is documented.
        return with(StatusCode::METHOD_NOT_ALLOWED, Bytes::from_static(b"This site only reads.\n"));
    }
    let name = percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy();
    if let Some(blob) = found(blobs, &name) {
        return content(blob, StatusCode::OK, headers);
    }
    match blobs.get(DOCUMENT) {
        Some(blob) => content(blob, StatusCode::NOT_FOUND, headers),
        None => with(StatusCode::NOT_FOUND, Bytes::from_static(b"There is no such blob.\n")),
    }
}

/// Letters count as they are. A folder is its index document, also without the slash at its end, and then without a
/// redirect, so that what the document names beside itself is looked for one folder too high.
fn found<'blobs>(blobs: &'blobs Blobs, name: &str) -> Option<&'blobs Blob> {
    if name.is_empty() || name.ends_with('/') {
        return blobs.get(&format!("{name}{DOCUMENT}"));
    }
    blobs.get(name).or_else(|| blobs.get(&format!("{name}/{DOCUMENT}")))
}

/// Nobody asks what the browser accepts: bytes and encoding are those that were uploaded.
pub(crate) fn content(blob: &Blob, status: StatusCode, headers: &HeaderMap) -> Answer {
    let mut hasher = DefaultHasher::new();
    hasher.write(&blob.content);
    let etag = format!("\"0x{:X}\"", hasher.finish());
    let is_known =
        headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut answer = match status == StatusCode::OK && is_known {
        true => with(StatusCode::NOT_MODIFIED, Bytes::new()),
        false => with(status, Bytes::from(blob.content.clone())),
    };
    let mut set = |name: HeaderName, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            answer.headers_mut().insert(name, value);
        }
    };
    set(header::ETAG, Some(&etag));
    set(header::CONTENT_TYPE, Some(blob.content_type.as_deref().unwrap_or("application/octet-stream")));
    set(header::CACHE_CONTROL, blob.cache_control.as_deref());
    set(header::CONTENT_ENCODING, blob.content_encoding.as_deref());
    answer
}

fn with(status: StatusCode, bytes: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(bytes));
    *answer.status_mut() = status;
    answer
}
