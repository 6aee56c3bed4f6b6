//! Amounts as people read them.

/// `2 m 04 s`, `1 h 02 m`, `3 d 04 h`: two units, so that the eye can compare rows.
pub fn format_duration(milliseconds: f64) -> String {
    let seconds = (milliseconds.max(0.0) / 1000.0) as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if days > 0 {
        format!("{days} d {:02} h", hours % 24)
    } else if hours > 0 {
        format!("{hours} h {:02} m", minutes % 60)
    } else {
        format!("{minutes} m {:02} s", seconds % 60)
    }
}

/// `7 s`, `6 m 12 s`: a time in a sentence.
pub fn format_wait(seconds: u32) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format_duration(f64::from(seconds) * 1_000.0) }
}

/// `1,500`: thousands apart.
pub fn format_count(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1`, `0.5`, `1.25`: at most two decimals. Counted in hundredths, because the standard formatting of floats is 10 kB
/// of wasm.
pub fn decimal(number: f64) -> String {
    let hundredths = (number.max(0.0) * 100.0).round() as u64;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    match rest {
        0 => whole.to_string(),
        rest if rest.is_multiple_of(10) => format!("{whole}.{}", rest / 10),
        rest => format!("{whole}.{rest:02}"),
    }
}

/// `512 B`, `12.4 MB`, `300 MB`; a kilobyte has 1,000 bytes.
pub fn format_bytes(bytes: f64) -> String {
    let unit = ByteUnit::of(bytes);
    format!("{} {}", unit.amount(bytes), unit.name)
}

/// `12.4 of 300 MB`: both in the unit of the whole.
pub fn format_progress(done: f64, total: f64) -> String {
    let unit = ByteUnit::of(total);
    format!("{} of {} {}", unit.amount(done), unit.amount(total), unit.name)
}

/// In lower case, to compare by. The browser knows how without tables of our own, which weigh 16 kB.
#[cfg(target_arch = "wasm32")]
pub fn lower_case(text: &str) -> String {
    // Most texts need no browser, and a long list has a million of them.
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    js_sys::JsString::from(text).to_lower_case().into()
}

/// In lower case, to compare by.
#[cfg(not(target_arch = "wasm32"))]
pub fn lower_case(text: &str) -> String {
    text.to_lowercase()
}

/// Keeps the beginning and the end, which is where ids differ.
pub fn shorten_middle(text: &str, length: usize) -> String {
    let count = text.chars().count();
    if count <= length || length < 3 {
        return text.to_owned();
    }
    let tail = (length - 1) / 2;
    let head = length - 1 - tail;
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{start}…{end}")
}

struct ByteUnit {
    name: &'static str,
    size: f64,
}

impl ByteUnit {
    fn of(bytes: f64) -> Self {
        let (name, size) = match bytes {
            // Not at the round number: 999.96 kB would read "1000 kB".
            bytes if bytes < 999.5 => ("B", 1.0),
            bytes if bytes < 999.5e3 => ("kB", 1e3),
            bytes if bytes < 999.5e6 => ("MB", 1e6),
            _ => ("GB", 1e9),
        };
        Self { name, size }
    }

    /// One decimal below 100. Counted in tenths, because the standard formatting of floats is 10 kB of wasm.
    fn amount(&self, bytes: f64) -> String {
        let tenths = (bytes.max(0.0) / self.size * 10.0).round() as u64;
        if tenths >= 1_000 || tenths.is_multiple_of(10) {
            ((tenths + 5) / 10).to_string()
        } else {
            format!("{}.{}", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1_500, 100_000].map(format_count), ["0", "999", "1,500", "100,000"]);
    }

    #[test]
    fn a_wait_has_minutes_only_where_there_are_any() {
        assert_eq!(format_wait(7), "7 s");
        assert_eq!(format_wait(372), "6 m 12 s");
    }

    #[test]
    fn a_duration_has_two_units() {
        assert_eq!(format_duration(0.0), "0 m 00 s");
        assert_eq!(format_duration(31_400.0), "0 m 31 s");
        assert_eq!(format_duration(124_000.0), "2 m 04 s");
        assert_eq!(format_duration(3_720_000.0), "1 h 02 m");
        assert_eq!(format_duration(273_600_000.0), "3 d 04 h");
        assert_eq!(format_duration(-5.0), "0 m 00 s");
    }

    #[test]
    fn bytes_have_one_decimal_below_a_hundred() {
        assert_eq!(format_bytes(0.0), "0 B");
        assert_eq!(format_bytes(512.0), "512 B");
        assert_eq!(format_bytes(1_540.0), "1.5 kB");
        assert_eq!(format_bytes(999_600.0), "1 MB");
        assert_eq!(format_bytes(12_430_000.0), "12.4 MB");
        assert_eq!(format_bytes(300_000_000.0), "300 MB");
        assert_eq!(format_bytes(2_000_000_000.0), "2 GB");
    }

    #[test]
    fn progress_is_told_in_the_unit_of_the_whole() {
        assert_eq!(format_progress(12_430_000.0, 300_000_000.0), "12.4 of 300 MB");
        assert_eq!(format_progress(0.0, 300_000_000.0), "0 of 300 MB");
    }

    #[test]
    fn a_long_id_keeps_both_ends() {
        assert_eq!(shorten_middle("calm_dough_7", 24), "calm_dough_7");
        assert_eq!(shorten_middle("loaves-per-day_1605300000_a1b2c3d4", 17), "loaves-p…a1b2c3d4");
        assert_eq!(shorten_middle("שלום-עולם-ארוך", 7), "שלו…רוך");
    }
}
