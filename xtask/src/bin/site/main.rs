//! `pack FOLDER` finishes a built site, `deploy …` brings it into a container: `cargo xtask dist` and `deploy` run them.

mod deploy;
mod manifest;
mod pack;
mod plan;
/// The page's own rules: what would stop it there is refused here.
#[path = "../../../../src/settings.rs"]
mod settings;
mod storage;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((command, [folder])) if command == "pack" => pack::pack(Path::new(folder)),
        Some((command, options)) if command == "deploy" => deploy::deploy(options),
        _ => Err("pack FOLDER, or deploy with its options: see cargo xtask help.".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
