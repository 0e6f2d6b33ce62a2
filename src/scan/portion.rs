//! Servers that are asked about together: so few that what is known of them fits into memory, so many that a question
//! to Resource Graph is worth it.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use crate::azure::ArmClient;
use crate::azure::estate::{Question, SUBSCRIPTIONS_OF_A_QUESTION, can_stand_in_a_question};
use crate::azure::{InventoryRow, read_at};
use crate::documents::{Document, DocumentKind, Request, ResourceId};

use super::again::Again;
use super::answers::{self, Answer};
use super::estimate::Bounds;
use super::networks::Networks;
use super::policies::{Policies, States};
use super::shelf::Shelf;
use super::spill::{Aside, Spill};

/// Servers of a portion, as long as whole subscriptions, or whole resource groups of a large one, can be put together so.
const SERVERS: usize = 500;
/// Resource groups of a large subscription in one portion, which a question has to name.
const GROUPS: usize = 80;

/// The path of a Defender plan below its subscription.
const PLAN: &str = "/providers/Microsoft.Security/pricings/OpenSourceRelationalDatabases";

/// How many portions these servers of so many subscriptions come to: at least, and at most.
pub fn portions(subscriptions: usize, servers: usize) -> Bounds {
    // A portion that is full takes the rest of a whole subscription, or of a group, too.
    Bounds {
        least: u64::from(servers > 0),
        most: (subscriptions + servers / GROUPS) as u64,
    }
}

/// What holds for a few subscriptions as a whole. It is read when a first server asks, and gone with the last.
#[derive(Debug)]
pub struct Neighbourhood {
    subscriptions: Vec<String>,
    policies: Policies,
    networks: Networks,
    plans: Again<Arc<Answer<HashMap<String, Value>>>>,
    /// What was read from Resource Manager, by path in lower case.
    read: Mutex<HashMap<String, Arc<Again<Arc<Document>>>>>,
}

impl Neighbourhood {
    fn new(subscriptions: Vec<String>) -> Arc<Self> {
        Arc::new(Self {
            subscriptions,
            policies: Policies::default(),
            networks: Networks::default(),
            plans: Again::default(),
            read: Mutex::default(),
        })
    }

    /// What lies at a path of Resource Manager in these subscriptions.
    pub async fn read(
        &self,
        client: &ArmClient,
        kind: DocumentKind,
        path: String,
    ) -> Arc<Document> {
        let about = path.to_lowercase();
        let slot = {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            read.entry(about.clone()).or_default().clone()
        };
        slot.get(async || {
            let mut document = read_at(client, kind, path).await;
            document.shared = Some(about.into());
            Arc::new(document)
        })
        .await
    }

    /// Puts the delegated subnets of these subscriptions, and their network security groups, on the shelf, as far as
    /// Resource Graph shows them.
    pub async fn offer_networks(&self, client: &ArmClient, shelf: &Shelf) {
        self.networks
            .offer(client, &self.subscriptions, shelf)
            .await;
    }

    /// The Defender plan of a subscription: the row of Resource Graph, and where that does not show it, or does not
    /// answer, what Resource Manager says.
    pub async fn plan(&self, client: &ArmClient, id: &ResourceId) -> Arc<Document> {
        let plans = self
            .plans
            .get(async || {
                let question = Question::DefenderPlans;
                let none = HashMap::new();
                Answer::ask(
                    client,
                    &self.subscriptions,
                    question,
                    none,
                    |known, rows| {
                        answers::by_subscription(known, rows);
                        Ok(())
                    },
                )
                .await
            })
            .await;
        let path = format!("/subscriptions/{}{PLAN}", id.subscription());
        let row = plans
            .outcome
            .as_ref()
            .ok()
            .and_then(|plans| plans.get(&id.subscription().to_lowercase()));
        match row {
            Some(row) => {
                let mut document = plans.document(DocumentKind::DefenderPlan, |_| Ok(row.clone()));
                document.shared = Some(path.to_lowercase().into());
                Arc::new(document)
            }
            None => self.read(client, DocumentKind::DefenderPlan, path).await,
        }
    }
}

/// Servers that are asked about together.
#[derive(Debug)]
pub struct Portion {
    neighbourhood: Arc<Neighbourhood>,
    /// How the ids of its servers begin, where it is a part of a subscription; empty for whole ones.
    below: Vec<String>,
    states: States,
}

impl Portion {
    /// These servers, in any subscriptions.
    pub fn of<'a>(ids: impl Iterator<Item = &'a ResourceId> + Clone) -> Self {
        let by_key: BTreeMap<String, String> = ids
            .clone()
            .map(|id| {
                (
                    id.subscription().to_lowercase(),
                    id.subscription().to_owned(),
                )
            })
            .collect();
        Self {
            neighbourhood: Neighbourhood::new(by_key.into_values().collect()),
            below: groups(ids),
            states: States::default(),
        }
    }

    /// What holds for the subscriptions of its servers.
    pub fn neighbourhood(&self) -> &Neighbourhood {
        &self.neighbourhood
    }

    /// What Azure Policy says about one of its servers.
    pub async fn policies(&self, client: &ArmClient, id: &ResourceId) -> Vec<Arc<Document>> {
        let subscriptions = &self.neighbourhood.subscriptions;
        let (states, [exemptions, visible]) = tokio::join!(
            self.states.document(client, subscriptions, &self.below, id),
            self.neighbourhood
                .policies
                .documents(client, subscriptions, id),
        );
        [states, exemptions, visible].map(Arc::new).into()
    }
}

/// How the ids of these servers begin, up to their resource groups; none where a question should not name them.
fn groups<'a>(ids: impl Iterator<Item = &'a ResourceId>) -> Vec<String> {
    let mut groups = BTreeMap::new();
    for id in ids {
        let end = id.as_str().match_indices('/').nth(4).map(|(end, _)| end);
        let Some(start) = end.map(|end| &id.as_str()[..=end]) else {
            return Vec::new();
        };
        if groups.len() >= GROUPS * 2 || !can_stand_in_a_question(start) {
            return Vec::new();
        }
        groups.insert(start.to_lowercase(), start.to_owned());
    }
    groups.into_values().collect()
}

/// A portion whose servers wait, put aside, to be read.
#[derive(Debug)]
pub struct Waiting {
    /// The portion.
    pub portion: Portion,
    /// The id, in lower case, of the first of its subscriptions.
    pub subscription: String,
    rows: Aside,
}

/// A row as it is put aside.
type Written = (ResourceId, Value, Request, Timestamp);

impl Waiting {
    /// The servers with their rows, one at a time, in the order in which they should be read.
    ///
    /// # Errors
    /// When they cannot be read back.
    pub fn rows(
        &self,
        spill: &Spill,
    ) -> io::Result<impl Iterator<Item = io::Result<InventoryRow>> + use<>> {
        let bytes = spill.get(&self.rows)?;
        let mut start = 0;
        Ok(std::iter::from_fn(move || {
            let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            start += end + 1;
            let row = serde_json::from_slice::<Written>(&rest[..end]);
            Some(
                row.map_err(io::Error::from)
                    .map(|(id, body, request, fetched_at)| InventoryRow {
                        id,
                        body,
                        request,
                        fetched_at,
                    }),
            )
        }))
    }
}

/// Cuts servers, as they come, into portions. They should come in the order of their ids; in any other there are more
/// portions, and more questions, and none of them is wrong.
#[derive(Debug)]
pub struct Cutter<'a> {
    spill: &'a Spill,
    /// Servers of whole subscriptions.
    whole: Vec<InventoryRow>,
    subscriptions: Vec<String>,
    /// Servers of the subscription that is coming.
    coming: Vec<InventoryRow>,
    groups: usize,
    /// Of a subscription that had to be cut: what its portions share.
    cut: Option<Arc<Neighbourhood>>,
    ready: Vec<Waiting>,
}

impl<'a> Cutter<'a> {
    /// Nothing yet; the servers of portions will be put aside there.
    pub fn new(spill: &'a Spill) -> Self {
        Self {
            spill,
            whole: Vec::new(),
            subscriptions: Vec::new(),
            coming: Vec::new(),
            groups: 0,
            cut: None,
            ready: Vec::new(),
        }
    }

    /// Adds a server.
    ///
    /// # Errors
    /// When its portion cannot be packed, for want of memory.
    pub fn add(&mut self, row: InventoryRow) -> io::Result<()> {
        if let Some(last) = self.coming.last() {
            if !same(last.id.subscription(), row.id.subscription()) {
                self.end_subscription()?;
            } else if !same_group(last, &row) {
                if self.coming.len() >= SERVERS || self.groups >= GROUPS {
                    self.cut_here()?;
                }
                self.groups += 1;
            }
        }
        self.coming.push(row);
        Ok(())
    }

    /// Takes the portions that are complete.
    pub fn ready(&mut self) -> Vec<Waiting> {
        std::mem::take(&mut self.ready)
    }

    /// Completes what has come so far, and takes it.
    ///
    /// # Errors
    /// As for [`Cutter::add`].
    pub fn end(&mut self) -> io::Result<Vec<Waiting>> {
        self.end_subscription()?;
        self.end_whole()?;
        Ok(self.ready())
    }

    fn cut_here(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.coming);
        self.groups = 0;
        let Some(first) = rows.first() else {
            return Ok(());
        };
        let subscription = first.id.subscription();
        let neighbourhood = self
            .cut
            .get_or_insert_with(|| Neighbourhood::new(vec![subscription.to_owned()]));
        let portion = Portion {
            neighbourhood: neighbourhood.clone(),
            below: groups(rows.iter().map(|row| &row.id)),
            states: States::default(),
        };
        self.put(portion, rows)
    }

    fn end_subscription(&mut self) -> io::Result<()> {
        if self.cut.is_some() {
            self.cut_here()?;
            self.cut = None;
            return Ok(());
        }
        self.groups = 0;
        let Some(first) = self.coming.first() else {
            return Ok(());
        };
        if self.whole.len() + self.coming.len() > SERVERS
            || self.subscriptions.len() >= SUBSCRIPTIONS_OF_A_QUESTION
        {
            let first = first.id.subscription().to_owned();
            self.end_whole()?;
            self.subscriptions.push(first);
        } else {
            self.subscriptions.push(first.id.subscription().to_owned());
        }
        self.whole.append(&mut self.coming);
        Ok(())
    }

    fn end_whole(&mut self) -> io::Result<()> {
        let rows = in_turn(std::mem::take(&mut self.whole));
        let subscriptions = std::mem::take(&mut self.subscriptions);
        if rows.is_empty() {
            return Ok(());
        }
        let portion = Portion {
            neighbourhood: Neighbourhood::new(subscriptions),
            below: Vec::new(),
            states: States::default(),
        };
        self.put(portion, rows)
    }

    fn put(&mut self, portion: Portion, rows: Vec<InventoryRow>) -> io::Result<()> {
        let subscription = rows[0].id.subscription().to_lowercase();
        let mut bytes = Vec::new();
        for row in &rows {
            serde_json::to_writer(
                &mut bytes,
                &(&row.id, &row.body, &row.request, row.fetched_at),
            )?;
            bytes.push(b'\n');
        }
        self.ready.push(Waiting {
            portion,
            subscription,
            rows: self.spill.put(&bytes)?,
        });
        Ok(())
    }
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn same_group(one: &InventoryRow, other: &InventoryRow) -> bool {
    let group = |row: &InventoryRow| row.id.resource_group().map(str::to_lowercase);
    group(one) == group(other)
}

/// The rows with the subscriptions taking turns, so that the request limit of one does not hold up the others.
fn in_turn(rows: Vec<InventoryRow>) -> Vec<InventoryRow> {
    let mut turns: HashMap<String, usize> = HashMap::new();
    let mut numbered: Vec<(usize, InventoryRow)> = rows
        .into_iter()
        .map(|row| {
            let turn = turns
                .entry(row.id.subscription().to_lowercase())
                .or_default();
            *turn += 1;
            (*turn, row)
        })
        .collect();
    numbered.sort_by_key(|(turn, _)| *turn);
    numbered.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::Method;
    use std::path::Path;

    fn row(subscription: &str, group: &str, name: &str) -> InventoryRow {
        InventoryRow {
            id: ResourceId::parse(&format!(
                "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.DBforMySQL/flexibleServers/{name}"
            ))
            .unwrap(),
            body: serde_json::json!({ "name": name }),
            request: Request {
                method: Method::Get,
                path: String::new(),
                api_version: String::new(),
            },
            fetched_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn cut(rows: impl IntoIterator<Item = InventoryRow>) -> Vec<(Portion, Vec<String>)> {
        let spill = Spill::beside(Path::new("/nowhere/x"));
        let mut cutter = Cutter::new(&spill);
        for row in rows {
            cutter.add(row).unwrap();
        }
        let ready = cutter.end().unwrap();
        ready
            .into_iter()
            .map(|waiting| {
                let rows = waiting.rows(&spill).unwrap();
                let names = rows.map(|row| row.unwrap().id.name().to_owned()).collect();
                (waiting.portion, names)
            })
            .collect()
    }

    #[test]
    fn subscriptions_take_turns_and_none_is_lost() {
        let portions = cut([
            row("a", "g", "1"),
            row("A", "g", "2"),
            row("a", "h", "3"),
            row("b", "g", "4"),
            row("b", "g", "5"),
        ]);
        let [(portion, names)] = &portions[..] else {
            panic!("{} portions", portions.len())
        };
        assert_eq!(names[..], ["1", "4", "2", "5", "3"]);
        assert_eq!(portion.neighbourhood.subscriptions, ["a", "b"]);
        assert_eq!(portion.below, Vec::<String>::new());
    }

    #[test]
    fn a_large_subscription_is_cut_between_groups_and_a_small_one_stays_whole() {
        let large = (0..1300).map(|it| row("b", &format!("g{}", it / 200), &it.to_string()));
        let rows: Vec<InventoryRow> = std::iter::once(row("a", "g", "first"))
            .chain(large)
            .chain([row("c", "g", "last")])
            .collect();
        let portions = cut(rows);
        let sizes: Vec<(usize, &[String])> = portions
            .iter()
            .map(|(portion, names)| (names.len(), &portion.neighbourhood.subscriptions[..]))
            .collect();
        let sub = |id: &str| vec![id.to_owned()];
        let b = sub("b");
        // Those that are whole wait for more of their kind.
        assert_eq!(
            sizes,
            [
                (600, &b[..]),
                (600, &b[..]),
                (100, &b[..]),
                (2, &["a".to_owned(), "c".to_owned()][..])
            ]
        );
        let group = |number: usize| format!("/subscriptions/b/resourceGroups/g{number}/");
        assert_eq!(portions[0].0.below, [group(0), group(1), group(2)]);
        assert_eq!(portions[2].0.below, [group(6)]);
        assert!(Arc::ptr_eq(
            &portions[0].0.neighbourhood,
            &portions[2].0.neighbourhood
        ));
    }

    #[test]
    fn many_small_subscriptions_are_put_together_as_far_as_a_question_goes() {
        let portions = cut((0..700).map(|it| row(&format!("s{it:04}"), "g", "db")));
        let sizes: Vec<usize> = portions.iter().map(|(_, names)| names.len()).collect();
        assert_eq!(sizes, [300, 300, 100]);
    }

    #[test]
    fn what_cannot_stand_in_a_question_is_not_put_there() {
        let one = row("b", "it's", "1");
        assert_eq!(groups(std::iter::once(&one.id)), Vec::<String>::new());
    }
}
