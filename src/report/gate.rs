//! What makes a run of the program end as failed: the findings that a pipeline does not let through.

use std::ops::AddAssign;
use std::str::FromStr;

use crate::baseline::FeatureId;
use crate::posture::{Cell, ServerSummary, Severity, VerdictWord};

/// One word of a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateWord {
    /// A feature fails, and its worst open condition has this severity or a worse one.
    AtLeast(Severity),
    /// A feature is unknown.
    Unknown,
}

impl GateWord {
    /// Every word.
    pub const ALL: [Self; 5] = [
        Self::AtLeast(Severity::Critical),
        Self::AtLeast(Severity::High),
        Self::AtLeast(Severity::Medium),
        Self::AtLeast(Severity::Low),
        Self::Unknown,
    ];

    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AtLeast(severity) => severity.word(),
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for GateWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|known| known.word() == word);
        known.ok_or_else(|| format!("nothing fails on {word:?}"))
    }
}

/// What makes a run of the program end as failed. An exemption that holds is honoured: what it covers neither fails nor is
/// unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gate {
    /// The mildest severity that counts.
    severity: Option<Severity>,
    /// Whether unknown features count.
    unknown: bool,
}

/// What does not pass a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Features that fail, counted on each server.
    pub failing: u64,
    /// Features that are unknown, counted on each server.
    pub unknown: u64,
    /// Servers that have one of them.
    pub servers: u64,
}

impl Gate {
    /// The gate that these words make together.
    #[must_use]
    pub fn new(words: &[GateWord]) -> Self {
        let severities = words.iter().filter_map(|word| match word {
            GateWord::AtLeast(severity) => Some(*severity),
            GateWord::Unknown => None,
        });
        Self {
            severity: severities.max(),
            unknown: words.contains(&GateWord::Unknown),
        }
    }

    /// Whether anything can fail by it.
    #[must_use]
    pub const fn is_set(self) -> bool {
        self.severity.is_some() || self.unknown
    }

    /// Whether a feature's standing does not pass.
    #[must_use]
    pub fn stops(self, cell: Cell) -> bool {
        match cell.verdict {
            // A failing feature without a severity does not occur; if it did it would not be let through.
            VerdictWord::Fail => self
                .severity
                .is_some_and(|mildest| cell.severity.is_none_or(|severity| severity <= mildest)),
            VerdictWord::Unknown => self.unknown,
            _ => false,
        }
    }

    /// Counts what does not pass among the features of some servers that are asked about.
    #[must_use]
    pub fn count<'a>(
        self,
        servers: impl IntoIterator<Item = &'a ServerSummary>,
        asked: impl Fn(FeatureId, Cell) -> bool,
    ) -> Stopped {
        let mut stopped = Stopped::default();
        for server in servers {
            let before = (stopped.failing, stopped.unknown);
            for (feature, cell) in FeatureId::ALL.into_iter().zip(server.cells) {
                if self.stops(cell) && asked(feature, cell) {
                    match cell.verdict {
                        VerdictWord::Unknown => stopped.unknown += 1,
                        _ => stopped.failing += 1,
                    }
                }
            }
            stopped.servers += u64::from(before != (stopped.failing, stopped.unknown));
        }
        stopped
    }

    /// It in words, as it was asked for.
    #[must_use]
    pub fn words(self) -> String {
        let severity = self.severity.map(|mildest| match mildest {
            Severity::Critical => "critical".to_owned(),
            mildest => format!("{mildest} or worse"),
        });
        let unknown = self.unknown.then(|| "unknown".to_owned());
        let words: Vec<String> = severity.into_iter().chain(unknown).collect();
        words.join(", ")
    }
}

impl AddAssign for Stopped {
    fn add_assign(&mut self, other: Self) {
        self.failing += other.failing;
        self.unknown += other.unknown;
        self.servers += other.servers;
    }
}

impl Stopped {
    /// Whether everything passed.
    #[must_use]
    pub const fn is_nothing(self) -> bool {
        self.servers == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(verdict: VerdictWord, severity: Option<Severity>) -> Cell {
        Cell {
            verdict,
            severity,
            cause: None,
        }
    }

    #[test]
    fn the_mildest_severity_counts_and_unknown_only_when_it_was_asked_for() {
        use Severity as S;
        let gate = |words: &[&str]| {
            let words: Vec<GateWord> = words.iter().map(|word| word.parse().unwrap()).collect();
            Gate::new(&words)
        };
        for (words, stopped) in [
            (&[][..], &[][..]),
            (&["critical"], &[S::Critical]),
            (&["high"], &[S::Critical, S::High]),
            (&["critical", "medium"], &[S::Critical, S::High, S::Medium]),
            (&["low"], &S::ALL),
            (&["unknown"], &[]),
        ] {
            let gate = gate(words);
            for severity in S::ALL {
                let fails = cell(VerdictWord::Fail, Some(severity));
                assert_eq!(gate.stops(fails), stopped.contains(&severity), "{words:?}");
                // The severity of what is unread is not that of something that fails.
                let unread = cell(VerdictWord::Unknown, Some(severity));
                assert_eq!(gate.stops(unread), words.contains(&"unknown"));
            }
            for verdict in VerdictWord::ALL {
                if !matches!(verdict, VerdictWord::Fail | VerdictWord::Unknown) {
                    assert!(!gate.stops(cell(verdict, None)), "{verdict:?}");
                }
            }
            assert_eq!(gate.is_set(), !words.is_empty());
        }
        assert!("worst".parse::<GateWord>().is_err());
        assert_eq!(gate(&["unknown", "high"]).words(), "high or worse, unknown");
    }
}
