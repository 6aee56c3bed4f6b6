//! Other people's software against ours: Azure's published client packages against the simulator, which know the service
//! better than our own tests, the relay in nginx, what deploys with the Azure CLI, and other browsers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{self, Steps};
use crate::python::Python;
use crate::serve::{Servers, build_server, first_line};
use crate::{dist, test, tools};

/// What the clients are walked through.
const WORLDS: [&str; 2] = ["bakery", "article"];
/// Slow enough that a state on the way is seen, even on a busy machine.
const SPEED: &str = "10";
const PAGE_SIZE: &str = "2";
/// What browsers differ in most: all journeys there are a quarter of an hour, and `cargo xtask test --browser firefox`.
const IN_FIREFOX: [&str; 9] = [
    "attacks::",
    "main_job::",
    "microsoft::a_person",
    "preflight::a_file",
    "secrecy::",
    "sign_in::",
    "start::",
    "submit::a_run",
    "watch::a_hidden",
];

pub fn conformance() -> Result<(), String> {
    let mut steps = Steps::new();
    let mut tools = None;
    steps.step("clients and simulator", || {
        tools = Some((clients()?, build_server()?));
        Ok(())
    })?;
    let (python, server) = tools.expect("the step before ended well");
    steps.step("walks", || walk(&python, &server))?;
    steps.step("what a page did and took out, as others see it", || look(&python))?;
    steps.step("the relay", || {
        tools::for_the_relay()?;
        process::run(&mut process::cargo(["test", "--locked", "--package", "azimuth-relay"]))?;
        let mut journey =
            process::cargo(["test", "--locked", "--package", "azimuth-e2e", "--test", "journeys"]);
        process::run(journey.args(["relay::", "--", "--ignored"]))
    })?;
    steps.step("deploying with the Azure CLI", deploy)?;
    steps.step("other browsers", || {
        tools::firefox()?;
        tools::webkit()?;
        test::journeys("firefox", &IN_FIREFOX)?;
        test::journeys("firefox", &["relay::", "in_webkit", "--ignored"])
    })?;
    steps.print();
    Ok(())
}

fn folder() -> PathBuf {
    process::target_folder().join("conformance")
}

fn source() -> PathBuf {
    process::root().join("tests/conformance")
}

fn clients() -> Result<Python, String> {
    let requirements = source().join("requirements.txt");
    let notice = "Installing Azure's client packages into target/conformance (about 60 MB, half a minute).";
    Python::with(&requirements, &folder(), notice)
}

/// Lets a journey change things on pages, and the clients look at them; and has exports compared with the service.
fn look(python: &Python) -> Result<(), String> {
    tools::for_the_site()?;
    tools::for_browsers()?;
    dist::dist()?;
    let mut journey = process::cargo(["test", "--locked", "--package", "azimuth-e2e", "--test", "journeys"]);
    journey
        .args(["--", "conformance::", "export_compared::", "--ignored"])
        .env("AZIMUTH_PYTHON", &python.program);
    if let Some(packages) = &python.packages {
        journey.env("PYTHONPATH", packages);
    }
    process::run(&mut journey)
}

/// Deploys into a storage account on this machine, and opens what was deployed.
fn deploy() -> Result<(), String> {
    let (az, azurite) = (tools::azure_cli()?, tools::azurite()?);
    let mut site = process::cargo(["build", "--quiet", "--release", "--package", "xtask"]);
    process::run(site.args(["--features", "site", "--bin", "site"]))?;
    let site = process::target_folder().join(format!("release/site{}", std::env::consts::EXE_SUFFIX));
    let xtask = std::env::current_exe().map_err(|error| format!("where xtask itself is: {error}"))?;
    let mut journeys = process::cargo(["test", "--locked", "--package", "azimuth-e2e", "--test", "journeys"]);
    journeys.args(["deployed::", "--", "--ignored"]);
    journeys.env("AZIMUTH_AZ", az).env("AZIMUTH_AZURITE", azurite);
    process::run(journeys.env("AZIMUTH_SITE_PROGRAM", site).env("AZIMUTH_XTASK", xtask))
}

/// Walks all worlds at once, since most of the time is waiting, and tells of one after the other.
fn walk(python: &Python, server: &Path) -> Result<(), String> {
    let mut servers = Servers::default();
    let mut walks = Vec::new();
    for world in WORLDS {
        let log = folder().join(format!("{world}.log"));
        let mut simulator = Command::new(server);
        simulator
            .args(["azure", "--world", world, "--port", "0", "--speed", SPEED, "--page-size", PAGE_SIZE])
            .stdout(Stdio::piped())
            .stderr(create(&log)?);
        let config = first_line(servers.start(&mut simulator)?)?;
        let told = folder().join(format!("{world}.txt"));
        let mut command = python.command();
        command
            .arg("-B")
            .arg(source().join("walk.py"))
            .env("AZIMUTH_WORLD", world)
            .env("AZIMUTH_CONFIG", config.trim())
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(create(&told)?)
            .stderr(create(&told.with_extension("errors"))?);
        let walk = command.spawn().map_err(|error| format!("Python did not start: {error}"))?;
        walks.push((world, told, log, walk));
    }
    let mut failed = Vec::new();
    for (world, told, log, mut walk) in walks {
        // A walk ends by itself, however badly it goes.
        let status = walk.wait().map_err(|error| format!("a walk was lost: {error}"))?;
        eprintln!("\n-- {world}");
        for file in [&told, &told.with_extension("errors")] {
            eprint!("{}", fs::read_to_string(file).unwrap_or_default());
        }
        if !status.success() {
            failed.push(format!("{world} (what was asked is in {})", log.display()));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("the clients disagree in {}.", failed.join(", "))) }
}

fn create(path: &Path) -> Result<fs::File, String> {
    fs::File::create(path).map_err(|error| format!("{}: {error}", path.display()))
}
