//! Pages in a headless browser, over the simulator.

#![cfg(target_arch = "wasm32")]

mod addresses;
mod changes;
mod compare;
mod delays;
mod demo;
mod diagnostics;
mod erase;
mod export;
mod failures;
mod files;
mod inventory;
mod leaving;
mod metrics;
mod page;
mod palette;
mod pipelines;
mod private_files;
mod relay;
mod requests;
mod run;
mod runs;
mod sign_in;
mod submit;
mod tabs;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
