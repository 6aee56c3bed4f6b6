//! How often somebody may ask, and what is written down of it.

use azimuth_relay::{Ask, DASHBOARD, Relay, Tables, Upstream};

use crate::CREDENTIALS;

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

#[test]
fn who_asks_too_often_is_told_to_wait_and_others_are_not_bothered() {
    let service = Upstream::answering(GOOD);
    let tables = Tables::default().host("eastus api", &service.origin());
    // Whom the load balancer names is who asks.
    let relay = Relay::start(&tables.server("set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;"));
    let ask = |from: &str| {
        let ask = Ask::get("/relay/eastus/api/history/v1.0/x").header("X-Forwarded-For", from);
        ask.header("Origin", DASHBOARD).of(&relay.authority())
    };
    let refused = (0..2_000).map(|_| ask("203.0.113.7")).find(|answer| answer.status != 200).unwrap();
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("5")));
    assert_eq!(refused.header("access-control-allow-origin"), Some(DASHBOARD));
    assert!(service.asked().len() >= 300);
    assert_eq!(ask("203.0.113.8").status, 200);
}

#[test]
fn secrets_cannot_be_guessed_quickly() {
    let entra = Upstream::answering(GOOD);
    let relay = Relay::start(&Tables::default().host("login", &entra.origin()));
    let ask = || Ask::form("/relay/login/contoso/oauth2/token", CREDENTIALS).of(&relay.authority()).status;
    let statuses: Vec<u16> = (0..30).map(|_| ask()).collect();
    assert!(statuses[..20].iter().all(|status| *status == 200) && statuses[29] == 429, "{statuses:?}");
}

#[test]
fn what_is_written_down_names_nobody_and_nothing() {
    let service = Upstream::answering(GOOD);
    let broken = Upstream::doing(drop);
    let tables =
        Tables::default().host("eastus api", &service.origin()).host("eastus aether", &broken.origin());
    let tables =
        tables.host("login", &service.origin()).service("loaves", &format!("{}/score", broken.origin()));
    let relay = Relay::start(&tables);
    let path = "history/v1.0/subscriptions/SECRET-path/runs?$filter=SECRET-value&sig=SECRET-signature";
    for ask in [
        Ask::post(&format!("/relay/eastus/api/{path}"), "text/plain", "SECRET-body").bearer("SECRET-token"),
        Ask::get("/relay/eastus/aether/api/v1.0/SECRET-path?x=SECRET-value").bearer("SECRET-token"),
        Ask::get("/relay/westus/api/SECRET-path?x=SECRET-value")
            .header("Origin", "https://SECRET-origin.example"),
        Ask::get("/relay/eastus/api/history/v1.0/SECRET%2fpath?x=SECRET-value"),
        Ask::form("/relay/login/SECRET-tenant/oauth2/token", &CREDENTIALS.replace("demo", "SECRET")),
        Ask::form("/relay/login/SECRET-tenant/oauth2/token", "grant_type=refresh_token&refresh_token=SECRET"),
        Ask::form("/relay/login/SECRET-tenant/oauth2/token", &"SECRET".repeat(2_000)),
        Ask::post("/relay/score/loaves", "application/json", "SECRET-body").bearer("SECRET-key"),
        Ask::get("/relay/eastus/api/history/v1.0/x").header("Host", "SECRET host").header("Cookie", "SECRET"),
        Ask::line("SECRET /SECRET HTTP/9.9"),
    ] {
        ask.of(&relay.authority());
    }
    // What was not read to its end is written down when the caller has gone.
    for line in [
        " POST eastus api history 200 ",
        " GET eastus aether pipelines 502 ",
        " POST login 200 ",
        " POST login 400 ",
        " POST score 502 ",
    ] {
        relay.tells(line);
    }
    let told = relay.told();
    assert!(!told.contains("SECRET") && !told.contains("127.0.0.1"), "{told}");
}
