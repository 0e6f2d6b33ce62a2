//! Text that stands for an address (OSC 8, as <https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda>
//! describes it): which cells of the frame do, and which did when they were last written.
//!
//! The address is written once for each run of cells that is written, never for a cell that stays as it is. All runs have
//! the same id: a terminal takes those with the same id and the same address for one link, as when it is wrapped.

use std::ops::Range;
use std::sync::Arc;

/// The longest address that is written; terminals drop what is longer than about 2,000 bytes.
const LONGEST: usize = 1_900;

/// A piece of a row that stands for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkedText {
    /// The row.
    pub y: u16,
    /// The columns.
    pub columns: Range<u16>,
    /// The address. One that is not `http` or `https`, or not of printable ASCII, is not written.
    pub url: Arc<str>,
}

/// The addresses of a screen's cells.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Of the next frame, by the place of the cell.
    wanted: Vec<(Range<usize>, Arc<str>)>,
    /// As written.
    shown: Vec<(Range<usize>, Arc<str>)>,
    /// The one that is open in the bytes so far.
    open: Option<Arc<str>>,
    cells: usize,
}

impl Links {
    /// The screen was cleared and has so many cells.
    pub fn start_over(&mut self, cells: usize) {
        *self = Self {
            cells,
            ..Self::default()
        };
    }

    /// What the next frame is to have.
    pub fn set(&mut self, links: &[LinkedText], width: u16) {
        let width = usize::from(width);
        self.wanted.clear();
        let good = links.iter().filter(|link| is_address(&link.url));
        self.wanted.extend(good.filter_map(|link| {
            let row = usize::from(link.y) * width;
            let end = row + usize::from(link.columns.end).min(width);
            let places = row + usize::from(link.columns.start)..end.min(self.cells);
            (!places.is_empty()).then(|| (places, link.url.clone()))
        }));
    }

    /// The cells whose address is another one than was written.
    pub fn changed(&self) -> impl Iterator<Item = usize> + '_ {
        let both = || self.wanted.iter().chain(&self.shown);
        // Mostly both are the same, and nothing is looked at cell by cell.
        let differ = self.wanted != self.shown;
        let places = both()
            .filter(move |_| differ)
            .flat_map(|(places, _)| places.clone());
        let mut places: Vec<usize> = places
            .filter(|place| of(&self.wanted, *place) != of(&self.shown, *place))
            .collect();
        places.sort_unstable();
        places.dedup();
        places.into_iter()
    }

    /// Whether what is open now is what a cell stands for.
    pub fn is_open_as(&self, place: usize) -> bool {
        self.open.as_ref() == of(&self.wanted, place)
    }

    /// Opens what a cell stands for, before it is written.
    pub fn open(&mut self, place: usize, bytes: &mut Vec<u8>) {
        if self.is_open_as(place) {
            return;
        }
        match of(&self.wanted, place).cloned() {
            Some(url) => {
                bytes.extend_from_slice(b"\x1b]8;id=f;");
                bytes.extend_from_slice(url.as_bytes());
                bytes.extend_from_slice(b"\x1b\\");
                self.open = Some(url);
            }
            None => self.close(bytes),
        }
    }

    /// Closes what is open.
    pub fn close(&mut self, bytes: &mut Vec<u8>) {
        if self.open.take().is_some() {
            bytes.extend_from_slice(b"\x1b]8;;\x1b\\");
        }
    }

    /// The frame was written.
    pub fn settle(&mut self) {
        self.shown.clone_from(&self.wanted);
    }
}

fn of(links: &[(Range<usize>, Arc<str>)], place: usize) -> Option<&Arc<str>> {
    let found = links.iter().find(|(places, _)| places.contains(&place));
    found.map(|(_, url)| url)
}

fn is_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && url.len() <= LONGEST
        && url.bytes().all(|byte| byte.is_ascii_graphic())
}
