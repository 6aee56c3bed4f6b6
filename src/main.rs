//! Starts the app: reads the settings, makes both carriers, mounts.

use std::rc::Rc;

use azimuth::session::SessionKind;
use azimuth::transport::LateCarrier;
use azimuth::{App, Carriers, Start};

fn main() {
    let carriers = Carriers {
        service: Rc::new(LateCarrier::new(SessionKind::Service)),
        demo: Rc::new(LateCarrier::new(SessionKind::Demo)),
    };
    let start = Start::from_page();
    leptos::mount::mount_to_body(move || App(azimuth::AppProps { start, carriers }));
}
