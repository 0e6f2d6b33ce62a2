//! The differences between the built-in catalogue and the workbook of its service that are known and meant, as data
//! with reason and source.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::compare::Fact;

const FILE: &str = include_str!("../../../assets/baseline/workbook.toml");

static DECLARED: LazyLock<Vec<Declared>> = LazyLock::new(|| {
    parse(FILE)
        .unwrap_or_else(|error| panic!("the built-in list of differences is damaged: {error}"))
});

/// Differences with one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Why the catalogue says something else than the workbook.
    pub reason: String,
    /// Where that is seen.
    pub source: String,
    /// The facts that differ.
    #[serde(rename(deserialize = "fact"))]
    pub facts: Vec<DeclaredFact>,
}

/// One difference that is known and meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredFact {
    /// The control.
    pub control: String,
    /// The feature; `None` for a fact of the control.
    pub feature: Option<String>,
    /// Which fact.
    pub fact: Fact,
    /// What the catalogue has; `None` for nothing.
    pub catalogue: Option<String>,
    /// What the workbook has; `None` for nothing.
    pub workbook: Option<String>,
}

/// The differences that are built into the program, parsed on first use.
///
/// # Panics
///
/// When the embedded file does not parse. It is the same in every run of a build, and a test parses it, so a build
/// whose tests pass never does.
#[must_use]
pub fn declared() -> &'static [Declared] {
    &DECLARED
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    difference: Vec<Declared>,
}

fn parse(text: &str) -> Result<Vec<Declared>, String> {
    let mut file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    for entry in &mut file.difference {
        for text in [&mut entry.reason, &mut entry.source] {
            *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            if text.is_empty() {
                return Err("a difference has no reason or no source".to_owned());
            }
        }
        for fact in &entry.facts {
            if fact.catalogue == fact.workbook {
                return Err(format!("{}: {} does not differ", fact.control, fact.fact));
            }
        }
    }
    Ok(file.difference)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::catalogue;

    #[test]
    fn what_is_declared_of_the_catalogue_is_what_the_catalogue_says() {
        assert!(!declared().is_empty());
        for fact in declared().iter().flat_map(|entry| &entry.facts) {
            let feature = fact.feature.as_ref().and_then(|name| {
                let mut features = catalogue().baseline_features();
                features.find(|it| it.name == *name && it.control == fact.control)
            });
            let reference = feature.and_then(|it| it.reference.as_ref());
            let ours = match fact.fact {
                Fact::ControlTitle => catalogue()
                    .control(&fact.control)
                    .map(|it| it.title.clone()),
                Fact::Presence | Fact::Supported => feature.map(|it| it.supported.to_string()),
                Fact::EnabledByDefault => feature.map(|it| it.enabled_by_default.to_string()),
                Fact::Responsibility => feature.map(|it| it.responsibility.to_string()),
                Fact::GuidanceKind => feature.map(|it| it.guidance_kind.to_string()),
                Fact::ReferenceTitle => reference.map(|it| it.title.clone()),
                other => panic!("add {other} to this test"),
            };
            assert_eq!(ours, fact.catalogue, "{fact:?}");
        }
    }

    #[test]
    fn a_difference_has_a_reason_a_source_and_two_values() {
        let entry = |reason: &str, workbook: &str| {
            format!(
                "[[difference]]\nreason = \"{reason}\"\nsource = \"s\"\n[[difference.fact]]\n\
                 control = \"NS-1\"\nfact = \"control title\"\ncatalogue = \"a\"\nworkbook = \"{workbook}\"\n"
            )
        };
        assert!(parse(&entry("r", "b")).is_ok());
        assert!(parse(&entry(" ", "b")).is_err());
        assert!(parse(&entry("r", "a")).is_err());
        assert!(parse(&entry("r", "b").replace("control title", "colour")).is_err());
    }
}
