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
use crate::private_files::{Folder, Lock, only_here};
use crate::session::{Person, Session, SessionKind};

/// How often a folder is tried to be removed, or to be had.
const TRIES_TO_REMOVE: u32 = 100;
const TRIES_TO_OWN: u32 = 40;
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
            && by.as_ref().is_none_or(|by| by.key() != known.key())
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

    /// What is the same in all tenants that the person is in. An object id is not: a guest has another one.
    fn key(&self) -> &str {
        let is_user_name = self.name.contains('@');
        self.object_id.as_deref().filter(|_| !is_user_name).unwrap_or(&self.name)
    }
}

/// The name of the folder among private files that is somebody's for a workspace: nobody finds there what somebody else
/// left, who closed this browser without signing out. It says nothing of either.
pub fn folder_name(workspace: &WorkspaceId, by: Option<&By>) -> String {
    let workspace = workspace.segments().join("/").to_lowercase();
    let person = by.map(|by| by.key().to_lowercase()).unwrap_or_default();
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

/// What is had by the one tab that works in a folder. Whoever removes the folder has it as well, so that nothing is begun
/// in a folder that goes.
pub fn lock_of(place: &[&str; 2]) -> String {
    format!("azimuth {}", place.join("/"))
}

/// The lock of a folder, once whoever had it in this tab has let it go.
pub async fn own(place: &[&str; 2]) -> Option<Lock> {
    for _ in 0..TRIES_TO_OWN {
        match only_here(&lock_of(place)).await {
            Some(lock) => return Some(lock),
            None => sleep(BETWEEN_TRIES).await,
        }
    }
    None
}

/// The folders that a kind of session left among private files until now.
async fn places(kind: SessionKind) -> Vec<(&'static str, String)> {
    let erasures = (kind == SessionKind::Service).then_some(ERASURES);
    let mut places = Vec::new();
    for folder in [exports_of(kind)].into_iter().chain(erasures) {
        if let Ok(all) = Folder::open(&[folder]).await {
            places.extend(all.names().await.unwrap_or_default().into_iter().map(|name| (folder, name)));
        }
    }
    places
}

/// Whether there is anything in them: pages of other tabs may have left it, and this one before it was loaded anew.
pub async fn is_anything_left(kind: SessionKind) -> bool {
    for (folder, name) in places(kind).await {
        // Looking for an export or an erasure makes its folder.
        if let Ok(folder) = Folder::open(&[folder, &name]).await
            && folder.names().await.is_ok_and(|names| !names.is_empty())
        {
            return true;
        }
    }
    false
}

/// Removes whatever a kind of session left among private files until now: somebody signed out.
pub async fn forget(kind: SessionKind) {
    let places = places(kind).await;
    join_all(places.iter().map(|(folder, name)| remove([folder, name]))).await;
}

async fn remove(place: [&str; 2]) {
    for _ in 0..TRIES_TO_REMOVE {
        // A file that is being written cannot be removed before that is over.
        if let Some(_lock) = only_here(&lock_of(&place)).await
            && Folder::remove_all(&place).await.is_ok()
        {
            break;
        }
        sleep(BETWEEN_TRIES).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(workspace: &str, name: &str, object_id: Option<&str>) -> String {
        let workspace =
            WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: workspace.into() };
        let object_id = object_id.map(str::to_owned);
        folder_name(&workspace, Some(&By { name: name.into(), object_id, tenant: None }))
    }

    #[test]
    fn a_folder_is_of_one_workspace_whatever_the_case_and_of_one_person() {
        let one = folder("Oven", "n", Some("0-1"));
        assert_eq!((one.len(), &one), (32, &folder("oven", "n", Some("0-1"))));
        assert_ne!(one, folder("oven2", "n", Some("0-1")));
        assert_ne!(one, folder("oven", "n", Some("0-2")));
        assert_ne!(one, folder("oven", "n", None));
    }

    #[test]
    fn a_guest_is_the_same_person_in_each_tenant() {
        let one = folder("oven", "maya@contoso.example", Some("0-1"));
        assert_eq!(one, folder("oven", "Maya@contoso.example", Some("7-7")));
        assert_ne!(one, folder("oven", "tom@contoso.example", Some("0-1")));
    }
}
