//! The settings of a deployment: `config.json`, read and checked.

use azimuth_api::{Cloud, LocalCloud, Origin};
use serde_json::{Map, Value};

/// What whoever deploys the page decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Which Azure.
    pub cloud: Cloud,
    /// What "Sign in with Microsoft" needs.
    pub sign_in: Option<SignInSettings>,
    /// An origin that passes requests on where the service itself does not answer browsers.
    pub relay: Option<Origin>,
    /// Origins that may be called without the Azure AD token.
    pub data_origins: Vec<Origin>,
    /// Whether the demo is offered.
    pub demo: bool,
    /// Whether every change is disabled.
    pub read_only: bool,
    /// Names of fields that mean nothing here.
    pub unknown: Vec<String>,
}

/// The application registration that signs people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInSettings {
    /// Its application (client) id.
    pub client_id: String,
    /// The tenant: id or domain.
    pub tenant: String,
}

/// A value that stops the start: which field, what it holds and what it may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFault {
    /// The field, with dots (`signIn.tenant`); empty for the file as a whole.
    pub field: String,
    /// What it holds.
    pub found: String,
    /// What it may hold.
    pub expected: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cloud: Cloud::Public,
            sign_in: None,
            relay: None,
            data_origins: Vec::new(),
            demo: true,
            read_only: false,
            unknown: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the text of `config.json`. `page` is the origin of the page, which may stand in for Azure's hosts.
    ///
    /// # Errors
    /// The first field that holds what it may not.
    pub fn parse(text: &str, page: Option<&Origin>) -> Result<Self, SettingsFault> {
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            fault("", &format!("text that is not JSON: {error}"), "a JSON object, such as {}")
        })?;
        let fields =
            value.as_object().ok_or_else(|| fault("", &shown(&value), "a JSON object, such as {}"))?;
        let mut settings = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "cloud" => settings.cloud = cloud(value, page)?,
                "signIn" => settings.sign_in = Some(sign_in(value)?),
                "relay" => settings.relay = Some(relay(value)?),
                "dataOrigins" => settings.data_origins = origins("dataOrigins", value)?,
                "demo" => settings.demo = truth("demo", value)?,
                "readOnly" => settings.read_only = truth("readOnly", value)?,
                _ => settings.unknown.push(name.clone()),
            }
        }
        Ok(settings)
    }
}

const CLOUDS: &str = "\"public\", \"usgov\", \"china\", or an object of login, management and services whose origins \
                      are on this machine (http://127.0.0.1:port, http://localhost:port) or the page's own";

fn cloud(value: &Value, page: Option<&Origin>) -> Result<Cloud, SettingsFault> {
    match value {
        Value::String(name) => match name.as_str() {
            "public" => Ok(Cloud::Public),
            "usgov" => Ok(Cloud::UsGov),
            "china" => Ok(Cloud::China),
            _ => Err(fault("cloud", &shown(value), CLOUDS)),
        },
        Value::Object(fields) => {
            let local = |field: &str, value: &Value| {
                origin(value)
                    .filter(|origin| origin.is_loopback() || Some(origin) == page)
                    .ok_or_else(|| fault(field, &shown(value), "an origin on this machine or the page's own"))
            };
            let services = field(fields, "cloud", "services")?;
            let list = services
                .as_array()
                .ok_or_else(|| fault("cloud.services", &shown(services), "a list of origins"))?;
            Ok(Cloud::Local(LocalCloud {
                login: local("cloud.login", field(fields, "cloud", "login")?)?,
                management: local("cloud.management", field(fields, "cloud", "management")?)?,
                services: list.iter().map(|item| local("cloud.services", item)).collect::<Result<_, _>>()?,
            }))
        }
        _ => Err(fault("cloud", &shown(value), CLOUDS)),
    }
}

fn sign_in(value: &Value) -> Result<SignInSettings, SettingsFault> {
    let fields = value
        .as_object()
        .ok_or_else(|| fault("signIn", &shown(value), "an object of clientId and tenant, both texts"))?;
    let text = |name: &str| {
        let value = field(fields, "signIn", name)?;
        value
            .as_str()
            .filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
            .ok_or_else(|| fault(&format!("signIn.{name}"), &shown(value), "a text that is not empty"))
    };
    Ok(SignInSettings { client_id: text("clientId")?, tenant: text("tenant")? })
}

fn relay(value: &Value) -> Result<Origin, SettingsFault> {
    origin(value).filter(|origin| origin.is_loopback() || origin.as_str().starts_with("https://")).ok_or_else(
        || {
            fault(
                "relay",
                &shown(value),
                "one https origin without a path, such as https://relay.example.net",
            )
        },
    )
}

fn origins(name: &str, value: &Value) -> Result<Vec<Origin>, SettingsFault> {
    let expected = "a list of https origins without paths";
    let list = value.as_array().ok_or_else(|| fault(name, &shown(value), expected))?;
    list.iter()
        .map(|item| {
            origin(item)
                .filter(|origin| origin.is_loopback() || origin.as_str().starts_with("https://"))
                .ok_or_else(|| fault(name, &shown(item), expected))
        })
        .collect()
}

fn truth(name: &str, value: &Value) -> Result<bool, SettingsFault> {
    value.as_bool().ok_or_else(|| fault(name, &shown(value), "true or false"))
}

fn origin(value: &Value) -> Option<Origin> {
    Origin::parse(value.as_str()?)
}

fn field<'a>(fields: &'a Map<String, Value>, parent: &str, name: &str) -> Result<&'a Value, SettingsFault> {
    fields.get(name).ok_or_else(|| fault(&format!("{parent}.{name}"), "nothing", "a value: it is required"))
}

fn fault(field: &str, found: &str, expected: &str) -> SettingsFault {
    SettingsFault { field: field.to_owned(), found: found.to_owned(), expected: expected.to_owned() }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 120 { text.chars().take(119).chain(['…']).collect() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap()
    }

    #[test]
    fn nothing_said_means_the_public_cloud_with_a_demo() {
        assert_eq!(Settings::parse("{}", None), Ok(Settings::default()));
    }

    #[test]
    fn every_field_is_read() {
        let settings = Settings::parse(
            r#"{"cloud":"usgov","signIn":{"clientId":"c","tenant":"t"},"relay":"https://relay.example.net",
                "dataOrigins":["https://x.blob.core.windows.net"],"demo":false,"readOnly":true,"colour":"red"}"#,
            None,
        )
        .unwrap();
        assert_eq!(settings.cloud, Cloud::UsGov);
        assert_eq!(
            settings.sign_in,
            Some(SignInSettings { client_id: "c".to_owned(), tenant: "t".to_owned() })
        );
        assert_eq!(settings.relay, Some(origin("https://relay.example.net")));
        assert_eq!(settings.data_origins, [origin("https://x.blob.core.windows.net")]);
        assert_eq!((settings.demo, settings.read_only), (false, true));
        assert_eq!(settings.unknown, ["colour"]);
    }

    #[test]
    fn a_local_cloud_is_on_this_machine_or_the_pages_own() {
        let text = r#"{"cloud":{"login":"http://127.0.0.1:1","management":"https://site.example","services":["http://localhost:2"]}}"#;
        let page = origin("https://site.example");
        assert!(matches!(Settings::parse(text, Some(&page)).unwrap().cloud, Cloud::Local(_)));
        assert_eq!(Settings::parse(text, None).unwrap_err().field, "cloud.management");
    }

    #[test]
    fn a_wrong_value_is_named_with_its_field() {
        for (text, field) in [
            ("", ""),
            ("[]", ""),
            (r#"{"cloud":"moon"}"#, "cloud"),
            (r#"{"cloud":1}"#, "cloud"),
            (r#"{"cloud":{"login":"http://127.0.0.1:1"}}"#, "cloud.services"),
            (
                r#"{"cloud":{"login":"https://evil.tld","management":"http://127.0.0.1:1","services":[]}}"#,
                "cloud.login",
            ),
            (
                r#"{"cloud":{"login":"http://127.0.0.1:1","management":"http://127.0.0.1:2","services":["http://127.0.0.1:3/x"]}}"#,
                "cloud.services",
            ),
            (r#"{"signIn":{"clientId":"c"}}"#, "signIn.tenant"),
            (r#"{"signIn":{"clientId":"","tenant":"t"}}"#, "signIn.clientId"),
            (r#"{"relay":"http://relay.example.net"}"#, "relay"),
            (r#"{"relay":"https://relay.example.net/path"}"#, "relay"),
            (r#"{"dataOrigins":"https://x"}"#, "dataOrigins"),
            (r#"{"dataOrigins":["http://x.example"]}"#, "dataOrigins"),
            (r#"{"demo":"yes"}"#, "demo"),
            (r#"{"readOnly":1}"#, "readOnly"),
        ] {
            assert_eq!(Settings::parse(text, None).unwrap_err().field, field, "{text}");
        }
    }
}
