//! Somebody between a page and the service, for tests of what a page does with a service that is not what it should be.

use http::{Request, Response};

use crate::origins::Role;

/// Changes what the two say to each other. Preflights and what a fault plan answers go past it.
pub trait Interceptor: Send + Sync {
    /// What the service gets to hear; the recorder has what was really sent.
    fn request(&self, _: Role, _: &mut Request<Vec<u8>>) {}

    /// What the page gets to hear. Who may read it is added later.
    fn answer(&self, role: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>);
}

impl<F: Fn(Role, &Request<Vec<u8>>, &mut Response<Vec<u8>>) + Send + Sync> Interceptor for F {
    fn answer(&self, role: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>) {
        self(role, request, answer);
    }
}
