//! Which service stands at which host, and the addresses that answers name.

use http::Uri;
use serde_json::Value;

use crate::state::State;

/// The origins (`http://127.0.0.1:4001`, no trailing slash) that stand for the service's hosts when it is behind
/// sockets. One origin stands for all regions, and for all storage accounts: an account's name is then the first
/// segment of the path, as storage emulators have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    pub login: String,
    pub management: String,
    pub discovery: String,
    pub regional: String,
    pub model_management: String,
    pub pipelines: String,
    pub scoring: String,
    pub storage: String,
}

/// The services, by host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Login,
    Management,
    Discovery,
    /// Run history, execution, artifacts and more, on `experiments.azureml.net` and `api.azureml.ms`.
    Regional,
    ModelManagement,
    Pipelines,
    Scoring,
    Storage,
}

/// Where a request arrived.
pub struct Place {
    pub service: Service,
    /// Scheme and host, as they were sent.
    pub origin: String,
    /// The path at the service, still encoded; for storage without the account.
    pub path: String,
    /// The storage account that was addressed.
    pub account: String,
}

const MANAGEMENT: &str = "https://management.azure.com";

/// The host names in use.
pub struct Hosts {
    origins: Option<Origins>,
}

impl Hosts {
    pub fn new(origins: Option<Origins>) -> Hosts {
        Hosts { origins }
    }

    pub fn management(&self) -> &str {
        self.origins.as_ref().map_or(MANAGEMENT, |origins| &origins.management)
    }

    /// The regional host of run history, as the article's discovery answer has it.
    pub fn history(&self, region: &str) -> String {
        self.put(format!("https://{region}.experiments.azureml.net"))
    }

    /// The address of a storage account.
    pub fn storage(&self, account: &str) -> String {
        self.put(format!("https://{account}.blob.core.windows.net"))
    }

    /// Puts the hosts in use in the place of Azure's public ones, in every text of a document.
    pub fn localise(&self, document: &mut Value) {
        if self.origins.is_none() {
            return;
        }
        match document {
            Value::String(text) if text.starts_with("http") => *text = self.put(std::mem::take(text)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.localise(item)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.localise(value)),
            _ => {}
        }
    }

    /// An address on the hosts in use, given the public one.
    fn put(&self, public: String) -> String {
        let Some(origins) = &self.origins else { return public };
        let Some((_, rest)) = public.split_once("://") else { return public };
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let name = host.split('.').next().unwrap_or_default();
        match public_service(&public) {
            _ if path == "/discovery" => format!("{}{path}", origins.discovery),
            Some(Service::Storage) => format!("{}/{name}{path}", origins.storage),
            Some(Service::Scoring) => format!("{}/{name}{path}", origins.scoring),
            Some(Service::Login) => format!("{}{path}", origins.login),
            Some(Service::Management) => format!("{}{path}", origins.management),
            Some(Service::Regional) => format!("{}{path}", origins.regional),
            Some(Service::ModelManagement) => format!("{}{path}", origins.model_management),
            Some(Service::Pipelines) => format!("{}{path}", origins.pipelines),
            Some(Service::Discovery) | None => public,
        }
    }

    /// The service at an absolute address, if there is one.
    pub fn place(&self, uri: &Uri, state: &State) -> Option<Place> {
        let origin = format!("{}://{}", uri.scheme_str()?, uri.authority()?).to_ascii_lowercase();
        let (service, account, path) = match &self.origins {
            Some(origins) => {
                let service = origins.service(&origin)?;
                match service {
                    Service::Storage => {
                        let path = uri.path().trim_start_matches('/');
                        let (account, path) = path.split_once('/').unwrap_or((path, ""));
                        (service, account.to_owned(), path.to_owned())
                    }
                    _ => (service, String::new(), uri.path().to_owned()),
                }
            }
            None => {
                let service = public_service(&origin)?;
                let name = uri.host()?.split('.').next()?.to_ascii_lowercase();
                let regional =
                    matches!(service, Service::Regional | Service::ModelManagement | Service::Pipelines);
                if regional && !state.regions.contains(&name) {
                    return None;
                }
                (service, name, uri.path().to_owned())
            }
        };
        Some(Place { service, origin, path, account })
    }
}

impl Origins {
    fn service(&self, origin: &str) -> Option<Service> {
        let known = [
            (&self.login, Service::Login),
            (&self.management, Service::Management),
            (&self.regional, Service::Regional),
            (&self.discovery, Service::Discovery),
            (&self.model_management, Service::ModelManagement),
            (&self.pipelines, Service::Pipelines),
            (&self.scoring, Service::Scoring),
            (&self.storage, Service::Storage),
        ];
        known.iter().find(|(known, _)| known.eq_ignore_ascii_case(origin)).map(|(_, service)| *service)
    }
}

fn public_service(address: &str) -> Option<Service> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split('/').next()?;
    let after_name = host.split_once('.').map(|(_, rest)| rest)?;
    match (scheme, host, after_name) {
        ("https", "login.microsoftonline.com", _) => Some(Service::Login),
        ("https", "management.azure.com", _) => Some(Service::Management),
        ("https", _, "experiments.azureml.net" | "api.azureml.ms") => Some(Service::Regional),
        ("https", _, "modelmanagement.azureml.net") => Some(Service::ModelManagement),
        ("https", _, "aether.ms") => Some(Service::Pipelines),
        ("https", _, "blob.core.windows.net") => Some(Service::Storage),
        _ if after_name.ends_with("azurecontainer.io") => Some(Service::Scoring),
        // The fronts of Kubernetes clusters, which have addresses of the range for examples.
        _ if host.starts_with("203.0.113.") => Some(Service::Scoring),
        _ => None,
    }
}
