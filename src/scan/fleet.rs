//! Reading the whole fleet, while its servers are still being found: a few portions at once, of each a few servers.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::azure::{ArmClient, InventoryRow};
use crate::documents::ServerDocuments;
use crate::posture::Judge;
use crate::store::{Scope, StoreError};

use super::cancelled::unread_server;
use super::find::{Finder, Found};
use super::meter::Counter;
use super::neighbours::Neighbours;
use super::portion::{Portion, Waiting};
use super::queue::Queue;
use super::read::read_server;
use super::resume::Known;
use super::run::{Read, SERVERS_AT_ONCE, ScanError, ToDisk, joined};
use super::select;
use super::spill::Spill;

/// The most portions that are read at once. With several, a subscription that has to wait holds up its own servers only.
const PORTIONS_AT_ONCE: usize = 8;

/// All that reading a fleet needs.
pub struct Fleet {
    pub client: ArmClient,
    pub neighbours: Neighbours,
    pub finder: Finder,
    pub spill: Arc<Spill>,
    pub scope: Arc<Scope>,
    pub known: Option<Arc<Known>>,
    pub judge: Arc<Judge>,
    pub counter: Arc<Counter>,
    pub to_disk: mpsc::Sender<ToDisk>,
    pub cancellation: CancellationToken,
}

impl Fleet {
    /// Finds and reads every server of these subscriptions, by id and name.
    pub async fn read(
        self: &Arc<Self>,
        subscriptions: Vec<(String, String)>,
    ) -> Result<Found, ScanError> {
        let queue = Arc::new(Queue::default());
        let mut readers = JoinSet::new();
        for _ in 0..PORTIONS_AT_ONCE {
            let (fleet, queue) = (self.clone(), queue.clone());
            readers.spawn(async move {
                while let Some(waiting) = queue.next().await {
                    let subscription = waiting.subscription.clone();
                    let read = fleet.read_portion(waiting, &queue).await;
                    queue.done(&subscription);
                    read?;
                }
                Ok(())
            });
        }
        let found = self.finder.find(&subscriptions, &queue).await;
        let mut all = Ok(());
        while let Some(read) = readers.join_next().await {
            let read = read.unwrap_or_else(|error| Err(ScanError::Defect(error.to_string())));
            all = all.and(read);
        }
        all.and(found)
    }

    /// Reads the servers of a portion, so many at once that all portions together have their number.
    async fn read_portion(
        self: &Arc<Self>,
        waiting: Waiting,
        queue: &Queue,
    ) -> Result<(), ScanError> {
        let unreadable = |source| {
            ScanError::Store(StoreError::Io {
                path: self.spill.folder().to_owned(),
                source,
            })
        };
        let rows = waiting.rows(&self.spill).map_err(unreadable)?;
        let portion = Arc::new(waiting.portion);
        let mut tasks = JoinSet::new();
        for row in rows {
            let row = row.map_err(unreadable)?;
            while tasks.len() >= SERVERS_AT_ONCE / queue.under_way().max(1) {
                joined(tasks.join_next().await)?;
            }
            let (fleet, portion) = (self.clone(), portion.clone());
            tasks.spawn(async move { fleet.read_one(row, &portion).await });
        }
        while !tasks.is_empty() {
            joined(tasks.join_next().await)?;
        }
        Ok(())
    }

    async fn read_one(&self, row: InventoryRow, portion: &Portion) {
        let mut turn = None;
        let before = match &self.known {
            Some(known) => {
                turn = Some(known.turn().await);
                known.documents(&row).await.map(|it| (known, it))
            }
            None => None,
        };
        // Who waits for Azure does not hold up who only goes from one file to the other.
        if !before
            .as_ref()
            .is_some_and(|(known, it)| known.is_settled(it))
        {
            turn = None;
        }
        let cancelled = self.cancellation.is_cancelled();
        let documents = match before {
            Some((_, before)) if cancelled => before,
            None if cancelled => unread_server(row, &self.scope),
            Some((known, before)) => {
                let (client, neighbours) = (&self.client, &self.neighbours);
                let scope = &self.scope;
                Box::pin(known.complete(client, neighbours, portion, row, before, scope)).await
            }
            None => Box::pin(self.ask(row, portion)).await,
        };
        self.counter.done(documents.iter().map(AsRef::as_ref));
        let read = Box::new(Read::new(documents, &self.judge));
        // The disk's end is gone only when it failed, and then it says so itself.
        let _ = self.to_disk.send(ToDisk::Server(read)).await;
        drop(turn);
    }

    async fn ask(&self, row: InventoryRow, portion: &Portion) -> ServerDocuments {
        let (id, inventory) = (row.id.clone(), Some(row.into_document()));
        let (client, neighbours) = (&self.client, &self.neighbours);
        let wanted = |server: &ServerDocuments| select::wanted(&self.scope, server);
        read_server(client, neighbours, portion, id, inventory, wanted).await
    }
}
