//! The simulator and the site, as clients see them: over real sockets.

#![allow(clippy::unwrap_used, reason = "what is in the way of a test fails it")]
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use azimuth_simulator_http::{
    Blob, Blobs, Role, Running, ServerOptions, SiteOptions, blobs_of, serve_site, start,
};
use http::Method;

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect(&self.body)
    }
}

/// Sends one request; `None` when the connection is closed without an answer.
fn ask(origin: &str, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    let authority = origin.strip_prefix("http://").unwrap().trim_end_matches('/');
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut request = format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "host") {
        request += &format!("host: {authority}\r\n");
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += &format!("content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    if answer.is_empty() {
        return None;
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    Some(Answer { status, headers: headers.collect(), body: body.to_owned() })
}

fn bakery() -> Running {
    start(ServerOptions::default()).unwrap()
}

fn with_faults(plan: &str) -> Running {
    start(ServerOptions { faults: Some(plan.to_owned()), ..ServerOptions::default() }).unwrap()
}

fn get(running: &Running, role: Role, target: &str) -> Option<Answer> {
    ask(running.origin(role), "GET", target, &[("origin", "http://127.0.0.1:8080")], "")
}

fn preflight(running: &Running, role: Role, target: &str, method: &str) -> Answer {
    let headers = [
        ("origin", "http://127.0.0.1:8080"),
        ("access-control-request-method", method),
        ("access-control-request-headers", "authorization,content-type"),
    ];
    ask(running.origin(role), "OPTIONS", target, &headers, "").unwrap()
}

fn token(running: &Running) -> String {
    let form = "grant_type=client_credentials&client_id=azimuth&client_secret=demo-secret-~%2B%2F%3D\
                &resource=https%3A%2F%2Fmanagement.azure.com%2F";
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = ask(running.origin(Role::Login), "POST", "/contoso/oauth2/token", &headers, form).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

const SUBSCRIPTIONS: &str = "/subscriptions?api-version=2020-01-01";

#[test]
fn a_client_gets_a_token_and_with_it_a_list() {
    let running = bakery();
    let authorization = format!("Bearer {}", token(&running));
    let headers = [("authorization", authorization.as_str())];
    let answer = ask(running.origin(Role::Management), "GET", SUBSCRIPTIONS, &headers, "").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(!answer.json()["value"].as_array().unwrap().is_empty());
}

#[test]
fn an_origin_answers_for_itself_alone() {
    let running = bakery();
    let authorization = format!("Bearer {}", token(&running));
    let headers = [("authorization", authorization.as_str())];
    let answer = ask(running.origin(Role::Regional), "GET", SUBSCRIPTIONS, &headers, "").unwrap();
    assert_eq!(answer.status, 404, "{}", answer.body);
}

#[test]
fn a_request_for_another_host_is_refused_and_never_handed_on() {
    let running = bakery();
    for host in ["management.azure.com", "evil.example", "localhost"] {
        let headers = [("host", host)];
        let answer = ask(running.origin(Role::Management), "GET", SUBSCRIPTIONS, &headers, "").unwrap();
        assert_eq!(answer.status, 421);
    }
    assert!(running.recorder().requests().iter().all(|request| !request.handed_on));
}

#[test]
fn every_origin_has_a_port_of_its_own() {
    let running = bakery();
    let other = bakery();
    let mut origins: Vec<&str> = Role::ALL.iter().map(|role| running.origin(*role)).collect();
    origins.extend(Role::ALL.iter().map(|role| other.origin(*role)));
    origins.sort_unstable();
    origins.dedup();
    assert_eq!(origins.len(), 16);
}

#[test]
fn the_settings_name_every_origin_and_fit_on_one_line() {
    let running = bakery();
    assert!(!running.config_json().contains('\n'));
    let config: serde_json::Value = serde_json::from_str(running.config_json()).unwrap();
    assert_eq!(config["cloud"]["login"], running.origin(Role::Login));
    assert_eq!(config["cloud"]["management"], running.origin(Role::Management));
    assert_eq!(config["cloud"]["services"].as_array().unwrap().len(), 4);
    assert_eq!(config["dataOrigins"][0], running.origin(Role::Storage));
    assert_eq!(config["dataOrigins"][1], running.origin(Role::Scoring));
    assert_eq!(config["signIn"], serde_json::json!({ "clientId": "azimuth", "tenant": "contoso" }));
}

#[test]
fn a_port_in_use_is_named() {
    let running = bakery();
    let port: u16 = running.origin(Role::Login).rsplit(':').next().unwrap().parse().unwrap();
    let message = start(ServerOptions { port, ..ServerOptions::default() }).err().unwrap();
    assert!(message.contains(&port.to_string()), "{message}");
}

#[test]
fn a_stopped_server_closes_its_connections() {
    let running = bakery();
    let authority = running.origin(Role::Login).strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(b"GET").unwrap();
    running.stop();
    // Its ports may have gone to somebody else by now, so a new connection would tell nothing.
    let end = stream.read(&mut [0; 1]);
    assert!(
        matches!(&end, Ok(0)) || end.as_ref().is_err_and(|error| error.kind() == ErrorKind::ConnectionReset),
        "{end:?}"
    );
}

#[test]
fn browsers_may_ask_management_and_services_and_the_token_endpoint() {
    let running = bakery();
    let token_path = "/contoso/oauth2/token";
    for (role, path) in
        [(Role::Management, "/subscriptions"), (Role::Regional, "/history"), (Role::Login, token_path)]
    {
        let answer = preflight(&running, role, path, "PUT");
        assert_eq!(answer.status, 204, "{role:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-methods"), Some("PUT"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,content-type"));
        assert!(answer.header("access-control-max-age").is_some());
    }
    assert!(running.recorder().requests().iter().all(|request| request.is_preflight() && !request.handed_on));
}

#[test]
fn a_private_network_is_allowed_when_the_browser_asks_for_it() {
    let running = bakery();
    let headers = [
        ("origin", "https://example.org"),
        ("access-control-request-method", "GET"),
        ("access-control-request-private-network", "true"),
    ];
    let answer = ask(running.origin(Role::Management), "OPTIONS", "/subscriptions", &headers, "").unwrap();
    assert_eq!(answer.header("access-control-allow-private-network"), Some("true"));
}

#[test]
fn scoring_and_the_device_code_are_not_for_browsers() {
    let running = bakery();
    for (role, path) in [(Role::Scoring, "/score"), (Role::Login, "/contoso/oauth2/devicecode")] {
        assert_eq!(preflight(&running, role, path, "POST").status, 405);
        let answer = get(&running, role, path).unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn the_service_that_was_made_for_pages_is_for_them() {
    let running = bakery();
    assert_eq!(preflight(&running, Role::Scoring, "/loaves-tomorrow/score", "POST").status, 204);
    let answer = ask(running.origin(Role::Scoring), "POST", "/loaves-tomorrow/score", &[], "{}").unwrap();
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, Some("*")));
    assert_eq!(preflight(&running, Role::Scoring, "/relay/score/weather-live", "POST").status, 204);
    let relayed = ask(running.origin(Role::Scoring), "POST", "/relay/score/weather-live", &[], "{}").unwrap();
    assert_eq!(relayed.status, 401);
    let closed = start(ServerOptions { cors: false, ..ServerOptions::default() }).unwrap();
    assert_eq!(preflight(&closed, Role::Scoring, "/loaves-tomorrow/score", "POST").status, 405);
}

#[test]
fn storage_may_be_read_and_not_written() {
    let running = bakery();
    assert_eq!(preflight(&running, Role::Storage, "/container/file", "GET").status, 204);
    assert_eq!(preflight(&running, Role::Storage, "/container/file", "PUT").status, 403);
    let answer = get(&running, Role::Storage, "/container/file").unwrap();
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let answer = ask(running.origin(Role::Storage), "PUT", "/container/file", &[], "x").unwrap();
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn an_error_can_be_read_by_the_page() {
    let running = bakery();
    let answer = get(&running, Role::Management, SUBSCRIPTIONS).unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(answer.header("access-control-expose-headers").unwrap().contains("Retry-After"));
}

#[test]
fn without_cors_the_services_keep_to_themselves_and_management_does_not() {
    let running = start(ServerOptions { cors: false, ..ServerOptions::default() }).unwrap();
    assert_eq!(preflight(&running, Role::Regional, "/history", "GET").status, 405);
    let answer = get(&running, Role::Discovery, "/discovery").unwrap();
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(preflight(&running, Role::Management, "/subscriptions", "GET").status, 204);
}

/// As a storage account without a rule for other origins: it serves, and no page may read it.
#[test]
fn the_storage_alone_can_keep_to_itself() {
    let running = with_faults(r#"[{"match": "GET /*/azureml/*", "times": 0, "do": "fail-cors"}]"#);
    let blob = "/bakeryforecasting/azureml/ExperimentRun/dcid.calm_dough_7/azureml-logs/70_driver_log.txt";
    assert_eq!(preflight(&running, Role::Storage, blob, "GET").status, 405);
    for _ in 0..3 {
        let answer = get(&running, Role::Storage, blob).unwrap();
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (404, None));
        let answer = get(&running, Role::Discovery, "/discovery").unwrap();
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    }
    running.clear_faults();
    let answer = get(&running, Role::Storage, blob).unwrap();
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_connection_dropped_before_leaves_the_simulator_untouched() {
    let running = with_faults(r#"[{"match": "GET /subscriptions", "times": 1, "do": "drop-before"}]"#);
    assert!(get(&running, Role::Management, SUBSCRIPTIONS).is_none());
    let requests = running.recorder().requests();
    assert_eq!((requests.len(), requests[0].handed_on, requests[0].status), (1, false, None));
    assert_eq!(get(&running, Role::Management, SUBSCRIPTIONS).unwrap().status, 401);
}

#[test]
fn a_connection_dropped_after_has_reached_the_simulator() {
    let running = with_faults(r#"[{"match": "GET /subscriptions", "times": 1, "do": "drop-after"}]"#);
    assert!(get(&running, Role::Management, SUBSCRIPTIONS).is_none());
    let requests = running.recorder().requests();
    assert_eq!((requests.len(), requests[0].handed_on, requests[0].status), (1, true, None));
}

#[test]
fn a_fault_added_later_answers_in_the_hosts_own_shape() {
    let running = bakery();
    running.add_faults(r#"[{"match": "GET *", "times": 3, "do": "status 503"}]"#).unwrap();
    let answer = get(&running, Role::Management, SUBSCRIPTIONS).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!(answer.json()["error"]["code"], "ServiceUnavailable");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    let answer = get(&running, Role::ModelManagement, "/api/models").unwrap();
    assert_eq!(answer.json()["statusCode"], 503);
    running.clear_faults();
    assert_eq!(get(&running, Role::Management, SUBSCRIPTIONS).unwrap().status, 401);
}

#[test]
fn a_proxys_page_comes_with_status_200() {
    let running = with_faults(r#"[{"match": "GET *", "do": "body <h1>Sign in to the network</h1>"}]"#);
    let answer = get(&running, Role::Management, SUBSCRIPTIONS).unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "<h1>Sign in to the network</h1>"));
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
}

#[test]
fn a_delayed_answer_comes_late_and_comes() {
    let running = with_faults(r#"[{"match": "GET *", "do": "delay 300"}]"#);
    let started = Instant::now();
    assert_eq!(get(&running, Role::Management, SUBSCRIPTIONS).unwrap().status, 401);
    assert!(started.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_fault_plan_that_makes_no_sense_is_refused() {
    assert!(start(ServerOptions { faults: Some("[{".to_owned()), ..ServerOptions::default() }).is_err());
    assert!(bakery().add_faults("no JSON").is_err());
}

#[test]
fn the_recorder_knows_who_asked_what() {
    let running = bakery();
    let headers = [("authorization", "Bearer secret"), ("x-ms-client-request-id", "1")];
    let target = "/subscriptions?api-version=2020-01-01&a=b";
    ask(running.origin(Role::Management), "GET", target, &headers, "").unwrap();
    get(&running, Role::Regional, "/history/v1.0/runs").unwrap();
    ask(running.origin(Role::Regional), "POST", "/history/v1.0/runs", &[], "{}").unwrap();

    let requests = running.recorder().requests();
    assert_eq!(requests.len(), 3);
    assert_eq!((requests[0].role, requests[0].target.as_str()), (Role::Management, target));
    assert!(requests[0].has_authorization() && !requests[1].has_authorization());
    assert!(requests[0].headers.iter().any(|name| name == "x-ms-client-request-id"));
    assert_eq!(requests[2].body_bytes, 2);
    assert_eq!(running.recorder().matching(&Method::GET, "/runs").len(), 1);
    running.recorder().clear();
    assert!(running.recorder().requests().is_empty());
}

/// A site in a folder of its own, which goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("azimuth-site-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("style")).unwrap();
        fs::write(folder.join("index.html"), "<h1>Azimuth</h1>").unwrap();
        fs::write(folder.join("app.wasm"), "raw").unwrap();
        fs::write(folder.join("app.wasm.br"), "compressed").unwrap();
        fs::write(folder.join("style/base.css"), "h1 {}").unwrap();
        fs::write(folder.join("config.json"), "{}").unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn the_site_has_its_files_under_the_right_types() {
    let folder = Folder::new("types");
    let site = serve_site(SiteOptions::new(&folder.0)).unwrap();
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/index.html?query", "text/html; charset=utf-8"),
        ("/app.wasm", "application/wasm"),
        ("/style/base.css", "text/css; charset=utf-8"),
        ("/config.json", "application/json; charset=utf-8"),
    ] {
        let answer = ask(site.address(), "GET", path, &[], "").unwrap();
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
}

#[test]
fn what_is_missing_is_not_found_and_nothing_outside_is_served() {
    let folder = Folder::new("missing");
    let site = serve_site(SiteOptions::new(&folder.0)).unwrap();
    for path in ["/runs", "/style", "/../Cargo.toml", "/%2e%2e/%2e%2e/etc/passwd"] {
        assert_eq!(ask(site.address(), "GET", path, &[], "").unwrap().status, 404, "{path}");
    }
    assert_eq!(ask(site.address(), "POST", "/", &[], "").unwrap().status, 405);
}

#[test]
fn a_compressed_file_goes_to_those_who_accept_it() {
    let folder = Folder::new("compressed");
    let site = serve_site(SiteOptions::new(&folder.0)).unwrap();
    let answer = ask(site.address(), "GET", "/app.wasm", &[("accept-encoding", "gzip, br")], "").unwrap();
    assert_eq!((answer.header("content-encoding"), answer.body.as_str()), (Some("br"), "compressed"));
    assert_eq!(answer.header("content-type"), Some("application/wasm"));
    let answer = ask(site.address(), "GET", "/app.wasm", &[("accept-encoding", "gzip")], "").unwrap();
    assert_eq!((answer.header("content-encoding"), answer.body.as_str()), (None, "raw"));
}

/// The page, a script that was uploaded compressed, and a page in a folder.
fn blobs() -> Blobs {
    let blob = |content: &str, content_type: &str, cache_control: &str| Blob {
        content: content.as_bytes().to_vec(),
        content_type: Some(content_type.to_owned()),
        cache_control: Some(cache_control.to_owned()),
        content_encoding: None,
    };
    let script = Blob {
        content_encoding: Some("br".to_owned()),
        ..blob("compressed", "text/javascript", "public,max-age=31536000,immutable")
    };
    Blobs::from([
        ("index.html".to_owned(), blob("<h1>Azimuth</h1>", "text/html", "no-cache")),
        ("Boot-1.js".to_owned(), script),
        ("tools/azimuth/index.html".to_owned(), blob("<h1>Tools</h1>", "text/html", "no-cache")),
        ("raw".to_owned(), Blob { content: b"raw".to_vec(), ..Blob::default() }),
    ])
}

#[test]
fn a_storage_account_hands_blobs_out_as_they_were_uploaded() {
    let site = serve_site(SiteOptions { blobs: Some(blobs()), ..SiteOptions::new("nowhere") }).unwrap();
    for accepted in ["identity", "gzip, br"] {
        let answer =
            ask(site.address(), "GET", "/Boot-1.js?v=1", &[("accept-encoding", accepted)], "").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "compressed"));
        assert_eq!(answer.header("content-type"), Some("text/javascript"));
        assert_eq!(answer.header("content-encoding"), Some("br"));
        assert_eq!(answer.header("cache-control"), Some("public,max-age=31536000,immutable"));
        for absent in ["vary", "x-content-type-options", "content-security-policy"] {
            assert_eq!(answer.header(absent), None);
        }
    }
    let answer = ask(site.address(), "GET", "/raw", &[], "").unwrap();
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    assert_eq!(answer.header("cache-control"), None);
    assert_eq!(ask(site.address(), "POST", "/", &[], "").unwrap().status, 405);
}

#[test]
fn a_storage_account_answers_for_what_is_missing_with_the_page_and_404() {
    let site = serve_site(SiteOptions { blobs: Some(blobs()), ..SiteOptions::new("nowhere") }).unwrap();
    for (path, status, body) in [
        ("/", 200, "<h1>Azimuth</h1>"),
        ("/index.html", 200, "<h1>Azimuth</h1>"),
        ("/runs/1", 404, "<h1>Azimuth</h1>"),
        ("/boot-1.js", 404, "<h1>Azimuth</h1>"),
        ("/tools/azimuth/", 200, "<h1>Tools</h1>"),
        ("/tools/azimuth", 200, "<h1>Tools</h1>"),
        ("/tools/", 404, "<h1>Azimuth</h1>"),
    ] {
        let answer = ask(site.address(), "GET", path, &[], "").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (status, body), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html"), "{path}");
    }
}

#[test]
fn a_storage_account_says_when_nothing_has_changed() {
    let site = serve_site(SiteOptions { blobs: Some(blobs()), ..SiteOptions::new("nowhere") }).unwrap();
    let first = ask(site.address(), "GET", "/", &[], "").unwrap();
    let etag = first.header("etag").unwrap();
    let again = ask(site.address(), "GET", "/", &[("if-none-match", etag)], "").unwrap();
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let missing = ask(site.address(), "GET", "/runs", &[("if-none-match", etag)], "").unwrap();
    assert_eq!(missing.status, 404);
}

#[test]
fn blobs_have_the_properties_that_the_manifest_of_a_site_names() {
    let folder = Folder::new("manifest");
    let manifest =
        r#"{"files": [{"path": "app.wasm", "contentType": "application/wasm", "cacheControl": "no-cache"}]}"#;
    fs::write(folder.0.join("files.json"), manifest).unwrap();
    let blobs = blobs_of(&folder.0).unwrap();
    assert_eq!(blobs.keys().collect::<Vec<_>>(), ["app.wasm"]);
    assert_eq!(blobs["app.wasm"].content, b"raw");
    assert_eq!(blobs["app.wasm"].content_type.as_deref(), Some("application/wasm"));
    fs::write(folder.0.join("files.json"), "no manifest").unwrap();
    assert!(blobs_of(&folder.0).is_err());
}

/// The hours, minutes and seconds of the site's clock, as seconds of the day.
fn seconds_of_the_day(answer: &Answer) -> i64 {
    let date = answer.header("date").unwrap();
    let clock = date.split(' ').nth(4).unwrap();
    clock.split(':').fold(0, |seconds, part| seconds * 60 + part.parse::<i64>().unwrap())
}

#[test]
fn the_site_tells_the_time_or_a_wrong_one() {
    let folder = Folder::new("clock");
    let site = serve_site(SiteOptions::new(&folder.0).with_config("{}")).unwrap();
    let config = || ask(site.address(), "GET", "/config.json", &[], "").unwrap();
    let right = seconds_of_the_day(&config());
    site.set_clock_skew(-600);
    let behind = (right - seconds_of_the_day(&config())).rem_euclid(24 * 3600);
    assert!((580..=600).contains(&behind), "{behind} seconds behind");
    site.set_clock_skew(0);
    let again = (seconds_of_the_day(&config()) - right).rem_euclid(24 * 3600);
    assert!(again < 20, "{again} seconds later");
}

#[test]
fn the_settings_of_the_site_can_be_replaced() {
    let folder = Folder::new("settings");
    let site = serve_site(SiteOptions::new(&folder.0).with_config(r#"{"demo":false}"#)).unwrap();
    assert_eq!(ask(site.address(), "GET", "/config.json", &[], "").unwrap().body, r#"{"demo":false}"#);
    site.set_config(r#"{"readOnly":true}"#);
    assert_eq!(ask(site.address(), "GET", "/config.json", &[], "").unwrap().body, r#"{"readOnly":true}"#);
    assert_eq!(fs::read_to_string(folder.0.join("config.json")).unwrap(), "{}");
}

#[test]
fn a_site_in_a_folder_of_a_host_begins_there() {
    let folder = Folder::new("prefix");
    let options = SiteOptions { prefix: "tools/azimuth".to_owned(), ..SiteOptions::new(&folder.0) };
    let site = serve_site(options).unwrap();
    let origin = site.address().strip_suffix("/tools/azimuth/").unwrap();
    assert_eq!(ask(origin, "GET", "/tools/azimuth/style/base.css", &[], "").unwrap().status, 200);
    assert_eq!(ask(origin, "GET", "/style/base.css", &[], "").unwrap().status, 404);
    let answer = ask(origin, "GET", "/tools/azimuth", &[], "").unwrap();
    assert_eq!(answer.header("location"), Some("/tools/azimuth/"));
}

#[test]
fn a_site_that_was_not_built_is_named() {
    let message = serve_site(SiteOptions::new("nowhere")).err().unwrap();
    assert!(message.contains("cargo xtask dist"), "{message}");
}

const FAILING: &str = "/subscriptions/fail-NAME/resourceGroups?api-version=2020-01-01";

fn failing(running: &Running, name: &str) -> Option<Answer> {
    let authorization = format!("Bearer {}", token(running));
    let headers = [("origin", "http://127.0.0.1:8080"), ("authorization", authorization.as_str())];
    let target = FAILING.replace("fail-NAME", name);
    ask(running.origin(Role::Management), "GET", &target, &headers, "")
}

#[test]
fn a_failure_is_asked_for_by_name() {
    let running = bakery();
    let throttled = failing(&running, "fail-429").unwrap();
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, Some("7")));
    assert_eq!(throttled.header("access-control-allow-origin"), Some("*"));
    assert!(throttled.header("date").is_some());
}

#[test]
fn a_connection_that_fails_by_name_never_reaches_the_service() {
    let running = bakery();
    for (name, handed_on) in [("fail-connection", false), ("fail-drop-after", true)] {
        assert!(failing(&running, name).is_none(), "{name}");
        let asked = running.recorder().matching(&Method::GET, name);
        assert_eq!((asked.len(), asked[0].handed_on, asked[0].status), (1, handed_on, None), "{name}");
    }
}

#[test]
fn an_answer_that_no_page_may_read_has_no_word_of_sharing_and_no_preflight() {
    let running = bakery();
    let target = FAILING.replace("fail-NAME", "fail-cors");
    assert_eq!(preflight(&running, Role::Management, &target, "GET").status, 405);
    let answer = failing(&running, "fail-cors").unwrap();
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (404, None));
}

#[test]
fn a_plan_turns_a_request_into_a_failure_by_its_name() {
    let running = with_faults(
        r#"[{"match": "GET /subscriptions", "do": "fail-403"}, {"match": "GET /subscriptions", "do": "fail-cors"}]"#,
    );
    let authorization = format!("Bearer {}", token(&running));
    let headers = [("authorization", authorization.as_str())];
    let list = || ask(running.origin(Role::Management), "GET", SUBSCRIPTIONS, &headers, "").unwrap();
    let refused = preflight(&running, Role::Management, SUBSCRIPTIONS, "POST");
    assert_eq!(refused.status, 204, "the plan is about reading");
    assert_eq!(preflight(&running, Role::Management, SUBSCRIPTIONS, "GET").status, 204, "not yet its turn");
    let forbidden = list();
    assert_eq!(forbidden.status, 403);
    assert_eq!(forbidden.json()["error"]["code"], "AuthorizationFailed");
    // A browser whose preflight is refused does not ask; the refusal is the failure.
    assert_eq!(preflight(&running, Role::Management, SUBSCRIPTIONS, "GET").status, 405);
    assert_eq!(preflight(&running, Role::Management, SUBSCRIPTIONS, "GET").status, 204);
    assert_eq!(list().header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_slow_answer_is_the_ordinary_one_later() {
    let running = bakery();
    let started = Instant::now();
    let answer = failing(&running, "slow").unwrap();
    assert_eq!(answer.json()["error"]["code"], "SubscriptionNotFound");
    let waited = started.elapsed();
    assert!(waited > Duration::from_secs(4) && waited < Duration::from_secs(15), "{waited:?}");
}

#[test]
fn a_closed_origin_refuses_connections_and_the_others_do_not() {
    let running = bakery();
    let authority = running.origin(Role::Regional).strip_prefix("http://").unwrap().to_owned();
    let mut kept = TcpStream::connect(&authority).unwrap();
    kept.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    running.close(Role::Regional);
    assert_eq!(TcpStream::connect(&authority).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    // A connection that was open is closed as well; where it was not yet taken, the system resets it.
    assert!(matches!(kept.read(&mut [0; 1]), Ok(0) | Err(_)));
    assert_eq!(get(&running, Role::Management, SUBSCRIPTIONS).unwrap().status, 401);
}

#[test]
fn pages_of_lists_are_as_small_as_one_likes() {
    let running = start(ServerOptions { page_size: Some(2), ..ServerOptions::default() }).unwrap();
    let authorization = format!("Bearer {}", token(&running));
    let headers = [("authorization", authorization.as_str())];
    let subscription =
        "/subscriptions/b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa/resourcegroups?api-version=2020-01-01";
    let page = ask(running.origin(Role::Management), "GET", subscription, &headers, "").unwrap().json();
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    assert!(page["nextLink"].as_str().unwrap().starts_with(running.origin(Role::Management)));
}

#[test]
fn client_libraries_in_a_page_may_learn_where_to_sign_in() {
    let running = bakery();
    let answer = get(&running, Role::Login, "/contoso/v2.0/.well-known/openid-configuration").unwrap();
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")));
    let endpoint = answer.json()["token_endpoint"].as_str().unwrap().to_owned();
    assert!(endpoint.starts_with(running.origin(Role::Login)), "{endpoint}");
}

const AUTHORIZE: &str = "/contoso/oauth2/v2.0/authorize?client_id=azimuth&response_type=code&response_mode=fragment\
    &redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fauth.html&state=s&nonce=n\
    &scope=https%3A%2F%2Fmanagement.azure.com%2Fuser_impersonation%20openid%20offline_access\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";
const TOKEN: &str = "/contoso/oauth2/v2.0/token";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const SITE: (&str, &str) = ("origin", "http://127.0.0.1:8080");

fn post(running: &Running, headers: &[(&str, &str)], body: &str) -> Answer {
    ask(running.origin(Role::Login), "POST", TOKEN, headers, body).unwrap()
}

/// What a page gets for a sign-in as Maya.
fn signed_in(running: &Running) -> Answer {
    let decision = "account=maya%40contoso.example&decision=accept";
    let answer = ask(running.origin(Role::Login), "POST", AUTHORIZE, &[FORM], decision).unwrap();
    assert_eq!(answer.status, 302, "{}", answer.body);
    let code = answer.header("location").unwrap().split_once("#code=").unwrap().1.split('&').next().unwrap();
    let form = format!(
        "client_id=azimuth&grant_type=authorization_code&code={code}\
         &code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2Fauth.html"
    );
    let answer = post(running, &[FORM, SITE], &form);
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (200, Some("*")),
        "{}",
        answer.body
    );
    answer
}

fn renewal(token: &Answer) -> String {
    let token = token.json()["refresh_token"].as_str().unwrap().to_owned();
    format!("client_id=azimuth&grant_type=refresh_token&refresh_token={token}")
}

#[test]
fn a_person_signs_in_and_no_page_reads_the_authoritys_own_pages() {
    let running = bakery();
    let page = get(&running, Role::Login, AUTHORIZE).unwrap();
    assert_eq!((page.status, page.header("access-control-allow-origin")), (200, None));
    assert_eq!(preflight(&running, Role::Login, AUTHORIZE, "POST").status, 405);
    let out = get(&running, Role::Login, "/contoso/oauth2/v2.0/logout").unwrap();
    assert_eq!((out.status, out.header("access-control-allow-origin")), (200, None));
    let authorization = format!("Bearer {}", signed_in(&running).json()["access_token"].as_str().unwrap());
    let headers = [("authorization", authorization.as_str())];
    assert_eq!(
        ask(running.origin(Role::Management), "GET", SUBSCRIPTIONS, &headers, "").unwrap().status,
        200
    );
}

#[test]
fn a_day_passes_at_once_and_the_sign_in_is_over() {
    let running = bakery();
    let token = signed_in(&running);
    let authorization = format!("Bearer {}", token.json()["access_token"].as_str().unwrap());
    let list = || {
        let headers = [("authorization", authorization.as_str())];
        ask(running.origin(Role::Management), "GET", SUBSCRIPTIONS, &headers, "").unwrap()
    };
    running.let_pass(Duration::from_secs(23 * 3600));
    assert_eq!(list().json()["error"]["code"], "ExpiredAuthenticationToken");
    let renewed = post(&running, &[FORM, SITE], &renewal(&token));
    assert_eq!(renewed.status, 200, "{}", renewed.body);
    running.let_pass(Duration::from_secs(3600));
    let refused = post(&running, &[FORM, SITE], &renewal(&renewed));
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (400, Some("*")));
    assert_eq!(refused.json()["error_codes"][0], 700_084);
}

#[test]
fn a_day_of_refresh_tokens_is_as_short_as_one_likes() {
    let options = ServerOptions { refresh_token_lifetime_seconds: Some(0), ..ServerOptions::default() };
    let running = start(options).unwrap();
    let token = signed_in(&running);
    assert_eq!(post(&running, &[FORM, SITE], &renewal(&token)).json()["error_codes"][0], 700_084);
}

#[test]
fn a_page_learns_nothing_of_a_secret_that_it_may_not_use() {
    let form = "grant_type=client_credentials&client_id=azimuth&client_secret=demo-secret-~%2B%2F%3D\
                &scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
    assert_eq!(post(&bakery(), &[FORM, SITE], form).status, 200);
    let options = ServerOptions { secrets_from_pages: false, ..ServerOptions::default() };
    let running = start(options).unwrap();
    let refused = post(&running, &[FORM, SITE], form);
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (400, None));
    assert_eq!(post(&running, &[FORM], form).status, 200);
}

#[test]
fn a_site_elsewhere_is_registered_by_its_address() {
    let elsewhere = AUTHORIZE.replace("http%3A%2F%2F127.0.0.1%3A8080", "https%3A%2F%2Fsite.example");
    assert_eq!(get(&bakery(), Role::Login, &elsewhere).unwrap().status, 400);
    let redirect_uris = vec!["https://site.example/auth.html".to_owned()];
    let running = start(ServerOptions { redirect_uris, ..ServerOptions::default() }).unwrap();
    assert_eq!(get(&running, Role::Login, &elsewhere).unwrap().status, 200);
}
