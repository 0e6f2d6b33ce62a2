//! How long it takes until a scan's list can be shown: unpacked, sorted, and ready to be searched.
//!
//! `cargo bench --bench open` writes scans of 1,000, 10,000 and 100,000 servers, whose summaries are those of a simulated
//! fleet under other names, and prints milliseconds, each the best of several rounds. Absolute times differ from machine to
//! machine. `cargo bench --bench open -- FILE` keeps the largest file, for the explorer to be tried with.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flexposture::app::Roster;
use flexposture::documents::{DocumentKind, ResourceId, ServerDocuments};
use flexposture::posture::{Fleet, Judge, Ruleset, Standing, judge};
use flexposture::query::SearchIndex;
use flexposture::store::{Completeness, Scan, ScanHeader, StoreError, Writer};
use jiff::Timestamp;
use scanned::scanned;

#[path = "support/scanned.rs"]
mod scanned;

/// How many servers the others are made after.
const MODELS: usize = 500;
const ROUNDS: usize = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    flexposture::azure::install_crypto_provider();
    let models = tokio::runtime::Runtime::new()?.block_on(scanned(MODELS))?;
    let folder = tempfile::tempdir()?;
    let kept = std::env::args().nth(1).filter(|it| !it.starts_with("--"));
    let judge = Judge::by(Ruleset::default());
    for servers in [1_000, 10_000, 100_000] {
        let path = match &kept {
            Some(path) if servers == 100_000 => PathBuf::from(path),
            _ => folder.path().join(format!("{servers}.flexscan")),
        };
        if !path.exists() {
            write(&path, &models, servers)?;
        }
        let bytes = std::fs::metadata(&path)?.len();
        println!("{servers} servers, a file of {} MiB", bytes >> 20);
        let open = || Scan::open(&path)?.fleet(&judge, |_| {});
        measure("  opened and unpacked", || drop(black_box(open())));
        let fleet: std::sync::Arc<Fleet> = open()?.into();
        measure("  listed, sorted by risk", || {
            let mut roster = Roster::default();
            roster.replace(fleet.clone());
            black_box(roster);
        });
        measure("  made ready to be searched", || {
            drop(black_box(SearchIndex::new(&fleet)))
        });
    }
    Ok(())
}

fn measure(what: &str, work: impl Fn()) {
    let best = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            work();
            started.elapsed()
        })
        .min()
        .unwrap_or(Duration::MAX);
    println!("{what:30} {:8.1} ms", best.as_secs_f64() * 1e3);
}

/// Writes a scan of many servers made after a few. Each holds its inventory row alone: the list is what is measured.
fn write(path: &Path, models: &[ServerDocuments], servers: usize) -> Result<(), StoreError> {
    let header = ScanHeader {
        id: format!("{servers:08}"),
        started_at: Timestamp::now(),
        program: "bench".into(),
        cloud: "custom".into(),
        endpoint: "http://127.0.0.1".into(),
        scope: "everything".into(),
        parent: None,
    };
    let ruleset = Ruleset::default();
    let standings: Vec<Standing> = models
        .iter()
        .map(|it| Standing::new(it, &judge(it, &ruleset)))
        .collect();
    let mut writer = Writer::create(path, &header)?;
    let mut batch = Vec::new();
    for number in 0..servers {
        let place = number % models.len();
        let model = &models[place];
        let name = format!("{}-{:05}", model.id().name(), number / models.len());
        let id = model.id().as_str().replace(model.id().name(), &name);
        let Ok(id) = ResourceId::parse(&id) else {
            continue;
        };
        let mut standing = standings[place].clone();
        standing.summary.id = id.as_str().into();
        standing.summary.name = name.as_str().into();
        let inventory = model.iter().filter(|it| it.kind == DocumentKind::Inventory);
        batch.push((ServerDocuments::new(id, inventory.cloned()), standing));
        if batch.len() == 500 {
            writer.servers(
                batch
                    .iter()
                    .map(|(documents, standing)| (documents, standing)),
            )?;
            batch.clear();
        }
    }
    writer.servers(
        batch
            .iter()
            .map(|(documents, standing)| (documents, standing)),
    )?;
    writer.finish(Completeness::Complete, Timestamp::now(), &ruleset)?;
    Ok(())
}
