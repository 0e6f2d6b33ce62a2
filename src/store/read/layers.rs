//! A scan that lies over another: what it did not read again comes from the one below it, and so on.
//!
//! Scans below are found in the same folder by their ids. Where one is missing or does not fit, what it alone held is
//! unread, and that is said: it never becomes an answer.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::documents::{Cause, Document, DocumentKind, ResourceId, ServerDocuments, Subscription};
use crate::posture::{Fleet, Judge, Standing};
use crate::store::cache::Cache;
use crate::store::documents::find;
use crate::store::folder::is_dated;
use crate::store::schema::{ScanHeader, ScanInfo};
use crate::store::{Folder, StoreError};

use super::workers::Numbered;
use super::{Assessed, Scan, subscriptions, wrong_file};

/// The most scans that may lie over each other: each is a file to look into for every server.
pub const MOST_LAYERS: usize = 64;

/// What lies below a scan.
pub enum Below {
    /// Nothing: it holds everything itself.
    Nothing,
    /// A scan that was not needed yet.
    NotOpened,
    /// This one.
    Open(Box<Scan>),
    /// A scan that is not to be had, and why, in words.
    Missing(String),
}

impl Scan {
    /// Whether everything is in the file itself.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self.below, Below::Nothing)
    }

    /// How many scans lie below this one, as far as they are to be had.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn layers(&mut self) -> Result<usize, StoreError> {
        Ok(match self.below()? {
            Below::Open(scan) => 1 + scan.layers()?,
            Below::Nothing | Below::NotOpened | Below::Missing(_) => 0,
        })
    }

    /// What is known of the lowest scan that is to be had, and how many lie over it.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn lowest(&mut self) -> Result<(ScanInfo, usize), StoreError> {
        match self.below()? {
            Below::Open(scan) => {
                let (lowest, layers) = scan.lowest()?;
                Ok((lowest, layers + 1))
            }
            Below::Nothing | Below::NotOpened | Below::Missing(_) => Ok((self.info()?, 0)),
        }
    }

    /// What is wrong with a scan over which this one lies, in words; `None` when nothing is. Text is neutralised.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn missing(&mut self) -> Result<Option<String>, StoreError> {
        match self.below()? {
            Below::Missing(why) => Ok(Some(why.clone())),
            Below::Open(scan) => scan.missing(),
            Below::Nothing | Below::NotOpened => Ok(None),
        }
    }

    /// The ids of the replicas of a server, as this scan and those below it know them.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn replicas_of(&mut self, source: &ResourceId) -> Result<Vec<String>, StoreError> {
        let mut found = match self.below()? {
            Below::Open(scan) => scan.replicas_of(source)?,
            Below::Nothing | Below::NotOpened | Below::Missing(_) => Vec::new(),
        };
        // Format 1 does not tell.
        if self.format >= 2 {
            let read = || {
                self.connection
                    .prepare_cached("SELECT id FROM server WHERE source = ?1")?
                    .query_map([source.key()], |row| row.get(0))?
                    .collect::<rusqlite::Result<Vec<String>>>()
            };
            found.extend(read().map_err(|source| wrong_file(&self.path, source))?);
        }
        Ok(found)
    }

    /// The ids of all servers: those of the scan below in its order, then those that are new.
    pub(super) fn ids_of_layers(&mut self) -> Result<impl Iterator<Item = String>, StoreError> {
        let mut ids: Vec<String> = match self.below()? {
            Below::Open(scan) => scan.ids()?.into_iter().map(|(_, id)| id).collect(),
            Below::Nothing | Below::NotOpened => Vec::new(),
            Below::Missing(_) => self.listed()?,
        };
        let known: HashSet<String> = ids.iter().map(|id| key(id)).collect();
        ids.extend(
            self.own_ids()?
                .into_iter()
                .filter(|id| !known.contains(&key(id))),
        );
        Ok(ids.into_iter())
    }

    /// Everything that was read about one server, and about the one that it replicates; `None` where no layer holds it.
    pub(super) fn documents_of_layers(
        &mut self,
        id: &str,
    ) -> Result<Option<ServerDocuments>, StoreError> {
        let Some(documents) = self.merged(id)? else {
            return Ok(None);
        };
        let source = match documents.source_id().filter(|it| it != documents.id()) {
            Some(source) => self.merged(source.as_str())?.map(Arc::new),
            None => None,
        };
        Ok(Some(documents.with_source(source)))
    }

    fn merged(&mut self, id: &str) -> Result<Option<ServerDocuments>, StoreError> {
        let own = match find(&self.connection, &self.path, id)? {
            Some((ord, id)) => Some(self.reader.alone(&self.connection, &self.path, ord, &id)?),
            None => None,
        };
        let before = match self.below()? {
            Below::Nothing | Below::NotOpened => None,
            Below::Open(scan) => scan.merged(id)?,
            Below::Missing(why) => {
                let why = why.clone();
                if own.is_none() && !self.listed()?.iter().any(|it| key(it) == key(id)) {
                    return Ok(None);
                }
                ResourceId::parse(id).ok().map(|id| unread(id, &why))
            }
        };
        Ok(match (own, before) {
            (Some(own), Some(before)) => Some(own.laid_over(&before)),
            (own, before) => own.or(before),
        })
    }

    /// All servers of the scan below, with those that this one holds something about judged anew. `progress` hears how many
    /// servers of either were judged anew and says whether to go on; `None` when it said no.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn laid_over_the_one_below(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
        mut progress: impl FnMut(u64) -> bool,
    ) -> Result<Option<Assessed>, StoreError> {
        let mut below = 0;
        let before = match self.below()? {
            Below::Open(scan) => {
                let before = scan.assess(judge, cache, |done| {
                    below = done;
                    progress(done)
                })?;
                let Some(before) = before else {
                    return Ok(None);
                };
                before
            }
            Below::Nothing | Below::NotOpened | Below::Missing(_) => Assessed {
                fleet: Fleet::default(),
                fingerprints: Some(Vec::new()),
            },
        };
        let own: Vec<Numbered> = self.own_ids()?.into_iter().map(|id| (None, id)).collect();
        let mut anew = Vec::with_capacity(own.len());
        let whole = self.work_on(
            &own,
            |_, documents| judge.standing(documents),
            |standing| {
                anew.push(standing);
                progress(below + anew.len() as u64)
            },
        )?;
        Ok(whole.then(|| {
            let mut all = before;
            replace(&mut all, anew);
            all
        }))
    }

    /// The same scan over one that is open already.
    #[must_use]
    pub fn over(mut self, below: Self) -> Self {
        self.below = Below::Open(Box::new(below));
        self
    }

    /// The subscriptions that were asked, in order.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        subscriptions(&self.connection).map_err(|source| wrong_file(&self.path, source))
    }

    /// The ids of the servers that the file itself holds something about.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn own_ids(&self) -> Result<Vec<String>, StoreError> {
        let read = || {
            self.connection
                .prepare("SELECT id FROM server ORDER BY ord")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<String>>>()
        };
        read().map_err(|source| wrong_file(&self.path, source))
    }

    /// The ids of the packed list; none where there is no list, or one of a form that is no longer read.
    pub(super) fn listed(&self) -> Result<Vec<String>, StoreError> {
        let Some(then) = self.judged_under()? else {
            return Ok(Vec::new());
        };
        let fleet = self.packed_then(&then.ruleset)?;
        let servers = fleet.into_iter().flat_map(|fleet| fleet.servers);
        Ok(servers.map(|server| server.id.into()).collect())
    }

    pub(super) fn below(&mut self) -> Result<&mut Below, StoreError> {
        if matches!(self.below, Below::NotOpened) {
            let header = self.info()?.header;
            self.below = open_below(&self.path, &header, &self.above);
        }
        Ok(&mut self.below)
    }
}

/// Puts servers in the place of those with the same id; new ones come at the end.
fn replace(all: &mut Assessed, servers: Vec<Standing>) {
    let wanted: HashSet<String> = servers.iter().map(|it| key(&it.summary.id)).collect();
    let places: HashMap<String, usize> = all
        .fleet
        .servers
        .iter()
        .enumerate()
        .map(|(place, server)| (key(&server.id), place))
        .filter(|(id, _)| wanted.contains(id))
        .collect();
    for server in servers {
        match places.get(&key(&server.summary.id)) {
            Some(place) => {
                all.fleet.servers[*place] = server.summary;
                if let Some(fingerprints) = &mut all.fingerprints {
                    fingerprints[*place] = server.fingerprints;
                }
            }
            None => {
                all.fleet.servers.push(server.summary);
                if let Some(fingerprints) = &mut all.fingerprints {
                    fingerprints.push(server.fingerprints);
                }
            }
        }
    }
}

fn key(id: &str) -> String {
    id.trim_end_matches('/').to_ascii_lowercase()
}

/// Finds and opens the scan over which another lies.
fn open_below(path: &Path, header: &ScanHeader, above: &[String]) -> Below {
    let Some(id) = &header.parent else {
        return Below::Nothing;
    };
    let missing =
        |why: &str| Below::Missing(format!("the scan {id}, over which this one lies, {why}"));
    if *id == header.id || above.contains(id) {
        return missing("lies over this one itself");
    }
    if above.len() >= MOST_LAYERS {
        return missing("is not looked for: too many scans lie over each other");
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let files = match Folder::holding(&path).files() {
        Ok(files) => files,
        Err(error) => return missing(&format!("cannot be looked for: {error}")),
    };
    let ends = format!("-{id}");
    let is_named = |file: &&PathBuf| {
        let stem = file.file_stem().and_then(|stem| stem.to_str());
        stem.is_some_and(|stem| stem.ends_with(&ends))
    };
    // A file that somebody gave another name is looked into.
    let renamed = files
        .iter()
        .filter(|file| !is_named(file) && !is_dated(file));
    let mut why = "is not in the same folder".to_owned();
    for file in files.iter().filter(is_named).chain(renamed) {
        if *file == path {
            continue;
        }
        match Scan::open(file).and_then(|scan| Ok((scan.info()?.header, scan))) {
            Ok((found, _)) if found.id != *id => {}
            Ok((found, mut scan)) => match foreign(&found, header) {
                Some(reason) => why = reason.to_owned(),
                None => {
                    scan.above = above.to_vec();
                    scan.above.push(header.id.clone());
                    return Below::Open(Box::new(scan));
                }
            },
            Err(error) if is_named(&file) => why = format!("cannot be read: {error}"),
            Err(_) => {}
        }
    }
    missing(&why)
}

/// Why a scan with the right id is not the one that is meant.
fn foreign(parent: &ScanHeader, child: &ScanHeader) -> Option<&'static str> {
    if (&parent.cloud, &parent.endpoint) != (&child.cloud, &child.endpoint) {
        return Some("is one of another endpoint");
    }
    (parent.started_at > child.started_at).then_some("is younger than this one")
}

/// A server of which only the id is known.
pub(super) fn unread(id: ResourceId, why: &str) -> ServerDocuments {
    let documents: Vec<Document> = DocumentKind::ALL
        .into_iter()
        .map(|kind| not_here(&id, kind, why))
        .collect();
    ServerDocuments::new(id, documents)
}

/// A document that some file held, and that is not at hand.
pub(super) fn not_here(id: &ResourceId, kind: DocumentKind, why: &str) -> Document {
    let detail = why.to_owned();
    Document::never_asked(id, kind, Timestamp::UNIX_EPOCH, Cause::NotHere { detail })
}
