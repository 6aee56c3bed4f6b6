//! Other people's software against ours: Azure's published client packages against the simulator, which know the service
//! better than our own tests, and the relay in nginx.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::process::{self, Steps};
use crate::serve::{Servers, build_server, first_line};
use crate::{dist, tools};

/// What the clients are walked through.
const WORLDS: [&str; 2] = ["bakery", "article"];
/// Slow enough that a state on the way is seen, even on a busy machine.
const SPEED: &str = "10";
const PAGE_SIZE: &str = "2";

pub fn conformance() -> Result<(), String> {
    let mut steps = Steps::new();
    let mut tools = None;
    steps.step("clients and simulator", || {
        tools = Some((clients()?, build_server()?));
        Ok(())
    })?;
    let (python, server) = tools.expect("the step before ended well");
    steps.step("walks", || walk(&python, &server))?;
    steps.step("what a page did, as the clients see it", || look(&python))?;
    steps.step("the relay", || {
        tools::for_the_relay()?;
        process::run(&mut process::cargo(["test", "--locked", "--package", "azimuth-relay"]))
    })?;
    steps.print();
    Ok(())
}

/// A Python that has the clients, and the folder they are in where that is not its own.
struct Python {
    program: PathBuf,
    packages: Option<PathBuf>,
}

fn folder() -> PathBuf {
    process::target_folder().join("conformance")
}

fn source() -> PathBuf {
    process::root().join("tests/conformance")
}

/// Installs the clients, each at a fixed version with a fixed content, unless they are there.
fn clients() -> Result<Python, String> {
    let requirements = source().join("requirements.txt");
    let wanted =
        fs::read_to_string(&requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let version = process::output(process::program("python3").arg("--version"))
        .ok_or("The clients need Python 3.9 or later: sudo apt-get install -y python3 python3-venv")?;
    let wanted = format!("{version}\n{wanted}");
    let environment = folder().join("venv");
    let packages = folder().join("packages");
    let done = folder().join("installed.txt");

    let program = environment.join("bin/python");
    let found = || match program.is_file() {
        true => Python { program: program.clone(), packages: None },
        false => Python { program: "python3".into(), packages: Some(packages.clone()) },
    };
    if fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
        return Ok(found());
    }
    eprintln!("Installing Azure's client packages into target/conformance (about 60 MB, half a minute).");
    remove(&folder())?;
    if process::output(process::program("python3").args(["-m", "venv"]).arg(&environment)).is_none() {
        remove(&environment)?;
        if process::output(process::program("python3").args(["-m", "pip", "--version"])).is_none() {
            return Err("This Python can make no environment. Run this, then try again:\n  \
                        sudo apt-get install -y python3-venv"
                .to_owned());
        }
    }
    let python = found();
    let mut install = process::program(&python.program.display().to_string());
    install
        .args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement"])
        .arg(&requirements);
    if let Some(packages) = &python.packages {
        install.arg("--target").arg(packages);
    }
    process::run(install.env("PIP_DISABLE_PIP_VERSION_CHECK", "1"))?;
    fs::write(&done, wanted).map_err(|error| format!("{}: {error}", done.display()))?;
    Ok(python)
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => Err(format!("{}: {error}", folder.display())),
        _ => Ok(()),
    }
}

/// Lets a journey change things on pages, and the clients look at them.
fn look(python: &Python) -> Result<(), String> {
    tools::for_the_site()?;
    tools::for_browsers()?;
    dist::dist()?;
    let mut journey = process::cargo(["test", "--locked", "--package", "azimuth-e2e", "--test", "journeys"]);
    journey.args(["conformance::", "--", "--ignored"]).env("AZIMUTH_PYTHON", &python.program);
    if let Some(packages) = &python.packages {
        journey.env("PYTHONPATH", packages);
    }
    process::run(&mut journey)
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
        let mut command = process::program(&python.program.display().to_string());
        command
            .arg("-B")
            .arg(source().join("walk.py"))
            .env("AZIMUTH_WORLD", world)
            .env("AZIMUTH_CONFIG", config.trim())
            .env("PYTHONUNBUFFERED", "1")
            .stdin(Stdio::null())
            .stdout(create(&told)?)
            .stderr(create(&told.with_extension("errors"))?);
        if let Some(packages) = &python.packages {
            command.env("PYTHONPATH", packages);
        }
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
