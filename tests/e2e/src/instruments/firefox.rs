//! Firefox over WebDriver BiDi ([reference]), and with its own scripts where that has no command yet.
//!
//! [reference]: https://w3c.github.io/webdriver-bidi/

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Said, Sent};

/// Of bodies of requests, in bytes. Projects are larger, and are kept by nobody.
const MOST_KEPT: u32 = 1024 * 1024;

/// What the console has of refusals: of the content policy, of other origins, of scripts that are not what they were. Events
/// tell of errors in scripts and of what scripts write alone.
const REFUSALS: &str = "
const found = Services.console.getMessageArray().flatMap((message) => {
  if (!(message instanceof Ci.nsIScriptError) || !message.innerWindowID || message.isFromChromeContext) return [];
  const { category, errorMessage, flags, sourceName } = message;
  if (category === 'content javascript') return [];
  const isError = !(flags & Ci.nsIScriptError.warningFlag);
  return [{ isError, text: `${category}: ${errorMessage} (${sourceName})` }];
});
Services.console.reset();
return found;";

/// The connection, and what came over it that nobody has asked for yet. It is read while an answer is waited for: whatever
/// came about before a command comes before its answer.
pub struct Firefox {
    client: Client,
    connection: Mutex<Connection>,
}

struct Connection {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last: u64,
    said: Vec<Said>,
    requests: Vec<Value>,
}

impl Firefox {
    pub async fn connect(client: Client) -> Firefox {
        let address = client.capabilities().and_then(|all| all["webSocketUrl"].as_str());
        let address = address.expect("Firefox says where its events are");
        let (socket, _) = connect_async(address).await.expect("Firefox is listened to");
        let connection = Connection { socket, last: 0, said: Vec::new(), requests: Vec::new() };
        let firefox = Firefox { client, connection: Mutex::new(connection) };
        let events = json!({ "events": ["log.entryAdded", "network.beforeRequestSent"] });
        firefox.command("session.subscribe", events).await;
        let bodies = json!({ "dataTypes": ["request"], "maxEncodedDataSize": MOST_KEPT });
        firefox.command("network.addDataCollector", bodies).await;
        firefox
    }

    pub async fn console(&self) -> Vec<Said> {
        let refusals = self.with_system_access(REFUSALS).await;
        let refusals = refusals.as_array().cloned().unwrap_or_default();
        let refusals = refusals.iter().filter_map(|refusal| {
            Some(Said { is_error: refusal["isError"] == true, text: refusal["text"].as_str()?.to_owned() })
        });
        let mut said = std::mem::take(&mut self.up_to_now().await.said);
        said.extend(refusals);
        said
    }

    pub async fn sent(&self) -> Vec<Sent> {
        let requests = std::mem::take(&mut self.up_to_now().await.requests);
        let mut sent = Vec::new();
        for request in &requests {
            let address = request["url"].as_str().unwrap_or_default();
            let (address, fragment) = address.split_at(address.find('#').unwrap_or(address.len()));
            let has_body = request["bodySize"].as_u64().is_some_and(|size| size > 0);
            let body = if has_body { self.body(request).await } else { String::new() };
            sent.push(Sent { address: address.to_owned(), fragment: fragment.to_owned(), body });
        }
        sent
    }

    pub async fn set_offline(&self, offline: bool) {
        let conditions = if offline { json!({ "type": "offline" }) } else { Value::Null };
        let windows = self.client.windows().await.expect("the browser has windows");
        let windows: Vec<String> = windows.into_iter().map(String::from).collect();
        let all = json!({ "networkConditions": conditions, "contexts": windows });
        self.command("emulation.setNetworkConditions", all).await;
    }

    pub async fn before_each_document(&self, script: &str) {
        let function = json!({ "functionDeclaration": format!("() => {{ {script} }}") });
        self.command("script.addPreloadScript", function).await;
    }

    /// What the driver runs has modules of its own; this runs in the page.
    pub async fn evaluate_waiting(&self, script: &str) -> Value {
        let window = self.client.window().await.expect("the browser has a window");
        let whole = format!(
            "async () => JSON.stringify(await (async () => {{ {script} }})().catch(String)) ?? 'null'"
        );
        let function = json!({
            "functionDeclaration": whole,
            "awaitPromise": true,
            "target": { "context": String::from(window) },
        });
        let done = self.command("script.callFunction", function).await;
        let text = done["result"]["value"].as_str().unwrap_or_else(|| panic!("{script}: {done}"));
        serde_json::from_str(text).expect("what was written as JSON can be read")
    }

    pub async fn set_viewport(&self, width: u32, height: u32) {
        let window = self.client.window().await.expect("the browser has a window");
        let viewport = json!({ "width": width, "height": height });
        self.command(
            "browsingContext.setViewport",
            json!({ "context": String::from(window), "viewport": viewport }),
        )
        .await;
    }

    pub async fn prefer_reduced_motion(&self) {
        self.with_system_access("Services.prefs.setIntPref('ui.prefersReducedMotion', 1);").await;
    }

    pub async fn show_as_printed(&self) {
        self.with_system_access("gBrowser.selectedBrowser.browsingContext.mediumOverride = 'print';").await;
    }

    /// The connection, once everything is read that came about before.
    async fn up_to_now(&self) -> MutexGuard<'_, Connection> {
        self.command("session.status", json!({})).await;
        self.connection.lock().await
    }

    async fn body(&self, request: &Value) -> String {
        let which = json!({ "dataType": "request", "request": request["request"] });
        // What is larger than is kept is not a text that somebody looks for.
        let data = self.try_command("network.getData", which).await.unwrap_or_default();
        let is_text = data["bytes"]["type"] == "string";
        let text = data["bytes"]["value"].as_str().filter(|_| is_text);
        text.unwrap_or_default().to_owned()
    }

    async fn command(&self, method: &str, parameters: Value) -> Value {
        let done = self.try_command(method, parameters).await;
        done.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn try_command(&self, method: &str, parameters: Value) -> Result<Value, String> {
        let mut connection = self.connection.lock().await;
        connection.last += 1;
        let id = connection.last;
        let command = json!({ "id": id, "method": method, "params": parameters });
        let sent = connection.socket.send(Message::text(command.to_string())).await;
        sent.map_err(|error| error.to_string())?;
        loop {
            let message = connection.socket.next().await.ok_or("Firefox has gone")?;
            let Message::Text(text) = message.map_err(|error| error.to_string())? else { continue };
            let message: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            if message["id"] == id {
                return match message["type"].as_str() {
                    Some("success") => Ok(message["result"].clone()),
                    _ => Err(format!("{}: {}", message["error"], message["message"])),
                };
            }
            connection.take(&message);
        }
    }

    /// What a script of the browser itself returns.
    async fn with_system_access(&self, script: &str) -> Value {
        self.client.issue_cmd(SystemAccess(true)).await.expect("Firefox was started with system access");
        let found = self.client.execute(script, Vec::new()).await;
        self.client.issue_cmd(SystemAccess(false)).await.expect("Firefox goes back to the page");
        found.unwrap_or_else(|error| panic!("{script}: {error}"))
    }
}

impl Connection {
    fn take(&mut self, event: &Value) {
        let about = &event["params"];
        match event["method"].as_str() {
            Some("log.entryAdded") => self.said.push(Said {
                is_error: about["level"] == "error",
                text: about["text"].as_str().unwrap_or_default().to_owned(),
            }),
            Some("network.beforeRequestSent") => self.requests.push(about["request"].clone()),
            _ => {}
        }
    }
}

/// `POST /session/{id}/moz/context`: whether scripts are the browser's own, or the page's.
#[derive(Debug)]
struct SystemAccess(bool);

impl WebDriverCompatibleCommand for SystemAccess {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/moz/context", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let context = if self.0 { "chrome" } else { "content" };
        (http::Method::POST, Some(json!({ "context": context }).to_string()))
    }
}
