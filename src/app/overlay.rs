//! What lies over a screen and is read: the help, the errors, the progress of a scan, and what is told of all servers
//! together.

mod exemptions;
mod permissions;
mod policies;

use crate::baseline::catalogue;
use crate::documents::text::neutral;

use super::page;
use super::page::Writer;
use super::{
    Mode, PageLine, Progress, ReportsState, ScanReports, Span, State, Tone, counted, help, moment,
};

/// The title of what lies over the screen.
#[must_use]
pub const fn title(mode: &Mode) -> &'static str {
    match mode {
        Mode::Help(_) => "Help",
        Mode::Errors(_) => "Errors",
        Mode::Progress(_) => "Progress",
        Mode::Exemptions(_) => "Exemptions",
        Mode::Permissions(_) => "Permissions",
        Mode::Policies(_) => "Policies",
        Mode::Guidance(..) => "Guidance",
        Mode::Columns(_) => "Columns",
        Mode::Links(_) => "Links",
        Mode::Find(_) => "Find anything",
        Mode::Saved(_) => "Saved searches",
        Mode::Palette(_) => "Commands",
        _ => "",
    }
}

/// The lines of what lies over the screen, wrapped to a width; none for what is not read in lines.
#[must_use]
pub fn lines(state: &State, mode: &Mode, width: u16) -> Vec<PageLine> {
    let mut writer = Writer::new(width);
    match mode {
        Mode::Help(mode) => help::write(&mut writer, state, mode),
        Mode::Errors(_) => errors(&mut writer, state),
        Mode::Progress(_) => progress(&mut writer, state),
        Mode::Exemptions(_) => exemptions::write(&mut writer, state),
        Mode::Permissions(_) => permissions::write(&mut writer, state),
        Mode::Policies(_) => policies::write(&mut writer, state),
        Mode::Guidance(feature, _) => {
            let feature_record = catalogue().feature(*feature);
            let title = format!("{} {}", feature_record.control, feature_record.name);
            writer.text(Tone::Heading, &title);
            writer.blank();
            page::write_guidance(&mut writer, *feature);
        }
        Mode::Links(mode) => super::link::write(&mut writer, state, mode.chosen),
        _ => {}
    }
    writer.lines
}

/// The reports over all servers; where they are not there, it is written why.
fn reports<'a>(writer: &mut Writer, state: &'a State) -> Option<&'a ScanReports> {
    match &state.reports {
        ReportsState::Loaded(reports) => {
            let now = state.roster.fleet().servers.len();
            let mut words = format!("{} looked at", counted(reports.servers, "server"));
            if now != reports.servers {
                words +=
                    &format!("; the scan holds {now} by now, close and open this to look again");
            }
            writer.text(Tone::Muted, &words);
            return Some(reports);
        }
        ReportsState::Loading(servers) => {
            let all = state.roster.fleet().servers.len();
            let words = format!("looking through the scan: {servers} of {all} servers ...");
            writer.text(Tone::Muted, &words);
        }
        ReportsState::Failed(why) => {
            writer.text(Tone::Warning, "the scan could not be looked through");
            writer.text(Tone::Plain, why);
        }
        ReportsState::None => writer.text(Tone::Muted, "no scan was looked through"),
    }
    None
}

fn errors(writer: &mut Writer, state: &State) {
    if state.problems.is_empty() {
        writer.text(Tone::Muted, "Nothing went wrong in this session.");
    }
    for problem in state.problems.iter().rev() {
        writer.blank();
        let at = problem
            .at
            .map(|at| format!("{}  ", moment(at, &state.zone)))
            .unwrap_or_default();
        let width = at.len();
        writer.item(
            vec![Span::Text(at, Tone::Muted)],
            width,
            Tone::Warning,
            &problem.title,
        );
        for line in problem.detail.lines() {
            writer.item(
                vec![Span::Text("  ".to_owned(), Tone::Plain)],
                2,
                Tone::Plain,
                line,
            );
        }
    }
    if let Some(scan) = &state.scan {
        writer.heading("about this scan");
        let mut words = format!("judged by the ruleset {}", neutral(&scan.ruleset));
        if let Some(then) = &scan.judged_under {
            words += &format!(
                ", before that by {}: {}",
                neutral(&then.ruleset),
                then.words()
            );
        }
        writer.text(Tone::Plain, &words);
        for note in &scan.notes {
            writer.text(Tone::Plain, &neutral(note));
        }
    }
}

fn progress(writer: &mut Writer, state: &State) {
    let Some(progress) = &state.progress else {
        let words = if state.is_scanning() {
            "The scan is starting; it has not said yet how far it is."
        } else {
            "No scan has said yet how far it is."
        };
        return writer.text(Tone::Muted, words);
    };
    if let Some(finished) = &progress.finished {
        let words = neutral(&finished.words);
        let word = finished.completeness.word();
        writer.text(Tone::Heading, &format!("Ended, {word}. {words}"));
    } else if !progress.time_left.is_empty() {
        writer.text(Tone::Heading, &progress.time_left);
    }
    let found = progress.servers_found;
    let digits = found.max(progress.servers_done).to_string().len();
    let bar = u16::try_from(writer.width().saturating_sub(30).min(40)).unwrap_or(0);
    let mut row = |name: &str, done: usize, found: usize, percent: Option<u8>, tone: Tone| {
        let counts = format!(" {done:>digits$} of {found:>digits$}  ");
        let indent = usize::from(bar) + counts.len();
        let before = vec![
            Span::Bar {
                percent: percent.unwrap_or(0),
                width: bar,
            },
            Span::Text(counts, Tone::Plain),
        ];
        writer.item(before, indent, tone, &neutral(name));
    };
    row(
        "servers",
        progress.servers_done,
        found,
        progress.percent(),
        Tone::Heading,
    );
    for subscription in &progress.subscriptions {
        let name = match &subscription.granted {
            Some(granted) => format!("{}  {granted}", subscription.name),
            None => subscription.name.clone(),
        };
        row(
            &name,
            subscription.done,
            subscription.found,
            subscription.percent(),
            Tone::Plain,
        );
    }
    writer.blank();
    for line in requests(progress) {
        writer.text(Tone::Plain, &line);
    }
    for waiting in &progress.waiting {
        writer.text(Tone::Warning, &neutral(waiting));
    }
    if !progress.errors.is_empty() {
        writer.heading("what could not be read");
    }
    for error in &progress.errors {
        let count = format!("{:>6} ", error.count);
        let width = count.len();
        let kind = neutral(&error.kind);
        writer.item(
            vec![Span::Text(count, Tone::Label)],
            width,
            Tone::Warning,
            &kind,
        );
        let example = neutral(&error.example);
        writer.item(
            vec![Span::Text(" ".repeat(width), Tone::Plain)],
            width,
            Tone::Muted,
            &example,
        );
    }
    if let Some(planned) = &progress.planned {
        writer.heading("what is read");
        for kind in &planned.kinds {
            let of = between(kind.least, kind.most);
            let counts = match kind.done {
                Some(done) => format!("{done:>6} of {of:<14} "),
                None => format!("{:>6}    {of:<14} ", ""),
            };
            let width = counts.len();
            let before = vec![Span::Text(counts, Tone::Label)];
            writer.item(before, width, Tone::Plain, &kind.what);
        }
    }
}

/// The requests so far in words.
fn requests(progress: &Progress) -> Vec<String> {
    let mut lines = vec![format!(
        "{} requests sent, {} facts could not be read.",
        progress.requests, progress.unread
    )];
    if let Some(planned) = &progress.planned {
        let of = between(planned.least, planned.most);
        lines.push(match planned.reads.checked_sub(planned.most) {
            None | Some(0) => format!("{} of {of} planned reads asked for.", planned.reads),
            Some(more) => format!("All {of} planned reads asked for, and {more} further pages."),
        });
    }
    lines
}

/// A number that is known within bounds.
fn between(least: u64, most: u64) -> String {
    if least == most {
        least.to_string()
    } else if least == 0 || least * 2 < most {
        format!("at most {most}")
    } else {
        format!("{least} to {most}")
    }
}
