//! The catalogue as one JSON object, nested as the baseline is: family, control, feature.

use std::io::Write;

use serde::Serialize;

use crate::baseline::reference::ReferenceCatalogue;
use crate::baseline::{
    BASELINE_TITLE, BENCHMARK, Catalogue, Control, Family, Feature, Policy, PolicyCoverage,
};
use crate::report::{DocumentKind, write_document};

#[derive(Serialize)]
struct CatalogueExport<'a> {
    baseline: &'static str,
    benchmark: &'static str,
    families: Vec<FamilyExport<'a>>,
    policies: &'a [Policy],
    policy_source: &'a str,
}

#[derive(Serialize)]
struct FamilyExport<'a> {
    #[serde(flatten)]
    family: &'a Family,
    controls: Vec<ControlExport<'a>>,
}

#[derive(Serialize)]
struct ControlExport<'a> {
    #[serde(flatten)]
    control: &'a Control,
    features: Vec<FeatureExport<'a>>,
}

#[derive(Serialize)]
struct FeatureExport<'a> {
    #[serde(flatten)]
    feature: &'a Feature,
    policy_coverage: PolicyCoverage,
    blind_spot: bool,
}

impl<'a> FamilyExport<'a> {
    fn new(catalogue: &'a Catalogue, family: &'a Family) -> Self {
        let controls = catalogue.controls_of_family(family.code);
        Self {
            family,
            controls: controls
                .map(|control| ControlExport::new(catalogue, control))
                .collect(),
        }
    }
}

impl<'a> ControlExport<'a> {
    fn new(catalogue: &'a Catalogue, control: &'a Control) -> Self {
        let features = catalogue.features_of_control(&control.id);
        Self {
            control,
            features: features
                .map(|feature| FeatureExport::new(catalogue, feature))
                .collect(),
        }
    }
}

impl<'a> FeatureExport<'a> {
    fn new(catalogue: &'a Catalogue, feature: &'a Feature) -> Self {
        let policy_coverage = feature.policy_coverage(catalogue);
        Self {
            feature,
            policy_coverage,
            blind_spot: policy_coverage.is_blind_spot(),
        }
    }
}

/// Writes the catalogue, indented, with a line break at the end.
pub(super) fn json(catalogue: &Catalogue, out: &mut impl Write) -> anyhow::Result<()> {
    let export = CatalogueExport {
        baseline: BASELINE_TITLE,
        benchmark: BENCHMARK,
        families: catalogue
            .families()
            .iter()
            .map(|family| FamilyExport::new(catalogue, family))
            .collect(),
        policies: catalogue.policies(),
        policy_source: catalogue.policy_source(),
    };
    write_document(out, DocumentKind::Baseline, &export)?;
    Ok(())
}

/// Writes a reference catalogue, indented, with a line break at the end.
pub(super) fn reference(
    catalogue: &ReferenceCatalogue,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    write_document(out, DocumentKind::Reference, catalogue)?;
    Ok(())
}
