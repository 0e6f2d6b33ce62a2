//! The one client of Azure Resource Manager: reads, pages of lists, and older versions where a cloud knows no newer one.

mod circuit;
mod gate;
mod lane;
mod level;
mod line;
mod retry;
mod send;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::documents::Cause;

use super::access::Access;
use super::error::ReadError;
use super::http::{CertificateFile, ClientError, ResourceManager};
use super::link;
use super::observer::{NoObserver, Observer};
use super::origin::Origin;
use super::pressure::{Bucket, Pressure};
use super::versions::{Api, is_version_refusal};
use circuit::Circuits;
use gate::Limits;
use send::{Ask, Received};

/// How patient the client is, and how much it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most requests under way at once.
    pub concurrency: usize,
    /// The time limit for one request with its whole answer.
    pub time_limit: Duration,
    /// How often one request is tried.
    pub tries: u32,
    /// The longest wait that Azure may ask for. When it asks for more, the reads of that subscription end.
    pub longest_wait: Duration,
    /// How long reads wait for a network that is gone. When it stays away for longer, they end.
    pub longest_outage: Duration,
    /// The largest answer that is taken, in bytes after decompression; a list may be four times as large in all.
    pub largest_answer: usize,
    /// The most pages that a list may have.
    pub most_pages: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            time_limit: Duration::from_secs(60),
            tries: 5,
            longest_wait: Duration::from_secs(120),
            longest_outage: Duration::from_secs(120),
            largest_answer: 64 << 20,
            most_pages: 10_000,
        }
    }
}

impl Settings {
    /// The largest list that is held in memory, all its pages together, in bytes after decompression.
    pub(super) const fn largest_list(&self) -> usize {
        self.largest_answer.saturating_mul(4)
    }
}

/// What was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The body; for a list `{"value": […]}` with the items of all pages.
    pub body: Value,
    /// The version of the API that answered.
    pub api_version: &'static str,
    /// Whether Resource Graph says that it looked at the first ten thousand subscriptions only.
    pub is_limited: bool,
    /// How many bytes the bodies of all pages had, after decompression.
    pub size: usize,
}

/// The client. Clones share connections and limits, and may have an observer and a cancellation of their own.
#[derive(Clone)]
pub struct ArmClient {
    shared: Arc<Shared>,
    observer: Arc<dyn Observer>,
    cancellation: CancellationToken,
    /// Whether what fails says nothing about other reads of its kind.
    about_one: bool,
}

struct Shared {
    access: Access,
    http: ResourceManager,
    settings: Settings,
    limits: Arc<Limits>,
    circuits: Circuits,
    /// By the action that a read needs, the position of the version that this cloud answers, where it is not the newest.
    versions: Mutex<HashMap<&'static str, usize>>,
    /// How many seconds Azure's clock is ahead of this machine's, by its last answer.
    clock: Mutex<Option<i64>>,
}

/// What is read: one resource, a list with all its pages, or the answer to a question to Resource Graph.
#[derive(Clone, Copy)]
enum Shape<'a> {
    Object(&'a str),
    List(&'a str),
    Graph(&'a Value),
}

impl ArmClient {
    /// Makes the client for an account at its endpoint. [`super::install_crypto_provider`] goes before.
    ///
    /// # Errors
    /// When TLS cannot be set up, most often because the system has no certificates to trust.
    pub fn new(
        access: Access,
        certificates: &CertificateFile,
        settings: Settings,
    ) -> Result<Self, ClientError> {
        let http = ResourceManager::new(access.origin().clone(), certificates.clone())?;
        Ok(Self {
            shared: Arc::new(Shared {
                access,
                http,
                settings,
                limits: Limits::new(
                    settings.concurrency,
                    settings.longest_wait,
                    settings.longest_outage,
                ),
                circuits: Circuits::default(),
                versions: Mutex::default(),
                clock: Mutex::default(),
            }),
            observer: Arc::new(NoObserver),
            cancellation: CancellationToken::new(),
            about_one: false,
        })
    }

    /// This client, telling an observer about every request and every wait.
    #[must_use]
    pub fn observed(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// This client, whose requests and waits end at once, as [`Cause::Cancelled`], when the token is cancelled.
    #[must_use]
    pub fn cancelled_by(mut self, cancellation: CancellationToken) -> Self {
        self.cancellation = cancellation;
        self
    }

    /// This client, for reads about a server that is not running or is being changed: that they fail says nothing about
    /// those of other servers, and gives none of them up.
    #[must_use]
    pub fn about_a_server_not_ready(mut self) -> Self {
        self.about_one = true;
        self
    }

    /// The origin that is asked.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.shared.access.origin()
    }

    /// By how many seconds Azure's clock is ahead of the one of this machine, as its last answer tells in the header `Date`
    /// (RFC 9110, section 6.6.1; whole seconds); negative when it is behind, `None` when no answer told.
    #[must_use]
    pub fn clock_ahead(&self) -> Option<i64> {
        *self
            .shared
            .clock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// How Azure's limits stand, and what holds reads back at this moment.
    #[must_use]
    pub fn pressure(&self) -> Pressure {
        let mut pressure = self.shared.limits.pressure();
        pressure.held.extend(self.shared.circuits.held());
        pressure
            .held
            .sort_by_key(|held| (held.hold, std::cmp::Reverse(held.remaining)));
        pressure
    }

    /// How patient this client is.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Reads one resource. `action` is the role-based access control action that the read is documented to need; it is
    /// named when Azure refuses without naming one.
    ///
    /// # Errors
    /// Why nothing was read; after the retries that the error is worth.
    pub async fn get(
        &self,
        path: &str,
        api: Api,
        action: &'static str,
    ) -> Result<Answer, ReadError> {
        self.until_cancelled(self.read(Shape::Object(path), api, action))
            .await
    }

    /// Reads a list with all its pages. Part of a list is no list: when one page fails, the list is unread.
    ///
    /// # Errors
    /// As for [`ArmClient::get`]; and when a link to the next page leads elsewhere, leads in a circle, or never ends.
    pub async fn list(
        &self,
        path: &str,
        api: Api,
        action: &'static str,
    ) -> Result<Answer, ReadError> {
        self.until_cancelled(self.read(Shape::List(path), api, action))
            .await
    }

    /// Asks Resource Graph. The body is the question, the path is fixed.
    pub(super) async fn query(
        &self,
        question: &Value,
        api: Api,
        action: &'static str,
    ) -> Result<Answer, ReadError> {
        self.until_cancelled(self.read(Shape::Graph(question), api, action))
            .await
    }

    async fn until_cancelled<T>(
        &self,
        read: impl Future<Output = Result<T, ReadError>>,
    ) -> Result<T, ReadError> {
        self.cancellation
            .run_until_cancelled(read)
            .await
            .unwrap_or_else(|| Err(ReadError::new(Cause::Cancelled)))
    }

    async fn read(
        &self,
        shape: Shape<'_>,
        api: Api,
        action: &'static str,
    ) -> Result<Answer, ReadError> {
        let known = self.versions().get(action).copied();
        let mut position = known.unwrap_or_default();
        loop {
            let api_version = api.at(position);
            let read = match shape {
                Shape::Object(path) => {
                    let ask = Ask::get(self.first_url(path, api_version));
                    self.send(&ask, &Bucket::of_path(path), action).await
                }
                Shape::List(path) => self.read_list(path, api_version, action).await,
                Shape::Graph(question) => {
                    let ask = Ask::graph(self.origin(), question, api_version);
                    self.send(&ask, &Bucket::ResourceGraph, action).await
                }
            };
            match read {
                Ok(received) => {
                    if known.unwrap_or_default() != position {
                        self.versions().insert(action, position);
                    }
                    return Ok(Answer {
                        body: received.body,
                        api_version,
                        is_limited: received.is_limited,
                        size: received.size,
                    });
                }
                Err(error) => {
                    let older = is_version_refusal(&error.code)
                        .then(|| api.after(position, &error.message))
                        .flatten();
                    match older {
                        Some(older) => position = older,
                        None => return Err(error.asked(api_version)),
                    }
                }
            }
        }
    }

    async fn read_list(
        &self,
        path: &str,
        api_version: &str,
        action: &'static str,
    ) -> Result<Received, ReadError> {
        let bucket = Bucket::of_path(path);
        let mut items = Vec::new();
        let mut seen = HashSet::new();
        let mut size = 0;
        let mut next = Some(self.first_url(path, api_version));
        while let Some(url) = next {
            if seen.len() >= self.settings().most_pages {
                return Err(ReadError::malformed(format!(
                    "the list has more than {} pages",
                    self.settings().most_pages
                )));
            }
            if !seen.insert(url.to_string()) {
                return Err(ReadError::malformed(
                    "the links to the next page lead in a circle",
                ));
            }
            let page = self.send(&Ask::get(url), &bucket, action).await?;
            size += page.size;
            if size > self.settings().largest_list() {
                return Err(ReadError::malformed(format!(
                    "the list is larger than {} MiB",
                    self.settings().largest_list() >> 20
                )));
            }
            next = link::next(&page.body, self.origin()).map_err(ReadError::malformed)?;
            let mut body = page.body;
            match body.get_mut("value").map(Value::take) {
                Some(Value::Array(mut page)) => items.append(&mut page),
                _ => return Err(ReadError::malformed("the answer has no list named value")),
            }
        }
        Ok(Received {
            body: json!({ "value": items }),
            size,
            is_limited: false,
        })
    }

    fn first_url(&self, path: &str, api_version: &str) -> Url {
        let mut url = self.origin().at(path);
        url.query_pairs_mut()
            .append_pair("api-version", api_version);
        url
    }

    fn versions(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, usize>> {
        self.shared
            .versions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ArmClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArmClient")
            .field("origin", self.origin())
            .field("settings", self.settings())
            .finish_non_exhaustive()
    }
}
