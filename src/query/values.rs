//! The values of fields that do not depend on the servers: from the catalogue, and from the words of verdicts.

use std::sync::LazyLock;

use crate::baseline::{FeatureId, catalogue};
use crate::documents::CauseKind;
use crate::posture::{Severity, VerdictWord};

use super::Field;
use super::cells::{
    ALL_FEATURES, ALL_KINDS, CellTest, of_cause, of_feature, of_severity, of_verdict,
};
use super::folded;
use super::pattern::begins_a_word;

/// A value that is known beforehand.
#[derive(Debug)]
pub struct Value {
    /// The word for it, as completion writes it.
    pub word: String,
    /// Other words for it.
    pub other_words: Vec<String>,
    /// Text of which any word may be begun; empty where only the beginning of a word for it counts.
    pub text: String,
    /// What it means.
    pub doc: String,
    /// What it says of a cell.
    pub test: CellTest,
}

/// The values of a field; none for a field whose values come from the servers.
pub fn known(field: Field) -> &'static [Value] {
    static VALUES: LazyLock<[Vec<Value>; 7]> = LazyLock::new(|| {
        [
            families(),
            controls(),
            features(),
            severities(),
            states(),
            causes(),
            policies(),
        ]
    });
    match field {
        Field::Family => &VALUES[0],
        Field::Control => &VALUES[1],
        Field::Feature => &VALUES[2],
        Field::Severity => &VALUES[3],
        Field::State => &VALUES[4],
        Field::Cause => &VALUES[5],
        Field::Policy => &VALUES[6],
        Field::Subscription
        | Field::Group
        | Field::Region
        | Field::Version
        | Field::Tag
        | Field::Name
        | Field::Is
        | Field::Score => &[],
    }
}

impl Value {
    fn new(word: impl Into<String>, doc: impl Into<String>, test: CellTest) -> Self {
        Self {
            word: word.into(),
            other_words: Vec::new(),
            text: String::new(),
            doc: doc.into(),
            test,
        }
    }

    fn words(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.word).chain(&self.other_words)
    }

    /// Whether a text is a word for it.
    pub fn is(&self, text: &str) -> bool {
        let wanted = bare(text);
        !wanted.is_empty() && self.words().any(|word| bare(word) == wanted)
    }

    /// Whether a text begins a word for it.
    pub fn begins_with(&self, text: &str) -> bool {
        let wanted = bare(text);
        self.words().any(|word| bare(word).starts_with(&wanted))
            || !self.text.is_empty() && begins_a_word(&self.text, &folded(text))
    }
}

/// A word without letter case and without what divides it: `NS-1` is `ns1`, `n/a` is `na`.
fn bare(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.map(super::fold).collect()
}

/// `NotVisible` as `not-visible`.
fn dashed(word: &str) -> String {
    let mut dashed = String::new();
    for c in word.chars() {
        if c.is_uppercase() && !dashed.is_empty() {
            dashed.push('-');
        }
        dashed.extend(c.to_lowercase());
    }
    dashed
}

fn of_features(features: impl Iterator<Item = FeatureId>) -> CellTest {
    CellTest {
        features: features.map(of_feature).fold(0, |all, bit| all | bit),
        kinds: ALL_KINDS,
    }
}

fn families() -> Vec<Value> {
    let families = catalogue().families().iter();
    families
        .map(|family| {
            let features = FeatureId::ALL.into_iter();
            let test = of_features(features.filter(|it| it.family() == family.code));
            Value {
                other_words: vec![family.title.clone()],
                ..Value::new(family.code.code(), &family.title, test)
            }
        })
        .collect()
}

fn controls() -> Vec<Value> {
    let controls = catalogue().controls().iter();
    controls
        .map(|control| {
            let features = catalogue().features_of_control(&control.id);
            let test = of_features(features.map(|feature| feature.id));
            Value::new(&control.id, &control.title, test)
        })
        .collect()
}

fn features() -> Vec<Value> {
    let features = catalogue().features().iter();
    features
        .map(|feature| {
            let slug = feature.id.slug();
            let doc = format!("{} {}", feature.control, feature.name);
            Value {
                other_words: vec![feature.name.clone()],
                text: folded(&format!("{slug} {}", feature.name)),
                ..Value::new(slug, doc, of_features(std::iter::once(feature.id)))
            }
        })
        .collect()
}

fn severities() -> Vec<Value> {
    let doc = |severity| match severity {
        Severity::Critical => "anyone on the internet may reach the data",
        Severity::High => "a protection that the baseline counts on is missing",
        Severity::Medium => "a second line is missing",
        Severity::Low => "good practice is missing",
    };
    let test = |severity| CellTest {
        features: ALL_FEATURES,
        kinds: of_severity(severity),
    };
    Severity::ALL
        .map(|it| Value::new(it.word(), doc(it), test(it)))
        .into()
}

fn states() -> Vec<Value> {
    let value = |verdict: VerdictWord| {
        let test = CellTest {
            features: ALL_FEATURES,
            kinds: of_verdict(verdict),
        };
        let mut value = Value::new(dashed(verdict.word()), verdict.meaning(), test);
        if verdict == VerdictWord::NotApplicable {
            value.other_words = vec!["na".to_owned()];
        }
        value
    };
    VerdictWord::ALL.map(value).into()
}

fn causes() -> Vec<Value> {
    let value = |cause: CauseKind| {
        let test = CellTest {
            features: ALL_FEATURES,
            kinds: of_cause(cause),
        };
        Value::new(dashed(cause.word()), cause.short(), test)
    };
    CauseKind::ALL.map(value).into()
}

fn policies() -> Vec<Value> {
    let policies = catalogue().policies().iter();
    policies
        .map(|policy| {
            let features: Vec<FeatureId> = catalogue()
                .features_of_policy(&policy.guid)
                .map(|feature| feature.id)
                .collect();
            let controls: Vec<&str> = features.iter().map(|it| it.control()).collect();
            let doc = if controls.is_empty() {
                "shown with no feature".to_owned()
            } else {
                format!("shown with {}", controls.join(", "))
            };
            Value {
                other_words: vec![policy.guid.clone()],
                text: folded(&policy.name),
                ..Value::new(&policy.name, doc, of_features(features.into_iter()))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_beginnings_and_dividers_do_not_count() {
        let found = |field, text: &str| -> Vec<&str> {
            let values = known(field).iter();
            values
                .filter(|value| value.begins_with(text))
                .map(|value| value.word.as_str())
                .collect()
        };
        assert_eq!(found(Field::Severity, "H"), ["high"]);
        assert_eq!(found(Field::State, "n/a"), ["not-applicable"]);
        assert_eq!(found(Field::State, "na"), ["not-applicable"]);
        assert_eq!(found(Field::State, "NotApp"), ["not-applicable"]);
        assert_eq!(found(Field::Cause, "not_v"), ["not-visible"]);
        assert_eq!(found(Field::Family, "d"), ["DP"]);
        assert_eq!(found(Field::Family, "network"), ["NS"]);
        assert_eq!(found(Field::Control, "ns1"), ["NS-1"]);
        assert_eq!(found(Field::Feature, "link"), ["private-link"]);
        assert_eq!(found(Field::Feature, "purple"), [""; 0]);
    }

    #[test]
    fn every_policy_has_a_name_of_its_own_or_shares_its_features() {
        for one in known(Field::Policy) {
            for other in known(Field::Policy) {
                assert!(
                    one.word != other.word || one.test == other.test,
                    "{}",
                    one.word
                );
            }
        }
    }
}
