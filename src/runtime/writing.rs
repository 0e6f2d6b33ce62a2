//! What a person takes away from the explorer, written to a file on a worker: tables of what is shown, and fix scripts.
//! Rows go out as they are made; 100,000 servers need no more memory than one.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use jiff::Timestamp;

use crate::app::{DifferenceRow, Export, FixOrder, FixTarget, Written, counted};
use crate::posture::{Judge, ServerSummary};
use crate::report::{
    DifferenceEntry, FixHead, FixScript, Format, Rows, TableFrame, TableWriter, subscription_names,
    write_controls, write_difference, write_findings, write_fix_head, write_permission_rows,
    write_policy_rows, write_server,
};
use crate::store::{Scan, StoreError};
use crate::terminal::LONGEST_COPY;

use super::documents;
use super::new_file::{NewFile, NewFileError};

/// After how many servers of the list it is told how far it is.
const TELL_EVERY: usize = 2_000;

/// The same where documents are read for each.
const TELL_EVERY_READ: usize = 50;

/// This program, as a file names it.
pub const PROGRAM: &str = concat!("flexposture ", env!("CARGO_PKG_VERSION"));

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file.
    #[error(transparent)]
    File(#[from] NewFileError),
    /// The scan.
    #[error(transparent)]
    Scan(#[from] StoreError),
    /// Nobody waits for it any more.
    #[error("stopped")]
    Stopped,
    /// The script is longer than a terminal takes.
    #[error(
        "the script is longer than the {LONGEST_COPY} bytes that terminals take; write it to a file"
    )]
    TooLong,
}

/// Says how far the work is and asks whether anybody still waits for it.
pub struct Watch<'a> {
    /// Whether the work goes on.
    pub wanted: &'a dyn Fn() -> bool,
    /// How many servers were gone through.
    pub tell: &'a dyn Fn(usize),
}

impl Watch<'_> {
    fn at(&self, done: usize, every: usize) -> Result<(), WriteError> {
        if !done.is_multiple_of(every) {
            return Ok(());
        }
        (self.tell)(done);
        if (self.wanted)() {
            Ok(())
        } else {
            Err(WriteError::Stopped)
        }
    }
}

/// Writes a table to its file.
///
/// # Errors
/// When the file or the scan refuses, or when nobody waits for it any more; there is no file then.
pub fn export(
    export: &Export,
    scan: Option<&Path>,
    judge: &Judge,
    watch: &Watch<'_>,
) -> Result<Written, WriteError> {
    let mut file = NewFile::create(&export.file, export.replace)?;
    let rows = match table(export, scan, judge, watch, file.file()) {
        Ok(rows) => rows,
        Err(TableError::Io(source)) => return Err(file.refused(source).into()),
        Err(TableError::Other(error)) => return Err(error),
    };
    let (path, bytes) = file.finish()?;
    Ok(Written {
        path: path.display().to_string(),
        bytes,
        what: counted(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
    })
}

/// Why a table was not written.
pub(super) enum TableError {
    Io(io::Error),
    Other(WriteError),
}

impl From<io::Error> for TableError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<WriteError> for TableError {
    fn from(error: WriteError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for TableError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

fn table(
    export: &Export,
    scan: Option<&Path>,
    judge: &Judge,
    watch: &Watch<'_>,
    file: &mut File,
) -> Result<u64, TableError> {
    let mut out = BufWriter::with_capacity(1 << 16, file);
    let mut frame = TableFrame::default();
    if export.format == Format::Json {
        if let Some(rows) = documents::write(export, judge, &mut out)? {
            out.flush()?;
            return Ok(rows);
        }
        let info = Scan::open(scan.ok_or(StoreError::NoScans)?)?.info()?;
        frame.document = Some(documents::members(export, &info, judge));
    }
    let mut writer = TableWriter::framed(out, export.format, &export.columns, frame)?;
    let names = subscription_names(&export.fleet);
    let place = |place: &u32| export.fleet.servers.get(*place as usize);
    let servers = export.places.iter().filter_map(place);
    match export.rows {
        Rows::Servers | Rows::ServersOf(_) | Rows::Matrix => {
            for (done, server) in servers.enumerate() {
                watch.at(done, TELL_EVERY)?;
                write_server(
                    &mut writer,
                    export.rows,
                    server,
                    subscription(&names, server),
                )?;
            }
        }
        Rows::Controls => write_controls(&mut writer, servers)?,
        Rows::Findings | Rows::FindingsOf(_) => {
            let mut scan = Scan::open(scan.ok_or(StoreError::NoScans)?)?;
            for (done, server) in servers.enumerate() {
                watch.at(done, TELL_EVERY_READ)?;
                let documents = scan.documents(&server.id)?;
                let findings = judge.findings(&documents);
                let subscription = subscription(&names, server);
                write_findings(
                    &mut writer,
                    export.rows,
                    &documents,
                    &findings,
                    subscription,
                )?;
            }
        }
        Rows::Difference => {
            if let Some((comparison, rows)) = &export.difference {
                let difference = &comparison.difference;
                for row in rows.iter() {
                    let (server, entry) = match *row {
                        DifferenceRow::Group(..) => continue,
                        DifferenceRow::Change(place) => {
                            let change = difference.changes.get(place as usize);
                            (
                                change.map(|it| it.server),
                                change.map(DifferenceEntry::Turned),
                            )
                        }
                        DifferenceRow::New(place) => {
                            let one = difference.new.get(place as usize);
                            (one.map(|it| it.server), one.map(DifferenceEntry::New))
                        }
                        DifferenceRow::Gone(place) => {
                            let one = difference.gone.get(place as usize);
                            (one.map(|it| it.server), one.map(DifferenceEntry::Gone))
                        }
                    };
                    let server = server.and_then(|server| difference.server(server));
                    if let (Some(server), Some(entry)) = (server, entry) {
                        write_difference(&mut writer, server, entry)?;
                    }
                }
            }
        }
        Rows::Policies => {
            if let Some(reports) = &export.reports {
                write_policy_rows(&mut writer, &reports.policies)?;
            }
        }
        Rows::Permissions => {
            if let Some(reports) = &export.reports {
                write_permission_rows(&mut writer, &reports.permissions)?;
            }
        }
    }
    let rows = writer.rows();
    writer.finish()?;
    Ok(rows)
}

fn subscription<'a>(names: &'a HashMap<String, String>, server: &'a ServerSummary) -> &'a str {
    let id = server.subscription.to_ascii_lowercase();
    names.get(&id).map_or(&*server.subscription, String::as_str)
}

/// What became of a fix script.
#[derive(Debug)]
pub enum Script {
    /// It was written.
    File(Written),
    /// It is to go to the clipboard.
    Text(String),
}

/// Makes a fix script.
///
/// # Errors
/// When the file or the scan refuses, when it is too long for the clipboard, or when nobody waits for it any more; there
/// is no file then.
pub fn fixes(
    order: &FixOrder,
    scan: Option<&Path>,
    judge: &Judge,
    watch: &Watch<'_>,
) -> Result<Script, WriteError> {
    let head = FixHead {
        made_at: Timestamp::now(),
        scan: order.scan.clone(),
        scanned_at: order.scanned_at,
        ruleset: judge.ruleset.id(),
        about: order.about.clone(),
    };
    let memory = || NewFileError::Io {
        path: "the script".into(),
        source: io::Error::other("it could not be put together"),
    };
    match &order.target {
        FixTarget::Clipboard => {
            let script = FixScript::new(Vec::new(), order.features.clone());
            let length = |script: &FixScript<Vec<u8>>| script.out().len();
            let script = each(order, scan, judge, watch, script, |script| {
                if length(script) > LONGEST_COPY {
                    return Err(WriteError::TooLong);
                }
                Ok(())
            })?;
            let (body, counts) = script.finish().map_err(|_| memory())?;
            let mut text = Vec::new();
            write_fix_head(&mut text, &head, &counts, PROGRAM).map_err(|_| memory())?;
            text.extend(body);
            if text.len() > LONGEST_COPY {
                return Err(WriteError::TooLong);
            }
            Ok(Script::Text(String::from_utf8_lossy(&text).into_owned()))
        }
        FixTarget::File { file, replace } => {
            let mut file = NewFile::create(file, *replace)?;
            // The counts stand at the top and are known at the end.
            let body = BufWriter::with_capacity(1 << 16, file.scratch()?);
            let script = FixScript::new(body, order.features.clone());
            let script = each(order, scan, judge, watch, script, |_| Ok(()))?;
            let placed = script.finish().and_then(|(body, counts)| {
                let mut body = body.into_inner().map_err(io::IntoInnerError::into_error)?;
                body.rewind()?;
                let mut out = BufWriter::new(file.file());
                write_fix_head(&mut out, &head, &counts, PROGRAM)?;
                io::copy(&mut body, &mut out)?;
                out.flush()?;
                Ok(counts)
            });
            let counts = placed.map_err(|source| file.refused(source))?;
            let (path, bytes) = file.finish()?;
            Ok(Script::File(Written {
                path: path.display().to_string(),
                bytes,
                what: format!(
                    "{} for {}",
                    counted(counts.commands, "command"),
                    counted(counts.servers_with_commands, "server")
                ),
            }))
        }
    }
}

fn each<W: Write>(
    order: &FixOrder,
    scan: Option<&Path>,
    judge: &Judge,
    watch: &Watch<'_>,
    mut script: FixScript<W>,
    check: impl Fn(&FixScript<W>) -> Result<(), WriteError>,
) -> Result<FixScript<W>, WriteError> {
    let mut scan = Scan::open(scan.ok_or(StoreError::NoScans)?)?;
    let place = |place: &u32| order.fleet.servers.get(*place as usize);
    for (done, server) in order.places.iter().filter_map(place).enumerate() {
        watch.at(done, TELL_EVERY_READ)?;
        let documents = scan.documents(&server.id)?;
        let findings = judge.findings(&documents);
        script
            .add(&documents, &findings, &judge.ruleset)
            .map_err(|source| NewFileError::Io {
                path: "the script".into(),
                source,
            })?;
        check(&script)?;
    }
    Ok(script)
}
