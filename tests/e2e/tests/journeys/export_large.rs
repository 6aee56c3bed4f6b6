//! Ten thousand runs with two gigabytes of files, taken out by a page whose memory is watched meanwhile.

use std::fs;
use std::time::{Duration, Instant};

use azimuth_e2e::{Page, ServerOptions, Stage, World, journey, renderer_memory};

use crate::export_compared::{begin_with_everything, compare, downloaded, still};
use crate::sign_in::sign_in;

const WORKSPACE: &str =
    "subscriptions/1a76e000-0a5e-4f0e-8f1a-0d0f10a7e500/resourceGroups/courier-rg/workspaces/archive";
const LONGEST: Duration = Duration::from_secs(40 * 60);
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// The files of the runs, without anything else.
const LEAST: u64 = 2_000_000_000;
/// What the second half may take more than the first at most: a hundredth of what passes through.
const MOST_GROWTH: u64 = 20_000_000;
/// The browser collects what is dropped when it wants to, and keeps answers for the driver; this is a third of what passes
/// through in half of the time.
const MOST_RENDERER_GROWTH: u64 = 400_000_000;

/// How much memory the page takes.
#[derive(Clone, Copy, Default)]
struct Memory {
    wasm: u64,
    renderer: u64,
}

#[test]
#[ignore = "takes ten minutes: cargo xtask test --large"]
fn ten_thousand_runs_and_two_gigabytes_leave_the_memory_flat() {
    let options = ServerOptions { world: World::Archive, ..still() };
    journey(Stage::azure_with(options).lasting(LONGEST), async |page| {
        page.open(&format!("#/{WORKSPACE}/data")).await;
        sign_in(&page).await;
        let page = page.patient(Duration::from_secs(60));
        begin_with_everything(&page).await;
        let began = Instant::now();
        let seen = watch(&page).await;
        let zip = downloaded(&page).await;
        let after = memory(&page).await;
        let size = fs::metadata(&zip).unwrap().len();
        let [first, second] = [0..seen.len() / 2, seen.len() / 2..seen.len()].map(|half| most(&seen[half]));
        println!("{size} bytes in {} s; most of the memory, in bytes:", began.elapsed().as_secs());
        for (when, memory) in [("first half", first), ("second half", second), ("after the zip", after)] {
            println!("    {when:<14} wasm {:>12}  renderer {:>12}", memory.wasm, memory.renderer);
        }
        assert!(size > LEAST, "the zip has {size} bytes");
        let last = most(&[second, after]);
        assert!(last.wasm < first.wasm + MOST_GROWTH, "the module grew");
        assert!(last.renderer < first.renderer + MOST_RENDERER_GROWTH, "the tab grew");
        compare(&page, WORKSPACE, &zip, &[]);
    });
}

/// The memory of the page every few seconds, until everything was had.
async fn watch(page: &Page) -> Vec<Memory> {
    let mut seen = Vec::new();
    let mut looked = Instant::now();
    page.patient(LONGEST)
        .wait("the end of the export", async || {
            if looked.elapsed() < LOOK_AGAIN_AFTER {
                return false;
            }
            looked = Instant::now();
            seen.push(memory(page).await);
            page.names("button").await.iter().any(|name| name == "Save the zip")
        })
        .await;
    seen
}

async fn memory(page: &Page) -> Memory {
    Memory { wasm: page.wasm_memory().await, renderer: renderer_memory() }
}

fn most(seen: &[Memory]) -> Memory {
    let most = |of: fn(&Memory) -> u64| seen.iter().map(of).max().unwrap_or_default();
    Memory { wasm: most(|memory| memory.wasm), renderer: most(|memory| memory.renderer) }
}
