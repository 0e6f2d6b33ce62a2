//! How long it takes to compare two scans of 100,000 servers.
//!
//! `cargo bench --bench difference` makes two lists, in which one server in ten differs, and prints milliseconds, each
//! the best of several rounds. Absolute times differ from machine to machine.

use std::hint::black_box;
use std::time::{Duration, Instant};

use flexposture::baseline::FeatureId;
use flexposture::documents::Subscription;
use flexposture::posture::difference::{Side, difference};
use flexposture::posture::{Cell, Fingerprints, Score, ServerSummary, Severity, Tags, VerdictWord};

const SERVERS: usize = 100_000;
const ROUNDS: usize = 5;

fn main() {
    let subscriptions = vec![Subscription {
        id: "00000000-0000-4000-8000-000000000000".into(),
        name: "one".into(),
        tenant: None,
        state: None,
        delegated: false,
    }];
    let (before, before_seen) = scan(|_| false);
    for (what, one_in) in [
        ("nothing differs", 0),
        ("one in ten differs", 10),
        ("all differ", 1),
    ] {
        let (after, after_seen) = scan(|place| one_in > 0 && place % one_in == 0);
        let old = side(&before, &before_seen, &subscriptions);
        let new = side(&after, &after_seen, &subscriptions);
        let best = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                black_box(difference(&old, &new, |_| true));
                started.elapsed()
            })
            .min()
            .unwrap_or(Duration::MAX);
        println!(
            "two scans of {SERVERS} servers, {what:20} {:8.1} ms",
            best.as_secs_f64() * 1e3
        );
    }
}

fn side<'a>(
    servers: &'a [ServerSummary],
    fingerprints: &'a [Fingerprints],
    subscriptions: &'a [Subscription],
) -> Side<'a> {
    Side {
        servers,
        fingerprints: Some(fingerprints),
        subscriptions,
        unlisted: &[],
        complete: true,
        narrow: false,
    }
}

/// Servers of which some fail in every third feature and were seen otherwise in all.
fn scan(differs: impl Fn(usize) -> bool) -> (Vec<ServerSummary>, Vec<Fingerprints>) {
    (0..SERVERS)
        .map(|place| {
            // In no order, as an inventory is.
            let number = place * 7919 % SERVERS;
            let other = differs(number);
            let mut cells = [Cell {
                verdict: VerdictWord::Pass,
                severity: None,
                cause: None,
            }; FeatureId::COUNT];
            for cell in cells.iter_mut().step_by(3).filter(|_| other) {
                cell.verdict = VerdictWord::Fail;
                cell.severity = Some(Severity::High);
            }
            let subscription = "00000000-0000-4000-8000-000000000000";
            let summary = ServerSummary {
                id: format!("/subscriptions/{subscription}/resourceGroups/rg-{}/providers/Microsoft.DBforMySQL/flexibleServers/mysql-prod-weu-{number:06}", number % 97).into(),
                name: format!("mysql-prod-weu-{number:06}").into(),
                resource_group: "rg".into(),
                subscription: subscription.into(),
                region: "westeurope".into(),
                version: "8.0.37".into(),
                state: "Ready".into(),
                tags: Tags::default(),
                cells,
                open: [0; 4],
                score: Score { met: 50, unmet: 10 },
                beyond: Score::default(),
            };
            let seen = Fingerprints([u32::from(other); FeatureId::COUNT]);
            (summary, seen)
        })
        .unzip()
}
