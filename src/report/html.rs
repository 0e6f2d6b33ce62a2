//! A report as one web page that asks nothing of the network: its policy for content lets nothing in and only its own
//! script and style run. The numbers, the charts and a plain list of the servers are in the page itself and need no script;
//! the list that can be searched, with the evidence, is data that the script shows.
//!
//! All text of Azure is either escaped here or set by the script as text, never as markup.

mod charts;
mod data;
mod difference;
mod list;

use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::baseline::{FamilyCode, catalogue};
use crate::documents::text::neutral;
use crate::posture::{Severity, VerdictWord};
use crate::query::GroupStanding;

use super::{ListedServer, Overview, ReportHead, ReportedServer, Selection};
use data::Data;
pub use difference::DifferencePage;

const STYLE: &str = include_str!("../../assets/report/page.css");
const SCRIPT: &str = include_str!("../../assets/report/page.js");

/// Writes a page, server by server.
#[derive(Debug)]
pub struct Page<W: Write> {
    out: W,
    data: Data,
    groups: Vec<(usize, String)>,
    servers: usize,
    program: String,
}

impl<W: Write> Page<W> {
    /// Writes everything that needs no documents: the numbers, the charts, and the servers as a plain table for readers
    /// without scripts.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn new<'a>(
        mut out: W,
        head: &ReportHead,
        overview: &Overview,
        groups: &[GroupStanding],
        servers: impl Iterator<Item = ListedServer<'a>>,
        selection: &Selection,
    ) -> io::Result<Self> {
        opening(
            &mut out,
            "Security posture of Azure Database for MySQL",
            STYLE,
            Some(SCRIPT),
        )?;
        let mut page = String::new();
        title(&mut page, head);
        page += "<main>\n";
        tiles(&mut page, overview);
        page += "<div class=\"cards\">\n";
        charts::verdicts(&mut page, overview);
        charts::features(&mut page, overview);
        if !groups.is_empty() {
            table_of_groups(&mut page, groups);
        }
        page += "</div>\n";
        charts::heat(&mut page, overview);
        page += EXPLORE;
        out.write_all(page.as_bytes())?;
        list::write(&mut out, servers, selection)?;
        out.write_all(b"</main>\n")?;
        out.write_all(b"<script type=\"application/json\" id=\"data\">{\"servers\":[")?;
        Ok(Self {
            out,
            data: Data::default(),
            groups: groups
                .iter()
                .map(|group| (group.servers.end, group.name.clone()))
                .collect(),
            servers: 0,
            program: head.program.clone(),
        })
    }

    /// Writes the data of a server.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn server(&mut self, server: &ReportedServer<'_>) -> io::Result<()> {
        let place = self.servers;
        let group = self.groups.iter().find(|(end, _)| place < *end);
        let group = group.map_or("", |(_, name)| name.as_str());
        let row = self.data.server(server, group);
        self.out
            .write_all(if place == 0 { b"\n" } else { b",\n" })?;
        self.out.write_all(in_script(&row.to_string()).as_bytes())?;
        self.servers += 1;
        Ok(())
    }

    /// Writes what the servers share, and the script. Returns how many servers there are.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn finish(mut self) -> io::Result<usize> {
        self.out.write_all(b"\n]")?;
        for (name, value) in self.data.shared() {
            write!(self.out, ",\n\"{name}\":{}", in_script(&value.to_string()))?;
        }
        write!(
            self.out,
            "}}</script>\n<script>{SCRIPT}</script>\n<footer>{}</footer>\n</body>\n</html>\n",
            escaped(&format!("Written by {}.", self.program))
        )?;
        self.out.flush()?;
        Ok(self.servers)
    }
}

/// What every page begins with: it lets in nothing from elsewhere, and runs its own style and script alone.
fn opening(out: &mut impl Write, title: &str, style: &str, script: Option<&str>) -> io::Result<()> {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
    let script = script.map_or_else(String::new, |script| {
        format!(" script-src 'sha256-{}';", hash(script))
    });
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}';{script} \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n",
        hash(style)
    )
}

/// The list of servers, which stays hidden until the script shows it.
const EXPLORE: &str = r#"<section id="explore" class="card" hidden aria-label="Servers">
<h2>Servers</h2>
<div id="controls">
<label>Search <input id="search" type="search" placeholder="name, subscription, tag … ( / )" autocomplete="off"></label>
<label>Verdict <select id="verdict"><option value="">any</option><option value="fail">Fail</option><option value="unknown">Unknown</option><option value="manual">Manual</option><option value="waived">Waived</option><option value="pass">Pass</option></select></label>
<label>Severity <select id="severity"><option value="">any</option><option value="critical">critical</option><option value="high">high or worse</option><option value="medium">medium or worse</option><option value="low">low or worse</option></select></label>
<label>Feature <select id="feature"><option value="">any</option></select></label>
<label>Subscription <select id="subscription"><option value="">any</option></select></label>
<button id="reset" type="button">Show all</button>
<span id="count" class="soft" role="status"></span>
</div>
<div id="list"><div id="grid" role="grid" aria-label="Servers"><div id="heads" class="row" role="row"></div>
<div id="scroller" tabindex="0" role="rowgroup" aria-label="Servers; arrow keys move, Enter opens"><div id="rows" role="presentation"></div></div></div></div>
<div id="detail" tabindex="-1" role="region" hidden></div>
</section>
<section id="printed" class="card" hidden aria-label="Servers as a table"></section>
"#;

/// Text in markup.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// JSON in a script element: without `<` nothing can end it or begin a comment.
fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

fn plain(text: &str) -> String {
    escaped(&neutral(text))
}

fn title(page: &mut String, head: &ReportHead) {
    let scan = &head.scan;
    let _ = write!(
        page,
        "<header>\n<h1>Security posture of Azure Database for MySQL</h1>\n<p class=\"facts\">Scan {} of {}, {}, {}. \
         Ruleset {}. Written {}.",
        plain(&scan.id),
        moment(scan.started_at),
        plain(&scan.scope),
        plain(&scan.completeness),
        plain(&head.ruleset),
        moment(head.written_at),
    );
    if let Some(filter) = &head.filter {
        let _ = write!(page, " Filter: {}.", plain(filter));
    }
    if let Some(group) = &head.group {
        let _ = write!(page, " By {}.", plain(group));
    }
    *page += "</p>\n";
    if scan.completeness != "complete" {
        *page += "<p class=\"careful\">The scan is not complete: servers may be missing.</p>\n";
    }
    for note in &scan.notes {
        let _ = writeln!(page, "<p class=\"careful\">{}</p>", plain(note));
    }
    *page += "</header>\n";
}

fn moment(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn tiles(page: &mut String, overview: &Overview) {
    let score = |score: Option<u8>| score.map_or_else(|| "–".to_owned(), |it| it.to_string());
    *page += "<section class=\"tiles\" aria-label=\"Numbers\">\n";
    let mut tile = |class: &str, value: String, label: &str| {
        let _ = writeln!(
            page,
            "<div class=\"tile {class}\"><b>{value}</b><span>{label}</span></div>"
        );
    };
    tile("", score(overview.score.percent()), "posture, of 100");
    tile(
        "",
        score(overview.beyond.percent()),
        "beyond the baseline, of 100",
    );
    tile("", overview.servers.to_string(), "servers");
    tile(
        "",
        overview.failing_servers.to_string(),
        "servers with something that fails",
    );
    for (severity, count) in Severity::ALL.into_iter().zip(overview.failing) {
        let class = if count > 0 { severity.word() } else { "" };
        tile(class, count.to_string(), &format!("failing, {severity}"));
    }
    let unknown = overview.count(VerdictWord::Unknown);
    tile(
        if unknown > 0 { "unknown" } else { "" },
        unknown.to_string(),
        "unknown",
    );
    *page += "</section>\n";
}

fn table_of_groups(page: &mut String, groups: &[GroupStanding]) {
    *page += "<section class=\"card\"><h2>Groups</h2><table class=\"plain\"><thead><tr><th>Group</th><th \
              class=\"n\">Servers</th><th class=\"n\">Score</th>";
    for severity in Severity::ALL {
        let _ = write!(page, "<th class=\"n\">{severity}</th>");
    }
    *page += "</tr></thead><tbody>\n";
    for group in groups {
        let score = group.score.percent();
        let score = score.map_or_else(|| "–".to_owned(), |it| it.to_string());
        let _ = write!(
            page,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{score}</td>",
            plain(&group.name),
            group.servers.len()
        );
        for count in group.open {
            let _ = write!(page, "<td class=\"n\">{count}</td>");
        }
        *page += "</tr>\n";
    }
    *page += "</tbody></table></section>\n";
}

/// The title of a family for a reader.
fn family_title(family: FamilyCode) -> String {
    format!("{} {}", family.code(), catalogue().family(family).title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_script_that_holds_the_data_or_opens_a_tag() {
        let json = serde_json::json!(["</script><script>alert(1)</script>", "<!--"]).to_string();
        let shown = in_script(&json);
        assert!(!shown.contains('<'), "{shown}");
        let back: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(back[1], "<!--");
        assert_eq!(escaped("<a href='\"&"), "&lt;a href=&#39;&quot;&amp;");
    }

    #[test]
    fn the_page_names_no_address_and_the_script_makes_no_markup_of_text() {
        for text in [STYLE, SCRIPT, EXPLORE] {
            for wrong in [
                "http",
                "url(",
                "@import",
                "innerHTML",
                "insertAdjacentHTML",
                "eval(",
                "document.write",
            ] {
                assert!(!text.contains(wrong), "{wrong}");
            }
        }
        assert!(!SCRIPT.contains("</script") && !STYLE.contains("</style"));
    }
}
