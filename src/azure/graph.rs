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

/// The longest token for a next page, in bytes; those of Azure have some hundred. All of an answer are remembered.
const LONGEST_TOKEN: usize = 16 << 10;

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

/// Asks one question about these subscriptions. Without a subscription nothing is asked, since Resource Graph would take
/// that as every subscription of the tenant.
#[must_use]
pub fn pages(
    client: &ArmClient,
    subscriptions: &[String],
    question: &str,
    scope: ScopeFilter,
) -> Pages {
    let mut options = json!({ "resultFormat": "objectArray", "$top": ROWS_OF_A_PAGE });
    if scope == ScopeFilter::AtScopeAboveAndBelow {
        options["authorizationScopeFilter"] = json!("AtScopeAboveAndBelow");
    }
    Pages {
        client: client.clone(),
        body: json!({
            "subscriptions": subscriptions,
            "query": question,
            "options": options,
        }),
        seen: HashSet::new(),
        size: 0,
        most: client.settings().largest_list(),
        is_over: subscriptions.is_empty(),
        api_version: RESOURCE_GRAPH.newest(),
    }
}

/// The answer to a question, page by page, so that no more than one page needs to be in memory.
pub struct Pages {
    client: ArmClient,
    body: Value,
    /// The tokens that led to pages.
    seen: HashSet<String>,
    /// How many bytes came, and how many may come.
    size: usize,
    most: usize,
    is_over: bool,
    api_version: &'static str,
}

impl Pages {
    /// Pages of which the caller keeps no row in memory as it came: together they may be as large as so many of the
    /// largest lists.
    #[must_use]
    pub(super) fn at_most_lists(mut self, count: usize) -> Self {
        self.most = self.client.settings().largest_list().saturating_mul(count);
        self
    }

    /// The rows of the next page; `None` after the last one.
    ///
    /// # Errors
    /// Why the page is not there. The answer is over then, and not whole.
    pub async fn next(&mut self) -> Result<Option<Vec<Value>>, ReadError> {
        if self.is_over {
            return Ok(None);
        }
        let page = self.page().await;
        self.is_over |= page.is_err();
        page.map(Some)
    }

    /// The rows of all pages.
    ///
    /// # Errors
    /// Why the answer is not there, or not whole.
    pub async fn all(mut self) -> Result<Rows, ReadError> {
        let mut rows = Vec::new();
        while let Some(mut page) = self.next().await? {
            rows.append(&mut page);
        }
        Ok(Rows {
            rows,
            api_version: self.api_version,
        })
    }

    /// The version of the API that answered the last page.
    #[must_use]
    pub const fn api_version(&self) -> &'static str {
        self.api_version
    }

    async fn page(&mut self) -> Result<Vec<Value>, ReadError> {
        let answer = self
            .client
            .query(&self.body, RESOURCE_GRAPH, ACTION)
            .await?;
        self.api_version = answer.api_version;
        let malformed = |detail: &str| ReadError::malformed(detail).asked(answer.api_version);
        if answer.is_limited {
            return Err(malformed(
                "Resource Graph looked at the first 10,000 subscriptions only, and what lies in others is missing",
            ));
        }
        self.size = self.size.saturating_add(answer.size);
        if self.size > self.most {
            return Err(malformed(&format!(
                "the answer of Resource Graph is larger than {} MiB: name fewer subscriptions",
                self.most >> 20
            )));
        }
        let mut body = answer.body;
        let Some(Value::Array(rows)) = body.get_mut("data").map(Value::take) else {
            return Err(malformed(
                "the answer of Resource Graph has no list named data",
            ));
        };
        let next = match body.get("$skipToken") {
            None | Some(Value::Null) => None,
            Some(Value::String(token)) if token.len() > LONGEST_TOKEN => {
                return Err(malformed("the token for the next page is too long"));
            }
            Some(Value::String(token)) => Some(token).filter(|token| !token.is_empty()),
            Some(_) => return Err(malformed("the token for the next page is not text")),
        };
        let Some(next) = next else {
            // A page that says that rows are missing, and not how to get them, would make servers disappear.
            if body.get("resultTruncated").is_some_and(says_true) {
                return Err(malformed(
                    "Resource Graph left out rows and gave no token for the next page",
                ));
            }
            self.is_over = true;
            return Ok(rows);
        };
        if self.seen.len() >= self.client.settings().most_pages {
            return Err(malformed("the answer of Resource Graph has too many pages"));
        }
        if !self.seen.insert(next.clone()) {
            return Err(malformed("the pages of Resource Graph lead in a circle"));
        }
        self.body["options"]["$skipToken"] = json!(next);
        Ok(rows)
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
