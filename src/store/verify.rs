//! Whether a finished scan is still what was written.

use crate::posture::{ServerSummary, Totals};

use super::digest::digest;
use super::read::wrong_file;
use super::schema::FORMAT_WITH_SHARED;
use super::{Scan, StoreError};

/// The most damaged servers that are named.
const MOST_NAMED: usize = 20;

/// What came of looking whether a scan is still what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Every page of the file, every document, the list and the totals are those that were written.
    Intact,
    /// Something is not what was written, in words.
    Changed(String),
    /// The scan was not finished: nothing was written to compare with.
    Unfinished,
}

impl Scan {
    /// Looks whether the scan is still what was written: whether the database is sound, whether the documents have the
    /// digest that the file names, and whether the list and the totals are those of its servers. Whoever changes all of
    /// them on purpose is not found out: it finds damage, it proves no origin. `progress` hears how many servers of how
    /// many are done and says whether to go on; `None` when it said no.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn verify(
        &self,
        mut progress: impl FnMut(u64, u64) -> bool,
    ) -> Result<Option<Verification>, StoreError> {
        let changed = |what: String| Ok(Some(Verification::Changed(what)));
        let (connection, path) = (self.connection(), self.path());
        let wrong = |source| wrong_file(path, source);
        let (expected, servers): (Option<String>, Option<u32>) = connection
            .query_row("SELECT digest, servers FROM scan", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(wrong)?;
        let Some(expected) = expected else {
            return Ok(Some(Verification::Unfinished));
        };
        let all = u64::from(servers.unwrap_or(0));
        if !progress(0, all) {
            return Ok(None);
        }
        let sound: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .unwrap_or_else(|error| error.to_string());
        if sound != "ok" {
            let what = crate::documents::text::neutral_lines(&sound);
            let named = self.damaged_servers();
            return changed(format!("the database is not sound: {what}; {named}"));
        }
        let has_shared = self.format() >= FORMAT_WITH_SHARED;
        let found = digest(connection, has_shared, |server| progress(server, all));
        match found.map_err(wrong)? {
            None => return Ok(None),
            Some(found) if found != expected => {
                let named = self.damaged_servers();
                return changed(format!(
                    "its documents are not those that were written: their digest differs; {named}"
                ));
            }
            Some(_) => {}
        }
        if let Some(what) = self.verify_list()? {
            return changed(what);
        }
        Ok(Some(Verification::Intact))
    }

    /// Which servers cannot be read, in words.
    fn damaged_servers(&self) -> String {
        // Opened once more: what is read here is not to be kept.
        let Ok(mut scan) = Self::open(self.path()) else {
            return "it cannot be opened again".to_owned();
        };
        let mut damaged = Vec::new();
        for place in scan.places() {
            match scan.salvaged(&place) {
                Some(server) if server.is_whole() => {}
                Some(server) => damaged.push(server.words()),
                None => damaged.push("one without a name".to_owned()),
            }
        }
        if damaged.is_empty() {
            return "every document can be read, and which one changed is not told".to_owned();
        }
        let more = damaged.len().saturating_sub(MOST_NAMED);
        damaged.truncate(MOST_NAMED);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("damaged: {}{more}", damaged.join(", "))
    }

    /// What is wrong with the packed list and the totals beside the servers that they are made of.
    fn verify_list(&self) -> Result<Option<String>, StoreError> {
        let Some(under) = self.judged_under()? else {
            return Ok(Some("it has no list of its servers".to_owned()));
        };
        // A list in the form of another version is not read, here as elsewhere.
        let Some(fleet) = self.packed_then(&under.ruleset)? else {
            return Ok(None);
        };
        let differ = self
            .totals()?
            .is_some_and(|totals| totals != Totals::of(&fleet.servers));
        if differ {
            return Ok(Some("the totals are not those of the list".to_owned()));
        }
        // A scan that is laid over another one lists the servers of both.
        if self.info()?.header.parent.is_some() {
            return Ok(None);
        }
        let (connection, path) = (self.connection(), self.path());
        let wrong = |source| wrong_file(path, source);
        let mut statement = connection
            .prepare("SELECT summary FROM server ORDER BY ord")
            .map_err(wrong)?;
        let mut rows = statement.query([]).map_err(wrong)?;
        let mut listed = fleet.servers.iter();
        loop {
            let (row, server) = (rows.next().map_err(wrong)?, listed.next());
            match (row, server) {
                (None, None) => break,
                (Some(row), Some(server)) => {
                    let bytes = row.get_ref(0).map_err(wrong)?;
                    let own = bytes.as_blob().ok();
                    let own: Option<ServerSummary> =
                        own.and_then(|bytes| postcard::from_bytes(bytes).ok());
                    if own.as_ref() != Some(server) {
                        let name = crate::documents::text::neutral(&server.name);
                        return Ok(Some(format!("the list and the server {name} differ")));
                    }
                }
                _ => return Ok(Some("the list has other servers than the file".to_owned())),
            }
        }
        Ok(None)
    }
}
