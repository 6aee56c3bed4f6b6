//! Azure Machine Learning as values: what to ask (operations), what is answered (models), what we know about both.
//!
//! Nothing here does I/O and nothing knows a browser: an operation becomes an [`http::Request`], and an
//! [`http::Response`] becomes a model or an [`ApiError`]. Who sends it, and where a token may go, is decided above,
//! with the rule that [`Cloud::may_carry_token`] states.

#![warn(missing_docs)]

mod artifacts;
mod assets;
mod authorization;
mod cloud;
mod compute_changes;
mod computes;
mod datastores;
mod definition;
mod discovery;
mod error;
mod experiments;
mod identifiers;
mod images;
mod long_operations;
mod managed;
mod metric_reports;
mod metrics;
mod model_management;
mod models;
mod notifications;
mod operation;
mod page;
mod path;
mod pipelines;
mod providers;
mod quotas;
mod relay;
mod resource_groups;
mod resources;
mod run_changes;
mod run_details;
mod run_status;
mod runs;
mod scoring;
mod services;
mod subscriptions;
mod sweeps;
mod tenants;
mod timestamp;
mod token;
mod tolerant;
mod trials;
pub mod versions;
mod web_address;
mod workspaces;

pub use artifacts::{
    Artifact, ArtifactContainer, ArtifactForm, ContentInformation, GetArtifactContent,
    GetArtifactContentInfo, ListRunArtifacts, SignedAddress,
};
pub use assets::{Asset, AssetArtifact, CreateAsset, GetAsset, ListAssets};
pub use authorization::{
    AuthorizationRequest, AuthorizationResponse, ExpectedIdentity, Grant, GrantTokens, IdentityFault,
    PersonIdentity, PersonTokens, Prompt, sign_out_address, url_text,
};
pub use cloud::{Cloud, LocalCloud, MANAGEMENT_APPLICATION, USER_IMPERSONATION};
pub use compute_changes::{
    ActOnInstance, Administrator, CreateCompute, DeleteCompute, InstanceAction, NewCluster, NewScale,
    ScaleCompute, UnderlyingResource,
};
pub use computes::{
    AmlComputeProperties, Application, Compute, ComputeNode, ComputeProperties, ComputeState, ComputeUser,
    GetCompute, LastOperation, ListComputeNodes, ListComputes, NodeCounts, ScaleSettings,
};
pub use datastores::{
    DataLakeSection, DatabaseSection, Datastore, ListDatastores, StorageSection, VolumeSection,
};
pub use definition::{DefinitionDocument, DefinitionError, DefinitionRepair, RunDefinition};
pub use discovery::{
    Discovery, DiscoveryUrl, DiscoveryUrlProperty, GetDiscovery, GetDiscoveryUrl, RegionalService,
};
pub use error::{ApiError, ErrorDetail, NoAnswer, Refusal};
pub use experiments::{
    ChangeExperiment, CreateExperiment, DeleteExperiment, DeleteExperimentTags, Experiment, ExperimentEdit,
    ExperimentView, GetExperiment, ListExperiments,
};
pub use identifiers::{
    AssetId, ComputeName, DatastoreName, ExperimentName, ImageId, ModelId, NotificationId, PipelineId,
    ResourceGroupName, RunId, ServiceId, SubscriptionId, WorkspaceId, WorkspaceName,
};
pub use images::{GetImage, Image, ListImages, TargetRuntime};
pub use long_operations::{Accepted, GetOperationStatus, OperationStatus};
pub use managed::{ChangeManaged, DeleteManaged, ManagedPart, Removal};
pub use metric_reports::{AccuracyTable, ConfusionMatrix, MetricReport, Predictions, Residuals};
pub use metrics::{CellValue, Cells, Column, GetMetric, ListMetrics, MetricType, RunMetric};
pub use model_management::{ModelFault, ModelHost};
pub use models::{GetModel, ListModels, Model, ModelDataset, RegisterModel};
pub use notifications::{GetNotification, ListNotifications, Notification};
pub use operation::{Address, Body, Credential, HostHeader, Operation, Part, Service, Upload};
pub use page::{ListForm, Page, Paged};
pub use path::{Path, Query};
pub use pipelines::{
    DataLocation, DatasetNode, Described, GetPipelineDataSource, GetPipelineGraph, GetPipelineModule,
    GetPipelineNodeStatuses, GetPipelineRun, GetPipelineTemplate, GraphEdge, GraphPort, ModuleInput,
    ModuleNode, ModuleOutput, ModuleParameter, NodeStatus, PipelineDataSource, PipelineGraph, PipelineHost,
    PipelineModule, PipelineRun, PipelineState, PipelineStatus, PipelineTemplate, PipelineUser, ReuseInfo,
    StructuredInterface,
};
pub use providers::{GetProvider, Provider, RegisterProvider};
pub use quotas::{ListQuotas, ListUsages, ListVmSizes, Quota, Usage, UsageName, VmSize, VmSizes};
pub use resource_groups::{
    CreateResourceGroup, GetResourceGroup, ListResourceGroups, NewResourceGroup, ResourceGroup,
};
pub use resources::{Dependency, ListResources, Resource};
pub use run_changes::{CancelPipelineRun, CancelRun, ChangeRun, DeleteRunTags, RunCancel, RunEdit};
pub use run_details::{
    GetExperimentById, GetRunById, ListChildRuns, ListComputeRuns, ListRunEvents, QueueingInfo, RunEvent,
    RunKind, RunWarning,
};
pub use run_status::{RunPhase, RunStatus};
pub use runs::{
    GetRun, GetRunDetails, ListRuns, Run, RunDetails, RunFilter, RunUser, StartRun, StartSnapshotRun,
    StartedRun, TagFilter,
};
pub use scoring::{
    RowKind, ScoredTable, ScoringAnswer, ScoringKey, cell_text, cell_value, data_rows, sample_question,
};
pub use services::{
    AutoScaler, ContainerResources, GetService, GetServiceLogs, GetServiceToken, KeyKind, ListServiceKeys,
    ListServices, RegenerateServiceKey, Replicas, ServiceAccess, ServiceKeys, ServiceLogs, ServiceState,
    ServiceToken, WebService,
};
pub use subscriptions::{
    GetSubscription, ListLocations, ListSubscriptions, Location, Locations, Subscription,
};
pub use sweeps::{CancelSweep, Distribution, Policy, Sweep, trial_parameters};
pub use tenants::{ListTenants, Tenant};
pub use timestamp::Timestamp;
pub use token::{
    AccessToken, RequestToken, Secret, TokenClaims, TokenEndpoint, TokenReply, clean_pasted_token,
};
pub use trials::{Goal, PrimaryMetric};
pub use web_address::{Origin, WebAddress};
pub use workspaces::{
    ChangeWorkspace, CreateWorkspace, DeleteWorkspace, GetWorkspace, Identity, ListWorkspaceKeys,
    ListWorkspaces, NewWorkspace, NewWorkspaceProperties, ResyncWorkspaceKeys, Sku, Workspace,
    WorkspaceChange, WorkspaceKeys, WorkspaceProperties, WorkspaceWords, Workspaces,
};
