//! Web services: models that answer questions.

use std::collections::BTreeMap;
use std::fmt;

use http::{Method, Response};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::token::secret_text;
use crate::tolerant::null_as_default;
use crate::{
    Address, ApiError, Body, ComputeName, ImageId, ModelFault, ModelHost, ModelId, Operation, Page, Paged,
    Query, Secret, ServiceId, Timestamp, WorkspaceId, timestamp, versions,
};

/// `GET …/services` ([reference]): those that were changed last come first.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListServices {
    /// Where.
    pub workspace: WorkspaceId,
    /// Only those that use this model.
    pub model: Option<ModelId>,
    /// Only those that were started from this image.
    pub image: Option<ImageId>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
    /// At which address.
    pub host: ModelHost,
}

impl ListServices {
    /// All services of a workspace.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, model: None, image: None, next: None, host: ModelHost::default() }
    }
}

impl Operation for ListServices {
    type Output = Page<WebService>;

    fn address(&self) -> Address {
        let query = Query::version(versions::MODEL_MANAGEMENT)
            .maybe("modelId", self.model.as_ref())
            .maybe("imageId", self.image.as_ref());
        self.host.list(&self.workspace, "services", query, self.next.as_ref())
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

impl Paged for ListServices {
    type Item = WebService;

    fn after(&self, page: &Page<WebService>) -> Option<Self> {
        let link = page.next_link()?.to_owned();
        Some(Self { next: Some(link), ..self.clone() })
    }
}

/// `GET …/services/{service}?expand=true` ([reference]): with the image and the models behind it.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetService {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub service: ServiceId,
    /// At which address.
    pub host: ModelHost,
}

impl GetService {
    /// A service of a workspace.
    pub fn of(workspace: WorkspaceId, service: ServiceId) -> Self {
        Self { workspace, service, host: ModelHost::default() }
    }
}

impl Operation for GetService {
    type Output = WebService;

    fn address(&self) -> Address {
        let query = Query::version(versions::MODEL_MANAGEMENT).with("expand", true);
        self.host.address_with(&self.workspace, ["services", self.service.as_str()], query)
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// `POST …/services/{service}/listkeys` ([reference]): what opens a service. It changes nothing, so it may be asked
/// again.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListServiceKeys {
    /// Where.
    pub workspace: WorkspaceId,
    /// Whose.
    pub service: ServiceId,
    /// At which address.
    pub host: ModelHost,
}

impl ListServiceKeys {
    /// The keys of a service.
    pub fn of(workspace: WorkspaceId, service: ServiceId) -> Self {
        Self { workspace, service, host: ModelHost::default() }
    }
}

impl Operation for ListServiceKeys {
    type Output = ServiceKeys;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["services", self.service.as_str(), "listkeys"])
    }

    fn is_read(&self) -> bool {
        true
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// `POST …/services/{service}/token` ([reference]): what opens a service on Kubernetes for some hours. Each time it is
/// another one; what was given before stays good.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetServiceToken {
    /// Where.
    pub workspace: WorkspaceId,
    /// Whose.
    pub service: ServiceId,
    /// At which address.
    pub host: ModelHost,
}

impl GetServiceToken {
    /// A token for a service.
    pub fn of(workspace: WorkspaceId, service: ServiceId) -> Self {
        Self { workspace, service, host: ModelHost::default() }
    }
}

impl Operation for GetServiceToken {
    type Output = ServiceToken;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["services", self.service.as_str(), "token"])
    }

    fn is_read(&self) -> bool {
        true
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// `POST …/services/{service}/regenerateKeys` ([reference]): a new key, and from then on the old one opens nothing.
/// A service that takes a while for it answers no keys yet.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct RegenerateServiceKey {
    /// Where.
    pub workspace: WorkspaceId,
    /// Whose.
    pub service: ServiceId,
    /// Which one.
    pub key: KeyKind,
    /// At which address.
    pub host: ModelHost,
}

impl RegenerateServiceKey {
    /// A new key of a service.
    pub fn of(workspace: WorkspaceId, service: ServiceId, key: KeyKind) -> Self {
        Self { workspace, service, key, host: ModelHost::default() }
    }
}

impl Operation for RegenerateServiceKey {
    type Output = Option<ServiceKeys>;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        self.host.address(&self.workspace, ["services", self.service.as_str(), "regenerateKeys"])
    }

    fn body(&self) -> Body {
        // The description types it as a number and lists words; the service takes the words.
        Body::Json(json!({ "keyType": self.key.word() }))
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<Option<ServiceKeys>, ApiError> {
        match response.status().as_u16() {
            202 => Ok(None),
            200..300 => serde_json::from_slice(response.body())
                .map(Some)
                .map_err(|error| ApiError::unreadable(response, &error)),
            _ => Err(ApiError::refused(response)),
        }
    }
}

/// One of the two keys of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// The first.
    Primary,
    /// The second, to go on with while the first is changed.
    Secondary,
}

impl KeyKind {
    /// The service's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Primary => "Primary",
            Self::Secondary => "Secondary",
        }
    }
}

/// `GET …/services/{service}/logs?tail={lines}`: what its containers said last. No published description has it;
/// Microsoft's SDK asks it.
#[derive(Clone, Debug, PartialEq)]
pub struct GetServiceLogs {
    /// Where.
    pub workspace: WorkspaceId,
    /// Whose.
    pub service: ServiceId,
    /// How many lines at most.
    pub tail: u32,
    /// At which address.
    pub host: ModelHost,
}

impl GetServiceLogs {
    /// The last lines of a service.
    pub fn of(workspace: WorkspaceId, service: ServiceId, tail: u32) -> Self {
        Self { workspace, service, tail, host: ModelHost::default() }
    }
}

impl Operation for GetServiceLogs {
    type Output = ServiceLogs;

    fn address(&self) -> Address {
        let query = Query::version(versions::MODEL_MANAGEMENT).with("tail", self.tail);
        self.host.address_with(&self.workspace, ["services", self.service.as_str(), "logs"], query)
    }

    fn otherwise(&self) -> Option<Self> {
        Some(Self { host: self.host.other()?, ..self.clone() })
    }
}

/// A model, or several, behind an address that answers questions. The keys and certificates that the service may
/// write beside this are not read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WebService {
    /// Its id, which is its name.
    pub id: ServiceId,
    /// Its name.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// How it is.
    #[serde(default)]
    pub state: ServiceState,
    /// Why it is not well.
    #[serde(default)]
    pub error: Option<ModelFault>,
    /// What it runs on: `ACI`, `AKS` and others.
    #[serde(default, deserialize_with = "null_as_default")]
    pub compute_type: String,
    /// How it is asked: `HttpRealtimeEndpoint` and others.
    #[serde(default)]
    pub deployment_type: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_time: Option<Timestamp>,
    /// When it was changed.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub updated_time: Option<Timestamp>,
    /// Where it answers.
    #[serde(default)]
    pub scoring_uri: Option<String>,
    /// Where it describes itself.
    #[serde(default)]
    pub swagger_uri: Option<String>,
    /// Whether it wants a key.
    #[serde(default)]
    pub auth_enabled: Option<bool>,
    /// Whether it wants a token instead.
    #[serde(default)]
    pub aad_auth_enabled: Option<bool>,
    /// Whether what it does is watched by Application Insights.
    #[serde(default)]
    pub app_insights_enabled: Option<bool>,
    /// What a replica of it has.
    #[serde(default)]
    pub container_resource_requirements: Option<ContainerResources>,
    /// What it was started from.
    #[serde(default)]
    pub image_id: Option<ImageId>,
    /// The Kubernetes cluster that it is on.
    #[serde(default)]
    pub compute_name: Option<ComputeName>,
    /// The part of that cluster.
    #[serde(default)]
    pub namespace: Option<String>,
    /// The region that it is in.
    #[serde(default)]
    pub location: Option<String>,
    /// How many of it there are, where the number is fixed.
    #[serde(default)]
    pub num_replicas: Option<u32>,
    /// Between which numbers it grows and shrinks.
    #[serde(default)]
    pub auto_scaler: Option<AutoScaler>,
    /// How many of it there are now.
    #[serde(default)]
    pub deployment_status: Option<Replicas>,
    /// The image behind it, where it was asked for.
    #[serde(default, deserialize_with = "null_as_default")]
    image_details: ImageDetails,
    /// The models behind it, each a model or its id.
    #[serde(default, deserialize_with = "null_as_default")]
    models: Vec<Value>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub kv_tags: BTreeMap<String, String>,
    /// Properties, which never change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ImageDetails {
    #[serde(deserialize_with = "null_as_default")]
    model_ids: Vec<ModelId>,
}

/// What a replica of a service has.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ContainerResources {
    /// Processors, also parts of one.
    pub cpu: Option<f64>,
    /// Memory.
    #[serde(rename = "memoryInGB")]
    pub memory_gigabytes: Option<f64>,
    /// Graphics processors.
    pub gpu: Option<u32>,
}

/// Between which numbers a service grows and shrinks.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AutoScaler {
    /// Whether it does.
    #[serde(deserialize_with = "null_as_default")]
    pub autoscale_enabled: bool,
    /// At least.
    pub min_replicas: Option<u32>,
    /// At most.
    pub max_replicas: Option<u32>,
    /// How busy, in per cent, it wants to be.
    pub target_utilization: Option<u32>,
}

/// How many of a service there are now.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Replicas {
    /// How many there shall be.
    pub desired_replicas: Option<u32>,
    /// How many answer.
    pub available_replicas: Option<u32>,
    /// Why there are not as many as there shall be.
    pub error: Option<ModelFault>,
}

/// How a service is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ServiceState {
    /// It is being made or changed.
    Transitioning,
    /// It answers.
    Healthy,
    /// It does not answer as it should.
    Unhealthy,
    /// It could not be made.
    Failed,
    /// There is no room for it.
    Unschedulable,
    /// It is going away.
    Deleting,
    /// A word that is not in the list.
    Other(String),
}

impl ServiceState {
    /// Reads the service's word.
    pub fn new(word: &str) -> Self {
        match word {
            "Transitioning" => Self::Transitioning,
            "Healthy" => Self::Healthy,
            "Unhealthy" => Self::Unhealthy,
            "Failed" => Self::Failed,
            "Unschedulable" => Self::Unschedulable,
            "Deleting" => Self::Deleting,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The service's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Transitioning => "Transitioning",
            Self::Healthy => "Healthy",
            Self::Unhealthy => "Unhealthy",
            Self::Failed => "Failed",
            Self::Unschedulable => "Unschedulable",
            Self::Deleting => "Deleting",
            Self::Other(word) => word,
        }
    }

    /// What it means.
    pub fn plain(&self) -> &str {
        match self {
            Self::Transitioning => "Being set up",
            Self::Healthy => "Answers",
            Self::Unhealthy => "Does not answer well",
            Self::Failed => "Could not be made",
            Self::Unschedulable => "Finds no room",
            Self::Deleting => "Being deleted",
            Self::Other(word) if word.is_empty() => "Unknown",
            Self::Other(word) => word,
        }
    }
}

impl Default for ServiceState {
    fn default() -> Self {
        Self::Other(String::new())
    }
}

impl<'de> Deserialize<'de> for ServiceState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&Option::<String>::deserialize(deserializer)?.unwrap_or_default()))
    }
}

/// How whoever asks a service proves that they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceAccess {
    /// With one of its two keys.
    Key,
    /// With a token, which is good for some hours.
    Token,
    /// Not at all.
    Open,
    /// The service does not say.
    Unknown,
}

impl WebService {
    /// Whether its state is about to change by itself.
    pub fn is_changing(&self) -> bool {
        matches!(self.state, ServiceState::Transitioning | ServiceState::Deleting)
    }

    /// How whoever asks it proves that they may. A token is asked for only where it is said so.
    pub fn access(&self) -> ServiceAccess {
        match (self.aad_auth_enabled, self.auth_enabled) {
            (Some(true), _) => ServiceAccess::Token,
            (_, Some(true)) => ServiceAccess::Key,
            (_, Some(false)) => ServiceAccess::Open,
            (_, None) => ServiceAccess::Unknown,
        }
    }

    /// The models behind it, as far as it names them.
    pub fn models(&self) -> Vec<ModelId> {
        let own = self.models.iter().filter_map(|model| model.as_str().or_else(|| model["id"].as_str()));
        let mut all: Vec<ModelId> = own.map(ModelId::from).collect();
        all.extend(self.image_details.model_ids.iter().cloned());
        all.sort();
        all.dedup();
        all
    }
}

/// What opens a service. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq)]
pub struct ServiceKeys {
    /// The first key.
    pub primary: Secret,
    /// The second, to go on with while the first is changed.
    pub secondary: Secret,
}

impl fmt::Debug for ServiceKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServiceKeys(…)")
    }
}

impl<'de> Deserialize<'de> for ServiceKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Written {
            primary_key: String,
            secondary_key: String,
        }
        let Written { primary_key, secondary_key } = Written::deserialize(deserializer)?;
        Ok(Self { primary: Secret::new(primary_key), secondary: Secret::new(secondary_key) })
    }
}

/// What opens a service for some hours. It has no `Display`, and its `Debug` says nothing.
#[derive(Clone, PartialEq)]
pub struct ServiceToken {
    /// The token.
    pub token: Secret,
    /// Until when it is good.
    pub expires: Option<Timestamp>,
}

impl fmt::Debug for ServiceToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ServiceToken(…)")
    }
}

impl<'de> Deserialize<'de> for ServiceToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Written {
            #[serde(deserialize_with = "secret_text")]
            access_token: Secret,
            #[serde(default)]
            expiry_on: Option<i64>,
        }
        let Written { access_token: token, expiry_on } = Written::deserialize(deserializer)?;
        let expires =
            expiry_on.map(|seconds| Timestamp::from_unix_milliseconds(seconds.saturating_mul(1_000)));
        Ok(Self { token, expires })
    }
}

/// What the containers of a service said.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ServiceLogs {
    /// Lines.
    #[serde(default, deserialize_with = "null_as_default")]
    pub content: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> WebService {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn models_are_named_once_whether_whole_or_by_id_or_by_the_image() {
        let found = service(
            r#"{"id":"s","models":[{"id":"m:2","name":"m"},"m:1"],"imageDetails":{"modelIds":["m:1","n:1"]}}"#,
        );
        assert_eq!(found.models(), ["m:1", "m:2", "n:1"].map(ModelId::from));
        assert!(service(r#"{"id":"s","models":null,"imageDetails":null}"#).models().is_empty());
    }

    #[test]
    fn what_opens_a_service_follows_from_two_switches() {
        let access = |text: &str| service(&format!(r#"{{"id":"s"{text}}}"#)).access();
        assert_eq!(access(r#","authEnabled":true,"aadAuthEnabled":false"#), ServiceAccess::Key);
        assert_eq!(access(r#","authEnabled":false,"aadAuthEnabled":true"#), ServiceAccess::Token);
        assert_eq!(access(r#","authEnabled":false"#), ServiceAccess::Open);
        assert_eq!(access(""), ServiceAccess::Unknown);
    }

    #[test]
    fn keys_and_tokens_do_not_show_themselves() {
        let keys: ServiceKeys =
            serde_json::from_str(r#"{"primaryKey":"hush-1","secondaryKey":"hush-2"}"#).unwrap();
        let token: ServiceToken =
            serde_json::from_str(r#"{"accessToken":"hush-3","expiryOn":1579694400}"#).unwrap();
        assert!(!format!("{keys:?} {token:?}").contains("hush"));
        assert_eq!(keys.secondary.reveal(), "hush-2");
        assert_eq!(token.expires.map(Timestamp::unix_milliseconds), Some(1_579_694_400_000));
    }

    #[test]
    fn a_state_keeps_a_word_that_is_not_in_the_list() {
        let state = service(r#"{"id":"s","state":"Dreaming"}"#).state;
        assert_eq!((state.word(), state.plain()), ("Dreaming", "Dreaming"));
        assert_eq!(service(r#"{"id":"s","state":null}"#).state.plain(), "Unknown");
    }
}
