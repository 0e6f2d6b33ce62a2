//! Every feature of the baseline over all servers: the way in by control.

use crate::baseline::{FamilyCode, FeatureId, catalogue};
use crate::posture::VerdictWord;

use super::page::Writer;
use super::{ListPosition, PageLine, Prompt, Show, Span, State, Survey, Tone, TreeNode, counted};

/// What the features are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ControlSort {
    /// The order of the baseline, as a tree.
    #[default]
    Catalogue,
    /// Those first that most servers fail.
    Failing,
    /// Those first that are unknown of most servers.
    Unknown,
    /// The name.
    Name,
}

impl ControlSort {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Catalogue => "baseline",
            Self::Failing => "failing",
            Self::Unknown => "unknown",
            Self::Name => "name",
        }
    }
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ControlRow {
    /// What it is.
    pub node: TreeNode,
    /// How far it stands to the right: 0 for a family, 1 for a control, 2 for a feature; 0 for all of a sorted list.
    pub depth: usize,
}

/// The filter of the list while it is being written.
#[derive(Clone, Debug)]
pub struct ControlFilter {
    /// The line.
    pub prompt: Prompt,
    /// The text that was in force before; it comes back on Esc.
    pub before: String,
}

/// What the rows were made of.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MadeOf {
    revision: Option<u64>,
    show: Show,
    sort: ControlSort,
    filter: String,
}

/// Every feature of the baseline over all servers: the way in by control.
#[derive(Clone, Debug)]
pub struct ControlListScreen {
    /// The selected row.
    pub node: TreeNode,
    /// Which features are shown: all, those that a server fails, those of which something is unknown.
    pub show: Show,
    /// Only features with every word of this, as it was typed; empty for all.
    pub filter: String,
    /// Their order.
    pub sort: ControlSort,
    /// The rows.
    pub rows: Vec<ControlRow>,
    /// Where the list stands.
    pub position: ListPosition,
    made_of: Option<MadeOf>,
    /// The feature that was looked at last, and on which server.
    pub(super) looked_at: Option<(Box<str>, FeatureId)>,
}

impl Default for ControlListScreen {
    fn default() -> Self {
        Self {
            node: TreeNode::Family(FamilyCode::Ns),
            show: Show::All,
            filter: String::new(),
            sort: ControlSort::Catalogue,
            rows: Vec::new(),
            position: ListPosition::default(),
            made_of: None,
            looked_at: None,
        }
    }
}

impl ControlListScreen {
    /// The selected feature: of a control or a family its first one that is shown.
    #[must_use]
    pub fn feature(&self) -> Option<FeatureId> {
        match self.node {
            TreeNode::Feature(feature) => Some(feature),
            node => self.rows.iter().find_map(|row| match row.node {
                TreeNode::Feature(feature) if node.features().any(|it| it == feature) => {
                    Some(feature)
                }
                _ => None,
            }),
        }
    }

    /// Makes the rows anew where they are of something else, and puts the cursor back on what is selected.
    pub(super) fn refresh(&mut self, survey: Option<&Survey>, revision: Option<u64>) {
        let before = self.made_of.as_ref();
        let narrowed = before.is_some_and(|it| it.filter != self.filter);
        let same = before.is_some_and(|it| {
            (it.revision, it.show, it.sort) == (revision, self.show, self.sort)
                && it.filter == self.filter
        });
        if !same {
            self.rows = rows(survey, self.show, self.sort, &self.filter);
            self.made_of = Some(MadeOf {
                revision,
                show: self.show,
                sort: self.sort,
                filter: self.filter.clone(),
            });
        }
        match self.rows.iter().position(|row| row.node == self.node) {
            Some(row) => self.position.cursor = row,
            // Whoever looks for a control means the first one that is found, and not the head above it.
            None if narrowed => {
                let feature = |row: &ControlRow| matches!(row.node, TreeNode::Feature(_));
                self.select(self.rows.iter().position(feature).unwrap_or(0));
            }
            None => self.select(self.position.cursor),
        }
    }

    /// Selects the row with this number, the last one where there are fewer.
    pub(super) fn select(&mut self, row: usize) {
        self.position.cursor = row.min(self.rows.len().saturating_sub(1));
        if let Some(row) = self.rows.get(self.position.cursor) {
            self.node = row.node;
        }
    }
}

/// Whether every word of a filter stands in a feature's control, family or name.
fn matches(feature: FeatureId, words: &[String]) -> bool {
    let catalogue = catalogue();
    let family = feature.family();
    let text = format!(
        "{} {} {} {} {}",
        feature.control(),
        family.code(),
        catalogue.family(family).title,
        TreeNode::Control(feature.control()).title(),
        catalogue.feature(feature).name,
    );
    let text = text.to_lowercase();
    words.iter().all(|word| text.contains(word))
}

fn rows(survey: Option<&Survey>, show: Show, sort: ControlSort, filter: &str) -> Vec<ControlRow> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    let count = |feature: FeatureId, verdict: VerdictWord| {
        let standing = survey.and_then(|survey| survey.standing(TreeNode::Feature(feature)));
        standing.map_or(0, |standing| standing.tally.get(verdict))
    };
    let mut features: Vec<FeatureId> = FeatureId::ALL
        .into_iter()
        .filter(|feature| matches(*feature, &words))
        .filter(|feature| match show {
            Show::All => true,
            Show::Failing => count(*feature, VerdictWord::Fail) > 0,
            Show::Unknown => count(*feature, VerdictWord::Unknown) > 0,
        })
        .collect();
    // What lies beyond the baseline stands below it in every order.
    features.sort_by(|one, other| {
        let most = |verdict| count(*other, verdict).cmp(&count(*one, verdict));
        let name = |feature: &FeatureId| &catalogue().feature(*feature).name;
        let by = match sort {
            ControlSort::Catalogue => std::cmp::Ordering::Equal,
            ControlSort::Failing => most(VerdictWord::Fail),
            ControlSort::Unknown => most(VerdictWord::Unknown),
            ControlSort::Name => name(one).cmp(name(other)),
        };
        (!one.is_baseline()).cmp(&!other.is_baseline()).then(by)
    });
    let tree = sort == ControlSort::Catalogue;
    let mut rows = Vec::new();
    let mut above = (None, "");
    for feature in features {
        let (family, control) = (feature.family(), feature.control());
        if above.0 != Some(family) && (tree || !feature.is_baseline()) {
            let node = TreeNode::Family(family);
            rows.push(ControlRow { node, depth: 0 });
        }
        if above.1 != control && tree {
            let node = TreeNode::Control(control);
            rows.push(ControlRow { node, depth: 1 });
        }
        above = (Some(family), control);
        let node = TreeNode::Feature(feature);
        let depth = if tree { 2 } else { 0 };
        rows.push(ControlRow { node, depth });
    }
    rows
}

/// What stands beside the list of controls: the selected row in short.
#[must_use]
pub fn control_summary(state: &State, width: u16) -> Vec<PageLine> {
    let mut writer = Writer::new(width);
    let node = state.control_list.node;
    let catalogue = catalogue();
    match node {
        TreeNode::Feature(feature) => {
            let feature = catalogue.feature(feature);
            let (default, whose) = (feature.enabled_by_default, feature.responsibility);
            writer.text(
                Tone::Muted,
                &format!("on by default: {default}; responsibility: {whose}"),
            );
        }
        TreeNode::Family(code) => writer.paragraphs(&catalogue.family(code).summary),
        TreeNode::Control(_) => {}
    }
    standing(&mut writer, state, node);
    if let TreeNode::Feature(feature) = node {
        worst(&mut writer, state, feature);
        writer.blank();
        let text = &catalogue.feature(feature).description;
        let first = text.trim().split("\n\n").next().unwrap_or_default();
        writer.paragraphs(first);
    }
    writer.lines
}

fn standing(writer: &mut Writer, state: &State, node: TreeNode) {
    let Some((survey, standing)) = state
        .survey()
        .and_then(|survey| Some((survey, survey.standing(node)?)))
    else {
        return writer.text(Tone::Muted, "counting ...");
    };
    let mut spans = Vec::new();
    for verdict in VerdictWord::ALL {
        let count = standing.tally.get(verdict);
        if count > 0 {
            let before = if spans.is_empty() { "" } else { ", " };
            spans.push(Span::Text(before.to_owned(), Tone::Plain));
            let word = words(verdict);
            let text = format!("{count} {word}");
            spans.push(Span::Text(text, Tone::Verdict(verdict)));
        }
    }
    let text = format!(" of {}", counted(survey.servers, "server"));
    spans.push(Span::Text(text, Tone::Plain));
    writer.push(spans);
}

const fn words(verdict: VerdictWord) -> &'static str {
    match verdict {
        VerdictWord::Fail => "failing",
        VerdictWord::Unknown => "unknown",
        VerdictWord::Manual => "for a person to decide",
        VerdictWord::Pass => "passing",
        VerdictWord::Waived => "waived",
        VerdictWord::NotApplicable => "not applicable",
        VerdictWord::Platform => "Microsoft's part",
        VerdictWord::Unsupported => "not offered",
    }
}

fn worst(writer: &mut Writer, state: &State, feature: FeatureId) {
    let fleet = state.roster.fleet();
    let worst = state
        .survey()
        .map_or(&[][..], |survey| survey.worst(feature));
    for server in worst
        .iter()
        .filter_map(|place| fleet.servers.get(*place as usize))
    {
        let cell = server.cell(feature);
        let mut before = vec![Span::Text("  ".to_owned(), Tone::Plain)];
        before.push(Span::Symbol(cell.verdict));
        before.push(match cell.severity {
            Some(severity) => {
                Span::Text(format!(" {} ", severity.letter()), Tone::Severity(severity))
            }
            None => Span::Text("   ".to_owned(), Tone::Plain),
        });
        writer.item(before, 6, Tone::Plain, &server.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posture::Cell;
    use crate::query::test_support::{fleet, summary};

    #[test]
    fn what_lies_beyond_the_baseline_stands_below_it_in_every_order() {
        let mut server = summary("a");
        for cell in &mut server.cells {
            cell.verdict = VerdictWord::Pass;
        }
        for feature in [FeatureId::Tags, FeatureId::ResourceLogs] {
            server.cells[feature.index()] = Cell {
                verdict: VerdictWord::Fail,
                severity: None,
                cause: None,
            };
        }
        let survey = Survey::new(&fleet([server]), &[0], &[]);
        let all = |sort| rows(Some(&survey), Show::All, sort, "");
        assert_eq!(all(ControlSort::Catalogue).len(), 8 + 28 + 33);
        let failing = all(ControlSort::Failing);
        assert_eq!(failing.len(), 33 + 1);
        assert_eq!(failing[0].node, TreeNode::Feature(FeatureId::ResourceLogs));
        let x = FeatureId::BASELINE_COUNT;
        assert_eq!(failing[x].node, TreeNode::Family(FamilyCode::X));
        assert_eq!(failing[x + 1].node, TreeNode::Feature(FeatureId::Tags));
        let only = rows(Some(&survey), Show::Failing, ControlSort::Catalogue, "");
        assert_eq!(only.len(), 2 * 3);
        assert_eq!(
            rows(Some(&survey), Show::Unknown, ControlSort::Name, ""),
            []
        );
    }
}
