//! What there is in a workspace that could be erased: each kind is read to its end.

use azimuth_api::{
    ApiError, ExperimentView, GetService, ListAssets, ListComputes, ListExperiments, ListImages, ListModels,
    ListServices, Timestamp, WorkspaceId,
};

use crate::client::Client;
use crate::erase::plan::{Kind, Planned, obstacle_of};
use crate::query::whole_list_told;

/// Something that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// As a plan would have it.
    pub planned: Planned,
    /// Why it cannot be in one.
    pub obstacle: Option<&'static str>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// All of a kind. `told` hears how many were read so far.
///
/// # Errors
/// As [`whole_list_told`].
pub async fn read(
    client: Client,
    workspace: &WorkspaceId,
    kind: Kind,
    told: &dyn Fn(usize),
) -> Result<Vec<Found>, ApiError> {
    let workspace = workspace.clone();
    let free = |planned, created| Found { planned, obstacle: None, created };
    Ok(match kind {
        Kind::Service => {
            let listed = whole_list_told(client, ListServices::of(workspace.clone()), told).await?;
            let mut found = Vec::with_capacity(listed.len());
            for service in listed {
                // A list leaves out the models behind a service.
                let whole = client.ask(&GetService::of(workspace.clone(), service.id.clone())).await;
                let service = whole.unwrap_or(service);
                found.push(free(Planned::service(&service), service.created_time));
            }
            found
        }
        Kind::Image => {
            let images = whole_list_told(client, ListImages::of(workspace), told).await?;
            images.iter().map(|image| free(Planned::image(image), image.created_time)).collect()
        }
        Kind::Model => {
            let models = whole_list_told(client, ListModels::of(workspace), told).await?;
            models.iter().map(|model| free(Planned::model(model), model.created_time)).collect()
        }
        Kind::Asset => {
            let assets = whole_list_told(client, ListAssets::of(workspace), told).await?;
            assets.iter().map(|asset| free(Planned::asset(asset), asset.created_time)).collect()
        }
        Kind::Compute => {
            let computes = whole_list_told(client, ListComputes { workspace, next: None }, told).await?;
            let made = |compute: &azimuth_api::Compute| compute.properties.created_on;
            computes.iter().map(|compute| free(Planned::compute(compute), made(compute))).collect()
        }
        Kind::Experiment => {
            let mut experiments = Vec::new();
            for view in [ExperimentView::InUse, ExperimentView::Archived] {
                let asked = ListExperiments { view, ..ListExperiments::of(workspace.clone()) };
                for experiment in whole_list_told(client, asked, told).await? {
                    // The older way of asking gives all of them whatever was asked for.
                    let is_known = |known: &azimuth_api::Experiment| known.name == experiment.name;
                    if view == ExperimentView::InUse || !experiments.iter().any(is_known) {
                        experiments.push(experiment);
                    }
                }
            }
            let found = experiments.iter().map(|experiment| Found {
                planned: Planned::experiment(experiment),
                obstacle: obstacle_of(experiment),
                created: experiment.created_utc,
            });
            found.collect()
        }
        Kind::Workspace => Vec::new(),
    })
}
