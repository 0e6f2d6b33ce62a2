//! Exemptions: what an organisation has decided to live with, for how long, and who answers for it.
//!
//! An exemption takes open conditions out of a verdict; it changes no judgement and no evidence.

use std::sync::Arc;

use jiff::civil::Date;

use crate::baseline::FeatureId;
use crate::documents::ResourceId;

use super::{Condition, Finding, Waiver};

/// What an exemption covers on the servers that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covered {
    /// Every open condition of a feature.
    Feature(FeatureId),
    /// One condition, by its name, in whichever feature it stands.
    Condition(String),
}

/// One exemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The servers: a name or a resource id in which `*` stands for any text and `?` for one character, without case.
    pub server: String,
    /// What it covers there.
    pub covers: Covered,
    /// Why, who, where agreed, and until when.
    pub waiver: Arc<Waiver>,
    /// The line of the file that holds it, counted from 1.
    pub line: usize,
}

impl Exemption {
    /// Whether it still holds on a day: the day named `until` is its last.
    #[must_use]
    pub fn holds_on(&self, today: Date) -> bool {
        today <= self.waiver.until
    }

    /// Whether it names this server. A pattern with a `/` is compared with the resource id, any other with the name.
    #[must_use]
    pub fn names(&self, id: &ResourceId) -> bool {
        let text = if self.server.contains('/') {
            id.as_str()
        } else {
            id.name()
        };
        wildmatch::WildMatch::new_case_insensitive(&self.server).matches(text)
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
    /// Whether any exemption that holds on this day names the server.
    #[must_use]
    pub fn concern(&self, id: &ResourceId, today: Date) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.holds_on(today) && entry.names(id))
    }

    /// Takes out of the verdicts what the exemptions cover on this day. Of several that cover one condition the one that
    /// holds longest counts.
    pub fn apply(&self, id: &ResourceId, findings: &mut [Finding], today: Date) {
        let entries: Vec<&Exemption> = self
            .entries
            .iter()
            .filter(|entry| entry.holds_on(today) && entry.names(id))
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
