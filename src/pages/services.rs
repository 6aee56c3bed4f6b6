//! The web services of a workspace, which answer with models, and one of them.

mod access;
mod logs;
mod scoring;

use std::time::Duration;

use azimuth_api::{
    AutoScaler, ContainerResources, GetImage, GetService, ImageId, ListServices, ManagedPart, Replicas,
    ServiceAccess, ServiceId, WebService, WorkspaceId,
};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::button::{CopyButton, Tab, Tabs};
use crate::components::facts::{Fact, Facts};
use crate::components::format::decimal;
use crate::components::header::PageTitle;
use crate::components::panel::{EmptyState, ErrorPanel, Hint};
use crate::components::rows::Rows;
use crate::components::service_state::ServiceStateBadge;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};

use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, Load};
use crate::managed::{DeletePart, EditWords, Written};
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::pages::services::access::AccessSection;
use crate::pages::services::logs::ServiceLogsTab;
use crate::pages::services::scoring::ScoringTab;
use crate::query::{Loaded, Shown, list_until, query};
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::{ModelLinks, Moment, NamedValues, PartLink};

/// How often a service is asked for while it is being set up.
const WHILE_CHANGING: Duration = Duration::from_secs(10);

/// All of them, those that were changed last first.
#[component]
pub fn ServicesPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Services".to_owned());
    let asked = workspace.clone();
    let services =
        list_until(move || ListServices::of(asked.clone()), WebService::is_changing).refresh(refresh_after);
    let query = services.query();
    let refreshes = Memo::new(move |_| query.with(|services| services.and_then(refresh_after).is_some()));
    let place = workspace.clone();

    view! {
        <div class="page">
            <PageTitle title="Services"/>
            <Listing
                list=services
                noun="services"
                usual="-changed"
                fits=fits
                sort_key=sort_key
                refreshes=refreshes
                empty=move || view! { <NoServices workspace=place.clone()/> }
                table=move |services, sorting| {
                    view! { <ServiceTable services=services sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn NoServices(workspace: WorkspaceId) -> impl IntoView {
    let models = expect_context::<Navigation>().href(Route::Workspace(workspace, WorkspaceRoute::Models));

    view! {
        <EmptyState
            title="No service yet"
            text="A service is an address that answers questions with a model. This page does not make one; Azure’s studio and SDK do, from a model that is registered."
        >
            <a class="button" href=models>"Go to the models"</a>
        </EmptyState>
    }
}

#[component]
fn ServiceTable(services: Memo<Vec<WebService>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |service: Signal<WebService>| {
        let (id, label) = service.with_untracked(|service| (service.id.clone(), label(service).to_owned()));
        let href = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Service(id)));
        let state = Signal::derive(move || service.with(|service| service.state.clone()));
        let tags = Signal::derive(move || {
            service.with(|service| service.kv_tags.clone().into_iter().collect::<Vec<_>>())
        });
        let changed = move || {
            let time = service.with(|service| service.updated_time.or(service.created_time));
            time.map(|time| view! { <Moment time=time/> })
        };
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{label}</bdi></a></th>
                <td class="state"><ServiceStateBadge state=state/></td>
                <td class="meta">{move || service.with(|service| plain_compute(&service.compute_type).to_owned())}</td>
                <td class="meta">{move || service.with(|service| access_in_words(service.access()))}</td>
                <td class="meta">{changed}</td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Services">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <SortColumn sorting=sorting column="compute" label="Runs on"/>
                        <SortColumn sorting=sorting column="access" label="Asked with"/>
                        <SortColumn sorting=sorting column="changed" label="Changed" first=Direction::Descending/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows each=services key=|service| service.id.clone() children=row/>
            </table>
        </TableFrame>
    }
}

/// One service: how it is, where it answers and with what, and what its containers said.
#[component]
pub fn ServicePage(workspace: WorkspaceId, service: ServiceId) -> impl IntoView {
    let id = service.to_string();
    use_title(id.clone());
    let asked = GetService::of(workspace.clone(), service.clone());
    let found = query(move || asked.clone()).refresh(refresh_one_after);
    let refreshes = Memo::new(move |_| found.with(|service| service.and_then(refresh_one_after).is_some()));
    let navigation = expect_context::<Navigation>();
    let tab = navigation.parameter("tab");
    let part = Memo::new(move |_| tab.with(|tab| Part::of(tab)));
    let tabs = Memo::new(move |_| {
        let Location { session, route, .. } = navigation.location().get();
        let address =
            |name: Option<&str>| Location::new(session, route.clone()).with_parameter("tab", name).href();
        vec![
            Tab { label: "Overview".to_owned(), href: address(None), current: part.get() == Part::Overview },
            Tab {
                label: "Try it".to_owned(),
                href: address(Some("try")),
                current: part.get() == Part::Scoring,
            },
            Tab { label: "Logs".to_owned(), href: address(Some("logs")), current: part.get() == Part::Logs },
        ]
    });

    view! {
        <div class="page">
            <PageTitle kind="Service" title=id>
                <Freshness query=found pausable=refreshes/>
            </PageTitle>
            <Load query=found what="the service" rows=4 let:found>
                <StateOf service=found/>
                <Tabs label="Service" tabs=tabs/>
                {
                    let (workspace, service) = (workspace.clone(), service.clone());
                    move || match part.get() {
                        Part::Logs => {
                            view! { <ServiceLogsTab workspace=workspace.clone() service=service.clone()/> }.into_any()
                        }
                        Part::Scoring if is_export() => {
                            view! { <Hint>"This is an export: a service cannot be asked from it."</Hint> }.into_any()
                        }
                        Part::Scoring => view! { <ScoringTab service=found workspace=workspace.clone()/> }.into_any(),
                        Part::Overview => {
                            view! { <ServiceDetails service=found workspace=workspace.clone()/> }.into_any()
                        }
                    }
                }
            </Load>
        </div>
    }
}

/// The parts of its page, one at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Overview,
    Scoring,
    Logs,
}

impl Part {
    fn of(tab: &str) -> Self {
        match tab {
            "try" => Self::Scoring,
            "logs" => Self::Logs,
            _ => Self::Overview,
        }
    }
}

/// Its state, and why it is not well.
#[component]
fn StateOf(service: Shown<WebService>) -> impl IntoView {
    let state = Signal::derive(move || service.with(|service| service.state.clone()));
    let faults = Memo::new(move |_| {
        service.with(|service| {
            let of_replicas = service.deployment_status.as_ref().and_then(|replicas| replicas.error.clone());
            let mut all: Vec<_> = service.error.clone().into_iter().chain(of_replicas).collect();
            all.retain(|fault| !fault.code.is_empty() || !fault.words().is_empty());
            all.dedup();
            all
        })
    });
    let panels = move || {
        let panel = |fault: azimuth_api::ModelFault| {
            let code = Some(fault.code.clone()).filter(|code| !code.is_empty());
            view! {
                <ErrorPanel
                    title="The service has a problem"
                    message=fault.words()
                    what_to_do=Some("Its logs say what its containers did last. What stands there is mended in the scoring script or the environment; then the service is updated, with Azure’s SDK or studio.".to_owned())
                    code=code
                />
            }
        };
        faults.get().into_iter().map(panel).collect::<Vec<_>>()
    };

    view! {
        <div class="cluster"><ServiceStateBadge state=state/></div>
        {panels}
    }
}

#[component]
fn ServiceDetails(service: Shown<WebService>, workspace: WorkspaceId) -> impl IntoView {
    let own =
        (workspace.clone(), ManagedPart::Service(untrack(|| service.with(|service| service.id.clone()))));
    let written = Memo::new(move |_| {
        service.with(|service| Written::of(service.description.as_ref(), &service.kv_tags))
    });
    let models = Memo::new(move |_| service.with(|service| (service.models(), service.image_id.clone())));
    let access = Memo::new(move |_| service.with(|service| (service.id.clone(), service.access())));
    let (of_facts, of_models, of_access) = (workspace.clone(), workspace.clone(), workspace);
    let facts = move || view! { <ServiceFacts service=service.get() workspace=of_facts.clone()/> };
    let addresses = Memo::new(move |_| {
        service.with(|service| (service.scoring_uri.clone(), service.swagger_uri.clone()))
    });
    let models = move || {
        let (models, image) = models.get();
        match (models.is_empty(), image) {
            (false, _) => view! { <ModelLinks workspace=of_models.clone() models=models/> }.into_any(),
            (true, Some(image)) => {
                view! { <ModelsOfImage workspace=of_models.clone() image=image/> }.into_any()
            }
            (true, None) => {
                view! { <p class="muted">"The service does not say which models are behind it."</p> }
                    .into_any()
            }
        }
    };
    let access = move || {
        let (service, access) = access.get();
        view! { <AccessSection workspace=of_access.clone() service=service access=access/> }
    };
    let tags = move || {
        let WebService { kv_tags, properties, .. } = service.get();
        view! {
            <NamedValues title="Tags" values=kv_tags none="No tags."/>
            <NamedValues title="Properties" values=properties none="No properties."/>
        }
    };

    view! {
        <div class="columns">
            <div class="overview">
                {move || {
                    let (scoring, swagger) = addresses.get();
                    view! { <Addresses scoring=scoring swagger=swagger/> }
                }}
                {access}
                <section class="section">
                    <h2>"Models behind it"</h2>
                    {models}
                </section>
            </div>
            <div class="overview">
                <section class="section">
                    <h2>"Service"</h2>
                    {facts}
                </section>
                {tags}
                <EditWords workspace=own.0.clone() part=own.1.clone() written=written/>
                <DeletePart workspace=own.0 part=own.1/>
            </div>
        </div>
    }
}

/// Where it answers, and where it describes itself.
#[component]
fn Addresses(scoring: Option<String>, swagger: Option<String>) -> impl IntoView {
    let scoring = scoring.filter(|address| !address.is_empty());
    let swagger = swagger.filter(|address| !address.is_empty());
    let warning = scoring.as_deref().and_then(|address| {
        let is_secure = window().location().protocol().is_ok_and(|protocol| protocol == "https:");
        plain_http(address, is_secure)
    });
    let scoring = match scoring {
        Some(address) => {
            let own = address.clone();
            view! { <div class="command"><pre>{address}</pre><CopyButton text=own label="Copy the address" bare=true/></div> }
                .into_any()
        }
        None => {
            view! { <p class="muted">"It has no address yet. It gets one when it is set up."</p> }.into_any()
        }
    };
    let swagger = swagger.map(|address| {
        let own = address.clone();
        let link = is_web_address(&address).then(|| {
            view! { <a class="button small" href=own target="_blank" rel="noopener noreferrer">"Open in a new tab"</a> }
        });
        let copied = address.clone();
        view! {
            <h3>"Description (Swagger)"</h3>
            <div class="command"><pre>{address}</pre><CopyButton text=copied label="Copy the address of the description" bare=true/></div>
            {link.map(|link| view! { <div class="cluster">{link}</div> })}
        }
    });

    view! {
        <section class="section">
            <h2>"Address"</h2>
            {scoring}
            {warning.map(|words| view! { <Hint warning=true><p>{words}</p></Hint> })}
            {swagger}
        </section>
    }
}

/// The models of the image that the service was started from, where the service names none itself.
#[component]
fn ModelsOfImage(workspace: WorkspaceId, image: ImageId) -> impl IntoView {
    let asked = GetImage::of(workspace.clone(), image);
    let found = query(move || asked.clone());

    view! {
        <Load query=found what="the models of its image" let:image>
            {
                let workspace = workspace.clone();
                move || {
                    let models = image.with(|image| image.model_ids.clone());
                    if models.is_empty() {
                        view! { <p class="muted">"Its image names no model."</p> }.into_any()
                    } else {
                        view! { <ModelLinks workspace=workspace.clone() models=models/> }.into_any()
                    }
                }
            }
        </Load>
    }
}

#[component]
fn ServiceFacts(service: WebService, workspace: WorkspaceId) -> impl IntoView {
    let resources = service.container_resource_requirements.as_ref().map(resources_in_words);
    let resources = resources.filter(|words| !words.is_empty());
    let replicas = replicas_in_words(
        service.num_replicas,
        service.auto_scaler.as_ref(),
        service.deployment_status.as_ref(),
    );
    let of_compute = workspace.clone();
    let compute = service.compute_name.filter(|name| !name.as_str().is_empty()).map(|name| {
        let (label, part) = (name.to_string(), WorkspaceRoute::Compute(name));
        view! { <Fact name="Cluster"><PartLink workspace=of_compute part=part label=label/></Fact> }
    });
    let image = service.image_id.filter(|image| !image.as_str().is_empty()).map(|image| {
        let (label, part) = (image.to_string(), WorkspaceRoute::Image(image));
        view! { <Fact name="Image"><PartLink workspace=workspace part=part label=label/></Fact> }
    });
    let insights = service.app_insights_enabled.map(|on| if on { "On" } else { "Off" });
    let text = |text: Option<String>| text.filter(|text| !text.is_empty());

    view! {
        <Facts>
            {text(service.description).map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })}
            <Fact name="Runs on">{plain_compute(&service.compute_type).to_owned()}" "<span class="muted small">{service.compute_type.clone()}</span></Fact>
            {compute}
            {text(service.namespace).map(|name| view! { <Fact name="Namespace"><bdi>{name}</bdi></Fact> })}
            {text(service.location).map(|location| view! { <Fact name="Location">{location}</Fact> })}
            {replicas.map(|words| view! { <Fact name="Replicas">{words}</Fact> })}
            {resources.map(|words| view! { <Fact name="Each has">{words}</Fact> })}
            {text(service.deployment_type).map(|kind| view! { <Fact name="Kind">{plain_deployment(&kind).to_owned()}</Fact> })}
            {image}
            {insights.map(|word| view! { <Fact name="Insights">{word}</Fact> })}
            {service.created_time.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
            {service.updated_time.map(|time| view! { <Fact name="Changed"><Moment time=time/></Fact> })}
        </Facts>
    }
}

fn refresh_after(services: &Loaded<WebService>) -> Option<Duration> {
    services.items().filter_map(refresh_one_after).min()
}

fn refresh_one_after(service: &WebService) -> Option<Duration> {
    service.is_changing().then_some(WHILE_CHANGING)
}

fn label(service: &WebService) -> &str {
    if service.name.is_empty() { service.id.as_str() } else { &service.name }
}

/// What the service's name of what a service runs on means.
fn plain_compute(kind: &str) -> &str {
    match kind {
        "ACI" => "Container instance",
        "AKS" | "AKSENDPOINT" => "Kubernetes (AKS)",
        "AMLCOMPUTE" | "AmlCompute" => "Cluster",
        "IOT" => "Device (IoT)",
        "UNKNOWN" | "" => "Unknown",
        other => other,
    }
}

fn plain_deployment(kind: &str) -> &str {
    match kind {
        "HttpRealtimeEndpoint" => "Answers at once, over HTTP",
        "GRPCRealtimeEndpoint" => "Answers at once, over gRPC",
        "Batch" => "Works through batches",
        other => other,
    }
}

fn access_in_words(access: ServiceAccess) -> &'static str {
    match access {
        ServiceAccess::Key => "A key",
        ServiceAccess::Token => "A token",
        ServiceAccess::Open => "Nothing",
        ServiceAccess::Unknown => "",
    }
}

/// "2 of 3 answer; 1 to 10, as busy as 70 % asks for".
fn replicas_in_words(
    fixed: Option<u32>,
    scaler: Option<&AutoScaler>,
    status: Option<&Replicas>,
) -> Option<String> {
    let now = status.and_then(|status| Some((status.available_replicas?, status.desired_replicas?)));
    let now = now.map(|(available, desired)| format!("{available} of {desired} answer"));
    let limits = scaler.filter(|scaler| scaler.autoscale_enabled).and_then(|scaler| {
        let (least, most) = (scaler.min_replicas?, scaler.max_replicas?);
        let busy = scaler.target_utilization.map(|busy| format!(", to be {busy} % busy")).unwrap_or_default();
        Some(format!("{least} to {most}{busy}"))
    });
    let limits = limits.or_else(|| fixed.map(|count| format!("always {count}")));
    let words: Vec<String> = now.into_iter().chain(limits).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// "0.5 CPU, 1 GB of memory".
fn resources_in_words(resources: &ContainerResources) -> String {
    let parts = [
        resources.cpu.map(|count| format!("{} CPU", decimal(count))),
        resources.memory_gigabytes.map(|count| format!("{} GB of memory", decimal(count))),
        resources.gpu.filter(|count| *count > 0).map(|count| format!("{count} GPU")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What to know of an address that is plain http.
fn plain_http(address: &str, page_is_secure: bool) -> Option<&'static str> {
    if !address.starts_with("http://") {
        return None;
    }
    Some(if page_is_secure {
        "It answers over http: what is asked and answered, keys too, can be read on the way. A page that came over https, such as this one, is not allowed to ask it."
    } else {
        "It answers over http: what is asked and answered, keys too, can be read on the way."
    })
}

/// What a link may lead to.
fn is_web_address(address: &str) -> bool {
    address.starts_with("http://") || address.starts_with("https://")
}

fn fits(service: &WebService, filter: &str) -> bool {
    let own = [
        service.id.as_str(),
        &service.name,
        service.state.word(),
        service.state.plain(),
        &service.compute_type,
        plain_compute(&service.compute_type),
        access_in_words(service.access()),
        service.description.as_deref().unwrap_or_default(),
        service.scoring_uri.as_deref().unwrap_or_default(),
    ];
    matches(filter, own.into_iter().chain(tag_texts(&service.kv_tags)))
}

fn sort_key(service: &WebService, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(label(service)),
        "state" => SortKey::text(service.state.plain()),
        "compute" => SortKey::text(plain_compute(&service.compute_type)),
        "access" => SortKey::text(access_in_words(service.access())),
        "changed" => SortKey::time(service.updated_time.or(service.created_time)),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_told_by_what_is_known() {
        let scaler = AutoScaler {
            autoscale_enabled: true,
            min_replicas: Some(1),
            max_replicas: Some(10),
            target_utilization: Some(70),
        };
        let status =
            Replicas { desired_replicas: Some(3), available_replicas: Some(2), ..Replicas::default() };
        assert_eq!(
            replicas_in_words(None, Some(&scaler), Some(&status)).as_deref(),
            Some("2 of 3 answer; 1 to 10, to be 70 % busy")
        );
        assert_eq!(replicas_in_words(Some(2), None, None).as_deref(), Some("always 2"));
        let off = AutoScaler { autoscale_enabled: false, ..scaler };
        assert_eq!(replicas_in_words(None, Some(&off), None), None);
    }

    #[test]
    fn parts_of_a_processor_are_told() {
        let words = |cpu: f64, memory: f64, gpu: u32| {
            resources_in_words(&ContainerResources {
                cpu: Some(cpu),
                memory_gigabytes: Some(memory),
                gpu: Some(gpu),
            })
        };
        assert_eq!(words(0.1, 0.5, 0), "0.1 CPU, 0.5 GB of memory");
        assert_eq!(words(2.0, 1.25, 1), "2 CPU, 1.25 GB of memory, 1 GPU");
        assert_eq!(words(0.05, 16.0, 0), "0.05 CPU, 16 GB of memory");
    }

    #[test]
    fn plain_http_is_warned_of_and_more_so_from_a_secure_page() {
        assert!(plain_http("http://1.2.3.4/score", true).is_some_and(|words| words.contains("not allowed")));
        assert!(
            plain_http("http://1.2.3.4/score", false).is_some_and(|words| !words.contains("not allowed"))
        );
        assert_eq!(plain_http("https://host/score", true), None);
    }

    #[test]
    fn a_link_leads_to_the_web_alone() {
        assert!(is_web_address("https://host/swagger.json"));
        assert!(!is_web_address("javascript:alert(1)"));
    }
}
