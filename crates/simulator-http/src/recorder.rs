//! What was asked of the simulator, for tests to read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Method;
use time::OffsetDateTime;

use crate::origins::Role;

/// A request as it arrived, and what became of it.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub method: Method,
    pub role: Role,
    /// Path and query.
    pub target: String,
    /// The names of its headers, in lower case.
    pub headers: Vec<String>,
    /// Which bytes it asked for.
    pub range: Option<String>,
    pub body_bytes: usize,
    pub at: OffsetDateTime,
    /// Whether the simulator got it. Preflights, and what a fault kept back, it never sees.
    pub handed_on: bool,
    /// `None` while it is under way, and for good when the connection was closed without an answer.
    pub status: Option<u16>,
}

impl Recorded {
    pub fn has_authorization(&self) -> bool {
        self.headers.iter().any(|name| name == "authorization")
    }

    pub fn is_preflight(&self) -> bool {
        self.method == Method::OPTIONS
            && self.headers.iter().any(|name| name == "access-control-request-method")
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// The requests so far, in the order of their arrival. Clones read the same list.
#[derive(Clone, Default)]
pub struct Recorder {
    requests: Arc<Mutex<Vec<Entry>>>,
}

impl Recorder {
    /// All requests.
    pub fn requests(&self) -> Vec<Recorded> {
        whole(&self.requests).iter().map(|entry| whole(&entry.0).clone()).collect()
    }

    /// The requests of a method whose path contains `part`.
    pub fn matching(&self, method: &Method, part: &str) -> Vec<Recorded> {
        let mut requests = self.requests();
        requests.retain(|request| request.method == *method && request.path().contains(part));
        requests
    }

    /// Forgets all requests so far.
    pub fn clear(&self) {
        whole(&self.requests).clear();
    }

    pub(crate) fn arrived(&self, request: Recorded) -> Entry {
        let entry = Entry(Arc::new(Mutex::new(request)));
        whole(&self.requests).push(entry.clone());
        entry
    }
}

/// One request in the list, to be completed when more is known.
#[derive(Clone)]
pub(crate) struct Entry(Arc<Mutex<Recorded>>);

impl Entry {
    pub fn handed_on(&self, body_bytes: usize) {
        let mut request = whole(&self.0);
        request.handed_on = true;
        request.body_bytes = body_bytes;
    }

    pub fn answered(&self, status: u16) {
        whole(&self.0).status = Some(status);
    }
}

/// A lock whose content stays whole, whatever panicked beside it.
fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
