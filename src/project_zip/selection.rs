//! Which files of a folder go into a zip: what tools make for one computer, what may be secret and what the project
//! says itself is left out, unless somebody puts it back.

use crate::project_zip::Sort;
use crate::project_zip::ignore::Ignore;
use crate::project_zip::report::{environment, kind_of_ballast, sort_of};

/// Files that are chosen together.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// What it is: a file or folder at the root, or what those that are left out have in common.
    pub name: String,
    /// Why it is left out at first.
    pub reason: Option<Reason>,
    /// Which files, by their places in the list.
    pub files: Vec<usize>,
    /// Which folders that nobody looked into, by their places.
    pub folders: Vec<usize>,
    /// How many bytes they have.
    pub bytes: f64,
}

/// Why files are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The file of patterns says so.
    Ignored(&'static str),
    /// Environments, caches, the history of the sources.
    Ballast,
    /// macOS or Windows added it.
    Added,
    /// By its name, keys or passwords.
    Secret,
}

impl Reason {
    /// A few words.
    pub fn words(self) -> String {
        match self {
            Self::Ignored(file) => format!("left out by {file}"),
            Self::Ballast => "not needed by a run".to_owned(),
            Self::Added => "added by macOS or Windows".to_owned(),
            Self::Secret => "may be secret".to_owned(),
        }
    }
}

/// The files of patterns that count, the first of them that is there.
pub const IGNORE_FILES: [&str; 2] = [".amlignore", ".gitignore"];

/// Bundles of files that are given by path and size: first what is kept, then what is left out. `folders` are those that
/// nobody looked into, because a run does not need them.
pub fn bundles(
    files: &[(String, f64)],
    folders: &[String],
    ignore: Option<(&'static str, &Ignore)>,
) -> Vec<Bundle> {
    let environments: Vec<String> = files.iter().filter_map(|(path, _)| environment(path)).collect();
    let mut bundles: Vec<Bundle> = Vec::new();
    for (place, folder) in folders.iter().enumerate() {
        let name = last_of(folder);
        match bundles.iter_mut().find(|bundle| bundle.name == name) {
            Some(bundle) => bundle.folders.push(place),
            None => {
                let reason = Some(Reason::Ballast);
                bundles.push(Bundle { name, reason, files: Vec::new(), folders: vec![place], bytes: 0.0 });
            }
        }
    }
    for (place, (path, bytes)) in files.iter().enumerate() {
        let ignored = ignore.filter(|(_, ignore)| ignore.leaves_out(path));
        let root = || path.split_once('/').map_or(path.clone(), |(folder, _)| format!("{folder}/"));
        let (name, reason) = match (sort_of(path, &environments), ignored) {
            (Some(Sort::Ballast), _) => {
                (kind_of_ballast(path, &environments).to_owned(), Some(Reason::Ballast))
            }
            (Some(Sort::Added), _) => (last_of(path), Some(Reason::Added)),
            (Some(Sort::Secret), _) => (path.clone(), Some(Reason::Secret)),
            (None, Some((file, _))) => (root(), Some(Reason::Ignored(file))),
            (None, None) => (root(), None),
        };
        // Files of a folder mostly stand together, so the last is looked at first.
        match bundles.iter_mut().rev().find(|bundle| bundle.name == name && bundle.reason == reason) {
            Some(bundle) => {
                bundle.files.push(place);
                bundle.bytes += bytes;
            }
            None => {
                bundles.push(Bundle { name, reason, files: vec![place], folders: Vec::new(), bytes: *bytes });
            }
        }
    }
    bundles.sort_by(|one, other| one.reason.cmp(&other.reason).then_with(|| one.name.cmp(&other.name)));
    bundles
}

fn last_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// Paths without the one folder that all are in, and its name; empty where there is none.
pub fn without_folder(paths: Vec<String>) -> (String, Vec<String>) {
    let folder = match paths.first().and_then(|path| path.split_once('/')) {
        Some((folder, _)) => format!("{folder}/"),
        None => return (String::new(), paths),
    };
    if !paths.iter().all(|path| path.starts_with(&folder)) {
        return (String::new(), paths);
    }
    let inner = paths.into_iter().map(|path| path[folder.len()..].to_owned()).collect();
    (folder.trim_end_matches('/').to_owned(), inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<(String, f64)> {
        paths.iter().map(|path| ((*path).to_owned(), 10.0)).collect()
    }

    fn told(paths: &[&str], ignore: Option<(&'static str, &Ignore)>) -> Vec<String> {
        let tell = |bundle: Bundle| {
            let reason = bundle.reason.map(|reason| format!(", {}", reason.words())).unwrap_or_default();
            format!("{} {}{reason}", bundle.name, bundle.files.len())
        };
        bundles(&files(paths), &[], ignore).into_iter().map(tell).collect()
    }

    #[test]
    fn what_a_run_does_not_need_is_left_out() {
        let paths = [
            ".git/HEAD",
            ".git/objects/a",
            "train.py",
            "src/model.py",
            "src/__pycache__/model.pyc",
            "src/data/a.csv",
            ".venv/bin/python",
            "mine/pyvenv.cfg",
            "mine/lib/x.py",
            ".DS_Store",
            "src/.DS_Store",
            ".env",
            "nb/.ipynb_checkpoints/a.ipynb",
            "node_modules/x/index.js",
        ];
        assert_eq!(
            told(&paths, None),
            [
                "src/ 2",
                "train.py 1",
                ".git 2, not needed by a run",
                ".ipynb_checkpoints 1, not needed by a run",
                ".venv 1, not needed by a run",
                "__pycache__ 1, not needed by a run",
                "mine 2, not needed by a run",
                "node_modules 1, not needed by a run",
                ".DS_Store 2, added by macOS or Windows",
                ".env 1, may be secret",
            ]
        );
    }

    #[test]
    fn the_project_says_itself_what_is_left_out() {
        let ignore = Ignore::parse("data/\n*.log\n");
        let paths = ["train.py", "data/a.csv", "a.log", "src/b.log", "src/b.py", ".git/a.log"];
        assert_eq!(
            told(&paths, Some((".amlignore", &ignore))),
            [
                "src/ 1",
                "train.py 1",
                "a.log 1, left out by .amlignore",
                "data/ 1, left out by .amlignore",
                "src/ 1, left out by .amlignore",
                ".git 1, not needed by a run",
            ]
        );
        assert_eq!(bundles(&files(&["a/b", "a/c"]), &[], None)[0].bytes, 20.0);
    }

    #[test]
    fn folders_that_nobody_looked_into_are_told_of() {
        let folders = ["src/__pycache__".to_owned(), "__pycache__".to_owned(), ".git".to_owned()];
        let found = bundles(&files(&["train.py"]), &folders, None);
        let told: Vec<_> =
            found.iter().map(|bundle| (bundle.name.as_str(), bundle.folders.as_slice())).collect();
        assert_eq!(told, [("train.py", &[][..]), (".git", &[2]), ("__pycache__", &[0, 1])]);
    }

    #[test]
    fn the_folder_around_everything_is_taken_away() {
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            without_folder(paths(&["shop/train.py", "shop/src/a.py"])),
            ("shop".to_owned(), paths(&["train.py", "src/a.py"]))
        );
        for alone in [&["train.py", "src/a.py"][..], &["shop/a.py", "shops/b.py"], &[]] {
            assert_eq!(without_folder(paths(alone)), (String::new(), paths(alone)));
        }
    }
}
