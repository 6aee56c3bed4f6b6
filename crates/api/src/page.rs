//! Lists in pages, in the three ways of the service.

use serde::Deserialize;

use crate::Operation;

/// One page of a list, and where the next one is.
///
/// Azure Resource Manager and model management give `nextLink`; run history gives `continuationToken` beside it.
/// At the end both are missing or null.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the service's order.
    pub value: Vec<T>,
    /// An absolute address that gives the next page when it is asked for as it is.
    #[serde(default)]
    pub next_link: Option<String>,
    /// What to send along with the same question for the next page.
    #[serde(default)]
    pub continuation_token: Option<String>,
}

impl<T> Page<T> {
    /// Whether there is nothing after this page.
    pub fn is_last(&self) -> bool {
        self.next_link().is_none() && self.continuation_token().is_none()
    }

    pub(crate) fn next_link(&self) -> Option<&str> {
        self.next_link.as_deref().filter(|link| !link.is_empty())
    }

    pub(crate) fn continuation_token(&self) -> Option<&str> {
        self.continuation_token.as_deref().filter(|token| !token.is_empty())
    }
}

/// An operation whose answer is a page of a list.
pub trait Paged: Operation<Output = Page<Self::Item>> + Clone {
    /// What the list holds.
    type Item;

    /// The operation that asks for the page after this one, if there is one.
    fn after(&self, page: &Page<Self::Item>) -> Option<Self>;
}

/// How run history is asked for a list.
///
/// The published description has only `POST …:query`; early clients and the articles use `GET`. We ask the first way
/// and, where that is answered 404 or 405, the second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListForm {
    /// `POST …/runs:query` with the question in the body.
    #[default]
    Query,
    /// `GET …/runs?$filter=…`.
    Get,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_a_way_on_is_the_last() {
        for last in [
            r#"{"value":[]}"#,
            r#"{"value":[],"nextLink":null,"continuationToken":null}"#,
            r#"{"value":[],"nextLink":""}"#,
        ] {
            assert!(serde_json::from_str::<Page<String>>(last).unwrap().is_last(), "{last}");
        }
        assert!(
            !serde_json::from_str::<Page<String>>(r#"{"value":[],"nextLink":"https://x/y"}"#)
                .unwrap()
                .is_last()
        );
    }

    #[test]
    fn an_answer_without_a_list_is_no_empty_list() {
        assert!(serde_json::from_str::<Page<String>>("{}").is_err());
    }
}
