//! A container of a storage account, reached through the Azure CLI.

use std::fs::{self, DirBuilder};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::manifest::{Manifest, NAME, SiteFile};
use crate::pack::content_of;
use crate::plan::{Blob, Blobs, Upload};

/// On Windows a program without an extension is an `.exe`, and the Azure CLI is none.
const PROGRAM: &str = if cfg!(windows) { "az.cmd" } else { "az" };
const CONNECTION_STRING: &str = "AZURE_STORAGE_CONNECTION_STRING";

/// Who asks.
pub enum Account {
    /// Whoever `az login` signed in.
    Named(String),
    /// Handed on in the environment, since everybody on a machine sees its processes with their arguments.
    ConnectionString(String),
}

impl Account {
    /// What the Azure CLI itself would take from the environment.
    pub fn of_environment() -> Option<Account> {
        std::env::var(CONNECTION_STRING).ok().filter(|text| !text.is_empty()).map(Account::ConnectionString)
    }
}

pub struct Container {
    account: Account,
    name: String,
    /// The folder of the site within it, with a slash at its end, or nothing.
    prefix: String,
    staging: Staging,
}

impl Container {
    pub fn new(account: Account, name: String, prefix: String) -> Result<Container, String> {
        // Not `--version`, which looks for a newer one.
        let found = Command::new(PROGRAM).arg("version").stdin(Stdio::null()).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Err("The Azure CLI is not here, and it is what uploads. How to install it: \
                        https://learn.microsoft.com/cli/azure/install-azure-cli, or with Python: \
                        pipx install azure-cli. Then sign in with: az login"
                .to_owned());
        }
        Ok(Container { account, name, prefix, staging: Staging::new()? })
    }

    pub fn list(&self) -> Result<Blobs, String> {
        let mut az = self.az("list");
        az.args(["--container-name", &self.name, "--num-results", "*", "--output", "json"]);
        az.args([
            "--query",
            "[].{name:name,size:properties.contentLength,settings:properties.contentSettings}",
        ]);
        if !self.prefix.is_empty() {
            az.args(["--prefix", &self.prefix]);
        }
        let told = self.run(&mut az)?;
        let listed: Vec<Listed> = serde_json::from_str(&told)
            .map_err(|error| format!("`az storage blob list` wrote something else than a list: {error}"))?;
        let named = |one: Listed| {
            let path = one.name.strip_prefix(&self.prefix)?.to_owned();
            let Settings { content_type, cache_control, content_encoding } = one.settings;
            Some((path, Blob { size: one.size, content_type, cache_control, content_encoding }))
        };
        Ok(listed.into_iter().filter_map(named).collect())
    }

    /// What earlier deployments noted, or nothing where there was none.
    pub fn record(&self, there: &Blobs) -> Result<Manifest, String> {
        if !there.contains_key(NAME) {
            return Ok(Manifest::default());
        }
        let file = self.staging.empty()?.join(NAME);
        let mut az = self.az("download");
        az.args(["--container-name", &self.name, "--name", &format!("{}{NAME}", self.prefix), "--file"]);
        self.run(az.arg(&file).args(["--no-progress", "--output", "none"]))?;
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Manifest::parse(&text).map_err(|error| {
            format!(
                "the deployed {NAME} cannot be read ({error}), so nobody knows which files are of earlier deployments. \
                 Delete it there and deploy again; what it named stays until somebody removes it."
            )
        })
    }

    /// Uploads files of a folder that are alike, with one command. That it ends well does not mean that all arrived:
    /// <https://github.com/Azure/azure-cli/issues/22708>.
    pub fn upload_alike(&self, folder: &Path, uploads: &[Upload]) -> Result<(), String> {
        let Some(alike) = uploads.first() else { return Ok(()) };
        let staged = self.staging.empty()?;
        for upload in uploads {
            copy(&folder.join(&upload.from), &staged.join(&upload.path))?;
        }
        let mut az = self.az("upload-batch");
        az.args(["--destination", &self.name]).arg("--source").arg(staged);
        if !self.prefix.is_empty() {
            az.args(["--destination-path", self.prefix.trim_end_matches('/')]);
        }
        self.run(with_properties(&mut az, alike)).map(drop)
    }

    pub fn upload(&self, file: &Path, upload: &Upload) -> Result<(), String> {
        let mut az = self.az("upload");
        az.args(["--container-name", &self.name, "--name", &format!("{}{}", self.prefix, upload.path)]);
        self.run(with_properties(az.arg("--file").arg(file), upload)).map(drop)
    }

    pub fn write_record(&self, record: &Manifest) -> Result<(), String> {
        let text = record.text();
        let file = self.staging.empty()?.join(NAME);
        fs::write(&file, &text).map_err(|error| format!("{}: {error}", file.display()))?;
        let described = SiteFile::new(NAME.to_owned(), content_of(text.as_bytes()), Vec::new());
        self.upload(&file, &Upload::plain(&described))
    }

    pub fn remove(&self, path: &str) -> Result<(), String> {
        let name = format!("{}{path}", self.prefix);
        let mut az = self.az("delete");
        self.run(az.args(["--container-name", &self.name, "--name", &name, "--output", "none"])).map(drop)
    }

    fn az(&self, command: &str) -> Command {
        let mut az = Command::new(PROGRAM);
        az.args(["storage", "blob", command, "--only-show-errors"]).stdin(Stdio::null());
        match &self.account {
            Account::Named(name) => {
                az.env_remove(CONNECTION_STRING).args(["--account-name", name, "--auth-mode", "login"])
            }
            Account::ConnectionString(text) => az.env(CONNECTION_STRING, text),
        };
        az
    }

    fn run(&self, az: &mut Command) -> Result<String, String> {
        let output = az.output().map_err(|error| format!("{PROGRAM} did not start: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let told = String::from_utf8_lossy(&output.stderr);
        let told = match &self.account {
            Account::ConnectionString(text) => told.replace(text.as_str(), "(the connection string)"),
            Account::Named(_) => told.into_owned(),
        };
        let remedy = remedy(&told, &self.name).map(|remedy| format!("\n{remedy}")).unwrap_or_default();
        Err(format!("the Azure CLI says: {}{remedy}", told.trim()))
    }
}

/// What to do about a failure, by words that the Azure CLI has had for years.
fn remedy(told: &str, container: &str) -> Option<String> {
    let has = |words: &[&str]| words.iter().any(|word| told.contains(word));
    if has(&["az login"]) {
        return Some("Sign in with `az login`, or give a connection string.".to_owned());
    }
    if has(&["ContainerNotFound"]) && container == "$web" {
        return Some(
            "The account has no static site yet. This switches it on:\n  \
             az storage blob service-properties update --account-name NAME --auth-mode login --static-website \
             --index-document index.html --404-document index.html"
                .to_owned(),
        );
    }
    if has(&["AuthorizationPermissionMismatch", "AuthorizationFailure", "required permissions"]) {
        return Some(
            "Whoever deploys needs the role Storage Blob Data Contributor on the account; a role given just now takes \
             some minutes."
                .to_owned(),
        );
    }
    if has(&["network rules", "AuthenticationFailed"]) {
        return Some(
            "The key may also be wrong, or the account may let in nobody from this network.".to_owned(),
        );
    }
    if has(&["Failed to resolve", "Name or service not known", "getaddrinfo"]) {
        return Some("Is the name of the account right?".to_owned());
    }
    None
}

/// Always given, since the Azure CLI guesses types by tables of the machine, and not at all beside an encoding.
fn with_properties<'command>(az: &'command mut Command, upload: &Upload) -> &'command mut Command {
    az.args(["--overwrite", "true", "--no-progress", "--output", "none"]);
    az.args(["--content-type", &upload.content_type, "--content-cache-control", &upload.cache_control]);
    if let Some(encoding) = &upload.content_encoding {
        az.args(["--content-encoding", encoding]);
    }
    az
}

#[derive(Deserialize)]
struct Listed {
    name: String,
    size: u64,
    settings: Settings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    content_type: Option<String>,
    cache_control: Option<String>,
    content_encoding: Option<String>,
}

/// A folder of this process alone that holds what one command uploads, and goes in the end.
struct Staging(PathBuf);

impl Staging {
    fn new() -> Result<Staging, String> {
        Staging::at(std::env::temp_dir().join(format!("azimuth-deploy-{}", std::process::id())))
    }

    /// Others can write there too: what somebody else made ready under this name is not taken.
    fn at(folder: PathBuf) -> Result<Staging, String> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                format!("{} is there already, and not of this deployment: remove it.", folder.display())
            }
            _ => format!("{}: {error}", folder.display()),
        })?;
        Ok(Staging(folder))
    }

    fn empty(&self) -> Result<PathBuf, String> {
        let folder = self.0.join("files");
        let failed = |error| format!("{}: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(failed)?;
        }
        fs::create_dir(&folder).map_err(failed)?;
        Ok(folder)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What is left over lies in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let copied = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::copy(from, to));
    copied.map(drop).map_err(|error| format!("{}: {error}", from.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(told: &str, container: &str, expected: &str) {
        let remedy = remedy(told, container).unwrap_or_default();
        assert!(remedy.contains(expected), "{remedy}");
    }

    #[test]
    fn failures_that_people_meet_come_with_a_remedy() {
        check("ERROR: Please run 'az login' to setup account.", "$web", "az login");
        check("ErrorCode:ContainerNotFound", "$web", "--static-website");
        check("ErrorCode:AuthorizationPermissionMismatch", "$web", "Storage Blob Data Contributor");
        check(
            "You do not have the required permissions needed to perform this operation.",
            "x",
            "Contributor",
        );
        check("The request may be blocked by network rules of storage account.", "$web", "key");
        check("Failed to resolve 'nobody.blob.core.windows.net'", "$web", "name of the account");
    }

    #[test]
    fn what_is_uploaded_lies_in_a_folder_that_nobody_else_made_or_reads() {
        let folder = std::env::temp_dir().join(format!("azimuth-deploy-test-{}", std::process::id()));
        let staging = Staging::at(folder.clone()).expect("nobody has this name");
        assert!(Staging::at(folder.clone()).is_err(), "it is somebody's already");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&folder).expect("it was made").permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        }
        let files = staging.empty().expect("it can be written");
        fs::write(files.join("one"), "1").expect("it can be written");
        let left = fs::read_dir(staging.empty().expect("it can be emptied")).expect("it is there").count();
        assert_eq!(left, 0);
        drop(staging);
        assert!(!folder.exists());
    }

    #[test]
    fn other_failures_stand_for_themselves() {
        assert_eq!(remedy("ErrorCode:ContainerNotFound", "site"), None);
        assert_eq!(remedy("ErrorCode:InternalError", "$web"), None);
    }
}
