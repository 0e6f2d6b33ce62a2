//! Answers of Resource Graph about many servers or subscriptions at once, and the documents that are made of them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::Value;

use crate::azure::estate::{self, Question, text};
use crate::azure::versions::RESOURCE_GRAPH;
use crate::azure::{ArmClient, graph};
use crate::documents::{Cause, Document, DocumentKind, Method, Outcome, Request};

use super::again::Outlook;

/// An answer with what is to be told of how it was asked.
#[derive(Debug)]
pub struct Answer<T> {
    api_version: &'static str,
    fetched_at: Timestamp,
    duration_ms: u32,
    /// What was made of the rows, or why there are none.
    pub outcome: Result<T, Cause>,
}

impl<T> Outlook for Answer<T> {
    fn cause(&self) -> Option<&Cause> {
        self.outcome.as_ref().err()
    }
}

impl<T> Answer<T> {
    /// Asks, and hands on page after page, so that no more than one is in memory as it came.
    pub async fn ask(
        client: &ArmClient,
        subscriptions: &[String],
        question: Question<'_>,
        mut made: T,
        mut add: impl FnMut(&mut T, Vec<Value>) -> Result<(), Cause>,
    ) -> Arc<Self> {
        let started = Instant::now();
        let mut pages = estate::pages(client, subscriptions, question);
        let (api_version, outcome) = loop {
            match pages.next().await {
                Ok(Some(rows)) => {
                    if let Err(cause) = add(&mut made, rows) {
                        break (pages.api_version(), Err(cause));
                    }
                }
                Ok(None) => break (pages.api_version(), Ok(made)),
                Err(error) => break (error.api_version, Err(error.cause)),
            }
        };
        Arc::new(Self {
            api_version: match api_version {
                "" => RESOURCE_GRAPH.newest(),
                version => version,
            },
            fetched_at: Timestamp::now(),
            duration_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
            outcome,
        })
    }

    /// A document of this kind with what the answer says about one thing.
    pub fn document(
        &self,
        kind: DocumentKind,
        body: impl FnOnce(&T) -> Result<Value, Cause>,
    ) -> Document {
        Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Post,
                path: graph::PATH.to_owned(),
                api_version: self.api_version.to_owned(),
            },
            fetched_at: self.fetched_at,
            duration_ms: self.duration_ms,
            outcome: match self.outcome.as_ref().map_err(Clone::clone).and_then(body) {
                Ok(body) => Outcome::Read(body),
                Err(cause) => Outcome::Unread(cause),
            },
        }
    }
}

/// Rows by the id, in lower case, of the subscription that they are about; a row about none is about nobody.
pub fn by_subscription(known: &mut HashMap<String, Value>, rows: Vec<Value>) {
    known.extend(rows.into_iter().filter_map(|row| {
        let id = text(&row, "/subscriptionId")?.to_lowercase();
        Some((id, row))
    }));
}
