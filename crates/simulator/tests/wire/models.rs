//! Models.

use serde_json::json;

use crate::{Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

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
    let keys = client.ask(http::Method::POST, &format!("{base}/loaves-tomorrow/listkeys"), None);
    assert_eq!((keys.status, keys.body), (200, sample("service_listkeys")));
}
