//! Which part of the terminal is for what: pure arithmetic over the size.
//!
//! As the terminal gets smaller, previews go first, then the header, the hints, the borders; then panes, until one
//! list is left. Every function answers for every size, with empty areas where there is no room.

use super::{Pane, Screen};

/// The size of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// A part of the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// The first column.
    pub x: u16,
    /// The first row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

impl Area {
    /// Whether nothing fits.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Takes rows off the top: those, and the rest.
    #[must_use]
    pub fn top(self, rows: u16) -> (Self, Self) {
        let rows = rows.min(self.height);
        (
            Self {
                height: rows,
                ..self
            },
            Self {
                y: self.y + rows,
                height: self.height - rows,
                ..self
            },
        )
    }

    /// Takes rows off the bottom: the rest, and those.
    #[must_use]
    pub fn bottom(self, rows: u16) -> (Self, Self) {
        self.top(self.height.saturating_sub(rows))
    }

    /// Takes columns off the left: those, and the rest.
    #[must_use]
    pub fn left(self, columns: u16) -> (Self, Self) {
        let columns = columns.min(self.width);
        (
            Self {
                width: columns,
                ..self
            },
            Self {
                x: self.x + columns,
                width: self.width - columns,
                ..self
            },
        )
    }

    /// What a border of one cell leaves.
    #[must_use]
    pub fn inside(self) -> Self {
        if self.width < 2 || self.height < 2 {
            return Self {
                width: 0,
                height: 0,
                ..self
            };
        }
        Self {
            x: self.x + 1,
            y: self.y + 1,
            width: self.width - 2,
            height: self.height - 2,
        }
    }

    /// An area in the middle, at most this large.
    #[must_use]
    pub fn centred(self, width: u16, height: u16) -> Self {
        let (width, height) = (width.min(self.width), height.min(self.height));
        Self {
            x: self.x + (self.width - width) / 2,
            y: self.y + (self.height - height) / 2,
            width,
            height,
        }
    }
}

/// What every screen has around its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chrome {
    /// The line about the scan.
    pub header: Option<Area>,
    /// The line about the running scan.
    pub strip: Option<Area>,
    /// The line about the screen: breadcrumbs, order, filter.
    pub title: Option<Area>,
    /// The screen.
    pub body: Area,
    /// The last line: hints, a prompt, a question, a notice.
    pub status: Option<Area>,
}

impl Chrome {
    /// Divides the terminal. `scanning` asks for the line about the running scan; `speaking` says that the last line
    /// is needed for more than hints.
    #[must_use]
    pub fn new(size: Size, screen: Screen, scanning: bool, speaking: bool) -> Self {
        let mut body = Area {
            x: 0,
            y: 0,
            width: size.columns,
            height: size.rows,
        };
        let mut take = |wanted: bool| {
            wanted.then(|| {
                let (line, rest) = body.top(1);
                body = rest;
                line
            })
        };
        let header = take(size.rows >= 16 && screen != Screen::Welcome);
        let title = take(size.rows >= 4);
        let strip = take(scanning && size.rows >= 10);
        let mut status = None;
        if size.rows >= 8 || (speaking && size.rows >= 2) {
            let (rest, line) = body.bottom(1);
            body = rest;
            status = Some(line);
        }
        Self {
            header,
            strip,
            title,
            body,
            status,
        }
    }
}

/// The screen of all servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FleetLayout {
    /// The line with the columns' titles.
    pub titles: Option<Area>,
    /// The servers.
    pub rows: Area,
    /// What is open on the selected one, with its border.
    pub preview: Option<Area>,
}

impl FleetLayout {
    /// The columns from which the preview stands beside the list.
    const BESIDE: u16 = 160;

    /// Divides the body of the screen.
    #[must_use]
    pub fn new(body: Area) -> Self {
        let (rest, preview) = if body.width >= Self::BESIDE && body.height >= 12 {
            let (rest, preview) = body.left(body.width - 50);
            (rest, Some(preview))
        } else if body.width >= 80 && body.height >= 28 {
            let (rest, preview) = body.bottom(11);
            (rest, Some(preview))
        } else {
            (body, None)
        };
        let (titles, rows) = if rest.height >= 6 {
            let (titles, rows) = rest.top(1);
            (Some(titles), rows)
        } else {
            (None, rest)
        };
        Self {
            titles,
            rows,
            preview,
        }
    }
}

/// The screen of one server. Areas are with their borders, when there are any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerLayout {
    /// The servers around this one.
    pub servers: Option<Area>,
    /// The tree of controls.
    pub controls: Option<Area>,
    /// What the selected row holds.
    pub feature: Option<Area>,
    /// Whether panes have borders.
    pub borders: bool,
}

impl ServerLayout {
    /// Divides the body of the screen: three panes from 100 columns, two from 60, else the one that has the keys.
    #[must_use]
    pub fn new(body: Area, focus: Pane) -> Self {
        let borders = body.height >= 9 && body.width >= 30;
        let mut layout = Self {
            borders,
            ..Self::default()
        };
        if body.width >= 60 {
            let mut rest = body;
            if body.width >= 100 {
                let (servers, after) = body.left((body.width / 6).clamp(20, 30));
                layout.servers = Some(servers);
                rest = after;
            }
            let (controls, feature) = rest.left((rest.width / 20 * 9).min(60));
            layout.controls = Some(controls);
            layout.feature = Some(feature);
        } else {
            match focus {
                Pane::Controls => layout.controls = Some(body),
                Pane::Feature => layout.feature = Some(body),
            }
        }
        layout
    }

    /// What the border leaves of a pane.
    #[must_use]
    pub fn inside(&self, pane: Option<Area>) -> Area {
        match pane {
            None => Area::default(),
            Some(area) if self.borders => area.inside(),
            Some(area) => area,
        }
    }

    /// The right pane's lines: the verdict, the tabs, the page. The first two go when there is little room.
    #[must_use]
    pub fn feature_parts(&self) -> (Option<Area>, Option<Area>, Area) {
        let inside = self.inside(self.feature);
        let (verdict, rest) = inside.top(1);
        let (tabs, page) = rest.top(1);
        if inside.height >= 6 {
            (Some(verdict), Some(tabs), page)
        } else if inside.height >= 3 {
            (Some(verdict), None, rest)
        } else {
            (None, None, inside)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn within(part: Area, whole: Area) -> bool {
        part.x >= whole.x
            && part.y >= whole.y
            && u32::from(part.x) + u32::from(part.width)
                <= u32::from(whole.x) + u32::from(whole.width)
            && u32::from(part.y) + u32::from(part.height)
                <= u32::from(whole.y) + u32::from(whole.height)
    }

    fn apart(one: Area, other: Area) -> bool {
        one.is_empty()
            || other.is_empty()
            || one.x + one.width <= other.x
            || other.x + other.width <= one.x
            || one.y + one.height <= other.y
            || other.y + other.height <= one.y
    }

    #[test]
    fn a_tiny_terminal_keeps_three_rows_and_one_pane() {
        let size = Size {
            columns: 20,
            rows: 5,
        };
        for speaking in [false, true] {
            let chrome = Chrome::new(size, Screen::Fleet, true, speaking);
            assert!(FleetLayout::new(chrome.body).rows.height >= 3);
            let layout = ServerLayout::new(chrome.body, Pane::Feature);
            assert_eq!((layout.controls, layout.borders), (None, false));
            assert!(layout.feature_parts().2.height >= 2);
        }
    }

    #[test]
    fn panes_come_with_width() {
        let panes = |columns| {
            let body = Area {
                width: columns,
                height: 30,
                ..Area::default()
            };
            let layout = ServerLayout::new(body, Pane::Controls);
            [layout.servers, layout.controls, layout.feature]
                .iter()
                .flatten()
                .count()
        };
        assert_eq!([59, 60, 99, 100, 250].map(panes), [1, 2, 2, 3, 3]);
    }

    proptest! {
        #[test]
        fn areas_lie_in_the_terminal_and_apart(
            columns in prop_oneof![0..300_u16, Just(u16::MAX)],
            rows in prop_oneof![0..100_u16, Just(u16::MAX)],
            scanning: bool,
            speaking: bool,
            focus in prop_oneof![Just(Pane::Controls), Just(Pane::Feature)],
        ) {
            let whole = Area { x: 0, y: 0, width: columns, height: rows };
            let chrome = Chrome::new(Size { columns, rows }, Screen::Fleet, scanning, speaking);
            let lines = [chrome.header, chrome.strip, chrome.title, chrome.status, Some(chrome.body)];
            let fleet = FleetLayout::new(chrome.body);
            let server = ServerLayout::new(chrome.body, focus);
            for parts in [
                lines.iter().flatten().copied().collect::<Vec<_>>(),
                [fleet.titles, fleet.preview, Some(fleet.rows)].iter().flatten().copied().collect(),
                [server.servers, server.controls, server.feature].iter().flatten().copied().collect(),
            ] {
                for (place, part) in parts.iter().enumerate() {
                    prop_assert!(within(*part, whole));
                    for other in &parts[..place] {
                        prop_assert!(apart(*part, *other), "{part:?} {other:?}");
                    }
                }
            }
        }
    }
}
