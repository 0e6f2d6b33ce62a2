//! What becomes of the conditions of DP-6, worked out from what the manifest says of keys and vaults.

use flexposture::baseline::FeatureId;
use flexposture::posture::{Ruleset, Thresholds, judge};
use flexposture::simulator::{Faults, Fleet, FleetOptions};
use jiff::Timestamp;
use serde_json::Value;

use super::{DENIED, Expected, MET, OUT_OF_PLAY, UNMET, became, holds};
use crate::support::{scan_all, unlimited};

const ABSENT: &str = "Unknown Absent";
const NOT_VISIBLE: &str = "Unknown NotVisible";
const NOT_FOUND: &str = "Unknown NotFound";

/// The conditions about the key of the data and about its vault, and those of the key of geo-redundant backup.
const IDS: [[(&str, u32); 8]; 2] = [
    [
        ("key-enabled", 5),
        ("key-expired", 2),
        ("vault-purge-protection", 5),
        ("vault-soft-delete", 5),
        ("key-expiring", 0),
        ("key-rotation", 0),
        ("key-unversioned", 0),
        ("vault-network", 0),
    ],
    [
        ("geo-key-enabled", 5),
        ("geo-key-expired", 2),
        ("geo-vault-purge-protection", 5),
        ("geo-vault-soft-delete", 5),
        ("geo-key-expiring", 0),
        ("geo-key-rotation", 0),
        ("geo-key-unversioned", 0),
        ("geo-vault-network", 0),
    ],
];

/// What is expected of a planted server, in the order of the conditions.
pub fn expected(server: &Value, now: Timestamp, ruleset: &Ruleset) -> Vec<Expected> {
    [&server["key"], &server["geoKey"]]
        .into_iter()
        .zip(IDS)
        .flat_map(|(key, ids)| {
            let became = of_key(key, now, ruleset);
            ids.into_iter()
                .zip(became)
                .map(|((id, weight), became)| (id, became, weight))
        })
        .collect()
}

/// Why what is planted cannot be read, when it cannot.
fn unread(planted: &Value) -> Option<&'static str> {
    match planted["read"].as_str().expect("a word") {
        "readable" => None,
        "denied" => Some(DENIED),
        "missing" => Some(NOT_FOUND),
        other => panic!("no such access: {other}"),
    }
}

fn of_key(planted: &Value, now: Timestamp, ruleset: &Ruleset) -> [&'static str; 8] {
    if planted.is_null() {
        return [OUT_OF_PLAY; 8];
    }
    let (key, vault) = (&planted["key"], &planted["vault"]);
    let versioned = planted["version"].is_object();
    let state = if versioned { &planted["version"] } else { key };
    let (no_key, no_vault) = if vault["listed"] == true {
        (unread(key), unread(vault))
    } else {
        (Some(NOT_VISIBLE), Some(NOT_VISIBLE))
    };
    let of_key = |became: &'static str| no_key.unwrap_or(became);
    let of_vault = |became: &'static str| no_vault.unwrap_or(became);
    let now = now.as_second();
    let left = state["expires"].as_i64().map(|end| end - now);
    let started = state["notBefore"].as_i64().is_none_or(|start| start <= now);
    let warning = ruleset.thresholds.key_expiry_warning_days * 86_400;
    let in_hsm = vault["type"]
        .as_str()
        .is_some_and(|it| it.ends_with("managedHSMs"));
    let absent = if in_hsm { ABSENT } else { UNMET };
    [
        of_key(holds(state["enabled"] == true && started)),
        of_key(holds(left.is_none_or(|left| left > 0))),
        of_vault(match vault["enablePurgeProtection"].as_str() {
            Some("true") => MET,
            _ => absent,
        }),
        of_vault(holds(vault["enableSoftDelete"] != false)),
        of_key(holds(left.is_none_or(|left| left > warning))),
        if versioned {
            OUT_OF_PLAY
        } else {
            of_key(holds(
                key["rotation"]
                    .as_str()
                    .is_some_and(|action| action.eq_ignore_ascii_case("rotate")),
            ))
        },
        holds(!versioned),
        of_vault(network(vault, absent)),
    ]
}

fn network(vault: &Value, absent: &'static str) -> &'static str {
    let word = |member: &str| vault[member].as_str().map(str::to_lowercase);
    match (
        word("publicNetworkAccess").as_deref(),
        word("networkAclsDefaultAction").as_deref(),
    ) {
        (Some("disabled"), _) | (Some("enabled"), Some("deny")) => MET,
        (Some("enabled"), Some("allow")) => UNMET,
        (Some("enabled"), None) => absent,
        (None, _) if absent == ABSENT => ABSENT,
        (None, Some("deny")) => MET,
        (None, _) => UNMET,
        other => panic!("no such network: {other:?}"),
    }
}

#[tokio::test]
async fn keys_and_their_vaults_are_judged_as_they_were_planted() {
    let now = Timestamp::now();
    let fleet = Fleet::generate(&FleetOptions {
        seed: 7,
        servers: 400,
        subscriptions: 4,
        ..FleetOptions::new(now)
    });
    let manifest = fleet.manifest();
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let servers = scanned.servers();
    let rulesets = [30, 400].map(|key_expiry_warning_days| Ruleset {
        thresholds: Thresholds {
            key_expiry_warning_days,
            ..Thresholds::default()
        },
        ..Ruleset::default()
    });
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for server in manifest["servers"].as_array().expect("servers") {
        let name = server["name"].as_str().expect("a name");
        let Some(documents) = servers.get(name) else {
            assert_eq!(server["hidden"], true, "{name} was not scanned");
            continue;
        };
        for ruleset in &rulesets {
            let finding = judge(documents, ruleset)
                .into_iter()
                .find(|finding| finding.feature == FeatureId::KeyManagement)
                .expect("a finding");
            let found: Vec<(&str, String)> = finding
                .conditions
                .iter()
                .map(|condition| (condition.id, became(&condition.judgement)))
                .collect();
            let expected: Vec<(&str, String)> = expected(server, now, ruleset)
                .into_iter()
                .map(|(id, became, _)| (id, became.to_owned()))
                .collect();
            seen.extend(expected.iter().cloned());
            if found != expected {
                wrong.push(format!("{name}: expected {expected:?}, found {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    for id in ["key-enabled", "vault-network"] {
        for became in [MET, UNMET, OUT_OF_PLAY, DENIED, NOT_VISIBLE] {
            assert!(
                seen.contains(&(id, became.to_owned())),
                "{id} {became} was never planted"
            );
        }
    }
    let absent = ("vault-purge-protection", ABSENT.to_owned());
    assert!(seen.contains(&absent), "no managed HSM was planted");
}
