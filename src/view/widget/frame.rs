//! Frames and grounds.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget};

use crate::app::Area;
use crate::look::{Look, Role};

use super::{cut_end, in_reach};

const fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}

/// Empties an area.
pub fn clear(buffer: &mut Buffer, area: Area) {
    Clear.render(rect(area).intersection(buffer.area), buffer);
}

/// A frame with a title, round the area; the one that has the keys stands out.
pub fn frame(buffer: &mut Buffer, area: Area, title: &str, focused: bool, look: &Look) {
    if area.width < 2 || area.height < 2 {
        return;
    }
    let role = if focused {
        Role::BorderFocused
    } else {
        Role::Border
    };
    let title = in_reach(title.into(), look);
    let title = cut_end(&title, usize::from(area.width.saturating_sub(4)), look);
    let title = if title.is_empty() {
        String::new()
    } else {
        format!(" {title} ")
    };
    Block::bordered()
        .border_set(look.border())
        .border_style(look.style(role))
        .title(ratatui::text::Span::styled(title, look.style(Role::Title)))
        .render(rect(area).intersection(buffer.area), buffer);
}
