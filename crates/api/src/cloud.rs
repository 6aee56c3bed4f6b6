//! The clouds of Azure: their hosts, and the rule which of them may see a token.

use crate::{Origin, WebAddress};

/// Azure Resource Manager as an application; permissions call it "Azure Service Management".
pub const MANAGEMENT_APPLICATION: &str = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
/// Its permission `user_impersonation`.
pub const USER_IMPERSONATION: &str = "41094075-9dad-400e-a0bd-54e686782033";

/// Which Azure this page speaks to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// The public cloud.
    #[default]
    Public,
    /// Azure Government.
    UsGov,
    /// Azure operated by 21Vianet.
    China,
    /// Something on this machine, or the page's own origin, that stands in for Azure.
    Local(LocalCloud),
}

/// The origins that stand in for Azure's hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalCloud {
    /// In place of `login.microsoftonline.com`.
    pub login: Origin,
    /// In place of `management.azure.com`.
    pub management: Origin,
    /// In place of the regional hosts.
    pub services: Vec<Origin>,
}

impl Cloud {
    /// Its name in documents: `public`, `usgov`, `china`, or `custom` for what stands in for Azure.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::UsGov => "usgov",
            Self::China => "china",
            Self::Local(_) => "custom",
        }
    }

    /// Where tokens come from.
    pub fn login(&self) -> Origin {
        self.host_or(
            |local| &local.login,
            ["login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"],
        )
    }

    /// Azure Resource Manager.
    pub fn management(&self) -> Origin {
        self.host_or(
            |local| &local.management,
            ["management.azure.com", "management.usgovcloudapi.net", "management.chinacloudapi.cn"],
        )
    }

    /// What a token for Azure Resource Manager is asked for, as `resource` and, with `.default`, as `scope`.
    pub fn audience(&self) -> &'static str {
        match self {
            Self::Public | Self::Local(_) => "https://management.azure.com/",
            Self::UsGov => "https://management.usgovcloudapi.net/",
            Self::China => "https://management.chinacloudapi.cn/",
        }
    }

    /// What people consent to, so that this page may act for them at Azure Resource Manager.
    pub fn scope(&self) -> String {
        format!("{}user_impersonation", self.audience())
    }

    /// Whether a token is meant for Azure Resource Manager, by either of its names.
    pub fn is_own_audience(&self, audience: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        audience == self.audience().trim_end_matches('/')
            || (matches!(self, Self::Public | Self::Local(_))
                && audience == "https://management.core.windows.net")
    }

    /// The rule: whether the Azure AD token may go to this address.
    ///
    /// Addresses come from the service itself (`nextLink`, `discoveryUrl`, the discovery document), so a host is
    /// compared whole with a list. Never by a suffix such as `*.azureml.ms`: compute instances and scoring live below
    /// it and run users' code. That an origin is loopback does not suffice either.
    pub fn may_carry_token(&self, address: &WebAddress) -> bool {
        let origin = address.origin();
        if let Self::Local(local) = self {
            return *origin == local.management || local.services.contains(origin);
        }
        *origin == self.management() || self.regional(origin).is_some()
    }

    /// Whether the page may ask this address at all, without a token: the hosts above and sign-in.
    pub fn may_be_asked(&self, address: &WebAddress) -> bool {
        *address.origin() == self.login() || self.may_carry_token(address)
    }

    /// Region and service of a regional host, in the words of the relay's addresses. What stands in for Azure says
    /// nothing of regions: there the place in the list tells the service, as the simulator prints it.
    pub(crate) fn regional<'a>(&self, origin: &'a Origin) -> Option<(&'a str, &'static str)> {
        if let Self::Local(local) = self {
            let place = local.services.iter().position(|service| service == origin)?;
            let service = ["experiments", "api", "modelmanagement", "aether"].get(place)?;
            return (*origin != local.management && *origin != local.login).then_some(("local", service));
        }
        let of_suffix =
            |(suffix, service): &(&str, &'static str)| Some((region_of(origin.host(), suffix)?, *service));
        origin.is_plain_https().then(|| self.regional_suffixes().iter().find_map(of_suffix))?
    }

    /// `{region}` + suffix is a regional host, of a service. Names for China and Azure Government that could not be
    /// verified are here too: a host that does not exist gets nothing.
    fn regional_suffixes(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Public => &[
                (".api.azureml.ms", "api"),
                (".experiments.azureml.net", "experiments"),
                (".modelmanagement.azureml.net", "modelmanagement"),
                (".aether.ms", "aether"),
            ],
            Self::UsGov => &[
                (".api.ml.azure.us", "api"),
                (".experiments.ml.azure.us", "experiments"),
                (".modelmanagement.azureml.us", "modelmanagement"),
            ],
            Self::China => &[
                (".api.ml.azure.cn", "api"),
                (".experiments.ml.azure.cn", "experiments"),
                (".modelmanagement.ml.azure.cn", "modelmanagement"),
            ],
            Self::Local(_) => &[],
        }
    }

    /// The regional hosts whose names no public source shows; they follow the names of the others.
    pub fn unverified_hosts(&self) -> &'static [&'static str] {
        match self {
            Self::UsGov => &["{region}.experiments.ml.azure.us"],
            Self::China => &["{region}.api.ml.azure.cn", "{region}.experiments.ml.azure.cn"],
            Self::Public | Self::Local(_) => &[],
        }
    }

    fn host_or(&self, local: impl Fn(&LocalCloud) -> &Origin, hosts: [&str; 3]) -> Origin {
        let host = match self {
            Self::Public => hosts[0],
            Self::UsGov => hosts[1],
            Self::China => hosts[2],
            Self::Local(origins) => return local(origins).clone(),
        };
        Origin::parse(&format!("https://{host}")).expect("the hosts of the table are plain names")
    }
}

/// The region of `{region}{suffix}`, or of `{workspace id}.workspace.{region}.api.azureml.ms`.
fn region_of<'a>(host: &'a str, suffix: &str) -> Option<&'a str> {
    let prefix = host.strip_suffix(suffix)?;
    let region = match prefix.split_once(".workspace.") {
        Some((workspace, region)) if suffix == ".api.azureml.ms" && is_guid(workspace) => region,
        _ => prefix,
    };
    is_region(region).then_some(region)
}

pub(crate) fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carries(cloud: &Cloud, address: &str) -> bool {
        WebAddress::parse(address).is_some_and(|address| cloud.may_carry_token(&address))
    }

    #[test]
    fn the_hosts_of_each_cloud_get_the_token_and_no_other_clouds() {
        let own = [
            (Cloud::Public, "https://management.azure.com/subscriptions"),
            (Cloud::Public, "https://eastus.api.azureml.ms/history/v1.0"),
            (
                Cloud::Public,
                "https://cba12345-abab-abab-abab-ababab123456.workspace.eastus2.api.azureml.ms/x",
            ),
            (Cloud::Public, "https://centralus.experiments.azureml.net/discovery"),
            (Cloud::Public, "https://centralus.modelmanagement.azureml.net/api"),
            (Cloud::Public, "https://centralus.aether.ms/api/v1.0"),
            (Cloud::UsGov, "https://management.usgovcloudapi.net/"),
            (Cloud::UsGov, "https://usgovvirginia.api.ml.azure.us/"),
            (Cloud::China, "https://management.chinacloudapi.cn/"),
            (Cloud::China, "https://chinaeast2.modelmanagement.ml.azure.cn/"),
        ];
        for (cloud, address) in &own {
            for other in [Cloud::Public, Cloud::UsGov, Cloud::China] {
                assert_eq!(carries(&other, address), other == *cloud, "{other:?} {address}");
            }
        }
    }

    #[test]
    fn look_alikes_get_nothing() {
        for address in [
            "https://management.azure.com.evil.tld/",
            "https://evil.tld/management.azure.com",
            "https://management.azure.com@evil.tld/",
            "http://management.azure.com/",
            "http://eastus.api.azureml.ms/",
            "https://eastus.api.azureml.ms:8443/",
            "https://management.azure.com:8443/",
            "https://management.azure.com./",
            "https://xn--mnagement-r3a.azure.com/",
            "https://management.azure.com\\.evil.tld/",
            "https://management%2eazure.com/",
            "https://x.instances.azureml.ms/",
            "https://tundra.eastus.api.azureml.ms/",
            "https://eastus.inference.ml.azure.com/score",
            "https://api.azureml.ms/",
            "https://.api.azureml.ms/",
            "https://eastus.api.azureml.ms.evil.tld/",
            "https://evil-eastus.api.azureml.ms/",
            "https://not-a-guid.workspace.eastus.api.azureml.ms/",
            "https://cba12345-abab-abab-abab-ababab123456.workspace.eastus.experiments.azureml.net/",
            "https://login.microsoftonline.com/contoso/oauth2/token",
            "https://myworkspace.blob.core.windows.net/",
            "http://127.0.0.1:4001/",
        ] {
            assert!(!carries(&Cloud::Public, address), "{address}");
        }
        // A browser writes hosts in lower case before it calls them.
        assert!(carries(&Cloud::Public, "https://MANAGEMENT.azure.com/"));
    }

    #[test]
    fn every_host_that_is_not_listed_letter_by_letter_is_refused() {
        let host = "eastus.api.azureml.ms";
        for position in 0..=host.len() {
            for inserted in ['.', '-', '/', '@', ':', '_', '%', '\\', '?'] {
                let mut changed = host.to_owned();
                changed.insert(position, inserted);
                // Behind the host a path or a query begins, which is no matter.
                let is_still_the_host = position == host.len() && matches!(inserted, '/' | '?');
                assert_eq!(
                    carries(&Cloud::Public, &format!("https://{changed}")),
                    is_still_the_host,
                    "{changed}"
                );
            }
        }
    }

    #[test]
    fn a_local_cloud_has_its_named_origins_alone() {
        let origin = |text| Origin::parse(text).unwrap();
        let cloud = Cloud::Local(LocalCloud {
            login: origin("http://127.0.0.1:4000"),
            management: origin("http://127.0.0.1:4001"),
            services: vec![origin("http://127.0.0.1:4003")],
        });
        assert!(carries(&cloud, "http://127.0.0.1:4001/subscriptions"));
        assert!(carries(&cloud, "http://127.0.0.1:4003/history"));
        for other in [
            "http://127.0.0.1:4000/",
            "http://127.0.0.1:4002/",
            "http://localhost:4001/",
            "https://management.azure.com/",
        ] {
            assert!(!carries(&cloud, other), "{other}");
        }
        assert!(cloud.may_be_asked(&WebAddress::parse("http://127.0.0.1:4000/x").unwrap()));
    }

    #[test]
    fn hosts_that_are_not_verified_are_named_and_are_those_that_are_asked() {
        for (cloud, count) in [(Cloud::Public, 0), (Cloud::UsGov, 1), (Cloud::China, 2)] {
            let hosts = cloud.unverified_hosts();
            assert_eq!(hosts.len(), count, "{cloud:?}");
            for host in hosts {
                assert!(
                    carries(&cloud, &format!("https://{}", host.replace("{region}", "north1"))),
                    "{host}"
                );
            }
        }
    }

    #[test]
    fn both_names_of_the_audience_are_ours() {
        for audience in [
            "https://management.azure.com",
            "https://management.azure.com/",
            "https://management.core.windows.net/",
        ] {
            assert!(Cloud::Public.is_own_audience(audience), "{audience}");
        }
        assert!(!Cloud::Public.is_own_audience("https://graph.microsoft.com"));
    }
}
