//! Brings a built site into a container of a storage account.

use std::path::{Path, PathBuf};

use time::{Duration, OffsetDateTime};

use crate::manifest::{self, Content, Manifest};
use crate::pack::{content_of, read};
use crate::plan::{Plan, Upload, Wishes};
use crate::settings::Settings;
use crate::storage::{Account, Container};

const ENCODINGS: [&str; 2] = ["br", "gzip"];
const DEFAULT_KEEP_DAYS: u16 = 7;

pub fn deploy(arguments: &[String]) -> Result<(), String> {
    let options = Options::parse(arguments)?;
    let site = Manifest::of_folder(&options.folder)?;
    check_folder(&options.folder, &site)?;
    let config = options.config.clone().unwrap_or_else(|| options.folder.join(manifest::CONFIG));
    let settings = read_config(&config)?;

    let account = options.account.or_else(Account::of_environment).ok_or(
        "Where to? --account NAME, or a connection string (--connection-string, AZURE_STORAGE_CONNECTION_STRING).",
    )?;
    let container = Container::new(account, options.container, options.prefix)?;
    eprintln!("Looking at what is there.");
    let there = container.list()?;
    let record = container.record(&there)?;
    let wishes = Wishes {
        encoding: options.encoding,
        config: settings,
        replace_config: options.config.is_some(),
        keep: Duration::days(options.keep_days.into()),
        now: OffsetDateTime::now_utc(),
    };
    let plan = Plan::new(&site, &there, &record, &wishes)?;
    print!("{plan}");
    if options.is_dry_run {
        eprintln!("A dry run: nothing of that was done.");
        return Ok(());
    }

    let (page, others) = plan.then.split_last().expect("a plan without a page is refused");
    prepare(&container, &plan, &options.folder)
        .map_err(|error| format!("{error}\nThe site is still the one before; deploy again."))?;
    for upload in others {
        let file = options.folder.join(&upload.from);
        let uploaded =
            container.upload(if upload.path == manifest::CONFIG { &config } else { &file }, upload);
        uploaded.map_err(|error| format!("{error}\nThe page is still the one before; deploy again."))?;
    }
    // A command that fails may have done its work.
    container.upload(&options.folder.join(&page.from), page).map_err(|error| {
        format!("{error}\nWhether the site is the new one, nobody knows until somebody looks; deploy again.")
    })?;
    finish(&container, &plan).map_err(|error| format!("{error} Deploy again."))?;
    eprintln!("Deployed: {} uploaded, {} removed.", plan.first.len() + plan.then.len(), plan.removed.len());
    Ok(())
}

/// Brings what the page needs, and looks whether all of it is there.
fn prepare(container: &Container, plan: &Plan, folder: &Path) -> Result<(), String> {
    if let Some(record) = &plan.record_before {
        container.write_record(record)?;
    }
    for alike in plan.first.chunk_by(Upload::is_like) {
        container.upload_alike(folder, alike)?;
    }
    // Also where nothing was uploaded: another deployment may have removed what was there already.
    let there = container.list()?;
    let missing = plan.missing(&there);
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("these files are not there as they should be: {}.", missing.join(", "))),
    }
}

/// Notes what the site is now, and removes what is left of former releases.
fn finish(container: &Container, plan: &Plan) -> Result<(), String> {
    container.write_record(&plan.record_after).map_err(|error| {
        format!(
            "{error}\nThe site is the new one, but the list of its files, {}, could not be written.",
            manifest::NAME
        )
    })?;
    let (mut left, mut why) = (Vec::new(), String::new());
    for file in &plan.removed {
        if let Err(error) = container.remove(&file.path) {
            left.push(file.path.as_str());
            why = error;
        }
    }
    match left.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{why}\nThe site is the new one, but these files of former releases could not be removed: {}.",
            left.join(", ")
        )),
    }
}

struct Options {
    folder: PathBuf,
    account: Option<Account>,
    container: String,
    prefix: String,
    config: Option<PathBuf>,
    encoding: Option<String>,
    keep_days: u16,
    is_dry_run: bool,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Options, String> {
        let mut options = Options {
            folder: PathBuf::from("dist"),
            account: None,
            container: "$web".to_owned(),
            prefix: String::new(),
            config: None,
            encoding: None,
            keep_days: DEFAULT_KEEP_DAYS,
            is_dry_run: false,
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().cloned().ok_or_else(|| format!("{argument} needs a value behind it."));
            match argument.as_str() {
                "--account" | "--connection-string" if options.account.is_some() => {
                    return Err("--account and --connection-string both say where to: give one.".to_owned());
                }
                "--account" => options.account = Some(Account::Named(value()?)),
                "--connection-string" => options.account = Some(Account::ConnectionString(value()?)),
                "--container" => options.container = value()?,
                "--folder" => options.folder = value()?.into(),
                "--prefix" => options.prefix = prefix(&value()?)?,
                "--config" => options.config = Some(value()?.into()),
                "--encoding" => options.encoding = Some(encoding(value()?)?),
                "--keep-days" => {
                    options.keep_days =
                        value()?.parse().map_err(|_| "--keep-days takes a number of days.".to_owned())?;
                }
                "--dry-run" => options.is_dry_run = true,
                other => return Err(format!("deploy has no option \"{other}\": see cargo xtask help.")),
            }
        }
        Ok(options)
    }
}

/// With a slash at its end, unless it is empty.
fn prefix(path: &str) -> Result<String, String> {
    let path = path.trim_matches('/');
    let is_plain = |name: &str| !name.is_empty() && name != "." && name != ".." && !name.contains('\\');
    match path.split('/').all(is_plain) {
        true => Ok(format!("{path}/")),
        false if path.is_empty() => Ok(String::new()),
        false => Err(format!("--prefix takes a folder such as tools/azimuth, not \"{path}\".")),
    }
}

fn encoding(name: String) -> Result<String, String> {
    if ENCODINGS.contains(&name.as_str()) {
        return Ok(name);
    }
    Err(format!("--encoding takes {}, not \"{name}\".", ENCODINGS.join(" or ")))
}

fn read_config(path: &Path) -> Result<Content, String> {
    let bytes = read(path)?;
    let unknown = check_settings(&bytes).map_err(|error| format!("{} {error}", path.display()))?;
    if !unknown.is_empty() {
        eprintln!("{}: the page knows no {}.", path.display(), unknown.join(", "));
    }
    Ok(content_of(&bytes))
}

/// By the rules of the page, which would tell only those who use it; gives the names of fields that mean nothing there.
fn check_settings(bytes: &[u8]) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not text in UTF-8.".to_owned())?;
    // Without an origin of the page: nobody can deploy Azure's own hosts beside it.
    match Settings::parse(text, None) {
        Ok(settings) => Ok(settings.unknown),
        Err(fault) => {
            let field = if fault.field.is_empty() { "it".to_owned() } else { format!("\"{}\"", fault.field) };
            Err(format!(
                "would stop the page: {field} holds {}. It may hold {}.",
                fault.found, fault.expected
            ))
        }
    }
}

/// A folder that was built by halves, or changed since, would make a site that does not start.
fn check_folder(folder: &Path, site: &Manifest) -> Result<(), String> {
    for file in &site.files {
        let compressed = file.compressed.iter().map(|one| (&one.path, &one.content));
        for (path, content) in compressed.chain([(&file.path, &file.content)]) {
            if path != manifest::CONFIG && content_of(&read(&folder.join(path))?) != *content {
                return Err(format!(
                    "{} is not as {} has it: build the site anew with `cargo xtask dist`.",
                    folder.join(path).display(),
                    manifest::NAME
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_built_goes_into_the_static_site_of_an_account() {
        let options = parse("--account bakerysite").expect("an account is enough");
        assert_eq!((options.container.as_str(), options.prefix.as_str()), ("$web", ""));
        assert_eq!((options.folder.as_path(), options.keep_days), (Path::new("dist"), 7));
        assert!(matches!(options.account, Some(Account::Named(name)) if name == "bakerysite"));
        assert!(!options.is_dry_run && options.config.is_none() && options.encoding.is_none());
    }

    #[test]
    fn a_folder_of_the_site_ends_with_a_slash() {
        for folder in ["tools/azimuth", "/tools/azimuth/"] {
            assert_eq!(prefix(folder).as_deref(), Ok("tools/azimuth/"));
        }
        assert_eq!(prefix("/").as_deref(), Ok(""));
    }

    #[test]
    fn settings_that_would_stop_the_page_are_refused() {
        for (text, words) in [
            ("<html>", "it holds text that is not JSON"),
            ("[]", "a JSON object"),
            (r#"{"readOnly":"true"}"#, r#""readOnly" holds "true""#),
            (r#"{"signIn":{"clientId":"c"}}"#, r#""signIn.tenant" holds nothing"#),
            (r#"{"relay":"relay.example.net"}"#, "https://relay.example.net"),
        ] {
            let refused = check_settings(text.as_bytes()).expect_err(text);
            assert!(refused.contains(words), "{refused}");
        }
        assert!(check_settings(b"\xff\xfe{\0}\0").expect_err("UTF-16").contains("UTF-8"));
    }

    #[test]
    fn settings_that_the_page_takes_are_taken_and_fields_that_it_does_not_know_told() {
        assert_eq!(check_settings(b"{}"), Ok(Vec::new()));
        let text = "\u{feff}{\"demo\": false, \"colour\": \"red\"}";
        assert_eq!(check_settings(text.as_bytes()), Ok(vec!["colour".to_owned()]));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for line in [
            "--account a --connection-string b",
            "--account",
            "--encoding zip",
            "--keep-days week",
            "--keep-days -1",
            "--prefix a//b",
            "--prefix ../b",
            "--force",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
