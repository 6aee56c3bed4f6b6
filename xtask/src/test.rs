//! Every test: native, in a browser, end to end.

use crate::process::{Steps, cargo, run};
use crate::{dist, tools};

/// `--browser chromium|firefox|webkit` runs the journeys alone, in that browser; `--large` the one that takes ten
/// thousand runs out.
pub fn test(arguments: &[String]) -> Result<(), String> {
    let mut steps = Steps::new();
    match arguments {
        [] => all(&mut steps)?,
        [option, browser] if option == "--browser" => end_to_end(&mut steps, browser, &[])?,
        [option] if option == "--large" => {
            end_to_end(&mut steps, "chromium", &["export_large::", "--ignored", "--nocapture"])?;
        }
        _ => {
            let options = "--browser chromium, firefox or webkit, or --large, or no option at all";
            return Err(format!("test takes {options}."));
        }
    }
    steps.print();
    Ok(())
}

fn all(steps: &mut Steps) -> Result<(), String> {
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
        // Named, since the driver of another browser may be among the tools, and would be taken before.
        command.env("CHROMEDRIVER", "chromedriver");
        run(command.args(["--target", tools::WASM]).env("PATH", tools::search_path()))
    })?;
    steps.step("the release site", dist::dist)?;
    steps.step("end to end", || run(&mut cargo(["test", "--locked", "--package", "azimuth-e2e"])))
}

fn end_to_end(steps: &mut Steps, browser: &str, words: &[&str]) -> Result<(), String> {
    steps.step("tools and browser", || {
        tools::for_the_site()?;
        tools::for_browsers()?;
        match browser {
            "chromium" => Ok(()),
            "firefox" => tools::firefox(),
            "webkit" => tools::webkit(),
            other => {
                Err(format!("there are no journeys for \"{other}\", but for chromium, firefox and webkit."))
            }
        }
    })?;
    steps.step("the release site", dist::dist)?;
    steps.step("end to end", || match browser {
        "webkit" => journeys(browser, &["in_webkit", "--ignored"]),
        _ => journeys(browser, words),
    })
}

/// Journeys in a browser: those whose names hold one of the words, or all.
pub fn journeys(browser: &str, words: &[&str]) -> Result<(), String> {
    let mut command = cargo(["test", "--locked", "--package", "azimuth-e2e", "--test", "journeys", "--"]);
    run(command.args(words).env("AZIMUTH_BROWSER", browser))
}
