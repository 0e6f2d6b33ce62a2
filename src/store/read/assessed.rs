//! A whole scan under one judge, for a difference and for a trend: read where it was kept, judged anew where it was not,
//! and then kept in the user's cache folder.

use rusqlite::OptionalExtension;

use super::workers::Numbered;
use super::{Scan, subscriptions, wrong_file};
use crate::documents::ResourceId;
use crate::posture::{
    Fingerprints, Fleet, Judge, ServerSummary, Standing, Totals, verdict_changes,
};
use crate::store::cache::{Cache, key};
use crate::store::schema::FORMAT_WITH_TOTALS;
use crate::store::{StoreError, fingerprints, pack};

/// A whole scan under one judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// Its servers, in the order of the inventory.
    pub fleet: Fleet,
    /// What was seen of each of them, in the same order; `None` in files that keep none.
    pub fingerprints: Option<Vec<Fingerprints>>,
}

/// What the cache keeps of a scan under a judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub assessed: Assessed,
    /// How many verdicts are others than those of the packed list, exemptions not looked at; `None` where there is none that
    /// can be read.
    pub differ: Option<usize>,
}

/// How much of what the cache keeps is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// The list alone.
    List,
    /// The list and the fingerprints.
    All,
}

/// So many servers that exemptions name are read again each time: that is cheaper than to keep another list.
const FEW: u64 = 64;
/// In the place of a number that is not known.
const NOT_KNOWN: u64 = u64::MAX;

impl Scan {
    /// The totals of a finished scan under the ruleset that [`Scan::judged_under`] names, without exemptions; a read of one
    /// small row. `None` in files that keep none, and while it is unfinished.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn totals(&self) -> Result<Option<Totals>, StoreError> {
        Ok(self.kept_totals()?.map(|(_, totals)| totals))
    }

    fn kept_totals(&self) -> Result<Option<(String, Totals)>, StoreError> {
        if self.format < FORMAT_WITH_TOTALS {
            return Ok(None);
        }
        let row: Option<(String, String)> = self
            .connection
            .query_row("SELECT ruleset, totals FROM totals LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(|source| wrong_file(&self.path, source))?;
        let Some((ruleset, json)) = row else {
            return Ok(None);
        };
        let totals: Totals =
            serde_json::from_str(&json).map_err(|error| self.damaged(error.to_string()))?;
        // Another version of the program knows other features: then they are summed up anew.
        Ok(totals.is_whole().then_some((ruleset, totals)))
    }

    /// The totals under a judge where they can be had without looking at a server: those of the file where it was judged so,
    /// else those in the cache.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn totals_known(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
    ) -> Result<Option<Totals>, StoreError> {
        let id = judge.id();
        if let Some((ruleset, totals)) = self.kept_totals()?
            && ruleset == id
        {
            return Ok(Some(totals));
        }
        let place = self.place_in_cache("totals", cache, &id)?;
        let kept = place.and_then(|(cache, key)| cache.get(&key));
        let totals = kept.and_then(|bytes| serde_json::from_slice::<Totals>(&bytes).ok());
        Ok(totals.filter(Totals::is_whole))
    }

    /// The totals under a judge: those of the file where it was judged so, else those in the cache, else summed up from
    /// the list, which is judged anew where need be; that is the slow way, and its outcome is kept in the cache.
    /// `progress` hears how many servers were judged anew and says whether to go on; `None` when it said no.
    ///
    /// # Errors
    /// When the file is damaged. A cache that cannot be written is no error.
    pub fn totals_under(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
        progress: impl FnMut(u64) -> bool,
    ) -> Result<Option<Totals>, StoreError> {
        if let Some(totals) = self.totals_known(judge, cache)? {
            return Ok(Some(totals));
        }
        let Some(assessed) = self.assess(judge, cache, progress)? else {
            return Ok(None);
        };
        let totals = Totals::of(&assessed.fleet.servers);
        if let Some((cache, key)) = self.place_in_cache("totals", cache, &judge.id())?
            && self.missing()?.is_none()
            && let Ok(bytes) = serde_json::to_vec(&totals)
        {
            let _ = cache.put(&key, &bytes);
        }
        Ok(Some(totals))
    }

    /// All servers under a judge with what was seen of them: those of the file where it was judged so, else those in the
    /// cache, else judged anew and kept there. `progress` hears how many servers were judged anew and says whether to go
    /// on; `None` when it said no.
    ///
    /// # Errors
    /// When the file is damaged. A cache that cannot be written is no error.
    pub fn assess(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
        progress: impl FnMut(u64) -> bool,
    ) -> Result<Option<Assessed>, StoreError> {
        let ruleset = judge.ruleset.id();
        if !judge.exemptions.any_on(judge.today)
            && let Some(fleet) = self.packed(&ruleset)?
        {
            let fingerprints = self.packed_fingerprints(&ruleset, fleet.servers.len())?;
            return Ok(Some(Assessed {
                fleet,
                fingerprints,
            }));
        }
        let found = self.cached_or_anew(judge, cache, Parts::All, progress)?;
        Ok(found.map(|found| found.assessed))
    }

    /// What the cache keeps of a scan under a judge, judged anew and kept there where there is nothing yet.
    pub(super) fn cached_or_anew(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
        parts: Parts,
        mut progress: impl FnMut(u64) -> bool,
    ) -> Result<Option<Kept>, StoreError> {
        let place = self.place_in_cache("list", cache, &judge.id())?;
        if let Some((cache, key)) = &place
            && let Some(bytes) = cache.get(key)
            && let Some(kept) = thaw(&bytes, parts)
        {
            return Ok(Some(kept));
        }
        let ruleset = judge.ruleset.id();
        let mut read = 0;
        let mut heard = |done| {
            read = done;
            progress(done)
        };
        let packed = self.packed(&ruleset)?;
        let is_packed = packed.is_some();
        let kept = match packed {
            Some(fleet) => self.exempted(fleet, judge, &ruleset, &mut heard)?,
            None => self.judged_anew(judge, &mut heard)?,
        };
        if let (Some(kept), Some((cache, key))) = (&kept, &place)
            && (!is_packed || read > FEW)
            && self.missing()?.is_none()
            && let Ok(bytes) = freeze(kept)
        {
            let _ = cache.put(key, &bytes);
        }
        Ok(kept)
    }

    /// A packed list with the exemptions applied. What was seen of a server does not depend on them.
    fn exempted(
        &mut self,
        mut fleet: Fleet,
        judge: &Judge,
        ruleset: &str,
        progress: &mut impl FnMut(u64) -> bool,
    ) -> Result<Option<Kept>, StoreError> {
        let concerned = |server: &ServerSummary| {
            ResourceId::parse(&server.id).is_ok_and(|id| judge.exemptions.concern(&id, judge.today))
        };
        let (numbers, places): (Vec<usize>, Vec<Numbered>) = fleet
            .servers
            .iter()
            .enumerate()
            .filter(|(_, server)| concerned(server))
            .map(|(number, server)| (number, (None, server.id.to_string())))
            .unzip();
        let mut servers = numbers.iter().zip(1..);
        let whole = self.work_on(
            &places,
            |_, documents| judge.summary(documents),
            |summary| {
                servers.next().is_some_and(|(number, done)| {
                    fleet.servers[*number] = summary;
                    progress(done)
                })
            },
        )?;
        if !whole {
            return Ok(None);
        }
        let fingerprints = self.packed_fingerprints(ruleset, fleet.servers.len())?;
        Ok(Some(Kept {
            assessed: Assessed {
                fleet,
                fingerprints,
            },
            differ: None,
        }))
    }

    fn judged_anew(
        &mut self,
        judge: &Judge,
        progress: &mut impl FnMut(u64) -> bool,
    ) -> Result<Option<Kept>, StoreError> {
        let then = match self.judged_under()? {
            Some(then) => self.packed_then(&then.ruleset)?,
            None => None,
        };
        let before = |place: usize| then.as_ref().and_then(|then| then.servers.get(place));
        let subscriptions =
            subscriptions(&self.connection).map_err(|source| wrong_file(&self.path, source))?;
        let (mut servers, mut fingerprints) = (Vec::new(), Vec::new());
        let mut differ = 0;
        let whole = self.work_through(
            |place, documents| {
                let findings = judge.findings(documents);
                // Both lists are in the order of the inventory.
                let changes = before(place).map(|it| verdict_changes(it, None, &findings).len());
                (Standing::new(documents, &findings), changes)
            },
            |(standing, changes)| {
                servers.push(standing.summary);
                fingerprints.push(standing.fingerprints);
                differ += changes.unwrap_or(0);
                progress(servers.len() as u64)
            },
        )?;
        Ok(whole.then(|| Kept {
            assessed: Assessed {
                fleet: Fleet {
                    subscriptions,
                    servers,
                },
                fingerprints: Some(fingerprints),
            },
            differ: then.is_some().then_some(differ),
        }))
    }

    /// The fingerprints that were packed with the list of a ruleset; `None` in files that keep none of this form.
    fn packed_fingerprints(
        &self,
        ruleset: &str,
        servers: usize,
    ) -> Result<Option<Vec<Fingerprints>>, StoreError> {
        if self.format < FORMAT_WITH_TOTALS {
            return Ok(None);
        }
        let packed: Option<Vec<u8>> = self
            .connection
            .query_row(
                "SELECT list FROM fingerprints WHERE ruleset = ?1 AND form = ?2",
                (ruleset, Fingerprints::FORM),
                |row| row.get(0),
            )
            .optional()
            .map_err(|source| wrong_file(&self.path, source))?;
        packed
            .map(|packed| fingerprints::unpack(&packed, servers))
            .transpose()
            .map_err(|error| self.damaged(error.to_string()))
    }

    /// The subscriptions of which the servers could not be listed, by id; none in files that do not say so.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn unlisted(&self) -> Result<Vec<String>, StoreError> {
        if self.format < FORMAT_WITH_TOTALS {
            return Ok(Vec::new());
        }
        let read = || {
            self.connection
                .prepare("SELECT id FROM subscription WHERE unlisted ORDER BY ord")?
                .query_map([], |row| super::text(row, 0))?
                .collect::<rusqlite::Result<Vec<String>>>()
        };
        read().map_err(|source| wrong_file(&self.path, source))
    }

    /// Where in the cache something of this scan stands; nowhere while it is unfinished. What was judged while a scan
    /// below was not to be had is not kept: it may be there another time.
    fn place_in_cache<'a>(
        &self,
        what: &str,
        cache: Option<&'a Cache>,
        judge: &str,
    ) -> Result<Option<(&'a Cache, String)>, StoreError> {
        let Some(cache) = cache else {
            return Ok(None);
        };
        let digest: Option<String> = self
            .connection
            .query_row("SELECT digest FROM scan", [], |row| row.get(0))
            .map_err(|source| wrong_file(&self.path, source))?;
        Ok(digest.map(|digest| (cache, key(what, &self.path, &digest, judge))))
    }
}

/// As the cache keeps it: the form of the fingerprints, zero where there are none, how many verdicts differ, all ones where
/// that is not known, the length of the list, the list, and the fingerprints.
fn freeze(kept: &Kept) -> std::io::Result<Vec<u8>> {
    let assessed = &kept.assessed;
    let servers = &assessed.fleet.servers;
    let mut packer = pack::Packer::new(&assessed.fleet.subscriptions, servers.len() as u64)?;
    for server in servers {
        packer.server(server)?;
    }
    let list = packer.finish()?;
    let form = assessed
        .fingerprints
        .as_ref()
        .map_or(0, |_| Fingerprints::FORM);
    let mut bytes = vec![form];
    let differ = kept.differ.map_or(NOT_KNOWN, |differ| differ as u64);
    bytes.extend(differ.to_le_bytes());
    bytes.extend((list.len() as u64).to_le_bytes());
    bytes.extend(list);
    if let Some(all) = &assessed.fingerprints {
        let mut packer = fingerprints::Packer::new()?;
        for one in all {
            packer.server(&one.to_bytes())?;
        }
        bytes.extend(packer.finish()?);
    }
    Ok(bytes)
}

fn thaw(bytes: &[u8], parts: Parts) -> Option<Kept> {
    let (form, rest) = bytes.split_first()?;
    let (differ, rest) = rest.split_first_chunk::<8>()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (list, packed) = rest.split_at_checked(length)?;
    let fleet = pack::unpack(list).ok()?;
    let fingerprints = match (*form, parts) {
        (0, _) | (Fingerprints::FORM, Parts::List) => None,
        (Fingerprints::FORM, Parts::All) => {
            Some(fingerprints::unpack(packed, fleet.servers.len()).ok()?)
        }
        _ => return None,
    };
    let differ = Some(u64::from_le_bytes(*differ)).filter(|differ| *differ != NOT_KNOWN);
    Some(Kept {
        assessed: Assessed {
            fleet,
            fingerprints,
        },
        differ: differ.and_then(|differ| usize::try_from(differ).ok()),
    })
}

#[cfg(test)]
mod tests;
