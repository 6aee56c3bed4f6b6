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

fn print_weight(folder: &Path, files: &[PathBuf]) -> Result<(), String> {
    let mut sum = (0, 0);
    println!("{:>10}  {:>10}  dist/", "bytes", "brotli");
    for path in files.iter().filter(|path| has_extension(path, &COUNTED)) {
        let raw = size(path)?;
        let compressed = size(&compressed_path(path))?;
        sum = (sum.0 + raw, sum.1 + compressed);
        println!("{raw:>10}  {compressed:>10}  {}", path.strip_prefix(folder).unwrap_or(path).display());
    }
    println!("{:>10}  {:>10}  in all, {}", sum.0, sum.1, verdict(sum.1));
    Ok(())
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
    fn a_site_at_the_limit_is_within_it_and_one_byte_more_is_over() {
        assert_eq!(verdict(250_000), "within the limit of 250000 (100 %)");
        assert!(verdict(250_001).starts_with("OVER"));
    }
}
