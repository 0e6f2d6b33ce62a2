//! What goes to the clipboard.

use std::fmt::Write as _;

use crate::baseline::catalogue;
use crate::documents::text::{neutral, neutral_lines};
use crate::posture::{Evidence, Finding, Fix, Judgement, ServerSummary, Verdict, script};

use super::{Command, State};

/// The text that a command copies, when there is one.
pub(super) fn text(state: &State, command: Command) -> Option<String> {
    if command == Command::CopyRole {
        return state.reports.loaded()?.role.clone();
    }
    if command == Command::CopyStanding {
        return standing(state);
    }
    let server = state.server.as_ref()?;
    match command {
        Command::CopyFix => fix(&server.summary.id, server.fixes()),
        Command::CopyFinding => Some(finding(&server.summary.id, server.finding()?)),
        _ => None,
    }
}

/// How the server under the cursor stands in the feature under it.
fn standing(state: &State) -> Option<String> {
    let (server, feature) = (state.server_here()?, state.feature_here()?);
    let (cell, known) = (server.cell(feature), catalogue().feature(feature));
    let severity = cell
        .severity
        .map_or_else(String::new, |it| format!(" ({it})"));
    let cause = cell
        .cause
        .map_or_else(String::new, |it| format!(", {}", it.short()));
    let verdict = cell.verdict;
    Some(format!(
        "{} {}: {verdict}{severity}{cause}\n{}",
        known.control, known.name, server.id
    ))
}

/// What a command copies of a server, in one line.
pub(super) fn of_server(state: &State, command: Command, server: &ServerSummary) -> Option<String> {
    match command {
        Command::CopyServerId => Some(server.id.to_string()),
        Command::CopyServerName => Some(server.name.to_string()),
        Command::CopyCommand => {
            let scan = state.scan.as_ref().map(|scan| quote(&scan.file));
            let scan = scan.map_or_else(String::new, |file| format!(" --scan {file}"));
            Some(format!("flexposture findings {}{scan}", quote(&server.id)))
        }
        _ => None,
    }
}

/// A word for a shell: quoted unless it plainly needs no quotes.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !word.is_empty() && !word.starts_with('-') && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The commands of fixes as one piece for a shell, each fix below a comment that says what it does. Another way instead of
/// the one before it stays a comment: both would be too much.
fn fix(server: &str, fixes: &[Fix]) -> Option<String> {
    let mut text = format!("# {}", neutral(server));
    let mut any = false;
    for fix in fixes.iter().filter(|fix| !fix.commands.is_empty()) {
        any = true;
        let instead = if fix.alternative {
            "instead of the above: "
        } else {
            ""
        };
        let _ = write!(text, "\n# {instead}{}", neutral(&fix.title));
        for before in &fix.first {
            let _ = write!(text, "\n# first: {}", neutral(before));
        }
        if let Some(breaks) = &fix.breaks {
            let _ = write!(text, "\n# careful: {}", neutral(breaks));
        }
        for line in script(&fix.commands).lines() {
            let comment = if fix.alternative { "# " } else { "" };
            let _ = write!(text, "\n{comment}{line}");
        }
    }
    any.then_some(text)
}

fn finding(server: &str, finding: &Finding) -> String {
    let feature = catalogue().feature(finding.feature);
    let mut text = format!(
        "{} {}: {}",
        feature.control,
        feature.name,
        finding.verdict.word()
    );
    if let Some(severity) = finding.severity() {
        let _ = write!(text, " ({severity})");
    }
    let _ = write!(text, "\n{server}");
    match &finding.verdict {
        Verdict::Unknown(cause) => {
            let _ = write!(text, "\n{cause}");
        }
        Verdict::NotApplicable(why) => {
            let _ = write!(text, "\n{why}");
        }
        _ => {}
    }
    for condition in &finding.conditions {
        let _ = write!(
            text,
            "\n- {} {} {}: {}",
            condition.judgement.word(),
            condition.severity.letter(),
            condition.id,
            condition.statement
        );
        if let Judgement::Unread(cause) = &condition.judgement {
            let _ = write!(text, "\n  {cause}");
        }
        for evidence in &condition.evidence {
            let Evidence {
                method,
                path,
                pointer,
                observed,
                expected,
                ..
            } = evidence;
            let _ = write!(text, "\n  seen {observed}; expected {expected}");
            if !method.is_empty() {
                let _ = write!(text, "\n  {method} {path} at {pointer}");
            }
        }
    }
    neutral_lines(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_read_otherwise_are_quoted() {
        assert_eq!(
            quote("/subscriptions/a-1/b.c_d"),
            "/subscriptions/a-1/b.c_d"
        );
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote("--all"), "'--all'");
        assert_eq!(quote(""), "''");
    }
}
