//! How long a scan still takes: from its plan, from how fast it was lately, and from what Azure's limits allow.
//!
//! The servers that are left and the pace of the last seconds say how long; the plan holds that between what the scan
//! reads at least and at most. Where more is read than was planned, for lists can have pages, the servers alone say it.
//! A pause that a limit demands is no pace: its time is counted apart. What is not known is not guessed.

use std::collections::VecDeque;
use std::time::Duration;

use crate::azure::{Bucket, Hold};

use super::estimate::Plan;
use super::progress::Meter;

/// How far back the pace is measured, in time during which the scan could work.
const WINDOW: Duration = Duration::from_secs(20);
/// Less than this says nothing.
const LEAST: Duration = Duration::from_secs(3);

/// How long a scan still takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeLeft {
    /// That is not known, and why, in words.
    Unknown(&'static str),
    /// About so long, if nothing changes.
    About(Duration),
}

impl TimeLeft {
    /// In words, in steps that do not pretend to know more: `about 4 min left`.
    #[must_use]
    pub fn in_words(self) -> String {
        let left = match self {
            Self::Unknown(why) => return format!("time left not known yet: {why}"),
            Self::About(left) => left.as_secs_f64().ceil() as u64,
        };
        match left {
            0..=5 => "a few seconds left".to_owned(),
            6..=55 => format!("about {} s left", left.next_multiple_of(5)),
            56..=285 => {
                let left = left.next_multiple_of(15);
                match (left / 60, left % 60) {
                    (minutes, 0) => format!("about {minutes} min left"),
                    (minutes, seconds) => format!("about {minutes} min {seconds} s left"),
                }
            }
            286..3_600 => format!("about {} min left", left.div_ceil(60)),
            _ => {
                let minutes = left.div_ceil(60).next_multiple_of(5);
                match (minutes / 60, minutes % 60) {
                    (hours, 0) => format!("about {hours} h left"),
                    (hours, minutes) => format!("about {hours} h {minutes} min left"),
                }
            }
        }
    }

    /// In whole seconds, rounded up; `None` while it is not known.
    #[must_use]
    pub fn seconds(self) -> Option<u64> {
        match self {
            Self::Unknown(_) => None,
            Self::About(left) => Some(left.as_secs_f64().ceil() as u64),
        }
    }
}

/// How far the scan was at a moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    /// How long it could work until then.
    active: Duration,
    reads: u64,
    servers: u64,
}

/// Watches a scan, and says how long it still takes.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    plan: Option<Plan>,
    meter: Option<Meter>,
    seen_at: Duration,
    samples: VecDeque<Sample>,
    /// Whether a limit holds everything back.
    pauses: bool,
}

impl Pace {
    /// All servers were found, and this is what the scan reads.
    pub fn plan(&mut self, plan: Plan) {
        self.plan = Some(plan);
    }

    /// What the scan reads, once that is known.
    #[must_use]
    pub const fn planned(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// The scan was so far at this time since its start.
    pub fn observe(&mut self, at: Duration, meter: &Meter) {
        let before = self.samples.back().copied();
        let now = Sample {
            active: before.map_or(Duration::ZERO, |it| it.active),
            reads: meter.reads(),
            servers: meter.done,
        };
        let stands = before.is_some_and(|it| (it.reads, it.servers) == (now.reads, now.servers));
        let waits = |hold| matches!(hold, Hold::Limit | Hold::Offline);
        self.pauses = stands && meter.pressure.held.iter().any(|it| waits(it.hold));
        let passed = at.saturating_sub(self.seen_at);
        let active = if self.pauses {
            now.active
        } else {
            now.active + passed
        };
        self.samples.push_back(Sample { active, ..now });
        self.seen_at = at;
        self.meter = Some(meter.clone());
        // The first one that is kept lies before the window.
        while self
            .samples
            .get(1)
            .is_some_and(|second| second.active + WINDOW <= active)
        {
            self.samples.pop_front();
        }
    }

    /// How long the scan still takes.
    #[must_use]
    pub fn left(&self) -> TimeLeft {
        let Some(meter) = &self.meter else {
            return TimeLeft::Unknown("the scan is starting");
        };
        let Some(plan) = &self.plan else {
            return TimeLeft::Unknown("servers are still being looked for");
        };
        let held = || meter.pressure.held.iter();
        if held().any(|it| it.hold == Hold::Offline) {
            return TimeLeft::Unknown("there is no connection");
        }
        let Some(working) = self.working(plan, meter) else {
            return TimeLeft::Unknown("too little was read");
        };
        let pause = held().filter(|it| it.hold == Hold::Limit);
        let pause = pause.map(|it| it.remaining).max().unwrap_or_default();
        let held_back = if self.pauses {
            working + pause
        } else {
            working.max(pause)
        };
        TimeLeft::About(held_back.max(allowed(plan, meter)))
    }

    /// At the pace of the last seconds.
    fn working(&self, plan: &Plan, meter: &Meter) -> Option<Duration> {
        let (first, last) = (self.samples.front()?, self.samples.back()?);
        let span = last.active.saturating_sub(first.active);
        if span < LEAST {
            return None;
        }
        let span = span.as_secs_f64();
        let pace =
            |from: u64, to: u64| Some(to.saturating_sub(from) as f64 / span).filter(|it| *it > 0.0);
        let servers = pace(first.servers, last.servers)
            .map(|pace| meter.found.saturating_sub(meter.done) as f64 / pace);
        let reads = pace(first.reads, last.reads);
        let left =
            |planned: u64| reads.map(|pace| planned.saturating_sub(last.reads) as f64 / pace);
        let by_plan = left(plan.requests.least).zip(left(plan.requests.most));
        let seconds = match (servers, by_plan) {
            (Some(servers), Some((least, most))) if most > 0.0 => servers.clamp(least, most),
            (Some(servers), _) => servers,
            (None, Some((_, most))) if most > 0.0 => most,
            (None, _) => return None,
        };
        Duration::try_from_secs_f64(seconds).ok()
    }
}

/// The shortest time that Azure's limits allow for what is read at least, as its answers tell them.
fn allowed(plan: &Plan, meter: &Meter) -> Duration {
    let bounds = meter.pressure.allowances.iter().filter_map(|it| {
        let Bucket::Subscription(id) = &it.bucket else {
            return None;
        };
        let per_second = it.per_second.filter(|rate| *rate > 0)?;
        let planned = plan.subscriptions.get(id)?.least;
        let sent = meter.sent.get(id).copied().unwrap_or(0);
        let beyond = planned
            .saturating_sub(sent)
            .saturating_sub(it.requests.into());
        Some(Duration::from_secs(beyond / u64::from(per_second)))
    });
    bounds.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::estimate::Bounds;
    use super::*;
    use crate::azure::{Allowance, Held};

    fn plan(least: u64, most: u64) -> Plan {
        Plan {
            requests: Bounds { least, most },
            ..Plan::default()
        }
    }

    fn meter(requests: u64, done: u64, found: u64) -> Meter {
        Meter {
            requests,
            done,
            found,
            ..Meter::default()
        }
    }

    fn seconds(pace: &Pace) -> u64 {
        pace.left().seconds().expect("a time")
    }

    /// Watches a scan that makes so many reads and finishes so many servers a second.
    fn run(pace: &mut Pace, from: u64, to: u64, reads: u64, servers: u64, found: u64) {
        for second in from..=to {
            let now = meter(second * reads, second * servers, found);
            pace.observe(Duration::from_secs(second), &now);
        }
    }

    #[test]
    fn nothing_is_said_before_it_is_known() {
        let mut pace = Pace::default();
        assert!(matches!(pace.left(), TimeLeft::Unknown(_)));
        run(&mut pace, 0, 10, 10, 1, 50);
        let words = pace.left().in_words();
        assert_eq!(
            words,
            "time left not known yet: servers are still being looked for"
        );
        let mut pace = Pace::default();
        pace.plan(plan(1_000, 1_000));
        run(&mut pace, 0, 2, 10, 1, 100);
        assert!(matches!(pace.left(), TimeLeft::Unknown(_)), "too early");
        run(&mut pace, 3, 3, 10, 1, 100);
        assert_eq!(seconds(&pace), 97);
    }

    #[test]
    fn servers_say_it_and_the_plan_holds_it_within_its_bounds() {
        let mut pace = Pace::default();
        pace.plan(plan(1_000, 2_000));
        // By their pace alone 100 s, by the plan between 90 s and 190 s.
        run(&mut pace, 0, 10, 10, 1, 110);
        assert_eq!(seconds(&pace), 100);
        // Many servers that cost little: the least that is planned holds.
        let mut pace = Pace::default();
        pace.plan(plan(1_000, 2_000));
        run(&mut pace, 0, 10, 10, 50, 520);
        assert_eq!(seconds(&pace), 90);
        // None is done yet: the most that is planned.
        let mut pace = Pace::default();
        pace.plan(plan(1_000, 2_000));
        run(&mut pace, 0, 10, 10, 0, 520);
        assert_eq!(seconds(&pace), 190);
    }

    #[test]
    fn more_reads_than_planned_leave_the_word_to_the_servers() {
        let mut pace = Pace::default();
        pace.plan(plan(40, 50));
        run(&mut pace, 0, 10, 10, 1, 30);
        assert_eq!(seconds(&pace), 20);
    }

    #[test]
    fn what_is_tried_again_is_no_progress() {
        let mut pace = Pace::default();
        pace.plan(plan(1_000, 1_000));
        for second in 0..=10_u64 {
            let mut now = meter(second * 20, 0, 100);
            now.repeated = second * 10;
            pace.observe(Duration::from_secs(second), &now);
        }
        assert_eq!(seconds(&pace), 90);
    }

    #[test]
    fn a_pause_is_added_and_slows_no_pace() {
        let mut pace = Pace::default();
        pace.plan(plan(1_000, 1_000));
        run(&mut pace, 0, 10, 10, 1, 100);
        let before = seconds(&pace);
        let mut now = meter(100, 10, 100);
        for second in 11..=40_u64 {
            now.pressure.held = vec![Held {
                bucket: Some(Bucket::Subscription("s".to_owned())),
                action: None,
                hold: Hold::Limit,
                waiting: 3,
                remaining: Duration::from_secs(41 - second),
            }];
            pace.observe(Duration::from_secs(second), &now);
            assert_eq!(seconds(&pace), before + 41 - second);
        }
        now.pressure.held[0].hold = Hold::Offline;
        pace.observe(Duration::from_secs(41), &now);
        assert_eq!(pace.left(), TimeLeft::Unknown("there is no connection"));
    }

    #[test]
    fn what_azure_grants_is_the_least() {
        let mut pace = Pace::default();
        let mut planned = plan(1_000, 1_000);
        let all = Bounds {
            least: 1_000,
            most: 1_000,
        };
        planned.subscriptions.insert("s".to_owned(), all);
        pace.plan(planned);
        for second in 0..=10_u64 {
            let mut now = meter(second * 50, second * 5, 100);
            now.sent.insert("s".to_owned(), second * 50);
            now.pressure.allowances = vec![Allowance {
                bucket: Bucket::Subscription("s".to_owned()),
                requests: 100,
                per_second: Some(5),
            }];
            pace.observe(Duration::from_secs(second), &now);
        }
        assert_eq!(seconds(&pace), (1_000 - 500 - 100) / 5);
    }

    #[test]
    fn a_change_of_pace_moves_it_step_by_step() {
        let mut pace = Pace::default();
        pace.plan(plan(10_000, 10_000));
        run(&mut pace, 0, 30, 20, 2, 1_000);
        let mut before = seconds(&pace);
        // The network is ten times as slow from now on.
        for second in 31..=60_u64 {
            let slow = second - 30;
            let now = meter(600 + slow * 2, 60 + slow / 5, 1_000);
            pace.observe(Duration::from_secs(second), &now);
            let after = seconds(&pace);
            assert!(
                after <= before * 2 && after * 2 >= before,
                "{before} {after}"
            );
            before = after;
        }
        assert!(before > 4_000, "{before}");
    }

    #[test]
    fn words_are_rounded_up() {
        let words = |seconds| TimeLeft::About(Duration::from_secs(seconds)).in_words();
        for (seconds, told) in [
            (0, "a few seconds left"),
            (6, "about 10 s left"),
            (55, "about 55 s left"),
            (56, "about 1 min left"),
            (61, "about 1 min 15 s left"),
            (285, "about 4 min 45 s left"),
            (286, "about 5 min left"),
            (3_599, "about 60 min left"),
            (3_600, "about 1 h left"),
            (4_700, "about 1 h 20 min left"),
        ] {
            assert_eq!(words(seconds), told, "{seconds}");
        }
    }
}
