//! Whether there is a network at all. When no connection can be made any more, everything pauses, and one request at a
//! time tries whether the way is open again.

use std::time::Duration;

use tokio::time::Instant;

use crate::documents::Cause;

/// The pause before the second attempt; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(1);

/// The longest pause between two attempts.
const LONGEST: Duration = Duration::from_secs(20);

/// The way to Azure, as the last requests found it.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// When the last answer came, whatever it said.
    heard: Option<Instant>,
    outage: Option<Outage>,
}

#[derive(Debug)]
struct Outage {
    since: Instant,
    /// When the next request may try.
    probe_at: Instant,
    /// Whether one is trying.
    probing: bool,
    probes: u32,
    /// Why the last one failed.
    cause: Cause,
}

/// Whether a request may start.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    Open,
    /// One request may try the way, and nobody else.
    Probe,
    /// Nobody before then.
    Shut(Instant),
    /// One is trying.
    Tried,
}

/// What a connection that could not be made means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Others reach Azure, or nobody ever has: this request failed by itself.
    Alone,
    /// The network is gone: the request waits until it is back.
    Everything,
    /// It has been gone for longer than anyone waits.
    TooLong,
}

impl Line {
    pub(super) fn way(&self, now: Instant) -> Way {
        match &self.outage {
            None => Way::Open,
            Some(outage) if outage.probing => Way::Tried,
            Some(outage) if now >= outage.probe_at => Way::Probe,
            Some(outage) => Way::Shut(outage.probe_at),
        }
    }

    /// Why nobody waits for the network any more, when it has been gone for longer than `longest`.
    pub(super) fn given_up(&self, longest: Duration, now: Instant) -> Option<Cause> {
        let outage = self.outage.as_ref()?;
        let gone = now - outage.since;
        (gone >= longest).then(|| match &outage.cause {
            Cause::Unreachable { kind, detail } => Cause::Unreachable {
                kind: *kind,
                detail: format!(
                    "{detail} (given up after {} s without a connection)",
                    gone.as_secs()
                ),
            },
            other => other.clone(),
        })
    }

    /// A probe was let out.
    pub(super) const fn probe(&mut self) {
        if let Some(outage) = &mut self.outage {
            outage.probing = true;
        }
    }

    /// A probe ended without an answer and without a word about the connection.
    pub(super) fn probe_ended(&mut self, sent: bool, now: Instant) {
        if let Some(outage) = &mut self.outage {
            outage.probing = false;
            if sent {
                outage.put_off(now);
            }
        }
    }

    /// An answer came.
    pub(super) fn answered(&mut self, now: Instant) {
        self.heard = Some(now);
        self.outage = None;
    }

    /// No connection could be made for a request that started at `started`.
    pub(super) fn lost(
        &mut self,
        started: Instant,
        probe: bool,
        cause: &Cause,
        longest: Duration,
        now: Instant,
    ) -> Lost {
        if self.heard.is_none_or(|heard| heard > started) {
            return Lost::Alone;
        }
        let outage = self.outage.get_or_insert_with(|| Outage {
            since: now,
            probe_at: now + pause(0),
            probing: false,
            probes: 0,
            cause: cause.clone(),
        });
        outage.cause = cause.clone();
        if probe {
            outage.probing = false;
            outage.put_off(now);
        }
        if now - outage.since >= longest {
            Lost::TooLong
        } else {
            Lost::Everything
        }
    }

    /// How long until the next attempt, while the network is gone.
    pub(super) fn remaining(&self, now: Instant) -> Option<Duration> {
        let outage = self.outage.as_ref()?;
        Some(outage.probe_at.saturating_duration_since(now))
    }
}

impl Outage {
    fn put_off(&mut self, now: Instant) {
        self.probes += 1;
        self.probe_at = now + pause(self.probes);
    }
}

/// Between half and all of the pause after so many attempts.
fn pause(probes: u32) -> Duration {
    FIRST
        .saturating_mul(2_u32.saturating_pow(probes))
        .min(LONGEST)
        .mul_f64(0.5 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Unreachable;

    const LIMIT: Duration = Duration::from_secs(120);

    fn refused() -> Cause {
        Cause::Unreachable {
            kind: Unreachable::Reset,
            detail: "refused".to_owned(),
        }
    }

    #[test]
    fn a_way_that_was_never_open_is_not_waited_for() {
        let mut line = Line::default();
        let now = Instant::now();
        assert_eq!(line.lost(now, false, &refused(), LIMIT, now), Lost::Alone);
        assert_eq!(line.way(now), Way::Open);
    }

    #[test]
    fn who_fails_while_others_are_answered_fails_alone() {
        let mut line = Line::default();
        let started = Instant::now();
        let now = started + Duration::from_secs(1);
        line.answered(now);
        assert_eq!(
            line.lost(started, false, &refused(), LIMIT, now),
            Lost::Alone
        );
    }

    #[test]
    fn one_at_a_time_tries_ever_more_rarely_until_an_answer_comes() {
        let mut line = Line::default();
        let mut now = Instant::now();
        line.answered(now);
        for _ in 0..16 {
            assert_eq!(
                line.lost(now, false, &refused(), LIMIT, now),
                Lost::Everything
            );
        }
        let mut probes = 0;
        let given_up = loop {
            let Way::Shut(until) = line.way(now) else {
                panic!("{:?}", line.way(now));
            };
            assert!(until - now <= LONGEST);
            now = until;
            assert_eq!(line.way(now), Way::Probe);
            line.probe();
            assert_eq!(line.way(now), Way::Tried);
            probes += 1;
            if line.lost(now, true, &refused(), LIMIT, now) == Lost::TooLong {
                break line.given_up(LIMIT, now).expect("given up");
            }
            assert_eq!(line.given_up(LIMIT, now), None);
        };
        assert!((8..=20).contains(&probes), "{probes}");
        assert!(
            given_up.to_string().contains("given up after 1"),
            "{given_up}"
        );
        line.answered(now);
        assert_eq!(line.way(now), Way::Open);
        assert_eq!(line.given_up(LIMIT, now), None);
    }
}
