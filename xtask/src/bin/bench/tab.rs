//! A page in a context of its own: nothing is cached, nothing is remembered.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;

const LIBRARY: &str = include_str!("page.js");
const MEMORY: &str = include_str!("memory.js");

/// What the network lets through.
#[derive(Clone, Copy)]
pub struct Network {
    pub name: &'static str,
    /// Bits per second down and up, and milliseconds to and fro; nothing where nothing holds it back.
    pub limits: Option<(f64, f64, f64)>,
}

pub const LOCAL: Network = Network { name: "local", limits: None };
/// As the others were measured.
pub const FAST_4G: Network = Network { name: "fast 4G", limits: Some((9.0e6, 1.5e6, 60.0)) };

pub struct Tab<'a> {
    pub browser: &'a mut Browser,
    context: String,
    session: String,
}

impl Tab<'_> {
    pub fn open(browser: &mut Browser, network: Network) -> Result<Tab<'_>, String> {
        let made = browser.call(None, "Target.createBrowserContext", json!({}))?;
        let context = text(&made, "browserContextId")?;
        let parameters = json!({ "url": "about:blank", "browserContextId": context });
        let target = text(&browser.call(None, "Target.createTarget", parameters)?, "targetId")?;
        let parameters = json!({ "targetId": target, "flatten": true });
        let session = text(&browser.call(None, "Target.attachToTarget", parameters)?, "sessionId")?;
        let mut tab = Tab { browser, context, session };
        for domain in ["Page.enable", "Network.enable", "Runtime.enable", "Performance.enable"] {
            tab.call(domain, json!({}))?;
        }
        let size = json!({ "width": 1440, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        tab.call("Emulation.setDeviceMetricsOverride", size)?;
        tab.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }))?;
        tab.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": LIBRARY }))?;
        if let Some((down, up, latency)) = network.limits {
            let conditions = json!({
                "offline": false,
                "latency": latency,
                "downloadThroughput": down / 8.0,
                "uploadThroughput": up / 8.0,
            });
            tab.call("Network.emulateNetworkConditions", conditions)?;
        }
        Ok(tab)
    }

    /// From now on the page's wasm memories are seen.
    pub fn watch_memory(&mut self) -> Result<(), String> {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": MEMORY })).map(drop)
    }

    pub fn call(&mut self, method: &str, parameters: Value) -> Result<Value, String> {
        self.browser.call(Some(&self.session), method, parameters)
    }

    pub fn go_to(&mut self, address: &str) -> Result<(), String> {
        self.call("Page.navigate", json!({ "url": address })).map(drop)
    }

    /// The value of an expression, waited for.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value, String> {
        let parameters = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self
            .call("Runtime.evaluate", parameters)
            .map_err(|message| format!("`{expression}`: {message}"))?;
        match &answer["exceptionDetails"] {
            Value::Null => Ok(answer["result"]["value"].clone()),
            failure => {
                let words = failure["exception"]["description"].as_str().unwrap_or("it failed");
                Err(format!("`{expression}`: {words}"))
            }
        }
    }

    /// A number that an expression gives.
    pub fn number(&mut self, expression: &str) -> Result<f64, String> {
        self.evaluate(expression)?.as_f64().ok_or_else(|| format!("`{expression}` is no number"))
    }

    /// Lets the page come to rest.
    pub fn rest(&mut self) {
        self.browser.events(Duration::from_secs(2));
    }

    /// The wheel over the middle of the table, at a steady pace.
    pub fn scroll(&mut self, pixels: f64, pixels_per_second: f64) -> Result<(), String> {
        let middle = self.evaluate("bench.middleOfTable()")?;
        let gesture = json!({
            "x": middle["x"],
            "y": middle["y"],
            "yDistance": -pixels,
            "speed": pixels_per_second,
            "gestureSourceType": "mouse",
        });
        self.call("Input.synthesizeScrollGesture", gesture).map(drop)
    }

    pub fn type_text(&mut self, text: &str, pause: Duration) -> Result<(), String> {
        for letter in text.chars() {
            self.call("Input.insertText", json!({ "text": letter.to_string() }))?;
            std::thread::sleep(pause);
        }
        Ok(())
    }
}

impl Drop for Tab<'_> {
    fn drop(&mut self) {
        // The next page starts in a context of its own in any case.
        let context = json!({ "browserContextId": self.context });
        let _ = self.browser.call(None, "Target.disposeBrowserContext", context);
        self.browser.events(Duration::ZERO);
    }
}

fn text(answer: &Value, field: &str) -> Result<String, String> {
    answer[field].as_str().map(str::to_owned).ok_or_else(|| format!("{field} is missing in {answer}"))
}
