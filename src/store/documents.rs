//! The documents of one server, put together from what the file holds: its own, those that it shares with others, and
//! those of the server that it replicates.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use crate::documents::{
    Document, DocumentKind, Method, Outcome, Request, ResourceId, ServerDocuments,
};

use super::StoreError;
use super::bodies::Bodies;
use super::read::{time, wrong_file};

/// The most shared documents that are kept in memory while servers are read one after the other: neighbours in a file share
/// most.
const MOST_SHARED: usize = 512;
/// The most that those have together as JSON, in bytes. In memory they take some ten times that.
const MOST_SHARED_BYTES: u64 = 8 << 20;

/// Shared documents that are kept in memory, by their numbers.
#[derive(Default)]
struct InMemory {
    documents: HashMap<i64, Arc<Document>>,
    bytes: u64,
}

impl InMemory {
    /// Keeps one of so many bytes; when there are too many of them, the others go.
    fn keep(&mut self, ord: i64, document: Arc<Document>, bytes: u64) {
        if self.documents.len() >= MOST_SHARED || self.bytes + bytes > MOST_SHARED_BYTES {
            self.documents.clear();
            self.bytes = 0;
        }
        if bytes <= MOST_SHARED_BYTES {
            self.documents.insert(ord, document);
            self.bytes += bytes;
        }
    }
}

const OWN: &str =
    "SELECT kind, method, path, api_version, fetched_at, duration_ms, cause, body, NULL, 0
                   FROM document WHERE server = ?1";
const OWN_AND_SHARED: &str = "SELECT kind, method, path, api_version, fetched_at, duration_ms, cause, body, NULL, 0
                   FROM document WHERE server = ?1
                   UNION ALL
                   SELECT kind, method, path, api_version, fetched_at, duration_ms, cause, body, about, ord
                   FROM shared_document JOIN server_shared ON shared = ord WHERE server = ?1";

/// The same for one kind alone.
const OWN_OF_KIND: &str =
    "SELECT kind, method, path, api_version, fetched_at, duration_ms, cause, body, NULL, 0
                   FROM document WHERE server = ?1 AND kind = ?2";
const SHARED_OF_KIND: &str = "SELECT kind, method, path, api_version, fetched_at, duration_ms, cause, body, about, ord
                   FROM server_shared JOIN shared_document ON shared = ord WHERE server = ?1 AND kind = ?2";

/// Reads documents out of a file.
pub struct Reader {
    bodies: Bodies,
    query: &'static str,
    shared: InMemory,
    /// Whether it reads for the judge alone.
    lean: bool,
}

impl Reader {
    /// For a file of this format.
    pub fn new(bodies: Bodies, format: i64) -> Self {
        Self {
            bodies,
            query: if format < 2 { OWN } else { OWN_AND_SHARED },
            shared: InMemory::default(),
            lean: false,
        }
    }

    /// Whether it reads for the judge alone.
    pub const fn is_for_the_judge(&self) -> bool {
        self.lean
    }

    /// Reads for the judge alone from now on, or everything again: of parameters that no condition looks at the name is
    /// read, and nothing else.
    pub const fn read_for_the_judge(&mut self, lean: bool) {
        self.lean = lean;
    }

    /// The compressor and decompressor, for whoever writes the same file.
    pub fn bodies(&mut self) -> &mut Bodies {
        &mut self.bodies
    }

    /// How many bytes of bodies it has unpacked.
    pub const fn unpacked(&self) -> u64 {
        self.bodies.unpacked()
    }

    /// Everything that was read about one server, with what was read about its source when the file holds it.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn server(
        &mut self,
        connection: &Connection,
        path: &Path,
        ord: i64,
        id: &str,
    ) -> Result<ServerDocuments, StoreError> {
        let documents = self.alone(connection, path, ord, id)?;
        let Some(source) = documents.source_id().filter(|it| it != documents.id()) else {
            return Ok(documents);
        };
        let source = match find(connection, path, source.as_str())? {
            Some((ord, id)) => Some(Arc::new(self.alone(connection, path, ord, &id)?)),
            None => None,
        };
        Ok(documents.with_source(source))
    }

    /// What the file itself holds about one server.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn alone(
        &mut self,
        connection: &Connection,
        path: &Path,
        ord: i64,
        id: &str,
    ) -> Result<ServerDocuments, StoreError> {
        let damaged = |detail: String| StoreError::Damaged {
            path: path.to_owned(),
            detail,
        };
        let database = |source| wrong_file(path, source);
        let id = ResourceId::parse(id).map_err(|error| damaged(error.to_string()))?;
        let mut statement = connection.prepare_cached(self.query).map_err(database)?;
        let mut rows = statement.query([ord]).map_err(database)?;
        let mut documents: Vec<Arc<Document>> = Vec::new();
        while let Some(row) = rows.next().map_err(database)? {
            let shared: i64 = row.get(9).map_err(database)?;
            if let Some(known) = self.shared.documents.get(&shared) {
                documents.push(known.clone());
                continue;
            }
            let before = self.bodies.unpacked();
            let Some(document) = self.document(row, path, &id)? else {
                continue;
            };
            let document = Arc::new(document);
            if document.shared.is_some() && !self.lean_of(&document) {
                let bytes = self.bodies.unpacked() - before;
                self.shared.keep(shared, document.clone(), bytes);
            }
            documents.push(document);
        }
        Ok(ServerDocuments::new(id, documents))
    }

    /// Hands what servers share, as far as it was read, to `each`, one at a time.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn shared(
        &mut self,
        connection: &Connection,
        path: &Path,
        mut each: impl FnMut(Document),
    ) -> Result<(), StoreError> {
        let database = |source| wrong_file(path, source);
        let mut statement = connection
            .prepare(
                "SELECT kind, method, path, api_version, fetched_at, duration_ms, cause, body, about, ord
                 FROM shared_document WHERE cause IS NULL",
            )
            .map_err(database)?;
        let mut rows = statement.query([]).map_err(database)?;
        while let Some(row) = rows.next().map_err(database)? {
            let about: String = row.get(8).map_err(database)?;
            if let Some(document) = self.document(row, path, &about)? {
                each(document);
            }
        }
        Ok(())
    }

    /// Whether a document is not read whole: then it is for nobody else.
    fn lean_of(&self, document: &Document) -> bool {
        self.lean && document.kind == DocumentKind::Configurations
    }

    /// The document of a row; `None` for one of a kind that this program does not know.
    fn document(
        &mut self,
        row: &Row<'_>,
        path: &Path,
        about: impl Display,
    ) -> Result<Option<Document>, StoreError> {
        let damaged = |detail: String| StoreError::Damaged {
            path: path.to_owned(),
            detail,
        };
        let database = |source| wrong_file(path, source);
        let kind: String = row.get(0).map_err(database)?;
        let Some(kind) = DocumentKind::from_slug(&kind) else {
            return Ok(None);
        };
        let cause: Option<String> = row.get(6).map_err(database)?;
        let outcome = match cause {
            Some(cause) => Outcome::Unread(
                serde_json::from_str(&cause).map_err(|error| damaged(error.to_string()))?,
            ),
            None => {
                let bytes = row.get_ref(7).map_err(database)?;
                let bytes = bytes
                    .as_blob()
                    .map_err(|error| damaged(error.to_string()))?;
                let body = if self.lean && kind == DocumentKind::Configurations {
                    self.bodies.unpack_judged_parameters(bytes)
                } else {
                    self.bodies.unpack(bytes)
                };
                Outcome::Read(
                    body.map_err(|error| damaged(format!("{kind:?} of {about}: {error}")))?,
                )
            }
        };
        let method: String = row.get(1).map_err(database)?;
        let about: Option<String> = row.get(8).map_err(database)?;
        Ok(Some(Document {
            kind,
            shared: about.map(Into::into),
            request: Request {
                method: if method == Method::Post.as_str() {
                    Method::Post
                } else {
                    Method::Get
                },
                path: row.get(2).map_err(database)?,
                api_version: row.get(3).map_err(database)?,
            },
            fetched_at: time(row, 4).map_err(database)?,
            duration_ms: row.get(5).map_err(database)?,
            outcome,
        }))
    }
}

/// One document of a server, found by its kind and by nothing else; `None` when there is none.
///
/// # Errors
/// When the file is damaged where it stands.
pub fn find_kind(
    reader: &mut Reader,
    connection: &Connection,
    path: &Path,
    (ord, id): (i64, &ResourceId),
    kind: DocumentKind,
) -> Result<Option<Document>, StoreError> {
    let database = |source| wrong_file(path, source);
    let has_shared = reader.query != OWN;
    for query in [OWN_OF_KIND, SHARED_OF_KIND] {
        if query == SHARED_OF_KIND && !has_shared {
            break;
        }
        let mut statement = connection.prepare_cached(query).map_err(database)?;
        let mut rows = statement
            .query(rusqlite::params![ord, kind.slug()])
            .map_err(database)?;
        if let Some(row) = rows.next().map_err(database)? {
            return reader.document(row, path, id);
        }
    }
    Ok(None)
}

/// The number and the id of a server in the file.
///
/// # Errors
/// When the file is damaged.
pub fn find(
    connection: &Connection,
    path: &Path,
    id: &str,
) -> Result<Option<(i64, String)>, StoreError> {
    connection
        .prepare_cached("SELECT ord, id FROM server WHERE key = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([id.trim_end_matches('/').to_ascii_lowercase()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })
                .optional()
        })
        .map_err(|source| wrong_file(path, source))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::documents::Cause;

    #[test]
    fn shared_documents_in_memory_are_few_and_small() {
        let id = ResourceId::parse("/subscriptions/s/x/y").unwrap();
        let document = || {
            let (kind, now) = (DocumentKind::Subnet, Timestamp::UNIX_EPOCH);
            Arc::new(Document::never_asked(&id, kind, now, Cause::NotAsked))
        };
        let mut kept = InMemory::default();
        for ord in 0..100 {
            kept.keep(ord, document(), MOST_SHARED_BYTES / 4);
            assert!(kept.documents.contains_key(&ord));
            assert!(kept.documents.len() <= 4);
        }
        kept.keep(100, document(), MOST_SHARED_BYTES + 1);
        assert!(!kept.documents.contains_key(&100));
        for ord in 0..10_000 {
            kept.keep(ord, document(), 1);
        }
        assert!(kept.documents.len() <= MOST_SHARED);
    }
}
