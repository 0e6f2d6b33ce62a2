//! Values over time, with axes. Time is proportional; only complete scans are joined by a line.

use jiff::Timestamp;
use ratatui::buffer::Buffer;

use crate::app::{Area, State};
use crate::look::{Glyph, Look, Role};
use crate::view::widget::{Line, cut_end};

/// A value at a time.
pub struct Value {
    pub at: Timestamp,
    /// `None` where it is not known.
    pub value: Option<u64>,
    /// Whether everything was read that was to be read.
    pub is_whole: bool,
}

/// The columns for the numbers at the left.
const NUMBERS: usize = 7;

pub fn draw(
    buffer: &mut Buffer,
    area: Area,
    title: &str,
    values: &[Value],
    cursor: usize,
    state: &State,
    look: &Look,
) {
    let mut line = Line::new(look);
    let room = usize::from(area.width).saturating_sub(2);
    line.put(Role::Text, " ")
        .put(Role::Title, cut_end(title, room, look).into_owned());
    line.draw(buffer, area, 0);
    let height = usize::from(area.height.saturating_sub(3));
    let width = usize::from(area.width).saturating_sub(NUMBERS + 2);
    let known: Vec<u64> = values.iter().filter_map(|it| it.value).collect();
    let (Some(least), Some(most)) = (known.iter().min(), known.iter().max()) else {
        let mut line = Line::new(look);
        line.put(Role::Dim, " nothing was counted yet");
        return line.draw(buffer, area, 1);
    };
    if height < 2 || width < 8 {
        return;
    }
    let low = least / 5 * 5;
    let high = most.div_ceil(5).max(low / 5 + 1) * 5;
    let plot = Plot::new(values, low, high, width, height);
    for (row, cells) in plot.cells.iter().enumerate() {
        let mut line = Line::new(look);
        let number = match row {
            0 => high.to_string(),
            row if row + 1 == height => low.to_string(),
            _ => String::new(),
        };
        line.put(Role::Dim, format!("{number:>NUMBERS$}"));
        line.put(Role::Border, look.border().vertical_left);
        for (column, cell) in cells.iter().enumerate() {
            let here = plot.column(values, cursor) == Some(column);
            match cell {
                Some(Glyph::ChartLine) => line.glyph(Role::Dim, Glyph::ChartLine),
                Some(glyph) => {
                    let role = match (here, glyph) {
                        (true, _) => Role::Selected,
                        (false, Glyph::ChartPartial) => Role::Warning,
                        (false, _) => Role::Info,
                    };
                    line.glyph(role, *glyph)
                }
                None => line.put(Role::Text, " "),
            };
        }
        line.draw(buffer, area, u16::try_from(row + 1).unwrap_or(u16::MAX));
    }
    let below = u16::try_from(height + 1).unwrap_or(u16::MAX);
    let mut axis = Line::new(look);
    axis.pad_to(NUMBERS);
    axis.put(Role::Border, look.border().bottom_left);
    for column in 0..width {
        if plot.column(values, cursor) == Some(column) {
            axis.glyph(Role::SelectedMarker, Glyph::Up);
        } else {
            axis.put(Role::Border, look.border().horizontal_bottom);
        }
    }
    axis.draw(buffer, area, below);
    times(buffer, area, below + 1, values, state, look);
}

/// The first and the last time, at the ends of the axis.
fn times(buffer: &mut Buffer, area: Area, row: u16, values: &[Value], state: &State, look: &Look) {
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return;
    };
    let span = last.at.duration_since(first.at).as_secs();
    let form = if span > 3 * 86_400 {
        "%d %b %Y"
    } else {
        "%d %b %H:%M"
    };
    let words = |at: Timestamp| state.zone.to_datetime(at).strftime(form).to_string();
    let mut left = Line::new(look);
    left.pad_to(NUMBERS + 1);
    left.put(Role::Dim, words(first.at));
    let mut right = Line::new(look);
    right.put(Role::Dim, words(last.at)).put(Role::Dim, " ");
    let both = left.width() + right.width() < usize::from(area.width);
    left.draw(buffer, area, row);
    if both && span > 0 {
        right.draw_right(buffer, area, row);
    }
}

struct Plot {
    cells: Vec<Vec<Option<Glyph>>>,
    start: i64,
    span: i64,
    width: usize,
}

impl Plot {
    fn new(values: &[Value], low: u64, high: u64, width: usize, height: usize) -> Self {
        let times = || values.iter().map(|it| it.at.as_second());
        let start = times().min().unwrap_or(0);
        let span = times().max().unwrap_or(0) - start;
        let mut plot = Self {
            cells: vec![vec![None; width]; height],
            start,
            span,
            width,
        };
        let row = |value: f64| -> usize {
            let part = (value - low as f64) / (high - low).max(1) as f64;
            let up = (part * (height - 1) as f64).round().max(0.0) as usize;
            (height - 1).saturating_sub(up)
        };
        let whole = values.iter().filter(|it| it.is_whole);
        let whole: Vec<(usize, u64)> = whole
            .filter_map(|it| Some((plot.place(it.at), it.value?)))
            .collect();
        for pair in whole.windows(2) {
            let [(from, then), (to, now)] = [pair[0], pair[1]];
            for column in from + 1..to {
                let part = (column - from) as f64 / (to - from) as f64;
                let value = then as f64 + (now as f64 - then as f64) * part;
                plot.cells[row(value)][column] = Some(Glyph::ChartLine);
            }
        }
        for value in values {
            if let Some(number) = value.value {
                let glyph = if value.is_whole {
                    Glyph::ChartPoint
                } else {
                    Glyph::ChartPartial
                };
                let column = plot.place(value.at);
                plot.cells[row(number as f64)][column] = Some(glyph);
            }
        }
        plot
    }

    fn place(&self, at: Timestamp) -> usize {
        if self.span <= 0 {
            return self.width / 2;
        }
        let part = (at.as_second() - self.start) as f64 / self.span as f64;
        ((part * (self.width - 1) as f64).round().max(0.0) as usize).min(self.width - 1)
    }

    fn column(&self, values: &[Value], cursor: usize) -> Option<usize> {
        values.get(cursor).map(|it| self.place(it.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(hour: i64, value: u64, is_whole: bool) -> Value {
        Value {
            at: Timestamp::from_second(hour * 3600).unwrap(),
            value: Some(value),
            is_whole,
        }
    }

    #[test]
    fn time_is_proportional_and_what_is_not_whole_is_not_joined() {
        let values = [value(0, 0, true), value(2, 50, false), value(8, 10, true)];
        let plot = Plot::new(&values, 0, 50, 9, 6);
        let places: Vec<usize> = values.iter().map(|it| plot.place(it.at)).collect();
        assert_eq!(places, [0, 2, 8]);
        assert_eq!(plot.cells[5][0], Some(Glyph::ChartPoint));
        assert_eq!(plot.cells[0][2], Some(Glyph::ChartPartial));
        assert_eq!(plot.cells[4][8], Some(Glyph::ChartPoint));
        // The line goes from the first to the last, far below the one that is not whole.
        let line = |row: usize| {
            plot.cells[row]
                .iter()
                .filter(|it| **it == Some(Glyph::ChartLine))
                .count()
        };
        assert_eq!((0..4).map(line).sum::<usize>(), 0);
        assert_eq!(line(4) + line(5), 7);
    }

    #[test]
    fn scans_at_one_moment_stand_in_the_middle() {
        let values = [value(1, 5, true)];
        let plot = Plot::new(&values, 5, 10, 11, 3);
        assert_eq!(plot.column(&values, 0), Some(5));
        assert_eq!(plot.cells[2][5], Some(Glyph::ChartPoint));
        assert_eq!(plot.column(&values, 1), None);
    }
}
