//! Model management: models, services, images and assets, under both of its prefixes.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::{Call, pairs};
use crate::checksum::checksum;
use crate::errors;
use crate::history::Scope;
use crate::model_changes;
use crate::paging::{in_order, next_link, page};
use crate::scoring;
use crate::simulator::Simulator;
use crate::state::{Workspace, text};
use crate::storage;
use crate::times::{short_stamp, stamp};

impl Simulator {
    /// The host of its own: `/api`, and the regional host's prefix too.
    pub(crate) fn model_management_host(&mut self, call: &Call<'_>) -> Outcome {
        match call.path().as_slice() {
            ["api", rest @ ..] | ["modelmanagement", "v1.0", rest @ ..] => self.model_management(call, rest),
            _ => Err(no_such_path(call)),
        }
    }

    /// What follows the prefix. How strictly the service checks versions is not known; all are taken.
    pub(crate) fn model_management(&mut self, call: &Call<'_>, path: &[&str]) -> Outcome {
        self.data_plane_claims(call)
            .map_err(|reason| errors::model_management(call, 401, "Unauthorized", reason))?;
        let (scope, path) = Scope::split(path).ok_or_else(|| no_such_path(call))?;
        if let Some(outcome) = self.change_managed(call, scope, path) {
            return outcome;
        }
        let workspace = self.at(scope).ok_or_else(|| {
            // Guess: code and wording.
            let message = format!("Workspace {} was not found", scope.workspace);
            errors::model_management(call, 404, "WorkspaceNotFound", message)
        })?;
        match (call.method, path) {
            (&Method::GET, ["models"]) => self.asset_list(call, &workspace.models, CREATED, &Value::clone),
            (&Method::GET, ["models", id]) => {
                Ok(Answer::json(200, one(call, &workspace.models, id, "Model")?))
            }
            (&Method::GET, ["models", id, "metrics"]) => {
                let model = one(call, &workspace.models, id, "Model")?;
                Ok(Answer::json(200, &operational_state(call, workspace, model)))
            }
            (&Method::GET, ["services"]) => {
                self.asset_list(call, &workspace.services, UPDATED, &|service| expanded(call, service))
            }
            (&Method::GET, ["services", id]) => {
                let service = one(call, &workspace.services, id, "Service")?;
                Ok(Answer::json(200, &expanded(call, service)))
            }
            (&Method::POST, ["services", id, action @ ("listkeys" | "token")]) => {
                credentials(call, workspace, one(call, &workspace.services, id, "Service")?, action)
            }
            (&Method::GET, ["services", id, "logs"]) => {
                let service = one(call, &workspace.services, id, "Service")?;
                Ok(Answer::json(200, &json!({ "content": service_log(call, service) })))
            }
            (&Method::GET, ["images"]) => {
                let write = |image: &Value| self.image_now(call, workspace, image);
                self.asset_list(call, &workspace.images, CREATED, &write)
            }
            (&Method::GET, ["images", id]) => {
                let image = one(call, &workspace.images, id, "Image")?;
                Ok(Answer::json(200, &self.image_now(call, workspace, image)))
            }
            (&Method::GET, ["assets"]) => self.asset_list(call, &workspace.assets, CREATED, &Value::clone),
            (&Method::GET, ["assets", id]) => {
                Ok(Answer::json(200, one(call, &workspace.assets, id, "Asset")?))
            }
            (
                _,
                ["models" | "services" | "images" | "assets"]
                | ["models" | "services" | "images" | "assets", _]
                | ["services", _, "listkeys" | "token" | "logs" | "regenerateKeys"]
                | ["operations", _]
                | ["models", _, "metrics"],
            ) => {
                let message =
                    format!("The requested resource does not support http method '{}'.", call.method);
                Err(errors::model_management(call, 405, "MethodNotAllowed", message))
            }
            _ => Err(no_such_path(call)),
        }
    }

    /// An image with the address of its build log, signed for some hours.
    fn image_now(&self, call: &Call<'_>, workspace: &Workspace, image: &Value) -> Value {
        let mut image = with_details(call, image, "modelDetails");
        if image["imageBuildLogUri"].is_null() {
            let account = workspace.storage_account();
            let blob = storage::build_log(text(&image, "id"));
            let address = storage::signed_address(&self.hosts.storage(account), account, &blob, call.now);
            image["imageBuildLogUri"] = address.into();
        }
        image
    }

    /// A list, filtered, ordered and cut. At the end the key `nextLink` is missing, or clients loop. `usual` is the
    /// time that it is ordered by when nothing else is asked for, the latest first.
    fn asset_list(
        &self,
        call: &Call<'_>,
        documents: &[Value],
        usual: &[&str],
        write: &dyn Fn(&Value) -> Value,
    ) -> Outcome {
        let refuse = |message: String| errors::model_management(call, 400, "InvalidQueryParameter", message);
        let documents: Vec<&Value> = documents.iter().filter(|document| fits(call, document)).collect();
        let (fields, newest_first) = match call.query("orderBy") {
            None => (usual, true),
            Some("CreatedAtDesc") => (CREATED, true),
            Some("CreatedAtAsc") => (CREATED, false),
            Some("UpdatedAtDesc") => (UPDATED, true),
            Some("UpdatedAtAsc") => (UPDATED, false),
            Some(other) => return Err(refuse(format!("The order '{other}' is not valid."))),
        };
        let times: Vec<&str> = documents.iter().map(|document| time(document, fields)).collect();
        let places = in_order(documents.len(), documents.len(), &|left, right| {
            let order = times[left].cmp(times[right]);
            if newest_first { order.reverse() } else { order }
        });
        let documents = places.into_iter().map(|place| documents[place]);
        let size = match call.query("count") {
            None => self.page_size,
            Some(count) => match count.parse() {
                Ok(count @ 1..) => count,
                _ => return Err(refuse(format!("The count '{count}' is not valid."))),
            },
        };
        let page = page(documents, call.query("$skipToken"), size)
            .ok_or_else(|| refuse("The skip token is not valid.".to_owned()))?;
        let mut document = json!({ "value": page.items.into_iter().map(write).collect::<Vec<_>>() });
        if let Some(token) = page.next {
            document["nextLink"] = next_link(call, "$skipToken", &[], &token).into();
        }
        Ok(Answer::json(200, &document))
    }
}

const CREATED: &[&str] = &["createdTime"];
const UPDATED: &[&str] = &["modifiedTime", "updatedTime", "createdTime"];

fn time<'a>(document: &'a Value, fields: &[&str]) -> &'a str {
    fields.iter().map(|field| text(document, field)).find(|time| !time.is_empty()).unwrap_or_default()
}

fn fits(call: &Call<'_>, document: &Value) -> bool {
    let equals = |parameter: &str, field: &str| {
        call.query(parameter).is_none_or(|value| value.is_empty() || text(document, field) == value)
    };
    let run = if document["runid"].is_string() { "runid" } else { "runId" };
    // A service names its image, an image its models; both may be asked for by name alone.
    let refers = |parameter: &str, ids: &[&str], by_name: bool| {
        call.query(parameter).is_none_or(|wanted| {
            let name = |id: &str| id.split(':').next().unwrap_or_default().to_owned();
            wanted.is_empty() || ids.iter().any(|id| *id == wanted || by_name && name(id) == wanted)
        })
    };
    let models: Vec<&str> = match document["modelIds"].as_array() {
        Some(ids) => ids.iter().filter_map(Value::as_str).collect(),
        None => document["models"].as_array().into_iter().flatten().map(|model| text(model, "id")).collect(),
    };
    let version = || document["version"].to_string();
    equals("name", "name")
        && call.query("version").is_none_or(|wanted| wanted.is_empty() || wanted == version())
        && refers("modelId", &models, false)
        && refers("modelName", &models, true)
        && refers("imageName", &[text(document, "imageId")], true)
        && has_all(call.query("tag"), &document["kvTags"])
        && equals("framework", "framework")
        && equals("description", "description")
        && equals("imageId", "imageId")
        && equals("computeType", "computeType")
        && equals("runId", run)
        && has_all(call.query("tags"), &document["kvTags"])
        && has_all(call.query("properties"), &document["properties"])
}

/// Whether a map has what `key1,key2=value` asks for.
fn has_all(wanted: Option<&str>, map: &Value) -> bool {
    let wanted = wanted.unwrap_or_default().replace(',', "&");
    pairs(&wanted).iter().all(|(key, value)| match map.get(key).and_then(Value::as_str) {
        Some(found) => value.is_empty() || found == value,
        None => false,
    })
}

/// A service with what stands behind it, where that is asked for (specification: by default it is not).
fn expanded(call: &Call<'_>, service: &Value) -> Value {
    with_details(call, service, "models")
}

/// A document whose details are left out unless the query says `expand=true`.
fn with_details(call: &Call<'_>, document: &Value, details: &str) -> Value {
    let mut document = document.clone();
    if !call.query("expand").is_some_and(|wish| wish.eq_ignore_ascii_case("true")) {
        document[details] = if details == "models" { json!([]) } else { Value::Null };
    }
    document
}

/// Keys or a token of a service. Guess: that a service that has no such thing refuses, and the words.
fn credentials(call: &Call<'_>, workspace: &Workspace, service: &Value, action: &str) -> Outcome {
    let (has, what) = match action {
        "token" => (&service["aadAuthEnabled"], "Token"),
        _ => (&service["authEnabled"], "Key"),
    };
    if *has != true {
        let message = format!("{what} authentication is not enabled for service {}.", text(service, "id"));
        return Err(errors::model_management(call, 400, "AuthenticationNotEnabled", message));
    }
    if action == "listkeys" {
        let keys = model_changes::keys(workspace, text(service, "id"));
        return Ok(Answer::json(200, &model_changes::keys_document(&keys)));
    }
    let mut token = errors::sample(include_str!("../samples/service_token.json"));
    token["accessToken"] = scoring::token(text(service, "name")).into();
    token["expiryOn"] = (call.now.unix_timestamp() + 12 * 3_600).into();
    token["refreshAfter"] = (call.now.unix_timestamp() + 8 * 3_600).into();
    Ok(Answer::json(201, &token))
}

/// What a service's container has printed: at most as many lines as the query asks for, a hundred where it does not
/// say (the published client's number). A healthy one is asked for something every few seconds.
fn service_log(call: &Call<'_>, service: &Value) -> String {
    let tail = call.query("tail").and_then(|tail| tail.parse().ok()).unwrap_or(100);
    let mut lines = vec![
        "2026-05-28T17:10:02,113 | INFO | Starting up app insights client".to_owned(),
        "2026-05-28T17:10:02,114 | INFO | Invoking user's init function".to_owned(),
    ];
    if text(service, "state") == "Failed" {
        lines.extend(
            [
                "2026-05-28T17:10:04,871 | ERROR | User's init function failed",
                "Traceback (most recent call last):",
                "  File \"/var/azureml-app/main.py\", line 3, in <module>",
                "    import torch",
                "ModuleNotFoundError: No module named 'torch'",
                "Worker exiting (pid: 38)",
            ]
            .map(str::to_owned),
        );
    } else if text(service, "state") == "Healthy" {
        lines.push("2026-05-28T17:10:09,002 | INFO | Users's init has completed successfully".to_owned());
        // One every five seconds, the last at the last full five of the clock.
        let last = call.now.unix_timestamp().div_euclid(5) * 5;
        for time in (0..120).rev().map(|place| last - place * 5) {
            let stamp = time::OffsetDateTime::from_unix_timestamp(time).map(short_stamp).unwrap_or_default();
            let milliseconds = 8 + checksum(&stamp) % 40;
            lines.push(format!("{stamp} | INFO | 200 POST /score {milliseconds} ms"));
        }
    }
    let first = lines.len().saturating_sub(tail);
    lines[first..].iter().map(|line| format!("{line}\n")).collect()
}

/// How often a model was put to work (specification). Guess: that it is counted over its services.
fn operational_state(call: &Call<'_>, workspace: &Workspace, model: &Value) -> Value {
    let services = workspace.services.iter().filter(|service| {
        service["models"].as_array().into_iter().flatten().any(|used| used["id"] == model["id"])
    });
    let (failed, fine): (Vec<_>, Vec<_>) = services.partition(|service| service["state"] == "Failed");
    let time = |name: &str, usual: &Value| call.query(name).map_or_else(|| usual.clone(), Value::from);
    json!({
        "deploymentSummary": { "successfulDeployments": fine.len(), "unsuccessfulDeployments": failed.len() },
        "startTime": time("startDate", &model["createdTime"]),
        "endTime": time("endDate", &stamp(call.now).into()),
    })
}

fn one<'a>(call: &Call<'_>, documents: &'a [Value], id: &str, kind: &str) -> Result<&'a Value, Answer> {
    let document = documents.iter().find(|document| document["id"] == id);
    document.ok_or_else(|| {
        let message = format!("{kind} with id {id} not found in provided workspace");
        errors::model_management(call, 404, &format!("{kind}NotFound"), message)
    })
}

fn no_such_path(call: &Call<'_>) -> Answer {
    errors::model_management(call, 404, "NotFound", "The requested path was not found.")
}
