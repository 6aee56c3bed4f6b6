//! Running other programs, and saying so.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// The folder of the workspace.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder inside the workspace")
}

/// Where cargo puts what it builds.
pub fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Cargo, at the root of the workspace.
pub fn cargo<const N: usize>(arguments: [&str; N]) -> Command {
    let mut command = program(std::env::var("CARGO").as_deref().unwrap_or("cargo"));
    command.args(arguments);
    command
}

/// A program started at the root of the workspace, without what cargo told xtask about xtask: some build
/// scripts look at these variables and would run again for nothing.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    for (variable, _) in std::env::vars_os() {
        let told_by_cargo = variable.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || name.starts_with("CARGO_BIN_")
        });
        if told_by_cargo {
            command.env_remove(variable);
        }
    }
    command
}

/// Runs a command to its end, its output passed on; an error unless it succeeds.
pub fn run(command: &mut Command) -> Result<(), String> {
    let shown = shown(command);
    eprintln!("  $ {shown}");
    let status = command.status().map_err(|error| format!("`{shown}` did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed ({status}).")) }
}

/// What a command prints on standard output, or nothing where it is absent or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if !output.status.success() {
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The steps of a command, each with the seconds it took.
pub struct Steps {
    started: Instant,
    taken: Vec<(&'static str, f64)>,
}

impl Steps {
    pub fn new() -> Steps {
        Steps { started: Instant::now(), taken: Vec::new() }
    }

    pub fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        eprintln!("\n== {name}");
        let started = Instant::now();
        work().map_err(|message| format!("{name}: {message}"))?;
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("== {name}: {seconds:.1} s");
        self.taken.push((name, seconds));
        Ok(())
    }

    pub fn print(&self) {
        eprintln!();
        for (name, seconds) in &self.taken {
            eprintln!("{seconds:>8.1} s  {name}");
        }
        eprintln!("{:>8.1} s  in all", self.started.elapsed().as_secs_f64());
    }
}
