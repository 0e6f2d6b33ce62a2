//! What can be written as a table: which columns there are, and the values of a row. Ids of columns are the same in every
//! table where they mean the same.

mod controls;
mod difference;
mod findings;
mod permissions;
mod policies;
mod servers;

use std::fmt;
use std::io::{self, Write};

use crate::baseline::{FeatureId, catalogue};
use crate::documents::ServerDocuments;
use crate::documents::text::neutral;
use crate::posture::difference::ComparedServer;
use crate::posture::permissions::PermissionReport;
use crate::posture::policy::PolicyFleet;
use crate::posture::{Finding, Fleet, ServerSummary};

use super::{Column, TableWriter, Value};

pub use difference::DifferenceEntry;

/// What the rows of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rows {
    /// A row a server.
    Servers,
    /// A row a server, with its standing in one feature.
    ServersOf(FeatureId),
    /// A row a server, a column a feature.
    Matrix,
    /// A row a feature, with counts over the servers.
    Controls,
    /// A row for each server and feature, with the evidence.
    Findings,
    /// The same for one feature.
    FindingsOf(FeatureId),
    /// A row for each feature that turned between two scans, and for each server that came or went.
    Difference,
    /// A row a policy of Azure.
    Policies,
    /// A row for each permission that is missing.
    Permissions,
}

/// A column that a table does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no column {wrong:?}; there are {known}")]
pub struct UnknownColumn {
    wrong: String,
    known: String,
}

impl Rows {
    /// The word for it in commands and in the names of files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Servers => "servers",
            Self::ServersOf(feature) | Self::FindingsOf(feature) => feature.slug(),
            Self::Matrix => "matrix",
            Self::Controls => "controls",
            Self::Findings => "findings",
            Self::Difference => "difference",
            Self::Policies => "policies",
            Self::Permissions => "permissions",
        }
    }

    /// All columns that it can have, in order.
    #[must_use]
    pub fn columns(self) -> Vec<Column> {
        match self {
            Self::Servers => servers::COLUMNS.to_vec(),
            Self::ServersOf(_) => [servers::STANDING, servers::COLUMNS].concat(),
            Self::Matrix => servers::matrix_columns(),
            Self::Controls => controls::COLUMNS.to_vec(),
            Self::Findings | Self::FindingsOf(_) => findings::COLUMNS.to_vec(),
            Self::Difference => difference::COLUMNS.to_vec(),
            Self::Policies => policies::COLUMNS.to_vec(),
            Self::Permissions => permissions::COLUMNS.to_vec(),
        }
    }

    /// Those of its columns that are named, in the order in which they are; all of them when none is.
    ///
    /// # Errors
    /// When it has no such column.
    pub fn chosen<S: AsRef<str>>(self, names: &[S]) -> Result<Vec<Column>, UnknownColumn> {
        let all = self.columns();
        if names.is_empty() {
            return Ok(all);
        }
        names
            .iter()
            .map(|name| {
                let name = name.as_ref().trim();
                let found = all.iter().find(|column| column.id == name);
                found.copied().ok_or_else(|| UnknownColumn {
                    wrong: name.to_owned(),
                    known: all.iter().map(|it| it.id).collect::<Vec<_>>().join(", "),
                })
            })
            .collect()
    }

    /// Whether its rows are made from the documents, and not from the list alone.
    #[must_use]
    pub const fn needs_documents(self) -> bool {
        matches!(self, Self::Findings | Self::FindingsOf(_))
    }

    /// How many rows it has over so many servers; `None` when that is not known before.
    #[must_use]
    pub const fn count(self, servers: usize) -> Option<usize> {
        match self {
            Self::Servers | Self::ServersOf(_) | Self::Matrix | Self::FindingsOf(_) => {
                Some(servers)
            }
            Self::Controls => Some(FeatureId::COUNT),
            Self::Findings => Some(servers.saturating_mul(FeatureId::COUNT)),
            Self::Difference | Self::Policies | Self::Permissions => None,
        }
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Servers => f.write_str("servers"),
            Self::ServersOf(feature) => write!(f, "servers with {}", name(*feature)),
            Self::Matrix => f.write_str("servers by features"),
            Self::Controls => f.write_str("features with counts"),
            Self::Findings => f.write_str("findings with evidence"),
            Self::FindingsOf(feature) => write!(f, "findings of {}", name(*feature)),
            Self::Difference => f.write_str("changes between two scans"),
            Self::Policies => f.write_str("policies"),
            Self::Permissions => f.write_str("missing permissions"),
        }
    }
}

fn name(feature: FeatureId) -> &'static str {
    &catalogue().feature(feature).name
}

/// Writes the row of a server; nothing when the table is not one of servers.
///
/// # Errors
/// When the writer's `out` refuses.
pub fn write_server<W: Write>(
    writer: &mut TableWriter<W>,
    rows: Rows,
    server: &ServerSummary,
    subscription: &str,
) -> io::Result<()> {
    let values = cells_of_server(writer.columns(), rows, server, subscription);
    writer.row(&values)
}

/// The cells of a server.
pub fn cells_of_server(
    columns: &[Column],
    rows: Rows,
    server: &ServerSummary,
    subscription: &str,
) -> Vec<Value> {
    let feature = match rows {
        Rows::ServersOf(feature) => Some(feature),
        _ => None,
    };
    columns
        .iter()
        .map(|column| match (rows, column.id.parse::<FeatureId>()) {
            // The word of a feature may be the id of another column too.
            (Rows::Matrix, Ok(of)) => Some(Value::text(server.cell(of).verdict.word())),
            _ => servers::value(column.id, server, subscription, feature),
        })
        .map(Option::unwrap_or_nothing)
        .collect()
}

/// Writes the rows of features with counts over these servers.
///
/// # Errors
/// When the writer's `out` refuses.
pub fn write_controls<'a, W: Write>(
    writer: &mut TableWriter<W>,
    servers: impl Iterator<Item = &'a ServerSummary>,
) -> io::Result<()> {
    for row in cells_of_controls(writer.columns(), FeatureId::ALL, servers) {
        writer.row(&row)?;
    }
    Ok(())
}

/// The cells of features with counts over these servers.
pub fn cells_of_controls<'a>(
    columns: &[Column],
    features: impl IntoIterator<Item = FeatureId>,
    servers: impl Iterator<Item = &'a ServerSummary>,
) -> Vec<Vec<Value>> {
    let counts = controls::Counts::of(servers);
    let row = |feature| {
        let cells = columns
            .iter()
            .map(|column| controls::value(column.id, feature, &counts));
        cells.map(Option::unwrap_or_nothing).collect()
    };
    features.into_iter().map(row).collect()
}

/// Writes the rows of a server's findings.
///
/// # Errors
/// When the writer's `out` refuses.
pub fn write_findings<W: Write>(
    writer: &mut TableWriter<W>,
    rows: Rows,
    documents: &ServerDocuments,
    all: &[Finding],
    subscription: &str,
) -> io::Result<()> {
    for values in cells_of_findings(writer.columns(), rows, documents, all, subscription) {
        writer.row(&values)?;
    }
    Ok(())
}

/// The cells of a server's findings, those that the rows are about.
pub fn cells_of_findings(
    columns: &[Column],
    rows: Rows,
    documents: &ServerDocuments,
    all: &[Finding],
    subscription: &str,
) -> Vec<Vec<Value>> {
    let wanted = |finding: &&Finding| match rows {
        Rows::FindingsOf(feature) => finding.feature == feature,
        _ => true,
    };
    all.iter()
        .filter(wanted)
        .map(|finding| cells_of_finding(columns, documents, finding, subscription))
        .collect()
}

/// The cells of a finding.
pub fn cells_of_finding(
    columns: &[Column],
    documents: &ServerDocuments,
    finding: &Finding,
    subscription: &str,
) -> Vec<Value> {
    columns
        .iter()
        .map(|column| findings::value(column.id, documents, finding, subscription))
        .map(Option::unwrap_or_nothing)
        .collect()
}

/// Writes the row of something that differs between two scans.
///
/// # Errors
/// When the writer's `out` refuses.
pub fn write_difference<W: Write>(
    writer: &mut TableWriter<W>,
    server: &ComparedServer,
    entry: DifferenceEntry<'_>,
) -> io::Result<()> {
    let values = cells_of_difference(writer.columns(), server, entry);
    writer.row(&values)
}

/// The cells of something that differs between two scans.
pub fn cells_of_difference(
    columns: &[Column],
    server: &ComparedServer,
    entry: DifferenceEntry<'_>,
) -> Vec<Value> {
    columns
        .iter()
        .map(|column| difference::value(column.id, server, entry))
        .map(Option::unwrap_or_nothing)
        .collect()
}

/// Writes the rows of policies.
///
/// # Errors
/// When the writer's `out` refuses.
pub fn write_policy_rows<W: Write>(
    writer: &mut TableWriter<W>,
    fleet: &PolicyFleet,
) -> io::Result<()> {
    for row in cells_of_policies(writer.columns(), fleet) {
        writer.row(&row)?;
    }
    Ok(())
}

/// The cells of policies.
pub fn cells_of_policies(columns: &[Column], fleet: &PolicyFleet) -> Vec<Vec<Value>> {
    let row = |row| {
        let cells = columns.iter().map(|column| policies::value(column.id, row));
        cells.map(Option::unwrap_or_nothing).collect()
    };
    fleet.policies.iter().map(row).collect()
}

/// Writes the rows of missing permissions.
///
/// # Errors
/// When the writer's `out` refuses.
pub fn write_permission_rows<W: Write>(
    writer: &mut TableWriter<W>,
    report: &PermissionReport,
) -> io::Result<()> {
    let denied = report.denied.iter().map(|it| ("denied", it));
    let possibly = report.possibly.iter().map(|it| ("possibly missing", it));
    for (kind, missing) in denied.chain(possibly) {
        let values: Vec<Value> = writer
            .columns()
            .iter()
            .map(|column| permissions::value(column.id, kind, missing))
            .map(Option::unwrap_or_nothing)
            .collect();
        writer.row(&values)?;
    }
    Ok(())
}

/// The subscriptions' names, neutralised, by their ids in lower case.
#[must_use]
pub fn subscription_names(fleet: &Fleet) -> std::collections::HashMap<String, String> {
    fleet
        .subscriptions
        .iter()
        .map(|known| {
            let name = neutral(&known.name).into_owned();
            (known.id.to_ascii_lowercase(), name)
        })
        .collect()
}

/// A cell of a column that a table does not have stays empty; a test holds that there is none.
trait OrNothing {
    fn unwrap_or_nothing(self) -> Value;
}

impl OrNothing for Option<Value> {
    fn unwrap_or_nothing(self) -> Value {
        self.unwrap_or(Value::Nothing)
    }
}

#[cfg(test)]
mod tests;
