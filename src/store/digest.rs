//! The digest of a scan: SHA-256 over every document as it is stored.

use std::fmt::Write as _;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

/// The documents of the servers, in the order of servers and kinds.
const OWN: &str = "SELECT s.ord, s.key, d.kind, d.method, d.path, d.api_version, d.fetched_at, coalesce(d.cause, ''),
            coalesce(d.body, x'')
     FROM document d JOIN server s ON s.ord = d.server ORDER BY s.ord, d.kind";
/// The shared ones, in the order of what they are about.
const SHARED: &str = "SELECT ord, about, kind, method, path, api_version, fetched_at, coalesce(cause, ''), coalesce(body, x'')
     FROM shared_document ORDER BY about, kind";
/// Which server has which of those.
const SHARES: &str = "SELECT s.ord, s.key, d.about, d.kind
     FROM server_shared JOIN server s ON s.ord = server JOIN shared_document d ON d.ord = shared
     ORDER BY s.ord, d.about, d.kind";

/// The digest of the documents in the tables that this format has, in hexadecimal digits. `progress` hears at which server
/// it is and says whether to go on; `None` when it said no.
pub(super) fn digest(
    connection: &Connection,
    has_shared: bool,
    mut progress: impl FnMut(u64) -> bool,
) -> rusqlite::Result<Option<String>> {
    let mut digest = Sha256::new();
    let queries = [(OWN, 9, true), (SHARED, 9, false), (SHARES, 4, false)];
    let queries = queries.into_iter().take(if has_shared { 3 } else { 1 });
    for (query, columns, of_servers) in queries {
        let mut rows = connection.prepare(query)?;
        let mut rows = rows.query([])?;
        let mut server = 0;
        while let Some(row) = rows.next()? {
            // The place is no part of what is digested.
            let place: i64 = row.get(0)?;
            if of_servers && place != server {
                server = place;
                if !progress(u64::try_from(server).unwrap_or(0)) {
                    return Ok(None);
                }
            }
            for column in 1..columns {
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
    let mut words = String::new();
    for byte in digest.finalize() {
        let _ = write!(words, "{byte:02x}");
    }
    Ok(Some(words))
}
