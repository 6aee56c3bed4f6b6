//! The simulator: one world, and the services that answer for it.

use http::{Request, Response};
use time::OffsetDateTime;

#[cfg(feature = "full")]
use crate::authority::{Authority, AuthorityOptions, Issued};
use crate::call::Call;
use crate::failures::Failure;
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
    #[cfg(feature = "full")]
    pub(crate) authority: Authority,
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
        Simulator {
            hosts,
            state,
            speed,
            token_lifetime_seconds,
            page_size: 100,
            #[cfg(feature = "full")]
            authority: Authority::default(),
            answered: 0,
        }
    }

    /// The same simulator with pages of `page_size` items where a request does not ask for a size.
    pub fn with_page_size(mut self, page_size: usize) -> Simulator {
        self.page_size = page_size.max(1);
        self
    }

    /// The same simulator with an authority that is set up differently.
    #[cfg(feature = "full")]
    pub fn with_authority(mut self, options: AuthorityOptions) -> Simulator {
        self.authority.options = options;
        self
    }

    /// Every code and token that the authority handed out, each with its kind.
    #[cfg(feature = "full")]
    pub fn issued(&self) -> &[Issued] {
        &self.authority.issued
    }

    /// Answers one request, whose address must be absolute. `None` when no service has that origin: a browser
    /// would see a failed connection. A path with the name of a failure in it gets that failure; a response may
    /// have [`Delay`](crate::Delay) and [`Unshared`](crate::Unshared) among its extensions.
    pub fn answer(&mut self, request: &Request<Vec<u8>>, now: OffsetDateTime) -> Option<Response<Vec<u8>>> {
        let failure = Failure::in_path(request.uri().path());
        self.answer_failing(request, failure, now)
    }

    /// Answers one request with a failure, whatever its path says, or as if nothing in it were one's name.
    pub fn answer_failing(
        &mut self,
        request: &Request<Vec<u8>>,
        failure: Option<Failure>,
        now: OffsetDateTime,
    ) -> Option<Response<Vec<u8>>> {
        let place = self.hosts.place(request.uri(), &self.state)?;
        if failure == Some(Failure::Connection) {
            return None;
        }
        self.answered += 1;
        self.settle(now);
        let call = Call::read(request, place, self.answered, now);
        let failed = failure.and_then(|failure| self.failure(&call, failure));
        #[cfg(feature = "full")]
        let failed = failed
            .or_else(|| self.authority(&call))
            .or_else(|| self.second_proof(&call))
            .or_else(|| self.other_tenant(&call));
        let answer = match (failed, call.place.service) {
            (Some(answer), _) => Ok(answer),
            (None, Service::Login) => self.login(&call),
            (None, Service::Management) => self.management(&call),
            (None, Service::Discovery) => self.discovery_host(&call),
            (None, Service::Regional) => self.regional(&call),
            (None, Service::ModelManagement) => self.model_management_host(&call),
            (None, Service::Storage) => self.storage(&call),
            (None, Service::Pipelines) => self.pipelines_host(&call),
            (None, Service::Scoring) => self.scoring(&call),
        };
        let mut answer = answer.unwrap_or_else(|refusal| refusal);
        if call.place.service == Service::Management {
            answer = self.with_usual_headers(&call, answer);
        }
        let response = answer.into_response(&call);
        match failure {
            Some(failure) => failure.on_the_way(response),
            None => Some(response),
        }
    }
}
