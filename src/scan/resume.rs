//! Going on with a scan that did not end: what it read is kept, and what is missing in it is read.
//!
//! Missing are servers that it does not hold, documents that are unread for a cause that may have passed, and documents
//! that are too old to stand beside new ones.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::azure::{ArmClient, InventoryRow};
use crate::documents::{Document, DocumentKind, Outcome, ServerDocuments};
use crate::store::{Scan, Scope, StoreError};

use super::neighbours::Neighbours;
use super::plan::Wanted;
use super::portion::Portion;
use super::read::{read_parts, read_server};
use super::run::ScanError;
use super::select;

/// What a scan read before it was broken off.
pub struct Known {
    scan: Mutex<Scan>,
    /// The ids of its servers by themselves in lower case.
    ids: HashMap<String, String>,
    /// What was fetched before this is read again.
    fresh_since: Timestamp,
    /// For servers that nothing is asked about. They come as fast as they can be read from the file, and each takes some
    /// megabytes until it is written again.
    turns: Semaphore,
}

/// The most servers in memory that nothing is asked about.
const SETTLED_AT_ONCE: usize = 4;

impl Known {
    /// Opens the file. What was fetched before `fresh_since` is read again.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path, fresh_since: Timestamp) -> Result<Self, StoreError> {
        let scan = Scan::open(path)?;
        let ids = scan.own_ids()?;
        Ok(Self {
            scan: Mutex::new(scan),
            ids: ids.into_iter().map(|id| (key(&id), id)).collect(),
            fresh_since,
            turns: Semaphore::new(SETTLED_AT_ONCE),
        })
    }

    /// Whether it holds a server.
    pub(super) fn holds(&self, row: &InventoryRow) -> bool {
        self.ids.contains_key(&row.id.key())
    }

    fn scan(&self) -> MutexGuard<'_, Scan> {
        self.scan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The servers that were known and were not found now, as the inventory told them then.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(super) async fn beside(
        self: &Arc<Self>,
        was_found: impl Fn(&str) -> bool + Send + 'static,
    ) -> Result<Vec<InventoryRow>, ScanError> {
        let known = self.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut beside = Vec::new();
            for (_, id) in known.ids.iter().filter(|(key, _)| !was_found(key)) {
                let documents = known.scan().documents(id)?;
                if let Some(row) = documents.get(DocumentKind::Inventory)
                    && let Ok(body) = row.body()
                {
                    beside.push(InventoryRow {
                        id: documents.id().clone(),
                        body: body.clone(),
                        request: row.request.clone(),
                        fetched_at: row.fetched_at,
                    });
                }
            }
            Ok::<_, StoreError>(beside)
        });
        let beside = read.await;
        Ok(beside.map_err(|error| ScanError::Defect(error.to_string()))??)
    }

    /// Tells what several servers share and need not be read again to who would read it.
    ///
    /// # Errors
    /// When the file is damaged.
    pub(super) async fn tell_shared(
        self: &Arc<Self>,
        neighbours: Neighbours,
    ) -> Result<Neighbours, ScanError> {
        let known = self.clone();
        let told = tokio::task::spawn_blocking(move || {
            known.scan().for_each_shared(|document| {
                if !known.is_due(&document) {
                    neighbours.know(document);
                }
            })?;
            Ok::<_, StoreError>(neighbours)
        });
        let told = told.await;
        Ok(told.map_err(|error| ScanError::Defect(error.to_string()))??)
    }

    /// What is known of a server; `None` when nothing is, or when it cannot be read from the file any more: then
    /// everything is asked again.
    pub(super) async fn documents(self: &Arc<Self>, row: &InventoryRow) -> Option<ServerDocuments> {
        let id = self.ids.get(&row.id.key())?.clone();
        let known = self.clone();
        let read = tokio::task::spawn_blocking(move || known.scan().documents(&id));
        read.await.ok()?.ok()
    }

    /// Waits until few enough servers are in memory that nothing is asked about.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// Whether nothing is to be asked about a server.
    pub(super) fn is_settled(&self, before: &ServerDocuments) -> bool {
        let mut settled = before
            .iter()
            .filter(|it| it.kind != DocumentKind::Inventory)
            .map(|it| !self.is_due(it));
        before.get(DocumentKind::Server).is_some() && settled.all(|it| it)
    }

    /// Whether a document is to be read again.
    fn is_due(&self, document: &Document) -> bool {
        match &document.outcome {
            Outcome::Unread(cause) if cause.may_pass() => true,
            _ => document.fetched_at < self.fresh_since,
        }
    }

    /// Reads what is missing about a server, and lays it over what is known.
    pub(super) async fn complete(
        &self,
        client: &ArmClient,
        neighbours: &Neighbours,
        portion: &Portion,
        row: InventoryRow,
        before: ServerDocuments,
        scope: &Scope,
    ) -> ServerDocuments {
        let (due, settled): (Vec<&Arc<Document>>, Vec<&Arc<Document>>) =
            before.iter().partition(|it| self.is_due(it));
        let kinds = |documents: &[&Arc<Document>]| -> Vec<DocumentKind> {
            documents.iter().map(|it| it.kind).collect()
        };
        let (due, settled) = (kinds(&due), kinds(&settled));
        let read: Vec<Arc<Document>> = if settled.contains(&DocumentKind::Server) {
            let asked: Vec<DocumentKind> = due
                .iter()
                .copied()
                .filter(|kind| *kind != DocumentKind::Inventory)
                .collect();
            if asked.is_empty() {
                return before;
            }
            read_parts(client, neighbours, portion, &before, &Wanted::Only(asked)).await
        } else {
            let id = row.id.clone();
            let inventory = row.into_document();
            read_server(client, neighbours, portion, id, Some(inventory), |server| {
                select::wanted(scope, server).without(&settled)
            })
            .await
            .iter()
            .cloned()
            .collect()
        };
        merged(&before, read, &due)
    }
}

/// What was read, laid over what was known. A failure that may pass takes no answer away; what was due and is not worth
/// reading any more goes.
fn merged(
    before: &ServerDocuments,
    read: Vec<Arc<Document>>,
    due: &[DocumentKind],
) -> ServerDocuments {
    let stays = |document: &&Arc<Document>| {
        !due.contains(&document.kind)
            || document.kind == DocumentKind::Inventory
            || read.iter().any(|it| it.kind == document.kind)
    };
    let counts = |document: &&Arc<Document>| match &document.outcome {
        Outcome::Unread(cause) => !(cause.may_pass() && before.body(document.kind).is_ok()),
        Outcome::Read(_) => true,
    };
    let all = before
        .iter()
        .filter(stays)
        .chain(read.iter().filter(counts));
    ServerDocuments::new(before.id().clone(), all.cloned())
}

fn key(id: &str) -> String {
    id.trim_end_matches('/').to_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::{Cause, Method, Request, ResourceId};

    fn document(kind: DocumentKind, outcome: Outcome) -> Arc<Document> {
        Arc::new(Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Get,
                path: String::new(),
                api_version: String::new(),
            },
            fetched_at: Timestamp::UNIX_EPOCH,
            duration_ms: 0,
            outcome,
        })
    }

    #[test]
    fn a_failure_that_may_pass_takes_no_answer_away_and_an_answer_replaces_it() {
        use DocumentKind as K;
        let read = |n: u8| Outcome::Read(json!(n));
        let unread = |cause| Outcome::Unread(cause);
        let before = ServerDocuments::new(
            ResourceId::parse("/subscriptions/s/x/y").unwrap(),
            [
                document(K::Server, read(1)),
                document(K::Backups, read(2)),
                document(K::Configurations, unread(Cause::Throttled)),
                document(K::Administrators, unread(Cause::TimedOut)),
                document(K::FirewallRules, unread(Cause::Cancelled)),
            ],
        );
        let due = [
            K::Backups,
            K::Configurations,
            K::Administrators,
            K::FirewallRules,
        ];
        let now = merged(
            &before,
            vec![
                document(K::Backups, unread(Cause::Throttled)),
                document(K::Configurations, read(3)),
                document(K::Administrators, unread(Cause::NotFound)),
            ],
            &due,
        );
        assert_eq!(now.body(K::Server), Ok(&json!(1)));
        assert_eq!(now.body(K::Backups), Ok(&json!(2)));
        assert_eq!(now.body(K::Configurations), Ok(&json!(3)));
        assert_eq!(now.body(K::Administrators), Err(Cause::NotFound));
        assert!(now.get(K::FirewallRules).is_none());
    }
}
