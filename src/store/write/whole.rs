//! What is made of all servers together when a scan ends: the packed list, the fingerprints, the totals, and the digest.

use super::as_sql;
use crate::posture::{ServerSummary, Totals};
use crate::store::fingerprints;
use crate::store::pack::Packer;

/// What a finished scan keeps of all its servers together.
pub(super) struct Packed {
    pub list: Vec<u8>,
    pub fingerprints: Vec<u8>,
    pub totals: Totals,
}

/// Packs all servers, one at a time.
pub(super) fn pack(
    transaction: &rusqlite::Transaction<'_>,
    servers: i64,
) -> rusqlite::Result<Packed> {
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
        list: packer.finish().map_err(as_sql)?,
        fingerprints: fingerprints.finish().map_err(as_sql)?,
        totals,
    })
}
