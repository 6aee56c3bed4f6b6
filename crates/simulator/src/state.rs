//! What the services know: the documents they would return.

use std::borrow::Cow;

use serde_json::Value;

use crate::experiment_runs::Runs;
use crate::model_changes::Deployment;
use crate::operations::Operation;
use crate::pipelines::Pipelines;
use crate::providers::Registration;
use crate::run_progress::Course;

/// Everything in one world.
pub struct State {
    pub tenant: Tenant,
    pub tenants: Vec<Value>,
    pub subscriptions: Vec<Value>,
    /// Short names; each has hosts of its own.
    pub regions: Vec<String>,
    pub resource_groups: Vec<Value>,
    /// What became of providers' registrations; those that are not here were always registered.
    pub registrations: Vec<Registration>,
    pub workspaces: Vec<Workspace>,
    /// What workspaces are made of, also what none is made of yet.
    pub resources: Vec<Value>,
    /// The ids of workspaces that were deleted and can still be brought back.
    pub deleted: Vec<String>,
    /// How runs go in workspaces that are made later.
    pub submission: Submission,
    /// Changes under way, and those that are over.
    pub operations: Vec<Operation>,
}

/// Who signs in.
pub struct Tenant {
    pub id: String,
    pub object_id: String,
    /// What the service principal is called in tokens, and as the author of what it makes.
    pub app_id: String,
}

/// A workspace and what is in it.
pub struct Workspace {
    pub document: Value,
    pub computes: Vec<Value>,
    pub experiments: Vec<Experiment>,
    pub models: Vec<Value>,
    pub assets: Vec<Value>,
    pub images: Vec<Value>,
    pub services: Vec<Value>,
    /// The keys of services that got new ones; the others have those of the published example.
    pub service_keys: Vec<(String, [String; 2])>,
    /// Changes of services under way, and those that are over.
    pub deployments: Vec<Deployment>,
    pub datastores: Vec<Value>,
    pub tasks: Vec<Value>,
    pub pipelines: Pipelines,
    /// How long a submitted run takes here, and what it does.
    pub submission: Submission,
}

/// An experiment and its runs.
pub struct Experiment {
    pub document: Value,
    pub runs: Runs,
}

/// A run: the document as it was made, and the facts that its moving fields follow from.
#[derive(Clone)]
pub struct Run {
    pub document: Value,
    /// `None` for a run that is as its document says.
    pub course: Option<Course>,
    /// The run definition, as details show it.
    pub definition: Value,
    pub work: Work,
    /// Metrics that were sent, beside those that follow from the work.
    pub logged: Vec<Value>,
}

/// What a run's script does; its log, its metrics and its outputs follow from this.
#[derive(Clone, Debug)]
pub enum Work {
    /// Prints a line.
    Hello,
    /// Learns in rounds, towards an error.
    Training { rounds: u32, first_error: f64, last_error: f64, diverges: bool },
    /// The same, and tells more about it: how far off it was, and a picture of that.
    Reporting { rounds: u32, first_error: f64, last_error: f64 },
    /// Learns to tell breads apart on photos, round by round.
    Sorting { rounds: u32, skill: f64, diverges: bool },
    /// Leads other runs, and writes about it into one log.
    Leading { path: &'static str, log: String },
    /// Writes more than a demo should.
    #[cfg(feature = "full")]
    Stress { curves: usize, points: usize, log_lines: usize },
    /// Leaves a file of so many lines of a hundred bytes, or none.
    #[cfg(feature = "full")]
    Keeping { lines: usize },
}

/// What happens to a run that is handed in.
#[derive(Clone, Debug)]
pub struct Submission {
    pub stages: &'static [(&'static str, f64)],
    pub seconds_to_cancel: f64,
    pub work: Work,
}

impl State {
    /// Visits every document.
    pub fn each_document(&mut self, visit: impl Fn(&mut Value)) {
        let groups = self.resource_groups.iter_mut().chain(&mut self.resources);
        for document in self.tenants.iter_mut().chain(&mut self.subscriptions).chain(groups) {
            visit(document);
        }
        for workspace in &mut self.workspaces {
            workspace.each_document(&visit);
        }
    }

    /// The workspace with an ARM id's parts; names are compared without case.
    pub fn workspace(&self, subscription: &str, group: &str, name: &str) -> Option<&Workspace> {
        self.workspaces.iter().find(|workspace| workspace.is(subscription, group, name))
    }

    /// The same, to be changed.
    pub fn workspace_mut(&mut self, subscription: &str, group: &str, name: &str) -> Option<&mut Workspace> {
        self.workspaces.iter_mut().find(|workspace| workspace.is(subscription, group, name))
    }
}

impl Workspace {
    /// A workspace with nothing in it.
    pub fn empty(document: Value, submission: Submission) -> Workspace {
        Workspace {
            document,
            computes: Vec::new(),
            experiments: Vec::new(),
            models: Vec::new(),
            assets: Vec::new(),
            images: Vec::new(),
            services: Vec::new(),
            service_keys: Vec::new(),
            deployments: Vec::new(),
            datastores: Vec::new(),
            tasks: Vec::new(),
            pipelines: Pipelines::default(),
            submission,
        }
    }

    fn each_document(&mut self, visit: &dyn Fn(&mut Value)) {
        visit(&mut self.document);
        for documents in [
            &mut self.computes,
            &mut self.models,
            &mut self.assets,
            &mut self.images,
            &mut self.services,
            &mut self.datastores,
            &mut self.tasks,
        ] {
            documents.iter_mut().for_each(visit);
        }
        for experiment in &mut self.experiments {
            visit(&mut experiment.document);
            experiment.runs.each_document(visit);
        }
    }

    fn is(&self, subscription: &str, group: &str, name: &str) -> bool {
        id_part(&self.document, "subscriptions").eq_ignore_ascii_case(subscription)
            && id_part(&self.document, "resourceGroups").eq_ignore_ascii_case(group)
            && text(&self.document, "name").eq_ignore_ascii_case(name)
    }

    pub fn region(&self) -> &str {
        text(&self.document, "location")
    }

    pub fn experiment(&self, name: &str) -> Option<&Experiment> {
        self.experiments.iter().find(|experiment| experiment.document["name"] == name)
    }

    pub fn compute(&self, name: &str) -> Option<&Value> {
        self.computes.iter().find(|compute| text(compute, "name").eq_ignore_ascii_case(name))
    }

    /// The name of the storage account.
    pub fn storage_account(&self) -> &str {
        self.document["properties"]["storageAccount"]
            .as_str()
            .and_then(|id| id.rsplit('/').next())
            .unwrap_or_default()
    }

    /// All runs that are kept: every one that is not over is among them.
    pub fn kept_runs(&self) -> impl Iterator<Item = &Run> {
        self.experiments.iter().flat_map(|experiment| experiment.runs.kept())
    }

    /// The run with an id, in whichever experiment.
    pub fn run(&self, id: &str) -> Option<Cow<'_, Run>> {
        self.experiments.iter().find_map(|experiment| experiment.runs.find(id))
    }

    /// The run whose files are in a container.
    pub fn run_of_container(&self, container: &str) -> Option<Cow<'_, Run>> {
        let kept = self.kept_runs().find(|run| run.document["dataContainerId"] == container);
        kept.map(Cow::Borrowed).or_else(|| self.run(container.strip_prefix("dcid.")?))
    }
}

impl Run {
    pub fn id(&self) -> &str {
        text(&self.document, "runId")
    }
}

/// A text field, or nothing.
pub fn text<'a>(document: &'a Value, field: &str) -> &'a str {
    document[field].as_str().unwrap_or_default()
}

/// What follows a segment in a document's ARM id.
pub fn id_part<'a>(document: &'a Value, segment: &str) -> &'a str {
    let mut parts = text(document, "id").split('/');
    parts.find(|part| part.eq_ignore_ascii_case(segment));
    parts.next().unwrap_or_default()
}
