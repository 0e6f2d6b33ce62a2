//! What findings are judged by: the version of the checks, the thresholds, and how strictly the page is taken.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::thresholds::{THRESHOLDS, Thresholds, Value};

/// The version of the conditions in this program. It changes whenever a condition may judge the same documents
/// otherwise than before.
const CONDITIONS_VERSION: &str = "2026.11-7";

/// The key of [`Ruleset::strict_baseline`] in files and reports.
pub const STRICT_BASELINE: &str = "strict_baseline";

/// What findings are judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruleset {
    /// The numbers and choices that conditions compare with.
    pub thresholds: Thresholds,
    /// Judge by the baseline page alone, also where the platform has moved since.
    pub strict_baseline: bool,
}

/// A setting that two rulesets hold with different values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SettingChange {
    /// Its key in the config file.
    pub key: &'static str,
    /// Its value then.
    pub then: Value,
    /// Its value now.
    pub now: Value,
}

impl Ruleset {
    /// The id of this ruleset: the version of the conditions, and a digest of every setting. Two rulesets with one id
    /// judge every document alike; the order in which a list was written has no part in it.
    #[must_use]
    pub fn id(&self) -> String {
        let mut settings = String::new();
        for (key, value) in self.settings() {
            settings += &format!("{key} = {}\n", value.in_order());
        }
        let digest = Sha256::digest(settings.as_bytes());
        let short: String = digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{CONDITIONS_VERSION}-{short}")
    }

    /// Every setting with its value: `strict_baseline` first, then the thresholds in the order of [`THRESHOLDS`].
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, Value)> {
        let strict = (STRICT_BASELINE, Value::Choice(self.strict_baseline));
        std::iter::once(strict)
            .chain(
                THRESHOLDS
                    .iter()
                    .map(|threshold| (threshold.key, threshold.value(&self.thresholds))),
            )
            .collect()
    }

    /// The settings whose values differ from those of an earlier ruleset.
    #[must_use]
    pub fn changes_since(&self, then: &Self) -> Vec<SettingChange> {
        then.settings()
            .into_iter()
            .zip(self.settings())
            .filter(|((_, then), (_, now))| then.in_order() != now.in_order())
            .map(|((key, then), (_, now))| SettingChange { key, then, now })
            .collect()
    }
}

/// The version of the conditions in the id of a ruleset.
#[must_use]
pub fn conditions_version(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn with(change: impl Fn(&mut Thresholds)) -> Ruleset {
        let mut ruleset = Ruleset::default();
        change(&mut ruleset.thresholds);
        ruleset
    }

    /// One ruleset for every setting, which differs from the default in it alone.
    fn changed() -> Vec<(&'static str, Ruleset)> {
        let range = "192.0.2.0/24".parse().unwrap();
        vec![
            (
                STRICT_BASELINE,
                Ruleset {
                    strict_baseline: true,
                    ..Ruleset::default()
                },
            ),
            (
                "allowed_public_ranges",
                with(|t| t.allowed_public_ranges = vec![range]),
            ),
            (
                "firewall_max_addresses",
                with(|t| t.firewall_max_addresses = 255),
            ),
            ("require_cmk", with(|t| t.require_cmk = true)),
            (
                "min_backup_retention_days",
                with(|t| t.min_backup_retention_days = 8),
            ),
            (
                "require_geo_redundant_backup",
                with(|t| t.require_geo_redundant_backup = false),
            ),
            (
                "max_backup_age_hours",
                with(|t| t.max_backup_age_hours = 47),
            ),
            (
                "key_expiry_warning_days",
                with(|t| t.key_expiry_warning_days = 31),
            ),
            (
                "required_audit_events",
                with(|t| t.required_audit_events = Vec::new()),
            ),
            (
                "version_eol_warning_days",
                with(|t| t.version_eol_warning_days = 90),
            ),
            (
                "required_tags",
                with(|t| t.required_tags = vec!["owner".to_owned()]),
            ),
        ]
    }

    #[test]
    fn every_setting_is_part_of_the_id_and_of_the_difference() {
        let default = Ruleset::default();
        let mut ids = HashSet::from([default.id()]);
        let changed = changed();
        let keys: Vec<_> = changed.iter().map(|(key, _)| *key).collect();
        let all: Vec<_> = default.settings().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, all, "a setting is not looked at here");
        for (key, ruleset) in changed {
            assert!(ids.insert(ruleset.id()), "{key} is not part of the id");
            let changes = ruleset.changes_since(&default);
            assert_eq!(changes.len(), 1, "{key}");
            assert_eq!(changes[0].key, key);
            assert_ne!(changes[0].then, changes[0].now);
        }
    }

    #[test]
    fn no_member_of_the_thresholds_is_missing_from_the_table() {
        let members = serde_json::to_value(Thresholds::default()).unwrap();
        let mut members: Vec<&str> = members
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut keys: Vec<&str> = THRESHOLDS.iter().map(|threshold| threshold.key).collect();
        members.sort_unstable();
        keys.sort_unstable();
        assert_eq!(keys, members);
    }

    #[test]
    fn the_order_of_a_list_changes_nothing() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let one = with(|t| {
            t.required_tags = words(&["owner", "env"]);
            t.required_audit_events = words(&["DDL", "CONNECTION"]);
            t.allowed_public_ranges =
                vec!["192.0.2.0/24".parse().unwrap(), "10.0.0.1".parse().unwrap()];
        });
        let other = with(|t| {
            t.required_tags = words(&["env", "owner", "env"]);
            t.required_audit_events = words(&["CONNECTION", "DDL"]);
            t.allowed_public_ranges =
                vec!["10.0.0.1".parse().unwrap(), "192.0.2.0/24".parse().unwrap()];
        });
        assert_eq!(one.id(), other.id());
        assert_eq!(one.changes_since(&other), []);
    }

    #[test]
    fn the_version_of_the_conditions_stands_in_the_id() {
        assert_eq!(
            conditions_version(&Ruleset::default().id()),
            CONDITIONS_VERSION
        );
        assert_eq!(conditions_version("odd"), "odd");
    }
}
