//! Two scans compared: what is compared, what turned, and the change that is looked into.

mod head;

use ratatui::buffer::Buffer;

use crate::app::{Area, ComparisonState, DifferenceRow, DifferenceScreen, Sought, State, counted};
use crate::baseline::catalogue;
use crate::look::{Glyph, Look, Role};
use crate::posture::difference::{Change, ComparedServer, OneSided};
use crate::posture::{Cell, Severity};

use super::widget::{
    Line, cut_end, cut_start, frame, page, severity_role, verdict_glyph, verdict_role, verdict_word,
};

pub fn draw(buffer: &mut Buffer, state: &State, look: &Look) {
    let layout = state.difference_layout();
    let screen = &state.difference;
    head::draw(buffer, layout.head, state, look);
    if let Some(area) = layout.list {
        list(buffer, area, screen, look);
    }
    if let (Some(area), Some(open)) = (layout.detail, &screen.open) {
        let inside = layout.inside();
        if inside != area {
            frame(buffer, area, "change", true, look);
        }
        page(
            buffer,
            inside,
            &open.lines,
            open.scroll,
            &Sought::default(),
            look,
        );
    }
}

fn list(buffer: &mut Buffer, area: Area, screen: &DifferenceScreen, look: &Look) {
    if screen.rows.is_empty() {
        return nothing(buffer, area, screen, look);
    }
    let position = screen.position;
    let window = position.window(screen.rows.len(), usize::from(area.height));
    for (line, row) in (0_u16..).zip(window) {
        let selected = row == position.cursor;
        let mut drawn = Line::new(look);
        if selected {
            drawn.glyph(Role::SelectedMarker, Glyph::Marker);
        } else {
            drawn.put(Role::Text, " ");
        }
        match screen.rows[row] {
            DifferenceRow::Group(group, count) => {
                drawn.put(Role::Title, group.title());
                drawn.put(Role::Dim, format!("  {count}"));
            }
            DifferenceRow::Change(place) => {
                if let Some((change, server)) = screen.change(place) {
                    change_row(&mut drawn, change, server, selected, area.width, look);
                }
            }
            DifferenceRow::New(place) => {
                let one = screen
                    .loaded()
                    .and_then(|it| it.difference.new.get(place as usize));
                one_sided(&mut drawn, screen, one, selected, area.width, look);
            }
            DifferenceRow::Gone(place) => {
                let one = screen
                    .loaded()
                    .and_then(|it| it.difference.gone.get(place as usize));
                one_sided(&mut drawn, screen, one, selected, area.width, look);
            }
        }
        drawn.draw(buffer, area, line);
    }
}

fn nothing(buffer: &mut Buffer, area: Area, screen: &DifferenceScreen, look: &Look) {
    let (role, words) = match &screen.comparison {
        ComparisonState::None => (Role::Info, vec!["No two scans were compared.".to_owned()]),
        ComparisonState::Loading(servers) => {
            let done = match servers {
                0 => String::new(),
                servers => format!("{} so far. ", counted(*servers as usize, "server")),
            };
            let words = vec![
                "The two scans are being compared ...".to_owned(),
                format!("{done}Esc stops it."),
            ];
            (Role::Info, words)
        }
        ComparisonState::Failed(why) => {
            let lines = why
                .lines()
                .flat_map(|line| crate::app::wrap(line, usize::from(area.width.saturating_sub(4))));
            (Role::Warning, lines.collect())
        }
        ComparisonState::Loaded(_) if screen.filter.is_narrow() => (
            Role::Info,
            vec!["Nothing of what is shown differs.".to_owned()],
        ),
        ComparisonState::Loaded(_) => (
            Role::Success,
            vec!["The two scans say the same.".to_owned()],
        ),
    };
    for (row, words) in (0..).zip(words) {
        let mut line = Line::new(look);
        line.put(role, format!("  {words}"));
        line.draw(buffer, area, row);
    }
}

/// Columns of a row: the server, the feature, and how it turned.
struct Columns {
    server: usize,
    feature: usize,
    /// Whether verdicts are told by words beside their signs.
    words: bool,
    /// Whether severities are words, and not their first letters.
    severities: bool,
}

impl Columns {
    fn new(width: u16) -> Self {
        let width = usize::from(width);
        let (words, severities) = (width >= 70, width >= 100);
        let turn = match (words, severities) {
            (true, true) => 36,
            (true, false) => 24,
            (false, _) => 9,
        };
        let rest = width.saturating_sub(turn + 6);
        // The end of a name tells servers apart, and most of it is worth more than the end of a title.
        let server = (rest / 2).clamp(rest.min(8), 30);
        Self {
            server,
            feature: rest.saturating_sub(server),
            words,
            severities,
        }
    }
}

fn change_row(
    line: &mut Line<'_>,
    change: &Change,
    server: &ComparedServer,
    selected: bool,
    width: u16,
    look: &Look,
) {
    let columns = Columns::new(width);
    name(line, server, selected, columns.server, look);
    let start = line.width();
    let title = &catalogue().feature(change.feature).name;
    let words = format!("{} {title}", change.feature.control());
    line.put(
        Role::Text,
        cut_end(&words, columns.feature, look).into_owned(),
    );
    line.pad_to(start + columns.feature + 1);
    verdict(line, change.before, &columns);
    line.put(Role::Text, " ");
    line.glyph(Role::Dim, Glyph::Arrow);
    line.put(Role::Text, " ");
    verdict(line, change.after, &columns);
}

fn verdict(line: &mut Line<'_>, cell: Cell, columns: &Columns) {
    let role = verdict_role(cell.verdict);
    line.glyph(role, verdict_glyph(cell.verdict));
    if columns.words {
        line.put(role, format!(" {}", verdict_word(cell.verdict)));
    }
    if let Some(severity) = cell.severity {
        if columns.words {
            line.put(role, " ");
        }
        let text = if columns.severities {
            severity.to_string()
        } else {
            severity.letter().to_owned()
        };
        line.put(severity_role(severity), text);
    }
}

fn name(line: &mut Line<'_>, server: &ComparedServer, selected: bool, width: usize, look: &Look) {
    let role = if selected { Role::Selected } else { Role::Text };
    line.put(Role::Text, " ");
    let start = line.width();
    let (shown, _) = cut_start(&server.name, width, look);
    line.put(role, shown.into_owned());
    line.pad_to(start + width + 1);
}

fn one_sided(
    line: &mut Line<'_>,
    screen: &DifferenceScreen,
    one: Option<&OneSided>,
    selected: bool,
    width: u16,
    look: &Look,
) {
    let Some(one) = one else { return };
    let server = screen
        .loaded()
        .and_then(|it| it.difference.server(one.server));
    let Some(server) = server else { return };
    name(line, server, selected, Columns::new(width).server, look);
    let mut any = false;
    for (severity, count) in Severity::ALL.into_iter().zip(one.open) {
        if count > 0 {
            any = true;
            line.put(
                severity_role(severity),
                format!("{}{count} ", severity.letter()),
            );
        }
    }
    if one.unknown > 0 {
        any = true;
        line.glyph(Role::Unknown, Glyph::Unknown);
        line.put(Role::Unknown, format!("{} ", one.unknown));
    }
    if !any {
        line.put(Role::Dim, "nothing open ");
    }
    if let Some(unseen) = one.unseen {
        let words = format!(" perhaps only unseen: {}", unseen.words());
        let room = usize::from(width).saturating_sub(line.width());
        line.put(Role::Warning, cut_end(&words, room, look).into_owned());
    }
}
