//! The JSON documents of an export: those that commands write, made by the same code.

use std::io::Write;
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::app::{Comparison, DifferenceRow, Export, ScanInfo as ShownScan};
use crate::posture::Judge;
use crate::report::{
    ComparedScan, DifferenceRecord, DocumentKind, PermissionsRecord, PolicyFleetRecord, ReportHead,
    Rows, ScanRecord, document, write_document,
};
use crate::store::{Completeness, Scan, ScanInfo, StoreError};

use super::writing::{PROGRAM, TableError};

/// What a report about a scan says of itself; about all of its servers, in no groups.
#[must_use]
pub fn report_head(info: &ScanInfo, judge: &Judge) -> ReportHead {
    ReportHead {
        program: PROGRAM.to_owned(),
        written_at: Timestamp::now(),
        scan: ScanRecord {
            id: info.header.id.clone(),
            scope: info.header.scope.clone(),
            cloud: info.header.cloud.clone(),
            started_at: info.header.started_at,
            finished_at: info.finished_at,
            completeness: info.completeness.word().to_owned(),
            servers: info.servers,
            notes: info.notes.clone(),
        },
        ruleset: judge.ruleset.id(),
        filter: None,
        group: None,
        about: None,
    }
}

/// A scan as the record of a difference names it.
#[must_use]
pub fn compared_scan(info: &ScanInfo) -> ComparedScan {
    ComparedScan {
        scan: info.header.id.clone(),
        file: info.path.display().to_string(),
        scope: info.header.scope.clone(),
        started_at: info.header.started_at,
        completeness: info.completeness.word(),
        complete: info.completeness == Completeness::Complete,
    }
}

/// The members before the rows of an export of servers, features or findings.
pub fn members(export: &Export, info: &ScanInfo, judge: &Judge) -> Map<String, Value> {
    let head = ReportHead {
        filter: export.filter.clone(),
        about: Some(export.about.clone()),
        ..report_head(info, judge)
    };
    document(&head, export.rows)
}

/// Writes an export of what is no row of servers, and says how many rows it has; `None`: it is one.
///
/// # Errors
/// When one of two compared scans is no longer there, or `out` refuses.
pub fn write(
    export: &Export,
    judge: &Judge,
    out: &mut impl Write,
) -> Result<Option<u64>, TableError> {
    let rows = match export.rows {
        Rows::Policies => {
            let Some(reports) = &export.reports else {
                return Ok(Some(0));
            };
            let record = PolicyFleetRecord::new(&reports.policies);
            write_document(out, DocumentKind::Policies, &record)?;
            record.policies.len()
        }
        Rows::Permissions => {
            let Some(reports) = &export.reports else {
                return Ok(Some(0));
            };
            let record = PermissionsRecord::new(&reports.permissions);
            write_document(out, DocumentKind::Permissions, &record)?;
            record.denied.len() + record.possibly_missing.len()
        }
        Rows::Difference => {
            let Some((comparison, rows)) = &export.difference else {
                return Ok(Some(0));
            };
            difference(comparison, rows, judge, out)?
        }
        _ => return Ok(None),
    };
    Ok(Some(rows as u64))
}

/// Writes what is listed of a difference.
fn difference(
    comparison: &Comparison,
    rows: &[DifferenceRow],
    judge: &Judge,
    out: &mut impl Write,
) -> Result<usize, TableError> {
    let mut listed = comparison.difference.clone();
    let all = &comparison.difference;
    listed.changes = picked(&all.changes, rows, |row| match row {
        DifferenceRow::Change(place) => Some(place),
        _ => None,
    });
    listed.new = picked(&all.new, rows, |row| match row {
        DifferenceRow::New(place) => Some(place),
        _ => None,
    });
    listed.gone = picked(&all.gone, rows, |row| match row {
        DifferenceRow::Gone(place) => Some(place),
        _ => None,
    });
    let scan = |shown: &ShownScan| -> Result<ComparedScan, StoreError> {
        Ok(compared_scan(&Scan::open(Path::new(&shown.file))?.info()?))
    };
    let (from, to) = (scan(&comparison.from)?, scan(&comparison.to)?);
    let ruleset = judge.ruleset.id();
    let record = DifferenceRecord::new(&from, &to, &ruleset, &listed);
    write_document(out, DocumentKind::Difference, &record)?;
    Ok(listed.changes.len() + listed.new.len() + listed.gone.len())
}

fn picked<T: Copy>(
    all: &[T],
    rows: &[DifferenceRow],
    place: impl Fn(DifferenceRow) -> Option<u32>,
) -> Vec<T> {
    let mut places: Vec<u32> = rows.iter().filter_map(|row| place(*row)).collect();
    places.sort_unstable();
    let places = places.into_iter();
    places
        .filter_map(|place| all.get(place as usize).copied())
        .collect()
}
