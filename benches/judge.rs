//! How long it takes to judge a server, from documents that are parsed already.
//!
//! `cargo bench --bench judge` scans a simulated fleet and prints microseconds a server, each the best of several rounds.
//! Absolute times differ from machine to machine.

use std::hint::black_box;
use std::time::{Duration, Instant};

use flexposture::documents::ServerDocuments;
use flexposture::posture::policy::policies;
use flexposture::posture::{Ruleset, ServerSummary, fixes, judge};
use scanned::scanned;

#[path = "support/scanned.rs"]
mod scanned;

const SERVERS: usize = 500;
const ROUNDS: usize = 9;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    flexposture::azure::install_crypto_provider();
    let servers = tokio::runtime::Runtime::new()?.block_on(scanned(SERVERS))?;
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
