//! Reading a log while it is written: its end first, then only what is new.

use std::time::Duration;

use gloo_timers::future::sleep;
use leptos::prelude::*;

use crate::components::text_view::long_text::LongText;
use crate::files::reader::{FileReader, Piece, ReadError, Way};
use crate::transport::ByteRange;

/// How much of a long log is loaded at once: what most people look for is at its end.
const END: u64 = 1 << 20;
/// What is asked for first, which is all of most logs.
const FIRST: u64 = 64 << 10;
/// What is asked for at once where there is much.
const PART: u64 = 4 << 20;
/// While a log grows.
const SOON: Duration = Duration::from_secs(2);
/// After a while without anything new.
const LATE: Duration = Duration::from_secs(10);
/// Where only the whole log can be had.
const LATE_FOR_WHOLE: Duration = Duration::from_secs(60);
/// After it could not be read.
const AFTER_FAILURE: Duration = Duration::from_secs(20);
/// Between two looks at whether the tab can be seen.
const HIDDEN: Duration = Duration::from_millis(250);

/// A log as far as it is loaded. A handle.
#[derive(Clone, Copy)]
pub struct Tail {
    /// Its lines.
    pub text: RwSignal<LongText>,
    /// Which bytes of the file are there: from the first to the one behind the last.
    pub loaded: RwSignal<(u64, u64)>,
    /// How it goes.
    pub state: RwSignal<TailState>,
    /// How much of what is before is loaded by now, while it is.
    pub earlier: RwSignal<Option<u64>>,
}

/// How reading goes.
#[derive(Clone, Debug, PartialEq)]
pub enum TailState {
    /// The first bytes are awaited.
    Loading,
    /// It is asked for more every few seconds.
    Growing,
    /// There will be no more.
    Over,
    /// It could not be read. What is there stays.
    Failed(ReadError),
}

impl Tail {
    /// Nothing is loaded yet.
    pub fn new() -> Self {
        Self {
            text: RwSignal::new(LongText::default()),
            loaded: RwSignal::new((0, 0)),
            state: RwSignal::new(TailState::Loading),
            earlier: RwSignal::new(None),
        }
    }

    /// Reads the log and goes on until the run is over. `whole` is for whoever looks for a line by its number.
    pub async fn read(self, reader: &FileReader, whole: bool, is_over: Signal<bool>) {
        loop {
            let Err(error) = self.read_all(reader, whole, is_over).await else {
                self.state.try_set(TailState::Over);
                return;
            };
            self.state.try_set(TailState::Failed(error));
            // What is there is worth going on with; without anything, somebody has to do something first.
            let has_text = self.text.try_with_untracked(|text| !text.is_empty()).unwrap_or(false);
            if !has_text || is_over.try_get_untracked() != Some(false) {
                return;
            }
            self.wait(AFTER_FAILURE, is_over).await;
        }
    }

    async fn read_all(
        self,
        reader: &FileReader,
        whole: bool,
        is_over: Signal<bool>,
    ) -> Result<(), ReadError> {
        let (_, known) = self.loaded.get_untracked();
        let was_over = is_over.get_untracked();
        if known == 0 {
            let first = reader.read(ByteRange { from: 0, to: Some(FIRST) }).await?;
            let is_end = first.is_end;
            match first_byte(&first, whole) {
                0 => self.add(first),
                from => {
                    self.loaded.try_set((from, from));
                }
            }
            if !is_end {
                self.read_on(reader).await?;
            }
            // What was over before it was read has no more.
            if was_over {
                return Ok(());
            }
        }
        let mut wait = SOON;
        loop {
            self.state.try_set(TailState::Growing);
            let was_over = is_over.try_get_untracked().unwrap_or(true);
            if !was_over {
                self.wait(wait, is_over).await;
            }
            let is_new = self.read_on(reader).await?;
            if was_over {
                return Ok(());
            }
            wait = next_wait(wait, is_new, reader.way());
        }
    }

    /// Waits, but not longer once the run is over; then until the tab can be seen.
    async fn wait(self, wait: Duration, is_over: Signal<bool>) {
        let mut waited = Duration::ZERO;
        while waited < wait && is_over.try_get_untracked() == Some(false) {
            sleep(HIDDEN).await;
            waited += HIDDEN;
        }
        while document().hidden() {
            sleep(HIDDEN).await;
        }
    }

    /// Reads to the end, as it is now. Whether there was anything.
    ///
    /// The last byte that is known is asked for again: where there is nothing behind it, a storage account would refuse
    /// the question, and a browser writes each refusal on its console.
    async fn read_on(self, reader: &FileReader) -> Result<bool, ReadError> {
        let mut is_new = false;
        loop {
            let Some((begin, end)) = self.loaded.try_get_untracked() else { return Ok(false) };
            let known = u64::from(end > begin);
            let from = end - known;
            let mut piece = reader.read(ByteRange { from, to: Some(from + PART) }).await?;
            if is_other_file(&piece, end) {
                self.text.try_set(LongText::default());
                self.loaded.try_set((0, 0));
                continue;
            }
            piece.bytes.drain(..(known as usize).min(piece.bytes.len()));
            piece.from = end;
            let is_end = piece.is_end || piece.bytes.is_empty();
            is_new |= !piece.bytes.is_empty();
            self.add(piece);
            if is_end {
                return Ok(is_new);
            }
        }
    }

    fn add(self, piece: Piece) {
        if !piece.bytes.is_empty() {
            self.loaded.try_update(|(_, end)| *end = piece.from + piece.bytes.len() as u64);
            self.text.try_update(|text| text.append(&piece.bytes));
        }
    }

    /// Loads what is before the part that was loaded first.
    ///
    /// # Errors
    /// Why it could not be read; then what is there stays as it is.
    pub async fn read_earlier(self, reader: &FileReader) -> Result<(), ReadError> {
        let (begin, _) = self.loaded.get_untracked();
        let mut parts: Vec<Vec<u8>> = Vec::new();
        let mut done = 0;
        self.earlier.try_set(Some(0));
        while done < begin {
            let range = ByteRange { from: done, to: Some((done + PART).min(begin)) };
            let piece = match reader.read(range).await {
                Ok(piece) => piece,
                Err(error) => {
                    self.earlier.try_set(None);
                    return Err(error);
                }
            };
            let mut bytes = piece.bytes;
            bytes.truncate((begin - done) as usize);
            if bytes.is_empty() {
                break;
            }
            done += bytes.len() as u64;
            self.earlier.try_set(Some(done));
            parts.push(bytes);
        }
        self.text.try_update(|text| parts.iter().rev().for_each(|part| text.prepend(part)));
        self.loaded.try_update(|(begin, _)| *begin = 0);
        self.earlier.try_set(None);
        Ok(())
    }
}

/// With which byte loading begins.
fn first_byte(first: &Piece, whole: bool) -> u64 {
    match first.total {
        Some(total) if !whole && !first.is_end && total > END => total - END,
        _ => 0,
    }
}

/// Whether the file became shorter, so that it is not the one that was read.
fn is_other_file(piece: &Piece, end: u64) -> bool {
    piece.total.is_some_and(|total| total < end)
}

fn next_wait(wait: Duration, is_new: bool, way: Way) -> Duration {
    let most = if way == Way::WholeFromService { LATE_FOR_WHOLE } else { LATE };
    match (is_new, way) {
        (true, Way::Storage | Way::Service) => SOON,
        // Each look costs the whole log, so there are fewer and fewer.
        _ => (wait * 3 / 2).min(most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(total: Option<u64>, is_end: bool) -> Piece {
        Piece { from: 0, bytes: vec![0; 10], total, is_end }
    }

    #[test]
    fn of_a_long_log_the_end_is_loaded_unless_a_line_is_looked_for() {
        assert_eq!(first_byte(&piece(Some(10), true), false), 0);
        assert_eq!(first_byte(&piece(Some(END), false), false), 0);
        assert_eq!(first_byte(&piece(Some(50_000_000), false), false), 50_000_000 - END);
        assert_eq!(first_byte(&piece(Some(50_000_000), false), true), 0);
        assert_eq!(first_byte(&piece(None, false), false), 0);
    }

    #[test]
    fn a_silent_log_is_asked_for_less_often_and_a_whole_one_less_and_less() {
        assert_eq!(next_wait(LATE, true, Way::Storage), SOON);
        let waits = |way| {
            let next = |wait: &Duration| Some(next_wait(*wait, false, way));
            std::iter::successors(Some(SOON), next).nth(20)
        };
        assert_eq!(waits(Way::Service), Some(LATE));
        assert_eq!(waits(Way::WholeFromService), Some(LATE_FOR_WHOLE));
        assert!(next_wait(SOON, true, Way::WholeFromService) > SOON);
    }

    #[test]
    fn a_file_that_became_shorter_is_another() {
        assert!(is_other_file(&piece(Some(5), true), 6));
        assert!(!is_other_file(&piece(Some(6), true), 6));
        assert!(!is_other_file(&piece(None, true), 6));
    }
}
