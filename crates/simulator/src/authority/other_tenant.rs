//! ARM for a person in another tenant than the world's: a subscription with nothing in it.

use http::Method;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::authority::OTHER_TENANT;
use crate::call::Call;
use crate::checksum::guid;
use crate::errors;
use crate::hosts::Service;
use crate::login::BadToken;
use crate::simulator::Simulator;

impl Simulator {
    /// The answer to what another tenant's token is sent with, and to a person who asks for all tenants.
    pub(crate) fn other_tenant(&self, call: &Call<'_>) -> Option<Answer> {
        if call.place.service != Service::Management || call.query("api-version").is_none() {
            return None;
        }
        let lower: Vec<String> = call.segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let path: Vec<&str> = lower.iter().map(String::as_str).collect();
        let tenant = guid(OTHER_TENANT);
        match self.claims_in(&tenant, call, false) {
            Ok(_) => {}
            // The world's own people have the other tenant in their list; its service principal has not.
            Err(BadToken::Foreign(issuer)) => {
                if let ["subscriptions", id, ..] = path.as_slice()
                    && subscription(&tenant)["subscriptionId"] == **id
                {
                    return Some(self.arm_refusal_in(&tenant, call, BadToken::Foreign(issuer)));
                }
                let is_person = self.arm_claims(call).is_ok_and(|claims| claims["scp"].is_string());
                return (is_person && call.method == Method::GET && path == ["tenants"])
                    .then(|| self.tenants());
            }
            Err(bad @ (BadToken::Expired(_) | BadToken::Audience(_))) => {
                return Some(self.arm_refusal(call, bad));
            }
            Err(_) => return None,
        }
        let subscription = subscription(&tenant);
        let id = subscription["subscriptionId"].as_str().unwrap_or_default();
        let list = |items: Value| Answer::json(200, &json!({ "value": items }));
        let answer = match (call.method, path.as_slice()) {
            (&Method::GET, ["tenants"]) => self.tenants(),
            (&Method::GET, ["subscriptions"]) => list(json!([subscription])),
            // The world's own: refused there, for a token of another tenant.
            (_, ["subscriptions", other, ..])
                if self.state.subscriptions.iter().any(|known| known["subscriptionId"] == **other) =>
            {
                return None;
            }
            (_, ["subscriptions", other, ..]) if *other != id => {
                let message = format!("The subscription '{other}' could not be found.");
                errors::arm(404, "SubscriptionNotFound", message)
            }
            (&Method::GET, ["subscriptions", _]) => Answer::json(200, &subscription),
            (&Method::GET, ["subscriptions", _, "resourcegroups" | "providers"])
            | (&Method::GET, ["subscriptions", _, "providers", _, "workspaces"]) => list(json!([])),
            (&Method::GET, _) => {
                errors::arm(404, "NotFound", format!("The path '{}' does not exist.", call.raw_path))
            }
            // A guest may look.
            _ => errors::arm(
                403,
                "AuthorizationFailed",
                format!(
                    "The client does not have authorization to perform action over scope '{}'.",
                    call.raw_path
                ),
            ),
        };
        Some(answer)
    }

    fn tenants(&self) -> Answer {
        let id = guid(OTHER_TENANT);
        let other = json!({
            "id": format!("/tenants/{id}"),
            "tenantId": id,
            "countryCode": "NL",
            "displayName": "Windmill Flour",
            "domains": ["millers.example"],
            "tenantCategory": "Home",
            "defaultDomain": "millers.example",
            "tenantType": "AAD",
        });
        let tenants: Vec<&Value> = self.state.tenants.iter().chain([&other]).collect();
        Answer::json(200, &json!({ "value": tenants }))
    }
}

fn subscription(tenant: &str) -> Value {
    let id = guid("a subscription of the millers");
    json!({
        "id": format!("/subscriptions/{id}"),
        "subscriptionId": id,
        "tenantId": tenant,
        "displayName": "Windmill Flour",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "tags": {},
    })
}
