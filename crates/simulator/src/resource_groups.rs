//! Resource groups: making, tagging and deleting them.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors;
use crate::management::{GROUPS, json_object, method_not_allowed, not_found_anywhere};
use crate::operations::{Change, Told};
use crate::simulator::Simulator;
use crate::state::{id_part, text};

impl Simulator {
    /// `/subscriptions/{subscription}/resourceGroups/{name}`, to be changed.
    pub(crate) fn change_group(&mut self, call: &Call<'_>) -> Outcome {
        let (subscription, name) = (&call.segments[1], &call.segments[3]);
        let place = self.state.resource_groups.iter().position(|group| {
            text(group, "name").eq_ignore_ascii_case(name)
                && id_part(group, "subscriptions").eq_ignore_ascii_case(subscription)
        });
        match (call.method, place) {
            (&Method::PUT, None) => self.make_group(call),
            (&Method::PUT | &Method::PATCH, Some(place)) => self.tag_group(call, place),
            (&Method::DELETE, Some(place)) => {
                let group = &self.state.resource_groups[place];
                let resource = text(group, "id").to_owned();
                self.check_idle(&resource)?;
                self.state.resource_groups[place]["properties"]["provisioningState"] = "Deleting".into();
                Ok(self.begin(call, &resource, Change::Delete, None, Told::Group, Answer::empty(202)))
            }
            (&Method::PATCH | &Method::DELETE, None) => Err(not_found_anywhere(call)),
            _ => Err(method_not_allowed(call)),
        }
    }

    fn make_group(&mut self, call: &Call<'_>) -> Outcome {
        let name = &call.segments[3];
        let body = json_object(call)?;
        let is_good = name.len() <= 90
            && !name.ends_with('.')
            && name.chars().all(|character| character.is_alphanumeric() || "-_.()".contains(character));
        if !is_good {
            let message = format!(
                "The provided resource group name '{name}' has these invalid characters: '{}'. The name can only be a \
                 letter, digit, '-', '.', '(', ')' or '_'.",
                name.chars()
                    .filter(|one| !one.is_alphanumeric() && !"-_()".contains(*one))
                    .collect::<String>()
            );
            return Err(errors::arm(400, "InvalidResourceGroup", message));
        }
        let region = self.location(&body, GROUPS)?;
        let group = json!({
            "id": format!("/subscriptions/{}/resourceGroups/{name}", call.segments[1]),
            "name": name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": region,
            "tags": if body["tags"].is_object() { body["tags"].clone() } else { json!({}) },
            "properties": { "provisioningState": "Succeeded" },
        });
        let groups = &mut self.state.resource_groups;
        groups.push(group.clone());
        groups.sort_by_key(|group| text(group, "name").to_ascii_lowercase());
        Ok(Answer::json(201, &group))
    }

    fn tag_group(&mut self, call: &Call<'_>, place: usize) -> Outcome {
        let body = json_object(call)?;
        let group = &self.state.resource_groups[place];
        let (resource, there) = (text(group, "id").to_owned(), text(group, "location").to_owned());
        self.check_idle(&resource)?;
        if call.method == Method::PUT {
            let region = self.location(&body, GROUPS)?;
            if region != there {
                let message = format!(
                    "Invalid resource group location '{region}'. The Resource group already exists in location '{there}'."
                );
                return Err(errors::arm(409, "InvalidResourceGroupLocation", message));
            }
        }
        let group: &mut Value = &mut self.state.resource_groups[place];
        if body["tags"].is_object() {
            group["tags"] = body["tags"].clone();
        }
        Ok(Answer::json(200, group))
    }
}
