//! `files.json`: the files of a site, what each is, and how a host is to serve it.
//!
//! It stands among the files that it lists, since hosts, people and `deploy` itself have nowhere else to read it: what a
//! deployment left in a container is known from the `files.json` that is deployed there.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub const NAME: &str = "files.json";
/// The one file that belongs to a deployment and not to a release.
pub const CONFIG: &str = "config.json";
/// The page itself, which names the others.
pub const INDEX: &str = "index.html";

const FOR_EVER: &str = "public,max-age=31536000,immutable";
/// Kept, but asked for anew each time, which costs a short answer while nothing has changed.
const ASK_AGAIN: &str = "no-cache";
const HASH_DIGITS: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// In the order of their paths.
    pub files: Vec<SiteFile>,
    /// In a container: files of earlier deployments that people may still have open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerFile>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SiteFile {
    /// From the folder of the site on, with slashes.
    pub path: String,
    pub content_type: String,
    pub cache_control: String,
    #[serde(flatten)]
    pub content: Content,
    /// The same compressed, in files beside it. A host that serves these does so under the path above.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compressed: Vec<Compressed>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub size: u64,
    /// In hexadecimal digits.
    pub sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compressed {
    /// As `Content-Encoding` has it: `br` or `gzip`.
    pub encoding: String,
    pub path: String,
    #[serde(flatten)]
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FormerFile {
    pub path: String,
    /// When a deployment took it out of the site, as RFC 3339 has it.
    pub since: String,
    /// Of a release whose deployment began at that time: until one ends well, people may have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pending: bool,
}

impl Manifest {
    /// That of a built site.
    pub fn of_folder(folder: &Path) -> Result<Manifest, String> {
        let path = folder.join(NAME);
        let text = fs::read_to_string(&path).map_err(|error| {
            format!("{}: {error}. `cargo xtask dist` builds the site and writes it.", path.display())
        })?;
        Manifest::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub fn parse(text: &str) -> Result<Manifest, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("text and numbers can be written");
        text.push('\n');
        text
    }
}

impl SiteFile {
    pub fn new(path: String, content: Content, compressed: Vec<Compressed>) -> SiteFile {
        let cache_control = if is_named_by_content(&path) { FOR_EVER } else { ASK_AGAIN };
        let content_type = content_type(&path).to_owned();
        SiteFile { path, content_type, cache_control: cache_control.to_owned(), content, compressed }
    }
}

/// Whether a path ends as `dist` names files after what is in them: `…-0123456789abcdef.js`.
pub fn is_named_by_content(path: &str) -> bool {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    stem.rsplit_once('-').is_some_and(|(_, hash)| hash.len() == HASH_DIGITS && hash.bytes().all(is_digit))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
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

    #[track_caller]
    fn check(path: &str, content_type: &str, cache_control: &str) {
        let content = Content { size: 0, sha256: String::new() };
        let file = SiteFile::new(path.to_owned(), content, Vec::new());
        assert_eq!((file.content_type.as_str(), file.cache_control.as_str()), (content_type, cache_control));
    }

    #[test]
    fn what_is_named_after_its_content_may_be_kept_for_ever() {
        check("azimuth-9bc736505d23927a.wasm", "application/wasm", FOR_EVER);
        check("boot-1450a07bdd090663.js", "text/javascript; charset=utf-8", FOR_EVER);
        check("style-290d61edfb07c286.css", "text/css; charset=utf-8", FOR_EVER);
    }

    #[test]
    fn what_keeps_its_name_is_asked_for_anew() {
        check("index.html", "text/html; charset=utf-8", ASK_AGAIN);
        check("auth.html", "text/html; charset=utf-8", ASK_AGAIN);
        check("auth.js", "text/javascript; charset=utf-8", ASK_AGAIN);
        check("config.json", "application/json; charset=utf-8", ASK_AGAIN);
        check("favicon.svg", "image/svg+xml", ASK_AGAIN);
        check("boot-1450A07bdd090663.js", "text/javascript; charset=utf-8", ASK_AGAIN);
        check("boot-1450a07bdd09066.js", "text/javascript; charset=utf-8", ASK_AGAIN);
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let content = Content { size: 3, sha256: "aa".to_owned() };
        let compressed = Compressed {
            encoding: "br".to_owned(),
            path: "a-0123456789abcdef.js.br".to_owned(),
            content: content.clone(),
        };
        let file = SiteFile::new("a-0123456789abcdef.js".to_owned(), content, vec![compressed]);
        let former = FormerFile {
            path: "b-0123456789abcdef.js".to_owned(),
            since: "2026-11-21T10:00:00Z".to_owned(),
            is_pending: true,
        };
        let manifest = Manifest { files: vec![file], former: vec![former] };
        assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest));
    }
}
