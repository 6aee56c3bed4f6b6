//! The parts of the wasm: most pages are loaded when somebody first comes to them.
//!
//! `cargo xtask dist` sets `--cfg split` and makes a file of each part, and of what some of them share. Built otherwise,
//! as for the browser tests, every part is there from the start.

use std::time::Duration;

use azimuth_api::Workspaces;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;
#[cfg(split)]
use leptos::wasm_split::wasm_split;

use crate::components::dialog::ModalDialog;
use crate::components::header::PageTitle;
use crate::components::panel::{ErrorPanel, Loading};
use crate::pages;
use crate::palette::{Palette, PaletteBox};
use crate::route::{Route, WorkspaceRoute};

/// How long a page has the network for itself before the part that probably comes next is loaded.
const HEAD_START: Duration = Duration::from_millis(1500);

/// Pages that are loaded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The way to a workspace.
    Lists,
    /// What is in a workspace.
    Workspace,
    /// Handing in a run.
    Submit,
    /// What the page says about itself.
    About,
    /// The command palette, which stands over every page.
    Palette,
}

impl Part {
    const ALL: [Part; 5] = [Part::Lists, Part::Workspace, Part::Submit, Part::About, Part::Palette];

    /// The part of an address, unless it is always there.
    fn of(route: &Route) -> Option<Part> {
        match route {
            Route::NotFound => None,
            Route::Requests | Route::Diagnostics => Some(Part::About),
            Route::Workspace(_, WorkspaceRoute::Submit) => Some(Part::Submit),
            Route::Workspace(..) => Some(Part::Workspace),
            _ => Some(Part::Lists),
        }
    }

    /// Where somebody who is here probably goes.
    fn next(self) -> Option<Part> {
        match self {
            Part::Lists => Some(Part::Workspace),
            Part::Workspace => Some(Part::Submit),
            Part::Submit | Part::About | Part::Palette => None,
        }
    }

    #[cfg(split)]
    async fn load(self) -> Result<(), SplitLoaderError> {
        match self {
            Part::Lists => load_lists().await,
            Part::Workspace => load_workspace().await,
            Part::Submit => load_submit().await,
            Part::About => load_about().await,
            Part::Palette => load_palette().await,
        }
    }

    #[cfg(not(split))]
    async fn load(self) -> Result<(), SplitLoaderError> {
        Ok(())
    }
}

/// Which parts are there. A handle.
#[derive(Clone, Copy)]
pub struct Parts {
    loaded: RwSignal<Vec<Part>>,
    failed: RwSignal<Option<Part>>,
}

impl Parts {
    /// None yet, where the wasm is split.
    pub fn new() -> Self {
        let loaded = if cfg!(split) { Vec::new() } else { Part::ALL.to_vec() };
        Self { loaded: RwSignal::new(loaded), failed: RwSignal::new(None) }
    }

    /// Loads the part of an address that is sure to be needed.
    pub fn load_for(self, route: &Route) {
        if let Some(part) = Part::of(route) {
            self.load(part);
        }
    }

    /// Loads the part of an address that is probably next, a little later.
    pub fn prepare_for(self, route: &Route) {
        self.prepare(Part::of(route));
    }

    fn prepare(self, part: Option<Part>) {
        let Some(part) = part.filter(|part| !self.has(*part)) else { return };
        // Nobody waits for this, so nobody is told if it fails.
        let fetch = move || spawn_local(async move { drop(self.fetch(part).await) });
        set_timeout(fetch, HEAD_START);
    }

    fn load(self, part: Part) {
        self.failed.set(None);
        spawn_local(async move {
            match self.fetch(part).await {
                Ok(()) => self.prepare(part.next()),
                Err(_) => drop(self.failed.try_set(Some(part))),
            }
        });
    }

    async fn fetch(self, part: Part) -> Result<(), SplitLoaderError> {
        part.load().await?;
        if !self.has(part) {
            self.loaded.try_update(|loaded| loaded.push(part));
        }
        Ok(())
    }

    fn has(self, part: Part) -> bool {
        self.loaded.try_with_untracked(|loaded| loaded.contains(&part)).unwrap_or(true)
    }
}

impl Default for Parts {
    fn default() -> Self {
        Self::new()
    }
}

/// The page of an address, as soon as its part is there.
#[component]
pub fn Screen(route: Memo<Route>) -> impl IntoView {
    let parts = expect_context::<Parts>();
    let part = Memo::new(move |_| route.with(Part::of));
    let is_there =
        Memo::new(move |_| part.get().is_none_or(|part| parts.loaded.with(|loaded| loaded.contains(&part))));
    let has_failed = Memo::new(move |_| part.get().is_some_and(|part| parts.failed.get() == Some(part)));
    let load = move || {
        if let Some(part) = part.get_untracked() {
            parts.load(part);
        }
    };
    Effect::new(move || {
        part.track();
        load();
    });

    move || {
        if is_there.get() {
            screen(route.get())
        } else if has_failed.get() {
            view! {
                <div class="page">
                    <PageTitle title="This page could not be loaded"/>
                    <ErrorPanel
                        title="A file of Azimuth did not arrive"
                        message=""
                        what_to_do=Some("Check the connection and try again. If it stays, reload: there may be a newer Azimuth.".to_owned())
                    >
                        <button type="button" class="button small" on:click=move |_| load()>"Try again"</button>
                    </ErrorPanel>
                </div>
            }
            .into_any()
        } else {
            view! { <div class="page"><Loading what="this page"/></div> }.into_any()
        }
    }
}

/// The page of an address whose part is there.
fn screen(route: Route) -> AnyView {
    match Part::of(&route) {
        None | Some(Part::Palette) => view! { <pages::not_found::NotFoundPage/> }.into_any(),
        Some(Part::Lists) => at_once(lists(route)),
        Some(Part::Workspace) => at_once(workspace(route)),
        Some(Part::Submit) => at_once(submit(route)),
        Some(Part::About) => at_once(about(route)),
    }
}

/// The command palette, as soon as somebody opens it and its part is there.
#[component]
pub fn CommandPalette() -> impl IntoView {
    let parts = expect_context::<Parts>();
    let open = expect_context::<Palette>().is_open();
    let has_failed = RwSignal::new(false);
    parts.prepare(Some(Part::Palette));
    Effect::new(move || {
        if open.get() && !parts.has(Part::Palette) {
            spawn_local(async move {
                if parts.fetch(Part::Palette).await.is_err() {
                    open.try_set(false);
                    has_failed.try_set(true);
                }
            });
        }
    });
    let is_there = Memo::new(move |_| parts.loaded.with(|loaded| loaded.contains(&Part::Palette)));

    view! {
        {move || is_there.get().then(|| at_once(palette()))}
        <ModalDialog open=has_failed label="Find" on_close=move |()| has_failed.set(false)>
            <p>"A file of Azimuth did not arrive. Check the connection and try again."</p>
        </ModalDialog>
    }
}

type PartScreen = Result<AnyView, SplitLoaderError>;

/// Split, a part's function is asynchronous, because it loads the part. That is done, so it does not wait.
#[cfg(split)]
fn at_once(screen: impl Future<Output = PartScreen>) -> AnyView {
    let screen = futures::FutureExt::now_or_never(screen).and_then(Result::ok);
    screen.expect("a part is loaded before it is shown")
}

#[cfg(not(split))]
fn at_once(screen: PartScreen) -> AnyView {
    screen.expect("a part that is linked does not fail to load")
}

#[cfg_attr(split, wasm_split(lists, fallible, preload(load_lists), wasm_split_path = ::leptos::wasm_split))]
fn lists(route: Route) -> PartScreen {
    Ok(match route {
        Route::ResourceGroups(subscription) => {
            view! { <pages::resource_groups::ResourceGroupsPage subscription=subscription/> }.into_any()
        }
        Route::SubscriptionWorkspaces(subscription) => {
            view! { <pages::workspaces::WorkspacesPage of=Workspaces::OfSubscription(subscription)/> }
                .into_any()
        }
        Route::Workspaces(subscription, group) => {
            view! { <pages::workspaces::WorkspacesPage of=Workspaces::OfResourceGroup(subscription, group)/> }
                .into_any()
        }
        _ => view! { <pages::subscriptions::SubscriptionsPage/> }.into_any(),
    })
}

#[cfg_attr(split, wasm_split(workspace, fallible, preload(load_workspace), wasm_split_path = ::leptos::wasm_split))]
fn workspace(route: Route) -> PartScreen {
    use WorkspaceRoute as Page;
    let Route::Workspace(workspace, page) = route else { return Ok(().into_any()) };
    Ok(match page {
        Page::Overview | Page::Submit => {
            view! { <pages::workspace::WorkspacePage workspace=workspace/> }.into_any()
        }
        Page::Experiments => view! { <pages::experiments::ExperimentsPage workspace=workspace/> }.into_any(),
        Page::Runs(experiment) => {
            view! { <pages::runs::RunsPage workspace=workspace experiment=experiment/> }.into_any()
        }
        Page::Run(experiment, run) => {
            view! { <pages::run::RunPage workspace=workspace experiment=experiment run=run/> }.into_any()
        }
        Page::Models => view! { <pages::models::ModelsPage workspace=workspace/> }.into_any(),
        Page::Model(model) => {
            view! { <pages::models::ModelPage workspace=workspace model=model/> }.into_any()
        }
        Page::Computes => view! { <pages::computes::ComputesPage workspace=workspace/> }.into_any(),
        Page::Compute(compute) => {
            view! { <pages::computes::ComputePage workspace=workspace compute=compute/> }.into_any()
        }
    })
}

#[cfg_attr(split, wasm_split(submit, fallible, preload(load_submit), wasm_split_path = ::leptos::wasm_split))]
fn submit(route: Route) -> PartScreen {
    let Route::Workspace(workspace, _) = route else { return Ok(().into_any()) };
    Ok(view! { <pages::submit::SubmitPage workspace=workspace/> }.into_any())
}

#[cfg_attr(split, wasm_split(about, fallible, preload(load_about), wasm_split_path = ::leptos::wasm_split))]
fn about(route: Route) -> PartScreen {
    Ok(match route {
        Route::Diagnostics => view! { <pages::diagnostics::DiagnosticsPage/> }.into_any(),
        _ => view! { <pages::requests::RequestsPage/> }.into_any(),
    })
}

#[cfg_attr(split, wasm_split(palette, fallible, preload(load_palette), wasm_split_path = ::leptos::wasm_split))]
fn palette() -> PartScreen {
    Ok(view! { <PaletteBox/> }.into_any())
}
