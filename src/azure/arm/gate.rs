//! When a request may start. Every request passes [`Limits::admit`], the one place where limits are obeyed: the waits
//! and the quota of its bucket, a ceiling on how many requests are under way in all, and the state of the network.
//!
//! A free place goes to the bucket that has the fewest requests under way, so a bucket that is slow, throttled or large
//! does not keep the others waiting.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::lane::{Lane, Turn};
use super::level::Said;
use super::line::{Line, Lost, Way};
use crate::azure::pressure::{Bucket, Held, Hold, Pressure};
use crate::documents::Cause;

/// Why nothing may start, and nobody waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The bucket is closed for longer than anyone waits.
    Closed,
    /// The network has been gone for longer than anyone waits.
    Offline(Cause),
}

/// The leave to start one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    lane: usize,
    serial: u64,
    at: Instant,
    /// Whether it tries if the network is back.
    probe: bool,
}

/// The limits that all clones of a client share.
pub(super) struct Limits {
    ceiling: usize,
    longest_wait: Duration,
    longest_outage: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    under_way: usize,
    lanes: Vec<Lane>,
    places: HashMap<Bucket, usize>,
    /// The lanes in which somebody waits.
    busy: BTreeSet<usize>,
    turns: u64,
    line: Line,
    timer: Option<(Instant, AbortHandle)>,
}

impl Limits {
    pub(super) fn new(
        ceiling: usize,
        longest_wait: Duration,
        longest_outage: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            ceiling: ceiling.max(1),
            longest_wait,
            longest_outage,
            state: Mutex::default(),
        })
    }

    /// Waits until a request may start. What it returns is held while the request is under way.
    pub(super) async fn admit(self: &Arc<Self>, bucket: &Bucket) -> Result<Permit, Refused> {
        loop {
            let mut ticket = self.queue(bucket)?;
            let grant = (&mut ticket.0).await.unwrap_or(Err(Refused::Closed))?;
            let mut permit = Permit {
                limits: Arc::clone(self),
                grant,
                sent: false,
            };
            // Between the grant and this moment an answer may have closed the gate.
            let closed = {
                let state = self.state();
                state.lanes[grant.lane].is_closed(Instant::now())
                    || (!grant.probe && state.line.way(Instant::now()) != Way::Open)
            };
            if !closed {
                permit.sent = true;
                return Ok(permit);
            }
        }
    }

    fn queue(self: &Arc<Self>, bucket: &Bucket) -> Result<Ticket, Refused> {
        let mut state = self.state();
        let now = Instant::now();
        let lane = state.lane(bucket);
        if state.lanes[lane].is_given_up(now) {
            return Err(Refused::Closed);
        }
        // Whoever comes when an attempt is due is that attempt.
        if state.line.way(now) != Way::Probe
            && let Some(cause) = state.line.given_up(self.longest_outage, now)
        {
            return Err(Refused::Offline(cause));
        }
        let (sender, receiver) = oneshot::channel();
        state.lanes[lane].waiters.push_back(sender);
        state.busy.insert(lane);
        let ticket = Ticket(receiver, Arc::clone(self));
        self.pump(&mut state, now);
        Ok(ticket)
    }

    /// Lets start what may start, and sets the timer for what may start later.
    fn pump(self: &Arc<Self>, state: &mut State, now: Instant) {
        let mut wake = None;
        while state.under_way < self.ceiling {
            let probe = match state.line.way(now) {
                Way::Open => false,
                Way::Probe => true,
                Way::Shut(until) => {
                    wake = Some(until);
                    break;
                }
                Way::Tried => break,
            };
            wake = None;
            let mut next: Option<(usize, u64, usize)> = None;
            for &place in &state.busy {
                let lane = &state.lanes[place];
                match lane.turn(self.ceiling, now) {
                    Turn::Now => {
                        let candidate = (lane.under_way(), lane.last_turn, place);
                        next = Some(next.map_or(candidate, |it| it.min(candidate)));
                    }
                    Turn::At(at) => wake = Some(wake.map_or(at, |it: Instant| it.min(at))),
                    Turn::Later => {}
                }
            }
            let Some((_, _, place)) = next else { break };
            state.grant(place, probe, now);
        }
        if let Some(at) = wake {
            self.wake_at(state, at);
        }
    }

    /// Pumps again at that time.
    fn wake_at(self: &Arc<Self>, state: &mut State, at: Instant) {
        if let Some((earlier, timer)) = &state.timer {
            if *earlier <= at && !timer.is_finished() {
                return;
            }
            timer.abort();
        }
        // Without a runtime nobody waits any more.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let limits = Arc::downgrade(self);
        let timer = runtime.spawn(async move {
            tokio::time::sleep_until(at).await;
            if let Some(limits) = limits.upgrade() {
                let mut state = limits.state();
                state.timer = None;
                limits.pump(&mut state, Instant::now());
            }
        });
        state.timer = Some((at, timer.abort_handle()));
    }

    fn end(self: &Arc<Self>, grant: Grant, sent: bool) {
        let mut state = self.state();
        let now = Instant::now();
        state.under_way -= 1;
        state.lanes[grant.lane].end(grant.serial, sent, now);
        if grant.probe && state.line.way(now) == Way::Tried {
            state.line.probe_ended(sent, now);
            self.give_up_when_too_long(&mut state, now);
        }
        self.pump(&mut state, now);
    }

    /// Ends the waits of all when the network has been gone for too long.
    fn give_up_when_too_long(&self, state: &mut State, now: Instant) {
        if let Some(cause) = state.line.given_up(self.longest_outage, now) {
            for lane in std::mem::take(&mut state.busy) {
                state.refuse(lane, &Refused::Offline(cause.clone()));
            }
        }
    }

    /// Why the network is not waited for any more.
    pub(super) fn outage(&self) -> Option<Cause> {
        self.state()
            .line
            .given_up(self.longest_outage, Instant::now())
    }

    /// How everything stands.
    pub(super) fn pressure(&self) -> Pressure {
        let state = self.state();
        let now = Instant::now();
        let mut held: Vec<Held> = state.lanes.iter().filter_map(|it| it.held(now)).collect();
        if let Some(remaining) = state.line.remaining(now) {
            held.push(Held {
                bucket: None,
                action: None,
                hold: Hold::Offline,
                waiting: state.lanes.iter().map(|lane| lane.waiters.len()).sum(),
                remaining,
            });
        }
        let mut allowances: Vec<_> = state
            .lanes
            .iter()
            .filter(|lane| lane.under_way() > 0 || !lane.waiters.is_empty())
            .filter_map(|it| it.allowance(now))
            .collect();
        allowances.sort_by(|a, b| a.bucket.cmp(&b.bucket));
        Pressure { held, allowances }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lane(&mut self, bucket: &Bucket) -> usize {
        if let Some(place) = self.places.get(bucket) {
            return *place;
        }
        self.lanes.push(Lane::new(bucket.clone()));
        let place = self.lanes.len() - 1;
        self.places.insert(bucket.clone(), place);
        place
    }

    /// Gives the next turn to the first in this lane who still waits.
    fn grant(&mut self, place: usize, probe: bool, now: Instant) {
        let lane = &mut self.lanes[place];
        while let Some(waiter) = lane.waiters.pop_front() {
            if waiter.is_closed() {
                continue;
            }
            let serial = lane.start(now);
            let grant = Grant {
                lane: place,
                serial,
                at: now,
                probe,
            };
            if waiter.send(Ok(grant)).is_err() {
                lane.end(serial, false, now);
                continue;
            }
            self.turns += 1;
            lane.last_turn = self.turns;
            self.under_way += 1;
            if probe {
                self.line.probe();
            }
            break;
        }
        if lane.waiters.is_empty() {
            self.busy.remove(&place);
        }
    }

    /// Ends the waits of a lane.
    fn refuse(&mut self, place: usize, refused: &Refused) {
        for waiter in self.lanes[place].waiters.drain(..) {
            let _ = waiter.send(Err(refused.clone()));
        }
    }
}

/// A place in the queue. A grant that nobody fetches any more goes back.
struct Ticket(oneshot::Receiver<Result<Grant, Refused>>, Arc<Limits>);

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.close();
        if let Ok(Ok(grant)) = self.0.try_recv() {
            self.1.end(grant, false);
        }
    }
}

/// A request that is under way. What comes of it is told here; dropped, it makes room for the next one.
pub(super) struct Permit {
    limits: Arc<Limits>,
    grant: Grant,
    sent: bool,
}

impl Permit {
    /// An answer came that is not "too many requests".
    pub(super) fn answered(&self, said: Option<Said>) {
        let limits = &self.limits;
        let mut state = limits.state();
        let now = Instant::now();
        state.line.answered(now);
        state.lanes[self.grant.lane].answered(self.grant.serial, said, limits.ceiling, now);
        limits.pump(&mut state, now);
    }

    /// "Too many requests": lets nothing start in the bucket for a while. When that is longer than anyone waits, the
    /// reads of the bucket end; whether it is so.
    pub(super) fn throttled(&self, wait: Option<Duration>) -> bool {
        let limits = &self.limits;
        let mut state = limits.state();
        let now = Instant::now();
        state.line.answered(now);
        let place = self.grant.lane;
        state.lanes[place].throttled(self.grant.serial, wait, limits.longest_wait, now);
        let given_up = state.lanes[place].is_given_up(now);
        if given_up {
            state.refuse(place, &Refused::Closed);
            state.busy.remove(&place);
        }
        limits.pump(&mut state, now);
        given_up
    }

    /// No connection could be made.
    pub(super) fn lost(&self, cause: &Cause) -> Lost {
        let limits = &self.limits;
        let mut state = limits.state();
        let now = Instant::now();
        let lost = state.line.lost(
            self.grant.at,
            self.grant.probe,
            cause,
            limits.longest_outage,
            now,
        );
        if lost == Lost::TooLong {
            limits.give_up_when_too_long(&mut state, now);
        }
        limits.pump(&mut state, now);
        lost
    }

    /// Nothing was sent after all.
    pub(super) fn unused(mut self) {
        self.sent = false;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limits.end(self.grant, self.sent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Unreachable;
    use tokio::task::JoinSet;

    const SECOND: Duration = Duration::from_secs(1);

    fn limits(ceiling: usize) -> Arc<Limits> {
        Limits::new(ceiling, SECOND * 120, SECOND * 120)
    }

    fn bucket(id: &str) -> Bucket {
        Bucket::Subscription(id.to_owned())
    }

    async fn close(limits: &Arc<Limits>, id: &str, wait: Duration) {
        let permit = limits.admit(&bucket(id)).await.expect("open");
        permit.throttled(Some(wait));
    }

    /// Starts reads that take a while each; when each of them started.
    fn reads(
        limits: &Arc<Limits>,
        id: &'static str,
        count: usize,
        takes: Duration,
        said: Option<Said>,
    ) -> JoinSet<(&'static str, Result<Instant, Refused>)> {
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let limits = Arc::clone(limits);
            tasks.spawn(async move {
                let permit = match limits.admit(&bucket(id)).await {
                    Ok(permit) => permit,
                    Err(refused) => return (id, Err(refused)),
                };
                let at = Instant::now();
                tokio::time::sleep(takes).await;
                permit.answered(said);
                (id, Ok(at))
            });
        }
        tasks
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_starts_before_the_gate_opens_and_other_buckets_go_on() {
        let limits = limits(16);
        let started = Instant::now();
        close(&limits, "a", SECOND * 10).await;
        drop(limits.admit(&bucket("b")).await.expect("open"));
        assert_eq!(started.elapsed(), Duration::ZERO);
        assert_eq!(limits.pressure().held, [], "nobody waits");
        let waiting = reads(&limits, "a", 20, SECOND / 100, None);
        tokio::task::yield_now().await;
        let held = limits.pressure().held;
        assert_eq!((held[0].hold, held[0].waiting), (Hold::Limit, 20));
        let mut times: Vec<_> = waiting
            .join_all()
            .await
            .into_iter()
            .map(|(_, at)| at.expect("admitted") - started)
            .collect();
        times.sort();
        assert!(
            times[0] >= SECOND * 10 && times[19] < SECOND * 11,
            "{times:?}"
        );
        assert!(times[1] > times[0], "one comes first: {times:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_that_closes_while_one_waits_for_its_turn_is_seen() {
        let limits = limits(1);
        let started = Instant::now();
        let first = limits.admit(&bucket("a")).await.expect("open");
        let second = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.admit(&bucket("a")).await.map(drop) }
        });
        tokio::task::yield_now().await;
        first.throttled(Some(SECOND * 7));
        drop(first);
        second.await.expect("no panic").expect("admitted");
        assert!(started.elapsed() >= SECOND * 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_grant_that_was_not_used_before_the_gate_closed_waits_again() {
        let limits = limits(1);
        let started = Instant::now();
        let first = limits.admit(&bucket("a")).await.expect("open");
        let second = tokio::spawn({
            let limits = Arc::clone(&limits);
            async move { limits.admit(&bucket("a")).await.map(drop) }
        });
        tokio::task::yield_now().await;
        // The second one has its grant now, and did not run yet.
        drop(first);
        limits.state().lanes[0].throttled(0, Some(SECOND * 7), SECOND * 120, started);
        second.await.expect("no panic").expect("admitted");
        assert!(started.elapsed() >= SECOND * 7);
        assert_eq!(limits.state().under_way, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_ends_the_reads_until_it_has_passed() {
        let limits = limits(1);
        close(&limits, "a", SECOND * 121).await;
        assert_eq!(
            limits.admit(&bucket("a")).await.map(drop),
            Err(Refused::Closed)
        );
        assert_eq!(limits.pressure().held[0].hold, Hold::LimitGivenUp);
        tokio::time::advance(SECOND * 60).await;
        assert!(limits.admit(&bucket("a")).await.is_err());
        assert!(limits.admit(&bucket("b")).await.is_ok());
        tokio::time::advance(SECOND * 62).await;
        assert!(limits.admit(&bucket("a")).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_for_a_gate_that_is_given_up_end_too() {
        let limits = limits(16);
        let one = limits.admit(&bucket("a")).await.expect("open");
        let other = limits.admit(&bucket("a")).await.expect("open");
        one.throttled(Some(SECOND * 10));
        let waiting = reads(&limits, "a", 3, SECOND, None);
        tokio::task::yield_now().await;
        other.throttled(Some(SECOND * 3600));
        for (_, outcome) in waiting.join_all().await {
            assert_eq!(outcome, Err(Refused::Closed));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_leaves_no_trace() {
        let limits = limits(1);
        let first = limits.admit(&bucket("a")).await.expect("open");
        let mut waiting = reads(&limits, "a", 5, SECOND, None);
        tokio::task::yield_now().await;
        waiting.shutdown().await;
        drop(first);
        assert_eq!(limits.state().under_way, 0);
        assert!(limits.admit(&bucket("a")).await.is_ok());
        assert!(limits.state().busy.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_bucket_does_not_keep_the_others_waiting() {
        let limits = limits(16);
        let started = Instant::now();
        let slow = reads(&limits, "slow", 200, SECOND * 60, None);
        tokio::task::yield_now().await;
        let quick = reads(&limits, "quick", 1_000, SECOND / 10, None);
        quick.join_all().await;
        let took = started.elapsed();
        // Ten at once would take ten seconds.
        assert!(took <= SECOND * 12, "{took:?}");
        drop(slow);
    }

    #[tokio::test(start_paused = true)]
    async fn the_places_are_shared_by_those_who_want_them() {
        let limits = limits(16);
        let mut all = reads(&limits, "large", 3_000, SECOND / 10, None);
        let small = reads(&limits, "small", 300, SECOND / 10, None);
        let started = Instant::now();
        small.join_all().await;
        assert!(started.elapsed() <= SECOND * 5, "{:?}", started.elapsed());
        while all.join_next().await.is_some() {}
        let took = started.elapsed();
        assert!(took <= SECOND * 24, "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_quota_is_used_up_and_never_overdrawn() {
        let limits = limits(16);
        let started = Instant::now();
        // A bucket as Azure documents it, asked by five tasks for each place.
        let quota = Arc::new(Mutex::new((250.0_f64, Instant::now(), 0)));
        let mut tasks = JoinSet::new();
        for _ in 0..1_250 {
            let (limits, quota) = (Arc::clone(&limits), Arc::clone(&quota));
            tasks.spawn(async move {
                let permit = limits.admit(&bucket("a")).await.expect("admitted");
                tokio::time::sleep(Duration::from_millis(fastrand::u64(10..150))).await;
                let left = {
                    let mut quota = quota.lock().expect("no panic");
                    let now = Instant::now();
                    quota.0 = (quota.0 + (now - quota.1).as_secs_f64() * 25.0).min(250.0);
                    quota.1 = now;
                    if quota.0 < 1.0 {
                        quota.2 += 1;
                    }
                    quota.0 -= 1.0;
                    quota.0.max(0.0) as u32
                };
                tokio::time::sleep(Duration::from_millis(fastrand::u64(10..150))).await;
                permit.answered(Some(Said::Reads(left)));
            });
        }
        tasks.join_all().await;
        let overdrawn = quota.lock().expect("no panic").2;
        assert_eq!(overdrawn, 0);
        let bound = SECOND * (1_250 - 250) / 25;
        assert!(
            started.elapsed() <= bound.mul_f64(1.05),
            "{:?} of {bound:?}",
            started.elapsed()
        );
    }

    /// A bucket as Azure documents it, of which somebody else takes all that is left now and then, and what the reads of a
    /// scan did there.
    struct Shared {
        tokens: f64,
        at: Instant,
        emptied: Instant,
        /// When a refusal was heard, and for how long nothing is to start.
        waits: Vec<(Instant, Duration)>,
        /// Starts and answers since the last refusal was heard.
        starts: u32,
        answers: u32,
        refused: usize,
        served: usize,
    }

    impl Shared {
        const WAIT: Duration = Duration::from_secs(17);

        fn new() -> Self {
            let now = Instant::now();
            Self {
                tokens: 250.0,
                at: now,
                emptied: now,
                waits: Vec::new(),
                starts: 0,
                answers: 0,
                refused: 0,
                served: 0,
            }
        }

        fn start(&mut self) {
            let now = Instant::now();
            for (heard, wait) in &self.waits {
                assert!(now >= *heard + *wait, "a read starts within a wait");
            }
            self.starts += 1;
            if !self.waits.is_empty() {
                assert!(
                    self.starts <= 2 * self.answers + 1,
                    "{} starts after {} answers are a storm",
                    self.starts,
                    self.answers
                );
            }
        }

        /// What Azure says of a read that arrives: what remains, or that it is refused.
        fn arrives(&mut self) -> Option<u32> {
            let now = Instant::now();
            self.tokens = (self.tokens + (now - self.at).as_secs_f64() * 25.0).min(250.0);
            self.at = now;
            if now - self.emptied >= SECOND * 40 {
                self.emptied = now;
                self.tokens = 0.0;
            }
            if self.tokens < 1.0 {
                return None;
            }
            self.tokens -= 1.0;
            Some(self.tokens as u32)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn over_many_windows_nothing_starts_within_a_wait_and_no_storm_follows_it() {
        const READS: usize = 4_000;
        let limits = limits(16);
        let quotas: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .map(|id| (id, Arc::new(Mutex::new(Shared::new()))))
            .collect();
        let mut tasks = JoinSet::new();
        for number in 0..READS * quotas.len() {
            let (id, quota) = quotas[number % quotas.len()].clone();
            let limits = Arc::clone(&limits);
            tasks.spawn(async move {
                loop {
                    let permit = limits.admit(&bucket(id)).await.expect("never given up");
                    quota.lock().expect("no panic").start();
                    tokio::time::sleep(Duration::from_millis(fastrand::u64(10..150))).await;
                    let left = quota.lock().expect("no panic").arrives();
                    tokio::time::sleep(Duration::from_millis(fastrand::u64(10..150))).await;
                    let mut quota = quota.lock().expect("no panic");
                    if let Some(left) = left {
                        quota.answers += 1;
                        quota.served += 1;
                        return permit.answered(Some(Said::Reads(left)));
                    }
                    quota.refused += 1;
                    quota.starts = 0;
                    quota.answers = 0;
                    quota.waits.push((Instant::now(), Shared::WAIT));
                    permit.throttled(Some(Shared::WAIT));
                }
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.expect("nothing started within a wait");
        }
        for (id, quota) in &quotas {
            let quota = quota.lock().expect("no panic");
            assert_eq!(quota.served, READS);
            let mut windows = 0;
            let mut until = None;
            for (heard, wait) in &quota.waits {
                windows += usize::from(until.is_none_or(|until| *heard >= until));
                until = Some(*heard + *wait);
            }
            assert!(windows >= 3, "{id}: {windows} windows");
            // Those that were under way when the first of a window was refused.
            assert!(
                quota.refused <= windows * 16,
                "{id}: {} in {windows}",
                quota.refused
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_network_one_request_at_a_time_tries_and_all_go_on_when_it_is_back() {
        let limits = limits(16);
        let cause = Cause::Unreachable {
            kind: Unreachable::Dns,
            detail: "no such host".to_owned(),
        };
        limits
            .admit(&bucket("a"))
            .await
            .expect("open")
            .answered(None);
        let gone_until = Instant::now() + SECOND * 60;
        let attempts = Arc::new(Mutex::new(0));
        let mut tasks = JoinSet::new();
        for number in 0..100 {
            let (limits, cause) = (Arc::clone(&limits), cause.clone());
            let attempts = Arc::clone(&attempts);
            tasks.spawn(async move {
                let bucket = bucket(["a", "b", "c"][number % 3]);
                loop {
                    let permit = limits.admit(&bucket).await.expect("not given up");
                    *attempts.lock().expect("no panic") += 1;
                    if Instant::now() >= gone_until {
                        tokio::time::sleep(SECOND / 10).await;
                        return permit.answered(None);
                    }
                    assert_eq!(permit.lost(&cause), Lost::Everything);
                }
            });
        }
        tokio::time::sleep(SECOND * 30).await;
        let held = limits.pressure().held;
        assert_eq!(held[0].hold, Hold::Offline);
        tasks.join_all().await;
        assert!(gone_until.elapsed() <= SECOND * 25);
        let attempts = *attempts.lock().expect("no panic");
        assert!(attempts <= 100 + 16 + 16, "{attempts}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_stays_away_ends_the_reads() {
        let limits = limits(16);
        let cause = Cause::Unreachable {
            kind: Unreachable::Reset,
            detail: "refused".to_owned(),
        };
        limits
            .admit(&bucket("a"))
            .await
            .expect("open")
            .answered(None);
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let (limits, cause) = (Arc::clone(&limits), cause.clone());
            tasks.spawn(async move {
                while let Ok(permit) = limits.admit(&bucket("a")).await {
                    if permit.lost(&cause) == Lost::TooLong {
                        break;
                    }
                }
            });
        }
        tasks.join_all().await;
        let took = started.elapsed();
        assert!(took >= SECOND * 120 && took <= SECOND * 150, "{took:?}");
        assert!(matches!(
            limits.admit(&bucket("b")).await.map(drop),
            Err(Refused::Offline(_))
        ));
    }
}
