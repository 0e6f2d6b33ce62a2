//! The last line: a question, a prompt, a notice, a chord, or hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use crate::app::{
    Area, Hint, Mode, NoticeLevel, ScansPromptKind, State, TagPrompt, TagUse, hints as hints_of,
};
use crate::look::{Look, Role};

use super::prompt;
use super::widget::{Line, cut_end};

/// Draws the line. Returns where the terminal's cursor belongs when something is being written.
pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) -> Option<Position> {
    let mut line = Line::new(look);
    match state.mode() {
        Mode::Scans(line) => {
            let sign = match &line.kind {
                ScansPromptKind::Filter { .. } => "/",
                ScansPromptKind::CopyTo { .. } => "copy to: ",
            };
            return Some(prompt::write(buffer, area, sign, &line.prompt, &[], look).0);
        }
        Mode::Controls(mode) => {
            return Some(prompt::write(buffer, area, "controls /", &mode.prompt, &[], look).0);
        }
        Mode::Filter(mode) => return Some(prompt::filter(buffer, area, state, mode, look)),
        Mode::PageSearch(mode) => {
            return Some(prompt::write(buffer, area, "search /", &mode.prompt, &[], look).0);
        }
        Mode::Find(mode) => {
            return Some(prompt::write(buffer, area, "find ", &mode.prompt, &[], look).0);
        }
        Mode::Saved(mode) if mode.naming.is_some() && state.notice.is_none() => {
            let prompt = mode.naming.as_ref()?;
            return Some(prompt::write(buffer, area, "name: ", prompt, &[], look).0);
        }
        Mode::Help(help) if help.searching => {
            let (position, _) = prompt::write(buffer, area, "search /", &help.search, &[], look);
            return Some(position);
        }
        Mode::Tag(tag) => return Some(write_tag(buffer, area, tag, look)),
        Mode::Palette(palette) => {
            return Some(prompt::write(buffer, area, ":", &palette.prompt, &[], look).0);
        }
        Mode::Confirm(question) => {
            let width = usize::from(area.width);
            let fits = |words: &&str| words.len() + " ".len() + "  y yes  n no  ".len() <= width;
            let forms = state.question_words(*question);
            match forms.iter().find(|words| fits(words)) {
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

/// The name of a tag, and after it the names that it may become.
fn write_tag(buffer: &mut Buffer, area: Area, tag: &TagPrompt, look: &Look) -> Position {
    let sign = match tag.purpose {
        TagUse::Group => "group by tag: ",
        TagUse::Column => "show tag: ",
    };
    let (position, _) = prompt::write(buffer, area, sign, &tag.prompt, &[], look);
    let at = 1 + sign.width() + tag.prompt.text().width() + 3;
    let (_, rest) = area.left(u16::try_from(at).unwrap_or(u16::MAX));
    let mut names = Line::new(look);
    for name in tag.matches() {
        if names.width() + name.width() + 2 > usize::from(rest.width) {
            break;
        }
        names.put(Role::Dim, format!("{name}  "));
    }
    names.draw(buffer, rest, 0);
    position
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
