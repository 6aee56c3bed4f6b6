//! A plain server for the built site, as a static host would serve it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use azimuth_simulator::http_stamp;
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Response, StatusCode};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use crate::blobs::{self, Blob, Blobs};
use crate::listening::{self, Listening};

type Answer = Response<Full<Bytes>>;

/// How the site is to be served.
pub struct SiteOptions {
    pub folder: PathBuf,
    /// Where the site begins: `/`, or a folder such as `/tools/azimuth/`.
    pub prefix: String,
    /// 0 picks a free one.
    pub port: u16,
    /// What the page gets as `config.json`, instead of the file in the folder.
    pub config: Option<String>,
    /// Served instead of the folder, as a storage account would. Their names begin with the prefix, if there is one.
    pub blobs: Option<Blobs>,
}

impl SiteOptions {
    /// A folder at the root of a free port, with its own `config.json`.
    pub fn new(folder: impl Into<PathBuf>) -> SiteOptions {
        SiteOptions { folder: folder.into(), prefix: "/".to_owned(), port: 0, config: None, blobs: None }
    }

    pub fn with_config(mut self, config: impl Into<String>) -> SiteOptions {
        self.config = Some(config.into());
        self
    }
}

/// A site that is being served. Dropped, it closes its socket.
pub struct Site {
    address: String,
    files: Arc<Files>,
    _listening: Listening,
}

impl Site {
    /// Where its first page is, with a slash at the end: `http://127.0.0.1:8080/`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Changes what the page gets as `config.json` from now on.
    pub fn set_config(&self, config: impl Into<String>) {
        *self.files.config.lock().unwrap_or_else(PoisonError::into_inner) = Some(config.into());
    }

    /// Lets the `Date` of every answer from now on be so many seconds ahead, or behind where it is negative: what a
    /// page sees on a machine whose own clock is wrong.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.files.clock_skew_seconds.store(seconds, Ordering::Relaxed);
    }
}

struct Files {
    folder: PathBuf,
    /// With a slash at both ends.
    prefix: String,
    config: Mutex<Option<String>>,
    blobs: Option<Blobs>,
    clock_skew_seconds: AtomicI64,
}

/// Serves a folder until the value it returns is dropped.
pub fn serve_site(options: SiteOptions) -> Result<Site, String> {
    if options.blobs.is_none() && !options.folder.join("index.html").is_file() {
        return Err(format!("{} holds no index.html: run cargo xtask dist.", options.folder.display()));
    }
    let trimmed = options.prefix.trim_matches('/');
    let prefix = if trimmed.is_empty() { "/".to_owned() } else { format!("/{trimmed}/") };
    let (listener, port) = listening::bind(options.port)?;
    let address = format!("http://127.0.0.1:{port}{prefix}");
    let files = Arc::new(Files {
        folder: options.folder,
        prefix,
        config: Mutex::new(options.config),
        blobs: options.blobs,
        clock_skew_seconds: AtomicI64::new(0),
    });
    let shared = files.clone();
    let listening = listening::listen(vec![listener], move |_, request| {
        let mut answer = shared.answer(request.method(), request.uri().path(), request.headers());
        // The header that is there is kept; otherwise the server sets the right one.
        let seconds = shared.clock_skew_seconds.load(Ordering::Relaxed);
        let date = http_stamp(OffsetDateTime::now_utc() + time::Duration::seconds(seconds));
        if seconds != 0
            && let Ok(date) = HeaderValue::from_str(&date)
        {
            answer.headers_mut().insert(header::DATE, date);
        }
        async move { Ok(answer) }
    })?;
    Ok(Site { address, files, _listening: listening })
}

impl Files {
    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Answer {
        if let Some(blobs) = &self.blobs {
            return self.answer_from(blobs, method, path, headers);
        }
        if method != Method::GET && method != Method::HEAD {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "This server only reads.\n");
        }
        let Some(path) = path.strip_prefix(&self.prefix) else {
            return self.beside_the_site(path);
        };
        let Some(name) = file_name(path) else {
            return plain(StatusCode::NOT_FOUND, "There is no such file.\n");
        };
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        if let ("config.json", Some(config)) = (name.as_str(), config.as_ref()) {
            return content(&name, Bytes::from(config.clone()), None);
        }
        let path = self.folder.join(&name);
        for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
            let beside = PathBuf::from(format!("{}.{extension}", path.display()));
            if accepts(headers, encoding)
                && is_of(&beside, &path)
                && let Ok(bytes) = fs::read(&beside)
            {
                return content(&name, Bytes::from(bytes), Some(encoding));
            }
        }
        match fs::read(&path) {
            Ok(bytes) => content(&name, Bytes::from(bytes), None),
            Err(_) => plain(StatusCode::NOT_FOUND, "There is no such file.\n"),
        }
    }

    fn answer_from(&self, blobs: &Blobs, method: &Method, path: &str, headers: &HeaderMap) -> Answer {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        match config.as_ref().filter(|_| path == format!("{}config.json", self.prefix)) {
            Some(config) => blobs::content(&Blob::settings(config), StatusCode::OK, headers),
            None => blobs::answer(blobs, method, path, headers),
        }
    }

    fn beside_the_site(&self, path: &str) -> Answer {
        if format!("{path}/") != self.prefix {
            return plain(StatusCode::NOT_FOUND, "The site begins elsewhere.\n");
        }
        let mut answer = plain(StatusCode::PERMANENT_REDIRECT, "The site begins behind a slash.\n");
        if let Ok(location) = HeaderValue::from_str(&self.prefix) {
            answer.headers_mut().insert(header::LOCATION, location);
        }
        answer
    }
}

/// The file a path names, inside the folder for sure.
fn file_name(path: &str) -> Option<String> {
    let name = percent_decode_str(path).decode_utf8().ok()?;
    if name.is_empty() {
        return Some("index.html".to_owned());
    }
    let is_plain = |segment: &str| !segment.is_empty() && segment != "." && segment != "..";
    (name.split('/').all(is_plain) && !name.contains(['\\', '\0', ':'])).then(|| name.into_owned())
}

/// Whether a compressed file stands beside a file and is not older than it.
fn is_of(compressed: &Path, path: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    modified(compressed).zip(modified(path)).is_some_and(|(compressed, original)| compressed >= original)
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.split(',').any(|one| one.trim() == encoding)
}

fn content(name: &str, bytes: Bytes, encoding: Option<&'static str>) -> Answer {
    let mut answer = Response::new(Full::new(bytes));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = content("message.txt", Bytes::from_static(text.as_bytes()), None);
    *answer.status_mut() = status;
    answer
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "ico" => "image/x-icon",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_never_leaves_the_folder() {
        for path in ["../secret", "a/../../secret", "%2e%2e/secret", "a//b", "..%5csecret", "%2fetc/passwd"] {
            assert_eq!(file_name(path), None, "{path}");
        }
        assert_eq!(file_name("").as_deref(), Some("index.html"));
        assert_eq!(file_name("styles/a%20b.css").as_deref(), Some("styles/a b.css"));
    }
}
