//! The application registration behind "Sign in with Microsoft", as whoever looks after it has to know it.

use azimuth_api::Cloud;
use leptos::prelude::document;

use crate::settings::Settings;

/// What is known of the registration. A panel says what stands in its context: nothing, where somebody typed the ids of
/// another application.
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
    /// The one of a deployment.
    pub fn of(settings: &Settings) -> Self {
        let sign_in = settings.sign_in.clone();
        Self {
            cloud: settings.cloud.clone(),
            client_id: sign_in.as_ref().map(|sign_in| sign_in.client_id.clone()),
            tenant: sign_in.map(|sign_in| sign_in.tenant),
            redirect_address: redirect_address(),
        }
    }
}

/// Where the authority sends the browser back to: `auth.html` beside the page.
pub fn redirect_address() -> Option<String> {
    let page = document().base_uri().ok().flatten()?;
    web_sys::Url::new_with_base("auth.html", &page).ok().map(|address| address.href())
}
