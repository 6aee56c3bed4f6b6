//! Azimuth: a dashboard for Azure Machine Learning that is nothing but static files.

// Views nest types deeply.
#![recursion_limit = "256"]

pub mod app;
pub mod app_registration;
pub mod authority;
pub mod background;
mod cancel;
pub mod changes;
pub mod client;
pub mod clock;
pub mod components;
pub mod erase;
pub mod explain;
pub mod export;
pub mod files;
pub mod kept;
mod keys;
pub mod lasting;
pub mod listed;
pub mod listing;
pub mod load;
mod managed;
mod name_check;
pub mod navigation;
mod notes;
pub mod opened;
pub mod pace;
pub mod pages;
pub mod palette;
pub mod parts;
mod pipeline_steps;
pub mod private_files;
pub mod project_zip;
pub mod query;
mod registration;
mod remedies;
pub mod request_log;
pub mod route;
pub mod scroll;
mod secrets;
pub mod seen;
pub mod session;
pub mod settings;
mod several;
mod shown;
mod strips;
mod tenants;
pub mod transport;
mod unmade;
mod watch;

pub use app::{App, AppProps, Carriers, Start};
