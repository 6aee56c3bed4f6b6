//! How quick the release site is with many runs, beside what others need for the same.

use std::path::PathBuf;

use crate::{dist, process, tools};

/// `--site FOLDER` measures a site that is built already; `--loads N` sets how many loads a median is of.
pub fn bench(arguments: &[String]) -> Result<(), String> {
    tools::for_browsers()?;
    let mut handed_on = Vec::new();
    let mut site = None;
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{argument} needs a value behind it."))?;
        match argument.as_str() {
            "--site" => site = Some(PathBuf::from(value)),
            "--loads" => handed_on.extend([argument, value]),
            other => return Err(format!("bench has no option \"{other}\": see cargo xtask help.")),
        }
    }
    if site.is_none() {
        dist::dist()?;
    }
    eprintln!("Measuring; leave the machine alone for about five minutes.");
    let mut bench = process::cargo(["run", "--quiet", "--release", "--package", "xtask"]);
    bench.args(["--features", "bench", "--bin", "bench", "--"]);
    bench.arg(site.unwrap_or_else(|| process::root().join("dist"))).args(handed_on);
    let done = bench.status().map_err(|error| format!("cargo did not start: {error}"))?;
    if done.success() {
        Ok(())
    } else {
        Err("a promise is not held, or not everything could be measured; see above.".to_owned())
    }
}
