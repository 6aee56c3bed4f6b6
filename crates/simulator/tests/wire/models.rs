//! Models.

use serde_json::json;

use crate::{Client, REGIONAL, WORKSPACE, assert_same_shape, sample};

#[test]
fn a_model_that_is_not_there_is_told_in_the_flat_shape() {
    let mut client = Client::new();
    let answer = client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/models/no-such%3A1"));
    assert_eq!((answer.status, &answer.body["message"]), (404, &sample("model_get_404")["message"]));
    assert_same_shape(&answer.body, &sample("model_get_404"));
    client.token = None;
    let answer = client.get(&format!("{REGIONAL}/modelmanagement/v1.0{WORKSPACE}/models"));
    assert_eq!((answer.status, &answer.body["statusCode"]), (401, &json!(401)));
}
