//! The measures themselves.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::tab::{LOCAL, Network, Tab};

/// What stands for every measure.
pub struct Stage<'a> {
    pub site: String,
    pub token: String,
    pub browser: &'a mut Browser,
}

/// A page that was opened: milliseconds, and what went over the network until the first row.
#[derive(Clone)]
pub struct Load {
    /// From opening the link until a token can be handed in.
    pub sign_in: f64,
    /// From handing it in to the first row.
    pub rows: f64,
    pub requests: usize,
    pub bytes: u64,
}

/// What was seen of a page that was worked with.
pub struct Watched {
    /// Median, 95th percentile, most: milliseconds of processor time of the main thread per frame.
    pub work: [f64; 3],
    /// The same by the clock, so with what other processes take from it.
    pub elapsed: [f64; 3],
    pub frames: [f64; 3],
    /// As the page says it.
    pub rows_loaded: String,
    pub elements_first: f64,
    pub elements: f64,
    pub nodes_first: f64,
    pub nodes: f64,
    pub heap: u64,
    pub wasm: u64,
    pub private: Option<u64>,
    /// Milliseconds; nothing where the page has no such filter.
    pub text_filter: Option<f64>,
    pub service_filter: Option<f64>,
    /// Requests and bytes.
    pub refresh: (usize, u64),
    pub minute: (usize, u64),
}

/// How fast the wheel turns: more than a hundred rows a second.
const PIXELS_PER_SECOND: f64 = 4_000.0;
const SCROLL_SECONDS: f64 = 5.0;
const MINUTE: Duration = Duration::from_secs(60);
/// Requests that are closer together belong to one refresh.
const SAME_REFRESH_SECONDS: f64 = 0.7;

impl Stage<'_> {
    /// The median of some loads.
    pub fn load(&mut self, address: &str, network: Network, count: usize) -> Result<Load, String> {
        let mut loads = Vec::new();
        for _ in 0..count.max(1) {
            let mut tab = Tab::open(self.browser, network)?;
            let load = sign_in(&mut tab, &format!("{}{address}", self.site), &self.token)?;
            loads.push(load);
        }
        loads.sort_by(|left, right| (left.sign_in + left.rows).total_cmp(&(right.sign_in + right.rows)));
        Ok(loads.swap_remove(loads.len() / 2))
    }

    /// Works with a page: scrolls, filters, leaves it alone.
    pub fn watch(&mut self, address: &str) -> Result<Watched, String> {
        let mut tab = Tab::open(self.browser, LOCAL)?;
        tab.watch_memory()?;
        sign_in(&mut tab, &format!("{}{address}", self.site), &self.token)?;
        tab.rest();
        let first = tab.evaluate("bench.nodes()")?;
        let [work, elapsed] = scrolling_work(&mut tab)?;
        tab.evaluate("bench.frames()")?;
        tab.scroll(PIXELS_PER_SECOND * SCROLL_SECONDS, PIXELS_PER_SECOND)?;
        let frames = numbers(&tab.evaluate("bench.frames()")?);
        let frames: Vec<f64> = frames.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let after = tab.evaluate("bench.nodes()")?;
        let rows_loaded = tab.evaluate("bench.count()")?;
        tab.rest();
        for _ in 0..3 {
            tab.call("HeapProfiler.collectGarbage", json!({}))?;
        }
        let heap = tab.call("Runtime.getHeapUsage", json!({}))?["usedSize"].as_f64().unwrap_or_default();
        let wasm =
            tab.number("[...wasmMemories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0)")?;
        let private = tab.browser.renderer_private_bytes();
        tab.evaluate("bench.toTop()")?;
        tab.rest();
        let text_filter = text_filter(&mut tab)?;
        let service_filter = service_filter(&mut tab)?;
        tab.rest();
        let bursts = bursts(&tab.browser.events(MINUTE));
        let minute = bursts.iter().fold((0, 0), |sum, burst| (sum.0 + burst.0, sum.1 + burst.1));
        Ok(Watched {
            work,
            elapsed,
            frames: summary(frames),
            rows_loaded: rows_loaded.as_str().unwrap_or_default().to_owned(),
            elements_first: number(&first["elements"]),
            elements: number(&after["elements"]),
            nodes_first: number(&first["nodes"]),
            nodes: number(&after["nodes"]),
            heap: heap as u64,
            wasm: wasm as u64,
            private,
            text_filter,
            service_filter,
            refresh: typical(bursts),
            minute,
        })
    }
}

fn sign_in(tab: &mut Tab<'_>, address: &str, token: &str) -> Result<Load, String> {
    tab.go_to(address)?;
    let times = tab.evaluate(&format!("bench.signIn({})", json!(token)))?;
    let requests = bursts(&tab.browser.events(Duration::from_millis(300)));
    let (requests, bytes) = requests.iter().fold((0, 0), |sum, burst| (sum.0 + burst.0, sum.1 + burst.1));
    Ok(Load { sign_in: number(&times["signIn"]), rows: number(&times["rows"]), requests, bytes })
}

/// The main thread's work in each frame while the table is scrolled, by the processor's time and by the clock's: all
/// tasks behind the one that commits a frame, up to and with the one that commits the next.
fn scrolling_work(tab: &mut Tab<'_>) -> Result<[[f64; 3]; 2], String> {
    let categories =
        ["devtools.timeline", "disabled-by-default-devtools.timeline", "devtools.timeline.frame"];
    let configuration = json!({ "recordMode": "recordAsMuchAsPossible", "includedCategories": categories });
    let parameters = json!({ "transferMode": "ReportEvents", "traceConfig": configuration });
    tab.browser.call(None, "Tracing.start", parameters)?;
    tab.scroll(PIXELS_PER_SECOND * SCROLL_SECONDS, PIXELS_PER_SECOND)?;
    tab.browser.call(None, "Tracing.end", json!({}))?;
    let told = tab.browser.events_until("Tracing.tracingComplete")?;
    let parts = told.iter().filter(|event| event["method"] == "Tracing.dataCollected");
    let events: Vec<&Value> =
        parts.flat_map(|event| event["params"]["value"].as_array().into_iter().flatten()).collect();
    Ok([summary(work_per_frame(&events, "tdur")?), summary(work_per_frame(&events, "dur")?)])
}

fn work_per_frame(events: &[&Value], measure: &str) -> Result<Vec<f64>, String> {
    let is_main =
        |event: &&&Value| event["name"] == "thread_name" && event["args"]["name"] == "CrRendererMain";
    let threads = events.iter().filter(is_main).map(|event| (&event["pid"], &event["tid"]));
    let of = |thread: (&Value, &Value), name: &str| -> Vec<(f64, f64, f64)> {
        let mine =
            events.iter().filter(|event| (&event["pid"], &event["tid"]) == thread && event["name"] == name);
        let mut spans: Vec<(f64, f64, f64)> = mine
            .map(|event| (number(&event["ts"]), number(&event["dur"]), number(&event[measure])))
            .collect();
        spans.sort_by(|left, right| left.0.total_cmp(&right.0));
        spans
    };
    // The page's own: there may be a renderer in reserve.
    let thread =
        threads.max_by_key(|thread| of(*thread, "RunTask").len()).ok_or("the trace has no main thread")?;
    let commits = of(thread, "BeginCommitCompositorFrame");
    let (mut frames, mut frame) = (Vec::new(), 0.0);
    for (begin, length, measured) in of(thread, "RunTask") {
        frame += measured / 1_000.0;
        if commits.iter().any(|(commit, ..)| (begin..=begin + length).contains(commit)) {
            frames.push(std::mem::take(&mut frame));
        }
    }
    if frames.is_empty() { Err("the trace has no frames".to_owned()) } else { Ok(frames) }
}

/// A text that only some of the loaded rows have, typed into the box.
fn text_filter(tab: &mut Tab<'_>) -> Result<Option<f64>, String> {
    if tab.evaluate("bench.focusFilter()").is_err() {
        return Ok(None);
    }
    let text = "harbour";
    tab.type_text(&text[..text.len() - 1], Duration::from_millis(80))?;
    tab.rest();
    // The last key is typed by the page's own clock.
    let took = tab.number(&format!(
        "(async () => {{
            const input = document.activeElement;
            const waited = bench.until(() => bench.texts().length > 0 && input.value === '{text}'
                && bench.texts().every((text) => text.includes('{text}')));
            document.execCommand('insertText', false, '{}');
            return waited;
        }})()",
        &text[text.len() - 1..]
    ))?;
    tab.evaluate("document.activeElement.select(); document.execCommand('delete')")?;
    tab.rest();
    Ok(Some(took))
}

/// A state that the service is asked for, by the address.
fn service_filter(tab: &mut Tab<'_>) -> Result<Option<f64>, String> {
    let took = tab.number(
        "(async () => {
            const waited = bench.until(() => bench.texts().length > 0
                && bench.texts().every((text) => text.includes('Failed')));
            location.hash = location.hash.split('?')[0] + '?status=Failed';
            return waited;
        })()",
    )?;
    tab.evaluate("history.back()")?;
    Ok(Some(took))
}

/// Requests, with the bytes of their answers as they were on the wire, in bursts. Preflights are not counted: they are the
/// browser's own, and how long one holds is the service's affair.
fn bursts(events: &[Value]) -> Vec<(usize, u64)> {
    let mut bursts: Vec<(usize, u64)> = Vec::new();
    let mut last = f64::NEG_INFINITY;
    for event in events {
        let parameters = &event["params"];
        match event["method"].as_str() {
            Some("Network.requestWillBeSent") if parameters["request"]["method"] != "OPTIONS" => {
                let time = number(&parameters["timestamp"]);
                if time - last > SAME_REFRESH_SECONDS {
                    bursts.push((0, 0));
                }
                last = time;
                if let Some(burst) = bursts.last_mut() {
                    burst.0 += 1;
                }
            }
            Some("Network.loadingFinished") => {
                if let Some(burst) = bursts.last_mut() {
                    burst.1 += number(&parameters["encodedDataLength"]) as u64;
                }
            }
            _ => {}
        }
    }
    bursts
}

/// The burst in the middle by its bytes.
fn typical(mut bursts: Vec<(usize, u64)>) -> (usize, u64) {
    bursts.sort_by_key(|burst| burst.1);
    bursts.get(bursts.len() / 2).copied().unwrap_or_default()
}

/// Median, 95th percentile, most.
fn summary(mut numbers: Vec<f64>) -> [f64; 3] {
    numbers.sort_by(f64::total_cmp);
    let at = |share: f64| {
        numbers.get(((numbers.len() as f64 * share) as usize).min(numbers.len().saturating_sub(1)))
    };
    [0.5, 0.95, 1.0].map(|share| at(share).copied().unwrap_or_default())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_summed_from_one_frame_to_the_next() {
        let event = |thread: u64, name: &str, begin: f64, length: f64| json!({ "pid": 1, "tid": thread, "name": name, "ts": begin, "dur": length, "tdur": length / 2.0 });
        let commit = "BeginCommitCompositorFrame";
        let events = [
            json!({ "pid": 1, "tid": 7, "name": "thread_name", "args": { "name": "CrRendererMain" } }),
            event(7, "RunTask", 10_000.0, 2_000.0),
            event(7, "RunTask", 13_000.0, 1_500.0),
            event(7, commit, 14_400.0, 0.0),
            event(8, "RunTask", 14_000.0, 99_000.0),
            event(7, "RunTask", 30_000.0, 4_000.0),
            event(7, commit, 33_900.0, 0.0),
            event(7, "RunTask", 50_000.0, 1_000.0),
        ];
        let events: Vec<&Value> = events.iter().collect();
        assert_eq!(work_per_frame(&events, "dur"), Ok(vec![3.5, 4.0]));
        assert_eq!(work_per_frame(&events, "tdur"), Ok(vec![1.75, 2.0]));
        assert!(work_per_frame(&[], "dur").is_err());
    }

    #[test]
    fn a_summary_has_the_middle_the_end_and_the_most() {
        assert_eq!(summary((1..=100).map(f64::from).collect()), [51.0, 96.0, 100.0]);
        assert_eq!(summary(Vec::new()), [0.0; 3]);
    }

    #[test]
    fn requests_that_are_close_together_are_one_refresh() {
        let sent =
            |time: f64| json!({ "method": "Network.requestWillBeSent", "params": { "timestamp": time } });
        let done = |bytes: u64| json!({ "method": "Network.loadingFinished", "params": { "encodedDataLength": bytes } });
        let events =
            [sent(1.0), done(10), sent(1.5), done(20), sent(6.0), done(5), json!({ "method": "Other" })];
        let bursts = bursts(&events);
        assert_eq!(bursts, [(2, 30), (1, 5)]);
        assert_eq!(typical(bursts), (2, 30));
    }
}
