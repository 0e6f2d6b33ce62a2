//! Whether an exemption still does something: its end, and what it covers in a scan.

use jiff::civil::Date;
use serde::Serialize;

use crate::documents::ResourceId;

use super::{EXPIRES_SOON_DAYS, Exemption, Exemptions};
use crate::posture::Finding;

/// What an exemption covers in a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExemptionUse {
    /// How many servers it names.
    pub servers_named: usize,
    /// On how many of them it covers something that is open.
    pub servers_covered: usize,
    /// How many open conditions it covers there.
    pub conditions: usize,
}

/// Where an exemption stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExemptionState {
    /// It holds.
    InForce,
    /// It holds, and ends within [`EXPIRES_SOON_DAYS`].
    ExpiresSoon,
    /// It ended.
    Expired,
    /// It holds, and names no server of the scan.
    NamesNoServer,
    /// It holds and names servers of the scan, on which nothing is open that it covers.
    CoversNothingOpen,
}

impl ExemptionState {
    /// The state in one word, as it stands in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::ExpiresSoon => "expires-soon",
            Self::Expired => "expired",
            Self::NamesNoServer => "names-no-server",
            Self::CoversNothingOpen => "covers-nothing-open",
        }
    }
}

impl Exemption {
    /// How many days are left after this one; below 0 when it has ended.
    #[must_use]
    pub fn days_left(&self, today: Date) -> i32 {
        today
            .until(self.waiver.until)
            .map_or(i32::MAX, |span| span.get_days())
    }

    /// Where it stands on this day. `usage` is what it covers in a scan, when one was looked at.
    #[must_use]
    pub fn state(&self, today: Date, usage: Option<ExemptionUse>) -> ExemptionState {
        match usage {
            _ if !self.holds_on(today) => ExemptionState::Expired,
            Some(usage) if usage.servers_named == 0 => ExemptionState::NamesNoServer,
            Some(usage) if usage.conditions == 0 => ExemptionState::CoversNothingOpen,
            _ if self.days_left(today) <= EXPIRES_SOON_DAYS => ExemptionState::ExpiresSoon,
            _ => ExemptionState::InForce,
        }
    }
}

impl Exemptions {
    /// Whether any exemption names the server, also one that has ended.
    #[must_use]
    pub fn name(&self, id: &ResourceId) -> bool {
        self.entries.iter().any(|entry| entry.server.means(id))
    }

    /// Counts what each exemption covers among the findings about one server, on which none was applied. Those that have
    /// ended count too: that is what they would cover. `uses` holds one entry an exemption.
    pub fn count(&self, id: &ResourceId, findings: &[Finding], uses: &mut [ExemptionUse]) {
        for (entry, usage) in self.entries.iter().zip(uses) {
            if !entry.server.means(id) {
                continue;
            }
            usage.servers_named += 1;
            let covered = findings
                .iter()
                .flat_map(|finding| {
                    finding
                        .conditions
                        .iter()
                        .filter(|it| it.is_open() && entry.covers(finding.feature, it))
                })
                .count();
            usage.conditions += covered;
            usage.servers_covered += usize::from(covered > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Ruleset, judge};

    fn exemptions() -> Exemptions {
        let entry = |server: &str, covers: &str, until: &str| {
            format!(
                "[[exemption]]\nserver = \"{server}\"\n{covers}\nreason = \"r\"\nowner = \"o\"\nuntil = {until}\n"
            )
        };
        let text = [
            entry("db", "condition = \"tls-min\"", "2027-06-30"),
            entry("d*", "feature = \"transit-encryption\"", "2026-12-24"),
            entry("elsewhere", "condition = \"tls-min\"", "2027-06-30"),
            entry("db", "condition = \"require-tls\"", "2027-06-30"),
            entry("db", "condition = \"tls-min\"", "2026-11-23"),
        ];
        Exemptions::parse(&text.concat()).unwrap()
    }

    #[test]
    fn the_state_tells_the_end_and_whether_anything_is_covered() {
        let exemptions = exemptions();
        let documents = Fixture::new()
            .parameters(&[
                (
                    "require_secure_transport",
                    serde_json::json!({"value": "ON"}),
                ),
                ("tls_version", serde_json::json!({"value": "TLSv1"})),
            ])
            .documents();
        let findings = judge(&documents, &Ruleset::default());
        let mut uses = vec![ExemptionUse::default(); exemptions.entries.len()];
        exemptions.count(documents.id(), &findings, &mut uses);
        let used = ExemptionUse {
            servers_named: 1,
            servers_covered: 1,
            conditions: 1,
        };
        let named = ExemptionUse {
            servers_named: 1,
            ..ExemptionUse::default()
        };
        assert_eq!(uses, [used, used, ExemptionUse::default(), named, used]);
        let today = "2026-11-24".parse().unwrap();
        let states = |uses: &dyn Fn(usize) -> Option<ExemptionUse>| -> Vec<ExemptionState> {
            let entries = exemptions.entries.iter().enumerate();
            entries
                .map(|(place, entry)| entry.state(today, uses(place)))
                .collect()
        };
        use ExemptionState as S;
        assert_eq!(
            states(&|place| Some(uses[place])),
            [
                S::InForce,
                S::ExpiresSoon,
                S::NamesNoServer,
                S::CoversNothingOpen,
                S::Expired
            ]
        );
        assert_eq!(
            states(&|_| None),
            [
                S::InForce,
                S::ExpiresSoon,
                S::InForce,
                S::InForce,
                S::Expired
            ]
        );
        let left: Vec<i32> = exemptions
            .entries
            .iter()
            .map(|it| it.days_left(today))
            .collect();
        assert_eq!(left, [218, 30, 218, 218, -1]);
    }
}
