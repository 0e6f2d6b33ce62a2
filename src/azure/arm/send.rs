//! One request and its tries: the only place where something is sent.

use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Response};
use serde_json::Value;
use url::Url;

use crate::documents::Cause;

use super::ArmClient;
use super::gate::{Permit, Refused};
use super::level::Said;
use super::line::Lost;
use super::retry;
use crate::azure::error::{ReadError, is_tls, shorten};
use crate::azure::graph;
use crate::azure::http::Connections;
use crate::azure::origin::Origin;
use crate::azure::pressure::Bucket;
use crate::azure::token::Token;

/// The largest body of an error that is read, in bytes.
const LARGEST_ERROR: usize = 1 << 20;

/// The longest wait that a server which is not ready is worth: it will hardly be ready after it.
const LONGEST_FOR_ONE: Duration = Duration::from_secs(10);

/// How often a request is tried when no answer comes in time: another minute is worth it once.
const TRIES_AFTER_TIMEOUT: u32 = 2;

/// What can be asked. There is no other method, and no other path for a question with a body.
pub(super) struct Ask<'a> {
    url: Url,
    question: Option<&'a Value>,
}

impl<'a> Ask<'a> {
    /// A plain read.
    pub(super) const fn get(url: Url) -> Self {
        Self {
            url,
            question: None,
        }
    }

    /// A question to Resource Graph.
    pub(super) fn graph(origin: &Origin, question: &'a Value, version: &str) -> Self {
        let mut url = origin.at(graph::PATH);
        url.query_pairs_mut().append_pair("api-version", version);
        Self {
            url,
            question: Some(question),
        }
    }

    fn method(&self) -> Method {
        match self.question {
            None => Method::GET,
            Some(_) => Method::POST,
        }
    }
}

/// An answer that is an object.
pub(super) struct Received {
    pub(super) body: Value,
    /// How many bytes the body had.
    pub(super) size: usize,
    /// Whether Resource Graph says that it looked at a part of the subscriptions only.
    pub(super) is_limited: bool,
}

/// How often a read goes back to wait for the network, which may come and go.
const MOST_RETURNS: u32 = 64;

/// What became of one try.
enum Tried {
    Received(Received),
    /// The token was not accepted.
    Unauthorised(ReadError),
    /// Too many requests; the gate of the bucket is closed already.
    Throttled(ReadError),
    /// Another try may bring more, after this wait if the answer named one.
    Again(ReadError, Option<Duration>),
    /// No connection could be made.
    Unconnected {
        error: ReadError,
        hopeless: bool,
    },
    /// No answer in time.
    TimedOut,
    /// Another try would bring the same.
    Failed(ReadError),
}

impl ArmClient {
    /// Sends a request until it is answered, or until it is not worth another try.
    pub(super) async fn send(
        &self,
        ask: &Ask<'_>,
        bucket: &Bucket,
        action: &'static str,
    ) -> Result<Received, ReadError> {
        let most = self.settings().tries.max(1);
        let circuits = &self.shared.circuits;
        let (mut tries, mut throttled, mut returns) = (0, 0, 0);
        let mut renewed = false;
        let mut last = None;
        loop {
            let token = self.token().await?;
            let permit = match self.shared.limits.admit(bucket).await {
                Ok(permit) => permit,
                Err(Refused::Closed) => {
                    return Err(ReadError::new(Cause::Throttled).with_status(429));
                }
                Err(Refused::Offline(cause)) => return Err(ReadError::new(cause)),
            };
            if let Some(refusal) = circuits.refusal(bucket, action) {
                permit.unused();
                return Err(last.unwrap_or(refusal));
            }
            // While this one waited, another one may have exchanged the token.
            let token = self.shared.access.known_token().unwrap_or(token);
            tries += 1;
            let http = self.shared.http.current();
            let tried = tokio::time::timeout(
                self.settings().time_limit,
                self.attempt(ask, &permit, &http, bucket, action, &token),
            )
            .await
            .unwrap_or(Tried::TimedOut);
            let lost = match &tried {
                Tried::Unconnected { error, .. } => permit.lost(&error.cause),
                _ => Lost::Alone,
            };
            drop(permit);
            let (error, wait) = match tried {
                Tried::Received(received) => {
                    circuits.answered(bucket, action);
                    return Ok(received);
                }
                Tried::Failed(error) => {
                    circuits.answered(bucket, action);
                    return Err(error);
                }
                Tried::Unauthorised(error) => {
                    if renewed || !self.shared.access.can_renew() {
                        return Err(error);
                    }
                    renewed = true;
                    tries -= 1;
                    self.shared.access.forget(&token);
                    continue;
                }
                Tried::Throttled(error) => {
                    throttled += 1;
                    if throttled >= most.saturating_mul(2) {
                        return Err(error);
                    }
                    tries -= 1;
                    continue;
                }
                Tried::Unconnected { .. } if lost == Lost::Everything && returns < MOST_RETURNS => {
                    returns += 1;
                    tries -= 1;
                    continue;
                }
                Tried::Unconnected { error, .. } if lost == Lost::TooLong => {
                    let cause = self.shared.limits.outage().unwrap_or(error.cause);
                    return Err(ReadError::new(cause));
                }
                Tried::Unconnected {
                    error,
                    hopeless: true,
                } => return Err(error),
                Tried::Unconnected { error, .. } => (error, None),
                Tried::TimedOut => {
                    // A connection over which nothing comes may be dead without anyone having said so.
                    self.shared.http.renew(&http);
                    (ReadError::new(Cause::TimedOut), None)
                }
                Tried::Again(error, wait) => (error, wait),
            };
            let worth = match error.cause {
                Cause::TimedOut if error.status.is_none() => most.min(TRIES_AFTER_TIMEOUT),
                _ => most,
            };
            let of_one = error.is_about_one_server();
            let longest_wait = if of_one || self.about_one {
                LONGEST_FOR_ONE.min(self.settings().longest_wait)
            } else {
                self.settings().longest_wait
            };
            let last_try = tries >= worth
                || circuits.is_open(bucket, action)
                || wait.is_some_and(|wait| wait > longest_wait);
            if of_one {
                circuits.answered(bucket, action);
            } else if !self.about_one {
                circuits.failed(bucket, action, &error, last_try);
            }
            if last_try {
                return Err(error);
            }
            let pause = wait.unwrap_or_else(|| retry::back_off(tries));
            last = Some(error);
            self.observer.on_retry(bucket.subscription(), pause);
            tokio::time::sleep(pause).await;
        }
    }

    async fn token(&self) -> Result<Token, ReadError> {
        self.shared
            .access
            .token()
            .await
            .map_err(|error| ReadError::without_token(error.to_string()))
    }

    async fn attempt(
        &self,
        ask: &Ask<'_>,
        permit: &Permit,
        http: &Connections,
        bucket: &Bucket,
        action: &str,
        token: &Token,
    ) -> Tried {
        let bearer = format!("Bearer {}", token.secret().expose());
        let Ok(mut bearer) = HeaderValue::try_from(bearer) else {
            return Tried::Failed(ReadError::malformed(
                "the credential gave a token with characters that no header can hold",
            ));
        };
        bearer.set_sensitive(true);
        let mut request = http
            .client
            .request(ask.method(), ask.url.clone())
            .header(AUTHORIZATION, bearer);
        if let Some(question) = ask.question {
            request = request.json(question);
        }
        self.observer.on_request_started(bucket.subscription());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                let hopeless = is_tls(&error);
                let error = ReadError::of_request(&error.without_url());
                return Tried::Unconnected { error, hopeless };
            }
            Err(error) if error.is_timeout() => return Tried::TimedOut,
            Err(error) => {
                let hopeless = is_tls(&error);
                let error = ReadError::of_request(&error.without_url());
                return if hopeless {
                    Tried::Failed(error)
                } else {
                    Tried::Again(error, None)
                };
            }
        };
        let status = response.status().as_u16();
        let said = Said::of(response.headers());
        let wait = retry::retry_after(response.headers(), SystemTime::now());
        // The limits hear of it before the body is read.
        let given_up = if status == 429 {
            permit.throttled(wait.or_else(|| said.and_then(Said::resets_after)))
        } else {
            permit.answered(said);
            false
        };
        self.observer
            .on_response(bucket.subscription(), status, said.map(Said::remaining));
        if let Some(ahead) = retry::clock_ahead(response.headers(), SystemTime::now()) {
            let clock = self.shared.clock.lock();
            *clock.unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        match self.receive(response).await {
            Ok(Ok(received)) => Tried::Received(received),
            Ok(Err(body)) => {
                let error = ReadError::of_answer(status, &body.bytes, action, ask.url.path())
                    .named(body.location);
                match status {
                    401 => Tried::Unauthorised(error),
                    429 if given_up => Tried::Failed(error),
                    429 => Tried::Throttled(error),
                    _ if retry::is_transient(status) => Tried::Again(error, wait),
                    _ => Tried::Failed(error),
                }
            }
            Err(tried) => tried,
        }
    }

    /// Reads the whole body; an answer that is no success comes back as its bytes.
    async fn receive(&self, mut response: Response) -> Result<Result<Received, Refusal>, Tried> {
        let status = response.status();
        let most = if status.is_success() {
            self.settings().largest_answer
        } else {
            LARGEST_ERROR
        };
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > most => {
                    if status.is_success() {
                        return Err(Tried::Failed(
                            ReadError::malformed(format!(
                                "the answer is larger than {} bytes",
                                self.settings().largest_answer
                            ))
                            .with_status(status.as_u16()),
                        ));
                    }
                    break;
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                // What came of an error's body is enough: its status has been said.
                Err(_) if !status.is_success() => break,
                Err(error) if error.is_timeout() => return Err(Tried::TimedOut),
                Err(error) => {
                    let error = ReadError::of_body(&error.without_url());
                    return Err(Tried::Again(error.with_status(status.as_u16()), None));
                }
            }
        }
        if !status.is_success() {
            return Ok(Err(Refusal {
                bytes,
                location: location(&response),
            }));
        }
        let size = bytes.len();
        match serde_json::from_slice(&bytes) {
            Ok(body @ Value::Object(_)) => Ok(Ok(Received {
                body,
                size,
                is_limited: is_limited(response.headers()),
            })),
            Ok(_) => Err(Tried::Failed(
                ReadError::malformed("the answer is not an object").with_status(status.as_u16()),
            )),
            Err(error) => {
                let cut_off = error.is_eof() && size > 0;
                let error = ReadError::malformed(format!("the answer is not JSON: {error}"))
                    .with_status(status.as_u16());
                Err(if cut_off {
                    Tried::Again(error, None)
                } else {
                    Tried::Failed(error)
                })
            }
        }
    }
}

/// An answer that is no success.
struct Refusal {
    bytes: Vec<u8>,
    /// Where a redirect leads.
    location: Option<String>,
}

impl ReadError {
    /// Adds where a redirect leads, when this is one.
    fn named(mut self, location: Option<String>) -> Self {
        if let (Cause::Malformed { detail }, Some(location)) = (&mut self.cause, location) {
            *detail = format!("{detail}: it leads to {location}");
        }
        self
    }
}

/// The place that a redirect leads to, without path and query.
fn location(response: &Response) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let url = response.url().join(location).ok()?;
    Some(shorten(&format!("{}://{}", url.scheme(), url.authority())))
}

/// Whether an answer is about the first ten thousand subscriptions only, which Resource Graph says in a header (Microsoft
/// Learn, "Understand the Azure Resource Graph query language").
fn is_limited(headers: &HeaderMap) -> bool {
    headers
        .get("x-ms-tenant-subscription-limit-hit")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
}
