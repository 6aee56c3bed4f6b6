//! Changes of computes, workspaces and groups: what is answered at once, on the way, and in the end.

use http::{Method, Request};
use serde_json::{Value, json};

use crate::{ARM, Answer, Client, SUBSCRIPTION, WORKSPACE, assert_same_shape, sample};

const VERSION: &str = "api-version=2019-11-01";
const PREVIEW: &str = "api-version=2021-03-01-preview";
const BAKERY: &str = "/subscriptions/b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa/resourceGroups/bakery-rg";

fn send(client: &mut Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let mark = if path.contains('?') { '&' } else { '?' };
    let version = if path.contains("api-version") { String::new() } else { format!("{mark}{VERSION}") };
    client.ask(method, &format!("{ARM}{path}{version}"), body)
}

fn put(client: &mut Client, path: &str, body: &Value) -> Answer {
    send(client, Method::PUT, path, Some(body))
}

fn patch(client: &mut Client, path: &str, body: &Value) -> Answer {
    send(client, Method::PATCH, path, Some(body))
}

fn delete(client: &mut Client, path: &str) -> Answer {
    send(client, Method::DELETE, path, None)
}

fn post(client: &mut Client, path: &str) -> Answer {
    send(client, Method::POST, path, None)
}

fn compute(name: &str) -> String {
    format!("{WORKSPACE}/computes/{name}")
}

fn workspace(name: &str) -> String {
    format!("{BAKERY}/providers/Microsoft.MachineLearningServices/workspaces/{name}")
}

fn state(answer: &Answer) -> &str {
    answer.body["properties"]["provisioningState"].as_str().unwrap_or_default()
}

fn message(answer: &Answer) -> &str {
    answer.body["error"]["message"].as_str().unwrap_or_default()
}

fn wanted_workspace() -> Value {
    let mut body = sample("arm_workspace_create_request");
    body["location"] = "westeurope".into();
    body
}

#[test]
fn a_cluster_is_made_as_recorded() {
    let mut client = Client::bakery();
    let request = sample("arm_compute_create_request");
    let answer = put(&mut client, &compute("new-oven"), &request);
    let recorded = sample("arm_compute_create_201");
    assert_eq!((answer.status, state(&answer)), (201, "Creating"));
    let mut shape = answer.body.clone();
    // The recorded request gave none.
    shape["properties"]["properties"].as_object_mut().unwrap().remove("userAccountCredentials");
    assert_same_shape(&shape, &recorded["body"]);
    let inner = &answer.body["properties"]["properties"];
    assert_eq!((&inner["vmSize"], &inner["currentNodeCount"]), (&json!("STANDARD_D1"), &Value::Null));
    assert_eq!(answer.header("location"), "");
    let link = answer.header("azure-asyncoperation").to_owned();
    assert!(link.contains("/locations/westeurope/computeOperationsStatus/"), "{link}");
    assert!(link.ends_with("?api-version=2019-11-01&service=new"), "{link}");

    let status = client.get(&link);
    assert_eq!((status.status, status.body), (200, sample("arm_operation_status_inprogress")));
    assert_eq!(state(&client.arm(&compute("new-oven"))), "Creating");
    client.wait(20.0);
    let status = client.get(&link);
    assert_eq!((status.status, status.body), (200, sample("arm_operation_status_succeeded")));
    let mut made = client.arm(&compute("NEW-OVEN"));
    assert_eq!(made.body["name"], "new-oven");
    made.body["properties"]["properties"].as_object_mut().unwrap().remove("userAccountCredentials");
    assert_same_shape(&made.body, &sample("arm_compute_get_after_create"));
    assert_eq!(made.body["properties"]["provisioningErrors"], Value::Null);
}

#[test]
fn a_password_is_taken_and_never_told() {
    let mut client = Client::bakery();
    let answer = put(&mut client, &compute("new-oven"), &sample("arm_compute_create_request"));
    let mut told = answer.body.to_string();
    client.wait(30.0);
    told += &client.arm(&compute("new-oven")).body.to_string();
    assert!(told.contains("<admin-user>") && !told.contains("<admin-password>"), "{told}");
}

#[test]
fn one_change_is_seen_by_the_next_request_and_not_made_twice_at_once() {
    let mut client = Client::bakery();
    let request = sample("arm_compute_create_request");
    assert_eq!(put(&mut client, &compute("new-oven"), &request).status, 201);
    for answer in [
        put(&mut client, &compute("new-oven"), &request),
        patch(
            &mut client,
            &compute("New-Oven"),
            &json!({ "properties": { "scaleSettings": { "maxNodeCount": 2 } } }),
        ),
        delete(&mut client, &format!("{}?underlyingResourceAction=Delete", compute("new-oven"))),
    ] {
        assert_eq!(
            (answer.status, &answer.body["error"]["code"]),
            (409, &json!("AnotherOperationInProgress"))
        );
    }
    client.wait(20.0);
    let again = put(&mut client, &compute("new-oven"), &request);
    assert_eq!((again.status, state(&again)), (201, "Creating"));
    let count = client.arm(&format!("{WORKSPACE}/computes")).column("name").len();
    assert_eq!(count, 9);
}

#[test]
fn a_cluster_that_is_too_large_fails_with_the_reason() {
    let mut client = Client::bakery();
    let mut request = sample("arm_compute_create_request");
    request["properties"]["properties"]["scaleSettings"]["maxNodeCount"] = 100.into();
    let link = put(&mut client, &compute("new-oven"), &request).header("azure-asyncoperation").to_owned();
    client.wait(20.0);
    let status = client.get(&link).body;
    assert_eq!(
        (&status["status"], &status["error"]["code"]),
        (&json!("Failed"), &json!("ClusterCoreQuotaReached"))
    );
    let made = client.arm(&compute("new-oven"));
    assert_eq!(state(&made), "Failed");
    assert_eq!(made.body["properties"]["provisioningErrors"][0]["error"], status["error"]);
}

#[test]
fn a_body_that_makes_no_compute_is_refused() {
    let mut client = Client::bakery();
    let good = sample("arm_compute_create_request");
    let mut with = |name: &str, pointer: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let answer = put(&mut client, &compute(name), &body);
        assert_eq!(
            (answer.status, &answer.body["error"]["code"]),
            (400, &json!("UserError")),
            "{name} {pointer}"
        );
        message(&answer).to_owned()
    };
    assert!(with("9oven", "/location", json!("")).contains("'9oven' is not valid"));
    assert!(with("o", "/location", json!("")).contains("'o' is not valid"));
    assert!(with("oven-", "/location", json!("")).contains("'oven-' is not valid"));
    let inner = "/properties/properties";
    assert!(with("oven", "/properties/computeType", json!("")).contains("'computeType'"));
    assert!(with("oven", "/properties/computeType", json!("Toaster")).contains("'Toaster'"));
    assert!(with("oven", &format!("{inner}/vmSize"), Value::Null).contains("'vmSize'"));
    let scale = format!("{inner}/scaleSettings");
    assert!(with("oven", &format!("{scale}/maxNodeCount"), Value::Null).contains("'maxNodeCount'"));
    assert!(with("oven", &format!("{scale}/minNodeCount"), json!(7)).contains("larger"));
    assert!(with("oven", &format!("{scale}/minNodeCount"), json!(-1)).contains("'minNodeCount'"));
    assert!(with("oven", &format!("{scale}/nodeIdleTimeBeforeScaleDown"), json!(120)).contains("duration"));
    // What is there keeps its kind and size.
    assert!(with("cpu-compute", "/location", json!("")).contains("'vmSize' cannot be changed"));
    assert!(with("mayas-computer", "/location", json!("")).contains("another type"));
}

#[test]
fn a_change_needs_json_and_says_so() {
    let mut client = Client::bakery();
    let token = client.token.clone().unwrap();
    let mut with = |content_type: Option<&str>, body: &str| {
        let mut request = Request::put(format!("{ARM}{}?{VERSION}", compute("oven")))
            .header("Authorization", format!("Bearer {token}"));
        if let Some(content_type) = content_type {
            request = request.header("Content-Type", content_type);
        }
        let answer = client.send(request.body(body.as_bytes().to_vec()).unwrap());
        (answer.status, answer.body["error"]["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(with(None, "{}"), (415, "UnsupportedMediaType".to_owned()));
    assert_eq!(with(Some("text/plain"), "{}"), (415, "UnsupportedMediaType".to_owned()));
    assert_eq!(with(Some("application/json"), "{"), (400, "InvalidRequestContent".to_owned()));
    assert_eq!(
        with(Some("application/json; charset=utf-8"), "[]"),
        (400, "InvalidRequestContent".to_owned())
    );
}

#[test]
fn a_cluster_is_scaled_at_either_depth() {
    let mut client = Client::bakery();
    let old = json!({ "properties": { "scaleSettings": { "maxNodeCount": 4, "minNodeCount": 3 } } });
    let answer = patch(&mut client, &compute("cpu-compute"), &old);
    assert_eq!((answer.status, state(&answer)), (200, "Updating"));
    assert!(answer.header("azure-asyncoperation").contains("/computeOperationsStatus/"));
    client.wait(10.0);
    let scaled = client.arm(&compute("cpu-compute"));
    let inner = &scaled.body["properties"]["properties"];
    assert_eq!(state(&scaled), "Succeeded");
    assert_eq!((&inner["scaleSettings"]["maxNodeCount"], &inner["currentNodeCount"]), (&json!(4), &json!(3)));

    let new = json!({ "properties": { "properties": { "scaleSettings": { "maxNodeCount": 2, "minNodeCount": 0 } } } });
    let answer = patch(&mut client, &format!("{}?api-version=2022-05-01", compute("cpu-compute")), &new);
    assert_eq!((answer.status, state(&answer)), (202, "Updating"));
    client.wait(10.0);
    let inner = client.arm(&compute("cpu-compute")).body["properties"]["properties"].take();
    assert_eq!((&inner["scaleSettings"]["maxNodeCount"], &inner["currentNodeCount"]), (&json!(2), &json!(2)));
    assert!(inner["scaleSettings"]["nodeIdleTimeBeforeScaleDown"].is_string(), "what is not sent stays");

    assert_eq!(patch(&mut client, &compute("mayas-computer"), &new).status, 400);
    assert_eq!(patch(&mut client, &compute("cpu-compute"), &json!({ "properties": {} })).status, 400);
    assert_eq!(patch(&mut client, &compute("no-such"), &new).status, 404);
}

#[test]
fn a_deleted_compute_is_gone_in_the_end() {
    let mut client = Client::bakery();
    let path = compute("gpu-cluster");
    for (query, words) in [
        ("", "is required"),
        ("?underlyingResourceAction=Forget", "'Forget'"),
        ("?underlyingResourceAction=Detach", "can only be deleted"),
    ] {
        let answer = delete(&mut client, &format!("{path}{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains(words), "{}", message(&answer));
    }
    let answer = delete(&mut client, &format!("{path}?underlyingResourceAction=delete"));
    assert_eq!((answer.status, answer.response.body().len()), (202, 0));
    let link = answer.header("azure-asyncoperation").to_owned();
    assert_eq!(state(&client.arm(&path)), "Deleting");
    client.wait(15.0);
    assert_eq!(client.get(&link).body["status"], "Succeeded");
    assert_eq!(client.arm(&path).status, 404);
    assert!(!client.arm(&format!("{WORKSPACE}/computes")).column("name").contains(&"gpu-cluster"));
    assert_eq!(delete(&mut client, &format!("{path}?underlyingResourceAction=Delete")).status, 404);
}

#[test]
fn an_instance_is_started_stopped_and_restarted() {
    let mut client = Client::bakery();
    let path = compute("mayas-computer");
    let act = |client: &mut Client, action: &str| post(client, &format!("{path}/{action}?{PREVIEW}"));
    let now = |client: &mut Client| {
        client.arm(&path).body["properties"]["properties"]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(act(&mut client, "stop").status, 409);
    let start = act(&mut client, "start");
    assert_eq!((start.status, start.response.body().len()), (202, 0));
    assert_eq!(now(&mut client), "Starting");
    assert_eq!(act(&mut client, "start").status, 409);
    client.wait(20.0);
    assert_eq!(client.get(start.header("azure-asyncoperation")).body["status"], "Succeeded");
    assert_eq!(now(&mut client), "Running");
    let restart = act(&mut client, "restart");
    assert_eq!((restart.status, restart.header("azure-asyncoperation")), (200, ""));
    assert_eq!(now(&mut client), "Restarting");
    client.wait(20.0);
    assert_eq!(now(&mut client), "Running");
    assert_eq!(act(&mut client, "stop").status, 202);
    assert_eq!(now(&mut client), "Stopping");
    client.wait(20.0);
    assert_eq!(now(&mut client), "Stopped");
    let last = client.arm(&path).body["properties"]["properties"]["lastOperation"].take();
    assert_eq!((&last["operationName"], &last["operationStatus"]), (&json!("Stop"), &json!("Succeeded")));
    // Versions before have no operation to ask about.
    let start = post(&mut client, &format!("{path}/start?api-version=2020-08-01"));
    assert_eq!((start.status, start.header("azure-asyncoperation")), (200, ""));
    assert_eq!(post(&mut client, &format!("{}/start?{PREVIEW}", compute("cpu-compute"))).status, 400);
}

#[test]
fn an_instance_is_made_for_its_maker() {
    let mut client = Client::bakery();
    let body = json!({ "location": "westeurope", "properties": {
        "computeType": "ComputeInstance", "properties": { "vmSize": "Standard_DS3_v2" },
    } });
    let answer = put(&mut client, &format!("{}?{PREVIEW}", compute("my-computer")), &body);
    let inner = &answer.body["properties"]["properties"];
    assert_eq!((answer.status, &inner["state"]), (201, &json!("Creating")));
    assert_eq!(inner["createdBy"]["userName"], "azimuth");
    client.wait(20.0);
    let made = client.arm(&compute("my-computer")).body["properties"].take();
    assert_eq!(
        (&made["provisioningState"], &made["properties"]["state"]),
        (&json!("Succeeded"), &json!("Running"))
    );
    let address = &made["properties"]["applications"][0]["endpointUri"];
    assert_eq!(address, "https://my-computer.westeurope.azureml.net/jupyter");
}

#[test]
fn what_stands_elsewhere_can_be_attached_and_left_alone() {
    let mut client = Client::bakery();
    let resource = format!("{BAKERY}/providers/Microsoft.ContainerService/managedClusters/shops");
    let body = json!({ "properties": {
        "computeType": "AKS",
        "resourceId": resource,
        "properties": { "agentCount": 3, "sslConfiguration": { "key": "secret-words" } },
    } });
    let answer = put(&mut client, &compute("shops"), &body);
    assert_eq!((answer.status, &answer.body["properties"]["isAttachedCompute"]), (201, &json!(true)));
    assert!(!answer.body.to_string().contains("secret-words"));
    client.wait(20.0);
    assert_eq!(state(&client.arm(&compute("shops"))), "Succeeded");
    assert!(post(&mut client, &format!("{}/listKeys", compute("shops"))).body["adminKubeConfig"].is_string());
    assert_eq!(
        delete(&mut client, &format!("{}?underlyingResourceAction=Detach", compute("shops"))).status,
        202
    );
    let body = json!({ "properties": { "computeType": "HDInsight" } });
    assert!(message(&put(&mut client, &compute("sparks"), &body)).contains("'resourceId'"));
}

#[test]
fn a_workspace_is_made_and_both_links_tell_of_it() {
    let mut client = Client::bakery();
    let path = workspace("second-oven");
    let answer = put(&mut client, &path, &wanted_workspace());
    assert_eq!((answer.status, answer.response.body().len()), (202, 0));
    let (link, location) =
        (answer.header("azure-asyncoperation").to_owned(), answer.header("location").to_owned());
    assert!(link.ends_with("?api-version=2019-11-01&type=async"), "{link}");
    assert!(
        location.contains("/workspaceOperationsStatus/") && location.ends_with("&type=location"),
        "{location}"
    );
    assert_eq!(client.get(&link).body, sample("arm_operation_status_inprogress"));
    let waiting = client.get(&location);
    assert_eq!((waiting.status, waiting.header("location")), (202, location.as_str()));
    assert_eq!(state(&client.arm(&path)), "Creating");
    client.wait(20.0);
    assert_eq!(client.get(&link).body, sample("arm_operation_status_succeeded"));
    let made = client.get(&location);
    assert_eq!((made.status, state(&made)), (200, "Succeeded"));
    assert_eq!(made.body, client.arm(&path).body);
    assert_eq!(made.body["properties"]["friendlyName"], "My workspace");
    assert_eq!(made.body["properties"]["keyVault"], wanted_workspace()["properties"]["keyVault"]);
    // It works: it has datastores and takes experiments.
    let history = format!("https://westeurope.api.azureml.ms/history/v1.0{path}/experiments");
    assert_eq!(client.get(&history).body["value"], json!([]));
    let datastores =
        client.get(&format!("https://westeurope.api.azureml.ms/datastore/v1.0{path}/datastores"));
    assert!(datastores.column("name").contains(&"workspaceblobstore"));
    assert!(!datastores.body.to_string().contains("DeepLearning"), "{}", datastores.body);
}

#[test]
fn a_workspace_that_cannot_be_made_says_why_at_both_links() {
    let mut client = Client::bakery();
    let mut body = wanted_workspace();
    let registry = body["properties"]["containerRegistry"].as_str().unwrap().replace("myregistry", "noadmin");
    body["properties"]["containerRegistry"] = registry.into();
    let answer = put(&mut client, &workspace("second-oven"), &body);
    client.wait(20.0);
    let status = client.get(answer.header("azure-asyncoperation"));
    assert_eq!((status.status, &status.body["status"]), (200, &json!("Failed")));
    let reason = "The container registry 'noadmin' must have the admin user enabled.";
    assert_eq!(message(&status), reason);
    let location = client.get(answer.header("location"));
    assert_eq!((location.status, message(&location)), (400, reason));
    assert_eq!(state(&client.arm(&workspace("second-oven"))), "Failed");
}

#[test]
fn a_body_that_makes_no_workspace_is_refused() {
    let mut client = Client::bakery();
    let mut with = |name: &str, pointer: &str, value: Value| {
        let mut body = wanted_workspace();
        *body.pointer_mut(pointer).unwrap() = value;
        let answer = put(&mut client, &workspace(name), &body);
        assert_eq!(answer.status, 400, "{name} {pointer}");
        (answer.body["error"]["code"].as_str().unwrap().to_owned(), message(&answer).to_owned())
    };
    assert_eq!(with("oven", "/location", Value::Null).0, "LocationRequired");
    assert_eq!(with("oven", "/location", json!("atlantis")).0, "LocationNotAvailableForResourceType");
    assert!(with("o", "/identity", Value::Null).1.contains("'o' is not valid"));
    let missing = with("oven", "/properties/keyVault", json!("")).1;
    assert_eq!(missing, "Missing dependent resources in workspace json: keyVault");
    assert!(with("forecasting", "/location", json!("eastus")).1.contains("'location'"));
    assert!(with("forecasting", "/properties/keyVault", json!("/other")).1.contains("cannot be changed"));
}

#[test]
fn a_workspace_is_described_at_once() {
    let mut client = Client::bakery();
    let body =
        json!({ "tags": { "team": "ovens" }, "properties": { "friendlyName": "Ovens", "keyVault": "/x" } });
    let answer = patch(&mut client, WORKSPACE, &body);
    assert_eq!((answer.status, &answer.body), (200, &client.arm(WORKSPACE).body));
    assert_eq!(answer.body["tags"], json!({ "team": "ovens" }));
    assert_eq!(answer.body["properties"]["friendlyName"], "Ovens");
    assert_eq!(answer.body["properties"]["description"], "How many loaves to bake tomorrow");
    assert_ne!(answer.body["properties"]["keyVault"], "/x");
}

#[test]
fn a_deleted_workspace_takes_no_change_and_is_gone_in_the_end() {
    let mut client = Client::bakery();
    let answer = delete(&mut client, WORKSPACE);
    assert_eq!(answer.status, 202);
    assert_eq!(state(&client.arm(WORKSPACE)), "Deleting");
    let compute = put(&mut client, &compute("oven"), &sample("arm_compute_create_request"));
    assert_eq!((compute.status, &compute.body["error"]["code"]), (409, &json!("AnotherOperationInProgress")));
    assert_eq!(patch(&mut client, WORKSPACE, &json!({ "tags": {} })).status, 409);
    client.wait(15.0);
    assert_eq!(client.get(answer.header("azure-asyncoperation")).body["status"], "Succeeded");
    assert_eq!(client.get(answer.header("location")).status, 204);
    assert_eq!(client.arm(WORKSPACE).status, 404);
    assert_eq!(client.history("/experiments").status, 404);
    assert_eq!(delete(&mut client, WORKSPACE).status, 204);
}

#[test]
fn keys_are_told_and_made_anew() {
    let mut client = Client::bakery();
    let keys = post(&mut client, &format!("{WORKSPACE}/listKeys"));
    assert_eq!(keys.status, 200);
    assert_same_shape(&keys.body, &sample("arm_workspace_listkeys"));
    assert!(keys.body["userStorageResourceId"].as_str().unwrap().ends_with("/bakeryforecasting"));
    let newer = post(&mut client, &format!("{WORKSPACE}/listKeys?api-version=2022-05-01")).body;
    assert!(newer["userStorageArmId"].is_string() && newer["notebookAccessKeys"].is_object());
    let old = post(&mut client, &format!("{WORKSPACE}/resyncKeys"));
    assert_eq!((old.status, old.header("location")), (200, ""));
    // That was all: nothing is under way.
    let new = post(&mut client, &format!("{WORKSPACE}/resyncKeys?{PREVIEW}"));
    assert_eq!(new.status, 202);
    client.wait(10.0);
    assert_eq!(client.get(new.header("location")).status, 204);
    assert_eq!(post(&mut client, &format!("{}/listKeys", workspace("no-such"))).status, 404);
    assert_eq!(client.arm(&format!("{WORKSPACE}/listKeys")).status, 405);
}

#[test]
fn a_subscription_that_does_not_use_the_provider_makes_no_workspace() {
    let mut client = Client::bakery();
    let provider = format!("{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices");
    let version = "api-version=2021-04-01";
    post(&mut client, &format!("{provider}/unregister?{version}"));
    let answer = put(&mut client, &workspace("second-oven"), &wanted_workspace());
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (409, &json!("MissingSubscriptionRegistration"))
    );
    assert!(message(&answer).contains("'Microsoft.MachineLearningServices'"));
    post(&mut client, &format!("{provider}/register?{version}"));
    assert_eq!(put(&mut client, &workspace("second-oven"), &wanted_workspace()).status, 409);
    client.wait(10.0);
    assert_eq!(put(&mut client, &workspace("second-oven"), &wanted_workspace()).status, 202);
}

#[test]
fn a_group_is_made_tagged_and_deleted_with_what_is_in_it() {
    let mut client = Client::bakery();
    let path = format!("{SUBSCRIPTION}/resourcegroups/new-rg");
    assert_eq!(put(&mut client, &path, &json!({})).body["error"]["code"], "LocationRequired");
    let made = put(&mut client, &path, &json!({ "location": "West Europe" }));
    assert_eq!((made.status, &made.body["location"]), (201, &json!("westeurope")));
    let expected = sample("arm_resourcegroup_create_201");
    assert_eq!(made.body["properties"], expected["properties"]);
    let tagged = put(&mut client, &path, &json!({ "location": "westeurope", "tags": { "a": "b" } }));
    assert_eq!((tagged.status, &tagged.body["tags"]), (200, &json!({ "a": "b" })));
    let tagged = patch(&mut client, &path, &json!({ "tags": { "c": "d" } }));
    assert_eq!((tagged.status, &tagged.body["tags"]), (200, &json!({ "c": "d" })));
    let moved = put(&mut client, &path, &json!({ "location": "eastus" }));
    assert_eq!((moved.status, &moved.body["error"]["code"]), (409, &json!("InvalidResourceGroupLocation")));

    let inside = workspace("second-oven").replace("bakery-rg", "new-rg");
    assert_eq!(put(&mut client, &inside, &wanted_workspace()).status, 202);
    client.wait(30.0);
    let answer = delete(&mut client, &path);
    assert_eq!(answer.status, 202);
    assert_eq!(state(&client.arm(&path)), "Deleting");
    let late = put(&mut client, &workspace("third").replace("bakery-rg", "new-rg"), &wanted_workspace());
    assert_eq!((late.status, &late.body["error"]["code"]), (409, &json!("ResourceGroupBeingDeleted")));
    let link = answer.header("location").to_owned();
    assert_eq!(client.get(&link).status, 202);
    client.wait(20.0);
    assert_eq!(client.get(&link).status, 200);
    assert_eq!((client.arm(&path).status, client.arm(&inside).status), (404, 404));
    let all = client.arm(&format!("{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/workspaces"));
    assert_eq!(all.column("name"), ["forecasting", "playground"]);
    assert_eq!(delete(&mut client, &path).status, 404);
    let bad =
        put(&mut client, &format!("{SUBSCRIPTION}/resourcegroups/a!b."), &json!({ "location": "eastus" }));
    assert_eq!((bad.status, &bad.body["error"]["code"]), (400, &json!("InvalidResourceGroup")));
}

#[test]
fn an_operation_that_nobody_began_is_not_there() {
    let mut client = Client::bakery();
    let place = format!("{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/westeurope");
    assert_eq!(client.arm(&format!("{place}/computeOperationsStatus/x")).status, 404);
    assert_eq!(client.arm(&format!("{SUBSCRIPTION}/operationresults/x")).status, 404);
}

#[test]
fn the_cluster_that_is_being_made_is_there_after_some_minutes() {
    let mut client = Client::bakery();
    let path = compute("new-cluster");
    assert_eq!(delete(&mut client, &format!("{path}?underlyingResourceAction=Delete")).status, 409);
    client.wait(180.0);
    let made = client.arm(&path);
    assert_eq!(state(&made), "Succeeded");
    assert_same_shape(&made.body, &sample("arm_compute_get_after_create"));
}

#[test]
fn the_name_of_a_deleted_workspace_is_kept_unless_it_never_came_to_be() {
    let mut client = Client::bakery();
    let path = workspace("second-oven");
    let mut without_admin = wanted_workspace();
    without_admin["properties"]["containerRegistry"] =
        format!("{BAKERY}/providers/Microsoft.ContainerRegistry/registries/noadminregistry").into();
    put(&mut client, &path, &without_admin);
    client.wait(20.0);
    assert_eq!(state(&client.arm(&path)), "Failed");
    assert_eq!(delete(&mut client, &path).status, 202);
    client.wait(15.0);
    assert_eq!(put(&mut client, &path, &wanted_workspace()).status, 202);
    client.wait(20.0);
    assert_eq!(delete(&mut client, &path).status, 202);
    client.wait(15.0);
    let again = put(&mut client, &workspace("Second-Oven"), &wanted_workspace());
    assert_eq!((again.status, &again.body["error"]["code"]), (400, &json!("BadRequest")));
    assert!(message(&again).ends_with("https://aka.ms/wsoftdelete"), "{}", message(&again));
}

#[test]
fn keys_that_are_read_anew_show_in_the_workspace_until_they_are() {
    let mut client = Client::bakery();
    let answer = post(&mut client, &format!("{WORKSPACE}/resyncKeys?{PREVIEW}"));
    assert_eq!((answer.status, state(&client.arm(WORKSPACE))), (202, "Updating"));
    client.wait(10.0);
    assert_eq!(client.get(answer.header("azure-asyncoperation")).body["status"], "Succeeded");
    assert_eq!(state(&client.arm(WORKSPACE)), "Succeeded");
}

#[test]
fn a_group_can_be_where_no_workspace_can() {
    let mut client = Client::bakery();
    let path = format!("{SUBSCRIPTION}/resourcegroups/south-rg");
    assert_eq!(put(&mut client, &path, &json!({ "location": "francesouth" })).status, 201);
    let mut body = wanted_workspace();
    body["location"] = "francesouth".into();
    let answer = put(&mut client, &workspace("oven").replace("bakery-rg", "south-rg"), &body);
    assert_eq!(
        (answer.status, &answer.body["error"]["code"]),
        (400, &json!("LocationNotAvailableForResourceType"))
    );
    let places = client.arm(&format!("{SUBSCRIPTION}/locations"));
    assert_eq!(places.column("name").len(), 5);
    let provider = client.arm(&format!("{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices"));
    assert_eq!(provider.body["resourceTypes"][0]["locations"].as_array().unwrap().len(), 4);
}

#[test]
fn what_workspaces_are_made_of_is_in_their_group_and_stays() {
    let mut client = Client::bakery();
    let path = format!("{BAKERY}/resources");
    let all = client.arm(&path);
    assert!(all.column("type").contains(&"Microsoft.MachineLearningServices/workspaces"));
    assert!(all.column("type").contains(&"Microsoft.Compute/virtualMachines"));
    let kinds = |client: &mut Client, filter: &str| {
        let answer = client.arm(&format!("{path}?$filter={}", filter.replace(' ', "%20")));
        answer.column("name").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let storage = "resourceType eq 'microsoft.storage/storageAccounts'";
    assert_eq!(kinds(&mut client, storage), ["bakeryspare", "bakeryforecasting"]);
    let both = format!("{storage} or resourceType eq 'Microsoft.ContainerRegistry/registries'");
    assert_eq!(
        kinds(&mut client, &both),
        ["bakeryspare", "noadminregistry", "bakeryforecasting", "bakeryforecasting"]
    );
    let bad = client.arm(&format!("{path}?$filter=color%20eq%20'red'"));
    assert_eq!((bad.status, &bad.body["error"]["code"]), (400, &json!("InvalidFilterInQueryString")));
    delete(&mut client, WORKSPACE);
    client.wait(15.0);
    assert_eq!(kinds(&mut client, storage).len(), 2);
    assert_eq!(client.arm(&format!("{SUBSCRIPTION}/resourceGroups/no-such/resources")).status, 404);
}
