//! Journeys: several frames of one way through the explorer, one below the other, each under the keys that led to it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Keys, and what they do in words. A frame is taken after them.
pub(super) type Step = (&'static str, &'static str);

/// Which servers are open to the world, and what closes them?
pub(super) const EXPOSED: &[Step] = &[
    (
        "/ f e a t u r e : p u b l i c Space s t a t e : f a i l Space s e v : c r i t i c a l",
        "/feature:public state:fail sev:critical   who is open to the world, worst first",
    ),
    ("Enter Enter", "Enter   the worst one, and why it fails"),
    ("Alt-4 y x", "Alt-4, y x   what closes it, copied"),
];

/// What has become worse since the scan before?
pub(super) const REGRESSED: &[Step] = &[
    ("d", "d   what differs from the scan before"),
    ("Enter", "Enter   what was read before and now"),
    ("Esc n Enter", "Esc, n, Enter   the next kind of change"),
];

/// Why is this unknown, and which permission answers it?
pub(super) const UNKNOWN: &[Step] = &[
    ("u", "u   only what is unknown"),
    ("Enter", "Enter   the cause stands with the finding"),
    (
        "g a y r",
        "g a, y r   the missing permissions, the role copied",
    ),
];

/// One control over all servers, for an auditor.
pub(super) const CONTROL: &[Step] = &[
    (
        "Tab 6 j j j j",
        "Tab, 6, j   every feature over all servers: LT-4",
    ),
    ("Enter", "Enter   its servers, worst first"),
    ("e", "e   what is shown, as a file"),
];

/// The frames one below the other, each with its words above it.
pub(super) fn stacked(frames: &[(&str, Buffer)]) -> Buffer {
    let columns = frames.iter().map(|(_, it)| it.area.width).max();
    let rows = frames.iter().map(|(_, it)| it.area.height + 3).sum();
    let mut all = Buffer::empty(Rect::new(0, 0, columns.unwrap_or_default(), rows));
    let mut top = 0;
    for (words, frame) in frames {
        let style = Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED);
        let line = format!(" {words:<width$}", width = usize::from(frame.area.width));
        all.set_stringn(0, top, line, usize::from(frame.area.width), style);
        for place in frame.area.positions() {
            all[(place.x, place.y + top + 1)] = frame[place].clone();
        }
        top += frame.area.height + 3;
    }
    all
}
