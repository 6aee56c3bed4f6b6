//! Reads a run's files in parts: from the storage account, where this page may, else from the artifact service.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use azimuth_api::{
    ApiError, ArtifactContainer, GetArtifactContent, GetArtifactContentInfo, GetRunDetails, NoAnswer,
    Operation, Origin, SignedAddress, WebAddress,
};
use http::header::CONTENT_RANGE;
use http::{Method, Response};
use leptos::prelude::*;

use crate::client::{AskedAt, Client, Question};
use crate::transport::{ByteRange, Reach};

/// Reads one file. Clones read the same one, and know what the other found out.
#[derive(Clone)]
pub struct FileReader(Rc<Inner>);

struct Inner {
    client: Client,
    content: GetArtifactContent,
    /// Details list the addresses of logs.
    details: Option<GetRunDetails>,
    address: RefCell<Option<SignedAddress>>,
    way: Cell<Way>,
    /// Whether the storage is asked although it did not let this page in before.
    insists: Cell<bool>,
    storage_fault: RefCell<Option<StorageFault>>,
    /// What was asked, where somebody keeps a list of it.
    asked: RefCell<Option<Vec<Reading>>>,
}

/// One of the questions that a file took.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The question; of a signed address the path alone.
    pub asked: AskedAt,
    /// Which bytes of the file.
    pub range: Option<ByteRange>,
    /// The answer's status.
    pub status: u16,
    /// How long the answer was.
    pub bytes: usize,
}

/// Where a file's bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The storage account, by a signed address and without a token.
    Storage,
    /// The artifact service, with the token.
    Service,
    /// The same, which gives nothing but whole files.
    WholeFromService,
}

/// Some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where in the file they begin.
    pub from: u64,
    /// May be none: then there is nothing there yet.
    pub bytes: Vec<u8>,
    /// How long the file is, if that was said.
    pub total: Option<u64>,
    /// Whether the file ends with them, as far as it is written.
    pub is_end: bool,
}

/// Why the storage account did not give a file.
#[derive(Clone, Debug, PartialEq)]
pub enum StorageFault {
    /// The settings do not name its origin.
    NotNamed(Origin),
    /// Its owner does not let this page read.
    NotShared(Origin),
    /// It refused, or does not answer.
    Refused(ApiError),
    /// The service does not say where the file is.
    NoAddress(ApiError),
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadError {
    /// What the artifact service said, which is asked last.
    pub service: ApiError,
    /// What kept the storage from giving it; none where the network is what is missing.
    pub storage: Option<StorageFault>,
    /// The name of the storage account.
    pub account: Option<String>,
}

impl FileReader {
    /// A reader of a file of a container.
    pub fn new(client: Client, container: ArtifactContainer, path: impl Into<String>) -> Self {
        Self(Rc::new(Inner {
            client,
            content: GetArtifactContent::of(container, path),
            details: None,
            address: RefCell::default(),
            way: Cell::new(Way::Storage),
            insists: Cell::new(false),
            storage_fault: RefCell::default(),
            asked: RefCell::default(),
        }))
    }

    /// The same, which keeps a list of what it asks; see [`FileReader::take_asked`].
    pub fn listing(self) -> Self {
        self.0.asked.replace(Some(Vec::new()));
        self
    }

    /// What was asked since this was last called.
    pub fn take_asked(&self) -> Vec<Reading> {
        self.0.asked.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }

    fn list(&self, asked: Option<AskedAt>, range: Option<ByteRange>, response: &Response<Vec<u8>>) {
        let asked = asked.or_else(|| response.extensions().get().cloned());
        if let (Some(list), Some(asked)) = (self.0.asked.borrow_mut().as_mut(), asked) {
            let (status, bytes) = (response.status().as_u16(), response.body().len());
            list.push(Reading { asked, range, status, bytes });
        }
    }

    /// A reader of a log whose address details had; when it has run out they are asked for another.
    pub fn of_log(
        client: Client,
        container: ArtifactContainer,
        path: impl Into<String>,
        address: SignedAddress,
        details: GetRunDetails,
    ) -> Self {
        let Self(inner) = Self::new(client, container, path);
        let inner = Rc::try_unwrap(inner).unwrap_or_else(|_| unreachable!("nobody else has it yet"));
        Self(Rc::new(Inner { details: Some(details), address: RefCell::new(Some(address)), ..inner }))
    }

    /// Which file.
    pub fn path(&self) -> &str {
        &self.0.content.path
    }

    /// Where it is.
    pub fn container(&self) -> &ArtifactContainer {
        &self.0.content.container
    }

    /// Where it is read now.
    pub fn way(&self) -> Way {
        self.0.way.get()
    }

    /// Why the storage was given up, if it was.
    pub fn storage_fault(&self) -> Option<StorageFault> {
        self.0.storage_fault.borrow().clone()
    }

    /// Begins anew at the storage, after somebody mended something.
    pub fn try_storage_again(&self) {
        self.0.way.set(Way::Storage);
        self.0.insists.set(true);
        self.0.storage_fault.take();
    }

    /// The signed address, for whoever opens the file in a tab of its own.
    ///
    /// # Errors
    /// What the service says instead of one.
    pub async fn address(&self) -> Result<SignedAddress, ApiError> {
        let known = self.0.address.borrow().clone();
        match known {
            Some(address) => Ok(address),
            None => self.renewed_address().await,
        }
    }

    /// Some bytes of the file, as many as there are; more than asked for where there are only whole files to be had.
    ///
    /// # Errors
    /// Where neither the storage nor the service gives them.
    pub async fn read(&self, range: ByteRange) -> Result<Piece, ReadError> {
        if self.0.way.get() == Way::Storage {
            match self.read_storage(range).await {
                Ok(piece) => return Ok(piece),
                // Without a network there is no other way either.
                Err(StorageFault::Refused(error) | StorageFault::NoAddress(error)) if is_offline(&error) => {
                    return Err(ReadError { service: error, storage: None, account: None });
                }
                Err(fault) => {
                    self.0.storage_fault.replace(Some(fault));
                    self.0.way.set(Way::Service);
                }
            }
        }
        self.read_service(range).await.map_err(|service| ReadError {
            service,
            storage: self.storage_fault(),
            account: self.0.address.borrow().as_ref().and_then(SignedAddress::account),
        })
    }

    async fn read_storage(&self, range: ByteRange) -> Result<Piece, StorageFault> {
        let mut address = self.address().await.map_err(StorageFault::NoAddress)?;
        if let Some(origin) = address.origin() {
            if !self.0.client.data_origins().has(&origin) {
                return Err(StorageFault::NotNamed(origin));
            }
            // Browsers write each refused address on their console, signature and all: one is enough.
            let reach = self.0.client.reaches().with_untracked(|reaches| reaches.get(&origin).copied());
            if reach == Some(Reach::NotShared) && !self.0.insists.get() {
                return Err(StorageFault::NotShared(origin));
            }
        }
        let mut is_renewed = false;
        loop {
            let response = self.0.client.read_signed(&address, range).await.map_err(|error| {
                let origin = address.origin();
                match (&error, origin) {
                    (ApiError::Unreachable(NoAnswer::NotShared), Some(origin)) => {
                        StorageFault::NotShared(origin)
                    }
                    _ => StorageFault::Refused(error),
                }
            })?;
            let shown = address.masked().map(|shown| {
                let path = shown.target().split('?').next().unwrap_or_default();
                let address = WebAddress::of(shown.origin(), path);
                AskedAt { method: Method::GET, address, body: None }
            });
            self.list(shown, Some(range), &response);
            match piece(range, response) {
                Some(Ok(piece)) => return Ok(piece),
                // An address opens a blob for some hours.
                Some(Err(error)) if matches!(error.status(), Some(401 | 403)) && !is_renewed => {
                    address = self.renewed_address().await.map_err(StorageFault::NoAddress)?;
                    is_renewed = true;
                }
                Some(Err(error)) => return Err(StorageFault::Refused(error)),
                None => return Ok(Piece::nothing(range.from, None)),
            }
        }
    }

    async fn read_service(&self, range: ByteRange) -> Result<Piece, ApiError> {
        let whole = self.0.way.get() == Way::WholeFromService;
        let asked = if whole { ByteRange { from: 0, to: None } } else { range };
        let response = self.0.client.read_content(&self.0.content, asked).await?;
        self.list(None, Some(asked), &response);
        if response.status() == 200 && asked != (ByteRange { from: 0, to: None }) {
            self.0.way.set(Way::WholeFromService);
        }
        match piece(range, response) {
            Some(piece) => piece,
            None => Ok(Piece::nothing(range.from, None)),
        }
    }

    async fn renewed_address(&self) -> Result<SignedAddress, ApiError> {
        let Inner { client, content, details, .. } = &*self.0;
        let listed = match details {
            Some(details) => client.ask(details).await?.log_files.remove(&content.path),
            None => None,
        };
        let address = match listed {
            Some(address) => address,
            None => {
                let question = GetArtifactContentInfo::of(content.container.clone(), &content.path);
                let older = question.otherwise().map(|older| Question::of(&older));
                let response = client.answer(Question::of(&question), older).await?;
                self.list(None, None, &response);
                question.read(&response)?.content_uri
            }
        };
        self.0.address.replace(Some(address.clone()));
        Ok(address)
    }
}

impl Piece {
    fn nothing(from: u64, total: Option<u64>) -> Self {
        Self { from, bytes: Vec::new(), total, is_end: true }
    }
}

fn is_offline(error: &ApiError) -> bool {
    matches!(error, ApiError::Unreachable(NoAnswer::Offline | NoAnswer::NoNetwork))
}

/// The piece that an answer holds, or the refusal; none where there is nothing at these bytes and nobody says how long
/// the file is.
fn piece(range: ByteRange, response: Response<Vec<u8>>) -> Option<Result<Piece, ApiError>> {
    let said =
        response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).and_then(content_range);
    let found = match response.status().as_u16() {
        206 => {
            let (from, total) = match said {
                Some((Some(from), total)) => (from, total),
                _ => (range.from, None),
            };
            let bytes = response.into_body();
            let end = from + bytes.len() as u64;
            // Who does not say how long the file is gives less than was asked for only at its end.
            let is_end = match (total, range.to) {
                (Some(total), _) => end >= total,
                (None, Some(to)) => end < to,
                (None, None) => true,
            };
            Piece { from, bytes, total, is_end }
        }
        // Whoever does not know ranges gives everything; what came is not asked for again.
        200 => {
            let mut bytes = response.into_body();
            let total = bytes.len() as u64;
            bytes.drain(..(range.from as usize).min(bytes.len()));
            Piece { from: range.from, bytes, total: Some(total), is_end: true }
        }
        416 => Piece::nothing(range.from, said?.1),
        _ => return Some(Err(ApiError::refused(&response))),
    };
    Some(Ok(found))
}

/// `bytes 5-9/120`, `bytes 5-9/*`, `bytes */120`: where it begins, and how long the whole is.
fn content_range(value: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (range, total) = value.trim().strip_prefix("bytes")?.trim_start().split_once('/')?;
    let from = range.split_once('-').and_then(|(from, _)| from.parse().ok());
    Some((from, total.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, range: Option<&str>, body: &str) -> Response<Vec<u8>> {
        let mut builder = Response::builder().status(status);
        if let Some(range) = range {
            builder = builder.header("Content-Range", range);
        }
        builder.body(body.as_bytes().to_vec()).unwrap()
    }

    fn read(from: u64, to: Option<u64>, response: Response<Vec<u8>>) -> Piece {
        piece(ByteRange { from, to }, response).expect("there is a piece").unwrap()
    }

    #[test]
    fn a_part_says_how_long_the_whole_is() {
        let part = read(2, Some(5), answer(206, Some("bytes 2-4/9"), "cde"));
        assert_eq!(part, Piece { from: 2, bytes: b"cde".to_vec(), total: Some(9), is_end: false });
        assert!(read(6, None, answer(206, Some("bytes 6-8/9"), "ghi")).is_end);
    }

    #[test]
    fn where_nobody_says_how_long_a_file_is_a_short_part_is_its_end() {
        assert!(!read(0, Some(3), answer(206, None, "abc")).is_end);
        assert!(read(3, Some(6), answer(206, None, "de")).is_end);
        assert!(read(3, None, answer(206, Some("bytes 3-4/*"), "de")).is_end);
    }

    #[test]
    fn of_a_whole_file_everything_from_the_first_byte_is_taken() {
        let part = read(2, Some(4), answer(200, None, "abcdef"));
        assert_eq!(part, Piece { from: 2, bytes: b"cdef".to_vec(), total: Some(6), is_end: true });
        assert_eq!(read(9, None, answer(200, None, "abc")).bytes, b"");
    }

    #[test]
    fn nothing_new_is_no_failure() {
        let part = read(9, None, answer(416, Some("bytes */9"), "<Error/>"));
        assert_eq!(part, Piece { from: 9, bytes: Vec::new(), total: Some(9), is_end: true });
        assert_eq!(piece(ByteRange { from: 9, to: None }, answer(416, None, "")), None);
    }

    #[test]
    fn a_refusal_is_one() {
        let refused = piece(ByteRange { from: 0, to: None }, answer(403, None, "<Error/>"));
        assert_eq!(refused.unwrap().unwrap_err().status(), Some(403));
    }
}
