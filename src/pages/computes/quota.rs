//! How much of each kind of machine the subscription may have in the workspace's region, and how much it has.

use azimuth_api::{
    GetWorkspace, ListQuotas, ListUsages, Quota, SubscriptionId, Usage, Workspace, WorkspaceId,
};
use leptos::prelude::*;

use crate::components::panel::EmptyState;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::components::usage_bar::UsageBar;
use crate::listed::matches;
use crate::listing::Listing;
use crate::load::{ListFooter, Load};
use crate::query::{list, query};

/// What is in use of each limit, then how limits are shared out.
#[component]
pub fn QuotaTab(workspace: WorkspaceId) -> impl IntoView {
    let asked = GetWorkspace { workspace: workspace.clone() };
    let found = query(move || asked.clone());

    view! {
        <Load query=found what="the workspace’s region" let:found>
            {
                let workspace = workspace.clone();
                let location = Memo::new(move |_| found.with(|found: &Workspace| found.location.clone()));
                move || {
                    let subscription = workspace.subscription.clone();
                    view! {
                        <p class="muted">"Limits of the subscription in "<code>{location.get()}</code>". An owner of the subscription asks Azure for more."</p>
                        <Usages workspace=workspace.clone() location=location.get()/>
                        <Quotas subscription=subscription workspace=workspace.clone() location=location.get()/>
                    }
                }
            }
        </Load>
    }
}

#[component]
fn Usages(workspace: WorkspaceId, location: String) -> impl IntoView {
    let subscription = workspace.subscription.clone();
    let usages = list(move || ListUsages {
        subscription: subscription.clone(),
        location: location.clone(),
        next: None,
    });

    view! {
        <section class="section">
            <h2>"In use"</h2>
            <Listing
                list=usages
                noun="limits"
                usual="-share"
                fits=fits
                sort_key=sort_key
                empty=|| view! {
                    <EmptyState title="No limit is told" text="The service names no limit for this region."/>
                }
                table=move |usages, sorting| {
                    view! { <UsageTable usages=usages sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </section>
    }
}

#[component]
fn UsageTable(usages: Memo<Vec<Usage>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let row = move |usage: Usage| {
        let limit = usage.limit().map_or_else(|| "No limit".to_owned(), |limit| limit.to_string());
        let whose = whose(usage.workspace(), &workspace);
        let name = usage.name.label().to_owned();
        let (used, most) = (usage.current_value, usage.limit());
        view! {
            <tr>
                <th scope="row" class="lead fills"><bdi>{name.clone()}</bdi></th>
                <td class="meta"><bdi>{whose}</bdi></td>
                <td class="number" data-label="Used">{used}</td>
                <td class="number" data-label="Limit">{limit}</td>
                <td class="bar"><UsageBar name=name used=used limit=most/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Quota in use">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="What"/>
                        <SortColumn sorting=sorting column="whose" label="Whose"/>
                        <SortColumn sorting=sorting column="used" label="Used" first=Direction::Descending number=true/>
                        <SortColumn sorting=sorting column="limit" label="Limit" first=Direction::Descending number=true/>
                        <SortColumn sorting=sorting column="share" label="Share" first=Direction::Descending/>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || usages.get()
                        key=|usage| (usage.id.clone(), usage.name.value.clone(), usage.current_value, usage.limit())
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

/// How the limits are shared out to workspaces.
#[component]
fn Quotas(subscription: SubscriptionId, workspace: WorkspaceId, location: String) -> impl IntoView {
    let quotas = list(move || ListQuotas {
        subscription: subscription.clone(),
        location: location.clone(),
        next: None,
    });
    let row = move |quota: Quota| {
        let limit = quota.limit().map_or_else(|| "No limit".to_owned(), |limit| limit.to_string());
        let whose = whose(quota.workspace(), &workspace);
        view! {
            <tr>
                <th scope="row" class="lead fills"><bdi>{quota.name.label().to_owned()}</bdi></th>
                <td class="meta"><bdi>{whose}</bdi></td>
                <td class="number" data-label="Limit">{limit}</td>
            </tr>
        }
    };
    let row = StoredValue::new(row);

    view! {
        <section class="section">
            <h2>"Shared out"</h2>
            <Load query=quotas.query() what="how limits are shared out" rows=4 let:loaded>
                <Show
                    when=move || loaded.with(|loaded| !loaded.is_empty())
                    fallback=|| view! { <p class="muted">"Nothing is shared out: every workspace takes what is free."</p> }
                >
                    <TableFrame caption="Limits shared out">
                        <table class="table stacks">
                            <thead><tr>
                                <th scope="col">"What"</th>
                                <th scope="col">"Whose"</th>
                                <th scope="col" class="number">"Limit"</th>
                            </tr></thead>
                            <tbody>
                                <For
                                    each=move || loaded.with(|loaded| loaded.items().cloned().collect::<Vec<_>>())
                                    key=|quota| (quota.id.clone(), quota.name.value.clone(), quota.limit())
                                    children=move |quota| row.with_value(|row| row(quota))
                                />
                            </tbody>
                        </table>
                    </TableFrame>
                </Show>
                <ListFooter list=quotas noun="limits"/>
            </Load>
        </section>
    }
}

/// Whose limit it is, as somebody in this workspace would say.
fn whose(of: Option<WorkspaceId>, here: &WorkspaceId) -> String {
    match of {
        None => "Subscription".to_owned(),
        Some(workspace) if is_same(&workspace, here) => "This workspace".to_owned(),
        Some(workspace) => format!("Workspace {}", workspace.name),
    }
}

/// Resource Manager compares names without case.
fn is_same(one: &WorkspaceId, other: &WorkspaceId) -> bool {
    one.segments().iter().zip(other.segments()).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

fn fits(usage: &Usage, filter: &str) -> bool {
    let workspace = usage.workspace().map(|workspace| workspace.name.to_string());
    let whose = workspace.as_deref().unwrap_or("Subscription");
    matches(filter, [usage.name.label(), &usage.name.value, whose])
}

fn sort_key(usage: &Usage, column: &str) -> SortKey {
    let used = usage.current_value as f64;
    match column {
        "name" => SortKey::text(usage.name.label()),
        "whose" => {
            SortKey::text(usage.workspace().map_or_else(String::new, |of| of.name.to_string()).as_str())
        }
        "used" => SortKey::Number(used),
        "limit" => SortKey::number(usage.limit().map(|limit| limit as f64)),
        // What nobody may have any of tells nothing by its share.
        "share" => SortKey::number(usage.limit().filter(|limit| *limit > 0).map(|limit| used / limit as f64)),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(id: &str, used: i64, limit: i64) -> Usage {
        serde_json::from_str(&format!(r#"{{"id":"{id}","currentValue":{used},"limit":{limit}}}"#)).unwrap()
    }

    #[test]
    fn whose_a_limit_is_does_not_depend_on_case() {
        let here = WorkspaceId { subscription: "S".into(), resource_group: "RG".into(), name: "W".into() };
        let of = |workspace: &str| {
            let id = format!(
                "/subscriptions/s/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/{workspace}/usages/x"
            );
            whose(usage(&id, 0, 1).workspace(), &here)
        };
        assert_eq!((of("w"), of("other")), ("This workspace".to_owned(), "Workspace other".to_owned()));
        assert_eq!(whose(None, &here), "Subscription");
    }

    #[test]
    fn the_share_is_of_the_limit_and_none_where_there_is_no_limit() {
        assert_eq!(sort_key(&usage("", 6, 24), "share"), SortKey::Number(0.25));
        assert_eq!(sort_key(&usage("", 6, -1), "share"), SortKey::Missing);
        assert_eq!(sort_key(&usage("", 0, 0), "share"), SortKey::Missing);
    }
}
