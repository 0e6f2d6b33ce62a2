//! Reading a scan: the list without its documents, and the documents of one server.

mod assessed;
mod judged;
mod layers;
mod salvage;
mod workers;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::documents::text::neutral;
use crate::documents::{Document, ServerDocuments, Subscription};
use crate::posture::Fleet;

use super::bodies::Bodies;
use super::documents::{Reader, find, find_kind};
use super::harden::harden;
use super::schema::{
    APPLICATION_ID, Completeness, FORMAT, FORMAT_WITH_SHARED, ScanHeader, ScanInfo,
};
use super::{StoreError, pack};

pub use assessed::Assessed;
pub use judged::{JudgedAnew, JudgedScan, JudgedUnder};
use layers::Below;
pub use layers::MOST_LAYERS;
pub use salvage::Place;

/// A scan file, open for reading.
pub struct Scan {
    path: PathBuf,
    connection: Connection,
    reader: Reader,
    format: i64,
    below: Below,
    /// The ids of the scans that lie over this one, when it was opened for their sake.
    above: Vec<String>,
}

impl Scan {
    /// Opens a scan file, also on read-only media.
    ///
    /// # Errors
    /// When there is no such file, when it is something else, newer than this program, or damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Err(source) = std::fs::metadata(path) {
            return Err(StoreError::Io {
                path: path.to_owned(),
                source,
            });
        }
        let (connection, application, format) = match connect(path, false) {
            Ok(connected) => connected,
            Err(first) => connect(path, true).map_err(|_| wrong_file(path, first))?,
        };
        if application != APPLICATION_ID {
            return Err(StoreError::NotAScan {
                path: path.to_owned(),
            });
        }
        if format > FORMAT {
            return Err(StoreError::Newer {
                path: path.to_owned(),
                found: format,
                known: FORMAT,
            });
        }
        let damaged = |detail: String| StoreError::Damaged {
            path: path.to_owned(),
            detail,
        };
        let (dictionary, parent): (i64, Option<String>) = connection
            .query_row("SELECT dictionary, parent FROM scan", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(|source| wrong_file(path, source))?;
        let bodies = Bodies::new(dictionary)
            .ok_or_else(|| damaged(format!("it names the unknown dictionary {dictionary}")))?
            .map_err(|error| damaged(error.to_string()))?;
        Ok(Self {
            path: path.to_owned(),
            connection,
            reader: Reader::new(bodies, format),
            format,
            below: parent.map_or(Below::Nothing, |_| Below::NotOpened),
            above: Vec::new(),
        })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version of the file's form.
    #[must_use]
    pub const fn format(&self) -> i64 {
        self.format
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How many bytes of bodies were unpacked since it was opened.
    pub(super) const fn unpacked(&self) -> u64 {
        self.reader.unpacked()
    }

    /// What is known of the scan without reading its servers. All text is neutralised: the file may be anyone's.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn info(&self) -> Result<ScanInfo, StoreError> {
        self.info_row()
            .map_err(|source| wrong_file(&self.path, source))
    }

    /// Whether everything was asked for, and the servers of every subscription could be listed.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn is_complete(&self) -> Result<bool, StoreError> {
        Ok(self.info()?.completeness == Completeness::Complete && self.unlisted()?.is_empty())
    }

    fn info_row(&self) -> rusqlite::Result<ScanInfo> {
        let bytes = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        let notes = self
            .connection
            .prepare("SELECT text FROM note ORDER BY rowid")?
            .query_map([], |row| text(row, 0))?
            .collect::<rusqlite::Result<Vec<String>>>()?;
        self.connection.query_row(
            "SELECT id, started_at, program, cloud, endpoint, scope, parent, finished_at, completeness,
                    coalesce(servers, (SELECT count(*) FROM server)), (SELECT count(*) FROM subscription)
             FROM scan",
            [],
            |row| {
                let finished_at = match row.get_ref(7)? {
                    ValueRef::Null => None,
                    _ => Some(time(row, 7)?),
                };
                Ok(ScanInfo {
                    path: self.path.clone(),
                    header: ScanHeader {
                        id: text(row, 0)?,
                        started_at: time(row, 1)?,
                        program: text(row, 2)?,
                        cloud: text(row, 3)?,
                        endpoint: text(row, 4)?,
                        scope: text(row, 5)?,
                        parent: match row.get_ref(6)? {
                            ValueRef::Null => None,
                            _ => Some(text(row, 6)?),
                        },
                    },
                    finished_at,
                    completeness: Completeness::from_word(
                        row.get::<_, Option<String>>(8)?.as_deref(),
                    ),
                    servers: u64::from(row.get::<_, u32>(9)?),
                    subscriptions: u64::from(row.get::<_, u32>(10)?),
                    notes: notes.clone(),
                    bytes,
                })
            },
        )
    }

    /// The list as it was packed under a ruleset, exemptions not applied; `None` when it was not.
    ///
    /// # Errors
    /// When the file is damaged.
    fn packed(&self, ruleset: &str) -> Result<Option<Fleet>, StoreError> {
        let packed: Option<(Vec<u8>, u32)> = self
            .connection
            .query_row(
                "SELECT list, (SELECT servers FROM scan) FROM packed WHERE ruleset = ?1",
                [ruleset],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(|source| wrong_file(&self.path, source))?;
        let Some((packed, servers)) = packed else {
            return Ok(None);
        };
        let fleet = pack::unpack(&packed).map_err(|error| self.damaged(error.to_string()))?;
        if fleet.servers.len() != servers as usize {
            return Err(self.damaged(format!(
                "its list has {} servers instead of {servers}",
                fleet.servers.len()
            )));
        }
        Ok(Some(fleet))
    }

    /// The ids of all servers, in the order of the inventory, with their numbers in the file where all of them are in it.
    pub(super) fn ids(&mut self) -> Result<Vec<(Option<i64>, String)>, StoreError> {
        if !self.is_whole() {
            return Ok(self.ids_of_layers()?.map(|id| (None, id)).collect());
        }
        let read = || {
            self.connection
                .prepare("SELECT ord, id FROM server ORDER BY ord")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|source| wrong_file(&self.path, source))
    }

    /// Everything that was read about one server.
    ///
    /// # Errors
    /// When the scan does not hold the server, or the file is damaged.
    pub fn documents(&mut self, id: &str) -> Result<ServerDocuments, StoreError> {
        let missing = |path: &Path| StoreError::NoSuchServer {
            path: path.to_owned(),
            id: id.to_owned(),
        };
        if !self.is_whole() {
            let found = self.documents_of_layers(id)?;
            return found.ok_or_else(|| missing(&self.path));
        }
        let found = find(&self.connection, &self.path, id)?;
        let (ord, id) = found.ok_or_else(|| missing(&self.path))?;
        self.reader.server(&self.connection, &self.path, ord, &id)
    }

    /// Hands what servers share, as far as it was read, to `each`, one at a time: nothing in a file of a form that keeps
    /// none.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn for_each_shared(&mut self, each: impl FnMut(Document)) -> Result<(), StoreError> {
        if self.format < FORMAT_WITH_SHARED {
            return Ok(());
        }
        self.reader.shared(&self.connection, &self.path, each)
    }

    /// Hands every server's documents to `each`, in the order of the inventory, one at a time.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn for_each(&mut self, mut each: impl FnMut(ServerDocuments)) -> Result<(), StoreError> {
        self.for_each_while(|documents| {
            each(documents);
            true
        })
    }

    /// The same for as long as `each` wants more.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn for_each_while(
        &mut self,
        mut each: impl FnMut(ServerDocuments) -> bool,
    ) -> Result<(), StoreError> {
        for (ord, id) in self.ids()? {
            if !each(self.documents_of(ord, &id)?) {
                break;
            }
        }
        Ok(())
    }

    /// The number of the last server that came in; `None` for a scan that lies over another, whose servers have no numbers
    /// of their own.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn last(&self) -> Result<Option<i64>, StoreError> {
        if !self.is_whole() {
            return Ok(None);
        }
        self.connection
            .query_row("SELECT coalesce(max(ord), 0) FROM server", [], |row| {
                row.get(0)
            })
            .map(Some)
            .map_err(|source| wrong_file(&self.path, source))
    }

    /// Hands the documents of every server that came in after the one with this number to `each`, with its own number.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn for_each_after(
        &mut self,
        number: i64,
        mut each: impl FnMut(i64, ServerDocuments),
    ) -> Result<(), StoreError> {
        let read = || {
            self.connection
                .prepare("SELECT ord, id FROM server WHERE ord > ?1 ORDER BY ord")?
                .query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<Vec<(i64, String)>>>()
        };
        for (ord, id) in read().map_err(|source| wrong_file(&self.path, source))? {
            each(ord, self.documents_of(Some(ord), &id)?);
        }
        Ok(())
    }

    pub(super) fn documents_of(
        &mut self,
        ord: Option<i64>,
        id: &str,
    ) -> Result<ServerDocuments, StoreError> {
        match ord {
            Some(ord) => self.reader.server(&self.connection, &self.path, ord, id),
            None => self.documents(id),
        }
    }

    fn damaged(&self, detail: String) -> StoreError {
        StoreError::Damaged {
            path: self.path.clone(),
            detail,
        }
    }
}

/// Opens the database; `immutable` for media on which SQLite can take no lock and keep no shared memory.
fn connect(path: &Path, immutable: bool) -> rusqlite::Result<(Connection, i64, i64)> {
    let mut uri =
        url::Url::from_file_path(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
            .map_err(|()| rusqlite::Error::InvalidPath(path.to_owned()))?;
    uri.set_query(Some(if immutable {
        "mode=ro&immutable=1"
    } else {
        "mode=ro"
    }));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(uri.as_str(), flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    harden(&connection)?;
    let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let format = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok((connection, application, format))
}

/// The subscriptions that were asked, in order.
pub fn subscriptions(connection: &Connection) -> rusqlite::Result<Vec<Subscription>> {
    connection
        .prepare("SELECT id, name, tenant, state, delegated FROM subscription ORDER BY ord")?
        .query_map([], |row| {
            Ok(Subscription {
                id: row.get(0)?,
                name: row.get(1)?,
                tenant: row.get(2)?,
                state: row.get(3)?,
                delegated: row.get(4)?,
            })
        })?
        .collect()
}

pub(super) fn wrong_file(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = path.to_owned();
    if matches!(source, rusqlite::Error::QueryReturnedNoRows) {
        let detail = "it does not say what was scanned".to_owned();
        return StoreError::Damaged { path, detail };
    }
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NotAScan { path },
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::TooBig) => {
            StoreError::Damaged {
                path,
                detail: source.to_string(),
            }
        }
        _ => StoreError::Database { path, source },
    }
}

/// The text of a column, neutralised.
fn text(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(neutral(row.get_ref(column)?.as_str()?).into_owned())
}

/// A time of a column. One that is none must not become another: conditions about time are judged by it.
pub(super) fn time(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let milliseconds = row.get(column)?;
    Timestamp::from_millisecond(milliseconds)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, milliseconds))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use serde_json::json;

    use super::*;
    use crate::baseline::FeatureId;
    use crate::documents::{Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId};
    use crate::posture::{Judge, Ruleset, ServerSummary, Standing, VerdictWord, judge};
    use crate::store::{Folder, ScanChoice, Writer};

    fn header(id: &str) -> ScanHeader {
        ScanHeader {
            id: id.to_owned(),
            started_at: "2026-11-23T14:02:00Z".parse().unwrap(),
            program: "test".into(),
            cloud: "public".into(),
            endpoint: "https://management.azure.com".into(),
            scope: "everything".into(),
            parent: None,
        }
    }

    fn server(name: &str, casing: &str) -> ServerDocuments {
        let id = format!(
            "/subscriptions/s1/{casing}/rg/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
        );
        let document = |kind: DocumentKind, outcome| Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: format!("{id}{}", kind.child_path().unwrap_or_default()),
                api_version: "2024-12-30".into(),
            },
            fetched_at: "2026-11-23T14:02:01.5Z".parse().unwrap(),
            duration_ms: 12,
            outcome,
        };
        ServerDocuments::new(
            ResourceId::parse(&id).unwrap(),
            [
                document(
                    DocumentKind::Server,
                    Outcome::Read(json!({"location": "West Europe", "tags": {"env": "prod"},
                        "properties": {"version": "8.0.21", "state": "Ready"}})),
                ),
                document(
                    DocumentKind::Configurations,
                    Outcome::Unread(Cause::Denied {
                        action: "a/read".into(),
                        scope: id.clone(),
                    }),
                ),
            ],
        )
    }

    fn write(path: &Path, names: &[&str]) -> Writer {
        let mut writer = Writer::create(path, &header("0a1b2c3d")).unwrap();
        writer
            .subscriptions(&[Subscription {
                id: "s1".into(),
                name: "Contoso".into(),
                tenant: None,
                state: None,
                delegated: false,
            }])
            .unwrap();
        let ruleset = Ruleset::default();
        for name in names {
            let documents = server(name, "resourceGroups");
            let summary = Standing::new(&documents, &judge(&documents, &ruleset));
            writer.servers([(&documents, &summary)]).unwrap();
        }
        writer
    }

    #[test]
    fn a_finished_scan_is_one_private_file_that_comes_back_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/scan one?.flexscan");
        let ruleset = Ruleset::default();
        let mut writer = write(&path, &["a", "b"]);
        writer.note("s9 was not visible").unwrap();
        let finished = "2026-11-23T14:05:00Z".parse().unwrap();
        writer
            .finish(Completeness::Complete, finished, &ruleset)
            .unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let beside: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(beside.len(), 1, "no journal is left beside the file");

        let mut scan = Scan::open(&path).unwrap();
        let info = scan.info().unwrap();
        assert_eq!(info.header, header("0a1b2c3d"));
        assert_eq!(info.completeness, Completeness::Complete);
        assert_eq!((info.servers, info.subscriptions), (2, 1));
        assert_eq!(info.notes, ["s9 was not visible"]);
        let fleet = scan.fleet(&Judge::by(ruleset.clone()), |_| {}).unwrap();
        assert_eq!(fleet.servers.len(), 2);
        assert_eq!(&*fleet.servers[0].region, "westeurope");
        assert_eq!(fleet.subscription_name("S1"), "Contoso");
        let documents = scan.documents(&fleet.servers[1].id.to_uppercase()).unwrap();
        let original = server("b", "resourceGroups");
        for (read, written) in documents.iter().zip(original.iter()) {
            assert_eq!(read, written);
        }
        assert!(matches!(
            scan.documents("/subscriptions/x"),
            Err(StoreError::NoSuchServer { .. })
        ));
    }

    #[test]
    fn a_file_of_format_1_is_read_as_one_without_shared_documents() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        write(&path, &["a"])
            .finish(
                Completeness::Complete,
                Timestamp::UNIX_EPOCH,
                &Ruleset::default(),
            )
            .unwrap();
        Connection::open(&path)
            .unwrap()
            .execute_batch(
                "DROP TABLE totals; DROP TABLE fingerprints; ALTER TABLE server DROP COLUMN fingerprints;
                 ALTER TABLE subscription DROP COLUMN unlisted;
                 DROP TABLE server_shared; DROP TABLE shared_document; ALTER TABLE packed DROP COLUMN settings;
                 ALTER TABLE server DROP COLUMN source; UPDATE packed SET ruleset = 'old'; PRAGMA user_version = 1",
            )
            .unwrap();
        let mut scan = Scan::open(&path).unwrap();
        let fleet = scan.fleet(&Judge::by(Ruleset::default()), |_| {}).unwrap();
        assert_eq!(fleet.servers.len(), 1);
        let documents = scan.documents(&fleet.servers[0].id).unwrap();
        assert_eq!(documents.iter().count(), 2);
    }

    #[test]
    fn the_digest_tells_which_server_has_which_shared_document() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |file: &str, shares: [(&str, &str); 2]| {
            let mut writer = write(&folder.path().join(file), &[]);
            for (name, about) in shares {
                let own = server(name, "resourceGroups");
                let plan = |about: &str| Document {
                    kind: DocumentKind::DefenderPlan,
                    shared: Some(about.into()),
                    outcome: Outcome::Read(json!({ "about": about })),
                    ..own.get(DocumentKind::Server).unwrap().clone()
                };
                let all = own
                    .iter()
                    .cloned()
                    .chain([std::sync::Arc::new(plan(about))]);
                let documents = ServerDocuments::new(own.id().clone(), all);
                let summary = Standing::new(&documents, &judge(&documents, &Ruleset::default()));
                writer.servers([(&documents, &summary)]).unwrap();
            }
            let path = writer
                .finish(
                    Completeness::Complete,
                    Timestamp::UNIX_EPOCH,
                    &Ruleset::default(),
                )
                .unwrap();
            Scan::open(&path)
                .unwrap()
                .connection
                .query_row("SELECT digest FROM scan", [], |row| row.get::<_, String>(0))
                .unwrap()
        };
        let one = digest("1.flexscan", [("a", "s1"), ("b", "s2")]);
        let other = digest("2.flexscan", [("a", "s2"), ("b", "s1")]);
        assert_ne!(one, other);
        assert_eq!(one, digest("3.flexscan", [("a", "s1"), ("b", "s2")]));
    }

    #[test]
    fn what_servers_share_is_kept_once_and_comes_back_with_each_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let mut writer = write(&path, &[]);
        for name in ["a", "b"] {
            let own = server(name, "resourceGroups");
            let plan = Document {
                kind: DocumentKind::DefenderPlan,
                shared: Some("s1".into()),
                outcome: Outcome::Read(json!({"properties": {"pricingTier": "Standard"}})),
                ..own.get(DocumentKind::Server).unwrap().clone()
            };
            let all = own.iter().cloned().chain([std::sync::Arc::new(plan)]);
            let documents = ServerDocuments::new(own.id().clone(), all);
            let summary = Standing::new(&documents, &judge(&documents, &Ruleset::default()));
            writer.servers([(&documents, &summary)]).unwrap();
        }
        let path = writer
            .finish(
                Completeness::Complete,
                Timestamp::UNIX_EPOCH,
                &Ruleset::default(),
            )
            .unwrap();
        let mut scan = Scan::open(&path).unwrap();
        let kept: i64 = scan
            .connection
            .query_row("SELECT count(*) FROM shared_document", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, 1);
        let mut seen = 0;
        scan.for_each(|documents| {
            let plan = documents.get(DocumentKind::DefenderPlan).unwrap();
            assert_eq!(plan.shared.as_deref(), Some("s1"));
            assert!(plan.body().is_ok());
            seen += 1;
        })
        .unwrap();
        assert_eq!(seen, 2);
        let mut seen = 0;
        scan.for_each_while(|_| {
            seen += 1;
            false
        })
        .unwrap();
        assert_eq!(seen, 1);
    }

    #[test]
    fn a_replica_is_judged_with_its_source_whichever_was_written_first() {
        let folder = tempfile::tempdir().unwrap();
        let ruleset = Ruleset::default();
        for order in [["replica", "source"], ["source", "replica"]] {
            let path = folder.path().join(format!("{}.flexscan", order[0]));
            let mut writer = write(&path, &[]);
            for name in order {
                let own = server(name, "resourceGroups");
                let source = server("SOURCE", "resourcegroups");
                let body = json!({"properties": {
                    "replicationRole": if name == "replica" { "Replica" } else { "Source" },
                    "sourceServerResourceId": source.id().as_str(),
                    "network": {"publicNetworkAccess": if name == "replica" { "Enabled" } else { "Disabled" }},
                }});
                let document = Document {
                    outcome: Outcome::Read(body),
                    ..own.get(DocumentKind::Server).unwrap().clone()
                };
                let documents = ServerDocuments::new(own.id().clone(), [document]);
                let summary = Standing::new(&documents, &judge(&documents, &ruleset));
                writer.servers([(&documents, &summary)]).unwrap();
            }
            let path = writer
                .finish(Completeness::Complete, Timestamp::UNIX_EPOCH, &ruleset)
                .unwrap();
            let mut scan = Scan::open(&path).unwrap();
            let packed = scan.fleet(&Judge::by(ruleset.clone()), |_| {}).unwrap();
            let cell = |name: &str| {
                let server = packed.servers.iter().find(|it| &*it.name == name).unwrap();
                server.cell(FeatureId::ReplicaParity).verdict
            };
            assert_eq!(cell("replica"), VerdictWord::Fail, "{order:?}");
            assert_eq!(cell("source"), VerdictWord::NotApplicable);
            let anew = Judge::by(Ruleset {
                strict_baseline: true,
                ..ruleset.clone()
            });
            let judged = scan.fleet(&anew, |_| {}).unwrap();
            let parity = |server: &ServerSummary| server.cell(FeatureId::ReplicaParity);
            assert_eq!(
                judged.servers.iter().map(parity).collect::<Vec<_>>(),
                packed.servers.iter().map(parity).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn another_ruleset_judges_the_documents_anew_and_agrees_with_the_packed_list_on_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let ruleset = Ruleset::default();
        let another = Ruleset {
            strict_baseline: true,
            ..Ruleset::default()
        };
        write(&path, &["a", "b", "c"])
            .finish(Completeness::Complete, Timestamp::UNIX_EPOCH, &another)
            .unwrap();
        let mut heard = 0;
        let mut scan = Scan::open(&path).unwrap();
        let judged = scan
            .fleet(&Judge::by(ruleset.clone()), |done| heard = done)
            .unwrap();
        assert_eq!(heard, 3);
        let path = folder.path().join("t.flexscan");
        write(&path, &["a", "b", "c"])
            .finish(Completeness::Complete, Timestamp::UNIX_EPOCH, &ruleset)
            .unwrap();
        let packed = Scan::open(&path)
            .unwrap()
            .fleet(&Judge::by(ruleset.clone()), |_| {
                panic!("no document is read")
            });
        assert_eq!(packed.unwrap(), judged);
    }

    #[test]
    fn a_scan_says_what_it_was_judged_under_and_how_many_verdicts_differ_now() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let then = Ruleset {
            strict_baseline: true,
            ..Ruleset::default()
        };
        let mut scan = write(&path, &["a", "b", "c"]);
        let of = |path: &Path| Scan::open(path).unwrap();
        assert_eq!(of(&path).judged_under().unwrap(), None, "not finished yet");
        // The list as another ruleset would have judged it.
        for name in ["a", "b", "c"] {
            let documents = server(name, "resourceGroups");
            let summary = Standing::new(&documents, &judge(&documents, &then));
            scan.servers([(&documents, &summary)]).unwrap();
        }
        scan.finish(Completeness::Complete, Timestamp::UNIX_EPOCH, &then)
            .unwrap();
        let judged_under = |settings| {
            Some(JudgedUnder {
                ruleset: then.id(),
                settings,
            })
        };
        let now = Judge::by(Ruleset::default());
        let expected = {
            let documents = server("a", "resourceGroups");
            let words = |ruleset| {
                judge(&documents, ruleset)
                    .into_iter()
                    .map(|it| it.verdict.word())
            };
            3 * words(&then)
                .zip(words(&now.ruleset))
                .filter(|(then, now)| then != now)
                .count()
        };
        assert!(expected > 0);
        let anew = Some(JudgedAnew {
            was: then.id(),
            differ: Some(expected),
        });
        assert_eq!(
            of(&path).judged_under().unwrap(),
            judged_under(Some(then.clone()))
        );
        assert_eq!(
            of(&path)
                .judged(&now, None, |_| true)
                .unwrap()
                .unwrap()
                .anew,
            anew
        );
        let same = of(&path)
            .judged(&Judge::by(then.clone()), None, |_| true)
            .unwrap()
            .unwrap();
        assert_eq!(same.anew, None);

        // A file of the first format keeps no settings.
        Connection::open(&path)
            .unwrap()
            .execute_batch("ALTER TABLE packed DROP COLUMN settings; PRAGMA user_version = 1")
            .unwrap();
        assert_eq!(of(&path).judged_under().unwrap(), judged_under(None));
        assert_eq!(
            of(&path)
                .judged(&now, None, |_| true)
                .unwrap()
                .unwrap()
                .anew,
            anew
        );

        // A list of another version of the conditions that is no longer read is no damage; one of this version is.
        let spoil = |ruleset: &str| {
            Connection::open(&path)
                .unwrap()
                .execute("UPDATE packed SET ruleset = ?1, list = x'00'", [ruleset])
                .unwrap();
            of(&path).judged(&now, None, |_| true)
        };
        let anew = spoil("2020.01-1-00000000").unwrap().unwrap().anew;
        let was = "2020.01-1-00000000".to_owned();
        assert_eq!(anew, Some(JudgedAnew { was, differ: None }));
        assert!(matches!(spoil(&then.id()), Err(StoreError::Damaged { .. })));
    }

    #[test]
    fn a_scan_that_was_not_finished_opens_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let writer = write(&path, &["a"]);
        // While it is being written, and after its writer is gone without a word.
        for _ in 0..2 {
            let mut scan = Scan::open(&path).unwrap();
            assert_eq!(scan.info().unwrap().completeness, Completeness::Unfinished);
            assert_eq!(
                scan.fleet(&Judge::by(Ruleset::default()), |_| {})
                    .unwrap()
                    .servers
                    .len(),
                1
            );
        }
        drop(writer);
        assert_eq!(Scan::open(&path).unwrap().info().unwrap().servers, 1);
    }

    #[test]
    fn a_server_met_twice_in_other_casing_is_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let mut writer = write(&path, &["a"]);
        let again = server("A", "resourcegroups");
        let summary = Standing::new(&again, &judge(&again, &Ruleset::default()));
        writer.servers([(&again, &summary)]).unwrap();
        writer
            .finish(
                Completeness::Complete,
                Timestamp::UNIX_EPOCH,
                &Ruleset::default(),
            )
            .unwrap();
        assert_eq!(Scan::open(&path).unwrap().info().unwrap().servers, 1);
    }

    #[test]
    fn a_file_that_is_no_scan_is_named_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("text"), "hello, this is not a database at all").unwrap();
        assert!(matches!(
            Scan::open(&path("text")),
            Err(StoreError::NotAScan { .. })
        ));
        std::fs::write(path("empty"), "").unwrap();
        assert!(matches!(
            Scan::open(&path("empty")),
            Err(StoreError::NotAScan { .. })
        ));
        Connection::open(path("other"))
            .unwrap()
            .execute_batch("CREATE TABLE t (x)")
            .unwrap();
        assert!(matches!(
            Scan::open(&path("other")),
            Err(StoreError::NotAScan { .. })
        ));
        assert!(matches!(
            Scan::open(&path("missing")),
            Err(StoreError::Io { .. })
        ));
        write(&path("newer"), &[])
            .finish(
                Completeness::Complete,
                Timestamp::UNIX_EPOCH,
                &Ruleset::default(),
            )
            .unwrap();
        Connection::open(path("newer"))
            .unwrap()
            .pragma_update(None, "user_version", 99)
            .unwrap();
        assert!(matches!(
            Scan::open(&path("newer")),
            Err(StoreError::Newer { found: 99, .. })
        ));
    }

    #[test]
    fn a_damaged_body_is_an_error_that_names_file_and_server() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.flexscan");
        let another = Ruleset {
            strict_baseline: true,
            ..Ruleset::default()
        };
        write(&path, &["a"])
            .finish(
                Completeness::Complete,
                Timestamp::UNIX_EPOCH,
                &Ruleset::default(),
            )
            .unwrap();
        Connection::open(&path)
            .unwrap()
            .execute(
                "UPDATE document SET body = x'00010203' WHERE body IS NOT NULL",
                [],
            )
            .unwrap();
        let error = Scan::open(&path)
            .unwrap()
            .fleet(&Judge::by(another), |_| {})
            .unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, StoreError::Damaged { .. }), "{text}");
        assert!(
            text.contains("s.flexscan") && text.contains("flexibleServers/a"),
            "{text}"
        );
    }

    #[test]
    fn scans_are_found_by_age_id_and_file() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::at(folder.path().join("scans"));
        assert!(folder.files().unwrap().is_empty());
        assert!(matches!(
            folder.find(&ScanChoice::Newest),
            Err(StoreError::NoScans)
        ));
        let mut paths = Vec::new();
        for (id, started) in [
            ("aa11", "2026-11-01T00:00:00Z"),
            ("ab22", "2026-11-02T00:00:00Z"),
        ] {
            let header = ScanHeader {
                id: id.into(),
                started_at: started.parse().unwrap(),
                ..header(id)
            };
            let path = folder.file_for(&header);
            Writer::create(&path, &header)
                .unwrap()
                .finish(
                    Completeness::Complete,
                    Timestamp::UNIX_EPOCH,
                    &Ruleset::default(),
                )
                .unwrap();
            paths.push(path);
        }
        let named = |name: &str| folder.find(&ScanChoice::Named(name.into()));
        assert_eq!(folder.find(&ScanChoice::Newest).unwrap(), paths[1]);
        assert_eq!(named("aa").unwrap(), paths[0]);
        assert_eq!(named("20261102").unwrap(), paths[1]);
        assert_eq!(named(paths[0].to_str().unwrap()).unwrap(), paths[0]);
        assert!(matches!(named("a"), Err(StoreError::Ambiguous { .. })));
        assert!(matches!(named("zz"), Err(StoreError::NoSuchScan { .. })));
        assert!(matches!(named(""), Err(StoreError::NoSuchScan { .. })));
        std::fs::write(folder.path().join("x.flexscan"), "junk").unwrap();
        // A name of somebody's own is no time.
        assert_eq!(folder.find(&ScanChoice::Newest).unwrap(), paths[1]);
        let listed = folder.list(&Judge::by(Ruleset::default()), None).unwrap();
        assert_eq!(listed.iter().filter(|it| it.scan.is_ok()).count(), 2);
        assert_eq!(listed.len(), 3);
    }
}
