//! Which hosts may be spoken to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::Error;
use crate::pattern::wildcard;

/// A list of hosts that may be spoken to. Empty by default: nobody.
///
/// An entry is a host, in which `*` stands for any characters, and optionally a port: `git.example.org`,
/// `*.example.org`, `localhost:8080`, `*`. Without a port every port is meant.
///
/// Names are compared as they stand in the URL: a host that resolves into a private network is not told apart here.
///
/// ```
/// use idp_core::Hosts;
/// use url::Url;
///
/// let hosts = Hosts::none().allow("*.example.org")?;
/// assert!(hosts.permit(&Url::parse("https://git.example.org/a")?));
/// assert!(!hosts.permit(&Url::parse("https://example.com/a")?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hosts(Vec<HostPattern>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
struct HostPattern {
    host: String,
    port: Option<u16>,
}

impl Hosts {
    /// Nobody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Everybody.
    pub fn any() -> Self {
        Self(vec![HostPattern { host: "*".to_owned(), port: None }])
    }

    /// With one entry more.
    ///
    /// # Errors
    /// [`crate::ErrorKind::InvalidInput`] for a text that is no host: a URL, a path.
    pub fn allow(mut self, entry: &str) -> Result<Self, Error> {
        self.0.push(entry.parse()?);
        Ok(self)
    }

    /// With everybody on another list.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether nobody may be spoken to.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the host of a URL is on the list. A URL without a host never is.
    pub fn permit(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().filter(|it| !it.is_empty()) else { return false };
        let port = url.port_or_known_default();
        self.0.iter().any(|it| (it.port.is_none() || it.port == port) && wildcard(&it.host, host))
    }
}

impl FromStr for HostPattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad =
            || Error::invalid("not a host: expected `name`, `*.name` or `name:port`").with("host", text);
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().map_err(|_| bad())?)),
            _ => (text, None),
        };
        if host.is_empty() || host.contains(['/', '@', '?', '#']) || host.contains(char::is_whitespace) {
            return Err(bad());
        }
        Ok(Self { host: host.to_ascii_lowercase(), port })
    }
}

impl TryFrom<String> for HostPattern {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(entry: &str, url: &str) -> bool {
        Hosts::none().allow(entry).unwrap().permit(&Url::parse(url).unwrap())
    }

    #[test]
    fn entries() {
        for (entry, url) in [
            ("Example.org", "https://EXAMPLE.org:8443/x"),
            ("*.example.org", "https://a.b.example.org"),
            ("*", "http://127.0.0.1:9/"),
            ("localhost:8080", "http://localhost:8080/"),
            ("example.org:443", "https://example.org/"),
            ("[::1]", "http://[::1]:3000/"),
            ("[::1]:3000", "http://[::1]:3000/"),
        ] {
            assert!(permits(entry, url), "{entry} {url}");
        }
        for (entry, url) in [
            ("example.org", "https://example.org.evil.com"),
            ("*.example.org", "https://example.org"),
            ("*.example.org", "https://evilexample.org"),
            ("example.org:443", "http://example.org/"),
            ("*", "file:///etc/passwd"),
            ("example.org", "https://example.org@evil.com/"),
        ] {
            assert!(!permits(entry, url), "{entry} {url}");
        }
        for bad in ["", "https://example.org", "a/b", "a b", "a:b", ":80"] {
            assert!(Hosts::none().allow(bad).is_err(), "{bad}");
        }
    }
}
