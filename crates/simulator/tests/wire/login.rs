//! Getting a token, and being refused one.

use azimuth_simulator::{CLIENT_ID, CLIENT_SECRET, TENANT};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::{ARM, Answer, Client, assert_same_shape, client_credentials, sample};

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn v2(client: &mut Client, scope: &str) -> Answer {
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", scope),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    client.post_form("https://login.microsoftonline.com/contoso/oauth2/v2.0/token", &form)
}

#[test]
fn the_first_endpoint_writes_numbers_as_strings() {
    let mut client = Client::bakery();
    let answer = client.sign_in_with(TENANT, &client_credentials());
    assert_eq!(answer.status, 200);
    assert_same_shape(&answer.body, &sample("login_token_v1_client_credentials"));
    let expires = client.now.unix_timestamp() + 3599;
    assert_eq!(answer.body["expires_on"], expires.to_string());
    assert_eq!(answer.body["not_before"], (expires - 3899).to_string());
}

#[test]
fn the_second_endpoint_writes_numbers_as_numbers() {
    let mut client = Client::bakery();
    let answer = v2(&mut client, "https://management.azure.com/.default");
    assert_eq!(answer.status, 200);
    assert_same_shape(&answer.body, &sample("login_token_v2_client_credentials"));
}

#[test]
fn a_scope_may_hold_a_resource_that_ends_in_a_slash() {
    let mut client = Client::bakery();
    let answer = v2(&mut client, "https://management.core.windows.net//.default");
    let token = answer.body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(claims(&token)["aud"], "https://management.core.windows.net/");
    client.token = Some(token);
    assert_eq!(client.arm("/subscriptions").status, 200);
}

#[test]
fn client_libraries_learn_where_to_sign_in() {
    let mut client = Client::bakery();
    client.token = None;
    let login = "https://login.microsoftonline.com";
    let instance = client.get(&format!("{login}/common/discovery/instance?api-version=1.1")).body;
    assert_eq!(instance["metadata"][0]["preferred_network"], "login.microsoftonline.com");
    let address = instance["tenant_discovery_endpoint"].as_str().unwrap().to_owned();
    let configuration = client.get(&address).body;
    let by_name = client.get(&format!("{login}/contoso/v2.0/.well-known/openid-configuration")).body;
    assert_eq!(configuration, by_name);
    for field in
        ["issuer", "authorization_endpoint", "token_endpoint", "device_authorization_endpoint", "jwks_uri"]
    {
        assert!(configuration[field].as_str().unwrap().starts_with(login), "{field}");
    }
    let endpoint = configuration["token_endpoint"].as_str().unwrap();
    let mut form = client_credentials();
    form[1] = ("scope", "https://management.azure.com/.default");
    assert_eq!(client.post_form(endpoint, &form).status, 200);
    let nobody = client.get(&format!("{login}/no-such/v2.0/.well-known/openid-configuration"));
    assert_eq!((nobody.status, &nobody.body["error"]), (400, &"invalid_request".into()));
}

#[test]
fn tokens_tell_who_they_are_for() {
    let client = Client::bakery();
    let claims = claims(client.token.as_deref().unwrap());
    for claim in ["aud", "iss", "iat", "nbf", "exp", "tid", "oid", "appid"] {
        assert!(!claims[claim].is_null(), "{claim}");
    }
    assert_eq!(claims["exp"], client.now.unix_timestamp() + 3599);
}

#[test]
fn the_tenant_may_be_given_by_its_id() {
    let mut client = Client::bakery();
    let tenant = claims(client.token.as_deref().unwrap())["tid"].as_str().unwrap().to_owned();
    assert_eq!(client.sign_in_with(&tenant, &client_credentials()).status, 200);
}

#[test]
fn every_refusal_has_its_code() {
    let mut client = Client::bakery();
    let right = client_credentials();
    let with = |name: &'static str, value: &'static str| {
        let mut form = right.to_vec();
        form.retain(|(key, _)| *key != name);
        if !value.is_empty() {
            form.push((name, value));
        }
        form
    };
    let cases = [
        (TENANT, with("client_id", "nobody"), 400, "unauthorized_client", 700_016),
        (TENANT, with("client_secret", "wrong"), 401, "invalid_client", 7_000_215),
        (TENANT, with("client_secret", ""), 401, "invalid_client", 7_000_218),
        (TENANT, with("client_id", ""), 400, "invalid_request", 900_144),
        (TENANT, with("grant_type", ""), 400, "invalid_request", 900_144),
        (TENANT, with("resource", ""), 400, "invalid_request", 900_144),
        (TENANT, with("grant_type", "password"), 400, "unsupported_grant_type", 70_003),
        (TENANT, with("resource", "https://example.com/"), 400, "invalid_resource", 500_011),
        ("no-such-tenant", right.to_vec(), 400, "invalid_request", 90_002),
    ];
    for (tenant, form, status, error, code) in cases {
        let answer = client.sign_in_with(tenant, &form);
        assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{form:?}");
        assert_eq!(answer.body["error_codes"], json!([code]));
        let description = answer.body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
        assert!(description.contains("\r\nTrace ID: "), "{description}");
        assert_same_shape(&answer.body, &sample("login_error_invalid_client"));
    }
    assert_eq!(v2(&mut client, "https://management.azure.com/user").body["error"], "invalid_scope");
}

#[test]
fn a_token_outlives_the_simulator_that_issued_it() {
    let mut first = Client::bakery();
    let mut second = Client::bakery();
    second.token = first.token.take();
    assert_eq!(second.get(&format!("{ARM}/subscriptions?api-version=2019-11-01")).status, 200);
}
