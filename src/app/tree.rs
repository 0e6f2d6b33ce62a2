//! The controls of the baseline as a tree: families, their controls, their features.

use crate::baseline::{FamilyCode, FeatureId, catalogue};
use crate::posture::{ServerSummary, Tally};

use super::Show;

/// A row's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TreeNode {
    /// A family.
    Family(FamilyCode),
    /// A control, by its identifier.
    Control(&'static str),
    /// A feature.
    Feature(FeatureId),
}

impl TreeNode {
    /// The family that it is, or belongs to.
    #[must_use]
    pub fn family(self) -> Option<FamilyCode> {
        match self {
            Self::Family(family) => Some(family),
            Self::Control(id) => FeatureId::ALL
                .into_iter()
                .find(|feature| feature.control() == id)
                .map(FeatureId::family),
            Self::Feature(feature) => Some(feature.family()),
        }
    }

    /// The features that it is, or holds.
    pub fn features(self) -> impl Iterator<Item = FeatureId> {
        FeatureId::ALL
            .into_iter()
            .filter(move |feature| match self {
                Self::Family(family) => feature.family() == family,
                Self::Control(id) => feature.control() == id,
                Self::Feature(this) => *feature == this,
            })
    }

    /// Its title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Family(family) => &catalogue().family(family).title,
            Self::Control(id) => catalogue().control(id).map_or("", |control| &control.title),
            Self::Feature(feature) => &catalogue().feature(feature).name,
        }
    }
}

/// A row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// What it is.
    pub node: TreeNode,
    /// How far it stands to the right: 0 for a family, 1 for a control, 2 for a feature.
    pub depth: usize,
    /// The verdicts of its features.
    pub tally: Tally,
}

/// The rows for a server: what is shown of it, with the families and controls above.
#[must_use]
pub fn rows(server: &ServerSummary, show: Show) -> Vec<TreeRow> {
    let row = |node: TreeNode, depth| TreeRow {
        node,
        depth,
        tally: Tally::of(node.features().map(|feature| server.cell(feature).verdict)),
    };
    let mut rows = Vec::new();
    let mut above = (None, "");
    for feature in FeatureId::ALL {
        if !show.admits(server.cell(feature).verdict) {
            continue;
        }
        if above.0 != Some(feature.family()) {
            rows.push(row(TreeNode::Family(feature.family()), 0));
        }
        if above.1 != feature.control() {
            rows.push(row(TreeNode::Control(feature.control()), 1));
        }
        above = (Some(feature.family()), feature.control());
        rows.push(row(TreeNode::Feature(feature), 2));
    }
    rows
}
