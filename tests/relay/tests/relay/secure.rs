//! Services are believed by their certificates, and the relay has one too.

use std::process::Command;

use azimuth_relay::{Ask, Relay, SecureHost, Tables, Upstream, name_server};

const HOST: &str = "eastus.api.azureml.ms";

/// What a caller gets through a relay that trusts the authority of one host and finds another where the table leads.
fn asked(trusted: &SecureHost, found: &SecureHost) -> azimuth_relay::Answer {
    let tables = Tables::default()
        .host("eastus api", &format!("https://{HOST}:{}", found.port()))
        .trusting(&trusted.root())
        .server(&format!("resolver {} ipv6=off;", name_server()));
    let relay = Relay::start(&tables);
    Ask::get("/relay/eastus/api/history/v1.0/x").bearer("sesame").of(&relay.authority())
}

#[test]
fn a_service_with_a_certificate_for_its_name_is_asked_by_that_name() {
    let host = SecureHost::named(HOST, 2);
    let answer = asked(&host, &host);
    assert_eq!((answer.status, answer.text()), (200, format!("{HOST} {HOST}:{}", host.port())));
}

#[test]
fn whoever_has_no_certificate_for_that_name_gets_nothing() {
    let host = SecureHost::named(HOST, 2);
    for other in ["westus.api.azureml.ms", "eastus.api.azureml.ms.evil.example"] {
        let other = SecureHost::named(other, 2);
        assert_eq!(asked(&other, &other).status, 502);
    }
    let untrusted = SecureHost::named(HOST, 2);
    assert_eq!(asked(&host, &untrusted).status, 502);
    let expired = SecureHost::named(HOST, -1);
    assert_eq!(asked(&expired, &expired).status, 502);
}

#[test]
fn a_page_asks_over_http_2_and_is_judged_the_same() {
    let service = Upstream::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let name = "relay.example";
    let own = SecureHost::named(name, 2);
    let (certificate, key) = own.certificate();
    let relay = Relay::start(
        &Tables::default()
            .host("eastus api", &service.origin())
            .host("login", &service.origin())
            .secure((&certificate, &key)),
    );
    let (address, port) = (relay.authority(), relay.authority().rsplit(':').next().unwrap().to_owned());
    let ask = |target: &str, body: &[&str]| {
        let mut curl = Command::new("curl");
        curl.args([
            "--silent",
            "--show-error",
            "--http2",
            "--path-as-is",
            "--output",
            "/dev/null",
            "--cacert",
        ])
        .arg(own.root())
        .args(["--connect-to", &format!("::{address}"), "--write-out", "%{http_version} %{http_code}"])
        .args(body)
        .arg(format!("https://{name}:{port}{target}"));
        String::from_utf8(curl.output().expect("curl is there").stdout).unwrap()
    };
    assert_eq!(ask("/relay/eastus/api/history/v1.0/x?a=b", &["--header", "Cookie: a=1"]), "2 200");
    assert_eq!(service.last().line, "GET /history/v1.0/x?a=b HTTP/1.1");
    assert_eq!((service.last().header("cookie"), service.asked().len()), (None, 1));
    assert_eq!(ask("/relay/login/contoso/oauth2/token", &["--data", crate::CREDENTIALS]), "2 200");
    assert_eq!(service.last().body, crate::CREDENTIALS.as_bytes());
    let other = crate::CREDENTIALS.replace("client_credentials", "refresh_token");
    assert_eq!(ask("/relay/login/contoso/oauth2/token", &["--data", &other]), "2 400");
    for (target, status) in [
        ("/relay/eastus/api/history/v1.0/../x", "2 400"),
        ("/relay/eastus/api/history/v1.0/%2e%2e/x", "2 400"),
        ("/relay/eastus/api/history/v1.0/x%2fy", "2 400"),
        ("//evil.example/relay/eastus/api/history/v1.0/x", "2 400"),
        ("/relay/westus/api/history/v1.0/x", "2 404"),
        ("/relay/eastus/api/subscriptions", "2 404"),
    ] {
        assert_eq!(ask(target, &[]), status, "{target}");
    }
    assert_eq!(service.asked().len(), 2);
}
