//! Computes: making, scaling, starting, stopping and deleting them.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::checksum;
use crate::errors::{COMPUTE, sample, user_error};
use crate::management::{json_object, method_not_allowed, not_found, not_found_at, version};
use crate::operations::{Change, Operation, Told};
use crate::simulator::Simulator;
use crate::state::text;
use crate::times::stamp;

/// Guess: how many nodes are more than a subscription may have.
const MOST_NODES: u64 = 32;

/// What is sent to make a compute, and never told again.
const SECRETS: [&str; 5] =
    ["adminUserPassword", "administratorAccount", "databricksAccessToken", "sslConfiguration", "password"];

impl Simulator {
    /// `…/computes/{name}`, to be changed.
    pub(crate) fn change_compute(&mut self, call: &Call<'_>) -> Outcome {
        match *call.method {
            Method::PUT => self.put_compute(call),
            Method::PATCH => self.scale_compute(call),
            Method::DELETE => self.delete_compute(call),
            _ => Err(method_not_allowed(call)),
        }
    }

    /// `…/computes/{name}/{action}`, of instances.
    pub(crate) fn act_on_compute(&mut self, call: &Call<'_>, action: &str) -> Outcome {
        let (change, from, state) = match action {
            "start" => (Change::Start, "Stopped", "Starting"),
            "stop" => (Change::Stop, "Running", "Stopping"),
            _ => (Change::Restart, "Running", "Restarting"),
        };
        let compute = self.compute(call)?;
        let name = text(compute, "name").to_owned();
        if compute["properties"]["computeType"] != "ComputeInstance" {
            let message = format!("Compute {name} is not a compute instance and cannot {action}.");
            return Err(user_error(call, COMPUTE, 400, message));
        }
        let now = text(&compute["properties"]["properties"], "state").to_owned();
        let resource = text(compute, "id").to_owned();
        self.check_idle(&resource)?;
        if now != from {
            // Guess: code and words.
            let message = format!("Compute {name} is {now} and cannot {action}.");
            return Err(user_error(call, COMPUTE, 409, message));
        }
        let compute = self.compute_mut(call)?;
        let mut verb = action.to_owned();
        verb[..1].make_ascii_uppercase();
        compute["properties"]["properties"]["state"] = state.into();
        compute["properties"]["properties"]["lastOperation"] = json!({
            "operationName": verb,
            "operationTime": stamp(call.now),
            "operationStatus": "InProgress",
        });
        // A restart tells nothing but that it was taken, and so did the versions before 2021 of all three.
        let is_told = change != Change::Restart && version(call) >= "2021";
        let answer = Answer::empty(if is_told { 202 } else { 200 });
        let told = if is_told { Told::Compute } else { Told::Nothing };
        Ok(self.begin(call, &resource, change, None, told, answer))
    }

    fn compute(&self, call: &Call<'_>) -> Result<&Value, Answer> {
        let workspace = self.state.workspace(&call.segments[1], &call.segments[3], &call.segments[7]);
        workspace
            .and_then(|workspace| workspace.compute(&call.segments[9]))
            .ok_or_else(|| not_found_at(call, 10))
    }

    fn compute_mut(&mut self, call: &Call<'_>) -> Result<&mut Value, Answer> {
        let workspace = self.state.workspace_mut(&call.segments[1], &call.segments[3], &call.segments[7]);
        workspace
            .and_then(|workspace| {
                workspace
                    .computes
                    .iter_mut()
                    .find(|compute| text(compute, "name").eq_ignore_ascii_case(&call.segments[9]))
            })
            .ok_or_else(|| not_found_at(call, 10))
    }

    fn put_compute(&mut self, call: &Call<'_>) -> Outcome {
        let refuse = |message: String| user_error(call, COMPUTE, 400, message);
        // Names come back as they were written first.
        let name = &call.segments[9];
        let body = json_object(call)?;
        check_name(name).map_err(refuse)?;
        let kind = text(&body["properties"], "computeType").to_owned();

        let workspace = self.state.workspace(&call.segments[1], &call.segments[3], &call.segments[7]);
        let workspace = workspace.ok_or_else(|| not_found(call))?;
        let region = workspace.region().to_owned();
        let existing = workspace.compute(name);
        let resource = match existing {
            Some(existing) => text(existing, "id").to_owned(),
            None => format!("{}/computes/{name}", text(&workspace.document, "id")),
        };
        self.check_idle(&resource)?;
        if let Some(existing) = existing {
            check_kept(existing, &body).map_err(refuse)?;
        }

        let mut document = match kind.as_str() {
            "AmlCompute" => cluster(&body).map_err(refuse)?,
            "ComputeInstance" => self.instance(&body).map_err(refuse)?,
            "AKS" | "VirtualMachine" | "HDInsight" | "DataFactory" | "Databricks" | "DataLakeAnalytics" => {
                attached(&body, &kind).map_err(refuse)?
            }
            "" => return Err(refuse("The property 'computeType' is required.".to_owned())),
            other => return Err(refuse(format!("The compute type '{other}' is not supported."))),
        };
        document["id"] = resource.as_str().into();
        document["name"] = existing.map_or(json!(name), |existing| existing["name"].clone());
        document["location"] = region.as_str().into();
        document["tags"] = if body["tags"].is_object() { body["tags"].clone() } else { json!({}) };
        for field in ["identity", "sku"] {
            if body[field].is_object() {
                document[field] = body[field].clone();
            }
        }
        let properties = &mut document["properties"];
        properties["createdOn"] =
            existing.map_or(json!(stamp(call.now)), |existing| existing["properties"]["createdOn"].clone());
        properties["modifiedOn"] = stamp(call.now).into();
        properties["description"] = body["properties"]["description"].clone();
        properties["computeLocation"] = match body["properties"]["computeLocation"].as_str() {
            Some(location) => location.into(),
            None => region.into(),
        };
        properties["provisioningState"] = "Creating".into();
        properties["provisioningErrors"] = Value::Null;

        let most = document["properties"]["properties"]["scaleSettings"]["maxNodeCount"].as_u64();
        let failure = most.filter(|most| *most > MOST_NODES).map(|most| {
            json!({
                "code": "ClusterCoreQuotaReached",
                "message": format!(
                    "The cluster needs {most} nodes, and the subscription may have {MOST_NODES}. Ask for more quota, \
                     or make a smaller cluster."
                ),
            })
        });
        let answer = Answer::json(201, &document).with("x-ms-response-type", "standard");
        if let Ok(existing) = self.compute_mut(call) {
            *existing = document;
        } else if let Some(workspace) =
            self.state.workspace_mut(&call.segments[1], &call.segments[3], &call.segments[7])
        {
            workspace.computes.push(document);
        }
        Ok(self.begin(call, &resource, Change::Create, failure, Told::Compute, answer))
    }

    /// A notebook computer for the caller, or for whom it is assigned to.
    fn instance(&self, body: &Value) -> Result<Value, String> {
        let wanted = &body["properties"]["properties"];
        let mut document = sample(include_str!("../samples/arm_compute_get_computeinstance.json"));
        let tenant = &self.state.tenant;
        let properties = &mut document["properties"];
        properties["isAttachedCompute"] = false.into();
        properties["resourceId"] = Value::Null;
        let inner = &mut properties["properties"];
        inner["vmSize"] = size(wanted)?.into();
        inner["state"] = "Creating".into();
        inner["createdBy"] =
            json!({ "userName": tenant.app_id, "userOrgId": tenant.id, "userId": tenant.object_id });
        inner["personalComputeInstanceSettings"]["assignedUser"] =
            json!({ "objectId": tenant.object_id, "tenantId": tenant.id });
        for field in ["applications", "connectivityEndpoints", "subnet"] {
            inner[field] = Value::Null;
        }
        for field in ["subnet", "applicationSharingPolicy", "personalComputeInstanceSettings"] {
            if !wanted[field].is_null() {
                inner[field] = wanted[field].clone();
            }
        }
        Ok(document)
    }

    fn scale_compute(&mut self, call: &Call<'_>) -> Outcome {
        let body = json_object(call)?;
        let refuse = |message: String| user_error(call, COMPUTE, 400, message);
        let compute = self.compute(call)?;
        let resource = text(compute, "id").to_owned();
        if compute["properties"]["computeType"] != "AmlCompute" {
            // Guess: the words.
            return Err(refuse("Only AmlCompute computes can be updated.".to_owned()));
        }
        // One level deeper from 2022 on (recorded).
        let wanted =
            [&body["properties"]["scaleSettings"], &body["properties"]["properties"]["scaleSettings"]];
        let Some(wanted) = wanted.into_iter().find(|settings| settings.is_object()) else {
            return Err(refuse("The property 'scaleSettings' is required.".to_owned()));
        };
        self.check_idle(&resource)?;
        let compute = self.compute_mut(call)?;
        let properties = &mut compute["properties"];
        let mut settings = properties["properties"]["scaleSettings"].clone();
        for field in ["maxNodeCount", "minNodeCount", "nodeIdleTimeBeforeScaleDown"] {
            if !wanted[field].is_null() {
                settings[field] = wanted[field].clone();
            }
        }
        properties["properties"]["scaleSettings"] = scale_settings(&settings).map_err(refuse)?;
        properties["provisioningState"] = "Updating".into();
        properties["modifiedOn"] = stamp(call.now).into();
        // 200 in the specifications, which published clients insist on; 202 was recorded of 2022-05-01.
        let status = if version(call) < "2022" { 200 } else { 202 };
        let answer = Answer::json(status, compute).with("x-ms-response-type", "standard");
        Ok(self.begin(call, &resource, Change::Update, None, Told::Compute, answer))
    }

    fn delete_compute(&mut self, call: &Call<'_>) -> Outcome {
        let compute = self.compute(call)?;
        let resource = text(compute, "id").to_owned();
        // Guess: the refusals' words.
        let properties = &compute["properties"];
        let can_detach = !["AmlCompute", "ComputeInstance"]
            .contains(&properties["computeType"].as_str().unwrap_or_default());
        match call.query("underlyingResourceAction") {
            Some(action) if action.eq_ignore_ascii_case("Delete") => {}
            Some(action) if action.eq_ignore_ascii_case("Detach") && can_detach => {}
            Some(action) if action.eq_ignore_ascii_case("Detach") => {
                let message = format!("A compute of type {} can only be deleted.", properties["computeType"]);
                return Err(user_error(call, COMPUTE, 400, message.replace('"', "'")));
            }
            Some(action) => {
                let message = format!("The value '{action}' of 'underlyingResourceAction' is not valid.");
                return Err(user_error(call, COMPUTE, 400, message));
            }
            None => {
                let message =
                    "The query parameter 'underlyingResourceAction' is required: 'Delete' or 'Detach'.";
                return Err(user_error(call, COMPUTE, 400, message));
            }
        }
        self.check_idle(&resource)?;
        let properties = &mut self.compute_mut(call)?["properties"];
        properties["provisioningState"] = "Deleting".into();
        if properties["computeType"] == "ComputeInstance" {
            properties["properties"]["state"] = "Deleting".into();
        }
        Ok(self.begin(call, &resource, Change::Delete, None, Told::Compute, Answer::empty(202)))
    }
}

/// What a change makes of a compute when it is over.
pub fn settle(compute: &mut Value, operation: &Operation) {
    let name = text(compute, "name").to_owned();
    let region = text(compute, "location").to_owned();
    let properties = &mut compute["properties"];
    let is_cluster = properties["computeType"] == "AmlCompute";
    let is_instance = properties["computeType"] == "ComputeInstance";
    let state = match operation.change {
        Change::Stop => "Stopped",
        Change::Create if operation.failure.is_some() => "CreateFailed",
        _ => "Running",
    };
    if matches!(operation.change, Change::Create | Change::Update) {
        let (word, errors) = match &operation.failure {
            None => ("Succeeded", Value::Null),
            Some(error) => ("Failed", json!([{ "error": error }])),
        };
        properties["provisioningState"] = word.into();
        properties["provisioningErrors"] = errors;
        properties["modifiedOn"] = stamp(operation.ends).into();
    }
    let inner = &mut properties["properties"];
    if is_cluster && operation.failure.is_none() {
        settle_cluster(inner, operation);
    }
    if is_instance {
        inner["state"] = state.into();
        if inner["lastOperation"].is_object() {
            inner["lastOperation"]["operationStatus"] = "Succeeded".into();
        }
        if inner["applications"].is_null() {
            let addresses = ["Jupyter", "Jupyter Lab"].map(|application| {
                let path = application.to_ascii_lowercase().replace("jupyter lab", "lab");
                let address = format!("https://{name}.{region}.azureml.net/{path}");
                json!({ "displayName": application, "endpointUri": address })
            });
            inner["applications"] = addresses.into_iter().collect();
            let last = checksum(&name) % 250 + 4;
            inner["connectivityEndpoints"] =
                json!({ "publicIpAddress": "203.0.113.21", "privateIpAddress": format!("10.0.1.{last}") });
        }
    }
}

fn settle_cluster(cluster: &mut Value, operation: &Operation) {
    let settings = &mut cluster["scaleSettings"];
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let (least, most) = (number(&settings["minNodeCount"]), number(&settings["maxNodeCount"]));
    if settings["nodeIdleTimeBeforeScaleDown"].is_null() {
        settings["nodeIdleTimeBeforeScaleDown"] = "PT2M".into();
    }
    let nodes = number(&cluster["currentNodeCount"]).clamp(least.min(most), most);
    cluster["currentNodeCount"] = nodes.into();
    cluster["targetNodeCount"] = nodes.into();
    cluster["nodeStateCounts"] = json!({
        "preparingNodeCount": 0,
        "runningNodeCount": 0,
        "idleNodeCount": nodes,
        "unusableNodeCount": 0,
        "leavingNodeCount": 0,
        "preemptedNodeCount": 0,
    });
    cluster["allocationState"] = "Steady".into();
    cluster["allocationStateTransitionTime"] = stamp(operation.ends).into();
    if cluster["remoteLoginPortPublicAccess"] == "NotSpecified" {
        cluster["remoteLoginPortPublicAccess"] = "Enabled".into();
    }
    cluster["propertyBag"] = json!({});
}

/// Guess: that the rule is the same for every type.
fn check_name(name: &str) -> Result<(), String> {
    let is_good = (2..=24).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '-');
    if is_good {
        return Ok(());
    }
    Err(format!(
        "The compute name '{name}' is not valid: it has to be 2 to 24 letters, digits and '-', begin with a letter and \
         not end with '-'."
    ))
}

/// What cannot be changed once a compute is there. Guess: the words.
fn check_kept(existing: &Value, body: &Value) -> Result<(), String> {
    let (there, wanted) = (&existing["properties"], &body["properties"]);
    if there["computeType"] != wanted["computeType"] {
        return Err(format!("A compute named {} exists with another type.", text(existing, "name")));
    }
    let size = |properties: &Value| text(&properties["properties"], "vmSize").to_ascii_uppercase();
    if !size(there).is_empty() && size(there) != size(wanted) {
        return Err("The property 'vmSize' cannot be changed.".to_owned());
    }
    Ok(())
}

/// The size, in the service's capitals.
fn size(properties: &Value) -> Result<String, String> {
    match text(properties, "vmSize") {
        "" => Err("The property 'vmSize' is required.".to_owned()),
        size => Ok(size.to_ascii_uppercase()),
    }
}

/// The scale of a cluster, completed.
fn scale_settings(wanted: &Value) -> Result<Value, String> {
    let number = |field: &str| match &wanted[field] {
        Value::Null => Ok(None),
        value => value.as_u64().map(Some).ok_or(format!("The property '{field}' is not valid.")),
    };
    let most = number("maxNodeCount")?.ok_or("The property 'maxNodeCount' is required.")?;
    let least = number("minNodeCount")?.unwrap_or_default();
    if least > most {
        return Err(format!("'minNodeCount' ({least}) is larger than 'maxNodeCount' ({most})."));
    }
    let idle = match &wanted["nodeIdleTimeBeforeScaleDown"] {
        Value::Null => Value::Null,
        Value::String(duration) if duration.starts_with("PT") || duration.starts_with("P") => json!(duration),
        _ => return Err("The property 'nodeIdleTimeBeforeScaleDown' is not a duration.".to_owned()),
    };
    Ok(json!({ "maxNodeCount": most, "minNodeCount": least, "nodeIdleTimeBeforeScaleDown": idle }))
}

fn cluster(body: &Value) -> Result<Value, String> {
    let wanted = &body["properties"]["properties"];
    let mut document = sample(include_str!("../samples/arm_compute_create_201.json"))["body"].take();
    document["properties"]["resourceId"] = Value::Null;
    let inner = &mut document["properties"]["properties"];
    inner["vmSize"] = size(wanted)?.into();
    inner["scaleSettings"] = scale_settings(&wanted["scaleSettings"])?;
    for field in ["vmPriority", "subnet", "remoteLoginPortPublicAccess", "osType", "isolatedNetwork"] {
        if !wanted[field].is_null() {
            inner[field] = wanted[field].clone();
        }
    }
    if wanted["userAccountCredentials"].is_object() {
        inner["userAccountCredentials"] = wanted["userAccountCredentials"].clone();
        drop_secrets(inner);
    }
    Ok(document)
}

/// What stands elsewhere and is used from here.
fn attached(body: &Value, kind: &str) -> Result<Value, String> {
    let resource = &body["properties"]["resourceId"];
    if resource.is_null() && !["AKS", "DataFactory"].contains(&kind) {
        return Err("The property 'resourceId' is required.".to_owned());
    }
    let mut inner = body["properties"]["properties"].clone();
    drop_secrets(&mut inner);
    Ok(json!({
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "properties": {
            "resourceId": resource,
            "computeType": kind,
            "isAttachedCompute": !resource.is_null(),
            "properties": inner,
        },
    }))
}

fn drop_secrets(document: &mut Value) {
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|name, _| !SECRETS.contains(&name.as_str()));
        fields.values_mut().for_each(drop_secrets);
    }
}
