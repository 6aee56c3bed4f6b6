//! What somebody does on the page is there for Azure's own clients. `cargo xtask conformance` installs those and runs this.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use azimuth_e2e::{Page, Stage, journey};
use serde_json::json;

use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const PATIENCE: Duration = Duration::from_secs(60);

async fn told(page: &Page, words: &str) {
    page.patient(PATIENCE).expect_text(words).await;
}

#[test]
#[ignore = "needs Azure's clients: cargo xtask conformance"]
fn azures_clients_see_what_the_page_did() {
    journey(Stage::azure(), async |page| {
        page.open(&format!("#/subscriptions/{}?create", BAKERY.subscription_id)).await;
        sign_in(&page).await;
        page.fill("Name", "seen-rg").await;
        page.select("Region", "West Europe").await;
        page.click_button("Create resource group").await;
        page.expect_text("No workspace to see").await;

        page.open(&format!("{}?manage=edit", BAKERY.address("").trim_end_matches('/'))).await;
        page.fill("Friendly name", "Seen by others").await;
        page.click_button("Save").await;
        page.expect_heading("Seen by others").await;

        page.open(&BAKERY.address("computes?create")).await;
        page.expect_heading("Create a compute").await;
        page.fill("Name", "seen-cluster").await;
        page.fill("Filter sizes", "ds2").await;
        page.click("radio", "Standard_DS2_v2").await;
        page.fill("Machines, at most", "2").await;
        page.click_button("Create compute").await;
        told(&page, "Done: Create compute seen-cluster").await;
        page.fill("Machines, at most", "3").await;
        page.click_button("Scale").await;
        told(&page, "Done: Scale compute seen-cluster").await;

        page.open(&BAKERY.address("computes/huge-cluster")).await;
        page.click_button("Delete").await;
        let dialog = page.within("dialog", "Delete compute huge-cluster");
        dialog.fill("Type huge-cluster to go on", "huge-cluster").await;
        dialog.click_button("Delete").await;
        told(&page, "Done: Delete compute huge-cluster").await;

        page.open(&BAKERY.run_address("brave_oven_12")).await;
        page.click_button("Cancel run").await;
        page.within("dialog", "Cancel run brave_oven_12").click_button("Cancel run").await;
        page.within("region", "Status").patient(PATIENCE).expect("status", "Stopped Canceled").await;
        page.click_button("Edit the notes of run brave_oven_12").await;
        page.fill("Description", "Not long enough in the oven").await;
        page.click_button("Save").await;
        page.expect_text("Saved.").await;

        page.open(&BAKERY.address("models/loaves-forecaster:2")).await;
        page.click_button("Edit description and tags").await;
        page.fill("Description", "Knows Mondays").await;
        page.click_button("Save").await;
        page.expect_text("Saved.").await;

        let seen = json!({
            "group": "seen-rg",
            "friendlyName": "Seen by others",
            "compute": { "name": "seen-cluster", "least": 0, "most": 3 },
            "deleted": "huge-cluster",
            "run": { "id": "brave_oven_12", "status": "Canceled", "description": "Not long enough in the oven" },
            "model": { "id": "loaves-forecaster:2", "description": "Knows Mondays" },
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/seen.py");
        let python = std::env::var("AZIMUTH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let looking = Command::new(python)
            .arg("-B")
            .arg(script)
            .env("AZIMUTH_CONFIG", page.simulator().config_json())
            .env("AZIMUTH_WORLD", "bakery")
            .env("AZIMUTH_SEEN", seen.to_string())
            .output()
            .unwrap();
        let words =
            String::from_utf8_lossy(&looking.stdout).into_owned() + &String::from_utf8_lossy(&looking.stderr);
        assert!(looking.status.success(), "{words}");
    });
}
