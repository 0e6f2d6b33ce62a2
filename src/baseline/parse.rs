//! From TOML to a [`Catalogue`] whose parts agree with each other, or an error that names file and line.

mod entry;
mod policies;

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use self::entry::{CrosswalkEntry, FamilyEntry, FeatureEntry, ReferenceEntry};
use self::policies::parse_policies;
use super::feature_id::FeatureId;
use super::model::{
    Catalogue, Control, Crosswalk, Family, Feature, Guidance, PlatformNote, Reference,
};
use super::place::FamilyCode;
use super::words::{EnabledByDefault, GuidanceKind, Responsibility, Support};

/// The one file that holds policies; every other file is a family.
const POLICIES_FILE: &str = "policies.toml";

/// What is wrong with the catalogue's data, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct CatalogueError {
    /// The name of the file, as it was given.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// Parses the files of a catalogue, given as name and text, and checks them against each other.
///
/// The file named `policies.toml` holds the policies; every other one holds a family with its controls
/// and features.
///
/// # Errors
///
/// When a file is no TOML of the expected form (an unknown key included), or when the parts do not agree:
/// a family, control or feature that is missing, given twice or in the wrong place; a GUID that is
/// malformed, given twice or unknown; a policy whose target, origins and groups contradict each other; a
/// missing crosswalk. The first thing found is reported.
pub fn parse(files: &[(&str, &str)]) -> Result<Catalogue, CatalogueError> {
    let (policy_source, policies) = parse_policies(files)?;
    let mut families: [Option<FamilyPart>; FamilyCode::ALL.len()] = Default::default();
    for &(name, text) in files.iter().filter(|(name, _)| *name != POLICIES_FILE) {
        let file = SourceFile { name, text };
        let entry: FamilyEntry = file.parse()?;
        let place = &mut families[entry.code.get_ref().index()];
        if let Some(first) = place {
            let message = format!(
                "the family {} was already given by {}",
                entry.code.get_ref(),
                first.file.name
            );
            return Err(file.error(&entry.code.span(), message));
        }
        *place = Some(FamilyPart { file, entry });
    }

    let mut catalogue = Catalogue {
        families: Vec::new(),
        controls: Vec::new(),
        features: Vec::new(),
        policies,
        policy_source,
    };
    for (code, part) in FamilyCode::ALL.into_iter().zip(families) {
        let Some(part) = part else {
            let file = format!("{}.toml", code.code().to_ascii_lowercase());
            return Err(CatalogueError {
                file,
                line: 1,
                message: format!("the family {code} is missing"),
            });
        };
        add_family(&mut catalogue, part)?;
    }
    Ok(catalogue)
}

/// One file, so that errors can name it.
#[derive(Clone, Copy)]
struct SourceFile<'a> {
    name: &'a str,
    text: &'a str,
}

impl SourceFile<'_> {
    fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, CatalogueError> {
        toml::from_str(self.text)
            .map_err(|error| self.error(&error.span().unwrap_or_default(), error.message()))
    }

    fn error(&self, span: &Range<usize>, message: impl Into<String>) -> CatalogueError {
        let before = self.text.as_bytes().iter().take(span.start);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        CatalogueError {
            file: self.name.to_owned(),
            line,
            message: message.into(),
        }
    }
}

struct FamilyPart<'a> {
    file: SourceFile<'a>,
    entry: FamilyEntry,
}

fn add_family(catalogue: &mut Catalogue, part: FamilyPart<'_>) -> Result<(), CatalogueError> {
    let FamilyPart { file, entry } = part;
    let code = *entry.code.get_ref();
    if *entry.order.get_ref() != code.index() + 1 {
        return Err(file.error(
            &entry.order.span(),
            format!("the family {code} has the order {}", code.index() + 1),
        ));
    }
    let mut features: Vec<Feature> = Vec::new();
    let mut controls: Vec<(Control, Range<usize>)> = Vec::new();
    for control in entry.control {
        let id = control.id.get_ref();
        if !FeatureId::ALL
            .iter()
            .any(|feature| feature.family() == code && feature.control() == id)
        {
            return Err(file.error(
                &control.id.span(),
                format!("{id} is not a control of the family {code}"),
            ));
        }
        if controls.iter().any(|(known, _)| known.id == *id) {
            return Err(file.error(
                &control.id.span(),
                format!("the control {id} is given twice"),
            ));
        }
        for feature in control.feature {
            let span = feature.id.span();
            let feature = check_feature(catalogue, &file, id, feature)?;
            if features.iter().any(|known| known.id == feature.id) {
                return Err(file.error(
                    &span,
                    format!("the feature `{}` is given twice", feature.id),
                ));
            }
            features.push(feature);
        }
        let span = control.id.span();
        let crosswalk = check_crosswalk(&file, code, id, control.crosswalk)?;
        let id = control.id.into_inner();
        controls.push((
            Control {
                id,
                family: code,
                title: control.title.0,
                crosswalk,
            },
            span,
        ));
    }
    for feature in FeatureId::ALL
        .into_iter()
        .filter(|feature| feature.family() == code)
    {
        if !features.iter().any(|known| known.id == feature) {
            let control = controls
                .iter()
                .find(|(control, _)| control.id == feature.control());
            let span = control.map_or_else(|| entry.code.span(), |(_, span)| span.clone());
            let message = format!(
                "the feature `{feature}` of {} is missing",
                feature.control()
            );
            return Err(file.error(&span, message));
        }
    }
    features.sort_by_key(|feature| feature.id);
    let first_feature = |control: &Control| {
        features
            .iter()
            .find(|feature| feature.control == control.id)
            .map(|f| f.id)
    };
    controls.sort_by_key(|(control, _)| first_feature(control));
    let (title, summary, source) = (entry.title.0, entry.summary.0, entry.source.0);
    catalogue.families.push(Family {
        code,
        title,
        summary,
        source,
    });
    catalogue
        .controls
        .extend(controls.into_iter().map(|(control, _)| control));
    catalogue.features.extend(features);
    Ok(())
}

fn check_crosswalk(
    file: &SourceFile<'_>,
    family: FamilyCode,
    control: &str,
    entry: Spanned<CrosswalkEntry>,
) -> Result<Crosswalk, CatalogueError> {
    let span = entry.span();
    let entry = entry.into_inner();
    if entry.nist_sp800_53_r4.is_empty() == family.is_baseline() {
        return Err(file.error(
            &span,
            format!(
                "{control}: every control of the baseline has a NIST SP 800-53 identifier, and none of family X"
            ),
        ));
    }
    if (entry.benchmark_control == control) != entry.note.is_none() {
        let message =
            format!("{control}: a note must say why another control's row is used, and only then");
        return Err(file.error(&span, message));
    }
    Ok(Crosswalk {
        benchmark_control: entry.benchmark_control,
        cis_v7_1: entry.cis_v7_1,
        cis_v8: entry.cis_v8,
        nist_sp800_53_r4: entry.nist_sp800_53_r4,
        pci_dss_v3_2_1: entry.pci_dss_v3_2_1,
        note: entry.note.map(|note| note.0),
    })
}

fn check_feature(
    catalogue: &Catalogue,
    file: &SourceFile<'_>,
    control: &str,
    entry: FeatureEntry,
) -> Result<Feature, CatalogueError> {
    let id = *entry.id.get_ref();
    if id.control() != control {
        return Err(file.error(
            &entry.id.span(),
            format!("the feature `{id}` belongs to {}", id.control()),
        ));
    }
    let supported = *entry.supported.get_ref();
    let without_facts = entry.enabled_by_default == EnabledByDefault::NotApplicable
        && entry.responsibility == Responsibility::NotApplicable
        && entry.guidance_kind == GuidanceKind::NotSupported;
    let with_facts = entry.enabled_by_default != EnabledByDefault::NotApplicable
        && entry.responsibility != Responsibility::NotApplicable
        && entry.guidance_kind != GuidanceKind::NotSupported;
    if !(if supported == Support::Supported {
        with_facts
    } else {
        without_facts
    }) {
        let message =
            format!("`{id}`: default, responsibility and kind of guidance do not fit `supported`");
        return Err(file.error(&entry.supported.span(), message));
    }
    let mut policies: Vec<String> = Vec::new();
    for guid in entry.policies {
        if catalogue.policy(guid.get_ref()).is_none() {
            return Err(file.error(
                &guid.span(),
                format!("`{id}` names a policy that {POLICIES_FILE} does not have"),
            ));
        }
        if policies.contains(guid.get_ref()) {
            return Err(file.error(
                &guid.span(),
                format!("`{id}` names the policy {} twice", guid.get_ref()),
            ));
        }
        policies.push(guid.into_inner());
    }
    Ok(Feature {
        id,
        control: control.to_owned(),
        name: entry.name.0,
        supported,
        enabled_by_default: entry.enabled_by_default,
        responsibility: entry.responsibility,
        guidance_kind: entry.guidance_kind,
        description: entry.description.0,
        guidance: Guidance {
            meaning: entry.guidance.meaning.0,
            action: entry.guidance.action.0,
            impact: entry.guidance.impact.0,
        },
        notes: entry.notes.map(|notes| notes.0),
        reference: entry
            .reference
            .map(|reference| check_reference(file, reference))
            .transpose()?,
        platform_note: entry.platform_note.map(|note| PlatformNote {
            text: note.text.0,
            source: note.source.0,
        }),
        policies,
        source: entry.source.0,
    })
}

fn check_reference(
    file: &SourceFile<'_>,
    entry: ReferenceEntry,
) -> Result<Reference, CatalogueError> {
    if let Some(url) = &entry.url
        && !url.get_ref().starts_with("https://")
    {
        return Err(file.error(&url.span(), "a reference must be an https address"));
    }
    Ok(Reference {
        title: entry.title.0,
        url: entry.url.map(Spanned::into_inner),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::EMBEDDED;

    #[test]
    fn the_embedded_files_parse() {
        let catalogue = parse(&EMBEDDED).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(catalogue.features().len(), FeatureId::ALL.len());
        for (position, feature) in catalogue.features().iter().enumerate() {
            assert_eq!(feature.id.index(), position);
        }
    }
}
