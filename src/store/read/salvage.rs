//! What can still be read of a damaged file: each server and each document is looked for by itself, so that a bad page
//! costs what stood on it and no more. What is lost is unread; it never becomes an answer.

use rusqlite::OptionalExtension;

use super::layers::{not_here, unread};
use super::{Scan, find_kind};
use crate::documents::text::neutral;
use crate::documents::{DocumentKind, ResourceId, ServerDocuments};
use crate::store::StoreError;

/// Why a document is unread that stood where a file is damaged.
const LOST: &str = "the file of the scan was damaged where this stood";

/// The most places that are looked at where a damaged file does not tell how many servers it holds.
const MOST_PLACES: i64 = 2_000_000;

/// A server of a file that may be damaged.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its number; `None` where it is in several files, or where only its id is known.
    ord: Option<i64>,
    /// Its id, as far as one is known.
    id: Option<String>,
    /// Whether nothing but the id is known.
    lost: bool,
}

/// A server as far as it could be read.
#[derive(Debug)]
pub struct Salvaged {
    /// What could be read, and what could not as unread.
    pub documents: ServerDocuments,
    /// How many documents are lost; `None` when the whole server is.
    pub lost: Option<usize>,
}

impl Place {
    /// A server of which the file tells.
    #[must_use]
    pub fn known((ord, id): (Option<i64>, String)) -> Self {
        Self {
            ord,
            id: Some(id),
            lost: false,
        }
    }
}

impl Salvaged {
    /// Whether nothing is lost.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        matches!(self.lost, Some(0))
    }

    /// What is lost, in words that name the server.
    #[must_use]
    pub fn words(&self) -> String {
        let name = neutral(self.documents.id().name()).into_owned();
        match self.lost {
            None => format!("{name} (all of it)"),
            Some(1) => format!("{name} (1 document)"),
            Some(count) => format!("{name} ({count} documents)"),
        }
    }
}

impl Scan {
    /// The servers of a file that may be damaged, as far as anything tells of them.
    #[must_use]
    pub fn places(&mut self) -> Vec<Place> {
        let listed = self.listed().unwrap_or_default();
        if !self.is_whole() {
            let ids = self.ids().unwrap_or_default();
            return ids.into_iter().map(Place::known).collect();
        }
        let said: Option<i64> = self
            .connection
            .query_row("SELECT servers FROM scan", [], |row| row.get(0))
            .unwrap_or_default();
        if let Ok(ids) = self.ids()
            && said.is_none_or(|said| said <= i64::try_from(ids.len()).unwrap_or(i64::MAX))
        {
            return ids.into_iter().map(Place::known).collect();
        }
        let last = self
            .connection
            .query_row("SELECT max(ord) FROM server", [], |row| row.get(0))
            .unwrap_or(None::<i64>);
        let last = last.max(said).unwrap_or(0).clamp(0, MOST_PLACES);
        let mut places = Vec::new();
        for ord in 1..=last {
            let found = self
                .connection
                .prepare_cached("SELECT id FROM server WHERE ord = ?1")
                .and_then(|mut statement| {
                    statement
                        .query_row([ord], |row| row.get::<_, String>(0))
                        .optional()
                });
            if let Ok(Some(id)) = found {
                places.push(Place::known((Some(ord), id)));
            }
        }
        // The list of a finished scan names those that are lost.
        let found: std::collections::HashSet<String> = places
            .iter()
            .filter_map(|place| Some(place.id.as_ref()?.to_lowercase()))
            .collect();
        let lost = listed
            .into_iter()
            .filter(|id| !found.contains(&id.to_lowercase()));
        places.extend(lost.map(|id| Place {
            ord: None,
            id: Some(id),
            lost: true,
        }));
        let named = i64::try_from(places.len()).unwrap_or(i64::MAX);
        let nameless = said.unwrap_or(0).saturating_sub(named).min(MOST_PLACES);
        places.extend((0..nameless).map(|_| Place {
            ord: None,
            id: None,
            lost: true,
        }));
        places
    }

    /// One of them, all of it.
    ///
    /// # Errors
    /// When something of it cannot be read.
    pub fn whole(&mut self, place: &Place) -> Result<Salvaged, StoreError> {
        let id = place.id.as_deref().filter(|_| !place.lost);
        let id =
            id.ok_or_else(|| self.damaged("it lacks servers that its list names".to_owned()))?;
        let documents = self.documents_of(place.ord, id)?;
        Ok(Salvaged {
            documents,
            lost: Some(0),
        })
    }

    /// One of them as far as it can be read; `None` where not even its id can.
    #[must_use]
    pub fn salvaged(&mut self, place: &Place) -> Option<Salvaged> {
        let id = ResourceId::parse(place.id.as_deref()?).ok()?;
        if place.lost {
            let documents = unread(id, LOST);
            return Some(Salvaged {
                documents,
                lost: None,
            });
        }
        if let Ok(documents) = self.documents_of(place.ord, id.as_str()) {
            return Some(Salvaged {
                documents,
                lost: Some(0),
            });
        }
        let Some(ord) = place.ord else {
            let documents = unread(id, LOST);
            return Some(Salvaged {
                documents,
                lost: None,
            });
        };
        let mut lost = 0;
        let mut documents = Vec::new();
        for kind in DocumentKind::ALL {
            let found = find_kind(
                &mut self.reader,
                &self.connection,
                &self.path,
                (ord, &id),
                kind,
            );
            match found {
                Ok(found) => documents.extend(found),
                Err(_) => {
                    lost += 1;
                    documents.push(not_here(&id, kind, LOST));
                }
            }
        }
        Some(Salvaged {
            documents: ServerDocuments::new(id, documents),
            lost: Some(lost),
        })
    }
}
