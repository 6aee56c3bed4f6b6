//! What Lighthouse thinks of the release site: the sign-in page and the demo, on a phone and on a desk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::serve::{Servers, build_server, first_line};
use crate::{dist, process, tools};

const ADDRESSES: [(&str, &str); 2] = [("sign-in", "#/"), ("demo", "#/demo/subscriptions")];
const DEVICES: [(&str, &[&str]); 2] = [("mobile", &[]), ("desktop", &["--preset", "desktop"])];

/// Prints the four scores of a report and what is missing to 100.
const SUMMARY: &str = "
const report = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
if (report.runtimeError) { console.log(report.runtimeError.message); process.exit(1); }
const categories = Object.values(report.categories);
const scores = categories.map(({ title, score }) => `${title} ${Math.round(score * 100)}`);
console.log(`${process.argv[2].padEnd(16)} ${scores.join(', ')}`);
let isFull = true;
for (const { auditRefs, score } of categories) {
  if (score === 1) continue;
  isFull = false;
  for (const { id, weight } of auditRefs) {
    const audit = report.audits[id];
    if (weight > 0 && audit.score !== null && audit.score < 1) {
      console.log(`    ${id}: ${audit.title} ${audit.displayValue ?? ''}`);
    }
  }
}
process.exit(isFull ? 0 : 1);
";

pub fn lighthouse() -> Result<(), String> {
    let program = tools::lighthouse()?;
    dist::dist()?;
    let mut servers = Servers::default();
    let mut site = Command::new(build_server()?);
    site.args(["site", "--port", "0", "--folder"]).arg(process::root().join("dist")).stdout(Stdio::piped());
    let line = first_line(servers.start(&mut site)?)?;
    let address = line.split_whitespace().find(|word| word.starts_with("http://"));
    let address = address.ok_or_else(|| format!("the site's server said \"{line}\"."))?;

    let folder = process::target_folder().join("lighthouse");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut missing = 0;
    for (name, hash) in ADDRESSES {
        for (device, arguments) in DEVICES {
            let name = format!("{name}-{device}");
            let report = folder.join(format!("{name}.json"));
            look(&program, &format!("{address}{hash}"), arguments, &report)?;
            let mut summary = process::program("node");
            summary.args(["-e", SUMMARY]).arg(&report).arg(&name);
            let is_full = summary.status().map_err(|error| format!("node: {error}"))?.success();
            missing += usize::from(!is_full);
        }
    }
    match missing {
        0 => Ok(()),
        _ => Err(format!("not everything is 100; the reports are in {}.", folder.display())),
    }
}

fn look(program: &PathBuf, address: &str, arguments: &[&str], report: &Path) -> Result<(), String> {
    let mut lighthouse = process::program("node");
    lighthouse
        .arg(program)
        .args([address, "--quiet", "--output", "json", "--output-path"])
        .arg(report)
        .arg("--chrome-flags=--headless=new --no-sandbox --disable-dev-shm-usage")
        .args(arguments)
        .env("CHROME_PATH", "/usr/bin/chromium");
    process::run(&mut lighthouse)
}
