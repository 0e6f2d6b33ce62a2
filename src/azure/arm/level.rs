//! How many requests of one bucket may start, as the headers of its answers tell.
//!
//! An answer says what was left when Azure counted its request. Answers overtake each other, so the one whose request
//! started last is believed, and of an older one only bad news; and requests that are under way are taken as not yet
//! counted. So the level is never above what Azure grants, as far as nobody else uses it up; and when somebody does, the
//! next answer says so.

use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::retry::clock_span;

/// Reads that come back each second until the answers show another rate. Source: Microsoft Learn, "Understand how Azure
/// Resource Manager throttles requests".
const DOCUMENTED_PER_SECOND: f64 = 25.0;

/// Bounds of a rate that is learned.
const SLOWEST: f64 = 1.0;
const FASTEST: f64 = 1_000.0;

/// The shortest time over which a rate is learned.
const LEARNING: Duration = Duration::from_secs(3);

/// The window of Resource Graph's quota until an answer names its end. Source: Microsoft Learn, "Guidance for throttled
/// requests in Azure Resource Graph".
const DOCUMENTED_WINDOW: Duration = Duration::from_secs(5);

/// What one answer says about its bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Reads that remain; they come back bit by bit.
    Reads(u32),
    /// Queries that remain in a window, and how long until the next window.
    Queries(u32, Option<Duration>),
}

impl Said {
    /// Reads the headers. Where Azure counts a subscription's reads for each caller and for all callers together, the
    /// smaller number is what remains. Counts of single resource providers are no matter of the bucket.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
        let number = |name| text(name)?.parse::<u32>().ok();
        if let Some(queries) = number("x-ms-user-quota-remaining") {
            let resets = text("x-ms-user-quota-resets-after").and_then(clock_span);
            return Some(Self::Queries(queries, resets));
        }
        [
            "x-ms-ratelimit-remaining-subscription-reads",
            "x-ms-ratelimit-remaining-subscription-global-reads",
            "x-ms-ratelimit-remaining-tenant-reads",
        ]
        .into_iter()
        .filter_map(number)
        .min()
        .map(Self::Reads)
    }

    /// How long until what was used up is back as a whole.
    pub(super) const fn resets_after(self) -> Option<Duration> {
        match self {
            Self::Reads(_) => None,
            Self::Queries(_, resets) => resets,
        }
    }

    /// What remains.
    pub(super) const fn remaining(self) -> u32 {
        match self {
            Self::Reads(remaining) | Self::Queries(remaining, _) => remaining,
        }
    }
}

/// The level of a bucket.
#[derive(Clone, Debug)]
pub(super) struct Level {
    available: f64,
    /// When it was so.
    at: Instant,
    refill: Refill,
    /// The most that ever remained: what a full bucket holds, less one.
    highest: u32,
    /// The request whose answer is believed, and what that said.
    newest: (u64, u32),
    /// Requests that Azure did not count: refused or lost.
    uncounted: u64,
    anchor: Anchor,
}

#[derive(Clone, Copy, Debug)]
enum Refill {
    PerSecond(f64),
    Window { resets: Instant, length: Duration },
}

/// Where the measurement of the rate began.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    at: Instant,
    remaining: u32,
    serial: u64,
    uncounted: u64,
}

impl Level {
    /// The level that the first answer tells. `serial` numbers the requests of the bucket in the order of their start;
    /// `unheard` is how many others were sent and not answered.
    pub(super) fn new(serial: u64, said: Said, unheard: usize, now: Instant) -> Self {
        let remaining = said.remaining();
        let mut level = Self {
            available: 0.0,
            at: now,
            refill: Refill::PerSecond(DOCUMENTED_PER_SECOND),
            highest: remaining,
            newest: (0, remaining),
            uncounted: 0,
            anchor: Anchor {
                at: now,
                remaining,
                serial,
                uncounted: 0,
            },
        };
        level.believe(serial, said, unheard, now);
        level
    }

    /// An answer came.
    pub(super) fn hear(&mut self, serial: u64, said: Said, unheard: usize, now: Instant) {
        if serial > self.newest.0 {
            self.learn(serial, said, now);
            self.believe(serial, said, unheard, now);
        } else if said.remaining() < self.newest.1 {
            self.settle(now);
            self.available = self.available.min(left(said.remaining(), unheard));
        }
    }

    fn believe(&mut self, serial: u64, said: Said, unheard: usize, now: Instant) {
        self.settle(now);
        self.available = left(said.remaining(), unheard);
        self.highest = self.highest.max(said.remaining());
        self.newest = (serial, said.remaining());
        if let Said::Queries(_, resets) = said {
            let length = resets.unwrap_or(DOCUMENTED_WINDOW);
            self.refill = Refill::Window {
                resets: now + length,
                length,
            };
        }
    }

    /// Learns the rate from what came back since the measurement began. A full bucket teaches nothing: what would come
    /// back runs over.
    fn learn(&mut self, serial: u64, said: Said, now: Instant) {
        let (Said::Reads(remaining), Refill::PerSecond(rate)) = (said, self.refill) else {
            return;
        };
        let elapsed = now - self.anchor.at;
        if elapsed < LEARNING {
            return;
        }
        let begun = std::mem::replace(
            &mut self.anchor,
            Anchor {
                at: now,
                remaining,
                serial,
                uncounted: self.uncounted,
            },
        );
        let brim = f64::from(self.highest) * 0.9;
        if f64::from(begun.remaining.max(remaining)) < brim {
            let uncounted = self.uncounted - begun.uncounted;
            let spent = (serial - begun.serial).saturating_sub(uncounted);
            let back = f64::from(remaining) + spent as f64 - f64::from(begun.remaining);
            let seen = (back / elapsed.as_secs_f64()).clamp(SLOWEST, FASTEST);
            self.refill = Refill::PerSecond(f64::midpoint(rate, seen));
        }
    }

    /// An answer came that told nothing; after it no request is left without an answer when `unheard` is 0, and what was
    /// kept back for those under way is free.
    pub(super) fn hear_nothing(&mut self, unheard: usize, now: Instant) {
        if unheard == 0 {
            self.settle(now);
            self.available = self.available.max(0.0);
        }
    }

    /// A request starts.
    pub(super) fn take(&mut self, now: Instant) {
        self.settle(now);
        self.available -= 1.0;
    }

    /// A request did not start after all.
    pub(super) fn give_back(&mut self) {
        self.available += 1.0;
        self.uncounted += 1;
    }

    /// A request was not counted.
    pub(super) const fn uncounted(&mut self) {
        self.uncounted += 1;
    }

    /// "Too many requests": nothing is left.
    pub(super) fn empty(&mut self, now: Instant) {
        self.settle(now);
        self.available = self.available.min(0.0);
        self.uncounted += 1;
    }

    /// When the next request may start.
    pub(super) fn ready_at(&self, now: Instant) -> Instant {
        let available = self.available(now);
        if available >= 1.0 {
            return now;
        }
        match self.refill {
            // A little more than the rate says, or rounding would wake us a moment too early.
            Refill::PerSecond(rate) => {
                now + Duration::from_secs_f64((1.0 - available) / rate) + Duration::from_millis(1)
            }
            Refill::Window { resets, .. } => resets,
        }
    }

    /// Requests that may start now.
    pub(super) fn requests(&self, now: Instant) -> u32 {
        self.available(now).max(0.0) as u32
    }

    /// The rate, where there is one.
    pub(super) fn per_second(&self) -> Option<u32> {
        match self.refill {
            Refill::PerSecond(rate) => Some(rate.round() as u32),
            Refill::Window { .. } => None,
        }
    }

    fn available(&self, now: Instant) -> f64 {
        let full = f64::from(self.highest) + 1.0;
        match self.refill {
            Refill::PerSecond(rate) => {
                let passed = now.saturating_duration_since(self.at).as_secs_f64();
                (self.available + passed * rate).min(full)
            }
            Refill::Window { resets, .. } if now >= resets => f64::from(self.highest.max(1)),
            Refill::Window { .. } => self.available,
        }
    }

    fn settle(&mut self, now: Instant) {
        self.available = self.available(now);
        self.at = self.at.max(now);
        if let Refill::Window { resets, length } = &mut self.refill
            && now >= *resets
        {
            *resets = now + (*length).max(DOCUMENTED_WINDOW);
        }
    }
}

fn left(remaining: u32, unheard: usize) -> f64 {
    f64::from(remaining) - unheard as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn level(remaining: u32, unheard: usize) -> (Level, Instant) {
        let now = Instant::now();
        (Level::new(1, Said::Reads(remaining), unheard, now), now)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn the_smallest_count_of_the_bucket_is_what_remains() {
        let said = |pairs: &[(&'static str, &str)]| Said::of(&headers(pairs));
        let own = ("x-ms-ratelimit-remaining-subscription-reads", "249");
        let all = |left| ("x-ms-ratelimit-remaining-subscription-global-reads", left);
        assert_eq!(said(&[own]), Some(Said::Reads(249)));
        assert_eq!(said(&[own, all("3749")]), Some(Said::Reads(249)));
        assert_eq!(said(&[own, all("7")]), Some(Said::Reads(7)));
        assert_eq!(said(&[own, all("many")]), Some(Said::Reads(249)));
        assert_eq!(
            said(&[("x-ms-ratelimit-remaining-tenant-reads", "12")]),
            Some(Said::Reads(12))
        );
        assert_eq!(
            said(&[
                ("x-ms-user-quota-remaining", "14"),
                ("x-ms-user-quota-resets-after", "00:00:04")
            ]),
            Some(Said::Queries(14, Some(SECOND * 4)))
        );
        for other in [
            "x-ms-ratelimit-remaining-subscription-writes",
            "x-ms-ratelimit-remaining-subscription-resource-requests",
        ] {
            assert_eq!(said(&[(other, "3")]), None);
        }
    }

    #[test]
    fn those_under_way_are_taken_as_not_yet_counted() {
        let (level, now) = level(10, 4);
        assert_eq!(level.requests(now), 6);
    }

    #[test]
    fn what_is_used_up_comes_back_at_the_documented_rate_and_no_further_than_full() {
        let (mut level, now) = level(2, 0);
        level.take(now);
        level.take(now);
        let wait = level.ready_at(now) - now;
        assert!(wait > Duration::from_millis(39) && wait < Duration::from_millis(45));
        assert_eq!(level.requests(now + SECOND / 25), 1);
        assert_eq!(level.requests(now + SECOND * 60), 3);
    }

    #[test]
    fn answers_that_overtake_each_other_never_raise_the_level() {
        let (mut level, now) = level(100, 0);
        level.hear(9, Said::Reads(92), 0, now);
        level.hear(5, Said::Reads(96), 0, now);
        assert_eq!(level.requests(now), 92, "an older answer is not believed");
        level.hear(7, Said::Reads(90), 0, now);
        assert_eq!(level.requests(now), 90, "unless it is worse");
        level.hear(10, Said::Reads(30), 0, now);
        assert_eq!(level.requests(now), 30, "somebody else asks too");
        level.hear(11, Said::Reads(60), 0, now);
        assert_eq!(level.requests(now), 60, "and has ended");
    }

    #[test]
    fn the_rate_is_learned_from_the_answers() {
        for true_rate in [5.0, 25.0, 80.0] {
            let (mut level, start) = level(1_000, 0);
            let (mut remaining, mut serial) = (500.0, 1);
            for step in 1..=600 {
                // Twenty requests a second, and what comes back in between.
                serial += 1;
                remaining += true_rate / 20.0 - 1.0;
                if remaining > 800.0 {
                    remaining -= 200.0;
                    serial += 200;
                }
                let now = start + Duration::from_millis(50) * step;
                level.hear(serial, Said::Reads(remaining as u32), 0, now);
            }
            let learned = f64::from(level.per_second().unwrap());
            assert!(
                (learned - true_rate).abs() <= 2.0,
                "{learned} of {true_rate}"
            );
        }
    }

    #[test]
    fn a_full_bucket_teaches_nothing() {
        let (mut level, start) = level(249, 0);
        for second in 1..100 {
            level.hear(
                1 + second,
                Said::Reads(249),
                0,
                start + SECOND * second as u32,
            );
        }
        assert_eq!(level.per_second(), Some(25));
    }

    #[test]
    fn a_window_of_queries_comes_back_as_a_whole() {
        let now = Instant::now();
        let mut level = Level::new(1, Said::Queries(14, Some(SECOND * 5)), 0, now);
        level.hear(2, Said::Queries(0, Some(SECOND * 3)), 0, now);
        assert_eq!(level.requests(now + SECOND * 2), 0);
        assert_eq!(level.ready_at(now), now + SECOND * 3);
        let later = now + SECOND * 3;
        assert_eq!(level.requests(later), 14);
        level.take(later);
        assert_eq!(level.requests(later), 13);
        level.hear(3, Said::Queries(0, None), 0, later);
        assert_eq!(level.ready_at(later), later + DOCUMENTED_WINDOW);
    }

    #[test]
    fn an_empty_bucket_says_so_whatever_was_believed() {
        let (mut level, now) = level(100, 0);
        level.empty(now);
        assert_eq!(level.requests(now), 0);
        assert_eq!(level.requests(now + SECOND), 25);
    }
}
