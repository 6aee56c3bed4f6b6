//! The simulator, asked past the page.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use azimuth_e2e::{Role, Running};
use serde_json::Value;

const TOKEN_FORM: &str = "grant_type=client_credentials&client_id=azimuth\
    &client_secret=demo-secret-~%2B%2F%3D&resource=https%3A%2F%2Fmanagement.azure.com%2F";

/// A token as the Azure CLI would print it.
pub fn token(simulator: &Running) -> String {
    let length = TOKEN_FORM.len();
    let answer = ask(
        simulator.origin(Role::Login),
        &format!(
            "POST /contoso/oauth2/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}"
        ),
        TOKEN_FORM,
    );
    answer["access_token"].as_str().unwrap_or_else(|| panic!("no token came: {answer}")).to_owned()
}

/// What the service itself holds at a path of the regional services.
pub fn held(simulator: &Running, path: &str) -> Value {
    let token = token(simulator);
    let head = format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}");
    ask(simulator.origin(Role::Regional), &head, "")
}

/// Changes something at a path of the regional services, as another client would.
pub fn change(simulator: &Running, method: &str, path: &str, body: &Value) {
    let (token, body) = (token(simulator), body.to_string());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}",
        body.len()
    );
    let answer = ask(simulator.origin(Role::Regional), &head, &body);
    assert!(answer["error"].is_null(), "{method} {path}: {answer}");
}

/// The status of the answer to whoever asks for a path.
pub fn status(simulator: &Running, role: Role, path: &str) -> u16 {
    let token = token(simulator);
    let answer =
        raw(simulator.origin(role), &format!("GET {path} HTTP/1.1\r\nAuthorization: Bearer {token}"), "");
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}

fn ask(origin: &str, head: &str, body: &str) -> Value {
    let answer = raw(origin, head, body);
    let (_, content) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer came: {answer}"));
    serde_json::from_str(content).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

fn raw(origin: &str, head: &str, body: &str) -> String {
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "{head}\r\nHost: {host}\r\nConnection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
