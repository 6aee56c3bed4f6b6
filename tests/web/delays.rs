//! How long an answer of the demo takes.

use std::time::Duration;

use azimuth::transport::simulated::arrival;
use wasm_bindgen_test::wasm_bindgen_test;

async fn milliseconds_until_arrival(delay: Duration) -> f64 {
    let started = js_sys::Date::now();
    arrival(delay).await.expect("a network would have waited as long");
    js_sys::Date::now() - started
}

#[wasm_bindgen_test]
async fn an_answer_arrives_when_the_simulator_says() {
    let waited = milliseconds_until_arrival(Duration::from_millis(400)).await;
    assert!(waited > 390.0, "{waited} ms");
    let waited = milliseconds_until_arrival(Duration::ZERO).await;
    assert!(waited < 200.0, "{waited} ms");
}
