//! Every operation: the method, address and body it asks with, and the published examples it reads.

use std::collections::BTreeMap;
use std::fs;

use azimuth_api::{
    ActOnInstance, Address, ArtifactContainer, AssetArtifact, Body, CancelRun, ChangeExperiment,
    ChangeManaged, ChangeRun, ChangeWorkspace, ComputeName, CreateAsset, CreateCompute, CreateExperiment,
    CreateResourceGroup, CreateWorkspace, DeleteCompute, DeleteExperiment, DeleteExperimentTags,
    DeleteManaged, DeleteRunTags, DeleteWorkspace, Dependency, ExperimentEdit, ExperimentName,
    ExperimentView, GetArtifactContent, GetArtifactContentInfo, GetAsset, GetCompute, GetDiscovery,
    GetDiscoveryUrl, GetExperiment, GetExperimentById, GetImage, GetMetric, GetModel, GetNotification,
    GetOperationStatus, GetPipelineDataSource, GetPipelineGraph, GetPipelineModule, GetPipelineNodeStatuses,
    GetPipelineRun, GetPipelineTemplate, GetResourceGroup, GetRun, GetRunById, GetRunDetails, GetService,
    GetServiceLogs, GetServiceToken, GetSubscription, GetWorkspace, InstanceAction, KeyKind, ListAssets,
    ListChildRuns, ListComputeNodes, ListComputeRuns, ListComputes, ListDatastores, ListExperiments,
    ListForm, ListImages, ListLocations, ListMetrics, ListModels, ListNotifications, ListQuotas,
    ListResourceGroups, ListResources, ListRunArtifacts, ListRunEvents, ListRuns, ListServiceKeys,
    ListServices, ListSubscriptions, ListTenants, ListUsages, ListVmSizes, ListWorkspaceKeys, ListWorkspaces,
    ManagedPart, ModelHost, NewCluster, NewResourceGroup, NewScale, NewWorkspace, NewWorkspaceProperties,
    Operation, Page, Paged, PipelineState, RegenerateServiceKey, RegionalService, RegisterModel, Removal,
    ResyncWorkspaceKeys, RunCancel, RunEdit, RunFilter, RunId, RunKind, RunStatus, ScaleCompute, Service,
    ServiceAccess, ServiceState, StartRun, StartSnapshotRun, TagFilter, Tenant, Timestamp,
    UnderlyingResource, Upload, WorkspaceChange, WorkspaceId, WorkspaceWords, Workspaces,
};
use http::Response;

const WORKSPACE: &str =
    "/subscriptions/s%201/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";

fn workspace() -> WorkspaceId {
    WorkspaceId { subscription: "s 1".into(), resource_group: "g".into(), name: "w".into() }
}

/// What an operation asks, in one line: method, service, path and query, body.
fn asked<O: Operation>(operation: &O) -> String {
    let place = match operation.address() {
        Address::Path(service, path, query) => {
            let mark = if query.is_empty() { "" } else { "?" };
            format!("{} {}{mark}{}", name(&service), path.as_str(), query.encoded())
        }
        Address::Link(service, link) => format!("{} link {link}", name(&service)),
        Address::Discovery(link) => format!("discovery {link}"),
    };
    let body = match operation.body() {
        Body::Empty => String::new(),
        Body::Json(value) => format!(" {value}"),
        Body::JsonPatch(steps) => format!(" {}", serde_json::Value::Array(steps)),
        Body::Form(form) => format!(" {}", form.encoded()),
        Body::Parts => " parts".to_owned(),
    };
    format!("{} {place}{body}", operation.method())
}

fn name(service: &Service) -> &'static str {
    match service {
        Service::SignIn => "sign-in",
        Service::Management => "management",
        Service::Regional(_, RegionalService::History) => "history",
        Service::Regional(_, RegionalService::Execution) => "execution",
        Service::Regional(_, RegionalService::ModelManagement) => "models",
        Service::Regional(_, RegionalService::SharedModelManagement) => "shared-models",
        Service::Regional(_, RegionalService::Artifacts) => "artifacts",
        Service::Regional(_, RegionalService::Datastores) => "datastores",
        Service::Regional(_, RegionalService::Notifications) => "notifications",
        Service::Regional(_, RegionalService::Pipelines) => "pipelines",
        Service::Regional(_, RegionalService::SharedPipelines) => "shared-pipelines",
        Service::Regional(_, RegionalService::Sweeps) => "sweeps",
    }
}

fn sample(name: &str) -> Response<Vec<u8>> {
    let path = format!("{}/../simulator/samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    Response::new(fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
}

fn read<O: Operation>(operation: &O, name: &str) -> O::Output {
    operation.read(&sample(name)).unwrap_or_else(|error| panic!("{name}: {error:?}"))
}

/// A list: what it asks first, and what it asks after a page with this way on.
fn check_list<O: Paged>(first: &O, expected: &str, page: &str, next: &str)
where
    O::Item: serde::de::DeserializeOwned,
{
    let expected = expected.replace("{WS}", WORKSPACE);
    assert_eq!(asked(first), expected);
    let page: Page<O::Item> = serde_json::from_str(page).expect("the page is JSON");
    let after = first.after(&page).expect("there is another page");
    assert_eq!(asked(&after), next.replace("{WS}", WORKSPACE));
    let last: Page<O::Item> =
        serde_json::from_str(r#"{"value":[],"nextLink":null}"#).expect("the page is JSON");
    assert!(after.after(&last).is_none(), "{expected} goes on after its last page");
}

const LINK: &str = r#"{"value":[],"nextLink":"https://host/next?a=b"}"#;
const TOKEN: &str = r#"{"value":[],"continuationToken":"t/1","nextLink":"https://host/next"}"#;

#[test]
fn subscriptions() {
    check_list(
        &ListSubscriptions::default(),
        "GET management /subscriptions?api-version=2020-01-01",
        LINK,
        "GET management link https://host/next?a=b",
    );
    let page = read(&ListSubscriptions::default(), "arm_subscriptions_list");
    assert_eq!(page.value.len(), 2);
    assert_eq!(page.value[0].label(), "Example Subscription");
    assert!(page.is_last());
    let one = GetSubscription { subscription: "s 1".into() };
    assert_eq!(asked(&one), "GET management /subscriptions/s%201?api-version=2020-01-01");
}

#[test]
fn tenants() {
    check_list(
        &ListTenants::default(),
        "GET management /tenants?api-version=2020-01-01",
        LINK,
        "GET management link https://host/next?a=b",
    );
    let page = read(&ListTenants::default(), "arm_tenants_list");
    let labels: Vec<_> = page.value.iter().map(Tenant::label).collect();
    assert_eq!(labels, ["Test_Test_aad50", "Contoso Corp.", "TEST_TEST_RDV"]);
}

#[test]
fn resource_groups() {
    let list = ListResourceGroups { subscription: "s 1".into(), next: None };
    check_list(
        &list,
        "GET management /subscriptions/s%201/resourcegroups?api-version=2021-04-01",
        LINK,
        "GET management link https://host/next?a=b",
    );
    let page = read(&list, "arm_resourcegroups_list");
    assert_eq!(page.value[1].name.as_str(), "RG2");
    assert_eq!(page.value[1].provisioning_state(), Some("Succeeded"));
    let one = GetResourceGroup { subscription: "s 1".into(), resource_group: "RG (1)".into() };
    assert_eq!(
        asked(&one),
        "GET management /subscriptions/s%201/resourcegroups/RG%20%281%29?api-version=2021-04-01"
    );
    assert_eq!(
        one.read(&Response::new(b"{\"name\":\"x\",\"tags\":null}".to_vec()))
            .map(|group| group.name.to_string()),
        Ok("x".to_owned())
    );
}

#[test]
fn workspaces() {
    let of_group = ListWorkspaces { of: Workspaces::OfResourceGroup("s 1".into(), "g".into()), next: None };
    check_list(
        &of_group,
        "GET management /subscriptions/s%201/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces?api-version=2019-11-01",
        LINK,
        "GET management link https://host/next?a=b",
    );
    let of_subscription = ListWorkspaces { of: Workspaces::OfSubscription("s 1".into()), next: None };
    assert_eq!(
        asked(&of_subscription),
        "GET management /subscriptions/s%201/providers/Microsoft.MachineLearningServices/workspaces?api-version=2019-11-01"
    );
    for list in ["arm_workspaces_list", "arm_workspaces_list_page1", "arm_workspaces_list_page2"] {
        let page = read(&of_group, list);
        assert_eq!(page.is_last(), list != "arm_workspaces_list_page1", "{list}");
        assert!(page.value.iter().all(|workspace| workspace.workspace_id().is_some()), "{list}");
    }
    let one = GetWorkspace { workspace: workspace() };
    assert_eq!(asked(&one), format!("GET management {WORKSPACE}?api-version=2019-11-01"));
    let article = read(&one, "arm_workspace_get");
    assert_eq!(article.properties.discovery_url, "https://centralus.experiments.azureml.net/discovery");
    assert_eq!((article.label(), article.provisioning_state()), ("my-workspace", "Succeeded"));
    assert_eq!(article.properties.creation_time.map(Timestamp::unix_milliseconds), Some(1_578_081_369_758));
    let later = read(&one, "arm_workspace_get_2022");
    assert!(later.properties.discovery_url.starts_with("https://"));
    let short = GetDiscoveryUrl { workspace: workspace() };
    assert_eq!(asked(&short), asked(&one));
    for document in ["arm_workspace_get", "arm_workspace_get_2022"] {
        let whole = read(&one, document).properties.discovery_url;
        assert_eq!(read(&short, document).properties.discovery_url, Some(whole), "{document}");
    }
}

#[test]
fn locations() {
    let list = ListLocations { subscription: "s 1".into() };
    assert_eq!(asked(&list), "GET management /subscriptions/s%201/locations?api-version=2020-01-01");
    let locations = read(&list, "arm_locations_list");
    let names: Vec<_> = locations.regions().map(|location| location.name.as_str()).collect();
    assert_eq!(names, ["centralus", "eastasia"]);
}

#[test]
fn a_resource_group_is_made() {
    let tags = [("team".to_owned(), "data".to_owned())].into();
    let make = CreateResourceGroup {
        subscription: "s 1".into(),
        resource_group: "RG (1)".into(),
        wanted: NewResourceGroup { location: "eastus".to_owned(), tags },
    };
    assert_eq!(
        asked(&make),
        r#"PUT management /subscriptions/s%201/resourcegroups/RG%20%281%29?api-version=2021-04-01 {"location":"eastus","tags":{"team":"data"}}"#
    );
    assert!(!make.is_read());
    let made = read(&make, "arm_resourcegroup_create_201");
    assert_eq!((made.name.as_str(), made.provisioning_state()), ("myResourceGroup", Some("Succeeded")));
}

#[test]
fn resources_of_a_group() {
    let list = ListResources { subscription: "s 1".into(), resource_group: "g".into(), next: None };
    let path =
        "GET management /subscriptions/s%201/resourceGroups/g/resources?api-version=2021-04-01&$filter=";
    let filter = "resourceType%20eq%20%27Microsoft.Storage%2FstorageAccounts%27%20or%20\
        resourceType%20eq%20%27Microsoft.KeyVault%2Fvaults%27%20or%20\
        resourceType%20eq%20%27Microsoft.Insights%2Fcomponents%27%20or%20\
        resourceType%20eq%20%27Microsoft.ContainerRegistry%2Fregistries%27";
    check_list(&list, &format!("{path}{filter}"), LINK, "GET management link https://host/next?a=b");
}

#[test]
fn a_workspace_is_made_as_the_published_request() {
    let published: serde_json::Value =
        serde_json::from_slice(sample("arm_workspace_create_request").body()).expect("the sample is JSON");
    let text = |name: &str| published["properties"][name].as_str().expect("it is a text").to_owned();
    let properties = NewWorkspaceProperties {
        friendly_name: text("friendlyName"),
        description: text("description"),
        storage_account: text("storageAccount"),
        key_vault: text("keyVault"),
        application_insights: text("applicationInsights"),
        container_registry: Some(text("containerRegistry")),
    };
    for (kind, field) in Dependency::ALL.into_iter().zip([
        "storageAccount",
        "keyVault",
        "applicationInsights",
        "containerRegistry",
    ]) {
        assert_eq!(kind.id_fault(&text(field)), None, "{field}");
    }
    let wanted = NewWorkspace::new("centralus".to_owned(), Default::default(), properties);
    let make = CreateWorkspace { workspace: workspace(), wanted: wanted.clone() };
    assert!(asked(&make).starts_with(&format!("PUT management {WORKSPACE}?api-version=2019-11-01 {{")));
    assert!(make.body() == Body::Json(published), "{}", asked(&make));
    let mut without = wanted;
    without.properties.container_registry = None;
    let Body::Json(body) = (CreateWorkspace { workspace: workspace(), wanted: without }).body() else {
        panic!("it has a body")
    };
    assert!(!body.to_string().contains("containerRegistry") && !body.to_string().contains("tags"), "{body}");

    let recorded: serde_json::Value =
        serde_json::from_slice(sample("arm_workspace_create_202").body()).expect("the sample is JSON");
    let header = |name: &str| {
        let headers = recorded["headers"].as_object().expect("it has headers");
        let found = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).expect("it is there");
        found.1.as_str().expect("it is a text").to_owned()
    };
    let link = header("Azure-AsyncOperation");
    let mut answer = Response::new(Vec::new());
    *answer.status_mut() = http::StatusCode::ACCEPTED;
    answer.headers_mut().insert("azure-asyncoperation", link.parse().expect("it is a header"));
    assert_eq!(make.read(&answer).map(|accepted| accepted.status_link), Ok(Some(link.clone())));
    let status = GetOperationStatus { link: link.clone() };
    assert_eq!(asked(&status), format!("GET management link {link}"));
    assert_eq!(read(&status, "arm_operation_status_inprogress").status, "InProgress");
    assert_eq!(read(&status, "arm_operation_status_succeeded").failure(), None);
    let failure = read(&status, "arm_operation_status_failed").failure().expect("it says why");
    assert!(failure.names("myregistry") && failure.exact_code() == Some("BadRequest"));
}

#[test]
fn a_workspace_is_changed_and_deleted() {
    let words = WorkspaceWords { friendly_name: Some("Ovens".to_owned()), description: None };
    let change =
        WorkspaceChange { tags: Some([("team".to_owned(), "ovens".to_owned())].into()), properties: words };
    let change = ChangeWorkspace { workspace: workspace(), change };
    assert_eq!(
        asked(&change),
        format!(
            r#"PATCH management {WORKSPACE}?api-version=2019-11-01 {{"properties":{{"friendlyName":"Ovens"}},"tags":{{"team":"ovens"}}}}"#
        )
    );
    assert_eq!(read(&change, "arm_workspace_get").label(), "my-workspace");
    let delete = DeleteWorkspace { workspace: workspace() };
    assert_eq!(asked(&delete), format!("DELETE management {WORKSPACE}?api-version=2019-11-01"));
    assert!(!change.is_read() && !delete.is_read());
}

#[test]
fn keys_of_a_workspace() {
    let keys = ListWorkspaceKeys { workspace: workspace() };
    assert_eq!(asked(&keys), format!("POST management {WORKSPACE}/listKeys?api-version=2019-11-01"));
    assert!(keys.is_read());
    let found = read(&keys, "arm_workspace_listkeys");
    let names: Vec<_> = found.keys.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["Storage key", "Registry password", "Second registry password"]);
    assert_eq!(found.registry_user.as_deref(), Some("<registry-user>"));
    let resync = ResyncWorkspaceKeys { workspace: workspace() };
    assert_eq!(
        asked(&resync),
        format!("POST management {WORKSPACE}/resyncKeys?api-version=2021-03-01-preview")
    );
    assert!(!resync.is_read());
}

#[test]
fn discovery() {
    let operation = GetDiscovery { discovery_url: "https://host/discovery".to_owned() };
    assert_eq!(asked(&operation), "GET discovery https://host/discovery");
    assert_eq!(read(&operation, "discovery").0.len(), 10);
}

#[test]
fn experiments() {
    let list = ListExperiments::of(workspace());
    check_list(
        &list,
        r#"POST history /history/v1.0{WS}/experiments:query?viewType=Default {"continuationToken":null,"top":null}"#,
        TOKEN,
        r#"POST history /history/v1.0{WS}/experiments:query?viewType=Default {"continuationToken":"t/1","top":null}"#,
    );
    let older =
        ListExperiments { top: Some(50), ..list.clone() }.otherwise().expect("there is an older form");
    assert_eq!(older.form, ListForm::Get);
    check_list(
        &older,
        "GET history /history/v1.0{WS}/experiments?$top=50",
        TOKEN,
        "GET history /history/v1.0{WS}/experiments?$top=50&$continuationtoken=t%2F1",
    );
    assert!(older.otherwise().is_none());
    let page = read(&list, "history_experiments_list");
    assert_eq!(page.value[0].latest_created_run_id, Some("my-first-experiment_1579642222877".into()));
    assert!(page.value[1].archived_time.is_some());
    let one = GetExperiment { workspace: workspace(), experiment: "a b".into() };
    assert_eq!(asked(&one), format!("GET history /history/v1.0{WORKSPACE}/experiments/a%20b"));
    assert_eq!(read(&one, "history_experiment_get").name.as_str(), "my-first-experiment");
}

#[test]
fn runs() {
    let list = ListRuns {
        filter: RunFilter { statuses: vec![RunStatus::Running], ..RunFilter::default() },
        top: Some(100),
        ..ListRuns::of(workspace(), "e/1".into())
    };
    check_list(
        &list,
        r#"POST history /history/v1.0{WS}/experiments/e%2F1/runs:query {"continuationToken":null,"filter":"(Status eq Running)","orderBy":"CreatedUtc desc","top":100}"#,
        TOKEN,
        r#"POST history /history/v1.0{WS}/experiments/e%2F1/runs:query {"continuationToken":"t/1","filter":"(Status eq Running)","orderBy":"CreatedUtc desc","top":100}"#,
    );
    let older = list.otherwise().expect("there is an older form");
    check_list(
        &older,
        "GET history /history/v1.0{WS}/experiments/e%2F1/runs?$filter=%28Status%20eq%20Running%29&$orderby=CreatedUtc%20desc&$top=100",
        TOKEN,
        "GET history /history/v1.0{WS}/experiments/e%2F1/runs?$filter=%28Status%20eq%20Running%29&$orderby=CreatedUtc%20desc&$top=100&$continuationtoken=t%2F1",
    );
    let filtered = |filter| {
        let asked = asked(&ListRuns { filter, ..ListRuns::of(workspace(), "e".into()) });
        let (_, filter) = asked.split_once(r#""filter":"#).expect("there is a filter");
        filter.split(r#","orderBy""#).next().map(str::to_owned)
    };
    let all = RunFilter {
        statuses: vec![RunStatus::Running, RunStatus::Failed],
        computes: vec!["gpu".to_owned(), "cpu-1".to_owned()],
        tags: vec![
            TagFilter { name: "best".to_owned(), value: Some("yes".to_owned()) },
            TagFilter { name: "model".to_owned(), value: None },
        ],
        created_after: Some(Timestamp::from_unix_milliseconds(1_577_836_800_000)),
        created_before: Some(Timestamp::from_unix_milliseconds(1_609_459_199_000)),
        runs: vec!["e_1".into(), "e_2".into()],
        ..RunFilter::default()
    };
    let expected = "(Status eq Running or Status eq Failed) and (Target eq gpu or Target eq cpu-1) and \
                    CreatedUtc ge 2020-01-01T00:00:00 and CreatedUtc le 2020-12-31T23:59:59 and \
                    (RunId eq e_1 or RunId eq e_2) and Tags/best eq yes and (Tags/model ne null or Tags/model eq null)";
    assert_eq!(filtered(all), Some(format!("\"{expected}\"")));
    for name in ["history_runs_list", "history_runs_list_page1", "history_run_children_list"] {
        assert!(!read(&list, name).value.is_empty(), "{name}");
    }
    assert!(!read(&list, "history_runs_list_page1").is_last());

    let one = GetRun { workspace: workspace(), experiment: "e".into(), run: "e_1".into() };
    assert_eq!(asked(&one), format!("GET history /history/v1.0{WORKSPACE}/experiments/e/runs/e_1"));
    let statuses = [
        ("history_run_get_completed", RunStatus::Completed),
        ("history_run_get_failed", RunStatus::Failed),
        ("history_run_get_running", RunStatus::Running),
    ];
    for (name, status) in statuses {
        assert_eq!(read(&one, name).status, status, "{name}");
    }
    let details = GetRunDetails { workspace: workspace(), experiment: "e".into(), run: "e_1".into() };
    assert_eq!(
        asked(&details),
        format!("GET history /history/v1.0{WORKSPACE}/experiments/e/runs/e_1/details")
    );
    let logs = read(&details, "history_run_details").log_files;
    assert!(logs.contains_key("azureml-logs/70_driver_log.txt"), "{logs:?}");
    let definition =
        read(&details, "history_run_details").run_definition.expect("the example has a definition");
    assert_eq!(definition["target"], "cpu-compute");
}

#[test]
fn what_belongs_to_runs() {
    let by_id = GetRunById { workspace: workspace(), run: "e_1".into() };
    assert_eq!(asked(&by_id), format!("GET history /history/v1.0{WORKSPACE}/runs/e_1"));
    assert_eq!(read(&by_id, "history_run_get_running").status, RunStatus::Running);
    let experiment = GetExperimentById { workspace: workspace(), experiment_id: "0f/1".to_owned() };
    assert_eq!(asked(&experiment), format!("GET history /history/v1.0{WORKSPACE}/experimentids/0f%2F1"));
    assert_eq!(read(&experiment, "history_experiment_get").name.as_str(), "my-first-experiment");

    let children =
        ListChildRuns { top: Some(50), ..ListChildRuns::of(workspace(), "e".into(), "e_1".into()) };
    check_list(
        &children,
        "GET history /history/v1.0{WS}/experiments/e/runs/e_1/children?$orderby=CreatedUtc%20asc&$top=50",
        TOKEN,
        "GET history /history/v1.0{WS}/experiments/e/runs/e_1/children?$orderby=CreatedUtc%20asc&$top=50&$continuationtoken=t%2F1",
    );
    let child = &read(&children, "history_run_children_list").value[0];
    assert_eq!(child.parent_run_id, child.root_run_id);

    let events =
        ListRunEvents { workspace: workspace(), experiment: "e".into(), run: "e_1".into(), next: None };
    check_list(
        &events,
        "GET history /history/v1.0{WS}/experiments/e/runs/e_1/events",
        TOKEN,
        "GET history /history/v1.0{WS}/experiments/e/runs/e_1/events?$continuationtoken=t%2F1",
    );

    let filter = RunFilter { statuses: vec![RunStatus::Queued], ..RunFilter::default() };
    let on_compute = ListComputeRuns { filter, ..ListComputeRuns::unfinished_on(workspace(), "gpu".into()) };
    check_list(
        &on_compute,
        "GET history /history/v1.0{WS}/computes/gpu/runs?$filter=%28Status%20eq%20Queued%29&$orderby=CreatedUtc%20desc",
        TOKEN,
        "GET history /history/v1.0{WS}/computes/gpu/runs?$filter=%28Status%20eq%20Queued%29&$orderby=CreatedUtc%20desc&$continuationtoken=t%2F1",
    );
    let all = asked(&ListComputeRuns::unfinished_on(workspace(), "gpu".into()));
    assert!(all.contains("Running") && !all.contains("Completed"), "{all}");
}

#[test]
fn changes_of_experiments() {
    let create = CreateExperiment { workspace: workspace(), experiment: "a b".into() };
    assert_eq!(asked(&create), format!("POST history /history/v1.0{WORKSPACE}/experiments/a%20b"));
    let experiment = read(&create, "history_experiment_get");
    let change = ExperimentEdit {
        description: Some("a note".to_owned()),
        archive: Some(true),
        tags: BTreeMap::from([("team".to_owned(), "vision".to_owned())]),
    };
    assert!(!change.is_done(&experiment));
    let change = ChangeExperiment { workspace: workspace(), experiment_id: "0f/1".to_owned(), change };
    assert_eq!(
        asked(&change),
        format!(
            r#"PATCH history /history/v1.0{WORKSPACE}/experimentids/0f%2F1 {{"archive":true,"description":"a note","tags":{{"team":"vision"}}}}"#
        )
    );
    assert_eq!(read(&change, "history_experiment_get"), experiment);
    let restore = ExperimentEdit { archive: Some(false), ..ExperimentEdit::default() };
    assert!(restore.is_done(&experiment));
    let tags = DeleteExperimentTags {
        workspace: workspace(),
        experiment_id: "0f".to_owned(),
        tags: vec!["team".to_owned()],
    };
    assert_eq!(
        asked(&tags),
        format!(r#"DELETE history /history/v1.0{WORKSPACE}/experimentids/0f/tags {{"tags":["team"]}}"#)
    );
    let delete = DeleteExperiment { workspace: workspace(), experiment_id: "0f".to_owned() };
    assert_eq!(asked(&delete), format!("DELETE history /history/v1.0{WORKSPACE}/experimentids/0f"));
    assert_eq!(delete.read(&Response::new(Vec::new())), Ok(()));
    let archived = ListExperiments { view: ExperimentView::Archived, ..ListExperiments::of(workspace()) };
    assert!(asked(&archived).contains("?viewType=ArchivedOnly "), "{}", asked(&archived));
}

#[test]
fn changes_of_runs() {
    let cancel = CancelRun { workspace: workspace(), experiment: "e/1".into(), run: "e_1".into() };
    let expected = format!("POST execution /execution/v1.0{WORKSPACE}/experiments/e%2F1/runId/e_1/cancel");
    assert_eq!(asked(&cancel), expected);
    read(&cancel, "execution_cancel");
    assert_eq!(cancel.host_header(), None);

    let sent = sample("history_run_patch_request").into_body();
    let sent: serde_json::Value = serde_json::from_slice(&sent).expect("the example is JSON");
    let change = RunEdit {
        description: sent["description"].as_str().map(str::to_owned),
        hidden: sent["hidden"].as_bool(),
        tags: BTreeMap::from([("team".to_owned(), "vision".to_owned())]),
        ..RunEdit::default()
    };
    let change = ChangeRun { workspace: workspace(), experiment: "e".into(), run: "e_1".into(), change };
    assert_eq!(
        asked(&change),
        format!(
            r#"PATCH history /history/v1.0{WORKSPACE}/experiments/e/runs/e_1 {{"description":"a note","hidden":false,"tags":{{"team":"vision"}}}}"#
        )
    );
    assert_eq!(read(&change, "history_run_get_running").status, RunStatus::Running);
    let tags = DeleteRunTags {
        workspace: workspace(),
        experiment: "e".into(),
        run: "e_1".into(),
        tags: vec!["team".to_owned(), "a b".to_owned()],
    };
    assert_eq!(
        asked(&tags),
        format!(r#"DELETE history /history/v1.0{WORKSPACE}/experiments/e/runs/e_1/tags ["team","a b"]"#)
    );

    let again = StartSnapshotRun {
        workspace: workspace(),
        experiment: "e".into(),
        run: "e_2".into(),
        snapshot: "5b".to_owned(),
        definition: serde_json::json!({ "configuration": { "script": "a.py" } }),
    };
    assert_eq!(
        asked(&again),
        format!(
            r#"POST execution /execution/v1.0{WORKSPACE}/experiments/e/snapshotrun?runId=e_2 {{"configuration":{{"script":"a.py"}},"snapshotId":"5b"}}"#
        )
    );
    assert_eq!(read(&again, "execution_startrun").run_id.as_str(), "my-first-experiment_1579642222877");
}

#[test]
fn whoever_leads_a_run_is_asked_to_stop_it() {
    let cancel = |kind| RunCancel::of(workspace(), "e".into(), "e_1".into(), kind);
    let RunCancel::Sweep(sweep) = cancel(RunKind::Sweep) else { panic!("a sweep is led by HyperDrive") };
    assert_eq!(
        asked(&sweep),
        format!("POST sweeps /hyperdrive/v1.0{WORKSPACE}/experiments/e/runs/e_1/cancel")
    );
    let header = sweep.host_header().expect("it has to know the run history");
    assert_eq!((header.name, name(&header.service)), ("runhistoryhost", "history"));
    read(&sweep, "hyperdrive_cancel");
    let RunCancel::Pipeline(pipeline) = cancel(RunKind::Pipeline) else {
        panic!("a pipeline is led by its own service")
    };
    assert_eq!(asked(&pipeline), format!("DELETE pipelines /api/v1.0{WORKSPACE}/Experiments/e_1/Execution"));
    let shared = pipeline.otherwise().expect("there is another host");
    assert_eq!(
        asked(&shared),
        format!("DELETE shared-pipelines /pipelines/v1.0{WORKSPACE}/Experiments/e_1/Execution")
    );
    assert_eq!(pipeline.read(&Response::new(Vec::new())), Ok(()));
    for kind in [RunKind::Script, RunKind::Step] {
        assert!(matches!(cancel(kind), RunCancel::Script(_)), "{kind:?}");
    }
}

#[test]
fn artifacts() {
    let container = ArtifactContainer::of_run(workspace(), &"e_1".into(), None);
    let list = ListRunArtifacts::of(container.clone());
    check_list(
        &list,
        "GET artifacts /artifact/v2.0{WS}/artifacts/ExperimentRun/dcid.e_1",
        TOKEN,
        "GET artifacts /artifact/v2.0{WS}/artifacts/ExperimentRun/dcid.e_1?continuationToken=t%2F1",
    );
    let folder = ListRunArtifacts { folder: "outputs/a b".to_owned(), ..list.clone() };
    assert_eq!(
        asked(&folder),
        format!(
            "GET artifacts /artifact/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.e_1?path=outputs%2Fa%20b"
        )
    );
    check_list(
        &folder.otherwise().expect("there is an older form"),
        "GET artifacts /artifact/v1.0{WS}/artifacts/origins/ExperimentRun/containers/dcid.e_1/outputs/a%20b",
        TOKEN,
        "GET artifacts /artifact/v1.0{WS}/artifacts/origins/ExperimentRun/containers/dcid.e_1/outputs/a%20b?continuationToken=t%2F1",
    );
    let page = read(&list, "artifact_list_in_container");
    assert_eq!(page.value[2].path, "outputs/model.pkl");
    assert_eq!(page.value[2].created_time.map(Timestamp::unix_milliseconds), Some(1_579_642_420_123));
    assert!(page.is_last());

    let content = GetArtifactContent::of(container.clone(), "outputs/a b.txt");
    assert_eq!(
        asked(&content),
        format!(
            "GET artifacts /artifact/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.e_1/content?path=outputs%2Fa%20b.txt"
        )
    );
    assert_eq!(
        asked_otherwise(&content),
        format!(
            "GET artifacts /artifact/v1.0{WORKSPACE}/artifacts/content/ExperimentRun/dcid.e_1/outputs/a%20b.txt"
        )
    );
    let bytes = vec![0, 159, 146, 150];
    assert_eq!(content.read(&Response::new(bytes.clone())), Ok(bytes));
    let missing = Response::builder().status(404).body(b"{}".to_vec()).expect("a status and a body");
    assert!(content.read(&missing).is_err());

    let information = GetArtifactContentInfo::of(container, "outputs/model.pkl");
    assert_eq!(
        asked(&information),
        format!(
            "GET artifacts /artifact/v2.0{WORKSPACE}/artifacts/ExperimentRun/dcid.e_1/contentinfo?path=outputs%2Fmodel.pkl"
        )
    );
    assert_eq!(
        asked_otherwise(&information),
        format!(
            "GET artifacts /artifact/v1.0{WORKSPACE}/artifacts/contentinfo/ExperimentRun/dcid.e_1/outputs/model.pkl"
        )
    );
    let address = read(&information, "artifact_contentinfo").content_uri;
    assert_eq!(address.account().as_deref(), Some("myworkspace0275623111"));
    assert!(address.reveal().contains("sig=REDACTED"));
}

#[test]
fn starting_a_run() {
    let experiment = ExperimentName::from("e");
    let run = RunId::new(&experiment, 1, 2);
    let start = StartRun { workspace: workspace(), experiment, run, project_zip: "zip", definition: "json" };
    assert_eq!(
        asked(&start),
        format!("POST execution /execution/v1.0{WORKSPACE}/experiments/e/startrun?runId=e_1_00000002 parts")
    );
    let parts: Vec<_> = start.parts().into_iter().map(|part| (part.name, part.file)).collect();
    assert_eq!(parts, [("runDefinitionFile", "json"), ("projectZipFile", "zip")]);
    assert_eq!(read(&start, "execution_startrun").run_id.as_str(), "my-first-experiment_1579642222877");
}

/// What is asked at the host of all services, where the own host of model management does not know the path.
fn asked_otherwise<O: Operation>(operation: &O) -> String {
    let other = operation.otherwise().expect("it is asked in two forms");
    assert!(other.otherwise().is_none(), "there is no third form");
    asked(&other)
}

/// A list of model management: at its own host, at the other, and the page after.
fn check_managed_list<O: Paged>(list: &O, what: &str)
where
    O::Item: serde::de::DeserializeOwned,
{
    let expected = format!("GET models /api{{WS}}/{what}");
    check_list(list, &expected, LINK, "GET models link https://host/next?a=b");
    let page: Page<O::Item> = serde_json::from_str(LINK).expect("the page is JSON");
    let after = list.after(&page).expect("there is another page");
    assert_eq!(asked_otherwise(list), format!("GET shared-models /modelmanagement/v1.0{WORKSPACE}/{what}"));
    assert_eq!(asked_otherwise(&after), "GET shared-models link https://host/next?a=b");
}

/// One thing of model management, at both of its hosts.
fn check_managed<O: Operation>(operation: &O, method: &str, what: &str) {
    assert_eq!(asked(operation), format!("{method} models /api{WORKSPACE}/{what}"));
    assert_eq!(
        asked_otherwise(operation),
        format!("{method} shared-models /modelmanagement/v1.0{WORKSPACE}/{what}")
    );
}

#[test]
fn models() {
    let list = ListModels::of(workspace());
    check_managed_list(&list, "models?api-version=2019-11-01");
    let versions = ListModels { name: Some("a b".to_owned()), count: Some(5), ..list.clone() };
    check_managed_list(&versions, "models?api-version=2019-11-01&name=a%20b&count=5");
    let of_run = ListModels { run: Some("e_1".into()), ..list.clone() };
    check_managed_list(&of_run, "models?api-version=2019-11-01&runId=e_1");
    assert!(read(&list, "models_list").is_last());
    assert!(!read(&list, "models_list_page1").is_last());
    let one = GetModel::of(workspace(), "my-model:1".into());
    check_managed(&one, "GET", "models/my-model%3A1?api-version=2019-11-01");
    let model = read(&one, "model_get");
    assert_eq!(model.id.as_str(), "my-model:1");
    assert_eq!(model.asset(), Some("0123456789abcdef0123456789abcdef".into()));

    let register = RegisterModel {
        workspace: workspace(),
        name: "my-model".to_owned(),
        asset: "0123456789abcdef0123456789abcdef".into(),
        mime_type: "application/x-python".to_owned(),
        description: "first model".to_owned(),
        unpack: false,
        run_id: Some("my-first-experiment_1579642222877".into()),
        experiment_name: Some("my-first-experiment".to_owned()),
        framework: None,
        framework_version: None,
        kv_tags: Default::default(),
        properties: Default::default(),
        host: ModelHost::default(),
    };
    let body: serde_json::Value =
        serde_json::from_slice(sample("model_register_request").body()).expect("the sample is JSON");
    assert!(asked(&register).ends_with(&format!(" {body}")), "{}", asked(&register));
    assert!(
        asked(&register)
            .starts_with(&format!("POST models /api{WORKSPACE}/models?api-version=2019-11-01 {{"))
    );
    assert!(!register.is_read());
    assert_eq!(read(&register, "model_get").version, 1);
}

#[test]
fn assets() {
    let list = ListAssets::of(workspace());
    check_managed_list(&list, "assets?api-version=2019-11-01");
    let page = read(&list, "assets_list");
    assert_eq!(page.value[0].run_id, Some("my-first-experiment_1579642222877".into()));
    let file = page.value[0].artifacts[0].in_run();
    assert_eq!(file, Some(("my-first-experiment_1579642222877".into(), "outputs/model.pkl")));
    let one = GetAsset::of(workspace(), "a/1".into());
    check_managed(&one, "GET", "assets/a%2F1?api-version=2019-11-01");
    let of_run = ListAssets { run: Some("e_1".into()), ..list };
    check_managed_list(&of_run, "assets?api-version=2019-11-01&runId=e_1");

    let create = CreateAsset {
        workspace: workspace(),
        name: "model.pkl".to_owned(),
        description: "x".to_owned(),
        artifacts: vec![AssetArtifact::of_container("dcid.e_1", "outputs/model.pkl")],
        run: "e_1".into(),
        host: ModelHost::default(),
    };
    check_managed(
        &create,
        "POST",
        r#"assets?api-version=2019-11-01 {"artifacts":[{"id":"ExperimentRun/dcid.e_1/outputs/model.pkl"}],"description":"x","name":"model.pkl","runid":"e_1"}"#,
    );
    let folder = AssetArtifact::of_container("dcid.e_1", "outputs/model/");
    assert_eq!((folder.id, folder.prefix.as_deref()), (None, Some("ExperimentRun/dcid.e_1/outputs/model/")));
}

#[test]
fn images() {
    let list = ListImages::of(workspace());
    check_managed_list(&list, "images?api-version=2019-11-01");
    let with_model = ListImages { model: Some("m:1".into()), ..list.clone() };
    check_managed_list(&with_model, "images?api-version=2019-11-01&modelId=m%3A1");
    let page = read(&list, "images_list");
    assert_eq!(page.value[0].model_ids, ["my-model:1".into()]);
    assert!(!page.value[0].image_build_log_uri.as_deref().is_some_and(|address| address.contains("sig")));
    let one = GetImage::of(workspace(), "i:1".into());
    check_managed(&one, "GET", "images/i%3A1?api-version=2019-11-01");
}

#[test]
fn services() {
    let list = ListServices::of(workspace());
    check_managed_list(&list, "services?api-version=2019-11-01");
    let with_model = ListServices { model: Some("m:1".into()), ..list.clone() };
    check_managed_list(&with_model, "services?api-version=2019-11-01&modelId=m%3A1");
    let of_image = ListServices { image: Some("i:1".into()), ..list.clone() };
    check_managed_list(&of_image, "services?api-version=2019-11-01&imageId=i%3A1");
    let page = read(&list, "services_list");
    assert_eq!(page.value[0].state, ServiceState::Transitioning);
    assert_eq!(page.value[0].auto_scaler.as_ref().and_then(|scaler| scaler.max_replicas), Some(10));
    let one = GetService::of(workspace(), "s 1".into());
    check_managed(&one, "GET", "services/s%201?api-version=2019-11-01&expand=true");
    let service = read(&one, "service_get_aci");
    assert_eq!((service.access(), service.compute_type.as_str()), (ServiceAccess::Key, "ACI"));

    let keys = ListServiceKeys::of(workspace(), "s".into());
    check_managed(&keys, "POST", "services/s/listkeys?api-version=2019-11-01");
    assert!(keys.is_read());
    assert_eq!(read(&keys, "service_listkeys").primary.reveal(), "<primary-key>");
    let token = GetServiceToken::of(workspace(), "s".into());
    check_managed(&token, "POST", "services/s/token?api-version=2019-11-01");
    assert_eq!(read(&token, "service_token").token.reveal(), "<token>");
    let logs = GetServiceLogs::of(workspace(), "s".into(), 100);
    check_managed(&logs, "GET", "services/s/logs?api-version=2019-11-01&tail=100");

    let regenerate = RegenerateServiceKey::of(workspace(), "s".into(), KeyKind::Secondary);
    check_managed(
        &regenerate,
        "POST",
        r#"services/s/regenerateKeys?api-version=2019-11-01 {"keyType":"Secondary"}"#,
    );
    assert!(!regenerate.is_read());
    assert!(read(&regenerate, "service_listkeys").is_some());
    assert_eq!(regenerate.read(&answered(202)), Ok(None));
}

fn answered(status: u16) -> Response<Vec<u8>> {
    Response::builder().status(status).body(Vec::new()).expect("the status is one")
}

#[test]
fn what_all_of_model_management_have_in_common() {
    let parts = [
        (ManagedPart::Model("m:1".into()), "models/m%3A1"),
        (ManagedPart::Asset("a".into()), "assets/a"),
        (ManagedPart::Image("i:1".into()), "images/i%3A1"),
        (ManagedPart::Service("s".into()), "services/s"),
    ];
    for (part, path) in parts {
        let change = ChangeManaged {
            workspace: workspace(),
            part: part.clone(),
            description: Some("new".to_owned()),
            tags: Some([("team".to_owned(), "data".to_owned())].into()),
            host: ModelHost::default(),
        };
        check_managed(
            &change,
            "PATCH",
            &format!(
                r#"{path}?api-version=2019-11-01 [{{"op":"replace","path":"/description","value":"new"}},{{"op":"replace","path":"/kvTags","value":{{"team":"data"}}}}]"#
            ),
        );
        assert!(!change.is_read());
        assert_eq!((change.read(&answered(200)), change.read(&answered(202))), (Ok(()), Ok(())));
        let only_tags = ChangeManaged { description: None, tags: Some(Default::default()), ..change };
        assert!(asked(&only_tags).ends_with(r#"[{"op":"replace","path":"/kvTags","value":{}}]"#));

        let delete = DeleteManaged::of(workspace(), part);
        check_managed(&delete, "DELETE", &format!("{path}?api-version=2019-11-01"));
        let removals = [200, 202, 204].map(|status| delete.read(&answered(status)));
        assert_eq!(removals, [Ok(Removal::Done), Ok(Removal::UnderWay), Ok(Removal::WasNotThere)]);
        let mut in_use = sample("model_delete_412");
        *in_use.status_mut() = http::StatusCode::PRECONDITION_FAILED;
        let error = delete.read(&in_use).expect_err("it is in use");
        let refusal = error.refusal().expect("the service said no");
        assert_eq!((refusal.status, refusal.code.as_deref()), (412, Some("DeletionRequired")));
        assert_eq!(refusal.details[0].code, "ImageDeletionRequired");
    }
}

#[test]
fn datastores() {
    let list = ListDatastores::of(workspace());
    check_list(
        &list,
        "GET datastores /datastore/v1.0{WS}/datastores?includeSecret=false",
        TOKEN,
        "GET datastores /datastore/v1.0{WS}/datastores?includeSecret=false&continuationToken=t%2F1",
    );
    let one = ListDatastores { name: Some("a b".into()), ..list.clone() };
    assert_eq!(
        asked(&one),
        format!(
            "GET datastores /datastore/v1.0{WORKSPACE}/datastores?dataStoreNames=a%20b&includeSecret=false"
        )
    );
    let page = read(&list, "datastores_list");
    assert_eq!(page.value[0].credential_type(), Some("AccountKey"));
    assert!(!format!("{page:?}").contains("<account-key>"), "a secret was read");
}

#[test]
fn notifications() {
    let list = ListNotifications { workspace: workspace(), next: None };
    check_list(
        &list,
        "GET notifications /notification/v1.0{WS}/tasks",
        TOKEN,
        "GET notifications /notification/v1.0{WS}/tasks?continuationToken=t%2F1",
    );
    let page = read(&list, "notification_tasks_list");
    assert_eq!(page.value[0].state().as_deref(), Some("Completed"));
    let one = GetNotification { workspace: workspace(), notification: "t 1".into() };
    assert_eq!(asked(&one), format!("GET notifications /notification/v1.0{WORKSPACE}/tasks/t%201"));
}

/// Something of the pipeline service, at both of its addresses.
fn check_pipelines<O: Operation>(operation: &O, method: &str, what: &str) {
    assert_eq!(asked(operation), format!("{method} pipelines /api/v1.0{WORKSPACE}/{what}"));
    assert_eq!(
        asked_otherwise(operation),
        format!("{method} shared-pipelines /pipelines/v1.0{WORKSPACE}/{what}")
    );
    assert!(operation.is_read());
}

#[test]
fn pipelines() {
    let run = GetPipelineRun::of(workspace(), "r/1".into());
    check_pipelines(&run, "GET", "Experiments/r%2F1");
    let read_run = read(&run, "pipeline_experiment_get");
    assert_eq!(read_run.value.status.status_code, PipelineState::Finished);
    assert_eq!(read_run.value.total_run_steps, Some(2));
    assert_eq!(read_run.value.run_history_experiment_name, Some("my-first-experiment".into()));
    assert_eq!(read_run.document["UploadState"], "Completed");

    let graph = GetPipelineGraph::of(workspace(), read_run.value.graph_id.expect("it has a graph"));
    check_pipelines(&graph, "GET", "Graphs/30000000-0000-0000-0000-000000000002");
    let read_graph = read(&graph, "pipeline_graph_get").value;
    let edge = &read_graph.edges[0];
    assert_eq!(edge.source_output_port.node_id.as_deref(), Some(read_graph.dataset_nodes[0].id.as_str()));
    assert_eq!(edge.destination_input_port.port_name.as_deref(), Some("input"));

    let id = read_graph.module_nodes[0].module_id.clone().expect("a step has a module");
    let module = GetPipelineModule::of(workspace(), id);
    check_pipelines(&module, "GET", "Modules/30000000-0000-0000-0000-000000000003");
    let read_module = read(&module, "pipeline_module_get").value;
    assert_eq!(read_module.name, "train.py");
    assert_eq!(read_module.structured_interface.inputs[0].data_type_ids_list, ["AnyFile", "AnyDirectory"]);

    let template = GetPipelineTemplate::of(workspace(), "t".into());
    check_pipelines(&template, "GET", "Templates/t");
    let read_template = read(&template, "pipeline_template_get").value;
    assert_eq!((read_template.name.as_str(), read_template.version.as_deref()), ("my template", Some("1.0")));
    assert_eq!(read_template.experiment_id, Some(read_run.value.id));

    let source = GetPipelineDataSource::of(workspace(), "d".into());
    check_pipelines(&source, "GET", "DataSources/d");
    assert_eq!(read(&source, "pipeline_datasource_get").value.data_type_id.as_deref(), Some("AnyFile"));

    let statuses = GetPipelineNodeStatuses::of(workspace(), "r".into());
    check_pipelines(&statuses, "POST", "Experiments/r/Graph/AllNodes/Status");
    let body = br#"{"a1":{"StatusCode":"Failed","StartTime":"2020-01-22T10:00:00.1Z","RunId":"s","HasWarnings":true},
        "b2":{"StatusCode":"Finished","ReuseInfo":{"RunId":"old","PipelineRunId":"p"}}}"#;
    let nodes = statuses.read(&Response::new(body.to_vec())).expect("it is a map of nodes");
    assert_eq!((&nodes["a1"].status_code, nodes["a1"].has_warnings), (&PipelineState::Failed, true));
    assert_eq!(nodes["b2"].reuse_info.as_ref().and_then(|reuse| reuse.run_id.clone()), Some("old".into()));
}

#[test]
fn computes() {
    let list = ListComputes { workspace: workspace(), next: None };
    check_list(
        &list,
        "GET management {WS}/computes?api-version=2021-03-01-preview",
        LINK,
        "GET management link https://host/next?a=b",
    );
    assert_eq!(read(&list, "arm_computes_list").value.len(), 2);
    let one = GetCompute { workspace: workspace(), compute: "cpu-compute".into() };
    assert_eq!(
        asked(&one),
        format!("GET management {WORKSPACE}/computes/cpu-compute?api-version=2021-03-01-preview")
    );
    let cluster = read(&one, "arm_compute_get_after_create");
    assert_eq!(cluster.properties.properties.scale_settings.map(|scale| scale.max_node_count), Some(8));
    assert_eq!(read(&one, "arm_compute_get_amlcompute").state_word(), "Resizing");
    assert_eq!(read(&one, "arm_compute_get_computeinstance").state_word(), "Running");
    assert_eq!(read(&one, "arm_compute_get_aks").properties.compute_type, "AKS");
    let cluster = read(&one, "arm_compute_get_amlcompute").properties.properties;
    assert_eq!(cluster.subnet(), Some("test-subnet-resource-id"));
    let instance = read(&one, "arm_compute_get_computeinstance").properties.properties;
    assert_eq!(instance.applications[0].display_name, "Jupyter");
}

#[test]
fn changes_of_computes() {
    let (workspace, compute) = (workspace(), ComputeName::from("c-1"));
    let path = format!("management {WORKSPACE}/computes/c-1");
    let version = "api-version=2021-03-01-preview";
    let scale = NewScale { min_node_count: 1, max_node_count: 4, ..NewScale::default() };
    let wanted =
        NewCluster { location: "centralus".to_owned(), scale: scale.clone(), ..NewCluster::default() };
    let make = CreateCompute { workspace: workspace.clone(), compute: compute.clone(), wanted };
    assert!(asked(&make).starts_with(&format!("PUT {path}?{version} {{")), "{}", asked(&make));
    let recorded: serde_json::Value =
        serde_json::from_slice(sample("arm_compute_create_201").body()).expect("the sample is JSON");
    let made = Response::new(recorded["body"].to_string().into_bytes());
    assert!(make.read(&made).expect("it is a compute").is_changing());

    let change = ScaleCompute { workspace: workspace.clone(), compute: compute.clone(), scale };
    let body = r#"{"properties":{"scaleSettings":{"maxNodeCount":4,"minNodeCount":1}}}"#;
    assert_eq!(asked(&change), format!("PATCH {path}?{version} {body}"));

    for (action, word) in [
        (InstanceAction::Start, "start"),
        (InstanceAction::Stop, "stop"),
        (InstanceAction::Restart, "restart"),
    ] {
        let act = ActOnInstance { workspace: workspace.clone(), compute: compute.clone(), action };
        assert_eq!(asked(&act), format!("POST {path}/{word}?{version}"));
        assert_eq!(act.read(&answered(202)), Ok(()));
        assert!(!act.is_read() && act.read(&answered(409)).is_err());
    }
    for (underlying, word) in [(UnderlyingResource::Delete, "Delete"), (UnderlyingResource::Detach, "Detach")]
    {
        let delete = DeleteCompute { workspace: workspace.clone(), compute: compute.clone(), underlying };
        assert_eq!(asked(&delete), format!("DELETE {path}?{version}&underlyingResourceAction={word}"));
        assert_eq!(delete.read(&answered(202)), Ok(()));
    }
}

#[test]
fn nodes_of_a_compute() {
    let list = ListComputeNodes { workspace: workspace(), compute: "cpu-compute".into(), next: None };
    assert_eq!(
        asked(&list),
        format!("POST management {WORKSPACE}/computes/cpu-compute/listNodes?api-version=2021-03-01-preview")
    );
    assert!(list.is_read());
    let nodes = read(&list, "arm_compute_listnodes");
    assert!(nodes.is_last());
    assert_eq!(nodes.value[0].run_id, Some("2f378a44-38f2-443a-9f0d-9909d0b47890".into()));
    assert_eq!((nodes.value[1].node_state.as_str(), nodes.value[1].port), ("idle", Some(50_001)));
    let page = Page { next_link: Some("https://host/next".to_owned()), ..nodes };
    let after = list.after(&page).expect("there is another page");
    assert_eq!(asked(&after), "GET management link https://host/next");
    assert!(list.read(&Response::new(b"{\"value\":[]}".to_vec())).is_err());
}

#[test]
fn quotas() {
    const REGION: &str =
        "/subscriptions/s%201/providers/Microsoft.MachineLearningServices/locations/westeurope";
    let usages = ListUsages { subscription: "s 1".into(), location: "westeurope".to_owned(), next: None };
    check_list(
        &usages,
        &format!("GET management {REGION}/usages?api-version=2021-03-01-preview"),
        LINK,
        "GET management link https://host/next?a=b",
    );
    let found = read(&usages, "arm_usages_list");
    assert_eq!(found.value[0].name.label(), "Clusters");
    assert_eq!((found.value[0].current_value, found.value[0].limit()), (7, Some(100)));
    assert!(found.value[3].workspace().is_none());
    assert_eq!(found.value[4].workspace().map(|id| id.name), Some("demo_workspace1".into()));

    let quotas = ListQuotas { subscription: "s 1".into(), location: "westeurope".to_owned(), next: None };
    check_list(
        &quotas,
        &format!("GET management {REGION}/quotas?api-version=2021-03-01-preview"),
        LINK,
        "GET management link https://host/next?a=b",
    );
    assert_eq!(read(&quotas, "arm_quotas_list").value[1].limit(), Some(12));
    let later = read(&quotas, "arm_quotas_list_2022");
    assert_eq!(later.value[0].name.label(), "Standard D Family Cluster Dedicated vCPUs");
    assert_eq!(later.value[1].workspace().map(|id| id.name), Some("my-workspace".into()));

    let sizes = ListVmSizes { subscription: "s 1".into(), location: "westeurope".to_owned() };
    assert_eq!(asked(&sizes), format!("GET management {REGION}/vmSizes?api-version=2021-03-01-preview"));
    let old = read(&sizes, "arm_vmsizes_list_2019-11-01");
    let new = read(&sizes, "arm_vmsizes_list_2021-03-01-preview");
    assert_eq!(old.named("standard_f4s_v2").map(|size| (size.processors, size.gpus)), Some((4, None)));
    assert_eq!(new.named("STANDARD_D2_V2").map(|size| (size.processors, size.gpus)), Some((2, Some(0))));
}

#[test]
fn metrics() {
    let list = ListMetrics::of(workspace(), "e".into(), "r_1".into());
    check_list(
        &list,
        r#"POST history /history/v1.0{WS}/experiments/e/metrics:query {"continuationToken":null,"filter":"RunId eq r_1"}"#,
        TOKEN,
        r#"POST history /history/v1.0{WS}/experiments/e/metrics:query {"continuationToken":"t/1","filter":"RunId eq r_1"}"#,
    );
    check_list(
        &list.otherwise().expect("there is an older form"),
        "GET history /history/v1.0{WS}/experiments/e/metrics?$filter=RunId%20eq%20r_1",
        TOKEN,
        "GET history /history/v1.0{WS}/experiments/e/metrics?$filter=RunId%20eq%20r_1&$continuationtoken=t%2F1",
    );
    assert_eq!(read(&list, "history_metrics_list").value.len(), 3);
    let one = GetMetric { workspace: workspace(), experiment: "e".into(), metric: "m 1".to_owned() };
    let expected = "GET history /history/v1.0{WS}/experiments/e/metrics/m%201".replace("{WS}", WORKSPACE);
    assert_eq!(asked(&one), expected);
    assert_eq!(read(&one, "history_metric_get").name, "accuracy");
}
