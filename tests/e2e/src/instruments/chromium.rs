//! Chromium's own commands.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};

use super::{Said, Sent};

pub async fn console(client: &Client) -> Vec<Said> {
    let log = log(client, "browser").await;
    let said = log.iter().filter_map(|entry| {
        Some(Said { is_error: entry["level"] == "SEVERE", text: entry["message"].as_str()?.to_owned() })
    });
    said.collect()
}

pub async fn sent(client: &Client) -> Vec<Sent> {
    let log = log(client, "performance").await;
    let requests = log.iter().filter_map(|entry| {
        let message: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
        let message = &message["message"];
        let request = &message["params"]["request"];
        let is_request = message["method"] == "Network.requestWillBeSent";
        let text = |field: &str| request[field].as_str().unwrap_or_default().to_owned();
        is_request.then(|| Sent {
            address: text("url"),
            fragment: text("urlFragment"),
            body: text("postData"),
        })
    });
    requests.collect()
}

pub async fn set_offline(client: &Client, offline: bool) {
    let conditions = json!({ "offline": offline, "latency": 0, "throughput": -1 });
    let conditions = json!({ "network_conditions": conditions });
    own(client, "chromium/network_conditions", conditions).await;
}

pub async fn before_each_document(client: &Client, script: &str) {
    devtools(client, "Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
}

pub async fn set_viewport(client: &Client, width: u32, height: u32) {
    let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    devtools(client, "Emulation.setDeviceMetricsOverride", size).await;
}

pub async fn prefer_reduced_motion(client: &Client) {
    let features = json!([{ "name": "prefers-reduced-motion", "value": "reduce" }]);
    devtools(client, "Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

pub async fn show_as_printed(client: &Client) {
    devtools(client, "Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
}

async fn log(client: &Client, kind: &str) -> Vec<Value> {
    own(client, "se/log", json!({ "type": kind })).await.as_array().cloned().unwrap_or_default()
}

async fn devtools(client: &Client, command: &str, parameters: Value) {
    own(client, "goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
}

async fn own(client: &Client, path: &'static str, body: Value) -> Value {
    let shown = format!("{path} {body}");
    let done = client.issue_cmd(Own(path, body)).await;
    done.unwrap_or_else(|error| panic!("{shown}: {error}"))
}

/// `POST /session/{id}/{path}`
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}
