//! The worlds of the simulator, as a person walks through them.

use azimuth_e2e::Page;

/// Names on the way from the subscriptions down.
pub struct Tour {
    pub subscription: &'static str,
    pub subscription_id: &'static str,
    pub group: &'static str,
    /// In addresses.
    pub workspace: &'static str,
    /// On the screen.
    pub workspace_label: &'static str,
    pub experiment: &'static str,
    pub run: &'static str,
    /// How that run is.
    pub status: &'static str,
    pub model: &'static str,
    pub compute: &'static str,
}

pub const BAKERY: Tour = Tour {
    subscription: "Harbour Bakery",
    subscription_id: "b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa",
    group: "bakery-rg",
    workspace: "forecasting",
    workspace_label: "Forecasting",
    experiment: "loaves-per-day",
    run: "calm_dough_7",
    status: "Done Completed",
    model: "loaves-forecaster",
    compute: "cpu-compute",
};

pub const ARTICLE: Tour = Tour {
    subscription: "Example Subscription",
    subscription_id: "12345abc-abbc-1b2b-1234-57ab575a5a5a",
    group: "DeepLearningResourceGroup",
    workspace: "my-workspace",
    workspace_label: "my-workspace",
    experiment: "my-first-experiment",
    run: "my-first-experiment_1579642222877",
    status: "Done Completed",
    model: "my-model",
    compute: "cpu-compute",
};

impl Tour {
    /// The resource of the workspace, which addresses of the page and of the service have in them.
    pub fn resource(&self) -> String {
        format!(
            "subscriptions/{}/resourceGroups/{}/workspaces/{}",
            self.subscription_id, self.group, self.workspace
        )
    }

    /// An address below the workspace: `self.address("models")`.
    pub fn address(&self, part: &str) -> String {
        format!("#/{}/{part}", self.resource())
    }

    pub fn run_address(&self, run: &str) -> String {
        self.address(&format!("experiments/{}/runs/{run}", self.experiment))
    }

    pub fn submit_address(&self) -> String {
        self.address(&format!("submit?experiment={}", self.experiment))
    }

    /// Where the service holds a run.
    pub fn history_of(&self, run: &str) -> String {
        let resource = self
            .resource()
            .replace("/workspaces/", "/providers/Microsoft.MachineLearningServices/workspaces/");
        format!("/history/v1.0/{resource}/experiments/{}/runs/{run}", self.experiment)
    }

    /// From the subscriptions to everything in the workspace, as far as a click leads to it. `services` is a part of
    /// the address of its services.
    pub async fn walk(&self, page: &Page, services: &str) {
        page.expect_heading("Subscriptions").await;
        page.within("region", "Subscriptions").click_link(self.subscription).await;
        page.expect_heading("Resource groups").await;
        page.within("region", "Resource groups").click_link(self.group).await;
        page.expect_heading("Workspaces").await;
        page.within("region", "Workspaces").click_link(self.workspace_label).await;
        page.expect_heading(self.workspace_label).await;
        let region = page.within("region", "Services");
        region.expect_text(services).await;
        region.expect_text("May be called").await;

        go_to(page, "Experiments").await;
        page.within("region", "Experiments").click_link(self.experiment).await;
        page.expect_heading(&format!("Runs of {}", self.experiment)).await;
        page.within("region", "Runs").click_link(self.run).await;
        page.expect_heading(self.run).await;
        page.expect("status", self.status).await;
        page.within("region", "Definition").expect_text(".py").await;
        page.expect_address(&self.demo_or_not(page, &self.run_address(self.run)).await).await;

        go_to(page, "Models").await;
        page.within("region", "Models").expect_text(self.model).await;
        go_to(page, "Computes").await;
        page.within("region", "Computes").click_link(self.compute).await;
        page.expect_heading(&format!("Compute {}", self.compute)).await;
        page.expect_text("Size").await;
    }

    async fn demo_or_not(&self, page: &Page, address: &str) -> String {
        let is_demo = page.address().await.starts_with("#/demo/");
        if is_demo { address.replacen("#/", "#/demo/", 1) } else { address.to_owned() }
    }
}

/// To a part of the workspace, by the navigation beside every page of it.
pub async fn go_to(page: &Page, part: &str) {
    page.within("navigation", "Workspace").click_link(part).await;
    page.expect_heading(part).await;
}

/// To the form that hands in a run.
pub async fn go_to_submit(page: &Page) {
    page.within("navigation", "Workspace").click_link("Submit").await;
    page.expect_heading("Submit a run").await;
}
