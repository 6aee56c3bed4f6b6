//! Brings the built site into a storage account.

use crate::{dist, process};

/// The options are those of `src/bin/site/deploy.rs`. Paths among them are meant from where the command was given.
pub fn deploy(arguments: &[String]) -> Result<(), String> {
    let mut command = dist::site_program();
    command.arg("deploy").args(arguments);
    if !arguments.iter().any(|argument| argument == "--folder") {
        command.arg("--folder").arg(process::root().join("dist"));
    }
    let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let done = command.current_dir(here).status().map_err(|error| format!("cargo did not start: {error}"))?;
    if done.success() { Ok(()) } else { Err("deploying did not end well; see above.".to_owned()) }
}
