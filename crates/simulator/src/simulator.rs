//! The simulator: one world, and the services that answer for it.

use http::{Request, Response};
use time::OffsetDateTime;

use crate::call::Call;
use crate::hosts::{Hosts, Origins, Service};
use crate::state::State;
use crate::worlds::{self, World};

/// What a simulator is made from.
#[derive(Clone, Debug)]
pub struct Options {
    pub world: World,
    /// Where the services stand; `None` means Azure's public host names.
    pub origins: Option<Origins>,
    /// Waits are this many times shorter. Timestamps stay on the wall clock.
    pub speed: f64,
    /// How long a token is valid.
    pub token_lifetime_seconds: u64,
}

impl Options {
    /// Public host names, waits as they are, tokens for an hour.
    pub fn new(world: World) -> Self {
        Self { world, origins: None, speed: 1.0, token_lifetime_seconds: 3599 }
    }
}

/// The service in memory.
pub struct Simulator {
    pub(crate) hosts: Hosts,
    pub(crate) state: State,
    pub(crate) speed: f64,
    pub(crate) token_lifetime_seconds: u64,
    pub(crate) page_size: usize,
    answered: u64,
}

impl Simulator {
    /// Makes the world relative to `now`: ids, names and order are the same for every start, times are not.
    pub fn new(options: Options, now: OffsetDateTime) -> Simulator {
        let hosts = Hosts::new(options.origins);
        let mut state = worlds::build(options.world, now);
        state.each_document(|document| hosts.localise(document));
        let speed = if options.speed > 0.0 { options.speed } else { 1.0 };
        let token_lifetime_seconds = options.token_lifetime_seconds;
        // Guess: no source tells the real default page sizes.
        Simulator { hosts, state, speed, token_lifetime_seconds, page_size: 100, answered: 0 }
    }

    /// The same simulator with pages of `page_size` items where a request does not ask for a size.
    pub fn with_page_size(mut self, page_size: usize) -> Simulator {
        self.page_size = page_size.max(1);
        self
    }

    /// Answers one request, whose address must be absolute. `None` when no service has that origin: a browser
    /// would see a failed connection.
    pub fn answer(&mut self, request: &Request<Vec<u8>>, now: OffsetDateTime) -> Option<Response<Vec<u8>>> {
        let place = self.hosts.place(request.uri(), &self.state)?;
        self.answered += 1;
        let call = Call::read(request, place, self.answered, now);
        let answer = match call.place.service {
            Service::Login => self.login(&call),
            Service::Management => self.management(&call),
            Service::Discovery => self.discovery_host(&call),
            Service::Regional => self.regional(&call),
            Service::ModelManagement => self.model_management_host(&call),
            Service::Storage => self.storage(&call),
            Service::Pipelines | Service::Scoring => Err(crate::answer::Answer::empty(404)),
        };
        Some(answer.unwrap_or_else(|refusal| refusal).into_response(&call))
    }
}
