//! What was seen of a server, feature by feature, in a few bytes: enough to tell whether two scans saw the same.

use crate::baseline::FeatureId;
use crate::documents::Cause;

use super::{Condition, Evidence, Finding, Judgement};

/// One number for each feature, in the order of [`FeatureId::ALL`]: equal where two scans saw the same and judged it
/// alike.
///
/// What conditions came to and the values that they saw go in. Times of reading, requests, versions of the API, what was
/// expected, exemptions, notes, the places of entries in a list and values that move by themselves do not. Of two different
/// looks one pair in four thousand million has the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprints(pub [u32; FeatureId::COUNT]);

impl Fingerprints {
    /// The version of what goes in. Numbers of different versions are not compared.
    pub const FORM: u8 = 1;
    /// The length of the numbers of one server in bytes.
    pub const BYTES: usize = 4 * FeatureId::COUNT;

    /// The fingerprints of what was found about a server.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut numbers = [0; FeatureId::COUNT];
        for finding in findings {
            numbers[finding.feature.index()] = fingerprint(finding);
        }
        Self(numbers)
    }

    /// The number of one feature.
    #[must_use]
    pub const fn get(&self, feature: FeatureId) -> u32 {
        self.0[feature.index()]
    }

    /// As bytes, least significant first.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (place, number) in bytes.chunks_exact_mut(4).zip(self.0) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// From bytes of [`Fingerprints::to_bytes`]; `None` when they are of another length.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != Self::BYTES {
            return None;
        }
        let mut numbers = [0; FeatureId::COUNT];
        for (number, place) in numbers.iter_mut().zip(bytes.chunks_exact(4)) {
            *number = u32::from_le_bytes(place.try_into().ok()?);
        }
        Some(Self(numbers))
    }
}

fn fingerprint(finding: &Finding) -> u32 {
    let mut hash = Hash::new();
    for condition in &finding.conditions {
        add(&mut hash, condition);
    }
    if finding.conditions.is_empty() {
        hash.text(finding.verdict.word().word());
    }
    (hash.end() >> 32) as u32
}

fn add(hash: &mut Hash, condition: &Condition) {
    hash.text(condition.id);
    hash.text(condition.judgement.word());
    match &condition.judgement {
        Judgement::Unread(cause) => unread(hash, cause),
        Judgement::Manual(text) | Judgement::NotApplicable(text) => hash.text(text),
        Judgement::Met | Judgement::Unmet => {}
    }
    let told = match &condition.judgement {
        Judgement::Unread(cause) => Some(cause.to_string()),
        _ => None,
    };
    // Azure promises no order of a list: that of the looks says nothing.
    let mut looks: Vec<u64> = condition
        .evidence
        .iter()
        .filter(|look| !look.moves && told.as_ref() != Some(&look.observed))
        .map(seen)
        .collect();
    looks.sort_unstable();
    for look in looks {
        hash.bytes(&look.to_le_bytes());
    }
}

/// A cause without what differs from one try to the next.
fn unread(hash: &mut Hash, cause: &Cause) {
    hash.text(cause.kind().word());
    match cause {
        Cause::Denied { action, .. } => hash.text(action),
        Cause::Failed { status, code } => {
            hash.bytes(&status.to_le_bytes());
            hash.text(code);
        }
        _ => {}
    }
}

fn seen(look: &Evidence) -> u64 {
    let mut hash = Hash::new();
    hash.text(look.document.slug());
    for step in look.pointer.split('/') {
        let is_place = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit());
        hash.text(if is_place { "*" } else { step });
    }
    hash.text(&look.observed);
    hash.end()
}

/// FNV-1a over 64 bits with a last stir: the same on every machine and in every version of this program.
struct Hash(u64);

impl Hash {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn text(&mut self, text: &str) {
        self.bytes(&(text.len() as u64).to_le_bytes());
        self.bytes(text.as_bytes());
    }

    const fn end(self) -> u64 {
        let stirred = (self.0 ^ (self.0 >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        stirred ^ (stirred >> 29)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::{DocumentKind, Unreachable};
    use crate::posture::fixtures::Fixture;
    use crate::posture::{Judge, Ruleset};

    fn of(fixture: Fixture) -> Fingerprints {
        Fingerprints::of(&Judge::by(Ruleset::default()).findings(&fixture.documents()))
    }

    fn differing(one: Fingerprints, other: Fingerprints) -> Vec<FeatureId> {
        let differs = |feature: &FeatureId| one.get(*feature) != other.get(*feature);
        FeatureId::ALL.into_iter().filter(differs).collect()
    }

    #[test]
    fn a_value_that_changes_under_the_same_verdict_changes_its_feature_alone() {
        let days = |days: u8| {
            let backup = json!({"backupRetentionDays": days, "geoRedundantBackup": "Enabled"});
            Fixture::new().server(json!({"backup": backup}))
        };
        assert_eq!(
            differing(of(days(8)), of(days(9))),
            [FeatureId::NativeBackup]
        );
        assert_eq!(differing(of(days(8)), of(days(8))), []);
    }

    #[test]
    fn a_newer_backup_and_another_order_of_a_list_change_nothing() {
        let backup = |time: &str| json!([{"properties": {"completedTime": time}}]);
        let at = |time| of(Fixture::new().list(DocumentKind::Backups, backup(time)));
        assert_eq!(
            differing(at("2026-11-19T22:00:00Z"), at("2026-11-20T01:00:00Z")),
            []
        );
        let tls = json!({"name": "tls_version", "properties": {"value": "TLSv1.2"}});
        let secure = json!({"name": "require_secure_transport", "properties": {"value": "ON"}});
        let list = |all| of(Fixture::new().list(DocumentKind::Configurations, all));
        assert_eq!(
            differing(list(json!([tls, secure])), list(json!([secure, tls]))),
            []
        );
    }

    #[test]
    fn the_words_of_a_failed_connection_change_nothing_and_another_cause_does() {
        let unread = |cause| of(Fixture::new().unread(DocumentKind::Administrators, cause));
        let reset = |detail: &str| {
            unread(Cause::Unreachable {
                kind: Unreachable::Reset,
                detail: detail.to_owned(),
            })
        };
        assert_eq!(differing(reset("port 40001"), reset("port 40002")), []);
        assert!(
            differing(reset("port 40001"), unread(Cause::TimedOut))
                .contains(&FeatureId::EntraAuthentication)
        );
    }

    #[test]
    fn the_bytes_come_back_and_others_do_not() {
        let one = of(Fixture::new());
        assert_eq!(Fingerprints::from_bytes(&one.to_bytes()), Some(one));
        assert_eq!(Fingerprints::from_bytes(&one.to_bytes()[1..]), None);
    }
}
