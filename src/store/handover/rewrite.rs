//! A scan written once more, by our own reader and writer: what comes of it holds nothing that they do not know.

use std::collections::HashSet;
use std::path::Path;

use jiff::Timestamp;

use crate::documents::{Document, DocumentKind, ServerDocuments};
use crate::posture::{Ruleset, Standing, judge};
use crate::store::read::Place;
use crate::store::redact::Redaction;
use crate::store::schema::{Completeness, ScanHeader, ScanInfo};
use crate::store::{Scan, StoreError, Writer};

/// How many servers are written in one transaction.
const BATCH: usize = 200;
/// The most servers with damage that a note names.
const MOST_NAMED: usize = 20;

/// How a scan is written once more.
pub struct Rewrite {
    pub scan: Scan,
    pub header: ScanHeader,
    /// The pseudonyms to write it under.
    pub redaction: Option<Redaction>,
    /// Whether what cannot be read is left out and said, and not an error.
    pub salvage: bool,
    /// The most bytes that all bodies together may have when they are unpacked.
    pub most_unpacked: u64,
}

/// What came of it.
pub struct Rewritten {
    pub servers: u64,
    /// What was lost of a damaged file, in words.
    pub damage: Vec<String>,
}

impl Rewrite {
    /// Writes it to `to`, where nothing is yet. `progress` hears how many servers of how many are done.
    ///
    /// # Errors
    /// When the scan cannot be read or the file not be written.
    pub fn to(
        mut self,
        to: &Path,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Rewritten, StoreError> {
        let info = self.scan.info()?;
        let then = self.scan.judged_under();
        let then = if self.salvage {
            then.unwrap_or_default()
        } else {
            then?
        };
        let mut ruleset = then.and_then(|then| then.settings).unwrap_or_default();
        if let Some(redaction) = &mut self.redaction {
            redaction.look_at_ruleset(&ruleset);
            for place in places(&mut self.scan, self.salvage)? {
                if let Some(server) = self.scan.salvaged(&place) {
                    redaction.look_at(&server.documents);
                }
            }
            ruleset = redaction.ruleset(&ruleset);
        }
        let mut writer = Writer::create(to, &self.header)?;
        match self.fill(&mut writer, &info, &ruleset, &mut progress) {
            Ok((rewritten, finished_at)) => {
                let completeness = match info.completeness {
                    // What has no end here gets none: it is as if somebody had stopped it.
                    Completeness::Unfinished => Completeness::Cancelled,
                    ended => ended,
                };
                writer.finish(completeness, finished_at, &ruleset)?;
                Ok(rewritten)
            }
            Err(error) => {
                // Of the two errors the first one says more.
                let _ = writer.discard();
                Err(error)
            }
        }
    }

    fn fill(
        &mut self,
        writer: &mut Writer,
        info: &ScanInfo,
        ruleset: &Ruleset,
        progress: &mut impl FnMut(u64, u64),
    ) -> Result<(Rewritten, Timestamp), StoreError> {
        let (mut subscriptions, mut unlisted) =
            match (self.scan.subscriptions(), self.scan.unlisted()) {
                (Ok(all), Ok(unlisted)) => (all, unlisted),
                (Err(error), _) | (_, Err(error)) if !self.salvage => return Err(error),
                (all, unlisted) => (all.unwrap_or_default(), unlisted.unwrap_or_default()),
            };
        if let Some(redaction) = &mut self.redaction {
            for subscription in &mut subscriptions {
                *subscription = redaction.subscription(subscription);
            }
            for id in &mut unlisted {
                *id = redaction.id(id);
            }
        }
        writer.subscriptions(&subscriptions)?;
        writer.unlisted(&unlisted)?;

        let places = places(&mut self.scan, self.salvage)?;
        let all = places.len() as u64;
        let mut damage = Vec::new();
        let mut seen = HashSet::new();
        let mut servers = 0;
        let mut last = info.header.started_at;
        for some in places.chunks(BATCH) {
            let mut batch = Vec::with_capacity(some.len());
            for place in some {
                let server = if self.salvage {
                    self.scan.salvaged(place)
                } else {
                    Some(self.scan.whole(place)?)
                };
                let Some(server) = server else {
                    damage.push("a server of which not even the name is left".to_owned());
                    continue;
                };
                if !server.is_whole() {
                    damage.push(server.words());
                }
                let mut documents = server.documents;
                if !seen.insert(documents.id().key()) {
                    if self.salvage {
                        continue;
                    }
                    return Err(self.refused(&format!("holds {} twice", documents.id())));
                }
                if self.scan.unpacked() > self.most_unpacked {
                    return Err(self.refused("unpacks to far more than any scan of its size"));
                }
                if let Some(at) = documents.iter().map(|it| it.fetched_at).max() {
                    last = last.max(at);
                }
                if let Some(redaction) = &mut self.redaction {
                    let Some(changed) = redaction.server(&documents) else {
                        return Err(self.refused("holds an id that cannot be redacted"));
                    };
                    documents = changed;
                }
                let standing = Standing::new(&documents, &judge(&documents, ruleset));
                batch.push((documents, standing));
            }
            servers += batch.len() as u64;
            writer.servers(
                batch
                    .iter()
                    .map(|(documents, standing)| (documents, standing)),
            )?;
            progress(servers, all);
        }
        self.notes(writer, info, &damage)?;
        let finished_at = info.finished_at.unwrap_or(last);
        Ok((Rewritten { servers, damage }, finished_at))
    }

    fn notes(
        &mut self,
        writer: &mut Writer,
        info: &ScanInfo,
        damage: &[String],
    ) -> Result<(), StoreError> {
        if self.redaction.is_some() {
            writer.note(
                "this scan is redacted: names, ids, addresses and logins are pseudonyms, the same within this file",
            )?;
            let count = info.notes.len();
            if count > 0 {
                let notes = if count == 1 { "note" } else { "notes" };
                writer.note(&format!(
                    "{count} {notes} of the scan left out: sentences can name anybody"
                ))?;
            }
        } else {
            info.notes.iter().try_for_each(|note| writer.note(note))?;
        }
        if info.completeness == Completeness::Unfinished {
            writer.note("this scan was broken off; this is what it had read until then")?;
        }
        if let Some(missing) = self.scan.missing()? {
            let missing = match self.redaction {
                Some(_) => "a scan over which this one lies was not at hand".to_owned(),
                None => missing,
            };
            writer.note(&missing)?;
        }
        if self.salvage {
            let words = match (&self.redaction, damage.len()) {
                (_, 0) => {
                    "this scan was salvaged from a file; every document could be read".to_owned()
                }
                (Some(_), count) => format!(
                    "this scan was salvaged from a damaged file; of {count} servers something is lost and unread"
                ),
                (None, count) => {
                    let named = damage.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>();
                    let more = count - named.len();
                    let more = if more > 0 {
                        format!(" and {more} more")
                    } else {
                        String::new()
                    };
                    format!(
                        "this scan was salvaged from a damaged file; lost and unread: {}{more}",
                        named.join(", ")
                    )
                }
            };
            writer.note(&words)?;
        }
        Ok(())
    }

    fn refused(&self, detail: &str) -> StoreError {
        StoreError::Damaged {
            path: self.scan.path().to_owned(),
            detail: format!("it {}", crate::documents::text::neutral(detail)),
        }
    }
}

/// The servers of a scan: of a damaged one as far as anything tells of them.
fn places(scan: &mut Scan, salvage: bool) -> Result<Vec<Place>, StoreError> {
    if salvage {
        return Ok(scan.places());
    }
    Ok(scan.ids()?.into_iter().map(Place::known).collect())
}

/// Whether two scans say the same of the same servers, however their files are made.
///
/// # Errors
/// When one of them cannot be read.
pub fn same_content(one: &mut Scan, other: &mut Scan) -> Result<bool, StoreError> {
    let keys = |ids: Vec<(Option<i64>, String)>| -> Vec<String> {
        let mut keys: Vec<String> = ids.into_iter().map(|(_, id)| id.to_lowercase()).collect();
        keys.sort_unstable();
        keys
    };
    let ids = one.ids()?;
    if keys(ids.clone()) != keys(other.ids()?) {
        return Ok(false);
    }
    for (_, id) in ids {
        let (one, other) = (one.documents(&id)?, other.documents(&id)?);
        if !alike(&one, &other) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn alike(one: &ServerDocuments, other: &ServerDocuments) -> bool {
    let all = |it: &ServerDocuments| -> Vec<(DocumentKind, Document)> {
        it.iter().map(|it| (it.kind, Document::clone(it))).collect()
    };
    all(one) == all(other)
}
