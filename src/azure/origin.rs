//! An origin: scheme, host and port, the unit that a token belongs to.

use std::fmt;

use url::{Host, Url};

use crate::documents::text::neutral;

/// A place that speaks https, or plain http on this very machine.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(Url);

/// Why a text is not an origin that the program will speak to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// The text is not an absolute URL.
    #[error("{0:?} is not a URL: write it like https://management.azure.com")]
    NotAUrl(String),
    /// The text says more than scheme, host and port.
    #[error(
        "{0:?} holds more than scheme, host and port: leave out user, path, query and fragment"
    )]
    NotAnOrigin(String),
    /// Neither https, nor plain http to this machine.
    #[error("{0:?} is refused: only https, or http to this machine (127.0.0.1, [::1], localhost)")]
    Insecure(String),
}

impl Origin {
    /// Takes an origin as a person writes it, with or without a slash at the end.
    ///
    /// # Errors
    /// When the text is no URL, holds more than an origin, or names plain http to another machine.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let shown = || neutral(text).chars().take(200).collect::<String>();
        let url = Url::parse(text.trim()).map_err(|_| OriginError::NotAUrl(shown()))?;
        if url.host().is_none() {
            return Err(OriginError::NotAUrl(shown()));
        }
        let more = !matches!(url.path(), "" | "/")
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
            || url.password().is_some();
        if more {
            return Err(OriginError::NotAnOrigin(shown()));
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            _ => Err(OriginError::Insecure(shown())),
        }
    }

    /// Whether it is on this machine: a loopback address, or `localhost`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether a URL has this very scheme, host and port, and carries no user of its own.
    #[must_use]
    pub fn owns(&self, url: &Url) -> bool {
        // The origin of a blob URL is that of the URL inside it: the scheme is compared by itself.
        url.scheme() == self.0.scheme()
            && url.origin() == self.0.origin()
            && url.username().is_empty()
            && url.password().is_none()
    }

    /// The URL of a path at this origin. Characters that would end the path are escaped.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }

    /// The origin as the start of URLs, with a slash at the end.
    pub(super) const fn url(&self) -> &Url {
        &self.0
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_anywhere_and_http_on_this_machine_only() {
        for text in [
            "https://management.azure.com",
            "https://management.azure.com/",
            "https://management.stack.example:30024",
            "http://127.0.0.1:8080",
            "http://127.9.9.9",
            "http://[::1]:8080/",
            "http://localhost:1",
        ] {
            let origin = Origin::parse(text).unwrap();
            assert_eq!(origin.to_string(), text.trim_end_matches('/'));
        }
        for text in [
            "http://management.azure.com",
            "http://localhost.example",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "ftp://127.0.0.1",
        ] {
            assert!(
                matches!(Origin::parse(text), Err(OriginError::Insecure(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn more_than_an_origin_is_refused() {
        for text in [
            "https://a.example/path",
            "https://user@a.example",
            "https://user:word@a.example",
            "https://a.example/?q",
            "https://a.example/#f",
        ] {
            assert!(
                matches!(Origin::parse(text), Err(OriginError::NotAnOrigin(_))),
                "{text}"
            );
        }
        for text in ["", "management.azure.com", "https://", "data:text/plain,a"] {
            assert!(
                matches!(Origin::parse(text), Err(OriginError::NotAUrl(_))),
                "{text}"
            );
        }
    }

    #[test]
    fn a_path_cannot_leave_its_origin() {
        let origin = Origin::parse("https://a.example").unwrap();
        for path in [
            "//evil.example/x",
            "/x?y=1",
            "/x#y",
            "/\\evil.example",
            "@evil.example",
        ] {
            let url = origin.at(path);
            assert!(origin.owns(&url), "{url}");
            assert_eq!((url.query(), url.fragment()), (None, None), "{url}");
        }
    }
}
