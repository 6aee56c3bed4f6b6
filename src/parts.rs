//! The parts of the wasm: most pages are loaded when somebody first comes to them.
//!
//! `cargo xtask dist` sets `--cfg split` and makes a file of each part, and of what some of them share. Built otherwise,
//! as for the browser tests, every part is there from the start.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use azimuth_api::{
    AccessToken, ApiError, GetSubscription, NoAnswer, Refusal, SubscriptionId, Workspace, WorkspaceId,
    Workspaces,
};
use futures::FutureExt;
use futures::future::{Either, LocalBoxFuture, select};
use gloo_timers::future::sleep;
use http::Response;
use leptos::prelude::*;
use leptos::task::spawn_local;
/// A file of the wasm did not arrive.
pub use leptos::wasm_split::SplitLoaderError as NotLoaded;

use crate::authority::renewal::RenewalLine;
use crate::authority::work;
use crate::authority::{Authority, Stage, Work};
use crate::background::{Background, BackgroundLines};
use crate::changes::Changes;
use crate::changes::notices::ChangeLines;
use crate::client::{Client, Question};
use crate::components::dialog::ModalDialog;
use crate::components::header::PageTitle;
use crate::components::panel::{ErrorPanel, Loading};
use crate::explain::{explain_run_failure, explain_sign_in};
use crate::lasting;
use crate::load::{ExplainedPanel, ExplanationPanel};
use crate::navigation::Navigation;
use crate::pages;
use crate::pages::sign_in::TokenFacts;
use crate::pages::sign_in::microsoft::came_to_nothing;
use crate::pages::workspace::manage::{ManageWorkspace, Managing};
use crate::palette::{Palette, PaletteBox};
use crate::query::Query;
use crate::route::{Route, WorkspaceRoute};
use crate::session::{ServicePrincipal, SessionKind};
use crate::transport::Carrier;
use crate::transport::fetch::FetchCarrier;
use crate::transport::simulated::{LoadedSimulator, SimulatedCarrier};
use crate::watch::Watches;

/// How long the first screen has the network for itself.
const HEAD_START: Duration = Duration::from_millis(1500);
/// How long somebody who signs out waits at most until it is known what that removes.
const LONGEST_LOOK: Duration = Duration::from_secs(3);

/// What is loaded together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Asking a service.
    Service,
    /// Explaining what a service refuses, and what helps.
    Failures,
    /// The first list.
    Subscriptions,
    /// The way from there to a workspace.
    Lists,
    /// What is in a workspace.
    Workspace,
    /// Runs in a table, and side by side.
    Runs,
    /// One run.
    Run,
    /// What runs left behind, and what is made of it.
    Inventory,
    /// Handing in a run.
    Submit,
    /// Taking data out, and erasing it.
    Data,
    /// What the page says about itself.
    About,
    /// Making groups and workspaces, and what is done about a workspace.
    Management,
    /// Finding anything.
    Palette,
    /// Telling of changes wherever one looks.
    Changes,
    /// Signing in with Microsoft.
    Authority,
    /// An export opened again.
    Opened,
}

impl Part {
    const ALL: [Part; 16] = [
        Part::Service,
        Part::Failures,
        Part::Subscriptions,
        Part::Lists,
        Part::Workspace,
        Part::Runs,
        Part::Run,
        Part::Inventory,
        Part::Submit,
        Part::Data,
        Part::About,
        Part::Management,
        Part::Palette,
        Part::Changes,
        Part::Authority,
        Part::Opened,
    ];

    /// The part of an address, unless it is always there.
    fn of(route: &Route) -> Option<Part> {
        match route {
            Route::NotFound => None,
            Route::Requests | Route::Diagnostics => Some(Part::About),
            Route::Workspace(_, part) => Some(match part {
                WorkspaceRoute::Submit => Part::Submit,
                WorkspaceRoute::Data => Part::Data,
                WorkspaceRoute::Runs(_) | WorkspaceRoute::Compare => Part::Runs,
                WorkspaceRoute::Run(..) => Part::Run,
                WorkspaceRoute::Overview
                | WorkspaceRoute::Experiments
                | WorkspaceRoute::Computes
                | WorkspaceRoute::Compute(_) => Part::Workspace,
                _ => Part::Inventory,
            }),
            Route::Home | Route::Subscriptions => Some(Part::Subscriptions),
            _ => Some(Part::Lists),
        }
    }

    /// What somebody who sees it probably needs next.
    fn next(self) -> Option<Part> {
        match self {
            Part::Subscriptions => Some(Part::Lists),
            Part::Lists => Some(Part::Workspace),
            Part::Workspace | Part::Inventory => Some(Part::Runs),
            Part::Runs => Some(Part::Run),
            Part::Run => Some(Part::Submit),
            _ => None,
        }
    }

    async fn load(self) -> Result<(), NotLoaded> {
        match self {
            Part::Service => {
                load_service().await?;
                load_token_facts().await
            }
            Part::Failures => {
                // One file, but each function has to find out for itself that it is there.
                load_failures().await?;
                load_run_failures().await?;
                load_sign_in_failures().await
            }
            Part::Subscriptions => load_subscriptions().await,
            Part::Lists => load_lists().await,
            Part::Workspace => load_workspace().await,
            Part::Runs => load_runs().await,
            Part::Run => load_run().await,
            Part::Inventory => load_inventory().await,
            Part::Submit => load_submit().await,
            Part::Data => load_data().await,
            Part::About => load_about().await,
            Part::Management => {
                load_creation().await?;
                load_management().await
            }
            Part::Palette => load_palette().await,
            Part::Changes => load_changes().await,
            Part::Opened => load_opening().await,
            Part::Authority => {
                load_authority().await?;
                load_sign_in_outcome().await?;
                load_renewal_line().await
            }
        }
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

    /// Loads what an address is sure to need.
    pub fn load_for(self, route: &Route) {
        self.load(Part::Service);
        if let Some(part) = Part::of(route) {
            self.load(part);
        }
    }

    /// Loads what an address probably needs next, a little later.
    pub fn prepare_for(self, route: &Route) {
        self.prepare(Part::Service);
        self.prepare(Part::Failures);
        if let Some(part) = Part::of(route) {
            self.prepare(part);
        }
    }

    /// Loads a part a little later, without telling anybody if it does not arrive.
    pub fn prepare(self, part: Part) {
        if !self.has(part) {
            // Nobody waits for this, so nobody is told if it fails.
            let fetch = move || spawn_local(async move { drop(self.fetch(part).await) });
            set_timeout(fetch, HEAD_START);
        }
    }

    fn load(self, part: Part) {
        self.failed.set(None);
        spawn_local(async move {
            match self.fetch(part).await {
                // At once: when something fails, or somebody goes on without a network, it is too late. Nobody waits
                // for these, so nobody is told if they do not arrive.
                Ok(()) => {
                    for later in [Some(Part::Failures), part.next()].into_iter().flatten() {
                        drop(self.fetch(later).await);
                    }
                }
                Err(_) => drop(self.failed.try_set(Some(part))),
            }
        });
    }

    async fn fetch(self, part: Part) -> Result<(), NotLoaded> {
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
    let creates = expect_context::<Navigation>().has_parameter("create");
    // The form that makes something stands in the place of its list.
    let is_form = Memo::new(move |_| {
        creates.get() && matches!(route.get(), Route::ResourceGroups(_) | Route::Workspaces(..))
    });
    let part = Memo::new(move |_| route.with(Part::of));
    move || {
        let (part, shown): (Signal<_>, Box<dyn Fn() -> AnyView + Send>) = match is_form.get() {
            true => {
                (Signal::stored(Some(Part::Management)), Box::new(move || at_once(creation(route.get()))))
            }
            false => (part.into(), Box::new(move || screen(route.get()))),
        };
        late(part, Some("This page could not be loaded"), shown)
    }
}

/// What is shown once a part is there, if it needs one. Until then it is loaded, or can be tried again; `heading` says
/// so where the whole page is missing.
pub fn late(
    part: Signal<Option<Part>>,
    heading: Option<&'static str>,
    shown: Box<dyn Fn() -> AnyView + Send>,
) -> AnyView {
    let parts = expect_context::<Parts>();
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

    let view = move || {
        if is_there.get() {
            shown()
        } else if has_failed.get() {
            view! {
                <div class="page">
                    {heading.map(|heading| view! { <PageTitle title=heading/> })}
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
    };
    view.into_any()
}

/// The page of an address whose part is there.
fn screen(route: Route) -> AnyView {
    match Part::of(&route) {
        Some(Part::Subscriptions) => at_once(subscriptions()),
        Some(Part::Lists) => at_once(lists(route)),
        Some(Part::Workspace) => at_once(workspace(route)),
        Some(Part::Runs) => at_once(runs(route)),
        Some(Part::Run) => at_once(run(route)),
        Some(Part::Inventory) => at_once(inventory(route)),
        Some(Part::Submit) => at_once(submit(route)),
        Some(Part::Data) => at_once(data(route)),
        Some(Part::About) => at_once(about(route)),
        _ => view! { <pages::not_found::NotFoundPage/> }.into_any(),
    }
}

/// The command palette, as soon as somebody opens it and its part is there.
#[component]
pub fn CommandPalette() -> impl IntoView {
    let parts = expect_context::<Parts>();
    let open = expect_context::<Palette>().is_open();
    let has_failed = RwSignal::new(false);
    parts.prepare(Part::Palette);
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

/// What is told of changes above every page, as soon as there is something to tell. The box stays, so that what appears
/// in it is read out.
#[component]
pub fn ChangeNotices() -> impl IntoView {
    let parts = expect_context::<Parts>();
    let changes = expect_context::<Changes>();
    let background = expect_context::<Background>();
    let is_needed = Memo::new(move |was: Option<&bool>| {
        was.copied().unwrap_or(false) || changes.is_needed() || background.is_needed()
    });
    Effect::new(move || {
        if is_needed.get() {
            // Its own page tells of a change too, so nobody is told if this does not arrive.
            spawn_local(async move { drop(parts.fetch(Part::Changes).await) });
        }
    });
    let is_there =
        Memo::new(move |_| is_needed.get() && parts.loaded.with(|loaded| loaded.contains(&Part::Changes)));

    view! {
        <div class="strips" role="status">{move || is_there.get().then(|| at_once(change_notices()))}</div>
    }
}

/// What a part makes. It is asynchronous because it loads the part; that is done, so it does not wait.
pub fn at_once(made: impl Future<Output = Result<AnyView, NotLoaded>>) -> AnyView {
    made.now_or_never().and_then(Result::ok).expect("a part is loaded before it is shown")
}

/// Puts a function into a part: calling it loads the part first. `loads` names a function that only does that, for the
/// function of a part that is shown [`at_once`]: each function finds out for itself that its part is there.
macro_rules! of_part {
    (
        $part:ident $(loads $load:ident)?,
        $(#[$attribute:meta])*
        $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) -> $result:ty $body:block
    ) => {
        $(#[$attribute])*
        #[cfg(split)]
        #[::leptos::wasm_split::wasm_split(
            $part, fallible, $(preload($load),)? wasm_split_path = ::leptos::wasm_split
        )]
        $visible fn $name($($argument: $type),*) -> Result<$result, NotLoaded> {
            Ok($body)
        }

        $(#[$attribute])*
        #[cfg(not(split))]
        $visible async fn $name($($argument: $type),*) -> Result<$result, NotLoaded> {
            Ok($body)
        }

        $(
            #[cfg(not(split))]
            async fn $load() -> Result<(), NotLoaded> {
                Ok(())
            }
        )?
    };
}

of_part! {
    subscriptions loads load_subscriptions,
    fn subscriptions() -> AnyView {
        view! { <pages::subscriptions::SubscriptionsPage/> }.into_any()
    }
}

of_part! {
    lists loads load_lists,
    fn lists(route: Route) -> AnyView {
        match route {
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
            _ => ().into_any(),
        }
    }
}

of_part! {
    workspace loads load_workspace,
    fn workspace(route: Route) -> AnyView {
        match route {
            Route::Workspace(workspace, WorkspaceRoute::Experiments) => {
                view! { <pages::experiments::ExperimentsPage workspace=workspace/> }.into_any()
            }
            Route::Workspace(workspace, WorkspaceRoute::Computes) => {
                view! { <pages::computes::ComputesPage workspace=workspace/> }.into_any()
            }
            Route::Workspace(workspace, WorkspaceRoute::Compute(compute)) => {
                view! { <pages::computes::ComputePage workspace=workspace compute=compute/> }.into_any()
            }
            Route::Workspace(workspace, _) => {
                view! { <pages::workspace::WorkspacePage workspace=workspace/> }.into_any()
            }
            _ => ().into_any(),
        }
    }
}

of_part! {
    runs loads load_runs,
    fn runs(route: Route) -> AnyView {
        match route {
            Route::Workspace(workspace, WorkspaceRoute::Runs(experiment)) => {
                view! { <pages::runs::RunsPage workspace=workspace experiment=experiment/> }.into_any()
            }
            Route::Workspace(workspace, _) => {
                view! { <pages::compare::ComparePage workspace=workspace/> }.into_any()
            }
            _ => ().into_any(),
        }
    }
}

of_part! {
    run loads load_run,
    fn run(route: Route) -> AnyView {
        match route {
            Route::Workspace(workspace, WorkspaceRoute::Run(experiment, run)) => {
                view! { <pages::run::RunPage workspace=workspace experiment=experiment run=run/> }.into_any()
            }
            _ => ().into_any(),
        }
    }
}

of_part! {
    inventory loads load_inventory,
    fn inventory(route: Route) -> AnyView {
        match route {
            Route::Workspace(workspace, page) => inventory_page(workspace, page),
            _ => ().into_any(),
        }
    }
}

fn inventory_page(workspace: WorkspaceId, page: WorkspaceRoute) -> AnyView {
    use WorkspaceRoute as Page;
    match page {
        Page::Models => view! { <pages::models::ModelsPage workspace=workspace/> }.into_any(),
        Page::Model(model) => {
            view! { <pages::models::ModelPage workspace=workspace model=model/> }.into_any()
        }
        Page::Assets => view! { <pages::assets::AssetsPage workspace=workspace/> }.into_any(),
        Page::Asset(asset) => {
            view! { <pages::assets::AssetPage workspace=workspace asset=asset/> }.into_any()
        }
        Page::Images => view! { <pages::images::ImagesPage workspace=workspace/> }.into_any(),
        Page::Image(image) => {
            view! { <pages::images::ImagePage workspace=workspace image=image/> }.into_any()
        }
        Page::Services => view! { <pages::services::ServicesPage workspace=workspace/> }.into_any(),
        Page::Service(service) => {
            view! { <pages::services::ServicePage workspace=workspace service=service/> }.into_any()
        }
        Page::Datastores => view! { <pages::datastores::DatastoresPage workspace=workspace/> }.into_any(),
        Page::Datastore(datastore) => {
            view! { <pages::datastores::DatastorePage workspace=workspace datastore=datastore/> }.into_any()
        }
        Page::Notifications => {
            view! { <pages::notifications::NotificationsPage workspace=workspace/> }.into_any()
        }
        Page::Notification(notification) => {
            view! { <pages::notifications::NotificationPage workspace=workspace notification=notification/> }
                .into_any()
        }
        Page::Pipelines => view! { <pages::pipelines::PipelinesPage workspace=workspace/> }.into_any(),
        Page::Pipeline(part, id) => {
            view! { <pages::pipelines::PipelinePage workspace=workspace part=part id=id/> }.into_any()
        }
        _ => ().into_any(),
    }
}

of_part! {
    submit loads load_submit,
    fn submit(route: Route) -> AnyView {
        match route {
            Route::Workspace(workspace, _) => {
                view! { <pages::submit::SubmitPage workspace=workspace/> }.into_any()
            }
            _ => ().into_any(),
        }
    }
}

of_part! {
    data,
    /// Removes what a kind of session left among private files: somebody signed out.
    fn removal(kind: SessionKind) -> LocalBoxFuture<'static, ()> {
        Box::pin(lasting::forget(kind))
    }
}

of_part! {
    data,
    /// Looks for what a kind of session left among private files.
    fn look_for_left(kind: SessionKind) -> LocalBoxFuture<'static, bool> {
        Box::pin(lasting::is_anything_left(kind))
    }
}

/// What a sign-out would remove that this page has not shown, in a sentence. It is not waited for long.
pub async fn left_behind(kind: SessionKind) -> Option<&'static str> {
    if kind != SessionKind::Service {
        return None;
    }
    let look = async { look_for_left(kind).await.ok()?.await.then_some(()) };
    match select(pin!(look), sleep(LONGEST_LOOK)).await {
        Either::Left((found, _)) => found?,
        Either::Right(_) => return None,
    }
    Some(
        "An export or the receipt of an erasure lies in this browser, or is being made in another tab. Signing out removes it; save it first, on the page Data of its workspace, unless you did.",
    )
}

/// Removes the exports and erasures of a kind of session: somebody signed out.
pub async fn forget_lasting(kind: SessionKind) {
    // Without the code for it the site is not there either; the next sign-out tries again.
    if let Ok(removal) = removal(kind).await {
        removal.await;
    }
}

of_part! {
    data loads load_data,
    fn data(route: Route) -> AnyView {
        match route {
            Route::Workspace(workspace, _) => {
                view! { <pages::data::DataPage workspace=workspace/> }.into_any()
            }
            _ => ().into_any(),
        }
    }
}

of_part! {
    about loads load_about,
    fn about(route: Route) -> AnyView {
        match route {
            Route::Diagnostics => view! { <pages::diagnostics::DiagnosticsPage/> }.into_any(),
            _ => view! { <pages::requests::RequestsPage/> }.into_any(),
        }
    }
}

of_part! {
    management loads load_creation,
    fn creation(route: Route) -> AnyView {
        match route {
            Route::ResourceGroups(subscription) => {
                view! { <pages::new_resource_group::NewResourceGroupPage subscription=subscription/> }
                    .into_any()
            }
            Route::Workspaces(subscription, group) => {
                view! { <pages::new_workspace::NewWorkspacePage subscription=subscription resource_group=group/> }
                    .into_any()
            }
            _ => ().into_any(),
        }
    }
}

of_part! {
    management loads load_management,
    /// What is done about a workspace.
    pub fn managing(workspace: WorkspaceId, found: Query<Workspace>, what: Managing) -> AnyView {
        view! { <ManageWorkspace workspace=workspace found=found what=what/> }.into_any()
    }
}

of_part! {
    palette loads load_palette,
    /// The command palette.
    pub fn palette() -> AnyView {
        view! { <PaletteBox/> }.into_any()
    }
}

of_part! {
    changes loads load_changes,
    fn change_notices() -> AnyView {
        view! { <ChangeLines/><BackgroundLines/> }.into_any()
    }
}

of_part! {
    changes,
    /// Goes on waiting for the runs that were watched when the page went away.
    pub fn resume(watches: Watches) -> () {
        watches.resume();
    }
}

/// An answer that is on its way.
pub type Answering = LocalBoxFuture<'static, Result<Response<Vec<u8>>, ApiError>>;

of_part! {
    service loads load_service,
    /// The answer to a question.
    pub fn answer(client: Client, question: Question, older: Option<Question>) -> Answering {
        client.answer_now(question, older)
    }
}

of_part! {
    service,
    /// Renews the token, or takes one of another tenant. The code that does is that which asks.
    fn renewal(client: Client, tenant: Option<String>) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        Box::pin(async move {
            match tenant {
                Some(tenant) => client.switch_tenant(tenant).await,
                None => client.renew().await,
            }
        })
    }
}

/// Renews the token of somebody who signed in with Microsoft.
///
/// # Errors
/// As [`Client::renew`].
pub async fn renew(client: Client) -> Result<(), ApiError> {
    renewed(client, None).await
}

/// Takes a token of another tenant that the same person is in.
///
/// # Errors
/// As [`Client::switch_tenant`].
pub async fn switch_tenant(client: Client, tenant: String) -> Result<(), ApiError> {
    renewed(client, Some(tenant)).await
}

async fn renewed(client: Client, tenant: Option<String>) -> Result<(), ApiError> {
    match renewal(client, tenant).await {
        Ok(renewed) => renewed.await,
        Err(_) => Err(ApiError::Unreachable(NoAnswer::NoNetwork)),
    }
}

of_part! {
    service,
    fn principal_in(
        client: Client,
        principal: Option<ServicePrincipal>,
    ) -> LocalBoxFuture<'static, Result<(), ApiError>> {
        Box::pin(async move {
            match principal {
                Some(principal) => client.sign_in(&principal).await,
                None => client.sign_in_to_demo().await,
            }
        })
    }
}

/// Signs in a service principal; without one, that of the demo.
///
/// # Errors
/// As [`Client::sign_in`].
pub async fn sign_in(client: Client, principal: Option<ServicePrincipal>) -> Result<(), ApiError> {
    match principal_in(client, principal).await {
        Ok(done) => done.await,
        Err(_) => Err(ApiError::Unreachable(NoAnswer::NoNetwork)),
    }
}

of_part! {
    service,
    /// What a subscription is called, where it may be read.
    pub fn subscription_name(
        client: Client,
        subscription: SubscriptionId,
    ) -> LocalBoxFuture<'static, Option<String>> {
        Box::pin(async move {
            let found = client.ask(&GetSubscription { subscription }).await.ok()?;
            Some(found.label().to_owned())
        })
    }
}

of_part! {
    service loads load_token_facts,
    /// What a token says of itself.
    pub fn token_facts(token: AccessToken) -> AnyView {
        view! { <TokenFacts token=token/> }.into_any()
    }
}

of_part! {
    authority loads load_sign_in_outcome,
    /// Why a sign-in with Microsoft came to nothing.
    pub fn sign_in_outcome(authority: Authority, stage: Stage) -> AnyView {
        came_to_nothing(authority, stage)
    }
}

of_part! {
    authority loads load_renewal_line,
    /// Why the token could not be renewed, and until when it is good.
    pub fn renewal_line(authority: Authority) -> AnyView {
        view! { <RenewalLine authority=authority/> }.into_any()
    }
}

of_part! {
    authority loads load_authority,
    /// Leaves for the authority, comes back from it, or signs out there.
    pub fn authority_work(authority: Authority, work: Work) -> LocalBoxFuture<'static, ()> {
        work::run(authority, work)
    }
}

of_part! {
    service,
    /// What brings requests to the service, or to the simulator of the demo.
    pub fn carrier(kind: SessionKind) -> Rc<dyn Carrier> {
        match kind {
            SessionKind::Demo => Rc::new(SimulatedCarrier::new(LoadedSimulator::default())),
            // An export has a carrier of its own, which is made when one is opened.
            SessionKind::Service | SessionKind::Export => Rc::new(FetchCarrier),
        }
    }
}

of_part! {
    opened loads load_opening,
    /// The page on which an export is opened again.
    pub fn opening() -> AnyView {
        view! { <pages::opened::OpenedPage/> }.into_any()
    }
}

of_part! {
    failures loads load_failures,
    /// A failure, explained.
    pub fn explained(
        error: ApiError,
        what: String,
        title: Option<&'static str>,
        inline: bool,
        on_retry: Option<Callback<()>>,
    ) -> AnyView {
        view! { <ExplainedPanel error=error what=what title=title inline=inline on_retry=on_retry/> }
            .into_any()
    }
}

of_part! {
    failures loads load_run_failures,
    /// Why a run did not work, explained.
    pub fn run_failure(failure: Refusal) -> AnyView {
        view! { <ExplanationPanel explanation=explain_run_failure(&failure)/> }.into_any()
    }
}

of_part! {
    failures loads load_sign_in_failures,
    /// Why signing in with Microsoft did not work, explained.
    pub fn sign_in_failure(error: ApiError) -> AnyView {
        view! { <ExplanationPanel explanation=explain_sign_in(&error)/> }.into_any()
    }
}
