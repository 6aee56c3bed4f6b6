//! The form that makes a workspace of what it needs.

mod parts;
mod providers;
mod wanted;

use azimuth_api::{
    Accepted, CreateWorkspace, Dependency, GetProvider, GetResourceGroup, GetWorkspace, ListResources,
    NewWorkspace, Provider, ResourceGroup, ResourceGroupName, SubscriptionId, WorkspaceId, WorkspaceName,
};
use leptos::prelude::*;

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{Change, ChangeState, Expected, Plan, Target, change};
use crate::client::Client;
use crate::components::facts::{Fact, Facts};
use crate::components::field::{Choice, SelectField, TextArea, TextField, TextKind};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::components::tags_field::{TagsField, tags_in};
use crate::kept::{forget, kept};
use crate::load::{ApiErrorPanel, ListFooter};
use crate::name_check::NameCheck;
use crate::navigation::{Navigation, use_passing_title};
use crate::pages::new_workspace::parts::PartField;
use crate::pages::new_workspace::providers::Providers;
use crate::pages::new_workspace::wanted::{Picked, Wanted, short_region};
use crate::query::{Loaded, Query, list, query};
use crate::route::{Route, WorkspaceRoute};
use crate::unmade::{UnmadeWorkspace, status_link};

/// Who provides workspaces.
const LEARNING: &str = "Microsoft.MachineLearningServices";

/// What stands in the form. A handle.
#[derive(Clone, Copy)]
struct Form {
    name: RwSignal<String>,
    region: RwSignal<String>,
    friendly_name: RwSignal<String>,
    description: RwSignal<String>,
    tags: RwSignal<String>,
    /// In the order of [`Dependency::ALL`]: what is chosen, and the id that is typed instead.
    parts: [(RwSignal<String>, RwSignal<String>); 4],
}

impl Form {
    fn kept() -> Self {
        Self {
            name: kept("name"),
            region: kept("region"),
            friendly_name: kept("friendly name"),
            description: kept("description"),
            tags: kept("tags"),
            parts: [
                (kept("storage"), kept("storage id")),
                (kept("vault"), kept("vault id")),
                (kept("insights"), kept("insights id")),
                (kept("registry"), kept("registry id")),
            ],
        }
    }

    /// What is asked for, or the first thing that is missing.
    fn wanted(self) -> Result<(WorkspaceName, NewWorkspace), String> {
        let texts =
            [self.name, self.region, self.friendly_name, self.description, self.tags].map(|one| one.get());
        let [name, region, friendly_name, description, tags] = texts.each_ref().map(String::as_str);
        let parts = self.parts.map(|(choice, typed)| (choice.get(), typed.get()));
        let parts = parts.each_ref().map(|(choice, typed)| Picked { choice, typed });
        Wanted { name, region, friendly_name, description, tags, parts }.made()
    }
}

/// Says what is needed, what there is of it, and makes the workspace.
#[component]
pub fn NewWorkspacePage(subscription: SubscriptionId, resource_group: ResourceGroupName) -> impl IntoView {
    use_passing_title("Create a workspace".to_owned());
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let form = Form::kept();
    let list_of_group = Route::Workspaces(subscription.clone(), resource_group.clone());

    let (of, within) = (subscription.clone(), resource_group.clone());
    let group = query(move || GetResourceGroup { subscription: of.clone(), resource_group: within.clone() });
    let of = subscription.clone();
    let provider = query(move || GetProvider { subscription: of.clone(), namespace: LEARNING.to_owned() });
    let (of, within) = (subscription.clone(), resource_group.clone());
    let candidates =
        list(move || ListResources { subscription: of.clone(), resource_group: within.clone(), next: None });

    // All of them are to choose from, however many pages they come in.
    Effect::new(move || {
        if candidates.query().with(|loaded| loaded.is_some_and(Loaded::has_more)) {
            candidates.more_by_itself();
        }
    });

    let place = StoredValue::new((subscription.clone(), resource_group.clone()));
    let workspace_named = move |name: WorkspaceName| {
        let (subscription, resource_group) = place.get_value();
        WorkspaceId { subscription, resource_group, name }
    };
    let wanted = Memo::new(move |_| form.wanted());
    let link_of = status_link(navigation, &subscription, &resource_group);
    let creation = change(move || {
        let (name, wanted) = wanted.get().ok()?;
        let workspace = workspace_named(name);
        let title = format!("Create workspace {}", workspace.name);
        let operation = CreateWorkspace { workspace: workspace.clone(), wanted };
        let target = Target::Workspace(workspace.clone());
        let keep = move |accepted: Option<Accepted>| {
            let link = accepted.and_then(|accepted| accepted.status_link);
            link_of.try_set(link.map(|link| format!("{} {link}", workspace.name)).unwrap_or_default());
        };
        Some(Plan::answered(title, &operation, target, Expected::There, keep).long())
    });
    open_when_made(creation, move || {
        if let Ok((name, _)) = form.wanted() {
            forget(navigation);
            navigation.go_to(Route::Workspace(workspace_named(name), WorkspaceRoute::Overview));
        }
    });

    let named = move || {
        let name = WorkspaceName::from(form.name.with(|name| name.trim().to_owned()));
        workspace_named(name)
    };
    let check = RwSignal::new(NameCheck::default());
    Effect::new(move || {
        form.name.track();
        check.set(NameCheck::Unasked);
    });
    // A browser may send by itself once more what a connection lost, and what is refused then has arrived before.
    let state = creation.state();
    Effect::new(move || {
        let is_refused = |state: &ChangeState| match state {
            ChangeState::Refused(error) => {
                error.status() == Some(409)
                    && error.refusal().is_some_and(|refusal| refusal.missing_provider().is_none())
            }
            _ => false,
        };
        if state.with(is_refused) {
            NameCheck::ask(check, client, GetWorkspace { workspace: untrack(named) }, || ());
        }
    });
    let is_asking = Memo::new(move |_| check.with(|check| *check == NameCheck::Asking));
    let is_under_way = Memo::new(move |_| state.with(|state| *state == ChangeState::UnderWay));
    let is_busy = Signal::derive(move || is_asking.get() || state.with(ChangeState::is_open));
    let is_registered = Memo::new(move |_| provider.with(|found| found.is_none_or(Provider::is_registered)));
    let why_not = Signal::derive(move || match (is_asking.get(), is_registered.get()) {
        (true, _) => Some("Looking whether the name is free.".to_owned()),
        (_, false) => Some(format!("Register {LEARNING} first.")),
        _ => wanted.with(|wanted| wanted.as_ref().err().cloned()),
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Ok((name, _)) = wanted.get_untracked() else { return };
        if creation.is_read_only() || is_busy.get_untracked() || why_not.with_untracked(Option::is_some) {
            return;
        }
        let question = GetWorkspace { workspace: workspace_named(name) };
        NameCheck::ask(check, client, question, move || creation.send());
    };
    let found = move || match check.get() {
        NameCheck::Taken => view! { <Taken workspace=named()/> }.into_any(),
        NameCheck::Failed(error) => {
            view! { <ApiErrorPanel error=error what="find out whether the name is free" inline=true/> }
                .into_any()
        }
        NameCheck::Unasked | NameCheck::Asking => ().into_any(),
    };
    let has_failed = Memo::new(move |_| state.with(|state| matches!(state, ChangeState::Failed(_))));
    let region = form.region;
    let parts = Dependency::ALL.into_iter().zip(form.parts).map(|(kind, (choice, typed))| {
        let group = resource_group.to_string();
        view! { <PartField kind=kind choice=choice typed=typed candidates=candidates region=region group=group disabled=is_busy/> }
    });
    let parts = parts.collect::<Vec<_>>();

    view! {
        <div class="page">
            <PageTitle title="Create a workspace">
                <a class="button" href=navigation.href(list_of_group)>"Back to the workspaces"</a>
            </PageTitle>
            <div hidden=move || !is_under_way.get()>
                {move || is_under_way.get().then(|| view! { <BeingMade workspace=named() region=region.get_untracked()/> })}
            </div>
            <form class="columns" novalidate=true on:submit=submit hidden=move || is_under_way.get()>
                <div class="stack loose">
                    <NameAndPlace form=form group=group provider=provider disabled=is_busy/>
                    <section class="section">
                        <h2>"What it is made of"</h2>
                        <p class="muted">"They have to be there before, and cannot be exchanged afterwards."</p>
                        {parts}
                        <ListFooter list=candidates noun="resources"/>
                    </section>
                </div>
                <div class="stack loose">
                    <Providers subscription=subscription/>
                    <section class="section">
                        <h2>"To know before"</h2>
                        <Hint>
                            <p>"Moving a workspace to another subscription, or its subscription to another tenant, is not supported: it may break."</p>
                            <p>"Its container registry belongs to it as soon as it has one. Deleting the registry breaks the workspace."</p>
                        </Hint>
                    </section>
                    <section class="section">
                        <ChangeButton
                            change=creation
                            label="Create workspace"
                            class="primary"
                            why_not=why_not
                            submits=true
                            done="It was made."
                        />
                        <div role="status">{found}</div>
                        {move || has_failed.get().then(|| {
                            let workspace = untrack(named);
                            let asked = GetWorkspace { workspace: workspace.clone() };
                            view! { <UnmadeWorkspace workspace=workspace found=query(move || asked.clone()) leads=true/> }
                        })}
                        <RequestFold change=creation/>
                    </section>
                </div>
            </form>
        </div>
    }
}

/// Goes on once it was made, if that was seen from here: another one of the same name may have been made before.
fn open_when_made(creation: Change, open: impl Fn() + 'static) {
    let state = creation.state();
    let title = creation.title();
    Effect::new(move |was: Option<(String, bool)>| {
        let (title, state) = (title.get(), state.get());
        let was_open = was.is_some_and(|(known, was_open)| was_open && known == title);
        if was_open && matches!(state, ChangeState::Done(_)) {
            untrack(&open);
        }
        (title, state.is_open())
    });
}

#[component]
fn NameAndPlace(
    form: Form,
    group: Query<ResourceGroup>,
    provider: Query<Provider>,
    disabled: Signal<bool>,
) -> impl IntoView {
    let Form { name, region, friendly_name, description, tags, .. } = form;
    let fault = Signal::derive(move || {
        let text = name.with(|name| name.trim().to_owned());
        if text.is_empty() { None } else { WorkspaceName::from(text).fault() }
    });
    let places = Memo::new(move |_| {
        let choice = |place: &str| Choice { value: short_region(place), label: place.to_owned() };
        provider.with(|found| {
            let mut places: Vec<Choice> = found?.places_of("workspaces").map(choice).collect();
            places.sort_by(|one, other| one.label.cmp(&other.label));
            Some(places).filter(|places| !places.is_empty())
        })
    });
    // Most want it where the group is.
    Effect::new(move || {
        let of_group = group.with(|group| group.map(|group| short_region(&group.location)));
        let is_place = |place: &String| {
            places
                .with(|places| places.as_ref()?.iter().find(|choice| choice.value == *place).map(|_| ()))
                .is_some()
        };
        if let Some(place) = of_group.filter(is_place)
            && region.with_untracked(String::is_empty)
        {
            region.set(place);
        }
    });
    let choices = Signal::derive(move || {
        let mut choices = places.get().unwrap_or_default();
        let chosen = region.get();
        if !choices.iter().any(|choice| choice.value == chosen) {
            let label = if chosen.is_empty() { "Choose a region".to_owned() } else { chosen.clone() };
            choices.insert(0, Choice { value: chosen, label });
        }
        choices
    });
    let remark = Signal::derive(move || {
        let of_group = group.with(|group| group.map(|group| group.location.clone())).unwrap_or_default();
        let is_elsewhere = places.with(|places| {
            places
                .as_ref()
                .is_some_and(|places| places.iter().all(|one| one.value != short_region(&of_group)))
        });
        if !of_group.is_empty() && is_elsewhere {
            format!(
                "The resource group is in {of_group}, where there is no machine learning. The workspace may be elsewhere."
            )
        } else {
            "Where it computes and keeps its history. It cannot be changed afterwards.".to_owned()
        }
    });
    let has_places = Memo::new(move |_| places.with(Option::is_some));

    view! {
        <section class="section">
            <h2>"Name and place"</h2>
            <TextField
                label="Name"
                value=name
                kind=TextKind::Code
                help="Unique in the resource group, part of every address. It cannot be changed afterwards."
                error=fault
                disabled=disabled
                required=true
            />
            <Show
                when=move || has_places.get()
                fallback=move || view! {
                    <TextField label="Region" value=region kind=TextKind::Code help="In its short form: westeurope." disabled=disabled required=true/>
                }
            >
                <SelectField label="Region" value=region choices=choices on_change=move |chosen| region.set(chosen) help=remark disabled=disabled/>
            </Show>
            <TextField label="Friendly name (optional)" value=friendly_name help="For people: shown in place of the name." disabled=disabled/>
            <TextArea label="Description (optional)" value=description rows=2 disabled=disabled/>
            <TagsField text=tags error=Signal::derive(move || tags.with(|tags| tags_in(tags)).err()) disabled=disabled/>
        </section>
    }
}

/// What has the name.
#[component]
fn Taken(workspace: WorkspaceId) -> impl IntoView {
    let name = workspace.name.to_string();
    let href = expect_context::<Navigation>().href(Route::Workspace(workspace, WorkspaceRoute::Overview));

    view! {
        <Hint warning=true>
            <p>"There is a workspace of this name already. "<a href=href>"Open "<bdi>{name}</bdi></a>", or choose another name."</p>
        </Hint>
    }
}

/// While Azure makes it.
#[component]
fn BeingMade(workspace: WorkspaceId, region: String) -> impl IntoView {
    view! {
        <section class="section">
            <h2>"Being made"</h2>
            <p class="loading">"Azure is making the workspace. It takes half a minute, or some minutes."</p>
            <Facts>
                <Fact name="Workspace"><bdi>{workspace.name.to_string()}</bdi></Fact>
                <Fact name="Resource group"><bdi>{workspace.resource_group.to_string()}</bdi></Fact>
                <Fact name="Region"><bdi>{region}</bdi></Fact>
            </Facts>
            <p class="muted">"It opens here once it is there. You may look at other pages or reload this one: it goes on, and a line above every page tells when it is over."</p>
        </section>
    }
}
