//! What the service has to say about its tasks. No description of it is public, so it is shown as it comes.

use azimuth_api::{GetNotification, ListNotifications, Notification, NotificationId, WorkspaceId};
use leptos::prelude::*;

use crate::components::button::CopyButton;
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::{EmptyState, Hint};
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::listed::matches;
use crate::listing::Listing;
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::query::{Listed, Shown, list, query};
use crate::route::{Route, WorkspaceRoute};
use crate::shown::Moment;

/// All of them, the latest news first.
#[component]
pub fn NotificationsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Notifications".to_owned());
    let asked = workspace.clone();
    let notifications = list(move || ListNotifications { workspace: asked.clone(), next: None });

    view! {
        <div class="page">
            <PageTitle title="Notifications"/>
            <Listing
                list=notifications
                noun="notifications"
                usual="-time"
                fits=fits
                sort_key=sort_key
                empty=|| view! {
                    <EmptyState
                        title="No notification"
                        text="The service keeps here what it has to say about its tasks, such as runs that ended."
                    />
                }
                table=move |notifications, sorting| {
                    view! { <NotificationTable notifications=notifications sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
            <p class="muted small">"Azure describes these nowhere. What looks like a title, a state and a time is picked out of each; the whole is behind “As it came”."</p>
        </div>
    }
}

#[component]
fn NotificationTable(
    notifications: Memo<Vec<Notification>>,
    sorting: Sorting,
    workspace: WorkspaceId,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |notification: Notification| {
        let label = label(&notification);
        let lead = match notification.id() {
            Some(id) => {
                let part = WorkspaceRoute::Notification(id);
                let href = navigation.href(Route::Workspace(workspace.clone(), part));
                view! { <a href=href><bdi>{label}</bdi></a> }.into_any()
            }
            None => view! { <bdi>{label}</bdi> }.into_any(),
        };
        let time = notification.time().map(|time| view! { <Moment time=time/> });
        let state = notification.state().unwrap_or_default();
        let text = notification.text();
        view! {
            <tr>
                <th scope="row" class="lead fills">{lead}</th>
                <td>{state}</td>
                <td class="meta">{time}</td>
                <td class="unfolds">
                    <details>
                        <summary>"As it came"</summary>
                        <pre class="code">{text}</pre>
                    </details>
                </td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Notifications">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="title" label="Notification"/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <SortColumn sorting=sorting column="time" label="When" first=Direction::Descending/>
                        <th scope="col"><span class="visually-hidden">"As it came"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || notifications.get()
                        key=|notification| (Listed::id(notification), notification.0.to_string())
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

/// One of them.
#[component]
pub fn NotificationPage(workspace: WorkspaceId, notification: NotificationId) -> impl IntoView {
    let id = notification.to_string();
    let asked = GetNotification { workspace, notification };
    let found = query(move || asked.clone());
    let title = Memo::new(move |_| {
        found.with(|found| found.and_then(Notification::title)).unwrap_or_else(|| id.clone())
    });
    use_title(title);

    view! {
        <div class="page">
            <PageTitle kind="Notification" title=title>
                <Freshness query=found pausable=false/>
            </PageTitle>
            <Load query=found what="the notification" let:found>
                <NotificationDetails notification=found/>
            </Load>
        </div>
    }
}

#[component]
fn NotificationDetails(notification: Shown<Notification>) -> impl IntoView {
    let text = Signal::derive(move || notification.with(Notification::text));
    let facts = move || {
        let notification = notification.get();
        let state = notification.state();
        let time = notification.time();
        (state.is_some() || time.is_some()).then(|| {
            view! {
                <Facts>
                    {state.map(|state| view! { <Fact name="State"><bdi>{state}</bdi></Fact> })}
                    {time.map(|time| view! { <Fact name="When"><Moment time=time/></Fact> })}
                </Facts>
            }
        })
    };

    view! {
        {facts}
        <section class="section">
            <div class="section-title"><h2>"As it came"</h2><CopyButton text=text/></div>
            <pre class="log" role="region" aria-label="As it came" tabindex="0">{text}</pre>
        </section>
        <Hint><p>"Azure describes notifications nowhere: what looks like a title, a state and a time is picked out, and no more is claimed."</p></Hint>
    }
}

/// What looks like a title, an id, or how it begins.
fn label(notification: &Notification) -> String {
    let own = notification.title().or_else(|| notification.id().map(|id| id.to_string()));
    own.unwrap_or_else(|| {
        let text = notification.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = text.chars().take(80).collect();
        if short.len() < text.len() { format!("{short}…") } else { short }
    })
}

fn fits(notification: &Notification, filter: &str) -> bool {
    matches(filter, [notification.text().as_str()])
}

fn sort_key(notification: &Notification, column: &str) -> SortKey {
    match column {
        "title" => SortKey::text(&label(notification)),
        "state" => SortKey::text(notification.state().as_deref().unwrap_or_default()),
        "time" => SortKey::time(notification.time()),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_it_is_has_a_label() {
        let of = |text: &str| label(&serde_json::from_str(text).unwrap());
        assert_eq!(of(r#"{"name":"Run x","taskId":"1"}"#), "Run x");
        assert_eq!(of(r#"{"taskId":7}"#), "7");
        assert_eq!(of(r#"{"colour":"red"}"#), r#"{ "colour": "red" }"#);
        assert_eq!(of("null"), "null");
        let long = of(&format!("[\"{}\"]", "ü".repeat(200)));
        assert_eq!(long.chars().count(), 81);
    }
}
