//! Searching in a page of text: a tab, or what lies over a screen.

use std::borrow::Cow;
use std::ops::Range;

use crate::query::literal_ranges;

use super::{Mode, PageLine, Pane, Prompt, Screen, Span, State, Tab, overlay_lines};

/// A page in which something can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagePlace {
    /// A tab of a feature.
    Tab(Tab),
    /// The list of errors.
    Errors,
    /// The progress of a scan.
    Progress,
    /// The exemptions.
    Exemptions,
    /// Which permissions are missing.
    Permissions,
    /// The policies over all servers.
    Policies,
}

/// What is searched in a page.
#[derive(Clone, Debug, Default)]
pub struct PageSearch {
    /// The text; empty without a search.
    pub(super) text: String,
    /// The page in which it is searched.
    pub(super) place: Option<PagePlace>,
    /// The one among all hits that is looked at.
    pub(super) hit: usize,
}

/// The text that is searched in a page, while it is being written.
#[derive(Clone, Debug)]
pub struct PageSearchMode {
    /// The line.
    pub prompt: Prompt,
    /// What was searched before; it comes back on Esc, with the first line on the screen.
    pub(super) before: PageSearch,
    pub(super) scroll: usize,
}

/// What to highlight in a page.
#[derive(Clone, Debug, Default)]
pub struct Sought<'a> {
    /// The text, wherever it stands.
    pub text: &'a str,
    /// The hit that is looked at: its line, and where it begins in it.
    pub at: Option<(usize, usize)>,
}

/// Every place of a text in the lines of a page: the line, and the bytes of [`PageLine::text`].
pub fn hits(lines: &[PageLine], text: &str) -> Vec<(usize, Range<usize>)> {
    let lines = lines.iter().enumerate();
    lines
        .flat_map(|(row, line)| {
            let ranges = literal_ranges(text, &line.text());
            ranges.into_iter().map(move |range| (row, range))
        })
        .collect()
}

impl PageLine {
    /// The text of the line; a symbol and each column of a bar is a space in it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut line = String::new();
        for span in &self.spans {
            match span {
                Span::Text(text, _) => line.push_str(text),
                Span::Symbol(_) => line.push(' '),
                Span::Bar { width, .. } => line.extend(std::iter::repeat_n(' ', (*width).into())),
            }
        }
        line
    }
}

impl State {
    /// What has the keys when no line is being written.
    pub(super) fn below_prompt(&self) -> Option<&Mode> {
        let mut modes = self.modes.iter().rev();
        modes.find(|mode| !matches!(mode, Mode::PageSearch(_)))
    }

    /// The page that is read now, when one is.
    pub(super) fn page_place(&self) -> Option<PagePlace> {
        match self.below_prompt()? {
            Mode::Screen(Screen::Server) => {
                let server = self.server.as_ref()?;
                (server.focus == Pane::Feature).then_some(PagePlace::Tab(server.tab))
            }
            mode => place_of(mode),
        }
    }

    /// The lines of the page that is read now.
    pub(super) fn page_lines(&self) -> Cow<'_, [PageLine]> {
        match self.below_prompt() {
            Some(Mode::Screen(Screen::Server)) => match &self.server {
                Some(server) => Cow::Borrowed(&server.page.lines),
                None => Cow::default(),
            },
            Some(mode) => Cow::Owned(overlay_lines(self, mode, self.overlay_inside().width)),
            None => Cow::default(),
        }
    }

    /// What to highlight in these lines of what lies over a screen.
    #[must_use]
    pub fn sought_over(&self, mode: &Mode, lines: &[PageLine]) -> Sought<'_> {
        self.sought(place_of(mode), lines)
    }

    /// What to highlight in the tab that is shown.
    #[must_use]
    pub fn sought_in_tab(&self, tab: Tab, lines: &[PageLine]) -> Sought<'_> {
        self.sought(Some(PagePlace::Tab(tab)), lines)
    }

    fn sought(&self, place: Option<PagePlace>, lines: &[PageLine]) -> Sought<'_> {
        let search = &self.page_search;
        if search.text.is_empty() || place.is_none() || search.place != place {
            return Sought::default();
        }
        let hits = hits(lines, &search.text);
        Sought {
            text: &search.text,
            at: hits
                .get(search.hit)
                .map(|(line, range)| (*line, range.start)),
        }
    }
}

const fn place_of(mode: &Mode) -> Option<PagePlace> {
    match mode {
        Mode::Errors(_) => Some(PagePlace::Errors),
        Mode::Progress(_) => Some(PagePlace::Progress),
        Mode::Exemptions(_) => Some(PagePlace::Exemptions),
        Mode::Permissions(_) => Some(PagePlace::Permissions),
        Mode::Policies(_) => Some(PagePlace::Policies),
        _ => None,
    }
}
