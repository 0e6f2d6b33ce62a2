//! Preparing scans for the explorer: of Azure with the credential in use, or of a simulated fleet.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::azure::{
    Access, Account, ArmClient, CertificateFile, Cloud, Environment, Secret, Settings,
};
use crate::posture::Judge;
use crate::runtime::{Prepared, ScanKind, Starter};
use crate::scan::{self, Done, Job, Scope};
use crate::simulator::{Fleet, FleetOptions, Options, Running, Simulator};
use crate::store::{Folder, ScanHeader, Writer, new_scan_id};

use super::azure_arguments::{AzureArguments, Connection};

/// The simulated fleet of the demo.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArguments {
    /// How many servers there are
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub servers: u32,

    /// How many subscriptions they are spread over
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub subscriptions: u32,

    /// The number that everything random follows from
    #[arg(long, default_value_t = 1)]
    pub seed: u64,

    /// How many servers people change before each scan after the first
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub drift: u32,
}

impl Default for DemoArguments {
    fn default() -> Self {
        Self {
            servers: 60,
            subscriptions: 3,
            seed: 1,
            drift: 0,
        }
    }
}

/// Time before each answer of the demo's endpoint: that of an endpoint in the same region.
const DEMO_LATENCY: Duration = Duration::from_millis(20);

/// What must live as long as a demo is explored. The folder is removed at the end.
struct DemoKeep {
    _simulator: Running,
    _folder: tempfile::TempDir,
}

/// Prepares a scan of a simulated fleet, over HTTP on this machine. Its file lies in a folder that is removed at the
/// end.
///
/// # Errors
/// When no port or no folder can be had.
pub async fn prepare_demo(demo: &DemoArguments) -> anyhow::Result<Prepared> {
    let token = format!("{:016x}", fastrand::u64(..));
    let options = FleetOptions {
        seed: demo.seed,
        servers: demo.servers as usize,
        subscriptions: demo.subscriptions as usize,
        ..FleetOptions::new(Timestamp::now())
    };
    let fleet = tokio::task::spawn_blocking(move || Fleet::generate(&options)).await?;
    let running = Simulator::start(
        fleet,
        Options {
            latency: DEMO_LATENCY,
            drift: demo.drift as usize,
            ..Options::new(token.clone())
        },
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
    )
    .await?;
    let cloud = Cloud::choose(None, Some(&running.endpoint()), None, None)?;
    let access = Access::new(&cloud, Account::Static(Secret::new(token)), None)?;
    let client = ArmClient::new(access, &CertificateFile::default(), Settings::default())?;
    let folder = tempfile::Builder::new()
        .prefix("flexposture-demo-")
        .tempdir()?;
    let header = ScanHeader {
        scope: format!("demo, {} simulated servers", demo.servers),
        ..header(&cloud, &client, &Scope::default())
    };
    Ok(Prepared {
        client,
        scope: Scope::default(),
        path: Folder::at(folder.path().to_owned()).file_for(&header),
        header,
        keep: Box::new(DemoKeep {
            _simulator: running,
            _folder: folder,
        }),
    })
}

/// A simulated fleet that was scanned. Its file is there as long as this is.
pub struct ScannedDemo {
    /// How the scan ended, and its file.
    pub done: Done,
    _keep: Box<dyn Any + Send>,
}

/// Scans a simulated fleet from beginning to end.
///
/// # Errors
/// When no port or no folder can be had, or the scan fails.
pub async fn scan_demo(demo: &DemoArguments, judge: Arc<Judge>) -> anyhow::Result<ScannedDemo> {
    let prepared = prepare_demo(demo).await?;
    let writer = Writer::create(&prepared.path, &prepared.header)?;
    let (progress, _) = mpsc::unbounded_channel();
    let done = scan::run(Job {
        client: prepared.client,
        scope: prepared.scope,
        writer,
        judge,
        progress,
        cancellation: CancellationToken::new(),
    })
    .await?;
    Ok(ScannedDemo {
        done,
        _keep: prepared.keep,
    })
}

/// Prepares a scan of what the credential in use can see.
///
/// # Errors
/// When the arguments make no sense, no credential serves, or there is no folder for scans.
pub fn prepare_azure(
    azure: &AzureArguments,
    scope: Scope,
    out: Option<PathBuf>,
) -> anyhow::Result<(Prepared, Vec<String>)> {
    let Connection {
        cloud,
        client,
        hints,
        ..
    } = azure.connect(&Environment::of_process())?;
    let header = header(&cloud, &client, &scope);
    let path = match out {
        Some(path) => path,
        None => Folder::of_user()?.file_for(&header),
    };
    let prepared = Prepared {
        client,
        scope,
        path,
        header,
        keep: Box::new(()),
    };
    Ok((prepared, hints))
}

/// What is known of a scan before it starts.
fn header(cloud: &Cloud, client: &ArmClient, scope: &Scope) -> ScanHeader {
    ScanHeader {
        id: new_scan_id(),
        started_at: Timestamp::now(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        cloud: cloud.name().word().to_owned(),
        endpoint: client.origin().to_string(),
        scope: scope.words(),
        parent: None,
    }
}

/// Starts scans from inside the explorer.
pub struct CommandLineStarter {
    /// Which Azure to ask, and as whom.
    pub azure: AzureArguments,
    /// The simulated fleet.
    pub demo: DemoArguments,
}

#[async_trait]
impl Starter for CommandLineStarter {
    async fn prepare(&self, kind: ScanKind) -> anyhow::Result<Prepared> {
        match kind {
            ScanKind::Demo => prepare_demo(&self.demo).await,
            ScanKind::Azure => {
                let azure = self.azure.clone();
                let prepare = move || prepare_azure(&azure, Scope::default(), None);
                let (prepared, _) = tokio::task::spawn_blocking(prepare).await??;
                Ok(prepared)
            }
        }
    }
}
