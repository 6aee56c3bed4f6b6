//! A file of a run that could not be read: what the service said, what kept the storage from giving it, and the ways
//! that are left.

use azimuth_api::{ApiError, WorkspaceId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::button::CopyButton;
use crate::components::panel::Hint;
use crate::files::reader::{FileReader, ReadError, StorageFault};
use crate::load::ApiErrorPanel;

/// Why a file could not be read, and what helps.
#[component]
pub fn FileFailure(
    error: ReadError,
    /// Completes "could not".
    #[prop(into)]
    what: String,
    reader: StoredValue<FileReader, LocalStorage>,
    on_retry: Callback<()>,
) -> impl IntoView {
    let retry = Callback::new(move |()| {
        reader.with_value(FileReader::try_storage_again);
        on_retry.run(());
    });
    // What is not there cannot be fetched in another way either.
    let storage = error.storage.clone().filter(|_| !error.service.is_not_found());
    let is_closed = matches!(storage, Some(StorageFault::NotNamed(_) | StorageFault::NotShared(_)));
    let account = error.account.clone();

    view! {
        <div class="stack">
            <ApiErrorPanel error=error.service what=what inline=true on_retry=retry/>
            {storage.map(|fault| view! { <StorageWays fault=fault account=account reader=reader is_closed=is_closed/> })}
        </div>
    }
}

/// What the service gave as the address of a file is none that may be opened.
fn no_storage() -> ApiError {
    ApiError::Untrusted {
        address: "the address of a file".to_owned(),
        rule: "it is not an https address".to_owned(),
    }
}

/// Why the storage account does not give the file, and what its owner, or whoever has rights of their own, can do.
#[component]
fn StorageWays(
    fault: StorageFault,
    account: Option<String>,
    reader: StoredValue<FileReader, LocalStorage>,
    /// Whether it is this page alone that it does not let in.
    is_closed: bool,
) -> impl IntoView {
    let site = window().location().origin().unwrap_or_default();
    let name = account.clone().unwrap_or_else(|| "ACCOUNT".to_owned());
    let sentence = match &fault {
        StorageFault::NotNamed(origin) => {
            format!(
                "This page may not read from the storage account: its settings do not name {origin} in dataOrigins."
            )
        }
        StorageFault::NotShared(origin) => {
            format!("The storage account at {origin} does not let pages of {site} read its files.")
        }
        StorageFault::Refused(error) => {
            format!("The storage account did not give it either{}.", status_of(error))
        }
        StorageFault::NoAddress(error) => {
            format!("The service does not say where the storage has it{}.", status_of(error))
        }
    };
    let setting = match &fault {
        StorageFault::NotNamed(origin) => Some(format!("\"dataOrigins\": [\"{origin}\"]")),
        _ => None,
    };
    let download = reader.with_value(|reader| {
        let (container, path) = (reader.container(), reader.path());
        download_command(&name, &container.name, path)
    });
    let problem = RwSignal::new(None::<ApiError>);
    let open = move |_| {
        let reader = reader.get_value();
        spawn_local(async move {
            let opened = reader.address().await.and_then(|address| {
                let address = address.to_open().ok_or_else(no_storage)?;
                // A window of its own, which cannot reach back. The address, with its signature, never stands in this page.
                let _ =
                    window().open_with_url_and_target_and_features(address, "_blank", "noopener,noreferrer");
                Ok(())
            });
            problem.try_set(opened.err());
        });
    };

    view! {
        <Hint warning=true>
            <p>{sentence}</p>
            {is_closed.then(|| view! {
                {setting.map(|setting| view! {
                    <p>"Whoever deployed this page names it in config.json:"</p>
                    <Command text=setting/>
                })}
                <p>"The owner of the storage account lets this page in with:"</p>
                <Command text=cors_command(&site, &name)/>
            })}
            <p>"Whoever may read the storage account gets the file with:"</p>
            <Command text=download/>
            <p>
                <button type="button" class="button small" on:click=open>"Open at the storage account"</button>
            </p>
            <p class="muted small">"It opens in a tab of its own, whose address lets anybody read the file for some hours: do not pass it on."</p>
            {move || problem.get().map(|error| view! { <ApiErrorPanel error=error what="find the file at the storage account" inline=true/> })}
        </Hint>
    }
}

/// A command to copy.
#[component]
fn Command(text: String) -> impl IntoView {
    view! {
        <div class="command">
            <pre>{text.clone()}</pre>
            <CopyButton text=text label="Copy command" bare=true/>
        </div>
    }
}

fn status_of(error: &ApiError) -> String {
    error.status().map(|status| format!(" (status {status})")).unwrap_or_default()
}

/// What the owner of a storage account does once. `az storage cors add` wants a key, which an account need not have.
fn cors_command(site: &str, account: &str) -> String {
    format!(
        "az storage account blob-service-properties cors-rule add --account-name {account} --origins {site} \
         --methods GET HEAD OPTIONS --allowed-headers '*' --exposed-headers '*' --max-age 1800"
    )
}

/// The same file, without this page.
fn download_command(account: &str, container: &str, path: &str) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let name = path.rsplit('/').next().unwrap_or(path);
    format!(
        "az storage blob download --auth-mode login --account-name {account} --container-name azureml --name {} --file {}",
        quoted(&format!("ExperimentRun/{container}/{path}")),
        quoted(name)
    )
}

/// All files of a run, without this page.
pub fn download_all_command(workspace: &WorkspaceId, run: &str) -> String {
    format!(
        "az ml job download --name {run} --all --subscription {} --resource-group {} --workspace-name {}",
        workspace.subscription, workspace.resource_group, workspace.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_filled_in_and_quoted() {
        assert_eq!(
            cors_command("https://site.example", "shop"),
            "az storage account blob-service-properties cors-rule add --account-name shop --origins https://site.example \
             --methods GET HEAD OPTIONS --allowed-headers '*' --exposed-headers '*' --max-age 1800"
        );
        assert_eq!(
            download_command("shop", "dcid.r", "outputs/it's.txt"),
            r"az storage blob download --auth-mode login --account-name shop --container-name azureml --name 'ExperimentRun/dcid.r/outputs/it'\''s.txt' --file 'it'\''s.txt'"
        );
    }
}
