//! Where services answer.

use http::Request;
use serde_json::{Value, json};

use crate::{Answer, Client, REGIONAL, WORKSPACE, sample};

const LOAVES: &str = "http://loaves-tomorrow.westeurope.azurecontainer.io";
const WEATHER: &str = "http://203.0.113.8:80/api/v1/service/weather-live";

fn score(client: &mut Client, address: &str, key: &str, body: &str) -> Answer {
    let mut request = Request::post(address).header("Content-Type", "application/json");
    if !key.is_empty() {
        request = request.header("Authorization", format!("Bearer {key}"));
    }
    client.send(request.body(body.as_bytes().to_vec()).unwrap())
}

fn words(answer: &Answer) -> String {
    String::from_utf8_lossy(answer.response.body()).into_owned()
}

#[test]
fn a_question_is_answered_with_loaves() {
    let mut client = Client::bakery();
    let question = json!({ "data": [[6, 0, 14, 1], [5, 0, 20, 0], [5, 1, 20, 0]] }).to_string();
    let answer = score(&mut client, &format!("{LOAVES}/score"), "<primary-key>", &question);
    assert_eq!((answer.status, &answer.body), (200, &json!([246, 332, 396])));
    let again = score(&mut client, &format!("{LOAVES}/score"), "<secondary-key>", &question);
    assert_eq!(again.body, answer.body);
}

#[test]
fn only_the_service_s_own_key_opens_it() {
    let mut client = Client::bakery();
    let address = format!("{LOAVES}/score");
    let own = client.token.clone().unwrap();
    for key in ["", "wrong", &own] {
        assert_eq!(score(&mut client, &address, key, "{}").status, 401);
    }
    let path = format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/services/loaves-tomorrow/regenerateKeys");
    client.ask(http::Method::POST, &path, Some(&json!({ "keyType": "Primary" })));
    let question = json!({ "data": [[6, 0, 14, 1]] }).to_string();
    assert_eq!(score(&mut client, &address, "<primary-key>", &question).status, 401);
    assert_eq!(score(&mut client, &address, "<secondary-key>", &question).status, 200);
}

#[test]
fn what_the_entry_script_throws_comes_as_text() {
    let mut client = Client::bakery();
    let address = format!("{LOAVES}/score");
    for (body, error) in [
        ("nonsense", "JSONDecodeError"),
        ("{}", "KeyError: 'data'"),
        (r#"{"data":[[1,2,3]]}"#, "expecting 4 features"),
        (r#"{"data":[["rye",0,0,0]]}"#, "could not convert string to float: 'rye'"),
        (r#"{"data":[1]}"#, "Expected 2D array"),
    ] {
        let answer = score(&mut client, &address, "<primary-key>", body);
        assert_eq!(answer.status, 500, "{body}");
        assert!(words(&answer).starts_with("Traceback (most recent call last):"), "{body}");
        assert!(words(&answer).contains(error), "{body}: {}", words(&answer));
    }
}

#[test]
fn a_service_on_a_cluster_takes_tokens_and_answers_with_a_text_of_json() {
    let mut client = Client::bakery();
    let token = client.ask(
        http::Method::POST,
        &format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/services/weather-live/token"),
        None,
    );
    let token = token.body["accessToken"].as_str().unwrap().to_owned();
    let description = client.send(Request::get(format!("{WEATHER}/swagger.json")).body(Vec::new()).unwrap());
    let question = description.body["definitions"]["ServiceInput"]["example"].to_string();
    let answer = score(&mut client, &format!("{WEATHER}/score"), &token, &question);
    let inner: Value = serde_json::from_str(answer.body.as_str().expect("a text")).unwrap();
    assert_eq!(inner["result"].as_array().unwrap().len(), 4);
    assert!(inner["result"][0]["wind_ms"].is_number());
    let bad = score(&mut client, &format!("{WEATHER}/score"), &token, r#"{"data":[{"hour":1}]}"#);
    assert_eq!((bad.status, words(&bad).contains("KeyError: 'shop'")), (502, true));
    assert_eq!(score(&mut client, &format!("{WEATHER}/score"), "<primary-key>", &question).status, 401);
}

#[test]
fn the_published_question_has_the_published_answer() {
    let mut client = Client::with(azimuth_simulator::Options::new(azimuth_simulator::World::Article));
    let address = "http://00000000-aaaa-bbbb-cccc-000000000000.centralus.azurecontainer.io/score";
    let question = sample("scoring_request").to_string();
    let answer = score(&mut client, address, "<primary-key>", &question);
    assert_eq!((answer.status, answer.body), (200, sample("scoring_response")));
}

#[test]
fn what_does_not_run_does_not_answer() {
    let mut client = Client::bakery();
    let unhealthy = "http://old-forecast.westeurope.azurecontainer.io/score";
    assert_eq!(score(&mut client, unhealthy, "", "{}").status, 503);
    assert_eq!(score(&mut client, "http://no-such.westeurope.azurecontainer.io/score", "", "{}").status, 404);
    let failed = score(&mut client, &format!("{LOAVES}/fail-503"), "", "{}");
    assert_eq!((failed.status, words(&failed)), (503, "The service is temporarily unavailable.".to_owned()));
    let read = client.send(Request::get(format!("{LOAVES}/score")).body(Vec::new()).unwrap());
    assert_eq!(read.status, 405);
}
