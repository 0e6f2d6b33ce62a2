//! Preparing scans for the explorer: of Azure with the credential in use, or of a simulated fleet.

use std::any::Any;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::bail;
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::azure::{
    Access, Account, ArmClient, CertificateFile, Cloud, Environment, Secret, Settings,
};
use crate::cli::store_choice;
use crate::posture::Judge;
use crate::runtime::{Before, Prepared, Resumed, ScanKind, Starter};
use crate::scan::{self, Done, Job};
use crate::simulator::{Fleet, FleetOptions, Options, Running, Simulator};
use crate::store::{Folder, ScanHeader, Scope, Writer, new_scan_id};

use super::azure_arguments::{AzureArguments, Connection};
use super::resume::{STALE_AFTER, prepare_resume};

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
async fn prepare_demo(
    demo: &DemoArguments,
    settings: Settings,
) -> anyhow::Result<(Prepared, Simulated)> {
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
    let simulated = Simulated {
        endpoint: running.endpoint(),
        token,
        settings,
    };
    let (cloud, client) = simulated.connect()?;
    let folder = tempfile::Builder::new()
        .prefix("flexposture-demo-")
        .tempdir()?;
    let header = ScanHeader {
        scope: format!("{DEMO}{} simulated servers", demo.servers),
        ..header(&cloud, &client, &Scope::default())
    };
    let prepared = Prepared {
        client,
        scope: Scope::default(),
        path: Folder::at(folder.path().to_owned()).file_for(&header),
        header,
        keep: Box::new(DemoKeep {
            _simulator: running,
            _folder: folder,
        }),
    };
    Ok((prepared, simulated))
}

/// A simulator of this process.
#[derive(Clone)]
struct Simulated {
    endpoint: String,
    token: String,
    settings: Settings,
}

impl Simulated {
    fn connect(&self) -> anyhow::Result<(Cloud, ArmClient)> {
        let cloud = Cloud::choose(None, Some(&self.endpoint), None, None)?;
        let account = Account::Static(Secret::new(self.token.clone()));
        let access = Access::new(&cloud, account, None)?;
        let client = ArmClient::new(access, &CertificateFile::default(), self.settings)?;
        Ok((cloud, client))
    }
}

/// A simulated fleet that was scanned. Its file is there as long as this is.
pub struct ScannedDemo {
    /// How the scan ended, and its file.
    pub done: Done,
    simulated: Simulated,
    _keep: Box<dyn Any + Send>,
}

impl ScannedDemo {
    /// Scans the fleet once more, into a file beside the first one.
    ///
    /// # Errors
    /// When the first file cannot be read, or the scan fails.
    pub async fn again(&self, judge: Arc<Judge>) -> anyhow::Result<Done> {
        let before = Before::of(&self.done.path)?;
        scan_whole(prepare_again(self.simulated.connect()?, &before)?, judge)
            .await
            .map(|(done, _)| done)
    }
}

/// Scans from beginning to end. What must live as long as the file comes with how it ended.
async fn scan_whole(
    prepared: Prepared,
    judge: Arc<Judge>,
) -> anyhow::Result<(Done, Box<dyn Any + Send>)> {
    let writer = Writer::create(&prepared.path, &prepared.header)?;
    let (progress, _) = mpsc::unbounded_channel();
    let done = scan::run(Job {
        client: prepared.client,
        scope: prepared.scope,
        writer,
        known: None,
        judge,
        progress,
        cancellation: CancellationToken::new(),
    })
    .await?;
    Ok((done, prepared.keep))
}

/// Scans a simulated fleet from beginning to end.
///
/// # Errors
/// When no port or no folder can be had, or the scan fails.
pub async fn scan_demo(demo: &DemoArguments, judge: Arc<Judge>) -> anyhow::Result<ScannedDemo> {
    let (prepared, simulated) = prepare_demo(demo, Settings::default()).await?;
    let (done, keep) = scan_whole(prepared, judge).await?;
    Ok(ScannedDemo {
        done,
        simulated,
        _keep: keep,
    })
}

/// Prepares a scan of what the credential in use can see.
///
/// # Errors
/// When the arguments make no sense, no credential serves, or there is no folder for scans.
pub fn prepare_azure(
    azure: &AzureArguments,
    settings: Settings,
    scope: Scope,
    out: Option<PathBuf>,
) -> anyhow::Result<(Prepared, Vec<String>)> {
    let Connection {
        cloud,
        client,
        hints,
        ..
    } = azure.connect(&Environment::of_process(), settings)?;
    let header = header(&cloud, &client, &scope);
    let path = match out {
        Some(path) => path,
        None => store_choice::folder()?.file_for(&header),
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

/// What the scope of a demo's scan begins with.
pub(super) const DEMO: &str = "demo, ";

/// Whether a scan was read from where this client asks.
///
/// # Errors
/// When it was not: with both places in words.
pub(super) fn is_of(header: &ScanHeader, cloud: &Cloud, client: &ArmClient) -> anyhow::Result<()> {
    let origin = client.origin().to_string();
    if header.cloud != cloud.name().word() || header.endpoint != origin {
        bail!(
            "this scan was read from {} ({}), and the options of this session lead to {origin} ({}): give those of the scan",
            header.endpoint,
            header.cloud,
            cloud.name().word()
        );
    }
    Ok(())
}

/// Prepares reading again what an earlier scan read.
fn prepare_again((cloud, client): (Cloud, ArmClient), before: &Before) -> anyhow::Result<Prepared> {
    is_of(&before.header, &cloud, &client)?;
    let scope = if before.header.scope.starts_with(DEMO) {
        Scope::default()
    } else {
        Scope::parse(&before.header.scope).unwrap_or_else(|| Scope {
            subscriptions: before
                .subscriptions
                .iter()
                .map(|it| it.id.clone())
                .collect(),
            ..Scope::default()
        })
    };
    let header = ScanHeader {
        scope: before.header.scope.clone(),
        ..header(&cloud, &client, &scope)
    };
    // A scan and what lies over it are found in one folder.
    let folder = Folder::holding(&before.path);
    Ok(Prepared {
        client,
        scope,
        path: folder.file_for(&header),
        header,
        keep: Box::new(()),
    })
}

/// Starts scans from inside the explorer.
pub struct CommandLineStarter {
    azure: AzureArguments,
    settings: Settings,
    demo: DemoArguments,
    /// The simulator of this session, once there is one: it lives as long as the explorer.
    simulated: Mutex<Option<Simulated>>,
}

impl CommandLineStarter {
    /// Asks this Azure, or makes this simulated fleet, with clients that are this patient.
    #[must_use]
    pub const fn new(azure: AzureArguments, settings: Settings, demo: DemoArguments) -> Self {
        Self {
            azure,
            settings,
            demo,
            simulated: Mutex::new(None),
        }
    }

    fn simulated(&self) -> MutexGuard<'_, Option<Simulated>> {
        self.simulated
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Starter for CommandLineStarter {
    async fn prepare(&self, kind: ScanKind) -> anyhow::Result<Prepared> {
        match kind {
            ScanKind::Demo => {
                let (prepared, simulated) = prepare_demo(&self.demo, self.settings).await?;
                *self.simulated() = Some(simulated);
                Ok(prepared)
            }
            ScanKind::Azure => {
                let (azure, settings) = (self.azure.clone(), self.settings);
                let prepare = move || prepare_azure(&azure, settings, Scope::default(), None);
                let (prepared, _) = tokio::task::spawn_blocking(prepare).await??;
                Ok(prepared)
            }
        }
    }

    async fn resume(&self, scan: &Path) -> anyhow::Result<Resumed> {
        let (azure, settings) = (self.azure.clone(), self.settings);
        let scan = scan.display().to_string();
        let prepare = move || prepare_resume(&azure, settings, Some(scan), STALE_AFTER);
        Ok(tokio::task::spawn_blocking(prepare).await??.resumed)
    }

    async fn again(&self, before: &Before) -> anyhow::Result<Prepared> {
        if before.header.scope.starts_with(DEMO) {
            let simulated = self.simulated().clone();
            let connection = simulated.map(|it| it.connect()).transpose()?;
            return match connection {
                Some(it) if it.1.origin().to_string() == before.header.endpoint => {
                    prepare_again(it, before)
                }
                _ => bail!("this is the scan of a demo that has ended, and its simulator with it"),
            };
        }
        let (azure, settings, before) = (self.azure.clone(), self.settings, before.clone());
        let prepare = move || {
            let connection = azure.connect(&Environment::of_process(), settings)?;
            prepare_again((connection.cloud, connection.client), &before)
        };
        tokio::task::spawn_blocking(prepare).await?
    }
}
