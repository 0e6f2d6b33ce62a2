//! How the screen of a difference is divided.

use crate::app::Area;

/// How the screen of a difference is divided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DifferenceLayout {
    /// What is compared: one line, or three and one for each warning.
    pub head: Area,
    /// The list.
    pub list: Option<Area>,
    /// The change that is looked into, with its border.
    pub detail: Option<Area>,
}

impl DifferenceLayout {
    /// The columns from which the change stands beside the list.
    const BESIDE: u16 = 100;

    /// Divides the body of the screen.
    #[must_use]
    pub fn new(body: Area, warnings: usize, open: bool) -> Self {
        let warnings = u16::try_from(warnings).unwrap_or(u16::MAX).min(3);
        let lines = match body.height {
            16.. => 3 + warnings,
            8..=15 => 1,
            _ => 0,
        };
        let (head, rest) = body.top(lines);
        let (list, detail) = match (open, rest.width >= Self::BESIDE) {
            (false, _) => (Some(rest), None),
            (true, false) => (None, Some(rest)),
            (true, true) => {
                let (list, detail) = rest.left(rest.width / 2);
                (Some(list), Some(detail))
            }
        };
        Self { head, list, detail }
    }

    /// Where the text of the change stands: inside the border, or everywhere where there is no room for one.
    #[must_use]
    pub fn inside(&self) -> Area {
        let area = self.detail.unwrap_or_default();
        if area.height >= 9 && area.width >= 30 {
            area.inside()
        } else {
            area
        }
    }
}
