//! A line that is being written: the text with what is wrong in it marked, what is wrong in words, and above it what
//! may follow.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use crate::app::{Area, FilterMode, Prompt, State};
use crate::documents::text::neutral;
use crate::look::{Look, Role};
use crate::query::QueryError;

use super::widget::{Line, clear, cut_end, frame};

/// The most rows of what may follow.
const MOST: u16 = 8;

/// Draws the filter. Returns where the terminal's cursor belongs.
pub fn filter(
    buffer: &mut Buffer,
    area: Area,
    state: &State,
    mode: &FilterMode,
    look: &Look,
) -> Position {
    let errors = state.filter_errors();
    let (position, end) = write(buffer, area, "/", &mode.prompt, errors, look);
    let offered = mode.offered();
    let mut body = state.chrome().body;
    // That the rest is still to be written is said by what may follow.
    if let Some(error) = errors
        .iter()
        .find(|error| !(error.unfinished && offered.is_some()))
    {
        body = say(buffer, area, body, end, error, look);
    }
    if let Some((about, items, taken)) = offered {
        let rows: Vec<(&str, &str)> = items
            .iter()
            .map(|item| (item.text.as_str(), item.doc.as_str()))
            .collect();
        list(buffer, body, about, &rows, taken, look);
    }
    position
}

/// Draws a line that is being written. Returns where the terminal's cursor belongs, and where the text ends.
pub fn write(
    buffer: &mut Buffer,
    area: Area,
    sign: &str,
    prompt: &Prompt,
    errors: &[QueryError],
    look: &Look,
) -> (Position, usize) {
    let start = 1 + sign.width();
    let room = usize::from(area.width).saturating_sub(start + 1).max(1);
    let text = prompt.text();
    // Each character by itself: what stands for a hostile one may have another length.
    let characters: Vec<(String, Role)> = text
        .char_indices()
        .map(|(at, c)| {
            let wrong = errors.iter().any(|error| error.range.contains(&at));
            let role = if wrong { Role::Mistake } else { Role::Text };
            (neutral(&c.to_string()).into_owned(), role)
        })
        .collect();
    let width = |characters: &[(String, Role)]| -> usize {
        characters.iter().map(|(text, _)| text.width()).sum()
    };
    // A line that is too long moves to the left under the cursor.
    let cursor = prompt.cursor().min(characters.len());
    let mut skipped = 0;
    while skipped < cursor && width(&characters[skipped..cursor]) > room {
        skipped += 1;
    }
    let mut line = Line::new(look);
    line.put(Role::Prompt, format!(" {sign}"));
    let mut run: Option<(String, Role)> = None;
    for (text, role) in characters[skipped..].iter().cloned() {
        match &mut run {
            Some((run, same)) if *same == role => run.push_str(&text),
            _ => {
                if let Some((text, role)) = run.replace((text, role)) {
                    line.put(role, text);
                }
            }
        }
    }
    if let Some((text, role)) = run {
        line.put(role, text);
    }
    let end = line.width();
    line.draw(buffer, area, 0);
    let column = start + width(&characters[skipped..cursor]);
    let column = u16::try_from(column)
        .unwrap_or(u16::MAX)
        .min(area.width.saturating_sub(1));
    (Position::new(area.x + column, area.y), end)
}

/// Says what is wrong: behind the text where there is room, else on the line above. Returns what is left of the body.
fn say(
    buffer: &mut Buffer,
    area: Area,
    body: Area,
    end: usize,
    error: &QueryError,
    look: &Look,
) -> Area {
    let role = if error.unfinished {
        Role::Hint
    } else {
        Role::Error
    };
    let words = neutral(&error.to_string()).into_owned();
    let room = usize::from(area.width).saturating_sub(end + 3);
    let mut line = Line::new(look);
    if words.width() <= room || body.height < 3 {
        let short = if words.width() <= room {
            words
        } else {
            neutral(&error.what).into_owned()
        };
        line.put(role, cut_end(&short, room, look).into_owned());
        let (_, behind) = area.left(u16::try_from(end + 3).unwrap_or(u16::MAX));
        line.draw(buffer, behind, 0);
        return body;
    }
    let (rest, row) = body.bottom(1);
    clear(buffer, row);
    let words = cut_end(&words, usize::from(row.width).saturating_sub(2), look).into_owned();
    line.put(role, format!(" {words}"));
    line.draw(buffer, row, 0);
    rest
}

/// A small list at the bottom of an area: what stands in it, and what each means.
pub fn list(
    buffer: &mut Buffer,
    body: Area,
    title: &str,
    rows: &[(&str, &str)],
    chosen: Option<usize>,
    look: &Look,
) {
    if body.height < 5 || rows.is_empty() {
        return;
    }
    let bordered = body.height >= 9;
    let most = MOST.min(body.height / 2);
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).min(most);
    let (_, area) = body.bottom(height + if bordered { 2 } else { 0 });
    clear(buffer, area);
    let inside = if bordered {
        frame(buffer, area, title, true, look);
        area.inside()
    } else {
        area
    };
    let height = usize::from(height);
    let top = chosen.unwrap_or(0).saturating_sub(height - 1);
    let widest = rows.iter().map(|(text, _)| neutral(text).width()).max();
    let column = widest
        .unwrap_or(0)
        .min(usize::from(inside.width) * 2 / 3)
        .max(8);
    for (line, place) in (0..).zip(top..(top + height).min(rows.len())) {
        let (text, doc) = rows[place];
        let mut drawn = Line::new(look);
        let role = if chosen == Some(place) {
            Role::Selected
        } else {
            Role::Code
        };
        drawn.put(Role::Text, " ");
        let text = neutral(text);
        drawn.put(role, cut_end(&text, column, look).into_owned());
        drawn.pad_to(column + 3);
        let room = usize::from(inside.width).saturating_sub(drawn.width());
        drawn.put(Role::Dim, cut_end(&neutral(doc), room, look).into_owned());
        drawn.draw(buffer, inside, line);
    }
    if rows.len() > height {
        let mut more = Line::new(look);
        let words = format!(" {} of {} ", (top + height).min(rows.len()), rows.len());
        more.put(Role::Scroll, words);
        if bordered {
            let mut edge = area;
            edge.y += area.height - 1;
            edge.height = 1;
            edge.width = area.width.saturating_sub(2);
            more.draw_right(buffer, edge, 0);
        }
    }
}
