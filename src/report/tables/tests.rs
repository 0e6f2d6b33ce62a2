//! Every column has a value, and every id is one word for files.

use std::collections::BTreeSet;

use super::*;
use crate::posture::difference::{Change, ChangeKind};
use crate::posture::fixtures::Fixture;
use crate::posture::permissions::Permissions;
use crate::posture::{Ruleset, judge};
use crate::report::Format;

fn every() -> [Rows; 9] {
    let feature = FeatureId::TransitEncryption;
    [
        Rows::Servers,
        Rows::ServersOf(feature),
        Rows::Matrix,
        Rows::Controls,
        Rows::Findings,
        Rows::FindingsOf(feature),
        Rows::Difference,
        Rows::Policies,
        Rows::Permissions,
    ]
}

#[test]
fn column_ids_are_distinct_words() {
    for rows in every() {
        let columns = rows.columns();
        let ids: BTreeSet<_> = columns.iter().map(|column| column.id).collect();
        assert_eq!(ids.len(), columns.len(), "{rows}");
        for id in ids {
            let word =
                |c: char| c.is_ascii_lowercase() || c == '_' || c == '-' || c.is_ascii_digit();
            assert!(id.chars().all(word), "{id}");
        }
    }
}

#[test]
fn every_column_of_every_table_has_a_value() {
    let documents = Fixture::new().documents();
    let findings = judge(&documents, &Ruleset::default());
    let server = ServerSummary::new(&documents, &findings);
    let feature = FeatureId::TransitEncryption;
    for rows in [Rows::Servers, Rows::ServersOf(feature), Rows::Matrix] {
        for column in rows.columns() {
            assert!(
                servers::value(column.id, &server, "main", Some(feature)).is_some(),
                "{rows}: {}",
                column.id
            );
        }
    }
    let counts = controls::Counts::of([&server].into_iter());
    for column in controls::COLUMNS {
        assert!(controls::value(column.id, feature, &counts).is_some());
    }
    for column in findings::COLUMNS {
        assert!(findings::value(column.id, &documents, &findings[0], "main").is_some());
    }
    let mut fleet = PolicyFleet::new(catalogue());
    fleet.add(&documents);
    for column in policies::COLUMNS {
        assert!(policies::value(column.id, &fleet.policies[0]).is_some());
    }
    let compared = ComparedServer {
        id: server.id.clone(),
        name: server.name.clone(),
        subscription: (*server.subscription).into(),
    };
    let change = Change {
        kind: ChangeKind::Regressed,
        server: 0,
        feature,
        before: server.cell(feature),
        after: server.cell(feature),
    };
    for column in difference::COLUMNS {
        let entry = DifferenceEntry::Turned(&change);
        assert!(difference::value(column.id, &compared, entry).is_some());
    }
    let mut permissions = Permissions::default();
    permissions.add(&documents, &findings);
    let mut out = TableWriter::new(Vec::new(), Format::Csv, &Rows::Permissions.columns()).unwrap();
    write_permission_rows(&mut out, &permissions.finish()).unwrap();
}

#[test]
fn columns_are_chosen_by_their_ids_in_the_order_in_which_they_are_named() {
    let ids = |names: &[&str]| -> Vec<&str> {
        Rows::Servers
            .chosen(names)
            .unwrap()
            .iter()
            .map(|it| it.id)
            .collect()
    };
    assert_eq!(ids(&["score", " server"]), ["score", "server"]);
    assert_eq!(ids(&[]).len(), servers::COLUMNS.len());
    let error = Rows::Servers.chosen(&["name"]).unwrap_err().to_string();
    assert!(
        error.contains("\"name\"") && error.contains("server_id"),
        "{error}"
    );
}

#[test]
fn the_long_form_names_what_was_seen_and_where() {
    let documents = Fixture::new()
        .parameters(&[(
            "require_secure_transport",
            serde_json::json!({"value": "OFF"}),
        )])
        .documents();
    let findings = judge(&documents, &Ruleset::default());
    let finding = findings
        .iter()
        .find(|it| it.feature == FeatureId::TransitEncryption)
        .unwrap();
    let Some(Value::Text(evidence)) = findings::value("evidence", &documents, finding, "") else {
        panic!("no evidence");
    };
    assert!(
        evidence.contains("saw") && evidence.contains("api-version"),
        "{evidence}"
    );
    assert_eq!(Rows::Findings.count(3), Some(3 * FeatureId::COUNT));
}
