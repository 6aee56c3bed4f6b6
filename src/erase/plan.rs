//! What is to be erased: things of a workspace, what each is made of, and what the service leaves behind.

use azimuth_api::{
    Asset, Compute, Experiment, Image, Model, Timestamp, WebService, Workspace, WorkspaceProperties,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the service can delete, in the order in which it lets go: what uses something stands before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A web service.
    Service,
    /// A version of an image.
    Image,
    /// A version of a model.
    Model,
    /// An asset.
    Asset,
    /// A compute.
    Compute,
    /// An experiment without runs.
    Experiment,
    /// The workspace, with all that is in it.
    Workspace,
}

impl Kind {
    /// Those that are chosen one by one.
    pub const PARTS: [Self; 6] =
        [Self::Service, Self::Image, Self::Model, Self::Asset, Self::Compute, Self::Experiment];

    /// "Models".
    pub fn plural(self) -> &'static str {
        match self {
            Self::Service => "Services",
            Self::Image => "Images",
            Self::Model => "Models",
            Self::Asset => "Assets",
            Self::Compute => "Computes",
            Self::Experiment => "Experiments",
            Self::Workspace => "Workspaces",
        }
    }

    /// "Model".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::Image => "Image",
            Self::Model => "Model",
            Self::Asset => "Asset",
            Self::Compute => "Compute",
            Self::Experiment => "Experiment",
            Self::Workspace => "Workspace",
        }
    }
}

/// One thing of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Thing {
    /// What it is.
    pub kind: Kind,
    /// What the service deletes it by.
    pub id: String,
}

impl Thing {
    /// Of a kind.
    pub fn new(kind: Kind, id: impl ToString) -> Self {
        Self { kind, id: id.to_string() }
    }
}

/// A thing with all that has to be known of it to delete it, and nothing else in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Planned {
    /// Which one.
    pub thing: Thing,
    /// What people call it.
    pub name: String,
    /// What the service says of it whenever it is asked, and of no other thing that gets its id later.
    pub mark: Option<String>,
    /// What it is made of, as far as it says so: these cannot go before it.
    pub made_of: Vec<Thing>,
    /// The workspace lets go of it, and it stays where it is.
    pub is_detached: bool,
}

impl Planned {
    /// A service.
    pub fn service(service: &WebService) -> Self {
        let models = service.models().into_iter().map(|model| Thing::new(Kind::Model, model));
        let image = service.image_id.iter().map(|image| Thing::new(Kind::Image, image));
        let compute = service.compute_name.iter().map(|compute| Thing::new(Kind::Compute, compute));
        Self {
            thing: Thing::new(Kind::Service, &service.id),
            name: service.id.to_string(),
            mark: mark_of(service.created_time),
            made_of: image.chain(models).chain(compute).collect(),
            is_detached: false,
        }
    }

    /// An image.
    pub fn image(image: &Image) -> Self {
        Self {
            thing: Thing::new(Kind::Image, &image.id),
            name: image.id.to_string(),
            mark: mark_of(image.created_time),
            made_of: image.model_ids.iter().map(|model| Thing::new(Kind::Model, model)).collect(),
            is_detached: false,
        }
    }

    /// A model.
    pub fn model(model: &Model) -> Self {
        Self {
            thing: Thing::new(Kind::Model, &model.id),
            name: model.id.to_string(),
            mark: mark_of(model.created_time),
            made_of: model.asset().iter().map(|asset| Thing::new(Kind::Asset, asset)).collect(),
            is_detached: false,
        }
    }

    /// An asset.
    pub fn asset(asset: &Asset) -> Self {
        let name = if asset.name.is_empty() { asset.id.as_str() } else { &asset.name };
        Self {
            thing: Thing::new(Kind::Asset, &asset.id),
            name: name.to_owned(),
            mark: mark_of(asset.created_time),
            made_of: Vec::new(),
            is_detached: false,
        }
    }

    /// A compute. What was there before it was attached is not the workspace's to delete.
    pub fn compute(compute: &Compute) -> Self {
        Self {
            thing: Thing::new(Kind::Compute, &compute.name),
            name: compute.name.to_string(),
            mark: mark_of(compute.properties.created_on),
            made_of: Vec::new(),
            is_detached: compute.properties.is_attached_compute && can_detach(compute),
        }
    }

    /// An experiment.
    pub fn experiment(experiment: &Experiment) -> Self {
        Self {
            thing: Thing::new(Kind::Experiment, &experiment.experiment_id),
            name: experiment.name.to_string(),
            mark: Some(experiment.experiment_id.clone()),
            made_of: Vec::new(),
            is_detached: false,
        }
    }

    /// The workspace itself.
    pub fn workspace(workspace: &Workspace) -> Self {
        let id = &workspace.properties.workspace_id;
        Self {
            thing: Thing::new(Kind::Workspace, &workspace.name),
            name: workspace.name.to_string(),
            mark: (!id.is_empty()).then(|| id.clone()),
            made_of: Vec::new(),
            is_detached: false,
        }
    }

    /// Whether a document that the service gives for its id is of another thing.
    pub fn is_another(&self, document: &Value) -> bool {
        let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
        let time = |pointer: &str| mark_of(text(pointer).and_then(Timestamp::parse));
        let found = match self.thing.kind {
            Kind::Service | Kind::Image | Kind::Model | Kind::Asset => time("/createdTime"),
            Kind::Compute => time("/properties/createdOn"),
            Kind::Experiment => text("/experimentId").map(str::to_owned),
            Kind::Workspace => text("/properties/workspaceId").map(str::to_owned),
        };
        self.mark.is_some() && found.is_some() && self.mark != found
    }

    /// Whether what is listed under its id is another thing.
    pub fn is_replaced_by(&self, listed: &Self) -> bool {
        self.mark.is_some() && listed.mark.is_some() && self.mark != listed.mark
    }
}

fn mark_of(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.unix_milliseconds().to_string())
}

/// Only what exists outside of the workspace can go on without it.
fn can_detach(compute: &Compute) -> bool {
    !matches!(compute.properties.compute_type.as_str(), "AmlCompute" | "ComputeInstance")
}

/// Why something is not to be had, although it is listed.
pub fn obstacle_of(experiment: &Experiment) -> Option<&'static str> {
    experiment
        .latest_created_run_id
        .is_some()
        .then_some("has runs, and the service deletes neither runs nor an experiment that has any")
}

/// Something that is there after everything in a plan is gone, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// What it is.
    pub what: String,
    /// Where it is.
    pub r#where: String,
    /// What ends it, and who can do that.
    pub how: String,
}

/// What the service has no deletion for, in this workspace. `with_runs`: experiments that have runs, if it is known how
/// many there are. `is_whole`: the workspace itself goes.
pub fn stays(workspace: &Workspace, with_runs: Option<usize>, is_whole: bool) -> Vec<Stay> {
    let WorkspaceProperties { storage_account, application_insights, key_vault, container_registry, .. } =
        &workspace.properties;
    let name = &workspace.name;
    let mut stays = Vec::new();
    let mut stay = |what: &str, place: String, how: &str| {
        stays.push(Stay { what: what.to_owned(), r#where: place, how: how.to_owned() });
    };
    if is_whole {
        stay(
            "The workspace itself, for 14 days",
            format!("Azure keeps {name} and all that was in it under “Recently deleted”"),
            "An owner of the workspace can delete it there for good, or bring it back, in the Azure portal; after 14 days Azure does it.",
        );
    } else {
        let of = match with_runs {
            None => "the run history of the workspace".to_owned(),
            Some(1) => "one experiment has runs".to_owned(),
            Some(count) => format!("{count} experiments have runs"),
        };
        stay(
            "Runs, their metrics, events and details, and experiments that have runs",
            of,
            "The service has no deletion for runs. Hiding a run or archiving an experiment erases nothing. They go with the workspace.",
        );
        stay(
            "Datastores, notifications and pipelines",
            format!("registered in {name}"),
            "They are not deleted here. They go with the workspace.",
        );
    }
    let part = |id: &Option<String>| {
        id.as_deref().filter(|id| !id.is_empty()).map(|id| id.rsplit('/').next().unwrap_or(id).to_owned())
    };
    if let Some(account) = part(storage_account) {
        stay(
            "Files: logs, outputs, snapshots of code, and what models and assets point at",
            format!("storage account {account}"),
            "Whoever may write blobs there deletes them, in the portal or with “az storage blob delete-batch”; soft delete and versions of the account may keep them longer.",
        );
    }
    if let Some(insights) = part(application_insights) {
        stay(
            "What services and runs logged",
            format!("Application Insights {insights}"),
            "Its owner purges or deletes it in the portal; it keeps data for 90 days unless it was set up otherwise.",
        );
    }
    if let Some(vault) = part(key_vault) {
        stay(
            "Secrets of datastores and computes",
            format!("key vault {vault}"),
            "Its owner deletes them, and purges them where soft delete is on.",
        );
    }
    if let Some(registry) = part(container_registry) {
        stay(
            "Container images",
            format!("container registry {registry}"),
            "Its owner deletes them, with “az acr repository delete”.",
        );
    }
    stay(
        "Who did what, this erasure too",
        "the activity log of the subscription".to_owned(),
        "Azure keeps it for 90 days; nobody can shorten that.",
    );
    stays
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::*;

    pub fn planned(kind: Kind, id: &str, made_of: &[(Kind, &str)]) -> Planned {
        Planned {
            thing: Thing::new(kind, id),
            name: id.to_owned(),
            mark: None,
            made_of: made_of.iter().map(|(kind, id)| Thing::new(*kind, id)).collect(),
            is_detached: false,
        }
    }

    fn read<T: serde::de::DeserializeOwned>(document: Value) -> T {
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn each_thing_says_what_it_is_made_of() {
        let service = Planned::service(&read(json!({
            "id": "loaves", "imageId": "image:2", "models": ["a:1", { "id": "b:3" }], "computeName": "oven",
            "createdTime": "2020-01-03T19:56:09.758Z",
        })));
        let parts =
            [(Kind::Image, "image:2"), (Kind::Model, "a:1"), (Kind::Model, "b:3"), (Kind::Compute, "oven")];
        assert_eq!(service.made_of, parts.map(|(kind, id)| Thing::new(kind, id)));
        assert_eq!(service.mark.as_deref(), Some("1578081369758"));
        let model = Planned::model(&read(json!({ "id": "a:1", "name": "a", "url": "aml://asset/x" })));
        assert_eq!(model.made_of, [Thing::new(Kind::Asset, "x")]);
    }

    #[test]
    fn a_later_thing_under_the_same_name_is_another() {
        let compute: Compute = read(json!({
            "name": "c", "properties": { "computeType": "AKS", "isAttachedCompute": true, "createdOn": "2020-01-03T19:56:09Z" },
        }));
        let compute = Planned::compute(&compute);
        assert!(compute.is_detached);
        let made = |time: &str| json!({ "properties": { "createdOn": time } });
        assert!(!compute.is_another(&made("2020-01-03T19:56:09.000Z")));
        assert!(compute.is_another(&made("2020-01-03T19:56:10Z")));
        assert!(!compute.is_another(&json!({})), "what is not said is no difference");
    }

    #[test]
    fn what_is_listed_with_another_time_is_another() {
        let made = |mark: Option<&str>| Planned {
            mark: mark.map(str::to_owned),
            ..planned(Kind::Model, "m:1", &[])
        };
        assert!(made(Some("1")).is_replaced_by(&made(Some("2"))));
        for (one, other) in [(Some("1"), Some("1")), (None, Some("1")), (Some("1"), None)] {
            assert!(!made(one).is_replaced_by(&made(other)), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_cluster_that_was_made_here_is_deleted_and_not_let_go() {
        let cluster: Compute = read(json!({
            "name": "c", "properties": { "computeType": "AmlCompute", "isAttachedCompute": true },
        }));
        assert!(!Planned::compute(&cluster).is_detached);
    }

    #[test]
    fn what_stays_names_where_it_is() {
        let workspace: Workspace = read(json!({
            "id": "/x", "name": "w",
            "properties": { "storageAccount": "/subscriptions/s/storageAccounts/flour", "containerRegistry": "" },
        }));
        let parts = stays(&workspace, Some(2), false);
        assert!(parts.iter().any(|stay| stay.r#where == "storage account flour"), "{parts:?}");
        assert!(parts.iter().any(|stay| stay.r#where == "2 experiments have runs"), "{parts:?}");
        assert!(!parts.iter().any(|stay| stay.r#where.contains("registry")), "{parts:?}");
        let whole = stays(&workspace, Some(2), true);
        assert!(whole[0].what.contains("14 days") && !whole.iter().any(|stay| stay.what.starts_with("Runs")));
    }
}
