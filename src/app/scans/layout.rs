//! How the screen of scans is divided.

use crate::app::{Area, State};

/// How the screen of scans is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScansLayout {
    /// The heads of the columns.
    pub titles: Option<Area>,
    /// The files.
    pub rows: Area,
    /// More about the selected one.
    pub detail: Option<Area>,
}

impl ScansLayout {
    /// Divides the body of the screen.
    #[must_use]
    pub fn new(body: Area) -> Self {
        let (rest, detail) = if body.height >= 14 {
            let (rest, detail) = body.bottom(5);
            (rest, Some(detail))
        } else if body.height >= 7 {
            let (rest, detail) = body.bottom(2);
            (rest, Some(detail))
        } else {
            (body, None)
        };
        let (titles, rows) = if rest.height >= 5 {
            let (titles, rows) = rest.top(1);
            (Some(titles), rows)
        } else {
            (None, rest)
        };
        Self {
            titles,
            rows,
            detail,
        }
    }
}

impl State {
    /// How the screen of scans is divided.
    #[must_use]
    pub fn scans_layout(&self) -> ScansLayout {
        ScansLayout::new(self.chrome().body)
    }
}
