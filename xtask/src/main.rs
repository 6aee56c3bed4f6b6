//! The commands of the project: `cargo xtask help` lists them.

mod bench;
mod check;
mod conformance;
mod deploy;
mod dist;
mod invariants;
mod lighthouse;
mod page;
mod parts;
mod process;
mod python;
mod serve;
mod test;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  serve   install what is missing, build the release site and serve it on http://127.0.0.1:8080
            --port PORT     another port
            --config FILE   the config.json that the page gets
            --azure         start the simulator over HTTP too and point the page at it; with it go
                            --world, --speed, --token-lifetime, --no-cors, --faults, --page-size,
                            --refresh-token-lifetime, --redirect-uri, --no-secrets-from-pages (see azure),
                            --azure-port BASE
  test    install what is missing (browser and driver too) and run every test: native, in a browser, end to end
            --browser NAME  the journeys alone, in chromium, firefox or webkit (one journey)
            --large         the journey that takes ten thousand runs and two gigabytes out, and watches the
                            memory of the page; needs Python, 7 GB of disk and ten minutes
  check   format, lints for the host and for wasm, invariants, licences, sources and advisories of dependencies
  conformance
          install Azure's published Python clients and walk the simulator with them; run the relay in nginx;
            deploy with the Azure CLI; go the main journeys in Firefox, and one in WebKitGTK
  dist    the release site in dist/, and what it weighs
  deploy  bring dist/ into a storage account with the Azure CLI: docs/deploying.md
            --account NAME           where to, as whoever `az login` signed in; or
            --connection-string TEXT with a key, also from AZURE_STORAGE_CONNECTION_STRING
            --container NAME         instead of $web
            --prefix PATH            a folder of the site instead of its root
            --folder FOLDER          another build than dist/: an older one rolls back
            --config FILE            becomes config.json; without it the deployed one stays
            --encoding br|gzip       store files compressed, for hosts that compress nothing
            --keep-days N            how long files of former releases stay (7)
            --dry-run                only say what would be done
  bench   how quick the release site is with 1,000 and with 100,000 runs, beside what others need; minutes
            --site FOLDER   a site that is built already
            --loads N       how many loads a median is of (5)
  lighthouse  what Lighthouse thinks of the release site; needs npm, and is no part of the checks
  azure   the simulator over HTTP, for curl and other clients; prints the config.json that points the page at it
            --world NAME, --port BASE, --speed N, --token-lifetime SECONDS, --no-cors, --faults FILE,
            --page-size N, --refresh-token-lifetime SECONDS, --redirect-uri URI, --no-secrets-from-pages
          worlds: bakery (as in the demo), article, large (100,000 runs), stress (long curves and logs),
                  archive (10,000 runs and two gigabytes of files)
  help    this text
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let arguments: Vec<String> = arguments.collect();

    let outcome = match command.as_str() {
        "azure" => serve::azure(&arguments),
        "bench" => bench::bench(&arguments),
        "serve" => serve::serve(&arguments),
        "test" => test::test(&arguments),
        "deploy" => deploy::deploy(&arguments),
        "conformance" => without_options(&arguments).and_then(|()| conformance::conformance()),
        "check" => without_options(&arguments).and_then(|()| check::check()),
        "lighthouse" => without_options(&arguments).and_then(|()| lighthouse::lighthouse()),
        "dist" => without_options(&arguments).and_then(|()| dist::dist()),
        "help" | "--help" | "-h" | "" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("There is no command \"{other}\".\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn without_options(arguments: &[String]) -> Result<(), String> {
    match arguments.first() {
        Some(argument) => Err(format!("This command takes no options, it got \"{argument}\".")),
        None => Ok(()),
    }
}
