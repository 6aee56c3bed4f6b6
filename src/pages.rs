//! One module per screen.

pub mod assets;
pub mod compare;
pub mod computes;
pub mod data;
pub mod datastores;
pub mod diagnostics;
pub mod experiments;
pub mod images;
pub mod models;
pub mod new_resource_group;
pub mod new_workspace;
pub mod not_found;
pub mod notifications;
pub mod opened;
pub mod pipelines;
pub mod requests;
pub mod resource_groups;
pub mod run;
pub mod runs;
pub mod services;
pub mod settings_fault;
pub mod sign_in;
pub mod submit;
pub mod subscriptions;
pub mod workspace;
pub mod workspaces;
