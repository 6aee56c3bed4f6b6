//! A browser of its own without a screen, with the driver that moves it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::stage::workspace;

const CHROMIUM_ARGUMENTS: [&str; 10] = [
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
const FIREFOX_ARGUMENTS: [&str; 3] = ["-headless", "--width=1280", "--height=900"];
/// Where Debian keeps the browser of WebKitGTK, which is no program for people.
const MINI_BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const SCREEN: &str = "1280x900x24";
/// A driver says on one of its first lines where it listens.
const GREETING_LINES: usize = 20;
/// How often a driver is started at most, for one journey.
const STARTS: usize = 3;
/// How often a driver that says nothing is looked for.
const LOOKS: usize = 100;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// A browser that journeys run in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    Chromium,
    Firefox,
    /// Moved and asked, but not looked behind: its driver tells nothing of console and network.
    WebKit,
}

impl Browser {
    /// The one that `AZIMUTH_BROWSER` names, or Chromium.
    pub fn chosen() -> Browser {
        let name = std::env::var("AZIMUTH_BROWSER").unwrap_or_default();
        match name.as_str() {
            "" | "chromium" => Browser::Chromium,
            "firefox" => Browser::Firefox,
            "webkit" => Browser::WebKit,
            other => panic!("AZIMUTH_BROWSER is \"{other}\", and not chromium, firefox or webkit"),
        }
    }
}

/// The driver and the folder that the browser may write into. Dropped, both go; the session has to be closed before, or
/// the browser stays behind.
pub(crate) struct Driver {
    browser: Browser,
    /// The driver, and what it draws on where it does not start without.
    programs: Vec<Program>,
    port: u16,
    folder: PathBuf,
}

impl Driver {
    /// Starts a driver on a free port. On a busy machine one was seen to end before it listened.
    pub fn start(browser: Browser) -> Driver {
        let mut said = String::new();
        for _ in 0..STARTS {
            match Driver::try_start(browser) {
                Ok(driver) => return driver,
                Err(instead) => said = instead,
            }
        }
        panic!("the driver of {browser:?} did not listen, but said:\n{said}");
    }

    /// The driver, or what it said instead of its port.
    fn try_start(browser: Browser) -> Result<Driver, String> {
        let folder = new_folder();
        match browser {
            Browser::Chromium => {
                let mut command = Command::new("chromedriver");
                command.arg("--port=0");
                Driver::greeting(browser, folder, &mut command, "started successfully on port ")
            }
            Browser::Firefox => {
                let installed = workspace().join("target/tools/bin/geckodriver");
                let program = if installed.exists() { installed } else { PathBuf::from("geckodriver") };
                let mut command = Command::new(program);
                // Without system access nobody may read what the console says of refusals, nor ask for paper.
                command.args(["--port", "0", "--websocket-port", "0", "--allow-system-access"]);
                command.arg("--profile-root").arg(&folder);
                Driver::greeting(browser, folder, &mut command, "Listening on 127.0.0.1:")
            }
            Browser::WebKit => Driver::silent(folder),
        }
    }

    /// A driver that picks its port itself, and says which on one of its first lines.
    fn greeting(
        browser: Browser,
        folder: PathBuf,
        command: &mut Command,
        greeting: &str,
    ) -> Result<Driver, String> {
        let mut program = Program::start(command.stdout(Stdio::piped()));
        let mut lines = program.output().lines().map_while(Result::ok);
        let mut driver = Driver { browser, programs: vec![program], port: 0, folder };
        let mut said = Vec::new();
        for line in lines.by_ref().take(GREETING_LINES) {
            if let Some(port) = port_in(&line, greeting) {
                driver.port = port;
                // It stops when it cannot write, so somebody has to read on.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(driver);
            }
            said.push(line);
        }
        Err(said.join("\n"))
    }

    /// The driver of WebKit, which is told its port, says nothing, and draws on a screen.
    fn silent(folder: PathBuf) -> Result<Driver, String> {
        let mut screen = Command::new("Xvfb");
        screen.args(["-displayfd", "1", "-screen", "0", SCREEN]).stdout(Stdio::piped());
        let mut screen = Program::start(&mut screen);
        let mut display = String::new();
        screen.output().read_line(&mut display).map_err(|error| error.to_string())?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).env("DISPLAY", format!(":{}", display.trim()));
        let program = Program::start(command.stdout(Stdio::null()));
        let driver = Driver { browser: Browser::WebKit, programs: vec![program, screen], port, folder };
        for _ in 0..LOOKS {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(driver);
            }
            std::thread::sleep(LOOK_AGAIN_AFTER);
        }
        Err(format!("nothing on port {port}"))
    }

    /// A browser that has never been used.
    pub async fn open(&self) -> Client {
        let Value::Object(capabilities) = self.capabilities() else { unreachable!("they are an object") };
        ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap_or_else(|error| panic!("{:?} does not start: {error}", self.browser))
    }

    fn capabilities(&self) -> Value {
        match self.browser {
            Browser::Chromium => {
                let mut arguments: Vec<String> = CHROMIUM_ARGUMENTS.map(str::to_owned).into();
                arguments.push(format!("--user-data-dir={}", self.folder.join("profile").display()));
                json!({
                    "goog:chromeOptions": {
                        "args": arguments,
                        "prefs": {
                            "download.default_directory": self.downloads(),
                            "download.prompt_for_download": false,
                        },
                    },
                    "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
                })
            }
            Browser::Firefox => json!({
                "webSocketUrl": true,
                "moz:firefoxOptions": {
                    "args": FIREFOX_ARGUMENTS,
                    "prefs": {
                        "browser.download.folderList": 2,
                        "browser.download.dir": self.downloads(),
                        "browser.download.always_ask_before_handling_new_types": false,
                        // Answers stay what they were, and no page of the browser's own is made of them.
                        "devtools.jsonview.enabled": false,
                        // No, as Chromium says without a screen: nobody is there to be asked.
                        "permissions.default.desktop-notification": 2,
                    },
                },
            }),
            Browser::WebKit => json!({
                "webkitgtk:browserOptions": { "binary": MINI_BROWSER, "args": ["--automation"] },
            }),
        }
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
        self.programs.clear();
        // It may have gone by itself.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A process that goes when this is dropped.
struct Program(Child);

impl Program {
    fn start(command: &mut Command) -> Program {
        let started = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        Program(started.unwrap_or_else(|error| {
            panic!("{}: {error} (cargo xtask test installs it)", command.get_program().display())
        }))
    }

    fn output(&mut self) -> BufReader<ChildStdout> {
        BufReader::new(self.0.stdout.take().expect("its output was asked for as a pipe"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn port_in(line: &str, greeting: &str) -> Option<u16> {
    let (_, port) = line.split_once(greeting)?;
    port.trim_end_matches('.').parse().ok()
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("azimuth-e2e-{}-{number}", std::process::id()));
    fs::create_dir_all(folder.join("downloads")).expect("the folder for temporary files can be written");
    folder
}
