//! Documents of any content: judged, and written in every form that a person or a program reads.

use flexposture::baseline::FeatureId;
use flexposture::documents::{
    Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};
use flexposture::posture::{
    Fleet, Judge, Ruleset, ServerSummary, Standing, Thresholds, policy::policies,
};
use flexposture::report::{
    FindingRecord, FixScript, Format, Judged, Rows, TableWriter, write_findings, write_server,
    write_table, write_text,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{assert_clean, text_of};

const SERVER: &str = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/\
                      Microsoft.DBforMySQL/flexibleServers/db";

/// An object of documents by the words of their kinds, or any one body for all of them.
pub fn documents(data: &[u8]) {
    let Ok(read) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let by_kind: Vec<(DocumentKind, Value)> = match read.as_object() {
        Some(members)
            if members
                .keys()
                .any(|it| DocumentKind::from_slug(it).is_some()) =>
        {
            members
                .iter()
                .filter_map(|(word, body)| Some((DocumentKind::from_slug(word)?, body.clone())))
                .collect()
        }
        _ => DocumentKind::ALL
            .into_iter()
            .map(|kind| (kind, read.clone()))
            .collect(),
    };
    look_at(by_kind);
}

/// Rules of firewalls and of network security groups, by the lines of a text: addresses, ports and words of any form.
pub fn rules(data: &[u8]) {
    let text = text_of(data);
    let lines: Vec<&str> = text.lines().take(40).collect();
    let firewall: Vec<Value> = lines
        .iter()
        .map(|line| {
            let (start, end) = line.split_once('-').unwrap_or((line, line));
            json!({"name": line, "properties": {"startIpAddress": start.trim(), "endIpAddress": end.trim()}})
        })
        .collect();
    let group: Vec<Value> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let word =
                |at: usize, without: &str| words.get(at).copied().unwrap_or(without).to_owned();
            let priority: Value = word(0, "100")
                .parse::<i64>()
                .map_or_else(|_| json!(word(0, "")), Value::from);
            json!({"name": format!("r{place}"), "properties": {
                "priority": priority, "direction": word(1, "Inbound"), "access": word(2, "Allow"),
                "protocol": word(3, "*"), "sourceAddressPrefix": word(4, "*"),
                "sourceAddressPrefixes": words.get(5..).unwrap_or_default(), "sourcePortRange": "*",
                "destinationAddressPrefix": word(5, "*"), "destinationPortRange": word(6, "3306"),
                "destinationPortRanges": words.get(7..).unwrap_or_default(),
            }})
        })
        .collect();
    let subnet = format!(
        "{}/subnets/s",
        SERVER.replace("flexibleServers/db", "virtualNetworks/v")
    );
    for delegated in [None, Some(&subnet)] {
        look_at(vec![
            (
                DocumentKind::Server,
                json!({"id": SERVER, "name": "db", "properties": {
                    "network": {"publicNetworkAccess": "Enabled", "delegatedSubnetResourceId": delegated},
                    "privateEndpointConnections": [],
                }}),
            ),
            (DocumentKind::FirewallRules, json!({"value": firewall})),
            (
                DocumentKind::Subnet,
                json!({"id": subnet, "properties": {
                "addressPrefix": lines.first().copied().unwrap_or("10.0.0.0/24"), "networkSecurityGroup": {"id": "/n"}}}),
            ),
            (
                DocumentKind::NetworkSecurityGroup,
                json!({"id": "/n", "properties": {"securityRules": group}}),
            ),
        ]);
    }
}

/// A server whose documents these are.
pub fn server_of(name: &str, bodies: Vec<(DocumentKind, Value)>) -> Option<ServerDocuments> {
    let id = ResourceId::parse(&SERVER.replace("/db", &format!("/{name}"))).ok()?;
    let documents = bodies.into_iter().map(|(kind, body)| Document {
        kind,
        shared: None,
        request: Request {
            method: Method::Get,
            path: format!("{id}{}", kind.child_path().unwrap_or_default()),
            api_version: "2024-12-30".to_owned(),
        },
        fetched_at: Timestamp::UNIX_EPOCH,
        duration_ms: 1,
        outcome: match body {
            Value::Null => Outcome::Unread(Cause::TimedOut),
            body => Outcome::Read(body),
        },
    });
    Some(ServerDocuments::new(
        id.clone(),
        documents.collect::<Vec<_>>(),
    ))
}

fn rulesets() -> [Ruleset; 2] {
    let strict = Ruleset {
        strict_baseline: true,
        thresholds: Thresholds {
            require_cmk: true,
            required_tags: vec!["env".to_owned()],
            ..Thresholds::default()
        },
    };
    [Ruleset::default(), strict]
}

fn look_at(bodies: Vec<(DocumentKind, Value)>) {
    let alone = server_of("db", bodies.clone()).expect("a plain name");
    let source = server_of("source", bodies).expect("a plain name");
    for documents in [alone.clone(), alone.with_source(Some(source.into()))] {
        for ruleset in rulesets() {
            judge_and_write(&documents, &Judge::by(ruleset));
        }
    }
}

fn judge_and_write(documents: &ServerDocuments, judge: &Judge) {
    let findings = judge.findings(documents);
    assert_eq!(findings.len(), FeatureId::COUNT);
    let id = judge.ruleset.id();
    let judged = Judged {
        ruleset: &judge.ruleset,
        id: &id,
    };
    for finding in &findings {
        let record = FindingRecord::new(documents, finding, judged);
        let json = serde_json::to_value(&record).expect("a record is JSON");
        for_each_text(&json, &mut assert_clean);
        for standing in policies(documents, finding.feature) {
            let _ = format!("{standing:?}");
        }
    }
    let mut out = Vec::new();
    write_text(&mut out, documents, &findings, judged).expect("memory");
    let mut script = FixScript::new(Vec::new(), None);
    script
        .add(documents, &findings, &judge.ruleset)
        .expect("memory");
    out.extend(script.finish().expect("memory").0);
    let summary = ServerSummary::new(documents, &findings);
    for format in Format::ALL {
        for rows in [Rows::Findings, Rows::Servers, Rows::Matrix] {
            let mut writer = TableWriter::new(Vec::new(), format, &rows.columns()).expect("memory");
            match rows {
                Rows::Findings => {
                    write_findings(&mut writer, rows, documents, &findings, "subscription")
                }
                _ => write_server(&mut writer, rows, &summary, "subscription"),
            }
            .expect("memory");
            let written = writer.finish().expect("memory");
            // Lines of CSV end in CRLF.
            let text = String::from_utf8(written)
                .expect("text")
                .replace("\r\n", "\n");
            out.extend(text.into_bytes());
        }
    }
    let fleet = Fleet {
        subscriptions: Vec::new(),
        servers: vec![summary],
    };
    write_table(&mut out, &fleet).expect("memory");
    assert_clean(std::str::from_utf8(&out).expect("text"));
    let Standing { summary, .. } = judge.standing(documents);
    assert_eq!(
        summary, fleet.servers[0],
        "a server is summed up in one way"
    );
}

fn for_each_text(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|it| for_each_text(it, each)),
        Value::Object(members) => members.values().for_each(|it| for_each_text(it, each)),
        _ => {}
    }
}
