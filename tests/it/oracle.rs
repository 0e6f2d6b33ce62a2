//! What a scan finds, compared with what was planted: an oracle of its own works out every condition of every feature,
//! every verdict, severity and score from the simulator's manifest, and no server is left out.
//!
//! The oracle follows the specification of the features and shares no code with what it checks.

pub mod compare;
mod data;
mod evidence;
mod expected;
mod identity;
pub mod network;
mod occurrence;
pub mod planted;
mod refused;
pub mod resilience;
mod watching;

use std::collections::{BTreeMap, BTreeSet};

use flexposture::posture::{AddressRange, Judge, Ruleset, Thresholds};
use flexposture::simulator::{Faults, Fleet, FleetOptions, Lockbox, Options};
use jiff::Timestamp;

use self::compare::compare;
use self::expected::score;
use self::planted::Manifest;
use crate::support::{scan_all, unlimited};

/// The rulesets by which every fleet is judged: the default one, one with every threshold moved, one under which old
/// servers count as new, and the page alone.
fn rulesets() -> [Ruleset; 4] {
    let range = |start: [u8; 4], end: [u8; 4]| AddressRange {
        start: start.into(),
        end: end.into(),
    };
    let moved = Thresholds {
        allowed_public_ranges: vec![
            range([192, 0, 2, 0], [192, 0, 2, 255]),
            range([146, 0, 0, 0], [146, 52, 254, 255]),
        ],
        firewall_max_addresses: 17,
        require_cmk: true,
        min_backup_retention_days: 14,
        require_geo_redundant_backup: false,
        max_backup_age_hours: 24,
        key_expiry_warning_days: 89,
        required_audit_events: vec!["ddl".to_owned(), "CONNECTION".to_owned()],
        version_eol_warning_days: 3,
        required_tags: vec!["COSTCENTER".to_owned(), "env".to_owned()],
    };
    [
        Ruleset::default(),
        Ruleset {
            thresholds: moved.clone(),
            strict_baseline: false,
        },
        Ruleset {
            thresholds: Thresholds {
                max_backup_age_hours: 24 * 900,
                required_audit_events: vec!["DML".to_owned(), "CONNECTION_V2".to_owned()],
                ..Thresholds::default()
            },
            strict_baseline: false,
        },
        Ruleset {
            thresholds: moved,
            strict_baseline: true,
        },
    ]
}

/// The fleets: one of five hundred servers, and smaller ones in which what holds for whole tenants and subscriptions
/// is otherwise.
fn fleets(now: Timestamp) -> Vec<FleetOptions> {
    let smaller = |seed, lockbox| FleetOptions {
        seed,
        servers: 90,
        subscriptions: 5,
        lockbox,
        ..FleetOptions::new(now)
    };
    vec![
        FleetOptions {
            seed: 11,
            servers: 500,
            subscriptions: 6,
            hidden: 25,
            strangers: Some(true),
            lockbox: Lockbox::On,
            ..FleetOptions::new(now)
        },
        smaller(2, Lockbox::Denied),
        FleetOptions {
            denials: false,
            strangers: Some(true),
            ..smaller(3, Lockbox::Off)
        },
    ]
}

#[tokio::test]
async fn every_server_is_judged_as_it_was_planted() {
    let now = Timestamp::now();
    let rulesets = rulesets();
    let mut wrong = Vec::new();
    let mut occurred: BTreeMap<&'static str, BTreeSet<&'static str>> = BTreeMap::new();
    for options in fleets(now) {
        let fleet = Fleet::generate(&options);
        let manifest = Manifest::new(&fleet.manifest());
        let mut scanned = scan_all(
            fleet,
            Options {
                page_size: 7,
                ..unlimited(Faults::none())
            },
        )
        .await;
        let servers = scanned.servers();
        for (place, ruleset) in rulesets.iter().enumerate() {
            let (mut baseline, mut beyond) = ((0, 0), (0, 0));
            let mut seen = 0;
            for (name, planted) in manifest.visible(ruleset) {
                seen += 1;
                let about = format!("{name} by ruleset {place}");
                let features = compare(&about, &planted, &servers[name], &mut wrong);
                for condition in features.iter().flat_map(|it| &it.conditions) {
                    occurred
                        .entry(condition.id)
                        .or_default()
                        .insert(condition.became);
                }
                let (of_the_page, rest) = features.split_at(25);
                for (sum, of) in [(&mut baseline, of_the_page), (&mut beyond, rest)] {
                    let (met, unmet) = score(of.iter());
                    *sum = (sum.0 + met, sum.1 + unmet);
                }
            }
            assert_eq!((seen, servers.len()), (options.servers, options.servers));
            let judge = Judge::by(ruleset.clone());
            let whole = scanned.scan.fleet(&judge, |_| {}).expect("a whole file");
            let sums = [(whole.score(), baseline), (whole.beyond(), beyond)];
            for (found, expected) in sums {
                if (found.met, found.unmet) != expected {
                    wrong.push(format!(
                        "the fleet by ruleset {place}: {expected:?} {found:?}"
                    ));
                }
            }
        }
    }
    let shown = wrong.len();
    assert!(
        wrong.is_empty(),
        "{}:\n{}",
        wrong.len(),
        wrong[..shown].join("\n")
    );
    occurrence::assert_all(&occurred);
}
