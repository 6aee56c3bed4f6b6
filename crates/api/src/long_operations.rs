//! Changes of Azure Resource Manager that take time: that one was taken, and how it goes.

use http::header::HeaderName;
use http::{HeaderMap, Response};
use serde::Deserialize;

use crate::{Address, ApiError, ErrorDetail, Operation, Refusal, Service};

/// A constant, because a name that is parsed brings the table of all names.
const ASYNC_OPERATION: HeaderName = HeaderName::from_static("azure-asyncoperation");

/// A change was taken. What became of it is read from the resource itself, since a page may not be able to read where
/// else to ask.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Accepted {
    /// Where the service tells how the change goes, where the header can be read: [`GetOperationStatus`].
    pub status_link: Option<String>,
}

impl Accepted {
    pub(crate) fn read(response: &Response<Vec<u8>>) -> Result<Self, ApiError> {
        if !response.status().is_success() {
            return Err(ApiError::refused(response));
        }
        Ok(Self { status_link: link(response.headers()) })
    }
}

fn link(headers: &HeaderMap) -> Option<String> {
    headers.get(ASYNC_OPERATION).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// `GET` of the address that `Azure-AsyncOperation` names ([reference]): how a change goes, and why it failed.
///
/// [reference]: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
#[derive(Clone, Debug, PartialEq)]
pub struct GetOperationStatus {
    /// Where, as the service gave it.
    pub link: String,
}

impl Operation for GetOperationStatus {
    type Output = OperationStatus;

    fn address(&self) -> Address {
        Address::Link(Service::Management, self.link.clone())
    }
}

/// How a change goes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct OperationStatus {
    /// `Succeeded`, `Failed`, `Canceled`; any other word means that it goes on.
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    error: Option<WrittenError>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct WrittenError {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    details: Option<Vec<WrittenError>>,
}

impl OperationStatus {
    /// Why it failed, as far as the service says.
    pub fn failure(&self) -> Option<Refusal> {
        let error = self.error.clone()?;
        let detail = |detail: WrittenError| ErrorDetail {
            code: detail.code.unwrap_or_default(),
            message: detail.message.unwrap_or_default(),
        };
        Some(Refusal {
            code: error.code,
            message: error.message.unwrap_or_default(),
            details: error.details.unwrap_or_default().into_iter().map(detail).collect(),
            ..Refusal::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_was_taken_says_where_to_ask_if_a_page_may_know() {
        let mut response = Response::new(Vec::new());
        *response.status_mut() = http::StatusCode::ACCEPTED;
        assert_eq!(Accepted::read(&response).unwrap(), Accepted::default());
        let link = "https://management.azure.com/subscriptions/s/providers/p/locations/l/workspaceOperationsStatus/o";
        response.headers_mut().insert(ASYNC_OPERATION, link.parse().unwrap());
        assert_eq!(Accepted::read(&response).unwrap().status_link.as_deref(), Some(link));
        *response.status_mut() = http::StatusCode::CONFLICT;
        assert_eq!(Accepted::read(&response).unwrap_err().status(), Some(409));
    }

    #[test]
    fn the_reason_of_a_failure_is_read() {
        let status = |text: &str| serde_json::from_str::<OperationStatus>(text).unwrap();
        let failed = status(
            r#"{"status":"Failed","error":{"code":"BadRequest","message":"m","details":[{"code":"c","message":"d"}]}}"#,
        );
        let failure = failed.failure().unwrap();
        assert_eq!((failure.exact_code(), failure.message.as_str()), (Some("BadRequest"), "m"));
        assert_eq!(failure.details[0].message, "d");
        assert_eq!(status(r#"{"status":"InProgress"}"#).failure(), None);
        assert_eq!(status(r#"{"status":"Succeeded","error":null,"percentComplete":100.0}"#).failure(), None);
    }
}
