//! What is made of all servers together when a scan ends: the packed list, the fingerprints, the totals, and the digest.

use std::io;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use super::as_sql;
use crate::posture::{ServerSummary, Totals};
use crate::store::pack::Packer;
use crate::store::{Assessed, fingerprints};

/// What a finished scan keeps of all its servers together.
pub(super) struct Packed {
    pub servers: i64,
    pub list: Vec<u8>,
    /// Where those of every server are known.
    pub fingerprints: Option<Vec<u8>>,
    pub totals: Totals,
}

/// Packs all servers, one at a time.
pub(super) fn pack(transaction: &rusqlite::Transaction<'_>) -> rusqlite::Result<Packed> {
    let servers: i64 =
        transaction.query_row("SELECT count(*) FROM server", [], |row| row.get(0))?;
    let subscriptions = crate::store::read::subscriptions(transaction)?;
    let mut packer =
        Packer::new(&subscriptions, u64::try_from(servers).unwrap_or(0)).map_err(as_sql)?;
    let mut fingerprints = fingerprints::Packer::new().map_err(as_sql)?;
    let mut totals = Totals::default();
    let mut rows = transaction.prepare("SELECT summary, fingerprints FROM server ORDER BY ord")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let summary: ServerSummary =
            postcard::from_bytes(row.get_ref(0)?.as_blob()?).map_err(as_sql)?;
        totals.add(&summary);
        packer.server(&summary).map_err(as_sql)?;
        fingerprints.server(&row.get(1)?).map_err(as_sql)?;
    }
    Ok(Packed {
        servers,
        list: packer.finish().map_err(as_sql)?,
        fingerprints: Some(fingerprints.finish().map_err(as_sql)?),
        totals,
    })
}

/// Packs the servers of a scan that lies over another, which are not all in its own file.
pub(super) fn pack_merged(merged: &Assessed) -> io::Result<Packed> {
    let servers = &merged.fleet.servers;
    let mut packer = Packer::new(&merged.fleet.subscriptions, servers.len() as u64)?;
    for server in servers {
        packer.server(server)?;
    }
    let fingerprints = match &merged.fingerprints {
        Some(all) => {
            let mut packer = fingerprints::Packer::new()?;
            for one in all {
                packer.server(&one.to_bytes())?;
            }
            Some(packer.finish()?)
        }
        None => None,
    };
    Ok(Packed {
        servers: i64::try_from(servers.len()).unwrap_or(i64::MAX),
        list: packer.finish()?,
        fingerprints,
        totals: Totals::of(servers),
    })
}

/// SHA-256 over every document as it is stored: those of the servers in the order of servers and kinds, then the shared
/// ones in the order of what they are about, then which server has which of those.
pub(super) fn digest(connection: &Connection) -> rusqlite::Result<String> {
    const OWN: &str = "SELECT s.key, d.kind, d.method, d.path, d.api_version, d.fetched_at, coalesce(d.cause, ''),
                coalesce(d.body, x'')
         FROM document d JOIN server s ON s.ord = d.server ORDER BY s.ord, d.kind";
    const SHARED: &str = "SELECT about, kind, method, path, api_version, fetched_at, coalesce(cause, ''), coalesce(body, x'')
         FROM shared_document ORDER BY about, kind";
    const SHARES: &str = "SELECT s.key, d.about, d.kind
         FROM server_shared JOIN server s ON s.ord = server JOIN shared_document d ON d.ord = shared
         ORDER BY s.ord, d.about, d.kind";
    let mut digest = Sha256::new();
    for (query, columns) in [(OWN, 8), (SHARED, 8), (SHARES, 3)] {
        let mut rows = connection.prepare(query)?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                let bytes: &[u8] = match row.get_ref(column)? {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
                    ValueRef::Integer(number) => {
                        digest.update(number.to_be_bytes());
                        continue;
                    }
                    _ => &[],
                };
                digest.update((bytes.len() as u64).to_be_bytes());
                digest.update(bytes);
            }
        }
    }
    Ok(digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
