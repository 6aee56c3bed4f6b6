//! The app: contexts, the frame, and which page an address shows.

use std::collections::BTreeMap;
use std::rc::Rc;

use azimuth_api::{Origin, SubscriptionId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::authority::{self, Authority, Stage, tab};
use crate::background::Background;
use crate::changes::Changes;
use crate::client::Client;
use crate::clock::{Clock, use_now};
use crate::components::dialog::ModalDialog;
use crate::components::header::{AppFrame, PageTitle, TrailItem};
use crate::components::icon::{Icon, IconName};
use crate::components::navigation::NavigationItem;
use crate::components::theme::ThemeButton;
use crate::kept::watched;
use crate::load::ApiErrorPanel;
use crate::navigation::{Leaving, Navigation};
use crate::opened::{NothingOpen, Opened};
use crate::pages;
use crate::pages::sign_in::{SignInForms, SignInPage};
use crate::palette::{Palette, PaletteButton};
use crate::parts::{self, ChangeNotices, CommandPalette, Part, Parts, Screen, at_once, late};
use crate::query::OnScreen;
use crate::request_log::RequestLog;
use crate::route::{Location, Route, WorkspaceRoute};
use crate::seen::Seen;
use crate::session::{Session, SessionKind};
use crate::settings::{Settings, SettingsFault};
use crate::strips::Strips;
use crate::transport::{Carrier, DataOrigins, Transport};
use crate::watch::{EndedRuns, Watches};

/// The two ways of a request: to the service, and to the simulator in the page.
#[derive(Clone)]
pub struct Carriers {
    /// The browser's network.
    pub service: Rc<dyn Carrier>,
    /// The simulator.
    pub demo: Rc<dyn Carrier>,
}

/// What the page knows before it starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// The settings, or what is wrong with them.
    pub settings: Result<Settings, SettingsFault>,
}

impl Start {
    /// What `boot.js` found: it reads `config.json` before anything else, because the content policy depends on it.
    pub fn from_page() -> Self {
        let found =
            js_sys::Reflect::get(&js_sys::global(), &"azimuthSettings".into()).unwrap_or(JsValue::UNDEFINED);
        let text =
            |name: &str| js_sys::Reflect::get(&found, &name.into()).ok().and_then(|value| value.as_string());
        let page = window().location().origin().ok().and_then(|origin| Origin::parse(&origin));
        let settings = match (text("text"), text("fault")) {
            (Some(text), _) => Settings::parse(&text, page.as_ref()),
            (None, fault) => Err(SettingsFault {
                field: String::new(),
                found: fault.unwrap_or_else(|| "nothing that could be read".to_owned()),
                expected: "a JSON object, such as {}".to_owned(),
            }),
        };
        Self { settings }
    }
}

/// The whole page.
#[component]
pub fn App(
    /// What is known before.
    start: Start,
    /// Where requests go.
    carriers: Carriers,
) -> impl IntoView {
    provide_context(Clock::start());
    // Out of the storage before anything else.
    let response = tab::take_response();
    let navigation = Navigation::start();
    provide_context(navigation);
    provide_context(Parts::new());
    provide_context(Background::start());
    match start.settings {
        Err(fault) => view! { <pages::settings_fault::SettingsFaultPage fault=fault/> }.into_any(),
        Ok(settings) => {
            let client_of = |kind, carrier: &Rc<dyn Carrier>| {
                let log = RequestLog::default();
                let session = Session::new(kind);
                // The demo has Azure's own names, whatever the settings point at.
                let (cloud, data_origins) = match kind {
                    SessionKind::Service => {
                        (settings.cloud.clone(), DataOrigins::Named(settings.data_origins.clone()))
                    }
                    SessionKind::Demo => (azimuth_api::Cloud::Public, DataOrigins::Simulated),
                    SessionKind::Export => (azimuth_api::Cloud::Public, DataOrigins::Named(Vec::new())),
                };
                let relay = settings.relay.clone().filter(|_| kind == SessionKind::Service);
                let transport =
                    Transport::new(Rc::clone(carrier), cloud.clone(), data_origins, log).with_relay(relay);
                Client::new(transport, cloud, session, log)
            };
            let service = client_of(SessionKind::Service, &carriers.service);
            let demo = client_of(SessionKind::Demo, &carriers.demo);
            let opened = Opened::start(client_of(SessionKind::Export, &NothingOpen::shared()));
            provide_context(opened);
            let offers_demo = settings.demo;
            let authority = settings
                .sign_in
                .clone()
                .map(|settings| Authority::start(service, navigation, settings, response));
            authority::follow_other_tabs(service, authority);
            provide_context(settings);
            let kind = Memo::new(move |_| match navigation.session() {
                SessionKind::Demo if !offers_demo => SessionKind::Service,
                kind => kind,
            });
            let switches = service.session().switches();
            (move || {
                let client = match kind.get() {
                    SessionKind::Service => service,
                    SessionKind::Demo => demo,
                    SessionKind::Export => opened.client(),
                };
                // What is shown and remembered of one tenant is not another's.
                switches.track();
                let authority = authority.filter(|_| client.session().is_service());
                view! { <Dashboard client=client authority=authority/> }
            })
            .into_any()
        }
    }
}

/// Everything that a person sees, for the demo or for the service.
#[component]
fn Dashboard(client: Client, authority: Option<Authority>) -> impl IntoView {
    provide_context(client);
    provide_context(authority);
    let on_screen = OnScreen::default();
    provide_context(on_screen);
    let seen = Seen::new();
    provide_context(seen);
    provide_context(Palette::start());
    let watches = Watches::start(client);
    provide_context(watches);
    let changes = Changes::start(client, watches, on_screen);
    provide_context(changes);
    expect_context::<Navigation>().cannot_keep("change that is being sent", changes.is_sending());
    let session = client.session();
    let navigation = expect_context::<Navigation>();
    let parts = expect_context::<Parts>();
    let demo_failure = RwSignal::new(None);
    if session.is_demo() && session.token().is_none() {
        spawn_local(async move {
            if let Err(error) = parts::sign_in(client, None).await {
                demo_failure.set(Some(error));
            }
        });
    }
    let location = navigation.location();
    let route = Memo::new(move |_| location.with(|location| location.route.clone()));
    let signed_in = Memo::new(move |_| session.is_signed_in());
    Effect::new(move || {
        if signed_in.get() {
            if !watched().is_empty() {
                // Its own page tells of a run too, so nobody is told if this does not arrive.
                spawn_local(async move { drop(parts::resume(watches).await) });
            }
        } else {
            seen.clear();
            watches.clear();
            changes.clear();
        }
    });
    let names = subscription_names(client, route, signed_in);
    let is_demo = session.is_demo();
    let is_export = session.kind() == SessionKind::Export;
    let opened = expect_context::<Opened>();
    if is_demo || is_export {
        route.with_untracked(|route| parts.load_for(route));
    } else {
        route.with_untracked(|route| parts.prepare_for(route));
    }

    let content = move || {
        // The pages that say what the page itself does need nobody signed in.
        let needs_session = !matches!(route.get(), Route::Requests | Route::Diagnostics | Route::NotFound);
        // Of an export only what is in its workspace is shown; what is above that is not in it.
        let is_in_export = route.with(|route| match route {
            Route::Workspace(_, part) => !matches!(part, WorkspaceRoute::Data),
            _ => false,
        });
        if is_export && needs_session && !(signed_in.get() && is_in_export) {
            let shown = || at_once(parts::opening());
            return late(
                Signal::stored(Some(Part::Opened)),
                Some("This page could not be loaded"),
                Box::new(shown),
            );
        }
        match (signed_in.get(), needs_session) {
            (false, true) if is_demo => {
                let failure = move || {
                    demo_failure.get().map(|error| {
                        view! {
                            <PageTitle title="Demo"/>
                            <ApiErrorPanel error=error what="start the demo"/>
                        }
                    })
                };
                view! { <div class="page">{failure}</div> }.into_any()
            }
            (false, true) => view! { <SignInPage/> }.into_any(),
            _ => view! { <Screen route=route/> }.into_any(),
        }
    };

    view! {
        <AppFrame
            home=Signal::derive(move || { location.track(); navigation.href(Route::Home) })
            trail=Signal::derive(move || {
                // Before somebody is in, the start is nowhere below anything.
                let is_start = !signed_in.get() && location.with(|location| location.route == Route::Home);
                if is_start {
                    return Vec::new();
                }
                location.with(|location| names.with(|names| trail(location, names)))
            })
            ribbon=Signal::derive(move || match is_export {
                true => opened.what().get().map(|what| what.ribbon),
                false => is_demo.then(|| "Demo: nothing is real, nothing costs".to_owned()),
            })
            navigation=Signal::derive(move || if signed_in.get() { sections(&location.get()) } else { Vec::new() })
            end=ViewFn::from(move || view! { <HeaderEnd/> })
        >
            <Strips/>
            <EndedRuns/>
            <ChangeNotices/>
            {content}
        </AppFrame>
        <SignInDialog/>
        <LeaveDialog/>
        <CommandPalette/>
    }
}

/// Who is signed in and until when, the theme, the way out.
#[component]
fn HeaderEnd() -> impl IntoView {
    let session = expect_context::<Client>().session();
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let minutes = Memo::new(move |_| {
        let expires = session.person().with(|person| person.as_ref().and_then(|person| person.expires));
        expires.map(|expires| ((expires - now.get()) / 60_000.0).floor() as i64)
    });
    let who = move || {
        let person = session.person().get()?;
        Some(match person.tenant {
            Some(tenant) => format!("{}, tenant {tenant}", person.name),
            None => person.name,
        })
    };
    let authority = expect_context::<Option<Authority>>();
    let client = expect_context::<Client>();
    let opened = expect_context::<Opened>();
    let is_export = session.kind() == SessionKind::Export;
    let until = move || match minutes.get() {
        Some(minutes) if minutes < 0 => "sign-in has run out".to_owned(),
        Some(minutes) => format!("signed in, {minutes} min"),
        None => "signed in".to_owned(),
    };
    let sign_out = move |_| {
        if !navigation.may_sign_out() {
            return;
        }
        if is_export {
            opened.close();
        }
        spawn_local(async move {
            match parts::left_behind(session.kind()).await {
                Some(what) => navigation.ask_sign_out(what.to_owned()),
                None => authority::sign_out(client, authority, navigation),
            }
        });
    };

    view! {
        <PaletteButton/>
        <a class="button quiet small" href=move || navigation.href(Route::Requests)>
            <span class="narrow-only"><Icon name=IconName::List/></span>
            <span class="wide-text">"Requests"</span>
        </a>
        <ThemeButton/>
        <Show when=move || session.is_signed_in()>
            {(!is_export).then(|| view! { <span class="muted small nowrap wide-only" title=who>{until}</span> })}
            <button type="button" class="button small" on:click=sign_out>
                <span class="narrow-only"><Icon name=IconName::SignOut/></span>
                <span class="wide-text">{if is_export { "Close the export" } else { "Sign out" }}</span>
            </button>
        </Show>
    }
}

/// Sign-in over the page, when the service no longer takes the token. The page stays as it is.
#[component]
fn SignInDialog() -> impl IntoView {
    let session = expect_context::<Client>().session();
    let asked = session.asked_again();
    let authority = expect_context::<Option<Authority>>();
    let is_leaving =
        move || authority.is_some_and(|authority| authority.stage().with(|stage| *stage == Stage::Leaving));
    let open = Memo::new(move |_| asked.with(Option::is_some) && !is_leaving());

    view! {
        <ModalDialog open=open label="Sign in again" on_close=move |()| session.decline()>
            {move || asked.get().map(|why| {
                let shown = move || at_once(parts::explained((*why).clone(), "go on".to_owned(), Some("Sign in to go on"), true, None));
                late(Signal::stored(Some(Part::Failures)), None, Box::new(shown))
            })}
            <SignInForms/>
        </ModalDialog>
    }
}

/// Asks before a page is left whose work would end with it.
#[component]
fn LeaveDialog() -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let leaving = navigation.leaving();
    let open = Memo::new(move |_| leaving.with(Option::is_some));
    let at_stake = move || leaving.get().map(|(_, at_stake)| at_stake);
    let signs_out =
        Memo::new(move |_| leaving.with(|leaving| matches!(leaving, Some((Leaving::SignOut, _)))));
    let label =
        Signal::derive(move || if signs_out.get() { "Sign out?" } else { "Leave this page?" }.to_owned());
    let client = expect_context::<Client>();
    let authority = expect_context::<Option<Authority>>();
    let leave = move |_| {
        if navigation.leave() {
            authority::sign_out(client, authority, navigation);
        }
    };

    view! {
        <ModalDialog open=open label=label on_close=move |()| navigation.stay()>
            <p>{at_stake}</p>
            <div class="cluster">
                <button type="button" class="button primary" autofocus=true on:click=move |_| navigation.stay()>"Stay"</button>
                <button type="button" class="button" on:click=leave>
                    {move || if signs_out.get() { "Sign out" } else { "Leave" }}
                </button>
            </div>
        </ModalDialog>
    }
}

/// Names of subscriptions by id, asked for as addresses need them.
type SubscriptionNames = BTreeMap<SubscriptionId, String>;

/// A trail that begins with a GUID helps nobody, so the name is asked for, once. Until it is there, and where it may
/// not be read, the id stands.
fn subscription_names(
    client: Client,
    route: Memo<Route>,
    signed_in: Memo<bool>,
) -> RwSignal<SubscriptionNames> {
    let is_export = client.session().kind() == SessionKind::Export;
    let names = RwSignal::new(SubscriptionNames::new());
    let needed = Memo::new(move |_| {
        let subscription = route.with(|route| route.subscription().cloned()).filter(|_| !is_export)?;
        let is_known = names.with(|names| names.contains_key(&subscription));
        (signed_in.get() && !is_known).then_some(subscription)
    });
    Effect::new(move || {
        let Some(subscription) = needed.get() else { return };
        spawn_local(async move {
            let asked = parts::subscription_name(client, subscription.clone()).await;
            if let Ok(found) = asked
                && let Some(name) = found.await
            {
                names.try_update(|names| names.insert(subscription, name));
            }
        });
    });
    names
}

/// The parts of an address, each a link: subscription › resource group › workspace › ….
fn trail(location: &Location, names: &SubscriptionNames) -> Vec<TrailItem> {
    let item = |label: &str, route: Route| TrailItem {
        label: label.to_owned(),
        href: Location::new(location.session, route).href(),
    };
    let mut trail = Vec::new();
    let (subscription, group) = match &location.route {
        Route::ResourceGroups(subscription) | Route::SubscriptionWorkspaces(subscription) => {
            (Some(subscription), None)
        }
        Route::Workspaces(subscription, group) => (Some(subscription), Some(group)),
        Route::Workspace(workspace, _) => (Some(&workspace.subscription), Some(&workspace.resource_group)),
        Route::Home | Route::Subscriptions => (None, None),
        Route::Requests => return vec![item("Requests", Route::Requests)],
        Route::Diagnostics => return vec![item("Diagnostics", Route::Diagnostics)],
        Route::NotFound => return trail,
    };
    let is_export = location.session == SessionKind::Export;
    let start = if is_export { ("Export", Route::Home) } else { ("Subscriptions", Route::Subscriptions) };
    trail.push(item(start.0, start.1));
    if let Some(subscription) = subscription.filter(|_| !is_export) {
        let name = names.get(subscription).map_or(subscription.as_str(), String::as_str);
        trail.push(item(name, Route::ResourceGroups(subscription.clone())));
        if let Some(group) = group {
            trail.push(item(group.as_str(), Route::Workspaces(subscription.clone(), group.clone())));
        }
    }
    if let Route::SubscriptionWorkspaces(subscription) = &location.route {
        trail.push(item("Workspaces", Route::SubscriptionWorkspaces(subscription.clone())));
    }
    if let Route::Workspace(workspace, part) = &location.route {
        let mut inside = |label: &str, part: WorkspaceRoute| {
            trail.push(item(label, Route::Workspace(workspace.clone(), part)));
        };
        inside(workspace.name.as_str(), WorkspaceRoute::Overview);
        match part {
            WorkspaceRoute::Overview => {}
            WorkspaceRoute::Experiments => inside("Experiments", WorkspaceRoute::Experiments),
            WorkspaceRoute::Runs(experiment) => {
                inside("Experiments", WorkspaceRoute::Experiments);
                inside(experiment.as_str(), part.clone());
            }
            WorkspaceRoute::Run(experiment, run) => {
                inside("Experiments", WorkspaceRoute::Experiments);
                inside(experiment.as_str(), WorkspaceRoute::Runs(experiment.clone()));
                inside(run.as_str(), part.clone());
            }
            WorkspaceRoute::Submit => inside("Submit a run", WorkspaceRoute::Submit),
            WorkspaceRoute::Models => inside("Models", WorkspaceRoute::Models),
            WorkspaceRoute::Model(model) => {
                inside("Models", WorkspaceRoute::Models);
                inside(model.as_str(), part.clone());
            }
            // With the runs, which stand in the query part.
            WorkspaceRoute::Compare => {
                trail.push(TrailItem { label: "Compare runs".to_owned(), href: location.href() });
            }
            WorkspaceRoute::Assets => inside("Assets", WorkspaceRoute::Assets),
            WorkspaceRoute::Asset(asset) => {
                inside("Assets", WorkspaceRoute::Assets);
                inside(asset.as_str(), part.clone());
            }
            WorkspaceRoute::Images => inside("Images", WorkspaceRoute::Images),
            WorkspaceRoute::Image(image) => {
                inside("Images", WorkspaceRoute::Images);
                inside(image.as_str(), part.clone());
            }
            WorkspaceRoute::Services => inside("Services", WorkspaceRoute::Services),
            WorkspaceRoute::Service(service) => {
                inside("Services", WorkspaceRoute::Services);
                inside(service.as_str(), part.clone());
            }
            WorkspaceRoute::Datastores => inside("Datastores", WorkspaceRoute::Datastores),
            WorkspaceRoute::Datastore(datastore) => {
                inside("Datastores", WorkspaceRoute::Datastores);
                inside(datastore.as_str(), part.clone());
            }
            WorkspaceRoute::Notifications => inside("Notifications", WorkspaceRoute::Notifications),
            WorkspaceRoute::Notification(notification) => {
                inside("Notifications", WorkspaceRoute::Notifications);
                inside(notification.as_str(), part.clone());
            }
            WorkspaceRoute::Pipelines => inside("Pipelines", WorkspaceRoute::Pipelines),
            WorkspaceRoute::Pipeline(_, id) => {
                inside("Pipelines", WorkspaceRoute::Pipelines);
                inside(id.as_str(), part.clone());
            }
            WorkspaceRoute::Computes => inside("Computes", WorkspaceRoute::Computes),
            WorkspaceRoute::Compute(compute) => {
                inside("Computes", WorkspaceRoute::Computes);
                inside(compute.as_str(), part.clone());
            }
            WorkspaceRoute::Data => inside("Data", WorkspaceRoute::Data),
        }
    }
    trail
}

/// The parts of the workspace that is open.
fn sections(location: &Location) -> Vec<NavigationItem> {
    let Route::Workspace(workspace, current) = &location.route else { return Vec::new() };
    let section = |label: &str, icon: IconName, part: WorkspaceRoute, is_current: bool| NavigationItem {
        label: label.to_owned(),
        href: Location::new(location.session, Route::Workspace(workspace.clone(), part)).href(),
        icon,
        current: is_current,
    };
    use WorkspaceRoute as Part;
    let mut sections = vec![
        section("Overview", IconName::Home, Part::Overview, matches!(current, Part::Overview)),
        section(
            "Experiments",
            IconName::Flask,
            Part::Experiments,
            matches!(current, Part::Experiments | Part::Runs(_) | Part::Run(..) | Part::Compare),
        ),
        section(
            "Models",
            IconName::Box,
            Part::Models,
            matches!(
                current,
                Part::Models | Part::Model(_) | Part::Assets | Part::Asset(_) | Part::Images | Part::Image(_)
            ),
        ),
        section(
            "Services",
            IconName::Globe,
            Part::Services,
            matches!(current, Part::Services | Part::Service(_)),
        ),
        section(
            "Computes",
            IconName::Server,
            Part::Computes,
            matches!(current, Part::Computes | Part::Compute(_)),
        ),
        section(
            "Datastores",
            IconName::Database,
            Part::Datastores,
            matches!(current, Part::Datastores | Part::Datastore(_)),
        ),
        section(
            "Pipelines",
            IconName::Branch,
            Part::Pipelines,
            matches!(current, Part::Pipelines | Part::Pipeline(..)),
        ),
        section(
            "Notifications",
            IconName::Bell,
            Part::Notifications,
            matches!(current, Part::Notifications | Part::Notification(_)),
        ),
    ];
    // Nothing is handed in to an export, and what was taken out is not taken out of again.
    if location.session != SessionKind::Export {
        sections.push(section("Submit", IconName::Upload, Part::Submit, matches!(current, Part::Submit)));
        sections.push(section("Data", IconName::Download, Part::Data, matches!(current, Part::Data)));
    }
    sections
}
