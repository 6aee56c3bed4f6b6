//! What stands around a page: the site's server and, when it is asked for, a simulator.

use std::path::{Path, PathBuf};
use std::time::Duration;

use azimuth_simulator_http::{Blobs, Running, ServerOptions, Site, SiteOptions, blobs_of, serve_site, start};
use serde_json::{Value, json};

use crate::browser::Browser;

/// No journey takes longer, unless something waits for ever.
const LONGEST: Duration = Duration::from_secs(180);

/// How a journey's surroundings are to be.
pub struct Stage {
    folder: PathBuf,
    prefix: String,
    simulator: Option<ServerOptions>,
    settings: Vec<(String, Value)>,
    blobs: Option<Blobs>,
    browser: Browser,
    chromium_alone: Option<&'static str>,
    longest: Duration,
}

impl Stage {
    /// The built site alone, without any service: what the demo needs. `AZIMUTH_SITE` names another build of it.
    pub fn demo() -> Stage {
        Stage {
            folder: std::env::var_os("AZIMUTH_SITE").map_or_else(|| workspace().join("dist"), PathBuf::from),
            prefix: "/".to_owned(),
            simulator: None,
            settings: Vec::new(),
            blobs: None,
            browser: Browser::chosen(),
            chromium_alone: None,
            longest: LONGEST,
        }
    }

    /// The built site, pointed at a simulator of the bakery whose waits are ten times shorter.
    pub fn azure() -> Stage {
        Stage::azure_with(ServerOptions { speed: 10.0, ..ServerOptions::default() })
    }

    /// The built site, pointed at a simulator of one's own making.
    pub fn azure_with(simulator: ServerOptions) -> Stage {
        Stage { simulator: Some(simulator), ..Stage::demo() }
    }

    /// Another folder instead of the built site.
    pub fn with_folder(mut self, folder: impl Into<PathBuf>) -> Stage {
        self.folder = folder.into();
        self
    }

    /// The site below a folder of its host.
    pub fn at_prefix(mut self, prefix: &str) -> Stage {
        self.prefix = prefix.to_owned();
        self
    }

    /// The built site on a storage account instead of a plain server.
    pub fn on_storage(self) -> Stage {
        let blobs = blobs_of(&self.folder).unwrap_or_else(|message| panic!("{message}"));
        self.with_blobs(blobs)
    }

    /// What was deployed, served as a storage account does, instead of the built site.
    pub fn with_blobs(mut self, blobs: Blobs) -> Stage {
        self.blobs = Some(blobs);
        self
    }

    /// A field of `config.json`, beside those that the simulator needs.
    pub fn with_setting(mut self, field: &str, value: impl Into<Value>) -> Stage {
        self.settings.push((field.to_owned(), value.into()));
        self
    }

    /// Another browser than the one that journeys run in.
    pub fn in_browser(mut self, browser: Browser) -> Stage {
        self.browser = browser;
        self
    }

    /// A journey that no other browser can go, and why. It is left out there, and says so.
    pub fn in_chromium_alone(mut self, reason: &'static str) -> Stage {
        self.chromium_alone = Some(reason);
        self
    }

    /// A journey that takes longer than others, and how long at most.
    pub fn lasting(mut self, longest: Duration) -> Stage {
        self.longest = longest;
        self
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    pub(crate) fn browser(&self) -> Browser {
        self.browser
    }

    /// Why this is no journey for the browser, if it is none.
    pub(crate) fn left_out(&self) -> Option<&'static str> {
        self.chromium_alone.filter(|_| self.browser != Browser::Chromium)
    }

    pub(crate) fn build(self) -> Scenery {
        let simulator = self.simulator.map(|options| start(options).expect("the simulator starts"));
        let mut config = match &simulator {
            Some(simulator) => {
                serde_json::from_str(simulator.config_json()).expect("the simulator prints JSON")
            }
            None => json!({}),
        };
        for (field, value) in self.settings {
            config[field] = value;
        }
        let options = SiteOptions { prefix: self.prefix, blobs: self.blobs, ..SiteOptions::new(self.folder) };
        let site = serve_site(options.with_config(config.to_string()))
            .unwrap_or_else(|message| panic!("The site cannot be served: {message}"));
        Scenery { site, simulator }
    }
}

/// What stands.
pub(crate) struct Scenery {
    pub site: Site,
    pub simulator: Option<Running>,
}

pub(crate) fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("this package is two folders below the workspace")
}
