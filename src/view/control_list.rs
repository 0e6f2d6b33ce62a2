//! Every feature of the baseline over all servers: the way in by control.

use ratatui::buffer::Buffer;

use crate::app::{Area, ControlRow, Counts, Sought, State, Survey, TreeNode, control_summary};
use crate::look::{Colours, Glyph, Look, Role};
use crate::posture::{Tally, VerdictWord};

use super::widget::{Line, cut_end, frame, page, severity_role, verdict_glyph, verdict_role};

pub fn draw(buffer: &mut Buffer, _body: Area, state: &State, look: &Look) {
    let layout = state.fleet_layout();
    let screen = &state.control_list;
    let servers = state.survey().map_or(0, |survey| survey.servers);
    let columns = Columns::new(layout.rows.width, servers);
    if let Some(area) = layout.titles {
        titles(buffer, area, &columns, state, look);
    }
    if screen.rows.is_empty() {
        let mut line = Line::new(look);
        line.put(Role::Info, "  No feature is shown. Esc shows all.");
        line.draw(buffer, layout.rows, 0);
    }
    let height = usize::from(layout.rows.height);
    let window = screen.position.window(screen.rows.len(), height);
    for (line, row) in (0_u16..).zip(window) {
        let selected = row == screen.position.cursor;
        let row = draw_row(&screen.rows[row], &columns, state.survey(), selected, look);
        row.draw(buffer, layout.rows, line);
    }
    if let Some(area) = layout.preview {
        let title = match screen.node {
            TreeNode::Feature(feature) => {
                format!("{} {}", feature.control(), screen.node.title())
            }
            node => title(node),
        };
        frame(buffer, area, &title, false, look);
        let inside = area.inside();
        page(
            buffer,
            inside,
            &control_summary(state, inside.width),
            0,
            &Sought::default(),
            look,
        );
    }
}

/// The numbers that there can be room for, the most wanted first, with what stands above them.
const COUNTS: [(&str, &[VerdictWord]); 7] = [
    ("fail", &[VerdictWord::Fail]),
    ("unknown", &[VerdictWord::Unknown]),
    ("pass", &[VerdictWord::Pass]),
    ("manual", &[VerdictWord::Manual]),
    ("n/a", &[VerdictWord::NotApplicable]),
    ("waived", &[VerdictWord::Waived]),
    ("other", &[VerdictWord::Platform, VerdictWord::Unsupported]),
];

/// In which order they stand.
const ORDER: [usize; 7] = [0, 1, 2, 3, 5, 4, 6];

/// Which columns there is room for.
struct Columns {
    title: usize,
    counts: Vec<usize>,
    number: usize,
    /// Whether the numbers have words above them that fit.
    words: bool,
    bar: usize,
}

impl Columns {
    fn new(width: u16, servers: usize) -> Self {
        let width = usize::from(width);
        let digits = servers.to_string().len();
        let words = width >= 60;
        let number = if words {
            digits.max(7)
        } else {
            digits.max(3) + 1
        };
        // The marker, the sign and the severity stand before the title.
        let room = width.saturating_sub(4);
        let title = if words {
            26
        } else {
            room.saturating_sub(2 * (number + 1))
        };
        let fit = room.saturating_sub(title) / (number + 1);
        let counts = fit.min(if words { COUNTS.len() } else { 3 });
        let left = room - title.min(room) - (counts * (number + 1)).min(room - title.min(room));
        let bar = if left >= 12 { (left / 2).min(24) } else { 0 };
        let title = room.saturating_sub(counts * (number + 1) + bar + usize::from(bar > 0));
        Self {
            title,
            counts: ORDER.into_iter().filter(|place| *place < counts).collect(),
            number,
            words,
            bar,
        }
    }
}

fn titles(buffer: &mut Buffer, area: Area, columns: &Columns, state: &State, look: &Look) {
    let mut line = Line::new(look);
    let what = if state.is_counting() {
        "  counting ..."
    } else {
        "    CONTROL"
    };
    line.put(Role::Header, what);
    line.pad_to(4 + columns.title);
    let width = columns.number;
    for place in &columns.counts {
        let (word, verdicts) = COUNTS[*place];
        if columns.words {
            line.put(Role::Header, format!(" {word:>width$}"));
        } else {
            line.put(Role::Header, " ".repeat(width));
            line.glyph(Role::Header, verdict_glyph(verdicts[0]));
        }
    }
    if columns.bar > 0 {
        line.put(Role::Header, " servers");
    }
    line.draw(buffer, area, 0);
}

fn title(node: TreeNode) -> String {
    match node {
        TreeNode::Family(family) => format!("{family} {}", node.title()),
        TreeNode::Control(id) => format!("{id} {}", node.title()),
        TreeNode::Feature(_) => node.title().to_owned(),
    }
}

fn draw_row<'a>(
    row: &ControlRow,
    columns: &Columns,
    survey: Option<&Survey>,
    selected: bool,
    look: &'a Look,
) -> Line<'a> {
    let mut line = Line::new(look);
    if selected {
        line.glyph(Role::SelectedMarker, Glyph::Marker);
    } else {
        line.put(Role::Text, " ");
    }
    let standing = survey.and_then(|survey| survey.standing(row.node));
    sign(&mut line, standing);
    let beyond = matches!(row.node, TreeNode::Family(family) if !family.is_baseline());
    let role = match (selected, row.node) {
        (true, _) => Role::Selected,
        (false, TreeNode::Family(_)) => Role::Title,
        (false, TreeNode::Control(_)) => Role::Dim,
        (false, TreeNode::Feature(_)) => Role::Text,
    };
    let mut text = title(row.node);
    if row.depth == 0
        && let TreeNode::Feature(feature) = row.node
    {
        text = format!("{:<5} {text}", feature.control());
    }
    let indent = row.depth * if columns.title >= 30 { 2 } else { 1 };
    line.put(Role::Text, " ".repeat(indent.min(columns.title)));
    let room = columns.title.saturating_sub(indent);
    line.put(role, cut_end(&text, room, look).into_owned());
    if beyond && line.width() + 2 < 4 + columns.title {
        // What lies beyond the baseline stands apart.
        line.put(Role::Dim, " ");
        let rule = look.border().horizontal_top;
        let room = 4 + columns.title - line.width();
        line.put(Role::Dim, rule.repeat(room.saturating_sub(1)));
    }
    line.pad_to(4 + columns.title);
    counts(&mut line, columns, standing);
    if let Some(standing) = standing.filter(|_| columns.bar > 0) {
        line.put(Role::Text, " ");
        bar(&mut line, &standing.tally, columns.bar, look);
    }
    line
}

/// The worst verdict and the worst open severity.
fn sign(line: &mut Line<'_>, standing: Option<&Counts>) {
    let Some((standing, worst)) = standing.and_then(|it| Some((it, it.tally.worst()?))) else {
        line.put(Role::Text, "   ");
        return;
    };
    line.glyph(verdict_role(worst), verdict_glyph(worst));
    match standing.severity() {
        Some(severity) => line.put(severity_role(severity), severity.letter()),
        None => line.put(Role::Text, " "),
    };
    line.put(Role::Text, " ");
}

fn counts(line: &mut Line<'_>, columns: &Columns, standing: Option<&Counts>) {
    let width = columns.number;
    for place in &columns.counts {
        let verdicts = COUNTS[*place].1;
        let count = standing.map(|standing| -> usize {
            let counts = verdicts.iter().map(|verdict| standing.tally.get(*verdict));
            counts.sum()
        });
        let role = if count.is_some_and(|count| count > 0) {
            verdict_role(verdicts[0])
        } else {
            Role::Dim
        };
        let text = count.map_or_else(|| ".".to_owned(), |count| count.to_string());
        line.put(role, format!(" {text:>width$}"));
    }
}

/// A bar of all verdicts, worst first; what is failing or unknown anywhere has at least one cell. Without colours, or
/// in ASCII, it is made of the signs of the verdicts.
fn bar(line: &mut Line<'_>, tally: &Tally, width: usize, look: &Look) {
    let all: usize = VerdictWord::ALL.iter().map(|it| tally.get(*it)).sum();
    let plain = !look.is_unicode() || look.colours() == Colours::None;
    let mut left = width;
    let mut counted = 0;
    let mut drawn = 0;
    for verdict in VerdictWord::ALL {
        let count = tally.get(verdict);
        if count == 0 || all == 0 {
            continue;
        }
        counted += count;
        let end = (counted * width + all / 2) / all;
        let least = usize::from(matches!(verdict, VerdictWord::Fail | VerdictWord::Unknown));
        let cells = end.saturating_sub(drawn).max(least).min(left);
        let glyph = if plain {
            verdict_glyph(verdict)
        } else {
            Glyph::BarFull
        };
        line.put(verdict_role(verdict), look.glyph(glyph).repeat(cells));
        drawn += cells;
        left -= cells;
    }
}
