//! Carries requests with the browser's `fetch`, and uploads with `XMLHttpRequest`, which alone tells their progress.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use azimuth_api::NoAnswer;
use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, select};
use gloo_timers::callback::Interval;
use gloo_timers::future::sleep;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, FormData, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit,
    RequestMode, RequestRedirect, ResponseType, XmlHttpRequest, XmlHttpRequestResponseType,
};

use crate::transport::{Carrier, Payload, Progress};

/// Until the headers of an answer are there.
pub(super) const ANSWER_SECONDS: u32 = 30;
/// Until whoever is knocked at answers anything.
const KNOCK_SECONDS: u32 = 10;
/// Without a byte moving in either direction.
const SILENCE_SECONDS: u32 = 60;

/// The browser's network.
pub struct FetchCarrier;

impl Carrier for FetchCarrier {
    fn carry<'a>(
        &'a self,
        request: Request<Payload>,
        progress: Option<Progress>,
    ) -> LocalBoxFuture<'a, Result<Response<Vec<u8>>, NoAnswer>> {
        Box::pin(async move {
            let result = match progress {
                Some(progress) => upload(&request, progress).await,
                None => fetch(&request).await,
            };
            match result {
                Err(NoAnswer::Failed) if is_offline() => Err(NoAnswer::Offline),
                other => other,
            }
        })
    }

    fn knock<'a>(&'a self, address: &'a str) -> LocalBoxFuture<'a, bool> {
        Box::pin(async move {
            // The answer of this kind of request is hidden from the page, but that there is one is not.
            let init = RequestInit::new();
            init.set_mode(RequestMode::NoCors);
            init.set_credentials(RequestCredentials::Omit);
            init.set_referrer_policy(ReferrerPolicy::NoReferrer);
            init.set_cache(RequestCache::NoStore);
            let Ok(controller) = AbortController::new() else { return false };
            let guard = AbortOnDrop { controller };
            init.set_signal(Some(&guard.controller.signal()));
            let sent = leptos::prelude::window().fetch_with_str_and_init(address, &init);
            within(KNOCK_SECONDS, JsFuture::from(sent)).await.is_ok_and(|answer| answer.is_ok())
        })
    }
}

/// How far the clock of this page's own site is ahead of this computer's, in milliseconds. Hosts elsewhere do not tell
/// a page their time.
pub async fn site_clock() -> Option<f64> {
    let init = RequestInit::new();
    init.set_method("HEAD");
    init.set_cache(RequestCache::NoStore);
    let asked = js_sys::Date::now();
    let sent = leptos::prelude::window().fetch_with_str_and_init("config.json", &init);
    let answer = within(KNOCK_SECONDS, JsFuture::from(sent)).await.ok()?.ok()?;
    let date = answer.unchecked_into::<web_sys::Response>().headers().get("date").ok()??;
    let answered = js_sys::Date::now();
    // It was read at some time of the way there and back, and is told in whole seconds, rounded down.
    let told = js_sys::Date::parse(&date);
    let (least, most) = (told - answered, told + 1_000.0 - asked);
    let agrees = least <= 0.0 && most >= 0.0;
    told.is_finite().then(|| if agrees { 0.0 } else { (least + most) / 2.0 })
}

/// Whether the browser knows that there is no network.
pub fn is_offline() -> bool {
    web_sys::window().is_some_and(|window| !window.navigator().on_line())
}

/// Aborts what it was made for, unless that is over.
struct AbortOnDrop {
    controller: AbortController,
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        // After the end of a request this changes nothing.
        self.controller.abort();
    }
}

async fn fetch(request: &Request<Payload>) -> Result<Response<Vec<u8>>, NoAnswer> {
    let failed = |_: JsValue| NoAnswer::Failed;
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_credentials(RequestCredentials::Omit);
    // Not followed either, and told apart from no answer.
    init.set_redirect(RequestRedirect::Manual);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_cache(RequestCache::NoStore);
    match request.body() {
        Payload::Empty => {}
        Payload::Text(text) => init.set_body(&JsValue::from_str(text)),
        Payload::Form(_) => init.set_body(&form(request.body())),
    }
    let headers = Headers::new().map_err(failed)?;
    for (name, value) in request.headers() {
        headers.set(name.as_str(), value.to_str().map_err(|_| NoAnswer::Failed)?).map_err(failed)?;
    }
    init.set_headers(&headers);
    let guard = AbortOnDrop { controller: AbortController::new().map_err(failed)? };
    init.set_signal(Some(&guard.controller.signal()));

    let address = request.uri().to_string();
    let browser_request = web_sys::Request::new_with_str_and_init(&address, &init).map_err(failed)?;
    if !is_read_alike(&address, &browser_request.url()) {
        return Err(NoAnswer::Failed);
    }
    // The builder of gloo-net adds to the query of an address; a `nextLink` must be asked for as it is.
    let sent = gloo_net::http::Request::from(browser_request);
    let answer = within(ANSWER_SECONDS, sent.send()).await?.map_err(|_| NoAnswer::Failed)?;
    if answer.type_() == ResponseType::Opaqueredirect {
        return Err(NoAnswer::Redirected);
    }
    let body = within(SILENCE_SECONDS, answer.binary()).await?.map_err(|_| NoAnswer::Failed)?;
    let mut response = Response::new(body);
    *response.status_mut() = answer.status().try_into().map_err(|_| NoAnswer::Failed)?;
    *response.headers_mut() = readable_headers(answer.headers().entries());
    Ok(response)
}

/// Whether the browser understood the address as the rule did that let it through.
fn is_read_alike(ours: &str, browsers: &str) -> bool {
    let (Some(ours), Ok(theirs)) = (azimuth_api::WebAddress::parse(ours), web_sys::Url::new(browsers)) else {
        return false;
    };
    // Folded segments lead elsewhere at the same host, where somebody else may be behind it.
    let depth = |path: &str| path.matches('/').count().max(1);
    let path = ours.target().split('?').next().unwrap_or_default();
    ours.origin().as_str() == theirs.origin() && depth(path) == depth(&theirs.pathname())
}

/// The output of some work, unless it takes longer.
pub(super) async fn within<T>(seconds: u32, work: impl Future<Output = T>) -> Result<T, NoAnswer> {
    let work = std::pin::pin!(work);
    let timer = std::pin::pin!(sleep(Duration::from_secs(seconds.into())));
    match select(work, timer).await {
        Either::Left((output, _)) => Ok(output),
        Either::Right(_) => Err(NoAnswer::TimedOut(seconds)),
    }
}

/// A form of the browser's own, which streams the files and sets the header with the boundary.
pub(super) fn form(payload: &Payload) -> FormData {
    let form = FormData::new().expect("a form can always be made");
    if let Payload::Form(parts) = payload {
        for part in parts {
            form.append_with_blob_and_filename(part.name, &part.file, part.file_name)
                .expect("a file can always be appended");
        }
    }
    form
}

fn readable_headers(entries: impl Iterator<Item = (String, String)>) -> HeaderMap {
    entries
        .filter_map(|(name, value)| {
            Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
        })
        .collect()
}

/// Stops an upload that nobody waits for any longer, and its watch.
struct UploadGuard {
    request: XmlHttpRequest,
    _watch: Interval,
}

impl Drop for UploadGuard {
    fn drop(&mut self) {
        self.request.set_onloadend(None);
        self.request.set_onprogress(None);
        if let Ok(upload) = self.request.upload() {
            upload.set_onprogress(None);
        }
        let _ = self.request.abort();
    }
}

async fn upload(request: &Request<Payload>, progress: Progress) -> Result<Response<Vec<u8>>, NoAnswer> {
    let failed = |_: JsValue| NoAnswer::Failed;
    let address = request.uri().to_string();
    let browsers = web_sys::Url::new(&address).map_err(failed)?.href();
    if !is_read_alike(&address, &browsers) {
        return Err(NoAnswer::Failed);
    }
    let sender = XmlHttpRequest::new().map_err(failed)?;
    sender.open_with_async(request.method().as_str(), &address, true).map_err(failed)?;
    sender.set_with_credentials(false);
    sender.set_response_type(XmlHttpRequestResponseType::Arraybuffer);
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| NoAnswer::Failed)?;
        sender.set_request_header(name.as_str(), value).map_err(failed)?;
    }

    let (ended, end) = oneshot::channel::<bool>();
    let ended = Rc::new(Cell::new(Some(ended)));
    let last_moved = Rc::new(Cell::new(js_sys::Date::now()));
    let on_progress = {
        let last_moved = Rc::clone(&last_moved);
        Closure::<dyn Fn(web_sys::ProgressEvent)>::new(move |event: web_sys::ProgressEvent| {
            last_moved.set(js_sys::Date::now());
            progress(event.loaded(), event.total());
        })
    };
    let on_answer_progress = {
        let last_moved = Rc::clone(&last_moved);
        Closure::<dyn Fn()>::new(move || last_moved.set(js_sys::Date::now()))
    };
    let on_end = {
        let ended = Rc::clone(&ended);
        Closure::<dyn Fn()>::new(move || {
            if let Some(ended) = ended.take() {
                let _ = ended.send(true);
            }
        })
    };
    let watch = {
        let ended = Rc::clone(&ended);
        Interval::new(1_000, move || {
            if js_sys::Date::now() - last_moved.get() > f64::from(SILENCE_SECONDS) * 1_000.0
                && let Some(ended) = ended.take()
            {
                let _ = ended.send(false);
            }
        })
    };
    sender.upload().map_err(failed)?.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    sender.set_onprogress(Some(on_answer_progress.as_ref().unchecked_ref()));
    sender.set_onloadend(Some(on_end.as_ref().unchecked_ref()));
    let guard = UploadGuard { request: sender.clone(), _watch: watch };
    sender.send_with_opt_form_data(Some(&form(request.body()))).map_err(failed)?;

    if !end.await.unwrap_or(false) {
        return Err(NoAnswer::TimedOut(SILENCE_SECONDS));
    }
    let status = sender.status().map_err(failed)?;
    if status == 0 {
        return Err(NoAnswer::Failed);
    }
    // This kind of request follows redirects and takes the token along; an answer from elsewhere is none.
    if sender.response_url() != browsers {
        return Err(NoAnswer::Redirected);
    }
    let body = sender.response().map_err(failed)?;
    let mut response = Response::new(js_sys::Uint8Array::new(&body).to_vec());
    *response.status_mut() = status.try_into().map_err(|_| NoAnswer::Failed)?;
    let headers = sender.get_all_response_headers().unwrap_or_default();
    let lines = headers.lines().filter_map(|line| line.split_once(": "));
    *response.headers_mut() =
        readable_headers(lines.map(|(name, value)| (name.to_owned(), value.to_owned())));
    drop(guard);
    Ok(response)
}
