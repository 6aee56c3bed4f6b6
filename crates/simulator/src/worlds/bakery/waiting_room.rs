//! Runs that wait, each for something else.

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{How, Told, experiment};
use crate::state::{Workspace, text};
use crate::times::stamp;

pub fn experiments(workspace: &mut Workspace, now: OffsetDateTime) {
    let in_line = |id, note, minutes_ago, nodes| Told {
        id,
        who: "Tom Okafor",
        note: Some(note),
        target: "gpu-cluster",
        nodes,
        minutes_ago,
        how: How::Moves {
            behind: &[("NotStarted", 1.8), ("Starting", 1.75), ("Preparing", 1.7), ("Queued", 1.0)],
            ahead: &[("Queued", 30.0), ("Running", 200.0), ("Finalizing", 10.0)],
            done: 0.0,
        },
        ..Told::usual()
    };
    let waits = |id, note, target, minutes_ago| Told {
        id,
        who: "Tom Okafor",
        note: Some(note),
        target,
        minutes_ago,
        how: How::Stays { status: "Queued", worked: false },
        ..Told::usual()
    };
    let told = [
        waits("lost_shop_1", "For the shop that was closed", "deleted-cluster", 3.0 * 60.0),
        waits("every_oven_2", "All ovens of the country at once", "huge-cluster", 2.0 * 60.0),
        waits("notebook_try_3", "From Maya's notebook", "mayas-computer", 95.0),
        waits("after_hours_4", "When the ovens are cold", "night-cluster", 40.0),
        in_line("second_in_line_5", "Behind the others", 1.9, 2),
        in_line("third_in_line_6", "Behind those", 1.8, 4),
    ];
    experiment(workspace, now, "waiting-room", Some("What waits, and for what"), &told);
    let runs = workspace.experiments.last_mut().into_iter().flat_map(|experiment| experiment.runs.kept_mut());
    for run in runs {
        // Guess: codes and words. What the service says of a cluster that is gone is not known: nothing, here.
        let (code, message) = match text(&run.document, "runId") {
            "every_oven_2" => ("ComputeNotUsable", "The compute target huge-cluster is in the state Failed."),
            "notebook_try_3" => ("ComputeStopped", "The compute instance mayas-computer is stopped."),
            "after_hours_4" => (
                "ClusterCoreQuotaReached",
                "The cluster can not grow: the quota of the family Standard FSv2 is used up (16 of 16 vCPUs).",
            ),
            _ => continue,
        };
        let refreshed = stamp(now - Duration::seconds(20));
        run.document["queueingInfo"] =
            json!({ "code": code, "message": message, "lastRefreshTimestamp": refreshed });
    }
}
