//! A workspace that is to be made, from what stands in the form: the first thing that is missing, or what is asked for.

use azimuth_api::{Dependency, NewWorkspace, NewWorkspaceProperties, WorkspaceName};

use crate::components::tags_field::tags_in;

/// The choice of having none.
pub const WITHOUT: &str = "none";
/// The choice of another one, by its id.
pub const OTHER: &str = "other";

/// What stands in the form.
pub struct Wanted<'a> {
    pub name: &'a str,
    pub region: &'a str,
    pub friendly_name: &'a str,
    pub description: &'a str,
    /// As the field keeps them.
    pub tags: &'a str,
    /// In the order of [`Dependency::ALL`].
    pub parts: [Picked<'a>; 4],
}

/// What is chosen for a part: an id, [`WITHOUT`], [`OTHER`] or nothing yet; and the id that is typed for another.
#[derive(Clone, Copy)]
pub struct Picked<'a> {
    pub choice: &'a str,
    pub typed: &'a str,
}

impl Picked<'_> {
    /// Its id, if it has one.
    fn id(self, kind: Dependency) -> Result<Option<String>, String> {
        let name = in_a_sentence(kind);
        match self.choice {
            "" => Err(format!("Choose {}.", with_article(kind))),
            WITHOUT => Ok(None),
            OTHER => {
                let id = self.typed.trim();
                match (id.is_empty(), kind.id_fault(id)) {
                    (true, _) => Err(format!("Type the id of the {name}.")),
                    (false, Some(_)) => Err(format!("The id of the {name} is not whole.")),
                    (false, None) => Ok(Some(id.to_owned())),
                }
            }
            id => Ok(Some(id.to_owned())),
        }
    }
}

impl Wanted<'_> {
    /// What is asked for.
    ///
    /// # Errors
    /// What to do first, in a sentence.
    pub fn made(&self) -> Result<(WorkspaceName, NewWorkspace), String> {
        let name = WorkspaceName::from(self.name.trim());
        if let Some(fault) = name.fault() {
            return Err(fault);
        }
        let region = self.region.trim();
        if region.is_empty() {
            return Err("Choose a region.".to_owned());
        }
        let [storage, vault, insights, registry] = self.parts;
        let needed = |picked: Picked<'_>, kind| {
            let id = picked.id(kind)?;
            id.ok_or_else(|| format!("Choose {}.", with_article(kind)))
        };
        let properties = NewWorkspaceProperties {
            friendly_name: self.friendly_name.trim().to_owned(),
            description: self.description.trim().to_owned(),
            storage_account: needed(storage, Dependency::StorageAccount)?,
            key_vault: needed(vault, Dependency::KeyVault)?,
            application_insights: needed(insights, Dependency::ApplicationInsights)?,
            container_registry: registry.id(Dependency::ContainerRegistry)?,
        };
        Ok((name, NewWorkspace::new(region.to_owned(), tags_in(self.tags)?, properties)))
    }
}

/// A region's short name, from the one for people.
pub fn short_region(name: &str) -> String {
    name.chars().filter(|character| !character.is_whitespace()).collect::<String>().to_lowercase()
}

/// What a part is called within a sentence.
pub fn in_a_sentence(kind: Dependency) -> &'static str {
    match kind {
        Dependency::StorageAccount => "storage account",
        Dependency::KeyVault => "key vault",
        Dependency::ApplicationInsights => "Application Insights",
        Dependency::ContainerRegistry => "container registry",
    }
}

fn with_article(kind: Dependency) -> String {
    match kind {
        Dependency::ApplicationInsights => "an Application Insights".to_owned(),
        kind => format!("a {}", in_a_sentence(kind)),
    }
}

/// The command that makes a part.
pub fn command(kind: Dependency, group: &str, region: &str) -> String {
    let region = if region.is_empty() { "REGION" } else { region };
    let make = match kind {
        Dependency::StorageAccount => "storage account create --name NAME",
        Dependency::KeyVault => "keyvault create --name NAME",
        Dependency::ApplicationInsights => "monitor app-insights component create --app NAME",
        Dependency::ContainerRegistry => "acr create --name NAME --sku Basic --admin-enabled true",
    };
    format!("az {make} --resource-group {group} --location {region}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: &str = "/subscriptions/s/resourceGroups/g/providers";

    fn picked(choice: &str) -> Picked<'_> {
        Picked { choice, typed: "" }
    }

    #[test]
    fn a_form_that_is_filled_asks_for_a_workspace() {
        let (storage, vault, insights) = (
            format!("{SCOPE}/Microsoft.Storage/storageAccounts/a"),
            format!("{SCOPE}/Microsoft.KeyVault/vaults/v"),
            format!("{SCOPE}/Microsoft.Insights/components/i"),
        );
        let wanted = Wanted {
            name: " second-oven ",
            region: "westeurope",
            friendly_name: "Second oven",
            description: "",
            tags: r#"[["team","data"]]"#,
            parts: [
                picked(&storage),
                Picked { choice: OTHER, typed: &vault },
                picked(&insights),
                picked(WITHOUT),
            ],
        };
        let (name, made) = wanted.made().unwrap();
        assert_eq!((name.as_str(), made.location.as_str()), ("second-oven", "westeurope"));
        assert_eq!((made.properties.key_vault, made.properties.container_registry), (vault, None));
        assert_eq!(made.tags["team"], "data");
    }

    #[test]
    fn the_first_thing_that_is_missing_is_told() {
        let check = |wanted: Wanted<'_>, said: &str| {
            let obstacle = wanted.made().expect_err("something is missing");
            assert!(obstacle.contains(said), "{obstacle}");
        };
        let id = format!("{SCOPE}/Microsoft.Storage/storageAccounts/a");
        let good = || Wanted {
            name: "oven",
            region: "westeurope",
            friendly_name: "",
            description: "",
            tags: "",
            parts: [picked(&id), picked(""), picked(""), picked(WITHOUT)],
        };
        check(Wanted { name: "", ..good() }, "a name");
        check(Wanted { region: "", ..good() }, "a region");
        check(good(), "a key vault");
        check(Wanted { parts: [picked(WITHOUT); 4], ..good() }, "a storage account");
        check(Wanted { parts: [picked(OTHER); 4], ..good() }, "Type the id of the storage account");
        let typed = Picked { choice: OTHER, typed: "flour" };
        check(Wanted { parts: [typed; 4], ..good() }, "is not whole");
    }

    #[test]
    fn a_region_is_written_short() {
        assert_eq!(short_region("West US 2"), "westus2");
        assert_eq!(short_region("westeurope"), "westeurope");
    }
}
