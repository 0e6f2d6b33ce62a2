//! What is read again while it is looked at: what that is, what it changed, and when it is read next.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::baseline::{FamilyCode, FeatureId};
use crate::posture::difference::ChangeKind;
use crate::posture::{Cell, Fleet, ServerSummary};

use super::{JobId, counted};

/// How many changes are told one by one.
const TOLD: usize = 3;

/// How much of a server is read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Server,
    /// What the conditions of a family look into.
    Family(FamilyCode),
}

/// What is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One server, or a part of it.
    Server {
        /// Its resource id.
        id: Box<str>,
        /// Its name.
        name: Box<str>,
        /// How much of it.
        part: Part,
    },
    /// Several servers.
    Servers {
        /// Their resource ids in lower case.
        ids: Arc<HashSet<Box<str>>>,
        /// They in words: `12 marked servers`.
        words: String,
    },
    /// All that the open scan covers.
    Fleet,
}

impl Target {
    /// What it is, in words: `the fleet`, `NS of mysql-7`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Fleet => "the fleet".to_owned(),
            Self::Servers { words, .. } => words.clone(),
            Self::Server {
                name,
                part: Part::Server,
                ..
            } => name.to_string(),
            Self::Server {
                name,
                part: Part::Family(family),
                ..
            } => format!("{family} of {name}"),
        }
    }
}

/// What became of a server since somebody looked at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Something fails that did not.
    Worse,
    /// Something that failed does not, and nothing else fails.
    Better,
    /// Another verdict changed.
    Changed,
    /// It was not there before.
    New,
}

impl News {
    /// A sign and a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Worse => "!worse",
            Self::Better => "+better",
            Self::Changed => "~changed",
            Self::New => "+new",
        }
    }
}

/// A verdict that is another one now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The feature.
    pub feature: FeatureId,
    /// What it came to before.
    pub from: Cell,
    /// What it comes to now.
    pub to: Cell,
}

impl Move {
    /// `NS-2 from Fail to Pass`; where the verdict is the same, with its severities.
    fn words(self) -> String {
        let word = |cell: Cell| match cell.severity {
            Some(severity) if self.from.verdict == self.to.verdict => {
                format!("{} {}", cell.verdict.word(), severity.word())
            }
            _ => cell.verdict.word().to_owned(),
        };
        let control = self.feature.control();
        format!("{control} from {} to {}", word(self.from), word(self.to))
    }
}

/// What changed from one look to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Verdicts that are Fail now, and were read and something else.
    pub regressed: usize,
    /// Verdicts that were Fail and are it, with something worse open.
    pub worse: usize,
    /// Verdicts that were Fail and are known to be something else.
    pub fixed: usize,
    /// Verdicts that were Fail and are it, with the worst of what was open holding now.
    pub eased: usize,
    /// Verdicts that changed otherwise: what was or is unread above all.
    pub other: usize,
    /// Servers that are new.
    pub new: usize,
    /// Servers that are gone.
    pub gone: usize,
    /// The first few of the changed verdicts.
    pub first: Vec<Move>,
}

impl Changes {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Compares two looks at a server by the words of the difference of two scans, and says how it is to be marked.
    pub(super) fn compare(
        &mut self,
        before: &ServerSummary,
        after: &ServerSummary,
    ) -> Option<News> {
        let mut news = None;
        for feature in FeatureId::ALL {
            let (from, to) = (before.cell(feature), after.cell(feature));
            let (count, now) = match ChangeKind::of(from, to, false) {
                None | Some(ChangeKind::EvidenceChanged) => continue,
                Some(ChangeKind::Regressed) => (&mut self.regressed, News::Worse),
                Some(ChangeKind::Worse) => (&mut self.worse, News::Worse),
                Some(ChangeKind::Fixed) => (&mut self.fixed, News::Better),
                Some(ChangeKind::Eased) => (&mut self.eased, News::Better),
                Some(_) => (&mut self.other, News::Changed),
            };
            *count += 1;
            news = match (news, now) {
                (Some(News::Worse), _) | (_, News::Worse) => Some(News::Worse),
                (Some(News::Better), _) | (_, News::Better) => Some(News::Better),
                _ => Some(News::Changed),
            };
            if self.first.len() < TOLD {
                self.first.push(Move { feature, from, to });
            }
        }
        news
    }

    /// Adds those of a later look.
    pub(super) fn add(&mut self, later: &Self) {
        self.regressed += later.regressed;
        self.worse += later.worse;
        self.fixed += later.fixed;
        self.eased += later.eased;
        self.other += later.other;
        self.new += later.new;
        self.gone += later.gone;
        let room = TOLD.saturating_sub(self.first.len());
        self.first.extend(later.first.iter().take(room));
    }

    /// How many there are of each kind: `3 regressed, 1 fixed`.
    #[must_use]
    pub fn counts(&self) -> String {
        let counts = [
            (self.regressed, ChangeKind::Regressed.title()),
            (self.worse, ChangeKind::Worse.title()),
            (self.fixed, ChangeKind::Fixed.title()),
            (self.eased, ChangeKind::Eased.title()),
            (self.other, "changed otherwise"),
        ];
        let mut words: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if self.new > 0 {
            words.push(counted(self.new, "new server"));
        }
        if self.gone > 0 {
            words.push(format!("{} gone", counted(self.gone, "server")));
        }
        if words.is_empty() {
            return "nothing changed".to_owned();
        }
        words.join(", ")
    }

    /// The verdicts of one server that changed: `2 verdicts changed: NS-2 from Fail to Pass, …`.
    #[must_use]
    pub fn verdicts(&self) -> String {
        let count = self.regressed + self.worse + self.fixed + self.eased + self.other;
        if count == 0 {
            return "nothing changed".to_owned();
        }
        let told: Vec<String> = self.first.iter().map(|it| it.words()).collect();
        let more = count.saturating_sub(told.len());
        let more = if more > 0 {
            format!(", and {more} more")
        } else {
            String::new()
        };
        format!(
            "{} changed: {}{more}",
            counted(count, "verdict"),
            told.join(", ")
        )
    }
}

/// Something that is being read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshing {
    /// The job.
    pub job: JobId,
    /// What is read.
    pub target: Target,
    /// The id of the scan that was open when it began.
    pub over: String,
    /// Whether watch mode began it.
    pub by_watch: bool,
    /// Whether somebody stopped it: what still comes is not taken.
    pub stopped: bool,
    /// How many of several servers were read.
    pub read: usize,
    /// Whether rows were replaced already.
    pub(super) grew: bool,
    /// The servers as they were before rows were replaced.
    pub(super) before: Option<Arc<Fleet>>,
    /// The servers whose rows were replaced, by id in lower case, with the marks that they had.
    pub(super) marked: Vec<(Box<str>, Option<News>)>,
}

/// Scans that begin by themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Seconds from the end of a scan to the beginning of the next one.
    pub every: u64,
    /// What becomes of those scans, in words.
    pub kept: String,
    /// When the next one begins, while it is waited for.
    pub next: Option<Timestamp>,
    /// Counts what was waited for.
    pub(super) generation: u64,
}

/// Servers that are read again when the question is answered with yes.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// Their resource ids.
    pub servers: Vec<String>,
    /// They in words.
    pub words: String,
    /// The question, and the same where there is less room.
    pub question: [String; 2],
}

/// What is read again while it is looked at.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// What is being read again.
    pub refreshing: Option<Refreshing>,
    /// Watch mode.
    pub watch: Option<Watch>,
    /// The job that follows a scan which another process writes.
    pub(super) following: Option<JobId>,
    /// What became of servers, by id in lower case, until they are looked at.
    pub(super) news: HashMap<Box<str>, News>,
    /// When a key was pressed last.
    pub(super) last_key: Option<Timestamp>,
    /// What changed since then.
    pub(super) away: Changes,
    /// The servers that a question is about.
    pub(super) asked: Asked,
}

impl Live {
    /// How a server is marked.
    #[must_use]
    pub fn news_of(&self, id: &str) -> Option<News> {
        if self.news.is_empty() {
            return None;
        }
        self.news.get(id.to_ascii_lowercase().as_str()).copied()
    }

    /// How many servers are marked.
    #[must_use]
    pub fn with_news(&self) -> usize {
        self.news.len()
    }

    /// Whether this server, or all of them, are being read.
    #[must_use]
    pub fn reads(&self, server: &str) -> bool {
        self.refreshing.as_ref().is_some_and(|it| match &it.target {
            Target::Server { id, .. } => id.eq_ignore_ascii_case(server),
            Target::Servers { ids, .. } => ids.contains(server.to_ascii_lowercase().as_str()),
            Target::Fleet => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::{Severity, VerdictWord};
    use crate::query::test_support::summary;

    fn with(changes: &[(FeatureId, VerdictWord)]) -> ServerSummary {
        let mut server = summary("a");
        for (feature, verdict) in changes {
            server.cells[feature.index()].verdict = *verdict;
        }
        server
    }

    #[test]
    fn what_fails_now_is_worse_and_what_no_longer_does_is_better() {
        use VerdictWord::{Fail, Pass, Unknown};
        let feature = FeatureId::PublicNetworkAccess;
        for (from, to, mark) in [
            (Pass, Fail, Some(News::Worse)),
            (Unknown, Fail, Some(News::Changed)),
            (Fail, Pass, Some(News::Better)),
            (Fail, Unknown, Some(News::Changed)),
            (Unknown, Pass, Some(News::Changed)),
            (Pass, Pass, None),
        ] {
            let mut changes = Changes::default();
            let found = changes.compare(&with(&[(feature, from)]), &with(&[(feature, to)]));
            assert_eq!(found, mark, "{from:?} {to:?}");
            assert_eq!(changes.is_empty(), mark.is_none());
        }
    }

    #[test]
    fn what_was_unread_never_regressed_and_what_fails_worse_is_told_with_its_severity() {
        use VerdictWord::{Fail, Unknown};
        let feature = FeatureId::PublicNetworkAccess;
        let failing = |severity| {
            let mut server = with(&[(feature, Fail)]);
            server.cells[feature.index()].severity = Some(severity);
            server
        };
        let mut changes = Changes::default();
        let unread = with(&[(feature, Unknown)]);
        changes.compare(&unread, &failing(Severity::High));
        assert_eq!((changes.regressed, changes.other), (0, 1));
        let mut changes = Changes::default();
        let news = changes.compare(&failing(Severity::High), &failing(Severity::Critical));
        assert_eq!(news, Some(News::Worse));
        assert_eq!(changes.counts(), "1 still failing, worse");
        let words = changes.verdicts();
        assert_eq!(
            words,
            "1 verdict changed: NS-2 from Fail high to Fail critical"
        );
        let news = changes.compare(&failing(Severity::Critical), &failing(Severity::High));
        assert_eq!((news, changes.eased), (Some(News::Better), 1));
    }

    #[test]
    fn changes_are_told_one_by_one_as_far_as_there_is_room() {
        use VerdictWord::{Fail, Pass};
        let mut changes = Changes::default();
        assert_eq!(changes.verdicts(), "nothing changed");
        assert_eq!(changes.counts(), "nothing changed");
        let features = [
            FeatureId::PublicNetworkAccess,
            FeatureId::TransitEncryption,
            FeatureId::NativeBackup,
            FeatureId::Tags,
        ];
        let all = |verdict| with(&features.map(|feature| (feature, verdict)));
        changes.compare(&all(Fail), &all(Pass));
        let words = changes.verdicts();
        assert!(
            words.starts_with("4 verdicts changed: NS-2 from Fail to Pass, DP-3 from"),
            "{words}"
        );
        assert!(words.ends_with(", and 1 more"), "{words}");
        changes.gone = 1;
        assert_eq!(changes.counts(), "4 fixed, 1 server gone");
    }
}
