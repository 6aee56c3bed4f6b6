//! Services that answer with a model: a list of their own, and no token of Azure.

use azimuth_relay::{Ask, DASHBOARD, Relay, Tables, Upstream};

use crate::{azure, tables, token};

const TARGET: &str = "/relay/score/loaves-tomorrow";
const QUESTION: &str = "{\"data\":[[6,0,14,1]]}";

#[test]
fn a_service_is_asked_with_its_own_key() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let ask =
        Ask::post(TARGET, "application/json", QUESTION).bearer("<primary-key>").header("Origin", DASHBOARD);
    let answer = ask.of(&relay.authority());
    assert_eq!((answer.status, answer.text().as_str()), (200, "[246]"));
    assert_eq!(answer.header("access-control-allow-origin"), Some(DASHBOARD));
    let wrong = Ask::post(TARGET, "application/json", QUESTION).bearer("wrong").of(&relay.authority());
    assert_eq!(wrong.status, 401);
}

#[test]
fn a_token_for_azure_gets_no_further_than_here() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    azure.recorder().clear();
    let answer = Ask::post(TARGET, "application/json", QUESTION).bearer(&token).of(&relay.authority());
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(answer.text().contains("RelayRefusedToken"));
    assert!(azure.recorder().requests().is_empty());
}

#[test]
fn it_gets_no_further_beside_a_key_either() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let token = token(&relay);
    let service = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
    let relay =
        Relay::start(&Tables::default().service("loaves-tomorrow", &format!("{}/score", service.origin())));
    for tokens in [["key", &token], [&token, "key"]] {
        let ask = Ask::post(TARGET, "application/json", "{}").bearer(tokens[0]).bearer(tokens[1]);
        ask.of(&relay.authority());
        assert!(!format!("{:?}", service.asked()).contains(&token));
    }
}

#[test]
fn it_is_recognised_wherever_its_audience_stands_and_whatever_its_name() {
    let service = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
    let relay =
        Relay::start(&Tables::default().service("loaves-tomorrow", &format!("{}/score", service.origin())));
    let status = |payload: &str| {
        let token = format!(
            "{}.{}.{}",
            base64url(b"{\"alg\":\"RS256\"}"),
            base64url(payload.as_bytes()),
            base64url(b"signature")
        );
        Ask::post(TARGET, "application/json", "{}").bearer(&token).of(&relay.authority()).status
    };
    for audience in [
        "https://management.azure.com/",
        "https://management.azure.com",
        "https://management.core.windows.net/",
        "https://management.usgovcloudapi.net/",
        "https://management.core.usgovcloudapi.net/",
        "https://management.chinacloudapi.cn/",
        "https://management.core.chinacloudapi.cn/",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
    ] {
        for before in ["", "x", "xy", "xyz"] {
            assert_eq!(
                status(&format!("{{\"a\":\"{before}\",\"aud\":\"{audience}\",\"exp\":1}}")),
                403,
                "{audience} {before}"
            );
            assert_eq!(
                status(&format!("{{\"a\":\"{before}\",\"aud\":[\"{audience}\"]}}")),
                403,
                "{audience} {before}"
            );
        }
    }
    assert!(service.asked().is_empty());
    // The token of a service says where it is from, too.
    for other in ["https://loaves-tomorrow.azureml.ms", "https://ml.azure.com", "797f4846"] {
        assert_eq!(status(&format!("{{\"aud\":\"{other}\",\"iss\":\"azureml\"}}")), 200, "{other}");
    }
}

#[test]
fn a_service_gets_question_and_key_alone() {
    let service = Upstream::answering("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Length: 2\r\n\r\n[]");
    let relay = Relay::start(
        &Tables::default()
            .service("loaves-tomorrow", &format!("{}/api/v1/service/loaves/score", service.origin())),
    );
    let ask = Ask::post(TARGET, "application/json", QUESTION).bearer("key").header("Origin", DASHBOARD);
    let ask = ask
        .header("Cookie", "a=1")
        .header("If-Match", "x")
        .header("Range", "bytes=0-")
        .header("Accept", "*/*");
    let answer = ask.of(&relay.authority());
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    let asked = service.last();
    let mut names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "connection", "content-length", "content-type", "host"]);
    assert_eq!(asked.line, "POST /api/v1/service/loaves/score HTTP/1.1");
    assert_eq!(asked.body, QUESTION.as_bytes());
}

#[test]
fn the_hosts_of_azure_are_not_services_and_services_are_not_hosts_of_azure() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    for target in
        ["/relay/score/eastus", "/relay/score/login", "/relay/score/eastus%20api", "/relay/score/default"]
    {
        assert_eq!(
            Ask::post(target, "application/json", "{}").of(&relay.authority()).status,
            404,
            "{target}"
        );
    }
    assert_eq!(Ask::get("/relay/loaves-tomorrow/api/history/v1.0/x").of(&relay.authority()).status, 404);
    assert!(azure.recorder().requests().is_empty());
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number =
            three.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            text.push(char::from(LETTERS[number >> (18 - 6 * place) & 63]));
        }
    }
    text
}
