//! The catalogue: families, controls, features, guidance, policies and crosswalk, as data. Knows no server.
//!
//! The facts live in `assets/baseline/*.toml` and are built into the program: one file a family, and one
//! file of policies. This room parses them, checks that they agree with each other, and answers look-ups.
//! It is pure: no clock, no file at run time, no network, no terminal; and no verdict, which is the work
//! of `posture`.
//!
//! The facts are those of Microsoft's *Azure security baseline for Azure Database for MySQL - Flexible
//! Server*; where the platform has moved since that page was written, the fact stays as the page has it
//! and a [`PlatformNote`] beside it says what changed and where that is seen.
//!
//! Beside this catalogue, by which servers are judged, there may be others, of this service or of others, that come
//! from Microsoft's published workbooks: see [`mod@reference`].

mod feature_id;
mod model;
mod parse;
mod place;
pub mod reference;
mod resolve;
mod selector;
mod versions;
mod words;

use std::sync::LazyLock;

pub use feature_id::{FeatureId, UnknownFeature};
pub use model::{
    Catalogue, Control, Crosswalk, Family, Feature, Guidance, PlatformNote, Policy, PolicyGroups,
    Reference,
};
pub use parse::{CatalogueError, parse};
pub use place::FamilyCode;
pub use resolve::{NotInCatalogue, Subject};
pub use selector::{Selector, UnknownSelector};
pub use versions::{VersionSupport, VersionTable, version_support, version_table};
pub use words::{
    Effect, EnabledByDefault, GuidanceKind, Origin, PolicyCoverage, PolicyTarget, Responsibility,
    Support, WorkbookWord,
};

/// The title of the page whose facts the catalogue holds.
pub const BASELINE_TITLE: &str =
    "Azure security baseline for Azure Database for MySQL - Flexible Server";

/// The benchmark that the baseline applies, as the page names it.
pub const BENCHMARK: &str = "Microsoft cloud security benchmark version 1.0";

/// The files of the catalogue that is built into the program: name and text, as [`parse`] takes them.
pub const EMBEDDED: [(&str, &str); 9] = [
    ("ns.toml", include_str!("../assets/baseline/ns.toml")),
    ("im.toml", include_str!("../assets/baseline/im.toml")),
    ("pa.toml", include_str!("../assets/baseline/pa.toml")),
    ("dp.toml", include_str!("../assets/baseline/dp.toml")),
    ("am.toml", include_str!("../assets/baseline/am.toml")),
    ("lt.toml", include_str!("../assets/baseline/lt.toml")),
    ("br.toml", include_str!("../assets/baseline/br.toml")),
    ("x.toml", include_str!("../assets/baseline/x.toml")),
    (
        "policies.toml",
        include_str!("../assets/baseline/policies.toml"),
    ),
];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    parse(&EMBEDDED).unwrap_or_else(|error| panic!("the built-in catalogue is damaged: {error}"))
});

/// The catalogue that is built into the program, parsed on first use.
///
/// # Panics
///
/// When the embedded files do not parse. They are the same bytes in every run of a build, and a test
/// parses them, so a build whose tests pass never does.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}
