//! The database of a scan that is written: made, opened again, and left as a file that anybody can read.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::{Reopened, Writer};
use crate::store::bodies::{Bodies, NEWEST_DICTIONARY};
use crate::store::claim::Claim;
use crate::store::documents::Reader;
use crate::store::media::shares_memory;
use crate::store::schema::{APPLICATION_ID, CREATE, Completeness, FORMAT, ScanHeader};
use crate::store::{Scan, StoreError};

/// How often the end of a scan tries to have its file for itself.
const TRIES_TO_SWITCH: u32 = 20;
/// How long it waits between two tries.
const BETWEEN_TRIES: Duration = Duration::from_millis(25);

impl Writer {
    /// Goes on writing a scan that has no end and that nobody writes any more. Nothing in it changes before
    /// [`Writer::subscriptions`].
    ///
    /// # Errors
    /// When another process writes it, when it has an end, is of another form, lies over another scan, or cannot be
    /// written.
    pub fn reopen(path: &Path) -> Result<Self, StoreError> {
        let claim = Claim::take(path).ok_or_else(|| StoreError::BeingWritten {
            path: path.to_owned(),
        })?;
        // Only now: until the claim was taken somebody else may have ended it.
        let scan = Scan::open(path)?;
        let info = scan.info()?;
        let goes_on = info.completeness == Completeness::Unfinished
            && info.header.parent.is_none()
            && scan.format() == FORMAT;
        if !goes_on {
            return Err(StoreError::NotToBeWritten {
                path: path.to_owned(),
            });
        }
        drop(scan);
        let database = |source| StoreError::Database {
            path: path.to_owned(),
            source,
        };
        let begin = || {
            let connection = Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
            )?;
            connection.busy_timeout(Duration::from_secs(5))?;
            log_ahead(&connection, path)?;
            let dictionary = connection.query_row("SELECT dictionary FROM scan", [], |row| {
                row.get::<_, i64>(0)
            })?;
            Ok((connection, dictionary))
        };
        let (connection, dictionary) = begin().map_err(database)?;
        let io = |source| StoreError::Io {
            path: path.to_owned(),
            source,
        };
        let bodies = Bodies::new(dictionary)
            .ok_or_else(|| io(std::io::Error::other("the dictionary is missing")))?
            .map_err(io)?;
        Ok(Self {
            _claim: Some(claim),
            path: path.to_owned(),
            connection,
            reader: Reader::new(bodies, FORMAT),
            below: None,
            reopened: Reopened::Untouched(Vec::new()),
            disputed: BTreeSet::new(),
        })
    }
}

/// Makes the tables and says what is scanned, all or nothing.
pub(super) fn begin(path: &Path, header: &ScanHeader) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    // The parameters of a server take a little less than this; larger pages are left half empty.
    connection.pragma_update(None, "page_size", 4096)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    log_ahead(&connection, path)?;
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    transaction.execute_batch(CREATE)?;
    transaction.execute(
        "INSERT INTO scan (id, started_at, program, cloud, endpoint, scope, parent, dictionary)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            header.id,
            header.started_at.as_millisecond(),
            header.program,
            header.cloud,
            header.endpoint,
            header.scope,
            header.parent,
            NEWEST_DICTIONARY,
        ],
    )?;
    transaction.commit()?;
    Ok(connection)
}

/// Keeps a write-ahead log. Where that is not to be had, SQLite keeps its rollback journal, and that is all right.
fn log_ahead(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    if shares_memory(folder.unwrap_or(Path::new("."))) {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    }
    connection.pragma_update(None, "synchronous", "NORMAL")
}

/// Switches to a rollback journal, for which the file must be nobody else's for a moment. Someone who reads it stands in
/// the way: then it stays as it is, whole, complete and readable, and only less handy on read-only media.
pub(super) fn leave_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    for _ in 0..TRIES_TO_SWITCH {
        let switched = connection
            .query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
            .optional();
        match switched {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                std::thread::sleep(BETWEEN_TRIES);
            }
            switched => return switched.map(|_| ()),
        }
    }
    Ok(())
}
