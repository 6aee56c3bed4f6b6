//! What exports and erasures have in common: they go on whichever page is shown, and are there after a reload.

use azimuth_api::WorkspaceId;
use leptos::prelude::*;
use sha2::{Digest, Sha256};

use crate::client::Client;
use crate::navigation::Navigation;
use crate::session::SessionKind;

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

/// The name of the folder of a workspace among private files. It says nothing of the workspace.
pub fn folder_name(workspace: &WorkspaceId) -> String {
    let id = workspace.segments().join("/").to_lowercase();
    format!("{:.32x}", Sha256::digest(id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_workspace_is_its_own_whatever_the_case() {
        let folder = |name: &str| {
            folder_name(&WorkspaceId {
                subscription: "s".into(),
                resource_group: "g".into(),
                name: name.into(),
            })
        };
        assert_eq!(folder("Oven"), folder("oven"));
        assert_ne!(folder("oven"), folder("oven2"));
        assert_eq!(folder("oven").len(), 32);
    }
}
