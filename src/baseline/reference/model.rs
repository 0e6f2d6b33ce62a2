//! A reference catalogue and its parts.

use serde::{Deserialize, Serialize};

use crate::baseline::model::Reference;
use crate::baseline::words::{GuidanceKind, Responsibility, WorkbookWord};

/// The baseline of one service, as a workbook has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceCatalogue {
    /// What it is called here: small letters, digits and hyphens.
    pub name: String,
    /// The service in words, as the file's name has it: the workbook itself does not name it.
    pub service: String,
    /// The benchmark that is applied, as the file's name has it; `None` when it does not say.
    pub benchmark: Option<String>,
    /// The name of the file that it was read from.
    pub file: String,
    /// The sheet `Security Profile`; empty when the workbook has none.
    pub profile: Vec<ProfileAttribute>,
    /// The rows of the sheet `Feature Summary`, ordered by control and then as they stand in the sheet.
    pub features: Vec<ReferenceFeature>,
    /// Headers of columns that are not in the known layout, and whose cells were left out.
    pub columns_left_out: Vec<String>,
}

/// A row of the sheet `Security Profile`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileAttribute {
    /// What is told of the service.
    pub attribute: String,
    /// What that means.
    pub description: Option<String>,
    /// How it is.
    pub value: Option<String>,
}

/// A row of the sheet `Feature Summary`. Text is Microsoft's own; paragraphs are separated by an empty line. What the
/// workbook leaves empty, or fills with the word `None`, is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceFeature {
    /// The row in the sheet, counted from 1. Some workbooks have a feature twice under one control: only the row tells
    /// them apart.
    pub row: u32,
    /// The control domain.
    pub family: Option<String>,
    /// The control, such as `NS-1`.
    pub control: Option<String>,
    /// The control's title.
    pub control_title: Option<String>,
    /// The name.
    pub name: String,
    /// What the feature is.
    pub description: Option<String>,
    /// Whether the service offers it.
    pub supported: WorkbookWord,
    /// Whether it is on from the start.
    pub enabled_by_default: WorkbookWord,
    /// Who configures it.
    pub responsibility: Responsibility,
    /// What to do.
    pub guidance: Option<String>,
    /// What else there is to know about the guidance.
    pub guidance_notes: Option<String>,
    /// What else there is to know about the feature.
    pub notes: Option<String>,
    /// The page that is referred to.
    pub reference: Option<Reference>,
}

impl ReferenceCatalogue {
    /// How many controls have a row. Rows without a control are not counted.
    #[must_use]
    pub fn controls(&self) -> usize {
        let mut ids: Vec<&str> = self
            .features
            .iter()
            .filter_map(|feature| feature.control.as_deref())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.len()
    }

    /// The features that a text names, ignoring letter case and space around it: by the two letters of a family or its
    /// title, by the identifier or title of a control, or by the name of the feature. Empty when nothing has that name.
    #[must_use]
    pub fn named(&self, text: &str) -> Vec<&ReferenceFeature> {
        let text = text.trim();
        let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(text));
        self.features
            .iter()
            .filter(|feature| {
                let control = feature.control.as_deref();
                let letters = control.and_then(|id| id.split_once('-')).map(|(it, _)| it);
                [
                    Some(feature.name.as_str()),
                    control,
                    letters,
                    feature.control_title.as_deref(),
                    feature.family.as_deref(),
                ]
                .into_iter()
                .any(is)
            })
            .collect()
    }
}

impl ReferenceFeature {
    /// The kind of its guidance. The workbooks use one sentence each for the kinds without an action; `None` is a kind
    /// that the built-in catalogue does not have, such as that of a feature that is not applicable.
    #[must_use]
    pub fn guidance_kind(&self) -> Option<GuidanceKind> {
        let text = self.guidance.as_deref().unwrap_or_default();
        let begins = |start: &str| {
            text.get(..start.len())
                .is_some_and(|it| it.eq_ignore_ascii_case(start))
        };
        if begins("This feature is not supported") {
            Some(GuidanceKind::NotSupported)
        } else if begins("This feature is not applicable") {
            None
        } else if begins("No additional configurations are required") {
            Some(GuidanceKind::NoAdditionalConfiguration)
        } else if begins("There is no current Microsoft guidance") {
            Some(GuidanceKind::OwnDecision)
        } else {
            match self.responsibility {
                Responsibility::Customer => Some(GuidanceKind::CustomerAction),
                Responsibility::Shared => Some(GuidanceKind::SharedAction),
                Responsibility::Microsoft | Responsibility::NotApplicable => None,
            }
        }
    }
}
