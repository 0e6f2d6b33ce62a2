//! One bucket: who waits in it, what is under way, and whether the next request may start.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::gate::{Grant, Refused};
use super::level::{Level, Said};
use super::retry;
use crate::azure::pressure::{Allowance, Bucket, Held, Hold};

/// The longest that a gate stays closed, whatever an answer says.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A gate opens up to so much later than it was asked to, so that not all who were told the same come at once.
const SPREAD: Duration = Duration::from_millis(500);

/// Requests that may be under way in a bucket before its first answers; each answer allows one more.
const FIRST_REQUESTS: usize = 4;

/// Waits that Azure may ask for one after the other, without one request served in between, before the bucket is given up.
const MOST_REFUSALS: u32 = 10;

/// How long a bucket that was refused too often is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(300);

/// A request that was under way for longer than this makes its bucket a slow one.
const SLOW: Duration = Duration::from_secs(10);

pub(super) type Waiter = oneshot::Sender<Result<Grant, Refused>>;

/// One bucket.
pub(super) struct Lane {
    pub(super) bucket: Bucket,
    pub(super) waiters: VecDeque<Waiter>,
    /// When it last had a turn, as a number that grows with every turn of anyone.
    pub(super) last_turn: u64,
    /// Requests under way, by their number.
    under_way: BTreeMap<u64, Sent>,
    serial: u64,
    gate: Option<Gate>,
    level: Option<Level>,
    /// The most requests under way: few after a pause, one more with every answer.
    allowed: usize,
    /// Waits that Azure asked for since it last served a request.
    refusals: u32,
}

#[derive(Clone, Copy)]
struct Sent {
    at: Instant,
    heard: bool,
}

#[derive(Clone, Copy)]
struct Gate {
    opens: Instant,
    /// Closed for so long that nobody waits: every read fails until it opens.
    given_up: bool,
}

/// When the next request of a bucket may start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Now,
    At(Instant),
    /// When one of those under way has ended.
    Later,
}

impl Lane {
    pub(super) fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            waiters: VecDeque::new(),
            last_turn: 0,
            under_way: BTreeMap::new(),
            serial: 0,
            gate: None,
            level: None,
            allowed: FIRST_REQUESTS,
            refusals: 0,
        }
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// When the next request may start, where `ceiling` requests of all buckets may be under way. A bucket alone never
    /// takes the last place, and a slow one not more than half of them.
    pub(super) fn turn(&self, ceiling: usize, now: Instant) -> Turn {
        if let Some(closed) = self.closed(now) {
            return Turn::At(closed.opens);
        }
        let slow = self
            .under_way
            .first_key_value()
            .is_some_and(|(_, sent)| now - sent.at > SLOW);
        let share = if slow { ceiling / 2 } else { ceiling - 1 };
        if self.under_way.len() >= self.allowed.min(share.max(1)) {
            return Turn::Later;
        }
        match self.level.as_ref().map(|level| level.ready_at(now)) {
            Some(at) if at > now => Turn::At(at),
            _ => Turn::Now,
        }
    }

    /// Starts a request; its number.
    pub(super) fn start(&mut self, now: Instant) -> u64 {
        self.serial += 1;
        self.under_way.insert(
            self.serial,
            Sent {
                at: now,
                heard: false,
            },
        );
        if let Some(level) = &mut self.level {
            level.take(now);
        }
        self.serial
    }

    /// A request ended, or never began.
    pub(super) fn end(&mut self, serial: u64, sent: bool, now: Instant) {
        let Some(request) = self.under_way.remove(&serial) else {
            return;
        };
        let unheard = self.unheard();
        if let Some(level) = &mut self.level {
            if !sent {
                level.give_back();
            } else if !request.heard {
                level.uncounted();
                level.hear_nothing(unheard, now);
            }
        }
    }

    /// An answer came that is not "too many requests".
    pub(super) fn answered(&mut self, serial: u64, said: Option<Said>, most: usize, now: Instant) {
        self.heard(serial);
        self.refusals = 0;
        self.allowed = (self.allowed + 1).min(most);
        let unheard = self.unheard();
        match (&mut self.level, said) {
            (Some(level), Some(said)) => level.hear(serial, said, unheard, now),
            (Some(level), None) => level.hear_nothing(unheard, now),
            (level @ None, Some(said)) => *level = Some(Level::new(serial, said, unheard, now)),
            (None, None) => {}
        }
    }

    /// "Too many requests": nothing starts until the wait has passed, and then one at first. A wait of no time is none.
    pub(super) fn throttled(
        &mut self,
        serial: u64,
        wait: Option<Duration>,
        longest_wait: Duration,
        now: Instant,
    ) {
        self.heard(serial);
        self.allowed = 1;
        if let Some(level) = &mut self.level {
            level.empty(now);
        }
        let before = self.closed(now);
        if before.is_none() {
            self.refusals += 1;
        }
        let wait = wait
            .filter(|wait| !wait.is_zero())
            .unwrap_or_else(|| retry::throttled_back_off(self.refusals));
        let too_often = self.refusals > MOST_REFUSALS;
        let wait = if too_often {
            wait.max(LEFT_ALONE)
        } else {
            wait
        };
        let given_up = too_often || wait > longest_wait || before.is_some_and(|it| it.given_up);
        let spread = SPREAD.mul_f64(fastrand::f64());
        let opens = now + wait.min(LONGEST) + spread;
        self.gate = Some(Gate {
            opens: before.map_or(opens, |gate| gate.opens.max(opens)),
            given_up,
        });
    }

    /// Whether nothing may start for now.
    pub(super) fn is_closed(&self, now: Instant) -> bool {
        self.closed(now).is_some()
    }

    /// Whether it is closed for longer than anyone waits.
    pub(super) fn is_given_up(&self, now: Instant) -> bool {
        self.closed(now).is_some_and(|gate| gate.given_up)
    }

    /// What holds its reads back, when something does.
    pub(super) fn held(&self, now: Instant) -> Option<Held> {
        let waiting = self.waiters.iter().filter(|it| !it.is_closed()).count();
        let (hold, until) = match (self.closed(now), &self.level) {
            (Some(gate), _) if gate.given_up => (Hold::LimitGivenUp, gate.opens),
            (Some(gate), _) if waiting > 0 => (Hold::Limit, gate.opens),
            (None, Some(level)) if waiting > 0 && level.ready_at(now) > now => {
                (Hold::Paced, level.ready_at(now))
            }
            _ => return None,
        };
        Some(Held {
            bucket: Some(self.bucket.clone()),
            action: None,
            hold,
            waiting,
            remaining: until - now,
        })
    }

    /// What Azure grants, when its answers told.
    pub(super) fn allowance(&self, now: Instant) -> Option<Allowance> {
        self.level.as_ref().map(|level| Allowance {
            bucket: self.bucket.clone(),
            requests: level.requests(now),
            per_second: level.per_second(),
        })
    }

    fn closed(&self, now: Instant) -> Option<Gate> {
        self.gate.filter(|gate| gate.opens > now)
    }

    fn heard(&mut self, serial: u64) {
        if let Some(sent) = self.under_way.get_mut(&serial) {
            sent.heard = true;
        }
    }

    fn unheard(&self) -> usize {
        self.under_way.values().filter(|sent| !sent.heard).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const LIMIT: Duration = Duration::from_secs(120);

    fn lane() -> (Lane, Instant) {
        (Lane::new(Bucket::Tenant), Instant::now())
    }

    #[test]
    fn a_bucket_begins_with_few_requests_and_never_takes_the_last_place() {
        let (mut lane, now) = lane();
        let mut started = Vec::new();
        while lane.turn(16, now) == Turn::Now {
            started.push(lane.start(now));
        }
        assert_eq!(started.len(), FIRST_REQUESTS);
        while lane.under_way() < 15 {
            lane.answered(started.remove(0), None, 16, now);
            while lane.turn(16, now) == Turn::Now {
                started.push(lane.start(now));
            }
        }
        lane.answered(started.remove(0), None, 16, now);
        assert_eq!(lane.turn(16, now), Turn::Later);
        let (single, now) = self::lane();
        assert_eq!(
            single.turn(1, now),
            Turn::Now,
            "a ceiling of one is a place"
        );
    }

    #[test]
    fn a_slow_bucket_has_half_of_the_places() {
        let (mut lane, now) = lane();
        for _ in 0..20 {
            lane.answered(0, None, 16, now);
        }
        for _ in 0..8 {
            lane.start(now);
        }
        assert_eq!(lane.turn(16, now), Turn::Now);
        assert_eq!(lane.turn(16, now + SLOW + SECOND), Turn::Later);
    }

    #[test]
    fn after_a_wait_one_request_comes_first() {
        let (mut lane, now) = lane();
        let first = lane.start(now);
        lane.throttled(first, Some(SECOND * 10), LIMIT, now);
        lane.throttled(first, Some(SECOND * 3), LIMIT, now);
        lane.end(first, true, now);
        let Turn::At(opens) = lane.turn(16, now) else {
            panic!("it is closed");
        };
        assert!(opens >= now + SECOND * 10 && opens <= now + SECOND * 11);
        let probe = lane.start(opens);
        assert_eq!(lane.turn(16, opens), Turn::Later);
        lane.answered(probe, None, 16, opens);
        assert_eq!(lane.turn(16, opens), Turn::Now);
    }

    #[test]
    fn waits_of_no_time_or_without_a_word_are_waits_all_the_same_and_do_not_go_on_for_ever() {
        for wait in [None, Some(Duration::ZERO)] {
            let (mut lane, mut now) = lane();
            let mut requests = 0;
            while !lane.is_given_up(now) {
                assert!(requests < 100);
                requests += 1;
                let serial = lane.start(now);
                lane.throttled(serial, wait, LIMIT, now);
                lane.end(serial, true, now);
                let Turn::At(opens) = lane.turn(16, now) else {
                    panic!("it is closed");
                };
                assert!(opens >= now + SECOND);
                if !lane.is_given_up(now) {
                    now = opens;
                }
            }
            assert_eq!(requests, MOST_REFUSALS + 1);
        }
    }

    #[test]
    fn a_wait_that_is_too_long_is_not_shortened_by_another_one() {
        let (mut lane, now) = lane();
        lane.throttled(0, Some(LIMIT + SECOND), LIMIT, now);
        lane.throttled(0, Some(SECOND), LIMIT, now);
        assert!(lane.is_given_up(now + SECOND * 60));
        assert!(!lane.is_given_up(now + LIMIT + SECOND * 2));
        lane.throttled(0, Some(Duration::MAX), LIMIT, now);
        assert!(lane.is_given_up(now + LONGEST / 2));
    }

    #[test]
    fn what_did_not_start_is_given_back() {
        let (mut lane, now) = lane();
        let first = lane.start(now);
        lane.answered(first, Some(Said::Reads(1)), 16, now);
        lane.end(first, true, now);
        let second = lane.start(now);
        assert!(matches!(lane.turn(16, now), Turn::At(_)));
        lane.end(second, false, now);
        assert_eq!(lane.turn(16, now), Turn::Now);
    }
}
