//! The app in a page, and what a person does with it: look for words and controls, press, type, choose files.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use azimuth::settings::Settings;
use azimuth::transport::simulated::{SimulatedCarrier, SimulatedService, arrival};
use azimuth::transport::{Carrier, Payload, Progress};
use azimuth::{App, AppProps, Carriers, Start};
use azimuth_api::NoAnswer;
use azimuth_simulator::{Delay, Options, Simulator, Unshared, World};
use futures::future::LocalBoxFuture;
use gloo_timers::future::sleep;
use http::{Request, Response};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos::tachys::view::any_view::AnyViewState;
use time::OffsetDateTime;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Element, HtmlElement, HtmlInputElement};

#[wasm_bindgen(inline_js = "
export function choose(input, name, bytes) {
    const files = new DataTransfer();
    files.items.add(new File([bytes], name));
    input.files = files.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
}
export function choose_several(input, paths, contents) {
    const files = new DataTransfer();
    paths.forEach((path, index) => {
        const file = new File([contents[index]], path.split('/').pop());
        // As of a folder that was chosen.
        if (path.includes('/')) Object.defineProperty(file, 'webkitRelativePath', { value: path });
        files.items.add(file);
    });
    const list = Object.assign([...files.files], { item: (index) => list[index] });
    Object.defineProperty(input, 'files', { configurable: true, get: () => list });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    delete input.files;
}
export function set_hidden(hidden) {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
}
let copies = [];
export function catch_copies() {
    copies = [];
    const writeText = (text) => { copies.push(text); return Promise.resolve(); };
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText } });
}
export function last_copy() {
    return copies.at(-1);
}
export function forget_stored() {
    localStorage.clear();
    sessionStorage.clear();
}
export function stored() {
    return JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage });
}
")]
extern "C" {
    fn choose(input: &Element, name: &str, bytes: &[u8]);
    fn choose_several(input: &Element, paths: Vec<String>, contents: Vec<String>);
    /// Makes the tab look hidden, or not.
    pub fn set_hidden(hidden: bool);
    /// What buttons copy from now on is kept for the test: a browser without a person has no clipboard.
    pub fn catch_copies();
    /// What was copied last.
    pub fn last_copy() -> Option<String>;
    /// Empties all that the browser stores.
    pub fn forget_stored();
    /// All that the browser stores.
    pub fn stored() -> String;
}

/// What a test makes of a request before the simulator sees it.
#[derive(Clone)]
pub enum Fault {
    /// The connection fails, and the simulator never sees it.
    Before,
    /// The simulator answers, and the answer is lost.
    After,
    /// Another answer.
    Status(u16, &'static str),
    /// A 429 that asks to wait for so many seconds.
    Wait(u32),
}

/// The simulator, linked into the tests.
struct Service(RefCell<Simulator>);

impl SimulatedService for Service {
    fn answer(&self, request: Request<Vec<u8>>) -> LocalBoxFuture<'_, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move {
            let response = self.0.borrow_mut().answer(&request, now()).ok_or(NoAnswer::Failed)?;
            if response.extensions().get::<Unshared>().is_some() {
                return Err(NoAnswer::Failed);
            }
            if let Some(Delay(delay)) = response.extensions().get() {
                arrival(*delay).await?;
            }
            Ok(response)
        })
    }
}

fn simulated() -> Rc<SimulatedCarrier<Service>> {
    let simulator = Simulator::new(Options::new(World::Bakery), now());
    Rc::new(SimulatedCarrier::new(Service(RefCell::new(simulator))))
}

fn now() -> OffsetDateTime {
    let nanoseconds = js_sys::Date::now() as i128 * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).expect("the clock is in range")
}

/// How requests that hold a text fail, and how many more of them.
struct Rule {
    text: &'static str,
    times: Cell<u32>,
    fault: Fault,
}

/// The simulator as a network, with faults and a count of what was asked.
#[derive(Clone)]
pub struct Network {
    simulated: Rc<SimulatedCarrier<Service>>,
    rules: Rc<RefCell<Vec<Rule>>>,
    seen: Rc<RefCell<Vec<String>>>,
    tokens: Rc<RefCell<Vec<String>>>,
}

impl Network {
    /// A simulator of its own.
    pub fn new() -> Self {
        Self { simulated: simulated(), rules: Rc::default(), seen: Rc::default(), tokens: Rc::default() }
    }

    /// The next so many requests whose method and address hold this text fail like that.
    pub fn fail(&self, text: &'static str, times: u32, fault: Fault) {
        self.rules.borrow_mut().push(Rule { text, times: Cell::new(times), fault });
    }

    /// Nothing fails any more.
    pub fn mend(&self) {
        self.rules.borrow_mut().clear();
    }

    /// Method and address of all that was asked and holds this text.
    pub fn asked(&self, text: &str) -> Vec<String> {
        self.seen.borrow().iter().filter(|request| request.contains(text)).cloned().collect()
    }

    /// The tokens that were sent.
    pub fn tokens(&self) -> Vec<String> {
        self.tokens.borrow().clone()
    }

    fn fault(&self, request: &str) -> Option<Fault> {
        let rules = self.rules.borrow();
        let rule = rules.iter().find(|rule| rule.times.get() > 0 && request.contains(rule.text))?;
        rule.times.set(rule.times.get() - 1);
        Some(rule.fault.clone())
    }
}

/// Where the tests' relay is.
pub const RELAY: &str = "https://relay.example/relay/";

/// The address that the relay hands a request on to.
fn behind_relay(address: &str) -> Option<String> {
    let (region, rest) = address.strip_prefix(RELAY)?.split_once('/')?;
    if region == "login" {
        return Some(format!("https://login.microsoftonline.com/{rest}"));
    }
    let (service, path) = rest.split_once('/')?;
    let suffix = match service {
        "api" => "api.azureml.ms",
        "aether" => "aether.ms",
        _ => return Some(format!("https://{region}.{service}.azureml.net/{path}")),
    };
    Some(format!("https://{region}.{suffix}/{path}"))
}

impl Carrier for Network {
    fn carry<'a>(
        &'a self,
        mut request: Request<Payload>,
        progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move {
            let line = format!("{} {}", request.method(), request.uri());
            self.seen.borrow_mut().push(line.clone());
            if let Some(value) = request.headers().get("authorization") {
                let token = String::from_utf8_lossy(value.as_bytes()).replace("Bearer ", "");
                self.tokens.borrow_mut().push(token);
            }
            if let Some(address) = behind_relay(&request.uri().to_string()) {
                *request.uri_mut() = address.parse().expect("what is behind the relay is an address");
            }
            match self.fault(&line) {
                Some(Fault::Before) => Err(NoAnswer::Failed),
                Some(Fault::After) => {
                    let _ = self.simulated.carry(request, progress).await;
                    Err(NoAnswer::Failed)
                }
                Some(Fault::Status(status, body)) => {
                    let mut response = Response::new(body.as_bytes().to_vec());
                    *response.status_mut() = status.try_into().expect("the test gives a status");
                    Ok(response)
                }
                Some(Fault::Wait(seconds)) => {
                    let response = Response::builder().status(429).header("retry-after", seconds);
                    Ok(response.body(Vec::new()).expect("it is an answer"))
                }
                None => self.simulated.carry(request, progress).await,
            }
        })
    }
}

/// The app, until the test is over.
pub struct Page {
    root: HtmlElement,
    /// The network of the service.
    pub network: Network,
    app: Option<UnmountHandle<AnyViewState>>,
}

impl Drop for Page {
    fn drop(&mut self) {
        set_hidden(false);
        forget_stored();
        self.root.remove();
        let _ = window().location().set_hash("");
    }
}

/// Opens an address.
pub async fn open(address: &str) -> Page {
    open_with(address, Settings::default()).await
}

/// Opens an address of a page with these settings.
pub async fn open_with(address: &str, settings: Settings) -> Page {
    let _ = window().location().set_hash(address);
    let root: HtmlElement = document().create_element("div").expect("a page has elements").unchecked_into();
    document().body().expect("a page has a body").append_child(&root).expect("a body takes elements");
    let network = Network::new();
    let app = Some(mount(&root, &network, settings));
    sleep(Duration::ZERO).await;
    Page { root, network, app }
}

fn mount(root: &HtmlElement, network: &Network, settings: Settings) -> UnmountHandle<AnyViewState> {
    let carriers = Carriers { service: Rc::new(network.clone()), demo: simulated() };
    let start = Start { settings: Ok(settings) };
    mount_to(root.clone(), move || App(AppProps { start, carriers }).into_any())
}

/// Opens an address and signs in with the simulator's service principal.
pub async fn open_signed_in(address: &str) -> Page {
    let page = open(address).await;
    page.sign_in("demo-secret-~+/=").await;
    page
}

impl Page {
    /// Loads the page anew: what it had in memory is gone, and so is who was signed in.
    pub async fn reload(&mut self) {
        self.app.take();
        self.root.set_inner_html("");
        self.app = Some(mount(&self.root, &self.network, Settings::default()));
        sleep(Duration::ZERO).await;
    }

    /// Fills the service principal's form and sends it.
    pub async fn sign_in(&self, secret: &str) {
        self.fill("Tenant ID", "contoso").await;
        self.fill("Client ID", "azimuth").await;
        self.fill("Client secret", secret).await;
        self.press("Sign in").await;
    }

    /// All words on the page.
    pub fn text(&self) -> String {
        self.root.inner_text()
    }

    /// The whole document, as markup.
    pub fn markup(&self) -> String {
        self.root.inner_html()
    }

    /// Waits for words.
    pub async fn expect(&self, words: &str) {
        self.until(&format!("“{words}”"), || self.text().contains(words).then_some(())).await;
    }

    /// Waits until words are gone.
    pub async fn expect_gone(&self, words: &str) {
        self.until(&format!("no “{words}”"), || (!self.text().contains(words)).then_some(())).await;
    }

    /// Waits for a heading.
    pub async fn expect_heading(&self, words: &str) {
        self.until(&format!("the heading “{words}”"), || self.named("h1, h2", words)).await;
    }

    /// Presses a button or follows a link.
    pub async fn press(&self, name: &str) {
        let control = self.until(&format!("the button or link “{name}”"), || self.control(name)).await;
        control.click();
        sleep(Duration::ZERO).await;
    }

    /// A button or link that can be pressed.
    pub fn control(&self, name: &str) -> Option<HtmlElement> {
        self.named("button:not([disabled]), a[href], summary", name)
    }

    /// The last of several with the same name.
    pub fn last_control(&self, name: &str) -> Option<HtmlElement> {
        self.all_named("button:not([disabled])", name).pop()
    }

    /// Presses the box with that label.
    pub async fn tick(&self, label: &str) {
        let label = self.until(&format!("the box “{label}”"), || self.named("label", label)).await;
        label.click();
        sleep(Duration::ZERO).await;
    }

    /// Goes to another address.
    pub async fn go(&self, address: &str) {
        window().location().set_hash(address).expect("an address can be gone to");
        sleep(Duration::ZERO).await;
    }

    /// Types into a field.
    pub async fn fill(&self, label: &str, text: &str) {
        let field = self.until(&format!("the field “{label}”"), || self.field(label)).await;
        field.set_value(text);
        let event = web_sys::Event::new("input").expect("events can be made");
        field.dispatch_event(&event).expect("fields take events");
        sleep(Duration::ZERO).await;
    }

    /// Chooses one of several.
    pub async fn select(&self, label: &str, value: &str) {
        let field = self.until(&format!("the field “{label}”"), || self.field(label)).await;
        field.set_value(value);
        let event = web_sys::Event::new("change").expect("events can be made");
        field.dispatch_event(&event).expect("fields take events");
        sleep(Duration::ZERO).await;
    }

    /// What a field holds.
    pub fn value(&self, label: &str) -> String {
        self.field(label).map(|field| field.value()).unwrap_or_default()
    }

    /// Chooses a file.
    pub async fn choose(&self, label: &str, name: &str, bytes: &[u8]) {
        let field = self.until(&format!("the field “{label}”"), || self.field(label)).await;
        choose(&field, name, bytes);
        sleep(Duration::ZERO).await;
    }

    /// Chooses files by their paths, which begin with the name of a folder if one is chosen.
    pub async fn choose_several(&self, label: &str, files: &[(&str, &str)]) {
        let field = self.until(&format!("the field “{label}”"), || self.field(label)).await;
        let (paths, contents) =
            files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).unzip();
        choose_several(&field, paths, contents);
        sleep(Duration::ZERO).await;
    }

    /// Whether nothing can be typed into a field.
    pub fn is_disabled(&self, label: &str) -> bool {
        self.field(label).is_some_and(|field| field.disabled())
    }

    /// The address.
    pub fn address(&self) -> String {
        window().location().hash().unwrap_or_default()
    }

    /// Waits for what is looked for, ten seconds at most.
    pub async fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let end = js_sys::Date::now() + 10_000.0;
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(
                js_sys::Date::now() < end,
                "waited for {what}; at {} the page says:\n{}",
                self.address(),
                self.text()
            );
            sleep(Duration::from_millis(20)).await;
        }
    }

    fn named(&self, selector: &str, name: &str) -> Option<HtmlElement> {
        self.all_named(selector, name).into_iter().next()
    }

    fn all_named(&self, selector: &str, name: &str) -> Vec<HtmlElement> {
        let found = self.root.query_selector_all(selector).expect("the selector is one");
        (0..found.length())
            .filter_map(|index| found.item(index))
            .map(JsCast::unchecked_into::<HtmlElement>)
            .filter(|element| {
                let label = element.get_attribute("aria-label");
                label.as_deref() == Some(name)
                    || element.inner_text().split_whitespace().collect::<Vec<_>>().join(" ") == name
            })
            .collect()
    }

    fn field(&self, label: &str) -> Option<HtmlInputElement> {
        // A dialog over the page has the same fields; the open one is meant.
        let scope =
            if self.root.query_selector("dialog[open]").ok()?.is_some() { "dialog[open] " } else { "" };
        let label = self.named(&format!("{scope}label"), label)?;
        let id = label.get_attribute("for")?;
        Some(document().get_element_by_id(&id)?.unchecked_into())
    }
}
