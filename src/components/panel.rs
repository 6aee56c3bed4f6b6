//! What stands where content would: an error, nothing yet, still loading; and the notices that pass by.

use leptos::prelude::*;

use crate::components::button::CopyButton;
use crate::components::icon::{Icon, IconName};

/// A failure: what happened, what to do, the code, and "Details" for whoever is asked for help.
#[component]
pub fn ErrorPanel(
    /// What happened, in plain words.
    #[prop(into)]
    title: String,
    /// Why, in plain words.
    #[prop(into)]
    message: String,
    /// The service's own words.
    #[prop(into, default = None)]
    said: Option<String>,
    #[prop(into, default = None)] what_to_do: Option<String>,
    /// Who can do that, if it is somebody else.
    #[prop(default = None)]
    who: Option<&'static str>,
    #[prop(into, default = None)] code: Option<String>,
    /// Names and values that help support: status, request id, address.
    #[prop(optional, into)]
    details: Vec<(String, String)>,
    /// For forms: without the room around it.
    #[prop(optional)]
    inline: bool,
    /// Actions, such as "Try again".
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    // An export has no service, and tells what was said when it was made.
    let whose = match code.as_deref() {
        Some("NotInExport") => "When it was exported: ",
        Some("ReadOnlyExport" | "DamagedInExport" | "ExportGone") => "In detail: ",
        _ => "The service says: ",
    };

    view! {
        <div class="error-panel" class:inline=inline role="alert">
            <Icon name=IconName::Problem/>
            <div class="body">
                <p class="title">{title}</p>
                {(!message.is_empty()).then(|| view! { <p class="message">{message}</p> })}
                {said.map(|said| view! { <p class="said"><span class="muted">{whose}</span><bdi>{said}</bdi></p> })}
                {what_to_do.map(|what_to_do| view! { <p>{what_to_do}</p> })}
                {who.map(|who| view! { <p class="muted">"Who can do this: "{who}"."</p> })}
                {code.map(|code| view! { <p class="muted">"Code "<bdi class="error-code">{code}</bdi></p> })}
                {children.map(|children| view! { <div class="actions">{children()}</div> })}
                {(!details.is_empty()).then(|| view! { <ErrorDetails details=details/> })}
            </div>
        </div>
    }
}

/// A remark in place: why something is disabled, what to know before going on.
#[component]
pub fn Hint(
    /// Something may go wrong.
    #[prop(optional)]
    warning: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="hint" class:warning=warning>
            <Icon name=if warning { IconName::Warning } else { IconName::Info }/>
            <div class="stack tight">{children()}</div>
        </div>
    }
}

/// What belongs here, and the next thing to do.
#[component]
pub fn EmptyState(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="strong">{title}</p>
            <p class="text">{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// "Loading runs…", once it has taken 300 ms.
#[component]
pub fn Loading(#[prop(into)] what: Signal<String>) -> impl IntoView {
    view! { <p class="loading" role="status">"Loading "{what}"…"</p> }
}

/// Keeps the place of rows that will come.
#[component]
pub fn Skeleton(#[prop(default = 8)] rows: usize) -> impl IntoView {
    let row = || view! { <li><span></span><span></span><span></span></li> };
    view! { <ul class="skeleton" aria-hidden="true">{(0..rows).map(|_| row()).collect::<Vec<_>>()}</ul> }
}

/// What a [`Notice`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Information,
    Good,
    Bad,
}

/// A short message about something that just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: u64,
    pub kind: NoticeKind,
    pub text: String,
    /// What to do about it, and the code; may be empty.
    pub detail: String,
}

/// The corner where notices appear. It stays in the page, so that what appears in it is read out.
#[component]
pub fn Notices(
    #[prop(into)] notices: Signal<Vec<Notice>>,
    /// Gets the id of the notice to take away.
    #[prop(into)]
    on_dismiss: Callback<u64>,
) -> impl IntoView {
    view! {
        <section class="notices" aria-label="Notices" aria-live="polite">
            <For each=move || notices.get() key=|notice| notice.id let(notice)>
                <div
                    class=match notice.kind {
                        NoticeKind::Information => "notice",
                        NoticeKind::Good => "notice good",
                        NoticeKind::Bad => "notice bad",
                    }
                    role=(notice.kind == NoticeKind::Bad).then_some("alert")
                >
                    <Icon name=match notice.kind {
                        NoticeKind::Information => IconName::Info,
                        NoticeKind::Good => IconName::Check,
                        NoticeKind::Bad => IconName::Problem,
                    }/>
                    <div class="text">
                        <p>{notice.text}</p>
                        {(!notice.detail.is_empty()).then(|| view! { <p class="muted small">{notice.detail}</p> })}
                    </div>
                    <button
                        type="button"
                        class="button quiet small bare"
                        aria-label="Dismiss"
                        on:click=move |_| on_dismiss.run(notice.id)
                    >
                        <Icon name=IconName::Cross/>
                    </button>
                </div>
            </For>
        </section>
    }
}

#[component]
fn ErrorDetails(details: Vec<(String, String)>) -> impl IntoView {
    let text: Vec<String> = details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let rows: Vec<_> =
        details.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect();

    view! {
        <details>
            <summary>"Details"</summary>
            <div class="stack tight">
                <dl class="facts">{rows}</dl>
                <div><CopyButton text=text.join("\n") label="Copy details"/></div>
            </div>
        </details>
    }
}
