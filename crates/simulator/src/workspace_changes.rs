//! Workspaces: making, describing and deleting them, and their keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::{guid, hex16, signature};
use crate::datastores;
use crate::errors::{self, sample};
use crate::management::{json_object, method_not_allowed, not_found, not_found_at, version};
use crate::operations::{Change, Told};
use crate::providers::LEARNING;
use crate::simulator::Simulator;
use crate::state::{Workspace, text};
use crate::times::stamp;

/// What a workspace is made of; it cannot be changed afterwards.
pub const DEPENDENCIES: [&str; 4] =
    ["storageAccount", "keyVault", "applicationInsights", "containerRegistry"];

impl Simulator {
    /// `…/workspaces/{name}`, to be changed.
    pub(crate) fn change_workspace(&mut self, call: &Call<'_>) -> Outcome {
        match *call.method {
            Method::PUT => self.put_workspace(call),
            Method::PATCH => self.describe_workspace(call),
            Method::DELETE => self.delete_workspace(call),
            _ => Err(method_not_allowed(call)),
        }
    }

    fn workspace_mut(&mut self, call: &Call<'_>) -> Result<&mut Workspace, Answer> {
        let workspace = self.state.workspace_mut(&call.segments[1], &call.segments[3], &call.segments[7]);
        workspace.ok_or_else(|| not_found(call))
    }

    fn put_workspace(&mut self, call: &Call<'_>) -> Outcome {
        let (subscription, group, name) = (&call.segments[1], &call.segments[3], &call.segments[7]);
        let refuse = |code: &str, message: String| errors::arm(400, code, message);
        if self.registration(call, subscription, LEARNING) != "Registered" {
            return Err(errors::not_registered(LEARNING));
        }
        let body = json_object(call)?;
        let region = self.location(&body, "Microsoft.MachineLearningServices/workspaces")?;
        check_name(name).map_err(|message| refuse("ValidationError", message))?;
        let wanted = &body["properties"];
        let failure = registry_failure(wanted);

        let existing = self.state.workspace(subscription, group, name);
        if let Some(existing) = existing {
            let resource = text(&existing.document, "id").to_owned();
            self.check_idle(&resource)?;
            check_kept(&existing.document, &region, wanted)
                .map_err(|message| refuse("ValidationError", message))?;
            let workspace = self.workspace_mut(call)?;
            let document = &mut workspace.document;
            describe(document, &body);
            document["tags"] = if body["tags"].is_object() { body["tags"].clone() } else { json!({}) };
            document["properties"]["provisioningState"] = "Updating".into();
            return Ok(self.begin(
                call,
                &resource,
                Change::Update,
                failure,
                Told::Workspace,
                Answer::empty(202),
            ));
        }

        let missing: Vec<&str> =
            DEPENDENCIES[..3].iter().copied().filter(|field| text(wanted, field).is_empty()).collect();
        if !missing.is_empty() {
            // Guess: that the missing ones are named.
            let message = format!("Missing dependent resources in workspace json: {}", missing.join(", "));
            return Err(refuse("ValidationError", message));
        }
        let group =
            self.state.resource_groups.iter().find(|one| text(one, "name").eq_ignore_ascii_case(group));
        let group = group.map_or(String::new(), |group| text(group, "id").to_owned());
        let resource = format!("{group}/providers/{LEARNING}/workspaces/{name}");
        self.check_idle(&resource)?;
        if self.state.deleted.iter().any(|id| id.eq_ignore_ascii_case(&resource)) {
            // Seen by users; guess: that it comes at once.
            let message =
                "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete";
            return Err(refuse("BadRequest", message.to_owned()));
        }

        let mut document = sample(include_str!("../samples/arm_workspace_get.json"));
        document["id"] = resource.as_str().into();
        document["name"] = name.as_str().into();
        document["location"] = region.as_str().into();
        document["tags"] = if body["tags"].is_object() { body["tags"].clone() } else { json!({}) };
        document["identity"] = json!({
            "type": "SystemAssigned",
            "principalId": guid(&format!("identity of {name} at {}", call.number)),
            "tenantId": self.state.tenant.id,
        });
        let properties = &mut document["properties"];
        for field in DEPENDENCIES {
            properties[field] = wanted[field].clone();
        }
        properties["creationTime"] = stamp(call.now).into();
        properties["workspaceId"] = guid(&format!("workspace {name} at {}", call.number)).into();
        properties["hbiWorkspace"] = wanted["hbiWorkspace"].as_bool().unwrap_or_default().into();
        properties["discoveryUrl"] = format!("https://{region}.experiments.azureml.net/discovery").into();
        properties["provisioningState"] = "Creating".into();
        describe(&mut document, &body);
        self.hosts.localise(&mut document);
        let mut workspace = Workspace::empty(document, self.state.submission.clone());
        let mark = text(&workspace.document["properties"], "workspaceId");
        workspace.datastores = datastores::usual(&workspace, mark);
        self.state.workspaces.push(workspace);
        Ok(self.begin(call, &resource, Change::Create, failure, Told::Workspace, Answer::empty(202)))
    }

    fn describe_workspace(&mut self, call: &Call<'_>) -> Outcome {
        let body = json_object(call)?;
        let resource = text(&self.workspace_mut(call)?.document, "id").to_owned();
        self.check_idle(&resource)?;
        let document = &mut self.workspace_mut(call)?.document;
        describe(document, &body);
        if body["tags"].is_object() {
            document["tags"] = body["tags"].clone();
        }
        Ok(Answer::json(200, document).with("x-ms-response-type", "standard"))
    }

    fn delete_workspace(&mut self, call: &Call<'_>) -> Outcome {
        // Nothing to delete is no failure (specification).
        let Ok(workspace) = self.workspace_mut(call) else { return Ok(Answer::empty(204)) };
        let resource = text(&workspace.document, "id").to_owned();
        self.check_idle(&resource)?;
        let state = &mut self.workspace_mut(call)?.document["properties"]["provisioningState"];
        let never_was = *state == "Failed";
        *state = "Deleting".into();
        // Guess: of what never came to be nothing is kept.
        if !never_was {
            self.state.deleted.push(resource.clone());
        }
        Ok(self.begin(call, &resource, Change::Delete, None, Told::Workspace, Answer::empty(202)))
    }

    /// `…/workspaces/{name}/{action}`
    pub(crate) fn act_on_workspace(&mut self, call: &Call<'_>, action: &str) -> Outcome {
        let workspace = self.state.workspace(&call.segments[1], &call.segments[3], &call.segments[7]);
        let workspace = workspace.ok_or_else(|| not_found_at(call, 8))?;
        if call.method != Method::POST {
            return Err(method_not_allowed(call));
        }
        if action == "listkeys" {
            return Ok(Answer::json(200, &keys(call, workspace)));
        }
        let resource = text(&workspace.document, "id").to_owned();
        self.check_idle(&resource)?;
        // At once in 2019 (specification), later as it was recorded.
        match version(call) < "2021" {
            true => Ok(Answer::empty(200)),
            false => {
                // Guess: that the workspace shows it.
                self.workspace_mut(call)?.document["properties"]["provisioningState"] = "Updating".into();
                Ok(self.begin(call, &resource, Change::Resync, None, Told::Workspace, Answer::empty(202)))
            }
        }
    }
}

/// Name and words for people, and the edition.
fn describe(document: &mut Value, body: &Value) {
    for field in ["friendlyName", "description", "imageBuildCompute"] {
        if body["properties"][field].is_string() {
            document["properties"][field] = body["properties"][field].clone();
        }
    }
    if body["sku"].is_object() {
        document["sku"] = body["sku"].clone();
    }
}

/// Guess: a registry whose name begins with `noadmin` stands for one without the admin user, with which the service
/// makes no workspace.
fn registry_failure(wanted: &Value) -> Option<Value> {
    let registry = text(wanted, "containerRegistry").rsplit('/').next().unwrap_or_default();
    let error = sample(include_str!("../samples/arm_operation_status_failed.json"))["error"].take();
    let message = text(&error, "message").replace("myregistry", registry);
    registry.starts_with("noadmin").then(|| json!({ "code": error["code"], "message": message }))
}

/// Guess: the words.
fn check_kept(document: &Value, region: &str, wanted: &Value) -> Result<(), String> {
    if text(document, "location") != region {
        return Err("The property 'location' of a workspace cannot be changed.".to_owned());
    }
    for field in DEPENDENCIES {
        let (there, wanted) = (text(&document["properties"], field), text(wanted, field));
        if !wanted.is_empty() && !there.is_empty() && !wanted.eq_ignore_ascii_case(there) {
            return Err(format!("The property '{field}' of a workspace cannot be changed."));
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), String> {
    let is_good = (3..=33).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character));
    if is_good {
        return Ok(());
    }
    Err(format!(
        "The workspace name '{name}' is not valid: it has to be 3 to 33 letters, digits, '_' and '-', and begin with a \
         letter or digit."
    ))
}

/// Keys that open nothing.
fn keys(call: &Call<'_>, workspace: &Workspace) -> Value {
    let name = text(&workspace.document, "name");
    let key = |of: &str| STANDARD.encode(signature(&format!("{of} of {name}")));
    let properties = &workspace.document["properties"];
    let mut keys = sample(include_str!("../samples/arm_workspace_listkeys.json"));
    keys["userStorageKey"] = key("storage").into();
    // Another name from 2022 on (recorded).
    if version(call) >= "2022" {
        keys["userStorageArmId"] = properties["storageAccount"].clone();
        if let Some(fields) = keys.as_object_mut() {
            fields.remove("userStorageResourceId");
        }
    } else {
        keys["userStorageResourceId"] = properties["storageAccount"].clone();
    }
    keys["appInsightsInstrumentationKey"] = guid(&format!("insights of {name}")).into();
    let registry = text(properties, "containerRegistry").rsplit('/').next().unwrap_or_default();
    if registry.is_empty() {
        keys["containerRegistryCredentials"] = Value::Null;
    } else {
        let credentials = &mut keys["containerRegistryCredentials"];
        credentials["location"] = workspace.document["location"].clone();
        credentials["username"] = registry.into();
        for (index, password) in credentials["passwords"].as_array_mut().into_iter().flatten().enumerate() {
            password["value"] = hex16(&format!("password {index} of {name}")).into();
        }
    }
    if version(call) >= "2021" {
        keys["notebookAccessKeys"] =
            json!({ "primaryAccessKey": key("notebook"), "secondaryAccessKey": key("second notebook") });
    }
    keys
}
