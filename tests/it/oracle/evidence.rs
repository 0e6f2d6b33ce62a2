//! Every finding says where it looked: each look is followed back to the document, and what stands there must be what
//! was told.

use std::collections::BTreeMap;

use flexposture::documents::text::neutral;
use flexposture::documents::{Document, DocumentKind, Outcome, ServerDocuments};
use flexposture::posture::{Evidence, Judgement, Ruleset, Verdict, judge};
use flexposture::simulator::{Faults, Fleet, FleetOptions, Lockbox};
use jiff::Timestamp;
use serde_json::Value;

use crate::support::{scan_all, unlimited};

/// Whether `observed` tells the scalar that stands in the document: numbers and flags may have words after them, and
/// none of something is told as no such thing.
fn tells(observed: &str, scalar: &Value) -> bool {
    let first = observed.split(' ').next().unwrap_or_default();
    match scalar {
        Value::String(text) => observed == neutral(text),
        Value::Number(number) => {
            first == number.to_string() || (number.as_u64() == Some(0) && first == "no")
        }
        Value::Bool(flag) => first == flag.to_string(),
        _ => false,
    }
}

/// How many scalars were compared, by the kind of the document and the type of the scalar.
type Compared = BTreeMap<(DocumentKind, &'static str), usize>;

fn follow(about: &str, documents: &ServerDocuments, evidence: &Evidence, compared: &mut Compared) {
    assert_eq!(evidence.observed, neutral(&evidence.observed), "{about}");
    assert!(!evidence.expected.is_empty(), "{about}");
    let document: &Document = documents
        .get(evidence.document)
        .unwrap_or_else(|| panic!("{about}: {:?} was not asked for", evidence.document));
    assert_eq!(*evidence.path, *neutral(&document.request.path), "{about}");
    assert_eq!(*evidence.api_version, *document.request.api_version);
    assert_eq!(evidence.method, document.request.method.as_str());
    assert_eq!(evidence.fetched_at, Some(document.fetched_at));
    let body = match &document.outcome {
        Outcome::Read(body) => body,
        Outcome::Unread(cause) => {
            assert_eq!(evidence.observed, neutral(&cause.to_string()), "{about}");
            return;
        }
    };
    let place = format!("{about} {} {}", evidence.document.slug(), evidence.pointer);
    let scalar = match body.pointer(&evidence.pointer) {
        None | Some(Value::Null) => {
            assert_eq!(evidence.observed, "not present", "{place}");
            return;
        }
        Some(Value::Array(_) | Value::Object(_)) => {
            assert_ne!(evidence.observed, "not present", "{place}");
            return;
        }
        Some(scalar) => scalar,
    };
    assert!(
        tells(&evidence.observed, scalar),
        "{place}: {scalar} is told as {}",
        evidence.observed
    );
    let kind = match scalar {
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        _ => "text",
    };
    *compared.entry((evidence.document, kind)).or_default() += 1;
}

#[tokio::test]
async fn every_pointer_of_the_evidence_leads_to_what_was_observed() {
    let fleet = Fleet::generate(&FleetOptions {
        lockbox: Lockbox::On,
        ..FleetOptions::new(Timestamp::now())
    });
    let mut scanned = scan_all(fleet, unlimited(Faults::none())).await;
    let mut compared = Compared::new();
    let mut shared = 0;
    for (name, documents) in scanned.servers() {
        for finding in judge(&documents, &Ruleset::default()) {
            for condition in &finding.conditions {
                let about = format!("{name} {}", condition.id);
                assert!(
                    !condition.evidence.is_empty(),
                    "{about} says not where it looked"
                );
                for evidence in &condition.evidence {
                    // That a restart is pending stands for the reason why the value in force is not known.
                    if evidence.pointer.ends_with("/isConfigPendingRestart") {
                        assert!(matches!(condition.judgement, Judgement::Unread(_)));
                        continue;
                    }
                    follow(&about, &documents, evidence, &mut compared);
                    shared += usize::from(
                        documents
                            .get(evidence.document)
                            .is_some_and(|it| it.shared.is_some()),
                    );
                }
            }
            if let Verdict::Pass | Verdict::Fail = finding.verdict {
                assert!(!finding.conditions.is_empty(), "{name} {}", finding.feature);
            }
        }
        assert!(documents.get(DocumentKind::Server).is_some());
    }
    for (what, least) in [
        ((DocumentKind::Server, "text"), 400),
        ((DocumentKind::Server, "number"), 50),
        ((DocumentKind::Configurations, "text"), 300),
        ((DocumentKind::ThreatProtection, "text"), 30),
        ((DocumentKind::DefenderPlan, "text"), 30),
        ((DocumentKind::CustomerLockbox, "flag"), 30),
        ((DocumentKind::Subnet, "text"), 2),
        ((DocumentKind::KeyVault, "flag"), 2),
        ((DocumentKind::EncryptionKey, "flag"), 2),
        ((DocumentKind::EncryptionKey, "number"), 1),
    ] {
        let count = compared.get(&what).copied().unwrap_or_default();
        assert!(count >= least, "only {count} of {what:?}: {compared:?}");
    }
    assert!(shared > 100, "only {shared} looks at shared documents");
}
