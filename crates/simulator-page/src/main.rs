//! The simulator as a wasm of its own, which the page loads when somebody opens the demo.

use azimuth_simulator::{Delay, Options, Simulator, Unshared, World};
use http::{HeaderName, HeaderValue, Request, Response};
use time::OffsetDateTime;
use wasm_bindgen::prelude::wasm_bindgen;

/// The demo's world.
#[wasm_bindgen]
pub struct PageSimulator {
    simulator: Simulator,
}

/// An answer, in what JavaScript can hold.
#[wasm_bindgen]
pub struct PageAnswer {
    response: Response<Vec<u8>>,
}

#[wasm_bindgen]
impl PageSimulator {
    /// Makes the world; `now` is in milliseconds since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(now: f64) -> Self {
        Self { simulator: Simulator::new(Options::new(World::Bakery), moment(now)) }
    }

    /// Answers a request. Headers are names and values in turn. Nothing where no service has the address, and where
    /// a page could not read the answer.
    pub fn answer(
        &mut self,
        method: &str,
        address: &str,
        headers: Vec<String>,
        body: Vec<u8>,
        now: f64,
    ) -> Option<PageAnswer> {
        let mut request = Request::builder().method(method).uri(address).body(body).ok()?;
        for pair in headers.chunks_exact(2) {
            let name = HeaderName::try_from(&pair[0]).ok()?;
            request.headers_mut().append(name, HeaderValue::try_from(&pair[1]).ok()?);
        }
        let response = self.simulator.answer(&request, moment(now))?;
        if response.extensions().get::<Unshared>().is_some() {
            return None;
        }
        Some(PageAnswer { response })
    }
}

#[wasm_bindgen]
impl PageAnswer {
    /// The status.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// How many milliseconds later the answer is to arrive.
    #[wasm_bindgen(getter)]
    pub fn delay(&self) -> u32 {
        let delay = self.response.extensions().get();
        delay.map_or(0, |Delay(delay)| delay.as_millis().try_into().unwrap_or(u32::MAX))
    }

    /// Names and values in turn.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> Vec<String> {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        self.response.headers().iter().flat_map(|(name, value)| [name.to_string(), text(value)]).collect()
    }

    /// The body.
    #[wasm_bindgen(getter)]
    pub fn body(&self) -> Vec<u8> {
        self.response.body().clone()
    }
}

fn moment(milliseconds: f64) -> OffsetDateTime {
    let nanoseconds = milliseconds as i128 * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn main() {}
