//! What somebody wants of a workspace.

use std::collections::BTreeSet;

use azimuth_api::{ExperimentName, RunId, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

/// What somebody wants of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Selection {
    /// Of which.
    pub workspace: WorkspaceId,
    /// What of it.
    pub kinds: BTreeSet<Kind>,
    /// Of these experiments alone.
    pub experiments: Option<Vec<ExperimentName>>,
    /// Of these runs alone.
    pub runs: Option<Vec<RunId>>,
    /// What these people made alone: their names or object ids, as the service writes them.
    pub people: Option<Vec<String>>,
    /// What was made at this moment or later.
    #[serde(with = "moment")]
    pub from: Option<Timestamp>,
    /// What was made before this moment.
    #[serde(with = "moment")]
    pub to: Option<Timestamp>,
    /// The logs of runs too.
    pub with_logs: bool,
    /// What is in the other files of runs too.
    pub with_contents: bool,
    /// With numbers in the place of the names of people.
    pub redacted: bool,
}

impl Selection {
    /// All that there is of a workspace but what is in files.
    pub fn all(workspace: WorkspaceId) -> Self {
        Self {
            workspace,
            kinds: Kind::ALL.into(),
            experiments: None,
            runs: None,
            people: None,
            from: None,
            to: None,
            with_logs: true,
            with_contents: false,
            redacted: false,
        }
    }

    /// Whether a kind is wanted.
    pub fn has(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }

    /// Whether something belongs to what is wanted, by when it was made and by who made it (every name and id that it
    /// says). What does not say one of them is not left out for it.
    pub fn fits<'a>(&self, created: Option<Timestamp>, made_by: impl IntoIterator<Item = &'a str>) -> bool {
        let is_in_time = created.is_none_or(|created| {
            self.from.is_none_or(|from| created >= from) && self.to.is_none_or(|to| created < to)
        });
        is_in_time
            && self.people.as_ref().is_none_or(|people| {
                let mut named = made_by.into_iter().filter(|name| !name.is_empty()).peekable();
                named.peek().is_none()
                    || named.any(|name| people.iter().any(|person| person.eq_ignore_ascii_case(name)))
            })
    }

    /// Whether people or times narrow it.
    pub fn is_narrowed(&self) -> bool {
        self.people.is_some() || self.from.is_some() || self.to.is_some()
    }
}

/// A kind of thing that can be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Workspace,
    Computes,
    Experiments,
    Runs,
    Metrics,
    Files,
    Notifications,
    Datastores,
    Models,
    Assets,
    Images,
    Services,
    Pipelines,
}

impl Kind {
    /// In the order in which they are shown.
    pub const ALL: [Self; 13] = [
        Self::Workspace,
        Self::Computes,
        Self::Experiments,
        Self::Runs,
        Self::Metrics,
        Self::Files,
        Self::Notifications,
        Self::Datastores,
        Self::Models,
        Self::Assets,
        Self::Images,
        Self::Services,
        Self::Pipelines,
    ];

    /// Its name in addresses and in the archive.
    pub fn word(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Computes => "computes",
            Self::Experiments => "experiments",
            Self::Runs => "runs",
            Self::Metrics => "metrics",
            Self::Files => "files",
            Self::Notifications => "notifications",
            Self::Datastores => "datastores",
            Self::Models => "models",
            Self::Assets => "assets",
            Self::Images => "images",
            Self::Services => "services",
            Self::Pipelines => "pipelines",
        }
    }

    /// The kind of a name in addresses.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What it is found by, so that it cannot be taken without it.
    pub fn needs(self) -> Option<Self> {
        matches!(self, Self::Metrics | Self::Files | Self::Pipelines).then_some(Self::Runs)
    }
}

/// Moments as the manifest has them: ISO 8601 in UTC, or nothing.
mod moment {
    use azimuth_api::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(moment: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        moment.map(|moment| format!("{}Z", moment.iso())).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.as_deref().and_then(Timestamp::parse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection() -> Selection {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
        Selection::all(WorkspaceId::parse(id).unwrap())
    }

    fn time(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_selection_is_read_back_as_it_was_written() {
        let wanted = Selection {
            experiments: Some(vec!["loaves per/day".into()]),
            people: Some(vec!["Maya".to_owned()]),
            from: Some(time("2020-01-21T00:00:00Z")),
            ..selection()
        };
        let text = serde_json::to_string(&wanted).unwrap();
        assert!(text.contains(r#""from":"2020-01-21T00:00:00Z","to":null,"withLogs":true"#), "{text}");
        assert_eq!(serde_json::from_str::<Selection>(&text).unwrap(), wanted);
    }

    #[test]
    fn each_kind_has_one_name_in_addresses_and_in_the_archive() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Kind::from_word("secrets"), None);
    }

    #[test]
    fn a_time_span_has_its_beginning_and_not_its_end() {
        let (from, to) = (time("2020-01-21T00:00:00Z"), time("2020-01-22T00:00:00Z"));
        let wanted = Selection { from: Some(from), to: Some(to), ..selection() };
        assert!(wanted.fits(Some(from), []));
        assert!(!wanted.fits(Some(to), []));
        assert!(!wanted.fits(Some(time("2020-01-20T23:59:59Z")), []));
        assert!(wanted.fits(None, []), "what does not say when it was made is not left out");
    }

    #[test]
    fn a_person_is_found_by_name_or_id_and_what_names_nobody_is_not_left_out() {
        let wanted = Selection { people: Some(vec!["Maya Miller".to_owned()]), ..selection() };
        assert!(wanted.fits(None, ["0000-1", "maya miller"]));
        assert!(!wanted.fits(None, ["0000-2", "Noah"]));
        assert!(wanted.fits(None, ["", ""]));
        assert!(wanted.fits(None, []));
    }
}
