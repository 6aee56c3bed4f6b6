//! What an erasure did, for whoever has to show it: as JSON, and as the page shows and prints it.

use azimuth_api::{Timestamp, Workspace, WorkspaceId};
use serde::{Deserialize, Serialize};

use crate::components::format::format_wait;
use crate::erase::journal::{Answer, Course, Failure, Progress, Remains, Standing};
use crate::erase::plan::{Kind, Stay};
use crate::lasting::By;

/// The workspace that an erasure is in, as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Where it is.
    #[serde(flatten)]
    pub workspace: WorkspaceId,
    /// Its ARM id.
    pub id: String,
    /// Its region.
    pub region: String,
    /// Which Azure: `public`, `usgov`, `china`, `custom`.
    pub cloud: String,
    /// What the service has no deletion for there.
    pub stays: Vec<Stay>,
}

impl Place {
    /// Of a workspace.
    pub fn of(workspace: WorkspaceId, found: &Workspace, cloud: &str, stays: Vec<Stay>) -> Self {
        Self {
            workspace,
            id: found.id.clone(),
            region: found.location.clone(),
            cloud: cloud.to_owned(),
            stays,
        }
    }
}

/// The receipt. Times are in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// `azimuth-erasure-receipt`.
    pub format: String,
    pub version: u32,
    /// Which version of the dashboard wrote it.
    pub dashboard: String,
    pub subscription: String,
    pub resource_group: String,
    pub workspace: String,
    pub workspace_id: String,
    pub region: String,
    pub cloud: String,
    /// Each plan that somebody confirmed.
    pub asked: Vec<Asked>,
    /// When nothing more was done.
    pub finished: Option<String>,
    /// Whether somebody stopped it before it was through.
    pub stopped: bool,
    pub counts: ReceiptCounts,
    /// In the order in which things went.
    pub things: Vec<Erased>,
    pub remains: Remains,
}

/// A plan that somebody confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    pub at: String,
    pub by: Option<By>,
    /// How many things it added.
    pub things: usize,
}

/// How many things came to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptCounts {
    pub asked: usize,
    pub verified_gone: usize,
    pub was_not_there: usize,
    pub replaced: usize,
    pub still_being_deleted: usize,
    pub failed: usize,
    pub not_known: usize,
    pub not_begun: usize,
    /// Deletions that were sent.
    pub requests: usize,
}

/// What became of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Deleted, and asked for again: 404.
    VerifiedGone,
    /// Not there when its turn came.
    WasNotThere,
    /// Deleted, and asked for again: another thing of the same name, made since, is there.
    Replaced,
    /// The service was still at it when this was written.
    StillBeingDeleted,
    /// It is there, or nobody knows.
    Failed,
    /// Sent or accepted, and not seen gone yet.
    NotKnown,
    /// Its turn did not come.
    NotBegun,
}

/// A thing that was to be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    pub kind: Kind,
    pub id: String,
    pub name: String,
    /// Only let go of: it exists outside of the workspace.
    pub detached: bool,
    pub outcome: Outcome,
    /// Why it did not work, or not yet, or what is there instead, in plain words.
    pub why: Option<String>,
    /// Every deletion that was sent for it.
    pub requests: Vec<SentRequest>,
    /// When it was asked for again, and the answer.
    pub verified: Option<Verified>,
}

/// A deletion that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SentRequest {
    /// Always `DELETE`.
    pub method: String,
    pub sent: String,
    pub answered: Option<String>,
    pub status: Option<u16>,
    /// `x-ms-request-id`, where a page may read it.
    pub request_id: Option<String>,
    pub code: Option<String>,
    /// The service's words, or why no answer came.
    pub words: Option<String>,
}

/// The answer to the question for what was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    pub at: String,
    pub status: u16,
    pub request_id: Option<String>,
}

impl Receipt {
    /// Of an erasure, as far as it is.
    pub fn of(place: &Place, course: &Course) -> Self {
        let things: Vec<Erased> = course.in_order().map(|(_, progress)| Erased::of(progress)).collect();
        let number = |outcome| things.iter().filter(|thing| thing.outcome == outcome).count();
        let counts = ReceiptCounts {
            asked: things.len(),
            verified_gone: number(Outcome::VerifiedGone),
            was_not_there: number(Outcome::WasNotThere),
            replaced: number(Outcome::Replaced),
            still_being_deleted: number(Outcome::StillBeingDeleted),
            failed: number(Outcome::Failed),
            not_known: number(Outcome::NotKnown),
            not_begun: number(Outcome::NotBegun),
            requests: things.iter().map(|thing| thing.requests.len()).sum(),
        };
        let ended = course.ended();
        let asked = course.asked().iter().map(|(at, by, things)| Asked {
            at: utc(*at),
            by: by.clone(),
            things: *things,
        });
        Self {
            format: "azimuth-erasure-receipt".to_owned(),
            version: 1,
            dashboard: env!("CARGO_PKG_VERSION").to_owned(),
            subscription: place.workspace.subscription.to_string(),
            resource_group: place.workspace.resource_group.to_string(),
            workspace: place.workspace.name.to_string(),
            workspace_id: place.id.clone(),
            region: place.region.clone(),
            cloud: place.cloud.clone(),
            asked: asked.collect(),
            finished: ended.map(|(at, _)| utc(*at)),
            stopped: course.is_stopped(),
            counts,
            things,
            remains: match ended {
                Some((_, remains)) => remains.clone(),
                None => Remains { stays: place.stays.clone(), ..Remains::default() },
            },
        }
    }

    /// As a file.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers can always be written")
    }

    /// What the file is called.
    pub fn file_name(&self) -> String {
        let day = self.asked.first().map(|asked| asked.at.as_str()).unwrap_or_default();
        let day = day.split('T').next().unwrap_or_default();
        format!("erasure-receipt-{}-{day}.json", self.workspace)
    }
}

impl Erased {
    fn of(progress: &Progress) -> Self {
        let outcome = match &progress.standing {
            Standing::Gone => Outcome::VerifiedGone,
            Standing::Absent => Outcome::WasNotThere,
            Standing::Replaced => Outcome::Replaced,
            Standing::StillGoing => Outcome::StillBeingDeleted,
            Standing::Failed(_) => Outcome::Failed,
            Standing::Open | Standing::Accepted => Outcome::NotKnown,
            Standing::Waiting => Outcome::NotBegun,
        };
        let planned = &progress.planned;
        Self {
            kind: planned.thing.kind,
            id: planned.thing.id.clone(),
            name: planned.name.clone(),
            detached: planned.is_detached,
            outcome,
            why: why(&progress.standing),
            requests: progress
                .requests
                .iter()
                .map(|request| {
                    let Answer { status, request_id, code, words } =
                        request.answer.clone().unwrap_or_default();
                    SentRequest {
                        method: "DELETE".to_owned(),
                        sent: utc(request.sent),
                        answered: request.answer.as_ref().and(request.over).map(utc),
                        status: request.answer.as_ref().map(|_| status),
                        request_id,
                        code,
                        words: words.or_else(|| request.why.clone()),
                    }
                })
                .collect(),
            verified: progress.verified.as_ref().map(|(at, answer)| Verified {
                at: utc(*at),
                status: answer.status,
                request_id: answer.request_id.clone(),
            }),
        }
    }
}

/// Why something is not gone, or what has its name, in plain words.
fn why(standing: &Standing) -> Option<String> {
    let said = |answer: &Answer| {
        let code = answer.code.as_deref().map(|code| format!(" {code}")).unwrap_or_default();
        let words = answer.words.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
        format!("{}{code}{words}", answer.status)
    };
    let failure = match standing {
        Standing::Failed(failure) => failure,
        Standing::Replaced => {
            let words = "It is gone. Something else has its name since; that one was not deleted.";
            return Some(words.to_owned());
        }
        Standing::StillGoing => {
            return Some("The service was still deleting it when this was written.".to_owned());
        }
        _ => return None,
    };
    Some(match failure {
        Failure::Refused(answer) if answer.status == 412 => {
            format!("Something else uses it, and has to go first. The service says {}", said(answer))
        }
        Failure::Refused(answer) if answer.status == 0 => {
            answer.words.clone().unwrap_or_else(|| "It was refused.".to_owned())
        }
        Failure::Refused(answer) => format!("The service says {}", said(answer)),
        Failure::Unknown(after) => {
            let after = format_wait(u32::try_from(after / 1_000).unwrap_or_default());
            format!(
                "No answer came, and {after} after the deletion was sent it was still there: nobody knows whether that arrived."
            )
        }
        Failure::StillThere => "The service took the deletion, and it is still there.".to_owned(),
        Failure::Another => {
            "Something else has its name now, made after the plan. That one was not deleted.".to_owned()
        }
        Failure::Unread(answer) => {
            format!(
                "Whether it is gone is not known, since it could not be asked for. The service says {}",
                said(answer)
            )
        }
    })
}

/// `2026-11-21T22:30:00Z`.
pub fn utc(milliseconds: i64) -> String {
    format!("{}Z", Timestamp::from_unix_milliseconds(milliseconds).iso())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::erase::journal::tests::{answered, asked, look, sent};
    use crate::erase::journal::{Event, Found};

    fn place() -> Place {
        let workspace =
            WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() };
        let stays = vec![Stay { what: "Files".into(), r#where: "storage".into(), how: "By hand.".into() }];
        Place { workspace, id: "/s/w".into(), region: "centralus".into(), cloud: "public".into(), stays }
    }

    #[test]
    fn every_request_and_every_outcome_is_on_it() {
        let course = Course::of(&[
            asked(),
            sent(1, 1_000),
            answered(1, 2_000, 200),
            look(1, 3_000, Found::Nothing),
            sent(2, 4_000),
            Event::Unanswered { thing: 2, at: 5_000, why: "Cut off.".to_owned() },
            look(2, 5_000, Found::There),
            look(2, 7_000, Found::There),
            look(0, 8_000, Found::Nothing),
            Event::Stopped { at: 9_000 },
        ]);
        let receipt = Receipt::of(&place(), &course);
        let outcomes: Vec<_> =
            receipt.things.iter().map(|thing| (thing.name.as_str(), thing.outcome)).collect();
        let expected = [
            ("s", Outcome::VerifiedGone),
            ("i:1", Outcome::Failed),
            ("m:1", Outcome::WasNotThere),
            ("m:2", Outcome::NotBegun),
        ];
        assert_eq!(outcomes, expected);
        let ReceiptCounts { asked, verified_gone, requests, not_begun, .. } = receipt.counts;
        assert_eq!((asked, verified_gone, requests, not_begun), (4, 1, 2, 1));
        let service = &receipt.things[0];
        assert_eq!(service.requests[0].sent, "1970-01-01T00:00:01Z");
        assert_eq!(service.requests[0].request_id.as_deref(), Some("request 2000"));
        assert_eq!(service.verified.as_ref().map(|verified| verified.status), Some(404));
        let image = &receipt.things[1];
        assert_eq!((image.requests[0].status, image.requests[0].words.as_deref()), (None, Some("Cut off.")));
        let why = image.why.as_deref().unwrap_or_default();
        assert!(why.contains("3 s after the deletion was sent it was still there"), "{why}");
        assert!(receipt.stopped && receipt.finished.is_none());
        assert_eq!(receipt.remains.stays.len(), 1);
        assert_eq!(receipt.file_name(), "erasure-receipt-w-1970-01-01.json");
    }

    #[test]
    fn what_was_not_seen_gone_is_not_told_as_that() {
        let lines = |answer: u16, found| {
            let course =
                Course::of(&[asked(), sent(1, 0), answered(1, 0, answer), look(1, 86_400_000, found)]);
            let receipt = Receipt::of(&place(), &course);
            (receipt.things[0].outcome, receipt.things[0].why.clone().unwrap_or_default(), receipt.counts)
        };
        let (outcome, why, counts) = lines(200, Found::Another);
        assert_eq!((outcome, counts.verified_gone, counts.replaced), (Outcome::Replaced, 0, 1));
        assert!(why.contains("has its name since"), "{why}");
        let (outcome, why, counts) = lines(202, Found::Going);
        let expected = (Outcome::StillBeingDeleted, 0, 1);
        assert_eq!((outcome, counts.failed, counts.still_being_deleted), expected);
        assert!(why.contains("when this was written"), "{why}");
    }

    #[test]
    fn it_is_read_back_from_its_file() {
        let receipt = Receipt::of(&place(), &Course::of(&[asked(), sent(1, 1), answered(1, 2, 412)]));
        assert_eq!(serde_json::from_str::<Receipt>(&receipt.json()).unwrap(), receipt);
        assert!(receipt.things[0].why.as_ref().is_some_and(|why| why.contains("has to go first")));
    }
}
