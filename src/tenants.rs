//! The tenants of somebody who signed in with Microsoft, and going from one to the other.

use azimuth_api::{ApiError, ListTenants, Tenant};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::authority::Authority;
use crate::components::button::Identifier;
use crate::components::table::TableFrame;
use crate::load::{ApiErrorPanel, Load};
use crate::query::{Loaded, list};

/// The tenants of the person, where there are several: each has subscriptions of its own.
#[component]
pub fn Tenants(authority: Authority) -> impl IntoView {
    let tenants = list(ListTenants::default).query();

    view! {
        <Load query=tenants what="your tenants" let:shown>
            {move || (shown.with(Loaded::len) > 1).then(|| {
                let tenants = shown.with(|loaded| loaded.items().cloned().collect::<Vec<_>>());
                view! { <TenantTable authority=authority tenants=tenants/> }
            })}
        </Load>
    }
}

#[component]
fn TenantTable(authority: Authority, tenants: Vec<Tenant>) -> impl IntoView {
    let failure = RwSignal::new(None);
    let current =
        authority.client().session().person().with_untracked(|person| person.as_ref()?.tenant.clone());
    let row = |tenant: Tenant| {
        let label = tenant.label().to_owned();
        let id = tenant.tenant_id;
        let act = match current.as_ref() == Some(&id) {
            true => view! { <span class="muted">"Shown now"</span> }.into_any(),
            false => {
                let label = format!("Switch to {label}");
                view! { <SwitchTenantButton authority=authority tenant=id.clone() label=label failure=failure/> }.into_any()
            }
        };
        view! {
            <tr>
                <th scope="row" class="lead fills"><bdi>{label}</bdi></th>
                <td class="meta">{tenant.default_domain}</td>
                <td class="meta"><Identifier value=id/></td>
                <td>{act}</td>
            </tr>
        }
    };
    let rows: Vec<_> = tenants.into_iter().map(row).collect();

    view! {
        <div class="section" role="group" aria-label="Tenants">
            <h2>"Tenants"</h2>
            <p class="muted">"You are in several organisations. Each has subscriptions of its own."</p>
            <SwitchFailure failure=failure/>
            <TableFrame caption="Tenants">
                <table class="table stacks">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Domain"</th>
                            <th scope="col">"Id"</th>
                            <th scope="col"><span class="visually-hidden">"Switch"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableFrame>
        </div>
    }
}

/// Takes a token of another tenant. Where that works, the page is asked for anew with it.
#[component]
pub fn SwitchTenantButton(
    authority: Authority,
    /// By id.
    tenant: String,
    #[prop(into)] label: String,
    /// Gets the reason where it does not.
    failure: RwSignal<Option<ApiError>>,
) -> impl IntoView {
    let is_busy = RwSignal::new(false);
    let press = move |_| {
        if is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        failure.set(None);
        let tenant = tenant.clone();
        spawn_local(async move {
            let result = authority.switch_tenant(tenant).await;
            is_busy.try_set(false);
            failure.try_set(result.err());
        });
    };

    view! {
        <button type="button" class="button small" aria-disabled=move || is_busy.get().then_some("true") on:click=press>
            {move || if is_busy.get() { "Switching…".to_owned() } else { label.clone() }}
        </button>
    }
}

/// Why it did not.
#[component]
pub fn SwitchFailure(failure: RwSignal<Option<ApiError>>) -> impl IntoView {
    move || {
        failure
            .get()
            .map(|error| view! { <ApiErrorPanel error=error what="switch to that tenant" inline=true/> })
    }
}
