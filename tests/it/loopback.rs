//! A tiny HTTP server on this machine that answers what a test tells it to, and remembers what it was asked.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// A request that came in.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    /// Path and query.
    pub target: String,
    headers: Vec<(String, String)>,
    pub body: String,
    pub at: Instant,
}

impl Seen {
    /// The value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }
}

/// An answer, byte by byte; the connection is closed after it.
#[derive(Clone, Debug)]
pub enum Reply {
    Bytes(Vec<u8>),
    /// No answer, and the connection stays open.
    Silence,
}

impl Reply {
    pub fn json(status: u16, body: &str) -> Self {
        Self::with(status, &[], body.as_bytes())
    }

    pub fn with(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let mut head = format!(
            "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::raw(&head, body)
    }

    /// A head without the empty line that ends it, and a body, whatever they are.
    pub fn raw(head: &str, body: &[u8]) -> Self {
        let mut bytes = head.as_bytes().to_vec();
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Self::Bytes(bytes)
    }
}

type Handler = dyn Fn(&Seen, usize) -> Reply + Send + Sync;

/// The server. It ends with its value.
pub struct Loopback {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Loopback {
    /// Starts a server. The handler is told how many requests came before.
    pub async fn start(handler: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(None, Arc::new(handler)).await
    }

    /// Starts a server that speaks TLS.
    pub async fn start_tls(
        certificate: &rcgen::CertifiedKey<rcgen::KeyPair>,
        handler: impl Fn(&Seen, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        flexposture::azure::install_crypto_provider();
        let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
        let configuration = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key.into())
            .expect("the certificate fits its key");
        let acceptor = TlsAcceptor::from(Arc::new(configuration));
        Self::serve(Some(acceptor), Arc::new(handler)).await
    }

    async fn serve(tls: Option<TlsAcceptor>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let task = tokio::spawn({
            let seen = Arc::clone(&seen);
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (tls, handler, seen) =
                        (tls.clone(), Arc::clone(&handler), Arc::clone(&seen));
                    tokio::spawn(async move {
                        match tls {
                            None => answer(stream, &*handler, &seen).await,
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    answer(stream, &*handler, &seen).await;
                                }
                            }
                        }
                    });
                }
            }
        });
        Self { port, seen, task }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no test panics inside").clone()
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    handler: &Handler,
    seen: &Mutex<Vec<Seen>>,
) {
    let Some(request) = request(&mut stream).await else {
        return;
    };
    let before = {
        let mut seen = seen.lock().expect("no test panics inside");
        seen.push(request.clone());
        seen.len() - 1
    };
    match handler(&request, before) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Silence => std::future::pending().await,
    }
}

async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen {
        method,
        target,
        headers,
        body: String::from_utf8_lossy(&bytes[end..]).into_owned(),
        at: Instant::now(),
    })
}
