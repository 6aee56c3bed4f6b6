//! Carries questions to an export that is open, and nowhere else.

use std::rc::{Rc, Weak};

use azimuth_api::{Cloud, LocalCloud, NoAnswer, Origin};
use futures::future::LocalBoxFuture;
use http::header::RANGE;
use http::{Request, Response};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::client::Client;
use crate::opened::answer::Asked;
use crate::opened::archive::{Archive, Source};
use crate::request_log::RequestLog;
use crate::session::{Session, SessionKind};
use crate::transport::{Carrier, DataOrigins, Payload, Progress, Transport};

/// The zip where it is: on the computer, read a slice at a time.
pub struct PickedFile(pub File);

impl Source for PickedFile {
    fn read(&self, from: u64, to: u64) -> LocalBoxFuture<'_, Option<Vec<u8>>> {
        let slice = self.0.slice_with_f64_and_f64(from as f64, to as f64);
        Box::pin(async move {
            let buffer = JsFuture::from(slice.ok()?.array_buffer()).await.ok()?;
            let bytes = js_sys::Uint8Array::new(buffer.unchecked_ref()).to_vec();
            (bytes.len() as u64 == to - from).then_some(bytes)
        })
    }
}

/// An export in the place of a network.
struct ExportCarrier {
    archive: Weak<Archive>,
}

impl Carrier for ExportCarrier {
    fn carry<'a>(
        &'a self,
        request: Request<Payload>,
        _progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move {
            let (parts, payload) = request.into_parts();
            let target = parts.uri.path_and_query().map(http::uri::PathAndQuery::as_str).unwrap_or_default();
            let body = match &payload {
                Payload::Text(text) => text.as_str(),
                _ => "",
            };
            let range = parts.headers.get(RANGE).and_then(|value| value.to_str().ok());
            let asked = Asked { method: &parts.method, target, body, range };
            // Whoever closed it waits for nothing of it.
            let archive = self.archive.upgrade().ok_or(NoAnswer::Failed)?;
            Ok(archive.answer(&asked).await)
        })
    }
}

/// What asks an export, under the names of the hosts that it was made from.
pub fn client_of(archive: &Rc<Archive>) -> Client {
    let origins: Vec<Origin> = archive.hosts().iter().filter_map(|host| Origin::parse(host)).collect();
    let place = |host: &str| Origin::parse(host).expect("a plain host is an origin");
    let management = archive.management().and_then(|host| Origin::parse(&host));
    let cloud = Cloud::Local(LocalCloud {
        login: place("https://export.invalid"),
        management: management.unwrap_or_else(|| place("https://management.azure.com")),
        services: origins,
    });
    let (log, session) = (RequestLog::default(), Session::new(SessionKind::Export));
    let carrier = Rc::new(ExportCarrier { archive: Rc::downgrade(archive) });
    let transport = Transport::new(carrier, cloud.clone(), DataOrigins::Named(Vec::new()), log);
    Client::new(transport, cloud, session, log)
}
