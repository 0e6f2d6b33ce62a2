//! The part of a query that is about features: which standings of which features it admits.
//!
//! Everything that a query can ask of a cell is one of few kinds, so that a query is one bit for each kind of each
//! feature, and a server's cells are looked at without a branch for what the query says.

use crate::baseline::FeatureId;
use crate::documents::CauseKind;
use crate::posture::{Cell, Severity, VerdictWord};

/// A kind of cell, as a bit.
pub type Kinds = u32;

/// Features, as bits.
pub type Features = u64;

/// Every kind.
pub const ALL_KINDS: Kinds = Kinds::MAX;

/// Every feature.
pub const ALL_FEATURES: Features = Features::MAX;

const _: () = assert!(FeatureId::COUNT <= Features::BITS as usize);
const _: () = assert!(KIND_COUNT <= Kinds::BITS);

/// Where the kinds of a failing feature begin: without a severity, then by severity.
const FAIL: u32 = 0;
/// Where those of an unknown one begin: without a cause, then by cause.
const UNKNOWN: u32 = FAIL + 1 + Severity::ALL.len() as u32;
/// Where the others begin, by verdict.
const OTHERS: u32 = UNKNOWN + 1 + CauseKind::ALL.len() as u32;
const KIND_COUNT: u32 = OTHERS + VerdictWord::ALL.len() as u32;

/// The number of a cell's kind.
pub const fn kind(cell: Cell) -> u8 {
    let number = match (cell.verdict, cell.severity, cell.cause) {
        (VerdictWord::Fail, None, _) => FAIL,
        (VerdictWord::Fail, Some(severity), _) => FAIL + 1 + severity as u32,
        (VerdictWord::Unknown, _, None) => UNKNOWN,
        (VerdictWord::Unknown, _, Some(cause)) => UNKNOWN + 1 + cause as u32,
        (other, _, _) => OTHERS + other as u32,
    };
    number as u8
}

/// The kinds of a verdict.
pub const fn of_verdict(verdict: VerdictWord) -> Kinds {
    match verdict {
        VerdictWord::Fail => below(UNKNOWN),
        VerdictWord::Unknown => below(OTHERS) & !below(UNKNOWN),
        other => 1 << (OTHERS + other as u32),
    }
}

/// The kind of a failing feature whose worst open severity this is.
pub const fn of_severity(severity: Severity) -> Kinds {
    1 << (FAIL + 1 + severity as u32)
}

/// The kind of an unknown feature for which this is why.
pub const fn of_cause(cause: CauseKind) -> Kinds {
    1 << (UNKNOWN + 1 + cause as u32)
}

const fn below(number: u32) -> Kinds {
    (1 << number) - 1
}

/// The bit of a feature.
pub const fn of_feature(feature: FeatureId) -> Features {
    1 << feature.index()
}

/// What one term says of a cell: its feature is one of these and its kind one of those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellTest {
    pub features: Features,
    pub kinds: Kinds,
}

/// Which cells a query admits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The kinds that are admitted, by feature.
    admitted: [Kinds; FeatureId::COUNT],
    /// Whether one admitted cell is enough for a server to be shown; else every cell has to be admitted.
    one_is_enough: bool,
    /// What is admitted of some feature.
    some: Kinds,
    /// What is admitted of every feature.
    every: Kinds,
}

impl Cells {
    /// Puts terms together: what all of the positive ones say, without what a negated one says.
    pub fn new(terms: &[(CellTest, bool)]) -> Option<Self> {
        if terms.is_empty() {
            return None;
        }
        let mut admitted = [ALL_KINDS; FeatureId::COUNT];
        for (feature, kinds) in admitted.iter_mut().enumerate() {
            for (test, not) in terms {
                let said = if test.features >> feature & 1 == 1 {
                    test.kinds
                } else {
                    0
                };
                *kinds &= if *not { !said } else { said };
            }
        }
        Some(Self {
            one_is_enough: terms.iter().any(|(_, not)| !not),
            some: admitted.iter().fold(0, |all, kinds| all | kinds),
            every: admitted.iter().fold(ALL_KINDS, |all, kinds| all & kinds),
            admitted,
        })
    }

    /// Whether a cell is admitted.
    pub fn admit(&self, feature: FeatureId, cell: Cell) -> bool {
        self.admitted[feature.index()] >> kind(cell) & 1 == 1
    }

    /// Whether any standing of a feature is admitted.
    pub fn concern(&self, feature: FeatureId) -> bool {
        self.admitted[feature.index()] != 0
    }

    /// Whether a server is shown: by the kinds of its cells, and the kinds that occur among them.
    pub fn show(&self, cells: &[u8; FeatureId::COUNT], occurring: Kinds) -> bool {
        let admitted = || {
            let both = cells.iter().zip(&self.admitted);
            both.map(|(kind, admitted)| admitted >> kind & 1 == 1)
        };
        if self.one_is_enough {
            occurring & self.every != 0 || occurring & self.some != 0 && admitted().any(|it| it)
        } else {
            occurring & !self.every == 0 || occurring & !self.some == 0 && admitted().all(|it| it)
        }
    }

    /// Whether every server that this shows is shown by the other too.
    pub fn narrow(&self, wider: &Self) -> bool {
        self.one_is_enough == wider.one_is_enough
            && self
                .admitted
                .iter()
                .zip(&wider.admitted)
                .all(|(new, old)| new & !old == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_number() {
        let mut numbers = Vec::new();
        let cell = |verdict, severity, cause| Cell {
            verdict,
            severity,
            cause,
        };
        for verdict in VerdictWord::ALL {
            let mut of_this = vec![cell(verdict, None, None)];
            if verdict == VerdictWord::Fail {
                of_this.extend(Severity::ALL.map(|it| cell(verdict, Some(it), None)));
            }
            if verdict == VerdictWord::Unknown {
                of_this.extend(CauseKind::ALL.map(|it| cell(verdict, None, Some(it))));
            }
            let kinds = of_this.iter().fold(0, |all, it| all | 1 << kind(*it));
            assert_eq!(kinds, of_verdict(verdict), "{verdict}");
            numbers.extend(of_this.into_iter().map(kind));
        }
        let distinct: std::collections::BTreeSet<u8> = numbers.iter().copied().collect();
        assert_eq!(distinct.len(), numbers.len());
        let unread = cell(VerdictWord::Unknown, Some(Severity::High), None);
        assert_eq!(
            of_severity(Severity::High) >> kind(unread) & 1,
            0,
            "what is unread is not open"
        );
    }
}
