//! A row of a difference as text for the clipboard.

use std::fmt::Write as _;

use crate::app::page::word_of;
use crate::app::{PageLine, ScanInfo, Span};
use crate::baseline::catalogue;
use crate::documents::text::neutral;
use crate::posture::Cell;
use crate::posture::difference::OneSided;

use super::{DifferenceRow, DifferenceScreen};

pub(super) fn copied(screen: &DifferenceScreen) -> Option<String> {
    let comparison = screen.loaded()?;
    let difference = &comparison.difference;
    let mut text = match screen.selected()? {
        DifferenceRow::Group(group, count) => format!("{}: {count}", group.title()),
        DifferenceRow::New(place) => one_sided(screen, difference.new.get(place as usize)?, true)?,
        DifferenceRow::Gone(place) => {
            one_sided(screen, difference.gone.get(place as usize)?, false)?
        }
        DifferenceRow::Change(place) => {
            let (change, server) = screen.change(place)?;
            let feature = catalogue().feature(change.feature);
            let mut text = format!(
                "{} {}: {}, {} to {}\n{}",
                feature.control,
                feature.name,
                change.kind.title(),
                words(change.before),
                words(change.after),
                neutral(&server.id)
            );
            if let Some(open) = screen.open.as_ref().filter(|open| open.change == place) {
                // The first lines of the page say the same.
                let page = open.lines.iter().map(plain).skip(3);
                for line in page.filter(|line| !line.trim().is_empty()) {
                    let _ = write!(text, "\n{line}");
                }
            }
            text
        }
    };
    let _ = write!(
        text,
        "\nfrom scan {}\nto scan {}",
        scan(&comparison.from),
        scan(&comparison.to)
    );
    Some(text)
}

fn one_sided(screen: &DifferenceScreen, one: &OneSided, new: bool) -> Option<String> {
    let server = screen.loaded()?.difference.server(one.server)?;
    let which = if new { "new server" } else { "server gone" };
    let unseen = one.unseen.map_or_else(String::new, |unseen| {
        format!(" (perhaps only unseen: {})", unseen.words())
    });
    Some(format!("{which}{unseen}\n{}", neutral(&server.id)))
}

fn words(cell: Cell) -> String {
    let severity = cell
        .severity
        .map_or_else(String::new, |it| format!(" {it}"));
    format!("{}{severity}", word_of(cell.verdict))
}

fn scan(scan: &ScanInfo) -> String {
    let (scope, word) = (neutral(&scan.scope), scan.completeness.word());
    format!("{} of {}, {scope}, {word}", scan.id, scan.started_at)
}

fn plain(line: &PageLine) -> String {
    let text = |span: &Span| match span {
        Span::Text(text, _) => text.clone(),
        Span::Symbol(_) | Span::Bar { .. } => "-".to_owned(),
    };
    let text: String = line.spans.iter().map(text).collect();
    text.trim_end().to_owned()
}
