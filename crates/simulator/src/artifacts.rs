//! Artifacts: a run's files, under the three address families that lead to them.

use std::borrow::Cow;

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::checksum::checksum;
use crate::errors::{ARTIFACT, user_error};
use crate::history::{Scope, View, no_such_path};
use crate::paging::{next_link, page};
use crate::run_output::{self, File};
use crate::simulator::Simulator;
use crate::state::{Run, text};
use crate::storage::{self, ranged};
use crate::times::stamp;

/// Runs keep their files under this origin.
pub const ORIGIN: &str = "ExperimentRun";

impl Simulator {
    /// `artifact/v1.0` has the path in the address, `artifact/v2.0` in the query.
    pub(crate) fn artifacts(&self, call: &Call<'_>, scope: Scope<'_>, path: &[&str]) -> Outcome {
        let view = self.view(call, scope)?;
        if call.method != Method::GET {
            return Err(user_error(
                call,
                ARTIFACT,
                405,
                format!("The path does not support {}.", call.method),
            ));
        }
        let file = call.query("path").unwrap_or_default();
        match path {
            ["artifacts", "origins", origin, "containers", container, file @ ..] => {
                view.artifact_list(&*view.container(origin, container)?, &file.join("/"))
            }
            ["artifacts", "metadata", origin, container, file @ ..] => {
                view.artifact(&*view.container(origin, container)?, &file.join("/"))
            }
            ["artifacts", "contentinfo", origin, container, file @ ..] => {
                view.content_info(&*view.container(origin, container)?, &file.join("/"))
            }
            ["artifacts", "prefix", "contentinfo", origin, container, file @ ..] => {
                view.prefix_content_info(&*view.container(origin, container)?, &file.join("/"))
            }
            ["artifacts", "content", origin, container, file @ ..] => {
                view.content(&*view.container(origin, container)?, &file.join("/"), false)
            }
            ["artifacts", origin, container] => {
                view.artifact_list(&*view.container(origin, container)?, file)
            }
            ["artifacts", origin, container, "metadata"] => {
                view.artifact(&*view.container(origin, container)?, file)
            }
            ["artifacts", origin, container, "contentinfo"] => {
                view.content_info(&*view.container(origin, container)?, file)
            }
            ["artifacts", origin, container, "prefix", "contentinfo"] => {
                view.prefix_content_info(&*view.container(origin, container)?, file)
            }
            ["artifacts", origin, container, "content"] => {
                view.content(&*view.container(origin, container)?, file, true)
            }
            _ => Err(no_such_path(call, ARTIFACT)),
        }
    }
}

impl View<'_> {
    /// Run history's own addresses for a run's artifacts; `path` follows `artifacts`.
    pub fn run_artifacts(&self, run: &Run, path: &[&str]) -> Outcome {
        let file = self.call.query("path").unwrap_or_default();
        match path {
            [] => self.artifact_list(run, ""),
            ["path"] => self.artifact_list(run, file),
            ["path", rest @ ..] => self.artifact_list(run, &rest.join("/")),
            ["metadata"] => self.artifact(run, file),
            ["contentinfo"] => self.content_info(run, file),
            ["contentinfo", rest @ ..] => self.content_info(run, &rest.join("/")),
            ["prefix", "contentinfo"] => self.prefix_content_info(run, file),
            ["artifacturi"] => {
                let file = self.file(run, file)?;
                Ok(Answer::json(200, &self.signed_address(run, &file.path).into()))
            }
            _ => Err(no_such_path(self.call, ARTIFACT)),
        }
    }

    /// The run that a container belongs to: `dcid.{run}`, or the run's id alone, as the article writes it.
    fn container(&self, origin: &str, container: &str) -> Result<Cow<'_, Run>, Answer> {
        let run = self.workspace.run_of_container(container).or_else(|| self.workspace.run(container));
        // Guess: the wording.
        let message = || format!("Container {origin}/{container} was not found");
        run.filter(|_| origin == ORIGIN).ok_or_else(|| user_error(self.call, ARTIFACT, 404, message()))
    }

    fn files(&self, run: &Run) -> Vec<File> {
        let mut files = run_output::files(run, &self.board.moment(run));
        files.sort_by(|left, right| left.path.cmp(&right.path));
        files
    }

    fn file(&self, run: &Run, path: &str) -> Result<File, Answer> {
        let file = self.files(run).into_iter().find(|file| file.path == path);
        let message = || format!("Artifact {path} was not found in container {}", container_of(run));
        file.ok_or_else(|| user_error(self.call, ARTIFACT, 404, message()))
    }

    fn artifact_list(&self, run: &Run, folder: &str) -> Outcome {
        let folder = folder.trim_end_matches('/');
        let files = self.files(run).into_iter().filter(|file| is_within(&file.path, folder));
        self.artifact_page(files.map(|file| artifact_document(run, &file)).collect())
    }

    fn artifact(&self, run: &Run, path: &str) -> Outcome {
        Ok(Answer::json(200, &artifact_document(run, &self.file(run, path)?)))
    }

    fn content_info(&self, run: &Run, path: &str) -> Outcome {
        Ok(Answer::json(200, &self.content_document(run, &self.file(run, path)?)))
    }

    fn prefix_content_info(&self, run: &Run, prefix: &str) -> Outcome {
        let files = self.files(run).into_iter().filter(|file| file.path.starts_with(prefix));
        self.artifact_page(files.map(|file| self.content_document(run, &file)).collect())
    }

    /// Guess: the content type; and that the newer form knows ranges, of which no description says anything. The older
    /// one sends the whole file whatever part is asked for.
    fn content(&self, run: &Run, path: &str, knows_ranges: bool) -> Outcome {
        let (file, kind) = (self.file(run, path)?, "application/octet-stream");
        if knows_ranges {
            let refusal =
                |_| user_error(self.call, ARTIFACT, 416, "The range is behind the end of the artifact.");
            ranged(self.call, &file, kind).map_err(refusal)
        } else {
            Ok(Answer::bytes(200, kind, file.content.all()))
        }
    }

    fn artifact_page(&self, documents: Vec<Value>) -> Outcome {
        let token = self.call.query("continuationToken");
        let page = page(documents, token, self.simulator.page_size)
            .ok_or_else(|| user_error(self.call, ARTIFACT, 400, "The continuation token is not valid."))?;
        let link = page.next.as_deref().map(|token| next_link(self.call, "continuationToken", &[], token));
        Ok(Answer::json(
            200,
            &json!({ "value": page.items, "continuationToken": page.next, "nextLink": link }),
        ))
    }

    fn content_document(&self, run: &Run, file: &File) -> Value {
        json!({
            "contentUri": self.signed_address(run, &file.path),
            "origin": ORIGIN,
            "container": container_of(run),
            "path": file.path,
        })
    }

    /// A file's address at the storage account, with a signature that opens it for some hours.
    pub fn signed_address(&self, run: &Run, path: &str) -> String {
        let account = self.workspace.storage_account();
        let blob = format!("azureml/{ORIGIN}/{}/{path}", container_of(run));
        storage::signed_address(&self.simulator.hosts.storage(account), account, &blob, self.call.now)
    }
}

fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn container_of(run: &Run) -> &str {
    text(&run.document, "dataContainerId")
}

fn artifact_document(run: &Run, file: &File) -> Value {
    let id = format!("{ORIGIN}/{}/{}", container_of(run), file.path);
    let version = checksum(&format!("{id} {}", file.content.len()));
    json!({
        "artifactId": id,
        "origin": ORIGIN,
        "container": container_of(run),
        "path": file.path,
        "etag": format!("\"0x{version:X}\""),
        "createdTime": stamp(file.created),
        "dataPath": { "dataStoreName": "workspaceartifactstore", "relativePath": id, "sqlDataPath": null },
    })
}
