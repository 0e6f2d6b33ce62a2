//! How often the progress of a scan is drawn. Keys are drawn at once, always; this is about frames that nobody asked for,
//! which cost the same line that the answers to keys need.

use std::time::{Duration, Instant};

/// Between two such frames on a line within this machine.
const LOCAL: Duration = Duration::from_millis(100);
/// The same across a network.
const REMOTE: Duration = Duration::from_secs(1);
/// The same where the last one took long.
const SLOW: Duration = Duration::from_secs(5);
/// A frame that the terminal takes longer for than this took long.
const LONG: Duration = Duration::from_millis(300);
/// The same for somebody who wants calm, while no whole percent is done.
const CALM: Duration = Duration::from_secs(10);
/// Bytes a second that such frames may use across a network, in the long run: an eighth of a slow line.
const BYTES_PER_SECOND: u32 = 2_000;

/// When the next frame that only shows progress may be drawn.
#[derive(Debug)]
pub struct Pace {
    remote: bool,
    calm: bool,
    /// When the last one was drawn.
    last: Option<Instant>,
    /// Its bytes.
    bytes: usize,
    /// Whether the terminal has yet to take it.
    draining: bool,
    slow: bool,
    /// The percent that was drawn last.
    drawn: Option<u8>,
    /// The percent now.
    percent: Option<u8>,
}

impl Pace {
    /// A pace for a line across a network or not, and a person who wants calm or not.
    pub const fn new(remote: bool, calm: bool) -> Self {
        Self {
            remote,
            calm,
            last: None,
            bytes: 0,
            draining: false,
            slow: false,
            drawn: None,
            percent: None,
        }
    }

    /// The scan is so far.
    pub const fn reached(&mut self, percent: Option<u8>) {
        self.percent = percent;
    }

    /// How long until the next such frame; zero: now.
    pub fn ready_in(&self, now: Instant) -> Duration {
        let Some(last) = self.last else {
            return Duration::ZERO;
        };
        (last + self.interval()).saturating_duration_since(now)
    }

    fn interval(&self) -> Duration {
        let line = match (self.remote, self.slow) {
            (_, true) => SLOW,
            (true, false) => REMOTE,
            (false, false) => LOCAL,
        };
        let share = if self.remote {
            Duration::from_secs_f64(self.bytes as f64 / f64::from(BYTES_PER_SECOND))
        } else {
            Duration::ZERO
        };
        let stepped = self.percent != self.drawn;
        let calm = if self.calm && !stepped {
            CALM
        } else {
            Duration::ZERO
        };
        line.max(share).max(calm)
    }

    /// A frame of so many bytes was drawn. Any frame shows the progress too; `only` says that this one was drawn for it
    /// alone, `behind` that the terminal has not taken all of it.
    pub fn drawn(&mut self, now: Instant, bytes: usize, only: bool, behind: bool) {
        self.drawn = self.percent;
        if only {
            self.last = Some(now);
            self.bytes = bytes;
            self.draining = behind;
            if !behind {
                self.slow = false;
            }
        }
    }

    /// The terminal has taken everything.
    pub fn drained(&mut self, now: Instant) {
        if std::mem::take(&mut self.draining)
            && let Some(last) = self.last
        {
            self.slow = now.saturating_duration_since(last) > LONG;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn a_line_across_a_network_gets_one_such_frame_a_second() {
        let start = Instant::now();
        let mut pace = Pace::new(true, false);
        assert_eq!(pace.ready_in(start), Duration::ZERO);
        pace.drawn(start, 200, true, false);
        assert_eq!(pace.ready_in(start), REMOTE);
        assert_eq!(pace.ready_in(start + ms(400)), ms(600));
        assert_eq!(pace.ready_in(start + ms(1_000)), Duration::ZERO);
        // A frame that answered a key does not put it off.
        pace.drawn(start + ms(900), 5_000, false, false);
        assert_eq!(pace.ready_in(start + ms(1_000)), Duration::ZERO);
        let mut local = Pace::new(false, false);
        local.drawn(start, 200, true, false);
        assert_eq!(local.ready_in(start), LOCAL);
    }

    #[test]
    fn a_large_frame_waits_for_its_share_of_a_slow_line() {
        let start = Instant::now();
        let mut pace = Pace::new(true, false);
        pace.drawn(start, 6_000, true, false);
        assert_eq!(pace.ready_in(start), Duration::from_secs(3));
    }

    #[test]
    fn a_line_that_took_long_gets_one_every_five_seconds_until_it_is_quick_again() {
        let start = Instant::now();
        let mut pace = Pace::new(false, false);
        pace.drawn(start, 200, true, true);
        pace.drained(start + ms(301));
        assert_eq!(pace.ready_in(start + ms(301)), ms(4_699));
        let later = start + SLOW;
        pace.drawn(later, 200, true, true);
        pace.drained(later + ms(20));
        assert_eq!(pace.ready_in(later + ms(20)), ms(80));
    }

    #[test]
    fn calm_waits_for_a_whole_percent_or_ten_seconds() {
        let start = Instant::now();
        let mut pace = Pace::new(false, true);
        pace.reached(Some(3));
        pace.drawn(start, 200, true, false);
        assert_eq!(pace.ready_in(start + ms(1_000)), Duration::from_secs(9));
        pace.reached(Some(4));
        assert_eq!(pace.ready_in(start + ms(1_000)), Duration::ZERO);
        // What a key drew has shown the step already.
        pace.drawn(start + ms(1_100), 300, false, false);
        assert_eq!(pace.ready_in(start + ms(1_100)), ms(8_900));
    }
}
