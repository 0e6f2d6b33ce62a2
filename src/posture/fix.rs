//! What would make a condition hold: the commands of the Azure CLI, filled in from what was read, and the words around
//! them.
//!
//! Built from facts only. A condition that is unread, left to a person, or out of play has no fix. What must exist or be
//! done first is said, also outside MySQL; the way back comes from the value that was observed, and where none was, that
//! is said. The program shows commands and never runs one. Their syntax is that of azure-cli 2.91.0; a test holds every
//! one of them against a table made from the real CLI (`.github/azure_cli_table.py`). How a value
//! is written that only the reader knows, and why: [`Variable`].

mod backup;
mod beyond;
mod encryption;
mod firewall;
mod identity;
mod monitoring;
mod need;
mod network;
mod parameter;
mod shell;
mod vault;

use serde::Serialize;

use crate::documents::ServerDocuments;

use super::{ConditionId, Finding, Ruleset};
use need::Need;
use shell::Draft;

pub use shell::{Command, Variable, Word, script};

/// What would make conditions hold. Fixes of one finding stand in the order in which they are to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// The conditions of the finding that it answers. Several fixes for one condition are its steps.
    pub conditions: Vec<ConditionId>,
    /// What it does, in a few words.
    pub title: String,
    /// Whether it is another way instead of the fix before it.
    pub alternative: bool,
    /// What must exist or be done first, in order, also outside MySQL.
    pub first: Vec<String>,
    /// The commands, in order; empty where only words can help. [`script`] makes one piece of them.
    pub commands: Vec<Command>,
    /// Whether the server restarts.
    pub restarts: bool,
    /// What may break, cannot be taken back, or costs.
    pub breaks: Option<String>,
    /// The way back.
    pub undo: Undo,
    /// The way through the portal, in words.
    pub portal: String,
}

/// The way back from a fix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undo {
    /// Commands that bring back what was observed, in order.
    Commands {
        /// The commands.
        commands: Vec<Command>,
        /// What to know before they are run.
        note: Option<String>,
    },
    /// There is none, and why.
    None(String),
    /// It depends on a value that was not read; what to look up.
    Unread(String),
}

/// Said where a name or a value cannot stand in a command.
const UNUSABLE: &str = "No command is offered: a name or value in it holds characters that a shell or the Azure CLI \
                        could take for something else. Use the portal.";

impl Fix {
    /// A fix in words only, to be filled in.
    fn new(
        conditions: &[ConditionId],
        title: impl Into<String>,
        portal: impl Into<String>,
    ) -> Self {
        Self {
            conditions: conditions.to_vec(),
            title: title.into(),
            alternative: false,
            first: Vec::new(),
            commands: Vec::new(),
            restarts: false,
            breaks: None,
            undo: Undo::None("nothing is changed by a command".to_owned()),
            portal: portal.into(),
        }
    }

    /// Whether one of its commands is for a flexible server itself.
    fn changes_a_server(&self) -> bool {
        let start = "az mysql flexible-server ";
        self.commands
            .iter()
            .any(|command| command.to_string().starts_with(start))
    }

    fn first(mut self, line: impl Into<String>) -> Self {
        self.first.push(line.into());
        self
    }

    fn breaks(mut self, words: impl Into<String>) -> Self {
        self.breaks = Some(words.into());
        self
    }

    /// The commands. One that cannot be built takes all of them away: half a fix is none.
    fn commands(mut self, drafts: impl IntoIterator<Item = Draft>) -> Self {
        let drafts: Option<Vec<Command>> = drafts.into_iter().map(Draft::finish).collect();
        match drafts {
            Some(commands) => self.commands = commands,
            None => {
                self.first.push(UNUSABLE.to_owned());
                self.restarts = false;
            }
        }
        self
    }

    /// The way back. Without commands there is nothing to take back.
    fn undo(mut self, undo: Undo) -> Self {
        if !self.commands.is_empty() {
            self.undo = undo;
        }
        self
    }
}

impl Undo {
    fn by(drafts: impl IntoIterator<Item = Draft>) -> Self {
        let drafts: Option<Vec<Command>> = drafts.into_iter().map(Draft::finish).collect();
        match drafts {
            Some(commands) => Self::Commands {
                commands,
                note: None,
            },
            None => Self::None(
                "the old value holds characters that have no place in a command: use the portal"
                    .to_owned(),
            ),
        }
    }

    fn note(self, words: impl Into<String>) -> Self {
        match self {
            Self::Commands { commands, .. } => Self::Commands {
                commands,
                note: Some(words.into()),
            },
            other => other,
        }
    }
}

/// Builds the fixes for those of its conditions that do not hold.
type Build = fn(&Need<'_>, &[ConditionId]) -> Vec<Fix>;

/// Who answers for which conditions. The order is that of the steps: firewall rules can be deleted only while the public
/// endpoint is open, and an endpoint is made before the public one is closed.
const BUILDERS: &[(&[ConditionId], Build)] = &[
    (&["pe-approved", "pe-pending"], network::private_link),
    (&["private-path"], network::private_path),
    (&["fw-world", "fw-wide", "fw-azure"], firewall::delete_rules),
    (&["public-disabled"], network::close),
    (&["subnet-nsg"], network::associate_nsg),
    (&["nsg-broad"], network::narrow_nsg),
    (&["entra-admin"], identity::administrator),
    (&["entra-only", "local-admin"], identity::entra_only),
    (&["admin-name"], identity::admin_name),
    (&["lockbox"], monitoring::lockbox),
    (parameter::CONDITIONS, parameter::set),
    (&["cmk"], encryption::customer_key),
    (&["geo-cmk"], encryption::geo_key),
    (vault::KEY, vault::key),
    (
        &["key-unversioned", "geo-key-unversioned"],
        encryption::unversioned,
    ),
    (vault::VAULT, vault::vault),
    (&["policy-reports"], monitoring::assign_policy),
    (&["defender"], monitoring::defender),
    (&["defender-plan"], monitoring::defender_plan),
    (
        &["audit-exported", "slow-exported"],
        monitoring::export_logs,
    ),
    (&["retention"], backup::retention),
    (&["geo-backup"], backup::geo_redundant),
    (&["backup-recent"], backup::on_demand),
    (&["supported-version"], beyond::upgrade),
    (&["auto-grow"], beyond::auto_grow),
    (&["high-availability"], beyond::high_availability),
    (&["delete-lock"], beyond::delete_lock),
    (&["maintenance-window"], beyond::maintenance_window),
    (&["required-tags"], beyond::tags),
    (&["replica-parity"], beyond::replica_parity),
];

/// What would make the unmet conditions of a finding hold, in the order in which it is to be done.
#[must_use]
pub fn fixes(documents: &ServerDocuments, ruleset: &Ruleset, finding: &Finding) -> Vec<Fix> {
    let need = Need {
        documents,
        ruleset,
        finding,
    };
    let mut found = Vec::new();
    for (answers, build) in BUILDERS {
        let unmet: Vec<ConditionId> = finding
            .conditions
            .iter()
            .filter(|condition| condition.is_unmet())
            .map(|condition| condition.id)
            .filter(|id| answers.contains(id))
            .collect();
        if !unmet.is_empty() {
            found.extend(build(&need, &unmet));
        }
    }
    if need.is("/properties/state", "Stopped") {
        for fix in found.iter_mut().filter(|fix| fix.changes_a_server()) {
            let start = "The server is stopped. Start it first: Azure refuses changes of a server that does not run.";
            fix.first.insert(0, start.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::baseline::FeatureId;
    use crate::posture::checks::rules_of;

    /// Conditions that are never unmet: only a person can decide them.
    const MANUAL: [ConditionId; 1] = ["conditional-access"];

    #[test]
    fn every_condition_that_is_judged_has_one_builder() {
        let answered: Vec<ConditionId> = BUILDERS
            .iter()
            .flat_map(|(ids, _)| ids.iter().copied())
            .collect();
        let once: BTreeSet<_> = answered.iter().collect();
        assert_eq!(once.len(), answered.len(), "a condition has two builders");
        for feature in FeatureId::ALL {
            for rule in rules_of(feature) {
                assert_eq!(
                    answered.contains(&rule.id),
                    !MANUAL.contains(&rule.id),
                    "{feature}: {}",
                    rule.id
                );
            }
        }
    }
}
