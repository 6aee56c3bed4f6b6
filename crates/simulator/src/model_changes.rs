//! Changes of model management: models and assets are made, all is described and deleted, keys are changed.

use http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::{guid, hex32};
use crate::errors::{self, sample};
use crate::history::Scope;
use crate::simulator::Simulator;
use crate::state::{Workspace, text};
use crate::times::{seconds, stamp};

/// A change of a service that takes a while.
pub struct Deployment {
    id: String,
    service: String,
    /// The service goes away at its end; else it is healthy again.
    is_removal: bool,
    begun: OffsetDateTime,
    ends: OffsetDateTime,
    is_over: bool,
}

/// Guess: how long it takes.
const SECONDS_TO_CHANGE: f64 = 8.0;
const SECONDS_TO_REMOVE: f64 = 15.0;

impl Simulator {
    /// A change; nothing where the method and the path are no change that is known.
    pub(crate) fn change_managed(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        path: &[&str],
    ) -> Option<Outcome> {
        let speed = self.speed;
        let workspace = self.at_mut(scope)?;
        Some(match (call.method, path) {
            (&Method::POST, ["models"]) => register(call, workspace),
            (&Method::POST, ["assets"]) => create_asset(call, workspace),
            (&Method::PATCH, [family @ ("models" | "assets" | "images" | "services"), id]) => {
                change(call, workspace, family, id, speed)
            }
            (&Method::DELETE, [family @ ("models" | "assets" | "images" | "services"), id]) => {
                delete(call, workspace, family, id, speed)
            }
            (&Method::POST, ["services", id, "regenerateKeys"]) => regenerate(call, workspace, id, speed),
            (&Method::GET, ["operations", id]) => operation(call, workspace, id),
            _ => return None,
        })
    }
}

/// Lets every change of a service end that has ended by now.
pub fn settle(workspace: &mut Workspace, now: OffsetDateTime) {
    for deployment in workspace.deployments.iter_mut().filter(|one| !one.is_over && one.ends <= now) {
        deployment.is_over = true;
        let is_it = |service: &Value| service["id"] == deployment.service.as_str();
        if deployment.is_removal {
            workspace.services.retain(|service| !is_it(service));
        }
        for service in workspace.services.iter_mut().filter(|service| is_it(service)) {
            service["state"] = "Healthy".into();
            service["updatedTime"] = stamp(deployment.ends).into();
        }
    }
}

/// The two keys of a service.
pub fn keys(workspace: &Workspace, service: &str) -> [String; 2] {
    let own = workspace.service_keys.iter().find(|(name, _)| name == service).map(|(_, keys)| keys.clone());
    own.unwrap_or_else(|| {
        let keys = sample(include_str!("../samples/service_listkeys.json"));
        ["primaryKey", "secondaryKey"].map(|name| text(&keys, name).to_owned())
    })
}

/// As `listkeys` writes them.
pub fn keys_document(keys: &[String; 2]) -> Value {
    json!({ "primaryKey": keys[0], "secondaryKey": keys[1] })
}

/// The next version of a name. Guess: the refusals' words, and that an asset has to be there.
fn register(call: &Call<'_>, workspace: &mut Workspace) -> Outcome {
    let body = json_object(call)?;
    let refuse = |message: String| errors::model_management(call, 400, "InvalidModel", message);
    for field in ["name", "url", "mimeType"] {
        if text(&body, field).is_empty() {
            return Err(refuse(format!("The field '{field}' is required.")));
        }
    }
    let name = text(&body, "name");
    let is_good = name.len() <= 255
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "-._".contains(character));
    if !is_good {
        return Err(refuse(format!("The model name '{name}' is not valid.")));
    }
    if let Some(asset) = text(&body, "url").strip_prefix("aml://asset/")
        && !workspace.assets.iter().any(|known| known["id"] == asset)
    {
        return Err(refuse(format!("Asset with id {asset} not found in provided workspace")));
    }
    let versions = workspace.models.iter().filter(|model| model["name"] == name);
    let version = versions.filter_map(|model| model["version"].as_u64()).max().unwrap_or_default() + 1;
    let mut model = sample(include_str!("../samples/model_get.json"));
    for (field, value) in model.as_object_mut().into_iter().flatten() {
        *value = match (field.as_str(), &body[field.as_str()]) {
            ("kvTags" | "properties", Value::Null) => json!({}),
            ("datasets", Value::Null) => json!([]),
            ("unpack", Value::Null) => false.into(),
            (_, given) => given.clone(),
        };
    }
    model["id"] = format!("{name}:{version}").into();
    model["version"] = version.into();
    model["createdTime"] = stamp(call.now).into();
    model["modifiedTime"] = stamp(call.now).into();
    workspace.models.push(model.clone());
    Ok(Answer::json(200, &model))
}

fn create_asset(call: &Call<'_>, workspace: &mut Workspace) -> Outcome {
    let body = json_object(call)?;
    let refuse = |message: &str| errors::model_management(call, 400, "InvalidAsset", message);
    if text(&body, "name").is_empty() {
        return Err(refuse("The field 'name' is required."));
    }
    let is_artifact = |artifact: &Value| artifact["id"].is_string() || artifact["prefix"].is_string();
    let artifacts = body["artifacts"].as_array().filter(|artifacts| artifacts.iter().all(is_artifact));
    let Some(artifacts) = artifacts.filter(|artifacts| !artifacts.is_empty()) else {
        return Err(refuse("The field 'artifacts' is not valid."));
    };
    let whole = |artifact: &Value| json!({ "id": artifact["id"], "prefix": artifact["prefix"] });
    let map = |field: &str| if body[field].is_object() { body[field].clone() } else { json!({}) };
    let asset = json!({
        "id": hex32(&format!("asset {}", call.number)),
        "name": body["name"],
        "description": body["description"],
        "artifacts": artifacts.iter().map(whole).collect::<Vec<_>>(),
        "kvTags": map("kvTags"),
        "properties": map("properties"),
        "runid": body["runid"],
        "meta": body["meta"],
        "createdTime": stamp(call.now),
    });
    workspace.assets.push(asset.clone());
    Ok(Answer::json(200, &asset))
}

/// JSON Patch. A service on Kubernetes takes a while for it (guess: for any change).
fn change(call: &Call<'_>, workspace: &mut Workspace, family: &str, id: &str, speed: f64) -> Outcome {
    if call.content_type() != Some("application/json-patch+json") {
        let message = "The content type 'application/json-patch+json' is required.";
        return Err(errors::model_management(call, 415, "UnsupportedMediaType", message));
    }
    let steps: Vec<Value> = serde_json::from_slice(call.body).map_err(|error| not_json(call, &error))?;
    let place = place_of(call, workspace, family, id)?;
    if family == "services" {
        check_idle(call, &workspace.services[place])?;
    }
    let documents = family_of(workspace, family);
    let mut changed = documents[place].clone();
    for step in &steps {
        apply(&mut changed, step)
            .map_err(|message| errors::model_management(call, 400, "InvalidPatch", message))?;
    }
    let time = if family == "services" { "updatedTime" } else { "modifiedTime" };
    if family != "assets" {
        changed[time] = stamp(call.now).into();
    }
    documents[place] = changed.clone();
    if family == "services" && changed["computeType"] == "AKS" {
        workspace.services[place]["state"] = "Transitioning".into();
        return Ok(begin(call, workspace, id, false, speed));
    }
    Ok(Answer::json(200, &changed))
}

/// One step of a JSON Patch, of the fields that may be changed. Guess: which they are, and the words.
fn apply(document: &mut Value, step: &Value) -> Result<(), String> {
    let (operation, path) = (text(step, "op"), text(step, "path"));
    let not_valid = || format!("The value of '{path}' is not valid.");
    let texts_alone = |value: &Value| value.as_object().is_some_and(|map| map.values().all(Value::is_string));
    match (operation, path.split('/').skip(1).collect::<Vec<_>>().as_slice()) {
        ("add" | "replace", ["description"]) if step["value"].is_string() || step["value"].is_null() => {
            document["description"] = step["value"].clone();
        }
        ("remove", ["description"]) => document["description"] = Value::Null,
        ("add" | "replace", ["kvTags"]) if texts_alone(&step["value"]) => {
            document["kvTags"] = step["value"].clone();
        }
        ("add" | "replace", ["kvTags", key]) if step["value"].is_string() => {
            document["kvTags"][unescaped(key)] = step["value"].clone();
        }
        ("remove", ["kvTags", key]) => {
            let key = unescaped(key);
            let tags = document["kvTags"].as_object_mut().ok_or_else(not_valid)?;
            tags.remove(&key).ok_or_else(|| format!("The target location '{path}' was not found."))?;
        }
        ("add" | "replace", ["description" | "kvTags"] | ["kvTags", _]) => return Err(not_valid()),
        ("add" | "replace" | "remove", _) => return Err(format!("The field '{path}' cannot be changed.")),
        _ => return Err(format!("The operation '{operation}' is not valid.")),
    }
    Ok(())
}

/// RFC 6901.
fn unescaped(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}

fn delete(call: &Call<'_>, workspace: &mut Workspace, family: &str, id: &str, speed: f64) -> Outcome {
    let Ok(place) = place_of(call, workspace, family, id) else { return Ok(Answer::empty(204)) };
    if let Some(refusal) = in_use(call, workspace, family, id) {
        return Err(refusal);
    }
    if family == "services" {
        check_idle(call, &workspace.services[place])?;
        if workspace.services[place]["computeType"] == "AKS" {
            workspace.services[place]["state"] = "Deleting".into();
            return Ok(begin(call, workspace, id, true, speed));
        }
    }
    family_of(workspace, family).remove(place);
    Ok(Answer::empty(200))
}

/// Refuses to delete what something else is made of. The sample tells of a model; guess: the others in its words.
fn in_use(call: &Call<'_>, workspace: &Workspace, family: &str, id: &str) -> Option<Answer> {
    let ids = |documents: &[Value], uses: &dyn Fn(&Value) -> bool| -> Vec<String> {
        documents.iter().filter(|document| uses(document)).map(|one| text(one, "id").to_owned()).collect()
    };
    let names = |list: &Value, name: &dyn Fn(&Value) -> bool| {
        list.as_array().is_some_and(|items| items.iter().any(name))
    };
    let (noun, users) = match family {
        "models" => (
            "model",
            vec![
                ("Image", ids(&workspace.images, &|image| names(&image["modelIds"], &|model| *model == id))),
                (
                    "Service",
                    ids(&workspace.services, &|service| {
                        names(&service["models"], &|model| model["id"] == id)
                    }),
                ),
            ],
        ),
        "images" => {
            ("image", vec![("Service", ids(&workspace.services, &|service| service["imageId"] == id))])
        }
        "assets" => {
            let address = format!("aml://asset/{id}");
            ("asset", vec![("Model", ids(&workspace.models, &|model| model["url"] == address.as_str()))])
        }
        _ => return None,
    };
    let first = users.iter().find(|(_, ids)| !ids.is_empty())?.0;
    let article = if first == "Image" { "an" } else { "a" };
    let lower = first.to_ascii_lowercase();
    let mut document = sample(include_str!("../samples/model_delete_412.json"));
    document["message"] =
        format!("The {noun} is used by {article} {lower}. Delete the {lower} first.").into();
    let details = users.iter().flat_map(|(kind, ids)| {
        ids.iter().map(move |id| {
            json!({ "code": format!("{kind}DeletionRequired"), "message": format!("{kind} {id} must be deleted.") })
        })
    });
    document["details"] = details.collect();
    document["correlation"]["RequestId"] = guid(&format!("request {}", call.number)).into();
    Some(Answer::json(412, &document))
}

/// Guess: that a service on Kubernetes takes a while for it, and shows its keys when it is asked for them.
fn regenerate(call: &Call<'_>, workspace: &mut Workspace, id: &str, speed: f64) -> Outcome {
    let body = json_object(call)?;
    let place = place_of(call, workspace, "services", id)?;
    let service = &workspace.services[place];
    if service["authEnabled"] != true {
        let message = format!("Key authentication is not enabled for service {id}.");
        return Err(errors::model_management(call, 400, "AuthenticationNotEnabled", message));
    }
    check_idle(call, service)?;
    // The description types it as a number and lists words.
    let which = match &body["keyType"] {
        Value::String(word) if word == "Primary" => 0,
        Value::String(word) if word == "Secondary" => 1,
        Value::Number(number) if number.as_u64().is_some_and(|number| number < 2) => {
            usize::from(number.as_u64() == Some(1))
        }
        _ => {
            let message = "The field 'keyType' has to be 'Primary' or 'Secondary'.";
            return Err(errors::model_management(call, 400, "InvalidKeyType", message));
        }
    };
    let is_on_cluster = service["computeType"] == "AKS";
    let mut keys = keys(workspace, id);
    keys[which] = match text(&body, "keyValue") {
        "" => format!("<{}-key {}>", ["primary", "secondary"][which], hex32(&format!("key {}", call.number))),
        wanted => wanted.to_owned(),
    };
    workspace.service_keys.retain(|(name, _)| name != id);
    workspace.service_keys.push((id.to_owned(), keys.clone()));
    if is_on_cluster {
        workspace.services[place]["state"] = "Transitioning".into();
        return Ok(begin(call, workspace, id, false, speed));
    }
    Ok(Answer::json(200, &keys_document(&keys)))
}

/// Guess: the code and the words.
fn check_idle(call: &Call<'_>, service: &Value) -> Result<(), Answer> {
    let state = text(service, "state");
    if !matches!(state, "Transitioning" | "Deleting") {
        return Ok(());
    }
    let message = format!("Service {} is in state {state} and cannot be changed.", text(service, "id"));
    Err(errors::model_management(call, 409, "ServiceOperationInProgress", message))
}

fn begin(call: &Call<'_>, workspace: &mut Workspace, service: &str, is_removal: bool, speed: f64) -> Answer {
    let id = guid(&format!("deployment {}", call.number));
    let lasts = if is_removal { SECONDS_TO_REMOVE } else { SECONDS_TO_CHANGE };
    workspace.deployments.push(Deployment {
        id: id.clone(),
        service: service.to_owned(),
        is_removal,
        begun: call.now,
        ends: call.now + seconds(lasts / speed),
        is_over: false,
    });
    let of_workspace = call.raw_path.split("/services/").next().unwrap_or_default();
    let link = format!("{}{of_workspace}/operations/{id}", call.place.origin);
    Answer::empty(202).with("operation-location", link)
}

fn operation(call: &Call<'_>, workspace: &Workspace, id: &str) -> Outcome {
    let Some(deployment) = workspace.deployments.iter().find(|deployment| deployment.id == id) else {
        let message = format!("Operation with id {id} not found in provided workspace");
        return Err(errors::model_management(call, 404, "OperationNotFound", message));
    };
    let mut document = sample(include_str!("../samples/mms_operation_running.json"));
    document["id"] = id.into();
    document["state"] = if deployment.is_over { "Succeeded" } else { "Running" }.into();
    document["createdTime"] = stamp(deployment.begun).into();
    document["endTime"] = deployment.is_over.then(|| stamp(deployment.ends)).into();
    let of_workspace = call.raw_path.split("/operations/").next().unwrap_or_default();
    document["resourceLocation"] = format!("{of_workspace}/services/{}", deployment.service).into();
    document["operationDetails"] = Value::Null;
    Ok(Answer::json(200, &document))
}

fn family_of<'a>(workspace: &'a mut Workspace, family: &str) -> &'a mut Vec<Value> {
    match family {
        "models" => &mut workspace.models,
        "assets" => &mut workspace.assets,
        "images" => &mut workspace.images,
        _ => &mut workspace.services,
    }
}

fn place_of(call: &Call<'_>, workspace: &mut Workspace, family: &str, id: &str) -> Outcome<usize> {
    let place = family_of(workspace, family).iter().position(|document| document["id"] == id);
    place.ok_or_else(|| {
        let kind = match family {
            "models" => "Model",
            "assets" => "Asset",
            "images" => "Image",
            _ => "Service",
        };
        let message = format!("{kind} with id {id} not found in provided workspace");
        errors::model_management(call, 404, &format!("{kind}NotFound"), message)
    })
}

fn json_object(call: &Call<'_>) -> Outcome<Value> {
    let body: Value = serde_json::from_slice(call.body).map_err(|error| not_json(call, &error))?;
    if body.is_object() {
        return Ok(body);
    }
    Err(errors::model_management(call, 400, "InvalidBody", "The body has to be an object."))
}

fn not_json(call: &Call<'_>, error: &serde_json::Error) -> Answer {
    errors::model_management(call, 400, "InvalidBody", format!("The body is not valid JSON: {error}"))
}
