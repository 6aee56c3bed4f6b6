//! Sends requests: where a token may go, the token, retries, and the log, once for the browser and the simulator.

pub mod fetch;
pub mod simulated;

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use azimuth_api::{
    AccessToken, ApiError, Cloud, NoAnswer, Origin, Part, Path, Refusal, ScoringKey, SignedAddress,
    WebAddress,
};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use gloo_timers::future::sleep;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RANGE, RETRY_AFTER};
use http::{Method, Request, Response};
use leptos::prelude::*;

use crate::pace::Pace;
use crate::parts;
use crate::request_log::{Entry, Outcome, OwnKey, RequestLog};
use crate::session::SessionKind;

/// Carries one request and brings the answer, whatever its status. It gives no meaning to either.
pub trait Carrier {
    /// Sends the request. Dropping the future aborts it.
    fn carry<'a>(
        &'a self,
        request: Request<Payload>,
        progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>>;

    /// Whether anything at all answers at an address, even what this page may not read. A carrier without a network
    /// in between has nothing that could be silent.
    fn knock<'a>(&'a self, _address: &'a str) -> LocalBoxFuture<'a, bool> {
        Box::pin(async { true })
    }
}

/// A carrier whose code is loaded with all that asks.
pub struct LateCarrier {
    kind: SessionKind,
    carrier: OnceCell<Rc<dyn Carrier>>,
}

impl LateCarrier {
    /// The carrier of a kind of session.
    pub fn new(kind: SessionKind) -> Self {
        Self { kind, carrier: OnceCell::new() }
    }

    async fn loaded(&self) -> Result<&Rc<dyn Carrier>, NoAnswer> {
        if let Some(carrier) = self.carrier.get() {
            return Ok(carrier);
        }
        let carrier = parts::carrier(self.kind).await.map_err(|_| NoAnswer::NoNetwork)?;
        Ok(self.carrier.get_or_init(|| carrier))
    }
}

impl Carrier for LateCarrier {
    fn carry<'a>(
        &'a self,
        request: Request<Payload>,
        progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move { self.loaded().await?.carry(request, progress).await })
    }

    fn knock<'a>(&'a self, address: &'a str) -> LocalBoxFuture<'a, bool> {
        Box::pin(async move {
            match self.loaded().await {
                Ok(carrier) => carrier.knock(address).await,
                Err(_) => false,
            }
        })
    }
}

/// Told how many bytes of how many were sent.
pub type Progress = Rc<dyn Fn(f64, f64)>;

/// What a request carries.
#[derive(Clone)]
pub enum Payload {
    /// Nothing.
    Empty,
    /// A text, whose type is in the header.
    Text(String),
    /// A form of files. A file stays where it is; it never enters our memory.
    Form(Vec<Part<web_sys::File>>),
}

/// How this page gets to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It answers this page.
    Direct,
    /// It does not answer pages of other origins; the relay hands on what it is asked.
    Relayed,
    /// It answers, but not pages of other origins.
    NotShared,
    /// Nor does the relay help.
    NotRelayed(RelayFault),
    /// It answers nothing, while this page's own site does.
    Dead,
    /// Nor does this page's own site.
    NoNetwork,
}

/// Why the relay hands nothing on to a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayFault {
    /// Its table has no such host.
    UnknownHost,
    /// It refuses the question otherwise.
    Refused,
    /// It gets no answer from the host either.
    NoAnswer,
    /// It answers, but not pages of this site.
    NotShared,
    /// It answers nothing.
    Dead,
    /// What answers there is a site, and no relay.
    NoRelay,
}

/// Answers that are worth asking for again.
const PASSING: [u16; 7] = [408, 429, 500, 502, 503, 504, 530];
const MOST_RETRIES: u32 = 3;

/// Sends requests through a carrier.
#[derive(Clone)]
pub struct Transport {
    carrier: Rc<dyn Carrier>,
    cloud: Cloud,
    data_origins: DataOrigins,
    relay: Option<Origin>,
    log: RequestLog,
    pace: Pace,
    /// What was found out about hosts.
    reaches: RwSignal<BTreeMap<Origin, Reach>>,
    /// The hosts that are being looked at for the first time.
    first_looks: Rc<RefCell<HashMap<Origin, Shared<LocalBoxFuture<'static, Reach>>>>>,
}

/// Which origins may be read by a signed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataOrigins {
    /// Those that the settings name, and no others.
    Named(Vec<Origin>),
    /// Any, because a simulator in this page stands for all of them.
    Simulated,
}

impl DataOrigins {
    /// Whether an origin is one of them.
    pub fn has(&self, origin: &Origin) -> bool {
        match self {
            Self::Named(named) => named.contains(origin),
            Self::Simulated => true,
        }
    }
}

/// Why this page may not ask a service at its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoringObstacle {
    /// It is plain http: a key would be readable on the way, and a page that came over https may not do that.
    NotSecure,
    /// Whoever set this page up did not name it.
    NotNamed,
}

/// Below which path of the relay services are asked.
const RELAYED: [&str; 2] = ["relay", "score"];

/// Some bytes of a file.
///
/// A browser sends these two forms to another origin without asking it first; it would ask for the last bytes, or for
/// several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    /// The first one.
    pub from: u64,
    /// The first one that is not wanted; none for all to the end.
    pub to: Option<u64>,
}

impl ByteRange {
    fn header(self) -> HeaderValue {
        let last = self.to.map(|to| to.saturating_sub(1).to_string()).unwrap_or_default();
        HeaderValue::try_from(format!("bytes={}-{last}", self.from)).expect("digits can be sent")
    }
}

/// A request before it is sent.
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// Where, checked by whoever made this.
    pub address: WebAddress,
    /// A header that holds the address of another service, and that address.
    pub host_header: Option<(&'static str, String)>,
    /// `Content-Type`, where the browser does not set it itself.
    pub content_type: Option<&'static str>,
    /// The body.
    pub payload: Payload,
    /// Only these bytes of the answer, if the service can do that.
    pub range: Option<ByteRange>,
    /// Whether it may be sent again when no good answer came.
    pub is_read: bool,
}

impl Outgoing {
    /// The request at its own address, or at the relay's for that.
    fn request(&self, carried: &WebAddress) -> Result<Request<Payload>, ApiError> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(carried.to_string())
            .body(self.payload.clone())
            .map_err(|_| untrusted(&self.address, "it is not an address"))?;
        if let Some(content_type) = self.content_type {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        // The relay sets this one itself, and lets no page set it.
        if let Some((name, host)) = self.host_header.as_ref().filter(|_| *carried == self.address) {
            let value = HeaderValue::try_from(host)
                .map_err(|_| untrusted(&self.address, "a header cannot hold the address of its neighbour"))?;
            request.headers_mut().insert(HeaderName::from_static(name), value);
        }
        if let Some(range) = self.range {
            request.headers_mut().insert(RANGE, range.header());
        }
        Ok(request)
    }
}

impl Transport {
    /// Sends for a cloud, and writes into a log.
    pub fn new(carrier: Rc<dyn Carrier>, cloud: Cloud, data_origins: DataOrigins, log: RequestLog) -> Self {
        let reaches = RwSignal::new(BTreeMap::new());
        let (pace, first_looks) = (Pace::default(), Rc::default());
        Self { carrier, cloud, data_origins, relay: None, log, pace, reaches, first_looks }
    }

    /// The same with a relay that passes questions on to services.
    pub fn with_relay(self, relay: Option<Origin>) -> Self {
        Self { relay, ..self }
    }

    /// Where the relay takes questions for a service, if there is one.
    pub fn relayed(&self, service: &str) -> Option<WebAddress> {
        let path = Path::new(RELAYED.into_iter().chain([service]));
        Some(WebAddress::of(self.relay.as_ref()?, path.as_str()))
    }

    /// Why this page may not ask a service at an address; nothing where it may.
    pub fn scoring_obstacle(&self, address: &WebAddress) -> Option<ScoringObstacle> {
        let origin = address.origin();
        let below_relay = format!("{}/", Path::new(RELAYED).as_str());
        let is_relayed = self.relay.as_ref() == Some(origin) && address.target().starts_with(&below_relay);
        match &self.data_origins {
            DataOrigins::Simulated => None,
            _ if is_relayed => None,
            _ if !origin.as_str().starts_with("https://") && !origin.is_loopback() => {
                Some(ScoringObstacle::NotSecure)
            }
            named => (!named.has(origin)).then_some(ScoringObstacle::NotNamed),
        }
    }

    /// Which origins may be read by a signed address.
    pub fn data_origins(&self) -> &DataOrigins {
        &self.data_origins
    }

    /// How fast it asks.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// What is known of hosts: those that were looked at because no answer came, or by [`Transport::examine`].
    pub fn reaches(&self) -> Signal<BTreeMap<Origin, Reach>> {
        self.reaches.into()
    }

    /// Sends a request, with the token if there is one to send; reads are tried again when the fault may pass.
    ///
    /// # Errors
    /// [`ApiError::Untrusted`] where the address may not be asked or may not have the token, and
    /// [`ApiError::Unreachable`] where no answer came. A refusal is an answer.
    pub async fn send(
        &self,
        outgoing: &Outgoing,
        token: Option<&AccessToken>,
        progress: Option<Progress>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let origin = outgoing.address.origin();
        if let Some(Reach::NotShared | Reach::NotRelayed(_)) = self.look_first(origin).await {
            return Err(ApiError::Unreachable(NoAnswer::NotShared));
        }
        let mut attempt = 0;
        loop {
            let is_relayed = self.is_relayed(origin);
            if outgoing.is_read {
                self.pace.until_free(origin).await;
            }
            let result = self.send_once(outgoing, token, progress.clone()).await?;
            let wait = retry_delay(attempt, &result, js_sys::Math::random()).filter(|_| outgoing.is_read);
            if result.as_ref().is_ok_and(|response| response.status() == 429) {
                // Everybody who asks this host waits, and not only this question.
                match wait {
                    Some(wait) => self.pace.hold(origin, wait),
                    None => self.pace.calm_down(),
                }
            }
            match (wait, result) {
                (Some(wait), _) => sleep(wait).await,
                (None, Ok(response)) => return Ok(response),
                (None, Err(NoAnswer::Failed)) => {
                    let reach = self.examine(origin).await;
                    // What was not asked through the relay yet may be answered there.
                    if reach != Reach::Relayed || is_relayed || !outgoing.is_read || attempt > MOST_RETRIES {
                        return Err(ApiError::Unreachable(no_answer_of(reach)));
                    }
                    attempt = MOST_RETRIES;
                }
                (None, Err(no_answer)) => return Err(ApiError::Unreachable(no_answer)),
            }
            attempt += 1;
        }
    }

    /// Sends the form that holds a client's secret. Entra refuses it to a page, in words that a page may not be able to
    /// read; the relay, if there is one, hands it on in a form that Entra takes.
    ///
    /// # Errors
    /// As [`Transport::send`].
    pub async fn send_secret(&self, outgoing: &Outgoing) -> Result<Response<Vec<u8>>, ApiError> {
        let direct = self.send(outgoing, None, None).await;
        let is_refused = match &direct {
            Ok(response) if response.status().is_success() => false,
            Ok(response) => is_refused_to_pages(&ApiError::refused(response)),
            Err(error) => is_refused_to_pages(error),
        };
        let relay = self.relay.as_ref().filter(|_| is_refused);
        let Some(relayed) = relay.and_then(|relay| self.cloud.relayed_sign_in(relay, &outgoing.address))
        else {
            return direct;
        };
        match self.carry(outgoing.request(&relayed)?, &relayed, None).await {
            // A relay that signs nobody in, or is not there, changes nothing.
            Ok(response) if response.status() != 404 && is_json(&response) => Ok(response),
            _ => direct,
        }
    }

    /// A request with a token as a curl command, before it is sent. Secrets are masked.
    ///
    /// # Errors
    /// Where it cannot be sent.
    pub async fn as_curl(&self, outgoing: &Outgoing) -> Result<String, ApiError> {
        self.look_first(outgoing.address.origin()).await;
        let carried = self.carried(&outgoing.address)?;
        Ok(Entry::of(&outgoing.request(&carried)?, &carried).with_token().curl())
    }

    /// Reads some bytes of a blob. Its signature opens it, so no token goes along: there is none here to send. A refusal
    /// is an answer; of the address only the path is kept anywhere.
    ///
    /// # Errors
    /// [`ApiError::Untrusted`] where its origin may not be read, and [`ApiError::Unreachable`] where no answer came.
    pub async fn read_signed(
        &self,
        address: &SignedAddress,
        range: ByteRange,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        let nowhere = || ApiError::Untrusted {
            address: "the address of a file".to_owned(),
            rule: "it is not a plain http or https address".to_owned(),
        };
        let shown = address.masked().ok_or_else(nowhere)?;
        let origin = shown.origin();
        if !self.data_origins.has(origin)
            || !(origin.as_str().starts_with("https://") || origin.is_loopback())
        {
            return Err(untrusted(&shown, "the settings of this page do not name its origin in dataOrigins"));
        }
        let mut attempt = 0;
        loop {
            self.pace.until_free(origin).await;
            let mut request =
                Request::builder().uri(address.reveal()).body(Payload::Empty).map_err(|_| nowhere())?;
            request.headers_mut().insert(RANGE, range.header());
            let result = self.carry(request, &shown, None).await;
            match result {
                // A storage account that does not share with this page looks like this each time; it is not asked thrice.
                Err(NoAnswer::Failed) => {
                    let reach = self.examine_storage(origin).await;
                    return Err(ApiError::Unreachable(no_answer_of(reach)));
                }
                result => match retry_delay(attempt, &result, js_sys::Math::random()) {
                    Some(wait) => sleep(wait).await,
                    None => return result.map_err(ApiError::Unreachable),
                },
            }
            attempt += 1;
        }
    }

    /// Asks a service that answers with a model, or for its description where there is no question. Its own key opens
    /// it; there is no token here to send. It is asked once: whoever runs it may count. A refusal is an answer.
    ///
    /// # Errors
    /// [`ApiError::Untrusted`] where its origin may not be asked, and [`ApiError::Unreachable`] where no answer came.
    pub async fn score(
        &self,
        address: &WebAddress,
        key: Option<&ScoringKey>,
        question: Option<String>,
    ) -> Result<Response<Vec<u8>>, ApiError> {
        match self.scoring_obstacle(address) {
            Some(ScoringObstacle::NotSecure) => {
                return Err(untrusted(address, "it is not encrypted, and not on this machine"));
            }
            Some(ScoringObstacle::NotNamed) => {
                return Err(untrusted(
                    address,
                    "the settings of this page do not name its origin in dataOrigins",
                ));
            }
            None => {}
        }
        let mut request = Request::builder()
            .method(if question.is_some() { Method::POST } else { Method::GET })
            .uri(address.to_string())
            .body(question.map_or(Payload::Empty, Payload::Text))
            .map_err(|_| untrusted(address, "it is not an address"))?;
        if matches!(request.body(), Payload::Text(_)) {
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(key) = key {
            opened(&mut request, key)?;
        }
        let result = self.carry(request, address, None).await;
        match result {
            Err(NoAnswer::Failed) => {
                let reach = self.examine_service(address).await;
                Err(ApiError::Unreachable(no_answer_of(reach)))
            }
            result => result.map_err(ApiError::Unreachable),
        }
    }

    /// Finds out why a service gives no answer. It is not asked anything: a method that it has no answer for, with a
    /// constant word for a key, makes a browser ask the same leave as a question does.
    async fn examine_service(&self, address: &WebAddress) -> Reach {
        let request =
            Request::builder().method(Method::OPTIONS).uri(address.to_string()).body(Payload::Empty);
        let is_shared = match request {
            Ok(request) => self.is_answered(probe(request), address).await,
            Err(_) => false,
        };
        let reach = if is_shared {
            Reach::Direct
        } else if self.knock(&WebAddress::of(address.origin(), "/")).await {
            Reach::NotShared
        } else if self.carrier.knock("config.json").await {
            Reach::Dead
        } else {
            Reach::NoNetwork
        };
        let _ = self.reaches.try_update(|reaches| reaches.insert(address.origin().clone(), reach));
        reach
    }

    /// Finds out why a storage account gives no answer. Only its root is asked, without a signature.
    async fn examine_storage(&self, origin: &Origin) -> Reach {
        let reach = if self.knock(&WebAddress::of(origin, "/")).await {
            Reach::NotShared
        } else if self.carrier.knock("config.json").await {
            Reach::Dead
        } else {
            Reach::NoNetwork
        };
        let _ = self.reaches.try_update(|reaches| reaches.insert(origin.clone(), reach));
        reach
    }

    /// Finds out why a host gives no answer: a browser does not tell a page, so it asks in other ways. No token goes
    /// along.
    pub async fn examine(&self, origin: &Origin) -> Reach {
        let address = WebAddress::of(origin, self.probe_path(origin));
        if !self.cloud.may_be_asked(&address) {
            return Reach::Dead;
        }
        let request = Request::builder().uri(address.to_string()).body(Payload::Empty);
        let is_shared = match request {
            Ok(request) => self.is_answered(probe(request), &address).await,
            Err(_) => false,
        };
        let reach = match is_shared {
            true => Reach::Direct,
            _ if self.knock(&address).await => self.examine_relay(origin).await,
            _ if self.carrier.knock("config.json").await => Reach::Dead,
            _ => Reach::NoNetwork,
        };
        let _ = self.reaches.try_update(|reaches| reaches.insert(origin.clone(), reach));
        reach
    }

    /// Finds out whether the relay helps where a host does not answer pages of other origins. No token goes along.
    async fn examine_relay(&self, origin: &Origin) -> Reach {
        let Some(relay) = &self.relay else { return Reach::NotShared };
        let Some(address) = self.cloud.relay_probe(relay, origin) else { return Reach::NotShared };
        let Ok(request) = Request::builder().uri(address.to_string()).body(Payload::Empty) else {
            return Reach::NotShared;
        };
        match self.carry(probe(request), &address, None).await {
            Ok(response) => relay_reach(&response),
            Err(_) if self.knock(&address).await => Reach::NotRelayed(RelayFault::NotShared),
            Err(_) => Reach::NotRelayed(RelayFault::Dead),
        }
    }

    /// Looks at a host before it is first asked, where a relay might be needed, and again where neither way was open.
    /// Whoever asks the same host meanwhile waits for the same look. None where there was nothing to look for.
    async fn look_first(&self, origin: &Origin) -> Option<Reach> {
        let is_open = matches!(self.reach(origin), Some(Reach::Direct | Reach::Relayed | Reach::Dead));
        if self.relay.is_none() || !self.cloud.is_regional(origin) || is_open {
            return None;
        }
        let look = self
            .first_looks
            .borrow_mut()
            .entry(origin.clone())
            .or_insert_with(|| {
                let (transport, origin) = (self.clone(), origin.clone());
                async move { transport.examine(&origin).await }.boxed_local().shared()
            })
            .clone();
        let reach = look.await;
        self.first_looks.borrow_mut().remove(origin);
        Some(reach)
    }

    fn reach(&self, origin: &Origin) -> Option<Reach> {
        self.reaches.try_with_untracked(|reaches| reaches.get(origin).copied()).flatten()
    }

    fn is_relayed(&self, origin: &Origin) -> bool {
        self.reach(origin) == Some(Reach::Relayed)
    }

    /// Where a request for an address is really sent: there, or to the relay.
    fn carried(&self, address: &WebAddress) -> Result<WebAddress, ApiError> {
        match &self.relay {
            Some(relay) if self.is_relayed(address.origin()) => self
                .cloud
                .relayed(relay, address)
                .ok_or_else(|| untrusted(address, "the relay cannot be asked for an address of this form")),
            _ => Ok(address.clone()),
        }
    }

    /// Something cheap that each kind of host has.
    fn probe_path(&self, origin: &Origin) -> &'static str {
        if *origin == self.cloud.login() {
            "/common/v2.0/.well-known/openid-configuration"
        } else if *origin == self.cloud.management() {
            "/subscriptions?api-version=2020-01-01"
        } else {
            "/discovery"
        }
    }

    async fn is_answered(&self, request: Request<Payload>, address: &WebAddress) -> bool {
        let entry = self.log.begin(&request, address);
        let result = self.carrier.carry(request, None).await;
        self.log.finish(entry, Outcome::of(&result));
        result.is_ok()
    }

    async fn knock(&self, address: &WebAddress) -> bool {
        let text = address.to_string();
        let Ok(request) = Request::builder().uri(&text).body(Payload::Empty) else { return false };
        let entry = self.log.begin(&request, address);
        let answers = self.carrier.knock(&text).await;
        let outcome = if answers { NoAnswer::NotShared } else { NoAnswer::Failed };
        self.log.finish(entry, Outcome::NoAnswer(outcome));
        answers
    }

    async fn send_once(
        &self,
        outgoing: &Outgoing,
        token: Option<&AccessToken>,
        progress: Option<Progress>,
    ) -> Result<Result<Response<Vec<u8>>, NoAnswer>, ApiError> {
        if !self.cloud.may_be_asked(&outgoing.address) {
            return Err(untrusted(&outgoing.address, "its host is not one of Azure Machine Learning's"));
        }
        let carried = self.carried(&outgoing.address)?;
        let mut request = outgoing.request(&carried)?;
        if let Some(token) = token {
            let way = Way { asked: &outgoing.address, carried: &carried, relay: self.relay.as_ref() };
            authorized(&mut request, way, token, &self.cloud)?;
        }
        Ok(self.carry(request, &carried, progress).await)
    }

    /// Carries a request, and writes into the log what came of it, or that nobody waited for that.
    async fn carry(
        &self,
        request: Request<Payload>,
        shown: &WebAddress,
        progress: Option<Progress>,
    ) -> Result<Response<Vec<u8>>, NoAnswer> {
        let entry = self.log.begin(&request, shown);
        let guard = Abandoned { log: &self.log, entry: RefCell::new(Some(entry)) };
        let result = self.carrier.carry(request, progress).await;
        guard.entry.take();
        self.log.finish(entry, Outcome::of(&result));
        result
    }
}

/// Says in the log that a request was dropped before its answer came, because its page went away.
struct Abandoned<'a> {
    log: &'a RequestLog,
    entry: RefCell<Option<u64>>,
}

impl Drop for Abandoned<'_> {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.log.finish(entry, Outcome::Stopped);
        }
    }
}

/// The address that a request is for, and where it is sent: the same, or the relay's place for it.
#[derive(Clone, Copy)]
struct Way<'a> {
    asked: &'a WebAddress,
    carried: &'a WebAddress,
    relay: Option<&'a Origin>,
}

/// Puts the token on a request. The only function that does, and it asks the rule first.
fn authorized(
    request: &mut Request<Payload>,
    way: Way<'_>,
    token: &AccessToken,
    cloud: &Cloud,
) -> Result<(), ApiError> {
    if !cloud.may_carry_token(way.asked) {
        return Err(untrusted(way.asked, "a token may not be sent to its host"));
    }
    let is_relay = way.relay.is_some_and(|relay| cloud.may_carry_token_through(relay, way.carried));
    if way.carried != way.asked && !is_relay {
        return Err(untrusted(way.carried, "it is not where the relay takes what may carry a token"));
    }
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.reveal()))
        .map_err(|_| ApiError::SignedOut(Box::new(unusable_token())))?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    Ok(())
}

/// Puts the key of a service on a question for it. By its type it is no token for Azure.
fn opened(request: &mut Request<Payload>, key: &ScoringKey) -> Result<(), ApiError> {
    let mut value =
        HeaderValue::try_from(format!("Bearer {}", key.reveal())).map_err(|_| ApiError::Untrusted {
            address: "the service".to_owned(),
            rule: "its key has characters that cannot be sent".to_owned(),
        })?;
    value.set_sensitive(true);
    request.headers_mut().insert(AUTHORIZATION, value);
    request.extensions_mut().insert(OwnKey);
    Ok(())
}

/// Puts a word on a request where a token would be, which makes a browser ask the host first, as it does for a token.
/// To find out whether a host answers pages; never with a token.
fn probe(mut request: Request<Payload>) -> Request<Payload> {
    request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer probe"));
    request
}

fn no_answer_of(reach: Reach) -> NoAnswer {
    match reach {
        Reach::Direct | Reach::Relayed => NoAnswer::Lost,
        Reach::NotShared | Reach::NotRelayed(_) => NoAnswer::NotShared,
        Reach::Dead => NoAnswer::HostDead,
        Reach::NoNetwork => NoAnswer::NoNetwork,
    }
}

/// What an answer that came through the relay says of it. Any answer of the service itself will do.
fn relay_reach(response: &Response<Vec<u8>>) -> Reach {
    let refused = ApiError::refused(response);
    let code = refused.refusal().and_then(|refusal| refusal.code.as_deref()).unwrap_or_default();
    match (response.status().as_u16(), code) {
        (_, "RelayUnknownHost") => Reach::NotRelayed(RelayFault::UnknownHost),
        (_, code) if code.starts_with("Relay") => Reach::NotRelayed(RelayFault::Refused),
        (502 | 504, _) => Reach::NotRelayed(RelayFault::NoAnswer),
        _ if is_a_site(response) => Reach::NotRelayed(RelayFault::NoRelay),
        _ => Reach::Relayed,
    }
}

/// Whether a site shows one of its pages for whatever it is asked. A service may say in HTML that there is nothing, but
/// answers no question of somebody unknown with a page; this dashboard's own site does so as a 404.
fn is_a_site(response: &Response<Vec<u8>>) -> bool {
    const OWN: &[u8] = b"<title>Azimuth";
    let is_page =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    is_page && (response.status().is_success() || response.body().windows(OWN.len()).any(|text| text == OWN))
}

fn is_json(response: &Response<Vec<u8>>) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(response.body()).is_ok()
}

/// Entra refuses a secret that comes with an `Origin`, and its refusal may not even reach a page.
pub fn is_refused_to_pages(error: &ApiError) -> bool {
    match error {
        ApiError::Unreachable(NoAnswer::Failed | NoAnswer::NotShared | NoAnswer::Lost) => true,
        _ => error
            .refusal()
            .is_some_and(|refusal| matches!(refusal.exact_code(), Some("AADSTS9002326" | "AADSTS9002327"))),
    }
}

fn unusable_token() -> Refusal {
    Refusal {
        status: 401,
        message: "The token has characters that cannot be sent.".to_owned(),
        ..Refusal::default()
    }
}

/// A refusal of ours to call an address that the service gave.
pub fn untrusted(address: &WebAddress, rule: &str) -> ApiError {
    let target = address.target().split('?').next().unwrap_or_default();
    ApiError::Untrusted { address: format!("{}{target}", address.origin()), rule: rule.to_owned() }
}

/// How long to wait before a read is asked again, or none when the answer stands. `random` is between 0 and 1.
fn retry_delay(attempt: u32, result: &Result<Response<Vec<u8>>, NoAnswer>, random: f64) -> Option<Duration> {
    if attempt >= MOST_RETRIES {
        return None;
    }
    let jitter = 0.75 + random / 2.0;
    let growing = |first: f64, most: f64| {
        Duration::from_secs_f64((first * 2f64.powi(attempt as i32)).min(most) * jitter)
    };
    match result {
        // A silence has been waited for already; after two of them the person should know.
        Err(NoAnswer::TimedOut(_)) if attempt > 0 => None,
        Err(NoAnswer::Failed | NoAnswer::TimedOut(_)) => Some(growing(1.0, 30.0)),
        Err(_) => None,
        Ok(response) if PASSING.contains(&response.status().as_u16()) => {
            let asked = response
                .headers()
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok());
            // A wait that nobody would sit through is shown instead.
            match (asked, response.status().as_u16()) {
                (Some(seconds), _) if seconds > 30 => None,
                (Some(seconds), _) => Some(Duration::from_secs(seconds)),
                (None, 429) => Some(growing(10.0, 120.0)),
                (None, _) => Some(growing(1.0, 30.0)),
            }
        }
        Ok(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Result<Response<Vec<u8>>, NoAnswer> {
        let mut builder = Response::builder().status(status);
        if let Some(seconds) = retry_after {
            builder = builder.header("Retry-After", seconds);
        }
        Ok(builder.body(Vec::new()).unwrap())
    }

    #[test]
    fn passing_faults_are_asked_again_three_times_with_growing_delay() {
        let waits: Vec<_> = (0..5).map(|attempt| retry_delay(attempt, &answer(503, None), 0.5)).collect();
        let seconds = |number| Some(Duration::from_secs(number));
        assert_eq!(waits, [seconds(1), seconds(2), seconds(4), None, None]);
        assert!(retry_delay(0, &Err(NoAnswer::Failed), 0.5).is_some());
    }

    #[test]
    fn what_does_not_pass_is_not_asked_again() {
        for status in [200, 400, 401, 403, 404, 405, 409, 412] {
            assert_eq!(retry_delay(0, &answer(status, None), 0.5), None, "{status}");
        }
        assert_eq!(retry_delay(0, &Err(NoAnswer::Offline), 0.5), None);
    }

    #[test]
    fn a_silence_is_waited_for_twice_at_most() {
        assert!(retry_delay(0, &Err(NoAnswer::TimedOut(30)), 0.5).is_some());
        assert_eq!(retry_delay(1, &Err(NoAnswer::TimedOut(30)), 0.5), None);
    }

    #[test]
    fn the_service_says_how_long_to_wait() {
        assert_eq!(retry_delay(0, &answer(429, Some("7")), 0.0), Some(Duration::from_secs(7)));
        assert_eq!(retry_delay(0, &answer(429, Some("372")), 0.0), None);
        assert_eq!(retry_delay(0, &answer(429, None), 0.5), Some(Duration::from_secs(10)));
    }

    #[test]
    fn a_range_names_its_last_byte_or_none() {
        assert_eq!(ByteRange { from: 5, to: None }.header(), "bytes=5-");
        assert_eq!(ByteRange { from: 0, to: Some(100) }.header(), "bytes=0-99");
    }

    #[test]
    fn only_origins_that_the_settings_name_are_read() {
        let origin = |text| Origin::parse(text).unwrap();
        let named = DataOrigins::Named(vec![origin("https://shop.blob.core.windows.net")]);
        assert!(named.has(&origin("https://shop.blob.core.windows.net")));
        for other in
            ["https://other.blob.core.windows.net", "http://shop.blob.core.windows.net", "https://evil.tld"]
        {
            assert!(!named.has(&origin(other)), "{other}");
        }
    }

    #[test]
    fn a_key_goes_only_to_named_origins_and_never_in_the_open() {
        let transport = |data_origins, relay: Option<&str>| {
            let carrier = Rc::new(LateCarrier::new(SessionKind::Service));
            Transport::new(carrier, Cloud::Public, data_origins, RequestLog::default())
                .with_relay(relay.and_then(Origin::parse))
        };
        let owner = Owner::new();
        owner.set();
        let named =
            ["https://score.example", "http://127.0.0.1:4007"].map(|text| Origin::parse(text).unwrap());
        let page = transport(DataOrigins::Named(named.into()), Some("https://relay.example"));
        let obstacle =
            |page: &Transport, address: &str| page.scoring_obstacle(&WebAddress::parse(address).unwrap());
        for good in [
            "https://score.example/score",
            "http://127.0.0.1:4007/loaves/score",
            "https://relay.example/relay/score/loaves",
        ] {
            assert_eq!(obstacle(&page, good), None, "{good}");
        }
        for (bad, why) in [
            ("https://other.example/score", ScoringObstacle::NotNamed),
            ("https://relay.example/relay/eastus/api/", ScoringObstacle::NotNamed),
            ("https://management.azure.com/", ScoringObstacle::NotNamed),
            ("http://score.example/score", ScoringObstacle::NotSecure),
        ] {
            assert_eq!(obstacle(&page, bad), Some(why), "{bad}");
        }
        assert_eq!(page.relayed("a/b").unwrap().to_string(), "https://relay.example/relay/score/a%2Fb");
        let demo = transport(DataOrigins::Simulated, None);
        assert_eq!(obstacle(&demo, "http://loaves.westeurope.azurecontainer.io/score"), None);
        assert_eq!(demo.relayed("loaves"), None);
    }

    #[test]
    fn the_key_of_a_service_does_not_show_itself() {
        let mut request = Request::new(Payload::Empty);
        opened(&mut request, &ScoringKey::typed("sesame").unwrap()).unwrap();
        assert_eq!(request.headers()[AUTHORIZATION], "Bearer sesame");
        assert!(!format!("{:?}", request.headers()).contains("sesame"));
    }

    #[test]
    fn the_token_is_put_only_where_it_may_go() {
        let token = AccessToken::new("sesame");
        for (address, may) in [("https://management.azure.com/x", true), ("https://evil.tld/x", false)] {
            let parsed = WebAddress::parse(address).unwrap();
            let mut request = Request::builder().uri(address).body(Payload::Empty).unwrap();
            let way = Way { asked: &parsed, carried: &parsed, relay: None };
            assert_eq!(authorized(&mut request, way, &token, &Cloud::Public).is_ok(), may, "{address}");
            assert_eq!(request.headers().contains_key(AUTHORIZATION), may, "{address}");
            assert!(!format!("{:?}", request.headers()).contains("sesame"));
        }
    }

    #[test]
    fn the_token_goes_to_the_relay_only_in_the_place_of_a_host_that_may_have_it() {
        let token = AccessToken::new("sesame");
        let relay = Origin::parse("https://relay.example").unwrap();
        let is_sent = |asked: &str, carried: &str, relay: Option<&Origin>| {
            let [asked, carried] = [asked, carried].map(|text| WebAddress::parse(text).unwrap());
            let mut request = Request::new(Payload::Empty);
            let way = Way { asked: &asked, carried: &carried, relay };
            let result = authorized(&mut request, way, &token, &Cloud::Public);
            assert_eq!(result.is_ok(), request.headers().contains_key(AUTHORIZATION));
            result.is_ok()
        };
        let (host, place) = ("https://eastus.api.azureml.ms/x", "https://relay.example/relay/eastus/api/x");
        assert!(is_sent(host, host, Some(&relay)));
        assert!(is_sent(host, place, Some(&relay)));
        assert!(!is_sent(host, place, None));
        for (asked, carried) in [
            (place, place),
            ("https://evil.tld/x", place),
            (host, "https://relay.example/relay/score/weather"),
            (host, "https://relay.example/relay/login/contoso/oauth2/token"),
            (host, "https://relay.example/relay/eastus/api/../../score/weather"),
            (host, "https://evil.tld/relay/eastus/api/x"),
            (host, "https://management.azure.com/x"),
        ] {
            assert!(!is_sent(asked, carried, Some(&relay)), "{asked} {carried}");
        }
    }

    #[test]
    fn any_answer_that_is_not_the_relays_own_shows_that_it_reaches_the_host() {
        let of = |status: u16, body: &str| {
            let mut response = Response::new(body.as_bytes().to_vec());
            *response.status_mut() = status.try_into().unwrap();
            relay_reach(&response)
        };
        let relays = |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"x"}}}}"#);
        for (status, body) in [(200, "{}"), (401, ""), (404, "{}"), (401, &relays("InvalidToken")), (429, "")]
        {
            assert_eq!(of(status, body), Reach::Relayed, "{status} {body}");
        }
        assert_eq!(of(404, &relays("RelayUnknownHost")), Reach::NotRelayed(RelayFault::UnknownHost));
        assert_eq!(of(403, &relays("RelayRefusedOrigin")), Reach::NotRelayed(RelayFault::Refused));
        assert_eq!(of(502, "<html>"), Reach::NotRelayed(RelayFault::NoAnswer));

        let of = |status: u16, body: &str| {
            let mut response = Response::new(body.as_bytes().to_vec());
            *response.status_mut() = status.try_into().unwrap();
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            relay_reach(&response)
        };
        assert_eq!(of(404, "<title>404 Not Found</title>"), Reach::Relayed);
        let no_relay = Reach::NotRelayed(RelayFault::NoRelay);
        assert_eq!(of(200, "<title>Welcome</title>"), no_relay);
        assert_eq!(of(404, "<!doctype html><title>Azimuth</title>"), no_relay);
    }
}
