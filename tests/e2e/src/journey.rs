//! A journey from its first page to the clean-up.

use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::task::LocalSet;

use crate::browser::Driver;
use crate::instruments::Instruments;
use crate::page::{Page, Surroundings};
use crate::stage::Stage;

/// Sets the stage, gives `walk` a page in a new browser, and clears everything away however it ends. A journey that
/// fails leaves a picture of the page in `target/e2e/`, named after the test.
pub fn journey(stage: Stage, walk: impl AsyncFnOnce(Page) + 'static) {
    let name = std::thread::current().name().unwrap_or("journey").replace("::", "-");
    let (browser, longest) = (stage.browser(), stage.longest());
    if let Some(reason) = stage.left_out() {
        println!("{name} is not for {browser:?}: {reason}");
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a test can wait for more than one thing");
    LocalSet::new().block_on(&runtime, async {
        let scenery = stage.build();
        let driver = Driver::start(browser);
        let client = driver.open().await;
        let instruments = Instruments::of(browser, &client).await;
        let page = Page::new(Arc::new(Surroundings { scenery, driver, instruments, client: client.clone() }));

        // A task of its own: its panic must not keep the session from being closed, or the browser stays behind.
        let walked = page.clone();
        let outcome =
            tokio::task::spawn_local(async move { tokio::time::timeout(longest, walk(walked)).await }).await;
        let failed = !matches!(outcome, Ok(Ok(())));
        if failed {
            page.leave_picture(&name).await;
        }
        if let Err(error) = client.close().await {
            eprintln!("{name}: the browser did not close by itself: {error}");
        }
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(_)) => panic!("the journey was not over after {} s", longest.as_secs()),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => panic!("the journey was given up: {error}"),
            },
        }
    });
}
