//! What the articles show, literally: the published examples, put together.

use serde_json::Value;

use crate::errors::sample;
use crate::experiment_runs::Runs;
use crate::management::regions;
use crate::pipelines::Pipelines;
use crate::run_definition;
use crate::state::{Experiment, Run, State, Submission, Tenant, Work, Workspace, text};

const SUBSCRIPTION_ID: &str = "12345abc-abbc-1b2b-1234-57ab575a5a5a";
const TENANT_ID: &str = "11111111-2222-3333-4444-555555555555";

/// Some minutes, of which the work takes as long as in the example of a completed run.
const STAGES: [(&str, f64); 6] = [
    ("NotStarted", 5.0),
    ("Starting", 10.0),
    ("Preparing", 60.0),
    ("Queued", 45.0),
    ("Running", 163.0),
    ("Finalizing", 20.0),
];

pub fn build() -> State {
    let mut subscription =
        sample(include_str!("../../samples/arm_subscriptions_list.json"))["value"][0].take();
    subscription["id"] = format!("/subscriptions/{SUBSCRIPTION_ID}").into();
    subscription["subscriptionId"] = SUBSCRIPTION_ID.into();
    subscription["tenantId"] = TENANT_ID.into();
    let mut tenant = sample(include_str!("../../samples/arm_tenants_list.json"))["value"][1].take();
    tenant["id"] = format!("/tenants/{TENANT_ID}").into();
    tenant["tenantId"] = TENANT_ID.into();
    let mut groups = values(include_str!("../../samples/arm_resourcegroups_list.json"));
    let mut group = groups[0].clone();
    group["id"] = format!("/subscriptions/{SUBSCRIPTION_ID}/resourceGroups/DeepLearningResourceGroup").into();
    group["name"] = "DeepLearningResourceGroup".into();
    group["location"] = "centralus".into();
    groups.push(group);
    State {
        tenant: Tenant {
            id: TENANT_ID.to_owned(),
            object_id: "00000000-1111-2222-3333-444444444444".to_owned(),
            app_id: "00000000-aaaa-bbbb-cccc-000000000000".to_owned(),
        },
        tenants: vec![tenant],
        subscriptions: vec![subscription],
        regions: regions(),
        resource_groups: groups,
        registrations: Vec::new(),
        resources: Vec::new(),
        deleted: Vec::new(),
        workspaces: vec![workspace()],
        submission: submission(),
        operations: Vec::new(),
    }
}

fn workspace() -> Workspace {
    let mut experiments = values(include_str!("../../samples/history_experiments_list.json")).into_iter();
    let first = experiments.next().map(|document| Experiment { document, runs: runs() });
    let others = experiments.map(|document| Experiment { document, runs: Runs::default() });
    Workspace {
        document: sample(include_str!("../../samples/arm_workspace_get.json")),
        computes: vec![sample(include_str!("../../samples/arm_compute_get_after_create.json"))],
        experiments: first.into_iter().chain(others).collect(),
        models: values(include_str!("../../samples/models_list.json")),
        assets: values(include_str!("../../samples/assets_list.json")),
        images: values(include_str!("../../samples/images_list.json")),
        services: values(include_str!("../../samples/services_list.json")),
        service_keys: Vec::new(),
        deployments: Vec::new(),
        datastores: values(include_str!("../../samples/datastores_list.json")),
        tasks: values(include_str!("../../samples/notification_tasks_list.json")),
        pipelines: Pipelines {
            runs: vec![sample(include_str!("../../samples/pipeline_experiment_get.json"))],
            graphs: vec![sample(include_str!("../../samples/pipeline_graph_get.json"))],
            modules: vec![sample(include_str!("../../samples/pipeline_module_get.json"))],
            templates: vec![sample(include_str!("../../samples/pipeline_template_get.json"))],
            data_sources: vec![sample(include_str!("../../samples/pipeline_datasource_get.json"))],
        },
        submission: submission(),
    }
}

fn submission() -> Submission {
    Submission { stages: &STAGES, seconds_to_cancel: 15.0, work: Work::Hello }
}

/// The runs of the examples, oldest first; the completed one has a child and metrics.
fn runs() -> Runs {
    let mut documents = values(include_str!("../../samples/history_runs_list.json"));
    documents.reverse();
    documents.extend(values(include_str!("../../samples/history_run_children_list.json")));
    let definition = sample(include_str!("../../samples/history_run_details.json"))["runDefinition"].take();
    let definition = run_definition::complete(&definition);
    let metrics = values(include_str!("../../samples/history_metrics_list.json"));
    let run = |document: Value| {
        let id = text(&document, "runId").to_owned();
        let logged = metrics.iter().filter(|metric| metric["runId"] == id.as_str()).cloned().collect();
        Run { document, course: None, definition: definition.clone(), work: Work::Hello, logged }
    };
    documents.into_iter().map(run).collect()
}

/// The items of an example of a list.
fn values(text: &str) -> Vec<Value> {
    match sample(text)["value"].take() {
        Value::Array(values) => values,
        _ => Vec::new(),
    }
}
