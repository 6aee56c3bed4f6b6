//! Experiments that measure everything that can be measured.

use serde_json::json;
use time::OffsetDateTime;

use super::{DAY, How, Told, experiment};
use crate::state::{Work, Workspace};

pub fn experiments(workspace: &mut Workspace, now: OffsetDateTime) {
    let note = Some("Which bread is on the photo of the till's camera?");
    experiment(workspace, now, "bread-photos", note, &bread_photos());
    let latest = workspace.experiments.last_mut();
    if let Some(run) = latest.and_then(|experiment| experiment.runs.find_mut("rye_eye_3")) {
        run.document["displayName"] = "Rye eye, the large one".into();
        run.document["warnings"] = json!([{
            "source": "look.py",
            "message": "14 photos are upside down and were turned. Their labels were not checked again.",
        }]);
    }
    experiment(workspace, now, "loaves-by-hour", Some("When do people come?"), &loaves_by_hour());
}

fn bread_photos() -> Vec<Told<'static>> {
    let usual = || Told { who: "Yuki Tanaka", script: "look.py", ..Told::usual() };
    let sorting = |rounds, skill, diverges| Some(Work::Sorting { rounds, skill, diverges });
    vec![
        Told {
            id: "sourdough_eye_1",
            note: Some("A small network, and photos as they are"),
            minutes_ago: 5.0 * DAY,
            how: How::Completed { minutes: 11.0 },
            rounds: 40,
            tags: &[("network", "small")],
            work: sorting(40, 0.84, false),
            ..usual()
        },
        Told {
            id: "bagel_eye_2",
            note: Some("Larger steps"),
            minutes_ago: 4.0 * DAY,
            how: How::Failed {
                minutes: 2.5,
                reason: "FloatingPointError: the gradient is not a number any more after epoch 7.",
            },
            rounds: 60,
            tags: &[("network", "large"), ("learning-rate", "0.5")],
            work: sorting(60, 0.9, true),
            ..usual()
        },
        Told {
            id: "rye_eye_3",
            note: Some("A large network, and photos turned and cut at random"),
            minutes_ago: 1.5 * DAY,
            how: How::Completed { minutes: 24.0 },
            rounds: 60,
            tags: &[("network", "large"), ("best", "yes")],
            work: sorting(60, 0.93, false),
            ..usual()
        },
        Told {
            id: "brioche_eye_4",
            note: Some("With the photos of this week"),
            minutes_ago: 9.0,
            how: How::Moves {
                behind: &[("NotStarted", 9.0), ("Starting", 8.9), ("Preparing", 8.7), ("Running", 8.0)],
                ahead: &[("Running", 3.0 * 3600.0), ("Finalizing", 15.0)],
                done: 0.05,
            },
            target: "night-cluster",
            rounds: 3_600,
            tags: &[("network", "large")],
            work: sorting(3_600, 0.95, false),
            ..usual()
        },
    ]
}

fn loaves_by_hour() -> Vec<Told<'static>> {
    let told = |id, note, days: f64, error| Told {
        id,
        who: "Priya Nair",
        note: Some(note),
        script: "by_hour.py",
        minutes_ago: days * DAY,
        error,
        work: Some(Work::Reporting { rounds: 80, first_error: 24.0, last_error: error }),
        ..Told::usual()
    };
    vec![
        told("early_birds_1", "A curve for every weekday", 3.0, 8.7),
        told("late_risers_2", "Knows when the ferries come", 2.5, 5.1),
    ]
}
