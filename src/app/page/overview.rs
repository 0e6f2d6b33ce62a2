//! What the right pane says of a family or a control: what it is about, and how its features stand.

use crate::app::{DetailState, ServerScreen, TreeNode};
use crate::baseline::{Control, FamilyCode, catalogue};
use crate::posture::{Finding, Score, VerdictWord};

use super::{Span, Tone, Writer};

pub(super) fn write(writer: &mut Writer, screen: &ServerScreen, node: TreeNode) {
    let catalogue = catalogue();
    match node {
        TreeNode::Family(code) => {
            let family = catalogue.family(code);
            writer.text(Tone::Heading, &format!("{code} {}", family.title));
            writer.blank();
            writer.paragraphs(&family.summary);
            scores(writer, screen, code);
        }
        TreeNode::Control(id) => {
            if let Some(control) = catalogue.control(id) {
                writer.text(Tone::Heading, &format!("{id} {}", control.title));
                writer.blank();
                crosswalk(writer, control);
            }
        }
        TreeNode::Feature(_) => {}
    }
    writer.heading("features");
    for feature in node.features() {
        let cell = screen.summary.cell(feature);
        let mut before = vec![
            Span::Symbol(cell.verdict),
            Span::Text(
                format!(" {:<11} ", verdict_word(cell.verdict)),
                Tone::Verdict(cell.verdict),
            ),
        ];
        before.push(match cell.severity {
            Some(severity) => {
                Span::Text(format!("{} ", severity.letter()), Tone::Severity(severity))
            }
            None => Span::Text("  ".to_owned(), Tone::Plain),
        });
        writer.item(before, 16, Tone::Plain, &catalogue.feature(feature).name);
    }
}

/// The scores of the server, and that of the family once its findings are there.
fn scores(writer: &mut Writer, screen: &ServerScreen, family: FamilyCode) {
    writer.heading("score");
    if let DetailState::Loaded(detail) = &screen.detail {
        let own = |finding: &&Finding| finding.feature.family() == family;
        let score = Score::of(detail.findings.iter().filter(own));
        writer.labelled(0, "family", Tone::Plain, &score_words(score));
    }
    let summary = &screen.summary;
    writer.labelled(0, "baseline", Tone::Plain, &score_words(summary.score));
    writer.labelled(0, "beyond", Tone::Plain, &score_words(summary.beyond));
    if family == FamilyCode::X {
        writer.text(
            Tone::Muted,
            "This family is apart: what lies beyond the baseline has a score of its own and is never part of the \
             baseline's.",
        );
    }
}

/// A score in words.
fn score_words(score: Score) -> String {
    score.percent().map_or_else(
        || "none: nothing here counts".to_owned(),
        |percent| format!("{percent} of 100"),
    )
}

/// The word of a verdict with its spaces.
pub(super) const fn verdict_word(verdict: VerdictWord) -> &'static str {
    match verdict {
        VerdictWord::NotApplicable => "n/a",
        verdict => verdict.word(),
    }
}

/// Where a control is found in other frameworks.
pub(super) fn crosswalk(writer: &mut Writer, control: &Control) {
    let crosswalk = &control.crosswalk;
    for (label, ids) in [
        ("CIS v7.1", &crosswalk.cis_v7_1),
        ("CIS v8", &crosswalk.cis_v8),
        ("NIST r4", &crosswalk.nist_sp800_53_r4),
        ("PCI 3.2.1", &crosswalk.pci_dss_v3_2_1),
    ] {
        if !ids.is_empty() {
            writer.labelled(0, label, Tone::Plain, &ids.join(", "));
        }
    }
    if let Some(note) = &crosswalk.note {
        let note: Vec<&str> = note.split_whitespace().collect();
        writer.text(Tone::Muted, &note.join(" "));
    }
}
