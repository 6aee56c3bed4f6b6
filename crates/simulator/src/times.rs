//! Times as the service writes and reads them.

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// `2020-01-03T19:56:09.7588299+00:00`, as recorded.
pub fn stamp(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    format!("{}.{:07}+00:00", to_seconds(time), time.nanosecond() / 100)
}

/// `2020-01-21T21:26:03Z`, as in shared access signatures.
pub fn short_stamp(time: OffsetDateTime) -> String {
    format!("{}Z", to_seconds(time.to_offset(UtcOffset::UTC)))
}

/// `2023-05-06 06:03:00Z`, as in answers of the token endpoint.
pub fn login_stamp(time: OffsetDateTime) -> String {
    short_stamp(time).replace('T', " ")
}

/// `8/21/2018 3:22:00 PM`, as in refusals of expired tokens.
pub fn spoken_stamp(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let (hour, half) = (time.hour(), if time.hour() < 12 { "AM" } else { "PM" });
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    let (month, day, year) = (u8::from(time.month()), time.day(), time.year());
    format!("{month}/{day}/{year} {hour}:{:02}:{:02} {half}", time.minute(), time.second())
}

/// `Tue, 21 Jan 2020 21:30:22 GMT`, as in HTTP headers.
pub fn http_stamp(time: OffsetDateTime) -> String {
    let time = time.to_offset(UtcOffset::UTC);
    let (weekday, month) = (time.weekday().to_string(), time.month().to_string());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!(
        "{}, {:02} {} {} {hour:02}:{minute:02}:{second:02} GMT",
        &weekday[..3],
        time.day(),
        &month[..3],
        time.year()
    )
}

/// `20200121T213022Z`, as in routing ids.
pub fn compact_stamp(time: OffsetDateTime) -> String {
    short_stamp(time).replace(['-', ':'], "")
}

/// Reads the forms that clients send; without an offset a time is taken as UTC.
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = if text.len() == 10 { format!("{text}T00:00:00") } else { text.to_owned() };
    OffsetDateTime::parse(&text, &Rfc3339)
        .or_else(|_| OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339))
        .ok()
}

/// A number of seconds as a duration.
pub fn seconds(seconds: f64) -> Duration {
    Duration::seconds_f64(seconds)
}

fn to_seconds(time: OffsetDateTime) -> String {
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}
