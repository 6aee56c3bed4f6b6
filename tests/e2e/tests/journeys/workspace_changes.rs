//! Making resource groups and workspaces, and what is done about a workspace.

use std::time::Duration;

use azimuth_e2e::{Page, Recorded, ServerOptions, Stage, journey};
use http::Method;
use serde_json::json;

use crate::changes::times_sent;
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const NOT_ARRIVED: &str = "it did not arrive: nothing was changed";
/// Until what was lost is looked for twice, and what was begun is over.
const LONG: Duration = Duration::from_secs(30);
const WORKSPACES: &str = "/providers/Microsoft.MachineLearningServices/workspaces";

fn subscription() -> String {
    format!("#/subscriptions/{}", BAKERY.subscription_id)
}

fn group() -> String {
    format!("{}/resourceGroups/{}", subscription(), BAKERY.group)
}

fn workspace(name: &str) -> String {
    format!("{}/workspaces/{name}", group())
}

fn overview() -> String {
    workspace(BAKERY.workspace)
}

/// The next request like this ends like that.
fn fail(page: &Page, request: &str, fault: &str) {
    page.simulator().add_faults(&json!([{ "match": request, "do": fault }]).to_string()).unwrap();
}

/// Every request like this ends like that, until [`mend`]: Chromium by itself sends again what a connection lost that
/// had served before.
fn lose(page: &Page, request: &str, fault: &str) {
    let plan = json!([{ "match": request, "times": 0, "do": fault }]);
    page.simulator().add_faults(&plan.to_string()).unwrap();
}

fn mend(page: &Page) {
    page.simulator().clear_faults();
}

/// How many requests like this the service saw.
fn handed_on(page: &Page, method: Method, part: &str) -> usize {
    sent(page, method, part).iter().filter(|request| request.handed_on).count()
}

fn sent(page: &Page, method: Method, part: &str) -> Vec<Recorded> {
    page.simulator().recorder().matching(&method, part)
}

async fn open(page: &Page, address: &str) {
    page.open(address).await;
    sign_in(page).await;
}

/// Fills the form that makes a workspace, which is open.
async fn fill_in(page: &Page, name: &str) {
    page.expect_heading("Create a workspace").await;
    page.fill("Name", name).await;
    page.select("Storage account", "bakeryspare, westeurope").await;
    page.select("Key vault", "bakery-spare, westeurope").await;
    page.select("Application Insights", "bakery-spare, westeurope").await;
}

pub async fn open_new_workspace(page: &Page, name: &str) {
    open(page, &format!("{}?create", group())).await;
    fill_in(page, name).await;
}

#[test]
fn a_resource_group_is_made_and_opens() {
    journey(Stage::azure(), async |page| {
        open(&page, &subscription()).await;
        page.click_link("Create a resource group").await;
        page.expect_heading("Create a resource group").await;
        page.expect_text("Give the resource group a name.").await;
        page.fill("Name", "new rg").await;
        page.expect_text("letters, digits and - _ . ( ) only, not a space").await;
        page.fill("Name", "new-rg.").await;
        page.expect_text("does not end with a dot").await;

        // What is there is read first, and not written over.
        page.fill("Name", "Bakery-RG").await;
        page.select("Region", "France South").await;
        page.click_button("Create resource group").await;
        page.expect_text("There is a resource group of this name already.").await;
        assert!(sent(&page, Method::PUT, "/resourcegroups/").is_empty());

        page.fill("Name", "new-rg").await;
        page.click_button("Add a tag").await;
        page.fill("Name of tag 1", "team").await;
        page.fill("Value of tag team", "ovens").await;
        page.click_button("Show request").await;
        page.expect_text("curl -X PUT").await;
        page.expect_text(r#"{"location":"francesouth","tags":{"team":"ovens"}}"#).await;
        page.click_button("Create resource group").await;
        page.expect_address(&format!("{}/resourceGroups/new-rg", subscription())).await;
        page.expect_text("No workspace to see").await;
        assert_eq!(sent(&page, Method::PUT, "/resourcegroups/new-rg").len(), 1);
        page.open(&subscription()).await;
        let row = page.within("region", "Resource groups");
        row.expect_text("francesouth").await;
        row.expect_text("ovens").await;

        // There is no machine learning where this group is.
        page.open(&format!("{}/resourceGroups/new-rg?create", subscription())).await;
        page.expect_text("The resource group is in francesouth, where there is no machine learning.").await;
        page.expect_text("There is no storage account in this resource group.").await;
        page.expect_text("How to make one").await;
    });
}

#[test]
fn a_cut_connection_makes_no_second_resource_group_and_leaves_nobody_in_doubt() {
    journey(Stage::azure(), async |page| {
        open(&page, &format!("{}?create", subscription())).await;
        page.fill("Name", "before-rg").await;
        page.select("Region", "West Europe").await;
        lose(&page, "PUT *", "drop-before");
        page.click_button("Create resource group").await;
        page.patient(LONG).expect_text(NOT_ARRIVED).await;
        page.expect_value("Name", "before-rg").await;
        mend(&page);
        page.click_button("Create resource group").await;
        page.expect_address(&format!("{}/resourceGroups/before-rg", subscription())).await;
        assert_eq!(handed_on(&page, Method::PUT, "before-rg"), 1);
        assert_eq!(times_sent(&page, "PUT", "before-rg").await, 2);

        page.open(&format!("{}?create", subscription())).await;
        page.fill("Name", "after-rg").await;
        page.select("Region", "West Europe").await;
        lose(&page, "PUT *", "drop-after");
        page.click_button("Create resource group").await;
        page.patient(LONG).expect_address(&format!("{}/resourceGroups/after-rg", subscription())).await;
        assert_eq!(times_sent(&page, "PUT", "after-rg").await, 1);
        mend(&page);

        page.open(&format!("{}?create", subscription())).await;
        page.fill("Name", "denied-rg").await;
        page.select("Region", "West Europe").await;
        fail(&page, "PUT *", "fail-403");
        page.click_button("Create resource group").await;
        page.expect_text("You may not create resource group denied-rg").await;
        page.expect("button", "I just got access").await;
        page.expect_value("Name", "denied-rg").await;
        fail(&page, "PUT *", "fail-409");
        page.click_button("Create resource group").await;
        page.expect_text("Something else is changing it at the moment.").await;
    });
}

#[test]
fn a_workspace_is_made_of_what_is_there_and_opens() {
    journey(Stage::azure(), async |page| {
        open(&page, &group()).await;
        page.click_link("Create a workspace").await;
        page.expect_heading("Create a workspace").await;
        page.expect_text("Microsoft.ContainerRegistry Registered").await;
        page.fill("Name", "so").await;
        page.expect_text("has 3 to 33 characters; this one has 2").await;
        page.fill("Name", BAKERY.workspace).await;
        page.expect_text("Choose a storage account.").await;
        fill_in(&page, BAKERY.workspace).await;
        page.click_button("Create workspace").await;
        page.expect_text("There is a workspace of this name already.").await;
        assert!(sent(&page, Method::PUT, WORKSPACES).is_empty());

        fill_in(&page, "second-oven").await;
        page.fill("Friendly name (optional)", "Second oven").await;
        // Another one, by its id.
        page.select("Container registry", "Another one, by its id").await;
        page.fill("Id of the container registry", "ovens").await;
        page.expect_text("Its whole id is wanted").await;
        page.expect_text("The id of the container registry is not whole.").await;
        let scope =
            format!("/subscriptions/{}/resourceGroups/bakery-lab-rg/providers", BAKERY.subscription_id);
        let id = format!("{scope}/Microsoft.ContainerRegistry/registries/bakeryplayground");
        page.fill("Id of the container registry", &id).await;
        page.click_button("Create workspace").await;
        page.expect_heading("Being made").await;
        page.patient(LONG).expect_address(&workspace("second-oven")).await;
        page.expect_heading("Second oven").await;
        page.expect_text("Done: Create workspace second-oven").await;
        page.expect_text("bakeryplayground").await;
        assert_eq!(sent(&page, Method::PUT, WORKSPACES).len(), 1);
        // The form is empty again.
        page.open(&format!("{}?create", group())).await;
        page.expect_value("Name", "").await;
    });
}

#[test]
fn a_reload_while_a_workspace_is_made_goes_on_and_ends_in_the_workspace() {
    journey(Stage::azure_with(ServerOptions { speed: 2.0, ..ServerOptions::default() }), async |page| {
        open_new_workspace(&page, "second-oven").await;
        page.click_button("Create workspace").await;
        page.expect_heading("Being made").await;
        page.reload().await;
        sign_in(&page).await;
        page.expect_heading("Being made").await;
        page.expect_text("Under way: Create workspace second-oven").await;
        // Others see it too.
        page.open(&subscription()).await;
        page.expect_text("Under way: Create workspace second-oven").await;
        page.open(&format!("{}?create", group())).await;
        page.patient(Duration::from_secs(40)).expect_address(&workspace("second-oven")).await;
        page.expect_heading("second-oven").await;
        assert_eq!(sent(&page, Method::PUT, WORKSPACES).len(), 1);
    });
}

#[test]
fn a_cut_connection_makes_no_second_workspace_and_leaves_nobody_in_doubt() {
    journey(Stage::azure(), async |page| {
        let patient = page.patient(LONG);
        open_new_workspace(&page, "before-oven").await;
        lose(&page, "PUT *", "drop-before");
        page.click_button("Create workspace").await;
        patient.expect_text(NOT_ARRIVED).await;
        mend(&page);
        page.click_button("Create workspace").await;
        patient.expect_address(&workspace("before-oven")).await;
        assert_eq!(handed_on(&page, Method::PUT, "before-oven"), 1);
        assert_eq!(times_sent(&page, "PUT", "before-oven").await, 2);

        page.open(&format!("{}?create", group())).await;
        fill_in(&page, "after-oven").await;
        lose(&page, "PUT *", "drop-after");
        page.click_button("Create workspace").await;
        patient.expect_address(&workspace("after-oven")).await;
        assert_eq!(times_sent(&page, "PUT", "after-oven").await, 1);
        mend(&page);

        // The connection ends while the answer is on its way, and the tab with it.
        page.open(&format!("{}?create", group())).await;
        fill_in(&page, "during-oven").await;
        lose(&page, "PUT *", "delay 3000");
        page.click_button("Create workspace").await;
        page.expect_disabled("button", "Sending…").await;
        page.reload().await;
        sign_in(&page).await;
        // Whether it arrived depends on how soon the service noticed; either is told.
        let is_told = async || {
            page.text().await.contains(NOT_ARRIVED) || page.address().await == workspace("during-oven")
        };
        patient.wait("what became of it", is_told).await;
        assert!(handed_on(&page, Method::PUT, "during-oven") <= 1);
    });
}

#[test]
fn a_registry_without_admin_user_is_told_in_plain_words() {
    journey(Stage::azure(), async |page| {
        let patient = page.patient(LONG);
        open_new_workspace(&page, "third-oven").await;
        page.select("Container registry", "noadminregistry, westeurope").await;
        page.expect_text("Its admin user has to be enabled").await;
        page.click_button("Create workspace").await;
        patient.expect_text("It is about the container registry noadminregistry.").await;
        page.expect_text("az acr update --name noadminregistry --admin-enabled true").await;
        page.expect_text("delete what came of it, then make it again").await;
        page.expect_value("Name", "third-oven").await;

        // Where the reason cannot be read, the command that shows it stands.
        page.simulator()
            .add_faults(r#"[{"match": "GET */workspaceOperationsStatus/*", "times": 0, "do": "fail-403"}]"#)
            .unwrap();
        page.click_link("Open third-oven").await;
        page.expect_address(&workspace("third-oven")).await;
        page.expect_text("this page cannot read why").await;
        page.expect_text("az monitor activity-log list").await;

        // What never came to be leaves its name free.
        page.click_button("Delete").await;
        let dialog = page.within("dialog", "Delete workspace third-oven");
        dialog.fill("Type third-oven to go on", "third-oven").await;
        dialog.click_button("Delete workspace").await;
        page.expect_address(&group()).await;
        patient.expect_text("Done: Delete workspace third-oven").await;
        page.click_link("Create a workspace").await;
        page.expect_value("Name", "third-oven").await;
        page.select("Container registry", "None yet: one is made when it is first needed").await;
        page.click_button("Create workspace").await;
        patient.expect_address(&workspace("third-oven")).await;
        page.expect_heading("third-oven").await;
    });
}

#[test]
fn what_keeps_a_workspace_from_being_made_is_told_and_the_form_stays() {
    journey(Stage::azure(), async |page| {
        open_new_workspace(&page, "fourth-oven").await;
        fail(&page, "PUT *", "fail-403");
        page.click_button("Create workspace").await;
        page.expect_text("You may not create workspace fourth-oven").await;
        fail(&page, "PUT *", "fail-409");
        page.click_button("Create workspace").await;
        page.expect_text("Something else is changing it at the moment.").await;

        fail(&page, "PUT *", "fail-409-provider");
        page.click_button("Create workspace").await;
        page.expect_text("The subscription has never used this part of Azure").await;
        page.click_button("Register Microsoft.MachineLearningServices").await;
        let patient = page.patient(LONG);
        patient.expect_text("Done: Register Microsoft.MachineLearningServices").await;
        page.expect_text("Microsoft.MachineLearningServices Registered").await;
        page.expect_value("Name", "fourth-oven").await;
        page.click_button("Create workspace").await;
        patient.expect_address(&workspace("fourth-oven")).await;
    });
}

#[test]
fn a_region_without_the_service_is_told() {
    journey(Stage::azure(), async |page| {
        let plan = r#"[{"match": "GET */providers/Microsoft.MachineLearningServices", "times": 0, "do": "fail-403"}]"#;
        page.simulator().add_faults(plan).unwrap();
        open(&page, &format!("{}?create", group())).await;
        page.expect_text("You may not read whether it is registered").await;
        page.fill("Region", "francesouth").await;
        fill_in(&page, "south-oven").await;
        page.click_button("Create workspace").await;
        page.expect_text("Azure does not have this in that region").await;
        page.expect_text("westeurope").await;
        page.expect_value("Name", "south-oven").await;
    });
}

#[test]
fn providers_are_checked_and_registered_from_the_form() {
    journey(Stage::azure(), async |page| {
        open(&page, &group()).await;
        page.expect_heading("Workspaces").await;
        // Nobody ever registered the provider of workspaces here.
        fail(&page, "GET */resourceGroups/*/workspaces", "fail-409-provider");
        page.reload().await;
        sign_in(&page).await;
        page.expect_text("The subscription has never used this part of Azure").await;
        page.open(&format!("{}?create", group())).await;
        fill_in(&page, "second-oven").await;
        page.expect_text("Register Microsoft.MachineLearningServices first.").await;
        lose(&page, "POST */register", "drop-before");
        page.evaluate("scrollTo(0, 0);").await;
        page.click_button("Register Microsoft.MachineLearningServices").await;
        let patient = page.patient(LONG);
        patient.expect_text(NOT_ARRIVED).await;
        assert_eq!(handed_on(&page, Method::POST, "/register"), 0);
        mend(&page);
        lose(&page, "POST */register", "drop-after");
        page.click_button("Register Microsoft.MachineLearningServices").await;
        patient.expect_text("Microsoft.MachineLearningServices Registered").await;
        assert_eq!(times_sent(&page, "POST", "/register").await, 2);
        mend(&page);
        page.click_button("Create workspace").await;
        patient.expect_address(&workspace("second-oven")).await;
    });
}

#[test]
fn a_workspace_is_described_and_tagged() {
    journey(Stage::azure(), async |page| {
        open(&page, &overview()).await;
        page.click_button("Edit").await;
        page.expect_value("Friendly name", BAKERY.workspace_label).await;
        page.expect_text("Nothing is different yet.").await;
        page.fill("Friendly name", "Tomorrow").await;
        page.fill("Value of tag team", "ovens").await;
        page.click_button("Show request").await;
        page.expect_text(r#"{"properties":{"friendlyName":"Tomorrow"},"tags":{"team":"ovens"}}"#).await;
        fail(&page, "PATCH *", "fail-409");
        page.click_button("Save").await;
        page.expect_text("Something else is changing it at the moment.").await;
        fail(&page, "PATCH *", "fail-403");
        page.click_button("Save").await;
        page.expect_text("You may not change workspace forecasting").await;

        // What was typed survives a reload.
        page.reload().await;
        sign_in(&page).await;
        page.expect_value("Friendly name", "Tomorrow").await;
        page.expect_value("Value of tag team", "ovens").await;
        lose(&page, "PATCH *", "drop-before");
        page.click_button("Save").await;
        let patient = page.patient(LONG);
        patient.expect_text(NOT_ARRIVED).await;
        mend(&page);
        page.click_button("Save").await;
        page.expect_heading("Tomorrow").await;
        page.expect_no("button", "Save").await;
        assert_eq!(handed_on(&page, Method::PATCH, WORKSPACES), 3);

        page.click_button("Edit").await;
        page.fill("Description", "For the night shift").await;
        page.click_button("Remove tag team").await;
        lose(&page, "PATCH *", "drop-after");
        page.click_button("Save").await;
        patient.expect_no("button", "Save").await;
        page.expect_text("For the night shift").await;
        // Two before the reload, which the log of the page does not outlive.
        assert_eq!(times_sent(&page, "PATCH", WORKSPACES).await, 3);
    });
}

#[test]
fn keys_are_masked_until_somebody_wants_to_see_them_and_are_read_anew() {
    journey(Stage::azure(), async |page| {
        open(&page, &overview()).await;
        page.click_button("Keys").await;
        fail(&page, "POST */listKeys", "fail-403");
        page.click_button("Read the keys").await;
        page.expect_text("You may not read the keys").await;
        page.click_button("Read the keys").await;
        page.expect_text("Registry user bakeryforecasting").await;
        page.click_button("Show the storage key").await;
        let key = page
            .evaluate("return document.querySelector('dl.secrets dd:nth-of-type(2) code').textContent;")
            .await;
        let key = key.as_str().unwrap().to_owned();
        assert!(key.len() > 20, "{key}");
        page.click_button("Hide the storage key").await;
        page.expect_no_text(&key).await;
        page.click_button("Forget the keys").await;
        page.expect_text("Forgotten here.").await;
        let kept = page.evaluate("return JSON.stringify({ ...sessionStorage, ...localStorage });").await;
        assert!(!kept.as_str().unwrap().contains(&key));
        page.open("#/requests").await;
        page.expect_text("listKeys").await;
        page.expect_no_text(&key).await;

        page.open(&format!("{}?manage=keys", overview())).await;
        let patient = page.patient(LONG);
        lose(&page, "POST */resyncKeys", "drop-before");
        page.click_button("Resync keys").await;
        patient.expect_text("nothing that can be read shows whether it arrived").await;
        mend(&page);
        page.click_button("Resync keys").await;
        patient.expect_text("The workspace has read its keys anew.").await;
        page.expect_text("Done: Resync keys of workspace forecasting").await;
        page.click_button("Dismiss").await;
        page.expect_no_text("The workspace has read its keys anew.").await;
        lose(&page, "POST */resyncKeys", "drop-after");
        page.click_button("Resync keys").await;
        patient.expect_text("The workspace has read its keys anew.").await;
        assert_eq!(times_sent(&page, "POST", "/resyncKeys").await, 3);
    });
}

#[test]
fn a_workspace_is_deleted_once_its_name_is_typed_and_keeps_its_name() {
    journey(Stage::azure(), async |page| {
        open(&page, &overview()).await;
        page.click_button("Delete").await;
        let dialog = page.within("dialog", "Delete workspace forecasting");
        dialog.expect_text(BAKERY.subscription_id).await;
        dialog.expect_text("Storage account bakeryforecasting").await;
        dialog.expect_text("Azure keeps its data and its name for 14 days.").await;
        dialog.fill("Type forecasting to go on", "forecastin").await;
        dialog.expect_text("The name is not typed yet.").await;
        dialog.fill("Type forecasting to go on", "forecasting").await;
        fail(&page, "DELETE *", "fail-409");
        dialog.click_button("Delete workspace").await;
        dialog.expect_text("Something else is changing it at the moment.").await;
        lose(&page, "DELETE *", "drop-before");
        dialog.click_button("Delete workspace").await;
        let patient = page.patient(LONG);
        patient.expect_text(NOT_ARRIVED).await;
        assert_eq!(handed_on(&page, Method::DELETE, WORKSPACES), 1);
        mend(&page);
        lose(&page, "DELETE *", "drop-after");
        dialog.click_button("Delete workspace").await;
        patient.expect_address(&group()).await;
        patient.expect_text("Done: Delete workspace forecasting").await;
        patient.expect_text("No workspace to see").await;
        assert_eq!(times_sent(&page, "DELETE", WORKSPACES).await, 3);

        // Opened by its address it says the same.
        let other =
            format!("{}/resourceGroups/bakery-lab-rg/workspaces/playground?manage=delete", subscription());
        page.open(&other).await;
        let dialog = page.within("dialog", "Delete workspace playground");
        dialog.expect_text("Storage account bakeryplayground").await;
        dialog.click_button("Cancel").await;
        page.expect_address(other.trim_end_matches("?manage=delete")).await;

        page.open(&format!("{}?create", group())).await;
        fill_in(&page, BAKERY.workspace).await;
        page.click_button("Create workspace").await;
        page.expect_text("The name is held by a workspace that was deleted").await;
        page.click_button("Choose another name").await;
        let focused = page.evaluate("return document.activeElement.value;").await;
        assert_eq!(focused, BAKERY.workspace);
    });
}

#[test]
fn a_page_that_may_change_nothing_makes_no_workspace() {
    journey(Stage::azure().with_setting("readOnly", true), async |page| {
        open_new_workspace(&page, "second-oven").await;
        page.expect_text("This page was set up to change nothing.").await;
        page.expect_disabled("button", "Create workspace").await;
        page.open(&format!("{}?create", subscription())).await;
        page.expect_disabled("button", "Create resource group").await;
        page.open(&format!("{}?manage=keys", overview())).await;
        page.expect_disabled("button", "Resync keys").await;
    });
}
