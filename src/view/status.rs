//! The last line: a question, a prompt, a notice, a chord, or hints.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use crate::app::{
    Area, CHORDS, Command, CommandRecord, Mode, NoticeLevel, Prompt, ScansPromptKind, Scope, State,
    commands,
};
use crate::documents::text::neutral;
use crate::look::{Look, Role};

use super::widget::{Line, cut_end};

/// Draws the line. Returns where the terminal's cursor belongs when something is being written.
pub fn draw(buffer: &mut Buffer, area: Area, state: &State, look: &Look) -> Option<Position> {
    let mut line = Line::new(look);
    match state.mode() {
        Mode::Filter { prompt, .. } => return Some(write(buffer, area, "/", prompt, look)),
        Mode::Scans(line) => {
            let sign = match &line.kind {
                ScansPromptKind::Filter { .. } => "/",
                ScansPromptKind::CopyTo { .. } => "copy to: ",
            };
            return Some(write(buffer, area, sign, &line.prompt, look));
        }
        Mode::Help(help) if help.searching => {
            return Some(write(buffer, area, "search /", &help.search, look));
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

/// The commands that are worth a hint and can run now, as many as there is room for; a chord stands once, where its
/// first command does.
fn hints(line: &mut Line<'_>, state: &State, area: Area) {
    let scope = Scope::of(state);
    // Room for the way to the help, which comes late in the table.
    let has_help =
        CommandRecord::of(Command::Help).is_some_and(|record| record.scopes.contains(&scope));
    let mut reserved = if has_help { "? help  ".len() } else { 0 };
    let mut hint = |key: &'static str, title: &'static str| {
        if title == "help" {
            reserved = 0;
        }
        let needed = key.width() + 1 + title.width() + 2;
        if line.width() + needed + reserved <= usize::from(area.width) {
            line.put(Role::Key, key);
            line.put(Role::Hint, format!(" {title}  "));
        }
    };
    let mut chords: Vec<&str> = Vec::new();
    for record in commands() {
        let chord = record.keys.first().and_then(|keys| {
            let (first, _) = keys.split_once(' ')?;
            CHORDS.iter().find(|(key, _)| *key == first)
        });
        if let Some((key, title)) = chord
            && record.scopes.contains(&scope)
            && !chords.contains(key)
        {
            chords.push(key);
            hint(key, title);
        }
        if !record.hint || !record.scopes.contains(&scope) || (record.enabled)(state).is_err() {
            continue;
        }
        if let Some(key) = record.keys.first() {
            hint(key, record.title);
        }
    }
}
