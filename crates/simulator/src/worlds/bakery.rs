//! A bakery by a harbour that wants to know how many loaves to bake tomorrow.

mod deployed;
mod nightly;
mod photos;
mod sweep;
mod waiting_room;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::checksum::{guid, hex32};
use crate::datastores;
use crate::errors::{run_error, sample};
use crate::experiment_runs::Runs;
use crate::management::regions;
use crate::operations::{Change, Operation};
use crate::resources;
use crate::run_definition;
use crate::run_progress::{Cancel, Course, Ending};
use crate::runs::{self, NewRun};
use crate::state::{Experiment, Run, State, Submission, Tenant, Work, Workspace, text};
use crate::times::{seconds, stamp};

const TENANT_ID: &str = "5f0a1c2e-7b7e-4b0e-9d55-0b2a6e1f4c10";
const SUBSCRIPTION_ID: &str = "b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa";
const REGION: &str = "westeurope";
const HISTORY: &str = "https://westeurope.experiments.azureml.net";

/// A run that is handed in takes about a minute, and no state is too short to be seen.
const STAGES: [(&str, f64); 6] = [
    ("NotStarted", 4.0),
    ("Starting", 5.0),
    ("Preparing", 9.0),
    ("Queued", 6.0),
    ("Running", 30.0),
    ("Finalizing", 6.0),
];

pub fn build(now: OffsetDateTime) -> State {
    let subscription = json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}"),
        "subscriptionId": SUBSCRIPTION_ID,
        "tenantId": TENANT_ID,
        "displayName": "Harbour Bakery",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "tags": {},
    });
    let tenant = json!({
        "id": format!("/tenants/{TENANT_ID}"),
        "tenantId": TENANT_ID,
        "countryCode": "NL",
        "displayName": "Harbour Bakery",
        "domains": ["harbour-bakery.example"],
        "tenantCategory": "Home",
        "defaultDomain": "harbour-bakery.example",
        "tenantType": "AAD",
    });
    let forecasting = forecasting(now);
    // The cluster that is being made is there in some minutes.
    let new = forecasting.compute("new-cluster").map_or("", |compute| text(compute, "id"));
    let operation = Operation::new(new, Change::Create, "the new cluster", now + Duration::minutes(3));
    State {
        tenant: Tenant {
            id: TENANT_ID.to_owned(),
            object_id: guid("azimuth at the bakery"),
            app_id: crate::CLIENT_ID.to_owned(),
        },
        tenants: vec![tenant],
        subscriptions: vec![subscription],
        regions: regions(),
        resource_groups: vec![
            group("bakery-archive-rg", json!({ "purpose": "old shops, nothing in here" })),
            group("bakery-lab-rg", json!({ "team": "data" })),
            group("bakery-rg", json!({ "team": "data", "cost-centre": "ovens" })),
        ],
        registrations: Vec::new(),
        resources: spare_resources(),
        deleted: Vec::new(),
        workspaces: vec![forecasting, playground(now)],
        submission: submission(),
        operations: vec![operation],
    }
}

fn group(name: &str, tags: Value) -> Value {
    json!({
        "id": format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{name}"),
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": REGION,
        "tags": tags,
        "properties": { "provisioningState": "Succeeded" },
    })
}

/// What the next workspaces can be made of.
fn spare_resources() -> Vec<Value> {
    let spare = [
        ("bakery-rg", "bakeryspare", "Microsoft.Storage/storageAccounts"),
        ("bakery-rg", "bakery-spare", "Microsoft.KeyVault/vaults"),
        ("bakery-rg", "bakery-spare", "Microsoft.Insights/components"),
        ("bakery-rg", "noadminregistry", "Microsoft.ContainerRegistry/registries"),
        ("bakery-rg", "ovencamera", "Microsoft.Compute/virtualMachines"),
        ("bakery-archive-rg", "bakeryarchive", "Microsoft.Storage/storageAccounts"),
    ];
    let resource = |(group, name, kind): (&str, &str, &str)| {
        let id = format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{group}/providers/{kind}/{name}");
        resources::document(&id, REGION)
    };
    spare.map(resource).to_vec()
}

/// A workspace with nothing in it.
fn workspace(group: &str, name: &str, storage: &str, created: OffsetDateTime) -> Workspace {
    let mut document = sample(include_str!("../../samples/arm_workspace_get.json"));
    let scope = format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/{group}");
    document["id"] = format!("{scope}/providers/Microsoft.MachineLearningServices/workspaces/{name}").into();
    document["name"] = name.into();
    document["location"] = REGION.into();
    document["identity"]["principalId"] = guid(&format!("identity of {name}")).into();
    document["identity"]["tenantId"] = TENANT_ID.into();
    let properties = &mut document["properties"];
    properties["creationTime"] = stamp(created).into();
    properties["workspaceId"] = guid(&format!("workspace {name}")).into();
    properties["discoveryUrl"] = format!("{HISTORY}/discovery").into();
    properties["provisioningState"] = "Succeeded".into();
    for (field, kind) in [
        ("storageAccount", "Microsoft.Storage/storageAccounts"),
        ("keyVault", "Microsoft.Keyvault/vaults"),
        ("applicationInsights", "Microsoft.insights/components"),
        ("containerRegistry", "Microsoft.ContainerRegistry/registries"),
    ] {
        properties[field] = format!("{scope}/providers/{kind}/{storage}").into();
    }
    Workspace::empty(document, submission())
}

fn submission() -> Submission {
    Submission {
        stages: &STAGES,
        seconds_to_cancel: 6.0,
        work: Work::Training { rounds: 30, first_error: 24.0, last_error: 6.4, diverges: false },
    }
}

fn playground(now: OffsetDateTime) -> Workspace {
    let mut workspace =
        workspace("bakery-lab-rg", "playground", "bakeryplayground", now - Duration::days(40));
    workspace.document["properties"]["friendlyName"] = "Playground".into();
    workspace.document["properties"]["description"] = "For trying things out".into();
    let created = now - Duration::days(39);
    let compute =
        cluster(&workspace, "tiny-compute", "STANDARD_DS2_V2", (0, 1, 0), created, "One small computer");
    workspace.computes = vec![compute];
    let told = [Told {
        id: "hello_bread_1",
        note: Some("Prints a line"),
        minutes_ago: 60.0 * 24.0 * 30.0,
        how: How::Completed { minutes: 0.5 },
        target: "tiny-compute",
        script: "hello.py",
        ..Told::usual()
    }];
    experiment(&mut workspace, now, "hello-bread", None, &told);
    for run in workspace.experiments.iter_mut().flat_map(|experiment| experiment.runs.kept_mut()) {
        run.work = Work::Hello;
    }
    workspace
}

fn forecasting(now: OffsetDateTime) -> Workspace {
    let mut workspace = workspace("bakery-rg", "forecasting", "bakeryforecasting", now - Duration::days(120));
    workspace.document["properties"]["friendlyName"] = "Forecasting".into();
    workspace.document["properties"]["description"] = "How many loaves to bake tomorrow".into();
    workspace.document["tags"] = json!({ "team": "data" });
    workspace.computes = computes(&workspace, now);
    experiments(&mut workspace, now);
    workspace.models = models(now);
    workspace.assets = assets(&workspace.models);
    workspace.images = deployed::images(&workspace, now);
    workspace.services = deployed::services(&workspace, now);
    workspace.services.push(service(&workspace, now));
    workspace.datastores = datastores::usual(&workspace, "harbour");
    workspace.datastores.extend(deployed::datastores(&workspace));
    workspace.tasks = deployed::tasks(now);
    workspace
}

fn computes(workspace: &Workspace, now: OffsetDateTime) -> Vec<Value> {
    let days = |days| now - Duration::days(days);
    let cpu = cluster(workspace, "cpu-compute", "STANDARD_DS3_V2", (1, 6, 2), days(118), "Everyday work");
    let gpu = cluster(workspace, "gpu-cluster", "STANDARD_NC6", (0, 4, 4), days(90), "For the long nights");
    let mut new = cluster(
        workspace,
        "new-cluster",
        "STANDARD_DS4_V2",
        (0, 2, 0),
        now - Duration::minutes(2),
        "Being made right now",
    );
    new["properties"]["provisioningState"] = "Creating".into();
    for field in ["allocationState", "allocationStateTransitionTime", "currentNodeCount", "targetNodeCount"] {
        new["properties"]["properties"][field] = Value::Null;
    }
    new["properties"]["properties"]["nodeStateCounts"] = Value::Null;

    let mut failed =
        cluster(workspace, "huge-cluster", "STANDARD_NC24", (0, 40, 0), days(20), "Too big to get");
    failed["properties"]["provisioningState"] = "Failed".into();
    failed["properties"]["provisioningErrors"] = json!([{ "error": {
        "code": "ClusterCoreQuotaReached",
        "message": "The cluster needs 960 cores, and the subscription has 24 left in westeurope. Ask for more quota, \
                    or make a smaller cluster.",
    } }]);

    // It wants more nodes than the quota of its family gives: one run works, others wait.
    let mut night = cluster(
        workspace,
        "night-cluster",
        "STANDARD_F16S_V2",
        (0, 4, 1),
        days(30),
        "When the ovens are cold",
    );
    let inner = &mut night["properties"]["properties"];
    inner["errors"] = json!([{ "error": {
        "code": "ClusterCoreQuotaReached",
        "message": "Operation results in exceeding quota limits of the family Standard FSv2. Maximum allowed: 16, \
                    current in use: 16, additional requested: 16.",
    } }]);

    let mut instance = sample(include_str!("../../samples/arm_compute_get_computeinstance.json"));
    name_compute(&mut instance, workspace, "mayas-computer");
    let properties = &mut instance["properties"];
    properties["description"] = "Maya's notebook computer".into();
    properties["createdOn"] = stamp(days(60)).into();
    properties["modifiedOn"] = stamp(days(1)).into();
    let inner = &mut properties["properties"];
    inner["state"] = "Stopped".into();
    inner["vmSize"] = "STANDARD_DS3_V2".into();
    inner["subnet"] = Value::Null;
    inner["createdBy"] = json!({
        "userName": "Maya Lindqvist",
        "userOrgId": TENANT_ID,
        "userId": guid("Maya Lindqvist"),
    });
    inner["personalComputeInstanceSettings"]["assignedUser"] =
        json!({ "objectId": guid("Maya Lindqvist"), "tenantId": TENANT_ID });
    inner["applications"] = json!([{
        "displayName": "Jupyter",
        "endpointUri": "https://mayas-computer.westeurope.azureml.net/jupyter",
    }]);
    let team =
        cluster(workspace, "team-cluster", "STANDARD_D2_V2", (0, 8, 3), days(50), "For sweeps and pipelines");
    let services = deployed::cluster(workspace, days(80));
    vec![cpu, gpu, failed, instance, new, night, services, team]
}

fn name_compute(compute: &mut Value, workspace: &Workspace, name: &str) {
    compute["id"] = format!("{}/computes/{name}", text(&workspace.document, "id")).into();
    compute["name"] = name.into();
    compute["location"] = REGION.into();
    compute["tags"] = json!({});
    compute["properties"]["computeLocation"] = REGION.into();
}

/// A cluster with its least, its most and its present number of nodes.
fn cluster(
    workspace: &Workspace,
    name: &str,
    size: &str,
    (least, most, present): (u64, u64, u64),
    created: OffsetDateTime,
    description: &str,
) -> Value {
    let mut compute = sample(include_str!("../../samples/arm_compute_get_after_create.json"));
    name_compute(&mut compute, workspace, name);
    let properties = &mut compute["properties"];
    properties["description"] = description.into();
    properties["createdOn"] = stamp(created).into();
    properties["modifiedOn"] = stamp(created).into();
    let inner = &mut properties["properties"];
    inner["vmSize"] = size.into();
    inner["scaleSettings"]["minNodeCount"] = least.into();
    inner["scaleSettings"]["maxNodeCount"] = most.into();
    inner["currentNodeCount"] = present.into();
    inner["targetNodeCount"] = present.into();
    inner["nodeStateCounts"]["idleNodeCount"] = present.into();
    inner["allocationStateTransitionTime"] = stamp(created).into();
    compute
}

/// Name, version, days ago, run, experiment, what it is, framework.
type Registered = (&'static str, u64, i64, &'static str, &'static str, &'static str, &'static str);

const MODELS: [Registered; 8] = [
    ("weather-lookup", 1, 10, "rainy_morning_1", "weather-features", "Rain and wind by the hour", "Custom"),
    ("croissant-waste", 1, 8, "thin_layer_1", "croissant-waste", "Left over at closing time", "ScikitLearn"),
    (
        "loaves-forecaster",
        1,
        6,
        "golden_crust_1",
        "loaves-per-day",
        "The average of four weeks",
        "ScikitLearn",
    ),
    (
        "loaves-forecaster",
        2,
        5,
        "quiet_flour_2",
        "loaves-per-day",
        "Knows the day of the week",
        "ScikitLearn",
    ),
    ("croissant-waste", 2, 4, "soft_butter_2", "croissant-waste", "Left over, by shop", "ScikitLearn"),
    ("loaves-forecaster", 3, 2, "early_rye_6", "loaves-per-day", "Knows the weather", "ScikitLearn"),
    ("oven-settings", 1, 1, "many_ovens_1_1", "oven-settings", "The best of four settings", "ScikitLearn"),
    (
        "loaves-forecaster",
        4,
        0,
        "calm_dough_7",
        "loaves-per-day",
        "Knows weather and holidays",
        "ScikitLearn",
    ),
];

fn models(now: OffsetDateTime) -> Vec<Value> {
    let model = |(name, version, days, run, experiment, note, framework): Registered| {
        let mut model = sample(include_str!("../../samples/model_get.json"));
        let id = format!("{name}:{version}");
        let created = stamp(now - Duration::days(days) - Duration::minutes(50));
        model["url"] = format!("aml://asset/{}", hex32(&id)).into();
        model["id"] = id.into();
        model["name"] = name.into();
        model["version"] = version.into();
        model["framework"] = framework.into();
        model["description"] = note.into();
        model["createdTime"] = created.clone().into();
        model["modifiedTime"] = created.into();
        model["runId"] = run.into();
        model["experimentName"] = experiment.into();
        model["kvTags"] = if run == "calm_dough_7" { json!({ "in-use": "yes" }) } else { json!({}) };
        model
    };
    MODELS.map(model).to_vec()
}

/// What the models' addresses lead to: the file that the run left.
fn assets(models: &[Value]) -> Vec<Value> {
    let asset = |model: &Value| {
        let run = text(model, "runId");
        json!({
            "id": text(model, "url").trim_start_matches("aml://asset/"),
            "name": "model.pkl",
            "description": format!("model.pkl saved during run {run}"),
            "artifacts": [{ "id": format!("ExperimentRun/dcid.{run}/outputs/model.pkl"), "prefix": null }],
            "kvTags": {},
            "properties": {},
            "runid": run,
            "meta": null,
            "createdTime": model["createdTime"],
        })
    };
    models.iter().map(asset).collect()
}

/// The forecast that the shops ask for every evening.
fn service(workspace: &Workspace, now: OffsetDateTime) -> Value {
    let mut service = sample(include_str!("../../samples/service_get_aci.json"));
    let name = "loaves-tomorrow";
    let host = format!("http://{name}.{REGION}.azurecontainer.io");
    service["id"] = name.into();
    service["name"] = name.into();
    service["description"] = "How many loaves tomorrow, for each shop".into();
    service["createdTime"] = stamp(now - Duration::days(6)).into();
    service["updatedTime"] = stamp(now - Duration::minutes(45)).into();
    service["scoringUri"] = format!("{host}/score").into();
    service["swaggerUri"] = format!("{host}/swagger.json").into();
    service["location"] = REGION.into();
    service["imageId"] = Value::Null;
    service["operationId"] = guid("operation of loaves-tomorrow").into();
    service["models"] = workspace.models.last().cloned().into_iter().collect();
    service
}

/// A run, as it is told.
pub struct Told<'a> {
    pub id: &'a str,
    pub who: &'a str,
    pub note: Option<&'a str>,
    pub script: &'a str,
    pub target: &'a str,
    pub nodes: usize,
    pub minutes_ago: f64,
    pub how: How,
    /// Rounds of learning, and the error at their end.
    pub rounds: u32,
    pub error: f64,
    pub tags: &'a [(&'a str, &'a str)],
    pub parent: Option<&'a str>,
    pub kind: &'a str,
    /// What it does, where that is not the usual learning.
    pub work: Option<Work>,
}

/// What became of it. Minutes are those of working.
pub enum How {
    Completed {
        minutes: f64,
    },
    Failed {
        minutes: f64,
        reason: &'static str,
    },
    Canceled {
        minutes: f64,
    },
    /// Stays in a state, some after having worked.
    Stays {
        status: &'static str,
        worked: bool,
    },
    /// Is in a state and goes on: the states behind with minutes ago, those ahead with seconds.
    Moves {
        behind: &'static [(&'static str, f64)],
        ahead: &'static [(&'static str, f64)],
        done: f64,
    },
    /// Was asked to stop, and will have in so many seconds.
    Stops {
        seconds: f64,
    },
}

impl Told<'_> {
    pub fn usual() -> Told<'static> {
        Told {
            id: "",
            who: "Maya Lindqvist",
            note: None,
            script: "train.py",
            target: "cpu-compute",
            nodes: 1,
            minutes_ago: 0.0,
            how: How::Completed { minutes: 8.0 },
            rounds: 40,
            error: 7.0,
            tags: &[],
            parent: None,
            kind: "azureml.scriptrun",
            work: None,
        }
    }
}

const DAY: f64 = 24.0 * 60.0;

/// What comes after the states of a run that is on its way.
const THEN_RUNS: [(&str, f64); 3] = [("Queued", 8.0), ("Running", 60.0), ("Finalizing", 10.0)];

fn experiments(workspace: &mut Workspace, now: OffsetDateTime) {
    let note = Some("How many loaves will people buy tomorrow?");
    experiment(workspace, now, "loaves-per-day", note, &loaves_per_day());
    experiment(
        workspace,
        now,
        "croissant-waste",
        Some("What is left over at closing time"),
        &croissant_waste(),
    );
    experiment(workspace, now, "weather-features", Some("Does rain sell bread?"), &weather_features());
    experiment(workspace, now, "oven-settings", Some("Trying many settings at once"), &oven_settings());
    experiment(workspace, now, "holiday-orders", Some("Nothing tried yet"), &[]);
    // Right to left: descriptions may be in any script, names may not.
    let note = Some("كم رغيفًا نحتاج للمدارس؟");
    let told = [Told {
        id: "lunch_box_1",
        who: "Yuki Tanaka",
        note: Some("Schulbrötchen für die Ferienwoche · 給食パン"),
        minutes_ago: 12.0 * DAY,
        error: 9.1,
        ..Told::usual()
    }];
    experiment(workspace, now, "school-lunch", note, &told);
    let told = [
        Told { id: "patient_scale_1", minutes_ago: 15.0 * DAY, error: 10.4, ..Told::usual() },
        Told { id: "patient_scale_2", minutes_ago: 14.0 * DAY, error: 9.9, ..Told::usual() },
    ];
    let name = "a-careful-comparison-of-how-the-weather-the-day-of-the-week-and-the-school-holidays-change-the-\
                number-of-loaves-that-people-buy-in-each-of-our-three-shops";
    experiment(workspace, now, name, None, &told);
    photos::experiments(workspace, now);
    sweep::experiments(workspace, now);
    nightly::experiments(workspace, now);
    waiting_room::experiments(workspace, now);
}

fn loaves_per_day() -> Vec<Told<'static>> {
    vec![
        Told {
            id: "golden_crust_1",
            note: Some("First try: the average of the last four weeks"),
            minutes_ago: 6.0 * DAY,
            how: How::Completed { minutes: 2.5 },
            error: 11.8,
            tags: &[("data", "2025")],
            ..Told::usual()
        },
        Told {
            id: "quiet_flour_2",
            note: Some("Adds the day of the week"),
            minutes_ago: 5.0 * DAY,
            error: 9.2,
            tags: &[("data", "2025"), ("features", "weekday")],
            ..Told::usual()
        },
        Told {
            id: "burnt_tray_4",
            who: "Tom Okafor",
            note: Some("Much larger steps"),
            minutes_ago: 4.0 * DAY,
            how: How::Failed {
                minutes: 1.2,
                reason: "ValueError: the loss is not a number any more after round 9. The learning rate of 5.0 is \
                         probably too high.",
            },
            tags: &[("learning-rate", "5.0")],
            ..Told::usual()
        },
        Told {
            id: "swift_whisk_5",
            who: "Tom Okafor",
            note: Some("Stopped: the wrong shop's numbers"),
            minutes_ago: 3.0 * DAY,
            how: How::Canceled { minutes: 3.0 },
            ..Told::usual()
        },
        Told {
            id: "early_rye_6",
            who: "Priya Nair",
            note: Some("Adds the weather"),
            minutes_ago: 2.0 * DAY,
            how: How::Completed { minutes: 9.4 },
            error: 7.4,
            tags: &[("data", "2026"), ("features", "weekday weather")],
            ..Told::usual()
        },
        Told {
            id: "late_crumb_3",
            note: Some("With this year's sales"),
            minutes_ago: 1.1 * DAY,
            how: How::Failed {
                minutes: 31.0 / 60.0,
                reason: "FileNotFoundError: sales_2026.csv is not in the folder 'data'. The script stopped at line 18 \
                         of train.py.",
            },
            tags: &[("data", "2026")],
            ..Told::usual()
        },
        Told {
            id: "lost_timer_8",
            who: "Tom Okafor",
            note: Some("Overnight on a borrowed computer"),
            minutes_ago: 300.0,
            how: How::Stays { status: "NotResponding", worked: true },
            ..Told::usual()
        },
        Told {
            id: "still_yeast_9",
            who: "Priya Nair",
            note: Some("Waits for the flour prices of this week"),
            minutes_ago: 180.0,
            how: How::Stays { status: "Paused", worked: true },
            ..Told::usual()
        },
        Told {
            id: "calm_dough_7",
            note: Some("Weather and holidays"),
            minutes_ago: 70.0,
            how: How::Completed { minutes: 8.0 + 40.0 / 60.0 },
            error: 6.9,
            tags: &[("data", "2026"), ("features", "weekday weather holidays"), ("best", "yes")],
            ..Told::usual()
        },
        Told {
            id: "slow_starter_10",
            who: "Yuki Tanaka",
            note: Some("The thorough one: every shop, ten years"),
            target: "gpu-cluster",
            nodes: 2,
            minutes_ago: 95.0,
            rounds: 2400,
            error: 5.8,
            how: How::Moves {
                behind: &[("NotStarted", 95.0), ("Starting", 94.9), ("Queued", 94.5), ("Running", 92.0)],
                ahead: &[("Running", 6.0 * 3600.0), ("Finalizing", 30.0)],
                done: 0.2,
            },
            tags: &[("data", "2016-2026")],
            ..Told::usual()
        },
        Told {
            id: "brave_oven_12",
            note: Some("Weather, holidays and the ferry timetable"),
            target: "gpu-cluster",
            nodes: 2,
            minutes_ago: 3.5,
            rounds: 120,
            error: 6.2,
            how: How::Moves {
                behind: &[
                    ("NotStarted", 3.5),
                    ("Starting", 3.4),
                    ("Preparing", 3.2),
                    ("Queued", 2.3),
                    ("Running", 2.06),
                ],
                ahead: &[("Running", 480.0), ("Finalizing", 12.0)],
                done: 0.2,
            },
            tags: &[("data", "2026"), ("features", "weekday weather holidays ferry")],
            ..Told::usual()
        },
        Told {
            id: "patient_bun_11",
            who: "Tom Okafor",
            note: Some("The same on two computers"),
            target: "gpu-cluster",
            nodes: 2,
            minutes_ago: 2.0,
            rounds: 60,
            error: 6.6,
            how: How::Moves {
                behind: &[("NotStarted", 2.0), ("Starting", 1.9), ("Preparing", 1.8), ("Queued", 1.2)],
                ahead: &[("Queued", 30.0), ("Running", 240.0), ("Finalizing", 10.0)],
                done: 0.0,
            },
            tags: &[("data", "2026")],
            ..Told::usual()
        },
        Told {
            id: "fresh_basket_13",
            who: "Priya Nair",
            note: Some("Without the outliers of the harbour festival"),
            minutes_ago: 0.5,
            error: 6.8,
            how: How::Moves {
                behind: &[("NotStarted", 0.5), ("Starting", 0.4), ("Preparing", 0.2)],
                ahead: &[("Preparing", 25.0), THEN_RUNS[0], THEN_RUNS[1], THEN_RUNS[2]],
                done: 0.0,
            },
            ..Told::usual()
        },
        Told {
            id: "tidy_apron_14",
            note: Some("Rounded to whole trays"),
            minutes_ago: 0.02,
            error: 7.1,
            how: How::Moves {
                behind: &[("NotStarted", 0.02)],
                ahead: &[
                    ("NotStarted", 20.0),
                    ("Starting", 10.0),
                    ("Preparing", 20.0),
                    THEN_RUNS[0],
                    THEN_RUNS[1],
                    THEN_RUNS[2],
                ],
                done: 0.0,
            },
            ..Told::usual()
        },
    ]
}

fn croissant_waste() -> Vec<Told<'static>> {
    vec![
        Told {
            id: "thin_layer_1",
            who: "Priya Nair",
            note: Some("What is thrown away on a Monday"),
            minutes_ago: 8.0 * DAY,
            error: 4.8,
            ..Told::usual()
        },
        Told {
            id: "soft_butter_2",
            who: "Priya Nair",
            minutes_ago: 4.0 * DAY,
            how: How::Completed { minutes: 5.2 },
            error: 3.9,
            tags: &[("shop", "harbour")],
            ..Told::usual()
        },
        Told {
            id: "flaky_fold_3",
            who: "Priya Nair",
            minutes_ago: 4.0,
            error: 3.6,
            how: How::Moves {
                behind: &[
                    ("NotStarted", 4.0),
                    ("Starting", 3.9),
                    ("Preparing", 3.8),
                    ("Queued", 3.5),
                    ("Running", 3.2),
                    ("Finalizing", 0.1),
                ],
                ahead: &[("Finalizing", 40.0)],
                done: 1.0,
            },
            tags: &[("shop", "harbour")],
            ..Told::usual()
        },
        Told {
            id: "crisp_edge_4",
            who: "Priya Nair",
            minutes_ago: 0.1,
            error: 3.7,
            how: How::Moves {
                behind: &[("NotStarted", 0.1), ("Starting", 0.05)],
                ahead: &[("Starting", 18.0), ("Preparing", 15.0), THEN_RUNS[0], THEN_RUNS[1], THEN_RUNS[2]],
                done: 0.0,
            },
            tags: &[("shop", "market square")],
            ..Told::usual()
        },
    ]
}

fn weather_features() -> Vec<Told<'static>> {
    vec![
        Told {
            id: "rainy_morning_1",
            who: "Yuki Tanaka",
            note: Some("Rain before eight o'clock"),
            minutes_ago: 10.0 * DAY,
            error: 8.3,
            ..Told::usual()
        },
        Told {
            id: "windy_corner_2",
            who: "Yuki Tanaka",
            target: "new-cluster",
            minutes_ago: 1.5,
            error: 8.0,
            how: How::Moves {
                behind: &[("NotStarted", 1.5), ("Starting", 1.4), ("Provisioning", 1.2)],
                ahead: &[
                    ("Provisioning", 240.0),
                    ("Preparing", 40.0),
                    THEN_RUNS[0],
                    THEN_RUNS[1],
                    THEN_RUNS[2],
                ],
                done: 0.0,
            },
            ..Told::usual()
        },
        Told {
            id: "foggy_harbour_3",
            who: "Yuki Tanaka",
            note: Some("Asked to stop: it counted every foghorn twice"),
            minutes_ago: 14.0,
            how: How::Stops { seconds: 75.0 },
            ..Told::usual()
        },
    ]
}

/// A parent whose children tried different settings.
fn oven_settings() -> Vec<Told<'static>> {
    let parent = "many_ovens_1";
    let child = |id, error, tags| Told {
        id,
        who: "Tom Okafor",
        minutes_ago: 1.9 * DAY,
        how: How::Completed { minutes: 3.3 },
        error,
        tags,
        parent: Some(parent),
        ..Told::usual()
    };
    vec![
        Told {
            id: parent,
            who: "Tom Okafor",
            note: Some("Four settings, side by side"),
            minutes_ago: 2.0 * DAY,
            how: How::Completed { minutes: 15.0 },
            error: 7.0,
            kind: "hyperdrive",
            ..Told::usual()
        },
        child("many_ovens_1_0", 8.8, &[("depth", "2")]),
        child("many_ovens_1_1", 7.0, &[("depth", "4")]),
        child("many_ovens_1_2", 7.3, &[("depth", "8")]),
        child("many_ovens_1_3", 9.6, &[("depth", "16")]),
    ]
}

pub fn experiment(
    workspace: &mut Workspace,
    now: OffsetDateTime,
    name: &str,
    note: Option<&str>,
    told: &[Told<'_>],
) {
    let created = told.first().map_or(2.0 * DAY, |told| told.minutes_ago);
    let mut document = runs::experiment_document(name, &workspace.document, ago(now, created + 0.1));
    document["description"] = note.into();
    let mut experiment = Experiment { document, runs: Runs::default() };
    for (index, told) in told.iter().enumerate() {
        let run = run(told, index + 1, now, &workspace.document, &experiment.document);
        experiment.add(run);
    }
    workspace.experiments.push(experiment);
}

fn run(told: &Told<'_>, number: usize, now: OffsetDateTime, workspace: &Value, experiment: &Value) -> Run {
    let created = ago(now, told.minutes_ago);
    let new = NewRun {
        id: told.id,
        number,
        created,
        created_by: json!({
            "userObjectId": guid(told.who),
            "userTenantId": TENANT_ID,
            "userName": told.who,
        }),
        target: told.target,
        script: told.script,
        parent: told.parent,
    };
    let mut document = runs::document(&new, workspace, experiment, HISTORY);
    document["description"] = told.note.into();
    document["runType"] = told.kind.into();
    document["tags"] =
        told.tags.iter().map(|(key, value)| ((*key).to_owned(), Value::from(*value))).collect();
    // Half a minute is what the states before working took.
    let started = created + Duration::seconds(30);
    let mut end = |status: &str, minutes: Option<f64>, revision: u64| {
        document["status"] = status.into();
        document["startTimeUtc"] = stamp(started).into();
        document["endTimeUtc"] = minutes.map(|minutes| stamp(started + seconds(minutes * 60.0))).into();
        document["revision"] = revision.into();
    };
    let mut diverges = false;
    let mut course = None;
    match told.how {
        How::Completed { minutes } => end("Completed", Some(minutes), 7),
        How::Canceled { minutes } => end("Canceled", Some(minutes), 6),
        How::Failed { minutes, reason } => {
            end("Failed", Some(minutes), 6);
            document["error"] = run_error(told.id, started + seconds(minutes * 60.0), reason);
            diverges = reason.contains("not a number");
        }
        How::Stays { status, worked } => {
            end(status, None, 5);
            if !worked {
                document["startTimeUtc"] = Value::Null;
            }
        }
        How::Moves { behind, ahead, done } => {
            let mut moves = Course::new(now, ahead, Ending::Completed, told.nodes);
            // A run that leads others sits on no node itself.
            moves.nodes = told.nodes;
            moves.past = behind.iter().map(|(status, minutes)| (*status, ago(now, *minutes))).collect();
            moves.work_before = done;
            course = Some(moves);
        }
        How::Stops { seconds: left } => {
            let mut stops = Course::new(now, &[], Ending::Completed, told.nodes);
            stops.past = vec![("NotStarted", created), ("Starting", created), ("Running", started)];
            stops.cancel = Some(Cancel { asked: now - Duration::seconds(4), takes_seconds: left });
            course = Some(stops);
        }
    }
    let rounds = told.rounds;
    let training = Work::Training { rounds, first_error: 24.0, last_error: told.error, diverges };
    let work = told.work.clone().unwrap_or(training);
    let arguments = ["--rounds", &rounds.to_string(), "--shop", "harbour"];
    let definition = run_definition::usual(told.script, &arguments, told.target, told.nodes);
    Run { document, course, definition, work, logged: Vec::new() }
}

fn ago(now: OffsetDateTime, minutes: f64) -> OffsetDateTime {
    now - seconds(minutes * 60.0)
}
