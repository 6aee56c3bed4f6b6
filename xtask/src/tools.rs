//! The tools that the commands need, at fixed versions, installed where they are missing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use crate::python::Python;

pub const WASM: &str = "wasm32-unknown-unknown";
const TRUNK_VERSION: &str = "0.21.14";
const WASM_SPLIT_VERSION: &str = "0.2.4";
const CARGO_DENY_VERSION: &str = "0.20.2";
const GECKODRIVER_VERSION: &str = "0.37.1";
const LIGHTHOUSE_VERSION: &str = "12.8.2";

/// What building the site needs: a compiler for wasm, Trunk, the bindgen tool of our wasm-bindgen, and the splitter.
pub fn for_the_site() -> Result<(), String> {
    prerequisites()?;
    wasm_target()?;
    install("trunk", TRUNK_VERSION, "trunk", "", "two to four minutes")?;
    install("wasm_split_cli_support", WASM_SPLIT_VERSION, "wasm-split-cli", "build-binary", "half a minute")?;
    bindgen()
}

/// Whether a program is there.
fn answers(name: &str) -> bool {
    process::output(process::program(name).arg("--version")).is_some()
}

/// What the browser tests need beside that.
pub fn for_browsers() -> Result<(), String> {
    wasm_target()?;
    bindgen()?;
    browser()?;
    axe()
}

/// What judges the dependencies.
pub fn cargo_deny() -> Result<(), String> {
    install("cargo-deny", CARGO_DENY_VERSION, "cargo-deny", "", "about a minute")
}

/// One of our tools, once it is installed.
pub fn tool(name: &str) -> Command {
    let mut command = process::program(name);
    command.env("PATH", search_path());
    command
}

pub fn wasm_target() -> Result<(), String> {
    let installed = process::output(process::program("rustc").args(["--print", "sysroot"]))
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib").join(WASM).join("lib").is_dir());
    if installed {
        return Ok(());
    }
    eprintln!("Adding the Rust target {WASM} (about half a minute).");
    process::run(process::program("rustup").args(["target", "add", WASM]))
}

/// `PATH` with our tools first.
pub fn search_path() -> OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder().join("bin")).chain(std::env::split_paths(&rest));
    std::env::join_paths(folders).unwrap_or(rest)
}

fn folder() -> PathBuf {
    process::root().join("target/tools")
}

fn prerequisites() -> Result<(), String> {
    if process::output(process::program("cc").arg("--version")).is_none() {
        return Err(
            "There is no C compiler, and Rust links with it. On Debian and Ubuntu: sudo apt-get install build-essential"
                .to_owned(),
        );
    }
    if process::output(process::program("rustup").arg("--version")).is_none() {
        return Err("rustup is missing. How to install it: https://rustup.rs".to_owned());
    }
    Ok(())
}

fn bindgen() -> Result<(), String> {
    let version = version_in_lock_file("wasm-bindgen")?;
    install("wasm-bindgen-cli", &version, "wasm-bindgen", "", "about a minute")
}

/// Installs a tool unoptimised: it runs for seconds, and an optimised build of it takes many minutes.
fn install(package: &str, version: &str, binary: &str, features: &str, duration: &str) -> Result<(), String> {
    let binary = folder().join("bin").join(format!("{binary}{}", std::env::consts::EXE_SUFFIX));
    // What cargo wrote down, because not every tool tells its version.
    let installed = std::fs::read_to_string(folder().join(".crates.toml")).unwrap_or_default();
    if installed.contains(&format!("\"{package} {version} (")) && binary.exists() {
        return Ok(());
    }
    eprintln!("Installing {package} {version} into target/tools ({duration}).");
    let mut command = process::cargo(["install", package, "--version", version]);
    command
        .args(["--locked", "--no-default-features", "--features", features, "--force", "--root"])
        .arg(folder())
        .env("CARGO_TARGET_DIR", folder().join("build"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    process::run(&mut command)
}

/// Chromium and its driver, from the system's packages.
fn browser() -> Result<(), String> {
    if answers("chromium") && answers("chromedriver") {
        return Ok(());
    }
    packages(
        "The browser tests need Chromium and its driver",
        "Chromium and its driver (about 100 MB, a minute or two)",
        &["chromium", "chromium-driver"],
    )
}

/// Firefox, from the system's packages, and its driver, which Debian has no package of.
pub fn firefox() -> Result<(), String> {
    if !["firefox", "firefox-esr"].into_iter().any(answers) {
        packages("These journeys need Firefox", "Firefox (about 80 MB, half a minute)", &["firefox-esr"])?;
    }
    install("geckodriver", GECKODRIVER_VERSION, "geckodriver", "", "a minute and a half")
}

/// The browser of WebKitGTK with its driver, and a screen for it.
pub fn webkit() -> Result<(), String> {
    let is_there = |name: &str| process::output(process::program(name).arg("--help")).is_some();
    let screen = process::output(process::program("sh").args(["-c", "command -v Xvfb"])).is_some();
    if is_there("WebKitWebDriver") && screen {
        return Ok(());
    }
    packages(
        "This journey needs WebKitGTK, its driver and a screen",
        "WebKitGTK, its driver and a screen (about 60 MB, half a minute)",
        &["webkit2gtk-driver", "xvfb"],
    )
}

/// What the tests of the relay run: nginx, openssl for certificates, curl for HTTP/2. Debian keeps nginx where only root looks.
pub fn for_the_relay() -> Result<(), String> {
    let is_there = |name: &str, version: &str| process::output(process::program(name).arg(version)).is_some();
    let nginx = is_there("nginx", "-v") || is_there("/usr/sbin/nginx", "-v");
    if nginx && is_there("openssl", "version") && is_there("curl", "--version") {
        return Ok(());
    }
    packages(
        "The tests of the relay need nginx, openssl and curl",
        "nginx, openssl and curl (2 MB, a few seconds; Debian starts nginx on port 80 as a service where it has services)",
        &["nginx", "openssl", "curl"],
    )
}

/// Installs packages of the system, where that is possible without asking anybody.
fn packages(why: &str, what: &str, names: &[&str]) -> Result<(), String> {
    let by_hand = format!("sudo apt-get update && sudo apt-get install -y {}", names.join(" "));
    let sudo: &[&str] = if process::output(process::program("id").arg("-u")).as_deref() == Some("0") {
        &[]
    } else if process::output(process::program("sudo").args(["-n", "true"])).is_some() {
        &["sudo", "-n"]
    } else {
        return Err(format!("{why}. Run this, then try again:\n  {by_hand}"));
    };
    if process::output(process::program("apt-get").arg("--version")).is_none() {
        return Err(format!(
            "{why}: install what Debian calls {} with this system's packages.",
            names.join(" and ")
        ));
    }
    eprintln!("Installing {what}.");
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> =
            sudo.iter().copied().chain(["apt-get"]).chain(arguments.iter().copied()).collect();
        let mut command = process::program(words[0]);
        command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive");
        process::run(&mut command)
    };
    apt(&["-q", "update"])?;
    apt(&[&["-q", "install", "-y", "--no-install-recommends"], names].concat())
}

/// What judges how accessible a page is.
fn axe() -> Result<(), String> {
    npm_packages("tests/e2e/axe", "axe", "axe-core/axe.min.js", "a few seconds").map(drop)
}

/// A storage account on this machine: the script that Node runs.
pub fn azurite() -> Result<PathBuf, String> {
    npm_packages("tests/deploy/azurite", "azurite", "azurite/dist/src/blob/main.js", "half a minute")
}

/// Packages that npm holds to the hashes in their lock file; gives the one file that is asked for.
fn npm_packages(from: &str, name: &str, file: &str, duration: &str) -> Result<PathBuf, String> {
    let from = process::root().join(from);
    let to = folder().join(name);
    let file = to.join("node_modules").join(file);
    const FILES: [&str; 2] = ["package.json", "package-lock.json"];
    let read = |path: PathBuf| std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()));
    let is_there =
        file.is_file() && FILES.iter().all(|name| read(from.join(name)).ok() == read(to.join(name)).ok());
    if is_there {
        return Ok(file);
    }
    require_npm(&format!("{name}, which tests need, comes from npm"))?;
    eprintln!("Installing {name} into target/tools/{name} ({duration}).");
    std::fs::create_dir_all(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    for name in FILES {
        std::fs::copy(from.join(name), to.join(name)).map_err(|error| format!("{name}: {error}"))?;
    }
    let mut npm = process::program("npm");
    npm.args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&to);
    process::run(&mut npm)?;
    Ok(file)
}

/// The Azure CLI as far as `az storage` goes, for tests: the folder with the program. `deploy` itself takes the one that
/// somebody has signed in with.
pub fn azure_cli() -> Result<PathBuf, String> {
    let to = folder().join("azure-cli");
    let notice = "Installing the Azure CLI into target/tools/azure-cli (300 MB, a quarter of a minute).";
    let python = Python::with(&process::root().join("tests/deploy/requirements.txt"), &to, notice)?;
    let packages =
        python.packages.map(|path| format!("env PYTHONPATH='{}' ", path.display())).unwrap_or_default();
    let script = format!("#!/bin/sh\nexec {packages}'{}' -m azure.cli \"$@\"\n", python.program.display());
    let program = to.join("bin/az");
    std::fs::create_dir_all(to.join("bin"))
        .and_then(|()| std::fs::write(&program, script))
        .and_then(|()| make_executable(&program))
        .map_err(|error| format!("{}: {error}", program.display()))?;
    Ok(to.join("bin"))
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("these tests run on Unix alone"))
}

/// Lighthouse's program, the last version for the Node that systems have.
pub fn lighthouse() -> Result<PathBuf, String> {
    let to = folder().join("lighthouse");
    let program = to.join("node_modules/lighthouse/cli/index.js");
    let package =
        std::fs::read_to_string(to.join("node_modules/lighthouse/package.json")).unwrap_or_default();
    if package.contains(&format!("\"version\": \"{LIGHTHOUSE_VERSION}\"")) {
        return Ok(program);
    }
    browser()?;
    require_npm("Lighthouse comes from npm")?;
    eprintln!("Installing Lighthouse {LIGHTHOUSE_VERSION} into target/tools (about half a minute).");
    std::fs::create_dir_all(&to).map_err(|error| format!("{}: {error}", to.display()))?;
    let mut npm = process::program("npm");
    npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"])
        .arg(&to)
        .arg(format!("lighthouse@{LIGHTHOUSE_VERSION}"));
    process::run(&mut npm)?;
    Ok(program)
}

/// npm is asked for only where nothing else serves, and is not installed by itself: it brings a great deal with it.
fn require_npm(why: &str) -> Result<(), String> {
    if process::output(process::program("npm").arg("--version")).is_some() {
        return Ok(());
    }
    Err(format!(
        "{why}. Run this, then try again:\n  sudo apt-get install -y --no-install-recommends nodejs npm"
    ))
}

fn version_in_lock_file(package: &str) -> Result<String, String> {
    let path = process::root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    locked_version(&lock, package).ok_or_else(|| format!("Cargo.lock names no {package}."))
}

fn locked_version(lock: &str, package: &str) -> Option<String> {
    let mut lines = lock.lines();
    lines.find(|line| *line == format!("name = \"{package}\""))?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
[[package]]
name = \"wasm-bindgen-futures\"
version = \"0.4.79\"

[[package]]
name = \"wasm-bindgen\"
version = \"0.2.129\"
";

    #[test]
    fn a_tool_has_the_version_of_the_library_in_the_lock_file() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen").as_deref(), Some("0.2.129"));
    }

    #[test]
    fn a_library_that_is_not_locked_has_no_version() {
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
