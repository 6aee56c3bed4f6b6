//! How high the rows of a table are, as far as that is known, and which of them a part of the screen shows.

use std::ops::Range;

/// The heights of all rows. Those that were never in the page have that of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Heights {
    known: Vec<Option<f32>>,
    /// What an unknown one is taken for.
    usual: f64,
}

/// Before any row was measured: a row of one line.
const FIRST_GUESS: f64 = 36.0;

impl Default for Heights {
    fn default() -> Self {
        Self { known: Vec::new(), usual: FIRST_GUESS }
    }
}

impl Heights {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Forgets what was measured: the rows are drawn in another way.
    pub fn forget(&mut self) {
        self.known.fill(None);
    }

    /// Other rows: those at both ends stay, and those between them are new.
    pub fn replace(&mut self, change: &Change) {
        let middle = change.prefix..self.known.len() - change.suffix;
        let count = change.len - change.prefix - change.suffix;
        self.known.splice(middle, std::iter::repeat_n(None, count));
    }

    /// Keeps what was measured; whether that moves anything.
    pub fn measured(&mut self, rows: &[(usize, f64)]) -> bool {
        if !rows.is_empty() && self.known.iter().all(Option::is_none) {
            self.usual = (rows.iter().map(|(_, height)| height).sum::<f64>() / rows.len() as f64).max(1.0);
        }
        let mut moved = false;
        for (index, height) in rows {
            let known = &mut self.known[*index];
            if known.is_none_or(|known| (f64::from(known) - height).abs() > 0.5) {
                *known = Some(*height as f32);
                moved = true;
            }
        }
        moved
    }

    /// Whether nobody measured this row yet.
    pub fn is_unknown(&self, index: usize) -> bool {
        self.known[index].is_none()
    }

    /// How high these rows are together.
    pub fn sum(&self, rows: Range<usize>) -> f64 {
        self.known[rows].iter().map(|height| self.of(*height)).sum()
    }

    /// The rows that stand between two distances from the first one's top.
    pub fn window(&self, top: f64, bottom: f64) -> Range<usize> {
        let mut end_of_row = 0.0;
        let mut first = None;
        for (index, height) in self.known.iter().enumerate() {
            end_of_row += self.of(*height);
            if first.is_none() && end_of_row > top {
                first = Some(index);
            }
            if end_of_row >= bottom {
                return first.unwrap_or(index)..index + 1;
            }
        }
        first.unwrap_or(self.len())..self.len()
    }

    fn of(&self, height: Option<f32>) -> f64 {
        height.map_or(self.usual, f64::from)
    }
}

/// What became of a list: so many rows at its beginning and its end are the same as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    pub prefix: usize,
    pub suffix: usize,
    /// How many there are now.
    pub len: usize,
}

impl Change {
    /// From one list to another.
    pub fn between<T>(old: &[T], new: &[T], is_same: impl Fn(&T, &T) -> bool) -> Self {
        let same = |(one, other): &(&T, &T)| is_same(one, other);
        let prefix = old.iter().zip(new).take_while(same).count();
        let (old, new_rest) = (&old[prefix..], &new[prefix..]);
        let suffix = old.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
        Self { prefix, suffix, len: new.len() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(count: usize) -> Heights {
        Heights { known: vec![None; count], ..Heights::default() }
    }

    #[test]
    fn a_part_of_the_screen_shows_the_rows_that_touch_it() {
        let mut heights = unknown(100_000);
        assert_eq!(heights.window(0.0, 72.0), 0..2);
        assert_eq!(heights.window(35.0, 37.0), 0..2);
        assert_eq!(heights.window(36.0 * 5_000.0, 36.0 * 5_001.0), 5_000..5_001);
        assert_eq!(heights.window(-500.0, -400.0), 0..1);
        assert_eq!(heights.window(1e9, 1e9 + 10.0), 100_000..100_000);
        heights.measured(&[(0, 100.0), (1, 20.0)]);
        assert_eq!(heights.window(0.0, 101.0), 0..2);
        assert_eq!(heights.sum(0..3), 180.0);
    }

    #[test]
    fn rows_that_were_never_seen_are_as_high_as_the_first_that_were() {
        let mut heights = unknown(10);
        assert!(heights.measured(&[(0, 40.0), (1, 60.0)]));
        assert_eq!(heights.sum(0..10), 500.0);
        assert!(!heights.measured(&[(0, 40.2)]));
        assert!(heights.measured(&[(5, 90.0)]));
        assert_eq!(heights.sum(0..10), 540.0);
    }

    #[test]
    fn what_was_measured_stays_with_its_row_when_others_come_and_go() {
        let change = Change::between(&["b", "c", "d"], &["a", "b", "c", "d"], |one, other| one == other);
        assert_eq!(change, Change { prefix: 0, suffix: 3, len: 4 });
        let mut heights = unknown(3);
        heights.measured(&[(0, 10.0), (2, 30.0)]);
        heights.replace(&change);
        assert_eq!((heights.is_unknown(0), heights.sum(1..2), heights.sum(3..4)), (true, 10.0, 30.0));
        heights.replace(&Change::between(&["a", "b", "c", "d"], &["a", "d"], |one, other| one == other));
        assert_eq!((heights.len(), heights.sum(1..2)), (2, 30.0));
    }

    #[test]
    fn a_list_of_equals_is_not_counted_from_both_ends() {
        assert_eq!(
            Change::between(&[1, 1], &[1, 1, 1], |one, other| one == other),
            Change { prefix: 2, suffix: 0, len: 3 }
        );
        assert_eq!(
            Change::between(&[1, 1, 1], &[1], |one, other| one == other),
            Change { prefix: 1, suffix: 0, len: 1 }
        );
    }
}
