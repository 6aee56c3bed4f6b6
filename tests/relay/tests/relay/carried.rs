//! What goes along with a request and an answer, and what does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use azimuth_relay::{Ask, DASHBOARD, Relay, Tables, Upstream, name_server};

/// The relay before a service that gives this answer, and is all there is of a region.
fn before(answer: &str) -> (Upstream, Relay) {
    let service = Upstream::answering(answer);
    let relay = Relay::start(&Tables::default().host("eastus api", &service.origin()));
    (service, relay)
}

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
const TARGET: &str = "/relay/eastus/api/history/v1.0/x";

#[test]
fn only_named_headers_reach_a_service() {
    let (service, relay) = before(GOOD);
    let mut ask = Ask::post(TARGET, "application/json", "{}").bearer("sesame").header("Origin", DASHBOARD);
    for (name, value) in [
        ("Accept", "application/json"),
        ("If-Match", "\"7\""),
        ("x-ms-client-request-id", "8f1a"),
        ("Range", "bytes=5-"),
        ("Cookie", "session=1"),
        ("Referer", "https://dashboard.example.org/"),
        ("User-Agent", "Mozilla/5.0"),
        ("Accept-Encoding", "gzip"),
        ("Forwarded", "for=10.1.2.3"),
        ("X-Forwarded-For", "10.1.2.3"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-Proto", "http"),
        ("X-Real-IP", "10.1.2.3"),
        ("X-Original-URL", "/admin"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Ms-Something", "1"),
        ("RunHistoryHost", "https://evil.example"),
        ("Proxy-Authorization", "Basic eDp4"),
        ("Upgrade", "websocket"),
        ("TE", "trailers"),
        ("Expect", "200-ok"),
        ("Via", "1.1 x"),
        ("If-None-Match", "\"7\""),
        ("Sec-Fetch-Site", "cross-site"),
    ] {
        ask = ask.header(name, value);
    }
    assert_eq!(ask.of(&relay.authority()).status, 200);
    let asked = service.last();
    let mut names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "connection",
            "content-length",
            "content-type",
            "host",
            "if-match",
            "range",
            "x-ms-client-request-id"
        ]
    );
    assert_eq!(asked.header("host"), Some(service.authority().as_str()));
    assert_eq!(asked.header("authorization"), Some("Bearer sesame"));
    assert_eq!(asked.header("connection"), Some("close"));
    assert_eq!((asked.line.as_str(), asked.body.as_slice()), ("POST /history/v1.0/x HTTP/1.1", &b"{}"[..]));
}

#[test]
fn what_is_not_a_bearer_s_or_not_a_range_stays_here() {
    let (service, relay) = before(GOOD);
    for (name, value) in [
        ("Authorization", "Basic dXNlcjpwYXNz"),
        ("Authorization", "Bearer"),
        ("Range", "bytes=0-1,5-6"),
        ("Range", "bytes=-500"),
        ("Range", "rows=1-2"),
    ] {
        assert_eq!(Ask::get(TARGET).header(name, value).of(&relay.authority()).status, 200);
        assert_eq!(service.last().header(&name.to_lowercase()), None, "{value}");
    }
}

#[test]
fn of_two_headers_of_one_name_one_goes_along_at_most() {
    let (service, relay) = before(GOOD);
    let ask =
        Ask::get(TARGET).bearer("sesame").bearer("other").header("If-Match", "1").header("If-Match", "2");
    ask.of(&relay.authority());
    let asked = service.asked().pop();
    let count = |wanted: &str| {
        let headers = asked.iter().flat_map(|asked| &asked.headers);
        headers.filter(|(name, _)| name == wanted).count()
    };
    assert!(count("authorization") <= 1 && count("if-match") <= 1, "{asked:?}");
}

#[test]
fn the_sweeps_service_is_told_its_own_host_whatever_the_caller_says() {
    let (service, relay) = before(GOOD);
    let cancel = "/relay/eastus/api/hyperdrive/v1.0/x/experiments/e/runs/r/cancel";
    let ask = Ask::new("POST", cancel).header("RunHistoryHost", "https://evil.example");
    assert_eq!(ask.of(&relay.authority()).status, 200);
    assert_eq!(service.last().header("runhistoryhost"), Some(service.origin().as_str()));
    let other = Ask::new("POST", "/relay/eastus/api/hyperdrive/v1.0/x/experiments/e/runs");
    assert_eq!(other.header("RunHistoryHost", "https://evil.example").of(&relay.authority()).status, 200);
    assert_eq!(service.last().header("runhistoryhost"), None);
}

#[test]
fn an_answer_arrives_however_much_is_said_in_its_headers() {
    // Sign-in at Entra sends several kB of cookies and policies. All headers of an answer have to fit into one buffer.
    let headers: String =
        (0..14).map(|number| format!("X-Said-{number}: {}\r\n", "x".repeat(1_000))).collect();
    let (_service, relay) = before(&format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\n{{}}"));
    let answer = Ask::get(TARGET).of(&relay.authority());
    assert_eq!((answer.status, answer.header("x-said-13").map(str::len)), (200, Some(1_000)));
}

#[test]
fn an_answer_comes_without_cookies_and_without_what_would_be_said_of_this_host() {
    let (_service, relay) = before(
        "HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\
         Set-Cookie: a=1; Secure\r\nSet-Cookie: b=2\r\nSet-Cookie2: c=3\r\nClear-Site-Data: \"*\"\r\n\
         Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: *\r\n\
         Strict-Transport-Security: max-age=31536000; includeSubDomains\r\nAlt-Svc: h3=\":443\"\r\nRefresh: 0; url=https://evil.example\r\n\
         Service-Worker-Allowed: /\r\nReport-To: {}\r\nContent-Security-Policy: default-src *\r\nCache-Control: public, max-age=99\r\nExpires: Thu, 01 Jan 2099 00:00:00 GMT\r\n\
         Retry-After: 7\r\nx-ms-request-id: 1234\r\nWWW-Authenticate: Bearer error=\"x\"\r\n\r\n{\"error\":\"x\"}",
    );
    let answer = Ask::get(TARGET).header("Origin", DASHBOARD).of(&relay.authority());
    assert_eq!((answer.status, answer.text().as_str()), (403, "{\"error\":\"x\"}"));
    for gone in [
        "set-cookie",
        "set-cookie2",
        "clear-site-data",
        "access-control-allow-credentials",
        "strict-transport-security",
        "alt-svc",
        "refresh",
        "service-worker-allowed",
        "report-to",
        "expires",
    ] {
        assert_eq!(answer.header(gone), None);
    }
    for (name, value) in [
        ("cache-control", "no-store"),
        ("access-control-allow-origin", DASHBOARD),
        ("vary", "Origin"),
        ("retry-after", "7"),
        ("x-ms-request-id", "1234"),
        ("www-authenticate", "Bearer error=\"x\""),
        ("content-type", "application/json"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

#[test]
fn no_redirect_is_followed_or_told() {
    for status in [301, 302, 303, 307, 308] {
        let elsewhere = Upstream::answering(GOOD);
        let (_service, relay) = before(&format!(
            "HTTP/1.1 {status} Gone elsewhere\r\nLocation: {}/history/v1.0/y\r\nContent-Length: 0\r\n\r\n",
            elsewhere.origin()
        ));
        let answer = Ask::get(TARGET).bearer("sesame").header("Origin", DASHBOARD).of(&relay.authority());
        assert_eq!((answer.status, answer.header("location")), (502, None), "{status}");
        assert!(answer.text().contains("RelayRefusedRedirect"), "{}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), Some(DASHBOARD));
        assert!(elsewhere.asked().is_empty());
    }
}

#[test]
fn a_redirect_within_the_table_is_none_either() {
    let service = Upstream::doing(|_| {});
    let redirect =
        format!("HTTP/1.1 307 Temporary\r\nLocation: {}/x\r\nContent-Length: 0\r\n\r\n", service.origin());
    let first = Upstream::answering(&redirect);
    let relay = Relay::start(
        &Tables::default().host("eastus api", &first.origin()).host("eastus experiments", &service.origin()),
    );
    let answer = Ask::get(TARGET).of(&relay.authority());
    assert_eq!((answer.status, answer.header("location")), (502, None));
}

#[test]
fn where_a_change_can_be_followed_is_told_if_its_host_is_one_of_the_region() {
    // It answers with the address that the caller wishes for.
    let service = Upstream::answering_each(|asked| {
        let address = asked.header("if-match").unwrap_or_default();
        format!(
            "HTTP/1.1 202 Accepted\r\nLocation: {address}\r\nAzure-AsyncOperation: {address}\r\nContent-Length: 0\r\n\r\n"
        )
    });
    let relay = Relay::start(
        &Tables::default()
            .host("eastus api", &service.origin())
            .host("eastus experiments", "http://127.0.0.1:1")
            .host("eastus aether", "http://other.example:8080")
            .host("westus api", "http://west.example"),
    );
    let told = |address: &str| {
        let answer = Ask::new("POST", TARGET).header("If-Match", address).of(&relay.authority());
        assert_eq!(answer.status, 202);
        let of = |name| answer.header(name).map(str::to_owned);
        assert_eq!(of("location"), of("azure-asyncoperation"));
        of("location")
    };
    for kept in [
        "http://127.0.0.1:1",
        "http://127.0.0.1:1/",
        "http://127.0.0.1:1/history/v1.0/x?a=b",
        "http://other.example:8080/y",
        &format!("{}/x", service.origin()),
    ] {
        assert_eq!(told(kept).as_deref(), Some(kept));
    }
    for dropped in [
        "",
        "https://evil.example/",
        "http://127.0.0.1:1.evil.example/",
        "http://127.0.0.1:1@evil.example/",
        "http://127.0.0.1:10/",
        "http://127.0.0.1:1\\@evil.example/",
        "https://evil.example https://evil.example/x",
        "https://evil.example https://evil.example https://evil.example https://evil.example/x",
        "https://evil.example http://127.0.0.1:1",
        "http://127.0.0.1:1 https://evil.example",
        "http://west.example/x",
        "https://127.0.0.1:1/",
        "//other.example:8080/y",
        "/relay/eastus/api/history/v1.0/y",
        "javascript:alert(1)",
    ] {
        assert!(told(dropped).is_none_or(|told| told == "http://127.0.0.1:1"), "{dropped}");
    }
}

#[test]
fn a_service_cannot_send_the_relay_anywhere() {
    let (service, relay) = before(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Accel-Redirect: /relay/eastus/api/history/v1.0/secret\r\n\
         X-Accel-Buffering: yes\r\nX-Accel-Limit-Rate: 1\r\n\r\n{}",
    );
    let answer = Ask::get(TARGET).of(&relay.authority());
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    assert_eq!(service.asked().len(), 1);
}

#[test]
fn what_was_not_answered_is_not_asked_again_elsewhere() {
    let count = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&count);
    let silent = Upstream::doing(move |_| {
        asked.fetch_add(1, Ordering::SeqCst);
    });
    let origin = silent.origin().replace("127.0.0.1", "two-addresses.example");
    let tables = Tables::default().host("eastus api", &origin);
    let relay = Relay::start(&tables.server(&format!("resolver {} ipv6=off;", name_server())));
    for (times, method) in [(1, "GET"), (2, "DELETE"), (3, "POST")] {
        assert_eq!(Ask::new(method, TARGET).of(&relay.authority()).status, 502);
        assert_eq!(count.load(Ordering::SeqCst), times, "{method}");
    }
}
