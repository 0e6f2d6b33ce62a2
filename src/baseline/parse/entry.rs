//! The catalogue's files as they are written: every key known, every text filled, every checked value
//! with its place.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use crate::baseline::feature_id::FeatureId;
use crate::baseline::place::FamilyCode;
use crate::baseline::words::{
    Effect, EnabledByDefault, GuidanceKind, Origin, Responsibility, Support,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FamilyEntry {
    pub(super) code: Spanned<FamilyCode>,
    pub(super) title: Prose,
    pub(super) order: Spanned<usize>,
    pub(super) summary: Prose,
    pub(super) source: Prose,
    pub(super) control: Vec<ControlEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ControlEntry {
    pub(super) id: Spanned<String>,
    pub(super) title: Prose,
    pub(super) crosswalk: Spanned<CrosswalkEntry>,
    pub(super) feature: Vec<FeatureEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrosswalkEntry {
    pub(super) benchmark_control: String,
    pub(super) cis_v7_1: Vec<String>,
    pub(super) cis_v8: Vec<String>,
    pub(super) nist_sp800_53_r4: Vec<String>,
    pub(super) pci_dss_v3_2_1: Vec<String>,
    pub(super) note: Option<Prose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FeatureEntry {
    pub(super) id: Spanned<FeatureId>,
    pub(super) name: Prose,
    pub(super) supported: Spanned<Support>,
    pub(super) enabled_by_default: EnabledByDefault,
    pub(super) responsibility: Responsibility,
    pub(super) guidance_kind: GuidanceKind,
    pub(super) description: Prose,
    pub(super) guidance: GuidanceEntry,
    pub(super) notes: Option<Prose>,
    pub(super) reference: Option<ReferenceEntry>,
    pub(super) platform_note: Option<PlatformNoteEntry>,
    pub(super) policies: Vec<Spanned<String>>,
    pub(super) source: Prose,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuidanceEntry {
    pub(super) meaning: Prose,
    pub(super) action: Prose,
    pub(super) impact: Prose,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceEntry {
    pub(super) title: Prose,
    pub(super) url: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlatformNoteEntry {
    pub(super) text: Prose,
    pub(super) source: Prose,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFileEntry {
    pub(super) source: Prose,
    pub(super) policy: Vec<PolicyEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyEntry {
    pub(super) guid: Spanned<String>,
    pub(super) name: Prose,
    pub(super) version: String,
    pub(super) effects: Spanned<Vec<Effect>>,
    pub(super) target_type: Spanned<String>,
    pub(super) targets_flexible: Spanned<bool>,
    pub(super) origins: Spanned<Vec<Origin>>,
    pub(super) groups: PolicyGroupsEntry,
    pub(super) initiatives: usize,
    pub(super) rule: Prose,
    pub(super) note: Option<Prose>,
    pub(super) file: Prose,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyGroupsEntry {
    pub(super) mcsb_v1: Vec<String>,
    pub(super) mcsb_v1_government: Vec<String>,
    pub(super) mcsb_v2_preview: Vec<String>,
}

/// Text for people: lines of a paragraph are joined, an empty line separates paragraphs, an empty text is
/// an error.
pub(super) struct Prose(pub(super) String);

impl<'de> Deserialize<'de> for Prose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut paragraphs: Vec<String> = Vec::new();
        let mut open = false;
        for line in text.lines().map(str::trim) {
            if line.is_empty() {
                open = false;
            } else if open && let Some(paragraph) = paragraphs.last_mut() {
                paragraph.push(' ');
                paragraph.push_str(line);
            } else {
                paragraphs.push(line.to_owned());
                open = true;
            }
        }
        if paragraphs.is_empty() {
            return Err(D::Error::custom("a text must not be empty"));
        }
        Ok(Self(paragraphs.join("\n\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_joins_lines_and_keeps_paragraphs() {
        #[derive(Deserialize)]
        struct Text {
            text: Prose,
        }
        let read = |source: &str| toml::from_str::<Text>(source).map(|text| text.text.0);
        let joined = read("text = \"\"\"\n  one\n  two\n\n\n  three\n\"\"\"").expect("prose");
        assert_eq!(joined, "one two\n\nthree");
        assert!(read("text = \"  \"").is_err());
    }
}
