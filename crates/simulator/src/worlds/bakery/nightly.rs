//! A pipeline that runs every night: its graph, what the graph is made of, and three of its runs.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{DAY, How, TENANT_ID, Told, experiment};
use crate::checksum::{guid, hex16};
use crate::errors::sample;
use crate::state::{Run, Work, Workspace, text};

/// A step of the pipeline: its node, its script, what it reads, what it is for.
struct Step {
    name: &'static str,
    script: &'static str,
    /// Names of the steps and data that it reads.
    reads: &'static [&'static str],
    note: &'static str,
}

const DATA: [(&str, &str); 2] =
    [("sales", "What the tills counted, day by day"), ("weather", "Rain, wind and ferries")];

const STEPS: [Step; 7] = [
    Step { name: "prepare", script: "prepare.py", reads: &["sales"], note: "Drops days without a till" },
    Step {
        name: "features",
        script: "features.py",
        reads: &["prepare", "weather"],
        note: "Weekdays, holidays, rain",
    },
    Step { name: "train_linear", script: "linear.py", reads: &["features"], note: "A straight line" },
    Step { name: "train_forest", script: "forest.py", reads: &["features"], note: "Many trees" },
    Step {
        name: "compare",
        script: "compare.py",
        reads: &["train_linear", "train_forest"],
        note: "Keeps the better one",
    },
    Step { name: "register", script: "register.py", reads: &["compare"], note: "Registers the model" },
    Step {
        name: "publish",
        script: "publish.py",
        reads: &["compare"],
        note: "Sends the forecast to the shops",
    },
];

const PIPELINE: &str = "nightly bake";
const COMPUTE: &str = "team-cluster";

/// Minutes after the pipeline began, and minutes of work, of a night without trouble.
const NIGHT: [(f64, f64); 7] =
    [(1.0, 4.0), (6.0, 3.0), (10.0, 6.0), (10.1, 11.0), (22.0, 1.0), (24.0, 0.5), (24.1, 0.7)];

pub fn experiments(workspace: &mut Workspace, now: OffsetDateTime) {
    let usual = || Told { who: "Priya Nair", target: COMPUTE, ..Told::usual() };
    let pipeline = |id, note, days: f64, how| Told {
        id,
        note: Some(note),
        script: "",
        minutes_ago: days * DAY,
        how,
        nodes: 0,
        kind: "azureml.PipelineRun",
        work: Some(Work::Leading { path: "logs/azureml/executionlogs.txt", log: execution_log(id) }),
        ..usual()
    };
    let failed = How::Failed {
        minutes: 17.0,
        reason: "Pipeline has some failed steps. See child run or execution logs for more details.",
    };
    let (first, second, third) = ("nightly_bake_1", "nightly_bake_2", "nightly_bake_3");
    let mut told = vec![pipeline(first, "Every step afresh", 2.0, How::Completed { minutes: 25.5 })];
    let ids: Vec<[String; 3]> =
        STEPS.iter().map(|step| [first, second, third].map(|run| format!("{run}_{}", step.name))).collect();
    let step = |index: usize, run: usize, minutes_ago, how| Told {
        id: &ids[index][run],
        note: Some(STEPS[index].note),
        script: STEPS[index].script,
        minutes_ago,
        how,
        parent: Some([first, second, third][run]),
        kind: "azureml.StepRun",
        rounds: 20,
        work: (!STEPS[index].name.starts_with("train")).then_some(Work::Hello),
        ..usual()
    };
    for (index, (after, minutes)) in NIGHT.into_iter().enumerate() {
        told.push(step(index, 0, 2.0 * DAY - after, How::Completed { minutes }));
    }
    told.push(pipeline(second, "The tills' data had not changed", 1.0, failed));
    for (index, (after, minutes)) in NIGHT.into_iter().enumerate().take(4) {
        let how = match STEPS[index].name {
            "prepare" => How::Completed { minutes: 0.05 },
            "train_forest" => How::Failed {
                minutes: 5.5,
                reason: "MemoryError: a forest of 5000 trees does not fit into the memory of one node. The script \
                         stopped at line 41 of forest.py.",
            },
            _ => How::Completed { minutes },
        };
        told.push(step(index, 1, DAY - after, how));
    }
    let going = How::Moves {
        behind: &[("NotStarted", 1.6), ("Running", 1.5)],
        ahead: &[("Running", 190.0)],
        done: 0.3,
    };
    told.push(pipeline(third, "Tonight's", 1.6 / DAY, going));
    for (index, moves) in tonight().into_iter().enumerate() {
        told.push(step(index, 2, 1.5, moves));
    }
    experiment(
        workspace,
        now,
        "nightly-pipeline",
        Some("From the tills to the forecast, every night"),
        &told,
    );

    let scope = text(&workspace.document, "id").to_owned();
    let graph = guid(&format!("graph of {PIPELINE}"));
    let Some(experiment) = workspace.experiments.last_mut() else { return };
    for id in [first, second, third] {
        let Some(run) = experiment.runs.find_mut(id) else { continue };
        describe_pipeline(run);
        workspace.pipelines.runs.push(pipeline_run(run, &graph));
    }
    for run in experiment.runs.kept_mut().filter(|run| run.document["runType"] == "azureml.StepRun") {
        describe_step(run, first);
    }
    workspace.pipelines.graphs.push(graph_document(&graph));
    workspace.pipelines.modules = STEPS.iter().map(|step| module(step, &scope)).collect();
    workspace.pipelines.data_sources = DATA.iter().map(|(name, note)| data_source(name, note)).collect();
    let mut template = sample(include_str!("../../../samples/pipeline_template_get.json"));
    template["Id"] = guid("template of the nightly bake").into();
    template["Name"] = PIPELINE.into();
    template["Description"] = "For other bakeries to copy".into();
    template["ExperimentId"] = first.into();
    workspace.pipelines.templates.push(template);
}

/// The steps of a night that is under way.
fn tonight() -> [How; 7] {
    let waits = |ahead| How::Moves { behind: &[("NotStarted", 1.5)], ahead, done: 0.0 };
    [
        How::Completed { minutes: 0.05 },
        How::Moves {
            behind: &[("NotStarted", 1.4), ("Starting", 1.3), ("Queued", 1.2), ("Running", 0.8)],
            ahead: &[("Running", 40.0), ("Finalizing", 4.0)],
            done: 0.5,
        },
        waits(&[
            ("NotStarted", 46.0),
            ("Preparing", 5.0),
            ("Queued", 4.0),
            ("Running", 60.0),
            ("Finalizing", 3.0),
        ]),
        waits(&[
            ("NotStarted", 46.0),
            ("Preparing", 5.0),
            ("Queued", 4.0),
            ("Running", 85.0),
            ("Finalizing", 3.0),
        ]),
        waits(&[("NotStarted", 144.0), ("Queued", 4.0), ("Running", 18.0), ("Finalizing", 2.0)]),
        waits(&[("NotStarted", 169.0), ("Queued", 3.0), ("Running", 12.0), ("Finalizing", 2.0)]),
        waits(&[("NotStarted", 169.0), ("Queued", 3.0), ("Running", 14.0), ("Finalizing", 1.0)]),
    ]
}

fn node(name: &str) -> String {
    hex16(&format!("node {name}"))[..8].to_owned()
}

fn module_id(step: &Step) -> String {
    guid(&format!("module {}", step.name))
}

/// Properties as runs of the real service have them that people have shown.
fn describe_pipeline(run: &mut Run) {
    run.document["target"] = Value::Null;
    run.document["scriptName"] = Value::Null;
    run.definition = Value::Null;
    let properties = &mut run.document["properties"];
    properties["azureml.runsource"] = "azureml.PipelineRun".into();
    properties["runSource"] = "SDK".into();
    properties["runType"] = "Schedule".into();
    properties["azureml.parameters"] = r#"{"shop":"harbour"}"#.into();
    properties["azureml.pipelineid"] = guid(PIPELINE).into();
}

fn describe_step(run: &mut Run, first: &str) {
    let parent = text(&run.document, "parentRunId").to_owned();
    let id = run.id().to_owned();
    let Some(step) = STEPS.iter().find(|step| id.ends_with(step.name)) else { return };
    run.document["name"] = step.name.into();
    let properties = &mut run.document["properties"];
    properties["azureml.runsource"] = "azureml.StepRun".into();
    properties["azureml.nodeid"] = node(step.name).into();
    properties["azureml.moduleid"] = module_id(step).into();
    properties["azureml.pipelinerunid"] = parent.clone().into();
    properties["StepType"] = "PythonScriptStep".into();
    properties["ComputeTargetType"] = "AmlCompute".into();
    if step.name == "prepare" && parent != first {
        properties["azureml.isreused"] = "true".into();
        properties["azureml.reusedrunid"] = format!("{first}_{}", step.name).into();
        properties["azureml.reusednodeid"] = node(step.name).into();
        properties["azureml.reusedpipelinerunid"] = first.into();
    }
}

fn execution_log(id: &str) -> String {
    STEPS.iter().fold(format!("Submitting {} steps of {id}\n", STEPS.len()), |log, step| {
        format!("{log}[{}] node {} waits for: {}\n", step.name, node(step.name), step.reads.join(", "))
    })
}

fn pipeline_run(run: &Run, graph: &str) -> Value {
    let mut document = sample(include_str!("../../../samples/pipeline_experiment_get.json"));
    let created = text(&run.document, "createdUtc").replace("+00:00", "Z");
    document["Id"] = run.id().into();
    document["Description"] = run.document["description"].clone();
    document["GraphId"] = graph.into();
    document["ParameterAssignments"] = json!({ "shop": "harbour" });
    document["RunHistoryExperimentName"] = "nightly-pipeline".into();
    document["PipelineId"] = guid(PIPELINE).into();
    document["RunType"] = "Schedule".into();
    document["ScheduleId"] = guid("every night").into();
    document["TotalRunSteps"] = STEPS.len().into();
    document["CreatedDate"] = created.clone().into();
    document["LastModifiedDate"] = created.into();
    document
}

fn graph_document(id: &str) -> Value {
    let mut graph = sample(include_str!("../../../samples/pipeline_graph_get.json"));
    let (module, data, edge) =
        (graph["ModuleNodes"][0].take(), graph["DatasetNodes"][0].take(), graph["Edges"][0].take());
    graph["Id"] = id.into();
    graph["ModuleNodes"] = STEPS
        .iter()
        .map(|step| {
            let mut node_document = module.clone();
            node_document["Id"] = node(step.name).into();
            node_document["ModuleId"] = module_id(step).into();
            node_document["Comment"] = step.note.into();
            node_document["ModuleParameters"][0]["Value"] = COMPUTE.into();
            node_document
        })
        .collect();
    graph["DatasetNodes"] = DATA
        .iter()
        .map(|(name, _)| {
            let mut node_document = data.clone();
            node_document["Id"] = node(name).into();
            node_document["DatasetId"] = guid(&format!("data source {name}")).into();
            node_document
        })
        .collect();
    graph["Edges"] = STEPS
        .iter()
        .flat_map(|step| step.reads.iter().map(move |source| (step, source)))
        .map(|(step, source)| {
            let mut arrow = edge.clone();
            arrow["SourceOutputPort"]["NodeId"] = node(source).into();
            arrow["SourceOutputPort"]["PortName"] = port(source).into();
            arrow["DestinationInputPort"]["NodeId"] = node(step.name).into();
            arrow["DestinationInputPort"]["PortName"] = (*source).into();
            arrow
        })
        .collect();
    graph
}

/// What comes out of a step, or is data.
fn port(source: &str) -> &'static str {
    match source {
        "prepare" => "clean_sales",
        "features" => "table",
        "train_linear" | "train_forest" => "model",
        "compare" => "better_model",
        _ => "data",
    }
}

fn module(step: &Step, scope: &str) -> Value {
    let mut module = sample(include_str!("../../../samples/pipeline_module_get.json"));
    let input = module["StructuredInterface"]["Inputs"][0].take();
    module["Id"] = module_id(step).into();
    module["Name"] = step.script.into();
    module["Description"] = step.note.into();
    module["Hash"] = hex16(&format!("{scope} {}", step.script)).into();
    module["CreatedBy"] = json!({
        "UserObjectId": guid("Priya Nair"), "UserTenantId": TENANT_ID, "UserName": "Priya Nair",
    });
    module["StructuredInterface"]["Inputs"] = step
        .reads
        .iter()
        .map(|source| {
            let mut input = input.clone();
            for field in ["Name", "Label", "DataReferenceName"] {
                input[field] = (*source).into();
            }
            input
        })
        .collect();
    let outputs = STEPS.iter().any(|other| other.reads.contains(&step.name));
    if outputs {
        module["StructuredInterface"]["Outputs"] = json!([{
            "Name": port(step.name),
            "Label": port(step.name),
            "DataTypeId": "AnyFile",
            "Description": null,
            "SkipProcessing": false,
            "DataStoreName": "workspaceblobstore",
            "DataStoreMode": "Mount",
            "PathOnCompute": null,
            "Overwrite": false,
            "DataReferenceName": port(step.name),
        }]);
    }
    module
}

fn data_source(name: &str, note: &str) -> Value {
    let mut source = sample(include_str!("../../../samples/pipeline_datasource_get.json"));
    source["Id"] = guid(&format!("data source {name}")).into();
    source["Name"] = name.into();
    source["Description"] = note.into();
    source["IdentifierHash"] = hex16(name).into();
    source["DataLocation"]["DataReference"] = json!({
        "Type": "AzureBlob",
        "AzureBlobReference": {
            "AmlDataStoreName": "workspaceblobstore",
            "RelativePath": format!("{name}/2026"),
        },
    });
    source
}
