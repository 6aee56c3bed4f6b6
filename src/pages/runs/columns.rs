//! The columns of the table of runs: which, in which order, how wide.

use std::collections::BTreeMap;

use azimuth_api::{Run, Timestamp};

use crate::components::format::format_duration;
use crate::components::sort::SortKey;
use crate::pages::runs::words::{escape, unescape};

/// What a column shows. The run itself is always there and first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Status,
    Created,
    Started,
    Ended,
    Duration,
    Compute,
    User,
    Tags,
    Number,
    Kind,
    Description,
    /// The latest value of a metric.
    Metric(String),
    /// The value of a tag.
    Tag(String),
}

/// Those that every run has.
pub const PLAIN: [Column; 11] = [
    Column::Status,
    Column::Created,
    Column::Duration,
    Column::Compute,
    Column::User,
    Column::Tags,
    Column::Number,
    Column::Started,
    Column::Ended,
    Column::Kind,
    Column::Description,
];

/// A column of the table, and how wide somebody made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub column: Column,
    pub width: Option<u32>,
}

/// The narrowest and the widest that a column can be made.
pub const WIDTHS: (u32, u32) = (56, 800);

/// The columns of a table that nobody changed.
pub fn usual() -> Vec<Shown> {
    PLAIN[..6].iter().map(|column| Shown { column: column.clone(), width: None }).collect()
}

/// Reads `status,created:120,m.mae,t.team`; the usual ones from nothing. A column stands there once.
pub fn read(text: &str) -> Vec<Shown> {
    if text.is_empty() {
        return usual();
    }
    let mut columns: Vec<Shown> = Vec::new();
    for part in text.split(',') {
        let (name, width) = part.split_once(':').unwrap_or((part, ""));
        let width = width.parse().ok().map(|width: u32| width.clamp(WIDTHS.0, WIDTHS.1));
        if let Some(column) =
            Column::read(name).filter(|column| columns.iter().all(|known| known.column != *column))
        {
            columns.push(Shown { column, width });
        }
    }
    columns
}

/// As [`read`] reads it; nothing for the usual ones.
pub fn text(columns: &[Shown]) -> String {
    if columns == usual() {
        return String::new();
    }
    let part = |shown: &Shown| match shown.width {
        Some(width) => format!("{}:{width}", shown.column.key()),
        None => shown.column.key(),
    };
    // A table without columns is not one that nobody changed.
    if columns.is_empty() {
        "none".to_owned()
    } else {
        columns.iter().map(part).collect::<Vec<_>>().join(",")
    }
}

impl Column {
    fn read(key: &str) -> Option<Self> {
        if let Some(name) = key.strip_prefix("m.") {
            return Some(Self::Metric(unescape(name)));
        }
        if let Some(name) = key.strip_prefix("t.") {
            return Some(Self::Tag(unescape(name)));
        }
        PLAIN.into_iter().find(|column| column.key() == key)
    }

    /// Its name in the address.
    pub fn key(&self) -> String {
        match self {
            Self::Status => "status".to_owned(),
            Self::Created => "created".to_owned(),
            Self::Started => "started".to_owned(),
            Self::Ended => "ended".to_owned(),
            Self::Duration => "duration".to_owned(),
            Self::Compute => "compute".to_owned(),
            Self::User => "user".to_owned(),
            Self::Tags => "tags".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Kind => "type".to_owned(),
            Self::Description => "description".to_owned(),
            Self::Metric(name) => format!("m.{}", escape(name)),
            Self::Tag(name) => format!("t.{}", escape(name)),
        }
    }

    /// Its head.
    pub fn label(&self) -> &str {
        match self {
            Self::Status => "Status",
            Self::Created => "Created",
            Self::Started => "Started",
            Self::Ended => "Ended",
            Self::Duration => "Duration",
            Self::Compute => "Compute",
            Self::User => "Submitted by",
            Self::Tags => "Tags",
            Self::Number => "Number",
            Self::Kind => "Type",
            Self::Description => "Description",
            Self::Metric(name) | Self::Tag(name) => name,
        }
    }

    /// Whether it stands to the right.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Duration | Self::Number | Self::Metric(_))
    }

    /// How wide it is where nobody changed it.
    pub fn usual_width(&self) -> u32 {
        match self {
            Self::Status => 236,
            Self::Created | Self::Started | Self::Ended => 116,
            Self::Duration => 96,
            Self::Number => 88,
            Self::Compute => 128,
            Self::User => 148,
            Self::Tags => 172,
            Self::Kind => 160,
            Self::Description => 240,
            Self::Metric(name) | Self::Tag(name) => (name.chars().count() as u32 * 8 + 48).clamp(96, 200),
        }
    }

    /// What the service calls it in an order, where it can be asked for one.
    pub fn service_name(&self) -> Option<&'static str> {
        match self {
            Self::Created => Some("CreatedUtc"),
            Self::Started => Some("StartTimeUtc"),
            _ => None,
        }
    }

    /// What rows are sorted by where the service does not.
    pub fn sort_key(&self, run: &Run, measured: Option<&BTreeMap<String, f64>>) -> SortKey {
        match self {
            Self::Created => SortKey::time(run.created_utc),
            Self::Started => SortKey::time(run.start_time_utc),
            Self::Ended => SortKey::time(run.end_time_utc),
            // How long one takes that is under way depends on when it is looked at; its start does not.
            Self::Duration => SortKey::number(
                run.end_time_utc.and_then(|end| run.duration_milliseconds(end)).map(|time| time as f64),
            ),
            Self::Number => SortKey::number(run.run_number.map(|number| number as f64)),
            Self::Metric(name) => SortKey::number(measured.and_then(|measured| measured.get(name).copied())),
            _ => SortKey::text(&self.text(run, measured)),
        }
    }

    /// What stands in a file with commas.
    pub fn text(&self, run: &Run, measured: Option<&BTreeMap<String, f64>>) -> String {
        let time = |time: Option<Timestamp>| time.map_or_else(String::new, |time| format!("{}Z", time.iso()));
        match self {
            Self::Status => run.status.word().to_owned(),
            Self::Created => time(run.created_utc),
            Self::Started => time(run.start_time_utc),
            Self::Ended => time(run.end_time_utc),
            Self::Duration => run
                .end_time_utc
                .and_then(|end| run.duration_milliseconds(end))
                .map_or_else(String::new, |time| format_duration(time as f64)),
            Self::Compute => run.target.clone().unwrap_or_default(),
            Self::User => run.created_by.as_ref().and_then(|user| user.user_name.clone()).unwrap_or_default(),
            Self::Tags => {
                run.user_tags().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
            }
            Self::Number => run.run_number.map_or_else(String::new, |number| number.to_string()),
            Self::Kind => run.run_type.clone().unwrap_or_default(),
            Self::Description => run.description.clone().unwrap_or_default(),
            Self::Metric(name) => {
                measured.and_then(|measured| measured.get(name)).map_or_else(String::new, ToString::to_string)
            }
            Self::Tag(name) => run.tags.get(name).cloned().unwrap_or_default(),
        }
    }
}

/// Five digits that count: what fits in a column; all of it is its title.
pub fn format_metric(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() || (value.fract() == 0.0 && size < 1e9) {
        return value.to_string();
    }
    if !(1e-4..1e9).contains(&size) {
        return format!("{value:.3e}");
    }
    let digits = (4 - size.log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_back_as_they_were_written() {
        for text_of in ["status,created:120,m.mae,t.team", "m.a~1b~2c:90", "none"] {
            assert_eq!(text(&read(text_of)), text_of);
        }
        assert_eq!(text(&read("")), "");
        assert_eq!(text(&read("status,nonsense,status:5")), "status");
        assert_eq!(read("status:5")[0].width, Some(WIDTHS.0));
        assert_eq!(read("m.a~1b~2c")[0].column, Column::Metric("a,b:c".to_owned()));
    }

    #[test]
    fn a_metric_has_the_digits_that_count() {
        let shown = [0.0, 3.0, 6.204_999, 0.012_345_67, 12_345.678, 0.000_001_234, -1.5].map(format_metric);
        assert_eq!(shown, ["0", "3", "6.205", "0.012346", "12346", "1.234e-6", "-1.5"]);
    }

    #[test]
    fn a_file_has_what_the_rows_have() {
        let run: Run = serde_json::from_str(
            r#"{"runId":"r","runNumber":7,"status":"Completed","startTimeUtc":"2020-01-01T00:00:00Z",
                "endTimeUtc":"2020-01-01T00:02:04Z","tags":{"team":"rye","_aml_system_x":"1"}}"#,
        )
        .unwrap();
        let measured = BTreeMap::from([("mae".to_owned(), 6.25)]);
        let text = |key: &str| read(key)[0].column.text(&run, Some(&measured));
        let texts = ["duration", "tags", "number", "m.mae", "m.other", "t.team", "ended"].map(text);
        assert_eq!(texts, ["2 m 04 s", "team=rye", "7", "6.25", "", "rye", "2020-01-01T00:02:04Z"]);
    }
}
