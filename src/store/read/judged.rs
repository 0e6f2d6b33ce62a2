//! The list of a scan, judged: taken as it was packed where it serves, else made anew from the documents.

use rusqlite::OptionalExtension;

use super::layers::Below;
use super::{Scan, subscriptions, text, wrong_file};
use crate::documents::ResourceId;
use crate::posture::{Fleet, Judge, Ruleset, ServerSummary, conditions_version, verdict_changes};
use crate::store::StoreError;
use crate::store::schema::FORMAT_WITH_SETTINGS;

/// What the list of a finished scan was judged under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedUnder {
    /// The id of the ruleset.
    pub ruleset: String,
    /// Its settings; `None` in files that keep none.
    pub settings: Option<Ruleset>,
}

/// A scan, judged.
#[derive(Clone, Debug)]
pub struct JudgedScan {
    /// Its servers.
    pub fleet: Fleet,
    /// What it was judged under before, when it had to be judged anew.
    pub anew: Option<JudgedAnew>,
}

/// What a list that had to be judged anew was judged under before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedAnew {
    /// The id of the ruleset.
    pub was: String,
    /// How many verdicts differ, exemptions not looked at; `None` when the list is of a form that is no longer read.
    pub differ: Option<usize>,
}

impl Scan {
    /// All servers as lists need them, see [`Scan::judged`].
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn fleet(&mut self, judge: &Judge, progress: impl FnMut(u64)) -> Result<Fleet, StoreError> {
        self.judged(judge, progress).map(|judged| judged.fleet)
    }

    /// All servers as lists need them. A finished scan that was packed under this ruleset reads no document but those of
    /// servers that exemptions name; otherwise every server is judged anew, and `progress` hears how many are done.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn judged(
        &mut self,
        judge: &Judge,
        mut progress: impl FnMut(u64),
    ) -> Result<JudgedScan, StoreError> {
        let ruleset = judge.ruleset.id();
        if let Some(mut fleet) = self.packed(&ruleset)? {
            if !judge.exemptions.any_on(judge.today) {
                return Ok(JudgedScan { fleet, anew: None });
            }
            for server in &mut fleet.servers {
                let exempt = ResourceId::parse(&server.id)
                    .is_ok_and(|id| judge.exemptions.concern(&id, judge.today));
                if exempt {
                    *server = judge.summary(&self.documents(&server.id)?);
                }
            }
            return Ok(JudgedScan { fleet, anew: None });
        }
        let was = self.judged_under()?.map(|then| then.ruleset);
        // A scan that was not finished has no list of its own, but the one below has.
        if was.is_none() && matches!(self.below()?, Below::Open(_)) {
            let fleet = self.laid_over_the_one_below(judge, progress)?.fleet;
            return Ok(JudgedScan { fleet, anew: None });
        }
        let then = match &was {
            Some(was) => self.packed_then(was)?,
            None => None,
        };
        let subscriptions =
            subscriptions(&self.connection).map_err(|source| wrong_file(&self.path, source))?;
        let ids = self.ids()?;
        let mut servers = Vec::with_capacity(ids.len());
        let mut differ = then.as_ref().map(|_| 0);
        for (place, (ord, id)) in ids.into_iter().enumerate() {
            let documents = self.documents_of(ord, &id)?;
            let findings = judge.findings(&documents);
            // Both lists are in the order of the inventory.
            let before = then.as_ref().and_then(|then| then.servers.get(place));
            if let (Some(before), Some(differ)) = (before, &mut differ) {
                *differ += verdict_changes(before, None, &findings).len();
            }
            servers.push(ServerSummary::new(&documents, &findings));
            progress(servers.len() as u64);
        }
        Ok(JudgedScan {
            fleet: Fleet {
                subscriptions,
                servers,
            },
            anew: was.map(|was| JudgedAnew { was, differ }),
        })
    }

    /// What the list of the scan was judged under when it was finished; `None` while it is unfinished. Text is
    /// neutralised.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn judged_under(&self) -> Result<Option<JudgedUnder>, StoreError> {
        let query = if self.format >= FORMAT_WITH_SETTINGS {
            "SELECT ruleset, settings FROM packed ORDER BY rowid LIMIT 1"
        } else {
            "SELECT ruleset, NULL FROM packed ORDER BY rowid LIMIT 1"
        };
        self.connection
            .query_row(query, [], |row| {
                let settings: Option<String> = row.get(1)?;
                Ok(JudgedUnder {
                    ruleset: text(row, 0)?,
                    // Settings that this program has no place for are as good as none.
                    settings: settings.and_then(|json| serde_json::from_str(&json).ok()),
                })
            })
            .optional()
            .map_err(|source| wrong_file(&self.path, source))
    }

    /// The list as it was judged when the scan was finished, under the ruleset that [`Scan::judged_under`] names, without
    /// exemptions; `None` when another version of the conditions wrote it in a form that is no longer read.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn packed_then(&self, ruleset: &str) -> Result<Option<Fleet>, StoreError> {
        let ours = Ruleset::default().id();
        match self.packed(ruleset) {
            Err(StoreError::Damaged { .. })
                if conditions_version(ruleset) != conditions_version(&ours) =>
            {
                Ok(None)
            }
            found => found,
        }
    }
}
