//! The servers around the one that is looked into.

use ratatui::buffer::Buffer;

use crate::app::{Area, RosterRow, State};
use crate::look::{Glyph, Look, Role};

use super::widget::{Line, cut_end, cut_start, verdict_glyph, verdict_role};

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let by_control = state.is_in_control_servers();
    let (length, mut position) = if by_control {
        (state.control_servers.len(), state.control_servers.position)
    } else {
        (state.roster.rows(), state.roster.position())
    };
    let here = state.server.as_ref().map(|server| &server.summary.id);
    position.fit(length, usize::from(area.height));
    let window = position.window(length, usize::from(area.height));
    for (line, row) in (0_u16..).zip(window) {
        let row = if by_control {
            state.control_server(row).map(RosterRow::Server)
        } else {
            state.roster.at(row)
        };
        let server = match row {
            Some(RosterRow::Server(server)) => server,
            Some(RosterRow::Group(group)) => {
                let mut drawn = Line::new(look);
                let room = usize::from(area.width);
                drawn.put(Role::Dim, cut_end(&group.name, room, look).into_owned());
                drawn.draw(buffer, area, line);
                continue;
            }
            None => continue,
        };
        let is_here = here.is_some_and(|id| *id == server.id);
        // Where one came by a feature, how the server stands in that; else its worst verdict, counted.
        let (worst, beside) = if by_control {
            let cell = server.cell(state.control_servers.feature);
            let letter = cell.severity.map_or(" ", |severity| severity.letter());
            (cell.verdict, letter.to_owned())
        } else {
            let worst = server.worst();
            (worst, format!("{:<2}", server.count(worst)))
        };
        let mut drawn = Line::new(look);
        if is_here {
            drawn.glyph(Role::SelectedMarker, Glyph::Marker);
        } else {
            drawn.put(Role::Text, " ");
        }
        drawn.glyph(verdict_role(worst), verdict_glyph(worst));
        drawn.put(verdict_role(worst), format!("{beside} "));
        let role = if is_here {
            Role::SelectedElsewhere
        } else {
            Role::Text
        };
        let room = usize::from(area.width).saturating_sub(drawn.width());
        drawn.put(role, cut_start(&server.name, room, look).0.into_owned());
        drawn.draw(buffer, area, line);
    }
}
