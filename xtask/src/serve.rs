//! The built site on this machine, and the simulator over HTTP.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::{dist, process};

const DEFAULT_PORT: u16 = 8080;
/// How often the servers are looked at: one that ended ends the others.
const LOOK_AFTER: Duration = Duration::from_millis(200);

pub fn serve(arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    dist::dist()?;
    let server = build_server()?;

    let mut servers = Servers::default();
    let mut config = options.config;
    if options.azure {
        let mut simulator = Command::new(&server);
        simulator.arg("azure").args(&options.simulator).stdout(Stdio::piped());
        let line = first_line(servers.start(&mut simulator)?)?;
        let file = process::target_folder().join("serve-config.json");
        fs::write(&file, line).map_err(|error| format!("{}: {error}", file.display()))?;
        config = Some(file);
    }
    let mut site = Command::new(&server);
    site.args(["site", "--folder"])
        .arg(process::root().join("dist"))
        .args(["--port", &options.port.to_string()]);
    if let Some(file) = config {
        site.arg("--config").arg(file);
    }
    servers.start(&mut site)?;
    servers.wait()
}

/// Standard output belongs to the one line of JSON: everything else goes to standard error.
pub fn azure(arguments: &[String]) -> Result<(), String> {
    let server = build_server()?;
    let mut servers = Servers::default();
    servers.start(Command::new(server).arg("azure").args(arguments))?;
    servers.wait()
}

#[derive(Debug, PartialEq)]
struct Options {
    port: u16,
    config: Option<PathBuf>,
    azure: bool,
    /// What is handed on to the simulator.
    simulator: Vec<String>,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options { port: DEFAULT_PORT, config: None, azure: false, simulator: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().cloned().ok_or_else(|| format!("{argument} needs a value behind it."));
            match argument.as_str() {
                "--port" => {
                    options.port =
                        value()?.parse().map_err(|_| "--port takes a number up to 65535.".to_owned())?;
                }
                "--config" => options.config = Some(PathBuf::from(value()?)),
                "--azure" => options.azure = true,
                "--no-cors" | "--no-secrets-from-pages" => options.simulator.push(argument.clone()),
                "--azure-port" => options.simulator.extend(["--port".to_owned(), value()?]),
                "--world"
                | "--speed"
                | "--token-lifetime"
                | "--faults"
                | "--page-size"
                | "--refresh-token-lifetime"
                | "--redirect-uri" => {
                    options.simulator.extend([argument.clone(), value()?]);
                }
                other => return Err(format!("serve has no option \"{other}\": see cargo xtask help.")),
            }
        }
        if options.azure && options.config.is_some() {
            return Err("--config and --azure both say which config.json the page gets: give one.".to_owned());
        }
        if !options.azure && !options.simulator.is_empty() {
            return Err(format!("{} goes with --azure.", options.simulator[0]));
        }
        Ok(options)
    }
}

pub fn build_server() -> Result<PathBuf, String> {
    eprintln!("Building the servers (about a minute the first time).");
    process::run(&mut process::cargo(["build", "--quiet", "--package", "azimuth-simulator-http"]))?;
    let name = format!("azimuth-simulator-http{}", std::env::consts::EXE_SUFFIX);
    Ok(process::target_folder().join("debug").join(name))
}

/// A server says on its first line how it is reached.
pub fn first_line(server: &mut Child) -> Result<String, String> {
    let output = server.stdout.take().expect("its output was asked for as a pipe");
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).map_err(|error| format!("a server: {error}"))?;
    if line.is_empty() { Err("a server did not start.".to_owned()) } else { Ok(line) }
}

/// Servers that run until one of them ends. Each has a pipe as standard input and stops when it closes, so none
/// outlives this process however that ends.
#[derive(Default)]
pub struct Servers {
    running: Vec<Child>,
}

impl Servers {
    pub fn start(&mut self, command: &mut Command) -> Result<&mut Child, String> {
        let command = command.arg("--stop-with-input").stdin(Stdio::piped());
        let child = command.spawn().map_err(|error| format!("a server did not start: {error}"))?;
        self.running.push(child);
        Ok(self.running.last_mut().expect("one was just pushed"))
    }

    fn wait(mut self) -> Result<(), String> {
        loop {
            for child in &mut self.running {
                let ended = child.try_wait().map_err(|error| format!("a server was lost: {error}"))?;
                match ended {
                    Some(status) if status.success() => return Ok(()),
                    Some(status) => return Err(format!("a server ended ({status}); what it said is above.")),
                    None => {}
                }
            }
            std::thread::sleep(LOOK_AFTER);
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for child in &mut self.running {
            drop(child.stdin.take());
        }
        for child in &mut self.running {
            // One that cannot be waited for has ended.
            let _ = child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn without_options_the_site_is_on_port_8080() {
        let options = parse("").expect("no options are good options");
        assert_eq!((options.port, options.config, options.azure), (8080, None, false));
    }

    #[test]
    fn the_options_of_the_simulator_are_handed_on() {
        let options =
            parse("--azure --world article --azure-port 0 --no-cors --port 9000").expect("all are known");
        assert_eq!(options.simulator, ["--world", "article", "--port", "0", "--no-cors"]);
        assert_eq!(options.port, 9000);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in ["--world article", "--azure --config file", "--port", "--port http", "--colour red"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
