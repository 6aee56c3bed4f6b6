//! What a page shows of a change: the button that makes it, what came of it, the request that is sent, and the dialog
//! before what cannot be taken back.

use azimuth_api::{ApiError, WorkspaceId};
use futures::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::changes::{Change, ChangeState};
use crate::client::Client;
use crate::components::button::CopyButton;
use crate::components::dialog::ModalDialog;
use crate::components::element_id::element_id;
use crate::components::facts::{Fact, Facts};
use crate::components::field::{TextField, TextKind};
use crate::components::icon::{Icon, IconName};
use crate::components::panel::{ErrorPanel, Hint};
use crate::load::ApiErrorPanel;
use crate::opened::is_export;
use crate::settings::Settings;

/// Why nothing can be changed, where that is so.
pub fn read_only_reason() -> Option<&'static str> {
    if is_export() {
        return Some("This is an export: nothing can be changed in it.");
    }
    expect_context::<Settings>().read_only.then_some("This page was set up to change nothing.")
}

/// Makes a change, and says below what came of it.
#[component]
pub fn ChangeButton(
    /// What is made.
    change: Change,
    #[prop(into)] label: Signal<String>,
    /// How the button looks: "primary", "danger", "small".
    #[prop(default = "")]
    class: &'static str,
    /// Why it cannot be pressed yet, in a sentence.
    #[prop(optional, into)]
    why_not: Signal<Option<String>>,
    /// What is said once it was done.
    #[prop(default = "Done.")]
    done: &'static str,
    /// Sends the form that it stands in, whose `on:submit` then calls [`Change::send`].
    #[prop(optional)]
    submits: bool,
    /// More buttons beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let state = change.state();
    let is_busy = Memo::new(move |_| state.with(ChangeState::is_open));
    let reason = element_id("reason");
    let described_by = reason.clone();
    let why_not = Signal::derive(move || match change.is_read_only() {
        true => read_only_reason().map(str::to_owned),
        false => why_not.get(),
    });
    // A memo: whether it is busy follows from the same fields as the reason, and an effect that asks for that first is
    // not told when they change.
    let cannot = Memo::new(move |_| is_busy.get() || why_not.with(Option::is_some));
    let press = move |event: leptos::ev::MouseEvent| {
        if cannot.get_untracked() {
            event.prevent_default();
        } else if !submits {
            change.send();
        }
    };

    view! {
        <div class="change stack tight">
            <div class="cluster">
                <button
                    type=if submits { "submit" } else { "button" }
                    class=format!("button {class}")
                    // Disabled, it would lose the focus.
                    aria-disabled=move || cannot.get().then_some("true")
                    aria-describedby=described_by
                    on:click=press
                >
                    {move || if state.with(|state| *state == ChangeState::Sending) { "Sending…".to_owned() } else { label.get() }}
                </button>
                {children.map(|children| children())}
                <span id=reason class="muted small">{move || why_not.get()}</span>
            </div>
            <ChangeRemark change=change done=done/>
        </div>
    }
}

/// What came of a change.
#[component]
pub fn ChangeRemark(
    /// Of which.
    change: Change,
    /// What is said once it was done.
    #[prop(default = "Done.")]
    done: &'static str,
) -> impl IntoView {
    change.show();
    let state = change.state();
    let title = move || change.title().get_untracked();
    let remark = move || {
        match state.get() {
        ChangeState::Ready | ChangeState::Sending => ().into_any(),
        ChangeState::Asking => {
            view! { <p class="muted">"No answer came. Asking whether it arrived…"</p> }.into_any()
        }
        ChangeState::UnderWay => {
            view! { <p class="muted">"It was accepted, and goes on. A line above every page tells when it is over."</p> }.into_any()
        }
        ChangeState::Done(_) => view! { <p class="done"><Icon name=IconName::Check/>{done}</p> }.into_any(),
        ChangeState::NotArrived => view! {
            <Hint warning=true>
                <p>"No answer came, and it did not arrive: nothing was changed. Send it again when you like."</p>
            </Hint>
        }
        .into_any(),
        ChangeState::Untold => view! {
            <Hint warning=true>
                <p>"No answer came, and nothing that can be read shows whether it arrived. Look at what it should have changed before you send it again."</p>
            </Hint>
        }
        .into_any(),
        ChangeState::Unknown(error) => view! {
            <p class="muted">"No answer came, so it may have arrived or not. It is asked again by itself, and is not sent again before that is known."</p>
            <ApiErrorPanel
                error=error
                what="find out whether it arrived"
                inline=true
                on_retry=Callback::new(move |()| change.ask_now())
            />
        }
        .into_any(),
        ChangeState::Refused(error) => {
            view! { <ApiErrorPanel error=error what=in_a_sentence(&title()) inline=true/> }.into_any()
        }
        ChangeState::Failed(words) => {
            view! { <ErrorPanel title=format!("Did not work: {}", in_a_sentence(&title())) message=words inline=true/> }
                .into_any()
        }
    }
    };

    view! { <div class="change-remark" role="status">{remark}</div> }
}

/// "Show request": what will be sent, as a command.
#[component]
pub fn RequestFold(
    /// By which change.
    change: Change,
) -> impl IntoView {
    let client = expect_context::<Client>();
    let request = move |()| {
        let plan = change.plan()?;
        Some(Box::pin(async move { client.as_curl(plan.question()).await }) as Curl)
    };

    view! { <CurlFold request=request/> }
}

/// A request that is not sent yet, as a command once its host is known.
pub type Curl = LocalBoxFuture<'static, Result<String, ApiError>>;

/// The same of anything that is sent.
#[component]
pub fn CurlFold(
    /// None while something is missing.
    #[prop(into)]
    request: Callback<(), Option<Curl>>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let shown = RwSignal::new(None::<Result<String, ApiError>>);
    let turns = StoredValue::new(0_u32);
    Effect::new(move || {
        let request = if is_open.get() { request.run(()) } else { None };
        turns.update_value(|count| *count += 1);
        let own = turns.get_value();
        let Some(request) = request else { return shown.set(None) };
        spawn_local(async move {
            let curl = request.await;
            if turns.try_get_value() == Some(own) {
                shown.try_set(Some(curl));
            }
        });
    });
    let content = move || match shown.get() {
        None => view! { <p class="muted">"Something is missing before there is a request."</p> }.into_any(),
        Some(Ok(curl)) => {
            let text = curl.clone();
            view! { <div class="command"><pre>{curl}</pre><CopyButton text=text label="Copy the request as curl" bare=true/></div> }
                .into_any()
        }
        Some(Err(error)) => {
            view! { <ApiErrorPanel error=error what="find the address" inline=true/> }.into_any()
        }
    };

    view! {
        <details
            class="request-fold"
            on:toggle:target=move |event| is_open.set(event.target().has_attribute("open"))
        >
            <summary>"Show request"</summary>
            <div class="stack tight">{move || is_open.get().then(content)}</div>
        </details>
    }
}

/// Opens the dialog of a change that cannot be taken back.
#[component]
pub fn OpenButton(
    open: RwSignal<bool>,
    #[prop(into)] label: Signal<String>,
    /// Why it cannot be pressed, in a sentence.
    #[prop(optional, into)]
    why_not: Signal<Option<String>>,
) -> impl IntoView {
    let read_only = read_only_reason().map(str::to_owned);
    let why_not = Signal::derive(move || read_only.clone().or_else(|| why_not.get()));
    let press = move |_| {
        if why_not.with_untracked(Option::is_none) {
            open.set(true);
        }
    };

    view! {
        <button
            type="button"
            class="button danger"
            aria-disabled=move || why_not.with(Option::is_some).then_some("true")
            title=move || why_not.get()
            on:click=press
        >
            {label}
        </button>
    }
}

/// Names what will be gone and what goes with it, and wants the name typed.
#[component]
pub fn DeleteDialog(
    /// The deletion.
    change: Change,
    open: RwSignal<bool>,
    /// What it does: "Delete compute gpu-cluster".
    #[prop(into)]
    title: Signal<String>,
    /// Where it is.
    workspace: WorkspaceId,
    /// The name to type.
    #[prop(into)]
    name: Signal<String>,
    /// What the button says.
    #[prop(default = "Delete")]
    verb: &'static str,
    /// What it is: "Compute".
    kind: &'static str,
    /// What goes with it.
    children: ChildrenFn,
) -> impl IntoView {
    let state = change.state();
    // It was accepted: what comes now is told above the page.
    Effect::new(move |was: Option<bool>| {
        let is_taken = matches!(state.get(), ChangeState::UnderWay | ChangeState::Done(_));
        if is_taken && was == Some(false) {
            open.set(false);
        }
        is_taken
    });
    let children = StoredValue::new(children);
    let workspace = StoredValue::new(workspace);

    view! {
        <ModalDialog open=open label=title on_close=move |()| open.set(false)>
            {
                let typed = RwSignal::new(String::new());
                let why_not = Signal::derive(move || {
                    let is_typed = typed.with(|typed| name.with(|name| typed.trim() == name));
                    (!is_typed).then(|| "The name is not typed yet.".to_owned())
                });
                let submit = move |event: leptos::ev::SubmitEvent| {
                    event.prevent_default();
                    if why_not.with_untracked(Option::is_none) {
                        change.send();
                    }
                };
                let WorkspaceId { subscription, resource_group, name: in_workspace } = workspace.get_value();
                let is_workspace = kind == "Workspace";
                view! {
                    <form class="stack" novalidate=true on:submit=submit>
                        <Facts>
                            <Fact name="Subscription"><bdi>{subscription.to_string()}</bdi></Fact>
                            <Fact name="Resource group"><bdi>{resource_group.to_string()}</bdi></Fact>
                            {(!is_workspace).then(|| view! { <Fact name="Workspace"><bdi>{in_workspace.to_string()}</bdi></Fact> })}
                            <Fact name=kind><bdi>{name}</bdi></Fact>
                        </Facts>
                        {children.with_value(|children| children())}
                        <TextField
                            label=Signal::derive(move || format!("Type {} to go on", name.get()))
                            value=typed
                            kind=TextKind::Code
                            autofocus=true
                        />
                        <RequestFold change=change/>
                        <ChangeButton change=change label=verb class="danger primary" why_not=why_not submits=true>
                            <button type="button" class="button" on:click=move |_| open.set(false)>"Cancel"</button>
                        </ChangeButton>
                    </form>
                }
            }
        </ModalDialog>
    }
}

/// A title as it completes "could not".
fn in_a_sentence(title: &str) -> String {
    let mut characters = title.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
