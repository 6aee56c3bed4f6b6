//! What can be handed to whoever helps: everything that this page knows of itself, and no secret.

use azimuth_api::versions;

use crate::app_registration::AppRegistration;
use crate::request_log::Entry;
use crate::settings::Settings;

/// How many of the last requests are in it.
const REQUESTS: usize = 30;

/// What a report is made from.
pub struct Report<'a> {
    /// The site's own version.
    pub version: String,
    /// Where the site is, without what is open in it.
    pub site: String,
    /// The browser, by its own word.
    pub browser: String,
    /// This computer's clock.
    pub clock: String,
    /// How far it is from the site's clock, in words.
    pub skew: String,
    /// What holds.
    pub settings: &'a Settings,
    /// What people sign in with.
    pub registration: &'a AppRegistration,
    /// The cloud, in words.
    pub cloud: &'a str,
    /// Each host with how this page gets there.
    pub hosts: Vec<(String, String)>,
    /// What was asked. Addresses and bodies in it are masked.
    pub requests: &'a [Entry],
}

impl Report<'_> {
    /// As text. Bodies and headers stay out of it altogether.
    pub fn text(&self) -> String {
        let mut lines = vec![
            "Azimuth: report".to_owned(),
            "It names subscriptions and resources. It holds no token, no secret and no content.".to_owned(),
            String::new(),
            format!("Version: {}", self.version),
            format!("Site: {}", self.site),
            format!("Browser: {}", self.browser),
            format!("Clock: {} ({})", self.clock, self.skew),
            String::new(),
            format!("Cloud: {}", self.cloud),
            format!("Sign in with Microsoft: {}", self.sign_in()),
            format!(
                "Redirect address: {}",
                none_or(self.registration.redirect_address.as_deref().unwrap_or_default())
            ),
            format!("Authority: {}", self.registration.authority()),
            format!("Scope: {}", self.registration.cloud.scope()),
            format!("Relay: {}", self.settings.relay.as_ref().map_or("none".to_owned(), ToString::to_string)),
            format!("Data origins: {}", self.settings.data_origins.len()),
            format!("Demo: {}, read-only: {}", self.settings.demo, self.settings.read_only),
            format!("Unknown settings: {}", none_or(&self.settings.unknown.join(", "))),
            String::new(),
            "Hosts:".to_owned(),
        ];
        lines.extend(self.hosts.iter().map(|(host, reach)| format!("  {host}: {reach}")));
        lines.push("Versions:".to_owned());
        lines.extend(versions::ALL.iter().map(|(service, version)| format!("  {service}: {version}")));
        lines.push(format!(
            "Last requests ({} of {}):",
            self.requests.len().min(REQUESTS),
            self.requests.len()
        ));
        lines.extend(self.requests.iter().rev().take(REQUESTS).map(|entry| {
            let (plain, word) = entry.outcome.in_words();
            let took = entry.took.map_or(String::new(), |took| format!(", {} ms", took.round()));
            format!("  {} {}: {}{took}", entry.method, entry.address, format!("{plain} {word}").trim())
        }));
        lines.join("\n") + "\n"
    }

    fn sign_in(&self) -> String {
        match (&self.registration.client_id, &self.registration.tenant) {
            (Some(client_id), Some(tenant)) => format!("client id {client_id}, tenant {tenant}"),
            _ => "off".to_owned(),
        }
    }
}

fn none_or(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::request_log::{LoggedBody, Outcome};

    #[test]
    fn a_report_holds_addresses_and_outcomes_and_neither_headers_nor_bodies() {
        let entry = Entry {
            id: 1,
            method: Method::POST,
            address: "https://management.azure.com/subscriptions?api-version=2020-01-01".to_owned(),
            headers: vec![("X-Header".to_owned(), "sesame".to_owned())],
            body: LoggedBody::Text("sesame".to_owned()),
            started: 0.0,
            took: Some(12.4),
            outcome: Outcome::Answered(403, 10),
        };
        let report = Report {
            version: "0.1.0".to_owned(),
            site: "https://site".to_owned(),
            browser: "Browser".to_owned(),
            clock: "now".to_owned(),
            skew: "right".to_owned(),
            settings: &Settings::default(),
            registration: &AppRegistration {
                client_id: Some("azimuth".to_owned()),
                tenant: Some("contoso".to_owned()),
                ..AppRegistration::default()
            },
            cloud: "public",
            hosts: vec![("https://management.azure.com".to_owned(), "Direct".to_owned())],
            requests: &[entry],
        };
        let text = report.text();
        assert!(text.contains("POST https://management.azure.com/subscriptions?api-version=2020-01-01: Not allowed 403, 12 ms"), "{text}");
        assert!(text.contains("  https://management.azure.com: Direct\n"), "{text}");
        for line in [
            "Sign in with Microsoft: client id azimuth, tenant contoso\n",
            "Authority: https://login.microsoftonline.com/contoso\n",
            "Scope: https://management.azure.com/user_impersonation\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert!(!text.contains("sesame"), "{text}");
    }
}
