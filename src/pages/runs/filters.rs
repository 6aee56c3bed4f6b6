//! Which runs the address asks for: what the service is asked, and what is looked at here.

use azimuth_api::{Run, RunFilter, RunStatus, TagFilter, Timestamp};

use crate::listed::matches;
use crate::pages::runs::words::{join, split};
use crate::route::Location;

/// All that narrows the list. An empty part asks for nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filters {
    /// Words that have to be somewhere in a row.
    pub text: String,
    pub statuses: StatusFilter,
    pub computes: Vec<String>,
    pub tags: Vec<TagFilter>,
    /// Words that have to be in the name of who submitted it.
    pub who: String,
    /// As the address has it: `24h`, `7d`, or a date.
    pub after: String,
    /// A date.
    pub before: String,
    /// Whether the service is asked for all runs, because it does not take the filter.
    pub is_here: bool,
    /// Whether the runs that lists leave out are shown, and no others.
    pub is_hidden: bool,
    created_after: Option<Timestamp>,
    created_before: Option<Timestamp>,
}

/// How far back, by its word in the address.
pub const SINCE: [(&str, &str, i64); 4] = [
    ("1h", "Last hour", 1),
    ("24h", "Last 24 hours", 24),
    ("7d", "Last 7 days", 168),
    ("30d", "Last 30 days", 720),
];

/// The names of the parts in the address, which "Clear all" takes out.
pub const PARAMETERS: [&str; 9] =
    ["filter", "status", "compute", "tag", "who", "after", "before", "here", "hidden"];

impl Filters {
    /// Reads an address; `now` is in milliseconds since 1970.
    pub fn read(location: &Location, now: i64) -> Self {
        let text = |name| location.parameter(name).unwrap_or_default().to_owned();
        let (after, before) = (text("after"), text("before"));
        let since = SINCE.iter().find(|(word, ..)| *word == after);
        Self {
            text: text("filter"),
            statuses: StatusFilter::read(&text("status")),
            computes: split(&text("compute")),
            tags: split(&text("tag")).iter().map(|text| tag(text)).collect(),
            who: text("who"),
            is_here: !text("here").is_empty(),
            is_hidden: !text("hidden").is_empty(),
            created_after: match since {
                Some((_, _, hours)) => Some(Timestamp::from_unix_milliseconds(now - hours * 3_600_000)),
                None => Timestamp::parse(&format!("{after}T00:00:00Z")),
            },
            created_before: Timestamp::parse(&format!("{before}T23:59:59Z")),
            after,
            before,
        }
    }

    /// What the service is asked for.
    pub fn asked(&self) -> RunFilter {
        if self.is_here {
            return RunFilter::default();
        }
        // One alternative left out would leave out its runs.
        let can_ask_computes = self.computes.iter().all(|name| RunFilter::can_be_asked(name));
        RunFilter {
            statuses: self.statuses.statuses.clone(),
            computes: if can_ask_computes { self.computes.clone() } else { Vec::new() },
            tags: self.tags.iter().filter(|tag| tag.can_be_asked()).cloned().collect(),
            created_after: self.created_after,
            created_before: self.created_before,
            ..RunFilter::default()
        }
    }

    /// What is looked at only here, so that it finds nothing beyond what is loaded; nothing where all is asked.
    pub fn only_here(&self) -> Vec<&'static str> {
        let is_here = self.is_here;
        [
            (!self.text.trim().is_empty(), "the text"),
            (!self.who.trim().is_empty(), "who submitted it"),
            (self.tags.iter().any(|tag| is_here || !tag.can_be_asked()), "the tag"),
            (self.computes.iter().any(|name| is_here || !RunFilter::can_be_asked(name)), "the compute"),
            (self.is_hidden, "what is hidden"),
            (is_here && !self.statuses.statuses.is_empty(), "the status"),
            (is_here && (self.created_after.is_some() || self.created_before.is_some()), "the time"),
        ]
        .into_iter()
        .filter_map(|(is_so, words)| is_so.then_some(words))
        .collect()
    }

    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        self.asked() == RunFilter::default() && self.only_here().is_empty()
    }

    /// Whether a run is shown. What the service was asked for is looked at again: it may have changed since.
    pub fn fits(&self, run: &Run) -> bool {
        let user = run.created_by.as_ref().and_then(|user| user.user_name.as_deref()).unwrap_or_default();
        let target = run.target.as_deref().unwrap_or_default();
        let is_in_time = |time: Timestamp| {
            self.created_after.is_none_or(|after| time >= after)
                && self.created_before.is_none_or(|before| time <= before)
        };
        let own = [
            run.run_id.as_str(),
            run.label().unwrap_or_default(),
            run.status.word(),
            run.status.plain(),
            target,
            user,
            run.description.as_deref().unwrap_or_default(),
        ];
        run.hidden == self.is_hidden
            && (self.statuses.statuses.is_empty() || self.statuses.statuses.contains(&run.status))
            && (self.computes.is_empty() || self.computes.iter().any(|name| name == target))
            && self.tags.iter().all(|tag| tag.fits(run))
            && run.created_utc.is_none_or(is_in_time)
            && matches(&self.who, [user])
            && matches(
                &self.text,
                own.into_iter().chain(run.user_tags().flat_map(|(name, value)| [name, value])),
            )
    }

    /// What is on, in words, with the name and the value that the address has without it.
    pub fn chips(&self) -> Vec<Chip> {
        let mut chips = Vec::new();
        let mut chip = |label: String, parameter, value| chips.push(Chip { label, parameter, value });
        for choice in self.statuses.choices() {
            let value = self.statuses.without(&choice);
            chip(format!("Status: {}", choice.label()), "status", value);
        }
        for name in &self.computes {
            let others = self.computes.iter().filter(|other| *other != name);
            chip(format!("Compute: {name}"), "compute", join(others));
        }
        for tag in &self.tags {
            let others: Vec<String> = self.tags.iter().filter(|other| *other != tag).map(tag_text).collect();
            chip(format!("Tag: {}", tag_text(tag)), "tag", join(&others));
        }
        if !self.who.trim().is_empty() {
            chip(format!("Submitted by: {}", self.who.trim()), "who", String::new());
        }
        if self.created_after.is_some() {
            let since = SINCE.iter().find(|(word, ..)| *word == self.after);
            let words =
                since.map_or_else(|| format!("Created from {}", self.after), |since| since.1.to_owned());
            chip(words, "after", String::new());
        }
        if self.created_before.is_some() {
            chip(format!("Created until {}", self.before), "before", String::new());
        }
        if self.is_hidden {
            chip("Hidden runs".to_owned(), "hidden", String::new());
        }
        if self.is_here {
            chip("Filtered on this page only".to_owned(), "here", String::new());
        }
        chips
    }
}

/// A filter that is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chip {
    pub label: String,
    /// What of the address it stands in.
    pub parameter: &'static str,
    /// What stands there without it.
    pub value: String,
}

/// Reads `team` or `team=vision`.
pub fn tag(text: &str) -> TagFilter {
    match text.split_once('=') {
        Some((name, value)) => {
            TagFilter { name: name.trim().to_owned(), value: Some(value.trim().to_owned()) }
        }
        None => TagFilter { name: text.trim().to_owned(), value: None },
    }
}

/// As [`tag`] reads it.
pub fn tag_text(tag: &TagFilter) -> String {
    match &tag.value {
        Some(value) => format!("{}={value}", tag.name),
        None => tag.name.clone(),
    }
}

/// Which statuses the address asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusFilter {
    /// As the address says it; empty for all.
    pub value: String,
    pub statuses: Vec<RunStatus>,
}

/// What `?status=` has for all that are not over.
pub const UNFINISHED: &str = "unfinished";

/// The service's words behind each choice. One plain word may stand for two of the service's.
pub const CHOICES: [&str; 11] = [
    "NotStarted,Starting",
    "Provisioning,Preparing",
    "Queued",
    "Running",
    "Finalizing",
    "CancelRequested",
    "Completed",
    "Failed",
    "Canceled",
    "NotResponding",
    "Paused",
];

impl StatusFilter {
    /// Reads `Running`, `Queued,Running` or `unfinished`; what is no word of a status asks for nothing.
    pub fn read(parameter: &str) -> Self {
        if parameter == UNFINISHED {
            return Self { value: UNFINISHED.to_owned(), statuses: RunStatus::UNFINISHED.to_vec() };
        }
        let is_word =
            |word: &&str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphabetic());
        let statuses: Vec<RunStatus> = parameter.split(',').filter(is_word).map(RunStatus::new).collect();
        let words: Vec<&str> = statuses.iter().map(RunStatus::word).collect();
        Self { value: words.join(","), statuses }
    }

    /// In plain words.
    pub fn label(&self) -> String {
        if self.value == UNFINISHED {
            return "Unfinished".to_owned();
        }
        let mut words: Vec<String> = Vec::new();
        for status in &self.statuses {
            // A word of its own says more than that it is on hold, and one of two more than their common one.
            let is_alone = self.statuses.len() == 1 && !CHOICES.contains(&self.value.as_str());
            let word = match is_alone {
                true => format!("{} ({})", status.plain(), status.word()),
                false => status.plain().to_owned(),
            };
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words.join(", ")
    }

    /// The choices that it is made of, and what is left over.
    pub fn choices(&self) -> Vec<Self> {
        if self.statuses.is_empty() {
            return Vec::new();
        }
        if self.value == UNFINISHED {
            return vec![self.clone()];
        }
        let mut choices: Vec<Self> =
            CHOICES.iter().map(|choice| Self::read(choice)).filter(|choice| self.has(choice)).collect();
        let is_covered = |status: &&RunStatus| choices.iter().any(|choice| choice.statuses.contains(status));
        let rest: Vec<Self> = self
            .statuses
            .iter()
            .filter(|status| !is_covered(status))
            .map(|status| Self::read(status.word()))
            .collect();
        choices.extend(rest);
        choices
    }

    /// Whether all of a choice is asked for.
    pub fn has(&self, choice: &Self) -> bool {
        choice.statuses.iter().all(|status| self.statuses.contains(status))
    }

    /// The address without a choice.
    pub fn without(&self, choice: &Self) -> String {
        let left = self.statuses.iter().filter(|status| !choice.statuses.contains(status));
        left.map(RunStatus::word).collect::<Vec<_>>().join(",")
    }

    /// The address with a choice.
    pub fn with(&self, choice: &Self) -> String {
        if choice.value == UNFINISHED || self.statuses.is_empty() {
            return choice.value.clone();
        }
        format!("{},{}", self.without(choice), choice.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_579_642_200_000;

    fn run() -> Run {
        serde_json::from_str(
            r#"{"runId":"loaves_1","status":"Running","createdUtc":"2020-01-21T10:00:00Z","target":"cpu-compute",
                "createdBy":{"userName":"Ada"},"tags":{"_aml_system_x":"secret","team":"rye","when":"night shift"}}"#,
        )
        .unwrap()
    }

    fn filters(query: &str) -> Filters {
        Filters::read(&Location::parse(&format!("#/subscriptions?{query}")), NOW)
    }

    #[test]
    fn a_text_looks_at_what_the_row_shows() {
        for text in ["LOAVES", "working", "Running", "cpu", "ada%20rye"] {
            assert!(filters(&format!("filter={text}")).fits(&run()), "{text}");
        }
        assert!(!filters("filter=secret").fits(&run()));
        assert!(!filters("who=rye").fits(&run()) && filters("who=ad").fits(&run()));
    }

    #[test]
    fn what_the_service_cannot_be_asked_is_looked_at_here() {
        let plain = filters("compute=cpu-compute&tag=team%3Drye&status=Running&after=24h");
        assert_eq!(plain.only_here(), Vec::<&str>::new());
        assert_eq!(plain.asked().computes, ["cpu-compute"]);
        assert_eq!(plain.asked().tags.len(), 1);
        assert!(plain.fits(&run()));
        let odd = filters("tag=when%3Dnight%20shift&filter=x");
        assert_eq!(odd.only_here(), ["the text", "the tag"]);
        assert_eq!(odd.asked(), RunFilter::default());
        assert!(filters("tag=when%3Dnight%20shift").fits(&run()));
        assert!(!filters("tag=when%3Dday").fits(&run()));
    }

    #[test]
    fn what_the_service_refused_is_filtered_here() {
        let here = filters("status=Failed&compute=a&here=1");
        assert_eq!(here.asked(), RunFilter::default());
        assert_eq!(here.only_here(), ["the compute", "the status"]);
        assert!(!here.fits(&run()));
    }

    #[test]
    fn times_are_dates_or_as_far_back_as_their_words_say() {
        assert!(filters("after=24h").fits(&run()));
        assert!(!filters("after=1h").fits(&run()));
        assert!(filters("after=2020-01-21&before=2020-01-21").fits(&run()));
        assert!(!filters("before=2020-01-20").fits(&run()));
        assert!(filters("after=nonsense").is_empty());
    }

    #[test]
    fn each_filter_can_be_taken_out_alone() {
        let chips = filters("status=Failed,Queued&compute=a,b&after=7d").chips();
        let words: Vec<(&str, &str)> =
            chips.iter().map(|chip| (chip.label.as_str(), chip.value.as_str())).collect();
        assert_eq!(
            words,
            [
                ("Status: Waiting for a free computer", "Failed"),
                ("Status: Did not work", "Queued"),
                ("Compute: a", "b"),
                ("Compute: b", "a"),
                ("Last 7 days", ""),
            ]
        );
    }

    #[test]
    fn a_status_in_the_address_is_one_word_or_several() {
        let statuses = |text: &str| StatusFilter::read(text).statuses;
        assert_eq!(statuses("Running"), [RunStatus::Running]);
        assert_eq!(statuses("Queued,Running"), [RunStatus::Queued, RunStatus::Running]);
        assert_eq!(statuses(""), []);
        let unfinished = statuses(UNFINISHED);
        assert!(unfinished.contains(&RunStatus::Queued) && !unfinished.contains(&RunStatus::Failed));
    }

    #[test]
    fn an_address_cannot_put_more_than_words_into_the_question() {
        assert_eq!(StatusFilter::read("x or Status eq y").statuses, []);
        assert_eq!(StatusFilter::read("Running,(a)").statuses, [RunStatus::Running]);
    }

    #[test]
    fn statuses_are_chosen_one_by_one() {
        let queued = StatusFilter::read("Queued");
        let received = StatusFilter::read("NotStarted,Starting");
        let both = StatusFilter::read(&queued.with(&received));
        assert_eq!(both.value, "Queued,NotStarted,Starting");
        assert!(both.has(&received) && both.has(&queued));
        assert_eq!(both.without(&queued), "NotStarted,Starting");
        let labels: Vec<String> = both.choices().iter().map(StatusFilter::label).collect();
        assert_eq!(labels, ["Received", "Waiting for a free computer"]);
        assert_eq!(StatusFilter::read("Unapproved").choices()[0].label(), "On hold (Unapproved)");
    }
}
