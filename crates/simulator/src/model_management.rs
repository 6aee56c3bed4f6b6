//! Model management: models, services, images and assets, under both of its prefixes.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::{Call, pairs};
use crate::errors;
use crate::history::Scope;
use crate::paging::{in_order, next_link, page};
use crate::simulator::Simulator;
use crate::state::text;

impl Simulator {
    /// The host of its own: `/api`, and the regional host's prefix too.
    pub(crate) fn model_management_host(&self, call: &Call<'_>) -> Outcome {
        match call.path().as_slice() {
            ["api", rest @ ..] | ["modelmanagement", "v1.0", rest @ ..] => self.model_management(call, rest),
            _ => Err(no_such_path(call)),
        }
    }

    /// What follows the prefix. How strictly the service checks versions is not known; all are taken.
    pub(crate) fn model_management(&self, call: &Call<'_>, path: &[&str]) -> Outcome {
        self.data_plane_claims(call)
            .map_err(|reason| errors::model_management(call, 401, "Unauthorized", reason))?;
        let (scope, path) = Scope::split(path).ok_or_else(|| no_such_path(call))?;
        let workspace = self.at(scope).ok_or_else(|| {
            // Guess: code and wording.
            let message = format!("Workspace {} was not found", scope.workspace);
            errors::model_management(call, 404, "WorkspaceNotFound", message)
        })?;
        match (call.method, path) {
            (&Method::GET, ["models"]) => self.asset_list(call, &workspace.models),
            (&Method::GET, ["models", id]) => one(call, &workspace.models, id, "Model"),
            (&Method::GET, ["services"]) => self.asset_list(call, &workspace.services),
            (&Method::GET, ["services", id]) => one(call, &workspace.services, id, "Service"),
            (&Method::POST, ["services", id, "listkeys"]) => {
                one(call, &workspace.services, id, "Service")?;
                Ok(Answer::json(200, &errors::sample(include_str!("../samples/service_listkeys.json"))))
            }
            (&Method::GET, ["images"]) => self.asset_list(call, &workspace.images),
            (&Method::GET, ["images", id]) => one(call, &workspace.images, id, "Image"),
            (&Method::GET, ["assets"]) => self.asset_list(call, &workspace.assets),
            (&Method::GET, ["assets", id]) => one(call, &workspace.assets, id, "Asset"),
            (
                _,
                ["models" | "services" | "images" | "assets"]
                | ["models" | "services" | "images" | "assets", _],
            ) => {
                let message =
                    format!("The requested resource does not support http method '{}'.", call.method);
                Err(errors::model_management(call, 405, "MethodNotAllowed", message))
            }
            _ => Err(no_such_path(call)),
        }
    }

    /// A list, filtered, ordered and cut. At the end the key `nextLink` is missing, or clients loop.
    fn asset_list(&self, call: &Call<'_>, documents: &[Value]) -> Outcome {
        let refuse = |message: String| errors::model_management(call, 400, "InvalidQueryParameter", message);
        let documents: Vec<&Value> = documents.iter().filter(|document| fits(call, document)).collect();
        // Guess: services are in this order too, though their usual one is by the time of the last change.
        let (fields, newest_first) = match call.query("orderBy").unwrap_or("CreatedAtDesc") {
            "CreatedAtDesc" => (CREATED, true),
            "CreatedAtAsc" => (CREATED, false),
            "UpdatedAtDesc" => (UPDATED, true),
            "UpdatedAtAsc" => (UPDATED, false),
            other => return Err(refuse(format!("The order '{other}' is not valid."))),
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
        let mut document = json!({ "value": page.items });
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
    equals("name", "name")
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

fn one(call: &Call<'_>, documents: &[Value], id: &str, kind: &str) -> Outcome {
    let document = documents.iter().find(|document| document["id"] == id);
    document.map(|document| Answer::json(200, document)).ok_or_else(|| {
        let message = format!("{kind} with id {id} not found in provided workspace");
        errors::model_management(call, 404, &format!("{kind}NotFound"), message)
    })
}

fn no_such_path(call: &Call<'_>) -> Answer {
    errors::model_management(call, 404, "NotFound", "The requested path was not found.")
}
