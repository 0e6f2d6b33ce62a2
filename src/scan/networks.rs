//! Delegated subnets and their network security groups as Resource Graph shows them: a page of its rows stands for a read
//! of each. What it does not show is read from Resource Manager by whoever needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::azure::ArmClient;
use crate::azure::estate::{Question, can_stand_in_a_question, text};
use crate::documents::{Cause, DocumentKind, ResourceId};

use super::again::{Again, Outlook};
use super::answers::Answer;
use super::shelf::Shelf;

/// Network security groups that one question names: about 15 KB of ids.
pub const GROUPS_OF_A_QUESTION: usize = 100;

/// What a row must have to stand for the answer of Resource Manager, which always has it.
const OF_A_SUBNET: [&str; 1] = ["/properties/delegations"];
const OF_A_GROUP: [&str; 2] = [
    "/properties/securityRules",
    "/properties/defaultSecurityRules",
];

/// The subnets and groups of some subscriptions. They are asked for once, whoever needs one first.
#[derive(Debug, Default)]
pub struct Networks(Again<Asked>);

/// Why the questions were not answered, if they were not.
#[derive(Clone, Debug)]
struct Asked(Option<Cause>);

impl Outlook for Asked {
    fn cause(&self) -> Option<&Cause> {
        self.0.as_ref()
    }
}

/// Rows by their ids in lower case.
type Rows = BTreeMap<String, Value>;

impl Networks {
    /// Puts on the shelf what Resource Graph shows of these subscriptions.
    pub async fn offer(&self, client: &ArmClient, subscriptions: &[String], shelf: &Shelf) {
        let _ = self
            .0
            .get(async || Asked(offer(client, subscriptions, shelf).await.err()))
            .await;
    }
}

async fn offer(client: &ArmClient, subscriptions: &[String], shelf: &Shelf) -> Result<(), Cause> {
    let question = Question::DelegatedSubnets;
    let subnets = ask(client, subscriptions, question, &OF_A_SUBNET).await?;
    let rows = subnets.outcome.iter().flatten();
    let groups: BTreeSet<String> = rows.filter_map(|(_, row)| group_of(row)).collect();
    let groups: Vec<String> = groups.into_iter().collect();
    put(shelf, DocumentKind::Subnet, &subnets);
    for ids in groups.chunks(GROUPS_OF_A_QUESTION) {
        let question = Question::SecurityGroups { ids };
        let groups = ask(client, subscriptions, question, &OF_A_GROUP).await?;
        put(shelf, DocumentKind::NetworkSecurityGroup, &groups);
    }
    Ok(())
}

/// The rows that stand for resources, and how they were asked for.
async fn ask(
    client: &ArmClient,
    subscriptions: &[String],
    question: Question<'_>,
    members: &[&str],
) -> Result<Arc<Answer<Rows>>, Cause> {
    let is_whole = |row: &Value| {
        let mut members = members.iter();
        members.all(|member| row.pointer(member).is_some_and(Value::is_array))
    };
    let add = |known: &mut Rows, rows: Vec<Value>| {
        known.extend(rows.into_iter().filter(is_whole).filter_map(|row| {
            let id = ResourceId::parse(text(&row, "/id")?).ok()?;
            Some((id.as_str().to_lowercase(), row))
        }));
        Ok(())
    };
    let answer = Answer::ask(client, subscriptions, question, Rows::new(), add).await;
    match answer.cause() {
        Some(cause) => Err(cause.clone()),
        None => Ok(answer),
    }
}

fn put(shelf: &Shelf, kind: DocumentKind, answer: &Answer<Rows>) {
    for (about, row) in answer.outcome.iter().flatten() {
        let mut document = answer.document(kind, |_| Ok(row.clone()));
        document.shared = Some(about.as_str().into());
        shelf.offer(document);
    }
}

/// The id of the group of a subnet, where it can stand in a question.
fn group_of(subnet: &Value) -> Option<String> {
    let id = ResourceId::parse(text(subnet, "/properties/networkSecurityGroup/id")?).ok()?;
    can_stand_in_a_question(id.as_str()).then(|| id.as_str().to_lowercase())
}
