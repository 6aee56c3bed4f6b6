//! Measures the built site against the simulator's world with many runs, and prints what it finds.

mod browser;
mod measures;
mod peers;
mod tab;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use azimuth_simulator::{CLIENT_ID, CLIENT_SECRET, TENANT, World};
use azimuth_simulator_http::{Role, Running, ServerOptions, SiteOptions, serve_site, start};
use serde_json::Value;

use crate::browser::Browser;
use crate::measures::{Load, Stage};
use crate::tab::{FAST_4G, LOCAL};

const WORKSPACE: &str =
    "#/subscriptions/1a76e000-0a5e-4f0e-8f1a-0d0f10a7e500/resourceGroups/courier-rg/workspaces/deliveries";
const MANY: &str = "arrival-time";
const THOUSAND: &str = "parcel-weight";
const LOADS: usize = 5;

/// What is promised.
const MOST_WORK_PER_FRAME: f64 = 8.0;
const MOST_NODES: f64 = 5_000.0;

fn main() -> ExitCode {
    match bench() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("bench: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every promise is held.
fn bench() -> Result<bool, String> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("bench FOLDER [--loads N]")?;
    let loads = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => LOADS,
        (Some("--loads"), Some(number)) => number.parse().map_err(|_| format!("{number} is no number"))?,
        (Some(other), _) => return Err(format!("there is no option {other}")),
    };
    let simulator = start(ServerOptions { world: World::Large, ..ServerOptions::default() })?;
    let site = serve_site(SiteOptions::new(folder).with_config(simulator.config_json()))?;
    let mut browser = Browser::start()?;
    let mut stage =
        Stage { site: site.address().to_owned(), token: token(&simulator)?, browser: &mut browser };
    let address = |experiment: &str| format!("{WORKSPACE}/experiments/{experiment}");
    let mut promises = Vec::new();

    heading("to the first row");
    for (experiment, runs) in [(THOUSAND, "1,000 runs"), (MANY, "100,000 runs")] {
        for network in [LOCAL, FAST_4G] {
            let load = stage.load(&address(experiment), network, loads)?;
            let theirs = match network.limits {
                None => peers::FIRST_ROW_LOCAL,
                Some(_) => peers::FIRST_ROW_FAST_4G,
            };
            line(&format!("{runs}, {}", network.name), &load.to_string(), theirs);
            if network.limits.is_none() && experiment == MANY {
                line("requests until then", &load.requests.to_string(), peers::REQUESTS);
                line("bytes until then", &size(load.bytes), peers::BYTES);
            }
        }
    }
    println!(
        "    link opened → sign-in usable, plus token handed in → first row; median of {loads}, cold cache"
    );

    for (experiment, runs) in [(THOUSAND, "1,000 runs"), (MANY, "100,000 runs")] {
        let seen = stage.watch(&address(experiment))?;
        heading(runs);
        for (what, [median, p95, most]) in
            [("main thread per frame, scrolling", seen.work), ("    the same by the clock", seen.elapsed)]
        {
            line(what, &format!("{median:.1} / {p95:.1} / {most:.1} ms"), peers::NONE);
        }
        let [median, p95, most] = seen.frames;
        line("frame to frame, scrolling", &format!("{median:.1} / {p95:.1} / {most:.1} ms"), peers::FRAMES);
        line("rows, after scrolling", &seen.rows_loaded, peers::NONE);
        line("elements, first page", &format!("{:.0}", seen.elements_first), peers::ELEMENTS);
        line("elements, after scrolling", &format!("{:.0}", seen.elements), peers::NONE);
        line("nodes, after scrolling", &format!("{:.0}", seen.nodes), peers::NONE);
        line("JS heap after GC", &size(seen.heap), peers::HEAP);
        line("wasm memory", &size(seen.wasm), peers::NONE);
        line("renderer, private", &seen.private.map_or("–".to_owned(), size), peers::PRIVATE);
        line("text filter, last key to rows", &seen.text_filter.map_or("–".to_owned(), time), peers::SEARCH);
        line(
            "filter of the service to rows",
            &seen.service_filter.map_or("–".to_owned(), time),
            peers::SEARCH,
        );
        let refresh = format!("{}, {}", seen.refresh.0, size(seen.refresh.1));
        line("one refresh: requests, bytes", &refresh, peers::NONE);
        let minute = format!("{}, {}", seen.minute.0, size(seen.minute.1));
        line("idle minute: requests, bytes", &minute, peers::IDLE_MINUTE);
        if experiment == MANY {
            promises.push(("main thread per frame, p95, ms", seen.work[1], MOST_WORK_PER_FRAME));
            promises.push(("nodes", seen.nodes.max(seen.nodes_first), MOST_NODES));
        }
    }
    println!(
        "    median / 95th percentile / most. Per frame: processor time of the main thread from one frame's commit to the"
    );
    println!(
        "    next, from a trace of 5 s of wheel; frame to frame: requestAnimationFrame during 5 s more of it."
    );

    heading("promises, with 100,000 runs");
    let mut all_held = true;
    for (what, seen, most) in promises {
        let is_held = seen < most;
        all_held &= is_held;
        let verdict = if is_held { "held" } else { "BROKEN" };
        println!("    {what:<34}{seen:>10.1}  below {most:>6.0}  {verdict}");
    }
    Ok(all_held)
}

fn heading(text: &str) {
    println!("\n{text:<38}{:>24}  {}", "Azimuth", peers::NAMES.map(|name| format!("{name:>20}")).join(""));
}

fn line(what: &str, ours: &str, theirs: [&str; 4]) {
    let theirs = theirs.map(|text| format!("{text:>20}")).join("");
    println!("{}", format!("    {what:<34}{ours:>24}  {theirs}").trim_end());
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        10_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn time(milliseconds: f64) -> String {
    if milliseconds < 1_000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.2} s", milliseconds / 1_000.0)
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum = time(self.sign_in + self.rows);
        write!(formatter, "{} + {} = {sum}", time(self.sign_in), time(self.rows))
    }
}

/// A token, as somebody gets one to paste.
fn token(simulator: &Running) -> Result<String, String> {
    let host = simulator.origin(Role::Login).trim_start_matches("http://");
    let secret: String = CLIENT_SECRET.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let form = format!(
        "grant_type=client_credentials&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id={CLIENT_ID}\
         &client_secret={secret}"
    );
    let request = format!(
        "POST /{TENANT}/oauth2/token HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let answer = ask(host, &request).map_err(|error| format!("the simulator: {error}"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let body = body.find('{').and_then(|begin| body.get(begin..=body.rfind('}')?)).unwrap_or_default();
    let body: Value = serde_json::from_str(body).map_err(|error| format!("{error} in {answer}"))?;
    body["access_token"].as_str().map(str::to_owned).ok_or_else(|| format!("no token in {body}"))
}

fn ask(host: &str, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
