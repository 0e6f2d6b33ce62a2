//! The servers around the one that is looked into.

use ratatui::buffer::Buffer;

use crate::app::{Area, State};
use crate::look::{Glyph, Look, Role};
use crate::posture::VerdictWord;

use super::widget::{Line, cut_start, verdict_glyph, verdict_role};

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let roster = &state.roster;
    let here = state.server.as_ref().map(|server| &server.summary.id);
    let mut position = roster.position();
    position.fit(roster.len(), usize::from(area.height));
    let window = position.window(roster.len(), usize::from(area.height));
    for (line, row) in (0_u16..).zip(window) {
        let Some(server) = roster.row(row) else {
            continue;
        };
        let is_here = here.is_some_and(|id| *id == server.id);
        let worst = [VerdictWord::Fail, VerdictWord::Unknown, VerdictWord::Pass]
            .into_iter()
            .find(|verdict| server.count(*verdict) > 0)
            .unwrap_or(VerdictWord::NotApplicable);
        let mut drawn = Line::new(look);
        if is_here {
            drawn.glyph(Role::SelectedMarker, Glyph::Marker);
        } else {
            drawn.put(Role::Text, " ");
        }
        drawn.glyph(verdict_role(worst), verdict_glyph(worst));
        drawn.put(verdict_role(worst), format!("{:<3}", server.count(worst)));
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
