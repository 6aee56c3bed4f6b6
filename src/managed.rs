//! What pages do to models, assets, images and services alike: their description and tags are edited, and they are
//! deleted unless something else is made of them.

use std::collections::BTreeMap;

use azimuth_api::{
    AssetId, ChangeManaged, DeleteManaged, ImageId, ListImages, ListModels, ListServices, ManagedPart,
    ModelHost, ModelId, RunId, WorkspaceId,
};
use leptos::prelude::*;
use serde_json::json;

use crate::changes::forms::{
    ChangeButton, ChangeRemark, DeleteDialog, OpenButton, RequestFold, read_only_reason,
};
use crate::changes::{Expected, Plan, Target, change};
use crate::components::field::TextArea;
use crate::components::panel::Hint;
use crate::components::tags_field::{TagsField, tag_text, tags_in};
use crate::kept::kept;
use crate::load::Load;
use crate::navigation::Navigation;
use crate::query::{ListQuery, Listed, list};
use crate::route::{Route, WorkspaceRoute};
use crate::shown::PartLink;

/// What is written about something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// A text for people; may be empty.
    pub description: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Written {
    /// As a document has them.
    pub fn of(description: Option<&String>, tags: &BTreeMap<String, String>) -> Self {
        Self { description: description.cloned().unwrap_or_default(), tags: tags.clone() }
    }

    /// What of these differs from what there was.
    fn changes(&self, was: &Self) -> (Option<String>, Option<BTreeMap<String, String>>) {
        let description = (self.description != was.description).then(|| self.description.clone());
        (description, (self.tags != was.tags).then(|| self.tags.clone()))
    }
}

/// A button, and the form behind it, that changes what is written about something.
#[component]
pub fn EditWords(
    workspace: WorkspaceId,
    part: ManagedPart,
    /// What stands there now.
    #[prop(into)]
    written: Signal<Written>,
) -> impl IntoView {
    // Kept, so that a reload finds the form as it was.
    let (editing, description, tags) = (kept("editing"), kept("description"), kept("tags"));
    let is_open = Memo::new(move |_| editing.with(|editing| !editing.is_empty()));
    // The form goes away with what it said.
    let is_saved = RwSignal::new(false);
    let close = move || {
        for field in [editing, description, tags] {
            field.set(String::new());
        }
    };
    let open = move |_| {
        let now = written.get_untracked();
        description.set(now.description);
        tags.set(tag_text(&now.tags));
        editing.set("yes".to_owned());
        is_saved.set(false);
    };
    let title = format!("Change what is written about {} {}", part.noun(), part.id());
    let target = target_of(&workspace, &part);
    let changed = Memo::new(move |_| {
        let tags = tags.with(|text| tags_in(text))?;
        let typed = Written { description: description.with(|text| text.trim().to_owned()), tags };
        Ok::<_, String>(written.with(|was| typed.changes(was)))
    });
    let saving = change(move || {
        let (description, tags) = changed.get().ok()?;
        let values = description
            .iter()
            .map(|text| ("/description".to_owned(), json!(text)))
            .chain(tags.iter().map(|tags| ("/kvTags".to_owned(), json!(tags))));
        let expected = Expected::Values(values.collect());
        if description.is_none() && tags.is_none() {
            return None;
        }
        let operation = ChangeManaged {
            workspace: workspace.clone(),
            part: part.clone(),
            description,
            tags,
            host: ModelHost::default(),
        };
        Some(Plan::new(title.clone(), &operation, target.clone(), expected).then(move || {
            close();
            is_saved.set(true);
        }))
    });
    let why_not = Signal::derive(move || match changed.get() {
        Err(error) => Some(error),
        Ok((None, None)) => Some("Nothing is changed yet.".to_owned()),
        Ok(_) => None,
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if why_not.with_untracked(Option::is_none) {
            saving.send();
        }
    };
    let read_only = read_only_reason();

    view! {
        <Show
            when=move || is_open.get()
            fallback=move || view! {
                <div class="stack tight">
                    <div class="cluster">
                        <button
                            type="button"
                            class="button small"
                            aria-disabled=read_only.map(|_| "true")
                            title=read_only
                            on:click=move |event| if read_only.is_none() { open(event) }
                        >
                            "Edit description and tags"
                        </button>
                    </div>
                    <Show when=move || is_saved.get()>
                        <p class="muted" role="status">"Saved."</p>
                    </Show>
                    <ChangeRemark change=saving/>
                </div>
            }
        >
            <form class="stack" novalidate=true on:submit=submit aria-label="Description and tags">
                <TextArea label="Description" value=description rows=3/>
                <TagsField text=tags/>
                <RequestFold change=saving/>
                <ChangeButton change=saving label="Save" class="primary" why_not=why_not submits=true done="Saved.">
                    <button type="button" class="button" on:click=move |_| close()>"Cancel"</button>
                </ChangeButton>
            </form>
        </Show>
    }
}

/// A button that deletes something, and the dialog before it, which names what is made of it.
#[component]
pub fn DeletePart(
    workspace: WorkspaceId,
    part: ManagedPart,
    /// The run of an asset: its models are found by it.
    #[prop(optional_no_strip)]
    run: Option<RunId>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let open = RwSignal::new(false);
    let title = format!("Delete {} {}", part.noun(), part.id());
    let (kind, goes) = match &part {
        ManagedPart::Model(_) => (
            "Model",
            "This version goes, and no other. Its files stay with the run that made them, and so does the asset that holds them.",
        ),
        ManagedPart::Asset(_) => {
            ("Asset", "The asset goes. The files that it points at stay with the run that made them.")
        }
        ManagedPart::Image(_) => (
            "Image",
            "This version goes. The models in it stay, and so may its copy in the container registry.",
        ),
        ManagedPart::Service(_) => (
            "Service",
            "Its address stops answering at once, and its keys with it. The models and images behind it stay.",
        ),
    };
    let back = match &part {
        ManagedPart::Model(_) => WorkspaceRoute::Models,
        ManagedPart::Asset(_) => WorkspaceRoute::Assets,
        ManagedPart::Image(_) => WorkspaceRoute::Images,
        ManagedPart::Service(_) => WorkspaceRoute::Services,
    };
    let (place, own, plan_title) = (workspace.clone(), part.clone(), title.clone());
    let deletion = change(move || {
        let operation = DeleteManaged::of(place.clone(), own.clone());
        let back = Route::Workspace(place.clone(), back.clone());
        let plan = Plan::new(plan_title.clone(), &operation, target_of(&place, &own), Expected::Gone);
        Some(plan.then(move || navigation.go_to(back.clone())))
    });
    let name = part.id().to_owned();
    let (of_users, users) = (workspace.clone(), part.clone());

    view! {
        <div class="cluster">
            <OpenButton open=open label=format!("Delete this {}", part.noun())/>
        </div>
        <DeleteDialog change=deletion open=open title=title workspace=workspace name=name kind=kind>
            <p>{goes}</p>
            <Users workspace=of_users.clone() part=users.clone() run=run.clone()/>
        </DeleteDialog>
    }
}

/// What is made of something: it has to go first.
#[component]
fn Users(workspace: WorkspaceId, part: ManagedPart, run: Option<RunId>) -> impl IntoView {
    match part {
        ManagedPart::Model(model) => users_of_model(workspace, model).into_any(),
        ManagedPart::Image(image) => users_of_image(workspace, image).into_any(),
        ManagedPart::Asset(asset) => run.map(|run| users_of_asset(workspace, asset, run)).into_any(),
        ManagedPart::Service(_) => ().into_any(),
    }
}

fn users_of_model(workspace: WorkspaceId, model: ModelId) -> impl IntoView {
    let (place, of) = (workspace.clone(), model.clone());
    let services = list(move || ListServices { model: Some(of.clone()), ..ListServices::of(place.clone()) });
    let (place, of) = (workspace.clone(), model);
    let images = list(move || ListImages { model: Some(of.clone()), ..ListImages::of(place.clone()) });
    view! {
        {users(services, "the services that use it", workspace.clone(), |service| {
            Some((format!("service {}", service.id), WorkspaceRoute::Service(service.id.clone())))
        })}
        {users(images, "the images that hold it", workspace, |image| {
            Some((format!("image {}", image.id), WorkspaceRoute::Image(image.id.clone())))
        })}
    }
}

fn users_of_image(workspace: WorkspaceId, image: ImageId) -> impl IntoView {
    let place = workspace.clone();
    let services =
        list(move || ListServices { image: Some(image.clone()), ..ListServices::of(place.clone()) });
    users(services, "the services started from it", workspace, |service| {
        Some((format!("service {}", service.id), WorkspaceRoute::Service(service.id.clone())))
    })
}

fn users_of_asset(workspace: WorkspaceId, asset: AssetId, run: RunId) -> impl IntoView {
    let place = workspace.clone();
    let models = list(move || ListModels { run: Some(run.clone()), ..ListModels::of(place.clone()) });
    users(models, "the models made of it", workspace, move |model| {
        (model.asset().as_ref() == Some(&asset))
            .then(|| (format!("model {}", model.id), WorkspaceRoute::Model(model.id.clone())))
    })
}

/// A warning with links, where there is anything.
fn users<T: Listed>(
    found: ListQuery<T>,
    what: &'static str,
    workspace: WorkspaceId,
    link: impl Fn(&T) -> Option<(String, WorkspaceRoute)> + Send + Sync + 'static,
) -> impl IntoView {
    let link = StoredValue::new(link);
    view! {
        <Load query=found.query() what=what let:loaded>
            {
                let workspace = workspace.clone();
                move || {
                    let links: Vec<_> = loaded.with(|loaded| {
                        loaded.items().filter_map(|item| link.with_value(|link| link(item))).collect()
                    });
                    if links.is_empty() {
                        return ().into_any();
                    }
                    let items: Vec<_> = links
                        .into_iter()
                        .map(|(label, part)| {
                            view! { <li><PartLink workspace=workspace.clone() part=part label=label/></li> }
                        })
                        .collect();
                    view! {
                        <Hint warning=true>
                            <p>"The service refuses to delete it while these are there:"</p>
                            <ul class="links">{items}</ul>
                        </Hint>
                    }
                    .into_any()
                }
            }
        </Load>
    }
}

/// What is read again to find out what became of a change.
fn target_of(workspace: &WorkspaceId, part: &ManagedPart) -> Target {
    let workspace = workspace.clone();
    match part.clone() {
        ManagedPart::Model(id) => Target::Model(workspace, id),
        ManagedPart::Asset(id) => Target::Asset(workspace, id),
        ManagedPart::Image(id) => Target::Image(workspace, id),
        ManagedPart::Service(id) => Target::Service(workspace, id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_changed_is_sent() {
        let was = Written::of(Some(&"old".to_owned()), &[("a".to_owned(), "1".to_owned())].into());
        assert_eq!(was.changes(&was), (None, None));
        let described = Written { description: "new".to_owned(), ..was.clone() };
        assert_eq!(described.changes(&was), (Some("new".to_owned()), None));
        let bare = Written { tags: BTreeMap::new(), ..was.clone() };
        assert_eq!(bare.changes(&was), (None, Some(BTreeMap::new())));
    }
}
