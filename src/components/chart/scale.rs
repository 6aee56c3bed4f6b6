//! The arithmetic of charts: scales, ticks, lines with no more points than pixels.

/// A series of numbers over numbers, rising in the first of each pair.
pub type Points = [(f64, f64)];

/// From a value to a place on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// The values at both ends.
    pub from: f64,
    pub to: f64,
    /// The places at both ends, in pixels.
    pub begin: f64,
    pub end: f64,
    pub is_logarithmic: bool,
}

impl Scale {
    /// Where a value stands. Not a number where it has no place.
    pub fn place(&self, value: f64) -> f64 {
        let share = if self.is_logarithmic {
            (value.ln() - self.from.ln()) / (self.to.ln() - self.from.ln())
        } else {
            (value - self.from) / (self.to - self.from)
        };
        self.begin + share * (self.end - self.begin)
    }

    /// The value at a place.
    pub fn value(&self, place: f64) -> f64 {
        let share = (place - self.begin) / (self.end - self.begin);
        if self.is_logarithmic {
            (self.from.ln() + share * (self.to.ln() - self.from.ln())).exp()
        } else {
            self.from + share * (self.to - self.from)
        }
    }

    /// Values to write beside the scale, about so many.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        if self.is_logarithmic {
            logarithmic_ticks(self.from, self.to)
        } else {
            ticks(self.from, self.to, count)
        }
    }
}

/// Round values between two, about so many: 1, 2 or 5 times a power of ten apart.
pub fn ticks(from: f64, to: f64, count: usize) -> Vec<f64> {
    let span = to - from;
    if !(span > 0.0 && span.is_finite()) {
        return vec![from];
    }
    let rough = span / count.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].iter().map(|factor| factor * power).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(power * 10.0);
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    // The range may be far from zero and narrow: more than a few are never wanted.
    (first..=last).take(count * 3).map(|index| index as f64 * step).collect()
}

fn logarithmic_ticks(from: f64, to: f64) -> Vec<f64> {
    if !(from > 0.0 && to > from && to.is_finite()) {
        return vec![from];
    }
    let (first, last) = (from.log10().ceil() as i32, to.log10().floor() as i32);
    let every = ((last - first) / 6 + 1).max(1);
    let tens: Vec<f64> = (first..=last).step_by(every as usize).map(|power| 10f64.powi(power)).collect();
    if tens.len() >= 2 { tens } else { ticks(from, to, 4).into_iter().filter(|tick| *tick > 0.0).collect() }
}

/// The least and the most of the numbers that a chart can show.
pub fn extent<'a>(points: impl Iterator<Item = &'a (f64, f64)>, is_logarithmic: bool) -> Option<(f64, f64)> {
    let shown = points.map(|(_, value)| *value).filter(|value| is_shown(*value, is_logarithmic));
    shown.fold(None, |known, value| {
        let (least, most) = known.unwrap_or((value, value));
        Some((least.min(value), most.max(value)))
    })
}

fn is_shown(value: f64, is_logarithmic: bool) -> bool {
    value.is_finite() && (!is_logarithmic || value > 0.0)
}

/// A little room above and below, so that no line lies on the edge; the same value everywhere gets room too.
pub fn with_room((least, most): (f64, f64), is_logarithmic: bool) -> (f64, f64) {
    if is_logarithmic {
        let room = ((most / least).ln() * 0.05).max(0.05).exp();
        return (least / room, most * room);
    }
    let span = most - least;
    let room = if span > 0.0 { span * 0.06 } else { (most.abs() * 0.1).max(0.5) };
    (least - room, most + room)
}

/// The points between two values, and one beyond at each end, so that lines go on to the edge.
pub fn within(points: &Points, from: f64, to: f64) -> &Points {
    let begin = points.partition_point(|(x, _)| *x < from).saturating_sub(1);
    let end = (points.partition_point(|(x, _)| *x <= to) + 1).min(points.len());
    &points[begin..end.max(begin)]
}

/// The place in the series of the point that is nearest to a value.
pub fn nearest(points: &Points, x: f64) -> Option<usize> {
    let after = points.partition_point(|(other, _)| *other < x);
    let candidates = [after.checked_sub(1), (after < points.len()).then_some(after)];
    candidates
        .into_iter()
        .flatten()
        .min_by(|one, other| (points[*one].0 - x).abs().total_cmp(&(points[*other].0 - x).abs()))
}

/// A line as an SVG path. Of many points in one column of pixels it keeps the first, the least, the most and the last,
/// which look the same. What is no number is a gap.
pub fn path(points: &Points, x: &Scale, y: &Scale) -> String {
    let mut path = Path::default();
    let mut column: Option<Column> = None;
    for (at, value) in points {
        if !is_shown(*value, y.is_logarithmic) {
            if let Some(column) = column.take() {
                column.write(&mut path);
            }
            path.end_line();
            continue;
        }
        let (place, height) = (x.place(*at), y.place(*value));
        match &mut column {
            Some(column) if column.pixel == place.floor() => column.put(place, height),
            column => {
                let next = Column::new(place, height);
                if let Some(full) = column.replace(next) {
                    full.write(&mut path);
                }
            }
        }
    }
    if let Some(column) = column {
        column.write(&mut path);
    }
    path.end_line();
    path.text
}

#[derive(Default)]
struct Path {
    text: String,
    /// How many points the line has that is being drawn.
    points: usize,
}

impl Path {
    fn point(&mut self, x: f64, y: f64) {
        self.text.push(if self.points > 0 { 'L' } else { 'M' });
        self.points += 1;
        push_tenths(&mut self.text, x);
        self.text.push(' ');
        push_tenths(&mut self.text, y);
    }

    /// One point alone would be invisible; a line of no length has round ends.
    fn end_line(&mut self) {
        if self.points == 1 {
            self.text.push_str("h0");
        }
        self.points = 0;
    }
}

/// One decimal, which is all that a screen shows.
fn push_tenths(text: &mut String, number: f64) {
    let tenths = (number * 10.0).round() as i64;
    if tenths < 0 {
        text.push('-');
    }
    let tenths = tenths.unsigned_abs();
    text.push_str(&(tenths / 10).to_string());
    if !tenths.is_multiple_of(10) {
        text.push('.');
        text.push_str(&(tenths % 10).to_string());
    }
}

/// The points in one column of pixels.
struct Column {
    pixel: f64,
    first: (f64, f64),
    least: (f64, f64),
    most: (f64, f64),
    last: (f64, f64),
}

impl Column {
    fn new(x: f64, y: f64) -> Self {
        let point = (x, y);
        Self { pixel: x.floor(), first: point, least: point, most: point, last: point }
    }

    fn put(&mut self, x: f64, y: f64) {
        let point = (x, y);
        if y < self.least.1 {
            self.least = point;
        }
        if y > self.most.1 {
            self.most = point;
        }
        self.last = point;
    }

    fn write(&self, path: &mut Path) {
        let mut points = [self.first, self.least, self.most, self.last];
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut known = None;
        for point in points {
            if known != Some(point) {
                path.point(point.0, point.1);
            }
            known = Some(point);
        }
    }
}

/// Each value a mixture of the value before and its own; a share of 0 changes nothing. The first values are not drawn
/// towards zero.
pub fn smoothed(points: &Points, share: f64) -> Vec<(f64, f64)> {
    let (mut mean, mut weight) = (0.0, 0.0);
    let mut smooth = |(x, value): &(f64, f64)| {
        if !value.is_finite() {
            return (*x, *value);
        }
        mean = mean * share + value * (1.0 - share);
        weight = weight * share + (1.0 - share);
        (*x, mean / weight)
    };
    points.iter().map(&mut smooth).collect()
}

/// Four digits that count: `6.412`, `0.0312`, `1.2e-7`, `12,400` is not written with commas.
pub fn number_in_words(number: f64) -> String {
    if number.is_nan() {
        return "not a number".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    let text = if !(1e-4..1e9).contains(&size) {
        let written = format!("{size:.3e}");
        let (digits, power) = written.split_once('e').unwrap_or((&written, "0"));
        format!("{}e{power}", without_zeros(digits))
    } else {
        let decimals = (3 - size.log10().floor() as i32).clamp(0, 9) as usize;
        without_zeros(&format!("{size:.decimals$}")).to_owned()
    };
    if number < 0.0 { format!("−{text}") } else { text }
}

fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(from: f64, to: f64) -> Scale {
        Scale { from, to, begin: 0.0, end: 100.0, is_logarithmic: false }
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 10.0, 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(ticks(3.0, 27.0, 5), [5.0, 10.0, 15.0, 20.0, 25.0]);
        assert_eq!(ticks(7.0, 7.0, 5), [7.0]);
        assert!(ticks(1e15, 1e15 + 4.0, 5).len() <= 15);
    }

    #[test]
    fn a_logarithmic_scale_has_powers_of_ten_or_what_there_is() {
        assert_eq!(logarithmic_ticks(0.005, 20.0), [0.01, 0.1, 1.0, 10.0]);
        assert_eq!(logarithmic_ticks(2.0, 9.0), [2.0, 4.0, 6.0, 8.0]);
        let scale = Scale { from: 1.0, to: 100.0, begin: 0.0, end: 100.0, is_logarithmic: true };
        assert!((scale.place(10.0) - 50.0).abs() < 1e-9);
        assert!((scale.value(50.0) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_line_has_no_more_points_than_pixels_and_keeps_its_peaks() {
        let mut points: Vec<(f64, f64)> = (0..10_000).map(|index| (f64::from(index), 50.0)).collect();
        points[5_005].1 = 99.0;
        points[5_006].1 = 1.0;
        let path =
            path(&points, &scale(0.0, 9_999.0), &Scale { begin: 100.0, end: 0.0, ..scale(0.0, 100.0) });
        let count = path.matches(['M', 'L']).count();
        assert!(count <= 4 * 101, "{count} points");
        assert!(path.contains(" 1L") && path.contains(" 99L"), "the peaks are gone: {path}");
    }

    #[test]
    fn what_is_no_number_is_a_gap() {
        let points = [(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 4.0)];
        let line = path(&points, &scale(0.0, 4.0), &scale(0.0, 4.0));
        assert_eq!(line, "M0 25L25 50M75 100h0");
        let logarithmic = Scale { is_logarithmic: true, ..scale(1.0, 4.0) };
        let line = path(&[(0.0, -1.0), (1.0, 1.0)], &scale(0.0, 4.0), &logarithmic);
        assert_eq!(line, "M25 0h0");
    }

    #[test]
    fn the_nearest_point_is_found_at_both_ends_too() {
        let points = [(0.0, 1.0), (10.0, 2.0), (20.0, 3.0)];
        let found: Vec<_> = [-5.0, 4.0, 6.0, 99.0].map(|x| nearest(&points, x)).into();
        assert_eq!(found, [Some(0), Some(0), Some(1), Some(2)]);
        assert_eq!(nearest(&[], 1.0), None);
    }

    #[test]
    fn what_is_seen_has_a_neighbour_on_each_side() {
        let points: Vec<(f64, f64)> = (0..10).map(|index| (f64::from(index), 0.0)).collect();
        let seen: Vec<f64> = within(&points, 3.5, 5.5).iter().map(|(x, _)| *x).collect();
        assert_eq!(seen, [3.0, 4.0, 5.0, 6.0]);
        assert_eq!(within(&points, 20.0, 30.0).len(), 1);
    }

    #[test]
    fn smoothing_begins_at_the_first_value() {
        let points = [(0.0, 10.0), (1.0, 10.0), (2.0, f64::NAN), (3.0, 20.0)];
        let smooth = smoothed(&points, 0.5);
        assert_eq!(smooth[0].1, 10.0);
        assert_eq!(smooth[1].1, 10.0);
        assert!(smooth[2].1.is_nan());
        assert!(smooth[3].1 > 10.0 && smooth[3].1 < 20.0);
    }

    #[test]
    fn numbers_have_four_digits_that_count() {
        let words: Vec<String> = [0.0, 6.41234, -0.031_25, 12_400.0, 1.2e-7, 0.999_96, 3e12, f64::INFINITY]
            .map(number_in_words)
            .into();
        assert_eq!(words, ["0", "6.412", "−0.03125", "12400", "1.2e-7", "1", "3e12", "∞"]);
    }

    #[test]
    fn the_same_value_everywhere_has_room_around_it() {
        assert_eq!(with_room((5.0, 5.0), false), (4.5, 5.5));
        let (least, most) = with_room((1.0, 100.0), true);
        assert!(least < 1.0 && least > 0.0 && most > 100.0);
    }
}
