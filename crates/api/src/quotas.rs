//! How many machines a subscription may have in a region, how many it has, and what the sizes of machines are.

use serde::Deserialize;

use crate::tolerant::null_as_default;
use crate::{Address, Operation, Page, Paged, Path, Query, Service, SubscriptionId, WorkspaceId, versions};

/// `…/providers/Microsoft.MachineLearningServices/locations/{location}/{what}`, or the next page of it.
fn address(subscription: &SubscriptionId, location: &str, what: &str, next: Option<&String>) -> Address {
    match next {
        Some(link) => Address::Link(Service::Management, link.clone()),
        None => Address::Path(
            Service::Management,
            Path::new(["subscriptions", subscription.as_str()]).join([
                "providers",
                "Microsoft.MachineLearningServices",
                "locations",
                location,
                what,
            ]),
            Query::version(versions::COMPUTES),
        ),
    }
}

/// `GET …/locations/{location}/usages` ([reference]): what is in use, each with its limit.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/usages/list
#[derive(Clone, Debug, PartialEq)]
pub struct ListUsages {
    /// Whose.
    pub subscription: SubscriptionId,
    /// The region, in its short form.
    pub location: String,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListUsages {
    type Output = Page<Usage>;

    fn address(&self) -> Address {
        address(&self.subscription, &self.location, "usages", self.next.as_ref())
    }
}

impl Paged for ListUsages {
    type Item = Usage;

    fn after(&self, page: &Page<Usage>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/locations/{location}/quotas` ([reference]): how a subscription's limits are shared out to its workspaces.
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/quotas/list
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuotas {
    /// Whose.
    pub subscription: SubscriptionId,
    /// The region, in its short form.
    pub location: String,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListQuotas {
    type Output = Page<Quota>;

    fn address(&self) -> Address {
        address(&self.subscription, &self.location, "quotas", self.next.as_ref())
    }
}

impl Paged for ListQuotas {
    type Item = Quota;

    fn after(&self, page: &Page<Quota>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/locations/{location}/vmSizes` ([reference]).
///
/// [reference]: https://learn.microsoft.com/rest/api/azureml/virtual-machine-sizes/list
#[derive(Clone, Debug, PartialEq)]
pub struct ListVmSizes {
    /// Whose.
    pub subscription: SubscriptionId,
    /// The region, in its short form.
    pub location: String,
}

impl Operation for ListVmSizes {
    type Output = VmSizes;

    fn address(&self) -> Address {
        address(&self.subscription, &self.location, "vmSizes", None)
    }
}

/// What is in use of a kind of machine.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Its ARM id; the same kind has one for the subscription and one for each workspace.
    #[serde(default, deserialize_with = "null_as_default")]
    pub id: String,
    /// What kind of limit it is.
    #[serde(rename = "type", default, deserialize_with = "null_as_default")]
    pub kind: String,
    /// What is counted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: UsageName,
    /// How much is in use.
    #[serde(default, deserialize_with = "null_as_default")]
    pub current_value: i64,
    /// How much there may be; see [`limit`](Self::limit).
    #[serde(rename = "limit", default = "no_limit")]
    limit_or_none: i64,
}

/// A limit, and whose it is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Quota {
    /// Its ARM id; the same kind has one for the subscription and one for each workspace.
    #[serde(default, deserialize_with = "null_as_default")]
    pub id: String,
    /// What kind of limit it is.
    #[serde(rename = "type", default, deserialize_with = "null_as_default")]
    pub kind: String,
    /// What is counted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: UsageName,
    /// How much there may be; see [`limit`](Self::limit).
    #[serde(rename = "limit", default = "no_limit")]
    limit_or_none: i64,
}

/// What is counted: a word of the service, and the same for people.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UsageName {
    /// `standardDFamily` in the service, a sentence in its examples.
    #[serde(deserialize_with = "null_as_default")]
    pub value: String,
    /// "Standard D Family Cluster Dedicated vCPUs".
    #[serde(deserialize_with = "null_as_default")]
    pub localized_value: String,
}

/// Every size of machine in a region. Older versions call the list `amlCompute`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct VmSizes {
    /// In the service's order.
    #[serde(alias = "amlCompute")]
    pub value: Vec<VmSize>,
}

/// A size of machine.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct VmSize {
    /// `Standard_D1_v2`; compared without case by the service.
    pub name: String,
    /// `standardDv2Family`, which quotas are counted by.
    #[serde(default, deserialize_with = "null_as_default")]
    pub family: String,
    /// Its processors.
    #[serde(rename = "vCPUs", default, deserialize_with = "null_as_default")]
    pub processors: u32,
    /// Its graphics processors; older versions do not tell.
    #[serde(default)]
    pub gpus: Option<u32>,
    /// Its memory.
    #[serde(rename = "memoryGB", default, deserialize_with = "null_as_default")]
    pub memory_gigabytes: f64,
    /// Whether there are cheap ones that may be taken away.
    #[serde(rename = "lowPriorityCapable", default, deserialize_with = "null_as_default")]
    pub low_priority_capable: bool,
}

fn no_limit() -> i64 {
    -1
}

fn limit(limit: i64) -> Option<u64> {
    u64::try_from(limit).ok()
}

impl UsageName {
    /// What people read: the sentence, or the word where there is none.
    pub fn label(&self) -> &str {
        match self.localized_value.as_str() {
            "" => &self.value,
            words => words,
        }
    }
}

impl Usage {
    /// How much there may be; none where no limit is set, which the service writes as −1.
    pub fn limit(&self) -> Option<u64> {
        limit(self.limit_or_none)
    }

    /// The workspace that it is counted for; none where it is the whole subscription.
    pub fn workspace(&self) -> Option<WorkspaceId> {
        workspace_of(&self.id)
    }

    /// Whether machines of a size are counted by it. Those that may be taken away are counted together, whatever their
    /// family.
    pub fn counts(&self, size: &VmSize, is_low_priority: bool) -> bool {
        let name = letters(&self.name.value);
        if is_low_priority {
            return name.contains("lowpriority");
        }
        // The service writes `standardDv2Family`; its examples, a sentence that begins so.
        let family = letters(&size.family);
        !family.is_empty() && name.starts_with(&family)
    }

    /// How much more of it can be had; none where there is no limit.
    pub fn left(&self) -> Option<u64> {
        let used = u64::try_from(self.current_value).unwrap_or_default();
        Some(self.limit()?.saturating_sub(used))
    }

    /// Whether nothing more of it can be had.
    pub fn is_used_up(&self) -> bool {
        self.limit().is_some_and(|limit| u64::try_from(self.current_value).is_ok_and(|used| used >= limit))
    }
}

impl Quota {
    /// How much there may be; none where no limit is set, which the service writes as −1.
    pub fn limit(&self) -> Option<u64> {
        limit(self.limit_or_none)
    }

    /// The workspace that it is for; none where it is the whole subscription.
    pub fn workspace(&self) -> Option<WorkspaceId> {
        workspace_of(&self.id)
    }
}

impl VmSizes {
    /// The size of that name, whatever the case.
    pub fn named(&self, name: &str) -> Option<&VmSize> {
        self.value.iter().find(|size| size.name.eq_ignore_ascii_case(name))
    }
}

/// What is left without spaces and case.
fn letters(words: &str) -> String {
    words.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `{workspace}/usages/{name}` and `{workspace}/quotas/{name}` belong to a workspace.
fn workspace_of(id: &str) -> Option<WorkspaceId> {
    let (resource, _name) = id.rsplit_once('/')?;
    let (workspace, _usages) = resource.rsplit_once('/')?;
    WorkspaceId::parse(workspace)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(text: &str) -> Usage {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn minus_one_is_no_limit_and_so_is_none() {
        assert_eq!(usage(r#"{"currentValue":3,"limit":-1}"#).limit(), None);
        assert_eq!(usage(r#"{"currentValue":3}"#).limit(), None);
        let full = usage(r#"{"currentValue":24,"limit":24}"#);
        assert_eq!((full.limit(), full.is_used_up()), (Some(24), true));
        assert!(!usage(r#"{"currentValue":23,"limit":24}"#).is_used_up());
        assert!(!usage(r#"{"currentValue":23,"limit":-1}"#).is_used_up());
        assert!(usage(r#"{"currentValue":0,"limit":0}"#).is_used_up());
    }

    #[test]
    fn a_usage_is_of_the_subscription_or_of_a_workspace() {
        let of = |id: &str| usage(&format!(r#"{{"id":"{id}"}}"#)).workspace().map(|id| id.name.to_string());
        assert_eq!(of("/subscriptions/s/usages/StandardD"), None);
        assert_eq!(
            of(
                "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/w/usages/StandardD"
            ),
            Some("w".to_owned())
        );
    }

    #[test]
    fn machines_are_counted_by_their_family_or_all_together_where_they_are_cheap() {
        let size: VmSize =
            serde_json::from_str(r#"{"name":"Standard_D1_v2","family":"standardDv2Family"}"#).unwrap();
        let named = |name: &str| usage(&format!(r#"{{"name":{{"value":"{name}"}}}}"#));
        assert!(named("standardDv2Family").counts(&size, false));
        assert!(named("Standard Dv2 Family Cluster Dedicated vCPUs").counts(&size, false));
        assert!(!named("standardDSv2Family").counts(&size, false));
        assert!(!named("standardDv2Family").counts(&size, true));
        assert!(named("Total Cluster Low-Priority Regional vCPUs").counts(&size, true));
        assert_eq!(usage(r#"{"currentValue":20,"limit":24}"#).left(), Some(4));
        assert_eq!(usage(r#"{"currentValue":30,"limit":24}"#).left(), Some(0));
        assert_eq!(usage(r#"{"currentValue":30,"limit":-1}"#).left(), None);
    }

    #[test]
    fn the_words_for_people_are_shown_where_there_are_any() {
        let named = |text: &str| serde_json::from_str::<UsageName>(text).unwrap().label().to_owned();
        assert_eq!(named(r#"{"value":"standardDFamily","localizedValue":"Standard D"}"#), "Standard D");
        assert_eq!(named(r#"{"value":"standardDFamily","localizedValue":null}"#), "standardDFamily");
    }

    #[test]
    fn sizes_are_found_whatever_their_case() {
        let sizes: VmSizes =
            serde_json::from_str(r#"{"amlCompute":[{"name":"Standard_D1_v2","vCPUs":1,"memoryGB":3.5}]}"#)
                .unwrap();
        assert_eq!(sizes.named("STANDARD_D1_V2").map(|size| size.processors), Some(1));
        assert!(sizes.named("Standard_D1").is_none());
    }
}
