//! Addresses that the service gives and that lead elsewhere: to the next page, to discovery, from discovery, to files, to
//! scoring, by a header, by a redirect. Whoever is there is told nothing, the token least of all, and the page says what
//! it did not call.

use std::time::Duration;

use azimuth_e2e::{Interceptor, Page, Role, Stage, journey};
use http::header::{HeaderName, HeaderValue, LOCATION};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::stranger::Stranger;
use crate::sign_in::sign_in;
use crate::submit::hand_in;
use crate::tour::BAKERY;
use crate::workspace_changes::open_new_workspace;

/// What the page says of an address that it did not call.
const REFUSED: &str = "this page does not call that address";

async fn start(page: &Page) {
    page.open("#/").await;
    sign_in(page).await;
    page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
}

/// Lets a script of JSON change the answers to some requests.
fn change(role: Role, path: &'static str, change: impl Fn(&mut Value) + Send + Sync) -> impl Interceptor {
    move |asked: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>| {
        if asked != role || !request.uri().path().ends_with(path) {
            return;
        }
        if let Ok(mut document) = serde_json::from_slice(answer.body()) {
            change(&mut document);
            *answer.body_mut() = document.to_string().into_bytes();
        }
    }
}

/// Addresses that are not those of a service, though some look like it.
fn elsewhere(page: &Page, stranger: &Stranger) -> Vec<String> {
    let own = page.simulator().origin(Role::Management);
    let (_, authority) = own.split_once("//").unwrap();
    let (_, other) = stranger.origin().split_once("//").unwrap();
    let port = other.split(':').nth(1).unwrap();
    vec![
        format!("{}/next", stranger.origin()),
        format!("http://localhost:{port}/next"),
        format!("http://{authority}@{other}/next"),
        format!("http://{authority}\\@{other}/next"),
        format!("//{other}/next"),
        format!("\\\\{other}\\next"),
        format!("http://127.0.0.1:1{port}/next"),
        format!("https://{other}/next"),
        "https://management.azure.com.evil.example/next".to_owned(),
        "https://x.api.azureml.ms.evil.example/next".to_owned(),
        "https://evil.example/management.azure.com".to_owned(),
        "https://management.azure.com/next".to_owned(),
        "data:application/json,{\"value\":[]}".to_owned(),
        "javascript:attacked=1".to_owned(),
        "/next".to_owned(),
    ]
}

async fn expect_refused(page: &Page, address: &str, stranger: &Stranger) {
    page.wait(&format!("{address} to be refused"), async || page.text().await.contains(REFUSED)).await;
    assert!(stranger.heard().is_empty(), "{address}: a stranger was told: {:#?}", stranger.heard());
}

#[test]
fn the_next_page_is_not_asked_for_elsewhere() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        start(&page).await;
        let mut addresses = elsewhere(&page, &stranger);
        // That the token might go there does not make it the same service.
        addresses.push(format!("{}/next", page.simulator().origin(Role::Regional)));
        for address in addresses {
            let link = address.clone();
            page.simulator().intercept(change(Role::Management, "/resourcegroups", move |list| {
                list["nextLink"] = json!(link);
            }));
            page.open(&format!("#/subscriptions/{}", BAKERY.subscription_id)).await;
            // What came before it stays.
            page.within("region", "Resource groups").expect_text(BAKERY.group).await;
            page.click_button("Load more").await;
            expect_refused(&page, &address, &stranger).await;
            page.open("#/subscriptions").await;
            page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        }
        let asked = page.simulator().recorder().requests();
        assert!(!asked.iter().any(|request| request.target.contains("/next")), "{asked:#?}");
    });
}

#[test]
fn a_list_that_leads_to_itself_or_never_ends_is_not_followed_for_ever() {
    journey(Stage::azure(), async |page| {
        start(&page).await;
        let own = page.simulator().origin(Role::Management).to_owned();
        page.simulator().intercept(change(Role::Management, "/resourcegroups", move |list| {
            let path = format!("/subscriptions/{}/resourcegroups", BAKERY.subscription_id);
            list["nextLink"] = json!(format!("{own}{path}?api-version=2021-04-01"));
        }));
        page.open(&format!("#/subscriptions/{}", BAKERY.subscription_id)).await;
        page.within("region", "Resource groups").expect_text(BAKERY.group).await;
        page.click_button("Load more").await;
        page.expect_text("does not come to an end").await;
        let asked = || page.simulator().recorder().matching(&http::Method::GET, "/resourcegroups").len();
        assert!(asked() <= 3, "asked {} times", asked());

        // The files of a run come page after page by themselves: once with a way on that the service then refuses, once with
        // one that leads to the same.
        for (is_taken, words) in [(false, "Could not load more files"), (true, "does not come to an end")] {
            page.open("#/subscriptions").await;
            page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
            page.simulator().intercept(EndlessFiles { is_taken });
            page.simulator().recorder().clear();
            page.open(&format!("{}?tab=outputs", BAKERY.run_address(BAKERY.run))).await;
            page.expect_text(words).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let asked = page.simulator().recorder().matching(&http::Method::GET, FILES).len();
            assert!(asked <= 4, "asked {asked} times for files");
        }
    });
}

const FILES: &str = "/artifacts/ExperimentRun/dcid.calm_dough_7";

/// There are always more files of a run, by a way on that the service takes or does not.
struct EndlessFiles {
    is_taken: bool,
}

impl Interceptor for EndlessFiles {
    fn request(&self, _: Role, request: &mut Request<Vec<u8>>) {
        let address = request.uri().to_string();
        if let Some((first, _)) = address.split_once("?continuationToken=again").filter(|_| self.is_taken) {
            *request.uri_mut() = first.parse().unwrap();
        }
    }

    fn answer(&self, _: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>) {
        if request.uri().path().ends_with(FILES) && answer.status().is_success() {
            let mut document: Value = serde_json::from_slice(answer.body()).unwrap();
            document["continuationToken"] = json!("again");
            *answer.body_mut() = document.to_string().into_bytes();
        }
    }
}

/// Opens what needs a workspace's hosts, and then something that needs none.
async fn ask_the_workspace(page: &Page, address: &str, stranger: &Stranger) {
    page.open(&BAKERY.address("experiments")).await;
    expect_refused(page, address, stranger).await;
    page.open("#/subscriptions").await;
    page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
}

#[test]
fn discovery_is_not_asked_elsewhere_and_what_it_says_is_not_believed() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        start(&page).await;
        // The rule is the same for both.
        for address in elsewhere(&page, &stranger).into_iter().step_by(3) {
            let given = address.clone();
            page.simulator().intercept(change(
                Role::Management,
                "/workspaces/forecasting",
                move |workspace| {
                    workspace["properties"]["discoveryUrl"] = json!(given);
                },
            ));
            ask_the_workspace(&page, &address, &stranger).await;
        }
        // Hosts that this page may ask for something else are no services of a workspace.
        let mut services = elsewhere(&page, &stranger);
        services.extend(
            [Role::Storage, Role::Scoring, Role::Login].map(|role| page.simulator().origin(role).to_owned()),
        );
        page.simulator().recorder().clear();
        for address in services {
            let given = address.clone();
            page.simulator().intercept(change(Role::Discovery, "/discovery", move |services| {
                for service in services.as_object_mut().unwrap().values_mut() {
                    *service = json!(given);
                }
            }));
            ask_the_workspace(&page, &address, &stranger).await;
        }
        let others = [Role::Storage, Role::Scoring, Role::Login];
        let asked = page.simulator().recorder().requests();
        let told: Vec<_> = asked.iter().filter(|request| others.contains(&request.role)).collect();
        assert!(told.is_empty(), "{told:#?}");
    });
}

#[test]
fn files_logs_and_models_are_not_asked_elsewhere() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        start(&page).await;
        page.simulator()
            .add_faults(r#"[{"match": "GET */content", "times": 0, "do": "status 403"}]"#)
            .unwrap();
        let mut addresses = elsewhere(&page, &stranger);
        // The service itself is no storage: there, no token may be needed.
        addresses.push(format!("{}/content", page.simulator().origin(Role::Regional)));
        for address in addresses {
            let given = address.clone();
            page.simulator().intercept(
                move |_: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>| {
                    if request.uri().path().ends_with("/contentinfo") {
                        *answer.body_mut() = json!({ "contentUri": given }).to_string().into_bytes();
                    }
                },
            );
            page.open(&format!("{}?tab=outputs&file=outputs%2Fforecast.csv", BAKERY.run_address(BAKERY.run)))
                .await;
            page.expect("button", "Open at the storage account").await;
            let windows = page.client().windows().await.unwrap().len();
            if !address.starts_with("http") {
                page.click_button("Open at the storage account").await;
                expect_refused(&page, &address, &stranger).await;
            }
            assert_eq!(page.client().windows().await.unwrap().len(), windows, "{address} was opened");
            assert!(stranger.heard().is_empty(), "{address}: {:#?}", stranger.heard());
            page.open("#/subscriptions").await;
            page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        }

        // What cannot be read where the storage is said to be, the service gives itself.
        page.simulator().clear_faults();
        for address in elsewhere(&page, &stranger) {
            page.simulator().intercept(change(Role::Regional, "/details", move |details| {
                for log in details["logFiles"].as_object_mut().unwrap().values_mut() {
                    *log = json!(address);
                }
            }));
            page.open(&format!("{}?tab=logs", BAKERY.run_address(BAKERY.run))).await;
            page.expect_text("The experiment completed successfully").await;
            assert!(stranger.heard().is_empty(), "{:#?}", stranger.heard());
            page.open("#/subscriptions").await;
            page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        }
        let asked = page.simulator().recorder().requests();
        assert!(!asked.iter().any(|request| request.target.contains("/next")), "{asked:#?}");

        let scoring = format!("{}/score", stranger.origin());
        page.simulator().intercept(change(
            Role::ModelManagement,
            "/services/loaves-tomorrow",
            move |service| {
                service["scoringUri"] = json!(scoring);
            },
        ));
        page.open(&BAKERY.address("services/loaves-tomorrow?tab=try")).await;
        page.expect_text("dataOrigins").await;
        assert!(stranger.heard().is_empty(), "{:#?}", stranger.heard());
    });
}

/// Sends whoever asks a kind of host on to somebody else.
fn redirect(role: Role, stranger: &Stranger) -> impl Interceptor + use<> {
    let location = HeaderValue::try_from(format!("{}/redirected", stranger.origin())).unwrap();
    move |asked: Role, _: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>| {
        if asked == role {
            *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            answer.headers_mut().insert(LOCATION, location.clone());
        }
    }
}

#[test]
fn a_redirect_is_not_followed_whatever_host_it_comes_from() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        const WORDS: &str = "sends this page on to another address";
        page.open("#/").await;
        page.simulator().intercept(redirect(Role::Login, &stranger));
        sign_in(&page).await;
        page.expect_text(WORDS).await;
        page.simulator().intercept(redirect(Role::Storage, &stranger));
        page.click_button("Sign in").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;

        let run = BAKERY.run_address(BAKERY.run);
        let pages = [
            (Role::Discovery, BAKERY.address("experiments"), WORDS),
            // The service gives the log itself.
            (Role::Storage, format!("{run}?tab=logs"), "The experiment completed successfully"),
            (Role::Management, "#/subscriptions".to_owned(), WORDS),
            (Role::Regional, BAKERY.address("experiments"), WORDS),
            (Role::ModelManagement, BAKERY.address("models"), WORDS),
            (Role::Pipelines, BAKERY.address("pipelines/experiments/nightly_bake_2"), WORDS),
            (Role::Scoring, BAKERY.address("services/loaves-tomorrow?tab=try"), WORDS),
        ];
        for (role, address, words) in pages {
            page.simulator().intercept(redirect(role, &stranger));
            // The words of the page before are not those of this one.
            page.open("#/requests").await;
            page.expect_heading("Requests").await;
            page.open(&address).await;
            if role == Role::Scoring {
                page.expect_text("The description of the service could not be read").await;
                page.fill("Question as JSON", "{}").await;
                page.click_button("Ask the service").await;
            }
            page.wait(&format!("what {role:?} does"), async || page.text().await.contains(words)).await;
            assert!(stranger.heard().is_empty(), "{role:?}: {:#?}", stranger.heard());
        }
    });
}

/// An upload is the one request that a browser would follow elsewhere. Here the policy lets it.
#[test]
fn a_redirected_upload_takes_no_token_along() {
    let stranger = Stranger::start();
    let origins = json!([stranger.origin()]);
    journey(Stage::azure().with_setting("dataOrigins", origins), async move |page| {
        start(&page).await;
        page.open(&BAKERY.submit_address()).await;
        page.expect_heading("Submit a run").await;
        let location = HeaderValue::try_from(format!("{}/redirected", stranger.origin())).unwrap();
        page.simulator().intercept(
            move |_: Role, request: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>| {
                if request.uri().path().ends_with("/startrun") {
                    *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
                    answer.headers_mut().insert(LOCATION, location.clone());
                }
            },
        );
        hand_in(&page, BAKERY.experiment).await;
        page.wait("the stranger to be asked", async || stranger.was_asked("/redirected")).await;
        // What came from there is no answer; the service is asked for the run instead, which has it.
        page.expect("region", "Status").await;
        assert!(stranger.heard().iter().any(|heard| heard.starts_with("POST ")), "{:#?}", stranger.heard());
        for heard in stranger.heard() {
            assert!(!heard.to_ascii_lowercase().contains("\r\nauthorization:"), "{heard}");
        }
    });
}

#[test]
fn headers_that_lead_elsewhere_are_not_followed() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        open_new_workspace(&page, "third-oven").await;
        page.select("Container registry", "noadminregistry, westeurope").await;
        let address = HeaderValue::try_from(format!("{}/status", stranger.origin())).unwrap();
        page.simulator().intercept(move |_: Role, _: &Request<Vec<u8>>, answer: &mut Response<Vec<u8>>| {
            for name in
                ["location", "azure-asyncoperation", "operation-location", "content-location", "refresh"]
            {
                answer.headers_mut().insert(HeaderName::from_static(name), address.clone());
            }
        });
        page.click_button("Create workspace").await;
        // Why it failed stands behind such an address, and is not read there.
        page.patient(Duration::from_secs(30)).expect_text("this page cannot read why").await;
        assert!(stranger.heard().is_empty(), "a stranger was told: {:#?}", stranger.heard());
    });
}

#[test]
fn whoever_is_linked_to_learns_nothing_of_the_page() {
    journey(Stage::azure(), async |page| {
        let stranger = Stranger::start();
        start(&page).await;
        let repository = format!("{}/repository", stranger.origin());
        page.simulator().intercept(change(Role::Regional, "/runs/calm_dough_7", move |run| {
            run["properties"]["azureml.git.repository_uri"] = json!(repository);
        }));
        page.open(&BAKERY.run_address(BAKERY.run)).await;
        let first = page.client().window().await.unwrap();
        page.within("region", "Source code").click_link(&format!("{}/repository", stranger.origin())).await;
        page.wait("the link to be followed", async || stranger.was_asked("/repository")).await;
        for heard in stranger.heard() {
            let head = heard.to_ascii_lowercase();
            assert!(!head.contains("\r\nreferer:") && !head.contains("\r\ncookie:"), "{heard}");
        }
        let windows = page.client().windows().await.unwrap();
        let other = windows.into_iter().find(|window| *window != first).unwrap();
        page.client().switch_to_window(other).await.unwrap();
        assert_eq!(page.evaluate("return window.opener === null && document.referrer === '';").await, true);
    });
}
