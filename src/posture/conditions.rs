//! The names of all conditions, for those who name one in a file.

use super::ConditionId;

/// The name of every condition, in the order of the features in which they stand.
#[must_use]
pub const fn conditions() -> &'static [ConditionId] {
    &[
        "private-path",
        "subnet-nsg",
        "nsg-broad",
        "pe-approved",
        "pe-pending",
        "public-disabled",
        "fw-world",
        "fw-wide",
        "fw-azure",
        "entra-admin",
        "entra-only",
        "conditional-access",
        "local-admin",
        "admin-name",
        "lockbox",
        "require-tls",
        "tls-min",
        "cmk",
        "geo-cmk",
        "key-enabled",
        "key-expired",
        "key-expiring",
        "key-rotation",
        "key-unversioned",
        "vault-purge-protection",
        "vault-soft-delete",
        "vault-network",
        "geo-key-enabled",
        "geo-key-expired",
        "geo-key-expiring",
        "geo-key-rotation",
        "geo-key-unversioned",
        "geo-vault-purge-protection",
        "geo-vault-soft-delete",
        "geo-vault-network",
        "policy-reports",
        "defender",
        "defender-plan",
        "audit-on",
        "audit-events",
        "audit-users",
        "audit-exported",
        "slow-exported",
        "retention",
        "geo-backup",
        "backup-recent",
        "supported-version",
        "high-availability",
        "auto-grow",
        "delete-lock",
        "local-infile",
        "maintenance-window",
        "required-tags",
        "replica-parity",
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Ruleset, judge};

    #[test]
    fn every_condition_that_is_judged_has_its_name_here_once() {
        let names: HashSet<_> = conditions().iter().collect();
        assert_eq!(names.len(), conditions().len());
        for finding in judge(&Fixture::new().documents(), &Ruleset::default()) {
            for condition in finding.conditions {
                assert!(names.contains(&condition.id), "{}", condition.id);
            }
        }
    }
}
