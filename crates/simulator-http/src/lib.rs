//! The simulator behind real sockets, and a plain server for the built site. Both listen on loopback only.
//!
//! ```no_run
//! use azimuth_simulator_http::{ServerOptions, SiteOptions, serve_site, start};
//!
//! let simulator = start(ServerOptions::default())?;
//! let site = serve_site(SiteOptions::new("dist").with_config(simulator.config_json()))?;
//! println!("{}", site.address());
//! # Ok::<(), String>(())
//! ```

mod blobs;
mod cors;
mod exchange;
mod interceptor;
mod listening;
mod origins;
mod recorder;
mod server;
mod site;

pub use crate::blobs::{Blob, Blobs, blobs_of};
pub use crate::interceptor::Interceptor;
pub use crate::origins::Role;
pub use crate::recorder::{Recorded, Recorder};
pub use crate::server::{Running, ServerOptions, start};
pub use crate::site::{Site, SiteOptions, serve_site};
