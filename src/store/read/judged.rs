//! The list of a scan, judged: taken as it was packed where it serves, else from the cache, else made anew from the
//! documents.

use rusqlite::OptionalExtension;

use super::assessed::Parts;
use super::layers::Below;
use super::{Scan, text, wrong_file};
use crate::posture::{Fleet, Judge, Ruleset, conditions_version};
use crate::store::StoreError;
use crate::store::cache::Cache;
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
    /// All servers as lists need them, see [`Scan::judged`]; nothing is kept in the cache folder.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn fleet(&mut self, judge: &Judge, progress: impl FnMut(u64)) -> Result<Fleet, StoreError> {
        self.fleet_kept(judge, None, progress)
    }

    /// The same, kept in a cache where it had to be judged anew.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn fleet_kept(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
        mut progress: impl FnMut(u64),
    ) -> Result<Fleet, StoreError> {
        let judged = self.judged(judge, cache, |done| {
            progress(done);
            true
        })?;
        Ok(judged.expect("it is wanted to the end").fleet)
    }

    /// All servers as lists need them. A finished scan that was packed under this ruleset reads no document; otherwise the
    /// list comes from the cache, and where it is not there every server that another verdict is possible for is judged
    /// anew on all cores, and the list is kept there. `progress` hears how many are done and says whether to go on; `None`
    /// when it said no.
    ///
    /// # Errors
    /// When the file is damaged. A cache that cannot be written is no error.
    pub fn judged(
        &mut self,
        judge: &Judge,
        cache: Option<&Cache>,
        progress: impl FnMut(u64) -> bool,
    ) -> Result<Option<JudgedScan>, StoreError> {
        let ruleset = judge.ruleset.id();
        let packed_so = self.is_packed(&ruleset)?;
        if packed_so
            && !judge.exemptions.any_on(judge.today)
            && let Some(fleet) = self.packed(&ruleset)?
        {
            return Ok(Some(JudgedScan { fleet, anew: None }));
        }
        let was = self.judged_under()?.map(|then| then.ruleset);
        // A scan that was not finished has no list of its own, but the one below has.
        if was.is_none() && matches!(self.below()?, Below::Open(_)) {
            let all = self.laid_over_the_one_below(judge, cache, progress)?;
            return Ok(all.map(|all| JudgedScan {
                fleet: all.fleet,
                anew: None,
            }));
        }
        let found = self.cached_or_anew(judge, cache, Parts::List, progress)?;
        Ok(found.map(|found| JudgedScan {
            fleet: found.assessed.fleet,
            anew: was.filter(|_| !packed_so).map(|was| JudgedAnew {
                was,
                differ: found.differ,
            }),
        }))
    }

    fn is_packed(&self, ruleset: &str) -> Result<bool, StoreError> {
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM packed WHERE ruleset = ?1)",
                [ruleset],
                |row| row.get(0),
            )
            .map_err(|source| wrong_file(&self.path, source))
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
