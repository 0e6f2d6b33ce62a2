//! The HTTP clients: one for each way that a token may take.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder};

use super::origin::Origin;

/// The time limit for a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection in use may be quiet before the other end is asked whether it is still there.
const QUIET: Duration = Duration::from_secs(20);

const USER_AGENT: &str = concat!("flexposture/", env!("CARGO_PKG_VERSION"));

/// Certificates of authorities to trust beside those of the system, from a file of `--ca-file`.
#[derive(Clone, Debug, Default)]
pub struct CertificateFile(Vec<Certificate>);

/// Why a file of certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("cannot read the certificates in {file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// There is no certificate in it.
    #[error(
        "{file} holds no certificate in PEM form: it must have a line -----BEGIN CERTIFICATE-----"
    )]
    Empty {
        /// The file.
        file: String,
    },
    /// A certificate in it is malformed.
    #[error("a certificate in {file} is malformed: {source}")]
    Malformed {
        /// The file.
        file: String,
        /// Why.
        source: reqwest::Error,
    },
}

/// An HTTP client could not be made, most often because the system has no certificates to trust.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot set up TLS ({}): install the system's CA certificates, name them in SSL_CERT_FILE, or give --ca-file",
    super::error::chain(.0)
)]
pub struct ClientError(#[source] reqwest::Error);

impl CertificateFile {
    /// Reads the certificates of a file in PEM form.
    ///
    /// # Errors
    /// When the file cannot be read, holds no certificate, or a malformed one.
    pub fn read(file: &Path) -> Result<Self, CertificateError> {
        let name = || file.display().to_string();
        let pem = std::fs::read(file).map_err(|source| CertificateError::File {
            file: name(),
            source,
        })?;
        let certificates =
            Certificate::from_pem_bundle(&pem).map_err(|source| CertificateError::Malformed {
                file: name(),
                source,
            })?;
        if certificates.is_empty() {
            return Err(CertificateError::Empty { file: name() });
        }
        Ok(Self(certificates))
    }

    fn merge(&self, builder: ClientBuilder) -> ClientBuilder {
        if self.0.is_empty() {
            builder
        } else {
            builder.tls_certs_merge(self.0.iter().cloned())
        }
    }
}

/// What all clients have in common: redirects are never followed, since a token would go along.
fn base() -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
}

/// The client for Azure Resource Manager at an origin. For an origin on this machine no proxy is used, and `localhost`
/// is this machine whatever the name service says; elsewhere it is https only, through the system's proxy.
fn resource_manager(
    origin: &Origin,
    certificates: &CertificateFile,
) -> Result<Client, ClientError> {
    let mut builder = base()
        .connect_timeout(CONNECT)
        .tcp_keepalive(QUIET)
        .http2_keep_alive_interval(QUIET)
        .http2_keep_alive_timeout(CONNECT);
    builder = if origin.is_encrypted() {
        certificates.merge(builder).https_only(true)
    } else {
        without_certificates(builder)
    };
    if origin.is_loopback() {
        builder = builder.no_proxy().resolve_to_addrs(
            "localhost",
            &[
                SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
                SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
            ],
        );
    }
    builder.build().map_err(ClientError)
}

/// The connections to Azure Resource Manager. They can be replaced by new ones: after a sleep of the machine the old ones
/// may be dead, and a dead one looks like one that is slow.
pub(super) struct ResourceManager {
    origin: Origin,
    certificates: CertificateFile,
    current: Mutex<Connections>,
}

/// Connections that are used together.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) client: Client,
    generation: u64,
}

impl ResourceManager {
    pub(super) fn new(origin: Origin, certificates: CertificateFile) -> Result<Self, ClientError> {
        let client = resource_manager(&origin, &certificates)?;
        Ok(Self {
            origin,
            certificates,
            current: Mutex::new(Connections {
                client,
                generation: 0,
            }),
        })
    }

    pub(super) fn current(&self) -> Connections {
        self.lock().clone()
    }

    /// Puts new connections in the place of these. Those who still use the old ones keep them.
    pub(super) fn renew(&self, these: &Connections) {
        let mut current = self.lock();
        // Many find the same connections dead; the first one replaces them. Without new ones the old ones must do.
        if current.generation == these.generation
            && let Ok(client) = resource_manager(&self.origin, &self.certificates)
        {
            *current = Connections {
                client,
                generation: these.generation + 1,
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Connections> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The client for the authority that issues tokens: https only, through the system's proxy.
pub(super) fn authority(certificates: &CertificateFile) -> Result<Client, ClientError> {
    certificates
        .merge(base())
        .connect_timeout(CONNECT)
        .https_only(true)
        .build()
        .map_err(ClientError)
}

/// The client for the identity endpoint of the machine that we run on. It never uses a proxy: a proxy would see the
/// request, and could answer it with a token of its own. The connection must come at once, since off Azure the address
/// leads nowhere.
pub(super) fn managed_identity() -> Result<Client, ClientError> {
    without_certificates(base())
        .no_proxy()
        .connect_timeout(Duration::from_secs(1))
        .build()
        .map_err(ClientError)
}

/// Trusts no certificate at all, for endpoints that speak plain http by design: a bare container without a single
/// certificate must not be in their way.
fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    builder.tls_certs_only([])
}
