//! An export opened again: which one is open, and what stands in the place of the service.

pub mod answer;
pub mod archive;
pub mod carrier;
mod runs;
#[cfg(test)]
mod sample;

use std::any::Any;
use std::rc::Rc;

use azimuth_api::{NoAnswer, WorkspaceId};
use futures::future::LocalBoxFuture;
use http::{Request, Response};
use leptos::prelude::*;

use crate::client::Client;
use crate::session::SessionKind;
use crate::transport::{Carrier, Payload, Progress};

/// In place of hosts that are not known. Nothing is ever asked there.
const NO_HOST: &str = "export.invalid";

/// The export that is open, if one is. A handle.
#[derive(Clone, Copy)]
pub struct Opened {
    client: RwSignal<Client>,
    /// That of no export.
    closed: Client,
    what: RwSignal<Option<OpenExport>>,
    /// What is known of it, for as long as it is open: who asks it holds no more than a way there.
    kept: StoredValue<Option<Rc<dyn Any>>, LocalStorage>,
    /// What is made for an export lives as long as the app, and not as the page that made it.
    owner: StoredValue<Owner>,
}

/// What the frame of the page has to know of an export that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenExport {
    /// Of which workspace.
    pub workspace: WorkspaceId,
    /// What stands above every page.
    pub ribbon: String,
    /// When it was made, in milliseconds since 1970.
    pub made: Option<f64>,
}

impl Opened {
    /// None is open; `closed` asks nobody.
    pub fn start(closed: Client) -> Self {
        Self {
            client: RwSignal::new(closed),
            closed,
            what: RwSignal::new(None),
            kept: StoredValue::new_local(None),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// What asks the export that is open.
    pub fn client(self) -> Client {
        self.client.get()
    }

    /// The export that is open, as whoever opened it knows it.
    pub fn kept(self) -> Option<Rc<dyn Any>> {
        self.kept.get_value()
    }

    /// What is open.
    pub fn what(self) -> Signal<Option<OpenExport>> {
        self.what.into()
    }

    /// Takes an export, and keeps it; `make` gives what asks it.
    pub fn open(self, what: OpenExport, kept: Rc<dyn Any>, make: impl FnOnce() -> Client) {
        let client = self.owner.get_value().with(make);
        client.session().open();
        self.kept.set_value(Some(kept));
        self.what.set(Some(what));
        self.client.set(client);
    }

    /// Lets go of it.
    pub fn close(self) {
        let client = self.client.get_untracked();
        self.what.set(None);
        self.client.set(self.closed);
        client.session().sign_out(None);
        self.kept.set_value(None);
    }
}

/// Carries nothing anywhere: there is no export open.
pub struct NothingOpen;

impl Carrier for NothingOpen {
    fn carry<'a>(
        &'a self,
        _request: Request<Payload>,
        _progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async { Err(NoAnswer::Failed) })
    }
}

impl NothingOpen {
    /// As every carrier is passed on.
    pub fn shared() -> Rc<dyn Carrier> {
        Rc::new(Self)
    }
}

/// Whether the page shows an export, in which nothing changes and nothing can be changed.
pub fn is_export() -> bool {
    use_context::<Client>().is_some_and(|client| client.session().kind() == SessionKind::Export)
}

/// When the export that the page shows was made, in milliseconds since 1970.
pub fn made() -> Option<f64> {
    let opened = use_context::<Opened>().filter(|_| is_export())?;
    opened.what.with_untracked(|what| what.as_ref()?.made)
}
