//! A tiny project to hand in: a zip with one script, and a run definition that names it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The two files of a submission.
pub struct Project {
    pub zip: PathBuf,
    pub definition: PathBuf,
}

impl Project {
    /// Writes `project.zip`, holding `hello.py`, and `definition.json` into a folder.
    pub fn write(folder: &Path, target: &str) -> Project {
        let zip = folder.join("project.zip");
        let definition = folder.join("definition.json");
        fs::write(&zip, zip_of(&[("hello.py", b"print(\"Hello\")\n")])).expect("the folder can be written");
        let text = serde_json::to_string_pretty(&definition_for(target)).expect("a value is JSON");
        fs::write(&definition, text).expect("the folder can be written");
        Project { zip, definition }
    }
}

fn definition_for(target: &str) -> Value {
    json!({
        "Configuration": {
            "Script": "hello.py",
            "Arguments": [],
            "Framework": "Python",
            "Communicator": "None",
            "Target": target,
            "MaxRunDurationSeconds": 3600,
            "NodeCount": 1,
            "Environment": {
                "Python": { "InterpreterPath": "python", "UserManagedDependencies": false },
                "Docker": { "BaseImage": "mcr.microsoft.com/azureml/base:intelmpi2018.3-ubuntu16.04" },
            },
            "History": { "OutputCollection": true },
        }
    })
}

/// A zip that stores files as they are.
pub fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    const REASON: &str = "memory can be written";
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, content) in files {
        let file = archive.new_file(name).compression_method(rawzip::CompressionMethod::STORE);
        let (mut entry, configuration) = file.start().expect(REASON);
        let mut writer = configuration.wrap(&mut entry);
        writer.write_all(content).expect(REASON);
        let (_, descriptor) = writer.finish().expect(REASON);
        entry.finish(descriptor).expect(REASON);
    }
    archive.finish().expect(REASON)
}

/// The names in a zip and what is stored under them; panics where a checksum is wrong.
pub fn unzip(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let archive = rawzip::ZipArchive::from_slice(bytes).expect("the zip can be read");
    let files = archive.entries().map(|entry| {
        let entry = entry.expect("its list can be read");
        let found = archive.get_entry(entry.wayfinder()).expect("the file is there");
        let mut content = Vec::new();
        std::io::copy(&mut found.verifying_reader(found.data()), &mut content).expect("the file is whole");
        (String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned(), content)
    });
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zip_holds_the_script_the_definition_names() {
        let files = unzip(&zip_of(&[("hello.py", b"print(1)\n")]));
        let script = definition_for("cpu-compute")["Configuration"]["Script"].clone();
        assert_eq!(files, [(script.as_str().expect("it is a text").to_owned(), b"print(1)\n".to_vec())]);
    }
}
