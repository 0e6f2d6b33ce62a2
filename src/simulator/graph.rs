//! Resource Graph: one POST that reads, paged by `$skipToken` in the body.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::errors;
use super::http::{Answer, Call, read_skip_token, skip_token};
use super::query::{NotUnderstood, Query, Summary, Table};
use super::rows::{self, Row};

/// What api-versions of Resource Graph are known to exist.
pub(super) const VERSIONS: [&str; 9] = [
    "2018-09-01-preview",
    "2019-04-01",
    "2020-04-01-preview",
    "2020-09-01-preview",
    "2021-03-01",
    "2021-06-01-preview",
    "2022-10-01",
    "2023-09-01-preview",
    "2024-04-01",
];

/// The most rows that one answer holds.
const MOST: usize = 1_000;

/// Tables that can be asked. Rows come in the order of their ids without case.
pub(super) trait Inventory {
    fn rows(&self, table: Table) -> usize;

    /// The rows among which those of some subscriptions are, with all that stand above; in order.
    fn candidates(&self, table: Table, _subscriptions: Option<&HashSet<String>>) -> Vec<usize> {
        (0..self.rows(table)).collect()
    }

    /// A column as the text that conditions compare; empty when there is none.
    fn text<'a>(&'a self, table: Table, row: usize, column: &str) -> Cow<'a, str>;

    /// A column as it appears in a result; null when there is none.
    fn column(&self, table: Table, row: usize, column: &str) -> Value;

    /// Where a row stands, as seen from subscriptions.
    fn level(&self, table: Table, _row: usize) -> Level {
        match table {
            Table::ResourceContainers | Table::SecurityResources => Level::At,
            Table::Resources | Table::PolicyResources => Level::Below,
        }
    }

    /// Whether a row stands above any of these subscriptions; None: above any at all.
    fn is_above(
        &self,
        _table: Table,
        _row: usize,
        _subscriptions: Option<&HashSet<String>>,
    ) -> bool {
        false
    }
}

/// Where a row stands, as seen from subscriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// In a management group.
    Above,
    /// The subscription itself, or right on it.
    At,
    /// In a resource group.
    Below,
}

/// The columns of a row when nothing is projected.
pub(super) const COLUMNS: [&str; 14] = [
    "id",
    "name",
    "type",
    "tenantId",
    "kind",
    "location",
    "resourceGroup",
    "subscriptionId",
    "managedBy",
    "sku",
    "tags",
    "identity",
    "properties",
    "systemData",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: String,
    subscriptions: Option<Vec<String>>,
    #[serde(default)]
    options: BodyOptions,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct BodyOptions {
    result_format: Option<String>,
    #[serde(rename = "$top")]
    top: Option<usize>,
    #[serde(rename = "$skip")]
    skip: Option<usize>,
    #[serde(rename = "$skipToken")]
    skip_token: Option<String>,
    authorization_scope_filter: Option<String>,
}

/// The levels whose rows are returned: Azure's four words for it.
fn levels(filter: Option<&str>) -> Option<&'static [Level]> {
    const FILTERS: [(&str, &[Level]); 4] = [
        ("AtScopeAndBelow", &[Level::At, Level::Below]),
        ("AtScopeAndAbove", &[Level::At, Level::Above]),
        ("AtScopeExact", &[Level::At]),
        (
            "AtScopeAboveAndBelow",
            &[Level::Above, Level::At, Level::Below],
        ),
    ];
    let filter = filter.unwrap_or("AtScopeAndBelow");
    FILTERS
        .into_iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(filter))
        .map(|(_, levels)| levels)
}

/// Answers a query; `page_size` bounds a page below the thousand rows of Azure.
pub(super) fn answer(inventory: &dyn Inventory, call: &Call, page_size: usize) -> Answer {
    let refuse = |code: &str, message: String| {
        errors::bad_query(&call.id, vec![json!({ "code": code, "message": message })])
    };
    let body: Body = match serde_json::from_slice(&call.body) {
        Ok(body) => body,
        Err(error) => {
            return refuse(
                "InvalidPayload",
                format!("The request body is invalid: {error}."),
            );
        }
    };
    if let Some(format) = &body.options.result_format
        && !format.eq_ignore_ascii_case("objectArray")
    {
        return refuse(
            "InvalidParameter",
            format!("The result format '{format}' is not simulated."),
        );
    }
    let filter = body.options.authorization_scope_filter.as_deref();
    let Some(levels) = levels(filter) else {
        return refuse(
            "InvalidParameter",
            format!(
                "The authorization scope filter '{}' is not known.",
                filter.unwrap_or_default()
            ),
        );
    };
    let query = match Query::parse(&body.query) {
        Ok(query) => query,
        Err(NotUnderstood(token)) => return not_understood(call, &token),
    };
    let offset = match body.options.skip_token.as_deref().map(read_skip_token) {
        Some(None) => return refuse("InvalidParameter", "The skip token is invalid.".to_owned()),
        Some(Some(offset)) => offset,
        None => body.options.skip.unwrap_or(0),
    };
    let scope: Option<HashSet<String>> = body
        .subscriptions
        .map(|ids| ids.iter().map(|id| id.to_ascii_lowercase()).collect());
    if let Some(scope) = &scope
        && !subscriptions(inventory).any(|id| scope.contains(&id))
    {
        let given = scope.iter().cloned().collect::<Vec<_>>().join(",");
        return refuse(
            "NoValidSubscriptionsInQueryRequest",
            format!(
                "There must be at least one subscription that is eligible to contain resources. Given: '{given}'."
            ),
        );
    }

    let rows = rows::matching(inventory, &query, scope.as_ref(), levels);
    let counted = query
        .summary
        .as_ref()
        .map(|summary| count(inventory, &query, summary, &rows));
    let total = counted.as_ref().map_or(rows.len(), Vec::len);
    let size = body
        .options
        .top
        .unwrap_or(MOST)
        .min(MOST)
        .min(page_size)
        .max(1);
    let end = offset.saturating_add(size).min(total);
    let data: Vec<Value> = match counted {
        Some(all) => all.get(offset..end).unwrap_or_default().to_vec(),
        None => rows
            .get(offset..end)
            .unwrap_or_default()
            .iter()
            .map(|row| row.project(inventory, &query))
            .collect(),
    };
    let more = end < total;
    let mut result = json!({
        "totalRecords": total,
        "count": data.len(),
        "data": data,
        "facets": [],
        "resultTruncated": if more { "true" } else { "false" },
    });
    // Without the id among the columns Azure cannot page, and says no more than that rows are missing.
    if more && query.projects_id() {
        result["$skipToken"] = skip_token(end).into();
    }
    Answer::json(200, &result)
}

fn not_understood(call: &Call, token: &str) -> Answer {
    let general = json!({
        "code": "InvalidQuery",
        "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and \
                    fix the error before retrying.",
    });
    let place = json!({
        "code": "ParserFailure",
        "message": "ParserFailure",
        "line": -1,
        "characterPositionInLine": -1,
        "token": token,
    });
    errors::bad_query(&call.id, vec![general, place])
}

fn subscriptions(inventory: &dyn Inventory) -> impl Iterator<Item = String> {
    let table = Table::ResourceContainers;
    (0..inventory.rows(table)).map(move |row| {
        inventory
            .text(table, row, "subscriptionId")
            .to_ascii_lowercase()
    })
}

/// The rows of a summary, in the order that was asked for; only its own two columns can be asked for.
fn count(inventory: &dyn Inventory, query: &Query, summary: &Summary, rows: &[Row]) -> Vec<Value> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows {
        let value = row.text(inventory, query, &summary.by);
        *counts.entry(value.into_owned()).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    for key in query.order.iter().rev() {
        counts.sort_by(|a, b| {
            let order = if key.column.eq_ignore_ascii_case(&summary.by) {
                a.0.cmp(&b.0)
            } else {
                a.1.cmp(&b.1)
            };
            if key.descending {
                order.reverse()
            } else {
                order
            }
        });
    }
    counts.truncate(query.limit.unwrap_or(usize::MAX));
    counts
        .into_iter()
        .map(|(value, number)| {
            let mut object = Map::new();
            object.insert(summary.by.clone(), value.into());
            object.insert(summary.count.clone(), number.into());
            object.into()
        })
        .collect()
}
