//! Every page, judged by axe: in both themes, on a wide screen and on a phone's.

use azimuth_e2e::{Page, Stage, journey};

use crate::microsoft;
use crate::opened;
use crate::sign_in::sign_in;
use crate::tour::BAKERY;

const SCREENS: [(u32, u32); 2] = [(1440, 900), (390, 844)];
const THEMES: [&str; 2] = ["light", "dark"];

/// Of a workspace: what work there was, and what leads to more.
pub const WORK: [&str; 8] = [
    "",
    "experiments",
    "experiments/loaves-per-day",
    "experiments/loaves-per-day?filter=nothing-has-this-name",
    "experiments/loaves-per-day?status=Running&columns=status,created,m.mae,t.data",
    "experiments/holiday-orders",
    "compare?run=calm_dough_7&run=early_rye_6&run=nobody_knows_1&baseline=early_rye_6",
    "submit",
];
/// Runs of each kind, with all that is shown of one.
pub const RUNS: [&str; 12] = [
    "experiments/loaves-per-day/runs/calm_dough_7",
    "experiments/loaves-per-day/runs/brave_oven_12",
    "experiments/loaves-per-day/runs/late_crumb_3",
    "experiments/loaves-per-day/runs/late_crumb_3?tab=logs",
    "experiments/loaves-per-day/runs/late_crumb_3?tab=details",
    "experiments/loaves-per-day/runs/calm_dough_7?tab=outputs&file=outputs%2Fforecast.csv",
    "experiments/loaves-per-day/runs/calm_dough_7?tab=metrics",
    "experiments/bread-photos/runs/sourdough_eye_1?tab=logs",
    "experiments/bread-photos/runs/sourdough_eye_1?tab=outputs&file=outputs%2Fmodel.pkl",
    "experiments/waiting-room/runs/third_in_line_6",
    "experiments/oven-sweep/runs/oven_sweep_1?tab=children",
    "experiments/nightly-pipeline/runs/nightly_bake_3?tab=children&steps=graph",
];
/// What work left, and what it needs.
pub const INVENTORY: [&str; 12] = [
    "models",
    "models/loaves-forecaster:3",
    "assets",
    "images",
    "images/loaves-image:3",
    "services",
    "services/loaves-tomorrow",
    "services/loaves-tomorrow?tab=logs",
    "services/bread-eye",
    "datastores",
    "datastores/workspaceblobstore",
    "notifications",
];
/// Computes and pipelines.
pub const COMPUTES_AND_PIPELINES: [&str; 10] = [
    "computes",
    "computes?tab=quota",
    "computes/gpu-cluster",
    "computes/mayas-computer",
    "computes/cpu-compute",
    "computes/huge-cluster",
    "pipelines",
    "pipelines/experiments/nightly_bake_2?steps=graph",
    "pipelines/experiments/nightly_bake_2?steps=list",
    "pipelines/templates/no-such-template",
];

/// Whether what was asked for is on the screen. Behind a dialog something may wait for its answer.
pub const IS_LOADED: &str = "return Boolean(document.querySelector('h1')) && \
    (Boolean(document.querySelector('dialog[open]')) || !document.querySelector('.loading, #boot'));";

/// Judges the page as it is on each screen and in each theme, and that nothing of it stands beside the screen.
async fn judge(page: &Page, what: &str, found: &mut Vec<String>) {
    page.wait(&format!("{what} to be loaded"), async || page.evaluate(IS_LOADED).await == true).await;
    for (width, height) in SCREENS {
        page.set_viewport(width, height).await;
        for theme in THEMES {
            page.evaluate(&format!("document.documentElement.dataset.theme = '{theme}';")).await;
            let violations = page.violations().await;
            found.extend(
                violations.iter().map(|violation| format!("{what}, {width} px, {theme}: {violation}")),
            );
        }
        let beside = page.evaluate("return document.documentElement.scrollWidth - innerWidth;").await;
        if beside.as_i64().unwrap_or_default() > 0 {
            found.push(format!("{what}, {width} px: {beside} px stand beside the screen"));
        }
        let headings = page
            .evaluate(
                "return [...document.querySelectorAll('h1')].filter((one) => one.checkVisibility()).length;",
            )
            .await;
        if headings != 1 {
            found.push(format!("{what}: {headings} headings of the first level"));
        }
    }
    let (width, height) = SCREENS[0];
    page.set_viewport(width, height).await;
}

fn assert_nothing(found: &[String]) {
    assert!(found.is_empty(), "axe found:\n  {}", found.join("\n  "));
}

async fn start(page: &Page) {
    // What moves is judged in the middle of its way.
    page.prefer_reduced_motion().await;
}

/// Parts of the workspace, one after the other.
async fn judge_parts(page: &Page, parts: &[&str], found: &mut Vec<String>) {
    for part in parts {
        let address = BAKERY.address(part).replacen("#/", "#/demo/", 1);
        page.open(address.trim_end_matches('/')).await;
        judge(page, &format!("\"{part}\""), found).await;
    }
}

#[test]
fn axe_finds_nothing_on_the_runs_of_a_workspace() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        judge_parts(&page, &WORK, &mut found).await;
        judge_parts(&page, &["?manage=edit", "?manage=keys", "?manage=delete"], &mut found).await;
        page.open(&BAKERY.address("submit").replacen("#/", "#/demo/", 1)).await;
        page.click_button("Use an example").await;
        page.expect_text("cpu-compute takes runs").await;
        judge(&page, "a form that is filled", &mut found).await;
        page.evaluate("for (const fold of document.querySelectorAll('.folds details')) fold.open = true;")
            .await;
        page.click_button("Add a variable").await;
        page.click_button("Add a data reference").await;
        judge(&page, "a definition with all of its fields", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_on_an_export_at_any_stage() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        let faulty = "data?kind&experiment&person&from=2020-02-30&contents&names=no";
        judge_parts(&page, &[faulty, "data"], &mut found).await;
        page.click_button("Show the plan").await;
        page.expect("button", "Start the export").await;
        judge(&page, "a plan", &mut found).await;
        page.click_button("Start the export").await;
        page.click_button("Pause").await;
        page.expect_text("Paused.").await;
        judge(&page, "an export that is paused", &mut found).await;
        page.click_button("Stop").await;
        judge(&page, "the question whether to stop", &mut found).await;
        page.click_button("Stop and make the zip").await;
        page.expect("button", "Save the zip").await;
        judge(&page, "an export that can be saved", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_on_any_part_of_a_run() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        judge_parts(&page, &RUNS, &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_on_what_else_is_in_a_workspace() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        judge_parts(&page, &INVENTORY, &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_on_computes_and_pipelines() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        judge_parts(&page, &COMPUTES_AND_PIPELINES, &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_while_something_is_erased() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        judge_parts(&page, &["data?tab=erase"], &mut found).await;
        page.wait("all kinds to be listed", async || {
            page.evaluate("return ![...document.querySelectorAll('.erase-kind')].some((kind) => kind.innerText.includes('…'));").await == true
        })
        .await;
        page.evaluate("for (const kind of document.querySelectorAll('.erase-kind')) kind.open = true;").await;
        for thing in ["Service weather-live", "Image loaves-image:2", "Model loaves-forecaster:2"] {
            page.click("checkbox", thing).await;
        }
        page.expect_text("is used by").await;
        judge(&page, "what is chosen, and the plan", &mut found).await;
        page.click_button("Erase 3 things").await;
        page.expect("dialog", "Erase 3 things").await;
        judge(&page, "the name to type", &mut found).await;
        page.within("dialog", "Erase 3 things").fill("Type forecasting to go on", "forecasting").await;
        page.within("dialog", "Erase 3 things").click_button("Erase 3 things").await;
        page.expect_text("being deleted").await;
        judge(&page, "an erasure", &mut found).await;
        page.patient(std::time::Duration::from_secs(60)).expect("button", "Save the receipt as JSON").await;
        judge(&page, "a receipt with failures", &mut found).await;
        // ChromeDriver clicks what scrolled away under the header.
        page.evaluate("scrollTo(0, 0);").await;
        page.click_button("Delete what uses them first").await;
        page.expect("dialog", "Erase 2 things more").await;
        judge(&page, "an addition to a plan", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_on_the_way_to_a_workspace_and_beside_it() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        let subscription = format!("#/demo/subscriptions/{}", BAKERY.subscription_id);
        let addresses = [
            "#/",
            "#/diagnostics",
            "#/requests",
            "#/demo/subscriptions",
            &subscription,
            &format!("{subscription}/workspaces"),
            &format!("{subscription}/resourceGroups/{}", BAKERY.group),
            &format!("{subscription}?create"),
            &format!("{subscription}/resourceGroups/{}?create", BAKERY.group),
            &format!("{subscription}/resourceGroups/bakery-archive-rg?create"),
            "#/demo/requests",
            "#/demo/diagnostics",
            "#/demo/nonsense",
        ];
        for address in addresses {
            page.open(address).await;
            judge(&page, address, &mut found).await;
        }
        page.open("#/demo/requests").await;
        page.evaluate("document.querySelector('main details').open = true;").await;
        judge(&page, "a request that is open", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_where_something_is_open_or_wrong() {
    journey(Stage::azure(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        page.open("#/").await;
        page.click_button("Sign in").await;
        page.expect_text("Enter the client secret.").await;
        judge(&page, "missing fields", &mut found).await;

        sign_in(&page).await;
        page.expect_heading("Subscriptions").await;
        page.within("region", "Subscriptions").expect_text(BAKERY.subscription).await;
        judge(&page, "a list over sockets", &mut found).await;
        page.click_button("Find Ctrl K").await;
        page.expect("dialog", "Find").await;
        judge(&page, "the palette", &mut found).await;
        page.fill("Find a page, a run, an action", "nothing-has-this-name").await;
        page.expect_text("Nothing that was opened so far fits.").await;
        judge(&page, "the palette without anything", &mut found).await;
        page.click_button("Close").await;

        page.open(&BAKERY.run_address("no_such_run")).await;
        page.expect_text("Try again").await;
        judge(&page, "a run that is not there", &mut found).await;
        let plan = r#"[{"match": "GET */computes*", "do": "status 403"}, {"match": "POST *experiments:query*", "do": "status 401"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.open(&BAKERY.address("computes")).await;
        page.expect_text("Code AuthorizationFailed").await;
        judge(&page, "a refusal", &mut found).await;
        page.open(&BAKERY.address("experiments")).await;
        page.expect("dialog", "Sign in again").await;
        judge(&page, "signing in again", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_on_the_way_to_the_authority_and_back() {
    journey(Stage::azure(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        page.open("#/").await;
        page.expect("button", "Use another account").await;
        judge(&page, "signing in with Microsoft", &mut found).await;
        microsoft::sign_in_and_fail(&page, "AADSTS90094 access_denied (on return)").await;
        page.expect_heading("Signing in did not work").await;
        judge(&page, "a sign-in that did not work", &mut found).await;
        page.open("auth.html#code=a-code&state=unknown").await;
        page.expect_heading("This sign-in cannot be used").await;
        judge(&page, "a sign-in that nobody asked for", &mut found).await;
        microsoft::sign_in_with_microsoft(&page, microsoft::MAYA).await;
        page.within("group", "Tenants").expect_text("Windmill Flour").await;
        judge(&page, "the tenants", &mut found).await;
        let plan = r#"[{"match": "GET */resourcegroups*", "times": 0, "do": "fail-401-expired"}]"#;
        page.simulator().add_faults(plan).unwrap();
        page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
        page.expect("dialog", "Sign in again").await;
        judge(&page, "signing in again with Microsoft", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_finds_nothing_where_the_settings_are_wrong() {
    journey(Stage::demo().with_setting("cloud", "mars"), async |page| {
        let mut found = Vec::new();
        page.open("#/").await;
        page.expect_text("mars").await;
        judge(&page, "wrong settings", &mut found).await;
        assert_nothing(&found);
    });
}

#[test]
fn axe_judges_what_is_wrong() {
    journey(Stage::demo(), async |page| {
        page.open("#/").await;
        page.expect_heading("Sign in").await;
        page.evaluate("document.querySelector('h1').textContent = '';").await;
        let violations = page.violations().await;
        assert!(violations.iter().any(|violation| violation.starts_with("empty-heading")), "{violations:?}");
    });
}

#[test]
fn axe_finds_nothing_in_an_export_that_is_open() {
    journey(Stage::demo(), async |page| {
        start(&page).await;
        let mut found = Vec::new();
        page.open("#/export").await;
        judge(&page, "choosing an export", &mut found).await;
        opened::choose(&page).await;
        judge(&page, "the overview of an export", &mut found).await;
        for part in ["/experiments/milling", "/experiments/milling/runs/fine_1", "/models", "/submit"] {
            page.open(&opened::place(part)).await;
            judge(&page, part, &mut found).await;
        }
        page.open("#/export").await;
        page.expect_text("Not in it").await;
        judge(&page, "what an export says of itself", &mut found).await;
        assert_nothing(&found);
    });
}
