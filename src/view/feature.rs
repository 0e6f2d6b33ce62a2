//! What the selected control holds: the verdict, the tabs, the page.

use ratatui::buffer::Buffer;

use crate::app::{Area, ServerLayout, ServerScreen, State, Tab, TreeNode};
use crate::baseline::{Responsibility, catalogue};
use crate::look::{Look, Role};
use crate::posture::{Finding, Verdict};

use super::widget::{Line, page, severity_role, verdict_glyph, verdict_role, verdict_word};

pub fn draw(
    buffer: &mut Buffer,
    layout: &ServerLayout,
    state: &State,
    server: &ServerScreen,
    look: &Look,
) {
    let (verdict, tabs, text) = layout.feature_parts();
    if let Some(area) = verdict {
        draw_verdict(buffer, area, server, look);
    }
    if let (Some(area), TreeNode::Feature(_)) = (tabs, server.node) {
        draw_tabs(buffer, area, server.tab, look);
    }
    let lines = &server.page.lines;
    let sought = state.sought_in_tab(server.tab, lines);
    page(buffer, text, lines, server.scroll, &sought, look);
}

fn draw_verdict(buffer: &mut Buffer, area: Area, server: &ServerScreen, look: &Look) {
    let mut line = Line::new(look);
    match server.node {
        TreeNode::Feature(feature) => {
            let cell = server.summary.cell(feature);
            let role = verdict_role(cell.verdict);
            line.glyph(role, verdict_glyph(cell.verdict));
            match server.finding().map(exempt) {
                Some(forms) if !forms.is_empty() => {
                    let room = usize::from(area.width).saturating_sub(line.width());
                    let fits = |words: &&String| words.len() <= room;
                    let words = forms.iter().find(fits).or(forms.last());
                    line.put(role, words.cloned().unwrap_or_default());
                }
                _ => {
                    line.put(role, format!(" {}", verdict_word(cell.verdict)));
                }
            }
            if let Some(severity) = cell.severity {
                line.put(Role::Text, "  ");
                line.put(severity_role(severity), severity.to_string());
            }
            let whose = catalogue().feature(feature).responsibility;
            if whose != Responsibility::NotApplicable {
                let words = format!("   responsibility: {}", whose.as_str().to_lowercase());
                if line.width() + words.len() <= usize::from(area.width) {
                    line.put(Role::Dim, words);
                }
            }
        }
        node => {
            let features = node.features().count();
            let words = if features == 1 { "feature" } else { "features" };
            line.put(Role::Dim, format!("{features} {words}"));
        }
    }
    line.draw(buffer, area, 0);
}

/// The verdict of a finding that exemptions touch, with the one that it has without them, from long to short; empty
/// where no exemption touches it.
fn exempt(finding: &Finding) -> Vec<String> {
    let Some(without) = &finding.without_exemptions else {
        return Vec::new();
    };
    let (word, without) = (
        verdict_word(finding.verdict.word()),
        verdict_word(without.word()),
    );
    match &finding.verdict {
        Verdict::Waived(until) => vec![
            format!(" WAIVED until {until}, without exemptions {without}"),
            format!(" WAIVED until {until}, else {without}"),
            format!(" WAIVED, else {without}"),
        ],
        _ => vec![
            format!(" {word}, partly exempt, without exemptions {without}"),
            format!(" {word}, partly exempt"),
        ],
    }
}

fn draw_tabs(buffer: &mut Buffer, area: Area, selected: Tab, look: &Look) {
    let mut line = Line::new(look);
    for tab in Tab::ALL {
        if tab == selected {
            line.put(Role::TabSelected, format!("[{}]", tab.title()));
        } else {
            line.put(Role::Tab, format!(" {} ", tab.title()));
        }
        line.put(Role::Text, " ");
    }
    // Where not all of them fit, the one that is shown says which it is.
    if line.width() > usize::from(area.width) + 1 {
        let mut short = Line::new(look);
        short.put(Role::TabSelected, format!("[{}]", selected.title()));
        let place = Tab::ALL
            .iter()
            .position(|tab| *tab == selected)
            .unwrap_or(0);
        short.put(Role::Dim, format!(" {} of {}", place + 1, Tab::ALL.len()));
        return short.draw(buffer, area, 0);
    }
    line.draw(buffer, area, 0);
}
