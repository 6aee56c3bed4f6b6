//! Datastores: where the data of a workspace is, without what opens it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::tolerant::null_as_default;
use crate::{
    Address, DatastoreName, Operation, Page, Paged, Path, Query, RegionalService, Service, WorkspaceId,
};

/// `GET …/datastores?includeSecret=false` ([reference]).
///
/// One datastore is asked for in the same way, by its name: `GET …/datastores/{name}` knows no `includeSecret` and
/// answers with its keys. The same is true of `GET …/default`, so the default datastore is not asked for at all.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListDatastores {
    /// Where.
    pub workspace: WorkspaceId,
    /// Only the one with this name.
    pub name: Option<DatastoreName>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl ListDatastores {
    /// All datastores of a workspace.
    pub fn of(workspace: WorkspaceId) -> Self {
        Self { workspace, name: None, next: None }
    }
}

impl Operation for ListDatastores {
    type Output = Page<Datastore>;

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::Datastores),
            Path::new(["datastore", "v1.0"]).join(self.workspace.segments()).join(["datastores"]),
            Query::new()
                .maybe("dataStoreNames", self.name.as_ref())
                .with("includeSecret", false)
                .maybe("continuationToken", self.next.as_ref()),
        )
    }
}

impl Paged for ListDatastores {
    type Item = Datastore;

    // By the token and not by the link, whose question might have lost `includeSecret=false`.
    fn after(&self, page: &Page<Datastore>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// A place for data. Fields that may hold secrets are not here, so that none is ever read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Datastore {
    /// Its name.
    pub name: DatastoreName,
    /// `AzureBlob`, `AzureFile` and others.
    #[serde(default, deserialize_with = "null_as_default")]
    pub data_store_type: String,
    /// Whether the service could open it when it was registered.
    #[serde(default)]
    pub has_been_validated: Option<bool>,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// Of blobs and files.
    #[serde(default)]
    pub azure_storage_section: Option<StorageSection>,
    /// Of a data lake of the first generation.
    #[serde(default)]
    pub azure_data_lake_section: Option<DataLakeSection>,
    /// Of an SQL database.
    #[serde(default)]
    pub azure_sql_database_section: Option<DatabaseSection>,
    /// Of a PostgreSQL database.
    #[serde(default)]
    pub azure_postgre_sql_section: Option<DatabaseSection>,
    /// Of a GlusterFS volume.
    #[serde(default)]
    pub gluster_fs_section: Option<VolumeSection>,
}

/// Blobs or files of a storage account.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StorageSection {
    /// The account.
    pub account_name: Option<String>,
    /// The container, or the share.
    pub container_name: Option<String>,
    /// The domain of the storage service.
    pub endpoint: Option<String>,
    /// `https`.
    pub protocol: Option<String>,
    /// What kind of secret opens it: `None`, `Sas`, `AccountKey`, `ClientCredentials`.
    pub credential_type: Option<String>,
    /// The subscription of the account.
    pub subscription_id: Option<String>,
    /// The resource group of the account.
    pub resource_group: Option<String>,
}

/// A data lake of the first generation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DataLakeSection {
    /// Its name.
    pub store_name: Option<String>,
    /// Whether a certificate opens it, and no password.
    pub is_cert_auth: Option<bool>,
    /// Its subscription.
    pub subscription_id: Option<String>,
    /// Its resource group.
    pub resource_group: Option<String>,
}

/// A database.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DatabaseSection {
    /// Its server.
    pub server_name: Option<String>,
    /// Its name.
    pub database_name: Option<String>,
    /// The domain of the server.
    pub endpoint: Option<String>,
    /// The port, of PostgreSQL.
    pub port_number: Option<String>,
    /// Its subscription.
    pub subscription_id: Option<String>,
    /// Its resource group.
    pub resource_group: Option<String>,
}

/// A GlusterFS volume.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSection {
    /// The server.
    pub server_address: Option<String>,
    /// The volume.
    pub volume_name: Option<String>,
}

impl Datastore {
    /// Whether it is the one that every workspace has from its beginning, and uses where nobody says otherwise.
    ///
    /// Which one is the default now, only `GET …/default` tells, and that answers with keys.
    pub fn is_built_in(&self) -> bool {
        matches!(self.name.as_str(), "workspaceblobstore" | "workspacefilestore")
    }

    /// The kind of secret that opens it, in the service's word where it has one.
    pub fn credential_type(&self) -> Option<&str> {
        if let Some(storage) = &self.azure_storage_section {
            return storage.credential_type.as_deref();
        }
        let lake = self.azure_data_lake_section.as_ref()?;
        Some(if lake.is_cert_auth == Some(true) { "Certificate" } else { "ClientCredentials" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_read_though_the_service_sends_it() {
        let datastore: Datastore = serde_json::from_str(
            r#"{"name":"d","dataStoreType":"AzurePostgreSql","tags":null,
                "azureStorageSection":{"accountName":"a","credentialType":"AccountKey","credential":"hush","accountKey":"hush","sasToken":"hush","clientCredentials":{"clientSecret":"hush"}},
                "azureDataLakeSection":{"storeName":"l","clientSecret":"hush","certificate":"hush"},
                "azureSqlDatabaseSection":{"serverName":"s","clientSecret":"hush"},
                "azurePostgreSqlSection":{"serverName":"p","portNumber":"5432","userPassword":"hush"},
                "glusterFsSection":null}"#,
        )
        .unwrap();
        assert!(!format!("{datastore:?}").contains("hush"));
        assert_eq!(datastore.credential_type(), Some("AccountKey"));
        let port = datastore.azure_postgre_sql_section.and_then(|database| database.port_number);
        assert_eq!(port.as_deref(), Some("5432"));
    }
}
