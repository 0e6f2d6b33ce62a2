//! What is looked at before a file of somebody else is taken in.

use std::collections::HashMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use crate::documents::text::neutral;
use crate::store::read::wrong_file;
use crate::store::schema::{CREATE, ScanHeader};
use crate::store::{Scan, StoreError, Verification};

/// How far a scan may begin after now, where two clocks differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_hours(24);
/// The most rows of each table.
const MOST_ROWS: i64 = 1_000_000;
/// The most documents of all servers together.
const MOST_DOCUMENTS: i64 = 50_000_000;
/// The longest text of a column that is no document, in bytes.
const LONGEST_TEXT: i64 = 64 << 10;
/// How much larger than their file all bodies together may be when they are unpacked; real ones are some ten times.
const MOST_TIMES: u64 = 200;
/// What small files may have beyond that, in bytes.
const ALWAYS: u64 = 256 << 20;

/// The most bytes that all bodies of a file may have.
pub fn most_unpacked(file: &Path) -> u64 {
    let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    bytes.saturating_mul(MOST_TIMES).saturating_add(ALWAYS)
}

/// Looks at a file: its tables, its size, its soundness and its digest. What it is to be called here, when it is taken in.
///
/// # Errors
/// When something of it is not as our own files are.
pub fn admit(scan: &mut Scan, now: Timestamp) -> Result<ScanHeader, StoreError> {
    let path = scan.path().to_owned();
    let refused = |detail: String| StoreError::NotAdmitted {
        path: path.clone(),
        detail: neutral(&detail).into_owned(),
    };
    let wrong = |source| wrong_file(&path, source);
    if let Some(odd) = odd_schema(scan.connection()).map_err(wrong)? {
        return Err(refused(odd));
    }
    if let Some(odd) = odd_size(scan.connection()).map_err(wrong)? {
        return Err(refused(odd));
    }
    let info = scan.info()?;
    let header = info.header;
    let is_id = header.id.len() == 8
        && header
            .id
            .bytes()
            .all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
    if !is_id {
        return Err(refused(format!("{:?} is no id of a scan", header.id)));
    }
    if header.started_at > now.saturating_add(CLOCKS_DIFFER).unwrap_or(Timestamp::MAX) {
        return Err(refused(format!(
            "it says that it began at {}, which is yet to come",
            header.started_at
        )));
    }
    match scan.verify(|_, _| true)? {
        Some(Verification::Intact | Verification::Unfinished) | None => {}
        Some(Verification::Changed(what)) => {
            return Err(refused(format!(
                "{what}. `flexposture scans export --salvage` writes what can be read of it"
            )));
        }
    }
    Ok(ScanHeader {
        // Whoever hands a scan over wants it kept: the retention of watch mode has no say in it.
        program: header.by_hand(),
        parent: None,
        ..header
    })
}

/// The columns of a table, by name, with their types.
type Columns = Vec<(String, String)>;

fn tables(connection: &Connection) -> rusqlite::Result<HashMap<String, Columns>> {
    let names = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    let mut tables = HashMap::new();
    for name in names {
        let columns = connection
            .prepare("SELECT name, type FROM pragma_table_xinfo(?1)")?
            .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Columns>>()?;
        tables.insert(name, columns);
    }
    Ok(tables)
}

/// What a file has that none of ours has: triggers, views, indexes and tables of its own, columns that are others.
fn odd_schema(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let odd = connection
        .prepare(
            "SELECT type, name FROM sqlite_schema
             WHERE type NOT IN ('table', 'index')
                OR (type = 'index' AND name NOT LIKE 'sqlite_autoindex_%')
                OR (type = 'table' AND sql NOT LIKE 'CREATE TABLE %')",
        )?
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?
        .next()
        .transpose()?;
    if let Some((kind, name)) = odd {
        return Ok(Some(format!(
            "it has the {kind} {name:?}, which no scan has"
        )));
    }
    let ours = Connection::open_in_memory()?;
    ours.execute_batch(CREATE)?;
    let ours = tables(&ours)?;
    for (table, columns) in tables(connection)? {
        let Some(known) = ours.get(&table) else {
            return Ok(Some(format!(
                "it has the table {table:?}, which no scan has"
            )));
        };
        if let Some((column, kind)) = columns.iter().find(|column| !known.contains(column)) {
            return Ok(Some(format!(
                "its table {table} has the column {column:?} of type {kind:?}, which no scan has"
            )));
        }
    }
    Ok(None)
}

/// What of a file is larger than any of ours.
fn odd_size(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, i64>(0));
    for (table, most) in [
        ("subscription", MOST_ROWS),
        ("note", MOST_ROWS / 100),
        ("server", MOST_ROWS),
        ("document", MOST_DOCUMENTS),
    ] {
        let count = number(&format!("SELECT count(*) FROM {table}"))?;
        if count > most {
            return Ok(Some(format!("it has {count} rows in the table {table}")));
        }
    }
    for (table, text) in [
        ("scan", "id || program || cloud || endpoint || scope"),
        ("note", "text"),
        ("server", "id || key"),
        ("subscription", "id || name"),
        (
            "document",
            "kind || method || path || api_version || coalesce(cause, '')",
        ),
    ] {
        let longest = number(&format!(
            "SELECT coalesce(max(length({text})), 0) FROM {table}"
        ))?;
        if longest > LONGEST_TEXT {
            return Ok(Some(format!(
                "it has {longest} characters of text in a row of the table {table}"
            )));
        }
    }
    let heads = number("SELECT count(*) FROM scan")?;
    if heads != 1 {
        return Ok(Some(format!("it says {heads} times what was scanned")));
    }
    let mut servers = connection.prepare("SELECT key, id FROM server")?;
    let mut servers = servers.query([])?;
    while let Some(row) = servers.next()? {
        let (key, id): (String, String) = (row.get(0)?, row.get(1)?);
        if key != id.to_lowercase() {
            return Ok(Some(format!("it keeps the server {id} under another name")));
        }
    }
    Ok(None)
}
