//! What was found, beside what must be found.

use flexposture::documents::ServerDocuments;
use flexposture::posture::{Finding, Judgement, Ruleset, ServerSummary, Verdict, judge};

use super::expected::{Expected, Feature, features, score};
use super::planted::Planted;

/// Differences between what was found and what must be found, each in words.
pub struct Differences<'a> {
    about: &'a str,
    pub found: Vec<String>,
}

impl Differences<'_> {
    fn check<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: impl std::fmt::Display,
        expected: T,
        found: T,
    ) {
        if expected != found {
            self.found.push(format!(
                "{} {what}: expected {expected:?}, found {found:?}",
                self.about
            ));
        }
    }
}

pub fn became(judgement: &Judgement) -> String {
    match judgement {
        Judgement::Unread(cause) => format!("Unknown {}", cause.word()),
        other => other.word().to_owned(),
    }
}

/// Compares one server; what was expected of it comes back.
pub fn compare(
    about: &str,
    planted: &Planted<'_>,
    documents: &ServerDocuments,
    wrong: &mut Vec<String>,
) -> Vec<Feature> {
    let ruleset: &Ruleset = planted.ruleset;
    let mut differences = Differences {
        about,
        found: Vec::new(),
    };
    let expected = features(planted);
    let findings = judge(documents, ruleset);
    assert_eq!((expected.len(), findings.len()), (33, 33));
    for (expected, finding) in expected.iter().zip(&findings) {
        compare_feature(&mut differences, expected, finding);
    }
    let summary = ServerSummary::new(documents, &findings);
    let (baseline, beyond) = expected.split_at(25);
    differences.check(
        "score of the baseline",
        score(baseline.iter()),
        (summary.score.met, summary.score.unmet),
    );
    differences.check(
        "score beyond the baseline",
        score(beyond.iter()),
        (summary.beyond.met, summary.beyond.unmet),
    );
    wrong.append(&mut differences.found);
    expected
}

fn compare_feature(differences: &mut Differences<'_>, expected: &Feature, finding: &Finding) {
    let feature = expected.feature;
    assert_eq!(feature, finding.feature);
    let cause = match &finding.verdict {
        Verdict::Unknown(cause) => Some(cause.word()),
        _ => None,
    };
    differences.check(
        feature,
        expected.verdict(),
        (finding.verdict.word().word(), cause),
    );
    differences.check(
        format!("severity of {feature}"),
        expected.severity().map(String::from),
        finding.severity().map(|it| it.letter().to_owned()),
    );
    let ids = |all: &[Expected]| all.iter().map(|it| it.id).collect::<Vec<_>>();
    differences.check(
        format!("conditions of {feature}"),
        ids(&expected.conditions),
        finding.conditions.iter().map(|it| it.id).collect(),
    );
    for (expected, found) in expected.conditions.iter().zip(&finding.conditions) {
        let id = expected.id;
        differences.check(id, expected.became.to_owned(), became(&found.judgement));
        differences.check(
            format!("severity and say of {id}"),
            (expected.severity.to_string(), expected.decides),
            (found.severity.letter().to_owned(), found.decides()),
        );
    }
}
