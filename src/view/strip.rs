//! The line about a running scan.

use ratatui::buffer::Buffer;

use crate::app::{Area, State};
use crate::documents::text::neutral;
use crate::look::{Look, Role};

use super::widget::Line;

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let mut line = Line::new(look);
    let Some(progress) = &state.progress else {
        line.put(Role::Info, " the scan is starting ...");
        return line.draw(buffer, area, 0);
    };
    line.put(Role::Info, " scanning ");
    if area.width >= 60 {
        line.bar(progress.percent().unwrap_or(0), (area.width / 6).min(20));
        line.put(Role::Text, " ");
    }
    line.put(
        Role::Text,
        format!(
            "{} of {} servers",
            progress.servers_done, progress.servers_found
        ),
    );
    line.separator();
    if progress.time_is_known {
        line.put(Role::Text, progress.time_left.clone());
        line.separator();
    }
    if let Some(waiting) = progress.waiting.first() {
        line.put(Role::Warning, neutral(waiting));
        line.separator();
    }
    line.put(Role::Text, format!("{} requests", progress.requests));
    line.separator();
    line.put(Role::Text, format!("{} facts unread", progress.unread));
    line.draw(buffer, area, 0);
}
