//! The inventory: which servers there are, by Resource Graph, or by the lists of Resource Manager where that is denied.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::documents::text::neutral;
use crate::documents::{Document, DocumentKind, Method, Outcome, Request, ResourceId};

use super::arm::ArmClient;
use super::error::ReadError;
use super::estate::SUBSCRIPTIONS_OF_A_QUESTION;
use super::filter::ServerFilter;
use super::graph::{self, Pages, ScopeFilter};
use super::subscriptions::is_id;
use super::versions::MYSQL;

/// The question for servers. The id must be among the columns, or the answer has no token for its next page; the order by
/// id is what makes pages stable.
fn question(filter: &ServerFilter) -> String {
    format!(
        "resources \
         | where type =~ 'microsoft.dbformysql/flexibleservers' \
         {}\
         | project id, name, type, location, resourceGroup, subscriptionId, tenantId, sku, identity, tags, properties \
         | order by id asc",
        filter.stages()
    )
}

/// How many of the largest lists the servers of a question may come to: some two thousand servers fill a megabyte, and
/// whoever reads page by page puts them aside.
const LISTS: usize = 32;

/// The most rows that cannot be taken as a server and are told one by one.
pub const MOST_REJECTED: usize = 20;

/// A server, as the inventory knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct InventoryRow {
    /// The server's id.
    pub id: ResourceId,
    /// The row: a poorer form than the server itself has, in which a missing member means nothing.
    pub body: Value,
    /// What was asked.
    pub request: Request,
    /// When the answer was complete.
    pub fetched_at: Timestamp,
}

impl InventoryRow {
    /// The row as a document. Its duration is 0: the question was asked for all servers at once.
    #[must_use]
    pub fn into_document(self) -> Document {
        Document {
            kind: DocumentKind::Inventory,
            shared: None,
            request: self.request,
            fetched_at: self.fetched_at,
            duration_ms: 0,
            outcome: Outcome::Read(self.body),
        }
    }
}

/// The servers that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// Every server of the page or list once, in the order of Azure's answer.
    pub rows: Vec<InventoryRow>,
    /// Rows that cannot be taken as a server, each in words for a person; the first of many.
    pub rejected: Vec<String>,
    /// How many more there were.
    pub more_rejected: u64,
}

impl Inventory {
    fn add(&mut self, bodies: Vec<Value>, request: &Request, filter: &ServerFilter) {
        let fetched_at = Timestamp::now();
        let mut seen = HashSet::new();
        for body in bodies {
            match server_id(&body) {
                Ok(id) if seen.contains(&id) || !filter.accepts(&id, &body) => {}
                Ok(id) => {
                    seen.insert(id.clone());
                    self.rows.push(InventoryRow {
                        id,
                        body,
                        request: request.clone(),
                        fetched_at,
                    });
                }
                Err(why) if self.rejected.len() < MOST_REJECTED => self.rejected.push(why),
                Err(_) => self.more_rejected += 1,
            }
        }
    }
}

/// Finds servers by Resource Graph, page by page. What the account may not read is silently not in the answer, and a
/// server that is moved while pages are read may come twice.
pub struct InventoryPages<'a> {
    pages: Pages,
    filter: &'a ServerFilter,
}

impl<'a> InventoryPages<'a> {
    /// Asks for the wanted servers of at most [`super::estate::SUBSCRIPTIONS_OF_A_QUESTION`] subscriptions.
    #[must_use]
    pub fn ask(client: &ArmClient, subscriptions: &[String], filter: &'a ServerFilter) -> Self {
        Self::of_lists(LISTS, client, subscriptions, filter)
    }

    fn of_lists(
        lists: usize,
        client: &ArmClient,
        subscriptions: &[String],
        filter: &'a ServerFilter,
    ) -> Self {
        let pages = graph::pages(
            client,
            subscriptions,
            &question(filter),
            ScopeFilter::AtScopeAndBelow,
        )
        .at_most_lists(lists);
        Self { pages, filter }
    }

    /// The servers of the next page, in the order of their ids; `None` after the last one.
    ///
    /// # Errors
    /// Why the page is not there. The answer is over then, and not whole: [`inventory_by_list`] may still serve.
    pub async fn next(&mut self) -> Result<Option<Inventory>, ReadError> {
        let Some(rows) = self.pages.next().await? else {
            return Ok(None);
        };
        let request = Request {
            method: Method::Post,
            path: graph::PATH.to_owned(),
            api_version: self.pages.api_version().to_owned(),
        };
        let mut inventory = Inventory::default();
        inventory.add(rows, &request, self.filter);
        Ok(Some(inventory))
    }
}

/// Finds the wanted servers of any number of subscriptions by Resource Graph, each once, all of them at once in memory.
///
/// # Errors
/// Why the answer is not there, or not whole.
pub async fn inventory(
    client: &ArmClient,
    subscriptions: &[String],
    filter: &ServerFilter,
) -> Result<Inventory, ReadError> {
    let mut inventory = Inventory::default();
    let mut seen = HashSet::new();
    for batch in subscriptions.chunks(SUBSCRIPTIONS_OF_A_QUESTION) {
        let mut pages = InventoryPages::of_lists(1, client, batch, filter);
        while let Some(page) = pages.next().await? {
            let rows = page.rows.into_iter();
            inventory
                .rows
                .extend(rows.filter(|row| seen.insert(row.id.clone())));
            inventory.rejected.extend(page.rejected);
            inventory.more_rejected += page.more_rejected;
        }
    }
    Ok(inventory)
}

/// Finds the wanted servers of one subscription by Resource Manager's list.
///
/// # Errors
/// Why the list is not there, or not whole.
pub async fn inventory_by_list(
    client: &ArmClient,
    subscription: &str,
    filter: &ServerFilter,
) -> Result<Inventory, ReadError> {
    if !is_id(subscription) {
        return Err(ReadError::malformed("this is not the id of a subscription"));
    }
    let path =
        format!("/subscriptions/{subscription}/providers/Microsoft.DBforMySQL/flexibleServers");
    let mut answer = client
        .list(&path, MYSQL, DocumentKind::Inventory.action())
        .await?;
    let request = Request {
        method: Method::Get,
        path,
        api_version: answer.api_version.to_owned(),
    };
    let bodies = match answer.body["value"].take() {
        Value::Array(bodies) => bodies,
        _ => Vec::new(),
    };
    let mut inventory = Inventory::default();
    inventory.add(bodies, &request, filter);
    Ok(inventory)
}

/// The id of a row, when it is that of a flexible server.
fn server_id(row: &Value) -> Result<ResourceId, String> {
    let text = row
        .get("id")
        .and_then(Value::as_str)
        .ok_or("a row of the inventory has no id")?;
    let shown = || neutral(&text.chars().take(300).collect::<String>()).into_owned();
    let id = ResourceId::parse(text).map_err(|_| {
        format!(
            "a row of the inventory has an id that is none: {:?}",
            shown()
        )
    })?;
    let segments: Vec<&str> = id.as_str().split('/').skip(1).collect();
    let is_server = matches!(
        segments[..],
        [_, subscription, groups, _, providers, provider, servers, _]
            if is_id(subscription)
                && groups.eq_ignore_ascii_case("resourceGroups")
                && providers.eq_ignore_ascii_case("providers")
                && provider.eq_ignore_ascii_case("Microsoft.DBforMySQL")
                && servers.eq_ignore_ascii_case("flexibleServers")
    );
    if is_server {
        Ok(id)
    } else {
        Err(format!(
            "a row of the inventory is not a MySQL flexible server: {:?}",
            shown()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request() -> Request {
        Request {
            method: Method::Get,
            path: "/".to_owned(),
            api_version: "v".to_owned(),
        }
    }

    #[test]
    fn servers_come_once_in_whatever_casing() {
        let mut inventory = Inventory::default();
        inventory.add(
            vec![
                json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforMySQL/flexibleServers/One"}),
                json!({"id": "/subscriptions/S/resourcegroups/G/providers/microsoft.dbformysql/flexibleservers/one"}),
                json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBForMySql/flexibleServers/two"}),
            ],
            &request(),
            &ServerFilter::default(),
        );
        let names: Vec<_> = inventory.rows.iter().map(|row| row.id.name()).collect();
        assert_eq!(names, ["One", "two"]);
        assert_eq!(inventory.rejected, Vec::<String>::new());
    }

    #[test]
    fn rows_that_are_no_server_are_reported() {
        let mut inventory = Inventory::default();
        inventory.add(
            vec![
                json!({}),
                json!({"id": 7}),
                json!({"id": "nonsense\u{1b}[31m"}),
                json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforMySQL/servers/single"}),
                json!({"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforMySQL/flexibleServers/a/b/c"}),
                json!("odd"),
            ],
            &request(),
            &ServerFilter::default(),
        );
        assert_eq!(inventory.rows, Vec::new());
        assert_eq!((inventory.rejected.len(), inventory.more_rejected), (6, 0));
        assert!(!inventory.rejected.concat().contains('\u{1b}'));
        let many = vec![json!({}); 10_000];
        inventory.add(many, &request(), &ServerFilter::default());
        assert_eq!(inventory.rejected.len(), MOST_REJECTED);
        assert_eq!(inventory.more_rejected, 10_006 - MOST_REJECTED as u64);
    }
}
