//! Portions that wait to be read, and who takes which.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::portion::Waiting;

/// Portions that wait.
#[derive(Debug, Default)]
pub struct Queue {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// How many portions of a subscription are being read, by its id in lower case.
    busy: HashMap<String, usize>,
    /// How many portions are being read.
    under_way: usize,
    is_over: bool,
}

impl Queue {
    /// Adds portions.
    pub fn add(&self, portions: Vec<Waiting>) {
        self.state().waiting.extend(portions);
        self.news.notify_waiters();
    }

    /// Says that no more will come.
    pub fn end(&self) {
        self.state().is_over = true;
        self.news.notify_waiters();
    }

    /// How many portions are being read.
    pub fn under_way(&self) -> usize {
        self.state().under_way
    }

    /// The portion to read next, as soon as there is one: of a subscription of which the fewest are being read, so that
    /// the request limit of one does not hold up the others. `None` when all are read or being read.
    pub async fn next(&self) -> Option<Waiting> {
        loop {
            let news = self.news.notified();
            {
                let mut state = self.state();
                let busy = |it: &Waiting| state.busy.get(&it.subscription).copied();
                let place = (0..state.waiting.len())
                    .min_by_key(|place| busy(&state.waiting[*place]).unwrap_or_default());
                match place.and_then(|place| state.waiting.remove(place)) {
                    Some(next) => {
                        *state.busy.entry(next.subscription.clone()).or_default() += 1;
                        state.under_way += 1;
                        return Some(next);
                    }
                    None if state.is_over => return None,
                    None => {}
                }
            }
            news.await;
        }
    }

    /// Says that a portion was read.
    pub fn done(&self, subscription: &str) {
        let mut state = self.state();
        state.under_way -= 1;
        if let Some(busy) = state.busy.get_mut(subscription) {
            *busy -= 1;
            if *busy == 0 {
                state.busy.remove(subscription);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
