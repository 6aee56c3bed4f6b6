//! Everything that can be said about the code without running it.

use crate::process::{self, Steps, cargo, run};
use crate::{invariants, tools};

pub fn check() -> Result<(), String> {
    let mut steps = Steps::new();
    steps.step("tools", || {
        tools::wasm_target()?;
        tools::cargo_deny()
    })?;
    steps.step("format", || run(&mut cargo(["fmt", "--all", "--check"])))?;
    steps.step("invariants", invariants::hold)?;
    steps.step("lints for the host", || {
        clippy(&["--workspace", "--all-targets"])?;
        clippy(&["--package", "xtask", "--bin", "site", "--tests", "--features", "site"])?;
        clippy(&["--package", "xtask", "--bin", "bench", "--features", "bench"])?;
        clippy(&["--package", "azimuth-simulator"])?;
        clippy(&["--package", "azimuth-simulator", "--all-targets", "--features", "full"])
    })?;
    steps.step("lints for wasm", || {
        clippy(&["--package", "azimuth", "--lib", "--bins", "--tests", "--target", tools::WASM])
    })?;
    steps.step("licences, bans and sources", || {
        run(tools::tool("cargo-deny").args(["check", "licenses", "bans", "sources"]))
    })?;
    steps.step("advisories", advisories)?;
    steps.print();
    Ok(())
}

fn clippy(selection: &[&str]) -> Result<(), String> {
    let mut command = cargo(["clippy", "--quiet", "--locked"]);
    run(command.args(selection).args(["--", "--deny", "warnings"]))
}

/// The database of advisories is a repository of its own, which some networks do not let through.
fn advisories() -> Result<(), String> {
    if process::output(tools::tool("cargo-deny").args(["fetch", "db"])).is_none() {
        eprintln!("advisories: skipped (database not reachable)");
        return Ok(());
    }
    run(tools::tool("cargo-deny").args(["check", "advisories"]))
}
