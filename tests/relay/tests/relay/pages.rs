//! Which pages may ask, and read what is answered.

use azimuth_relay::{Ask, DASHBOARD, Relay, Tables, Upstream};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
const TARGET: &str = "/relay/eastus/api/history/v1.0/x";

fn relay() -> (Upstream, Relay) {
    let service = Upstream::answering(GOOD);
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    (service, relay)
}

fn preflight(relay: &Relay, target: &str, origin: &str, method: &str) -> azimuth_relay::Answer {
    Ask::new("OPTIONS", target)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "authorization,content-type")
        .of(&relay.authority())
}

#[test]
fn a_preflight_is_answered_here() {
    let (service, relay) = relay();
    // Also where the request itself is refused, so that the page can read why.
    for target in [
        TARGET,
        "/relay/score/loaves",
        "/relay/login/contoso/oauth2/token",
        "/relay/westus/api/history/v1.0/x",
        "/relay/eastus/api/history/v1.0/a%2fb",
    ] {
        let answer = preflight(&relay, target, DASHBOARD, "POST");
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        for (name, value) in [
            ("access-control-allow-origin", DASHBOARD),
            ("access-control-allow-methods", "GET, HEAD, POST, PATCH, DELETE, OPTIONS"),
            (
                "access-control-allow-headers",
                "Authorization, Content-Type, Accept, If-Match, Range, x-ms-client-request-id",
            ),
            ("access-control-max-age", "7200"),
            ("vary", "Origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None);
    }
    assert!(service.asked().is_empty());
}

#[test]
fn a_page_of_another_origin_gets_no_leave_and_no_answer() {
    let (service, relay) = relay();
    for origin in [
        "https://evil.example",
        "http://dashboard.example.org",
        "https://dashboard.example.org:8443",
        "https://dashboard.example.org.evil.example",
        "https://xdashboard.example.org",
        "https://dashboard.example.org/",
        "null",
        "1",
        "default",
    ] {
        for answer in [
            preflight(&relay, TARGET, origin, "POST"),
            Ask::get(TARGET).header("Origin", origin).bearer("sesame").of(&relay.authority()),
        ] {
            assert_eq!(answer.status, 403, "{origin}");
            assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        }
    }
    assert!(service.asked().is_empty());
}

#[test]
fn a_refusal_can_be_read_by_the_page_and_names_itself() {
    let (_service, relay) = relay();
    for (status, target, code) in [
        (404, "/relay/westus/api/history/v1.0/x", "RelayUnknownHost"),
        (404, "/relay/eastus/api/subscriptions", "RelayUnknownPath"),
        (400, "/relay/eastus/api/history/v1.0/a%2fb", "RelayRefusedAddress"),
        (404, "/relay/score/other", "RelayUnknownService"),
    ] {
        let answer = Ask::get(target).header("Origin", DASHBOARD).of(&relay.authority());
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some(DASHBOARD)));
        let document: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(document["error"]["code"], code);
        assert!(document["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
    }
}

#[test]
fn a_service_that_is_not_there_is_an_error_that_the_page_can_read() {
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let relay = Relay::start(&Tables::default().host("eastus api", &format!("http://{nobody}")));
    let answer = Ask::get(TARGET).header("Origin", DASHBOARD).of(&relay.authority());
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (502, Some(DASHBOARD)));
}

#[test]
fn nothing_is_opened_or_embedded_or_run_from_here() {
    let (service, relay) = relay();
    for destination in
        ["document", "iframe", "script", "image", "style", "worker", "serviceworker", "object", "x"]
    {
        let answer = Ask::get(TARGET).header("Sec-Fetch-Dest", destination).of(&relay.authority());
        assert_eq!(answer.status, 403, "{destination}");
    }
    assert!(service.asked().is_empty());
    assert_eq!(Ask::get(TARGET).header("Sec-Fetch-Dest", "empty").of(&relay.authority()).status, 200);
}
