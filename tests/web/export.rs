//! Exports over the simulator: what is asked, what is kept when something breaks, and the zip that comes of it.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use azimuth::client::Client;
use azimuth::export::archive::FileKind;
use azimuth::export::selection::{Kind, Selection};
use azimuth::export::state::{ExportState, Pause, Progress};
use azimuth::export::work::Exports;
use azimuth::lasting::{By, exports_of, folder_name, lock_of};
use azimuth::private_files::{Folder, Lock, only_here};
use azimuth::request_log::RequestLog;
use azimuth::session::{Session, SessionKind};
use azimuth::transport::{Carrier, DataOrigins, Transport};
use azimuth_api::{Cloud, WorkspaceId};
use gloo_timers::future::sleep;
use leptos::mount::mount_to;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Fault, Network};

/// A page that exports, until the test is over.
struct Tab {
    owner: Owner,
    network: Network,
    client: Client,
    exports: Exports,
}

impl Tab {
    /// A tab that nobody used before, with a simulator of its own.
    async fn open() -> Self {
        let tab = Self::over(Network::new()).await;
        tab.exports.drop(&workspace());
        tab.until("nothing", |state| matches!(state, ExportState::None).then_some(())).await;
        tab
    }

    async fn over(network: Network) -> Self {
        // What is mounted first makes what runs everything else.
        mount_to(document().body().expect("a page has a body"), || ()).forget();
        let owner = Owner::new();
        let (client, exports) = owner.with(|| {
            let log = RequestLog::default();
            let carrier: Rc<dyn Carrier> = Rc::new(network.clone());
            let transport = Transport::new(carrier, Cloud::Public, DataOrigins::Simulated, log);
            let client = Client::new(transport, Cloud::Public, Session::new(SessionKind::Demo), log);
            (client, Exports::of(client, RwSignal::new(0)))
        });
        client.sign_in_to_demo().await.expect("the simulator lets the demo in");
        Self { owner, network, client, exports }
    }

    /// The tab is loaded anew: what it had in memory is gone.
    async fn reload(self) -> Self {
        let network = self.network.clone();
        self.exports.pause(&workspace());
        self.until("a pause", |state| (!matches!(state, ExportState::Working(_))).then_some(())).await;
        self.owner.cleanup();
        Self::over(network).await
    }

    /// Where the export lies among private files.
    fn place(&self) -> [String; 2] {
        let by = untrack(|| By::now(self.client.session()));
        [exports_of(SessionKind::Demo).to_owned(), folder_name(&workspace(), by.as_ref())]
    }

    /// What a tab at work has.
    async fn lock(&self) -> Lock {
        let [exports, folder] = self.place();
        for _ in 0..3_000 {
            if let Some(lock) = only_here(&lock_of(&[&exports, &folder])).await {
                return lock;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("somebody works in the folder for ever");
    }

    fn state(&self) -> ExportState {
        self.owner.with(|| self.exports.state(&workspace()).get_untracked())
    }

    async fn until<T>(&self, what: &str, look: impl Fn(&ExportState) -> Option<T>) -> T {
        for _ in 0..3_000 {
            if let Some(found) = look(&self.state()) {
                return found;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("waited for {what}, and it is {:?}", self.state());
    }

    async fn zip(&self) -> Zip {
        self.until("the end", |state| matches!(state, ExportState::Done(_)).then_some(())).await;
        let blob = self.exports.zip(&workspace()).await.expect("the parts are there");
        let buffer = JsFuture::from(blob.array_buffer()).await.expect("a zip can be read");
        let ExportState::Done(finished) = self.state() else { panic!("it was done") };
        let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
        assert_eq!(bytes.len() as f64, finished.size);
        Zip::read(&bytes)
    }
}

fn workspace() -> WorkspaceId {
    WorkspaceId {
        subscription: "b4ce7a11-0a5e-4f0e-8f1a-1d0f10a7e5aa".into(),
        resource_group: "bakery-rg".into(),
        name: "forecasting".into(),
    }
}

fn everything() -> Selection {
    Selection { with_logs: true, with_contents: true, ..Selection::all(workspace()) }
}

fn of_kinds(kinds: impl IntoIterator<Item = Kind>) -> Selection {
    Selection { kinds: kinds.into_iter().collect(), ..Selection::all(workspace()) }
}

fn small() -> Selection {
    of_kinds([Kind::Workspace, Kind::Models, Kind::Datastores, Kind::Services])
}

/// A zip that another program reads.
struct Zip {
    files: BTreeMap<String, Vec<u8>>,
    manifest: Value,
}

impl Zip {
    /// Reads all of it; each file has to have the size and the checksum that the zip says, and what the manifest says.
    fn read(bytes: &[u8]) -> Self {
        let archive = rawzip::ZipArchive::from_slice(bytes).expect("it is a zip");
        let mut files = BTreeMap::new();
        for entry in archive.entries() {
            let entry = entry.expect("the directory is whole");
            let name = String::from_utf8(entry.file_path().as_ref().to_vec()).expect("names are UTF-8");
            let content = archive.get_entry(entry.wayfinder()).expect("the file is where it should be");
            let mut read = Vec::new();
            std::io::copy(&mut content.verifying_reader(content.data()), &mut read)
                .expect("its checksum is right");
            assert!(files.insert(name.clone(), read).is_none(), "{name} is there twice");
        }
        let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("the manifest is JSON");
        let listed = manifest["files"].as_array().expect("it lists files");
        assert_eq!(listed.len() + 1, files.len());
        for file in listed {
            let content = &files[file["path"].as_str().expect("files have paths")];
            assert_eq!(file["size"], content.len(), "{file}");
            assert_eq!(file["sha256"], sha256(content), "{file}");
        }
        Self { files, manifest }
    }

    fn text(&self, path: &str) -> &str {
        let found = self.files.get(path).unwrap_or_else(|| panic!("no {path} in {:?}", self.files.keys()));
        std::str::from_utf8(found).expect("it is text")
    }

    fn of_kind(&self, kind: &str) -> Vec<&Value> {
        let files = self.manifest["files"].as_array().expect("it lists files");
        files.iter().filter(|file| file["kind"] == kind).collect()
    }

    /// The documents that are there. Runs that go on write more files meanwhile.
    fn documents(&self) -> Vec<&String> {
        self.files.keys().filter(|path| !path.contains("/files/")).collect()
    }

    fn whole_text(&self) -> String {
        self.files.values().map(|content| String::from_utf8_lossy(content)).collect()
    }
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[wasm_bindgen_test]
async fn all_of_a_workspace_is_in_one_zip() {
    let tab = Tab::open().await;
    tab.exports.start(everything());
    let paused = tab.until("an end", |state| match state {
        ExportState::Done(_) => Some(None),
        ExportState::Paused(Pause::Failures, progress) => Some(Some(progress.failures.clone())),
        _ => None,
    });
    assert_eq!(paused.await, None);
    let zip = tab.zip().await;
    for kind in [
        "workspace",
        "compute",
        "experiment",
        "run",
        "run-details",
        "run-metrics",
        "run-events",
        "run-files",
        "log",
        "file",
        "notification",
        "datastore",
        "model",
        "asset",
        "image",
        "service",
        "pipeline-run",
        "pipeline-node-states",
        "graph",
        "module",
        "data-source",
        "table",
        "contents",
    ] {
        assert!(!zip.of_kind(kind).is_empty(), "nothing of the kind {kind}");
    }
    // Each run has all of its documents.
    let runs = zip.of_kind("run");
    assert_eq!(zip.of_kind("run-details").len(), runs.len());
    assert_eq!(zip.of_kind("run-metrics").len(), runs.len());
    assert_eq!(zip.text("runs.csv").lines().count(), runs.len() + 1);
    assert!(
        zip.text("metrics.csv").contains("\r\nloaves-per-day,calm_dough_7,"),
        "{}",
        zip.text("metrics.csv")
    );
    let ids: HashSet<_> = runs.iter().map(|run| run["id"].as_str()).collect();
    assert_eq!(ids.len(), runs.len());
    assert_eq!(zip.manifest["missing"].as_array().map(Vec::len), Some(0));
    assert_eq!(zip.manifest["workspace"]["name"], "forecasting");
    assert_eq!(zip.manifest["counts"]["files"], zip.files.len() - 1);
    let requests = zip.manifest["requests"].as_array().expect("it lists requests");
    assert_eq!(zip.manifest["counts"]["requests"], requests.len());
    // Each file says which request it came by.
    for file in zip.of_kind("run-details") {
        let request = &requests[file["request"].as_u64().expect("it has one") as usize - 1];
        assert!(request["path"].as_str().is_some_and(|path| path.ends_with("/details")), "{request}");
        assert_eq!(request["status"], 200);
    }
    // Nothing that opens anything.
    let all = zip.whole_text();
    for secret in ["sig=", "Bearer", "demo-secret"] {
        assert!(!all.contains(secret), "{secret} is in the zip");
    }
    assert!(zip.of_kind("run-details").iter().any(|file| file["leftOut"] == true));
    // A document is as the service sent it.
    let page = tab.text_of("loaves-per-day").await;
    let run = zip.text("experiments/loaves-per-day/runs/calm_dough_7/run.json");
    assert!(page.contains(run), "{run}");
    assert!(
        zip.text("index.html").contains("href=\"./experiments/loaves-per-day/runs/calm_dough_7/run.json\"")
    );
}

impl Tab {
    /// The runs of an experiment as the simulator sends them.
    async fn text_of(&self, experiment: &str) -> String {
        let list = azimuth_api::ListRuns::of(workspace(), experiment.into());
        let question = azimuth::client::Question::of(&list);
        let response = self.client.answer(question, None).await.expect("the simulator answers");
        String::from_utf8(response.into_body()).expect("it is text")
    }
}

#[wasm_bindgen_test]
async fn an_export_that_was_interrupted_goes_on_and_has_nothing_twice() {
    let tab = Tab::open().await;
    tab.exports.start(everything());
    let enough = |progress: &Progress| (progress.requests > 20).then_some(());
    tab.until("a beginning", |state| match state {
        ExportState::Working(progress) => enough(progress),
        _ => None,
    })
    .await;
    let tab = tab.reload().await;
    let before = tab.until("what was there", |state| match state {
        ExportState::Ready(progress) => Some(progress.requests),
        _ => None,
    });
    let before = before.await;
    assert!(before >= 10, "{before}");
    let asked_before: HashSet<String> = tab.network.asked("/details").into_iter().collect();
    tab.exports.resume(&workspace());
    let again = tab.zip().await;
    assert_eq!(again.manifest["missing"].as_array().map(Vec::len), Some(0));
    // What was put away is not asked again; at most what was under way is.
    let details = tab.network.asked("/details");
    let twice = details.len() - details.iter().collect::<HashSet<_>>().len();
    assert!(twice <= 4, "{twice} of {} were asked twice", asked_before.len());

    // The same as one that was not interrupted.
    let whole = Tab::open().await;
    whole.exports.start(everything());
    assert_eq!(again.documents(), whole.zip().await.documents());
}

#[wasm_bindgen_test]
async fn what_does_not_work_is_told_and_can_be_tried_again() {
    let tab = Tab::open().await;
    tab.network.fail("/services/", 99, Fault::Status(403, r#"{"code":"Forbidden","message":"No."}"#));
    tab.exports.start(small());
    let failures = tab.until("failures", |state| match state {
        ExportState::Paused(Pause::Failures, progress) => Some(progress.failures.clone()),
        _ => None,
    });
    let failures = failures.await;
    assert!(
        failures.iter().all(|failure| failure.kind == FileKind::Service && failure.status == Some(403)),
        "{failures:?}"
    );
    assert_eq!(failures[0].why, "No.");
    // Without them.
    tab.exports.finish(&workspace());
    let zip = tab.zip().await;
    let missing = zip.manifest["missing"].as_array().expect("it lists what is missing");
    assert_eq!(missing.len(), failures.len());
    assert_eq!(missing[0]["why"], "No.");
    assert!(zip.of_kind("service").is_empty());
    // With them after all, also after a reload.
    let tab = Tab::over(tab.network.clone()).await;
    tab.network.mend();
    tab.until("the finished one", |state| matches!(state, ExportState::Done(_)).then_some(())).await;
    tab.exports.retry_failed(&workspace());
    tab.until("work", |state| (!matches!(state, ExportState::Done(_))).then_some(())).await;
    let zip = tab.zip().await;
    assert_eq!(zip.of_kind("service").len(), failures.len());
    assert_eq!(zip.manifest["missing"].as_array().map(Vec::len), Some(0));
}

#[wasm_bindgen_test]
async fn what_got_no_answer_is_listed_without_a_status() {
    let tab = Tab::open().await;
    tab.network.fail("/images", 99, Fault::Before);
    tab.exports.start(of_kinds([Kind::Images, Kind::Models]));
    let failures =
        |state: &ExportState| matches!(state, ExportState::Paused(Pause::Failures, _)).then_some(());
    tab.until("no answer", failures).await;
    tab.exports.finish(&workspace());
    let zip = tab.zip().await;
    let requests = zip.manifest["requests"].as_array().expect("it lists requests");
    let unanswered: Vec<&Value> = requests.iter().filter(|request| request["status"].is_null()).collect();
    assert_eq!(unanswered.len(), 1);
    assert!(unanswered[0]["path"].as_str().is_some_and(|path| path.ends_with("/images")), "{unanswered:?}");
    assert_eq!(zip.manifest["missing"][0]["request"], unanswered[0]["n"]);
}

#[wasm_bindgen_test]
async fn one_that_is_ended_early_says_what_it_has_not() {
    let tab = Tab::open().await;
    tab.exports.start(everything());
    tab.until("a beginning", |state| match state {
        ExportState::Working(progress) => (progress.requests > 5).then_some(()),
        _ => None,
    })
    .await;
    tab.exports.stop(&workspace());
    let zip = tab.zip().await;
    assert_eq!(zip.manifest["stopped"], true);
    assert!(zip.manifest["missing"].as_array().is_some_and(|missing| !missing.is_empty()));
    tab.exports.drop(&workspace());
    tab.until("nothing", |state| matches!(state, ExportState::None).then_some(())).await;
}

#[wasm_bindgen_test]
async fn names_of_people_are_numbers_where_that_is_wished() {
    let plain = Tab::open().await;
    let wanted = Selection {
        kinds: [Kind::Workspace, Kind::Computes, Kind::Experiments, Kind::Runs, Kind::Models].into(),
        with_logs: false,
        ..Selection::all(workspace())
    };
    plain.exports.start(wanted.clone());
    let before = plain.zip().await;
    let mut names = HashSet::new();
    for run in before.of_kind("run") {
        let run: Value =
            serde_json::from_str(before.text(run["path"].as_str().expect("a path"))).expect("JSON");
        names.extend(run["createdBy"]["userName"].as_str().map(str::to_owned));
        names.extend(run["createdBy"]["userObjectId"].as_str().map(str::to_owned));
    }
    assert!(names.len() > 1, "{names:?}");
    let mut assigned = HashSet::new();
    for compute in before.of_kind("compute") {
        let compute: Value =
            serde_json::from_str(before.text(compute["path"].as_str().expect("a path"))).expect("JSON");
        let user = &compute["properties"]["properties"]["personalComputeInstanceSettings"]["assignedUser"];
        assigned.extend(user["objectId"].as_str().map(str::to_owned));
    }
    assert!(!assigned.is_empty());
    names.extend(assigned);
    let tab = Tab::open().await;
    tab.exports.start(Selection { redacted: true, ..wanted });
    let zip = tab.zip().await;
    assert_eq!(zip.files.len(), before.files.len());
    let all = zip.whole_text();
    for name in &names {
        assert!(!all.contains(name.as_str()), "{name} is in the zip");
    }
    assert!(all.contains("person-1"));
    assert_eq!(zip.manifest["by"], Value::Null);
}

#[wasm_bindgen_test]
async fn a_service_that_asks_to_wait_is_left_alone_until_then() {
    let tab = Tab::open().await;
    tab.network.fail("/datastores", 99, Fault::Wait(300));
    tab.exports.start(of_kinds([Kind::Datastores]));
    let until = tab.until("a wait", |state| match state {
        ExportState::Paused(Pause::AskedToWait(until), _) => Some(*until),
        _ => None,
    });
    let wait = until.await - js_sys::Date::now();
    assert!((200_000.0..=300_000.0).contains(&wait), "{wait}");
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(tab.network.asked("/datastores").len(), 1);
    tab.exports.drop(&workspace());
    tab.until("nothing", |state| matches!(state, ExportState::None).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_list_that_is_begun_anew_is_read_to_its_end_and_nothing_is_there_twice() {
    let tab = Tab::open().await;
    tab.network.fail("continuationToken=second", 99, Fault::Status(403, ""));
    let first = r#"{"value":[{"name":"flour"}],"continuationToken":"second"}"#;
    tab.network.fail("/datastores", 1, Fault::Status(200, first));
    tab.exports.start(of_kinds([Kind::Datastores]));
    let failures =
        |state: &ExportState| matches!(state, ExportState::Paused(Pause::Failures, _)).then_some(());
    tab.until("a page that fails", failures).await;
    tab.network.mend();
    tab.network.fail(
        "continuationToken=second",
        1,
        Fault::Status(200, r#"{"value":[{"name":"flour"},{"name":"yeast"}]}"#),
    );
    tab.network.fail("/datastores", 1, Fault::Status(200, first));
    tab.exports.retry_failed(&workspace());
    let zip = tab.zip().await;
    let ids: Vec<_> = zip.of_kind("datastore").iter().map(|file| file["id"].clone()).collect();
    assert_eq!(ids, ["flour", "yeast"]);
}

#[wasm_bindgen_test]
async fn no_key_of_a_datastore_or_a_service_is_in_the_zip() {
    let tab = Tab::open().await;
    let stores =
        r#"{"value":[{"name":"flour","azureStorageSection":{"accountName":"a","accountKey":"opens-1"}}]}"#;
    tab.network.fail("/datastores", 1, Fault::Status(200, stores));
    let service =
        r#"{"id":"loaves-tomorrow","keys":{"primaryKey":"opens-2"},"scoring":"https://x/y?sig=opens-3"}"#;
    tab.network.fail("/services/loaves-tomorrow", 1, Fault::Status(200, service));
    tab.exports.start(of_kinds([Kind::Datastores, Kind::Services]));
    let zip = tab.zip().await;
    assert!(!zip.whole_text().contains("opens-"));
    for (kind, id) in [("datastore", "flour"), ("service", "loaves-tomorrow")] {
        assert!(zip.of_kind(kind).iter().any(|file| file["id"] == id && file["leftOut"] == true), "{kind}");
    }
}

#[wasm_bindgen_test]
async fn a_name_is_replaced_in_paths_requests_and_what_comes_after_a_reload() {
    let tab = Tab::open().await;
    let models = r#"{"value":[{"id":"idas-rolls:1","createdBy":{"userName":"idas","userObjectId":"0-1"},
        "kvTags":{"by":[{"of":["the rolls of idas"]}]}}]}"#;
    tab.network.fail("/models", 1, Fault::Status(200, models));
    tab.network.fail("/services?", 1, Fault::Status(200, r#"{"value":[{"id":"idas-shop"}]}"#));
    let service = r#"{"id":"idas-shop","createdBy":{"userName":"idas"}}"#;
    tab.network.fail("/services/idas-shop", 1, Fault::Status(200, service));
    tab.network.fail("/images", 99, Fault::Status(403, ""));
    let kinds = [Kind::Models, Kind::Images, Kind::Services];
    tab.exports.start(Selection { redacted: true, ..of_kinds(kinds) });
    let failures =
        |state: &ExportState| matches!(state, ExportState::Paused(Pause::Failures, _)).then_some(());
    tab.until("images that fail", failures).await;
    let tab = tab.reload().await;
    tab.until("what was there", |state| matches!(state, ExportState::Ready(_)).then_some(())).await;
    tab.network.mend();
    let images = r#"{"value":[{"id":"i:1","description":"idas made it"}]}"#;
    tab.network.fail("/images", 1, Fault::Status(200, images));
    tab.exports.retry_failed(&workspace());
    let zip = tab.zip().await;
    assert!(zip.files.contains_key("models/person-1-rolls_1.json"), "{:?}", zip.files.keys());
    assert!(zip.text("images/i_1.json").contains("person-1 made it"), "{}", zip.text("images/i_1.json"));
    assert!(!zip.whole_text().contains("idas"));
}

#[wasm_bindgen_test]
async fn only_one_tab_works_on_an_export() {
    let tab = Tab::open().await;
    tab.exports.start(everything());
    tab.until("work", |state| matches!(state, ExportState::Working(_)).then_some(())).await;
    let other = Tab::over(tab.network.clone()).await;
    other.until("the other one", |state| matches!(state, ExportState::Elsewhere).then_some(())).await;
    tab.exports.drop(&workspace());
    tab.until("nothing", |state| matches!(state, ExportState::None).then_some(())).await;
}

#[wasm_bindgen_test]
async fn what_was_begun_by_somebody_who_left_meanwhile_does_not_begin() {
    let tab = Tab::open().await;
    // Another one lets go late, so that they leave while the beginning waits for it.
    let lock = tab.lock().await;
    tab.exports.start(of_kinds([Kind::Images]));
    sleep(Duration::ZERO).await;
    tab.exports.leave();
    drop(lock);
    // And they leave before anything was looked at.
    tab.exports.start(of_kinds([Kind::Models]));
    tab.exports.leave();
    // Whoever waits for the lock tries it twenty times a second.
    sleep(Duration::from_millis(1_000)).await;
    for kind in ["/images", "/models"] {
        assert_eq!(tab.network.asked(kind), Vec::<String>::new());
    }
    tab.exports.start(of_kinds([Kind::Datastores]));
    assert!(!tab.zip().await.of_kind("datastore").is_empty());
}

#[wasm_bindgen_test]
async fn what_another_tab_finished_meanwhile_is_shown_and_not_replaced() {
    let tab = Tab::open().await;
    let other = Tab::over(tab.network.clone()).await;
    other.until("nothing", |state| matches!(state, ExportState::None).then_some(())).await;
    other.exports.start(of_kinds([Kind::Datastores]));
    let there = other.zip().await;
    tab.exports.start(of_kinds([Kind::Models]));
    let shown = tab.until("what the other tab made", |state| match state {
        ExportState::Done(finished) => Some(finished.selection.clone()),
        _ => None,
    });
    assert_eq!(shown.await, of_kinds([Kind::Datastores]));
    assert_eq!(tab.zip().await.documents(), there.documents());
    // Now that it was seen, another one may take its place.
    tab.exports.start(of_kinds([Kind::Models]));
    tab.until("work", |state| (!matches!(state, ExportState::Done(_))).then_some(())).await;
    assert!(!tab.zip().await.of_kind("model").is_empty());
}

#[wasm_bindgen_test]
async fn what_another_tab_works_on_is_not_removed() {
    let tab = Tab::open().await;
    tab.exports.start(of_kinds([Kind::Datastores]));
    let there = tab.zip().await;
    let lock = tab.lock().await;
    tab.exports.drop(&workspace());
    tab.until("the other one", |state| matches!(state, ExportState::Elsewhere).then_some(())).await;
    drop(lock);
    let tab = Tab::over(tab.network.clone()).await;
    assert_eq!(tab.zip().await.documents(), there.documents());
}

#[wasm_bindgen_test]
async fn two_tabs_that_are_restored_together_both_show_what_there_is() {
    let tab = Tab::open().await;
    tab.exports.start(everything());
    tab.until("work", |state| matches!(state, ExportState::Working(_)).then_some(())).await;
    let tab = tab.reload().await;
    // As the other tab has it while it looks.
    let lock = tab.lock().await;
    assert_eq!(tab.state(), ExportState::Looking);
    sleep(Duration::from_millis(200)).await;
    drop(lock);
    tab.until("what was there", |state| matches!(state, ExportState::Ready(_)).then_some(())).await;
}

#[wasm_bindgen_test]
async fn one_that_cannot_be_read_is_no_none_and_stays_until_it_is_removed() {
    let tab = Tab::open().await;
    tab.exports.start(of_kinds([Kind::Datastores]));
    tab.zip().await;
    let [exports, name] = tab.place();
    let folder = Folder::open(&[&exports, &name]).await.expect("there are private files");
    folder.write("beginning", &js_sys::Array::of1(&"{".into())).await.expect("a file can be written");
    let tab = Tab::over(tab.network.clone()).await;
    tab.until("what is wrong", |state| matches!(state, ExportState::Damaged(_)).then_some(())).await;
    tab.exports.drop(&workspace());
    tab.until("nothing", |state| matches!(state, ExportState::None).then_some(())).await;
}
