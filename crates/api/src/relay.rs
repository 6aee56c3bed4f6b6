//! The relay: where it takes what is meant for Azure's hosts, and which of its addresses may see a token.
//!
//! Its origin comes from the settings alone. Of an address that a service gave nothing goes into one of the relay's but
//! the region and the service, which the rule for tokens read from the host, and what stands behind the host.

use crate::cloud::is_region;
use crate::{Cloud, Origin, WebAddress};

/// What stands for the services in the relay's addresses.
const SERVICES: [&str; 4] = ["api", "experiments", "modelmanagement", "aether"];
/// The relay's own routes, which no region is called: scoring services and sign-in.
const OTHER_ROUTES: [&str; 2] = ["score", "login"];

impl Cloud {
    /// `{relay}/relay/{region}/{service}{path}`: where the relay takes what is meant for an address. Only regional hosts
    /// have such a place, and only for addresses that a browser leaves as they are.
    pub fn relayed(&self, relay: &Origin, address: &WebAddress) -> Option<WebAddress> {
        let (region, service) = self.regional(address.origin())?;
        let relayed = WebAddress::of(relay, &format!("/relay/{region}/{service}{}", address.target()));
        self.may_carry_token_through(relay, &relayed).then_some(relayed)
    }

    /// Whether an origin is one of a region, for which a relay can be asked.
    pub fn is_regional(&self, origin: &Origin) -> bool {
        self.regional(origin).is_some()
    }

    /// Something cheap that the relay hands on to a regional host: `{relay}/relay/{region}/{service}/…`.
    pub fn relay_probe(&self, relay: &Origin, origin: &Origin) -> Option<WebAddress> {
        let target = match self.regional(origin)?.1 {
            "modelmanagement" => "/api/probe",
            "aether" => "/api/v1.0/probe",
            _ => "/discovery",
        };
        self.relayed(relay, &WebAddress::of(origin, target))
    }

    /// `{relay}/relay/login/{tenant}/oauth2/[v2.0/]token`: where the relay takes the form of client credentials. Codes and
    /// refresh tokens have no place there.
    pub fn relayed_sign_in(&self, relay: &Origin, address: &WebAddress) -> Option<WebAddress> {
        let target = address.target();
        let tenant = target.strip_suffix("/token")?.strip_prefix('/')?;
        let tenant = tenant.strip_suffix("/v2.0").unwrap_or(tenant).strip_suffix("/oauth2")?;
        let is_end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let is_tenant = is_end(tenant.bytes().next())
            && is_end(tenant.bytes().last())
            && tenant.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
        (*address.origin() == self.login() && is_tenant && is_encrypted(relay))
            .then(|| WebAddress::of(relay, &format!("/relay/login{target}")))
    }

    /// The rule where there is a relay: whether the Azure AD token may go to an address of it. That is so below
    /// `/relay/{region}/{service}/` of the one origin that the settings name; never for its other routes, and never for an
    /// address that a browser would fold into one of them.
    pub fn may_carry_token_through(&self, relay: &Origin, address: &WebAddress) -> bool {
        // Made of parts, so it is read again as a whole.
        let is_plain = WebAddress::parse(&address.to_string()).as_ref() == Some(address);
        let path = address.target().split('?').next().unwrap_or_default();
        let Some(path) = path.strip_prefix("/relay/") else { return false };
        let mut segments = path.splitn(3, '/');
        let (Some(region), Some(service), Some(rest)) = (segments.next(), segments.next(), segments.next())
        else {
            return false;
        };
        is_plain
            && address.origin() == relay
            && is_encrypted(relay)
            && is_region(region)
            && !OTHER_ROUTES.contains(&region)
            && SERVICES.contains(&service)
            && !rest.split('/').any(is_folded_away)
    }
}

fn is_encrypted(relay: &Origin) -> bool {
    relay.as_str().starts_with("https://") || relay.is_loopback()
}

/// Whether a browser takes a segment for "here" or "one up", encoded or not.
fn is_folded_away(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalCloud;

    const GUID: &str = "cba12345-abab-abab-abab-ababab123456";

    fn relay() -> Origin {
        Origin::parse("https://relay.example").unwrap()
    }

    fn relayed(cloud: &Cloud, address: &str) -> Option<String> {
        let address = WebAddress::parse(address)?;
        let relayed = cloud.relayed(&relay(), &address)?;
        assert!(cloud.may_carry_token(&address), "{address}");
        assert!(cloud.may_carry_token_through(&relay(), &relayed), "{relayed}");
        Some(relayed.to_string())
    }

    fn local(services: &[&str]) -> Cloud {
        let origin = |text: &str| Origin::parse(text).unwrap();
        Cloud::Local(LocalCloud {
            login: origin("http://127.0.0.1:4000"),
            management: origin("http://127.0.0.1:4001"),
            services: services.iter().map(|service| origin(service)).collect(),
        })
    }

    #[test]
    fn each_regional_host_has_its_place_and_paths_stay_letter_by_letter() {
        let path = "/history/v1.0/a%20b/experiments/x:query?$top=5&nextLink=a%2Fb..%2F..";
        for (cloud, host, place) in [
            (Cloud::Public, "eastus.api.azureml.ms", "eastus/api"),
            (Cloud::Public, &*format!("{GUID}.workspace.eastus2.api.azureml.ms"), "eastus2/api"),
            (Cloud::Public, "westeurope.experiments.azureml.net", "westeurope/experiments"),
            (Cloud::Public, "eastus.modelmanagement.azureml.net", "eastus/modelmanagement"),
            (Cloud::Public, "eastus.aether.ms", "eastus/aether"),
            (Cloud::UsGov, "usgovvirginia.api.ml.azure.us", "usgovvirginia/api"),
            (Cloud::UsGov, "usgovvirginia.modelmanagement.azureml.us", "usgovvirginia/modelmanagement"),
            (Cloud::China, "chinaeast2.experiments.ml.azure.cn", "chinaeast2/experiments"),
        ] {
            let expected = format!("https://relay.example/relay/{place}{path}");
            assert_eq!(relayed(&cloud, &format!("https://{host}{path}")), Some(expected), "{host}");
        }
    }

    #[test]
    fn nothing_but_regional_hosts_goes_through_the_relay() {
        for address in [
            "https://management.azure.com/subscriptions",
            "https://login.microsoftonline.com/contoso/oauth2/token",
            "https://shop.blob.core.windows.net/x",
            "https://x.instances.azureml.ms/",
            "https://tundra.eastus.api.azureml.ms/",
            "https://eastus.inference.ml.azure.com/score",
            "https://eastus.api.azureml.ms.evil.tld/x",
            "https://evil.tld/relay/eastus/api/x",
            "https://relay.example/relay/eastus/api/x",
            "https://relay.example/",
            "http://eastus.api.azureml.ms/x",
            "https://eastus.api.azureml.ms:8443/x",
            "https://usgovvirginia.api.ml.azure.us/x",
        ] {
            assert_eq!(relayed(&Cloud::Public, address), None, "{address}");
        }
    }

    #[test]
    fn no_region_is_one_of_the_relays_other_routes() {
        for name in ["score", "login"] {
            for suffix in [".api.azureml.ms", ".experiments.azureml.net", ".aether.ms"] {
                let address = format!("https://{name}{suffix}/x");
                assert_eq!(relayed(&Cloud::Public, &address), None, "{address}");
            }
            let address = format!("https://{GUID}.workspace.{name}.api.azureml.ms/x");
            assert_eq!(relayed(&Cloud::Public, &address), None, "{address}");
        }
    }

    #[test]
    fn an_address_of_a_service_cannot_climb_out_of_its_place() {
        for path in [
            "",
            "?x",
            "/..",
            "/../../score/weather",
            "/../../../relay/login/contoso/oauth2/token",
            "/a/%2e%2e/%2E./.%2e/score/weather",
            "/a/./b",
            "/a/%2E",
            "/..?x",
        ] {
            let address = format!("https://eastus.api.azureml.ms{path}");
            assert_eq!(relayed(&Cloud::Public, &address), None, "{address}");
        }
        // Whoever makes an address of parts may put in what no address may hold.
        let origin = Origin::parse("https://eastus.api.azureml.ms").unwrap();
        for target in ["/..\\..\\score\\weather", "/\t../x", "/x#y", "/x y", "@evil.tld/x", "/a\n/.\n./score"]
        {
            assert_eq!(Cloud::Public.relayed(&relay(), &WebAddress::of(&origin, target)), None, "{target:?}");
        }
    }

    #[test]
    fn the_token_goes_to_the_relays_places_for_services_and_nowhere_else_there() {
        let may = |address: &str| {
            let (origin, target) =
                address.split_at(address[8..].find('/').map_or(address.len(), |at| at + 8));
            Cloud::Public
                .may_carry_token_through(&relay(), &WebAddress::of(&Origin::parse(origin).unwrap(), target))
        };
        assert!(may("https://relay.example/relay/eastus/api/history/v1.0/x"));
        for address in [
            "https://relay.example",
            "https://relay.example/",
            "https://relay.example/relay/eastus/api",
            "https://relay.example/relay/eastus/blob/x",
            "https://relay.example/relay/eastus/API/x",
            "https://relay.example/relay/East-US/api/x",
            "https://relay.example/relay//api/x",
            "https://relay.example/relay/score/weather",
            "https://relay.example/relay/score/api/x",
            "https://relay.example/relay/login/contoso/oauth2/token",
            "https://relay.example/relay/login/api/oauth2/token",
            "https://relay.example/relay/eastus/api/../../score/weather",
            "https://relay.example/relay/eastus/api/%2e%2e/%2e%2e/score/weather",
            "https://relay.example/x/relay/eastus/api/x",
            "https://relay.example/?/relay/eastus/api/x",
            "https://relay.example:8443/relay/eastus/api/x",
            "http://relay.example/relay/eastus/api/x",
            "https://relay.example.evil.tld/relay/eastus/api/x",
            "https://evil.tld/relay/eastus/api/x",
        ] {
            assert!(!may(address), "{address}");
        }
        // Without a relay nothing of this holds: the rule for Azure's own addresses does not know it.
        let address = WebAddress::parse("https://relay.example/relay/eastus/api/x").unwrap();
        assert!(!Cloud::Public.may_carry_token(&address));
        assert!(!Cloud::Public.may_be_asked(&address));
        let open = Origin::parse("http://relay.example").unwrap();
        let address = WebAddress::of(&open, "/relay/eastus/api/x");
        assert!(!Cloud::Public.may_carry_token_through(&open, &address));
    }

    #[test]
    fn what_stands_in_for_azure_has_its_place_by_the_order_of_the_settings() {
        let services: Vec<String> = (2..7).map(|port| format!("http://127.0.0.1:400{port}")).collect();
        let cloud = local(&services.iter().map(String::as_str).collect::<Vec<_>>());
        let place = |port: u16| relayed(&cloud, &format!("http://127.0.0.1:{port}/x"));
        let at = |service: &str| Some(format!("https://relay.example/relay/local/{service}/x"));
        assert_eq!([place(4002), place(4003)], [at("experiments"), at("api")]);
        assert_eq!([place(4004), place(4005)], [at("modelmanagement"), at("aether")]);
        for port in [4000, 4001, 4006, 4007] {
            assert_eq!(place(port), None, "{port}");
        }
        // One origin for all of it: Resource Manager is never asked through the relay.
        assert_eq!(relayed(&local(&["http://127.0.0.1:4001"]), "http://127.0.0.1:4001/x"), None);
    }

    #[test]
    fn a_secret_goes_to_the_relays_token_endpoints_alone() {
        let to = |address: &str| {
            let address = WebAddress::parse(address).unwrap();
            Cloud::Public.relayed_sign_in(&relay(), &address).map(|address| address.to_string())
        };
        for path in
            ["/contoso.example/oauth2/token", "/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token"]
        {
            assert_eq!(
                to(&format!("https://login.microsoftonline.com{path}")),
                Some(format!("https://relay.example/relay/login{path}"))
            );
        }
        for address in [
            "https://login.microsoftonline.com/contoso/oauth2/authorize",
            "https://login.microsoftonline.com/contoso/oauth2/token?x",
            "https://login.microsoftonline.com/../oauth2/token",
            "https://login.microsoftonline.com/a/b/oauth2/token",
            "https://login.microsoftonline.com/%2e%2e/oauth2/token",
            "https://login.microsoftonline.com/oauth2/token",
            "https://management.azure.com/contoso/oauth2/token",
            "https://evil.tld/contoso/oauth2/token",
        ] {
            assert_eq!(to(address), None, "{address}");
        }
    }
}
