//! A read that many servers share: made by whoever asks first, and again by the next one where it may help.

use tokio::sync::Mutex;

use crate::documents::{Cause, Document};

/// How often one thing is read in a scan at most. Each read has the client's own tries in it.
const MOST: u8 = 3;

/// Whether reading the same thing a little later may bring more.
pub trait Outlook {
    /// Why nothing was read, if nothing was.
    fn cause(&self) -> Option<&Cause>;

    /// Whether another read may bring it: nobody answered, or not with the answer.
    fn may_change(&self) -> bool {
        match self.cause() {
            Some(Cause::TimedOut | Cause::Throttled | Cause::Unreachable { .. }) => true,
            Some(Cause::Failed { status, .. }) => *status >= 500,
            _ => false,
        }
    }
}

impl Outlook for Document {
    fn cause(&self) -> Option<&Cause> {
        self.body().err()
    }
}

impl<T: Outlook> Outlook for std::sync::Arc<T> {
    fn cause(&self) -> Option<&Cause> {
        (**self).cause()
    }
}

/// What came of a read that is made for all who ask.
#[derive(Debug)]
pub struct Again<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    reads: u8,
    last: Option<T>,
}

impl<T> Default for Again<T> {
    fn default() -> Self {
        Self(Mutex::new(State {
            reads: 0,
            last: None,
        }))
    }
}

impl<T> Again<T> {
    /// What was read before there was anybody to ask.
    pub fn of(it: T) -> Self {
        Self(Mutex::new(State {
            reads: 1,
            last: Some(it),
        }))
    }
}

impl<T: Outlook + Clone> Again<T> {
    /// What was read, by this call or before it. Whoever asks while it is being read waits for it.
    pub async fn get(&self, read: impl AsyncFnOnce() -> T) -> T {
        let mut state = self.0.lock().await;
        if let Some(last) = &state.last
            && !(last.may_change() && state.reads < MOST)
        {
            return last.clone();
        }
        // What is read here is asked for from deep inside other reads; on the heap it does not add to their size.
        let new = Box::pin(read()).await;
        state.reads += 1;
        state.last = Some(new.clone());
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Came(Option<Cause>, usize);

    impl Outlook for Came {
        fn cause(&self) -> Option<&Cause> {
            self.0.as_ref()
        }
    }

    async fn asked(answers: &[Option<Cause>], times: usize) -> Vec<usize> {
        let (again, mut reads, mut told) = (Again::default(), 0, Vec::new());
        for _ in 0..times {
            let came = again
                .get(async || {
                    reads += 1;
                    Came(answers[reads - 1].clone(), reads)
                })
                .await;
            told.push(came.1);
        }
        told
    }

    #[tokio::test]
    async fn what_was_read_or_refused_is_never_asked_for_again() {
        let denied = Cause::Denied {
            action: "a".into(),
            scope: "s".into(),
        };
        for last in [
            None,
            Some(denied),
            Some(Cause::NotFound),
            Some(Cause::Cancelled),
        ] {
            assert_eq!(asked(&[last], 3).await, [1, 1, 1]);
        }
    }

    #[tokio::test]
    async fn what_nobody_answered_is_asked_for_thrice_at_most() {
        let failed = Some(Cause::Failed {
            status: 503,
            code: String::new(),
        });
        let answers = [Some(Cause::TimedOut), None];
        assert_eq!(asked(&answers, 4).await, [1, 2, 2, 2]);
        let answers = [Some(Cause::TimedOut), failed, Some(Cause::Throttled), None];
        assert_eq!(asked(&answers, 5).await, [1, 2, 3, 3, 3]);
    }
}
