//! What an export answers to the questions of the pages, as the service would have.

use std::borrow::Cow;
use std::rc::Rc;

use azimuth_api::WorkspaceId;
use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderValue, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::export::archive::FileKind;
use crate::opened::archive::{Archive, File, ReadFault};
use crate::opened::runs::{Filter, RunKey, arrange};

/// How many runs come at once, unless the question says.
const PAGE: usize = 100;
/// How many runs are remembered because their metrics were asked for.
const MOST_MEASURED: usize = 64;

/// A question to the export.
pub struct Asked<'a> {
    pub method: &'a Method,
    /// The path, and what follows `?`.
    pub target: &'a str,
    pub body: &'a str,
    /// The header of that name.
    pub range: Option<&'a str>,
}

/// An answer that is not there, and why.
enum Absent {
    /// The export does not hold it.
    NotHere { kind: Option<FileKind>, id: String },
    /// Its bytes cannot be had.
    Unreadable(ReadFault),
    /// Something would change.
    Change,
}

impl From<ReadFault> for Absent {
    fn from(fault: ReadFault) -> Self {
        Self::Unreadable(fault)
    }
}

type Found = Result<Response<Vec<u8>>, Absent>;

impl Archive {
    /// The answer to a question, always: what the export does not hold is refused as a service refuses.
    pub async fn answer(&self, asked: &Asked<'_>) -> Response<Vec<u8>> {
        match self.found(asked).await {
            Ok(response) => response,
            Err(Absent::NotHere { kind, id }) => refusal(404, "NotInExport", &self.why_not(kind, &id)),
            Err(Absent::Change) => refusal(403, "ReadOnlyExport", "Nothing was sent anywhere."),
            Err(Absent::Unreadable(ReadFault::Damaged)) => {
                refusal(404, "DamagedInExport", "Its checksum is not the one that the zip names.")
            }
            Err(Absent::Unreadable(ReadFault::Unreadable)) => {
                refusal(404, "ExportGone", "The browser could not read the file.")
            }
        }
    }

    async fn found(&self, asked: &Asked<'_>) -> Found {
        let (path, query) = asked.target.split_once('?').unwrap_or((asked.target, ""));
        let segments: Vec<Cow<'_, str>> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
            .collect();
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let query = Parameters::read(query);
        if segments == ["discovery"] {
            return Ok(made(&self.discovery()));
        }
        let Some(begin) = segments.iter().position(|segment| *segment == "subscriptions") else {
            return Err(nothing());
        };
        let (service, rest) = segments.split_at(begin);
        let [_, subscription, _, group, _, _, _, name, rest @ ..] = rest else { return Err(nothing()) };
        let workspace = &self.about.workspace;
        let is_own = subscription.eq_ignore_ascii_case(workspace.subscription.as_str())
            && group.eq_ignore_ascii_case(workspace.resource_group.as_str())
            && name.eq_ignore_ascii_case(workspace.name.as_str());
        if !is_own {
            return Err(nothing());
        }
        let is_get = *asked.method == Method::GET;
        let is_question = rest.last().is_some_and(|last| last.ends_with(":query"))
            || matches!(
                rest,
                [.., "AllNodes", "Status"] | [.., "listNodes" | "listKeys" | "listkeys" | "token"]
            );
        if !is_get && !is_question {
            return Err(Absent::Change);
        }
        match (service, rest) {
            ([], []) => self.workspace().await,
            ([], ["computes"]) => self.list(FileKind::Compute, |_| true).await,
            ([], ["computes", compute]) => self.one(FileKind::Compute, compute).await,
            (["history", _], rest) => self.history(rest, &Wanted::of(asked, &query)).await,
            (["artifact", _], rest) => self.artifacts(rest, &query, asked.range).await,
            (["datastore", _], ["datastores"]) => {
                let name = query.get("dataStoreNames");
                self.list(FileKind::Datastore, |store| name.is_none_or(|name| store["name"] == name)).await
            }
            (["notification", _], ["tasks"]) => self.list(FileKind::Notification, |_| true).await,
            (["notification", _], ["tasks", task]) => self.one(FileKind::Notification, task).await,
            (["api", "v1.0"] | ["pipelines", _], rest) => self.pipelines(rest).await,
            (["api"] | ["modelmanagement", _], [kind]) => {
                let kind = managed(kind).ok_or_else(nothing)?;
                self.list(kind, |document| is_asked_for(document, &query)).await
            }
            (["api"] | ["modelmanagement", _], [kind, id]) => {
                self.one(managed(kind).ok_or_else(nothing)?, id).await
            }
            _ => Err(nothing()),
        }
    }

    /// The hosts that answered when the export was made; nothing is asked there now. A service that was not asked then
    /// has the host of another, so that what it is asked for is refused as what it is: not in the export.
    fn discovery(&self) -> Value {
        let hosts = &self.hosts.0;
        let known = |names: &[&str]| names.iter().find_map(|name| hosts.get(name)).cloned();
        let any = || hosts.values().next().cloned().unwrap_or_else(|| super::NO_HOST.to_owned());
        let services = [
            ("api", known(&["api", "history"])),
            ("history", known(&["history", "api"])),
            ("modelmanagement", known(&["modelmanagement", "api", "history"])),
            ("pipelines", known(&["pipelines", "api", "history"])),
        ];
        let services = services
            .into_iter()
            .map(|(name, host)| (name.to_owned(), Value::from(origin_of(&host.unwrap_or_else(any)))));
        Value::Object(services.collect())
    }

    /// The origins of all services, as [`Archive::discovery`] names them.
    pub fn hosts(&self) -> Vec<String> {
        let discovery = self.discovery();
        let services = discovery.as_object().into_iter().flatten();
        services.filter_map(|(_, origin)| Some(origin.as_str()?.to_owned())).collect()
    }

    /// The origin of Azure Resource Manager, if it was asked.
    pub fn management(&self) -> Option<String> {
        self.hosts.0.get("management").map(|host| origin_of(host))
    }

    async fn workspace(&self) -> Found {
        let mut document: Value = match self.of_kind(FileKind::Workspace).first() {
            Some(file) => self.document(file).await?,
            // What the manifest says of it leads to the rest, at least.
            None => {
                let WorkspaceId { subscription, resource_group, name } = &self.about.workspace;
                let group = format!("/subscriptions/{subscription}/resourceGroups/{resource_group}");
                json!({
                    "id": format!("{group}/providers/Microsoft.MachineLearningServices/workspaces/{name}"),
                    "name": name,
                    "location": self.about.region,
                    "properties": {},
                })
            }
        };
        // Where it leads now is this export.
        let host = self.discovery()["api"].as_str().unwrap_or_default().to_owned();
        if let Some(properties) = document["properties"].as_object_mut() {
            properties.insert("discoveryUrl".to_owned(), format!("{host}/discovery").into());
        }
        Ok(made(&document))
    }

    async fn history(&self, rest: &[&str], wanted: &Wanted<'_>) -> Found {
        match rest {
            ["experiments"] => self.experiments(|_| true).await,
            ["experiments:query"] => {
                let archived = wanted.query.get("viewType") == Some("ArchivedOnly");
                self.experiments(|document| document["archivedTime"].is_string() == archived).await
            }
            ["experiments", name] => self.experiment("name", name).await,
            ["experimentids", id] => self.experiment("experimentId", id).await,
            ["experiments", experiment, "runs" | "runs:query"] => {
                self.runs(Some(experiment), wanted, |_| true).await
            }
            ["experiments", experiment, "runs", run, "children"] => {
                self.runs(Some(experiment), wanted, |key| key.parent_run_id.as_deref() == Some(*run)).await
            }
            ["computes", compute, "runs"] => {
                let filter = Filter::parse(&format!("Target eq {compute}"));
                self.runs(None, wanted, |key| filter.as_ref().is_some_and(|filter| filter.fits(key))).await
            }
            ["experiments", _, "runs", run] | ["runs", run] => {
                let file = self.of_known_run(FileKind::Run, run)?;
                Ok(json_of(self.whole(file).await?))
            }
            ["experiments", _, "runs", run, "details"] => {
                let file = self.of_known_run(FileKind::RunDetails, run)?;
                Ok(json_of(self.whole(file).await?))
            }
            ["experiments", _, "runs", run, "events"] => {
                let number = self.number(run).unwrap_or_default();
                self.pages(FileKind::RunEvents, &[number], run).await
            }
            ["experiments", _, "metrics" | "metrics:query"] => {
                let runs: Vec<u32> = match wanted.filter() {
                    Some(filter) => {
                        let runs = filter.runs().unwrap_or_default();
                        runs.into_iter().filter_map(|run| self.number(run)).collect()
                    }
                    None => Vec::new(),
                };
                self.remember_measured(&runs);
                // A run that measured nothing has a file that says so; none of several is no answer.
                let known: Vec<u32> = runs
                    .iter()
                    .copied()
                    .filter(|run| !self.of_run(FileKind::RunMetrics, *run).is_empty())
                    .collect();
                let first = runs.first().map(|run| self.name(*run)).unwrap_or_default();
                self.pages(FileKind::RunMetrics, &known, first).await
            }
            ["experiments", experiment, "metrics", metric] => self.metric(experiment, metric).await,
            _ => Err(nothing()),
        }
    }

    /// Experiments that are in the export, or else those that its runs name.
    async fn experiments(&self, is_wanted: impl Fn(&Value) -> bool) -> Found {
        if !self.of_kind(FileKind::Experiment).is_empty() || self.of_kind(FileKind::Run).is_empty() {
            return self.list(FileKind::Experiment, is_wanted).await;
        }
        let named =
            self.experiments_with_runs().into_iter().map(|number| json!({ "name": self.name(number) }));
        Ok(made(&json!({ "value": named.filter(is_wanted).collect::<Vec<_>>() })))
    }

    async fn experiment(&self, field: &str, wanted: &str) -> Found {
        let files = self.of_kind(FileKind::Experiment);
        let documents = self.all(files).await?;
        let found = documents.into_iter().find(|document| {
            serde_json::from_slice::<Value>(document).is_ok_and(|document| document[field] == wanted)
        });
        found.map(json_of).ok_or_else(|| not_here(FileKind::Experiment, wanted))
    }

    /// Runs of an experiment, or of all, that a question is about.
    async fn runs(
        &self,
        experiment: Option<&str>,
        wanted: &Wanted<'_>,
        belongs: impl Fn(&RunKey) -> bool,
    ) -> Found {
        let experiments = match experiment {
            Some(name) => {
                let number = self.number(name).filter(|number| self.has_experiment(*number));
                vec![number.ok_or_else(|| not_here(FileKind::Experiment, name))?]
            }
            None => self.experiments_with_runs(),
        };
        let mut keys = Vec::new();
        for experiment in experiments {
            keys.push((experiment, self.keys_of(experiment).await?));
        }
        let filter = wanted.filter();
        let is_wanted = |key: &&RunKey| belongs(key) && filter.as_ref().is_none_or(|filter| filter.fits(key));
        let mut runs: Vec<&RunKey> =
            keys.iter().flat_map(|(_, keys)| keys.iter()).filter(is_wanted).collect();
        arrange(&mut runs, wanted.order().unwrap_or_default());
        let from: usize = wanted.next().and_then(|next| next.parse().ok()).unwrap_or_default();
        let size = wanted.top().unwrap_or(PAGE);
        let to = runs.len().min(from.saturating_add(size));
        let files = self.of_kind(FileKind::Run);
        let page = runs.get(from..to).unwrap_or_default().iter().map(|key| &files[key.place]);
        let documents = self.all(page).await?;
        let next = (to < runs.len()).then(|| to.to_string());
        Ok(list_of(documents.iter().map(Vec::as_slice), next.as_deref()))
    }

    /// Whether the export has an experiment, or runs of it.
    fn has_experiment(&self, number: u32) -> bool {
        let name = self.name(number);
        self.of_kind(FileKind::Run).iter().any(|file| file.experiment == number)
            || self
                .of_kind(FileKind::Experiment)
                .iter()
                .any(|file| file.experiment == number || is_id(&file.id, name))
    }

    fn experiments_with_runs(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = self.of_kind(FileKind::Run).iter().map(|file| file.experiment).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// What the runs of an experiment are filtered and ordered by; read once.
    async fn keys_of(&self, experiment: u32) -> Result<Rc<Vec<RunKey>>, ReadFault> {
        if let Some(keys) = self.run_keys.borrow().get(&experiment) {
            return Ok(Rc::clone(keys));
        }
        let runs = self.of_kind(FileKind::Run);
        let places: Vec<usize> =
            (0..runs.len()).filter(|place| runs[*place].experiment == experiment).collect();
        let mut keys = Vec::with_capacity(places.len());
        // Some hundred at a time: their documents are dropped as soon as they were looked at.
        for places in places.chunks(500) {
            let documents = self.all(places.iter().map(|place| &runs[*place])).await?;
            let read = documents.iter().zip(places);
            keys.extend(read.map(|(document, place)| RunKey::read(document, *place)));
        }
        let keys = Rc::new(keys);
        self.run_keys.borrow_mut().insert(experiment, Rc::clone(&keys));
        Ok(keys)
    }

    fn remember_measured(&self, runs: &[u32]) {
        let mut measured = self.measured.borrow_mut();
        measured.retain(|known| !runs.contains(known));
        measured.extend(runs);
        let surplus = measured.len().saturating_sub(MOST_MEASURED);
        measured.drain(..surplus);
    }

    /// A metric by its id alone: it is looked for among the runs whose metrics were shown, and then among all.
    async fn metric(&self, experiment: &str, metric: &str) -> Found {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Named<'a> {
            #[serde(borrow, default)]
            metric_id: Option<Cow<'a, str>>,
        }
        let experiment = self.number(experiment).unwrap_or_default();
        let shown = self.measured.borrow().clone();
        let first = shown.into_iter().rev().flat_map(|run| self.of_run(FileKind::RunMetrics, run));
        let others = self.of_kind(FileKind::RunMetrics).iter().filter(|file| file.experiment == experiment);
        for file in first.chain(others) {
            let page = self.whole(file).await?;
            let found = items(&page)?.into_iter().find(|item| {
                serde_json::from_str::<Named<'_>>(item.get())
                    .is_ok_and(|named| named.metric_id.as_deref() == Some(metric))
            });
            if let Some(found) = found {
                return Ok(json_of(found.get().as_bytes().to_vec()));
            }
        }
        Err(not_here(FileKind::RunMetrics, metric))
    }

    async fn artifacts(&self, rest: &[&str], query: &Parameters<'_>, range: Option<&str>) -> Found {
        let asked_path = query.get("path").unwrap_or_default();
        match rest {
            ["artifacts", "content", _, container, path @ ..] => {
                self.content(container, &path.join("/"), range).await
            }
            ["artifacts", _, container, "content"] => self.content(container, asked_path, range).await,
            ["artifacts", "origins", _, "containers", container, path @ ..] => {
                self.artifact_list(container, &path.join("/")).await
            }
            ["artifacts", _, container] => self.artifact_list(container, asked_path).await,
            // Where a file could be read without a token is nowhere now.
            _ => Err(nothing()),
        }
    }

    /// The run whose files are in a container.
    async fn run_of(&self, container: &str) -> Result<u32, Absent> {
        if let Some(number) = container.strip_prefix("dcid.").and_then(|run| self.number(run)) {
            return Ok(number);
        }
        for experiment in self.experiments_with_runs() {
            let keys = self.keys_of(experiment).await?;
            let found = keys.iter().find(|key| key.data_container_id.as_deref() == Some(container));
            if let Some(number) = found.and_then(|key| self.number(key.run_id.as_deref()?)) {
                return Ok(number);
            }
        }
        Err(not_here(FileKind::RunFiles, container))
    }

    async fn artifact_list(&self, container: &str, folder: &str) -> Found {
        let run = self.run_of(container).await?;
        let name = self.name(run).to_owned();
        if folder.is_empty() {
            return self.pages(FileKind::RunFiles, &[run], &name).await;
        }
        let pages = self.all(self.of_run(FileKind::RunFiles, run)).await?;
        let mut kept = Vec::new();
        for page in &pages {
            for item in items(page)? {
                let document: Value = serde_json::from_str(item.get()).unwrap_or_default();
                let path = document["path"].as_str().unwrap_or_default();
                if path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                    kept.push(item.get().as_bytes());
                }
            }
        }
        if pages.is_empty() { Err(not_here(FileKind::RunFiles, &name)) } else { Ok(list_of(kept, None)) }
    }

    async fn content(&self, container: &str, path: &str, range: Option<&str>) -> Found {
        let run = self.run_of(container).await?;
        let files = [FileKind::File, FileKind::Log].into_iter().flat_map(|kind| self.of_run(kind, run));
        let file =
            files.into_iter().find(|file| *file.id == *path).ok_or_else(|| not_here(FileKind::File, path))?;
        let size = self.size_of(file);
        let Some((from, to)) = range.and_then(|range| asked_range(range, size)) else {
            let mut response = Response::new(self.whole(file).await?);
            set(&mut response, "application/octet-stream");
            return Ok(response);
        };
        let (status, said, bytes) = if from < to {
            let bytes = self.part_of(file, from, to).await?;
            (StatusCode::PARTIAL_CONTENT, format!("bytes {from}-{}/{size}", to - 1), bytes)
        } else {
            (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{size}"), Vec::new())
        };
        let mut response = Response::new(bytes);
        *response.status_mut() = status;
        set(&mut response, "application/octet-stream");
        let said = HeaderValue::try_from(said).expect("digits can stand in a header");
        response.headers_mut().insert(CONTENT_RANGE, said);
        Ok(response)
    }

    async fn pipelines(&self, rest: &[&str]) -> Found {
        let kind = match rest {
            ["Experiments", _] => FileKind::PipelineRun,
            ["Experiments", _, "Graph", "AllNodes", "Status"] => FileKind::PipelineNodeStates,
            ["Graphs", _] => FileKind::Graph,
            ["Modules", _] => FileKind::Module,
            ["Templates", _] => FileKind::Template,
            ["DataSources", _] => FileKind::DataSource,
            _ => return Err(nothing()),
        };
        self.one(kind, rest[1]).await
    }

    /// One thing by its id, or by the name that its id ends with.
    async fn one(&self, kind: FileKind, id: &str) -> Found {
        let files = self.of_kind(kind);
        let exact = files.iter().find(|file| is_id(&file.id, id));
        // Of what belongs to a run the run is named beside it.
        let file = exact.or_else(|| self.number(id).and_then(|run| self.of_run(kind, run).first()));
        let file = file.ok_or_else(|| not_here(kind, id))?;
        Ok(json_of(self.whole(file).await?))
    }

    /// All things of a kind, or some.
    async fn list(&self, kind: FileKind, is_wanted: impl Fn(&Value) -> bool) -> Found {
        let files = self.of_kind(kind);
        // What was not asked for, or not got, is no empty list.
        let is_lost = || self.missing.iter().any(|missing| missing.kind == Some(kind));
        if files.is_empty() && (!self.was_wanted(kind) || is_lost()) {
            return Err(not_here(kind, ""));
        }
        let documents = self.all(files).await?;
        let kept = documents.iter().filter(|document| {
            serde_json::from_slice::<Value>(document).is_ok_and(|document| is_wanted(&document))
        });
        Ok(list_of(kept.map(Vec::as_slice), None))
    }

    /// Answers that came in pages, for one run or several, as one.
    async fn pages(&self, kind: FileKind, runs: &[u32], first: &str) -> Found {
        let files: Vec<&File> = runs.iter().flat_map(|run| self.of_run(kind, *run)).collect();
        if files.is_empty() {
            return Err(not_here(kind, first));
        }
        let pages = self.all(files).await?;
        let mut all = Vec::new();
        for page in &pages {
            all.extend(items(page)?);
        }
        Ok(list_of(all.iter().map(|item| item.get().as_bytes()), None))
    }

    fn of_known_run(&self, kind: FileKind, run: &str) -> Result<&File, Absent> {
        let number = self.number(run).ok_or_else(|| not_here(kind, run))?;
        self.of_run(kind, number).first().ok_or_else(|| not_here(kind, run))
    }

    async fn document(&self, file: &File) -> Result<Value, Absent> {
        let bytes = self.whole(file).await?;
        serde_json::from_slice(&bytes).map_err(|_| ReadFault::Damaged.into())
    }

    /// Why something is not there, as far as the manifest says.
    fn why_not(&self, kind: Option<FileKind>, id: &str) -> String {
        let known = kind.and_then(|kind| {
            // What is asked for by one name may be kept by another.
            let is_it = |missing| missing == kind || (kind == FileKind::File && missing == FileKind::Log);
            self.missing.iter().find(|missing| {
                missing.kind.is_some_and(is_it)
                    && (id.is_empty() || missing.id == id || missing.run.as_deref() == Some(id))
            })
        });
        match known.map(|missing| missing.why.trim()).filter(|why| !why.is_empty()) {
            Some(why) => why.to_owned(),
            None if self.about.is_stopped => "it was ended before all was there.".to_owned(),
            None => "it was not chosen, or it was not there.".to_owned(),
        }
    }
}

fn nothing() -> Absent {
    Absent::NotHere { kind: None, id: String::new() }
}

fn not_here(kind: FileKind, id: &str) -> Absent {
    Absent::NotHere { kind: Some(kind), id: id.to_owned() }
}

/// Whether an id is this one, or ends with it as ids of resources end with their names.
fn is_id(id: &str, wanted: &str) -> bool {
    let last = id.rsplit('/').next().unwrap_or_default();
    id == wanted || (id.starts_with('/') && last.eq_ignore_ascii_case(wanted))
}

fn managed(word: &str) -> Option<FileKind> {
    Some(match word {
        "models" => FileKind::Model,
        "assets" => FileKind::Asset,
        "images" => FileKind::Image,
        "services" => FileKind::Service,
        _ => return None,
    })
}

/// Whether a model, asset, image or service is one of those that a list is asked for.
fn is_asked_for(document: &Value, query: &Parameters<'_>) -> bool {
    let models: Vec<&str> = match document["modelIds"].as_array() {
        Some(ids) => ids.iter().filter_map(Value::as_str).collect(),
        None => document["models"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|model| model["id"].as_str())
            .collect(),
    };
    let run = ["runId", "runid"].into_iter().find_map(|name| document[name].as_str());
    query.get("name").is_none_or(|name| document["name"] == name)
        && query.get("runId").is_none_or(|wanted| run == Some(wanted))
        && query.get("imageId").is_none_or(|image| document["imageId"] == image)
        && query.get("modelId").is_none_or(|model| models.contains(&model))
}

/// The items of a page of a list, as they were written.
fn items(page: &[u8]) -> Result<Vec<&RawValue>, Absent> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        value: Vec<&'a RawValue>,
    }
    serde_json::from_slice::<Page<'_>>(page).map(|page| page.value).map_err(|_| ReadFault::Damaged.into())
}

/// What a question is about, in either of its forms.
struct Wanted<'a> {
    query: &'a Parameters<'a>,
    body: Value,
}

impl<'a> Wanted<'a> {
    fn of(asked: &Asked<'_>, query: &'a Parameters<'a>) -> Self {
        Self { query, body: serde_json::from_str(asked.body).unwrap_or_default() }
    }

    fn text(&self, in_body: &str, in_query: &str) -> Option<&str> {
        self.body[in_body].as_str().or_else(|| self.query.get(in_query))
    }

    fn filter(&self) -> Option<Filter> {
        Filter::parse(self.text("filter", "$filter")?)
    }

    fn order(&self) -> Option<&str> {
        self.text("orderBy", "$orderby")
    }

    fn next(&self) -> Option<&str> {
        self.text("continuationToken", "$continuationtoken")
    }

    fn top(&self) -> Option<usize> {
        let top = self.body["top"].as_u64().or_else(|| self.query.get("$top")?.parse().ok())?;
        usize::try_from(top).ok().filter(|top| *top > 0)
    }
}

/// What follows the question mark.
struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    fn read(query: &'a str) -> Self {
        let decoded = |text: &'a str| percent_decode_str(text).decode_utf8_lossy();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Self(pairs.map(|(name, value)| (decoded(name), decoded(value))).collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_ref())
    }
}

/// Which bytes a header asks for: from, and the first that is not wanted.
fn asked_range(range: &str, size: u64) -> Option<(u64, u64)> {
    let (from, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from: u64 = from.parse().ok()?;
    let to = if last.is_empty() { size } else { last.parse::<u64>().ok()?.saturating_add(1).min(size) };
    Some((from, to))
}

fn list_of<'a>(documents: impl IntoIterator<Item = &'a [u8]>, next: Option<&str>) -> Response<Vec<u8>> {
    let mut body = br#"{"value":["#.to_vec();
    for (index, document) in documents.into_iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend(document);
    }
    body.push(b']');
    if let Some(next) = next {
        body.extend(format!(r#","continuationToken":"{next}""#).bytes());
    }
    body.push(b'}');
    json_of(body)
}

fn json_of(body: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(body);
    set(&mut response, "application/json");
    response
}

fn made(document: &Value) -> Response<Vec<u8>> {
    json_of(document.to_string().into_bytes())
}

fn refusal(status: u16, code: &str, message: &str) -> Response<Vec<u8>> {
    let mut response = made(&json!({ "error": { "code": code, "message": message } }));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

fn set(response: &mut Response<Vec<u8>>, content_type: &'static str) {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
}

/// The origin of a host, as the manifest names it. Nothing is asked there: it stands for the service in the log.
fn origin_of(host: &str) -> String {
    let is_here = ["127.0.0.1", "localhost"].iter().any(|local| host.starts_with(local));
    match (host.contains("://"), is_here) {
        (true, _) => host.to_owned(),
        (false, true) => ["http://", host].concat(),
        (false, false) => ["https://", host].concat(),
    }
}

#[cfg(test)]
mod tests {
    use azimuth_api::*;

    use super::*;
    use crate::opened::sample::Sample;
    use crate::project_zip::samples::now;

    fn workspace() -> WorkspaceId {
        WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() }
    }

    /// What the page makes of the answer to its own question.
    fn ask<O: Operation>(archive: &Archive, operation: &O) -> Result<O::Output, ApiError> {
        let Address::Path(_, path, query) = operation.address() else { panic!("it has a path") };
        let target = if query.is_empty() {
            path.as_str().to_owned()
        } else {
            format!("{}?{}", path.as_str(), query.encoded())
        };
        let body = match operation.body() {
            Body::Json(body) => body.to_string(),
            _ => String::new(),
        };
        let method = operation.method();
        let asked = Asked { method: &method, target: &target, body: &body, range: None };
        operation.read(&now(archive.answer(&asked)))
    }

    fn code(error: ApiError) -> String {
        error.refusal().and_then(|refusal| refusal.code.clone()).unwrap_or_default()
    }

    fn names<T>(page: &Page<T>, name: impl Fn(&T) -> &str) -> Vec<String> {
        page.value.iter().map(|item| name(item).to_owned()).collect()
    }

    fn runs_of(archive: &Archive, question: &ListRuns) -> Vec<String> {
        names(&ask(archive, question).unwrap(), |run| run.run_id.as_str())
    }

    #[test]
    fn runs_are_listed_as_the_service_lists_them() {
        let archive = Sample::new().open().unwrap();
        let all = ListRuns::of(workspace(), "loaves".into());
        for form in [ListForm::Query, ListForm::Get] {
            let all = ListRuns { form, ..all.clone() };
            assert_eq!(runs_of(&archive, &all), ["trial", "second", "first"]);
            let filter = RunFilter { statuses: vec![RunStatus::Completed], ..RunFilter::default() };
            assert_eq!(runs_of(&archive, &ListRuns { filter, ..all.clone() }), ["trial", "first"]);
            let oldest = ListRuns { order_by: Some("CreatedUtc asc".to_owned()), ..all.clone() };
            assert_eq!(runs_of(&archive, &oldest), ["first", "second", "trial"]);
            let two = ListRuns { top: Some(2), ..all.clone() };
            let page = ask(&archive, &two).unwrap();
            assert_eq!(names(&page, |run| run.run_id.as_str()), ["trial", "second"]);
            let rest = two.after(&page).expect("there is more");
            let page = ask(&archive, &rest).unwrap();
            assert_eq!(names(&page, |run| run.run_id.as_str()), ["first"]);
            assert!(rest.after(&page).is_none());
        }
        let children = ListChildRuns::of(workspace(), "loaves".into(), "second".into());
        assert_eq!(names(&ask(&archive, &children).unwrap(), |run| run.run_id.as_str()), ["trial"]);
        let waiting = ListComputeRuns::unfinished_on(workspace(), "cpu".into());
        assert_eq!(names(&ask(&archive, &waiting).unwrap(), |run| run.run_id.as_str()), ["other"]);
        let missing = ask(&archive, &ListRuns::of(workspace(), "rolls".into())).unwrap_err();
        assert_eq!(code(missing), "NotInExport");
    }

    #[test]
    fn one_thing_comes_by_its_id() {
        let archive = Sample::new().open().unwrap();
        let run = GetRunById { workspace: workspace(), run: "first".into() };
        assert_eq!(ask(&archive, &run).unwrap().run_id.as_str(), "first");
        let model = GetModel::of(workspace(), "my-model:1".into());
        assert!(ask(&archive, &model).is_ok());
        assert!(ask(&archive, &model.otherwise().unwrap()).is_ok(), "in the older form too");
        let compute = GetCompute { workspace: workspace(), compute: "cpu-compute".into() };
        assert!(ask(&archive, &compute).is_ok());
        let experiment = GetExperimentById { workspace: workspace(), experiment_id: "id-of-buns".into() };
        assert_eq!(ask(&archive, &experiment).unwrap().name.as_str(), "buns");
    }

    #[test]
    fn archived_experiments_are_apart() {
        let archive = Sample::new().open().unwrap();
        let in_use = ListExperiments::of(workspace());
        let name = |experiment: &Experiment| experiment.name.to_string();
        let listed = |question: &ListExperiments| {
            ask(&archive, question).unwrap().value.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(listed(&in_use), ["loaves", "buns"]);
        assert_eq!(listed(&ListExperiments { view: ExperimentView::Archived, ..in_use }), ["stale"]);
    }

    #[test]
    fn metrics_come_for_the_runs_that_are_asked_for() {
        let archive = Sample::new().open().unwrap();
        let question = ListMetrics {
            runs: vec!["first".into(), "second".into()],
            ..ListMetrics::of(workspace(), "loaves".into(), "first".into())
        };
        let asked = Question::of(&question);
        let answer = now(archive.answer(&asked.asked()));
        let document: Value = serde_json::from_slice(answer.body()).unwrap();
        let ids: Vec<_> = document["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["metricId"].as_str().unwrap())
            .collect();
        assert_eq!(ids, ["first-mae", "first-loss", "second-mae", "second-loss"]);
        for metric in ["second-loss", "trial-mae"] {
            let one =
                GetMetric { workspace: workspace(), experiment: "loaves".into(), metric: metric.to_owned() };
            let answer = now(archive.answer(&Question::of(&one).asked()));
            let document: Value = serde_json::from_slice(answer.body()).unwrap();
            assert_eq!(document["metricId"], metric);
        }
    }

    /// A question written out.
    struct Question {
        method: Method,
        target: String,
        body: String,
        range: Option<&'static str>,
    }

    impl Question {
        fn of<O: Operation>(operation: &O) -> Self {
            let Address::Path(_, path, query) = operation.address() else { panic!("it has a path") };
            let mark = if query.is_empty() { "" } else { "?" };
            let body = match operation.body() {
                Body::Json(body) => body.to_string(),
                _ => String::new(),
            };
            let target = format!("{}{mark}{}", path.as_str(), query.encoded());
            Self { method: operation.method(), target, body, range: None }
        }

        fn asked(&self) -> Asked<'_> {
            Asked { method: &self.method, target: &self.target, body: &self.body, range: self.range }
        }
    }

    #[test]
    fn files_of_runs_are_listed_and_read_in_ranges() {
        let archive = Sample::new().open().unwrap();
        let container = ArtifactContainer::of_run(workspace(), &"first".into(), None);
        let list = ListRunArtifacts::of(container.clone());
        let paths = |list: &ListRunArtifacts| names(&ask(&archive, list).unwrap(), |file| file.path.as_str());
        let in_folder = ListRunArtifacts { folder: "outputs".to_owned(), ..list.clone() };
        for form in [ArtifactForm::V2, ArtifactForm::V1] {
            assert_eq!(
                paths(&ListRunArtifacts { form, ..list.clone() }),
                ["outputs/a.txt", "outputs2/b.txt"]
            );
            assert_eq!(paths(&ListRunArtifacts { form, ..in_folder.clone() }), ["outputs/a.txt"]);
            let content =
                GetArtifactContent { form, ..GetArtifactContent::of(container.clone(), "outputs/a.txt") };
            let read = |range| {
                let question = Question { range, ..Question::of(&content) };
                let answer = now(archive.answer(&question.asked()));
                let said =
                    answer.headers().get(CONTENT_RANGE).map(|value| value.to_str().unwrap().to_owned());
                (answer.status().as_u16(), said, String::from_utf8(answer.into_body()).unwrap())
            };
            assert_eq!(read(None), (200, None, "0123456789".to_owned()));
            assert_eq!(read(Some("bytes=2-4")), (206, Some("bytes 2-4/10".to_owned()), "234".to_owned()));
            assert_eq!(read(Some("bytes=8-")), (206, Some("bytes 8-9/10".to_owned()), "89".to_owned()));
            assert_eq!(read(Some("bytes=10-20")), (416, Some("bytes */10".to_owned()), String::new()));
        }
        let named = ArtifactContainer::of_run(workspace(), &"other".into(), Some("elsewhere"));
        let log = GetArtifactContent::of(named.clone(), "logs/log.txt");
        assert_eq!(ask(&archive, &log).unwrap(), b"a line\n");
        let missing = ask(&archive, &GetArtifactContent::of(named, "logs/none.txt")).unwrap_err();
        assert_eq!(code(missing), "NotInExport");
        let address =
            GetArtifactContentInfo { container, path: "outputs/a.txt".to_owned(), form: ArtifactForm::V2 };
        assert_eq!(code(ask(&archive, &address).unwrap_err()), "NotInExport");
    }

    #[test]
    fn hosts_are_those_that_answered() {
        let archive = Sample::new().open().unwrap();
        let question = GetWorkspace { workspace: workspace() };
        let found = ask(&archive, &question).unwrap();
        assert_eq!(found.properties.discovery_url, "https://eastus.api.azureml.ms/discovery");
        let asked = Asked { method: &Method::GET, target: "/discovery", body: "", range: None };
        let hosts: Value = serde_json::from_slice(now(archive.answer(&asked)).body()).unwrap();
        assert_eq!(hosts["api"], "https://eastus.api.azureml.ms");
        assert_eq!(hosts["modelmanagement"], "https://eastus.modelmanagement.azureml.net");
    }

    #[test]
    fn why_something_is_not_there_is_said() {
        let archive = Sample::new().open().unwrap();
        let refused = ask(&archive, &GetImage::of(workspace(), "broken:1".into())).unwrap_err();
        let refusal = refused.refusal().unwrap();
        assert_eq!(refusal.status, 404);
        assert_eq!(refusal.message, "you may not read it");
        // A list that could not be read is not an empty one.
        assert!(ask(&archive, &ListImages::of(workspace())).is_err());
        assert_eq!(ask(&archive, &ListAssets::of(workspace())).unwrap().value.len(), 0);
        let elsewhere = WorkspaceId { name: "other".into(), ..workspace() };
        assert_eq!(code(ask(&archive, &GetWorkspace { workspace: elsewhere }).unwrap_err()), "NotInExport");
    }

    #[test]
    fn what_belongs_to_a_run_is_that_of_no_other() {
        let mut sample = Sample::new();
        for run in ["first", "second"] {
            let line = json!({ "id": run, "experiment": "loaves", "run": run });
            let path = format!("experiments/loaves/runs/{run}/events.json");
            sample.add(&path, "run-events", line, &format!(r#"{{"value":[{{"name":"of {run}"}}]}}"#));
        }
        let archive = sample.open().unwrap();
        for run in ["second", "first"] {
            let (experiment, run_id) = (ExperimentName::from("loaves"), RunId::from(run));
            let details =
                GetRunDetails { workspace: workspace(), experiment: experiment.clone(), run: run_id.clone() };
            let answer = now(archive.answer(&Question::of(&details).asked()));
            let document: Value = serde_json::from_slice(answer.body()).unwrap();
            assert_eq!(document["runId"], run);
            let events = ListRunEvents { workspace: workspace(), experiment, run: run_id, next: None };
            assert_eq!(names(&ask(&archive, &events).unwrap(), |event| &event.name), [format!("of {run}")]);
        }
        let none = ListRunEvents {
            workspace: workspace(),
            experiment: "loaves".into(),
            run: "trial".into(),
            next: None,
        };
        assert_eq!(code(ask(&archive, &none).unwrap_err()), "NotInExport");
    }

    #[test]
    fn nothing_stands_in_for_what_is_not_there() {
        let mut sample = Sample::new();
        let refused = json!({ "kind": "image", "id": "split:2", "why": "it broke" });
        sample.manifest["missing"].as_array_mut().unwrap().push(refused);
        let archive = sample.open().unwrap();
        let compute = GetCompute { workspace: workspace(), compute: "gpu-cluster".into() };
        assert_eq!(code(ask(&archive, &compute).unwrap_err()), "NotInExport");
        let model = GetModel::of(workspace(), "my-model:2".into());
        assert_eq!(code(ask(&archive, &model).unwrap_err()), "NotInExport");
        let refused = ask(&archive, &GetImage::of(workspace(), "split:2".into())).unwrap_err();
        assert_eq!(refused.refusal().unwrap().message, "it broke");
    }

    #[test]
    fn what_was_not_wanted_is_no_empty_list() {
        let mut sample = Sample::new();
        sample.manifest["wanted"]["kinds"] = json!(["runs", "metrics"]);
        let is_of_runs = |path: &str| path.contains("/runs/");
        sample.files.retain(|file| is_of_runs(&String::from_utf8_lossy(&file.name)));
        let lines = sample.manifest["files"].as_array_mut().unwrap();
        lines.retain(|line| is_of_runs(line["path"].as_str().unwrap()));
        let archive = sample.open().unwrap();
        assert_eq!(code(ask(&archive, &ListAssets::of(workspace())).unwrap_err()), "NotInExport");
        assert_eq!(
            code(ask(&archive, &ListComputes { workspace: workspace(), next: None }).unwrap_err()),
            "NotInExport"
        );
        // The workspace is known by its name, and its experiments by those of the runs.
        assert_eq!(ask(&archive, &GetWorkspace { workspace: workspace() }).unwrap().name.as_str(), "w");
        let experiments = ask(&archive, &ListExperiments::of(workspace())).unwrap();
        assert_eq!(names(&experiments, |experiment| experiment.name.as_str()), ["loaves", "buns"]);
    }

    #[test]
    fn nothing_can_be_changed() {
        let archive = Sample::new().open().unwrap();
        let stopped = ask(
            &archive,
            &DeleteExperiment { workspace: workspace(), experiment_id: "id-of-buns".to_owned() },
        );
        assert_eq!(code(stopped.unwrap_err()), "ReadOnlyExport");
    }

    #[test]
    fn a_file_that_was_changed_is_not_shown() {
        let sample = Sample::new();
        let mut bytes = sample.zip();
        let place = bytes.windows(10).rposition(|word| word == b"0123456789").unwrap();
        bytes[place] = b'x';
        let archive = crate::opened::sample::open(bytes).unwrap();
        let container = ArtifactContainer::of_run(workspace(), &"first".into(), None);
        let content = GetArtifactContent::of(container, "outputs/a.txt");
        assert_eq!(code(ask(&archive, &content).unwrap_err()), "DamagedInExport");
    }
}
