//! "Sign in with Microsoft": its card, and what stands in place of the sign-in page while it goes on or after it failed.

use azimuth_api::Prompt;
use leptos::prelude::*;

use crate::authority::{Authority, Fault, Leaving, Stage, Unusable};
use crate::components::header::PageTitle;
use crate::components::panel::{ErrorPanel, Hint};
use crate::load::SignInErrorPanel;
use crate::navigation::use_passing_title;
use crate::parts::{self, Part, Parts, at_once, late};

/// The card on the sign-in page.
#[component]
pub fn MicrosoftCard(authority: Authority) -> impl IntoView {
    let is_stopped = move || authority.stage().with(|stage| *stage == Stage::Stopped);

    view! {
        <section class="card" aria-label="Microsoft account">
            <Show when=is_stopped>
                <Hint warning=true>
                    "Signing in led back here twice within a minute, so this page stopped going there by itself. Sign in once more; if that does not help, this browser may refuse to keep cookies of Microsoft’s sign-in page."
                </Hint>
            </Show>
            <MicrosoftButtons authority=authority/>
        </section>
    }
}

/// The ways to the authority.
#[component]
pub fn MicrosoftButtons(
    authority: Authority,
    /// Begins with the account that was signed in.
    #[prop(optional)]
    as_known: bool,
) -> impl IntoView {
    // The press of the button does not wait for its code.
    expect_context::<Parts>().prepare(Part::Authority);
    let is_leaving = Memo::new(move |_| authority.stage().with(|stage| *stage == Stage::Leaving));
    let leave = move |how: Leaving| {
        if is_leaving.get_untracked() {
            return;
        }
        if as_known { authority.leave_as_known(how) } else { authority.leave(how) }
    };
    let keeps = authority.keeps();
    let busy = move || is_leaving.get().then_some("true");

    view! {
        <div class="stack tight">
            <div class="cluster">
                <button type="button" class="button primary" aria-disabled=busy on:click=move |_| leave(Leaving::default())>
                    {move || if is_leaving.get() { "Going to Microsoft…" } else { "Sign in with Microsoft" }}
                </button>
                <button
                    type="button"
                    class="button"
                    aria-disabled=busy
                    on:click=move |_| if !is_leaving.get_untracked() {
                        authority.leave(Leaving { prompt: Some(Prompt::SelectAccount), ..Leaving::default() });
                    }
                >
                    "Use another account"
                </button>
            </div>
            <label class="choice">
                <input type="checkbox" prop:checked=keeps on:change:target=move |event| keeps.set(event.target().checked())/>
                <span>"Keep me signed in in this tab"</span>
            </label>
            <p class="muted small">
                "Off, the sign-in is in this page’s memory alone: after a reload Microsoft is asked again, most often without a question. On, this browser keeps it until the tab closes or you sign out."
            </p>
        </div>
    }
}

/// What stands in place of the sign-in page; nothing where that is to be shown.
pub fn instead_of_sign_in(authority: Authority) -> Option<AnyView> {
    match authority.stage().get() {
        Stage::Idle | Stage::Stopped => None,
        Stage::Starting => Some(view! { <Underway text="One moment…"/> }.into_any()),
        Stage::Leaving => Some(view! { <Underway text="Going to Microsoft…"/> }.into_any()),
        Stage::Returning => Some(view! { <Underway text="Finishing the sign-in…"/> }.into_any()),
        stage @ (Stage::Failed(_) | Stage::Unusable(_)) => {
            let shown = move || at_once(parts::sign_in_outcome(authority, stage.clone()));
            Some(late(
                Signal::stored(Some(Part::Authority)),
                Some("Signing in did not work"),
                Box::new(shown),
            ))
        }
    }
}

/// What stands in its place where nothing came of it.
pub fn came_to_nothing(authority: Authority, stage: Stage) -> AnyView {
    match stage {
        Stage::Failed(fault) => view! { <Failed authority=authority fault=*fault/> }.into_any(),
        Stage::Unusable(why) => view! { <NotUsable authority=authority why=why/> }.into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn Underway(text: &'static str) -> impl IntoView {
    use_passing_title("Signing in".to_owned());

    view! {
        <div class="page middle">
            <PageTitle title="Signing in"/>
            <p class="loading" role="status">{text}</p>
        </div>
    }
}

#[component]
fn Failed(authority: Authority, fault: Fault) -> impl IntoView {
    use_passing_title("Signing in did not work".to_owned());
    let why = match fault {
        Fault::Authority(error) => view! { <SignInErrorPanel error=error/> }.into_any(),
        Fault::Here(words) => view! { <ErrorPanel title="Could not sign in" message=words/> }.into_any(),
    };

    view! {
        <div class="page middle">
            <PageTitle title="Signing in did not work"/>
            {why}
            <AgainCard authority=authority/>
        </div>
    }
}

#[component]
fn NotUsable(authority: Authority, why: Unusable) -> impl IntoView {
    use_passing_title("This sign-in cannot be used".to_owned());
    let words = match why {
        Unusable::Unknown => {
            "Microsoft sent an answer that this tab did not ask for, or that was used already: a sign-in works once, in the tab that it began in. Nothing was done with it."
        }
        Unusable::TooOld => {
            "This sign-in was begun more than ten minutes ago, or the clock of this computer has changed since. Nothing was done with it."
        }
    };

    view! {
        <div class="page middle">
            <PageTitle title="This sign-in cannot be used"/>
            <Hint warning=true>{words}</Hint>
            <AgainCard authority=authority/>
        </div>
    }
}

#[component]
fn AgainCard(authority: Authority) -> impl IntoView {
    view! {
        <section class="card" aria-label="Microsoft account">
            <MicrosoftButtons authority=authority/>
        </section>
        <p><button type="button" class="button quiet" on:click=move |_| authority.start_over()>"Other ways to sign in"</button></p>
    }
}
