//! The four files as they are shipped.

use std::collections::BTreeMap;
use std::fs;

use azimuth_api::{Cloud, WebAddress};
use azimuth_relay::{Ask, Relay, SecureHost, Tables, shipped};

/// The rows of a table: first and second column.
fn rows(name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(shipped(name)).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |line: &str| {
        let (key, value) = line.trim_end_matches(';').rsplit_once(' ').unwrap();
        (key.trim().trim_matches('"').to_owned(), value.to_owned())
    };
    lines.map(row).collect()
}

#[test]
fn every_host_is_one_that_the_page_sends_its_token_to_itself() {
    let mut regions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, origin) in rows("hosts.conf") {
        let address = WebAddress::parse(&format!("{origin}/")).unwrap();
        if place == "login" {
            assert_eq!(*address.origin(), Cloud::Public.login());
            continue;
        }
        let (region, service) = place.split_once(' ').unwrap();
        assert!(Cloud::Public.may_carry_token(&address), "{origin}");
        let domain = match service {
            "api" => "api.azureml.ms",
            "experiments" => "experiments.azureml.net",
            "modelmanagement" => "modelmanagement.azureml.net",
            "aether" => "aether.ms",
            other => panic!("{other} is no service"),
        };
        assert_eq!(origin, format!("https://{region}.{domain}"));
        regions.entry(region.to_owned()).or_default().push(service.to_owned());
    }
    assert!(!regions.is_empty());
    for (region, services) in regions {
        assert_eq!(services, ["api", "experiments", "modelmanagement", "aether"], "{region}");
    }
}

#[test]
fn nobody_may_ask_before_somebody_says_who() {
    assert_eq!(rows("origins.conf"), [("https://dashboard.example.org".to_owned(), "1".to_owned())]);
    assert!(rows("scoring.conf").is_empty());
}

#[test]
fn they_are_a_configuration() {
    let own = SecureHost::named("relay.example", 2);
    let (certificate, key) = own.certificate();
    let read = |name: &str| fs::read_to_string(shipped(name)).unwrap();
    let server = read("server.conf")
        .replace("listen 443 ssl", "listen 127.0.0.1:PORT ssl")
        .replace("/etc/nginx/relay.crt", &certificate.display().to_string())
        .replace("/etc/nginx/relay.key", &key.display().to_string())
        .replace("/var/log/nginx/access.log", "access.log");
    // Not every machine has the newer Internet Protocol.
    let server: Vec<&str> = server.lines().filter(|line| !line.contains("[::]")).collect();
    let tables = Tables::as_written(
        &read("hosts.conf"),
        &read("scoring.conf"),
        &read("origins.conf"),
        &server.join("\n"),
    );
    let relay = Relay::start(&tables);
    // It wants TLS, and says so.
    assert_eq!(Ask::get("/relay/eastus/experiments/discovery").of(&relay.authority()).status, 400);
}
