//! The exemptions of Azure Policy whose scope covers a server. They are told, and never applied to a verdict of ours.

use jiff::Timestamp;
use serde_json::Value;

use crate::baseline::{Policy, catalogue};
use crate::documents::text::neutral;
use crate::documents::{Cause, DocumentKind, Fact, ServerDocuments};
use crate::posture::parse_time;

use super::{StateRow, state_rows};

const EXEMPTION: &str = "/providers/microsoft.authorization/policyexemptions/";
const MANAGEMENT_GROUP: &str = "/providers/microsoft.management/managementgroups/";

/// An exemption of Azure Policy. All text is neutralised for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AzureExemption {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its name for people, where it has one.
    pub display_name: Option<String>,
    /// Why it was granted, in Azure's word: `Waiver` or `Mitigated`.
    pub category: Option<String>,
    /// When it ends; absent where it has no end.
    pub expires: Fact<Timestamp>,
    /// Whether it had ended when it was read; `None` where its end could not be understood.
    pub expired: Option<bool>,
    /// Where it holds, in words: `the subscription …`.
    pub scope: String,
    /// The id of the assignment that it exempts from.
    pub assignment: Option<String>,
    /// The reference ids of the policies within the initiative; empty where it is about all of them.
    pub references: Vec<String>,
    /// Which policies of the catalogue it covers on this server, by the states that show; unread where the states are.
    pub covers: Fact<Vec<&'static Policy>>,
}

/// The exemptions of Azure Policy whose scope is the server or lies above it. The list leaves out, without a word, what
/// the caller may not see: an empty one does not prove that there is none.
#[must_use]
pub fn exemptions_of_azure(documents: &ServerDocuments) -> Fact<Vec<AzureExemption>> {
    let read_at = documents
        .get(DocumentKind::PolicyExemptions)
        .map(|document| document.fetched_at);
    let states = state_rows(documents);
    documents
        .items(DocumentKind::PolicyExemptions)
        .0
        .map(|rows| {
            rows.iter()
                .map(|row| exemption(documents, row, read_at, &states))
                .collect()
        })
}

fn exemption(
    documents: &ServerDocuments,
    row: &Value,
    read_at: Option<Timestamp>,
    states: &Fact<Vec<StateRow<'_>>>,
) -> AzureExemption {
    let text = |pointer: &str| {
        let text = row.pointer(pointer)?.as_str()?;
        (!text.trim().is_empty()).then(|| neutral(text).into_owned())
    };
    let id = text("/id").unwrap_or_default();
    let expires = match row.pointer("/properties/expiresOn") {
        None | Some(Value::Null) => Fact::Absent,
        Some(value) => Fact::Known(value).text().and_then(|text| {
            parse_time(&text).map_or_else(
                || {
                    Fact::Unread(Cause::Malformed {
                        detail: format!("{:?} is no time", neutral(&text)),
                    })
                },
                Fact::Known,
            )
        }),
    };
    let expired = match (&expires, read_at) {
        (Fact::Known(end), Some(read_at)) => Some(*end <= read_at),
        (Fact::Absent, _) => Some(false),
        _ => None,
    };
    let references: Vec<String> = row
        .pointer("/properties/policyDefinitionReferenceIds")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|reference| Some(neutral(reference.as_str()?).into_owned()))
        .collect();
    let assignment = text("/properties/policyAssignmentId");
    let covers = match states {
        Fact::Known(rows) => Fact::Known(covered(rows, assignment.as_deref(), &references)),
        Fact::Absent => Fact::Absent,
        Fact::Unread(cause) => Fact::Unread(cause.clone()),
    };
    AzureExemption {
        name: text("/name").unwrap_or_else(|| id.rsplit('/').next().unwrap_or_default().to_owned()),
        display_name: text("/properties/displayName"),
        category: text("/properties/exemptionCategory"),
        expires,
        expired,
        scope: scope(&id, documents.id().as_str()),
        assignment,
        references,
        covers,
        id,
    }
}

/// The policies of the catalogue of which the server has a state under the exempted assignment.
fn covered(
    rows: &[StateRow<'_>],
    assignment: Option<&str>,
    references: &[String],
) -> Vec<&'static Policy> {
    let Some(assignment) = assignment else {
        return Vec::new();
    };
    let rows: Vec<&StateRow<'_>> = rows
        .iter()
        .filter(|row| row.assignment_id().eq_ignore_ascii_case(assignment))
        .filter(|row| {
            references.is_empty()
                || row.reference().is_some_and(|own| {
                    references
                        .iter()
                        .any(|reference| reference.eq_ignore_ascii_case(own))
                })
        })
        .collect();
    catalogue()
        .policies()
        .iter()
        .filter(|policy| rows.iter().any(|row| row.is_of(policy)))
        .collect()
}

/// Where an exemption holds, in words.
fn scope(id: &str, server: &str) -> String {
    let Some(end) = id.to_ascii_lowercase().rfind(EXEMPTION) else {
        return "not told".to_owned();
    };
    let scope = &id[..end];
    if scope.eq_ignore_ascii_case(server) {
        return "the server itself".to_owned();
    }
    if scope.to_ascii_lowercase().starts_with(MANAGEMENT_GROUP) {
        return format!("the management group {}", &scope[MANAGEMENT_GROUP.len()..]);
    }
    let segments: Vec<&str> = scope.split('/').skip(1).collect();
    match segments.as_slice() {
        [_, subscription] => format!("the subscription {subscription}"),
        [_, _, _, group] => format!("the resource group {group}"),
        _ => scope.to_owned(),
    }
}
