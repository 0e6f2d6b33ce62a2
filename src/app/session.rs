//! The place where somebody was, to come back to: written when the program ends, read when it starts again.
//!
//! It is a value that survives being written and read by another version of the program. What it names may be gone by
//! then: everything is looked up again, and what is not found gives way to the nearest place above it, never to an error.
//! It holds names and ids that the scan file holds too, and no secret.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::baseline::{FamilyCode, catalogue};

use super::{ColumnChoice, Mode, Pane, Screen, Show, State, Tab, TreeNode};
use crate::query::{GroupBy, Sort, SortKey};

/// The most marks that are kept: more of them are soon made again, and the file is to stay small.
const MOST_MARKS: usize = 500;

/// A place in a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The scan's id.
    pub scan: String,
    /// Its file with the whole path.
    pub file: String,
    /// The screens above the list of servers, from below, by name. One that is not known is left out.
    pub screens: Vec<String>,
    /// The filter, as it was typed.
    pub filter: String,
    /// What the list is sorted by.
    pub sort: String,
    /// Whether the order is turned round.
    pub inverted: bool,
    /// Which servers are shown by their verdicts.
    pub show: String,
    /// The family that the list is about.
    pub family: Option<String>,
    /// What the list is grouped by.
    #[serde(deserialize_with = "known")]
    pub grouping: GroupBy,
    /// Which columns the list shows.
    #[serde(deserialize_with = "known")]
    pub columns: ColumnChoice,
    /// The resource id of the server that somebody selected in the list.
    pub selected: Option<String>,
    /// The resource ids of marked servers, as long as they are not too many.
    pub marks: Vec<String>,
    /// The server that is looked into.
    pub server: Option<ServerPlace>,
}

/// A place in a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerPlace {
    /// Its resource id.
    pub id: String,
    /// Its name, to say that it is gone.
    pub name: String,
    /// The selected row of the tree: a family's code, a control's identifier or a feature's name in this program.
    pub node: String,
    /// The tab.
    pub tab: String,
    /// Whether the keys are in the right pane.
    pub in_feature: bool,
    /// Which features the tree shows.
    pub show: String,
}

/// A place to come back to once a scan is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The place.
    pub place: Place,
    /// Whether it counts for its own scan only, and not for a later one of the same fleet.
    pub same_scan_only: bool,
}

impl Place {
    /// Where one is; `None` without an open scan.
    #[must_use]
    pub fn of(state: &State) -> Option<Self> {
        let scan = state.scan.as_ref()?;
        let roster = &state.roster;
        let sort = roster.sort();
        let screens = state.modes.iter().filter_map(|mode| match mode {
            Mode::Screen(screen) => restored(*screen).then(|| screen.title().to_owned()),
            _ => None,
        });
        Some(Self {
            scan: scan.id.clone(),
            file: scan.file.clone(),
            screens: screens.collect(),
            filter: state.filter_text().to_owned(),
            sort: sort.key.word().to_owned(),
            inverted: sort.inverted,
            show: show_word(roster.show()).to_owned(),
            family: roster.family().map(|family| family.code().to_owned()),
            grouping: roster.grouping().clone(),
            columns: state.columns.clone(),
            selected: roster.chosen().map(str::to_owned),
            marks: match roster.marked() {
                ..=MOST_MARKS => roster.marks(),
                _ => Vec::new(),
            },
            server: state.server.as_ref().map(|server| ServerPlace {
                id: server.summary.id.to_string(),
                name: server.summary.name.to_string(),
                node: node_word(server.node),
                tab: server.tab.title().to_owned(),
                in_feature: server.focus == Pane::Feature,
                show: show_word(server.show).to_owned(),
            }),
        })
    }

    /// The order of the list.
    #[must_use]
    pub(super) fn sort(&self) -> Sort {
        let key = SortKey::ALL.into_iter().find(|key| key.word() == self.sort);
        Sort {
            key: key.unwrap_or_default(),
            inverted: self.inverted,
        }
    }

    /// Which servers the list shows.
    pub(super) fn show(&self) -> (Show, Option<FamilyCode>) {
        let family = self.family.as_deref().and_then(FamilyCode::from_code);
        (show(&self.show), family)
    }

    /// The screens to go to, from below.
    pub(super) fn screens(&self) -> impl Iterator<Item = Screen> + '_ {
        self.screens.iter().filter_map(|name| {
            let mut known = RESTORED.into_iter();
            known.find(|screen| screen.title() == name)
        })
    }
}

impl ServerPlace {
    /// The selected row of the tree.
    pub(super) fn node(&self) -> Option<TreeNode> {
        if let Ok(feature) = self.node.parse() {
            return Some(TreeNode::Feature(feature));
        }
        let control = catalogue().control(&self.node);
        control
            .map(|control| TreeNode::Control(&control.id))
            .or_else(|| FamilyCode::from_code(&self.node).map(TreeNode::Family))
    }

    /// The tab.
    pub(super) fn tab(&self) -> Tab {
        let tab = Tab::ALL.into_iter().find(|tab| tab.title() == self.tab);
        tab.unwrap_or_default()
    }

    /// Which features the tree shows.
    pub(super) fn show(&self) -> Show {
        show(&self.show)
    }
}

/// The screens that can be come back to by their name alone, beside the list and a server.
const RESTORED: [Screen; 5] = [
    Screen::Server,
    Screen::Controls,
    Screen::Matrix,
    Screen::Trend,
    Screen::Scans,
];

/// What is not known is what is usual.
fn known<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

fn restored(screen: Screen) -> bool {
    RESTORED.contains(&screen)
}

const fn show_word(show: Show) -> &'static str {
    match show {
        Show::All => "all",
        Show::Failing => "failing",
        Show::Unknown => "unknown",
    }
}

fn show(word: &str) -> Show {
    let all = [Show::Failing, Show::Unknown];
    let known = all.into_iter().find(|show| show_word(*show) == word);
    known.unwrap_or_default()
}

fn node_word(node: TreeNode) -> String {
    match node {
        TreeNode::Family(family) => family.code().to_owned(),
        TreeNode::Control(id) => id.to_owned(),
        TreeNode::Feature(feature) => feature.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::FeatureId;

    #[test]
    fn every_row_of_the_tree_can_be_come_back_to() {
        let nodes = FeatureId::ALL.into_iter().flat_map(|feature| {
            [
                TreeNode::Family(feature.family()),
                TreeNode::Control(feature.control()),
                TreeNode::Feature(feature),
            ]
        });
        for node in nodes {
            let place = ServerPlace {
                node: node_word(node),
                ..ServerPlace::default()
            };
            assert_eq!(place.node(), Some(node));
        }
    }

    #[test]
    fn words_of_another_version_are_what_is_usual() {
        let text = r#"{"scan": "x", "sort": "colour", "show": "pretty", "family": "ZZ", "grouping": "smell",
            "columns": {"shown": ["taste"]}, "screens": ["Dungeon", "Matrix"],
            "server": {"id": "y", "node": "no-such", "tab": "Smell"}, "more": 1}"#;
        let place: Place = serde_json::from_str(text).unwrap();
        assert_eq!(place.sort(), Sort::default());
        assert_eq!(place.show(), (Show::All, None));
        assert_eq!(place.screens().collect::<Vec<_>>(), [Screen::Matrix]);
        assert_eq!(place.grouping, GroupBy::Nothing);
        assert_eq!(place.columns, ColumnChoice::default());
        let server = place.server.unwrap();
        assert_eq!((server.node(), server.tab()), (None, Tab::Finding));
    }
}
