//! What is not in the tables gets nowhere, however it is written.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use azimuth_relay::{Answer, Ask, Relay, Tables, Upstream};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// Sends each, expects to be refused with its status, and that nobody behind the relay heard of it.
fn refuse(cases: &[(u16, Ask)]) {
    let service = Upstream::answering(GOOD);
    let mut tables = Tables::default().host("login", &service.origin());
    for place in ["eastus api", "eastus experiments", "eastus modelmanagement", "eastus aether"] {
        tables = tables.host(place, &service.origin());
    }
    let relay = Relay::start(&tables.service("loaves", &format!("{}/score", service.origin())));
    for (status, ask) in cases {
        let answer = ask.of(&relay.authority());
        let line = ask.head("…");
        assert_eq!(answer.status, *status, "{line}{}", answer.text());
        assert!(service.asked().is_empty(), "{line} arrived as {:?}", service.asked());
    }
    // It is the request that is at fault, and not the relay.
    assert_eq!(Ask::get("/relay/eastus/api/history/v1.0/x").of(&relay.authority()).status, 200);
}

#[test]
fn a_host_that_is_not_in_the_table() {
    let unknown = [
        "/relay/westus/api/history/v1.0/x",
        "/relay/eastus/storage/history/v1.0/x",
        "/relay/eastus/management/subscriptions",
        "/relay/EASTUS/api/history/v1.0/x",
        "/relay/east%75s/api/history/v1.0/x",
        "/relay/eastus%20api/history/v1.0/x",
        "/relay/eastus.evil.example/api/history/v1.0/x",
        "/relay/evil.example/api/history/v1.0/x",
        "/relay/evil.example%23/api/history/v1.0/x",
        "/relay/eastus@evil.example/api/history/v1.0/x",
        "/relay/127.0.0.1:80/api/history/v1.0/x",
        "/relay/login/api/history/v1.0/x",
        "/relay/score/api/history/v1.0/x",
        "/relay/https:/evil.example/api/history/v1.0/x",
        "/relay/eastus/api.evil.example/history/v1.0/x",
        "/relay/eastus/api@evil.example/history/v1.0/x",
        "/relay/eastus/api:80/history/v1.0/x",
        "/relay/eastus",
        "/relay",
        "/eastus/api/history/v1.0/x",
        "/Relay/eastus/api/history/v1.0/x",
        "/%72elay/eastus/api/history/v1.0/x",
        "/relay/eastus/%61pi/history/v1.0/x",
        "/config.json",
    ];
    refuse(&unknown.map(|target| (404, Ask::get(target))));
}

#[test]
fn a_path_that_is_not_in_the_table() {
    let unknown = [
        "/relay/eastus/api/subscriptions",
        "/relay/eastus/api/history/v2.0/x",
        "/relay/eastus/api/history/v1x0/x",
        "/relay/eastus/api/history/v1.0",
        "/relay/eastus/api/History/v1.0/x",
        "/relay/eastus/api/%68istory/v1.0/x",
        "/relay/eastus/api/history%20/v1.0/x",
        "/relay/eastus/api/x/history/v1.0/x",
        "/relay/eastus/api/artifact/v3.0/x",
        "/relay/eastus/api/api/v1.0/x",
        "/relay/eastus/api/discoveryx",
        "/relay/eastus/api?/history/v1.0/x",
        "/relay/eastus/modelmanagement/history/v1.0/x",
        "/relay/eastus/modelmanagement/apis/x",
        "/relay/eastus/aether/api/v2.0/x",
        "/relay/eastus/aether/history/v1.0/x",
        "/relay/login/contoso/oauth2/authorize",
        "/relay/login/contoso/oauth2/v2.0/devicecode",
        "/relay/login/contoso/oauth2/v1.0/token",
        "/relay/login/contoso/x/oauth2/token",
        "/relay/login/oauth2/token",
        "/relay/login/contoso/oauth2/token?grant_type=refresh_token",
        "/relay/login/contoso/oauth2/token/x",
        "/relay/login/read",
        "/relay/score/other",
        "/relay/score/loaves/other",
        "/relay/score/loaves?x=1",
        "/relay/score/LOAVES/",
    ];
    let cases = unknown.map(|target| {
        let malformed = target.ends_with('/');
        (if malformed { 400 } else { 404 }, Ask::get(target))
    });
    refuse(&cases);
}

#[test]
fn a_method_that_the_page_does_not_use_there() {
    let mut cases = Vec::new();
    let (all, changes) = (["PUT", "PROPFIND", "MKCOL", "LOCK", "FOO"], ["POST", "PATCH", "DELETE"]);
    for path in
        ["history/v1.0/x", "modelmanagement/v1.0/x", "execution/v1.0/x", "artifact/v2.0/x", "discovery"]
    {
        cases.extend(all.map(|method| (405, Ask::new(method, &format!("/relay/eastus/api/{path}")))));
    }
    for path in ["artifact/v1.0/x", "artifact/v2.0/x", "datastore/v1.0/x", "notification/v1.0/x", "discovery"]
    {
        cases.extend(changes.map(|method| (405, Ask::new(method, &format!("/relay/eastus/api/{path}")))));
    }
    for path in ["execution/v1.0/x", "hyperdrive/v1.0/x"] {
        cases.extend(
            ["GET", "PATCH", "DELETE"]
                .map(|method| (405, Ask::new(method, &format!("/relay/eastus/experiments/{path}")))),
        );
    }
    cases.push((405, Ask::new("PATCH", "/relay/eastus/aether/api/v1.0/x")));
    cases.push((405, Ask::get("/relay/login/contoso/oauth2/token")));
    cases.push((405, Ask::get("/relay/score/loaves")));
    // What nginx itself refuses.
    cases.push((405, Ask::new("TRACE", "/relay/eastus/api/history/v1.0/x")));
    cases.push((400, Ask::new("CONNECT", "evil.example:443")));
    cases.push((400, Ask::new("get", "/relay/eastus/api/history/v1.0/x")));
    refuse(&cases);
}

#[test]
fn a_path_that_would_be_another_once_somebody_tidies_it_up() {
    let tricks = [
        "..",
        ".",
        "%2e%2e",
        "%2E%2e",
        ".%2e",
        "%2e.",
        "%2e",
        "x%2fy",
        "x%2Fy",
        "x%5cy",
        "x%5Cy",
        "..%2f..%2fx",
        "..%5c..%5cx",
        "%252e%252e",
        "%252fx",
        "%255cx",
        "%25252e",
        "x\\y",
        "..\\..",
        "%c0%ae%c0%ae",
        "%c1%9c",
        "%e0%80%ae",
        "%f0%80%80%ae",
        "%fe%fe",
        "%00",
        "x%00.json",
        "%0d%0aSet-Cookie:x",
        "%0a",
        "%09",
        "%7f",
        "%1f",
        "x%",
        "x%zz",
        "x%2",
        "%u002e",
        "..;",
        ";/x",
        "x;y",
        "",
        "x|y",
        "x\"y",
        "x<y",
        "x{y}",
        "x^y",
        "x`y",
        "é",
    ];
    let mut cases: Vec<(u16, Ask)> = Vec::new();
    for trick in tricks {
        for (before, after) in
            [("/relay/eastus/api/history/v1.0/", "/runs"), ("/relay/eastus/api/history/v1.0/x/", "")]
        {
            cases.push((400, Ask::get(&format!("{before}{trick}{after}"))));
        }
    }
    for target in [
        "/relay/eastus/api/history/v1.0/../../../../../etc/passwd",
        "/relay/eastus/api/history/v1.0/%2e%2e/%2e%2e/x",
        "/relay/eastus/../eastus/api/history/v1.0/x",
        "/relay/./eastus/api/history/v1.0/x",
        "/relay//eastus/api/history/v1.0/x",
        "//relay/eastus/api/history/v1.0/x",
        "//evil.example/relay/eastus/api/history/v1.0/x",
        "/relay/eastus/api//evil.example/history/v1.0/x",
        "/../relay/eastus/api/history/v1.0/x",
        "/relay/eastus/api/history/v1.0/",
        "/relay/login/contoso/../contoso/oauth2/token",
        "/relay/login/%2e%2e/oauth2/token",
        "/relay/score/loaves/",
        "/relay/score/%2e%2e",
        "/relay/score/..",
        "/relay/eastus/api/history/v1.0/x?a=é",
    ] {
        cases.push((400, Ask::get(target)));
    }
    refuse(&cases);
}

#[test]
fn a_request_line_that_names_a_host_or_is_none() {
    refuse(&[
        (400, Ask::get("http://evil.example/relay/eastus/api/history/v1.0/x")),
        (400, Ask::get("https://management.azure.com/relay/eastus/api/history/v1.0/x")),
        (400, Ask::get("http://127.0.0.1/relay/eastus/api/history/v1.0/x")),
        (400, Ask::get("evil.example/relay/eastus/api/history/v1.0/x")),
        (400, Ask::get("*")),
        (400, Ask::line("GET  /relay/eastus/api/history/v1.0/x HTTP/1.1")),
        (400, Ask::line("GET /relay/eastus/api/history/v1.0/x y HTTP/1.1")),
        (400, Ask::line("GET /relay/eastus/api/history/v1.0/x#y HTTP/1.1")),
        (400, Ask::line("GET /relay/eastus/api/history/v1.0/x\tHTTP/1.1")),
        (400, Ask::line("GET /relay/eastus/api/history/v1.0/\u{1}x HTTP/1.1")),
        (400, Ask::line("GET /relay/eastus/api/history/v1.0/x HTTP/1.10")),
        (505, Ask::line("GET /relay/eastus/api/history/v1.0/x HTTP/3.0")),
    ]);
}

#[test]
fn a_request_of_a_time_before_headers() {
    let service = Upstream::answering(GOOD);
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    let mut stream = TcpStream::connect(relay.authority()).unwrap();
    stream.write_all(b"GET /relay/eastus/api/history/v1.0/x\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("RelayRefusedAddress"), "{answer}");
    assert!(service.asked().is_empty());
}

#[test]
fn a_request_that_two_servers_would_read_differently() {
    let ask = || Ask::new("POST", "/relay/eastus/api/history/v1.0/x");
    refuse(&[
        (
            400,
            ask().header("Content-Length", "5").header("Transfer-Encoding", "chunked").with_body("0\r\n\r\n"),
        ),
        (400, ask().header("Content-Length", "5").header("Content-Length", "6").with_body("hello")),
        (400, ask().header("Content-Length", "-1")),
        (400, ask().header("Content-Length", "+5").with_body("hello")),
        (501, ask().header("Transfer-Encoding", "gzip, chunked").with_body("0\r\n\r\n")),
        (400, ask().header("Host", "a").header("Host", "b")),
        (400, ask().header("Host", "a b")),
        (400, ask().header("Host", "a/b")),
        (400, ask().header("Host", "..")),
        (413, ask().header("Content-Length", "999999999999")),
        (400, Ask::get("/relay/eastus/api/history/v1.0/x").header("X", &"x".repeat(40_000))),
        (414, Ask::get(&format!("/relay/eastus/api/history/v1.0/{}", "x".repeat(40_000)))),
    ]);
}

#[test]
fn an_address_as_long_as_one_may_be_is_judged_too() {
    let long = "%41/".repeat(7_000);
    refuse(&[
        (400, Ask::get(&format!("/relay/eastus/api/history/v1.0/{long}%2e"))),
        (404, Ask::get(&format!("/relay/eastus/api/{long}x"))),
    ]);
}

#[test]
fn what_the_caller_calls_the_relay_changes_nothing() {
    let service = Upstream::answering(GOOD);
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    for host in ["management.azure.com", "evil.example:443", "localhost", "169.254.169.254", "[::1]"] {
        let ask = Ask::get("/relay/eastus/api/history/v1.0/x").header("Host", host);
        let ask = ask
            .header("X-Forwarded-Host", host)
            .header("X-Original-URL", "/admin")
            .header("Forwarded", "host=x");
        assert_eq!(ask.of(&relay.authority()).status, 200, "{host}");
        assert_eq!(service.last().header("host"), Some(service.authority().as_str()));
    }
}

#[test]
fn a_second_request_hidden_in_the_first_is_no_request() {
    let service = Upstream::answering(GOOD);
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    let hidden = "GET /relay/eastus/api/subscriptions HTTP/1.1\r\nHost: x\r\n\r\n";
    let mut stream = TcpStream::connect(relay.authority()).unwrap();
    let first = Ask::new("POST", "/relay/eastus/api/history/v1.0/x").with_body(hidden);
    stream.write_all(first.head("x").as_bytes()).unwrap();
    stream.write_all(hidden.as_bytes()).unwrap();
    assert_eq!(Answer::read(&mut stream).status, 200);
    let asked = service.asked();
    assert_eq!((asked.len(), asked[0].body.as_slice()), (1, hidden.as_bytes()));
}

/// Addresses put together at random from what tricks are made of: what passes means the same however often it is decoded.
#[test]
fn what_passes_cannot_be_read_in_another_way() {
    const BEGINNINGS: [&str; 6] = [
        "/relay/eastus/api/history/v1.0/",
        "/relay/eastus/api/artifact/v2.0/x/",
        "/relay/eastus/aether/api/v1.0/",
        "/relay/eastus/api/",
        "/relay/",
        "/",
    ];
    const PIECES: [&str; 32] = [
        "/",
        "/",
        "/",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%5c",
        "%25",
        "%252e",
        "%252f",
        "\\",
        "a",
        "history/v1.0",
        "api",
        "relay/eastus",
        "?",
        "#",
        "@",
        ":",
        "%00",
        "%0d%0a",
        "%c0%ae",
        "%20",
        "%",
        "%2",
        ";",
        "%41",
        "é",
        "%c3%a9",
        "~",
    ];
    let service = Upstream::answering(GOOD);
    let tables =
        Tables::default().host("eastus api", &service.origin()).host("eastus aether", &service.origin());
    let relay = Relay::start(&tables);
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).unwrap() % below
    };
    for _ in 0..2_000 {
        let mut target = BEGINNINGS[random(BEGINNINGS.len())].to_owned();
        for _ in 0..=random(6) {
            target += PIECES[random(PIECES.len())];
        }
        let answer = Ask::get(&target).of(&relay.authority());
        assert!(matches!(answer.status, 200 | 400 | 404 | 405 | 429), "{target}: {}", answer.status);
    }
    let passed = service.asked();
    assert!(passed.len() > 50, "{} passed", passed.len());
    for asked in passed {
        let path = asked.line.split([' ', '?']).nth(1).unwrap().as_bytes().to_vec();
        let families: [&[u8]; 4] = [b"/history/v1.0/", b"/artifact/v2.0/", b"/discovery", b"/api/v1.0/"];
        assert!(families.iter().any(|family| path.starts_with(family)), "{}", asked.line);
        let once = decoded(&path);
        let twice = decoded(&once);
        for reading in [&path, &once, &twice] {
            let segments: Vec<&[u8]> = reading.split(|byte| *byte == b'/').collect();
            let is_plain = |segment: &&[u8]| !matches!(*segment, b"" | b"." | b"..");
            assert!(segments[1..].iter().all(is_plain), "{}", asked.line);
            assert_eq!(segments.len(), path.split(|byte| *byte == b'/').count(), "{}", asked.line);
            assert!(!reading.iter().any(|byte| *byte < b' ' || *byte == b'\\'), "{}", asked.line);
        }
    }
}

fn decoded(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}
