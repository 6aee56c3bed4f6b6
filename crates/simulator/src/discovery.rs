//! Discovery: a region's services and their addresses.

use http::Method;

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors::{self, sample};
use crate::simulator::Simulator;

impl Simulator {
    /// The host of discovery, where it has one of its own.
    pub(crate) fn discovery_host(&self, call: &Call<'_>) -> Outcome {
        match (call.method, call.path().as_slice()) {
            (&Method::GET, ["discovery"]) => Ok(self.discovery(call)),
            _ => Err(errors::user_error(call, "discovery", 404, "The requested path was not found.")),
        }
    }

    /// The region's services. No token is needed; the answer is the article's, with the region's name in it.
    pub(crate) fn discovery(&self, call: &Call<'_>) -> Answer {
        let text = include_str!("../samples/discovery.json");
        // Behind sockets the host names no region, and one set of origins serves them all.
        let region = self
            .state
            .regions
            .iter()
            .find(|region| call.place.account == **region)
            .map_or("centralus", String::as_str);
        let mut document = sample(&text.replace("centralus", region));
        self.hosts.localise(&mut document);
        Answer::json(200, &document)
    }
}
