//! Writing a scan as it comes in.

mod database;
mod rows;
mod whole;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::documents::{ResourceId, ServerDocuments, Subscription};
use crate::posture::{Fingerprints, Judge, Ruleset, Standing, judge};

use super::bodies::{Bodies, NEWEST_DICTIONARY};
use super::claim::Claim;
use super::digest::digest;
use super::documents::Reader;
use super::read::MOST_LAYERS;
use super::schema::{Completeness, FORMAT, ScanHeader};
use super::upkeep::remove;
use super::{Assessed, Scan, StoreError};
use database::{begin, leave_write_ahead_log};
use rows::{put_document, put_server, put_shared};
use whole::{pack, pack_merged};

/// The most servers that are judged again in one transaction. Each comes with its source, and all parameters of both are
/// in memory: about a megabyte a server.
const SERVERS_AT_ONCE: usize = 8;

/// The replicas whose source is in the file too.
const REPLICAS: &str = "SELECT r.ord, r.id FROM server r JOIN server s ON s.key = r.source";
/// The servers that share a document.
const SHARING: &str =
    "SELECT ord, id FROM server JOIN server_shared ON server = ord WHERE shared = ?1";

/// Whether a file was there before its writer.
enum Reopened {
    /// It was made by it.
    No,
    /// It was, and is as it was found; these notes wait until going on with it begins.
    Untouched(Vec<String>),
    /// It was, and is gone on with.
    GoesOn,
}

/// Writes one scan. Every call is one transaction: what returned is on disk.
pub struct Writer {
    path: PathBuf,
    connection: Connection,
    reader: Reader,
    /// Says that the file is being written, for as long as this is.
    _claim: Option<Claim>,
    /// The scan over which this one lies, when it reads only a part of it again.
    below: Option<Scan>,
    /// Whether the file was there before this, with something in it.
    reopened: Reopened,
    /// The numbers of shared documents of which several came that say different things.
    disputed: BTreeSet<i64>,
}

impl Writer {
    /// Creates the file, readable by its owner only, and the folder above it where it lacks.
    ///
    /// # Errors
    /// When the file exists already or cannot be made.
    pub fn create(path: &Path, header: &ScanHeader) -> Result<Self, StoreError> {
        let io = |source| StoreError::Io {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|source| StoreError::Io {
                    path: folder.to_owned(),
                    source,
                })?;
        }
        let claim = Claim::take(path);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| match source.kind() {
                std::io::ErrorKind::AlreadyExists => StoreError::Exists {
                    path: path.to_owned(),
                },
                _ => io(source),
            })?;
        let database = |source| StoreError::Database {
            path: path.to_owned(),
            source,
        };
        let connection = begin(path, header).map_err(|source| {
            // A file without its first lines is no scan, and would be the newest one.
            let _ = fs::remove_file(path);
            database(source)
        })?;
        let bodies = Bodies::new(NEWEST_DICTIONARY)
            .ok_or_else(|| io(std::io::Error::other("the dictionary is missing")))?
            .map_err(io)?;
        Ok(Self {
            _claim: claim,
            path: path.to_owned(),
            connection,
            reader: Reader::new(bodies, FORMAT),
            below: None,
            reopened: Reopened::No,
            disputed: BTreeSet::new(),
        })
    }

    /// Creates the file of a scan that reads a part of another one again and lies over it. It must stay in the folder of
    /// that one, which is looked for there by its id. At the end it holds the list of all servers.
    ///
    /// # Errors
    /// When the file exists already or cannot be made, when the other scan is damaged, or when too many scans would lie
    /// over each other.
    pub fn over(path: &Path, header: &ScanHeader, mut below: Scan) -> Result<Self, StoreError> {
        if below.layers()? + 1 >= MOST_LAYERS {
            return Err(StoreError::TooManyLayers {
                path: below.info()?.path,
            });
        }
        let header = ScanHeader {
            parent: Some(below.info()?.header.id),
            ..header.clone()
        };
        let (subscriptions, unlisted) = (below.subscriptions()?, below.unlisted()?);
        let mut writer = Self::create(path, &header)?;
        let begun = writer
            .subscriptions(&subscriptions)
            .and_then(|()| writer.unlisted(&unlisted));
        if let Err(error) = begun {
            // Of the two errors the first one says more.
            let _ = writer.discard();
            return Err(error);
        }
        writer.below = Some(below);
        Ok(writer)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the subscriptions that are asked. That is the beginning of going on with a scan that was broken off: what it
    /// noted, and which subscriptions could not be listed, is forgotten only now, since it is found out again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn subscriptions(&mut self, subscriptions: &[Subscription]) -> Result<(), StoreError> {
        let waiting = match &mut self.reopened {
            Reopened::Untouched(notes) => Some(std::mem::take(notes)),
            Reopened::No | Reopened::GoesOn => None,
        };
        if waiting.is_some() {
            self.reopened = Reopened::GoesOn;
        }
        self.transaction(|transaction, _| {
            if let Some(notes) = waiting {
                transaction.execute_batch("DELETE FROM note; UPDATE subscription SET unlisted = 0")?;
                for text in notes {
                    transaction.execute("INSERT INTO note (text) VALUES (?1)", [text])?;
                }
            }
            let mut insert = transaction.prepare_cached(
                "INSERT INTO subscription (id, name, tenant, state, delegated) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state",
            )?;
            for subscription in subscriptions {
                insert.execute(params![
                    subscription.id,
                    subscription.name,
                    subscription.tenant,
                    subscription.state,
                    subscription.delegated,
                ])?;
            }
            Ok(())
        })
    }

    /// Keeps what a reader of this scan must know. Of a scan that was broken off it waits for [`Writer::subscriptions`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&mut self, text: &str) -> Result<(), StoreError> {
        if let Reopened::Untouched(notes) = &mut self.reopened {
            notes.push(text.to_owned());
            return Ok(());
        }
        self.transaction(|transaction, _| {
            transaction.execute("INSERT INTO note (text) VALUES (?1)", [text])?;
            Ok(())
        })
    }

    /// Notes that the servers of these subscriptions, by id, could not be listed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn unlisted(&mut self, subscriptions: &[String]) -> Result<(), StoreError> {
        self.transaction(|transaction, _| {
            let mut update =
                transaction.prepare_cached("UPDATE subscription SET unlisted = 1 WHERE id = ?1")?;
            subscriptions
                .iter()
                .try_for_each(|id| update.execute([id]).map(|_| ()))
        })
    }

    /// Keeps servers with all that was read about them. A server that is there already is replaced.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn servers<'a>(
        &mut self,
        servers: impl IntoIterator<Item = (&'a ServerDocuments, &'a Standing)>,
    ) -> Result<(), StoreError> {
        let mut disputed = BTreeSet::new();
        self.transaction(|transaction, bodies| {
            for (documents, standing) in servers {
                let server = put_server(transaction, documents, standing)?;
                // A server that was there may have had documents of kinds that it no longer has.
                transaction
                    .prepare_cached("DELETE FROM document WHERE server = ?1")?
                    .execute([server])?;
                transaction
                    .prepare_cached("DELETE FROM server_shared WHERE server = ?1")?
                    .execute([server])?;
                for document in documents.iter() {
                    match &document.shared {
                        None => put_document(transaction, bodies, server, document)?,
                        Some(about) => disputed.extend(put_shared(
                            transaction,
                            bodies,
                            server,
                            about,
                            document,
                        )?),
                    }
                }
            }
            Ok(())
        })?;
        self.disputed.append(&mut disputed);
        Ok(())
    }

    /// Ends the scan: packs the list, takes the digest, and leaves one file that is never written again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(
        mut self,
        completeness: Completeness,
        finished_at: Timestamp,
        ruleset: &Ruleset,
    ) -> Result<PathBuf, StoreError> {
        let merged = match self.below.take() {
            Some(below) => Some(self.merge(below, ruleset)?),
            None => {
                self.judge_again(ruleset)?;
                None
            }
        };
        let settings = serde_json::to_string(ruleset).map_err(|error| StoreError::Database {
            path: self.path.clone(),
            source: as_sql(error),
        })?;
        self.transaction(|transaction, _| {
            let packed = match &merged {
                Some(merged) => pack_merged(merged).map_err(as_sql)?,
                None => pack(transaction)?,
            };
            let totals = serde_json::to_string(&packed.totals).map_err(as_sql)?;
            let ruleset = ruleset.id();
            transaction.execute(
                "INSERT OR REPLACE INTO packed (ruleset, settings, list) VALUES (?1, ?2, ?3)",
                params![ruleset, settings, packed.list],
            )?;
            if let Some(fingerprints) = packed.fingerprints {
                transaction.execute(
                    "INSERT OR REPLACE INTO fingerprints (ruleset, form, list) VALUES (?1, ?2, ?3)",
                    params![ruleset, Fingerprints::FORM, fingerprints],
                )?;
            }
            transaction.execute(
                "INSERT OR REPLACE INTO totals (ruleset, totals) VALUES (?1, ?2)",
                params![ruleset, totals],
            )?;
            let digest = digest(transaction, true, |_| true)?;
            transaction.execute(
                "UPDATE scan SET finished_at = ?1, completeness = ?2, servers = ?3, digest = ?4",
                params![
                    finished_at.as_millisecond(),
                    completeness.word(),
                    packed.servers,
                    digest
                ],
            )?;
            Ok(())
        })?;
        let database = |source| StoreError::Database {
            path: self.path.clone(),
            source,
        };
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .optional()
            .map_err(database)?;
        leave_write_ahead_log(&self.connection).map_err(database)?;
        self.connection
            .close()
            .map_err(|(_, source)| StoreError::Database {
                path: self.path.clone(),
                source,
            })?;
        Ok(self.path)
    }

    /// Judges again every replica, now that its source is there too (while they come in, either can be the first), and
    /// every server that shares a document of which some saw another answer than the one that is kept.
    fn judge_again(&mut self, ruleset: &Ruleset) -> Result<(), StoreError> {
        let database = |source| StoreError::Database {
            path: self.path.clone(),
            source,
        };
        let servers = |query: &str, shared: &[i64]| {
            self.connection
                .prepare_cached(query)?
                .query_map(rusqlite::params_from_iter(shared), |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?
                .collect::<rusqlite::Result<Vec<(i64, String)>>>()
        };
        let mut again = servers(REPLICAS, &[]).map_err(database)?;
        for shared in &self.disputed {
            again.extend(servers(SHARING, &[*shared]).map_err(database)?);
        }
        again.sort_unstable();
        again.dedup();
        self.reader.read_for_the_judge(true);
        for some in again.chunks(SERVERS_AT_ONCE) {
            let mut judged = Vec::with_capacity(some.len());
            for (ord, id) in some {
                let documents = self.reader.server(&self.connection, &self.path, *ord, id)?;
                let standing = Standing::new(&documents, &judge(&documents, ruleset));
                judged.push((documents, standing));
            }
            self.transaction(|transaction, _| {
                judged.iter().try_for_each(|(documents, standing)| {
                    put_server(transaction, documents, standing).map(|_| ())
                })
            })?;
        }
        Ok(())
    }

    /// All servers of a scan that lies over another. Replicas that were read again, and those of sources that were, are
    /// judged again with what is known now of both.
    fn merge(&mut self, below: Scan, ruleset: &Ruleset) -> Result<Assessed, StoreError> {
        let mut scan = Scan::open(&self.path)?.over(below);
        let mut replicas = BTreeSet::new();
        for id in scan.own_ids()? {
            if let Ok(id) = ResourceId::parse(&id) {
                replicas.extend(scan.replicas_of(&id)?);
            }
            if scan.documents(&id)?.source().is_some() {
                replicas.insert(id);
            }
        }
        let mut judged = Vec::with_capacity(replicas.len());
        for id in replicas {
            let documents = scan.documents(&id)?;
            let standing = Standing::new(&documents, &judge(&documents, ruleset));
            judged.push((documents, standing));
        }
        self.transaction(|transaction, _| {
            judged.iter().try_for_each(|(documents, standing)| {
                put_server(transaction, documents, standing).map(|_| ())
            })
        })?;
        let all = scan.laid_over_the_one_below(&Judge::by(ruleset.clone()), None, |_| true)?;
        Ok(all.expect("nobody says that it is enough"))
    }

    /// Gives up a scan that has read nothing: closes and removes the file, which would only be in the way. One that was
    /// there before stays.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn discard(self) -> Result<(), StoreError> {
        let Self {
            path,
            connection,
            reopened,
            ..
        } = self;
        // What closing has to say is of no interest any more.
        drop(connection);
        match reopened {
            Reopened::No => remove(&path).map(|_| ()),
            Reopened::Untouched(_) | Reopened::GoesOn => Ok(()),
        }
    }

    fn transaction(
        &mut self,
        work: impl FnOnce(&rusqlite::Transaction<'_>, &mut Bodies) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        let path = &self.path;
        let database = |source| StoreError::Database {
            path: path.clone(),
            source,
        };
        let transaction = self.connection.transaction().map_err(database)?;
        work(&transaction, self.reader.bodies()).map_err(database)?;
        transaction.commit().map_err(database)
    }
}

fn as_sql(error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{Cause, Document, DocumentKind};

    #[test]
    fn a_full_disk_is_told_and_what_was_written_before_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let header = ScanHeader {
            id: "0a1b2c3d".into(),
            started_at: Timestamp::UNIX_EPOCH,
            program: "test".into(),
            cloud: "public".into(),
            endpoint: "https://management.azure.com".into(),
            scope: "everything".into(),
            parent: None,
        };
        let mut writer = Writer::create(&path, &header).unwrap();
        let server = |number: usize| {
            let id = format!("/subscriptions/s/{}/{number}", "x".repeat(4000));
            let id = ResourceId::parse(&id).unwrap();
            let now = Timestamp::UNIX_EPOCH;
            let never = Document::never_asked(&id, DocumentKind::Server, now, Cause::NotAsked);
            let documents = ServerDocuments::new(id, [never]);
            let standing = Standing::new(&documents, &judge(&documents, &Ruleset::default()));
            (documents, standing)
        };
        let put = |writer: &mut Writer, number| {
            let (documents, standing) = server(number);
            writer.servers([(&documents, &standing)])
        };
        put(&mut writer, 0).unwrap();
        writer
            .connection
            .pragma_update(None, "max_page_count", 60)
            .unwrap();
        let mut held = 1;
        let error = loop {
            match put(&mut writer, held) {
                Ok(()) => held += 1,
                Err(error) => break error.to_string(),
            }
        };
        assert!(error.contains("s.flexscan"), "{error}");
        assert!(error.contains("make room"), "{error}");
        drop(writer);
        assert_eq!(Scan::open(&path).unwrap().own_ids().unwrap().len(), held);
        let mut writer = Writer::reopen(&path).unwrap();
        put(&mut writer, held).unwrap();
    }
}
