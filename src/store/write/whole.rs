//! What is made of all servers together when a scan ends: the packed list, the fingerprints, the totals, and the digest.

use std::io;

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
