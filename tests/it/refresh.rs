//! Reading some servers again, over real HTTP: a few calls, a scan of its own, and what is known when nobody answers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flexposture::baseline::{FamilyCode, FeatureId};
use flexposture::documents::{Document, DocumentKind, ResourceId, ServerDocuments};
use flexposture::posture::{Finding, Judge, Ruleset, judge, needs, needs_of};
use flexposture::scan::{self, Done, Job, Part, Refresh, ScanError};
use flexposture::simulator::{Fault, Faults, Mishap, Options, Quota, Running};
use flexposture::store::{Completeness, Folder, Scan, ScanHeader, Scope, Writer};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{TOKEN, client, fleet, header, scan_all, simulate, unlimited};

/// An endpoint with a scan of it in a folder.
struct Estate {
    running: Running,
    folder: tempfile::TempDir,
    newest: PathBuf,
    made: u32,
}

fn judge_() -> Arc<Judge> {
    Arc::new(Judge::by(Ruleset::default()))
}

impl Estate {
    async fn new(servers: usize, options: Options) -> Self {
        let running = simulate(fleet(servers), options).await;
        let folder = tempfile::tempdir().expect("a folder");
        let mut estate = Self {
            running,
            folder,
            newest: PathBuf::new(),
            made: 0,
        };
        let (path, header) = estate.next();
        let (progress, _) = mpsc::unbounded_channel();
        let done = scan::run(Job {
            client: client(&estate.running.endpoint()),
            scope: Scope::default(),
            writer: Writer::create(&path, &header).expect("a new file"),
            known: None,
            judge: judge_(),
            progress,
            cancellation: CancellationToken::new(),
        })
        .await
        .expect("a scan");
        estate.newest = done.path;
        estate
    }

    fn next(&mut self) -> (PathBuf, ScanHeader) {
        self.made += 1;
        let header = ScanHeader {
            id: format!("{:08x}", self.made),
            ..header()
        };
        (
            Folder::at(self.folder.path().to_owned()).file_for(&header),
            header,
        )
    }

    /// Reads servers again, and tells which requests that took.
    async fn refresh(
        &mut self,
        servers: &[String],
        part: Part,
    ) -> (Result<Done, ScanError>, Vec<String>) {
        let before = self.running.requests().len();
        let (path, header) = self.next();
        let below = Scan::open(&self.newest).expect("a scan");
        let (progress, _) = mpsc::unbounded_channel();
        let done = scan::refresh(Refresh {
            client: client(&self.running.endpoint()),
            before: self.newest.clone(),
            writer: Writer::over(&path, &header, below).expect("a new file"),
            servers: servers.to_vec(),
            part,
            judge: judge_(),
            progress,
            cancellation: CancellationToken::new(),
        })
        .await;
        if let Ok(done) = &done {
            self.newest.clone_from(&done.path);
        }
        let requests = self.running.requests().split_off(before);
        let paths = requests.into_iter().map(|it| {
            it.path_and_query
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        (done, paths.collect())
    }

    fn files(&self) -> usize {
        std::fs::read_dir(self.folder.path())
            .expect("a folder")
            .count()
    }

    /// The ids of the servers that run and have a public endpoint and no key of their own.
    fn plain(&self) -> Vec<String> {
        let manifest = self.running.manifest().expect("a fleet");
        let servers = manifest["servers"].as_array().expect("servers").iter();
        servers
            .filter(|it| {
                it["state"] == "Ready"
                    && it["network"]["kind"] == "public"
                    && it["network"]["publicAccess"] == true
                    && it["customerKey"].is_null()
                    && it["replication"]["role"] == "None"
            })
            .map(|it| it["id"].as_str().expect("an id").to_owned())
            .collect()
    }
}

fn documents(path: &Path, id: &str) -> ServerDocuments {
    Scan::open(path)
        .expect("a scan")
        .documents(id)
        .expect("there")
}

#[tokio::test]
async fn a_server_is_read_again_with_a_few_calls_into_a_scan_of_its_own() {
    let mut estate = Estate::new(30, unlimited(Faults::none())).await;
    let first = estate.newest.clone();
    let whole = std::fs::read(&first).expect("readable");
    let server = estate.plain().remove(0);
    let (done, requests) = estate
        .refresh(std::slice::from_ref(&server), Part::Server)
        .await;
    let done = done.expect("a refresh");
    assert_eq!(
        (done.servers, done.completeness),
        (1, Completeness::Complete)
    );
    // The subscriptions, the server, its six children, the locks, the plan, the lockbox, and the four questions of
    // what Azure Policy says, one of them for an exemption at a management group.
    assert_eq!(requests.len(), 15, "{requests:#?}");
    assert_eq!(done.requests, 15);
    let of_others = requests.iter().filter(|it| {
        it.contains("/flexibleServers/") && !it.to_lowercase().starts_with(&server.to_lowercase())
    });
    assert_eq!(of_others.count(), 0);
    assert_eq!(
        std::fs::read(&first).expect("readable"),
        whole,
        "never written again"
    );
    let mut scan = Scan::open(&done.path).expect("a scan");
    assert_eq!(scan.info().expect("whole").servers, 30);
    let (before, after) = (documents(&first, &server), documents(&done.path, &server));
    for kind in DocumentKind::ALL {
        let fetched = |it: &ServerDocuments| it.get(kind).map(|it| it.fetched_at);
        match kind {
            DocumentKind::Inventory => assert_eq!(fetched(&after), None),
            _ => assert!(
                fetched(&before).is_none() || fetched(&before) < fetched(&after),
                "{kind:?}"
            ),
        }
    }
    let mut seen = BTreeSet::new();
    scan.for_each(|documents| assert!(seen.insert(documents.id().key())))
        .expect("whole");
    assert_eq!(seen.len(), 30);
}

#[tokio::test]
async fn a_family_takes_only_the_calls_that_its_conditions_need() {
    let mut estate = Estate::new(30, unlimited(Faults::none())).await;
    let server = estate.plain().remove(0);
    // The server itself counts in each; where something is looked for everywhere, the subscriptions do.
    for (family, calls) in [
        (FamilyCode::Ns, 2),
        (FamilyCode::Im, 3),
        (FamilyCode::Pa, 4),
        (FamilyCode::Dp, 3),
        (FamilyCode::Am, 5),
        (FamilyCode::Lt, 5),
        (FamilyCode::Br, 2),
        (FamilyCode::X, 3),
    ] {
        let (done, requests) = estate
            .refresh(std::slice::from_ref(&server), Part::Family(family))
            .await;
        assert!(done.is_ok(), "{family}");
        assert_eq!(requests.len(), calls, "{family}: {requests:#?}");
        // What was not asked for is still known.
        let now = documents(&estate.newest, &server);
        for kind in [
            DocumentKind::Backups,
            DocumentKind::Configurations,
            DocumentKind::Locks,
        ] {
            assert!(now.body(kind).is_ok(), "{family} {kind:?}");
        }
    }
}

#[tokio::test]
async fn servers_are_read_again_together_and_what_they_share_once() {
    let mut estate = Estate::new(30, unlimited(Faults::none())).await;
    let servers: Vec<String> = estate.plain().into_iter().take(4).collect();
    let (done, requests) = estate.refresh(&servers, Part::Server).await;
    assert_eq!(done.expect("a refresh").servers, 4);
    let lists = requests.iter().filter(|it| *it == "/subscriptions").count();
    assert_eq!(lists, 1);
    let unique: BTreeSet<&String> = requests
        .iter()
        .filter(|it| !it.contains("Microsoft.ResourceGraph"))
        .collect();
    let graph = requests
        .iter()
        .filter(|it| it.contains("Microsoft.ResourceGraph"));
    assert_eq!(
        unique.len() + graph.count(),
        requests.len(),
        "{requests:#?}"
    );
}

#[tokio::test]
async fn when_nobody_answers_what_is_known_stays_and_no_file_is_left() {
    let estate = Estate::new(10, unlimited(Faults::none())).await;
    let server = estate.plain().remove(0);
    let (first, before) = (estate.newest.clone(), estate.files());
    for (mishap, part) in [
        (Mishap::Reset, Part::Family(FamilyCode::Ns)),
        (Mishap::failing(500), Part::Family(FamilyCode::Br)),
        (Mishap::Reset, Part::Server),
    ] {
        let faults = Faults::none().and(Fault::always("*", mishap));
        let mut silent = Estate {
            running: simulate(fleet(10), unlimited(faults)).await,
            folder: tempfile::tempdir().expect("a folder"),
            newest: first.clone(),
            made: 9,
        };
        let (done, _) = silent.refresh(std::slice::from_ref(&server), part).await;
        assert!(done.is_err(), "{part:?}");
        assert_eq!(silent.files(), 0);
    }
    assert_eq!(estate.files(), before);
}

#[tokio::test]
async fn when_the_scan_below_cannot_be_read_no_file_is_left_either() {
    let mut estate = Estate::new(10, unlimited(Faults::none())).await;
    let server = estate.plain().remove(0);
    let below = estate.newest.clone();
    let refresh = async |estate: &mut Estate, before: PathBuf| {
        let (path, header) = estate.next();
        let writer = Writer::over(&path, &header, Scan::open(&below).expect("a scan"));
        let (progress, _) = mpsc::unbounded_channel();
        let done = scan::refresh(Refresh {
            client: client(&estate.running.endpoint()),
            before,
            writer: writer.expect("a new file"),
            servers: vec![server.clone()],
            part: Part::Server,
            judge: judge_(),
            progress,
            cancellation: CancellationToken::new(),
        })
        .await;
        assert!(matches!(done, Err(ScanError::Store(_))), "{done:?}");
        assert!(!path.exists(), "it would be the newest scan");
        assert_eq!(estate.files(), 1);
    };
    let nowhere = estate.folder.path().join("none.flexscan");
    refresh(&mut estate, nowhere).await;
    rusqlite::Connection::open(&below)
        .and_then(|it| it.execute_batch("UPDATE document SET body = x'00010203'"))
        .expect("damage");
    refresh(&mut estate, below.clone()).await;
}

#[tokio::test]
async fn a_server_that_is_gone_is_unknown_and_not_what_it_was() {
    let estate = Estate::new(10, unlimited(Faults::none())).await;
    let server = estate.plain().remove(0);
    let name = ResourceId::parse(&server).expect("an id").name().to_owned();
    let gone = Mishap::Answer {
        status: 404,
        headers: Vec::new(),
        body: r#"{"error":{"code":"ResourceNotFound","message":"gone"}}"#.into(),
    };
    let faults = Faults::none().and(Fault::always(format!("*/flexibleServers/{name}*"), gone));
    let mut after = Estate {
        running: simulate(fleet(10), unlimited(faults)).await,
        folder: estate.folder,
        newest: estate.newest,
        made: 9,
    };
    let (done, _) = after
        .refresh(std::slice::from_ref(&server), Part::Server)
        .await;
    let now = documents(&done.expect("an answer").path, &server);
    for finding in judge(&now, &Ruleset::default()) {
        // What stands around it is still told: locks and plans of its subscription, and states of Azure Policy.
        if matches!(
            finding.feature.family(),
            FamilyCode::Am | FamilyCode::Lt | FamilyCode::Pa | FamilyCode::X
        ) {
            continue;
        }
        assert!(
            !matches!(finding.verdict.word().word(), "Pass" | "Fail"),
            "{}: {:?}",
            finding.feature,
            finding.verdict
        );
    }
}

#[tokio::test]
async fn drift_shows_after_a_refresh() {
    let options = Options {
        drift: 30,
        quota: Quota::Unlimited,
        essential_parameters_only: true,
        ..Options::new(TOKEN)
    };
    let mut estate = Estate::new(30, options).await;
    let servers = estate.plain();
    let before: Vec<Vec<Finding>> = servers
        .iter()
        .map(|id| findings(&estate.newest, id))
        .collect();
    let (done, _) = estate.refresh(&servers, Part::Server).await;
    assert!(done.is_ok());
    let changed = servers
        .iter()
        .zip(before)
        .filter(|(id, before)| {
            let now = findings(&estate.newest, id);
            now.iter()
                .zip(before)
                .any(|(now, before)| now.verdict != before.verdict)
        })
        .count();
    assert!(changed > 0);
    let told = estate.running.manifest().expect("a fleet")["changes"].clone();
    assert_eq!(told.as_array().expect("changes").len(), 30);
}

fn findings(path: &Path, id: &str) -> Vec<Finding> {
    judge(&documents(path, id), &Ruleset::default())
}

/// Taking a document away changes a feature's finding only when it is said to need it, and so its family.
#[tokio::test]
async fn every_document_that_a_condition_looks_into_is_among_the_needs_of_its_feature() {
    let mut scanned = scan_all(fleet(120), unlimited(Faults::none())).await;
    let mut missed = BTreeSet::new();
    let mut looked = BTreeSet::new();
    scanned
        .scan
        .for_each(|documents| {
            let whole = judge(&documents, &Ruleset::default());
            for kind in DocumentKind::ALL {
                if matches!(kind, DocumentKind::Server | DocumentKind::Inventory) {
                    continue;
                }
                let without = documents.iter().filter(|it| it.kind != kind).cloned();
                let without =
                    ServerDocuments::new::<Arc<Document>>(documents.id().clone(), without)
                        .with_source(documents.source().cloned().map(Arc::new));
                for (one, other) in whole.iter().zip(judge(&without, &Ruleset::default())) {
                    let family = one.feature.family();
                    let needed = needs_of(one.feature, &documents).any(|it| it == kind);
                    let with_family = needs(family, &documents).any(|it| it == kind);
                    assert!(with_family || !needed, "{family} {kind:?}");
                    if one.conditions != other.conditions {
                        looked.insert((family, kind));
                        if !needed {
                            missed.insert((one.feature, kind));
                        }
                    }
                }
            }
        })
        .expect("whole");
    assert!(missed.is_empty(), "{missed:?}");
    let families: BTreeSet<FamilyCode> = looked.iter().map(|(family, _)| *family).collect();
    assert_eq!(families.len(), FamilyCode::ALL.len(), "{looked:?}");
    assert_eq!(FeatureId::ReplicaParity.family(), FamilyCode::X);
}

/// The commands that read a scan read one that lies over another.
#[tokio::test]
async fn commands_work_on_a_scan_that_lies_over_another() {
    let mut estate = Estate::new(12, unlimited(Faults::none())).await;
    let server = estate.plain().remove(0);
    let name = ResourceId::parse(&server).expect("an id").name().to_owned();
    let whole = estate.newest.clone();
    let (done, _) = estate.refresh(&[server], Part::Server).await;
    let child = done.expect("a refresh").path;
    let run = |scan: &Path, arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_flexposture"))
            .args(arguments)
            .arg("--scan")
            .arg(scan)
            .env("HOME", estate.folder.path())
            .output()
            .expect("the program starts");
        let code = output.status.code();
        assert_eq!(
            code,
            Some(0),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("text")
    };
    let json = |scan: &Path, arguments: &[&str]| -> serde_json::Value {
        serde_json::from_str(&run(scan, arguments)).expect("JSON")
    };
    let all = ["findings", "--all", "--json"];
    let (before, after) = (json(&whole, &all), json(&child, &all));
    let verdicts = |told: &serde_json::Value| -> Vec<String> {
        let servers = told.as_array().expect("an array").iter();
        servers
            .map(|it| format!("{} {} {}", it["server"], it["feature"], it["verdict"]))
            .collect()
    };
    assert!(!verdicts(&before).is_empty());
    // Nothing changed, so that every server says what it said, those that were not read again too.
    assert_eq!(verdicts(&before), verdicts(&after));
    assert!(run(&child, &["findings", &name]).contains(&name));
    for command in ["policies", "permissions"] {
        assert_eq!(
            run(&whole, &[command]),
            run(&child, &[command]),
            "{command}"
        );
    }
    assert!(run(&child, &["rejudge", "--strict-baseline=true"]).len() > 10);
}
