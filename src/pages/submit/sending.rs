//! How handing in goes, and what is shown of it.

use azimuth_api::ApiError;
use leptos::prelude::*;

use crate::components::panel::Hint;
use crate::components::progress::ProgressBar;
use crate::load::ApiErrorPanel;

/// How handing in goes.
#[derive(Clone, PartialEq)]
pub enum Sending {
    /// It has not begun, or was refused.
    Idle,
    /// So many bytes of so many are sent.
    Uploading(f64, f64),
    /// The answer was lost; whether the run arrived is being asked.
    Asking,
    /// The answer was lost, and so was the answer to whether it arrived.
    Unknown(ApiError),
    /// The answer was lost, and the run did not arrive.
    NotArrived,
    /// The service refused it.
    Refused(ApiError),
}

impl Sending {
    /// Whether nothing else may be begun.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Uploading(..) | Self::Asking)
    }
}

/// What is being sent, or why it was not.
#[component]
pub fn SendingState(sending: RwSignal<Sending>, on_ask: Callback<()>) -> impl IntoView {
    let is_uploading = Memo::new(move |_| sending.with(|sending| matches!(sending, Sending::Uploading(..))));
    let bytes = move |pick: fn(f64, f64) -> f64| {
        Signal::derive(move || {
            sending.with(|sending| match sending {
                Sending::Uploading(sent, total) => pick(*sent, *total),
                _ => 0.0,
            })
        })
    };
    let remark = move || {
        match sending.get() {
        Sending::Idle | Sending::Uploading(..) => ().into_any(),
        Sending::Asking => view! {
            <p role="status" class="muted">"No answer came to the upload. Asking whether the run arrived…"</p>
        }
        .into_any(),
        Sending::NotArrived => view! {
            <Hint warning=true>
                <p>"The connection was lost, and the run did not arrive. “Submit run” sends it again under the same id, so it cannot run twice."</p>
            </Hint>
        }
        .into_any(),
        Sending::Unknown(error) => view! {
            <ApiErrorPanel error=error what="find out whether the run arrived" inline=true on_retry=on_ask/>
        }
        .into_any(),
        Sending::Refused(error) => view! { <ApiErrorPanel error=error what="submit the run" inline=true/> }.into_any(),
    }
    };

    view! {
        <Show when=move || is_uploading.get()>
            <ProgressBar
                label=Signal::derive(move || match sending.get() {
                    Sending::Uploading(sent, total) if sent >= total && total > 0.0 => "Sent, waiting for the answer".to_owned(),
                    _ => "Sending".to_owned(),
                })
                done=bytes(|sent, _| sent) total=bytes(|_, total| total)/>
        </Show>
        {remark}
    }
}
