//! Artifacts: the files that a run left, and where their content is.

use std::fmt;

use http::Response;
use serde::Deserialize;

use crate::token::Secret;
use crate::{
    Address, ApiError, Operation, Origin, Page, Paged, Path, Query, RegionalService, RunId, Service,
    Timestamp, WebAddress, WorkspaceId, timestamp,
};

/// Where runs keep their files; the service has other origins for what was uploaded by hand.
const ORIGIN: &str = "ExperimentRun";

/// In which form the artifact service is asked.
///
/// The published description has `v2.0`, with the path of a file in the query. The articles and early clients have
/// `v1.0`, with the path in the address; it is asked where the other is answered 404 or 405.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArtifactForm {
    /// `…/artifacts/{origin}/{container}/content?path=`.
    #[default]
    V2,
    /// `…/artifacts/content/{origin}/{container}/{path}`.
    V1,
}

/// The container of a run's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactContainer {
    /// In which workspace.
    pub workspace: WorkspaceId,
    /// `dcid.{run}`.
    pub name: String,
}

impl ArtifactContainer {
    /// Of a run, whose document may name it.
    pub fn of_run(workspace: WorkspaceId, run: &RunId, data_container: Option<&str>) -> Self {
        let named = data_container.filter(|name| !name.is_empty());
        Self { workspace, name: named.map_or_else(|| format!("dcid.{run}"), str::to_owned) }
    }

    /// `rest` is what follows the container in the newer form, `kind` what stands before the origin in the older one.
    fn address(&self, form: ArtifactForm, rest: &[&str], kind: &[&str], path: &str, query: Query) -> Address {
        let service = Service::Regional(self.workspace.clone(), RegionalService::Artifacts);
        let artifacts = |version| Path::new(["artifact", version]).join(self.workspace.segments());
        match form {
            ArtifactForm::V2 => {
                let place = artifacts("v2.0").join(["artifacts", ORIGIN, &self.name]);
                let path = Some(path).filter(|path| !path.is_empty());
                let query = Query::new().maybe("path", path).and(query);
                Address::Path(service, place.join(rest.iter().copied()), query)
            }
            ArtifactForm::V1 => {
                let place = artifacts("v1.0").join(["artifacts"]).join(kind.iter().copied());
                let segments = path.split('/').filter(|segment| !segment.is_empty());
                Address::Path(service, place.join(segments), query)
            }
        }
    }
}

/// `GET …/artifact/v2.0/…/artifacts/ExperimentRun/{container}?path=`, or
/// `GET …/artifact/v1.0/…/artifacts/origins/ExperimentRun/containers/{container}/{path}` ([reference]): a run's files.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListRunArtifacts {
    /// Where.
    pub container: ArtifactContainer,
    /// Only those in this folder; empty for all.
    pub folder: String,
    /// Which way to ask.
    pub form: ArtifactForm,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl ListRunArtifacts {
    /// All in a container.
    pub fn of(container: ArtifactContainer) -> Self {
        Self { container, folder: String::new(), form: ArtifactForm::default(), next: None }
    }
}

impl Operation for ListRunArtifacts {
    type Output = Page<Artifact>;

    fn address(&self) -> Address {
        let kind = ["origins", ORIGIN, "containers", &self.container.name];
        let query = Query::new().maybe("continuationToken", self.next.as_deref());
        self.container.address(self.form, &[], &kind, &self.folder, query)
    }

    fn otherwise(&self) -> Option<Self> {
        (self.form == ArtifactForm::V2).then(|| Self { form: ArtifactForm::V1, ..self.clone() })
    }
}

impl Paged for ListRunArtifacts {
    type Item = Artifact;

    fn after(&self, page: &Page<Artifact>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/artifact/v2.0/…/artifacts/ExperimentRun/{container}/content?path=`, or
/// `GET …/artifact/v1.0/…/artifacts/content/ExperimentRun/{container}/{path}` ([reference]): a file's bytes.
///
/// Large files are read in parts, see `Client::read_content`.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetArtifactContent {
    /// Where.
    pub container: ArtifactContainer,
    /// Which file, from the container.
    pub path: String,
    /// Which way to ask.
    pub form: ArtifactForm,
}

impl GetArtifactContent {
    /// Of a file.
    pub fn of(container: ArtifactContainer, path: impl Into<String>) -> Self {
        Self { container, path: path.into(), form: ArtifactForm::default() }
    }
}

impl Operation for GetArtifactContent {
    type Output = Vec<u8>;

    fn address(&self) -> Address {
        let kind = ["content", ORIGIN, &self.container.name];
        self.container.address(self.form, &["content"], &kind, &self.path, Query::new())
    }

    fn otherwise(&self) -> Option<Self> {
        (self.form == ArtifactForm::V2).then(|| Self { form: ArtifactForm::V1, ..self.clone() })
    }

    /// The bytes as they are, of whatever type.
    fn read(&self, response: &Response<Vec<u8>>) -> Result<Vec<u8>, ApiError> {
        if !response.status().is_success() {
            return Err(ApiError::refused(response));
        }
        Ok(response.body().clone())
    }
}

/// `GET …/artifact/v2.0/…/artifacts/ExperimentRun/{container}/contentinfo?path=`, or
/// `GET …/artifact/v1.0/…/artifacts/contentinfo/ExperimentRun/{container}/{path}` ([reference]): where a file can be
/// read without a token.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetArtifactContentInfo {
    /// Where.
    pub container: ArtifactContainer,
    /// Which file, from the container.
    pub path: String,
    /// Which way to ask.
    pub form: ArtifactForm,
}

impl GetArtifactContentInfo {
    /// Of a file.
    pub fn of(container: ArtifactContainer, path: impl Into<String>) -> Self {
        Self { container, path: path.into(), form: ArtifactForm::default() }
    }
}

impl Operation for GetArtifactContentInfo {
    type Output = ContentInformation;

    fn address(&self) -> Address {
        let kind = ["contentinfo", ORIGIN, &self.container.name];
        self.container.address(self.form, &["contentinfo"], &kind, &self.path, Query::new())
    }

    fn otherwise(&self) -> Option<Self> {
        (self.form == ArtifactForm::V2).then(|| Self { form: ArtifactForm::V1, ..self.clone() })
    }
}

/// A file that a run left.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Artifact {
    /// Folders and name, from the run's container.
    pub path: String,
    /// When it was written.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_time: Option<Timestamp>,
    /// Changes with its content.
    #[serde(default)]
    pub etag: Option<String>,
}

/// Where a file can be read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentInformation {
    /// With its signature.
    pub content_uri: SignedAddress,
}

/// The address of a blob with a signature in its query, which opens the blob to whoever has it.
///
/// So it is as secret as a token: it has no `Display`, its `Debug` has the path alone, and it cannot be written out as
/// JSON. No token may go where it leads.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedAddress(Secret);

impl SignedAddress {
    /// Takes an address as the service gave it.
    pub fn new(address: impl Into<String>) -> Self {
        Self(Secret::new(address))
    }

    /// The whole of it, for the request that reads the blob and nothing else.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// The whole of it, for a tab of its own. None where a browser would not ask a server there over an encrypted
    /// connection, or one of this machine: `javascript:`, `data:`, plain http.
    pub fn to_open(&self) -> Option<&str> {
        let address = WebAddress::parse(self.reveal())?;
        let is_safe = address.origin().as_str().starts_with("https://") || address.origin().is_loopback();
        is_safe.then(|| self.reveal())
    }

    /// Without what is secret, to be shown; none where it is no address.
    pub fn masked(&self) -> Option<WebAddress> {
        let whole = WebAddress::parse(self.reveal())?;
        let path = whole.target().split('?').next().unwrap_or_default();
        Some(WebAddress::of(whole.origin(), &format!("{path}?***")))
    }

    /// Scheme, host and port of the storage.
    pub fn origin(&self) -> Option<Origin> {
        Some(WebAddress::parse(self.reveal())?.origin().clone())
    }

    /// The name of the storage account. A storage emulator has it in the path.
    pub fn account(&self) -> Option<String> {
        let address = WebAddress::parse(self.reveal())?;
        let origin = address.origin();
        let name = if origin.is_loopback() {
            address.target().split('/').nth(1)
        } else {
            origin.host().split('.').next()
        };
        name.map(str::to_owned)
    }
}

impl fmt::Debug for SignedAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.masked() {
            Some(masked) => write!(formatter, "SignedAddress({masked})"),
            None => formatter.write_str("SignedAddress(…)"),
        }
    }
}

impl<'de> Deserialize<'de> for SignedAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str =
        "https://shop.blob.core.windows.net/azureml/ExperimentRun/dcid.r/a%20b.txt?sv=1&sig=s3cr3t&se=2";

    #[test]
    fn a_signed_address_says_nothing_of_its_signature() {
        let information: ContentInformation =
            serde_json::from_str(&format!(r#"{{"contentUri":"{SIGNED}"}}"#)).unwrap();
        assert_eq!(information.content_uri.reveal(), SIGNED);
        let said = format!("{information:?} {:?}", information.content_uri.masked());
        assert!(said.contains("/azureml/ExperimentRun/dcid.r/a%20b.txt?***"), "{said}");
        for secret in ["s3cr3t", "sig", "sv="] {
            assert!(!said.contains(secret), "{said}");
        }
        assert_eq!(format!("{:?}", SignedAddress::new("no address: s3cr3t")), "SignedAddress(…)");
    }

    #[test]
    fn what_is_no_encrypted_address_of_a_server_is_not_opened() {
        let may_be_opened = |address: &str| SignedAddress::new(address).to_open() == Some(address);
        assert!(may_be_opened(SIGNED) && may_be_opened("http://127.0.0.1:4008/shop/azureml/a.txt?sig=1"));
        for address in [
            "javascript:alert(1)//https://shop.blob.core.windows.net",
            "data:text/html,<script>",
            "http://shop.blob.core.windows.net/azureml/a.txt",
            "https://shop.blob.core.windows.net@evil.tld/a",
            "//evil.tld/a",
            "",
        ] {
            assert!(!may_be_opened(address), "{address}");
        }
    }

    #[test]
    fn the_account_is_in_the_host_or_before_the_path() {
        let account = |address: &str| SignedAddress::new(address).account();
        assert_eq!(account(SIGNED).as_deref(), Some("shop"));
        assert_eq!(account("http://127.0.0.1:4008/shop/azureml/x?sig=1").as_deref(), Some("shop"));
        assert_eq!(account("shop"), None);
    }

    #[test]
    fn a_container_is_the_one_that_the_run_names() {
        let workspace =
            WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() };
        let named = |name| ArtifactContainer::of_run(workspace.clone(), &RunId::from("r_1"), name).name;
        assert_eq!(named(Some("dcid.other")), "dcid.other");
        assert_eq!(named(Some("")), "dcid.r_1");
        assert_eq!(named(None), "dcid.r_1");
    }
}
