//! The names of all conditions, for those who name one in a file.

use crate::baseline::FeatureId;

use super::ConditionId;
use super::checks::rules_of;

/// The name of every condition, in the order of the features in which they stand. One that stands in several features
/// is named once.
#[must_use]
pub fn conditions() -> Vec<ConditionId> {
    let mut names = Vec::new();
    for rule in FeatureId::ALL.into_iter().flat_map(rules_of) {
        if !names.contains(&rule.id) {
            names.push(rule.id);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_of_several_features_is_named_once() {
        let names = conditions();
        let count = |name| names.iter().filter(|it| **it == name).count();
        // In IM-1 and in IM-7.
        assert_eq!(count("entra-admin"), 1);
        assert_eq!((count("fw-azure"), count("geo-key-enabled")), (1, 1));
    }
}
