//! A report as Markdown that fits under a pull request: the numbers first, the rest folded, and never longer than a comment
//! may be. What does not fit is counted.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::baseline::{FamilyCode, catalogue};
use crate::documents::text::neutral;
use crate::posture::{Severity, VerdictWord};
use crate::query::GroupStanding;

use super::table::escaped;
use super::{Overview, ReportHead, Rows};

/// How long a comment may be on GitHub, in characters.
pub const LONGEST_COMMENT: usize = 65_536;

/// Room for what stands below the rows.
const BELOW: usize = 400;

/// The most rows of the folded tables that stand before the rows.
const MOST_ROWS: usize = 40;

/// Markdown that is never longer than a comment may be: it takes whole lines as long as there is room, and counts the
/// others.
#[derive(Debug)]
pub struct Comment {
    text: String,
    /// How long the text may become, in characters.
    limit: usize,
    length: usize,
    line: Vec<u8>,
    left_out: usize,
}

impl Comment {
    /// Begins with a text.
    fn new(text: String, limit: usize) -> Self {
        Self {
            length: characters(&text),
            text,
            limit: limit.saturating_sub(BELOW),
            line: Vec::new(),
            left_out: 0,
        }
    }

    /// An empty one.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(String::new(), LONGEST_COMMENT)
    }

    /// The whole text; what was left out is told at its end.
    #[must_use]
    pub fn finish(mut self) -> String {
        if self.left_out > 0 {
            let _ = write!(
                self.text,
                "\n**{} rows are left out**: a comment holds {LONGEST_COMMENT} characters. A filter makes them fewer; \
                 the formats csv, html and xlsx hold them all.\n",
                self.left_out
            );
        }
        self.text
    }
}

impl Write for Comment {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&std::mem::take(&mut self.line)).into_owned();
                let length = characters(&line);
                // Once a line is left out so are those behind it: the table has no holes.
                if self.left_out == 0 && self.length + length <= self.limit {
                    self.length += length;
                    self.text += &line;
                } else {
                    self.left_out += 1;
                }
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A report under a pull request, to which the rows of a table are written.
#[derive(Debug)]
pub struct PullRequest(Comment);

impl PullRequest {
    /// Begins with the numbers, and with the head of a folded table of these rows.
    #[must_use]
    pub fn new(
        head: &ReportHead,
        overview: &Overview,
        groups: &[GroupStanding],
        rows: Rows,
    ) -> Self {
        let mut text = String::new();
        numbers(&mut text, head, overview);
        families(&mut text, overview);
        failing(&mut text, overview);
        grouped(&mut text, groups);
        let title = capital(&rows.to_string());
        let _ = write!(
            text,
            "\n<details>\n<summary>{}</summary>\n\n",
            escaped(&title)
        );
        Self(Comment::new(text, LONGEST_COMMENT))
    }

    /// The whole text, once the rows are written.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.0.text += "\n</details>\n";
        self.0.finish()
    }
}

impl Write for PullRequest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The columns of rows under a pull request unless somebody chose others; `None` for all.
pub const fn usual_columns(rows: Rows) -> Option<&'static [&'static str]> {
    match rows {
        Rows::Servers => Some(&[
            "server",
            "subscription",
            "region",
            "score",
            "open_critical",
            "open_high",
            "open_medium",
            "open_low",
            "unknown",
        ]),
        Rows::Findings | Rows::FindingsOf(_) => Some(&[
            "server", "control", "feature", "verdict", "severity", "reason",
        ]),
        Rows::Controls => Some(&[
            "control", "feature", "failing", "unknown", "manual", "passing", "waived",
        ]),
        Rows::Difference => Some(&[
            "change",
            "server",
            "control",
            "feature",
            "verdict_before",
            "verdict",
            "severity",
        ]),
        _ => None,
    }
}

/// The length as GitHub may count it: characters outside the first plane are two.
fn characters(text: &str) -> usize {
    text.encode_utf16().count()
}

fn cell(text: &str) -> String {
    escaped(&neutral(text))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn numbers(text: &mut String, head: &ReportHead, overview: &Overview) {
    let percent = |score: Option<u8>| score.map_or_else(|| "none".to_owned(), |it| it.to_string());
    let scan = &head.scan;
    let open: Vec<String> = Severity::ALL
        .into_iter()
        .zip(overview.failing)
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("**{count}** {severity}"))
        .collect();
    let open = if open.is_empty() {
        "nothing".to_owned()
    } else {
        open.join(", ")
    };
    let _ = write!(
        text,
        "## Security posture of Azure Database for MySQL\n\n| | |\n| --- | --- |\n| Posture | **{}** of 100, beyond the \
         baseline {} |\n| Servers | {}, {} of them with something that fails |\n| Failing | {open} |\n| Unknown | {} \
         |\n| Scan | {} of {:.0}, {}, {} |\n| Ruleset | {} |\n",
        percent(overview.score.percent()),
        percent(overview.beyond.percent()),
        overview.servers,
        overview.failing_servers,
        overview.count(VerdictWord::Unknown),
        cell(&scan.id),
        scan.started_at,
        cell(&scan.scope),
        cell(&scan.completeness),
        cell(&head.ruleset),
    );
    if let Some(filter) = &head.filter {
        let _ = writeln!(text, "| Filter | {} |", cell(filter));
    }
    for note in scan.notes.iter().take(MOST_ROWS) {
        let _ = write!(text, "\n> **Careful:** {}\n", cell(note));
    }
}

fn families(text: &mut String, overview: &Overview) {
    const SHOWN: [VerdictWord; 5] = [
        VerdictWord::Fail,
        VerdictWord::Unknown,
        VerdictWord::Manual,
        VerdictWord::Pass,
        VerdictWord::Waived,
    ];
    *text += "\n| Family | Fail | Unknown | Manual | Pass | Waived |\n| --- | ---: | ---: | ---: | ---: | ---: |\n";
    for family in FamilyCode::ALL {
        let _ = write!(
            text,
            "| {} {} ",
            family.code(),
            cell(&catalogue().family(family).title)
        );
        for verdict in SHOWN {
            let _ = write!(text, "| {} ", overview.family(family, verdict));
        }
        *text += "|\n";
    }
}

fn failing(text: &mut String, overview: &Overview) {
    let features = overview.most_failing();
    if features.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\n<details>\n<summary>What fails ({} features)</summary>\n\n| Control | Feature | Worst | Servers \
         |\n| --- | --- | --- | ---: |\n",
        features.len()
    );
    for (feature, servers) in features {
        let worst = overview.worst(feature).map_or("", Severity::word);
        let _ = writeln!(
            text,
            "| {} | {} | {worst} | {servers} |",
            feature.control(),
            cell(&catalogue().feature(feature).name)
        );
    }
    *text += "\n</details>\n";
}

fn grouped(text: &mut String, groups: &[GroupStanding]) {
    if groups.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\n<details>\n<summary>Groups ({})</summary>\n\n| Group | Servers | Score | Critical | High | Medium | Low \
         |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        groups.len()
    );
    for group in groups.iter().take(MOST_ROWS) {
        let score = group.score.percent();
        let score = score.map_or_else(|| "-".to_owned(), |score| score.to_string());
        let _ = write!(
            text,
            "| {} | {} | {score} ",
            escaped(&group.name),
            group.servers.len()
        );
        for count in group.open {
            let _ = write!(text, "| {count} ");
        }
        *text += "|\n";
    }
    if groups.len() > MOST_ROWS {
        let _ = write!(text, "\nAnd {} more.\n", groups.len() - MOST_ROWS);
    }
    *text += "\n</details>\n";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::test_support::{fleet, summary};
    use crate::report::{Format, TableWriter, write_server};
    use crate::report::{ScanRecord, Selection};

    fn head() -> ReportHead {
        ReportHead {
            program: "flexposture".to_owned(),
            written_at: jiff::Timestamp::UNIX_EPOCH,
            scan: ScanRecord {
                id: "0a1b2c3d".to_owned(),
                scope: "everything | <all>".to_owned(),
                cloud: "public".to_owned(),
                started_at: jiff::Timestamp::UNIX_EPOCH,
                finished_at: None,
                completeness: "unfinished".to_owned(),
                servers: 0,
                notes: vec!["two\nlines".to_owned()],
            },
            ruleset: "r".to_owned(),
            filter: None,
            group: None,
            about: None,
        }
    }

    fn written(servers: usize) -> String {
        let fleet = fleet((0..servers).map(|number| summary(&format!("mysql-名-{number:04}"))));
        let overview = Overview::of(&fleet, fleet.servers.iter(), &Selection::default());
        let rows = Rows::Servers;
        let text = PullRequest::new(&head(), &overview, &[], rows);
        let columns = rows.chosen(usual_columns(rows).unwrap()).unwrap();
        let mut writer = TableWriter::new(text, Format::Markdown, &columns).unwrap();
        for server in &fleet.servers {
            write_server(&mut writer, rows, server, "main").unwrap();
        }
        writer.finish().unwrap().finish()
    }

    #[test]
    fn it_is_never_longer_than_a_comment_and_counts_what_it_leaves_out() {
        let all = written(10);
        assert!(
            all.contains("mysql-名-0009") && !all.contains("left out"),
            "{all}"
        );
        assert!(all.contains("everything \\| &lt;all&gt;"), "{all}");
        let cut = written(5_000);
        assert!(cut.encode_utf16().count() <= LONGEST_COMMENT);
        assert!(cut.len() > LONGEST_COMMENT / 2, "{}", cut.len());
        let shown = cut.matches("mysql-名-").count();
        assert!(
            cut.contains(&format!("**{} rows are left out**", 5_000 - shown)),
            "{shown}"
        );
        for text in [all, cut] {
            let of = |tag: &str| text.matches(tag).count();
            assert_eq!(of("<details>"), of("</details>"));
        }
    }
}
