//! Text for a pane: what it says and how it is meant, wrapped to a width, without a colour.

mod azure_exemptions;
mod difference;
mod finding;
mod fix;
mod guidance;
mod history;
mod overview;
mod policies;
mod wrap;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::posture::{Severity, VerdictWord, Waiver};

use super::{DetailState, ServerScreen, Tab, TreeNode, raw};
pub(super) use azure_exemptions::{
    write as write_azure_exemption, write_all as write_azure_exemptions,
};

pub(super) use difference::{Findings, change_page};
pub(super) use guidance::write as write_guidance;
pub(super) use history::word_of;
pub(super) use policies::agreement_words;
pub(super) use wrap::hard_wrap;
pub use wrap::wrap;

/// How a piece of text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Text.
    Plain,
    /// The title of a part.
    Heading,
    /// Less important.
    Muted,
    /// The name of a value.
    Label,
    /// A name, a path or a value as Azure writes it.
    Code,
    /// A verdict's word.
    Verdict(VerdictWord),
    /// A severity.
    Severity(Severity),
    /// Something to take note of.
    Warning,
}

/// A piece of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Text.
    Text(String, Tone),
    /// The symbol of a verdict, one column wide.
    Symbol(VerdictWord),
    /// A bar that is full to this part of a hundred.
    Bar {
        /// How much of it is full, from 0 to 100.
        percent: u8,
        /// Columns.
        width: u16,
    },
}

/// A line of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageLine {
    /// Its pieces.
    pub spans: Vec<Span>,
    /// Whether it is what the reader came for.
    pub marked: bool,
    /// The address that its text stands for.
    pub link: Option<Arc<str>>,
}

/// What a page was made from; while it stays the same so does the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PageKey {
    node: TreeNode,
    tab: Tab,
    width: u16,
    detail: u64,
    levels: Option<usize>,
    minute: i64,
}

/// Text for a pane.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The lines.
    pub lines: Vec<PageLine>,
    key: Option<PageKey>,
}

impl Page {
    /// The first line that is marked.
    #[must_use]
    pub fn first_mark(&self) -> Option<usize> {
        self.lines.iter().position(|line| line.marked)
    }
}

/// Brings the page of a server's screen up to date. Returns whether it is another page than before, and not only the
/// same one in another width or at another time.
pub(super) fn refresh(
    screen: &mut ServerScreen,
    width: u16,
    now: Option<Timestamp>,
    zone: &TimeZone,
) -> bool {
    let key = PageKey {
        node: screen.node,
        tab: screen.tab,
        width,
        detail: screen.detail_generation,
        levels: screen.levels,
        minute: now.map_or(0, |now| now.as_second().div_euclid(60)),
    };
    if screen.page.key == Some(key) {
        return false;
    }
    let same = |old: PageKey| (old.node, old.tab, old.detail) == (key.node, key.tab, key.detail);
    let another = !screen.page.key.is_some_and(same);
    screen.page = Page {
        lines: lines(screen, width, now, zone),
        key: Some(key),
    };
    another
}

/// What a server's screen tells of the selected row, wrapped to a width.
#[must_use]
pub fn lines(
    screen: &ServerScreen,
    width: u16,
    now: Option<Timestamp>,
    zone: &TimeZone,
) -> Vec<PageLine> {
    let mut writer = Writer::new(width);
    match screen.node {
        TreeNode::Feature(feature) => match screen.tab {
            Tab::Finding => finding::write(&mut writer, screen, now),
            Tab::Guidance => guidance::write(&mut writer, feature),
            Tab::Policies => policies::write(&mut writer, screen, feature, now, zone),
            Tab::Fix => fix::write(&mut writer, screen),
            Tab::History => history::write(&mut writer, screen, feature, zone),
            Tab::Raw => raw::write(&mut writer, screen, now),
        },
        node => overview::write(&mut writer, screen, node),
    }
    writer.lines
}

/// An exemption of ours in words: until when, who answers for it, why, and where it was agreed. Not neutralised.
pub(super) fn exempt_words(waiver: &Waiver) -> String {
    let ticket = waiver.ticket.as_ref();
    let ticket = ticket.map_or_else(String::new, |ticket| format!(" ({ticket})"));
    let (until, owner, reason) = (waiver.until, &waiver.owner, &waiver.reason);
    format!("until {until} by {owner}: {reason}{ticket}")
}

/// Writes why there is no detail yet. Returns whether there is.
fn detail_is_there(writer: &mut Writer, screen: &ServerScreen) -> bool {
    match &screen.detail {
        DetailState::Loaded(_) => return true,
        DetailState::Loading => writer.text(Tone::Muted, "reading the server's documents ..."),
        DetailState::Failed(why) => {
            writer.text(Tone::Warning, "the server's documents could not be read");
            writer.text(Tone::Plain, why);
        }
    }
    false
}

/// Puts lines together.
pub(super) struct Writer {
    width: usize,
    pub lines: Vec<PageLine>,
}

impl Writer {
    /// Lines for a pane of this width. Its last column is left free: marks and arrows stand there.
    pub(super) fn new(width: u16) -> Self {
        Self {
            width: usize::from(width.saturating_sub(1)).max(1),
            lines: Vec::new(),
        }
    }

    pub(super) const fn width(&self) -> usize {
        self.width
    }

    pub(super) fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.spans.is_empty()) {
            self.lines.push(PageLine::default());
        }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.blank();
        self.text(Tone::Heading, text);
    }

    /// A text, wrapped.
    pub(super) fn text(&mut self, tone: Tone, text: &str) {
        self.item(Vec::new(), 0, tone, text);
    }

    /// Paragraphs that are separated by an empty line.
    pub(super) fn paragraphs(&mut self, text: &str) {
        for (place, paragraph) in text.trim().split("\n\n").enumerate() {
            if place > 0 {
                self.blank();
            }
            let paragraph: Vec<&str> = paragraph.split_whitespace().collect();
            self.text(Tone::Plain, &paragraph.join(" "));
        }
    }

    /// A name and its value, the value wrapped beside the name.
    pub(super) fn labelled(&mut self, indent: usize, label: &str, tone: Tone, text: &str) {
        let label = format!("{}{label:<9} ", " ".repeat(indent));
        let width = label.len();
        self.item(vec![Span::Text(label, Tone::Label)], width, tone, text);
    }

    /// A text, wrapped, with something before its first line and as much room before the others.
    pub(super) fn item(&mut self, before: Vec<Span>, indent: usize, tone: Tone, text: &str) {
        // In a narrow pane the text begins on a line of its own rather than be squeezed.
        let beside = self.width >= indent + 12;
        let hanging = if beside {
            indent
        } else {
            2.min(self.width / 4)
        };
        let mut spans = before;
        if !beside && !spans.is_empty() {
            self.push(std::mem::take(&mut spans));
        }
        let first = spans.is_empty();
        for (place, line) in wrap(text, self.width - hanging).into_iter().enumerate() {
            if place > 0 || first && hanging > 0 {
                spans.push(Span::Text(" ".repeat(hanging), Tone::Plain));
            }
            spans.push(Span::Text(line, tone));
            self.push(std::mem::take(&mut spans));
        }
        if !spans.is_empty() {
            self.push(spans);
        }
    }

    /// An address, over as many lines as it takes.
    pub(super) fn link(&mut self, url: &str, marked: bool) {
        let link: Arc<str> = url.into();
        let from = self.lines.len();
        self.text(Tone::Code, url);
        for line in self.lines.iter_mut().skip(from) {
            line.link = Some(link.clone());
            line.marked = marked;
        }
    }

    pub(super) fn push(&mut self, spans: Vec<Span>) {
        self.lines.push(PageLine {
            spans,
            ..PageLine::default()
        });
    }
}
