//! How long it takes to open a scan under another ruleset than the one it was made with: every server is read, unpacked,
//! parsed and judged anew.
//!
//! `cargo bench --bench rejudge` writes scans of 1,000 and 10,000 servers with all their documents, which are those of a
//! simulated fleet under other names, and prints milliseconds, each the best of several rounds, and microseconds a server.
//! Absolute times differ from machine to machine. `cargo bench --bench rejudge -- FILE` keeps the largest file.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flexposture::documents::{ResourceId, ServerDocuments};
use flexposture::posture::{Judge, Ruleset, Standing, judge};
use flexposture::store::{Cache, Completeness, Scan, ScanHeader, StoreError, Writer};
use jiff::Timestamp;
use scanned::scanned;

#[path = "support/scanned.rs"]
mod scanned;

/// How many servers the others are made after.
const MODELS: usize = 500;
const ROUNDS: usize = 3;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    flexposture::azure::install_crypto_provider();
    let models = tokio::runtime::Runtime::new()?.block_on(scanned(MODELS))?;
    let folder = tempfile::tempdir()?;
    let kept = std::env::args().nth(1).filter(|it| !it.starts_with("--"));
    let anew = Judge::by(Ruleset {
        strict_baseline: true,
        ..Ruleset::default()
    });
    for servers in [1_000, 10_000] {
        let path = match &kept {
            Some(path) if servers == 10_000 => PathBuf::from(path),
            _ => folder.path().join(format!("{servers}.flexscan")),
        };
        if !path.exists() {
            write(&path, &models, servers)?;
        }
        let bytes = std::fs::metadata(&path)?.len();
        println!("{servers} servers, a file of {} MiB", bytes >> 20);
        measure("  read one after the other", servers, || {
            Scan::open(&path)?.for_each(|it| drop(black_box(it)))
        })?;
        measure("  read and judged, one core", servers, || {
            Scan::open(&path)?.for_each(|it| drop(black_box(anew.standing(&it))))
        })?;
        measure("  opened, judged anew", servers, || {
            Scan::open(&path)?
                .fleet(&anew, |_| {})
                .map(|it| drop(black_box(it)))
        })?;
        let cache = Cache::at(folder.path().join("judged"));
        let opened = || Scan::open(&path)?.fleet_kept(&anew, Some(&cache), |_| {});
        opened()?;
        measure("  opened once more, from the cache", servers, || {
            opened().map(|it| drop(black_box(it)))
        })?;
    }
    Ok(())
}

fn measure(
    what: &str,
    servers: usize,
    work: impl Fn() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        work()?;
        best = best.min(started.elapsed());
    }
    let seconds = best.as_secs_f64();
    let each = seconds * 1e6 / servers as f64;
    println!("{what:34} {:8.1} ms {each:8.1} us a server", seconds * 1e3);
    Ok(())
}

/// Writes a scan of many servers made after a few, with all that was read about them.
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
    let mut writer = Writer::create(path, &header)?;
    let mut batch = Vec::new();
    for number in 0..servers {
        let model = &models[number % models.len()];
        // The first of each keeps its name: those that replicate it find it.
        let id = match number / models.len() {
            0 => Some(model.id().clone()),
            copy => {
                let name = format!("{}-{copy:05}", model.id().name());
                let id = model.id().as_str().replace(model.id().name(), &name);
                ResourceId::parse(&id).ok()
            }
        };
        let Some(id) = id else {
            continue;
        };
        let documents = ServerDocuments::new(id, model.iter().cloned());
        let standing = Standing::new(&documents, &judge(&documents, &ruleset));
        batch.push((documents, standing));
        if batch.len() == 500 || number + 1 == servers {
            writer.servers(
                batch
                    .iter()
                    .map(|(documents, standing)| (documents, standing)),
            )?;
            batch.clear();
        }
    }
    writer.finish(Completeness::Complete, Timestamp::now(), &ruleset)?;
    Ok(())
}
