//! Azure Resource Manager: subscriptions, resource groups, workspaces and what describes a region.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::guid;
use crate::errors;
use crate::paging::{next_link, page};
use crate::quotas::sizes;
use crate::simulator::Simulator;
use crate::state::{id_part, text};
use crate::times::compact_stamp;

/// Versions of `Microsoft.Resources`: the recorded list, then later ones.
const RESOURCES_VERSIONS: &str = "2022-12-01,2022-09-01,2021-04-01,2021-01-01,2020-10-01,2020-08-01,2020-07-01,\
    2020-06-01,2020-05-01,2020-01-01,2019-11-01,2019-10-01,2019-09-01,2019-08-01,2019-07-01,2019-06-01,2019-05-10,\
    2019-05-01,2019-03-01,2018-11-01,2018-09-01,2018-08-01,2018-07-01,2018-06-01,2018-05-01,2018-02-01,2018-01-01,\
    2017-12-01,2017-08-01,2017-06-01,2017-05-10,2017-05-01,2017-03-01,2016-09-01,2016-07-01,2016-06-01,2016-02-01,\
    2015-11-01,2015-01-01,2014-04-01-preview,2014-04-01,2014-01-01,2013-03-01,2014-02-26,2014-04";

/// Versions of `Microsoft.MachineLearningServices`: the folders of the specification, then later ones.
const LEARNING_VERSIONS: &str = "2018-03-01-preview, 2018-11-19, 2019-05-01, 2019-06-01, 2019-11-01, 2020-01-01, \
    2020-02-02, 2020-02-18-preview, 2020-03-01, 2020-04-01, 2020-04-01-preview, 2020-05-01-preview, \
    2020-05-15-preview, 2020-06-01, 2020-08-01, 2020-09-01-preview, 2021-01-01, 2021-03-01-preview, 2021-04-01, \
    2021-07-01, 2022-05-01, 2022-10-01, 2023-04-01, 2024-04-01";

/// What needs no machine learning where it is.
pub const GROUPS: &str = "Microsoft.Resources/resourceGroups";

const PROVIDER: &str = "microsoft.machinelearningservices";

impl Simulator {
    /// Who asks, once it is clear that the request has a version.
    pub(crate) fn arm_caller(&self, call: &Call<'_>) -> Outcome<Value> {
        // Guess: a missing version is told before a missing token.
        if version(call).is_empty() {
            return Err(errors::arm(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            ));
        }
        self.arm_claims(call)
    }

    pub(crate) fn management(&mut self, call: &Call<'_>) -> Outcome {
        self.arm_caller(call)?;
        let version = version(call);
        let lower: Vec<String> = call.segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let path: Vec<&str> = lower.iter().map(String::as_str).collect();

        if let Some(subscription) = call.segments.get(1).filter(|_| path[0] == "subscriptions") {
            self.subscription(subscription)?;
        }
        match path.as_slice() {
            ["subscriptions", subscription, "providers"]
            | ["subscriptions", subscription, "providers", _]
            | ["subscriptions", subscription, "providers", _, "register" | "unregister"] => {
                check_resources_version(version)?;
                self.providers(call, subscription, &path[3..])
            }
            ["subscriptions", _, "providers", PROVIDER, rest @ ..] => {
                self.check_learning_version(version, rest)?;
                self.provider(call, rest)
            }
            ["subscriptions", _, "resourcegroups", group, "providers", PROVIDER, rest @ ..] => {
                self.check_learning_version(version, rest)?;
                self.group(&path, group, call)?;
                self.group_provider(call, rest)
            }
            ["subscriptions", .., "providers", namespace]
            | ["subscriptions", .., "providers", namespace, _] => Err(wrong_namespace(namespace)),
            _ => {
                check_resources_version(version)?;
                self.resources(call, &path)
            }
        }
    }

    /// `Microsoft.Resources`.
    fn resources(&mut self, call: &Call<'_>, path: &[&str]) -> Outcome {
        match (call.method, path) {
            (&Method::GET, ["subscriptions"]) => self.arm_list(call, self.state.subscriptions.clone()),
            (&Method::GET, ["subscriptions", id]) => Ok(Answer::json(200, self.subscription(id)?)),
            (&Method::GET, ["subscriptions", id, "locations"]) => {
                Ok(Answer::json(200, &json!({ "value": locations(id) })))
            }
            (&Method::GET, ["tenants"]) => self.arm_list(call, self.state.tenants.clone()),
            (&Method::GET, ["subscriptions", id, "resourcegroups"]) => {
                let groups = &self.state.resource_groups;
                let groups =
                    groups.iter().filter(|group| id_part(group, "subscriptions").eq_ignore_ascii_case(id));
                self.arm_list(call, groups.cloned().collect())
            }
            (&Method::GET, ["subscriptions", _, "resourcegroups", group]) => {
                Ok(Answer::json(200, self.group(path, group, call)?))
            }
            (&Method::HEAD, ["subscriptions", _, "resourcegroups", group]) => {
                Ok(Answer::empty(if self.group(path, group, call).is_ok() { 204 } else { 404 }))
            }
            (&Method::GET, ["subscriptions", _, "resourcegroups", group, "resources"]) => {
                self.group(path, group, call)?;
                self.resources_of_group(call, path[1], group)
            }
            (_, ["subscriptions", _, "resourcegroups", _]) => self.change_group(call),
            (_, ["subscriptions", _, "operationresults", id]) => self.operation(call, id),
            (
                _,
                ["subscriptions" | "tenants"]
                | ["subscriptions", _]
                | ["subscriptions", _, "locations" | "resourcegroups"]
                | ["subscriptions", _, "resourcegroups", _, "resources"],
            ) => Err(method_not_allowed(call)),
            // Guess: the code; no source tells what a mistyped segment gets.
            _ => Err(errors::arm(404, "NotFound", format!("The path '{}' does not exist.", call.raw_path))),
        }
    }

    /// What the provider has for a whole subscription.
    fn provider(&self, call: &Call<'_>, path: &[&str]) -> Outcome {
        let subscription = &call.segments[1];
        match (call.method, path) {
            (&Method::GET, ["workspaces"]) => self.arm_list(call, self.workspaces(subscription, None)),
            (&Method::GET, ["locations", location, "usages"]) => {
                self.check_location(location)?;
                Ok(Answer::json(200, &self.usages(call, subscription, location)))
            }
            (&Method::GET, ["locations", location, "quotas"]) => {
                self.check_location(location)?;
                Ok(Answer::json(200, &self.quotas(subscription, location)))
            }
            (&Method::GET, ["locations", location, "vmsizes"]) => {
                self.check_location(location)?;
                Ok(Answer::json(200, &sizes(call.query("api-version") >= Some("2021"))))
            }
            (_, ["locations", location, "computeoperationsstatus" | "workspaceoperationsstatus", id]) => {
                self.check_location(location)?;
                self.operation(call, id)
            }
            (_, ["workspaces"] | ["locations", _, "usages" | "quotas" | "vmsizes"]) => {
                Err(method_not_allowed(call))
            }
            _ => Err(wrong_type(call)),
        }
    }

    /// What the provider has in a resource group.
    fn group_provider(&mut self, call: &Call<'_>, path: &[&str]) -> Outcome {
        let (subscription, group) = (&call.segments[1], &call.segments[3]);
        match (call.method, path) {
            (&Method::GET, ["workspaces"]) => self.arm_list(call, self.workspaces(subscription, Some(group))),
            (&Method::GET, ["workspaces", name]) => {
                let workspace = self.state.workspace(subscription, group, name);
                let workspace = workspace.ok_or_else(|| not_found(call))?;
                Ok(Answer::json(200, &workspace.document).with("x-ms-response-type", "standard"))
            }
            (_, ["workspaces", name, "computes", ..]) => {
                if self.state.workspace(subscription, group, name).is_none() {
                    return Err(not_found_at(call, 8));
                }
                self.computes(call, &path[3..])
            }
            (_, ["workspaces", _]) => self.change_workspace(call),
            (_, ["workspaces", _, action @ ("listkeys" | "resynckeys")]) => {
                self.act_on_workspace(call, action)
            }
            (_, ["workspaces"]) => Err(method_not_allowed(call)),
            _ => Err(wrong_type(call)),
        }
    }

    /// An ARM list, in pages. At the end the key `nextLink` is missing, or clients loop.
    pub(crate) fn arm_list(&self, call: &Call<'_>, documents: Vec<Value>) -> Outcome {
        let size = match call.query("$top") {
            Some(top) => top.parse().ok().filter(|top| *top > 0).ok_or_else(|| {
                errors::arm(400, "InvalidParameter", format!("The value '{top}' of '$top' is invalid."))
            })?,
            None => self.page_size,
        };
        // The key of the token by version, after the specifications.
        let key = if call.query("api-version") < Some("2021") { "$skiptoken" } else { "$skip" };
        let token = call.query("$skiptoken").or(call.query("$skip"));
        let page = page(documents, token, size).ok_or_else(|| {
            errors::arm(400, "InvalidSkipToken", "The value of the skip token is invalid.".to_owned())
        })?;
        let mut document = json!({ "value": page.items });
        if let Some(token) = page.next {
            document["nextLink"] = next_link(call, key, &["$skiptoken", "$skip"], &token).into();
        }
        Ok(Answer::json(200, &document))
    }

    fn workspaces(&self, subscription: &str, group: Option<&str>) -> Vec<Value> {
        let workspaces = self.state.workspaces.iter().map(|workspace| &workspace.document);
        workspaces
            .filter(|document| id_part(document, "subscriptions").eq_ignore_ascii_case(subscription))
            .filter(|document| {
                group.is_none_or(|group| id_part(document, "resourceGroups").eq_ignore_ascii_case(group))
            })
            .cloned()
            .collect()
    }

    fn subscription(&self, id: &str) -> Result<&Value, Answer> {
        let mut subscriptions = self.state.subscriptions.iter();
        subscriptions
            .find(|subscription| text(subscription, "subscriptionId").eq_ignore_ascii_case(id))
            .ok_or_else(|| {
                let message = format!("The subscription '{id}' could not be found.");
                errors::arm(404, "SubscriptionNotFound", message)
            })
    }

    fn group(&self, path: &[&str], name: &str, call: &Call<'_>) -> Result<&Value, Answer> {
        let mut groups = self.state.resource_groups.iter();
        let group = groups.find(|group| {
            text(group, "name").eq_ignore_ascii_case(name)
                && id_part(group, "subscriptions").eq_ignore_ascii_case(path[1])
        });
        group.ok_or_else(|| {
            let message = format!("Resource group '{}' could not be found.", call.segments[3]);
            errors::arm(404, "ResourceGroupNotFound", message)
        })
    }

    fn check_location(&self, location: &str) -> Result<(), Answer> {
        self.region(location, "Microsoft.MachineLearningServices/locations").map(|_| ())
    }

    /// The region of a body, by its short name.
    pub(crate) fn location(&self, body: &Value, kind: &str) -> Result<String, Answer> {
        match text(body, "location") {
            "" => {
                let message = "The location property is required for this definition.";
                Err(errors::arm(400, "LocationRequired", message))
            }
            location => self.region(location, kind),
        }
    }

    /// A region's short name; "West Europe" is taken too.
    fn region(&self, location: &str, kind: &str) -> Result<String, Answer> {
        let short = location.replace(' ', "").to_ascii_lowercase();
        let is_only_a_place = kind == GROUPS && LOCATIONS.iter().any(|location| location[0] == short);
        if is_only_a_place || self.state.regions.contains(&short) {
            return Ok(short);
        }
        let message = format!(
            "The provided location '{location}' is not available for resource type \
             '{kind}'. List of available regions for the resource type is '{}'.",
            self.state.regions.join(",")
        );
        Err(errors::arm(400, "LocationNotAvailableForResourceType", message))
    }

    fn check_learning_version(&self, version: &str, rest: &[&str]) -> Result<(), Answer> {
        match LEARNING_VERSIONS.split(", ").any(|known| known == version) {
            true => Ok(()),
            false => Err(self.refused_learning_version(version, rest)),
        }
    }

    /// The refusal of a version, whatever it is.
    pub(crate) fn refused_version(&self, call: &Call<'_>) -> Answer {
        match call.segments.iter().position(|segment| segment.eq_ignore_ascii_case(PROVIDER)) {
            Some(place) => self.refused_learning_version(version(call), &call.path()[place + 1..]),
            None => refused_resources_version(version(call)),
        }
    }

    fn refused_learning_version(&self, version: &str, rest: &[&str]) -> Answer {
        // Type names are every other segment; the provider knows them in this spelling.
        let kinds: Vec<&str> = rest.iter().step_by(2).copied().collect();
        let (location, regions) = (&self.state.regions[0], self.state.regions.join(", "));
        let message = format!(
            "No registered resource provider found for location '{location}' and API version '{version}' for type \
             '{}'. The supported api-versions are '{}'. The supported locations are '{regions}'.",
            kinds.join("/"),
            others(LEARNING_VERSIONS, ", ", version)
        );
        errors::arm(400, "NoRegisteredProviderFound", message)
    }

    /// The headers that every answer of ARM has, as recorded.
    pub(crate) fn with_usual_headers(&self, call: &Call<'_>, answer: Answer) -> Answer {
        let request = guid(&format!("request {}", call.number));
        let region = self.state.regions[0].to_ascii_uppercase();
        let scope = if call.segments.len() > 1 { "subscription" } else { "tenant" };
        let (kind, limit) = match *call.method {
            Method::GET | Method::HEAD => ("reads", 11_999),
            Method::DELETE => ("deletes", 14_999),
            _ => ("writes", 1_199),
        };
        let remaining = (limit - call.number.min(1_000)).to_string();
        let answer = match (scope, kind) {
            ("tenant", "reads") => answer.with("x-ms-ratelimit-remaining-tenant-reads", remaining),
            ("tenant", _) => answer.with("x-ms-ratelimit-remaining-tenant-writes", remaining),
            (_, "reads") => answer.with("x-ms-ratelimit-remaining-subscription-reads", remaining),
            (_, "deletes") => answer.with("x-ms-ratelimit-remaining-subscription-deletes", remaining),
            _ => answer.with("x-ms-ratelimit-remaining-subscription-writes", remaining),
        };
        let routing = format!("{region}:{}:{request}", compact_stamp(call.now));
        answer
            .with("cache-control", "no-cache")
            .with("pragma", "no-cache")
            .with("expires", "-1")
            .with("strict-transport-security", "max-age=31536000; includeSubDomains")
            .with("x-content-type-options", "nosniff")
            .with("x-ms-correlation-request-id", guid(&format!("correlation {}", call.number)))
            .with("x-ms-routing-request-id", routing)
            .with("x-ms-request-id", request)
    }
}

fn check_resources_version(version: &str) -> Result<(), Answer> {
    match RESOURCES_VERSIONS.split(',').any(|known| known == version) {
        true => Ok(()),
        false => Err(refused_resources_version(version)),
    }
}

fn refused_resources_version(version: &str) -> Answer {
    let versions = others(RESOURCES_VERSIONS, ",", version);
    let message = format!("The api-version '{version}' is invalid. The supported versions are '{versions}'.");
    errors::arm(400, "InvalidApiVersionParameter", message)
}

/// A list without the version that is refused.
fn others(versions: &str, separator: &str, refused: &str) -> String {
    let others: Vec<&str> = versions.split(separator).filter(|version| *version != refused).collect();
    others.join(separator)
}

/// The version that is asked for, or nothing.
pub fn version<'a>(call: &'a Call<'_>) -> &'a str {
    call.query("api-version").unwrap_or_default()
}

/// The body of a change.
pub fn json_object(call: &Call<'_>) -> Result<Value, Answer> {
    match call.content_type() {
        Some("application/json" | "text/json") => {}
        other => {
            let message = format!(
                "The content media type '{}' is not supported. Only 'application/json' is supported.",
                other.unwrap_or("<null>")
            );
            return Err(errors::arm(415, "UnsupportedMediaType", message));
        }
    }
    match serde_json::from_slice(call.body) {
        Ok(document @ Value::Object(_)) => Ok(document),
        outcome => {
            let problem = outcome.err().map_or("It is not an object.".to_owned(), |error| error.to_string());
            let message =
                format!("The request content was invalid and could not be deserialized: '{problem}'.");
            Err(errors::arm(400, "InvalidRequestContent", message))
        }
    }
}

/// A provider that ARM does not know.
pub fn wrong_namespace(namespace: &str) -> Answer {
    let message = format!("The resource namespace '{namespace}' is invalid.");
    errors::arm(404, "InvalidResourceNamespace", message)
}

/// What a path names, as not there.
pub fn not_found_anywhere(call: &Call<'_>) -> Answer {
    match call.segments.len() {
        8.. => not_found(call),
        4.. => {
            let message = format!("Resource group '{}' could not be found.", call.segments[3]);
            errors::arm(404, "ResourceGroupNotFound", message)
        }
        2.. => {
            let message = format!("The subscription '{}' could not be found.", call.segments[1]);
            errors::arm(404, "SubscriptionNotFound", message)
        }
        _ => errors::arm(404, "NotFound", format!("The path '{}' does not exist.", call.raw_path)),
    }
}

/// A path's wrong method. Guess: code and text.
pub fn method_not_allowed(call: &Call<'_>) -> Answer {
    let message = format!("The requested resource does not support http method '{}'.", call.method);
    errors::arm(405, "MethodNotAllowed", message)
}

/// A resource below a group that is not there.
pub fn not_found(call: &Call<'_>) -> Answer {
    not_found_at(call, call.segments.len())
}

/// The same for the first `length` segments of the path.
pub fn not_found_at(call: &Call<'_>, length: usize) -> Answer {
    let name = call.segments[6..length].join("/");
    let message = format!(
        "The Resource 'Microsoft.MachineLearningServices/{name}' under resource group '{}' was not found. For more \
         details please go to https://aka.ms/ARMResourceNotFoundFix",
        call.segments[3]
    );
    errors::arm(404, "ResourceNotFound", message)
}

/// A type that the provider does not have. Guess: that the status is 404, not 400.
fn wrong_type(call: &Call<'_>) -> Answer {
    let message = format!(
        "The resource type could not be found in the namespace 'Microsoft.MachineLearningServices' for api version \
         '{}'.",
        call.query("api-version").unwrap_or_default()
    );
    errors::arm(404, "InvalidResourceType", message)
}

/// Name, display name, geography, longitude, latitude, place, paired region. The last has no machine learning.
const LOCATIONS: [[&str; 7]; 5] = [
    ["centralus", "Central US", "US", "-93.6208", "41.5908", "Iowa", "eastus2"],
    ["eastus", "East US", "US", "-79.8164", "37.3719", "Virginia", "westus"],
    ["westus2", "West US 2", "US", "-119.852", "47.233", "Washington", "westcentralus"],
    ["westeurope", "West Europe", "Europe", "4.9", "52.3667", "Netherlands", "northeurope"],
    ["francesouth", "France South", "Europe", "2.1972", "43.8345", "Marseille", "francecentral"],
];

/// The short names of the regions that have machine learning, in every world.
pub fn regions() -> Vec<String> {
    LOCATIONS[..4].iter().map(|location| location[0].to_owned()).collect()
}

fn locations(subscription: &str) -> Vec<Value> {
    let location = |[name, display, geography, longitude, latitude, place, pair]: &[&str; 7]| {
        let id = |name: &str| format!("/subscriptions/{subscription}/locations/{name}");
        json!({
            "id": id(name),
            "name": name,
            "displayName": display,
            "regionalDisplayName": format!("({geography}) {display}"),
            "metadata": {
                "regionType": "Physical",
                "regionCategory": "Recommended",
                "geographyGroup": geography,
                "longitude": longitude,
                "latitude": latitude,
                "physicalLocation": place,
                "pairedRegion": [{ "name": pair, "id": id(pair) }],
            },
        })
    };
    LOCATIONS.iter().map(location).collect()
}
