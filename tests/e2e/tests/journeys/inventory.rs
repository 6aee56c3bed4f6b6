//! What a workspace has beside its runs: looked at over sockets, without a secret on the way to the screen.

use azimuth_e2e::{Page, Role, Stage, journey};

use crate::sign_in::sign_in;
use crate::tour::{BAKERY, go_to};

async fn open(page: &Page, part: &str) {
    page.open(&BAKERY.address(part)).await;
}

/// All that a secret could hide in: the document, what the browser stores, and the address.
async fn everything(page: &Page) -> String {
    let script = "return document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + location;";
    page.evaluate(script).await.as_str().unwrap_or_default().to_owned()
}

#[test]
fn models_lead_to_their_files_their_images_and_their_services() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        open(&page, "models").await;
        page.within("region", "Models").click_link(BAKERY.model).await;
        page.expect_heading("Model loaves-forecaster:4").await;
        page.within("region", "Versions").expect_text("Version 1").await;
        page.expect("link", "outputs/model.pkl").await;
        page.click_link("The asset that holds them").await;
        page.expect_text("Models made of it").await;
        page.expect("link", "outputs/model.pkl").await;
        page.click_link("loaves-forecaster:4").await;
        page.click_link("loaves-tomorrow").await;
        page.expect_heading("Service loaves-tomorrow").await;
        page.expect("link", "loaves-forecaster:4").await;
        page.click_link("Logs").await;
        page.expect("region", "Logs").await;

        open(&page, "images").await;
        page.within("region", "Images").expect_text("Could not be made").await;
        open(&page, "images/loaves-image:3").await;
        page.expect_text("The service could not make this image").await;
        page.expect_text("Build log").await;
        let all = everything(&page).await;
        assert!(!all.contains("sig="), "the signature of a build log is on the page");
        let own_host = page.simulator().recorder().requests();
        let own_host: Vec<_> =
            own_host.iter().filter(|request| request.role == Role::ModelManagement).collect();
        assert!(!own_host.is_empty() && own_host.iter().all(|request| request.path().starts_with("/api/")));
        page.expect_no_console_errors().await;
    });
}

#[test]
fn models_are_found_where_their_own_host_does_not_know_them() {
    journey(Stage::azure(), async |page| {
        let plan = r#"[{"match": "GET /api/*", "times": 0, "do": "status 404"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        open(&page, "models").await;
        page.within("region", "Models").expect_text(BAKERY.model).await;
        let shared = page.simulator().recorder().matching(&http::Method::GET, "/modelmanagement/v1.0/");
        assert!(shared.iter().any(|request| request.role == Role::Regional), "{shared:?}");
    });
}

#[test]
fn datastores_are_read_without_their_keys() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        open(&page, "datastores").await;
        for (name, words) in [
            ("till_photos", "A signature (SAS)"),
            ("sales_lake", "Data lake, second generation"),
            ("tills_database", "SQL database"),
            ("orders_database", "PostgreSQL database"),
            ("workspaceblobstore", "The key of the account"),
        ] {
            page.within("region", "Datastores").click_link(name).await;
            page.expect_heading(&format!("Datastore {name}")).await;
            page.expect_text(words).await;
            go_to(&page, "Datastores").await;
        }
        let requests = page.simulator().recorder().requests();
        let of_datastores: Vec<_> =
            requests.iter().filter(|request| request.target.contains("/datastore/v1.0/")).collect();
        assert!(of_datastores.len() >= 6);
        for request in of_datastores.iter().filter(|request| !request.is_preflight()) {
            assert!(request.target.contains("includeSecret=false"), "{}", request.target);
            assert!(request.path().ends_with("/datastores"), "{}", request.target);
        }
    });
}

#[test]
fn keys_are_nowhere_until_somebody_wants_to_see_them() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        open(&page, "services/loaves-tomorrow").await;
        page.expect("button", "Read the keys").await;
        let keys = || page.simulator().recorder().matching(&http::Method::POST, "/listkeys").len();
        assert_eq!(keys(), 0);
        page.click_button("Read the keys").await;
        page.expect_text("Secondary key").await;
        assert_eq!(keys(), 1);
        assert!(!everything(&page).await.contains("primary-key"), "a key is on the page before it is shown");
        page.click_button("Show the primary key").await;
        page.expect_text("primary-key").await;
        page.click_button("Forget the keys").await;
        page.expect_text("Forgotten here").await;
        assert!(!everything(&page).await.contains("primary-key"), "a key outlives its minute");
        page.open("#/requests").await;
        page.expect_text("listkeys").await;
        assert!(!everything(&page).await.contains("primary-key"), "a key is in the log of requests");
    });
}

#[test]
fn computes_tell_their_nodes_their_runs_and_their_quota() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        open(&page, "computes/gpu-cluster").await;
        page.within("region", "Nodes").expect_text("10.0.0.4").await;
        page.within("region", "Runs that wait or work").expect_text("loaves-per-day").await;
        page.expect_text("56 GB of memory").await;
        open(&page, "computes").await;
        page.click_link("Quota").await;
        page.within("region", "Quota in use").expect_text("Used up").await;
        page.within("region", "Limits shared out").expect_text("This workspace").await;
        page.expect_no_console_errors().await;
    });
}
