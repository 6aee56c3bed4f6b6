//! What is in a resource group: its workspaces, and what they are made of or could be.

use serde_json::{Value, json};

use crate::answer::Outcome;
use crate::call::Call;
use crate::errors;
use crate::simulator::Simulator;
use crate::state::{State, id_part, text};
use crate::workspace_changes::DEPENDENCIES;

impl Simulator {
    /// `{resource group}/resources`, all of them or those of some types.
    pub(crate) fn resources_of_group(&self, call: &Call<'_>, subscription: &str, group: &str) -> Outcome {
        let kinds = call.query("$filter").map(kinds_in).transpose()?;
        let is_wanted = |kind: &str| {
            kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|one| one.eq_ignore_ascii_case(kind)))
        };
        let workspaces = self.state.workspaces.iter().map(|workspace| &workspace.document);
        let in_group = workspaces.chain(&self.state.resources).filter(|document| {
            id_part(document, "subscriptions").eq_ignore_ascii_case(subscription)
                && id_part(document, "resourceGroups").eq_ignore_ascii_case(group)
                && is_wanted(text(document, "type"))
        });
        let short = |document: &Value| {
            let field = |name: &str| document[name].clone();
            let (id, name, kind) = (field("id"), field("name"), field("type"));
            json!({ "id": id, "name": name, "type": kind, "location": field("location"), "tags": field("tags") })
        };
        self.arm_list(call, in_group.map(short).collect())
    }
}

impl State {
    /// Has what the workspaces are made of among the resources.
    pub fn with_what_workspaces_are_made_of(mut self) -> State {
        for workspace in &self.workspaces {
            let properties = &workspace.document["properties"];
            let ids = DEPENDENCIES.iter().map(|field| text(properties, field)).filter(|id| !id.is_empty());
            self.resources.extend(ids.map(|id| document(id, workspace.region())));
        }
        self
    }
}

/// A resource with an ARM id, which says of what type it is.
pub fn document(id: &str, region: &str) -> Value {
    let mut end = id.rsplit('/');
    let (name, kind) = (end.next().unwrap_or_default(), end.next().unwrap_or_default());
    let namespace = end.next().unwrap_or_default();
    json!({ "id": id, "name": name, "type": format!("{namespace}/{kind}"), "location": region, "tags": {} })
}

/// The types that a filter wants: `resourceType eq '…'`, several with `or`.
fn kinds_in(filter: &str) -> Outcome<Vec<&str>> {
    filter.split(" or ").map(kind_in).collect::<Option<_>>().ok_or_else(|| {
        let message = format!("Invalid $filter '{filter}' specified in the query string.");
        errors::arm(400, "InvalidFilterInQueryString", message)
    })
}

fn kind_in(term: &str) -> Option<&str> {
    term.trim().strip_prefix("resourceType eq '")?.strip_suffix('\'')
}
