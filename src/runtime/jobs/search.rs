//! Searching on workers: what is searched in, filters, finding anything, and the file of saved searches.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::app::{Effect, Message};
use crate::query::{SearchIndex, Vocabulary, filter, find};
use crate::runtime::search_file::{self, SearchFile};

use super::Jobs;

impl Jobs {
    /// Performs an effect that is about searching; others are none of its business.
    pub(super) fn search(&mut self, effect: Effect) {
        match effect {
            Effect::Index { generation, fleet } => {
                let messages = self.messages.clone();
                self.blocking(None, move || {
                    let index = Arc::new(SearchIndex::new(&fleet));
                    let _ = messages.send(Message::Indexed { generation, index });
                });
            }
            Effect::Find {
                generation,
                index,
                text,
            } => {
                self.newest_find.store(generation, Ordering::Release);
                let (newest, messages) = (self.newest_find.clone(), self.messages.clone());
                self.blocking(None, move || {
                    let wanted = || newest.load(Ordering::Acquire) == generation;
                    if let Some(found) = find(&index, &text, &wanted) {
                        let _ = messages.send(Message::Found { generation, found });
                    }
                });
            }
            Effect::ReadSearches => self.searches(|_| Ok(())),
            Effect::AddSearch(text) => self.searches(move |file| file.append(&text)),
            Effect::WriteSearches(text) => self.searches(move |file| file.replace(&text)),
            Effect::GatherWords { generation, index } => {
                let messages = self.messages.clone();
                self.blocking(None, move || {
                    let words = Arc::new(Vocabulary::new(&index));
                    let _ = messages.send(Message::WordsGathered { generation, words });
                });
            }
            Effect::Filter {
                generation,
                query,
                index,
                within,
            } => {
                self.newest_filter.store(generation, Ordering::Release);
                let (newest, messages) = (self.newest_filter.clone(), self.messages.clone());
                self.blocking(None, move || {
                    let wanted = || newest.load(Ordering::Acquire) == generation;
                    if let Some(hits) = filter(&index, &query, within.as_deref(), &wanted) {
                        let _ = messages.send(Message::Filtered { generation, hits });
                    }
                });
            }
            _ => {}
        }
    }

    /// Does something with the file of saved searches, and tells what stands in it then.
    fn searches(&self, work: impl FnOnce(&SearchFile) -> io::Result<()> + Send + 'static) {
        let (file, messages) = (self.searches.clone(), self.messages.clone());
        self.blocking(None, move || {
            let _ = messages.send(search_file::told(file.as_ref(), work));
        });
    }
}
