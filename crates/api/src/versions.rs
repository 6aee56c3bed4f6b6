//! Every api-version that we speak, in one table.
//!
//! Services that carry their version in the path (run history, execution, artifacts) have none here.

/// `Microsoft.Resources/subscriptions`.
pub const SUBSCRIPTIONS: &str = "2020-01-01";
/// `Microsoft.Resources/resourceGroups`.
pub const RESOURCE_GROUPS: &str = "2021-04-01";
/// Resource providers of a subscription.
pub const PROVIDERS: &str = "2021-04-01";
/// `Microsoft.MachineLearningServices/workspaces`.
pub const WORKSPACES: &str = "2019-11-01";
/// `…/workspaces/{workspace}/resyncKeys`: before, the service does not tell how it goes.
pub const RESYNC_KEYS: &str = "2021-03-01-preview";
/// `Microsoft.MachineLearningServices/workspaces/computes`: the first version that knows compute instances.
pub const COMPUTES: &str = "2021-03-01-preview";
/// Model management.
pub const MODEL_MANAGEMENT: &str = "2019-11-01";

/// All of them by what they are of, to be shown; paths are named with the version that they carry.
pub const ALL: [(&str, &str); 7] = [
    ("Subscriptions", SUBSCRIPTIONS),
    ("Resource groups", RESOURCE_GROUPS),
    ("Resource providers", PROVIDERS),
    ("Workspaces", WORKSPACES),
    ("Computes", COMPUTES),
    ("Models", MODEL_MANAGEMENT),
    ("Experiments and runs", "v1.0, in the path"),
];
