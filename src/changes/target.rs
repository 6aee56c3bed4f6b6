//! What a change is made to: read again to find out whether the change arrived, and whether it is over.

use azimuth_api::{
    ApiError, AssetId, ComputeName, ExperimentName, GetAsset, GetCompute, GetExperiment, GetImage, GetModel,
    GetPipelineRun, GetProvider, GetResourceGroup, GetRun, GetService, GetWorkspace, ImageId, ListAssets,
    ModelId, Operation, PipelineId, ResourceGroupName, RunId, ServiceId, SubscriptionId, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::{Client, Question};
use crate::route::{PipelinePart, Route, WorkspaceRoute};

/// What a change is made to, or what it makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Target {
    /// A resource group.
    ResourceGroup(SubscriptionId, ResourceGroupName),
    /// A resource provider of a subscription.
    Provider(SubscriptionId, String),
    /// A workspace.
    Workspace(WorkspaceId),
    /// A compute.
    Compute(WorkspaceId, ComputeName),
    /// An experiment.
    Experiment(WorkspaceId, ExperimentName),
    /// A run.
    Run(WorkspaceId, ExperimentName, RunId),
    /// A registered model.
    Model(WorkspaceId, ModelId),
    /// An asset.
    Asset(WorkspaceId, AssetId),
    /// The asset of a run that was made last, for assets whose ids the service gives.
    NewestAsset(WorkspaceId, RunId),
    /// An image.
    Image(WorkspaceId, ImageId),
    /// A web service.
    Service(WorkspaceId, ServiceId),
    /// A run of a pipeline.
    Pipeline(WorkspaceId, PipelineId),
}

/// A target as it was found.
///
/// It is looked at in so few places that its document is read as it is: the models of everything that can be changed
/// would be loaded with whatever changes one of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// It is not there.
    Gone,
    /// It is, and this is what the service says of it.
    There(Value),
}

impl Target {
    /// What asks for it, and the same in the older form of the service.
    pub fn question(&self) -> (Question, Option<Question>) {
        fn both<O: Operation>(operation: &O) -> (Question, Option<Question>) {
            (Question::of(operation), operation.otherwise().map(|older| Question::of(&older)))
        }
        match self.clone() {
            Self::ResourceGroup(subscription, resource_group) => {
                both(&GetResourceGroup { subscription, resource_group })
            }
            Self::Provider(subscription, namespace) => both(&GetProvider { subscription, namespace }),
            Self::Workspace(workspace) => both(&GetWorkspace { workspace }),
            Self::Compute(workspace, compute) => both(&GetCompute { workspace, compute }),
            Self::Experiment(workspace, experiment) => both(&GetExperiment { workspace, experiment }),
            Self::Run(workspace, experiment, run) => both(&GetRun { workspace, experiment, run }),
            Self::Model(workspace, model) => both(&GetModel::of(workspace, model)),
            Self::Asset(workspace, asset) => both(&GetAsset::of(workspace, asset)),
            Self::NewestAsset(workspace, run) => {
                both(&ListAssets { run: Some(run), ..ListAssets::of(workspace) })
            }
            Self::Image(workspace, image) => both(&GetImage::of(workspace, image)),
            Self::Service(workspace, service) => both(&GetService::of(workspace, service)),
            Self::Pipeline(workspace, pipeline) => both(&GetPipelineRun::of(workspace, pipeline)),
        }
    }

    /// Where a person looks at it.
    pub fn route(&self) -> Option<Route> {
        let inside = |workspace: &WorkspaceId, part| Some(Route::Workspace(workspace.clone(), part));
        match self {
            Self::ResourceGroup(subscription, group) => {
                Some(Route::Workspaces(subscription.clone(), group.clone()))
            }
            Self::Provider(..) => None,
            Self::Workspace(workspace) => inside(workspace, WorkspaceRoute::Overview),
            Self::Compute(workspace, compute) => inside(workspace, WorkspaceRoute::Compute(compute.clone())),
            Self::Experiment(workspace, experiment) => {
                inside(workspace, WorkspaceRoute::Runs(experiment.clone()))
            }
            Self::Run(workspace, experiment, run) => {
                inside(workspace, WorkspaceRoute::Run(experiment.clone(), run.clone()))
            }
            Self::Model(workspace, model) => inside(workspace, WorkspaceRoute::Model(model.clone())),
            Self::Asset(workspace, asset) => inside(workspace, WorkspaceRoute::Asset(asset.clone())),
            Self::NewestAsset(workspace, _) => inside(workspace, WorkspaceRoute::Assets),
            Self::Image(workspace, image) => inside(workspace, WorkspaceRoute::Image(image.clone())),
            Self::Service(workspace, service) => inside(workspace, WorkspaceRoute::Service(service.clone())),
            Self::Pipeline(workspace, pipeline) => {
                inside(workspace, WorkspaceRoute::Pipeline(PipelinePart::Experiment, pipeline.clone()))
            }
        }
    }

    /// The subscription that it is in, and the workspace where it is in one: whatever is asked about these may have
    /// changed with it.
    pub fn scope(&self) -> (&SubscriptionId, Option<&WorkspaceId>) {
        match self {
            Self::ResourceGroup(subscription, _) | Self::Provider(subscription, _) => (subscription, None),
            Self::Workspace(workspace)
            | Self::Compute(workspace, _)
            | Self::Experiment(workspace, _)
            | Self::Run(workspace, ..)
            | Self::Model(workspace, _)
            | Self::Asset(workspace, _)
            | Self::NewestAsset(workspace, _)
            | Self::Image(workspace, _)
            | Self::Service(workspace, _)
            | Self::Pipeline(workspace, _) => (&workspace.subscription, Some(workspace)),
        }
    }

    /// The word for what it does, where it has one.
    pub fn state<'a>(&self, document: &'a Value) -> Option<&'a str> {
        let word = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        match self {
            Self::ResourceGroup(..) | Self::Workspace(_) => word("/properties/provisioningState"),
            Self::Provider(..) => word("/registrationState"),
            Self::Compute(..) => {
                // How it was made, and once it is, what an instance does.
                let made = word("/properties/provisioningState").filter(|word| *word != "Succeeded");
                made.or_else(|| word("/properties/properties/state"))
                    .or_else(|| word("/properties/provisioningState"))
            }
            Self::Run(..) => word("/status"),
            Self::Service(..) => word("/state"),
            Self::Image(..) => word("/creationState"),
            Self::Pipeline(..) => {
                word("/Status/StatusCode").or_else(|| word("/status/statusCode")).or_else(|| word("/status"))
            }
            Self::Experiment(..) | Self::Model(..) | Self::Asset(..) | Self::NewestAsset(..) => None,
        }
    }

    /// The same for what goes through states while it is changed; a run has states of its own, whatever is changed in
    /// what is written about it.
    pub fn settling_state<'a>(&self, document: &'a Value) -> Option<&'a str> {
        match self {
            Self::Run(..) | Self::Pipeline(..) | Self::Image(..) => None,
            _ => self.state(document),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// Whatever the service or the way there says, unless that is that it is not there.
    pub async fn read(&self, client: Client) -> Result<Reading, ApiError> {
        let (question, older) = self.question();
        let response = client.answer(question, older).await?;
        match response.status().as_u16() {
            404 => Ok(Reading::Gone),
            200..300 => serde_json::from_slice(response.body())
                .map(Reading::There)
                .map_err(|error| ApiError::unreadable(&response, &error)),
            _ => Err(ApiError::refused(&response)),
        }
    }
}

/// The service's words for why something could not be done.
pub fn failure_in(document: &Value) -> Option<String> {
    let pointers = [
        "/properties/provisioningErrors/0/error/message",
        "/properties/provisioningErrors/0/message",
        "/properties/error/message",
        "/error/message",
    ];
    pointers
        .iter()
        .find_map(|pointer| document.pointer(pointer)?.as_str().filter(|text| !text.is_empty()))
        .map(str::to_owned)
}
