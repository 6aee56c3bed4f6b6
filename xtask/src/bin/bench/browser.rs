//! A headless Chromium of its own, moved through the DevTools protocol over a pipe: the driver for tests hands out no
//! traces.

use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // The sandbox does not start for root, which containers often run as.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--window-size=1440,900",
];
/// Nothing that is waited for takes longer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A browser. Dropped, it ends, and its folder goes. It ends by itself too when this process does: its pipe closes.
pub struct Browser {
    process: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// What came while something else was waited for.
    events: VecDeque<Value>,
    last_id: u64,
    folder: PathBuf,
}

impl Browser {
    pub fn start() -> Result<Browser, String> {
        let folder = std::env::temp_dir().join(format!("azimuth-bench-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        // The protocol is spoken over the descriptors 3 and 4, and a shell is what puts pipes there.
        let mut process = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh", "chromium"])
            .args(ARGUMENTS)
            .arg(format!("--user-data-dir={}", folder.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Chromium did not start: {error}"))?;
        let output = process.stdout.take().ok_or("Chromium has no output")?;
        let input = process.stdin.take();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(output).split(0).map_while(Result::ok) {
                if let Ok(message) = serde_json::from_slice(&message)
                    && sender.send(message).is_err()
                {
                    return;
                }
            }
        });
        let browser = Browser { process, input, messages, events: VecDeque::new(), last_id: 0, folder };
        Ok(browser)
    }

    /// Sends a command, to the browser itself or to a tab's session, and waits for its answer.
    pub fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Result<Value, String> {
        self.last_id += 1;
        let id = self.last_id;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let input = self.input.as_mut().ok_or("Chromium has no input")?;
        input.write_all(&bytes).map_err(|error| format!("Chromium is gone: {error}"))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let message = self.next(deadline).ok_or_else(|| format!("{method} was not answered"))?;
            if message["id"] != id {
                self.events.push_back(message);
                continue;
            }
            return match &message["error"] {
                Value::Null => Ok(message["result"].clone()),
                error => Err(format!("{method}: {error}")),
            };
        }
    }

    /// What happens in the next while, and what has happened unseen.
    pub fn events(&mut self, length: Duration) -> Vec<Value> {
        let deadline = Instant::now() + length;
        while let Some(event) = self.next(deadline) {
            self.events.push_back(event);
        }
        self.events.drain(..).collect()
    }

    /// Everything up to an event.
    pub fn events_until(&mut self, method: &str) -> Result<Vec<Value>, String> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen: Vec<Value> = self.events.drain(..).collect();
        while seen.iter().all(|event| event["method"] != method) {
            seen.push(self.next(deadline).ok_or_else(|| format!("{method} did not happen"))?);
        }
        Ok(seen)
    }

    fn next(&self, deadline: Instant) -> Option<Value> {
        self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())).ok()
    }

    /// The memory that belongs to the largest renderer alone, in bytes; nothing where the system does not tell.
    pub fn renderer_private_bytes(&mut self) -> Option<u64> {
        let processes = self.call(None, "SystemInfo.getProcessInfo", json!({})).ok()?;
        let processes = processes["processInfo"].as_array()?;
        let renderers = processes.iter().filter(|process| process["type"] == "renderer");
        renderers.filter_map(|process| private_bytes(process["id"].as_u64()?)).max()
    }
}

fn private_bytes(process: u64) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let lines = text.lines().filter(|line| line.starts_with("Private_"));
    let kilobytes = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    Some(1024 * kilobytes.sum::<u64>())
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends when nobody speaks to it any more; if it does not, it is ended.
        let _ = self.call(None, "Browser.close", json!({}));
        drop(self.input.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline && matches!(self.process.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
