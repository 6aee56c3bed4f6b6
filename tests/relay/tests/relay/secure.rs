//! Services are believed by their certificates.

use azimuth_relay::{Ask, Relay, SecureHost, Tables, name_server};

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
