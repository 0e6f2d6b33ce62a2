//! What Azure Policy says: a few questions to Resource Graph for some hundred servers at once, the rows of each answer
//! handed to the servers that they are about.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::azure::ArmClient;
use crate::azure::estate::{self, Question, text};
use crate::documents::{Cause, Document, DocumentKind, ResourceId};

use super::again::Again;
use super::answers::{self, Answer};

/// What stands between the scope of an exemption and its name in its id.
const EXEMPTION: &str = "/providers/microsoft.authorization/policyexemptions/";
/// How the scope of a management group begins.
const MANAGEMENT_GROUP: &str = "/providers/microsoft.management/managementgroups/";
/// zstd's level for rows that wait for their server.
const LEVEL: i32 = 1;

/// The states of some servers.
#[derive(Debug, Default)]
pub struct States(Again<Arc<Answer<HandedOut>>>);

/// Rows by the server's id in lower case. The rows of one server are much alike, so they are packed together: those of
/// each page as one list.
#[derive(Debug, Default)]
struct HandedOut(HashMap<String, Vec<Box<[u8]>>>);

/// What holds for the servers of some subscriptions.
#[derive(Debug, Default)]
pub struct Policies {
    visible: Again<Arc<Answer<HashMap<String, Value>>>>,
    exemptions: Again<Arc<Answer<Exemptions>>>,
}

/// The exemptions, and the management groups above each subscription, or why those are not known.
#[derive(Debug)]
struct Exemptions {
    /// As JSON.
    rows: Vec<Box<str>>,
    /// The places of rows by their scope in lower case.
    by_scope: HashMap<String, Vec<usize>>,
    above: Result<HashMap<String, Vec<String>>, Cause>,
}

impl States {
    /// The states of one server, of those in these subscriptions whose ids begin like this.
    pub async fn document(
        &self,
        client: &ArmClient,
        subscriptions: &[String],
        below: &[String],
        id: &ResourceId,
    ) -> Document {
        let question = Question::PolicyStates { below };
        let answer = self
            .0
            .get(async || {
                let made = HandedOut::default();
                Answer::ask(client, subscriptions, question, made, HandedOut::add).await
            })
            .await;
        answer.document(DocumentKind::PolicyStates, |states| {
            Ok(json!({ "value": states.of(&id.key())? }))
        })
    }
}

impl HandedOut {
    fn add(&mut self, rows: Vec<Value>) -> Result<(), Cause> {
        let mut servers: HashMap<String, Vec<Value>> = HashMap::new();
        for row in rows {
            if let Some(id) = text(&row, "/properties/resourceId").map(str::to_lowercase) {
                servers.entry(id).or_default().push(row);
            }
        }
        let mut compressor = zstd::bulk::Compressor::new(LEVEL).map_err(unkept)?;
        for (id, rows) in servers {
            let bytes = serde_json::to_vec(&rows).map_err(unkept)?;
            let packed = compressor.compress(&bytes).map_err(unkept)?;
            self.0.entry(id).or_default().push(packed.into());
        }
        Ok(())
    }

    fn of(&self, server: &str) -> Result<Vec<Value>, Cause> {
        let mut all = Vec::new();
        for packed in self.0.get(server).into_iter().flatten() {
            let bytes = zstd::decode_all(&**packed).map_err(unkept)?;
            let mut rows: Vec<Value> = serde_json::from_slice(&bytes).map_err(unkept)?;
            all.append(&mut rows);
        }
        Ok(all)
    }
}

fn unkept(error: impl std::error::Error) -> Cause {
    Cause::Malformed {
        detail: format!("the rows could not be kept until they were needed: {error}"),
    }
}

impl Policies {
    /// The exemptions that cover a server, and how much is visible in its subscription, which is one of these.
    pub async fn documents(
        &self,
        client: &ArmClient,
        subscriptions: &[String],
        id: &ResourceId,
    ) -> [Document; 2] {
        let subscription = id.subscription().to_lowercase();
        let (visible, exemptions) = tokio::join!(
            self.visible.get(async || {
                let question = Question::PolicyVisibility;
                let none = HashMap::new();
                Answer::ask(client, subscriptions, question, none, |known, rows| {
                    answers::by_subscription(known, rows);
                    Ok(())
                })
                .await
            }),
            self.exemptions
                .get(async || exemptions(client, subscriptions).await),
        );
        let exemptions = exemptions.document(DocumentKind::PolicyExemptions, |exemptions| {
            let covering = exemptions.covering(&id.key(), &subscription)?;
            Ok(json!({ "value": covering }))
        });
        let mut visible = visible.document(DocumentKind::PolicyVisibility, |visible| {
            let states = visible.get(&subscription).and_then(|row| row.get("states"));
            Ok(json!({ "states": states.unwrap_or(&json!(0)) }))
        });
        visible.shared = Some(subscription.into());
        [exemptions, visible]
    }
}

async fn exemptions(client: &ArmClient, subscriptions: &[String]) -> Arc<Answer<Exemptions>> {
    let question = Question::PolicyExemptions;
    let none = Exemptions::default();
    let mut read = Answer::ask(client, subscriptions, question, none, Exemptions::add).await;
    if let Some(Answer {
        outcome: Ok(exemptions),
        ..
    }) = Arc::get_mut(&mut read)
        && exemptions
            .by_scope
            .keys()
            .any(|scope| scope.starts_with(MANAGEMENT_GROUP))
    {
        exemptions.above = estate::ask(client, subscriptions, Question::ManagementGroups)
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

impl Default for Exemptions {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            by_scope: HashMap::new(),
            above: Ok(HashMap::new()),
        }
    }
}

impl Exemptions {
    fn add(&mut self, rows: Vec<Value>) -> Result<(), Cause> {
        for row in rows {
            if let Some(scope) = text(&row, "/id").and_then(scope) {
                let place = self.rows.len();
                self.rows.push(row.to_string().into());
                self.by_scope.entry(scope).or_default().push(place);
            }
        }
        Ok(())
    }

    /// The exemptions whose scope is the server or lies above it. Where one was made at a management group and it is not
    /// known which groups lie above the subscription, it is not known whether it covers the server.
    fn covering(&self, server: &str, subscription: &str) -> Result<Vec<Value>, Cause> {
        let mut places: Vec<usize> = Vec::new();
        for (scope, at) in &self.by_scope {
            let Some(group) = scope.strip_prefix(MANAGEMENT_GROUP) else {
                continue;
            };
            let groups = self.above.as_ref().map_err(Clone::clone)?;
            let above = groups.get(subscription).ok_or(Cause::NotVisible)?;
            if above.iter().any(|it| it == group) {
                places.extend(at);
            }
        }
        let ends = server.match_indices('/').map(|(end, _)| end);
        for end in ends.chain([server.len()]) {
            places.extend(self.by_scope.get(&server[..end]).into_iter().flatten());
        }
        places.sort_unstable();
        places
            .into_iter()
            .map(|place| serde_json::from_str(&self.rows[place]).map_err(unkept))
            .collect()
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
            json!({
                "id": format!("{scope}/providers/Microsoft.Authorization/policyExemptions/e")
            })
        };
        let group = |name: &str| format!("/providers/Microsoft.Management/managementGroups/{name}");
        let rows = [
            row("/subscriptions/S1"),
            row("/subscriptions/s1/resourceGroups/RG"),
            row("/subscriptions/s1/resourceGroups/rg2"),
            row("/subscriptions/s1/resourceGroups/r"),
            row(&SERVER.to_uppercase()),
            row("/subscriptions/s2"),
            row(&group("Root")),
            row(&group("Other")),
            json!({"id": "/subscriptions/s1"}),
        ];
        let mut exemptions = Exemptions::default();
        exemptions.add(rows.to_vec()).unwrap();
        exemptions.above = Ok(above(&[json!({"subscriptionId": "S1", "properties": {
            "managementGroupAncestorsChain": [{"name": "root"}, {"odd": 1}, 7]
        }})]));
        let covering = exemptions.covering(SERVER, "s1").unwrap();
        let expected = [0, 1, 4, 6].map(|place| rows[place].clone());
        assert_eq!(covering, expected);
    }

    #[test]
    fn an_exemption_at_a_management_group_is_open_where_the_groups_above_are_not_known() {
        let row = |scope: &str| json!({ "id": format!("{scope}{EXEMPTION}e") });
        let with = |rows: &[&str], above| {
            let mut exemptions = Exemptions::default();
            let rows = rows.iter().map(|scope| row(scope)).collect();
            exemptions.add(rows).unwrap();
            exemptions.above = above;
            exemptions.covering(SERVER, "s1")
        };
        let group = format!("{MANAGEMENT_GROUP}root");
        let covering = |above| with(&["/subscriptions/s1", &group], above);
        assert_eq!(covering(Err(Cause::Throttled)), Err(Cause::Throttled));
        assert_eq!(covering(Ok(HashMap::new())), Err(Cause::NotVisible));
        let known = HashMap::from([("s1".to_owned(), vec!["other".to_owned()])]);
        assert_eq!(covering(Ok(known)).unwrap().len(), 1);
        let without = with(&["/subscriptions/s1"], Err(Cause::Throttled));
        assert_eq!(without.unwrap().len(), 1);
    }

    #[test]
    fn rows_go_to_their_server_and_odd_ones_to_nobody() {
        let mut states = HandedOut::default();
        let row =
            |number: u8| json!({"n": number, "properties": {"resourceId": SERVER.to_uppercase()}});
        let other = json!({"properties": {"resourceId": format!("{SERVER}2")}});
        states
            .add(vec![row(1), json!({"properties": {}}), json!(7), other])
            .unwrap();
        states.add(vec![row(2)]).unwrap();
        assert_eq!(states.of(SERVER).unwrap(), [row(1), row(2)]);
        assert_eq!(states.of("/another").unwrap(), Vec::<Value>::new());
        let mut counts = HashMap::new();
        answers::by_subscription(
            &mut counts,
            vec![
                json!({"subscriptionId": "S1", "states": 4}),
                json!({"states": 7}),
            ],
        );
        assert_eq!(counts.len(), 1);
        assert_eq!(counts["s1"]["states"], 4);
    }
}
