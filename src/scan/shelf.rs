//! Documents that servers all over the fleet share: subnets, their security groups, vaults and keys. Each is read once;
//! while servers that use it are under way they hold the same one, and between them its body is put aside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value;

use crate::documents::{Cause, Document, Outcome};

use super::again::{Again, Outlook};
use super::spill::{Aside, Spill};

/// Every shared document, by what it is about.
#[derive(Debug)]
pub struct Shelf {
    spill: Arc<Spill>,
    slots: Mutex<HashMap<Box<str>, Slot>>,
}

/// What came of the reads of one thing.
type Slot = Arc<Again<Arc<Shelved>>>;

/// A document of which the body is somewhere else.
#[derive(Debug)]
struct Shelved {
    /// The whole document, while somebody uses it.
    in_use: Mutex<Weak<Document>>,
    /// The document; with an empty body where that was put aside.
    bare: Arc<Document>,
    body: Option<Aside>,
}

impl Outlook for Shelved {
    fn cause(&self) -> Option<&Cause> {
        self.bare.cause()
    }
}

impl Shelf {
    /// A shelf that puts aside there.
    pub fn new(spill: Arc<Spill>) -> Self {
        Self {
            spill,
            slots: Mutex::default(),
        }
    }

    /// The document about this, in lower case: read by whoever asks first.
    pub async fn get(&self, about: &str, read: impl AsyncFnOnce() -> Document) -> Arc<Document> {
        let mut fresh = None;
        let shelved = self
            .slot(about)
            .get(async || {
                let document = Arc::new(read().await);
                fresh = Some(document.clone());
                Arc::new(self.shelve(document))
            })
            .await;
        fresh.unwrap_or_else(|| self.take(&shelved))
    }

    /// Puts a document there as if it had just been read.
    pub fn know(&self, document: Document) {
        let Some(about) = document.shared.clone() else {
            return;
        };
        let slot = Arc::new(Again::of(Arc::new(self.shelve(Arc::new(document)))));
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.insert((*about).into(), slot);
    }

    /// As [`Shelf::know`], unless somebody has read it already, or is about to.
    pub fn offer(&self, document: Document) {
        if document.shared.as_deref().is_some_and(|it| !self.has(it)) {
            self.know(document);
        }
    }

    /// Whether the document about this, in lower case, was read, or is being read.
    pub fn has(&self, about: &str) -> bool {
        let slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.contains_key(about)
    }

    fn slot(&self, about: &str) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(about) {
            return slot.clone();
        }
        slots.entry(about.into()).or_default().clone()
    }

    fn shelve(&self, document: Arc<Document>) -> Shelved {
        let in_use = Mutex::new(Arc::downgrade(&document));
        let aside = document
            .body()
            .ok()
            .and_then(|body| self.spill.put(&serde_json::to_vec(body).ok()?).ok());
        let bare = match &aside {
            // What is unread is small, and so is the reason.
            None => document,
            Some(_) => Arc::new(with_outcome(&document, Outcome::Read(Value::Null))),
        };
        Shelved {
            in_use,
            bare,
            body: aside,
        }
    }

    fn take(&self, shelved: &Shelved) -> Arc<Document> {
        let Some(aside) = &shelved.body else {
            return shelved.bare.clone();
        };
        let mut in_use = shelved
            .in_use
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = in_use.upgrade() {
            return document;
        }
        let body = self
            .spill
            .get(aside)
            .and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        let outcome = match body {
            Ok(body) => Outcome::Read(body),
            Err(error) => Outcome::Unread(Cause::Malformed {
                detail: format!("it was read, and could not be read back from the disk: {error}"),
            }),
        };
        let document = Arc::new(with_outcome(&shelved.bare, outcome));
        *in_use = Arc::downgrade(&document);
        document
    }
}

fn with_outcome(document: &Document, outcome: Outcome) -> Document {
    Document {
        kind: document.kind,
        shared: document.shared.clone(),
        request: document.request.clone(),
        fetched_at: document.fetched_at,
        duration_ms: document.duration_ms,
        outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::{DocumentKind, Method, Request};
    use serde_json::json;
    use std::path::Path;

    fn document(outcome: Outcome) -> Document {
        Document {
            kind: DocumentKind::Subnet,
            shared: Some("/subnet".into()),
            request: Request {
                method: Method::Get,
                path: "/Subnet".into(),
                api_version: "v".into(),
            },
            fetched_at: jiff::Timestamp::UNIX_EPOCH,
            duration_ms: 7,
            outcome,
        }
    }

    #[tokio::test]
    async fn a_document_is_read_once_and_comes_back_whole_after_nobody_used_it() {
        let folder = tempfile::tempdir().unwrap();
        for place in [
            folder.path().join("scan").as_path(),
            Path::new("/nowhere/x"),
        ] {
            let shelf = Shelf::new(Arc::new(Spill::beside(place)));
            let read = document(Outcome::Read(json!({"name": "snet"})));
            let first = shelf.get("/subnet", async || read.clone()).await;
            let second = shelf.get("/subnet", async || panic!("read twice")).await;
            assert!(Arc::ptr_eq(&first, &second), "one in memory");
            drop((first, second));
            let later = shelf.get("/subnet", async || panic!("read twice")).await;
            assert_eq!(*later, read);
        }
    }

    #[tokio::test]
    async fn what_is_offered_does_not_replace_what_was_read() {
        let shelf = Shelf::new(Arc::new(Spill::beside(Path::new("/nowhere/x"))));
        let (read, offered) = (json!({"name": "read"}), json!({"name": "offered"}));
        let _ = shelf
            .get("/subnet", async || document(Outcome::Read(read.clone())))
            .await;
        shelf.offer(document(Outcome::Read(offered.clone())));
        let kept = shelf.get("/subnet", async || panic!("read twice")).await;
        assert_eq!(kept.body(), Ok(&read));
        let mut other = document(Outcome::Read(offered.clone()));
        other.shared = Some("/other".into());
        assert!(!shelf.has("/other"));
        shelf.offer(other);
        let kept = shelf.get("/other", async || panic!("read")).await;
        assert_eq!(kept.body(), Ok(&offered));
    }

    #[tokio::test]
    async fn an_unread_one_keeps_its_cause_and_may_be_read_by_the_next() {
        let shelf = Shelf::new(Arc::new(Spill::beside(Path::new("/nowhere/x"))));
        let unread = document(Outcome::Unread(Cause::TimedOut));
        let read = document(Outcome::Read(json!({})));
        assert_eq!(*shelf.get("/s", async || unread.clone()).await, unread);
        assert_eq!(*shelf.get("/s", async || read.clone()).await, read);
        assert_eq!(*shelf.get("/s", async || panic!("read")).await, read);
    }
}
