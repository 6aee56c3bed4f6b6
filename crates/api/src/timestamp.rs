//! Times as the service writes them.

use serde::{Deserialize, Deserializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment, read from ISO 8601 with any number of fraction digits (the service writes seven, or three) and an
/// offset or `Z`. A text without an offset is taken as UTC, which is what the service means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since 1970.
    pub const fn from_unix_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since 1970, what a browser's clock counts in.
    pub const fn unix_milliseconds(self) -> i64 {
        self.0
    }

    /// `2020-01-21T21:30:23`, in UTC, as filters have it.
    pub fn iso(self) -> String {
        let moment = OffsetDateTime::from_unix_timestamp(self.0.div_euclid(1_000))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (hour, minute, second) = moment.to_hms();
        format!(
            "{}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}",
            moment.year(),
            u8::from(moment.month()),
            moment.day()
        )
    }

    /// Reads one; `None` for what is no time.
    pub fn parse(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339)
            .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339))
            .ok()?;
        Some(Self((moment.unix_timestamp_nanos() / 1_000_000) as i64))
    }
}

/// Reads a time, or nothing from `null`, `""` and whatever is no time: a date that cannot be shown must not hide a run.
pub(crate) fn tolerant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.as_deref().and_then(Timestamp::parse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_the_service_writes_is_read() {
        let expected = Timestamp::from_unix_milliseconds(1_578_081_369_758);
        for text in [
            "2020-01-03T19:56:09.7588299+00:00",
            "2020-01-03T19:56:09.758Z",
            "2020-01-03T20:56:09.758+01:00",
            "2020-01-03T19:56:09.7588299",
        ] {
            assert_eq!(Timestamp::parse(text), Some(expected), "{text}");
        }
        assert_eq!(
            Timestamp::parse("2020-01-21T21:30:23Z").map(Timestamp::unix_milliseconds),
            Some(1_579_642_223_000)
        );
        assert_eq!(Timestamp::parse("yesterday"), None);
    }

    #[test]
    fn a_time_is_written_as_filters_have_it() {
        let time = Timestamp::parse("2020-01-03T20:56:09.758+01:00").unwrap();
        assert_eq!(time.iso(), "2020-01-03T19:56:09");
    }
}
