//! A small fleet with real findings, and a runtime that answers at once.

mod around;
mod two_scans;

use std::collections::BTreeMap;
use std::sync::Arc;

use flexposture::app::{
    Completeness, Effect, JobId, Key, KeyCode, Message, OpenedScan, Opening, Options, ReportsFold,
    ScanChoice, ScanInfo, ScanReports, ServerDetail, Size, State, update,
};
use flexposture::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
    Subscription,
};
use flexposture::posture::{Exemptions, Fleet, Judge, Ruleset, ServerSummary};
use flexposture::query::{SearchIndex, Vocabulary, filter, find};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use around::Around;
pub use two_scans::{comparison, history, pair};

const PAYMENTS: &str = "11111111-1111-4111-8111-111111111111";
const ANALYTICS: &str = "22222222-2222-4222-8222-222222222222";

/// The moment at which the fleet was read.
pub fn read_at() -> Timestamp {
    "2026-11-23T14:02:00Z".parse().unwrap()
}

/// A server's documents, before they are put together.
pub struct Server {
    id: String,
    subscription: String,
    full: Value,
    configurations: Result<Value, Cause>,
    firewall: Result<Value, Cause>,
    administrators: Result<Value, Cause>,
    backups: Result<Value, Cause>,
    around: Around,
}

fn server(subscription: &str, group: &str, name: &str, region: &str) -> Server {
    let id = format!(
        "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
    );
    let full = json!({
        "id": id, "name": name, "location": region, "tags": {"env": "prod"},
        "sku": {"name": "Standard_D4ds_v4", "tier": "GeneralPurpose"},
        "systemData": {"createdAt": "2024-03-01T08:00:00Z"},
        "properties": {
            "state": "Ready", "version": "8.0.21", "administratorLogin": "pay_owner",
            "storage": {"autoGrow": "Enabled"}, "maintenanceWindow": {"customWindow": "Enabled"},
            "highAvailability": {"mode": "ZoneRedundant", "state": "Healthy"}, "dataEncryption": null, "fullVersion": "8.0.37", "replicationRole": "None",
            "backup": {"backupRetentionDays": 14, "geoRedundantBackup": "Enabled"},
            "network": {"publicNetworkAccess": "Disabled"},
            "privateEndpointConnections": [{"properties": {
                "privateLinkServiceConnectionState": {"status": "Approved"}}}]
        }
    });
    let parameter = |name: &str, value: &str| json!({"name": name, "properties": {"value": value, "currentValue": value, "isConfigPendingRestart": "False"}});
    Server {
        full,
        configurations: Ok(json!({"value": [
            parameter("require_secure_transport", "ON"),
            parameter("tls_version", "TLSv1.2,TLSv1.3"),
            parameter("aad_auth_only", "ON"),
            parameter("audit_log_enabled", "ON"),
            parameter("audit_log_events", "CONNECTION_V2,DDL"),
            parameter("audit_log_include_users", ""),
            parameter("slow_query_log", "ON"),
            parameter("local_infile", "OFF"),
        ]})),
        firewall: Ok(json!({"value": []})),
        administrators: Ok(json!({"value": [{"name": "ActiveDirectory", "properties": {
            "login": "dba-team", "administratorType": "ActiveDirectory", "sid": PAYMENTS}}]})),
        backups: Ok(json!({"value": [{"properties": {"completedTime": "2026-11-23T02:00:00Z"}}]})),
        around: around::sound(subscription, &id),
        subscription: subscription.to_owned(),
        id,
    }
}

impl Server {
    fn set(mut self, pointer: &str, value: Value) -> Self {
        *self.full.pointer_mut(pointer).unwrap() = value;
        self
    }

    fn parameter(mut self, place: usize, value: &str) -> Self {
        if let Ok(list) = &mut self.configurations {
            list["value"][place]["properties"]["value"] = json!(value);
            list["value"][place]["properties"]["currentValue"] = json!(value);
        }
        self
    }

    fn around(mut self, change: impl FnOnce(&str, &mut Around)) -> Self {
        change(&self.id, &mut self.around);
        self
    }

    pub fn documents(&self) -> ServerDocuments {
        let id = ResourceId::parse(&self.id).unwrap();
        let full = Ok(self.full.clone());
        let own = BTreeMap::from([
            (DocumentKind::Server, &full),
            (DocumentKind::Configurations, &self.configurations),
            (DocumentKind::FirewallRules, &self.firewall),
            (DocumentKind::Administrators, &self.administrators),
            (DocumentKind::Backups, &self.backups),
        ]);
        let around = self.around.iter().map(|(kind, answer)| (*kind, answer));
        let documents = own.into_iter().chain(around).map(|(kind, answer)| {
            let (path, version) = around::request(kind, &self.subscription, &self.id, answer);
            let is_graph = kind.is_silent();
            Document {
                kind,
                shared: None,
                request: Request {
                    method: if is_graph { Method::Post } else { Method::Get },
                    path,
                    api_version: version.to_owned(),
                },
                fetched_at: read_at(),
                duration_ms: 120,
                outcome: match answer {
                    Ok(body) => Outcome::Read(body.clone()),
                    Err(cause) => Outcome::Unread(cause.clone()),
                },
            }
        });
        ServerDocuments::new(id, documents)
    }
}

/// Eight servers as fleets have them: good, sloppy, stopped, denied, hostile.
pub fn servers() -> Vec<Server> {
    let denied = |what: &str| Cause::Denied {
        action: format!("Microsoft.DBforMySQL/flexibleServers/{what}/read"),
        scope: format!("/subscriptions/{ANALYTICS}"),
    };
    let rule = |name: &str, start: &str, end: &str| json!({"name": name, "properties": {"startIpAddress": start, "endIpAddress": end}});
    let public = |server: Server, rules: Value| {
        let mut server = server
            .set("/properties/network/publicNetworkAccess", json!("Enabled"))
            .set("/properties/privateEndpointConnections", json!([]));
        server.firewall = Ok(json!({"value": rules}));
        server
    };
    let world = public(
        server(PAYMENTS, "rg-pay", "mysql-prod-weu-0421", "West Europe"),
        json!([
            rule("all", "0.0.0.0", "255.255.255.255"),
            rule("azure", "0.0.0.0", "0.0.0.0")
        ]),
    )
    .parameter(0, "OFF")
    .parameter(1, "TLSv1,TLSv1.2")
    .parameter(2, "OFF")
    .parameter(3, "OFF")
    .around(|id, around| {
        let states = around::states(id, "NonCompliant", "Compliant", "NonCompliant");
        around.insert(DocumentKind::PolicyStates, Ok(json!({"value": states})));
        let off = json!({"name": "Default", "properties": {"state": "Disabled"}});
        around.insert(DocumentKind::ThreatProtection, Ok(off));
    });
    let wide = public(
        server(PAYMENTS, "rg-pay", "mysql-prod-weu-0007", "westeurope"),
        json!([rule("office", "203.0.113.0", "203.0.113.255")]),
    )
    .set("/properties/backup/geoRedundantBackup", json!("Disabled"))
    .set(
        "/properties/highAvailability",
        json!({"mode": "Disabled", "state": "NotEnabled"}),
    );
    let mut stopped = server(PAYMENTS, "rg-batch", "mysql-batch-neu-0113", "northeurope")
        .set("/properties/state", json!("Stopped"));
    stopped.configurations = Err(Cause::ServerStopped);
    stopped.backups = Err(Cause::ServerStopped);
    let mut unreadable = server(ANALYTICS, "rg-lake", "mysql-lake-neu-0900", "northeurope");
    unreadable.configurations = Err(denied("configurations"));
    unreadable.administrators = Err(denied("administrators"));
    let mut hostile = server(ANALYTICS, "rg-lake", "mysql-lake-neu-0901", "northeurope")
        .set(
            "/tags",
            json!({"owner": "\u{1b}[31mroot\u{7}\u{202e}", "env": "test"}),
        )
        .set("/properties/state", json!("\u{1b}]0;owned\u{7}Ready"));
    hostile.firewall = Err(Cause::Malformed {
        detail: "unexpected \u{1b}[2J".to_owned(),
    });
    let old = server(ANALYTICS, "rg-lake", "mysql-archive-wus-0001", "West US")
        .set("/properties/fullVersion", json!("5.7.44"))
        .set("/properties/backup/backupRetentionDays", json!(1))
        .parameter(2, "OFF");
    let own_key = server(PAYMENTS, "rg-pay", "mysql-prod-weu-0422", "westeurope")
        .set("/properties/dataEncryption", around::own_key())
        .around(|_, around| around::key(around));
    let mut integrated = server(ANALYTICS, "rg-lake", "mysql-dev-neu-0002", "northeurope")
        .set("/properties/network", around::integrated())
        .set("/properties/privateEndpointConnections", json!([]))
        .around(|_, around| around::network(around));
    // Recent enough when it was read, and no longer six minutes later.
    integrated.backups =
        Ok(json!({"value": [{"properties": {"completedTime": "2026-11-21T14:05:00Z"}}]}));
    vec![
        own_key, world, wide, stopped, unreadable, hostile, old, integrated,
    ]
}

/// A server of the list, as a scan sums it up.
pub fn summary(server: &Server) -> ServerSummary {
    judge().summary(&server.documents())
}

/// Exemptions as organisations have them: in force, about to end, ended, about nothing.
const EXEMPTIONS: &str = r#"
[[exemption]]
server = "mysql-archive-*"
feature = "local-authentication"
reason = "the archive's loader knows no tokens"
owner = "data-platform"
ticket = "CHG-1042"
until = 2027-01-31

[[exemption]]
server = "mysql-prod-weu-0007"
condition = "geo-backup"
reason = "moves to another region in December"
owner = "payments"
until = 2026-12-10

[[exemption]]
server = "*/resourceGroups/rg-pay/*"
condition = "tls-min"
reason = "old point-of-sale devices"
owner = "payments"
ticket = "CHG-0815"
until = 2026-10-31

[[exemption]]
server = "mysql-gone-*"
feature = "high-availability"
reason = "was a trial"
owner = "data-platform"
until = 2027-06-30
"#;

/// What the fleet is judged with.
pub fn judge() -> Judge {
    Judge {
        exemptions: Exemptions::parse(EXEMPTIONS).unwrap(),
        today: "2026-11-23".parse().unwrap(),
        ..Judge::by(Ruleset::default())
    }
}

/// The reports over the fleet.
pub fn reports() -> ScanReports {
    let judge = judge();
    let mut fold = ReportsFold::new(&judge);
    for server in servers() {
        fold.add(&server.documents());
    }
    fold.finish()
}

/// The subscriptions of the fleet.
pub fn subscriptions() -> Vec<Subscription> {
    [
        (PAYMENTS, "prod-payments"),
        (ANALYTICS, "analytics\u{1b}[1m"),
    ]
    .map(|(id, name)| Subscription {
        id: id.to_owned(),
        name: name.to_owned(),
        tenant: None,
        state: Some("Enabled".to_owned()),
        delegated: false,
    })
    .to_vec()
}

/// The fleet.
pub fn fleet() -> Fleet {
    Fleet {
        subscriptions: subscriptions(),
        servers: servers().iter().map(summary).collect(),
    }
}

/// What is known of the scan.
pub fn info(completeness: Completeness) -> ScanInfo {
    ScanInfo {
        id: "20261123T140200Z-demo".to_owned(),
        scope: "Contoso".to_owned(),
        started_at: read_at(),
        finished_at: (completeness != Completeness::Running).then(read_at),
        completeness,
        portal: Some("https://portal.azure.com".to_owned()),
        file: "20261123T140200Z-demo.flexscan".to_owned(),
        ruleset: Ruleset::default().id(),
        judged_under: None,
        notes: vec!["1 subscription could not be listed".to_owned()],
    }
}

/// A scan with these servers.
pub fn scan(fleet: Fleet, completeness: Completeness) -> OpenedScan {
    OpenedScan {
        info: info(completeness),
        fleet: Arc::new(fleet),
    }
}

/// A state as it is after the start.
pub fn started(columns: u16, rows: u16, opening: Opening) -> (State, Vec<Effect>) {
    State::new(Options {
        opening,
        size: Size { columns, rows },
        now: Some("2026-11-23T14:08:00Z".parse().unwrap()),
        zone: TimeZone::UTC,
        exemptions: judge().exemptions,
        exemptions_file: Some("exemptions.toml".to_owned()),
        today: judge().today,
        resume: None,
    })
}

/// A state with the fleet open.
pub fn opened(columns: u16, rows: u16) -> State {
    let (mut state, effects) = started(columns, rows, Opening::Scan(ScanChoice::Newest));
    let job = JobId(1);
    assert_eq!(
        effects,
        [Effect::OpenScan {
            job,
            choice: ScanChoice::Newest
        }]
    );
    let scan = scan(fleet(), Completeness::Complete);
    send(&mut state, Message::ScanOpened { job, scan });
    state
}

/// A state in which a scan of the fleet runs, half of it read.
pub fn scanning(columns: u16, rows: u16) -> State {
    let (mut state, effects) = started(columns, rows, Opening::Demo);
    let job = JobId(1);
    assert_eq!(effects, [Effect::StartDemo { job }]);
    let empty = Fleet::default();
    let scan = scan(empty, Completeness::Running);
    send(&mut state, Message::ScanOpened { job, scan });
    let servers: Vec<_> = servers().iter().take(4).map(summary).collect();
    send(
        &mut state,
        Message::FleetGrew {
            job,
            subscriptions: subscriptions(),
            servers,
        },
    );
    state
}

/// Sends a message and answers what the runtime can answer without waiting; returns the other effects.
pub fn send(state: &mut State, message: Message) -> Vec<Effect> {
    let mut messages = vec![message];
    let mut left = Vec::new();
    while let Some(message) = messages.pop() {
        for effect in update(state, message) {
            match answer(&effect) {
                Some(message) => messages.insert(0, message),
                None => left.push(effect),
            }
        }
    }
    left
}

/// What a runtime answers.
pub fn answer(effect: &Effect) -> Option<Message> {
    match effect {
        Effect::Index { generation, fleet } => Some(Message::Indexed {
            generation: *generation,
            index: Arc::new(SearchIndex::new(fleet)),
        }),
        Effect::Filter {
            generation,
            query,
            index,
            within,
        } => Some(Message::Filtered {
            generation: *generation,
            hits: filter(index, query, within.as_deref(), &|| true)?,
        }),
        Effect::Find {
            generation,
            index,
            text,
        } => Some(Message::Found {
            generation: *generation,
            found: find(index, text, &|| true)?,
        }),
        Effect::GatherWords { generation, index } => Some(Message::WordsGathered {
            generation: *generation,
            words: Arc::new(Vocabulary::new(index)),
        }),
        Effect::LoadDetail { job, server } => {
            let documents = servers()
                .iter()
                .find(|known| known.id == *server)?
                .documents();
            let judge = judge();
            Some(Message::DetailLoaded {
                job: *job,
                detail: Arc::new(ServerDetail::new(documents, &judge)),
            })
        }
        Effect::Compare { job, .. } => Some(Message::Compared {
            job: *job,
            comparison: Arc::new(comparison()),
        }),
        Effect::LoadPair { job, server, .. } => Some(Message::PairLoaded {
            job: *job,
            pair: pair(server),
        }),
        Effect::LoadHistory { job, server } => Some(Message::HistoryLoaded {
            job: *job,
            history: history(server),
        }),
        Effect::MakeReports { job } => Some(Message::ReportsMade {
            job: *job,
            reports: Arc::new(reports()),
        }),
        effect => effect.count(),
    }
}

/// Reads keys: characters as they are, names in angle brackets.
pub fn keys(script: &str) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        let named = rest
            .strip_prefix('<')
            .and_then(|after| after.split_once('>'));
        match named {
            Some((name, after)) => {
                keys.push(name.parse().unwrap());
                rest = after;
            }
            None => {
                keys.push(Key::plain(KeyCode::Character(c)));
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    keys
}

/// Presses keys and returns the effects that were not answered.
pub fn press(state: &mut State, script: &str) -> Vec<Effect> {
    keys(script)
        .into_iter()
        .flat_map(|key| send(state, Message::Key(key)))
        .collect()
}

/// The names in the list, in order.
pub fn names(state: &State) -> Vec<String> {
    (0..state.roster.len())
        .filter_map(|row| state.roster.row(row))
        .map(|server| server.name.to_string())
        .collect()
}

/// The name of the selected server.
pub fn selected(state: &State) -> Option<String> {
    state
        .roster
        .selected()
        .map(|server| server.name.to_string())
}
