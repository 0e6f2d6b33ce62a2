//! What differs between two scans, as a page without any script.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::report::DifferenceRecord;

use super::{STYLE, escaped, moment, opening};

/// Up to so many changes a kind is unfolded.
const UNFOLDED: usize = 200;

/// A page of what differs between two scans.
#[derive(Debug)]
pub struct DifferencePage;

impl DifferencePage {
    /// Writes the page.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn write(
        out: &mut impl Write,
        record: &DifferenceRecord<'_>,
        program: &str,
        written_at: jiff::Timestamp,
    ) -> io::Result<()> {
        opening(out, "Difference of two scans", STYLE, None)?;
        let mut page = "<header>\n<h1>Difference of two scans</h1>\n<p class=\"facts\">".to_owned();
        let facts = record.facts();
        let (careful, facts): (Vec<_>, Vec<_>) =
            facts.into_iter().partition(|(name, _)| *name == "Careful");
        for (name, text) in facts {
            let _ = write!(page, "{name}: {}. ", escaped(&text));
        }
        page += "</p>\n";
        for (_, text) in careful {
            let _ = writeln!(page, "<p class=\"careful\">{}</p>", escaped(&text));
        }
        page += "</header>\n<main>\n";
        let (groups, servers) = (record.groups(), record.servers_of_one());
        page += "<section class=\"tiles\" aria-label=\"Numbers\">\n";
        let numbers = groups.iter().map(|(title, rows)| (*title, rows.len()));
        let one_sided = servers.iter().map(|(title, rows)| (*title, rows.len()));
        for (title, count) in numbers.chain(one_sided) {
            let _ = writeln!(
                page,
                "<div class=\"tile\"><b>{count}</b><span>{title}</span></div>"
            );
        }
        page += "</section>\n";
        for (title, rows) in &groups {
            let heads = ["Server", "Control", "Feature", "Before", "After"];
            table(&mut page, title, &heads, rows);
        }
        for (title, rows) in &servers {
            table(&mut page, title, &["Server", "Open"], rows);
        }
        if groups.is_empty() && servers.is_empty() {
            page += "<p>The two scans say the same.</p>\n";
        }
        let _ = write!(
            page,
            "</main>\n<footer>{}</footer>\n</body>\n</html>\n",
            escaped(&format!("Written by {program}, {}.", moment(written_at)))
        );
        out.write_all(page.as_bytes())?;
        out.flush()
    }
}

fn table<const N: usize>(page: &mut String, title: &str, heads: &[&str; N], rows: &[[String; N]]) {
    let open = if rows.len() <= UNFOLDED { " open" } else { "" };
    let _ = write!(
        page,
        "<section class=\"card\"><details{open}><summary>{title} ({})</summary><table class=\"plain\"><thead><tr>",
        rows.len()
    );
    for head in heads {
        let _ = write!(page, "<th scope=\"col\">{head}</th>");
    }
    *page += "</tr></thead><tbody>\n";
    for row in rows {
        *page += "<tr>";
        for cell in row {
            let _ = write!(page, "<td>{}</td>", escaped(cell));
        }
        *page += "</tr>\n";
    }
    *page += "</tbody></table></details></section>\n";
}
