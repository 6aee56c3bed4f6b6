//! The articles' world answers with the articles' own documents.

use azimuth_simulator::{Options, World};
use serde_json::{Value, json};

use crate::submission::{definition, form, zip};
use crate::{ARM, Client, sample};

const GROUP: &str =
    "/subscriptions/12345abc-abbc-1b2b-1234-57ab575a5a5a/resourceGroups/DeepLearningResourceGroup";
const HOST: &str = "https://centralus.experiments.azureml.net";

fn workspace() -> String {
    format!("{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/my-workspace")
}

fn client() -> Client {
    Client::with(Options::new(World::Article))
}

fn history(client: &mut Client, path: &str) -> Value {
    client.get(&format!("{HOST}/history/v1.0{}{path}", workspace())).body
}

#[test]
fn the_articles_way_down() {
    let mut client = client();
    let groups = client.arm("/subscriptions/12345abc-abbc-1b2b-1234-57ab575a5a5a/resourceGroups").body;
    let expected = sample("arm_resourcegroups_list");
    assert_eq!(groups["value"].as_array().unwrap()[..2], expected["value"].as_array().unwrap()[..]);
    assert_eq!(groups["value"][2]["name"], "DeepLearningResourceGroup");
    let list = format!(
        "{ARM}{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/?api-version=2019-11-01"
    );
    assert_eq!(client.get(&list).body, sample("arm_workspaces_list"));
    assert_eq!(client.arm(&workspace()).body, sample("arm_workspace_get"));
    assert_eq!(client.get(&format!("{HOST}/discovery")).body, sample("discovery"));
    let compute = client.arm(&format!("{}/computes/cpu-compute", workspace())).body;
    assert_eq!(compute, sample("arm_compute_get_after_create"));
}

#[test]
fn history_answers_with_the_samples() {
    let mut client = client();
    assert_eq!(history(&mut client, "/experiments"), sample("history_experiments_list"));
    let experiment = "/experiments/my-first-experiment";
    assert_eq!(history(&mut client, experiment), sample("history_experiment_get"));
    for (run, name) in [
        ("1579642222877", "history_run_get_completed"),
        ("1579642300000", "history_run_get_running"),
        ("1579642500000", "history_run_get_failed"),
    ] {
        assert_eq!(
            history(&mut client, &format!("{experiment}/runs/my-first-experiment_{run}")),
            sample(name)
        );
    }
    let roots = history(&mut client, &format!("{experiment}/runs?$filter=ParentRunId%20eq%20null"));
    assert_eq!(roots, sample("history_runs_list"));
    let parent = format!("{experiment}/runs/my-first-experiment_1579642222877");
    assert_eq!(history(&mut client, &format!("{parent}/children")), sample("history_run_children_list"));
    assert_eq!(history(&mut client, &format!("{experiment}/metrics")), sample("history_metrics_list"));
    let details = history(&mut client, &format!("{parent}/details"));
    assert_eq!(details["runDefinition"], sample("history_run_details")["runDefinition"]);
    let archived = client.get(&format!("{HOST}/history/v1.0{}/experiments", workspace()));
    assert_eq!(archived.column("name"), ["my-first-experiment", "second-experiment"]);
}

#[test]
fn models_answer_under_both_prefixes() {
    let mut client = client();
    for base in [
        "https://centralus.api.azureml.ms/modelmanagement/v1.0",
        "https://centralus.modelmanagement.azureml.net/modelmanagement/v1.0",
        "https://centralus.modelmanagement.azureml.net/api",
    ] {
        let models = client.get(&format!("{base}{}/models?api-version=2019-11-01", workspace())).body;
        assert_eq!(models, sample("models_list"), "{base}");
        let model = client.get(&format!("{base}{}/models/my-model%3A1", workspace())).body;
        assert_eq!(model, sample("model_get"));
        let first = client.get(&format!("{base}{}/models?api-version=2019-11-01&count=1", workspace()));
        assert_eq!(first.column("id"), ["my-model:1"]);
        let rest = client.get(first.body["nextLink"].as_str().unwrap()).body;
        assert_eq!(rest["value"][0]["id"], "my-model:2");
        assert_eq!(rest.get("nextLink"), None);
        for (path, name) in
            [("services", "services_list"), ("images", "images_list"), ("assets", "assets_list")]
        {
            assert_eq!(client.get(&format!("{base}{}/{path}", workspace())).body, sample(name));
        }
        let service = client.get(&format!("{base}{}/services/my-aci?expand=true", workspace())).body;
        assert_eq!(service, sample("service_get_aci"));
    }
}

#[test]
fn datastores_and_tasks_answer_with_the_samples() {
    let mut client = client();
    let datastores = client.get(&format!("{HOST}/datastore/v1.0{}/datastores", workspace())).body;
    assert_eq!(datastores, sample("datastores_list"));
    let bare =
        client.get(&format!("{HOST}/datastore/v1.0{}/datastores?includeSecret=false", workspace())).body;
    assert_eq!(bare["value"][0]["azureStorageSection"]["accountKey"], json!(null));
    assert!(!bare.to_string().contains("<account-key>"));
    let default = client.get(&format!("{HOST}/datastore/v1.0{}/default", workspace())).body;
    assert_eq!(default, sample("datastore_get"));
    let tasks = client.get(&format!("{HOST}/notification/v1.0{}/tasks", workspace())).body;
    assert_eq!(tasks, sample("notification_tasks_list"));
}

#[test]
fn pipelines_answer_with_the_samples() {
    let mut client = client();
    for (path, name) in [
        ("Experiments/30000000-0000-0000-0000-000000000001", "pipeline_experiment_get"),
        ("Graphs/30000000-0000-0000-0000-000000000002", "pipeline_graph_get"),
        ("Modules/30000000-0000-0000-0000-000000000003", "pipeline_module_get"),
        ("Templates/30000000-0000-0000-0000-000000000004", "pipeline_template_get"),
        ("DataSources/30000000-0000-0000-0000-000000000005", "pipeline_datasource_get"),
    ] {
        let answer = client.get(&format!("https://centralus.aether.ms/api/v1.0{}/{path}", workspace()));
        assert_eq!(answer.body, sample(name), "{path}");
    }
}

#[test]
fn the_article_s_run_takes_some_minutes() {
    let mut client = client();
    let address = format!("{HOST}/execution/v1.0{}/experiments/my-first-experiment/startrun", workspace());
    let definition = definition("cpu-compute").to_string();
    let body = form(&[("projectZipFile", &zip(&["hello.py"])), ("runDefinitionFile", definition.as_bytes())]);
    let token = client.token.clone().unwrap();
    let request = http::Request::post(address)
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "multipart/form-data; boundary=line");
    let answer = client.send(request.body(body).unwrap());
    let id = answer.body["runId"].as_str().unwrap().to_owned();
    let status = |client: &mut Client| history(client, &format!("/runs/{id}"))["status"].clone();
    client.wait(60.0);
    assert_eq!(status(&mut client), "Preparing");
    client.wait(120.0);
    assert_eq!(status(&mut client), "Running");
    client.wait(130.0);
    assert_eq!(status(&mut client), "Completed");
}

#[test]
fn a_token_of_another_world_is_foreign() {
    let mut client = client();
    client.token = Client::bakery().token;
    let answer = client.arm("/subscriptions");
    assert_eq!(answer.body["error"]["code"], "InvalidAuthenticationTokenTenant");
}
