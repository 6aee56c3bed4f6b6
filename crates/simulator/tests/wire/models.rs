//! Model management: models, images, services; and datastores and notifications, which are read like them.

use http::{Method, Request};
use serde_json::{Value, json};

use crate::{Answer, Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

#[test]
fn a_model_that_is_not_there_is_told_in_the_flat_shape() {
    let mut client = Client::bakery();
    let answer = client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/models/no-such%3A1"));
    assert_eq!((answer.status, &answer.body["message"]), (404, &sample("model_get_404")["message"]));
    assert_same_shape(&answer.body, &sample("model_get_404"));
    client.token = None;
    let answer = client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/models"));
    assert_eq!((answer.status, &answer.body["statusCode"]), (401, &json!(401)));
}

fn models(client: &mut Client, query: &str) -> Vec<String> {
    let answer = client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/models{query}"));
    answer.column("id").into_iter().map(str::to_owned).collect()
}

#[test]
fn models_are_filtered_and_ordered() {
    let mut client = Client::bakery();
    assert_eq!(models(&mut client, "").len(), 8);
    let versions =
        ["loaves-forecaster:4", "loaves-forecaster:3", "loaves-forecaster:2", "loaves-forecaster:1"];
    assert_eq!(models(&mut client, "?name=loaves-forecaster"), versions);
    assert_eq!(models(&mut client, "?name=loaves-forecaster&orderBy=CreatedAtAsc")[0], "loaves-forecaster:1");
    assert_eq!(models(&mut client, "?runId=soft_butter_2"), ["croissant-waste:2"]);
    assert_eq!(models(&mut client, "?tags=in-use"), ["loaves-forecaster:4"]);
    assert_eq!(models(&mut client, "?tags=in-use%3Dyes"), ["loaves-forecaster:4"]);
    assert!(models(&mut client, "?tags=in-use%3Dno").is_empty());
    let answer = client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/models?orderBy=Sideways"));
    assert_eq!(answer.status, 400);
}

#[test]
fn a_service_has_the_sample_s_shape_and_keys() {
    let mut client = Client::bakery();
    let base = format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/services");
    let service = client.get(&format!("{base}/loaves-tomorrow")).body;
    assert_same_shape(&service, &sample("service_get_aci"));
    let keys = client.ask(Method::POST, &format!("{base}/loaves-tomorrow/listkeys"), None);
    assert_eq!((keys.status, keys.body), (200, sample("service_listkeys")));
}

fn get(client: &mut Client, path: &str) -> Answer {
    client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}{path}"))
}

fn post(client: &mut Client, path: &str) -> Answer {
    client.ask(Method::POST, &format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}{path}"), None)
}

#[test]
fn services_are_in_every_state_and_the_last_changed_comes_first() {
    let mut client = Client::bakery();
    let list = get(&mut client, "/services");
    let names = ["croissant-advice", "loaves-tomorrow", "bread-eye", "weather-live", "old-forecast"];
    assert_eq!(list.column("name"), names);
    assert_eq!(list.column("state"), ["Transitioning", "Healthy", "Failed", "Healthy", "Unhealthy"]);
    let samples = sample("services_list");
    for service in list.body["value"].as_array().unwrap() {
        let expected = match service["computeType"].as_str() {
            Some("AKS") => &samples["value"][0],
            _ => &samples["value"][1],
        };
        let mut service = service.clone();
        for field in ["properties", "kvTags"] {
            service[field] = expected[field].clone();
        }
        assert_same_shape(&service, expected);
    }
    let failed = get(&mut client, "/services/bread-eye").body;
    assert_eq!(failed["error"]["details"][0]["code"], "CrashLoopBackOff");
    assert_eq!(get(&mut client, "/services?orderby=CreatedAtAsc").column("name")[0], "old-forecast");
}

#[test]
fn services_are_found_by_what_they_stand_on() {
    let mut client = Client::bakery();
    let mut names = |query: &str| -> Vec<String> {
        get(&mut client, &format!("/services?{query}"))
            .column("name")
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(names("modelId=croissant-waste%3A2"), ["croissant-advice"]);
    assert_eq!(names("modelName=loaves-forecaster"), ["loaves-tomorrow"]);
    assert_eq!(names("imageName=loaves-image"), ["old-forecast"]);
    assert_eq!(names("imageId=loaves-image%3A2"), [""; 0]);
    assert_eq!(names("computeType=ACI"), ["loaves-tomorrow", "old-forecast"]);
    assert_eq!(names("tags=shop%3Dall,in-use"), ["weather-live"]);
    assert_eq!(names("properties=hasInferenceSchema"), ["weather-live"]);
}

#[test]
fn what_stands_behind_a_service_is_told_when_it_is_asked_for() {
    let mut client = Client::bakery();
    assert_eq!(get(&mut client, "/services/loaves-tomorrow").body["models"], json!([]));
    let service = get(&mut client, "/services/loaves-tomorrow?expand=true").body;
    assert_eq!(service["models"][0]["id"], "loaves-forecaster:4");
    let image = get(&mut client, "/images/loaves-image%3A1?expand=True").body;
    assert_eq!(image["modelDetails"][0]["id"], "loaves-forecaster:2");
}

#[test]
fn a_service_gives_the_kind_of_credential_that_it_takes() {
    let mut client = Client::bakery();
    let token = post(&mut client, "/services/weather-live/token");
    assert_eq!(token.status, 201);
    assert_same_shape(&token.body, &sample("service_token"));
    assert_eq!(post(&mut client, "/services/weather-live/listkeys").status, 400);
    assert_eq!(post(&mut client, "/services/loaves-tomorrow/token").status, 400);
    assert_eq!(post(&mut client, "/services/no-such/listkeys").status, 404);
}

#[test]
fn the_end_of_a_service_s_log_is_read() {
    let mut client = Client::bakery();
    let mut log = |path: &str| get(&mut client, path).body["content"].as_str().unwrap().to_owned();
    assert_eq!(log("/services/loaves-tomorrow/logs?tail=20").lines().count(), 20);
    assert_eq!(log("/services/loaves-tomorrow/logs").lines().count(), 100);
    assert!(log("/services/bread-eye/logs").contains("No module named 'torch'"));
    let before = log("/services/loaves-tomorrow/logs?tail=1");
    client.wait(5.0);
    assert_ne!(get(&mut client, "/services/loaves-tomorrow/logs?tail=1").body["content"], before);
}

#[test]
fn images_say_how_they_were_built() {
    let mut client = Client::bakery();
    let list = get(&mut client, "/images");
    let states = ["Running", "Failed", "Succeeded", "Succeeded", "Succeeded"];
    assert_eq!(list.column("creationState"), states);
    for image in list.body["value"].as_array().unwrap() {
        assert_same_shape(image, &sample("images_list")["value"][0]);
    }
    let failed = get(&mut client, "/images/loaves-image%3A3").body;
    let address = failed["imageBuildLogUri"].as_str().unwrap();
    let log = client.send(Request::get(address).body(Vec::new()).unwrap());
    assert!(String::from_utf8_lossy(log.response.body()).contains("scikit-learn==0.99.0"));
    assert_eq!(get(&mut client, "/images?modelName=loaves-forecaster").column("id").len(), 3);
    assert_eq!(get(&mut client, "/images?name=loaves-image&version=2").column("id"), ["loaves-image:2"]);
}

#[test]
fn a_model_s_deployments_are_counted() {
    let mut client = Client::bakery();
    let state = get(&mut client, "/models/loaves-forecaster%3A4/metrics").body;
    assert_eq!(
        state["deploymentSummary"],
        json!({ "successfulDeployments": 1, "unsuccessfulDeployments": 0 })
    );
    assert_eq!(get(&mut client, "/models/no-such%3A1/metrics").status, 404);
}

#[test]
fn datastores_are_of_every_kind_and_keep_their_secrets_when_asked_to() {
    let mut client = Client::bakery();
    let base = format!("{REGIONAL}/datastore/v1.0{WORKSPACE}/datastores");
    let list = client.get(&format!("{base}?includeSecret=false"));
    for kind in [
        "AzureBlob",
        "AzureFile",
        "AzureDataLakeGen2",
        "AzureDataLake",
        "AzureSqlDatabase",
        "AzurePostgreSql",
    ] {
        assert!(list.column("dataStoreType").contains(&kind), "{kind}");
    }
    let secrets = ["<account-key>", "<sas-token>", "<client-secret>", "<user-password>"];
    let (bare, full) = (list.body.to_string(), client.get(&base).body.to_string());
    for secret in secrets {
        assert!(full.contains(secret) && !bare.contains(secret), "{secret}");
    }
    let one = client.get(&format!("{base}?dataStoreNames=tills_database&includeSecret=false"));
    assert_eq!(one.column("name"), ["tills_database"]);
}

#[test]
fn tasks_are_told_one_by_one_too() {
    let mut client = Client::bakery();
    let base = format!("{REGIONAL}/notification/v1.0{WORKSPACE}/tasks");
    let list = client.get(&base);
    assert_same_shape(&list.body["value"][0], &sample("notification_tasks_list")["value"][0]);
    assert!(list.column("status").contains(&"Failed") && list.column("status").contains(&"Running"));
    let id = list.column("taskId")[3].to_owned();
    let one: Value = client.get(&format!("{base}/{id}")).body;
    assert_eq!(one, list.body["value"][3]);
}
