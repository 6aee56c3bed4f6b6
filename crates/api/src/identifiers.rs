//! Names and ids, each a type of its own, so that one cannot stand in for another.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! identifier {
    ($($(#[$docs:meta])* $name:ident;)*) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text as the service writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<T: Into<String>> From<T> for $name {
            fn from(text: T) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

identifier! {
    /// The id of a subscription, usually a GUID.
    SubscriptionId;
    /// The name of a resource group; compared without case by the service.
    ResourceGroupName;
    /// The resource name of a workspace (not its `friendlyName`).
    WorkspaceName;
    /// The name of an experiment, unique in its workspace.
    ExperimentName;
    /// The id of a run, unique in its workspace.
    RunId;
    /// The id of a registered model, `name:version`.
    ModelId;
    /// The name of a compute in its workspace.
    ComputeName;
    /// The id of a web service, which is its name.
    ServiceId;
    /// The id of an image, `name:version`.
    ImageId;
    /// The id of an asset, what a model's `aml://asset/…` leads to.
    AssetId;
    /// The name of a datastore in its workspace.
    DatastoreName;
    /// The id of a notification.
    NotificationId;
    /// The id of something of the pipeline service: a pipeline run, a graph, a module, a template, a data source.
    PipelineId;
}

/// Where a workspace is in Azure Resource Manager.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WorkspaceId {
    /// The subscription that pays.
    pub subscription: SubscriptionId,
    /// The group that holds it.
    pub resource_group: ResourceGroupName,
    /// Its name.
    pub name: WorkspaceName,
}

impl WorkspaceId {
    /// The segments of the workspace's ARM id, which every data-plane path repeats.
    pub fn segments(&self) -> [&str; 8] {
        [
            "subscriptions",
            self.subscription.as_str(),
            "resourceGroups",
            self.resource_group.as_str(),
            "providers",
            "Microsoft.MachineLearningServices",
            "workspaces",
            self.name.as_str(),
        ]
    }

    /// Reads an ARM id (`/subscriptions/…/workspaces/{name}`); the fixed words in any case, as ARM writes them so.
    pub fn parse(arm_id: &str) -> Option<Self> {
        let parts: Vec<&str> = arm_id.trim_matches('/').split('/').collect();
        let [subscriptions, subscription, groups, group, providers, namespace, workspaces, name] =
            parts.as_slice()
        else {
            return None;
        };
        let fixed = [
            (subscriptions, "subscriptions"),
            (groups, "resourceGroups"),
            (providers, "providers"),
            (namespace, "Microsoft.MachineLearningServices"),
            (workspaces, "workspaces"),
        ];
        fixed.iter().all(|(found, expected)| found.eq_ignore_ascii_case(expected)).then(|| Self {
            subscription: (*subscription).into(),
            resource_group: (*group).into(),
            name: (*name).into(),
        })
    }
}

impl RunId {
    /// A run id made here, in the form that Microsoft's SDK makes: `{experiment}_{unix seconds}_{8 hex}`.
    ///
    /// Sending a submit again with the same id is answered 409 when the first one had arrived, so nothing runs twice.
    pub fn new(experiment: &ExperimentName, unix_seconds: u64, random: u32) -> Self {
        Self(format!("{experiment}_{unix_seconds}_{random:08x}"))
    }
}

impl ExperimentName {
    /// What is wrong with this as the name of an experiment, in a sentence.
    ///
    /// The rule is the SDK's: a letter or digit, then up to 254 letters, digits, `_` or `-`.
    pub fn fault(&self) -> Option<String> {
        let mut characters = self.0.chars();
        let Some(first) = characters.next() else {
            return Some("Give the experiment a name.".to_owned());
        };
        if !first.is_ascii_alphanumeric() {
            return Some(format!(
                "An experiment's name begins with a letter or a digit, not with “{first}”."
            ));
        }
        if let Some(wrong) = characters.find(|character| !is_name_character(*character)) {
            return Some(format!(
                "An experiment's name has letters, digits, _ and - only, not {}.",
                shown(wrong)
            ));
        }
        (self.0.len() > 255).then(|| {
            format!("An experiment's name has at most 255 characters; this one has {}.", self.0.len())
        })
    }
}

impl ResourceGroupName {
    /// What is wrong with this as the name of a resource group, in a sentence.
    ///
    /// The rule is Resource Manager's: up to 90 letters and digits of any script, `-`, `_`, `.`, `(` and `)`, and no dot
    /// at the end.
    pub fn fault(&self) -> Option<String> {
        if self.0.is_empty() {
            return Some("Give the resource group a name.".to_owned());
        }
        let is_good = |character: char| character.is_alphanumeric() || "-_.()".contains(character);
        if let Some(wrong) = self.0.chars().find(|character| !is_good(*character)) {
            let shown = shown(wrong);
            return Some(format!(
                "A resource group's name has letters, digits and - _ . ( ) only, not {shown}."
            ));
        }
        let length = self.0.chars().count();
        if length > 90 {
            return Some(format!(
                "A resource group's name has at most 90 characters; this one has {length}."
            ));
        }
        self.0.ends_with('.').then(|| "A resource group's name does not end with a dot.".to_owned())
    }
}

impl WorkspaceName {
    /// What is wrong with this as the name of a workspace, in a sentence.
    ///
    /// The rule is that of the SDK and of later specifications: a letter or digit, then 2 to 32 letters, digits, `_` or
    /// `-`.
    pub fn fault(&self) -> Option<String> {
        let mut characters = self.0.chars();
        let Some(first) = characters.next() else {
            return Some("Give the workspace a name.".to_owned());
        };
        if !first.is_ascii_alphanumeric() {
            return Some(format!(
                "A workspace's name begins with a letter or a digit, not with {}.",
                shown(first)
            ));
        }
        if let Some(wrong) = characters.find(|character| !is_name_character(*character)) {
            return Some(format!(
                "A workspace's name has letters, digits, _ and - only, not {}.",
                shown(wrong)
            ));
        }
        match self.0.len() {
            3..=33 => None,
            length => Some(format!("A workspace's name has 3 to 33 characters; this one has {length}.")),
        }
    }
}

/// A character, as a sentence names it.
fn shown(character: char) -> String {
    if character.is_whitespace() { "a space".to_owned() } else { format!("“{character}”") }
}

impl ComputeName {
    /// What is wrong with this as the name of a new compute, in a sentence.
    ///
    /// The rule is the SDK's: 2 to 16 letters, digits and `-`, a letter first and no `-` last.
    pub fn fault(&self) -> Option<String> {
        let mut characters = self.0.chars();
        let Some(first) = characters.next() else {
            return Some("Give the compute a name.".to_owned());
        };
        if !first.is_ascii_alphabetic() {
            return Some(format!("A compute's name begins with a letter, not with “{first}”."));
        }
        if let Some(wrong) =
            characters.find(|character| !character.is_ascii_alphanumeric() && *character != '-')
        {
            let shown = if wrong.is_whitespace() { "a space".to_owned() } else { format!("“{wrong}”") };
            return Some(format!("A compute's name has letters, digits and - only, not {shown}."));
        }
        match self.0.len() {
            1 => Some("A compute's name has at least 2 characters.".to_owned()),
            2..=16 if self.0.ends_with('-') => Some("A compute's name does not end with “-”.".to_owned()),
            2..=16 => None,
            length => Some(format!("A compute's name has at most 16 characters; this one has {length}.")),
        }
    }
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arm_id_is_read_in_any_case() {
        let id = "/subscriptions/s/resourcegroups/G/providers/microsoft.machinelearningservices/workspaces/w";
        let workspace = WorkspaceId::parse(id).unwrap();
        assert_eq!(workspace.resource_group.as_str(), "G");
        assert_eq!(workspace.name.as_str(), "w");
        assert_eq!(WorkspaceId::parse("/subscriptions/s/resourceGroups/g"), None);
        assert_eq!(
            WorkspaceId::parse("/subscriptions/s/resourceGroups/G/providers/Microsoft.Storage/workspaces/w"),
            None
        );
    }

    #[test]
    fn a_run_id_made_here_has_the_form_of_the_sdk() {
        let id = RunId::new(&"loaves-per-day".into(), 1_763_600_000, 0x2a);
        assert_eq!(id.as_str(), "loaves-per-day_1763600000_0000002a");
    }

    #[test]
    fn compute_names_follow_the_rule_of_the_service() {
        for good in ["c1", "gpu-cluster", &"x".repeat(16)] {
            assert_eq!(ComputeName::from(good).fault(), None, "{good}");
        }
        for (bad, said) in [
            ("", "a name"),
            ("c", "at least"),
            ("1c", "begins"),
            ("c_1", "“_”"),
            ("c d", "a space"),
            ("c-", "end"),
            (&"x".repeat(17), "this one has 17"),
        ] {
            let fault = ComputeName::from(bad).fault().expect("the name breaks the rule");
            assert!(fault.contains(said), "{bad}: {fault}");
        }
    }

    #[test]
    fn experiment_names_follow_the_rule_of_the_service() {
        for good in ["a", "my-first-experiment", "7days_ahead", &"x".repeat(255)] {
            assert_eq!(ExperimentName::from(good).fault(), None, "{good}");
        }
        for (bad, said) in [("", "a name"), ("-a", "begins"), ("a b", "a space"), ("a/b", "“/”")] {
            let fault = ExperimentName::from(bad).fault().expect("the name breaks the rule");
            assert!(fault.contains(said), "{bad}: {fault}");
        }
        assert!(ExperimentName::from("x".repeat(256)).fault().is_some());
    }

    #[test]
    fn resource_group_names_follow_the_rule_of_resource_manager() {
        for good in ["a", "bakery-rg", "Bäckerei_(1).x", &"x".repeat(90)] {
            assert_eq!(ResourceGroupName::from(good).fault(), None, "{good}");
        }
        for (bad, said) in [("", "a name"), ("a b", "a space"), ("a/b", "“/”"), ("a.", "a dot")] {
            let fault = ResourceGroupName::from(bad).fault().expect("the name breaks the rule");
            assert!(fault.contains(said), "{bad}: {fault}");
        }
        assert!(ResourceGroupName::from("ä".repeat(91)).fault().is_some_and(|fault| fault.contains("91")));
    }

    #[test]
    fn workspace_names_follow_the_rule_of_the_service() {
        for good in ["abc", "my-workspace", "7_days", &"x".repeat(33)] {
            assert_eq!(WorkspaceName::from(good).fault(), None, "{good}");
        }
        for (bad, said) in
            [("", "a name"), ("_ab", "begins"), ("a b", "a space"), ("ab", "3 to 33"), ("a.b", "“.”")]
        {
            let fault = WorkspaceName::from(bad).fault().expect("the name breaks the rule");
            assert!(fault.contains(said), "{bad}: {fault}");
        }
        assert!(WorkspaceName::from("x".repeat(34)).fault().is_some());
    }
}
