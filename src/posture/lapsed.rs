//! What has lapsed since documents were fetched: conditions about time, judged again as of a later moment.
//!
//! A verdict never changes by waiting: it is judged as of the moment at which its document was fetched. What would be
//! otherwise by now is told beside it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::baseline::FeatureId;
use crate::documents::{Document, ServerDocuments};

use super::checks::Look;
use super::judge::judge_feature;
use super::{Condition, ConditionId, Finding, Judgement, Ruleset};

/// The features with conditions about time: the newest backup, the ends of keys, the support of the MySQL version.
const ABOUT_TIME: [FeatureId; 3] = [
    FeatureId::NativeBackup,
    FeatureId::KeyManagement,
    FeatureId::SupportedVersion,
];

/// Which conditions of a finding would be judged otherwise if the same documents had been fetched at `now`, and how, in
/// words. Text from Azure in it is neutralised.
#[must_use]
pub fn lapsed(
    documents: &ServerDocuments,
    ruleset: &Ruleset,
    finding: &Finding,
    now: Timestamp,
) -> Vec<(ConditionId, String)> {
    if !ABOUT_TIME.contains(&finding.feature) {
        return Vec::new();
    }
    let documents = fetched_at(documents, now);
    let look = Look {
        documents: &documents,
        ruleset,
    };
    let again = judge_feature(&look, finding.feature);
    finding
        .conditions
        .iter()
        .filter_map(|then| {
            let now = again.conditions.iter().find(|it| it.id == then.id)?;
            Some((then.id, difference(then, now)?))
        })
        .collect()
}

/// The same documents as if they had been fetched at `now`. Of one that was fetched later, by a clock that goes before
/// this one, the own moment counts: time does not run back.
fn fetched_at(documents: &ServerDocuments, now: Timestamp) -> ServerDocuments {
    let moved = documents.iter().map(|document| {
        Arc::new(Document {
            fetched_at: document.fetched_at.max(now),
            ..(**document).clone()
        })
    });
    ServerDocuments::new(documents.id().clone(), moved)
}

fn difference(then: &Condition, now: &Condition) -> Option<String> {
    let seen = || now.evidence.first().map(|it| it.observed.as_str());
    let why = now.note.as_deref().or_else(seen).unwrap_or_default();
    if then.judgement.word() != now.judgement.word() || then.severity != now.severity {
        let judgement = match &now.judgement {
            Judgement::Met => "met".to_owned(),
            Judgement::Unmet => "not met".to_owned(),
            Judgement::Unread(cause) => format!("unknown, {}", cause.kind().short()),
            Judgement::Manual(_) => "for a person to decide".to_owned(),
            Judgement::NotApplicable(why) => format!("not applicable, {why}"),
        };
        let again = if then.id == "backup-recent" {
            "; whether a newer backup was made since only a new scan can tell"
        } else {
            ""
        };
        return Some(format!("{judgement} ({why}){again}"));
    }
    (then.note != now.note).then(|| now.note.clone())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::documents::DocumentKind;
    use crate::posture::fixtures::{FETCHED, Fixture};
    use crate::posture::{VerdictWord, judge};

    fn of(
        documents: &ServerDocuments,
        feature: FeatureId,
        now: &str,
    ) -> Vec<(ConditionId, String)> {
        let ruleset = Ruleset::default();
        let findings = judge(documents, &ruleset);
        let finding = &findings[feature.index()];
        assert_eq!(finding.feature, feature);
        lapsed(documents, &ruleset, finding, now.parse().unwrap())
    }

    fn server() -> Fixture {
        let properties = json!({
            "version": "8.0.21",
            "backup": {"backupRetentionDays": 7, "geoRedundantBackup": "Enabled"},
            "dataEncryption": {"type": "AzureKeyVault",
                "primaryKeyURI": "https://kv.vault.azure.net/keys/k/0123456789abcdef0123456789abcdef"},
        });
        Fixture::new().read(
            DocumentKind::Server,
            json!({"systemData": {"createdAt": "2024-03-01T08:00:00Z"}, "properties": properties}),
        )
    }

    #[test]
    fn a_backup_that_was_recent_when_it_was_read_is_told_to_be_old_by_now() {
        let documents = server()
            .list(
                DocumentKind::Backups,
                json!([{"properties": {"completedTime": "2026-11-20T02:00:00Z"}}]),
            )
            .documents();
        let feature = FeatureId::NativeBackup;
        assert_eq!(of(&documents, feature, FETCHED), []);
        assert_eq!(of(&documents, feature, "2026-11-22T01:00:00Z"), []);
        let lapsed = of(&documents, feature, "2026-11-23T12:00:00Z");
        let [(id, words)] = lapsed.as_slice() else {
            panic!("{lapsed:?}");
        };
        assert_eq!(*id, "backup-recent");
        assert!(
            words.starts_with("not met (completed 2026-11-20T02:00:00Z)")
                && words.contains("only a new scan"),
            "{words}"
        );
        // The verdict itself stays.
        let finding = &judge(&documents, &Ruleset::default())[feature.index()];
        assert_eq!(finding.verdict.word(), VerdictWord::Pass);
    }

    #[test]
    fn a_key_that_ended_since_is_told_and_nothing_of_the_key_besides() {
        let end: Timestamp = "2027-01-15T00:00:00Z".parse().unwrap();
        let documents = server()
            .read(
                DocumentKind::EncryptionKey,
                json!({"properties": {"attributes": {"enabled": true, "exp": end.as_second()}}}),
            )
            .documents();
        let ids = |now| -> Vec<_> {
            of(&documents, FeatureId::KeyManagement, now)
                .into_iter()
                .map(|(id, _)| id)
                .collect()
        };
        assert_eq!(ids(FETCHED), [""; 0]);
        assert_eq!(ids("2026-12-31T00:00:00Z"), ["key-expiring"]);
        assert_eq!(ids("2027-02-01T00:00:00Z"), ["key-expired", "key-expiring"]);
    }

    #[test]
    fn the_end_of_support_that_came_since_is_told_with_its_day() {
        let documents = server().documents();
        let feature = FeatureId::SupportedVersion;
        assert_eq!(of(&documents, feature, FETCHED), []);
        let lapsed = of(&documents, feature, "2028-01-01T00:00:00Z");
        assert_eq!(lapsed.len(), 1);
        assert!(
            lapsed[0]
                .1
                .starts_with("not met (standard support of 8.0 ended on"),
            "{lapsed:?}"
        );
    }

    #[test]
    fn what_is_no_matter_of_time_never_lapses_and_time_does_not_run_back() {
        let documents = server().documents();
        for feature in FeatureId::ALL {
            let far = of(&documents, feature, "2040-01-01T00:00:00Z");
            assert!(
                far.is_empty() || ABOUT_TIME.contains(&feature),
                "{feature:?}"
            );
            assert_eq!(of(&documents, feature, "2001-01-01T00:00:00Z"), []);
        }
    }
}
