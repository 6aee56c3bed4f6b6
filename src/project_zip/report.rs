//! What stands out in a zip: names that cannot be, secrets, ballast, one folder around everything.

use std::cmp::Ordering;

use crate::project_zip::{Entry, ProjectZip};

/// How many names are told of those that are alike.
const SHOWN: usize = 4;

/// How many folders are told apart when it is counted which of them has the most files.
const MOST_FOLDERS: usize = 500;

/// Deflate makes nothing smaller than this; a zip that says so says what cannot be.
const MOST_DEFLATED: u64 = 1_032;

/// Files that are alike: how many, what they take in the zip, and the first of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// How many.
    pub count: usize,
    /// What they take in the zip.
    pub packed: u64,
    /// The names of the first few.
    pub first: Vec<String>,
}

/// What a file is, if it is nothing that a run needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// macOS or Windows added it.
    Added,
    /// What tools make for one computer: environments, caches, the history of the sources.
    Ballast,
    /// By its name, keys or passwords.
    Secret,
}

/// What stands out in a zip. Made once, when it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ZipReport {
    /// How many files, folders left out.
    pub files: usize,
    /// What they take unpacked, by the zip's own word.
    pub unpacked: u64,
    /// Whether its sizes cannot be true.
    pub is_absurd: bool,
    /// The folder that holds all files but those that a system added, with a slash at its end; may be empty.
    pub folder: String,
    /// The folders with the most files and how many, within the folder that holds all.
    pub folders: Vec<(String, usize)>,
    /// Files that need a password.
    pub encrypted: Named,
    /// Files that are packed in a way that few programs know.
    pub unusual: Named,
    /// Names that lead out of the project, or to a place of one computer.
    pub leading_out: Named,
    /// Links.
    pub links: Named,
    /// Names with backslashes.
    pub backslashes: Named,
    /// Names that are there more than once.
    pub duplicates: Named,
    /// Names that differ in case alone.
    pub twins: Named,
    /// Files that macOS or Windows added.
    pub added: Named,
    /// Files that look like secrets.
    pub secrets: Named,
    /// What a run does not need, by the folder or kind that says so.
    pub ballast: Vec<(String, Named)>,
}

/// Where the script of a definition is in a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptPlace {
    /// Where it belongs.
    Found,
    /// There, without anything in it.
    FoundEmpty,
    /// There, but written in another case; names are compared letter by letter where it runs.
    OtherCase(String),
    /// There, with backslashes in its name.
    Backslashes,
    /// In a folder, while the definition says that it is at the root.
    InFolder(String),
    /// Nowhere; these scripts are at the root.
    Missing(Vec<String>),
}

impl Named {
    fn add(&mut self, entry: Entry<'_>) {
        self.count += 1;
        self.packed = self.packed.saturating_add(entry.packed());
        if self.first.len() < SHOWN {
            self.first.push(entry.name().into_owned());
        }
    }
}

impl ProjectZip {
    /// What stands out.
    pub fn report(&self) -> ZipReport {
        let environments = environments(self);
        let mut report = ZipReport::default();
        let mut folder: Option<Vec<u8>> = None;
        let mut packed = 0_u64;
        for entry in self.files() {
            let name = entry.name();
            report.files += 1;
            report.unpacked = report.unpacked.saturating_add(entry.unpacked());
            packed = packed.saturating_add(entry.packed());
            report.is_absurd |= entry.method() == 8
                && entry.unpacked() / MOST_DEFLATED > entry.packed().saturating_add(MOST_DEFLATED);
            if entry.is_encrypted() {
                report.encrypted.add(entry);
            }
            // Stored, and deflated with a window of 32 or 64 kB.
            if !matches!(entry.method(), 0 | 8 | 9) {
                report.unusual.add(entry);
            }
            if leads_out(&name) {
                report.leading_out.add(entry);
            }
            if entry.is_link() {
                report.links.add(entry);
            }
            if name.contains('\\') {
                report.backslashes.add(entry);
            }
            match sort_of(&name, &environments) {
                Some(Sort::Added) => {
                    report.added.add(entry);
                    continue;
                }
                Some(Sort::Ballast) => {
                    let kind = kind_of_ballast(&name, &environments);
                    match report.ballast.iter_mut().find(|(known, _)| known == kind) {
                        Some((_, named)) => named.add(entry),
                        None => {
                            let mut named = Named::default();
                            named.add(entry);
                            report.ballast.push((kind.to_owned(), named));
                        }
                    }
                }
                Some(Sort::Secret) => report.secrets.add(entry),
                None => {}
            }
            let name = entry.name_bytes();
            let known = folder.get_or_insert_with(|| name.to_vec());
            let same = known.iter().zip(name).take_while(|(one, other)| one == other).count();
            let slash = known[..same].iter().rposition(|byte| *byte == b'/');
            known.truncate(slash.map_or(0, |slash| slash + 1));
        }
        // The data of one file within that of others: the same bytes unpack again and again.
        report.is_absurd |= packed > self.size;
        report.folder = folder.and_then(|folder| String::from_utf8(folder).ok()).unwrap_or_default();
        report.ballast.sort_by_key(|(_, named)| std::cmp::Reverse(named.packed));
        self.compare_names(&mut report);
        report.folders = self.largest_folders(report.folder.len());
        report
    }

    fn files(&self) -> impl Iterator<Item = Entry<'_>> {
        self.entries().filter(|entry| !entry.is_folder())
    }

    /// Finds names that are there twice. Only places in the directory are held: the names themselves may be many.
    fn compare_names(&self, report: &mut ZipReport) {
        let mut order: Vec<usize> =
            (0..self.records.len()).filter(|index| !self.entry(*index).is_folder()).collect();
        order.sort_unstable_by(|one, other| {
            let (one, other) = (self.entry(*one).name_bytes(), self.entry(*other).name_bytes());
            without_case(one, other).then_with(|| one.cmp(other))
        });
        for pair in order.windows(2) {
            let (one, other) = (self.entry(pair[0]), self.entry(pair[1]));
            if one.name_bytes() == other.name_bytes() {
                report.duplicates.add(other);
            } else if without_case(one.name_bytes(), other.name_bytes()).is_eq() {
                report.twins.add(other);
            }
        }
    }

    /// The three folders with the most files, below the first bytes of all names.
    fn largest_folders(&self, below: usize) -> Vec<(String, usize)> {
        let mut folders: Vec<(&[u8], usize)> = Vec::new();
        for entry in self.files() {
            let name = entry.name_bytes().get(below..).unwrap_or_default();
            let Some(slash) = name.iter().position(|byte| *byte == b'/') else { continue };
            // Files of a folder mostly stand together, so the last is looked at first.
            match folders.iter().rposition(|(known, _)| *known == &name[..slash]) {
                Some(place) => folders[place].1 += 1,
                None if folders.len() < MOST_FOLDERS => folders.push((&name[..slash], 1)),
                None => {}
            }
        }
        folders.sort_unstable_by_key(|(_, count)| std::cmp::Reverse(*count));
        folders.truncate(3);
        folders.into_iter().map(|(name, count)| (String::from_utf8_lossy(name).into_owned(), count)).collect()
    }

    /// The scripts, those at the root first: what a run may begin with.
    pub fn scripts(&self) -> Vec<String> {
        const MOST: usize = 200;
        let environments = environments(self);
        let names = self.files().map(|entry| entry.name().into_owned());
        let is_script = |name: &String| {
            let is_one = [".py", ".R", ".r", ".sh"].iter().any(|end| name.ends_with(end));
            is_one && !name.ends_with("__init__.py") && sort_of(name, &environments).is_none()
        };
        let mut scripts: Vec<String> = names.filter(is_script).take(MOST).collect();
        scripts.sort_by(|one, other| {
            let depth = |name: &str| name.matches('/').count();
            depth(one).cmp(&depth(other)).then_with(|| one.cmp(other))
        });
        scripts
    }

    /// Where a script is.
    pub fn place_of(&self, script: &str) -> ScriptPlace {
        let script = script.trim_start_matches("./");
        let find = |is_it: &dyn Fn(&str) -> bool| {
            self.files().find_map(|entry| {
                let name = entry.name();
                is_it(&name).then(|| (entry, name.into_owned()))
            })
        };
        if let Some((entry, _)) = find(&|name| name == script) {
            return if entry.unpacked() == 0 { ScriptPlace::FoundEmpty } else { ScriptPlace::Found };
        }
        if find(&|name| name.contains('\\') && name.replace('\\', "/") == script).is_some() {
            return ScriptPlace::Backslashes;
        }
        if let Some((_, name)) = find(&|name| name.eq_ignore_ascii_case(script)) {
            return ScriptPlace::OtherCase(name);
        }
        let folder_of = |name: &str| Some(name.strip_suffix(script)?.strip_suffix('/')?.to_owned());
        if let Some((_, name)) = find(&|name| folder_of(name).is_some() && sort_of(name, &[]).is_none()) {
            return ScriptPlace::InFolder(folder_of(&name).unwrap_or_default());
        }
        let is_script = |name: &str| !name.contains(['/', '\\']) && name.ends_with(".py");
        let scripts = self.files().map(|entry| entry.name().into_owned());
        ScriptPlace::Missing(scripts.filter(|name| is_script(name)).take(SHOWN).collect())
    }
}

/// The folders that hold an environment of Python, whatever they are called: one file in them says so.
pub(super) fn environments(zip: &ProjectZip) -> Vec<String> {
    zip.files().filter_map(|entry| environment(&entry.name())).collect()
}

/// The folder of an environment, if a file says that there is one.
pub(super) fn environment(name: &str) -> Option<String> {
    let folder = name.strip_suffix("pyvenv.cfg")?;
    folder.ends_with('/').then(|| folder.to_owned())
}

/// What a file is, by its name.
pub(super) fn sort_of(name: &str, environments: &[String]) -> Option<Sort> {
    let lower = name.to_ascii_lowercase();
    let mut parts = lower.split(['/', '\\']).rev();
    let file = parts.next().unwrap_or_default();
    // Of an archive's folder that was dropped, its name ends with a slash.
    let is_folder = file.is_empty();
    let folders: Vec<&str> = parts.collect();
    if folders.contains(&"__macosx")
        || file.starts_with("._")
        || matches!(file, ".ds_store" | "thumbs.db" | "desktop.ini")
    {
        Some(Sort::Added)
    } else if folders.iter().any(|folder| BALLAST.contains(folder))
        || environments.iter().any(|environment| name.starts_with(environment.as_str()))
        || file.ends_with(".pyc")
    {
        Some(Sort::Ballast)
    } else if !is_folder && is_secret(file) || folders.iter().any(|folder| SECRET_FOLDERS.contains(folder)) {
        Some(Sort::Secret)
    } else {
        None
    }
}

/// Folders that tools make for one computer.
const BALLAST: [&str; 11] = [
    ".venv",
    "venv",
    ".git",
    "node_modules",
    "__pycache__",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".tox",
    ".terraform",
];

/// Folders in which command lines keep what they sign in with.
const SECRET_FOLDERS: [&str; 5] = [".azure", ".aws", ".ssh", ".kube", ".gnupg"];

fn is_secret(file: &str) -> bool {
    const FILES: [&str; 16] = [
        ".env",
        "id_rsa",
        "id_dsa",
        "id_ecdsa",
        "id_ed25519",
        "credentials",
        "credentials.json",
        "credentials.ini",
        "kubeconfig",
        ".netrc",
        "_netrc",
        ".pypirc",
        ".pgpass",
        ".git-credentials",
        ".dockercfg",
        "secrets.json",
    ];
    const ENDINGS: [&str; 7] = [".pem", ".key", ".pfx", ".p12", ".ppk", ".jks", ".publishsettings"];
    // The list of public authorities that Python brings along.
    const PUBLIC: [&str; 1] = ["cacert.pem"];
    let is_template = [".example", ".sample", ".template", ".dist"].iter().any(|end| file.ends_with(end));
    FILES.contains(&file)
        || ENDINGS.iter().any(|ending| file.ends_with(ending)) && !PUBLIC.contains(&file)
        || file.starts_with(".env.") && !is_template
}

/// By which folder or kind a file is ballast.
pub(super) fn kind_of_ballast<'a>(name: &'a str, environments: &'a [String]) -> &'a str {
    if let Some(environment) = environments.iter().find(|folder| name.starts_with(folder.as_str())) {
        return environment.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    }
    name.split(['/', '\\']).find(|folder| is_ballast(folder)).unwrap_or("*.pyc")
}

/// Whether a folder of this name is made by tools for one computer.
pub fn is_ballast(folder: &str) -> bool {
    BALLAST.contains(&folder.to_ascii_lowercase().as_str())
}

/// Whether a name leads out of the folder that it is unpacked into.
fn leads_out(name: &str) -> bool {
    let has_drive =
        name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && name.as_bytes().get(1) == Some(&b':');
    has_drive || name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
}

/// Compares without the case of ASCII letters, as Windows and macOS compare names.
fn without_case(one: &[u8], other: &[u8]) -> Ordering {
    one.iter().map(u8::to_ascii_lowercase).cmp(other.iter().map(u8::to_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project_zip::samples::{File, read, zip};

    fn files(names: &[&str]) -> Vec<File> {
        names.iter().map(|name| File::new(name, b"1")).collect()
    }

    fn of(names: &[&str]) -> ZipReport {
        read(&zip(&files(names))).unwrap().report()
    }

    #[test]
    fn one_folder_around_everything_is_found() {
        for (names, folder) in [
            (["project/a.py", "project/b.py"], "project/"),
            (["project/a.py", "__MACOSX/project/._a.py"], "project/"),
            (["a/b/c.py", "a/b/d/e.py"], "a/b/"),
            (["a/b/c.py", "a/bc/d.py"], "a/"),
            (["a.py", "project/b.py"], ""),
            (["project/a.py", "project-b/b.py"], ""),
        ] {
            assert_eq!(of(&names).folder, folder, "{names:?}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        let secrets = [
            ".env",
            ".env.production",
            "config/.ENV",
            "id_rsa",
            "keys/server.pem",
            "keys/server.key",
            "cert.pfx",
            ".azure/accessTokens.json",
            ".aws/config",
            "home/.aws/credentials",
            "credentials",
            "kubeconfig",
        ];
        let report = of(&secrets);
        assert_eq!((report.secrets.count, report.secrets.first.len()), (secrets.len(), SHOWN));
        let plain = of(&[
            ".env.example",
            "environment.yml",
            "monkey.py",
            "cacert.pem",
            ".azureml/config.json",
            "id_rsa.py",
        ]);
        assert_eq!(plain.secrets, Named::default());
        assert_eq!(of(&[".venv/lib/server.key"]).secrets.count, 0, "it is ballast, which is said once");
    }

    #[test]
    fn ballast_is_counted_by_its_folder() {
        let report = of(&[
            "a.py",
            "p/.venv/lib/b.py",
            "p/.venv/lib/__pycache__/b.pyc",
            "src/__pycache__/a.pyc",
            "old.pyc",
            ".git/HEAD",
            "env/pyvenv.cfg",
            "env/bin/python",
            "environment/pyvenv.txt",
            "data/huge.csv",
        ]);
        let mut kinds: Vec<_> =
            report.ballast.iter().map(|(kind, named)| (kind.as_str(), named.count)).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [("*.pyc", 1), (".git", 1), (".venv", 2), ("__pycache__", 1), ("env", 2)]);
    }

    #[test]
    fn names_that_lead_out_are_found() {
        let bad =
            ["../a.py", "a/../../b", "/etc/passwd", "C:\\a.py", "c:/a.py", "\\\\server\\a", "..\\a", ".."];
        assert_eq!(of(&bad).leading_out.count, bad.len());
        assert_eq!(of(&["a..py", "a/...", "x:y"]).leading_out.count, 1);
        assert_eq!(of(&["a..py", "..a/b"]).leading_out.count, 0);
    }

    #[test]
    fn names_that_are_there_twice_are_told_from_those_that_differ_in_case() {
        let report = of(&["a.py", "b.py", "A.py", "b.py", "c.py", "data/a.py"]);
        assert_eq!((report.duplicates.count, report.duplicates.first), (1, vec!["b.py".to_owned()]));
        assert_eq!((report.twins.count, report.twins.first), (1, vec!["a.py".to_owned()]));
    }

    #[test]
    fn what_entries_say_of_themselves_is_counted() {
        let link = File { made_by: 0x0314, attributes: 0o120_777 << 16, ..File::new("link", b"a.py") };
        // On Windows the same bits mean nothing.
        let no_link = File { made_by: 0x0014, ..link.clone() };
        let locked = File { flags: 1, ..File::new("locked.csv", b"1") };
        let lzma = File { method: 14, ..File::new("small.csv", b"1") };
        let report = read(&zip(&[link, no_link, locked, lzma, File::new("a\\b", b"1")])).unwrap().report();
        assert_eq!(report.links.count, 1);
        assert_eq!(report.encrypted.first, ["locked.csv"]);
        assert_eq!(report.unusual.first, ["small.csv"]);
        assert_eq!(report.backslashes.first, ["a\\b"]);
    }

    #[test]
    fn sizes_that_cannot_be_are_absurd() {
        let claims = |size| {
            let file = File { method: 8, claimed: Some(size), ..File::new("zeros", &[0; 1_000]) };
            read(&zip(&[file])).unwrap().report().is_absurd
        };
        assert!(!claims(1_000_000));
        assert!(claims(4_000_000_000));
        // One piece of data that is in the directory ten times.
        let bytes = zip(&files(&["a.py"; 1]));
        let zip = read(&bytes).unwrap();
        let mut overlapping = zip;
        overlapping.size = 0;
        assert!(overlapping.report().is_absurd);
    }

    #[test]
    fn the_folders_with_the_most_files_are_named() {
        let report = of(&["p/data/1", "p/data/2", "p/src/1", "p/a.py", "p/data/deep/3"]);
        assert_eq!(report.folders, [("data".to_owned(), 3), ("src".to_owned(), 1)]);
    }

    #[test]
    fn the_script_is_looked_for_where_it_belongs() {
        let mut all =
            files(&["hello.py", "src/train.py", "deep\\er\\score.py", "README.md", ".venv/lib/site.py"]);
        all.push(File::new("empty.py", b""));
        let zip = read(&zip(&all)).unwrap();
        for (script, place) in [
            ("hello.py", ScriptPlace::Found),
            ("./src/train.py", ScriptPlace::Found),
            ("empty.py", ScriptPlace::FoundEmpty),
            ("Hello.py", ScriptPlace::OtherCase("hello.py".to_owned())),
            ("train.py", ScriptPlace::InFolder("src".to_owned())),
            ("deep/er/score.py", ScriptPlace::Backslashes),
            ("rain.py", ScriptPlace::Missing(vec!["hello.py".to_owned(), "empty.py".to_owned()])),
            ("site.py", ScriptPlace::Missing(vec!["hello.py".to_owned(), "empty.py".to_owned()])),
        ] {
            assert_eq!(zip.place_of(script), place, "{script}");
        }
    }
}
