//! nginx with the configuration that is deployed, in a folder of its own, on a port of its own.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The origin that may ask, unless a test names others.
pub const DASHBOARD: &str = "https://dashboard.example.org";

/// What whoever deploys the relay says in its four files.
#[derive(Clone, Debug)]
pub struct Tables {
    hosts: String,
    scoring: String,
    origins: String,
    /// `PORT` stands for the port.
    server: String,
}

/// Whom the system trusts, on Debian.
const ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";

impl Default for Tables {
    fn default() -> Tables {
        Tables {
            hosts: String::new(),
            scoring: String::new(),
            origins: format!("{DASHBOARD} 1;\n"),
            server: format!(
                "listen 127.0.0.1:PORT;\nclient_body_temp_path body;\nproxy_temp_path proxy;\n\
                 proxy_ssl_trusted_certificate {ROOTS};\naccess_log access.log relay;\n"
            ),
        }
    }
}

impl Tables {
    /// A place, such as `eastus api` or `login`, and its origin.
    #[must_use]
    pub fn host(mut self, place: &str, origin: &str) -> Tables {
        self.hosts += &format!("\"{place}\" {origin};\n");
        self
    }

    /// A service and its scoring URI.
    #[must_use]
    pub fn service(mut self, name: &str, address: &str) -> Tables {
        self.scoring += &format!("{name} {address};\n");
        self
    }

    /// An origin that may ask, beside [`DASHBOARD`].
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Tables {
        self.origins += &format!("{origin} 1;\n");
        self
    }

    /// The four files, whole. In the last `PORT` stands for the port.
    #[must_use]
    pub fn as_written(hosts: &str, scoring: &str, origins: &str, server: &str) -> Tables {
        let [hosts, scoring, origins, server] = [hosts, scoring, origins, server].map(str::to_owned);
        Tables { hosts, scoring, origins, server }
    }

    /// A file of roots that are trusted instead of the system's.
    #[must_use]
    pub fn trusting(self, roots: &Path) -> Tables {
        Tables { server: self.server.replace(ROOTS, &roots.display().to_string()), ..self }
    }

    /// TLS and HTTP/2 for whoever asks, with a certificate and the key to it.
    #[must_use]
    pub fn secure(self, (certificate, key): (&Path, &Path)) -> Tables {
        let server = self.server.replace("PORT;", "PORT ssl http2;");
        let lines =
            format!("ssl_certificate {};\nssl_certificate_key {};", certificate.display(), key.display());
        Tables { server, ..self }.server(&lines)
    }

    /// A line for the server.
    #[must_use]
    pub fn server(mut self, line: &str) -> Tables {
        self.server += &format!("{line}\n");
        self
    }
}

/// The relay. Dropped, it stops.
pub struct Relay {
    nginx: Nginx,
}

impl Relay {
    /// Starts it, and waits until it listens.
    ///
    /// # Panics
    /// Where nginx is missing or does not take the configuration.
    pub fn start(tables: &Tables) -> Relay {
        let source = shipped("nginx.conf");
        let configuration =
            fs::read_to_string(&source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
        let nginx = Nginx::start(|port| {
            vec![
                ("nginx.conf", configuration.clone()),
                ("hosts.conf", tables.hosts.clone()),
                ("scoring.conf", tables.scoring.clone()),
                ("origins.conf", tables.origins.clone()),
                ("server.conf", tables.server.replace("PORT", &port.to_string())),
            ]
        });
        Relay { nginx }
    }

    /// Where it listens, `127.0.0.1:4000`.
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.nginx.port)
    }

    /// What it wrote: its log of requests, and what it said on standard error.
    pub fn told(&self) -> String {
        let read = |name: &str| fs::read_to_string(self.nginx.folder.join(name)).unwrap_or_default();
        read("access.log") + &read("errors.txt")
    }

    /// Waits until it has written down a line that contains this.
    ///
    /// # Panics
    /// Where it does not.
    pub fn tells(&self, part: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.told().contains(part) {
            assert!(Instant::now() < end, "{part:?} is not told:\n{}", self.told());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The most memory that each of its workers ever had, added up, in kB.
    ///
    /// # Panics
    /// Where the system does not tell.
    pub fn most_memory(&self) -> u64 {
        let of = |process: u32| -> Option<u64> {
            let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        let memory: Option<Vec<u64>> = self.workers().into_iter().map(of).collect();
        memory.expect("the system tells what memory a process had").iter().sum()
    }

    /// The files below its folders for bodies that any of its workers holds open, those without a name too: nginx
    /// takes the names of such files away at once.
    pub fn buffers(&self) -> Vec<PathBuf> {
        let folders = [self.nginx.folder.join("body"), self.nginx.folder.join("proxy")];
        let open = self.workers().into_iter().flat_map(|process| {
            let files = fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten().flatten();
            files.filter_map(|file| fs::read_link(file.path()).ok()).collect::<Vec<_>>()
        });
        open.filter(|file| folders.iter().any(|folder| file.starts_with(folder))).collect()
    }

    fn workers(&self) -> Vec<u32> {
        let first = self.nginx.process.id();
        let children = fs::read_to_string(format!("/proc/{first}/task/{first}/children")).unwrap_or_default();
        let workers: Vec<u32> = children.split_whitespace().filter_map(|id| id.parse().ok()).collect();
        assert!(!workers.is_empty(), "nginx has workers");
        workers
    }
}

/// nginx in a folder of its own, on a port of its own. Dropped, it stops.
pub(crate) struct Nginx {
    process: Child,
    pub port: u16,
    // After the process, which writes into it until it ends.
    folder: Folder,
}

impl Nginx {
    /// Starts it with the files that it needs to listen at a port, one of them `nginx.conf`.
    pub fn start(files: impl Fn(u16) -> Vec<(&'static str, String)>) -> Nginx {
        let mut folder = Folder::new();
        let mut told = String::new();
        // Anybody may take a port between its choice and its use.
        for _ in 0..5 {
            let port = free_port();
            for (name, content) in files(port) {
                write(&folder.join(name), &content);
            }
            let mut nginx = Nginx { process: spawn(&folder), port, folder };
            if nginx.listens() {
                return nginx;
            }
            folder = Folder::new();
            told = fs::read_to_string(nginx.folder.join("errors.txt")).unwrap_or_default();
        }
        panic!("nginx does not start:\n{told}");
    }

    fn listens(&mut self) -> bool {
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                return true;
            }
            if self.process.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Killed, it would leave its workers behind.
        let asked = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn spawn(folder: &Path) -> Child {
    // As whoever runs the tests: started by root, workers would be somebody who may not enter this folder.
    let me = Command::new("id").arg("-un").output().expect("the system tells who this is").stdout;
    let user = match String::from_utf8_lossy(&me).trim() {
        "root" => "user root;".to_owned(),
        // Whoever else starts it cannot become another, and is told so if the line is there.
        _ => String::new(),
    };
    let errors = fs::File::create(folder.join("errors.txt")).expect("the folder can be written");
    Command::new(nginx())
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(folder.join("nginx.conf"))
        .args(["-e", "stderr", "-g", &format!("daemon off; pid nginx.pid; {user}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .expect("nginx starts: sudo apt-get install nginx")
}

/// Debian keeps it where only root looks.
fn nginx() -> &'static str {
    if Path::new("/usr/sbin/nginx").is_file() { "/usr/sbin/nginx" } else { "nginx" }
}

fn write(path: &Path, content: &str) {
    fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Below the ports that the system hands out by itself: one of those might be somebody else's by the time nginx wants it.
fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const COUNT: u32 = 12_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Tests that run in another process at the same time begin elsewhere.
    let start = std::process::id().wrapping_mul(101);
    loop {
        let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
        let port = u16::try_from(FIRST + number).expect("ports below 32,000 are of that size");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// A folder that is nobody else's. It goes with its owner, but stays to be looked at after a test that failed.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        let folder = workspace().join(target).join("relay").join(format!("{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        Folder(folder)
    }
}

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// A file of the relay as it is shipped.
pub fn shipped(name: &str) -> PathBuf {
    workspace().join("relay").join(name)
}

fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).expect("this package is two folders below the workspace")
}
