//! Changes of model management: models, assets, images, services and keys.

use http::{Method, Request};
use serde_json::{Value, json};

use crate::{Answer, Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

const HOST: &str = "https://westeurope.modelmanagement.azureml.net";

fn ask(client: &mut Client, method: Method, path: &str, body: Option<&Value>) -> Answer {
    client.ask(method, &format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}{path}"), body)
}

fn get(client: &mut Client, path: &str) -> Answer {
    ask(client, Method::GET, path, None)
}

fn delete(client: &mut Client, path: &str) -> Answer {
    ask(client, Method::DELETE, path, None)
}

fn patch(client: &mut Client, path: &str, steps: &Value) -> Answer {
    let request = Request::patch(format!("{HOST}/api{WORKSPACE}{path}"))
        .header("Authorization", format!("Bearer {}", client.token.clone().unwrap()))
        .header("Content-Type", "application/json-patch+json; charset=utf-8");
    client.send(request.body(steps.to_string().into_bytes()).unwrap())
}

fn asset() -> Value {
    json!({
        "name": "model.pkl",
        "description": "model.pkl saved during run thin_layer_1",
        "artifacts": [{ "id": "ExperimentRun/dcid.thin_layer_1/outputs/model.pkl" }],
        "runid": "thin_layer_1",
    })
}

#[test]
fn a_file_of_a_run_becomes_an_asset_and_the_next_version_of_a_model() {
    let mut client = Client::bakery();
    let made = ask(&mut client, Method::POST, "/assets", Some(&asset()));
    assert_eq!(made.status, 200);
    assert_same_shape(&made.body, &sample("assets_list")["value"][0]);
    let id = made.body["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&mut client, "/assets?runId=thin_layer_1").column("id")[0], id);

    let mut wanted = sample("model_register_request");
    wanted["url"] = format!("aml://asset/{id}").into();
    wanted["name"] = "croissant-waste".into();
    let model = ask(&mut client, Method::POST, "/models", Some(&wanted));
    assert_eq!((model.status, &model.body["id"]), (200, &json!("croissant-waste:3")));
    let mut expected = sample("model_get");
    expected["kvTags"] = json!({});
    assert_same_shape(&model.body, &expected);
    assert_eq!(model.body["runId"], wanted["runId"]);
    assert_eq!(get(&mut client, "/models/croissant-waste%3A3").body, model.body);
    wanted["name"] = "new-name".into();
    let first = ask(&mut client, Method::POST, "/models", Some(&wanted));
    assert_eq!(first.body["id"], "new-name:1");
}

#[test]
fn what_cannot_be_registered_is_refused() {
    let mut client = Client::bakery();
    let good = sample("model_register_request");
    for (field, value) in [
        ("name", json!("a b")),
        ("name", Value::Null),
        ("mimeType", json!("")),
        ("url", json!("aml://asset/no")),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        let answer = ask(&mut client, Method::POST, "/models", Some(&bad));
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("InvalidModel")), "{bad}");
    }
    let mut bad = asset();
    bad["artifacts"] = json!([{}]);
    assert_eq!(ask(&mut client, Method::POST, "/assets", Some(&bad)).status, 400);
    assert_eq!(ask(&mut client, Method::POST, "/models", Some(&json!([]))).status, 400);
}

#[test]
fn descriptions_and_tags_are_patched() {
    let mut client = Client::bakery();
    let steps = json!([
        { "op": "replace", "path": "/description", "value": "new" },
        { "op": "add", "path": "/kvTags/a~1b", "value": "1" },
        { "op": "remove", "path": "/kvTags/in-use" },
    ]);
    client.wait(60.0);
    let model = patch(&mut client, "/models/loaves-forecaster%3A4", &steps);
    assert_eq!((model.status, &model.body["kvTags"]), (200, &json!({ "a/b": "1" })));
    assert_ne!(model.body["modifiedTime"], model.body["createdTime"]);
    assert_eq!(get(&mut client, "/models/loaves-forecaster%3A4").body["description"], "new");
    let tags = json!([{ "op": "replace", "path": "/kvTags", "value": { "x": "y" } }]);
    for path in ["/images/loaves-image%3A1", "/services/loaves-tomorrow"] {
        assert_eq!(patch(&mut client, path, &tags).body["kvTags"], json!({ "x": "y" }), "{path}");
    }
    let asset = get(&mut client, "/assets").column("id")[0].to_owned();
    assert_eq!(patch(&mut client, &format!("/assets/{asset}"), &tags).status, 200);
}

#[test]
fn a_patch_that_does_not_fit_changes_nothing() {
    let mut client = Client::bakery();
    let path = "/models/loaves-forecaster%3A4";
    for step in [
        json!({ "op": "replace", "path": "/name", "value": "x" }),
        json!({ "op": "replace", "path": "/kvTags", "value": { "x": 1 } }),
        json!({ "op": "remove", "path": "/kvTags/none" }),
        json!({ "op": "move", "path": "/description" }),
    ] {
        let steps = json!([{ "op": "replace", "path": "/description", "value": "half" }, step]);
        let answer = patch(&mut client, path, &steps);
        assert_eq!((answer.status, &answer.body["code"]), (400, &json!("InvalidPatch")), "{steps}");
    }
    assert_eq!(get(&mut client, path).body["description"], "Knows weather and holidays");
    let as_json = ask(&mut client, Method::PATCH, path, Some(&json!([])));
    assert_eq!(as_json.status, 415);
    assert_eq!(patch(&mut client, "/models/none%3A1", &json!([])).status, 404);
}

#[test]
fn what_is_in_use_is_not_deleted_and_says_by_what() {
    let mut client = Client::bakery();
    let refused = delete(&mut client, "/models/loaves-forecaster%3A3");
    assert_eq!(refused.status, 412);
    assert_same_shape(&refused.body, &sample("model_delete_412"));
    assert_eq!(refused.body["details"][0]["message"], "Image loaves-image:2 must be deleted.");
    let refused = delete(&mut client, "/models/loaves-forecaster%3A4").body;
    let codes: Vec<&Value> =
        refused["details"].as_array().unwrap().iter().map(|detail| &detail["code"]).collect();
    assert_eq!(codes, ["ImageDeletionRequired", "ServiceDeletionRequired"]);
    assert_eq!(
        delete(&mut client, "/images/loaves-image%3A1").body["details"][0]["code"],
        "ServiceDeletionRequired"
    );

    // From the end of the chain on, everything goes.
    let asset =
        get(&mut client, "/models/loaves-forecaster%3A3").body["url"].as_str().unwrap()[12..].to_owned();
    assert_eq!(delete(&mut client, &format!("/assets/{asset}")).status, 412);
    for path in ["/images/loaves-image%3A2", "/models/loaves-forecaster%3A3", &format!("/assets/{asset}")] {
        assert_eq!(delete(&mut client, path).status, 200, "{path}");
        assert_eq!(get(&mut client, path).status, 404, "{path}");
        assert_eq!(delete(&mut client, path).status, 204, "{path}");
    }
}

#[test]
fn a_container_instance_goes_at_once_and_what_is_on_a_cluster_after_a_while() {
    let mut client = Client::bakery();
    assert_eq!(delete(&mut client, "/services/loaves-tomorrow").status, 200);
    assert_eq!(get(&mut client, "/services/loaves-tomorrow").status, 404);

    let begun = delete(&mut client, "/services/weather-live");
    assert_eq!(begun.status, 202);
    let operation = begun.header("operation-location").to_owned();
    assert_eq!(get(&mut client, "/services/weather-live").body["state"], "Deleting");
    let running = client.get(&operation).body;
    assert_same_shape(&running, &sample("mms_operation_running"));
    assert_eq!(running["state"], "Running");
    let again = delete(&mut client, "/services/weather-live");
    assert_eq!((again.status, &again.body["code"]), (409, &json!("ServiceOperationInProgress")));
    client.wait(16.0);
    assert_eq!(client.get(&operation).body["state"], "Succeeded");
    assert_eq!(get(&mut client, "/services/weather-live").status, 404);
    assert_eq!(delete(&mut client, "/services/weather-live").status, 204);
}

#[test]
fn a_service_on_a_cluster_takes_a_while_for_any_change() {
    let mut client = Client::bakery();
    let steps = json!([{ "op": "replace", "path": "/description", "value": "new" }]);
    assert_eq!(patch(&mut client, "/services/weather-live", &steps).status, 202);
    assert_eq!(get(&mut client, "/services/weather-live").body["state"], "Transitioning");
    client.wait(9.0);
    let service = get(&mut client, "/services/weather-live").body;
    assert_eq!((&service["state"], &service["description"]), (&json!("Healthy"), &json!("new")));
}

#[test]
fn one_key_is_changed_and_the_other_stays() {
    let mut client = Client::bakery();
    let path = "/services/loaves-tomorrow/regenerateKeys";
    let made = ask(&mut client, Method::POST, path, Some(&json!({ "keyType": "Primary" })));
    assert_eq!((made.status, &made.body["secondaryKey"]), (200, &json!("<secondary-key>")));
    assert_ne!(made.body["primaryKey"], "<primary-key>");
    let kept = ask(&mut client, Method::POST, "/services/loaves-tomorrow/listkeys", None);
    assert_eq!(kept.body, made.body);
    // The description types the word as a number.
    let chosen = ask(&mut client, Method::POST, path, Some(&json!({ "keyType": 1, "keyValue": "mine" })));
    assert_eq!(chosen.body["secondaryKey"], "mine");
    assert_eq!(ask(&mut client, Method::POST, path, Some(&json!({ "keyType": "Third" }))).status, 400);
    let without = "/services/weather-live/regenerateKeys";
    assert_eq!(ask(&mut client, Method::POST, without, Some(&json!({ "keyType": "Primary" }))).status, 400);
}
