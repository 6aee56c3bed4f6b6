//! Datastores and notifications, to be read.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors::{DATASTORE, NOTIFICATION, sample, user_error};
use crate::history::{Scope, no_such_path};
use crate::paging::{next_link, page};
use crate::simulator::Simulator;
use crate::state::{Workspace, id_part, text};

/// What is left out of a datastore when secrets are not asked for.
const SECRETS: [&str; 8] = [
    "credential",
    "accountKey",
    "sasToken",
    "clientCredentials",
    "clientSecret",
    "certificate",
    "userPassword",
    "password",
];

impl Simulator {
    pub(crate) fn datastores(&self, call: &Call<'_>, scope: Scope<'_>, path: &[&str]) -> Outcome {
        let workspace = self.at(scope).ok_or_else(|| no_such_path(call, DATASTORE))?;
        let datastores = &workspace.datastores;
        let find = |name: &str| {
            let datastore =
                datastores.iter().find(|datastore| text(datastore, "name").eq_ignore_ascii_case(name));
            // Guess: the wording.
            datastore
                .ok_or_else(|| user_error(call, DATASTORE, 404, format!("Could not find datastore: {name}")))
        };
        match (call.method, path) {
            (&Method::GET, ["datastores"]) => {
                let names: Vec<&str> = call.queries("dataStoreNames").collect();
                let with_secrets =
                    !call.query("includeSecret").is_some_and(|wish| wish.eq_ignore_ascii_case("false"));
                let wanted = datastores.iter().filter(|datastore| {
                    names.is_empty()
                        || names.iter().any(|name| text(datastore, "name").eq_ignore_ascii_case(name))
                });
                let shown =
                    wanted.map(|datastore| if with_secrets { datastore.clone() } else { bare(datastore) });
                self.data_plane_page(call, DATASTORE, shown.collect(), 30)
            }
            (&Method::GET, ["datastores", name]) => Ok(Answer::json(200, find(name)?)),
            (&Method::GET, ["default"]) => Ok(Answer::json(200, find("workspaceblobstore")?)),
            (_, ["datastores"] | ["datastores", _] | ["default"]) => {
                Err(user_error(call, DATASTORE, 405, format!("The path does not support {}.", call.method)))
            }
            _ => Err(no_such_path(call, DATASTORE)),
        }
    }

    /// No schema of this service is public: the shape is invented.
    pub(crate) fn notifications(&self, call: &Call<'_>, scope: Scope<'_>, path: &[&str]) -> Outcome {
        let workspace = self.at(scope).ok_or_else(|| no_such_path(call, NOTIFICATION))?;
        match (call.method, path) {
            (&Method::GET, ["tasks"]) => {
                self.data_plane_page(call, NOTIFICATION, workspace.tasks.clone(), 100)
            }
            (&Method::GET, ["tasks", id]) => {
                let task = workspace.tasks.iter().find(|task| task["taskId"] == *id);
                let refusal = || user_error(call, NOTIFICATION, 404, format!("Task {id} was not found"));
                Ok(Answer::json(200, task.ok_or_else(refusal)?))
            }
            _ => Err(no_such_path(call, NOTIFICATION)),
        }
    }

    fn data_plane_page(
        &self,
        call: &Call<'_>,
        component: &str,
        documents: Vec<Value>,
        usual: usize,
    ) -> Outcome {
        let size = match call.query("count") {
            None => usual.min(self.page_size),
            Some(count) => count.parse().ok().filter(|count| *count > 0).ok_or_else(|| {
                user_error(call, component, 400, format!("The count '{count}' is not valid."))
            })?,
        };
        let page = page(documents, call.query("continuationToken"), size)
            .ok_or_else(|| user_error(call, component, 400, "The continuation token is not valid."))?;
        let link = page.next.as_deref().map(|token| next_link(call, "continuationToken", &[], token));
        Ok(Answer::json(
            200,
            &json!({ "value": page.items, "continuationToken": page.next, "nextLink": link }),
        ))
    }
}

/// What every workspace begins with; `mark` is in the names of its containers.
pub fn usual(workspace: &Workspace, mark: &str) -> Vec<Value> {
    let text = include_str!("../samples/datastores_list.json")
        .replace("myworkspace0275623111", workspace.storage_account())
        .replace("cba12345-abab-abab-abab-ababab123456", mark)
        .replace("12345abc-abbc-1b2b-1234-57ab575a5a5a", id_part(&workspace.document, "subscriptions"))
        .replace("DeepLearningResourceGroup", id_part(&workspace.document, "resourceGroups"));
    match sample(&text)["value"].take() {
        Value::Array(datastores) => datastores,
        _ => Vec::new(),
    }
}

/// A datastore without its secrets.
fn bare(datastore: &Value) -> Value {
    let mut datastore = datastore.clone();
    for section in datastore.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        for secret in SECRETS {
            if let Some(secret) = section.get_mut(secret) {
                *secret = Value::Null;
            }
        }
    }
    datastore
}
