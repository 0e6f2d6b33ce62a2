//! How long it takes to judge a server, from documents that are parsed already.
//!
//! `cargo bench --bench judge` scans a simulated fleet and prints microseconds a server, each the best of several rounds.
//! Absolute times differ from machine to machine.

use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flexposture::azure::{Access, Account, ArmClient, CertificateFile, Cloud, Secret, Settings};
use flexposture::documents::ServerDocuments;
use flexposture::posture::policy::policies;
use flexposture::posture::{Judge, Ruleset, ServerSummary, fixes, judge};
use flexposture::scan::{Job, run};
use flexposture::simulator::{Fleet, FleetOptions, Options, Quota, Simulator};
use flexposture::store::{Scan, ScanHeader, Scope, Writer};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const SERVERS: usize = 500;
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    flexposture::azure::install_crypto_provider();
    let servers = tokio::runtime::Runtime::new()?.block_on(scanned())?;
    let ruleset = Ruleset::default();
    let findings: Vec<_> = servers.iter().map(|it| judge(it, &ruleset)).collect();
    measure("judge, all conditions", &servers, |server, _| {
        black_box(judge(server, &ruleset));
    });
    measure("summary of findings", &servers, |server, place| {
        black_box(ServerSummary::new(server, &findings[place]));
    });
    measure("fixes of all findings", &servers, |server, place| {
        for finding in &findings[place] {
            black_box(fixes(server, &ruleset, finding));
        }
    });
    measure("policies of all findings", &servers, |server, place| {
        for finding in &findings[place] {
            black_box(policies(server, finding.feature));
        }
    });
    Ok(())
}

fn measure(what: &str, servers: &[ServerDocuments], work: impl Fn(&ServerDocuments, usize)) {
    let best = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            for (place, server) in servers.iter().enumerate() {
                work(server, place);
            }
            started.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    let each = best.as_secs_f64() * 1e6 / servers.len() as f64;
    println!("{what:28} {each:8.1} us a server");
}

/// The servers of a simulated fleet, scanned over HTTP as any other.
async fn scanned() -> Result<Vec<ServerDocuments>, Box<dyn std::error::Error>> {
    let fleet = Fleet::generate(&FleetOptions {
        servers: SERVERS,
        ..FleetOptions::new(Timestamp::now())
    });
    let options = Options {
        quota: Quota::Unlimited,
        ..Options::new("bench")
    };
    let bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let running = Simulator::start(fleet, options, bind).await?;
    let cloud = Cloud::choose(None, Some(&running.endpoint()), None, None)?;
    let access = Access::new(&cloud, Account::Static(Secret::new("bench")), None)?;
    let client = ArmClient::new(access, &CertificateFile::default(), Settings::default())?;
    let folder = tempfile::tempdir()?;
    let header = ScanHeader {
        id: "bench".into(),
        started_at: Timestamp::now(),
        program: "bench".into(),
        cloud: "custom".into(),
        endpoint: running.endpoint(),
        scope: "everything".into(),
        parent: None,
    };
    let (progress, _) = mpsc::unbounded_channel();
    let done = run(Job {
        client,
        scope: Scope::default(),
        writer: Writer::create(&folder.path().join("bench.flexscan"), &header)?,
        known: None,
        judge: Arc::new(Judge::by(Ruleset::default())),
        progress,
        cancellation: CancellationToken::new(),
    })
    .await?;
    let mut servers = Vec::new();
    Scan::open(&done.path)?.for_each(|server| servers.push(server))?;
    Ok(servers)
}
