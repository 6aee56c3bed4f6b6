//! People sign in: the authority's page, codes, renewal, sign-out, and every refusal by name.

use azimuth_simulator::{AuthorityOptions, CLIENT_ID, CLIENT_SECRET, Simulator, TENANT, Unshared};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Request};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{ARM, Answer, Client, WORKSPACE, assert_same_shape, sample};

const LOGIN: &str = "https://login.microsoftonline.com";
const PAGE: &str = "http://localhost:8080/auth.html";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const SCOPE: &str = "https://management.azure.com/user_impersonation openid profile offline_access";
const MAYA: &str = "maya@contoso.example";
const DAY: f64 = 24.0 * 3600.0;

type Fields<'a> = Vec<(&'a str, &'a str)>;

fn encoded(fields: &[(&str, &str)]) -> String {
    let pairs =
        fields.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    pairs.collect::<Vec<_>>().join("&")
}

/// The fields with one of them replaced, or left out where the value is empty.
fn with<'a>(mut fields: Fields<'a>, name: &'a str, value: &'a str) -> Fields<'a> {
    fields.retain(|(known, _)| *known != name);
    if !value.is_empty() {
        fields.push((name, value));
    }
    fields
}

fn asking() -> Fields<'static> {
    vec![
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", PAGE),
        ("response_mode", "fragment"),
        ("scope", SCOPE),
        ("state", "a state/+"),
        ("nonce", "a nonce"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("client_info", "1"),
    ]
}

fn redeeming(code: &str) -> Fields<'_> {
    vec![
        ("client_id", CLIENT_ID),
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", PAGE),
        ("code_verifier", VERIFIER),
        ("scope", SCOPE),
        ("client_info", "1"),
    ]
}

fn renewing(token: &str) -> Fields<'_> {
    vec![
        ("client_id", CLIENT_ID),
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("scope", SCOPE),
    ]
}

fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.response.body().clone()).unwrap()
}

/// What came back in an address, behind this mark.
fn returned(answer: &Answer, mark: char) -> Vec<(String, String)> {
    assert_eq!(answer.status, 302, "{}", text(answer));
    let (address, fields) = answer.header("location").split_once(mark).unwrap();
    assert!(address.starts_with("http://"), "{address}");
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    fields
        .split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(a, b)| (decoded(a), decoded(b)))
        .collect()
}

fn field(fields: &[(String, String)], name: &str) -> String {
    fields.iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, value)| value.clone())
}

/// A person's browser, with one cookie at most.
struct Browser {
    client: Client,
    cookie: Option<String>,
}

impl Browser {
    fn new() -> Browser {
        Browser { client: Client::bakery(), cookie: None }
    }

    fn with(options: AuthorityOptions) -> Browser {
        let mut browser = Browser::new();
        browser.client.simulator = Simulator::new(
            azimuth_simulator::Options::new(azimuth_simulator::World::Bakery),
            browser.client.now,
        )
        .with_authority(options);
        browser
    }

    fn visit(&mut self, method: &str, address: &str, body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", format!("other=1; {cookie}"));
        }
        let answer = self.client.send(request.body(body.as_bytes().to_vec()).unwrap());
        match answer.header("set-cookie").split_once(';') {
            Some((_, rest)) if rest.contains("Max-Age=0") => self.cookie = None,
            Some((cookie, _)) => self.cookie = Some(cookie.to_owned()),
            None => {}
        }
        answer
    }

    fn ask_at(&mut self, tenant: &str, fields: &Fields<'_>) -> Answer {
        self.visit("GET", &format!("{LOGIN}/{tenant}/oauth2/v2.0/authorize?{}", encoded(fields)), "")
    }

    fn ask(&mut self, fields: &Fields<'_>) -> Answer {
        self.ask_at(TENANT, fields)
    }

    fn decide(&mut self, fields: &Fields<'_>, decision: &Fields<'_>) -> Answer {
        let address = format!("{LOGIN}/{TENANT}/oauth2/v2.0/authorize?{}", encoded(fields));
        self.visit("POST", &address, &encoded(decision))
    }

    /// A code for an account.
    fn code(&mut self, fields: &Fields<'_>, account: &str) -> String {
        let mark = if fields.contains(&("response_mode", "fragment")) { '#' } else { '?' };
        let answer = self.decide(fields, &vec![("account", account), ("decision", "accept")]);
        field(&returned(&answer, mark), "code")
    }

    fn token_at(&mut self, tenant: &str, form: &Fields<'_>, origin: Option<&str>) -> Answer {
        let mut request = Request::post(format!("{LOGIN}/{tenant}/oauth2/v2.0/token"))
            .header("Content-Type", "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        self.client.send(request.body(encoded(form).into_bytes()).unwrap())
    }

    fn token(&mut self, form: &Fields<'_>) -> Answer {
        self.token_at(TENANT, form, Some("http://localhost:8080"))
    }

    fn signed_in(&mut self, account: &str) -> Answer {
        let code = self.code(&asking(), account);
        self.token(&redeeming(&code))
    }
}

fn assert_refused(answer: &Answer, status: u16, error: &str, code: u32) {
    assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{}", text(answer));
    assert_eq!(answer.body["error_codes"], json!([code]));
    assert!(answer.body["error_description"].as_str().unwrap().starts_with(&format!("AADSTS{code}: ")));
}

#[test]
fn a_person_signs_in_on_the_page_and_gets_what_the_example_shows() {
    let mut browser = Browser::new();
    let page = browser.ask(&asking());
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("form-action 'self' http://localhost:8080;"), "{policy}");
    assert!(!text(&page).contains("<script"));

    let answer = browser.decide(&asking(), &vec![("account", MAYA), ("decision", "accept")]);
    let back = returned(&answer, '#');
    assert_eq!(field(&back, "state"), "a state/+");
    assert!(!field(&back, "client_info").is_empty() && !field(&back, "session_state").is_empty());
    let code = field(&back, "code");
    let answer = browser.token(&redeeming(&code));
    assert_eq!(answer.status, 200, "{}", text(&answer));
    assert_same_shape(&answer.body, &sample("login_token_v2_authorization_code"));

    let access = claims(&answer.body["access_token"]);
    assert_eq!(
        (&access["aud"], &access["scp"]),
        (&json!("https://management.azure.com"), &json!("user_impersonation"))
    );
    assert_eq!((&access["name"], &access["preferred_username"]), (&json!("Maya"), &json!(MAYA)));
    assert_eq!(access["exp"], browser.client.now.unix_timestamp() + 3599);
    let identity = claims(&answer.body["id_token"]);
    assert_eq!((&identity["nonce"], &identity["aud"]), (&json!("a nonce"), &json!(CLIENT_ID)));
    assert_eq!((&identity["tid"], &identity["oid"]), (&access["tid"], &access["oid"]));
    assert_eq!(identity["iss"], format!("{LOGIN}/{}/v2.0", access["tid"].as_str().unwrap()));

    browser.client.token = Some(answer.body["access_token"].as_str().unwrap().to_owned());
    assert_eq!(browser.client.arm("/subscriptions").status, 200);
}

#[test]
fn what_an_application_says_of_itself_is_text_on_the_page() {
    let mut browser = Browser::new();
    let page = text(&browser.ask(&with(asking(), "login_hint", "<b>\"'&@x")));
    assert!(
        page.contains("value=\"&lt;b&gt;&quot;&#39;&amp;@x\" checked") && !page.contains("<b>\"'"),
        "{page}"
    );
    let page = text(&browser.ask(&with(asking(), "client_id", "<img src=x>")));
    assert!(page.contains("&lt;img src=x&gt;") && !page.contains("<img"), "{page}");
}

#[test]
fn a_code_may_come_back_in_the_query() {
    let mut browser = Browser::new();
    for mode in ["", "query"] {
        let asking = with(asking(), "response_mode", mode);
        let answer = browser.decide(&asking, &vec![("account", MAYA), ("decision", "accept")]);
        assert!(!field(&returned(&answer, '?'), "code").is_empty());
    }
}

#[test]
fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let mut browser = Browser::with(AuthorityOptions {
        redirect_uris: vec![
            "https://site.example/auth.html".to_owned(),
            "http://localhost/a/auth.html".to_owned(),
            "http://intranet.example/auth.html".to_owned(),
        ],
        ..AuthorityOptions::default()
    });
    for address in [
        "https://evil.example/auth.html",
        "http://localhost.evil.example/auth.html",
        "http://localhost:8080.evil.example/auth.html",
        "http://localhost@evil.example/auth.html",
        "http://localhost:80:80@evil.example/auth.html",
        "http://localhost:8080/AUTH.html",
        "http://localhost:8080/auth.html?next=",
        "https://localhost:8080/auth.html",
        "https://site.example:8443/auth.html",
        "http://intranet.example:8080/auth.html",
        "https://site.example/auth.html#",
        "",
    ] {
        let answer = browser.ask(&with(asking(), "redirect_uri", address));
        assert_eq!((answer.status, answer.header("location")), (400, ""), "{address}");
        assert!(text(&answer).contains("AADSTS50011: "), "{address}");
    }
    for address in
        ["https://site.example/auth.html", "http://localhost:1/a/auth.html", "http://127.0.0.1:9/auth.html"]
    {
        assert_eq!(browser.ask(&with(asking(), "redirect_uri", address)).status, 200, "{address}");
    }
}

#[test]
fn what_is_missing_or_wrong_in_the_question_goes_back_to_the_application() {
    let mut browser = Browser::new();
    for (name, value, error, code) in [
        ("response_type", "token", "unsupported_response_type", 700_051),
        ("response_type", "", "invalid_request", 900_144),
        ("code_challenge", "", "invalid_request", 9_002_325),
        ("code_challenge", "short", "invalid_request", 501_491),
        ("code_challenge_method", "plain", "invalid_request", 501_491),
        ("code_challenge_method", "", "invalid_request", 501_491),
        ("prompt", "now", "invalid_request", 90_023),
        ("claims", "{", "invalid_request", 9_002_313),
        ("claims", "[]", "invalid_request", 9_002_313),
        ("response_mode", "form_post", "invalid_request", 90_023),
        ("scope", "https://example.com/.default", "invalid_scope", 70_011),
        ("scope", "", "invalid_scope", 70_011),
    ] {
        let mark = if name == "response_mode" { '?' } else { '#' };
        let back = returned(&browser.ask(&with(asking(), name, value)), mark);
        assert_eq!(field(&back, "error"), error, "{name}={value}");
        assert!(field(&back, "error_description").starts_with(&format!("AADSTS{code}: ")), "{name}={value}");
        assert_eq!((field(&back, "state"), field(&back, "code")), ("a state/+".to_owned(), String::new()));
    }
    for (tenant, client, code) in [("no-such", CLIENT_ID, 90_002), (TENANT, "nobody", 700_016)] {
        let answer = browser.ask_at(tenant, &with(asking(), "client_id", client));
        assert_eq!((answer.status, answer.header("location")), (400, ""));
        assert!(text(&answer).contains(&format!("AADSTS{code}: ")));
    }
}

#[test]
fn a_person_may_cancel_or_decline() {
    let mut browser = Browser::new();
    for decision in ["cancel", "decline"] {
        let answer = browser.decide(&asking(), &vec![("account", MAYA), ("decision", decision)]);
        let back = returned(&answer, '#');
        let found = (field(&back, "error"), field(&back, "error_subcode"));
        assert_eq!(found, ("access_denied".to_owned(), "cancel".to_owned()));
    }
    assert!(text(&browser.decide(&asking(), &vec![("decision", "accept")])).contains("role=\"alert\""));
}

#[test]
fn a_session_answers_without_a_page_as_far_as_it_goes() {
    let mut browser = Browser::new();
    let silent = with(asking(), "prompt", "none");
    let error = |answer: &Answer| field(&returned(answer, '#'), "error");
    assert_eq!(error(&browser.ask(&silent)), "login_required");

    browser.decide(&asking(), &vec![("account", MAYA), ("decision", "decline")]);
    assert_eq!(error(&browser.ask(&silent)), "consent_required");
    assert_eq!(browser.ask(&asking()).status, 200, "asked again");

    browser.code(&asking(), MAYA);
    for asking in [silent.clone(), asking(), with(asking(), "login_hint", MAYA)] {
        assert!(!field(&returned(&browser.ask(&asking), '#'), "code").is_empty());
    }
    let other = "tom@contoso.example";
    assert_eq!(error(&browser.ask(&with(silent.clone(), "login_hint", other))), "interaction_required");
    assert!(
        text(&browser.ask(&with(asking(), "login_hint", other)))
            .contains(&format!("value=\"{other}\" checked"))
    );
    for prompt in ["login", "consent", "select_account"] {
        assert_eq!(browser.ask(&with(asking(), "prompt", prompt)).status, 200, "{prompt}");
    }

    let out =
        format!("{LOGIN}/{TENANT}/oauth2/v2.0/logout?{}", encoded(&[("post_logout_redirect_uri", PAGE)]));
    let answer = browser.visit("GET", &out, "");
    assert_eq!((answer.status, answer.header("location")), (302, PAGE));
    assert!(answer.header("set-cookie").contains("; Max-Age=0;"), "the browser forgets it");
    assert_eq!(error(&browser.ask(&silent)), "login_required");
}

#[test]
fn signing_out_leads_to_registered_addresses_alone() {
    let mut browser = Browser::new();
    for fields in [vec![], vec![("post_logout_redirect_uri", "https://evil.example/")]] {
        let answer =
            browser.visit("GET", &format!("{LOGIN}/{TENANT}/oauth2/v2.0/logout?{}", encoded(&fields)), "");
        assert_eq!((answer.status, answer.header("location")), (200, ""));
        assert!(text(&answer).contains("signed out"));
    }
}

#[test]
fn a_code_is_redeemed_once_in_time_and_by_who_asked_for_it() {
    let mut browser = Browser::new();
    let code = browser.code(&asking(), MAYA);
    let other = "x".repeat(43);
    for (name, value, status, error, number) in [
        ("code_verifier", other.as_str(), 400, "invalid_grant", 501_481),
        ("code_verifier", "short", 400, "invalid_grant", 50_148),
        ("code_verifier", "", 400, "invalid_request", 900_144),
        ("redirect_uri", "http://localhost:8081/auth.html", 400, "invalid_client", 500_112),
        ("client_id", "nobody", 400, "unauthorized_client", 700_016),
        ("client_secret", CLIENT_SECRET, 401, "invalid_client", 700_025),
        ("code", "1.e30.rubbish", 400, "invalid_grant", 70_000),
        ("scope", "https://example.com/.default", 400, "invalid_scope", 70_011),
    ] {
        assert_refused(&browser.token(&with(redeeming(&code), name, value)), status, error, number);
    }
    let at_home = Some("http://localhost:8080");
    assert_refused(&browser.token_at("millers", &redeeming(&code), at_home), 400, "invalid_grant", 700_005);
    assert_refused(&browser.token_at("no-such", &redeeming(&code), at_home), 400, "invalid_request", 90_002);
    assert_eq!(browser.token(&redeeming(&code)).status, 200, "none of that used it up");
    assert_refused(&browser.token(&redeeming(&code)), 400, "invalid_grant", 54_005);

    let code = browser.code(&asking(), MAYA);
    browser.client.wait(600.0);
    assert_refused(&browser.token(&redeeming(&code)), 400, "invalid_grant", 70_008);
}

#[test]
fn pages_redeem_what_is_for_pages_and_nobody_else_does() {
    let mut browser = Browser::new();
    let code = browser.code(&asking(), MAYA);
    assert_refused(&browser.token_at(TENANT, &redeeming(&code), None), 400, "invalid_request", 9_002_327);
    let token = browser.token(&redeeming(&code)).body["refresh_token"].as_str().unwrap().to_owned();
    assert_refused(&browser.token_at(TENANT, &renewing(&token), None), 400, "invalid_request", 9_002_327);

    for (address, secret) in
        [("http://localhost:5000", ""), ("http://localhost:5000/signed-in", CLIENT_SECRET)]
    {
        let code = browser.code(&with(asking(), "redirect_uri", address), MAYA);
        let form = with(with(redeeming(&code), "redirect_uri", address), "client_secret", secret);
        let refused = browser.token(&form);
        assert_refused(&refused, 400, "invalid_request", 9_002_326);
        assert!(refused.response.extensions().get::<Unshared>().is_some(), "the page cannot read it");
        assert_eq!(browser.token_at(TENANT, &form, None).status, 200, "{address}");
    }
    let address = "http://localhost:5000/signed-in";
    let code = browser.code(&with(asking(), "redirect_uri", address), MAYA);
    let form = with(redeeming(&code), "redirect_uri", address);
    assert_refused(&browser.token_at(TENANT, &form, None), 401, "invalid_client", 7_000_218);
    let form = with(form, "client_secret", "wrong");
    assert_refused(&browser.token_at(TENANT, &form, None), 401, "invalid_client", 7_000_215);
}

#[test]
fn renewal_goes_on_for_a_day_after_the_sign_in_and_no_longer() {
    let mut browser = Browser::new();
    let mut token = browser.signed_in(MAYA).body["refresh_token"].as_str().unwrap().to_owned();
    for _ in 0..23 {
        browser.client.wait(3600.0);
        let answer = browser.token(&renewing(&token));
        assert_eq!(answer.status, 200, "{}", text(&answer));
        let newer = answer.body["refresh_token"].as_str().unwrap().to_owned();
        assert_ne!(newer, token);
        token = newer;
        assert_eq!(claims(&answer.body["access_token"])["exp"], browser.client.now.unix_timestamp() + 3599);
    }
    browser.client.wait(3599.0);
    assert_eq!(browser.token(&renewing(&token)).status, 200);
    browser.client.wait(1.0);
    assert_refused(&browser.token(&renewing(&token)), 400, "invalid_grant", 700_084);
    browser.client.wait(-DAY);
    assert_eq!(browser.token(&renewing(&token)).status, 200, "the time was the reason");
}

#[test]
fn an_older_refresh_token_works_again_unless_the_account_says_otherwise() {
    let mut browser = Browser::new();
    for (account, status) in [(MAYA, 200), ("newest-token@contoso.example", 400)] {
        let old = browser.signed_in(account).body["refresh_token"].as_str().unwrap().to_owned();
        let new = browser.token(&renewing(&old)).body["refresh_token"].as_str().unwrap().to_owned();
        assert_eq!(browser.token(&renewing(&old)).status, status, "{account}");
        assert_eq!(browser.token(&renewing(&new)).status, 200, "{account}");
    }
}

#[test]
fn a_refresh_token_is_good_in_another_tenant() {
    let mut browser = Browser::new();
    let first = browser.signed_in(MAYA);
    let token = first.body["refresh_token"].as_str().unwrap().to_owned();
    let answer = browser.token_at("millers", &renewing(&token), Some("http://localhost:8080"));
    assert_eq!(answer.status, 200, "{}", text(&answer));
    let (here, there) = (claims(&first.body["access_token"]), claims(&answer.body["access_token"]));
    assert_ne!(here["tid"], there["tid"]);
    assert_eq!(here["oid"], there["oid"]);
    assert!(there["iss"].as_str().unwrap().contains(there["tid"].as_str().unwrap()));

    // Each tenant's token lists that tenant's subscriptions, and the other's are not there.
    let mut subscriptions = Vec::new();
    for answer in [&first, &answer] {
        browser.client.token = Some(answer.body["access_token"].as_str().unwrap().to_owned());
        assert_eq!(browser.client.arm("/tenants").body["value"].as_array().unwrap().len(), 2);
        let list = browser.client.arm("/subscriptions");
        assert_eq!(list.body["value"][0]["tenantId"], claims(&answer.body["access_token"])["tid"]);
        subscriptions.push(list.column("id")[0].to_owned());
    }
    let [here, there] = subscriptions.as_slice() else { panic!("{subscriptions:?}") };
    assert_eq!(browser.client.arm(there).status, 200);
    for list in ["/resourceGroups", "/providers/Microsoft.MachineLearningServices/workspaces"] {
        assert_eq!(browser.client.arm(&format!("{there}{list}")).body["value"], json!([]), "{list}");
    }
    let missing = browser.client.arm("/subscriptions/00000000-0000-0000-0000-000000000000");
    assert_eq!(missing.body["error"]["code"], "SubscriptionNotFound");
    // What belongs to the other tenant is refused with a word on whose token is wanted.
    for (answer, foreign, wanted) in [(&answer, here, &first), (&first, there, &answer)] {
        browser.client.token = Some(answer.body["access_token"].as_str().unwrap().to_owned());
        let refused = browser.client.arm(foreign);
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (401, &json!("InvalidAuthenticationTokenTenant"))
        );
        let tenant = claims(&wanted.body["access_token"])["tid"].as_str().unwrap().to_owned();
        assert!(refused.header("www-authenticate").contains(&tenant));
    }
    browser.client.token = Some(answer.body["access_token"].as_str().unwrap().to_owned());
    browser.client.wait(3600.0);
    let expired = browser.client.arm(there);
    assert_eq!((expired.status, &expired.body["error"]["code"]), (401, &json!("ExpiredAuthenticationToken")));
    browser.client.sign_in();
    assert_eq!(
        browser.client.arm("/tenants").body["value"].as_array().unwrap().len(),
        1,
        "the service principal"
    );
}

#[test]
fn where_no_tenant_is_named_an_account_signs_in_at_home() {
    let mut browser = Browser::new();
    let at_home = Some("http://localhost:8080");
    let mut tenants = Vec::new();
    for account in [MAYA, "ines@millers.example"] {
        let address = format!("{LOGIN}/organizations/oauth2/v2.0/authorize?{}", encoded(&asking()));
        let decision = encoded(&[("account", account), ("decision", "accept")]);
        let code = field(&returned(&browser.visit("POST", &address, &decision), '#'), "code");
        let answer = browser.token_at("organizations", &redeeming(&code), at_home);
        assert_eq!(answer.status, 200, "{}", text(&answer));
        let token = answer.body["refresh_token"].as_str().unwrap().to_owned();
        let renewed = browser.token_at("organizations", &renewing(&token), at_home);
        let (first, later) = (claims(&answer.body["access_token"]), claims(&renewed.body["access_token"]));
        assert_eq!(first["tid"], later["tid"]);
        tenants.push(first["tid"].clone());
    }
    assert_ne!(tenants[0], tenants[1]);
}

#[test]
fn a_sign_in_outlives_the_simulator() {
    let mut browser = Browser::new();
    let token = browser.signed_in(MAYA).body["refresh_token"].as_str().unwrap().to_owned();
    let mut other = Browser::new();
    other.cookie = browser.cookie;
    assert_eq!(other.token(&renewing(&token)).status, 200);
    assert_eq!(other.ask(&with(asking(), "prompt", "none")).status, 302);
}

#[test]
fn what_was_sealed_for_one_purpose_serves_no_other() {
    let mut browser = Browser::new();
    let code = browser.code(&asking(), MAYA);
    assert_refused(&browser.token(&renewing(&code)), 400, "invalid_grant", 70_000);
    browser.client.token = Some(code);
    assert_eq!(browser.client.arm("/subscriptions").status, 401);
}

#[test]
fn a_page_with_a_secret_is_refused_where_the_service_does_not_allow_it() {
    let form = vec![
        ("grant_type", "client_credentials"),
        ("scope", "https://management.azure.com/.default"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    assert_eq!(Browser::new().token(&form).status, 200);
    let strict = AuthorityOptions { secrets_from_pages: false, ..AuthorityOptions::default() };
    let mut browser = Browser::with(strict);
    let refused = browser.token(&form);
    assert_refused(&refused, 400, "invalid_request", 9_002_326);
    assert!(refused.response.extensions().get::<Unshared>().is_some());
    assert_eq!(browser.token_at(TENANT, &form, None).status, 200);
}

#[test]
fn every_refusal_is_met_by_its_name_where_it_belongs() {
    for (code, error) in [
        (50_011, "page"),
        (50_020, "page"),
        (50_105, "page"),
        (700_016, "page"),
        (90_002, "page"),
        (16_000, "interaction_required"),
        (50_058, "login_required"),
        (50_076, "interaction_required"),
        (50_079, "interaction_required"),
        (53_003, "access_denied"),
        (65_001, "consent_required"),
        (65_004, "access_denied"),
        (70_011, "invalid_scope"),
        (700_051, "unsupported_response_type"),
        (90_020, "server_error"),
        (90_033, "temporarily_unavailable"),
        (90_094, "access_denied"),
        (9_002_313, "invalid_request"),
        (9_002_325, "invalid_request"),
    ] {
        let name = format!("aadsts{code}");
        for (by, tenant) in [("login_hint", TENANT), ("client_id", TENANT), ("", name.as_str())] {
            let mut browser = Browser::new();
            let asking = if by.is_empty() { asking() } else { with(asking(), by, &name) };
            let answer = browser.ask_at(tenant, &asking);
            let description = if error == "page" {
                assert_eq!((answer.status, answer.header("location")), (400, ""), "{name}");
                text(&answer)
            } else {
                let back = returned(&answer, '#');
                assert_eq!(field(&back, "error"), error, "{name}");
                field(&back, "error_description")
            };
            assert!(description.contains(&format!("AADSTS{code}: ")), "{name}");
        }
    }
}

#[test]
fn every_refusal_of_the_token_endpoint_is_met_by_its_name() {
    for (code, status, error) in [
        (50_148, 400, "invalid_grant"),
        (501_481, 400, "invalid_grant"),
        (500_011, 400, "invalid_resource"),
        (54_005, 400, "invalid_grant"),
        (70_000, 400, "invalid_grant"),
        (70_003, 400, "unsupported_grant_type"),
        (70_008, 400, "invalid_grant"),
        (700_005, 400, "invalid_grant"),
        (700_025, 401, "invalid_client"),
        (7_000_215, 401, "invalid_client"),
        (7_000_218, 401, "invalid_client"),
        (7_000_222, 401, "invalid_client"),
        (900_144, 400, "invalid_request"),
        (9_002_326, 400, "invalid_request"),
        (9_002_327, 400, "invalid_request"),
    ] {
        let mut browser = Browser::new();
        assert_refused(&browser.signed_in(&format!("aadsts{code}@contoso.example")), status, error, code);
        let fail = format!("aadsts{code}");
        let decision = vec![("account", MAYA), ("decision", "accept"), ("fail", fail.as_str())];
        let chosen = field(&returned(&browser.decide(&asking(), &decision), '#'), "code");
        assert_refused(&browser.token(&redeeming(&chosen)), status, error, code);
    }
    for (name, status, error, code) in [
        ("aadsts700084", 400, "invalid_grant", 700_084),
        ("aadsts700082", 400, "invalid_grant", 700_082),
        ("aadsts50173", 400, "invalid_grant", 50_173),
        ("aadsts50076-on-refresh", 400, "interaction_required", 50_076),
        ("aadsts65001-on-refresh", 400, "invalid_grant", 65_001),
        ("aadsts90033-on-refresh", 503, "temporarily_unavailable", 90_033),
    ] {
        let mut browser = Browser::new();
        let answer = browser.signed_in(name);
        assert_eq!(answer.status, 200, "{name}");
        let token = answer.body["refresh_token"].as_str().unwrap().to_owned();
        let refused = browser.token(&renewing(&token));
        assert_refused(&refused, status, error, code);
        assert_eq!(refused.body["suberror"] == "consent_required", code == 65_001);
    }
    let mut browser = Browser::new();
    assert_refused(&browser.signed_in("aadsts65001-on-code"), 400, "invalid_grant", 65_001);
}

/// What ARM's challenge asks for.
const PROOF_CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"values":["p1"]}}}"#;

/// A new cluster, as a change that anybody may try.
fn put_compute(client: &mut Client, token: &Value, name: &str) -> Answer {
    client.token = Some(token.as_str().unwrap().to_owned());
    let address = format!("{ARM}{WORKSPACE}/computes/{name}?api-version=2019-11-01");
    let body = json!({ "location": "westeurope", "properties": { "computeType": "AmlCompute", "properties": {
        "vmSize": "STANDARD_D2_V2", "scaleSettings": { "minNodeCount": 0, "maxNodeCount": 1 },
    } } });
    client.ask(Method::PUT, &address, Some(&body))
}

#[test]
fn changes_want_a_second_proof_where_an_account_or_a_name_says_so() {
    let mut browser = Browser::new();
    for (account, compute) in [("needs-mfa@contoso.example", "oven"), (MAYA, "fail-mfa")] {
        let weak = browser.signed_in(account);
        assert_eq!(claims(&weak.body["access_token"])["amr"], json!(["pwd"]));
        let refused = put_compute(&mut browser.client, &weak.body["access_token"], compute);
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (401, &json!("RequestDisallowedByAzure"))
        );
        assert!(
            refused.body["error"]["message"]
                .as_str()
                .unwrap()
                .starts_with(&format!("Resource '{compute}' was"))
        );
        // Recorded: github.com/Azure/azure-sdk-for-python, issue 41739.
        assert_eq!(
            refused.header("www-authenticate"),
            "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
             error=\"insufficient_claims\", \
             claims=\"eyJhY2Nlc3NfdG9rZW4iOnsiYWNycyI6eyJlc3NlbnRpYWwiOnRydWUsInZhbHVlcyI6WyJwMSJdfX19\""
        );
        let missing = browser.client.arm(&format!("{WORKSPACE}/computes/{compute}"));
        assert_eq!(missing.status, 404, "reading wants no second proof, and nothing was made");

        for stronger in [("prompt", "login"), ("claims", PROOF_CLAIMS)] {
            let code = browser.code(&with(asking(), stronger.0, stronger.1), account);
            let strong = browser.token(&redeeming(&code));
            assert_eq!(claims(&strong.body["access_token"])["amr"], json!(["pwd", "mfa"]), "{stronger:?}");
            let made = put_compute(&mut browser.client, &strong.body["access_token"], compute);
            assert!(made.status < 300, "{stronger:?}: {}", text(&made));
            browser.client.wait(60.0);
            let token = strong.body["refresh_token"].as_str().unwrap();
            let renewed = browser.token(&renewing(token));
            assert_eq!(claims(&renewed.body["access_token"])["amr"], json!(["pwd", "mfa"]), "{stronger:?}");
            let made = put_compute(&mut browser.client, &renewed.body["access_token"], compute);
            assert!(made.status < 300, "{stronger:?}: {}", text(&made));
            browser.client.wait(60.0);
        }
    }
    browser.client.sign_in();
    let token = json!(browser.client.token);
    let made = put_compute(&mut browser.client, &token, "fail-mfa");
    assert!(made.status < 300, "a service principal has no second proof: {}", text(&made));
}

#[test]
fn a_session_answers_for_a_second_proof_once_it_was_given() {
    let mut browser = Browser::new();
    let stronger = with(asking(), "claims", PROOF_CLAIMS);
    browser.code(&asking(), MAYA);
    let page = browser.ask(&stronger);
    assert!(page.status == 200 && text(&page).contains("second proof"), "{}", text(&page));
    let back = returned(&browser.ask(&with(stronger.clone(), "prompt", "none")), '#');
    assert_eq!(field(&back, "error"), "interaction_required");

    browser.code(&stronger, MAYA);
    for asking in [stronger, asking()] {
        let code = field(&returned(&browser.ask(&asking), '#'), "code");
        let answer = browser.token(&redeeming(&code));
        assert_eq!(claims(&answer.body["access_token"])["amr"], json!(["pwd", "mfa"]));
    }
    assert_eq!(browser.ask(&with(asking(), "prompt", "login")).status, 200, "asked anew all the same");
}

#[test]
fn no_grant_gives_more_than_the_person_did() {
    let mut browser = Browser::new();
    let code = browser.code(&asking(), MAYA);
    let form = redeeming(&code);
    let refused = browser.token(&with(form.clone(), "claims", PROOF_CLAIMS));
    assert_refused(&refused, 400, "interaction_required", 50_076);
    assert_refused(&browser.token(&with(form.clone(), "claims", "x")), 400, "invalid_request", 9_002_313);
    // What clients say of themselves asks for nothing.
    let capable = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let answer = browser.token(&with(form, "claims", capable));
    assert_eq!(answer.status, 200, "{}", text(&answer));
    let token = answer.body["refresh_token"].as_str().unwrap();
    let refused = browser.token(&with(renewing(token), "claims", PROOF_CLAIMS));
    assert_refused(&refused, 400, "interaction_required", 50_076);
}

#[test]
fn an_account_may_have_an_id_token_that_is_not_to_be_believed() {
    for claim in ["aud", "iss", "nonce", "tid"] {
        let answer = Browser::new().signed_in(&format!("wrong-{claim}@contoso.example"));
        let identity = claims(&answer.body["id_token"]);
        assert_eq!(identity[claim], "wrong");
        assert_ne!(claims(&answer.body["access_token"])[claim], "wrong");
    }
    let mut browser = Browser::new();
    let answer = browser.signed_in("wrong-exp@contoso.example");
    let expiry = |token: &str| claims(&answer.body[token])["exp"].as_i64().unwrap();
    let now = browser.client.now.unix_timestamp();
    assert!(expiry("id_token") < now - 300 && now < expiry("access_token"));
}

#[test]
fn what_was_handed_out_is_told_to_tests() {
    let mut browser = Browser::new();
    let code = browser.code(&asking(), MAYA);
    let answer = browser.token(&redeeming(&code));
    let issued: Vec<_> =
        browser.client.simulator.issued().iter().map(|one| (one.kind, json!(one.text))).collect();
    let body = |name: &'static str| (name, answer.body[name].clone());
    let expected = [("code", json!(code)), body("access_token"), body("refresh_token"), body("id_token")];
    assert_eq!(issued, expected);
}

#[test]
fn the_metadata_name_every_endpoint_for_every_kind_of_tenant() {
    let mut browser = Browser::new();
    for tenant in [TENANT, "organizations", "common", "millers"] {
        let answer =
            browser.visit("GET", &format!("{LOGIN}/{tenant}/v2.0/.well-known/openid-configuration"), "");
        assert_eq!(answer.status, 200, "{tenant}");
        let is_any = ["organizations", "common"].contains(&tenant);
        assert_eq!(answer.body["issuer"].as_str().unwrap().contains("{tenantid}"), is_any, "{tenant}");
        for name in ["authorization_endpoint", "token_endpoint", "end_session_endpoint", "jwks_uri"] {
            let address = answer.body[name].as_str().unwrap().to_owned();
            assert_eq!(address.contains(&format!("/{tenant}/")), is_any, "{address}");
            assert_ne!(browser.visit("GET", &address, "").status, 404, "{address}");
        }
    }
}
