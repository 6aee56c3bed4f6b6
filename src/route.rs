//! Every address of the app; the only place where one is spelled.
//!
//! Addresses live behind `#`, so that a link works on any static host and from any folder. They mirror the resource
//! ids of Azure.

use azimuth_api::{
    AssetId, ComputeName, DatastoreName, ExperimentName, ImageId, ModelId, NotificationId, PipelineId,
    ResourceGroupName, RunId, ServiceId, SubscriptionId, WorkspaceId,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::session::SessionKind;

/// What the address bar says: service, demo or export, which screen, and how it is filtered and sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Whose session it is of: what is below `#/demo` and `#/export` has sessions of its own.
    pub session: SessionKind,
    /// Which screen.
    pub route: Route,
    /// The query part: filters, sorting, tabs.
    pub query: Vec<(String, String)>,
}

/// A screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Sign in; once signed in, the subscriptions.
    Home,
    /// The subscriptions of the tenant.
    Subscriptions,
    /// The resource groups of a subscription.
    ResourceGroups(SubscriptionId),
    /// All workspaces of a subscription.
    SubscriptionWorkspaces(SubscriptionId),
    /// The workspaces of a resource group.
    Workspaces(SubscriptionId, ResourceGroupName),
    /// Something in a workspace.
    Workspace(WorkspaceId, WorkspaceRoute),
    /// What the page asked, as curl.
    Requests,
    /// Settings, hosts, versions.
    Diagnostics,
    /// An address that means nothing.
    NotFound,
}

/// A screen of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkspaceRoute {
    /// What it is.
    Overview,
    /// Its experiments.
    Experiments,
    /// The runs of an experiment.
    Runs(ExperimentName),
    /// One run.
    Run(ExperimentName, RunId),
    /// The form that hands in a run.
    Submit,
    /// Its models.
    Models,
    /// One model.
    Model(ModelId),
    /// Several runs side by side; which ones is in the query part: `run=…`, as often as there are runs.
    Compare,
    /// Its files and images that models are made of.
    Assets,
    /// One asset.
    Asset(AssetId),
    /// Its images.
    Images,
    /// One image.
    Image(ImageId),
    /// Its web services.
    Services,
    /// One web service.
    Service(ServiceId),
    /// Its datastores.
    Datastores,
    /// One datastore.
    Datastore(DatastoreName),
    /// What the service has to say.
    Notifications,
    /// One notification.
    Notification(NotificationId),
    /// The runs of its pipelines.
    Pipelines,
    /// Something of the pipeline service.
    Pipeline(PipelinePart, PipelineId),
    /// Its computes.
    Computes,
    /// One compute.
    Compute(ComputeName),
    /// Taking its data out, and erasing it.
    Data,
}

/// What the pipeline service gives by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelinePart {
    /// A run of a pipeline, which the service calls an experiment.
    Experiment,
    Graph,
    Module,
    Template,
    DataSource,
}

impl PipelinePart {
    const ALL: [Self; 5] = [Self::Experiment, Self::Graph, Self::Module, Self::Template, Self::DataSource];

    fn segment(self) -> &'static str {
        match self {
            Self::Experiment => "experiments",
            Self::Graph => "graphs",
            Self::Module => "modules",
            Self::Template => "templates",
            Self::DataSource => "dataSources",
        }
    }

    fn from_segment(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.segment() == segment)
    }
}

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':');

impl Location {
    /// A screen without filters.
    pub fn new(session: SessionKind, route: Route) -> Self {
        Self { session, route, query: Vec::new() }
    }

    /// Reads what stands in the address bar, with or without its `#`.
    pub fn parse(hash: &str) -> Self {
        let hash = hash.strip_prefix('#').unwrap_or(hash);
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let Some(segments) = decoded_segments(path) else {
            return Self::new(SessionKind::Service, Route::NotFound);
        };
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (session, segments) = match segments.as_slice() {
            ["demo", rest @ ..] => (SessionKind::Demo, rest),
            ["export", rest @ ..] => (SessionKind::Export, rest),
            all => (SessionKind::Service, all),
        };
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(decoded_pair).collect();
        Self { session, route: Route::from_segments(segments), query }
    }

    /// The address, with its `#`, as a link has it.
    pub fn href(&self) -> String {
        let mut href = String::from("#");
        href.push_str(match self.session {
            SessionKind::Service => "",
            SessionKind::Demo => "/demo",
            SessionKind::Export => "/export",
        });
        let segments = self.route.segments();
        if segments.is_empty() {
            href.push('/');
        }
        for segment in &segments {
            href.push('/');
            href.extend(utf8_percent_encode(segment, SEGMENT));
        }
        for (index, (name, value)) in self.query.iter().enumerate() {
            href.push(if index == 0 { '?' } else { '&' });
            href.extend(utf8_percent_encode(name, SEGMENT));
            if !value.is_empty() {
                href.push('=');
                href.extend(utf8_percent_encode(value, SEGMENT));
            }
        }
        href
    }

    /// A value of the query part.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name that may stand in the query part several times.
    pub fn parameters<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same screen with another value in the query part; none takes it out.
    pub fn with_parameter(mut self, name: &str, value: Option<&str>) -> Self {
        self.query.retain(|(key, _)| key != name);
        if let Some(value) = value {
            self.query.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

impl Route {
    fn from_segments(segments: &[&str]) -> Self {
        match segments {
            [] => Self::Home,
            ["subscriptions"] => Self::Subscriptions,
            ["subscriptions", subscription] => Self::ResourceGroups((*subscription).into()),
            ["subscriptions", subscription, "workspaces"] => {
                Self::SubscriptionWorkspaces((*subscription).into())
            }
            ["subscriptions", subscription, "resourceGroups", group] => {
                Self::Workspaces((*subscription).into(), (*group).into())
            }
            ["subscriptions", subscription, "resourceGroups", group, "workspaces", name, rest @ ..] => {
                let workspace = WorkspaceId {
                    subscription: (*subscription).into(),
                    resource_group: (*group).into(),
                    name: (*name).into(),
                };
                WorkspaceRoute::from_segments(rest)
                    .map_or(Self::NotFound, |route| Self::Workspace(workspace, route))
            }
            ["requests"] => Self::Requests,
            ["diagnostics"] => Self::Diagnostics,
            _ => Self::NotFound,
        }
    }

    fn segments(&self) -> Vec<&str> {
        match self {
            Self::Home | Self::NotFound => vec![],
            Self::Subscriptions => vec!["subscriptions"],
            Self::ResourceGroups(subscription) => vec!["subscriptions", subscription.as_str()],
            Self::SubscriptionWorkspaces(subscription) => {
                vec!["subscriptions", subscription.as_str(), "workspaces"]
            }
            Self::Workspaces(subscription, group) => {
                vec!["subscriptions", subscription.as_str(), "resourceGroups", group.as_str()]
            }
            Self::Workspace(workspace, route) => {
                let mut segments = vec![
                    "subscriptions",
                    workspace.subscription.as_str(),
                    "resourceGroups",
                    workspace.resource_group.as_str(),
                    "workspaces",
                    workspace.name.as_str(),
                ];
                segments.extend(route.segments());
                segments
            }
            Self::Requests => vec!["requests"],
            Self::Diagnostics => vec!["diagnostics"],
        }
    }

    /// The subscription that the screen is in.
    pub fn subscription(&self) -> Option<&SubscriptionId> {
        match self {
            Self::ResourceGroups(subscription)
            | Self::SubscriptionWorkspaces(subscription)
            | Self::Workspaces(subscription, _) => Some(subscription),
            Self::Workspace(workspace, _) => Some(&workspace.subscription),
            _ => None,
        }
    }
}

impl WorkspaceRoute {
    fn from_segments(segments: &[&str]) -> Option<Self> {
        Some(match segments {
            [] => Self::Overview,
            ["experiments"] => Self::Experiments,
            ["experiments", experiment] => Self::Runs((*experiment).into()),
            ["experiments", experiment, "runs", run] => Self::Run((*experiment).into(), (*run).into()),
            ["submit"] => Self::Submit,
            ["models"] => Self::Models,
            ["models", model] => Self::Model((*model).into()),
            ["compare"] => Self::Compare,
            ["assets"] => Self::Assets,
            ["assets", asset] => Self::Asset((*asset).into()),
            ["images"] => Self::Images,
            ["images", image] => Self::Image((*image).into()),
            ["services"] => Self::Services,
            ["services", service] => Self::Service((*service).into()),
            ["datastores"] => Self::Datastores,
            ["datastores", datastore] => Self::Datastore((*datastore).into()),
            ["notifications"] => Self::Notifications,
            ["notifications", notification] => Self::Notification((*notification).into()),
            ["pipelines"] => Self::Pipelines,
            ["pipelines", part, id] => Self::Pipeline(PipelinePart::from_segment(part)?, (*id).into()),
            ["computes"] => Self::Computes,
            ["computes", compute] => Self::Compute((*compute).into()),
            ["data"] => Self::Data,
            _ => return None,
        })
    }

    fn segments(&self) -> Vec<&str> {
        match self {
            Self::Overview => vec![],
            Self::Experiments => vec!["experiments"],
            Self::Runs(experiment) => vec!["experiments", experiment.as_str()],
            Self::Run(experiment, run) => vec!["experiments", experiment.as_str(), "runs", run.as_str()],
            Self::Submit => vec!["submit"],
            Self::Models => vec!["models"],
            Self::Model(model) => vec!["models", model.as_str()],
            Self::Compare => vec!["compare"],
            Self::Assets => vec!["assets"],
            Self::Asset(asset) => vec!["assets", asset.as_str()],
            Self::Images => vec!["images"],
            Self::Image(image) => vec!["images", image.as_str()],
            Self::Services => vec!["services"],
            Self::Service(service) => vec!["services", service.as_str()],
            Self::Datastores => vec!["datastores"],
            Self::Datastore(datastore) => vec!["datastores", datastore.as_str()],
            Self::Notifications => vec!["notifications"],
            Self::Notification(notification) => vec!["notifications", notification.as_str()],
            Self::Pipelines => vec!["pipelines"],
            Self::Pipeline(part, id) => vec!["pipelines", part.segment(), id.as_str()],
            Self::Computes => vec!["computes"],
            Self::Compute(compute) => vec!["computes", compute.as_str()],
            Self::Data => vec!["data"],
        }
    }
}

/// The segments of a path, decoded. None where one is empty or is `.` or `..`, which no name is, or is no UTF-8.
fn decoded_segments(path: &str) -> Option<Vec<String>> {
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Some(Vec::new());
    }
    path.split('/')
        .map(|segment| {
            let segment = percent_decode_str(segment).decode_utf8().ok()?.into_owned();
            (!matches!(segment.as_str(), "" | "." | "..")).then_some(segment)
        })
        .collect()
}

fn decoded_pair(pair: &str) -> (String, String) {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    (decode(name), decode(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_read_back_as_it_was_written() {
        let base = "#/subscriptions/s%201/resourceGroups/g/workspaces/w";
        let addresses = [
            "#/".to_owned(),
            "#/demo".to_owned() + "/",
            "#/subscriptions".to_owned(),
            "#/demo/subscriptions".to_owned(),
            "#/export".to_owned() + "/",
            "#/export/subscriptions/s%201".to_owned(),
            "#/subscriptions/s%201".to_owned(),
            "#/subscriptions/s%201/workspaces".to_owned(),
            "#/subscriptions/s%201/resourceGroups/g".to_owned(),
            base.to_owned(),
            format!("{base}/experiments"),
            format!("{base}/experiments/loaves%20per%2Fday"),
            format!("{base}/experiments/e/runs/e_1"),
            format!("{base}/submit?experiment=e"),
            format!("{base}/models"),
            format!("{base}/models/my-model:1"),
            format!("{base}/computes"),
            format!("{base}/computes/cpu"),
            format!("{base}/compare?run=a&run=b"),
            format!("{base}/assets"),
            format!("{base}/assets/a1"),
            format!("{base}/images"),
            format!("{base}/images/i:1"),
            format!("{base}/services"),
            format!("{base}/services/s"),
            format!("{base}/datastores"),
            format!("{base}/datastores/d"),
            format!("{base}/notifications"),
            format!("{base}/notifications/n"),
            format!("{base}/pipelines"),
            format!("{base}/pipelines/experiments/p"),
            format!("{base}/pipelines/graphs/p"),
            format!("{base}/pipelines/modules/p"),
            format!("{base}/pipelines/templates/p"),
            format!("{base}/pipelines/dataSources/p"),
            format!("{base}/data"),
            format!("{base}/data?tab=erase"),
            "#/requests".to_owned(),
            "#/diagnostics".to_owned(),
            "#/subscriptions?filter=a%26b&sort=-created&plain".to_owned(),
        ];
        for address in addresses {
            let location = Location::parse(&address);
            assert_ne!(location.route, Route::NotFound, "{address}");
            assert_eq!(location.href(), address);
        }
    }

    #[test]
    fn addresses_that_mean_nothing_are_not_found() {
        for address in [
            "#/nonsense",
            "#/subscriptions/s/nothing",
            "#/subscriptions/s/resourceGroups/g/workspaces/w/nothing",
            "#/subscriptions/s/resourceGroups/g/workspaces/w/pipelines/nothing/p",
            "#/subscriptions//workspaces",
            "#/subscriptions/../x",
            "#/subscriptions/%2e%2e/workspaces",
            "#/subscriptions/%ff",
        ] {
            assert_eq!(Location::parse(address).route, Route::NotFound, "{address}");
        }
    }

    #[test]
    fn an_empty_address_is_home() {
        for address in ["", "#", "#/", "#/demo"] {
            assert_eq!(Location::parse(address).route, Route::Home, "{address}");
        }
    }

    #[test]
    fn a_parameter_may_stand_several_times() {
        let location = Location::parse("#/x?run=a&other=c&run=b");
        assert_eq!(location.parameters("run").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_parameter_is_replaced_and_taken_out() {
        let location = Location::parse("#/subscriptions?filter=a&sort=name");
        assert_eq!(
            location.clone().with_parameter("filter", Some("b c")).href(),
            "#/subscriptions?sort=name&filter=b%20c"
        );
        assert_eq!(location.with_parameter("filter", None).href(), "#/subscriptions?sort=name");
    }
}
