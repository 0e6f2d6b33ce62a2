//! Which outcomes of which condition the fleets hold, so that the comparison cannot go blind without a word.

use std::collections::{BTreeMap, BTreeSet};

use super::planted::{
    ABSENT, Became, DENIED, MALFORMED, MANUAL, MET, NOT_ASKED, NOT_FOUND, NOT_VISIBLE, OUT_OF_PLAY,
    PENDING, STOPPED, UNMET, UNSETTLED,
};

/// Conditions that are read from the server itself, which the simulator always shows: that they are unread cannot be
/// planted. Answers that lack or garble what they read are made up elsewhere.
const ALWAYS_READ: [&str; 14] = [
    "private-path",
    "pe-approved",
    "pe-pending",
    "public-disabled",
    "cmk",
    "geo-cmk",
    "key-unversioned",
    "geo-key-unversioned",
    "retention",
    "geo-backup",
    "auto-grow",
    "maintenance-window",
    "required-tags",
    // Its one planted cause is told below.
    "high-availability",
];

/// What is planted of each condition beside [`MET`] and [`UNMET`], which are planted of every one.
const PLANTED: [(&[&str], &[Became]); 20] = [
    (
        &["private-path", "public-disabled", "retention", "auto-grow"],
        &[],
    ),
    (
        &[
            "pe-approved",
            "pe-pending",
            "geo-cmk",
            "key-unversioned",
            "geo-key-unversioned",
            "geo-backup",
            "maintenance-window",
            "required-tags",
        ],
        &[OUT_OF_PLAY],
    ),
    (&["cmk"], &[MANUAL]),
    (&["high-availability"], &[OUT_OF_PLAY, UNSETTLED]),
    (&["subnet-nsg"], &[OUT_OF_PLAY, DENIED]),
    (&["nsg-broad"], &[OUT_OF_PLAY, DENIED, MALFORMED]),
    (
        &["fw-world", "fw-wide", "fw-azure", "backup-recent"],
        &[OUT_OF_PLAY, DENIED],
    ),
    (
        &[
            "entra-admin",
            "lockbox",
            "defender",
            "defender-plan",
            "audit-exported",
            "delete-lock",
        ],
        &[DENIED],
    ),
    (&["conditional-access"], &[MANUAL, OUT_OF_PLAY, DENIED]),
    (
        &[
            "entra-only",
            "local-admin",
            "require-tls",
            "audit-on",
            "local-infile",
        ],
        &[DENIED, STOPPED],
    ),
    (&["tls-min"], &[DENIED, STOPPED, PENDING]),
    (
        &["admin-name", "audit-events", "audit-users", "slow-exported"],
        &[OUT_OF_PLAY, DENIED, STOPPED],
    ),
    (
        &[
            "key-enabled",
            "key-expired",
            "key-expiring",
            "key-rotation",
            "geo-key-enabled",
            "geo-key-expired",
            "geo-key-expiring",
        ],
        &[OUT_OF_PLAY, DENIED, NOT_VISIBLE, NOT_FOUND],
    ),
    (&["geo-key-rotation"], &[OUT_OF_PLAY, DENIED, NOT_VISIBLE]),
    (
        &["vault-soft-delete", "geo-vault-soft-delete"],
        &[OUT_OF_PLAY, DENIED, NOT_VISIBLE],
    ),
    (
        &["vault-purge-protection", "geo-vault-purge-protection"],
        &[OUT_OF_PLAY, DENIED, NOT_VISIBLE, ABSENT],
    ),
    (
        &["vault-network", "geo-vault-network"],
        &[OUT_OF_PLAY, DENIED, NOT_VISIBLE],
    ),
    (&["policy-reports"], &[NOT_VISIBLE]),
    (&["supported-version"], &[MALFORMED]),
    (
        &["replica-parity"],
        &[OUT_OF_PLAY, DENIED, PENDING, NOT_ASKED],
    ),
];

/// A condition that never holds or never fails, because a person decides instead.
const NEVER_JUDGED: &str = "conditional-access";

pub fn assert_all(occurred: &BTreeMap<&'static str, BTreeSet<Became>>) {
    let mut known = BTreeSet::new();
    for (ids, planted) in PLANTED {
        for id in ids {
            known.insert(*id);
            let judged = [MET, UNMET].into_iter().filter(|_| *id != NEVER_JUDGED);
            for became in judged.chain(planted.iter().copied()) {
                assert!(
                    occurred[id].contains(became),
                    "no server shows {id} as {became}, only as {:?}",
                    occurred[id]
                );
            }
        }
    }
    assert_eq!(known, occurred.keys().copied().collect());
    for (id, outcomes) in occurred {
        let unread = outcomes
            .iter()
            .any(|became| became.starts_with("Unknown") && *became != UNSETTLED);
        assert_eq!(unread, !ALWAYS_READ.contains(id), "{id}: {outcomes:?}");
    }
}
