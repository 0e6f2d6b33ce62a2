//! Every condition of every recorded server, worked out from the recorded files themselves. What was not recorded is
//! not found, as the replay answers.

use std::collections::BTreeMap;
use std::path::Path;

use flexposture::posture::{Ruleset, judge};
use flexposture::simulator::{Options, Replay};
use jiff::Timestamp;
use serde_json::Value;

use crate::oracle::compare::became;
use crate::oracle::planted::{
    ABSENT, Became, MANUAL, MET, NOT_FOUND, NOT_VISIBLE, OUT_OF_PLAY, UNMET, holds,
};
use crate::oracle::resilience::supported;
use crate::support::{TOKEN, scan_all, shared};

/// What was recorded of one server.
#[derive(Default)]
struct Recorded {
    /// As lists show it; of several the last one.
    row: Value,
    /// As it shows itself.
    full: Option<Value>,
    /// Parameters that were recorded in a list or one by one, by name.
    parameters: Option<BTreeMap<String, Value>>,
    administrators: Option<Value>,
    protection: Option<Value>,
}

fn is_server(item: &Value) -> bool {
    item["type"]
        .as_str()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("Microsoft.DBforMySQL/flexibleServers"))
}

/// The servers of which anything was recorded, by name.
fn recorded(folder: &Path) -> BTreeMap<String, Recorded> {
    let mut servers: BTreeMap<String, Recorded> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file");
        let file: Value = serde_json::from_str(&text).expect("JSON");
        let (body, uri) = (&file["body"], file["uri"].as_str().expect("an address"));
        for item in body["value"].as_array().into_iter().flatten() {
            if is_server(item) {
                let name = item["name"].as_str().expect("a name").to_owned();
                servers.entry(name).or_default().row = item.clone();
            }
        }
        let path = uri.split('?').next().expect("a path").to_lowercase();
        let Some((_, below)) = path.split_once("/flexibleservers/") else {
            continue;
        };
        let (name, child) = below.split_once('/').unwrap_or((below, ""));
        let server = servers.entry(name.to_owned()).or_default();
        let by_name = |item: &Value| {
            (
                item["name"].as_str().expect("a name").to_owned(),
                item.clone(),
            )
        };
        match child {
            "" => server.full = Some(body.clone()),
            "configurations" => {
                let all = body["value"].as_array().expect("a list");
                server.parameters = Some(all.iter().map(by_name).collect());
            }
            "administrators" => server.administrators = Some(body.clone()),
            "advancedthreatprotectionsettings/default" => server.protection = Some(body.clone()),
            "replicas" => {}
            single if single.starts_with("configurations/") => {
                server
                    .parameters
                    .get_or_insert_default()
                    .extend([by_name(body)]);
            }
            other => panic!("nothing is expected of {other}"),
        }
    }
    servers
}

impl Recorded {
    /// A member: of the full form, where it may be missing (null), else of the row, where a missing one means nothing.
    fn member(&self, pointer: &str) -> Result<Value, Became> {
        let found = |body: &Value| body.pointer(pointer).cloned().filter(|it| !it.is_null());
        match &self.full {
            Some(full) => Ok(found(full).unwrap_or_default()),
            None => found(&self.row).ok_or(NOT_FOUND),
        }
    }

    fn judged(&self, pointer: &str, judge: impl Fn(&Value) -> Became) -> Became {
        self.member(pointer).map_or_else(|why| why, |it| judge(&it))
    }

    /// The value of a parameter; these recordings are older than the member for the value in force.
    fn parameter(&self, name: &str) -> Result<&str, Became> {
        let all = self.parameters.as_ref().ok_or(NOT_FOUND)?;
        let properties = &all.get(name).ok_or(ABSENT)?["properties"];
        assert_eq!(properties["isConfigPendingRestart"], "False", "{name}");
        Ok(properties["value"].as_str().expect("text"))
    }

    fn of_parameter(&self, name: &str, judge: impl Fn(&str) -> Became) -> Became {
        self.parameter(name).map_or_else(|why| why, judge)
    }

    fn on(&self, name: &str) -> Became {
        self.of_parameter(name, |value| holds(value == "ON"))
    }

    fn tls(&self) -> Became {
        self.of_parameter("tls_version", |value| {
            let value = value.to_lowercase();
            holds(
                value
                    .split(',')
                    .all(|it| it == "tlsv1.2" || it == "tlsv1.3"),
            )
        })
    }

    fn entra_admin(&self) -> Became {
        match &self.administrators {
            None => NOT_FOUND,
            Some(list) => holds(!list["value"].as_array().expect("a list").is_empty()),
        }
    }

    fn defender(&self) -> Became {
        match &self.protection {
            None => NOT_FOUND,
            Some(body) => holds(body["properties"]["state"] == "Enabled"),
        }
    }

    fn while_audited(&self, judge: impl Fn() -> Became) -> Became {
        match self.on("audit_log_enabled") {
            UNMET => OUT_OF_PLAY,
            _ => judge(),
        }
    }

    /// Whether it is in a subnet, by its own account.
    fn integrated(&self) -> Result<bool, Became> {
        self.member("/properties/network/delegatedSubnetResourceId")
            .map(|it| !it.is_null())
    }

    /// What is to be found of a feature that needs a subnet.
    fn in_subnet(&self) -> Became {
        match self.integrated() {
            Err(why) => why,
            Ok(false) => OUT_OF_PLAY,
            Ok(true) => panic!("no integrated server was recorded"),
        }
    }

    fn of_endpoints(&self, judge: impl Fn(&[Value]) -> Became) -> Became {
        match (
            self.integrated(),
            self.member("/properties/privateEndpointConnections"),
        ) {
            (Err(why), _) => why,
            // The child list would tell, which was never recorded.
            (_, Err(_) | Ok(Value::Null)) => NOT_FOUND,
            (_, Ok(list)) => judge(list.as_array().expect("a list")),
        }
    }

    fn encrypted(&self, without: Became) -> Became {
        self.judged("/properties/dataEncryption", |it| {
            assert!(it.is_null(), "no server with a key was recorded");
            without
        })
    }

    fn is(&self, pointer: &str, word: &str) -> Result<bool, Became> {
        self.member(pointer).map(|it| it == word)
    }

    fn out_of_play_if_burstable(&self, judge: impl Fn() -> Became) -> Became {
        match self.is("/sku/tier", "Burstable") {
            Ok(true) => OUT_OF_PLAY,
            Ok(false) => judge(),
            Err(why) => why,
        }
    }

    fn is_replica(&self) -> Result<bool, Became> {
        self.is("/properties/replicationRole", "Replica")
    }

    /// Every condition in order.
    fn expected(&self, source: Option<&Self>, now: Timestamp) -> Vec<(&'static str, Became)> {
        let enabled = |it: &Value| holds(it == "Enabled");
        let public = self.judged("/properties/network/publicNetworkAccess", |it| {
            assert_eq!(it, "Enabled", "only open servers were recorded");
            UNMET
        });
        let with_subnet_known = |became| self.integrated().map_or_else(|why| why, |_| became);
        let entra_only = self.on("aad_auth_only");
        let login = self.judged("/properties/administratorLogin", |it| {
            holds(
                !["azureuser", "mysqladmin", "dbadmin"]
                    .iter()
                    .any(|common| it == common),
            )
        });
        let keys = self.encrypted(OUT_OF_PLAY);
        let mut all = vec![
            ("private-path", with_subnet_known(UNMET)),
            ("subnet-nsg", self.in_subnet()),
            ("nsg-broad", self.in_subnet()),
            (
                "pe-approved",
                self.of_endpoints(|all| holds(!all.is_empty())),
            ),
            ("pe-pending", self.of_endpoints(|_| MET)),
            ("public-disabled", public),
            ("fw-world", NOT_FOUND),
            ("fw-wide", NOT_FOUND),
            ("fw-azure", NOT_FOUND),
            ("entra-admin", self.entra_admin()),
            ("entra-only", entra_only),
            ("entra-admin", self.entra_admin()),
            (
                "conditional-access",
                match self.entra_admin() {
                    UNMET => OUT_OF_PLAY,
                    unread => unread,
                },
            ),
            ("local-admin", entra_only),
            (
                "admin-name",
                if entra_only == UNMET {
                    login
                } else {
                    entra_only
                },
            ),
            // No recorded list of subscriptions names their tenants.
            ("lockbox", ABSENT),
            ("require-tls", self.on("require_secure_transport")),
            ("tls-min", self.tls()),
            ("cmk", self.encrypted(MANUAL)),
            ("geo-cmk", keys),
        ];
        for prefix in ["", "geo-"] {
            all.extend(key_conditions(prefix).map(|id| (id, keys)));
        }
        all.extend([
            ("policy-reports", NOT_VISIBLE),
            ("defender", self.defender()),
            ("defender-plan", NOT_FOUND),
            ("audit-on", self.on("audit_log_enabled")),
            (
                "audit-events",
                self.while_audited(|| self.of_parameter("audit_log_events", |_| MET)),
            ),
            (
                "audit-users",
                self.while_audited(|| self.of_parameter("audit_log_include_users", |_| MET)),
            ),
            ("audit-exported", NOT_FOUND),
            (
                "slow-exported",
                match self.on("slow_query_log") {
                    UNMET => OUT_OF_PLAY,
                    MET => NOT_FOUND,
                    unread => unread,
                },
            ),
            (
                "retention",
                self.judged("/properties/backup/backupRetentionDays", |it| {
                    holds(it.as_u64() >= Some(7))
                }),
            ),
            (
                "geo-backup",
                match self.is_replica() {
                    Ok(true) => OUT_OF_PLAY,
                    _ => self.judged("/properties/backup/geoRedundantBackup", enabled),
                },
            ),
            ("backup-recent", NOT_FOUND),
            (
                "supported-version",
                self.judged("/properties/version", |it| {
                    supported(it.as_str().expect("a version"), now).0
                }),
            ),
            (
                "high-availability",
                match self.is_replica() {
                    Ok(true) => OUT_OF_PLAY,
                    _ => self.out_of_play_if_burstable(|| {
                        self.judged("/properties/highAvailability/mode", |it| {
                            holds(it != "Disabled")
                        })
                    }),
                },
            ),
            (
                "auto-grow",
                self.judged("/properties/storage/autoGrow", enabled),
            ),
            ("delete-lock", NOT_FOUND),
            (
                "local-infile",
                self.of_parameter("local_infile", |value| holds(value == "OFF")),
            ),
            (
                "maintenance-window",
                self.out_of_play_if_burstable(|| {
                    self.judged("/properties/maintenanceWindow/customWindow", enabled)
                }),
            ),
            ("required-tags", OUT_OF_PLAY),
            (
                "replica-parity",
                match (self.is_replica(), source) {
                    (Ok(false), _) => OUT_OF_PLAY,
                    // The firewall of neither is known, and nothing that is known is weaker on the replica.
                    (Ok(true), Some(source)) => {
                        assert!(self.entra_admin() != UNMET || source.entra_admin() == UNMET);
                        NOT_FOUND
                    }
                    other => panic!("no such replica was recorded: {:?}", other.0),
                },
            ),
        ]);
        all
    }
}

fn key_conditions(prefix: &str) -> [&'static str; 8] {
    if prefix.is_empty() {
        [
            "key-enabled",
            "key-expired",
            "vault-purge-protection",
            "vault-soft-delete",
            "key-expiring",
            "key-rotation",
            "key-unversioned",
            "vault-network",
        ]
    } else {
        [
            "geo-key-enabled",
            "geo-key-expired",
            "geo-vault-purge-protection",
            "geo-vault-soft-delete",
            "geo-key-expiring",
            "geo-key-rotation",
            "geo-key-unversioned",
            "geo-vault-network",
        ]
    }
}

#[tokio::test]
async fn every_condition_of_every_recorded_server_follows_from_the_recordings() {
    let Some(shared) = shared() else {
        println!("left out: no recorded answers beside the repository");
        return;
    };
    let folder = shared.join("data/arm/real");
    let recorded = recorded(&folder);
    let replay = Replay::read(&folder).expect("recordings");
    let now = Timestamp::now();
    let mut scanned = scan_all(replay, Options::new(TOKEN)).await;
    let servers = scanned.servers();
    assert_eq!(
        recorded.keys().collect::<Vec<_>>(),
        servers.keys().collect::<Vec<_>>()
    );
    let mut wrong = Vec::new();
    let mut decided = 0;
    for (name, server) in &recorded {
        let source = server
            .member("/properties/sourceServerResourceId")
            .ok()
            .and_then(|id| Some(id.as_str()?.rsplit('/').next()?.to_owned()))
            .map(|source| &recorded[&source]);
        let expected = server.expected(source, now);
        let found: Vec<(&str, String)> = judge(&servers[name], &Ruleset::default())
            .into_iter()
            .flat_map(|finding| finding.conditions)
            .map(|condition| (condition.id, became(&condition.judgement)))
            .collect();
        assert_eq!(expected.len(), found.len(), "{name}");
        for ((id, expected), (found_id, found)) in expected.into_iter().zip(found) {
            assert_eq!(id, found_id, "{name}");
            decided += usize::from([MET, UNMET].contains(&expected));
            if expected != found {
                wrong.push(format!("{name} {id}: expected {expected}, found {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(decided > 50, "only {decided} were decided");
}
