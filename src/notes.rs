//! What people write about runs and experiments: a name, a description, tags. It is changed in place, one thing at a
//! time, so that each change arrives as a whole or not at all.

use std::collections::BTreeMap;

use azimuth_api::{
    ChangeExperiment, ChangeRun, DeleteExperimentTags, DeleteRunTags, ExperimentEdit, ExperimentName,
    RunEdit, RunId, WorkspaceId,
};
use leptos::html;
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::changes::forms::{ChangeButton, ChangeRemark, RequestFold};
use crate::changes::{ChangeState, Expected, Plan, Target, change};
use crate::components::badge::Tags;
use crate::components::field::{TextArea, TextField, TextKind};
use crate::components::icon::{Icon, IconName};
use crate::kept::kept;

/// What is written about.
#[derive(Clone, Debug, PartialEq)]
pub enum Noted {
    /// A run.
    Run(WorkspaceId, ExperimentName, RunId),
    /// An experiment, with its id.
    Experiment(WorkspaceId, ExperimentName, String),
}

impl Noted {
    fn target(&self) -> Target {
        match self.clone() {
            Self::Run(workspace, experiment, run) => Target::Run(workspace, experiment, run),
            Self::Experiment(workspace, experiment, _) => Target::Experiment(workspace, experiment),
        }
    }

    fn called(&self) -> String {
        match self {
            Self::Run(_, _, run) => format!("run {run}"),
            Self::Experiment(_, experiment, _) => format!("experiment {experiment}"),
        }
    }

    /// Writes a name and a description; what is none stays as it is.
    fn describe(&self, name: Option<String>, description: Option<String>) -> Plan {
        let fields = [("/name", &name), ("/description", &description)];
        let expected =
            fields.into_iter().filter_map(|(at, text)| Some((at.to_owned(), json!(text.as_ref()?))));
        let expected = Expected::Values(expected.collect());
        let title = format!("Describe {}", self.called());
        match self.clone() {
            Self::Run(workspace, experiment, run) => {
                let change = RunEdit { display_name: name, description, ..RunEdit::default() };
                let operation = ChangeRun { workspace, experiment, run, change };
                Plan::new(title, &operation, self.target(), expected)
            }
            // Its name is what leads to it, and stays.
            Self::Experiment(workspace, _, experiment_id) => {
                let change = ExperimentEdit { description, ..ExperimentEdit::default() };
                let operation = ChangeExperiment { workspace, experiment_id, change };
                Plan::new(title, &operation, self.target(), expected)
            }
        }
    }

    fn tag(&self, name: &str, value: &str) -> Plan {
        let expected = Expected::Values(vec![(tag_pointer(name), json!(value))]);
        let title = format!("Tag {}", self.called());
        let tags = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        match self.clone() {
            Self::Run(workspace, experiment, run) => {
                let change = RunEdit { tags, ..RunEdit::default() };
                let operation = ChangeRun { workspace, experiment, run, change };
                Plan::new(title, &operation, self.target(), expected)
            }
            Self::Experiment(workspace, _, experiment_id) => {
                let change = ExperimentEdit { tags, ..ExperimentEdit::default() };
                let operation = ChangeExperiment { workspace, experiment_id, change };
                Plan::new(title, &operation, self.target(), expected)
            }
        }
    }

    fn untag(&self, name: &str) -> Plan {
        let expected = Expected::Values(vec![(tag_pointer(name), Value::Null)]);
        let title = format!("Remove tag {name} from {}", self.called());
        let tags = vec![name.to_owned()];
        match self.clone() {
            Self::Run(workspace, experiment, run) => {
                let operation = DeleteRunTags { workspace, experiment, run, tags };
                Plan::new(title, &operation, self.target(), expected)
            }
            Self::Experiment(workspace, _, experiment_id) => {
                let operation = DeleteExperimentTags { workspace, experiment_id, tags };
                Plan::new(title, &operation, self.target(), expected)
            }
        }
    }
}

/// Where a tag stands in a document.
fn tag_pointer(name: &str) -> String {
    format!("/tags/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// A button that opens the form in which they are changed.
#[component]
pub fn NotesEditor(
    /// Of what.
    noted: Noted,
    /// The name for people, where it may have one.
    #[prop(optional)]
    name: Option<Signal<String>>,
    #[prop(into)] description: Signal<String>,
    /// Tags that people set, not those of the system.
    #[prop(into)]
    tags: Signal<Vec<(String, String)>>,
    /// Shows description and tags beside the button, where nothing else does.
    #[prop(optional)]
    shows: bool,
    /// What else can be changed there.
    #[prop(optional)]
    children: Option<ChildrenFn>,
) -> impl IntoView {
    let (name_text, description_text, tag_text) = (kept("name"), kept("description"), kept("tag name"));
    let known = move || {
        let name = name.map(|name| name.get_untracked()).unwrap_or_default();
        (name, description.get_untracked())
    };
    // What was typed and not sent is shown again; an open form with nothing in it need not be.
    let is_left = untrack(|| {
        let (known_name, known_description) = known();
        let differs =
            |text: RwSignal<String>, known: &str| text.with(|text| !text.is_empty() && text != known);
        differs(name_text, &known_name)
            || differs(description_text, &known_description)
            || !tag_text.with(String::is_empty)
    });
    let is_open = RwSignal::new(is_left);
    let button = NodeRef::<html::Button>::new();
    let toggle = move || {
        let (name, description) = if is_open.get_untracked() { Default::default() } else { known() };
        name_text.set(name);
        description_text.set(description);
        is_open.update(|is_open| *is_open = !*is_open);
        if let (false, Some(button)) = (is_open.get_untracked(), button.get_untracked()) {
            drop(button.focus());
        }
    };
    let noted = StoredValue::new(noted);
    let children = StoredValue::new(children);

    view! {
        <div class="notes">
            <div class="cluster">
                {shows.then(|| view! { <Written description=description tags=tags/> })}
                <button type="button" class="button small" node_ref=button aria-expanded=move || is_open.get().to_string() on:click=move |_| toggle()>
                    {move || if is_open.get() { "Close" } else { "Edit" }}
                    <span class="visually-hidden">{noted.with_value(|noted| format!(" the notes of {}", noted.called()))}</span>
                </button>
            </div>
            <Show when=move || is_open.get()>
                <div class="editor">
                    <TextForm noted=noted name=name.map(|name| (name_text, name)) text=description_text description=description/>
                    <TagList noted=noted tags=tags/>
                    {children.with_value(|children| children.as_ref().map(|children| children()))}
                </div>
            </Show>
        </div>
    }
}

#[component]
fn Written(description: Signal<String>, tags: Signal<Vec<(String, String)>>) -> impl IntoView {
    view! {
        <Show
            when=move || !description.with(String::is_empty)
            fallback=|| view! { <span class="muted">"No description"</span> }
        >
            <bdi>{description}</bdi>
        </Show>
        <Tags tags=tags/>
    }
}

#[component]
fn TextForm(
    noted: StoredValue<Noted>,
    /// What is typed, and what it is.
    name: Option<(RwSignal<String>, Signal<String>)>,
    text: RwSignal<String>,
    description: Signal<String>,
) -> impl IntoView {
    let differs = |typed: RwSignal<String>, known: Signal<String>| {
        let typed = typed.with(|typed| typed.trim().to_owned());
        known.with(|known| *known != typed).then_some(typed)
    };
    let describe = change(move || {
        let name = name.and_then(|(typed, known)| differs(typed, known));
        let text = differs(text, description);
        (name.is_some() || text.is_some()).then(|| noted.with_value(|noted| noted.describe(name, text)))
    });
    let why_not = Signal::derive(move || {
        let name_differs = name.is_some_and(|(typed, known)| differs(typed, known).is_some());
        let is_same = !name_differs && differs(text, description).is_none();
        is_same.then(|| "Nothing is different.".to_owned())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if why_not.with_untracked(Option::is_none) {
            describe.send();
        }
    };

    view! {
        <form class="stack tight" novalidate=true on:submit=submit>
            {name.map(|(typed, _)| view! { <TextField label="Display name" value=typed/> })}
            <TextArea label="Description" value=text rows=3/>
            <ChangeButton change=describe label="Save" done="Saved." why_not=why_not submits=true/>
            <RequestFold change=describe/>
        </form>
    }
}

#[component]
fn TagList(noted: StoredValue<Noted>, tags: Signal<Vec<(String, String)>>) -> impl IntoView {
    let (name, value) = (kept("tag name"), kept("tag value"));
    let tag = change(move || {
        let (name_text, value_text) =
            (name.with(|name| name.trim().to_owned()), value.with(|value| value.trim().to_owned()));
        if fault(&name_text).is_some() {
            return None;
        }
        let plan = noted.with_value(|noted| noted.tag(&name_text, &value_text));
        Some(plan.then(move || {
            name.set(String::new());
            value.set(String::new());
        }))
    });
    let is_known = Memo::new(move |_| {
        let name = name.with(|name| name.trim().to_owned());
        tags.with(|tags| tags.iter().any(|(known, _)| *known == name))
    });
    let label = Signal::derive(move || if is_known.get() { "Replace value" } else { "Add tag" }.to_owned());
    let why_not = Signal::derive(move || name.with(|name| fault(name.trim())).map(str::to_owned));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tag.send();
    };

    view! {
        <form class="stack tight" novalidate=true on:submit=submit>
            <p class="title">"Tags"</p>
            <Show when=move || !tags.with(Vec::is_empty)>
                <ul class="removable">
                    <For each=move || tags.get() key=Clone::clone let((name, value))>
                        <TagItem noted=noted name=name value=value/>
                    </For>
                </ul>
            </Show>
            <div class="pair">
                <TextField label="Tag" value=name kind=TextKind::Code/>
                <TextField label="Value" value=value kind=TextKind::Code/>
            </div>
            <ChangeButton change=tag label=label done="Tagged." why_not=why_not submits=true/>
            <RequestFold change=tag/>
        </form>
    }
}

#[component]
fn TagItem(noted: StoredValue<Noted>, name: String, value: String) -> impl IntoView {
    let own = name.clone();
    let removal = change(move || Some(noted.with_value(|noted| noted.untag(&own))));
    let state = removal.state();
    let label = format!("Remove tag {name}");

    view! {
        <li>
            <span><bdi class="name">{name}</bdi>" "<bdi>{value}</bdi></span>
            <button
                type="button"
                class="button quiet small bare"
                aria-label=label.clone()
                title=label
                aria-disabled=move || (removal.is_read_only() || state.with(ChangeState::is_open)).then_some("true")
                on:click=move |_| removal.send()
            >
                <Icon name=IconName::Cross/>
            </button>
            <ChangeRemark change=removal done="Removed."/>
        </li>
    }
}

/// Why something is no name of a tag that people set.
fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("A tag needs a name.");
    }
    (name.starts_with("_aml_system") || name.starts_with("_azureml"))
        .then_some("Tags that begin like this are the system’s own.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_under_any_name() {
        let document = json!({ "tags": { "a/b~c": "1" } });
        assert_eq!(document.pointer(&tag_pointer("a/b~c")), Some(&json!("1")));
    }

    #[test]
    fn tags_of_the_system_are_left_to_it() {
        assert_eq!(fault("team"), None);
        for name in ["", "_aml_system_ComputeTargetStatus", "_azureml.x"] {
            assert!(fault(name).is_some(), "{name}");
        }
    }
}
