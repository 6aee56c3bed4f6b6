//! The data of a workspace: taking it out, and erasing it.

mod erase;
mod export;

use azimuth_api::WorkspaceId;
use leptos::prelude::*;

use crate::client::Client;
use crate::components::button::{Tab, Tabs};
use crate::components::header::PageTitle;
use crate::lasting::By;
use crate::navigation::{Navigation, use_title};
use crate::pages::data::erase::EraseTab;
use crate::pages::data::export::ExportTab;
use crate::route::{Location, Route, WorkspaceRoute};

/// What can be done with all the data of a workspace.
#[component]
pub fn DataPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Data".to_owned());
    let navigation = expect_context::<Navigation>();
    let tab = navigation.parameter("tab");
    let is_erase = Memo::new(move |_| tab.with(|tab| tab == "erase"));
    let person = expect_context::<Client>().session();
    // What was begun is one person's; whoever signs in over the page finds their own.
    let who = Memo::new(move |known: Option<&Option<String>>| match By::now(person) {
        Some(by) => by.object_id,
        None => known.cloned().flatten(),
    });
    let session = navigation.location().with_untracked(|location| location.session);
    let here = Location::new(session, Route::Workspace(workspace.clone(), WorkspaceRoute::Data));
    let tabs = Signal::derive(move || {
        let tab = |label: &str, name: Option<&str>, current: bool| Tab {
            label: label.to_owned(),
            href: here.clone().with_parameter("tab", name).href(),
            current,
        };
        vec![tab("Export", None, !is_erase.get()), tab("Erase", Some("erase"), is_erase.get())]
    });

    view! {
        <div class="page">
            <PageTitle title="Data"/>
            <Tabs label="Data" tabs=tabs/>
            {move || {
                who.track();
                match is_erase.get() {
                    true => view! { <EraseTab workspace=workspace.clone()/> }.into_any(),
                    false => view! { <ExportTab workspace=workspace.clone()/> }.into_any(),
                }
            }}
        </div>
    }
}
