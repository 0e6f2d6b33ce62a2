//! One script for a POSIX shell with what would make failing findings of many servers hold: to be read by a person first.
//!
//! The script runs nothing until it is told that somebody has read it, and stops at the first command that fails. Commands
//! stand below what they answer, server by server in the order in which servers are added; the way back stands below each
//! as a comment, and so does everything that needs a value from a person, has something to be done first, follows such a
//! step, or is another way instead of the one before: an endpoint is not closed because the step that makes another way
//! in waits for a value. What no command answers is said with what to do. Only what fails is fixed: what could not be read is not known to be wrong,
//! and what is exempt was decided otherwise. Commands that were written for a server before are not written twice: those
//! about a subscription, a vault or a network would be.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::baseline::{FeatureId, catalogue};
use crate::documents::ServerDocuments;
use crate::documents::text::neutral;
use crate::posture::{Command, Finding, Fix, Ruleset, Undo, Verdict, fixes};

/// What stands at the top of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixHead {
    /// When it was made.
    pub made_at: Timestamp,
    /// The scan's id.
    pub scan: String,
    /// When the scan began.
    pub scanned_at: Timestamp,
    /// The id of the ruleset.
    pub ruleset: String,
    /// Which servers and features it is about, in words.
    pub about: String,
}

/// What a script holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FixCounts {
    /// Servers that were looked at.
    pub servers: usize,
    /// Servers with at least one command that runs.
    pub servers_with_commands: usize,
    /// Commands that run.
    pub commands: usize,
    /// Commands that are comments: they wait for a value or a step, or are another way.
    pub waiting: usize,
    /// Servers that restart when everything runs.
    pub restarts: usize,
    /// Fixes of commands that run and may break something.
    pub careful: usize,
    /// Findings that fail and that no command answers.
    pub by_hand: usize,
    /// Findings that could not be read.
    pub unknown: usize,
}

/// The part of a script below its head, server by server.
#[derive(Debug)]
pub struct FixScript<W: Write> {
    out: W,
    features: Option<BTreeSet<FeatureId>>,
    counts: FixCounts,
    /// What was written already, by its hash: a script over a large fleet holds more text than memory should.
    written: HashSet<[u8; 16]>,
}

impl<W: Write> FixScript<W> {
    /// An empty one, about these features; about all of them without.
    pub fn new(out: W, features: Option<BTreeSet<FeatureId>>) -> Self {
        Self {
            out,
            features,
            counts: FixCounts::default(),
            written: HashSet::new(),
        }
    }

    /// Where it is written to.
    #[must_use]
    pub const fn out(&self) -> &W {
        &self.out
    }

    /// Adds a server with its findings.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn add(
        &mut self,
        documents: &ServerDocuments,
        findings: &[Finding],
        ruleset: &Ruleset,
    ) -> io::Result<()> {
        self.counts.servers += 1;
        let wanted = |finding: &&Finding| {
            let features = self.features.as_ref();
            features.is_none_or(|features| features.contains(&finding.feature))
        };
        let wanted: Vec<&Finding> = findings.iter().filter(wanted).collect();
        let unknown = |finding: &&&Finding| matches!(finding.verdict, Verdict::Unknown(_));
        self.counts.unknown += wanted.iter().filter(unknown).count();
        let failing = |finding: &&&Finding| finding.verdict == Verdict::Fail;
        let failing: Vec<&Finding> = wanted.iter().filter(failing).copied().collect();
        if failing.is_empty() {
            return Ok(());
        }
        let id = documents.id();
        let line = "#".repeat(78);
        writeln!(self.out, "\n{line}\n# {}", neutral(id.name()))?;
        writeln!(self.out, "# {}\n{line}", neutral(id.as_str()))?;
        let (mut runs, mut restarts) = (false, false);
        for finding in failing {
            self.finding(finding)?;
            let fixes = fixes(documents, ruleset, finding);
            let open = |fix: &&Fix| fix.conditions.iter().any(|id| is_open(finding, id));
            let fixes: Vec<&Fix> = fixes.iter().filter(open).collect();
            if !fixes.iter().any(|fix| !fix.commands.is_empty()) {
                self.counts.by_hand += 1;
                self.by_hand(finding, &fixes)?;
                continue;
            }
            let mut waits = false;
            for fix in fixes {
                let ran = self.fix(fix, waits)?;
                // Steps stand in order: what follows one that waits must not go before it.
                waits |= !ran && !fix.alternative;
                runs |= ran;
                restarts |= ran && fix.restarts;
            }
        }
        self.counts.servers_with_commands += usize::from(runs);
        self.counts.restarts += usize::from(restarts);
        Ok(())
    }

    /// What was written, and what it holds.
    ///
    /// # Errors
    /// When `out` refuses.
    pub fn finish(mut self) -> io::Result<(W, FixCounts)> {
        self.out.flush()?;
        Ok((self.out, self.counts))
    }

    fn finding(&mut self, finding: &Finding) -> io::Result<()> {
        let feature = finding.feature;
        let name = &catalogue().feature(feature).name;
        write!(self.out, "\n# {} {name}: fails", feature.control())?;
        if let Some(severity) = finding.severity() {
            write!(self.out, ", {severity}")?;
        }
        writeln!(self.out)
    }

    fn by_hand(&mut self, finding: &Finding, fixes: &[&Fix]) -> io::Result<()> {
        if fixes.is_empty() {
            let open = finding.conditions.iter().filter(|it| it.is_unmet());
            let open: Vec<&str> = open.map(|it| it.id).collect();
            return writeln!(
                self.out,
                "# by hand: nothing is offered for {}",
                open.join(", ")
            );
        }
        for fix in fixes {
            writeln!(self.out, "# by hand: {}", neutral(&fix.title))?;
            for first in &fix.first {
                writeln!(self.out, "#   {}", neutral(first))?;
            }
            writeln!(self.out, "#   portal: {}", neutral(&fix.portal))?;
        }
        Ok(())
    }

    /// Writes a fix; `waits` when a step before it waits. Returns whether its commands run.
    fn fix(&mut self, fix: &Fix, waits: bool) -> io::Result<bool> {
        let instead = if fix.alternative { "or instead: " } else { "" };
        let answers = fix.conditions.join(", ");
        writeln!(self.out, "# {instead}{} ({answers})", neutral(&fix.title))?;
        for first in &fix.first {
            writeln!(self.out, "# first: {}", neutral(first))?;
        }
        if fix.restarts {
            writeln!(self.out, "# restart: the server restarts")?;
        }
        if let Some(breaks) = &fix.breaks {
            writeln!(self.out, "# careful: {}", neutral(breaks))?;
        }
        if fix.commands.is_empty() {
            writeln!(self.out, "# portal: {}", neutral(&fix.portal))?;
            return Ok(false);
        }
        let lines: Vec<String> = fix.commands.iter().map(ToString::to_string).collect();
        if !fix.alternative && !self.written.insert(hash(&lines)) {
            writeln!(
                self.out,
                "# These commands stand above already, for another finding or server."
            )?;
            return Ok(false);
        }
        let values: BTreeMap<&str, &str> = fix
            .commands
            .iter()
            .flat_map(|command| &command.words)
            .flat_map(|word| word.variables())
            .map(|variable| (&*variable.name, variable.what))
            .collect();
        for (name, what) in &values {
            writeln!(self.out, "# value: {name}: {what}")?;
        }
        let why = if fix.alternative {
            Some("Another way: it does not run unless you take the # away.")
        } else if !values.is_empty() {
            Some("Set the value, then take the # away.")
        } else if !fix.first.is_empty() {
            Some("Do what comes first, then take the # away.")
        } else if waits {
            Some("It follows a step that waits: do that, then take the # away.")
        } else {
            None
        };
        let runs = why.is_none();
        if runs {
            self.counts.commands += lines.len();
            self.counts.careful += usize::from(fix.breaks.is_some());
        } else {
            self.counts.waiting += lines.len();
        }
        if let Some(why) = why {
            writeln!(self.out, "# {why}")?;
        }
        self.commands(&fix.commands, if runs { "" } else { "# " })?;
        match &fix.undo {
            Undo::Commands { commands, note } => {
                writeln!(self.out, "# undo:")?;
                self.commands(commands, "#   ")?;
                if let Some(note) = note {
                    writeln!(self.out, "#   {}", neutral(note))?;
                }
            }
            Undo::None(why) | Undo::Unread(why) => {
                writeln!(self.out, "# undo: {}", neutral(why))?;
            }
        }
        Ok(runs)
    }

    fn commands(&mut self, commands: &[Command], before: &str) -> io::Result<()> {
        for command in commands {
            if let Some(note) = command.note {
                writeln!(self.out, "# note: {note}")?;
            }
            writeln!(self.out, "{before}{command}")?;
        }
        Ok(())
    }
}

/// Writes what stands above the servers.
///
/// # Errors
/// When `out` refuses.
pub fn write_fix_head(
    out: &mut impl Write,
    head: &FixHead,
    counts: &FixCounts,
    program: &str,
) -> io::Result<()> {
    writeln!(out, "#!/bin/sh")?;
    writeln!(
        out,
        "# Fixes for failing findings. Made by {} at {:.0}.",
        neutral(program),
        head.made_at
    )?;
    writeln!(
        out,
        "# Nothing of this was run, and nothing runs before somebody has read it.\n#"
    )?;
    writeln!(
        out,
        "# scan      {} of {:.0}",
        neutral(&head.scan),
        head.scanned_at
    )?;
    writeln!(out, "# ruleset   {}", neutral(&head.ruleset))?;
    writeln!(out, "# about     {}", neutral(&head.about))?;
    writeln!(
        out,
        "# servers   {} looked at, {} with commands that run",
        counts.servers, counts.servers_with_commands
    )?;
    writeln!(
        out,
        "# commands  {} that run, {} that are comments: they wait for you, and it is said for what",
        counts.commands, counts.waiting
    )?;
    writeln!(out, "# restarts  {} servers restart", counts.restarts)?;
    writeln!(
        out,
        "# careful   {} fixes may break something: read every line that begins with \"# careful:\"",
        counts.careful
    )?;
    writeln!(
        out,
        "# by hand   {} findings fail and no command answers them: lines that begin with \"# by hand:\"",
        counts.by_hand
    )?;
    writeln!(
        out,
        "# unknown   {} findings could not be read: nothing is offered for them",
        counts.unknown
    )?;
    writeln!(
        out,
        "#\n# The first command that fails ends the script. When all of it was read:\n#   REVIEWED=yes sh THIS_FILE\n\n\
         set -eu\n\
         if [ \"${{REVIEWED:-}}\" != \"yes\" ]; then\n    \
         echo \"Nothing was run. Read this script first, then run it with REVIEWED=yes.\" >&2\n    \
         exit 1\n\
         fi"
    )
}

fn is_open(finding: &Finding, id: &str) -> bool {
    finding
        .conditions
        .iter()
        .any(|it| it.id == id && it.is_unmet() && it.waiver.is_none())
}

fn hash(lines: &[String]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line);
        hash.update([0]);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}
