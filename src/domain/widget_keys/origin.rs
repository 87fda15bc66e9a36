//! The origin of a web page, as browsers write it (RFC 6454 §6.2).

use url::{Host, Url};

/// `https://www.agentur.test`, with the port unless it is the usual one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// What is wrong with an origin, in words for whoever typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginProblem {
    /// No address, or more than one.
    #[error("must be the beginning of a web address: https://www.example.org, with a port if it is not the usual one")]
    NotAnOrigin,
    /// Anybody on the way could change the page.
    #[error("must start with https://; only localhost may do without")]
    NotSafe,
}

impl Origin {
    /// Reads one and brings it into the form of browsers: lower case, Punycode, no usual port, no slash at the end.
    ///
    /// # Errors
    /// [`OriginProblem`].
    pub fn parse(text: &str) -> Result<Self, OriginProblem> {
        let url = Url::parse(text.trim()).map_err(|_| OriginProblem::NotAnOrigin)?;
        let host =
            url.host().filter(|_| ["http", "https"].contains(&url.scheme())).ok_or(OriginProblem::NotAnOrigin)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        // `Url` would take `https:example.org` and wildcards in names as well.
        let slashes = text.trim().to_ascii_lowercase().starts_with(&format!("{}://", url.scheme()));
        let named = !url.host_str().is_some_and(|host| host.contains('*'));
        if !bare || !slashes || !named || !url.username().is_empty() || url.password().is_some() || text.contains('\\')
        {
            return Err(OriginProblem::NotAnOrigin);
        }
        let here = match host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(ip) => ip.is_loopback(),
            Host::Ipv6(ip) => ip.is_loopback(),
        };
        if url.scheme() == "http" && !here {
            return Err(OriginProblem::NotSafe);
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_get_the_form_browsers_send() {
        for (typed, origin) in [
            ("https://www.agentur.test", "https://www.agentur.test"),
            (" HTTPS://WWW.Agentur.TEST/ ", "https://www.agentur.test"),
            ("https://agentur.test:443", "https://agentur.test"),
            ("https://agentur.test:8443", "https://agentur.test:8443"),
            ("https://häuser.test", "https://xn--huser-gra.test"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://[::1]:3000", "https://[::1]:3000"),
        ] {
            assert_eq!(Origin::parse(typed).unwrap().as_str(), origin, "{typed}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for typed in [
            "",
            "null",
            "*",
            "agentur.test",
            "https:agentur.test",
            "https:\\\\agentur.test",
            "https://",
            "https://*.agentur.test",
            "https://agentur.test/seite",
            "https://agentur.test?x",
            "https://agentur.test#x",
            "https://user@agentur.test",
            "https://a.test https://b.test",
            "ftp://agentur.test",
            "javascript:alert(1)",
            "file:///etc",
        ] {
            assert_eq!(Origin::parse(typed), Err(OriginProblem::NotAnOrigin), "{typed}");
        }
        for typed in ["http://agentur.test", "http://localhost.agentur.test"] {
            assert_eq!(Origin::parse(typed), Err(OriginProblem::NotSafe), "{typed}");
        }
    }
}
