//! How an export is, as pages show it.

use std::time::Duration;

use azimuth_api::Timestamp;
use serde::{Deserialize, Serialize};

use crate::export::archive::FileKind;
use crate::export::selection::{Kind, Selection};

/// How the export of a workspace is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExportState {
    /// It is being looked whether there is one.
    Looking,
    /// There is none.
    None,
    /// This browser has no place of its own for so much.
    NotSupported,
    /// Another tab works on it.
    Elsewhere,
    /// There is one that cannot be read, for this reason.
    Damaged(String),
    /// One was begun and interrupted; it can go on.
    Ready(Progress),
    /// It goes on.
    Working(Progress),
    /// It waits.
    Paused(Pause, Progress),
    /// All was asked; tables and lists are made. This share of it is done.
    Finishing(f64),
    /// The zip can be saved.
    Done(Finished),
}

impl ExportState {
    /// Whether there is one that this tab knows of.
    pub fn is_there(&self) -> bool {
        !matches!(self, Self::Looking | Self::None | Self::NotSupported | Self::Elsewhere)
    }

    /// What is gone with it, in a sentence.
    pub fn at_stake(&self) -> Option<&'static str> {
        match self {
            Self::Ready(_) | Self::Working(_) | Self::Paused(..) | Self::Finishing(_) => Some(
                "An export is not finished. Signing out ends it and removes what it has so far from this browser.",
            ),
            Self::Done(_) => Some(
                "An export lies in this browser. Signing out removes it; save the zip first, unless you did.",
            ),
            Self::Looking | Self::None | Self::NotSupported | Self::Elsewhere | Self::Damaged(_) => None,
        }
    }
}

/// Why an export waits.
#[derive(Clone, Debug, PartialEq)]
pub enum Pause {
    /// Somebody wished it.
    Wished,
    /// There is no network. It goes on by itself.
    NoNetwork,
    /// The service wants to be left alone until then, in milliseconds since 1970. It goes on by itself.
    AskedToWait(f64),
    /// Nobody is signed in any more.
    SignedOut,
    /// The browser gives this site no more room.
    NoRoom,
    /// The browser could not write or read its private files, in its own words.
    Storage(String),
    /// All was asked, and some of it did not work: asked again, or left as it is, as somebody wishes.
    Failures,
}

/// How far an export has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What was wanted.
    pub selection: Selection,
    /// When it was begun.
    pub started: Timestamp,
    /// Kind by kind, those alone that are wanted.
    pub kinds: Vec<KindProgress>,
    /// How many bytes are there.
    pub bytes: f64,
    /// How many questions were asked.
    pub requests: usize,
    /// How long it goes on, as far as that can be told.
    pub left: Option<Duration>,
    /// How many things could not be had.
    pub failed: usize,
    /// The first hundred of these.
    pub failures: Vec<Failure>,
}

/// How far one kind has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindProgress {
    pub kind: Kind,
    pub done: usize,
    /// As far as it is known by now.
    pub todo: usize,
    pub failed: usize,
}

/// Something that could not be had, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What it is.
    pub kind: FileKind,
    /// Its id; of a file its path.
    pub id: String,
    /// In which experiment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Of which run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The answer's status, where one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The service's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In plain words.
    pub why: String,
    /// Which of the requests it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<u32>,
}

/// An export that can be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finished {
    /// The name of the zip.
    pub name: String,
    /// Its size in bytes, which is also about what the browser keeps of it.
    pub size: f64,
    /// How many files are in it.
    pub files: usize,
    /// How many things are not.
    pub missing: usize,
    /// The first hundred of these.
    pub failures: Vec<Failure>,
    /// Whether it was ended before all was asked.
    pub stopped: bool,
    /// What was wanted.
    pub selection: Selection,
    /// When it was done, in milliseconds since 1970.
    pub finished: f64,
}
