//! Files that the browser keeps for this site.

use azimuth::lasting::{forget, lock_of};
use azimuth::private_files::{Folder, PrivateFilesError, only_here, room};
use azimuth::session::SessionKind;
use futures::future::{Either, select};
use gloo_timers::future::sleep;
use js_sys::Array;
use std::time::Duration;
use wasm_bindgen_test::wasm_bindgen_test;

async fn empty(name: &str) -> Folder {
    Folder::remove_all(&["tests", name]).await.expect("folders can be removed");
    Folder::open(&["tests", name]).await.expect("this browser has private files")
}

#[wasm_bindgen_test]
async fn what_was_closed_is_there_for_whoever_opens_the_folder_again() {
    let folder = empty("closed").await;
    folder.write("whole", &Array::of2(&"first, ".into(), &"second".into())).await.expect("there is room");
    let writer = folder.begin("in pieces").await.expect("files can be made");
    writer.add(b"one ").await.expect("there is room");
    writer.add(b"two").await.expect("there is room");
    writer.close().await.expect("files can be closed");
    let again = Folder::open(&["tests", "closed"]).await.expect("it is there");
    assert_eq!(again.text("whole").await.as_deref(), Ok("first, second"));
    assert_eq!(again.text("in pieces").await.as_deref(), Ok("one two"));
    let mut names = again.names().await.expect("folders can be listed");
    names.sort();
    assert_eq!(names, ["in pieces", "whole"]);
    assert!(room().await.is_some_and(|room| room.left() > 1e6));

    again.remove("whole").await.expect("files can be removed");
    again.remove("whole").await.expect("and need not be there for that");
    assert_eq!(folder.text("whole").await, Err(PrivateFilesError::NotFound));
    Folder::remove_all(&["tests", "closed"]).await.expect("folders can be removed");
    assert_eq!(folder.text("in pieces").await, Err(PrivateFilesError::NotFound));
    Folder::remove_all(&["tests", "closed", "deeper"]).await.expect("and need not be there for that");
}

#[wasm_bindgen_test]
async fn what_was_not_closed_holds_nothing_and_can_be_removed() {
    let folder = empty("unclosed").await;
    let writer = folder.begin("half").await.expect("files can be made");
    writer.add(b"half of it").await.expect("there is room");
    drop(writer);
    assert_eq!(folder.text("half").await.as_deref(), Ok(""));
    // The browser gives it free when it comes to it.
    for _ in 0..100 {
        if folder.remove("half").await.is_ok() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody may remove the file");
}

#[wasm_bindgen_test]
async fn a_lock_is_had_once_until_it_is_dropped() {
    let lock = only_here("a test").await.expect("nobody else has it");
    assert!(only_here("a test").await.is_none());
    assert!(only_here("another test").await.is_some());
    drop(lock);
    // The browser takes it back when it comes to it.
    for _ in 0..100 {
        if only_here("a test").await.is_some() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the lock was not given back");
}

#[wasm_bindgen_test]
async fn a_sign_out_removes_what_was_there_and_nothing_that_is_begun_after_it() {
    let exports = Folder::open(&["exports"]).await.expect("this browser has private files");
    for name in ["free", "at work"] {
        exports.folder(name).await.expect("there is room");
    }
    let is_there = async |name: &str| {
        exports.names().await.expect("folders can be listed").iter().any(|one| one == name)
    };
    let at_work = only_here(&lock_of(&["exports", "at work"])).await.expect("nobody else is at work");
    let begin_another = Box::pin(async {
        while is_there("free").await {
            sleep(Duration::from_millis(10)).await;
        }
        exports.folder("later").await.expect("there is room");
    });
    let Either::Right(((), forgetting)) = select(Box::pin(forget(SessionKind::Service)), begin_another).await
    else {
        panic!("a folder was removed where somebody is at work");
    };
    assert!(is_there("at work").await);
    drop(at_work);
    forgetting.await;
    assert_eq!((is_there("at work").await, is_there("later").await), (false, true));
    Folder::remove_all(&["exports", "later"]).await.expect("folders can be removed");
}
