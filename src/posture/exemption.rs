//! Exemptions: what an organisation has decided to live with, for how long, and who answers for it.
//!
//! An exemption takes open conditions out of a verdict; it changes no judgement and no evidence.

mod read;
mod usage;
mod write;

use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use wildmatch::WildMatch;

use crate::baseline::FeatureId;
use crate::documents::ResourceId;

use super::{Condition, Finding, Waiver};

pub use read::UnknownName;
pub use usage::{ExemptionState, ExemptionUse};

/// How many days before its end an exemption is said to expire soon.
pub const EXPIRES_SOON_DAYS: i32 = 30;

/// What an exemption covers on the servers that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Every open condition of a feature.
    Feature(FeatureId),
    /// One condition, by its name, in whichever feature it stands.
    Condition(String),
}

impl fmt::Display for Covered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feature(feature) => write!(f, "{} {feature}", feature.control()),
            Self::Condition(condition) => f.write_str(condition),
        }
    }
}

/// Which servers are meant: a name or a resource id in which `*` stands for any text and `?` for one character, without
/// case.
#[derive(Clone, Debug)]
pub struct ServerPattern {
    text: String,
    matcher: WildMatch,
}

impl ServerPattern {
    /// The pattern as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it means this server. A pattern with a `/` is compared with the resource id, any other with the name.
    #[must_use]
    pub fn means(&self, id: &ResourceId) -> bool {
        let text = if self.text.contains('/') {
            id.as_str()
        } else {
            id.name()
        };
        self.matcher.matches(text)
    }
}

impl From<&str> for ServerPattern {
    fn from(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            matcher: WildMatch::new_case_insensitive(text),
        }
    }
}

impl PartialEq for ServerPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ServerPattern {}

/// One exemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The servers.
    pub server: ServerPattern,
    /// What it covers there.
    pub covers: Covered,
    /// Why, who, where agreed, and until when.
    pub waiver: Arc<Waiver>,
    /// The line of the file where it begins, counted from 1.
    pub line: usize,
}

impl Exemption {
    /// Whether it still holds on a day: the day named `until` is its last.
    #[must_use]
    pub fn holds_on(&self, today: Date) -> bool {
        today <= self.waiver.until
    }

    fn covers(&self, feature: FeatureId, condition: &Condition) -> bool {
        match &self.covers {
            Covered::Feature(covered) => *covered == feature,
            Covered::Condition(covered) => covered == condition.id,
        }
    }
}

/// All exemptions of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exemptions {
    /// In the order of the file.
    pub entries: Vec<Exemption>,
}

impl Exemptions {
    /// Whether any exemption holds on this day.
    #[must_use]
    pub fn any_on(&self, today: Date) -> bool {
        self.entries.iter().any(|entry| entry.holds_on(today))
    }

    /// Whether any exemption that holds on this day names the server.
    #[must_use]
    pub fn concern(&self, id: &ResourceId, today: Date) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.holds_on(today) && entry.server.means(id))
    }

    /// Takes out of the verdicts what the exemptions cover on this day. Of several that cover one condition the one that
    /// holds longest counts.
    pub fn apply(&self, id: &ResourceId, findings: &mut [Finding], today: Date) {
        let entries: Vec<&Exemption> = self
            .entries
            .iter()
            .filter(|entry| entry.holds_on(today) && entry.server.means(id))
            .collect();
        if entries.is_empty() {
            return;
        }
        for finding in findings {
            let feature = finding.feature;
            finding.waive(|condition| {
                entries
                    .iter()
                    .filter(|entry| entry.covers(feature, condition))
                    .max_by_key(|entry| entry.waiver.until)
                    .map(|entry| entry.waiver.clone())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::DocumentKind;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Judge, Ruleset, Verdict};

    /// A server that accepts TLS 1.0 and connections without TLS.
    fn server() -> crate::documents::ServerDocuments {
        Fixture::new()
            .list(
                DocumentKind::Configurations,
                serde_json::json!([
                    {"name": "require_secure_transport", "properties": {"value": "OFF"}},
                    {"name": "tls_version", "properties": {"value": "TLSv1,TLSv1.2"}},
                ]),
            )
            .documents()
    }

    fn transit(entries: &[(&str, Covered, &str)], today: &str) -> Finding {
        let entries = entries
            .iter()
            .enumerate()
            .map(|(place, (server, covers, until))| Exemption {
                server: ServerPattern::from(*server),
                covers: covers.clone(),
                waiver: Arc::new(Waiver {
                    reason: format!("reason {place}"),
                    owner: "owner".into(),
                    ticket: None,
                    until: until.parse().unwrap(),
                }),
                line: 1,
            })
            .collect();
        let judge = Judge {
            exemptions: Exemptions { entries },
            today: today.parse().unwrap(),
            ..Judge::by(Ruleset::default())
        };
        judge
            .findings(&server())
            .into_iter()
            .find(|finding| finding.feature == FeatureId::TransitEncryption)
            .unwrap()
    }

    fn all() -> Covered {
        Covered::Feature(FeatureId::TransitEncryption)
    }

    #[test]
    fn the_day_named_until_is_the_last_on_which_an_exemption_holds() {
        let verdict = |today| transit(&[("db", all(), "2027-03-31")], today).verdict;
        let waived = Verdict::Waived("2027-03-31".parse().unwrap());
        assert_eq!(verdict("2027-03-30"), waived);
        assert_eq!(verdict("2027-03-31"), waived);
        assert_eq!(verdict("2027-04-01"), Verdict::Fail);
    }

    #[test]
    fn of_several_exemptions_the_one_that_holds_longest_counts() {
        let tls = || Covered::Condition("tls-min".to_owned());
        let entries = [
            ("d?", all(), "2027-01-31"),
            ("DB", tls(), "2027-06-30"),
            ("other", all(), "2099-01-01"),
            ("db", all(), "2026-01-01"),
        ];
        let finding = transit(&entries, "2026-11-24");
        let reasons: Vec<_> = finding
            .conditions
            .iter()
            .map(|it| it.waiver.as_ref().map(|waiver| waiver.reason.clone()))
            .collect();
        assert_eq!(
            reasons,
            [Some("reason 0".to_owned()), Some("reason 1".to_owned())]
        );
        // After the first of the two ends a condition is open again, so that day is the one to tell.
        assert_eq!(
            finding.verdict,
            Verdict::Waived("2027-01-31".parse().unwrap())
        );
        assert_eq!(finding.without_exemptions, Some(Verdict::Fail));
        // After the first has ended one condition is open again.
        assert_eq!(transit(&entries, "2027-02-01").verdict, Verdict::Fail);
    }

    #[test]
    fn a_pattern_with_a_slash_is_compared_with_the_resource_id() {
        let verdict = |server| transit(&[(server, all(), "2027-03-31")], "2027-01-01").verdict;
        let waived = Verdict::Waived("2027-03-31".parse().unwrap());
        assert_eq!(verdict("*/RESOURCEGROUPS/rg/*"), waived);
        assert_eq!(verdict("*/resourceGroups/other/*"), Verdict::Fail);
        assert_eq!(verdict("rg"), Verdict::Fail);
        assert_eq!(verdict("d"), Verdict::Fail);
    }
}
