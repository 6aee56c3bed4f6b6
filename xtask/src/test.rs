//! Every test: native, in a browser, end to end.

use crate::process::{Steps, cargo, run};
use crate::{dist, tools};

pub fn test() -> Result<(), String> {
    let mut steps = Steps::new();
    steps.step("tools and browser", || {
        tools::for_the_site()?;
        tools::for_browsers()
    })?;
    steps.step("native tests", || {
        let others = ["--exclude", "azimuth-e2e", "--exclude", "azimuth-relay"];
        run(cargo(["test", "--locked", "--workspace"]).args(others))?;
        let mut site = cargo(["test", "--locked", "--package", "xtask", "--bin", "site"]);
        run(site.args(["--features", "site"]))
    })?;
    steps.step("tests in a browser", || {
        let mut command = cargo(["test", "--locked", "--package", "azimuth", "--test", "web"]);
        run(command.args(["--target", tools::WASM]).env("PATH", tools::search_path()))
    })?;
    steps.step("the release site", dist::dist)?;
    steps.step("end to end", || run(&mut cargo(["test", "--locked", "--package", "azimuth-e2e"])))?;
    steps.print();
    Ok(())
}
