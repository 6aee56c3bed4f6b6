//! How much memory a page takes.

use std::fs;

use crate::page::Page;

/// How deep a renderer is below this process: the driver, the browser, its zygotes.
const DEEPEST: usize = 8;

impl Page {
    /// How many bytes the page's module has; it never shrinks, so this is the most it ever had.
    pub async fn wasm_memory(&self) -> u64 {
        // The module is the one that runs: a second import of the same address is the same module, and once started it
        // hands out what it has.
        let script = "const { js } = document.querySelector('script[data-js]').dataset; \
            const module = await import(new URL(js, document.baseURI)); \
            return (await module.default()).memory.buffer.byteLength;";
        let bytes = self.evaluate_waiting(script).await;
        bytes.as_u64().unwrap_or_else(|| panic!("the module could not be asked: {bytes}"))
    }
}

/// The bytes that belong to the largest renderer of this process's browsers alone. The system has to be Linux.
pub fn renderer_memory() -> u64 {
    let processes = fs::read_dir("/proc").expect("the system tells of processes").flatten();
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    let renderers = numbers.filter(|process| is_renderer(*process) && is_below_this(*process));
    renderers.filter_map(private_bytes).max().expect("a browser has a renderer")
}

fn is_renderer(process: u32) -> bool {
    fs::read(format!("/proc/{process}/cmdline"))
        .is_ok_and(|line| String::from_utf8_lossy(&line).contains("--type=renderer"))
}

fn is_below_this(process: u32) -> bool {
    let parents = std::iter::successors(Some(process), |process| parent(*process));
    parents.take(DEEPEST).any(|process| process == std::process::id())
}

fn parent(process: u32) -> Option<u32> {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of a program may hold anything; what follows it is its state, and then its parent.
    told.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn private_bytes(process: u32) -> Option<u64> {
    let told = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let lines = told.lines().filter(|line| line.starts_with("Private_"));
    let kilobytes = lines.filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    Some(1024 * kilobytes.sum::<u64>())
}
