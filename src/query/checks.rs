//! The fields of a query made ready for one index: each text of the servers is compared once, each server by number.

use super::cells::Cells;
use super::index::NO_SCORE;
use super::server::{ServerTerm, Wanted};
use super::vocabulary::Entry;
use super::{Field, Query, SearchIndex, folded};

/// The fields of a query, for one index.
pub struct Checks<'a> {
    index: &'a SearchIndex,
    cells: Option<&'a Cells>,
    servers: Vec<Check<'a>>,
}

/// One term about servers.
struct Check<'a> {
    term: &'a ServerTerm,
    /// Which texts of the field's dictionary fit.
    fitting: Vec<bool>,
}

impl<'a> Checks<'a> {
    pub fn new(index: &'a SearchIndex, query: &'a Query) -> Self {
        let check = |term: &'a ServerTerm| {
            let known = index.dictionaries();
            let entries = match term.field {
                Field::Subscription => known.subscriptions.entries(),
                Field::Group => known.groups.entries(),
                Field::Region => known.regions.entries(),
                Field::Version => known.versions.entries(),
                Field::Is => known.states.entries(),
                Field::Tag => known.tags.entries(),
                _ => &[],
            };
            Check {
                fitting: entries.iter().map(|entry| fits(term, entry)).collect(),
                term,
            }
        };
        Self {
            index,
            cells: query.cells.as_ref(),
            servers: query.servers.iter().map(check).collect(),
        }
    }

    /// Whether a server fits all that is said with fields.
    pub fn fit(&self, row: u32) -> bool {
        if self.cells.is_none() && self.servers.is_empty() {
            return true;
        }
        let Some(facts) = self.index.facts(row) else {
            return false;
        };
        let one = |check: &Check<'_>| {
            let fits = |place: u32| check.fitting.get(place as usize).copied().unwrap_or(false);
            let fit = match check.term.field {
                Field::Subscription => fits(facts.subscription),
                Field::Group => fits(facts.group),
                Field::Region => fits(facts.region),
                Field::Version => fits(facts.version),
                Field::Is => fits(facts.state),
                Field::Tag => self.index.tags(facts).iter().any(|tag| fits(*tag)),
                Field::Score => check.term.any.iter().any(|wanted| match wanted {
                    Wanted::Score(low, high) => {
                        facts.score != NO_SCORE && (*low..=*high).contains(&facts.score)
                    }
                    _ => false,
                }),
                _ => {
                    let name = self.index.name(row);
                    check.term.any.iter().any(|wanted| match wanted {
                        Wanted::Text(pattern) => pattern.matches(name),
                        _ => false,
                    })
                }
            };
            fit != check.term.not
        };
        self.servers.iter().all(one)
            && self
                .cells
                .is_none_or(|cells| cells.show(&facts.cells, facts.kinds))
    }
}

/// Whether a text of a field's dictionary fits a term.
fn fits(term: &ServerTerm, entry: &Entry) -> bool {
    term.any.iter().any(|wanted| match wanted {
        Wanted::Text(pattern) => {
            pattern.matches(&entry.folded)
                || term.field == Field::Subscription && pattern.matches(&folded(entry.key()))
        }
        Wanted::Tag { name, value } => {
            let (of_name, of_value) = entry.tag();
            name.matches(of_name) && value.as_ref().is_none_or(|value| value.matches(of_value))
        }
        Wanted::Score(..) => false,
    })
}
