//! The release site in `dist/`, and what it weighs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::page::{self, Page, read};
use crate::parts::{self, Parts};
use crate::{process, tools};

/// What the first useful screen may weigh, compressed.
const LIMIT_BYTES: u64 = 250_000;
/// What is weighed.
const COUNTED: [&str; 4] = ["wasm", "js", "css", "html"];
/// The parts that the first list needs, as `src/parts.rs` calls them.
const FIRST_LIST: [&str; 2] = ["subscriptions", "service"];
/// What a browser loads on its way back from Microsoft's sign-in, and never before.
const COMING_BACK: [&str; 2] = ["auth.html", "auth.js"];

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
    let parts = name_by_content(&folder)?;
    write_if_missing(&folder.join("config.json"), "{}\n")?;
    write_if_missing(&folder.join("robots.txt"), "User-agent: *\nDisallow:\n")?;
    eprintln!("Compressing it, and listing it in files.json (half a minute the first time).");
    let done = site_program().arg("pack").arg(&folder).status();
    if !done.map_err(|error| format!("cargo did not start: {error}"))?.success() {
        return Err("the files of the site could not be compressed and listed.".to_owned());
    }
    print_weight(&folder, &files_below(&folder)?, &parts)
}

/// What works on built sites with more than the standard library.
pub fn site_program() -> Command {
    let mut site = process::cargo(["run", "--quiet", "--release", "--package", "xtask"]);
    site.args(["--features", "site", "--bin", "site", "--"]);
    site
}

/// Splits the wasm, joins the style sheets, and names every file after its content, except the few that are asked for by
/// a name that is known outside.
fn name_by_content(site: &Path) -> Result<Parts, String> {
    let built = process::target_folder().join(tools::WASM).join("web/azimuth.wasm");
    let split = parts::split(&built, site)?;
    let mut page = Page::read(site)?;
    page.replace("azimuth.js", &split.script)?;
    page.replace("azimuth_bg.wasm", &split.wasm)?;
    let simulator = parts::without_custom_sections(&read(&site.join("simulator_bg.wasm"))?)?;
    page.name_by_content("simulator_bg.wasm", &simulator)?;
    for name in ["simulator.js", "boot.js"] {
        page.name_by_content(name, &read(&site.join(name))?)?;
    }
    page.join_style_sheets()?;
    page.write()?;
    Ok(split.parts)
}

/// Those of `.cargo/config.toml`, which this variable takes the place of, and names for the folders of this machine:
/// panics carry the paths of their sources, and a published site should not tell who built it where.
fn rust_flags() -> String {
    let cargo_home = std::env::var("CARGO_HOME")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.cargo")))
        .unwrap_or_default();
    // The splitter reads from the relocations what refers to what.
    let mut flags = vec!["--cfg erase_components --cfg split -Clink-arg=--emit-relocs".to_owned()];
    flags.push(format!("--remap-path-prefix={}=azimuth", process::root().display()));
    if !cargo_home.is_empty() {
        flags.push(format!("--remap-path-prefix={cargo_home}=cargo"));
    }
    flags.join(" ")
}

/// When a file of the site is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    SignIn,
    ComingBack,
    FirstList,
    Later,
    Demo,
}

impl Moment {
    fn of(name: &str, parts: &Parts) -> Moment {
        let belongs_to = |files: &Vec<String>| files.iter().any(|file| file == name);
        if FIRST_LIST.iter().filter_map(|part| parts.get(*part)).any(belongs_to) {
            Moment::FirstList
        } else if parts.values().any(belongs_to) {
            Moment::Later
        } else if name.starts_with("simulator") {
            Moment::Demo
        } else if COMING_BACK.contains(&name) {
            Moment::ComingBack
        } else {
            Moment::SignIn
        }
    }
}

fn print_weight(folder: &Path, files: &[PathBuf], parts: &Parts) -> Result<(), String> {
    let mut weights = BTreeMap::new();
    println!("{:>10}  {:>10}  dist/", "bytes", "brotli");
    for path in files.iter().filter(|path| has_extension(path, &COUNTED)) {
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let (raw, compressed) = (size(path)?, size(&compressed_path(path))?);
        println!("{raw:>10}  {compressed:>10}  {name}");
        let sum: &mut (u64, u64) = weights.entry(Moment::of(&name, parts)).or_default();
        *sum = (sum.0 + raw, sum.1 + compressed);
    }
    let sign_in = weights.get(&Moment::SignIn).map_or(0, |weight| weight.1);
    for (moment, (raw, compressed)) in weights {
        let what = match moment {
            Moment::SignIn => format!("for the first screen, sign-in: {}", verdict(sign_in)),
            Moment::ComingBack => "more on the way back from signing in".to_owned(),
            Moment::FirstList => format!("more for the first list, so {} in all", sign_in + compressed),
            Moment::Later => "more for all other pages, each loaded when it is needed".to_owned(),
            Moment::Demo => "more for the demo".to_owned(),
        };
        println!("{raw:>10}  {compressed:>10}  {what}");
    }
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
    page::write(path, content.as_bytes())
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
    fn a_file_is_weighed_where_it_is_loaded_first() {
        let parts = Parts::from([
            ("service".to_owned(), vec!["shared-1.wasm".to_owned(), "lists-1.wasm".to_owned()]),
            ("submit".to_owned(), vec!["shared-1.wasm".to_owned(), "submit-1.wasm".to_owned()]),
        ]);
        assert_eq!(Moment::of("shared-1.wasm", &parts), Moment::FirstList);
        assert_eq!(Moment::of("submit-1.wasm", &parts), Moment::Later);
        assert_eq!(Moment::of("azimuth-1.wasm", &parts), Moment::SignIn);
        assert_eq!(Moment::of("auth.html", &parts), Moment::ComingBack);
        assert_eq!(Moment::of("simulator_bg-1.wasm", &parts), Moment::Demo);
    }

    #[test]
    fn a_site_at_the_limit_is_within_it_and_one_byte_more_is_over() {
        assert_eq!(verdict(250_000), "within the limit of 250000 (100 %)");
        assert!(verdict(250_001).starts_with("OVER"));
    }
}
