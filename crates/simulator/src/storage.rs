//! Blob storage: logs and outputs, for whoever has a signed address, and never with a bearer token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::answer::{Answer, Outcome};
use crate::artifacts::ORIGIN;
use crate::call::Call;
use crate::checksum::{checksum, signature};
use crate::errors;
use crate::run_output::{self, File};
use crate::run_progress::Board;
use crate::simulator::Simulator;
use crate::state::text;
use crate::times::{self, http_stamp, short_stamp};

const VALUE: &AsciiSet = NON_ALPHANUMERIC;
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An address that opens a blob for reading; valid for about eight hours, as seen in the service's own.
pub fn signed_address(origin: &str, account: &str, blob: &str, now: OffsetDateTime) -> String {
    let begins = short_stamp(now - Duration::minutes(10));
    let ends = short_stamp(now + Duration::hours(8));
    let encoded = |text: &str| utf8_percent_encode(text, VALUE).to_string();
    let signature = sign(account, blob, &begins, &ends);
    format!(
        "{origin}/{}?sv=2019-02-02&sr=b&sig={}&st={}&se={}&sp=r",
        utf8_percent_encode(blob, PATH),
        encoded(&signature),
        encoded(&begins),
        encoded(&ends)
    )
}

fn sign(account: &str, blob: &str, begins: &str, ends: &str) -> String {
    STANDARD.encode(signature(&format!("{account}/{blob} from {begins} to {ends}")))
}

impl Simulator {
    pub(crate) fn storage(&self, call: &Call<'_>) -> Outcome {
        let blob = call.segments.join("/");
        if !matches!(*call.method, Method::GET | Method::HEAD) {
            let message = "The resource doesn't support specified Http Verb.";
            return Err(errors::storage(call, 405, "UnsupportedHttpVerb", message));
        }
        check_signature(call, &blob)?;
        let file = self.blob(call, &blob).ok_or_else(|| {
            errors::storage(call, 404, "BlobNotFound", "The specified blob does not exist.")
        })?;
        let answer = ranged(call, &file, file.content_type())?
            .with("accept-ranges", "bytes")
            .with("etag", format!("\"0x{:X}\"", checksum(&format!("{blob} {}", file.content.len()))))
            .with("last-modified", http_stamp(call.now))
            .with("x-ms-blob-type", "AppendBlob")
            .with("x-ms-version", "2019-02-02");
        Ok(if call.method == Method::HEAD { answer.without_body() } else { answer })
    }

    fn blob(&self, call: &Call<'_>, blob: &str) -> Option<File> {
        let account = &call.place.account;
        let mut workspaces = self
            .state
            .workspaces
            .iter()
            .filter(|workspace| workspace.storage_account().eq_ignore_ascii_case(account));
        if let Some(image) = blob.strip_prefix(IMAGE_LOGS) {
            let mut images = workspaces.flat_map(|workspace| &workspace.images);
            let image = images.find(|known| image == format!("{}/build.log", text(known, "id")))?;
            let created = times::parse(text(image, "createdTime")).unwrap_or(call.now);
            let content = words_of_build(image).into();
            return Some(File { path: "build.log".to_owned(), created, content, is_log: true });
        }
        let rest = blob.strip_prefix("azureml/")?.strip_prefix(ORIGIN)?.strip_prefix('/')?;
        let (container, path) = rest.split_once('/')?;
        workspaces.find_map(|workspace| {
            let run = workspace.run_of_container(container)?;
            let board = Board::new(workspace, self.speed, call.now);
            run_output::files(&run, &board.moment(&run)).into_iter().find(|file| file.path == path)
        })
    }
}

const IMAGE_LOGS: &str = "azureml/ImageLogs/";

/// Where the log of an image's build lies. Guess: the path.
pub fn build_log(image: &str) -> String {
    format!("{IMAGE_LOGS}{image}/build.log")
}

fn words_of_build(image: &Value) -> String {
    let mut log = format!("Sending build context of {}\n", text(image, "id"));
    let failed = image["creationState"] == "Failed";
    for step in 1..=if failed { 8 } else { 14 } {
        log.push_str(&format!("Step {step}/14 : ok\n"));
    }
    log.push_str(match text(image, "creationState") {
        "Failed" => {
            "Step 9/14 : RUN conda env create -f conda_dependencies.yml\n\
             \u{1b}[31mResolvePackageNotFound:\n  - scikit-learn==0.99.0\u{1b}[0m\n\
             The command returned a non-zero code: 1\n"
        }
        "Succeeded" => "Successfully built and pushed\n",
        _ => "",
    });
    log
}

fn check_signature(call: &Call<'_>, blob: &str) -> Result<(), Answer> {
    let refusal = || {
        let message = "Server failed to authenticate the request. Make sure the value of Authorization header is \
                       formed correctly including the signature.";
        errors::storage(call, 403, "AuthenticationFailed", message)
    };
    if call.headers.contains_key("authorization") {
        return Err(refusal());
    }
    let Some(written) = call.query("sig") else {
        // A private container looks like none to whoever has no signature.
        return Err(errors::storage(call, 404, "ResourceNotFound", "The specified resource does not exist."));
    };
    let (begins, ends) = (call.query("st").unwrap_or_default(), call.query("se").unwrap_or_default());
    let expired = times::parse(ends).is_none_or(|ends| ends <= call.now);
    if expired || written != sign(&call.place.account, blob, begins, ends) {
        return Err(refusal());
    }
    Ok(())
}

/// The whole file, or the part that a range asks for. A log that has not grown answers 416.
pub fn ranged(call: &Call<'_>, file: &File, kind: &str) -> Outcome {
    let length = file.content.len();
    let Some((first, last)) = call.header("x-ms-range").or(call.header("range")).and_then(range) else {
        return Ok(Answer::bytes(200, kind, file.content.all()).with("content-length", length.to_string()));
    };
    if first >= length {
        let message = "The range specified is invalid for the current size of the resource.";
        return Err(errors::storage(call, 416, "InvalidRange", message)
            .with("content-range", format!("bytes */{length}")));
    }
    let last = last.unwrap_or(length - 1).min(length - 1);
    let part = file.content.read(first..last + 1);
    let size = part.len().to_string();
    Ok(Answer::bytes(206, kind, part)
        .with("content-range", format!("bytes {first}-{last}/{length}"))
        .with("content-length", size))
}

/// `bytes=N-` and `bytes=N-M`; other forms are ignored, as the storage service does.
fn range(header: &str) -> Option<(usize, Option<usize>)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    match last {
        "" => Some((first, None)),
        last => last.parse().ok().filter(|last| *last >= first).map(|last| (first, Some(last))),
    }
}
