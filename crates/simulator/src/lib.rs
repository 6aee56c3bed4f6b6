//! The Azure Machine Learning service, in memory: HTTP requests in, HTTP answers out.
//!
//! The crate has no clock, no I/O and no unseeded randomness: the time is passed in with each request, and ids
//! follow from names and counters. It therefore runs the same inside a page, behind sockets and in tests.
//!
//! Where an answer's wording or shape is not known from a published source, the comment beside it begins with
//! "Guess:".

mod answer;
mod artifacts;
#[cfg(feature = "full")]
mod authority;
mod call;
mod checksum;
mod compute_changes;
mod computes;
mod content;
mod datastores;
mod discovery;
mod errors;
mod events;
mod execution;
mod experiment_runs;
mod failures;
#[cfg(feature = "full")]
pub mod faults;
mod filter;
mod history;
mod hosts;
mod hyperdrive;
mod leftovers;
mod login;
mod management;
mod measured;
mod metrics;
mod model_changes;
mod model_management;
mod multipart;
mod operations;
mod paging;
mod picture;
mod pipelines;
mod project_zip;
mod providers;
mod quotas;
mod resource_groups;
mod resources;
mod run_definition;
mod run_output;
mod run_progress;
mod runs;
mod scoring;
mod simulator;
mod sorting;
mod state;
mod storage;
#[cfg(feature = "full")]
mod stress;
mod times;
mod token;
mod workspace_changes;
mod worlds;

#[cfg(feature = "full")]
pub use crate::authority::{AuthorityOptions, Issued};
pub use crate::failures::{Delay, Failure, Unshared};
pub use crate::hosts::Origins;
pub use crate::login::{CLIENT_ID, CLIENT_SECRET, TENANT};
pub use crate::simulator::{Options, Simulator};
#[cfg(feature = "full")]
pub use crate::times::http_stamp;
pub use crate::worlds::World;
