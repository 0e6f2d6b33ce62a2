//! Where on the screen an address stands, for terminals that open one.

use unicode_width::UnicodeWidthStr;

use crate::app::{Area, Mode, PageLine, Screen, Span, State, overlay_lines};

/// A piece of a row that stands for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hyperlink {
    /// The row.
    pub y: u16,
    /// The columns.
    pub columns: std::ops::Range<u16>,
    /// The address.
    pub url: std::sync::Arc<str>,
}

/// Every address on the screen. What something else may cover is left out.
#[must_use]
pub fn links(state: &State) -> Vec<Hyperlink> {
    if !state.pending.0.is_empty() {
        return Vec::new();
    }
    let mode = state.mode();
    match (mode, &state.server) {
        (Mode::Links(links), _) => {
            let inside = state.overlay_inside();
            of_lines(
                &overlay_lines(state, mode, inside.width),
                links.scroll,
                inside,
            )
        }
        (Mode::Screen(Screen::Server), Some(server)) => {
            let area = state.server_layout().feature_parts().2;
            of_lines(&server.page.lines, server.scroll, area)
        }
        _ => Vec::new(),
    }
}

fn of_lines(lines: &[PageLine], scroll: usize, area: Area) -> Vec<Hyperlink> {
    let rows = (area.y..area.y.saturating_add(area.height)).zip(lines.iter().skip(scroll));
    rows.filter_map(|(y, line)| {
        let url = line.link.clone()?;
        let text: String = line
            .spans
            .iter()
            .map(|span| match span {
                Span::Text(text, _) => text.as_str(),
                Span::Symbol(_) => " ",
                Span::Bar { .. } => "",
            })
            .collect();
        let start = text.width() - text.trim_start().width();
        let column = |columns: usize| {
            let columns = u16::try_from(columns).unwrap_or(u16::MAX);
            area.x.saturating_add(columns.min(area.width))
        };
        let columns = column(start)..column(text.trim_end().width());
        Some(Hyperlink { y, columns, url })
    })
    .collect()
}
