//! What opens a service: asked for when somebody wants it, shown when they say so, and forgotten soon.

use std::rc::Rc;

use azimuth_api::{
    ApiError, GetServiceToken, KeyKind, ListServiceKeys, RegenerateServiceKey, ServiceAccess, ServiceId,
    WorkspaceId,
};
use futures::FutureExt;
use leptos::prelude::*;

use crate::changes::forms::{ChangeRemark, DeleteDialog, OpenButton};
use crate::changes::{Expected, Plan, Target, change};
use crate::client::Client;
use crate::keys::{Open, Opening, Secrets};

/// How the service is opened, and a button that reads what opens it.
#[component]
pub fn AccessSection(workspace: WorkspaceId, service: ServiceId, access: ServiceAccess) -> impl IntoView {
    let client = expect_context::<Client>();
    let (place, own) = (workspace.clone(), service.clone());
    let read: Open = Rc::new(move || open(client, place.clone(), own.clone(), access).boxed_local());
    let read = StoredValue::new_local(read);
    // Keys that were read before one was changed are not shown any longer.
    let changed = RwSignal::new(0_u32);
    let body = match access {
        ServiceAccess::Key => view! {
            <p class="muted">"Whoever asks it sends one of its two keys. Reading them is a right of its own, and changes nothing."</p>
            {move || {
                changed.track();
                view! { <Secrets open=read.get_value() read="Read the keys" forget="Forget the keys"/> }
            }}
            <div class="cluster">
                <NewKey workspace=workspace.clone() service=service.clone() key=KeyKind::Primary changed=changed/>
                <NewKey workspace=workspace service=service key=KeyKind::Secondary changed=changed/>
            </div>
        }
        .into_any(),
        ServiceAccess::Token => view! {
            <p class="muted">"Whoever asks it sends a token, which is good for some hours. Each time it is read it is another one."</p>
            <Secrets open=read.get_value() read="Get a token" forget="Forget the token"/>
        }
        .into_any(),
        ServiceAccess::Open => {
            view! { <p>"It answers whoever asks: it wants no key."</p> }.into_any()
        }
        ServiceAccess::Unknown => {
            view! { <p class="muted">"The service does not say whether it wants a key."</p> }.into_any()
        }
    };

    view! {
        <section class="section">
            <h2>"Access"</h2>
            {body}
        </section>
    }
}

/// A button that changes one of the keys, and the dialog before it.
#[component]
fn NewKey(
    workspace: WorkspaceId,
    service: ServiceId,
    key: KeyKind,
    /// Counts the changes.
    changed: RwSignal<u32>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // The dialog goes away with what it said.
    let is_done = RwSignal::new(false);
    let word = key.word().to_lowercase();
    let other = if key == KeyKind::Primary { "secondary" } else { "primary" };
    let title = format!("Change the {word} key of {service}");
    let (place, own, plan_title) = (workspace.clone(), service.clone(), title.clone());
    let changing = change(move || {
        let operation = RegenerateServiceKey::of(place.clone(), own.clone(), key);
        let target = Target::Service(place.clone(), own.clone());
        // No answer to any question shows a key that nobody wants to see.
        let plan = Plan::new(plan_title.clone(), &operation, target, Expected::Untold);
        Some(plan.then(move || {
            let _ = changed.try_update(|count| *count += 1);
            is_done.set(true);
        }))
    });

    view! {
        <div class="stack tight">
            <OpenButton open=open label=format!("Change the {word} key")/>
            <Show when=move || is_done.get()>
                <p class="muted" role="status">"The key was changed. Read the keys to see the new one."</p>
            </Show>
            <ChangeRemark change=changing/>
        </div>
        <DeleteDialog
            change=changing
            open=open
            title=title
            workspace=workspace
            name=service.to_string()
            kind="Service"
            verb="Change the key"
        >
            <p>{format!("Whoever asks the service with its {word} key is refused from then on. Let them go over to the {other} key first: it stays.")}</p>
        </DeleteDialog>
    }
}

async fn open(
    client: Client,
    workspace: WorkspaceId,
    service: ServiceId,
    access: ServiceAccess,
) -> Result<Opening, ApiError> {
    if access == ServiceAccess::Token {
        let answer = client.ask(&GetServiceToken::of(workspace, service)).await?;
        return Ok(Opening { secrets: vec![("Token", answer.token)], expires: answer.expires, user: None });
    }
    let keys = client.ask(&ListServiceKeys::of(workspace, service)).await?;
    let secrets = vec![("Primary key", keys.primary), ("Secondary key", keys.secondary)];
    Ok(Opening { secrets, ..Opening::default() })
}
