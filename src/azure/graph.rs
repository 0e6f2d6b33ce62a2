//! Resource Graph: one question over many subscriptions at once.
//!
//! This is the only POST that the program can make, and it goes to one path.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::arm::ArmClient;
use super::error::ReadError;
use super::versions::RESOURCE_GRAPH;

/// The path that questions go to.
pub const PATH: &str = "/providers/Microsoft.ResourceGraph/resources";

/// The role-based access control action that a question needs.
const ACTION: &str = "Microsoft.ResourceGraph/resources/read";

/// The rows of one page; the service gives no more.
const ROWS_OF_A_PAGE: usize = 1000;

/// The rows that answer a question.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The rows of all pages.
    pub rows: Vec<Value>,
    /// The version of the API that answered.
    pub api_version: &'static str,
}

/// Which scopes of authorisation a question looks at; it matters for `policyresources` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeFilter {
    /// The subscriptions and what lies in them; what Azure does when nothing is said.
    AtScopeAndBelow,
    /// The management groups above them too.
    AtScopeAboveAndBelow,
}

/// Asks one question about these subscriptions, and reads all pages of the answer. Without a subscription nothing is
/// asked, since Resource Graph would take that as every subscription of the tenant.
///
/// # Errors
/// Why the answer is not there, or not whole.
pub async fn query(
    client: &ArmClient,
    subscriptions: &[&str],
    question: &str,
) -> Result<Rows, ReadError> {
    query_within(
        client,
        subscriptions,
        question,
        ScopeFilter::AtScopeAndBelow,
    )
    .await
}

/// As [`query`], with a say in which scopes of authorisation are looked at.
///
/// # Errors
/// As for [`query`].
pub async fn query_within(
    client: &ArmClient,
    subscriptions: &[&str],
    question: &str,
    scope: ScopeFilter,
) -> Result<Rows, ReadError> {
    let mut rows = Vec::new();
    if subscriptions.is_empty() {
        return Ok(Rows {
            rows,
            api_version: RESOURCE_GRAPH.newest(),
        });
    }
    let mut seen = HashSet::new();
    let mut token: Option<String> = None;
    loop {
        let mut options = json!({ "resultFormat": "objectArray", "$top": ROWS_OF_A_PAGE });
        if scope == ScopeFilter::AtScopeAboveAndBelow {
            options["authorizationScopeFilter"] = json!("AtScopeAboveAndBelow");
        }
        if let Some(token) = &token {
            options["$skipToken"] = json!(token);
        }
        let body = json!({
            "subscriptions": subscriptions,
            "query": question,
            "options": options,
        });
        let answer = client.query(&body, RESOURCE_GRAPH, ACTION).await?;
        let version = answer.api_version;
        let malformed = |detail: &str| ReadError::malformed(detail).asked(version);
        let mut answer = answer.body;
        match answer.get_mut("data").map(Value::take) {
            Some(Value::Array(mut page)) => rows.append(&mut page),
            _ => {
                return Err(malformed(
                    "the answer of Resource Graph has no list named data",
                ));
            }
        }
        let next = match answer.get("$skipToken") {
            None | Some(Value::Null) => None,
            Some(Value::String(token)) => Some(token).filter(|token| !token.is_empty()),
            Some(_) => return Err(malformed("the token for the next page is not text")),
        };
        let Some(next) = next else {
            // A page that says that rows are missing, and not how to get them, would make servers disappear.
            if answer.get("resultTruncated").is_some_and(says_true) {
                return Err(malformed(
                    "Resource Graph left out rows and gave no token for the next page",
                ));
            }
            return Ok(Rows {
                rows,
                api_version: version,
            });
        };
        if seen.len() >= client.settings().most_pages {
            return Err(malformed("the answer of Resource Graph has too many pages"));
        }
        if !seen.insert(next.clone()) {
            return Err(malformed("the pages of Resource Graph lead in a circle"));
        }
        token = Some(next.clone());
    }
}

/// Resource Graph writes its booleans as text.
fn says_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}
