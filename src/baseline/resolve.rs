//! From what a person types to the part of the catalogue that is meant.

use super::model::{Catalogue, Control, Family, Feature, Policy};
use super::place::FamilyCode;

/// A part of the catalogue that can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A family.
    Family(&'a Family),
    /// A control.
    Control(&'a Control),
    /// A feature.
    Feature(&'a Feature),
    /// A policy.
    Policy(&'a Policy),
}

/// A name that the catalogue does not have, with the nearest ones that it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the baseline has no family, control, feature or policy called `{asked}`. Nearest: {}. \
     `flexposture baseline list` shows all of them",
    nearest.join(", ")
)]
pub struct NotInCatalogue {
    /// What was asked for.
    pub asked: String,
    /// The nearest names, best first.
    pub nearest: Vec<String>,
}

/// How many names an error offers.
const NEAREST: usize = 3;

/// The shortest beginning of a GUID that is taken for the whole.
const GUID_PREFIX: usize = 8;

impl Catalogue {
    /// The part of the catalogue that a text names, ignoring letter case and space around it: a family by
    /// code or title, a control by identifier or title, a feature by name or slug, a policy by GUID (its
    /// first 8 digits suffice) or display name.
    ///
    /// # Errors
    ///
    /// When nothing has that name.
    pub fn resolve(&self, text: &str) -> Result<Subject<'_>, NotInCatalogue> {
        let text = text.trim();
        let is = |name: &str| name.eq_ignore_ascii_case(text);
        let is_guid = |guid: &str| {
            text.len() >= GUID_PREFIX
                && guid
                    .get(..text.len())
                    .is_some_and(|prefix| prefix.eq_ignore_ascii_case(text))
        };
        if let Some(code) = FamilyCode::ALL.into_iter().find(|code| is(code.code())) {
            return Ok(Subject::Family(self.family(code)));
        }
        let family = || {
            self.families
                .iter()
                .find(|family| is(&family.title))
                .map(Subject::Family)
        };
        let control = || {
            self.controls
                .iter()
                // Beyond the baseline a control and its one feature have one title, which means the feature.
                .find(|c| is(&c.id) || (c.family.is_baseline() && is(&c.title)))
                .map(Subject::Control)
        };
        let feature = || {
            self.features
                .iter()
                .find(|f| is(f.id.slug()) || is(&f.name))
                .map(Subject::Feature)
        };
        let policy = || {
            self.policies
                .iter()
                .find(|p| is_guid(&p.guid) || is(&p.name))
                .map(Subject::Policy)
        };
        control()
            .or_else(feature)
            .or_else(policy)
            .or_else(family)
            .ok_or_else(|| NotInCatalogue {
                asked: text.to_owned(),
                nearest: self.nearest(text),
            })
    }

    /// The names most like a text: those that contain it first, then by similarity.
    fn nearest(&self, text: &str) -> Vec<String> {
        let text = text.to_lowercase();
        let families = self
            .families
            .iter()
            .map(|family| (family.code.code(), family.title.as_str()));
        let controls = self
            .controls
            .iter()
            .map(|control| (control.id.as_str(), control.title.as_str()));
        let features = self
            .features
            .iter()
            .map(|feature| (feature.id.slug(), feature.name.as_str()));
        let mut scored: Vec<(f64, &str)> = families
            .chain(controls)
            .chain(features)
            .map(|(short, long)| (likeness(&text, short).max(likeness(&text, long)), short))
            .collect();
        scored.sort_by(|(left, _), (right, _)| right.total_cmp(left));
        scored
            .into_iter()
            .take(NEAREST)
            .map(|(_, short)| short.to_owned())
            .collect()
    }
}

/// Above 1 when the name contains the text, the more the closer their lengths are; else from 0 to 1.
fn likeness(text: &str, name: &str) -> f64 {
    let name = name.to_lowercase();
    let similarity = strsim::jaro_winkler(text, &name);
    if !text.is_empty() && name.contains(text) {
        1.0 + similarity
    } else {
        similarity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::{FeatureId, catalogue};

    #[test]
    fn every_name_leads_to_its_own_part() {
        let catalogue = catalogue();
        for family in catalogue.families() {
            assert_eq!(
                catalogue.resolve(&family.code.code().to_lowercase()),
                Ok(Subject::Family(family))
            );
            assert_eq!(
                catalogue.resolve(&family.title),
                Ok(Subject::Family(family))
            );
        }
        for control in catalogue.controls() {
            assert_eq!(
                catalogue.resolve(&control.id.to_lowercase()),
                Ok(Subject::Control(control))
            );
            if control.family.is_baseline() {
                assert_eq!(
                    catalogue.resolve(&control.title),
                    Ok(Subject::Control(control))
                );
            }
        }
        for feature in catalogue.features() {
            assert_eq!(
                catalogue.resolve(&feature.name.to_uppercase()),
                Ok(Subject::Feature(feature))
            );
            assert_eq!(
                catalogue.resolve(feature.id.slug()),
                Ok(Subject::Feature(feature))
            );
        }
        for policy in catalogue.policies() {
            assert_eq!(
                catalogue.resolve(&policy.guid.to_uppercase()),
                Ok(Subject::Policy(policy))
            );
            assert_eq!(
                catalogue.resolve(&policy.guid[..8]),
                Ok(Subject::Policy(policy))
            );
            assert_eq!(catalogue.resolve(&policy.name), Ok(Subject::Policy(policy)));
        }
    }

    #[test]
    fn an_unknown_name_offers_the_nearest() {
        let nearest = |text: &str| catalogue().resolve(text).expect_err("no such name").nearest;
        assert_eq!(nearest("lockbox")[0], FeatureId::CustomerLockbox.slug());
        assert_eq!(
            nearest("costumer lokbox")[0],
            FeatureId::CustomerLockbox.slug()
        );
        assert!(nearest("NS-3").iter().any(|name| name == "NS-1"));
        let error = catalogue().resolve("NS-3").expect_err("no such control");
        assert!(error.to_string().contains("NS-3"));
    }

    #[test]
    fn odd_texts_are_unknown_and_never_panic() {
        for text in [
            "",
            " ",
            "ß",
            "\u{202e}",
            "c929921",
            "c9299215-xxxx",
            "日本語日本語",
        ] {
            assert!(catalogue().resolve(text).is_err(), "{text:?}");
        }
    }
}
