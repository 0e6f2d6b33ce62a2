//! The explorer in lines of words, for screen readers and for logs: what a screen shows and nothing of how it looks. No
//! frame, no sign without its word, no colour; a row of a list is one line of `name: value`, a heading is a line of its
//! own, and nothing is cut to a window.
//!
//! Every screen and everything that lies over one has a writer here: the compiler asks for it.

mod controls;
mod difference;
mod fleet;
mod matrix;
mod page;
mod scans;
mod server;

use std::io::{self, Write};

use crate::app::{
    Completeness, FindRow, Mode, ScansPromptKind, Screen, Show, State, age, counted, moment,
    overlay_lines, overlay_title, wrap,
};
use crate::documents::text::neutral;
use crate::posture::{Cell, VerdictWord};

/// Writes what the state shows to `out`, in lines of at most `width` columns when there is one.
///
/// # Errors
/// When `out` refuses.
pub fn write(out: &mut impl Write, state: &State, width: Option<u16>) -> io::Result<()> {
    let mut lines = Lines { out, width };
    scan(&mut lines, state)?;
    if let Some(mode) = state.overlays().last() {
        lines.heading(overlay_title(mode))?;
        return overlay(&mut lines, state, mode);
    }
    match state.screen() {
        Screen::Welcome => {
            lines.heading("Welcome")?;
            lines.line("No scan is open. `flexposture scan` makes one, `flexposture demo` a simulated one.")?;
            scans::newest(&mut lines, state)
        }
        Screen::Fleet => fleet::write(&mut lines, state),
        Screen::Server => server::write(&mut lines, state),
        Screen::Scans => {
            lines.heading("Scans")?;
            scans::write(&mut lines, state)
        }
        Screen::Trend => {
            lines.heading("Trend")?;
            scans::trend(&mut lines, state)
        }
        Screen::Difference => {
            lines.heading("Difference")?;
            difference::write(&mut lines, state)
        }
        Screen::Controls => controls::write_list(&mut lines, state),
        Screen::ControlServers => controls::write_servers(&mut lines, state),
        Screen::Matrix => matrix::write(&mut lines, state),
    }
}

/// What lies over a screen.
fn overlay(lines: &mut Lines<'_, impl Write>, state: &State, mode: &Mode) -> io::Result<()> {
    match mode {
        Mode::Help(_)
        | Mode::Errors(_)
        | Mode::Progress(_)
        | Mode::Exemptions(_)
        | Mode::Permissions(_)
        | Mode::Policies(_)
        | Mode::Guidance(..)
        | Mode::Links(_) => {
            let width = lines.page_width();
            page::write(lines, &overlay_lines(state, mode, width))
        }
        Mode::Palette(palette) => {
            for entry in &palette.entries {
                lines.facts(&[
                    ("command", entry.record.id.to_owned()),
                    ("keys", entry.keys.clone()),
                    ("does", entry.record.doc.to_owned()),
                ])?;
            }
            Ok(())
        }
        Mode::Form(form) => {
            for field in &form.fields {
                lines.fact(field.label, field.content())?;
            }
            match &form.problem {
                Some(problem) => lines.fact("problem", problem),
                None => Ok(()),
            }
        }
        Mode::Scans(line) => match &line.kind {
            ScansPromptKind::Filter { .. } => lines.fact("filter", line.prompt.text()),
            ScansPromptKind::CopyTo { .. } => lines.fact("copy to", line.prompt.text()),
        },
        Mode::Controls(filter) => lines.fact("filter", filter.prompt.text()),
        Mode::Filter(filter) => lines.fact("filter", filter.prompt.text()),
        Mode::PageSearch(search) => lines.fact("search", search.prompt.text()),
        Mode::Tag(tag) => lines.fact("name of a tag", tag.prompt.text()),
        Mode::Find(find) => {
            lines.fact("looked for", find.prompt.text())?;
            for row in &find.rows {
                if let FindRow::Item(item) = row {
                    lines.facts(&[("found", item.text.clone()), ("of", item.about.clone())])?;
                }
            }
            Ok(())
        }
        Mode::Saved(_) => {
            for search in &state.saved.list {
                let filter = ("filter", search.query.clone());
                lines.facts(&[("saved search", search.name.clone()), filter])?;
            }
            Ok(())
        }
        Mode::Columns(_) => {
            let width = state.fleet_layout().rows.width;
            for (column, shown) in state.columns.rows(width) {
                lines.facts(&[
                    ("column", column.record().doc.to_owned()),
                    ("shown", if shown { "yes" } else { "no" }.to_owned()),
                ])?;
            }
            Ok(())
        }
        Mode::Confirm(question) => lines.fact("question", state.question_words(*question)[0]),
        Mode::Screen(_) => Ok(()),
    }
}

/// What every screen says first: which scan it is about, how whole and how old it is, and what is shown of it.
fn scan(lines: &mut Lines<'_, impl Write>, state: &State) -> io::Result<()> {
    let Some(scan) = &state.scan else {
        return Ok(());
    };
    let fleet = state.roster.fleet();
    lines.fact("scan", &scan.id)?;
    lines.fact("scope", &scan.scope)?;
    lines.fact("subscriptions", &fleet.subscriptions.len().to_string())?;
    lines.fact("servers", &fleet.servers.len().to_string())?;
    let taken = scan.finished_at.unwrap_or(scan.started_at);
    let mut when = moment(taken, &state.zone);
    if let (Some(now), true) = (state.now, scan.completeness != Completeness::Running) {
        when += &format!(", {} old", age(now, taken));
    }
    lines.fact("taken", &when)?;
    lines.fact("completeness", scan.completeness.word())?;
    let score = state.roster.score().percent();
    let score = score.map_or_else(|| "none".to_owned(), |score| format!("{score} of 100"));
    lines.fact("posture score", &score)?;
    if state.is_filtered() {
        let mut what = Vec::new();
        match state.roster.show() {
            Show::All => {}
            Show::Failing => what.push("only what fails".to_owned()),
            Show::Unknown => what.push("only what is unknown".to_owned()),
        }
        what.extend(
            state
                .roster
                .family()
                .map(|family| format!("family {family}")),
        );
        if !state.filter_text().is_empty() {
            what.push(state.filter_text().to_owned());
        }
        lines.fact("filter", &what.join(", "))?;
        lines.fact("servers that match", &state.roster.len().to_string())?;
    }
    if let Some(notice) = &state.notice {
        lines.fact("note", &notice.text)?;
    }
    if !state.problems.is_empty() {
        lines.fact("went wrong", &counted(state.problems.len(), "thing"))?;
    }
    Ok(())
}

/// A verdict in words.
const fn verdict_words(verdict: VerdictWord) -> &'static str {
    match verdict {
        VerdictWord::Fail => "fail",
        VerdictWord::Unknown => "unknown",
        VerdictWord::Manual => "manual",
        VerdictWord::Pass => "pass",
        VerdictWord::Waived => "waived",
        VerdictWord::NotApplicable => "not applicable",
        VerdictWord::Platform => "platform",
        VerdictWord::Unsupported => "unsupported",
    }
}

/// How a server stands in a feature: `unknown, high, access denied`.
fn cell_words(cell: Cell) -> String {
    let mut words = verdict_words(cell.verdict).to_owned();
    if let Some(severity) = cell.severity {
        words += &format!(", {severity}");
    }
    if let Some(cause) = cell.cause {
        words += &format!(", {}", cause.short());
    }
    words
}

/// How many have which verdict, the worst first: `2 fail, 1 pass`.
fn count_words(count: impl Fn(VerdictWord) -> usize) -> String {
    let counts: Vec<String> = VerdictWord::ALL
        .into_iter()
        .filter(|verdict| count(*verdict) > 0)
        .map(|verdict| format!("{} {}", count(verdict), verdict_words(verdict)))
        .collect();
    counts.join(", ")
}

/// Lines of words.
struct Lines<'a, W> {
    out: &'a mut W,
    width: Option<u16>,
}

impl<W: Write> Lines<'_, W> {
    /// The width of pages that are wrapped by the state machine.
    fn page_width(&self) -> u16 {
        self.width.unwrap_or(u16::MAX)
    }

    /// A line of its own after an empty one.
    fn heading(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        self.line(text)
    }

    /// A value with its name.
    fn fact(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.line(&format!("{name}: {value}"))
    }

    /// A row of a list: its values with their names; those that are empty are left out.
    fn facts(&mut self, facts: &[(&str, String)]) -> io::Result<()> {
        let facts: Vec<String> = facts
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        self.line(&facts.join("; "))
    }

    /// A line; where there is a width the rest stands on lines that begin with two spaces.
    fn line(&mut self, text: &str) -> io::Result<()> {
        let text = neutral(text);
        let Some(width) = self.width.map(usize::from) else {
            return writeln!(self.out, "{text}");
        };
        for (place, line) in wrap(&text, width.saturating_sub(2).max(1))
            .iter()
            .enumerate()
        {
            let before = if place > 0 { "  " } else { "" };
            writeln!(self.out, "{before}{line}")?;
        }
        Ok(())
    }

    /// A line as it stands: one that was wrapped before.
    fn wrapped(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", neutral(text.trim_end()))
    }
}
