//! The simulator behind one socket for each of its origins.

use std::sync::{Arc, Mutex, PoisonError};

use azimuth_simulator::faults::FaultPlan;
use azimuth_simulator::{AuthorityOptions, Issued, Options, Origins, Simulator, World};
use time::OffsetDateTime;

use crate::exchange::Exchange;
use crate::interceptor::Interceptor;
use crate::listening::{self, Listening};
use crate::origins::{Role, config_json, origins_at};
use crate::recorder::Recorder;

/// How a simulator is to be served.
pub struct ServerOptions {
    pub world: World,
    /// The first of eight ports in a row; 0 picks free ones.
    pub port: u16,
    /// Waits are this many times shorter.
    pub speed: f64,
    /// `None` leaves it to the simulator.
    pub token_lifetime_seconds: Option<u64>,
    /// How long after a sign-in a page's refresh tokens are of use; `None` leaves it to the simulator, which has a
    /// day. Speed does not shorten it.
    pub refresh_token_lifetime_seconds: Option<u64>,
    /// Where a page may be sent back to after a sign-in, beside `auth.html` on this machine at any port.
    pub redirect_uris: Vec<String>,
    /// Whether a page may sign in with a client's secret, which Entra refuses.
    pub secrets_from_pages: bool,
    /// Whether the regional services send CORS headers.
    pub cors: bool,
    /// A fault plan, as JSON.
    pub faults: Option<String>,
    /// How many items a page of a list has where a request does not say; `None` leaves it to the simulator.
    pub page_size: Option<usize>,
    /// Whether each request is told on standard error.
    pub log: bool,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            world: World::Bakery,
            port: 0,
            speed: 1.0,
            token_lifetime_seconds: None,
            refresh_token_lifetime_seconds: None,
            redirect_uris: Vec::new(),
            secrets_from_pages: true,
            cors: true,
            faults: None,
            page_size: None,
            log: false,
        }
    }
}

/// A simulator that is being served. Dropped, it closes its sockets.
pub struct Running {
    exchange: Arc<Exchange>,
    config_json: String,
    listening: Listening,
}

impl Running {
    /// The `config.json` that points the page at it, on one line.
    pub fn config_json(&self) -> &str {
        &self.config_json
    }

    pub fn origins(&self) -> &Origins {
        &self.exchange.origins
    }

    /// `http://127.0.0.1:4001`
    pub fn origin(&self, role: Role) -> &str {
        role.origin(&self.exchange.origins)
    }

    /// What has been asked.
    pub fn recorder(&self) -> &Recorder {
        &self.exchange.recorder
    }

    /// Adds a fault plan beside those there are; where two plans match a request, the older one decides.
    pub fn add_faults(&self, plan: &str) -> Result<(), String> {
        let plan = FaultPlan::parse(plan)?;
        self.exchange.faults.lock().unwrap_or_else(PoisonError::into_inner).push(plan);
        Ok(())
    }

    pub fn clear_faults(&self) {
        self.exchange.faults.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lets somebody stand between the service and whoever asks it, in the place of who stood there before.
    pub fn intercept(&self, interceptor: impl Interceptor + 'static) {
        *self.exchange.interceptor.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Arc::new(interceptor));
    }

    /// Puts the simulator's clock ahead by some time more, at once: tokens expire as if it had passed. Clients' clocks
    /// stay where they are.
    pub fn let_pass(&self, time: std::time::Duration) {
        *self.exchange.ahead.lock().unwrap_or_else(PoisonError::into_inner) += time;
    }

    /// Every code and token that the authority handed out to people's applications. No socket tells them.
    pub fn issued(&self) -> Vec<Issued> {
        self.exchange.simulator.lock().unwrap_or_else(PoisonError::into_inner).issued().to_vec()
    }

    /// Closes one origin's socket: connections to it are refused from now on.
    pub fn close(&self, role: Role) {
        if let Some(place) = Role::ALL.iter().position(|one| *one == role) {
            self.listening.close(place);
        }
    }

    /// Closes the sockets, as dropping it does.
    pub fn stop(self) {
        drop(self.listening);
    }
}

/// Serves a simulator until the value it returns is dropped.
pub fn start(options: ServerOptions) -> Result<Running, String> {
    let mut listeners = Vec::new();
    let mut ports = [0; Role::ALL.len()];
    for (place, chosen) in ports.iter_mut().enumerate() {
        let port = match options.port {
            0 => 0,
            base => u16::try_from(usize::from(base) + place)
                .map_err(|_| format!("port {base} leaves no room for {} ports.", Role::ALL.len()))?,
        };
        let (listener, port) = listening::bind(port)?;
        listeners.push(listener);
        *chosen = port;
    }
    let faults = options.faults.as_deref().map(FaultPlan::parse).transpose()?;

    let origins = origins_at(ports);
    let mut simulator = Options::new(options.world);
    simulator.origins = Some(origins.clone());
    simulator.speed = options.speed;
    if let Some(seconds) = options.token_lifetime_seconds {
        simulator.token_lifetime_seconds = seconds;
    }
    let mut authority = AuthorityOptions {
        redirect_uris: options.redirect_uris,
        secrets_from_pages: options.secrets_from_pages,
        ..AuthorityOptions::default()
    };
    if let Some(seconds) = options.refresh_token_lifetime_seconds {
        authority.refresh_token_lifetime_seconds = seconds;
    }
    let mut simulator = Simulator::new(simulator, OffsetDateTime::now_utc()).with_authority(authority);
    if let Some(size) = options.page_size {
        simulator = simulator.with_page_size(size);
    }
    let exchange = Arc::new(Exchange {
        simulator: Mutex::new(simulator),
        origins,
        faults: Mutex::new(faults.into_iter().collect()),
        interceptor: Mutex::default(),
        cors: options.cors,
        log: options.log,
        ahead: Mutex::new(time::Duration::ZERO),
        recorder: Recorder::default(),
    });
    let shared = exchange.clone();
    let listening = listening::listen(listeners, move |place, request| {
        let exchange = shared.clone();
        async move { exchange.answer(Role::ALL[place], request).await }
    })?;
    Ok(Running { config_json: config_json(&exchange.origins), exchange, listening })
}
