//! Whole scans against request limits, failing endpoints, a network that goes away, and tokens that expire.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use flexposture::azure::{
    Access, Account, ArmClient, CertificateFile, Cloud, Hold, Secret, Settings, Token, TokenCache,
    TokenError, TokenRequest, TokenSource,
};
use flexposture::documents::{Cause, DocumentKind, Unreachable};
use flexposture::scan::Progress;
use flexposture::simulator::{
    Fault, Faults, Fleet, FleetOptions, Mishap, Options, Quota, Request, Turns,
};
use flexposture::store::{Completeness, Scope};
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::support::{Scanned, TOKEN, client_with, scan_by, simulate, unlimited};

/// A fleet in which the caller may read everything, in three subscriptions, the same in every test.
fn fleet(servers: usize) -> Fleet {
    Fleet::generate(&FleetOptions {
        servers,
        denials: false,
        ..FleetOptions::new("2026-11-30T12:00:00Z".parse().expect("a time"))
    })
}

/// The causes of what is unread, each with how often it came; those of servers that were not running left out, since
/// they are the servers' own.
fn unread(scanned: &mut Scanned) -> BTreeMap<&'static str, usize> {
    let mut causes = BTreeMap::new();
    for documents in scanned.servers().values() {
        for document in documents.iter() {
            if let Err(cause) = document.body() {
                *causes.entry(cause.word()).or_default() += 1;
            }
        }
    }
    causes
}

/// What a scan without limits and faults leaves unread, and how many requests it takes.
async fn undisturbed(servers: usize) -> (BTreeMap<&'static str, usize>, usize) {
    let running = simulate(fleet(servers), unlimited(Faults::none())).await;
    let client = client_with(&running.endpoint(), Settings::default());
    let mut scanned = scan_by(client, &running, Scope::default(), |_, _| {})
        .await
        .expect("a scan");
    (unread(&mut scanned), scanned.requests.len())
}

/// What Azure counts a request in.
fn bucket(request: &Request) -> String {
    let mut segments = request.path_and_query.split('/').skip(1);
    match (segments.next(), segments.next()) {
        (Some("subscriptions"), Some(id)) if !id.starts_with('?') => id.to_lowercase(),
        (Some("providers"), Some("Microsoft.ResourceGraph")) => "graph".to_owned(),
        _ => "tenant".to_owned(),
    }
}

/// Requests that arrived after a refusal of their bucket, and before the wait that it asked for was over.
fn within_a_wait(requests: &[Request]) -> usize {
    requests
        .iter()
        .enumerate()
        .filter(|(place, request)| {
            requests[..*place].iter().any(|refusal| {
                refusal.wait.is_some_and(|wait| {
                    request.started - refusal.started < wait && bucket(refusal) == bucket(request)
                })
            })
        })
        .count()
}

#[tokio::test]
async fn with_the_headers_of_a_quota_nothing_is_lost_and_hardly_anything_refused() {
    let (expected, _) = undisturbed(30).await;
    let options = Options {
        essential_parameters_only: true,
        latency: Duration::from_millis(3),
        quota: Quota::Limited {
            burst: 30,
            per_second: 40.0,
            queries: 15,
        },
        ..Options::new(TOKEN)
    };
    let running = simulate(fleet(30), options).await;
    let client = client_with(&running.endpoint(), Settings::default());
    let mut paced = false;
    let mut granted = false;
    let mut scanned = scan_by(client, &running, Scope::default(), |message, _| {
        if let Progress::Meter(meter) = message {
            paced |= meter.pressure.held.iter().any(|it| it.hold == Hold::Paced);
            granted |= !meter.pressure.allowances.is_empty();
        }
    })
    .await
    .expect("a scan");
    assert_eq!(unread(&mut scanned), expected);
    let refused = scanned
        .requests
        .iter()
        .filter(|it| it.status == 429)
        .count();
    assert!(
        refused * 100 <= scanned.requests.len(),
        "{refused} of {}",
        scanned.requests.len()
    );
    if refused == 0 {
        assert_eq!(within_a_wait(&scanned.requests), 0);
    }
    assert!(paced && granted, "it is told that the quota is used up");
}

#[tokio::test]
async fn hostile_refusals_are_waited_out_without_a_storm() {
    let (expected, needed) = undisturbed(12).await;
    let refusal = |headers: &[(&str, &str)]| Mishap::Answer {
        status: 429,
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: "{}".to_owned(),
    };
    let planted = fleet(12);
    let manifest = planted.manifest();
    let mut servers = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .map(|server| server["name"].as_str().expect("a name"));
    let mut faults = Faults::none();
    for odd in [
        &[("Retry-After", "0")] as &[_],
        &[],
        &[("Retry-After", "-5")],
        &[("Retry-After", "soon")],
        &[("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")],
        &[("Retry-After", "1")],
    ] {
        let server = servers.next().expect("enough servers");
        faults = faults.and(Fault::first(
            1,
            format!("*/flexibleServers/{server}/backups"),
            refusal(odd),
        ));
    }
    faults = faults.and(Fault {
        path: "*/providers/*".to_owned(),
        turns: Turns::PerMille(100),
        mishap: refusal(&[("x-ms-retry-after-ms", "20")]),
    });
    let running = simulate(planted, unlimited(faults)).await;
    // One request at a time, so that what arrives after a refusal started after it.
    let settings = Settings {
        concurrency: 1,
        ..Settings::default()
    };
    let client = client_with(&running.endpoint(), settings);
    let mut scanned = scan_by(client, &running, Scope::default(), |_, _| {})
        .await
        .expect("a scan");
    assert_eq!(unread(&mut scanned), expected);
    assert_eq!(within_a_wait(&scanned.requests), 0);
    let refused = scanned
        .requests
        .iter()
        .filter(|it| it.status == 429)
        .count();
    assert!(refused > needed / 20, "{refused} were refused");
    assert_eq!(
        scanned.requests.len(),
        needed + refused,
        "each refusal costs one request"
    );
}

#[tokio::test]
async fn a_wait_without_end_ends_the_reads_of_one_subscription_and_of_no_other() {
    let planted = fleet(60);
    let closed = planted.manifest()["subscriptions"][0]["id"]
        .as_str()
        .expect("an id")
        .to_lowercase();
    let faults = Faults::none().and(Fault::always(
        format!("/subscriptions/{closed}/*"),
        Mishap::Answer {
            status: 429,
            headers: vec![("Retry-After".to_owned(), "99999999999999999999".to_owned())],
            body: "{}".to_owned(),
        },
    ));
    let running = simulate(planted, unlimited(faults)).await;
    let client = client_with(&running.endpoint(), Settings::default());
    let mut scanned = scan_by(client, &running, Scope::default(), |_, _| {})
        .await
        .expect("a scan");
    assert_eq!(scanned.done.completeness, Completeness::Complete);
    let asked = scanned.requests.iter().filter(|it| bucket(it) == closed);
    assert!(asked.count() <= 4);
    for documents in scanned.servers().values() {
        let own = documents.get(DocumentKind::Server).expect("asked for");
        assert_eq!(
            own.body() == Err(&Cause::Throttled),
            documents.id().subscription().eq_ignore_ascii_case(&closed),
            "{}",
            documents.id()
        );
    }
}

#[tokio::test]
async fn what_only_fails_is_given_up_and_the_rest_is_read() {
    let (expected, _) = undisturbed(150).await;
    let faults = Faults::none().and(Fault::always("*/backups", Mishap::failing(500)));
    let running = simulate(fleet(150), unlimited(faults)).await;
    let settings = Settings {
        tries: 2,
        ..Settings::default()
    };
    let client = client_with(&running.endpoint(), settings);
    let mut told = false;
    let mut scanned = scan_by(client, &running, Scope::default(), |message, _| {
        if let Progress::Meter(meter) = message {
            told |= meter
                .pressure
                .held
                .iter()
                .any(|it| it.hold == Hold::EndpointGivenUp);
        }
    })
    .await
    .expect("a scan");
    let asked = scanned
        .requests
        .iter()
        .filter(|it| it.path_and_query.contains("/backups?"))
        .count();
    // In each subscription sixteen reads of two tries, as many that were under way, and a few attempts.
    assert!(asked <= 3 * (64 + 4), "{asked}");
    assert!(told);
    let mut given_up = 0;
    let mut without_backups = BTreeMap::new();
    for documents in scanned.servers().values() {
        for document in documents.iter() {
            match document.body() {
                Err(Cause::Unreachable {
                    kind: Unreachable::GivenUp,
                    detail,
                }) => {
                    assert_eq!(document.kind, DocumentKind::Backups);
                    assert!(detail.contains("failed one after the other"), "{detail}");
                    assert!(detail.contains("500"), "{detail}");
                    given_up += 1;
                }
                Err(cause) if document.kind != DocumentKind::Backups => {
                    *without_backups.entry(cause.word()).or_default() += 1;
                }
                _ => {}
            }
        }
    }
    assert!(given_up > 30, "{given_up}");
    assert_eq!(without_backups, expected);
}

/// All servers but every tenth do not answer about their children, as this says.
async fn scan_beside_servers_that_do_not_answer(state: &str, code: &str, wait: Option<&str>) {
    let planted = fleet(120);
    let manifest = planted.manifest();
    let names: Vec<&str> = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .map(|server| server["name"].as_str().expect("a name"))
        .collect();
    let busy = |place: usize| !place.is_multiple_of(10);
    let body = format!(
        r#"{{"error":{{"code":"{code}","message":"The server is in no state for this."}}}}"#
    );
    let mut faults = Faults::none();
    for (_, name) in names.iter().enumerate().filter(|(place, _)| busy(*place)) {
        let changed = Mishap::Replace {
            pointer: "/properties/state".to_owned(),
            value: state.into(),
        };
        let unready = Mishap::Answer {
            status: 503,
            headers: wait
                .map(|it| ("Retry-After".to_owned(), it.to_owned()))
                .into_iter()
                .collect(),
            body: body.clone(),
        };
        faults = faults
            .and(Fault::always(format!("*/flexibleServers/{name}"), changed))
            .and(Fault::always(
                format!("*/flexibleServers/{name}/*"),
                unready,
            ));
    }
    let running = simulate(planted, unlimited(faults)).await;
    let settings = Settings {
        tries: 2,
        ..Settings::default()
    };
    let client = client_with(&running.endpoint(), settings);
    let mut scanned = scan_by(client, &running, Scope::default(), |_, _| {})
        .await
        .expect("a scan");
    let mut stopped = 0;
    for documents in scanned.servers().values() {
        let place = names.iter().position(|name| *name == documents.id().name());
        for document in documents.iter() {
            let Err(cause) = document.body() else {
                continue;
            };
            assert!(
                !matches!(cause, Cause::Unreachable { .. }),
                "{state} {code}: {} of {} is given up for the sake of others: {cause}",
                document.kind.slug(),
                documents.id().name()
            );
            stopped += usize::from(place.is_some_and(busy) && *cause == Cause::ServerStopped);
        }
    }
    assert!(stopped > 300, "{stopped}");
    let of_children = scanned.requests.iter().filter(|it| it.status == 503);
    let tries = if wait.is_some() { 1 } else { 2 };
    assert!(
        of_children.count() <= stopped * tries,
        "a long wait for a server that is not ready is not waited for"
    );
}

#[tokio::test]
async fn servers_that_are_not_running_cost_no_other_server_a_fact() {
    scan_beside_servers_that_do_not_answer("Stopped", "", None).await;
    scan_beside_servers_that_do_not_answer("Updating", "ServiceUnavailable", Some("60")).await;
    scan_beside_servers_that_do_not_answer("Ready", "ServerNotReady", Some("60")).await;
}

#[tokio::test]
async fn a_network_that_comes_back_costs_nothing() {
    let (expected, needed) = undisturbed(120).await;
    let options = Options {
        latency: Duration::from_millis(2),
        ..unlimited(Faults::none())
    };
    let running = simulate(fleet(120), options).await;
    let client = client_with(&running.endpoint(), Settings::default());
    let (mut losses, mut gone) = (0, false);
    let mut scanned = scan_by(
        client,
        &running,
        Scope::default(),
        |message, _| match message {
            Progress::Stored(_) if !gone && losses < 2 => {
                running.take_network_away();
                gone = true;
                losses += 1;
            }
            Progress::Meter(meter)
                if gone
                    && meter
                        .pressure
                        .held
                        .iter()
                        .any(|it| it.hold == Hold::Offline) =>
            {
                running.give_network_back();
                gone = false;
            }
            _ => {}
        },
    )
    .await
    .expect("a scan");
    assert!(losses > 0);
    assert_eq!(scanned.done.completeness, Completeness::Complete);
    assert_eq!(unread(&mut scanned), expected);
    // What was under way is asked again.
    let most = needed + losses * 2 * Settings::default().concurrency;
    assert!(scanned.requests.len() <= most, "{}", scanned.requests.len());
}

#[tokio::test]
async fn a_network_that_stays_away_ends_the_reads_and_what_was_read_is_kept() {
    let running = simulate(fleet(120), unlimited(Faults::none())).await;
    let settings = Settings {
        longest_outage: Duration::from_millis(600),
        ..Settings::default()
    };
    let client = client_with(&running.endpoint(), settings);
    let mut kept = 0;
    let mut scanned = scan_by(client, &running, Scope::default(), |message, _| {
        if let Progress::Stored(servers) = message {
            kept += usize::from(kept == 0) * servers.len();
            running.take_network_away();
        }
    })
    .await
    .expect("a scan");
    assert_eq!(scanned.servers().len(), 120);
    let mut read = 0;
    let mut lost = 0;
    for documents in scanned.servers().values() {
        match documents.get(DocumentKind::Server).map(|it| it.body()) {
            Some(Ok(_)) => read += 1,
            Some(Err(Cause::Unreachable {
                kind: Unreachable::Reset,
                detail,
            })) => lost += usize::from(detail.contains("given up after")),
            other => panic!("{other:?}"),
        }
    }
    assert!(kept > 0 && read >= kept, "{read} of {kept}");
    assert!(lost > 0);
}

/// A credential that gives one token after the other, and then none.
struct Tokens {
    given: AtomicUsize,
    most: usize,
}

#[async_trait::async_trait]
impl TokenSource for Tokens {
    async fn token(&self, _: &TokenRequest) -> Result<Token, TokenError> {
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        if number >= self.most {
            return Err(TokenError("sign in again".to_owned()));
        }
        let ends = SystemTime::now() + Duration::from_secs(3600);
        Ok(Token::new(Secret::new(format!("token-{number}")), ends))
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(5)
    }
}

/// A way to an endpoint through TLS, without which a real credential goes nowhere.
struct Tunnel {
    port: u16,
    certificates: CertificateFile,
    task: JoinHandle<()>,
}

impl Tunnel {
    async fn to(endpoint: &str) -> Self {
        flexposture::azure::install_crypto_provider();
        let certificate =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), certificate.cert.pem()).expect("a writable file");
        let certificates = CertificateFile::read(file.path()).expect("a certificate");
        let key = PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der());
        let configuration = rustls::ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.cert.der().clone()], key.into())
            .expect("the certificate fits its key");
        let acceptor = TlsAcceptor::from(Arc::new(configuration));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let target = endpoint.trim_start_matches("http://").to_owned();
        let task = tokio::spawn(async move {
            while let Ok((outer, _)) = listener.accept().await {
                let (acceptor, target) = (acceptor.clone(), target.clone());
                tokio::spawn(async move {
                    if let Ok(mut outer) = acceptor.accept(outer).await
                        && let Ok(mut inner) = TcpStream::connect(target).await
                    {
                        let _ = tokio::io::copy_bidirectional(&mut outer, &mut inner).await;
                    }
                });
            }
        });
        Self {
            port,
            certificates,
            task,
        }
    }

    fn client(&self, source: Arc<dyn TokenSource>) -> ArmClient {
        let endpoint = format!("https://localhost:{}", self.port);
        let cloud = Cloud::choose(None, Some(&endpoint), None, None).expect("an endpoint");
        let account = Account::Credential(TokenCache::new(source));
        let access = Access::new(&cloud, account, None).expect("an encrypted endpoint");
        ArmClient::new(access, &self.certificates, Settings::default()).expect("a client")
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Scans with a credential that has so many tokens, each of which expires when a part of the servers is stored.
async fn with_tokens(most: usize) -> (Scanned, usize) {
    let options = Options {
        token: "token-0".to_owned(),
        ..unlimited(Faults::none())
    };
    let running = simulate(fleet(120), options).await;
    let tunnel = Tunnel::to(&running.endpoint()).await;
    let tokens = Arc::new(Tokens {
        given: AtomicUsize::new(0),
        most,
    });
    let exchanged = Mutex::new(0);
    let scanned = scan_by(
        tunnel.client(Arc::clone(&tokens) as _),
        &running,
        Scope::default(),
        |message, _| {
            let mut exchanged = exchanged.lock().expect("no panic");
            // Not before the one before is in use.
            let in_use = tokens.given.load(Ordering::SeqCst) == *exchanged + 1;
            if matches!(message, Progress::Stored(_)) && in_use && *exchanged < 2 {
                *exchanged += 1;
                running.exchange_token(format!("token-{exchanged}"));
            }
        },
    )
    .await
    .expect("a scan");
    (scanned, tokens.given.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_token_that_expires_in_the_middle_is_renewed_and_nothing_is_lost() {
    let (expected, _) = undisturbed(120).await;
    let (mut scanned, given) = with_tokens(100).await;
    let mut unread = unread(&mut scanned);
    // The simulator knows nothing of the tunnel, and names itself without TLS in its links.
    unread.remove("Malformed");
    assert_eq!(unread.get("Failed"), expected.get("Failed"), "{unread:?}");
    assert_eq!(unread.get("Denied"), expected.get("Denied"), "{unread:?}");
    assert!((2..=4).contains(&given), "{given} tokens");
    assert!(scanned.requests.iter().any(|it| it.status == 401));
}

#[tokio::test]
async fn without_another_token_the_rest_is_unread_and_what_was_read_is_kept() {
    let (mut scanned, given) = with_tokens(1).await;
    assert!(given <= 3, "{given} times the credential was asked");
    let servers = scanned.servers();
    assert_eq!(servers.len(), 120);
    let (mut read, mut lost) = (0, 0);
    for documents in servers.values() {
        match documents.get(DocumentKind::Server).map(|it| it.body()) {
            Some(Ok(_)) => read += 1,
            Some(Err(Cause::Failed { status: 401, code })) => {
                lost += usize::from(code == Cause::NO_TOKEN);
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(read > 0 && lost > 0, "{read} read, {lost} lost");
}
