//! The servers as a plain table, for a reader without scripts: what the script would list, with what fails and what is
//! unknown by name.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::baseline::{FeatureId, catalogue};
use crate::posture::{Severity, VerdictWord};

use super::plain;
use crate::report::{ListedServer, Selection};

/// Writes the table.
///
/// # Errors
/// When `out` refuses.
pub(super) fn write<'a>(
    out: &mut impl Write,
    servers: impl Iterator<Item = ListedServer<'a>>,
    selection: &Selection,
) -> io::Result<()> {
    out.write_all(
        b"<noscript><section class=\"card\" aria-label=\"Servers\">\n<h2>Servers</h2>\n\
          <p class=\"careful\">JavaScript is off: this is the whole list. The evidence, which the script would show, is in \
          the other forms of the report, such as .csv or .xlsx.</p>\n\
          <table class=\"plain servers\"><thead><tr><th>Server</th><th>Subscription</th><th>Resource group</th>\
          <th>Region</th><th>Version</th><th class=\"n\">Score</th><th>Fails</th><th>Unknown</th></tr></thead><tbody>\n",
    )?;
    for server in servers {
        out.write_all(row(server, selection).as_bytes())?;
    }
    out.write_all(b"</tbody></table></section></noscript>\n")
}

fn row(listed: ListedServer<'_>, selection: &Selection) -> String {
    let server = listed.summary;
    let mut row = format!("<tr><th scope=\"row\">{}</th>", plain(&server.name));
    for text in [
        listed.subscription,
        &server.resource_group,
        &server.region,
        &server.version,
    ] {
        let _ = write!(row, "<td>{}</td>", plain(text));
    }
    let score = server.score.percent();
    let score = score.map_or_else(|| "–".to_owned(), |score| score.to_string());
    let _ = write!(row, "<td class=\"n\">{score}</td>");
    let shown = |verdict| {
        FeatureId::ALL.into_iter().filter(move |feature| {
            let cell = server.cell(*feature);
            cell.verdict == verdict && selection.admits(*feature, cell)
        })
    };
    let severity = |feature: &FeatureId| server.cell(*feature).severity;
    let mut failing: Vec<FeatureId> = shown(VerdictWord::Fail).collect();
    failing.sort_by_key(|feature| {
        let place = Severity::ALL
            .iter()
            .position(|it| severity(feature) == Some(*it));
        place.unwrap_or(Severity::ALL.len())
    });
    let failing = failing.iter().map(|feature| {
        let words = severity(feature).map_or("", Severity::word);
        format!("{} ({words})", name(*feature))
    });
    for cell in [
        failing.collect::<Vec<_>>(),
        shown(VerdictWord::Unknown).map(name).collect(),
    ] {
        let _ = write!(row, "<td>{}</td>", cell.join("<br>"));
    }
    row + "</tr>\n"
}

fn name(feature: FeatureId) -> String {
    let name = &catalogue().feature(feature).name;
    format!("{} {}", feature.control(), plain(name))
}
