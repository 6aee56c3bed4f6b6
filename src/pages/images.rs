//! The images of a workspace, which services are started from, and one of them.

use std::time::Duration;

use azimuth_api::{
    GetImage, Image, ImageId, ListImages, ListServices, ManagedPart, ModelId, WebService, WorkspaceId,
};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::button::Identifier;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::{EmptyState, ErrorPanel};
use crate::components::rows::Rows;
use crate::components::service_state::{ImageStateBadge, ServiceStateBadge, plain_image_state};
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, ListFooter, Load};
use crate::managed::{DeletePart, EditWords, Written};
use crate::navigation::{Navigation, use_title};
use crate::query::{ListQuery, Loaded, Shown, list, list_until, query};
use crate::route::{Route, WorkspaceRoute};
use crate::shown::{ModelLinks, ModelTabs, Moment, NamedValues, PartLink};

/// How often an image is asked for while it is being made.
const WHILE_CHANGING: Duration = Duration::from_secs(10);

/// All of them, the newest first.
#[component]
pub fn ImagesPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Images".to_owned());
    let asked = workspace.clone();
    let images = list_until(move || ListImages::of(asked.clone()), Image::is_changing).refresh(refresh_after);
    let query = images.query();
    let refreshes = Memo::new(move |_| query.with(|images| images.and_then(refresh_after).is_some()));

    view! {
        <div class="page">
            <PageTitle title="Images"/>
            <ModelTabs workspace=workspace.clone()/>
            <Listing
                list=images
                noun="images"
                usual="-created"
                fits=fits
                sort_key=sort_key
                refreshes=refreshes
                empty=|| view! {
                    <EmptyState
                        title="No image yet"
                        text="An image is a model with all that it needs to answer questions. Making a service from a model may make one."
                    />
                }
                table=move |images, sorting| {
                    view! { <ImageTable images=images sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn ImageTable(images: Memo<Vec<Image>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |image: Signal<Image>| {
        let image = image.get_untracked();
        let part = WorkspaceRoute::Image(image.id.clone());
        let href = navigation.href(Route::Workspace(workspace.clone(), part));
        let created = image.created_time.map(|time| view! { <Moment time=time/> });
        let flavour = plain_flavour(image.image_flavor.as_deref().unwrap_or_default()).to_owned();
        let models = models_in_words(&image.model_ids);
        let tags: Vec<_> = image.kv_tags.into_iter().collect();
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{image.name}</bdi></a></th>
                <td class="number" data-label="Version">{image.version}</td>
                <td class="state"><ImageStateBadge state=image.creation_state/></td>
                <td class="meta">{flavour}</td>
                <td class="clips meta" title=models.clone()><bdi>{models.clone()}</bdi></td>
                <td class="meta">{created}</td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Images">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="version" label="Version" first=Direction::Descending number=true/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <SortColumn sorting=sorting column="flavour" label="For"/>
                        <th scope="col">"Models"</th>
                        <SortColumn sorting=sorting column="created" label="Created" first=Direction::Descending/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows each=images
                        key=|image| (image.id.clone(), image.creation_state.clone(), image.kv_tags.clone())
                        children=row/>
            </table>
        </TableFrame>
    }
}

/// One image: how making it went, what is in it, where it is, and who uses it.
#[component]
pub fn ImagePage(workspace: WorkspaceId, image: ImageId) -> impl IntoView {
    let title = image.to_string();
    use_title(title.clone());
    let asked = GetImage::of(workspace.clone(), image.clone());
    let found = query(move || asked.clone()).refresh(refresh_one_after);
    let refreshes = Memo::new(move |_| found.with(|image| image.and_then(refresh_one_after).is_some()));
    let is_there = Memo::new(move |_| found.has_value());
    let place = workspace.clone();

    view! {
        <div class="page">
            <PageTitle kind="Image" title=title>
                <Freshness query=found pausable=refreshes/>
            </PageTitle>
            <Load query=found what="the image" let:found>
                <ImageDetails image=found workspace=place.clone()/>
            </Load>
            <Show when=move || is_there.get()>
                <StartedFrom workspace=workspace.clone() image=image.clone()/>
            </Show>
        </div>
    }
}

#[component]
fn ImageDetails(image: Shown<Image>, workspace: WorkspaceId) -> impl IntoView {
    let own = (workspace.clone(), ManagedPart::Image(untrack(|| image.with(|image| image.id.clone()))));
    let written =
        Memo::new(move |_| image.with(|image| Written::of(image.description.as_ref(), &image.kv_tags)));
    let state = Signal::derive(move || image.with(|image| image.creation_state.clone()));
    let fault = Memo::new(move |_| image.with(|image| image.error.clone()));
    let fault = move || {
        fault.get().map(|fault| {
            let code = Some(fault.code.clone()).filter(|code| !code.is_empty());
            view! {
                <ErrorPanel
                    title="The service could not make this image"
                    message=fault.words()
                    what_to_do=Some("What was said while it was made is in its build log. Make the image again once what stands there is mended.".to_owned())
                    code=code
                />
            }
        })
    };
    let facts = move || {
        let image = image.get();
        let runtime = image.target_runtime.unwrap_or_default();
        let runtime = [runtime.runtime_type, runtime.os_type, runtime.target_arch];
        let runtime: Vec<String> = runtime.into_iter().flatten().filter(|word| !word.is_empty()).collect();
        let flavour = plain_flavour(image.image_flavor.as_deref().unwrap_or_default()).to_owned();
        let modified = image.modified_time.filter(|time| Some(*time) != image.created_time);
        view! {
            {image.description.filter(|text| !text.is_empty()).map(|text| view! { <p><bdi>{text}</bdi></p> })}
            <Facts stacks=true>
                <Fact name="Name"><bdi>{image.name}</bdi></Fact>
                <Fact name="Version">{image.version}</Fact>
                {image.created_time.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                {modified.map(|time| view! { <Fact name="Changed"><Moment time=time/></Fact> })}
                {image.image_type.map(|kind| view! { <Fact name="Kind">{kind}</Fact> })}
                {(!flavour.is_empty()).then(|| view! { <Fact name="For">{flavour}</Fact> })}
                {image.image_location.map(|place| view! { <Fact name="Kept at"><Identifier value=place length=72/></Fact> })}
                {image.driver_program.map(|script| view! { <Fact name="Script"><bdi class="code">{script}</bdi></Fact> })}
                {(!runtime.is_empty()).then(|| view! { <Fact name="Runs on">{runtime.join(", ")}</Fact> })}
                {image.image_build_log_uri.map(|address| view! {
                    <Fact name="Build log">
                        <div class="stack tight">
                            <Identifier value=address length=72/>
                            <span class="muted small">"Without the signature that opens it: that is a secret. Azure’s studio and SDK show the log."</span>
                        </div>
                    </Fact>
                })}
            </Facts>
        }
    };
    let models = move || {
        let models = image.with(|image| image.model_ids.clone());
        if models.is_empty() {
            view! { <p class="muted">"The service names no model in it."</p> }.into_any()
        } else {
            view! { <ModelLinks workspace=workspace.clone() models=models/> }.into_any()
        }
    };
    let tags = move || {
        let Image { kv_tags, properties, .. } = image.get();
        view! {
            <NamedValues title="Tags" values=kv_tags none="No tags."/>
            <NamedValues title="Properties" values=properties none="No properties."/>
        }
    };

    view! {
        <div class="cluster"><ImageStateBadge state=state/></div>
        {fault}
        <div class="columns">
            <div class="overview">
                <div class="stack">{facts}</div>
                <section class="section">
                    <h2>"Models in it"</h2>
                    {models}
                </section>
            </div>
            <div class="overview">
                {tags}
                <EditWords workspace=own.0.clone() part=own.1.clone() written=written/>
                <DeletePart workspace=own.0 part=own.1/>
            </div>
        </div>
    }
}

/// The services that were started from it.
#[component]
fn StartedFrom(workspace: WorkspaceId, image: ImageId) -> impl IntoView {
    let asked = ListServices { image: Some(image), ..ListServices::of(workspace.clone()) };
    let services: ListQuery<WebService> = list(move || asked.clone());
    let row = move |service: WebService| {
        let (label, part) = (service.id.to_string(), WorkspaceRoute::Service(service.id.clone()));
        view! {
            <li>
                <PartLink workspace=workspace.clone() part=part label=label/>
                " "
                <ServiceStateBadge state=service.state/>
            </li>
        }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <h2>"Services started from it"</h2>
            <Load query=services.query() what="the services" let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"No service was started from it."</p> }
                >
                    <ul class="links">
                        <For
                            each=move || loaded.with(|loaded| loaded.items().cloned().collect::<Vec<_>>())
                            key=|service| (service.id.clone(), service.state.clone())
                            children=move |service| row.with_value(|row| row(service))
                        />
                    </ul>
                </Show>
                <ListFooter list=services noun="services"/>
            </Load>
        </section>
    }
}

fn refresh_after(images: &Loaded<Image>) -> Option<Duration> {
    images.items().filter_map(refresh_one_after).min()
}

fn refresh_one_after(image: &Image) -> Option<Duration> {
    image.is_changing().then_some(WHILE_CHANGING)
}

/// What the service's word for what an image is for means.
fn plain_flavour(word: &str) -> &str {
    match word {
        "WebApiContainer" => "Web service",
        "BatchContainer" => "Batches",
        "IoTContainer" => "Devices (IoT)",
        "AccelContainer" => "Accelerated hardware",
        "UserProvidedContainer" => "Made by its owner",
        other => other,
    }
}

/// "loaves:3", or that and how many more.
fn models_in_words(models: &[ModelId]) -> String {
    match models {
        [] => String::new(),
        [one] => one.to_string(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}

fn fits(image: &Image, filter: &str) -> bool {
    let own = [
        image.id.as_str(),
        image.creation_state.as_str(),
        plain_image_state(&image.creation_state).1,
        plain_flavour(image.image_flavor.as_deref().unwrap_or_default()),
        image.image_location.as_deref().unwrap_or_default(),
        image.description.as_deref().unwrap_or_default(),
    ];
    let models = image.model_ids.iter().map(ModelId::as_str);
    matches(filter, own.into_iter().chain(models).chain(tag_texts(&image.kv_tags)))
}

fn sort_key(image: &Image, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(&image.name),
        "version" => SortKey::Number(image.version as f64),
        "state" => SortKey::text(plain_image_state(&image.creation_state).1),
        "flavour" => SortKey::text(plain_flavour(image.image_flavor.as_deref().unwrap_or_default())),
        "created" => SortKey::time(image.created_time),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> Image {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_image_is_asked_for_again_only_while_it_is_being_made() {
        let state = |word: &str| image(&format!(r#"{{"id":"i:1","creationState":"{word}"}}"#));
        assert_eq!(refresh_one_after(&state("Running")), Some(WHILE_CHANGING));
        assert_eq!(refresh_one_after(&state("Failed")), None);
    }

    #[test]
    fn the_filter_finds_models_and_plain_words() {
        let found = image(
            r#"{"id":"i:1","creationState":"Failed","modelIds":["loaves:3"],"imageFlavor":"IoTContainer"}"#,
        );
        assert!(fits(&found, "loaves could not"));
        assert!(fits(&found, "devices failed"));
        assert!(!fits(&found, "ready"));
    }
}
