//! Journeys through the built site: a browser, a static server, the simulator behind sockets, and a page that is
//! asked for things in the user's words.
//!
//! ```no_run
//! use azimuth_e2e::{Stage, journey};
//!
//! journey(Stage::azure(), async |page| {
//!     page.open("#/").await;
//!     let group = page.within("group", "Service principal");
//!     group.fill("Tenant ID", "contoso").await;
//!     group.click_button("Sign in").await;
//!     page.expect_heading("Subscriptions").await;
//! });
//! ```

mod accessibility;
mod browser;
mod instruments;
mod journey;
mod memory;
mod page;
mod project;
mod stage;

pub use accessibility::Focus;
pub use azimuth_simulator::World;
pub use azimuth_simulator_http::{
    Blob, Blobs, Interceptor, Recorded, Recorder, Role, Running, ServerOptions,
};
pub use browser::Browser;
pub use instruments::Sent;
pub use journey::journey;
pub use memory::renderer_memory;
pub use page::Page;
pub use project::{Project, unzip, zip_of};
pub use stage::Stage;
