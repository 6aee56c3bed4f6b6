//! Starts the app: reads the settings, makes both carriers, mounts.

use std::rc::Rc;

use azimuth::transport::fetch::FetchCarrier;
use azimuth::transport::simulated::{LoadedSimulator, SimulatedCarrier};
use azimuth::{App, Carriers, Start};

fn main() {
    let carriers = Carriers {
        service: Rc::new(FetchCarrier),
        demo: Rc::new(SimulatedCarrier::new(LoadedSimulator::default())),
    };
    let start = Start::from_page();
    leptos::mount::mount_to_body(move || App(azimuth::AppProps { start, carriers }));
}
