//! A courier whose workspace is full: for speed.

mod told;

use std::sync::Arc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::checksum::{fraction, guid, hex32};
use crate::datastores;
use crate::errors::sample;
use crate::experiment_runs::{Rule as _, Runs};
use crate::management::regions;
use crate::runs;
use crate::state::{Experiment, Run, State, Submission, Tenant, Work, Workspace, text};
use crate::times::stamp;
use crate::worlds::large::told::{Moving, Story, Told};

const TENANT_ID: &str = "7d3c5b1e-2f64-4a0b-8c19-5e0f7a9b2d31";
const SUBSCRIPTION_ID: &str = "1a76e000-0a5e-4f0e-8f1a-0d0f10a7e500";
const GROUP: &str = "courier-rg";
const WORKSPACE: &str = "deliveries";
const REGION: &str = "westeurope";
const HISTORY: &str = "https://westeurope.experiments.azureml.net";

const EXPERIMENTS: usize = 1_000;
const MODELS: usize = 5_000;

const ARCHIVE: &str = "archive";
const ARCHIVED_RUNS: usize = 10_000;
const COMPUTES: usize = 50;

/// A run that is handed in takes about a minute.
const STAGES: [(&str, f64); 6] = [
    ("NotStarted", 4.0),
    ("Starting", 5.0),
    ("Preparing", 9.0),
    ("Queued", 6.0),
    ("Running", 30.0),
    ("Finalizing", 6.0),
];

const OUT_OF_MEMORY: &str =
    "MemoryError: Unable to allocate 31.4 GiB for an array with shape (4212211, 1000) and data type float64";

/// The newest runs of the experiment with the most of them, oldest first: where each is, what lies ahead in seconds,
/// and why it fails if it does. The first outlasts whoever looks.
const MOVING: [Moving; 12] = [
    Moving { ahead: &[("Running", 14_400.0), ("Finalizing", 20.0)], fails: None },
    Moving { ahead: &[("Running", 900.0), ("Finalizing", 20.0)], fails: None },
    Moving { ahead: &[("Running", 40.0), ("Finalizing", 8.0)], fails: None },
    Moving { ahead: &[("Running", 75.0)], fails: Some(OUT_OF_MEMORY) },
    Moving { ahead: &[("Running", 2.0), ("Finalizing", 25.0)], fails: None },
    Moving { ahead: &[("Running", 150.0), ("Finalizing", 8.0)], fails: None },
    Moving { ahead: &[("Queued", 20.0), ("Running", 240.0), ("Finalizing", 8.0)], fails: None },
    Moving { ahead: &[("Queued", 60.0), ("Running", 120.0)], fails: Some(OUT_OF_MEMORY) },
    Moving { ahead: &[("Preparing", 30.0), ("Running", 600.0), ("Finalizing", 8.0)], fails: None },
    Moving { ahead: &[("Preparing", 50.0), ("Running", 60.0), ("Finalizing", 8.0)], fails: None },
    Moving { ahead: &[("Starting", 15.0), ("Preparing", 30.0), ("Running", 300.0)], fails: None },
    Moving { ahead: &[("NotStarted", 12.0), ("Starting", 15.0), ("Running", 180.0)], fails: None },
];

pub fn build(now: OffsetDateTime) -> State {
    let mut workspace = workspace(WORKSPACE, now);
    workspace.computes = (0..COMPUTES).map(|index| compute(&workspace, index, now)).collect();
    workspace.experiments = experiments(&workspace, now);
    workspace.models = (0..MODELS).map(|index| model(index, now)).collect();
    state(workspace)
}

/// The courier's other workspace, with little but the files of ten thousand runs: two gigabytes.
pub fn build_archive(now: OffsetDateTime) -> State {
    let mut workspace = workspace(ARCHIVE, now);
    workspace.computes = (0..2).map(|index| compute(&workspace, index, now)).collect();
    workspace.models = (0..20).map(|index| model(index, now)).collect();
    let newest = now - Duration::minutes(20);
    let story = Arc::new(Story::new(&workspace.document, TENANT_ID, (0..2).map(compute_name).collect()));
    let mut document = runs::experiment_document("every-parcel", &workspace.document, now);
    let told = Told::new(&story, &document, ARCHIVED_RUNS, newest).with_work(archived);
    document["createdUtc"] = stamp(told.begins()).into();
    tell_of_latest(&mut document, &told.run(ARCHIVED_RUNS - 1).document);
    workspace.experiments = vec![Experiment { document, runs: Runs::ruled(told) }];
    state(workspace)
}

/// Every fortieth run keeps ten megabytes, and one of them three hundred.
fn archived(place: usize) -> Work {
    let lines = match place {
        4_007 => 3_000_000,
        _ if place % 40 == 7 => 100_000,
        _ => 0,
    };
    Work::Keeping { lines }
}

fn state(workspace: Workspace) -> State {
    let subscription = json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}"),
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT_ID,
        "displayName": "Ferry and Field Couriers",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "tags": {},
    });
    let tenant = json!({
        "id": format!("/tenants/{TENANT_ID}"),
        "tenantId": TENANT_ID,
        "countryCode": "DK",
        "displayName": "Ferry and Field Couriers",
        "domains": ["ferry-and-field.example"],
        "tenantCategory": "Home",
        "defaultDomain": "ferry-and-field.example",
        "tenantType": "AAD",
    });
    let group = json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}"),
        "name": GROUP,
        "type": "Microsoft.Resources/resourceGroups",
        "location": REGION,
        "tags": {},
        "properties": { "provisioningState": "Succeeded" },
    });
    State {
        tenant: Tenant {
            id: TENANT_ID.to_owned(),
            object_id: guid("azimuth at the courier"),
            app_id: crate::CLIENT_ID.to_owned(),
        },
        tenants: vec![tenant],
        subscriptions: vec![subscription],
        regions: regions(),
        resource_groups: vec![group],
        registrations: Vec::new(),
        resources: Vec::new(),
        deleted: Vec::new(),
        workspaces: vec![workspace],
        submission: submission(),
        operations: Vec::new(),
    }
}

fn submission() -> Submission {
    let work = Work::Training { rounds: 30, first_error: 60.0, last_error: 7.5, diverges: false };
    Submission { stages: &STAGES, seconds_to_cancel: 6.0, work }
}

fn workspace(name: &str, now: OffsetDateTime) -> Workspace {
    let mut document = sample(include_str!("../../samples/arm_workspace_get.json"));
    let scope = format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{GROUP}");
    document["id"] = format!("{scope}/providers/Microsoft.MachineLearningServices/workspaces/{name}").into();
    document["name"] = name.into();
    document["location"] = REGION.into();
    document["identity"]["tenantId"] = TENANT_ID.into();
    let properties = &mut document["properties"];
    properties["friendlyName"] = "Deliveries".into();
    properties["description"] = "When parcels arrive".into();
    properties["creationTime"] = stamp(now - Duration::days(800)).into();
    properties["workspaceId"] = guid("the courier's workspace").into();
    properties["discoveryUrl"] = format!("{HISTORY}/discovery").into();
    for (field, kind) in [
        ("storageAccount", "Microsoft.Storage/storageAccounts"),
        ("keyVault", "Microsoft.Keyvault/vaults"),
        ("applicationInsights", "Microsoft.insights/components"),
        ("containerRegistry", "Microsoft.ContainerRegistry/registries"),
    ] {
        properties[field] = format!("{scope}/providers/{kind}/ferryandfield").into();
    }
    let mut workspace = Workspace::empty(document, submission());
    workspace.datastores = datastores::usual(&workspace, "parcels");
    workspace
}

fn compute_name(index: usize) -> String {
    let kind = if index % 3 == 2 { "gpu" } else { "cpu" };
    format!("{kind}-cluster-{index:02}")
}

fn compute(workspace: &Workspace, index: usize, now: OffsetDateTime) -> Value {
    let mut compute = sample(include_str!("../../samples/arm_compute_get_after_create.json"));
    let name = compute_name(index);
    let created = stamp(now - Duration::days(790 - 10 * i64::try_from(index).unwrap_or_default()));
    compute["id"] = format!("{}/computes/{name}", text(&workspace.document, "id")).into();
    compute["name"] = name.into();
    compute["location"] = REGION.into();
    compute["tags"] = json!({});
    let properties = &mut compute["properties"];
    properties["computeLocation"] = REGION.into();
    properties["description"] = Value::Null;
    properties["createdOn"] = created.clone().into();
    properties["modifiedOn"] = created.clone().into();
    let inner = &mut properties["properties"];
    inner["vmSize"] = if index % 3 == 2 { "STANDARD_NC6" } else { "STANDARD_DS3_V2" }.into();
    inner["scaleSettings"]["minNodeCount"] = 0.into();
    inner["scaleSettings"]["maxNodeCount"] = 16.into();
    for field in ["currentNodeCount", "targetNodeCount"] {
        inner[field] = 0.into();
    }
    inner["nodeStateCounts"]["idleNodeCount"] = 0.into();
    inner["allocationStateTransitionTime"] = created.into();
    compute
}

const TOPICS: [&str; 25] = [
    "route-length",
    "late-parcels",
    "fuel",
    "van-load",
    "doorstep-time",
    "returns",
    "night-shift",
    "rain",
    "bridge-closures",
    "lost-parcels",
    "first-attempt",
    "locker-demand",
    "bicycle-range",
    "tyre-wear",
    "road-works",
    "holiday-peak",
    "address-errors",
    "customs",
    "cold-chain",
    "fragile",
    "sorting-belt",
    "driver-breaks",
    "tolls",
    "parking",
    "noise",
];
const PLACES: [&str; 40] = [
    "aarhus",
    "bergen",
    "bremen",
    "bruges",
    "cadiz",
    "calais",
    "cork",
    "dover",
    "dublin",
    "esbjerg",
    "faro",
    "galway",
    "gdansk",
    "genoa",
    "ghent",
    "gothenburg",
    "hamburg",
    "kiel",
    "leith",
    "lisbon",
    "malmo",
    "nantes",
    "naples",
    "odense",
    "oslo",
    "ostend",
    "palermo",
    "porto",
    "riga",
    "rostock",
    "rotterdam",
    "split",
    "tallinn",
    "tartu",
    "trieste",
    "turku",
    "utrecht",
    "varna",
    "venice",
    "vigo",
];

/// Experiments with the numbers of their runs: the largest first, then one with a thousand, then some with a few.
fn experiments(workspace: &Workspace, now: OffsetDateTime) -> Vec<Experiment> {
    let story =
        Arc::new(Story::new(&workspace.document, TENANT_ID, (0..COMPUTES).map(compute_name).collect()));
    let few = |index: usize| {
        let name = format!("{}-{}", TOPICS[index % TOPICS.len()], PLACES[index / TOPICS.len()]);
        let name = match index % 37 {
            36 => {
                name + "-as-it-was-before-the-new-depot-with-the-weather-of-ten-years-and-every-closed-road"
            }
            _ => name,
        };
        let days = Duration::seconds_f64(86_400.0 * 700.0 * fraction(&name));
        let count = (41.0 * fraction(&format!("runs of {name}"))) as usize;
        experiment(&story, workspace, &name, count, &[], now - Duration::hours(1) - days, now)
    };
    let newest = now - Duration::minutes(20);
    let most = experiment(&story, workspace, "arrival-time", 100_000, &MOVING, newest, now);
    let thousand = experiment(&story, workspace, "parcel-weight", 1_000, &MOVING[..2], newest, now);
    [most, thousand].into_iter().chain((0..EXPERIMENTS - 2).map(few)).collect()
}

/// An experiment with `count` runs, of which the newest move.
fn experiment(
    story: &Arc<Story>,
    workspace: &Workspace,
    name: &str,
    count: usize,
    moving: &[Moving],
    newest: OffsetDateTime,
    now: OffsetDateTime,
) -> Experiment {
    let mut document = runs::experiment_document(name, &workspace.document, now);
    let told = Told::new(story, &document, count - moving.len(), newest);
    document["createdUtc"] = stamp(told.begins()).into();
    if fraction(name) < 0.3 {
        document["description"] = format!("What we know about {}", name.replace('-', " ")).into();
        document["tags"] = json!({ "team": "deliveries" });
    }
    let moving: Vec<Run> = (0..).zip(moving).map(|(index, moving)| told.moving(moving, index, now)).collect();
    let last = told.count().checked_sub(1).map(|last| told.run(last).document);
    if let Some(last) = moving.last().map(|run| run.document.clone()).or(last) {
        tell_of_latest(&mut document, &last);
    }
    let mut runs = Runs::ruled(told);
    moving.into_iter().for_each(|run| runs.push(run));
    Experiment { document, runs }
}

/// An experiment names the newest of its runs.
fn tell_of_latest(experiment: &mut Value, run: &Value) {
    experiment["latestCreatedRunId"] = run["runId"].clone();
    experiment["latestCreatedRunCreatedUtc"] = run["createdUtc"].clone();
}

const FRAMEWORKS: [&str; 5] = ["ScikitLearn", "TensorFlow", "Onnx", "PyTorch", "Custom"];

/// Five hundred names with ten versions each, the newest version last.
fn model(index: usize, now: OffsetDateTime) -> Value {
    let (version, number) = (index / (MODELS / 10) + 1, index % (MODELS / 10));
    let name = format!("{}-{}", TOPICS[number % TOPICS.len()], PLACES[number / TOPICS.len()]);
    let id = format!("{name}:{version}");
    let ago = Duration::hours(3) * i32::try_from(MODELS - index).unwrap_or_default();
    let created = stamp(now - ago);
    let mut model = sample(include_str!("../../samples/model_get.json"));
    model["url"] = format!("aml://asset/{}", hex32(&id)).into();
    model["id"] = id.as_str().into();
    model["name"] = name.as_str().into();
    model["version"] = version.into();
    model["framework"] = FRAMEWORKS[number % FRAMEWORKS.len()].into();
    model["frameworkVersion"] = Value::Null;
    model["description"] = if number % 4 == 0 { Value::Null } else { format!("Version {version}").into() };
    model["createdTime"] = created.clone().into();
    model["modifiedTime"] = created.into();
    model["runId"] = Value::Null;
    model["experimentName"] = name.into();
    model["kvTags"] = if version == 10 { json!({ "in-use": "yes" }) } else { json!({}) };
    model
}
