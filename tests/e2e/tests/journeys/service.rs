//! A service on origins of its own, over sockets.

use azimuth_e2e::{Project, Recorded, Role, Running, ServerOptions, Stage, World, journey};

use crate::sign_in::sign_in;
use crate::submit::hand_in;
use crate::tour::{ARTICLE, BAKERY, Tour, go_to, go_to_submit};
use crate::watch::watch_to_the_end;
use crate::wire;

#[test]
fn the_articles_are_walked_through_and_a_run_is_handed_in() {
    main_job(World::Article, &ARTICLE);
}

#[test]
fn the_bakery_is_walked_through_and_a_run_is_handed_in() {
    main_job(World::Bakery, &BAKERY);
}

fn main_job(world: World, tour: &'static Tour) {
    let options = ServerOptions { world, speed: 30.0, ..ServerOptions::default() };
    journey(Stage::azure_with(options), async move |page| {
        page.open("#/").await;
        sign_in(&page).await;
        tour.walk(&page, "http://127.0.0.1:").await;
        go_to_submit(&page).await;
        hand_in(&page, tour.experiment).await;
        let seen = watch_to_the_end(&page).await;
        assert_eq!(seen.last().unwrap(), "Done Completed", "{seen:?}");

        page.expect_no_console_errors().await;
        let address = page.address().await;
        let run = address.rsplit('/').next().unwrap();
        assert_eq!(address, tour.run_address(run));
        let held = wire::held(page.simulator(), &tour.history_of(run));
        assert_eq!((&held["status"], &held["runId"]), (&"Completed".into(), &run.into()), "{held}");
        assert_files_arrived(page.simulator(), &page.project("cpu-compute"));
        assert_origins_are_told_apart(page.simulator());
    });
}

fn assert_files_arrived(simulator: &Running, project: &Project) {
    let sent = simulator.recorder().matching(&http::Method::POST, "/startrun");
    let [sent] = &sent[..] else { panic!("sent other than once: {sent:?}") };
    let size = |path| usize::try_from(std::fs::metadata(path).unwrap().len()).unwrap();
    let least = size(&project.zip) + size(&project.definition);
    assert!((least..least + 1_000).contains(&sent.body_bytes), "{} of {least}", sent.body_bytes);
    assert_eq!(sent.status, Some(200));
}

/// The page speaks to each kind of host, asks before it sends, and takes the token to those alone that need it.
fn assert_origins_are_told_apart(simulator: &Running) {
    let requests = simulator.recorder().requests();
    let of = |role| requests.iter().filter(move |request| request.role == role && !request.is_preflight());
    for role in [Role::Login, Role::Management, Role::Discovery, Role::Regional, Role::ModelManagement] {
        assert!(of(role).count() > 0, "{} was not asked", role.name());
    }
    for role in [Role::Management, Role::Regional, Role::ModelManagement] {
        assert!(
            requests.iter().any(|request| request.role == role && request.is_preflight()),
            "{} got no preflight",
            role.name()
        );
    }
    for role in [Role::Management, Role::Regional, Role::ModelManagement] {
        assert!(of(role).all(Recorded::has_authorization), "{} was asked without", role.name());
    }
    for role in [Role::Login, Role::Discovery, Role::Scoring, Role::Storage] {
        assert!(!of(role).any(Recorded::has_authorization), "{} got the token", role.name());
    }
}

#[test]
fn a_copied_address_leads_there_after_signing_in() {
    journey(Stage::azure(), async |page| {
        page.open("#/").await;
        sign_in(&page).await;
        page.within("region", "Subscriptions").click_link(BAKERY.subscription).await;
        page.within("region", "Resource groups").click_link(BAKERY.group).await;
        page.within("region", "Workspaces").click_link(BAKERY.workspace_label).await;
        go_to(&page, "Experiments").await;
        page.within("region", "Experiments").click_link(BAKERY.experiment).await;
        page.within("region", "Runs").click_link(BAKERY.run).await;
        page.expect_heading(BAKERY.run).await;
        let copied = page.address().await;

        let tab = page.client().new_window(true).await.unwrap();
        page.client().switch_to_window(tab.handle).await.unwrap();
        page.open(&copied).await;
        page.expect_heading("Sign in").await;
        page.expect_text("You will come to the page that this address names.").await;
        sign_in(&page).await;
        page.expect_heading(BAKERY.run).await;
        page.expect("status", BAKERY.status).await;
        page.expect_address(&copied).await;
    });
}
