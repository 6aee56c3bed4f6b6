//! Files in their folders, as rows.

use std::collections::{BTreeMap, BTreeSet};

/// A row of the tree: a folder, or a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// From the root; of a folder without a slash at its end.
    pub path: String,
    /// The last part of it.
    pub name: String,
    /// How deep it is, from 1.
    pub level: usize,
    /// Its place among its siblings, from 1, and how many they are.
    pub position: (usize, usize),
    pub kind: RowKind,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    Folder { is_open: bool, files: usize },
    File,
}

/// The rows that are to be seen: what is at the root and in the folders that are open; folders first.
pub fn rows<'a>(files: impl IntoIterator<Item = &'a str>, open: &BTreeSet<String>) -> Vec<TreeRow> {
    let mut root = Folder::default();
    for file in files {
        let mut folder = &mut root;
        let mut parts = file.split('/').filter(|part| !part.is_empty()).peekable();
        while let Some(part) = parts.next() {
            folder.count += 1;
            if parts.peek().is_none() {
                folder.files.insert(part, file);
            } else {
                folder = folder.folders.entry(part).or_default();
            }
        }
    }
    let mut rows = Vec::new();
    root.add_to(&mut rows, "", 1, open);
    rows
}

#[derive(Default)]
struct Folder<'a> {
    folders: BTreeMap<&'a str, Folder<'a>>,
    /// By name, with their paths.
    files: BTreeMap<&'a str, &'a str>,
    count: usize,
}

impl Folder<'_> {
    fn add_to(&self, rows: &mut Vec<TreeRow>, path: &str, level: usize, open: &BTreeSet<String>) {
        let siblings = self.folders.len() + self.files.len();
        let mut position = 0;
        for (name, folder) in &self.folders {
            position += 1;
            let path = if path.is_empty() { (*name).to_owned() } else { format!("{path}/{name}") };
            let is_open = open.contains(&path);
            let kind = RowKind::Folder { is_open, files: folder.count };
            rows.push(TreeRow {
                path: path.clone(),
                name: (*name).to_owned(),
                level,
                position: (position, siblings),
                kind,
            });
            if is_open {
                folder.add_to(rows, &path, level + 1, open);
            }
        }
        for (name, path) in &self.files {
            position += 1;
            rows.push(TreeRow {
                path: (*path).to_owned(),
                name: (*name).to_owned(),
                level,
                position: (position, siblings),
                kind: RowKind::File,
            });
        }
    }
}

/// The folders above a file, from the root.
pub fn folders_of(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(index, _)| &file[..index])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 5] =
        ["outputs/model.pkl", "b.txt", "outputs/plots/a.png", "logs/azureml/1.log", "a.txt"];

    fn seen(open: &[&str]) -> Vec<String> {
        let open = open.iter().map(|path| (*path).to_owned()).collect();
        rows(FILES, &open).into_iter().map(|row| format!("{}{}", "-".repeat(row.level), row.name)).collect()
    }

    #[test]
    fn folders_come_first_and_show_what_is_in_them_when_they_are_open() {
        assert_eq!(seen(&[]), ["-logs", "-outputs", "-a.txt", "-b.txt"]);
        assert_eq!(
            seen(&["outputs", "outputs/plots", "elsewhere"]),
            ["-logs", "-outputs", "--plots", "---a.png", "--model.pkl", "-a.txt", "-b.txt"]
        );
        assert_eq!(seen(&["outputs/plots"]).len(), 4);
    }

    #[test]
    fn a_row_knows_its_place_and_how_much_is_below() {
        let rows = rows(FILES, &BTreeSet::from(["outputs".to_owned()]));
        assert_eq!(rows[1].kind, RowKind::Folder { is_open: true, files: 2 });
        assert_eq!((rows[1].position, rows[2].position, rows[3].position), ((2, 4), (1, 2), (2, 2)));
        assert_eq!(rows[3].path, "outputs/model.pkl");
    }

    #[test]
    fn the_folders_above_a_file_are_known() {
        assert_eq!(folders_of("a/b/c.txt").collect::<Vec<_>>(), ["a", "a/b"]);
        assert_eq!(folders_of("c.txt").count(), 0);
    }
}
