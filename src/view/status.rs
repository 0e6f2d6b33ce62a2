//! The last line: a question, a prompt, a notice, a chord, or hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use crate::app::{Area, Hint, Mode, NoticeLevel, Prompt, State, hints as hints_of};
use crate::documents::text::neutral;
use crate::look::{Look, Role};

use super::widget::{Line, cut_end};

/// Draws the line. Returns where the terminal's cursor belongs when something is being written.
pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) -> Option<Position> {
    let mut line = Line::new(look);
    match state.mode() {
        Mode::Filter { prompt, .. } => return Some(write(buffer, area, "/", prompt, look)),
        Mode::Help(help) if help.searching => {
            return Some(write(buffer, area, "search /", &help.search, look));
        }
        Mode::Palette(palette) => {
            return Some(write(buffer, area, ":", &palette.prompt, look));
        }
        Mode::Confirm(question) => {
            let width = usize::from(area.width);
            let fits = |words: &&str| words.len() + " ".len() + "  y yes  n no  ".len() <= width;
            match [question.words(), question.short()]
                .iter()
                .find(|words| fits(words))
            {
                Some(words) => {
                    line.put(Role::Warning, format!(" {words}  "));
                    hints(&mut line, state, area);
                }
                None => {
                    line.put(Role::Warning, format!(" {} (y/n)", question.short()));
                }
            }
        }
        _ => {
            if let Some(notice) = &state.notice {
                let role = match notice.level {
                    NoticeLevel::Done => Role::Success,
                    NoticeLevel::Hint => Role::Info,
                    NoticeLevel::Problem => Role::Error,
                };
                let room = usize::from(area.width).saturating_sub(2);
                let text = cut_end(&notice.text, room, look).into_owned();
                line.put(role, format!(" {text}"));
            } else if state.pending.0.is_empty() {
                line.put(Role::Hint, " ");
                hints(&mut line, state, area);
            } else {
                line.put(Role::Key, format!(" {} ", state.pending));
                line.put(Role::Hint, "and then: see above, Esc for nothing");
            }
        }
    }
    line.draw(buffer, area, 0);
    None
}

fn write(buffer: &mut Buffer, area: Area, sign: &str, prompt: &Prompt, look: &Look) -> Position {
    let text = neutral(prompt.text());
    let before: String = text.chars().take(prompt.cursor()).collect();
    let start = 1 + sign.width();
    let room = usize::from(area.width).saturating_sub(start + 1).max(1);
    // A line that is too long moves to the left under the cursor.
    let mut skipped = 0;
    let mut characters = before.chars();
    while characters.as_str().width() > room {
        characters.next();
        skipped += 1;
    }
    let cursor = start + characters.as_str().width();
    let mut line = Line::new(look);
    line.put(Role::Prompt, format!(" {sign}"));
    line.put(Role::Text, text.chars().skip(skipped).collect::<String>());
    line.draw(buffer, area, 0);
    let column = u16::try_from(cursor)
        .unwrap_or(u16::MAX)
        .min(area.width.saturating_sub(1));
    Position::new(area.x + column, area.y)
}

/// As many hints as there is room for, the most useful first; the way to the help and the way out keep their place.
fn hints(line: &mut Line<'_>, state: &State, area: Area) {
    let hints = hints_of(state);
    let width = |hint: &Hint| hint.key.width() + 1 + hint.title.width() + 2;
    let mut room = usize::from(area.width).saturating_sub(line.width());
    // The two spaces after the last one may be cut.
    room += 2;
    let mut shown = vec![false; hints.len()];
    for always in [true, false] {
        for (hint, shown) in hints.iter().zip(&mut shown) {
            if hint.always == always && width(hint) <= room {
                room -= width(hint);
                *shown = true;
            }
        }
    }
    for (hint, _) in hints.into_iter().zip(shown).filter(|(_, shown)| *shown) {
        line.put(Role::Key, hint.key);
        line.put(Role::Hint, format!(" {}  ", hint.title));
    }
}
