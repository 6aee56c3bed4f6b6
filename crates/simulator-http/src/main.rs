//! Serves the simulator, or the built site, until it is interrupted.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use azimuth_simulator::World;
use azimuth_simulator_http::{Role, ServerOptions, SiteOptions, blobs_of, serve_site, start};

const HELP: &str = "\
azimuth-simulator-http azure [--world NAME] [--port BASE] [--speed N] [--token-lifetime SECONDS] [--no-cors]
                             [--faults FILE] [--page-size N] [--refresh-token-lifetime SECONDS]
                             [--redirect-uri URI]... [--no-secrets-from-pages]
  The simulator, on eight ports from BASE on (4001; 0 picks free ones). Its first line of output is the config.json
  that points the page at it. Worlds: bakery (as in the demo), article (the articles' own data), large (100,000 runs),
  stress (long curves and logs), archive (10,000 runs with two gigabytes of files). People sign in on a page of the login origin, and are sent back to auth.html at any
  port of this machine or to a --redirect-uri. Pages may sign in with the client's secret unless
  --no-secrets-from-pages is given; Entra never lets them.
azimuth-simulator-http site  [--folder FOLDER] [--port PORT] [--prefix PATH] [--config FILE] [--like-storage]
  A static site (dist, 8080, /). With --config the page gets that file as its config.json. With --like-storage it
  answers as the static site of a storage account does, with the headers that files.json names.
Both: --stop-with-input ends the server when standard input does.
";
const DEFAULT_SIMULATOR_PORT: u16 = 4001;
const DEFAULT_SITE_PORT: u16 = 8080;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let outcome = match arguments.next().as_deref() {
        Some("azure") => azure(arguments),
        Some("site") => site(arguments),
        _ => Err(HELP.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn azure(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut options = ServerOptions { port: DEFAULT_SIMULATOR_PORT, log: true, ..ServerOptions::default() };
    let mut stop_with_input = false;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--world" => options.world = world(&value(&argument, &mut arguments)?)?,
            "--port" => options.port = number(&argument, &mut arguments)?,
            "--speed" => options.speed = speed(number(&argument, &mut arguments)?)?,
            "--token-lifetime" => options.token_lifetime_seconds = Some(number(&argument, &mut arguments)?),
            "--refresh-token-lifetime" => {
                options.refresh_token_lifetime_seconds = Some(number(&argument, &mut arguments)?);
            }
            "--redirect-uri" => options.redirect_uris.push(value(&argument, &mut arguments)?),
            "--no-secrets-from-pages" => options.secrets_from_pages = false,
            "--no-cors" => options.cors = false,
            "--page-size" => options.page_size = Some(number(&argument, &mut arguments)?),
            "--faults" => options.faults = Some(file(&value(&argument, &mut arguments)?)?),
            "--stop-with-input" => stop_with_input = true,
            other => return Err(format!("The simulator has no option \"{other}\".\n{HELP}")),
        }
    }
    let running = start(options)?;
    say(running.config_json())?;
    for role in Role::ALL {
        eprintln!("{:>16}  {}", role.name(), running.origin(role));
    }
    wait(stop_with_input);
    Ok(())
}

fn site(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let mut options = SiteOptions { port: DEFAULT_SITE_PORT, ..SiteOptions::new("dist") };
    let (mut stop_with_input, mut like_storage) = (false, false);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--like-storage" => like_storage = true,
            "--folder" => options.folder = value(&argument, &mut arguments)?.into(),
            "--port" => options.port = number(&argument, &mut arguments)?,
            "--prefix" => options.prefix = value(&argument, &mut arguments)?,
            "--config" => options.config = Some(file(&value(&argument, &mut arguments)?)?),
            "--stop-with-input" => stop_with_input = true,
            other => return Err(format!("The site's server has no option \"{other}\".\n{HELP}")),
        }
    }
    if like_storage {
        if options.prefix != "/" {
            return Err("--prefix does not go with --like-storage.".to_owned());
        }
        options.blobs = Some(blobs_of(&options.folder)?);
    }
    let site = serve_site(options)?;
    say(&format!("Azimuth is at {} (Ctrl-C ends it).", site.address()))?;
    wait(stop_with_input);
    Ok(())
}

/// Whoever started this may read the line through a pipe, so it leaves at once.
fn say(line: &str) -> Result<(), String> {
    let mut output = std::io::stdout();
    writeln!(output, "{line}")
        .and_then(|()| output.flush())
        .map_err(|error| format!("standard output: {error}"))
}

fn wait(stop_with_input: bool) {
    if stop_with_input {
        // A failed read means the same as the end: nobody is there any more.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        return;
    }
    loop {
        std::thread::park();
    }
}

fn value(option: &str, arguments: &mut impl Iterator<Item = String>) -> Result<String, String> {
    arguments.next().ok_or_else(|| format!("{option} needs a value behind it."))
}

fn number<T: std::str::FromStr>(
    option: &str,
    arguments: &mut impl Iterator<Item = String>,
) -> Result<T, String> {
    let value = value(option, arguments)?;
    value.parse().map_err(|_| format!("{option} takes a number, not \"{value}\"."))
}

fn world(name: &str) -> Result<World, String> {
    World::named(name).ok_or_else(|| {
        let names: Vec<&str> = World::ALL.iter().map(|world| world.name()).collect();
        format!("There is no world \"{name}\"; there are {}.", names.join(", "))
    })
}

fn speed(speed: f64) -> Result<f64, String> {
    if speed.is_finite() && speed > 0.0 {
        Ok(speed)
    } else {
        Err("--speed takes a number above 0.".to_owned())
    }
}

fn file(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}
