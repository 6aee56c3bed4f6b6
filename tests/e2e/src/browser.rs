//! A headless Chromium of its own, with the driver that moves it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

const ARGUMENTS: [&str; 10] = [
    "--headless=new",
    // The sandbox does not start for root, which tests in containers often are.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
];
/// The driver says on one of its first lines where it listens.
const GREETING_LINES: usize = 20;
/// How often a driver is started at most, for one journey.
const STARTS: usize = 3;

/// The driver's process and the folder that the browser may write into. Dropped, both go; the session has to be
/// closed before, or the browser stays behind.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    folder: PathBuf,
}

impl Driver {
    /// Starts a driver on a free port, which it picks itself. On a busy machine one was seen to end before it listened.
    pub fn start() -> Driver {
        let mut said = String::new();
        for _ in 0..STARTS {
            match Driver::try_start() {
                Ok(driver) => return driver,
                Err(instead) => said = instead,
            }
        }
        panic!("chromedriver did not say on which port it listens, but:\n{said}");
    }

    /// The driver, or what it said instead of its port.
    fn try_start() -> Result<Driver, String> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is on PATH (cargo xtask test installs it)");
        let output = process.stdout.take().expect("its output was asked for as a pipe");
        let mut driver = Driver { process, port: 0, folder: new_folder() };
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines.by_ref().take(GREETING_LINES) {
            if let Some(port) = port_in(&line) {
                driver.port = port;
                // It stops when it cannot write, so somebody has to read on.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(driver);
            }
            said.push(line);
        }
        Err(said.join("\n"))
    }

    /// A browser that has never been used.
    pub async fn browser(&self) -> Client {
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", self.folder.join("profile").display()));
        let capabilities = json!({
            "goog:chromeOptions": {
                "args": arguments,
                "prefs": {
                    "download.default_directory": self.downloads(),
                    "download.prompt_for_download": false,
                },
            },
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("the value above is an object") };
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .expect("a headless Chromium starts")
    }

    /// Where the browser saves what is downloaded.
    pub fn downloads(&self) -> PathBuf {
        self.folder.join("downloads")
    }

    /// A folder for the journey's own files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Both may have gone by themselves.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("azimuth-e2e-{}-{number}", std::process::id()));
    fs::create_dir_all(folder.join("downloads")).expect("the folder for temporary files can be written");
    folder
}
