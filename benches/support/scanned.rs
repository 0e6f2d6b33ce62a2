//! A simulated fleet, scanned: what the benchmarks work with.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use flexposture::azure::{Access, Account, ArmClient, CertificateFile, Cloud, Secret, Settings};
use flexposture::documents::ServerDocuments;
use flexposture::posture::{Judge, Ruleset};
use flexposture::scan::{Job, run};
use flexposture::simulator::{Fleet, FleetOptions, Options, Quota, Simulator};
use flexposture::store::{Scan, ScanHeader, Scope, Writer};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The servers of a simulated fleet, scanned over HTTP as any other.
pub async fn scanned(servers: usize) -> Result<Vec<ServerDocuments>, Box<dyn std::error::Error>> {
    let fleet = Fleet::generate(&FleetOptions {
        servers,
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
    let mut read = Vec::new();
    Scan::open(&done.path)?.for_each(|server| read.push(server))?;
    Ok(read)
}
