//! Erasing over sockets: what the receipt says is what the simulator itself saw, and an interruption sends nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use azimuth_e2e::{Page, Role, ServerOptions, Stage, journey};
use http::Method;
use serde_json::{Value, json};

use crate::changes::{fail_next, lose};
use crate::sign_in::sign_in;
use crate::tour::BAKERY;
use crate::wire;

const LONG: Duration = Duration::from_secs(90);
const OVER: &str = "Save the receipt as JSON";

fn quick() -> Stage {
    Stage::azure_with(ServerOptions { speed: 10.0, ..ServerOptions::default() })
}

async fn open(page: &Page) {
    page.open("#/").await;
    sign_in(page).await;
    page.expect_heading("Subscriptions").await;
    page.open(&BAKERY.address("data?tab=erase")).await;
    page.expect_heading("Data").await;
}

/// Unfolds a kind and ticks things of it.
pub async fn choose(page: &Page, kind: &str, things: &[&str]) {
    let unfold = format!(
        "const fold = [...document.querySelectorAll('.erase-kind')].find((fold) => fold.innerText.startsWith('{kind}')); \
         if (!fold || fold.innerText.includes('…')) return false; fold.open = true; return true;"
    );
    page.wait(&format!("{kind} to be listed"), async || page.evaluate(&unfold).await == true).await;
    for thing in things {
        page.click("checkbox", thing).await;
    }
}

pub async fn confirm(page: &Page, button: &str) {
    page.click_button(button).await;
    let dialog = page.within("dialog", button);
    dialog.expect_text("bakery-rg").await;
    dialog.expect_disabled("button", button).await;
    dialog.fill("Type forecasting to go on", "forecasting").await;
    dialog.click_button(button).await;
}

async fn receipt(page: &Page) -> Value {
    page.patient(LONG).expect("button", OVER).await;
    page.click_button(OVER).await;
    let name = page
        .evaluate("return `erasure-receipt-forecasting-${new Date().toISOString().slice(0, 10)}.json`;")
        .await;
    let path = page.downloaded(name.as_str().unwrap()).await;
    let text = std::fs::read_to_string(&path).unwrap();
    // The next one has the same name.
    std::fs::remove_file(path).unwrap();
    // ChromeDriver clicks what scrolled away under the header.
    page.evaluate("scrollTo(0, 0);").await;
    serde_json::from_str(&text).unwrap()
}

/// Kind and id as they stand in an address: "models/loaves-forecaster:2".
fn place_of(thing: &Value) -> String {
    let family = match thing["kind"].as_str().unwrap() {
        "experiment" => "experimentids".to_owned(),
        kind => format!("{kind}s"),
    };
    format!("{family}/{}", thing["id"].as_str().unwrap())
}

/// The statuses of all deletions that the simulator got, by what they were of.
fn recorded(page: &Page) -> BTreeMap<String, Vec<Option<u16>>> {
    let mut found = BTreeMap::<String, Vec<Option<u16>>>::new();
    for request in page.simulator().recorder().matching(&Method::DELETE, "/") {
        let parts: Vec<&str> = request.path().rsplit('/').take(2).collect();
        let place = format!("{}/{}", parts[1], parts[0].replace("%3A", ":"));
        found.entry(place).or_default().push(request.status);
    }
    found
}

/// The same by the receipt.
fn told(receipt: &Value) -> BTreeMap<String, Vec<Option<u16>>> {
    let things = receipt["things"].as_array().unwrap().iter();
    let sent = things.filter(|thing| !thing["requests"].as_array().unwrap().is_empty()).map(|thing| {
        let requests = thing["requests"].as_array().unwrap().iter();
        let statuses = requests.map(|request| request["status"].as_u64().map(|status| status as u16));
        (place_of(thing), statuses.collect())
    });
    sent.collect()
}

fn outcomes(receipt: &Value) -> BTreeMap<String, String> {
    let things = receipt["things"].as_array().unwrap().iter();
    things
        .map(|thing| {
            (thing["name"].to_string().replace('"', ""), thing["outcome"].as_str().unwrap().to_owned())
        })
        .collect()
}

/// What the service answers to whoever asks for these, past the page.
fn status(page: &Page, thing: &Value) -> u16 {
    let workspace = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.MachineLearningServices/workspaces/{}",
        BAKERY.subscription_id, BAKERY.group, BAKERY.workspace
    );
    let place = place_of(thing);
    let simulator = page.simulator();
    match thing["kind"].as_str().unwrap() {
        "compute" => {
            let path = format!("{workspace}/{place}?api-version=2021-03-01-preview");
            wire::status(simulator, Role::Management, &path)
        }
        "experiment" => wire::status(simulator, Role::Regional, &format!("/history/v1.0{workspace}/{place}")),
        _ => {
            let path = format!("/modelmanagement/v1.0{workspace}/{place}?api-version=2019-11-01");
            wire::status(simulator, Role::Regional, &path)
        }
    }
}

#[test]
fn the_receipt_says_thing_by_thing_what_the_service_saw() {
    journey(quick(), async |page| {
        open(&page).await;
        choose(&page, "Services", &["Service weather-live", "Service loaves-tomorrow"]).await;
        choose(&page, "Images", &["Image loaves-image:2"]).await;
        choose(
            &page,
            "Models",
            &["Model loaves-forecaster:2", "Model croissant-waste:1", "Model loaves-forecaster:3"],
        )
        .await;
        choose(&page, "Computes", &["Compute cpu-compute"]).await;
        choose(&page, "Experiments", &["Experiment holiday-orders"]).await;
        page.expect_disabled("checkbox", "Experiment loaves-per-day").await;
        page.expect_text("is used by").await;
        page.expect_text("Hiding a run or archiving an experiment erases nothing").await;
        fail_next(&page, &Method::DELETE, "/models/croissant-waste%3A1", "fail-503");
        // Something that nobody saw in the plan.
        page.within("region", "Plan").expect_text("holiday-orders").await;
        let base = format!(
            "/modelmanagement/v1.0/subscriptions/{}/resourceGroups/bakery-rg/providers/Microsoft.MachineLearningServices/workspaces/forecasting",
            BAKERY.subscription_id
        );
        let asset = json!({ "name": "latecomer.pkl", "artifacts": [{ "id": "x" }] });
        wire::change(page.simulator(), "POST", &format!("{base}/assets?api-version=2019-11-01"), &asset);

        confirm(&page, "Erase 8 things").await;
        let first = receipt(&page).await;
        let failed: Vec<_> =
            outcomes(&first).into_iter().filter(|(_, outcome)| outcome == "failed").collect();
        assert_eq!(failed.len(), 2, "{first}");
        assert_eq!(told(&first), recorded(&page));
        assert_eq!(told(&first)["models/loaves-forecaster:2"], [Some(412)]);
        assert_eq!(told(&first)["models/croissant-waste:1"], [Some(503)]);
        let later: Vec<&Value> = first["remains"]["things"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|thing| thing["cameLater"] == true)
            .collect();
        assert_eq!(later.len(), 1, "{first}");
        assert_eq!(later[0]["name"], "latecomer.pkl");
        page.expect_text("latecomer.pkl").await;

        // What failed is tried again; what uses a model is added to the plan.
        page.click_button("Delete what uses them first").await;
        let dialog = page.within("dialog", "Erase 2 things more");
        dialog.expect_text("loaves-image:1").await;
        dialog.expect_text("old-forecast").await;
        dialog.fill("Type forecasting to go on", "forecasting").await;
        dialog.click_button("Erase 2 things more").await;
        page.patient(LONG).expect_text("10 gone, asked for again").await;
        let second = receipt(&page).await;
        assert_eq!(told(&second), recorded(&page));
        assert_eq!(told(&second)["models/loaves-forecaster:2"], [Some(412), Some(200)]);
        assert_eq!(told(&second)["models/croissant-waste:1"], [Some(503), Some(200)]);
        assert_eq!(second["counts"]["requests"], 12);
        for thing in second["things"].as_array().unwrap() {
            assert_eq!(thing["outcome"], "verified-gone", "{thing}");
            assert_eq!(thing["verified"]["status"], 404, "{thing}");
            assert_eq!(status(&page, thing), 404, "{thing}");
            for request in thing["requests"].as_array().unwrap() {
                assert!(request["requestId"].is_string(), "{thing}");
            }
        }
        assert_eq!(second["format"], "azimuth-erasure-receipt");
        assert_eq!(second["asked"].as_array().unwrap().len(), 2);
        assert!(second["remains"]["stays"].to_string().contains("storage account"), "{second}");
        let order: Vec<&str> = second["things"]
            .as_array()
            .unwrap()
            .iter()
            .map(|thing| thing["kind"].as_str().unwrap())
            .collect();
        let kinds = ["service", "image", "model", "asset", "compute", "experiment"];
        assert!(
            order.iter().map(|kind| kinds.iter().position(|known| known == kind)).is_sorted(),
            "{order:?}"
        );
        page.expect_no_text("fail-503").await;
    });
}

/// Begins with these two and waits until a deletion of the first is on its way.
async fn begin_two(page: &Page, fault: &str) {
    open(page).await;
    choose(page, "Services", &["Service loaves-tomorrow"]).await;
    choose(page, "Models", &["Model croissant-waste:1"]).await;
    fail_next(page, &Method::DELETE, "/services/loaves-tomorrow", fault);
    confirm(page, "Erase 2 things").await;
    page.wait("the deletion", async || !deletions_of(page, "/services/loaves-tomorrow").is_empty()).await;
}

fn deletions_of(page: &Page, end: &str) -> Vec<Option<u16>> {
    let all = page.simulator().recorder().matching(&Method::DELETE, end);
    all.iter().map(|request| request.status).collect()
}

#[test]
fn an_erasure_that_a_reload_interrupted_goes_on_with_a_look_and_sends_nothing_twice() {
    journey(quick(), async |page| {
        // The service does its work; the page is gone when the answer comes.
        begin_two(&page, "delay 20000").await;
        page.reload().await;
        sign_in(&page).await;
        page.expect_text("It was interrupted").await;
        assert!(deletions_of(&page, "/models/").is_empty(), "nobody wanted it to go on yet");
        page.click_button("Resume").await;
        let receipt = receipt(&page).await;
        let sent: usize = told(&receipt).values().map(Vec::len).sum();
        assert_eq!(sent, 2, "{receipt}");
        assert_eq!(deletions_of(&page, "/services/loaves-tomorrow").len(), 1);
        assert_eq!(deletions_of(&page, "/models/").len(), 1);
        let only: BTreeSet<String> = recorded(&page).into_keys().collect();
        let planned: BTreeSet<String> = receipt["things"].as_array().unwrap().iter().map(place_of).collect();
        assert_eq!(only, planned, "nothing outside the plan");

        // The receipt is there after another reload, until it is removed.
        page.reload().await;
        sign_in(&page).await;
        page.expect("button", OVER).await;
        page.click_button("Remove the receipt").await;
        page.within("dialog", "Remove the receipt").click_button("Remove it").await;
        page.expect_text("Nothing is chosen").await;
    });
}

#[test]
fn what_a_cut_connection_lost_is_looked_at_and_sent_again_by_a_person_alone() {
    journey(quick(), async |page| {
        open(&page).await;
        choose(&page, "Services", &["Service loaves-tomorrow"]).await;
        choose(&page, "Models", &["Model croissant-waste:1"]).await;
        lose(&page, &Method::DELETE, "/services/loaves-tomorrow", "drop-after");
        lose(&page, &Method::DELETE, "/models/croissant-waste%3A1", "drop-before");
        confirm(&page, "Erase 2 things").await;
        let first = receipt(&page).await;
        let expected = [("croissant-waste:1", "failed"), ("loaves-tomorrow", "verified-gone")];
        let expected = expected.map(|(name, outcome)| (name.to_owned(), outcome.to_owned()));
        assert_eq!(outcomes(&first), expected.into());
        for thing in first["things"].as_array().unwrap() {
            assert_eq!(
                thing["requests"].as_array().unwrap().len(),
                1,
                "it was sent again by itself: {thing}"
            );
        }
        page.simulator().clear_faults();
        page.click_button("Try the one that failed again").await;
        page.expect_text("2 gone, asked for again").await;
        let second = receipt(&page).await;
        assert_eq!(second["counts"]["requests"], 3);
    });
}

#[test]
fn the_whole_workspace_goes_and_the_receipt_says_what_azure_keeps_of_it() {
    journey(quick(), async |page| {
        open(&page).await;
        page.click("radio", "The whole workspace forecasting").await;
        page.expect_text("14 days").await;
        confirm(&page, "Erase the workspace").await;
        let receipt = receipt(&page).await;
        assert_eq!(outcomes(&receipt)["forecasting"], "verified-gone", "{receipt}");
        assert_eq!(receipt["things"][0]["verified"]["status"], 404, "{receipt}");
        assert_eq!(told(&receipt), recorded(&page));
        assert!(receipt["remains"]["stays"][0]["what"].as_str().unwrap().contains("14 days"), "{receipt}");
        assert!(receipt["remains"]["stays"].to_string().contains("storage account"), "{receipt}");
    });
}
