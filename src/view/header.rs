//! The line about the scan.

use ratatui::buffer::Buffer;

use crate::app::{Area, Completeness, State, age, moment};
use crate::documents::text::neutral;
use crate::look::{Look, Role};

use super::widget::Line;

pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) {
    let mut left = Line::new(look);
    left.put(Role::Title, " flexposture ");
    let Some(scan) = &state.scan else {
        return left.draw(buffer, area, 0);
    };
    let fleet = state.roster.fleet();
    left.put(Role::TopLine, " ");
    left.put(Role::TopLine, neutral(&scan.scope));
    for (count, one, many) in [
        (fleet.subscriptions.len(), "subscription", "subscriptions"),
        (fleet.servers.len(), "server", "servers"),
    ] {
        left.separator();
        let word = if count == 1 { one } else { many };
        left.put(Role::TopLine, format!("{count} {word}"));
    }
    let room = usize::from(area.width).saturating_sub(left.width() + 2);
    left.draw(buffer, area, 0);
    // Of what stands on the right, as much as there is room for.
    for parts in [4, 3, 2, 1] {
        let right = right(state, parts, look);
        if right.width() <= room {
            return right.draw_right(buffer, area, 0);
        }
    }
}

fn right<'a>(state: &State, parts: u8, look: &'a Look) -> Line<'a> {
    let mut line = Line::new(look);
    if let Some(scan) = &state.scan {
        let taken = scan.finished_at.unwrap_or(scan.started_at);
        if parts >= 3 {
            line.put(
                Role::TopLine,
                format!("scan {}", moment(taken, &state.zone)),
            );
            line.separator();
        }
        if parts >= 3
            && scan.completeness != Completeness::Running
            && let Some(now) = state.now
        {
            line.put(Role::TopLine, format!("{} old", age(now, taken)));
            line.separator();
        }
        let role = match scan.completeness {
            Completeness::Complete => Role::TopLine,
            Completeness::Partial | Completeness::Running => Role::Warning,
        };
        line.put(role, scan.completeness.word());
        if parts >= 2 {
            line.put(Role::TopLine, "   posture ");
            let score = state.roster.score().percent();
            let score = score.map_or_else(|| "none".to_owned(), |score| score.to_string());
            line.put(Role::Title, score);
        }
        line.put(Role::TopLine, " ");
    }
    line
}
