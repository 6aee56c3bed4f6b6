//! How long runs like this one usually take.

use azimuth_api::{Run, RunStatus, Timestamp};

use crate::components::format::format_duration;

/// How many earlier runs make a habit.
const ENOUGH: usize = 3;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// How long earlier runs like this one took, the shortest first: those that were done, with the same script, on the same
/// compute.
pub fn earlier_lengths<'a>(run: &Run, others: impl IntoIterator<Item = &'a Run>) -> Vec<i64> {
    let is_like_it = |other: &&Run| {
        other.run_id != run.run_id
            && other.status == RunStatus::Completed
            && other.created_utc < run.created_utc
            && other.script_name == run.script_name
            && other.target == run.target
            && other.run_type == run.run_type
            && other.parent_run_id.is_some() == run.parent_run_id.is_some()
    };
    let mut lengths: Vec<i64> = others
        .into_iter()
        .filter(is_like_it)
        .filter_map(|other| other.duration_milliseconds(Timestamp::from_unix_milliseconds(0)))
        .collect();
    lengths.sort_unstable();
    lengths
}

/// "Usually 8 to 9 minutes; about 4 left." Nothing where it does not matter any more.
pub fn usual_in_words(lengths: &[i64], run: &Run, now: i64) -> Option<String> {
    let is_over = run.status.is_finished();
    if matches!(run.status, RunStatus::Failed | RunStatus::Canceled | RunStatus::CancelRequested) {
        return None;
    }
    if lengths.len() < ENOUGH {
        let each: Vec<String> =
            lengths.iter().map(|length| format_duration(*length as f64).replace(' ', "\u{a0}")).collect();
        return match each.as_slice() {
            _ if is_over => None,
            [] => Some("There is no earlier run like this to say how long it takes.".to_owned()),
            [one] => Some(format!("The one earlier run like this took {one}.")),
            all => Some(format!("The {} earlier runs like this took {}.", all.len(), all.join(" and "))),
        };
    }
    // What half of them took; the others were unusual.
    let (low, high) = (lengths[lengths.len() / 4], lengths[lengths.len() - 1 - lengths.len() / 4]);
    let middle = lengths[lengths.len() / 2];
    let unit = Unit::of(high);
    let range = match unit.count(low) {
        least if least == unit.count(high) => format!("about {}", unit.amount(high)),
        least => format!("{least} to {}", unit.amount(high)),
    };
    let started = run.start_time_utc.map(Timestamp::unix_milliseconds);
    let rest = match started.filter(|_| run.status == RunStatus::Running).map(|started| now - started) {
        Some(elapsed) if elapsed > high => "; this one takes longer.".to_owned(),
        Some(elapsed) if elapsed < middle => {
            let left = middle - elapsed;
            let unit_left = Unit::of(left);
            match unit_left == unit {
                true => format!("; about {} left.", unit.count(left)),
                false => format!("; about {} left.", unit_left.amount(left)),
            }
        }
        Some(_) => "; it should be over any moment.".to_owned(),
        None if is_over || run.status == RunStatus::Finalizing => ".".to_owned(),
        None => " once it works.".to_owned(),
    };
    Some(format!("Usually {range}{rest}"))
}

/// The unit in which people would say it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
}

impl Unit {
    fn of(milliseconds: i64) -> Self {
        match milliseconds {
            short if short < 100 * SECOND => Self::Seconds,
            middling if middling < 2 * HOUR => Self::Minutes,
            _ => Self::Hours,
        }
    }

    fn count(self, milliseconds: i64) -> i64 {
        let size = match self {
            Self::Seconds => SECOND,
            Self::Minutes => MINUTE,
            Self::Hours => HOUR,
        };
        ((milliseconds + size / 2) / size).max(1)
    }

    fn amount(self, milliseconds: i64) -> String {
        let count = self.count(milliseconds);
        let name = match self {
            Self::Seconds => "second",
            Self::Minutes => "minute",
            Self::Hours => "hour",
        };
        if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2020-01-21T21:30:00Z.
    const CREATED: i64 = 1_579_642_200_000;

    fn run(id: &str, status: &str, more: &str) -> Run {
        serde_json::from_str(&format!(
            r#"{{"runId":"{id}","status":"{status}","scriptName":"a.py","createdUtc":"2020-01-21T21:30:00Z"{more}}}"#
        ))
        .unwrap()
    }

    fn working() -> Run {
        run("now", "Running", r#","startTimeUtc":"2020-01-21T21:30:00Z""#)
    }

    fn minutes(all: &[i64]) -> Vec<i64> {
        all.iter().map(|minutes| minutes * MINUTE).collect()
    }

    #[test]
    fn only_earlier_runs_of_the_same_kind_count() {
        let earlier = |id: &str, status: &str, script: &str| -> Run {
            serde_json::from_str(&format!(
                r#"{{"runId":"{id}","status":"{status}","scriptName":"{script}","createdUtc":"2020-01-20T10:00:00Z",
                    "startTimeUtc":"2020-01-20T10:00:00Z","endTimeUtc":"2020-01-20T10:08:00Z"}}"#
            ))
            .unwrap()
        };
        let others = [
            earlier("one", "Completed", "a.py"),
            earlier("other", "Completed", "b.py"),
            earlier("broken", "Failed", "a.py"),
            earlier("now", "Completed", "a.py"),
            run("later", "Completed", r#","endTimeUtc":"2020-01-22T00:00:00Z""#),
        ];
        assert_eq!(earlier_lengths(&working(), &others), minutes(&[8]));
    }

    #[test]
    fn a_habit_is_told_with_what_is_left() {
        let lengths = minutes(&[1, 8, 8, 9, 60]);
        let at = |minute| usual_in_words(&lengths, &working(), CREATED + minute * MINUTE).unwrap();
        assert_eq!(at(4), "Usually 8 to 9 minutes; about 4 left.");
        assert_eq!(at(7), "Usually 8 to 9 minutes; about 60 seconds left.");
        assert_eq!(at(8), "Usually 8 to 9 minutes; it should be over any moment.");
        assert_eq!(at(10), "Usually 8 to 9 minutes; this one takes longer.");
        let waits = run("now", "Queued", "");
        assert_eq!(
            usual_in_words(&lengths, &waits, CREATED).unwrap(),
            "Usually 8 to 9 minutes once it works."
        );
        let done = run("now", "Completed", "");
        assert_eq!(usual_in_words(&lengths, &done, CREATED).unwrap(), "Usually 8 to 9 minutes.");
        assert_eq!(usual_in_words(&lengths, &run("now", "Failed", ""), CREATED), None);
    }

    #[test]
    fn few_runs_are_no_habit() {
        let words = |lengths: &[i64]| usual_in_words(&minutes(lengths), &working(), CREATED).unwrap();
        assert_eq!(words(&[]), "There is no earlier run like this to say how long it takes.");
        assert_eq!(words(&[8]), "The one earlier run like this took 8\u{a0}m\u{a0}00\u{a0}s.");
        assert!(words(&[8, 9]).starts_with("The 2 earlier runs like this took 8"));
        assert_eq!(usual_in_words(&[], &run("now", "Completed", ""), CREATED), None);
    }

    #[test]
    fn the_unit_fits_the_length() {
        let words = |lengths: &[i64]| usual_in_words(lengths, &run("now", "Completed", ""), CREATED).unwrap();
        assert_eq!(words(&[40 * SECOND, 41 * SECOND, 55 * SECOND]), "Usually 40 to 55 seconds.");
        assert_eq!(words(&[3 * HOUR; 3]), "Usually about 3 hours.");
    }
}
