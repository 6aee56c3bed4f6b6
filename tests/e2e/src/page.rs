//! The page, asked in the user's words. Everything waits for what should be there, up to a deadline, and a failure
//! says what was there instead.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use azimuth_simulator_http::Running;
use fantoccini::Client;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use serde_json::{Value, json};

use crate::browser::Driver;
use crate::instruments::{Instruments, Sent};
use crate::project::Project;
use crate::stage::{Scenery, workspace};

const LIBRARY: &str = include_str!("page.js");
const PATIENCE: Duration = Duration::from_secs(10);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(40);
/// The name that WebDriver gives to a reference to an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub(crate) struct Surroundings {
    pub scenery: Scenery,
    pub client: Client,
    pub instruments: Instruments,
    pub driver: Driver,
}

/// A page, or a part of it. Clones are the same page.
///
/// Roles are those of `page.js`: alert, button, cell, checkbox, dialog, field, group, heading, link, listitem,
/// navigation, option, progressbar, radio, region, row, status, tab, table. Names are accessible names, whole.
#[derive(Clone)]
pub struct Page {
    around: Arc<Surroundings>,
    scopes: Vec<[String; 2]>,
    patience: Duration,
}

/// What the page answered when it was asked for one element.
struct Found {
    count: u64,
    element: Option<Element>,
    is_disabled: bool,
}

/// Where in the site, and what around it.
impl Page {
    pub(crate) fn new(around: Arc<Surroundings>) -> Page {
        Page { around, scopes: Vec::new(), patience: PATIENCE }
    }

    /// The simulator of [`Stage::azure`](crate::Stage::azure): its recorder, its faults.
    pub fn simulator(&self) -> &Running {
        self.around.scenery.simulator.as_ref().expect("this stage has a simulator")
    }

    /// What the page gets as `config.json` from its next load on.
    pub fn set_config(&self, config: &Value) {
        self.around.scenery.site.set_config(config.to_string());
    }

    /// Cuts the browser off from every network, or lets it back.
    pub async fn set_offline(&self, offline: bool) {
        self.instruments().set_offline(offline).await;
    }

    /// Puts the clock of the site ahead of this machine's, or behind it.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.around.scenery.site.set_clock_skew(seconds);
    }

    /// Where the site is, with a slash at the end.
    pub fn site(&self) -> &str {
        self.around.scenery.site.address()
    }

    /// The driver's client, for what is not said here.
    pub fn client(&self) -> &Client {
        &self.around.client
    }

    pub(crate) fn instruments(&self) -> &Instruments {
        &self.around.instruments
    }

    /// An empty folder of this journey.
    pub fn folder(&self) -> &Path {
        self.around.driver.folder()
    }

    /// Writes a tiny project for a compute into the journey's folder.
    pub fn project(&self, target: &str) -> Project {
        Project::write(self.folder(), target)
    }

    /// The same page, waiting for another time.
    pub fn patient(&self, patience: Duration) -> Page {
        Page { patience, ..self.clone() }
    }

    /// A part of the page: `page.within("group", "Service principal")`. It is looked for at each use.
    pub fn within(&self, role: &str, name: &str) -> Page {
        let mut part = self.clone();
        part.scopes.push([role.to_owned(), name.to_owned()]);
        part
    }
}

/// Moving.
impl Page {
    /// Goes to an address inside the site (`#/demo/`). From another address of the site this loads nothing anew.
    pub async fn open(&self, hash: &str) {
        let address = format!("{}{hash}", self.site());
        self.client().goto(&address).await.unwrap_or_else(|error| panic!("{address} does not open: {error}"));
    }

    /// Loads the page again, as F5 does.
    pub async fn reload(&self) {
        self.client().refresh().await.expect("the page loads again");
    }

    pub async fn back(&self) {
        self.client().back().await.expect("the browser goes back");
    }

    /// The part of the address behind the site's own.
    pub async fn address(&self) -> String {
        let address = self.client().current_url().await.expect("the browser says where it is");
        address.as_str().strip_prefix(self.site()).unwrap_or(address.as_str()).to_owned()
    }

    pub async fn expect_address(&self, hash: &str) {
        self.wait(&format!("the address {hash}"), async || self.address().await == hash).await;
    }

    pub async fn expect_title(&self, part: &str) {
        self.wait(&format!("a title with \"{part}\""), async || {
            self.client().title().await.is_ok_and(|title| title.contains(part))
        })
        .await;
    }
}

/// Acting.
impl Page {
    pub async fn click_button(&self, name: &str) {
        self.click("button", name).await;
    }

    pub async fn click_link(&self, name: &str) {
        self.click("link", name).await;
    }

    /// Clicks the one thing of this role and name, once it may be clicked.
    pub async fn click(&self, role: &str, name: &str) {
        self.act(role, name, async |element| element.click().await).await;
    }

    /// Replaces what a field holds.
    pub async fn fill(&self, name: &str, value: &str) {
        self.act("field", name, async |element| {
            element.clear().await?;
            element.send_keys(value).await
        })
        .await;
        self.expect_value(name, value).await;
    }

    /// Gives a file to a file input.
    pub async fn choose_file(&self, name: &str, path: &Path) {
        let path = path.to_str().expect("the paths of tests are text");
        self.act("field", name, async |element| element.send_keys(path).await).await;
    }

    /// Chooses an entry of a list, by its label.
    pub async fn select(&self, name: &str, option: &str) {
        self.act("field", name, async |element| element.select_by_label(option).await).await;
    }

    /// Presses keys where the focus is; `fantoccini::key::Key` names the special ones. Control and its like are held down
    /// until the end, or until `Key::Null`.
    pub async fn press(&self, keys: &str) {
        let is_held = |key| {
            [Key::Control, Key::Shift, Key::Alt, Key::Meta].into_iter().any(|one| char::from(one) == key)
        };
        let mut actions = KeyActions::new("keyboard".to_owned());
        let mut held = Vec::new();
        for value in keys.chars().chain([Key::Null.into()]) {
            if value == char::from(Key::Null) {
                actions =
                    held.drain(..).fold(actions, |actions, value| actions.then(KeyAction::Up { value }));
                continue;
            }
            actions = actions.then(KeyAction::Down { value });
            if is_held(value) {
                held.push(value);
            } else {
                actions = actions.then(KeyAction::Up { value });
            }
        }
        // Not sent to the element: a driver scrolls to that first, and to a file input keys are the name of a file.
        self.client().perform_actions(actions).await.expect("the browser takes keys");
    }
}

/// Expecting.
impl Page {
    pub async fn expect_heading(&self, name: &str) {
        self.expect("heading", name).await;
    }

    /// Waits until something of this role and name is there.
    pub async fn expect(&self, role: &str, name: &str) {
        self.wait(&self.called(role, name), async || self.find(role, name).await.count > 0).await;
    }

    /// Waits until nothing of this role and name is there any more.
    pub async fn expect_no(&self, role: &str, name: &str) {
        let what = format!("the end of {}", self.called(role, name));
        self.wait(&what, async || self.find(role, name).await.count == 0).await;
    }

    /// Waits until a button, a field or another control is there and disabled.
    pub async fn expect_disabled(&self, role: &str, name: &str) {
        let what = format!("{}, disabled", self.called(role, name));
        self.wait(&what, async || self.find(role, name).await.is_disabled).await;
    }

    /// Waits until a text can be read.
    pub async fn expect_text(&self, text: &str) {
        self.wait(&format!("the text \"{text}\""), async || self.text().await.contains(text)).await;
    }

    /// Waits until a text cannot be read any more.
    pub async fn expect_no_text(&self, text: &str) {
        let what = format!("the end of the text \"{text}\"");
        self.wait(&what, async || !self.text().await.contains(text)).await;
    }

    pub async fn expect_value(&self, name: &str, value: &str) {
        let what = format!("the field \"{name}\" to hold \"{value}\"");
        self.wait(&what, async || {
            let element = self.find("field", name).await.element;
            let Some(element) = element else { return false };
            element.prop("value").await.is_ok_and(|held| held.as_deref() == Some(value))
        })
        .await;
    }

    /// What can be read, with single spaces.
    pub async fn text(&self) -> String {
        let text = self.ask("return visibleText(arguments[0]);", Vec::new()).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// The names of all things of a role: `page.within("table", "Runs").names("row")`.
    pub async fn names(&self, role: &str) -> Vec<String> {
        let names = self.ask("return names(arguments[0], arguments[1]);", vec![json!(role)]).await;
        let names = names.as_array().cloned().unwrap_or_default();
        names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Where the browser puts what is downloaded.
    pub fn downloads(&self) -> PathBuf {
        self.around.driver.downloads()
    }

    /// Waits for a download of this name to be complete, and says where it is.
    pub async fn downloaded(&self, name: &str) -> PathBuf {
        let path = self.downloads().join(name);
        // Both browsers write under another name until the file is whole; Firefox holds its name with an empty one.
        let is_whole = || fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() > 0);
        self.wait(&format!("the download {name}"), async || is_whole()).await;
        path
    }

    /// Waits until `holds`, and panics with what is on the page when it does not in time.
    pub async fn wait(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let deadline = Instant::now() + self.patience;
        while !holds().await {
            if Instant::now() > deadline {
                self.fail(&format!("waited for {what}")).await;
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }
}

/// Looking behind the page.
impl Page {
    /// What a script returns: `page.evaluate("return localStorage.length;")`.
    pub async fn evaluate(&self, script: &str) -> Value {
        self.client().execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// The errors on the console since this was last asked, refused requests and refused policies among them.
    pub async fn console_errors(&self) -> Vec<String> {
        let said = self.instruments().console().await;
        said.into_iter().filter(|said| said.is_error).map(|said| said.text).collect()
    }

    /// Everything on the console since it was last asked, errors and all.
    pub async fn console(&self) -> Vec<String> {
        self.instruments().console().await.into_iter().map(|said| said.text).collect()
    }

    pub async fn expect_no_console_errors(&self) {
        let errors = self.console_errors().await;
        assert!(errors.is_empty(), "the console has errors:\n  {}", errors.join("\n  "));
    }

    /// The addresses on the network that the browser asked for since this was last asked, in order. Those of the
    /// simulator are in its recorder; these hold all others too.
    pub async fn requested(&self) -> Vec<String> {
        self.sent().await.into_iter().map(|request| request.address).collect()
    }

    /// The same with what was sent along.
    pub async fn sent(&self) -> Vec<Sent> {
        let mut sent = self.instruments().sent().await;
        // The browser's own first page and data in addresses never leave it.
        sent.retain(|sent| sent.address.starts_with("http") || sent.address.starts_with("ws"));
        sent
    }

    /// Runs a script in each document from now on, before anything of its own.
    pub async fn before_each_document(&self, script: &str) {
        self.instruments().before_each_document(script).await;
    }

    /// What a script returns that may wait: `page.evaluate_waiting("return await caches.keys();")`.
    pub async fn evaluate_waiting(&self, script: &str) -> Value {
        self.instruments().evaluate_waiting(self.client(), script).await
    }

    /// Saves a picture in `target/e2e/` and says where.
    pub async fn screenshot(&self, name: &str) -> PathBuf {
        let folder = workspace().join("target/e2e");
        let path = folder.join(format!("{name}.png"));
        let picture = self.client().screenshot().await.expect("the browser takes a picture");
        fs::create_dir_all(&folder).and_then(|()| fs::write(&path, picture)).expect("target/ can be written");
        path
    }

    pub(crate) async fn leave_picture(&self, name: &str) {
        if self.client().screenshot().await.is_ok() {
            eprintln!("{name}: {}", self.screenshot(name).await.display());
        }
    }
}

impl Page {
    /// Does something to the one enabled element of a role and name. What fails because the page is just changing is
    /// tried again.
    async fn act(&self, role: &str, name: &str, action: impl AsyncFn(&Element) -> Result<(), CmdError>) {
        let deadline = Instant::now() + self.patience;
        loop {
            let found = self.find(role, name).await;
            let obstacle = match (&found.element, found.count) {
                (Some(_), 1) if found.is_disabled => "it is disabled".to_owned(),
                (Some(element), 1) => match action(element).await {
                    Ok(()) => return,
                    Err(error) => error.to_string(),
                },
                (_, count) => format!("there are {count}"),
            };
            if Instant::now() > deadline {
                self.fail(&format!(
                    "waited for {} and could not use it: {obstacle}",
                    self.called(role, name)
                ))
                .await;
            }
            tokio::time::sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    async fn find(&self, role: &str, name: &str) -> Found {
        let arguments = vec![json!(role), json!(name)];
        let found = self.ask("return find(arguments[0], arguments[1], arguments[2]);", arguments).await;
        let element = found["element"][ELEMENT].as_str().map(|reference| {
            Element::from_element_id(self.client().clone(), ElementRef::from(reference.to_owned()))
        });
        let count = found["count"].as_u64().unwrap_or_default();
        Found { count, element, is_disabled: found["isDisabled"] == true }
    }

    /// Runs a line of script behind the library, with the scopes as its first argument.
    pub(crate) async fn ask(&self, line: &str, arguments: Vec<Value>) -> Value {
        let script = format!("{LIBRARY}\n{line}");
        let mut all = vec![json!(self.scopes)];
        all.extend(arguments);
        match self.client().execute(&script, all).await {
            Ok(value) => value,
            // While a page is being replaced there is nothing to ask.
            Err(error) if is_passing(&error) => Value::Null,
            Err(error) => panic!("the page could not be asked: {error}"),
        }
    }

    fn called(&self, role: &str, name: &str) -> String {
        let scopes: Vec<String> =
            self.scopes.iter().map(|[role, name]| format!(" in the {role} \"{name}\"")).collect();
        format!("the {role} \"{name}\"{}", scopes.concat())
    }

    async fn fail(&self, what: &str) -> ! {
        let whole = Page { scopes: Vec::new(), ..self.clone() };
        let page = whole.ask("return describe();", Vec::new()).await;
        let errors = self.console_errors().await.join("\n    ");
        panic!(
            "{what} ({} s).\n  {}\n  console: {errors}",
            self.patience.as_secs_f64(),
            page.as_str().unwrap_or("there is no page"),
        );
    }
}

/// Whether an error goes by itself: the document was being replaced when it was asked.
fn is_passing(error: &CmdError) -> bool {
    const PASSING: [&str; 7] = [
        "stale element",
        "no such execution context",
        "aborted by navigation",
        "Cannot read properties of null",
        "can't access property",
        "null is not an object",
        "Callback was not called before the unload event",
    ];
    let text = error.to_string();
    PASSING.iter().any(|one| text.contains(one))
}
