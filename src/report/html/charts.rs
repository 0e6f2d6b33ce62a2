//! The charts of a page, as pictures in the page itself. Every number also stands there as text.

use std::fmt::Write as _;

use crate::baseline::{FamilyCode, FeatureId, catalogue};
use crate::posture::{Severity, VerdictWord};
use crate::report::Overview;

use super::{escaped, family_title, plain};

/// The verdicts that a bar shows, with their classes; the others are one part.
const VERDICTS: [(VerdictWord, &str); 5] = [
    (VerdictWord::Fail, "fail"),
    (VerdictWord::Unknown, "unknown"),
    (VerdictWord::Manual, "manual"),
    (VerdictWord::Pass, "pass"),
    (VerdictWord::Waived, "waived"),
];

/// How many features the chart of failing ones shows.
const MOST_FEATURES: usize = 16;

/// How many subscriptions and features the heat map shows.
const MOST_SUBSCRIPTIONS: usize = 25;
const MOST_COLUMNS: usize = 20;

/// The width of a chart, in units of the picture.
const WIDTH: usize = 640;

fn open(page: &mut String, title: &str, height: usize) {
    let _ = write!(
        page,
        "<h2>{title}</h2>\n<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"{title}\">\n"
    );
}

/// So many of the whole as a width; something is never drawn as nothing.
#[allow(clippy::cast_precision_loss)]
fn part(count: usize, whole: usize, width: usize) -> f64 {
    if count == 0 || whole == 0 {
        return 0.0;
    }
    (count as f64 / whole as f64 * width as f64).max(1.0)
}

/// The verdicts of every family, and below them what fails by severity.
pub fn verdicts(page: &mut String, overview: &Overview) {
    *page += "<section class=\"card\">";
    families(page, overview);
    severities(page, overview);
    *page += "</section>\n";
}

/// One bar a family.
fn families(page: &mut String, overview: &Overview) {
    const LEFT: usize = 210;
    const ROW: usize = 30;
    open(page, "Verdicts by family", FamilyCode::ALL.len() * ROW);
    for (row, family) in FamilyCode::ALL.into_iter().enumerate() {
        let count = |verdict| overview.family(family, verdict);
        let all: usize = VerdictWord::ALL.into_iter().map(count).sum();
        let (y, width) = (row * ROW, WIDTH - LEFT);
        let _ = writeln!(
            page,
            "<text x=\"0\" y=\"{}\">{}</text>",
            y + 19,
            escaped(&family_title(family))
        );
        let mut x = 0.0;
        let named: usize = VERDICTS.iter().map(|(verdict, _)| count(*verdict)).sum();
        let parts = VERDICTS.map(|(verdict, class)| (count(verdict), verdict.word(), class));
        let rest = (all - named, "does not apply, or not offered", "other");
        for (count, word, class) in parts.into_iter().chain([rest]) {
            let wide = part(count, all, width).min(width as f64 - x);
            if count == 0 {
                continue;
            }
            let _ = write!(
                page,
                "<rect class=\"v-{class}\" x=\"{:.1}\" y=\"{}\" width=\"{wide:.1}\" height=\"20\"><title>{word}: \
                 {count}</title></rect>",
                LEFT as f64 + x,
                y + 4
            );
            x += wide;
        }
        page.push('\n');
    }
    *page += "</svg>\n<ul class=\"legend\">";
    for (verdict, class) in VERDICTS {
        let count = overview.count(verdict);
        let _ = write!(
            page,
            "<li><i class=\"v-{class}\"></i>{} {count}</li>",
            verdict.word()
        );
    }
    *page += "<li><i class=\"v-other\"></i>does not apply</li></ul>\n";
}

/// The features that most servers fail.
pub fn features(page: &mut String, overview: &Overview) {
    const ROW: usize = 26;
    const LEFT: usize = 330;
    let failing = overview.most_failing();
    let shown = &failing[..failing.len().min(MOST_FEATURES)];
    *page += "<section class=\"card\">";
    open(page, "What fails most", (shown.len() * ROW).max(ROW));
    if shown.is_empty() {
        *page += "<text class=\"soft\" x=\"0\" y=\"18\">Nothing fails.</text>";
    }
    for (row, (feature, count)) in shown.iter().enumerate() {
        let y = row * ROW;
        let name = &catalogue().feature(*feature).name;
        let worst = overview.worst(*feature).map_or("", Severity::word);
        let _ = writeln!(
            page,
            "<text x=\"0\" y=\"{0}\">{1}</text><rect class=\"s-{worst}\" x=\"{LEFT}\" y=\"{2}\" width=\"{3:.1}\" \
             height=\"16\"><title>{1}: fails on {count} servers, at worst {worst}</title></rect><text x=\"{WIDTH}\" \
             y=\"{0}\" text-anchor=\"end\">{count}</text>",
            y + 17,
            escaped(&shortened(&format!("{} {name}", feature.control()), 46)),
            y + 5,
            part(*count, overview.servers, WIDTH - LEFT - 60),
        );
    }
    *page += "</svg>\n";
    if failing.len() > shown.len() {
        let _ = write!(
            page,
            "<p class=\"soft\">{} more features fail on fewer servers.</p>",
            failing.len() - shown.len()
        );
    }
    *page += "</section>\n";
}

/// The failing features by severity.
fn severities(page: &mut String, overview: &Overview) {
    const ROW: usize = 32;
    const LEFT: usize = 80;
    open(
        page,
        "Failing features by severity",
        Severity::ALL.len() * ROW,
    );
    let most = overview.failing.into_iter().max().unwrap_or(0);
    for (row, severity) in Severity::ALL.into_iter().enumerate() {
        let count = overview.failing[severity as usize];
        let y = row * ROW;
        let width = part(count, most, WIDTH - LEFT - 70);
        let _ = writeln!(
            page,
            "<text x=\"0\" y=\"{0}\">{severity}</text><rect class=\"s-{severity}\" x=\"{LEFT}\" y=\"{1}\" \
             width=\"{width:.1}\" height=\"22\"/><text x=\"{2:.1}\" y=\"{0}\">{count}</text>",
            y + 21,
            y + 5,
            LEFT as f64 + width + 8.0,
        );
    }
    *page += "</svg>\n";
}

/// Subscriptions by failing features.
pub fn heat(page: &mut String, overview: &Overview) {
    let failing = overview.most_failing();
    let columns: Vec<FeatureId> = failing
        .iter()
        .take(MOST_COLUMNS)
        .map(|(feature, _)| *feature)
        .collect();
    if columns.is_empty() {
        return;
    }
    *page += "<section class=\"card\"><h2>Servers that fail, by subscription and feature</h2>\n<table \
              class=\"heat\"><thead><tr><th scope=\"col\"></th><th scope=\"col\"><span>Servers</span></th>";
    for feature in &columns {
        let name = &catalogue().feature(*feature).name;
        let _ = write!(
            page,
            "<th scope=\"col\" title=\"{0}\"><span>{1}</span></th>",
            escaped(name),
            escaped(&shortened(&format!("{} {name}", feature.control()), 32))
        );
    }
    *page += "</tr></thead><tbody>\n";
    for subscription in overview.subscriptions.iter().take(MOST_SUBSCRIPTIONS) {
        let _ = write!(
            page,
            "<tr><th scope=\"row\">{}</th><td>{}</td>",
            plain(&shortened(&subscription.name, 40)),
            subscription.servers
        );
        for feature in &columns {
            let count = subscription.failing[feature.index()];
            let heat = (count * 5).div_ceil(subscription.servers.max(1));
            let _ = write!(page, "<td class=\"h{heat}\">{count}</td>");
        }
        *page += "</tr>\n";
    }
    *page += "</tbody></table>\n";
    let rest = overview
        .subscriptions
        .len()
        .saturating_sub(MOST_SUBSCRIPTIONS);
    let features = failing.len().saturating_sub(columns.len());
    if rest + features > 0 {
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let left_out = [
            counted(
                rest,
                "subscription with less that fails",
                "subscriptions with less that fails",
            ),
            counted(
                features,
                "feature that fewer servers fail",
                "features that fewer servers fail",
            ),
        ];
        let left_out: Vec<String> = left_out.into_iter().flatten().collect();
        let words = left_out.join(", ");
        let _ = write!(page, "<p class=\"soft\">Not shown: {words}.</p>");
    }
    *page += "</section>\n";
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most - 1).collect();
    short.push('…');
    short
}
