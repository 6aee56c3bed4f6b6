//! Carries requests to the simulator inside the page: the demo, with no network at all.

use std::cell::RefCell;
use std::time::Duration;

use azimuth_api::NoAnswer;
use azimuth_simulator::{Options, Simulator, World};
use futures::future::LocalBoxFuture;
use gloo_timers::future::sleep;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use time::OffsetDateTime;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::transport::{Carrier, Payload, Progress, fetch};

/// An answer takes a moment, as it does everywhere; otherwise a demo shows a service that nobody has.
const ANSWER_TIME: Duration = Duration::from_millis(40);

/// What the demo takes; everything is held in memory here.
const MOST_UPLOAD_BYTES: f64 = 20.0 * 1024.0 * 1024.0;

/// The simulator as a network.
pub struct SimulatedCarrier {
    simulator: RefCell<Option<Simulator>>,
}

impl SimulatedCarrier {
    /// A network with the demo's world in it, made when it is first asked.
    pub fn new() -> Self {
        Self { simulator: RefCell::new(None) }
    }
}

impl Default for SimulatedCarrier {
    fn default() -> Self {
        Self::new()
    }
}

impl Carrier for SimulatedCarrier {
    fn carry<'a>(
        &'a self,
        request: Request<Payload>,
        progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move {
            sleep(ANSWER_TIME).await;
            let (mut parts, payload) = request.into_parts();
            let size: f64 = match &payload {
                Payload::Form(files) => files.iter().map(|part| part.file.size()).sum(),
                _ => 0.0,
            };
            if size > MOST_UPLOAD_BYTES {
                return Ok(too_large());
            }
            let body = match payload {
                Payload::Empty => Vec::new(),
                Payload::Text(text) => text.into_bytes(),
                Payload::Form(_) => {
                    let (content_type, body) = written_out(&payload).await.map_err(|_| NoAnswer::Failed)?;
                    parts.headers.insert(CONTENT_TYPE, content_type);
                    body
                }
            };
            if let Some(progress) = progress {
                let size = body.len() as f64;
                for step in 1..=4 {
                    sleep(ANSWER_TIME).await;
                    progress(size * f64::from(step) / 4.0, size);
                }
            }
            let now = now();
            let mut simulator = self.simulator.borrow_mut();
            let simulator = simulator.get_or_insert_with(|| Simulator::new(Options::new(World::Bakery), now));
            simulator.answer(&Request::from_parts(parts, body), now).ok_or(NoAnswer::Failed)
        })
    }
}

/// The form as the browser would put it on the wire, with its header.
async fn written_out(payload: &Payload) -> Result<(HeaderValue, Vec<u8>), JsValue> {
    let response = web_sys::Response::new_with_opt_form_data(Some(&fetch::form(payload)))?;
    let content_type = response.headers().get("content-type")?.unwrap_or_default();
    let buffer = JsFuture::from(response.array_buffer()?).await?;
    let bytes = js_sys::Uint8Array::new(buffer.unchecked_ref()).to_vec();
    let content_type = HeaderValue::try_from(content_type).map_err(|_| JsValue::NULL)?;
    Ok((content_type, bytes))
}

fn too_large() -> Response<Vec<u8>> {
    let body = r#"{"error":{"code":"UserError","message":"The demo takes files of up to 20 MB, because it keeps them in this page."}}"#;
    let mut response = Response::new(body.as_bytes().to_vec());
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
}

fn now() -> OffsetDateTime {
    let nanoseconds = js_sys::Date::now() as i128 * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
