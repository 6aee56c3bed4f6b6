//! Absolute addresses, read more strictly than a browser reads them.

use std::fmt;

/// Scheme, host and port of an address: `https://management.azure.com`, `http://127.0.0.1:4001`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin that has nothing behind it; a single `/` at the end is forgiven.
    pub fn parse(text: &str) -> Option<Self> {
        let address = WebAddress::parse(text)?;
        matches!(address.target.as_str(), "" | "/").then_some(address.origin)
    }

    /// As a browser writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without scheme and port.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(':').next().unwrap_or(rest)
    }

    /// Whether it is `https` on the usual port.
    pub fn is_plain_https(&self) -> bool {
        self.0.strip_prefix("https://").is_some_and(|rest| !rest.contains(':'))
    }

    /// Whether it is this machine, by the two names that settings may use.
    pub fn is_loopback(&self) -> bool {
        matches!(self.host(), "127.0.0.1" | "localhost")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// An absolute address, split at the end of its origin.
///
/// Whatever a browser might read in another way than it looks (user names before `@`, backslashes, encoded or
/// non-ASCII hosts, a dot after the host, white space) is refused, so that what we compare is what is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress {
    origin: Origin,
    target: String,
}

impl WebAddress {
    /// Reads an `http` or `https` address.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') || text.contains('#') {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return None;
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let authority = authority.to_ascii_lowercase();
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority.as_str(), None),
        };
        let host_is_plain = !host.is_empty()
            && host.split('.').all(is_host_label)
            // A last label of digits alone makes a browser read an IPv4 address, in forms that look like names.
            && (is_ipv4(host) || !host.rsplit('.').next()?.starts_with(|first: char| first.is_ascii_digit()));
        if !host_is_plain {
            return None;
        }
        let port = match port {
            Some(port) => Some(port.parse::<u16>().ok().filter(|number| number.to_string() == port)?),
            None => None,
        };
        let usual = if scheme == "https" { 443 } else { 80 };
        let origin = match port.filter(|port| *port != usual) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Some(Self { origin: Origin(origin), target: target.to_owned() })
    }

    /// The address of a path of an origin.
    pub fn of(origin: &Origin, target: &str) -> Self {
        Self { origin: origin.clone(), target: target.to_owned() }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Path and query, as given.
    pub fn target(&self) -> &str {
        &self.target
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.origin, self.target)
    }
}

fn is_host_label(label: &str) -> bool {
    !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        // Punycode stands for other letters; no host of ours has it.
        && !label.starts_with("xn--")
}

fn is_ipv4(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_split_at_its_origin() {
        let address = WebAddress::parse("https://management.azure.com/a/b?c=d").unwrap();
        assert_eq!(address.origin().as_str(), "https://management.azure.com");
        assert_eq!(address.target(), "/a/b?c=d");
        assert_eq!(WebAddress::parse("HTTPS://X.Example:443").unwrap().to_string(), "https://x.example");
        assert_eq!(
            WebAddress::parse("http://127.0.0.1:4001/x").unwrap().origin().as_str(),
            "http://127.0.0.1:4001"
        );
    }

    #[test]
    fn what_a_browser_may_read_differently_is_refused() {
        for text in [
            "https://management.azure.com@evil.tld/",
            "https://user:pw@management.azure.com/",
            "https://management.azure.com\\@evil.tld",
            "https:\\\\management.azure.com",
            "https://management.azure.com./x",
            "https://management%2eazure.com/",
            "https://xn--mnagement-r3a.azure.com/",
            "https://mänagement.azure.com/",
            "https://management.azure.com /",
            "https://management.azure.com\t/",
            "https://management.azure.com/#x",
            "https:///management.azure.com/",
            "//management.azure.com/",
            "ftp://management.azure.com/",
            "javascript://management.azure.com/",
            "https://2130706433/",
            "https://127.1/",
            "https://0x7f.0.0.1/",
            "https://[::1]/",
            "https://a:080/",
            "https://a:99999/",
            "https://a:/",
            "",
        ] {
            assert_eq!(WebAddress::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_origin_has_nothing_behind_it() {
        assert_eq!(
            Origin::parse("https://relay.example.net/").unwrap().as_str(),
            "https://relay.example.net"
        );
        assert_eq!(Origin::parse("https://relay.example.net/x"), None);
        assert!(Origin::parse("http://localhost:8080").unwrap().is_loopback());
        assert!(!Origin::parse("http://localhost.evil.tld").unwrap().is_loopback());
    }
}
