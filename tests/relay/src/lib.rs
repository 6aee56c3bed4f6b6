//! The relay as it stands in `relay/`, run by nginx on loopback, with what it needs around it.
//!
//! ```no_run
//! use azimuth_relay::{Ask, Relay, Tables, Upstream};
//!
//! let service = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
//! let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
//! let answer = Ask::get("/relay/eastus/api/history/v1.0/runs").of(&relay.authority());
//! assert_eq!(answer.status, 200);
//! ```

mod ask;
mod relay;
mod secure;
mod upstream;

pub use ask::{Answer, Ask};
pub use relay::{DASHBOARD, Relay, Tables, shipped};
pub use secure::{SecureHost, name_server};
pub use upstream::{Asked, Upstream};
