//! What the bakery's models have become: images, services; and where its data lies.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{REGION, TENANT_ID};
use crate::checksum::guid;
use crate::errors::sample;
use crate::state::{Workspace, id_part, text};
use crate::times::stamp;

/// The cluster that services stand on.
pub const SERVICES: &str = "shop-aks";

pub fn images(workspace: &Workspace, now: OffsetDateTime) -> Vec<Value> {
    let registry = "bakeryforecasting.azurecr.io";
    let image = |name: &str, version: u64, model: &str, days: f64, flavor: &str| {
        let mut image = sample(include_str!("../../../samples/images_list.json"))["value"][0].take();
        let id = format!("{name}:{version}");
        image["operationId"] = guid(&format!("operation of {id}")).into();
        image["imageLocation"] = format!("{registry}/{id}").into();
        image["imageBuildLogUri"] = Value::Null;
        image["name"] = name.into();
        image["version"] = version.into();
        image["modelIds"] = json!([model]);
        image["imageFlavor"] = flavor.into();
        image["createdTime"] = stamp(now - Duration::seconds_f64(days * 86_400.0)).into();
        let of_model = workspace.models.iter().find(|known| known["id"] == model).cloned();
        image["modelDetails"] = of_model.into_iter().collect();
        image["id"] = id.into();
        image
    };
    let mut failed = image("loaves-image", 3, "loaves-forecaster:4", 0.2, "WebApiContainer");
    failed["creationState"] = "Failed".into();
    failed["imageLocation"] = Value::Null;
    failed["error"] = json!({
        "code": "ImageBuildFailed",
        "statusCode": 400,
        "message": "The image could not be built: step 9 of 14 ended with code 1. Read the build log.",
        "details": [{
            "code": "CondaEnvironmentFailed",
            "message": "ResolvePackageNotFound: scikit-learn==0.99.0",
            "target": "conda_dependencies.yml",
        }],
    });
    let mut building = image("croissant-image", 2, "croissant-waste:2", 0.002, "WebApiContainer");
    building["creationState"] = "Running".into();
    building["imageLocation"] = Value::Null;
    vec![
        image("loaves-image", 1, "loaves-forecaster:2", 5.0, "WebApiContainer"),
        image("loaves-image", 2, "loaves-forecaster:3", 2.0, "WebApiContainer"),
        image("oven-image", 1, "oven-settings:1", 0.9, "IoTContainer"),
        failed,
        building,
    ]
}

pub fn services(workspace: &Workspace, now: OffsetDateTime) -> Vec<Value> {
    let ago = |hours: f64| stamp(now - Duration::seconds_f64(hours * 3_600.0));
    let on_cluster = |name: &str, note: &str, model: &str, hours: (f64, f64)| {
        let mut service = sample(include_str!("../../../samples/services_list.json"))["value"][0].take();
        let address = format!("http://203.0.113.8:80/api/v1/service/{name}");
        service["id"] = name.into();
        service["name"] = name.into();
        service["description"] = note.into();
        service["createdTime"] = ago(hours.0).into();
        service["updatedTime"] = ago(hours.1).into();
        service["operationId"] = guid(&format!("operation of {name}")).into();
        service["computeName"] = SERVICES.into();
        service["namespace"] = "azureml-forecasting".into();
        service["imageId"] = Value::Null;
        service["scoringUri"] = format!("{address}/score").into();
        service["swaggerUri"] = format!("{address}/swagger.json").into();
        service["models"] = workspace.models.iter().filter(|known| known["id"] == model).cloned().collect();
        service
    };
    let replicas = |desired: u64, available: u64, error: Value| {
        json!({
            "desiredReplicas": desired,
            "updatedReplicas": desired,
            "availableReplicas": available,
            "error": error,
        })
    };
    let mut healthy =
        on_cluster("weather-live", "Rain and wind for every shop", "weather-lookup:1", (230.0, 200.0));
    healthy["state"] = "Healthy".into();
    healthy["numReplicas"] = 3.into();
    healthy["deploymentStatus"] = replicas(3, 3, Value::Null);
    // Tokens in the place of keys.
    healthy["authEnabled"] = false.into();
    healthy["aadAuthEnabled"] = true.into();
    healthy["kvTags"] = json!({ "shop": "all", "in-use": "yes" });
    healthy["properties"] = json!({ "hasInferenceSchema": "True", "hasHttps": "False" });

    let mut starting =
        on_cluster("croissant-advice", "How many croissants to freeze", "croissant-waste:2", (0.1, 0.05));
    starting["imageId"] = "croissant-image:2".into();
    starting["numReplicas"] = 2.into();
    starting["deploymentStatus"] = replicas(2, 0, Value::Null);

    let mut failed = on_cluster("bread-eye", "Which bread is on the photo", "oven-settings:1", (30.0, 29.5));
    let error = json!({
        "code": "KubernetesDeploymentFailed",
        "statusCode": 400,
        "message": "Kubernetes Deployment failed: the container crashes when it starts.",
        "details": [{
            "code": "CrashLoopBackOff",
            "message": "Your container application crashed. This may be caused by errors in your scoring file's \
                        init() function. ModuleNotFoundError: No module named 'torch'",
            "target": "bread-eye",
        }],
    });
    failed["state"] = "Failed".into();
    failed["deploymentStatus"] = replicas(1, 0, error.clone());
    failed["error"] = error;

    let mut unhealthy = sample(include_str!("../../../samples/service_get_aci.json"));
    unhealthy["id"] = "old-forecast".into();
    unhealthy["name"] = "old-forecast".into();
    unhealthy["description"] = "Last year's forecast, kept for comparison".into();
    unhealthy["createdTime"] = ago(24.0 * 90.0).into();
    unhealthy["updatedTime"] = ago(24.0 * 88.0).into();
    unhealthy["operationId"] = guid("operation of old-forecast").into();
    unhealthy["state"] = "Unhealthy".into();
    unhealthy["imageId"] = "loaves-image:1".into();
    unhealthy["authEnabled"] = false.into();
    unhealthy["location"] = REGION.into();
    for (field, path) in [("scoringUri", "score"), ("swaggerUri", "swagger.json")] {
        unhealthy[field] = format!("http://old-forecast.{REGION}.azurecontainer.io/{path}").into();
    }
    vec![healthy, starting, failed, unhealthy]
}

/// Stores of every kind, beside those that every workspace has. Their secrets are in angle brackets.
pub fn datastores(workspace: &Workspace) -> Vec<Value> {
    let text = include_str!("datastores.json")
        .replace("SUBSCRIPTION", id_part(&workspace.document, "subscriptions"))
        .replace("GROUP", id_part(&workspace.document, "resourceGroups"))
        .replace("CLIENT", &guid("the tills' principal"))
        .replace("TENANT", TENANT_ID);
    match sample(&text) {
        Value::Array(stores) => stores,
        _ => Vec::new(),
    }
}

/// The shape is invented, as that of the sample.
pub fn tasks(now: OffsetDateTime) -> Vec<Value> {
    let task = |(name, status, begun, ended): (&str, &str, f64, Option<f64>)| {
        let ago = |minutes: f64| stamp(now - Duration::seconds_f64(minutes * 60.0));
        json!({
            "taskId": guid(&format!("task {name}")),
            "name": name,
            "status": status,
            "createdUtc": ago(begun),
            "updatedUtc": ago(ended.unwrap_or(0.5)),
        })
    };
    let tasks = [
        ("Build image croissant-image:2", "Running", 3.0, None),
        ("Deploy croissant-advice to shop-aks", "Running", 5.0, None),
        ("Run calm_dough_7", "Completed", 70.0, Some(60.0)),
        ("Build image loaves-image:3", "Failed", 290.0, Some(286.0)),
        ("Deploy bread-eye to shop-aks", "Failed", 1_800.0, Some(1_770.0)),
        ("Run nightly_bake_2", "Failed", 1_440.0, Some(1_422.0)),
        ("Run oven_sweep_1", "Completed", 1_560.0, Some(1_500.0)),
    ];
    tasks.map(task).to_vec()
}

/// The Kubernetes cluster, which the bakery attached.
pub fn cluster(workspace: &Workspace, created: OffsetDateTime) -> Value {
    let mut cluster = sample(include_str!("../../../samples/arm_compute_get_aks.json"));
    super::name_compute(&mut cluster, workspace, SERVICES);
    let group = text(&workspace.document, "id").split("/providers/").next().unwrap_or_default().to_owned();
    let properties = &mut cluster["properties"];
    properties["description"] = "Where services stand".into();
    properties["createdOn"] = stamp(created).into();
    properties["modifiedOn"] = stamp(created).into();
    properties["provisioningErrors"] = Value::Null;
    properties["isAttachedCompute"] = true.into();
    properties["resourceId"] =
        format!("{group}/providers/Microsoft.ContainerService/managedClusters/{SERVICES}").into();
    properties["properties"] = json!({
        "clusterFqdn": "shop-aks-dns-1f2e3d4c.hcp.westeurope.azmk8s.io",
        "systemServices": [{
            "systemServiceType": "ScoringFrontEnd",
            "version": "1.1.8",
            "publicIpAddress": "203.0.113.8",
        }],
        "agentCount": 3,
        "agentVmSize": "Standard_D3_v2",
        "sslConfiguration": null,
        "aksNetworkingConfiguration": null,
    });
    cluster
}
