//! A server of which the caller may read nothing but itself: nothing that stands in a refused answer is decided, and
//! everything else is.

use flexposture::documents::Cause;
use flexposture::posture::{Judgement, Ruleset, judge};
use flexposture::simulator::{Faults, Fleet, FleetOptions, Lockbox};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::{scan_all, unlimited};

/// The conditions that read each child of a server.
const READERS: [(&str, &[&str]); 6] = [
    (
        "configurations",
        &[
            "entra-only",
            "local-admin",
            "admin-name",
            "require-tls",
            "tls-min",
            "audit-on",
            "audit-events",
            "audit-users",
            "slow-exported",
            "local-infile",
        ],
    ),
    ("firewallRules", &["fw-world", "fw-wide", "fw-azure"]),
    ("administrators", &["entra-admin", "conditional-access"]),
    ("backups", &["backup-recent"]),
    ("advancedThreatProtectionSettings", &["defender"]),
    ("diagnosticSettings", &["audit-exported", "slow-exported"]),
];

/// The conditions that read the server itself and nothing else.
const OWN: [&str; 6] = [
    "private-path",
    "public-disabled",
    "retention",
    "geo-backup",
    "supported-version",
    "auto-grow",
];

#[tokio::test]
async fn of_a_server_with_every_child_denied_nothing_denied_is_decided() {
    let fleet = Fleet::generate(&FleetOptions {
        lockbox: Lockbox::On,
        servers: 120,
        ..FleetOptions::new(Timestamp::now())
    });
    let manifest = fleet.manifest();
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let servers = scanned.servers();
    let denied = |server: &Value| {
        let all: Vec<String> = server["denied"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| it.as_str().expect("a name").to_owned())
            .collect();
        all
    };
    let mut looked_at = [0; 6];
    for server in manifest["servers"].as_array().expect("servers") {
        let denied = denied(server);
        if denied.len() < 10 {
            continue;
        }
        let name = server["name"].as_str().expect("a name");
        let conditions: Vec<_> = judge(&servers[name], &Ruleset::default())
            .into_iter()
            .flat_map(|finding| finding.conditions)
            .collect();
        for (place, (child, readers)) in READERS.iter().enumerate() {
            if !denied.iter().any(|it| it == child) {
                continue;
            }
            for condition in conditions.iter().filter(|it| readers.contains(&it.id)) {
                match &condition.judgement {
                    Judgement::Unread(Cause::Denied { action, scope }) => {
                        looked_at[place] += 1;
                        assert!(
                            action.ends_with("/read"),
                            "{name} {}: {action}",
                            condition.id
                        );
                        assert!(scope.starts_with('/'), "{name} {}: {scope}", condition.id);
                    }
                    Judgement::NotApplicable(_) => {}
                    other => panic!("{name} {}: {other:?}", condition.id),
                }
            }
        }
        for condition in conditions.iter().filter(|it| OWN.contains(&it.id)) {
            assert!(
                !matches!(condition.judgement, Judgement::Unread(Cause::Denied { .. })),
                "{name} {}: {:?}",
                condition.id,
                condition.judgement
            );
        }
    }
    assert!(looked_at.iter().all(|count| *count > 2), "{looked_at:?}");
}
