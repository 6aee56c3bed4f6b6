//! What exports and erasures have in common: they go on whichever page is shown, and are there after a reload.

use std::time::Duration;

use azimuth_api::WorkspaceId;
use futures::future::join_all;
use gloo_timers::future::sleep;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::navigation::Navigation;
use crate::private_files::Folder;
use crate::session::{Person, Session, SessionKind};

/// How often a folder is tried to be removed.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// The exports or the erasures of a session.
#[derive(Clone, Copy)]
struct Started<T: 'static>(StoredValue<Vec<(SessionKind, T)>, LocalStorage>);

/// Those of the session that is shown, started when a page first asks for them. They belong to the app: pages come and go.
pub fn of_session<T: Copy + 'static>(start: impl FnOnce(Client, Navigation) -> T) -> T {
    let (client, navigation) = (expect_context::<Client>(), expect_context::<Navigation>());
    let kind = client.session().kind();
    let mut app = Owner::current().expect("pages have an owner");
    while let Some(parent) = app.parent() {
        app = parent;
    }
    app.with(|| {
        let Started(all) = use_context().unwrap_or_else(|| {
            let started = Started::<T>(StoredValue::new_local(Vec::new()));
            provide_context(started);
            started
        });
        let known = all.with_value(|all| all.iter().find(|(one, _)| *one == kind).map(|(_, known)| *known));
        known.unwrap_or_else(|| {
            let started = start(client, navigation);
            all.update_value(|all| all.push((kind, started)));
            started
        })
    })
}

/// Does something whenever whoever was signed in is not any more: nobody is, or somebody else.
pub fn on_leave(session: Session, leave: impl Fn() + 'static) {
    Effect::new(move |known: Option<Option<By>>| {
        let by = By::now(session);
        if let Some(known) = known.flatten()
            && by.as_ref().is_none_or(|by| by.object_id != known.object_id)
        {
            leave();
        }
        by
    });
}

/// Who began something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct By {
    /// A name, or an application id.
    pub name: String,
    /// The object id, where the token says so.
    pub object_id: Option<String>,
    /// The tenant, where that is known.
    pub tenant: Option<String>,
}

impl By {
    /// Whoever is signed in.
    pub fn now(session: Session) -> Option<Self> {
        let Person { name, tenant, .. } = session.person().get()?;
        let object_id = session.token().and_then(|token| token.claims()).and_then(|claims| claims.oid);
        Some(Self { name, object_id, tenant })
    }
}

/// The name of the folder among private files that is somebody's for a workspace: nobody finds there what somebody else
/// left, who closed this browser without signing out. It says nothing of either.
pub fn folder_name(workspace: &WorkspaceId, by: Option<&By>) -> String {
    let workspace = workspace.segments().join("/").to_lowercase();
    let person = by.and_then(|by| by.object_id.as_deref()).unwrap_or_default();
    format!("{:.32x}", Sha256::digest(format!("{workspace}\n{person}")))
}

/// The folder of all exports of a kind of session. What the demo made is no data of anybody.
pub fn exports_of(kind: SessionKind) -> &'static str {
    match kind {
        SessionKind::Service => "exports",
        _ => "demo-exports",
    }
}

/// The folder of all erasures; the demo begins anew with each page.
pub const ERASURES: &str = "erasures";

/// Removes whatever a kind of session left among private files: somebody signed out.
pub async fn forget(kind: SessionKind) {
    let erasures = (kind == SessionKind::Service).then_some(ERASURES);
    // At once: what is begun after it must not lose its folder because another could not be removed for a while.
    join_all([exports_of(kind)].into_iter().chain(erasures).map(remove)).await;
}

async fn remove(folder: &str) {
    // A file that is being written cannot be removed before that is over.
    for _ in 0..TRIES {
        if Folder::remove_all(&[folder]).await.is_ok() {
            break;
        }
        sleep(BETWEEN_TRIES).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_of_one_workspace_whatever_the_case_and_of_one_person() {
        let folder = |name: &str, object_id: Option<&str>| {
            let workspace =
                WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: name.into() };
            let object_id = object_id.map(str::to_owned);
            folder_name(&workspace, Some(&By { name: "n".into(), object_id, tenant: None }))
        };
        let one = folder("Oven", Some("0-1"));
        assert_eq!((one.len(), &one), (32, &folder("oven", Some("0-1"))));
        assert_ne!(one, folder("oven2", Some("0-1")));
        assert_ne!(one, folder("oven", Some("0-2")));
        assert_ne!(one, folder("oven", None));
    }
}
