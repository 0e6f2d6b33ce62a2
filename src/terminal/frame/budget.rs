//! A ceiling on the bytes per second that frames may use: a bucket that fills with time and may be
//! overdrawn by one frame, since a frame is never cut.

use std::time::{Duration, Instant};

/// How many bytes frames may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ceiling {
    /// Bytes per second in the long run.
    pub bytes_per_second: u32,
    /// Bytes that may go out at once after a silence.
    pub burst: u32,
}

impl Ceiling {
    /// For a line across a network: frames of held keys stay behind the keys by a fraction of a second on
    /// a line of 32 KB/s.
    pub const REMOTE: Self = Self {
        bytes_per_second: 24 * 1024,
        burst: 16 * 1024,
    };
    /// For a terminal on the same machine: only a guard against drawing for its own sake.
    pub const LOCAL: Self = Self {
        bytes_per_second: 4 * 1024 * 1024,
        burst: 1024 * 1024,
    };
}

/// What is left under a [`Ceiling`].
#[derive(Debug)]
pub(super) struct Budget {
    ceiling: Ceiling,
    level: f64,
    since: Option<Instant>,
}

impl Budget {
    pub(super) fn new(ceiling: Ceiling) -> Self {
        Self {
            ceiling,
            level: f64::from(ceiling.burst),
            since: None,
        }
    }

    /// How long until the next frame may go out; zero: now.
    pub(super) fn ready_in(&self, now: Instant) -> Duration {
        let level = self.level_at(now);
        if level >= 0.0 {
            return Duration::ZERO;
        }
        let rate = f64::from(self.ceiling.bytes_per_second.max(1));
        // Never zero while overdrawn, and never longer than a frame of any size takes.
        Duration::from_secs_f64((-level / rate).clamp(0.001, 60.0))
    }

    /// Counts bytes that have gone out.
    pub(super) fn spend(&mut self, bytes: usize, now: Instant) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.level = self.level_at(now) - f64::from(bytes);
        self.since = Some(now);
    }

    fn level_at(&self, now: Instant) -> f64 {
        let Some(since) = self.since else {
            return self.level;
        };
        let gained = now.saturating_duration_since(since).as_secs_f64()
            * f64::from(self.ceiling.bytes_per_second);
        (self.level + gained).min(f64::from(self.ceiling.burst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Ceiling = Ceiling {
        bytes_per_second: 1000,
        burst: 500,
    };

    #[test]
    fn a_burst_is_free_and_what_follows_waits_its_share() {
        let start = Instant::now();
        let mut budget = Budget::new(SLOW);
        budget.spend(400, start);
        assert_eq!(budget.ready_in(start), Duration::ZERO);
        budget.spend(1100, start);
        assert_eq!(budget.ready_in(start), Duration::from_secs(1));
        let half = start + Duration::from_millis(500);
        assert_eq!(budget.ready_in(half), Duration::from_millis(500));
        let full = start + Duration::from_millis(1000);
        assert_eq!(budget.ready_in(full), Duration::ZERO);
    }

    #[test]
    fn silence_does_not_pile_up_more_than_the_burst() {
        let start = Instant::now();
        let mut budget = Budget::new(SLOW);
        budget.spend(500, start);
        let later = start + Duration::from_secs(3600);
        budget.spend(1500, later);
        assert_eq!(budget.ready_in(later), Duration::from_secs(1));
    }

    #[test]
    fn over_a_second_the_rate_holds() {
        let start = Instant::now();
        let mut budget = Budget::new(SLOW);
        let mut sent = 0;
        for millisecond in 0..2000 {
            let now = start + Duration::from_millis(millisecond);
            if budget.ready_in(now).is_zero() {
                budget.spend(100, now);
                sent += 100;
            }
        }
        assert!((2000..=2700).contains(&sent), "{sent}");
    }
}
