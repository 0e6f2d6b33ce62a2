//! What Azure Policy says: a few questions to Resource Graph for the whole scan, the rows of each answer handed to the
//! servers that they are about.

use std::collections::{HashMap, HashSet};
use std::time::Instant;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::azure::ArmClient;
use crate::azure::estate::{Question, SUBSCRIPTIONS_OF_A_QUESTION, ask, text};
use crate::azure::graph::{self, Rows};
use crate::azure::versions::RESOURCE_GRAPH;
use crate::documents::{Cause, Document, DocumentKind, Method, Outcome, Request, ResourceId};

/// What stands between the scope of an exemption and its name in its id.
const EXEMPTION: &str = "/providers/microsoft.authorization/policyexemptions/";
/// How the scope of a management group begins.
const MANAGEMENT_GROUP: &str = "/providers/microsoft.management/managementgroups/";

/// The answers about one batch of subscriptions.
struct Batch {
    subscriptions: HashSet<String>,
    /// By the server's id in lower case.
    states: Answer<HashMap<String, Vec<Value>>>,
    /// By the subscription's id in lower case.
    visible: Answer<HashMap<String, Value>>,
    exemptions: Answer<Exemptions>,
}

/// The exemptions with their scopes in lower case, and the management groups above each subscription, or why those are
/// not known.
struct Exemptions {
    rows: Vec<(String, Value)>,
    above: Result<HashMap<String, Vec<String>>, Cause>,
}

/// An answer with what is to be told of how it was asked.
struct Answer<T> {
    api_version: String,
    fetched_at: Timestamp,
    duration_ms: u32,
    outcome: Result<T, Cause>,
}

/// What Azure Policy says about the servers of a scan.
pub struct Policies(Vec<Batch>);

impl Policies {
    /// Asks about these subscriptions.
    pub async fn read(client: &ArmClient, subscriptions: &[String]) -> Self {
        let mut batches = Vec::new();
        for batch in subscriptions.chunks(SUBSCRIPTIONS_OF_A_QUESTION) {
            let (states, visible, exemptions) = tokio::join!(
                answer(client, batch, Question::PolicyStates, by_server),
                answer(client, batch, Question::PolicyVisibility, by_subscription),
                exemptions(client, batch),
            );
            batches.push(Batch {
                subscriptions: batch.iter().map(|id| id.to_lowercase()).collect(),
                states,
                visible,
                exemptions,
            });
        }
        Self(batches)
    }

    /// The documents about one server: its states, its exemptions, and how much is visible in its subscription.
    #[must_use]
    pub fn documents(&self, id: &ResourceId) -> Vec<Document> {
        let subscription = id.subscription().to_lowercase();
        let Some(batch) = self
            .0
            .iter()
            .find(|batch| batch.subscriptions.contains(&subscription))
        else {
            return Vec::new();
        };
        let key = id.key();
        let own = |rows: Option<&Vec<Value>>| json!({ "value": rows.cloned().unwrap_or_default() });
        let states = batch.states.document(DocumentKind::PolicyStates, |states| {
            Ok(own(states.get(&key)))
        });
        let exemptions = batch
            .exemptions
            .document(DocumentKind::PolicyExemptions, |exemptions| {
                let covering = exemptions.covering(&key, &subscription)?;
                Ok(own(Some(&covering)))
            });
        let mut visible = batch
            .visible
            .document(DocumentKind::PolicyVisibility, |visible| {
                let states = visible.get(&subscription).cloned().unwrap_or(json!(0));
                Ok(json!({ "states": states }))
            });
        visible.shared = Some(subscription.into());
        vec![states, exemptions, visible]
    }
}

impl<T> Answer<T> {
    fn document(
        &self,
        kind: DocumentKind,
        body: impl FnOnce(&T) -> Result<Value, Cause>,
    ) -> Document {
        Document {
            kind,
            shared: None,
            request: Request {
                method: Method::Post,
                path: graph::PATH.to_owned(),
                api_version: self.api_version.clone(),
            },
            fetched_at: self.fetched_at,
            duration_ms: self.duration_ms,
            outcome: match self.outcome.as_ref().map_err(Clone::clone).and_then(body) {
                Ok(body) => Outcome::Read(body),
                Err(cause) => Outcome::Unread(cause),
            },
        }
    }
}

async fn answer<T>(
    client: &ArmClient,
    subscriptions: &[String],
    question: Question,
    sort: impl FnOnce(Vec<Value>) -> T,
) -> Answer<T> {
    let started = Instant::now();
    let read = ask(client, subscriptions, question).await;
    let (api_version, outcome) = match read {
        Ok(Rows { rows, api_version }) => (api_version, Ok(sort(rows))),
        Err(error) => (error.api_version, Err(error.cause)),
    };
    Answer {
        api_version: match api_version {
            "" => RESOURCE_GRAPH.newest(),
            version => version,
        }
        .to_owned(),
        fetched_at: Timestamp::now(),
        duration_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
        outcome,
    }
}

fn by_server(rows: Vec<Value>) -> HashMap<String, Vec<Value>> {
    let mut servers: HashMap<String, Vec<Value>> = HashMap::new();
    for row in rows {
        if let Some(id) = text(&row, "/properties/resourceId").map(str::to_lowercase) {
            servers.entry(id).or_default().push(row);
        }
    }
    servers
}

fn by_subscription(rows: Vec<Value>) -> HashMap<String, Value> {
    rows.into_iter()
        .filter_map(|mut row| {
            let id = text(&row, "/subscriptionId")?.to_lowercase();
            Some((id, row.get_mut("states")?.take()))
        })
        .collect()
}

async fn exemptions(client: &ArmClient, subscriptions: &[String]) -> Answer<Exemptions> {
    let mut read = answer(client, subscriptions, Question::PolicyExemptions, |rows| {
        Exemptions {
            rows: rows
                .into_iter()
                .filter_map(|row| Some((scope(text(&row, "/id")?)?, row)))
                .collect(),
            above: Ok(HashMap::new()),
        }
    })
    .await;
    if let Ok(exemptions) = &mut read.outcome
        && exemptions
            .rows
            .iter()
            .any(|(scope, _)| scope.starts_with(MANAGEMENT_GROUP))
    {
        exemptions.above = ask(client, subscriptions, Question::ManagementGroups)
            .await
            .map(|rows| above(&rows.rows))
            .map_err(|error| error.cause);
    }
    read
}

/// The scope of an exemption, in lower case.
fn scope(id: &str) -> Option<String> {
    let id = id.to_lowercase();
    let (scope, _) = id.rsplit_once(EXEMPTION)?;
    Some(scope.to_owned())
}

/// The names of the management groups above each subscription, in lower case.
fn above(rows: &[Value]) -> HashMap<String, Vec<String>> {
    rows.iter()
        .filter_map(|row| {
            let chain = row.pointer("/properties/managementGroupAncestorsChain")?;
            let names = chain
                .as_array()?
                .iter()
                .filter_map(|group| Some(group.get("name")?.as_str()?.to_lowercase()))
                .collect();
            Some((text(row, "/subscriptionId")?.to_lowercase(), names))
        })
        .collect()
}

impl Exemptions {
    /// The exemptions whose scope is the server or lies above it. Where one was made at a management group and it is not
    /// known which groups lie above the subscription, it is not known whether it covers the server.
    fn covering(&self, server: &str, subscription: &str) -> Result<Vec<Value>, Cause> {
        let mut covering = Vec::new();
        for (scope, row) in &self.rows {
            let covers = match scope.strip_prefix(MANAGEMENT_GROUP) {
                Some(group) => {
                    let groups = self.above.as_ref().map_err(Clone::clone)?;
                    let above = groups.get(subscription).ok_or(Cause::NotVisible)?;
                    above.iter().any(|it| it == group)
                }
                None => server
                    .strip_prefix(scope.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
            };
            if covers {
                covering.push(row.clone());
            }
        }
        Ok(covering)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str =
        "/subscriptions/s1/resourcegroups/rg/providers/microsoft.dbformysql/flexibleservers/db";

    #[test]
    fn an_exemption_covers_what_lies_at_and_below_its_scope() {
        let row = |scope: &str| {
            let id = format!("{scope}/providers/Microsoft.Authorization/policyExemptions/e");
            (super::scope(&id).unwrap(), json!({ "id": id }))
        };
        let group = |name: &str| format!("/providers/Microsoft.Management/managementGroups/{name}");
        let exemptions = Exemptions {
            rows: vec![
                row("/subscriptions/S1"),
                row("/subscriptions/s1/resourceGroups/RG"),
                row("/subscriptions/s1/resourceGroups/rg2"),
                row("/subscriptions/s1/resourceGroups/r"),
                row(&SERVER.to_uppercase()),
                row("/subscriptions/s2"),
                row(&group("Root")),
                row(&group("Other")),
            ],
            above: Ok(above(&[json!({"subscriptionId": "S1", "properties": {
                "managementGroupAncestorsChain": [{"name": "root"}, {"odd": 1}, 7]
            }})])),
        };
        let covering: Vec<usize> = exemptions
            .covering(SERVER, "s1")
            .unwrap()
            .iter()
            .map(|found| {
                exemptions
                    .rows
                    .iter()
                    .position(|(_, row)| row == found)
                    .unwrap()
            })
            .collect();
        assert_eq!(covering, [0, 1, 4, 6]);
    }

    #[test]
    fn an_exemption_at_a_management_group_is_open_where_the_groups_above_are_not_known() {
        let row = |scope: &str| (scope.to_owned(), json!({ "scope": scope }));
        let group = format!("{MANAGEMENT_GROUP}root");
        let with = |above| Exemptions {
            rows: vec![row("/subscriptions/s1"), row(&group)],
            above,
        };
        let covering = |above| with(above).covering(SERVER, "s1");
        assert_eq!(covering(Err(Cause::Throttled)), Err(Cause::Throttled));
        assert_eq!(covering(Ok(HashMap::new())), Err(Cause::NotVisible));
        let known = HashMap::from([("s1".to_owned(), vec!["other".to_owned()])]);
        assert_eq!(covering(Ok(known)).unwrap().len(), 1);
        let without = Exemptions {
            rows: vec![row("/subscriptions/s1")],
            above: Err(Cause::Throttled),
        };
        assert_eq!(without.covering(SERVER, "s1").unwrap().len(), 1);
    }

    #[test]
    fn rows_go_to_their_server_and_odd_ones_to_nobody() {
        let rows = by_server(vec![
            json!({"properties": {"resourceId": SERVER.to_uppercase()}}),
            json!({"properties": {}}),
            json!(7),
        ]);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[SERVER].len(), 1);
        let counts = by_subscription(vec![
            json!({"subscriptionId": "S1", "states": 4}),
            json!({"subscriptionId": "s2"}),
        ]);
        assert_eq!(counts.len(), 1);
        assert_eq!(counts["s1"], 4);
    }
}
