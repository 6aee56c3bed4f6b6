//! The release site in `dist/`, and what it weighs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{process, tools};

/// What the first useful screen may weigh, compressed.
const LIMIT_BYTES: u64 = 250_000;
const COMPRESSED: [&str; 5] = ["wasm", "js", "css", "html", "svg"];
/// What is counted against the limit.
const COUNTED: [&str; 4] = ["wasm", "js", "css", "html"];

pub fn dist() -> Result<(), String> {
    tools::for_the_site()?;
    eprintln!("Building the site (a minute or two the first time).");
    let mut trunk = process::program("trunk");
    trunk
        .args(["build", "--release", "--cargo-profile", "web", "--offline=true", "--dist", "dist"])
        .env("PATH", tools::search_path())
        .env("RUSTFLAGS", rust_flags())
        // Trunk reads this variable as a yes or no, and refuses the 1 that people set.
        .env_remove("NO_COLOR");
    process::run(&mut trunk)?;

    let folder = process::root().join("dist");
    write_if_missing(&folder.join("config.json"), "{}\n")?;
    write_if_missing(&folder.join("robots.txt"), "User-agent: *\nDisallow:\n")?;
    let files = files_below(&folder)?;
    let compressed: Vec<&PathBuf> = files.iter().filter(|path| has_extension(path, &COMPRESSED)).collect();
    let mut compress = process::cargo(["run", "--quiet", "--release", "--package", "xtask"]);
    compress.args(["--features", "compress", "--bin", "compress", "--"]).args(compressed);
    eprintln!("Compressing it (half a minute the first time).");
    let done = compress.status().map_err(|error| format!("cargo did not start: {error}"))?;
    if !done.success() {
        return Err("the files of the site could not be compressed.".to_owned());
    }
    print_weight(&folder, &files)
}

/// Those of `.cargo/config.toml`, which this variable takes the place of, and names for the folders of this machine:
/// panics carry the paths of their sources, and a published site should not tell who built it where.
fn rust_flags() -> String {
    let cargo_home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))
        .unwrap_or_default();
    let mut flags = vec!["--cfg erase_components".to_owned()];
    flags.push(format!("--remap-path-prefix={}=azimuth", process::root().display()));
    if !cargo_home.is_empty() {
        flags.push(format!("--remap-path-prefix={cargo_home}=cargo"));
    }
    flags.join(" ")
}

fn print_weight(folder: &Path, files: &[PathBuf]) -> Result<(), String> {
    let mut first_screen = (0, 0);
    let mut demo = (0, 0);
    println!("{:>10}  {:>10}  dist/", "bytes", "brotli");
    for path in files.iter().filter(|path| has_extension(path, &COUNTED)) {
        let raw = size(path)?;
        let compressed = size(&compressed_path(path))?;
        let sum = if is_of_the_demo(path) { &mut demo } else { &mut first_screen };
        *sum = (sum.0 + raw, sum.1 + compressed);
        println!("{raw:>10}  {compressed:>10}  {}", path.strip_prefix(folder).unwrap_or(path).display());
    }
    println!(
        "{:>10}  {:>10}  for the first screen, {}",
        first_screen.0,
        first_screen.1,
        verdict(first_screen.1)
    );
    println!("{:>10}  {:>10}  more for the demo", demo.0, demo.1);
    Ok(())
}

/// The simulator is loaded when somebody opens the demo.
fn is_of_the_demo(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("simulator"))
}

fn verdict(bytes: u64) -> String {
    let percent = bytes * 100 / LIMIT_BYTES;
    let word = if bytes <= LIMIT_BYTES { "within" } else { "OVER" };
    format!("{word} the limit of {LIMIT_BYTES} ({percent} %)")
}

fn size(path: &Path) -> Result<u64, String> {
    let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(metadata.len())
}

fn compressed_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    PathBuf::from(name)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|one| extension == *one))
}

fn write_if_missing(path: &Path, content: &str) -> Result<(), String> {
    if path.exists() {
        return Ok(());
    }
    fs::write(path, content).map_err(|error| format!("{}: {error}", path.display()))
}

/// Every file in a folder and in the folders below it, in order.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_simulator_is_no_part_of_the_first_screen() {
        assert!(is_of_the_demo(Path::new("dist/simulator_bg.wasm")));
        assert!(!is_of_the_demo(Path::new("dist/azimuth-0a1b_bg.wasm")));
    }

    #[test]
    fn a_site_at_the_limit_is_within_it_and_one_byte_more_is_over() {
        assert_eq!(verdict(250_000), "within the limit of 250000 (100 %)");
        assert!(verdict(250_001).starts_with("OVER"));
    }
}
