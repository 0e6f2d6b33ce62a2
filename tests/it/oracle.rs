//! What a scan finds, compared with what was planted: an oracle of its own works out every implemented condition, every
//! verdict and the score from the simulator's manifest, and no server is left out.

use std::collections::BTreeMap;

use flexposture::baseline::FeatureId;
use flexposture::documents::{Document, DocumentKind, Outcome, ServerDocuments};
use flexposture::posture::{
    AddressRange, Finding, Judgement, Ruleset, ServerSummary, Thresholds, Verdict, judge,
};
use flexposture::simulator::{Faults, Fleet, FleetOptions, Options};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::{scan_all, unlimited};

const MET: &str = "Met";
const UNMET: &str = "Unmet";
const MANUAL: &str = "Manual";
const OUT_OF_PLAY: &str = "NotApplicable";
const DENIED: &str = "Unknown Denied";
const STOPPED: &str = "Unknown ServerStopped";
const PENDING: &str = "Unknown PendingRestart";

fn holds(holds: bool) -> &'static str {
    if holds { MET } else { UNMET }
}

/// What was planted on one server, and what the oracle compares it with.
struct Planted<'a> {
    server: &'a Value,
    now: Timestamp,
    ruleset: &'a Ruleset,
}

impl Planted<'_> {
    fn integrated(&self) -> bool {
        self.server["network"]["kind"] == "integrated"
    }

    fn closed(&self) -> bool {
        self.integrated() || self.server["network"]["publicAccess"] == false
    }

    fn endpoints(&self, state: &str) -> bool {
        self.server["network"]["endpoints"]
            .as_array()
            .is_some_and(|all| all.iter().any(|endpoint| endpoint == state))
    }

    fn denied(&self, child: &str) -> bool {
        self.server["denied"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|denied| denied == child)
    }

    /// The rules of the firewall without the one for every Azure tenant, and whether that one is there.
    fn rules(&self) -> (Vec<(u64, u64)>, bool) {
        let number = |address: &Value| {
            let text = address.as_str().expect("an address");
            text.split('.')
                .map(|part| part.parse::<u64>().expect("a number"))
                .fold(0, |sum, part| sum * 256 + part)
        };
        let mut azure = false;
        let mut rules = Vec::new();
        for rule in self.server["network"]["firewallRules"]
            .as_array()
            .expect("a list")
        {
            let range = (number(&rule["start"]), number(&rule["end"]));
            if range == (0, 0) {
                azure = true;
            } else {
                rules.push(range);
            }
        }
        (rules, azure)
    }

    fn firewall(&self) -> [&'static str; 3] {
        if self.closed() {
            return [OUT_OF_PLAY; 3];
        }
        if self.denied("firewallRules") {
            return [DENIED; 3];
        }
        let (rules, azure) = self.rules();
        let allowed: Vec<(u64, u64)> = self
            .ruleset
            .thresholds
            .allowed_public_ranges
            .iter()
            .map(|range| (u32::from(range.start).into(), u32::from(range.end).into()))
            .collect();
        let world = rules.iter().any(|(start, end)| end - start + 1 >= 1 << 24)
            || covered(&rules, &[]) >= 1 << 31;
        let wide = covered(&rules, &allowed) > self.ruleset.thresholds.firewall_max_addresses;
        [holds(!world), holds(!wide), holds(!azure)]
    }

    /// The value of a parameter that is in force, or why it is not known.
    fn parameter(&self, name: &str) -> Result<String, &'static str> {
        if self.denied("configurations") {
            return Err(DENIED);
        }
        if ["Stopped", "Updating"].contains(&self.server["state"].as_str().expect("a state")) {
            return Err(STOPPED);
        }
        let set = self.server["parameters"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|parameter| parameter["name"] == name);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        match set {
            None => Ok(match (name, self.server["version"].as_str()) {
                ("require_secure_transport", _) => "ON",
                ("aad_auth_only", _) => "OFF",
                ("tls_version", Some("5.7")) => "TLSv1.2",
                ("tls_version", _) => "TLSv1.2,TLSv1.3",
                _ => panic!("no default of {name}"),
            }
            .to_owned()),
            Some(set) => match (set.get("inForce"), &self.server["showsCurrentValues"]) {
                (None, _) => Ok(text(&set["value"])),
                (Some(old), Value::Bool(true)) => Ok(text(old)),
                (Some(_), _) => Err(PENDING),
            },
        }
    }

    fn is_on(&self, name: &str) -> &'static str {
        self.parameter(name)
            .map_or_else(|why| why, |value| holds(value == "ON"))
    }

    fn tls(&self) -> &'static str {
        self.parameter("tls_version").map_or_else(
            |why| why,
            |value| {
                let offered = value.to_uppercase().replace(' ', "");
                holds(
                    offered
                        .split(',')
                        .all(|version| ["TLSV1.2", "TLSV1.3"].contains(&version)),
                )
            },
        )
    }

    fn recent(&self) -> &'static str {
        if self.denied("backups") {
            return DENIED;
        }
        let limit = SignedDuration::from_hours(self.ruleset.thresholds.max_backup_age_hours);
        let created: Timestamp = self.server["created"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("a time");
        let number = self.server["number"].as_i64().expect("a number");
        let newest = self.server["backup"]["newestHoursAgo"]
            .as_i64()
            .map(|hours| self.now - SignedDuration::from_mins(hours * 60 + number % 60))
            // There is no backup of a server that does not exist yet.
            .filter(|newest| *newest >= created);
        let younger = |time: Timestamp| self.now.duration_since(time) < limit;
        match newest {
            Some(newest) if younger(newest) => MET,
            _ if younger(created) => OUT_OF_PLAY,
            _ => UNMET,
        }
    }

    /// Every implemented condition with its weight, by feature: deciding ones first, then informing ones.
    fn conditions(&self) -> Vec<(FeatureId, Vec<Expected>)> {
        let approved = self.endpoints("Approved");
        let [world, wide, azure] = self.firewall();
        let key = &self.server["customerKey"];
        let backup = &self.server["backup"];
        let geo_redundant = backup["geoRedundant"] == true;
        let thresholds = &self.ruleset.thresholds;
        let link = |holding: bool| {
            if self.integrated() {
                OUT_OF_PLAY
            } else {
                holds(holding)
            }
        };
        let days = backup["retentionDays"].as_i64().expect("a number");
        vec![
            (
                FeatureId::VirtualNetworkIntegration,
                vec![(
                    "private-path",
                    holds(self.integrated() || (approved && self.closed())),
                    5,
                )],
            ),
            (
                FeatureId::PrivateLink,
                vec![
                    ("pe-approved", link(approved), 5),
                    ("pe-pending", link(!self.endpoints("Pending")), 0),
                ],
            ),
            (
                FeatureId::PublicNetworkAccess,
                vec![
                    ("public-disabled", holds(self.closed()), 5),
                    ("fw-world", world, 0),
                    ("fw-wide", wide, 0),
                    ("fw-azure", azure, 0),
                ],
            ),
            (
                FeatureId::EntraAuthentication,
                vec![(
                    "entra-admin",
                    if self.denied("administrators") {
                        DENIED
                    } else {
                        holds(self.server["entraAdministrator"].is_string())
                    },
                    5,
                )],
            ),
            (
                FeatureId::LocalAuthentication,
                vec![("entra-only", self.is_on("aad_auth_only"), 2)],
            ),
            (
                FeatureId::TransitEncryption,
                vec![
                    ("require-tls", self.is_on("require_secure_transport"), 5),
                    ("tls-min", self.tls(), 5),
                ],
            ),
            (
                FeatureId::CustomerKeyEncryption,
                vec![
                    (
                        "cmk",
                        match (key.is_object(), thresholds.require_cmk) {
                            (true, _) => MET,
                            (false, true) => UNMET,
                            (false, false) => MANUAL,
                        },
                        2,
                    ),
                    (
                        "geo-cmk",
                        if key.is_object() && geo_redundant {
                            holds(key["geoKey"] == true)
                        } else {
                            OUT_OF_PLAY
                        },
                        2,
                    ),
                ],
            ),
            (
                FeatureId::NativeBackup,
                vec![
                    (
                        "retention",
                        holds(days >= thresholds.min_backup_retention_days),
                        2,
                    ),
                    (
                        "geo-backup",
                        if !thresholds.require_geo_redundant_backup
                            || self.server["replication"]["role"] == "Replica"
                        {
                            OUT_OF_PLAY
                        } else {
                            holds(geo_redundant)
                        },
                        2,
                    ),
                    ("backup-recent", self.recent(), 5),
                ],
            ),
        ]
    }
}

/// A condition: its name, what becomes of it, and its weight in the score; 0 when it only informs.
type Expected = (&'static str, &'static str, u32);

/// How many addresses lie in one of `ranges` and in none of `allowed`, by going along the line of addresses.
fn covered(ranges: &[(u64, u64)], allowed: &[(u64, u64)]) -> u64 {
    let mut steps: BTreeMap<u64, [i64; 2]> = BTreeMap::new();
    for (which, all) in [ranges, allowed].into_iter().enumerate() {
        for (start, end) in all {
            steps.entry(*start).or_default()[which] += 1;
            steps.entry(end + 1).or_default()[which] -= 1;
        }
    }
    let (mut open, mut at, mut sum) = ([0, 0], 0, 0);
    for (place, step) in steps {
        if open[0] > 0 && open[1] == 0 {
            sum += place - at;
        }
        at = place;
        open = [open[0] + step[0], open[1] + step[1]];
    }
    sum
}

/// The verdict that follows from what became of the deciding conditions.
fn verdict(conditions: &[Expected]) -> &'static str {
    let any = |what: &str| {
        conditions
            .iter()
            .any(|(_, became, weight)| *weight > 0 && became.starts_with(what))
    };
    [
        "Unmet=Fail",
        "Unknown=Unknown",
        "Manual=Manual",
        "Met=Pass",
        "=NotApplicable",
    ]
    .into_iter()
    .filter_map(|rung| rung.split_once('='))
    .find(|(what, _)| any(what))
    .map_or("NotApplicable", |(_, verdict)| verdict)
}

/// The verdicts that no condition decides.
fn fixed() -> Vec<(FeatureId, &'static str)> {
    use FeatureId as F;
    let all = |features: &[FeatureId], verdict| -> Vec<(FeatureId, &'static str)> {
        features.iter().map(|feature| (*feature, verdict)).collect()
    };
    [
        all(
            &[
                F::ManagedIdentities,
                F::ServicePrincipals,
                F::PlatformKeyEncryption,
            ],
            "Platform",
        ),
        all(
            &[
                F::SecretsInKeyVault,
                F::DataPlaneRbac,
                F::DataDiscovery,
                F::DataLossPrevention,
                F::CertificateManagement,
                F::AzureBackup,
            ],
            "Unsupported",
        ),
        all(
            &[
                F::NetworkSecurityGroup,
                F::ConditionalAccess,
                F::LocalAdminAccounts,
                F::CustomerLockbox,
                F::KeyManagement,
                F::PolicySupport,
                F::DefenderOffering,
                F::ResourceLogs,
            ],
            "Unknown",
        ),
    ]
    .concat()
}

fn became(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Unread(cause) => format!("Unknown {}", cause.word()),
        other => other.word().to_owned(),
    }
}

fn compare(name: &str, planted: &Planted<'_>, documents: &ServerDocuments) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut check = |what: String, expected: String, found: String| {
        if expected != found {
            wrong.push(format!("{name} {what}: expected {expected}, found {found}"));
        }
    };
    let findings: BTreeMap<FeatureId, Finding> = judge(documents, planted.ruleset)
        .into_iter()
        .map(|finding| (finding.feature, finding))
        .collect();
    assert_eq!(findings.len(), 25);
    let (mut met, mut unmet) = (0, 0);
    let mut seen = 0;
    for (feature, expected) in planted.conditions() {
        let finding = &findings[&feature];
        let verdict = verdict(&expected);
        seen += 1;
        check(
            format!("{feature}"),
            verdict.to_owned(),
            finding.verdict.word().to_string(),
        );
        check(
            format!("conditions of {feature}"),
            format!(
                "{:?}",
                expected.iter().map(|(id, ..)| id).collect::<Vec<_>>()
            ),
            format!(
                "{:?}",
                finding.conditions.iter().map(|c| c.id).collect::<Vec<_>>()
            ),
        );
        for ((id, expected, weight), condition) in expected.iter().zip(&finding.conditions) {
            check(
                (*id).to_owned(),
                (*expected).to_owned(),
                became(&condition.judgement),
            );
            check(
                format!("weight of {id}"),
                (*weight > 0).to_string(),
                condition.decides().to_string(),
            );
            if ["Pass", "Fail", "Unknown"].contains(&verdict) {
                match *expected {
                    MET => met += weight,
                    UNMET => unmet += weight,
                    unread if unread.starts_with("Unknown") => unmet += weight,
                    _ => {}
                }
            }
        }
    }
    for (feature, expected) in fixed() {
        seen += 1;
        check(
            format!("{feature}"),
            expected.to_owned(),
            findings[&feature].verdict.word().to_string(),
        );
    }
    assert_eq!(seen, 25);
    let all: Vec<Finding> = findings.into_values().collect();
    let score = ServerSummary::new(documents, &all).score;
    check(
        "score".to_owned(),
        format!("{met} met, {unmet} unmet"),
        format!("{} met, {} unmet", score.met, score.unmet),
    );
    wrong
}

#[tokio::test]
async fn five_hundred_servers_are_judged_as_they_were_planted() {
    let now = Timestamp::now();
    let fleet = Fleet::generate(&FleetOptions {
        seed: 11,
        servers: 500,
        subscriptions: 4,
        hidden: 25,
        ..FleetOptions::new(now)
    });
    let manifest = fleet.manifest();
    let mut scanned = scan_all(
        fleet,
        Options {
            page_size: 7,
            ..unlimited(Faults::none())
        },
    )
    .await;
    let servers = scanned.servers();
    let rulesets = [
        Ruleset::default(),
        Ruleset {
            thresholds: Thresholds {
                allowed_public_ranges: vec![
                    AddressRange {
                        start: [192, 0, 2, 0].into(),
                        end: [192, 0, 2, 255].into(),
                    },
                    AddressRange {
                        start: [146, 0, 0, 0].into(),
                        end: [146, 52, 254, 255].into(),
                    },
                ],
                firewall_max_addresses: 17,
                require_cmk: true,
                min_backup_retention_days: 14,
                require_geo_redundant_backup: false,
                max_backup_age_hours: 24,
                ..Thresholds::default()
            },
            ..Ruleset::default()
        },
    ];
    let visible: Vec<&Value> = manifest["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .filter(|server| server["hidden"] == false)
        .collect();
    assert_eq!((visible.len(), servers.len()), (500, 500));
    let mut wrong = Vec::new();
    for ruleset in &rulesets {
        for server in &visible {
            let name = server["name"].as_str().expect("a name");
            let planted = Planted {
                server,
                now,
                ruleset,
            };
            wrong.extend(compare(name, &planted, &servers[name]));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn by_the_page_alone_the_firewall_decides_and_the_platform_does_the_rest() {
    let now = Timestamp::now();
    let fleet = Fleet::generate(&FleetOptions {
        seed: 3,
        servers: 90,
        ..FleetOptions::new(now)
    });
    let manifest = fleet.manifest();
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let servers = scanned.servers();
    let strict = Ruleset {
        strict_baseline: true,
        ..Ruleset::default()
    };
    for server in manifest["servers"].as_array().expect("servers") {
        let name = server["name"].as_str().expect("a name");
        let planted = Planted {
            server,
            now,
            ruleset: &strict,
        };
        let decisive: Vec<Expected> = planted
            .firewall()
            .into_iter()
            .map(|became| ("", became, 5))
            .collect();
        for finding in judge(&servers[name], &strict) {
            use FeatureId as F;
            let expected = match finding.feature {
                F::PublicNetworkAccess if planted.closed() => "Pass",
                F::PublicNetworkAccess => verdict(&decisive),
                F::LocalAuthentication
                | F::LocalAdminAccounts
                | F::TransitEncryption
                | F::NativeBackup => "Platform",
                F::PolicySupport | F::DefenderOffering => "Unsupported",
                _ => continue,
            };
            let found = finding.verdict.word().to_string();
            assert_eq!(found, expected, "{name} {}", finding.feature);
        }
    }
}

/// Whether `observed` tells the scalar that stands in the document.
fn tells(observed: &str, scalar: &Value) -> bool {
    match scalar {
        Value::String(text) => observed == text,
        Value::Number(number) => observed.split(' ').next() == Some(number.to_string().as_str()),
        Value::Bool(flag) => observed == flag.to_string(),
        Value::Null => observed == "not present",
        _ => false,
    }
}

#[tokio::test]
async fn every_pointer_of_the_evidence_leads_to_what_was_observed() {
    let fleet = Fleet::generate(&FleetOptions::new(Timestamp::now()));
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let mut scalars = 0;
    for (name, documents) in scanned.servers() {
        for finding in judge(&documents, &Ruleset::default()) {
            for condition in &finding.conditions {
                let about = format!("{name} {}", condition.id);
                assert!(
                    !condition.evidence.is_empty(),
                    "{about} says not where it looked"
                );
                for evidence in &condition.evidence {
                    let document: &Document = documents.get(evidence.document).expect("asked for");
                    assert_eq!(evidence.path, document.request.path, "{about}");
                    assert_eq!(evidence.api_version, document.request.api_version);
                    assert_eq!(evidence.fetched_at, Some(document.fetched_at));
                    let body = match &document.outcome {
                        Outcome::Read(body) => body,
                        Outcome::Unread(cause) => {
                            assert_eq!(evidence.observed, cause.to_string(), "{about}");
                            continue;
                        }
                    };
                    match body.pointer(&evidence.pointer) {
                        None => assert_eq!(
                            evidence.observed, "not present",
                            "{about} {}",
                            evidence.pointer
                        ),
                        Some(Value::Array(_) | Value::Object(_)) => {}
                        // The flag that a restart is pending stands for the reason why the value is not known.
                        Some(Value::String(flag)) if flag == "True" => {
                            assert!(matches!(condition.judgement, Judgement::Unread(_)));
                        }
                        Some(scalar) => {
                            scalars += 1;
                            assert!(
                                tells(&evidence.observed, scalar),
                                "{about} {}: {scalar} is told as {}",
                                evidence.pointer,
                                evidence.observed
                            );
                        }
                    }
                }
            }
            if let Verdict::Pass | Verdict::Fail = finding.verdict {
                assert!(!finding.conditions.is_empty(), "{name} {}", finding.feature);
            }
        }
        assert!(documents.get(DocumentKind::Server).is_some());
    }
    assert!(scalars > 400, "only {scalars} scalars were compared");
}
