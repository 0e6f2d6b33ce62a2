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
          <table class=\"plain servers\"><thead><tr><th>Server</th><th class=\"n\">Score</th>\
          <th>Fails</th><th>Unknown</th></tr></thead><tbody>\n",
    )?;
    for server in servers {
        out.write_all(row(server, selection).as_bytes())?;
    }
    out.write_all(b"</tbody></table></section></noscript>\n")
}

fn row(listed: ListedServer<'_>, selection: &Selection) -> String {
    let server = listed.summary;
    let facts = [
        listed.subscription,
        &server.resource_group,
        &server.region,
        &server.version,
    ];
    let facts: Vec<String> = facts
        .into_iter()
        .filter(|fact| !fact.is_empty())
        .map(plain)
        .collect();
    let mut row = format!(
        "<tr><th scope=\"row\">{}<div class=\"soft\">{}</div></th>",
        plain(&server.name),
        facts.join(" · ")
    );
    let score = server.score.percent();
    let score = score.map_or_else(|| "–".to_owned(), |score| score.to_string());
    let _ = write!(row, "<td class=\"n\">{score}</td>");
    let shown = |verdict| {
        FeatureId::ALL.into_iter().filter(move |feature| {
            let cell = server.cell(*feature);
            cell.verdict == verdict && selection.admits(*feature, cell)
        })
    };
    let names = |features: Vec<FeatureId>| -> Option<String> {
        let names: Vec<String> = features.into_iter().map(name).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    row += "<td>";
    for severity in Severity::ALL.map(Some).into_iter().chain([None]) {
        let of_severity = |feature: &FeatureId| server.cell(*feature).severity == severity;
        if let Some(names) = names(shown(VerdictWord::Fail).filter(of_severity).collect()) {
            let word = severity.map_or("fails", Severity::word);
            let _ = write!(row, "<div><b>{word}</b> {names}</div>");
        }
    }
    let unknown = names(shown(VerdictWord::Unknown).collect()).unwrap_or_default();
    let _ = write!(row, "</td><td>{unknown}</td>");
    row + "</tr>\n"
}

fn name(feature: FeatureId) -> String {
    let name = &catalogue().feature(feature).name;
    format!("{} {}", feature.control(), plain(name))
}
