//! What findings are judged by: the version of the checks, the thresholds, and how strictly the page is taken.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the conditions in this program. It changes whenever a condition may judge the same documents
/// otherwise than before.
const CONDITIONS_VERSION: &str = "2026.11-5";

/// A range of IPv4 addresses, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AddressRange {
    /// The first address.
    pub start: Ipv4Addr,
    /// The last address.
    pub end: Ipv4Addr,
}

/// The numbers and choices that conditions compare with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Public address ranges that the firewall may open without being called wide.
    pub allowed_public_ranges: Vec<AddressRange>,
    /// How many public addresses the firewall may open beside the allowed ranges.
    pub firewall_max_addresses: u64,
    /// Whether a server without a customer-managed key fails, instead of being left to the customer's decision.
    pub require_cmk: bool,
    /// The fewest days for which backups are to be kept.
    pub min_backup_retention_days: i64,
    /// Whether backups are to be geo-redundant.
    pub require_geo_redundant_backup: bool,
    /// The greatest age of the newest completed backup, in hours.
    pub max_backup_age_hours: i64,
    /// How many days before its end a key is said to expire soon.
    pub key_expiry_warning_days: i64,
    /// The kinds of event that the audit log has to record, as `audit_log_events` names them.
    pub required_audit_events: Vec<String>,
    /// How many days before the end of standard support a version is said to near it.
    pub version_eol_warning_days: i64,
    /// The names of the tags that every server has to carry.
    pub required_tags: Vec<String>,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            allowed_public_ranges: Vec::new(),
            firewall_max_addresses: 256,
            require_cmk: false,
            min_backup_retention_days: 7,
            require_geo_redundant_backup: true,
            max_backup_age_hours: 48,
            key_expiry_warning_days: 30,
            required_audit_events: vec!["CONNECTION".to_owned()],
            version_eol_warning_days: 180,
            required_tags: Vec::new(),
        }
    }
}

/// What findings are judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruleset {
    /// The numbers and choices that conditions compare with.
    pub thresholds: Thresholds,
    /// Judge by the baseline page alone, also where the platform has moved since.
    pub strict_baseline: bool,
}

impl Ruleset {
    /// The id of this ruleset: the version of the conditions, and a digest of every threshold. Two rulesets with one
    /// id judge every document alike.
    #[must_use]
    pub fn id(&self) -> String {
        let settings = format!("{self:?}");
        let digest = Sha256::digest(settings.as_bytes());
        let short: String = digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{CONDITIONS_VERSION}-{short}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_threshold_is_part_of_the_id() {
        let default = Ruleset::default().id();
        assert_eq!(default, Ruleset::default().id());
        let changed = [
            Ruleset {
                strict_baseline: true,
                ..Ruleset::default()
            },
            Ruleset {
                thresholds: Thresholds {
                    firewall_max_addresses: 255,
                    ..Thresholds::default()
                },
                ..Ruleset::default()
            },
            Ruleset {
                thresholds: Thresholds {
                    allowed_public_ranges: vec![AddressRange {
                        start: Ipv4Addr::new(192, 0, 2, 0),
                        end: Ipv4Addr::new(192, 0, 2, 255),
                    }],
                    ..Thresholds::default()
                },
                ..Ruleset::default()
            },
        ];
        for ruleset in changed {
            assert_ne!(ruleset.id(), default);
        }
    }
}
