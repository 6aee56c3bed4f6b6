//! Client credentials through the relay; nobody else's codes or refresh tokens.

use std::io::Write as _;
use std::net::TcpStream;

use azimuth_relay::{Answer, Ask, DASHBOARD, Relay, Tables, Upstream};
use azimuth_simulator_http::Role;

use crate::{CREDENTIALS, azure, tables};

const TARGET: &str = "/relay/login/contoso/oauth2/token";
const GOOD: &str = "HTTP/1.1 200 OK\r\nSet-Cookie: fpc=1\r\nContent-Length: 2\r\n\r\n{}";

fn relay() -> (Upstream, Relay) {
    let entra = Upstream::answering(GOOD);
    let relay = Relay::start(&Tables::default().host("login", &entra.origin()));
    (entra, relay)
}

#[test]
fn a_service_principal_gets_a_token_that_a_page_would_be_refused() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let login = azure.origin(Role::Login).strip_prefix("http://").unwrap();
    let direct = Ask::form("/contoso/oauth2/token", CREDENTIALS).header("Origin", DASHBOARD).of(login);
    assert_eq!(direct.status, 400, "{}", direct.text());
    assert!(direct.text().contains("AADSTS9002326"), "{}", direct.text());
    let second = CREDENTIALS.replace(
        "resource=https%3A%2F%2Fmanagement.azure.com%2F",
        "scope=https%3A%2F%2Fmanagement.azure.com%2F.default",
    );
    for (target, form) in [(TARGET, CREDENTIALS), ("/relay/login/contoso/oauth2/v2.0/token", &second)] {
        let relayed = Ask::form(target, form).header("Origin", DASHBOARD).of(&relay.authority());
        assert_eq!(relayed.status, 200, "{}", relayed.text());
        assert!(relayed.text().contains("access_token"));
        assert_eq!(relayed.header("access-control-allow-origin"), Some(DASHBOARD));
    }
}

#[test]
fn a_wrong_secret_is_refused_in_the_words_of_the_authority() {
    let azure = azure();
    let relay = Relay::start(&tables(&azure));
    let wrong = CREDENTIALS.replace("demo-secret", "other");
    let answer = Ask::form(TARGET, &wrong).header("Origin", DASHBOARD).of(&relay.authority());
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert!(answer.text().contains("invalid_client"), "{}", answer.text());
}

#[test]
fn the_authority_gets_the_form_alone_and_sets_no_cookie() {
    let (entra, relay) = relay();
    let ask = Ask::post(TARGET, "application/x-www-form-urlencoded;charset=UTF-8", CREDENTIALS);
    let ask =
        ask.bearer("sesame").header("Origin", DASHBOARD).header("Cookie", "fpc=1").header("Accept", "*/*");
    let answer = ask.of(&relay.authority());
    assert_eq!((answer.status, answer.header("set-cookie")), (200, None));
    let asked = entra.last();
    let mut names: Vec<&str> = asked.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "connection", "content-length", "content-type", "host"]);
    assert_eq!(asked.line, "POST /contoso/oauth2/token HTTP/1.1");
    assert_eq!(asked.body, CREDENTIALS.as_bytes());
}

#[test]
fn a_form_is_judged_as_a_whole_however_it_arrives() {
    let (entra, relay) = relay();
    let head = Ask::form(TARGET, CREDENTIALS).header("Transfer-Encoding", "chunked").head(&relay.authority());
    let send = |form: &str| {
        let mut stream = TcpStream::connect(relay.authority()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        for piece in form.as_bytes().chunks(7) {
            stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).unwrap();
            stream.write_all(piece).unwrap();
            stream.write_all(b"\r\n").unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        Answer::read(&mut stream).status
    };
    assert_eq!(send(CREDENTIALS), 200);
    assert_eq!(entra.last().body, CREDENTIALS.as_bytes());
    assert_eq!(send(&CREDENTIALS.replace("client_credentials", "refresh_token")), 400);
    assert_eq!(send(&format!("{CREDENTIALS}&refresh_token=1.abc")), 400);
    assert_eq!(entra.asked().len(), 1);
}

#[test]
fn codes_refresh_tokens_passwords_and_what_looks_like_credentials_are_refused() {
    let credentials = "client_id=azimuth&client_secret=x&resource=r";
    let refused = [
        "grant_type=authorization_code&client_id=azimuth&code=1.abc&code_verifier=x&redirect_uri=x"
            .to_owned(),
        "grant_type=refresh_token&client_id=azimuth&refresh_token=1.abc".to_owned(),
        "grant_type=password&client_id=azimuth&username=maya&password=x".to_owned(),
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=azimuth&device_code=x"
            .to_owned(),
        "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&client_id=azimuth&assertion=x".to_owned(),
        String::new(),
        credentials.to_owned(),
        format!("grant_type=&{credentials}"),
        format!("grant_type=Client_Credentials&{credentials}"),
        format!("grant_type=client_credentials%20&{credentials}"),
        format!("grant_type=client%5fcredentials&{credentials}"),
        format!("grant_type=client_credentialsx&{credentials}"),
        format!("xgrant_type=client_credentials&{credentials}"),
        format!("grant_type=client_credentials&{credentials}&grant_type=refresh_token"),
        format!("grant_type=refresh_token&{credentials}&grant_type=client_credentials"),
        format!("grant_type=client_credentials&{credentials}&refresh_token=1.abc"),
        format!("grant_type=client_credentials&{credentials}&code=1.abc"),
        format!("grant_type=client_credentials&{credentials}&%67rant_type=refresh_token"),
        format!("grant_type=client_credentials&{credentials}&grant%5Ftype=refresh_token"),
        format!("grant_type=client_credentials&{credentials}&Grant_Type=refresh_token"),
        format!("grant_type=client_credentials&{credentials};grant_type=refresh_token"),
        format!("grant_type=client_credentials&{credentials}\ngrant_type=refresh_token"),
        format!("grant_type=client_credentials&{credentials}\r\n"),
        format!("grant_type=client_credentials&{credentials}\0&grant_type=refresh_token"),
        format!("client_id=x&client_secret=grant_type=client_credentials&{credentials}"),
        format!("&grant_type=client_credentials&{credentials}"),
        format!("grant_type=client_credentials&&{credentials}"),
        format!("grant_type=client_credentials&{credentials}&"),
        format!("grant_type=client_credentials&{credentials}&client_assertion=x"),
        format!("grant_type=client_credentials&{credentials}&username=maya"),
        format!("{{\"grant_type\":\"client_credentials\"}}&{credentials}"),
    ];
    // Somebody who asks often is told to wait before the form is judged: each relay gets fewer than that.
    for some in refused.chunks(15) {
        let (entra, relay) = relay();
        for form in some {
            let answer = Ask::form(TARGET, form).of(&relay.authority());
            assert_eq!(answer.status, 400, "{form}: {}", answer.text());
            assert!(entra.asked().is_empty(), "{form}");
        }
    }
}

#[test]
fn what_is_no_small_form_is_refused() {
    let (entra, relay) = relay();
    for (status, ask) in [
        (415, Ask::post(TARGET, "application/json", CREDENTIALS)),
        (415, Ask::post(TARGET, "multipart/form-data; boundary=x", CREDENTIALS)),
        (415, Ask::post(TARGET, "application/x-www-form-urlencoded; charset=utf-7", CREDENTIALS)),
        (415, Ask::new("POST", TARGET).with_body(CREDENTIALS)),
        (413, Ask::form(TARGET, &format!("{CREDENTIALS}&scope={}", "x".repeat(9_000)))),
        (404, Ask::form(&format!("{TARGET}?grant_type=refresh_token"), CREDENTIALS)),
    ] {
        let answer = ask.of(&relay.authority());
        assert_eq!(answer.status, status, "{}", ask.head("…"));
    }
    // Too large, and only told so by being so.
    let long = format!("{CREDENTIALS}&scope={}", "x".repeat(20_000));
    let chunked = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    let ask = Ask::form(TARGET, &chunked).header("Transfer-Encoding", "chunked");
    assert_eq!(ask.of(&relay.authority()).status, 413);
    // Packed, it cannot be judged.
    let packed = Ask::form(TARGET, "\u{1f}\u{8b}\u{8}").header("Content-Encoding", "gzip");
    assert_eq!(packed.of(&relay.authority()).status, 400);
    assert!(entra.asked().is_empty());
}

#[test]
fn without_a_host_for_it_nobody_signs_in() {
    let relay = Relay::start(&Tables::default());
    assert_eq!(Ask::form(TARGET, CREDENTIALS).of(&relay.authority()).status, 404);
}
