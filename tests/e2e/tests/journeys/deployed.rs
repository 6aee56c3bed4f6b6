//! What `cargo xtask deploy` does to a storage account: the Azure CLI itself, and Azurite in the account's place.
//! `cargo xtask conformance` installs both and runs this.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use azimuth_e2e::{Blob, Blobs, Stage, journey};
use serde_json::Value;

/// Azurite's own, published with it.
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const ACCOUNT: &str = "devstoreaccount1";
const FOR_EVER: &str = "public,max-age=31536000,immutable";

const FIRST: &str = "azimuth-aaaaaaaaaaaaaaaa.wasm";
const SECOND: &str = "azimuth-bbbbbbbbbbbbbbbb.wasm";
const SCRIPT: &str = "boot-cccccccccccccccc.js";

fn told(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("cargo xtask conformance sets {variable}"))
}

/// A folder of one test, empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deployed").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A site of little text, as `dist` would leave it.
fn release(folder: &Path, wasm: &str) -> PathBuf {
    let site = folder.join(wasm);
    fs::create_dir_all(&site).unwrap();
    for (path, text) in [
        ("index.html", format!("<script src=./{SCRIPT} data-wasm=./{wasm}></script>")),
        ("auth.html", "<script src=./auth.js></script>".to_owned()),
        ("auth.js", "location.replace('./')".to_owned()),
        ("config.json", "{}".to_owned()),
        (SCRIPT, "start()".repeat(100)),
        (wasm, wasm.repeat(100)),
    ] {
        fs::write(site.join(path), text).unwrap();
    }
    let packed = Command::new(told("AZIMUTH_SITE_PROGRAM")).arg("pack").arg(&site).status().unwrap();
    assert!(packed.success());
    site
}

/// A storage account on this machine, with a container that everybody may read.
struct Storage {
    azurite: Child,
    port: u16,
    log: Arc<Mutex<Vec<String>>>,
    folder: PathBuf,
    container: &'static str,
}

impl Storage {
    fn new(folder: &Path, container: &'static str) -> Storage {
        let storage = Storage::without_container(folder, container);
        let made = storage
            .az(&["storage", "container", "create", "--name", container, "--public-access", "blob"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        storage
    }

    fn without_container(folder: &Path, container: &'static str) -> Storage {
        let mut azurite = Command::new("node")
            .arg(told("AZIMUTH_AZURITE"))
            .args(["--blobPort", "0", "--inMemoryPersistence", "--disableTelemetry"])
            // It knows fewer versions of the service than the Azure CLI, which uses nothing new of them here.
            .arg("--skipApiVersionCheck")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(azurite.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().expect("Azurite says where it listens").unwrap();
            if let Some((_, address)) = line.split_once("successfully listens on ") {
                break address.rsplit(':').next().unwrap().trim().parse().unwrap();
            }
        };
        let log = Arc::new(Mutex::new(Vec::new()));
        let told = log.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                told.lock().unwrap().push(line);
            }
        });
        Storage { azurite, port, log, folder: folder.to_owned(), container }
    }

    fn connection_string(&self) -> String {
        let endpoint = format!("http://127.0.0.1:{}/{ACCOUNT}", self.port);
        format!(
            "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
        )
    }

    /// A program that finds the Azure CLI, which is to know nobody who signed in on this machine.
    fn program(&self, name: &str) -> Command {
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new(name);
        command
            .env("PATH", format!("{}:{path}", told("AZIMUTH_AZ")))
            .env("AZURE_CONFIG_DIR", self.folder.join("azure"))
            .env("AZURE_CORE_COLLECT_TELEMETRY", "no")
            .env("AZURE_STORAGE_CONNECTION_STRING", self.connection_string());
        command
    }

    fn az(&self, arguments: &[&str]) -> Command {
        let mut az = self.program("az");
        az.args(arguments).args(["--only-show-errors", "--output", "json"]);
        az
    }

    fn deployment(&self, site: &Path, options: &[&str]) -> Command {
        let mut deploy = self.program(&told("AZIMUTH_SITE_PROGRAM"));
        deploy.arg("deploy").arg("--folder").arg(site).args(["--container", self.container]).args(options);
        deploy
    }

    /// What it says, once it has done it.
    #[track_caller]
    fn deploy(&self, site: &Path, options: &[&str]) -> String {
        let (ended_well, said) = said(&mut self.deployment(site, options));
        assert!(ended_well, "{said}");
        said
    }

    /// Puts something there that is none of ours.
    fn put(&self, name: &str, text: &str) {
        let file = self.folder.join("other");
        fs::write(&file, text).unwrap();
        let mut az = self.az(&["storage", "blob", "upload", "--container-name", self.container]);
        az.args(["--name", name, "--overwrite", "true", "--no-progress", "--file"]).arg(file);
        assert!(az.output().unwrap().status.success());
    }

    fn names(&self) -> Vec<String> {
        let listed =
            self.az(&["storage", "blob", "list", "--container-name", self.container]).output().unwrap();
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        listed.as_array().unwrap().iter().map(|blob| blob["name"].as_str().unwrap().to_owned()).collect()
    }

    /// What anybody is answered who asks for a blob: head and body.
    fn read(&self, name: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let target = format!("/{ACCOUNT}/{}/{name}", self.container);
        let host = format!("127.0.0.1:{}", self.port);
        write!(stream, "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        (String::from_utf8_lossy(&answer[..end]).into_owned(), answer.split_off(end + 4))
    }

    /// A blob and its properties, as anybody may read them.
    fn blob(&self, name: &str) -> Blob {
        let (head, content) = self.read(name);
        assert!(head.starts_with("HTTP/1.1 200"), "{name}: {head}");
        let headers: BTreeMap<String, String> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Blob {
            content,
            content_type: headers.get("content-type").cloned(),
            cache_control: headers.get("cache-control").cloned(),
            content_encoding: headers.get("content-encoding").cloned(),
        }
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.blob(name).content).unwrap()
    }

    fn blobs(&self) -> Blobs {
        self.names().into_iter().map(|name| (name.clone(), self.blob(&name))).collect()
    }

    /// What was changed in the container, in order, up to now.
    fn changes(&self) -> Vec<String> {
        // The lines come through another thread. This asks for something that nobody else does, and waits for its line.
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mark = format!("mark-{}.", COUNT.fetch_add(1, Ordering::Relaxed));
        self.read(&mark);
        let end = Instant::now() + Duration::from_secs(20);
        while !self.log.lock().unwrap().iter().any(|line| line.contains(&mark)) {
            assert!(Instant::now() < end, "Azurite does not tell of {mark}");
            std::thread::sleep(Duration::from_millis(5));
        }
        let log = self.log.lock().unwrap();
        let changes = log.iter().filter_map(|line| {
            let (_, request) = line.split_once('"')?;
            let (method, rest) = request.split_once(' ')?;
            let (_, name) =
                rest.split(' ').next()?.split_once(&format!("{}/", self.container.replace('$', "%24")))?;
            (method == "PUT" || method == "DELETE").then(|| format!("{method} {name}"))
        });
        changes.collect()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        let _ = self.azurite.kill();
        let _ = self.azurite.wait();
    }
}

/// How a command ended, and all that it wrote, in which no key may stand.
#[track_caller]
fn said(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains(KEY), "{said}");
    (output.status.success(), said)
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn a_site_arrives_with_its_properties_and_the_page_comes_last() {
    let folder = folder("arrives");
    let site = release(&folder, FIRST);
    let storage = Storage::new(&folder, "site");

    let said = storage.deploy(&site, &["--dry-run"]);
    for name in [FIRST, SCRIPT, "auth.html", "auth.js", "config.json", "index.html", "files.json"] {
        assert!(said.contains(&format!("upload  {name}")), "{name}: {said}");
    }
    assert!(storage.changes().is_empty(), "a dry run does nothing");

    let connection_string = storage.connection_string();
    let mut deployment = storage.deployment(&site, &["--connection-string", &connection_string]);
    assert!(said_well(deployment.env_remove("AZURE_STORAGE_CONNECTION_STRING")));
    let order =
        ["files.json", FIRST, SCRIPT, "auth.js", "auth.html", "config.json", "index.html", "files.json"];
    assert_eq!(storage.changes(), order.map(|name| format!("PUT {name}")));
    for (name, content_type, cache_control) in [
        (FIRST, "application/wasm", FOR_EVER),
        (SCRIPT, "text/javascript; charset=utf-8", FOR_EVER),
        ("index.html", "text/html; charset=utf-8", "no-cache"),
        ("auth.html", "text/html; charset=utf-8", "no-cache"),
        ("auth.js", "text/javascript; charset=utf-8", "no-cache"),
        ("config.json", "application/json; charset=utf-8", "no-cache"),
        ("files.json", "application/json; charset=utf-8", "no-cache"),
    ] {
        let blob = storage.blob(name);
        assert_eq!(blob.content_type.as_deref(), Some(content_type), "{name}");
        assert_eq!(blob.cache_control.as_deref(), Some(cache_control), "{name}");
        assert_eq!(blob.content_encoding, None, "{name}");
        if name != "files.json" {
            assert!(blob.content == fs::read(site.join(name)).unwrap(), "{name}");
        }
    }
}

#[track_caller]
fn said_well(command: &mut Command) -> bool {
    let (ended_well, said) = said(command);
    assert!(ended_well, "{said}");
    ended_well
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn settings_stay_former_files_go_after_their_days_and_a_release_comes_back() {
    let folder = folder("stays");
    let (first, second) = (release(&folder, FIRST), release(&folder, SECOND));
    let storage = Storage::new(&folder, "site");
    let foreign = "other-dddddddddddddddd.js";
    storage.put(foreign, "not ours");
    storage.deploy(&first, &[]);
    storage.put("config.json", r#"{"readOnly": true}"#);

    storage.deploy(&second, &[]);
    assert_eq!(storage.text("config.json"), r#"{"readOnly": true}"#);
    assert_eq!(storage.text("index.html"), fs::read_to_string(second.join("index.html")).unwrap());
    assert!(storage.names().contains(&FIRST.to_owned()), "tabs may have the first one open");

    storage.deploy(&first, &[]);
    assert_eq!(storage.text("index.html"), fs::read_to_string(first.join("index.html")).unwrap());

    let settings = folder.join("settings.json");
    fs::write(&settings, r#"{"demo": false}"#).unwrap();
    let options = ["--keep-days", "0", "--config", settings.to_str().unwrap()];
    let said = storage.deploy(&first, &options);
    assert!(said.contains(&format!("remove  {SECOND}")), "{said}");
    assert_eq!(storage.text("config.json"), r#"{"demo": false}"#);
    let names = storage.names();
    assert!(!names.contains(&SECOND.to_owned()), "{names:?}");
    assert!(names.contains(&FIRST.to_owned()) && names.contains(&foreign.to_owned()), "{names:?}");
}

/// Where a program finds an Azure CLI that does something else in one case (of a shell) of its arguments.
fn path_with_az(folder: &Path, case: &str) -> String {
    let odd = folder.join("odd");
    fs::create_dir_all(&odd).unwrap();
    let script =
        format!("#!/bin/sh\ncase \"$*\" in {case};; esac\nexec '{}/az' \"$@\"\n", told("AZIMUTH_AZ"));
    fs::write(odd.join("az"), script).unwrap();
    fs::set_permissions(odd.join("az"), fs::Permissions::from_mode(0o755)).unwrap();
    format!("{}:{}", odd.display(), std::env::var("PATH").unwrap())
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn files_that_do_not_arrive_leave_the_page_as_it_was() {
    let folder = folder("lost");
    let (first, second) = (release(&folder, FIRST), release(&folder, SECOND));
    let storage = Storage::new(&folder, "site");
    storage.deploy(&first, &[]);

    // The Azure CLI has been seen to end well without having uploaded.
    let path = path_with_az(&folder, "*upload-batch*wasm*) exit 0");
    let (ended_well, said) = said(storage.deployment(&second, &[]).env("PATH", path));
    assert!(!ended_well && said.contains(SECOND) && said.contains("site is still the one before"), "{said}");
    assert_eq!(storage.text("index.html"), fs::read_to_string(first.join("index.html")).unwrap());

    let said = storage.deploy(&second, &[]);
    assert!(said.contains(&format!("upload  {SECOND}")), "{said}");
    assert_eq!(storage.text("index.html"), fs::read_to_string(second.join("index.html")).unwrap());
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn files_that_somebody_removes_meanwhile_leave_the_page_as_it_was() {
    let folder = folder("removed");
    let (first, second) = (release(&folder, FIRST), release(&folder, SECOND));
    let storage = Storage::new(&folder, "site");
    storage.deploy(&first, &[]);
    storage.deploy(&second, &[]);

    // Nothing of the first is uploaded anew but what keeps its name. Another deployment ends while it is noted.
    let delete =
        format!("'{}/az' storage blob delete --container-name site --name {FIRST}", told("AZIMUTH_AZ"));
    let path = path_with_az(&folder, &format!("*\"blob upload \"*\"--name files.json \"*) {delete}"));
    let (ended_well, said) = said(storage.deployment(&first, &[]).env("PATH", path));
    assert!(!ended_well && said.contains(&format!("not there as they should be: {FIRST}")), "{said}");
    assert_eq!(storage.text("index.html"), fs::read_to_string(second.join("index.html")).unwrap());
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn whatever_fails_after_the_page_nobody_is_told_that_the_site_is_the_old_one() {
    let folder = folder("after");
    let (first, second) = (release(&folder, FIRST), release(&folder, SECOND));
    let storage = Storage::new(&folder, "site");
    storage.deploy(&first, &[]);
    storage.deploy(&second, &[]);
    let site = second.to_str().unwrap();
    let deployment = ["deploy", "--container", "site", "--keep-days", "0", "--folder", site];
    for (case, words) in [
        ("*\"blob upload \"*\"--name files.json \"*) exit 1", "files.json, could not be written."),
        ("*\"blob delete \"*) exit 1", FIRST),
    ] {
        let mut deploy = storage.program(&told("AZIMUTH_XTASK"));
        let (ended_well, said) = said(deploy.args(deployment).env("PATH", path_with_az(&folder, case)));
        assert!(
            !ended_well && said.contains("The site is the new one, but") && said.contains(words),
            "{said}"
        );
        assert!(said.contains("Deploy again.") && !said.contains("not deployed"), "{said}");
        assert!(storage.names().contains(&FIRST.to_owned()));
    }
    storage.deploy(&second, &["--keep-days", "0"]);
    assert!(
        !storage.names().contains(&FIRST.to_owned()),
        "what was left is removed with the next deployment"
    );
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn a_deployment_that_cannot_be_says_what_to_do() {
    let folder = folder("refused");
    let site = release(&folder, FIRST);
    let storage = Storage::without_container(&folder, "$web");
    #[track_caller]
    fn check(command: &mut Command, words: &str) {
        let (ended_well, said) = said(command);
        assert!(!ended_well && said.contains(words), "{said}");
    }

    check(&mut storage.deployment(&site, &[]), "--static-website");
    let nobody = &["--account", "bakerysite"];
    check(&mut storage.deployment(&site, nobody), "Sign in with `az login`");
    let other_key = storage.connection_string().replace("Eby8", "Fby8");
    check(&mut storage.deployment(&site, &["--connection-string", &other_key]), "key may also be wrong");
    // Of a connection string that it cannot read the Azure CLI repeats every word.
    let unreadable = format!("AccountKey={KEY}");
    check(&mut storage.deployment(&site, &["--connection-string", &unreadable]), "onnection string");
    let nowhere = &mut storage.deployment(&site, &[]);
    check(nowhere.env_remove("AZURE_STORAGE_CONNECTION_STRING"), "Where to?");
    check(storage.deployment(&site, &[]).env("PATH", &folder), "How to install it");
    let page = site.join("index.html");
    check(&mut storage.deployment(&site, &["--config", page.to_str().unwrap()]), "is not JSON");
    let settings = folder.join("settings.json");
    fs::write(&settings, r#"{"readOnly": "yes"}"#).unwrap();
    let dry_run = ["--dry-run", "--config", settings.to_str().unwrap()];
    check(&mut storage.deployment(&site, &dry_run), r#""readOnly" holds "yes""#);

    fs::write(site.join(FIRST), "changed since").unwrap();
    check(&mut storage.deployment(&site, &[]), "build the site anew");
    fs::remove_file(site.join("files.json")).unwrap();
    check(&mut storage.deployment(&site, &[]), "cargo xtask dist");
    assert!(storage.changes().is_empty());
}

#[test]
#[ignore = "needs the Azure CLI and Azurite: cargo xtask conformance"]
fn the_built_site_works_from_a_storage_account_in_a_folder_and_compressed() {
    let folder = folder("built");
    let storage = Storage::new(&folder, "$web");
    let mut deployment = storage.program(&told("AZIMUTH_XTASK"));
    deployment.args(["deploy", "--prefix", "/tools/azimuth/", "--encoding", "br"]);
    assert!(said_well(&mut deployment));
    let blobs = storage.blobs();
    assert!(blobs.keys().all(|name| name.starts_with("tools/azimuth/")), "{:?}", blobs.keys());
    let wasm = blobs.iter().filter(|(name, _)| name.ends_with(".wasm"));
    assert!(wasm.map(|(_, blob)| blob.content_encoding.as_deref()).all(|encoding| encoding == Some("br")));

    journey(Stage::demo().at_prefix("/tools/azimuth/").with_blobs(blobs), async |page| {
        page.open("").await;
        page.expect_heading("Sign in").await;
        page.click_button("Explore the demo").await;
        page.expect_heading("Subscriptions").await;
        page.expect_no_console_errors().await;
    });
}
