//! A scan of a simulator, from the first request to the file, for the tests that look at what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flexposture::azure::{Access, Account, ArmClient, CertificateFile, Cloud, Secret, Settings};
use flexposture::baseline::FeatureId;
use flexposture::documents::ServerDocuments;
use flexposture::posture::{Finding, Judge, Judgement, Ruleset, Verdict, judge};
use flexposture::scan::{Done, Job, Progress, ScanError, run};
use flexposture::simulator::{
    Faults, Fleet, FleetOptions, Options, Quota, Request, Running, Simulator, Source,
};
use flexposture::store::{Scan, ScanHeader, Scope, Writer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The token of every simulator of these tests.
pub const TOKEN: &str = "loopback-token";

/// The folder of reference material beside the repository, when it is there. What uses it says so when it is not.
pub fn shared() -> Option<PathBuf> {
    let found = std::env::var_os("FLEXPOSTURE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    found.is_dir().then_some(found)
}

/// A simulator that was scanned, and what came of it.
pub struct Scanned {
    pub done: Done,
    pub messages: Vec<Progress>,
    pub requests: Vec<Request>,
    pub scan: Scan,
    // Holds the file.
    _folder: tempfile::TempDir,
}

/// A client for an endpoint on this machine.
pub fn client(endpoint: &str) -> ArmClient {
    client_with(endpoint, Settings::default())
}

/// A client for an endpoint on this machine that is as patient as this.
pub fn client_with(endpoint: &str, settings: Settings) -> ArmClient {
    flexposture::azure::install_crypto_provider();
    let cloud = Cloud::choose(None, Some(endpoint), None, None).expect("an endpoint");
    let access = Access::new(&cloud, Account::Static(Secret::new(TOKEN)), None)
        .expect("a static token is good for this machine");
    ArmClient::new(access, &CertificateFile::default(), settings).expect("a client")
}

/// Starts a simulator.
pub async fn simulate(source: impl Into<Source>, options: Options) -> Running {
    Simulator::start(source, options, ([127, 0, 0, 1], 0).into())
        .await
        .expect("a free port")
}

/// A fleet in which the caller may read everything.
pub fn fleet(servers: usize) -> Fleet {
    Fleet::generate(&FleetOptions {
        servers,
        denials: false,
        ..FleetOptions::new(jiff::Timestamp::now())
    })
}

/// An endpoint without limits on which this goes wrong.
pub fn unlimited(faults: Faults) -> Options {
    Options {
        faults,
        essential_parameters_only: true,
        quota: Quota::Unlimited,
        ..Options::new(TOKEN)
    }
}

/// What a scan of these tests is written into.
pub fn header() -> ScanHeader {
    ScanHeader {
        id: "0a1b2c3d".into(),
        started_at: jiff::Timestamp::now(),
        program: "test".into(),
        cloud: "custom".into(),
        endpoint: "http://127.0.0.1".into(),
        scope: "everything".into(),
        parent: None,
    }
}

/// Scans an endpoint into a new file; `each` sees every message as it comes and may cancel.
pub async fn scan(
    running: Running,
    scope: Scope,
    each: impl FnMut(&Progress, &CancellationToken),
) -> Result<Scanned, ScanError> {
    scan_by(client(&running.endpoint()), &running, scope, each).await
}

/// Scans an endpoint by this client, which may reach it on a way of its own.
pub async fn scan_by(
    client: ArmClient,
    running: &Running,
    scope: Scope,
    mut each: impl FnMut(&Progress, &CancellationToken),
) -> Result<Scanned, ScanError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("test.flexscan");
    let writer = Writer::create(&path, &header()).expect("a new file");
    let cancellation = CancellationToken::new();
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let work = tokio::spawn(run(Job {
        client,
        scope,
        writer,
        known: None,
        judge: Arc::new(Judge::by(Ruleset::default())),
        progress: sender,
        cancellation: cancellation.clone(),
    }));
    let mut messages = Vec::new();
    while let Some(message) = receiver.recv().await {
        each(&message, &cancellation);
        messages.push(message);
    }
    let done = work.await.expect("no panic")?;
    let scan = Scan::open(&done.path).expect("a finished file");
    Ok(Scanned {
        done,
        messages,
        requests: running.requests(),
        scan,
        _folder: folder,
    })
}

/// Scans everything that a source shows.
pub async fn scan_all(source: impl Into<Source>, options: Options) -> Scanned {
    scan(simulate(source, options).await, Scope::default(), |_, _| {})
        .await
        .expect("a scan")
}

impl Scanned {
    /// The documents of every server, by name.
    pub fn servers(&mut self) -> BTreeMap<String, ServerDocuments> {
        let mut servers = BTreeMap::new();
        self.scan
            .for_each(|documents| {
                let name = documents.id().name().to_owned();
                assert!(
                    servers.insert(name.clone(), documents).is_none(),
                    "{name} appears twice"
                );
            })
            .expect("a whole file");
        servers
    }
}

/// The findings of a server, by feature.
pub fn findings(documents: &ServerDocuments) -> BTreeMap<FeatureId, Finding> {
    judge(documents, &Ruleset::default())
        .into_iter()
        .map(|finding| (finding.feature, finding))
        .collect()
}

/// The verdict of a server in a feature.
pub fn verdict(documents: &ServerDocuments, feature: FeatureId) -> Verdict {
    findings(documents)[&feature].verdict.clone()
}

/// What became of a condition of a server.
pub fn judgement(documents: &ServerDocuments, id: &str) -> Judgement {
    findings(documents)
        .values()
        .flat_map(|finding| &finding.conditions)
        .find(|condition| condition.id == id)
        .unwrap_or_else(|| panic!("no condition {id}"))
        .judgement
        .clone()
}
