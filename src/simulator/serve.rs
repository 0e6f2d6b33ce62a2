//! The endpoint itself: connections, sign-in, limits, faults, headers, compression, and a record of requests.

use std::collections::VecDeque;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::arm::Arm;
use super::errors;
use super::faults::{Fate, Mishap};
use super::fleet::guid;
use super::http::{Answer, Call};
use super::line::{Lines, Network, Paced, Reset};
use super::parameters::Extent;
use super::quota::{Left, Meter, Quota};
use super::{Error, Options, Source};

/// The largest request body that is read.
const MOST_BODY: usize = 1 << 20;

/// A request as it came in, kept for tests.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The HTTP method.
    pub method: String,
    /// Path and query as sent.
    pub path_and_query: String,
    /// The Host header.
    pub host: String,
    /// Whether there was an Authorization header, right or wrong.
    pub authorized: bool,
    /// When the request had arrived whole.
    pub started: Instant,
    /// The status that it was answered with; 0 when the connection was reset instead.
    pub status: u16,
    /// How long a refusal for too many requests asked to wait, where it said so in whole seconds.
    pub wait: Option<Duration>,
}

/// A simulator that serves until it is shut down or dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    world: Arc<World>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Running {
    /// Where it listens: `http://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The newest requests in the order of their arrival, as many as the options say.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.world
            .requests
            .lock()
            .unwrap_or_else(|it| it.into_inner())
            .iter()
            .cloned()
            .collect()
    }

    /// What was planted where, after all that changed since: see [`Fleet::manifest`](super::Fleet::manifest). `None` for
    /// recorded answers.
    #[must_use]
    pub fn manifest(&self) -> Option<serde_json::Value> {
        match &*self.world.source() {
            Source::Fleet(fleet) => Some(fleet.manifest()),
            Source::Replay(_) => None,
        }
    }

    /// Takes the network away: connections are reset, and new ones are refused, until it is given back.
    pub fn take_network_away(&self) {
        self.world.network.take_away();
    }

    /// Gives the network back.
    pub fn give_network_back(&self) {
        self.world.network.give_back();
    }

    /// From now on another token is good, and the one before has expired.
    pub fn exchange_token(&self, token: impl Into<String>) {
        *self
            .world
            .token
            .write()
            .unwrap_or_else(PoisonError::into_inner) = token.into();
    }

    /// Stops: no new connections, bodies that are still being sent end at once.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // Connections that a client keeps open without a word are not worth waiting for.
            let _ = tokio::time::timeout(Duration::from_secs(1), task).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Debug)]
struct World {
    source: RwLock<Source>,
    /// How often the subscriptions were listed.
    looks: AtomicU64,
    options: Options,
    /// The token that is good now.
    token: RwLock<String>,
    network: Network,
    fate: Fate,
    meter: Meter,
    /// Numbers the requests, for their ids.
    count: AtomicU64,
    requests: Mutex<VecDeque<Request>>,
    stop: CancellationToken,
}

pub(super) async fn start(
    source: Source,
    options: Options,
    bind: SocketAddr,
) -> Result<Running, Error> {
    if !bind.ip().is_loopback() {
        return Err(Error::NotLoopback(bind));
    }
    let listener = TcpListener::bind(bind).await.map_err(|cause| Error::Bind {
        address: bind,
        cause,
    })?;
    let address = listener.local_addr().map_err(|cause| Error::Bind {
        address: bind,
        cause,
    })?;
    let stop = CancellationToken::new();
    let world = Arc::new(World {
        fate: Fate::new(options.faults.clone()),
        meter: Meter::new(options.quota),
        source: RwLock::new(source),
        looks: AtomicU64::new(0),
        token: RwLock::new(options.token.clone()),
        network: Network::default(),
        options,
        count: AtomicU64::new(0),
        requests: Mutex::default(),
        stop: stop.clone(),
    });
    let service = Router::new()
        .fallback(handle)
        .with_state(Arc::clone(&world))
        .into_make_service_with_connect_info::<Reset>();
    let until = stop.clone().cancelled_owned();
    let lines = Lines::new(listener, address, &world.network);
    let task = tokio::spawn(async move {
        // Accepting goes on through errors of single connections, so there is nothing to report here.
        let _ = axum::serve(lines, service)
            .with_graceful_shutdown(until)
            .await;
    });
    Ok(Running {
        address,
        world,
        stop,
        task: Some(task),
    })
}

async fn handle(
    State(world): State<Arc<World>>,
    ConnectInfo(reset): ConnectInfo<Reset>,
    request: HttpRequest,
) -> Response {
    let (head, body) = request.into_parts();
    let text = |name: HeaderName| {
        head.headers
            .get(name)
            .and_then(|it| it.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let host = text(header::HOST);
    let authorization = text(header::AUTHORIZATION);
    let too_large = axum::body::to_bytes(body, MOST_BODY).await;
    let number = world.count.fetch_add(1, Ordering::Relaxed);
    let path = head.uri.path();
    let call = Call::new(
        head.method.as_str(),
        path,
        head.uri.query().unwrap_or_default(),
        format!("http://{host}"),
        guid(world.source().seed(), "request", number),
        too_large.map(|it| it.to_vec()).unwrap_or_default(),
    );
    let mut record = Request {
        method: call.method.clone(),
        path_and_query: head
            .uri
            .path_and_query()
            .map_or(path, |it| it.as_str())
            .to_owned(),
        host,
        authorized: !authorization.is_empty(),
        started: Instant::now(),
        status: 0,
        wait: None,
    };

    let (answer, mishap) = world.answer(&call, &authorization);
    let resets = mishap == Some(&Mishap::Reset);
    record.status = if resets { 0 } else { answer.status };
    record.wait = answer.wait();
    world.keep(record);
    if !world.options.latency.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(world.options.latency) => {}
            () = world.stop.cancelled() => {}
        }
    }
    if resets {
        reset.arm();
    }
    let gzip = text(header::ACCEPT_ENCODING)
        .to_ascii_lowercase()
        .contains("gzip");
    world.send(&call, answer, mishap, gzip)
}

impl World {
    fn source(&self) -> RwLockReadGuard<'_, Source> {
        self.source.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// People change servers while nobody looks. A fleet that somebody else holds too stays as it is.
    fn drift(&self, call: &Call) {
        if self.options.drift == 0 || !call.path.eq_ignore_ascii_case("/subscriptions") {
            return;
        }
        let round = self.looks.fetch_add(1, Ordering::Relaxed);
        let mut source = self.source.write().unwrap_or_else(PoisonError::into_inner);
        if let Source::Fleet(fleet) = &mut *source
            && let Some(fleet) = Arc::get_mut(fleet)
            && round > 0
        {
            fleet.drift(round, self.options.drift);
        }
    }

    fn keep(&self, record: Request) {
        let mut requests = self.requests.lock().unwrap_or_else(|it| it.into_inner());
        if requests.len() >= self.options.recorded_requests {
            requests.pop_front();
        }
        if self.options.recorded_requests > 0 {
            requests.push_back(record);
        }
    }

    /// The answer, and what is to go wrong while it is sent.
    fn answer(&self, call: &Call, authorization: &str) -> (Answer, Option<&Mishap>) {
        self.drift(call);
        let source = self.source();
        let tenant = source.tenant();
        if authorization.is_empty() {
            return (errors::not_signed_in(tenant), None);
        }
        let token = authorization
            .split_once(' ')
            .filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        let good = self.token.read().unwrap_or_else(PoisonError::into_inner);
        if token.is_none_or(|(_, token)| token.trim() != *good) {
            return (errors::invalid_token(tenant), None);
        }
        drop(good);
        let mishap = self.fate.strike(call);
        if let Some(mishap @ Mishap::Answer { .. }) = mishap {
            return (mishap.alter(Answer::text(200, Vec::new())), Some(mishap));
        }
        let answer = self.right_answer(&source, call);
        match mishap {
            Some(mishap) => (mishap.alter(answer), Some(mishap)),
            None => (answer, None),
        }
    }

    fn right_answer(&self, source: &Source, call: &Call) -> Answer {
        let allowed = if call.is_graph() { "POST" } else { "GET" };
        if call.method != allowed {
            return errors::method_not_allowed(&call.method, allowed);
        }
        if call.api_version().is_none() {
            return errors::missing_api_version();
        }
        let graph = call.is_graph_query();
        let scope = call.subscription().unwrap_or_default();
        let left = if graph {
            self.meter.query(Instant::now())
        } else {
            self.meter.read(scope, Instant::now())
        };
        let left = match left {
            Left::Wait(seconds) if graph => {
                return errors::queries_exhausted(&call.id)
                    .with("x-ms-user-quota-remaining", "0".to_owned())
                    .with(
                        "x-ms-user-quota-resets-after",
                        format!("00:00:{seconds:02}"),
                    )
                    .with("Retry-After", seconds.to_string());
            }
            Left::Wait(seconds) => {
                return errors::reads_exhausted(scope, source.caller(), seconds);
            }
            Left::Of(left) => Some(left),
            Left::Unlimited => None,
        };
        let answer = match source {
            Source::Fleet(fleet) => {
                let extent = if self.options.essential_parameters_only {
                    Extent::Essential
                } else {
                    Extent::All
                };
                Arm {
                    fleet,
                    page_size: self.options.page_size,
                    extent,
                }
                .answer(call)
            }
            Source::Replay(replay) => return replay.answer(call, self.options.page_size),
        };
        match left {
            Some(left) => announce(answer, &self.options.quota, graph, scope, left),
            None => answer,
        }
    }

    fn send(&self, call: &Call, answer: Answer, mishap: Option<&Mishap>, gzip: bool) -> Response {
        let mut body = answer.body;
        let mut headers = self.usual_headers(call);
        for (name, value) in &answer.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
        if gzip {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            // Writing to memory cannot fail.
            if encoder.write_all(&body).is_ok()
                && let Ok(packed) = encoder.finish()
            {
                body = packed;
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
        }
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
        let paced = |body: Vec<u8>, keep: usize, piece: usize, pause: Duration| {
            Body::new(Paced::new(
                Bytes::from(body),
                keep,
                piece,
                pause,
                self.stop.clone(),
            ))
        };
        let body = match mishap {
            Some(Mishap::Truncate { keep }) => {
                let size = body.len();
                paced(body, *keep, size, Duration::ZERO)
            }
            Some(Mishap::Slow { piece, pause }) => paced(body, usize::MAX, *piece, *pause),
            _ => Body::from(body),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response
    }

    /// What Azure Resource Manager sends with every answer.
    fn usual_headers(&self, call: &Call) -> HeaderMap {
        let now = Timestamp::now();
        let id = &call.id;
        let source = self.source();
        let caller = format!("tenantId={},objectId={}", source.tenant(), source.caller());
        let edge = id.replace('-', "").to_ascii_uppercase();
        let mut headers = HeaderMap::new();
        let mut put = |name: &'static str, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put("cache-control", "no-cache".to_owned());
        put("pragma", "no-cache".to_owned());
        put("expires", "-1".to_owned());
        put("content-type", "application/json; charset=utf-8".to_owned());
        put(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains".to_owned(),
        );
        put("x-content-type-options", "nosniff".to_owned());
        put("x-cache", "CONFIG_NOCACHE".to_owned());
        put("vary", "Accept-Encoding".to_owned());
        put("x-ms-request-id", id.clone());
        put("x-ms-correlation-request-id", id.clone());
        put(
            "x-ms-routing-request-id",
            format!("WESTEUROPE:{}:{id}", now.strftime("%Y%m%dT%H%M%SZ")),
        );
        put(
            "x-ms-operation-identifier",
            format!("{caller}/westeurope/{id}"),
        );
        put(
            "x-msedge-ref",
            format!(
                "Ref A: {edge} Ref B: AMS231020512049 Ref C: {}",
                now.strftime("%Y-%m-%dT%H:%M:%SZ")
            ),
        );
        headers
    }
}

/// Adds the headers that say how much of a limit is left.
fn announce(answer: Answer, quota: &Quota, graph: bool, scope: &str, left: u32) -> Answer {
    let Quota::Limited { burst, .. } = quota else {
        return answer;
    };
    if graph {
        return answer
            .with("x-ms-user-quota-remaining", left.to_string())
            .with("x-ms-user-quota-resets-after", "00:00:05".to_owned())
            .with(
                "x-ms-ratelimit-remaining-tenant-resource-requests",
                left.to_string(),
            );
    }
    // Beside each caller's bucket stands one of all callers together, fifteen times as large.
    let global = burst
        .saturating_mul(15)
        .saturating_sub(burst.saturating_sub(left));
    if scope.is_empty() {
        answer.with("x-ms-ratelimit-remaining-tenant-reads", left.to_string())
    } else {
        answer
            .with(
                "x-ms-ratelimit-remaining-subscription-reads",
                left.to_string(),
            )
            .with(
                "x-ms-ratelimit-remaining-subscription-global-reads",
                global.to_string(),
            )
    }
}
