//! Carries requests to the simulator inside the page: the demo, with no network at all.

use std::time::Duration;

use azimuth_api::NoAnswer;
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use gloo_timers::future::sleep;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::transport::{Carrier, Payload, Progress, fetch};

/// An answer takes a moment, as it does everywhere; otherwise a demo shows a service that nobody has.
const ANSWER_TIME: Duration = Duration::from_millis(40);

/// What the demo takes; everything is held in memory here.
const MOST_UPLOAD_BYTES: f64 = 20.0 * 1024.0 * 1024.0;

/// A simulator that can be asked.
pub trait SimulatedService {
    /// Answers a request whose body is written out.
    fn answer(&self, request: Request<Vec<u8>>) -> LocalBoxFuture<'_, Result<Response<Vec<u8>>, NoAnswer>>;
}

/// Waits for an answer that takes this long, but no longer than for one from the network.
///
/// # Errors
/// [`NoAnswer::TimedOut`], once a network would have been given up.
pub async fn arrival(delay: Duration) -> Result<(), NoAnswer> {
    if delay.is_zero() {
        return Ok(());
    }
    fetch::within(fetch::ANSWER_SECONDS, sleep(delay)).await
}

/// A simulator as a network.
pub struct SimulatedCarrier<S> {
    service: S,
}

impl<S: SimulatedService> SimulatedCarrier<S> {
    /// A network with this behind it.
    pub fn new(service: S) -> Self {
        Self { service }
    }
}

#[wasm_bindgen]
extern "C" {
    /// The simulator's module, made of `crates/simulator-page`.
    #[derive(Clone)]
    type PageSimulator;
    #[wasm_bindgen(method)]
    fn answer(
        this: &PageSimulator,
        method: &str,
        address: &str,
        headers: Vec<String>,
        body: Vec<u8>,
        now: f64,
    ) -> Option<PageAnswer>;

    type PageAnswer;
    #[wasm_bindgen(method, getter)]
    fn status(this: &PageAnswer) -> u16;
    #[wasm_bindgen(method, getter)]
    fn delay(this: &PageAnswer) -> u32;
    #[wasm_bindgen(method, getter)]
    fn headers(this: &PageAnswer) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn body(this: &PageAnswer) -> Vec<u8>;

    /// Loads the module; `boot.js` knows where it is.
    #[wasm_bindgen(js_namespace = globalThis, js_name = azimuthSimulator, catch)]
    async fn load_simulator() -> Result<JsValue, JsValue>;
}

/// The simulator in its own wasm, loaded when it is first asked: whoever signs in to the service never loads it.
pub struct LoadedSimulator {
    simulator: Shared<LocalBoxFuture<'static, Option<PageSimulator>>>,
}

impl Default for LoadedSimulator {
    fn default() -> Self {
        let load = async { load_simulator().await.ok().map(JsCast::unchecked_into) };
        Self { simulator: load.boxed_local().shared() }
    }
}

impl SimulatedService for LoadedSimulator {
    fn answer(&self, request: Request<Vec<u8>>) -> LocalBoxFuture<'_, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move {
            let simulator = self.simulator.clone().await.ok_or(NoAnswer::Failed)?;
            let (parts, body) = request.into_parts();
            let headers = parts.headers.iter().flat_map(|(name, value)| {
                [name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()]
            });
            let address = parts.uri.to_string();
            let answer = simulator
                .answer(parts.method.as_str(), &address, headers.collect(), body, js_sys::Date::now())
                .ok_or(NoAnswer::Failed)?;
            arrival(Duration::from_millis(answer.delay().into())).await?;
            let mut response = Response::new(answer.body());
            *response.status_mut() = answer.status().try_into().map_err(|_| NoAnswer::Failed)?;
            for pair in answer.headers().chunks_exact(2) {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::try_from(&pair[0]), HeaderValue::try_from(&pair[1]))
                {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        })
    }
}

impl<S: SimulatedService> Carrier for SimulatedCarrier<S> {
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
            self.service.answer(Request::from_parts(parts, body)).await
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
