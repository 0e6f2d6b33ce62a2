//! What is open on the selected server, worst first.

use ratatui::buffer::Buffer;

use crate::app::{Area, State, open_features};
use crate::baseline::catalogue;
use crate::look::{Look, Role};
use crate::posture::VerdictWord;

use super::widget::{Line, cut_end, frame, severity_role, verdict_glyph, verdict_role};

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let Some(server) = state.roster.selected() else {
        return frame(buffer, area, "", false, look);
    };
    frame(buffer, area, &server.name, false, look);
    let inside = area.inside();
    let open = open_features(server);
    if open.is_empty() {
        let mut line = Line::new(look);
        line.put(Role::Pass, " nothing is open on this server");
        return line.draw(buffer, inside, 0);
    }
    let height = usize::from(inside.height);
    let shown = if open.len() > height {
        height.saturating_sub(1)
    } else {
        open.len()
    };
    let mut row = 0;
    for (feature, cell) in &open[..shown] {
        let mut line = Line::new(look);
        line.put(Role::Text, " ");
        line.glyph(verdict_role(cell.verdict), verdict_glyph(cell.verdict));
        match cell.severity {
            Some(severity) => line
                .put(Role::Text, " ")
                .put(severity_role(severity), severity.letter())
                .put(Role::Text, " "),
            None => line.put(Role::Text, "   "),
        };
        line.put(Role::Dim, format!("{:<5}", feature.control()));
        let word = match (cell.verdict, cell.cause) {
            (VerdictWord::Unknown, Some(cause)) => format!("  not known: {}", cause.short()),
            (VerdictWord::Unknown, None) => "  not known".to_owned(),
            _ => String::new(),
        };
        let room = usize::from(inside.width).saturating_sub(line.width() + word.len());
        let name = &catalogue().feature(*feature).name;
        line.put(Role::Text, cut_end(name, room, look).into_owned());
        line.put(Role::Dim, word);
        line.draw(buffer, inside, row);
        row += 1;
    }
    if shown < open.len() {
        let mut line = Line::new(look);
        line.put(Role::Dim, format!("   and {} more", open.len() - shown));
        line.draw(buffer, inside, row);
    }
}
