//! The bakery, with runs that are too large for a demo.

use time::OffsetDateTime;

use super::bakery::{self, How, Told};
use crate::state::{State, Work};

pub fn build(now: OffsetDateTime) -> State {
    let mut state = bakery::build(now);
    let workspace = &mut state.workspaces[0];
    let measured = Work::Stress { curves: 50, points: 10_000, log_lines: 2_000 };
    // Fifty megabytes.
    let told = Work::Stress { curves: 0, points: 0, log_lines: 524_288 };
    let done = |id, work| Told { id, work: Some(work), ..Told::usual() };
    let working = |id, work| Told {
        how: How::Moves {
            behind: &[("NotStarted", 61.0), ("Running", 60.0)],
            ahead: &[("Running", 600.0), ("Finalizing", 10.0)],
            done: 0.5,
        },
        minutes_ago: 61.0,
        ..done(id, work)
    };
    let runs = [
        Told { minutes_ago: 200.0, ..done("fifty_curves_1", measured.clone()) },
        working("fifty_curves_2", measured),
    ];
    bakery::experiment(workspace, now, "metrics-stress", None, &runs);
    let runs = [Told { minutes_ago: 200.0, ..done("long_log_1", told.clone()) }, working("long_log_2", told)];
    bakery::experiment(workspace, now, "long-logs", None, &runs);
    state
}
