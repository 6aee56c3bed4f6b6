//! How far a run has come, as far as that can be known: from its own times, from its events, and from what the page saw
//! while watching.

use std::time::Duration;

use azimuth_api::{Run, RunEvent, RunPhase, RunStatus};

use crate::components::stages::StageState;

/// A status that the run was in, and since when; not known for the one that was there when the page began to watch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenStatus {
    pub status: RunStatus,
    pub since: Option<StageTime>,
}

/// What was seen, with what is seen now, in milliseconds since 1970.
pub fn see(seen: &[SeenStatus], status: &RunStatus, now: i64) -> Vec<SeenStatus> {
    let mut seen = seen.to_vec();
    if seen.last().is_none_or(|last| last.status != *status) {
        let since = (!seen.is_empty()).then_some(StageTime::Seen(now));
        seen.push(SeenStatus { status: status.clone(), since });
    }
    seen
}

/// The statuses that events tell of, in order. The service may tell of none, or leave some out.
pub fn told<'a>(events: impl IntoIterator<Item = &'a RunEvent>) -> Vec<SeenStatus> {
    let mut told: Vec<(i64, RunStatus)> = events
        .into_iter()
        .filter_map(|event| Some((event.timestamp?.unix_milliseconds(), event.status()?)))
        .collect();
    told.sort_by_key(|(time, _)| *time);
    told.dedup_by(|later, earlier| later.1 == earlier.1);
    told.into_iter()
        .map(|(time, status)| SeenStatus { status, since: Some(StageTime::Exact(time)) })
        .collect()
}

/// What the service told, and what the page saw after that.
pub fn known(told: &[SeenStatus], seen: &[SeenStatus]) -> Vec<SeenStatus> {
    let Some(last) = told.last() else { return seen.to_vec() };
    let is_told = |seen: &SeenStatus| told.iter().any(|told| told.status == seen.status);
    let after = match seen.iter().rposition(|seen| seen.status == last.status) {
        Some(place) => place + 1,
        // The events are ahead of the page, or over.
        None if last.status.is_finished() || seen.last().is_none_or(is_told) => seen.len(),
        None => seen.len() - 1,
    };
    [told, &seen[after..]].concat()
}

/// When a stage began, and who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageTime {
    /// The service.
    Exact(i64),
    /// The page, which looks every few seconds.
    Seen(i64),
}

impl StageTime {
    pub fn milliseconds(self) -> i64 {
        match self {
            Self::Exact(time) | Self::Seen(time) => time,
        }
    }
}

/// How long a stage took, or takes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StageLength {
    pub milliseconds: i64,
    /// Whether both its ends are the service's times.
    pub exact: bool,
}

/// One stage on the way of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunStage {
    pub plain: &'static str,
    pub word: String,
    pub state: StageState,
    pub begin: Option<StageTime>,
    pub length: Option<StageLength>,
}

/// A stage of the usual way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Received,
    Ready,
    Waiting,
    Working,
    Saving,
    End,
}

impl Place {
    /// Where a status belongs. Being stopped, silent or on hold can happen anywhere.
    fn of(status: &RunStatus) -> Option<Self> {
        Some(match status {
            RunStatus::NotStarted | RunStatus::Starting => Self::Received,
            RunStatus::Provisioning | RunStatus::Preparing => Self::Ready,
            RunStatus::Queued => Self::Waiting,
            RunStatus::Running => Self::Working,
            RunStatus::Finalizing => Self::Saving,
            RunStatus::Completed | RunStatus::Failed | RunStatus::Canceled => Self::End,
            RunStatus::CancelRequested
            | RunStatus::NotResponding
            | RunStatus::Paused
            | RunStatus::Other(_) => return None,
        })
    }

    fn plain(self) -> &'static str {
        match self {
            Self::Received => RunStatus::Starting.plain(),
            Self::Ready => RunStatus::Preparing.plain(),
            Self::Waiting => RunStatus::Queued.plain(),
            Self::Working => RunStatus::Running.plain(),
            Self::Saving => RunStatus::Finalizing.plain(),
            Self::End => RunStatus::Completed.plain(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Received => "NotStarted, Starting",
            Self::Ready => "Provisioning, Preparing",
            Self::Waiting => "Queued",
            Self::Working => "Running",
            Self::Saving => "Finalizing",
            Self::End => "Completed",
        }
    }
}

/// All stages of a run, with what is known of each.
///
/// The service does not promise an order: a run may wait for a computer before it is prepared, miss states, and go back
/// to waiting when its computer is taken away. So what was seen counts, and the usual way fills the rest.
pub fn stages(run: &Run, seen: &[SeenStatus], now: i64) -> Vec<RunStage> {
    let way = usual_way(seen);
    let index_of = |place: Place| way.iter().position(|other| *other == place).unwrap_or_default();
    let here = Place::of(&run.status);
    let came_to = furthest(run, seen, &way);
    // Stopping takes the place of saving. What is silent or on hold stands after the stage that it had come to.
    let detour = detour(&run.status, seen);
    let went_back = way.iter().any(|place| times_entered(seen, *place) > 1);

    let mut stages = Vec::new();
    for (index, place) in way.iter().copied().enumerate() {
        let is_replaced = place == Place::Saving && matches!(detour, Some(RunStatus::CancelRequested));
        if !is_replaced {
            let state = match here {
                Some(Place::End) if place == Place::End => match run.status {
                    RunStatus::Completed => StageState::Passed,
                    RunStatus::Canceled => StageState::Stopped,
                    _ => StageState::Failed,
                },
                Some(Place::End) | None if index <= came_to => StageState::Passed,
                Some(Place::End) | None => StageState::Ahead,
                Some(here) if place == here => StageState::Current,
                Some(here) if index < index_of(here) => StageState::Passed,
                Some(_) => StageState::Ahead,
            };
            let is_reached = state != StageState::Ahead;
            let (plain, word) = match (place, &run.status) {
                (Place::End, status) if status.is_finished() => (status.plain(), status.word().to_owned()),
                (Place::End, RunStatus::CancelRequested) => {
                    (RunStatus::Canceled.plain(), RunStatus::Canceled.word().to_owned())
                }
                _ => (place.plain(), words_seen(seen, place).unwrap_or_else(|| place.words().to_owned())),
            };
            let begin = is_reached.then(|| begin_of(run, seen, place)).flatten();
            stages.push(RunStage { plain, word, state, begin, length: None });
        }
        let stands_here = if is_replaced {
            true
        } else {
            index == came_to && !matches!(detour, Some(RunStatus::CancelRequested))
        };
        if let (true, Some(status)) = (stands_here, &detour) {
            stages.push(RunStage {
                plain: status.plain(),
                word: status.word().to_owned(),
                state: if run.status == *status { StageState::Current } else { StageState::Passed },
                begin: since(seen, |other| other == status),
                length: None,
            });
        }
    }
    set_lengths(&mut stages, went_back, now);
    stages
}

/// The usual order; waiting comes before preparing where it was seen so.
fn usual_way(seen: &[SeenStatus]) -> [Place; 6] {
    let first = |place| seen.iter().position(|seen| Place::of(&seen.status) == Some(place));
    let mut way = [Place::Received, Place::Ready, Place::Waiting, Place::Working, Place::Saving, Place::End];
    if let (Some(ready), Some(waiting)) = (first(Place::Ready), first(Place::Waiting))
        && waiting < ready
    {
        way.swap(1, 2);
    }
    way
}

/// The furthest stage before the end that the run certainly came to, as a place on its way.
fn furthest(run: &Run, seen: &[SeenStatus], way: &[Place; 6]) -> usize {
    let index_of = |place: Place| way.iter().position(|other| *other == place).unwrap_or_default();
    let seen = seen.iter().filter_map(|seen| Place::of(&seen.status)).filter(|place| *place != Place::End);
    let started = run.start_time_utc.is_some();
    let known = match run.status {
        RunStatus::Completed => Place::Saving,
        // Whatever a script left behind is saved, also when it broke.
        RunStatus::Failed if started => Place::Saving,
        _ if started => Place::Working,
        _ => Place::Received,
    };
    seen.map(index_of).fold(index_of(known), usize::max)
}

/// The status off the usual way that the run is in, or was stopped by.
fn detour(status: &RunStatus, seen: &[SeenStatus]) -> Option<RunStatus> {
    let was_asked = || seen.iter().any(|seen| seen.status == RunStatus::CancelRequested);
    match status {
        RunStatus::Canceled if was_asked() => Some(RunStatus::CancelRequested),
        status => Place::of(status).is_none().then(|| status.clone()),
    }
}

fn begin_of(run: &Run, seen: &[SeenStatus], place: Place) -> Option<StageTime> {
    let exact = match place {
        Place::Received => run.created_utc,
        // The service keeps the first start; after an interruption the page knows better.
        Place::Working if times_entered(seen, place) < 2 => run.start_time_utc,
        Place::End => run.end_time_utc,
        _ => None,
    };
    exact
        .map(|time| StageTime::Exact(time.unix_milliseconds()))
        .or_else(|| since(seen, |status| Place::of(status) == Some(place)))
}

/// Since when it was last so, without a break.
fn since(seen: &[SeenStatus], is_so: impl Fn(&RunStatus) -> bool) -> Option<StageTime> {
    let end = seen.iter().rposition(|seen| is_so(&seen.status))?;
    let begin = seen[..end].iter().rposition(|seen| !is_so(&seen.status)).map_or(0, |before| before + 1);
    seen[begin].since
}

fn times_entered(seen: &[SeenStatus], place: Place) -> usize {
    let places: Vec<Place> = seen.iter().filter_map(|seen| Place::of(&seen.status)).collect();
    places.chunk_by(|one, other| one == other).filter(|block| block[0] == place).count()
}

/// The service's words that were seen of a stage.
fn words_seen(seen: &[SeenStatus], place: Place) -> Option<String> {
    let mut words: Vec<&str> = Vec::new();
    for seen in seen.iter().filter(|seen| Place::of(&seen.status) == Some(place)) {
        if !words.contains(&seen.status.word()) {
            words.push(seen.status.word());
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

/// A stage lasts until the next one begins, or until now. Where a run went back, only the present is certain.
fn set_lengths(stages: &mut [RunStage], went_back: bool, now: i64) {
    let begins: Vec<_> = stages.iter().map(|stage| stage.begin).collect();
    for (index, stage) in stages.iter_mut().enumerate() {
        let Some(begin) = stage.begin else { continue };
        let end = match stage.state {
            StageState::Current => Some(StageTime::Exact(now)),
            StageState::Passed if !went_back => begins.get(index + 1).copied().flatten(),
            _ => None,
        };
        let Some(end) = end else { continue };
        let milliseconds = end.milliseconds() - begin.milliseconds();
        // The clocks of the service and of this computer may differ.
        let exact = matches!((begin, end), (StageTime::Exact(_), StageTime::Exact(_)));
        stage.length = (milliseconds >= 0).then_some(StageLength { milliseconds, exact });
    }
}

/// What is going on, in a sentence.
pub fn what_happens(run: &Run, seen: &[SeenStatus]) -> String {
    let on = run.target.as_deref().filter(|target| !target.is_empty());
    let script = run.script_name.as_deref().filter(|script| !script.is_empty());
    let has_begun = run.start_time_utc.is_some();
    let was_working = seen.iter().rev().skip(1).any(|seen| seen.status == RunStatus::Running);
    match &run.status {
        RunStatus::NotStarted | RunStatus::Starting => {
            "The service has the run and is about to find a computer for it.".to_owned()
        }
        RunStatus::Provisioning => match on {
            Some(on) => format!("A computer of {on} is being started for it."),
            None => "A computer is being started for it.".to_owned(),
        },
        RunStatus::Preparing => {
            "What the script needs is being installed. The first time this can take up to \
                                 20 minutes; after that it is kept and takes seconds."
                .to_owned()
        }
        RunStatus::Queued if was_working => {
            "Its computer was taken away; it waits for another one.".to_owned()
        }
        RunStatus::Queued => format!(
            "It waits until {} is free.",
            on.map_or_else(|| "a computer".to_owned(), |on| format!("a computer of {on}"))
        ),
        RunStatus::Running => match (script, on) {
            (Some(script), Some(on)) => format!("The script {script} runs on {on}."),
            (Some(script), None) => format!("The script {script} runs."),
            (None, _) => "Its script runs.".to_owned(),
        },
        RunStatus::Finalizing => "The script is over; what it wrote is being saved.".to_owned(),
        RunStatus::CancelRequested => "Somebody asked to stop it, and the service is doing so.".to_owned(),
        RunStatus::Completed => "It ran to its end, and its results are saved.".to_owned(),
        RunStatus::Failed if has_begun => "The script began, but the run ended with an error.".to_owned(),
        RunStatus::Failed => "It ended with an error before its script began.".to_owned(),
        RunStatus::Canceled if has_begun => "It was stopped before it was done.".to_owned(),
        RunStatus::Canceled => "It was stopped before its script began.".to_owned(),
        RunStatus::NotResponding => {
            "The service has heard nothing of it for a while. It may come back by itself.".to_owned()
        }
        RunStatus::Paused => "It goes on when somebody says so.".to_owned(),
        RunStatus::Other(word) if word.is_empty() => "The service does not say how it is.".to_owned(),
        RunStatus::Other(word) => {
            format!("The service says “{word}”, a word that this page does not know. It may still change.")
        }
    }
}

/// The name of a run's tab: how it is, then which it is.
pub fn tab_title(run: &Run) -> String {
    let sign = match run.status.phase() {
        RunPhase::Waiting | RunPhase::Unclear => "○",
        RunPhase::Working => "●",
        RunPhase::Done => "✓",
        RunPhase::Failed => "✕",
        RunPhase::Stopped => "■",
    };
    format!("{sign} {} – {}", run.status.plain(), run.label().unwrap_or(run.run_id.as_str()))
}

/// When to ask for a run again. The longer it has been at it, the less often; what is short is asked for quickly.
pub fn refresh_after(run: &Run, now: i64) -> Option<Duration> {
    const QUICKLY: i64 = 2_500;
    const SELDOM: i64 = 30_000;
    if run.status.is_finished() {
        return None;
    }
    let is_short = matches!(run.status, RunStatus::Finalizing | RunStatus::CancelRequested);
    let since = run.created_utc.max(run.start_time_utc);
    let delay = match since {
        Some(since) if !is_short => ((now - since.unix_milliseconds()) / 40).clamp(QUICKLY, SELDOM),
        Some(_) => QUICKLY,
        None => 2 * QUICKLY,
    };
    Some(Duration::from_millis(delay.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    /// 2020-01-21T21:30:00Z.
    const CREATED: i64 = 1_579_642_200_000;

    fn run(status: &str, times: &str) -> Run {
        serde_json::from_str(&format!(
            r#"{{"runId":"r_1","status":"{status}","createdUtc":"2020-01-21T21:30:00Z"{times}}}"#
        ))
        .unwrap()
    }

    const STARTED: &str = r#","startTimeUtc":"2020-01-21T21:32:00Z""#;
    const ENDED: &str = r#","startTimeUtc":"2020-01-21T21:32:00Z","endTimeUtc":"2020-01-21T21:35:00Z""#;

    /// Seen a minute apart, the first one when the run was made.
    fn watched(words: &[&str]) -> Vec<SeenStatus> {
        words.iter().enumerate().fold(Vec::new(), |seen, (minute, word)| {
            see(&seen, &RunStatus::new(word), CREATED + minute as i64 * MINUTE)
        })
    }

    /// One letter for each stage: passed, current, ahead, failed.
    fn drawn(run: &Run, seen: &[SeenStatus]) -> String {
        let stages = stages(run, seen, CREATED + 10 * MINUTE);
        let letter = |stage: &RunStage| match stage.state {
            StageState::Passed => 'p',
            StageState::Current => 'C',
            StageState::Ahead => '.',
            StageState::Failed => 'F',
            StageState::Stopped => 'S',
        };
        stages.iter().map(letter).collect()
    }

    fn plain_words(run: &Run, seen: &[SeenStatus]) -> Vec<&'static str> {
        stages(run, seen, CREATED).iter().map(|stage| stage.plain).collect()
    }

    #[test]
    fn the_usual_way_has_six_stages() {
        for (words, expected) in [
            (&["Starting"][..], "C....."),
            (&["Starting", "Preparing"], "pC...."),
            (&["Starting", "Preparing", "Queued"], "ppC..."),
            // States may be missed between two looks, or by the service.
            (&["Queued"], "ppC..."),
            (&["Starting", "Running"], "pppC.."),
            (&["Running", "Finalizing"], "ppppC."),
        ] {
            let last = words.last().unwrap();
            assert_eq!(drawn(&run(last, ""), &watched(words)), expected, "{words:?}");
        }
        assert_eq!(drawn(&run("Completed", ENDED), &watched(&["Completed"])), "pppppp");
    }

    #[test]
    fn waiting_stands_before_preparing_where_it_was_seen_so() {
        let seen = watched(&["Starting", "Queued", "Preparing"]);
        let run = run("Preparing", "");
        assert_eq!(drawn(&run, &seen), "ppC...");
        assert_eq!(
            plain_words(&run, &seen)[1..3],
            ["Waiting for a free computer", "Getting the computer ready"]
        );
    }

    #[test]
    fn a_run_that_goes_back_to_waiting_has_its_work_ahead() {
        let seen = watched(&["Queued", "Running", "Queued"]);
        let run = run("Queued", STARTED);
        assert_eq!(drawn(&run, &seen), "ppC...");
        let stages = stages(&run, &seen, CREATED + 5 * MINUTE);
        assert_eq!(stages[2].begin, Some(StageTime::Seen(CREATED + 2 * MINUTE)));
        assert_eq!(stages[3].begin, None);
        assert!(what_happens(&run, &seen).contains("taken away"));
    }

    #[test]
    fn what_never_began_did_not_work_before_its_work() {
        assert_eq!(drawn(&run("Failed", ""), &watched(&["Failed"])), "p....F");
        assert_eq!(drawn(&run("Failed", ""), &watched(&["Preparing", "Failed"])), "pp...F");
        assert_eq!(drawn(&run("Failed", ENDED), &watched(&["Failed"])), "pppppF");
        assert_eq!(drawn(&run("Canceled", ENDED), &watched(&["Canceled"])), "pppp.S");
        assert_eq!(drawn(&run("Canceled", ""), &watched(&["Queued", "Canceled"])), "ppp..S");
    }

    #[test]
    fn stopping_takes_the_place_of_saving() {
        let stopping = run("CancelRequested", STARTED);
        let seen = watched(&["Running", "CancelRequested"]);
        assert_eq!(drawn(&stopping, &seen), "ppppC.");
        assert_eq!(plain_words(&stopping, &seen)[4..], ["Stopping", "Stopped"]);
        let seen = watched(&["Queued", "CancelRequested", "Canceled"]);
        let stopped = run("Canceled", "");
        assert_eq!(drawn(&stopped, &seen), "ppp.pS");
        assert_eq!(plain_words(&stopped, &seen)[4..], ["Stopping", "Stopped"]);
    }

    #[test]
    fn silence_stands_after_the_stage_that_it_fell_in() {
        let seen = watched(&["Running", "NotResponding"]);
        let run = run("NotResponding", STARTED);
        assert_eq!(drawn(&run, &seen), "ppppC..");
        assert_eq!(plain_words(&run, &seen)[4], "Silent for a while, may come back");
    }

    #[test]
    fn words_that_nobody_knows_are_shown_where_the_run_is() {
        let unknown = run("Hibernating", "");
        let stages = stages(&unknown, &watched(&["Hibernating"]), CREATED);
        assert_eq!((stages[1].word.as_str(), stages[1].state), ("Hibernating", StageState::Current));
    }

    #[test]
    fn times_of_the_service_come_before_those_that_the_page_saw() {
        let seen = watched(&["Starting", "Preparing", "Running", "Finalizing", "Completed"]);
        let stages = stages(&run("Completed", ENDED), &seen, CREATED + 10 * MINUTE);
        let begins: Vec<_> = stages.iter().map(|stage| stage.begin).collect();
        assert_eq!(
            begins,
            [
                Some(StageTime::Exact(CREATED)),
                Some(StageTime::Seen(CREATED + MINUTE)),
                None,
                Some(StageTime::Exact(CREATED + 2 * MINUTE)),
                Some(StageTime::Seen(CREATED + 3 * MINUTE)),
                Some(StageTime::Exact(CREATED + 5 * MINUTE)),
            ]
        );
        let lengths: Vec<_> = stages
            .iter()
            .map(|stage| stage.length.map(|length| (length.milliseconds / MINUTE, length.exact)))
            .collect();
        // Preparing may have ended in waiting, which nobody saw.
        assert_eq!(lengths, [Some((1, false)), None, None, Some((1, false)), Some((2, false)), None]);
    }

    fn event(name: &str, minute: i64) -> RunEvent {
        let text = format!(
            r#"{{"name":"Microsoft.MachineLearning.Run.{name}","timestamp":"2020-01-21T21:{}:00Z"}}"#,
            30 + minute
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn events_give_every_stage_its_exact_time() {
        let events = ["Created", "Preparing", "Queued", "Warning", "Start", "Finalizing", "Completed"];
        let events: Vec<_> = events.into_iter().zip(0..).map(|(name, minute)| event(name, minute)).collect();
        let seen = known(&told(&events), &watched(&["Completed"]));
        let stages = stages(&run("Completed", ""), &seen, CREATED + 10 * MINUTE);
        let begins: Vec<_> = stages
            .iter()
            .map(|stage| match stage.begin {
                Some(StageTime::Exact(time)) => (time - CREATED) / MINUTE,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(begins, [0, 1, 2, 4, 5, 6]);
        assert!(stages[..5].iter().all(|stage| stage.length.is_some_and(|length| length.exact)));
    }

    #[test]
    fn what_the_page_saw_goes_on_where_the_events_end() {
        let told = told(&[event("Queued", 2), event("Created", 0)]);
        let words = |seen: &[SeenStatus]| -> Vec<String> {
            known(&told, seen).iter().map(|seen| seen.status.word().to_owned()).collect()
        };
        assert_eq!(words(&watched(&["Queued", "Running"])), ["NotStarted", "Queued", "Running"]);
        // It began to watch later than the last event, or looked before it.
        assert_eq!(words(&watched(&["Running"])), ["NotStarted", "Queued", "Running"]);
        assert_eq!(words(&watched(&["NotStarted"])), ["NotStarted", "Queued"]);
        assert_eq!(known(&[], &watched(&["Running"])), watched(&["Running"]));
    }

    #[test]
    fn the_status_that_was_there_first_has_no_beginning() {
        let seen = watched(&["Preparing"]);
        assert_eq!(stages(&run("Preparing", ""), &seen, CREATED)[1].begin, None);
        let same = see(&seen, &RunStatus::Preparing, CREATED + MINUTE);
        assert_eq!(same, seen);
    }

    #[test]
    fn the_current_stage_lasts_until_now() {
        let stages = stages(&run("Running", STARTED), &watched(&["Running"]), CREATED + 5 * MINUTE);
        let length = stages[3].length.unwrap();
        assert_eq!((length.milliseconds, length.exact), (3 * MINUTE, true));
    }

    #[test]
    fn a_run_is_asked_for_less_often_as_it_grows_old() {
        let seconds =
            |run: &Run, now: i64| refresh_after(run, now).map(|delay| delay.as_millis() as f64 / 1_000.0);
        let queued = run("Queued", "");
        assert_eq!(seconds(&queued, CREATED), Some(2.5));
        assert_eq!(seconds(&queued, CREATED + 10 * MINUTE), Some(15.0));
        assert_eq!(seconds(&queued, CREATED + 60 * MINUTE), Some(30.0));
        // Two clocks that differ do no harm.
        assert_eq!(seconds(&queued, CREATED - 60 * MINUTE), Some(2.5));
        // A run that just began to work is young again, and saving is short.
        assert_eq!(seconds(&run("Running", STARTED), CREATED + 3 * MINUTE), Some(2.5));
        assert_eq!(seconds(&run("Finalizing", STARTED), CREATED + 90 * MINUTE), Some(2.5));
    }

    #[test]
    fn a_run_is_not_asked_for_once_it_is_over() {
        for status in ["Completed", "Failed", "Canceled"] {
            assert_eq!(refresh_after(&run(status, ENDED), CREATED), None);
        }
    }

    #[test]
    fn the_tab_says_how_the_run_is() {
        assert_eq!(tab_title(&run("Running", STARTED)), "● Working – r_1");
        assert_eq!(
            tab_title(&run("Failed", r#","displayName":"brave_oven_12""#)),
            "✕ Did not work – brave_oven_12"
        );
    }
}
