//! Work that only tests ask for: many long curves, and a long log. Both are made when they are read.

use serde_json::{Value, json};

use crate::checksum::{checksum, fraction};
use crate::content::Content;
use crate::measured::{Kind, Measured};
use crate::run_progress::Moment;
use crate::state::{Run, Work};

/// The metrics: `curve_00`, `curve_01` and so on.
pub fn metrics(run: &Run, moment: &Moment) -> Vec<Measured> {
    let (Work::Stress { curves, points, .. }, Some(started)) = (&run.work, moment.started) else {
        return Vec::new();
    };
    let done = (*points as f64 * moment.work_done) as usize;
    let curve = |number: usize| {
        let name = format!("curve_{number:02}");
        let kind = Kind { name: &name, kind: "scalar", columns: &[(&name, "float")] };
        let points = *points as f64;
        let cell_name = name.clone();
        let phase = fraction(&format!("{} {name}", run.id()));
        let value = move |index: usize| -> Value {
            let at = index as f64 / points;
            let wave = (at * (4.0 + number as f64) * std::f64::consts::TAU + phase * 6.0).sin();
            let noise = fraction(&format!("{phase} {index}")) - 0.5;
            let number = (1.0 + phase) * (-3.0 * at).exp() + 0.1 * wave + 0.05 * noise;
            json!({ &cell_name: (number * 1e5).round() / 1e5 })
        };
        Measured::new(run, &kind, started, done, value)
    };
    (0..*curves).filter(|_| done > 0).map(curve).collect()
}

/// The driver's log: so many lines of a hundred bytes as the work has got to.
pub fn log(run: &Run, moment: &Moment) -> Option<Content> {
    let Work::Stress { log_lines, .. } = run.work else { return None };
    let count = (log_lines as f64 * moment.work_done) as usize;
    Some(Content::Lines { count, line })
}

/// What a run that keeps so many lines says.
pub fn kept_log(lines: usize) -> Content {
    format!("Wrote {lines} lines\n").into()
}

/// The file that it keeps.
pub fn kept(lines: usize) -> Content {
    Content::Lines {
        count: lines,
        line: |number| format!("{number:>10}  parcel {:016x}", checksum(&number.to_string())),
    }
}

fn line(number: usize) -> String {
    match number {
        _ if number % 1_000 == 999 => format!("{number:>8}  WARNING  the oven door was open, try {number}"),
        _ if number % 97 == 5 => {
            format!("{number:>8}  \u{1b}[32mbaked\u{1b}[0m tray {number} without a crack")
        }
        _ => format!("{number:>8}  tray {number} is in the oven at {} degrees", 180 + number % 60),
    }
}
