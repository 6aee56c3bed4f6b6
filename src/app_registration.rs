//! The application registration behind "Sign in with Microsoft", as whoever looks after it has to know it.

use azimuth_api::Cloud;
use leptos::prelude::{document, use_context};

use crate::settings::Settings;

/// What is known of the registration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppRegistration {
    /// Which Azure it is in.
    pub cloud: Cloud,
    /// Its application (client) id.
    pub client_id: Option<String>,
    /// The tenant that people sign in to.
    pub tenant: Option<String>,
    /// Where the authority sends people back to; registered letter by letter.
    pub redirect_address: Option<String>,
}

impl AppRegistration {
    /// The one that a component speaks of: what its context holds, nothing for instance where somebody typed the ids of
    /// another application; else the one of this deployment.
    pub fn in_context() -> Self {
        use_context().or_else(|| use_context().map(Self::of)).unwrap_or_default()
    }

    fn of(settings: Settings) -> Self {
        let sign_in = settings.sign_in;
        Self {
            cloud: settings.cloud,
            client_id: sign_in.as_ref().map(|sign_in| sign_in.client_id.clone()),
            tenant: sign_in.map(|sign_in| sign_in.tenant),
            redirect_address: redirect_address(),
        }
    }

    /// Where people sign in.
    pub fn authority(&self) -> String {
        let tenant = self.tenant.as_ref().map_or(String::new(), |tenant| format!("/{tenant}"));
        format!("{}{tenant}", self.cloud.login())
    }
}

/// Where the authority sends the browser back to: `auth.html` beside the page.
pub fn redirect_address() -> Option<String> {
    let page = document().base_uri().ok().flatten()?;
    web_sys::Url::new_with_base("auth.html", &page).ok().map(|address| address.href())
}
