//! What a page would come back without, were it to go elsewhere as a whole.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use azimuth::components::next_frame::NextFrame;
use azimuth::kept::{kept, kept_without_secrets};
use azimuth::navigation::Navigation;
use futures::channel::oneshot::channel;
use gloo_timers::future::sleep;
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::page::{forget_stored, stored};

/// Fields of a form at this address, and the navigation that knows of them.
struct Form {
    navigation: Navigation,
    name: RwSignal<String>,
    definition: RwSignal<String>,
    has_files: RwSignal<bool>,
    upload: RwSignal<Option<String>>,
}

impl Form {
    fn new() -> Self {
        let navigation = Navigation::start();
        provide_context(navigation);
        let (has_files, upload) = (RwSignal::new(false), RwSignal::new(None));
        navigation.cannot_keep("picked files", has_files);
        navigation.ask_before_leaving(upload.into());
        let without_passwords = |text: &str| (!text.contains("password")).then(|| text.to_owned());
        let definition = kept_without_secrets("definition", without_passwords);
        Self { navigation, name: kept("name"), definition, has_files, upload }
    }

    async fn would_lose(&self) -> String {
        // What is kept is written a moment after it was typed.
        sleep(Duration::ZERO).await;
        self.navigation.would_lose().unwrap_or_default()
    }
}

async fn with_form(test: impl AsyncFnOnce(&Form)) {
    let root: HtmlElement = document().create_element("div").expect("a page has elements").unchecked_into();
    let (tell, made) = channel();
    let mounted = mount_to(root, move || drop(tell.send(Form::new())));
    let form = made.await.expect("the form is made at once");
    test(&form).await;
    drop(mounted);
    forget_stored();
}

#[wasm_bindgen_test]
async fn what_is_typed_is_kept_and_would_not_be_lost() {
    with_form(async |form| {
        form.name.set("sourdough".to_owned());
        form.definition.set("{}".to_owned());
        assert_eq!(form.would_lose().await, "");
        assert!(stored().contains("sourdough"));
    })
    .await;
}

#[wasm_bindgen_test]
async fn picked_files_would_be_lost_for_as_long_as_there_are_some() {
    with_form(async |form| {
        form.has_files.set(true);
        assert!(form.would_lose().await.contains("without the picked files"));
        form.has_files.set(false);
        assert_eq!(form.would_lose().await, "");
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_text_that_is_not_kept_whole_would_be_lost() {
    with_form(async |form| {
        form.definition.set("{\"password\": 1}".to_owned());
        assert!(form.would_lose().await.contains("without the definition:"));
        assert!(!stored().contains("password"), "{}", stored());
        form.definition.set("{}".to_owned());
        assert_eq!(form.would_lose().await, "");

        form.name.set("x".repeat(500_001));
        form.has_files.set(true);
        assert!(form.would_lose().await.contains("the picked files and the name"));
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_upload_that_is_under_way_comes_first() {
    with_form(async |form| {
        form.has_files.set(true);
        form.upload.set(Some("The upload is under way.".to_owned()));
        assert_eq!(form.would_lose().await, "The upload is under way.");
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_was_to_be_done_with_the_next_frame_is_not_done_for_a_part_that_went_away() {
    let done = Rc::new(RefCell::new(Vec::new()));
    let part = || {
        let (owner, done) = (Owner::new(), Rc::clone(&done));
        owner.with(|| {
            let text = RwSignal::new("there");
            NextFrame::here().run(move || done.borrow_mut().push(text.get_untracked()));
        });
        owner
    };
    let (stays, goes) = (part(), part());
    goes.cleanup();
    let (tell, told) = channel();
    request_animation_frame(move || tell.send(()).expect("it is waited for"));
    told.await.expect("frames come in the order in which they were asked for");
    assert_eq!(*done.borrow(), ["there"]);
    stays.cleanup();
}

#[wasm_bindgen_test]
async fn what_went_away_with_its_part_of_the_page_is_not_lost() {
    with_form(async |form| {
        let part = Owner::new();
        part.with(|| form.navigation.cannot_keep("password", RwSignal::new(true)));
        assert!(form.would_lose().await.contains("the password"));
        part.cleanup();
        assert_eq!(form.would_lose().await, "");
    })
    .await;
}
