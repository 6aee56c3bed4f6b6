//! The states of a run, in the service's words and in plain ones.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// The status of a run, as the service writes it. Its words are known from Microsoft's SDK; any other word is kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RunStatus {
    /// Known to run history, not yet handed to a service.
    NotStarted,
    /// Accepted.
    Starting,
    /// A compute is being made.
    Provisioning,
    /// The environment is being made: image, packages.
    Preparing,
    /// Waits for nodes.
    Queued,
    /// The script runs.
    Running,
    /// The script is over; its outputs are collected.
    Finalizing,
    /// Somebody asked to stop it.
    CancelRequested,
    /// All fine.
    Completed,
    /// It did not work.
    Failed,
    /// It was stopped.
    Canceled,
    /// Nothing was heard of it for a while.
    NotResponding,
    /// On hold.
    Paused,
    /// A word that is not in the list.
    Other(String),
}

/// What a status means for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunPhase {
    /// Something has to happen before it runs.
    Waiting,
    /// It is being worked on.
    Working,
    /// Over, and well.
    Done,
    /// Over, and not well.
    Failed,
    /// Over, because somebody said so.
    Stopped,
    /// Nobody can say.
    Unclear,
}

impl RunStatus {
    /// Every word for a run that is not over, for filters.
    pub const UNFINISHED: [Self; 10] = [
        Self::NotStarted,
        Self::Starting,
        Self::Provisioning,
        Self::Preparing,
        Self::Queued,
        Self::Running,
        Self::Finalizing,
        Self::CancelRequested,
        Self::NotResponding,
        Self::Paused,
    ];

    /// Reads the service's word; `Cancelled` and `Finished` are other spellings that are about.
    pub fn new(word: &str) -> Self {
        match word {
            "NotStarted" => Self::NotStarted,
            "Starting" => Self::Starting,
            "Provisioning" => Self::Provisioning,
            "Preparing" => Self::Preparing,
            "Queued" => Self::Queued,
            "Running" => Self::Running,
            "Finalizing" => Self::Finalizing,
            "CancelRequested" => Self::CancelRequested,
            "Completed" | "Finished" => Self::Completed,
            "Failed" => Self::Failed,
            "Canceled" | "Cancelled" => Self::Canceled,
            "NotResponding" => Self::NotResponding,
            "Paused" => Self::Paused,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The service's word.
    pub fn word(&self) -> &str {
        match self {
            Self::NotStarted => "NotStarted",
            Self::Starting => "Starting",
            Self::Provisioning => "Provisioning",
            Self::Preparing => "Preparing",
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Finalizing => "Finalizing",
            Self::CancelRequested => "CancelRequested",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::NotResponding => "NotResponding",
            Self::Paused => "Paused",
            Self::Other(word) => word,
        }
    }

    /// A plain word for it.
    pub fn plain(&self) -> &'static str {
        match self {
            Self::NotStarted | Self::Starting => "Received",
            Self::Provisioning | Self::Preparing => "Getting the computer ready",
            Self::Queued => "Waiting for a free computer",
            Self::Running => "Working",
            Self::Finalizing => "Saving results",
            Self::CancelRequested => "Stopping",
            Self::Completed => "Done",
            Self::Failed => "Did not work",
            Self::Canceled => "Stopped",
            Self::NotResponding => "Silent for a while, may come back",
            Self::Paused | Self::Other(_) => "On hold",
        }
    }

    /// Whether it never changes again. Words that we do not know may.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }

    /// What it means for whoever waits.
    pub fn phase(&self) -> RunPhase {
        match self {
            Self::NotStarted | Self::Starting | Self::Provisioning | Self::Preparing | Self::Queued => {
                RunPhase::Waiting
            }
            Self::Running | Self::Finalizing | Self::CancelRequested => RunPhase::Working,
            Self::Completed => RunPhase::Done,
            Self::Failed => RunPhase::Failed,
            Self::Canceled => RunPhase::Stopped,
            Self::NotResponding | Self::Paused | Self::Other(_) => RunPhase::Unclear,
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl<'de> Deserialize<'de> for RunStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A run without a status has been seen nowhere; if one comes, it is on hold rather than lost.
        Ok(Self::new(&Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_are_kept_and_not_finished() {
        let status = RunStatus::new("Hibernating");
        assert_eq!((status.word(), status.is_finished(), status.plain()), ("Hibernating", false, "On hold"));
    }

    #[test]
    fn both_spellings_of_the_end_are_one() {
        assert_eq!(RunStatus::new("Cancelled"), RunStatus::Canceled);
        assert_eq!(RunStatus::new("Finished"), RunStatus::Completed);
    }

    #[test]
    fn three_states_never_change_again() {
        let words = [
            "NotStarted",
            "Starting",
            "Provisioning",
            "Preparing",
            "Queued",
            "Running",
            "Finalizing",
            "CancelRequested",
            "Completed",
            "Failed",
            "Canceled",
            "NotResponding",
            "Paused",
            "Unapproved",
        ];
        let finished: Vec<_> = words.into_iter().filter(|word| RunStatus::new(word).is_finished()).collect();
        assert_eq!(finished, ["Completed", "Failed", "Canceled"]);
        assert!(words.into_iter().all(|word| RunStatus::new(word).word() == word));
    }
}
