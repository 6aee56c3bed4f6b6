//! Python packages for tests, each at a fixed version with a fixed content, in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;

/// A Python that has the packages, and the folder they are in where that is not its own.
pub struct Python {
    pub program: PathBuf,
    pub packages: Option<PathBuf>,
}

impl Python {
    /// Installs what `requirements` lists, unless it is there.
    pub fn with(requirements: &Path, folder: &Path, notice: &str) -> Result<Python, String> {
        let wanted = fs::read_to_string(requirements)
            .map_err(|error| format!("{}: {error}", requirements.display()))?;
        let version = process::output(process::program("python3").arg("--version"))
            .ok_or("This needs Python 3.9 or later: sudo apt-get install -y python3 python3-venv")?;
        let wanted = format!("{version}\n{wanted}");
        let environment = folder.join("venv");
        let packages = folder.join("packages");
        let done = folder.join("installed.txt");

        let program = environment.join("bin/python");
        let found = || match program.is_file() {
            true => Python { program: program.clone(), packages: None },
            false => Python { program: "python3".into(), packages: Some(packages.clone()) },
        };
        if fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
            return Ok(found());
        }
        eprintln!("{notice}");
        remove(folder)?;
        if process::output(process::program("python3").args(["-m", "venv"]).arg(&environment)).is_none() {
            remove(&environment)?;
            if process::output(process::program("python3").args(["-m", "pip", "--version"])).is_none() {
                return Err("This Python can make no environment. Run this, then try again:\n  \
                            sudo apt-get install -y python3-venv"
                    .to_owned());
            }
        }
        let python = found();
        let mut install = process::program(&python.program.display().to_string());
        install
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement"])
            .arg(requirements);
        if let Some(packages) = &python.packages {
            install.arg("--target").arg(packages);
        }
        process::run(install.env("PIP_DISABLE_PIP_VERSION_CHECK", "1"))?;
        fs::write(&done, wanted).map_err(|error| format!("{}: {error}", done.display()))?;
        Ok(python)
    }

    pub fn command(&self) -> Command {
        let mut command = process::program(&self.program.display().to_string());
        if let Some(packages) = &self.packages {
            command.env("PYTHONPATH", packages);
        }
        command
    }
}

fn remove(folder: &Path) -> Result<(), String> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => Err(format!("{}: {error}", folder.display())),
        _ => Ok(()),
    }
}
