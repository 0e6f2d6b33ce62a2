//! The built-in catalogue against a reference catalogue, fact by fact. Every difference is found here by looking; the
//! list of those that are known only says of a found one why it is meant.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::declared::{Declared, DeclaredFact};
use super::model::{ReferenceCatalogue, ReferenceFeature};
use crate::baseline::model::{Catalogue, Feature};

/// What two catalogues are compared in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// The title of the control domain.
    #[serde(rename = "family")]
    Family,
    /// The title of the control.
    #[serde(rename = "control title")]
    ControlTitle,
    /// Whether the catalogue has the feature at all. A feature that is there stands for itself with the word that says
    /// whether it is supported.
    #[serde(rename = "feature")]
    Presence,
    /// The control under which the feature stands.
    #[serde(rename = "control")]
    Control,
    /// Whether the service offers the feature.
    #[serde(rename = "supported")]
    Supported,
    /// Whether it is on from the start.
    #[serde(rename = "enabled by default")]
    EnabledByDefault,
    /// Who configures it.
    #[serde(rename = "responsibility")]
    Responsibility,
    /// The kind of guidance.
    #[serde(rename = "kind of guidance")]
    GuidanceKind,
    /// Whether there are feature notes.
    #[serde(rename = "feature notes")]
    Notes,
    /// The title of the page that is referred to.
    #[serde(rename = "reference title")]
    ReferenceTitle,
    /// The address of that page.
    #[serde(rename = "reference address")]
    ReferenceAddress,
}

impl Fact {
    /// The fact in words, as in files and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Family => "family",
            Self::ControlTitle => "control title",
            Self::Presence => "feature",
            Self::Control => "control",
            Self::Supported => "supported",
            Self::EnabledByDefault => "enabled by default",
            Self::Responsibility => "responsibility",
            Self::GuidanceKind => "kind of guidance",
            Self::Notes => "feature notes",
            Self::ReferenceTitle => "reference title",
            Self::ReferenceAddress => "reference address",
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What is not compared, and why.
pub const NOT_COMPARED: [(&str, &str); 3] = [
    (
        "policies and Microsoft Defender",
        "the workbooks have no column of them",
    ),
    (
        "descriptions, guidance and notes as text",
        "those of the built-in catalogue are in our own words; the kind of guidance is compared, and whether there are notes",
    ),
    ("family X", "it is our own, and lies beyond the baseline"),
];

/// One difference, with both values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The control.
    pub control: String,
    /// The feature; `None` for a fact of the control.
    pub feature: Option<String>,
    /// Which fact differs.
    pub fact: Fact,
    /// What the built-in catalogue has; `None` for nothing.
    pub catalogue: Option<String>,
    /// What the workbook has; `None` for nothing.
    pub workbook: Option<String>,
    /// The row of the workbook, counted from 1, where there is one.
    pub row: Option<u32>,
    /// Why it is meant; `None` when it was not expected.
    pub reason: Option<String>,
    /// Where the reason is seen.
    pub source: Option<String>,
}

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// How many facts were compared, one by one.
    pub compared: usize,
    /// The differences: in the order of the built-in catalogue, then the features that only the workbook has.
    pub differences: Vec<Difference>,
    /// Differences that are declared and were not found: here the two agree by now, or the feature is not there.
    pub declared_not_found: Vec<DeclaredFact>,
}

impl Comparison {
    /// The differences that nobody declared.
    pub fn unexpected(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|it| it.reason.is_none())
    }
}

/// Compares the built-in catalogue with a reference. Text is compared without letter case in families only, whose
/// titles Microsoft writes in two ways.
#[must_use]
pub fn compare(
    catalogue: &Catalogue,
    reference: &ReferenceCatalogue,
    declared: &[Declared],
) -> Comparison {
    let mut found = Found::default();
    let mut used = vec![false; reference.features.len()];
    let mut titled: Vec<&str> = Vec::new();
    for feature in catalogue.baseline_features() {
        let Some(place) = counterpart(feature, reference, &used) else {
            found.only(&feature.control, &feature.name, None, |it| {
                it.catalogue = Some(feature.supported.to_string());
            });
            continue;
        };
        used[place] = true;
        let theirs = &reference.features[place];
        if !titled.contains(&feature.control.as_str()) {
            titled.push(&feature.control);
            found.titles(catalogue, feature, theirs);
        }
        found.facts(feature, theirs);
    }
    for (theirs, _) in reference
        .features
        .iter()
        .zip(&used)
        .filter(|(_, used)| !**used)
    {
        let control = theirs.control.as_deref().unwrap_or_default();
        found.only(control, &theirs.name, Some(theirs.row), |it| {
            it.workbook = Some(theirs.supported.to_string());
        });
    }
    found.with_reasons(declared)
}

/// The row that is the feature: under the same control, or else the first of the name that is not taken.
fn counterpart(feature: &Feature, reference: &ReferenceCatalogue, used: &[bool]) -> Option<usize> {
    let same_name = |place: &usize| {
        let theirs = &reference.features[*place];
        !used[*place] && theirs.name.eq_ignore_ascii_case(&feature.name)
    };
    let mut places = (0..reference.features.len()).filter(same_name);
    let first = places.clone().next();
    let same_control = places
        .find(|place| reference.features[*place].control.as_deref() == Some(&feature.control));
    same_control.or(first)
}

#[derive(Default)]
struct Found {
    compared: usize,
    differences: Vec<Difference>,
}

impl Found {
    /// A feature that one of the two does not have.
    fn only(&mut self, control: &str, name: &str, row: Option<u32>, say: impl Fn(&mut Difference)) {
        self.compared += 1;
        let mut difference = Difference {
            control: control.to_owned(),
            feature: Some(name.to_owned()),
            fact: Fact::Presence,
            catalogue: None,
            workbook: None,
            row,
            reason: None,
            source: None,
        };
        say(&mut difference);
        self.differences.push(difference);
    }

    /// What is told of the control, by the first row that stands under it.
    fn titles(&mut self, catalogue: &Catalogue, ours: &Feature, theirs: &ReferenceFeature) {
        let Some(control) = catalogue.control(&ours.control) else {
            return;
        };
        if theirs.control.as_deref() != Some(&control.id) {
            return;
        }
        let family = catalogue.family(control.family).title.as_str();
        let their_family = theirs.family.as_deref().map(|title| {
            if title.eq_ignore_ascii_case(family) {
                family
            } else {
                title
            }
        });
        let mut check = |fact, ours: &str, workbook: Option<&str>| {
            self.check(&control.id, None, theirs.row, fact, Some(ours), workbook);
        };
        check(Fact::Family, family, their_family);
        let their_title = theirs.control_title.as_deref();
        check(Fact::ControlTitle, &control.title, their_title);
    }

    fn facts(&mut self, ours: &Feature, theirs: &ReferenceFeature) {
        self.compared += 1;
        let kind = theirs.guidance_kind();
        let our_reference = ours.reference.as_ref();
        let their_reference = theirs.reference.as_ref();
        let given = |text: &Option<String>| text.as_ref().map(|_| "given");
        let supported = ours.supported.to_string();
        for (fact, catalogue, workbook) in [
            (
                Fact::Control,
                Some(ours.control.as_str()),
                theirs.control.as_deref(),
            ),
            (
                Fact::Supported,
                Some(supported.as_str()),
                Some(theirs.supported.as_str()),
            ),
            (
                Fact::EnabledByDefault,
                Some(ours.enabled_by_default.as_str()),
                Some(theirs.enabled_by_default.as_str()),
            ),
            (
                Fact::Responsibility,
                Some(ours.responsibility.as_str()),
                Some(theirs.responsibility.as_str()),
            ),
            (
                Fact::GuidanceKind,
                Some(ours.guidance_kind.as_str()),
                kind.map(|kind| kind.as_str()),
            ),
            (Fact::Notes, given(&ours.notes), given(&theirs.notes)),
            (
                Fact::ReferenceTitle,
                our_reference.map(|it| it.title.as_str()),
                their_reference.map(|it| it.title.as_str()),
            ),
            (
                Fact::ReferenceAddress,
                our_reference.and_then(|it| it.url.as_deref()),
                their_reference.and_then(|it| it.url.as_deref()),
            ),
        ] {
            let feature = Some(ours.name.as_str());
            self.check(
                &ours.control,
                feature,
                theirs.row,
                fact,
                catalogue,
                workbook,
            );
        }
    }

    fn check(
        &mut self,
        control: &str,
        feature: Option<&str>,
        row: u32,
        fact: Fact,
        catalogue: Option<&str>,
        workbook: Option<&str>,
    ) {
        self.compared += 1;
        if catalogue != workbook {
            self.differences.push(Difference {
                control: control.to_owned(),
                feature: feature.map(str::to_owned),
                fact,
                catalogue: catalogue.map(str::to_owned),
                workbook: workbook.map(str::to_owned),
                row: Some(row),
                reason: None,
                source: None,
            });
        }
    }

    fn with_reasons(self, declared: &[Declared]) -> Comparison {
        let Self {
            compared,
            mut differences,
        } = self;
        let mut declared_not_found = Vec::new();
        for entry in declared {
            for fact in &entry.facts {
                let found = differences.iter_mut().find(|it| {
                    it.reason.is_none()
                        && it.fact == fact.fact
                        && it.control == fact.control
                        && it.feature == fact.feature
                        && it.catalogue == fact.catalogue
                        && it.workbook == fact.workbook
                });
                match found {
                    Some(difference) => {
                        difference.reason = Some(entry.reason.clone());
                        difference.source = Some(entry.source.clone());
                    }
                    None => declared_not_found.push(fact.clone()),
                }
            }
        }
        Comparison {
            compared,
            differences,
            declared_not_found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::catalogue;
    use crate::baseline::model::Reference;
    use crate::baseline::words::{
        EnabledByDefault, GuidanceKind, Responsibility, Support, WorkbookWord,
    };

    /// A workbook that says what the built-in catalogue says.
    fn same() -> ReferenceCatalogue {
        let catalogue = catalogue();
        let features = catalogue.baseline_features().zip(2..).map(|(it, row)| {
            let control = catalogue.control(&it.control).expect("its control");
            ReferenceFeature {
                row,
                family: Some(catalogue.family(control.family).title.to_uppercase()),
                control: Some(it.control.clone()),
                control_title: Some(control.title.clone()),
                name: it.name.clone(),
                description: None,
                supported: match it.supported {
                    Support::Supported => WorkbookWord::True,
                    Support::NotSupported => WorkbookWord::False,
                },
                enabled_by_default: match it.enabled_by_default {
                    EnabledByDefault::True => WorkbookWord::True,
                    EnabledByDefault::False => WorkbookWord::False,
                    EnabledByDefault::NotApplicable => WorkbookWord::NotApplicable,
                },
                responsibility: it.responsibility,
                guidance: Some(
                    match it.guidance_kind {
                        GuidanceKind::NotSupported => "This feature is not supported here.",
                        GuidanceKind::NoAdditionalConfiguration => {
                            "No additional configurations are required here."
                        }
                        GuidanceKind::OwnDecision => "There is no current Microsoft guidance here.",
                        GuidanceKind::CustomerAction | GuidanceKind::SharedAction => {
                            "Do something."
                        }
                    }
                    .to_owned(),
                ),
                guidance_notes: None,
                notes: it.notes.as_ref().map(|_| "Mind this.".to_owned()),
                reference: it.reference.clone(),
            }
        });
        ReferenceCatalogue {
            name: "same".to_owned(),
            service: "same".to_owned(),
            benchmark: None,
            file: "same.xlsx".to_owned(),
            profile: Vec::new(),
            features: features.collect(),
            columns_left_out: Vec::new(),
        }
    }

    fn differences(reference: &ReferenceCatalogue) -> Vec<Difference> {
        compare(catalogue(), reference, &[]).differences
    }

    #[test]
    fn a_workbook_that_says_the_same_differs_in_nothing() {
        let found = compare(catalogue(), &same(), &[]);
        assert_eq!(found.differences, []);
        // 25 features with presence and 8 facts, 20 controls with family and title.
        assert_eq!(found.compared, 25 * 9 + 20 * 2);
    }

    #[test]
    fn every_fact_that_is_changed_is_found_alone_and_with_both_values() {
        type Change = (Fact, fn(&mut ReferenceFeature));
        let changes: [Change; 9] = [
            (Fact::Family, |it| it.family = Some("Other".to_owned())),
            (Fact::ControlTitle, |it| it.control_title = None),
            (Fact::Supported, |it| {
                it.supported = WorkbookWord::NoRelatedFeature
            }),
            (Fact::EnabledByDefault, |it| {
                it.enabled_by_default = WorkbookWord::True
            }),
            (Fact::GuidanceKind, |it| {
                it.guidance = Some("This feature is not applicable here.".to_owned());
            }),
            (Fact::Notes, |it| it.notes = Some("Mind this.".to_owned())),
            (Fact::ReferenceTitle, |it| {
                let url = it.reference.take().and_then(|it| it.url);
                it.reference = Some(Reference {
                    title: "Other".to_owned(),
                    url,
                });
            }),
            (Fact::ReferenceAddress, |it| {
                let title = it.reference.take().map_or_else(String::new, |it| it.title);
                it.reference = Some(Reference { title, url: None });
            }),
            (Fact::Control, |it| it.control = Some("NS-9".to_owned())),
        ];
        for (fact, change) in changes {
            let mut reference = same();
            // The first of its control, so that the control's titles are read from it.
            change(&mut reference.features[0]);
            let found = differences(&reference);
            assert_eq!(found.len(), 1, "{fact}: {found:?}");
            assert_eq!(found[0].fact, fact);
            assert_ne!(found[0].catalogue, found[0].workbook);
            assert_eq!(found[0].row, Some(2), "{fact}");
        }
        let mut reference = same();
        reference.features[0].responsibility = Responsibility::Shared;
        let facts: Vec<Fact> = differences(&reference).iter().map(|it| it.fact).collect();
        assert_eq!(facts, [Fact::Responsibility, Fact::GuidanceKind]);
    }

    #[test]
    fn what_only_one_of_them_has_is_found_and_so_is_a_second_row() {
        let mut reference = same();
        let gone = reference.features.remove(3);
        let mut again = reference.features[0].clone();
        again.row = 99;
        reference.features.push(again);
        let found = differences(&reference);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].feature.as_ref(), Some(&gone.name));
        assert_eq!(
            (found[0].catalogue.as_deref(), &found[0].workbook),
            (Some("True"), &None)
        );
        assert_eq!((found[1].row, &found[1].catalogue), (Some(99), &None));
    }

    #[test]
    fn a_declared_difference_is_expected_only_with_both_its_values() {
        let mut reference = same();
        reference.features[0].supported = WorkbookWord::False;
        let declare = |workbook: &str| Declared {
            reason: "because".to_owned(),
            source: "there".to_owned(),
            facts: vec![DeclaredFact {
                control: "NS-1".to_owned(),
                feature: Some(reference.features[0].name.clone()),
                fact: Fact::Supported,
                catalogue: Some("True".to_owned()),
                workbook: Some(workbook.to_owned()),
            }],
        };
        let known = compare(catalogue(), &reference, &[declare("False")]);
        assert_eq!(known.unexpected().count(), 0);
        assert_eq!(known.differences[0].reason.as_deref(), Some("because"));
        assert_eq!(known.declared_not_found, []);
        let other = compare(catalogue(), &reference, &[declare("Not Applicable")]);
        assert_eq!(other.unexpected().count(), 1);
        assert_eq!(other.declared_not_found.len(), 1);
    }
}
