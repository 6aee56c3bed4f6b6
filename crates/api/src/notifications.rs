//! Notifications: what the service has to say about its tasks. No schema of them is public, so they stay as they come.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{
    Address, NotificationId, Operation, Page, Paged, Path, Query, RegionalService, Service, Timestamp,
    WorkspaceId,
};

fn address(workspace: &WorkspaceId, segments: &[&str], query: Query) -> Address {
    Address::Path(
        Service::Regional(workspace.clone(), RegionalService::Notifications),
        Path::new(["notification", "v1.0"]).join(workspace.segments()).join(segments.iter().copied()),
        query,
    )
}

/// `GET …/tasks`, which only the article on exporting data names.
#[derive(Clone, Debug, PartialEq)]
pub struct ListNotifications {
    /// Where.
    pub workspace: WorkspaceId,
    /// Where to go on, from the page before. A guess: nobody has said how this list is cut.
    pub next: Option<String>,
}

impl Operation for ListNotifications {
    type Output = Page<Notification>;

    fn address(&self) -> Address {
        let query = Query::new().maybe("continuationToken", self.next.as_ref());
        address(&self.workspace, &["tasks"], query)
    }

    /// A page of them, a bare array of them, or a single one: whatever comes.
    fn read(&self, response: &http::Response<Vec<u8>>) -> Result<Page<Notification>, crate::ApiError> {
        if !response.status().is_success() {
            return Err(crate::ApiError::refused(response));
        }
        let document: Value = serde_json::from_slice(response.body())
            .map_err(|error| crate::ApiError::unreadable(response, &error))?;
        let text = |name: &str| document[name].as_str().map(str::to_owned);
        let (next_link, continuation_token) = (text("nextLink"), text("continuationToken"));
        let items = match document {
            Value::Array(items) => items,
            Value::Object(mut fields) => match fields.remove("value") {
                Some(Value::Array(items)) => items,
                Some(value) => {
                    fields.insert("value".to_owned(), value);
                    vec![Value::Object(fields)]
                }
                None if fields.is_empty() => Vec::new(),
                None => vec![Value::Object(fields)],
            },
            Value::Null => Vec::new(),
            other => vec![other],
        };
        Ok(Page { value: items.into_iter().map(Notification).collect(), next_link, continuation_token })
    }
}

impl Paged for ListNotifications {
    type Item = Notification;

    fn after(&self, page: &Page<Notification>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/tasks/{task}`, which only the article on exporting data names.
#[derive(Clone, Debug, PartialEq)]
pub struct GetNotification {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub notification: NotificationId,
}

impl Operation for GetNotification {
    type Output = Notification;

    fn address(&self) -> Address {
        address(&self.workspace, &["tasks", self.notification.as_str()], Query::new())
    }
}

/// A notification, as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification(pub Value);

impl<'de> Deserialize<'de> for Notification {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self)
    }
}

impl Notification {
    /// What looks like its id.
    pub fn id(&self) -> Option<NotificationId> {
        let found = self.first(&["taskid", "notificationid", "id", "jobid"], as_text)?;
        Some(found.into())
    }

    /// What looks like a title.
    pub fn title(&self) -> Option<String> {
        self.first(&["title", "subject", "displayname", "name", "message", "text", "description"], as_text)
    }

    /// What looks like a state.
    pub fn state(&self) -> Option<String> {
        self.first(&["status", "state", "provisioningstate", "severity", "level", "type", "kind"], as_text)
    }

    /// What looks like the time of its last news.
    pub fn time(&self) -> Option<Timestamp> {
        let names = [
            "updatedutc",
            "updatedtime",
            "modifiedtime",
            "lastmodified",
            "endtimeutc",
            "endtime",
            "timestamp",
            "time",
            "createdutc",
            "createdtime",
            "creationtime",
            "starttimeutc",
            "starttime",
        ];
        self.first(&names, |value| Timestamp::parse(value.as_str()?))
    }

    /// All of it, to be read. What may be a signature, the query of an address, is left out.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(&without_signatures(&self.0)).unwrap_or_default()
    }

    /// The first field, of those names in this order and whatever case, that can be read so.
    fn first<T>(&self, names: &[&str], read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let fields = self.0.as_object()?;
        names.iter().find_map(|name| {
            let mut own = fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
            own.find_map(|(_, value)| read(value))
        })
    }
}

fn without_signatures(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.split_once('?') {
            Some((address, _)) if address.contains("://") => format!("{address}?…").into(),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(without_signatures).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), without_signatures(value))).collect()
        }
        _ => value.clone(),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => {
            without_signatures(value).as_str().map(str::to_owned)
        }
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Page<Notification> {
        let operation = ListNotifications {
            workspace: WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() },
            next: None,
        };
        operation.read(&http::Response::new(text.as_bytes().to_vec())).unwrap()
    }

    #[test]
    fn a_list_of_any_shape_is_read() {
        for (text, count) in [
            (r#"{"value":[{"id":1},{"id":2}]}"#, 2),
            (r#"[{"id":1}]"#, 1),
            (r#"{"tasks":{"a":1}}"#, 1),
            (r#"{"value":"three"}"#, 1),
            (r#"["just words", 7, null]"#, 3),
            ("{}", 0),
            ("null", 0),
            ("[]", 0),
            ("\"words\"", 1),
        ] {
            assert_eq!(list(text).value.len(), count, "{text}");
        }
    }

    #[test]
    fn a_signature_in_it_is_not_shown() {
        let one =
            &list(r#"[{"a":["see https://a.blob.core.windows.net/x?sig=hush"],"b":"why? so"}]"#).value[0];
        assert!(!one.text().contains("hush"));
        assert!(one.text().contains("why? so"));
    }

    #[test]
    fn what_looks_like_a_title_a_state_and_a_time_is_found_in_any_case() {
        let one = &list(r#"[{"TaskId":"t","Name":" ","Subject":"Done","State":"New","CreatedUtc":"2020-01-21T21:30:22Z","updatedUtc":"soon"}]"#)
            .value[0];
        assert_eq!(one.id(), Some("t".into()));
        assert_eq!(one.title().as_deref(), Some("Done"));
        assert_eq!(one.state().as_deref(), Some("New"));
        assert_eq!(one.time().map(Timestamp::unix_milliseconds), Some(1_579_642_222_000));
        let bare = &list(r#"["just words"]"#).value[0];
        assert_eq!((bare.id(), bare.title(), bare.time()), (None, None, None));
    }
}
