//! What an export is made of: the names of its files, and what the manifest says of them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a file of an export is, in the manifest's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    Workspace,
    Compute,
    Experiment,
    Run,
    RunDetails,
    RunMetrics,
    RunEvents,
    RunFiles,
    Log,
    File,
    Notification,
    Datastore,
    Model,
    Asset,
    Image,
    Service,
    PipelineRun,
    PipelineNodeStates,
    Graph,
    Module,
    Template,
    DataSource,
    Table,
    Contents,
}

impl FileKind {
    /// Whether it is made for the whole, and nothing that the service or a run had.
    pub fn is_of_whole(self) -> bool {
        matches!(self, Self::Table | Self::Contents)
    }

    /// "Run events" of "run-events".
    pub fn in_words(self) -> String {
        let words = self.to_string().replace('-', " ");
        let mut letters = words.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(formatter)
    }
}

/// The most characters of one name in a path.
const LONGEST: usize = 100;

/// A name as one segment of a path: every system takes it.
pub fn segment(name: &str) -> String {
    let is_kept = |letter: char| letter.is_alphanumeric() || " -_.()=+@,".contains(letter);
    let kept: String = name.chars().map(|letter| if is_kept(letter) { letter } else { '_' }).collect();
    let kept = kept.trim_matches([' ', '.']);
    let cut: String = kept.chars().take(LONGEST).collect();
    let cut = cut.trim_end_matches([' ', '.']);
    let stem = cut.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || (stem.len() == 4
            && (stem.starts_with("com") || stem.starts_with("lpt"))
            && stem.ends_with(|digit: char| digit.is_ascii_digit()));
    match cut {
        "" => "_".to_owned(),
        // Windows takes these for devices, whatever follows the dot.
        cut if is_device => format!("_{cut}"),
        cut => cut.to_owned(),
    }
}

/// A path of names, which may hold anything.
pub fn path<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(segment).collect::<Vec<_>>().join("/")
}

/// The path of something of a run.
pub fn run_path(experiment: &str, run: &str, name: &str) -> String {
    format!("{}/{name}", path(["experiments", experiment, "runs", run]))
}

/// The path of a file that a run wrote. A file that has another's name for a folder is told apart by [`free`] alone, so
/// empty names and dots are no way out.
pub fn content_path(experiment: &str, run: &str, file: &str) -> String {
    let names = file.split(['/', '\\']).filter(|name| !name.is_empty());
    run_path(experiment, run, &format!("files/{}", path(names)))
}

/// A path that nothing else has: the second of a name gets ` (2)`, and so does a folder that has the name of a file, or a
/// file that has that of a folder, since nothing could unpack both. They are asked for paths in small letters.
pub fn free(path: &str, is_file: impl Fn(&str) -> bool, is_folder: impl Fn(&str) -> bool) -> String {
    let mut free = String::new();
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        let is_last = names.peek().is_none();
        free = numbered(&free, name, |path| is_file(path) || is_last && is_folder(path));
        if !is_last {
            free.push('/');
        }
    }
    free
}

fn numbered(folder: &str, name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let (stem, end) = match name.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() => (stem, format!(".{end}")),
        _ => (name, String::new()),
    };
    let numbers = (2u32..).map(|number| format!("{folder}{stem} ({number}){end}"));
    std::iter::once(format!("{folder}{name}"))
        .chain(numbers)
        .find(|path| !is_taken(&path.to_lowercase()))
        .expect("numbers do not run out")
}

/// The name of the zip.
pub fn zip_name(workspace: &str, day: &str) -> String {
    format!("{}-{day}.zip", segment(workspace))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_name_of_anything_is_one_that_every_system_takes() {
        for (name, expected) in [
            ("loaves-per-day", "loaves-per-day"),
            ("model:3", "model_3"),
            ("a/b\\c", "a_b_c"),
            ("..", "_"),
            ("", "_"),
            (" . ", "_"),
            ("name. ", "name"),
            ("Bäckerei (1)=+@,", "Bäckerei (1)=+@,"),
            ("<script>", "_script_"),
            ("CON", "_CON"),
            ("com1.json", "_com1.json"),
            ("nul .txt", "_nul .txt"),
            ("console", "console"),
            ("a\u{0}b\nc", "a_b_c"),
            ("\u{202e}gpj.exe", "_gpj.exe"),
        ] {
            assert_eq!(segment(name), expected, "{name:?}");
        }
        assert_eq!(segment(&"x".repeat(300)).len(), 100);
        assert_eq!(segment(&format!("{}. y", "x".repeat(99))), "x".repeat(99));
    }

    #[test]
    fn no_path_leads_out_of_its_folder() {
        assert_eq!(content_path("e", "r", "outputs/a.txt"), "experiments/e/runs/r/files/outputs/a.txt");
        assert_eq!(content_path("e", "..", "../../../x"), "experiments/e/runs/_/files/_/_/_/x");
        assert_eq!(content_path("e", "r", "/etc//passwd"), "experiments/e/runs/r/files/etc/passwd");
        assert_eq!(content_path("e", "r", "..\\x"), "experiments/e/runs/r/files/_/x");
    }

    #[test]
    fn of_two_with_one_path_the_later_is_numbered() {
        let mut taken = HashSet::new();
        let mut take = |path: &str| {
            let path = free(path, |path| taken.contains(path), |_| false);
            taken.insert(path.to_lowercase());
            path
        };
        assert_eq!(take("models/a_1.json"), "models/a_1.json");
        assert_eq!(take("models/A_1.json"), "models/A_1 (2).json");
        assert_eq!(take("models/a_1.json"), "models/a_1 (3).json");
        assert_eq!(take("x.y/file"), "x.y/file");
        assert_eq!(take("x.y/file"), "x.y/file (2)");
        assert_eq!(take(".amlignore"), ".amlignore");
        assert_eq!(take(".amlignore"), ".amlignore (2)");
    }
}
