//! What an operation is: a question that knows its service, its path and how its answer is read.

use http::{Method, Response};
use serde::de::DeserializeOwned;

use crate::{ApiError, Path, Query, RegionalService, WorkspaceId};

/// One call to the service.
pub trait Operation {
    /// What a good answer holds.
    type Output: DeserializeOwned;

    /// The method; most operations read.
    fn method(&self) -> Method {
        Method::GET
    }

    /// Where it goes. The host comes from the service, never from the operation.
    fn address(&self) -> Address;

    /// What is sent.
    fn body(&self) -> Body {
        Body::Empty
    }

    /// A header that names the host of another service, for services that ask there in turn.
    fn host_header(&self) -> Option<HostHeader> {
        None
    }

    /// Whether the Azure AD token goes along.
    fn credential(&self) -> Credential {
        Credential::Token
    }

    /// Whether it changes nothing, so that it may be asked again when no answer came.
    fn is_read(&self) -> bool {
        self.method() == Method::GET
    }

    /// The same question in the older form of the service, for hosts that answer 404 or 405 to this one.
    fn otherwise(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// [`ApiError::SignedOut`] and [`ApiError::Refused`] for a status of 400 and above, [`ApiError::Unreadable`] for a
    /// body that does not hold what was asked for.
    fn read(&self, response: &Response<Vec<u8>>) -> Result<Self::Output, ApiError> {
        if !response.status().is_success() {
            return Err(ApiError::refused(response));
        }
        serde_json::from_slice(response.body()).map_err(|error| ApiError::unreadable(response, &error))
    }
}

/// Reads an answer that says nothing but that it worked: many changes are answered without a body.
///
/// # Errors
/// As [`Operation::read`], but for the body.
pub(crate) fn read_nothing(response: &Response<Vec<u8>>) -> Result<(), ApiError> {
    if response.status().is_success() { Ok(()) } else { Err(ApiError::refused(response)) }
}

/// An operation that sends files.
pub trait Upload: Operation {
    /// A file, as whoever sends it holds it: in a browser the `File` itself, so that it never enters our memory.
    type File;

    /// The parts of the form, in order.
    fn parts(&self) -> Vec<Part<Self::File>>;
}

/// One named part of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<F> {
    /// The name that the service looks for.
    pub name: &'static str,
    /// The file name that goes with it.
    pub file_name: &'static str,
    /// The content.
    pub file: F,
}

/// Which service answers, and so which host and which rules.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Entra ID's token endpoint.
    SignIn,
    /// Azure Resource Manager.
    Management,
    /// A regional service; its host is in the workspace's discovery document.
    Regional(WorkspaceId, RegionalService),
}

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A path of a service.
    Path(Service, Path, Query),
    /// A `nextLink`, to be asked for as it is; it must have the origin of the service that gave it.
    Link(Service, String),
    /// A discovery address that a workspace gave. No token goes there.
    Discovery(String),
}

impl Address {
    /// The service that it belongs to; a discovery address has none.
    pub fn service(&self) -> Option<&Service> {
        match self {
            Self::Path(service, ..) | Self::Link(service, _) => Some(service),
            Self::Discovery(_) => None,
        }
    }
}

/// A header whose value is the address of a service. Who sends it fills it in: no operation knows a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostHeader {
    /// Its name, in small letters.
    pub name: &'static str,
    /// Whose address it holds.
    pub service: Service,
}

/// What is sent as the body.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// `application/json`.
    Json(serde_json::Value),
    /// `application/json-patch+json`: steps that change a document.
    JsonPatch(Vec<serde_json::Value>),
    /// `application/x-www-form-urlencoded`.
    Form(Query),
    /// `multipart/form-data` of the parts that [`Upload::parts`] names.
    Parts,
}

impl Body {
    /// A document that is written out.
    pub(crate) fn json(document: &impl serde::Serialize) -> Self {
        Self::Json(serde_json::to_value(document).expect("a document of texts and numbers can be written"))
    }
}

/// Which secret goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// None: sign-in and discovery.
    None,
    /// A client's secret, in the form itself. Entra does not take it from a page; a relay may be asked to hand it on.
    ClientSecret,
    /// The Azure AD token, if the address may carry it.
    Token,
}
