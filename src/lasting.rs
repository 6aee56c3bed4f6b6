//! What exports and erasures have in common: they go on whichever page is shown, and are there after a reload.

use azimuth_api::WorkspaceId;
use sha2::{Digest, Sha256};

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
