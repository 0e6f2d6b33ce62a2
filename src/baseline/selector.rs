//! A part of the catalogue that somebody names: a family, a control or a feature.

use std::fmt;
use std::str::FromStr;

use super::{FamilyCode, FeatureId};

/// A family, a control or a feature. They are written as `NS`, `NS-2` and `private-link`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// All features of a family.
    Family(FamilyCode),
    /// All features of a control.
    Control(&'static str),
    /// One feature.
    Feature(FeatureId),
}

impl Selector {
    /// Whether a feature is meant.
    #[must_use]
    pub fn means(self, feature: FeatureId) -> bool {
        match self {
            Self::Family(family) => feature.family() == family,
            Self::Control(control) => feature.control() == control,
            Self::Feature(one) => feature == one,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Family(family) => f.write_str(family.code()),
            Self::Control(control) => f.write_str(control),
            Self::Feature(feature) => f.write_str(feature.slug()),
        }
    }
}

/// A word that names no part of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no family, control or feature: give for example NS, NS-2 or private-link; `flexposture baseline` lists them"
)]
pub struct UnknownSelector(String);

impl FromStr for Selector {
    type Err = UnknownSelector;

    /// Case is of no matter.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let families = FamilyCode::ALL.into_iter().map(Self::Family);
        let controls = FeatureId::ALL.map(|it| Self::Control(it.control()));
        let features = FeatureId::ALL.map(Self::Feature);
        families
            .chain(controls)
            .chain(features)
            .find(|it| it.to_string().eq_ignore_ascii_case(word))
            .ok_or_else(|| UnknownSelector(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_any_case_lead_to_the_features_that_they_mean() {
        let meant = |word: &str| {
            let selector: Selector = word.parse().unwrap();
            assert_eq!(selector.to_string().parse(), Ok(selector));
            FeatureId::ALL
                .into_iter()
                .filter(|it| selector.means(*it))
                .collect::<Vec<_>>()
        };
        assert_eq!(meant("ns").len(), 4);
        assert_eq!(
            meant("NS-2"),
            [FeatureId::PrivateLink, FeatureId::PublicNetworkAccess]
        );
        assert_eq!(meant("Private-Link"), [FeatureId::PrivateLink]);
        assert!("NS-9".parse::<Selector>().is_err());
        assert!("".parse::<Selector>().is_err());
    }
}
