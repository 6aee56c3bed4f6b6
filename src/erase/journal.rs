//! What an erasure did, line by line, and how far it is by that.
//!
//! A line is written before each deletion is sent, and one for each answer. Nothing else is remembered, so whoever reads
//! the lines, after a reload too, knows as much as whoever wrote them.

use serde::{Deserialize, Serialize};

use crate::erase::order::{in_order, users_within};
use crate::erase::plan::{Planned, Stay, Thing};
use crate::lasting::By;

/// For how long something may still be there after the service took its deletion, in milliseconds.
const PATIENCE: i64 = 600_000;
/// The same where the service said that it is done.
const SHORT_PATIENCE: i64 = 30_000;
/// Statuses after which nobody knows whether the service deletes something: a gateway gave up, or the service failed on its
/// way. And a browser sends again by itself what a kept connection lost, so that a second deletion meets the first.
const UNCLEAR: [u16; 8] = [404, 408, 409, 500, 502, 503, 504, 530];
/// Between two looks at something, at first and at most, in milliseconds.
const FIRST_PAUSE: i64 = 2_000;
const LONGEST_PAUSE: i64 = 30_000;

/// A line of the journal. Times are in milliseconds since 1970, things are counted in the order in which they were
/// asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// Somebody saw a plan with these and confirmed it.
    Asked { at: i64, by: Option<By>, things: Vec<Planned> },
    /// It was looked at.
    Looked { thing: usize, at: i64, look: Look },
    /// Its deletion is sent now.
    Sent { thing: usize, at: i64 },
    /// The service answered.
    Answered { thing: usize, at: i64, answer: Answer },
    /// Nothing came back.
    Unanswered { thing: usize, at: i64, why: String },
    /// It was refused for a reason that has nothing to do with it, or not sent at all: nobody is signed in, for example.
    Held { thing: usize, at: i64, answer: Option<Answer>, why: String },
    /// Somebody wants these tried again.
    Again { at: i64, things: Vec<usize> },
    /// Somebody stopped it.
    Stopped { at: i64 },
    /// Somebody wants it to go on.
    Resumed { at: i64 },
    /// Nothing more is done, and this is there still.
    Ended { at: i64, remains: Remains },
}

/// What the service said to a deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `x-ms-request-id`.
    pub request_id: Option<String>,
    /// The service's code for a refusal.
    pub code: Option<String>,
    /// The service's words for a refusal.
    pub words: Option<String>,
}

/// What there was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// Nothing: 404.
    Nothing,
    /// The thing.
    There,
    /// The thing, and it is being deleted.
    Going,
    /// Something else of the same name.
    Another,
    /// The service does not say.
    Refused,
}

/// What a look at something brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    pub found: Found,
    /// The answer to the question for it.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What was there at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remains {
    /// Things that were asked for and are there, or that came up since, some of them under the name of one that was asked
    /// for: `came_later`.
    pub things: Vec<Remaining>,
    /// How many others there are of each kind.
    pub others: Vec<(String, usize)>,
    /// Kinds that could not be listed, and why.
    pub unread: Vec<(String, String)>,
    /// What the service has no deletion for.
    pub stays: Vec<Stay>,
}

/// A thing that is there at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remaining {
    pub thing: Thing,
    pub name: String,
    /// It was not there when the plan was made.
    pub came_later: bool,
}

/// Where a thing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its turn has not come.
    Waiting,
    /// Its deletion was sent, and nobody knows whether it arrived.
    Open,
    /// The service took its deletion, and it was not seen gone yet.
    Accepted,
    /// It was asked for after its deletion, and is not there.
    Gone,
    /// The same, and something else has its name since.
    Replaced,
    /// The service says that it is being deleted, for longer than is waited for.
    StillGoing,
    /// It was not there when its turn came: nothing was sent.
    Absent,
    /// It did not work.
    Failed(Failure),
}

/// Why something is not gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The service said no.
    Refused(Answer),
    /// No answer came, and so many milliseconds after its deletion was sent it was there.
    Unknown(i64),
    /// The service took the deletion, and it is there.
    StillThere,
    /// Something else has its name now, which nobody asked to delete.
    Another,
    /// Its deletion was taken or not; the service does not let it be looked at.
    Unread(Answer),
}

/// One deletion that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub sent: i64,
    /// When something came back, or it was known that nothing does.
    pub over: Option<i64>,
    /// What came back.
    pub answer: Option<Answer>,
    /// Why nothing did.
    pub why: Option<String>,
}

/// A thing and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub planned: Planned,
    pub standing: Standing,
    /// Every deletion that was sent for it.
    pub requests: Vec<Request>,
    /// When it was seen gone, and by which answer.
    pub verified: Option<(i64, Answer)>,
    /// What the service said when nobody knew whether it had done its work.
    said: Option<Answer>,
    /// How often it was seen there since its deletion was sent.
    looks: u32,
    /// Whether it was seen going.
    was_going: bool,
    accepted: i64,
    /// When to look at it next.
    due: i64,
    pause: i64,
}

impl Progress {
    fn new(planned: Planned) -> Self {
        Self {
            planned,
            standing: Standing::Waiting,
            requests: Vec::new(),
            verified: None,
            said: None,
            looks: 0,
            was_going: false,
            accepted: 0,
            due: 0,
            pause: FIRST_PAUSE,
        }
    }

    /// Whether nothing more is done about it by itself.
    pub fn is_settled(&self) -> bool {
        !matches!(self.standing, Standing::Waiting | Standing::Open | Standing::Accepted)
    }

    /// Whether it may be gone since, because of a deletion that was sent.
    fn is_in_doubt(&self) -> bool {
        match &self.standing {
            Standing::StillGoing => true,
            Standing::Failed(failure) => *failure != Failure::Another && self.may_have_arrived(),
            _ => false,
        }
    }

    /// Whether the service took a deletion that was sent, or nobody knows whether it did.
    fn may_have_arrived(&self) -> bool {
        self.requests.iter().any(|request| {
            let status = request.answer.as_ref().map(|answer| answer.status);
            status.is_none_or(|status| (200..300).contains(&status) || UNCLEAR.contains(&status))
        })
    }

    /// Whether another try makes sense.
    pub fn can_be_tried_again(&self) -> bool {
        matches!(&self.standing, Standing::Failed(failure) if *failure != Failure::Another)
    }

    fn look_later(&mut self, at: i64) {
        self.due = at + self.pause;
        self.pause = (self.pause * 3 / 2).min(LONGEST_PAUSE);
    }

    fn accept(&mut self, at: i64) {
        self.standing = Standing::Accepted;
        (self.accepted, self.due, self.pause, self.looks) = (at, at, FIRST_PAUSE, 0);
    }

    fn open(&mut self, at: i64) {
        self.standing = Standing::Open;
        (self.due, self.pause, self.looks) = (at, FIRST_PAUSE, 0);
    }

    fn answered(&mut self, at: i64, answer: &Answer) {
        if let Some(request) = self.requests.last_mut() {
            (request.over, request.answer) = (Some(at), Some(answer.clone()));
        }
        match answer.status {
            200..300 => self.accept(at),
            status if UNCLEAR.contains(&status) => {
                self.open(at);
                self.said = Some(answer.clone());
            }
            _ => self.standing = Standing::Failed(Failure::Refused(answer.clone())),
        }
    }

    fn looked(&mut self, at: i64, look: &Look) {
        let failed = |failure| Standing::Failed(failure);
        let answer = || look.answer.clone();
        match (&self.standing, look.found) {
            (Standing::Waiting, Found::Nothing) => {
                // One that was sent before may have taken its time.
                self.standing = if self.may_have_arrived() { Standing::Gone } else { Standing::Absent };
                self.verified = Some((at, answer()));
            }
            (Standing::Waiting, Found::Another) => self.standing = failed(Failure::Another),
            (Standing::Waiting, Found::Refused) => self.standing = failed(Failure::Refused(answer())),
            // Somebody else deletes it.
            (Standing::Waiting, Found::Going) => {
                self.accept(at);
                self.was_going = true;
                self.look_later(at);
            }
            (standing, Found::Nothing | Found::Another)
                if matches!(standing, Standing::Open | Standing::Accepted) || self.is_in_doubt() =>
            {
                let is_replaced = look.found == Found::Another;
                self.standing = if is_replaced { Standing::Replaced } else { Standing::Gone };
                self.verified = Some((at, answer()));
            }
            (Standing::Failed(_), Found::Going) if self.is_in_doubt() => self.standing = Standing::StillGoing,
            (Standing::Open | Standing::Accepted, Found::Refused) => {
                self.standing = failed(Failure::Unread(answer()));
            }
            (Standing::Open, Found::Going) => {
                self.accept(at);
                self.was_going = true;
                self.look_later(at);
            }
            // It may be on its way still, so it is looked at twice.
            (Standing::Open, Found::There) if self.looks == 0 => {
                self.looks = 1;
                self.look_later(at);
            }
            (Standing::Open, Found::There) => {
                let sent = self.requests.last().map_or(at, |request| request.sent);
                let said = self.said.take();
                self.standing = failed(said.map_or(Failure::Unknown(at - sent), Failure::Refused));
            }
            (Standing::Accepted, Found::Going) if at - self.accepted < PATIENCE => {
                self.was_going = true;
                self.look_later(at);
            }
            (Standing::Accepted, Found::There) if !self.was_going && at - self.accepted < self.patience() => {
                self.look_later(at);
            }
            (Standing::Accepted, Found::There) => self.standing = failed(Failure::StillThere),
            (Standing::Accepted, Found::Going) => self.standing = Standing::StillGoing,
            _ => {}
        }
    }

    fn patience(&self) -> i64 {
        let status = self.requests.last().and_then(|request| Some(request.answer.as_ref()?.status));
        if status == Some(202) { PATIENCE } else { SHORT_PATIENCE }
    }

    fn try_again(&mut self, at: i64) {
        match &self.standing {
            Standing::StillGoing => self.accept(at),
            // Only the look at it did not work.
            Standing::Failed(Failure::Unread(_)) => {
                let over = self.requests.last().and_then(|request| request.over).unwrap_or_default();
                if self.said.is_some() { self.open(over) } else { self.accept(over) }
            }
            _ if self.can_be_tried_again() => {
                self.standing = Standing::Waiting;
                (self.said, self.was_going, self.looks) = (None, false, 0);
            }
            _ => {}
        }
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Look at a thing whose deletion was sent.
    Look(usize),
    /// Look at a thing whose turn has come, and delete it if it is the one that was asked for.
    Begin(usize),
    /// Wait so many milliseconds.
    Wait(i64),
    /// Nothing.
    Over,
}

/// How far an erasure is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    things: Vec<Progress>,
    order: Vec<usize>,
    users: Vec<Vec<usize>>,
    asked: Vec<(i64, Option<By>, usize)>,
    is_stopped: bool,
    ended: Option<(i64, Remains)>,
}

/// How many things stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub all: usize,
    pub gone: usize,
    /// Not there when their turn came.
    pub absent: usize,
    /// Gone, and something else has the name.
    pub replaced: usize,
    /// Still being deleted when nobody waited any longer.
    pub still_going: usize,
    pub failed: usize,
    /// Sent or taken, and not known to be gone.
    pub under_way: usize,
    pub waiting: usize,
}

impl Counts {
    /// Those that nothing more is done about by itself.
    pub fn settled(&self) -> usize {
        self.all - self.under_way - self.waiting
    }
}

impl Course {
    /// By the lines that were written.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut course = Self::default();
        for event in events {
            course.take(event);
        }
        course
    }

    /// Goes on by one line. One about a thing that nobody asked for is none.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Asked { at, by, things } => {
                let new: Vec<Planned> = things
                    .iter()
                    .filter(|planned| !self.things.iter().any(|known| known.planned.thing == planned.thing))
                    .cloned()
                    .collect();
                self.asked.push((*at, by.clone(), new.len()));
                self.things.extend(new.into_iter().map(Progress::new));
                let planned: Vec<Planned> = self.things.iter().map(|known| known.planned.clone()).collect();
                (self.order, self.users) = (in_order(&planned), users_within(&planned));
                (self.is_stopped, self.ended) = (false, None);
            }
            Event::Looked { thing, at, look } => self.change(*thing, |progress| progress.looked(*at, look)),
            Event::Sent { thing, at } => self.change(*thing, |progress| {
                progress.open(*at);
                progress.said = None;
                progress.requests.push(Request { sent: *at, over: None, answer: None, why: None });
            }),
            Event::Answered { thing, at, answer } => {
                self.change(*thing, |progress| progress.answered(*at, answer));
            }
            Event::Unanswered { thing, at, why } => self.change(*thing, |progress| {
                if let Some(request) = progress.requests.last_mut() {
                    (request.over, request.why) = (Some(*at), Some(why.clone()));
                }
                progress.open(*at);
            }),
            Event::Held { thing, at, answer, why } => self.change(*thing, |progress| {
                match (answer, progress.requests.last_mut()) {
                    // What was not sent is no deletion, though its line was written.
                    (None, _) => drop(progress.requests.pop()),
                    (answer, Some(request)) => {
                        request.over = Some(*at);
                        (request.answer, request.why) = (answer.clone(), Some(why.clone()));
                    }
                    _ => {}
                }
                progress.standing = Standing::Waiting;
            }),
            Event::Again { at, things } => {
                for thing in things {
                    self.change(*thing, |progress| progress.try_again(*at));
                }
                (self.is_stopped, self.ended) = (false, None);
            }
            Event::Stopped { .. } => self.is_stopped = true,
            Event::Resumed { .. } => (self.is_stopped, self.ended) = (false, None),
            Event::Ended { at, remains } => self.ended = Some((*at, remains.clone())),
        }
    }

    fn change(&mut self, thing: usize, change: impl FnOnce(&mut Progress)) {
        if let Some(progress) = self.things.get_mut(thing) {
            change(progress);
        }
    }

    /// What is to be done next. What nobody knows about is looked at before anything else is sent.
    pub fn next(&self, now: i64) -> Step {
        let at = |thing: &usize| &self.things[*thing];
        let look_or_wait = |thing: usize| match self.things[thing].due - now {
            wait if wait > 0 => Step::Wait(wait),
            _ => Step::Look(thing),
        };
        if let Some(open) = self.order.iter().find(|thing| at(thing).standing == Standing::Open) {
            return look_or_wait(*open);
        }
        let accepted = self.order.iter().filter(|thing| at(thing).standing == Standing::Accepted);
        let soonest = accepted.min_by_key(|thing| at(thing).due).copied();
        if let Some(due) = soonest.filter(|thing| at(thing).due <= now) {
            return Step::Look(due);
        }
        let is_free = |thing: &&usize| {
            at(thing).standing == Standing::Waiting
                && self.users[**thing].iter().all(|user| self.things[*user].is_settled())
        };
        if let Some(free) = self.order.iter().find(is_free).filter(|_| !self.is_stopped) {
            return Step::Begin(*free);
        }
        soonest.map_or(Step::Over, look_or_wait)
    }

    /// All that was asked for, in the order of the asking.
    pub fn things(&self) -> &[Progress] {
        &self.things
    }

    /// The same in the order in which it goes.
    pub fn in_order(&self) -> impl Iterator<Item = (usize, &Progress)> {
        self.order.iter().map(|thing| (*thing, &self.things[*thing]))
    }

    /// When, by whom and how many things.
    pub fn asked(&self) -> &[(i64, Option<By>, usize)] {
        &self.asked
    }

    /// Whether somebody stopped it.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// When it ended, and what was there then.
    pub fn ended(&self) -> Option<&(i64, Remains)> {
        self.ended.as_ref()
    }

    /// Whether this thing was asked for.
    pub fn has(&self, thing: &Thing) -> bool {
        self.progress(thing).is_some()
    }

    /// What was asked for under this name, and what was done about it.
    pub fn progress(&self, thing: &Thing) -> Option<&Progress> {
        self.things.iter().find(|progress| progress.planned.thing == *thing)
    }

    /// How many things stand where.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { all: self.things.len(), ..Counts::default() };
        for progress in &self.things {
            *match progress.standing {
                Standing::Waiting => &mut counts.waiting,
                Standing::Open | Standing::Accepted => &mut counts.under_way,
                Standing::Gone => &mut counts.gone,
                Standing::Absent => &mut counts.absent,
                Standing::Replaced => &mut counts.replaced,
                Standing::StillGoing => &mut counts.still_going,
                Standing::Failed(_) => &mut counts.failed,
            } += 1;
        }
        counts
    }

    /// Those that were still being deleted when nobody waited any longer.
    pub fn still_going(&self) -> Vec<usize> {
        self.in_order()
            .filter(|(_, progress)| progress.standing == Standing::StillGoing)
            .map(|(thing, _)| thing)
            .collect()
    }

    /// Those that may be gone, contrary to what is known of them: what is there at the end does not have them.
    pub fn missed(&self, remains: &Remains) -> Vec<usize> {
        let is_missed = |progress: &Progress| {
            let thing = &progress.planned.thing;
            let is_there = remains.things.iter().any(|one| one.thing == *thing && !one.came_later);
            let is_unread = remains.unread.iter().any(|(kind, _)| kind == thing.kind.plural());
            progress.is_in_doubt() && !is_there && !is_unread
        };
        self.in_order().filter(|(_, progress)| is_missed(progress)).map(|(thing, _)| thing).collect()
    }

    /// Those that did not work and may with another try.
    pub fn failed(&self) -> Vec<usize> {
        self.in_order()
            .filter(|(_, progress)| progress.can_be_tried_again())
            .map(|(thing, _)| thing)
            .collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::erase::plan::Kind::{Image, Model, Service};
    use crate::erase::plan::tests::planned;

    pub fn asked() -> Event {
        let things = vec![
            planned(Model, "m:1", &[]),
            planned(Service, "s", &[(Image, "i:1"), (Model, "m:1")]),
            planned(Image, "i:1", &[(Model, "m:1")]),
            planned(Model, "m:2", &[]),
        ];
        Event::Asked { at: 1, by: None, things }
    }

    pub fn look(thing: usize, at: i64, found: Found) -> Event {
        let status = if found == Found::Nothing { 404 } else { 200 };
        let answer = Answer { status, request_id: Some(format!("look {at}")), ..Answer::default() };
        Event::Looked { thing, at, look: Look { found, answer } }
    }

    pub fn answered(thing: usize, at: i64, status: u16) -> Event {
        let answer = Answer { status, request_id: Some(format!("request {at}")), ..Answer::default() };
        Event::Answered { thing, at, answer }
    }

    pub fn sent(thing: usize, at: i64) -> Event {
        Event::Sent { thing, at }
    }

    #[test]
    fn one_by_one_and_users_first() {
        let mut course = Course::of([&asked()]);
        for thing in [1, 2, 0, 3] {
            assert_eq!(course.next(10), Step::Begin(thing));
            course.take(&sent(thing, 10));
            course.take(&answered(thing, 11, 200));
            assert_eq!(course.next(11), Step::Look(thing));
            course.take(&look(thing, 12, Found::Nothing));
        }
        assert_eq!(course.next(13), Step::Over);
        assert_eq!(course.counts(), Counts { all: 4, gone: 4, ..Counts::default() });
    }

    #[test]
    fn what_nobody_knows_is_looked_at_before_anything_is_sent() {
        // As a page finds it that was loaded anew: sent, and no line after that.
        let mut course = Course::of([&asked(), &sent(1, 10)]);
        assert_eq!(course.next(10), Step::Look(1));
        course.take(&look(1, 10, Found::There));
        assert_eq!(course.next(11), Step::Wait(FIRST_PAUSE - 1), "it may be on its way");
        course.take(&look(1, 10 + FIRST_PAUSE, Found::There));
        assert_eq!(course.things()[1].standing, Standing::Failed(Failure::Unknown(FIRST_PAUSE)));
        // The image goes on: what uses it is settled, if not gone. The service itself says no then.
        assert_eq!(course.next(3_000), Step::Begin(2));
        course.take(&Event::Again { at: 4_000, things: vec![1] });
        assert_eq!(course.next(4_000), Step::Begin(1));
        assert_eq!(course.things()[1].requests.len(), 1);
    }

    #[test]
    fn what_arrived_without_an_answer_is_not_sent_again() {
        let why = "The connection was cut.".to_owned();
        let mut course = Course::of([&asked(), &sent(1, 10), &Event::Unanswered { thing: 1, at: 20, why }]);
        assert_eq!(course.next(20), Step::Look(1));
        course.take(&look(1, 21, Found::Nothing));
        assert_eq!(course.things()[1].standing, Standing::Gone);
        assert_eq!(course.things()[1].requests.len(), 1);
        assert_eq!(course.next(22), Step::Begin(2));
    }

    #[test]
    fn a_failure_on_the_way_is_kept_with_its_words_once_the_thing_is_seen() {
        let mut course = Course::of([&asked(), &sent(1, 10), &answered(1, 11, 503)]);
        assert_eq!(course.things()[1].standing, Standing::Open);
        course.take(&look(1, 12, Found::There));
        course.take(&look(1, 2_100, Found::There));
        let Standing::Failed(Failure::Refused(answer)) = &course.things()[1].standing else { panic!() };
        assert_eq!(answer.status, 503);
        course.take(&Event::Again { at: 3_000, things: vec![1] });
        course.take(&sent(1, 3_001));
        course.take(&answered(1, 3_002, 204));
        course.take(&look(1, 3_003, Found::Nothing));
        let statuses =
            course.things()[1].requests.iter().map(|request| request.answer.as_ref().unwrap().status);
        assert_eq!(statuses.collect::<Vec<_>>(), [503, 204]);
    }

    #[test]
    fn a_long_deletion_is_followed_while_others_go_on() {
        let mut course = Course::of([&asked(), &sent(1, 0), &answered(1, 0, 202), &look(1, 1, Found::Going)]);
        // Image and model wait for it; the other model does not.
        assert_eq!(course.next(2), Step::Begin(3));
        course.take(&sent(3, 3));
        course.take(&answered(3, 4, 412));
        assert!(
            matches!(&course.things()[3].standing, Standing::Failed(Failure::Refused(said)) if said.status == 412)
        );
        assert_eq!(course.next(5), Step::Wait(1 + FIRST_PAUSE - 5));
        assert_eq!(course.next(1 + FIRST_PAUSE), Step::Look(1));
        course.take(&look(1, 1 + FIRST_PAUSE, Found::There));
        assert_eq!(
            course.things()[1].standing,
            Standing::Failed(Failure::StillThere),
            "it was going, and is not"
        );
    }

    #[test]
    fn what_was_done_and_is_still_there_is_no_success() {
        let mut course = Course::of([&asked(), &sent(1, 0), &answered(1, 0, 200)]);
        course.take(&look(1, 1, Found::There));
        assert_eq!(course.things()[1].standing, Standing::Accepted);
        course.take(&look(1, SHORT_PATIENCE, Found::There));
        assert_eq!(course.things()[1].standing, Standing::Failed(Failure::StillThere));
    }

    #[test]
    fn a_name_that_is_used_again_is_not_told_as_seen_gone() {
        let mut course =
            Course::of([&asked(), &sent(1, 0), &answered(1, 1, 200), &look(1, 2, Found::Another)]);
        assert_eq!(course.things()[1].standing, Standing::Replaced);
        assert!(course.things()[1].is_settled() && !course.things()[1].can_be_tried_again());
        assert_eq!(course.counts(), Counts { all: 4, replaced: 1, waiting: 3, ..Counts::default() });
        course.take(&Event::Again { at: 3, things: vec![1] });
        assert_eq!(course.next(3), Step::Begin(2), "nobody asked for what has the name now");
    }

    #[test]
    fn what_is_being_deleted_for_long_is_no_failure_and_can_be_looked_at_later() {
        let mut course = Course::of([&asked(), &sent(1, 0), &answered(1, 0, 202)]);
        course.take(&look(1, PATIENCE - 1, Found::Going));
        assert_eq!(course.things()[1].standing, Standing::Accepted);
        course.take(&look(1, PATIENCE, Found::Going));
        assert_eq!(course.things()[1].standing, Standing::StillGoing);
        assert_eq!((course.failed(), course.still_going()), (vec![], vec![1]));
        assert_eq!(course.next(PATIENCE), Step::Begin(2), "nobody waits for it any longer");
        let later = 3 * PATIENCE;
        course.take(&Event::Again { at: later, things: vec![1] });
        assert_eq!(course.next(later), Step::Look(1));
        course.take(&look(1, later, Found::Going));
        assert_eq!(course.things()[1].standing, Standing::Accepted, "it is waited for as long as before");
        course.take(&look(1, later + 1, Found::Nothing));
        assert_eq!(course.things()[1].standing, Standing::Gone);
        assert_eq!(course.things()[1].requests.len(), 1);
    }

    fn unanswered(thing: usize, at: i64) -> [Event; 4] {
        let there = |at| look(thing, at, Found::There);
        let why = "Cut off.".to_owned();
        [sent(thing, at), Event::Unanswered { thing, at, why }, there(at), there(at + FIRST_PAUSE)]
    }

    #[test]
    fn what_the_last_list_does_not_have_is_looked_at_again() {
        let mut course = Course::of([&asked(), &look(1, 1, Found::Nothing)]);
        unanswered(2, 10).iter().for_each(|event| course.take(event));
        for event in [sent(0, 20), answered(0, 21, 412), sent(3, 30), answered(3, 31, 503)] {
            course.take(&event);
        }
        for at in [40, 50] {
            course.take(&look(3, at, Found::There));
        }
        assert_eq!(course.counts().failed, 3);
        let nothing = Remains::default();
        assert_eq!(course.missed(&nothing), [2, 3], "what was refused did not arrive");
        let remaining = |came_later| {
            let Planned { thing, name, .. } = course.things()[2].planned.clone();
            Remains { things: vec![Remaining { thing, name, came_later }], ..Remains::default() }
        };
        assert_eq!(course.missed(&remaining(false)), [3], "it is there");
        assert_eq!(course.missed(&remaining(true)), [2, 3], "something else is there");
        let unread = Remains { unread: vec![("Models".to_owned(), "503".to_owned())], ..nothing };
        assert_eq!(course.missed(&unread), [2]);

        course.take(&look(2, 60, Found::Nothing));
        course.take(&look(3, 60, Found::There));
        let standings = [2, 3].map(|thing| course.things()[thing].standing.clone());
        assert!(
            matches!(standings, [Standing::Gone, Standing::Failed(Failure::Refused(_))]),
            "{standings:?}"
        );
    }

    #[test]
    fn what_is_not_there_at_another_try_was_deleted_by_the_one_before() {
        let mut course = Course::of([&asked()]);
        unanswered(1, 10).iter().for_each(|event| course.take(event));
        course.take(&Event::Again { at: 20, things: vec![1] });
        course.take(&look(1, 21, Found::Nothing));
        assert_eq!(course.things()[1].standing, Standing::Gone);
        for event in [sent(2, 30), answered(2, 31, 412), Event::Again { at: 32, things: vec![2] }] {
            course.take(&event);
        }
        course.take(&look(2, 33, Found::Nothing));
        assert_eq!(course.things()[2].standing, Standing::Absent, "somebody else did");
    }

    #[test]
    fn something_else_of_the_same_name_is_left_alone() {
        let mut course = Course::of([&asked(), &look(1, 5, Found::Another)]);
        assert_eq!(course.things()[1].standing, Standing::Failed(Failure::Another));
        course.take(&Event::Again { at: 6, things: vec![1] });
        assert_ne!(course.next(6), Step::Begin(1));
        assert!(course.failed().is_empty());
    }

    #[test]
    fn stopped_nothing_new_begins_and_what_was_sent_is_followed() {
        let mut course = Course::of([&asked(), &sent(1, 0), &answered(1, 0, 202), &Event::Stopped { at: 1 }]);
        assert_eq!(course.next(1), Step::Look(1));
        course.take(&look(1, 1, Found::Nothing));
        assert_eq!(course.next(2), Step::Over);
        course.take(&Event::Resumed { at: 3 });
        assert_eq!(course.next(3), Step::Begin(2));
    }

    #[test]
    fn what_was_held_is_on_the_account_only_if_it_was_sent() {
        let held = |answer: Option<u16>| {
            let answer = answer.map(|status| Answer { status, ..Answer::default() });
            Event::Held { thing: 1, at: 11, answer, why: "Held.".to_owned() }
        };
        let mut course = Course::of([&asked(), &sent(1, 10), &held(None)]);
        assert_eq!((course.next(11), course.things()[1].requests.len()), (Step::Begin(1), 0));
        course.take(&sent(1, 12));
        course.take(&held(Some(401)));
        assert_eq!(course.next(13), Step::Begin(1));
        let statuses =
            course.things()[1].requests.iter().map(|request| request.answer.as_ref()?.status.into());
        assert_eq!(statuses.collect::<Vec<Option<u16>>>(), [Some(401)]);
    }

    #[test]
    fn what_was_not_asked_for_is_never_begun() {
        let mut course = Course::of([&asked(), &sent(17, 1), &look(17, 1, Found::There)]);
        let mut begun = Vec::new();
        while let Step::Begin(thing) = course.next(10) {
            begun.push(course.things()[thing].planned.thing.clone());
            course.take(&look(thing, 10, Found::Nothing));
        }
        let Event::Asked { things, .. } = asked() else { panic!() };
        assert_eq!(begun.len(), things.len());
        assert!(begun.iter().all(|thing| things.iter().any(|planned| planned.thing == *thing)));
    }

    #[test]
    fn more_can_be_asked_for_and_is_put_in_its_place() {
        let mut course = Course::of([&asked(), &look(1, 2, Found::Nothing)]);
        course.take(&sent(2, 3));
        course.take(&answered(2, 4, 412));
        let user = planned(Service, "t", &[(Image, "i:1")]);
        course.take(&Event::Asked { at: 5, by: None, things: vec![user] });
        course.take(&Event::Again { at: 5, things: vec![2] });
        assert_eq!(course.next(6), Step::Begin(4), "the image waits for what uses it");
        assert_eq!(course.asked().iter().map(|(_, _, count)| *count).collect::<Vec<_>>(), [4, 1]);
    }

    #[test]
    fn lines_are_read_as_they_were_written() {
        let events = [
            asked(),
            sent(1, 10),
            answered(1, 11, 202),
            look(1, 12, Found::Going),
            Event::Unanswered { thing: 1, at: 3, why: "No network.".to_owned() },
            Event::Ended { at: 20, remains: Remains::default() },
        ];
        for event in events {
            let line = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event, "{line}");
        }
    }
}
