//! What was seen since the page was opened: what lists brought, and what was opened by its address. It is what the
//! command palette finds.

use std::collections::HashMap;

use leptos::prelude::*;

use crate::navigation::Navigation;
use crate::route::{Location, Route, WorkspaceRoute};
use crate::session::SessionKind;

/// How many things are remembered; of more, those that were seen last.
const MOST: usize = 5_000;

/// What kind of thing it is, in the order in which the palette has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeenKind {
    Workspace,
    Experiment,
    Run,
    Model,
    Asset,
    Image,
    Service,
    Compute,
    Datastore,
    ResourceGroup,
    Subscription,
}

/// Something that has a page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenItem {
    /// Its name for people.
    pub label: String,
    pub route: Route,
}

/// What is known of it: its kind, its label, what it is in, and its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenEntry {
    pub kind: SeenKind,
    pub label: String,
    pub place: String,
    pub href: String,
}

/// The memory. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Seen(StoredValue<Memory>);

#[derive(Default)]
struct Memory {
    /// By address, each with how late it was seen: later lists above earlier ones, each in its own order.
    entries: HashMap<String, (u64, SeenEntry)>,
    lists: u64,
}

impl Seen {
    /// Nothing was seen yet.
    pub fn new() -> Self {
        Self(StoredValue::default())
    }

    /// Forgets all.
    pub fn clear(self) {
        self.0.set_value(Memory::default());
    }

    /// What was seen, the latest first.
    pub fn entries(self) -> Vec<SeenEntry> {
        self.0.with_value(|memory| {
            let mut entries: Vec<&(u64, SeenEntry)> = memory.entries.values().collect();
            entries.sort_unstable_by_key(|(late, _)| std::cmp::Reverse(*late));
            entries.into_iter().map(|(_, entry)| entry.clone()).collect()
        })
    }

    /// Remembers what a list brought.
    pub fn put(self, session: SessionKind, items: Vec<SeenItem>) {
        if !items.is_empty() {
            // The page may be gone, and the memory with it.
            let _ = self.0.try_update_value(|memory| memory.put(session, items, true));
        }
    }

    /// Remembers what the address names, once it turned out to be there. A name for people that is known stays.
    pub fn put_page() {
        let (Some(seen), Some(navigation)) = (use_context::<Self>(), use_context::<Navigation>()) else {
            return;
        };
        let Location { session, route, .. } = navigation.location().get_untracked();
        let item = SeenItem { label: own_name(&route).unwrap_or_default().to_owned(), route };
        let _ = seen.0.try_update_value(|memory| memory.put(session, vec![item], false));
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    fn put(&mut self, session: SessionKind, items: Vec<SeenItem>, renames: bool) {
        self.lists += 1;
        for (index, SeenItem { label, route }) in items.into_iter().enumerate() {
            let late = (self.lists << 32) - index as u64;
            let Some((kind, place)) = kind_and_place(&route) else { continue };
            let href = Location::new(session, route).href();
            if let (false, Some((known, _))) = (renames, self.entries.get_mut(&href)) {
                *known = late;
                continue;
            }
            let entry = SeenEntry { kind, label, place, href: href.clone() };
            self.entries.insert(href, (late, entry));
        }
        let surplus = self.entries.len().saturating_sub(MOST);
        if surplus > 0 {
            let mut all: Vec<u64> = self.entries.values().map(|(late, _)| *late).collect();
            all.sort_unstable();
            let oldest = all[surplus];
            self.entries.retain(|_, (late, _)| *late >= oldest);
        }
    }
}

/// The name that stands in an address.
fn own_name(route: &Route) -> Option<&str> {
    Some(match route {
        Route::ResourceGroups(subscription) => subscription.as_str(),
        Route::Workspaces(_, group) => group.as_str(),
        Route::Workspace(workspace, part) => match part {
            WorkspaceRoute::Overview => workspace.name.as_str(),
            WorkspaceRoute::Runs(experiment) => experiment.as_str(),
            WorkspaceRoute::Run(_, run) => run.as_str(),
            WorkspaceRoute::Model(model) => model.as_str(),
            WorkspaceRoute::Asset(asset) => asset.as_str(),
            WorkspaceRoute::Image(image) => image.as_str(),
            WorkspaceRoute::Service(service) => service.as_str(),
            WorkspaceRoute::Compute(compute) => compute.as_str(),
            WorkspaceRoute::Datastore(datastore) => datastore.as_str(),
            _ => return None,
        },
        _ => return None,
    })
}

/// What an address names, and what that is in; nothing for a page that names no single thing.
fn kind_and_place(route: &Route) -> Option<(SeenKind, String)> {
    Some(match route {
        Route::ResourceGroups(_) => (SeenKind::Subscription, String::new()),
        Route::Workspaces(subscription, _) => (SeenKind::ResourceGroup, subscription.to_string()),
        Route::Workspace(workspace, part) => {
            let place = workspace.name.to_string();
            match part {
                WorkspaceRoute::Overview => (SeenKind::Workspace, workspace.resource_group.to_string()),
                WorkspaceRoute::Runs(_) => (SeenKind::Experiment, place),
                WorkspaceRoute::Run(experiment, _) => (SeenKind::Run, format!("{experiment} · {place}")),
                WorkspaceRoute::Model(_) => (SeenKind::Model, place),
                WorkspaceRoute::Asset(_) => (SeenKind::Asset, place),
                WorkspaceRoute::Image(_) => (SeenKind::Image, place),
                WorkspaceRoute::Service(_) => (SeenKind::Service, place),
                WorkspaceRoute::Compute(_) => (SeenKind::Compute, place),
                WorkspaceRoute::Datastore(_) => (SeenKind::Datastore, place),
                _ => return None,
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(number: usize) -> SeenItem {
        SeenItem {
            label: format!("group {number}"),
            route: Route::Workspaces("s".into(), format!("{number}").as_str().into()),
        }
    }

    fn memory_of(items: Vec<SeenItem>) -> Memory {
        let mut memory = Memory::default();
        memory.put(SessionKind::Service, items, true);
        memory
    }

    #[test]
    fn what_was_seen_twice_is_there_once_with_its_latest_name() {
        let mut memory = memory_of(vec![group(1)]);
        memory.put(SessionKind::Service, vec![SeenItem { label: "new".to_owned(), ..group(1) }], true);
        let labels: Vec<&str> = memory.entries.values().map(|(_, entry)| entry.label.as_str()).collect();
        assert_eq!(labels, ["new"]);
    }

    #[test]
    fn opening_a_page_keeps_the_name_for_people() {
        let mut memory = memory_of(vec![group(1)]);
        memory.put(SessionKind::Service, vec![SeenItem { label: "1".to_owned(), ..group(1) }], false);
        let labels: Vec<&str> = memory.entries.values().map(|(_, entry)| entry.label.as_str()).collect();
        assert_eq!(labels, ["group 1"]);
    }

    #[test]
    fn of_too_many_the_latest_stay() {
        let mut memory = memory_of((0..MOST).map(group).collect());
        memory.put(SessionKind::Service, (MOST..MOST + 10).map(group).collect(), true);
        assert_eq!(memory.entries.len(), MOST);
        for number in MOST..MOST + 10 {
            let href = Location::new(SessionKind::Service, group(number).route).href();
            assert!(memory.entries.contains_key(&href), "{href}");
        }
    }
}
