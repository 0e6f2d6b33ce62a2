//! What differs between two scans, for a pipeline or a person: JSON, text, Markdown.

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use crate::baseline::{FamilyCode, catalogue};
use crate::documents::text::neutral;
use crate::posture::difference::{
    Change, ChangeKind, Difference, OneSided, ScanFacts, Unseen, caveats,
};
use crate::posture::{Cell, Severity, Totals, VerdictWord};

use super::table::escaped;

/// One of the two scans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ComparedScan {
    /// Its id.
    pub scan: String,
    /// Its file.
    pub file: String,
    /// What was scanned, in words.
    pub scope: String,
    /// When it began.
    pub started_at: Timestamp,
    /// How it ended, in a word.
    pub completeness: &'static str,
    /// Whether everything was asked for.
    #[serde(skip)]
    pub complete: bool,
}

/// What differs between two scans.
#[derive(Clone, Debug, Serialize)]
pub struct DifferenceRecord<'a> {
    filter: Option<&'a str>,
    from: &'a ComparedScan,
    to: &'a ComparedScan,
    ruleset: &'a str,
    caveats: Vec<String>,
    evidence_compared: bool,
    score: Sides<Option<u8>>,
    score_beyond: Sides<Option<u8>>,
    servers: Sides<u64>,
    families: Vec<FamilyRecord>,
    counts: Vec<CountRecord>,
    changes: Vec<ChangeRecord<'a>>,
    new_servers: Vec<ServerRecord<'a>>,
    gone_servers: Vec<ServerRecord<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
struct Sides<T> {
    before: T,
    after: T,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct FamilyRecord {
    family: &'static str,
    fail: Sides<u64>,
    unknown: Sides<u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct CountRecord {
    kind: ChangeKind,
    count: usize,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Standing {
    verdict: &'static str,
    severity: Option<Severity>,
    cause: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct ChangeRecord<'a> {
    kind: ChangeKind,
    server: &'a str,
    server_id: &'a str,
    family: &'static str,
    control: &'static str,
    feature: &'static str,
    before: Standing,
    after: Standing,
}

#[derive(Clone, Debug, Serialize)]
struct ServerRecord<'a> {
    server: &'a str,
    server_id: &'a str,
    open: [u16; 4],
    unknown: u16,
    perhaps_only_unseen: Option<&'static str>,
}

impl<'a> DifferenceRecord<'a> {
    /// The record of a difference of two scans that were judged under the ruleset with this id.
    #[must_use]
    pub fn new(
        from: &'a ComparedScan,
        to: &'a ComparedScan,
        ruleset: &'a str,
        difference: &'a Difference,
    ) -> Self {
        let (before, after) = (&difference.before, &difference.after);
        let both = |of: &dyn Fn(&Totals) -> Option<u8>| Sides {
            before: of(before),
            after: of(after),
        };
        let facts = |scan: &'a ComparedScan| ScanFacts {
            scope: &scan.scope,
            started_at: scan.started_at,
            incomplete: (!scan.complete).then_some(scan.completeness),
        };
        let servers = |all: &'a [OneSided]| -> Vec<ServerRecord<'a>> {
            all.iter()
                .filter_map(|one| {
                    let server = difference.server(one.server)?;
                    Some(ServerRecord {
                        server: &server.name,
                        server_id: &server.id,
                        open: one.open,
                        unknown: one.unknown,
                        perhaps_only_unseen: one.unseen.map(Unseen::words),
                    })
                })
                .collect()
        };
        Self {
            filter: None,
            from,
            to,
            ruleset,
            caveats: caveats(&facts(from), &facts(to), difference.evidence_compared),
            evidence_compared: difference.evidence_compared,
            score: both(&|totals| totals.score.percent()),
            score_beyond: both(&|totals| totals.beyond.percent()),
            servers: Sides {
                before: before.servers,
                after: after.servers,
            },
            families: FamilyCode::ALL
                .into_iter()
                .map(|family| {
                    let (was, is) = (before.family(family), after.family(family));
                    let sides = |before, after| Sides { before, after };
                    FamilyRecord {
                        family: family.code(),
                        fail: sides(was.fail, is.fail),
                        unknown: sides(was.unknown, is.unknown),
                    }
                })
                .collect(),
            counts: ChangeKind::ALL
                .into_iter()
                .map(|kind| CountRecord {
                    kind,
                    count: difference.count(kind),
                })
                .collect(),
            changes: difference
                .changes
                .iter()
                .filter_map(|change| record(difference, change))
                .collect(),
            new_servers: servers(&difference.new),
            gone_servers: servers(&difference.gone),
        }
    }

    /// The same, narrowed to what a filter finds, as it was written.
    #[must_use]
    pub const fn filtered(mut self, filter: Option<&'a str>) -> Self {
        self.filter = filter;
        self
    }

    /// Writes it as text for a terminal.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn write_text(&self, out: &mut impl Write) -> io::Result<()> {
        for (word, scan) in [("from", self.from), ("to", self.to)] {
            writeln!(out, "{word:8} {}", scan_words(scan))?;
        }
        writeln!(out, "ruleset  {}", neutral(self.ruleset))?;
        if let Some(filter) = self.filter {
            writeln!(out, "filter   {}", neutral(filter))?;
        }
        writeln!(out, "posture  {}", self.score.words())?;
        writeln!(out, "servers  {}", self.servers.words())?;
        for caveat in &self.caveats {
            writeln!(out, "careful  {}", neutral(caveat))?;
        }
        let failing: Vec<String> = self
            .families
            .iter()
            .map(|it| format!("{} {}", it.family, it.fail.words()))
            .collect();
        writeln!(out, "failing  {}", failing.join(", "))?;
        for kind in ChangeKind::ALL {
            let changes: Vec<_> = self.changes.iter().filter(|it| it.kind == kind).collect();
            if changes.is_empty() {
                continue;
            }
            writeln!(out, "\n{} ({})", kind.title(), changes.len())?;
            for change in changes {
                writeln!(
                    out,
                    "  {:30} {} {}: {} → {}",
                    neutral(change.server),
                    change.control,
                    change.feature,
                    change.before.words(),
                    change.after.words()
                )?;
            }
        }
        for (title, servers) in self.one_sided() {
            if !servers.is_empty() {
                writeln!(out, "\n{title} ({})", servers.len())?;
            }
            for server in servers {
                writeln!(out, "  {:30} {}", neutral(server.server), server.words())?;
            }
        }
        if self.says_nothing() {
            writeln!(out, "\nThe two scans say the same.")?;
        }
        Ok(())
    }

    /// Writes it as Markdown.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn write_markdown(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "# Difference of two scans\n")?;
        for (word, scan) in [("From", self.from), ("To", self.to)] {
            writeln!(out, "- {word}: {}", cell(&scan_words(scan)))?;
        }
        writeln!(out, "- Ruleset: {}", cell(self.ruleset))?;
        if let Some(filter) = self.filter {
            writeln!(out, "- Filter: {}", cell(filter))?;
        }
        writeln!(out, "- Posture: {}", self.score.words())?;
        writeln!(out, "- Servers: {}", self.servers.words())?;
        for caveat in &self.caveats {
            writeln!(out, "- **Careful:** {}", cell(caveat))?;
        }
        for kind in ChangeKind::ALL {
            let changes: Vec<_> = self.changes.iter().filter(|it| it.kind == kind).collect();
            if changes.is_empty() {
                continue;
            }
            writeln!(out, "\n## {} ({})\n", capital(kind.title()), changes.len())?;
            writeln!(out, "| Server | Control | Feature | Before | After |")?;
            writeln!(out, "| --- | --- | --- | --- | --- |")?;
            for change in changes {
                writeln!(
                    out,
                    "| {} | {} | {} | {} | {} |",
                    cell(change.server),
                    change.control,
                    cell(change.feature),
                    change.before.words(),
                    change.after.words()
                )?;
            }
        }
        for (title, servers) in self.one_sided() {
            if servers.is_empty() {
                continue;
            }
            writeln!(out, "\n## {} ({})\n", capital(title), servers.len())?;
            for server in servers {
                writeln!(out, "- {}: {}", cell(server.server), server.words())?;
            }
        }
        if self.says_nothing() {
            writeln!(out, "\nThe two scans say the same.")?;
        }
        Ok(())
    }

    /// What it says of itself: names and texts.
    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("From", scan_words(self.from)),
            ("To", scan_words(self.to)),
            ("Ruleset", neutral(self.ruleset).into_owned()),
            ("Posture", self.score.words()),
            ("Beyond the baseline", self.score_beyond.words()),
            ("Servers", self.servers.words()),
        ];
        let filter = self.filter.map(|it| ("Filter", neutral(it).into_owned()));
        facts.extend(filter);
        let caveats = self.caveats.iter();
        facts.extend(caveats.map(|it| ("Careful", neutral(it).into_owned())));
        facts
    }

    /// Its changes by kind, in the order in which kinds are shown: title, and for each change the server, the control, the
    /// feature, how it stood and how it stands.
    pub(super) fn groups(&self) -> Vec<(&'static str, Vec<[String; 5]>)> {
        let row = |it: &ChangeRecord<'_>| {
            [
                neutral(it.server).into_owned(),
                it.control.to_owned(),
                it.feature.to_owned(),
                it.before.words(),
                it.after.words(),
            ]
        };
        let of = |kind| {
            let changes = self.changes.iter().filter(move |it| it.kind == kind);
            changes.map(row).collect::<Vec<_>>()
        };
        let all = ChangeKind::ALL.into_iter();
        all.map(|kind| (kind.title(), of(kind)))
            .filter(|(_, changes)| !changes.is_empty())
            .collect()
    }

    /// The servers that only one of the two scans holds: title, and for each the name and what is open on it.
    pub(super) fn servers_of_one(&self) -> Vec<(&'static str, Vec<[String; 2]>)> {
        let row = |it: &ServerRecord<'_>| [neutral(it.server).into_owned(), it.words()];
        self.one_sided()
            .into_iter()
            .filter(|(_, servers)| !servers.is_empty())
            .map(|(title, servers)| (title, servers.iter().map(row).collect()))
            .collect()
    }

    fn one_sided(&self) -> [(&'static str, &[ServerRecord<'a>]); 2] {
        [
            ("new servers", &self.new_servers),
            ("servers gone", &self.gone_servers),
        ]
    }

    const fn says_nothing(&self) -> bool {
        self.changes.is_empty() && self.new_servers.is_empty() && self.gone_servers.is_empty()
    }
}

fn record<'a>(difference: &'a Difference, change: &Change) -> Option<ChangeRecord<'a>> {
    let server = difference.server(change.server)?;
    let standing = |cell: Cell| Standing {
        verdict: cell.verdict.word(),
        severity: cell.severity,
        cause: (cell.verdict == VerdictWord::Unknown)
            .then(|| cell.cause.map(|cause| cause.short()))
            .flatten(),
    };
    Some(ChangeRecord {
        kind: change.kind,
        server: &server.name,
        server_id: &server.id,
        family: change.feature.family().code(),
        control: change.feature.control(),
        feature: &catalogue().feature(change.feature).name,
        before: standing(change.before),
        after: standing(change.after),
    })
}

fn scan_words(scan: &ComparedScan) -> String {
    format!(
        "{} of {}, {}, {}",
        neutral(&scan.scan),
        scan.started_at,
        neutral(&scan.scope),
        scan.completeness
    )
}

/// Text for a cell of a Markdown table.
fn cell(text: &str) -> String {
    escaped(&neutral(text))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

impl Standing {
    fn words(&self) -> String {
        let severity = self
            .severity
            .map_or_else(String::new, |it| format!(" {it}"));
        let cause = self.cause.map_or_else(String::new, |it| format!(" ({it})"));
        format!("{}{severity}{cause}", self.verdict)
    }
}

impl ServerRecord<'_> {
    fn words(&self) -> String {
        let mut open: Vec<String> = Severity::ALL
            .into_iter()
            .zip(self.open)
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| format!("{count} {severity}"))
            .collect();
        if self.unknown > 0 {
            open.push(format!("{} unknown", self.unknown));
        }
        let open = if open.is_empty() {
            "nothing open".to_owned()
        } else {
            format!("open: {}", open.join(", "))
        };
        match self.perhaps_only_unseen {
            Some(why) => format!("{open}; perhaps only unseen: {why}"),
            None => open,
        }
    }
}

impl Sides<u64> {
    fn words(self) -> String {
        if self.before == self.after {
            return self.after.to_string();
        }
        format!("{} → {}", self.before, self.after)
    }
}

impl Sides<Option<u8>> {
    fn words(self) -> String {
        let word = |score: Option<u8>| score.map_or_else(|| "none".to_owned(), |it| it.to_string());
        if self.before == self.after {
            return word(self.after);
        }
        format!("{} → {}", word(self.before), word(self.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::FeatureId;
    use crate::posture::difference::ComparedServer;

    fn scan() -> ComparedScan {
        ComparedScan {
            scan: "aaaa1111".to_owned(),
            file: "a.flexscan".to_owned(),
            scope: "everything".to_owned(),
            started_at: Timestamp::UNIX_EPOCH,
            completeness: "complete",
            complete: true,
        }
    }

    /// A server of this name that turned, and is new too.
    fn difference(name: &str) -> Difference {
        let cell = |verdict| Cell {
            verdict,
            severity: None,
            cause: None,
        };
        Difference {
            servers: vec![ComparedServer {
                id: "/s".into(),
                name: name.into(),
                subscription: "s".into(),
            }],
            changes: vec![Change {
                kind: ChangeKind::Regressed,
                server: 0,
                feature: FeatureId::NativeBackup,
                before: cell(VerdictWord::Pass),
                after: cell(VerdictWord::Fail),
            }],
            new: vec![OneSided {
                server: 0,
                open: [0; 4],
                unknown: 0,
                unseen: None,
            }],
            ..Difference::default()
        }
    }

    fn written(name: &str, markdown: bool) -> String {
        let (scan, difference) = (scan(), difference(name));
        let record = DifferenceRecord::new(&scan, &scan, "ruleset", &difference);
        let mut out = Vec::new();
        if markdown {
            record.write_markdown(&mut out).unwrap();
        } else {
            record.write_text(&mut out).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_name_of_a_server_rules_no_terminal_and_takes_its_column() {
        let text = written("a\u{1b}[2J\u{202e}b", false);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        let name = format!("{:30} ", "a?[2J?b");
        assert_eq!(text.matches(&name).count(), 2, "{text}");
    }

    #[test]
    fn the_name_of_a_server_is_no_markup_link_or_mention() {
        let text = written("#a|<b>&c;@d~e~\u{1b}", true);
        let name = "\\#a\\|&lt;b&gt;&amp;c;&#64;d\\~e\\~?";
        assert_eq!(text.matches(name).count(), 2, "{text}");
    }
}
