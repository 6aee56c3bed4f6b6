//! What opens a service: asked for when somebody wants it, shown when they say so, and forgotten soon.

use std::rc::Rc;

use azimuth_api::{ApiError, GetServiceToken, ListServiceKeys, ServiceAccess, ServiceId, WorkspaceId};
use futures::FutureExt;
use leptos::prelude::*;

use crate::client::Client;
use crate::keys::{Open, Opening, Secrets};

/// How the service is opened, and a button that reads what opens it.
#[component]
pub fn AccessSection(workspace: WorkspaceId, service: ServiceId, access: ServiceAccess) -> impl IntoView {
    let client = expect_context::<Client>();
    let read: Open = Rc::new(move || open(client, workspace.clone(), service.clone(), access).boxed_local());
    let body = match access {
        ServiceAccess::Key => view! {
            <p class="muted">"Whoever asks it sends one of its two keys. Reading them is a right of its own, and changes nothing."</p>
            <Secrets open=read read="Read the keys" forget="Forget the keys"/>
        }
        .into_any(),
        ServiceAccess::Token => view! {
            <p class="muted">"Whoever asks it sends a token, which is good for some hours. Each time it is read it is another one."</p>
            <Secrets open=read read="Get a token" forget="Forget the token"/>
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
