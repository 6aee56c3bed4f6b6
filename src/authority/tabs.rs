//! Tabs of the same site tell each other when somebody signs out.

use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

const CHANNEL: &str = "azimuth.session";
const SIGNED_OUT: &str = "signed out";

/// Tells the other tabs.
pub fn tell_signed_out() {
    if let Ok(channel) = BroadcastChannel::new(CHANNEL) {
        let _ = channel.post_message(&JsValue::from_str(SIGNED_OUT));
        channel.close();
    }
}

/// Hears of it from the other tabs, for as long as the page is there.
pub fn on_signed_out(act: impl Fn() + 'static) {
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else { return };
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        if event.data().as_string().as_deref() == Some(SIGNED_OUT) {
            act();
        }
    });
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // A channel that nobody refers to hears nothing more, so both stay as long as the page.
    heard.forget();
    std::mem::forget(channel);
}
